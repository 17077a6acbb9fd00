//! The steps of a call's path, and what each of them moves.

use serde::{Deserialize, Serialize};

use crate::floor::call::{Direction, Phase};
use crate::floor::id::{AgentKey, CallbackId, LegId, ListId, QueueId};
use crate::floor::portable::portable;
use crate::floor::time::Told;
use crate::text::Shown;

/// One step of a call's path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub told: Told,
    pub what: What,
    /// The vendor's words for it: a reason, a target, a choice.
    pub detail: Option<Shown>,
    /// What else it told.
    pub facts: Facts,
}

/// What a step told of the call. `None` is “not told”, which changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The leg that it is about; `None` for the call as a whole.
    pub leg: Option<LegId>,
    /// The leg to the agent who has it now: the other end of [`Self::leg`].
    pub agent_leg: Option<LegId>,
    /// The leg on which somebody supervises.
    pub supervisor_leg: Option<LegId>,
    /// The queue that it is in the hands of; [`Place::Person`] for a person's own number.
    pub place: Option<Place>,
    pub queue_name: Option<Shown>,
    /// Who has to do with it.
    pub agent: Option<AgentKey>,
    pub agent_name: Option<Shown>,
    /// Which way it goes.
    pub direction: Option<Direction>,
    pub party: Option<Shown>,
    /// Whether the other end may not be shown.
    pub private: Option<bool>,
    pub priority: Option<Shown>,
    /// The request to be called back.
    pub callback: Option<CallbackId>,
    pub list: Option<ListId>,
    /// Who supervises from now on; empty for nobody.
    pub supervisor: Option<Shown>,
    /// Why it ended or left, in the vendor's one word.
    pub cause: Option<Shown>,
    /// How long what is over took, seconds.
    pub seconds: Option<u32>,
}

/// In whose hands a call is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Queue(QueueId),
    /// A person's own number.
    Person,
}

/// What can happen to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Coming,
    Dialling,
    /// It has to hear a prompt first.
    Prompt,
    /// The caller chose in a menu.
    Choice,
    /// A routing script of the site's answered.
    Routed,
    Arrived,
    /// It rings at an agent.
    Offered,
    /// It rings there no longer.
    Withdrawn,
    /// An agent has it; outbound, the other end answered.
    Connected,
    Recording,
    /// It will be followed by wrap-up.
    WrapUpDue,
    /// Somebody supervises it, or does so no longer.
    Supervised,
    /// It is on hold.
    Held,
    /// It is off hold.
    Resumed,
    /// It waits where anybody can pick it up.
    Parked,
    /// It is being transferred.
    Transferring,
    /// The transfer failed: it is still here.
    TransferFailed,
    Transferred,
    /// It goes on to the next target.
    Overflowed,
    /// It was turned away, because the queue is closed.
    TurnedAway,
    /// The caller asks to be called back.
    CallbackAsked,
    Ended,
    /// The agent finishes up.
    WrapUp,
    /// The agent has finished.
    WrapUpOver,
    /// Whether its other end may be shown has changed.
    Privacy,
    /// A recording of it can be used.
    Recorded,
    /// It was written down.
    Transcribed,
}

impl What {
    /// The word for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Coming => "came",
            Self::Dialling => "dialled",
            Self::Prompt => "prompt",
            Self::Choice => "menu",
            Self::Routed => "routed",
            Self::Arrived => "waiting",
            Self::Offered => "ringing",
            Self::Withdrawn => "not answered",
            Self::Connected => "connected",
            Self::Recording => "recording",
            Self::WrapUpDue => "wrap-up to follow",
            Self::Supervised => "supervised",
            Self::Held => "on hold",
            Self::Resumed => "off hold",
            Self::Parked => "parked",
            Self::Transferring => "transfer",
            Self::TransferFailed => "transfer failed",
            Self::Transferred => "transferred",
            Self::Overflowed => "overflow",
            Self::TurnedAway => "closed",
            Self::CallbackAsked => "callback asked",
            Self::Ended => "ended",
            Self::WrapUp => "wrap-up",
            Self::WrapUpOver => "wrap-up over",
            Self::Privacy => "privacy changed",
            Self::Recorded => "recording ready",
            Self::Transcribed => "transcript ready",
        }
    }

    /// The phase that a call is in from here on; `None` for a step that does not move it.
    pub(super) const fn phase(self, before: Option<Phase>) -> Option<Phase> {
        match self {
            Self::Coming => Some(Phase::New),
            // A prompt and a menu hold up a call that does not wait yet, and no other.
            Self::Prompt | Self::Choice if before.is_none() => Some(Phase::New),
            Self::Arrived | Self::Withdrawn => Some(Phase::Waiting),
            Self::Dialling | Self::Offered => Some(Phase::Alerting),
            Self::Connected | Self::Resumed => Some(Phase::Connected),
            Self::Held => Some(Phase::Held),
            Self::Parked => Some(Phase::Parked),
            Self::Transferred | Self::Overflowed | Self::TurnedAway => Some(Phase::Left),
            Self::Ended => Some(Phase::Ended),
            Self::Prompt
            | Self::Choice
            | Self::Routed
            | Self::Recording
            | Self::WrapUpDue
            | Self::Supervised
            | Self::Transferring
            | Self::TransferFailed
            | Self::CallbackAsked
            | Self::WrapUp
            | Self::WrapUpOver
            | Self::Privacy
            | Self::Recorded
            | Self::Transcribed => None,
        }
    }

    /// Whether it moves a call on, and does not only say something about it.
    pub const fn moves(self) -> bool {
        self.phase(None).is_some()
    }

    /// Whether a leg can begin with it.
    pub(super) const fn begins(self) -> bool {
        matches!(
            self,
            Self::Coming
                | Self::Dialling
                | Self::Prompt
                | Self::Choice
                | Self::Arrived
                | Self::Offered
        )
    }

    /// Whether it is the end of something.
    pub(super) const fn closes(self) -> bool {
        matches!(
            self,
            Self::Withdrawn | Self::Transferred | Self::Overflowed | Self::TurnedAway | Self::Ended
        )
    }

    /// Whether whoever it names has the call in hand from here on.
    pub(super) const fn hands_over(self) -> bool {
        matches!(
            self,
            Self::Coming
                | Self::Dialling
                | Self::Arrived
                | Self::Offered
                | Self::Connected
                | Self::Held
                | Self::Resumed
                | Self::Parked
                | Self::Ended
        )
    }
}

portable!(Step: told, detail, facts; what);
portable!(
    Facts: agent_name, party, priority, supervisor, cause;
    leg, agent_leg, supervisor_leg, place, queue_name, agent, direction, private, callback, list, seconds
);
