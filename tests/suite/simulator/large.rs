//! The large floor, and the load that a stream can carry.

use std::collections::BTreeSet;
use std::time::Duration;

use floorwalker::simulator::centre::{AgentState, EntryState};
use floorwalker::simulator::scenario::{Scenario, Vendor};
use floorwalker::simulator::{Licences, Settings, SimulatorError, Sins, Size, floor, start};
use reqwest::Method;

use super::wire::{Bench, entries, json, list, next_event, queue_ids};

const STREAM: &str = "/distributiongroup/statistics/example.com/supervisor";
const LARGE: Settings = Settings {
    webhooks: None,
    sins: Sins::NONE,
    licences: Licences::All,
    listen: std::net::SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0),
    seed: 3,
    speed: 0.0,
    size: Size::Large,
    load: 0,
};
/// What a client takes of one answer, and of one document of a stream.
const ANSWER: usize = 8 * 1024 * 1024;
const DOCUMENT: usize = 1024 * 1024;

#[test]
fn the_same_seed_gives_the_same_large_floor() {
    assert_eq!(Scenario::large(4), Scenario::large(4));
    assert_ne!(Scenario::large(4), Scenario::large(5));
    let (mut one, mut other) = (floor(Size::Large, 4).unwrap(), floor(Size::Large, 4).unwrap());
    one.advance(Duration::from_secs(10));
    for _ in 0..40 {
        other.advance(Duration::from_millis(250));
    }
    assert!(one == other);
}

#[test]
fn no_two_on_the_large_floor_are_called_the_same() {
    for seed in 1..=3 {
        let Scenario { queues, agents, services, .. } = Scenario::large(seed);
        let names: BTreeSet<_> = queues.iter().map(|queue| &queue.name).collect();
        let ids: BTreeSet<_> = queues.iter().map(|queue| &queue.id).collect();
        let numbers: BTreeSet<_> =
            queues.iter().filter_map(|queue| queue.number.as_ref()).collect();
        assert_eq!((names.len(), ids.len(), numbers.len()), (1_000, 1_000, 1_000));
        let telepo = || agents.iter().filter(|agent| agent.vendor == Vendor::Telepo);
        let people: BTreeSet<_> = telepo().map(|agent| (&agent.first, &agent.last)).collect();
        assert_eq!((telepo().count(), people.len()), (10_000, 10_000));
        let users: BTreeSet<_> = agents.iter().map(|agent| (agent.vendor, &agent.user)).collect();
        assert_eq!(users.len(), agents.len());
        assert!(users.iter().all(|(_, user)| {
            user.chars().all(|letter| letter.is_ascii_lowercase() || letter == '.')
        }));
        assert_eq!(services.iter().map(|service| service.stock).sum::<usize>(), 10_000);
    }
}

#[test]
fn the_numbers_of_the_large_floor_are_fiction() {
    let fiction =
        ["+442079460", "+468465004", "+463139006", "+464062804", "+493023125", "+35800555"];
    for queue in Scenario::large(1).queues {
        let number = queue.number.unwrap();
        assert!(fiction.iter().any(|range| number.starts_with(range)), "{number}");
    }
}

#[test]
fn the_large_floor_is_alive_and_has_a_day_behind_it() {
    let mut centre = floor(Size::Large, 1).unwrap();
    assert_eq!(centre.now(), floor(Size::Small, 1).unwrap().now());
    for _ in 0..2 {
        let figures: Vec<_> = (0..1_000).map(|queue| centre.figures(queue)).collect();
        let in_trouble = figures.iter().filter(|of| of.waiting >= 3).count();
        assert!((3..200).contains(&in_trouble), "{in_trouble}");
        assert!(figures.iter().map(|of| of.connected).sum::<u64>() > 500);
        for (queue, of) in centre.queues().iter().zip(figures) {
            let ever = queue.tally().ever();
            assert_eq!(queue.tally().last_24h(), ever);
            assert!(f64::from(u32::try_from(ever.offered).unwrap()) > queue.setup.load / 2.0);
            let gone = ever.answered + ever.abandoned + ever.overflowed;
            assert_eq!(ever.offered, gone + of.waiting + of.alerting, "{}", queue.setup.name);
        }
        let at_work = centre.agents().iter().filter(|agent| agent.state() != AgentState::Off);
        assert!(at_work.count() > 6_000);
        assert_eq!(centre.entries().count(), 10_000);
        for running in [false, true] {
            assert!(centre.entries().any(|entry| match entry.state {
                EntryState::Scheduled => false,
                EntryState::InProgress { .. } => running,
                EntryState::Ended { .. } => !running,
            }));
        }
        centre.advance(Duration::from_secs(30));
    }
}

#[tokio::test]
async fn a_large_floor_is_a_thousand_queues_and_ten_thousand_agents_and_entries_on_the_wire() {
    let bench = Bench::with(LARGE).await;
    let statistics = bench.telepo(Method::GET, "/queuestatistics/user/example.com/supervisor");
    let telepo = list(&json(statistics).await, "queue").len();
    let enreach = json(bench.enreach("/queues")).await;
    assert_eq!(telepo + enreach.as_array().unwrap().len(), 1_000);

    let groups = bench.telepo(Method::GET, "/acd/v1/groups/example.com/supervisor");
    let body = groups.send().await.unwrap().bytes().await.unwrap();
    assert!(body.len() < ANSWER, "{} bytes", body.len());
    let groups: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let agents: BTreeSet<&str> = list(&groups, "groups")
        .iter()
        .flat_map(|group| list(group, "agents"))
        .map(|agent| agent["id"].as_str().unwrap())
        .collect();
    assert_eq!(agents.len(), 10_000);
    assert_eq!(entries(&bench).await.len(), 10_000);
    bench.simulator.stop().await;
}

#[tokio::test]
async fn a_load_begins_with_every_group_and_goes_on_in_twenty_documents_a_second() {
    for (load, least, most) in [(10_000, 500, 500), (1_234, 61, 62), (20, 1, 1)] {
        let bench = Bench::with(Settings { load, ..LARGE }).await;
        let mut stream = bench.telepo(Method::GET, STREAM).send().await.unwrap();
        let mut text = String::new();
        let first = next_event(&mut stream, &mut text).await;
        assert_eq!(queue_ids(&first).into_iter().collect::<BTreeSet<_>>().len(), 700);
        assert!(first.len() < DOCUMENT, "{} bytes", first.len());
        let mut sent = Vec::new();
        for _ in 0..20 {
            let document = next_event(&mut stream, &mut text).await;
            assert!(document.len() < DOCUMENT);
            let ids = queue_ids(&document);
            assert!((least..=most).contains(&ids.len()), "{} of {load}", ids.len());
            sent.extend(ids);
        }
        assert_eq!(sent.len(), usize::try_from(load).unwrap());
        let round: BTreeSet<_> = sent.iter().take(700).collect();
        assert_eq!(round.len(), sent.len().min(700));
    }
}

#[tokio::test]
async fn every_update_of_a_load_counts_one_more_call() {
    let bench = Bench::with(Settings { load: 40, speed: 0.0, ..Settings::default() }).await;
    let mut stream = bench.telepo(Method::GET, STREAM).send().await.unwrap();
    let mut text = String::new();
    let mut last = None;
    next_event(&mut stream, &mut text).await;
    for _ in 0..20 {
        let document = next_event(&mut stream, &mut text).await;
        assert_eq!(queue_ids(&document), ["5", "25"]);
        let (_, rest) = document.split_once("<totalCallsForPeriod>").unwrap();
        let calls: u64 = rest.split_once('<').unwrap().0.parse().unwrap();
        assert!(last.is_none_or(|before| calls == before + 1));
        last = Some(calls);
    }
}

#[tokio::test]
async fn a_load_that_no_stream_can_carry_is_refused() {
    let much = start(Settings { load: 10_001, ..Settings::default() }).await;
    assert!(matches!(much, Err(SimulatorError::Load { load: 10_001 })));
}
