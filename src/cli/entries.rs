//! Scheduler entries: what can be asked of them.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::operations::{Of, OfEntries, on_operation};
use super::{Global, journal_folder, span, status};
use crate::runtime::RunError;
use crate::runtime::oneshot::{Format, Report, entries};
use crate::table::TableId;
use crate::terminal::print::Printer;

#[derive(Debug, Subcommand)]
pub(super) enum EntriesAsk {
    /// List them
    List(Listed),
    /// How they ended, of the last 30 days: what Nimbus's own reports leave out
    Journal {
        /// Only this source
        #[arg(long)]
        source: Option<String>,
        /// Only this service
        #[arg(long)]
        service: Option<String>,
        /// How it is written
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    #[command(flatten)]
    Change(Of<OfEntries>),
}

/// Which rows are listed, and how.
#[derive(Debug, Args)]
pub(super) struct Listed {
    /// Only this source
    #[arg(long)]
    source: Option<String>,
    /// Only this service
    #[arg(long)]
    service: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How long the sources have to answer
    #[arg(long, default_value = "10s", value_parser = span)]
    timeout: Duration,
}

impl Listed {
    /// The report of one table.
    pub(super) fn report(self, global: &Global, table: TableId) -> Report {
        Report {
            tables: vec![table],
            format: self.format,
            source: self.source,
            service: self.service,
            timeout: self.timeout,
            mask: !global.no_mask,
            ascii: global.is_ascii(),
            per_item: true,
            output: None,
        }
    }
}

pub(super) async fn on_entries(global: &Global, ask: EntriesAsk) -> Result<u8, RunError> {
    match ask {
        EntriesAsk::List(listed) => status(global, &listed.report(global, TableId::Entries)).await,
        EntriesAsk::Journal { source, service, format } => {
            let report = Report {
                tables: vec![TableId::Journal],
                format,
                source,
                service,
                timeout: Duration::ZERO,
                mask: true,
                ascii: global.is_ascii(),
                per_item: true,
                output: None,
            };
            let folder = journal_folder();
            entries::journal(folder.as_deref(), &report, &mut Printer::stdout())
        }
        EntriesAsk::Change(change) => on_operation(global, change.asked).await,
    }
}
