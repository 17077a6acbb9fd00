//! Relays and servers that are killed, stand still, or lose what they had: nothing is lost, and nothing counts twice.

#![expect(clippy::print_stderr, reason = "the figures of a run by hand")]

use std::time::Duration;

use floorwalker::clock;
use floorwalker::state::State;
use serde_json::Value;

use crate::support::nats::{Nats, Relay, board, events, events_alone, is_oracle};
use crate::support::reception::oracle;
use crate::support::relay::Board;

/// How long boards may take after the last trouble: a lead runs out, everybody waits before the next try.
const RECOVERY: Duration = Duration::from_mins(2);

/// Posts an event as a vendor behind a load balancer does: to whichever relay takes it. Says how long that took.
async fn deliver(relays: &[Relay], event: &Value) -> Duration {
    let began = clock::moment();
    for relay in relays.iter().cycle().skip(fastrand::usize(..relays.len())) {
        if relay.post(event).await {
            break;
        }
        assert!(clock::moment().since(began) < RECOVERY, "nobody takes it");
    }
    clock::moment().since(began)
}

async fn deliver_all(relays: &[Relay], events: &[Value]) -> Duration {
    let mut slowest = Duration::ZERO;
    for event in events {
        slowest = slowest.max(deliver(relays, event).await);
    }
    slowest
}

async fn until_oracle(boards: &mut [Board], events: &[Value]) {
    let oracle = oracle(events);
    for board in boards {
        let same = |state: &State| is_oracle(state, &oracle);
        board.until_within(RECOVERY, "each event once", same).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_relay_and_a_killed_server_lose_nothing_and_double_nothing() {
    let Some(mut nats) = Nats::start("a killed relay and a killed server") else { return };
    let mut relays = vec![Relay::start(&events_alone(), &nats.url())];
    relays[0].until("relay_leads", 1).await;
    relays.push(Relay::start(&events_alone(), &nats.url()));
    let mut boards = [relays[0].board(), relays[1].board(), board(&nats.url(), None, true)];
    let all = events(0..200);
    deliver_all(&relays, &all[..40]).await;
    until_oracle(&mut boards, &all[..40]).await;
    // The one that leads.
    relays[0].kill();
    deliver_all(&relays, &all[40..80]).await;
    until_oracle(&mut boards[1..], &all[..80]).await;
    relays[0].restart();
    deliver_all(&relays, &all[80..120]).await;
    until_oracle(&mut boards, &all[..120]).await;
    nats.kill();
    let slowest = deliver_all(&relays, &all[120..160]).await;
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    nats.restart();
    deliver_all(&relays, &all[160..]).await;
    until_oracle(&mut boards, &all).await;
    for relay in &relays {
        relay.until("relay_nats_outbox", 0).await;
        relay.until("relay_events", 200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_lost_is_offered_again_and_counts_once() {
    let Some(mut nats) = Nats::start("what the server lost") else { return };
    let mut relays = vec![Relay::start(&events_alone(), &nats.url())];
    let all = events(0..60);
    deliver_all(&relays, &all).await;
    relays[0].until("relay_nats_outbox", 0).await;
    nats.kill();
    nats.wipe();
    nats.restart();
    relays.push(Relay::start(&events_alone(), &nats.url()));
    for relay in &relays {
        relay.until("relay_events", 60).await;
    }
    let mut boards = [relays[1].board()];
    until_oracle(&mut boards, &all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stands_still_holds_up_no_answer() {
    let Some(nats) = Nats::start("a server that stands still") else { return };
    let relays = [(); 2].map(|()| Relay::start(&events_alone(), &nats.url()));
    let mut boards = [relays[0].board(), relays[1].board()];
    let all = events(0..60);
    deliver_all(&relays, &all[..20]).await;
    until_oracle(&mut boards, &all[..20]).await;
    nats.stand_still(true);
    let slowest = deliver_all(&relays, &all[20..40]).await;
    nats.stand_still(false);
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    deliver_all(&relays, &all[40..]).await;
    until_oracle(&mut boards, &all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_finds_no_server_serves_its_boards_by_itself() {
    let Some(mut nats) = Nats::start("a relay that finds no server") else { return };
    nats.kill();
    let relays = [Relay::start(&events_alone(), &nats.url())];
    let all = events(0..20);
    deliver_all(&relays, &all).await;
    let mut boards = [relays[0].board()];
    until_oracle(&mut boards, &all).await;
    assert_eq!(relays[0].gauge("relay_nats_outbox").await, Some(20));
    nats.restart();
    relays[0].until("relay_nats_outbox", 0).await;
}

/// Events at a rate while the server is away; how long answers took.
async fn load(rate: u32, seconds: u32) -> Vec<Duration> {
    let Some(mut nats) = Nats::start("load") else { return Vec::new() };
    let relays = std::sync::Arc::new([(); 2].map(|()| Relay::start(&events_alone(), &nats.url())));
    let mut boards = [relays[0].board(), relays[1].board(), board(&nats.url(), None, true)];
    relays[0].until("relay_nats_connected", 1).await;
    let all = events(0..(rate * seconds) as usize);
    nats.kill();
    let mut pace = tokio::time::interval(Duration::from_secs(1) / rate);
    let mut running = tokio::task::JoinSet::new();
    for event in all.clone() {
        pace.tick().await;
        let relays = std::sync::Arc::clone(&relays);
        running.spawn(async move { deliver(&*relays, &event).await });
    }
    let mut took = running.join_all().await;
    took.sort_unstable();
    let back = clock::moment();
    nats.restart();
    until_oracle(&mut boards, &all).await;
    for relay in relays.iter() {
        relay.until("relay_nats_outbox", 0).await;
        relay.until("relay_events", u64::from(rate * seconds)).await;
    }
    eprintln!(
        "{} events at {rate}/s with NATS away: p50 {:?}, p99 {:?}, max {:?}; all boards right {:?} after it came back",
        took.len(),
        took[took.len() / 2],
        took[took.len() * 99 / 100],
        took[took.len() - 1],
        clock::moment().since(back),
    );
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a minute of 200 events a second: by hand, with the release build"]
async fn a_minute_without_the_server_under_load() {
    let took = load(200, 60).await;
    let Some(longest) = took.last() else { return };
    assert!(took[took.len() * 99 / 100] <= Duration::from_millis(250));
    assert!(*longest <= Duration::from_secs(1));
}
