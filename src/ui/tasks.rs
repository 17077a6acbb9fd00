//! The tasks of a service: those that wait, and those that somebody has.
//!
//! ```text
//!  Tasks ───────────────────────────────────────
//!  Hedda Lundqvist            chat        0:42
//!  +442079460188              audio       0:12
//!  mika.holm@example.com      connected   3:10
//! ```

use ratatui::layout::Rect;

use crate::floor::call::Phase;
use crate::floor::id::{QueueId, SourceName};
use crate::state::State;
use crate::table::cell::duration;
use crate::table::tasks::{TaskRow, Tasks, modality, of_service, wait_severity};
use crate::table::{Context, Table as _, Tone};
use crate::theme::Role;
use crate::ui::empty::NO_CHATS;
use crate::ui::pen::{Pen, inset, tone, top, width, wrap};
use crate::ui::{aside, detail};

/// Lines that the tasks of a service take at most beside everything else about it.
const FEW: usize = 8;

/// Cells of the longest word: `e-mail`, `connected`.
const WORD: u16 = 10;

/// The tasks of a service among everything else about it; returns what is below. Nothing where there are none.
pub(super) fn section(
    pen: &mut Pen<'_>,
    state: &State,
    (source, queue): (&SourceName, &QueueId),
    area: Rect,
) -> Rect {
    let context = state.context();
    let rows = of_service(&context, source, queue);
    if rows.is_empty() {
        return area;
    }
    let rest = detail::section(pen, "Tasks", area);
    let lines = u16::try_from(rows.len().min(FEW)).unwrap_or(u16::MAX).min(rest.height);
    list(pen, &context, &rows, Rect { height: lines, ..rest });
    Rect { y: rest.y + lines, height: rest.height - lines, ..rest }
}

/// The pane beside the people of a service: its tasks.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    state: &State,
    (source, queue): (&SourceName, &QueueId),
    area: Rect,
) {
    let context = state.context();
    let rows = of_service(&context, source, queue);
    let (line, mut rest) = top(area);
    pen.text(line, "Tasks", pen.role(Role::DialogTitle));
    if rows.is_empty() {
        let (_, below) = top(rest);
        let (line, mut rest) = top(below);
        pen.text(line, "there are none", pen.tone(Tone::Quiet));
        for text in wrap(NO_CHATS, area.width) {
            let (line, below) = top(rest);
            pen.text(line, &text, pen.tone(Tone::Quiet));
            rest = below;
        }
        return;
    }
    let (waiting, running): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.phase() == Phase::Waiting);
    for (name, rows) in [("Waiting", waiting), ("Going on", running)] {
        if !rows.is_empty() {
            rest = detail::section(pen, name, rest);
            rest = list(pen, &context, &rows, rest);
        }
    }
}

fn list(pen: &mut Pen<'_>, context: &Context<'_>, rows: &[TaskRow<'_>], area: Rect) -> Rect {
    aside::rows(pen, rows, area, |pen, row, area| {
        let (line, rest) = top(area);
        one(pen, context, row, line);
        rest
    })
}

fn one(pen: &mut Pen<'_>, context: &Context<'_>, row: &TaskRow<'_>, line: Rect) {
    let waits = row.phase() == Phase::Waiting;
    let time = if waits { row.wait(context) } else { row.lasts(context) };
    let dim = (!Tasks::is_fresh(row, context)).then(|| pen.role(Role::Stale));
    let loud = wait_severity(row, context).map_or(Tone::Plain, tone);
    let time = time.map(duration).unwrap_or_default();
    pen.right(line, &time, dim.unwrap_or_else(|| pen.tone(loud)));
    let left = inset(line, 0, 8);
    // That the waiting wait is said by their place: what they are made of says more.
    let by = row.task.facts.modality.as_ref().map(modality).unwrap_or_default();
    let (word, look) = match waits {
        true => (by.as_str(), Tone::Quiet),
        false => (row.label(context), row.tone(context)),
    };
    let x = left.right() - WORD.min(left.width);
    pen.text(
        Rect { x, width: left.right() - x, ..left },
        word,
        dim.unwrap_or_else(|| pen.tone(look)),
    );
    let left = inset(left, 0, WORD + 1);
    let who = row.customer(context).or_else(|| row.party(context)).unwrap_or_default();
    let text = match row.agent().filter(|_| !waits) {
        Some(agent) => {
            let both = format!("{agent}, {who}");
            if width(&both) <= left.width { both } else { agent.to_string() }
        }
        None => who.to_string(),
    };
    pen.text(left, &text, dim.unwrap_or_else(|| pen.tone(Tone::Plain)));
}
