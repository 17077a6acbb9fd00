//! What a relay knows at one moment: published by the one writer, read by everybody, changed by nobody.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::LazyLock;

use serde_json::Value;

use super::facts::{Fact, FactLog, Missed};
use crate::floor::id::SourceName;
use crate::floor::journal::Journal;
use crate::floor::link::{FeedKind, Health};
use crate::floor::time::{Moment, Now};
use crate::floor::{Floor, World};
use crate::operations::Command;
use crate::report;
use crate::report::openmetrics::Series;
use crate::source::relay::wire::{SCHEMA, Snapshot};
use crate::table::{Context, LogLine, TableId, Zone};

/// How long a relay that was just started waits for its sources until boards may see what there is, milliseconds: longer
/// than one request may take.
const EARLY_MS: u128 = 20_000;

/// Reports show no log and no journal.
static NOTHING: LazyLock<(VecDeque<LogLine>, Journal)> = LazyLock::new(Default::default);

/// All that a relay knows, and the latest facts by which it came to know it. It shares its rows with the views before
/// and after it.
#[derive(Debug, Clone)]
pub struct View {
    pub(super) begun: Moment,
    pub(super) run: u64,
    pub(super) seq: u64,
    pub(super) floor: Floor,
    pub(super) facts: FactLog,
}

impl View {
    /// Which run it is of.
    pub const fn run(&self) -> u64 {
        self.run
    }

    /// The number of the last fact.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Grows with everything that may change an answer: with every fact, and with what leaves the floor by itself.
    pub const fn revision(&self) -> u64 {
        self.seq + self.floor.revision()
    }

    /// A command whose target and place are named as this relay knows them.
    pub fn resolved(&self, command: Command) -> Command {
        let world = self.floor.world(&command.source);
        command.resolved(world)
    }

    /// The facts behind number `seq`, first to last.
    ///
    /// # Errors
    /// Not all of them are kept, or there never was such a number.
    pub fn behind(&self, seq: u64) -> Result<impl Iterator<Item = &Fact>, Missed> {
        let missed = Missed { seq: self.seq };
        let behind = self.seq.checked_sub(seq).filter(|_| seq >= self.run).ok_or(missed)?;
        let count = usize::try_from(behind).map_err(|_| missed)?;
        self.facts.last(count).ok_or(missed)
    }

    /// All that is known, at the present number; numbers of people are masked later, where they are to be.
    pub fn snapshot(&self, now: Now) -> Snapshot {
        let worlds = self.floor.worlds();
        let parts: BTreeMap<SourceName, World> =
            worlds.map(|(name, world)| (name.clone(), world.clone())).collect();
        Snapshot { schema: SCHEMA, run: self.run, seq: self.seq, now, parts }
    }

    fn context(&self, now: Now, numbers: bool) -> Context<'_> {
        let (log, journal) = &*NOTHING;
        Context {
            floor: &self.floor,
            now,
            pending: &[],
            log,
            journal,
            mask: !numbers,
            veil: !numbers,
            live: false,
            zone: Zone::Utc,
            inside: None,
        }
    }

    /// The floor as it is now, waits and all.
    pub fn live(&self, now: Now) -> Context<'_> {
        Context { live: true, ..self.context(now, true) }
    }

    /// The report's JSON on every table.
    pub fn tables(&self, now: Now, numbers: bool) -> Value {
        report::json::json(&self.context(now, numbers), &TableId::ALL)
    }

    /// The report for Prometheus; with `per_item` calls, tasks, callbacks and entries have series of their own.
    ///
    /// # Errors
    /// None that has been seen: it is written into memory.
    pub fn metrics(&self, now: Now, per_item: bool) -> Result<String, fmt::Error> {
        let context = self.context(now, false);
        let series = Series { tables: &TableId::ALL, per_item };
        report::openmetrics::openmetrics(&context, series, |_| true)
    }

    /// The sources that have not spoken yet, and are not known to be down.
    pub fn silent(&self) -> Vec<&SourceName> {
        let worlds = self.floor.worlds();
        worlds.filter(|(_, world)| is_silent(world)).map(|(name, _)| name).collect()
    }

    /// Whether boards may see what is known: before every source has spoken, a board knows more from before.
    pub fn is_ready(&self, now: Moment) -> bool {
        self.silent().is_empty() || now.since(self.begun).as_millis() >= EARLY_MS
    }
}

/// Whether a source has yet to be answered, or refused.
fn is_silent(world: &World) -> bool {
    let mut polls = world.feeds.iter().filter(|feed| feed.kind == FeedKind::Poll).peekable();
    polls.peek().is_none()
        || polls.any(|feed| feed.health == Health::Connecting && feed.last_update.is_none())
}
