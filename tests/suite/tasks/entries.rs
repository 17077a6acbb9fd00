//! Events of scheduler entries, over the list that is polled.

use floorwalker::floor::Part;
use floorwalker::floor::scheduler::Entry;
use floorwalker::source::nimbus::wire;
use floorwalker::transport::lenient::Tally;
use serde_json::{Value, json};

use crate::support::desk::later;
use crate::support::fixtures;
use crate::support::nimbus::Floor;

const SERVICE: &str = "outbound@contoso.example";

fn poll(floor: &mut Floor, second: u64, rows: &Value) {
    let feed = format!("entries {SERVICE}");
    let rows = wire::entries(rows, &feed, SERVICE, later(second), &mut Tally::default());
    floor.world.replace(Part::Entries { feed: feed.as_str().into(), rows }, later(second));
}

fn entry(floor: &Floor) -> &Entry {
    &floor.world.entries[&"5b0e7a10-0001".into()]
}

fn listed() -> Value {
    json!([{"schedulerEntryId": "5b0e7a10-0001", "serviceUpn": SERVICE, "maxAttempts": 3}])
}

fn with(more: &Value) -> Value {
    let mut event = fixtures::json("nimbus/entry_event");
    let fields = more.as_object().unwrap().clone();
    event.as_object_mut().unwrap().extend(fields);
    event
}

#[test]
fn an_event_changes_an_entry_at_once_and_the_next_reading_keeps_the_attempts() {
    let mut floor = Floor::default();
    poll(&mut floor, 0, &listed());
    assert_eq!((entry(&floor).state.word(), entry(&floor).attempts), ("scheduled", None));
    floor.tell(5, &fixtures::json("nimbus/entry_event"));
    assert_eq!((entry(&floor).state.word(), entry(&floor).attempts), ("in_progress", Some(2)));
    poll(&mut floor, 60, &listed());
    assert_eq!((entry(&floor).state.word(), entry(&floor).attempts), ("scheduled", Some(2)));
}

#[test]
fn the_end_is_the_end_and_says_why() {
    let mut floor = Floor::default();
    poll(&mut floor, 0, &listed());
    floor.tell(5, &with(&json!({"event": "Completed", "completionReason": "Limit Reached"})));
    floor.tell(6, &fixtures::json("nimbus/entry_event"));
    assert_eq!(entry(&floor).state.word(), "ended", "late news do not bring it back");
    assert_eq!(entry(&floor).completion_reason.as_deref(), Some("Limit Reached"));
}

#[test]
fn an_event_from_before_the_reading_tells_its_attempts_alone() {
    let mut floor = Floor::default();
    poll(&mut floor, 30, &listed());
    floor.tell(5, &fixtures::json("nimbus/entry_event"));
    assert_eq!((entry(&floor).state.word(), entry(&floor).attempts), ("scheduled", Some(2)));
}

#[test]
fn an_entry_that_no_list_has_yet_goes_with_the_list_of_its_service() {
    let mut floor = Floor::default();
    poll(&mut floor, 0, &json!([]));
    floor.tell(5, &fixtures::json("nimbus/entry_event"));
    assert_eq!(entry(&floor).service.as_str(), SERVICE);
    poll(&mut floor, 60, &json!([]));
    assert!(floor.world.entries.is_empty());
    assert_eq!(floor.tally.take(), None, "all of it is known");
}
