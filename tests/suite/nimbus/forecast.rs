//! How many calls come due soon, against the people who are free.

use chrono::TimeDelta;
use floorwalker::event::SourceEvent;
use floorwalker::floor::scheduler::{Entry, EntryState};
use floorwalker::table::entries::Forecast;
use floorwalker::table::{TableId, Tone};

use crate::support::desk::{Desk, down, entries_part, entry, entry_row, wall};

fn due(id: &str, minutes: i64, state: EntryState) -> Entry {
    Entry { due: Some(wall() + TimeDelta::minutes(minutes)), ..entry(id, state) }
}

fn desk() -> Desk {
    let mut desk = Desk::open();
    let scheduled = |id, minutes| due(id, minutes, EntryState::Scheduled);
    let rows = vec![
        scheduled("late", -3),
        due("running", -1, EntryState::InProgress),
        due("over", -9, EntryState::Ended),
        scheduled("now", 0),
        scheduled("soon", 15),
        scheduled("later", 16),
        scheduled("hour", 60),
        scheduled("far", 61),
        Entry { due: None, ..entry("never", EntryState::Scheduled) },
    ];
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(rows)));
    desk
}

#[test]
fn what_comes_due_is_counted_to_the_minute() {
    let forecast = Forecast::of(&desk().state.context());
    let all = Forecast { overdue: 1, quarter: 2, hour: 4, in_progress: 1, scheduled: 7 };
    assert_eq!(forecast, Some(all));
}

#[test]
fn entries_that_are_old_are_no_forecast() {
    let mut desk = desk();
    desk.tell("nimbus", SourceEvent::Link(down("entries", "refused")));
    desk.wait(120);
    assert_eq!(Forecast::of(&desk.state.context()), None, "nobody tells, which is not zero");
}

#[test]
fn what_is_late_and_what_is_due_soon_stand_out() {
    let desk = desk();
    let tone = |id: &str| {
        let page = TableId::Entries.page(&desk.state.context(), &[entry_row(id)]);
        let columns = TableId::Entries.columns();
        page[0].cells[columns.iter().position(|head| head.name == "due").unwrap()].tone
    };
    assert_eq!(tone("late"), Tone::Critical);
    assert_eq!((tone("now"), tone("soon")), (Tone::Warning, Tone::Warning));
    assert_eq!(
        (tone("later"), tone("running"), tone("over")),
        (Tone::Plain, Tone::Plain, Tone::Plain)
    );
}
