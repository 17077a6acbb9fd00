//! The one order of queues, on the board, on the wall and in reports.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::queue::{Figures, Open, Queue};
use floorwalker::report::text;
use floorwalker::table::{Context, RowId, TableId, View, Zone};
use floorwalker::threshold::{AGENTS_SERVING, Threshold, WAITING};
use floorwalker::wall::{Profile, Stage, Standing};

use super::{report, row};
use crate::support::desk::{Desk, queue, up};

fn waits(waiting: u32, longest_wait_s: u32) -> Figures {
    Figures { waiting: Some(waiting), longest_wait_s: Some(longest_wait_s), ..Figures::default() }
}

fn floor(queues: &[(&str, Figures)]) -> Desk {
    let mut desk = Desk::silent(floorwalker::operations::Access::Full);
    desk.tell("hq", SourceEvent::Link(up("queues")));
    let row = |(index, (name, figures)): (usize, &(&str, Figures))| Queue {
        figures: figures.clone(),
        ..queue(&index.to_string(), name)
    };
    let rows = queues.iter().enumerate().map(row).collect();
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows)));
    desk
}

fn name(desk: &Desk, id: &RowId) -> String {
    let RowId::Queue(source, id) = id else { panic!("{id:?}") };
    desk.state.floor.queue(source, id).unwrap().name.to_string()
}

/// The names as the board has them.
fn board(desk: &Desk) -> Vec<String> {
    let order = TableId::Queues.order(&desk.state.context(), &View::default());
    order.iter().map(|id| name(desk, id)).collect()
}

/// The same as the wall ranks them.
fn wall(desk: &Desk) -> Vec<String> {
    let ranked = Profile::default().ranked(&desk.state.context());
    ranked.iter().map(|(_, row)| row.queue.name.to_string()).collect()
}

/// The same as the text report lists them.
fn listed(desk: &Desk) -> Vec<String> {
    let context = Context { zone: Zone::Utc, ..report(desk) };
    let text = text::text(&context, TableId::Queues, |_| true);
    let names = board(desk);
    let place = |line: &str| names.iter().find(|name| line.contains(name.as_str())).cloned();
    text.lines().skip(1).filter_map(place).collect()
}

#[test]
fn board_wall_and_report_have_one_order() {
    let desk = floor(&[
        ("Alpha", waits(1, 64)),
        ("Bravo", waits(0, 0)),
        ("Charlie", waits(6, 127)),
        ("Delta", waits(2, 20)),
        ("Echo", waits(1, 45)),
        ("Foxtrot", waits(1, 45)),
        ("Golf", waits(9, 10)),
    ]);
    let expected = ["Golf", "Charlie", "Alpha", "Delta", "Echo", "Foxtrot", "Bravo"];
    assert_eq!(board(&desk), expected, "9 of 3 is further than 127 s of 60 s, than 64 s of 60 s");
    assert_eq!(wall(&desk), expected);
    assert_eq!(listed(&desk), expected);
}

#[test]
fn of_queues_as_far_beyond_their_limit_the_longest_wait_stands_first_then_who_has_more() {
    let serving =
        |count, waiting, wait| Figures { agents_serving: Some(count), ..waits(waiting, wait) };
    let desk = floor(&[
        ("a", serving(0, 0, 0)),
        ("b", serving(0, 1, 20)),
        ("c", serving(0, 2, 20)),
        ("d", serving(0, 2, 25)),
    ]);
    assert_eq!(board(&desk), ["d", "c", "b", "a"]);
    assert_eq!(wall(&desk), ["d", "c", "b", "a"]);
}

#[test]
fn names_stand_in_natural_order_whatever_else_is_alike() {
    let names = ["Line 10", "line 9", "Line 2", "Ärla", "Zoo", "Ärende", "Alfa"];
    let queues = names.map(|name| (name, waits(0, 0)));
    let desk = floor(&queues);
    let order = board(&desk);
    let place = |name: &str| order.iter().position(|own| own == name).unwrap();
    assert!(place("Line 2") < place("line 9") && place("line 9") < place("Line 10"), "{order:?}");
    assert!(place("Alfa") < place("Line 2") && place("Ärende") < place("Ärla"), "{order:?}");
    assert_eq!(wall(&desk), order);
    assert_eq!(listed(&desk), order);
}

#[test]
fn a_wait_that_grows_passes_a_queue_that_stands() {
    let mut desk = floor(&[("stands", waits(6, 0)), ("grows", waits(1, 100))]);
    let stands = |desk: &mut Desk| {
        let standing = Queue { figures: waits(6, 0), ..queue("0", "stands") };
        let grows = Queue { figures: waits(1, 100), ..queue("1", "grows") };
        desk.tell("hq", SourceEvent::Snapshot(Part::Queues(vec![standing, grows])));
    };
    stands(&mut desk);
    let shown = |desk: &Desk| -> Vec<String> {
        desk.state.rows().iter().map(|id| name(desk, id)).collect()
    };
    assert_eq!(shown(&desk), ["stands", "grows"], "six of three, 100 s of 60 s");
    desk.wait(19);
    assert_eq!(shown(&desk), ["stands", "grows"]);
    desk.wait(2);
    assert_eq!(shown(&desk), ["grows", "stands"], "121 s of 60 s is more than twice");
}

#[test]
fn a_queue_without_figures_is_unknown_everywhere_and_closed_ones_stand_last() {
    let mut desk = floor(&[("none", Figures::default()), ("calm", waits(0, 0))]);
    assert_eq!(board(&desk), ["calm", "none"]);
    assert_eq!(wall(&desk), ["calm", "none"]);
    let context = desk.state.context();
    let ranked = Profile::default().ranked(&context);
    assert_eq!(ranked.last().unwrap().0, Standing::Unknown);
    let found = row(TableId::Queues, &report(&desk), "queue", "none");
    assert!(found["severity"].is_null() && found["severity_cause"].is_null());
    assert_eq!(Profile::default().show(&context, (120, 40)).stage, Stage::Well);
    let bare = vec![queue("0", "none"), queue("1", "other")];
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(bare)));
    let stage = Profile::default().show(&desk.state.context(), (120, 40)).stage;
    assert_eq!(stage, Stage::Unknown, "nobody knows that all is well");
    let screen = crate::support::screen::TestScreen::new(desk.state, 160, 40);
    assert!(!screen.text().contains("all well"), "{}", screen.text());
    let closed = Queue { open: Some(Open::Closed), ..queue("2", "Closed") };
    let mut desk = floor(&[]);
    let rows = vec![closed, queue("1", "none")];
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows)));
    assert_eq!(board(&desk), ["none", "Closed"]);
}

#[test]
fn the_cause_of_a_severity_is_the_figure_furthest_beyond_its_limit() {
    let cause = |figures: Figures| {
        row(TableId::Queues, &report(&floor(&[("one", figures)])), "queue", "one")["severity_cause"]
            .clone()
    };
    assert_eq!(cause(waits(3, 300)), "longest_wait_s");
    assert_eq!(cause(waits(30, 61)), "waiting");
    assert_eq!(cause(waits(1, 20)), "waiting", "a warning has a cause too");
    assert!(cause(waits(0, 0)).is_null());
    let nobody = Figures { agents_serving: Some(0), ..waits(0, 0) };
    assert_eq!(cause(nobody), "agents_serving");
}

#[test]
fn how_far_a_figure_is_beyond_its_limit_is_a_ratio_also_where_less_is_worse() {
    let is = |value: f64, expected: f64| (value - expected).abs() < 1e-9;
    assert!(is(WAITING.beyond(6.0), 2.0) && is(WAITING.beyond(0.0), 0.0));
    assert!(AGENTS_SERVING.beyond(1.0) > AGENTS_SERVING.beyond(3.0));
    assert!(is(AGENTS_SERVING.beyond(0.0), 1.0));
    let none = Threshold { column: "x", warning: 0.0, critical: 0.0 };
    assert!(none.beyond(5.0) > none.beyond(0.0));
    assert!([0.0, 1.0, 9.0].iter().all(|value| none.beyond(*value).is_finite()));
}
