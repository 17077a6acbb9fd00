//! A part that was read again, told as the difference that it made.
//!
//! Most readings find what the one before found. Whoever has that needs nothing but the rows that differ, and when the
//! others were found as they were: an old row must never pass for a new one, nor a fresh one for stale.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::floor::agent::Agent;
use crate::floor::callback::CallbackList;
use crate::floor::id::{AgentKey, EntryId, FeedName, ListId, QueueId};
use crate::floor::news::QueueNews;
use crate::floor::portable::{Change, Portable};
use crate::floor::queue::Queue;
use crate::floor::row::{Row, RowTable};
use crate::floor::row_map::RowMap;
use crate::floor::scheduler::Entry;
use crate::floor::time::Moment;
use crate::floor::{Part, World};

/// What a reading changed in the world that the one before it left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reread {
    /// All queues were read; below them what events told is kept beside what was read.
    Queues(Rows<QueueId, Queue>, BTreeMap<QueueId, QueueNews>),
    /// All agents were read.
    Agents(Rows<AgentKey, Agent>),
    /// All scheduler entries of a feed were read.
    Entries(Rows<EntryId, Entry>),
    /// All callback lists were read.
    CallbackLists(Rows<ListId, CallbackList>),
}

/// What became of the rows of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rows<K, R> {
    /// When the rows of each feed were found, those that are not named below just as they were.
    found: Vec<(FeedName, Moment)>,
    /// Those that are new, or differ.
    changed: Vec<R>,
    /// Those that are gone.
    gone: Vec<K>,
}

/// When the rows of each feed were read.
fn found<R: Row>(rows: &[R]) -> Vec<(FeedName, Moment)> {
    let mut found: Vec<(FeedName, Moment)> = Vec::new();
    for row in rows {
        if !found.iter().any(|(feed, _)| feed == row.feed()) {
            found.push((row.feed().clone(), row.updated()));
        }
    }
    found
}

/// A row that was found as it was.
fn find<R: Row>(row: &mut R, found: &[(FeedName, Moment)]) {
    if let Some((_, at)) = found.iter().find(|(feed, _)| feed == row.feed()) {
        *row.updated_mut() = *at;
    }
}

impl<K, R> Rows<K, R> {
    /// Those that are new, or differ.
    pub fn changed(&self) -> &[R] {
        &self.changed
    }

    /// Those that are gone.
    pub fn gone(&self) -> &[K] {
        &self.gone
    }
}

impl<R: Row> Rows<R::Key, R> {
    fn between(
        before: &RowMap<R::Key, R>,
        after: &RowMap<R::Key, R>,
        found: Vec<(FeedName, Moment)>,
    ) -> Self {
        let differs = |row: &&R| {
            let mut known = before.get(row.key()).cloned();
            if let Some(known) = &mut known {
                find(known, &found);
            }
            known.as_ref() != Some(row)
        };
        let changed = after.values().filter(differs).cloned().collect();
        let gone = before.keys().filter(|key| !after.contains_key(key)).cloned().collect();
        Self { found, changed, gone }
    }

    fn apply(self, table: &mut RowTable<R>) {
        table.touch(|row| {
            let found = self.found.iter().find(|(feed, _)| feed == row.feed());
            found.map(|(_, at)| *at)
        });
        for key in &self.gone {
            table.remove(key);
        }
        for row in self.changed {
            table.insert(row);
        }
    }
}

impl Reread {
    /// What reading `part` made of `before`; `None` where that is more than rows of one table.
    pub fn between(before: &World, after: &World, part: &Part) -> Option<Self> {
        let reread = match part {
            Part::Queues(rows) => {
                let found = found(rows);
                let differs = |(queue, news): &(&QueueId, &QueueNews)| {
                    let mut known = before.news.get(queue).cloned();
                    if let Some(known) = &mut known {
                        known.find(|row| find(row, &found));
                    }
                    known.as_ref() != Some(news)
                };
                let news = after.news.iter().filter(differs);
                let news = news.map(|(queue, news)| (queue.clone(), news.clone())).collect();
                Self::Queues(Rows::between(&before.queues, &after.queues, found), news)
            }
            Part::Agents(rows) => {
                Self::Agents(Rows::between(&before.agents, &after.agents, found(rows)))
            }
            Part::Entries { feed: _, rows } => {
                Self::Entries(Rows::between(&before.entries, &after.entries, found(rows)))
            }
            Part::CallbackLists(rows) => {
                Self::CallbackLists(Rows::between(&before.lists, &after.lists, found(rows)))
            }
            Part::HiddenQueues(_)
            | Part::Services(_)
            | Part::Priorities(_)
            | Part::Tasking(_)
            | Part::Books(_)
            | Part::Calls(_)
            | Part::Callbacks(_)
            | Part::News(_)
            | Part::Tasks { .. }
            | Part::Own(_)
            | Part::Profiles(_) => return None,
        };
        reread.makes(before, after).then_some(reread)
    }

    /// Whether it makes of `before` just what is known `after`.
    fn makes(&self, before: &World, after: &World) -> bool {
        let mut told = World::new(before.kind);
        let [mut queues, mut agents, mut entries, mut lists] = [before; 4];
        match self {
            Self::Queues(..) => {
                (told.queues, told.news) = (before.queues.clone(), before.news.clone());
            }
            Self::Agents(_) => told.agents = before.agents.clone(),
            Self::Entries(_) => told.entries = before.entries.clone(),
            Self::CallbackLists(_) => told.lists = before.lists.clone(),
        }
        told.reread(self.clone());
        match self {
            Self::Queues(..) => queues = &told,
            Self::Agents(_) => agents = &told,
            Self::Entries(_) => entries = &told,
            Self::CallbackLists(_) => lists = &told,
        }
        queues.queues == after.queues
            && queues.news == after.news
            && agents.agents == after.agents
            && entries.entries == after.entries
            && lists.lists == after.lists
            && before.feeds == after.feeds
            && before.unknown_fields == after.unknown_fields
            && (&before.via, &before.away) == (&after.via, &after.away)
            && (&before.spelt, before.queues_known) == (&after.spelt, after.queues_known)
    }
}

impl World {
    /// Takes over what a reading changed.
    pub fn reread(&mut self, reread: Reread) {
        match reread {
            Reread::Queues(rows, news) => {
                for own in self.news.values_mut() {
                    own.find(|row| find(row, &rows.found));
                }
                self.changes.0 += u64::from(!news.is_empty());
                self.news.extend(news);
                rows.apply(&mut self.queues);
            }
            Reread::Agents(rows) => rows.apply(&mut self.agents),
            Reread::Entries(rows) => rows.apply(&mut self.entries),
            Reread::CallbackLists(rows) => rows.apply(&mut self.lists),
        }
    }
}

impl<K, R: Portable> Portable for Rows<K, R> {
    fn change(&mut self, by: &mut dyn Change) {
        let Self { found, changed, gone: _ } = self;
        for (_, at) in found {
            at.change(by);
        }
        changed.change(by);
    }
}

impl Portable for Reread {
    fn change(&mut self, by: &mut dyn Change) {
        match self {
            Self::Queues(rows, news) => {
                rows.change(by);
                news.change(by);
            }
            Self::Agents(rows) => rows.change(by),
            Self::Entries(rows) => rows.change(by),
            Self::CallbackLists(rows) => rows.change(by),
        }
    }
}
