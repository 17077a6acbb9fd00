//! What concerns the source's own user: one's state, one's queues, one's calls and requests.

use crate::floor::agent::{Agent, AgentState};
use crate::floor::call::{Call, Phase};
use crate::floor::callback::CallbackState;
use crate::floor::id::{AgentKey, FeedName, SourceName};
use crate::floor::link::FeedKind;
use crate::floor::own::Own;
use crate::floor::queue::Queue;
use crate::floor::{Floor, World};
use crate::table::Context;
use crate::text::Shown;

/// Queues of one's own that are put in order: more than a line has room for.
pub const ORDERED: usize = 64;

/// The source's own user on the floor.
#[derive(Debug, Clone, PartialEq)]
pub struct Mine<'a> {
    pub source: &'a SourceName,
    /// The person's name, else the name in requests.
    pub name: Shown,
    /// What the person does; `None` where no list of agents has the person.
    pub state: Option<(&'a AgentState, Option<&'a Shown>)>,
    /// The queues that the person belongs to, those logged in to first, and of those the fullest; behind the first
    /// [`ORDERED`] in no order.
    pub queues: Vec<&'a Queue>,
    /// The person's calls that go on, the latest first.
    pub calls: Vec<&'a Call>,
    /// Requests to be called back that the person has taken.
    pub callbacks: usize,
    /// The feeds that ticket or licence keep from telling all; what each lacks stands beside it among the sources.
    pub unseen: Vec<&'a FeedName>,
}

impl<'a> Mine<'a> {
    /// The first source whose own user has anything to see here.
    pub fn of(context: &Context<'a>) -> Option<Self> {
        context.floor.worlds().find_map(|(source, world)| Self::in_world(source, world))
    }

    /// Whether there is anything to see, for whoever only needs to know that.
    pub fn is_told(floor: &Floor) -> bool {
        floor.worlds().any(|(_, world)| {
            let Some(own) = own(world) else { return false };
            let key = AgentKey::new(own.user.raw());
            world.agents.contains_key(&key)
                || !queues(world, None).is_empty()
                || calls(world, &key).next().is_some()
        })
    }

    fn in_world(source: &'a SourceName, world: &'a World) -> Option<Self> {
        let own = own(world)?;
        let key = AgentKey::new(own.user.raw());
        let agent = world.agents.get(&key);
        let mut queues = queues(world, agent);
        let rank = |queue: &&'a Queue| {
            let waiting = queue.figures.waiting.unwrap_or(0);
            (queue.own_login != Some(true), std::cmp::Reverse(waiting), &queue.name, &queue.id)
        };
        let order = |one: &&'a Queue, other: &&'a Queue| rank(one).cmp(&rank(other));
        if queues.len() > ORDERED {
            queues.select_nth_unstable_by(ORDERED, order);
        }
        let first = queues.len().min(ORDERED);
        queues[..first].sort_unstable_by(order);
        let mut calls: Vec<&Call> = calls(world, &key).collect();
        calls.sort_by_key(|call| std::cmp::Reverse(call.since));
        let taken = |owner: &AgentKey| owner.raw().eq_ignore_ascii_case(key.raw());
        let callbacks = world
            .callbacks
            .values()
            .filter(|callback| callback.state() == CallbackState::Taken)
            .filter_map(|callback| callback.request()?.owner.as_ref())
            .filter(|owner| taken(owner))
            .count();
        if agent.is_none() && queues.is_empty() && calls.is_empty() {
            return None;
        }
        Some(Self {
            source,
            name: agent.map_or_else(|| own.user.shown(), |agent| agent.name.clone()),
            state: agent.map(|agent| (&agent.state, agent.reason.as_ref())),
            queues,
            calls,
            callbacks,
            unseen: world
                .feeds
                .iter()
                .filter(|feed| feed.kind != FeedKind::Stream && feed.error().is_some())
                .map(|feed| &feed.name)
                .collect(),
        })
    }
}

/// Who one is; behind a relay that is the relay.
fn own(world: &World) -> Option<&Own> {
    world.own.as_ref().filter(|_| world.via.is_none())
}

/// The queues that one belongs to: as the list of agents says, else those that one is logged in to. A supervisor is
/// told of queues without being in them.
fn queues<'a>(world: &'a World, agent: Option<&'a Agent>) -> Vec<&'a Queue> {
    match agent {
        Some(agent) => {
            agent.memberships.iter().filter_map(|own| world.queues.get(&own.queue)).collect()
        }
        None => world.queues.values().filter(|queue| queue.own_login == Some(true)).collect(),
    }
}

/// The calls of a person that go on.
fn calls<'a>(world: &'a World, key: &AgentKey) -> impl Iterator<Item = &'a Call> {
    world.calls.values().filter(move |call| {
        let own = call.agent.as_ref() == Some(key);
        call.phase.is_some_and(Phase::is_here) && own || call.holders().contains(key)
    })
}
