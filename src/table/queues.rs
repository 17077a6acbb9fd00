//! The table of queues.

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::floor::World;
use crate::floor::id::SourceName;
use crate::floor::queue::{Logged, Open, Queue};
use crate::floor::service::Service;
use crate::floor::tally::CountedDay;
use crate::floor::time::Moment;
use crate::operations::{Pending, Target};
use crate::table::cell::Key;
use crate::table::groups::Grouped;
use crate::table::urgency::{self, Urgency};
use crate::table::{Column, Context, Figure, Grouping, RowId, Table, Tone, Total};
use crate::text::Shown;
use crate::threshold::{
    self, AGENTS_SERVING, BACKLOG, LONGEST_WAIT, OLDEST_BACKLOG, OUTBOUND_WAITING, Severity,
    Threshold, WAITING,
};

/// The table of queues.
pub struct Queues;

/// The column that says when a row was last told of.
pub const UPDATED_AT: &str = "updated_at";

/// One queue with its source.
pub struct QueueRow<'a> {
    pub source: &'a SourceName,
    /// What the source told.
    pub world: &'a World,
    pub queue: &'a Queue,
}

/// A span of time that a queue told, and whether it grows until the queue tells another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell {
    pub seconds: u32,
    /// Whether it grows: on screens, while it may be taken for the present, and while there is somebody, or something,
    /// that waits.
    pub grows: bool,
}

impl Spell {
    fn of(
        seconds: Option<u32>,
        count: Option<u32>,
        row: &QueueRow<'_>,
        context: &Context<'_>,
    ) -> Option<Self> {
        let seconds = seconds?;
        let grows = context.live
            && (seconds > 0 || count.is_some_and(|count| count > 0))
            && count != Some(0)
            && row.world.is_fresh(&row.queue.feed, &context.now);
        Some(Self { seconds, grows })
    }

    /// The span as it is now, seconds.
    fn now(self, row: &QueueRow<'_>, context: &Context<'_>) -> u32 {
        let since = if self.grows { context.now.age(row.queue.updated).as_secs() } else { 0 };
        self.seconds.saturating_add(u32::try_from(since).unwrap_or(u32::MAX))
    }
}

/// The longest wait of a person on a line.
fn wait_spell(row: &QueueRow<'_>, context: &Context<'_>) -> Option<Spell> {
    let figures = &row.queue.figures;
    Spell::of(figures.longest_wait_s, figures.waiting, row, context)
}

/// The wait of what waits longest with nobody on a line.
fn backlog_spell(row: &QueueRow<'_>, context: &Context<'_>) -> Option<Spell> {
    let figures = &row.queue.figures;
    Spell::of(figures.oldest_backlog_s, figures.backlog, row, context)
}

/// The longest wait, seconds: as received, and on screens with the time since, while it may be taken for the present.
pub fn longest_wait(row: &QueueRow<'_>, context: &Context<'_>) -> Option<u32> {
    Some(wait_spell(row, context)?.now(row, context))
}

/// The same of what waits with nobody on a line.
pub fn oldest_backlog(row: &QueueRow<'_>, context: &Context<'_>) -> Option<u32> {
    Some(backlog_spell(row, context)?.now(row, context))
}

/// The longest wait, milliseconds, and whether it grows.
pub(super) fn wait_millis(row: &QueueRow<'_>, context: &Context<'_>) -> (u64, bool) {
    let Some(spell) = wait_spell(row, context) else { return (0, false) };
    let since = if spell.grows { context.now.age(row.queue.updated).as_millis() } else { 0 };
    let since = u64::try_from(since).unwrap_or(u64::MAX);
    let grows = spell.grows && row.queue.updated <= context.now.moment;
    (u64::from(spell.seconds).saturating_mul(1_000).saturating_add(since), grows)
}

/// Whether the wait of what waits longest with nobody on a line grows.
pub(super) fn is_backlog_growing(row: &QueueRow<'_>, context: &Context<'_>) -> bool {
    backlog_spell(row, context).is_some_and(|spell| spell.grows)
}

/// Until which moment, itself counted in, a queue stays as bad as it is if nothing but time goes on.
pub fn severity_lasts(row: &QueueRow<'_>, context: &Context<'_>) -> Moment {
    let spells =
        [(LONGEST_WAIT, wait_spell(row, context)), (OLDEST_BACKLOG, backlog_spell(row, context))];
    let growing = spells.into_iter().filter_map(|(limits, spell)| {
        spell.filter(|spell| spell.grows).map(|spell| (limits, spell.seconds))
    });
    let now = context.now.moment;
    let updated = row.queue.updated;
    growing
        .flat_map(|(limits, received)| {
            [limits.warning, limits.critical].map(|limit| limit - f64::from(received))
        })
        .filter_map(|left| Duration::try_from_secs_f64(left.ceil().max(0.0)).ok())
        .map(|left| Moment::from_millis(updated.after(left).as_millis().saturating_sub(1)))
        .filter(|last| *last >= now)
        .fold(row.world.lasts(&row.queue.feed, &context.now), Moment::min)
}

/// From when on its figures were counted from events; `None` where the vendor counts.
pub fn counted_since(row: &QueueRow<'_>) -> Option<Moment> {
    row.world.services.get(&row.queue.id).and_then(Service::since)
}

/// From when on calls were counted from events, as a time of day.
fn counted_from(row: &QueueRow<'_>, context: &Context<'_>) -> Figure {
    let counted = row.queue.figures.counted.as_ref().map(|day| day.since);
    let since = counted.or_else(|| Some(context.now.wall_of(counted_since(row)?)));
    since.map_or(Figure::Unknown, Figure::Time)
}

/// What the vendor counts, else what was counted from events; of less than the whole day that is not exact.
fn or_counted(own: Figure, row: &QueueRow<'_>, of: impl Fn(&CountedDay) -> Figure) -> Figure {
    match (own, &row.queue.figures.counted) {
        (Figure::Unknown, Some(day)) => of(day).about(!day.whole),
        (own, _) => own,
    }
}

fn overflow_reasons(day: &CountedDay) -> Figure {
    let object: Map<String, Value> =
        day.overflowed.iter().map(|(reason, count)| (reason.to_string(), json!(count))).collect();
    let text: Vec<String> =
        day.overflowed.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    Figure::List(Value::Object(object), Shown::clean(&text.join(", ")))
}

/// The figures that have limits, as they are now.
pub(super) fn limited(row: &QueueRow<'_>, context: &Context<'_>) -> [(Threshold, Option<u32>); 6] {
    let figures = &row.queue.figures;
    [
        (WAITING, figures.waiting),
        (LONGEST_WAIT, longest_wait(row, context)),
        (AGENTS_SERVING, figures.agents_serving),
        (BACKLOG, figures.backlog),
        (OLDEST_BACKLOG, oldest_backlog(row, context)),
        (OUTBOUND_WAITING, figures.outbound_waiting),
    ]
}

/// How bad a queue is: the worst of its figures that have limits; `None` where no such figure is known. A closed queue
/// has no severity.
pub fn severity(row: &QueueRow<'_>, context: &Context<'_>) -> Option<Severity> {
    if row.queue.open == Some(Open::Closed) {
        return None;
    }
    let judged = |(limits, value): (Threshold, Option<u32>)| {
        value.map(|value| limits.severity(value.into()))
    };
    limited(row, context).into_iter().filter_map(judged).max()
}

fn limit_tone(column: &str, value: Option<u32>, row: &QueueRow<'_>) -> Tone {
    if row.queue.open == Some(Open::Closed) {
        return Tone::Quiet;
    }
    match value.and_then(|value| threshold::severity(column, f64::from(value))) {
        Some(Severity::Critical) => Tone::Critical,
        Some(Severity::Warning) => Tone::Warning,
        Some(Severity::Ok) | None => Tone::Plain,
    }
}

fn open(row: &QueueRow<'_>) -> Figure {
    row.queue
        .open
        .map_or(Figure::Unknown, |open| Figure::word(open.word(), open.word(), open as u8))
}

/// The words of severities, made once: every row has one in every order.
static SEVERITIES: LazyLock<[Figure; 3]> = LazyLock::new(|| {
    [Severity::Ok, Severity::Warning, Severity::Critical]
        .map(|severity| Figure::word(severity.word(), severity.word(), severity as u8))
});

fn severity_figure(row: &QueueRow<'_>, context: &Context<'_>) -> Figure {
    severity(row, context).map_or(Figure::Unknown, |severity| SEVERITIES[severity as usize].clone())
}

fn presence(row: &QueueRow<'_>) -> Figure {
    let Some(presence) = &row.queue.figures.presence else { return Figure::Unknown };
    let object: Map<String, Value> =
        presence.iter().map(|(name, count)| (name.to_string(), json!(count))).collect();
    let text: Vec<String> =
        presence.iter().map(|(name, count)| format!("{name} {count}")).collect();
    Figure::List(Value::Object(object), Shown::clean(&text.join(", ")))
}

fn last_24h(row: &QueueRow<'_>) -> Figure {
    let totals = row.queue.figures.last_24h;
    let text: Vec<String> = [totals.offered, totals.answered, totals.abandoned]
        .into_iter()
        .map(|count| count.map_or_else(|| "–".to_owned(), |count| count.to_string()))
        .collect();
    let value = json!({
        "offered": totals.offered,
        "answered": totals.answered,
        "abandoned": totals.abandoned,
    });
    Figure::List(value, Shown::clean(&text.join("/")))
}

fn roles(row: &QueueRow<'_>) -> Figure {
    let roles = &row.queue.about.roles;
    if roles.is_empty() {
        return Figure::Unknown;
    }
    let text: Vec<&str> = roles.iter().map(Shown::as_str).collect();
    Figure::List(json!(text), Shown::clean(&text.join(", ")))
}

/// What the vendor counts, else what its log of calls comes to; of grouped calls that is not exact.
fn or_logged(own: Figure, row: &QueueRow<'_>, of: impl Fn(Logged) -> Figure) -> Figure {
    match (own, row.queue.figures.logged) {
        (Figure::Unknown, Some(logged)) => of(logged).about(logged.grouped),
        (own, _) => own,
    }
}

type Of = Column<Queues>;

impl Table for Queues {
    type Row<'a> = QueueRow<'a>;

    const ID: super::TableId = super::TableId::Queues;
    const SORT: (&'static str, bool) = ("severity", true);
    const COLUMNS: &'static [Column<Self>] = &[
        Of::new("severity", "", "The worst of the figures that have limits.", severity_figure)
            .shown(0, 1)
            .ordered(|row, context| Key::Urgency(Urgency::of(row, context)))
            .lasts(severity_lasts),
        Of::new("queue", "Queue", "What people call it.", |row, _| row.queue.name.clone().into())
            .grows(0, 14, 34)
            .tint(|row, _| match row.queue.open {
                Some(Open::Closed) => Tone::Quiet,
                Some(Open::Uncertain | Open::Open) | None => Tone::Strong,
            }),
        Of::new("open", "Open", "Whether it takes calls.", |row, _| open(row)).shown(70, 9).tint(
            |row, _| match row.queue.open {
                Some(Open::Closed) => Tone::Quiet,
                Some(Open::Uncertain) => Tone::Busy,
                Some(Open::Open) | None => Tone::Plain,
            },
        ),
        Of::new("waiting", "Wait", "People on a line who wait now: calls and chats.", |row, _| {
            row.queue.figures.waiting.into()
        })
        .shown(0, 4)
        .right()
        .tint(|row, _| limit_tone("waiting", row.queue.figures.waiting, row))
        .total(Total::Sum),
        Of::new(
            "longest_wait_s",
            "Longest",
            "How long the longest waiting of them has waited.",
            |row, context| Figure::seconds(longest_wait(row, context)),
        )
        .shown(0, 7)
        .right()
        .tint(|row, context| limit_tone("longest_wait_s", longest_wait(row, context), row))
        .moves()
        .total(Total::Longest(|row, context| wait_spell(row, context))),
        Of::new("parked", "Parked", "People on a line who are parked and hear music.", |row, _| {
            row.queue.figures.parked.into()
        })
        .shown(66, 6)
        .right()
        .total(Total::Sum),
        Of::new(
            "backlog",
            "Backlog",
            "E-mails and external tasks that wait. No caller is on the line.",
            |row, _| row.queue.figures.backlog.into(),
        )
        .shown(67, 7)
        .right()
        .tint(|row, _| limit_tone("backlog", row.queue.figures.backlog, row))
        .total(Total::Sum),
        Of::new(
            "oldest_backlog_s",
            "Oldest",
            "How long the oldest of them has waited.",
            |row, context| Figure::seconds(oldest_backlog(row, context)),
        )
        .right()
        .tint(|row, context| limit_tone("oldest_backlog_s", oldest_backlog(row, context), row))
        .moves()
        .total(Total::Longest(|row, context| backlog_spell(row, context))),
        Of::new(
            "outbound_waiting",
            "Outbound",
            "Outbound tasks that wait for an agent.",
            |row, _| row.queue.figures.outbound_waiting.into(),
        )
        .shown(75, 8)
        .right()
        .tint(|row, _| limit_tone("outbound_waiting", row.queue.figures.outbound_waiting, row))
        .total(Total::Sum),
        Of::new("agents_free", "Free", "Agents who could take a call now.", |row, _| {
            row.queue.figures.agents_free.into()
        })
        .shown(10, 4)
        .right()
        .total(Total::Sum),
        Of::new(
            "agents_logged_in",
            "In",
            "Agents logged in to the queue, away or not.",
            |row, _| row.queue.figures.agents_logged_in.into(),
        )
        .shown(20, 3)
        .right()
        .total(Total::Sum),
        Of::new(
            "agents_serving",
            "Serving",
            "Agents who serve it, as the vendor estimates.",
            |row, _| row.queue.figures.agents_serving.into(),
        )
        .shown(55, 7)
        .right()
        .tint(|row, _| limit_tone("agents_serving", row.queue.figures.agents_serving, row))
        .total(Total::Sum),
        Of::new("calls_connected", "Talking", "Calls with an agent.", |row, _| {
            row.queue.figures.calls_connected.into()
        })
        .shown(60, 7)
        .right()
        .total(Total::Sum),
        Of::new("calls_alerting", "Ringing", "Calls that ring at an agent.", |row, _| {
            row.queue.figures.calls_alerting.into()
        })
        .total(Total::Sum),
        Of::new("agents_busy", "Busy", "Agents away for a short time, e.g. talking.", |row, _| {
            row.queue.figures.agents_busy.into()
        })
        .total(Total::Sum),
        Of::new("agents_away", "Away", "Agents away for a longer time.", |row, _| {
            row.queue.figures.agents_away.into()
        })
        .total(Total::Sum),
        Of::new("agents_wrap_up", "Wrap-up", "Agents in wrap-up.", |row, _| {
            row.queue.figures.agents_wrap_up.into()
        })
        .shown(65, 7)
        .right()
        .total(Total::Sum),
        Of::new("agents_fetch", "Fetch", "Agents who fetch calls by hand.", |row, _| {
            row.queue.figures.agents_fetch.into()
        })
        .total(Total::Sum),
        Of::new("offered", "Offered", "Calls that came, in the vendor's period.", |row, _| {
            row.queue.figures.offered.into()
        })
        .shown(30, 7)
        .right()
        .counts()
        .total(Total::Sum),
        Of::new(
            "answered",
            "Answered",
            "Calls that an agent took, in the vendor's period.",
            |row, _| row.queue.figures.answered.into(),
        )
        .shown(32, 8)
        .right()
        .counts()
        .total(Total::Sum),
        Of::new(
            "abandoned",
            "Abandoned",
            "Calls that callers abandoned, in the vendor's period; Telepo calls them dropped.",
            |row, _| {
                let own = row.queue.figures.abandoned.into();
                or_counted(own, row, |day| Some(day.abandoned).into())
            },
        )
        .shown(31, 9)
        .right()
        .counts()
        .total(Total::Sum),
        Of::new(
            "last_24h",
            "24 h",
            "Offered, answered and abandoned over the last 24 hours.",
            |row, _| last_24h(row),
        ),
        Of::new("service_level", "SL", "Percentage of calls taken in time.", |row, _| {
            let own = Figure::percent(row.queue.figures.service_level);
            or_logged(own, row, |logged| Figure::percent(logged.service_level))
        })
        .total(Total::Mean(|row| row.queue.figures.offered)),
        Of::new(
            "service_level_variant",
            "SL by",
            "How the service level is counted; vendor: as the vendor does.",
            |row, _| {
                let figures = &row.queue.figures;
                let logged = figures.logged.and_then(|logged| logged.service_level);
                match (figures.service_level, logged) {
                    (Some(_), _) => Figure::word("vendor", "vendor", 0),
                    (None, Some(_)) => Figure::word("ignore_abandons", "ignore abandons", 1),
                    (None, None) => Figure::Unknown,
                }
            },
        ),
        Of::new("average_wait_s", "Avg wait", "Mean wait, in the vendor's period.", |row, _| {
            let own = Figure::seconds(row.queue.figures.average_wait_s);
            or_logged(own, row, |logged| Figure::seconds(logged.average_wait_s))
        })
        .shown(40, 8)
        .right()
        .total(Total::Mean(|row| row.queue.figures.answered)),
        Of::new("last_wait_s", "Last wait", "Wait of the call last taken.", |row, _| {
            Figure::seconds(row.queue.figures.last_wait_s)
        }),
        Of::new("average_handle_s", "Handle", "Mean handle time.", |row, _| {
            let own = Figure::seconds(row.queue.figures.average_handle_s);
            let own = or_logged(own, row, |logged| Figure::seconds(logged.average_handle_s));
            or_counted(own, row, |day| Figure::seconds(day.average_handle_s))
        })
        .total(Total::Mean(|row| row.queue.figures.answered)),
        Of::new("presence", "Presence", "Agents by the name of their presence.", |row, _| {
            presence(row)
        }),
        Of::new("number", "Number", "The number that callers dial.", |row, _| {
            row.queue.number.clone().into()
        })
        .shown(80, 12)
        .tint(|_, _| Tone::Quiet),
        Of::new("source", "Source", "Where it comes from.", |row, _| row.source.shown().into())
            .shown(50, 10)
            .tint(|_, _| Tone::Quiet),
        Of::new("id", "Id", "Its identity within the source.", |row, _| {
            row.queue.id.shown().into()
        }),
        Of::new("open_detail", "Detail", "The vendor's own word for open.", |row, _| {
            row.queue.open_detail.clone().into()
        }),
        Of::new(
            "counted_since",
            "Since",
            "From when on events were counted, where nothing else tells its figures.",
            counted_from,
        ),
        Of::new(
            "unanswered_offers",
            "Unanswered",
            "Times that a call rang at an agent who did not answer, counted from events.",
            |row, _| or_counted(Figure::Unknown, row, |day| Some(day.unanswered_offers()).into()),
        ),
        Of::new(
            "overflowed",
            "Overflow",
            "Calls that went on to elsewhere, counted from events.",
            |row, _| or_counted(Figure::Unknown, row, |day| Some(day.all_overflowed()).into()),
        ),
        Of::new(
            "overflow_reasons",
            "Overflow by",
            "Why calls went on to elsewhere, in the vendor's words.",
            |row, _| or_counted(Figure::Unknown, row, overflow_reasons),
        ),
        Of::new(
            "calls_while_closed",
            "Closed",
            "Calls that came while it was closed.",
            |row, _| {
                let own = row.queue.figures.calls_while_closed.into();
                or_counted(own, row, |day| Some(day.closed).into())
            },
        ),
        Of::new("agents_total", "Members", "All its agents, logged in or not.", |row, _| {
            row.queue.figures.agents_total.into()
        }),
        Of::new("calls_total", "Calls", "All calls that are in it now.", |row, _| {
            row.queue.figures.calls_total.into()
        }),
        Of::new(
            "calls_not_served",
            "Not served",
            "Calls in it that no agent serves now.",
            |row, _| row.queue.figures.calls_not_served.into(),
        ),
        Of::new("kind", "Kind", "What kind of queue it is, in the vendor's word.", |row, _| {
            row.queue.about.kind.clone().into()
        }),
        Of::new(
            "distribution",
            "Distribution",
            "How calls are handed out to its agents, in the vendor's word.",
            |row, _| row.queue.about.distribution.clone().into(),
        ),
        Of::new("own_roles", "Roles", "What the source's own user is in it.", |row, _| roles(row)),
        Of::new(
            "severity_cause",
            "Cause",
            "The column of the figure that is furthest beyond its limit.",
            |row, context| match urgency::worst(row, context) {
                Some((column, _)) => Figure::word(column, column, 0),
                None => Figure::Unknown,
            },
        ),
        Of::new(UPDATED_AT, "Updated", "When the newest figure was received.", |row, context| {
            Figure::Time(context.now.wall_of(row.queue.updated))
        }),
    ];

    fn rows<'a>(context: &Context<'a>) -> Vec<QueueRow<'a>> {
        context
            .floor
            .worlds()
            .flat_map(|(source, world)| {
                world.queues.values().map(move |queue| QueueRow { source, world, queue })
            })
            .collect()
    }

    fn count(context: &Context<'_>) -> usize {
        context.floor.worlds().map(|(_, world)| world.queues.len()).sum()
    }

    fn find<'a>(context: &Context<'a>, id: &RowId) -> Option<QueueRow<'a>> {
        let RowId::Queue(source, id) = id else { return None };
        let (source, world) = context.floor.named(source)?;
        Some(QueueRow { source, world, queue: world.queues.get(id)? })
    }

    fn id(row: &QueueRow<'_>) -> RowId {
        RowId::Queue(row.source.clone(), row.queue.id.clone())
    }

    fn severity(row: &QueueRow<'_>, context: &Context<'_>) -> Option<Severity> {
        severity(row, context)
    }

    fn is_fresh(row: &QueueRow<'_>, context: &Context<'_>) -> bool {
        row.world.is_fresh(&row.queue.feed, &context.now)
    }

    fn updated(row: &QueueRow<'_>) -> Option<Moment> {
        Some(row.queue.updated)
    }

    fn grouped(
        rows: &[QueueRow<'_>],
        sorted: Vec<usize>,
        by: (&Column<Self>, bool),
        context: &Context<'_>,
        grouping: &Grouping,
    ) -> Grouped {
        Grouped::find(rows, sorted, by, context, grouping)
    }

    /// The source's own log-in or log-out.
    fn pending<'a>(row: &QueueRow<'_>, context: &Context<'a>) -> Option<&'a Pending> {
        context.pending.iter().rev().find(|pending| {
            &pending.command.source == row.source
                && pending.command.request.target()
                    == Target::Membership { queue: &row.queue.id, agent: None }
        })
    }
}
