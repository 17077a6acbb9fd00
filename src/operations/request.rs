//! What is asked for: a request of one vendor, and what it is done to.

use serde::{Deserialize, Serialize};

use crate::floor::callback::CallbackState;
use crate::floor::id::{
    AgentId, BookId, CallId, CallbackId, ContactId, EntryId, QueueId, SourceName, TaskId,
};
use crate::floor::profile;
use crate::operations::{Card, Control, Operation, OperationId, Wish};
use crate::text::Shown;

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
    LogIn { queue: QueueId, agent: Option<AgentId> },
    /// Log an agent out of a queue; without an agent the source's own user.
    LogOut { queue: QueueId, agent: Option<AgentId> },
    /// Make an outbound scheduler entry.
    AddEntry {
        /// What it shall be: at least its service, destination and time.
        wish: Wish,
    },
    /// Change an outbound scheduler entry.
    EditEntry {
        entry: EntryId,
        /// What it shall be.
        wish: Wish,
        /// What those fields were when it was asked: if they no longer are, nothing is changed.
        was: Wish,
    },
    /// Remove an outbound scheduler entry.
    RemoveEntry { entry: EntryId },
    /// Put a task of another system's into the queue of a service.
    AddTask {
        /// What it shall be: at least its service.
        wish: Wish,
    },
    /// Change what is known with a task that goes on.
    UpdateTask {
        task: TaskId,
        /// What shall be known; what is not in it stays as it is.
        wish: Wish,
    },
    /// Remove a task of another system's.
    RemoveTask { task: TaskId },
    /// Write a contact into an address book.
    AddContact {
        book: BookId,
        /// Its identity in it.
        contact: ContactId,
        /// What is known of it.
        card: Card,
    },
    /// Change a contact of an address book.
    UpdateContact {
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
        book: BookId,
        /// Their identities in it.
        contacts: Vec<ContactId>,
    },
    /// Take a caller who is to be called back, close the request, or let it go again.
    Assign {
        callback: CallbackId,
        /// How far it is from now on.
        state: CallbackState,
        /// What is noted; `None` leaves the note as it is.
        note: Option<Shown>,
    },
    /// Change what a person says of themselves; without an agent the source's own user.
    SetPresence {
        agent: Option<AgentId>,
        /// What shall be changed.
        wish: profile::Wish,
    },
    /// Join a call, or do something to one.
    Control(Control),
}

/// What a request is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'r> {
    /// An agent in a queue; without an agent the source's own user.
    Membership {
        queue: &'r QueueId,
        agent: Option<&'r AgentId>,
    },
    /// An entry or a task that is not there yet.
    New(&'r Wish),
    Entry(&'r EntryId),
    Task(&'r TaskId),
    /// Contacts of an address book.
    Contacts {
        book: &'r BookId,
        contacts: &'r [ContactId],
    },
    /// A request to be called back.
    Callback(&'r CallbackId),
    /// What a person says of themselves; without an agent the source's own user.
    Profile(Option<&'r AgentId>),
    /// Whatever call an agent has.
    CallsOf(&'r AgentId),
    Call {
        call: &'r CallId,
        user: &'r AgentId,
    },
}

impl Request {
    pub const fn operation(&self) -> &'static Operation {
        let id = match self {
            Self::LogIn { .. } => OperationId::LogIn,
            Self::LogOut { .. } => OperationId::LogOut,
            Self::AddEntry { .. } => OperationId::AddEntry,
            Self::EditEntry { .. } => OperationId::EditEntry,
            Self::RemoveEntry { .. } => OperationId::RemoveEntry,
            Self::AddTask { .. } => OperationId::AddTask,
            Self::UpdateTask { .. } => OperationId::UpdateTask,
            Self::RemoveTask { .. } => OperationId::RemoveTask,
            Self::AddContact { .. } => OperationId::AddContact,
            Self::UpdateContact { .. } => OperationId::UpdateContact,
            Self::RemoveContacts { .. } => OperationId::RemoveContacts,
            Self::Assign { state, .. } => match state {
                CallbackState::Open => OperationId::ReopenCallback,
                CallbackState::Taken => OperationId::TakeCallback,
                CallbackState::Done => OperationId::FinishCallback,
            },
            Self::SetPresence { .. } => OperationId::SetPresence,
            Self::Control(Control::Supervise { .. }) => OperationId::Supervise,
            Self::Control(Control::CallBack { .. }) => OperationId::CallBack,
            Self::Control(Control::Call { request, .. }) => OperationId::Call(request.action()),
        };
        id.declared()
    }

    /// What it is done to.
    pub const fn target(&self) -> Target<'_> {
        match self {
            Self::LogIn { queue, agent } | Self::LogOut { queue, agent } => {
                Target::Membership { queue, agent: agent.as_ref() }
            }
            Self::AddEntry { wish } | Self::AddTask { wish } => Target::New(wish),
            Self::EditEntry { entry, .. } | Self::RemoveEntry { entry } => Target::Entry(entry),
            Self::UpdateTask { task, .. } | Self::RemoveTask { task } => Target::Task(task),
            Self::AddContact { book, contact, .. } | Self::UpdateContact { book, contact, .. } => {
                Target::Contacts { book, contacts: std::slice::from_ref(contact) }
            }
            Self::RemoveContacts { book, contacts } => {
                Target::Contacts { book, contacts: contacts.as_slice() }
            }
            Self::Assign { callback, .. } | Self::Control(Control::CallBack { callback, .. }) => {
                Target::Callback(callback)
            }
            Self::SetPresence { agent, .. } => Target::Profile(agent.as_ref()),
            Self::Control(Control::Supervise { agent, .. }) => Target::CallsOf(agent),
            Self::Control(Control::Call { call, user, .. }) => Target::Call { call, user },
        }
    }

    /// What is to be changed of it, in one line, numbers of people masked.
    pub fn change(&self) -> Option<Shown> {
        match self {
            Self::AddEntry { wish }
            | Self::EditEntry { wish, .. }
            | Self::AddTask { wish }
            | Self::UpdateTask { wish, .. } => Some(wish.said()),
            Self::AddContact { card, .. } | Self::UpdateContact { card, .. } => Some(card.said()),
            Self::LogIn { .. }
            | Self::LogOut { .. }
            | Self::RemoveEntry { .. }
            | Self::RemoveTask { .. }
            | Self::RemoveContacts { .. }
            | Self::Assign { .. }
            | Self::SetPresence { .. }
            | Self::Control(_) => None,
        }
    }

    /// Sets the note that goes with it; whether one can.
    pub fn set_note(&mut self, written: &Shown) -> bool {
        match self {
            Self::Assign { note, .. } => *note = Some(written.clone()),
            Self::SetPresence { wish, .. } => *wish = profile::Wish::Note(written.clone()),
            _ => return false,
        }
        true
    }

    /// Whether both are done to one thing, and show in the same rows: then the second waits for the first.
    pub fn meets(&self, other: &Self) -> bool {
        let by = |own: &Self| own.operation().confirmation.by;
        self.target() == other.target() && by(self) == by(other)
    }
}
