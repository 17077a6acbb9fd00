//! What a queue has counted: today, in the last 24 hours, and ever.

use super::chance::{DAY, HOUR, SECOND, seconds};

/// An answer within this time counts for the service level.
const PROMPT: u64 = 20 * SECOND;

/// Calls by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub offered: u64,
    /// Calls that an agent took.
    pub answered: u64,
    /// Callers who gave up.
    pub abandoned: u64,
    /// Callers who were moved to a callback list.
    pub overflowed: u64,
    /// Answered calls that waited at most 20 s.
    pub prompt: u64,
}

impl Counts {
    const fn plus(self, other: Self) -> Self {
        Self {
            offered: self.offered + other.offered,
            answered: self.answered + other.answered,
            abandoned: self.abandoned + other.abandoned,
            overflowed: self.overflowed + other.overflowed,
            prompt: self.prompt + other.prompt,
        }
    }
}

/// The counters of one queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    ever: Counts,
    today: Counts,
    day: u64,
    hours: [Counts; 24],
    hour: u64,
    waited: u64,
    last_wait: u64,
}

impl Tally {
    /// Since the simulation began.
    pub const fn ever(&self) -> Counts {
        self.ever
    }

    pub const fn today(&self) -> Counts {
        self.today
    }

    /// In this hour and the 23 before it.
    pub fn last_24h(&self) -> Counts {
        self.hours.iter().fold(Counts::default(), |sum, hour| sum.plus(*hour))
    }

    /// Mean wait of the calls answered today, whole seconds; 0 when there were none.
    pub const fn average_wait(&self) -> u64 {
        match self.waited.checked_div(self.today.answered) {
            Some(mean) => seconds(mean),
            None => 0,
        }
    }

    /// Wait of the call answered last, whole seconds.
    pub const fn last_wait(&self) -> u64 {
        seconds(self.last_wait)
    }

    /// Share of today's answered and abandoned calls that were answered within 20 s: 0 to 100.
    pub const fn service_level(&self) -> Option<u64> {
        (self.today.prompt * 100).checked_div(self.today.answered + self.today.abandoned)
    }

    pub(super) fn offer(&mut self, now: u64) {
        self.count(now, |counts| counts.offered += 1);
    }

    pub(super) fn answer(&mut self, now: u64, wait: u64) {
        let prompt = u64::from(wait <= PROMPT);
        self.count(now, |counts| {
            counts.answered += 1;
            counts.prompt += prompt;
        });
        self.waited += wait;
        self.last_wait = wait;
    }

    pub(super) fn abandon(&mut self, now: u64) {
        self.count(now, |counts| counts.abandoned += 1);
    }

    pub(super) fn overflow(&mut self, now: u64) {
        self.count(now, |counts| counts.overflowed += 1);
    }

    /// Counts what happened at a time that was not lived through: calls, and the wait of each.
    pub(super) fn remember(&mut self, at: u64, counts: Counts, wait: u64) {
        self.count(at, |kept| *kept = kept.plus(counts));
        self.waited += wait * counts.answered;
        self.last_wait = wait;
    }

    /// Forgets what is too old by now; to be called before the counters are read.
    pub(super) fn roll(&mut self, now: u64) {
        if now / DAY > self.day {
            self.day = now / DAY;
            self.today = Counts::default();
            self.waited = 0;
        }
        while self.hour < now / HOUR {
            self.hour += 1;
            *self.bucket() = Counts::default();
        }
    }

    fn count(&mut self, now: u64, change: impl Fn(&mut Counts)) {
        self.roll(now);
        change(&mut self.ever);
        change(&mut self.today);
        change(self.bucket());
    }

    fn bucket(&mut self) -> &mut Counts {
        let place = usize::try_from(self.hour % 24).unwrap_or(0);
        &mut self.hours[place]
    }
}
