//! What comes and goes: rows that leave by themselves, and that nothing late brings back.

use serde::{Deserialize, Serialize};

use crate::floor::portable::{Change, Portable, portable};
use crate::floor::row_map::RowMap;
use crate::floor::time::{Moment, Told};

/// How long it is remembered that a row has left, milliseconds: as long as a vendor may try to deliver.
const REMEMBERED_MS: u64 = 3_600_000;

/// Rows by their identity, never more than a set number, and the identities of those that left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept<K: Ord, V> {
    rows: RowMap<K, V>,
    left: RowMap<K, Gone>,
    /// Rows that had to make room for others.
    #[serde(default)]
    left_out: u64,
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
        Self { rows: RowMap::new(), left: RowMap::new(), left_out: 0 }
    }
}

/// Whether it need not be remembered any more that a row has left.
const fn is_forgotten(gone: &Gone, now: Moment) -> bool {
    let forgotten = now.as_millis().saturating_sub(REMEMBERED_MS);
    forgotten > 0 && gone.at.as_millis() <= forgotten
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
        Self { rows: rows.into_iter().collect(), left: RowMap::new(), left_out: 0 }
    }
}

impl<K: Ord + Clone, V: Leaves + Clone> Kept<K, V> {
    /// The row of that identity.
    pub fn get(&self, id: &K) -> Option<&V> {
        self.rows.get(id).filter(|row| row.is_shown())
    }

    /// All rows, by identity.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.values().filter(|row| row.is_shown())
    }

    /// How many rows had to make room for others: nobody knows of them any more.
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Forgets of which rows left longest ago where there are too many of them.
    fn forget_oldest(&mut self) {
        let most = V::MOST * 4;
        if self.left.len() <= most {
            return;
        }
        let mut ages: Vec<Moment> = self.left.values().map(|gone| gone.at).collect();
        ages.sort_unstable();
        let excess = self.left.len() - most;
        let Some(last) = ages.get(excess - 1).copied() else { return };
        // Of those that left at one moment some may stay.
        let mut ties = excess - ages.iter().filter(|at| **at < last).count();
        self.left.retain(|_, gone| {
            let goes = gone.at < last || gone.at == last && ties > 0;
            ties -= usize::from(goes && gone.at == last);
            !goes
        });
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
        Some(self.rows.get_or_insert_with(id.clone(), new))
    }

    /// Whether [`Self::tick`] would change anything.
    pub(super) fn is_due(&self, now: Moment) -> bool {
        self.rows.values().any(|row| row.leaves() <= now)
            || self.left.values().any(|gone| is_forgotten(gone, now))
    }

    /// Lets the rows leave whose time has come; those that left.
    pub(super) fn tick(&mut self, now: Moment) -> Vec<V> {
        let due: Vec<K> = self
            .rows
            .iter()
            .filter(|(_, row)| row.leaves() <= now)
            .map(|(id, _)| id.clone())
            .collect();
        self.left.retain(|_, gone| !is_forgotten(gone, now));
        let mut rows = Vec::new();
        for id in due {
            if let Some(row) = self.rows.remove(&id) {
                self.left.insert(id, Gone { at: now, last: row.last() });
                rows.push(row);
            }
        }
        self.forget_oldest();
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
            if self.rows.remove(&id).is_some_and(|row| row.is_shown()) {
                self.left_out = self.left_out.saturating_add(1);
            }
        }
    }
}

portable!(Gone: at, last;);

impl<K: Ord + Clone, V: Portable + Clone> Portable for Kept<K, V> {
    fn change(&mut self, by: &mut dyn Change) {
        let Self { rows, left, left_out: _ } = self;
        rows.change(by);
        left.change(by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row that leaves at once, or goes on.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Row {
        over: bool,
        updated: Moment,
    }

    impl Leaves for Row {
        const MOST: usize = 8;

        fn leaves(&self) -> Moment {
            if self.over { self.updated } else { Moment::LAST }
        }

        fn updated(&self) -> Moment {
            self.updated
        }

        fn is_shown(&self) -> bool {
            true
        }

        fn last(&self) -> Option<Told> {
            None
        }
    }

    fn at(second: u64) -> Moment {
        Moment::from_millis(second * 1_000)
    }

    #[test]
    fn the_rows_that_left_longest_ago_are_forgotten_first_whatever_they_are_called() {
        let mut kept: Kept<u64, Row> = Kept::default();
        // The newer a row, the lower its key.
        for second in 0..40_u64 {
            let id = 1_000 - second;
            kept.entry(&id, None, || Row { over: true, updated: at(second) });
            assert_eq!(kept.tick(at(second)).len(), 1);
        }
        let comes_back = |kept: &mut Kept<u64, Row>, id: u64| {
            kept.entry(&id, None, || Row { over: false, updated: at(50) }).is_some()
        };
        assert!(!comes_back(&mut kept, 1_000 - 39), "the last one is remembered");
        assert!(!comes_back(&mut kept, 1_000 - 8), "and all that there is room for");
        assert!(comes_back(&mut kept, 1_000 - 7), "the oldest are forgotten");
        assert!(comes_back(&mut kept, 1_000));
    }

    #[test]
    fn of_rows_that_left_together_no_more_are_forgotten_than_have_to_be() {
        let mut kept: Kept<u64, Row> = Kept::default();
        for round in 0..6_u64 {
            for id in 0..8_u64 {
                kept.entry(&(round * 8 + id), None, || Row { over: true, updated: at(5) });
            }
            kept.tick(at(5));
        }
        assert_eq!(kept.left.len(), 32);
    }

    #[test]
    fn rows_that_have_to_make_room_are_counted() {
        let mut kept: Kept<u64, Row> = Kept::default();
        for id in 0..9_u64 {
            kept.entry(&id, None, || Row { over: false, updated: at(id) });
        }
        assert_eq!((kept.len(), kept.left_out()), (7, 2));
    }
}
