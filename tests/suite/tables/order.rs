//! Orders: every two rows compare, the same way from both sides, and what is not told stands last.

use std::cmp::Ordering;

use chrono::DateTime;
use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::queue::{Figures, Queue};
use floorwalker::table::cell::Key;
use floorwalker::table::{Figure, RowId, TableId, View};
use floorwalker::text::Shown;
use proptest::prelude::*;

use crate::support::desk::{Desk, queue};
use crate::support::{cases, centre};

fn figure() -> impl Strategy<Value = Figure> {
    let share = prop_oneof![any::<f64>(), Just(f64::NAN), Just(-0.0), Just(0.0)];
    prop_oneof![
        Just(Figure::Unknown),
        prop_oneof![0..3_u64, any::<u64>()].prop_map(Figure::Count),
        (0..3_u64).prop_map(Figure::Seconds),
        share.prop_map(Figure::Percent),
        "[aAbBäÄßſK\u{212A}İi̇]{0,3}|.{0,4}".prop_map(|text| Figure::Text(Shown::from(text))),
        (0..4_u8).prop_map(|rank| Figure::word("w", "w", rank)),
        (-9_999_999..9_999_999_i64)
            .prop_map(|at| Figure::Time(DateTime::from_timestamp(at, 0).unwrap())),
        "[ab]{0,2}".prop_map(|text| Figure::List(serde_json::Value::Null, Shown::from(text))),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    figure().prop_map(Figure::key)
}

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn every_two_keys_compare_the_same_from_both_sides(a in key(), b in key()) {
        prop_assert_eq!(a.compare(&b), b.compare(&a).reverse());
        prop_assert_eq!(a.compare(&a), Ordering::Equal);
    }

    #[test]
    fn every_three_keys_are_in_one_order(a in key(), b in key(), c in key()) {
        let mut all = [a, b, c];
        all.sort_by(Key::compare);
        for (low, high) in [(0, 1), (1, 2), (0, 2)] {
            prop_assert_ne!(all[low].compare(&all[high]), Ordering::Greater, "{:?}", all);
        }
    }
}

/// Figures of which few are told, and few differ, so that there are ties.
fn rows() -> impl Strategy<Value = Vec<Queue>> {
    let count = || prop::option::of(0..3_u32);
    let one = ("[abÅ]{1,2}", count(), count(), prop::option::of("[12]{1,2}"));
    prop::collection::vec(one, 0..9).prop_map(|all| {
        let row = |(index, (name, waiting, longest_wait_s, number)): (usize, (String, _, _, _))| {
            let number: Option<String> = number;
            Queue {
                figures: Figures { waiting, longest_wait_s, ..Figures::default() },
                number: number.map(Shown::from),
                ..queue(&index.to_string(), &name)
            }
        };
        all.into_iter().enumerate().map(row).collect()
    })
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn rows_stand_by_their_column_unknowns_last_from_both_ends_and_ties_by_id(rows in rows()) {
        let mut desk = Desk::open();
        desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows.clone())));
        let context = desk.state.context();
        for (name, read) in [
            ("waiting", (|row: &Queue| row.figures.waiting) as fn(&Queue) -> Option<u32>),
            ("longest_wait_s", |row: &Queue| row.figures.longest_wait_s),
        ] {
            for descending in [false, true] {
                let view = View { sort: Some((name, descending)), ..View::default() };
                let order = TableId::Queues.order(&context, &view);
                let mine = order.iter().filter_map(|id| match id {
                    RowId::Queue(source, id) if source.raw() == "hq" => {
                        Some(desk.state.floor.queue(source, id).unwrap())
                    }
                    _ => None,
                });
                let told: Vec<(Option<u32>, &str)> =
                    mine.map(|row| (read(row), row.id.raw())).collect();
                prop_assert_eq!(told.len(), rows.len());
                prop_assert!(
                    told.is_sorted_by(|(a, first), (b, second)| match (a, b) {
                        (Some(a), Some(b)) if a != b => (a < b) != descending,
                        (Some(_), None) => true,
                        (None, Some(_)) => false,
                        _ => first < second,
                    }),
                    "{} {}: {:?}", name, descending, told
                );
            }
        }
    }
}

#[test]
fn every_column_of_every_table_orders_all_rows_from_both_ends() {
    let state = centre::busy();
    let context = state.context();
    for table in TableId::ALL {
        let all = table.order(&context, &View::default());
        for head in table.columns() {
            for descending in [false, true] {
                let view = View { sort: Some((head.name, descending)), ..View::default() };
                let mut order = table.order(&context, &view);
                let page = table.page(&context, &order);
                let column = table.columns().iter().position(|own| own.name == head.name).unwrap();
                let told: Vec<bool> =
                    page.iter().map(|row| row.cells[column].text == "–").collect();
                assert!(told.is_sorted(), "{}.{} {descending}", table.name(), head.name);
                order.sort();
                let mut every = all.clone();
                every.sort();
                assert_eq!(order, every, "{}.{}: none is lost", table.name(), head.name);
            }
        }
    }
}

#[test]
fn a_column_that_does_not_exist_leaves_the_rows_by_source_and_id() {
    let state = centre::busy();
    let view = View { sort: Some(("nonsense", true)), ..View::default() };
    let order = TableId::Queues.order(&state.context(), &view);
    assert!(order.is_sorted() && order.len() == 12);
}
