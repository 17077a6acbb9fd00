//! What comes and goes: rows that leave by themselves, and that nothing late brings back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::floor::portable::{Change, Portable, portable};
use crate::floor::time::{Moment, Told};

/// How long it is remembered that a row has left, milliseconds: as long as a vendor may try to deliver.
const REMEMBERED_MS: u64 = 3_600_000;

/// Rows by their identity, never more than a set number, and the identities of those that left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept<K: Ord, V> {
    rows: BTreeMap<K, V>,
    left: BTreeMap<K, Gone>,
}

/// A row that left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Gone {
    at: Moment,
    /// The last that was told of it, if something later may bring it back.
    last: Option<Told>,
}

impl<K: Ord, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), left: BTreeMap::new() }
    }
}

/// A row that leaves by itself.
pub trait Leaves {
    /// How many are kept at most.
    const MOST: usize;

    /// From when on it may leave; [`Moment::LAST`] while it has to stay.
    fn leaves(&self) -> Moment;

    /// When it was last told of: where there are too many, the first by this have to go.
    fn updated(&self) -> Moment;

    /// Whether there is enough known of it to be shown.
    fn is_shown(&self) -> bool;

    /// After what it may come back once it has left; `None` if that was for good.
    fn last(&self) -> Option<Told>;
}

impl<K: Ord, V> FromIterator<(K, V)> for Kept<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(rows: I) -> Self {
        Self { rows: rows.into_iter().collect(), left: BTreeMap::new() }
    }
}

impl<K: Ord + Clone, V: Leaves> Kept<K, V> {
    /// The row of that identity.
    pub fn get(&self, id: &K) -> Option<&V> {
        self.rows.get(id).filter(|row| row.is_shown())
    }

    /// All rows, by identity.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.values().filter(|row| row.is_shown())
    }

    /// How many rows there are, shown or not.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The row of that identity, shown or not, made by `new` where there is none. `None` if it has left, unless
    /// what is `told` now may bring it back.
    pub(super) fn entry(
        &mut self,
        id: &K,
        told: Option<Told>,
        new: impl FnOnce() -> V,
    ) -> Option<&mut V> {
        if let Some(gone) = self.left.get(id) {
            if gone.last.zip(told).is_none_or(|(last, told)| told <= last) {
                return None;
            }
            self.left.remove(id);
        }
        if !self.rows.contains_key(id) && self.rows.len() >= V::MOST {
            self.thin();
        }
        Some(self.rows.entry(id.clone()).or_insert_with(new))
    }

    /// Lets the rows leave whose time has come; those that left.
    pub(super) fn tick(&mut self, now: Moment) -> Vec<V> {
        let due: Vec<K> = self
            .rows
            .iter()
            .filter(|(_, row)| row.leaves() <= now)
            .map(|(id, _)| id.clone())
            .collect();
        let forgotten = now.as_millis().saturating_sub(REMEMBERED_MS);
        self.left.retain(|_, gone| gone.at.as_millis() > forgotten || forgotten == 0);
        let mut rows = Vec::new();
        for id in due {
            if let Some(row) = self.rows.remove(&id) {
                self.left.insert(id, Gone { at: now, last: row.last() });
                rows.push(row);
            }
        }
        while self.left.len() > V::MOST * 4 {
            self.left.pop_first();
        }
        rows
    }

    /// Makes room: an eighth of the rows go, first what is over, then what was told of least lately.
    fn thin(&mut self) {
        let mut ages: Vec<((bool, Moment), K)> = self
            .rows
            .iter()
            .map(|(id, row)| ((row.leaves() == Moment::LAST, row.updated()), id.clone()))
            .collect();
        ages.sort_unstable();
        for (_, id) in ages.into_iter().take(V::MOST / 8 + 1) {
            self.rows.remove(&id);
        }
    }
}

portable!(Gone: at, last;);

impl<K: Ord, V: Portable> Portable for Kept<K, V> {
    fn change(&mut self, by: &mut dyn Change) {
        let Self { rows, left } = self;
        rows.change(by);
        left.change(by);
    }
}
