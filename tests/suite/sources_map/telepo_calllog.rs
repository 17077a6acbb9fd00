//! The call log of groups: who is to be called back, and what its calls come to.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use floorwalker::floor::callback::{Callback, CallbackState, Request};
use floorwalker::floor::id::{CallbackId, QueueId};
use floorwalker::floor::time::{Moment, Now};
use floorwalker::source::telepo::calllog::{Ended, Item, Log, Page, Places, page};
use serde_json::{Value, json};

use super::{counted, known};
use crate::support::desk::wall;
use crate::support::fixtures;

fn now() -> Now {
    Now { moment: Moment::from_millis(1_000_000_000), wall: wall() }
}

/// The fixture's items, all of the window.
fn log() -> Log {
    let mut log = Log::default();
    log.replace(
        known(|tally| page(&fixtures::json("telepo/call_log"), tally).unwrap()).items,
        true,
    );
    log
}

/// Looks at a log as the user `anna` of a floor that knows Anna by her id, and nobody else.
fn with_places<T>(look: impl FnOnce(&Places<'_>) -> T) -> T {
    let people = BTreeSet::from(["anna@hq.example.com"]);
    look(&Places {
        queue: &|group| QueueId::new(group),
        people: &people,
        domain: "hq.example.com",
        user: "anna",
    })
}

fn callback(log: &Log, id: &str) -> Callback {
    let all = with_places(|places| log.callbacks(places, &now()));
    all.get(&CallbackId::new(id)).unwrap_or_else(|| panic!("{id} is not among {all:?}")).clone()
}

fn item(number: i64, caller: &str, at: DateTime<Utc>) -> Value {
    json!({
        "itemId": number, "groupId": 21, "callCount": 1, "itemType": "MISSED",
        "callerNumber": caller, "queueDuration": 5, "startTime": at.to_rfc3339(),
    })
}

fn items(all: &[Value]) -> Vec<Item> {
    known(|tally| page(&json!({ "callLogItem": all }), tally).unwrap()).items
}

#[test]
fn missed_and_forwarded_calls_are_to_be_called_back_and_answered_ones_are_not() {
    let log = log();
    let all = with_places(|places| log.callbacks(places, &now()));
    let ids: Vec<&str> = all.values().map(|row| row.id.raw()).collect();
    assert_eq!(ids, ["9103", "9104", "9105"]);
}

#[test]
fn handled_status_says_how_far_it_is() {
    let log = log();
    let states = ["9105", "9104", "9103"].map(|id| callback(&log, id).state());
    assert_eq!(states, [CallbackState::Open, CallbackState::Taken, CallbackState::Done]);
    let owner = |id| callback(&log, id).request().and_then(|own| own.owner.clone());
    assert_eq!(owner("9105"), None);
    assert_eq!(owner("9104").unwrap().raw(), "anna@hq.example.com", "the row of who is known");
    assert_eq!(owner("9103").unwrap().raw(), "Bo Ek", "the name of who is not");
    let own = |id| callback(&log, id).request().and_then(|own| own.own);
    assert_eq!([own("9105"), own("9104"), own("9103")], [Some(false), Some(true), Some(false)]);
}

#[test]
fn a_request_tells_whom_to_call_why_and_how_often_they_called() {
    let log = log();
    let missed = callback(&log, "9105");
    let Request { party, calls, kind, queue, .. } = missed.request().unwrap();
    assert_eq!(party.as_deref(), Some("+46705550190"), "the number to call back");
    assert_eq!((*calls, kind.as_deref()), (Some(3), Some("missed")));
    assert_eq!(queue.as_ref().map(QueueId::raw), Some("4711"));
    assert!(
        missed.extras().iter().any(|(name, value)| &**name == "Caller" && value.contains("907"))
    );
    let sent_on = callback(&log, "9104");
    let request = sent_on.request().unwrap();
    assert_eq!(request.kind.as_deref(), Some("forwarded: no agents"));
    assert_eq!(request.note.as_deref(), Some("ring efter lunch"));
    let to = sent_on.extras().iter().find(|(name, _)| &**name == "Sent on to").unwrap();
    assert_eq!(&*to.1, "Jourtelefon, +46855501999");
}

#[test]
fn what_was_done_long_ago_leaves_and_what_is_open_stays() {
    let log = log();
    let later = Now { wall: wall() + TimeDelta::hours(3), ..now() };
    let all = with_places(|places| log.callbacks(places, &later));
    let ids: Vec<&str> = all.values().map(|row| row.id.raw()).collect();
    assert_eq!(ids, ["9104", "9105"]);
}

#[test]
fn each_group_is_a_list_that_counts_only_what_was_read_whole() {
    let mut log = log();
    let lists = with_places(|places| log.lists(places, &now()));
    let counts = |list: &floorwalker::floor::callback::CallbackList| {
        (list.id.raw().to_owned(), list.open, list.free, list.assigned)
    };
    let told: Vec<_> = lists.iter().map(counts).collect();
    assert_eq!(
        told,
        [
            ("4711".to_owned(), Some(2), Some(1), Some(1)),
            ("4712".to_owned(), Some(0), Some(0), Some(0)),
        ]
    );
    log.replace(items(&[item(7, "+46855501001", wall())]), false);
    let lists = with_places(|places| log.lists(places, &now()));
    assert_eq!(counts(&lists[0]), ("21".to_owned(), None, None, None), "older ones were not read");
}

#[test]
fn service_is_measured_from_waits_and_lengths_and_says_where_calls_are_grouped() {
    let measured = log().measured(wall());
    let support = measured["4712"];
    // 1 of 8 s and 3 of 30 s answered, 1 abandoned after 12 s: 1 in time of 5 − 1.
    assert_eq!(support.service_level, Some(25.0));
    assert_eq!(support.average_wait_s, Some((8 + 3 * 30 + 2) / 4));
    assert_eq!(support.average_handle_s, Some((200 + 3 * 100) / 4));
    assert!(support.grouped);
    let mut single = Log::default();
    single.replace(items(&[item(1, "+46855501001", wall())]), true);
    let only = single.measured(wall())["21"];
    assert_eq!((only.service_level, only.average_wait_s, only.grouped), (None, None, false));
}

#[test]
fn calls_of_the_day_before_count_no_more() {
    let mut log = Log::default();
    log.replace(items(&[item(1, "+46855501001", wall() - TimeDelta::hours(25))]), true);
    assert!(log.measured(wall()).is_empty());
    log.forget(wall());
    assert_eq!(log.newest(), Some(1), "still to be called back");
    log.forget(wall() + TimeDelta::days(7));
    assert_eq!(log.newest(), None);
}

#[test]
fn a_further_call_of_the_same_caller_takes_the_place_of_the_former() {
    let mut log = Log::default();
    log.replace(items(&[item(1, "+46855501001", wall()), item(2, "+46855501002", wall())]), true);
    log.add(items(&[item(3, "+46855501001", wall())]));
    let all = with_places(|places| log.callbacks(places, &now()));
    let ids: Vec<&str> = all.values().map(|row| row.id.raw()).collect();
    assert_eq!(ids, ["2", "3"]);
    let nobody = json!({"itemId": 4, "groupId": 21, "itemType": "MISSED"});
    let other = json!({"itemId": 5, "groupId": 21, "itemType": "MISSED"});
    log.add(items(&[nobody, other]));
    let count = with_places(|places| log.callbacks(places, &now())).values().count();
    assert_eq!(count, 4, "two who hid their numbers are two");
}

#[test]
fn what_is_not_known_is_counted_and_harms_nothing() {
    let answer = json!({"callLogItem": [
        {"itemId": 1, "itemType": "LOST", "mood": "bad"},
        {"itemType": "MISSED"},
        {"itemId": "2", "itemType": "MISSED", "handledStatus": {"state": "POSTPONED"}},
        7,
    ]});
    let (Page { items, flush }, odd) = counted(|tally| page(&answer, tally).unwrap());
    assert!(!flush);
    let told: Vec<_> = items.iter().map(|item| (item.number, item.ended)).collect();
    assert_eq!(told, [(1, Ended::Other), (2, Ended::Missed)]);
    for name in ["CallLogItem.itemType LOST", "CallLogItem.mood", "CallLogItem without itemId"] {
        assert!(odd.contains(&name.to_owned()), "{name}: {odd:?}");
    }
    assert!(odd.contains(&"handledStatus.state POSTPONED".to_owned()), "{odd:?}");
}

#[test]
fn a_cache_that_is_to_be_flushed_is_said() {
    for (sent, flush) in [(json!({"flushCache": true}), true), (json!({}), false)] {
        assert_eq!(known(|tally| page(&sent, tally).unwrap()), Page { items: Vec::new(), flush });
    }
}

#[test]
fn an_item_without_a_readable_time_stands_apart_and_is_counted_in_no_period() {
    let mut undated = item(8, "+46855501002", wall());
    undated["startTime"] = json!("some day");
    undated["queueDuration"] = json!(500);
    let dated = item(7, "+46855501001", wall() - TimeDelta::hours(1));
    let ((both, alone), _) = counted(|tally| {
        let both = page(&json!({ "callLogItem": [dated, undated] }), tally).unwrap().items;
        (both, page(&json!({ "callLogItem": [dated] }), tally).unwrap().items)
    });
    let (mut log, mut without) = (Log::default(), Log::default());
    log.replace(both, true);
    without.replace(alone, true);
    assert_eq!(log.measured(wall()), without.measured(wall()));
    let lists = with_places(|places| log.lists(places, &now()));
    let told: Vec<_> =
        lists.iter().map(|own| (own.id.raw(), own.name.as_deref(), own.open)).collect();
    assert_eq!(told, [("21", None, Some(1)), ("time unknown", Some("Time unknown"), Some(1))]);
    let missed = callback(&log, "8");
    let request = missed.request().unwrap();
    assert_eq!((request.created, request.queue.as_ref().map(QueueId::raw)), (None, Some("21")));
    assert_eq!(
        request.list.as_ref().map(floorwalker::floor::id::ListId::raw),
        Some("time unknown")
    );
}

#[test]
fn an_item_without_a_readable_time_leaves_a_week_after_it_was_first_seen() {
    let mut undated = item(8, "+46855501002", wall());
    undated["startTime"] = Value::Null;
    let read = || items(std::slice::from_ref(&undated));
    let held = |log: &Log| with_places(|places| log.callbacks(places, &now())).values().count();
    let mut log = Log::default();
    for (days, left) in [(0, 1), (6, 1), (8, 0), (9, 0)] {
        log.replace(read(), true);
        log.forget(wall() + TimeDelta::days(days));
        assert_eq!(held(&log), left, "after {days} days");
    }
    log.replace(Vec::new(), true);
    log.replace(read(), true);
    log.forget(wall() + TimeDelta::days(10));
    assert_eq!(held(&log), 1, "listed anew, it is a new one");
}
