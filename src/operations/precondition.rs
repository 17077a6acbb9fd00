//! What a question sees of its row. Where that has changed when it is confirmed, nothing is sent.

use chrono::{DateTime, Utc};

use crate::floor::World;
use crate::floor::agent::Agent;
use crate::floor::call::{Call, Phase};
use crate::floor::callback::CallbackState;
use crate::floor::id::{AgentId, AgentKey, CallId};
use crate::floor::profile::Profile;
use crate::floor::scheduler::EntryState;
use crate::operations::{Control, Request, Target};
use crate::text::Shown;

/// What a question saw of its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Whether an agent was logged in to a queue.
    LoggedIn(Option<bool>),
    /// That the same call was not planned.
    NoTwin,
    /// How far an entry was, and when it was due.
    Entry(EntryState, Option<DateTime<Utc>>),
    /// How far a task was.
    Task(Option<Phase>),
    /// That a task went on.
    TaskGoesOn,
    /// Nothing: it is about what is not there yet, or is not seen here.
    Nothing,
    /// How far calling back was, who was at it, and what was noted.
    Callback(CallbackState, Option<AgentKey>, Option<Shown>),
    /// What a person said of themselves.
    Presence(Option<Box<Profile>>),
    /// How far a call was, and the vendor's number for that state.
    Call(Option<Phase>, Option<i64>),
    /// The calls that an agent had, and whether the phone that shall ring was there.
    Joining(Vec<CallId>, bool),
}

impl Precondition {
    /// What a question about `request` would see in `world`; `None` where its row is gone.
    pub fn of(request: &Request, world: &World) -> Option<Self> {
        (request.operation().precondition)(request, world)
    }
}

/// The agent of that id.
pub(super) fn agent_of<'w>(world: &'w World, id: &AgentId) -> Option<&'w Agent> {
    world.agents.values().find(|agent| agent.id.as_ref() == Some(id))
}

pub(super) fn membership(request: &Request, world: &World) -> Option<Precondition> {
    let Target::Membership { queue, agent } = request.target() else { return None };
    Some(Precondition::LoggedIn(match agent {
        None => world.queues.get(queue)?.own_login,
        Some(id) => agent_of(world, id)?.in_queue(queue)?.logged_in,
    }))
}

pub(super) fn new_entry(request: &Request, world: &World) -> Option<Precondition> {
    let Target::New(wish) = request.target() else { return None };
    Some(match world.entries.values().find(|entry| wish.plans(entry)) {
        Some(entry) => Precondition::Entry(entry.state.clone(), entry.due),
        None => Precondition::NoTwin,
    })
}

pub(super) fn entry(request: &Request, world: &World) -> Option<Precondition> {
    let Target::Entry(id) = request.target() else { return None };
    let entry = world.entries.get(id)?;
    Some(Precondition::Entry(entry.state.clone(), entry.due))
}

pub(super) fn task(request: &Request, world: &World) -> Option<Precondition> {
    let Target::Task(id) = request.target() else { return None };
    Some(Precondition::Task(world.tasks.get(id)?.phase))
}

pub(super) fn task_goes_on(request: &Request, world: &World) -> Option<Precondition> {
    let Target::Task(id) = request.target() else { return None };
    world.tasks.get(id)?.is_here().then_some(Precondition::TaskGoesOn)
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in the declaration beside the others")]
pub(super) const fn nothing(_request: &Request, _world: &World) -> Option<Precondition> {
    Some(Precondition::Nothing)
}

pub(super) fn callback(request: &Request, world: &World) -> Option<Precondition> {
    let Target::Callback(id) = request.target() else { return None };
    let callback = world.callbacks.get(id)?;
    let request = callback.request()?;
    Some(Precondition::Callback(callback.state(), request.owner.clone(), request.note.clone()))
}

pub(super) fn presence(request: &Request, world: &World) -> Option<Precondition> {
    let Target::Profile(agent) = request.target() else { return None };
    let key = agent.map(|agent| AgentKey::new(agent.raw()));
    Some(Precondition::Presence(world.profiles.of(key.as_ref()).cloned().map(Box::new)))
}

pub(super) fn call(request: &Request, world: &World) -> Option<Precondition> {
    let Target::Call { call, .. } = request.target() else { return None };
    let call = world.calls.get(call)?;
    Some(Precondition::Call(call.phase, call.leg().and_then(|leg| leg.token)))
}

pub(super) fn call_back(request: &Request, world: &World) -> Option<Precondition> {
    let Request::Control(Control::CallBack { place, .. }) = request else { return None };
    let own = world.own.as_ref()?;
    callback(request, world).filter(|_| own.place(place).is_some())
}

pub(super) fn supervision(request: &Request, world: &World) -> Option<Precondition> {
    let Request::Control(Control::Supervise { agent, device, .. }) = request else { return None };
    let agent = agent_of(world, agent)?;
    let there = world.own.as_ref().is_some_and(|own| own.device(device).is_some());
    let calls = calls_of(world, agent).map(|call| call.id.clone()).collect();
    Some(Precondition::Joining(calls, there))
}

/// The calls that an agent has now.
pub fn calls_of<'w>(world: &'w World, agent: &Agent) -> impl Iterator<Item = &'w Call> {
    let key: AgentKey = agent.key.clone();
    world.calls.values().filter(move |call| call.holders().contains(&key))
}
