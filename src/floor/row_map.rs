//! A map of rows that is copied in no time: copies share their rows until one of them is changed.

use std::borrow::Borrow;
use std::collections::{BTreeMap, btree_map};
use std::ops::{Index, RangeBounds};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::floor::portable::{Change, Portable};

/// Rows by their id, in the order of the ids.
///
/// A clone costs one reference count. The first change after it copies the references of the map, and of the rows only
/// those that are changed: a snapshot of a large floor costs what changed since the one before.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(
    serialize = "K: Serialize, V: Serialize",
    deserialize = "K: Deserialize<'de> + Ord, V: Deserialize<'de>"
))]
#[serde(transparent)]
pub struct RowMap<K, V>(Arc<BTreeMap<K, Arc<V>>>);

/// Yields the rows of a [`RowMap`] with their ids.
pub type Iter<'a, K, V> =
    std::iter::Map<btree_map::Iter<'a, K, Arc<V>>, fn((&'a K, &'a Arc<V>)) -> (&'a K, &'a V)>;

impl<K, V> Clone for RowMap<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Default for RowMap<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for RowMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        let mut rows = self.0.values().zip(other.0.values());
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.len() == other.0.len()
                && self.0.keys().eq(other.0.keys())
                && rows.all(|(row, other)| Arc::ptr_eq(row, other) || row == other))
    }
}

impl<K: Eq, V: Eq> Eq for RowMap<K, V> {}

impl<K: Ord, V> RowMap<K, V> {
    /// A map without rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The row of that id.
    pub fn get<Q: Ord + ?Sized>(&self, id: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(id).map(|row| &**row)
    }

    /// The row of that id, with the id as the map keeps it.
    pub fn get_key_value<Q: Ord + ?Sized>(&self, id: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.0.get_key_value(id).map(|(id, row)| (id, &**row))
    }

    /// Whether there is a row of that id.
    pub fn contains_key<Q: Ord + ?Sized>(&self, id: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(id)
    }

    /// All rows with their ids.
    pub fn iter(&self) -> Iter<'_, K, V> {
        self.0.iter().map(|(id, row)| (id, &**row))
    }

    pub fn keys(&self) -> btree_map::Keys<'_, K, Arc<V>> {
        self.0.keys()
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.0.values().map(|row| &**row)
    }

    /// The rows of a range of ids.
    pub fn range<Q: Ord + ?Sized>(
        &self,
        range: impl RangeBounds<Q>,
    ) -> impl DoubleEndedIterator<Item = (&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.0.range(range).map(|(id, row)| (id, &**row))
    }
}

impl<K: Ord + Clone, V: Clone> RowMap<K, V> {
    fn map(&mut self) -> &mut BTreeMap<K, Arc<V>> {
        Arc::make_mut(&mut self.0)
    }

    /// The row of that id, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, id: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        // A map without that row is not copied.
        self.0.get(id)?;
        self.map().get_mut(id).map(Arc::make_mut)
    }

    /// The row of that id, made by `new` where there is none, to be changed.
    pub fn get_or_insert_with(&mut self, id: K, new: impl FnOnce() -> V) -> &mut V {
        Arc::make_mut(self.map().entry(id).or_insert_with(|| Arc::new(new())))
    }

    /// All rows, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.map().values_mut().map(Arc::make_mut)
    }

    /// Changes the rows for which `wanted` says how, and copies no others.
    pub fn change_some<T>(
        &mut self,
        mut wanted: impl FnMut(&V) -> Option<T>,
        mut change: impl FnMut(&mut V, T),
    ) {
        for row in self.map().values_mut() {
            if let Some(how) = wanted(row) {
                change(Arc::make_mut(row), how);
            }
        }
    }

    /// All rows with their ids, the rows to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.map().iter_mut().map(|(id, row)| (id, Arc::make_mut(row)))
    }

    /// Puts a row in; the one that stood there before.
    pub fn insert(&mut self, id: K, row: V) -> Option<Arc<V>> {
        self.map().insert(id, Arc::new(row))
    }

    /// Takes a row out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, id: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.0.get(id)?;
        self.map().remove(id).map(Arc::unwrap_or_clone)
    }

    /// Takes the first row out.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        self.map().pop_first().map(|(id, row)| (id, Arc::unwrap_or_clone(row)))
    }

    /// Takes all rows out for which `keep` is false.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        let gone = self.0.iter().filter(|(id, row)| !keep(id, row));
        let gone: Vec<K> = gone.map(|(id, _)| id.clone()).collect();
        for id in &gone {
            self.map().remove(id);
        }
    }

    /// All rows, without their ids.
    pub fn into_values(self) -> impl Iterator<Item = V> {
        Arc::unwrap_or_clone(self.0).into_values().map(Arc::unwrap_or_clone)
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for RowMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(rows: I) -> Self {
        Self(Arc::new(rows.into_iter().map(|(id, row)| (id, Arc::new(row))).collect()))
    }
}

impl<K: Ord + Clone, V: Clone> Extend<(K, V)> for RowMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, rows: I) {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_some() {
            self.map().extend(rows.map(|(id, row)| (id, Arc::new(row))));
        }
    }
}

impl<K: Ord, V> From<BTreeMap<K, V>> for RowMap<K, V> {
    fn from(rows: BTreeMap<K, V>) -> Self {
        rows.into_iter().collect()
    }
}

impl<'a, K: Ord, V> IntoIterator for &'a RowMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Ord + Clone, V: Clone> IntoIterator for RowMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::iter::Map<btree_map::IntoIter<K, Arc<V>>, fn((K, Arc<V>)) -> (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        let rows = Arc::unwrap_or_clone(self.0).into_iter();
        rows.map(|(id, row)| (id, Arc::unwrap_or_clone(row)))
    }
}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> Index<&Q> for RowMap<K, V> {
    type Output = V;

    /// The row of that id.
    ///
    /// # Panics
    /// There is none.
    fn index(&self, id: &Q) -> &V {
        &self.0[id]
    }
}

impl<K: Ord + Clone, V: Portable + Clone> Portable for RowMap<K, V> {
    fn change(&mut self, by: &mut dyn Change) {
        for row in self.values_mut() {
            row.change(by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> RowMap<u8, String> {
        [(1, "one"), (2, "two"), (3, "three")]
            .map(|(id, row)| (id, row.to_owned()))
            .into_iter()
            .collect()
    }

    fn shared(one: &RowMap<u8, String>, other: &RowMap<u8, String>) -> Vec<u8> {
        let same = |id: &&u8| other.0.get(*id).is_some_and(|row| Arc::ptr_eq(row, &one.0[*id]));
        one.keys().filter(same).copied().collect()
    }

    #[test]
    fn a_copy_keeps_what_was_and_shares_every_row_that_did_not_change() {
        let mut rows = three();
        let before = rows.clone();
        rows.get_mut(&2).unwrap().push('!');
        rows.insert(4, "four".to_owned());
        rows.remove(&1);
        assert_eq!(before, three());
        assert_eq!(rows.values().collect::<Vec<_>>(), ["two!", "three", "four"]);
        assert_eq!(shared(&before, &rows), [3]);
    }

    #[test]
    fn a_look_for_a_row_that_is_not_there_copies_nothing() {
        let mut rows = three();
        let before = rows.clone();
        assert!(rows.get_mut(&9).is_none() && rows.remove(&9).is_none());
        rows.retain(|_, _| true);
        rows.extend([]);
        assert!(Arc::ptr_eq(&rows.0, &before.0));
    }

    #[test]
    fn it_is_written_and_read_as_a_plain_map() {
        let text = serde_json::to_string(&three()).unwrap();
        assert_eq!(text, r#"{"1":"one","2":"two","3":"three"}"#);
        assert_eq!(serde_json::from_str::<RowMap<u8, String>>(&text).unwrap(), three());
    }
}
