//! The pen: puts text into cells, and ends with `…` what does not fit.

use std::borrow::Cow;

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

use crate::table::Tone;
use crate::text::Characters;
use crate::theme::{Role, Theme};
use crate::threshold::Severity;
use crate::ui::Look;

/// What ends a text that was cut.
const ELLIPSIS: &str = "…";

/// A text with its style, beside others.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub text: String,
    pub style: Style,
}

impl Run {
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

/// Draws into one buffer with one theme.
pub(super) struct Pen<'a> {
    buffer: &'a mut Buffer,
    theme: &'a Theme,
    /// The characters that will be left.
    pub characters: Characters,
}

impl<'a> Pen<'a> {
    pub fn new(buffer: &'a mut Buffer, look: &Look<'a>) -> Self {
        Self { buffer, theme: look.theme, characters: look.characters }
    }

    pub fn tone(&self, tone: Tone) -> Style {
        self.theme.style(tone)
    }

    /// The tone of a sign, or of a figure made of blocks.
    pub fn ink(&self, tone: Tone) -> Style {
        self.theme.ink(tone)
    }

    /// Words in a tone; where it fills its ground, with a margin at both sides.
    pub fn badge(&self, text: &str, tone: Tone) -> Run {
        let style = self.tone(tone);
        match style.bg.is_some() || style.add_modifier.contains(Modifier::REVERSED) {
            true => Run::new(format!(" {text} "), style),
            false => Run::new(text, style),
        }
    }

    /// A style on the bar of the selected row: what is reversed there already is turned back, so that it shows.
    pub fn on_selection(&self, style: Style) -> Style {
        let reversed = |style: Style| style.add_modifier.contains(Modifier::REVERSED);
        if reversed(style) && reversed(self.role(Role::Selection)) {
            return style.remove_modifier(Modifier::REVERSED);
        }
        style
    }

    /// A style in bold, where bold letters can be read.
    pub fn bold(&self, style: Style) -> Style {
        self.theme.bold(style)
    }

    pub fn role(&self, role: Role) -> Style {
        self.theme.role(role)
    }

    /// Blanks `area` and gives it the role's style, over the style that lies under all else.
    pub fn fill(&mut self, area: Rect, role: Role) {
        let area = area.intersection(self.buffer.area);
        let style = self.role(Role::Base).patch(self.role(role));
        let mut blank = Cell::EMPTY;
        blank.set_style(style);
        for y in area.top()..area.bottom() {
            self.part(area.left(), y);
            self.part(area.right(), y);
            if let Some(cells) = self.cells(area.x, y, area.width.into()) {
                cells.fill(blank.clone());
            }
        }
    }

    /// So many cells of a line.
    fn cells(&mut self, x: u16, y: u16, count: usize) -> Option<&mut [Cell]> {
        let from = self.buffer.index_of(x, y);
        self.buffer.content.get_mut(from..from + count)
    }

    /// Puts printable ASCII on the cells of a line: no more to look at than a byte each.
    #[expect(clippy::disallowed_methods, reason = "one printable byte of ASCII is one cell")]
    fn letters(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        let cells = self.cells(area.x, area.y, text.len()).unwrap_or_default();
        for (cell, letter) in cells.iter_mut().zip(text.chars()) {
            cell.set_char(letter).set_style(style);
        }
        u16::try_from(text.len()).unwrap_or(area.width)
    }

    /// Changes the style of what stands in `area`.
    pub fn tint(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area, style);
    }

    /// Takes the colours and the weight of what stands in `area` back; what a tone filled is filled no more.
    pub fn recede(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        let style = self.role(Role::Stale).remove_modifier(Modifier::all());
        let filled: Vec<Color> = Tone::ALL.iter().filter_map(|tone| self.tone(*tone).bg).collect();
        for y in area.top()..area.bottom() {
            let mut ground = self.role(Role::Base).bg.unwrap_or_default();
            for x in area.left()..area.right() {
                let cell = &mut self.buffer[(x, y)];
                cell.set_style(style);
                if filled.contains(&cell.bg) {
                    cell.bg = ground;
                }
                ground = cell.bg;
            }
        }
    }

    /// Puts `text` at the left of the first line of `area`; returns the cells used.
    pub fn text(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() || text.is_empty() {
            return 0;
        }
        let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if plain && text.len() <= usize::from(area.width) {
            return self.letters(area, text, style);
        }
        let under = self.buffer[(area.x, area.y)].style();
        let cut = cut(text, area.width);
        let (end, _) = self.buffer.set_stringn(area.x, area.y, &cut, area.width.into(), style);
        // Behind a wide glyph the buffer clears the cell that it covers: give that the style of the rest.
        if !cut.is_ascii() {
            let used = Rect { width: end - area.x, height: 1, ..area };
            self.buffer.set_style(used, under.patch(style));
        }
        end - area.x
    }

    /// Puts `text` at the right of the first line of `area`.
    pub fn right(&mut self, area: Rect, text: &str, style: Style) {
        let wide = width(text).min(area.width);
        let x = area.x + (area.width - wide);
        self.text(Rect { x, width: wide, ..area }, text, style);
    }

    /// Puts runs one behind the other; returns the cells used.
    pub fn runs(&mut self, area: Rect, runs: &[Run]) -> u16 {
        let mut rest = area;
        for run in runs {
            let used = self.text(rest, &run.text, run.style);
            rest.x += used;
            rest.width -= used;
        }
        area.width - rest.width
    }

    /// The left part of a wide glyph whose right part is about to be drawn over is blanked.
    fn part(&mut self, x: u16, y: u16) {
        if x > self.buffer.area.left()
            && x <= self.buffer.area.right()
            && width(self.buffer[(x - 1, y)].symbol()) > 1
        {
            let style = self.buffer[(x - 1, y)].style();
            self.buffer.set_stringn(x - 1, y, " ", 1, style);
        }
    }
}

/// Cells that `text` takes, whatever it holds: one byte alone is one cell, a control character too.
pub(super) fn width(text: &str) -> u16 {
    match u16::try_from(text.len()) {
        Ok(len @ 0..=1) => len,
        Ok(_) => text.cell_width(),
        Err(_) => u16::MAX,
    }
}

/// Cells that the runs take.
pub(super) fn width_of(runs: &[Run]) -> u16 {
    runs.iter().map(|run| width(&run.text)).fold(0, u16::saturating_add)
}

/// `text` in at most `cells` cells; what was cut off ends in `…`.
pub(super) fn cut(text: &str, cells: u16) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let Some(room) = cells.checked_sub(1) else { return Cow::Borrowed("") };
    let mut used = 0;
    let mut out = String::new();
    for grapheme in text.graphemes(true) {
        used = width(grapheme).saturating_add(used);
        if used > room {
            break;
        }
        out.push_str(grapheme);
    }
    // A space before the sign would look like a word that is missing.
    out.truncate(out.trim_end().len());
    out.push_str(ELLIPSIS);
    Cow::Owned(out)
}

/// `text` in lines of at most `cells` cells, broken between words where there are any.
pub(super) fn wrap(text: &str, cells: u16) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        if used > 0 && used + width(word.trim_end()) > cells {
            lines.push(String::new());
            used = 0;
        }
        for grapheme in word.graphemes(true) {
            if used > 0 && used + width(grapheme) > cells {
                lines.push(String::new());
                used = 0;
            }
            if used == 0 && grapheme == " " {
                continue;
            }
            used += width(grapheme);
            if let Some(line) = lines.last_mut() {
                line.push_str(grapheme);
            }
        }
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// The sign beside the colour of a severity.
pub(super) const fn glyph(severity: Severity) -> &'static str {
    match severity {
        Severity::Ok => "·",
        Severity::Warning => "▲",
        Severity::Critical => "■",
    }
}

/// The tone of a severity.
pub(super) const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Ok => Tone::Quiet,
        Severity::Warning => Tone::Warning,
        Severity::Critical => Tone::Critical,
    }
}

/// The sign beside the colour of a tone.
pub(super) const fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain | Tone::Strong | Tone::Quiet | Tone::Unknown => "·",
        Tone::Good => "●",
        Tone::Busy => "○",
        Tone::Warning => "▲",
        Tone::Critical => "■",
    }
}

/// The first line of `area`, and what is below it.
pub(super) fn top(area: Rect) -> (Rect, Rect) {
    let first = Rect { height: area.height.min(1), ..area };
    let y = area.y + first.height;
    (first, Rect { y, height: area.height - first.height, ..area })
}

/// `area` without `cells` cells at its left and right.
pub(super) const fn inset(area: Rect, left: u16, right: u16) -> Rect {
    let left = if left < area.width { left } else { area.width };
    Rect { x: area.x + left, width: area.width.saturating_sub(left + right), ..area }
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn no_line_begins_with_the_sign_that_ends_a_word() {
        assert_eq!(wrap("Keep the others, then stop.", 15), ["Keep the", "others, then", "stop."]);
        assert_eq!(wrap("to yourself. Asks", 11), ["to", "yourself.", "Asks"]);
        assert_eq!(wrap("abcdefgh.", 4), ["abcd", "efgh", "."]);
        assert_eq!(wrap("", 4), [""]);
    }
}
