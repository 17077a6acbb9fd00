//! What goes on within a call and is no business of the floor's: a hold, somebody who listens. It follows from the
//! call's own number and from how long it lasts, so that the same floor always tells the same.

use std::ops::Range;

/// When in a call the other end is put on hold, if at all: milliseconds since it was connected.
pub(super) const HOLD: Range<u64> = 25_000..40_000;
/// When in a hold a colleague is consulted, if at all: milliseconds since the call was connected.
pub(super) const CONSULTING: Range<u64> = 27_000..38_000;
/// When in a beginner's call somebody listens: milliseconds since it was connected.
pub(super) const LISTENING: Range<u64> = 10_000..50_000;
/// Skill up to which somebody is a beginner.
const BEGINNER: u8 = 2;
/// One call of so many is put on hold.
const HELD: u64 = 3;

/// One call of so many is put on hold to consult somebody.
const CONSULTED: u64 = 6;

/// How a call stands within itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Course {
    /// Whether the other end is on hold.
    pub(super) held: bool,
    /// Whether a colleague is consulted.
    pub(super) consulting: bool,
    pub(super) listening: bool,
}

impl Course {
    /// The course of the call of that number, `lasted` milliseconds after it was connected.
    pub(super) fn of(number: u64, lasted: u64) -> Self {
        let held = number.is_multiple_of(HELD) && HOLD.contains(&lasted);
        let consulting = number.is_multiple_of(CONSULTED) && CONSULTING.contains(&lasted);
        Self { held, consulting, listening: false }
    }

    /// The same with somebody of that skill, to whom others may listen.
    pub(super) fn with(self, lasted: u64, skill: u8) -> Self {
        Self { listening: skill <= BEGINNER && LISTENING.contains(&lasted), ..self }
    }
}
