//! How events are read: every form that the vendor sends, and every trap of its document.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use floorwalker::source::enreach::events::{Body, MAX_BYTES, Malformed, NAMES, decode};
use floorwalker::transport::lenient::Tally;
use serde_json::{Map, Value, json};

use crate::support::enreach::{AINO, CALL, QUEUE, bytes, decoded, now, read, value, wall, with};

fn counted(value: &Value) -> String {
    let mut tally = Tally::default();
    decoded(value, &mut tally).unwrap();
    tally.take().map(|(_, names)| names.to_string()).unwrap_or_default()
}

#[test]
fn every_one_of_the_eighty_is_read_whole() {
    for name in NAMES {
        let mut tally = Tally::default();
        let event = decode(&bytes(name), now().wall, &mut tally).unwrap();
        assert_eq!(event.name.as_str(), *name);
        assert_ne!(event.body, Body::Other, "{name}");
        assert_eq!(tally.take(), None, "{name}: all of it is known");
        assert!(event.organization.is_some(), "{name}");
    }
    let names: BTreeSet<_> = NAMES.iter().collect();
    assert_eq!(names.len(), 80);
}

#[test]
fn no_property_of_a_fixture_is_passed_over() {
    for name in NAMES {
        let whole = value(name);
        for key in whole.as_object().unwrap().keys() {
            let unread =
                ["RootEntityType", "RootEntityId", "EntityType", "EntityId", "OrganizationId"];
            if unread.contains(&key.as_str()) || whole[key].is_null() || whole[key] == "" {
                continue;
            }
            let mut bare = whole.clone();
            bare.as_object_mut().unwrap().remove(key);
            let mut tally = Tally::default();
            let differs = decoded(&bare, &mut tally).map_or(true, |event| event != read(&whole));
            assert!(differs || *key == "MessageTTLSeconds", "{name}.{key} changes nothing");
        }
    }
}

#[test]
fn trap_1_user_name_is_spelt_two_ways_and_read_both_ways() {
    for name in ["UserCallInArrived", "UserCallInComing", "QueueCallInUserAllocated"] {
        for spelling in ["UserName", "Username", "userName", "username"] {
            let mut event = value(name);
            let map = event.as_object_mut().unwrap();
            map.remove("UserName");
            map.remove("Username");
            map.insert(spelling.to_owned(), json!("Eero Lahti"));
            assert_eq!(read(&event).about.user_name.as_deref(), Some("Eero Lahti"), "{spelling}");
        }
    }
}

#[test]
fn trap_2_the_request_example_lacks_properties_and_is_read() {
    let event = read(&json!({
        "RootEntityType": "Organization", "RootEntityId": "6f5c0000-0000-4000-8000-000000000001",
        "EventType": "QueueCallInUserAllocated", "EntityType": "Queue", "EntityId": QUEUE,
        "CallId": CALL, "QueueId": QUEUE, "OrganizationId": "6f5c0000-0000-4000-8000-000000000001",
        "QueueName": "Vaihde", "QueueNumber": "+358931500001", "UserId": AINO,
        "Username": "aino.salo@example.com", "CallerNumber": "+358405550142", "TargetNumber": "+358931500001",
        "Id": "85b20000-0000-4000-8000-000000000001", "Timestamp": "2026-03-12T08:01:23.45"
    }));
    assert_eq!(event.at, wall("2026-03-12T08:01:23.450Z"), "a time without a zone is UTC");
    assert_eq!((event.ttl, event.about.leg_id.clone()), (None, None));
    assert_eq!(event.about.user_name.as_deref(), Some("aino.salo@example.com"));
}

#[test]
fn trap_3_a_request_id_may_be_missing() {
    for name in ["UserConfigurationSetNextCallOut", "UserConfigurationSetNextCallOutRaw"] {
        let mut event = value(name);
        event.as_object_mut().unwrap().remove("RequestId");
        assert_ne!(read(&event).body, Body::Other);
    }
}

#[test]
fn trap_4_the_names_of_the_sample_configuration_are_known_too() {
    for (sample, real) in [
        ("QueueCallInConnected", "QueueCallInUserConnected"),
        ("QueueCallInAllocated", "QueueCallInUserAllocated"),
    ] {
        let event = with(real, &json!({"EventType": sample, "Id": value(real)["Id"]}));
        assert_eq!(read(&event).body, read(&value(real)).body);
    }
}

#[test]
fn trap_5_a_list_that_is_null_is_not_the_empty_list() {
    let users =
        |list: Value| match read(&with("QueueAttachedUsers", &json!({"AttachedUsers": list}))).body
        {
            Body::QueueAttachedUsers { attached_users } => attached_users,
            other => panic!("{other:?}"),
        };
    assert_eq!(users(Value::Null), None);
    assert_eq!(users(json!([])), Some(Vec::new()));
    let nulls =
        json!({"CallbackAttempts": null, "CallbackExtras": null, "CallbackRelatedItems": null});
    match read(&with("CallbackChanged", &nulls)).body {
        Body::CallbackChanged {
            callback_attempts,
            callback_extras,
            callback_related_items,
            ..
        } => {
            assert_eq!((callback_attempts, callback_extras), (None, None));
            assert_eq!(callback_related_items, None);
        }
        other => panic!("{other:?}"),
    }
    for (name, key) in [
        ("QueueChanged", "Numbers"),
        ("QueueChanged", "QueueGroups"),
        ("UserSetting", "Values"),
        ("UserSetting", "AllowedValues"),
        ("QueueCallInSmartRoutingResult", "Targets"),
        ("QueueCallInSmartRoutingResult", "ExtraData"),
    ] {
        assert_ne!(read(&with(name, &json!({key: null}))).body, Body::Other, "{name}.{key}");
    }
}

#[test]
fn trap_6_a_word_may_come_as_its_number() {
    for (sent, shown) in [(json!(0), "0"), (json!("Undefined"), "Undefined"), (json!(17), "17")] {
        let event = read(&with("UserCallInComing", &json!({"Publicity": sent})));
        assert_eq!(event.about.publicity.as_deref(), Some(shown));
    }
}

#[test]
fn trap_7_ids_by_another_name_are_read() {
    match read(&value("QueueCallInRecording")).body {
        Body::QueueCallInRecording { allocated_user_id } => {
            assert_eq!(allocated_user_id.as_deref(), Some(AINO));
        }
        other => panic!("{other:?}"),
    }
    let event = read(&value("QueueCallInOverflow"));
    assert_eq!(event.about.queue_id.as_deref(), Some(QUEUE), "not the technical queue");
    assert_ne!(event.about.tech_queue_id.as_deref(), Some(QUEUE));
}

#[test]
fn trap_8_case_differs_and_does_not_matter() {
    for name in NAMES {
        let whole = value(name);
        let mut camel = Map::new();
        for (key, value) in whole.as_object().unwrap() {
            let mut letters = key.chars();
            let first = letters.next().unwrap().to_ascii_lowercase();
            camel.insert(format!("{first}{}", letters.as_str()), value.clone());
        }
        assert_eq!(read(&Value::Object(camel)), read(&whole), "{name}");
    }
}

#[test]
fn trap_10_the_odd_one_out_among_the_averages_is_read() {
    match read(&value("QueueDailyCallMetrics")).body {
        Body::QueueDailyCallMetrics {
            outbound_avg_wait_time,
            inbound_avg_wait_time_sec,
            queue_date,
            ..
        } => {
            assert_eq!((outbound_avg_wait_time, inbound_avg_wait_time_sec), (Some(11), Some(18.6)));
            assert_eq!(
                queue_date.as_deref(),
                Some("2026-03-12"),
                "a plain date of the queue's zone"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn trap_17_times_come_with_a_zone_without_one_unset_and_without_an_end() {
    let end = |text: &str| match read(&with("UserAvailability", &json!({"EndTime": text}))).body {
        Body::UserAvailability { end_time, .. } => end_time,
        other => panic!("{other:?}"),
    };
    let three = wall("2026-03-12T15:00:00Z");
    for text in ["2026-03-12T15:00:00Z", "2026-03-12T15:00:00", "2026-03-12T17:00:00+02:00"] {
        assert_eq!(end(text), Some(three), "{text}");
    }
    for text in ["0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59Z"] {
        assert_eq!(end(text), None, "{text} is no time, and nothing that cannot be read");
    }
    assert!(
        counted(&with("UserAvailability", &json!({"EndTime": "soon"}))).contains("cannot be read")
    );
}

#[test]
fn ids_count_without_case_and_the_id_of_zeros_is_none() {
    let event = read(&with(
        "QueueCallInArrived",
        &json!({
            "QueueId": QUEUE.to_uppercase(), "CallId": "00000000-0000-0000-0000-000000000000"
        }),
    ));
    assert_eq!((event.about.queue_id.as_deref(), event.about.call_id), (Some(QUEUE), None));
}

#[test]
fn the_real_time_feed_says_some_events_by_number() {
    for (number, name) in [
        (1, "UserAvailability"),
        (10, "UserCallInComing"),
        (102, "QueueCallInUserAllocated"),
        (140, "QueueStatus"),
        (141, "UserStatus"),
    ] {
        let event = with(name, &json!({"EventType": number, "Id": value(name)["Id"]}));
        assert_eq!(read(&event).body, read(&value(name)).body, "{number}");
    }
}

#[test]
fn an_event_of_another_name_is_read_kept_and_counted_once() {
    let event = with("UserStatus", &json!({"EventType": "UserContactCard", "Card": {"deep": [1]}}));
    let mut tally = Tally::default();
    let read = decoded(&event, &mut tally).unwrap();
    assert_eq!((read.body, read.name.as_str()), (Body::Other, "UserContactCard"));
    let (count, names) = tally.take().unwrap();
    assert_eq!((count, names.as_str()), (1, "event UserContactCard"));
}

#[test]
fn a_property_that_is_not_known_is_counted_and_changes_nothing() {
    let event = with("QueueStatus", &json!({"Mood": "good", "Id": value("QueueStatus")["Id"]}));
    assert_eq!(counted(&event), "QueueStatus.Mood");
    let mut tally = Tally::default();
    assert_eq!(decoded(&event, &mut tally).unwrap(), read(&value("QueueStatus")));
    let odd = json!({"AttachedUsers": [{"UserId": AINO, "Hat": 1}, {"Active": true}, 7]});
    let odd = with("QueueAttachedUsers", &odd);
    assert!(counted(&odd).contains("QueueAttachedUser.Hat"));
}

#[test]
fn what_is_no_event_says_what_is_missing() {
    let mut tally = Tally::default();
    let mut refused = |body: &[u8]| decode(body, now().wall, &mut tally).unwrap_err();
    assert!(matches!(refused(b"{"), Malformed::Syntax(_)));
    assert!(matches!(refused(b""), Malformed::NoObject));
    assert!(matches!(refused(b"[]"), Malformed::NoObject));
    assert!(matches!(refused(b"null"), Malformed::NoObject));
    let mut event = value("QueueStatus");
    event.as_object_mut().unwrap().remove("EventType");
    let error = refused(&serde_json::to_vec(&event).unwrap());
    assert!(matches!(error, Malformed::Lacks { what: "EventType" }), "{error}");
    let deep = format!("{{\"EventType\":\"x\",\"y\":{}1{}}}", "[".repeat(64), "]".repeat(64));
    assert!(
        matches!(refused(deep.as_bytes()), Malformed::TooDeep(_)),
        "in an ignored property too"
    );
    assert!(matches!(refused(&vec![b' '; MAX_BYTES + 1]), Malformed::TooLong));
}

#[test]
fn an_event_is_late_once_it_comes_later_than_its_time_to_live() {
    let event = read(&value("QueueStatus"));
    let minute = TimeDelta::seconds(60);
    assert!(!event.is_late(TimeDelta::zero()));
    assert!(!event.is_late(minute));
    assert!(event.is_late(minute + TimeDelta::milliseconds(1)));
    let always = read(&value("QueueCallInArrived"));
    assert!(!always.is_late(TimeDelta::days(9)), "-1 is always");
}
