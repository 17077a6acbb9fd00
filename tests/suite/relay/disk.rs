//! A disk that takes nothing: monitoring hears of it, and of its end, though nobody sends anything.

use serde_json::json;

use super::process::{Service, any_port, config, still};
use super::reload::{edit, post, until};
use crate::support::reception::client;
use crate::support::relay::READER;
use crate::webhooks::store::Small;

/// What it says of its health.
async fn health(service: &Service) -> (u16, String) {
    let answer = client().get(format!("http://{}/healthz", service.address)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// A figure of its own.
async fn figure(service: &Service, name: &str) -> Option<u64> {
    let url = format!("http://{}/metrics", service.address);
    let request = client().get(url).header("Authorization", format!("Bearer {READER}"));
    let text = request.send().await.unwrap().text().await.unwrap();
    let value = |line: &str| {
        let rest = line.strip_prefix("floorwalker_")?.strip_prefix(name)?;
        rest.strip_prefix("_total").unwrap_or(rest).strip_prefix(' ')?.parse().ok()
    };
    text.lines().find_map(value)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what is skipped is said")]
async fn a_full_disk_is_ill_health_until_it_has_room_again() {
    let Some(small) = Small::mount() else {
        eprintln!("skipped: no file system may be mounted here");
        return;
    };
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let store = small.0.path().join("relay.redb");
    let relay = format!("[relay]\nstore = {}", json!(store.to_str().unwrap()));
    edit(home.path(), "[relay]", &relay);
    edit(
        home.path(),
        "kind = \"enreach\"",
        "kind = \"enreach\"\nwebhook = { token = \"hook-1f3a-90cd71e4\" }",
    );
    let service = Service::start(home.path());
    service.ready().await;
    assert_eq!(post(&service, "hook-1f3a-90cd71e4", "a").await, 200);
    assert_eq!(post(&service, "hook-1f3a-90cd71e4", "a").await, 200);
    assert_eq!(post(&service, "nobodys", "a").await, 401);
    small.fill();
    let mut number = 0;
    until("a refusal", async || {
        number += 1;
        post(&service, "hook-1f3a-90cd71e4", &format!("full-{number}")).await == 503
    })
    .await;
    let (status, said) = health(&service).await;
    assert_eq!((status, said.as_str()), (503, "webhooks cannot be stored\n"));
    assert_eq!(figure(&service, "relay_store_failing").await, Some(1));
    small.make_room();
    until("good health", async || health(&service).await == (200, "ok\n".to_owned())).await;
    assert_eq!(figure(&service, "relay_store_failing").await, Some(0));
    assert_eq!(figure(&service, "relay_webhooks_seen").await, Some(1));
    assert_eq!(figure(&service, "relay_webhooks_refused").await, Some(1));
    assert!(figure(&service, "relay_webhooks_failed").await >= Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_that_cannot_be_read_are_figures_of_the_relay() {
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    edit(
        home.path(),
        "kind = \"enreach\"",
        "kind = \"enreach\"\nwebhook = { token = \"hook-1f3a-90cd71e4\" }",
    );
    let service = Service::start(home.path());
    service.ready().await;
    let post = async |coding: &str, body: &'static str| {
        let url = format!("http://{}/webhook/helsinki", service.address);
        let request = client().post(url).header("X-Benemen-Token", "hook-1f3a-90cd71e4");
        request.header("Content-Encoding", coding).body(body).send().await.unwrap().status()
    };
    assert_eq!(post("identity", "nonsense").await, 200);
    assert_eq!(post("identity", "[1, 2]").await, 200);
    assert_eq!(post("br", "nonsense").await, 415);
    for (name, wanted) in [
        ("malformed", 2),
        ("unreadable", 2),
        ("unreadable_dropped", 0),
        ("unsupported", 1),
        ("too_long", 0),
        ("reread", 0),
        ("stored", 0),
    ] {
        let name = format!("relay_webhooks_{name}");
        assert_eq!(figure(&service, &name).await, Some(wanted), "{name}");
    }
}
