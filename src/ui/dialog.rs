//! What stands over the board and wants an answer.
//!
//! ```text
//! ╭──────────────────────────────────────────╮
//! │  Log Anna Lind out of Växel?             │
//! │                                          │
//! │  Leaves 0 logged in, 4 waiting.          │
//! │                                          │
//! │  y yes   n no                            │
//! ╰──────────────────────────────────────────╯
//! ```

use ratatui::layout::Rect;

use crate::state::{Choice, NotePrompt, Palette, Question, State, TextPrompt};
use crate::table::Tone;
use crate::text::Shown;
use crate::theme::Role;
use crate::ui::footer::input;
use crate::ui::pen::{Pen, Run, cut, inset, top, width, wrap};

/// The widest box: lines longer than this are hard to read.
const WIDEST: u16 = 68;

/// Asks; only `y` acts.
pub(super) fn question(pen: &mut Pen<'_>, question: &Question, area: Rect) {
    let answers = [("y", " yes"), ("   n", " no")];
    asked(pen, &question.title, &question.consequences, answers, area);
}

/// Lets a note be typed before the question.
///
/// ```text
/// │  Take the callback to +358 40 555 0142?  │
/// │                                          │
/// │  Note: wants an offer▏                   │
/// │                                          │
/// │  enter go on   esc leave it              │
/// ```
pub(super) fn note(pen: &mut Pen<'_>, noting: &NotePrompt, area: Rect) {
    let answers = [("enter", " go on"), ("   esc", " leave it")];
    let (value, at) = (noting.input.value(), noting.input.cursor());
    let (before, behind): (String, String) =
        (value.chars().take(at).collect(), value.chars().skip(at).collect());
    let typed = Shown::clean(&format!("Note: {before}▏{behind}"));
    asked(pen, &noting.question.title, &[typed], answers, area);
}

fn asked(
    pen: &mut Pen<'_>,
    title: &str,
    consequences: &[Shown],
    answers: [(&'static str, &'static str); 2],
    area: Rect,
) {
    let longest = consequences.iter().map(|line| width(line)).max().unwrap_or(0);
    let wide = width(title).max(longest).clamp(28, WIDEST);
    let inner = wide.min(area.width.saturating_sub(6));
    let mut title = wrap(title, inner.max(1));
    let mut follows: Vec<String> =
        consequences.iter().flat_map(|line| wrap(line, inner.max(1))).collect();
    let framed = area.height >= 4 && area.width >= 8;
    let room = usize::from(area.height.saturating_sub(if framed { 3 } else { 1 }));
    // The title and the answer are never given up, what follows from it is.
    if title.len() > room {
        let rest = title.split_off(room.saturating_sub(1)).join(" ");
        title.push(cut(&rest, inner).into_owned());
    }
    let left = room.saturating_sub(title.len());
    if follows.len() > left {
        let rest = follows.split_off(left.saturating_sub(1)).join(" ");
        follows.push(cut(&rest, inner).into_owned());
        follows.truncate(left);
    }
    let spare = left - follows.len();
    let after_title = usize::from(spare > 0 && !follows.is_empty());
    let before_answer = usize::from(spare > after_title);
    let lines = title.len() + after_title + follows.len() + before_answer + 1;
    let inside = frame(pen, area, inner, lines, framed);
    let mut y = inside.y;
    let mut line = |step: usize| {
        let place = Rect { y, height: u16::from(y < inside.bottom()), ..inside };
        y = y.saturating_add(u16::try_from(step).unwrap_or(1));
        place
    };
    for text in &title {
        pen.text(line(1), text, pen.role(Role::DialogTitle));
    }
    line(after_title);
    for text in &follows {
        pen.text(line(1), text, pen.tone(Tone::Plain));
    }
    line(before_answer);
    let key = pen.role(Role::Key);
    let word = pen.tone(Tone::Plain);
    let answers = answers.map(|(name, does)| [Run::new(name, key), Run::new(does, word)]);
    pen.runs(line(1), answers.as_flattened());
}

/// Offers a list.
///
/// ```text
/// ╭────────────────────╮
/// │  Sort by           │
/// │                    │
/// │ ▌Queue             │
/// │  Wait              │
/// ╰────────────────────╯
/// ```
pub(super) fn picker(pen: &mut Pen<'_>, title: &str, items: &[Shown], marked: usize, area: Rect) {
    let longest = items.iter().map(|item| width(item)).max().unwrap_or(0);
    let wide = width(title).max(longest).clamp(20, WIDEST);
    let inner = wide.min(area.width.saturating_sub(6));
    let framed = area.height >= 4 && area.width >= 8;
    let room = usize::from(area.height.saturating_sub(if framed { 2 } else { 0 }));
    let blank = usize::from(room > items.len() + 1);
    let lines = (1 + blank + items.len()).min(room);
    let inside = frame(pen, area, inner, lines, framed);
    pen.text(Rect { height: 1, ..inside }, title, pen.role(Role::DialogTitle));
    let head = u16::try_from(1 + blank).unwrap_or(1);
    let y = (inside.y + head).min(inside.bottom());
    let list = Rect { y, height: inside.bottom() - y, ..inside };
    let visible = usize::from(list.height);
    let first = (marked + 1).saturating_sub(visible);
    for ((index, item), y) in items.iter().enumerate().skip(first).zip(list.y..list.bottom()) {
        let place = Rect { y, height: 1, ..list };
        let marked = index == marked;
        if marked && framed {
            let row = Rect { x: place.x - 2, width: place.width + 4, ..place };
            pen.tint(row, pen.role(Role::Selection));
            pen.text(row, "▌", pen.role(Role::Marker));
        } else if marked {
            pen.tint(place, pen.role(Role::Selection));
        }
        let tone = if marked { Tone::Strong } else { Tone::Plain };
        pen.text(place, item, pen.tone(tone));
    }
}

/// Takes a number or an address.
///
/// ```text
/// ╭────────────────────────────────────────────╮
/// │  Transfer the call of Anna Lind where to?  │
/// │                                            │
/// │  0401234567▏                               │
/// │                                            │
/// │  enter ask   esc leave                     │
/// ╰────────────────────────────────────────────╯
/// ```
pub(super) fn typed(pen: &mut Pen<'_>, entry: &TextPrompt, area: Rect) {
    let inner = width(&entry.title).clamp(34, WIDEST).min(area.width.saturating_sub(6));
    let title = wrap(&entry.title, inner.max(1));
    let framed = area.height >= 4 && area.width >= 8;
    let room = usize::from(area.height.saturating_sub(if framed { 2 } else { 0 }));
    let blank = usize::from(room >= title.len() + 4);
    let lines = title.len() + blank + 1 + blank + 1;
    let inside = frame(pen, area, inner, lines.min(room), framed);
    let mut rest = inside;
    // What is typed and what the keys do is never given up.
    let shown = title.len().min(usize::from(inside.height.saturating_sub(2)));
    for text in title.iter().take(shown) {
        let (line, below) = top(rest);
        pen.text(line, text, pen.role(Role::DialogTitle));
        rest = below;
    }
    let gap = u16::try_from(blank).unwrap_or(0);
    rest = Rect { y: rest.y + gap, height: rest.height.saturating_sub(gap), ..rest };
    let (line, below) = top(rest);
    input(pen, &entry.input, line);
    rest = Rect { y: below.y + gap, height: below.height.saturating_sub(gap), ..below };
    let (line, _) = top(rest);
    if let Some(error) = entry.error {
        pen.text(line, &format!("■ {error}"), pen.tone(Tone::Critical));
        return;
    }
    let (key, word) = (pen.role(Role::Key), pen.tone(Tone::Plain));
    let keys = [
        Run::new("enter", key),
        Run::new(" ask", word),
        Run::new("   esc", key),
        Run::new(" leave", word),
    ];
    pen.runs(line, &keys);
}

/// Offers the columns: those that are on have a mark, in the order in which they are shown.
///
/// ```text
/// │  Columns: space on/off, ←→ move, enter   │
/// │                                          │
/// │ ▌[x] Queue      What people call it.     │
/// │  [ ] Ringing    Calls that ring at an …  │
/// ```
pub(super) fn columns(pen: &mut Pen<'_>, choice: &Choice, area: Rect) {
    let items: Vec<Shown> = choice
        .items
        .iter()
        .map(|(head, on)| {
            let name = if head.header.is_empty() { head.name } else { head.header };
            Shown::clean(&format!("[{}] {name:<12} {}", if *on { 'x' } else { ' ' }, head.help))
        })
        .collect();
    picker(pen, "Columns: space on or off, ←→ move, enter take", &items, choice.marked, area);
}

/// Offers the actions that fit what is typed.
///
/// ```text
/// │  : log▏                                  │
/// │                                          │
/// │ ▌o      log out agent                    │
/// │  i      log in agent                     │
/// ```
pub(super) fn palette(pen: &mut Pen<'_>, state: &State, palette: &Palette, area: Rect) {
    let items: Vec<Shown> = state
        .fitting(palette)
        .into_iter()
        .map(|(press, declared)| {
            let name = declared.name.replace('_', " ");
            Shown::clean(&format!("{:<7} {name:<16} {}", press.to_string(), declared.help))
        })
        .collect();
    let title = format!(": {}▏", Shown::clean(palette.input.value()));
    picker(pen, &title, &items, palette.marked, area);
}

/// Draws a frame in the middle for `lines` lines of `inner` cells; returns the place for them.
pub(super) fn frame(pen: &mut Pen<'_>, area: Rect, inner: u16, lines: usize, framed: bool) -> Rect {
    let lines = u16::try_from(lines).unwrap_or(u16::MAX);
    if !framed {
        let place = Rect { height: lines.min(area.height), ..area };
        pen.fill(place, Role::Dialog);
        return place;
    }
    // What one column beside a box would show says nothing.
    let width = if inner + 8 < area.width { inner + 6 } else { area.width };
    let height = lines.saturating_add(2).min(area.height);
    let x = area.x + (area.width - width) / 2;
    let spare = area.height - height;
    // A little above the middle is where the eye rests. A tall box would cut what lies behind it in two there:
    // it stands at the top.
    let y = area.y + if height > area.height / 2 { 0 } else { spare / 5 * 2 };
    let outer = Rect { x, y, width, height };
    pen.fill(outer, Role::Dialog);
    let style = pen.role(Role::DialogBorder);
    let flat = "─".repeat(usize::from(width - 2));
    let line = |y| Rect { y, height: 1, ..outer };
    pen.text(line(y), &format!("╭{flat}╮"), style);
    pen.text(line(outer.bottom() - 1), &format!("╰{flat}╯"), style);
    for y in y + 1..outer.bottom() - 1 {
        pen.text(line(y), "│", style);
        pen.right(line(y), "│", style);
    }
    Rect { y: y + 1, height: height - 2, ..inset(outer, 3, 3) }
}
