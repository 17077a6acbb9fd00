//! What stands over the board and wants an answer.

use tui_input::Input;

use crate::action::Action;
use crate::command::Command;
use crate::floor::callback::CallbackState;
use crate::floor::id::{AgentKey, QueueId};
use crate::floor::profile::{Profile, Term};
use crate::floor::scheduler::EntryState;
use crate::table::{Head, RowId};
use crate::text::Shown;

/// What stands over the board and wants an answer.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// May this be done? Only `y` says yes.
    Question(Question),
    /// What shall be noted with it? The question follows.
    Note(Noting),
    /// Which one?
    Picker(Picker),
    /// Which columns?
    Columns(Choice),
    /// Which action?
    Palette(Palette),
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
pub struct Noting {
    /// What is typed.
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
    pub seen: Seen,
}

/// What a question saw of its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Whether an agent was logged in to a queue.
    LoggedIn(Option<bool>),
    /// How far an entry was, and when it was due.
    Entry(EntryState, Option<chrono::DateTime<chrono::Utc>>),
    /// How far calling back was, who was at it, and what was noted.
    Callback(CallbackState, Option<AgentKey>, Option<Shown>),
    /// What a person said of themselves.
    Presence(Option<Box<Profile>>),
}

/// A short list of which one is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picker {
    /// What is asked.
    pub title: Shown,
    /// What can be chosen.
    pub items: Vec<Shown>,
    /// Which is marked.
    pub marked: usize,
    /// What it is for.
    pub purpose: Purpose,
}

/// A list of columns, each on or off.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The columns in their order, and whether each is on.
    pub items: Vec<(Head, bool)>,
    /// Which is marked.
    pub marked: usize,
}

/// Actions by what is typed.
#[derive(Debug, Clone)]
pub struct Palette {
    /// What is typed.
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
        action: Action,
        /// The agent's row.
        row: RowId,
        /// The queues.
        queues: Vec<QueueId>,
    },
    /// What to set of a person's presence, in the order of the items.
    Presence {
        /// The person's row; a queue's for the source's own user.
        row: RowId,
        /// The choices.
        facets: Vec<Facet>,
    },
    /// How long an activity shall last.
    Until {
        /// The person's row.
        row: RowId,
        /// The activity.
        activity: Term,
    },
}

/// What can be set of a person's presence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facet {
    /// The activity.
    Activity(Term),
    /// The role.
    Role(Term),
    /// The note.
    Note,
}
