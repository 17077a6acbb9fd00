//! The table of outbound scheduler entries.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use crate::floor::World;
use crate::floor::field::Fact;
use crate::floor::id::SourceName;
use crate::floor::scheduler::{Entry, EntryState};
use crate::floor::time::Moment;
use crate::operations::{Field, Pending, Target};
use crate::table::{Column, Context, Figure, RowId, Table, Tone};
use crate::text::Shown;
use crate::threshold::Severity;

/// The table of scheduler entries.
pub struct Entries;

/// One entry with its source.
pub struct EntryRow<'a> {
    pub source: &'a SourceName,
    /// What the source told.
    pub world: &'a World,
    pub entry: &'a Entry,
}

impl EntryRow<'_> {
    /// The customer's name, as the entry has it, masked where that is asked for: it may be a number.
    pub fn customer(&self, context: &Context<'_>) -> Option<Shown> {
        let name = self.entry.customer()?;
        Some(if context.mask { name.masked() } else { name })
    }

    /// What is known with it, in the order of its fields, numbers masked where that is asked for.
    pub fn known(&self, context: &Context<'_>) -> impl Iterator<Item = (Field, Fact)> {
        let mask = context.mask;
        self.entry
            .known
            .iter()
            .map(move |(field, fact)| (*field, if mask { fact.masked() } else { fact.clone() }))
    }
}

/// A fact as reports have it: a text, or a list of names with their values.
fn json(fact: &Fact) -> Value {
    match fact {
        Fact::Text(text) => Value::from(text.as_str()),
        Fact::Pairs(pairs) => {
            pairs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
        }
    }
}

/// Facts with their names; unknown where there are none.
fn listed(facts: impl Iterator<Item = (String, Fact)>) -> Figure {
    let (mut all, mut said) = (Map::new(), Vec::new());
    for (name, fact) in facts {
        said.push(fact.said().to_string());
        all.insert(name, json(&fact));
    }
    match all.is_empty() {
        true => Figure::Unknown,
        false => Figure::List(Value::Object(all), Shown::clean(&said.join(", "))),
    }
}

fn is_late(row: &EntryRow<'_>, context: &Context<'_>) -> bool {
    row.entry.state == EntryState::Scheduled
        && row.entry.due.is_some_and(|due| due < context.now.wall)
}

/// How soon an entry is due to be pointed out.
const SOON: TimeDelta = TimeDelta::minutes(15);

fn is_soon(row: &EntryRow<'_>, context: &Context<'_>) -> bool {
    let left = row.entry.due.map(|due| due - context.now.wall);
    row.entry.state == EntryState::Scheduled
        && left.is_some_and(|left| (TimeDelta::zero()..=SOON).contains(&left))
}

/// The calls that come due soon, of every source whose entries may be taken for the present.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Past their time, and not begun.
    pub overdue: u64,
    /// Due within 15 minutes.
    pub quarter: u64,
    /// Due within 60 minutes, those within 15 among them.
    pub hour: u64,
    /// Being dialled, or in a call.
    pub in_progress: u64,
    pub scheduled: u64,
}

impl Forecast {
    /// What comes due; `None` where no entries may be taken for the present.
    pub fn of(context: &Context<'_>) -> Option<Self> {
        let rows = Entries::rows(context);
        let mut fresh = rows.iter().filter(|row| Entries::is_fresh(row, context)).peekable();
        fresh.peek()?;
        let mut all = Self::default();
        for row in fresh {
            let left = row.entry.due.map(|due| due - context.now.wall);
            match (&row.entry.state, left) {
                (EntryState::InProgress, _) => all.in_progress += 1,
                (EntryState::Scheduled, left) => {
                    all.scheduled += 1;
                    let Some(left) = left else { continue };
                    all.overdue += u64::from(left < TimeDelta::zero());
                    let coming = left >= TimeDelta::zero();
                    all.quarter += u64::from(coming && left <= SOON);
                    all.hour += u64::from(coming && left <= TimeDelta::minutes(60));
                }
                (EntryState::Other(_) | EntryState::Ended, _) => {}
            }
        }
        Some(all)
    }
}

type Of = Column<Entries>;

impl Table for Entries {
    type Row<'a> = EntryRow<'a>;

    const ID: super::TableId = super::TableId::Entries;
    const SORT: (&'static str, bool) = ("due", false);
    const COLUMNS: &'static [Column<Self>] = &[
        Of::new("due", "Due", "When the call is to be made.", |row, context| {
            match row.entry.due {
                None => Figure::Unknown,
                // What has begun or ended is not late.
                Some(due) if due < context.now.wall && !is_late(row, context) => Figure::Past(due),
                Some(due) => Figure::Due(due),
            }
        })
        .shown(0, 14)
        .tint(|row, context| match (is_late(row, context), is_soon(row, context)) {
            (true, _) => Tone::Critical,
            (_, true) => Tone::Warning,
            _ => Tone::Plain,
        }),
        Of::new("destination", "Destination", "Whom it calls: a number or a user.", |row, _| {
            row.entry.destination.as_ref().into()
        })
        .grows(0, 12, 30)
        .tint(|_, _| Tone::Strong),
        Of::new("name", "Name", "Whom it calls, by an address book.", |row, _| {
            row.entry.name(&row.world.books).into()
        })
        .grows(62, 12, 26),
        Of::new(
            "state",
            "State",
            "How far it is; a guess, the server has the last word.",
            |row, _| {
                let state = &row.entry.state;
                let rank = match state {
                    EntryState::InProgress => 0,
                    EntryState::Scheduled => 1,
                    EntryState::Other(_) => 2,
                    EntryState::Ended => 3,
                };
                Figure::word(state.word(), state.label(), rank)
            },
        )
        .shown(10, 11)
        .tint(|row, _| match row.entry.state {
            EntryState::InProgress => Tone::Busy,
            EntryState::Ended => Tone::Quiet,
            EntryState::Scheduled | EntryState::Other(_) => Tone::Plain,
        }),
        Of::new("service", "Service", "The service that makes the call.", |row, _| {
            row.entry.service.clone().into()
        })
        .grows(30, 18, 34),
        Of::new("priority", "Priority", "The vendor's word for its priority.", |row, _| {
            row.entry.priority.clone().into()
        })
        .shown(40, 8),
        Of::new("attempts", "Tries", "Attempts made, once an event tells.", |row, _| {
            row.entry.attempts.into()
        })
        .shown(60, 5)
        .right(),
        Of::new("max_attempts", "Of", "Attempts allowed.", |row, _| row.entry.max_attempts.into())
            .shown(61, 2)
            .right(),
        Of::new("attempt_timeout_s", "Takes", "How long one attempt may take.", |row, _| {
            Figure::seconds(row.entry.attempt_timeout_s)
        })
        .right(),
        Of::new(
            "max_queue_time_s",
            "Queues",
            "How long a call may wait for an agent.",
            |row, _| Figure::seconds(row.entry.max_queue_time_s),
        )
        .right(),
        Of::new(
            "rona_timeout_s",
            "Rings",
            "How long it rings at an agent before the next is tried.",
            |row, _| Figure::seconds(row.entry.rona_timeout_s),
        )
        .right(),
        Of::new(
            "customer",
            "Customer",
            "The customer's name, as the entry has it.",
            |row, context| row.customer(context).into(),
        )
        .grows(63, 12, 26),
        Of::new(
            "customer_details",
            "Customer details",
            "All that the entry tells of the customer.",
            |row, context| {
                let own = row.known(context).filter(|(field, _)| field.is_of_customer());
                listed(own.map(|(field, fact)| (field.declared().name.to_owned(), fact)))
            },
        ),
        Of::new(
            "parameters",
            "Parameters",
            "What the service's workflow is told.",
            |row, context| {
                let own = row.known(context).find(|(field, _)| *field == Field::Parameters);
                own.map_or(Figure::Unknown, |(_, fact)| {
                    let said = fact.said();
                    Figure::List(json(&fact), said)
                })
            },
        ),
        Of::new("reference", "Reference", "The scheduling system's own reference.", |row, _| {
            row.entry.reference.clone().into()
        })
        .grows(35, 10, 24)
        .tint(|_, _| Tone::Quiet),
        Of::new("completion_reason", "Ended by", "Why it ended.", |row, _| {
            row.entry.completion_reason.clone().into()
        })
        .grows(65, 12, 24),
        Of::new("source", "Source", "Where it comes from.", |row, _| row.source.shown().into())
            .shown(50, 10)
            .tint(|_, _| Tone::Quiet),
        Of::new("id", "Id", "Its identity within the source.", |row, _| {
            row.entry.id.shown().into()
        })
        .grows(70, 12, 36)
        .tint(|_, _| Tone::Quiet),
    ];

    fn rows<'a>(context: &Context<'a>) -> Vec<EntryRow<'a>> {
        context
            .floor
            .worlds()
            .flat_map(|(source, world)| {
                world.entries.values().map(move |entry| EntryRow { source, world, entry })
            })
            .collect()
    }

    fn count(context: &Context<'_>) -> usize {
        context.floor.worlds().map(|(_, world)| world.entries.len()).sum()
    }

    fn find<'a>(context: &Context<'a>, id: &RowId) -> Option<EntryRow<'a>> {
        let RowId::Entry(source, id) = id else { return None };
        let (source, world) = context.floor.named(source)?;
        Some(EntryRow { source, world, entry: world.entries.get(id)? })
    }

    fn id(row: &EntryRow<'_>) -> RowId {
        RowId::Entry(row.source.clone(), row.entry.id.clone())
    }

    fn severity(_row: &EntryRow<'_>, _context: &Context<'_>) -> Option<Severity> {
        None
    }

    fn is_fresh(row: &EntryRow<'_>, context: &Context<'_>) -> bool {
        row.world.is_fresh(&row.entry.feed, &context.now)
    }

    fn updated(row: &EntryRow<'_>) -> Option<Moment> {
        Some(row.entry.updated)
    }

    fn pending<'a>(row: &EntryRow<'_>, context: &Context<'a>) -> Option<&'a Pending> {
        context.pending.iter().rev().find(|pending| {
            &pending.command.source == row.source
                && pending.command.request.target() == Target::Entry(&row.entry.id)
        })
    }
}
