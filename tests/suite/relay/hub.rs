//! The hub: what is numbered, kept and given again.

use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::id::SourceName;
use floorwalker::floor::scheduler::EntryState;
use floorwalker::floor::time::Moment;
use floorwalker::floor::time::Now;
use floorwalker::floor::{Part, World};
use floorwalker::keymap::Keymap;
use floorwalker::operations::Access;
use floorwalker::relay::hub::{Bounds, Hub, Missed};
use floorwalker::source::enreach::events::NAMES;
use floorwalker::source::enreach::events::map::Mapper;
use floorwalker::state::State;
use floorwalker::text::Shown;
use proptest::prelude::*;

use crate::laws::events::some as some_events;
use crate::support::desk::{self, SOURCES, START, entries_part, entry, queue, queues, up, wall};
use crate::support::enreach;

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
    Ok(hub.view().behind(behind)?.map(|fact| fact.seq).collect())
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
        let view = hub.view();
        let facts = view.behind(hub.run()).unwrap();
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
    assert_eq!(hub.view().silent().len(), SOURCES.len());
    for (source, _) in SOURCES.iter().skip(1) {
        tell(&mut hub, source, SourceEvent::Link(up("queues")));
    }
    assert_eq!(hub.view().silent(), [&SourceName::new("hq")]);
    let new = |name: &str| floorwalker::floor::link::Feed {
        health: floorwalker::floor::link::Health::Connecting,
        last_update: None,
        ..up(name)
    };
    tell(&mut hub, "hq", SourceEvent::Link(new("queues")));
    assert_eq!(hub.view().silent().len(), 1, "tried is not answered");
    tell(&mut hub, "hq", SourceEvent::Link(desk::down("queues", "connection refused")));
    assert!(hub.view().silent().is_empty(), "known to be down");
}

#[test]
fn s8_a_view_stays_as_it_was_published_while_the_writer_goes_on() {
    let mut hub = hub(Bounds::STANDARD);
    let views = hub.views();
    let now = Now { moment: START, wall: wall() };
    tell(&mut hub, "hq", SourceEvent::Snapshot(Part::Queues(queues())));
    assert!(hub.has_news() && views.borrow().seq() == hub.run(), "not published yet");
    hub.publish();
    let view = views.borrow().clone();
    assert!(!hub.has_news());
    let before = view.snapshot(now).parts;
    for number in 0..600 {
        tell(&mut hub, "hq", SourceEvent::Snapshot(Part::Queues(vec![queue("21", "Sales")])));
        tell(&mut hub, "hq", said(&number.to_string()));
    }
    hub.publish();
    assert_eq!(view.snapshot(now).parts, before);
    assert_eq!(view.behind(hub.run()).unwrap().count(), 1);
    assert_eq!(views.borrow().behind(hub.run()).unwrap().count(), 1_201);
}

#[test]
fn s8_what_changes_nothing_is_not_published() {
    let mut hub = hub(Bounds::STANDARD);
    hub.publish();
    let now = Now { moment: START, wall: wall() };
    hub.take(Stamped { at: START, event: Event::Tick(now) });
    assert!(!hub.has_news());
    tell(&mut hub, "hq", said("something"));
    assert!(hub.has_news());
}

#[test]
fn s8_a_published_view_shares_the_rows_that_did_not_change() {
    let mut hub = hub(Bounds::STANDARD);
    tell(&mut hub, "hq", SourceEvent::Snapshot(Part::Queues(queues())));
    let hq = SourceName::new("hq");
    let now = Now { moment: START, wall: wall() };
    let before = hub.view().snapshot(now).parts.remove(&hq).unwrap();
    let id = before.queues.keys().next().unwrap().clone();
    let figures = Box::new(floorwalker::floor::queue::Figures {
        waiting: Some(77),
        ..floorwalker::floor::queue::Figures::default()
    });
    let delta = floorwalker::floor::Delta::Figures { queue: id.clone(), at: START, figures };
    tell(&mut hub, "hq", SourceEvent::Delta(delta));
    let after = hub.view().snapshot(now).parts.remove(&hq).unwrap();
    let copied: Vec<_> = after
        .queues
        .iter()
        .filter(|(id, row)| !before.queues.get(*id).is_some_and(|own| std::ptr::eq(own, *row)))
        .map(|(id, _)| id.clone())
        .collect();
    assert_eq!(copied, [id]);
}

/// A board that is told every fact, and nothing else.
struct Told {
    hub: Hub,
    state: State,
    seq: u64,
}

impl Told {
    fn begin() -> Self {
        let now = Now { moment: START, wall: wall() };
        let sources = SOURCES.map(|(name, kind)| (SourceName::new(name), kind));
        let access = Access::ReadOnly;
        let state = State::new(sources, access, Keymap::standard(access), now);
        let hub = hub(Bounds::STANDARD);
        Self { seq: hub.run(), hub, state }
    }

    /// Tells the hub, and the board what the hub tells of it. Returns that.
    fn take(&mut self, fact: Stamped) -> Option<Stamped> {
        self.hub.take(fact);
        let mut last = None;
        for fact in self.hub.view().behind(self.seq).unwrap() {
            let text = String::from_utf8(fact.text(true).to_vec()).unwrap();
            let json = text.split_once("data: ").unwrap().1;
            let told: Stamped = serde_json::from_str(json).unwrap();
            self.state.apply(told.clone());
            (self.seq, last) = (fact.seq, Some(told));
        }
        last
    }

    fn read(&mut self, source: &str, part: Part, at: Moment) -> SourceEvent {
        let event = SourceEvent::Snapshot(part);
        let event = Event::Source { source: SourceName::new(source), event };
        match self.take(Stamped { at, event }).unwrap().event {
            Event::Source { event, .. } => event,
            other => panic!("{other:?}"),
        }
    }

    fn is_same(&self) -> bool {
        let there = self.hub.view().snapshot(self.state.now).parts;
        let here = self.state.floor.worlds().map(|(name, world)| (name.clone(), world.clone()));
        there == here.collect()
    }
}

fn size(event: &SourceEvent) -> usize {
    serde_json::to_string(event).unwrap().len()
}

fn later(rows: Vec<floorwalker::floor::queue::Queue>, seconds: u64) -> (Part, Moment) {
    let at = Moment::from_millis(START.as_millis() + seconds * 1_000);
    let rows = rows.into_iter().map(|row| floorwalker::floor::queue::Queue { updated: at, ..row });
    (Part::Queues(rows.collect()), at)
}

#[test]
fn a_reading_that_finds_the_same_says_only_when_it_was_found() {
    let mut told = Told::begin();
    for (seconds, most) in [(0, usize::MAX), (5, 120), (10, 120)] {
        let (part, at) = later(queues(), seconds);
        let event = told.read("hq", part, at);
        assert!(size(&event) <= most, "{event:?}");
        assert!(told.is_same());
        let rows = &told.state.floor.world(&SourceName::new("hq")).unwrap().queues;
        assert!(rows.values().all(|row| row.updated == at), "all are as old as the reading");
    }
}

#[test]
fn a_reading_tells_the_rows_that_differ_and_those_that_are_gone() {
    let mut told = Told::begin();
    let (part, at) = later(queues(), 0);
    told.read("hq", part, at);
    let mut rows = queues();
    let (gone, changed) = (rows.remove(0), rows[0].id.clone());
    rows[0].figures.waiting = Some(77);
    let (part, at) = later(rows, 5);
    let event = told.read("hq", part, at);
    let text = serde_json::to_string(&event).unwrap();
    assert!(matches!(event, SourceEvent::Reread(_)), "{event:?}");
    assert!(text.contains("77") && text.contains(&format!("\"gone\":[\"{}\"]", gone.id.raw())));
    let named: Vec<_> =
        queues().into_iter().filter(|row| text.contains(row.name.as_str())).collect();
    assert_eq!(named.iter().map(|row| &row.id).collect::<Vec<_>>(), [&changed], "{text}");
    assert!(told.is_same());
}

#[test]
fn readings_between_events_are_told_exactly() {
    let mut told = Told::begin();
    let mapper = Mapper::new(&enreach::settings());
    let world: World = enreach::queues_read(Moment::default());
    let rows: Vec<_> = world.queues.into_values().collect();
    for (number, name) in NAMES.iter().enumerate() {
        let (part, at) = later(rows.clone(), number as u64);
        let event = told.read("helsinki", part, at);
        // The first is whole, and so is one that takes back a queue's new name: people sit in it.
        let whole = number == 0 || NAMES[number - 1] == "QueueChanged";
        assert_eq!(whole, matches!(event, SourceEvent::Snapshot(_)), "before {name}");
        assert!(told.is_same(), "before {name}");
        let now = Now { moment: at, wall: wall() };
        let event = enreach::with(name, &serde_json::json!({ "Timestamp": now.wall.to_rfc3339() }));
        for news in mapper.news(&enreach::read(&event), &now) {
            let event = Event::Source { source: SourceName::new("helsinki"), event: news };
            told.take(Stamped { at, event });
        }
        assert!(told.is_same(), "{name}");
    }
}

proptest! {
    #[test]
    fn whoever_is_told_every_fact_knows_what_the_hub_knows(all in some_events()) {
        let mut told = Told::begin();
        for fact in all {
            if let Event::Source { .. } = fact.event {
                told.take(fact);
            }
        }
        prop_assert!(told.is_same());
    }
}
