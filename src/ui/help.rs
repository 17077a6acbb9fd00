//! The help: every action with its keys, from the keymap.
//!
//! ```text
//! ╭──────────────────────────────────────────────────────╮
//! │  Keys                                   esc closes   │
//! │                                                      │
//! │  ?          Show or hide this help.                  │
//! │  q  ctrl+c  Leave floorwalker.                       │
//! ╰──────────────────────────────────────────────────────╯
//! ```

use ratatui::layout::Rect;

use crate::action::{ACTIONS, Reach};
use crate::operations::Access;
use crate::state::State;
use crate::table::Tone;
use crate::theme::Role;
use crate::ui::dialog::frame;
use crate::ui::pen::{Pen, Run, inset, width, width_of, wrap};

/// The widest column of help.
const WIDEST: u16 = 74;

/// Cells between two columns of help.
const GAP: u16 = 4;

/// A line: keys, or nothing where a sentence goes on, and the sentence.
type Line = (String, String);

/// Draws the help from action `first` on, or so much earlier that its end fills the box.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, first: u16, area: Rect) {
    let framed = area.height >= 4 && area.width >= 8;
    let room = area.width.saturating_sub(if framed { 8 } else { 0 });
    let columns = if room >= 2 * 58 + GAP { 2 } else { 1 };
    let column = ((room - (columns - 1) * GAP) / columns).min(WIDEST);
    let (lines, keys) = lines(state, column);
    let chrome = if framed { 4 } else { 1 };
    let height = usize::from(area.height.saturating_sub(chrome)).max(1);
    // No sentence is cut where the second column begins, as long as there is room.
    let begins = |at: &usize| lines.get(*at).is_none_or(|(keys, _)| !keys.is_empty());
    let half = lines.len().div_ceil(usize::from(columns));
    let needed = (half..=lines.len()).find(begins).unwrap_or(half);
    let visible = height.min(needed);
    let last = lines.len().saturating_sub(visible * usize::from(columns));
    let begin = lines.iter().enumerate().filter(|(_, (keys, _))| !keys.is_empty());
    let first = begin.map(|(line, _)| line).nth(first.into()).unwrap_or(last).min(last);
    let inner = column * columns + (columns - 1) * GAP;
    let inside =
        frame(pen, area, inner, visible + usize::from(chrome) - 2 * usize::from(framed), framed);
    title(pen, state, last > first, Rect { height: inside.height.min(1), ..inside });
    let y = (inside.y + if framed { 2 } else { 1 }).min(inside.bottom());
    let body = Rect { y, height: inside.bottom() - y, ..inside };
    for (index, (press, sentence)) in lines.iter().enumerate().skip(first) {
        let place = index - first;
        let (across, down) = (place / visible.max(1), place % visible.max(1));
        let (Ok(across), Ok(down)) = (u16::try_from(across), u16::try_from(down)) else { break };
        if across >= columns || down >= body.height {
            break;
        }
        let x = body.x + across * (column + GAP);
        let cell = Rect { x, y: body.y + down, width: column, height: 1 }.intersection(body);
        pen.text(Rect { width: keys.saturating_sub(1), ..cell }, press, pen.role(Role::Key));
        pen.text(inset(cell, keys, 0), sentence, pen.tone(Tone::Plain));
    }
}

fn title(pen: &mut Pen<'_>, state: &State, more: bool, area: Rect) {
    pen.text(area, "Keys", pen.role(Role::DialogTitle));
    let mut runs = Vec::new();
    if more {
        runs.push(Run::new("more below", pen.tone(Tone::Busy)));
    }
    if state.access == Access::ReadOnly {
        runs.push(Run::new("read-only", pen.tone(Tone::Warning)));
    }
    runs.push(Run::new("esc closes", pen.tone(Tone::Quiet)));
    // That there is more is given up last.
    while let Some(last) = runs.len().checked_sub(1) {
        let gap = Run::new("   ", pen.tone(Tone::Quiet));
        let told: Vec<Run> = runs.iter().flat_map(|run| [gap.clone(), run.clone()]).collect();
        let wide = width_of(&told);
        if wide + 4 <= area.width {
            pen.runs(Rect { x: area.right() - wide, width: wide, ..area }, &told);
            return;
        }
        runs.truncate(last);
    }
}

/// All lines, and how many cells the keys take.
fn lines(state: &State, column: u16) -> (Vec<Line>, u16) {
    let on_wall = state.screen.wall.is_some();
    let turn = on_wall
        .then(|| ("space  left  right".to_owned(), "Turn to the next page, or the one before."));
    let own = ACTIONS
        .iter()
        .filter(|declared| !on_wall || State::wall_keeps(declared.action))
        .filter(|declared| state.access == Access::Full || declared.reach == Reach::Screen)
        .filter_map(|declared| {
            let keys: Vec<String> =
                state.keymap.keys_of(declared.action).map(|press| press.to_string()).collect();
            (!keys.is_empty()).then(|| (keys.join("  "), declared.help))
        });
    let known: Vec<(String, &str)> = turn.into_iter().chain(own).collect();
    let longest = known.iter().map(|(keys, _)| width(keys)).max().unwrap_or(0) + 3;
    let keys = longest.min(column / 2);
    let lines = known.into_iter().flat_map(|(press, sentence)| {
        wrap(sentence, column.saturating_sub(keys).max(1)).into_iter().enumerate().map(
            move |(index, part)| (if index == 0 { press.clone() } else { String::new() }, part),
        )
    });
    (lines.collect(), keys)
}
