//! Tables of rows that count what really changed.
//!
//! Most readings find what the one before found. A row that was found again as it was is no change: whatever was
//! found from the table (an order, a sum) still holds.

use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::floor::agent::Agent;
use crate::floor::callback::CallbackList;
use crate::floor::id::{AgentKey, EntryId, FeedName, ListId, QueueId};
use crate::floor::portable::{Change, Portable};
use crate::floor::queue::Queue;
use crate::floor::row_map::{self, RowMap};
use crate::floor::scheduler::Entry;
use crate::floor::time::Moment;

/// A row that a feed tells of.
pub trait Row: Clone + PartialEq {
    /// What names it.
    type Key: Ord + Clone;

    fn key(&self) -> &Self::Key;

    /// The feed that tells of it.
    fn feed(&self) -> &FeedName;

    /// When it was last told of.
    fn updated(&self) -> Moment;

    /// When it was last told of, to change.
    fn updated_mut(&mut self) -> &mut Moment;

    /// Whether a figure of it grows with the time since it was told of.
    fn grows(&self) -> bool {
        false
    }

    /// Whether it shows the same as `known`, however long ago that was told of.
    fn is_same(&mut self, known: &Self) -> bool {
        let at = self.updated();
        if at != known.updated() && self.grows() {
            return false;
        }
        *self.updated_mut() = known.updated();
        let is_same = self == known;
        *self.updated_mut() = at;
        is_same
    }
}

macro_rules! row {
    ($row:ty, $key:ty, $field:ident $(, $grows:expr)?) => {
        impl Row for $row {
            type Key = $key;

            fn key(&self) -> &Self::Key {
                &self.$field
            }

            fn feed(&self) -> &FeedName {
                &self.feed
            }

            fn updated(&self) -> Moment {
                self.updated
            }

            fn updated_mut(&mut self) -> &mut Moment {
                &mut self.updated
            }

            $(fn grows(&self) -> bool {
                let grows: fn(&Self) -> bool = $grows;
                grows(self)
            })?
        }
    };
}

row!(Queue, QueueId, id, |queue| {
    let figures = &queue.figures;
    let grows = |span: Option<u32>, count: Option<u32>| span.is_some() && count != Some(0);
    grows(figures.longest_wait_s, figures.waiting)
        || grows(figures.oldest_backlog_s, figures.backlog)
});
row!(Agent, AgentKey, key);
row!(Entry, EntryId, id);
row!(CallbackList, ListId, id);

/// Rows by their names, and how often one of them changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent, bound(serialize = "R: Serialize, R::Key: Serialize"))]
#[serde(bound(deserialize = "R: Deserialize<'de>, R::Key: Deserialize<'de>"))]
pub struct RowTable<R: Row> {
    rows: RowMap<R::Key, R>,
    #[serde(skip)]
    changes: u64,
}

/// The rows that a table held before it is filled anew.
#[derive(Debug)]
pub struct Former<R: Row> {
    rows: RowMap<R::Key, R>,
    changes: u64,
}

impl<R: Row> Default for RowTable<R> {
    fn default() -> Self {
        Self { rows: RowMap::new(), changes: 0 }
    }
}

/// Tables with the same rows are equal, however they came to them.
impl<R: Row> PartialEq for RowTable<R> {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}

impl<R: Row> Deref for RowTable<R> {
    type Target = RowMap<R::Key, R>;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

impl<R: Row> Deref for Former<R> {
    type Target = RowMap<R::Key, R>;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

impl<R: Row> RowTable<R> {
    /// Grows with every row that is added, differs or goes.
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// Puts a row in, and returns the one of the same name that stood there.
    pub fn insert(&mut self, mut row: R) -> Option<R> {
        let is_same = self.rows.get(row.key()).is_some_and(|known| row.is_same(known));
        self.changes += u64::from(!is_same);
        self.rows.insert(row.key().clone(), row).map(Arc::unwrap_or_clone)
    }

    /// Takes a row out.
    pub fn remove(&mut self, key: &R::Key) -> Option<R> {
        let row = self.rows.remove(key);
        self.changes += u64::from(row.is_some());
        row
    }

    /// Changes one row; `None` where there is none of that name.
    pub fn edit<T>(&mut self, key: &R::Key, edit: impl FnOnce(&mut R) -> T) -> Option<T> {
        let row = self.rows.get_mut(key)?;
        let before = row.clone();
        let result = edit(row);
        self.changes += u64::from(!row.is_same(&before));
        Some(result)
    }

    pub fn edit_all(&mut self, mut edit: impl FnMut(&mut R)) {
        for row in self.rows.values_mut() {
            let before = row.clone();
            edit(row);
            self.changes += u64::from(!row.is_same(&before));
        }
    }

    /// Says of every row when it was last told of.
    pub fn touch(&mut self, mut at: impl FnMut(&R) -> Option<Moment>) {
        let differs = |row: &R| at(row).filter(|at| *at != row.updated());
        self.rows.change_some(differs, |row, at| {
            *row.updated_mut() = at;
            self.changes += u64::from(row.grows());
        });
    }

    /// Replaces all rows; returns whether any is new, differs or is gone.
    pub fn replace(&mut self, rows: impl IntoIterator<Item = R>) -> bool {
        let former = self.empty();
        self.rows = rows.into_iter().map(|row| (row.key().clone(), row)).collect();
        self.settle(&former)
    }

    /// Empties the table, to be filled anew and then settled.
    pub fn empty(&mut self) -> Former<R> {
        Former { rows: std::mem::take(&mut self.rows), changes: self.changes }
    }

    /// Ends what [`empty()`](Self::empty) began: only what differs from the former rows is a change.
    pub fn settle(&mut self, former: &Former<R>) -> bool {
        let is_same = self.rows.len() == former.len()
            && self.rows.values_mut().zip(former.values()).all(|(row, known)| row.is_same(known));
        self.changes = former.changes + u64::from(!is_same);
        !is_same
    }
}

impl<R: Row> RowTable<R> {
    /// The rows in the order of their names.
    pub fn into_values(self) -> impl Iterator<Item = R> {
        self.rows.into_values()
    }
}

impl<'t, R: Row> IntoIterator for &'t RowTable<R> {
    type Item = (&'t R::Key, &'t R);
    type IntoIter = row_map::Iter<'t, R::Key, R>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

impl<R: Row> FromIterator<R> for RowTable<R> {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Self {
        let mut table = Self::default();
        table.replace(rows);
        table
    }
}

impl<R: Row + Portable> Portable for RowTable<R> {
    fn change(&mut self, by: &mut dyn Change) {
        self.rows.change(by);
        self.changes += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(id: &str, open: u32, at: u64) -> CallbackList {
        let (id, feed) = (ListId::new(id), FeedName::new("lists"));
        let list = CallbackList::unknown(id, feed, Moment::from_millis(at));
        CallbackList { open: Some(open), ..list }
    }

    #[test]
    fn a_row_that_is_found_as_it_was_is_no_change_and_keeps_when_it_was_found() {
        let mut table: RowTable<CallbackList> = [list("a", 1, 5)].into_iter().collect();
        let before = table.changes();
        table.insert(list("a", 1, 9));
        assert_eq!(table.changes(), before);
        assert_eq!(table[&ListId::new("a")].updated, Moment::from_millis(9));
        table.insert(list("a", 2, 9));
        assert_eq!(table.changes(), before + 1);
    }

    #[test]
    fn a_row_that_comes_or_goes_is_a_change() {
        let mut table = RowTable::default();
        table.insert(list("a", 1, 5));
        table.remove(&ListId::new("a"));
        table.remove(&ListId::new("a"));
        assert_eq!(table.changes(), 2);
    }

    #[test]
    fn an_edit_that_comes_to_the_same_is_no_change() {
        let mut table: RowTable<CallbackList> = [list("a", 1, 5)].into_iter().collect();
        let before = table.changes();
        table.edit(&ListId::new("a"), |row| row.open = Some(1));
        assert_eq!(table.edit(&ListId::new("b"), |_| ()), None);
        assert_eq!(table.changes(), before);
        table.edit(&ListId::new("a"), |row| row.open = None);
        assert_eq!(table.changes(), before + 1);
    }

    #[test]
    fn a_table_that_is_filled_anew_with_the_same_rows_is_no_change() {
        let mut table: RowTable<CallbackList> =
            [list("a", 1, 5), list("b", 2, 5)].into_iter().collect();
        let before = table.changes();
        assert!(!table.replace([list("b", 2, 8), list("a", 1, 8)]));
        assert_eq!(table.changes(), before);
        for rows in [vec![list("a", 1, 8)], vec![list("a", 1, 8), list("c", 2, 8)]] {
            assert!(table.replace(rows));
        }
        assert_eq!(table.changes(), before + 2);
    }
}
