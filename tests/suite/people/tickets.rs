//! Tickets of our own: made, kept, used, renewed once when they are refused, deleted.

use std::sync::Arc;

use chrono::TimeDelta;
use floorwalker::clock;
use floorwalker::config::Config;
use floorwalker::floor::link::Link;
use floorwalker::operations::Access;
use floorwalker::simulator::{self, Settings as Simulated, Simulator};
use floorwalker::source::settings::Vendor;
use floorwalker::source::telepo::Telepo;
use floorwalker::source::telepo::tickets::TicketError;
use floorwalker::transport::keep::{Keep, SignIn};
use tempfile::TempDir;

use crate::support::scripted::LIMIT;
use crate::support::town::{APIS, Town, config_of};

/// A system, a state directory, and the source that signs in.
struct Office {
    home: TempDir,
    simulator: Simulator,
}

impl Office {
    async fn open() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = Simulated { speed: 0.0, ..Simulated::default() };
        let simulator = simulator::start(settings).await.unwrap();
        Self { home: tempfile::tempdir().unwrap(), simulator }
    }

    fn keep(&self) -> Keep {
        Keep::within(self.home.path())
    }

    /// The source as configured, with what is kept, and with this ticket given.
    fn source(&self, ticket: &str, access: Access) -> Arc<Telepo> {
        let config = config_of(&self.simulator).replace("sim-ticket", ticket);
        let mut config = Config::parse(&config, true).unwrap();
        config.keep(&self.keep());
        let settings = &config.sources[0];
        let Vendor::Telepo(own) = &settings.vendor else { panic!() };
        Arc::new(Telepo::new(&settings.common, own, access).unwrap())
    }

    fn file(&self) -> String {
        std::fs::read_to_string(self.keep().path()).unwrap()
    }

    /// The token that is kept.
    fn token(&self) -> String {
        let file: serde_json::Value = serde_json::from_str(&self.file()).unwrap();
        file["hq"]["token"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_ticket_is_made_with_the_least_that_is_needed_and_an_end() {
    let office = Office::open().await;
    let source = office.source("sim-ticket", Access::Full);
    let own = source.sign_in().await.unwrap();
    assert_eq!(own.scopes, APIS);
    assert!(own.name.starts_with("floorwalker-hq-"), "{}", own.name);
    let life = own.expires.unwrap() - own.made;
    assert!((life - TimeDelta::days(7)).num_seconds().abs() < 5, "{life}");
    assert_eq!(source.signed_in().await.unwrap().unwrap().name, own.name);
}

#[tokio::test]
async fn a_wall_that_may_only_look_signs_in_too() {
    let office = Office::open().await;
    office.source("sim-ticket", Access::ReadOnly).sign_in().await.unwrap();
}

#[tokio::test]
async fn a_ticket_that_makes_no_others_is_used_as_it_is() {
    let office = Office::open().await;
    office.source("sim-ticket", Access::Full).sign_in().await.unwrap();
    let lesser = office.token();
    office.keep().forget("hq").await.unwrap();
    let refused = office.source(&lesser, Access::Full).sign_in().await.unwrap_err();
    assert!(matches!(refused, TicketError::MayNot(_)), "{refused:?}");
    assert!(refused.to_string().contains("It is used as it is"), "{refused}");
    assert!(!format!("{refused:?}").contains(&lesser));
    let mut town = Town::on(office.simulator, None, |config| config.replace("sim-ticket", &lesser));
    town.until("a board", |_, world| !world.queues.is_empty() && !world.agents.is_empty()).await;
}

#[tokio::test]
async fn signing_in_again_deletes_the_former_ticket_and_signing_out_the_last() {
    let office = Office::open().await;
    let source = office.source("sim-ticket", Access::Full);
    source.sign_in().await.unwrap();
    let first = office.token();
    source.sign_in().await.unwrap();
    let second = office.token();
    assert_ne!(first, second);
    let opens = async |token: &str| {
        let path = "/telepo/api/acd/v1/groups/example.com/supervisor";
        let url = format!("http://{}{path}", office.simulator.address());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(url).bearer_auth(token).send().await.unwrap().status().is_success()
    };
    assert!(!opens(&first).await, "its place is taken");
    assert!(opens(&second).await);
    let own = source.sign_out().await.unwrap().unwrap();
    assert!(own.name.starts_with("floorwalker-hq-"));
    assert!(!opens(&second).await, "deleted");
    assert!(source.sign_out().await.unwrap().is_none(), "there is none any more");
    assert!(!office.file().contains("token"));
}

/// A sign-in that the server does not know, made that long ago.
fn dead(made: TimeDelta, expires: TimeDelta) -> SignIn {
    SignIn {
        kind: "ticket".to_owned(),
        name: "floorwalker-hq-old".to_owned(),
        token: "dead-ticket-0000".into(),
        refresh: None,
        scopes: vec!["ACD".to_owned()],
        since: None,
        made: clock::wall() + made,
        expires: Some(clock::wall() + expires),
    }
}

#[tokio::test]
async fn a_refused_ticket_is_renewed_once_with_the_given_one_and_the_board_goes_on() {
    let office = Office::open().await;
    let keep = office.keep();
    keep.put("hq", dead(TimeDelta::hours(-1), TimeDelta::days(6))).await.unwrap();
    let mut town = Town::on(office.simulator, Some(&keep), |config| config);
    town.until("a board", |board, world| {
        !world.queues.is_empty() && matches!(world.link(&board.now), Link::Live | Link::Polling)
    })
    .await;
    let own = keep.of("hq").await.unwrap().unwrap();
    assert_ne!(own.name, "floorwalker-hq-old");
}

#[tokio::test]
async fn a_ticket_is_renewed_before_it_ends_and_the_former_one_deleted() {
    let office = Office::open().await;
    let source = office.source("sim-ticket", Access::Full);
    let made = source.sign_in().await.unwrap();
    // A fifth of its life before its end, less an hour.
    let (keep, now) = (office.keep(), clock::wall());
    let ends = now + TimeDelta::hours(33);
    let due = SignIn { made: ends - TimeDelta::days(7), expires: Some(ends), ..made.clone() };
    keep.put("hq", due).await.unwrap();
    let mut town = Town::on(office.simulator, Some(&keep), |config| config);
    town.until("a board", |board, world| {
        !world.queues.is_empty() && matches!(world.link(&board.now), Link::Live | Link::Polling)
    })
    .await;
    let renewed = async {
        loop {
            let own = keep.of("hq").await.unwrap().unwrap();
            if own.name != made.name {
                return own;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let renewed = tokio::time::timeout(LIMIT, renewed).await.expect("it is due");
    assert!(renewed.expires.unwrap() > now + TimeDelta::days(6), "{renewed:?}");
    let begun = town.world().last_update();
    town.until("a reading with the new one", |board, world| {
        world.last_update() > begun && matches!(world.link(&board.now), Link::Live | Link::Polling)
    })
    .await;
}

#[tokio::test]
async fn a_ticket_that_is_over_gives_way_to_the_given_one() {
    let office = Office::open().await;
    let keep = office.keep();
    keep.put("hq", dead(TimeDelta::days(-7), TimeDelta::seconds(-1))).await.unwrap();
    let mut town = Town::on(office.simulator, Some(&keep), |config| config);
    town.until("a board", |_, world| !world.queues.is_empty()).await;
}
