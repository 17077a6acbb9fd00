//! What vendors post: bytes of a stranger's, of which at most one JSON object is made.

use serde_json::Value;

use crate::transport::http::json::{TooDeep, check_depth};

/// The longest body of an event: the largest documented one, with a hundred attempts in it, has a tenth of this.
pub const MAX_BYTES: usize = 256 * 1024;

/// Why bytes are no event.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// Longer than [`MAX_BYTES`].
    #[error("an event of more than {MAX_BYTES} bytes")]
    TooLong,
    /// Nested too deep.
    #[error("an event that is nested too deep")]
    TooDeep(#[source] TooDeep),
    /// No JSON.
    #[error("an event that is no JSON")]
    Syntax(#[source] serde_json::Error),
    /// JSON, but no object.
    #[error("an event that is no object")]
    NoObject,
    /// Something is missing without which nothing can be made of it.
    #[error("an event without {what}")]
    Lacks {
        /// What is missing.
        what: &'static str,
    },
}

/// The JSON of a body, whatever it is.
///
/// # Errors
/// [`Malformed`]: too long, too deep, or no JSON.
pub fn parse(body: &[u8]) -> Result<Value, Malformed> {
    if body.len() > MAX_BYTES {
        return Err(Malformed::TooLong);
    }
    check_depth(body).map_err(Malformed::TooDeep)?;
    serde_json::from_slice(body).map_err(Malformed::Syntax)
}

/// A number that tells two reports apart and is the same for everybody (FNV-1a).
pub fn report(identity: &[u8]) -> u64 {
    identity.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
