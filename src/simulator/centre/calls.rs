//! Calls: they come, wait, ring, are talked through, or are given up.

use super::chance::{MINUTE, SECOND, between, busy, exponential, happens, millis, number, spread};
use super::handling::Handling;
use super::people::AgentState;
use super::{Centre, DAY, Ending, Event, Reason};

/// How much more calls a surge brings to its queue.
const SURGE: f64 = 2.4;
/// How long an agent's phone rings before it is answered, milliseconds: least and most.
const RING: (u64, u64) = (1_500, 6_000);

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It waits for an agent.
    Waiting,
    /// It rings at this agent.
    Alerting {
        /// Position of the agent.
        agent: usize,
    },
    /// It is with this agent.
    Connected {
        /// Position of the agent.
        agent: usize,
    },
    /// It waits where anybody can pick it up.
    Parked {
        /// Position of the agent who left it there.
        agent: usize,
    },
}

/// One call that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its number, unique on the floor.
    pub id: u64,
    /// Position of its queue.
    pub queue: usize,
    pub arrived: u64,
    pub caller: String,
    /// How far it has come.
    pub phase: Phase,
    /// What is done with it.
    pub handling: Handling,
}

impl Centre {
    pub(super) fn plan_calls(&mut self) {
        for queue in 0..self.queues.len() {
            self.plan_arrival(queue);
        }
        self.plan(MINUTE, Event::Surge);
    }

    /// Plans the next caller as if the queue were at its busiest; [`Self::arrival`] thins them out.
    fn plan_arrival(&mut self, queue: usize) {
        let load = self.queues[queue].setup.load;
        if load > 0.0 {
            let gap = exponential(&mut self.rng, 3_600.0 / (load * SURGE));
            self.plan(gap, Event::Arrival { queue });
        }
    }

    pub(super) fn arrival(&mut self, queue: usize) {
        self.plan_arrival(queue);
        let found = &self.queues[queue];
        let factor = if found.surge_until > self.now { SURGE } else { 1.0 };
        let patience = found.setup.patience;
        let overflow = found.setup.overflow;
        let open = found.setup.is_open(self.now % DAY);
        if !happens(&mut self.rng, busy(self.now) * factor / SURGE) || !open {
            return;
        }
        let id = self.next_serial();
        let caller = number(&mut self.rng);
        let (arrived, phase) = (self.now, Phase::Waiting);
        let call = Call { id, queue, arrived, caller, phase, handling: Handling::default() };
        self.calls.insert(id, call);
        self.queues[queue].tally.offer(self.now);
        self.queues[queue].waiting.push_back(id);
        let gives_up = exponential(&mut self.rng, patience);
        self.plan(gives_up, Event::GiveUp { call: id });
        if let Some(seconds) = overflow {
            self.plan(millis(seconds), Event::Overflow { call: id });
        }
        if let Some(agent) = self.best_agent(queue) {
            self.ring(agent, id);
        }
    }

    /// The free agent for a queue: the best skilled, and of those the one free for longest.
    fn best_agent(&self, queue: usize) -> Option<usize> {
        self.members(queue)
            .filter(|(_, agent, member)| member.logged_in && agent.state() == AgentState::Idle)
            .min_by_key(|(position, agent, member)| {
                (std::cmp::Reverse(member.skill), agent.since(), *position)
            })
            .map(|(position, _, _)| position)
    }

    /// Gives a free agent the call that waits longest in any of the agent's queues.
    pub(super) fn next_call(&mut self, agent: usize) {
        let found = &self.agents[agent];
        if found.state() != AgentState::Idle {
            return;
        }
        let call = found
            .memberships()
            .iter()
            .filter(|member| member.logged_in)
            .filter_map(|member| self.queues[member.queue].waiting.front().copied())
            .min();
        if let Some(call) = call {
            self.ring(agent, call);
        }
    }

    pub(super) fn ring(&mut self, agent: usize, id: u64) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.phase = Phase::Alerting { agent };
            self.queues[call.queue].waiting.retain(|waiting| *waiting != id);
            self.enter(agent, AgentState::Alerting { call: id });
            let rings = between(&mut self.rng, RING.0, RING.1);
            self.plan(rings, Event::Answer { call: id });
        }
    }

    pub(super) fn give_up(&mut self, id: u64) {
        if let Some(call) = self.drop_waiting(id) {
            self.queues[call.queue].tally.abandon(self.now);
            self.write_down(&call, self.now - call.arrived, Ending::Missed);
            if happens(&mut self.rng, 0.3) {
                self.new_callback(call.queue, call.caller, Reason::Requested);
            }
        }
    }

    pub(super) fn overflow(&mut self, id: u64) {
        if let Some(call) = self.drop_waiting(id) {
            self.queues[call.queue].tally.overflow(self.now);
            self.write_down(&call, self.now - call.arrived, Ending::Forwarded);
            self.new_callback(call.queue, call.caller, Reason::Overflown);
        }
    }

    /// Ends a call that is still waiting; a call that rings or is connected stays.
    fn drop_waiting(&mut self, id: u64) -> Option<Call> {
        if self.calls.get(&id)?.phase != Phase::Waiting {
            return None;
        }
        let call = self.calls.remove(&id)?;
        self.queues[call.queue].waiting.retain(|waiting| *waiting != id);
        Some(call)
    }

    pub(super) fn answer(&mut self, id: u64) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Phase::Alerting { agent } = call.phase else { return };
        call.phase = Phase::Connected { agent };
        let queue = &mut self.queues[call.queue];
        // Whoever takes it over later answers no other call.
        if call.handling.answered == 0 {
            queue.tally.answer(self.now, self.now - call.arrived);
        }
        call.handling.answered = self.now;
        let talk = spread(&mut self.rng, queue.setup.talk);
        self.enter(agent, AgentState::Talking { call: id });
        self.plan(talk, Event::HangUp { call: id });
    }

    pub(super) fn hang_up(&mut self, id: u64) {
        let Some(call) = self.calls.remove(&id) else { return };
        let agent = match call.phase {
            Phase::Connected { agent } => agent,
            // Passed on, and the caller did not wait for it.
            Phase::Alerting { agent } => return self.free(agent),
            Phase::Waiting | Phase::Parked { .. } => return,
        };
        let talked = self.now - self.agents[agent].since();
        let waited = (self.now - call.arrived).saturating_sub(talked);
        self.write_down(&call, waited, Ending::Answered { agent, talked });
        let wrap_up = spread(&mut self.rng, self.queues[call.queue].setup.wrap_up);
        let stamp = self.enter(agent, AgentState::WrapUp);
        self.plan(wrap_up, Event::WrapUpEnd { agent, stamp });
    }

    /// Something outside (a mailing, an outage) sends callers to one queue for a while.
    pub(super) fn surge(&mut self) {
        let queue = self.rng.usize(0..self.queues.len().max(1));
        let lasts = between(&mut self.rng, 3 * MINUTE, 7 * MINUTE);
        if let Some(queue) = self.queues.get_mut(queue) {
            queue.surge_until = self.now + lasts;
        }
        let next = exponential(&mut self.rng, 9.0 * 60.0).max(30 * SECOND);
        self.plan(next, Event::Surge);
    }
}
