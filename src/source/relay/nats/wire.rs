//! What relays write to NATS, and where. Snapshots and facts have the form that they have over HTTP.

use serde::{Deserialize, Serialize};

/// The stream of events that vendors sent: relays alone read it.
pub const EVENTS: &str = "FLOORWALKER_EVENTS";
/// Their subjects, below it the name of the source.
pub const EVENT: &str = "floorwalker.event";
/// The bucket in which one relay holds the lead.
pub const LEASE: &str = "floorwalker_lease";

/// The subject on which the relay that leads is asked for a change.
pub const ACTION: &str = "floorwalker.action";

/// The header with the run of the relay that wrote.
pub const RUN: &str = "Floorwalker-Run";
/// The header with its clocks: [`Now`](crate::floor::time::Now) as JSON.
pub const NOW: &str = "Floorwalker-Now";
/// The header with the number of the message among those of its run: a reader sees by it that none is missing.
pub const INDEX: &str = "Floorwalker-Index";
/// The header with which piece of how many it is, `1/3`; absent for a whole.
pub const PIECE: &str = "Floorwalker-Piece";
/// The header with the time at which an event came, milliseconds since 1970.
pub const ARRIVED: &str = "Floorwalker-Arrived";

/// Bytes that one message holds at most.
pub const MESSAGE: usize = 256 * 1024;

/// The two forms of everything: streams and buckets of their own, so that the server can tell their readers apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Numbers of people are masked.
    Masked,
    Open,
}

impl Form {
    pub const ALL: [Self; 2] = [Self::Masked, Self::Open];

    /// Whether numbers of people are whole.
    pub const fn numbers(self) -> bool {
        matches!(self, Self::Open)
    }

    /// The stream of facts.
    pub const fn stream(self) -> &'static str {
        match self {
            Self::Masked => "FLOORWALKER_FACTS_MASKED",
            Self::Open => "FLOORWALKER_FACTS_OPEN",
        }
    }

    pub const fn subject(self) -> &'static str {
        match self {
            Self::Masked => "floorwalker.facts.masked",
            Self::Open => "floorwalker.facts.open",
        }
    }

    /// The bucket of snapshots.
    pub const fn bucket(self) -> &'static str {
        match self {
            Self::Masked => "floorwalker_masked",
            Self::Open => "floorwalker_open",
        }
    }
}

/// The key of [`Head`].
pub const HEAD: &str = "head";

/// Where the latest snapshot is, and where the facts behind it begin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Head {
    /// Which run of which relay wrote it.
    pub run: u64,
    /// The last fact that is in it.
    pub seq: u64,
    /// A place in the stream of facts behind which all later ones are.
    pub place: u64,
    /// Which of two slots its parts are in: one is whole while the other is written.
    pub slot: u8,
    /// The revisions of its parts, in their order.
    pub revisions: Vec<u64>,
}

/// The key of a part of a snapshot.
pub fn part(slot: u8, index: usize) -> String {
    format!("state.{slot}.{index}")
}
