//! The legs of a call that is told step by step, and what the call is because of them.
//!
//! One call runs through a chain of legs: the customer's, and those on which an agent consults somebody meanwhile. The
//! customer's leg is the first one. It may go on under another leg's name where nobody has it in hand; a leg that begins
//! while somebody has it is another leg, and moves nothing of the customer's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::floor::agent::AgentState;
use crate::floor::call::counted::{Count, Counting};
use crate::floor::call::{Direction, Phase, Place, Step, What};
use crate::floor::id::{AgentKey, LegId, QueueId};
use crate::floor::portable::portable;
use crate::floor::time::Told;
use crate::text::Shown;

/// One leg of a call, as its steps left it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CallLeg {
    /// How the vendor names it; `None` where no step did.
    pub id: Option<LegId>,
    /// How far it is.
    pub phase: Option<Phase>,
    /// Since when it is in its phase.
    pub since: Option<Told>,
    /// The queue that it is in, or was in last.
    pub queue: Option<QueueId>,
    /// That queue's name, as it came with the call.
    pub queue_name: Option<Shown>,
    /// Who has it, was offered it last, or had it last.
    pub agent: Option<AgentKey>,
    /// That person's name, as it came with the call.
    pub agent_name: Option<Shown>,
    /// Everybody at whom it rings, in the order of the offers.
    pub ringing: Vec<Ringing>,
    /// Which way it goes.
    pub direction: Option<Direction>,
    pub party: Option<Shown>,
    /// Since when it waits, or waited.
    pub wait_from: Option<Told>,
    /// Until when it waited.
    pub wait_to: Option<Told>,
    /// Why it ended or left, in the vendor's words.
    pub reason: Option<Shown>,
}

/// Somebody at whom a call rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ringing {
    pub agent: AgentKey,
    /// The person's name, as it came with the call.
    pub name: Option<Shown>,
}

/// Takes over what is told; what is not told stays.
fn set<T: Clone>(slot: &mut Option<T>, told: Option<&T>) {
    if told.is_some() {
        *slot = told.cloned();
    }
}

impl CallLeg {
    /// Whether somebody has answered it and it is not over.
    fn is_answered(&self) -> bool {
        matches!(self.phase, Some(Phase::Connected | Phase::Held | Phase::Parked))
    }

    /// Whether it goes on.
    pub fn is_here(&self) -> bool {
        self.phase.is_some_and(Phase::is_here)
    }

    fn is_of_queue(&self) -> bool {
        self.direction == Some(Direction::Inbound) && self.queue.is_some()
    }

    /// Everybody who has it in hand, and what that makes of each.
    pub fn hands(&self) -> Vec<(&AgentKey, AgentState)> {
        let own = match (self.phase, self.direction) {
            (Some(Phase::Alerting), Some(Direction::Outbound)) | (Some(Phase::Connected), _) => {
                AgentState::Talking
            }
            (Some(Phase::Held), _) => AgentState::Holding,
            (Some(Phase::Alerting), _) => AgentState::Reserved,
            _ => return Vec::new(),
        };
        let ringing = self.ringing.iter().map(|own| (&own.agent, AgentState::Reserved));
        let mut people: Vec<_> = self.agent.iter().map(|agent| (agent, own.clone())).collect();
        people.extend(ringing.filter(|(agent, _)| self.agent.as_ref() != Some(*agent)));
        people
    }

    /// Follows one step; whether that moved it.
    fn follow(&mut self, step: &Step) -> bool {
        let Step { told, what, detail, facts } = step;
        self.tell(step);
        self.ring(step);
        let Some(phase) = self.moved(step) else { return false };
        let anew = matches!(what, What::Coming | What::Arrived);
        match &facts.place {
            Some(Place::Queue(queue)) => self.enter(queue, facts.queue_name.as_ref()),
            // Only with a new beginning does a call change from a queue to a person.
            Some(Place::Person) if anew && self.queue.is_some() => {
                (self.queue, self.queue_name) = (None, None);
                (self.wait_from, self.wait_to) = (None, None);
            }
            Some(Place::Person) | None => {}
        }
        match &facts.agent {
            Some(agent) if what.hands_over() => {
                if self.agent.as_ref() != Some(agent) {
                    (self.agent, self.agent_name) = (Some(agent.clone()), None);
                }
                set(&mut self.agent_name, facts.agent_name.as_ref());
            }
            // Nobody has it where it waits, nor once it has left.
            _ if anew || !what.hands_over() => (self.agent, self.agent_name) = (None, None),
            // Who has it goes without saying.
            _ => {}
        }
        if !matches!(what, What::Offered | What::Withdrawn | What::Held | What::Resumed) {
            self.ringing.clear();
        }
        self.waits(*what, *told);
        self.reason = if phase.is_here() { None } else { detail.clone() };
        if self.phase != Some(phase) {
            (self.phase, self.since) = (Some(phase), Some(*told));
        }
        true
    }

    /// Takes over which way it goes and who is at the other end.
    fn tell(&mut self, step: &Step) {
        set(&mut self.direction, step.facts.direction.as_ref());
        set(&mut self.party, step.facts.party.as_ref());
    }

    /// Offers are of people: each is made and withdrawn for one of them.
    fn ring(&mut self, step: &Step) {
        match (step.what, &step.facts.agent) {
            (What::Offered, Some(agent)) => {
                let name = step.facts.agent_name.clone();
                self.ringing.retain(|own| own.agent != *agent);
                self.ringing.push(Ringing { agent: agent.clone(), name });
            }
            (What::Withdrawn, Some(agent)) => {
                self.ringing.retain(|own| own.agent != *agent);
                if let (Some(Phase::Alerting), Some(last)) = (self.phase, self.ringing.last()) {
                    self.agent = Some(last.agent.clone());
                    self.agent_name.clone_from(&last.name);
                }
            }
            (What::Withdrawn, None) => self.ringing.clear(),
            _ => {}
        }
    }

    /// The phase to which a step moves it; `None` where it stays as it is.
    fn moved(&self, step: &Step) -> Option<Phase> {
        let phase = step.what.phase(self.phase)?;
        let named = step.facts.agent.as_ref();
        let has = self.agent.as_ref().filter(|_| self.is_answered());
        let is_anothers = named.zip(has).is_some_and(|(named, has)| named != has);
        let over = self.phase == Some(Phase::Ended);
        let stays = match step.what {
            // While somebody has it, it may ring at another, and be withdrawn there.
            What::Offered => is_anothers,
            What::Withdrawn => match self.phase {
                None | Some(Phase::New | Phase::Waiting) => false,
                Some(Phase::Alerting) => !self.ringing.is_empty(),
                Some(_) => true,
            },
            // One who had it passes it on, and somebody else has it already.
            What::Overflowed | What::Transferred | What::TurnedAway => is_anothers || over,
            What::Held | What::Resumed | What::Parked => over,
            _ => false,
        };
        (!stays).then_some(phase)
    }

    /// In another queue the wait begins anew; in another part of the same queue it goes on.
    fn enter(&mut self, queue: &QueueId, name: Option<&Shown>) {
        if self.queue.as_ref() != Some(queue) {
            self.queue = Some(queue.clone());
            self.queue_name = None;
            (self.wait_from, self.wait_to) = (None, None);
        }
        set(&mut self.queue_name, name);
    }

    fn waits(&mut self, what: What, told: Told) {
        match what {
            What::Arrived => {
                self.wait_from.get_or_insert(told);
                self.wait_to = None;
            }
            What::Withdrawn => self.wait_to = None,
            What::Connected
            | What::Transferred
            | What::Overflowed
            | What::TurnedAway
            | What::Ended
                if self.wait_to.is_none() =>
            {
                self.wait_to = self.wait_from.map(|_| told);
            }
            _ => {}
        }
    }
}

/// The legs of one call, as its steps in the order of their times left them.
#[derive(Debug, Default)]
pub(super) struct Chain {
    legs: Vec<CallLeg>,
    /// Which leg each name stands for: an agent's end of the customer's leg has a name of its own.
    names: BTreeMap<LegId, usize>,
    /// Which one is the customer's.
    customer: usize,
    counting: Counting,
}

/// What a chain comes to.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// What the call is.
    pub(super) shown: CallLeg,
    /// The other legs, first to last.
    pub(super) others: Vec<CallLeg>,
    /// What the call is counted as.
    pub(super) counts: Vec<Count>,
}

impl Chain {
    pub(super) fn of(path: &[Step]) -> Self {
        let mut chain = Self::default();
        for step in path {
            chain.follow(step, path);
        }
        chain
    }

    fn follow(&mut self, step: &Step, path: &[Step]) {
        let moves = step.what.moves();
        let Some(place) = self.place(step, moves, path) else { return };
        let Some(leg) = self.legs.get_mut(place) else { return };
        let turned =
            step.facts.direction.filter(|own| leg.direction.is_some_and(|had| had != *own));
        if !moves && turned.is_some() {
            return;
        }
        let is_customers = place == self.customer;
        let former = is_customers.then(|| leg.clone());
        let moved = leg.follow(step);
        if let Some(former) = former {
            self.counting.step(step, moved, &former, leg);
        }
    }

    /// The leg that a step is about, begun where there is none yet. `None` for a step that says nothing of any leg.
    fn place(&mut self, step: &Step, moves: bool, path: &[Step]) -> Option<usize> {
        let named = step.facts.leg.as_ref().map(|leg| end_of(leg, path));
        let known = named.and_then(|leg| self.names.get(leg)).copied();
        if known.is_some() || !moves {
            // What only says something of the call is of the customer's leg where its own is not known.
            return known.or((!self.legs.is_empty()).then_some(self.customer));
        }
        if named.is_some_and(|leg| is_supervisors(leg, path)) {
            return None;
        }
        let place = match self.legs.get(self.customer) {
            None => self.begin(),
            Some(customer) if is_of_customer(customer, step) => self.customer,
            // An end of something that was never seen to begin.
            Some(_) if step.what.closes() => return None,
            Some(customer) => {
                // What was there before anybody looked is older than what was seen to begin.
                let is_older = !step.what.begins() && is_inbound_of_queue(step);
                let outranks = is_older && !customer.is_of_queue();
                let unnamed =
                    |leg: &CallLeg| leg.id.is_none() && leg.direction == step.facts.direction;
                let same = named.is_none().then(|| self.legs.iter().position(unnamed)).flatten();
                let place = same.unwrap_or_else(|| self.begin());
                if outranks {
                    self.customer = place;
                }
                place
            }
        };
        if let Some(leg) = named {
            self.names.insert(leg.clone(), place);
            let own = self.legs.get_mut(place)?;
            own.id.get_or_insert_with(|| leg.clone());
        }
        Some(place)
    }

    fn begin(&mut self) -> usize {
        self.legs.push(CallLeg::default());
        self.legs.len() - 1
    }

    /// What it all comes to: the customer's leg, while that goes on. Once it was passed on, the customer is with
    /// whoever has the leg that goes on; once it is over, that leg is all that there is.
    pub(super) fn shape(mut self) -> Shape {
        if self.legs.is_empty() {
            return Shape { counts: self.counting.counts(), ..Shape::default() };
        }
        let customer = self.legs.remove(self.customer.min(self.legs.len() - 1));
        let rank = |leg: &CallLeg| leg.direction == Some(Direction::Inbound);
        let goes_on = (0..self.legs.len())
            .filter(|index| self.legs[*index].is_here())
            .max_by_key(|index| (rank(&self.legs[*index]), *index));
        let shown = match (customer.phase, goes_on) {
            (Some(Phase::Left), Some(index)) => {
                let CallLeg { phase, since, agent, agent_name, ringing, .. } =
                    self.legs.remove(index);
                CallLeg { phase, since, agent, agent_name, ringing, reason: None, ..customer }
            }
            (Some(Phase::Ended), Some(index)) => std::mem::replace(&mut self.legs[index], customer),
            _ => customer,
        };
        Shape { shown, others: self.legs, counts: self.counting.counts() }
    }
}

/// Whether a step that names no leg, or one that is new, is of the customer's leg all the same.
fn is_of_customer(customer: &CallLeg, step: &Step) -> bool {
    let facts = &step.facts;
    let is_outbound = facts.direction == Some(Direction::Outbound);
    let was_called = customer.direction == Some(Direction::Inbound);
    if facts.leg.is_none() {
        // Nobody is called on the leg of a customer who called.
        return !(is_outbound && was_called && customer.id.is_some());
    }
    if is_outbound {
        return !was_called && (!customer.is_here() || customer.id.is_none());
    }
    if !customer.is_answered() {
        return was_called || customer.direction.is_none() || !customer.is_here();
    }
    // An end of it that has a name of its own: whoever has the customer is consulted by nobody.
    let named = facts.agent.as_ref();
    let is_same = named.is_none_or(|named| customer.agent.as_ref() == Some(named));
    was_called && (customer.id.is_none() || !step.what.begins() && is_same)
}

fn is_inbound_of_queue(step: &Step) -> bool {
    step.facts.direction == Some(Direction::Inbound)
        && matches!(step.facts.place, Some(Place::Queue(_)))
}

/// The leg whose other end `leg` is: the leg to an agent is an end of the customer's.
fn end_of<'a>(leg: &'a LegId, path: &'a [Step]) -> &'a LegId {
    let joined = path.iter().find(|step| step.facts.agent_leg.as_ref() == Some(leg));
    joined.and_then(|step| step.facts.leg.as_ref()).unwrap_or(leg)
}

fn is_supervisors(leg: &LegId, path: &[Step]) -> bool {
    path.iter().any(|step| step.facts.supervisor_leg.as_ref() == Some(leg))
}

portable!(
    CallLeg: since, queue_name, agent_name, ringing, party, wait_from, wait_to, reason;
    id, phase, queue, agent, direction
);
portable!(Ringing: name; agent);
