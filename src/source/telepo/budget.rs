//! Which streams are open: the most wanted, never more than allowed, and no storm of opening and closing.
//!
//! Pure: time is an argument. A stream that is no longer wanted stays open for a while, in case the view comes
//! back, unless its place is needed; one that is wanted has to be so for a moment before it is opened, so that
//! nothing is opened for rows that only pass by.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::floor::id::{AgentId, CallId};
use crate::floor::time::Moment;

/// The least time between one stream's beginning and the next one's opening: five a second.
pub const SPACING: Duration = Duration::from_millis(200);

/// How long the next one waits for a stream to begin, so that openings that are late do not arrive together.
const BEGINS: Duration = Duration::from_secs(2);

/// How long a stream has to be wanted before it is opened.
const SETTLES: Duration = Duration::from_millis(300);

/// How long a stream stays open that nobody wants any more.
const LINGERS: Duration = Duration::from_secs(5);

/// How long a closed stream still counts as open: the server hears of it later.
const CLOSES: Duration = Duration::from_millis(400);

/// A stream that may be open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// Whether a person is in a call.
    Lamp(AgentId),
    /// One call of a person.
    Call(AgentId, CallId),
    /// Whether a person is there.
    Presence(AgentId),
}

/// What is to be done now.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub open: Vec<Want>,
    pub close: Vec<Want>,
    /// When there may be more to do; `None` while nothing changes.
    pub next: Option<Moment>,
}

/// The streams of one source.
#[derive(Debug)]
pub struct Budget {
    most: usize,
    /// The open ones, and since when nobody wants them.
    open: BTreeMap<Want, Option<Moment>>,
    /// Since when each is wanted that is not open.
    wanted: BTreeMap<Want, Moment>,
    /// Until when each is left alone that failed.
    resting: BTreeMap<Want, Moment>,
    /// When the last one was opened, or began.
    opened: Option<Moment>,
    /// The one that was opened and has not begun.
    beginning: Option<Want>,
    /// When the last ones were closed.
    closed: VecDeque<Moment>,
}

impl Want {
    /// Whom it is about.
    pub const fn person(&self) -> &AgentId {
        match self {
            Self::Lamp(person) | Self::Call(person, _) | Self::Presence(person) => person,
        }
    }

    /// Of whom it tells whether the person is in a call, if it does that.
    pub const fn lamp(&self) -> Option<&AgentId> {
        match self {
            Self::Lamp(person) => Some(person),
            Self::Call(..) | Self::Presence(_) => None,
        }
    }

    /// How long it has to be wanted: a call is found by a stream that is open, and does not pass by.
    const fn settles(&self) -> Duration {
        match self {
            Self::Call(..) => Duration::ZERO,
            Self::Lamp(_) | Self::Presence(_) => SETTLES,
        }
    }
}

impl Budget {
    /// Nothing is open; at most `most` ever will be.
    pub const fn new(most: usize) -> Self {
        Self {
            most,
            open: BTreeMap::new(),
            wanted: BTreeMap::new(),
            resting: BTreeMap::new(),
            opened: None,
            beginning: None,
            closed: VecDeque::new(),
        }
    }

    /// Whether a stream is open.
    pub fn is_open(&self, want: &Want) -> bool {
        self.open.contains_key(want)
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// What is to be done, with `wants` in the order in which they are wanted.
    pub fn plan(&mut self, wants: &[Want], now: Moment) -> Plan {
        self.forget(now);
        let mut seen = BTreeSet::new();
        let wants: Vec<&Want> =
            wants.iter().filter(|want| seen.insert(*want)).take(self.most).collect();
        let is_wanted: BTreeSet<&Want> = wants.iter().copied().collect();
        for (want, unwanted) in &mut self.open {
            *unwanted = if is_wanted.contains(want) { None } else { unwanted.or(Some(now)) };
        }
        self.wanted.retain(|want, _| is_wanted.contains(want));
        let mut plan = Plan::default();
        self.close_old(now, &mut plan);
        let mut sooner = |at: Moment| {
            plan.next = Some(plan.next.map_or(at, |next| next.min(at)));
        };
        for want in wants {
            if self.open.contains_key(want) {
                continue;
            }
            let since = *self.wanted.entry(want.clone()).or_insert(now);
            let rests = self.resting.get(want).copied().unwrap_or_default();
            let ready = since.after(want.settles()).max(rests);
            if ready > now {
                sooner(ready);
                continue;
            }
            let spacing = if self.beginning.is_some() { BEGINS } else { SPACING };
            let again = self.opened.map(|last| last.after(spacing));
            if let Some(again) = again.filter(|again| *again > now) {
                sooner(again);
                break;
            }
            if self.open.len() + self.closed.len() < self.most {
                self.open.insert(want.clone(), None);
                self.wanted.remove(want);
                self.opened = Some(now);
                self.beginning = Some(want.clone());
                plan.open.push(want.clone());
                continue;
            }
            // Full: the place of whatever is unwanted for longest is made free, and taken next time.
            if self.closed.is_empty()
                && let Some(old) = self.oldest()
            {
                self.open.remove(&old);
                self.closed.push_back(now);
                plan.close.push(old);
            }
            sooner(self.closed.front().map_or(now, |first| *first).after(CLOSES));
            break;
        }
        let lingers = self.open.values().flatten().min().map(|since| since.after(LINGERS));
        plan.next = [plan.next, lingers].into_iter().flatten().min();
        plan
    }

    pub fn began(&mut self, want: &Want, now: Moment) {
        if self.beginning.take_if(|own| own == want).is_some() {
            self.opened = Some(now);
        }
    }

    /// A stream ended by itself, and is left alone for `rest`.
    pub fn ended(&mut self, want: &Want, rest: Duration, now: Moment) {
        self.began(want, now);
        if self.open.remove(want).is_some() {
            self.closed.push_back(now);
        }
        self.resting.insert(want.clone(), now.after(rest));
    }

    fn forget(&mut self, now: Moment) {
        let over = |at: Option<&Moment>, span| at.is_some_and(|at| at.after(span) <= now);
        while over(self.closed.front(), CLOSES) {
            self.closed.pop_front();
        }
        self.resting.retain(|_, until| *until > now);
    }

    fn close_old(&mut self, now: Moment, plan: &mut Plan) {
        let old = |since: &Option<Moment>| since.is_some_and(|since| since.after(LINGERS) <= now);
        let close: Vec<Want> = self
            .open
            .iter()
            .filter(|(_, since)| old(since))
            .map(|(want, _)| want.clone())
            .collect();
        for want in close {
            self.open.remove(&want);
            self.closed.push_back(now);
            plan.close.push(want);
        }
    }

    fn oldest(&self) -> Option<Want> {
        let unwanted = self.open.iter().filter_map(|(want, since)| Some(((*since)?, want)));
        unwanted.min().map(|(_, want)| want.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: u64) -> Moment {
        Moment::from_millis(1_000_000 + millis)
    }

    fn lamp(person: usize) -> Want {
        Want::Lamp(AgentId::new(format!("{person:05}@example.org")))
    }

    fn page(first: usize, rows: usize) -> Vec<Want> {
        (first..first + rows).map(lamp).collect()
    }

    #[test]
    fn what_is_looked_at_is_open_in_the_end_and_nothing_else() {
        let mut budget = Budget::new(20);
        for (millis, first) in (0..).step_by(100).zip([0; 200].into_iter().chain([40; 200])) {
            for want in budget.plan(&page(first, 15), at(millis)).open {
                budget.began(&want, at(millis));
            }
        }
        assert!(page(40, 15).iter().all(|want| budget.is_open(want)));
        assert_eq!(budget.len(), 15);
    }

    #[test]
    fn rows_that_pass_by_are_not_opened() {
        let mut budget = Budget::new(64);
        for step in 0..100 {
            let plan = budget.plan(&page(step * 30, 30), at(step as u64 * 50));
            assert_eq!(plan, Plan { next: plan.next, ..Plan::default() });
        }
    }

    #[test]
    fn going_back_and_forth_opens_nothing_anew() {
        let mut budget = Budget::new(64);
        let mut opened = 0;
        for step in 0_u64..600 {
            let first = if step % 20 < 10 { 0 } else { 10 };
            let plan = budget.plan(&page(first, 20), at(step * 100));
            plan.open.iter().for_each(|want| budget.began(want, at(step * 100)));
            opened += plan.open.len();
        }
        assert_eq!(opened, 30);
    }

    #[test]
    fn the_next_look_is_not_missed_and_nothing_is_looked_at_in_vain() {
        let mut budget = Budget::new(10);
        let (mut now, mut looks) = (at(0), 0);
        while budget.len() < 10 {
            let plan = budget.plan(&page(0, 40), now);
            plan.open.iter().for_each(|want| budget.began(want, now));
            now = plan.next.unwrap_or(now).max(now.after(Duration::from_millis(1)));
            looks += 1;
            assert!(looks < 35, "it is asked again and again");
        }
        assert_eq!(budget.plan(&page(0, 40), now).next, None);
    }

    #[test]
    fn what_failed_rests() {
        let mut budget = Budget::new(4);
        budget.plan(&page(0, 1), at(0));
        assert_eq!(budget.plan(&page(0, 1), at(300)).open, page(0, 1));
        budget.ended(&lamp(0), Duration::from_secs(9), at(400));
        assert_eq!(budget.plan(&page(0, 1), at(9_000)).open, []);
        assert_eq!(budget.plan(&page(0, 1), at(9_400)).open, page(0, 1));
    }

    proptest! {
        #[test]
        fn the_bounds_hold_whatever_is_looked_at(
            most in 1_usize..70,
            steps in prop::collection::vec((0_u64..700, 0_usize..200, 0_usize..60, any::<bool>()), 1..120),
        ) {
            let mut budget = Budget::new(most);
            let mut now = 0;
            let mut open: BTreeSet<Want> = BTreeSet::new();
            let mut opens: Vec<u64> = Vec::new();
            let mut closes: Vec<u64> = Vec::new();
            for (step, first, rows, fails) in steps {
                now += step;
                let plan = budget.plan(&page(first, rows), at(now));
                if !fails {
                    plan.open.iter().for_each(|want| budget.began(want, at(now)));
                }
                for want in &plan.close {
                    prop_assert!(open.remove(want), "closed twice");
                    closes.push(now);
                }
                for want in plan.open {
                    prop_assert!(open.insert(want), "opened twice");
                    opens.push(now);
                }
                let closing = closes.iter().filter(|at| **at + 400 > now).count();
                prop_assert!(open.len() + closing <= most);
                prop_assert!(open.len() <= most);
                let lately = opens.iter().filter(|at| **at + 1_000 > now).count();
                prop_assert!(lately <= 5, "{lately} within a second");
                if let Some(want) = open.first().cloned().filter(|_| fails) {
                    budget.ended(&want, Duration::from_millis(step), at(now));
                    open.remove(&want);
                    closes.push(now);
                }
            }
        }
    }
}
