//! The relay: one process that reads all sources and shares what it knows with any number of boards.
//!
//! ```text
//!  sources ──► bounded channel ──► Hub: State, numbered facts, a ring of the latest
//!                                   │
//!       GET /v1/snapshot ◄──────────┤ all that is known, at one number
//!       GET /v1/events   ◄──────────┤ the facts behind a number; a gap where the ring begins later
//!       GET /v1/tables, /metrics ◄──┘ the report
//!       POST /v1/commands ──► the relay's own dispatcher ──► audit ──► Source::execute
//! ```
//!
//! A board that lags is told that it does; it never holds up the hub, or another board.

use std::net::SocketAddr;
use std::path::PathBuf;

use self::access::TokenSettings;

pub mod access;
mod board;
pub mod http;
pub mod hub;
mod idle;

/// Where a relay listens unless it is told otherwise.
pub const LISTEN: &str = "127.0.0.1:8480";

/// What `[relay]` of the config file says, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What vendors that register webhooks are told.
    pub public_url: Option<String>,
    /// Where received events are kept; `None` for the platform's data directory.
    pub store: Option<PathBuf>,
    /// Whether a proxy that speaks HTTPS stands in front.
    pub behind_proxy: bool,
    /// Its certificate and key; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// Whom it serves.
    pub tokens: Vec<TokenSettings>,
}

/// A certificate and its key, both in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate, with those between it and the root.
    pub cert: PathBuf,
    /// The key.
    pub key: PathBuf,
}
