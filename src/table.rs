//! Tables: one `COLUMNS` list for each, from which screens, reports and the README are made.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::floor::Floor;
use crate::floor::id::{
    AgentKey, CallId, CallbackId, EntryId, ListId, QueueId, SourceName, TaskId,
};
use crate::floor::journal::Journal;
use crate::floor::time::{Moment, Now};
use crate::operations::Pending;
use crate::threshold::Severity;

use self::groups::Grouped;

pub use self::cell::{Figure, Tone, Word, Zone};
pub use self::column::{Column, HIDDEN, Head, Lasts, Read, Tint, Total, Weight};
pub use self::filter::{Filter, FilterError};
pub use self::fit::{Align, Width};
pub use self::groups::{Group, Grouping, OwnGroup};
pub use self::log::LogLine;
pub use self::order::{Line, Ordered};

pub mod agents;
pub mod callback_lists;
pub mod callbacks;
pub mod calls;
pub mod cell;
mod column;
pub mod entries;
pub mod filter;
pub mod fit;
pub mod groups;
pub mod journal;
pub mod log;
pub mod mine;
mod name;
mod order;
pub mod queues;
pub mod sources;
pub mod tasks;
pub mod totals;
pub mod urgency;

/// What a table is made from.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub floor: &'a Floor,
    pub now: Now,
    /// Commands under way or just over.
    pub pending: &'a [Pending],
    /// What happened, oldest first.
    pub log: &'a VecDeque<LogLine>,
    pub journal: &'a Journal,
    /// Whether numbers of people are masked.
    pub mask: bool,
    /// Whether what customers wrote is veiled.
    pub veil: bool,
    /// Whether waits grow with the time since they were received: on screens, never in reports.
    pub live: bool,
    /// In which zone times of day are told.
    pub zone: Zone,
    /// The queue whose agents are asked for; `None` for all.
    pub inside: Option<&'a (SourceName, QueueId)>,
}

/// The tables that are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableId {
    Queues,
    Agents,
    Calls,
    Tasks,
    /// Requests to be called back.
    Callbacks,
    CallbackLists,
    Entries,
    /// Scheduler entries that ended.
    Journal,
    Sources,
    Log,
}

/// A row's identity: what is selected is this, never a row number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowId {
    Queue(SourceName, QueueId),
    Agent(SourceName, AgentKey),
    Call(SourceName, CallId),
    Task(SourceName, TaskId),
    /// A request to be called back.
    Callback(SourceName, CallbackId),
    List(SourceName, ListId),
    Entry(SourceName, EntryId),
    /// A scheduler entry that ended.
    Ended(SourceName, EntryId),
    Source(SourceName),
    /// A line of the log.
    Line(u64),
}

impl RowId {
    /// The source that the row belongs to.
    pub const fn source(&self) -> Option<&SourceName> {
        match self {
            Self::Queue(source, _)
            | Self::Agent(source, _)
            | Self::Call(source, _)
            | Self::Task(source, _)
            | Self::Callback(source, _)
            | Self::List(source, _)
            | Self::Entry(source, _)
            | Self::Ended(source, _)
            | Self::Source(source) => Some(source),
            Self::Line(_) => None,
        }
    }
}

/// One table: its rows, and the columns that read them.
pub trait Table: Sized + 'static {
    /// What a row is made from.
    type Row<'a>;

    /// Which table it is.
    const ID: TableId;
    /// The columns, in the order of the screen.
    const COLUMNS: &'static [Column<Self>];
    /// The order in which it is first shown: a column, and whether from the high end.
    const SORT: (&'static str, bool);

    /// All rows, by source, then id.
    fn rows<'a>(context: &Context<'a>) -> Vec<Self::Row<'a>>;

    /// How many rows there are.
    fn count(context: &Context<'_>) -> usize {
        Self::rows(context).len()
    }

    /// The row of that identity.
    fn find<'a>(context: &Context<'a>, id: &RowId) -> Option<Self::Row<'a>>;

    fn id(row: &Self::Row<'_>) -> RowId;

    /// How bad a row is.
    fn severity(row: &Self::Row<'_>, context: &Context<'_>) -> Option<Severity>;

    /// Whether a row may be taken for the present.
    fn is_fresh(row: &Self::Row<'_>, context: &Context<'_>) -> bool;

    /// When a row was last told of, where that can grow old.
    fn updated(_row: &Self::Row<'_>) -> Option<Moment> {
        None
    }

    /// The rows `sorted`, which stand in the table's order `by` a column, in groups.
    fn grouped(
        _rows: &[Self::Row<'_>],
        sorted: Vec<usize>,
        _by: (&Column<Self>, bool),
        _context: &Context<'_>,
        _grouping: &Grouping,
    ) -> Grouped {
        Grouped::apart(sorted)
    }

    /// Who has a row, where rows are taken by people.
    fn holder(_row: &Self::Row<'_>) -> Option<Holder> {
        None
    }

    /// The command that is under way, or just over, on a row.
    fn pending<'a>(_row: &Self::Row<'_>, _context: &Context<'a>) -> Option<&'a Pending> {
        None
    }
}

/// How rows are chosen and ordered.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The column to order by, and whether from the high end; `None` for the table's own.
    pub sort: Option<(&'static str, bool)>,
    /// Which rows are shown.
    pub filter: Filter,
    /// How they stand in groups, where the reader has chosen.
    pub grouping: Option<Grouping>,
    /// Whose rows are shown, and which first.
    pub whose: Whose,
}

/// Whose rows are shown, and which first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whose {
    /// All, as they come.
    #[default]
    All,
    /// All, those of the source's own user first.
    MineFirst,
    /// Those alone that are to be taken.
    Unassigned,
}

/// Who has a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The source's own user.
    Me,
    /// Somebody else, or somebody of whom that is not told; what is done is nobody's to take either.
    Somebody,
    Nobody,
}

impl Whose {
    /// The next of the three.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::All => Self::MineFirst,
            Self::MineFirst => Self::Unassigned,
            Self::Unassigned => Self::All,
        }
    }

    /// The words for people; none for all.
    pub const fn words(self) -> &'static str {
        match self {
            Self::All => "",
            Self::MineFirst => "mine first",
            Self::Unassigned => "unassigned only",
        }
    }
}

/// One row as a screen shows it.
#[derive(Debug, Clone)]
pub struct PageRow {
    pub id: RowId,
    /// One cell for each declared column.
    pub cells: Vec<Cell>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Whether it may be taken for the present.
    pub fresh: bool,
    /// When it was last told of, where that can grow old.
    pub updated: Option<Moment>,
    /// The command on it.
    pub pending: Option<Pending>,
}

/// One cell: text and tone. It knows no colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub tone: Tone,
}

impl TableId {
    /// Every table, in the order of the tabs.
    pub const ALL: [Self; 10] = [
        Self::Queues,
        Self::Agents,
        Self::Calls,
        Self::Tasks,
        Self::Callbacks,
        Self::CallbackLists,
        Self::Entries,
        Self::Journal,
        Self::Sources,
        Self::Log,
    ];

    pub fn columns(self) -> Vec<Head> {
        self.dispatch(Columns)
    }

    /// The order in which it is first shown.
    pub fn sort(self) -> (&'static str, bool) {
        self.dispatch(Sort)
    }

    /// The identities of the rows that `view` shows, in its order.
    pub fn order(self, context: &Context<'_>, view: &View) -> Vec<RowId> {
        self.ordered(context, view).ids
    }

    /// The same, with what it takes to use it for longer.
    pub fn ordered(self, context: &Context<'_>, view: &View) -> Ordered {
        self.dispatch(order::Order { context, view })
    }

    /// How many rows there are without the filter.
    pub fn count(self, context: &Context<'_>) -> usize {
        self.dispatch(Count { context })
    }

    /// These rows, with their cells. A row that is gone is left out.
    pub fn page(self, context: &Context<'_>, ids: &[RowId]) -> Vec<PageRow> {
        self.page_of(context, ids, &|_| true)
    }

    /// The same, with cells in the wanted columns alone; the others are empty.
    pub fn page_of(
        self,
        context: &Context<'_>,
        ids: &[RowId],
        wanted: &dyn Fn(usize) -> bool,
    ) -> Vec<PageRow> {
        self.dispatch(Page { context, ids, wanted })
    }

    /// What every declared column reads from every row, by source, then id.
    pub fn readings(self, context: &Context<'_>) -> Vec<(RowId, Vec<Figure>)> {
        self.dispatch(Readings { context })
    }

    /// Whether the row of that identity is there and may be taken for the present.
    pub fn is_fresh(self, context: &Context<'_>, id: &RowId) -> bool {
        self.dispatch(Fresh { context, id })
    }

    /// All rows as JSON objects, by source, then id.
    pub fn json(self, context: &Context<'_>) -> Vec<Value> {
        let heads = self.columns();
        let object = |(_, figures): (RowId, Vec<Figure>)| -> Map<String, Value> {
            let figures = figures.iter().map(Figure::json);
            heads.iter().map(|head| head.name.to_owned()).zip(figures).collect()
        };
        self.readings(context).into_iter().map(object).map(Value::Object).collect()
    }

    fn dispatch<V: Visit>(self, visit: V) -> V::Out {
        match self {
            Self::Queues => visit.visit::<queues::Queues>(),
            Self::Agents => visit.visit::<agents::Agents>(),
            Self::Calls => visit.visit::<calls::Calls>(),
            Self::Tasks => visit.visit::<tasks::Tasks>(),
            Self::Callbacks => visit.visit::<callbacks::Callbacks>(),
            Self::CallbackLists => visit.visit::<callback_lists::CallbackLists>(),
            Self::Entries => visit.visit::<entries::Entries>(),
            Self::Journal => visit.visit::<journal::Journal>(),
            Self::Sources => visit.visit::<sources::Sources>(),
            Self::Log => visit.visit::<log::Log>(),
        }
    }
}

/// Something that is done with a table, whichever it is.
trait Visit {
    type Out;
    fn visit<T: Table>(self) -> Self::Out;
}

struct Columns;
impl Visit for Columns {
    type Out = Vec<Head>;
    fn visit<T: Table>(self) -> Vec<Head> {
        T::COLUMNS
            .iter()
            .map(|column| Head {
                name: column.name,
                header: column.header,
                width: column.width,
                align: column.align,
                rank: column.rank,
                help: column.help,
                counter: column.counter,
            })
            .collect()
    }
}

struct Sort;
impl Visit for Sort {
    type Out = (&'static str, bool);
    fn visit<T: Table>(self) -> Self::Out {
        T::SORT
    }
}

struct Count<'v, 'a> {
    context: &'v Context<'a>,
}
impl Visit for Count<'_, '_> {
    type Out = usize;
    fn visit<T: Table>(self) -> usize {
        T::count(self.context)
    }
}

struct Page<'v, 'a> {
    context: &'v Context<'a>,
    ids: &'v [RowId],
    wanted: &'v dyn Fn(usize) -> bool,
}
impl Visit for Page<'_, '_> {
    type Out = Vec<PageRow>;
    fn visit<T: Table>(self) -> Vec<PageRow> {
        let context = self.context;
        self.ids
            .iter()
            .filter_map(|id| Some((id, T::find(context, id)?)))
            .map(|(id, row)| PageRow {
                id: id.clone(),
                cells: T::COLUMNS
                    .iter()
                    .enumerate()
                    .map(|(index, column)| {
                        if !(self.wanted)(index) {
                            return Cell { text: String::new(), tone: Tone::Plain };
                        }
                        let figure = column.read(&row, context);
                        let tone = match figure {
                            Figure::Unknown => Tone::Unknown,
                            _ => (column.tone)(&row, context),
                        };
                        Cell { text: figure.text(context), tone }
                    })
                    .collect(),
                severity: T::severity(&row, context),
                fresh: T::is_fresh(&row, context),
                updated: T::updated(&row),
                pending: T::pending(&row, context).cloned(),
            })
            .collect()
    }
}

struct Fresh<'v, 'a> {
    context: &'v Context<'a>,
    id: &'v RowId,
}
impl Visit for Fresh<'_, '_> {
    type Out = bool;
    fn visit<T: Table>(self) -> bool {
        T::find(self.context, self.id).is_some_and(|row| T::is_fresh(&row, self.context))
    }
}

struct Readings<'v, 'a> {
    context: &'v Context<'a>,
}
impl Visit for Readings<'_, '_> {
    type Out = Vec<(RowId, Vec<Figure>)>;
    fn visit<T: Table>(self) -> Self::Out {
        let context = self.context;
        T::rows(context)
            .iter()
            .map(|row| {
                let figures = T::COLUMNS.iter().map(|column| column.read(row, context));
                (T::id(row), figures.collect())
            })
            .collect()
    }
}
