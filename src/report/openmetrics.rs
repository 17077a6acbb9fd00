//! The report for Prometheus and its kin: a gauge or a counter for each column of numbers, in the OpenMetrics text
//! format or in Prometheus' own.
//!
//! A column's kind makes its name and unit: `queues.waiting` is `floorwalker_queue_waiting`, `longest_wait_s` is
//! `…_longest_wait_seconds`, `service_level` is `…_service_level_ratio` (0 to 1), `updated_at` is
//! `…_updated_timestamp_seconds`, and what counts up ends in `_total`. What is not told has no sample, and what has no
//! samples is not there. A source that is stale or down has no figures: they would be taken for the present.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use crate::floor::id::SourceName;
use crate::floor::link::Link;
use crate::table::totals::Totals;
use crate::table::{Context, Figure, Head, RowId, TableId};

/// What every name begins with.
const PREFIX: &str = "floorwalker";

/// Labels and their values.
type Labels = Vec<(&'static str, String)>;

/// How a report ends.
const END: &str = "# EOF\n";

/// The columns of sources that are told of every source, however it is reached.
const ALWAYS: [&str; 1] = ["last_update"];

/// Of what series are written.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// The tables; that of the sources is always among them.
    pub tables: &'a [TableId],
    /// Whether calls, tasks, callbacks and entries have series of their own. They come and go by the thousand, and each
    /// leaves series behind in a time series database.
    pub per_item: bool,
}

impl<'a> Series<'a> {
    /// Every series of these tables, of single items too.
    pub const fn every(tables: &'a [TableId]) -> Self {
        Self { tables, per_item: true }
    }
}

/// A figure of the program itself, without labels.
#[derive(Debug, Clone, Copy)]
pub struct Own {
    name: &'static str,
    help: &'static str,
    value: u64,
    counter: bool,
}

impl Own {
    /// A gauge that stands at `value`.
    pub const fn new(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, value, counter: false }
    }

    /// A counter that stands at `value`; its name gets `_total`.
    pub const fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, value, counter: true }
    }
}

/// The report.
///
/// # Errors
/// None that has been seen: it is written into memory.
pub fn openmetrics(
    context: &Context<'_>,
    series: Series<'_>,
    keep: impl Fn(&RowId) -> bool,
) -> Result<String, fmt::Error> {
    let mut families = Vec::new();
    let is_up = |source: &SourceName| {
        context.floor.world(source).is_some_and(|world| world.link(&context.now).is_fresh())
    };
    let mut counts = Vec::new();
    for table in TableId::ALL {
        if !table.is_reported() || !(series.tables.contains(&table) || table == TableId::Sources) {
            continue;
        }
        let mut rows = table.readings(context);
        rows.retain(|(id, _)| keep(id));
        if table == TableId::Sources {
            for (id, figures) in &mut rows {
                if !id.source().is_some_and(is_up) {
                    leave_always(table, figures);
                }
            }
        } else {
            rows.retain(|(id, _)| id.source().is_none_or(is_up) && table.is_fresh(context, id));
        }
        if is_of_items(table) && !series.per_item {
            counts.extend(counted(table, &rows));
            continue;
        }
        let (ids, rows): (Vec<RowId>, Vec<Vec<Figure>>) = rows.into_iter().unzip();
        gather(context, table, &ids, &rows, &mut families);
    }
    if !counts.is_empty() {
        let help = "Calls, tasks, callbacks and entries that are known, by table.";
        families.push(Family::gauge("rows", help, counts));
    }
    if series.tables.contains(&TableId::Queues) {
        totals(context, &keep, &mut families);
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

/// A report that is written already, and behind it what the program tells of itself.
///
/// # Errors
/// None that has been seen: it is written into memory.
pub fn with_own(report: &str, own: &[Own]) -> Result<String, fmt::Error> {
    let families = own.iter().map(|Own { name, help, value, counter }| {
        let samples = vec![(Labels::new(), Value::Whole(*value))];
        Family { counter: *counter, ..Family::gauge(*name, help, samples) }
    });
    let own = written(families.collect())?;
    Ok([report.strip_suffix(END).unwrap_or(report), &own].concat())
}

/// The same report in the text format of Prometheus, version 0.0.4, which has no units and no end, and names a counter as
/// its samples are named.
pub fn prometheus(openmetrics: &str) -> String {
    let is_counter = |line: &&str| line.starts_with("# TYPE ") && line.ends_with(" counter");
    let name = |line: &str| line.split(' ').nth(2).unwrap_or_default().to_owned();
    let counters: BTreeSet<String> = openmetrics.lines().filter(is_counter).map(name).collect();
    let mut out = String::with_capacity(openmetrics.len());
    for line in openmetrics.lines() {
        if line == "# EOF" || line.starts_with("# UNIT ") {
            continue;
        }
        let own = if line.starts_with("# ") { name(line) } else { String::new() };
        match counters.contains(&own) {
            true => out.push_str(&line.replacen(&own, &format!("{own}_total"), 1)),
            false => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

/// Whether rows of a table come and go by the thousand, so that each is a series only on request.
const fn is_of_items(table: TableId) -> bool {
    matches!(
        table,
        TableId::Calls
            | TableId::Tasks
            | TableId::Callbacks
            | TableId::Entries
            | TableId::Journal
            | TableId::Log
    )
}

/// How many rows of a table each source has.
fn counted(table: TableId, rows: &[(RowId, Vec<Figure>)]) -> Vec<(Labels, Value)> {
    let mut counts: BTreeMap<&SourceName, u64> = BTreeMap::new();
    for source in rows.iter().filter_map(|(id, _)| id.source()) {
        *counts.entry(source).or_default() += 1;
    }
    let labels = |source: &SourceName| {
        vec![("source", source.shown().to_string()), ("table", table.name().to_owned())]
    };
    counts.into_iter().map(|(source, count)| (labels(source), Value::Whole(count))).collect()
}

/// Leaves only what is told of every source.
fn leave_always(table: TableId, figures: &mut [Figure]) {
    for (head, figure) in table.columns().iter().zip(figures) {
        if !ALWAYS.contains(&head.name) && !identity(table).contains(&head.name) {
            *figure = Figure::Unknown;
        }
    }
}

/// What all queues come to, and how many of them tell each figure.
fn totals(context: &Context<'_>, keep: impl Fn(&RowId) -> bool, families: &mut Vec<Family>) {
    let has = |row: &crate::table::queues::QueueRow<'_>| {
        keep(&RowId::Queue(row.source.clone(), row.queue.id.clone()))
    };
    let (mut rows, mut of) = (Vec::new(), Vec::new());
    for (figure, value, coverage) in Totals::whole(context, has).report(context.now.moment) {
        let Some((kind, value)) = number(&value) else { continue };
        let (name, unit) = name_of("total", figure, kind);
        let help = "What all queues come to that tell it.";
        let samples = vec![(Labels::new(), value)];
        families.push(Family { unit, ..Family::gauge(name, help, samples) });
        let labels = || vec![("figure", figure.to_owned())];
        rows.push((labels(), Value::Whole(coverage.rows)));
        of.push((labels(), Value::Whole(coverage.of)));
    }
    if !rows.is_empty() {
        families.push(Family::gauge("total_rows", "Queues that tell the figure of a total.", rows));
        families.push(Family::gauge("total_of_rows", "Queues that there are.", of));
    }
}

/// A gauge or a counter, and its samples.
#[derive(Debug)]
struct Family {
    name: String,
    help: &'static str,
    unit: Option<Unit>,
    counter: bool,
    samples: Vec<(Labels, Value)>,
}

impl Family {
    fn gauge(name: impl Into<String>, help: &'static str, samples: Vec<(Labels, Value)>) -> Self {
        Self { name: name.into(), help, unit: None, counter: false, samples }
    }
}

/// What a sample says.
#[derive(Debug, Clone, Copy)]
enum Value {
    Whole(u64),
    Real(f64),
}

impl Value {
    fn encode(self, counter: bool, mut sample: MetricEncoder<'_>) -> fmt::Result {
        self.encode_alone(counter, &mut sample)
    }

    fn encode_alone(self, counter: bool, sample: &mut MetricEncoder<'_>) -> fmt::Result {
        match (self, counter) {
            (Self::Whole(value), true) => sample.encode_counter::<NoLabelSet, _, u64>(&value, None),
            (Self::Real(value), true) => sample.encode_counter::<NoLabelSet, _, u64>(&value, None),
            (Self::Whole(value), false) => sample.encode_gauge(&value),
            (Self::Real(value), false) => sample.encode_gauge(&value),
        }
    }
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
        for Family { name, help, unit, counter, samples } in &self.0 {
            let kind = if *counter { MetricType::Counter } else { MetricType::Gauge };
            let mut family = encoder.encode_descriptor(name, help, unit.as_ref(), kind)?;
            for (labels, value) in samples {
                match labels.is_empty() {
                    true => value.encode_alone(*counter, &mut family)?,
                    false => value.encode(*counter, family.encode_family(labels)?)?,
                }
            }
        }
        Ok(())
    }
}

/// The gauges and counters of one table.
fn gather(
    context: &Context<'_>,
    table: TableId,
    ids: &[RowId],
    rows: &[Vec<Figure>],
    families: &mut Vec<Family>,
) {
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
        let (name, unit) = name_of(noun(table), head.name, *kind);
        let samples = told.into_iter().map(|(labels, _, value)| (labels, value)).collect();
        families.push(Family { name, help: head.help, unit, counter: head.counter, samples });
    }
    if table == TableId::Sources {
        links(context, ids, &labels, families);
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

/// The name and the unit of a column's figures.
fn name_of(noun: &str, column: &str, kind: Kind) -> (String, Option<Unit>) {
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

/// The state of each source's link: whether it is up, and of one that is, by which word.
fn links(context: &Context<'_>, ids: &[RowId], labels: &[Labels], families: &mut Vec<Family>) {
    let (mut states, mut up) = (Vec::new(), Vec::new());
    for (id, labels) in ids.iter().zip(labels) {
        let Some(world) = id.source().and_then(|source| context.floor.world(source)) else {
            continue;
        };
        let own = world.link(&context.now);
        up.push((labels.clone(), Value::Whole(own.is_fresh().into())));
        for link in Link::ALL.into_iter().filter(|_| own.is_fresh()) {
            let mut state = labels.clone();
            state.push(("link", link.word().to_owned()));
            states.push((state, Value::Whole((own == link).into())));
        }
    }
    let noun = noun(TableId::Sources);
    if !states.is_empty() {
        let help = "1 for how it is reached, 0 for the other words.";
        families.push(Family::gauge(format!("{noun}_link"), help, states));
    }
    if !up.is_empty() {
        let help = "Whether its figures may be taken for the present.";
        families.push(Family::gauge(format!("{noun}_up"), help, up));
    }
}
