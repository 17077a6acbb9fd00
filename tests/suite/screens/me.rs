//! The strip of the source's own user.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;

use crate::support::calls::{self, desk, own, tell_calls};
use crate::support::desk::{self as board, Desk, agent, member};
use crate::support::screen::TestScreen;

/// A desk whose own user is an agent of Växel and has left Support.
fn at_work() -> Desk {
    let mut desk = desk();
    let mut people = board::agents();
    let queues = vec![member("21", "Växel", Some(true)), member("22", "Support", Some(false))];
    people.push(agent("me", "Nadia Berg", queues));
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(people)));
    let mut queues = board::queues();
    queues[1].own_login = Some(false);
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(queues)));
    desk
}

fn strip(desk: Desk, width: u16, height: u16) -> String {
    TestScreen::new(desk.state, width, height).text().lines().nth(1).unwrap().trim_end().to_owned()
}

#[test]
fn it_says_ones_state_ones_queues_with_who_waits_and_ones_calls() {
    assert_eq!(strip(at_work(), 80, 24), " Nadia Berg  available   ● Växel 4   · Support 0");
    let mut desk = at_work();
    tell_calls(&mut desk, &[calls::ANNA, calls::MINE]);
    let said = " Nadia Berg  talking   ● Växel 4   · Support 0   1 call, connected";
    assert_eq!(strip(desk, 80, 24), said);
}

#[test]
fn what_has_no_room_is_counted() {
    assert_eq!(strip(at_work(), 40, 24), " Nadia Berg  available   ● Växel 4   +1");
    assert_eq!(strip(at_work(), 30, 24), " Nadia Berg  available   +2");
}

#[test]
fn what_a_ticket_does_not_show_is_named() {
    let mut desk = at_work();
    let mut feed = board::up("queues");
    feed.remark = Some("403: no licence".into());
    desk.tell("hq", SourceEvent::Link(feed));
    let said = " Nadia Berg  available   ● Växel 4   · Support 0   not all of: queues";
    assert_eq!(strip(desk, 80, 24), said);
}

#[test]
fn it_costs_a_small_screen_no_row() {
    let with = TestScreen::new(at_work().state, 36, 10).text();
    let without = TestScreen::new(Desk::open().state, 36, 10).text();
    assert!(!with.contains("Nadia"), "{with}");
    let rows = |text: &str| text.lines().filter(|line| line.contains("Växel")).count();
    assert_eq!(rows(&with), rows(&without));
}

#[test]
fn who_is_nobody_on_the_floor_has_no_strip() {
    let mut desk = Desk::open();
    let mut queues = board::queues();
    queues[0].own_login = Some(false);
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(queues)));
    desk.tell("hq", SourceEvent::Snapshot(Part::Own(own())));
    let text = TestScreen::new(desk.state, 80, 24).text();
    assert!(!text.contains("me@hq"), "{text}");
}

#[test]
fn a_wall_says_nothing_of_who_opened_it() {
    let mut screen = TestScreen::new(at_work().state, 120, 34);
    screen.press("w");
    assert!(!screen.text().contains("Nadia Berg"));
}
