//! What every source shares on its way to a system: HTTP, event streams, polling, retry, quota, secrets, and
//! the lenient readers of what others wrote.

pub mod clock;
pub mod http;
pub mod keep;
pub mod lenient;
pub mod poll;
pub mod posted;
pub mod quota;
pub mod retry;
pub mod ring;
pub mod secret;
pub mod sse;
