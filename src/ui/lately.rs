//! What happened lately, below a table that leaves room.
//!
//! ```text
//!  Lately ─────────────────────────────────────────────
//!  14:31:52  oslo  ▲ queues: connection refused
//! ```

use ratatui::layout::Rect;

use crate::state::State;
use crate::table::{RowId, TableId, Tone};
use crate::theme::Role;
use crate::ui::pen::{Pen, Run, glyph, inset, tone, top};

/// The least it takes: a blank line, the title, and two lines of the log.
pub(super) const LEAST: u16 = 4;

/// Draws the newest lines of the log.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, area: Rect) {
    let area = inset(area, 2, 1);
    let (_, rest) = top(area);
    let (line, mut rest) = top(rest);
    let used = pen.text(line, "Lately", pen.role(Role::Section));
    let rule = inset(line, used + 1, 0);
    pen.text(rule, &"─".repeat(rule.width.into()), pen.role(Role::Rule));
    let context = state.context();
    let newest = context.log.iter().rev().take(rest.height.into());
    let shown: Vec<RowId> = newest.map(|line| RowId::Line(line.number)).collect();
    let page = TableId::Log.page(&context, &shown);
    if page.is_empty() {
        pen.text(rest, "nothing has happened yet", pen.tone(Tone::Quiet));
    }
    let heads = TableId::Log.columns();
    for row in page {
        let (line, below) = top(rest);
        rest = below;
        let cell = |name: &str| {
            let index = heads.iter().position(|head| head.name == name);
            index.and_then(|index| row.cells.get(index)).map_or("", |cell| cell.text.as_str())
        };
        let severity = row.severity.map_or(("·", Tone::Quiet), |own| (glyph(own), tone(own)));
        let quiet = pen.tone(Tone::Quiet);
        let runs = [
            Run::new(format!("{}  ", cell("at")), quiet),
            Run::new(severity.0, pen.ink(severity.1)),
            Run::new(" ", quiet),
            Run::new(format!("{:<10} ", cell("source")), quiet),
            Run::new(cell("text"), pen.tone(Tone::Plain)),
        ];
        pen.runs(line, &runs);
    }
}
