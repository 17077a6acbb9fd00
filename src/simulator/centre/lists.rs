//! Callback lists: callers who were promised a call, and the agents who keep the promise.

use std::collections::BTreeSet;

use super::chance::{DAY, HOUR, MINUTE, SECOND, between, exponential, happens, spread};
use super::people::AgentState;
use super::{Centre, Event, count};
use crate::simulator::scenario::ListSetup;

/// Mean talk time of a callback, seconds.
const TALK: f64 = 110.0;

/// How a callback came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The caller asked for it before giving up.
    Requested,
    /// The caller waited too long and was moved here.
    Overflown,
}

/// One promised call that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Position of its list.
    pub list: usize,
    /// The number to call.
    pub number: String,
    /// How it came about.
    pub reason: Reason,
    /// When it was made.
    pub created: u64,
    /// By when it should be done.
    pub due: u64,
    /// Before when no one shall call.
    pub not_before: u64,
    /// When it is given up.
    pub expires: u64,
    /// Position of the agent who has taken it.
    pub taken_by: Option<usize>,
}

/// One list of callbacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackList {
    setup: ListSetup,
}

impl CallbackList {
    pub(super) fn new(setup: &ListSetup) -> Self {
        Self { setup: setup.clone() }
    }

    pub fn id(&self) -> &str {
        &self.setup.id
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.setup.name
    }
}

/// The present figures of a callback list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListFigures {
    /// All that are not closed.
    pub open: u64,
    /// Those that an agent could take now.
    pub free: u64,
    /// Those that an agent has taken.
    pub assigned: u64,
    /// Those that wait for their time.
    pub hidden: u64,
    /// Of those, the ones whose time comes within the hour.
    pub next_hour_revealed: u64,
    /// Those that should have been done by now.
    pub overdue: u64,
    /// Those that should be done within the hour.
    pub next_hour_overdue: u64,
    /// Those that are given up within 24 hours.
    pub expires_24h: u64,
    /// Agents at work who belong to the list.
    pub agents: u64,
    /// Of those, the ones who take callbacks between their calls: not on a break.
    pub serving: u64,
}

impl Centre {
    pub(super) fn plan_lists(&mut self) {
        for list in 0..self.lists.len() {
            self.plan(MINUTE, Event::TakeCallback { list });
        }
    }

    /// All callbacks that are not closed, by their numbers, oldest first.
    pub fn callbacks(&self) -> impl Iterator<Item = (u64, &Callback)> {
        self.callbacks.iter().map(|(id, callback)| (*id, callback))
    }

    /// The present figures of a list; all zero for a position that is not there.
    pub fn list_figures(&self, list: usize) -> ListFigures {
        let Some(found) = self.lists.get(list) else { return ListFigures::default() };
        let mut figures = ListFigures::default();
        for callback in self.callbacks.values().filter(|callback| callback.list == list) {
            figures.open += 1;
            if callback.taken_by.is_some() {
                figures.assigned += 1;
            } else if callback.not_before > self.now {
                figures.hidden += 1;
                figures.next_hour_revealed += u64::from(callback.not_before <= self.now + HOUR);
            } else {
                figures.free += 1;
            }
            if callback.due <= self.now {
                figures.overdue += 1;
            } else if callback.due <= self.now + HOUR {
                figures.next_hour_overdue += 1;
            }
            figures.expires_24h += u64::from(callback.expires <= self.now + DAY);
        }
        let on_duty = self.on_duty(&found.setup.queues);
        let away = |agent: &&usize| matches!(self.agents[**agent].state(), AgentState::Away(_));
        figures.agents = count(on_duty.len());
        figures.serving = figures.agents - count(on_duty.iter().filter(away).count());
        figures
    }

    /// Positions of the agents who are logged in to any of these queues, in order.
    fn on_duty(&self, queues: &[usize]) -> BTreeSet<usize> {
        let members = queues.iter().flat_map(|queue| self.members(*queue));
        members.filter(|(_, _, member)| member.logged_in).map(|(agent, _, _)| agent).collect()
    }

    /// Puts a caller on the list of the queue, if it has one.
    pub(super) fn new_callback(&mut self, queue: usize, number: String, reason: Reason) {
        let Some(list) = self.lists.iter().position(|list| list.setup.queues.contains(&queue))
        else {
            return;
        };
        let id = self.next_serial();
        let now = self.now;
        let due = now + between(&mut self.rng, 30 * MINUTE, 3 * HOUR);
        let later = happens(&mut self.rng, 0.15);
        let not_before = if later { due - 10 * MINUTE } else { now };
        let expires = now + between(&mut self.rng, 20 * HOUR, 44 * HOUR);
        let taken_by = None;
        let callback =
            Callback { list, number, reason, created: now, due, not_before, expires, taken_by };
        self.callbacks.insert(id, callback);
        self.plan(expires - now, Event::CallbackExpired { callback: id });
    }

    /// An agent with nothing else to do takes the oldest callback of the list.
    pub(super) fn take_callback(&mut self, list: usize) {
        let next = exponential(&mut self.rng, 50.0).max(5 * SECOND);
        self.plan(next, Event::TakeCallback { list });
        let ready = self.callbacks.iter().find(|(_, callback)| {
            callback.list == list
                && callback.taken_by.is_none()
                && callback.not_before <= self.now
                && callback.created + 4 * MINUTE <= self.now
        });
        let Some(id) = ready.map(|(id, _)| *id) else { return };
        let Some(found) = self.lists.get(list) else { return };
        let on_duty = self.on_duty(&found.setup.queues);
        let idle = |agent: &usize| self.agents[*agent].state() == AgentState::Idle;
        let Some(agent) = on_duty.into_iter().find(idle) else { return };
        if let Some(callback) = self.callbacks.get_mut(&id) {
            callback.taken_by = Some(agent);
            self.enter(agent, AgentState::CallingBack { callback: id });
            let talk = spread(&mut self.rng, TALK);
            self.plan(talk, Event::CallbackDone { callback: id });
        }
    }

    /// The agent has talked, and closes the callback or puts it off.
    pub(super) fn callback_done(&mut self, id: u64) {
        let Some(callback) = self.callbacks.get_mut(&id) else { return };
        let Some(agent) = callback.taken_by.take() else { return };
        if happens(&mut self.rng, 0.72) {
            self.callbacks.remove(&id);
        } else {
            callback.not_before = self.now + between(&mut self.rng, 15 * MINUTE, 70 * MINUTE);
        }
        self.free(agent);
    }

    pub(super) fn callback_expired(&mut self, id: u64) {
        if self.callbacks.get(&id).is_some_and(|callback| callback.taken_by.is_none()) {
            self.callbacks.remove(&id);
        }
    }
}
