//! The report for Prometheus and its kin: a gauge for each column of numbers, in the OpenMetrics text format.
//!
//! A column's kind makes its gauge's name and unit: `queues.waiting` is `floorwalker_queue_waiting`,
//! `longest_wait_s` is `…_longest_wait_seconds`, `service_level` is `…_service_level_ratio` (0 to 1),
//! `updated_at` is `…_updated_timestamp_seconds`. What is not told has no sample, and a gauge without
//! samples is not there.

use std::collections::BTreeSet;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use crate::floor::link::Link;
use crate::table::{Context, Figure, Head, RowId, TableId};

/// What every name begins with.
const PREFIX: &str = "floorwalker";

/// Labels and their values.
type Labels = Vec<(&'static str, String)>;

/// How a report ends.
const END: &str = "# EOF\n";

/// The report on these tables, and always on the sources.
///
/// # Errors
/// None that has been seen: it is written into memory.
pub fn openmetrics(
    context: &Context<'_>,
    tables: &[TableId],
    keep: impl Fn(&RowId) -> bool,
) -> Result<String, fmt::Error> {
    let mut families = Vec::new();
    for table in TableId::ALL {
        if table.is_reported() && (tables.contains(&table) || table == TableId::Sources) {
            let mut rows = table.readings(context);
            rows.retain(|(id, _)| keep(id));
            let rows: Vec<Vec<Figure>> = rows.into_iter().map(|(_, figures)| figures).collect();
            gather(table, &rows, &mut families);
        }
    }
    written(families)
}

fn written(families: Vec<Family>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(Families(families)));
    let mut out = String::new();
    text::encode(&mut out, &registry)?;
    Ok(out)
}

/// A gauge of the program itself, without labels.
#[derive(Debug, Clone, Copy)]
pub struct Own {
    name: &'static str,
    help: &'static str,
    value: u64,
}

impl Own {
    /// A gauge that stands at `value`.
    pub const fn new(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, value }
    }
}

/// A report that is written already, and behind it what the program tells of itself.
///
/// # Errors
/// None that has been seen: it is written into memory.
pub fn with_own(report: &str, own: &[Own]) -> Result<String, fmt::Error> {
    let families = own.iter().map(|Own { name, help, value }| Family {
        name: (*name).to_owned(),
        help,
        unit: None,
        samples: vec![(Labels::new(), Value::Whole(*value))],
    });
    let own = written(families.collect())?;
    Ok([report.strip_suffix(END).unwrap_or(report), &own].concat())
}

/// A gauge and its samples.
#[derive(Debug)]
struct Family {
    name: String,
    help: &'static str,
    unit: Option<Unit>,
    samples: Vec<(Labels, Value)>,
}

/// What a gauge says.
#[derive(Debug, Clone, Copy)]
enum Value {
    Whole(u64),
    Real(f64),
}

/// How a column's numbers are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Count,
    Seconds,
    Percent,
    Time,
}

/// What is written, in its order.
#[derive(Debug)]
struct Families(Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for Family { name, help, unit, samples } in &self.0 {
            let mut gauge =
                encoder.encode_descriptor(name, help, unit.as_ref(), MetricType::Gauge)?;
            for (labels, value) in samples {
                if labels.is_empty() {
                    match value {
                        Value::Whole(value) => gauge.encode_gauge(value)?,
                        Value::Real(value) => gauge.encode_gauge(value)?,
                    }
                    continue;
                }
                let mut sample = gauge.encode_family(labels)?;
                match value {
                    Value::Whole(value) => sample.encode_gauge(value)?,
                    Value::Real(value) => sample.encode_gauge(value)?,
                }
            }
        }
        Ok(())
    }
}

/// The gauges of one table.
fn gather(table: TableId, rows: &[Vec<Figure>], families: &mut Vec<Family>) {
    let heads = table.columns();
    let labels = labels(table, &heads, rows);
    for (column, head) in heads.iter().enumerate() {
        let told: Vec<(Labels, Kind, Value)> = rows
            .iter()
            .zip(&labels)
            .filter_map(|(row, labels)| {
                let (kind, value) = number(&row[column])?;
                Some((labels.clone(), kind, value))
            })
            .collect();
        // A column has one kind; the first sample tells which.
        let Some((_, kind, _)) = told.first() else { continue };
        let (name, unit) = name(table, head, *kind);
        let samples = told.into_iter().map(|(labels, _, value)| (labels, value)).collect();
        families.push(Family { name, help: head.help, unit, samples });
    }
    if table == TableId::Sources {
        links(&heads, rows, &labels, families);
    }
}

/// The number that a figure is.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are below 2^53")]
fn number(figure: &Figure) -> Option<(Kind, Value)> {
    Some(match figure {
        Figure::Count(count) => (Kind::Count, Value::Whole(*count)),
        Figure::Seconds(seconds) => (Kind::Seconds, Value::Whole(*seconds)),
        Figure::Percent(share) => (Kind::Percent, Value::Real(share / 100.0)),
        Figure::Time(time) | Figure::Due(time) | Figure::Past(time) => {
            (Kind::Time, Value::Real(time.timestamp_millis() as f64 / 1_000.0))
        }
        Figure::About(own) => return number(own),
        Figure::Unknown | Figure::Text(_) | Figure::Word(_) | Figure::List(..) => return None,
    })
}

fn name(table: TableId, head: &Head, kind: Kind) -> (String, Option<Unit>) {
    let (noun, column) = (noun(table), head.name);
    let without = |end: &str| column.strip_suffix(end).unwrap_or(column);
    match kind {
        Kind::Count => (format!("{noun}_{column}"), None),
        Kind::Seconds => (format!("{noun}_{}", without("_s")), Some(Unit::Seconds)),
        Kind::Percent => (format!("{noun}_{column}"), Some(Unit::Other("ratio".to_owned()))),
        Kind::Time => (format!("{noun}_{}_timestamp", without("_at")), Some(Unit::Seconds)),
    }
}

/// What one row of a table is called in names.
const fn noun(table: TableId) -> &'static str {
    match table {
        TableId::Queues => "queue",
        TableId::Agents => "agent",
        TableId::Calls => "call",
        TableId::Tasks => "task",
        TableId::Callbacks => "callback",
        TableId::CallbackLists => "callback_list",
        TableId::Entries => "entry",
        TableId::Journal => "ended_entry",
        TableId::Sources => "source",
        TableId::Log => "log",
    }
}

/// The columns that are labels: what says which row it is. No number of a person is among them.
const fn identity(table: TableId) -> &'static [&'static str] {
    match table {
        TableId::Queues => &["source", "queue", "id"],
        TableId::Agents => &["source", "agent", "id"],
        TableId::Calls | TableId::Tasks => &["source", "queue", "id"],
        TableId::Callbacks | TableId::CallbackLists => &["source", "list", "id"],
        TableId::Entries | TableId::Journal => &["source", "service", "id"],
        TableId::Sources => &["source"],
        TableId::Log => &["number"],
    }
}

/// The labels of each row. Rows that nothing tells apart are numbered: no sample may stand twice.
fn labels(table: TableId, heads: &[Head], rows: &[Vec<Figure>]) -> Vec<Labels> {
    let mut seen = BTreeSet::new();
    let label = |head: &Head, figure: &Figure| match figure.json() {
        serde_json::Value::String(text) if identity(table).contains(&head.name) => {
            Some((head.name, text))
        }
        _ => None,
    };
    let place = |(name, _): &(&str, String)| identity(table).iter().position(|own| own == name);
    let own = |row: &Vec<Figure>| {
        let mut labels: Labels =
            heads.iter().zip(row).filter_map(|(head, figure)| label(head, figure)).collect();
        labels.sort_by_key(place);
        let mut numbered = labels.clone();
        let mut number = 1_u32;
        while !seen.insert(numbered.clone()) {
            number += 1;
            numbered.clone_from(&labels);
            numbered.push(("row", number.to_string()));
        }
        numbered
    };
    rows.iter().map(own).collect()
}

/// The state of each source's link: a gauge of 0 and 1 for each of the words, and one for whether it is up.
fn links(heads: &[Head], rows: &[Vec<Figure>], labels: &[Labels], families: &mut Vec<Family>) {
    let Some(column) = heads.iter().position(|head| head.name == "link") else { return };
    let (mut states, mut up) = (Vec::new(), Vec::new());
    for (row, labels) in rows.iter().zip(labels) {
        let Figure::Word(word) = &row[column] else { continue };
        for link in Link::ALL {
            let holds = word.json.as_str() == link.word();
            let mut state = labels.clone();
            state.push(("link", link.word().to_owned()));
            states.push((state, Value::Whole(holds.into())));
            if holds {
                up.push((labels.clone(), Value::Whole(link.is_fresh().into())));
            }
        }
    }
    let family = |name: &str, help, samples| Family {
        name: format!("{}_{name}", noun(TableId::Sources)),
        help,
        unit: None,
        samples,
    };
    if !states.is_empty() {
        families.push(family("link", "1 for how it is reached, 0 for the other words.", states));
        families.push(family("up", "Whether its figures may be taken for the present.", up));
    }
}
