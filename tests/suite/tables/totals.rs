//! What queues come to: over the queues that tell a figure, which is said, and shares over the same queues.

use std::collections::BTreeMap;

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::agent::{Agent, AgentState};
use floorwalker::floor::queue::{Figures, Queue};
use floorwalker::floor::tally::CountedDay;
use floorwalker::report;
use floorwalker::table::totals::{Coverage, Totals};
use floorwalker::table::{Column, Table, TableId, queues::Queues};
use serde_json::{Value, json};

use super::report as reported;
use crate::support::desk::{self, Desk, agent, member, queue, up};
use crate::support::screen::TestScreen;

/// Queues of hq with these figures, and of helsinki with those; nobody of either is known.
fn floor(hq: Vec<Figures>, helsinki: Vec<Figures>) -> Desk {
    let mut desk = Desk::silent(floorwalker::operations::Access::Full);
    for (source, all) in [("hq", hq), ("helsinki", helsinki)] {
        let row = |(index, figures): (usize, Figures)| Queue {
            figures,
            ..queue(&format!("{index}"), &format!("{source} {index}"))
        };
        desk.tell(source, SourceEvent::Link(up("queues")));
        let rows = all.into_iter().enumerate().map(row).collect();
        desk.tell(source, SourceEvent::Snapshot(Part::Queues(rows)));
    }
    desk
}

fn calls(offered: Option<u32>, abandoned: Option<u32>) -> Figures {
    Figures { offered, abandoned, ..Figures::default() }
}

fn talking(connected: Option<u32>) -> Figures {
    Figures { calls_connected: connected, waiting: Some(0), ..Figures::default() }
}

fn seats(free: u32, logged_in: u32) -> Figures {
    Figures {
        agents_free: Some(free),
        agents_logged_in: Some(logged_in),
        waiting: Some(0),
        ..Figures::default()
    }
}

fn total(desk: &Desk, figure: &str) -> Value {
    let object = report::json::json(&reported(desk), &[TableId::Queues]);
    let all = object["totals"].as_array().unwrap();
    all.iter().find(|own| own["figure"] == figure).unwrap().clone()
}

fn screen(desk: Desk, width: u16) -> String {
    TestScreen::new(desk.state, width, 40).text()
}

#[test]
fn a_sum_says_over_how_many_queues_it_is() {
    let desk =
        || floor(vec![talking(None), talking(None)], vec![talking(Some(4)), talking(Some(2))]);
    assert_eq!(
        total(&desk(), "calls_connected"),
        json!({"figure": "calls_connected", "value": 6, "rows": 2, "of": 4})
    );
    assert_eq!(
        total(&desk(), "offered"),
        json!({"figure": "offered", "value": null, "rows": 0, "of": 4}),
        "nobody tells, which is not zero"
    );
    assert_eq!(total(&desk(), "waiting")["rows"], 4);
    let wide = screen(desk(), 240);
    assert!(wide.contains("over 2 of 4 queues"), "{wide}");
    let narrow = screen(desk(), 100);
    assert!(narrow.contains("over 2 of 4"), "{narrow}");
}

/// Counts from events that began in the middle of the day.
fn counted(offered: u32, abandoned: u32) -> CountedDay {
    CountedDay {
        since: desk::wall(),
        whole: false,
        offered,
        answered: offered - abandoned,
        abandoned,
        average_handle_s: None,
        closed: 0,
        unanswered: BTreeMap::new(),
        overflowed: BTreeMap::new(),
    }
}

#[test]
fn counts_of_a_part_of_a_day_are_in_no_share_of_whole_days() {
    let part = Figures { counted: Some(Box::new(counted(4, 3))), ..calls(Some(329), None) };
    let desk = floor(vec![calls(Some(612), Some(176))], vec![part]);
    let totals = desk.state.totals();
    assert_eq!((totals.abandoned.part(), totals.abandoned.whole()), (Some(176), Some(612)));
    assert_eq!(totals.abandoned.coverage(), Coverage { rows: 1, of: 2 });
}

#[test]
fn abandoned_calls_are_shared_over_the_queues_that_tell_both_figures() {
    let desk = floor(
        vec![calls(Some(1_000), Some(180)), calls(Some(626), Some(113)), calls(None, Some(50))],
        vec![calls(Some(809), None)],
    );
    let totals = Totals::of(&desk.state.context());
    assert_eq!((totals.abandoned.part(), totals.abandoned.whole()), (Some(293), Some(1_626)));
    assert_eq!(totals.abandoned.coverage(), Coverage { rows: 2, of: 4 });
    let rate = total(&desk, "abandonment_rate");
    assert_eq!((rate["rows"].clone(), rate["of"].clone()), (json!(2), json!(4)));
    let share = rate["value"].as_f64().unwrap();
    assert!((17.5..18.5).contains(&share), "{share}, not 12 of all that came");
    let text = screen(desk, 300);
    assert!(text.contains("of 1626 offered, over 2 of 4 queues"), "{text}");
}

#[test]
fn what_is_old_is_counted_in_no_figure_and_in_the_number_of_queues() {
    let mut desk = floor(vec![talking(Some(9))], vec![talking(Some(2))]);
    desk.wait(31);
    let mut feed = up("queues");
    feed.last_update = Some(desk.state.now.moment);
    desk.tell("helsinki", SourceEvent::Link(feed));
    let total = total(&desk, "calls_connected");
    assert_eq!(total, json!({"figure": "calls_connected", "value": 2, "rows": 1, "of": 2}));
}

fn person(name: &str, state: AgentState, feed: &str) -> Agent {
    let in_it = match state {
        AgentState::LoggedOut => Some(false),
        AgentState::Other => None,
        _ => Some(true),
    };
    let mut membership = member("0", "hq 0", in_it);
    membership.state = state.clone();
    Agent { state, feed: feed.into(), ..agent(name, name, vec![membership]) }
}

#[test]
fn people_are_counted_only_where_the_state_of_everybody_is_known() {
    let people = |states: &[AgentState], feed: &str| {
        let mut desk = floor(vec![seats(2, 5)], vec![]);
        desk.tell("hq", SourceEvent::Link(up("agents")));
        let all = states.iter().enumerate();
        let all = all.map(|(at, state)| person(&format!("p{at}"), state.clone(), feed)).collect();
        desk.tell("hq", SourceEvent::Snapshot(Part::Agents(all)));
        let totals = Totals::of(&desk.state.context());
        (totals.agents.part(), totals.agents.whole(), totals.by_queue)
    };
    use AgentState::{Available, LoggedOut, NotReady, Other, Talking};
    let counted = people(&[Available, Talking, NotReady, LoggedOut], "agents");
    assert_eq!(counted, (Some(1), Some(3), false));
    let counted = people(&[Talking, NotReady, Other], "agents");
    assert_eq!(counted, (Some(2), Some(5), true), "one is unknown: by the queue's own figures");
    let counted = people(&[Talking, NotReady, NotReady], "events");
    assert_eq!(counted, (Some(2), Some(5), true), "only those of whom an event came are known");
    assert_eq!(people(&[], "agents"), (Some(2), Some(5), true));
}

#[test]
fn agents_of_a_source_that_tells_of_none_are_not_among_the_free() {
    let desk = floor(vec![seats(2, 5)], vec![Figures { waiting: Some(1), ..Figures::default() }]);
    let text = screen(desk, 300);
    assert!(text.contains("of 5 logged in, over 1 of 2 queues"), "{text}");
}

#[test]
fn a_total_over_rows_is_what_the_report_tells() {
    let state = crate::support::centre::busy();
    let desk = Desk { state };
    let context = reported(&desk);
    for column in Queues::COLUMNS {
        let sum = floorwalker::table::totals::Sum::over(Queues::rows(&context), column, &context);
        let object = report::json::json(&context, &[TableId::Queues]);
        let all = object["totals"].as_array().unwrap();
        let Some(told) = all.iter().find(|own| own["figure"] == column.name) else {
            assert_eq!(sum.coverage(), Coverage::default(), "{}", column.name);
            continue;
        };
        check(column, told, &sum, &desk);
    }
}

fn check(
    column: &Column<Queues>,
    told: &Value,
    sum: &floorwalker::table::totals::Sum,
    desk: &Desk,
) {
    let name = column.name;
    assert_eq!(told["value"], sum.figure(desk.state.now.moment).json(), "{name}");
    assert_eq!(told["rows"], sum.coverage().rows, "{name}");
    assert_eq!(told["of"], 12, "{name}");
}

#[test]
fn a_partial_figure_of_a_group_is_marked() {
    let desk = floor(vec![calls(Some(100), Some(7)), calls(Some(9), None)], vec![]);
    let mut screen = TestScreen::new(desk.state, 160, 40);
    screen.press("u");
    let text = screen.text();
    assert!(text.contains("7 1/2"), "abandoned, of one of two queues: {text}");
    assert!(text.contains("109") && !text.contains("109 2/2"), "{text}");
}

#[test]
fn text_and_markdown_say_over_how_many_queues_a_total_is() {
    let desk = floor(vec![talking(None)], vec![talking(Some(2))]);
    let context = reported(&desk);
    let text = report::totals::text(&context);
    let line = text.lines().find(|line| line.starts_with("Talking")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words, ["Talking", "2", "1", "of", "2", "queues"]);
    let marked = report::totals::markdown(&context, true);
    assert!(marked.is_ascii() && marked.contains("1 of 2 queues"), "{marked}");
}
