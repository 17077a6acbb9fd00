//! How entries ended: kept for 30 days, on the disk too, since no report of Nimbus's has it.

use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;
use floorwalker::event::SourceEvent;
use floorwalker::floor::Delta;
use floorwalker::floor::id::SourceName;
use floorwalker::floor::journal::{End, Ended, Journal};
use floorwalker::floor::reread::Reread;
use floorwalker::floor::scheduler::{Entry, EntryState};
use floorwalker::floor::time::Told;
use floorwalker::operations::Outcome;
use floorwalker::runtime::journal::{JournalWriter, read};
use floorwalker::table::TableId;
use floorwalker::text::Shown;

use crate::support::desk::{Desk, START, entries_part, entry, entry_row, only, wall};

fn tell(desk: &mut Desk, rows: Vec<Entry>) {
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(rows)));
}

fn ended(id: &str, reason: &str) -> Entry {
    Entry { completion_reason: Some(Shown::clean(reason)), ..entry(id, EntryState::Ended) }
}

fn end(desk: &Desk, id: &str) -> Option<End> {
    let journal = &desk.state.journal;
    journal.get(&SourceName::new("nimbus"), &id.into()).map(|ended| ended.end.clone())
}

fn one(id: &str, age: TimeDelta, end: End) -> Ended {
    Ended {
        at: wall() - age,
        source: SourceName::new("nimbus"),
        id: id.into(),
        service: "outbound@contoso.example".into(),
        destination: Some("+44…12".into()),
        due: None,
        reference: None,
        attempts: None,
        max_attempts: Some(3),
        end,
    }
}

#[test]
fn a_completion_reason_is_kept_when_its_entry_has_left() {
    let mut desk = Desk::open();
    tell(&mut desk, vec![ended("e1", "LimitReached"), entry("e2", EntryState::Scheduled)]);
    tell(&mut desk, vec![entry("e2", EntryState::Scheduled)]);
    assert_eq!(end(&desk, "e1"), Some(End::Told("LimitReached".into())));
    assert_eq!(end(&desk, "e2"), None);
}

#[test]
fn a_board_of_a_relay_that_is_told_only_the_difference_sees_the_same_ends() {
    let (mut own, mut relayed) = (Desk::open(), Desk::open());
    let nimbus = SourceName::new("nimbus");
    for desk in [&mut own, &mut relayed] {
        tell(desk, vec![entry("e1", EntryState::Scheduled), entry("e2", EntryState::Scheduled)]);
    }
    for rows in [vec![ended("e2", "Completed")], vec![entry("e1", EntryState::Scheduled)]] {
        let before = own.state.floor.world(&nimbus).unwrap().clone();
        let part = entries_part(rows.clone());
        tell(&mut own, rows);
        let reread = Reread::between(&before, own.state.floor.world(&nimbus).unwrap(), &part);
        relayed.tell("nimbus", SourceEvent::Reread(reread.unwrap()));
        assert_eq!(end(&relayed, "e1"), end(&own, "e1"));
        assert_eq!(end(&relayed, "e2"), Some(End::Told("Completed".into())));
    }
    assert_eq!(end(&relayed, "e1"), None, "it came back, so it did not end");
}

#[test]
fn the_reason_that_only_an_event_told_is_kept_when_its_entry_has_left() {
    let mut desk = Desk::open();
    tell(&mut desk, vec![entry("e1", EntryState::Scheduled)]);
    let told = Told { at: wall(), report: 1, moment: START, received: None, late: false };
    let news = Box::new(ended("e1", "Abandoned"));
    desk.tell("nimbus", SourceEvent::Delta(Delta::Entry { told, entry: news }));
    tell(&mut desk, Vec::new());
    assert_eq!(end(&desk, "e1"), Some(End::Told("Abandoned".into())));
}

#[test]
fn an_entry_that_only_left_the_list_ended_nobody_knows_how() {
    let mut desk = Desk::open();
    tell(&mut desk, Vec::new());
    assert_eq!(end(&desk, "e1"), Some(End::Unknown));
    tell(&mut desk, vec![entry("e1", EntryState::Scheduled)]);
    assert_eq!(end(&desk, "e1"), None, "it came back, so it did not end");
    tell(&mut desk, vec![ended("e1", "Successful")]);
    assert_eq!(end(&desk, "e1"), Some(End::Told("Successful".into())));
}

#[test]
fn the_entries_of_another_feed_do_not_end() {
    let mut desk = Desk::open();
    let feed = floorwalker::floor::id::FeedName::new("entries other@contoso.example");
    let part = floorwalker::floor::Part::Entries { feed, rows: Vec::new() };
    desk.tell("nimbus", SourceEvent::Snapshot(part));
    assert!(end(&desk, "e1").is_none() && end(&desk, "e2").is_none());
}

#[test]
fn what_was_removed_here_is_not_unknown() {
    let mut desk = Desk::open();
    desk.press("7");
    desk.select(&entry_row("e1"));
    desk.press("d");
    let command = only(&desk.press("y"));
    desk.finish(&command, Outcome::Done);
    tell(&mut desk, Vec::new());
    assert_eq!(end(&desk, "e1"), Some(End::Removed));
}

#[test]
fn the_journal_has_no_number_of_a_person() {
    let mut desk = Desk::open();
    tell(&mut desk, vec![ended("e1", "Busy at +442079460112")]);
    let all = format!("{:?}", desk.state.journal);
    assert!(all.contains("e1") && !all.contains("7946"), "{all}");
}

#[test]
fn the_board_shows_the_ends_and_finds_them() {
    let mut desk = Desk::open();
    tell(&mut desk, vec![ended("e1", "LimitReached"), ended("e5", "Successful")]);
    desk.press("E");
    assert_eq!(desk.state.screen.table(), TableId::Journal);
    // The desk's own ended entry told no reason.
    assert_eq!(desk.state.order().len(), 4, "{:?}", desk.state.journal);
    desk.press("/");
    desk.write("limit");
    desk.press("enter");
    assert_eq!(desk.state.order().len(), 1);
}

#[test]
fn the_ends_have_a_tab_only_while_they_are_shown() {
    let mut desk = Desk::open();
    tell(&mut desk, vec![ended("e1", "Successful")]);
    let is_told = |desk: &Desk| desk.state.tabs().any(|table| table == TableId::Journal);
    assert!(!is_told(&desk));
    desk.press("E");
    assert!(is_told(&desk));
    desk.press("tab");
    assert_eq!(desk.state.screen.table(), TableId::Sources);
    assert!(!is_told(&desk));
}

#[test]
fn ends_older_than_thirty_days_are_let_go() {
    let mut journal = Journal::default();
    let ends = [
        one("old", TimeDelta::days(30) + TimeDelta::seconds(1), End::Unknown),
        one("young", TimeDelta::days(30), End::Unknown),
    ];
    journal.remember(ends, wall());
    let ids: Vec<&str> = journal.iter().map(|ended| ended.id.raw()).collect();
    assert_eq!(ids, ["young"]);
}

#[tokio::test]
async fn a_board_that_opens_anew_knows_what_the_last_one_saw() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("journal");
    let mut desk = Desk::silent(floorwalker::operations::Access::Full);
    let mut writer = JournalWriter::open(Some(folder.clone()), &mut desk.state.journal, wall());
    tell(&mut desk, vec![ended("e1", "LimitReached"), entry("e2", EntryState::Scheduled)]);
    writer.keep(&desk.state.journal);
    tell(&mut desk, Vec::new());
    writer.keep(&desk.state.journal);
    writer.keep(&desk.state.journal);
    tell(&mut desk, vec![entry("e2", EntryState::Scheduled)]);
    writer.keep(&desk.state.journal);
    writer.close().await;
    let path = folder.join("2026-03.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!text.contains("7946"), "{text}");
    let mut again = Journal::default();
    JournalWriter::open(Some(folder), &mut again, wall());
    let ends = |journal: &Journal| journal.iter().cloned().collect::<Vec<_>>();
    assert_eq!(ends(&again), ends(&desk.state.journal));
}

#[tokio::test]
async fn old_months_are_removed_and_broken_lines_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let whole = serde_json::to_string(&one("e1", TimeDelta::days(1), End::Unknown)).unwrap();
    for (name, text) in [
        ("2026-01.jsonl", whole.as_str()),
        ("2026-02.jsonl", "{\"at\":"),
        ("2026-03.jsonl", &format!("{whole}\n{{\"half")),
        ("notes.txt", "mine"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut journal = Journal::default();
    JournalWriter::open(Some(folder.path().to_owned()), &mut journal, wall());
    assert_eq!(journal.len(), 1);
    assert!(!folder.path().join("2026-01.jsonl").exists());
    assert!(folder.path().join("2026-02.jsonl").exists(), "10 February is 30 days ago");
    assert!(folder.path().join("notes.txt").exists());
    assert_eq!(read(folder.path()).len(), 1);
}
