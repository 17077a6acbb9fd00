//! Which columns a screen has room for, and how wide each is.

use crate::table::{HIDDEN, Head};

/// Columns above this rank go before the names beside them are cut short.
const LIGHT: u8 = 50;

/// Columns below this rank are those names.
const HEAVY: u8 = 20;

/// Empty cells between two columns.
pub const GAP: u16 = 2;

/// The width of a column, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width {
    pub min: u16,
    /// The most, where there is room.
    pub max: u16,
}

impl Width {
    pub const fn exactly(cells: u16) -> Self {
        Self { min: cells, max: cells }
    }

    /// At least, and at most.
    pub const fn between(min: u16, max: u16) -> Self {
        Self { min, max }
    }
}

/// Which end a text begins at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// The columns that fit into `width` cells, as pairs of (index in `heads`, width), in their order.
///
/// The columns of the highest rank go first. What is left over widens those that can be wider, first the
/// leftmost. A column of rank 0 stays, whatever the width.
pub fn fit(heads: &[Head], width: u16) -> Vec<(usize, u16)> {
    let mut kept: Vec<usize> =
        (0..heads.len()).filter(|index| heads[*index].rank != HIDDEN).collect();
    // A name that can be read is worth more than one more column of little weight.
    give_up(heads, &mut kept, width, LIGHT, |head| match head.rank {
        ..HEAVY => u16::midpoint(head.width.min, head.width.max),
        _ => head.width.min,
    });
    give_up(heads, &mut kept, width, 0, |head| head.width.min);
    let mut spare = usize::from(width).saturating_sub(needed(heads, &kept, |head| head.width.min));
    kept.into_iter()
        .map(|index| {
            let wide = heads[index].width;
            let more = usize::from(wide.max - wide.min).min(spare);
            spare -= more;
            (index, wide.min + u16::try_from(more).unwrap_or(0))
        })
        .collect()
}

/// Gives up columns of a rank above `rank`, the highest first, until the others fit.
fn give_up(
    heads: &[Head],
    kept: &mut Vec<usize>,
    width: u16,
    rank: u8,
    wish: impl Fn(&Head) -> u16,
) {
    while needed(heads, kept, &wish) > usize::from(width) {
        let worst = (0..kept.len()).max_by_key(|place| heads[kept[*place]].rank);
        match worst.filter(|place| heads[kept[*place]].rank > rank) {
            Some(place) => kept.remove(place),
            None => break,
        };
    }
}

fn needed(heads: &[Head], kept: &[usize], wish: impl Fn(&Head) -> u16) -> usize {
    let cells: usize = kept.iter().map(|index| usize::from(wish(&heads[*index]))).sum();
    cells + usize::from(GAP) * kept.len().saturating_sub(1)
}
