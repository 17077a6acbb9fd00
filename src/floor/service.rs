//! A service of Nimbus's as a queue: what its tasks come to, since they are told of.
//!
//! Nimbus has no counters to read. What stands here was counted from events, so it begins with nothing, says since
//! when, and begins anew wherever events may have been lost.

use serde::{Deserialize, Serialize};

use crate::floor::call::Phase;
use crate::floor::id::{FeedName, QueueId};
use crate::floor::kept::Leaves as _;
use crate::floor::portable::portable;
use crate::floor::queue::{About, Figures, Queue};
use crate::floor::task::{Task, Work};
use crate::floor::time::{Latest, Moment, Told};
use crate::text::Shown;

/// The feed of Nimbus's events.
pub const TRIGGERS: &str = "triggers";

/// What is kept of one service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Its name, as events have it.
    name: Option<Latest<Shown>>,
    /// Its own number, once an event told one.
    #[serde(default)]
    number: Option<Latest<Shown>>,
    /// From when on nothing of it was missed.
    registered: Option<Moment>,
    /// When it was first and last told of.
    heard: Option<(Moment, Moment)>,
    /// What was counted of tasks that are gone.
    gone: Counts,
}

/// What tasks are counted as: those of people on a line. An e-mail is no call that comes, and nobody abandons it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    offered: u32,
    answered: u32,
    abandoned: u32,
}

impl Counts {
    fn add(&mut self, task: &Task) {
        if task.work() != Work::Line {
            return;
        }
        let add = |count: &mut u32, one: bool| *count = count.saturating_add(u32::from(one));
        add(&mut self.offered, true);
        add(&mut self.answered, task.answered);
        add(&mut self.abandoned, task.is_abandoned());
    }
}

/// What the tasks of a service that go on come to.
#[derive(Debug, Default)]
struct Present {
    waiting: u32,
    waiting_from: Option<Moment>,
    parked: u32,
    backlog: u32,
    backlog_from: Option<Moment>,
    outbound: u32,
    alerting: u32,
    connected: u32,
}

impl Present {
    fn add(&mut self, task: &Task) {
        let since = task.wait_from.map(|told| told.moment);
        let earlier =
            |from: &mut Option<Moment>| *from = [*from, since].into_iter().flatten().min();
        match (task.phase, task.work()) {
            (Some(Phase::Waiting), Work::Line) => {
                self.waiting += 1;
                earlier(&mut self.waiting_from);
            }
            (Some(Phase::Waiting), Work::Backlog) => {
                self.backlog += 1;
                earlier(&mut self.backlog_from);
            }
            (Some(Phase::Waiting), Work::Outbound) => self.outbound += 1,
            (Some(Phase::Parked), _) if task.is_live() => self.parked += 1,
            (Some(Phase::Alerting), _) if task.is_live() => self.alerting += 1,
            (Some(Phase::Connected | Phase::Held), _) if task.is_live() => self.connected += 1,
            _ => {}
        }
    }
}

impl Service {
    /// From when on it is counted; `None` while nothing at all is known of it.
    pub fn since(&self) -> Option<Moment> {
        self.registered.or(self.heard.map(|(first, _)| first))
    }

    /// Counts anew from `since` on: before, events may have been lost. Whether that is later than before.
    pub fn begin(&mut self, since: Moment) -> bool {
        let later = self.registered.is_none_or(|known| known < since);
        if later {
            self.registered = Some(since);
            self.gone = Counts::default();
        }
        later
    }

    /// An event named it.
    pub fn hear(&mut self, told: Told, name: Option<&Shown>, number: Option<&Shown>) {
        let moment = told.moment;
        let (first, last) = self.heard.unwrap_or((moment, moment));
        self.heard = Some((first.min(moment), last.max(moment)));
        if let Some(name) = name {
            Latest::keep(&mut self.name, told, name.clone());
        }
        if let Some(number) = number {
            Latest::keep(&mut self.number, told, number.clone());
        }
    }

    /// Whether it has a number of its own; `None` while no event told of it.
    pub fn has_number(&self) -> Option<bool> {
        self.heard.map(|_| self.number.is_some())
    }

    /// One of its tasks leaves the floor.
    pub fn lose(&mut self, task: &Task) {
        if self.counts(task) {
            self.gone.add(task);
        }
    }

    /// Whether a task was told of since nothing is missed.
    fn counts(&self, task: &Task) -> bool {
        self.since().is_some_and(|since| task.updated() >= since)
    }

    /// The row that it is in the table of queues. Nothing is counted before the first event.
    pub fn row<'a>(
        &self,
        id: &QueueId,
        tasks: impl Iterator<Item = &'a Task>,
        now: Moment,
    ) -> Queue {
        let since = self.since().unwrap_or_default();
        let heard = self.heard.map(|(_, last)| last).filter(|last| *last >= since);
        let updated = heard.unwrap_or(since);
        let mut figures = Figures::default();
        if heard.is_some() {
            let mut counts = self.gone;
            let mut now_here = Present::default();
            for task in tasks.filter(|task| self.counts(task)) {
                counts.add(task);
                if !task.is_lost(now) {
                    now_here.add(task);
                }
            }
            let seconds = |from: Option<Moment>| {
                let wait = from.map_or(0, |from| updated.since(from).as_secs());
                Some(u32::try_from(wait).unwrap_or(u32::MAX))
            };
            figures = Figures {
                waiting: Some(now_here.waiting),
                longest_wait_s: seconds(now_here.waiting_from),
                parked: Some(now_here.parked),
                backlog: Some(now_here.backlog),
                oldest_backlog_s: seconds(now_here.backlog_from),
                outbound_waiting: Some(now_here.outbound),
                calls_alerting: Some(now_here.alerting),
                calls_connected: Some(now_here.connected),
                offered: Some(counts.offered),
                answered: Some(counts.answered),
                abandoned: Some(counts.abandoned),
                ..figures
            };
        }
        Queue {
            id: id.clone(),
            name: self.name.as_ref().map_or_else(|| id.shown(), |latest| latest.value.clone()),
            number: self.number.as_ref().map(|latest| latest.value.clone()),
            open: None,
            open_detail: None,
            figures,
            own_login: None,
            about: About::default(),
            feed: FeedName::new(TRIGGERS),
            updated,
        }
    }
}

portable!(Service: name, number, registered, heard; gone);
