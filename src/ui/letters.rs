//! Letters and figures that are read from six metres, drawn in dots.
//!
//! ```text
//! ██  ██ ▄█▀▀█▄ ██  ██ ██▀▀▀▀ ██
//! ██  ██ ██▄▄██  ▀██▀  ██▄▄▄  ██
//! ▀█▄▄█▀ ██  ██  ▄██▄  ██     ██
//!   ▀▀   ▀▀  ▀▀ ▀▀  ▀▀ ▀▀▀▀▀▀ ▀▀▀▀▀▀
//! ```

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text::Characters;
use crate::ui::pen::Pen;

/// Dots of a letter from top to bottom.
const TALL: u16 = 7;

/// Dots of the marks above letters, with the gap below them.
const MARKS: u16 = 3;

/// One letter: how many dots wide it is, and its lines from the top, the right dot in the lowest bit.
type Letter = (char, u8, [u8; 7]);

/// Upright strokes are two dots wide: twice as tall as wide, a letter has strokes of one thickness.
const LETTERS: [Letter; 51] = [
    ('0', 6, [0x1E, 0x33, 0x33, 0x33, 0x33, 0x33, 0x1E]),
    ('1', 6, [0x0C, 0x1C, 0x3C, 0x0C, 0x0C, 0x0C, 0x3F]),
    ('2', 6, [0x1E, 0x33, 0x03, 0x0E, 0x18, 0x30, 0x3F]),
    ('3', 6, [0x1E, 0x33, 0x03, 0x0E, 0x03, 0x33, 0x1E]),
    ('4', 6, [0x06, 0x0E, 0x1E, 0x36, 0x3F, 0x06, 0x06]),
    ('5', 6, [0x3F, 0x30, 0x3E, 0x03, 0x03, 0x33, 0x1E]),
    ('6', 6, [0x0E, 0x18, 0x30, 0x3E, 0x33, 0x33, 0x1E]),
    ('7', 6, [0x3F, 0x03, 0x06, 0x06, 0x0C, 0x0C, 0x0C]),
    ('8', 6, [0x1E, 0x33, 0x33, 0x1E, 0x33, 0x33, 0x1E]),
    ('9', 6, [0x1E, 0x33, 0x33, 0x1F, 0x03, 0x06, 0x1C]),
    ('A', 6, [0x1E, 0x33, 0x33, 0x3F, 0x33, 0x33, 0x33]),
    ('B', 6, [0x3E, 0x33, 0x33, 0x3E, 0x33, 0x33, 0x3E]),
    ('C', 6, [0x1E, 0x33, 0x30, 0x30, 0x30, 0x33, 0x1E]),
    ('D', 6, [0x3E, 0x33, 0x33, 0x33, 0x33, 0x33, 0x3E]),
    ('E', 6, [0x3F, 0x30, 0x30, 0x3E, 0x30, 0x30, 0x3F]),
    ('F', 6, [0x3F, 0x30, 0x30, 0x3E, 0x30, 0x30, 0x30]),
    ('G', 6, [0x1E, 0x33, 0x30, 0x37, 0x33, 0x33, 0x1F]),
    ('H', 6, [0x33, 0x33, 0x33, 0x3F, 0x33, 0x33, 0x33]),
    ('I', 2, [0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03]),
    ('J', 6, [0x03, 0x03, 0x03, 0x03, 0x33, 0x33, 0x1E]),
    ('K', 6, [0x33, 0x36, 0x3C, 0x38, 0x3C, 0x36, 0x33]),
    ('L', 6, [0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x3F]),
    ('M', 8, [0xC3, 0xE7, 0xFF, 0xDB, 0xC3, 0xC3, 0xC3]),
    ('N', 7, [0x63, 0x73, 0x7B, 0x6F, 0x67, 0x63, 0x63]),
    ('O', 6, [0x1E, 0x33, 0x33, 0x33, 0x33, 0x33, 0x1E]),
    ('P', 6, [0x3E, 0x33, 0x33, 0x3E, 0x30, 0x30, 0x30]),
    ('Q', 6, [0x1E, 0x33, 0x33, 0x33, 0x33, 0x36, 0x1D]),
    ('R', 6, [0x3E, 0x33, 0x33, 0x3E, 0x3C, 0x36, 0x33]),
    ('S', 6, [0x1E, 0x33, 0x30, 0x1E, 0x03, 0x33, 0x1E]),
    ('T', 6, [0x3F, 0x0C, 0x0C, 0x0C, 0x0C, 0x0C, 0x0C]),
    ('U', 6, [0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x1E]),
    ('V', 6, [0x33, 0x33, 0x33, 0x33, 0x33, 0x1E, 0x0C]),
    ('W', 8, [0xC3, 0xC3, 0xC3, 0xDB, 0xFF, 0xE7, 0xC3]),
    ('X', 6, [0x33, 0x33, 0x1E, 0x0C, 0x1E, 0x33, 0x33]),
    ('Y', 6, [0x33, 0x33, 0x33, 0x1E, 0x0C, 0x0C, 0x0C]),
    ('Z', 6, [0x3F, 0x03, 0x06, 0x0C, 0x18, 0x30, 0x3F]),
    ('Ø', 6, [0x1E, 0x33, 0x37, 0x3F, 0x3B, 0x33, 0x1E]),
    ('Æ', 8, [0x3F, 0x6C, 0xCC, 0xFF, 0xCC, 0xCC, 0xCF]),
    ('&', 7, [0x1C, 0x36, 0x1C, 0x3B, 0x6E, 0x66, 0x3B]),
    ('/', 6, [0x03, 0x06, 0x06, 0x0C, 0x18, 0x18, 0x30]),
    ('+', 6, [0x00, 0x0C, 0x0C, 0x3F, 0x0C, 0x0C, 0x00]),
    ('-', 4, [0x00, 0x00, 0x00, 0x0F, 0x00, 0x00, 0x00]),
    ('–', 6, [0x00, 0x00, 0x00, 0x3F, 0x00, 0x00, 0x00]),
    ('_', 6, [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3F]),
    ('.', 2, [0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x03]),
    (',', 2, [0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x02]),
    ('\'', 2, [0x03, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00]),
    (':', 2, [0x00, 0x03, 0x03, 0x00, 0x03, 0x03, 0x00]),
    ('(', 3, [0x03, 0x06, 0x06, 0x06, 0x06, 0x06, 0x03]),
    (')', 3, [0x06, 0x03, 0x03, 0x03, 0x03, 0x03, 0x06]),
    (' ', 3, [0x00; 7]),
];

/// Letters with a mark above, the letters under the marks, and the mark.
const MARKED: [(&str, &str, [u8; 3]); 7] = [
    ("ÄËÖÜŸ", "AEOUY", [0x33, 0x33, 0x00]),
    ("ÅŮ", "AU", [0x0C, 0x0C, 0x00]),
    ("ÁÉÓÚÝĆŃŚŹ", "AEOUYCNSZ", [0x06, 0x0C, 0x00]),
    ("ÀÈÒÙ", "AEOU", [0x18, 0x0C, 0x00]),
    ("ÂÊÔÛ", "AEOU", [0x0C, 0x33, 0x00]),
    ("ÃÑÕ", "ANO", [0x19, 0x26, 0x00]),
    ("ŠČŽŘĚŇĎŤ", "SCZRENDT", [0x33, 0x0C, 0x00]),
];

/// A text in dots.
pub(super) struct Dots {
    letters: Vec<(&'static Letter, [u8; 3])>,
    /// Whether there is room for marks above.
    marked: bool,
}

impl Dots {
    /// A figure: there are no marks above it. `None` where a character has no dots.
    pub fn figure(text: &str) -> Option<Self> {
        Self::new(text, false)
    }

    /// A name, in capitals. `None` where a character has no dots.
    pub fn name(text: &str) -> Option<Self> {
        Self::new(text, true)
    }

    fn new(text: &str, marked: bool) -> Option<Self> {
        let letters: Option<Vec<_>> = text.chars().flat_map(char::to_uppercase).map(find).collect();
        letters.filter(|letters| !letters.is_empty()).map(|letters| Self { letters, marked })
    }

    /// Dots across, a gap between letters.
    fn wide(&self) -> u16 {
        let dots = self.letters.iter().map(|(letter, _)| u16::from(letter.1) + 1);
        dots.fold(0, u16::saturating_add).saturating_sub(1)
    }

    const fn tall(&self) -> u16 {
        if self.marked { TALL + MARKS } else { TALL }
    }

    /// Cells across at a scale.
    pub fn width(&self, scale: Scale) -> u16 {
        self.wide().saturating_mul(scale.across)
    }

    /// The scale that fills `lines`, and at most `cells`; `None` where the text does not fit at all.
    pub fn fit(&self, cells: u16, lines: u16, characters: Characters) -> Option<Scale> {
        let mut down = lines.saturating_mul(2) / self.tall();
        // The last half line may be left out: in it is nothing but the gap of an odd number of dots.
        if (down + 1) * self.tall() <= lines * 2 {
            down += 1;
        }
        // Without half blocks a dot is a whole line.
        let whole = !characters.has_half_blocks();
        if whole {
            down -= down % 2;
        }
        let across = (cells / self.wide().max(1)).min(down);
        let down = down.min(across.saturating_mul(2));
        let down = if whole { down - down % 2 } else { down };
        (across > 0 && down > 0).then_some(Scale { across, down })
    }

    /// Lines at a scale.
    pub const fn lines(&self, scale: Scale) -> u16 {
        (self.tall() * scale.down).div_ceil(2)
    }

    fn is_set(&self, x: u16, y: u16) -> bool {
        let mut left = x;
        for (letter, mark) in &self.letters {
            let wide = u16::from(letter.1);
            if left < wide {
                let shift = wide - 1 - left;
                let above = if self.marked { MARKS } else { 0 };
                let line = match y.checked_sub(above) {
                    Some(y) => letter.2.get(usize::from(y)),
                    None => mark.get(usize::from(y)),
                };
                return line.is_some_and(|line| line >> shift & 1 == 1);
            }
            if left == wide {
                return false;
            }
            left -= wide + 1;
        }
        false
    }

    /// Draws the text at the top left of `area`.
    pub fn draw(&self, pen: &mut Pen<'_>, area: Rect, scale: Scale, style: Style) {
        let halves = self.tall() * scale.down;
        let dot = |x: u16, half: u16| half < halves && self.is_set(x, half / scale.down);
        for (line, y) in (area.top()..area.bottom()).enumerate() {
            let Ok(line) = u16::try_from(line) else { return };
            if line * 2 >= halves {
                return;
            }
            let mut text = String::new();
            for x in 0..self.wide() {
                let cell = match (dot(x, line * 2), dot(x, line * 2 + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                };
                text.extend(std::iter::repeat_n(cell, scale.across.into()));
            }
            pen.text(Rect { y, height: 1, ..area }, text.trim_end(), style);
        }
    }
}

/// How large a dot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    across: u16,
    down: u16,
}

impl Scale {
    /// This scale and every smaller one, the largest first: first narrower, then lower.
    pub fn down_to(self, characters: Characters) -> impl Iterator<Item = Self> {
        let whole = !characters.has_half_blocks();
        (1..=self.down.max(1)).rev().filter(move |down| !whole || down % 2 == 0).flat_map(
            move |down| {
                (down.div_ceil(2)..=self.across.min(down))
                    .rev()
                    .map(move |across| Self { across, down })
            },
        )
    }
}

fn find(c: char) -> Option<(&'static Letter, [u8; 3])> {
    let plain = |c: char| LETTERS.iter().find(|(own, ..)| *own == c);
    if let Some(letter) = plain(c) {
        return Some((letter, [0; 3]));
    }
    MARKED.iter().find_map(|(marked, letters, mark)| {
        let place = marked.chars().position(|own| own == c)?;
        Some((plain(letters.chars().nth(place)?)?, *mark))
    })
}
