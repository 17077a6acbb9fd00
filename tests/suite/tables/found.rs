//! What is found once for many frames is what finding it anew gives.

use floorwalker::event::{Event, Key, Press};
use floorwalker::floor::time::{Moment, Now};
use floorwalker::state::State;
use floorwalker::table::totals::Totals;
use floorwalker::table::{Ordered, OwnGroup, RowId, TableId};
use floorwalker::text::{Pattern, Shown};
use proptest::prelude::*;

use crate::laws::events;
use crate::support::cases;
use crate::support::desk::{self, Desk};

/// Drawing may ask at any time; what it was given must be true then.
fn check(state: &State) -> Result<(), TestCaseError> {
    let (context, view) = (state.context(), &state.screen.view().view);
    let anew = state.screen.table().order(&context, view);
    let rows = state.rows();
    prop_assert_eq!(&rows[..], &anew[..], "{:?} by {:?}", state.screen.table(), view.sort);
    let told = |order: &Ordered| -> Vec<_> {
        order
            .groups
            .iter()
            .map(|group| (group.clone().name, group.line, group.cells(&context)))
            .collect()
    };
    let ordered = state.screen.table().ordered(&context, view);
    prop_assert_eq!(told(rows.order()), told(&ordered), "{:?}", view.grouping);
    let (kept, totals) = (state.totals(), Totals::of(&context));
    prop_assert_eq!(kept.longest(context.now.moment), totals.longest(context.now.moment));
    let plain = |totals: &Totals| {
        let mut totals = totals.clone();
        totals.until = Moment::LAST;
        totals
    };
    prop_assert_eq!(plain(&kept), plain(&totals));
    for table in TableId::ALL {
        prop_assert_eq!(table.count(&context), table.readings(&context).len());
    }
    for id in anew.iter().chain(&[RowId::Line(u64::MAX)]) {
        prop_assert_eq!(state.place(&rows, id), anew.iter().position(|row| row == id));
    }
    Ok(())
}

/// The desk with queues that stand apart, by source, or in groups of the reader's own.
fn in_groups(groups: usize) -> Desk {
    let mut desk = Desk::open();
    let queues = vec![Pattern::new("v*"), Pattern::new("2[0-4]")];
    desk.state.own_groups([OwnGroup { name: Shown::clean("some"), queues }]);
    (0..groups).for_each(|_| drop(desk.press("u")));
    desk
}

/// A second, or a little more or less of it, as it passes on a board.
fn ticks() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![1..3_u64, 900..1_100_u64, 28_000..33_000_u64], 0..12)
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn the_order_and_the_sums_are_those_found_anew(
        all in events::some(), ticks in ticks(), column in 0..29_usize, high in any::<bool>(), groups in 0..3_usize,
    ) {
        let mut desk = in_groups(groups);
        check(&desk.state)?;
        for one in all {
            desk.state.apply(one);
            check(&desk.state)?;
        }
        desk.state.apply(floorwalker::event::Stamped {
            at: desk.state.now.moment,
            event: Event::Pointed(floorwalker::event::Target::Column({
                let columns = desk.state.screen.table().columns();
                columns[column % columns.len()].name.to_owned()
            })),
        });
        if high {
            desk.event(Event::Key(Press { key: Key::Char('S'), ctrl: false, alt: false }));
        }
        check(&desk.state)?;
        for step in ticks {
            let moment = Moment::from_millis(desk.state.now.moment.as_millis() + step);
            desk.event(Event::Tick(Now { moment, wall: desk::wall() }));
            check(&desk.state)?;
        }
    }

    #[test]
    fn the_order_follows_limits_and_ages_to_the_millisecond(
        steps in prop::collection::vec(0..400_u64, 1..200), groups in 0..3_usize,
    ) {
        let mut desk = in_groups(groups);
        for step in steps {
            let moment = Moment::from_millis(desk.state.now.moment.as_millis() + step);
            desk.event(Event::Tick(Now { moment, wall: desk::wall() }));
            check(&desk.state)?;
        }
    }
}
