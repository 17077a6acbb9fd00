//! Scheduler entries: what can be asked of them.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Global, journal_folder, span, status};
use crate::operations::Field;
use crate::runtime::RunError;
use crate::runtime::oneshot::entries::{self, Written};
use crate::runtime::oneshot::{Answer, Format, Report};
use crate::source::nimbus::wire;
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
        known: Customer,
        /// How its id is written
        #[arg(long, value_enum, default_value_t = Answer::Text)]
        format: Answer,
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
        known: Customer,
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

/// What is known with an entry beside its terms.
#[derive(Debug, Args)]
pub(super) struct Customer {
    /// Something of the customer, e.g. company=Engines or phones=home=+44…; a text alone is the name that is shown; may
    /// be repeated
    #[arg(long, value_name = "FIELD=VALUE")]
    customer: Vec<String>,
    /// What the service's workflow is told; may be repeated
    #[arg(long, alias = "parameters", value_name = "NAME=VALUE")]
    parameter: Vec<String>,
}

impl Customer {
    /// Every field once; pairs of one field together.
    fn written(self) -> Result<Vec<(Field, String)>, RunError> {
        let (mut texts, mut pairs) = (BTreeMap::new(), BTreeMap::<_, Vec<String>>::new());
        for own in self.parameter {
            pairs.entry(Field::Parameters).or_default().push(own);
        }
        for own in self.customer {
            let (name, value) = own.split_once('=').unwrap_or(("display_name", &own));
            let Some(field) = Field::CUSTOMER.into_iter().find(|field| names(*field, name)) else {
                let all = Field::CUSTOMER.map(|field| field.declared().name).join(", ");
                return Err(RunError::usage(&format!("--customer {own:?}: there is {all}")));
            };
            if field.holds_pairs() {
                pairs.entry(field).or_default().push(value.to_owned());
            } else if texts.insert(field, value.to_owned()).is_some() {
                return Err(RunError::usage(&format!("--customer {own:?}: it is there twice")));
            }
        }
        let pairs = pairs.into_iter().map(|(field, all)| (field, paired(&all)));
        Ok(texts.into_iter().chain(pairs).collect())
    }
}

/// Whether a field of a customer is called so, here or in the vendor's documents.
fn names(field: Field, name: &str) -> bool {
    let letters = |name: &str| name.trim().to_lowercase().replace(['_', '-'], "");
    [field.declared().name, wire::key(field)].into_iter().any(|own| letters(own) == letters(name))
}

/// Names with their values, each written for itself, as one text.
pub(super) fn paired(all: &[String]) -> String {
    all.iter().map(|own| own.replace(';', ";;")).collect::<Vec<_>>().join("; ")
}

pub(super) async fn on_entries(global: &Global, ask: EntriesAsk) -> Result<u8, RunError> {
    let mut answer = Answer::Text;
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
            return entries::journal(folder.as_deref(), &report, &mut Printer::stdout());
        }
        EntriesAsk::Add { service, destination, due, terms, known, format, how } => {
            answer = format;
            let mut written = terms.written(Some(service), Some(destination), Some(due));
            written.0.extend(known.written()?);
            (Vec::new(), Some(written), how)
        }
        EntriesAsk::Update { ids, service, destination, due, terms, known, how } => {
            let mut written = terms.written(service, destination, due);
            written.0.extend(known.written()?);
            (ids, Some(written), how)
        }
        EntriesAsk::Remove { ids, how } => (ids, None, how),
    };
    let config = global.load()?;
    let audit = Global::audit(&config)?;
    let mut means = global.means(&config, how.yes, &audit);
    let source = how.source.as_deref();
    match written {
        None => entries::remove(config.sources, source, &ids, &mut means).await,
        Some(written) if ids.is_empty() => {
            let mut out = Printer::stdout();
            entries::add(config.sources, source, &written, answer, &mut out, &mut means).await
        }
        Some(written) => entries::update(config.sources, source, &ids, &written, &mut means).await,
    }
}
