//! The figures of the open queue, where there is no room for tall ones.
//!
//! ```text
//!  Wait  Longest  Free   In  Talking  Offered  Answered  Lost  Avg wait
//!     4     2:14     0    9        6      412       380    18      0:31
//! ```

use ratatui::layout::Rect;

use crate::state::State;
use crate::table::{Align, RowId, TableId};
use crate::theme::Role;
use crate::ui::pen::{Pen, Run, inset, width};

/// The columns that are shown, the weightiest first.
const SHOWN: [&str; 10] = [
    "waiting",
    "longest_wait_s",
    "agents_free",
    "agents_logged_in",
    "calls_connected",
    "offered",
    "answered",
    "abandoned",
    "average_wait_s",
    "agents_wrap_up",
];

/// Draws them in two lines with a blank one below, or in one line.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, area: Rect) {
    let Some((source, queue)) = &state.screen.inside else { return };
    let id = RowId::Queue(source.clone(), queue.clone());
    let page = TableId::Queues.page(&state.context(), &[id]);
    let (Some(row), false) = (page.first(), area.is_empty()) else { return };
    let heads = TableId::Queues.columns();
    let mut rest = inset(area, 2, 1);
    for name in SHOWN {
        let Some(index) = heads.iter().position(|head| head.name == name) else { continue };
        let (head, cell) = (&heads[index], &row.cells[index]);
        let style = if row.fresh { pen.tone(cell.tone) } else { pen.role(Role::Stale) };
        let used = if area.height >= 2 {
            let wide = head.width.min.max(width(head.header)).max(width(&cell.text));
            if wide > rest.width {
                break;
            }
            let place = Rect { width: wide, height: 1, ..rest };
            let below = Rect { y: place.y + 1, ..place };
            match head.align {
                Align::Left => {
                    pen.text(place, head.header, pen.role(Role::Label));
                    pen.text(below, &cell.text, style);
                }
                Align::Right => {
                    pen.right(place, head.header, pen.role(Role::Label));
                    pen.right(below, &cell.text, style);
                }
            }
            wide
        } else {
            let label = Run::new(format!("{} ", head.header), pen.role(Role::Label));
            let figure = Run::new(cell.text.as_str(), style);
            if width(&label.text) + width(&figure.text) > rest.width {
                break;
            }
            pen.runs(rest, &[label, figure])
        };
        let step = used.saturating_add(2).min(rest.width);
        rest.x += step;
        rest.width -= step;
    }
}
