//! The list under the stage: the next-worst, a page at a time, each with its sign and its word.
//!
//! ```text
//!               Queue            Waiting  Longest   Free
//!  ▲ warning    Kundtjänst             1     0:35      2
//!  ▲ 12 min old Sentralbord            1     0:26      2
//!  · ok         Support                0     0:00      3
//! ```

use ratatui::layout::Rect;

use crate::floor::World;
use crate::floor::id::FeedName;
use crate::floor::time::Moment;
use crate::state::State;
use crate::table::cell::UNKNOWN;
use crate::table::queues::{Queues, longest_wait};
use crate::table::{Context, RowId, Table, TableId, Tone, Zone, agents};
use crate::theme::Role;
use crate::threshold::{self, Severity};
use crate::ui::pen::{Pen, Run, inset, sign, width};
use crate::ui::summary::limit;
use crate::ui::wall::stage::short;
use crate::ui::wall::{MARGIN, right};
use crate::wall::{Layout, Sheet, Standing, age, wait};

/// Cells of the sign, the word and what keeps it from the name.
const WORD: u16 = 14;

/// Cells of a figure with the gap in front.
const FIGURE: u16 = 9;

/// Below this width, figures and words stand closer.
const NARROW: u16 = 50;

/// One row as it is shown.
struct Row {
    tone: Tone,
    word: String,
    name: String,
    figures: Vec<(String, Tone)>,
    fresh: bool,
}

/// Draws the headers and the rows of a page.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    state: &State,
    sheet: Option<&Sheet>,
    layout: &Layout,
    area: Rect,
) {
    let heads = Rect { height: layout.heads.min(area.height), ..area };
    let y = area.y + heads.height;
    let rows = Rect { y, height: area.height - heads.height, ..area };
    pen.fill(heads, Role::Heads);
    let Some(sheet) = sheet else { return };
    let context = state.wall_context();
    let known: Vec<Row> = sheet.rows.iter().filter_map(|id| row(&context, id)).collect();
    let cell = area.width / layout.columns.max(1);
    // As many in each column; a blank line between them where there is room.
    let each = known.len().div_ceil(usize::from(layout.columns.max(1))).max(1);
    let left = if layout.word > 0 { MARGIN } else { 1 };
    let step = if each * 2 <= usize::from(rows.height) + 1 { 2 } else { 1 };
    for (index, here) in (0..layout.columns).zip(known.chunks(each)) {
        let place = Rect { x: area.x + index * cell, width: cell, ..heads };
        headers(pen, sheet.table, inset(place, left, 2));
        for (own, y) in here.iter().zip((rows.top()..rows.bottom()).step_by(step)) {
            line(pen, sheet.table, own, inset(Rect { y, height: 1, ..place }, left, 2));
        }
    }
}

/// The headers of a page's columns, the name first.
const fn titles(table: TableId) -> (&'static str, &'static [&'static str]) {
    match table {
        TableId::Agents => ("Agent", &["Since"]),
        TableId::CallbackLists => ("Callback list", &["Open", "Overdue"]),
        TableId::Entries => ("Calls", &["Due"]),
        TableId::Queues
        | TableId::Calls
        | TableId::Tasks
        | TableId::Callbacks
        | TableId::Journal
        | TableId::Sources
        | TableId::Log => ("Queue", &["Waiting", "Longest", "Free"]),
    }
}

/// How wide a figure is where `count` of them share a line.
fn figure(area: Rect, count: usize) -> u16 {
    let narrow = area.width < NARROW;
    match (narrow, count) {
        (true, 3..) => 5,
        (true, 2) => 7,
        (true, _) => 8,
        (false, _) => FIGURE,
    }
}

/// Cells of the sign, the word and the gap behind them.
fn word(table: TableId, area: Rect) -> u16 {
    match (area.width < NARROW, table) {
        (false, _) => WORD,
        (true, TableId::Agents) => WORD - 2,
        (true, _) => WORD - 3,
    }
}

fn headers(pen: &mut Pen<'_>, table: TableId, area: Rect) {
    let (name, figures) = titles(table);
    let style = pen.role(Role::Heads);
    let wide = figure(area, figures.len());
    let mut rest = area;
    for title in figures.iter().rev() {
        let place = inset(rest, rest.width.saturating_sub(wide), 0);
        let title = if width(title) >= wide { title.get(..4).unwrap_or(title) } else { title };
        right(pen, place, title, style);
        rest.width = rest.width.saturating_sub(wide);
    }
    pen.text(inset(rest, word(table, area), 0), name, style);
}

fn line(pen: &mut Pen<'_>, table: TableId, row: &Row, area: Rect) {
    let dim = (!row.fresh).then(|| pen.role(Role::Stale));
    let wide = figure(area, row.figures.len());
    let mut rest = area;
    for (text, tone) in row.figures.iter().rev() {
        let place = inset(rest, rest.width.saturating_sub(wide - 1), 0);
        right(pen, place, text, dim.unwrap_or_else(|| pen.tone(*tone)));
        rest.width = rest.width.saturating_sub(wide);
    }
    let wide = word(table, area);
    let first = Rect { width: rest.width.min(wide - 1), ..rest };
    let style = pen.tone(row.tone);
    let word = fitted(&row.word, wide - 3);
    pen.runs(first, &[Run::new(format!("{} ", sign(row.tone)), style), Run::new(word, style)]);
    let name = dim.unwrap_or_else(|| pen.tone(Tone::Strong));
    pen.text(inset(rest, wide, 0), &row.name, name);
}

/// `12 min old` as `12m old` where it is narrow.
fn fitted(word: &str, cells: u16) -> String {
    let unit = |text: &str| text.replace(" min", "m").replace(" s", "s").replace(" h", "h");
    if width(word) <= cells { word.to_owned() } else { unit(word).replace(" d", "d") }
}

/// How old a row is, where it may not be taken for the present.
fn old(world: &World, feed: &FeedName, updated: Moment, context: &Context<'_>) -> Option<String> {
    (!world.is_fresh(feed, &context.now))
        .then(|| format!("{} old", age(context.now.age(updated).as_secs())))
}

fn row(context: &Context<'_>, id: &RowId) -> Option<Row> {
    let (world, feed, updated, own) = match id {
        RowId::Queue(..) => queue(context, id)?,
        RowId::Agent(source, key) => {
            let (_, world) = context.floor.named(source)?;
            let agent = world.agents.get(key)?;
            let known_at = world.known_at(&agent.feed, &context.now).max(agent.updated);
            let since = agent.since.map(|at| age(known_at.since(at).as_secs()));
            let row = Row {
                tone: agents::tone(&agent.state),
                word: agent.state.label().to_owned(),
                name: agent.name.masked().to_string(),
                figures: vec![(since.unwrap_or_default(), Tone::Quiet)],
                fresh: true,
            };
            (world, &agent.feed, agent.updated, row)
        }
        RowId::List(source, list) => {
            let (_, world) = context.floor.named(source)?;
            let list = world.lists.get(list)?;
            let (word, tone) = match (list.overdue, list.next_hour_overdue) {
                (Some(1..), _) => ("overdue", Tone::Critical),
                (_, Some(1..)) => ("due soon", Tone::Warning),
                (None, None) => (UNKNOWN, Tone::Unknown),
                _ => ("ok", Tone::Good),
            };
            let name = world.list_name(&list.id).cloned().unwrap_or_else(|| list.id.shown());
            let row = Row {
                tone,
                word: word.to_owned(),
                name: name.masked().to_string(),
                figures: vec![number(list.open, Tone::Strong), number(list.overdue, tone)],
                fresh: true,
            };
            (world, &list.feed, list.updated, row)
        }
        RowId::Entry(source, entry) => {
            let (_, world) = context.floor.named(source)?;
            let entry = world.entries.get(entry)?;
            let late = entry.due.is_some_and(|due| due < context.now.wall)
                && entry.state == crate::floor::scheduler::EntryState::Scheduled;
            let due = entry.due.map(|due| match context.zone {
                Zone::Utc => due.format("%H:%M").to_string(),
                Zone::Local => due.with_timezone(&chrono::Local).format("%H:%M").to_string(),
            });
            let whom = entry.destination.as_ref().map(crate::text::Shown::masked);
            let whom = whom.map_or_else(|| UNKNOWN.to_owned(), |whom| whom.to_string());
            let row = Row {
                tone: if late { Tone::Critical } else { Tone::Quiet },
                word: if late { "late".to_owned() } else { entry.state.label().to_owned() },
                name: format!("{whom}   {}", entry.service.masked()),
                figures: vec![(due.unwrap_or_else(|| UNKNOWN.to_owned()), Tone::Plain)],
                fresh: true,
            };
            (world, &entry.feed, entry.updated, row)
        }
        RowId::Call(..)
        | RowId::Task(..)
        | RowId::Callback(..)
        | RowId::Ended(..)
        | RowId::Source(_)
        | RowId::Line(_) => return None,
    };
    Some(match old(world, feed, updated, context) {
        Some(word) => Row { word, tone: Tone::Warning, fresh: false, ..own },
        None => own,
    })
}

type Known<'a> = (&'a World, &'a FeedName, Moment, Row);

fn queue<'a>(context: &Context<'a>, id: &RowId) -> Option<Known<'a>> {
    let row = Queues::find(context, id)?;
    let figures = &row.queue.figures;
    let (word, tone) = match Standing::of(&row, context) {
        Standing::Critical => ("critical", Tone::Critical),
        Standing::Warning => ("warning", Tone::Warning),
        Standing::Old => ("old", Tone::Warning),
        Standing::Ok => ("ok", Tone::Good),
        Standing::Unknown => ("unknown", Tone::Unknown),
        Standing::Closed => ("closed", Tone::Quiet),
    };
    let judge = |column, value: Option<u32>| {
        let severity = value.and_then(|value| threshold::severity(column, value.into()));
        limit(severity.filter(|own| *own > Severity::Ok))
    };
    let longest = longest_wait(&row, context);
    let told = Row {
        tone,
        word: word.to_owned(),
        name: row.queue.name.to_string(),
        figures: vec![
            number(figures.waiting, judge("waiting", figures.waiting)),
            match longest {
                Some(longest) => (wait(longest), judge("longest_wait_s", Some(longest))),
                None => (UNKNOWN.to_owned(), Tone::Unknown),
            },
            number(figures.agents_free, Tone::Strong),
        ],
        fresh: true,
    };
    Some((row.world, &row.queue.feed, row.queue.updated, told))
}

fn number(count: Option<u32>, tone: Tone) -> (String, Tone) {
    count.map_or_else(|| (UNKNOWN.to_owned(), Tone::Unknown), |count| (short(count.into()), tone))
}
