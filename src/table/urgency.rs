//! The one order of queues, for board, wall and reports: who needs somebody most stands first.

use std::cmp::Ordering;

use crate::floor::queue::Open;
use crate::table::Context;
use crate::table::queues::{QueueRow, is_backlog_growing, limited, severity, wait_millis};
use crate::text::{Shown, collate};
use crate::threshold::{LONGEST_WAIT, Severity};

/// How a queue stands, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A figure is critical.
    Critical,
    /// A figure is in warning.
    Warning,
    /// Its figures are old: nobody knows how it is now.
    Old,
    /// No figure reaches a limit.
    Ok,
    /// No figure that has limits is known.
    Unknown,
    /// It takes no calls.
    Closed,
}

impl Standing {
    /// How a queue stands.
    pub fn of(row: &QueueRow<'_>, context: &Context<'_>) -> Self {
        if !row.world.is_fresh(&row.queue.feed, &context.now) {
            return Self::Old;
        }
        match severity(row, context) {
            Some(Severity::Critical) => Self::Critical,
            Some(Severity::Warning) => Self::Warning,
            Some(Severity::Ok) => Self::Ok,
            None if row.queue.open == Some(Open::Closed) => Self::Closed,
            None => Self::Unknown,
        }
    }
}

/// How urgent a queue is: its standing, then how far its worst figure is beyond its limit, then the longest wait, then
/// how many wait, then its name in the reader's alphabet.
#[derive(Debug, Clone, PartialEq)]
pub struct Urgency {
    standing: Standing,
    /// The ratio of the worst figure but the longest wait to the limit that it reached; nothing where none is reached.
    beyond: f64,
    /// The longest wait, milliseconds: queues that were told at different moments grow side by side.
    wait: u64,
    grows: bool,
    /// The limit of the longest wait that counts, milliseconds; none where no wait does.
    limit: f64,
    /// Whether anything else grows that may move the queue.
    restless: bool,
    waiting: u32,
    name: Shown,
}

impl Urgency {
    /// How urgent a queue is.
    pub fn of(row: &QueueRow<'_>, context: &Context<'_>) -> Self {
        let standing = Standing::of(row, context);
        let reached = match standing {
            Standing::Critical => Some(Severity::Critical),
            Standing::Warning => Some(Severity::Warning),
            Standing::Old | Standing::Ok | Standing::Unknown | Standing::Closed => None,
        };
        let (wait, grows) = wait_millis(row, context);
        let others = limited(row, context).into_iter().filter_map(|(limits, value)| {
            let value = f64::from(value?);
            let counts = limits != LONGEST_WAIT && Some(limits.severity(value)) == reached;
            counts.then(|| limits.beyond(value))
        });
        Self {
            standing,
            beyond: others.fold(0.0, f64::max),
            wait,
            grows,
            limit: match reached {
                Some(Severity::Critical) => LONGEST_WAIT.critical * 1_000.0,
                Some(Severity::Warning) => LONGEST_WAIT.warning * 1_000.0,
                Some(Severity::Ok) | None => f64::INFINITY,
            },
            restless: reached.is_some() && is_backlog_growing(row, context),
            waiting: row.queue.figures.waiting.unwrap_or(0),
            name: row.queue.name.clone(),
        }
    }

    /// The ratio of the worst figure to the limit that it reached.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a wait are below 2^53")]
    fn ratio(&self) -> f64 {
        self.beyond.max(self.wait as f64 / self.limit)
    }

    /// For how many milliseconds at least a queue that is more urgent than `below` stays so if nothing but time goes on.
    /// That either becomes better or worse is not looked at.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a wait are below 2^53")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
    pub(super) fn stays_above(&self, below: &Self) -> u64 {
        if self.restless || below.restless {
            return 0;
        }
        if self.standing != below.standing || !below.grows {
            return u64::MAX;
        }
        if self.grows && self.wait >= below.wait {
            return u64::MAX;
        }
        let reach = if self.grows { self.beyond } else { self.ratio() };
        let by_ratio = (reach * self.limit - below.wait as f64).clamp(0.0, 1e15) as u64;
        let by_wait = match self.grows {
            true => u64::MAX,
            false => self.wait.saturating_sub(below.wait),
        };
        match self.limit.is_finite() {
            // As long as its ratio is higher, its wait does not matter.
            true if self.ratio() > below.ratio() => by_ratio,
            true => by_ratio.min(by_wait),
            false => by_wait,
        }
    }

    /// How the queue stands.
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// Whether nothing is known that the queue could be ordered by.
    pub const fn is_unknown(&self) -> bool {
        matches!(self.standing, Standing::Unknown | Standing::Closed)
    }

    /// The order without names, the most urgent first.
    pub(super) fn compare_figures(&self, other: &Self) -> Ordering {
        self.standing
            .cmp(&other.standing)
            .then_with(|| other.ratio().total_cmp(&self.ratio()))
            .then_with(|| other.wait.cmp(&self.wait))
            .then_with(|| other.waiting.cmp(&self.waiting))
    }

    /// The order, the most urgent first.
    pub fn compare(&self, other: &Self) -> Ordering {
        self.compare_figures(other).then_with(|| collate::compare(&self.name, &other.name))
    }

    /// The same with keys of the names that were made before.
    pub(super) fn compare_by<'k>(
        &self,
        other: &Self,
        keys: impl FnOnce() -> (&'k str, &'k str),
    ) -> Ordering {
        self.compare_figures(other).then_with(|| {
            let (own, others) = keys();
            own.cmp(others).then_with(|| self.name.cmp(&other.name))
        })
    }

    /// The key of its name in the reader's alphabet.
    pub(super) fn key(&self) -> String {
        collate::key(&self.name)
    }
}

/// The column of the worst figure that reached a limit, and how far it is beyond that. Of a queue that is closed, or in
/// which no limit is reached, none.
pub fn worst(row: &QueueRow<'_>, context: &Context<'_>) -> Option<(&'static str, f64)> {
    let severity = severity(row, context).filter(|severity| *severity > Severity::Ok)?;
    limited(row, context)
        .into_iter()
        .filter_map(|(limits, value)| Some((limits, f64::from(value?))))
        .filter(|(limits, value)| limits.severity(*value) == severity)
        .map(|(limits, value)| (limits.column, limits.beyond(value)))
        // Of those that are as far beyond, the first.
        .reduce(|worst, own| if own.1 > worst.1 { own } else { worst })
}
