//! Tasks that another system writes: added, updated and removed from outside.

use std::borrow::Cow;

use super::Centre;
use super::chance::{SECOND, guid};
use super::tasks::{Happening, Modality, Next, Task, Tasks};

/// What another system says of a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// What identifies the customer there.
    pub identifier: Option<String>,
    /// What the customer is called there.
    pub name: Option<String>,
    /// The parameter that was changed last, with its value.
    pub parameter: Option<(String, String)>,
}

/// What came of removing a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    Removed,
    WithAgent,
    /// No other system added it.
    NotExternal,
    /// There is no such task.
    Unknown,
}

impl Centre {
    /// Adds a task of another system's; with somebody to have it, it is that person's at once. Returns its GUID.
    pub fn add_task(&mut self, service: usize, written: Written, agent: Option<String>) -> String {
        let now = self.now();
        self.tasks_mut().add(now, service, written, agent)
    }

    /// Changes what another system says of a task that goes on; whether there is one.
    pub fn update_task(&mut self, guid: &str, written: &Written) -> bool {
        self.tasks_mut().update(guid, written)
    }

    /// Removes a task of another system's, unless somebody has it.
    pub fn remove_task(&mut self, guid: &str) -> Leaving {
        let now = self.now();
        self.tasks_mut().remove(now, guid)
    }
}

impl Tasks {
    fn add(&mut self, now: u64, service: usize, written: Written, agent: Option<String>) -> String {
        let taken = agent.is_some();
        let task = Task {
            id: guid(&mut self.rng),
            chain: guid(&mut self.rng),
            service,
            modality: Modality::External,
            number: None,
            customer: None,
            text: None,
            agent: agent.map(Cow::Owned),
            written,
            created: now,
            terminated: None,
        };
        let id = task.id.clone();
        self.serial += 1;
        let serial = self.serial;
        self.tell(Happening::Created, &task);
        self.running.insert(serial, task);
        let what = if taken { Happening::UserConnected } else { Happening::SystemAccepted };
        self.plan(now + SECOND, Next::Step { task: serial, what });
        id
    }

    fn update(&mut self, guid: &str, written: &Written) -> bool {
        let found = self.running.values_mut().find(|task| task.id.eq_ignore_ascii_case(guid));
        let Some(task) = found else { return false };
        let own = &mut task.written;
        own.name = written.name.clone().or(own.name.take());
        own.parameter = written.parameter.clone().or(own.parameter.take());
        let task = task.clone();
        self.tell(Happening::Updated, &task);
        true
    }

    fn remove(&mut self, now: u64, guid: &str) -> Leaving {
        let found = self.running.iter().find(|(_, task)| task.id.eq_ignore_ascii_case(guid));
        let Some((serial, task)) = found else { return Leaving::Unknown };
        if task.modality != Modality::External {
            return Leaving::NotExternal;
        }
        if task.agent.is_some() {
            return Leaving::WithAgent;
        }
        let serial = *serial;
        if let Some(task) = self.running.remove(&serial) {
            self.tell(Happening::Terminated, &Task { terminated: Some(now), ..task });
        }
        Leaving::Removed
    }
}
