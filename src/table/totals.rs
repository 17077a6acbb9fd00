//! The floor in six figures: what all queues and people together come to.

use crate::floor::agent::{Agent, AgentState};
use crate::floor::id::FeedName;
use crate::floor::queue::Open;
use crate::floor::time::Moment;
use crate::table::Context;
use crate::table::queues::{QueueRow, grows, longest_wait, severity, severity_lasts};
use crate::text::Shown;
use crate::threshold::{LONGEST_WAIT, Severity, Threshold, WAITING};

/// Sums over everything that may be taken for the present. `None` is “nobody tells”, which is not zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Totals {
    /// Queues whose figures may be taken for the present.
    pub fresh: u64,
    /// Queues whose figures are old, and so counted nowhere.
    pub old: u64,
    /// Queues in which somebody waits.
    pub waited_in: u64,
    /// Calls that wait.
    pub waiting: Option<u64>,
    /// The longest wait.
    longest: Longest,
    /// Until which moment, itself counted in, all this holds if nothing but time goes on.
    pub until: Moment,
    /// Calls with an agent.
    pub talking: Option<u64>,
    /// Calls that ring at an agent.
    pub ringing: Option<u64>,
    /// Calls that came.
    pub offered: Option<u64>,
    /// Calls that an agent took.
    pub answered: Option<u64>,
    /// Calls abandoned.
    pub abandoned: Option<u64>,
    /// People who could take a call now.
    pub free: Option<u64>,
    /// People who are logged in.
    pub logged_in: Option<u64>,
    /// Queues in trouble.
    pub critical: u64,
    /// Queues to look at.
    pub warning: u64,
    /// The worst queue by its calls that wait.
    pub worst_waiting: Option<Severity>,
    /// The worst queue by its longest wait.
    pub worst_wait: Option<Severity>,
}

/// The longest of several waits, at every moment: the one that does not grow, and the one that grows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Longest {
    standing: Option<Wait>,
    growing: Option<Wait>,
}

/// A wait as it was received.
#[derive(Debug, Clone, PartialEq)]
struct Wait {
    seconds: u32,
    at: Moment,
    whose: Shown,
}

impl Wait {
    /// Milliseconds from a point in time that all waits share to where this one began; lower is longer ago.
    fn begun(&self) -> i128 {
        i128::from(self.at.as_millis()) - i128::from(self.seconds) * 1_000
    }
}

impl Longest {
    /// Keeps the wait of a queue if none was longer so far. Until the moment that comes back, itself counted
    /// in, it grows or stands as it does now.
    pub(super) fn add(&mut self, row: &QueueRow<'_>, context: &Context<'_>) -> Moment {
        let queue = row.queue;
        let Some(seconds) = queue.figures.longest_wait_s else { return Moment::LAST };
        let wait = Wait { seconds, at: queue.updated, whose: queue.name.clone() };
        let ahead = queue.updated > context.now.moment;
        if grows(row, context) && !ahead {
            if self.growing.as_ref().is_none_or(|longest| wait.begun() < longest.begun()) {
                self.growing = Some(wait);
            }
        } else if self.standing.as_ref().is_none_or(|longest| seconds > longest.seconds) {
            self.standing = Some(wait);
        }
        if ahead { queue.updated } else { Moment::LAST }
    }

    /// The longest wait at `now`, seconds, and whose it is.
    pub fn at(&self, now: Moment) -> Option<(u32, &Shown)> {
        let grown = |wait: &Wait| {
            let since = u32::try_from(now.since(wait.at).as_secs()).unwrap_or(u32::MAX);
            wait.seconds.saturating_add(since)
        };
        let growing = self.growing.as_ref().map(|wait| (grown(wait), &wait.whose));
        let standing = self.standing.as_ref().map(|wait| (wait.seconds, &wait.whose));
        match (growing, standing) {
            (Some(growing), Some(standing)) if standing.0 > growing.0 => Some(standing),
            (growing, standing) => growing.or(standing),
        }
    }
}

impl Totals {
    /// The sums over a floor.
    pub fn of(context: &Context<'_>) -> Self {
        Self::within(context, |_| true, |_| true)
    }

    /// The sums over some of the queues, and over some of the people.
    pub fn within(
        context: &Context<'_>,
        has: impl Fn(&QueueRow<'_>) -> bool,
        has_agent: impl Fn(&Agent) -> bool,
    ) -> Self {
        let mut all = Self { until: Moment::LAST, ..Self::default() };
        for (source, world) in context.floor.worlds() {
            for queue in world.queues.values() {
                let row = QueueRow { source, world, queue };
                if has(&row) {
                    all.add(&row, context);
                }
            }
            for feed in &world.feeds {
                all.until = all.until.min(feed.lasts(&context.now));
            }
            if !world.kind.tells_agents() {
                continue;
            }
            // People come by the thousand, and nearly all by one feed.
            let mut known: Option<(&FeedName, bool)> = None;
            for agent in world.agents.values().filter(|agent| has_agent(agent)) {
                let fresh = match known {
                    Some((feed, fresh)) if *feed == agent.feed => fresh,
                    _ => world.is_fresh(&agent.feed, &context.now),
                };
                known = Some((&agent.feed, fresh));
                if fresh {
                    let free = agent.state == AgentState::Available;
                    let logged_in = agent.state != AgentState::LoggedOut;
                    add(&mut all.free, Some(free.into()));
                    add(&mut all.logged_in, Some(logged_in.into()));
                }
            }
        }
        all
    }

    fn add(&mut self, row: &QueueRow<'_>, context: &Context<'_>) {
        if !row.world.is_fresh(&row.queue.feed, &context.now) {
            self.old += 1;
            return;
        }
        self.fresh += 1;
        let figures = &row.queue.figures;
        add(&mut self.waiting, figures.waiting);
        add(&mut self.talking, figures.calls_connected);
        add(&mut self.ringing, figures.calls_alerting);
        add(&mut self.offered, figures.offered);
        add(&mut self.answered, figures.answered);
        add(&mut self.abandoned, figures.abandoned);
        self.waited_in += u64::from(figures.waiting.is_some_and(|waiting| waiting > 0));
        if row.queue.open == Some(Open::Closed) {
            return;
        }
        match severity(row, context) {
            Some(Severity::Critical) => self.critical += 1,
            Some(Severity::Warning) => self.warning += 1,
            Some(Severity::Ok) | None => {}
        }
        let judge = |limits: Threshold, value: Option<u32>| {
            value.map(|value| limits.severity(value.into()))
        };
        let wait = longest_wait(row, context);
        self.worst_waiting = self.worst_waiting.max(judge(WAITING, figures.waiting));
        self.worst_wait = self.worst_wait.max(judge(LONGEST_WAIT, wait));
        self.until = self.until.min(severity_lasts(row, context));
        self.until = self.until.min(self.longest.add(row, context));
    }

    /// The longest wait at `now`, seconds, and whose it is.
    pub fn longest(&self, now: Moment) -> Option<(u32, &Shown)> {
        self.longest.at(now)
    }
}

/// A mean in which every part has its weight. Kept as it runs, so that no sum of products grows out of bounds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Mean {
    value: f64,
    weight: f64,
}

impl Mean {
    /// Takes a part in. One that is not told, or whose weight is not told or nothing, is left out: `false`.
    pub fn add(&mut self, value: Option<f64>, weight: Option<u32>) -> bool {
        let (Some(value), Some(weight @ 1..)) = (value.filter(|value| value.is_finite()), weight)
        else {
            return false;
        };
        self.weight += f64::from(weight);
        self.value += (value - self.value) * (f64::from(weight) / self.weight);
        true
    }

    /// The mean so far; `None` of nothing.
    pub fn value(&self) -> Option<f64> {
        (self.weight > 0.0).then_some(self.value)
    }
}

fn add(sum: &mut Option<u64>, more: Option<u32>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or(0).saturating_add(more.into()));
    }
}
