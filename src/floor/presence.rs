//! What events tell of a person, and the state that it comes to.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::floor::agent::{AgentState, Membership};
use crate::floor::call::Call;
use crate::floor::id::{AgentKey, CallId, QueueId};
use crate::floor::portable::{Change, Portable, portable};
use crate::floor::time::{Latest, Moment, Told};
use crate::text::Shown;

/// Postures that are remembered, to know since when the present one lasts.
const POSTURES: usize = 16;

/// What events told of a person. All of it may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Presence {
    /// The person as the queues see it.
    pub status: Option<Latest<Status>>,
    /// What the person says of being there.
    pub availability: Option<Latest<Availability>>,
    /// The wrap-up that was last begun, or ended.
    pub wrap_up: Option<Latest<WrapUp>>,
    pub supervision: Option<Latest<Supervision>>,
    /// The last call that was asked for by hand.
    pub fetch: Option<Latest<Fetch>>,
    /// The person's name, as events told it.
    pub name: Option<Latest<Shown>>,
    /// Calls that the person has in hand.
    pub calls: BTreeSet<CallId>,
    /// The places in the queues as they were read, while calls or the person's own word lie over them.
    #[serde(default)]
    pub read: Vec<Membership>,
    /// What the status said of the person, first to last.
    postures: Vec<(Told, AgentState)>,
}

/// A person as the queues see it: the authoritative snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub serving: Option<bool>,
    /// Serves in callback lists.
    pub serving_callback: Option<bool>,
    /// On a call, ringing and dialling too.
    pub talking: Option<bool>,
    /// When talking began or ended.
    pub talking_since: Option<Moment>,
    /// Could get a call now.
    pub allocatable: Option<bool>,
    /// Takes calls by hand.
    pub fetch_mode: Option<bool>,
    /// Not on “do not disturb”.
    pub available: Option<bool>,
    pub schedule: Option<bool>,
    /// Phones that can ring; with none there is nothing to ring.
    pub terminals: Option<u32>,
    /// The queue of the present call; `None` while talking means that it is not queue work.
    pub queue: Option<QueueId>,
    pub queues: Option<u32>,
    pub parked: Option<u32>,
    /// Since when in wrap-up.
    pub wrap_up_from: Option<DateTime<Utc>>,
    /// Until when in wrap-up, at most.
    pub wrap_up_to: Option<DateTime<Utc>>,
}

/// What a person says of being there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    pub word: Option<Shown>,
    /// What the person wrote.
    pub note: Option<Shown>,
    #[serde(default)]
    pub since: Option<Moment>,
    pub until: Option<DateTime<Utc>>,
    /// Where calls go meanwhile.
    pub transfer: Option<Shown>,
    /// Whether the person could be reached, where that is told apart from the word.
    #[serde(default)]
    pub open: Option<bool>,
}

/// Finishing up after a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrapUp {
    /// Whether it goes on.
    pub on: bool,
    /// The queue of the call.
    pub queue: Option<QueueId>,
    /// Until when, at most.
    pub until: Option<DateTime<Utc>>,
}

/// Who listens in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervision {
    /// Whether it goes on.
    pub on: bool,
    pub by: Option<Shown>,
    /// How, in the vendor's word.
    pub how: Option<Shown>,
    pub call: Option<CallId>,
}

/// A call that was asked for by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    pub request: Option<Shown>,
    /// Until when an answer counts.
    pub until: Option<DateTime<Utc>>,
    /// The answer, once there is one, in the vendor's word.
    pub answer: Option<Shown>,
}

/// What can be told of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    Status(Box<Status>),
    Availability(Box<Availability>),
    /// Wrap-up began or ended.
    WrapUp(WrapUp),
    /// Supervision began, changed or ended.
    Supervision(Supervision),
    /// A call was asked for, or that was answered.
    Fetch(Fetch),
}

/// What a person's presence comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The state over all queues.
    pub state: AgentState,
    pub reason: Option<Shown>,
    /// Since when; `None` until a change was seen.
    pub since: Option<Moment>,
}

impl Availability {
    /// Whether the person says not to be there, in whatever word.
    fn is_away(&self) -> bool {
        self.word.as_ref().is_some_and(|word| !word.eq_ignore_ascii_case("available"))
    }
}

impl Presence {
    /// Takes a fact in; whether it was news.
    pub fn take(&mut self, told: Told, fact: Fact) -> bool {
        match fact {
            Fact::Status(status) => {
                let place = self.postures.partition_point(|(known, _)| *known <= told);
                if !self.postures.iter().any(|(known, _)| known.is_same(&told)) {
                    self.postures.insert(place, (told, posture(&status)));
                    if self.postures.len() > POSTURES {
                        self.postures.remove(0);
                    }
                }
                Latest::keep(&mut self.status, told, *status)
            }
            Fact::Availability(word) => Latest::keep(&mut self.availability, told, *word),
            Fact::WrapUp(wrap_up) => Latest::keep(&mut self.wrap_up, told, wrap_up),
            Fact::Supervision(by) => Latest::keep(&mut self.supervision, told, by),
            Fact::Fetch(fetch) => Latest::keep(&mut self.fetch, told, fetch),
        }
    }

    /// Whether events told anything of the person.
    pub fn is_told(&self) -> bool {
        *self != Self::default()
    }

    /// When wrap-up ends at the latest, if the person is in it.
    pub fn wrap_up(&self) -> Option<Option<DateTime<Utc>>> {
        let status = self.status.as_ref();
        let by_status = status.and_then(|status| status.value.wrap_up_from.map(|_| status));
        match (&self.wrap_up, status) {
            (Some(own), Some(status)) if own.told < status.told => {
                // The newer status says whether, the event may still say until when.
                by_status.map(|status| status.value.wrap_up_to.or(own.value.until))
            }
            (Some(own), _) => own.value.on.then_some(own.value.until),
            (None, _) => by_status.map(|status| status.value.wrap_up_to),
        }
    }

    /// Until when the present state lasts, where that is known: wrap-up, else absence.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        match self.wrap_up() {
            Some(until) => until,
            None => self.availability.as_ref().and_then(|latest| latest.value.until),
        }
    }

    /// Who supervises the person now.
    pub fn supervised_by(&self) -> Option<&Supervision> {
        let latest = self.supervision.as_ref()?;
        let Supervision { on, call, .. } = &latest.value;
        let goes_on = call.as_ref().is_none_or(|call| self.calls.contains(call));
        (*on && goes_on).then_some(&latest.value)
    }

    /// What it all comes to for `agent`. `calls` are those that the person has in hand.
    pub fn standing<'a>(
        &self,
        agent: &AgentKey,
        calls: impl Iterator<Item = &'a Call>,
    ) -> Standing {
        let status = self.status.as_ref();
        let talking = status.and_then(|status| status.value.talking);
        // A call counts while the status agrees, or is older than the call's last step.
        let in_hand = calls
            .filter(|call| {
                talking != Some(false)
                    || status.is_some_and(|status| call.told() > Some(status.told))
            })
            .filter_map(|call| Some((call.state_of(agent)?, call)))
            .min_by_key(|(state, call)| (state.clone(), call.id.clone()));
        if let Some(status) = status {
            let Status { serving, serving_callback, .. } = status.value;
            if serving == Some(false) && serving_callback != Some(true) {
                return self.standing_since(AgentState::LoggedOut, None);
            }
        }
        if self.wrap_up().is_some() {
            return self.standing_since(AgentState::WrapUp, None);
        }
        if let Some((state, call)) = in_hand {
            let own = call.queue.is_none() && call.callback.is_none();
            let reason = own.then(|| Shown::clean(ELSEWHERE));
            let since = call.since.map(|since| since.moment);
            return Standing { state, reason, since };
        }
        let Some(status) = status else { return self.unseen() };
        if talking == Some(true) {
            let reason = status.value.queue.is_none().then(|| Shown::clean(ELSEWHERE));
            let since = status.value.talking_since;
            return Standing { state: AgentState::Talking, reason, since };
        }
        if status.value.allocatable == Some(true) {
            return self.standing_since(AgentState::Available, None);
        }
        let availability = self.availability.as_ref().map(|latest| &latest.value);
        let word = availability.and_then(|own| own.word.clone());
        let reason = match status.value {
            Status { fetch_mode: Some(true), .. } => Some(Shown::clean("fetch")),
            Status { terminals: Some(0), .. } => Some(Shown::clean("no phone")),
            _ => {
                let standing = self.standing_since(AgentState::NotReady, word);
                let away = availability.filter(|own| own.is_away()).and_then(|own| own.since);
                return Standing { since: away.or(standing.since), ..standing };
            }
        };
        self.standing_since(AgentState::NotReady, reason)
    }

    /// A person of whom no status was told: whether logged in or not is not known.
    fn unseen(&self) -> Standing {
        let availability = self.availability.as_ref().map(|latest| &latest.value);
        let reason = availability.and_then(|own| own.word.clone());
        let since = availability.filter(|own| own.is_away()).and_then(|own| own.since);
        Standing { state: AgentState::Other, reason, since }
    }

    /// A state, since the first status in a row that said so; unknown while there was no other before.
    fn standing_since(&self, state: AgentState, reason: Option<Shown>) -> Standing {
        let since = match state {
            AgentState::WrapUp => self.wrap_up.as_ref().map(|latest| latest.told.moment),
            _ => {
                let run = self.postures.iter().rev().take_while(|(_, posture)| *posture == state);
                let first = run.last().map(|(told, _)| *told);
                let oldest = self.postures.first().map(|(told, _)| *told);
                first.filter(|first| Some(*first) != oldest).map(|told| told.moment)
            }
        };
        Standing { state, reason, since }
    }
}

/// Why somebody is busy whom no queue keeps busy.
pub const ELSEWHERE: &str = "not on queue";

/// The state that a status alone comes to (contract, states of agents).
fn posture(status: &Status) -> AgentState {
    let Status { serving, serving_callback, .. } = status;
    match status {
        _ if *serving == Some(false) && *serving_callback != Some(true) => AgentState::LoggedOut,
        Status { wrap_up_from: Some(_), .. } => AgentState::WrapUp,
        Status { talking: Some(true), .. } => AgentState::Talking,
        Status { allocatable: Some(true), .. } => AgentState::Available,
        _ => AgentState::NotReady,
    }
}

portable!(
    Presence: status, availability, wrap_up, supervision, fetch, name, postures, read;
    calls
);
portable!(
    Status: talking_since;
    serving, serving_callback, talking, allocatable, fetch_mode, available, schedule, terminals, queue, queues,
    parked, wrap_up_from, wrap_up_to
);
portable!(Availability: word, note, since, transfer; until, open);
portable!(WrapUp: ; on, queue, until);
portable!(Supervision: by, how; on, call);
portable!(Fetch: request, answer; until);

impl Portable for Fact {
    fn change(&mut self, by: &mut dyn Change) {
        match self {
            Self::Status(status) => status.change(by),
            Self::Availability(availability) => availability.change(by),
            Self::WrapUp(wrap_up) => wrap_up.change(by),
            Self::Supervision(supervision) => supervision.change(by),
            Self::Fetch(fetch) => fetch.change(by),
        }
    }
}
