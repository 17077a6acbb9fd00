//! What is drawn: the state, in cells. Nothing here changes anything.
//!
//! ```text
//! ┌ header ─────────────────────────────────────────────┐
//! │ summary: tall figures            │ detail of the    │
//! │ tabs, or where one is            │ selected queue,  │
//! │ columns' headers                 │ where there is   │
//! │ rows                             │ room             │
//! │ caption                          │                  │
//! ├ footer ─────────────────────────────────────────────┤
//! └─ over it: help, a question, a picker ───────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::state::{Dialog, Lines, State};
use crate::table::{RowId, TableId};
use crate::theme::{Role, Theme};

use self::pen::Pen;
use self::totals::Totals;

mod detail;
mod dialog;
mod digits;
mod empty;
mod figures;
mod footer;
mod grid;
mod header;
mod help;
mod lately;
mod pen;
mod summary;
mod sweep;
mod tabs;
mod totals;
mod wall;

/// How a screen shall look.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Its colours.
    pub theme: &'a Theme,
    /// Whether nothing but printable ASCII may be drawn.
    pub ascii: bool,
}

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
    sweep::sweep(buffer, area, look.ascii);
}

fn board(state: &State, pen: &mut Pen<'_>, area: Rect) {
    pen.fill(area, Role::Base);
    let context = state.context();
    let totals = Totals::of(&context);
    let order = state.order();
    let inside = state.screen.inside.is_some();
    let lines = Lines::of((area.width, area.height), inside);
    let mut rest = area;
    let mut share = |height: u16| {
        let taken = Rect { height: height.min(rest.height), ..rest };
        rest.y += taken.height;
        rest.height -= taken.height;
        taken
    };
    header::draw(pen, state, &totals, lines.summary > 0, share(lines.header));
    let middle = share(area.height.saturating_sub(lines.header + lines.footer));
    let footer = share(lines.footer);

    let beside = state.screen.table() == TableId::Queues && lines.summary > 0 && area.width >= WIDE;
    let pane = if beside { (area.width / 10 * 3).clamp(46, 62) } else { 0 };
    let left = Rect { width: middle.width - pane, ..middle };
    if beside {
        let shown = state.selected().filter(|id| order.contains(id)).or(order.first());
        let pane = Rect { x: left.right(), width: pane, ..middle };
        detail::draw(pen, state, shown, pane);
    }
    column(state, pen, &totals, &order, lines, left);
    footer::draw(pen, state, middle, footer);

    if state.screen.help.is_some() || state.screen.dialog.is_some() {
        // What lies behind steps back; how bad it is stays in the header.
        pen.recede(middle);
    }
    if let Some(first) = state.screen.help {
        help::draw(pen, state, first, area);
    }
    match &state.screen.dialog {
        Some(Dialog::Question(question)) => dialog::question(pen, question, area),
        Some(Dialog::Picker(picker)) => {
            dialog::picker(pen, &picker.title, &picker.items, picker.marked, area);
        }
        Some(Dialog::Columns(choice)) => dialog::columns(pen, choice, area),
        Some(Dialog::Palette(palette)) => dialog::palette(pen, state, palette, area),
        None => {}
    }
}

/// The column of figures, tabs and rows.
fn column(
    state: &State,
    pen: &mut Pen<'_>,
    totals: &Totals,
    order: &[RowId],
    lines: Lines,
    area: Rect,
) {
    let mut y = area.y;
    let mut share = |height: u16| {
        let taken = Rect { y, height: height.min(area.bottom().saturating_sub(y)), ..area };
        y = taken.bottom();
        taken
    };
    summary::draw(pen, state, totals, share(lines.summary));
    tabs::draw(pen, state, share(lines.tabs));
    figures::draw(pen, state, share(lines.figures));
    let heads = share(lines.heads);
    let needed =
        u16::try_from(order.len()).unwrap_or(u16::MAX).max(lately::LEAST).saturating_add(1);
    let empty_rows = lines.rows.saturating_sub(needed);
    let lately =
        lines.summary > 0 && state.screen.table() == TableId::Queues && empty_rows >= lately::LEAST;
    let rows = share(if lately { needed } else { lines.rows });
    let caption = share(lines.caption);
    if lately {
        lately::draw(pen, state, share(empty_rows));
    }
    grid::draw(pen, state, order, (heads, rows, caption));
}
