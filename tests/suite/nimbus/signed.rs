//! A sign-in that is kept: used, renewed in time and when refused, shared by several processes, and over one day.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use floorwalker::clock;
use floorwalker::simulator::{self, Settings, Simulator};
use floorwalker::source::nimbus::entra::{Entra, EntraSettings};
use floorwalker::source::nimbus::signed::Signed;
use floorwalker::transport::http::Transport;
use floorwalker::transport::keep::{Keep, SignIn};
use floorwalker::transport::secret::{Secret, SecretSource};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::support::scripted::{LIMIT, Scripted, answer};

/// A tenant of that name, and a home in which somebody is signed in to it.
struct Home {
    folder: TempDir,
    simulator: Simulator,
    settings: EntraSettings,
}

impl Home {
    async fn of(tenant: &str) -> Self {
        let settings = Settings { speed: 0.0, ..Settings::default() };
        let simulator = simulator::start(settings).await.unwrap();
        let settings = EntraSettings {
            authority: format!("http://{}/entra", simulator.address()),
            tenant: tenant.to_owned(),
            client_id: "sim-client".to_owned(),
            scope: "https://nimbus.example/access".to_owned(),
        };
        let home = Self { folder: tempfile::tempdir().unwrap(), simulator, settings };
        home.sign_in().await;
        home
    }

    async fn sign_in(&self) {
        let entra = Entra::new(&self.settings, &Transport::default()).unwrap();
        let code = entra.begin().await.unwrap();
        let tokens = entra.finish(&code, |_| std::future::ready(())).await.unwrap();
        self.keep().put("nimbus", tokens.sign_in(None, clock::wall())).await.unwrap();
    }

    fn keep(&self) -> Keep {
        Keep::within(self.folder.path())
    }

    async fn kept(&self) -> SignIn {
        self.keep().of("nimbus").await.unwrap().unwrap()
    }

    /// Has the kept token be that old, of a life of so long.
    async fn age(&self, age: TimeDelta, life: TimeDelta) {
        let made: DateTime<Utc> = clock::wall() - age;
        let kept = SignIn { made, expires: Some(made + life), ..self.kept().await };
        self.keep().put("nimbus", kept).await.unwrap();
    }

    /// The secret as another process has it.
    fn secret(&self) -> Secret {
        self.secret_by(&self.settings)
    }

    fn secret_by(&self, settings: &EntraSettings) -> Secret {
        let transport = Transport::default();
        let signed = Signed::new(settings, &transport, Some(&self.keep()), "nimbus");
        Secret::new(SecretSource::Session(signed))
    }
}

#[tokio::test]
async fn a_kept_token_is_used_while_it_is_good() {
    let home = Home::of("common").await;
    home.secret().current().await.unwrap();
    home.secret().current().await.unwrap();
    assert_eq!(home.simulator.tokens(), 1, "the one of the sign-in");
}

#[tokio::test]
async fn a_refused_token_is_renewed_and_what_renews_the_next_is_kept_at_once() {
    let home = Home::of("common").await;
    home.age(TimeDelta::minutes(20), TimeDelta::hours(1)).await;
    let (before, secret) = (home.kept().await, home.secret());
    let refused = secret.current().await.unwrap();
    assert!(secret.renew(&refused).await.unwrap(), "another");
    let after = home.kept().await;
    assert_ne!(after.token.expose_secret(), before.token.expose_secret());
    let renewal = |own: &SignIn| own.refresh.as_ref().unwrap().expose_secret().to_owned();
    assert_ne!(renewal(&after), renewal(&before), "rotated");
    assert_eq!(after.since(), before.since(), "nobody signed in anew");
    assert_eq!(after.name, before.name);
}

#[tokio::test]
async fn a_refused_token_that_is_young_was_the_one_renewal() {
    let home = Home::of("common").await;
    let secret = home.secret();
    let refused = secret.current().await.unwrap();
    assert!(!secret.renew(&refused).await.unwrap());
    assert_eq!(home.simulator.tokens(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let home = Home::of("common-brief").await;
    let secret = home.secret();
    let first = secret.current().await.unwrap();
    let renewed = async {
        while secret.current().await.unwrap().is_same(&first) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LIMIT, renewed).await.expect("within its four seconds");
    assert_eq!(home.simulator.tokens(), 2);
}

#[tokio::test]
async fn several_processes_share_one_sign_in_and_none_undoes_another() {
    let home = Home::of("common").await;
    for _ in 0..3 {
        let before = home.simulator.tokens();
        home.age(TimeDelta::hours(2), TimeDelta::hours(1)).await;
        let secrets: Vec<Secret> = (0..5).map(|_| home.secret()).collect();
        let mut readings = tokio::task::JoinSet::new();
        for secret in secrets {
            readings.spawn(async move { secret.current().await.unwrap() });
        }
        let readings = readings.join_all().await;
        assert!(readings.iter().all(|own| own.is_same(&readings[0])));
        assert_eq!(home.simulator.tokens(), before + 1, "one renewed, the others waited for it");
    }
}

#[tokio::test]
async fn who_signs_in_elsewhere_is_seen_at_the_next_look() {
    let home = Home::of("common").await;
    let secret = home.secret();
    secret.current().await.unwrap();
    home.sign_in().await;
    assert!(secret.reread().await.unwrap());
    assert_eq!(home.simulator.tokens(), 2, "nothing was renewed");
}

#[tokio::test]
async fn a_look_at_what_is_kept_asks_the_tenant_nothing() {
    let home = Home::of("common").await;
    home.age(TimeDelta::minutes(20), TimeDelta::hours(1)).await;
    let secret = home.secret();
    secret.current().await.unwrap();
    assert!(!secret.reread().await.unwrap());
    assert_eq!(home.simulator.tokens(), 1);
}

#[tokio::test]
async fn who_is_not_signed_in_is_told_what_to_do() {
    let home = Home::of("common").await;
    home.keep().forget("nimbus").await.unwrap();
    let error = home.secret().current().await.unwrap_err();
    assert_eq!(error.to_string(), "nobody is signed in: run floorwalker auth sign-in nimbus");
}

#[tokio::test]
async fn a_sign_in_that_has_ended_is_told_and_the_tenant_not_asked_again() {
    let home = Home::of("common").await;
    home.age(TimeDelta::hours(2), TimeDelta::hours(1)).await;
    let refusal = r#"{"error":"invalid_grant","error_description":"AADSTS700082: expired."}"#;
    let tenant = answer("400 Bad Request", &["content-type: application/json"], refusal.as_bytes());
    let tenant = Scripted::start(vec![tenant]).await;
    let settings = EntraSettings { authority: tenant.url(""), ..home.settings.clone() };
    let secret = home.secret_by(&settings);
    for _ in 0..3 {
        let error = secret.current().await.unwrap_err().to_string();
        assert_eq!(error, "the sign-in has ended: run floorwalker auth sign-in nimbus");
    }
    assert_eq!(tenant.count(), 1);
}

#[tokio::test]
async fn a_tenant_that_gives_nothing_to_renew_with_ends_the_sign_in_with_its_token() {
    let home = Home::of("ended").await;
    home.secret().current().await.unwrap();
    home.age(TimeDelta::hours(2), TimeDelta::hours(1)).await;
    let error = home.secret().current().await.unwrap_err();
    assert!(error.to_string().starts_with("the sign-in has ended"), "{error}");
}

#[tokio::test]
async fn while_the_tenant_is_silent_the_token_of_now_is_used_to_its_end() {
    let home = Home::of("common").await;
    let settings =
        EntraSettings { authority: "http://127.0.0.1:9".to_owned(), ..home.settings.clone() };
    home.age(TimeDelta::minutes(55), TimeDelta::hours(1)).await;
    home.secret_by(&settings).current().await.unwrap();
    home.age(TimeDelta::minutes(65), TimeDelta::hours(1)).await;
    let error = home.secret_by(&settings).current().await.unwrap_err();
    assert!(error.to_string().starts_with("the sign-in cannot be renewed"), "{error}");
    assert!(error.to_string().contains("127.0.0.1:9"), "{error}");
}
