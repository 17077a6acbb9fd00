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
    /// Whether everybody's calls are asked for, once, as in a report.
    pub everybody: bool,
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
