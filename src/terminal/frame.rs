//! Frames as bytes: what turns the picture on the terminal into the next one, with close to the fewest bytes.
//!
//! Only `CSI H`, `m`, `J` and `K` are written, and text. Nothing is read back: the coder knows where the cursor
//! and the pen are, because nothing else writes while the terminal is ours.
//!
//! A *glyph* is a cell together with the columns that it covers; what a buffer holds in covered cells is never
//! looked at. A glyph that terminals would not all draw in those columns is not written: U+FFFD stands there.
//!
//! Terminals do not agree how many columns every character takes: their tables are of different years. Behind a
//! glyph that is not [`settled`] in all of them, and behind U+FFFD, which some leave out, the cursor is placed anew,
//! and what it may have run over is written again: so whatever a terminal makes of a name, the figures behind it
//! stand in their columns.

use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthChar as _;

use super::pen::{Pen, decimal};
use crate::text::settled;

/// The longest run of unchanged columns that may be written again instead of moving over it. A move costs at
/// most ten bytes, so a longer run never pays.
const BRIDGE: usize = 10;

/// From this many columns on, a run of plain blanks is erased instead of written.
const ERASE: usize = 4;

/// Turns pictures into bytes, and remembers cursor and pen from one frame to the next.
#[derive(Debug)]
pub struct Coder {
    pen: Pen,
    /// Column and row of the cursor, where it is known.
    at: Option<(usize, usize)>,
    marks: Vec<Mark>,
    trial: Vec<u8>,
}

/// What is to be done with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A glyph begins here, and it is on the terminal already.
    Clean,
    /// A glyph begins here that has to be written.
    Dirty,
    /// Covered by the glyph on its left.
    Covered,
}

/// A cell as it will be written.
#[derive(Clone, Copy)]
struct Glyph<'a> {
    text: &'a str,
    width: usize,
    /// The most columns that a terminal may take for it.
    most: usize,
    /// Whether terminals may take more or fewer columns than `width`.
    unsure: bool,
}

/// Which cells a row had before.
#[derive(Clone, Copy)]
enum Before<'a> {
    Blank,
    Cells(&'a [Cell]),
}

impl Default for Coder {
    fn default() -> Self {
        Self::new()
    }
}

impl Coder {
    /// A coder for a terminal whose pen is plain and whose cursor is anywhere.
    pub fn new() -> Self {
        Self { pen: Pen::PLAIN, at: None, marks: Vec::new(), trial: Vec::new() }
    }

    /// Appends what turns `prev`, as last written by this coder, into `next`. Nothing when they look the same;
    /// a whole repaint when their areas differ.
    pub fn encode(&mut self, prev: &Buffer, next: &Buffer, out: &mut Vec<u8>) {
        if prev.area != next.area {
            self.repaint(next, out);
            return;
        }
        let width = usize::from(next.area.width);
        if width == 0 {
            return;
        }
        let rows = prev.content.chunks_exact(width).zip(next.content.chunks_exact(width));
        for (y, (before, row)) in rows.enumerate() {
            if before != row {
                self.row(Before::Cells(before), row, y, out);
            }
        }
    }

    /// Appends what shows `next` whatever the terminal showed before.
    pub fn repaint(&mut self, next: &Buffer, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x1b[m\x1b[2J");
        self.pen = Pen::PLAIN;
        self.at = None;
        let width = usize::from(next.area.width);
        if width == 0 {
            return;
        }
        for (y, row) in next.content.chunks_exact(width).enumerate() {
            self.row(Before::Blank, row, y, out);
        }
    }

    /// Appends at least `count` bytes that change nothing that is seen.
    pub(super) fn idle(&mut self, count: usize, out: &mut Vec<u8>) {
        const PLAIN: &[u8] = b"\x1b[m";
        for _ in 0..count.div_ceil(PLAIN.len()) {
            out.extend_from_slice(PLAIN);
        }
        self.pen = Pen::PLAIN;
    }

    /// One row. Where a long run of plain blanks has to be written inside it, erasing everything behind and
    /// writing that again may be shorter: both ways are tried.
    fn row(&mut self, before: Before<'_>, next: &[Cell], y: usize, out: &mut Vec<u8>) {
        let tail = self.mark(before, next);
        let Some(first) = self.marks.iter().position(|mark| *mark == Mark::Dirty) else { return };
        let start = out.len();
        let (pen, at) = (self.pen, self.at);
        self.cells(next, y, first, tail, out);
        let Some(blanks) = self.inner_blanks(next, first, tail) else { return };
        let plain = (self.pen, self.at, out.len());
        (self.pen, self.at) = (pen, at);
        self.cells(next, y, first, blanks, out);
        self.erase(next, blanks, y, out);
        let mut run_over = 0;
        for x in blanks..next.len() {
            if self.marks[x] == Mark::Covered {
                continue;
            }
            let clean = x >= run_over && is_plain_blank(&next[x]);
            self.marks[x] = if clean { Mark::Clean } else { Mark::Dirty };
            if !clean {
                run_over = run_over.max(x + Glyph::of(next, x).most);
            }
        }
        if let Some(rest) = (blanks..tail).find(|x| self.marks[*x] == Mark::Dirty) {
            self.cells(next, y, rest, tail, out);
        }
        if out.len() - plain.2 < plain.2 - start {
            out.drain(start..plain.2);
        } else {
            out.truncate(plain.2);
            (self.pen, self.at) = (plain.0, plain.1);
        }
    }

    /// Marks every column of a row, and tells from where on it is nothing but plain blanks.
    fn mark(&mut self, before: Before<'_>, next: &[Cell]) -> usize {
        self.marks.clear();
        self.marks.resize(next.len(), Mark::Covered);
        let (mut x, mut old, mut run_over) = (0, 0, 0);
        while x < next.len() {
            let same = match before {
                Before::Blank => is_plain_blank(&next[x]),
                Before::Cells(cells) => {
                    while old < x {
                        old += if is_letter(&cells[old]) { 1 } else { Glyph::of(cells, old).width };
                    }
                    old == x && looks_same(&cells[x], &next[x])
                }
            };
            let same = same && x >= run_over;
            // A plain letter that did not change is nearly every cell of a frame.
            if same && is_letter(&next[x]) {
                self.marks[x] = Mark::Clean;
                x += 1;
                continue;
            }
            let glyph = Glyph::of(next, x);
            self.marks[x] = if same { Mark::Clean } else { Mark::Dirty };
            if !same {
                run_over = run_over.max(x + glyph.most);
            }
            x += glyph.width;
        }
        let last = (0..next.len())
            .rfind(|x| self.marks[*x] != Mark::Covered && !is_plain_blank(&next[*x]));
        last.map_or(0, |last| last + Glyph::of(next, last).width)
    }

    /// The first run of plain blanks in front of `tail` that is long enough to be worth erasing, with
    /// something dirty in it.
    fn inner_blanks(&self, next: &[Cell], first: usize, tail: usize) -> Option<usize> {
        let mut x = first;
        while x < tail {
            if self.marks[x] == Mark::Covered {
                x += 1;
                continue;
            }
            let run = next[x..tail].iter().take_while(|cell| is_plain_blank(cell)).count();
            if run > BRIDGE {
                let dirty = self.marks[x..x + run].iter().filter(|mark| **mark == Mark::Dirty);
                if dirty.count() > ERASE {
                    return Some(x);
                }
            }
            x += run.max(1);
        }
        None
    }

    /// Writes the dirty glyphs from `first` on: up to `tail` one by one, behind it by erasing.
    fn cells(&mut self, next: &[Cell], y: usize, first: usize, tail: usize, out: &mut Vec<u8>) {
        for x in first..tail {
            if self.marks[x] == Mark::Dirty {
                self.reach(next, x, y, out);
                self.glyph(next, x, y, out);
            }
        }
        let behind = tail.max(first);
        if next[tail..].iter().any(|cell| !is_plain_blank(cell)) {
            return;
        }
        let is_dirty = |mark: &Mark| *mark == Mark::Dirty;
        let Some(from) = self.marks[behind..].iter().position(is_dirty) else { return };
        let last = self.marks[behind..].iter().rposition(is_dirty).unwrap_or(from);
        if last - from + 1 >= ERASE {
            self.erase(next, behind + from, y, out);
        } else {
            for x in behind + from..=behind + last {
                self.reach(next, x, y, out);
                self.glyph(next, x, y, out);
            }
        }
    }

    /// Erases from column `x` to the end of the row, or from the cursor when only plain blanks lie between.
    fn erase(&mut self, next: &[Cell], x: usize, y: usize, out: &mut Vec<u8>) {
        let near = self
            .at
            .filter(|(cx, cy)| *cy == y && *cx <= x && next[*cx..x].iter().all(is_plain_blank));
        if near.is_none() {
            self.reach(next, x, y, out);
        }
        self.pen.turn(Pen::PLAIN, out);
        self.pen = Pen::PLAIN;
        out.extend_from_slice(b"\x1b[K");
    }

    /// Brings the cursor to column `x`: by a move, or by writing again what lies between when that is shorter.
    fn reach(&mut self, next: &[Cell], x: usize, y: usize, out: &mut Vec<u8>) {
        if self.at == Some((x, y)) {
            return;
        }
        if let Some((cx, cy)) = self.at
            && cy == y
            && cx < x
            && x - cx <= BRIDGE
            && self.bridge(next, cx, x, y, out)
        {
            return;
        }
        move_to(x, y, out);
        self.at = Some((x, y));
    }

    /// Writes columns `from..to` again if that is shorter than a move, the pen of column `to` counted in.
    fn bridge(
        &mut self,
        next: &[Cell],
        from: usize,
        to: usize,
        y: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        let (pen, at) = (self.pen, self.at);
        let mut trial = std::mem::take(&mut self.trial);
        trial.clear();
        move_to(to, y, &mut trial);
        pen.turn(Pen::of(&next[to]), &mut trial);
        let moving = trial.len();
        trial.clear();
        let mut straight = true;
        let mut x = from;
        while x < to {
            let glyph = Glyph::of(next, x);
            if glyph.unsure || self.marks[x] == Mark::Covered {
                straight = false;
                break;
            }
            self.glyph(next, x, y, &mut trial);
            x += glyph.width;
        }
        let text = trial.len();
        self.pen.turn(Pen::of(&next[to]), &mut trial);
        let shorter = straight && trial.len() <= moving;
        if shorter {
            out.extend_from_slice(&trial[..text]);
        } else {
            (self.pen, self.at) = (pen, at);
        }
        self.trial = trial;
        shorter
    }

    /// Writes the glyph of column `x`, where the cursor is.
    fn glyph(&mut self, next: &[Cell], x: usize, y: usize, out: &mut Vec<u8>) {
        let glyph = Glyph::of(next, x);
        let pen = Pen::of(&next[x]);
        self.pen.turn(pen, out);
        self.pen = pen;
        if glyph.unsure {
            out.extend(std::iter::repeat_n(b' ', glyph.width));
            move_to(x, y, out);
        }
        out.extend_from_slice(glyph.text.as_bytes());
        let end = x + glyph.width;
        // At the margin terminals differ in where the cursor waits.
        self.at = (end < next.len() && !glyph.unsure).then_some((end, y));
    }
}

impl<'a> Glyph<'a> {
    /// A mark in the place of what cannot be shown.
    const MARK: Self = Self::new("\u{fffd}", 1, 1, true);

    const fn new(text: &'a str, width: usize, most: usize, unsure: bool) -> Self {
        Self { text, width, most, unsure }
    }

    /// The glyph that begins at column `x`. Text was cleaned where it came in; this is the last door for what
    /// would command the terminal, or take other columns than the buffer thinks.
    fn of(row: &'a [Cell], x: usize) -> Self {
        let text = row[x].symbol();
        if let [byte] = text.as_bytes() {
            let clean = (0x20..0x7f).contains(byte);
            return if clean { Self::new(text, 1, 1, false) } else { Self::MARK };
        }
        // What screens are drawn with: dashes, dots, boxes, blocks.
        if matches!(text.as_bytes(), [0xe2, 0x94..=0x96, _] | [0xe2, 0x80, 0x93 | 0xa6]) {
            return Self::new(text, 1, 1, false);
        }
        let width = usize::from(text.cell_width());
        let agreed = text.chars().map(char::width).sum::<Option<usize>>() == Some(width);
        if !agreed || text.contains('\u{fffd}') {
            return Self::MARK;
        }
        if width == 0 || x + width > row.len() {
            return Self::new(" ", 1, 1, false);
        }
        if text.chars().all(settled) {
            return Self::new(text, width, width, false);
        }
        // No terminal takes more than two columns for a character. What could run over the margin, and from
        // there into the next row, is not written.
        let most = 2 * text.chars().count();
        if x + most > row.len() { Self::MARK } else { Self::new(text, width, most, true) }
    }
}

/// Whether a cell holds one printable character of ASCII.
fn is_letter(cell: &Cell) -> bool {
    matches!(cell.symbol().as_bytes(), [b' '..=b'~'])
}

/// Whether a cell is a blank without colour or attribute, as erasing leaves it.
fn is_plain_blank(cell: &Cell) -> bool {
    cell.symbol() == " "
        && cell.fg == Color::Reset
        && cell.bg == Color::Reset
        && cell.modifier == Modifier::empty()
}

fn looks_same(one: &Cell, other: &Cell) -> bool {
    one.fg == other.fg
        && one.bg == other.bg
        && one.modifier == other.modifier
        && one.symbol() == other.symbol()
}

/// Appends the shortest `CSI H` to column `x` and row `y`, both from 0.
fn move_to(x: usize, y: usize, out: &mut Vec<u8>) {
    let number = |zero_based: usize| u16::try_from(zero_based + 1).unwrap_or(u16::MAX);
    out.extend_from_slice(b"\x1b[");
    if y > 0 {
        decimal(number(y), out);
    }
    if x > 0 {
        out.push(b';');
        decimal(number(x), out);
    }
    out.push(b'H');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_screens_are_drawn_with_is_one_column_that_terminals_agree_on() {
        for c in ('\u{2500}'..='\u{25bf}').chain(['–', '…']) {
            assert!(c.width() == Some(1) && settled(c), "{c}");
            assert_eq!(c.to_string().cell_width(), 1, "{c}");
        }
    }
}
