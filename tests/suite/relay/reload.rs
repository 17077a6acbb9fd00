//! Tokens that change while the relay runs: a hang-up has it look at its config file, and at nothing else in it.

use std::path::Path;
use std::time::Duration;

use floorwalker::clock;
use floorwalker::floor::id::SourceName;
use floorwalker::floor::link::Link;
use rustix::process::Signal;
use serde_json::json;

use super::process::{Service, all_fresh, any_port, config, still};
use crate::support::enreach;
use crate::support::reception::client;
use crate::support::relay::{Board, READER, SUPERVISOR};
use crate::support::scripted::LIMIT;

/// Changes the config file in place.
pub(super) fn edit(home: &Path, from: &str, to: &str) {
    let path = home.join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

async fn reads(service: &Service, token: &str) -> u16 {
    let url = format!("http://{}/v1/tables", service.address);
    let request = client().get(url).header("Authorization", format!("Bearer {token}"));
    request.send().await.unwrap().status().as_u16()
}

/// Posts an event of its own; the answer.
pub(super) async fn post(service: &Service, token: &str, id: &str) -> u16 {
    let event = enreach::with("QueueStatus", &json!({ "Id": id }));
    let url = format!("http://{}/webhook/helsinki", service.address);
    let request = client().post(url).header("X-Benemen-Token", token).body(event.to_string());
    request.send().await.unwrap().status().as_u16()
}

/// Waits until that is answered so.
pub(super) async fn until(what: &str, mut asked: impl AsyncFnMut() -> bool) {
    let end = clock::moment().after(LIMIT);
    while !asked().await {
        assert!(clock::moment() < end, "{what} in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hang_up_takes_new_tokens_over_and_cuts_boards_with_old_ones_off() {
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let mut service = Service::start(home.path());
    let mut wall = Board::on(service.address, READER);
    let mut desk = Board::on(service.address, SUPERVISOR);
    wall.until("all sources", all_fresh).await;
    desk.until("all sources", all_fresh).await;
    edit(home.path(), READER, "reader-new-3f6a9c20b");
    service.signal(Signal::HUP);
    until("the new token", async || reads(&service, "reader-new-3f6a9c20b").await == 200).await;
    assert_eq!(reads(&service, READER).await, 401, "the old one is none any more");
    let link = |state: &floorwalker::state::State| {
        state.floor.world(&SourceName::new("relay")).unwrap().link(&state.now)
    };
    wall.until("turned away", |state| link(state) == Link::Unauthorized).await;
    assert_eq!(link(&desk.state), Link::Live, "who has a good token notices nothing");
    // What is wrong changes nothing.
    edit(home.path(), "[relay]", "[relay]\nlisten_to = \"nobody\"");
    edit(home.path(), "reader-new-3f6a9c20b", "reader-newer-3f6a9c20b");
    service.signal(Signal::HUP);
    let refusal = "the tokens stay as they were";
    until("a refusal", async || service.said().contains(refusal)).await;
    assert!(service.said().contains("listen_to"), "{}", service.said());
    assert_eq!(reads(&service, "reader-new-3f6a9c20b").await, 200);
    edit(home.path(), "listen_to = \"nobody\"\n", "");
    edit(home.path(), SUPERVISOR, "supervisor-new-3f6a9c20b");
    service.signal(Signal::HUP);
    until("the second change", async || reads(&service, "supervisor-new-3f6a9c20b").await == 200)
        .await;
    service.signal(Signal::TERM);
    assert_eq!(service.end().0, Some(143), "it went on all the time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_token_is_changed_without_a_moment_in_which_none_is_good() {
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let hook = |inner: &str| format!("kind = \"enreach\"\nwebhook = {{ {inner} }}");
    let first = hook("token = \"hook-1-3f6a9c20b\"");
    edit(home.path(), "kind = \"enreach\"", &first);
    let service = Service::start(home.path());
    assert_eq!(post(&service, "hook-1-3f6a9c20b", "a").await, 200);
    assert_eq!(post(&service, "hook-2-3f6a9c20b", "b").await, 401);
    let both = hook("token = \"hook-1-3f6a9c20b\", next_token = \"hook-2-3f6a9c20b\"");
    edit(home.path(), &first, &both);
    service.signal(Signal::HUP);
    until("the next token", async || post(&service, "hook-2-3f6a9c20b", "b").await == 200).await;
    assert_eq!(post(&service, "hook-1-3f6a9c20b", "c").await, 200, "both are good");
    edit(home.path(), &both, &hook("token = \"hook-2-3f6a9c20b\""));
    service.signal(Signal::HUP);
    until("the end of the old one", async || post(&service, "hook-1-3f6a9c20b", "d").await == 401)
        .await;
    assert_eq!(post(&service, "hook-2-3f6a9c20b", "d").await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_token_in_a_file_is_read_again_after_a_refusal() {
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let file = home.path().join("hook.token");
    let write = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&file, mode).unwrap();
    };
    write("hook-1-3f6a9c20b\n");
    let hook =
        format!("kind = \"enreach\"\nwebhook = {{ token = {{ file = \"{}\" }} }}", file.display());
    edit(home.path(), "kind = \"enreach\"", &hook);
    let service = Service::start(home.path());
    assert_eq!(post(&service, "hook-1-3f6a9c20b", "a").await, 200);
    write("hook-2-3f6a9c20b\n");
    assert_eq!(post(&service, "hook-2-3f6a9c20b", "b").await, 401, "as the vendor sees it once");
    until("the new token", async || post(&service, "hook-2-3f6a9c20b", "b").await == 200).await;
    assert_eq!(post(&service, "hook-1-3f6a9c20b", "c").await, 401);
}
