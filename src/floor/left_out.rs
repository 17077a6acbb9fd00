//! What there is no room for: a stream that invents ids must not fill the memory, and nothing is left out in silence.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::floor::World;
use crate::floor::id::{AgentKey, QueueId};
use crate::text::Shown;

/// Ids that are remembered to count each once. More are “at least”.
const COUNTED: usize = 10_000;

/// Queues and people that events told of and that have no row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    queues: BTreeSet<QueueId>,
    people: BTreeSet<AgentKey>,
}

impl LeftOut {
    /// There is no room for a queue.
    pub(super) fn queue(&mut self, queue: &QueueId) {
        if self.queues.len() < COUNTED {
            self.queues.insert(queue.clone());
        }
    }

    /// There is no room for a person.
    pub(super) fn person(&mut self, person: &AgentKey) {
        if self.people.len() < COUNTED {
            self.people.insert(person.clone());
        }
    }
}

impl World {
    /// How many rows are left out: queues, people, calls, tasks and requests to be called back.
    pub fn left_out_count(&self) -> u64 {
        self.left_out_by_kind().into_iter().map(|(_, count)| count).sum()
    }

    /// What is left out, in words for people; `None` where nothing is.
    pub fn left_out_words(&self) -> Option<Shown> {
        let all = self.left_out_by_kind().into_iter().filter(|(_, count)| *count > 0);
        let words: Vec<String> = all.map(|(kind, count)| format!("{count} {kind}")).collect();
        (!words.is_empty())
            .then(|| Shown::clean(&format!("{} are left out: there is no room", words.join(", "))))
    }

    fn left_out_by_kind(&self) -> [(&'static str, u64); 5] {
        [
            ("queues", self.left_out.queues.len() as u64),
            ("people", self.left_out.people.len() as u64),
            ("calls", self.calls.left_out()),
            ("tasks", self.tasks.left_out()),
            ("callbacks", self.callbacks.left_out()),
        ]
    }
}
