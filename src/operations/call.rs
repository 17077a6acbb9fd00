//! What is asked of calls: to join one as a supervisor, to call somebody back, and what a call's own menu offers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::floor::call::{CallAction, CallArgument};
use crate::floor::id::{AgentId, CallId, CallbackId, DeviceId};
use crate::text::Shown;

/// How a supervisor joins an agent's call, in the words of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupervisionMode {
    Monitor,
    /// To speak to the agent alone.
    Whisper,
    /// To speak to both.
    Barge,
}

impl SupervisionMode {
    /// Every mode, the least first.
    pub const ALL: [Self; 3] = [Self::Monitor, Self::Whisper, Self::Barge];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Monitor => "monitor",
            Self::Whisper => "whisper",
            Self::Barge => "barge",
        }
    }

    /// What the word means where it is used. No vendor's document binds its server to it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Monitor => "you hear both, and neither hears you",
            Self::Whisper => "you hear both, and the agent alone hears you",
            Self::Barge => "all three hear each other",
        }
    }
}

/// An action on a call, with the device or the destination that it takes.
///
/// On the wire it is the action's word, or an object of the word and what it takes: `"hold"`, `{"transfer": "101"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct CallRequest {
    action: CallAction,
    to: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Action(CallAction),
    With(BTreeMap<CallAction, String>),
}

/// What is no request of a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallRequestError {
    /// The action takes a device or a destination.
    #[error("{0:?} needs a device or a destination")]
    Lacks(CallAction),
    /// The action takes nothing.
    #[error("{0:?} takes no device and no destination")]
    TakesNone(CallAction),
    /// It is not one action.
    #[error("exactly one action is needed")]
    NotOne,
}

impl TryFrom<Written> for CallRequest {
    type Error = CallRequestError;

    fn try_from(written: Written) -> Result<Self, CallRequestError> {
        match written {
            Written::Action(action) => Self::plain(action),
            Written::With(map) => match map.into_iter().collect::<Vec<_>>().as_slice() {
                [(action, to)] => Self::with(*action, to),
                _ => Err(CallRequestError::NotOne),
            },
        }
    }
}

impl From<CallRequest> for Written {
    fn from(CallRequest { action, to }: CallRequest) -> Self {
        match to {
            None => Self::Action(action),
            Some(to) => Self::With(BTreeMap::from([(action, to)])),
        }
    }
}

impl CallRequest {
    /// An action that takes nothing.
    ///
    /// # Errors
    /// It takes a device or a destination.
    pub fn plain(action: CallAction) -> Result<Self, CallRequestError> {
        match action.argument() {
            CallArgument::None => Ok(Self { action, to: None }),
            _ => Err(CallRequestError::Lacks(action)),
        }
    }

    /// An action with its device or destination.
    ///
    /// # Errors
    /// It takes none.
    pub fn with(action: CallAction, to: &str) -> Result<Self, CallRequestError> {
        match action.argument() {
            CallArgument::None => Err(CallRequestError::TakesNone(action)),
            _ => Ok(Self { action, to: Some(to.to_owned()) }),
        }
    }

    pub const fn action(&self) -> CallAction {
        self.action
    }

    /// The device or the destination.
    pub fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }

    pub fn device(&self) -> Option<DeviceId> {
        let takes = self.action.argument() == CallArgument::Device;
        self.to().filter(|_| takes).map(DeviceId::new)
    }

    pub fn destination(&self) -> Option<&str> {
        self.to().filter(|_| self.action.argument() == CallArgument::Destination)
    }

    /// Its argument with what it is an id of, for the check of ids.
    pub(super) fn id(&self) -> Option<(&'static str, &str)> {
        let what = match self.action.argument() {
            CallArgument::None => return None,
            CallArgument::Device => "device",
            CallArgument::Destination => "destination",
        };
        Some((what, self.to()?))
    }

    /// Its argument in the audit log, masked: “ to 040…67”. A phone of one's own is not in it.
    pub(super) fn audited_argument(&self) -> String {
        let to = self.to().map(|to| Shown::clean(to).masked()).unwrap_or_default();
        match self.action {
            CallAction::Transfer | CallAction::CampOn | CallAction::Move => format!(" to {to}"),
            CallAction::Answer => format!(" on {to}"),
            _ => String::new(),
        }
    }
}

/// A change asked of a call, or of a phone that shall join or make one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// A phone of one's own rings, and joins an agent's call once it is taken up.
    Supervise {
        agent: AgentId,
        device: DeviceId,
        #[serde(rename = "manner")]
        mode: SupervisionMode,
    },
    /// A phone of one's own rings; once it is taken up, somebody who asked for it is called back.
    CallBack {
        /// The request to be called back.
        callback: CallbackId,
        to: String,
        /// Where one takes the call.
        place: DeviceId,
    },
    /// Something is done to a call.
    Call {
        call: CallId,
        /// How requests name the call.
        handle: CallId,
        /// Whose call it is.
        user: AgentId,
        /// The state that the question showed: the vendor acts on no other. `None` where none was told.
        token: Option<i64>,
        #[serde(rename = "act")]
        request: CallRequest,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_a_call_is_written_as_scripts_write_it() {
        let read = |text: &str| serde_json::from_str::<CallRequest>(text);
        for text in [r#""hold""#, r#""clear""#, r#"{"transfer":"0401234567"}"#, r#"{"move":"d1"}"#]
        {
            assert_eq!(serde_json::to_string(&read(text).unwrap()).unwrap(), text);
        }
        for text in [
            r#""transfer""#,
            r#"{"hold":"d1"}"#,
            "{}",
            r#"{"move":"a","answer":"b"}"#,
            r#""split""#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
