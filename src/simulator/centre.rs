//! A contact centre in miniature: pure, seeded and deterministic.
//!
//! Things happen one after the other from an agenda that is kept in order of time, so the same
//! scenario, seed and orders give the same floor however the time is cut into steps. Nothing here
//! reads a clock: time is what [`Centre::advance`] is told. Times are milliseconds since the
//! midnight before the first simulated day.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use fastrand::Rng;

pub(super) use self::chance::guid;
use self::chance::{DAY, HOUR, MINUTE, SECOND, between, busy, seconds, whole};
use super::scenario::{Scenario, Vendor};

mod calls;
mod chance;
mod dialled;
mod entries;
mod handling;
mod joining;
mod journal;
mod lists;
mod people;
mod presence;
mod tally;
mod tasks;
mod written;

pub use self::calls::{Call, Phase};
pub use self::dialled::{Dialled, Stage};
pub use self::entries::{Entry, EntryState, Plan, Removal, Service};
pub use self::handling::{Handle, Handling, Intruder};
pub use self::joining::Joining;
pub use self::journal::{Ending, Handled, Progress, Record};
pub use self::lists::{Callback, CallbackList, ListFigures, Reason};
pub use self::people::{Activity, Agent, AgentState, Membership, Order};
pub use self::presence::Said;
pub use self::tally::{Counts, Tally};
pub use self::tasks::{Happening, Modality, Task, Tasks};
pub use self::written::{Leaving, Written};

/// One queue with its callers and counters.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// How the scenario set it up.
    pub setup: super::scenario::QueueSetup,
    /// Callers without an agent, the longest wait first.
    waiting: VecDeque<u64>,
    /// Until when an outside cause brings more callers than usual.
    surge_until: u64,
    tally: Tally,
}

impl Queue {
    /// What it has counted.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Counts the calls of the 24 hours before `now` as the curve of the day has them.
    fn remember_a_day(&mut self, rng: &mut Rng, now: u64) {
        let first = now / HOUR * HOUR - 23 * HOUR;
        for at in (0..24).map(|hour| first + hour * HOUR) {
            let lasted = seconds(HOUR.min(now.saturating_sub(at)));
            if lasted == 0 || !self.setup.is_open(at % DAY) {
                continue;
            }
            let expected = self.setup.load * busy(at + HOUR / 2);
            let offered = whole(expected * (0.8 + 0.4 * rng.f64())) * lasted / 3_600;
            let abandoned = offered * between(rng, 1, 9) / 100;
            let answered = offered - abandoned;
            let prompt = answered * between(rng, 70, 97) / 100;
            let counts = Counts { offered, answered, abandoned, overflowed: 0, prompt };
            self.tally.remember(at, counts, between(rng, 3, 25) * SECOND);
        }
    }
}

/// The agents who belong to each queue, with the place of it in their skills.
fn rosters(scenario: &Scenario) -> Vec<Vec<(usize, usize)>> {
    let mut rosters = vec![Vec::new(); scenario.queues.len()];
    for (position, agent) in scenario.agents.iter().enumerate() {
        for (place, (queue, _)) in agent.skills.iter().enumerate() {
            rosters[*queue].push((position, place));
        }
    }
    rosters
}

/// How much of the day a floor lives through that has not lived through it all: long enough that
/// callers, agents and scheduler entries are in all their states.
const WHILE: u64 = 30 * MINUTE;

/// The present figures of one queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Whether it is within its opening hours.
    pub open: bool,
    /// Callers without an agent.
    pub waiting: u64,
    /// The longest wait of those, whole seconds.
    pub longest_wait: u64,
    /// Calls that ring at an agent.
    pub alerting: u64,
    /// Calls that are with an agent.
    pub connected: u64,
    /// Agents who are logged in to it.
    pub logged_in: u64,
    /// Those who could take a call now.
    pub free: u64,
    /// Those who have a call of any queue, or a callback.
    pub busy: u64,
    pub wrap_up: u64,
    /// Those on a break.
    pub away: u64,
    /// Those logged in, by activity.
    pub presence: BTreeMap<&'static str, u64>,
}

/// Something on the agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Arrival { queue: usize },
    GiveUp { call: u64 },
    Overflow { call: u64 },
    Answer { call: u64 },
    HangUp { call: u64 },
    Joined { joining: u64 },
    Camps { call: u64, to: usize },
    DialledOn { dialled: u64 },
    WrapUpEnd { agent: usize, stamp: u64 },
    ShiftStart { agent: usize },
    ShiftEnd { agent: usize },
    Pause { agent: usize, day: u64 },
    PauseEnd { agent: usize, stamp: u64 },
    Surge,
    TakeCallback { list: usize },
    CallbackDone { callback: u64 },
    CallbackExpired { callback: u64 },
    NewEntry { service: usize },
    EntryDue { entry: u64 },
    EntryOver { entry: u64 },
    EntryGone { entry: u64 },
}

/// The whole floor.
#[derive(Debug, Clone, PartialEq)]
pub struct Centre {
    rng: Rng,
    now: u64,
    /// The sub-millisecond rest of what it was told to advance, nanoseconds.
    rest: u64,
    serial: u64,
    agenda: BTreeMap<(u64, u64), Event>,
    queues: Vec<Queue>,
    agents: Vec<Agent>,
    /// For each queue the agents who belong to it, with the place of it in their memberships.
    rosters: Vec<Vec<(usize, usize)>>,
    calls: BTreeMap<u64, Call>,
    /// Calls that are over, by their numbers.
    journal: VecDeque<Record>,
    /// What people say of themselves, by their positions.
    said: BTreeMap<usize, Said>,
    joinings: BTreeMap<u64, Joining>,
    dialled: BTreeMap<u64, Dialled>,
    lists: Vec<CallbackList>,
    callbacks: BTreeMap<u64, Callback>,
    services: Vec<Service>,
    entries: BTreeMap<u64, Entry>,
    tasks: Tasks,
}

impl Centre {
    /// The floor at the scenario's time of day, before the first call.
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        Self::beginning(scenario, seed, scenario.start.as_millis())
    }

    fn beginning(scenario: &Scenario, seed: u64, now: u64) -> Self {
        let mut centre = Self {
            rng: Rng::with_seed(seed),
            now,
            rest: 0,
            serial: 0,
            agenda: BTreeMap::new(),
            queues: scenario
                .queues
                .iter()
                .map(|setup| Queue {
                    setup: setup.clone(),
                    waiting: VecDeque::new(),
                    surge_until: 0,
                    tally: Tally::default(),
                })
                .collect(),
            agents: scenario.agents.iter().map(Agent::new).collect(),
            rosters: rosters(scenario),
            calls: BTreeMap::new(),
            journal: VecDeque::new(),
            said: BTreeMap::new(),
            joinings: BTreeMap::new(),
            dialled: BTreeMap::new(),
            lists: scenario.lists.iter().map(CallbackList::new).collect(),
            callbacks: BTreeMap::new(),
            services: scenario
                .services
                .iter()
                .enumerate()
                .map(|(position, setup)| Service::new(setup, position))
                .collect(),
            entries: BTreeMap::new(),
            tasks: Tasks::new(seed, scenario.services.len(), now),
        };
        centre.plan_people();
        centre.plan_calls();
        centre.plan_lists();
        centre.plan_entries();
        centre
    }

    /// The floor at the scenario's time of day with a whole day behind it.
    pub fn after_a_day(scenario: &Scenario, seed: u64) -> Self {
        let mut centre = Self::new(scenario, seed);
        centre.advance(Duration::from_millis(DAY));
        centre
    }

    /// The floor at the scenario's time of day with its last minutes behind it; the day before
    /// them was not lived through, but its calls are counted as if it had been.
    ///
    /// For floors whose whole day would take too long.
    pub fn after_a_while(scenario: &Scenario, seed: u64) -> Self {
        let now = DAY + scenario.start.as_millis() - WHILE;
        let mut centre = Self::beginning(scenario, seed, now);
        for queue in &mut centre.queues {
            queue.remember_a_day(&mut centre.rng, now);
        }
        centre.advance(Duration::from_millis(WHILE));
        centre
    }

    /// Lets time pass and everything happen that falls into it.
    pub fn advance(&mut self, span: Duration) {
        let nanos = span.as_nanos() + u128::from(self.rest);
        let millis = u64::try_from(nanos / 1_000_000).unwrap_or(u64::MAX);
        self.rest = u64::try_from(nanos % 1_000_000).unwrap_or(0);
        let until = self.now.saturating_add(millis);
        while let Some(first) = self.agenda.first_entry() {
            if first.key().0 > until {
                break;
            }
            let ((at, _), event) = first.remove_entry();
            self.now = at;
            self.happen(event);
        }
        self.now = until;
        self.tasks.advance(until);
        for queue in &mut self.queues {
            queue.tally.roll(until);
        }
    }

    /// The simulated time, milliseconds since the midnight before the first day.
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// All queues, in the scenario's order.
    pub fn queues(&self) -> &[Queue] {
        &self.queues
    }

    /// All people, in the scenario's order.
    pub fn agents(&self) -> &[Agent] {
        &self.agents
    }

    /// All calls that are not over, oldest first.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.values()
    }

    /// The call of that number, if it is not over.
    pub fn call(&self, id: u64) -> Option<&Call> {
        self.calls.get(&id)
    }

    /// All callback lists, in the scenario's order.
    pub fn lists(&self) -> &[CallbackList] {
        &self.lists
    }

    /// All outbound services, in the scenario's order.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// All scheduler entries that are listed, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// All tasks that go on, oldest first.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter()
    }

    /// The same, to change.
    const fn tasks_mut(&mut self) -> &mut Tasks {
        &mut self.tasks
    }

    /// What happened to tasks since the last call, oldest first.
    pub fn take_tasks(&mut self) -> impl Iterator<Item = (Happening, Task)> + use<> {
        self.tasks.take()
    }

    /// The positions of the queues of one system.
    pub fn queues_of(&self, vendor: Vendor) -> impl Iterator<Item = (usize, &Queue)> {
        self.queues.iter().enumerate().filter(move |(_, queue)| queue.setup.vendor == vendor)
    }

    /// The agents with a membership in a queue, logged in or not.
    pub fn members(&self, queue: usize) -> impl Iterator<Item = (usize, &Agent, &Membership)> {
        self.rosters.get(queue).into_iter().flatten().filter_map(|&(position, place)| {
            let agent = self.agents.get(position)?;
            Some((position, agent, agent.memberships().get(place)?))
        })
    }

    /// Counts a call that came and was answered at once, besides all that happens by itself.
    pub(super) fn count_one_more(&mut self, queue: usize) {
        if let Some(Queue { tally, .. }) = self.queues.get_mut(queue) {
            let wait = tally.ever().offered % 20 * SECOND;
            tally.offer(self.now);
            tally.answer(self.now, wait);
        }
    }

    /// The present figures of a queue; all zero for a position that is not there.
    pub fn figures(&self, queue: usize) -> Figures {
        let Some(found) = self.queues.get(queue) else { return Figures::default() };
        let longest = found.waiting.front().and_then(|call| self.calls.get(call));
        let mut figures = Figures {
            open: found.setup.is_open(self.now % DAY),
            waiting: count(found.waiting.len()),
            longest_wait: longest.map_or(0, |call| seconds(self.now - call.arrived)),
            ..Figures::default()
        };
        let of_this = |call| self.calls.get(&call).is_some_and(|call| call.queue == queue);
        for (_, agent, member) in self.members(queue) {
            match agent.state() {
                AgentState::Alerting { call } => figures.alerting += u64::from(of_this(call)),
                AgentState::Talking { call } => figures.connected += u64::from(of_this(call)),
                _ => {}
            }
            if !member.logged_in {
                continue;
            }
            figures.logged_in += 1;
            match agent.state() {
                AgentState::Idle => figures.free += 1,
                AgentState::Alerting { .. }
                | AgentState::Talking { .. }
                | AgentState::CallingBack { .. } => figures.busy += 1,
                AgentState::WrapUp => figures.wrap_up += 1,
                AgentState::Away(_) | AgentState::Off => figures.away += 1,
            }
            *figures.presence.entry(agent.activity()).or_default() += 1;
        }
        figures
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrival { queue } => self.arrival(queue),
            Event::GiveUp { call } => self.give_up(call),
            Event::Overflow { call } => self.overflow(call),
            Event::Answer { call } => self.answer(call),
            Event::HangUp { call } => self.hang_up(call),
            Event::Joined { joining } => self.joined(joining),
            Event::Camps { call, to } => self.camp(call, to),
            Event::DialledOn { dialled } => self.dialled_on(dialled),
            Event::WrapUpEnd { agent, stamp } | Event::PauseEnd { agent, stamp } => {
                self.back_to_work(agent, stamp);
            }
            Event::ShiftStart { agent } => self.shift_start(agent),
            Event::ShiftEnd { agent } => self.shift_end(agent),
            Event::Pause { agent, day } => self.pause(agent, day),
            Event::Surge => self.surge(),
            Event::TakeCallback { list } => self.take_callback(list),
            Event::CallbackDone { callback } => self.callback_done(callback),
            Event::CallbackExpired { callback } => self.callback_expired(callback),
            Event::NewEntry { service } => self.new_entry(service),
            Event::EntryDue { entry } => self.entry_due(entry),
            Event::EntryOver { entry } => self.entry_over(entry),
            Event::EntryGone { entry } => self.entry_gone(entry),
        }
    }

    /// Puts something on the agenda, `span` milliseconds from now.
    fn plan(&mut self, span: u64, event: Event) {
        let serial = self.next_serial();
        self.agenda.insert((self.now.saturating_add(span), serial), event);
    }

    /// A number that nothing had before: it names calls, callbacks and entries, and orders the
    /// agenda where two things happen at once.
    const fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}

/// A length as a number of the wire.
fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
