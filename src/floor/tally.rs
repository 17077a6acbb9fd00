//! What a queue's calls come to in a day, counted from events where the vendor counts nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::floor::call::{Count, Counted};
use crate::floor::id::AgentKey;
use crate::text::Shown;

/// Seconds in one slot of a tally: every zone has its midnight at a full quarter of an hour.
const SLOT_S: i64 = 900;

/// Slots that are kept: two days, the longest that a day and its late events can take.
const SLOTS: i64 = 2 * 24 * 4;

/// What an overflow without a reason is called.
const NO_REASON: &str = "no reason told";

/// What was counted of one queue, by the time at which it happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The first event of its calls.
    since: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    /// The counts of each slot.
    slots: BTreeMap<i64, Counts>,
}

/// What was counted of one queue in a part of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    offered: u32,
    answered: u32,
    abandoned: u32,
    handled: u32,
    handle_s: u64,
    closed: u32,
    unanswered: BTreeMap<AgentKey, u32>,
    overflowed: BTreeMap<Shown, u32>,
}

/// What was counted of one queue in its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedDay {
    /// From when on it was counted.
    pub since: DateTime<Utc>,
    /// Whether that is the whole day so far.
    pub whole: bool,
    pub offered: u32,
    /// Calls that an agent took.
    pub answered: u32,
    /// Calls whose caller hung up before an agent took them.
    pub abandoned: u32,
    /// Mean talk, hold and wrap-up of the calls that are done, seconds; `None` while none is.
    pub average_handle_s: Option<u32>,
    /// Calls that came while it was closed.
    pub closed: u32,
    /// Offers that rang at somebody who did not answer.
    pub unanswered: BTreeMap<AgentKey, u32>,
    /// Calls that went on to elsewhere, by the vendor's reason.
    pub overflowed: BTreeMap<Shown, u32>,
}

impl Counts {
    /// Counts one thing once more, or once less.
    fn change(&mut self, what: &Counted, more: bool) {
        fn step(count: &mut u32, more: bool) {
            *count = if more { count.saturating_add(1) } else { count.saturating_sub(1) };
        }
        fn named<K: Ord + Clone>(counts: &mut BTreeMap<K, u32>, key: K, more: bool) {
            let count = counts.entry(key).or_default();
            step(count, more);
            counts.retain(|_, count| *count > 0);
        }
        let seconds = |sum: &mut u64, own: u32| {
            let own = u64::from(own);
            *sum = if more { sum.saturating_add(own) } else { sum.saturating_sub(own) };
        };
        match what {
            Counted::Offered => step(&mut self.offered, more),
            Counted::Answered => step(&mut self.answered, more),
            Counted::Abandoned => step(&mut self.abandoned, more),
            Counted::Handled(own) => {
                step(&mut self.handled, more);
                seconds(&mut self.handle_s, *own);
            }
            Counted::WrapUp(own) => seconds(&mut self.handle_s, *own),
            Counted::Closed => step(&mut self.closed, more),
            Counted::Unanswered(agent) => named(&mut self.unanswered, agent.clone(), more),
            Counted::Overflowed(reason) => {
                let reason = reason.clone().filter(|reason| !reason.is_empty());
                named(&mut self.overflowed, reason.unwrap_or_else(|| NO_REASON.into()), more);
            }
        }
    }
}

fn slot(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(SLOT_S)
}

fn begin(slot: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(slot.checked_mul(SLOT_S)?, 0)
}

impl Tally {
    /// An event told of one of its calls; whether its day may look otherwise because of that.
    pub fn hear(&mut self, at: DateTime<Utc>) -> bool {
        let earlier = self.since.is_none_or(|since| at < since);
        if earlier {
            self.since = Some(at);
        }
        let later = self.last.is_none_or(|last| slot(last) < slot(at));
        self.last = self.last.max(Some(at));
        earlier || later
    }

    /// Counts what a call is counted as now, and no more what it was counted as before.
    pub fn change(&mut self, count: &Count, more: bool) {
        let own = slot(count.at);
        let newest = self.slots.last_key_value().map_or(own, |(newest, _)| own.max(*newest));
        if own <= newest - SLOTS {
            return;
        }
        self.slots.entry(own).or_default().change(&count.what, more);
        self.slots.retain(|slot, counts| *slot > newest - SLOTS && *counts != Counts::default());
    }

    /// The day that it is at `wall`, else that of the last event, by the date at each time; `None` where no event told
    /// of any call.
    pub fn day(
        &self,
        wall: Option<DateTime<Utc>>,
        date: impl Fn(DateTime<Utc>) -> NaiveDate,
    ) -> Option<CountedDay> {
        let since = self.since?;
        let now = wall.or(self.last)?;
        let today = date(now);
        let is_today = |slot: &i64| begin(*slot).is_some_and(|at| date(at) == today);
        let latest = slot(now);
        // A day of 25 hours has 100 slots.
        let first = (0..=100).map(|back| latest - back).take_while(is_today).last()?;
        let from = begin(first)?;
        let mut all = Counts::default();
        for (_, counts) in self.slots.range(first..).take_while(|(slot, _)| is_today(slot)) {
            all.add(counts);
        }
        let mean = all.handle_s.checked_div(u64::from(all.handled));
        Some(CountedDay {
            since: since.max(from),
            whole: since <= from,
            offered: all.offered,
            answered: all.answered,
            abandoned: all.abandoned,
            average_handle_s: mean.and_then(|mean| u32::try_from(mean).ok()),
            closed: all.closed,
            unanswered: all.unanswered,
            overflowed: all.overflowed,
        })
    }
}

impl Counts {
    fn add(&mut self, other: &Self) {
        fn add<K: Ord + Clone>(counts: &mut BTreeMap<K, u32>, others: &BTreeMap<K, u32>) {
            for (key, count) in others {
                *counts.entry(key.clone()).or_default() += count;
            }
        }
        self.offered += other.offered;
        self.answered += other.answered;
        self.abandoned += other.abandoned;
        self.handled += other.handled;
        self.handle_s += other.handle_s;
        self.closed += other.closed;
        add(&mut self.unanswered, &other.unanswered);
        add(&mut self.overflowed, &other.overflowed);
    }
}

impl CountedDay {
    /// Offers that rang at anybody who did not answer.
    pub fn unanswered_offers(&self) -> u32 {
        self.unanswered.values().sum()
    }

    /// Calls that went on to elsewhere.
    pub fn all_overflowed(&self) -> u32 {
        self.overflowed.values().sum()
    }
}
