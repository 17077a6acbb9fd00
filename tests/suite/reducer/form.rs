//! The form of a scheduler entry: checked before it asks, and asked before it is sent.

use chrono::{FixedOffset, MappedLocalTime, NaiveDateTime, TimeZone};
use floorwalker::event::{Event, SourceEvent};
use floorwalker::floor::Part;
use floorwalker::floor::scheduler::{Entry, EntryState, Priority};
use floorwalker::operations::{
    Access, Command, FIELDS, Field, Known, Outcome, Request, Value, Wish,
};
use floorwalker::text::Shown;

use crate::support::desk::{Desk, entries_part, entry, entry_row, only, wall};

const SERVICE: &str = "outbound@contoso.example";

fn priority(value: &str) -> Priority {
    Priority { name: Shown::clean(&format!("{value} priority")), value: Shown::clean(value) }
}

/// A desk on the entries, with one service and two priorities.
fn desk() -> Desk {
    let mut desk = Desk::open();
    let services = vec![Shown::clean(SERVICE)];
    desk.tell("nimbus", SourceEvent::Snapshot(Part::Services(services)));
    let priorities = vec![priority("Low"), priority("High")];
    desk.tell("nimbus", SourceEvent::Snapshot(Part::Priorities(priorities)));
    desk.press("7");
    desk
}

/// A new entry, all that it needs filled in, and asked about.
fn asked_new() -> Desk {
    let mut desk = desk();
    desk.press("n");
    desk.fill(Field::Destination, "+44 20 7946 0500");
    desk.fill(Field::Due, "14:45");
    desk.press("enter");
    desk
}

fn wished(command: &Command) -> &Wish {
    match &command.request {
        Request::AddEntry { wish } | Request::EditEntry { wish, .. } => wish,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_entry_is_filled_in_asked_about_and_sent_once() {
    let mut desk = asked_new();
    assert_eq!(desk.question().title.as_str(), "Have outbound@contoso.example call +442079460500?");
    let lines: Vec<&str> = desk.question().consequences.iter().map(Shown::as_str).collect();
    assert_eq!(lines[0], "Due 2026-03-12 14:45 +00:00, in 45m.");
    assert!(lines[1].contains("needs one for audio and video"), "{lines:?}");
    let command = only(&desk.press("y"));
    let wish = wished(&command);
    assert_eq!(wish.text(Field::Service), Some(SERVICE));
    assert_eq!(wish.text(Field::Destination), Some("+442079460500"), "without the signs between");
    assert_eq!(wish.due(), Some(wall() + chrono::TimeDelta::minutes(45)));
    assert_eq!(wish.iter().count(), 3, "what is left empty is the vendor's own");
    assert!(desk.press("y y").is_empty());
}

#[test]
fn an_added_entry_is_pending_until_a_reading_shows_it() {
    let mut desk = asked_new();
    let command = only(&desk.press("y"));
    desk.finish(&command, Outcome::Done);
    assert_eq!(desk.word(), "pending");
    desk.tell(
        "nimbus",
        SourceEvent::Snapshot(entries_part(vec![entry("e1", EntryState::Scheduled)])),
    );
    assert_eq!(desk.word(), "pending", "another entry is not this one");
    let made = Entry {
        destination: Some(Shown::clean("+442079460500")),
        due: Some(wall() + chrono::TimeDelta::minutes(45)),
        ..entry("e9", EntryState::Scheduled)
    };
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(vec![made])));
    assert_eq!(desk.word(), "done");
}

#[test]
fn what_is_wrong_is_said_at_its_field_and_nothing_is_asked() {
    for (field, written, says) in [
        (Field::Destination, "0207 946 0500", "begins with +"),
        (Field::Destination, "+0207 946 0500", "E.164"),
        (Field::Destination, "+44 20 7946 05001234", "E.164"),
        (Field::Destination, "+44 20 CALL", "digits alone"),
        (Field::Destination, "anna@", "user@domain"),
        (Field::Destination, "anna lind@contoso.example", "user@domain"),
        (Field::Due, "soon", "14:30"),
        (Field::Due, "2026-02-30 14:00", "14:30"),
        (Field::MaxAttempts, "0", "1 to 10"),
        (Field::MaxAttempts, "11", "1 to 10"),
        (Field::MaxAttempts, "-1", "1 to 10"),
        (Field::AttemptTimeout, "29", "30 to 86400"),
        (Field::AttemptTimeout, "86401", "30 to 86400"),
        (Field::MaxQueueTime, "4", "5 to 3600"),
        (Field::MaxQueueTime, "3601", "5 to 3600"),
        (Field::RonaTimeout, "4", "5 to 30"),
        (Field::RonaTimeout, "31", "5 to 30"),
        (Field::Priority, "Urgent", "Low, High"),
        (Field::Service, "nobody@contoso.example", "no such service"),
        (Field::Service, "", "choose the service"),
    ] {
        let mut desk = desk();
        desk.press("n");
        desk.fill(Field::Destination, "+442079460500");
        desk.fill(Field::Due, "14:45");
        desk.fill(field, written);
        desk.press("up");
        assert!(desk.press("enter").is_empty());
        assert!(desk.fault().contains(says), "{field:?} {written:?}: {:?}", desk.fault());
        let form = desk.form();
        assert_eq!(form.fields[form.marked].field, field, "the field is marked");
    }
}

#[test]
fn the_ends_of_every_range_are_good() {
    let zone = |local: NaiveDateTime| MappedLocalTime::Single(local.and_utc().fixed_offset());
    let known = Known {
        users: &[],
        services: &[],
        priorities: &[],
        from: wall(),
        now: wall().fixed_offset(),
        zone: &zone,
    };
    for declared in &FIELDS {
        let Some(range) = &declared.range else { continue };
        for number in [*range.start(), *range.end()] {
            let read = declared.field.read(&number.to_string(), &known);
            assert_eq!(read, Ok(Value::Number(number)), "{}", declared.name);
        }
        assert!(declared.field.read(&(range.end() + 1).to_string(), &known).is_err());
        assert!(declared.field.read(&(range.start() - 1).to_string(), &known).is_err());
    }
    for (index, declared) in FIELDS.iter().enumerate() {
        let first = FIELDS.iter().position(|other| other.field == declared.field);
        assert_eq!(first, Some(index), "{} is declared twice", declared.name);
        assert_eq!(declared.field.declared().name, declared.name);
    }
}

#[test]
fn times_are_the_readers_and_clocks_that_change_are_asked_about() {
    // A zone two hours ahead, where on 29 March the hour from 3 is left out and on 25 October it comes twice.
    let (winter, summer) =
        (FixedOffset::east_opt(7_200).unwrap(), FixedOffset::east_opt(10_800).unwrap());
    let zone = |local: NaiveDateTime| {
        let date = local.date().to_string();
        match (date.as_str(), local.and_utc().timestamp().rem_euclid(86_400) / 3_600) {
            ("2026-03-29", 3) => MappedLocalTime::None,
            ("2026-10-25", 3) => MappedLocalTime::Ambiguous(
                summer.from_local_datetime(&local).unwrap(),
                winter.from_local_datetime(&local).unwrap(),
            ),
            _ => winter.from_local_datetime(&local),
        }
    };
    let known = Known {
        users: &[],
        services: &[],
        priorities: &[],
        from: wall(),
        now: wall().with_timezone(&winter),
        zone: &zone,
    };
    let read = |written: &str| match Field::Due.read(written, &known) {
        Ok(Value::Time(time)) => time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        Ok(other) => format!("{other:?}"),
        Err(why) => why.to_string(),
    };
    assert_eq!(read("16:30"), "2026-03-12T14:30:00Z", "of today, in the reader's zone");
    assert_eq!(read("2026-03-13 00:30"), "2026-03-12T22:30:00Z");
    assert_eq!(read("2026-03-13T00:30Z"), "2026-03-13T00:30:00Z", "an offset counts");
    assert_eq!(read("2026-03-13 00:30 +01:00"), "2026-03-12T23:30:00Z");
    assert_eq!(read("2026-03-13T00:30:15.9+01:00"), "2026-03-12T23:30:15Z");
    assert_eq!(read("+30m"), "2026-03-12T14:30:00Z");
    assert_eq!(read("-10m"), "2026-03-12T13:50:00Z");
    assert!(read("2026-03-29 03:30").contains("clocks go forward"));
    assert_eq!(read("2026-10-25 03:30"), "that time comes twice on that day: add +03:00 or +02:00");
    assert_eq!(read("2026-10-25 03:30+03:00"), "2026-10-25T00:30:00Z");
    assert!(read("+99999999999999h").contains("span"));
}

#[test]
fn pasted_text_is_typed_and_never_takes_a_step() {
    let mut desk = desk();
    desk.press("n");
    desk.fill(Field::Destination, "");
    assert!(desk.event(Event::Paste("+44 20 7946 0500\ny\ny".to_owned())).is_empty());
    let form = desk.form();
    assert_eq!(form.fields[form.marked].input.value(), "+44 20 7946 0500");
    desk.fill(Field::Due, "14:45");
    desk.press("enter");
    assert!(desk.event(Event::Paste("y".to_owned())).is_empty());
    assert!(desk.form().fault.is_none(), "the question is refused, the form stands there again");
    assert!(desk.state.pending.is_empty());
}

#[test]
fn who_refuses_the_question_finds_the_form_again() {
    for key in ["n", "esc", "enter"] {
        let mut desk = asked_new();
        assert!(desk.press(key).is_empty());
        let typed: Vec<&str> = desk.form().fields.iter().map(|own| own.input.value()).collect();
        assert!(typed.contains(&"+44 20 7946 0500") && typed.contains(&"14:45"), "{typed:?}");
        desk.press("esc");
        assert!(desk.state.screen.dialog.is_none());
        desk.select(&entry_row("e1"));
        desk.press("d n");
        assert!(desk.state.screen.dialog.is_none(), "the form belongs to its own question");
    }
}

#[test]
fn an_edit_sends_what_was_changed_and_what_it_was() {
    let mut desk = desk();
    desk.select(&entry_row("e1"));
    desk.press("e");
    desk.fill(Field::Due, "15:00");
    desk.fill(Field::MaxAttempts, "5");
    desk.press("enter");
    let lines: Vec<&str> = desk.question().consequences.iter().map(Shown::as_str).collect();
    assert_eq!(
        lines,
        ["Due: 2026-03-12 14:05 +00:00 → 2026-03-12 15:00 +00:00", "Attempts: 3 → 5"]
    );
    let command = only(&desk.press("y"));
    let Request::EditEntry { entry: id, wish, was } = &command.request else { panic!() };
    assert_eq!(id.raw(), "e1");
    assert_eq!((wish.iter().count(), was.iter().count()), (2, 2));
    assert_eq!(was.due(), Some(wall() + chrono::TimeDelta::minutes(5)));
    desk.finish(&command, Outcome::Done);
    let row = |attempts| Entry {
        due: Some(wall() + chrono::TimeDelta::minutes(60)),
        max_attempts: Some(attempts),
        ..entry("e1", EntryState::Scheduled)
    };
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(vec![row(3)])));
    assert_eq!(desk.word(), "pending", "half of it is not it");
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(vec![row(5)])));
    assert_eq!(desk.word(), "done");
}

#[test]
fn an_edit_without_a_change_or_of_what_has_begun_is_refused() {
    let mut desk = desk();
    desk.select(&entry_row("e1"));
    desk.press("e enter");
    assert_eq!(desk.fault(), "nothing is changed yet");
    desk.fill(Field::MaxAttempts, "");
    desk.press("enter");
    assert!(desk.fault().contains("write what it shall be"), "{:?}", desk.fault());
    desk.press("esc");
    desk.select(&entry_row("e2"));
    desk.press("e");
    assert!(desk.state.screen.dialog.is_none());
    assert_eq!(desk.notice(), "in progress: only an entry that has not begun can be changed");
}

#[test]
fn an_entry_that_changed_under_its_question_is_left_alone() {
    let mut desk = desk();
    desk.select(&entry_row("e1"));
    desk.press("e");
    desk.fill(Field::Due, "15:00");
    desk.press("enter");
    desk.tell(
        "nimbus",
        SourceEvent::Snapshot(entries_part(vec![entry("e1", EntryState::InProgress)])),
    );
    assert!(desk.press("y").is_empty());
    assert!(desk.notice().contains("changed meanwhile, nothing was sent"), "{}", desk.notice());
}

#[test]
fn the_same_call_is_not_planned_twice() {
    let mut desk = desk();
    desk.press("n");
    desk.fill(Field::Destination, "+44 20 7946 0112");
    desk.fill(Field::Due, "14:05");
    desk.press("enter");
    // The desk's entry has the number as people write it; the wire has it without signs.
    let twin =
        Entry { destination: Some("+442079460112".into()), ..entry("e1", EntryState::Scheduled) };
    desk.press("n");
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(vec![twin])));
    desk.press("enter");
    assert!(desk.fault().contains("planned already"), "{:?}", desk.fault());
}

#[test]
fn marked_entries_are_put_off_together_each_from_its_own_time() {
    let mut desk = desk();
    let later = |id: &str, minutes| Entry {
        due: Some(wall() + chrono::TimeDelta::minutes(minutes)),
        ..entry(id, EntryState::Scheduled)
    };
    let rows = vec![later("e1", 5), later("e2", 20), entry("e3", EntryState::InProgress)];
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(rows)));
    for id in ["e1", "e2", "e3"] {
        desk.select(&entry_row(id));
        desk.press("space");
    }
    desk.press("e");
    assert_eq!(desk.form().title.as_str(), "Change 2 entries", "what has begun is left out");
    desk.fill(Field::Due, "+30m");
    desk.press("enter");
    assert_eq!(desk.question().title.as_str(), "Change 2 entries?");
    let effects = desk.press("y");
    let dues: Vec<i64> = effects
        .iter()
        .map(|effect| match effect {
            floorwalker::state::Effect::Send(command) => {
                (wished(command).due().unwrap() - wall()).num_minutes()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(dues, [35, 50]);
}

#[test]
fn a_board_that_masks_shows_no_number_and_sends_none_that_it_does_not_know() {
    let mut desk = desk();
    desk.state.mask = true;
    desk.select(&entry_row("e1"));
    desk.press("e");
    let all = format!("{:?}", desk.form().fields);
    assert!(!all.contains("7946"), "{all}");
    desk.fill(Field::Due, "15:00");
    desk.press("enter");
    let command = only(&desk.press("y"));
    assert!(wished(&command).get(Field::Destination).is_none());
}

#[test]
fn a_read_only_board_has_no_form() {
    let mut desk = Desk::opened(Access::ReadOnly);
    desk.press("7");
    desk.select(&entry_row("e1"));
    assert!(desk.press("n e d").is_empty());
    assert!(desk.state.screen.dialog.is_none());
}

#[test]
fn without_a_known_service_there_is_no_form() {
    let mut desk = Desk::open();
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(Vec::new())));
    desk.press("7 n");
    assert!(desk.state.screen.dialog.is_none());
    assert!(desk.notice().contains("no service is known yet"), "{}", desk.notice());
}

#[test]
fn left_and_right_choose_where_there_is_a_choice() {
    let mut desk = desk();
    desk.press("n");
    desk.fill(Field::Priority, "");
    let value = |desk: &Desk| {
        let form = desk.form();
        form.fields[form.marked].input.value().to_owned()
    };
    let mut seen = Vec::new();
    for key in ["right", "right", "right", "left"] {
        desk.press(key);
        seen.push(value(&desk));
    }
    assert_eq!(seen, ["Low", "High", "Low", "High"]);
}
