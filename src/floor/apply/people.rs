//! People of whom nothing can be read: what they do is what their tasks say.
//!
//! Whoever has a task in hand is busy with it. Of whoever has none nobody knows anything: they may be free, at lunch, or
//! gone home, so they are never free here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{MOST, stranger};
use crate::floor::World;
use crate::floor::agent::{Agent, AgentState, Membership};
use crate::floor::call::Phase;
use crate::floor::id::{AgentKey, FeedName, QueueId};
use crate::floor::service::TRIGGERS;
use crate::floor::task::{Step, Task};
use crate::floor::time::{Moment, Told};
use crate::text::Shown;

/// How long somebody is kept whom no task names any more: a working day.
const KEPT: Duration = Duration::from_hours(12);

/// What is said of whoever has nothing in hand.
const UNKNOWN: &str = "unknown";

/// What a task makes of the one who was connected last; nothing, where it is not in hand.
fn in_hand(task: &Task, now: Moment) -> Option<AgentState> {
    match task.phase.filter(|_| !task.is_lost(now))? {
        Phase::Connected => Some(AgentState::Talking),
        Phase::Held => Some(AgentState::Holding),
        Phase::WrapUp => Some(AgentState::WrapUp),
        Phase::New
        | Phase::Waiting
        | Phase::Alerting
        | Phase::Parked
        | Phase::Left
        | Phase::Ended => None,
    }
}

/// What was told of a task that names that person as connected last.
fn naming<'t>(task: &'t Task, agent: &'t AgentKey) -> impl Iterator<Item = &'t Step> {
    task.path().iter().filter(move |step| step.facts.agent.as_ref() == Some(agent))
}

impl World {
    /// Shows one of whom an event told as the tasks have it now.
    pub(super) fn show_person(&mut self, agent: &AgentKey, told: Told) {
        if !self.agents.contains_key(agent) {
            if self.agents.len() >= MOST {
                self.left_out.person(agent);
                return;
            }
            let met = Agent { feed: FeedName::new(TRIGGERS), ..stranger(agent, told) };
            self.agents.insert(met);
        }
        let own: Vec<&Task> =
            self.tasks.values().filter(|task| naming(task, agent).next().is_some()).collect();
        let shown = self.agents.get(agent).map(|known| self.stands(known, &own, told.moment));
        if let Some(shown) = shown {
            self.agents.insert(shown);
        }
    }

    /// Shows everybody as their tasks have it, and lets those go whom none has named for long; returns whether anybody
    /// differs from what was shown.
    pub(in crate::floor) fn show_people(&mut self, now: Moment) -> bool {
        let mut own: BTreeMap<&AgentKey, Vec<&Task>> = BTreeMap::new();
        for task in self.tasks.values() {
            let named: BTreeSet<&AgentKey> =
                task.path().iter().filter_map(|step| step.facts.agent.as_ref()).collect();
            for agent in named {
                own.entry(agent).or_default().push(task);
            }
        }
        let met =
            own.iter().filter_map(|(key, tasks)| {
                let told =
                    tasks.iter().flat_map(|task| naming(task, key)).map(|step| step.told).max()?;
                let known = self.agents.get(*key).cloned();
                Some(known.unwrap_or_else(|| Agent {
                    feed: FeedName::new(TRIGGERS),
                    ..stranger(key, told)
                }))
            });
        let named: Vec<Agent> = met.take(MOST).collect();
        let idle = self.agents.values().filter(|known| !own.contains_key(&known.key));
        let idle =
            idle.filter(|known| known.feed.raw() == TRIGGERS && now.since(known.updated) < KEPT);
        let shown: Vec<Agent> = named
            .iter()
            .chain(idle)
            .map(|known| {
                let tasks = own.get(&known.key).map(Vec::as_slice).unwrap_or_default();
                self.stands(known, tasks, now)
            })
            .collect();
        self.agents.replace(shown)
    }

    /// A service has another name: so it has for whoever belongs to it.
    pub(super) fn call_seats(&mut self, queue: &QueueId, name: &Shown) {
        self.agents.edit_all(|agent| {
            let seats = agent.memberships.iter_mut().filter(|seat| seat.queue == *queue);
            seats.for_each(|seat| seat.name = name.clone());
        });
    }

    /// A person as `tasks`, all that ever named them, have it.
    fn stands(&self, known: &Agent, tasks: &[&Task], now: Moment) -> Agent {
        let busy = |queue: Option<&QueueId>| {
            let own = tasks.iter().filter(|task| {
                task.facts.agent.as_ref() == Some(&known.key)
                    && (queue.is_none() || task.facts.service.as_ref() == queue)
            });
            own.filter_map(|task| Some((in_hand(task, now)?, task.since?.moment))).min()
        };
        let standing = |queue: Option<&QueueId>| match busy(queue) {
            Some((state, _)) => (state, None),
            None => (AgentState::Other, Some(Shown::from(UNKNOWN))),
        };
        let former = known.memberships.iter().map(|own| &own.queue);
        let steps = || tasks.iter().flat_map(|task| naming(task, &known.key));
        let services = steps().filter_map(|step| step.facts.service.as_ref());
        let services: BTreeSet<&QueueId> = former.chain(services).collect();
        let memberships = services.into_iter().map(|queue| {
            let (state, reason) = standing(Some(queue));
            let name = self.queues.get(queue).map_or_else(|| queue.shown(), |row| row.name.clone());
            Membership {
                queue: queue.clone(),
                name,
                logged_in: None,
                state,
                reason,
                priority: None,
                skill: None,
            }
        });
        let memberships = memberships.collect();
        let (state, reason) = standing(None);
        let named = steps().filter_map(|step| Some((step.told, step.facts.agent_name.clone()?)));
        let name = named.max().map_or_else(|| known.name.clone(), |(_, name)| name);
        let told = steps().map(|step| step.told.moment).max();
        Agent {
            key: known.key.clone(),
            id: known.id.clone(),
            name,
            state,
            reason,
            since: busy(None).map(|(_, since)| since),
            memberships,
            presence: known.presence.clone(),
            feed: known.feed.clone(),
            updated: told.map_or(known.updated, |told| told.max(known.updated)),
        }
    }
}
