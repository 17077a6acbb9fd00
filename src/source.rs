//! The vendors' systems as sources of events, and what their clients share.

pub mod http;
pub mod poll;
pub mod quota;
pub mod retry;
pub mod secret;
pub mod sse;
