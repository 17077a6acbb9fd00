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
    /// The monotonic reading.
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

/// When a source says that something was so, by its own clock, and where that lies on ours.
///
/// Of two reports on one thing the later counts, in whatever order they arrive; of two of the same time the one
/// of the higher [`Told::report`], which says nothing but is the same for everybody.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Told {
    /// By the vendor's clock.
    pub at: DateTime<Utc>,
    /// Which report it is, made from its identity.
    pub report: u64,
    /// The same on our clock; not later than the moment at which it was received.
    pub moment: Moment,
    /// Whether it came too late to alarm anybody.
    pub late: bool,
}

impl Told {
    const fn order(&self) -> (DateTime<Utc>, u64) {
        (self.at, self.report)
    }
}

impl PartialEq for Told {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
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
        self.order().cmp(&other.order())
    }
}

/// The latest that was told of one thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latest<T> {
    /// When.
    pub told: Told,
    /// What.
    pub value: T,
}

impl<T> Latest<T> {
    /// Keeps `value` unless something later is known; whether it was kept.
    pub fn keep(slot: &mut Option<Self>, told: Told, value: T) -> bool {
        let newer = slot.as_ref().is_none_or(|known| known.told < told);
        if newer {
            *slot = Some(Self { told, value });
        }
        newer
    }
}

portable!(Told: moment; at, report, late);

impl<T: Portable> Portable for Latest<T> {
    fn change(&mut self, by: &mut dyn Change) {
        let Self { told, value } = self;
        told.change(by);
        value.change(by);
    }
}
