//! The same texts in what other programs read: CSV, Markdown, OpenMetrics and pictures.

use floorwalker::audit::Audit;
use floorwalker::operations::{Command, CommandId, Outcome, Request};
use floorwalker::report::{csv, markdown, openmetrics};
use floorwalker::runtime::export;
use floorwalker::table::{Context, TableId};
use floorwalker::text::{Characters, MARKER, Shown};
use floorwalker::theme::Theme;
use floorwalker::ui::Look;

use super::screens::{LOOKS, look};
use super::vendors::{board, poisoned};
use crate::support::desk;
use crate::support::hostile::{corpus, steering_in_lines};
use crate::support::screen::TestScreen;

fn reported() -> impl Iterator<Item = TableId> {
    TableId::ALL.into_iter().filter(|table| table.is_reported())
}

/// No character but the line's end commands anything, and what was altered says so.
fn check(report: &str, raw: &str, what: &str) {
    let bad = steering_in_lines(report);
    assert_eq!(bad, None, "{what}");
    let altered = *Shown::clean(&poisoned(raw)) != *poisoned(raw);
    assert!(!altered || report.contains(MARKER) || report.contains('…'), "{what}: no sign");
}

#[test]
fn csv_has_a_record_for_a_row_and_nothing_that_steers() {
    for (label, raw) in corpus() {
        let desk = board(&raw);
        let context = Context { live: false, ..desk.state.context() };
        for table in reported() {
            let report = csv::csv(&context, table, |_| true).unwrap();
            let lines = report.replace("\r\n", "\n");
            check(&lines, &raw, &format!("{label} in {}", table.name()));
            let mut reader = ::csv::Reader::from_reader(report.as_bytes());
            let records: Vec<_> = reader.records().map(Result::unwrap).collect();
            assert_eq!(records.len(), table.count(&context), "{label}");
            let formula = |field: &str| field.starts_with(['=', '@', '\t', '\r']);
            assert!(!records.iter().flatten().any(formula), "{label} is no formula");
        }
    }
}

#[test]
fn markdown_has_a_line_for_a_row_and_nothing_that_steers() {
    for (label, raw) in corpus() {
        let desk = board(&raw);
        let context = Context { live: false, ..desk.state.context() };
        for table in reported() {
            let report = markdown::markdown(&context, table, false, |_| true);
            check(&report, &raw, &format!("{label} in {}", table.name()));
            assert_eq!(report.lines().count(), 2 + table.count(&context), "{label}");
        }
    }
}

#[test]
fn openmetrics_has_whole_lines_and_nothing_that_steers() {
    for (label, raw) in corpus() {
        let desk = board(&raw);
        let context = Context { live: false, ..desk.state.context() };
        let report =
            openmetrics::openmetrics(&context, openmetrics::Series::every(&TableId::ALL), |_| true)
                .unwrap();
        check(&report, &raw, label);
        for line in report.lines().filter(|line| !line.starts_with('#')) {
            let value = line.rsplit(' ').next().unwrap();
            assert!(value.parse::<f64>().is_ok(), "{label}: {line}");
        }
        assert!(report.ends_with("# EOF\n"), "{label}");
    }
}

#[test]
fn the_audit_log_has_whole_lines_of_json_and_nothing_that_steers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let audit = Audit::open(&path).unwrap();
    for (label, raw) in corpus() {
        let text = poisoned(&raw);
        let command = Command {
            id: CommandId(1),
            source: text.as_str().into(),
            request: Request::RemoveEntry { entry: text.as_str().into() },
            target: Shown::clean(&text),
            place: Shown::clean(&text),
        };
        audit.intent(&command, None, desk::wall()).unwrap();
        audit
            .outcome(&command, None, desk::wall(), &Outcome::Refused(Shown::clean(&text)))
            .unwrap();
        let lines = std::fs::read_to_string(&path).unwrap();
        for line in lines.lines().rev().take(2) {
            check(line, &raw, label);
            let _: serde_json::Value = serde_json::from_str(line).unwrap();
        }
    }
    let lines = std::fs::read_to_string(&path).unwrap();
    assert_eq!(lines.lines().count(), 2 * corpus().len());
}

#[test]
fn a_picture_is_well_formed_and_holds_nothing_that_steers() {
    let look_of = Look { theme: Theme::midnight(), characters: Characters::Unicode };
    for (turn, (label, raw)) in corpus().into_iter().enumerate() {
        let (name, keys, paste) = LOOKS[turn % LOOKS.len()];
        let screen = TestScreen::new(board(&raw).state, 110, 31);
        let screen = look(screen, keys, paste.then(|| poisoned(&raw)));
        let picture = export::picture(&screen.state, &look_of, true);
        let bad = steering_in_lines(&picture);
        assert_eq!(bad, None, "{label} in {name}");
        let mut reader = quick_xml::Reader::from_str(&picture);
        reader.config_mut().check_end_names = true;
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::Eof) => break,
                Ok(_) => {}
                Err(error) => panic!("{label} in {name}: {error}"),
            }
        }
    }
}
