//! Two clocks kept apart: a monotonic one for ages, a calendar one for what people read.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A point on the monotonic clock: whole milliseconds since the process began.
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

    /// The moment `millis` milliseconds after the process began.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the process began.
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

    /// How long ago `moment` was; zero for the future.
    pub const fn age(&self, moment: Moment) -> Duration {
        self.moment.since(moment)
    }
}
