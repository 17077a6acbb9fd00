//! What is asked of calls: to join one as a supervisor, to call somebody back, and what a call's own menu offers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::floor::World;
use crate::floor::call::{Call, Deed, Phase};
use crate::floor::id::{AgentId, AgentKey, CallId, CallbackId, DeviceId};
use crate::operations::CONFIRM;
use crate::text::Shown;

/// How long a phone may ring before its owner takes it up.
const RINGS: Duration = Duration::from_secs(60);

/// How a supervisor joins an agent's call, in the words of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// To listen.
    Monitor,
    /// To speak to the agent alone.
    Whisper,
    /// To speak to both.
    Barge,
}

impl Manner {
    /// Every manner, the least first.
    pub const ALL: [Self; 3] = [Self::Monitor, Self::Whisper, Self::Barge];

    /// The field's word.
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

/// What is done to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Answer it while it rings, on this device of the person's.
    Answer(DeviceId),
    /// Put it on hold.
    Hold,
    /// Take it off hold.
    Resume,
    /// Turn the person's microphone off.
    Mute,
    /// Turn it on again.
    Unmute,
    /// Leave it for anybody to pick up.
    Park,
    /// Take it to this device of the person's.
    Move(DeviceId),
    /// Hand it to this number or address; whoever had it is free at once.
    Transfer(String),
    /// The same, waiting while the other end is busy.
    CampOn(String),
    /// Take it while it rings at somebody, on this phone of one's own.
    PickUp(DeviceId),
    /// Record it from now on.
    StartRecording,
    /// Record it no longer.
    StopRecording,
    /// Keep its recording.
    SaveRecording,
    /// Let its recording go.
    DiscardRecording,
    /// Record no further for a while.
    PauseRecording,
    /// Record again.
    ResumeRecording,
    /// Hang up, decline, or stop ringing.
    Clear,
}

impl Act {
    /// The action's name in the audit log.
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer_call",
            Self::Hold => "hold_call",
            Self::Resume => "resume_call",
            Self::Mute => "mute_call",
            Self::Unmute => "unmute_call",
            Self::Park => "park_call",
            Self::Move(_) => "move_call",
            Self::Transfer(_) => "transfer_call",
            Self::CampOn(_) => "camp_on_call",
            Self::PickUp(_) => "pick_up_call",
            Self::StartRecording => "start_recording",
            Self::StopRecording => "stop_recording",
            Self::SaveRecording => "save_recording",
            Self::DiscardRecording => "discard_recording",
            Self::PauseRecording => "pause_recording",
            Self::ResumeRecording => "resume_recording",
            Self::Clear => "clear_call",
        }
    }

    /// What is done, for people.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::Mute => "mute",
            Self::Unmute => "unmute",
            Self::Park => "park",
            Self::Move(_) => "move",
            Self::Transfer(_) => "transfer",
            Self::CampOn(_) => "transfer when free",
            Self::PickUp(_) => "pick up",
            Self::StartRecording => "record",
            Self::StopRecording => "stop recording",
            Self::SaveRecording => "save the recording of",
            Self::DiscardRecording => "discard the recording of",
            Self::PauseRecording => "pause the recording of",
            Self::ResumeRecording => "resume the recording of",
            Self::Clear => "clear",
        }
    }
}

/// A change asked of a call, or of a phone that shall join or make one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// A phone of one's own rings, and joins an agent's call once it is taken up.
    Supervise {
        /// The agent.
        agent: AgentId,
        /// The phone.
        device: DeviceId,
        /// How.
        manner: Manner,
    },
    /// A phone of one's own rings; once it is taken up, somebody who asked for it is called back.
    CallBack {
        /// The request to be called back.
        callback: CallbackId,
        /// The number.
        to: String,
        /// Where one takes the call.
        place: DeviceId,
    },
    /// Something is done to a call.
    Call {
        /// The call's row.
        call: CallId,
        /// How requests name the call.
        handle: CallId,
        /// Whose call it is.
        user: AgentId,
        /// The state that the question showed: the vendor acts on no other. `None` where none was told.
        token: Option<i64>,
        /// What.
        act: Act,
    },
}

impl Control {
    /// The action's name in the audit log.
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Supervise { .. } => "supervise",
            Self::CallBack { .. } => "call_back",
            Self::Call { act, .. } => act.action(),
        }
    }

    /// What is done, for people.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Supervise { manner, .. } => manner.word(),
            Self::CallBack { .. } => "call back",
            Self::Call { act, .. } => act.verb(),
        }
    }

    /// The sentence for people: “transfer the call of Aino Salo to 0401234567”.
    pub(super) fn sentence(&self, target: &Shown, place: &Shown) -> String {
        let verb = self.verb();
        match self {
            Self::Supervise { .. } => format!("{verb} {target} on {place}"),
            Self::CallBack { .. } => format!("{verb} {target} from {place}"),
            Self::Call { act, .. } => match act {
                Act::Transfer(to) => format!("{verb} {target} to {to}"),
                Act::CampOn(to) => format!("transfer {target} to {to} when free"),
                Act::PickUp(_) | Act::Answer(_) => format!("{verb} {target} on {place}"),
                Act::Move(_) => format!("{verb} {target} to {place}"),
                _ => format!("{verb} {target}"),
            },
        }
    }

    /// Whom or what it is done to, as it can be found again: the call's own id, or the agent and how.
    pub fn target(&self, shown: &Shown) -> Shown {
        match self {
            Self::Supervise { agent, manner, .. } => {
                Shown::clean(&format!("{}, {}", agent.shown().masked(), manner.word()))
            }
            Self::CallBack { callback, .. } => {
                Shown::clean(&format!("{}, {}", callback.shown(), shown.masked()))
            }
            Self::Call { handle, act, .. } => {
                let to = match act {
                    Act::Transfer(to) | Act::CampOn(to) => {
                        format!(" to {}", Shown::clean(to).masked())
                    }
                    Act::Answer(device) => format!(" on {}", device.shown().masked()),
                    Act::Move(device) => format!(" to {}", device.shown().masked()),
                    _ => String::new(),
                };
                Shown::clean(&format!("{}, {}{to}", handle.shown(), shown.masked()))
            }
        }
    }

    /// Whether both ask something of one call, or of one agent's.
    pub fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Supervise { agent: one, .. }, Self::Supervise { agent: other, .. }) => {
                one == other
            }
            (Self::CallBack { callback: one, .. }, Self::CallBack { callback: other, .. }) => {
                one == other
            }
            (Self::Call { call: one, .. }, Self::Call { call: other, .. }) => one == other,
            _ => false,
        }
    }

    /// How long it may take to show in a reading once the vendor has accepted it.
    pub const fn shows_within(&self) -> Duration {
        match self {
            Self::Supervise { .. }
            | Self::CallBack { .. }
            | Self::Call { act: Act::CampOn(_), .. } => RINGS,
            Self::Call { .. } => CONFIRM,
        }
    }

    /// Whether what was asked shows in what the source last told.
    pub(super) fn shows_in(&self, world: &World) -> bool {
        match self {
            Self::Supervise { agent, .. } => {
                world.supervision_of(agent).is_some_and(|own| own.phase == Some(Phase::Connected))
            }
            Self::CallBack { to, .. } => world.has_called(to),
            Self::Call { call, act, .. } => act.shows_in(world, world.calls.get(call)),
        }
    }
}

impl Act {
    fn shows_in(&self, world: &World, call: Option<&Call>) -> bool {
        let phase = call.and_then(|call| call.phase);
        let here = phase.is_some_and(Phase::is_here);
        let offers = |deed| call.and_then(Call::leg).is_some_and(|leg| leg.offers(&deed));
        let paused = call.and_then(|call| call.paused);
        let leg = call.and_then(Call::leg);
        let muted = leg.and_then(|leg| leg.muted);
        let recorded = leg.and_then(|leg| leg.recording.on);
        match self {
            Self::Answer(_) => matches!(phase, Some(Phase::Connected | Phase::Held)),
            Self::Mute => muted == Some(true) || offers(Deed::Unmute),
            Self::Unmute => muted == Some(false) || offers(Deed::Mute),
            Self::Park => phase == Some(Phase::Parked) || !here,
            Self::Move(device) => {
                leg.is_some_and(|leg| leg.devices.iter().any(|own| own == device.raw()))
            }
            Self::StartRecording => recorded == Some(true) || offers(Deed::StopRecording),
            Self::StopRecording => recorded == Some(false) || offers(Deed::StartRecording),
            Self::Hold => phase == Some(Phase::Held),
            Self::Resume => phase == Some(Phase::Connected),
            Self::Transfer(_) | Self::CampOn(_) | Self::Clear => !here,
            // It goes on at one's own phone, and no longer there.
            Self::PickUp(_) => {
                let own = world.own.as_ref().map(|own| AgentKey::new(own.user.raw()));
                let has = |call: &Call| own.is_some() && call.holder() == own.as_ref();
                !here && world.calls.values().any(has) || call.is_some_and(has)
            }
            Self::SaveRecording => offers(Deed::DiscardRecording),
            Self::DiscardRecording => offers(Deed::SaveRecording),
            Self::PauseRecording => paused == Some(true) || offers(Deed::ResumeRecording),
            Self::ResumeRecording => paused == Some(false) && !offers(Deed::ResumeRecording),
        }
    }
}
