//! The limits of a request's body: bytes and time, for every path that reads one.

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

/// The longest time that a whole body may take, outside of tests.
pub const BODY_TIME: Duration = Duration::from_secs(10);

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than the path allows.
    #[error("the body is longer than {limit} bytes")]
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// It did not arrive in time.
    #[error("the body did not arrive within {} s", limit.as_secs())]
    TooSlow { limit: Duration },
    /// The connection broke, or its framing is wrong.
    #[error("the body is not framed as its head says")]
    Broken,
}

impl BodyError {
    /// The status of the answer.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads a whole body of at most `limit` bytes within `time`.
///
/// # Errors
/// The limit that it breaks. What was read is dropped.
pub async fn whole(body: Body, limit: usize, time: Duration) -> Result<Bytes, BodyError> {
    match tokio::time::timeout(time, collect(body, limit)).await {
        Ok(read) => read,
        Err(_) => Err(BodyError::TooSlow { limit: time }),
    }
}

async fn collect(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut chunks = body.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| BodyError::Broken)?;
        if whole.len() + chunk.len() > limit {
            return Err(BodyError::TooLong { limit });
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}
