//! The ids of a request, and whether each can be used: they become segments of paths at the vendors.

use crate::floor::id::AgentId;
use crate::floor::profile;
use crate::operations::{Control, Request, Target};
use crate::text::segment::{SegmentFault, segment_fault};

/// An id that no request may carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {what} id cannot be used: {fault}; nothing was sent")]
pub struct UnusableId {
    /// What it is an id of.
    pub what: &'static str,
    /// What is wrong with it.
    pub fault: SegmentFault,
}

/// Whether one id can be used.
///
/// # Errors
/// It is empty or a dot segment.
pub fn check_id(what: &'static str, id: &str) -> Result<(), UnusableId> {
    segment_fault(id).map_or(Ok(()), |fault| Err(UnusableId { what, fault }))
}

impl Request {
    /// Every id that the request carries, with what it is an id of. Of a person, user and domain count each.
    pub fn ids(&self) -> Vec<(&'static str, &str)> {
        let (presence, control) = match self {
            Self::SetPresence { wish, .. } => (Some(wish), None),
            Self::Control(control) => (None, Some(control)),
            _ => (None, None),
        };
        if let Some(control) = control {
            return control.ids();
        }
        let mut all = match self.target() {
            Target::Membership { queue, agent } => {
                let queue = [("queue", queue.raw())].into_iter();
                queue.chain(agent.into_iter().flat_map(person)).collect()
            }
            // Services and destinations stand in bodies and queries.
            Target::New(_) => Vec::new(),
            Target::Entry(entry) => vec![("entry", entry.raw())],
            Target::Task(task) => vec![("task", task.raw())],
            Target::Contacts { book, contacts } => {
                let contacts = contacts.iter().map(|contact| ("contact", contact.raw()));
                [("address book", book.raw())].into_iter().chain(contacts).collect()
            }
            Target::Callback(callback) => vec![("callback", callback.raw())],
            Target::Profile(agent) => agent.into_iter().flat_map(person).collect(),
            Target::CallsOf(agent) => person(agent),
            Target::Call { call, user } => [vec![("call", call.raw())], person(user)].concat(),
        };
        match presence {
            Some(profile::Wish::Activity { id, .. }) => all.push(("activity", id)),
            Some(profile::Wish::Role { id, .. }) => all.push(("role", id)),
            Some(profile::Wish::Note(_)) | None => {}
        }
        all
    }

    /// Whether every id can be used.
    ///
    /// # Errors
    /// The first one that is empty or a dot segment, as it stands or percent-encoded.
    pub fn check_ids(&self) -> Result<(), UnusableId> {
        self.ids().into_iter().try_for_each(|(what, id)| check_id(what, id))
    }
}

impl Control {
    fn ids(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Supervise { agent, device, .. } => {
                let mut all = person(agent);
                all.push(("device", device.raw()));
                all
            }
            Self::CallBack { callback, to, place } => {
                vec![("callback", callback.raw()), ("destination", to), ("place", place.raw())]
            }
            Self::Call { call, handle, user, request, .. } => {
                let mut all = vec![("call", call.raw()), ("call", handle.raw())];
                all.extend(person(user));
                all.extend(request.id());
                all
            }
        }
    }
}

/// User and domain of a person.
fn person(agent: &AgentId) -> Vec<(&'static str, &str)> {
    match agent.raw().rsplit_once('@') {
        Some((user, domain)) => vec![("user", user), ("user's domain", domain)],
        None => vec![("user", agent.raw())],
    }
}
