//! What a declaration of an operation says.

use std::time::Duration;

use crate::floor::{Kind, World};
use crate::operations::{OperationId, Precondition, ReadBy, Request};
use crate::text::Shown;

/// One declared operation.
#[derive(Debug)]
pub struct Operation {
    pub id: OperationId,
    /// Its name in the audit log, in config files and in reports.
    pub name: &'static str,
    /// What is done, for people.
    pub verb: &'static str,
    /// The sentence for people; `{verb}`, `{target}`, `{place}` and `{to}` stand for the command's own.
    pub sentence: &'static str,
    /// What follows from it, whatever the row; `{phone}` stands for the phone. `None` where the row tells.
    pub consequence: Option<&'static str>,
    /// What kind of row it is done to.
    pub rows: RowKind,
    /// What is done to one row at a time, by that word; `None` where several rows can be marked for it.
    pub one_at_a_time: Option<&'static str>,
    /// Which vendors can do it.
    pub capability: &'static Capability,
    /// What a relay's token has to allow.
    pub permission: Permission,
    /// What a question sees of its row: where that has changed, nothing is sent.
    pub precondition: fn(&Request, &World) -> Option<Precondition>,
    /// How a later reading confirms it.
    pub confirmation: Confirmation,
    /// Whether the audit log has the place: the queue, the service, the book.
    pub audits_place: bool,
    /// Its key's words; `None` where it has no key.
    pub key: Option<KeyWords>,
    /// Its words in the menu of a call.
    pub menu: Option<&'static str>,
    /// Its subcommand; `None` where the command line does not have it.
    pub command: Option<Subcommand>,
}

/// A kind of row that operations are done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// An agent in a queue.
    Membership,
    Entry,
    Task,
    /// A contact of an address book.
    Contact,
    /// A request to be called back.
    Callback,
    /// What a person says of themselves.
    Profile,
    Call,
}

impl RowKind {
    /// What several of them are called.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Membership => "agents",
            Self::Entry => "entries",
            Self::Task => "tasks",
            Self::Contact => "contacts",
            Self::Callback => "callbacks",
            Self::Profile => "people",
            Self::Call => "calls",
        }
    }
}

/// Something that some vendors can do and others cannot.
#[derive(Debug, PartialEq, Eq)]
pub struct Capability {
    /// The vendors that can.
    pub kinds: &'static [Kind],
    /// What a source of another vendor cannot do; its name stands before it.
    pub lacks: &'static str,
}

impl Capability {
    /// Whether sources of that kind can. Of what a relay stands for, the vendor decides.
    pub fn is_of(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether `source` can.
    ///
    /// # Errors
    /// That it cannot, for people.
    pub fn check(&self, source: &Shown, kind: Kind) -> Result<(), Shown> {
        if self.is_of(kind) { Ok(()) } else { Err(self.refusal(source)) }
    }

    /// That `source` cannot.
    pub fn refusal(&self, source: &Shown) -> Shown {
        Shown::clean(&format!("{source} {}: not supported by this source", self.lacks))
    }
}

/// Logging agents in and out.
pub const AGENT_LOGIN: Capability =
    Capability { kinds: &[Kind::Telepo], lacks: "cannot log agents in or out" };
/// Adding, changing and removing scheduler entries.
pub const ENTRIES: Capability =
    Capability { kinds: &[Kind::Nimbus], lacks: "cannot change scheduler entries" };
/// Adding, updating and removing tasks.
pub const TASKS: Capability = Capability { kinds: &[Kind::Nimbus], lacks: "cannot change tasks" };
pub const CONTACTS: Capability =
    Capability { kinds: &[Kind::Nimbus], lacks: "cannot change address books" };
/// Taking and closing requests to be called back.
pub const CALLBACKS: Capability =
    Capability { kinds: &[Kind::Telepo], lacks: "cannot take or close callbacks" };
/// Setting what people say of themselves.
pub const PRESENCE: Capability = Capability { kinds: &[Kind::Telepo], lacks: "sets no presence" };
pub const CALL_CONTROL: Capability =
    Capability { kinds: &[Kind::Telepo], lacks: "cannot act on calls" };

/// What a relay's token must allow before an operation is carried out for its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Log-in, log-out, activities, callbacks, entries and tasks.
    Act,
    /// Control of calls, supervision, calling back.
    Calls,
    /// Changes of address books.
    Contacts,
}

/// How a later reading confirms an operation.
#[derive(Debug)]
pub struct Confirmation {
    /// Which rows show it.
    pub by: ReadBy,
    /// How long that may take once the vendor has accepted it.
    pub within: Duration,
    /// Whether the vendor's acceptance alone ends it: what was to go is gone.
    pub ends_with_answer: bool,
    /// Whether the rows show it.
    pub shows: fn(&Request, &World) -> bool,
}

/// The words of an operation's key.
#[derive(Debug)]
pub struct KeyWords {
    /// One or two words for the footer; empty where the footer leaves it out.
    pub hint: &'static str,
    /// One sentence for the help.
    pub help: &'static str,
}

/// The subcommand of an operation.
#[derive(Debug)]
pub struct Subcommand {
    /// The command that it belongs to; empty for none.
    pub group: &'static str,
    pub name: &'static str,
    pub about: &'static str,
    /// What it is done to.
    pub ids: Ids,
    /// What can be said with it.
    pub fields: Fields,
}

/// The ids that a subcommand takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// None: it is about what is not there yet, or named by flags.
    None,
    /// One, with its help.
    One(&'static str),
    /// One or several, with their help.
    Several(&'static str),
}

/// The fields that a subcommand takes as flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fields {
    None,
    /// The queue and the agent.
    Membership,
    /// Those of a scheduler entry; a new one needs some.
    Entry {
        /// Whether it is new.
        new: bool,
    },
    /// Those of a task; a new one needs some.
    Task {
        /// Whether it is new.
        new: bool,
    },
    /// Those of a contact, and its book.
    Contact,
    Book,
}
