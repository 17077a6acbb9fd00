//! When a figure is a warning, and how a wait grows.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::queue::{Figures, Open, Queue};
use floorwalker::table::{Context, TableId, Tone};
use floorwalker::threshold::{Severity, Threshold, severity};

use super::{cell, report, row};
use crate::support::desk::{self, Desk, down, queue, queue_row};

fn with(rows: Vec<Queue>) -> Desk {
    let mut desk = Desk::open();
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows)));
    desk
}

fn one(figures: Figures) -> Desk {
    with(vec![Queue { figures, ..queue("1", "One") }])
}

fn wait_of(context: &Context<'_>, id: &str) -> String {
    cell(TableId::Queues, context, &queue_row(id), "longest_wait_s")
}

#[test]
fn the_limits_of_the_contract_hold_to_the_unit() {
    use Severity::{Critical, Ok, Warning};
    let table = [
        ("waiting", 0.0, Ok),
        ("waiting", 1.0, Warning),
        ("waiting", 2.0, Warning),
        ("waiting", 3.0, Critical),
        ("longest_wait_s", 30.0, Ok),
        ("longest_wait_s", 31.0, Warning),
        ("longest_wait_s", 59.0, Warning),
        ("longest_wait_s", 60.0, Critical),
        ("agents_serving", 4.0, Ok),
        ("agents_serving", 3.0, Warning),
        ("agents_serving", 1.0, Warning),
        ("agents_serving", 0.0, Critical),
    ];
    for (column, value, expected) in table {
        assert_eq!(severity(column, value), Some(expected), "{column} {value}");
    }
    assert_eq!(severity("agents_free", 0.0), None, "no limits, no severity");
}

#[test]
fn a_threshold_rises_or_falls_into_trouble() {
    use Severity::{Critical, Ok, Warning};
    let falling = Threshold { column: "x", warning: 80.0, critical: 50.0 };
    let found = [100.0, 80.1, 80.0, 50.1, 50.0, -1.0].map(|value| falling.severity(value));
    assert_eq!(found, [Ok, Ok, Warning, Warning, Critical, Critical]);
    let level = Threshold { column: "x", warning: 5.0, critical: 5.0 };
    assert_eq!([4.9, 5.0].map(|value| level.severity(value)), [Ok, Critical]);
}

#[test]
fn what_is_no_number_is_no_trouble() {
    for threshold in floorwalker::threshold::DEFAULTS {
        assert_eq!(threshold.severity(f64::NAN), Severity::Ok, "{}", threshold.column);
    }
}

#[test]
fn a_queue_is_as_bad_as_its_worst_figure() {
    let figures = |waiting, longest_wait_s, agents_serving| Figures {
        waiting,
        longest_wait_s,
        agents_serving,
        ..Figures::default()
    };
    let table = [
        (figures(Some(0), Some(0), None), "ok"),
        (figures(Some(1), Some(0), None), "warning"),
        (figures(Some(1), Some(60), None), "critical"),
        (figures(Some(0), None, Some(2)), "warning"),
        (figures(Some(0), None, Some(0)), "critical"),
        (figures(None, None, Some(9)), "ok"),
    ];
    for (figures, expected) in table {
        let desk = one(figures.clone());
        let found = row(TableId::Queues, &report(&desk), "id", "1");
        assert_eq!(found["severity"], expected, "{figures:?}");
    }
    let desk = one(Figures::default());
    let found = row(TableId::Queues, &report(&desk), "id", "1");
    assert!(found["severity"].is_null(), "nothing with limits is told");
}

#[test]
fn a_closed_queue_has_no_severity_and_no_loud_figure() {
    let figures = Figures {
        waiting: Some(9),
        longest_wait_s: Some(900),
        agents_serving: Some(0),
        ..Figures::default()
    };
    for (open, loud) in [(Open::Closed, false), (Open::Uncertain, true), (Open::Open, true)] {
        let figures = figures.clone();
        let desk = with(vec![Queue { open: Some(open), figures, ..queue("1", "One") }]);
        let page = TableId::Queues.page(&desk.state.context(), &[queue_row("1")]);
        assert_eq!(page[0].severity.is_some(), loud, "{open:?}");
        let critical = page[0].cells.iter().any(|cell| cell.tone == Tone::Critical);
        assert_eq!(critical, loud, "{open:?}");
    }
}

#[test]
fn a_wait_grows_on_the_board_while_it_is_fresh_and_never_in_reports() {
    let mut desk = Desk::open();
    desk.wait(25);
    assert_eq!(wait_of(&desk.state.context(), "21"), "0:45");
    assert_eq!(wait_of(&report(&desk), "21"), "0:20", "reports tell what was received");
    desk.wait(5);
    assert_eq!(wait_of(&desk.state.context(), "21"), "0:50", "30 s is the limit and still fresh");
    desk.wait(1);
    assert_eq!(wait_of(&desk.state.context(), "21"), "0:20", "stale: as it was received");
}

#[test]
fn a_wait_stands_still_while_the_feed_is_down() {
    let mut desk = Desk::open();
    desk.wait(5);
    desk.tell("hq", SourceEvent::Link(down("queues", "refused")));
    assert_eq!(wait_of(&desk.state.context(), "21"), "0:20");
}

#[test]
fn where_nobody_waits_nothing_grows() {
    let mut desk = Desk::open();
    desk.wait(25);
    assert_eq!(wait_of(&desk.state.context(), "22"), "0:00");
    let mut desk = one(Figures { longest_wait_s: Some(0), ..Figures::default() });
    desk.wait(25);
    assert_eq!(wait_of(&desk.state.context(), "1"), "0:00", "not told that anybody waits");
    let mut desk = one(Figures { waiting: Some(3), ..Figures::default() });
    desk.wait(25);
    assert_eq!(wait_of(&desk.state.context(), "1"), "–", "no wait is told");
}

#[test]
fn a_wait_that_grows_over_a_limit_becomes_critical_by_itself() {
    let figures = Figures { waiting: Some(1), longest_wait_s: Some(40), ..Figures::default() };
    let mut desk = one(figures);
    let severity =
        |desk: &Desk| TableId::Queues.page(&desk.state.context(), &[queue_row("1")])[0].severity;
    assert_eq!(severity(&desk), Some(Severity::Warning));
    desk.wait(20);
    assert_eq!(severity(&desk), Some(Severity::Critical));
}

#[test]
fn a_callback_list_is_bad_when_a_request_is_late() {
    let list = |overdue, next_hour_overdue| floorwalker::floor::callback::CallbackList {
        overdue,
        next_hour_overdue,
        ..desk::list("1")
    };
    for (list, expected) in [
        (list(Some(1), Some(0)), Some(Severity::Critical)),
        (list(Some(0), Some(1)), Some(Severity::Warning)),
        (list(None, Some(1)), Some(Severity::Warning)),
        (list(Some(0), None), Some(Severity::Ok)),
        (list(None, None), None),
    ] {
        let mut desk = Desk::open();
        desk.tell("helsinki", SourceEvent::Snapshot(Part::CallbackLists(vec![list])));
        let id = floorwalker::table::RowId::List("helsinki".into(), "1".into());
        let page = TableId::CallbackLists.page(&desk.state.context(), &[id]);
        assert_eq!(page[0].severity, expected);
    }
}

#[test]
fn a_source_is_as_bad_as_its_link() {
    let mut desk = Desk::open();
    let severity = |desk: &Desk, source: &str| {
        let id = floorwalker::table::RowId::Source(source.into());
        TableId::Sources.page(&desk.state.context(), &[id])[0].severity
    };
    assert_eq!(severity(&desk, "hq"), Some(Severity::Ok));
    assert_eq!(severity(&desk, "oslo"), Some(Severity::Ok), "connecting");
    desk.wait(31);
    assert_eq!(severity(&desk, "hq"), Some(Severity::Warning));
    desk.tell("hq", SourceEvent::Link(down("queues", "refused")));
    assert_eq!(severity(&desk, "hq"), Some(Severity::Critical));
}
