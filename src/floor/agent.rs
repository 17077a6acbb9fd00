//! An agent, and the agent's membership in each queue.

use serde::{Deserialize, Serialize};

use crate::floor::id::{AgentId, AgentKey, FeedName, QueueId};
use crate::floor::portable::{Change, Portable, portable};
use crate::floor::presence::Presence;
use crate::floor::time::Moment;
use crate::text::Shown;

/// One person of one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    pub key: AgentKey,
    /// How requests name the person; `None` where neither the server nor the config says.
    pub id: Option<AgentId>,
    pub name: Shown,
    /// The state over all queues.
    pub state: AgentState,
    /// The vendor's reason for the state.
    pub reason: Option<Shown>,
    /// Since when; `None` until a change was seen.
    pub since: Option<Moment>,
    /// The queues that the person belongs to.
    pub memberships: Vec<Membership>,
    /// What events told of the person.
    pub presence: Presence,
    /// Which feed tells of the person.
    pub feed: FeedName,
    /// When the person was last told of.
    pub updated: Moment,
}

/// What an agent is in one queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    pub queue: QueueId,
    /// The queue's name, as this membership came with it.
    pub name: Shown,
    /// Whether the agent is logged in to it.
    pub logged_in: Option<bool>,
    /// The state in it.
    pub state: AgentState,
    /// The vendor's reason for the state.
    pub reason: Option<Shown>,
    /// Rank among the queue's agents; lower is asked earlier.
    pub priority: Option<u32>,
    pub skill: Option<u32>,
}

/// What an agent does now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    Talking,
    /// Has the caller on hold.
    Holding,
    /// A call rings, or is about to.
    Reserved,
    /// Finishing up after a call.
    WrapUp,
    /// Could take a call.
    Available,
    /// Logged in, but takes no call.
    NotReady,
    /// A state that floorwalker does not know.
    Other,
    LoggedOut,
}

impl AgentState {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Talking => "talking",
            Self::Holding => "holding",
            Self::Reserved => "reserved",
            Self::WrapUp => "wrap_up",
            Self::Available => "available",
            Self::NotReady => "not_ready",
            Self::Other => "other",
            Self::LoggedOut => "logged_out",
        }
    }

    /// The word for people.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::WrapUp => "wrap-up",
            Self::NotReady => "not ready",
            Self::LoggedOut => "logged out",
            other => other.word(),
        }
    }
}

impl Agent {
    /// The state over all queues, with its reason: the first in the order of [`AgentState`].
    pub fn overall(memberships: &[Membership]) -> (AgentState, Option<Shown>) {
        memberships
            .iter()
            .min_by(|a, b| a.state.cmp(&b.state))
            .map_or((AgentState::Other, None), |first| (first.state.clone(), first.reason.clone()))
    }

    /// The membership in `queue`.
    pub fn in_queue(&self, queue: &QueueId) -> Option<&Membership> {
        self.memberships.iter().find(|membership| &membership.queue == queue)
    }
}

portable!(Agent: name, reason, since, memberships, presence, updated; key, id, state, feed);
portable!(Membership: reason; queue, name, logged_in, state, priority, skill);

/// A word of ours.
impl Portable for AgentState {
    fn change(&mut self, _by: &mut dyn Change) {}
}
