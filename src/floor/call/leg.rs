//! A call as one person's telephony has it: told whole, and each time anew.
//!
//! Where a vendor tells what a call *is* and not what *happened* to it, the steps of its path are read off the
//! difference between two tellings.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::floor::call::{CallAction, Direction, Facts, Phase, Place, Step, What};
use crate::floor::id::{AgentId, AgentKey, CallId, QueueId};
use crate::floor::portable::portable;
use crate::floor::time::{Moment, Told};
use crate::text::Shown;

/// One person's end of a call. `None` is “not told”.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Whose it is, as requests name the person.
    pub user: AgentId,
    /// How requests name the call.
    pub handle: CallId,
    /// How far it is.
    pub status: Status,
    /// Which way it goes.
    pub direction: Option<Direction>,
    pub party: Option<Party>,
    /// All who take part besides the person, where more than the other end is told.
    pub participants: Vec<Participant>,
    /// Whether more than two take part.
    pub conference: Option<bool>,
    /// Whether somebody listens in, speaks to the person or has broken in.
    pub intruded: Option<bool>,
    /// Whether the person's microphone is off.
    pub muted: Option<bool>,
    /// How it is recorded.
    pub recording: Recording,
    /// The queue that handed it out.
    pub queue: Option<QueueId>,
    /// That queue's name, as it came with the call.
    pub queue_name: Option<Shown>,
    /// Why it came here from elsewhere, in the vendor's word.
    pub retargeted: Option<Shown>,
    /// Who sent it here.
    pub sent_by: Option<Party>,
    /// What happened last, in the vendor's word.
    pub event: Option<Shown>,
    /// What the vendor says of that.
    pub detail: Option<Shown>,
    /// Seconds that it lasts, by the vendor's count.
    pub duration_s: Option<u32>,
    /// What ties the ends of one call together.
    pub correlation: Option<Shown>,
    /// Which telling it is: sent back with a change, so that nothing is changed that looks different by now.
    pub token: Option<i64>,
    /// The person's devices that it is on.
    pub devices: Vec<String>,
    /// What can be done to it now.
    pub offers: Vec<Offer>,
}

/// How far a leg is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The person's device began to call.
    Initiated,
    /// It rings: at the person, or outbound at the other end.
    Ringing,
    Active,
    /// The other end is on hold.
    Held,
    /// It waits where anybody can pick it up.
    Parked,
    /// It was passed on to somebody else.
    Transferred,
    Terminated,
    /// A word that floorwalker does not know.
    Other(Shown),
}

/// Somebody at the other end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub name: Option<Shown>,
    /// The number, as people write it.
    pub number: Option<Shown>,
    /// The number, as requests name it.
    pub uri: Option<Shown>,
}

/// Somebody who takes part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// How requests name the place in the call.
    pub id: Option<Shown>,
    pub party: Party,
    /// How the person broke in, in the vendor's word; `None` for whoever was called.
    pub intrusion: Option<Shown>,
}

/// How a leg is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    pub on: Option<bool>,
    /// Whether that is interrupted now.
    pub paused: Option<bool>,
    /// Whether it can be.
    pub allowed: Option<bool>,
    /// Seconds that are recorded.
    pub seconds: Option<u32>,
}

/// One thing that can be done to a leg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    #[serde(rename = "deed")]
    pub action: CallAction,
    /// On which devices; none where that does not matter.
    pub devices: Vec<String>,
}

impl Party {
    /// Name and number, as far as they are told.
    pub fn shown(&self) -> Option<Shown> {
        let Self { name, number, uri } = self;
        match (name, number.as_ref().or(uri.as_ref())) {
            (Some(name), Some(number)) if name != number => {
                Some(Shown::clean(&format!("{name} {number}")))
            }
            (Some(one), _) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }
    }
}

impl Participant {
    /// Whether anything is told of it.
    pub fn is_told(&self) -> bool {
        *self != Self::default()
    }
}

impl Leg {
    /// A leg of which only the status is told.
    pub fn new(user: AgentId, handle: CallId, status: Status) -> Self {
        Self {
            user,
            handle,
            status,
            direction: None,
            party: None,
            participants: Vec::new(),
            conference: None,
            intruded: None,
            muted: None,
            recording: Recording::default(),
            queue: None,
            queue_name: None,
            retargeted: None,
            sent_by: None,
            event: None,
            detail: None,
            duration_s: None,
            correlation: None,
            token: None,
            devices: Vec::new(),
            offers: Vec::new(),
        }
    }

    /// How far the call is; `None` for a word that is not known.
    pub fn phase(&self) -> Option<Phase> {
        match self.status {
            Status::Initiated | Status::Ringing => Some(Phase::Alerting),
            Status::Active => Some(Phase::Connected),
            Status::Held => Some(Phase::Held),
            Status::Parked => Some(Phase::Parked),
            Status::Transferred => Some(Phase::Left),
            Status::Terminated => Some(Phase::Ended),
            Status::Other(_) => None,
        }
    }

    /// Whether `action` can be done to it now.
    pub fn offers(&self, action: CallAction) -> bool {
        self.offers.iter().any(|offer| offer.action == action)
    }

    /// Who listens in, speaks to the person or has broken in: names, and how in the vendor's word.
    pub fn intruders(&self) -> Option<Shown> {
        let names: Vec<String> = self
            .participants
            .iter()
            .filter_map(|own| {
                let how = own.intrusion.as_ref()?.to_lowercase();
                let who = own.party.name.as_ref().or(own.party.number.as_ref());
                Some(who.map_or_else(|| how.clone(), |who| format!("{who} ({how})")))
            })
            .collect();
        match (names.is_empty(), self.intruded) {
            (false, _) => Some(Shown::clean(&names.join(", "))),
            (true, Some(true)) => Some(Shown::clean("somebody")),
            (true, _) => None,
        }
    }

    /// The steps from `before` to what it is now. A call that is met while it goes on was connected so long ago
    /// as it lasts, but not before `last`, the step that is known.
    pub(super) fn steps(
        &self,
        before: Option<Phase>,
        last: Option<Told>,
        owner: &AgentKey,
        told: Told,
    ) -> Vec<Step> {
        let Some(phase) = self.phase().filter(|phase| Some(*phase) != before) else {
            return Vec::new();
        };
        let what = match phase {
            Phase::Alerting if self.direction == Some(Direction::Outbound) => What::Dialling,
            Phase::Alerting => What::Offered,
            Phase::Connected if before == Some(Phase::Held) => What::Resumed,
            Phase::Connected => What::Connected,
            Phase::Held => What::Held,
            Phase::Parked => What::Parked,
            Phase::Left => What::Transferred,
            Phase::New | Phase::Waiting | Phase::WrapUp | Phase::Ended => What::Ended,
        };
        let mut steps = Vec::new();
        let answered = self.answered(last, told);
        if what == What::Held && before != Some(Phase::Connected) {
            steps.push(self.step(What::Connected, owner, answered));
        }
        let at = if what == What::Connected { answered } else { told };
        steps.push(self.step(what, owner, at));
        steps
    }

    /// When it was answered, from how long it lasts.
    fn answered(&self, last: Option<Told>, told: Told) -> Told {
        let seconds = self.duration_s.unwrap_or(0);
        let lasts = TimeDelta::seconds(seconds.into());
        let Some(at) = told.at.checked_sub_signed(lasts) else { return told };
        if let Some(last) = last.filter(|last| last.at > at) {
            return Told { report: told.report, ..last };
        }
        let before = u64::from(seconds).saturating_mul(1_000);
        let moment = Moment::from_millis(told.moment.as_millis().saturating_sub(before));
        Told { at, moment, ..told }
    }

    fn step(&self, what: What, owner: &AgentKey, told: Told) -> Step {
        let place = match &self.queue {
            Some(queue) => Some(Place::Queue(queue.clone())),
            None => Some(Place::Person),
        };
        let sent_by = self.sent_by.as_ref().and_then(|own| own.name.clone().or(own.number.clone()));
        let detail = match what {
            What::Offered if self.queue.is_none() && self.queue_name.is_none() => {
                sent_by.map(|by| Shown::clean(&format!("from {by}")))
            }
            What::Ended | What::Transferred | What::Parked => {
                self.detail.clone().or_else(|| self.event.clone())
            }
            _ => None,
        };
        let facts = Facts {
            place,
            queue_name: self.queue_name.clone(),
            agent: Some(owner.clone()),
            direction: self.direction,
            party: self.party.as_ref().and_then(Party::shown),
            ..Facts::default()
        };
        Step { told, what, detail, facts }
    }
}

portable!(
    Leg: party, participants, queue_name, sent_by, detail;
    user, handle, status, direction, conference, intruded, muted, recording, queue, retargeted, event, duration_s,
    correlation, token, devices, offers
);
portable!(Party: name, number, uri;);
portable!(Participant: party; id, intrusion);
