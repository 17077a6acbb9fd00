//! The hub: what is numbered, kept and given again.

use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::Part;
use floorwalker::floor::id::SourceName;
use floorwalker::floor::scheduler::EntryState;
use floorwalker::floor::time::Now;
use floorwalker::relay::hub::{Bounds, Hub, Missed};
use floorwalker::text::Shown;

use crate::support::desk::{self, SOURCES, START, entries_part, entry, queue, up, wall};

fn hub(bounds: Bounds) -> Hub {
    let sources = SOURCES.map(|(name, kind)| (SourceName::new(name), kind));
    Hub::new(sources, Now { moment: START, wall: wall() }, bounds)
}

fn tell(hub: &mut Hub, source: &str, event: SourceEvent) {
    let event = Event::Source { source: SourceName::new(source), event };
    hub.take(Stamped { at: START, event });
}

fn said(text: &str) -> SourceEvent {
    SourceEvent::Said(Shown::clean(text))
}

fn numbers(hub: &Hub, behind: u64) -> Result<Vec<u64>, Missed> {
    Ok(hub.behind(behind)?.map(|fact| fact.seq).collect())
}

#[test]
fn facts_are_numbered_one_by_one_from_the_run() {
    let mut hub = hub(Bounds::STANDARD);
    let run = hub.run();
    assert_eq!(numbers(&hub, run), Ok(vec![]));
    for _ in 0..3 {
        tell(&mut hub, "hq", said("something"));
    }
    assert_eq!(numbers(&hub, run), Ok(vec![run + 1, run + 2, run + 3]));
    assert_eq!(numbers(&hub, run + 2), Ok(vec![run + 3]));
    assert_eq!(numbers(&hub, run + 3), Ok(vec![]));
}

#[test]
fn a_tick_and_an_unknown_source_have_no_number() {
    let mut hub = hub(Bounds::STANDARD);
    tell(&mut hub, "nowhere", said("something"));
    let now = Now { moment: START, wall: wall() };
    hub.take(Stamped { at: START, event: Event::Tick(now) });
    assert_eq!(hub.seq(), hub.run());
}

#[test]
fn what_the_ring_has_lost_is_missed_not_skipped() {
    let mut hub = hub(Bounds { facts: 2, ..Bounds::STANDARD });
    let run = hub.run();
    for _ in 0..5 {
        tell(&mut hub, "hq", said("something"));
    }
    assert_eq!(numbers(&hub, run + 2), Err(Missed { seq: run + 5 }));
    assert_eq!(numbers(&hub, run + 3), Ok(vec![run + 4, run + 5]));
}

#[test]
fn bytes_bound_the_ring_but_the_last_fact_stays() {
    let mut hub = hub(Bounds { bytes: 10, ..Bounds::STANDARD });
    let run = hub.run();
    tell(&mut hub, "hq", said("something"));
    tell(&mut hub, "hq", said("something else"));
    assert_eq!(numbers(&hub, run + 1), Ok(vec![run + 2]));
    assert_eq!(numbers(&hub, run), Err(Missed { seq: run + 2 }));
}

#[test]
fn a_number_of_another_run_is_missed() {
    let hub = hub(Bounds::STANDARD);
    let missed = Missed { seq: hub.run() };
    assert_eq!(numbers(&hub, hub.run() + 1), Err(missed), "from the future");
    assert_eq!(numbers(&hub, hub.run() - 1), Err(missed), "of an earlier run");
    assert_eq!(numbers(&hub, 0), Err(missed));
}

#[test]
fn numbers_of_people_are_masked_for_who_may_not_see_them_and_a_queue_keeps_its_own() {
    let mut hub = hub(Bounds::STANDARD);
    let own = Some(Shown::clean("+44 20 7946 0121"));
    let sales = floorwalker::floor::queue::Queue { number: own, ..queue("21", "Sales") };
    tell(&mut hub, "hq", SourceEvent::Snapshot(Part::Queues(vec![sales])));
    let planned = entries_part(vec![entry("e1", EntryState::Scheduled)]);
    tell(&mut hub, "nimbus", SourceEvent::Snapshot(planned));
    tell(&mut hub, "hq", said("no answer to +358 40 123 4567"));
    let texts = |numbers| -> String {
        let facts = hub.behind(hub.run()).unwrap();
        facts.map(|fact| String::from_utf8(fact.text(numbers).to_vec()).unwrap()).collect()
    };
    for (number, masked) in [("+44 20 7946 0112", "+442…12"), ("+358 40 123 4567", "+358…67")] {
        assert!(texts(true).contains(number) && !texts(true).contains(masked));
        assert!(texts(false).contains(masked) && !texts(false).contains(number));
    }
    assert!(texts(false).contains("+44 20 7946 0121"), "the queue's own number");
}

#[test]
fn a_source_is_silent_until_each_of_its_polls_was_answered_or_refused() {
    let mut hub = hub(Bounds::STANDARD);
    assert_eq!(hub.silent().len(), SOURCES.len());
    for (source, _) in SOURCES.iter().skip(1) {
        tell(&mut hub, source, SourceEvent::Link(up("queues")));
    }
    assert_eq!(hub.silent(), [&SourceName::new("hq")]);
    let new = |name: &str| floorwalker::floor::link::Feed {
        health: floorwalker::floor::link::Health::Connecting,
        last_update: None,
        ..up(name)
    };
    tell(&mut hub, "hq", SourceEvent::Link(new("queues")));
    assert_eq!(hub.silent().len(), 1, "tried is not answered");
    tell(&mut hub, "hq", SourceEvent::Link(desk::down("queues", "connection refused")));
    assert!(hub.silent().is_empty(), "known to be down");
}
