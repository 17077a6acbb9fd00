//! What people look at: a source whose streams are few spends them on that.

use std::sync::Arc;

use tokio::sync::watch;

use crate::floor::id::AgentId;

/// What is looked at of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// Who is selected, or has to do with what is.
    pub selected: Vec<AgentId>,
    /// Who else is on the screen, in the order in which they stand there.
    pub shown: Vec<AgentId>,
    /// With whom something is wrong, the worst first, whether or not they are on the screen.
    pub alarmed: Vec<AgentId>,
    /// What a command that ends needs of it; nothing for who looks on, and sees everything.
    pub needs: Option<Needs>,
}

/// What a command that ends needs of a source: everything else is not read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    pub calls: bool,
    /// What everybody says of themselves.
    pub profiles: bool,
    pub entries: Entries,
    /// The services that can plan entries.
    pub services: bool,
    /// The priorities that an entry can have.
    pub priorities: bool,
    /// The services that take tasks of other systems.
    pub task_services: bool,
    /// The priorities that such a task can have.
    pub task_priorities: bool,
    /// The users who can be preferred for a task.
    pub task_users: bool,
    pub books: Books,
}

/// Whose scheduler entries are needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Entries {
    #[default]
    None,
    /// Those of every service.
    All,
    /// Those of one service.
    Of(String),
    /// Those of the services that have one of these identities.
    With(Vec<String>),
}

/// Which address books are needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Books {
    #[default]
    None,
    /// All that may be read.
    All,
    /// The one of that identity or name; without one, the only one there is.
    One(Option<String>),
}

impl Needs {
    /// The same as something that is looked at.
    pub fn looked(self) -> Looked {
        Looked { needs: Some(self), ..Looked::default() }
    }
}

impl Looked {
    /// Whether `agent` is looked at.
    pub fn has(&self, agent: &AgentId) -> bool {
        self.selected.contains(agent) || self.shown.contains(agent)
    }

    /// All who are looked at, the most wanted first.
    pub fn people(&self) -> impl Iterator<Item = &AgentId> {
        self.selected.iter().chain(&self.shown)
    }

    /// The alarmed who are not looked at, the worst first.
    pub fn unseen(&self) -> impl Iterator<Item = &AgentId> {
        self.alarmed.iter().filter(|person| !self.has(person))
    }
}

/// Where whoever looks says at what, and a source hears it. Clones are one.
#[derive(Debug, Clone)]
pub struct Gaze(watch::Sender<Arc<Looked>>);

impl Default for Gaze {
    fn default() -> Self {
        Self::new(Looked::default())
    }
}

impl Gaze {
    /// Begins with `looked`.
    pub fn new(looked: Looked) -> Self {
        Self(watch::Sender::new(Arc::new(looked)))
    }

    /// Says what is looked at now; nobody is woken for what was looked at already.
    pub fn look(&self, looked: Looked) {
        self.0.send_if_modified(|known| {
            let differs = **known != looked;
            if differs {
                *known = Arc::new(looked);
            }
            differs
        });
    }

    /// What is looked at now.
    pub fn looked(&self) -> Arc<Looked> {
        Arc::clone(&self.0.borrow())
    }

    /// Hears whenever that changes.
    pub fn listen(&self) -> watch::Receiver<Arc<Looked>> {
        self.0.subscribe()
    }
}
