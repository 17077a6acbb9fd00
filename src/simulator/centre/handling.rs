//! What agents do with the calls they have, beside talking.

use super::calls::{Call, Phase};
use super::chance::SECOND;
use super::people::AgentState;
use super::{Centre, Event};

/// When an agent of the habit looks something up: the caller is on hold so long after every so much talk.
const LOOK_UP: (u64, u64, u64) = (20 * SECOND, 35 * SECOND, 180 * SECOND);

/// What is done with one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handling {
    /// When the agent who has it answered.
    pub answered: u64,
    /// How often something was done.
    pub moves: u64,
    /// Put on hold or taken off it by an order; `None` while the agent does as agents do.
    pub held: Option<bool>,
    /// Whether the agent's microphone is off.
    pub muted: bool,
    /// Whether it is recorded since somebody began to.
    pub recording: bool,
    /// The device that it was taken to; `None` for the agent's own.
    pub device: Option<String>,
    /// Whether the recording is interrupted.
    pub paused: bool,
    /// Whether the recording is kept.
    pub saved: bool,
    /// Which of its ends it is: another with everybody who takes it over.
    pub leg: u64,
    /// Position of the agent who passed it on.
    pub from: Option<usize>,
    pub intruder: Option<Intruder>,
}

/// Somebody who broke in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intruder {
    /// Position of the agent.
    pub agent: usize,
    /// How, in the vendor's word.
    pub how: &'static str,
}

/// What can be done with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handle {
    /// Put the caller on hold.
    Hold,
    /// Take the caller off hold.
    Resume,
    /// Turn the microphone off, or on.
    Mute(bool),
    /// Answer it while it rings.
    Answer,
    /// Take it to another device.
    Move(String),
    /// Begin to record it, or end that.
    Record(bool),
    /// Interrupt the recording, or go on with it.
    Pause(bool),
    /// Keep the recording, or let it go.
    Save(bool),
    /// Leave the call for anybody to pick up.
    Park,
    /// Pass the call on to the agent at this position, who has to be free.
    Transfer(usize),
    /// Have the free agent at this position pick up a call that rings or is parked.
    PickUp(usize),
    /// Have somebody break in, or leave.
    Intrude(Option<Intruder>),
    Clear,
}

impl Call {
    /// Whether the caller is on hold.
    pub fn is_held(&self, now: u64) -> bool {
        matches!(self.phase, Phase::Connected { .. })
            && self.handling.held.unwrap_or_else(|| self.looks_up(now).1)
    }

    /// Whether it is recorded.
    pub const fn is_recorded(&self) -> bool {
        self.id.is_multiple_of(3)
    }

    /// A number that is another one whenever something about the call is.
    pub fn token(&self, now: u64) -> u64 {
        let phase = match self.phase {
            Phase::Waiting => 0,
            Phase::Alerting { .. } => 1,
            Phase::Connected { .. } => 2,
            Phase::Parked { .. } => 3,
        };
        let turns = if self.handling.held.is_none() { self.looks_up(now).0 } else { 0 };
        self.id * 100_000 + self.handling.moves * 1_000 + turns * 10 + phase
    }

    /// How often the agent put the caller on hold or took the caller off it, and whether the caller is.
    fn looks_up(&self, now: u64) -> (u64, bool) {
        let (from, until, every) = LOOK_UP;
        if self.id % 4 != 1 || !matches!(self.phase, Phase::Connected { .. }) {
            return (0, false);
        }
        let talked = now.saturating_sub(self.handling.answered);
        let (rounds, into) = (talked / every, talked % every);
        let turns = rounds * 2 + u64::from(into >= from) + u64::from(into >= until);
        (turns, (from..until).contains(&into))
    }
}

impl Centre {
    /// Does something with a call; says whether that could be done.
    pub fn handle(&mut self, id: u64, handle: Handle) -> bool {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&id) else { return false };
        let held = call.is_held(now);
        let talks = matches!(call.phase, Phase::Connected { .. });
        let handling = &mut call.handling;
        match handle {
            Handle::Hold if talks && !held => handling.held = Some(true),
            Handle::Resume if talks && held => handling.held = Some(false),
            Handle::Mute(muted) if talks && handling.muted != muted => handling.muted = muted,
            Handle::Record(on) if talks && handling.recording != on => handling.recording = on,
            Handle::Move(device) if talks && handling.device.as_ref() != Some(&device) => {
                handling.device = Some(device);
            }
            Handle::Answer if matches!(call.phase, Phase::Alerting { .. }) => {
                handling.moves += 1;
                self.answer(id);
                return true;
            }
            Handle::Pause(paused) if talks && handling.paused != paused => handling.paused = paused,
            Handle::Save(saved) if talks && handling.saved != saved => handling.saved = saved,
            Handle::Intrude(who) if talks => handling.intruder = who,
            Handle::Clear => {
                self.clear(id);
                return true;
            }
            Handle::Park => return self.park(id),
            Handle::Transfer(to) => return self.transfer(id, to),
            Handle::PickUp(by) => return self.pick_up(id, by),
            _ => return false,
        }
        handling.moves += 1;
        true
    }

    /// The agent has finished with a call that goes on elsewhere.
    fn let_go(&mut self, agent: usize) {
        let stamp = self.enter(agent, AgentState::WrapUp);
        self.plan(10 * SECOND, Event::WrapUpEnd { agent, stamp });
    }

    fn park(&mut self, id: u64) -> bool {
        let Some(call) = self.calls.get_mut(&id) else { return false };
        let Phase::Connected { agent } = call.phase else { return false };
        call.phase = Phase::Parked { agent };
        call.handling.moves += 1;
        self.let_go(agent);
        true
    }

    fn transfer(&mut self, id: u64, to: usize) -> bool {
        let free = self.agents.get(to).is_some_and(|other| other.state() == AgentState::Idle);
        let Some(call) = self.calls.get_mut(&id).filter(|_| free) else { return false };
        let Phase::Connected { agent } = call.phase else { return false };
        call.handling = Handling {
            moves: call.handling.moves + 1,
            leg: call.handling.leg + 1,
            answered: call.handling.answered,
            from: Some(agent),
            ..Handling::default()
        };
        self.let_go(agent);
        self.ring(to, id);
        true
    }

    fn pick_up(&mut self, id: u64, by: usize) -> bool {
        let busy =
            |state| !matches!(state, AgentState::Idle | AgentState::Off | AgentState::Away(_));
        let free = self.agents.get(by).is_some_and(|other| !busy(other.state()));
        let Some(call) = self.calls.get_mut(&id).filter(|_| free) else { return false };
        let (Phase::Alerting { agent: from } | Phase::Parked { agent: from }) = call.phase else {
            return false;
        };
        let rang = matches!(call.phase, Phase::Alerting { .. });
        call.phase = Phase::Alerting { agent: by };
        call.handling.moves += 1;
        call.handling.leg += 1;
        call.handling.from = Some(from);
        if rang {
            self.enter(from, AgentState::Idle);
        }
        self.answer(id);
        true
    }

    /// Ends a call, in whatever phase it is.
    fn clear(&mut self, id: u64) {
        match self.calls.get(&id).map(|call| call.phase) {
            Some(Phase::Waiting) => self.give_up(id),
            Some(_) => self.hang_up(id),
            None => {}
        }
    }
}
