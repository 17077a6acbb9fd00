//! Supervisors who join the calls of agents from a phone of their own, and calls that wait for a busy agent.

use super::calls::Phase;
use super::chance::SECOND;
use super::handling::{Handle, Intruder};
use super::people::AgentState;
use super::{Centre, Event};

/// How long a supervisor's phone rings before it is taken up, milliseconds.
const RINGS: u64 = 2 * SECOND;

/// How often it is seen whether a busy agent is free.
const CAMPS: u64 = 2 * SECOND;

/// One supervisor on one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// Its number, unique on the floor.
    pub id: u64,
    /// Position of the supervisor.
    pub by: usize,
    /// Position of the agent.
    pub agent: usize,
    pub call: u64,
    /// How, in the vendor's word.
    pub how: &'static str,
    /// Since when the supervisor takes part; `None` while the phone rings.
    pub joined: Option<u64>,
}

impl Centre {
    /// Has the phone of the supervisor at `by` ring for the call of the agent at `agent`; `None` where there is no
    /// call to join.
    pub fn join(&mut self, by: usize, agent: usize, how: &'static str) -> Option<Joining> {
        let AgentState::Talking { call } = self.agents.get(agent)?.state() else { return None };
        if by == agent || self.calls.get(&call)?.handling.intruder.is_some() {
            return None;
        }
        let id = self.next_serial();
        let joining = Joining { id, by, agent, call, how, joined: None };
        self.joinings.insert(id, joining.clone());
        self.plan(RINGS, Event::Joined { joining: id });
        Some(joining)
    }

    /// The supervisors' calls that go on, oldest first.
    pub fn joinings(&self) -> impl Iterator<Item = &Joining> {
        self.joinings.values().filter(|own| self.goes_on(own))
    }

    fn goes_on(&self, own: &Joining) -> bool {
        let Some(call) = self.calls.get(&own.call) else { return false };
        let here = call.phase == Phase::Connected { agent: own.agent };
        let takes_part = call.handling.intruder.as_ref().is_some_and(|who| who.agent == own.by);
        here && (own.joined.is_none() || takes_part)
    }

    /// Ends a supervisor's call, ringing or not; says whether there was one.
    pub fn leave_call(&mut self, joining: u64) -> bool {
        let Some(own) = self.joinings.remove(&joining) else { return false };
        if own.joined.is_some() {
            self.handle(own.call, Handle::Intrude(None));
        }
        true
    }

    pub(super) fn joined(&mut self, joining: u64) {
        let now = self.now;
        let found = self.joinings.get(&joining).filter(|own| self.goes_on(own)).cloned();
        let Some(own) = found else {
            self.joinings.remove(&joining);
            return;
        };
        let intruder = Intruder { agent: own.by, how: own.how };
        if self.handle(own.call, Handle::Intrude(Some(intruder))) {
            self.joinings.insert(joining, Joining { joined: Some(now), ..own });
        }
    }

    /// Passes a call on to the agent at `to` once that one is free.
    pub fn camp(&mut self, call: u64, to: usize) {
        if !self.handle(call, Handle::Transfer(to)) && self.calls.contains_key(&call) {
            self.plan(CAMPS, Event::Camps { call, to });
        }
    }
}
