//! Tables: one declaration for screens and reports, so both must tell the same.

use std::collections::BTreeSet;

use floorwalker::table::{Align, Context, Head, TableId, Width};
use serde_json::{Map, Value};

use crate::support::desk::Desk;

mod days;
mod events;
mod fit;
mod found;
mod groups;
mod json;
mod order;
mod severity;
mod still;
mod text;
mod totals;
mod urgency;

/// The context of a report: nothing grows.
fn report(desk: &Desk) -> Context<'_> {
    Context { live: false, ..desk.state.context() }
}

/// The row of a table whose key has that value.
fn row(table: TableId, context: &Context<'_>, key: &str, value: &str) -> Map<String, Value> {
    let all = table.json(context);
    let found = all.iter().find(|row| row[key] == value);
    let found = found.unwrap_or_else(|| panic!("no {key} {value} in {all:#?}"));
    found.as_object().unwrap().clone()
}

/// What the cell of that column shows.
fn cell(
    table: TableId,
    context: &Context<'_>,
    id: &floorwalker::table::RowId,
    name: &str,
) -> String {
    let page = table.page(context, std::slice::from_ref(id));
    let column = table.columns().iter().position(|head| head.name == name);
    page[0].cells[column.unwrap()].text.clone()
}

#[test]
fn names_are_snake_case_and_unique_in_each_table() {
    for table in TableId::ALL {
        let mut seen = BTreeSet::new();
        for head in table.columns() {
            let snake = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(head.name.starts_with(|c: char| c.is_ascii_lowercase()), "{}", head.name);
            assert!(head.name.chars().all(snake) && !head.name.contains("__"), "{}", head.name);
            assert!(seen.insert(head.name), "{} has {} twice", table.name(), head.name);
        }
    }
}

#[test]
fn names_of_tables_are_found_again() {
    for table in TableId::ALL {
        assert_eq!(TableId::named(table.name()), Some(table));
    }
    assert_eq!(TableId::named("Queues"), None);
}

#[test]
fn every_column_says_what_it_is() {
    for table in TableId::ALL {
        for head in table.columns() {
            assert!(head.help.ends_with('.'), "{}.{}", table.name(), head.name);
            assert!(head.width.min >= 1 && head.width.min <= head.width.max, "{}", head.name);
        }
    }
}

#[test]
fn a_header_fits_over_the_narrowest_column() {
    for table in TableId::ALL {
        for head in table.columns().iter().filter(|head| head.rank != floorwalker::table::HIDDEN) {
            let wide = head.header.chars().count();
            assert!(wide <= usize::from(head.width.min), "{}.{}", table.name(), head.name);
        }
    }
}

#[test]
fn the_first_order_of_a_table_is_one_of_its_columns() {
    for table in TableId::ALL {
        let (name, _) = table.sort();
        assert!(table.columns().iter().any(|head| head.name == name), "{name}");
    }
}

fn head(rank: u8, min: u16, more: u16) -> Head {
    let width = Width::between(min, min.saturating_add(more));
    Head {
        name: "any",
        header: "Any",
        width,
        align: Align::Left,
        rank,
        help: "Any.",
        counter: false,
    }
}
