//! The same texts where no screen stands between: JSON, the report for people, the log.

use floorwalker::report;
use floorwalker::table::{Context, HIDDEN, TableId, View};
use serde_json::Value;

use super::vendors::{board, named, poisoned};
use crate::support::hostile::{corpus, giants, steering, steering_in_lines};

/// Every text in a JSON value, names of keys too.
fn texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|value| texts(value, out)),
        Value::Object(map) => {
            for (key, value) in map {
                out.push(key.clone());
                texts(value, out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn json_is_valid_and_holds_nothing_that_steers() {
    for (label, text) in corpus() {
        let desk = board(&text);
        let context = Context { live: false, ..desk.state.context() };
        let line = report::json::json(&context, &TableId::ALL).to_string();
        assert!(steering(&line).is_none(), "{label}");
        let read: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{label}: {e}"));
        let mut found = Vec::new();
        texts(&read, &mut found);
        assert!(!found.iter().any(|text| steering(text).is_some()), "{label}: {found:?}");
        let clean = floorwalker::text::Shown::clean(&poisoned(&text));
        let head: String = clean.chars().take(20).collect();
        let with = found.iter().filter(|text| text.starts_with(&head)).count();
        assert!(with >= 20, "{label}: only {with} texts were poisoned");
    }
}

#[test]
fn the_report_for_people_has_a_line_for_a_row_and_nothing_that_steers() {
    for (label, text) in corpus() {
        let desk = board(&text);
        let context = Context { live: false, ..desk.state.context() };
        for table in TableId::ALL {
            let out = report::text::text(&context, table, |_| true);
            let bad = steering_in_lines(&out);
            assert_eq!(bad, None, "{label} in {}", table.name());
            assert_eq!(out.lines().count(), 1 + table.count(&context), "{label}");
            assert!(report::text::ascii(&out).is_ascii());
        }
    }
}

#[test]
fn every_line_of_the_log_is_clean() {
    for (label, text) in corpus() {
        let desk = board(&text);
        assert!(desk.state.log.len() >= 3, "{label}");
        for line in &desk.state.log {
            assert!(steering(&line.text).is_none(), "{label}: {line:?}");
        }
    }
}

#[test]
fn every_altered_text_shows_a_sign_in_its_cell() {
    let shown = |desk: &crate::support::desk::Desk| -> Vec<Vec<String>> {
        let context = desk.state.context();
        let mut rows = Vec::new();
        for table in TableId::ALL {
            let order = table.order(&context, &View::default());
            let heads = table.columns();
            for row in table.page(&context, &order) {
                let cells = row.cells.into_iter().zip(&heads);
                let cells = cells.filter(|(_, head)| !["due", "at"].contains(&head.name));
                rows.push(
                    cells.filter(|(_, head)| head.rank != HIDDEN).map(|(c, _)| c.text).collect(),
                );
            }
        }
        rows
    };
    for (label, text) in corpus() {
        let clean = floorwalker::text::Shown::clean(&poisoned(&text));
        if *clean == *poisoned(&text) {
            continue;
        }
        for row in shown(&board(&text)) {
            for cell in row.iter().filter(|cell| cell.starts_with('1') && cell.contains(' ')) {
                let marked = cell.contains('\u{FFFD}') || cell.contains('…');
                assert!(marked, "{label}: {cell:?}");
            }
        }
    }
}

#[test]
fn giants_cost_no_more_than_names() {
    for (label, text) in giants() {
        let desk = named(&text);
        let context = Context { live: false, ..desk.state.context() };
        let line = report::json::json(&context, &TableId::ALL).to_string();
        assert!(line.len() < 1_000_000, "{label}: {} bytes", line.len());
    }
}
