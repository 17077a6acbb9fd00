//! Which rows a view shows, in its order, and for how long that holds.

use std::cmp::Ordering;

use crate::floor::time::Moment;
use crate::table::cell::Key;
use crate::table::{Context, HIDDEN, RowId, Table, View, Visit};

/// The identities of the rows that a view shows, in its order.
#[derive(Debug, Clone)]
pub struct Ordered {
    /// The identities.
    pub ids: Vec<RowId>,
    /// Until which moment, itself counted in, the order holds if nothing but time goes on.
    pub until: Moment,
    /// Where each row stands, by source, then id.
    places: Vec<usize>,
}

impl Ordered {
    /// Where the row `id` stands.
    pub fn place(&self, id: &RowId) -> Option<usize> {
        let at = self.places.binary_search_by(|place| self.ids[*place].cmp(id)).ok()?;
        Some(self.places[at])
    }
}

/// Finds the order of a table.
pub(super) struct Order<'v, 'a> {
    pub context: &'v Context<'a>,
    pub view: &'v View,
}

/// What a row is ordered by, read once; of a text also how it reads without case.
struct Place {
    key: Key,
    folded: String,
    /// Its place by source, then id: the order of rows that are alike.
    index: usize,
}

impl Place {
    fn new(index: usize, key: Key) -> Self {
        let folded = match &key {
            Key::Text(text) => text.chars().flat_map(char::to_lowercase).collect(),
            _ => String::new(),
        };
        Self { key, folded, index }
    }

    fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let by_value = || match (&self.key, &other.key) {
            // Bytes of UTF-8 are ordered as its characters are.
            (Key::Text(a), Key::Text(b)) => self.folded.cmp(&other.folded).then_with(|| a.cmp(b)),
            (a, b) => a.compare(b),
        };
        match (self.key.is_unknown(), other.key.is_unknown()) {
            (false, false) if descending => by_value().reverse(),
            (false, false) => by_value(),
            (a, b) => a.cmp(&b),
        }
    }
}

impl Visit for Order<'_, '_> {
    type Out = Ordered;
    fn visit<T: Table>(self) -> Self::Out {
        let Self { context, view } = self;
        let mut rows = T::rows(context);
        let mut until = Moment::LAST;
        if !view.filter.is_empty() {
            rows.retain(|row| view.filter.keeps(|needle| contains::<T>(row, context, needle)));
            // Texts tell ages.
            until = context.now.moment;
        }
        let (name, descending) = view.sort.unwrap_or(T::SORT);
        let Some(column) = T::COLUMNS.iter().find(|column| column.name == name) else {
            let ids: Vec<RowId> = rows.iter().map(T::id).collect();
            return Ordered { places: (0..ids.len()).collect(), ids, until };
        };
        let place = |(index, row)| {
            until = until.min((column.lasts)(row, context));
            Place::new(index, (column.figure)(row, context).key())
        };
        let mut ordered: Vec<Place> = rows.iter().enumerate().map(place).collect();
        ordered
            .sort_unstable_by(|a, b| a.compare(b, descending).then_with(|| a.index.cmp(&b.index)));
        let mut places = vec![0; rows.len()];
        for (at, place) in ordered.iter().enumerate() {
            places[place.index] = at;
        }
        let ids = ordered.iter().map(|place| T::id(&rows[place.index])).collect();
        Ordered { ids, until, places }
    }
}

fn contains<'a, T: Table>(
    row: &T::Row<'a>,
    context: &Context<'a>,
    needle: &mut dyn FnMut(&str) -> bool,
) -> bool {
    T::COLUMNS
        .iter()
        .filter(|column| column.rank != HIDDEN)
        .any(|column| needle(&(column.figure)(row, context).text(context)))
}
