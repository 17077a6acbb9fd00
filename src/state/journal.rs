//! What the log says of what a source tells.

use crate::event::SourceEvent;
use crate::floor::World;
use crate::floor::link::{Feed, Health};
use crate::floor::time::Moment;
use crate::text::Shown;
use crate::threshold::Severity;

/// The line in the log that an event is worth.
pub(super) fn line(world: &World, event: &SourceEvent, at: Moment) -> Option<(Severity, String)> {
    match event {
        SourceEvent::Link(feed) => transition(world.feed(&feed.name), feed, at),
        SourceEvent::Said(text) => Some((Severity::Ok, text.to_string())),
        SourceEvent::Gap(cause) => Some((Severity::Warning, format!("{cause}: reading anew"))),
        SourceEvent::Unknown { what, count: _ } => {
            Some((Severity::Ok, format!("not known, counted: {what}")))
        }
        SourceEvent::Snapshot(_)
        | SourceEvent::Reread(_)
        | SourceEvent::Delta(_)
        | SourceEvent::Relayed(_)
        | SourceEvent::Of(..) => None,
    }
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
