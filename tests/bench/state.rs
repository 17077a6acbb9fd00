//! What is told, into the state: against plain maps, and how much memory a record holds.
//!
//! ```text
//! cargo bench --bench state
//! ```
//!
//! 1,000 queues and 10,000 agents. The floors are a `HashMap` whose figures are replaced, and a `BTreeMap`
//! that is filled anew. Bytes are what was asked of the allocator and not given back, so without what the
//! allocator itself keeps for its own book.

#![expect(clippy::unwrap_used, reason = "a bench ends at its first surprise")]

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;

use floorwalker::event::SourceEvent;
use floorwalker::floor::agent::Agent;
use floorwalker::floor::id::{AgentKey, EntryId, FeedName, QueueId};
use floorwalker::floor::queue::{Figures, Queue};
use floorwalker::floor::scheduler::{Entry, EntryState};
use floorwalker::floor::{Delta, Part};
use floorwalker::state::State;
use floorwalker::text::Shown;

use crate::figure::Figure;
use crate::floor::{agent, queue, state};
use crate::scales::ratio;
use crate::told::{BEGAN, empty, told};

mod figure;
mod floor;
mod scales;
mod told;

const QUEUES: u32 = 1_000;
const AGENTS: u32 = 10_000;
const ENTRIES: u32 = 15_000;

/// Changes of one turn.
const DELTAS: u32 = 20_000;

fn change(turn: u32) -> (QueueId, Figures) {
    let figures = Figures {
        waiting: Some(turn % 7),
        longest_wait_s: Some(turn % 300),
        agents_free: Some(turn % 5),
        offered: Some(turn),
        ..Figures::default()
    };
    (QueueId::new(format!("{:05}", turn % QUEUES)), figures)
}

fn tell_ratio(name: &str, of: &str, floor: &str, value: f64) {
    let name = &format!("state_{name}");
    Figure { goal: "", name, of, floor, value, unit: "ratio", bound: None }.tell();
}

fn deltas() {
    let mut board = state(QUEUES, AGENTS);
    let mut map: HashMap<QueueId, Queue> =
        (0..QUEUES).map(queue).map(|queue| (queue.id.clone(), queue)).collect();
    let changes: Vec<_> = (0..DELTAS).map(change).collect();
    let prepare = || {
        let events = changes.iter().cloned().map(|(queue, figures)| {
            let figures = Box::new(figures);
            told(BEGAN, SourceEvent::Delta(Delta::Figures { queue, at: BEGAN, figures }))
        });
        (changes.clone(), events.collect::<Vec<_>>())
    };
    let cost = ratio(
        prepare,
        |changes| {
            for (queue, figures) in changes {
                map.get_mut(&queue).unwrap().figures = figures;
            }
        },
        |events| {
            for event in events {
                black_box(board.apply(event));
            }
        },
    );
    tell_ratio("deltas", "a change applied", "the same figures into a HashMap", cost);
}

fn snapshots() {
    let mut board = state(QUEUES, AGENTS);
    let rows: Vec<Queue> = (0..QUEUES).map(queue).collect();
    let prepare = || (rows.clone(), told(BEGAN, SourceEvent::Snapshot(Part::Queues(rows.clone()))));
    let mut map = BTreeMap::new();
    let fill = |rows: Vec<Queue>| {
        map = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        black_box(&map);
    };
    let cost = ratio(prepare, fill, |event| drop(board.apply(event)));
    tell_ratio("queues", "1,000 queues replaced", "the same rows into a BTreeMap", cost);

    let rows: Vec<Agent> = (0..AGENTS).map(|index| agent(index, QUEUES)).collect();
    let prepare = || (rows.clone(), told(BEGAN, SourceEvent::Snapshot(Part::Agents(rows.clone()))));
    let mut map: BTreeMap<AgentKey, Agent> = BTreeMap::new();
    let fill = |rows: Vec<Agent>| {
        map = rows.into_iter().map(|row| (row.key.clone(), row)).collect();
        black_box(&map);
    };
    let cost = ratio(prepare, fill, |event| drop(board.apply(event)));
    tell_ratio("agents", "10,000 agents replaced", "the same rows into a BTreeMap", cost);
}

fn entry(index: u32) -> Entry {
    Entry {
        id: EntryId::new(format!("5b0e7a10-{index:08}")),
        service: Shown::clean("outbound@contoso.example"),
        contact: None,
        destination: Some(Shown::clean(&format!("+4420794{index:05}"))),
        due: Some("2026-03-12T14:30:00Z".parse().unwrap()),
        state: EntryState::Scheduled,
        reference: Some(Shown::clean(&format!("C-{index}"))),
        priority: Some(Shown::clean("High")),
        attempts: None,
        max_attempts: Some(3),
        attempt_timeout_s: Some(600),
        max_queue_time_s: Some(300),
        rona_timeout_s: Some(20),
        completion_reason: None,
        known: Default::default(),
        feed: FeedName::new("entries"),
        updated: BEGAN,
    }
}

/// Bytes that a board keeps of what it is told, and what it keeps beside.
fn kept(parts: impl FnOnce() -> Vec<Part>) -> u64 {
    let mut board = empty();
    let counted = allocation_counter::measure(|| {
        for part in parts() {
            board.apply(told(BEGAN, SourceEvent::Snapshot(part)));
        }
    });
    black_box::<&State>(&board);
    u64::try_from(counted.bytes_current).unwrap()
}

fn memory() {
    let queues = || Part::Queues((0..QUEUES).map(queue).collect());
    let agents = || Part::Agents((0..AGENTS).map(|index| agent(index, QUEUES)).collect());
    let entries = || Part::Entries {
        feed: FeedName::new("entries"),
        rows: (0..ENTRIES).map(entry).collect(),
    };
    let all = QUEUES + AGENTS + ENTRIES;
    for (name, of, bytes, records) in [
        ("queue", "a queue with its index", kept(|| vec![queues()]), QUEUES),
        ("agent", "an agent in one queue, with the index", kept(|| vec![agents()]), AGENTS),
        ("entry", "a scheduler entry with its index", kept(|| vec![entries()]), ENTRIES),
        (
            "record",
            "a record of 26,000 with its index",
            kept(|| vec![queues(), agents(), entries()]),
            all,
        ),
    ] {
        let bytes = u32::try_from(bytes).unwrap();
        Figure {
            goal: "S4",
            name: &format!("state_bytes_{name}"),
            of,
            floor: "",
            value: f64::from(bytes) / f64::from(records),
            unit: "bytes",
            bound: Some(0.0..=200.0),
        }
        .tell();
    }
}

fn main() {
    deltas();
    snapshots();
    memory();
}
