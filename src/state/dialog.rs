//! What stands over the board and wants an answer.

use tui_input::Input;

use crate::action::Action;
use crate::floor::call::{Deed, Phase};
use crate::floor::callback::CallbackState;
use crate::floor::id::{AgentKey, CallId, DeviceId, QueueId};
use crate::floor::profile::{Profile, Term};
use crate::floor::scheduler::EntryState;
use crate::operations::{Act, Command, Manner};
use crate::state::form::Form;
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
    /// Where to?
    Typed(Typed),
    /// Which columns?
    Columns(Choice),
    /// Which action?
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
    /// That the same call was not planned.
    NoTwin,
    /// How far an entry was, and when it was due.
    Entry(EntryState, Option<chrono::DateTime<chrono::Utc>>),
    /// How far a task was.
    Task(Option<Phase>),
    /// That a task went on.
    Going,
    /// Nothing: it is about what is not there yet, or is not seen here.
    Nothing,
    /// How far calling back was, who was at it, and what was noted.
    Callback(CallbackState, Option<AgentKey>, Option<Shown>),
    /// What a person said of themselves.
    Presence(Option<Box<Profile>>),
    /// How far a call was, and the vendor's number for that state.
    Call(Option<Phase>, Option<i64>),
    /// The calls that an agent had, and whether the phone that shall ring was there.
    Joining(Vec<CallId>, bool),
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

/// A number or an address that is typed before a question.
#[derive(Debug, Clone)]
pub struct Typed {
    /// What is asked.
    pub title: Shown,
    /// What is typed.
    pub input: Input,
    /// Why it cannot be used.
    pub error: Option<&'static str>,
    /// The call's row.
    pub row: RowId,
    /// What for.
    pub offer: Offer,
}

/// What a call's menu offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// To answer it on a device of the person's.
    Answer,
    /// To put it on hold.
    Hold,
    /// To take it off hold.
    Resume,
    /// To turn the person's microphone off.
    Mute,
    /// To turn it on again.
    Unmute,
    /// To leave it for anybody to pick up.
    Park,
    /// To take it to another device of the person's.
    Move,
    /// To hand it on.
    Transfer,
    /// To hand it on once the other end is free.
    CampOn,
    /// To take it while it rings.
    PickUp,
    /// To record it from now on.
    StartRecording,
    /// To record it no longer.
    StopRecording,
    /// To keep its recording.
    SaveRecording,
    /// To let its recording go.
    DiscardRecording,
    /// To record no further for a while.
    PauseRecording,
    /// To record again.
    ResumeRecording,
    /// To hang up, decline, or stop ringing.
    Clear,
}

impl Offer {
    /// What `act` was offered as.
    pub const fn of(act: &Act) -> Self {
        match act {
            Act::Answer(_) => Self::Answer,
            Act::Mute => Self::Mute,
            Act::Unmute => Self::Unmute,
            Act::Park => Self::Park,
            Act::Move(_) => Self::Move,
            Act::StartRecording => Self::StartRecording,
            Act::StopRecording => Self::StopRecording,
            Act::Hold => Self::Hold,
            Act::Resume => Self::Resume,
            Act::Transfer(_) => Self::Transfer,
            Act::CampOn(_) => Self::CampOn,
            Act::PickUp(_) => Self::PickUp,
            Act::SaveRecording => Self::SaveRecording,
            Act::DiscardRecording => Self::DiscardRecording,
            Act::PauseRecording => Self::PauseRecording,
            Act::ResumeRecording => Self::ResumeRecording,
            Act::Clear => Self::Clear,
        }
    }

    /// What the call has to list for it; `None` where that is not asked.
    pub const fn deed(self) -> Option<Deed> {
        match self {
            Self::Answer => Some(Deed::Answer),
            Self::Mute => Some(Deed::Mute),
            Self::Unmute => Some(Deed::Unmute),
            Self::Park => Some(Deed::Park),
            Self::Move => Some(Deed::Move),
            Self::StartRecording => Some(Deed::StartRecording),
            Self::StopRecording => Some(Deed::StopRecording),
            Self::Hold => Some(Deed::Hold),
            Self::Resume => Some(Deed::Resume),
            Self::Transfer | Self::CampOn => Some(Deed::Transfer),
            Self::SaveRecording => Some(Deed::SaveRecording),
            Self::DiscardRecording => Some(Deed::DiscardRecording),
            Self::PauseRecording => Some(Deed::PauseRecording),
            Self::ResumeRecording => Some(Deed::ResumeRecording),
            Self::PickUp | Self::Clear => None,
        }
    }
}

/// What a phone of one's own shall do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// Join an agent's call.
    Join(Manner),
    /// Take a call that rings.
    PickUp,
    /// Answer a call that rings there already.
    Answer,
    /// Take over a call from another phone.
    Move,
    /// Call somebody back.
    CallBack,
}

/// What can be chosen of supervision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joining {
    /// To end the one that runs: the own call.
    End(CallId),
    /// To begin one.
    Begin(Manner),
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
    /// How to join an agent's call, in the order of the items.
    Supervision {
        /// The row of the agent or of the call.
        row: RowId,
        /// The choices.
        choices: Vec<Joining>,
    },
    /// Whom an entry shall call: numbers and addresses, in the order of the items.
    Contact(Vec<String>),
    /// Which of an agent's calls, in the order of the items.
    Calls(Vec<RowId>),
    /// What to do to a call, in the order of the items.
    Call {
        /// The call's row.
        row: RowId,
        /// The choices.
        offers: Vec<Offer>,
    },
    /// Which phone of one's own shall ring, in the order of the items.
    Device {
        /// The row of the agent, of the call, or of the request to be called back.
        row: RowId,
        /// What for.
        errand: Errand,
        /// The phones, or the places where one takes a call.
        devices: Vec<DeviceId>,
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
