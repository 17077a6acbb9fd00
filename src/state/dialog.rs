//! What stands over the board and wants an answer.

use tui_input::Input;

use crate::floor::id::{CallId, DeviceId, QueueId};
use crate::floor::profile::Term;
use crate::operations::{CallAction, Command, OperationId, Precondition, SupervisionMode};
use crate::state::form::Form;
use crate::table::{Head, RowId};
use crate::text::Shown;

/// What stands over the board and wants an answer.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// May this be done? Only `y` says yes.
    Question(Question),
    /// What shall be noted with it? The question follows.
    Note(NotePrompt),
    Picker(Picker),
    Typed(TextPrompt),
    Columns(Choice),
    Palette(Palette),
    /// What shall it be?
    Form(Form),
}

/// A question before a change of the floor.
///
/// It keeps whom it is about and what was shown when it opened. If that no longer holds when `y` comes,
/// nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What would be done.
    pub title: Shown,
    /// What would follow from it.
    pub consequences: Vec<Shown>,
    /// The commands: one, or one for each marked row.
    pub asks: Vec<Ask>,
}

/// A note that is typed before a question. Nothing that is typed or pasted here answers the question.
#[derive(Debug, Clone)]
pub struct NotePrompt {
    pub input: Input,
    /// The note that there is; left as it is unless something else is typed.
    pub before: String,
    /// The question that follows.
    pub question: Question,
}

/// One command of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The command, to be numbered when it is sent.
    pub command: Command,
    /// What was shown of its target when the question opened.
    pub seen: Precondition,
}

/// A short list of which one is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picker {
    pub title: Shown,
    /// What can be chosen.
    pub items: Vec<Shown>,
    pub marked: usize,
    /// What it is for.
    pub purpose: Purpose,
}

/// A number or an address that is typed before a question.
#[derive(Debug, Clone)]
pub struct TextPrompt {
    pub title: Shown,
    pub input: Input,
    /// Why it cannot be used.
    pub error: Option<&'static str>,
    pub row: RowId,
    pub action: CallAction,
}

/// What a phone, or a place where one takes calls, is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DevicePurpose {
    /// Join an agent's call.
    Join(SupervisionMode),
    /// Take a call that rings.
    PickUp,
    /// Answer a call that rings there already.
    Answer,
    /// Take over a call from another phone.
    Move,
    CallBack,
}

/// What can be chosen of supervision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joining {
    /// To end the one that runs: the own call.
    End(CallId),
    Begin(SupervisionMode),
}

/// A list of columns, each on or off.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The columns in their order, and whether each is on.
    pub items: Vec<(Head, bool)>,
    pub marked: usize,
}

/// Actions by what is typed.
#[derive(Debug, Clone)]
pub struct Palette {
    pub input: Input,
    /// Which of the fitting ones is marked.
    pub marked: usize,
}

/// What a picker is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// The column to sort by: names, in the order of the items.
    Sort(Vec<&'static str>),
    /// The queue in which an agent is logged in or out, in the order of the items.
    Queue {
        /// Which of the two.
        operation: OperationId,
        row: RowId,
        queues: Vec<QueueId>,
    },
    /// How to join an agent's call, in the order of the items.
    Supervision {
        /// The row of the agent or of the call.
        row: RowId,
        choices: Vec<Joining>,
    },
    /// Whom an entry shall call: numbers and addresses, in the order of the items.
    Contact(Vec<String>),
    /// Which of an agent's calls, in the order of the items.
    Calls(Vec<RowId>),
    /// What to do to a call, in the order of the items.
    Call { row: RowId, actions: Vec<CallAction> },
    /// Which phone of one's own shall ring, in the order of the items.
    Device {
        /// The row of the agent, of the call, or of the request to be called back.
        row: RowId,
        purpose: DevicePurpose,
        /// The phones, or the places where one takes a call.
        devices: Vec<DeviceId>,
    },
    /// What to set of a person's presence, in the order of the items.
    Presence {
        /// The person's row; a queue's for the source's own user.
        row: RowId,
        facets: Vec<Facet>,
    },
    /// How long an activity shall last.
    Until { row: RowId, activity: Term },
}

/// What can be set of a person's presence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facet {
    Activity(Term),
    Role(Term),
    Note,
}
