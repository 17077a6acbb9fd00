//! Laws of the events: order, repetition and nonsense change nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use floorwalker::floor::agent::Agent;
use floorwalker::floor::call::Call;
use floorwalker::floor::time::{Moment, Now};
use floorwalker::floor::{Part, World};
use floorwalker::source::enreach::events::{Event, NAMES, decode};
use floorwalker::transport::lenient::Tally;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::cases;
use crate::support::enreach::{AINO, CALL, Desk, QUEUE, bytes, decoded, now, value, with};
use crate::support::spoilt;

/// One of the eighty at some second, about one of a few calls, people, queues and requests.
fn event() -> impl Strategy<Value = Event> {
    let who = (0..3_u8, 0..2_u8, 0..2_u8, 0..2_u8);
    let flags = (any::<bool>(), any::<bool>(), 0..4_u32, 0..4_u32);
    (prop::sample::select(NAMES.to_vec()), 0..40_000_u32, who, flags, any::<u32>()).prop_map(
        |(name, millis, (call, user, queue, callback), (yes, other, few, leg_of), id)| {
            let mut value = value(name);
            let mut set = |key: &str, new: Value| {
                if value.get(key).is_some() {
                    value[key] = new;
                }
            };
            set("CallId", json!(format!("call-{call}")));
            set("UserId", json!(format!("user-{user}")));
            set("UserName", json!(format!("User {user}")));
            set("Username", json!(format!("User {user}")));
            set("QueueId", if queue == 0 { json!(QUEUE) } else { json!("other") });
            // The last is none; an agent's end has the name of another.
            let legs = ["leg-1", "leg-2", "leg-3"].map(|leg| json!(leg));
            let leg = |index: u32| legs.get(index as usize).cloned().unwrap_or(json!(null));
            set("AgentLegId", leg(few));
            set("SupervisorLegId", leg(few + 1));
            set("LegId", leg(leg_of));
            set("Reason", json!(if yes { "remote" } else { "local" }));
            set("CallBackId", json!(format!("callback-{callback}")));
            for key in ["Talking", "Serving", "Active"] {
                set(key, json!(yes));
            }
            for key in ["CanBeAllocatedTo", "Deleted", "IsClosed", "FetchMode"] {
                set(key, json!(other));
            }
            set("NbrOfQueuingRequesters", json!(few));
            set("State", json!(few));
            set("Publicity", json!(few % 2));
            value["Id"] = json!(format!("{name}-{millis}-{id}"));
            value["Timestamp"] =
                json!(format!("2026-03-12T14:30:{:02}.{:03}Z", millis / 1_000, millis % 1_000));
            decoded(&value, &mut Tally::default()).unwrap()
        },
    )
}

fn world(events: &[&Event]) -> World {
    let mut desk = Desk::open();
    for event in events {
        desk.take(event);
    }
    desk.world
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn in_any_order_and_any_number_of_times_it_is_the_same_floor(
        events in prop::collection::vec(event(), 0..60),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..120),
        seed in any::<u64>(),
    ) {
        // Of two events of one time the one that arrived last counts: the order of those is no accident.
        let times: BTreeSet<DateTime<Utc>> = events.iter().map(|event| event.at).collect();
        prop_assume!(times.len() == events.len());
        let mut in_order: Vec<&Event> = events.iter().collect();
        in_order.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let mut shuffled: Vec<&Event> = events.iter().collect();
        shuffled.sort_by_key(|event| event.id.bytes().fold(seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }));
        if !events.is_empty() {
            for index in &order {
                let event = index.get(&events);
                shuffled.insert(index.index(shuffled.len()), event);
            }
        }
        let (one, other) = (world(&in_order), world(&shuffled));
        prop_assert_eq!(&one.queues, &other.queues);
        prop_assert_eq!(&one.agents, &other.agents);
        prop_assert_eq!(&one.calls, &other.calls);
        prop_assert_eq!(&one.callbacks, &other.callbacks);
        prop_assert_eq!(one, other);
    }

    #[test]
    fn a_world_is_made_anew_from_its_parts_also_when_they_were_written_down(
        events in prop::collection::vec(event(), 0..40),
    ) {
        let told = world(&events.iter().collect::<Vec<_>>());
        let mut anew = World::new(told.kind);
        for part in told.parts() {
            let line = serde_json::to_string(&part).unwrap();
            anew.replace(serde_json::from_str::<Part>(&line).unwrap(), Moment::from_millis(1_000));
        }
        prop_assert_eq!(anew, told);
    }

    #[test]
    fn bytes_that_are_no_event_change_nothing_and_stop_nothing(
        name in prop::sample::select(NAMES.to_vec()),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut body = bytes(name);
        for (place, byte) in cuts {
            let place = place.index(body.len());
            body[place] = byte;
        }
        let mut desk = Desk::open();
        if let Ok(event) = decode(&body, now().wall, &mut Tally::default()) {
            desk.take(&event);
        }
        desk.world.tick(desk.now.moment);
    }

    #[test]
    fn a_property_may_hold_anything(
        name in prop::sample::select(NAMES.to_vec()), which in any::<prop::sample::Index>(),
        thing in prop::sample::select(vec![
            json!(null), json!(true), json!(-1), json!(1e300), json!(u64::MAX), json!(""), json!("\u{202e}x"),
            json!([]), json!([null, 1, {}]), json!({}), json!({"a": {"b": []}}), json!("9999-12-31T23:59:59"),
        ]),
    ) {
        let mut value = value(name);
        let keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        value[which.get(&keys)] = thing;
        let mut desk = Desk::open();
        if let Ok(event) = decoded(&value, &mut Tally::default()) {
            desk.take(&event);
            desk.take(&event);
        }
    }
}

/// The fields of an event that are called otherwise than its properties.
fn others(property: &str) -> &'static [&'static str] {
    match property {
        "Timestamp" => &["at", "is_timed", "has_zone"],
        "MessageTTLSeconds" => &["ttl"],
        "OrganizationId" => &["organization"],
        _ => &[],
    }
}

#[test]
fn a_property_that_cannot_be_read_costs_itself_alone() {
    for name in NAMES {
        let whole = value(name);
        let read = decoded(&whole, &mut Tally::default()).unwrap();
        spoilt::each(&whole, |property, text| {
            let event = decode(text.as_bytes(), now().wall, &mut Tally::default());
            // Which event it is nothing else says.
            if property == "EventType" {
                return;
            }
            let event = event.unwrap_or_else(|error| panic!("{name}.{property}: {error}: {text}"));
            spoilt::assert_alike(&read, &event, property, others(property));
        });
    }
}

#[test]
fn items_of_a_list_that_cannot_be_read_cost_themselves_alone() {
    let whole = json!({
        "UserId": AINO, "Active": true, "Priority": 2, "Timestamp": "2026-03-12T14:00:00Z", "Id": AINO,
        "CallbackAttemptTypeId": 3, "Note": "busy", "CallId": CALL, "RecordingId": QUEUE, "Name": "n",
        "Value": "v", "Description": "d", "ListId": QUEUE, "IsClosed": false, "StatusId": 1,
    });
    for (name, list) in [
        ("QueueAttachedUsers", "AttachedUsers"),
        ("QueueChanged", "QueueGroups"),
        ("CallbackChanged", "CallbackAttempts"),
        ("CallbackChanged", "CallbackExtras"),
        ("CallbackChanged", "CallbackRelatedItems"),
    ] {
        let event = |items: &str| {
            let text = with(name, &json!({ list: "@@", "Id": "same" })).to_string();
            let text = text.replace("\"@@\"", items);
            decode(text.as_bytes(), now().wall, &mut Tally::default()).unwrap()
        };
        let read = event(&format!("[{whole}, {whole}]"));
        spoilt::each(&whole, |property, text| {
            let others: &[&str] =
                if property == "CallbackAttemptTypeId" { &["type_id"] } else { &[] };
            let second = event(&format!("[{whole}, {text}]"));
            spoilt::assert_alike(&read, &second, property, others);
            let alone = event(text);
            assert_eq!(alone.about, read.about, "{list}: an item alone is a list of one");
        });
    }
}

#[test]
fn an_event_without_an_id_is_known_by_its_text_and_one_without_a_time_is_of_its_arrival() {
    let bare = |id: &str| {
        let mut event = value("QueueStatus");
        event.as_object_mut().unwrap().remove("Timestamp");
        event["Id"] = json!(null);
        event["QueueId"] = json!(id);
        decoded(&event, &mut Tally::default()).unwrap()
    };
    assert_eq!(bare("a").id, bare("a").id);
    assert_ne!(bare("a").id, bare("b").id);
    assert_eq!((bare("a").at, bare("a").is_timed), (now().wall, false));
}

/// A number that follows from `seed`, to shuffle by.
fn scattered(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

/// Two thousand calls through half an hour: when each event happened, and the event. Every tenth call goes on.
fn half_an_hour() -> Vec<(u64, Event)> {
    const STEPS: [(&str, u64); 7] = [
        ("QueueCallInComing", 0),
        ("QueueCallInArrived", 3),
        ("QueueCallInUserAllocated", 20),
        ("QueueCallInUserConnected", 26),
        ("QueueCallInHoldStart", 70),
        ("QueueCallInHoldEnd", 80),
        ("QueueCallInDisconnected", 140),
    ];
    let mut all = Vec::new();
    for call in 0..2_000_u64 {
        for (name, after) in STEPS.iter().take(if call % 10 == 0 { 5 } else { 7 }) {
            let second = call * 9 / 10 + after;
            let mut value = value(name);
            value["CallId"] = json!(format!("call-{call}"));
            value["UserId"] = json!(format!("user-{}", call % 150));
            value["Id"] = json!(format!("{name}-{call}"));
            let at = START + TimeDelta::seconds(i64::try_from(second).unwrap());
            value["Timestamp"] = json!(at.to_rfc3339());
            all.push((second, decoded(&value, &mut Tally::default()).unwrap()));
        }
    }
    all.sort_by_key(|(second, _)| *second);
    all
}

const START: DateTime<Utc> = DateTime::from_timestamp(1_773_000_000, 0).unwrap();

/// The calls and agents after deliveries at these seconds, a tick at each, and one long after the last.
fn after(deliveries: &[(u64, &Event)]) -> (Vec<Call>, Vec<Agent>) {
    let mut desk = Desk::open();
    for (second, event) in deliveries {
        let wall = START + TimeDelta::seconds(i64::try_from(*second).unwrap());
        let moment = Moment::from_millis(100_000_000 + second * 1_000);
        if moment != desk.now.moment {
            desk.world.tick(moment);
        }
        desk.now = Now { moment, wall };
        desk.take(event);
    }
    desk.world.tick(Moment::from_millis(100_000_000 + 2_600 * 1_000));
    let calls = desk.world.calls.values().cloned().collect();
    (calls, desk.world.agents.into_values().collect())
}

#[test]
fn deliveries_that_repeat_and_overtake_each_other_by_a_minute_come_to_the_same() {
    let all = half_an_hour();
    let in_order: Vec<(u64, &Event)> = all.iter().map(|(second, event)| (*second, event)).collect();
    let mut repeated = Vec::new();
    for (index, (second, event)) in (0_u64..).zip(&all) {
        for time in 0..=scattered(index) % 5 {
            repeated.push((second + scattered(index * 8 + time) % 60, event));
        }
    }
    repeated.sort_by_key(|(second, event)| (*second, scattered(event.id.len() as u64 ^ second)));
    assert!(repeated.len() > 30_000);
    let (one, other) = (after(&in_order), after(&repeated));
    assert_eq!(one.0.len(), 200, "those that go on");
    assert_eq!(one, other);
}
