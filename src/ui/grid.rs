//! A table: headers, rows, totals of groups, and how many there are.
//!
//! ```text
//!   ↓ Queue            Wait  Longest  Free   In  Offered  Lost
//! ▌ ■ Växel               4     2:14     0    9      412    18
//!   ▲ Kundtjänst          1     0:35     3   12      377     9
//!   · Support             0     0:00     2    4      120     1   12s old
//!   filter: sup                                  showing 1–3 of 12
//! ```

use std::borrow::Cow;
use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::floor::queue::Open;
use crate::operations::{Outcome, Pending, Stage};
use crate::state::{Rows, State};
use crate::table::cell::span;
use crate::table::fit::{GAP, fit};
use crate::table::sources;
use crate::table::{Align, HIDDEN, Head, Line, PageRow, RowId, TableId, Tone};
use crate::theme::Role;
use crate::ui::empty;
use crate::ui::pen::{Pen, cut, glyph, inset, sign, tone, width};
use crate::ui::summary::line_of_entries;

mod total;

/// The mark of the selected row, and a space.
const MARGIN: u16 = 2;

/// `pending…`, `12m old`.
const TAG: u16 = 8;

/// From this width on the tag has a column of its own; below, it takes the place of the last.
const TAG_COLUMN: u16 = 90;

/// The name of the column that is drawn as a sign.
const SEVERITY: &str = "severity";

/// Where the columns of a table stand.
struct Columns {
    heads: Vec<Head>,
    /// Index of the column among the declared ones, and its place.
    placed: Vec<(usize, Rect)>,
    /// Where the sign of a row stands in a table that has no column for it.
    sign: Option<u16>,
    /// Whether the tag has a place of its own.
    tagged: bool,
}

/// Draws the table that is shown.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    state: &State,
    order: &Rows,
    (heads, rows, caption): (Rect, Rect, Rect),
) {
    let columns = columns(state, rows);
    headers(pen, state, &columns, heads);
    if order.is_empty() {
        empty::draw(pen, state, rows);
    }
    let top = first(state, order, rows);
    let seen = seen(order, top, rows);
    // Beside what is shown, a row is read for its sign and its tag.
    let wanted = |index: usize| {
        columns.placed.iter().any(|(placed, _)| *placed == index)
            || matches!(columns.heads[index].name, "link" | "open")
    };
    let table = state.screen.table();
    let page = table.page_of(&state.context(), &order[seen.clone()], &wanted);
    let mut page = page.iter();
    for (line, y) in (top..).zip(rows.top()..rows.bottom()) {
        let place = Rect { y, height: 1, ..rows };
        match order.order().line(line) {
            Some(Line::Total(group)) => total::draw(pen, state, &columns, group, place),
            Some(Line::Row(_)) => {
                let Some(row) = page.next() else { break };
                let selected = state.selected() == Some(&row.id);
                draw_row(pen, state, &columns, row, selected, place);
            }
            None => break,
        }
    }
    below(pen, state, seen, order.len(), caption);
}

/// The line that stands first in `rows`.
fn first(state: &State, order: &Rows, rows: Rect) -> usize {
    let selected = state.selected().and_then(|id| state.place(order, id));
    let wanted = selected.map(|index| order.order().lines_of(index));
    state.screen.view().first(wanted, usize::from(rows.height), order.order().lines())
}

/// The rows that are seen in `area`, from the line `first` on.
fn seen(order: &Rows, first: usize, area: Rect) -> Range<usize> {
    let lines = first..first + usize::from(area.height);
    let mut rows = lines.filter_map(|line| match order.order().line(line)? {
        Line::Row(index) => Some(index),
        Line::Total(_) => None,
    });
    let from = rows.next();
    let to = rows.next_back().or(from);
    from.zip(to).map_or(0..0, |(from, to)| from..to + 1)
}

/// The rows that stand in `area`.
pub(super) fn shown<'r>(state: &State, order: &'r Rows, area: Rect) -> &'r [RowId] {
    &order[seen(order, first(state, order, area), area)]
}

/// The row that stands on line `y` of the screen.
pub(super) fn row_at(state: &State, order: &Rows, rows: Rect, y: u16) -> Option<RowId> {
    let line = first(state, order, rows) + usize::from(y - rows.y);
    match order.order().line(line)? {
        Line::Row(index) => order.get(index).cloned(),
        Line::Total(_) => None,
    }
}

/// The name of the column that stands in column `x` of the screen.
pub(super) fn column_at(state: &State, rows: Rect, x: u16) -> Option<String> {
    let columns = columns(state, rows);
    let (index, _) =
        columns.placed.iter().find(|(_, place)| (place.x..place.right() + GAP).contains(&x))?;
    Some(columns.heads[*index].name.to_owned())
}

fn columns(state: &State, area: Rect) -> Columns {
    let table = state.screen.table();
    let heads = table.columns();
    let (declared, chosen): (Vec<usize>, Vec<Head>) =
        state.screen.view().heads(table).into_iter().unzip();
    let own = chosen.iter().any(|head| head.name == SEVERITY && head.rank != HIDDEN);
    let signed = !own && !matches!(table, TableId::Agents | TableId::Entries);
    let left = if signed { MARGIN + 1 + GAP } else { MARGIN };
    let tagged = area.width >= TAG_COLUMN;
    let right = if tagged { TAG + GAP } else { 0 };
    let inner = inset(area, left, right + 1);
    let mut x = inner.x;
    let placed = fit(&chosen, inner.width)
        .into_iter()
        .map(|(index, width)| {
            let index = declared[index];
            let place = Rect { x, width, ..inner }.intersection(inner);
            // One cell closer to its sign: they belong together.
            let gap = if heads[index].name == SEVERITY { 1 } else { GAP };
            x = x.saturating_add(width).saturating_add(gap);
            (index, place)
        })
        .collect();
    let left = if signed { left - 1 } else { left };
    Columns { heads, placed, sign: signed.then_some(area.x + left - GAP), tagged }
}

fn headers(pen: &mut Pen<'_>, state: &State, columns: &Columns, area: Rect) {
    pen.fill(area, Role::Heads);
    let (by, descending) = state.screen.view().view.sort.unwrap_or(state.screen.table().sort());
    let arrow = if descending { "↓" } else { "↑" };
    for (index, place) in &columns.placed {
        let head = &columns.heads[*index];
        let place = Rect { y: area.y, height: area.height, ..*place };
        let sorted = head.name == by;
        let style = if sorted { pen.role(Role::Sorted) } else { Style::new() };
        let text = cut(head.header, place.width);
        // The arrow stands in the gap behind the header, so that no number moves.
        let end = match (head.align, head.name) {
            // This one has no gap behind it: the arrow stands in the margin.
            (_, SEVERITY) => {
                pen.text(place, "■", style);
                place.x.saturating_sub(1)
            }
            (Align::Left, _) => place.x + pen.text(place, &text, style) + 1,
            (Align::Right, _) => {
                pen.right(place, &text, style);
                place.right()
            }
        };
        if sorted {
            let behind = Rect { x: end, width: area.right().saturating_sub(end).min(1), ..place };
            pen.text(behind, arrow, style);
        }
    }
}

fn draw_row(
    pen: &mut Pen<'_>,
    state: &State,
    columns: &Columns,
    row: &PageRow,
    selected: bool,
    line: Rect,
) {
    if selected {
        pen.tint(line, pen.role(Role::Selection));
        pen.text(line, "▌", pen.role(Role::Marker));
    }
    if state.screen.view().marks.contains(&row.id) {
        let place = Rect { x: line.x.saturating_add(1), width: 1, ..line }.intersection(line);
        pen.text(place, "+", pen.role(Role::Key));
    }
    let dim = (!row.fresh).then(|| pen.role(Role::Stale));
    let style = |pen: &Pen<'_>, tone| {
        let style = dim.unwrap_or_else(|| pen.tone(tone));
        if selected { pen.on_selection(style) } else { style }
    };
    let ink = |pen: &Pen<'_>, tone| dim.unwrap_or_else(|| pen.ink(tone));
    if let (Some(x), Some(severity)) = (columns.sign, row.severity) {
        let place = Rect { x, width: 1, ..line }.intersection(line);
        // A source has the sign that it has in the header.
        let reached = columns.heads.iter().position(|head| head.name == "link");
        let (sign, tone) = match reached.and_then(|index| row.cells.get(index)) {
            Some(cell) => (sign(cell.tone), cell.tone),
            None => (glyph(severity), tone(severity)),
        };
        pen.text(place, sign, ink(pen, tone));
    }
    for (index, place) in &columns.placed {
        let place = Rect { y: line.y, height: 1, ..*place };
        let cell = &row.cells[*index];
        let head = &columns.heads[*index];
        if head.name == SEVERITY {
            if let Some(severity) = row.severity {
                pen.text(place, glyph(severity), ink(pen, tone(severity)));
            }
            continue;
        }
        match head.align {
            Align::Left => {
                pen.text(place, &cell.text, style(pen, cell.tone));
            }
            Align::Right => {
                let text = number(&cell.text, place.width);
                pen.right(place, &text, style(pen, cell.tone));
            }
        }
    }
    if let Some((text, tone)) = tag(state, columns, row) {
        draw_tag(pen, columns, &text, tone, line);
    }
}

/// Draws what stands at the end of a row. It takes the place of whole cells: half a number would say something
/// else.
fn draw_tag(pen: &mut Pen<'_>, columns: &Columns, text: &str, tone: Tone, line: Rect) {
    let wide = width(text).min(line.width);
    let place = inset(line, line.width.saturating_sub(wide + 1), 1);
    let covered = columns.placed.iter().map(|(_, cell)| cell).find(|cell| cell.right() >= place.x);
    let from = covered.map_or(place.x, |cell| cell.x.min(place.x));
    let blank = Rect { x: from, width: line.right() - from, ..line };
    pen.text(blank, &" ".repeat(blank.width.into()), Style::new());
    pen.right(place, text, pen.tone(tone));
}

/// A number that does not fit is told in thousands, millions or milliards; its first digits alone would lie.
fn number(text: &str, cells: u16) -> Cow<'_, str> {
    if width(text) > cells && text.bytes().all(|byte| byte.is_ascii_digit()) {
        for (unit, digits) in [("k", 3), ("M", 6), ("G", 9)] {
            let whole = text.get(..text.len().saturating_sub(digits)).unwrap_or_default();
            if !whole.is_empty() && width(whole) < cells {
                return Cow::Owned(format!("{whole}{unit}"));
            }
        }
    }
    cut(text, cells)
}

/// What stands at the end of a row: what was asked of it, else how old it is.
///
/// That a queue is closed stands here where its column had no room.
fn tag(state: &State, columns: &Columns, row: &PageRow) -> Option<(String, Tone)> {
    if let Some(pending) = &row.pending {
        return Some(asked(pending));
    }
    if let Some(updated) = row.updated.filter(|_| !row.fresh) {
        return Some((format!("{} old", span(state.now.age(updated).as_secs())), Tone::Warning));
    }
    let open = columns.heads.iter().position(|head| head.name == "open")?;
    let told = columns.tagged && !columns.placed.iter().any(|(index, _)| *index == open);
    let cell = row.cells.get(open).filter(|cell| told && cell.text == Open::Closed.word())?;
    Some((cell.text.clone(), Tone::Quiet))
}

fn asked(pending: &Pending) -> (String, Tone) {
    match &pending.stage {
        Stage::Sent | Stage::Accepted => (format!("{}…", pending.word()), Tone::Busy),
        Stage::Over(outcome) => {
            let tone = match outcome {
                Outcome::Done | Outcome::Confirmed(_) => Tone::Good,
                Outcome::Refused(_) | Outcome::Outdated(_) | Outcome::Unknown(_) => Tone::Warning,
                Outcome::Failed(_) => Tone::Critical,
            };
            (pending.word().to_owned(), tone)
        }
    }
}

/// The line below the rows.
fn below(pen: &mut Pen<'_>, state: &State, seen: Range<usize>, kept: usize, area: Rect) {
    let area = inset(area, MARGIN, 1);
    let filter = &state.screen.view().view.filter;
    let quiet = pen.tone(Tone::Quiet);
    let range = match (kept, seen.len()) {
        (0, _) => String::new(),
        (_, 0) => format!("showing 0 of {kept}"),
        _ => format!("showing {}–{} of {kept}", seen.start + 1, seen.end),
    };
    let range = match state.screen.view().marks.len() {
        0 => range,
        marked => format!("{marked} marked, {range}"),
    };
    let range = match state.screen.view().view.whose.words() {
        "" => range,
        whose => [whose, &range]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
    };
    if filter.is_empty() {
        pen.right(area, &range, quiet);
        if state.screen.table() == TableId::Entries
            && let Some((text, tone)) = line_of_entries(state)
        {
            let room = inset(area, 0, width(&range) + 2);
            // Rather no figures than half of them.
            if width(&text) + 2 <= room.width {
                let text =
                    if tone == Tone::Quiet { text } else { format!("{} {text}", sign(tone)) };
                pen.text(room, &text, pen.tone(tone));
            }
        }
        if state.screen.table() == TableId::Sources
            && let Some((text, tone)) = line_of_sources(state)
        {
            let room = inset(area, 0, width(&range) + 2);
            pen.text(room, &format!("{} {text}", sign(tone)), pen.tone(tone));
        }
        return;
    }
    let all = state.screen.table().count(&state.context());
    let text = format!("{kept} of {all} kept");
    let text = if seen.len() == kept { text } else { format!("{range}, {text}") };
    pen.right(area, &text, quiet);
    let left = inset(area, 0, width(&text) + 2);
    let used = pen.text(left, "filter: ", quiet);
    pen.text(inset(left, used, 0), filter.written(), pen.tone(Tone::Busy));
}

/// What is wrong with the selected source, else with the first that has something wrong: whole, however narrow its
/// column is. What is only missing is said quietly.
fn line_of_sources(state: &State) -> Option<(String, Tone)> {
    let context = state.context();
    let selected = state.selected().and_then(RowId::source);
    let mut wrong = context
        .floor
        .worlds()
        .filter(|(name, _)| selected.is_none_or(|own| own == *name))
        .filter_map(|(name, world)| Some((name, world, sources::error(world, &context)?)));
    let (name, world, error) = wrong.next()?;
    let link = world.link(&context.now);
    let tone = if link.is_fresh() { Tone::Quiet } else { sources::tone(link) };
    let error = if state.mask { error.masked() } else { error };
    Some((format!("{}: {error}", name.shown()), tone))
}
