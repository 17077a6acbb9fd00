//! What a source tells at once, whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::floor::agent::Agent;
use crate::floor::book::Books;
use crate::floor::call::Call;
use crate::floor::callback::{Callback, CallbackList};
use crate::floor::id::{CallId, CallbackId, FeedName, QueueId, TaskId};
use crate::floor::kept::Kept;
use crate::floor::news::EVENTS;
use crate::floor::news::QueueNews;
use crate::floor::own::Own;
use crate::floor::profile::Profiles;
use crate::floor::queue::Queue;
use crate::floor::scheduler::{Entry, Priority};
use crate::floor::service::Service;
use crate::floor::task::{Task, Tasking};
use crate::floor::time::Moment;
use crate::floor::{World, apply};
use crate::text::Shown;

/// A named part of a source's world, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// All queues.
    Queues(Vec<Queue>),
    /// All agents.
    Agents(Vec<Agent>),
    /// All scheduler entries that one feed tells of.
    Entries {
        /// The feed: one for each service.
        feed: FeedName,
        /// Its entries.
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
    /// All callback lists.
    CallbackLists(Vec<CallbackList>),
    /// All calls, and which have left.
    Calls(Kept<CallId, Call>),
    /// All requests to be called back, and which have left.
    Callbacks(Kept<CallbackId, Callback>),
    /// All that events told of queues, beside the queues that come of it.
    News(BTreeMap<QueueId, QueueNews>),
    /// All tasks, which have left, and the services that they are counted for.
    Tasks {
        /// The tasks.
        tasks: Kept<TaskId, Task>,
        /// The services.
        services: BTreeMap<QueueId, Service>,
    },
    /// The site's words for what people say of themselves, and what they say.
    Profiles(Box<Profiles>),
    /// The source's own user.
    Own(Own),
}

impl World {
    /// Replaces a part at once. `at` is when it was received: agents whose state differs have it since then.
    pub fn replace(&mut self, part: Part, at: Moment) {
        match part {
            Part::Queues(rows) => self.read_queues(rows),
            Part::Agents(rows) => {
                let mut former = std::mem::take(&mut self.agents);
                self.agents = rows
                    .into_iter()
                    .map(|mut row| {
                        row.feed = self.kept(row.feed);
                        if let Some(old) = former.get(&row.key).filter(|_| !row.presence.is_told())
                        {
                            row.presence = old.presence.clone();
                            row.presence.read.clear();
                        }
                        let since = apply::settle(&mut row, &self.calls, self.kind);
                        row.since = match former.remove(&row.key) {
                            Some(old) if old.state == row.state => old.since,
                            Some(_) => since.or(Some(at)),
                            None => since.or(row.since),
                        };
                        (row.key.clone(), row)
                    })
                    .collect();
                // Whom only events tell of stays.
                former.retain(|_, agent| agent.feed.raw() == EVENTS);
                self.agents.extend(former);
            }
            Part::Entries { feed, rows } => {
                let (former, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
                    std::mem::take(&mut self.entries)
                        .into_iter()
                        .partition(|(_, entry)| entry.feed == feed);
                self.entries = others;
                let feed = self.kept(feed);
                let rows = rows.into_iter().map(|row| Entry { feed: feed.clone(), ..row });
                let rows = rows.map(|row| match former.get(&row.id) {
                    Some(known) => row.over(known),
                    None => row,
                });
                self.entries.extend(rows.map(|row| (row.id.clone(), row)));
                self.join_attempts(|_| true);
            }
            Part::Services(services) => self.entry_services = services,
            Part::Priorities(priorities) => self.priorities = priorities,
            Part::Tasking(tasking) => self.tasking = tasking,
            Part::Books(books) => self.books = books,
            Part::CallbackLists(rows) => self.read_lists(rows),
            Part::Calls(calls) => {
                self.calls = calls;
                for agent in self.agents.values_mut() {
                    apply::settle(agent, &self.calls, self.kind);
                }
            }
            Part::Callbacks(callbacks) => self.callbacks = callbacks,
            Part::News(news) => self.news = news,
            Part::Profiles(profiles) => self.profiles = *profiles,
            Part::Tasks { tasks, services } => {
                (self.tasks, self.services) = (tasks, services);
                self.show_services(at);
                if self.kind.tells_tasks() {
                    self.show_people(at);
                }
            }
            Part::Own(own) => self.own = Some(own),
        }
    }

    /// The name of a feed as the feed itself has it: ten thousand rows share one.
    pub(in crate::floor) fn kept(&self, name: FeedName) -> FeedName {
        self.feed(&name).map_or(name, |feed| feed.name.clone())
    }

    /// All parts, in the order in which they make the same world of an empty one: all but its feeds.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
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
