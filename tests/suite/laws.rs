//! Laws of the state: what holds whatever the sources tell, and in whatever order.

use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::agent::AgentState;
use floorwalker::floor::id::{EntryId, QueueId, SourceName};
use floorwalker::floor::link::{Feed, Health, Link};
use floorwalker::floor::queue::{Figures, Queue};
use floorwalker::floor::time::Moment;
use floorwalker::floor::{Delta, Kind, Part, World};
use floorwalker::operations::Access;
use floorwalker::table::{RowId, TableId, View};
use floorwalker::text::Shown;
use proptest::prelude::*;

use crate::support::cases;
use crate::support::desk::{
    self, Desk, START, agent, down, entries_part, later, list, member, moved, queue, up,
};

pub mod events;

fn world_of(desk: &Desk) -> &World {
    desk.state.floor.world(&SourceName::new("hq")).unwrap()
}

fn waiting(count: u32) -> Figures {
    Figures { waiting: Some(count), ..Figures::default() }
}

fn told(id: &str, seconds: u64, figures: Figures) -> SourceEvent {
    let figures = Box::new(figures);
    SourceEvent::Delta(Delta::Figures { queue: QueueId::new(id), at: later(seconds), figures })
}

/// A world with these queues.
fn world(queues: Vec<Queue>) -> World {
    let mut world = World::new(Kind::Telepo);
    world.replace(Part::Queues(queues), START);
    world
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn the_same_events_make_the_same_state(all in events::some()) {
        let run = || {
            let mut desk = Desk::open();
            let effects: Vec<_> = all.iter().cloned().map(|one| desk.state.apply(one)).collect();
            format!("{effects:?} {:?}", desk.state)
        };
        prop_assert_eq!(run(), run());
    }

    #[test]
    fn events_that_were_written_down_and_read_back_make_the_same_state(all in events::some()) {
        let (mut live, mut replayed) = (Desk::open(), Desk::open());
        for one in all {
            let line = serde_json::to_string(&one).unwrap();
            let read: Stamped = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(&read, &one, "{}", line);
            prop_assert_eq!(live.state.apply(one), replayed.state.apply(read));
        }
        prop_assert_eq!(format!("{:?}", live.state), format!("{:?}", replayed.state));
    }

    #[test]
    fn a_snapshot_and_its_deltas_are_the_later_snapshot(
        changes in prop::collection::vec((0..3_usize, events::figures(), 0..3_u64), 0..20),
    ) {
        let ids = ["21", "22", "23"];
        let mut followed = world(ids.map(|id| queue(id, "any")).to_vec());
        let mut oracle = ids.map(|id| queue(id, "any"));
        let mut at = 0;
        for (which, figures, step) in changes {
            at += step;
            oracle[which].figures.overlay(&figures);
            oracle[which].updated = later(at);
            let figures = Box::new(figures);
            let queue = QueueId::new(ids[which]);
            let took = followed.apply(Delta::Figures { queue, at: later(at), figures });
            prop_assert!(took, "in order, so all are taken");
        }
        prop_assert_eq!(followed, world(oracle.to_vec()));
    }

    #[test]
    fn after_any_disorder_one_reading_sets_everything_right(all in events::of_hq()) {
        let mut desk = Desk::open();
        for event in all {
            desk.tell("hq", event);
        }
        desk.tell("hq", SourceEvent::Snapshot(Part::Queues(desk::queues())));
        desk.tell("hq", SourceEvent::Snapshot(Part::Agents(desk::agents())));
        let clean = Desk::open();
        prop_assert_eq!(&world_of(&desk).queues, &world_of(&clean).queues);
        let states = |desk: &Desk| -> Vec<_> {
            let all = world_of(desk).agents.values();
            all.map(|one| (one.key.clone(), one.state.clone(), one.memberships.clone())).collect()
        };
        prop_assert_eq!(states(&desk), states(&clean));
    }

    #[test]
    fn what_is_late_or_early_or_of_nobody_changes_nothing(
        figures in events::figures(), behind in 1..3_600_u64, id in "[0-9a-z]{1,4}",
    ) {
        let mut early = World::new(Kind::Telepo);
        let delta = |id: &str, at| Delta::Figures {
            queue: QueueId::new(id), at, figures: Box::new(figures.clone()),
        };
        prop_assert!(!early.apply(delta("21", START)), "nothing was read yet");
        prop_assert_eq!(&early, &World::new(Kind::Telepo));
        let mut followed = world(desk::queues());
        let before = Moment::from_millis(START.as_millis() - behind);
        prop_assert!(!followed.apply(delta("21", before)), "older than what is known");
        prop_assert!(!followed.apply(delta(&format!("9{id}"), START)), "a queue of nobody");
        prop_assert_eq!(followed, world(desk::queues()));
    }
}

#[test]
fn a_snapshot_twice_changes_nothing() {
    let mut desk = Desk::open();
    let before = desk.state.floor.clone();
    for (source, part) in [
        ("hq", Part::Queues(desk::queues())),
        ("hq", Part::Agents(desk::agents())),
        ("nimbus", entries_part(desk::entries())),
        ("helsinki", Part::CallbackLists(vec![list("901")])),
    ] {
        desk.wait(3);
        desk.tell(source, SourceEvent::Snapshot(part));
    }
    assert_eq!(desk.state.floor, before);
    assert!(desk.state.log.is_empty(), "{:?}", desk.state.log);
}

#[test]
fn a_snapshot_replaces_its_part_and_no_other() {
    let mut desk = Desk::open();
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(vec![queue("99", "Ny")])));
    let world = world_of(&desk);
    assert_eq!(world.queues.keys().map(QueueId::raw).collect::<Vec<_>>(), ["99"]);
    assert_eq!(world.agents.len(), desk::agents().len());
    let helsinki = desk.state.floor.world(&SourceName::new("helsinki")).unwrap();
    assert_eq!((helsinki.queues.len(), helsinki.lists.len()), (1, 1));
}

#[test]
fn the_entries_of_one_feed_leave_those_of_another_alone() {
    let mut desk = Desk::open();
    let feed = floorwalker::floor::id::FeedName::new("entries other@contoso.example");
    let other = floorwalker::floor::scheduler::Entry {
        feed: feed.clone(),
        ..desk::entry("x1", floorwalker::floor::scheduler::EntryState::Scheduled)
    };
    desk.tell("nimbus", SourceEvent::Snapshot(Part::Entries { feed, rows: vec![other] }));
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(Vec::new())));
    let world = desk.state.floor.world(&SourceName::new("nimbus")).unwrap();
    assert_eq!(world.entries.keys().map(EntryId::raw).collect::<Vec<_>>(), ["x1"]);
}

#[test]
fn a_delta_tells_what_it_tells_and_leaves_the_rest() {
    let mut desk = Desk::open();
    desk.tell("hq", told("21", 1, waiting(9)));
    let row = &world_of(&desk).queues[&QueueId::new("21")];
    assert_eq!(row.figures.waiting, Some(9));
    assert_eq!(row.figures.longest_wait_s, Some(20), "not told, so it stays");
    assert_eq!(row.updated, later(1));
}

#[test]
fn a_queue_of_the_stream_is_added_but_never_replaces_a_newer_one() {
    let mut desk = Desk::open();
    let row = |id, updated| Queue { updated, figures: waiting(7), ..queue(id, "Stream") };
    desk.tell("hq", SourceEvent::Delta(Delta::Queue(Box::new(row("77", START)))));
    let before = Moment::from_millis(START.as_millis() - 1);
    desk.tell("hq", SourceEvent::Delta(Delta::Queue(Box::new(row("21", before)))));
    assert_eq!(world_of(&desk).queues[&QueueId::new("77")].figures.waiting, Some(7));
    assert_eq!(world_of(&desk).queues[&QueueId::new("21")].figures.waiting, Some(4));
}

#[test]
fn since_is_told_only_after_a_change_was_seen() {
    let mut desk = Desk::open();
    let since = |desk: &Desk| {
        let id = desk::person("anna");
        let page = TableId::Agents.page(&desk.state.context(), &[id]);
        let column = TableId::Agents.columns().iter().position(|head| head.name == "since");
        page[0].cells[column.unwrap()].text.clone()
    };
    assert_eq!(since(&desk), "–", "the first reading is no change");
    desk.wait(10);
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(desk::agents())));
    assert_eq!(since(&desk), "–", "the same again is no change");
    desk.tell("hq", moved("anna", "21", Some(false)));
    desk.wait(65);
    let last_update = Some(desk.state.now.moment);
    for feed in ["queues", "agents"] {
        desk.tell("hq", SourceEvent::Link(Feed { last_update, ..desk::up(feed) }));
    }
    assert_eq!(since(&desk), "1m");
    desk.tell("hq", moved("anna", "21", Some(false)));
    assert_eq!(since(&desk), "1m", "a repeated reading does not begin it anew");
}

#[test]
fn a_person_who_was_gone_comes_back_without_a_since() {
    let mut desk = Desk::open();
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(Vec::new())));
    desk.tell("hq", moved("anna", "21", Some(false)));
    let RowId::Agent(_, key) = desk::person("anna") else { panic!() };
    let anna = &world_of(&desk).agents[&key];
    assert_eq!((anna.state.clone(), anna.since), (AgentState::LoggedOut, None));
}

#[test]
fn a_change_of_queue_alone_is_no_change_of_state() {
    let mut desk = Desk::open();
    let vaxel = member("21", "Växel", Some(true));
    let with = agent("anna", "Anna Lind", vec![vaxel, member("22", "Support", Some(true))]);
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(vec![with])));
    assert!(world_of(&desk).agents.values().all(|agent| agent.since.is_none()));
}

#[test]
fn a_link_that_is_down_deletes_no_rows_and_dims_them() {
    let mut desk = Desk::open();
    let all = [TableId::Queues, TableId::Agents, TableId::CallbackLists, TableId::Entries];
    let orders = |desk: &Desk| {
        all.map(|table| table.order(&desk.state.context(), &View::default())).to_vec()
    };
    let before = orders(&desk);
    let errors = [
        ("hq", down("queues", "refused")),
        ("hq", down("agents", "refused")),
        ("helsinki", down("queues", "no route")),
        ("nimbus", unauthorized("entries")),
    ];
    for (source, feed) in errors {
        desk.tell(source, SourceEvent::Link(feed));
        desk.tell(source, SourceEvent::Gap(Shown::clean("lag")));
    }
    desk.wait(90_000);
    assert_eq!(orders(&desk), before, "a day later everything is still there");
    for (table, ids) in all.into_iter().zip(before) {
        for row in table.page(&desk.state.context(), &ids) {
            assert!(!row.fresh, "{:?} is shown as new", row.id);
            assert!(row.updated.is_some(), "{:?} says no age", row.id);
        }
    }
}

fn unauthorized(name: &str) -> floorwalker::floor::link::Feed {
    let health = Health::Unauthorized { error: Shown::clean("token expired"), retry_at: None };
    floorwalker::floor::link::Feed { health, ..up(name) }
}

#[test]
fn a_part_older_than_its_limit_is_stale_to_the_millisecond() {
    let mut desk = Desk::open();
    let link = |desk: &Desk| world_of(desk).link(&desk.state.now);
    desk.wait(30);
    assert_eq!(link(&desk), Link::Polling);
    let moment = Moment::from_millis(later(30).as_millis() + 1);
    let wall = desk.state.now.wall_of(moment);
    desk.event(Event::Tick(floorwalker::floor::time::Now { moment, wall }));
    assert_eq!(link(&desk), Link::Stale);
}

#[test]
fn a_calendar_clock_that_jumps_changes_no_age() {
    let mut desk = Desk::open();
    desk.wait(5);
    let moment = desk.state.now.moment;
    for hours in [-1, 1, 24 * 365 * 50] {
        let wall = desk::wall() + chrono::TimeDelta::hours(hours);
        desk.event(Event::Tick(floorwalker::floor::time::Now { moment, wall }));
        assert_eq!(desk.state.now.age(START).as_secs(), 5);
        assert_eq!(world_of(&desk).link(&desk.state.now), Link::Polling);
    }
}

#[test]
fn a_source_that_is_not_configured_is_not_listened_to() {
    let mut desk = Desk::silent(Access::Full);
    let before = desk.state.floor.clone();
    desk.tell("nobody", SourceEvent::Snapshot(Part::Queues(desk::queues())));
    assert_eq!(desk.state.floor, before);
}

#[test]
fn what_is_not_known_is_counted_and_named_in_the_log() {
    let mut desk = Desk::open();
    for count in [2, u64::MAX] {
        let what = Shown::clean("QueueStats.mood");
        desk.tell("hq", SourceEvent::Unknown { what, count });
    }
    assert_eq!(world_of(&desk).unknown_fields, u64::MAX, "it does not run over");
    assert!(desk.state.log[0].text.contains("QueueStats.mood"));
}
