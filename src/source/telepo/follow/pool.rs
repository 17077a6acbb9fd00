//! Whose calls are read next: who changed, then who is looked at or alarmed, then everybody in turn, at a bounded rate.
//!
//! Pure: time is an argument.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::floor::id::AgentId;
use crate::floor::time::Moment;
use crate::source::gaze::Looked;

/// Requests under way at once.
pub const AT_ONCE: usize = 8;

/// Requests within a second.
const RATE: usize = 40;

/// Of those, the ones for people whom nobody looks at.
const TURNS: usize = 5;

/// How old the calls may be of somebody who is looked at and whom no stream tells of.
const LOOKED: Duration = Duration::from_millis(1_400);

/// The same where a stream does: what it lost is found so.
const STREAMED: Duration = Duration::from_secs(10);

/// The same of somebody alarmed whom nobody looks at.
const ALARMED: Duration = Duration::from_secs(4);

/// The same of somebody whom nobody looks at.
const TURN: Duration = Duration::from_secs(10);

/// The span in which requests are counted.
const SPAN: Duration = Duration::from_secs(1);

/// The order in which calls are read.
#[derive(Debug, Default)]
pub struct Pool {
    turn: VecDeque<AgentId>,
    urgent: VecDeque<AgentId>,
    asked: BTreeMap<AgentId, Moment>,
    flying: BTreeSet<AgentId>,
    refused: BTreeMap<AgentId, Moment>,
    sent: VecDeque<Moment>,
    turns: VecDeque<Moment>,
    paused: Moment,
}

impl Pool {
    /// Everybody whose turn comes; who is new comes first.
    pub fn people(&mut self, people: &[AgentId]) {
        let wanted: BTreeSet<&AgentId> = people.iter().collect();
        self.turn.retain(|person| wanted.contains(person));
        let known: BTreeSet<AgentId> = self.turn.iter().cloned().collect();
        for person in people.iter().rev().filter(|person| !known.contains(*person)) {
            self.turn.push_front(person.clone());
        }
    }

    /// How many have a turn.
    pub fn size(&self) -> usize {
        self.turn.len()
    }

    /// Something is new about a person: to be read at once.
    pub fn changed(&mut self, person: &AgentId) {
        if !self.urgent.contains(person) {
            self.urgent.push_back(person.clone());
        }
    }

    /// Nothing is read before `until`.
    pub fn pause(&mut self, until: Moment) {
        self.paused = self.paused.max(until);
    }

    /// Whether nothing is read now.
    pub fn is_paused(&self, now: Moment) -> bool {
        now < self.paused
    }

    /// This person's calls are not to be read before `until`.
    pub fn refuse(&mut self, person: &AgentId, until: Moment) {
        self.refused.insert(person.clone(), until);
    }

    /// Whether this person's calls may not be read.
    pub fn is_refused(&self, person: &AgentId) -> bool {
        self.refused.contains_key(person)
    }

    /// How many people's calls may not be read.
    pub fn refused(&self) -> usize {
        self.refused.len()
    }

    /// Everybody may be read, and at once.
    pub fn resume(&mut self) {
        self.paused = Moment::default();
        self.refused.clear();
    }

    /// Everybody may be tried again.
    pub fn allow_all(&mut self) {
        self.refused.clear();
    }

    /// A request came to its end.
    pub fn answered(&mut self, person: &AgentId) {
        self.flying.remove(person);
    }

    /// Who is to be read now, if anybody is. `streamed` says of whom a stream tells.
    pub fn take(
        &mut self,
        looked: &Looked,
        streamed: &dyn Fn(&AgentId) -> bool,
        now: Moment,
    ) -> Option<AgentId> {
        self.forget(now);
        if self.is_paused(now) || self.flying.len() >= AT_ONCE || self.sent.len() >= RATE {
            return None;
        }
        let next = self
            .next_urgent()
            .or_else(|| self.next_looked(looked, streamed, now))
            .or_else(|| self.next_turn(now))?;
        self.asked.insert(next.clone(), now);
        self.flying.insert(next.clone());
        self.sent.push_back(now);
        Some(next)
    }

    /// When somebody may be to be read; `None` until something happens.
    pub fn next(
        &self,
        looked: &Looked,
        streamed: &dyn Fn(&AgentId) -> bool,
        now: Moment,
    ) -> Option<Moment> {
        if self.flying.len() >= AT_ONCE {
            return None;
        }
        let soonest = self
            .looked_at(looked, streamed)
            .map(|(due, _)| due)
            .chain(self.turn_due(now))
            .chain((!self.urgent.is_empty()).then_some(now))
            .min()?;
        let full = self.sent.len() >= RATE;
        let room = self.sent.front().filter(|_| full).map(|first| first.after(SPAN));
        Some(soonest.max(self.paused).max(room.unwrap_or_default()))
    }

    fn next_urgent(&mut self) -> Option<AgentId> {
        let able = |person: &AgentId| !self.flying.contains(person);
        self.urgent.retain(|person| !self.refused.contains_key(person));
        let place = self.urgent.iter().position(able)?;
        self.urgent.remove(place)
    }

    fn next_looked(
        &self,
        looked: &Looked,
        streamed: &dyn Fn(&AgentId) -> bool,
        now: Moment,
    ) -> Option<AgentId> {
        let due = self.looked_at(looked, streamed).filter(|(due, _)| *due <= now);
        due.min_by_key(|(due, _)| *due).map(|(_, person)| person.clone())
    }

    /// When each is due who is looked at.
    fn looked_at<'p>(
        &'p self,
        looked: &'p Looked,
        streamed: &'p dyn Fn(&AgentId) -> bool,
    ) -> impl Iterator<Item = (Moment, &'p AgentId)> {
        let able =
            |person: &AgentId| !self.flying.contains(person) && !self.refused.contains_key(person);
        let seen = looked.people().map(|person| (person, LOOKED));
        let unseen = looked.unseen().map(|person| (person, ALARMED));
        seen.chain(unseen).filter(move |(person, _)| able(person)).map(move |(person, old)| {
            let old = if streamed(person) { STREAMED } else { old };
            let due = self.asked.get(person).map_or(Moment::default(), |asked| asked.after(old));
            (due, person)
        })
    }

    fn next_turn(&mut self, now: Moment) -> Option<AgentId> {
        if self.turns.len() >= TURNS {
            return None;
        }
        for _ in 0..self.turn.len() {
            let first = self.turn.front()?;
            let due = self.asked.get(first).is_none_or(|asked| asked.after(TURN) <= now);
            let able = !self.flying.contains(first) && !self.refused.contains_key(first);
            if able && !due {
                return None;
            }
            let first = self.turn.pop_front()?;
            self.turn.push_back(first.clone());
            if able {
                self.turns.push_back(now);
                return Some(first);
            }
        }
        None
    }

    fn turn_due(&self, now: Moment) -> Option<Moment> {
        let first = self.turn.front()?;
        let due = self.asked.get(first).map_or(now, |asked| asked.after(TURN));
        let full = self.turns.len() >= TURNS;
        let room = self.turns.front().filter(|_| full).map(|first| first.after(SPAN));
        // A refused or busy one is passed over when it is its turn.
        let waits = self.flying.contains(first) || self.refused.contains_key(first);
        let due = if waits { now.after(SPAN) } else { due };
        Some(due.max(room.unwrap_or_default()))
    }

    fn forget(&mut self, now: Moment) {
        for counted in [&mut self.sent, &mut self.turns] {
            while counted.front().is_some_and(|first| first.after(SPAN) <= now) {
                counted.pop_front();
            }
        }
        self.refused.retain(|_, until| *until > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Moment {
        Moment::from_millis(1_000_000 + millis)
    }

    fn person(number: usize) -> AgentId {
        AgentId::new(format!("{number:05}@example.org"))
    }

    fn people(count: usize) -> Vec<AgentId> {
        (0..count).map(person).collect()
    }

    /// Lets `seconds` pass with answers that take 20 ms; when each was asked.
    fn run(pool: &mut Pool, looked: &Looked, seconds: u64) -> Vec<(u64, AgentId)> {
        let mut asked = Vec::new();
        for millis in (0..seconds * 1_000).step_by(20) {
            let flying: Vec<AgentId> = pool.flying.iter().cloned().collect();
            for person in &flying {
                pool.answered(person);
            }
            while let Some(person) = pool.take(looked, &|_| false, at(millis)) {
                asked.push((millis, person));
            }
        }
        asked
    }

    #[test]
    fn everybody_has_a_turn_and_the_rate_is_bounded() {
        let mut pool = Pool::default();
        pool.people(&people(60));
        let asked = run(&mut pool, &Looked::default(), 20);
        for person in people(60) {
            assert!(asked.iter().any(|(_, own)| *own == person), "{person:?}");
        }
        assert!(asked.len() <= 5 * 20 + 5, "{}", asked.len());
    }

    #[test]
    fn a_screen_of_ten_thousand_is_fresh_within_two_seconds() {
        let mut pool = Pool::default();
        pool.people(&people(10_000));
        let shown: Vec<AgentId> = (5_000..5_050).map(person).collect();
        let looked = Looked { shown: shown.clone(), ..Looked::default() };
        let asked = run(&mut pool, &looked, 10);
        for person in &shown {
            let own: Vec<u64> =
                asked.iter().filter(|(_, own)| own == person).map(|(at, _)| *at).collect();
            assert!(own[0] <= 1_500, "{person:?} first at {}", own[0]);
            let longest = own.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
            assert!(longest <= 2_000, "{person:?} not for {longest} ms");
        }
        for second in 0..9 {
            let within = (second * 1_000)..(second * 1_000 + 1_000);
            let count = asked.iter().filter(|(at, _)| within.contains(at)).count();
            assert!(count <= RATE, "{count} in second {second}");
        }
    }

    #[test]
    fn the_alarmed_are_fresh_too_and_the_screen_is_none_the_later_for_it() {
        let mut pool = Pool::default();
        pool.people(&people(10_000));
        let looked = Looked {
            shown: people(40),
            alarmed: (30..56).map(person).collect(),
            ..Looked::default()
        };
        let asked = run(&mut pool, &looked, 20);
        let longest = |own: &AgentId| {
            let times: Vec<u64> =
                asked.iter().filter(|(_, who)| who == own).map(|(at, _)| *at).collect();
            times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
        };
        assert!(looked.shown.iter().all(|own| longest(own) <= 2_000));
        assert!(looked.unseen().all(|own| longest(own) <= 5_000));
    }

    #[test]
    fn who_changed_goes_before_everybody_and_is_asked_once() {
        let mut pool = Pool::default();
        pool.people(&people(9));
        pool.changed(&person(7));
        pool.changed(&person(7));
        assert_eq!(pool.take(&Looked::default(), &|_| false, at(0)), Some(person(7)));
        assert_eq!(pool.take(&Looked::default(), &|_| false, at(0)), Some(person(0)));
        pool.changed(&person(7));
        pool.answered(&person(7));
        assert_eq!(pool.take(&Looked::default(), &|_| false, at(1)), Some(person(7)));
    }

    #[test]
    fn who_is_refused_is_left_alone_until_the_time() {
        let mut pool = Pool::default();
        pool.people(&people(1));
        pool.refuse(&person(0), at(900_000));
        pool.changed(&person(0));
        let looked = Looked { selected: people(1), ..Looked::default() };
        assert_eq!(pool.take(&looked, &|_| false, at(899_999)), None);
        assert_eq!(pool.take(&looked, &|_| false, at(900_000)), Some(person(0)));
    }

    #[test]
    fn the_next_moment_is_neither_missed_nor_waited_for_in_vain() {
        let mut pool = Pool::default();
        pool.people(&people(20));
        let looked = Looked { shown: people(3), ..Looked::default() };
        let (mut now, mut idle) = (at(0), 0);
        while now < at(60_000) {
            match pool.take(&looked, &|_| false, now) {
                Some(person) => {
                    pool.answered(&person);
                    idle = 0;
                }
                None => {
                    idle += 1;
                    assert!(idle < 3, "nothing to do at {now:?}");
                    let next = pool.next(&looked, &|_| false, now).unwrap();
                    now = next.max(now.after(Duration::from_millis(1)));
                }
            }
        }
    }
}
