//! A floor of any size, made up.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::agent::{Agent, AgentState, Membership};
use floorwalker::floor::id::{AgentId, AgentKey, FeedName, QueueId};
use floorwalker::floor::presence::Presence;
use floorwalker::floor::queue::{About, Figures, Open, Queue};
use floorwalker::state::State;
use floorwalker::text::Shown;

use crate::told::{BEGAN, empty, told};

/// The queue of that number.
pub fn queue(index: u32) -> Queue {
    let id = format!("{index:05}");
    Queue {
        id: QueueId::new(&id),
        name: Shown::clean(&format!("Queue {:05}", index.wrapping_mul(7_919) % 100_000)),
        number: Some(Shown::clean(&format!("08-555 {id}"))),
        open: Some(Open::Open),
        open_detail: None,
        figures: Figures {
            waiting: Some(index % 5),
            longest_wait_s: Some(index % 5 * 40),
            agents_logged_in: Some(9),
            agents_serving: Some(4),
            agents_free: Some(index % 4),
            calls_connected: Some(index % 7),
            offered: Some(412),
            answered: Some(380),
            abandoned: Some(18),
            ..Figures::default()
        },
        own_login: Some(true),
        about: About::default(),
        feed: FeedName::new("queues"),
        updated: BEGAN,
    }
}

/// The agent of that number, in one of so many queues.
pub fn agent(index: u32, queues: u32) -> Agent {
    let user = format!("agent{index:05}@example.com");
    let state = AgentState::Available;
    let queue = format!("{:05}", index % queues);
    Agent {
        key: AgentKey::new(&user),
        id: Some(AgentId::new(&user)),
        name: Shown::clean(&format!("Agent {:05}", index.wrapping_mul(7_919) % 100_000)),
        state: state.clone(),
        reason: None,
        since: None,
        memberships: vec![Membership {
            queue: QueueId::new(&queue),
            name: Shown::clean(&queue),
            logged_in: Some(true),
            state,
            reason: None,
            priority: None,
            skill: None,
        }],
        presence: Presence::default(),
        feed: FeedName::new("agents"),
        updated: BEGAN,
    }
}

/// A board of so many queues and agents: ten people to a queue, however many queues there are.
pub fn state(queues: u32, agents: u32) -> State {
    let mut state = empty();
    let rows = (0..queues).map(queue).collect();
    state.apply(told(BEGAN, SourceEvent::Snapshot(Part::Queues(rows))));
    let rows = (0..agents).map(|index| agent(index, agents.div_ceil(10))).collect();
    state.apply(told(BEGAN, SourceEvent::Snapshot(Part::Agents(rows))));
    state
}
