//! The total of a group, above its queues.
//!
//! ```text
//!   ■ hq  6 queues          8     2:14    12   41     1137  …   2 old
//! ```

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::state::State;
use crate::table::totals::Coverage;
use crate::table::{Align, Cell, Group, Tone};
use crate::theme::Role;
use crate::ui::grid::{Columns, MARGIN, SEVERITY, draw_tag, number};
use crate::ui::pen::{Pen, Run, glyph, inset, tone, width, width_of};

/// Behind a figure that only some queues of its group tell.
const PARTIAL: &str = "*";

/// The column that the group's name stands in.
const NAME: &str = "queue";

/// Draws the total of `group` on one line.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, columns: &Columns, group: &Group, line: Rect) {
    pen.fill(line, Role::Panel);
    let cells = group.cells(&state.context());
    // Without the column of names, the name takes the place of another.
    let head_of = |(index, _): &(usize, Rect)| columns.heads[*index].name;
    let own = columns.placed.iter().position(|placed| head_of(placed) == NAME);
    let named =
        own.or_else(|| columns.placed.iter().position(|placed| head_of(placed) != SEVERITY));
    let mut partial = false;
    for (at, (index, place)) in columns.placed.iter().enumerate() {
        let place = Rect { y: line.y, height: 1, ..*place };
        let head = &columns.heads[*index];
        if head.name == SEVERITY || Some(at) == named {
            continue;
        }
        let Some(Some((cell, coverage))) = cells.get(*index) else { continue };
        // What fills its ground is the queue that is in trouble, not the sum above it.
        let style = match cell.tone {
            Tone::Unknown => pen.tone(cell.tone),
            Tone::Warning | Tone::Critical => pen.bold(pen.ink(cell.tone)),
            tone => pen.bold(pen.tone(tone)),
        };
        if coverage.is_partial() {
            partial |= true;
            covered(pen, cell, *coverage, head.align, place, style);
            continue;
        }
        match head.align {
            Align::Left => drop(pen.text(place, &cell.text, style)),
            Align::Right => pen.right(place, &number(&cell.text, place.width), style),
        }
    }
    if let Some(severity) = group.severity {
        let signs = columns.placed.iter();
        let mut signs = signs.filter(|(index, _)| columns.heads[*index].name == SEVERITY);
        let x = columns.sign.or(signs.next().map(|(_, place)| place.x));
        let place = Rect { x: x.unwrap_or(line.x + MARGIN), width: 1, ..line }.intersection(line);
        pen.text(place, glyph(severity), pen.ink(tone(severity)));
    }
    let place = named.map_or(inset(line, MARGIN + 2, 1), |at| columns.placed[at].1);
    let told = name(pen, group, (columns.tagged, partial), Rect { y: line.y, height: 1, ..place });
    if !told {
        draw_tag(pen, columns, &format!("{} old", group.old), Tone::Warning, line);
    }
}

/// A figure that only some queues of the group tell: with how many they are where there is room, else with a mark.
fn covered(
    pen: &mut Pen<'_>,
    cell: &Cell,
    Coverage { rows, of }: Coverage,
    align: Align,
    place: Rect,
    style: Style,
) {
    let whole = format!("{} {rows}/{of}", cell.text);
    let text = match width(&whole) <= place.width {
        true => whole,
        false => format!("{}{PARTIAL}", number(&cell.text, place.width.saturating_sub(1))),
    };
    match align {
        Align::Left => drop(pen.text(place, &text, style)),
        Align::Right => pen.right(place, &text, style),
    }
}

/// The group's name and how many queues it has, as far as there is room; and what the mark of partial figures means.
/// Says whether it told how many are old, which `elsewhere` has a place of its own.
fn name(pen: &mut Pen<'_>, group: &Group, (elsewhere, partial): (bool, bool), place: Rect) -> bool {
    let strong = pen.bold(pen.tone(Tone::Strong));
    let (quiet, late) = (pen.tone(Tone::Quiet), pen.tone(Tone::Warning));
    let name = || Run::new(group.name.as_str(), strong);
    let word = if group.queues == 1 { "queue" } else { "queues" };
    let queues = || Run::new(format!("  {} {word}", group.queues), quiet);
    let bare = || Run::new(format!("  {}", group.queues), quiet);
    let old = || Run::new(format!("  {} old", group.old), late);
    let some = || Run::new(format!("  {PARTIAL} not of all"), quiet);
    let says_old = group.old > 0 && !elsewhere;
    let mut forms: Vec<(bool, Vec<Run>)> = Vec::new();
    if says_old && partial {
        forms.push((true, vec![name(), queues(), old(), some()]));
    }
    if says_old {
        forms.push((true, vec![name(), queues(), old()]));
        forms.push((true, vec![name(), old()]));
    }
    if partial {
        forms.push((false, vec![name(), queues(), some()]));
    }
    forms.push((false, vec![name(), queues()]));
    forms.push((false, vec![name(), bare()]));
    forms.push((false, vec![name()]));
    let last = forms.len() - 1;
    let fitting = forms.iter().position(|(_, runs)| width_of(runs) <= place.width);
    let (told, runs) = &forms[fitting.unwrap_or(last)];
    pen.runs(place, runs);
    *told || group.old == 0
}
