//! What a source tells at once, whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
