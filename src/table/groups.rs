//! Queues in groups: which belong together, in which order they stand, and what each group comes to.
//!
//! Everything here is found with the order of the table and kept with it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::floor::time::Moment;
use crate::table::order::Place;
use crate::table::queues::{QueueRow, Queues, severity, severity_lasts};
use crate::table::totals::{Coverage, Sums};
use crate::table::{Cell, Column, Context, Figure, Table, Tone};
use crate::text::{Pattern, Shown, folded};
use crate::threshold::Severity;

/// What stands over the queues that are in no group of the reader's own.
pub const OTHER: &str = "other";

/// The column that a group's name stands in.
const NAME: &str = "queue";

/// How queues stand in groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Grouping {
    #[default]
    Apart,
    /// By the source that tells of them.
    Source,
    /// By the reader's own groups; a queue stands in the first that it fits.
    Own(Arc<[OwnGroup]>),
}

/// A group of the reader's own: `[groups.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnGroup {
    pub name: Shown,
    /// Its queues: those whose name or id fits any of these.
    pub queues: Vec<Pattern>,
}

/// One group as it is shown: a total, and its queues below it.
#[derive(Debug, Clone)]
pub struct Group {
    pub name: Shown,
    /// How many queues stand in it.
    pub queues: usize,
    /// How many of them are old, and so counted nowhere.
    pub old: usize,
    /// How bad the worst queue is that may be taken for the present.
    pub severity: Option<Severity>,
    /// Where its first queue stands among all queues.
    pub first: usize,
    /// Where its total stands among all lines.
    pub line: usize,
    sums: Sums,
}

/// Rows in groups.
pub struct Grouped {
    /// The rows in their order.
    pub(super) order: Vec<usize>,
    /// Their groups, in the same order; none where they stand apart.
    pub(super) groups: Vec<Group>,
    /// Until which moment, itself counted in, all this holds if nothing but time goes on.
    pub(super) until: Moment,
}

impl Grouping {
    /// Every word for it in config files.
    pub const WORDS: [&'static str; 3] = ["none", "source", "own"];

    /// The word in config files.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Apart => "none",
            Self::Source => "source",
            Self::Own(_) => "own",
        }
    }

    /// The one of that word; the reader's own groups only where there are any.
    pub fn of(word: &str, own: &Arc<[OwnGroup]>) -> Option<Self> {
        match word {
            "none" => Some(Self::Apart),
            "source" => Some(Self::Source),
            "own" if !own.is_empty() => Some(Self::Own(Arc::clone(own))),
            _ => None,
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(&self, own: &Arc<[OwnGroup]>) -> Self {
        match self {
            Self::Apart => Self::Source,
            Self::Source if !own.is_empty() => Self::Own(Arc::clone(own)),
            Self::Source | Self::Own(_) => Self::Apart,
        }
    }

    /// The names of its groups, in their order; what is in none of them stands behind the last.
    fn names(&self, context: &Context<'_>) -> Vec<Shown> {
        match self {
            Self::Apart => Vec::new(),
            Self::Source => context.floor.worlds().map(|(source, _)| source.shown()).collect(),
            Self::Own(own) => own.iter().map(|group| group.name.clone()).collect(),
        }
    }

    /// Which of [`Grouping::names`] each row belongs to.
    fn places(&self, rows: &[QueueRow<'_>], context: &Context<'_>) -> Vec<usize> {
        match self {
            Self::Apart => vec![0; rows.len()],
            Self::Source => {
                let sources = context.floor.worlds().enumerate();
                let place: BTreeMap<_, _> = sources.map(|(at, (source, _))| (source, at)).collect();
                rows.iter().map(|row| place.get(row.source).copied().unwrap_or(0)).collect()
            }
            Self::Own(own) => rows
                .iter()
                .map(|row| {
                    let texts = [folded(&row.queue.name), folded(row.queue.id.raw())];
                    let fits =
                        |pattern: &Pattern| texts.iter().any(|text| pattern.fits_folded(text));
                    let of = own.iter().position(|group| group.queues.iter().any(fits));
                    of.unwrap_or(own.len())
                })
                .collect(),
        }
    }
}

impl Grouped {
    /// Rows that stand in no groups.
    pub(super) const fn apart(order: Vec<usize>) -> Self {
        Self { order, groups: Vec::new(), until: Moment::LAST }
    }

    /// Rows in groups: the worst group first. Among those that are alike the rest, which is in no group of the
    /// reader's own, stands last, and the others by what their totals show in the column that orders the
    /// table, else by where their first queues stand.
    pub(super) fn find(
        rows: &[QueueRow<'_>],
        sorted: Vec<usize>,
        (column, descending): (&Column<Queues>, bool),
        context: &Context<'_>,
        grouping: &Grouping,
    ) -> Self {
        if *grouping == Grouping::Apart {
            return Self::apart(sorted);
        }
        let names = grouping.names(context);
        let places = grouping.places(rows, context);
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut firsts: BTreeMap<usize, usize> = BTreeMap::new();
        for (at, index) in sorted.into_iter().enumerate() {
            members.entry(places[index]).or_default().push(index);
            firsts.entry(places[index]).or_insert(at);
        }
        let mut until = Moment::LAST;
        let mut all: Vec<(Group, bool, Place, Vec<usize>)> = Vec::new();
        for (place, members) in members {
            let name = names.get(place).cloned();
            let rest = name.is_none();
            let mut group = Group::empty(name.unwrap_or_else(|| Shown::clean(OTHER)));
            for index in &members {
                until = until.min(group.add(&rows[*index], context));
            }
            let key = group.figure(column, context).key();
            all.push((group, rest, Place::new(firsts[&place], key), members));
        }
        all.sort_by(|(a, a_rest, a_key, _), (b, b_rest, b_key, _)| {
            let worst = (Reverse(a.severity), a_rest).cmp(&(Reverse(b.severity), b_rest));
            worst.then_with(|| a_key.compare(b_key, descending))
        });
        let (mut order, mut groups) = (Vec::new(), Vec::new());
        for (at, (group, .., members)) in all.into_iter().enumerate() {
            groups.push(Group { first: order.len(), line: order.len() + at, ..group });
            order.extend(members);
        }
        Self { order, groups, until }
    }
}

impl Group {
    fn empty(name: Shown) -> Self {
        Self { name, queues: 0, old: 0, severity: None, first: 0, line: 0, sums: Sums::all() }
    }

    /// Adds a queue. All that it adds holds until the moment that comes back, itself counted in.
    fn add(&mut self, row: &QueueRow<'_>, context: &Context<'_>) -> Moment {
        self.queues += 1;
        let is_fresh = Queues::is_fresh(row, context);
        let sums = self.sums.add(row, is_fresh, context);
        if !is_fresh {
            self.old += 1;
            return sums;
        }
        self.severity = self.severity.max(severity(row, context));
        let fresh = row.world.lasts(&row.queue.feed, &context.now);
        fresh.min(sums).min(severity_lasts(row, context))
    }

    fn figure(&self, by: &Column<Queues>, context: &Context<'_>) -> Figure {
        match self.sums.named(by.name) {
            Some(sum) => sum.figure(context.now.moment),
            None if by.name == NAME => Figure::Text(self.name.clone()),
            None => Figure::Unknown,
        }
    }

    /// One cell for each declared column, and over how many queues it is; `None` where the total has none.
    pub fn cells(&self, context: &Context<'_>) -> Vec<Option<(Cell, Coverage)>> {
        let cell = |(place, column): (usize, &Column<Queues>)| {
            let Some(sum) = self.sums.at(place) else {
                let name = || Cell { text: self.name.to_string(), tone: Tone::Strong };
                return (column.name == NAME).then(|| (name(), Coverage::default()));
            };
            let figure = sum.figure(context.now.moment);
            let tone = match (&figure, sum.worst()) {
                (Figure::Unknown, _) => Tone::Unknown,
                (_, Some(Severity::Critical)) => Tone::Critical,
                (_, Some(Severity::Warning)) => Tone::Warning,
                (_, Some(Severity::Ok) | None) => Tone::Strong,
            };
            Some((Cell { text: figure.text(context), tone }, sum.coverage()))
        };
        Queues::COLUMNS.iter().enumerate().map(cell).collect()
    }
}
