//! A change asked of a vendor, what came of it, and who may ask at all.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::floor::Floor;
use crate::floor::callback::CallbackState;
use crate::floor::id::{
    AgentId, AgentKey, BookId, CallbackId, ContactId, EntryId, QueueId, SourceName, TaskId,
};
use crate::floor::profile;
use crate::floor::time::Moment;
use crate::text::Shown;

pub use self::card::Card;
pub use self::control::{Act, Control, Manner};
pub use self::permission::Permission;
pub use self::wish::{FIELDS, Field, Known, TASK_FIELDS, Value, Wish};

pub mod card;
mod control;
pub mod ids;
mod permission;
mod resolve;
pub mod wish;

/// How long an accepted change may take to show in a re-read (contract, exit codes).
pub const CONFIRM: Duration = Duration::from_secs(10);

/// Who may ask for changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everything that the vendor allows.
    #[default]
    Full,
    /// Nothing: no key, no dispatcher, no request.
    ReadOnly,
}

/// Numbers commands in the order in which they were asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandId(pub u64);

/// One change asked of one vendor: one press, one command, one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Its number.
    pub id: CommandId,
    /// The source that shall carry it out.
    pub source: SourceName,
    /// What shall be done.
    pub request: Request,
    /// Whom or what it is done to, as it was shown when it was asked.
    pub target: Shown,
    /// The queue or service, as it was shown.
    pub place: Shown,
}

/// What shall be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Log an agent in to a queue; without an agent the source's own user.
    LogIn {
        /// The queue.
        queue: QueueId,
        /// The agent.
        agent: Option<AgentId>,
    },
    /// Log an agent out of a queue; without an agent the source's own user.
    LogOut {
        /// The queue.
        queue: QueueId,
        /// The agent.
        agent: Option<AgentId>,
    },
    /// Make an outbound scheduler entry.
    AddEntry {
        /// What it shall be: at least its service, destination and time.
        wish: Wish,
    },
    /// Change an outbound scheduler entry.
    EditEntry {
        /// The entry.
        entry: EntryId,
        /// What it shall be.
        wish: Wish,
        /// What those fields were when it was asked: if they no longer are, nothing is changed.
        was: Wish,
    },
    /// Remove an outbound scheduler entry.
    RemoveEntry {
        /// The entry.
        entry: EntryId,
    },
    /// Put a task of another system's into the queue of a service.
    AddTask {
        /// What it shall be: at least its service.
        wish: Wish,
    },
    /// Change what is known with a task that goes on.
    UpdateTask {
        /// The task.
        task: TaskId,
        /// What shall be known; what is not in it stays as it is.
        wish: Wish,
    },
    /// Remove a task of another system's.
    RemoveTask {
        /// The task.
        task: TaskId,
    },
    /// Write a contact into an address book.
    AddContact {
        /// The book.
        book: BookId,
        /// Its identity in it.
        contact: ContactId,
        /// What is known of it.
        card: Card,
    },
    /// Change a contact of an address book.
    UpdateContact {
        /// The book.
        book: BookId,
        /// Its identity in it.
        contact: ContactId,
        /// What shall be known of it.
        card: Card,
        /// What of that was known when it was asked: if it no longer is, nothing is changed.
        was: Card,
    },
    /// Take contacts out of an address book.
    RemoveContacts {
        /// The book.
        book: BookId,
        /// Their identities in it.
        contacts: Vec<ContactId>,
    },
    /// Take a caller who is to be called back, close the request, or let it go again.
    Assign {
        /// The request.
        callback: CallbackId,
        /// How far it is from now on.
        state: CallbackState,
        /// What is noted; `None` leaves the note as it is.
        note: Option<Shown>,
    },
    /// Change what a person says of themselves; without an agent the source's own user.
    SetPresence {
        /// The person.
        agent: Option<AgentId>,
        /// What shall be changed.
        wish: profile::Wish,
    },
    /// Join a call, or do something to one.
    Control(Control),
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The vendor accepted it.
    Done,
    /// The vendor accepted it, and its answer shows it: the identity of what was added or changed.
    Confirmed(Shown),
    /// The vendor refused it: its words.
    Refused(Shown),
    /// The vendor refused it: what it was asked about has changed meanwhile. What is known now.
    Outdated(Shown),
    /// Nothing was sent: why.
    Failed(Shown),
    /// Sent, but the answer was lost: it may have happened. Never repeated by itself.
    Unknown(Shown),
}

impl Request {
    /// The action's name in the audit log and in config files.
    pub const fn action(&self) -> &'static str {
        match self {
            Self::LogIn { .. } => "log_in_agent",
            Self::LogOut { .. } => "log_out_agent",
            Self::AddEntry { .. } => "add_entry",
            Self::EditEntry { .. } => "edit_entry",
            Self::RemoveEntry { .. } => "remove_entry",
            Self::AddTask { .. } => "add_task",
            Self::UpdateTask { .. } => "update_task",
            Self::RemoveTask { .. } => "remove_task",
            Self::AddContact { .. } => "add_contact",
            Self::UpdateContact { .. } => "update_contact",
            Self::RemoveContacts { .. } => "remove_contacts",
            Self::Assign { state, .. } => match state {
                CallbackState::Open => "reopen_callback",
                CallbackState::Taken => "take_callback",
                CallbackState::Done => "finish_callback",
            },
            Self::SetPresence { .. } => "set_presence",
            Self::Control(control) => control.action(),
        }
    }

    /// What is done, for people.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::LogIn { .. } => "log in",
            Self::LogOut { .. } => "log out",
            Self::AddEntry { .. } | Self::AddTask { .. } | Self::AddContact { .. } => "add",
            Self::EditEntry { .. } => "change",
            Self::UpdateTask { .. } | Self::UpdateContact { .. } => "update",
            Self::RemoveEntry { .. } | Self::RemoveTask { .. } | Self::RemoveContacts { .. } => {
                "remove"
            }
            Self::Assign { state, .. } => match state {
                CallbackState::Open => "reopen",
                CallbackState::Taken => "take",
                CallbackState::Done => "finish",
            },
            Self::SetPresence { .. } => "set",
            Self::Control(control) => control.verb(),
        }
    }

    /// How long it may take to show in a reading once the vendor has accepted it.
    pub const fn shows_within(&self) -> Duration {
        match self {
            Self::Control(control) => control.shows_within(),
            Self::LogIn { .. }
            | Self::LogOut { .. }
            | Self::AddEntry { .. }
            | Self::EditEntry { .. }
            | Self::RemoveEntry { .. }
            | Self::AddTask { .. }
            | Self::UpdateTask { .. }
            | Self::RemoveTask { .. }
            | Self::AddContact { .. }
            | Self::UpdateContact { .. }
            | Self::RemoveContacts { .. }
            | Self::Assign { .. }
            | Self::SetPresence { .. } => CONFIRM,
        }
    }

    /// Whether it is about tasks, which nobody can read: what the vendor accepts is done, and of what it does not answer
    /// its events alone may tell.
    pub const fn is_of_tasks(&self) -> bool {
        matches!(self, Self::AddTask { .. } | Self::UpdateTask { .. } | Self::RemoveTask { .. })
    }
}

impl Request {
    /// Whether it is about contacts.
    pub const fn is_of_books(&self) -> bool {
        matches!(
            self,
            Self::AddContact { .. } | Self::UpdateContact { .. } | Self::RemoveContacts { .. }
        )
    }
}

impl Command {
    /// The sentence for people: “log out Jane Doe of Sales”.
    pub fn sentence(&self) -> Shown {
        let text = match &self.request {
            Request::LogIn { .. } => format!("log in {} to {}", self.target, self.place),
            Request::LogOut { .. } => format!("log out {} of {}", self.target, self.place),
            Request::AddEntry { .. } => format!("add a call to {} by {}", self.target, self.place),
            Request::EditEntry { .. } => format!("change {} of {}", self.target, self.place),
            Request::RemoveEntry { .. } => format!("remove {} of {}", self.target, self.place),
            Request::AddTask { .. } => format!("add a task for {} to {}", self.target, self.place),
            Request::UpdateTask { .. } | Request::UpdateContact { .. } => {
                format!("update {} of {}", self.target, self.place)
            }
            Request::RemoveTask { .. } => format!("remove {} of {}", self.target, self.place),
            Request::AddContact { .. } => format!("add {} to {}", self.target, self.place),
            Request::RemoveContacts { .. } => {
                format!("remove {} from {}", self.target, self.place)
            }
            Request::Assign { .. } => {
                format!("{} the callback to {} of {}", self.request.verb(), self.target, self.place)
            }
            Request::SetPresence { wish, .. } => {
                let (target, to) = (&self.target, &self.place);
                match wish {
                    profile::Wish::Activity { .. } => format!("set {target} to {to}"),
                    profile::Wish::Role { .. } => format!("set the role of {target} to {to}"),
                    profile::Wish::Note(_) => format!("set the note of {target}"),
                }
            }
            Request::Control(control) => control.sentence(&self.target, &self.place),
        };
        Shown::clean(&text)
    }

    /// Whether what was asked shows in what the source last told.
    pub fn shows_in(&self, floor: &Floor) -> bool {
        let Some(world) = floor.world(&self.source) else { return false };
        let logged_in = |queue: &QueueId, agent: &Option<AgentId>| match agent {
            None => world.queues.get(queue).and_then(|queue| queue.own_login),
            Some(id) => world
                .agents
                .values()
                .find(|agent| agent.id.as_ref() == Some(id))
                .and_then(|agent| agent.in_queue(queue)?.logged_in),
        };
        match &self.request {
            Request::LogIn { queue, agent } => logged_in(queue, agent) == Some(true),
            Request::LogOut { queue, agent } => logged_in(queue, agent) == Some(false),
            Request::AddEntry { wish } => world.entries.values().any(|entry| wish.plans(entry)),
            Request::EditEntry { entry, wish, .. } => {
                world.entries.get(entry).is_some_and(|entry| wish.missing_in(entry).is_none())
            }
            Request::RemoveEntry { entry } => !world.entries.contains_key(entry),
            Request::AddContact { book, contact, card }
            | Request::UpdateContact { book, contact, card, .. } => {
                let known = world.books.contact(book, contact);
                known.is_some_and(|known| card.missing_in(known).is_none())
            }
            Request::RemoveContacts { book, contacts } => {
                contacts.iter().all(|own| world.books.contact(book, own).is_none())
            }
            // No reading shows a task.
            Request::AddTask { .. } | Request::UpdateTask { .. } | Request::RemoveTask { .. } => {
                false
            }
            Request::Assign { callback, state, .. } => match world.callbacks.get(callback) {
                Some(row) => {
                    row.state() == *state
                        && row.request().is_some_and(|own| {
                            own.own != Some(false) || *state == CallbackState::Open
                        })
                }
                // What is done leaves the log after a while.
                None => *state == CallbackState::Done,
            },
            Request::SetPresence { agent, wish } => {
                let key = agent.as_ref().map(|agent| AgentKey::new(agent.raw()));
                world.profiles.of(key.as_ref()).is_some_and(|profile| wish.is_in(profile))
            }
            Request::Control(control) => control.shows_in(world),
        }
    }
}

impl Outcome {
    /// The word in the audit log and on the screen.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done | Self::Confirmed(_) => "done",
            Self::Refused(_) | Self::Outdated(_) => "refused",
            Self::Failed(_) => "failed",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The same, numbers of people masked in the reason.
    #[must_use]
    pub fn masked(self) -> Self {
        match self {
            Self::Done => Self::Done,
            Self::Confirmed(id) => Self::Confirmed(id),
            Self::Refused(why) => Self::Refused(why.masked()),
            Self::Outdated(why) => Self::Outdated(why.masked()),
            Self::Failed(why) => Self::Failed(why.masked()),
            Self::Unknown(why) => Self::Unknown(why.masked()),
        }
    }

    /// The identity of what was added or changed, where the vendor's answer shows it.
    pub const fn identity(&self) -> Option<&Shown> {
        match self {
            Self::Confirmed(id) => Some(id),
            _ => None,
        }
    }

    /// The reason, where there is one.
    pub const fn detail(&self) -> Option<&Shown> {
        match self {
            Self::Done | Self::Confirmed(_) => None,
            Self::Refused(why) | Self::Outdated(why) | Self::Failed(why) | Self::Unknown(why) => {
                Some(why)
            }
        }
    }
}

/// A command under way, or just over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// What was asked.
    pub command: Command,
    /// Since when it is in its stage.
    pub at: Moment,
    /// When it was asked.
    pub asked: Moment,
    /// How far it is.
    pub stage: Stage,
    /// The identity of what was added or changed, once the vendor's answer shows it.
    #[serde(default)]
    pub identity: Option<Shown>,
}

/// How far a command is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// On its way; nothing is known.
    Sent,
    /// The vendor accepted it; the next reading has yet to show it.
    Accepted,
    /// Over: what came of it.
    Over(Outcome),
}

impl Pending {
    /// Whether it still waits for something.
    pub const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Sent | Stage::Accepted)
    }

    /// The word on the row.
    pub const fn word(&self) -> &'static str {
        match &self.stage {
            Stage::Sent | Stage::Accepted => "pending",
            Stage::Over(outcome) => outcome.word(),
        }
    }
}
