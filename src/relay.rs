//! The relay: one process that reads all sources and shares what it knows with any number of boards.
//!
//! ```text
//!  vendors ──► webhook: store, answer 200, decode ──┐
//!  sources: polls, streams ──► bounded channel ◄────┘
//!                                   │
//!                                   ▼
//!                                  Hub: the one writer; rows, numbered facts
//!                                   │ publishes on a short tick
//!                                   ▼
//!                                  View: immutable; readers take the newest, and lock nothing
//!                                   │
//!       GET /v1/snapshot ◄──────────┤ all that is known, at one number
//!       GET /v1/events   ◄──────────┤ the facts behind a number; a gap where the log begins later
//!       GET /v1/tables, /metrics ◄──┘ the report, made once for each revision
//!       POST /v1/commands ──► the relay's own dispatcher ──► audit ──► Source::execute
//! ```
//!
//! `server` keeps the door for both sides. A board that lags is told that it does; it never holds up the hub, or another board.

use std::net::SocketAddr;
use std::path::PathBuf;

use self::access::TokenSettings;
use self::server::Listen;
use crate::source::settings::{NatsServer, TlsFiles};

pub mod access;
pub mod auth;
mod board;
mod facts;
pub mod http;
pub mod hub;
mod limits;
mod made;
#[cfg(feature = "nats")]
pub mod nats;
pub mod server;
pub mod store;
mod view;
pub mod webhook;

/// Where a relay listens unless it is told otherwise.
pub const LISTEN: &str = "127.0.0.1:8480";

/// What `[relay]` of the config file says, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    pub listen: SocketAddr,
    /// What vendors that register webhooks are told.
    pub public_url: Option<String>,
    /// Where received events are kept; `None` for the platform's data directory.
    pub store: Option<PathBuf>,
    /// Whether a proxy that speaks HTTPS stands in front.
    pub behind_proxy: bool,
    /// Its certificate and key; `None` for plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Where it meets other relays of the same floor; `None` where there are none.
    pub nats: Option<NatsServer>,
    pub tokens: Vec<TokenSettings>,
}

/// What a relay does for its floor, where there may be several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// It does not know yet whether it is alone.
    Waits,
    /// It reads the sources, and the other relays know.
    Leads,
    /// It reads the sources, and cannot ask the others.
    Alone,
    /// Another one reads the sources and tells it.
    Follows,
}

impl Duty {
    /// Whether it reads the sources.
    pub const fn leads(self) -> bool {
        matches!(self, Self::Leads | Self::Alone)
    }
}

impl Settings {
    /// Where and how it listens.
    pub fn door(&self) -> Listen {
        Listen { address: self.listen, tls: self.tls.clone(), behind_proxy: self.behind_proxy }
    }
}
