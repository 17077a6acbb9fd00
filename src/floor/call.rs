//! A call: the path it took, and what it is because of that.
//!
//! A call is nothing but its steps in the order of their times. Everything else is read off them, so that steps may
//! arrive late, twice and in any order. Where a vendor tells calls as they are, the latest [`Leg`] lies over that.

use serde::{Deserialize, Serialize};

use crate::floor::id::{AgentKey, CallId, CallbackId, ListId, QueueId};
use crate::floor::kept::Leaves;
use crate::floor::portable::portable;
use crate::floor::time::{Latest, Moment, Told};
use crate::text::Shown;

pub use self::action::{CallAction, CallArgument};
pub use self::leg::{Leg, Offer, Participant, Party, Recording, Status};
pub use self::step::{Facts, Place, Step, What};

mod action;
mod leg;
mod step;

/// Steps that one call keeps: the first and the latest. A call that loops must not fill the memory.
pub const STEPS: usize = 64;

/// How long a call that is over stays to be looked at, milliseconds.
const OVER_MS: u64 = 60_000;

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
    /// The two speak.
    Connected,
    /// Connected, on hold.
    Held,
    /// Connected, parked.
    Parked,
    /// Over, and the agent finishes up.
    WrapUp,
    /// Went on to elsewhere: an overflow or a transfer.
    Left,
    /// Over.
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

    /// The contract's word.
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
    /// To us.
    Inbound,
    /// From us.
    Outbound,
}

impl Direction {
    /// The word.
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
    /// Speech.
    #[default]
    Voice,
}

impl Modality {
    /// The word.
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
        let (leg, met) = (self.leg.take(), self.met);
        *self = Self { leg, met, ..Self::new(self.id.clone()) };
        for step in &path {
            self.follow(step);
        }
        if self.private {
            self.party = None;
        }
        self.path = path;
        self.lay();
        true
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

    fn follow(&mut self, step: &Step) {
        let Step { told, what, detail, facts } = step;
        fn set<T: Clone>(slot: &mut Option<T>, told: Option<&T>) {
            if told.is_some() {
                *slot = told.cloned();
            }
        }
        set(&mut self.direction, facts.direction.as_ref());
        set(&mut self.priority, facts.priority.as_ref());
        set(&mut self.callback, facts.callback.as_ref());
        set(&mut self.list, facts.list.as_ref());
        set(&mut self.party, facts.party.as_ref());
        if let Some(supervisor) = &facts.supervisor {
            self.supervised_by = Some(supervisor.clone()).filter(|name| !name.is_empty());
        }
        if *what == What::Recording {
            self.recording = Some(true);
        }
        self.private = facts.private.unwrap_or(self.private);
        let Some(phase) = what.phase(self.phase) else { return };
        let anew = matches!(what, What::Coming | What::Arrived);
        match &facts.place {
            Some(Place::Queue(queue)) => self.enters(queue, facts.queue_name.as_ref()),
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
        self.waits(*what, *told);
        self.reason = if phase.is_here() { None } else { detail.clone() };
        if self.phase != Some(phase) {
            (self.phase, self.since) = (Some(phase), Some(*told));
        }
    }

    /// In another queue the wait begins anew; in another part of the same queue it goes on.
    fn enters(&mut self, queue: &QueueId, name: Option<&Shown>) {
        if self.queue.as_ref() != Some(queue) {
            self.queue = Some(queue.clone());
            self.queue_name = None;
            (self.wait_from, self.wait_to) = (None, None);
        }
        if name.is_some() {
            self.queue_name = name.cloned();
        }
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

impl Leaves for Call {
    const MOST: usize = 5_000;

    fn leaves(&self) -> Moment {
        let stays = match self.phase {
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
    Call: path, since, agent_name, party, wait_from, wait_to, supervised_by, priority, reason, leg, met;
    id, phase, queue, queue_name, agent, direction, modality, private, recording, paused, position, muted,
    conference, callback, list
);
