//! Which sources and feeds were not read, in a line each, and the exit code that says so.

use std::io;

use crate::floor::link::{Feed, FeedKind, Health};
use crate::floor::{Kind, World};
use crate::state::State;
use crate::table::TableId;
use crate::terminal::print::{Printer, line};
use crate::text::Shown;

/// Some sources or feeds that were needed failed: what is printed is right, but incomplete.
pub const SOME: u8 = 5;

/// All that were needed failed.
pub const ALL: u8 = 4;

/// What a feed is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Serves {
    Every,
    These(&'static [TableId]),
}

/// The tables that a feed serves. What only adds to their rows, such as names from an address book, serves none.
fn serves(kind: Kind, feed: &str) -> Serves {
    use TableId::{Agents, CallbackLists, Callbacks, Calls, Entries, Journal, Queues};
    match (kind, feed) {
        (Kind::Telepo | Kind::Enreach, "queues") => Serves::These(&[Queues, Agents]),
        (Kind::Telepo, "agents") => Serves::These(&[Queues, Agents, Calls]),
        (Kind::Telepo, "calls") => Serves::These(&[Calls]),
        (Kind::Telepo, "callbacks") => Serves::These(&[Callbacks, CallbackLists]),
        (Kind::Enreach, "callback_lists") => Serves::These(&[CallbackLists]),
        (Kind::Telepo, "presence") | (Kind::Nimbus, "address books") => Serves::These(&[]),
        (Kind::Nimbus, feed) if feed.starts_with("entries ") => Serves::These(&[Entries, Journal]),
        (Kind::Telepo | Kind::Enreach | Kind::Nimbus | Kind::Relay, _) => Serves::Every,
    }
}

/// What a report asks for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'t> {
    /// The tables that are written.
    pub tables: &'t [TableId],
    /// Whether somebody named them: then what a board can do without is needed too.
    pub named: bool,
}

impl Asked<'_> {
    fn needs(&self, kind: Kind, feed: &Feed) -> bool {
        let is_served = match serves(kind, feed.name.raw()) {
            Serves::Every => true,
            Serves::These(tables) => self.tables.iter().any(|table| tables.contains(table)),
        };
        is_served && (self.named || feed.kind == FeedKind::Poll)
    }
}

/// Why a feed was not read; nothing where it was.
fn failure(feed: &Feed) -> Option<Shown> {
    match &feed.health {
        Health::Up => None,
        Health::Connecting => Some(Shown::clean("no answer in time")),
        Health::Down { error, .. }
        | Health::Unauthorized { error, .. }
        | Health::Stopped { error } => Some(error.clone()),
    }
}

fn asked(world: &World) -> impl Iterator<Item = &Feed> {
    world.feeds.iter().filter(|feed| feed.kind.is_asked())
}

/// Says of every feed that was not read which it is and why: one line for a source where nothing of it was, for one
/// reason. Returns how many feeds that are needed were read, and how many were not.
fn tell(
    state: &State,
    needs: impl Fn(Kind, &Feed) -> bool,
    mask: bool,
    messages: &mut Printer<'_>,
) -> io::Result<(usize, usize)> {
    let (mut read, mut failed) = (0, 0);
    for (source, world) in state.floor.worlds() {
        let all: Vec<(&Feed, Option<Shown>)> =
            asked(world).map(|feed| (feed, failure(feed))).collect();
        for (feed, why) in &all {
            if needs(world.kind, feed) {
                *(if why.is_some() { &mut failed } else { &mut read }) += 1;
            }
        }
        let source = source.shown();
        let said = |why: &Shown| if mask { why.masked() } else { why.clone() };
        let mut reasons = all.iter().map(|(_, why)| why.as_ref());
        if let Some(Some(first)) = reasons.next()
            && reasons.all(|why| why == Some(first))
        {
            messages.line(line![source, ": ", said(first)])?;
            continue;
        }
        for (feed, why) in all.iter().filter_map(|(feed, why)| Some((feed, why.as_ref()?))) {
            messages.line(line![&source, ": ", feed.name.shown(), ": ", said(why)])?;
        }
    }
    Ok((read, failed))
}

/// Tells what failed of a report; returns its exit code.
pub fn of_report(
    state: &State,
    asked: Asked<'_>,
    mask: bool,
    messages: &mut Printer<'_>,
) -> io::Result<u8> {
    let (read, failed) = tell(state, |kind, feed| asked.needs(kind, feed), mask, messages)?;
    Ok(match (read, failed) {
        (_, 0) => 0,
        (0, _) => ALL,
        _ => SOME,
    })
}

/// Tells what failed of what a command read before it acts.
pub fn of_command(state: &State, mask: bool, messages: &mut Printer<'_>) -> io::Result<()> {
    tell(state, |_, _| false, mask, messages).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::id::FeedName;

    fn feed(name: &str, kind: FeedKind) -> Feed {
        Feed::new(FeedName::new(name), kind, None)
    }

    #[test]
    fn a_feed_is_needed_by_the_tables_that_it_serves() {
        let needs = |tables: &[TableId], named, kind, name: &str, of| {
            Asked { tables, named }.needs(kind, &feed(name, of))
        };
        let (poll, aside) = (FeedKind::Poll, FeedKind::Aside);
        assert!(needs(&[TableId::Queues], false, Kind::Telepo, "queues", poll));
        assert!(!needs(&[TableId::Callbacks], true, Kind::Telepo, "queues", poll));
        assert!(needs(&[TableId::Calls], true, Kind::Telepo, "calls", aside));
        assert!(!needs(&[TableId::Calls], false, Kind::Telepo, "calls", aside), "not named");
        assert!(!needs(&[TableId::Agents], true, Kind::Telepo, "presence", aside));
        assert!(needs(&[TableId::Entries], true, Kind::Nimbus, "entries a@b.c", poll));
        assert!(!needs(&[TableId::Queues], true, Kind::Nimbus, "entries a@b.c", poll));
        assert!(needs(&[TableId::Queues], false, Kind::Relay, "snapshot", poll));
    }
}
