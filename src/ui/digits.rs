//! Figures three lines tall: the ones that are read from across a room.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text::Characters;
use crate::ui::pen::{Pen, width};

/// Lines that a tall figure takes.
pub(super) const TALL: u16 = 3;

/// Half blocks: five dots tall, three wide, half a line of air below.
///
/// ```text
/// █▀█ ▀█  ▀▀█ ▀▀█ █ █ █▀▀ █▀▀ ▀▀█ █▀█ █▀█ █ █ █▄█
/// █ █  █  █▀▀  ▀█ ▀▀█ ▀▀█ █▀█   █ █▀█ ▀▀█ █▀▄ █ █
/// ▀▀▀ ▀▀▀ ▀▀▀ ▀▀▀   ▀ ▀▀▀ ▀▀▀   ▀ ▀▀▀ ▀▀▀ ▀ ▀ ▀ ▀
/// ```
const BLOCKS: [(char, [&str; 3]); 14] = [
    ('0', ["█▀█", "█ █", "▀▀▀"]),
    ('1', ["▀█ ", " █ ", "▀▀▀"]),
    ('2', ["▀▀█", "█▀▀", "▀▀▀"]),
    ('3', ["▀▀█", " ▀█", "▀▀▀"]),
    ('4', ["█ █", "▀▀█", "  ▀"]),
    ('5', ["█▀▀", "▀▀█", "▀▀▀"]),
    ('6', ["█▀▀", "█▀█", "▀▀▀"]),
    ('7', ["▀▀█", "  █", "  ▀"]),
    ('8', ["█▀█", "█▀█", "▀▀▀"]),
    ('9', ["█▀█", "▀▀█", "▀▀▀"]),
    (':', ["▄", "▄", " "]),
    ('–', ["   ", "▀▀▀", "   "]),
    ('k', ["█ █", "█▀▄", "▀ ▀"]),
    ('M', ["█▄█", "█ █", "▀ ▀"]),
];

/// The same in the lines that a console's font has.
///
/// ```text
/// ┌─┐  │  ──┐ ──┐ │ │ ┌── ┌── ──┐ ┌─┐ ┌─┐ │ │ ┌┬┐
/// │ │  │  ┌─┘  ─┤ └─┤ └─┐ ├─┐   │ ├─┤ └─┤ ├┬┘ │││
/// └─┘  │  └── ──┘   │ ──┘ └─┘   │ └─┘ ──┘ │└─ │ │
/// ```
const BOXES: [(char, [&str; 3]); 14] = [
    ('0', ["┌─┐", "│ │", "└─┘"]),
    ('1', [" │ ", " │ ", " │ "]),
    ('2', ["──┐", "┌─┘", "└──"]),
    ('3', ["──┐", " ─┤", "──┘"]),
    ('4', ["│ │", "└─┤", "  │"]),
    ('5', ["┌──", "└─┐", "──┘"]),
    ('6', ["┌──", "├─┐", "└─┘"]),
    ('7', ["──┐", "  │", "  │"]),
    ('8', ["┌─┐", "├─┤", "└─┘"]),
    ('9', ["┌─┐", "└─┤", "──┘"]),
    (':', [" ", "·", "·"]),
    ('–', ["   ", "───", "   "]),
    ('k', ["│ │", "├┬┘", "│└─"]),
    ('M', ["┌┬┐", "│││", "│ │"]),
];

/// The same in ASCII.
///
/// ```text
///  _       _   _       _   _   _   _   _
/// | |   |  _|  _| |_| |_  |_    | |_| |_| |_/ |v|
/// |_|   | |_   _|   |  _| |_|   | |_|  _| | \ | |
/// ```
const LINES: [(char, [&str; 3]); 14] = [
    ('0', [" _ ", "| |", "|_|"]),
    ('1', ["   ", "  |", "  |"]),
    ('2', [" _ ", " _|", "|_ "]),
    ('3', [" _ ", " _|", " _|"]),
    ('4', ["   ", "|_|", "  |"]),
    ('5', [" _ ", "|_ ", " _|"]),
    ('6', [" _ ", "|_ ", "|_|"]),
    ('7', [" _ ", "  |", "  |"]),
    ('8', [" _ ", "|_|", "|_|"]),
    ('9', [" _ ", "|_|", " _|"]),
    (':', [" ", ".", "."]),
    ('–', ["   ", "___", "   "]),
    ('k', ["   ", "|_/", "| \\"]),
    ('M', ["   ", "|v|", "| |"]),
];

/// Draws `figure` tall at the top left of `area`; in one line where it does not fit or is no figure.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, figure: &str, style: Style) {
    let font = match pen.characters {
        Characters::Unicode => &BLOCKS,
        Characters::Console => &BOXES,
        Characters::Ascii => &LINES,
    };
    let glyphs: Option<Vec<&[&str; 3]>> = figure
        .chars()
        .map(|c| font.iter().find(|(own, _)| *own == c).map(|(_, glyph)| glyph))
        .collect();
    let Some(glyphs) = glyphs.filter(|glyphs| fits(glyphs, area)) else {
        let y = area.y + area.height.min(TALL) / 2;
        let height = area.height.saturating_sub(area.height.min(TALL) / 2);
        pen.text(Rect { y, height, ..area }, figure, style);
        return;
    };
    if style.bg.is_some() {
        // What fills its ground gets a margin.
        let cells: u16 = glyphs.iter().map(|glyph| width(glyph[0]) + 1).sum();
        let (x, height) = (area.x.saturating_sub(1), TALL.min(area.height));
        pen.tint(Rect { x, width: cells + 1, height, ..area }, style);
    }
    for (line, y) in (area.top()..area.bottom()).take(TALL.into()).enumerate() {
        let text: Vec<&str> = glyphs.iter().map(|glyph| glyph[line]).collect();
        pen.text(Rect { y, height: 1, ..area }, &text.join(" "), style);
    }
}

/// Cells that `figure` takes.
pub(super) fn wide(figure: &str) -> u16 {
    let glyph = |c: char| BLOCKS.iter().find(|(own, _)| *own == c);
    let cells: Option<u16> =
        figure.chars().map(|c| glyph(c).map(|(_, glyph)| width(glyph[0]) + 1)).sum();
    cells.map_or_else(|| width(figure), |cells| cells.saturating_sub(1))
}

fn fits(glyphs: &[&[&str; 3]], area: Rect) -> bool {
    let cells: u16 = glyphs.iter().map(|glyph| width(glyph[0]) + 1).sum();
    area.height >= TALL && cells <= area.width.saturating_add(1)
}
