//! Snapshots and facts that no single message holds.

use std::sync::Arc;

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::relay::nats::{Meeting, Status};
use floorwalker::source::settings::NatsServer;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::support::desk;
use crate::support::nats::{Nats, board};
use crate::support::relay::Station;

fn people(count: usize, word: &str) -> SourceEvent {
    let agent = |number: usize| {
        let name = format!("{word} {number}");
        desk::agent(&format!("user{number}"), &name, vec![desk::member("21", "Sales", Some(true))])
    };
    SourceEvent::Snapshot(Part::Agents((0..count).map(agent).collect()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_larger_than_a_message_arrives_whole() {
    let Some(nats) = Nats::start("what is larger than a message") else { return };
    let station = Station::open().await;
    let first = people(3_000, "Aino");
    assert!(serde_json::to_vec(&first).unwrap().len() > 1024 * 1024, "it is too large for one");
    station.tell("hq", first);
    let server = NatsServer::new(&nats.url(), None, None, ("", false)).unwrap();
    let status = Arc::new(Status::default());
    let (hub, _) = tokio::sync::mpsc::channel(1);
    let meeting = Meeting::new(server, (Arc::clone(&station.site), hub), None, None, status);
    let stop = CancellationToken::new();
    let (_, resting) = watch::channel(false);
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { meeting.run(resting, stop).await }
    });
    let mut board = board(&nats.url(), None, true);
    board.until_same(&station).await;
    station.tell("hq", people(3_000, "Eino"));
    board.until_same(&station).await;
    let missed = |line: &floorwalker::table::LogLine| line.text.contains("missing");
    assert!(!board.state.log.iter().any(missed), "it came as a fact, in pieces");
    stop.cancel();
    running.await.unwrap();
}
