//! What is looked at: a table, perhaps inside a queue, with its order, filter and selection.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use tui_input::Input;

use crate::action::Scope;
use crate::floor::id::{QueueId, SourceName};
use crate::state::{Dialog, Form, Rows, State};
use crate::table::mine::Mine;
use crate::table::{Filter, Grouping, HIDDEN, Head, RowId, TableId, View};
use crate::text::masked;
use crate::wall::Wall;

/// What is looked at.
#[derive(Debug, Clone, Default)]
pub struct Screen {
    /// The tab that is open.
    tab: Tab,
    /// The queue that is open; its agents are shown.
    pub inside: Option<(SourceName, QueueId)>,
    /// One view for each table, and one for the agents of a queue.
    views: [TableView; TableId::ALL.len() + 1],
    /// The filter while it is typed, and why it cannot be used.
    pub typing: Option<Typing>,
    /// What stands over the board.
    pub dialog: Option<Dialog>,
    /// The form behind the question that stands over the board: who refuses finds it again.
    pub draft: Option<Box<Form>>,
    /// Whether help is shown, and which action is its first.
    pub help: Option<u16>,
    /// The wall, where it stands in front of the tables.
    pub wall: Option<Wall>,
}

#[derive(Debug, Clone, Copy)]
struct Tab(TableId);

impl Default for Tab {
    fn default() -> Self {
        Self(TableId::Queues)
    }
}

/// A filter while it is typed.
#[derive(Debug, Clone, Default)]
pub struct Typing {
    pub input: Input,
    /// The filter that held before.
    pub before: String,
    /// Why it cannot be used.
    pub error: Option<String>,
}

/// How one table is looked at.
#[derive(Debug, Clone, Default)]
pub struct TableView {
    pub view: View,
    pub selected: Option<RowId>,
    /// Where the selected row was last seen.
    pub index: usize,
    /// The first line on the screen: a row, or the total of a group.
    pub top: usize,
    pub marks: BTreeSet<RowId>,
    /// The chosen columns in their order; `None` for the table's own.
    pub columns: Option<Vec<&'static str>>,
}

impl Screen {
    /// The tab that is open.
    pub const fn tab(&self) -> TableId {
        self.tab.0
    }

    /// The table that is shown: the tab's, or the agents of the open queue.
    pub const fn table(&self) -> TableId {
        if self.inside.is_some() { TableId::Agents } else { self.tab.0 }
    }

    /// How the shown table is looked at.
    pub fn view(&self) -> &TableView {
        &self.views[self.slot()]
    }

    /// How the shown table is looked at, to change.
    pub(super) fn view_mut(&mut self) -> &mut TableView {
        &mut self.views[self.slot()]
    }

    /// Opens a tab; a queue that is open is left.
    pub(super) fn go(&mut self, table: TableId) {
        self.tab = Tab(table);
        self.inside = None;
    }

    /// Goes into a queue.
    pub(super) fn enter(&mut self, source: SourceName, queue: QueueId) {
        self.inside = Some((source, queue));
        *self.view_mut() = TableView::default();
    }

    pub const fn scope(&self) -> Scope {
        match self.table() {
            TableId::Queues | TableId::Agents => Scope::Agents,
            TableId::Entries => Scope::Entries,
            TableId::Callbacks => Scope::Callbacks,
            TableId::Calls => Scope::Calls,
            TableId::Tasks => Scope::Tasks,
            TableId::CallbackLists | TableId::Journal | TableId::Sources | TableId::Log => {
                Scope::Board
            }
        }
    }

    const fn slot(&self) -> usize {
        if self.inside.is_some() { TableId::ALL.len() } else { self.tab.0 as usize }
    }
}

/// How one table is looked at, as it is remembered: its columns, its order and how its rows are grouped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arrangement {
    /// The chosen columns in their order; `None` for the table's own.
    pub columns: Option<Vec<&'static str>>,
    /// The column to order by, and whether from the high end; `None` for the table's own.
    pub sort: Option<(&'static str, bool)>,
    /// The word for how rows are grouped; `None` where nobody chose.
    pub group: Option<&'static str>,
}

impl Screen {
    /// How each table is looked at, in the order of the tabs.
    pub fn arrangements(&self) -> impl Iterator<Item = (TableId, Arrangement)> {
        TableId::ALL.into_iter().zip(&self.views).map(|(table, view)| {
            let (columns, sort) = (view.columns.clone(), view.view.sort);
            let group = view.view.grouping.as_ref().map(Grouping::word);
            (table, Arrangement { columns, sort, group })
        })
    }

    /// How the queues are grouped, where somebody chose.
    pub(super) fn grouping(&self) -> Option<&Grouping> {
        self.views[TableId::Queues as usize].view.grouping.as_ref()
    }

    pub(super) fn group(&mut self, grouping: Grouping) {
        self.views[TableId::Queues as usize].view.grouping = Some(grouping);
    }

    /// Looks at a table by these columns and this order (`-` before it for highest first). Columns that there
    /// are not are left out.
    pub fn arrange(&mut self, table: TableId, columns: Option<&[String]>, sort: Option<&str>) {
        let heads = table.columns();
        let known = |name: &str| heads.iter().find(|head| head.name == name).map(|head| head.name);
        let view = &mut self.views[table as usize];
        if let Some(columns) = columns {
            let columns: Vec<_> = columns.iter().filter_map(|name| known(name)).collect();
            view.columns = (!columns.is_empty()).then_some(columns);
        }
        if let Some(sort) = sort {
            let (name, high) = sort.strip_prefix('-').map_or((sort, false), |name| (name, true));
            view.view.sort = known(name).map(|name| (name, high)).or(view.view.sort);
        }
    }
}

impl TableView {
    /// The columns that may be shown, each with its place among the declared ones. Chosen ones are given up
    /// from the last, the first never.
    pub fn heads(&self, table: TableId) -> Vec<(usize, Head)> {
        let declared = table.columns().into_iter().enumerate();
        let Some(chosen) = &self.columns else { return declared.collect() };
        let place = |head: &Head| chosen.iter().position(|name| *name == head.name);
        let mut heads: Vec<(usize, Head)> = declared
            .filter_map(|(index, head)| {
                let rank = u8::try_from(place(&head)?).unwrap_or(HIDDEN - 1).min(HIDDEN - 1);
                Some((index, Head { rank, ..head }))
            })
            .collect();
        heads.sort_by_key(|(_, head)| head.rank);
        heads
    }

    /// The first line to show so that those `wanted` are among `lines` visible ones of `total`; where not all
    /// have room, the last of them.
    pub fn first(
        &self,
        wanted: Option<RangeInclusive<usize>>,
        lines: usize,
        total: usize,
    ) -> usize {
        let top = self.top.min(total.saturating_sub(lines));
        let Some((from, to)) = wanted.map(RangeInclusive::into_inner) else { return top };
        let from = if to - from < lines { from } else { to };
        if from < top {
            from
        } else if lines > 0 && to >= top + lines {
            to + 1 - lines
        } else {
            top
        }
    }
}

/// How the lines of the screen are shared out, from top to bottom.
///
/// What draws and what pages read the same shares, so that a screenful is what is seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    /// Name, sources, worst of all, clock.
    pub header: u16,
    /// The source's own user.
    pub me: u16,
    /// The figures of the whole floor, or of the open queue, tall.
    pub summary: u16,
    /// The tabs, or where one is.
    pub tabs: u16,
    /// The figures of the open queue, where there is no room for tall ones.
    pub figures: u16,
    pub heads: u16,
    /// The rows of the table.
    pub rows: u16,
    /// How many rows there are, and the filter.
    pub caption: u16,
    /// What the keys do, or a notice.
    pub footer: u16,
}

impl Lines {
    /// The shares of a screen of that size; `inside` a queue its figures are shown too.
    pub fn of(size: (u16, u16), inside: bool) -> Self {
        Self::with_me(size, inside, false)
    }

    /// The same where a source tells who its user is: a line for that, unless rows need it more.
    pub fn with_me((width, height): (u16, u16), inside: bool, told: bool) -> Self {
        let roomy = width >= 100 && height >= 30;
        let mut left = height;
        let mut take = |lines: u16, least: u16| {
            let given = if height >= least { lines.min(left) } else { 0 };
            left -= given;
            given
        };
        let header = take(1, 1);
        let footer = take(1, 3);
        let heads = take(1, 4);
        let tabs = take(if roomy { 2 } else { 1 }, 5);
        let caption = take(1, 8);
        let me = if told { take(1, 14) } else { 0 };
        let summary = if roomy { take(7, 30) } else { 0 };
        let figures = match (inside && !roomy, height) {
            (false, _) | (true, ..9) => 0,
            (true, 9..20) => take(1, 9),
            (true, 20..) => take(3, 20),
        };
        Self { header, me, summary, tabs, figures, heads, rows: left, caption, footer }
    }
}

impl State {
    /// The tabs: every table, but the ended entries only while they are shown; they would crowd out the counts.
    pub fn tabs(&self) -> impl Iterator<Item = TableId> {
        let journal = self.screen.tab() == TableId::Journal;
        TableId::ALL.into_iter().filter(move |table| journal || *table != TableId::Journal)
    }

    /// The selected row of the shown table.
    pub fn selected(&self) -> Option<&RowId> {
        self.screen.view().selected.as_ref()
    }

    /// The identities of the rows that are shown, in their order.
    pub fn order(&self) -> Vec<RowId> {
        self.rows().to_vec()
    }

    /// Moves the selection by `step` rows; a first move selects the row where the selection was last.
    pub(super) fn step(&mut self, step: isize) {
        self.go_to(|_, index| index.saturating_add_signed(step));
    }

    /// Moves the selection by a screenful.
    pub(super) fn turn_page(&mut self, down: bool) {
        let lines = isize::try_from(self.page()).unwrap_or(isize::MAX);
        let lines = if down { lines } else { -lines };
        self.go_to(|rows, index| rows.order().turned(index, lines));
    }

    fn go_to(&mut self, target: impl FnOnce(&Rows, usize) -> usize) {
        let order = self.rows();
        let at = self.selected().and_then(|id| self.place(&order, id));
        let target = match at {
            Some(index) => target(&order, index),
            None => self.screen.view().index,
        };
        self.select(&order, target);
    }

    /// Selects the row at `index`, or the last.
    pub(super) fn select(&mut self, order: &Rows, index: usize) {
        let lines = self.page();
        let index = index.min(order.len().saturating_sub(1));
        let (wanted, total) = (order.order().lines_of(index), order.order().lines());
        let view = self.screen.view_mut();
        view.selected = order.get(index).cloned();
        view.index = index;
        view.top = view.first(Some(wanted), lines, total);
    }

    /// How many lines a screenful is.
    pub(super) fn page(&self) -> usize {
        let (inside, told) = (self.screen.inside.is_some(), Mine::is_told(&self.floor));
        usize::from(Lines::with_me(self.size, inside, told).rows.max(1))
    }

    /// Uses `written` as the shown table's filter.
    pub(super) fn set_filter(&mut self, written: &str) -> Result<(), String> {
        let filter = Filter::parse(written).map_err(|error| error.to_string())?;
        let view = self.screen.view_mut();
        view.view.filter = filter;
        view.top = 0;
        Ok(())
    }

    /// The same board as a picture shows it: without a notice, and with `mask` without a number of a person.
    ///
    /// A number that the rows are filtered by is masked too; masked, it keeps the rows that it kept.
    pub fn portrait(&self, mask: bool) -> Self {
        let mut state = Self { notice: None, mask: self.mask || mask, ..self.clone() };
        if state.mask {
            let view = state.screen.view_mut();
            view.view.filter =
                Filter::parse(&masked(view.view.filter.written())).unwrap_or_default();
        }
        state
    }
}
