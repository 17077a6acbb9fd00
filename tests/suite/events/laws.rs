//! Laws of the events: order, repetition and nonsense change nothing.

use floorwalker::floor::World;
use floorwalker::source::enreach::events::{Event, NAMES, decode, read as read_value};
use floorwalker::source::fields::Tally;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::cases;
use crate::support::enreach::{Desk, QUEUE, bytes, value};

/// One of the eighty at some second, about one of a few calls, people, queues and requests.
fn event() -> impl Strategy<Value = Event> {
    let who = (0..3_u8, 0..2_u8, 0..2_u8, 0..2_u8);
    let flags = (any::<bool>(), any::<bool>(), 0..4_u32);
    (prop::sample::select(NAMES.to_vec()), 0..40_u32, who, flags, any::<u32>()).prop_map(
        |(name, second, (call, user, queue, callback), (yes, other, few), id)| {
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
            value["Id"] = json!(format!("{name}-{second}-{id}"));
            value["Timestamp"] = json!(format!("2026-03-12T14:30:{second:02}Z"));
            read_value(&value, &mut Tally::default()).unwrap()
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
        if let Ok(event) = decode(&body, &mut Tally::default()) {
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
        if let Ok(event) = read_value(&value, &mut Tally::default()) {
            desk.take(&event);
            desk.take(&event);
        }
    }
}
