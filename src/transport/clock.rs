//! How the clock of a source stands against ours, and where its times lie on our clock.
//!
//! One rule for every source. An offset is measured: from the `Date` of its answers, and from the times of its events
//! against their receipt. An event's time is corrected by the offset and is never later than its receipt by more than
//! [`CLAMP`], so nothing that a source says can hold back later news for longer than that. Of two events of one time the
//! one that arrived last counts.
//!
//! A delay is the time of receipt by our clock minus the time that the source stated. It holds the offset and the time on
//! the way. An event whose delay is larger than the offset is late: it keeps its place in the past.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, FixedOffset, Local, NaiveDateTime, TimeDelta, TimeZone, Utc};

use crate::floor::time::{Moment, Now};
use crate::transport::lenient::StatedTime;

/// How far an event may stand ahead of its receipt.
pub const CLAMP: TimeDelta = TimeDelta::seconds(5);

/// Delays within this range count as equal: events are on their way for different times. Half of [`CLAMP`], so that the
/// offset of one delay fits all that are equal to it.
const TOLERANCE: TimeDelta = TimeDelta::milliseconds(2_500);

/// Clocks differ by less than this. A larger difference is no clock's: the time is wrong, or the event is old.
const LARGEST_OFFSET: TimeDelta = TimeDelta::hours(24);

/// The least time between two delays that are kept, so that one burst of late events is no evidence.
const SAMPLE_INTERVAL: TimeDelta = TimeDelta::seconds(1);

/// Equal delays in a row that give an offset where none is known.
const FIRST_EVIDENCE: usize = 3;

/// Equal delays in a row that replace a known offset.
const CHANGE_EVIDENCE: usize = 8;

/// The clock of one source. Clones are the same clock.
#[derive(Debug, Clone, Default)]
pub struct SourceClock(Arc<Mutex<Inner>>);

/// Where the time of an event lies on our clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// The corrected time, by which events are ordered.
    pub at: DateTime<Utc>,
    /// The same on the monotonic clock, not later than the receipt.
    pub moment: Moment,
    /// The receipt, where nothing shows that the event was so before it: it may be late or the clock behind, or it was on
    /// its way for no longer than events are.
    pub received: Option<Moment>,
    /// Whether it is known how the clock stands.
    pub is_known: bool,
    /// By how much the event came later than the offset explains.
    pub late_by: TimeDelta,
    /// What was added to the stated time.
    pub correction: TimeDelta,
}

#[derive(Debug, Default)]
struct Inner {
    /// The offset by the `Date` of answers.
    answers: Option<TimeDelta>,
    /// An offset by one `Date` that differs from the known one.
    other_answer: Option<TimeDelta>,
    /// Times with a zone.
    zoned: Track,
    /// Times without a zone have an offset of their own: their zone may be another.
    zoneless: Track,
    /// The zone of a time without one; `None` for the system's.
    zone: Option<FixedOffset>,
}

/// What the delays of times of one form show.
#[derive(Debug, Default)]
struct Track {
    offset: Option<TimeDelta>,
    /// Receipt and delay of the latest events, oldest first.
    samples: VecDeque<(DateTime<Utc>, TimeDelta)>,
}

impl SourceClock {
    /// A clock of which nothing is known, for times without a zone that are in `zone` or UTC.
    pub fn in_zone(zone: FixedOffset) -> Self {
        Self(Arc::new(Mutex::new(Inner { zone: Some(zone), ..Inner::default() })))
    }

    /// An answer with this `Date` was received at `received`.
    pub fn answered(&self, date: DateTime<Utc>, received: DateTime<Utc>) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The header has whole seconds: the clock showed half a second more on average.
        inner.answered(received - date - TimeDelta::milliseconds(500));
    }

    /// Where an event of this time lies that was received `now`. The clock learns from it.
    pub fn place(&self, stated: &StatedTime, now: &Now) -> Placed {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.place(stated, now, true)
    }

    /// The same, without learning.
    pub fn look(&self, stated: &StatedTime, now: &Now) -> Placed {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.place(stated, now, false)
    }
}

/// Whether two delays, or two offsets, count as equal.
fn agree(one: TimeDelta, other: TimeDelta) -> bool {
    (one - other).abs() <= TOLERANCE
}

impl Inner {
    fn answered(&mut self, offset: TimeDelta) {
        if offset.abs() > LARGEST_OFFSET {
            return;
        }
        let offset = if agree(offset, TimeDelta::zero()) { TimeDelta::zero() } else { offset };
        match self.answers {
            Some(known) if agree(known, offset) => self.other_answer = None,
            // A cache may answer with an old date: only the second in a row counts.
            Some(_) if self.other_answer.is_none_or(|other| !agree(other, offset)) => {
                self.other_answer = Some(offset);
            }
            Some(_) | None => {
                (self.answers, self.other_answer) = (Some(offset), None);
                (self.zoned, self.zoneless) = (Track::default(), Track::default());
            }
        }
    }

    fn place(&mut self, stated: &StatedTime, now: &Now, learns: bool) -> Placed {
        let answers = self.answers.unwrap_or_default();
        let (stated_at, track, base) = if stated.has_zone {
            (stated.time, &mut self.zoned, answers)
        } else {
            let base = self.zoned.offset.unwrap_or(answers);
            let time = nearest(stated.time.naive_utc(), self.zone, now.wall - base);
            (time, &mut self.zoneless, base)
        };
        let delay = now.wall - stated_at;
        if learns {
            track.learn(delay, now.wall, base);
        }
        let offset = track.offset.unwrap_or(base);
        let is_known = track.offset.is_some();
        let is_ahead = delay < offset - TOLERANCE;
        let offset = match (is_known, is_ahead) {
            // A clock that is ahead shows at once: nothing arrives before it happened.
            (false, true) => track.agreeing(delay).unwrap_or(delay),
            _ => offset,
        };
        let at = (stated_at + offset).min(now.wall + CLAMP);
        let late_by = (delay - offset).max(TimeDelta::zero());
        let moment = now.moment_of(at);
        let is_of_now = (!is_known || late_by <= CLAMP) && moment < now.moment;
        Placed {
            at,
            moment,
            received: is_of_now.then_some(now.moment),
            is_known,
            late_by,
            correction: at - stated.time,
        }
    }
}

impl Track {
    fn learn(&mut self, delay: TimeDelta, received: DateTime<Utc>, base: TimeDelta) {
        if delay.abs() > LARGEST_OFFSET {
            return;
        }
        if self.samples.back().is_none_or(|(last, _)| received - *last >= SAMPLE_INTERVAL) {
            self.samples.push_back((received, delay));
        }
        if self.samples.len() > CHANGE_EVIDENCE {
            self.samples.pop_front();
        }
        let evidence = match self.offset {
            Some(known) if (known - delay).abs() <= CLAMP => return,
            Some(_) => CHANGE_EVIDENCE,
            None => FIRST_EVIDENCE,
        };
        if agree(delay, base) {
            self.offset = Some(base);
            return;
        }
        let Some(first) = self.samples.len().checked_sub(evidence) else { return };
        let latest = || self.samples.iter().skip(first).map(|(_, delay)| *delay);
        let (Some(least), Some(most)) = (latest().min(), latest().max()) else { return };
        if agree(least, most) {
            self.offset = match self.offset {
                // What was placed by the oldest of them keeps its order to what is placed from now on.
                None => self.agreeing(delay),
                Some(_) => Some(most),
            };
        }
    }

    /// The oldest of the kept delays that counts as equal to this one.
    fn agreeing(&self, delay: TimeDelta) -> Option<TimeDelta> {
        self.samples.iter().map(|(_, own)| *own).find(|own| agree(*own, delay))
    }
}

/// What a time without a zone may mean: UTC, or a time of `zone`; whichever lies nearer to `expected`.
fn nearest(
    time: NaiveDateTime,
    zone: Option<FixedOffset>,
    expected: DateTime<Utc>,
) -> DateTime<Utc> {
    let utc = time.and_utc();
    let local = match zone {
        Some(zone) => zone.from_local_datetime(&time).map(|own| own.to_utc()),
        None => Local.from_local_datetime(&time).map(|own| own.to_utc()),
    };
    let local = [local.earliest(), local.latest()];
    let all = std::iter::once(utc).chain(local.into_iter().flatten());
    all.min_by_key(|own| (*own - expected).abs()).unwrap_or(utc)
}

#[cfg(test)]
mod tests;
