//! Facts that happened: the one order in which everything reaches the state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::floor::id::SourceName;
use crate::floor::link::Feed;
use crate::floor::portable::{Change, Portable};
use crate::floor::reread::Reread;
use crate::floor::time::{Moment, Now};
use crate::floor::{Delta, Floor, Kind, Part, World};
use crate::operations::{CommandId, Outcome};
use crate::table::{RowId, TableId};
use crate::text::Shown;

pub use self::record::not_shown;

mod record;

/// A fact with the moment at which it was received.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// When it was received.
    pub at: Moment,
    pub event: Event,
}

/// A fact that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A source told something.
    Source {
        source: SourceName,
        event: SourceEvent,
    },
    /// A key went down.
    Key(Press),
    /// Text was pasted, or several characters came at once.
    Paste(String),
    /// The terminal sent something that is no key: a reply, a report, a torn sequence.
    Unknown,
    /// The terminal has taken a picture of the state as it was at that revision.
    Written {
        revision: u64,
    },
    /// The terminal takes nothing any more (true), or takes something again.
    Unread(bool),
    /// The mouse was used, on these cells.
    Mouse(Pointer),
    /// What the mouse was used on.
    Pointed(Target),
    /// The terminal has a new size.
    Resize {
        width: u16,
        height: u16,
    },
    Tick(Now),
    /// A command came to its end.
    Finished {
        id: CommandId,
        /// What came of it.
        outcome: Outcome,
    },
    /// A picture of the screen was written, and where; or it was not, and why.
    Exported(Result<Shown, Shown>),
}

/// What a source tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceEvent {
    /// How one of its feeds is doing.
    Link(Feed),
    /// A named part of its world, whole.
    Snapshot(Part),
    /// A part that was read again, as the difference that it made: by a relay, which knows what there was before.
    Reread(Reread),
    Delta(Delta),
    /// Something that is worth a line in the log and changes nothing.
    Said(Shown),
    /// Something was lost; a fresh snapshot follows.
    Gap(Shown),
    /// Fields or events that it did not know.
    Unknown {
        /// What they are, for the log.
        what: Shown,
        count: u64,
    },
    /// All that is known of the sources for which it stands, at once.
    Relayed(BTreeMap<SourceName, World>),
    /// What one of those sources tells.
    Of(SourceName, Box<SourceEvent>),
}

impl SourceEvent {
    /// Changes what is known of `source`, and of those for which it stands.
    pub fn apply(self, floor: &mut Floor, source: &SourceName, at: Moment) {
        if let Self::Relayed(worlds) = self {
            floor.relayed(source, worlds);
            return;
        }
        match self {
            Self::Link(feed) => {
                floor.change(source, |world| world.report(feed, at));
                if floor.world(source).is_some_and(|world| world.kind == Kind::Relay) {
                    floor.reach();
                }
            }
            Self::Snapshot(part) => floor.change(source, |world| world.replace(part, at)),
            Self::Reread(reread) => floor.change(source, |world| world.reread(reread)),
            Self::Delta(delta) => floor.change(source, |world| {
                world.apply(delta);
            }),
            Self::Unknown { what: _, count } => {
                floor.change(source, |world| world.count_unknown(count));
            }
            Self::Of(own, event) if floor.stands_for(source, &own) => event.apply(floor, &own, at),
            Self::Said(_) | Self::Gap(_) | Self::Relayed(_) | Self::Of(..) => {}
        }
    }
}

impl Portable for SourceEvent {
    fn change(&mut self, by: &mut dyn Change) {
        match self {
            Self::Link(feed) => feed.change(by),
            Self::Snapshot(part) => part.change(by),
            Self::Reread(reread) => reread.change(by),
            Self::Delta(delta) => delta.change(by),
            Self::Said(text) | Self::Gap(text) | Self::Unknown { what: text, count: _ } => {
                text.change(by);
            }
            Self::Relayed(worlds) => worlds.change(by),
            Self::Of(_, event) => event.change(by),
        }
    }
}

/// One use of the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// The column, from 0.
    pub x: u16,
    /// The row, from 0.
    pub y: u16,
    pub gesture: Gesture,
}

/// What was done with the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gesture {
    /// The left button went down.
    Click,
    /// The wheel was turned away from the reader.
    WheelUp,
    /// The wheel was turned towards the reader.
    WheelDown,
}

/// What the mouse was used on: things, never cells, so that a recording holds on any screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Row(RowId),
    Column(String),
    Tab(TableId),
    /// The rows, by so many.
    Rows(i8),
}

/// A key with its modifiers. Shift is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Press {
    pub key: Key,
    /// Whether Control was held.
    pub ctrl: bool,
    /// Whether Alt was held.
    pub alt: bool,
}

impl Press {
    pub const fn plain(key: Key) -> Self {
        Self { key, ctrl: false, alt: false }
    }

    pub const fn char(c: char) -> Self {
        Self::plain(Key::Char(c))
    }

    /// The character with Control.
    pub const fn ctrl(c: char) -> Self {
        Self { key: Key::Char(c), ctrl: true, alt: false }
    }
}

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    Char(char),
    /// Function key 1 to 24.
    F(u8),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}
