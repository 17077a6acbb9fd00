//! The relay whole, in a process of its own: webhooks come in at one side, boards hang on at the other.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use floorwalker::clock;
use floorwalker::floor::id::SourceName;
use floorwalker::floor::time::Moment;
use floorwalker::relay::store::{Limits, Store};
use floorwalker::state::State;
use rustix::process::Signal;
use serde_json::json;
use tokio::io::AsyncBufReadExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::crowd::{attach, figures};
use super::process::{Service, any_port, config, still};
use super::reload::edit;
use crate::support::enreach::with;
use crate::support::reception::{client, resident};
use crate::support::relay::{Board, READER};

/// The token of the webhooks.
const HOOK: &str = "hook-77b0-e1c94a52";

/// A home whose relay takes webhooks, and stands at one address through all its lives.
fn home(simulator: &floorwalker::simulator::Simulator) -> (tempfile::TempDir, Service) {
    let home = tempfile::tempdir().unwrap();
    config(simulator, home.path(), any_port());
    let hook = format!("kind = \"enreach\"\nwebhook = {{ token = \"{HOOK}\" }}");
    edit(home.path(), "kind = \"enreach\"", &hook);
    edit(home.path(), "[relay]", "[relay]\nstore = \"relay.redb\"");
    let service = Service::start(home.path());
    edit(home.path(), "\"127.0.0.1:0\"", &format!("\"{}\"", service.address));
    (home, service)
}

/// The state of somebody of whom nothing else is told: whoever hears of the event has a person of that name.
fn event(id: &str, person: &str) -> String {
    with("UserStatus", &json!({ "Id": id, "UserId": person })).to_string()
}

/// Sends events one by one, each until it is taken; which were.
async fn insist(url: String, sender: u32, stop: CancellationToken) -> Vec<String> {
    let (client, mut acked) = (client(), Vec::new());
    loop {
        let id = format!("sender-{sender}-{}", acked.len());
        loop {
            if stop.is_cancelled() {
                return acked;
            }
            let request = client.post(&url).header("X-Benemen-Token", HOOK).body(event(&id, &id));
            if request.send().await.is_ok_and(|answer| answer.status() == 200) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        acked.push(id);
        // More people than there are on any floor would not be kept.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn people(state: &State) -> BTreeSet<String> {
    let world = state.floor.world(&SourceName::new("helsinki"));
    let people = world.into_iter().flat_map(|world| world.agents.keys());
    people.map(|key| key.raw().to_owned()).collect()
}

/// Kills it so many times, at any moment; a board hangs on all the while.
async fn killed(rounds: u32) {
    let simulator = still().await;
    let (home, mut service) = home(&simulator);
    let (url, stop) =
        (format!("http://{}/webhook/helsinki", service.address), CancellationToken::new());
    let senders: Vec<_> =
        (0..4).map(|sender| tokio::spawn(insist(url.clone(), sender, stop.clone()))).collect();
    let mut board = Board::on(service.address, READER);
    let mut rng = fastrand::Rng::with_seed(19);
    for _ in 0..rounds {
        let life = tokio::time::sleep(Duration::from_millis(rng.u64(1..600)));
        tokio::pin!(life);
        loop {
            tokio::select! {
                () = &mut life => break,
                fact = board.next() => drop(board.state.apply(fact)),
            }
        }
        service.signal(Signal::KILL);
        service.end();
        let at = home.path().to_owned();
        service = tokio::task::spawn_blocking(move || Service::start(&at)).await.unwrap();
    }
    stop.cancel();
    let mut acked = BTreeSet::new();
    for sender in senders {
        acked.extend(sender.await.unwrap());
    }
    figures(&format!("{rounds} kills, {} answered", acked.len()));
    assert!(acked.len() > rounds as usize, "something was sent: {}", acked.len());
    board.until("everybody of whom was told", |state| acked.is_subset(&people(state))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_reaches_a_board_over_every_kill() {
    killed(5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a hundred kills: minutes"]
async fn what_was_answered_reaches_a_board_over_a_hundred_kills() {
    killed(100).await;
}

/// Reads a stream until it ends; when each event came.
async fn watch(address: std::net::SocketAddr) -> Vec<(usize, Moment)> {
    let (mut lines, mut seen) = (attach(address, None).await.lines(), Vec::new());
    while let Ok(Some(line)) = lines.next_line().await {
        let number =
            line.split_once("{\"agent\":\"load-").and_then(|(_, rest)| rest.split_once('"'));
        if let Some((number, _)) = number {
            seen.push((number.parse().unwrap(), clock::moment()));
        }
    }
    seen
}

fn stored(home: &Path) -> BTreeSet<String> {
    let store = Store::open(&home.join("relay.redb"), Limits::default()).unwrap();
    let log = store.after(0, usize::MAX).unwrap();
    let ids = log.iter().map(|record| {
        let value: serde_json::Value = serde_json::from_slice(&record.body).unwrap();
        value["Id"].as_str().unwrap().to_owned()
    });
    ids.collect()
}

/// So many boards, some of which read nothing; 200 events a second; and a signal while all of it goes on. A board
/// sees an event within `limit`, where one is set: only a release build on a quiet machine can be held to it.
async fn ended(healthy: usize, stalled: usize, events: usize, limit: Option<Duration>) {
    let simulator = still().await;
    let (home, mut service) = home(&simulator);
    service.ready().await;
    let (client, url) = (client(), format!("http://{}/webhook/helsinki", service.address));
    // Everybody is known before it begins: what is measured is what it costs to tell, not the people.
    for number in 0..events {
        let (id, person) = (format!("before-{number}"), format!("load-{number}"));
        let request = client.post(&url).header("X-Benemen-Token", HOOK).body(event(&id, &person));
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    let mut boards = JoinSet::new();
    for _ in 0..healthy {
        boards.spawn(watch(service.address));
    }
    let mut others = Vec::new();
    for _ in 0..stalled {
        others.push(attach(service.address, Some(2_048)).await);
    }
    let metrics = format!("http://{}/metrics", service.address);
    let attached = async || {
        let request = client.get(&metrics).header("Authorization", format!("Bearer {READER}"));
        let text = request.send().await.unwrap().text().await.unwrap();
        text.contains(&format!("floorwalker_relay_boards {}\n", healthy + stalled))
    };
    super::reload::until("all boards", attached).await;
    let process = service.id().to_string();
    let before = resident(&process);
    let sent: Arc<Mutex<Vec<Option<Moment>>>> = Arc::new(Mutex::new(vec![None; events]));
    let mut running = JoinSet::new();
    let mut pace = tokio::time::interval(Duration::from_millis(5));
    for number in 0..events {
        pace.tick().await;
        let (sent, client, url) = (Arc::clone(&sent), client.clone(), url.clone());
        running.spawn(async move {
            let id = format!("load-{number}");
            let began = clock::moment();
            let request = client.post(&url).header("X-Benemen-Token", HOOK).body(event(&id, &id));
            let taken = request.send().await.is_ok_and(|answer| answer.status() == 200);
            sent.lock().unwrap()[number] = taken.then_some(began);
        });
        if number + 1 == events {
            // The last are still under way.
            break;
        }
    }
    let rest = Duration::from_millis(300);
    tokio::time::sleep(rest).await;
    let grown = resident(&process).saturating_sub(before);
    service.signal(Signal::TERM);
    let (code, took) = tokio::task::spawn_blocking(move || service.end()).await.unwrap();
    while running.join_next().await.is_some() {}
    let sent = sent.lock().unwrap().clone();
    let (mut late, mut lost) = (Vec::new(), 0);
    while let Some(seen) = boards.join_next().await {
        let seen = seen.unwrap();
        let numbers: BTreeSet<usize> = seen.iter().map(|(number, _)| *number).collect();
        // Those of the last moments may have come behind the signal.
        let all = sent.iter().enumerate().filter(|(_, at)| at.is_some());
        lost +=
            all.filter(|(number, _)| number + 100 < events && !numbers.contains(number)).count();
        late.extend(seen.iter().filter_map(|(number, at)| Some(at.since(sent[*number]?))));
    }
    late.sort();
    let p99 = late[late.len() * 99 / 100];
    let there = stored(home.path());
    let acked = sent.iter().enumerate().filter(|(_, at)| at.is_some());
    let gone =
        acked.clone().filter(|(number, _)| !there.contains(&format!("load-{number}"))).count();
    figures(&format!(
        "{healthy} boards and {stalled} stalled, {} of {events} answered: p50 {:?}, p99 {p99:?}, {lost} lost, memory \
         +{grown} KiB, ended {code:?} in {took:?}, {gone} answered and not on disk",
        acked.count(),
        late[late.len() / 2],
    ));
    assert_eq!((code, lost, gone), (Some(143), 0, 0));
    assert!(took <= Duration::from_secs(5), "{took:?}");
    assert!(limit.is_none_or(|limit| p99 <= limit), "{p99:?}");
    assert!(grown <= 32 * 1_024, "{grown} KiB");
    drop(others);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_with_boards_and_webhooks_ends_in_good_order() {
    ended(9, 1, 300, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "two hundred boards: run alone, with --release"]
async fn a_relay_with_two_hundred_boards_ends_in_good_order() {
    ended(180, 20, 6_000, Some(Duration::from_millis(250))).await;
}
