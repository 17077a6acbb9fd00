//! Signing in by a code that is typed elsewhere, against the simulated tenant.

use std::sync::Mutex;
use std::time::Duration;

use floorwalker::simulator::{self, Settings, Simulator};
use floorwalker::source::nimbus::entra::{Entra, EntraError, EntraSettings, Pause, Tokens};
use floorwalker::transport::http::Transport;
use secrecy::ExposeSecret;

async fn tenant(name: &str) -> (Simulator, Entra) {
    let simulator = simulator::start(Settings { speed: 0.0, ..Settings::default() }).await.unwrap();
    let settings = EntraSettings {
        authority: format!("http://{}/entra/", simulator.address()),
        tenant: name.to_owned(),
        client_id: "sim-client".to_owned(),
        scope: "User.Read".to_owned(),
    };
    let entra = Entra::new(&settings, &Transport::default()).unwrap();
    (simulator, entra)
}

/// What came of a sign-in, and how long was waited between the questions.
async fn signed_in(name: &str) -> (Result<Tokens, EntraError>, Vec<u64>) {
    let (_simulator, entra) = tenant(name).await;
    let code = entra.begin().await.unwrap();
    let waits = Mutex::new(Vec::new());
    let sleep = |pause: Pause| {
        assert!(pause.answered, "the tenant is there");
        waits.lock().unwrap().push(pause.span.as_secs());
        std::future::ready(())
    };
    let result = entra.finish(&code, sleep).await;
    (result, waits.into_inner().unwrap())
}

#[tokio::test]
async fn a_code_is_for_people_and_good_for_a_while() {
    let (_simulator, entra) = tenant("common").await;
    let code = entra.begin().await.unwrap();
    assert!(code.code.starts_with("SIM"), "{code:?}");
    assert_eq!(code.address.as_str(), "https://microsoft.com/devicelogin");
    assert_eq!(code.good_for, Duration::from_mins(15));
}

#[tokio::test]
async fn who_types_the_code_is_signed_in_after_the_wait_that_the_tenant_names() {
    let (result, waits) = signed_in("common").await;
    let tokens = result.unwrap();
    assert_eq!(waits, [5], "pending once");
    assert!(tokens.refresh.is_some());
    assert_eq!(tokens.life, Some(Duration::from_hours(1)));
    assert_eq!(tokens.account.as_deref(), Some("anna.visser@contoso.example"));
    let access = tokens.access.expose_secret();
    assert!(!format!("{tokens:?}").contains(access), "{tokens:?}");
}

#[tokio::test]
async fn a_tenant_that_says_slow_down_is_asked_five_seconds_later_from_then_on() {
    let (result, waits) = signed_in("slow").await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(waits, [5, 10], "RFC 8628 section 3.5");
}

#[tokio::test]
async fn who_says_no_is_denied() {
    let (result, _) = signed_in("denied").await;
    assert!(matches!(result, Err(EntraError::Denied)), "{result:?}");
}

#[tokio::test]
async fn a_code_that_nobody_typed_in_time_is_no_longer_good() {
    let (result, _) = signed_in("expired").await;
    assert!(matches!(result, Err(EntraError::Expired)), "{result:?}");
}

#[tokio::test]
async fn an_application_that_the_tenant_does_not_know_is_refused_in_its_words() {
    let (simulator, _) = tenant("common").await;
    let settings = EntraSettings {
        authority: format!("http://{}/entra", simulator.address()),
        tenant: "common".to_owned(),
        client_id: "stranger".to_owned(),
        scope: "User.Read".to_owned(),
    };
    let error = Entra::new(&settings, &Transport::default()).unwrap().begin().await.unwrap_err();
    assert!(error.to_string().contains("no such application"), "{error}");
}

#[tokio::test]
async fn a_plain_authority_across_a_network_is_never_asked() {
    let settings = EntraSettings {
        authority: "http://192.0.2.1".to_owned(),
        tenant: "common".to_owned(),
        client_id: "sim-client".to_owned(),
        scope: "User.Read".to_owned(),
    };
    let error = Entra::new(&settings, &Transport::default()).unwrap().begin().await.unwrap_err();
    assert!(error.to_string().contains("plain http"), "{error}");
}
