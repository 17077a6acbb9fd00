//! Laws of events: order and repetition change nothing of what they come to.

use std::collections::BTreeSet;

use floorwalker::event::SourceEvent;
use floorwalker::floor::{Delta, Kind, World};
use floorwalker::source::nimbus::events::decode;
use floorwalker::source::nimbus::events::map::Mapper;
use floorwalker::transport::lenient::Tally;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::cases;
use crate::support::fixtures;
use crate::support::nimbus::{Floor, at, entry_fields, event, read, settings};
use crate::support::spoilt;

const WORDS: [&str; 12] = [
    "New task",
    "System accepted",
    "Queued",
    "User connected",
    "On hold",
    "Resumed",
    "Parked",
    "Unparked",
    "Task updated",
    "Transferred",
    "Task terminated",
    "Beep",
];

/// An event of one of a few tasks, at some second.
fn told() -> impl Strategy<Value = (u64, Value)> {
    let facts = (0..3_u8, prop::option::of(0..2_u8), any::<bool>());
    (0..4_000_u64, 0..WORDS.len(), facts).prop_map(|(second, word, (task, agent, over))| {
        let mut more = json!({});
        if let Some(agent) = agent {
            more["LastConnectedUserUPN"] = json!(format!("user-{agent}@x.example"));
        }
        if over && word == 10 {
            more["terminated"] = json!((at(second).wall).to_rfc3339());
        }
        (second, event(&format!("task-{task}"), WORDS[word], &more))
    })
}

/// The changes that events mean which arrived in this order.
fn deltas(events: &[(u64, Value)]) -> Vec<Delta> {
    let mapper = Mapper::new(&settings());
    let mut tally = Tally::default();
    let mut all = Vec::new();
    for (second, event) in events {
        let event = read(event, &mut tally).unwrap();
        for news in mapper.news(&event, &at(*second), &mut tally) {
            if let SourceEvent::Delta(delta) = news {
                all.push(delta);
            }
        }
    }
    all
}

fn world(deltas: impl IntoIterator<Item = Delta>) -> World {
    let mut world = World::new(Kind::Nimbus);
    for delta in deltas {
        world.apply(delta);
    }
    world
}

proptest! {
    #![proptest_config(cases(256))]

    /// What was stored with its time of arrival is told again in any order and any number of times: after a restart,
    /// by a relay, from a recording.
    #[test]
    fn in_any_order_and_any_number_of_times_it_is_the_same_floor(
        events in prop::collection::vec(told(), 0..50),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..100),
    ) {
        // Of two events of one time the one that arrived last counts: the order of those is no accident.
        let times: BTreeSet<u64> = events.iter().map(|(second, _)| *second).collect();
        prop_assume!(times.len() == events.len());
        let once = deltas(&events);
        let mut shuffled = once.clone();
        shuffled.reverse();
        if !once.is_empty() {
            for index in &order {
                let delta = index.get(&once).clone();
                shuffled.insert(index.index(shuffled.len()), delta);
            }
        }
        let (mut one, mut other) = (world(once), world(shuffled));
        prop_assert_eq!(&one.tasks, &other.tasks);
        one.tick(at(4_000).moment);
        other.tick(at(4_000).moment);
        prop_assert_eq!(one, other);
    }

    /// A life of which every step is told once, on ways of different length.
    #[test]
    fn steps_that_overtake_each_other_come_to_the_same_end(
        order in Just(vec![0_usize, 2, 3, 4]).prop_shuffle(), steps in 1..=4_usize,
    ) {
        let mut floor = Floor::default();
        let latest = order.iter().take(steps).max().copied().unwrap_or(0);
        for (second, index) in order.iter().take(steps).enumerate() {
            floor.say(second as u64, "t", WORDS[*index]);
        }
        let mut straight = Floor::default();
        straight.say(0, "t", WORDS[latest]);
        let phase = |floor: &Floor| floor.world.tasks.get(&"t".into()).unwrap().phase;
        prop_assert_eq!(phase(&floor), phase(&straight));
    }

    #[test]
    fn bytes_that_are_no_event_change_nothing_and_stop_nothing(
        which in 0..5_usize,
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let tasks = fixtures::json("nimbus/task_events");
        let event = tasks.get(which).cloned().unwrap_or_else(|| fixtures::json("nimbus/entry_event"));
        let mut body = event.to_string().into_bytes();
        for (place, byte) in cuts {
            let place = place.index(body.len());
            body[place] = byte;
        }
        let mut floor = Floor::default();
        if let Ok(event) = decode(&body, &mut Tally::default()) {
            for news in floor.mapper.news(&event, &at(9), &mut Tally::default()) {
                if let SourceEvent::Delta(delta) = news {
                    floor.world.apply(delta);
                }
            }
        }
        floor.tick(90_000);
    }
}

/// The fields that each property of an event of a task stands for.
fn others(property: &str) -> &'static [&'static str] {
    match property.to_lowercase().as_str() {
        "event" => &["word", "report"],
        "created" | "terminated" => &["created", "terminated", "over", "report"],
        "direction"
        | "callerupn"
        | "destinationupn"
        | "callertelnumber"
        | "destinationtelnumber" => &["direction", "party", "customer", "report"],
        "serviceupn" | "serviceid" => &["service", "report"],
        "servicename" | "servicedisplayname" => &["service_name", "report"],
        "servicetelnumber" => &["service_number", "report"],
        "lastconnecteduserupn" | "lastconnecteduseremail" | "lastconnecteduserid" => {
            &["agent", "agent_name", "report"]
        }
        "initialmessage" => &["message", "report"],
        "emailsubject" => &["subject", "report"],
        "outboundattempt" => &["attempts", "report"],
        "referenceid" => &["reference", "report"],
        "callchainid" => &["chain", "report"],
        "updatedparametername" | "updatedparametervalue" => &["parameter", "report"],
        "customeridentifier" => &["customer", "report"],
        within if within.starts_with("taskinformation") => &["customer", "report"],
        _ => &["report"],
    }
}

#[test]
fn a_property_that_cannot_be_read_costs_itself_alone() {
    let events = fixtures::json("nimbus/task_events");
    for whole in events.as_array().unwrap() {
        let event = read(whole, &mut Tally::default()).unwrap();
        spoilt::each(whole, |property, text| {
            // Which task it is nothing else says.
            if property.eq_ignore_ascii_case("taskId") {
                return;
            }
            let spoilt = decode(text.as_bytes(), &mut Tally::default());
            let spoilt = spoilt.unwrap_or_else(|error| panic!("{property}: {error}: {text}"));
            spoilt::assert_alike(&event, &spoilt, property, others(property));
        });
    }
}

#[test]
fn an_event_of_an_entry_that_has_a_bad_property_loses_nothing_else() {
    let whole = fixtures::json("nimbus/entry_event");
    let told = |text: &str| {
        let (mut floor, mut tally) = (Floor::default(), Tally::default());
        let event = decode(text.as_bytes(), &mut tally).unwrap();
        for news in floor.mapper.news(&event, &at(9), &mut tally) {
            if let SourceEvent::Delta(delta) = news {
                floor.world.apply(delta);
            }
        }
        floor.world.entries.into_values().collect::<Vec<_>>()
    };
    let read = told(&whole.to_string());
    assert_eq!(read.len(), 1);
    spoilt::each(&whole, |property, text| {
        // Another id is another entry.
        if property == "schedulerEntryId" {
            return;
        }
        spoilt::assert_alike(&read, &told(text), property, entry_fields(property));
    });
}

#[test]
fn a_task_is_the_same_in_every_form_of_its_guid_and_is_asked_for_by_its_own() {
    let mut floor = Floor::default();
    floor.say(0, "{7D0C2F44-5A11-4F0E-9D36-0C5E3A9BC001}", "Queued");
    floor.say(1, "7d0c2f44-5a11-4f0e-9d36-0c5e3a9bc001", "User accepted");
    floor.say(2, "7D0C2F445A114F0E9D360C5E3A9BC001", "On hold");
    let tasks: Vec<_> = floor.world.tasks.values().collect();
    let [task] = &tasks[..] else { panic!("{tasks:?}") };
    assert_eq!(task.phase, Some(floorwalker::floor::call::Phase::Held));
    assert_eq!(task.id.raw(), "{7D0C2F44-5A11-4F0E-9D36-0C5E3A9BC001}");
}
