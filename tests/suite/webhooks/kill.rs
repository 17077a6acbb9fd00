//! Killed at any instant: what was answered is there.

#![expect(clippy::print_stderr, reason = "the figures of a run by hand")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use floorwalker::clock;
use floorwalker::relay::store::{Limits, Store};
use serde_json::json;

use crate::support::enreach::with;
use crate::support::reception::{LIMIT, Reception, TOKEN, client, path};

/// Where the child's store is.
const FOLDER: &str = "FLOORWALKER_TEST_STORE";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the child of the tests that kill it"]
async fn child() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let mut reception = Reception::open(&folder).await;
    std::fs::write(folder.join("port.new"), reception.address.to_string()).unwrap();
    std::fs::rename(folder.join("port.new"), folder.join("port")).unwrap();
    while reception.facts.recv().await.is_some() {}
}

#[expect(clippy::zombie_processes, reason = "whoever asked for it kills it and waits for it")]
fn spawn(folder: &Path) -> (Child, String) {
    let _ = std::fs::remove_file(folder.join("port"));
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "webhooks::kill::child", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let end = clock::moment().after(LIMIT);
    loop {
        if let Ok(address) = std::fs::read_to_string(folder.join("port")) {
            return (child, format!("http://{address}/webhook/helsinki"));
        }
        assert!(clock::moment() < end, "the child listens in time");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Kills it so many times. Each event is sent until it is answered with 200, over kills and restarts.
async fn killed(rounds: u32) {
    let folder = tempfile::tempdir().unwrap();
    let (url, seen) = tokio::sync::watch::channel(String::new());
    let stop = tokio_util::sync::CancellationToken::new();
    let senders: Vec<_> = (0..8)
        .map(|sender| {
            let (mut seen, stop, client) = (seen.clone(), stop.clone(), client());
            tokio::spawn(async move {
                let mut acked = Vec::new();
                for number in 0.. {
                    let id = format!("sender-{sender}-{number}");
                    let event = with("UserStatus", &json!({"Id": id, "UserId": id})).to_string();
                    loop {
                        if stop.is_cancelled() {
                            return acked;
                        }
                        let url = seen.borrow_and_update().clone();
                        let request = client.post(&url).header("X-Benemen-Token", TOKEN);
                        let answer = request.body(event.clone()).send().await;
                        if answer.is_ok_and(|answer| answer.status() == 200) {
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                    acked.push(id);
                }
                acked
            })
        })
        .collect();
    let mut rng = fastrand::Rng::with_seed(19);
    for _ in 0..rounds {
        let at = folder.path().to_owned();
        let (mut child, address) = tokio::task::spawn_blocking(move || spawn(&at)).await.unwrap();
        url.send_replace(address);
        tokio::time::sleep(Duration::from_millis(rng.u64(1..120))).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
    stop.cancel();
    let mut acked = Vec::new();
    for sender in senders {
        acked.extend(sender.await.unwrap());
    }
    let store = Store::open(&path(folder.path()), Limits::default()).unwrap();
    let log = store.after(0, usize::MAX).unwrap();
    let ids: Vec<String> = log
        .iter()
        .map(|record| serde_json::from_slice::<serde_json::Value>(&record.body).unwrap())
        .map(|value| value["Id"].as_str().unwrap().to_owned())
        .collect();
    let there: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(there.len(), ids.len(), "each is there once");
    let lost: Vec<&String> = acked.iter().filter(|id| !there.contains(id)).collect();
    eprintln!("{} answered, {} on disk, {} lost", acked.len(), ids.len(), lost.len());
    assert!(lost.is_empty(), "{lost:?}");
    assert!(acked.len() > rounds as usize, "something was sent: {}", acked.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_answered_is_lost_by_a_kill() {
    killed(20).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a hundred kills"]
async fn nothing_that_was_answered_is_lost_by_a_hundred_kills() {
    killed(100).await;
}
