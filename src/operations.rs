//! Operations: everything that people can ask a vendor to change, each declared once in [`OPERATIONS`].
//!
//! From a declaration come: the name in the audit log, the config file and the report of an addition; the sentence, the
//! question's consequence and the words of the call's menu; the key's hint and help, the footer and the palette; the
//! subcommand, its flags and its help; the scope that a relay asks for; what is checked again before it is sent; which
//! reading confirms it, and for how long that is awaited; the audit entry; what each vendor can do.
//!
//! # Adding an operation
//!
//! 1. `operations.rs`: a variant of [`OperationId`] and an entry of [`OPERATIONS`] (a verb of calls: only the entry, and
//!    a variant of [`CallAction`]).
//! 2. `operations/request.rs`: a variant of [`Request`], its target and its ids. The compiler names the places.
//!    Where no function of `operations/precondition.rs` or `operations/confirmation.rs` fits, a new one.
//! 3. The vendor's folder: an arm of `Source::execute`; its face in the simulator, with a test.
//! 4. `state/`: the question, in the file of its rows, and the arm of `ask_one` that leads to it; where it has a key, a
//!    line of `ACTIONS`.
//! 5. `cli/operations.rs`: what is read before it, where it has a subcommand.
//!
//! The README's table of operations is made from the declaration: `UPDATE=1 cargo test --test docs`.

use std::time::Duration;

use crate::floor::World;

pub use self::call::{CallRequest, Control, SupervisionMode};
pub use self::card::Card;
pub use self::confirmation::{Read, ReadBy};
pub use self::declaration::{
    AGENT_LOGIN, CALL_CONTROL, CALLBACKS, CONTACTS, Capability, Confirmation, ENTRIES, Fields, Ids,
    KeyWords, Operation, PRESENCE, Permission, RowKind, Subcommand, TASKS,
};
pub use self::outcome::{Outcome, Pending, Stage};
pub use self::precondition::{Precondition, calls_of};
pub use self::request::{Access, Command, CommandId, Request, Target};
pub use self::wish::{FIELDS, Field, Known, TASK_FIELDS, Value, Wish};
pub use crate::floor::call::CallAction;

pub mod audit;
mod call;
pub mod card;
mod confirmation;
mod declaration;
pub mod ids;
mod outcome;
mod precondition;
mod request;
mod resolve;
mod sentence;
pub mod wish;

/// How long an accepted change may take to show in a reading (contract, exit codes).
pub const CONFIRM: Duration = Duration::from_secs(10);

/// How long a phone may ring before its owner takes it up.
const RINGS: Duration = Duration::from_secs(60);

/// An operation that is declared in [`OPERATIONS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationId {
    /// Log an agent in to a queue.
    LogIn,
    /// Log an agent out of a queue.
    LogOut,
    /// Add a scheduler entry.
    AddEntry,
    /// Change a scheduler entry.
    EditEntry,
    /// Remove a scheduler entry.
    RemoveEntry,
    /// Add a task of another system's.
    AddTask,
    /// Update what is known with a task.
    UpdateTask,
    /// Remove a task of another system's.
    RemoveTask,
    /// Write a contact into an address book.
    AddContact,
    /// Change a contact of an address book.
    UpdateContact,
    /// Take contacts out of an address book.
    RemoveContacts,
    /// Take a caller who is to be called back.
    TakeCallback,
    /// Close a request to be called back.
    FinishCallback,
    /// Let a request to be called back go again.
    ReopenCallback,
    /// Set a person's activity, role or note.
    SetPresence,
    /// Join an agent's call.
    Supervise,
    /// Call somebody back who asked for it.
    CallBack,
    /// Do something to a call.
    Call(CallAction),
}

/// Operations that are no verbs of calls.
const OTHERS: usize = 17;

/// Every operation that is declared.
const COUNT: usize = OTHERS + CallAction::ALL.len();

impl OperationId {
    /// Its place in [`OPERATIONS`].
    const fn index(self) -> usize {
        match self {
            Self::LogIn => 0,
            Self::LogOut => 1,
            Self::AddEntry => 2,
            Self::EditEntry => 3,
            Self::RemoveEntry => 4,
            Self::AddTask => 5,
            Self::UpdateTask => 6,
            Self::RemoveTask => 7,
            Self::AddContact => 8,
            Self::UpdateContact => 9,
            Self::RemoveContacts => 10,
            Self::TakeCallback => 11,
            Self::FinishCallback => 12,
            Self::ReopenCallback => 13,
            Self::SetPresence => 14,
            Self::Supervise => 15,
            Self::CallBack => 16,
            Self::Call(action) => OTHERS + action as usize,
        }
    }

    pub const fn declared(self) -> &'static Operation {
        &OPERATIONS[self.index()]
    }
}

const REMOVED: Option<&str> = Some("What is removed cannot be brought back.");

/// What a verb of calls begins as.
const CALL: Operation = Operation {
    id: OperationId::Call(CallAction::Clear),
    name: "",
    verb: "",
    sentence: "{verb} {target}",
    consequence: None,
    rows: RowKind::Call,
    one_at_a_time: Some("call"),
    capability: &CALL_CONTROL,
    permission: Permission::Calls,
    precondition: precondition::call,
    confirmation: shown_by(ReadBy::Calls, confirmation::call),
    audits_place: false,
    key: None,
    menu: None,
    command: None,
};

const fn shown_by(by: ReadBy, shows: fn(&Request, &World) -> bool) -> Confirmation {
    Confirmation { by, within: CONFIRM, ends_with_answer: false, shows }
}

const fn call(
    action: CallAction,
    name: &'static str,
    verb: &'static str,
    menu: &'static str,
    consequence: &'static str,
) -> Operation {
    let id = OperationId::Call(action);
    let (menu, consequence) = (Some(menu), Some(consequence));
    Operation { id, name, verb, consequence, menu, ..CALL }
}

#[expect(clippy::unnecessary_wraps, reason = "an operation has a key or none")]
const fn key(hint: &'static str, help: &'static str) -> Option<KeyWords> {
    Some(KeyWords { hint, help })
}

/// Every operation, in the order of [`OperationId`]. Names are the contract's.
pub static OPERATIONS: [Operation; COUNT] = [
    Operation {
        id: OperationId::LogIn,
        name: "log_in_agent",
        verb: "log in",
        sentence: "log in {target} to {place}",
        consequence: None,
        rows: RowKind::Membership,
        one_at_a_time: None,
        capability: &AGENT_LOGIN,
        permission: Permission::Act,
        precondition: precondition::membership,
        confirmation: shown_by(ReadBy::Memberships, confirmation::logged_in),
        audits_place: true,
        key: key("log in", "Log the selected agent in; on the queues table, yourself. Asks first."),
        menu: None,
        command: Some(Subcommand {
            group: "",
            name: "login",
            about: "Log an agent in to a queue",
            ids: Ids::None,
            fields: Fields::Membership,
        }),
    },
    Operation {
        id: OperationId::LogOut,
        name: "log_out_agent",
        verb: "log out",
        sentence: "log out {target} of {place}",
        consequence: None,
        rows: RowKind::Membership,
        one_at_a_time: None,
        capability: &AGENT_LOGIN,
        permission: Permission::Act,
        precondition: precondition::membership,
        confirmation: shown_by(ReadBy::Memberships, confirmation::logged_out),
        audits_place: true,
        key: key(
            "log out",
            "Log the selected agent out; on the queues table, yourself. Asks first.",
        ),
        menu: None,
        command: Some(Subcommand {
            group: "",
            name: "logout",
            about: "Log an agent out of a queue",
            ids: Ids::None,
            fields: Fields::Membership,
        }),
    },
    Operation {
        id: OperationId::AddEntry,
        name: "add_entry",
        verb: "add",
        sentence: "add a call to {target} by {place}",
        consequence: Some(
            "A service that calls with a workflow needs one for audio and video in its modality settings.",
        ),
        rows: RowKind::Entry,
        one_at_a_time: None,
        capability: &ENTRIES,
        permission: Permission::Act,
        precondition: precondition::new_entry,
        confirmation: shown_by(ReadBy::Entries, confirmation::entry_added),
        audits_place: true,
        key: key("new", "Add a scheduler entry by a form. Asks first."),
        menu: None,
        command: Some(Subcommand {
            group: "entries",
            name: "add",
            about: "Add one: a call that is made at its time",
            ids: Ids::None,
            fields: Fields::Entry { new: true },
        }),
    },
    Operation {
        id: OperationId::EditEntry,
        name: "edit_entry",
        verb: "change",
        sentence: "change {target} of {place}",
        consequence: None,
        rows: RowKind::Entry,
        one_at_a_time: None,
        capability: &ENTRIES,
        permission: Permission::Act,
        precondition: precondition::entry,
        confirmation: shown_by(ReadBy::Entries, confirmation::entry_changed),
        audits_place: true,
        key: key(
            "edit",
            "Change the selected scheduler entry, or all marked ones, by a form. Asks first.",
        ),
        menu: None,
        command: Some(Subcommand {
            group: "entries",
            name: "update",
            about: "Change some, while they have not begun; what is not named stays as it is",
            ids: Ids::Several("Their ids"),
            fields: Fields::Entry { new: false },
        }),
    },
    Operation {
        id: OperationId::RemoveEntry,
        name: "remove_entry",
        verb: "remove",
        sentence: "remove {target} of {place}",
        consequence: REMOVED,
        rows: RowKind::Entry,
        one_at_a_time: None,
        capability: &ENTRIES,
        permission: Permission::Act,
        precondition: precondition::entry,
        confirmation: Confirmation {
            ends_with_answer: true,
            ..shown_by(ReadBy::Entries, confirmation::entry_removed)
        },
        audits_place: false,
        key: key("remove", "Remove the selected scheduler entry. Asks first."),
        menu: None,
        command: Some(Subcommand {
            group: "entries",
            name: "remove",
            about: "Remove them, while they have not begun",
            ids: Ids::Several("Their ids"),
            fields: Fields::None,
        }),
    },
    Operation {
        id: OperationId::AddTask,
        name: "add_task",
        verb: "add",
        sentence: "add a task for {target} to {place}",
        consequence: None,
        rows: RowKind::Task,
        one_at_a_time: None,
        capability: &TASKS,
        permission: Permission::Act,
        precondition: precondition::nothing,
        confirmation: shown_by(ReadBy::Events, confirmation::never),
        audits_place: true,
        key: key("new", "Add a task, as another system would, by a form. Asks first."),
        menu: None,
        command: Some(Subcommand {
            group: "tasks",
            name: "add",
            about: "Add one, as another system would: it waits in the service's queue at once",
            ids: Ids::None,
            fields: Fields::Task { new: true },
        }),
    },
    Operation {
        id: OperationId::UpdateTask,
        name: "update_task",
        verb: "update",
        sentence: "update {target} of {place}",
        consequence: None,
        rows: RowKind::Task,
        one_at_a_time: Some("task"),
        capability: &TASKS,
        permission: Permission::Act,
        precondition: precondition::task_goes_on,
        confirmation: shown_by(ReadBy::Events, confirmation::never),
        audits_place: true,
        key: key(
            "update",
            "Update the selected task by a form: customer, parameters, preferred users. Asks first.",
        ),
        menu: None,
        command: Some(Subcommand {
            group: "tasks",
            name: "update",
            about: "Update one that goes on; what is not named stays as it is",
            ids: Ids::One("Its id"),
            fields: Fields::Task { new: false },
        }),
    },
    Operation {
        id: OperationId::RemoveTask,
        name: "remove_task",
        verb: "remove",
        sentence: "remove {target} of {place}",
        consequence: REMOVED,
        rows: RowKind::Task,
        one_at_a_time: None,
        capability: &TASKS,
        permission: Permission::Act,
        precondition: precondition::task,
        confirmation: shown_by(ReadBy::Events, confirmation::never),
        audits_place: false,
        key: key(
            "remove",
            "Remove the selected task of another system's while it waits. Asks first.",
        ),
        menu: None,
        command: Some(Subcommand {
            group: "tasks",
            name: "remove",
            about: "Remove tasks of other systems, while no agent has them",
            ids: Ids::Several("Their ids"),
            fields: Fields::None,
        }),
    },
    Operation {
        id: OperationId::AddContact,
        name: "add_contact",
        verb: "add",
        sentence: "add {target} to {place}",
        consequence: None,
        rows: RowKind::Contact,
        one_at_a_time: Some("contact"),
        capability: &CONTACTS,
        permission: Permission::Contacts,
        precondition: precondition::nothing,
        confirmation: shown_by(ReadBy::Contacts, confirmation::contact_written),
        audits_place: true,
        key: None,
        menu: None,
        command: Some(Subcommand {
            group: "contacts",
            name: "add",
            about: "Write one into a book",
            ids: Ids::One("Its id in your own system"),
            fields: Fields::Contact,
        }),
    },
    Operation {
        id: OperationId::UpdateContact,
        name: "update_contact",
        verb: "update",
        sentence: "update {target} of {place}",
        consequence: None,
        rows: RowKind::Contact,
        one_at_a_time: Some("contact"),
        capability: &CONTACTS,
        permission: Permission::Contacts,
        precondition: precondition::nothing,
        confirmation: shown_by(ReadBy::Contacts, confirmation::contact_written),
        audits_place: true,
        key: None,
        menu: None,
        command: Some(Subcommand {
            group: "contacts",
            name: "update",
            about: "Change one; what is not named stays as it is",
            ids: Ids::One("Its id"),
            fields: Fields::Contact,
        }),
    },
    Operation {
        id: OperationId::RemoveContacts,
        name: "remove_contacts",
        verb: "remove",
        sentence: "remove {target} from {place}",
        consequence: REMOVED,
        rows: RowKind::Contact,
        one_at_a_time: Some("contact"),
        capability: &CONTACTS,
        permission: Permission::Contacts,
        precondition: precondition::nothing,
        confirmation: Confirmation {
            ends_with_answer: true,
            ..shown_by(ReadBy::Contacts, confirmation::contacts_removed)
        },
        audits_place: true,
        key: None,
        menu: None,
        command: Some(Subcommand {
            group: "contacts",
            name: "remove",
            about: "Take contacts out of a book, all by one request",
            ids: Ids::Several("Their ids"),
            fields: Fields::Book,
        }),
    },
    callback(
        OperationId::TakeCallback,
        "take_callback",
        "take",
        key("take", "Take the selected caller, to call back yourself, with a note. Asks first."),
    ),
    callback(
        OperationId::FinishCallback,
        "finish_callback",
        "finish",
        key("done", "Close the selected request to be called back, with a note. Asks first."),
    ),
    callback(OperationId::ReopenCallback, "reopen_callback", "reopen", None),
    Operation {
        id: OperationId::SetPresence,
        name: "set_presence",
        verb: "set",
        sentence: "set {target} to {place}",
        consequence: None,
        rows: RowKind::Profile,
        one_at_a_time: Some("person"),
        capability: &PRESENCE,
        permission: Permission::Act,
        precondition: precondition::presence,
        confirmation: shown_by(ReadBy::Profiles, confirmation::presence),
        audits_place: false,
        key: key(
            "",
            "Set the selected person's activity, role or note; on the queues table, your own. Asks first.",
        ),
        menu: None,
        command: None,
    },
    Operation {
        id: OperationId::Supervise,
        name: "supervise",
        verb: "supervise",
        sentence: "{verb} {target} on {place}",
        precondition: precondition::supervision,
        confirmation: Confirmation {
            within: RINGS,
            ..shown_by(ReadBy::Calls, confirmation::supervision)
        },
        key: key(
            "supervise",
            "Monitor, whisper or barge in on the selected agent's call from a phone of your own. Asks first.",
        ),
        ..CALL
    },
    Operation {
        id: OperationId::CallBack,
        name: "call_back",
        verb: "call back",
        sentence: "call back {target} from {place}",
        rows: RowKind::Callback,
        precondition: precondition::call_back,
        confirmation: Confirmation {
            within: RINGS,
            ..shown_by(ReadBy::Calls, confirmation::called_back)
        },
        key: key(
            "call",
            "Call the selected person back: where you take calls it rings first. Asks first.",
        ),
        ..CALL
    },
    Operation {
        sentence: "{verb} {target} on {place}",
        ..call(
            CallAction::Answer,
            "answer_call",
            "answer",
            "answer it where it rings",
            "The call is answered on {phone}.",
        )
    },
    call(
        CallAction::Hold,
        "hold_call",
        "hold",
        "hold",
        "The other end waits until somebody resumes the call.",
    ),
    call(CallAction::Resume, "resume_call", "resume", "resume", "The two speak again."),
    call(
        CallAction::Mute,
        "mute_call",
        "mute",
        "mute the microphone",
        "The other end no longer hears this person.",
    ),
    call(
        CallAction::Unmute,
        "unmute_call",
        "unmute",
        "unmute the microphone",
        "The other end hears this person again.",
    ),
    Operation {
        sentence: "{verb} {target} to {to}",
        ..call(
            CallAction::Transfer,
            "transfer_call",
            "transfer",
            "transfer, at once",
            "It leaves at once, whoever answers there or not.",
        )
    },
    Operation {
        sentence: "transfer {target} to {to} when free",
        confirmation: Confirmation { within: RINGS, ..shown_by(ReadBy::Calls, confirmation::call) },
        ..call(
            CallAction::CampOn,
            "camp_on_call",
            "transfer when free",
            "transfer, when the other end is free",
            "While the other end is busy it waits, then rings there.",
        )
    },
    call(
        CallAction::Park,
        "park_call",
        "park",
        "park: anybody can pick it up",
        "It leaves this person, and waits until anybody picks it up.",
    ),
    Operation {
        sentence: "{verb} {target} to {place}",
        ..call(
            CallAction::Move,
            "move_call",
            "move",
            "move to another phone of the person",
            "It goes on at {phone}, on hold if it is on hold now.",
        )
    },
    Operation {
        sentence: "{verb} {target} on {place}",
        ..call(
            CallAction::PickUp,
            "pick_up_call",
            "pick up",
            "pick up on your own phone",
            "It stops ringing there and comes to {phone}.",
        )
    },
    call(
        CallAction::StartRecording,
        "start_recording",
        "record",
        "recording: start",
        "What is said from then on is recorded. Law or agreement may want the parties to know.",
    ),
    call(
        CallAction::StopRecording,
        "stop_recording",
        "stop recording",
        "recording: stop",
        "What is said from then on is not recorded.",
    ),
    call(
        CallAction::SaveRecording,
        "save_recording",
        "save the recording of",
        "recording: save",
        "The recording of the whole call is kept.",
    ),
    call(
        CallAction::DiscardRecording,
        "discard_recording",
        "discard the recording of",
        "recording: discard",
        "It is dropped at the end of the call, unless it is saved again.",
    ),
    call(
        CallAction::PauseRecording,
        "pause_recording",
        "pause the recording of",
        "recording: pause",
        "What is said meanwhile is not in the recording.",
    ),
    call(
        CallAction::ResumeRecording,
        "resume_recording",
        "resume the recording of",
        "recording: resume",
        "What is said from then on is recorded.",
    ),
    call(
        CallAction::Clear,
        "clear_call",
        "clear",
        "clear: hang up, decline, stop ringing",
        "It ends for both sides.",
    ),
];

const fn callback(
    id: OperationId,
    name: &'static str,
    verb: &'static str,
    key: Option<KeyWords>,
) -> Operation {
    Operation {
        id,
        name,
        verb,
        sentence: "{verb} the callback to {target} of {place}",
        consequence: None,
        rows: RowKind::Callback,
        one_at_a_time: None,
        capability: &CALLBACKS,
        permission: Permission::Act,
        precondition: precondition::callback,
        confirmation: shown_by(ReadBy::Callbacks, confirmation::callback),
        audits_place: false,
        key,
        menu: None,
        command: None,
    }
}

/// Operations of a subcommand's group, in their order.
pub fn of_group(group: &str) -> impl Iterator<Item = (&'static Operation, &'static Subcommand)> {
    let all = OPERATIONS.iter().filter_map(|own| Some((own, own.command.as_ref()?)));
    all.filter(move |(_, command)| command.group == group)
}

#[cfg(test)]
mod tests;
