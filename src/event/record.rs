//! What is written down of what a source tells: how scheduler entries ended, and lines for the log.

use crate::event::SourceEvent;
use crate::floor::id::SourceName;
use crate::floor::journal::Journal;
use crate::floor::link::{Feed, Health};
use crate::floor::time::{Moment, Now};
use crate::floor::{Delta, World};
use crate::text::Shown;
use crate::threshold::Severity;

impl SourceEvent {
    /// Notes in `journal` how entries end by this event, and answers with its line for the log, if it is worth one. To
    /// be called before the event is applied to `world`, which is what is known of `source`.
    pub fn record(
        &self,
        source: &SourceName,
        world: &World,
        journal: &mut Journal,
        now: Now,
    ) -> Option<(Severity, String)> {
        match self {
            Self::Snapshot(part) => journal.read(source, world, part, now.wall),
            Self::Reread(reread) => journal.reread(source, world, reread, now.wall),
            Self::Delta(Delta::Entry { entry, .. }) => journal.told(source, entry, now.wall),
            Self::Link(feed) => return transition(world.feed(&feed.name), feed, now.moment),
            Self::Said(text) => return Some((Severity::Ok, text.to_string())),
            Self::Gap(cause) => {
                return Some((Severity::Warning, format!("{cause}: reading anew")));
            }
            Self::Unknown { what, count: _ } => {
                return Some((Severity::Ok, format!("not known, counted: {what}")));
            }
            Self::Delta(_) | Self::Relayed(_) | Self::Of(..) => {}
        }
        None
    }
}

/// The line for the log about the sources of a relay whose names are taken by others.
pub fn not_shown(name: &SourceName) -> String {
    format!("its source {} is not shown: there is one of that name", name.shown())
}

/// What the log says of a feed whose health changed; nothing while it goes on as it did.
fn transition(old: Option<&Feed>, new: &Feed, at: Moment) -> Option<(Severity, String)> {
    let name = new.name.shown();
    let same = |error: &Shown| old.is_some_and(|old| old.error() == Some(error));
    match &new.health {
        Health::Connecting => None,
        Health::Up => match old.map(|old| &old.health) {
            Some(Health::Down { .. } | Health::Unauthorized { .. }) => {
                Some((Severity::Ok, format!("{name}: back")))
            }
            _ => None,
        },
        Health::Down { error, .. } if same(error) => None,
        Health::Down { error, retry_at, .. } => {
            let next = retry_at.map_or_else(String::new, |retry_at| {
                format!(", next try in {} s", retry_at.since(at).as_secs() + 1)
            });
            Some((Severity::Warning, format!("{name}: {error}{next}")))
        }
        Health::Unauthorized { error, .. } if same(error) => None,
        Health::Unauthorized { error, .. } => {
            Some((Severity::Critical, format!("{name}: {error}")))
        }
        Health::Stopped { error } => Some((Severity::Warning, format!("{name}: stopped: {error}"))),
    }
}
