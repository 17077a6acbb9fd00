//! Scheduler entries: what can be asked of them.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Global, journal_folder, span, status};
use crate::command::Field;
use crate::runtime::RunError;
use crate::runtime::oneshot::entries::{self, Written};
use crate::runtime::oneshot::{Format, Report};
use crate::table::TableId;

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
    /// Add one: a call that is made at its time
    Add {
        /// The service that makes the call, as user@domain
        #[arg(long)]
        service: String,
        /// Whom it calls: a number as +44 20…, or user@domain
        #[arg(long)]
        destination: String,
        /// When: 14:30, "2026-03-12 14:30", with an offset as +02:00 behind it, or +30m from now
        #[arg(long, allow_hyphen_values = true)]
        due: String,
        #[command(flatten)]
        terms: Terms,
        #[command(flatten)]
        how: How,
    },
    /// Change some, while they have not begun; what is not named stays as it is
    Update {
        /// Their ids
        #[arg(required = true, value_parser = super::id)]
        ids: Vec<String>,
        /// The service that makes the call, as user@domain
        #[arg(long)]
        service: Option<String>,
        /// Whom it calls: a number as +44 20…, or user@domain
        #[arg(long)]
        destination: Option<String>,
        /// When: as with `add`; +30m and -10m count from the entry's own time
        #[arg(long, allow_hyphen_values = true)]
        due: Option<String>,
        #[command(flatten)]
        terms: Terms,
        #[command(flatten)]
        how: How,
    },
    /// Remove them, while they have not begun
    Remove {
        /// Their ids
        #[arg(required = true, value_parser = super::id)]
        ids: Vec<String>,
        #[command(flatten)]
        how: How,
    },
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
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct How {
    /// The source; may be left out with one source
    #[arg(long)]
    pub(super) source: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub(super) yes: bool,
}

/// Fields that a new entry can do without.
#[derive(Debug, Args)]
pub(super) struct Terms {
    /// A priority of the vendor's lookup
    #[arg(long)]
    priority: Option<String>,
    /// Attempts, 1 to 10
    #[arg(long, value_name = "N")]
    max_attempts: Option<String>,
    /// Seconds that one attempt may take, 30 to 86400
    #[arg(long, value_name = "SECONDS")]
    attempt_timeout: Option<String>,
    /// Seconds that the call may wait for an agent, 5 to 3600
    #[arg(long, value_name = "SECONDS")]
    max_queue_time: Option<String>,
    /// Seconds that it rings at an agent before the next is tried, 5 to 30
    #[arg(long, value_name = "SECONDS")]
    rona_timeout: Option<String>,
    /// Your own system's reference
    #[arg(long)]
    reference: Option<String>,
}

impl Terms {
    fn written(
        self,
        service: Option<String>,
        destination: Option<String>,
        due: Option<String>,
    ) -> Written {
        let all = [
            (Field::Service, service),
            (Field::Destination, destination),
            (Field::Due, due),
            (Field::Priority, self.priority),
            (Field::MaxAttempts, self.max_attempts),
            (Field::AttemptTimeout, self.attempt_timeout),
            (Field::MaxQueueTime, self.max_queue_time),
            (Field::RonaTimeout, self.rona_timeout),
            (Field::Reference, self.reference),
        ];
        Written(all.into_iter().filter_map(|(field, text)| Some((field, text?))).collect())
    }
}

pub(super) async fn on_entries(global: &Global, ask: EntriesAsk) -> Result<u8, RunError> {
    let (ids, written, how) = match ask {
        EntriesAsk::List(listed) => {
            return status(global, &listed.report(global, TableId::Entries)).await;
        }
        EntriesAsk::Journal { source, service, format } => {
            let report = Report {
                tables: vec![TableId::Journal],
                format,
                source,
                service,
                timeout: Duration::ZERO,
                mask: true,
                ascii: global.is_ascii(),
            };
            let folder = journal_folder();
            return entries::journal(folder.as_deref(), &report, &mut std::io::stdout());
        }
        EntriesAsk::Add { service, destination, due, terms, how } => {
            (Vec::new(), Some(terms.written(Some(service), Some(destination), Some(due))), how)
        }
        EntriesAsk::Update { ids, service, destination, due, terms, how } => {
            (ids, Some(terms.written(service, destination, due)), how)
        }
        EntriesAsk::Remove { ids, how } => (ids, None, how),
    };
    let config = global.load()?;
    let mut stderr = std::io::stderr();
    let audit = Global::audit(&config)?;
    let mut means = global.means(&config, how.yes, &audit, &mut stderr);
    let source = how.source.as_deref();
    match written {
        None => entries::remove(config.sources, source, &ids, &mut means).await,
        Some(written) if ids.is_empty() => {
            entries::add(config.sources, source, &written, &mut means).await
        }
        Some(written) => entries::update(config.sources, source, &ids, &written, &mut means).await,
    }
}
