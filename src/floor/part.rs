//! What a source tells at once, whole.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::floor::agent::Agent;
use crate::floor::book::Books;
use crate::floor::call::Call;
use crate::floor::callback::{Callback, CallbackList};
use crate::floor::id::{AgentKey, CallId, CallbackId, EntryId, FeedName, QueueId, TaskId};
use crate::floor::kept::Kept;
use crate::floor::news::EVENTS;
use crate::floor::news::QueueNews;
use crate::floor::own::Own;
use crate::floor::profile::Profiles;
use crate::floor::queue::Queue;
use crate::floor::row_map::RowMap;
use crate::floor::scheduler::{Entry, Priority};
use crate::floor::service::Service;
use crate::floor::task::{Task, Tasking};
use crate::floor::time::Moment;
use crate::floor::{Revision, World, apply};
use crate::text::Shown;

/// A named part of a source's world, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Queues(Vec<Queue>),
    /// All queues that are read and are of a kind that is not shown.
    HiddenQueues(Vec<QueueId>),
    Agents(Vec<Agent>),
    /// All scheduler entries that one feed tells of.
    Entries {
        /// The feed: one for each service.
        feed: FeedName,
        rows: Vec<Entry>,
    },
    /// All services for which entries can be made.
    Services(Vec<Shown>),
    /// All priorities that entries can have.
    Priorities(Vec<Priority>),
    /// What tasks of other systems can be made of.
    Tasking(Tasking),
    /// All address books that may be read.
    Books(Arc<Books>),
    CallbackLists(Vec<CallbackList>),
    /// All calls, and which have left.
    Calls(Kept<CallId, Call>),
    /// All requests to be called back, and which have left.
    Callbacks(Kept<CallbackId, Callback>),
    /// All that events told of queues, beside the queues that come of it.
    News(RowMap<QueueId, QueueNews>),
    /// All tasks, which have left, and the services that they are counted for.
    Tasks {
        tasks: Kept<TaskId, Task>,
        services: RowMap<QueueId, Service>,
    },
    /// The site's words for what people say of themselves, and what they say.
    Profiles(Box<Profiles>),
    /// The source's own user.
    Own(Own),
}

/// Takes a value over, and counts it as a change where it differs.
fn set<T: PartialEq>(slot: &mut T, value: T, changes: &mut Revision) {
    if *slot != value {
        *slot = value;
        changes.0 += 1;
    }
}

impl World {
    /// Replaces a part at once. `at` is when it was received: agents whose state differs have it since then.
    pub fn replace(&mut self, part: Part, at: Moment) {
        match part {
            Part::Queues(rows) => self.read_queues(rows),
            Part::HiddenQueues(queues) => self.hide_queues(queues),
            Part::Agents(rows) => {
                // Whom only events tell of stays.
                let named: BTreeSet<&AgentKey> = rows.iter().map(|row| &row.key).collect();
                let stays = |own: &Agent| named.contains(&own.key) || own.feed.raw() == EVENTS;
                let gone: Vec<AgentKey> = self
                    .agents
                    .values()
                    .filter(|own| !stays(own))
                    .map(|own| own.key.clone())
                    .collect();
                for agent in &gone {
                    self.agents.remove(agent);
                }
                for mut row in rows {
                    row.feed = self.kept(row.feed);
                    let known = self.agents.get(&row.key);
                    if let Some(known) = known.filter(|_| !row.presence.is_told()) {
                        row.presence = known.presence.clone();
                        row.presence.read.clear();
                    }
                    let since = apply::settle(&mut row, &self.calls, self.kind);
                    row.since = match known {
                        Some(known) if known.state == row.state => known.since,
                        Some(_) => since.or(Some(at)),
                        None => since.or(row.since),
                    };
                    self.agents.insert(row);
                }
            }
            Part::Entries { feed, rows } => {
                let named: BTreeSet<&EntryId> = rows.iter().map(|row| &row.id).collect();
                let is_gone = |own: &&Entry| own.feed == feed && !named.contains(&own.id);
                let gone: Vec<EntryId> =
                    self.entries.values().filter(is_gone).map(|own| own.id.clone()).collect();
                for entry in &gone {
                    self.entries.remove(entry);
                }
                let name = self.kept(feed.clone());
                for row in rows {
                    let row = Entry { feed: name.clone(), ..row };
                    let known = self.entries.get(&row.id).filter(|known| known.feed == feed);
                    let row = match known {
                        Some(known) => row.over(known),
                        None => row,
                    };
                    self.entries.insert(row);
                }
                self.join_attempts(|_| true);
            }
            Part::Services(services) => set(&mut self.entry_services, services, &mut self.changes),
            Part::Priorities(priorities) => {
                set(&mut self.priorities, priorities, &mut self.changes);
            }
            Part::Tasking(tasking) => set(&mut self.tasking, tasking, &mut self.changes),
            Part::Books(books) => set(&mut self.books, books, &mut self.changes),
            Part::CallbackLists(rows) => self.read_lists(rows),
            Part::Calls(calls) => {
                set(&mut self.calls, calls, &mut self.changes);
                let (calls, kind) = (&self.calls, self.kind);
                self.agents.edit_all(|agent| {
                    apply::settle(agent, calls, kind);
                });
            }
            Part::Callbacks(callbacks) => set(&mut self.callbacks, callbacks, &mut self.changes),
            Part::News(news) => {
                set(&mut self.news, news, &mut self.changes);
                self.show_told();
            }
            Part::Profiles(profiles) => set(&mut self.profiles, *profiles, &mut self.changes),
            Part::Tasks { tasks, services } => {
                set(&mut self.tasks, tasks, &mut self.changes);
                set(&mut self.services, services, &mut self.changes);
                self.show_services(at);
                if self.kind.tells_tasks() {
                    self.show_people(at);
                }
            }
            Part::Own(own) => set(&mut self.own, Some(own), &mut self.changes),
        }
    }

    /// The name of a feed as the feed itself has it: ten thousand rows share one.
    pub(in crate::floor) fn kept(&self, name: FeedName) -> FeedName {
        self.feed(&name).map_or(name, |feed| feed.name.clone())
    }

    /// All parts, in the order in which they make the same world of an empty one: all but its feeds.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        if !self.hidden.is_empty() {
            parts.push(Part::HiddenQueues(self.hidden.iter().cloned().collect()));
        }
        if self.queues_known {
            parts.push(Part::Queues(self.queues.values().cloned().collect()));
        }
        parts.push(Part::Agents(self.agents.values().cloned().collect()));
        let feeds: BTreeSet<&FeedName> = self.entries.values().map(|entry| &entry.feed).collect();
        parts.extend(feeds.into_iter().map(|feed| Part::Entries {
            feed: feed.clone(),
            rows: self.entries.values().filter(|entry| &entry.feed == feed).cloned().collect(),
        }));
        if !self.entry_services.is_empty() {
            parts.push(Part::Services(self.entry_services.clone()));
        }
        if !self.priorities.is_empty() {
            parts.push(Part::Priorities(self.priorities.clone()));
        }
        if self.tasking != Tasking::default() {
            parts.push(Part::Tasking(self.tasking.clone()));
        }
        if !self.books.is_empty() {
            parts.push(Part::Books(Arc::clone(&self.books)));
        }
        parts.push(Part::CallbackLists(self.lists.values().cloned().collect()));
        parts.push(Part::Calls(self.calls.clone()));
        parts.push(Part::Callbacks(self.callbacks.clone()));
        parts.push(Part::News(self.news.clone()));
        parts.push(Part::Profiles(Box::new(self.profiles.clone())));
        let (tasks, services) = (self.tasks.clone(), self.services.clone());
        parts.push(Part::Tasks { tasks, services });
        parts.extend(self.own.clone().map(Part::Own));
        parts
    }
}
