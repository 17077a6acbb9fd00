//! Nimbus's scheduler entries, and the guess of how far each is.

use floorwalker::floor::scheduler::{Entry, EntryState};
use floorwalker::source::nimbus::wire;
use floorwalker::text::Shown;
use floorwalker::transport::lenient::{Body, Tally};
use serde_json::{Value, json};

use super::{counted, known};
use crate::support::desk::later;
use crate::support::fixtures;
use crate::support::nimbus::entry_fields;
use crate::support::spoilt;

/// The entries of an answer for the service `support@contoso.example`.
pub fn entries(answer: &Value, tally: &mut Tally) -> Vec<Entry> {
    wire::entries(answer, "entries support", "support@contoso.example", later(1), tally)
}

fn state(event: Option<&str>, conversation: Option<&str>, reason: Option<&str>) -> EntryState {
    let (event, reason) = (event.map(Shown::clean), reason.map(Shown::clean));
    wire::state(reason.as_ref(), conversation, event.as_ref())
}

#[test]
fn entries_are_read_whole() {
    let (rows, _) = counted(|tally| entries(&fixtures::json("nimbus/entries"), tally));
    let first = &rows[0];
    assert_eq!((first.id.raw(), &*first.service), ("5b0e7a10-0001", "outbound@contoso.example"));
    assert_eq!(first.destination.as_deref(), Some("+442079460112"));
    assert_eq!(first.due.unwrap().to_rfc3339(), "2026-03-12T14:30:00+00:00");
    assert_eq!(
        (first.reference.as_deref(), first.priority.as_deref()),
        (Some("C-20413"), Some("High"))
    );
    assert_eq!((first.attempts, first.max_attempts), (None, Some(3)), "attempts: only events tell");
    assert_eq!(first.feed.raw(), "entries support");
    let states: Vec<&str> = rows.iter().map(|row| row.state.word()).collect();
    assert_eq!(states, ["scheduled", "in_progress", "Parked", "ended"]);
    assert_eq!(rows[1].max_attempts, Some(2), "digits in a string");
    assert_eq!(rows[2].service.as_str(), "support@contoso.example", "the service that was asked");
    assert_eq!(rows[2].due, None);
    assert_eq!(rows[3].completion_reason.as_deref(), Some("Limit Reached"));
}

#[test]
fn times_are_read_in_every_form() {
    for (sent, read) in [
        ("2026-03-12T14:30:00Z", Some("2026-03-12T14:30:00+00:00")),
        ("2026-03-12T14:30:00", Some("2026-03-12T14:30:00+00:00")),
        ("2026-03-12 14:30:00.250", Some("2026-03-12T14:30:00.250+00:00")),
        ("2026-03-12T16:30:00+02", Some("2026-03-12T14:30:00+00:00")),
        ("2026-03-12T16:30:00.123+02:00", Some("2026-03-12T14:30:00.123+00:00")),
        ("2026-03-29T03:30:00+02:00", Some("2026-03-29T01:30:00+00:00")),
        ("2024-02-29T12:00:00Z", Some("2024-02-29T12:00:00+00:00")),
        ("2026-02-29T12:00:00Z", None),
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T23:59:59.9999999", None),
        ("", None),
        ("soon", None),
    ] {
        let answer = json!([{"schedulerEntryId": "e", "dueDateTimeUtc": sent}]);
        let (rows, _) = counted(|tally| entries(&answer, tally));
        assert_eq!(rows[0].due.map(|due| due.to_rfc3339()).as_deref(), read, "{sent}");
    }
}

#[test]
fn a_completion_reason_ends_whatever_else_is_told() {
    for event in [None, Some("Scheduled"), Some("AttemptStarted")] {
        for conversation in [None, Some("c")] {
            assert_eq!(state(event, conversation, Some("Done")), EntryState::Ended);
        }
    }
}

#[test]
fn a_conversation_is_in_progress_whatever_the_event_is_called() {
    for event in [None, Some("Scheduled"), Some("Parked")] {
        assert_eq!(state(event, Some("c"), None), EntryState::InProgress, "{event:?}");
    }
}

#[test]
fn words_of_a_call_under_way_are_in_progress() {
    for event in ["InProgress", "in progress", "Dialing", "AttemptStarted", "Connected", "ACCEPTED"]
    {
        assert_eq!(state(Some(event), None, None), EntryState::InProgress, "{event}");
    }
}

#[test]
fn an_entry_that_waits_is_scheduled() {
    for event in [None, Some("Scheduled"), Some("Created"), Some("Updated"), Some("New")] {
        assert_eq!(state(event, None, None), EntryState::Scheduled, "{event:?}");
    }
}

#[test]
fn another_word_is_shown_as_it_came() {
    for event in ["Parked", "Lost Track", "Väntar"] {
        let found = state(Some(event), None, None);
        assert_eq!(found, EntryState::Other(Shown::clean(event)));
        assert_eq!(found.word(), event);
    }
}

#[test]
fn names_of_fields_and_wrappings_count_without_case() {
    let row = json!({"SchedulerEntryId": "e", "DESTINATION": "+44", "referenceID": "r"});
    for answer in
        [json!([row]), json!({"value": [row]}), json!({"Value": [row], "n": 1}), row.clone()]
    {
        let rows = known(|tally| entries(&answer, tally));
        assert_eq!(rows.len(), 1, "{answer}");
        assert_eq!(rows[0].destination.as_deref(), Some("+44"), "{answer}");
        assert_eq!(rows[0].reference.as_deref(), Some("r"), "{answer}");
    }
}

#[test]
fn an_entry_without_an_id_is_none() {
    let (rows, _) = counted(|tally| entries(&json!([{"destination": "+44"}]), tally));
    assert!(rows.is_empty());
}

#[test]
fn a_conversation_that_is_empty_is_none() {
    let answer = json!([{"schedulerEntryId": "e", "unifiedConversationId": ""}]);
    let rows = known(|tally| entries(&answer, tally));
    assert_eq!(rows[0].state, EntryState::Scheduled);
}

/// The entries of an answer in its text, as a poll reads it.
fn polled(text: &str) -> Vec<Entry> {
    let mut tally = Tally::default();
    let mut document = Body::from(text).document(&mut tally).unwrap();
    let answer: Value =
        document.parse(&mut tally).unwrap_or_else(|error| panic!("{error}: {text}"));
    entries(&answer, &mut tally)
}

#[test]
fn a_property_of_an_entry_that_cannot_be_read_costs_itself_alone() {
    let answer = fixtures::json("nimbus/entries");
    let rows = polled(&answer.to_string());
    spoilt::each(&answer[0], |property, text| {
        let read = polled(&format!("[{}, {text}]", answer[1]));
        assert_eq!(read[0], rows[1], "{property}: {text}");
        // Another id is another entry.
        if property != "schedulerEntryId" {
            let [_, spoilt] = &read[..] else { panic!("{property}: {text}: {read:?}") };
            spoilt::assert_alike(&rows[0], spoilt, property, entry_fields(property));
        }
    });
}

#[test]
fn an_empty_answer_is_an_empty_list_and_an_object_alone_a_list_of_one() {
    for answer in ["", "\n", "null", "[]", "{}", r#"{"value": null}"#, r#"{"value": []}"#] {
        assert_eq!(polled(answer), [], "{answer:?}");
    }
    let one = fixtures::json("nimbus/entries")[0].to_string();
    let whole = polled(&format!("[{one}]"));
    for answer in [one.clone(), format!("{{\"value\": {one}}}"), format!("\u{FEFF}{one}")] {
        assert_eq!(polled(&answer), whole, "{answer}");
    }
}

#[test]
fn figures_flags_and_times_of_an_entry_are_read_in_every_form() {
    let whole =
        polled(r#"[{"id": "e", "maxAttempts": 3, "dueDateTimeUtc": "2031-03-23T11:00:00Z"}]"#);
    assert_eq!((whole[0].max_attempts, whole[0].due.is_some()), (Some(3), true));
    for (attempts, due) in [
        ("3.0", r#""2031-03-23T11:00Z""#),
        (r#""3""#, r#""2031-03-23T12:00+01:00[Europe/Zurich]""#),
        (r#""3.0""#, r#""2031-03-23T11:00:00,000 UTC""#),
        ("[3]", "1932030000"),
        ("3", "1932030000000"),
        ("3", r#""/Date(1932030000000)/""#),
        ("3", r#""20310323T110000Z""#),
        ("3", "[2031, 3, 23, 11, 0]"),
    ] {
        let text =
            format!(r#"[{{"id": "e", "maxAttempts": {attempts}, "dueDateTimeUtc": {due}}}]"#);
        assert_eq!(polled(&text), whole, "{text}");
    }
}
