//! The only file that reads time. Everything else is told what time it is.

use std::sync::LazyLock;
use std::time::Instant;

use chrono::{DateTime, Utc};

use crate::floor::time::{Moment, Now};

/// Where the monotonic clock stands when the process begins, milliseconds: ten years. What was before, at a vendor or
/// at a relay, has its moment too.
const BEGIN: u64 = 10 * 365 * 86_400_000;

/// When the process first asked for the time.
static START: LazyLock<Instant> = LazyLock::new(read_instant);

/// Both clocks, now.
pub fn now() -> Now {
    Now { moment: moment(), wall: wall() }
}

/// The monotonic clock, now.
pub fn moment() -> Moment {
    let start = *START;
    let millis = read_instant().saturating_duration_since(start).as_millis();
    Moment::from_millis(u64::try_from(millis).unwrap_or(u64::MAX).saturating_add(BEGIN))
}

/// The calendar clock, now, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
pub fn wall() -> DateTime<Utc> {
    Utc::now()
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
fn read_instant() -> Instant {
    Instant::now()
}
