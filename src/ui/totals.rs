//! The floor in six figures: what all queues and people together come to.

use crate::floor::agent::{Agent, AgentState};
use crate::floor::queue::Open;
use crate::table::Context;
use crate::table::queues::{QueueRow, longest_wait, severity};
use crate::text::Shown;
use crate::threshold::Severity;

/// Sums over everything that may be taken for the present. `None` is “nobody tells”, which is not zero.
#[derive(Debug, Clone, Default)]
pub(super) struct Totals {
    /// Queues whose figures may be taken for the present.
    pub fresh: u64,
    /// Queues whose figures are old, and so counted nowhere.
    pub old: u64,
    /// Queues in which somebody waits.
    pub waited_in: u64,
    pub waiting: Option<u64>,
    /// The longest wait, seconds, and whose it is.
    pub longest: Option<(u32, Shown)>,
    pub talking: Option<u64>,
    pub ringing: Option<u64>,
    pub offered: Option<u64>,
    pub answered: Option<u64>,
    pub abandoned: Option<u64>,
    /// People who could take a call now.
    pub free: Option<u64>,
    /// People who are logged in.
    pub logged_in: Option<u64>,
    /// Queues in trouble.
    pub critical: u64,
    pub warning: u64,
    /// The worst queue by each of the two figures that have limits everywhere.
    pub worst_waiting: Option<Severity>,
    pub worst_wait: Option<Severity>,
}

impl Totals {
    pub fn of(context: &Context<'_>) -> Self {
        Self::within(context, |_| true, |_| true)
    }

    /// The sums over some of the queues, and over some of the people.
    pub fn within(
        context: &Context<'_>,
        has: impl Fn(&QueueRow<'_>) -> bool,
        has_agent: impl Fn(&Agent) -> bool,
    ) -> Self {
        let mut all = Self::default();
        for (source, world) in context.floor.worlds() {
            for queue in world.queues.values() {
                let row = QueueRow { source, world, queue };
                if has(&row) {
                    all.add(&row, context);
                }
            }
            for agent in world.agents.values().filter(|agent| has_agent(agent)) {
                if world.is_fresh(&agent.feed, &context.now) {
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
        let judge = |column, value: Option<u32>| {
            value.and_then(|value| crate::threshold::severity(column, value.into()))
        };
        let wait = longest_wait(row, context);
        self.worst_waiting = self.worst_waiting.max(judge("waiting", figures.waiting));
        self.worst_wait = self.worst_wait.max(judge("longest_wait_s", wait));
        if let Some(wait) = wait
            && self.longest.as_ref().is_none_or(|(longest, _)| wait > *longest)
        {
            self.longest = Some((wait, row.queue.name.clone()));
        }
    }
}

fn add(sum: &mut Option<u64>, more: Option<u32>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or(0).saturating_add(more.into()));
    }
}
