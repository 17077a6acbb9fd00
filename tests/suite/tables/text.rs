//! What people read: durations, shares, times, and the numbers of people.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::scheduler::{Entry, EntryState};
use floorwalker::report;
use floorwalker::table::cell::{duration, span};
use floorwalker::table::{Context, Figure, RowId, TableId, View};
use floorwalker::text::Shown;

use super::{cell, row};
use crate::support::desk::{self, Desk, entries_part, entry, entry_row, queue_row};

fn text(figure: &Figure) -> String {
    figure.text(&Desk::open().state.context())
}

#[test]
fn durations_are_minutes_and_seconds_then_hours_then_days() {
    for (seconds, shown) in [
        (0, "0:00"),
        (9, "0:09"),
        (59, "0:59"),
        (60, "1:00"),
        (754, "12:34"),
        (3_599, "59:59"),
        (3_600, "1:00:00"),
        (35_999, "9:59:59"),
        (36_000, "10h00"),
        (40_800, "11h20"),
        (86_399, "23h59"),
        (86_400, "1d0h"),
        (273_600, "3d4h"),
        (8_639_999, "99d23h"),
        (8_640_000, "100d"),
        (u64::from(u32::MAX), "49710d"),
        (u64::MAX, ">99999d"),
    ] {
        assert_eq!(duration(seconds), shown);
        assert_eq!(text(&Figure::Seconds(seconds)), shown);
    }
}

#[test]
fn ages_are_in_one_unit() {
    for (seconds, shown) in [
        (0, "0s"),
        (59, "59s"),
        (60, "1m"),
        (3_599, "59m"),
        (3_600, "1h"),
        (86_399, "23h"),
        (86_400, "1d"),
    ] {
        assert_eq!(span(seconds), shown);
    }
}

#[test]
fn shares_are_whole_percents() {
    for (share, shown) in
        [(Some(0.0), "0 %"), (Some(80.5), "80 %"), (Some(99.6), "100 %"), (Some(100.0), "100 %")]
    {
        assert_eq!(text(&Figure::percent(share)), shown);
    }
    for nothing in [None, Some(f64::NAN), Some(f64::INFINITY)] {
        assert_eq!(text(&Figure::percent(nothing)), "–");
    }
}

#[test]
fn what_is_not_told_is_a_dash_in_every_table() {
    let desk = Desk::open();
    let context = desk.state.context();
    let mut dashes = 0;
    for table in TableId::ALL {
        let order = table.order(&context, &View::default());
        let json = table.json(&Context { live: false, ..context });
        let page = table.page(&Context { live: false, ..context }, &order);
        for cells in page {
            let RowId::Queue(..) = cells.id else { continue };
            let object = json.iter().find(|row| row["id"] == id_of(&cells.id)).unwrap();
            for (head, cell) in table.columns().iter().zip(&cells.cells) {
                assert_eq!(object[head.name].is_null(), cell.text == "–", "{}", head.name);
                dashes += usize::from(cell.text == "–");
            }
        }
    }
    assert!(dashes > 20, "there were some to see");
}

fn id_of(id: &RowId) -> &str {
    let RowId::Queue(_, id) = id else { panic!() };
    id.raw()
}

#[test]
fn a_time_of_another_day_says_which() {
    let day = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    assert_eq!(text(&Figure::Time(day("2026-03-12T09:05:07Z"))), "09:05:07");
    assert_eq!(text(&Figure::Time(day("2026-03-11T09:05:07Z"))), "11 Mar 09:05");
}

#[test]
fn a_due_time_says_what_is_left_and_never_a_negative() {
    let at = |seconds: i64| desk::wall() + chrono::TimeDelta::seconds(seconds);
    for (seconds, shown) in [
        (0, "14:00    in 0s"),
        (59, "14:00   in 59s"),
        (300, "14:05    in 5m"),
        (-1, "13:59  1s late"),
        (-7_200, "12:00  2h late"),
    ] {
        assert_eq!(text(&Figure::Due(at(seconds))), shown);
    }
}

#[test]
fn an_entry_that_has_begun_tells_its_time_as_those_that_wait() {
    let mut desk = Desk::open();
    let past = Some(desk::wall() - chrono::TimeDelta::seconds(53));
    let begun = Entry { due: past, ..entry("x", EntryState::InProgress) };
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(vec![begun])));
    let page = TableId::Entries.page(&desk.state.context(), &[entry_row("x")]);
    assert_eq!(page[0].cells[0].text, "13:59");
}

#[test]
fn an_entry_that_is_late_is_loud_until_it_begins() {
    use floorwalker::table::Tone;
    let late = Some(desk::wall() - chrono::TimeDelta::seconds(1));
    for (state, tone) in
        [(EntryState::Scheduled, Tone::Critical), (EntryState::InProgress, Tone::Plain)]
    {
        let mut desk = Desk::open();
        let rows = vec![Entry { due: late, ..entry("x", state) }];
        desk.tell("nimbus", SourceEvent::Snapshot(entries_part(rows)));
        let page = TableId::Entries.page(&desk.state.context(), &[entry_row("x")]);
        assert_eq!(page[0].cells[0].tone, tone);
    }
}

#[test]
fn a_masked_destination_is_masked_in_cells_json_reports_and_the_filter() {
    let desk = Desk::open();
    let plain = desk.state.context();
    let masked = Context { mask: true, ..plain };
    let id = entry_row("e1");
    assert_eq!(cell(TableId::Entries, &plain, &id, "destination"), "+44 20 7946 0112");
    assert_eq!(cell(TableId::Entries, &masked, &id, "destination"), "+442…12");
    let object = row(TableId::Entries, &masked, "id", "e1");
    assert_eq!(object["destination"], "+442…12");
    let report = report::text::text(&masked, TableId::Entries, |_| true);
    assert!(report.contains("+442…12") && !report.contains("7946"), "{report}");
    let filter = floorwalker::table::Filter::parse("7946").unwrap();
    let view = View { filter, ..View::default() };
    assert_eq!(TableId::Entries.order(&plain, &view).len(), 3);
    assert!(TableId::Entries.order(&masked, &view).is_empty(), "a filter would give it away");
}

#[test]
fn a_queues_own_number_is_never_masked() {
    let mut desk = Desk::open();
    let mut rows = desk::queues();
    rows[0].number = Some(Shown::clean("+46850000010"));
    desk.tell("hq", SourceEvent::Snapshot(floorwalker::floor::Part::Queues(rows)));
    let masked = Context { mask: true, ..desk.state.context() };
    assert_eq!(cell(TableId::Queues, &masked, &queue_row("21"), "number"), "+46850000010");
}

#[test]
fn a_row_that_is_gone_is_left_out_of_a_page() {
    let desk = Desk::open();
    let ids = [queue_row("21"), queue_row("nobody"), entry_row("e1"), queue_row("22")];
    let page = TableId::Queues.page(&desk.state.context(), &ids);
    let left: Vec<_> = page.into_iter().map(|row| row.id).collect();
    assert_eq!(left, [queue_row("21"), queue_row("22")]);
}

#[test]
fn a_page_has_a_cell_for_every_column() {
    let desk = Desk::open();
    for table in TableId::ALL {
        let order = table.order(&desk.state.context(), &View::default());
        for row in table.page(&desk.state.context(), &order) {
            assert_eq!(row.cells.len(), table.columns().len());
        }
    }
}

#[test]
fn the_report_for_people_is_aligned_and_in_ascii_on_request() {
    let desk = Desk::open();
    let out = report::text::text(&desk.state.context(), TableId::Queues, |_| true);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 4, "{out}");
    let column = lines[0].find("Wait").unwrap() + "Wait".len();
    let wait = |line: &str| line.chars().take(column).collect::<String>();
    let found: Vec<String> =
        lines[1..].iter().map(|line| wait(line).rsplit(' ').next().unwrap().to_owned()).collect();
    assert_eq!(found, ["4", "0", "–"], "{out}");
    assert!(report::text::ascii(&out).is_ascii());
}

#[test]
fn a_queue_of_which_only_the_id_is_known_is_counted_behind_those_with_a_name() {
    let mut desk = Desk::open();
    let known = desk::member("21", "Växel", Some(true));
    let line = desk::member("6f0c1d52", "6f0c1d52", Some(true));
    let people = vec![
        desk::agent("aino", "Aino Salo", vec![known, line.clone()]),
        desk::agent("bo", "Bo Ek", vec![line]),
    ];
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(people)));
    let text = report::text::text(&desk.state.context(), TableId::Agents, |_| true);
    let line = |name: &str| text.lines().find(|line| line.contains(name)).unwrap().to_owned();
    assert!(line("Aino Salo").contains("Växel, 1 more"), "{text}");
    assert!(line("Bo Ek").contains("6f0c1d52"), "{text}");
}
