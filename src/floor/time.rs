//! Two clocks kept apart: a monotonic one for ages, a calendar one for what people read.

use std::cmp::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::floor::portable::{Change, Portable, portable};

/// A point on the monotonic clock, in whole milliseconds. The clock begins long before the process, so that what was
/// before it has its moment too.
///
/// Ages are differences of moments, so a stepped or wrong calendar clock never changes an age.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Moment(u64);

impl Moment {
    /// The end of time: for what no passing of it changes.
    pub const LAST: Self = Self(u64::MAX);

    /// The moment `millis` milliseconds after the clock began.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the clock began.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The moment `span` later.
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// One reading of both clocks, taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    pub moment: Moment,
    /// The calendar reading, UTC.
    pub wall: DateTime<Utc>,
}

impl Now {
    /// The calendar time of `moment`, as seen from this reading.
    pub fn wall_of(&self, moment: Moment) -> DateTime<Utc> {
        let millis = i128::from(moment.0) - i128::from(self.moment.0);
        let delta = i64::try_from(millis)
            .ok()
            .and_then(TimeDelta::try_milliseconds)
            .unwrap_or(TimeDelta::zero());
        self.wall.checked_add_signed(delta).unwrap_or(self.wall)
    }

    /// The moment of the calendar time `wall`, as seen from this reading: at most the present one.
    pub fn moment_of(&self, wall: DateTime<Utc>) -> Moment {
        let past = self.wall.signed_duration_since(wall).num_milliseconds();
        Moment(self.moment.0.saturating_sub(u64::try_from(past).unwrap_or(0)))
    }

    /// How long ago `moment` was; zero for the future.
    pub const fn age(&self, moment: Moment) -> Duration {
        self.moment.since(moment)
    }
}

/// When something was so, as a source said it.
///
/// Of two reports on one thing the one of the later time counts, in whatever order they arrive; of two of one time the one
/// that arrived last. Two reports of one time compare as equal.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Told {
    /// The source's time, corrected by the offset of its clock ([`crate::transport::clock`]).
    pub at: DateTime<Utc>,
    /// Which report it is, made from its identity. It decides no order.
    pub report: u64,
    /// The same on our clock; not later than the moment at which it was received.
    pub moment: Moment,
    /// The receipt, where nothing shows that it was so before: see [`crate::transport::clock::Placed::received`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Moment>,
    /// Whether it came too late to alarm anybody.
    pub late: bool,
}

impl Told {
    /// A report of the present.
    pub const fn now(now: &Now, report: u64) -> Self {
        Self { at: now.wall, report, moment: now.moment, received: None, late: false }
    }

    /// Where it stands among our own readings: unless it is late, that is the receipt, so that a clock that is behind loses
    /// no report.
    pub fn among_readings(&self) -> Moment {
        self.received.unwrap_or(self.moment)
    }

    /// Whether the two are one report, received twice.
    pub fn is_same(&self, other: &Self) -> bool {
        self.at == other.at && self.report == other.report
    }

    /// Whether this report counts against `known`, which arrived before it.
    pub fn replaces(&self, known: &Self) -> bool {
        *known <= *self && !self.is_same(known)
    }
}

impl PartialEq for Told {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Told {}

impl PartialOrd for Told {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Told {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

/// The latest that was told of one thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latest<T> {
    pub told: Told,
    pub value: T,
}

impl<T> Latest<T> {
    /// Keeps `value`, which arrived last, unless something later is known; whether it was kept.
    pub fn keep(slot: &mut Option<Self>, told: Told, value: T) -> bool {
        let newer = slot.as_ref().is_none_or(|known| told.replaces(&known.told));
        if newer {
            *slot = Some(Self { told, value });
        }
        newer
    }
}

portable!(Told: moment, received; at, report, late);

impl<T: Portable> Portable for Latest<T> {
    fn change(&mut self, by: &mut dyn Change) {
        let Self { told, value } = self;
        told.change(by);
        value.change(by);
    }
}
