//! Which columns a screen has room for.

use floorwalker::table::fit::{GAP, fit};
use floorwalker::table::{HIDDEN, Head, TableId};
use proptest::prelude::*;

use super::head;
use crate::support::cases;

fn heads() -> impl Strategy<Value = Vec<Head>> {
    let one = (prop_oneof![Just(0_u8), 1..9_u8, Just(HIDDEN)], 1..40_u16, 0..40_u16);
    prop::collection::vec(one.prop_map(|(rank, min, more)| head(rank, min, more)), 0..20)
}

/// The cells that columns of these widths take, with the gaps between them.
fn taken(widths: impl Iterator<Item = u16>) -> u32 {
    let widths: Vec<u32> = widths.map(u32::from).collect();
    let gaps = u32::from(GAP) * u32::try_from(widths.len().saturating_sub(1)).unwrap();
    widths.iter().sum::<u32>() + gaps
}

/// What the columns that are never given up need.
fn least(heads: &[Head]) -> u32 {
    taken(heads.iter().filter(|head| head.rank == 0).map(|head| head.width.min))
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn columns_fit_keep_their_order_and_never_give_up_rank_0(heads in heads(), width in 0..400_u16) {
        let found = fit(&heads, width);
        prop_assert!(found.is_sorted_by(|a, b| a.0 < b.0), "{:?}", found);
        for (index, head) in heads.iter().enumerate() {
            let kept = found.iter().find(|(own, _)| *own == index);
            prop_assert!(head.rank != 0 || kept.is_some(), "rank 0 stays");
            prop_assert!(head.rank != HIDDEN || kept.is_none(), "what screens do not have");
            if let Some((_, wide)) = kept {
                prop_assert!((head.width.min..=head.width.max).contains(wide));
            }
        }
        let cells = taken(found.iter().map(|(_, wide)| *wide));
        prop_assert!(
            cells <= u32::from(width).max(least(&heads)),
            "{} cells in {}: {:?}", cells, width, found
        );
    }

    #[test]
    fn no_column_goes_while_one_of_a_higher_rank_stays(heads in heads(), width in 0..400_u16) {
        let found = fit(&heads, width);
        let kept = |index: usize| found.iter().any(|(own, _)| *own == index);
        let gone = (0..heads.len()).filter(|index| heads[*index].rank != HIDDEN && !kept(*index));
        let lowest_gone = gone.map(|index| heads[index].rank).min().unwrap_or(HIDDEN);
        for (index, _) in &found {
            prop_assert!(heads[*index].rank <= lowest_gone);
        }
    }

    #[test]
    fn a_wider_screen_never_has_fewer_columns(heads in heads(), width in 0..399_u16) {
        prop_assert!(fit(&heads, width).len() <= fit(&heads, width + 1).len());
    }
}

#[test]
fn every_table_fits_at_every_width_from_36() {
    for table in TableId::ALL {
        let heads = table.columns();
        for width in 36..400 {
            let found = fit(&heads, width);
            let cells = taken(found.iter().map(|(_, wide)| *wide));
            assert!(cells <= width.into(), "{} at {width}: {found:?}", table.name());
        }
    }
}

#[test]
fn what_is_left_over_widens_the_leftmost_first() {
    let heads = [head(0, 10, 5), head(0, 10, 5)];
    assert_eq!(fit(&heads, 25), [(0, 13), (1, 10)]);
    assert_eq!(fit(&heads, 30), [(0, 15), (1, 13)]);
    assert_eq!(fit(&heads, 90), [(0, 15), (1, 15)]);
}
