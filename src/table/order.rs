//! Which rows a view shows, in its order, and for how long that holds.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::floor::time::Moment;
use crate::table::cell::Key;
use crate::table::{Context, Group, Grouping, HIDDEN, Holder, RowId, Table, View, Visit, Whose};
use crate::text::collate;

/// The identities of the rows that a view shows, in its order, and the groups that they stand in.
///
/// A total takes a line but is no row: it has no identity, so that nothing can be selected, marked or asked by it.
#[derive(Debug, Clone)]
pub struct Ordered {
    pub ids: Vec<RowId>,
    /// The groups, in their order; none where rows stand apart.
    pub groups: Vec<Group>,
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

/// What stands on one line of a table.
#[derive(Debug, Clone, Copy)]
pub enum Line<'a> {
    /// The total of a group.
    Total(&'a Group),
    /// The row of that index.
    Row(usize),
}

impl Ordered {
    /// How many lines there are: rows and totals.
    pub fn lines(&self) -> usize {
        self.ids.len() + self.groups.len()
    }

    /// What stands on a line.
    pub fn line(&self, line: usize) -> Option<Line<'_>> {
        let above = self.groups.partition_point(|group| group.line <= line);
        match above.checked_sub(1).map(|last| &self.groups[last]) {
            Some(group) if group.line == line => Some(Line::Total(group)),
            _ => Some(line - above).filter(|index| *index < self.ids.len()).map(Line::Row),
        }
    }

    /// The line of the row of that index.
    pub fn line_of(&self, index: usize) -> usize {
        index + self.groups.partition_point(|group| group.first <= index)
    }

    /// The lines that shall be seen of the row of that index: with it the total, where it stands right below.
    pub fn lines_of(&self, index: usize) -> RangeInclusive<usize> {
        let line = self.line_of(index);
        let begins = self.groups.binary_search_by_key(&index, |group| group.first).is_ok();
        line - usize::from(begins)..=line
    }

    /// The row that is `lines` further down from that of `index`, or up; never further, but by one at least.
    pub fn turned(&self, index: usize, lines: isize) -> usize {
        let line = self.line_of(index).saturating_add_signed(lines);
        let line = line.min(self.lines().saturating_sub(1));
        let near = match self.line(line) {
            Some(Line::Row(near)) => near,
            Some(Line::Total(group)) if lines > 0 => group.first.saturating_sub(1),
            Some(Line::Total(group)) => group.first,
            None => index,
        };
        if lines > 0 { near.max(index + 1) } else { near.min(index.saturating_sub(1)) }
    }
}

/// Finds the order of a table.
pub(super) struct Order<'v, 'a> {
    pub context: &'v Context<'a>,
    pub view: &'v View,
}

/// What a row is ordered by, read once; of a text also its key in the reader's alphabet, made when it is first needed.
pub(super) struct Place {
    key: Key,
    folded: OnceCell<String>,
    /// Its place by source, then id: the order of rows that are alike.
    index: usize,
}

impl Place {
    pub fn new(index: usize, key: Key) -> Self {
        Self { key, folded: OnceCell::new(), index }
    }

    fn folded(&self) -> &str {
        self.folded.get_or_init(|| match &self.key {
            Key::Text(text) => collate::key(text),
            Key::Urgency(urgency) => urgency.key(),
            _ => String::new(),
        })
    }

    pub fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let folded = || (self.folded(), other.folded());
        let by_value = || match (&self.key, &other.key) {
            // Bytes of UTF-8 are ordered as its characters are.
            (Key::Text(a), Key::Text(b)) => {
                self.folded().cmp(other.folded()).then_with(|| a.cmp(b))
            }
            (Key::Urgency(a), Key::Urgency(b)) => a.compare_by(b, folded).reverse(),
            (a, b) => a.compare(b),
        };
        let order = match (self.key.is_unknown(), other.key.is_unknown()) {
            (false, false) if descending => by_value().reverse(),
            (false, false) => by_value(),
            // From whichever end the others stand.
            (true, true) => by_value().reverse(),
            (a, b) => a.cmp(&b),
        };
        order.then_with(|| self.index.cmp(&other.index))
    }
}

/// The indices of rows in their order, and for how many milliseconds that holds at least if nothing but time goes on.
/// Where all are counts, as in most columns, numbers alone are compared.
fn sorted(mut places: Vec<Place>, descending: bool) -> (Vec<usize>, u64) {
    let count = |place: &Place| match place.key {
        Key::Count(count) if descending => Some((false, u64::MAX - count, place.index)),
        Key::Count(count) => Some((false, count, place.index)),
        Key::Unknown => Some((true, 0, place.index)),
        Key::Share(_) | Key::Text(_) | Key::Time(_) | Key::Urgency(_) => None,
    };
    if let Some(mut counts) = places.iter().map(count).collect::<Option<Vec<_>>>() {
        counts.sort_unstable();
        return (counts.into_iter().map(|(_, _, index)| index).collect(), u64::MAX);
    }
    places.sort_unstable_by(|a, b| a.compare(b, descending));
    // The first two that change places stand beside each other.
    let holds = places.windows(2).map(|pair| match (&pair[0].key, &pair[1].key) {
        (Key::Urgency(a), Key::Urgency(b)) if a.compare_figures(b).is_le() => a.stays_above(b),
        (Key::Urgency(a), Key::Urgency(b)) => b.stays_above(a),
        _ => u64::MAX,
    });
    let holds = holds.min().unwrap_or(u64::MAX);
    (places.into_iter().map(|place| place.index).collect(), holds)
}

impl Visit for Order<'_, '_> {
    type Out = Ordered;
    fn visit<T: Table>(self) -> Self::Out {
        let Self { context, view } = self;
        let mut rows = T::rows(context);
        let mut until = Moment::LAST;
        if view.whose == Whose::Unassigned {
            rows.retain(|row| T::holder(row).is_none_or(|holder| holder == Holder::Nobody));
        }
        if !view.filter.is_empty() {
            rows.retain(|row| view.filter.keeps(|needle| contains::<T>(row, context, needle)));
            // Texts tell ages.
            until = context.now.moment;
        }
        let (name, descending) = view.sort.unwrap_or(T::SORT);
        let Some(column) = T::COLUMNS.iter().find(|column| column.name == name) else {
            let ids: Vec<RowId> = rows.iter().map(T::id).collect();
            return Ordered { places: (0..ids.len()).collect(), ids, groups: Vec::new(), until };
        };
        let place = |(index, row)| {
            until = until.min((column.lasts)(row, context));
            Place::new(index, column.key(row, context))
        };
        let places = rows.iter().enumerate().map(place).collect();
        let (mut sorted, holds) = sorted(places, descending);
        // At the end of that time they may change already.
        let holds = Duration::from_millis(holds.saturating_sub(1));
        until = until.min(context.now.moment.after(holds));
        if view.whose == Whose::MineFirst {
            sorted.sort_by_key(|index| T::holder(&rows[*index]) != Some(Holder::Me));
        }
        let grouping = view.grouping.as_ref().unwrap_or(&Grouping::Apart);
        let grouped = T::grouped(&rows, sorted, (column, descending), context, grouping);
        let mut places = vec![0; rows.len()];
        for (at, index) in grouped.order.iter().enumerate() {
            places[*index] = at;
        }
        let ids = grouped.order.iter().map(|index| T::id(&rows[*index])).collect();
        Ordered { ids, groups: grouped.groups, until: until.min(grouped.until), places }
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
        .any(|column| needle(&column.read(row, context).text(context)))
}
