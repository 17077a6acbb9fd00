//! People: shifts, breaks, wrap-up, and logging in and out.

use super::chance::{DAY, HOUR, MINUTE, between, happens};
use super::{Centre, Event};
use crate::simulator::scenario::{AgentSetup, Vendor};

/// Why someone who is logged in takes no calls for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// The meal of the day.
    Lunch,
    /// A talk with the team.
    Meeting,
    Break,
}

/// What a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentState {
    Off,
    /// Free for the next call.
    Idle,
    Alerting {
        call: u64,
    },
    Talking {
        call: u64,
    },
    /// Writing down what the last call was about.
    WrapUp,
    /// In a call that a caller was promised.
    CallingBack {
        callback: u64,
    },
    /// Away from the phone.
    Away(Activity),
}

/// A person's place in one queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Position of the queue.
    pub queue: usize,
    /// Level in it, 1 (low) to 5 (high).
    pub skill: u8,
    /// Whether the person is logged in to it.
    pub logged_in: bool,
    /// Whether someone has logged the person out by hand, so that no shift logs them in.
    held_out: bool,
}

/// An order to log someone in or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    LogIn,
    LogOut,
}

/// One person who takes calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    setup: AgentSetup,
    memberships: Vec<Membership>,
    state: AgentState,
    since: u64,
    /// Changes with every state, so that an event meant for an earlier state is recognised.
    stamp: u64,
    /// A break that was due while the person was busy, and how long it takes.
    due: Option<(Activity, u64)>,
    /// The day on which lunch was had last.
    lunch: Option<u64>,
    /// When the present working time began.
    began: u64,
    going: bool,
}

impl Agent {
    pub(super) fn new(setup: &AgentSetup) -> Self {
        let member = |&(queue, skill): &(usize, u8)| Membership {
            queue,
            skill,
            logged_in: false,
            held_out: false,
        };
        Self {
            memberships: setup.skills.iter().map(member).collect(),
            setup: setup.clone(),
            state: AgentState::Off,
            since: 0,
            stamp: 0,
            due: None,
            lunch: None,
            began: 0,
            going: false,
        }
    }

    /// The system that this person works in.
    pub const fn vendor(&self) -> Vendor {
        self.setup.vendor
    }

    /// The user name, without a domain.
    pub fn user(&self) -> &str {
        &self.setup.user
    }

    pub fn first_name(&self) -> &str {
        &self.setup.first
    }

    pub fn last_name(&self) -> &str {
        &self.setup.last
    }

    /// What the person does now.
    pub const fn state(&self) -> AgentState {
        self.state
    }

    pub const fn since(&self) -> u64 {
        self.since
    }

    /// The person's places in the queues.
    pub fn memberships(&self) -> &[Membership] {
        &self.memberships
    }

    /// The person's place in one queue.
    pub fn membership(&self, queue: usize) -> Option<&Membership> {
        self.memberships.iter().find(|member| member.queue == queue)
    }

    /// What the person does, in the words that stand on a colleague's screen.
    pub const fn activity(&self) -> &'static str {
        match self.state {
            AgentState::Off => "Off work",
            AgentState::Idle => "Available",
            AgentState::Alerting { .. }
            | AgentState::Talking { .. }
            | AgentState::CallingBack { .. } => "In a call",
            AgentState::WrapUp => "Wrap-up",
            AgentState::Away(Activity::Lunch) => "Lunch",
            AgentState::Away(Activity::Meeting) => "Meeting",
            AgentState::Away(Activity::Break) => "Break",
        }
    }
}

impl Centre {
    pub(super) fn plan_people(&mut self) {
        for agent in 0..self.agents.len() {
            let Some(shift) = self.agents[agent].setup.shift.clone() else { continue };
            let into = (self.now % DAY + DAY - shift.from.as_millis()) % DAY;
            let late = between(&mut self.rng, 0, 12 * MINUTE);
            let start = if into < shift.length() { 0 } else { DAY - into + late };
            self.plan(start, Event::ShiftStart { agent });
        }
    }

    /// Changes what a person does and says the stamp of the new state.
    pub(super) fn enter(&mut self, agent: usize, state: AgentState) -> u64 {
        let stamp = self.next_serial();
        let found = &mut self.agents[agent];
        found.state = state;
        found.since = self.now;
        found.stamp = stamp;
        stamp
    }

    pub(super) fn shift_start(&mut self, agent: usize) {
        let found = &mut self.agents[agent];
        let Some(shift) = found.setup.shift.clone() else { return };
        let into = (self.now % DAY + DAY - shift.from.as_millis()) % DAY;
        let left = shift.length().saturating_sub(into);
        found.going = false;
        found.due = None;
        found.began = self.now.saturating_sub(into);
        for member in &mut found.memberships {
            member.logged_in = !member.held_out;
        }
        let over = between(&mut self.rng, 0, 10 * MINUTE);
        self.plan(left + over, Event::ShiftEnd { agent });
        let late = between(&mut self.rng, 0, 12 * MINUTE);
        self.plan(DAY - into + late, Event::ShiftStart { agent });
        let first = between(&mut self.rng, 10 * MINUTE, 90 * MINUTE);
        self.plan(first, Event::Pause { agent, day: self.now / DAY });
        if self.agents[agent].state == AgentState::Off {
            self.enter(agent, AgentState::Idle);
            self.next_call(agent);
        }
    }

    pub(super) fn shift_end(&mut self, agent: usize) {
        let found = &mut self.agents[agent];
        for member in &mut found.memberships {
            member.logged_in = false;
        }
        self.leave(agent);
    }

    /// Sends a person home: at once, or when the call or the wrap-up is over.
    fn leave(&mut self, agent: usize) {
        let found = &mut self.agents[agent];
        found.going = true;
        if matches!(found.state, AgentState::Idle | AgentState::Away(_)) {
            self.enter(agent, AgentState::Off);
        }
    }

    /// A break is due: it begins at once, or when the person has finished.
    pub(super) fn pause(&mut self, agent: usize, day: u64) {
        let hungry = {
            let found = &self.agents[agent];
            if found.state == AgentState::Off || found.going || self.now / DAY > day + 1 {
                return;
            }
            found.lunch != Some(day) && self.now.saturating_sub(found.began) > 3 * HOUR
        };
        let (activity, lasts) = if hungry {
            self.agents[agent].lunch = Some(day);
            (Activity::Lunch, between(&mut self.rng, 25 * MINUTE, 35 * MINUTE))
        } else if happens(&mut self.rng, 0.2) {
            (Activity::Meeting, between(&mut self.rng, 10 * MINUTE, 25 * MINUTE))
        } else {
            (Activity::Break, between(&mut self.rng, 4 * MINUTE, 11 * MINUTE))
        };
        let next = lasts + between(&mut self.rng, 45 * MINUTE, 95 * MINUTE);
        self.plan(next, Event::Pause { agent, day });
        self.agents[agent].due = Some((activity, lasts));
        if self.agents[agent].state == AgentState::Idle {
            self.free(agent);
        }
    }

    pub(super) fn back_to_work(&mut self, agent: usize, stamp: u64) {
        if self.agents[agent].stamp == stamp {
            self.free(agent);
        }
    }

    /// What a person does who has finished something: go home, take the break that is due, or work.
    pub(super) fn free(&mut self, agent: usize) {
        let found = &mut self.agents[agent];
        if found.going {
            found.due = None;
            self.enter(agent, AgentState::Off);
        } else if let Some((activity, lasts)) = found.due.take() {
            let stamp = self.enter(agent, AgentState::Away(activity));
            self.plan(lasts, Event::PauseEnd { agent, stamp });
        } else {
            self.enter(agent, AgentState::Idle);
            self.next_call(agent);
        }
    }

    /// Logs a person in to a queue or out of it, by hand; says whether the person belongs to it.
    ///
    /// Logged out by hand, a person stays out of that queue, also in later shifts, until logged in
    /// by hand. Logged in by hand, someone who is not at work comes to work;
    /// someone without a shift goes again when logged out everywhere.
    pub fn order(&mut self, agent: usize, queue: usize, order: Order) -> bool {
        let Some(found) = self.agents.get_mut(agent) else { return false };
        let Some(member) = found.memberships.iter_mut().find(|member| member.queue == queue) else {
            return false;
        };
        member.logged_in = order == Order::LogIn;
        member.held_out = order == Order::LogOut;
        if order == Order::LogIn {
            found.going = false;
            if found.state == AgentState::Off {
                found.began = self.now;
                self.enter(agent, AgentState::Idle);
            }
            self.next_call(agent);
        } else if found.setup.shift.is_none()
            && !found.memberships.iter().any(|member| member.logged_in)
        {
            self.leave(agent);
        }
        true
    }
}
