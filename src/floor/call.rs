//! A call: the path it took, and what it is because of that.
//!
//! A call is nothing but its steps in the order of their times. Everything else is read off them, so that steps may
//! arrive late, twice and in any order. Where a call has several legs, it is what the customer's leg is. Where a vendor
//! tells calls as they are, the latest [`Leg`] lies over that.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use self::chain::{Chain, Shape};

use crate::floor::agent::AgentState;
use crate::floor::id::{AgentKey, CallId, CallbackId, ListId, QueueId};
use crate::floor::kept::Leaves;
use crate::floor::portable::portable;
use crate::floor::time::{Latest, Moment, Told};
use crate::text::Shown;

pub use self::action::{CallAction, CallArgument};
pub use self::chain::{CallLeg, Ringing};
pub use self::counted::{Count, Counted};
pub use self::leg::{Leg, Offer, Participant, Party, Recording, Status};
pub use self::step::{Facts, Place, Step, What};

mod action;
mod chain;
mod counted;
mod leg;
mod step;

/// Steps that one call keeps: the first and the latest. A call that loops must not fill the memory.
pub const STEPS: usize = 64;

/// How long a call that is over stays to be looked at, milliseconds.
const OVER_MS: u64 = 60_000;

/// How long one stays after which the agent finishes up, milliseconds: how long that took is still to come.
const WRITTEN_UP_MS: u64 = 900_000;

/// How long a call that left for elsewhere stays, milliseconds: it may come back.
const LEFT_MS: u64 = 300_000;

/// How long a parked call stays, milliseconds: who picks it up is not told.
const PARKED_MS: u64 = 900_000;

/// How long a call without any news stays, milliseconds: its end was lost.
const SILENT_MS: u64 = 4 * 3_600_000;

/// One call of one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Its identity within the source.
    pub id: CallId,
    path: Vec<Step>,
    /// How far it is; `None` while only side facts of it are known.
    pub phase: Option<Phase>,
    /// Since when it is in its phase.
    pub since: Option<Told>,
    /// The queue that it is in, or was in last; `None` for a call to or from a person's own number.
    pub queue: Option<QueueId>,
    /// That queue's name, as it came with the call.
    pub queue_name: Option<Shown>,
    /// Who has it, is offered it, or had it last.
    pub agent: Option<AgentKey>,
    /// That person's name, as it came with the call.
    pub agent_name: Option<Shown>,
    /// Everybody at whom it rings, in the order of the offers.
    #[serde(default)]
    pub ringing: Vec<Ringing>,
    /// Its other legs, first to last: somebody is consulted on them.
    #[serde(default)]
    pub legs: Vec<CallLeg>,
    /// What it is counted as.
    #[serde(default)]
    pub counts: Vec<Count>,
    /// Which way it goes.
    pub direction: Option<Direction>,
    /// What it is made of.
    pub modality: Modality,
    /// The other end: a number or an address. `None` where it is private.
    pub party: Option<Shown>,
    /// Whether the other end may not be shown.
    pub private: bool,
    /// Since when it waits, or waited.
    pub wait_from: Option<Told>,
    /// Until when it waited.
    pub wait_to: Option<Told>,
    /// Whether it is recorded.
    pub recording: Option<bool>,
    /// Whether the recording is interrupted now.
    #[serde(default)]
    pub paused: Option<bool>,
    /// Who listens in, speaks to the agent or takes part, by name.
    pub supervised_by: Option<Shown>,
    /// Its place among the waiting calls, where the vendor says it.
    pub position: Option<u32>,
    /// The vendor's word for its priority.
    pub priority: Option<Shown>,
    /// Whether the agent's microphone is off.
    pub muted: Option<bool>,
    /// Whether more than two take part.
    pub conference: Option<bool>,
    /// The request to be called back that it answers.
    pub callback: Option<CallbackId>,
    /// The list of that request.
    pub list: Option<ListId>,
    /// Why it ended or left, in the vendor's words.
    pub reason: Option<Shown>,
    /// What it is, where the vendor tells calls as they are.
    #[serde(default)]
    pub leg: Option<Box<Latest<Leg>>>,
    /// When it was first seen, if it was there before anybody looked: since when it is in its phase is not known.
    #[serde(default)]
    met: Option<Told>,
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Waits for an agent.
    Waiting,
    /// Not yet waiting: hears a prompt, chooses in a menu.
    New,
    /// Rings at an agent; outbound, at the other end.
    Alerting,
    Connected,
    Held,
    Parked,
    /// Over, and the agent finishes up.
    WrapUp,
    /// Went on to elsewhere: an overflow or a transfer.
    Left,
    Ended,
}

impl Phase {
    /// Every phase, what a supervisor looks for first.
    pub const ALL: [Self; 9] = [
        Self::Waiting,
        Self::New,
        Self::Alerting,
        Self::Connected,
        Self::Held,
        Self::Parked,
        Self::WrapUp,
        Self::Left,
        Self::Ended,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::New => "new",
            Self::Alerting => "alerting",
            Self::Connected => "connected",
            Self::Held => "held",
            Self::Parked => "parked",
            Self::WrapUp => "wrap_up",
            Self::Left => "left",
            Self::Ended => "ended",
        }
    }

    /// The word for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::WrapUp => "wrap-up",
            Self::Alerting => "ringing",
            other => other.word(),
        }
    }

    /// Whether an agent has the call in hand.
    pub const fn is_in_hand(self) -> bool {
        matches!(self, Self::Alerting | Self::Connected | Self::Held)
    }

    /// Whether it is still going on here.
    pub const fn is_here(self) -> bool {
        !matches!(self, Self::Left | Self::Ended)
    }
}

/// Which way a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Inbound,
    Outbound,
}

impl Direction {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

/// What a call is made of.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    #[default]
    Voice,
}

impl Modality {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Voice => "voice",
        }
    }
}

impl Call {
    /// A call of which nothing is known yet.
    pub fn new(id: CallId) -> Self {
        Self {
            id,
            path: Vec::new(),
            phase: None,
            since: None,
            queue: None,
            queue_name: None,
            agent: None,
            agent_name: None,
            ringing: Vec::new(),
            legs: Vec::new(),
            counts: Vec::new(),
            direction: None,
            modality: Modality::Voice,
            party: None,
            private: false,
            wait_from: None,
            wait_to: None,
            recording: None,
            paused: None,
            supervised_by: None,
            position: None,
            priority: None,
            muted: None,
            conference: None,
            callback: None,
            list: None,
            reason: None,
            leg: None,
            met: None,
        }
    }

    /// The steps it took, first to last.
    pub fn path(&self) -> &[Step] {
        &self.path
    }

    /// The person who has it in hand now.
    pub fn holder(&self) -> Option<&AgentKey> {
        self.agent.as_ref().filter(|_| self.phase.is_some_and(Phase::is_in_hand))
    }

    /// Everybody who has any leg of it in hand now.
    pub fn holders(&self) -> BTreeSet<AgentKey> {
        let own = self.holder().into_iter();
        let rings = self.ringing.iter().map(|ringing| &ringing.agent);
        let rings = rings.filter(|_| self.phase.is_some_and(Phase::is_in_hand));
        let legs = self.legs.iter().flat_map(CallLeg::hands).map(|(agent, _)| agent);
        own.chain(rings).chain(legs).cloned().collect()
    }

    /// What it makes of somebody who has any leg of it in hand.
    pub fn state_of(&self, agent: &AgentKey) -> Option<AgentState> {
        let own = match (self.phase, self.direction) {
            (Some(Phase::Connected), _) | (Some(Phase::Alerting), Some(Direction::Outbound)) => {
                Some(AgentState::Talking)
            }
            (Some(Phase::Held | Phase::Parked), _) => Some(AgentState::Holding),
            (Some(Phase::Alerting), _) => Some(AgentState::Reserved),
            _ => None,
        };
        let own = own.filter(|_| self.agent.as_ref() == Some(agent));
        let rings = self.phase.is_some_and(Phase::is_in_hand)
            && self.ringing.iter().any(|ringing| ringing.agent == *agent);
        let rings = rings.then_some(AgentState::Reserved);
        let legs = self.legs.iter().flat_map(CallLeg::hands);
        let legs = legs.filter(|(own, _)| *own == agent).map(|(_, state)| state);
        own.into_iter().chain(rings).chain(legs).min()
    }

    /// The other leg that somebody has in hand who does not have the call itself.
    pub fn leg_of(&self, agent: &AgentKey) -> Option<&CallLeg> {
        let has = self.holder() == Some(agent);
        let own = |leg: &&CallLeg| leg.hands().iter().any(|(own, _)| *own == agent);
        self.legs.iter().find(own).filter(|_| !has)
    }

    /// The legs on which somebody is consulted now.
    pub fn consulted(&self) -> impl Iterator<Item = &CallLeg> {
        let goes_on = self.phase.is_some_and(Phase::is_here);
        self.legs.iter().filter(move |leg| goes_on && leg.is_here())
    }

    /// What it is, where the vendor tells calls as they are.
    pub fn leg(&self) -> Option<&Leg> {
        self.leg.as_ref().map(|latest| &latest.value)
    }

    /// When it was last told of.
    pub fn told(&self) -> Option<Told> {
        let leg = self.leg.as_ref().map(|leg| leg.told);
        self.path.last().map(|step| step.told).max(leg)
    }

    /// Seconds that it waited, or has waited by `now`.
    pub fn wait(&self, now: Moment) -> Option<u64> {
        let until = self.wait_to.map_or(now, |to| to.moment);
        Some(until.since(self.wait_from?.moment).as_secs())
    }

    /// Whether its wait goes on.
    pub const fn is_waiting(&self) -> bool {
        self.wait_from.is_some() && self.wait_to.is_none()
    }

    /// Whether it ended without an agent ever having it.
    pub fn is_unanswered(&self) -> bool {
        self.phase == Some(Phase::Ended)
            && !self.path.iter().any(|step| step.what == What::Connected)
    }

    /// Adds a step; whether it changed anything.
    pub fn take(&mut self, step: Step) -> bool {
        // Of two steps of one time the one that arrived last comes last.
        let place = self.path.partition_point(|known| known.told <= step.told);
        let again = |known: &Step| known.what == step.what && known.told.is_same(&step.told);
        if self.path.iter().any(again) {
            return false;
        }
        let full = self.path.len() >= STEPS;
        // Older than all that is kept but the first: it would be the next to go.
        if full && place == 1 {
            return false;
        }
        self.path.insert(place, step);
        if full {
            self.path.remove(1);
        }
        let path = std::mem::take(&mut self.path);
        let (leg, met, private) = (self.leg.take(), self.met, self.private);
        *self = Self { private, leg, met, ..Self::new(self.id.clone()) };
        for step in &path {
            self.note(step);
        }
        self.path = path;
        self.stand();
        self.lay();
        true
    }

    /// Becomes what its legs are.
    fn stand(&mut self) {
        if self.private {
            // What is hidden is not even kept: it would travel with the path.
            self.path.iter_mut().for_each(|step| step.facts.party = None);
        }
        let Shape { shown, others, counts } = Chain::of(&self.path).shape();
        let CallLeg {
            id: _,
            phase,
            since,
            queue,
            queue_name,
            agent,
            agent_name,
            ringing,
            direction,
            party,
            wait_from,
            wait_to,
            reason,
        } = shown;
        (self.phase, self.since, self.reason) = (phase, since, reason);
        (self.queue, self.queue_name) = (queue, queue_name);
        (self.agent, self.agent_name, self.ringing) = (agent, agent_name, ringing);
        (self.direction, self.party) = (direction, party);
        (self.wait_from, self.wait_to) = (wait_from, wait_to);
        (self.legs, self.counts) = (others, counts);
    }

    /// Takes over what it is now, unless something later is known; whether anything was taken. `met` if it was
    /// there before its owner was first looked at.
    pub fn tell(&mut self, told: Told, owner: &AgentKey, leg: Leg, met: bool) -> bool {
        if self.leg.as_ref().is_some_and(|known| !told.replaces(&known.told)) {
            return false;
        }
        if met && self.leg.is_none() {
            self.met = Some(told);
        }
        let last = self.path.last().map(|step| step.told);
        let steps = leg.steps(self.phase, last, owner, told);
        self.leg = Some(Box::new(Latest { told, value: leg }));
        for step in steps {
            self.take(step);
        }
        self.lay();
        true
    }

    /// Lays what it is now over what its path says.
    fn lay(&mut self) {
        let Some(Latest { value: leg, .. }) = self.leg.as_deref() else { return };
        self.direction = leg.direction.or(self.direction);
        self.party = leg.party.as_ref().and_then(Party::shown).or_else(|| self.party.take());
        self.queue = leg.queue.clone().or_else(|| self.queue.take());
        self.queue_name = leg.queue_name.clone().or_else(|| self.queue_name.take());
        (self.recording, self.paused) = (leg.recording.on, leg.recording.paused);
        (self.muted, self.conference) = (leg.muted, leg.conference);
        self.supervised_by = leg.intruders();
        if self.since.is_some() && self.since == self.met {
            self.since = None;
        }
    }

    /// Takes over what a step says of the call, whichever leg it is of.
    fn note(&mut self, step: &Step) {
        let facts = &step.facts;
        fn set<T: Clone>(slot: &mut Option<T>, told: Option<&T>) {
            if told.is_some() {
                *slot = told.cloned();
            }
        }
        set(&mut self.priority, facts.priority.as_ref());
        set(&mut self.callback, facts.callback.as_ref());
        set(&mut self.list, facts.list.as_ref());
        if let Some(supervisor) = &facts.supervisor {
            self.supervised_by = Some(supervisor.clone()).filter(|name| !name.is_empty());
        }
        if step.what == What::Recording {
            self.recording = Some(true);
        }
        // What was ever private stays hidden.
        self.private |= facts.private == Some(true);
    }

    /// Whether its agent finishes up after it: more is to be told of it.
    fn is_written_up(&self) -> bool {
        let last = self
            .path
            .iter()
            .rev()
            .find(|step| matches!(step.what, What::WrapUp | What::WrapUpOver));
        last.is_some_and(|step| step.what == What::WrapUp)
    }
}

impl Leaves for Call {
    const MOST: usize = 5_000;

    fn leaves(&self) -> Moment {
        let stays = match self.phase {
            Some(Phase::Ended) if self.is_written_up() => WRITTEN_UP_MS,
            None | Some(Phase::Ended) => OVER_MS,
            Some(Phase::Left) => LEFT_MS,
            Some(Phase::Parked) => PARKED_MS,
            Some(_) => SILENT_MS,
        };
        self.updated().after(std::time::Duration::from_millis(stays))
    }

    fn updated(&self) -> Moment {
        self.told().map_or(Moment::default(), |told| told.moment)
    }

    fn is_shown(&self) -> bool {
        self.phase.is_some()
    }

    fn last(&self) -> Option<Told> {
        if self.phase == Some(Phase::Left) { self.told() } else { None }
    }
}

portable!(
    Call: path, since, agent_name, ringing, legs, party, wait_from, wait_to, supervised_by, priority, reason, leg,
    met;
    id, phase, queue, queue_name, agent, counts, direction, modality, private, recording, paused, position, muted,
    conference, callback, list
);
