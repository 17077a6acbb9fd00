//! The only file that reads time. Everything else is told what time it is.

use std::sync::LazyLock;
use std::time::Instant;

use chrono::{DateTime, Utc};

use crate::floor::time::{Moment, Now};

/// When the process first asked for the time.
static START: LazyLock<Instant> = LazyLock::new(read_instant);

/// How far before the process moments reach, milliseconds: a call that had begun, and what was known before a restart,
/// is as old as it is. A day, as the store of webhooks remembers.
const BEFORE: u64 = 24 * 3_600 * 1_000;

/// Both clocks, now.
pub fn now() -> Now {
    Now { moment: moment(), wall: wall() }
}

/// The monotonic clock, now.
pub fn moment() -> Moment {
    let start = *START;
    let millis = read_instant().saturating_duration_since(start).as_millis();
    Moment::from_millis(u64::try_from(millis).unwrap_or(u64::MAX).saturating_add(BEFORE))
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
