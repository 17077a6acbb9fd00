//! From call state to the floor: whose calls, in which rows, from which queues.

use std::collections::BTreeMap;

use crate::floor::Delta;
use crate::floor::call::{Direction, Leg, Participant, Party, Status};
use crate::floor::id::{AgentId, AgentKey, CallId, QueueId};
use crate::floor::time::Told;
use crate::source::telepo::state::{CallState, History, UserCalls};
use crate::text::Shown;
use crate::transport::lenient::uri::Address;

/// The calls of every user that was looked at.
#[derive(Debug, Default)]
pub struct Legs {
    users: BTreeMap<AgentId, User>,
    /// Whose call each identity is: two users may have one of the same.
    owners: BTreeMap<CallId, AgentId>,
}

/// What was told of one user.
#[derive(Debug, Default)]
struct User {
    calls: BTreeMap<CallId, Leg>,
    told: Option<Told>,
}

/// A queue as a call names it.
pub trait Queues {
    /// The only queue of that number, else of that name.
    fn find(&self, number: Option<&str>, name: Option<&str>) -> Option<QueueId>;
}

impl Legs {
    /// Takes over the calls of `user`; `None` where nothing is different from what was told.
    pub fn tell(
        &mut self,
        user: &AgentId,
        told: Told,
        answer: UserCalls,
        queues: &dyn Queues,
    ) -> Option<Delta> {
        let full = answer.full.unwrap_or(true);
        let mut legs: BTreeMap<CallId, Leg> = BTreeMap::new();
        for state in answer.calls {
            let id = self.row(user, &state.call_id);
            let leg = leg(user, state, queues);
            legs.insert(id, leg);
        }
        let known = self.users.entry(user.clone()).or_default();
        // Asked for before something that is known by now.
        if full && known.told > Some(told) {
            return None;
        }
        let met = known.told.is_none();
        let same = |id: &CallId, leg: &Leg| known.calls.get(id) == Some(leg);
        let news = legs.iter().any(|(id, leg)| !same(id, leg))
            || full && known.calls.keys().any(|id| !legs.contains_key(id));
        // A call that goes on is told again, so that it is seen to be fresh.
        if !news && legs.is_empty() {
            known.told = Some(told);
            return None;
        }
        known.told = Some(told);
        if full {
            known.calls.clone_from(&legs);
        } else {
            known.calls.extend(legs.clone());
        }
        known.calls.retain(|_, leg| {
            !matches!(leg.status, Status::Terminated | Status::Parked | Status::Transferred)
        });
        let calls = &known.calls;
        self.owners.retain(|id, owner| owner != user || calls.contains_key(id));
        let agent = AgentKey::new(user.raw());
        Some(Delta::Legs { agent, told, full, met, legs: legs.into_iter().collect() })
    }

    /// The user's calls that go on.
    pub fn of(&self, user: &AgentId) -> impl Iterator<Item = &Leg> {
        self.users.get(user).into_iter().flat_map(|user| user.calls.values())
    }

    /// When the user was last told of.
    pub fn told(&self, user: &AgentId) -> Option<Told> {
        self.users.get(user)?.told
    }

    /// The row of a call: its own identity, unless that is another user's call already.
    fn row(&mut self, user: &AgentId, call: &str) -> CallId {
        let id = CallId::new(call);
        match self.owners.get(&id) {
            Some(owner) if owner != user => CallId::new(format!("{call}/{}", user.raw())),
            Some(_) => id,
            None => {
                self.owners.insert(id.clone(), user.clone());
                id
            }
        }
    }
}

fn leg(user: &AgentId, state: CallState, queues: &dyn Queues) -> Leg {
    let (queue, queue_name) = match &state.history {
        Some(history) if history.is_distributed() => queue(history, queues),
        _ => (None, None),
    };
    let status = match (state.status, state.event.as_deref()) {
        // The call leaves the user's state: where to is in the event alone.
        (Some(Status::Terminated), Some("PARKED")) => Status::Parked,
        (Some(Status::Terminated), Some("TRANSFERRED")) => Status::Transferred,
        (Some(status), _) => status,
        (None, _) => Status::Other(Shown::default()),
    };
    let history = state.history.unwrap_or_default();
    let transferred = history.reason.is_some() && queue_name.is_none() && queue.is_none();
    Leg {
        direction: state.inbound.map(|inbound| match inbound {
            true => Direction::Inbound,
            false => Direction::Outbound,
        }),
        party: state.remote,
        participants: state.participants.into_iter().filter(Participant::is_told).collect(),
        conference: state.conference,
        intruded: state.intruded,
        muted: state.muted,
        recording: state.recording,
        queue,
        queue_name,
        retargeted: history.reason,
        sent_by: history.previous.filter(|_| transferred),
        event: state.event,
        detail: state.event_description,
        duration_s: state.duration,
        correlation: state.correlation,
        token: state.token,
        devices: state.devices,
        offers: state.offers,
        ..Leg::new(user.clone(), CallId::new(&state.call_id), status)
    }
}

/// The queue that handed a call out: by its number, else by its name.
fn queue(history: &History, queues: &dyn Queues) -> (Option<QueueId>, Option<Shown>) {
    let Party { name, number, uri } = history.previous.clone().unwrap_or_default();
    let user = |own: &Option<Shown>| own.as_deref().and_then(Address::parse)?.user;
    let (uri, support) = (user(&uri), user(&history.acd_support));
    let numbers = [uri.as_deref(), support.as_deref(), number.as_deref()];
    let found = numbers.into_iter().flatten().find_map(|number| queues.find(Some(number), None));
    let found = found.or_else(|| queues.find(None, name.as_deref()));
    (found, name.or(number).or_else(|| history.subject.clone()))
}
