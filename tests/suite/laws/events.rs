//! Events of every kind, at random.

use std::time::Duration;

use floorwalker::event::{Event, Key, Press, SourceEvent, Stamped};
use floorwalker::floor::id::{FeedName, QueueId, SourceName};
use floorwalker::floor::link::{Feed, FeedKind, Health};
use floorwalker::floor::queue::{Figures, Queue, Totals};
use floorwalker::floor::scheduler::EntryState;
use floorwalker::floor::time::{Moment, Now};
use floorwalker::floor::{Delta, Part};
use floorwalker::operations::{CommandId, Outcome};
use floorwalker::text::Shown;
use proptest::prelude::*;

use crate::support::desk::{self, agent, entries_part, entry, list, member, queue};

fn shown() -> impl Strategy<Value = Shown> {
    "\\PC{0,8}|.{0,8}".prop_map(Shown::from)
}

fn near() -> impl Strategy<Value = Moment> {
    (0..7_200_u64).prop_map(|seconds| Moment::from_millis(seconds * 1_000))
}

/// Figures of which some are told.
pub fn figures() -> impl Strategy<Value = Figures> {
    let count = || prop::option::of(any::<u32>());
    let presence = prop::option::of(prop::collection::vec((shown(), any::<u32>()), 0..3));
    // Eighths: JSON keeps them to the last bit.
    let share = prop::option::of((0..800_u32).prop_map(|eighths| f64::from(eighths) / 8.0));
    ([count(), count(), count(), count(), count(), count()], presence, share).prop_map(
        |(
            [waiting, longest_wait_s, agents_free, offered, day, average_wait_s],
            presence,
            share,
        )| {
            Figures {
                waiting,
                longest_wait_s,
                agents_free,
                offered,
                last_24h: Totals { answered: day, ..Totals::default() },
                average_wait_s,
                service_level: share,
                presence,
                ..Figures::default()
            }
        },
    )
}

fn some_queue() -> impl Strategy<Value = Queue> {
    ("2[0-9]", shown(), figures(), near(), prop::option::of(any::<bool>())).prop_map(
        |(id, name, figures, updated, own_login)| Queue {
            figures,
            updated,
            own_login,
            ..queue(&id, &name)
        },
    )
}

fn some_agents() -> impl Strategy<Value = Part> {
    let one = ("anna|bo|cecilia|x", shown(), prop::option::of(any::<bool>()));
    prop::collection::vec(one, 0..4).prop_map(|all| {
        let row = |(user, name, logged_in): (String, Shown, Option<bool>)| {
            agent(&user, &name, vec![member("21", "Växel", logged_in)])
        };
        Part::Agents(all.into_iter().map(row).collect())
    })
}

fn some_entries() -> impl Strategy<Value = Part> {
    let state = prop_oneof![
        Just(EntryState::Scheduled),
        Just(EntryState::InProgress),
        Just(EntryState::Ended),
        shown().prop_map(EntryState::Other),
    ];
    prop::collection::vec(("e[1-4]", state), 0..4).prop_map(|all| {
        entries_part(all.into_iter().map(|(id, state)| entry(&id, state)).collect())
    })
}

fn health() -> impl Strategy<Value = Health> {
    prop_oneof![
        Just(Health::Connecting),
        Just(Health::Up),
        (shown(), any::<u32>(), prop::option::of(near()))
            .prop_map(|(error, attempt, retry_at)| Health::Down { error, attempt, retry_at }),
        (shown(), prop::option::of(near()))
            .prop_map(|(error, retry_at)| Health::Unauthorized { error, retry_at }),
        shown().prop_map(|error| Health::Stopped { error }),
    ]
}

fn feed() -> impl Strategy<Value = Feed> {
    let limit = prop::option::of((0..100_u64).prop_map(Duration::from_secs));
    let name = "queues|agents|stream|entries";
    (name, any::<bool>(), health(), prop::option::of(near()), limit).prop_map(
        |(name, stream, health, last_update, limit)| {
            let kind = if stream { FeedKind::Stream } else { FeedKind::Poll };
            Feed { health, last_update, ..Feed::new(FeedName::new(name), kind, limit) }
        },
    )
}

fn source_event() -> impl Strategy<Value = SourceEvent> {
    prop_oneof![
        feed().prop_map(SourceEvent::Link),
        prop::collection::vec(some_queue(), 0..5)
            .prop_map(|rows| SourceEvent::Snapshot(Part::Queues(rows))),
        some_agents().prop_map(SourceEvent::Snapshot),
        some_entries().prop_map(SourceEvent::Snapshot),
        Just(SourceEvent::Snapshot(Part::CallbackLists(vec![list("901"), list("902")]))),
        ("2[0-9]", near(), figures()).prop_map(|(id, at, figures)| {
            let figures = Box::new(figures);
            SourceEvent::Delta(Delta::Figures { queue: QueueId::new(id), at, figures })
        }),
        some_queue().prop_map(|row| SourceEvent::Delta(Delta::Queue(Box::new(row)))),
        shown().prop_map(SourceEvent::Gap),
        (shown(), any::<u64>()).prop_map(|(what, count)| SourceEvent::Unknown { what, count }),
    ]
}

fn press() -> impl Strategy<Value = Press> {
    let key = prop_oneof![
        8 => prop::sample::select(vec![
            'j', 'k', 'g', 'G', 'o', 'i', 'd', 'y', 'n', '/', 's', 'S', '?', '1', '2', '7', 'r', 'q',
        ])
        .prop_map(Key::Char),
        4 => prop::sample::select(vec![
            Key::Enter, Key::Esc, Key::Tab, Key::BackTab, Key::Down, Key::Up, Key::PageDown,
            Key::Backspace, Key::F(2),
        ]),
        1 => any::<char>().prop_map(Key::Char),
    ];
    (key, prop::bool::weighted(0.1), prop::bool::weighted(0.05))
        .prop_map(|(key, ctrl, alt)| Press { key, ctrl, alt })
}

fn event() -> impl Strategy<Value = Event> {
    let source = prop::sample::select(vec!["hq", "oslo", "helsinki", "nimbus", "nobody"]);
    let outcome = prop_oneof![
        Just(Outcome::Done),
        shown().prop_map(Outcome::Refused),
        shown().prop_map(Outcome::Outdated),
        shown().prop_map(Outcome::Failed),
        shown().prop_map(Outcome::Unknown),
    ];
    prop_oneof![
        4 => (source, source_event()).prop_map(|(source, event)| {
            Event::Source { source: SourceName::new(source), event }
        }),
        6 => press().prop_map(Event::Key),
        1 => ".{0,9}".prop_map(Event::Paste),
        1 => (any::<u16>(), any::<u16>())
            .prop_map(|(width, height)| Event::Resize { width, height }),
        1 => near().prop_map(|moment| Event::Tick(Now { moment, wall: desk::wall() })),
        1 => (0..4_u64, outcome)
            .prop_map(|(id, outcome)| Event::Finished { id: CommandId(id), outcome }),
    ]
}

/// A stretch of the day.
pub fn some() -> impl Strategy<Value = Vec<Stamped>> {
    let one = (near(), event()).prop_map(|(at, event)| Stamped { at, event });
    prop::collection::vec(one, 0..40)
}

/// What one source may tell, in no order.
pub fn of_hq() -> impl Strategy<Value = Vec<SourceEvent>> {
    prop::collection::vec(source_event(), 0..30)
}
