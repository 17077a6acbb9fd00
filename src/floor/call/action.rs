//! What can be done to a call.

use serde::{Deserialize, Serialize};

/// What can be done to a call: what a vendor's list offers, what the menu shows, and what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallAction {
    /// Answer it while it rings, on a device of the person's.
    Answer,
    /// Put the other end on hold.
    Hold,
    /// Take it off hold.
    Resume,
    /// Turn the person's microphone off.
    Mute,
    /// Turn it on again.
    Unmute,
    /// Pass it on to a number or address; whoever had it is free at once.
    Transfer,
    /// The same, waiting while the other end is busy.
    CampOn,
    /// Leave it for anybody to pick up.
    Park,
    /// Take it to another device of the person's.
    Move,
    /// Take it while it rings at somebody, on a phone of one's own.
    PickUp,
    /// Record it from now on.
    StartRecording,
    /// Record it no longer.
    StopRecording,
    SaveRecording,
    /// Do not keep its recording.
    DiscardRecording,
    PauseRecording,
    ResumeRecording,
    /// Hang up, decline, or stop ringing.
    Clear,
}

/// What a request has to say with an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallArgument {
    None,
    /// A device of the person's, or a phone of one's own.
    Device,
    /// A number or an address.
    Destination,
}

impl CallAction {
    /// Every action, in the order of the menu.
    pub const ALL: [Self; 17] = [
        Self::Answer,
        Self::Hold,
        Self::Resume,
        Self::Mute,
        Self::Unmute,
        Self::Transfer,
        Self::CampOn,
        Self::Park,
        Self::Move,
        Self::PickUp,
        Self::StartRecording,
        Self::StopRecording,
        Self::SaveRecording,
        Self::DiscardRecording,
        Self::PauseRecording,
        Self::ResumeRecording,
        Self::Clear,
    ];

    /// What a request has to say with it.
    pub const fn argument(self) -> CallArgument {
        match self {
            Self::Answer | Self::Move | Self::PickUp => CallArgument::Device,
            Self::Transfer | Self::CampOn => CallArgument::Destination,
            _ => CallArgument::None,
        }
    }

    /// What the vendor has to list before it can be asked for; `None` where that is not needed.
    pub const fn listed_as(self) -> Option<Self> {
        match self {
            Self::PickUp | Self::Clear => None,
            Self::CampOn => Some(Self::Transfer),
            own => Some(own),
        }
    }
}
