//! How Nimbus's events come in: by an address that nobody else knows, onto the disk, and once.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use chrono::TimeDelta;
use floorwalker::clock;
use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::{Kind, World};
use floorwalker::relay::server::{Door, Listen};
use floorwalker::relay::store::{Limits, Store};
use floorwalker::relay::webhook::{Hook, Receiver, mailboxes};
use floorwalker::source::Outbox;
use floorwalker::source::nimbus::events::Repeats;
use floorwalker::source::nimbus::mailbox::Mailbox;
use floorwalker::source::settings::{Settings, Vendor};
use floorwalker::transport::lenient::Tally;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::desk::wall;
use crate::support::nimbus::{event, read, settings};
use crate::support::reception::{LIMIT, TOKEN, client, reopen, source};

/// A receiver of two sources: Enreach's `helsinki`, and `nimbus`.
struct Here {
    address: SocketAddr,
    secret: String,
    store: Store,
    facts: mpsc::Receiver<Stamped>,
    client: Client,
    stop: CancellationToken,
    running: Vec<tokio::task::JoinHandle<()>>,
}

fn nimbus() -> Settings {
    Settings { vendor: Vendor::Nimbus(settings()), ..source("nimbus") }
}

fn secret(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join("triggers-nimbus.json")).unwrap();
    let kept: Value = serde_json::from_str(&text).unwrap();
    kept["secret"].as_str().unwrap().to_owned()
}

impl Here {
    async fn open(folder: &Path) -> Self {
        let mut sources = [source("helsinki"), nimbus()];
        mailboxes::at_relay(&mut sources, Some("https://relay.example.com/"), folder).unwrap();
        let store = reopen(folder, Limits::default());
        let (sender, facts) = mpsc::channel(10_000);
        let hook = |own: &Settings| Hook::of(own, Outbox::new(own.name.clone(), sender.clone()));
        let receiver = Receiver::new(store.clone(), sources.iter().filter_map(hook)).await.unwrap();
        let listen =
            Listen { address: "127.0.0.1:0".parse().unwrap(), tls: None, behind_proxy: false };
        let door = Door::open(&listen).await.unwrap();
        let (address, stop) = (door.address(), CancellationToken::new());
        let serving = door.serve(receiver.router(), stop.clone());
        let running = vec![
            tokio::spawn(async move { serving.await.unwrap() }),
            tokio::spawn(receiver.run(stop.clone())),
        ];
        Self { address, secret: secret(folder), store, facts, client: client(), stop, running }
    }

    async fn post(&self, path: &str, body: String) -> StatusCode {
        let request = self.client.post(format!("http://{}{path}", self.address)).body(body);
        request.send().await.unwrap().status()
    }

    async fn tell(&self, event: &Value) {
        let path = format!("/webhook/nimbus/{}", self.secret);
        assert_eq!(self.post(&path, event.to_string()).await, StatusCode::OK);
    }

    /// The world of Nimbus, once it is as wanted.
    async fn world(&mut self, wanted: impl Fn(&World) -> bool) -> World {
        let mut world = World::new(Kind::Nimbus);
        while !wanted(&world) {
            let fact = tokio::time::timeout(LIMIT, self.facts.recv()).await.expect("in time");
            if let Event::Source { source, event } = fact.unwrap().event
                && let SourceEvent::Delta(delta) = event
                && source.raw() == "nimbus"
            {
                world.apply(delta);
            }
        }
        world
    }

    async fn close(self) {
        self.stop.cancel();
        for task in self.running {
            tokio::time::timeout(LIMIT, task).await.expect("it ends in time").unwrap();
        }
    }
}

#[tokio::test]
async fn only_the_whole_secret_opens_the_door() {
    let folder = tempfile::tempdir().unwrap();
    let here = Here::open(folder.path()).await;
    let good = &here.secret;
    assert!(good.len() >= 64 && good.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let body = || event("t", "Queued", &json!({})).to_string();
    for path in [
        "/webhook/nimbus".to_owned(),
        "/webhook/nimbus/wrong".to_owned(),
        format!("/webhook/nimbus/{}", &good[1..]),
        format!("/webhook/nimbus/{}", &good[..63]),
        format!("/webhook/nimbus/{good}0"),
        format!(
            "/webhook/nimbus/{}",
            good.to_uppercase().replace(|c: char| c.is_ascii_digit(), "0")
        ),
        format!("/webhook/helsinki/{good}"),
        format!("/webhook/nobody/{good}"),
        format!("/webhook/helsinki/{TOKEN}"),
        format!("/webhook/nimbus/{}", "a".repeat(60_000)),
    ] {
        assert_eq!(here.post(&path, body()).await, StatusCode::UNAUTHORIZED, "{path}");
    }
    let by_header = here.client.post(format!("http://{}/webhook/nimbus", here.address));
    let by_header = by_header.header("X-Benemen-Token", good).body(body()).send().await.unwrap();
    assert_eq!(by_header.status(), StatusCode::UNAUTHORIZED, "not in a header");
    assert_eq!(*here.store.newest().borrow(), 0, "nothing is stored");
    here.tell(&event("t", "Queued", &json!({}))).await;
    assert_eq!(*here.store.newest().borrow(), 1, "on disk before it is answered");
    here.close().await;
}

#[tokio::test]
async fn bodies_have_the_limits_of_every_webhook() {
    let folder = tempfile::tempdir().unwrap();
    let here = Here::open(folder.path()).await;
    let path = format!("/webhook/nimbus/{}", here.secret);
    let long = event("t", "Queued", &json!({"x": "a".repeat(300_000)})).to_string();
    assert_eq!(here.post(&path, long).await, StatusCode::PAYLOAD_TOO_LARGE);
    for nonsense in ["{", "[]", "null", "{\"event\": 1}"] {
        let status = here.post(&path, nonsense.to_owned()).await;
        assert_eq!(status, StatusCode::OK, "sending {nonsense} again would not help");
    }
    let zipped = here.client.post(format!("http://{}{path}", here.address));
    let zipped = zipped.header("Content-Encoding", "br").body("x").send().await.unwrap();
    assert_eq!(zipped.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(*here.store.newest().borrow(), 0);
    here.close().await;
}

#[tokio::test]
async fn what_comes_twice_is_stored_once_and_known_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut here = Here::open(folder.path()).await;
    let over = json!({"terminated": (clock::wall()).to_rfc3339()});
    for event in [event("a", "Queued", &json!({})), event("b", "Terminated", &over)] {
        here.tell(&event).await;
        here.tell(&event).await;
    }
    assert_eq!(*here.store.newest().borrow(), 2);
    let both = |world: &World| world.tasks.values().count() == 2;
    let before = here.world(both).await;
    let phases = |world: &World| world.tasks.values().map(|task| task.phase).collect::<Vec<_>>();
    let secret = here.secret.clone();
    here.close().await;
    let mut here = Here::open(folder.path()).await;
    assert_eq!(here.secret, secret, "leftovers know the way still");
    let after = here.world(both).await;
    assert_eq!(phases(&before), phases(&after));
    here.close().await;
}

#[test]
fn the_same_body_is_the_same_event_only_for_as_long_as_it_may_be_sent_again() {
    let repeats = Repeats::default();
    let tell = |event: &Value, seconds: i64| {
        let event = read(event, &mut Tally::default()).unwrap();
        repeats.identity(&event, wall() + TimeDelta::seconds(seconds))
    };
    let (held, resumed) = (event("t", "On hold", &json!({})), event("t", "Resumed", &json!({})));
    let first = tell(&held, 0);
    assert_eq!(tell(&held, 30), first, "nothing else was told in between");
    assert_ne!(tell(&held, 90), first, "a second hold");
    let resume = tell(&resumed, 95);
    assert_ne!(tell(&held, 110), tell(&held, 0), "another hold after a resume");
    assert_ne!(tell(&resumed, 120), resume, "a second resume within a minute");
    assert_eq!(tell(&held, 112), tell(&held, 110), "delivered twice, around the resume");
    assert_eq!(tell(&resumed, 95), resume, "what is in the store keeps its identity");
    let over = event("t", "Ended", &json!({"terminated": "2026-03-12T14:00:00Z"}));
    assert_eq!(tell(&over, 0), tell(&over, 7_000));
    let other = event("u", "On hold", &json!({}));
    assert_ne!(tell(&held, 200), tell(&other, 200));
}

#[test]
fn the_secret_is_on_disk_for_the_user_alone_and_in_no_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = [nimbus()];
    mailboxes::at_relay(&mut sources, Some("https://relay.example.com"), folder.path()).unwrap();
    let secret = secret(folder.path());
    let file = folder.path().join("triggers-nimbus.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let words = format!("{sources:?}");
    assert!(words.contains("https://relay.example.com/webhook/nimbus"), "{words}");
    assert!(!words.contains(&secret), "{words}");
    let (sender, _facts) = mpsc::channel(1);
    let hook = Hook::of(&sources[0], Outbox::new("nimbus".into(), sender)).unwrap();
    assert!(!format!("{hook:?}").contains(&secret));
    let again = Mailbox::open(&"nimbus".into(), "https://x.example", folder.path()).unwrap();
    assert_eq!(self::secret(folder.path()), secret, "kept from run to run");
    assert!(again.triggers().is_empty());
    let other = tempfile::tempdir().unwrap();
    Mailbox::open(&"nimbus".into(), "https://x.example", other.path()).unwrap();
    assert_ne!(self::secret(other.path()), secret, "no two are alike");
}

#[test]
fn a_file_that_holds_something_else_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("triggers-nimbus.json"), "{\"secret\": \"sesame\"}").unwrap();
    let error = Mailbox::open(&"nimbus".into(), "https://x.example", folder.path()).unwrap_err();
    assert!(!floorwalker::transport::http::chain(&error).contains("sesame"), "{error}");
}

#[test]
fn a_relay_has_to_know_how_it_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let error = mailboxes::at_relay(&mut [nimbus()], None, folder.path()).unwrap_err();
    assert!(error.to_string().contains("public_url"), "{error}");
}
