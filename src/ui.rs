//! What is drawn: the state, in cells. Nothing here changes anything.
//!
//! ```text
//! ┌ header ─────────────────────────────────────────────┐
//! │ oneself, where a source tells who one is            │
//! │ summary: tall figures            │ detail of the    │
//! │ tabs, or where one is            │ selected queue,  │
//! │ columns' headers                 │ where there is   │
//! │ rows                             │ room             │
//! │ caption                          │                  │
//! ├ footer ─────────────────────────────────────────────┤
//! └─ over it: help, a question, a picker ───────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::event::{Gesture, Pointer, Target};
use crate::state::{Dialog, Lines, State};
use crate::table::mine::Mine;
use crate::table::{RowId, TableId};
use crate::text::Characters;
use crate::theme::{Role, Theme};

pub use self::sign_in::sign_in;

use self::pen::Pen;

mod aside;
mod calls;
mod contact;
mod detail;
mod dialog;
mod digits;
mod empty;
mod figures;
mod footer;
mod form;
mod grid;
mod header;
mod help;
mod ladder;
mod lately;
mod letters;
mod me;
mod pen;
mod person;
mod planned;
mod request;
mod sign_in;
mod summary;
mod sweep;
mod tabs;
mod tasks;
mod wall;

/// How a screen shall look.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    pub theme: &'a Theme,
    /// The characters that may be drawn.
    pub characters: Characters,
}

/// Rows that one notch of the wheel moves.
const WHEEL: i8 = 3;

/// Lines below which what stands over the board may take those of the header and the footer too.
const SHORT: u16 = 10;

/// Columns from which on a pane stands beside the table of queues.
const WIDE: u16 = 150;

/// Draws the whole screen into `area`; what of it lies outside the buffer is left out.
pub fn draw(state: &State, look: &Look<'_>, buffer: &mut Buffer, area: Rect) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let mut pen = Pen::new(buffer, look);
    match &state.screen.wall {
        Some(wall) => {
            wall::draw(&mut pen, state, wall, area);
            if let Some(first) = state.screen.help {
                help::draw(&mut pen, state, first, area);
            }
        }
        None => board(state, &mut pen, area),
    }
    sweep::sweep(buffer, area, look.characters);
}

/// Where the parts of the board stand.
struct Places {
    lines: Lines,
    header: Rect,
    me: Rect,
    middle: Rect,
    /// The detail beside the rows, where there is room.
    pane: Option<Rect>,
    summary: Rect,
    tabs: Rect,
    figures: Rect,
    heads: Rect,
    rows: Rect,
    caption: Rect,
    /// What happened lately, where rows are left over.
    lately: Option<Rect>,
    footer: Rect,
}

impl Places {
    /// Places for `count` lines of the table.
    fn of(state: &State, count: usize, area: Rect) -> Self {
        let inside = state.screen.inside.is_some();
        let lines = Lines::with_me((area.width, area.height), inside, Mine::is_told(&state.floor));
        let share = |from: &mut Rect, height: u16| {
            let taken = Rect { height: height.min(from.height), ..*from };
            from.y += taken.height;
            from.height -= taken.height;
            taken
        };
        let mut rest = area;
        let header = share(&mut rest, lines.header);
        let me = share(&mut rest, lines.me);
        let above = lines.header + lines.me;
        let middle = share(&mut rest, area.height.saturating_sub(above + lines.footer));
        let footer = share(&mut rest, lines.footer);
        let queues = state.screen.table() == TableId::Queues && lines.summary > 0;
        let beside = lines.summary > 0 && aside::is_told(state);
        let wide =
            if beside && area.width >= WIDE { (area.width / 10 * 3).clamp(46, 62) } else { 0 };
        let mut column = Rect { width: middle.width - wide, ..middle };
        let pane = (wide > 0).then_some(Rect { x: column.right(), width: wide, ..middle });
        let summary = share(&mut column, lines.summary);
        let tabs = share(&mut column, lines.tabs);
        let figures = share(&mut column, lines.figures);
        let heads = share(&mut column, lines.heads);
        let needed = u16::try_from(count).unwrap_or(u16::MAX).max(lately::LEAST).saturating_add(1);
        let spare = lines.rows.saturating_sub(needed);
        let strip = queues && spare >= lately::LEAST;
        let rows = share(&mut column, if strip { needed } else { lines.rows });
        let caption = share(&mut column, lines.caption);
        let lately = strip.then(|| share(&mut column, spare));
        Self {
            lines,
            header,
            me,
            middle,
            pane,
            summary,
            tabs,
            figures,
            heads,
            rows,
            caption,
            lately,
            footer,
        }
    }
}

/// What stands on a cell.
pub fn hit(state: &State, area: Rect, pointer: Pointer) -> Option<Target> {
    let rows = match pointer.gesture {
        Gesture::Click => None,
        Gesture::WheelUp => Some(-WHEEL),
        Gesture::WheelDown => Some(WHEEL),
    };
    if let Some(rows) = rows {
        return Some(Target::Rows(rows));
    }
    let order = state.rows();
    let places = Places::of(state, order.order().lines(), area);
    let at = Position { x: pointer.x, y: pointer.y };
    if places.rows.contains(at) {
        return grid::row_at(state, &order, places.rows, at.y).map(Target::Row);
    }
    if places.heads.contains(at) {
        return grid::column_at(state, places.rows, at.x).map(Target::Column);
    }
    if places.tabs.contains(at) && at.y == places.tabs.y {
        return tabs::at(state, places.tabs, at.x).map(Target::Tab);
    }
    None
}

/// The row that is told of beside the others, none on a wall, and all that are on the screen.
pub fn seen(state: &State, area: Rect) -> (Option<RowId>, Vec<RowId>) {
    if let Some(wall) = &state.screen.wall {
        let mut sheets = state.show(wall).sheets;
        let page = wall.page(sheets.len());
        let rows = (page < sheets.len()).then(|| sheets.swap_remove(page).rows);
        return (None, rows.unwrap_or_default());
    }
    let order = state.rows();
    let places = Places::of(state, order.order().lines(), area);
    let selected = state.selected().filter(|id| state.place(&order, id).is_some());
    let shown = grid::shown(state, &order, places.rows);
    (selected.or(order.first()).cloned(), shown.to_vec())
}

fn board(state: &State, pen: &mut Pen<'_>, area: Rect) {
    pen.fill(area, Role::Base);
    let totals = state.totals();
    let order = state.rows();
    let places = Places::of(state, order.order().lines(), area);
    header::draw(pen, state, &totals, places.lines.summary > 0, places.header);
    me::draw(pen, state, places.me);
    if let Some(pane) = places.pane {
        let shown =
            state.selected().filter(|id| state.place(&order, id).is_some()).or(order.first());
        aside::draw(pen, state, shown, pane);
    }
    summary::draw(pen, state, &totals, places.summary);
    tabs::draw(pen, state, places.tabs);
    figures::draw(pen, state, places.figures);
    if let Some(lately) = places.lately {
        lately::draw(pen, state, lately);
    }
    grid::draw(pen, state, &order, (places.heads, places.rows, places.caption));
    footer::draw(pen, state, places.middle, places.footer);

    if state.screen.help.is_some() || state.screen.dialog.is_some() {
        // What lies behind steps back.
        pen.recede(places.middle);
    }
    // How bad it is and what the keys do stays in sight; where there are few lines, they are all needed.
    let over = if area.height < SHORT { area } else { places.middle };
    if let Some(first) = state.screen.help {
        help::draw(pen, state, first, over);
    }
    match &state.screen.dialog {
        Some(Dialog::Question(question)) => dialog::question(pen, question, over),
        Some(Dialog::Note(noting)) => dialog::note(pen, noting, over),
        Some(Dialog::Picker(picker)) => {
            dialog::picker(pen, &picker.title, &picker.items, picker.marked, over);
        }
        Some(Dialog::Typed(entry)) => dialog::typed(pen, entry, over),
        Some(Dialog::Columns(choice)) => dialog::columns(pen, choice, over),
        Some(Dialog::Palette(palette)) => dialog::palette(pen, state, palette, over),
        Some(Dialog::Form(form)) => form::draw(pen, state, form, over),
        None => {}
    }
}
