//! What the vendors send, and what it means on the floor.

use std::collections::BTreeMap;

use floorwalker::transport::lenient::{Fields, Tally, items};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::cases;
use crate::support::desk::START;
use crate::support::fixtures;

mod enreach;
mod nimbus;
mod telepo_agents;
mod telepo_calllog;
mod telepo_join;
mod telepo_presence;
mod telepo_stream;
mod telepo_wire;

/// Reads with a tally of its own that must stay empty.
fn known<T>(read: impl FnOnce(&mut Tally) -> T) -> T {
    let mut tally = Tally::default();
    let out = read(&mut tally);
    assert_eq!(tally.take(), None, "all of it is known");
    out
}

/// Reads, and tells what was counted.
fn counted<T>(read: impl FnOnce(&mut Tally) -> T) -> (T, Vec<String>) {
    let mut tally = Tally::default();
    let out = read(&mut tally);
    let names = tally.take().map(|(_, names)| names.to_string()).unwrap_or_default();
    let names = names.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect();
    (out, names)
}

#[test]
fn a_list_comes_in_many_wrappings() {
    let one = json!({"id": 1});
    for (answer, count) in [
        (json!([one, one]), 2),
        (json!({"queue": [one, one]}), 2),
        (json!({"Queue": [one, one], "total": 2}), 2),
        (json!({"items": [one]}), 1),
        (json!({"queue": one}), 1),
        (one.clone(), 1),
        (json!({"queue": []}), 0),
        (json!({"queue": null}), 0),
        (json!({}), 0),
        (json!([]), 0),
        (json!(null), 0),
        (json!("queue"), 0),
        (json!(7), 0),
    ] {
        let found = items(&answer, "queue");
        assert_eq!(found.len(), count, "{answer}");
        assert!(found.iter().all(|item| **item == one), "{answer}: {found:?}");
    }
}

fn number(value: &Value) -> Option<u32> {
    let value = json!({ "n": value });
    let mut tally = Tally::default();
    Fields::of("Shape", &value, &mut tally).unwrap().count(&["n"])
}

#[test]
fn numbers_are_read_in_every_form_and_nonsense_is_not_told() {
    for (sent, read) in [
        (json!(7), Some(7)),
        (json!("7"), Some(7)),
        (json!(" 7 "), Some(7)),
        (json!(7.0), Some(7)),
        (json!(u32::MAX), Some(u32::MAX)),
        (json!(u64::from(u32::MAX) + 1), None),
        (json!(u64::MAX), None),
        (json!(i64::MIN), None),
        (json!(-1), None),
        (json!("-1"), None),
        (json!(-0.5), None),
        (json!("NaN"), None),
        (json!("inf"), None),
        (json!("1e3"), Some(1_000)),
        (json!(1e300), None),
        (json!(""), None),
        (json!("many"), None),
        (json!(true), None),
        (json!([7]), Some(7)),
        (json!({"n": 7}), None),
        (json!(null), None),
    ] {
        assert_eq!(number(&sent), read, "{sent}");
    }
}

#[test]
fn means_and_shares_are_finite_and_not_negative() {
    for (sent, read) in [
        (json!(12.5), Some(12.5)),
        (json!("12.5"), Some(12.5)),
        (json!("NaN"), None),
        (json!("inf"), None),
        (json!("-inf"), None),
        (json!(-1), None),
        (json!("1e999"), None),
    ] {
        let value = json!({ "n": sent });
        let mut tally = Tally::default();
        let found = Fields::of("Shape", &value, &mut tally).unwrap().number(&["n"]);
        assert_eq!(found, read, "{sent}");
        assert_eq!(tally.take().is_some(), read.is_none(), "{sent}: what is unreadable is counted");
    }
}

#[test]
fn what_nobody_asked_for_is_counted_once_by_name_however_often_it_comes() {
    let mut tally = Tally::default();
    let answer = json!({"queue": [{"id": 1, "mood": 1}, {"id": 2, "mood": 2, "moon": null}]});
    for round in 0..3 {
        floorwalker::source::telepo::wire::queue_statistics(&answer, &mut tally).unwrap();
        let told = tally.take();
        match round {
            0 => {
                let (count, names) = told.unwrap();
                assert_eq!((count, &*names), (2, "QueueStats.mood, QueueStats.moon"));
            }
            _ => assert_eq!(told, None, "the same again"),
        }
    }
}

#[test]
fn names_made_up_for_ever_do_not_fill_the_memory() {
    let mut tally = Tally::default();
    for n in 0..5_000 {
        let answer = json!([{"id": 1, format!("mood{n}"): 1}]);
        floorwalker::source::telepo::wire::queue_statistics(&answer, &mut tally).unwrap();
    }
    assert_eq!(tally.take().unwrap().0, 1_000);
}

#[test]
fn every_fixture_is_known_to_the_last_field() {
    use floorwalker::source::telepo::wire;
    known(|tally| {
        wire::queue_statistics(&fixtures::json("telepo/queue_statistics"), tally).unwrap()
    });
    known(|tally| wire::groups(&fixtures::json("telepo/groups"), tally).unwrap());
    known(|tally| wire::groups(&fixtures::json("telepo/groups_legacy"), tally).unwrap());
    known(|tally| wire::group_summaries(&fixtures::json("telepo/group_summaries"), tally).unwrap());
    known(|tally| enreach::queues(&fixtures::json("enreach/queues"), tally));
    known(|tally| enreach::lists(&fixtures::json("enreach/callback_lists"), tally));
    known(|tally| {
        let names = floorwalker::source::telepo::xml::Names::new(&BTreeMap::new());
        floorwalker::source::telepo::xml::read(fixtures::UPDATE, &names, tally).unwrap()
    });
    let (entries, odd) = counted(|tally| nimbus::entries(&fixtures::json("nimbus/entries"), tally));
    assert_eq!(entries.len(), 4);
    assert_eq!(odd, ["SchedulerEntry.dueDateTimeUtc cannot be read"], "“soon” is no time");
}

/// Any JSON, with the names that the readers look for among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "queue",
        "group",
        "groups",
        "id",
        "Id",
        "name",
        "Name",
        "domain",
        "agents",
        "statistic",
        "firstName",
        "isLoggedIn",
        "loggedIn",
        "nightMode",
        "queueLength",
        "callsWaiting",
        "current-agent-presence",
        "count",
        "Status",
        "OpenStatus",
        "MaxWaitTime",
        "TypeId",
        "Numbers",
        "CallListId",
        "TotalOpenRequests",
        "schedulerEntryId",
        "event",
        "destination",
        "dueDateTimeUtc",
        "maxAttempts",
        "Entries",
        "QueueId",
        "Description",
        "value",
    ]);
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(key.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| map.into_iter().collect::<Value>()),
        ]
    })
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn no_answer_whatever_its_shape_stops_a_reader_or_leaves_a_queue_without_a_name(
        answer in any_json(),
    ) {
        use floorwalker::floor::Part;
        use floorwalker::source::telepo::{map::Tables, wire};
        let mut tally = Tally::default();
        let mut tables = Tables::new("hq.example.com", BTreeMap::new());
        let statistics = wire::queue_statistics(&answer, &mut tally).unwrap();
        let Part::Queues(rows) = tables.answered(statistics, START) else { panic!() };
        prop_assert!(rows.iter().all(|row| !row.name.is_empty()), "{:?}", rows);
        let groups = wire::groups(&answer, &mut tally).unwrap();
        let (queues, _) = tables.grouped(groups, START);
        let Some(Part::Queues(rows)) = queues else { panic!("known") };
        prop_assert!(rows.iter().all(|row| !row.name.is_empty()), "{:?}", rows);
        let rows = enreach::queues(&answer, &mut tally);
        prop_assert!(rows.iter().all(|row| !row.name.is_empty()), "{:?}", rows);
        wire::group_summaries(&answer, &mut tally).unwrap();
        enreach::lists(&answer, &mut tally);
        nimbus::entries(&answer, &mut tally);
    }
}
