//! The second wall: looks once more at every cell that was drawn, whatever drew it.

use nucleo_matcher::chars::normalize;
use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthChar;

/// What stands where a symbol was refused.
const REFUSED: &str = "?";

/// Combining marks that one cell may carry.
const MARKS: usize = 4;

/// Replaces every symbol in `area` that could command, hide, reorder or run over; with `ascii`, every one
/// that is not printable ASCII.
pub(super) fn sweep(buffer: &mut Buffer, area: Rect, ascii: bool) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        // A cell that a wide glyph covers is never written, so it is not judged either.
        let mut covered = false;
        for x in area.left()..area.right() {
            let bytes = buffer[(x, y)].symbol().as_bytes();
            if let [b' '..=b'~'] = bytes {
                covered = false;
                continue;
            }
            if covered {
                replace(&mut buffer[(x, y)], " ");
                covered = false;
                continue;
            }
            let room = match area.right() - x {
                1 => 1,
                _ if buffer[(x + 1, y)].symbol() == " " => 2,
                _ => 1,
            };
            let cell = &mut buffer[(x, y)];
            let wide = cell.symbol().cell_width();
            if !fits(cell.symbol(), wide, room) {
                replace(cell, REFUSED);
            } else if ascii && !cell.symbol().is_ascii() {
                let plain = plain(cell.symbol());
                replace(cell, plain.encode_utf8(&mut [0; 4]));
            } else {
                covered = wide == 2;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the sweep is what makes the ban hold")]
fn replace(cell: &mut Cell, symbol: &str) {
    cell.set_symbol(symbol);
}

fn fits(symbol: &str, wide: u16, room: u16) -> bool {
    let mut chars = symbol.chars();
    let Some(base) = chars.next() else { return false };
    let marks = chars.clone().count();
    (1..=room).contains(&wide)
        && UnicodeWidthChar::width(base).is_some_and(|width| width > 0)
        && !steers(base)
        && marks <= MARKS
        && chars.all(|mark| UnicodeWidthChar::width(mark) == Some(0) && !steers(mark))
}

/// Whether a character commands a terminal, or changes the order or width of others.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FF9E}'..='\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// What stands for a symbol where there is only ASCII: its letter without accents, or a likeness.
fn plain(symbol: &str) -> char {
    let Some(base) = symbol.chars().next() else { return ' ' };
    match base {
        '─' | '━' | '–' | '—' | '‐' | '‑' | '╌' | '░' => '-',
        '│' | '┃' | '▏' => '|',
        '╭' | '╮' | '╰' | '╯' | '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '▒' => {
            '+'
        }
        '▌' | '›' => '>',
        '…' => '~',
        '·' => '.',
        '●' | 'ø' => 'o',
        '○' => '*',
        '▲' => '!',
        '■' => 'X',
        '↓' => 'v',
        '↑' => '^',
        '█' | '▀' | '▄' => '#',
        '▓' => '=',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '\u{A0}' => ' ',
        'ß' => 's',
        'Ø' => 'O',
        'Æ' => 'A',
        'æ' => 'a',
        'Ł' => 'L',
        'ł' => 'l',
        'Đ' | 'Ð' => 'D',
        'đ' | 'ð' => 'd',
        _ => match normalize(base) {
            letter @ ' '..='~' => letter,
            _ => '?',
        },
    }
}
