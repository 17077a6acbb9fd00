//! The report for people: aligned columns, as wide as what stands in them.

use unicode_width::UnicodeWidthStr;

use crate::table::{Align, Context, HIDDEN, Head, RowId, TableId, View};
use crate::text::{MARKER, in_ascii};

/// The columns that people read, and the lines under them: the headers, then a line for each row.
pub(super) fn lines(
    context: &Context<'_>,
    table: TableId,
    keep: impl Fn(&RowId) -> bool,
) -> (Vec<Head>, Vec<Vec<String>>) {
    let heads = table.columns();
    let shown: Vec<usize> = (0..heads.len()).filter(|index| heads[*index].rank != HIDDEN).collect();
    // Queues have the one order of the board; the others are found again by source and id.
    let sort = (table != TableId::Queues).then_some(("source", false));
    let by_id = View { sort, ..View::default() };
    let ids: Vec<RowId> = table.order(context, &by_id).into_iter().filter(keep).collect();
    let heads: Vec<Head> = shown.iter().map(|index| heads[*index]).collect();
    let header = |head: &Head| if head.header.is_empty() { head.name } else { head.header };
    let mut lines: Vec<Vec<String>> =
        vec![heads.iter().map(|head| header(head).to_owned()).collect()];
    lines.extend(
        table
            .page(context, &ids)
            .into_iter()
            .map(|row| shown.iter().map(|index| row.cells[*index].text.clone()).collect()),
    );
    (heads, lines)
}

/// The report on one table.
pub fn text(context: &Context<'_>, table: TableId, keep: impl Fn(&RowId) -> bool) -> String {
    let (heads, lines) = lines(context, table, keep);
    let aligns: Vec<Align> = heads.iter().map(|head| head.align).collect();
    aligned(&aligns, &lines)
}

/// Lines whose columns stand below each other.
pub(super) fn aligned(aligns: &[Align], lines: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..aligns.len())
        .map(|column| lines.iter().map(|line| line[column].width()).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for line in lines {
        let mut row = String::new();
        for (column, cell) in line.iter().enumerate() {
            let blank = " ".repeat(widths[column].saturating_sub(cell.width()));
            match aligns[column] {
                Align::Left => row.extend([cell.as_str(), &blank, "  "]),
                Align::Right => row.extend([blank.as_str(), cell, "  "]),
            }
        }
        out.push_str(row.trim_end());
        out.push('\n');
    }
    out
}

/// The same text without a character beyond ASCII.
pub fn ascii(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            '–' | '‐' | '‑' => vec!['-'],
            '…' => vec!['.', '.'],
            '≈' => vec!['~'],
            MARKER => vec!['?'],
            c if c.is_ascii() => vec![c],
            c => vec![in_ascii(c.encode_utf8(&mut [0; 4]))],
        })
        .collect()
}
