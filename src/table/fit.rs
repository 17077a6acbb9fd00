//! Which columns a screen has room for, and how wide each is.

use crate::table::{HIDDEN, Head};

/// Empty cells between two columns.
pub const GAP: u16 = 2;

/// The width of a column, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width {
    /// The least.
    pub min: u16,
    /// The most, where there is room.
    pub max: u16,
}

impl Width {
    /// Always so wide.
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
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// The columns that fit into `width` cells, as pairs of (index in `heads`, width), in their order.
///
/// The columns of the highest rank go first. What is left over widens those that can be wider, first the
/// leftmost. A column of rank 0 stays, whatever the width.
pub fn fit(heads: &[Head], width: u16) -> Vec<(usize, u16)> {
    let mut kept: Vec<usize> =
        (0..heads.len()).filter(|index| heads[*index].rank != HIDDEN).collect();
    while needed(heads, &kept) > usize::from(width) {
        let Some(worst) = kept
            .iter()
            .enumerate()
            .filter(|(_, index)| heads[**index].rank > 0)
            .max_by_key(|(_, index)| heads[**index].rank)
            .map(|(place, _)| place)
        else {
            break;
        };
        kept.remove(worst);
    }
    let mut spare = usize::from(width).saturating_sub(needed(heads, &kept));
    kept.into_iter()
        .map(|index| {
            let wide = heads[index].width;
            let more = usize::from(wide.max - wide.min).min(spare);
            spare -= more;
            (index, wide.min + u16::try_from(more).unwrap_or(0))
        })
        .collect()
}

fn needed(heads: &[Head], kept: &[usize]) -> usize {
    let cells: usize = kept.iter().map(|index| usize::from(heads[*index].width.min)).sum();
    cells + usize::from(GAP) * kept.len().saturating_sub(1)
}
