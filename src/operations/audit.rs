//! What the audit log has of a command.

use crate::operations::{Command, Control, Outcome, Request, Target};
use crate::text::Shown;

/// What the audit log has of a command, numbers of people masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    pub action: &'static str,
    /// Whom or what it is done to, as it can be found again.
    pub target: Shown,
    /// Every row of an operation on several, each masked by itself: another system may use numbers as ids.
    pub ids: Option<Vec<Shown>>,
    /// The queue, the service or the book.
    pub queue: Option<Shown>,
    /// What is asked for, before it is sent; what came of it, after.
    pub detail: Option<Shown>,
}

impl Command {
    /// What the audit log has of it: before it is sent, or with its outcome.
    pub fn audited(&self, outcome: Option<&Outcome>) -> Audited {
        let operation = self.request.operation();
        let place = || match self.request.target() {
            Target::Membership { queue, .. } => queue.shown(),
            _ => self.place.clone(),
        };
        let detail = match outcome {
            None => self.request.change(),
            // By its identity what was added can be found again.
            Some(Outcome::Confirmed(id)) => Some(id.clone()),
            Some(outcome) => outcome.detail().map(Shown::masked),
        };
        Audited {
            action: operation.name,
            target: self.audited_target(),
            ids: match &self.request {
                Request::RemoveContacts { contacts, .. } => {
                    Some(contacts.iter().map(|id| id.shown().masked()).collect())
                }
                _ => None,
            },
            queue: operation.audits_place.then(place),
            detail,
        }
    }

    fn audited_target(&self) -> Shown {
        let shown = || self.target.masked();
        if let Request::Control(control) = &self.request {
            return control.audited(&shown());
        }
        match self.request.target() {
            // A person's or a contact's id may be a number; an entry's, a task's and a callback's is the vendor's own.
            Target::Membership { agent: Some(id), .. } | Target::Profile(Some(id)) => {
                id.shown().masked()
            }
            Target::Contacts { contacts: [id], .. }
                if !matches!(self.request, Request::RemoveContacts { .. }) =>
            {
                id.shown().masked()
            }
            Target::Entry(id) => id.shown(),
            Target::Task(id) => id.shown(),
            Target::Callback(id) => id.shown(),
            Target::Membership { .. }
            | Target::Profile(None)
            | Target::New(_)
            | Target::Contacts { .. }
            | Target::CallsOf(_)
            | Target::Call { .. } => shown(),
        }
    }
}

impl Control {
    /// The call's own id, or the agent and how; `shown` is the name on the screen, masked.
    fn audited(&self, shown: &Shown) -> Shown {
        Shown::clean(&match self {
            Self::Supervise { agent, mode, .. } => {
                format!("{}, {}", agent.shown().masked(), mode.word())
            }
            Self::CallBack { callback, .. } => format!("{}, {shown}", callback.shown()),
            Self::Call { handle, request, .. } => {
                let to = request.audited_argument();
                format!("{}, {shown}{to}", handle.shown())
            }
        })
    }
}
