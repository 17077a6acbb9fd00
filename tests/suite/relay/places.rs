//! P9: neither boards nor strangers lock a vendor out.

use std::net::TcpStream as Blocking;
use std::time::Duration;

use floorwalker::clock;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use tokio::io::AsyncBufReadExt;

use super::crowd::attach;
use super::process::{Service, any_port, config, still};
use crate::support::enreach::with;
use crate::support::reception::{TOKEN, client};
use crate::support::scripted::LIMIT;

/// The status line of an answer.
async fn status(address: std::net::SocketAddr) -> (u16, impl Sized) {
    let mut lines = attach(address, None).await.lines();
    let line = tokio::time::timeout(LIMIT, lines.next_line()).await.unwrap().unwrap().unwrap();
    (line.split(' ').nth(1).unwrap().parse().unwrap(), lines)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p9_with_all_places_of_boards_taken_and_more_knocking_a_webhook_is_answered_at_once() {
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let path = home.path().join("config.toml");
    let hook = format!("kind = \"enreach\"\nwebhook = {{ token = \"{TOKEN}\" }}");
    let text = std::fs::read_to_string(&path).unwrap().replace("kind = \"enreach\"", &hook);
    std::fs::write(&path, text).unwrap();
    let service = Service::start(home.path());
    service.ready().await;
    // This process has as many connections as the relay.
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.map_or(4_096, |most| most.min(4_096));
    let current = limit.current.map_or(most, |current| current.max(most));
    setrlimit(Resource::Nofile, Rlimit { current: Some(current), ..limit }).unwrap();

    let mut boards = Vec::new();
    let refused = loop {
        match status(service.address).await {
            (200, board) => boards.push(board),
            (status, _) => break status,
        }
        assert!(boards.len() < 1_000, "there is a limit");
    };
    assert_eq!(refused, 503, "who comes too late is told so");
    assert!(boards.len() >= 700, "{} boards", boards.len());
    let address = service.address;
    let knocking = tokio::spawn(async move {
        loop {
            let silent: Vec<_> = (0..20).map(|_| Blocking::connect(address)).collect();
            assert_eq!(status(address).await.0, 503);
            drop(silent);
        }
    });
    let silent: Vec<_> = (0..300).map(|_| Blocking::connect(address).unwrap()).collect();
    let mut slowest = Duration::ZERO;
    for number in 0..30 {
        // A connection of its own for each event.
        let sent = clock::moment();
        let event = with("QueueStatus", &json!({ "Id": format!("p9-{number}") }));
        let request = client().post(format!("http://{address}/webhook/helsinki"));
        let request = request.header("X-Benemen-Token", TOKEN).body(event.to_string());
        assert_eq!(request.send().await.unwrap().status(), 200, "event {number}");
        slowest = slowest.max(clock::moment().since(sent));
    }
    assert!(!knocking.is_finished(), "whoever knocks was answered all the time");
    assert!(slowest <= Duration::from_secs(2), "{slowest:?}");
    knocking.abort();
    drop((silent, boards));
    simulator.stop().await;
}
