//! The second wall: looks once more at every cell that was drawn, whatever drew it.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthChar;

use crate::text::cluster::is_agreed;
use crate::text::{Characters, MARKER, refused, settled};
use crate::ui::pen::width;

/// What stands where a symbol was refused.
const REFUSED: &str = "?";

/// Combining marks that one cell may carry.
const MARKS: usize = 4;

/// Bytes of a symbol without marks in any script.
const LETTER: usize = 3;

/// Bytes that are written around a symbol behind which the cursor is placed anew.
const MOVES: usize = 18;

/// Bytes that the symbols of a screen may cost beyond [`LETTER`] each: one a cell, and for a small screen as many
/// as for one of 200 × 60. With them a whole frame of that size stays under 64 KiB whatever vendors write, and
/// what people are called costs a small part of them.
const SPARE: usize = 12_000;

/// Replaces every symbol in `area` that could command, hide, reorder or run over, and those that cost too much
/// once a flood of them has used up what is to spare, and those that the terminal has no character for.
pub(super) fn sweep(buffer: &mut Buffer, area: Rect, characters: Characters) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let mut spare = SPARE.max(usize::from(area.width) * usize::from(area.height));
    let width_of_all = usize::from(buffer.area.width).max(1);
    let rows = buffer.content.chunks_exact_mut(width_of_all);
    let left = usize::from(area.left() - buffer.area.left());
    let top = usize::from(area.top() - buffer.area.top());
    for row in rows.skip(top).take(area.height.into()) {
        let row = &mut row[left..left + usize::from(area.width)];
        // A cell that a wide glyph covers is never written, so it is not judged either.
        let mut covered = false;
        for x in 0..row.len() {
            if let [b' '..=b'~'] = row[x].symbol().as_bytes() {
                covered = false;
                continue;
            }
            if covered {
                replace(&mut row[x], " ");
                covered = false;
                continue;
            }
            let room = if row.get(x + 1).is_some_and(|next| next.symbol() == " ") { 2 } else { 1 };
            let cell = &mut row[x];
            let wide = width(cell.symbol());
            if !fits(cell.symbol(), wide, room) {
                replace(cell, REFUSED);
            } else if let Some(instead) = characters.instead_of(cell.symbol()) {
                replace(cell, instead.encode_utf8(&mut [0; 4]));
                covered = wide == 2;
            } else if let Some(left) = spare.checked_sub(beyond_a_letter(cell.symbol())) {
                spare = left;
                covered = wide == 2;
            } else {
                replace(cell, REFUSED);
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the sweep is what makes the ban hold")]
fn replace(cell: &mut Cell, symbol: &str) {
    cell.set_symbol(symbol);
}

/// Bytes that a symbol costs more than a letter does.
fn beyond_a_letter(symbol: &str) -> usize {
    let moves = symbol.chars().any(|c| c == MARKER || !settled(c));
    (symbol.len() + if moves { MOVES } else { 0 }).saturating_sub(LETTER)
}

fn fits(symbol: &str, wide: u16, room: u16) -> bool {
    if is_agreed(symbol) {
        return wide == 2 && room == 2;
    }
    let mut chars = symbol.chars();
    let Some(base) = chars.next() else { return false };
    let marks = chars.clone().count();
    (1..=room).contains(&wide)
        && UnicodeWidthChar::width(base).is_some_and(|width| width > 0)
        && !refused(base)
        && marks <= MARKS
        && chars.all(|mark| UnicodeWidthChar::width(mark) == Some(0) && !refused(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line of these symbols, swept.
    fn swept(symbols: &[&str], characters: Characters) -> Vec<String> {
        let width = u16::try_from(symbols.len()).unwrap();
        let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width, height: 1 });
        for (cell, symbol) in buffer.content.iter_mut().zip(symbols) {
            replace(cell, symbol);
        }
        let area = buffer.area;
        sweep(&mut buffer, area, characters);
        buffer.content.iter().map(|cell| cell.symbol().to_owned()).collect()
    }

    #[test]
    fn what_commands_hides_or_reorders_is_replaced() {
        for symbol in [
            "\u{1b}[2J",
            "\u{7}",
            "\u{9b}",
            "\u{202e}",
            "\u{2066}x",
            "\u{200b}",
            "\u{301}",
            "x\u{fe0f}",
            "\u{ff9e}",
            "\u{ad}",
            "ab",
            "e\u{301}\u{301}\u{301}\u{301}\u{301}",
        ] {
            assert_eq!(
                swept(&["a", symbol, "b"], Characters::Unicode),
                ["a", "?", "b"],
                "{symbol:?}"
            );
        }
    }

    #[test]
    fn letters_with_marks_and_wide_ones_stay() {
        let line = ["e\u{301}\u{301}\u{301}\u{301}", "日", " ", "ä", "█"];
        assert_eq!(swept(&line, Characters::Unicode), line);
    }

    #[test]
    fn a_wide_one_without_room_is_replaced() {
        assert_eq!(swept(&["日", "x", "日"], Characters::Unicode), ["?", "x", "?"]);
    }

    #[test]
    fn a_flood_is_cut_off_and_letters_stay() {
        let marked = "e\u{301}\u{301}\u{301}\u{301}";
        let line: Vec<&str> = [marked, "ä", "语", " "].repeat(2_500);
        let out = swept(&line, Characters::Unicode);
        let kept = out.iter().filter(|symbol| *symbol == marked).count();
        assert_eq!(kept, SPARE / (9 - LETTER));
        assert_eq!(out[9_996..], ["?", "ä", "语", " "]);
    }

    #[test]
    fn in_ascii_a_letter_keeps_its_base() {
        let line = ["Å", "ö", "ñ", "ž", "ß", "日", " ", "…", "–", "\u{fffd}"];
        assert_eq!(
            swept(&line, Characters::Ascii),
            ["A", "o", "n", "z", "s", "?", " ", "~", "-", "?"]
        );
    }
}
