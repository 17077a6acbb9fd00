//! The ids of a request, and whether each can be used: they become segments of paths at the vendors.

use crate::floor::id::AgentId;
use crate::floor::profile;
use crate::operations::{Act, Control, Request};
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
        match self {
            Self::LogIn { queue, agent } | Self::LogOut { queue, agent } => {
                let mut all = vec![("queue", queue.raw())];
                all.extend(agent.iter().flat_map(person));
                all
            }
            // Services and destinations stand in bodies and queries.
            Self::AddEntry { .. } | Self::AddTask { .. } => Vec::new(),
            Self::EditEntry { entry, .. } | Self::RemoveEntry { entry } => {
                vec![("entry", entry.raw())]
            }
            Self::UpdateTask { task, .. } | Self::RemoveTask { task } => vec![("task", task.raw())],
            Self::AddContact { book, contact, .. } | Self::UpdateContact { book, contact, .. } => {
                vec![("address book", book.raw()), ("contact", contact.raw())]
            }
            Self::RemoveContacts { book, contacts } => {
                let contacts = contacts.iter().map(|contact| ("contact", contact.raw()));
                [("address book", book.raw())].into_iter().chain(contacts).collect()
            }
            Self::Assign { callback, .. } => vec![("callback", callback.raw())],
            Self::SetPresence { agent, wish } => {
                let mut all: Vec<_> = agent.iter().flat_map(person).collect();
                match wish {
                    profile::Wish::Activity { id, .. } => all.push(("activity", id)),
                    profile::Wish::Role { id, .. } => all.push(("role", id)),
                    profile::Wish::Note(_) => {}
                }
                all
            }
            Self::Control(control) => control.ids(),
        }
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
            Self::Call { call, handle, user, act, .. } => {
                let mut all = vec![("call", call.raw()), ("call", handle.raw())];
                all.extend(person(user));
                all.extend(act.ids());
                all
            }
        }
    }
}

impl Act {
    fn ids(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Transfer(to) | Self::CampOn(to) => vec![("destination", to)],
            Self::Answer(device) | Self::Move(device) | Self::PickUp(device) => {
                vec![("device", device.raw())]
            }
            Self::Hold
            | Self::Resume
            | Self::Mute
            | Self::Unmute
            | Self::Park
            | Self::StartRecording
            | Self::StopRecording
            | Self::SaveRecording
            | Self::DiscardRecording
            | Self::PauseRecording
            | Self::ResumeRecording
            | Self::Clear => Vec::new(),
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
