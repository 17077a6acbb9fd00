//! The report for spreadsheets: RFC 4180, one table, its columns' names on top.

use std::io;

use ::csv::{Terminator, WriterBuilder};
use serde_json::Value;

use crate::table::{Context, Figure, RowId, TableId};

/// Signs that a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// The report on one table: all its columns, by source, then id.
///
/// What is not told is empty. What has a structure is compact JSON. Text that a spreadsheet would take for a
/// formula begins with `'`.
///
/// # Errors
/// None that has been seen: it is written into memory.
pub fn csv(
    context: &Context<'_>,
    table: TableId,
    keep: impl Fn(&RowId) -> bool,
) -> io::Result<String> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(table.columns().iter().map(|head| head.name))?;
    for (_, figures) in table.readings(context).iter().filter(|(id, _)| keep(id)) {
        writer.write_record(figures.iter().map(field))?;
    }
    let bytes = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

fn field(figure: &Figure) -> String {
    match figure.json() {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(FORMULA) => format!("'{text}"),
        Value::String(text) => text,
        value => value.to_string(),
    }
}
