//! How the lines of a wall are shared out, from top to bottom.

use crate::table::TableId;

/// How the lines of a wall are shared out. What draws and what turns pages read the same shares, so that no row
/// is left between two pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Layout {
    /// Whose wall it is, how its sources are reached, the age of the data, the clock.
    pub header: u16,
    /// What no longer tells anything, where it is not on the stage.
    pub banner: u16,
    /// Blank lines between the parts.
    pub air: u16,
    /// How bad it is, in a word, where the title is drawn large.
    pub word: u16,
    /// Who stands on the stage.
    pub title: u16,
    pub digits: u16,
    pub labels: u16,
    pub totals: u16,
    /// The headers of the list.
    pub heads: u16,
    /// The lines of the list.
    pub rows: u16,
    /// Which page of how many.
    pub footer: u16,
    /// Rows of the list side by side.
    pub columns: u16,
}

/// Lines of a title with a letter's marks above it, at scale 1.
const TITLE: u16 = 5;

/// Lines of the small figures.
const SMALL: u16 = 3;

impl Layout {
    /// The shares of a wall of that size with a page of `table`; with `trouble` there is something to say of the
    /// sources.
    pub fn of((width, height): (u16, u16), trouble: bool, table: TableId) -> Self {
        let mut left = height;
        let mut take = |lines: u16, least: u16| {
            let given = if height >= least { lines.min(left) } else { 0 };
            left -= given;
            given
        };
        let header = take(1, 1);
        let large = width >= 80 && height >= 34;
        let huge = width >= 150 && height >= 48;
        let vast = width >= 220 && height >= 64;
        let scale = if vast { 3 } else { 1 + u16::from(huge) };
        let title = take(if large { scale * TITLE } else { 1 }, 2);
        let footer = take(1, 6);
        let banner = match trouble {
            false => 0,
            true if width >= 110 && height >= 44 => take(TITLE + 1, 44),
            true => take(1, 4),
        };
        let digits = match height {
            0..8 => 0,
            8..14 => SMALL,
            14..20 => 4,
            20..44 => 7,
            _ if width < 110 => 7,
            _ if vast => 18,
            _ => 11,
        };
        let digits = take(digits, 8);
        let labels = take(1, 6);
        let word = take(u16::from(large), 34);
        let totals = take(if large && height >= 44 { SMALL + 2 } else { 1 }, 20);
        // In front of the stage's title, of its figures, of the totals and of the list.
        let air = u16::from(height >= 24);
        take(if large { 4 } else { 3 }, 24);
        let heads = take(1, 14);
        let columns = match (table, width) {
            (TableId::Agents, _) => (width / 38).clamp(1, 6),
            (_, 0..110) => 1,
            (_, 110..240) => 2,
            _ => 3,
        };
        Self {
            header,
            banner,
            air,
            word,
            title,
            digits,
            labels,
            totals,
            heads,
            rows: left,
            footer,
            columns,
        }
    }

    /// How many rows a page holds, at least one.
    pub fn page(&self) -> usize {
        usize::from(self.rows.max(1)) * usize::from(self.columns.max(1))
    }
}
