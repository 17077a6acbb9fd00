//! The words of events, and what of an event is read.

use floorwalker::floor::book::Books;
use floorwalker::floor::call::{Direction, Phase};
use floorwalker::floor::task::Turn;
use floorwalker::source::nimbus::events::map::{by_words, turn, word, words};
use floorwalker::source::nimbus::events::{About, decode};
use floorwalker::transport::lenient::Tally;
use floorwalker::transport::posted::{MAX_BYTES, Malformed};
use serde_json::{Value, json};

use crate::support::fixtures;
use crate::support::nimbus::{Floor, SERVICE, event, read, settings};

#[test]
fn the_documented_words_decide_where_nothing_is_configured() {
    let to = Turn::To;
    for (event, turn) in [
        ("New task", to(Phase::New)),
        ("TaskCreated", to(Phase::New)),
        ("System accepted", to(Phase::New)),
        ("SYSTEMACCEPTED", to(Phase::New)),
        ("In queue", to(Phase::Waiting)),
        ("Queued", to(Phase::Waiting)),
        ("User accepted", to(Phase::Connected)),
        ("UserConnected", to(Phase::Connected)),
        ("User disconnected", Turn::Said),
        ("Transferred to service", to(Phase::Left)),
        ("Transfer failed", Turn::Said),
        ("Task terminated", to(Phase::Ended)),
        ("Completed", to(Phase::Ended)),
        ("Lost in queue", to(Phase::Ended)),
        ("Cancelled", to(Phase::Ended)),
        ("Missed", to(Phase::Ended)),
        ("Abandoned in queue", to(Phase::Ended)),
        ("On hold", to(Phase::Held)),
        ("Parked", to(Phase::Parked)),
        ("Unparked", to(Phase::Connected)),
        ("Resumed from hold", to(Phase::Connected)),
        ("Parameter updated in queue", Turn::Said),
        ("Sentiment changed", Turn::Said),
        ("", Turn::Said),
    ] {
        assert_eq!(by_words(event), turn, "{event}");
    }
}

#[test]
fn a_configured_word_goes_before_the_documented_ones() {
    let mut own = settings();
    own.task_events = [
        ("In Queue".to_owned(), Turn::To(Phase::New)),
        ("Beep".to_owned(), Turn::To(Phase::Alerting)),
    ]
    .into();
    let mut floor = Floor::by(&own);
    floor.say(0, "t", "IN QUEUE");
    assert_eq!(floor.world.tasks.get(&"t".into()).unwrap().phase, Some(Phase::New));
    floor.say(40, "t", "beep");
    assert_eq!(floor.world.tasks.get(&"t".into()).unwrap().phase, Some(Phase::Alerting));
}

#[test]
fn the_words_of_the_configuration_are_read_and_written_alike() {
    for own in words() {
        assert_eq!(word(turn(own).unwrap()), own);
    }
    assert_eq!(turn("ringing"), None, "the contract's words, not the screen's");
}

#[test]
fn a_time_of_the_end_ends_a_task_whatever_the_word() {
    let mut floor = Floor::default();
    floor.say(0, "t", "Queued");
    floor.tell(20, &event("t", "Something new", &json!({"terminated": "2026-03-12T14:00:18Z"})));
    let task = floor.world.tasks.get(&"t".into()).unwrap();
    assert_eq!(task.phase, Some(Phase::Ended));
    assert_eq!(task.since.unwrap().at.to_rfc3339(), "2026-03-12T14:00:18+00:00", "its own time");
    floor.say(0, "u", "Queued");
    floor.tell(20, &event("u", "Queued", &json!({"terminated": "soon"})));
    assert_eq!(floor.world.tasks.get(&"u".into()).unwrap().phase, Some(Phase::Ended));
    for unset in
        [json!(null), json!(""), json!("0001-01-01T00:00:00"), json!("9999-12-31T23:59:59Z")]
    {
        let mut floor = Floor::default();
        floor.tell(0, &event("t", "Queued", &json!({"terminated": unset})));
        let task = floor.world.tasks.get(&"t".into()).unwrap();
        assert_eq!(task.phase, Some(Phase::Waiting), "{unset}");
    }
}

#[test]
fn an_end_of_another_zone_is_not_believed_to_be_its_time() {
    let mut floor = Floor::default();
    floor.tell(60, &event("t", "Terminated", &json!({"terminated": "2026-03-12T12:00:50"})));
    let since = floor.world.tasks.get(&"t".into()).unwrap().since.unwrap();
    assert_eq!(since.at.to_rfc3339(), "2026-03-12T14:01:00+00:00", "the arrival");
}

#[test]
fn what_is_documented_is_known_however_it_is_spelt() {
    let mut tally = Tally::default();
    let all = fixtures::json("nimbus/task_events");
    for event in all.as_array().unwrap() {
        read(event, &mut tally).unwrap();
        let shouted: serde_json::Map<String, Value> = event
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.to_uppercase(), value.clone()))
            .collect();
        let one = read(event, &mut tally).unwrap();
        let other = read(&Value::Object(shouted), &mut tally).unwrap();
        assert_eq!(one.about, other.about);
    }
    assert_eq!(tally.take(), None, "all of it is known");
    read(&event("t", "Queued", &json!({"sentiment": 7, "TaskID2": 1})), &mut tally).unwrap();
    let (count, names) = tally.take().unwrap();
    assert_eq!((count, names.as_str()), (2, "TaskEventData.TaskID2, TaskEventData.sentiment"));
}

#[test]
fn the_label_of_a_customer_has_the_documented_order() {
    let all = fixtures::json("nimbus/task_events");
    let facts = |index: usize| match read(&all[index], &mut Tally::default()).unwrap().about {
        About::Task { facts, .. } => facts,
        About::Entry { .. } => panic!("a task"),
    };
    let label = |index: usize| facts(index).customer.unwrap().text.to_string();
    assert_eq!(label(0), "Ada Byron");
    assert_eq!(label(1), "web-77", "the identifier before the address");
    assert_eq!(label(2), "bob@fabrikam.example");
    assert_eq!(facts(0).service.unwrap().raw(), SERVICE, "names of services count without case");
    assert_eq!(facts(2).direction, None, "None is none of ours");
    let outbound = facts(3);
    assert_eq!(outbound.direction, Some(Direction::Outbound));
    assert_eq!(outbound.party.as_deref(), Some("+442079460177"), "the other end, not us");
    assert_eq!(outbound.attempts, Some(2));
    let mut floor = Floor::default();
    floor.tell(0, &json!({"taskId": "nobody", "event": "Queued"}));
    let nobody = floor.world.tasks.get(&"nobody".into()).unwrap();
    assert_eq!(nobody.customer(&Books::default()).as_deref(), Some("anonymous"));
    floor.tell(1, &json!({"taskId": "nobody", "event": "Updated", "customerIdentifier": "web-1"}));
    floor.tell(2, &json!({"taskId": "nobody", "event": "Updated", "callerUPN": "x@y.example"}));
    let nobody = floor.world.tasks.get(&"nobody".into()).unwrap();
    assert_eq!(nobody.customer(&Books::default()).as_deref(), Some("web-1"), "less is no news");
}

#[test]
fn bytes_that_are_no_event_are_told_apart() {
    let refuse = |body: &[u8]| decode(body, &mut Tally::default()).unwrap_err();
    assert!(matches!(refuse(b"{"), Malformed::Syntax(_)));
    assert!(matches!(refuse(b"[]"), Malformed::NoObject));
    assert!(matches!(refuse(b"{\"event\": \"Queued\"}"), Malformed::Lacks { .. }));
    assert!(matches!(refuse(&vec![b' '; MAX_BYTES + 1]), Malformed::TooLong));
    let deep = format!("{{\"taskId\": \"t\", \"x\": {}}}", "[".repeat(70));
    assert!(matches!(refuse(deep.as_bytes()), Malformed::TooDeep(_)));
}
