//! How scheduler entries ended: what the vendor's own reports leave out.
//!
//! An entry's end is told by its completion reason. One that only left the list ended nobody knows how, unless it was
//! removed here. Numbers of people are masked from the start: the journal outlives the day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::floor::id::{EntryId, SourceName};
use crate::floor::reread::Reread;
use crate::floor::scheduler::{Entry, EntryState};
use crate::floor::{Part, World};
use crate::text::Shown;

/// How long an end is kept.
pub const KEPT: TimeDelta = TimeDelta::days(30);

/// Ends that are kept at most: a vendor that makes them up must not fill the memory.
const MOST: usize = 50_000;

/// How one entry ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When that was seen.
    pub at: DateTime<Utc>,
    pub source: SourceName,
    pub id: EntryId,
    /// The service that made the call, or would have.
    pub service: Shown,
    /// Whom it called, masked.
    pub destination: Option<Shown>,
    /// When it was due.
    pub due: Option<DateTime<Utc>>,
    /// The scheduling system's own reference.
    pub reference: Option<Shown>,
    /// Attempts made, where an event told.
    pub attempts: Option<u32>,
    pub max_attempts: Option<u32>,
    pub end: End,
}

/// How an entry ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The vendor told why.
    Told(Shown),
    /// It was removed here.
    Removed,
    /// It left the list; nobody told why.
    Unknown,
    /// It had left the list, and came back: it did not end.
    Back,
}

impl End {
    /// What is known about it: a better end takes the place of a worse one.
    const fn rank(&self) -> u8 {
        match self {
            Self::Told(_) => 3,
            Self::Removed => 2,
            Self::Unknown => 1,
            Self::Back => 0,
        }
    }
}

type Key = (SourceName, EntryId);

/// The ends of the last 30 days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Journal {
    ended: BTreeMap<Key, (u64, Ended)>,
    order: BTreeMap<u64, Key>,
    last: u64,
    /// What is not in `ended` and has to be written down all the same.
    back: Vec<(u64, Ended)>,
}

impl Ended {
    fn of(source: &SourceName, entry: &Entry, end: End, at: DateTime<Utc>) -> Self {
        Self {
            at,
            source: source.clone(),
            id: entry.id.clone(),
            service: entry.service.clone(),
            destination: entry.destination.as_ref().map(Shown::masked),
            due: entry.due,
            reference: entry.reference.as_ref().map(Shown::masked),
            attempts: entry.attempts,
            max_attempts: entry.max_attempts,
            end,
        }
    }
}

/// Why an entry is over, if it is.
fn end(entry: &Entry) -> Option<End> {
    match (&entry.completion_reason, &entry.state) {
        (Some(reason), _) => Some(End::Told(reason.masked())),
        (None, EntryState::Ended) => Some(End::Unknown),
        (None, _) => None,
    }
}

impl Journal {
    /// How many ends there are.
    pub fn len(&self) -> usize {
        self.ended.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ended.is_empty()
    }

    /// Every end, by source, then id.
    pub fn iter(&self) -> impl Iterator<Item = &Ended> {
        self.ended.values().map(|(_, ended)| ended)
    }

    /// The end of an entry.
    pub fn get(&self, source: &SourceName, id: &EntryId) -> Option<&Ended> {
        self.ended.get(&(source.clone(), id.clone())).map(|(_, ended)| ended)
    }

    /// The number of the newest end.
    pub const fn last(&self) -> u64 {
        self.last
    }

    /// Ends that came behind the one of that number, each with its own, oldest first.
    pub fn behind(&self, number: u64) -> Vec<(u64, &Ended)> {
        let newer = self.order.range(number + 1..);
        let mut all: Vec<(u64, &Ended)> = newer
            .filter_map(|(number, key)| Some((*number, &self.ended.get(key)?.1)))
            .chain(self.back.iter().filter(|(own, _)| *own > number).map(|(own, end)| (*own, end)))
            .collect();
        all.sort_by_key(|(number, _)| *number);
        all
    }

    /// Takes over what was written down; what is older than [`KEPT`] at `now` is let go.
    pub fn remember(&mut self, ends: impl IntoIterator<Item = Ended>, now: DateTime<Utc>) {
        for ended in ends {
            if ended.end == End::Back {
                self.forget(&(ended.source, ended.id));
            } else if now - ended.at <= KEPT {
                self.keep(ended);
            }
        }
    }

    /// Takes in what a reading of entries ends, before the reading itself.
    pub fn read(&mut self, source: &SourceName, world: &World, part: &Part, at: DateTime<Utc>) {
        let Part::Entries { feed, rows } = part else { return };
        let told: BTreeSet<&EntryId> = rows.iter().map(|row| &row.id).collect();
        let former = world.entries.values().filter(|entry| &entry.feed == feed);
        let gone = former.filter(|entry| !told.contains(&entry.id));
        self.found(source, rows, gone, at);
    }

    /// The same of a reading that is told as a difference.
    pub fn reread(
        &mut self,
        source: &SourceName,
        world: &World,
        reread: &Reread,
        at: DateTime<Utc>,
    ) {
        let Reread::Entries(rows) = reread else { return };
        let gone = rows.gone().iter().filter_map(|id| world.entries.get(id));
        self.found(source, rows.changed(), gone, at);
    }

    /// An event told of an entry: it may be the only one to say why it ended.
    pub fn told(&mut self, source: &SourceName, entry: &Entry, at: DateTime<Utc>) {
        if let Some(end) = end(entry) {
            self.keep(Ended::of(source, entry, end, at));
        }
    }

    fn found<'e>(
        &mut self,
        source: &SourceName,
        rows: &[Entry],
        gone: impl Iterator<Item = &'e Entry>,
        at: DateTime<Utc>,
    ) {
        for row in rows {
            match end(row) {
                Some(end) => self.keep(Ended::of(source, row, end, at)),
                None => self.revive(source, row, at),
            }
        }
        for entry in gone.filter(|entry| end(entry).is_none()) {
            self.keep(Ended::of(source, entry, End::Unknown, at));
        }
        self.prune(at);
    }

    /// An entry was removed here.
    pub fn removed(&mut self, source: &SourceName, id: &EntryId) {
        let Some((_, ended)) = self.ended.get(&(source.clone(), id.clone())) else { return };
        self.keep(Ended { end: End::Removed, ..ended.clone() });
    }

    /// Keeps an end, unless one that says as much is there.
    fn keep(&mut self, ended: Ended) {
        let key = (ended.source.clone(), ended.id.clone());
        if let Some((number, known)) = self.ended.get(&key) {
            if known.end.rank() >= ended.end.rank() {
                return;
            }
            self.order.remove(number);
        }
        self.last += 1;
        self.order.insert(self.last, key.clone());
        self.ended.insert(key, (self.last, ended));
        while self.ended.len() > MOST {
            let Some((_, key)) = self.order.pop_first() else { return };
            self.ended.remove(&key);
        }
    }

    /// An entry that had only left the list is there again.
    fn revive(&mut self, source: &SourceName, entry: &Entry, at: DateTime<Utc>) {
        let key = (source.clone(), entry.id.clone());
        if self.ended.get(&key).is_some_and(|(_, known)| known.end == End::Unknown) {
            self.forget(&key);
            self.last += 1;
            self.back.push((self.last, Ended::of(source, entry, End::Back, at)));
        }
    }

    fn forget(&mut self, key: &Key) {
        if let Some((number, _)) = self.ended.remove(key) {
            self.order.remove(&number);
        }
    }

    fn prune(&mut self, now: DateTime<Utc>) {
        while let Some(first) = self.order.first_entry() {
            let old = self.ended.get(first.get()).is_none_or(|(_, ended)| now - ended.at > KEPT);
            if !old {
                return;
            }
            let key = first.remove();
            self.ended.remove(&key);
        }
    }
}
