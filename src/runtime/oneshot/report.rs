//! What a snapshot is written as: which tables, in which form.

use std::path::PathBuf;
use std::time::Duration;

use crate::report;
use crate::report::openmetrics::Series;
use crate::runtime::RunError;
use crate::source::gaze::{Books, Entries, Needs};
use crate::table::{Context, RowId, TableId};

/// In which form a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns.
    Text,
    /// One JSON object.
    Json,
    /// One table for a spreadsheet, RFC 4180.
    Csv,
    /// Tables for a wiki.
    Markdown,
    /// Gauges and counters for Prometheus and its kin.
    Openmetrics,
}

/// What a report is about.
#[derive(Debug)]
pub struct Report {
    /// The tables; none for those of the format.
    pub tables: Vec<TableId>,
    /// Its form.
    pub format: Format,
    /// Only rows of this source.
    pub source: Option<String>,
    /// Only entries of this service.
    pub service: Option<String>,
    /// How long the sources have.
    pub timeout: Duration,
    /// Whether numbers of people are masked.
    pub mask: bool,
    /// Whether only ASCII is written.
    pub ascii: bool,
    /// Whether metrics have series of single calls, tasks, callbacks and entries.
    pub per_item: bool,
    /// The file that it is written into; `None` for standard output.
    pub output: Option<PathBuf>,
}

impl Report {
    /// Whether it can be written at all: before anything is asked of a source.
    ///
    /// # Errors
    /// Several tables where the format has room for one.
    pub fn check(&self) -> Result<(), RunError> {
        if self.format == Format::Csv && self.tables.len() > 1 {
            let names: Vec<&str> = self.tables.iter().map(|table| table.name()).collect();
            return Err(RunError::usage(&format!(
                "csv is exactly one table, not {}: name one, or say --format json",
                names.join(" and ")
            )));
        }
        Ok(())
    }

    /// The tables: those that were named, else those of the format.
    pub(super) fn tables(&self) -> Vec<TableId> {
        match (self.tables.is_empty(), self.format) {
            (false, _) => self.tables.clone(),
            (true, Format::Json | Format::Openmetrics) => TableId::ALL.to_vec(),
            (true, Format::Text | Format::Csv | Format::Markdown) => vec![TableId::Queues],
        }
    }

    /// What it needs: much of that is many requests, so it is read only where it is written.
    pub(super) fn needs(&self) -> Needs {
        let tables = self.tables();
        let has = |table| tables.contains(&table);
        let entries = match &self.service {
            _ if !has(TableId::Entries) => Entries::None,
            Some(service) => Entries::Of(service.clone()),
            None => Entries::All,
        };
        Needs {
            calls: has(TableId::Calls),
            profiles: has(TableId::Agents),
            books: if entries == Entries::None { Books::None } else { Books::All },
            entries,
            ..Needs::default()
        }
    }

    /// Whether a row is of the wanted service.
    fn keeps(&self, context: &Context<'_>, id: &RowId) -> bool {
        match (id, &self.service) {
            (RowId::Entry(source, id), Some(service)) => context
                .floor
                .entry(source, id)
                .is_some_and(|entry| entry.service.as_str() == service),
            (RowId::Ended(source, id), Some(service)) => context
                .journal
                .get(source, id)
                .is_some_and(|ended| ended.service.as_str() == service),
            _ => true,
        }
    }
}

/// The report as it is written.
///
/// # Errors
/// An output that fails.
pub fn written(context: &Context<'_>, ask: &Report) -> Result<String, RunError> {
    let tables = ask.tables();
    let keep = |id: &RowId| ask.keeps(context, id);
    let text = |table| {
        let rows = report::text::text(context, table, keep);
        match table {
            TableId::Queues => beneath(rows, &report::totals::text(context)),
            _ => rows,
        }
    };
    let markdown = |table| {
        let rows = report::markdown::markdown(context, table, ask.ascii, keep);
        match table {
            TableId::Queues => beneath(rows, &report::totals::markdown(context, ask.ascii)),
            _ => rows,
        }
    };
    Ok(match ask.format {
        Format::Json => json(context, ask, &tables)?,
        Format::Csv => {
            let parts: Result<Vec<String>, _> =
                tables.iter().map(|table| report::csv::csv(context, *table, keep)).collect();
            parts?.concat()
        }
        Format::Openmetrics => {
            let series = Series { tables: &tables, per_item: ask.per_item };
            report::openmetrics::openmetrics(context, series, keep)
                .map_err(std::io::Error::other)?
        }
        Format::Markdown => titled(&tables, "## ", "\n\n", markdown),
        Format::Text if ask.ascii => report::text::ascii(&titled(&tables, "", "\n", text)),
        Format::Text => titled(&tables, "", "\n", text),
    })
}

/// Rows, and below them what they come to, where they come to anything.
fn beneath(rows: String, totals: &str) -> String {
    if totals.is_empty() { rows } else { rows + "\n" + totals }
}

/// One part for each table; several have their titles above them.
fn titled(
    tables: &[TableId],
    before: &str,
    behind: &str,
    part: impl Fn(TableId) -> String,
) -> String {
    let parts: Vec<String> = tables
        .iter()
        .map(|table| match tables.len() {
            1 => part(*table),
            _ => format!("{before}{}{behind}{}", table.title(), part(*table)),
        })
        .collect();
    parts.join("\n")
}

fn json(context: &Context<'_>, ask: &Report, tables: &[TableId]) -> Result<String, RunError> {
    let mut value = report::json::json(context, tables);
    if let (Some(service), Some(rows)) = (&ask.service, value.get_mut("entries"))
        && let Some(rows) = rows.as_array_mut()
    {
        rows.retain(|row| row["service"].as_str().is_some_and(|own| own == service));
    }
    let text = crate::text::json::pretty(&value).map_err(std::io::Error::other)?;
    Ok(text + "\n")
}
