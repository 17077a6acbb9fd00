//! What came of a command, and how far one is that is under way.

use serde::{Deserialize, Serialize};

use crate::floor::time::Moment;
use crate::operations::Command;
use crate::text::Shown;

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

impl Outcome {
    /// Of a command that its vendor cannot carry out.
    pub fn unsupported(command: &Command) -> Self {
        Self::Failed(command.request.operation().capability.refusal(&command.source.shown()))
    }

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
