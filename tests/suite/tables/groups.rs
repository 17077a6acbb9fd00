//! Queues in groups: every queue stands once, and a total is what its queues tell, weighed.

use std::collections::BTreeMap;
use std::sync::Arc;

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::id::QueueId;
use floorwalker::floor::queue::{Figures, Open, Queue};
use floorwalker::table::totals::Mean;
use floorwalker::table::{Group, Grouping, Ordered, OwnGroup, RowId, TableId, Tone, View};
use floorwalker::text::{Pattern, Shown};
use floorwalker::threshold::Severity;
use proptest::prelude::*;

use crate::support::desk::{Desk, queue};
use crate::support::{cases, centre};

fn own(name: &str, queues: &[&str]) -> OwnGroup {
    let queues = queues.iter().map(|own| Pattern::new(own)).collect();
    OwnGroup { name: Shown::clean(name), queues }
}

fn by(grouping: Grouping) -> View {
    View { grouping: Some(grouping), ..View::default() }
}

fn in_own(groups: impl Into<Arc<[OwnGroup]>>) -> View {
    by(Grouping::Own(groups.into()))
}

/// The desk's hq tells these queues and no others.
fn hq(queues: Vec<Queue>) -> Desk {
    let mut desk = Desk::open();
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(queues)));
    desk
}

fn grouped(desk: &Desk, view: &View) -> Ordered {
    TableId::Queues.ordered(&desk.state.context(), view)
}

/// The group of that name.
fn group<'a>(order: &'a Ordered, name: &str) -> &'a Group {
    let found = order.groups.iter().find(|group| group.name.as_str() == name);
    found.unwrap_or_else(|| panic!("no {name} in {:?}", order.groups))
}

/// What the total of a group shows in a column.
fn total(desk: &Desk, group: &Group, column: &str) -> Option<String> {
    let heads = TableId::Queues.columns();
    let at = heads.iter().position(|head| head.name == column).unwrap();
    group.cells(&desk.state.context())[at].as_ref().map(|(cell, _)| cell.text.clone())
}

fn names(order: &Ordered) -> Vec<&str> {
    order.groups.iter().map(|group| group.name.as_str()).collect()
}

fn figures(
    offered: Option<u32>,
    answered: Option<u32>,
    level: Option<f64>,
    wait: Option<u32>,
) -> Figures {
    Figures { offered, answered, service_level: level, average_wait_s: wait, ..Figures::default() }
}

/// hq with these figures, one queue each.
fn telling(all: impl IntoIterator<Item = Figures>) -> Desk {
    let row = |(index, figures): (usize, Figures)| Queue {
        figures,
        ..queue(&format!("3{index}"), &format!("Queue {index}"))
    };
    hq(all.into_iter().enumerate().map(row).collect())
}

#[test]
fn averages_weigh_by_answered_and_the_service_level_by_offered() {
    let desk = telling([
        figures(Some(100), Some(90), Some(50.0), Some(10)),
        figures(Some(300), Some(10), Some(90.0), Some(110)),
    ]);
    let order = grouped(&desk, &by(Grouping::Source));
    let hq = group(&order, "hq");
    assert_eq!(total(&desk, hq, "service_level").unwrap(), "80 %");
    assert_eq!(total(&desk, hq, "average_wait_s").unwrap(), "0:20");
    assert_eq!(total(&desk, hq, "offered").unwrap(), "400");
}

#[test]
fn a_service_level_of_no_calls_is_not_told() {
    let desk = telling([figures(Some(0), Some(0), Some(0.0), Some(0))]);
    let order = grouped(&desk, &by(Grouping::Source));
    let hq = group(&order, "hq");
    assert_eq!(total(&desk, hq, "service_level").unwrap(), "–");
    assert_eq!(total(&desk, hq, "average_wait_s").unwrap(), "–");
    assert_eq!(total(&desk, hq, "offered").unwrap(), "0", "that is told");
}

#[test]
fn a_queue_that_does_not_tell_its_figure_or_its_weight_is_left_out() {
    let desk = telling([
        figures(Some(100), Some(100), Some(60.0), Some(30)),
        figures(Some(900), None, None, Some(900)),
        figures(None, Some(900), Some(0.0), None),
    ]);
    let order = grouped(&desk, &by(Grouping::Source));
    let hq = group(&order, "hq");
    assert_eq!(total(&desk, hq, "service_level").unwrap(), "60 %");
    assert_eq!(total(&desk, hq, "average_wait_s").unwrap(), "0:30");
    assert_eq!(total(&desk, hq, "abandoned").unwrap(), "–", "nobody tells, which is not zero");
}

#[test]
fn the_longest_wait_is_the_greatest_and_grows() {
    let wait =
        |seconds| Figures { waiting: Some(1), longest_wait_s: Some(seconds), ..Figures::default() };
    let mut desk = telling([wait(12), wait(40), wait(7)]);
    for (seconds, told) in [(0, "0:40"), (5, "0:45")] {
        desk.wait(seconds);
        let order = grouped(&desk, &by(Grouping::Source));
        assert_eq!(total(&desk, group(&order, "hq"), "longest_wait_s").unwrap(), told);
    }
}

#[test]
fn what_cannot_be_added_up_is_blank_in_a_total() {
    let desk = Desk::open();
    let order = grouped(&desk, &by(Grouping::Source));
    for column in ["open", "number", "source", "id", "last_wait_s", "updated_at", "presence"] {
        assert_eq!(total(&desk, group(&order, "hq"), column), None, "{column}");
    }
    assert_eq!(total(&desk, group(&order, "hq"), "queue").unwrap(), "hq");
}

#[test]
fn old_queues_are_counted_in_no_total_and_are_said() {
    let state = centre::busy();
    let order = TableId::Queues.ordered(&state.context(), &by(Grouping::Source));
    let oslo = group(&order, "oslo");
    assert_eq!((oslo.queues, oslo.old, oslo.severity), (2, 2, None));
    let cells = oslo.cells(&state.context());
    assert!(
        cells.iter().flatten().all(|(cell, _)| cell.tone == Tone::Unknown || cell.text == "oslo")
    );
    assert_eq!(group(&order, "hq").old, 0);
}

#[test]
fn groups_stand_by_their_worst_queue_then_by_their_total_in_the_sorted_column() {
    let row = |id: &str, waiting, offered| Queue {
        figures: Figures { waiting: Some(waiting), offered: Some(offered), ..Figures::default() },
        ..queue(id, id)
    };
    let desk = hq(vec![
        row("a1", 0, 10),
        row("a2", 1, 5),
        row("b1", 0, 90),
        row("c1", 1, 9),
        row("c2", 0, 9),
    ]);
    let own = [own("a", &["a*"]), own("b", &["b*"]), own("c", &["c*"])];
    let view = View { sort: Some(("offered", true)), ..in_own(own) };
    // helsinki's queue, which tells nothing, is in none of them.
    assert_eq!(names(&grouped(&desk, &view)), ["c", "a", "b", "other"]);
    let view = View { sort: Some(("offered", false)), ..view };
    assert_eq!(names(&grouped(&desk, &view)), ["a", "c", "b", "other"]);
}

#[test]
fn other_stands_behind_groups_of_ones_own_that_are_as_bad_and_before_better_ones() {
    let row = |id: &str, waiting| Queue {
        figures: Figures { waiting: Some(waiting), ..Figures::default() },
        ..queue(id, id)
    };
    let view = in_own([own("a", &["a*"]), own("b", &["b*"])]);
    for sort in [None, Some(("waiting", true)), Some(("queue", false))] {
        let view = View { sort, ..view.clone() };
        let desk = hq(vec![row("0", 9), row("a", 3), row("b", 0)]);
        assert_eq!(names(&grouped(&desk, &view)), ["a", "other", "b"], "{sort:?}");
    }
}

#[test]
fn a_queue_stands_in_the_first_group_that_it_fits_else_under_other() {
    let desk = hq(vec![queue("21", "Sales north"), queue("22", "Växel"), queue("23", "Support")]);
    let view = in_own([own("north", &["*north"]), own("sales", &["sales*", "22"])]);
    let order = grouped(&desk, &view);
    let of: BTreeMap<&str, usize> =
        order.groups.iter().map(|group| (group.name.as_str(), group.queues)).collect();
    assert_eq!(of, BTreeMap::from([("north", 1), ("sales", 1), ("other", 2)]));
}

#[test]
fn a_total_shows_the_worst_of_its_queues() {
    let state = centre::busy();
    let order = TableId::Queues.ordered(&state.context(), &by(Grouping::Source));
    let (hq, helsinki) = (group(&order, "hq"), group(&order, "helsinki"));
    assert_eq!(
        (hq.severity, helsinki.severity),
        (Some(Severity::Critical), Some(Severity::Warning))
    );
    let waiting = |group: &Group| {
        group
            .cells(&state.context())
            .into_iter()
            .flatten()
            .map(|(cell, _)| cell.tone)
            .max_by_key(|tone| *tone as u8)
    };
    assert_eq!(waiting(hq), Some(Tone::Critical));
    assert_eq!(waiting(helsinki), Some(Tone::Warning));
}

#[test]
fn a_closed_queue_makes_its_group_no_worse() {
    let closed = Queue {
        open: Some(Open::Closed),
        figures: Figures { waiting: Some(9), ..Figures::default() },
        ..queue("21", "Huolto")
    };
    let desk = hq(vec![closed]);
    let order = grouped(&desk, &by(Grouping::Source));
    assert_eq!(group(&order, "hq").severity, None);
    assert_eq!(total(&desk, group(&order, "hq"), "waiting").unwrap(), "9");
}

/// Weights and figures of a few queues, some of them not told.
fn parts() -> impl Strategy<Value = Vec<(Option<f64>, Option<u32>)>> {
    let value = prop::option::of(0.0..1e6_f64);
    prop::collection::vec((value, prop::option::of(prop_oneof![Just(0), any::<u32>()])), 0..8)
}

fn mean(parts: &[(Option<f64>, Option<u32>)]) -> Option<f64> {
    let mut mean = Mean::default();
    for (value, weight) in parts {
        mean.add(*value, *weight);
    }
    mean.value()
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.abs().max(1.0),
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn a_mean_is_the_sum_of_products_over_the_sum_of_weights(parts in parts()) {
        let told: Vec<(f64, f64)> =
            parts.iter().filter_map(|(value, weight)| Some(((*value)?, f64::from((*weight)?)))).collect();
        let weight: f64 = told.iter().map(|(_, weight)| weight).sum();
        let sum: f64 = told.iter().map(|(value, weight)| value * weight).sum();
        prop_assert!(close(mean(&parts), (weight > 0.0).then(|| sum / weight)));
    }

    #[test]
    fn a_mean_lies_between_its_least_and_its_greatest(parts in parts()) {
        let told = || parts.iter().filter(|(_, weight)| weight.is_some_and(|weight| weight > 0)).filter_map(|(value, _)| *value);
        let (least, most) = (told().fold(f64::MAX, f64::min), told().fold(f64::MIN, f64::max));
        match mean(&parts) {
            Some(mean) => prop_assert!(mean >= least - 1e-6 && mean <= most + 1e-6, "{least} {mean} {most}"),
            None => prop_assert_eq!(told().count(), 0),
        }
    }

    #[test]
    fn the_order_of_its_parts_does_not_change_a_mean(parts in parts(), by in 0..8_usize) {
        let mut turned = parts.clone();
        turned.rotate_left(by.min(parts.len()));
        prop_assert!(close(mean(&parts), mean(&turned)));
    }

    #[test]
    fn every_queue_stands_once_and_totals_are_the_sums_of_what_stands_below(
        all in prop::collection::vec((prop::option::of(0..9_u32), prop::option::of(0..99_u32), "[abc]{2}"), 0..14),
        grouping in 0..3_usize,
        column in 0..29_usize,
        high in any::<bool>(),
    ) {
        let row = |(index, (waiting, offered, name)): (usize, &(Option<u32>, Option<u32>, String))| Queue {
            figures: Figures { waiting: *waiting, offered: *offered, ..Figures::default() },
            ..queue(&format!("q{index}"), name)
        };
        let desk = hq(all.iter().enumerate().map(row).collect());
        let grouping = match grouping {
            0 => Grouping::Apart,
            1 => Grouping::Source,
            _ => Grouping::Own([own("a", &["a*"]), own("b", &["*b"])].into()),
        };
        let sort = Some((TableId::Queues.columns()[column].name, high));
        let apart = View { sort, ..View::default() };
        let order = grouped(&desk, &View { grouping: Some(grouping.clone()), ..apart.clone() });
        let flat = grouped(&desk, &apart);
        let sorted = |ids: &[RowId]| { let mut ids = ids.to_vec(); ids.sort(); ids };
        prop_assert_eq!(sorted(&order.ids), sorted(&flat.ids), "none is lost, none stands twice");
        prop_assert_eq!(order.lines(), order.ids.len() + order.groups.len());
        prop_assert_eq!(order.groups.iter().map(|group| group.queues).sum::<usize>(), if grouping == Grouping::Apart { 0 } else { order.ids.len() });
        let context = desk.state.context();
        for group in &order.groups {
            let ids = &order.ids[group.first..group.first + group.queues];
            let places: Vec<usize> = ids.iter().map(|id| flat.place(id).unwrap()).collect();
            prop_assert!(places.is_sorted(), "within a group the table's order holds");
            for name in ["waiting", "offered"] {
                let at = TableId::Queues.columns().iter().position(|head| head.name == name).unwrap();
                let told: Vec<u64> = TableId::Queues.page(&context, ids).iter().filter_map(|row| row.cells[at].text.parse().ok()).collect();
                let sum = if told.is_empty() { "–".to_owned() } else { told.iter().sum::<u64>().to_string() };
                prop_assert_eq!(total(&desk, group, name), Some(sum));
            }
        }
        prop_assert!(order.groups.is_sorted_by(|a, b| a.severity >= b.severity));
    }

    #[test]
    fn lines_and_rows_lead_to_one_another(sizes in prop::collection::vec(1..5_usize, 0..6), step in 1..9_isize) {
        let rows = sizes.iter().enumerate().flat_map(|(group, size)| {
            (0..*size).map(move |row| queue(&format!("{group}{row}"), &format!("g{group} {row}")))
        });
        let own: Vec<OwnGroup> = (0..sizes.len()).map(|group| own(&format!("g{group}"), &[&format!("g{group} *")])).collect();
        let desk = hq(rows.collect());
        let order = grouped(&desk, &in_own(own));
        let mut seen = Vec::new();
        for line in 0..order.lines() + 3 {
            match order.line(line) {
                Some(floorwalker::table::Line::Row(index)) => {
                    prop_assert_eq!(order.line_of(index), line);
                    seen.push(index);
                }
                Some(floorwalker::table::Line::Total(group)) => prop_assert_eq!(group.line, line),
                None => prop_assert!(line >= order.lines()),
            }
        }
        prop_assert_eq!(&seen, &(0..order.ids.len()).collect::<Vec<_>>());
        // Screenfuls lead through all rows, never past one.
        for (lines, from, to) in [(step, 0, order.ids.len() - 1), (-step, order.ids.len() - 1, 0)] {
            let mut at = from;
            for _ in 0..order.lines() {
                let next = order.turned(at, lines).min(order.ids.len() - 1);
                let moved = order.line_of(next).abs_diff(order.line_of(at));
                prop_assert!(moved <= step.unsigned_abs().max(2), "{at} to {next} by {lines}");
                at = next;
            }
            prop_assert_eq!(at, to);
        }
    }
}

#[test]
fn a_group_of_many_of_the_greatest_figures_overflows_nowhere() {
    let most = Figures {
        waiting: Some(u32::MAX),
        longest_wait_s: Some(u32::MAX),
        service_level: Some(f64::MAX),
        average_wait_s: Some(u32::MAX),
        average_handle_s: Some(u32::MAX),
        ..figures(Some(u32::MAX), Some(u32::MAX), Some(f64::MAX), Some(u32::MAX))
    };
    let desk = telling(vec![most; 50]);
    let order = grouped(&desk, &by(Grouping::Source));
    let hq = group(&order, "hq");
    assert_eq!(total(&desk, hq, "waiting").unwrap(), (u64::from(u32::MAX) * 50).to_string());
    assert_eq!(total(&desk, hq, "average_wait_s"), total(&desk, hq, "longest_wait_s"));
    assert_eq!(order.place(&RowId::Queue("hq".into(), QueueId::new("30"))), Some(0));
}
