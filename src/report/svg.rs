//! A finished screen as a picture: every cell in its place, whatever font the reader has.

use std::fmt::{self, Write};

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use crate::theme::{Role, Theme};

/// Width of a cell: the advance of the usual monospaced fonts at [`SIZE`].
const WIDE: f64 = 8.43;
/// Height of a cell.
const HIGH: f64 = 18.0;
/// Size of the font.
const SIZE: f64 = 14.0;
/// From the top of a cell to the line that letters stand on.
const BASE: f64 = 13.5;
/// Between the edge of the picture and the first cell.
const PAD: f64 = 14.0;

/// What the theme leaves to the terminal.
const INK: (u8, u8, u8) = (0x12, 0x12, 0x12);
const TEXT: (u8, u8, u8) = (0xd8, 0xd8, 0xd8);

/// The sixteen colours as a common terminal has them.
const SIXTEEN: [(u8, u8, u8); 16] = [
    (0x00, 0x00, 0x00),
    (0xcd, 0x31, 0x31),
    (0x0d, 0xbc, 0x79),
    (0xe5, 0xe5, 0x10),
    (0x24, 0x72, 0xc8),
    (0xbc, 0x3f, 0xbc),
    (0x11, 0xa8, 0xcd),
    (0xc5, 0xc8, 0xc6),
    (0x66, 0x66, 0x66),
    (0xf1, 0x4c, 0x4c),
    (0x23, 0xd1, 0x8b),
    (0xf5, 0xf5, 0x43),
    (0x3b, 0x8e, 0xea),
    (0xd6, 0x70, 0xd6),
    (0x29, 0xb8, 0xdb),
    (0xff, 0xff, 0xff),
];

/// What a cell looks like once everything is reckoned in.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Face {
    fg: (u8, u8, u8),
    bg: (u8, u8, u8),
    bold: bool,
    underlined: bool,
}

/// The screen in `buffer` as an SVG document on the theme's background.
pub fn svg(buffer: &Buffer, theme: &Theme) -> String {
    let mut out = String::new();
    // Writing into a string does not fail.
    let _ = write_svg(&mut out, buffer, theme);
    out
}

fn write_svg(out: &mut String, buffer: &Buffer, theme: &Theme) -> fmt::Result {
    let base = theme.role(Role::Base);
    let ground = rgb(base.bg.unwrap_or(Color::Reset), INK);
    let text = rgb(base.fg.unwrap_or(Color::Reset), TEXT);
    let area = buffer.area;
    // Whole pixels, so that nothing is scaled and no edge shows what lies behind it.
    let width = (f64::from(area.width) * WIDE + 2.0 * PAD).ceil();
    let height = (f64::from(area.height) * HIGH + 2.0 * PAD).ceil();
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.2} {height:.2}">"#
    )?;
    writeln!(
        out,
        "<style>text {{ font: {SIZE}px 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace; white-space: pre }} .b {{ font-weight: bold }}</style>"
    )?;
    writeln!(
        out,
        r#"<clipPath id="c"><rect width="{width:.2}" height="{height:.2}" rx="10"/></clipPath><g clip-path="url(#c)">"#
    )?;
    rect(out, (0.0, 0.0), (width, height), ground)?;
    for y in 0..area.height {
        let faces: Vec<Face> = (0..area.width)
            .map(|x| face(&buffer[(area.x + x, area.y + y)], text, ground))
            .collect();
        grounds(out, &faces, (y, area.height), ground)?;
        let cells: Vec<&Cell> =
            (0..area.width).map(|x| &buffer[(area.x + x, area.y + y)]).collect();
        underlines(out, &faces, y)?;
        glyphs(out, &cells, &faces, y)?;
    }
    out.write_str("</g></svg>\n")
}

/// The backgrounds of one line, joined where they are alike; those at an edge run on to the picture's.
fn grounds(
    out: &mut String,
    faces: &[Face],
    (y, lines): (u16, u16),
    ground: (u8, u8, u8),
) -> fmt::Result {
    // A pixel more than there is: the rounding of the picture's size, cut off with its corners.
    let over = |at_edge: bool| if at_edge { PAD + 1.0 } else { 0.0 };
    let top = down(y) - over(y == 0);
    let bottom = down(y + 1) + over(y + 1 == lines);
    let mut x = 0;
    // What begins the line runs on to the edge; what stands out in it does not.
    let line = faces.first().map_or(ground, |face| face.bg);
    for run in faces.chunk_by(|a, b| a.bg == b.bg) {
        let end = x + run.len();
        let left = across(x) - over(x == 0);
        let right = across(end) + over(end == faces.len());
        let edge = y == 0 || y + 1 == lines;
        let wide = if edge && x > 0 { line } else { run[0].bg };
        if wide != ground {
            rect(out, (left, top), (right - left, bottom - top), wide)?;
        }
        if run[0].bg != wide {
            rect(out, (across(x), down(y)), (across(end) - across(x), HIGH), run[0].bg)?;
        }
        x = end;
    }
    Ok(())
}

/// The lines under what is underlined, blanks too.
fn underlines(out: &mut String, faces: &[Face], y: u16) -> fmt::Result {
    let mut x = 0;
    for run in faces.chunk_by(|a, b| (a.underlined, a.fg) == (b.underlined, b.fg)) {
        if run[0].underlined {
            let at = (across(x), down(y) + HIGH - 2.0);
            rect(out, at, (across_of(run.len()), 1.0), run[0].fg)?;
        }
        x += run.len();
    }
    Ok(())
}

/// The glyphs of one line, words joined where they look alike.
fn glyphs(out: &mut String, cells: &[&Cell], faces: &[Face], y: u16) -> fmt::Result {
    let mut x = 0;
    while x < cells.len() {
        let symbol = cells[x].symbol();
        let face = faces[x];
        let wide = UnicodeWidthStr::width(symbol).max(1);
        if let Some((left, top, width, height, density)) = block(symbol) {
            let alike = |at: usize| cells[at].symbol() == symbol && faces[at] == face;
            // Blocks in a row are one: no seams, and a smaller picture.
            let mut end = x + 1;
            while width >= 1.0 && end < cells.len() && alike(end) {
                end += 1;
            }
            let at = (across(x) + left * WIDE, down(y) + top * HIGH);
            let size = (across_of(end - x) * width, height * HIGH);
            rect(out, at, size, mixed(face.fg, face.bg, density))?;
            x = end;
            continue;
        } else if let Some(path) = stroke(symbol, across(x), down(y)) {
            let mut path = path;
            let mut end = x + 1;
            while symbol == "─"
                && end < cells.len()
                && cells[end].symbol() == symbol
                && faces[end] == face
            {
                end += 1;
            }
            if end > x + 1 {
                path = format!(
                    "M{:.2} {:.2}h{:.2}",
                    across(x),
                    down(y) + HIGH / 2.0,
                    across_of(end - x)
                );
            }
            writeln!(
                out,
                r#"<path d="{path}" fill="none" stroke="{}" stroke-width="1.3"/>"#,
                Hex(face.fg)
            )?;
            x = end;
            continue;
        } else if symbol != " " {
            let mut word = symbol.to_owned();
            let mut end = x + wide;
            // Letters that every font has run on; what may be wider or narrower gets its own place.
            if simple(symbol) {
                while end < cells.len() && faces[end] == face && joins(cells, end) {
                    word.push_str(cells[end].symbol());
                    end += 1;
                }
            }
            put(out, word.trim_end(), (across(x), down(y) + BASE), face)?;
            x = end;
            continue;
        }
        x += wide;
    }
    Ok(())
}

fn put(out: &mut String, word: &str, (x, y): (f64, f64), face: Face) -> fmt::Result {
    let class = if face.bold { r#" class="b""# } else { "" };
    let length = across_of(UnicodeWidthStr::width(word));
    writeln!(
        out,
        r#"<text x="{x:.2}" y="{y:.2}" textLength="{length:.2}" lengthAdjust="spacingAndGlyphs" fill="{}"{class}>{}</text>"#,
        Hex(face.fg),
        Escaped(word)
    )
}

fn rect(
    out: &mut String,
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    fill: (u8, u8, u8),
) -> fmt::Result {
    writeln!(
        out,
        r#"<rect x="{x:.2}" y="{y:.2}" width="{width:.2}" height="{height:.2}" fill="{}" shape-rendering="crispEdges"/>"#,
        Hex(fill)
    )
}

fn simple(symbol: &str) -> bool {
    symbol.chars().all(|c| matches!(c, '!'..='~' | '\u{C0}'..='\u{17F}'))
}

/// Whether the cell at `x` goes on with the word before it: a letter, or one space before a letter.
fn joins(cells: &[&Cell], x: usize) -> bool {
    match cells[x].symbol() {
        " " => cells.get(x + 1).is_some_and(|next| simple(next.symbol())),
        symbol => simple(symbol),
    }
}

/// The part of a cell that a block fills: left, top, width, height, and how densely, of one.
fn block(symbol: &str) -> Option<(f64, f64, f64, f64, f64)> {
    Some(match symbol {
        "█" => (0.0, 0.0, 1.0, 1.0, 1.0),
        "▀" => (0.0, 0.0, 1.0, 0.5, 1.0),
        "▄" => (0.0, 0.5, 1.0, 0.5, 1.0),
        "▌" => (0.0, 0.0, 0.35, 1.0, 1.0),
        "▓" => (0.0, 0.0, 1.0, 1.0, 0.75),
        "▒" => (0.0, 0.0, 1.0, 1.0, 0.5),
        "░" => (0.0, 0.0, 1.0, 1.0, 0.25),
        _ => return None,
    })
}

/// The stroke of a line that meets those of its neighbours: from a point of the cell, by steps.
fn stroke(symbol: &str, x: f64, y: f64) -> Option<String> {
    let (w, h) = (WIDE / 2.0, HIGH / 2.0);
    let (mx, my) = (x + w, y + h);
    let corner = |sx: f64, sy: f64| {
        let (ex, ey) = (mx + sx * w, my + sy * h);
        let by = my + sy * w;
        format!("M{mx:.2} {ey:.2}V{by:.2}Q{mx:.2} {my:.2} {ex:.2} {my:.2}")
    };
    Some(match symbol {
        "─" => format!("M{x:.2} {my:.2}h{WIDE}"),
        "│" => format!("M{mx:.2} {y:.2}v{HIGH}"),
        "╭" => corner(1.0, 1.0),
        "╮" => corner(-1.0, 1.0),
        "╰" => corner(1.0, -1.0),
        "╯" => corner(-1.0, -1.0),
        _ => return None,
    })
}

/// `over` laid over `under`, so densely.
fn mixed(over: (u8, u8, u8), under: (u8, u8, u8), density: f64) -> (u8, u8, u8) {
    let mix = |over: u8, under: u8| {
        let (over, under) = (f64::from(over), f64::from(under));
        let mixed = (under + (over - under) * density).round().clamp(0.0, 255.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        {
            mixed as u8
        }
    };
    (mix(over.0, under.0), mix(over.1, under.1), mix(over.2, under.2))
}

fn face(cell: &Cell, text: (u8, u8, u8), ground: (u8, u8, u8)) -> Face {
    let style = cell.style();
    let fg = rgb(style.fg.unwrap_or(Color::Reset), text);
    let bg = rgb(style.bg.unwrap_or(Color::Reset), ground);
    let has = |modifier| style.add_modifier.contains(modifier);
    let (fg, bg) = if has(Modifier::REVERSED) { (bg, fg) } else { (fg, bg) };
    Face { fg, bg, bold: has(Modifier::BOLD), underlined: has(Modifier::UNDERLINED) }
}

fn rgb(color: Color, unset: (u8, u8, u8)) -> (u8, u8, u8) {
    match color {
        Color::Reset => unset,
        Color::Black => SIXTEEN[0],
        Color::Red => SIXTEEN[1],
        Color::Green => SIXTEEN[2],
        Color::Yellow => SIXTEEN[3],
        Color::Blue => SIXTEEN[4],
        Color::Magenta => SIXTEEN[5],
        Color::Cyan => SIXTEEN[6],
        Color::Gray => SIXTEEN[7],
        Color::DarkGray => SIXTEEN[8],
        Color::LightRed => SIXTEEN[9],
        Color::LightGreen => SIXTEEN[10],
        Color::LightYellow => SIXTEEN[11],
        Color::LightBlue => SIXTEEN[12],
        Color::LightMagenta => SIXTEEN[13],
        Color::LightCyan => SIXTEEN[14],
        Color::White => SIXTEEN[15],
        Color::Rgb(r, g, b) => (r, g, b),
        Color::Indexed(index @ 0..16) => SIXTEEN[usize::from(index)],
        Color::Indexed(index @ 16..232) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let cube = index - 16;
            (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        Color::Indexed(index) => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

fn across(cells: usize) -> f64 {
    PAD + across_of(cells)
}

fn across_of(cells: usize) -> f64 {
    f64::from(u16::try_from(cells).unwrap_or(u16::MAX)) * WIDE
}

fn down(line: u16) -> f64 {
    PAD + f64::from(line) * HIGH
}

struct Hex((u8, u8, u8));

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (r, g, b) = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                // XML has no place for them.
                c if c.is_control() => f.write_char('?')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
