//! The footer line: a notice, a filter that is typed, else what the keys do.
//!
//! ```text
//!  enter open   / filter   s sort   i log in   o log out   tab tables            ? help   q quit
//!  / vax▏                                              not a regular expression: …
//!  ▲ log out Anna Lind of Växel: refused, agent is on a call                     ? help   q quit
//! ```

use ratatui::layout::Rect;
use tui_input::Input;

use crate::action::{Action, Reach};
use crate::operations::OperationId;
use crate::state::screen::Typing;
use crate::state::{Notice, State};
use crate::table::{TableId, Tone};
use crate::theme::Role;
use crate::ui::pen::{Pen, Run, cut, inset, sign, width, width_of, wrap};

/// Lines that a long notice may take.
const NOTICE: usize = 4;

/// The least middle that has a caption to cover: below, a notice covers help and quit before it covers a row.
const CAPTIONED: u16 = 6;

/// Cells between two hints.
const GAP: &str = "   ";

/// Draws the footer; a long notice grows upwards over `middle`.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, middle: Rect, area: Rect) {
    pen.fill(area, Role::Footer);
    if let Some(typing) = &state.screen.typing {
        type_filter(pen, typing, inset(area, 1, 1));
    } else if let Some(notice) = &state.notice {
        say(pen, state, notice, middle, area);
    } else {
        hints(pen, state, inset(area, 1, 1));
    }
}

fn type_filter(pen: &mut Pen<'_>, typing: &Typing, area: Rect) {
    let mut area = area;
    if let Some(error) = &typing.error {
        let text = format!("■ {error}");
        let typed = width(typing.input.value()).saturating_add(5).min(area.width / 2);
        let wide = width(&text).min(area.width - typed);
        let place = Rect { x: area.right() - wide, width: wide, ..area };
        pen.text(place, &text, pen.tone(Tone::Critical));
        area.width = area.width.saturating_sub(wide + 2);
    }
    let used = pen.text(area, "/ ", pen.role(Role::Key));
    input(pen, &typing.input, inset(area, used, 0));
}

/// A line that is typed, with its cursor.
pub(super) fn input(pen: &mut Pen<'_>, input: &Input, room: Rect) {
    if room.width == 0 || room.height == 0 {
        return;
    }
    // The text scrolls so that the cursor is always in sight.
    let skip = input.visual_scroll(usize::from(room.width - 1));
    let text = input.value();
    let mut skipped = 0;
    let tail: String = text
        .chars()
        .skip_while(|c| {
            let before = skipped;
            skipped += usize::from(width(c.encode_utf8(&mut [0; 4])));
            before < skip
        })
        .collect();
    let style = pen.tone(Tone::Strong);
    for (c, place) in places(&tail, room) {
        pen.text(place, c, style);
    }
    let at = input.visual_cursor().saturating_sub(skip);
    let x = room.x + u16::try_from(at).unwrap_or(u16::MAX).min(room.width - 1);
    pen.tint(Rect { x, width: 1, ..room }, pen.role(Role::Cursor));
}

/// Where each character of a text that may run out of its place stands.
fn places(text: &str, area: Rect) -> Vec<(&str, Rect)> {
    let mut x = area.x;
    text.char_indices()
        .map_while(|(at, c)| {
            let symbol = &text[at..at + c.len_utf8()];
            let wide = width(symbol);
            let place = Rect { x, width: wide, height: 1, ..area };
            x = x.saturating_add(wide);
            (x <= area.right()).then_some((symbol, place))
        })
        .collect()
}

fn say(pen: &mut Pen<'_>, state: &State, notice: &Notice, middle: Rect, area: Rect) {
    let (inner, style) = (inset(area, 3, 1), pen.tone(notice.tone));
    let lasting = lasting(pen, state);
    let wide = width_of(&lasting);
    let beside = inner.width.saturating_sub(wide + width(GAP));
    let mut lines = wrap(&notice.text, inner.width);
    let mut fits = beside > 0 && lines.last().is_some_and(|last| width(last) <= beside);
    if !fits && middle.height >= CAPTIONED && beside > 0 {
        lines.push(String::new());
        fits = true;
    }
    let room = NOTICE.min(usize::from(middle.height) + 1).max(1);
    if lines.len() > room {
        let rest = lines.split_off(room - 1).join(" ");
        let cells = if fits { beside } else { inner.width };
        lines.push(cut(rest.trim_end(), cells).into_owned());
    }
    let up = u16::try_from(lines.len()).unwrap_or(1).saturating_sub(1).min(area.y);
    let top = Rect { y: area.y - up, height: area.height + up, ..area };
    pen.fill(top, Role::Footer);
    pen.text(Rect { height: 1, ..inset(top, 1, 0) }, sign(notice.tone), pen.ink(notice.tone));
    for (line, y) in lines.iter().zip(top.top()..top.bottom()) {
        pen.text(Rect { y, height: 1, ..inner }, line, style);
    }
    if fits {
        pen.runs(Rect { x: inner.right() - wide, width: wide, ..area }, &lasting);
    }
}

/// How to get help and how to leave.
fn lasting(pen: &Pen<'_>, state: &State) -> Vec<Run> {
    let gap = Run::new(GAP, pen.role(Role::Hint));
    let offered = state.keymap.offered(state.screen.scope());
    let last = offered.filter(|(_, declared)| is_lasting(declared.action));
    let hints: Vec<Vec<Run>> = last
        .map(|(press, declared)| {
            let word = Run::new(format!(" {}", declared.hint), pen.role(Role::Hint));
            vec![Run::new(press.to_string(), pen.role(Role::Key)), word]
        })
        .collect();
    hints.join(&gap)
}

const fn is_lasting(action: Action) -> bool {
    matches!(action, Action::Help | Action::Quit)
}

fn hints(pen: &mut Pen<'_>, state: &State, area: Rect) {
    let (mut first, mut possible): (Vec<Vec<Run>>, Vec<bool>) = (Vec::new(), Vec::new());
    for (press, declared) in state.keymap.offered(state.screen.scope()) {
        // Only queues can be gone into, and grouped; a queue is in no call.
        let of_queues = matches!(declared.action, Action::Open | Action::Group);
        let of_others = matches!(
            declared.action,
            Action::Operation(OperationId::Supervise) | Action::ActOnCall
        );
        let queues = state.screen.table() == TableId::Queues;
        let idle = of_queues && !queues || of_others && queues;
        if declared.hint.is_empty() || idle || is_lasting(declared.action) {
            continue;
        }
        let off = declared.reach == Reach::Floor && !state.can(declared.action);
        let (key, word) = match off {
            true => (pen.role(Role::HintOff), pen.role(Role::HintOff)),
            false => (pen.role(Role::Key), pen.role(Role::Hint)),
        };
        let hint =
            vec![Run::new(press.to_string(), key), Run::new(format!(" {}", declared.hint), word)];
        first.push(hint);
        possible.push(!off);
    }
    let gap = Run::new(GAP, pen.role(Role::Hint));
    let join = |hints: &[Vec<Run>]| hints.join(&gap);
    let right = lasting(pen, state);
    let wide = width_of(&right).min(area.width);
    pen.runs(Rect { x: area.right() - wide, width: wide, ..area }, &right);
    let room = area.width.saturating_sub(wide + width(GAP));
    // What cannot be done now is given up first.
    while width_of(&join(&first)) > room {
        let place = possible.iter().rposition(|possible| !possible);
        let place = place.unwrap_or(first.len().saturating_sub(1));
        first.remove(place);
        possible.remove(place);
    }
    pen.runs(Rect { width: room, ..area }, &join(&first));
}
