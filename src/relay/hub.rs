//! What a relay knows, and the latest facts by which it came to know it, each with a number. No socket, no clock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use crate::event::{Event, SourceEvent, Stamped};
use crate::floor::id::SourceName;
use crate::floor::journal::Journal;
use crate::floor::link::{FeedKind, Health};
use crate::floor::portable::{Masked, Named, Portable};
use crate::floor::reread::Reread;
use crate::floor::time::{Moment, Now};
use crate::floor::{Kind, World};
use crate::keymap::Keymap;
use crate::operations::{Access, Command};
use crate::report;
use crate::report::openmetrics::Own;
use crate::source::relay::wire::{SCHEMA, Snapshot};
use crate::state::State;
use crate::table::{Context, LogLine, TableId, Zone};
use crate::text::json;

/// How much of the past is kept for boards that were away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Facts.
    pub facts: usize,
    /// Bytes of their texts.
    pub bytes: usize,
}

impl Bounds {
    /// Minutes of a floor of ordinary size.
    pub const STANDARD: Self = Self { facts: 65_536, bytes: 8 * 1024 * 1024 };
}

/// How long a relay that was just started waits for its sources until boards may see what there is, milliseconds: longer
/// than one request may take.
const EARLY_MS: u128 = 20_000;

/// A numbered fact, as it is sent: an event of the stream, whole.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Its number.
    pub seq: u64,
    open: Bytes,
    masked: Bytes,
}

impl Fact {
    /// The text for somebody who sees numbers of people, or does not.
    pub const fn text(&self, numbers: bool) -> &Bytes {
        if numbers { &self.open } else { &self.masked }
    }

    fn size(&self) -> usize {
        let masked = if self.open.as_ptr() == self.masked.as_ptr() { 0 } else { self.masked.len() };
        self.open.len() + masked
    }
}

/// The facts that a board asks for are not kept any more, or were never told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// The last fact so far: what follows can be had.
    pub seq: u64,
}

/// The floor of a relay.
#[derive(Debug)]
pub struct Hub {
    state: State,
    begun: Moment,
    run: u64,
    seq: u64,
    ring: VecDeque<Fact>,
    size: usize,
    bounds: Bounds,
}

impl Hub {
    /// A hub of these sources. The facts of a run are numbered from the microsecond in which it began, so that no
    /// number of an earlier run is taken for one of this.
    pub fn new(
        sources: impl IntoIterator<Item = (SourceName, Kind)>,
        now: Now,
        bounds: Bounds,
    ) -> Self {
        let access = Access::ReadOnly;
        let state = State::new(sources, access, Keymap::standard(access), now);
        let run = u64::try_from(now.wall.timestamp_micros()).unwrap_or_default();
        Self { state, begun: now.moment, run, seq: run, ring: VecDeque::new(), size: 0, bounds }
    }

    /// Which run it is.
    pub const fn run(&self) -> u64 {
        self.run
    }

    /// The number of the last fact.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// A command whose target and place are named as this relay knows them.
    pub fn resolved(&self, command: Command) -> Command {
        let world = self.state.floor.world(&command.source);
        command.resolved(world)
    }

    /// Takes a fact in. What a source tells gets a number and is kept for a while; of a reading that is what it changed.
    pub fn take(&mut self, fact: Stamped) {
        let before = match &fact.event {
            Event::Source { source, event: SourceEvent::Snapshot(_) } => {
                self.state.floor.world(source).map(World::tables)
            }
            _ => None,
        };
        let Some(before) = before else {
            self.number(&fact);
            self.state.apply(fact);
            return;
        };
        self.state.apply(fact.clone());
        let fact = self.difference(&before, fact);
        self.number(&fact);
    }

    /// A reading as the difference that it made; as it is where that says more.
    fn difference(&self, before: &World, fact: Stamped) -> Stamped {
        let Stamped { at, event: Event::Source { source, event: SourceEvent::Snapshot(part) } } =
            fact
        else {
            return fact;
        };
        let after = self.state.floor.world(&source);
        let event = match after.and_then(|after| Reread::between(before, after, &part)) {
            Some(reread) => SourceEvent::Reread(reread),
            None => SourceEvent::Snapshot(part),
        };
        Stamped { at, event: Event::Source { source, event } }
    }

    /// Numbers and keeps a fact.
    fn number(&mut self, fact: &Stamped) {
        if let Event::Source { source, event } = &fact.event
            && let Some(world) = self.state.floor.world(source)
        {
            let books = Arc::clone(&world.books);
            self.seq += 1;
            let open = written(self.seq, fact);
            let mut event_masked = event.clone();
            if !books.is_empty() {
                event_masked.change(&mut Named(&books));
            }
            event_masked.change(&mut Masked);
            let masked = match event_masked == *event {
                true => open.clone(),
                false => {
                    let event = Event::Source { source: source.clone(), event: event_masked };
                    written(self.seq, &Stamped { at: fact.at, event })
                }
            };
            self.keep(Fact { seq: self.seq, open, masked });
        }
    }

    /// Takes over what another relay of the same sources knows. There are no facts between what was known before and this:
    /// boards take it whole.
    pub fn adopt(&mut self, worlds: BTreeMap<SourceName, World>) {
        self.seq += 1;
        self.ring.clear();
        self.size = 0;
        self.state.floor.adopt(worlds);
    }

    fn keep(&mut self, fact: Fact) {
        self.size += fact.size();
        self.ring.push_back(fact);
        while self.ring.len() > 1
            && (self.ring.len() > self.bounds.facts || self.size > self.bounds.bytes)
        {
            let gone = self.ring.pop_front().map_or(0, |fact| fact.size());
            self.size -= gone;
        }
    }

    /// The facts behind number `seq`, first to last.
    ///
    /// # Errors
    /// Not all of them are kept, or there never was such a number.
    pub fn behind(&self, seq: u64) -> Result<impl Iterator<Item = &Fact>, Missed> {
        let missed = Missed { seq: self.seq };
        let behind = self.seq.checked_sub(seq).ok_or(missed)?;
        let count = usize::try_from(behind).map_err(|_| missed)?;
        match self.ring.len().checked_sub(count) {
            Some(skipped) if seq >= self.run => Ok(self.ring.range(skipped..)),
            _ => Err(missed),
        }
    }

    /// All that is known, at the present number; numbers of people are masked later, where they are to be.
    pub fn snapshot(&self, now: Now) -> Snapshot {
        let worlds = self.state.floor.worlds();
        let parts: BTreeMap<SourceName, World> =
            worlds.map(|(name, world)| (name.clone(), world.clone())).collect();
        Snapshot { schema: SCHEMA, run: self.run, seq: self.seq, now, parts }
    }

    fn context(&self, now: Now, numbers: bool) -> Context<'_> {
        Context {
            now,
            live: false,
            mask: !numbers,
            veil: !numbers,
            zone: Zone::Utc,
            ..self.state.context()
        }
    }

    /// The floor as it is now, waits and all.
    pub fn live(&self, now: Now) -> Context<'_> {
        Context { live: true, ..self.context(now, true) }
    }

    /// How scheduler entries ended.
    pub const fn journal(&self) -> &Journal {
        &self.state.journal
    }

    /// The same, to take over what was kept.
    pub const fn journal_mut(&mut self) -> &mut Journal {
        &mut self.state.journal
    }

    /// The report's JSON on every table.
    pub fn tables(&self, now: Now, numbers: bool) -> Value {
        report::json::json(&self.context(now, numbers), &TableId::ALL)
    }

    /// The report for Prometheus, with what the relay tells of itself.
    ///
    /// # Errors
    /// None that has been seen: it is written into memory.
    pub fn metrics(&self, now: Now, own: &[Own]) -> Result<String, std::fmt::Error> {
        let context = self.context(now, false);
        report::openmetrics::with_own(&context, &TableId::ALL, |_| true, own)
    }

    /// The sources that have not spoken yet, and are not known to be down.
    pub fn silent(&self) -> Vec<&SourceName> {
        let worlds = self.state.floor.worlds();
        worlds.filter(|(_, world)| is_silent(world)).map(|(name, _)| name).collect()
    }

    /// Whether boards may see what is known: before every source has spoken, a board knows more from before.
    pub fn is_ready(&self, now: Moment) -> bool {
        self.silent().is_empty() || now.since(self.begun).as_millis() >= EARLY_MS
    }

    /// The lines of the log behind the one of that number.
    pub fn log_behind(&self, number: u64) -> impl Iterator<Item = &LogLine> {
        let fresh = self.state.log.partition_point(|line| line.number <= number);
        self.state.log.range(fresh..)
    }
}

/// Whether a source has yet to be answered, or refused.
fn is_silent(world: &World) -> bool {
    let mut polls = world.feeds.iter().filter(|feed| feed.kind == FeedKind::Poll).peekable();
    polls.peek().is_none()
        || polls.any(|feed| feed.health == Health::Connecting && feed.last_update.is_none())
}

/// An event of the stream: its number and the fact, in the form of a recording.
fn written(seq: u64, fact: &Stamped) -> Bytes {
    // A fact that has no JSON has nothing but its number: a board that cannot read it counts it.
    let json = json::text(fact).unwrap_or_default();
    Bytes::from(format!("id: {seq}\ndata: {json}\n\n"))
}
