//! The total of a group, above its queues.
//!
//! ```text
//!   ■ hq  6 queues          8     2:14    12   41     1137  …   2 old
//! ```

use ratatui::layout::Rect;

use crate::state::State;
use crate::table::{Align, Group, Tone};
use crate::theme::Role;
use crate::ui::grid::{Columns, MARGIN, SEVERITY, draw_tag, number};
use crate::ui::pen::{Pen, Run, glyph, inset, tone, width_of};

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
    for (at, (index, place)) in columns.placed.iter().enumerate() {
        let place = Rect { y: line.y, height: 1, ..*place };
        let head = &columns.heads[*index];
        if head.name == SEVERITY || Some(at) == named {
            continue;
        }
        let Some(Some(cell)) = cells.get(*index) else { continue };
        // What fills its ground is the queue that is in trouble, not the sum above it.
        let style = match cell.tone {
            Tone::Unknown => pen.tone(cell.tone),
            Tone::Warning | Tone::Critical => pen.bold(pen.ink(cell.tone)),
            tone => pen.bold(pen.tone(tone)),
        };
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
    let told = name(pen, group, columns.tagged, Rect { y: line.y, height: 1, ..place });
    if !told {
        draw_tag(pen, columns, &format!("{} old", group.old), Tone::Warning, line);
    }
}

/// The group's name and how many queues it has, as far as there is room. Says whether it told how many are old,
/// which `elsewhere` has a place of its own.
fn name(pen: &mut Pen<'_>, group: &Group, elsewhere: bool, place: Rect) -> bool {
    let strong = pen.bold(pen.tone(Tone::Strong));
    let (quiet, late) = (pen.tone(Tone::Quiet), pen.tone(Tone::Warning));
    let name = Run::new(group.name.as_str(), strong);
    let word = if group.queues == 1 { "queue" } else { "queues" };
    let count = |text: String| Run::new(text, quiet);
    let (queues, bare) =
        (count(format!("  {} {word}", group.queues)), count(format!("  {}", group.queues)));
    let old = Run::new(format!("  {} old", group.old), late);
    let shown = match group.old > 0 && !elsewhere {
        true => vec![vec![name.clone(), queues.clone(), old.clone()], vec![name.clone(), old]],
        false => Vec::new(),
    };
    let fits = |runs: &&Vec<Run>| width_of(runs) <= place.width;
    if let Some(runs) = shown.iter().find(fits) {
        pen.runs(place, runs);
        return true;
    }
    let shown = [vec![name.clone(), queues], vec![name.clone(), bare], vec![name]];
    pen.runs(place, shown.iter().find(fits).unwrap_or(&shown[2]));
    group.old == 0
}
