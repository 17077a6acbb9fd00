//! The machine's clock.

use std::time::Instant;

/// Now.
#[expect(clippy::disallowed_methods, reason = "a bench measures")]
pub fn now() -> Instant {
    Instant::now()
}
