//! The report for wikis and tickets: tables in Markdown, aligned in their source too.

use unicode_width::UnicodeWidthStr;

use crate::report::text::{ascii, lines};
use crate::table::{Align, Context, RowId, TableId};

/// The narrowest rule between head and rows that every reader takes for one.
const RULE: usize = 3;

/// The report on one table: the columns and rows of the text report. With `plain` in ASCII alone.
pub fn markdown(
    context: &Context<'_>,
    table: TableId,
    plain: bool,
    keep: impl Fn(&RowId) -> bool,
) -> String {
    let (heads, lines) = lines(context, table, keep);
    let aligns: Vec<Align> = heads.iter().map(|head| head.align).collect();
    aligned(&aligns, lines, plain)
}

/// A table of these lines, the headers first. With `plain` in ASCII alone.
pub(super) fn aligned(aligns: &[Align], mut lines: Vec<Vec<String>>, plain: bool) -> String {
    for cell in lines.iter_mut().flatten() {
        *cell = escaped(&if plain { ascii(cell) } else { std::mem::take(cell) });
    }
    let wide = |column: usize| lines.iter().map(|line| line[column].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..aligns.len()).map(|column| wide(column).max(RULE)).collect();
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        for ((cell, width), align) in line.iter().zip(&widths).zip(aligns) {
            let blank = " ".repeat(width - cell.width());
            match align {
                Align::Left => out.extend(["| ", cell, &blank, " "]),
                Align::Right => out.extend(["| ", &blank, cell, " "]),
            }
        }
        out.push_str("|\n");
        if number == 0 {
            for (width, align) in widths.iter().zip(aligns) {
                let dashes = "-".repeat(width - 1);
                match align {
                    Align::Left => out.extend(["| ", &dashes, "- "]),
                    Align::Right => out.extend(["| ", &dashes, ": "]),
                }
            }
            out.push_str("|\n");
        }
    }
    out
}

/// `text` so that it stands for itself: no name ends its cell, loads a picture or becomes a link.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
