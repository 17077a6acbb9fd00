//! Columns: everything that is known of one, in one place.

use crate::floor::time::Moment;
use crate::table::cell::Key;
use crate::table::queues::Spell;
use crate::table::{Align, Context, Figure, Table, Tone, Width};

/// What a column reads from a row.
pub type Read<T> = for<'r, 'c, 'a> fn(&'r <T as Table>::Row<'a>, &'c Context<'a>) -> Figure;

/// What tone a column gives its figure.
pub type Tint<T> = for<'r, 'c, 'a> fn(&'r <T as Table>::Row<'a>, &'c Context<'a>) -> Tone;

/// Until which moment, itself counted in, a row keeps its place in the order of a column.
pub type Lasts<T> = for<'r, 'c, 'a> fn(&'r <T as Table>::Row<'a>, &'c Context<'a>) -> Moment;

/// How much a row weighs in a mean; `None` where it does not tell.
pub type Weight<T> = for<'r, 'a> fn(&'r <T as Table>::Row<'a>) -> Option<u32>;

/// Where a row stands in the order of a column.
pub type Place<T> = for<'r, 'c, 'a> fn(&'r <T as Table>::Row<'a>, &'c Context<'a>) -> Key;

/// A span of time that a row told; `None` where it told none.
pub type Grows<T> = for<'r, 'c, 'a> fn(&'r <T as Table>::Row<'a>, &'c Context<'a>) -> Option<Spell>;

/// What a column comes to over a group of rows.
pub enum Total<T: Table> {
    /// Nothing: it is no figure, or none that can be put together.
    Blank,
    /// The sum of what is told.
    Sum,
    /// The mean of what is told, each row by its weight.
    Mean(Weight<T>),
    /// The longest of spans of time, which may grow.
    Longest(Grows<T>),
}

/// One declared column.
pub struct Column<T: Table> {
    /// Its name in config files, and its key in JSON.
    pub name: &'static str,
    /// Its header on the screen.
    pub header: &'static str,
    /// Its width on the screen, in cells.
    pub width: Width,
    /// Which end its text begins at.
    pub align: Align,
    /// When a narrow screen gives it up: higher goes earlier, 0 never, [`HIDDEN`] is not on screens by itself.
    pub rank: u8,
    /// One sentence for help and README.
    pub help: &'static str,
    /// What it reads, unmasked: see [`Column::read`].
    figure: Read<T>,
    /// What tone that has.
    pub tone: Tint<T>,
    /// Whether it counts up, and begins anew at most: a counter, as metrics have it.
    pub counter: bool,
    /// Where a row stands in its order, where that is not by what it reads.
    place: Option<Place<T>>,
    /// Until when it keeps a row in its place if nothing but time goes on.
    pub lasts: Lasts<T>,
    /// What it comes to over a group of rows.
    pub total: Total<T>,
}

impl<T: Table> Column<T> {
    /// A column of plain text, ten cells wide, that goes first from a narrow screen.
    pub const fn new(
        name: &'static str,
        header: &'static str,
        help: &'static str,
        figure: Read<T>,
    ) -> Self {
        Self {
            name,
            header,
            width: Width::exactly(10),
            align: Align::Left,
            rank: HIDDEN,
            help,
            figure,
            tone: |_, _| Tone::Plain,
            counter: false,
            place: None,
            lasts: |_, _| Moment::LAST,
            total: Total::Blank,
        }
    }

    /// What the column reads from `row`, telephone numbers masked where that is asked for.
    pub fn read<'a>(&self, row: &T::Row<'a>, context: &Context<'a>) -> Figure {
        let figure = (self.figure)(row, context);
        if context.mask && !WHOLE.contains(&self.name) { figure.masked() } else { figure }
    }

    /// Where `row` stands in the order of the column.
    pub(super) fn key<'a>(&self, row: &T::Row<'a>, context: &Context<'a>) -> Key {
        match self.place {
            Some(place) => place(row, context),
            None => self.read(row, context).key(),
        }
    }

    /// Ordered by something else than what it reads.
    pub(super) const fn ordered(self, place: Place<T>) -> Self {
        Self { place: Some(place), ..self }
    }

    /// On screens: `width` cells wide, given up at `rank`.
    pub(super) const fn shown(self, rank: u8, width: u16) -> Self {
        Self { rank, width: Width::exactly(width), ..self }
    }

    /// On screens: between `min` and `max` cells wide, given up at `rank`.
    pub(super) const fn grows(self, rank: u8, min: u16, max: u16) -> Self {
        Self { rank, width: Width::between(min, max), ..self }
    }

    /// Right-aligned, as numbers are.
    pub(super) const fn right(self) -> Self {
        Self { align: Align::Right, ..self }
    }

    /// Ordered anew once `lasts` is over.
    pub(super) const fn lasts(self, lasts: Lasts<T>) -> Self {
        Self { lasts, ..self }
    }

    /// Ordered anew whenever time went on.
    pub(super) const fn moves(self) -> Self {
        Self { lasts: |_, context| context.now.moment, ..self }
    }

    /// Told of a group as `total`.
    pub(super) const fn total(self, total: Total<T>) -> Self {
        Self { total, ..self }
    }

    /// A count that goes up until it begins anew.
    pub(super) const fn counts(self) -> Self {
        Self { counter: true, ..self }
    }

    /// With a tone of its own.
    pub(super) const fn tint(self, tone: Tint<T>) -> Self {
        Self { tone, ..self }
    }
}

/// Columns that are never masked, in whatever table: ids, names of queues and lists, and a queue's own number.
const WHOLE: [&str; 8] = ["id", "source", "queue", "number", "list", "service", "kind", "link"];

/// The rank of a column that reports have and screens do not.
pub const HIDDEN: u8 = u8::MAX;

/// A declared column without its row type.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    pub name: &'static str,
    pub header: &'static str,
    pub width: Width,
    pub align: Align,
    /// When it is given up.
    pub rank: u8,
    pub help: &'static str,
    /// Whether it counts up, and begins anew at most.
    pub counter: bool,
}
