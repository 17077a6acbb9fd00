//! The pen: with which colours and attributes the terminal writes next.

use std::io::Write as _;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// What `CSI m` has set. Underline colours are not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// Attributes with a code of their own to turn them on, and one to turn them off.
const SINGLE: [(Modifier, &[u8], &[u8]); 5] = [
    (Modifier::ITALIC, b"3", b"23"),
    (Modifier::UNDERLINED, b"4", b"24"),
    (Modifier::REVERSED, b"7", b"27"),
    (Modifier::HIDDEN, b"8", b"28"),
    (Modifier::CROSSED_OUT, b"9", b"29"),
];

/// Two attributes that share the code that turns them off.
struct Pair {
    first: (Modifier, &'static [u8]),
    second: (Modifier, &'static [u8]),
    off: &'static [u8],
}

const PAIRS: [Pair; 2] = [
    Pair { first: (Modifier::BOLD, b"1"), second: (Modifier::DIM, b"2"), off: b"22" },
    Pair { first: (Modifier::SLOW_BLINK, b"5"), second: (Modifier::RAPID_BLINK, b"6"), off: b"25" },
];

impl Pen {
    /// The terminal's own colours, no attribute.
    pub(super) const PLAIN: Self =
        Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    /// The pen that a cell wants.
    pub(super) const fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Appends the shortest `CSI m` that turns this pen into `to`; nothing when they are equal.
    pub(super) fn turn(self, to: Self, out: &mut Vec<u8>) {
        if self == to {
            return;
        }
        if to == Self::PLAIN {
            out.extend_from_slice(b"\x1b[m");
            return;
        }
        let start = out.len();
        out.extend_from_slice(b"\x1b[");
        self.differences(to, out);
        close(out);
        if !self.sheds(to) {
            return;
        }
        let middle = out.len();
        out.extend_from_slice(b"\x1b[;");
        Self::PLAIN.differences(to, out);
        close(out);
        if out.len() - middle < middle - start {
            out.drain(start..middle);
        } else {
            out.truncate(middle);
        }
    }

    /// Whether something has to be turned off, so that a reset could be shorter.
    fn sheds(self, to: Self) -> bool {
        !to.modifier.contains(self.modifier)
            || (self.fg != Color::Reset && to.fg == Color::Reset)
            || (self.bg != Color::Reset && to.bg == Color::Reset)
    }

    /// Every parameter that differs, each with a `;` behind it.
    fn differences(self, to: Self, out: &mut Vec<u8>) {
        for Pair { first, second, off } in PAIRS {
            let both = first.0 | second.0;
            let (had, has) = (self.modifier & both, to.modifier & both);
            if had == has {
                continue;
            }
            if !has.contains(had) {
                parameter(off, out);
            }
            // Some terminals hold only one of the two: whatever came before, the last one wins.
            if has.contains(first.0) {
                parameter(first.1, out);
            }
            if has.contains(second.0) {
                parameter(second.1, out);
            }
        }
        for (modifier, on, off) in SINGLE {
            match (self.modifier.contains(modifier), to.modifier.contains(modifier)) {
                (false, true) => parameter(on, out),
                (true, false) => parameter(off, out),
                (false, false) | (true, true) => {}
            }
        }
        if self.fg != to.fg {
            colour(to.fg, Ground::Fore, out);
        }
        if self.bg != to.bg {
            colour(to.bg, Ground::Back, out);
        }
    }
}

#[derive(Clone, Copy)]
enum Ground {
    Fore,
    Back,
}

fn parameter(code: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(code);
    out.push(b';');
}

/// Ends a list of parameters.
fn close(out: &mut Vec<u8>) {
    if out.last() == Some(&b';') {
        out.pop();
    }
    out.push(b'm');
}

fn colour(colour: Color, ground: Ground, out: &mut Vec<u8>) {
    // Of the sixteen: below 8 from 30 or 40 on, the bright ones from 90 or 100 on.
    let named = match colour {
        Color::Reset => {
            parameter(if matches!(ground, Ground::Fore) { b"39" } else { b"49" }, out);
            return;
        }
        Color::Indexed(index) => {
            parameter(if matches!(ground, Ground::Fore) { b"38;5" } else { b"48;5" }, out);
            decimal(index.into(), out);
            out.push(b';');
            return;
        }
        Color::Rgb(red, green, blue) => {
            parameter(if matches!(ground, Ground::Fore) { b"38;2" } else { b"48;2" }, out);
            for part in [red, green, blue] {
                decimal(part.into(), out);
                out.push(b';');
            }
            return;
        }
        Color::Black => 30,
        Color::Red => 31,
        Color::Green => 32,
        Color::Yellow => 33,
        Color::Blue => 34,
        Color::Magenta => 35,
        Color::Cyan => 36,
        Color::Gray => 37,
        Color::DarkGray => 90,
        Color::LightRed => 91,
        Color::LightGreen => 92,
        Color::LightYellow => 93,
        Color::LightBlue => 94,
        Color::LightMagenta => 95,
        Color::LightCyan => 96,
        Color::White => 97,
    };
    decimal(if matches!(ground, Ground::Fore) { named } else { named + 10 }, out);
    out.push(b';');
}

/// Appends a number in digits.
pub(super) fn decimal(number: u16, out: &mut Vec<u8>) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "{number}");
}
