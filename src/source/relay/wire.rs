//! What a relay and a board say to each other. Facts travel in the form of a recording: [`Stamped`], by the
//! relay's clock.
//!
//! [`Stamped`]: crate::event::Stamped

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::floor::World;
use crate::floor::id::SourceName;
use crate::floor::time::Now;
use crate::text::Shown;

/// The version of everything here.
pub const SCHEMA: u32 = 1;

/// The path of [`Snapshot`].
pub const SNAPSHOT: &str = "/v1/snapshot";
/// The path of the event stream.
pub const EVENTS: &str = "/v1/events";
/// The path of the report's JSON.
pub const TABLES: &str = "/v1/tables";
/// The path where a board asks for a change.
pub const COMMANDS: &str = "/v1/commands";

/// The type of the event with [`Hello`].
pub const HELLO: &str = "hello";
/// The type of the event with [`Gap`].
pub const GAP: &str = "gap";

/// Everything that a relay knows.
#[derive(Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Which run of the relay it is.
    pub run: u64,
    /// The last fact that is in it.
    pub seq: u64,
    pub now: Now,
    /// Its sources, each with its kind and all that it told.
    pub parts: BTreeMap<SourceName, World>,
}

/// The first that a stream says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Which run of the relay it is.
    pub run: u64,
    pub now: Now,
    /// Whether the facts behind `Last-Event-ID` follow; if not, a snapshot has to be taken.
    pub resumed: bool,
}

/// Facts that the board has missed for good: a snapshot has to be taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gap {
    /// The last of them.
    pub seq: u64,
    pub why: Shown,
}
