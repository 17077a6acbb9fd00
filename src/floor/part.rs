//! What a source tells at once, whole.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::floor::World;
use crate::floor::agent::Agent;
use crate::floor::call::Call;
use crate::floor::callback::{Callback, CallbackList};
use crate::floor::id::{CallId, CallbackId, FeedName, QueueId, TaskId};
use crate::floor::kept::Kept;
use crate::floor::news::QueueNews;
use crate::floor::own::Own;
use crate::floor::profile::Profiles;
use crate::floor::queue::Queue;
use crate::floor::scheduler::{Entry, Priority};
use crate::floor::service::Service;
use crate::floor::task::Task;
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
