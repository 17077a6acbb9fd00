//! On a line that is stale or down nothing grows: durations stand still, are dimmed, and say how old they are.

use floorwalker::event::SourceEvent;
use floorwalker::floor::link::{Feed, FeedKind, Health, Link};
use floorwalker::table::{RowId, TableId};
use floorwalker::text::Shown;
use floorwalker::theme::{Role, Theme};
use serde_json::json;

use super::{cell, report, row};
use crate::support::desk::{Desk, up};
use crate::support::enreach::{AINO, CALL, with};
use crate::support::screen::TestScreen;

/// A board whose Helsinki told a call that waits and one that goes on, over a line that is stale after 30 s of silence.
fn told() -> Desk {
    let status = json!({"Talking": true, "TalkingStatusChanged": "2026-03-12T14:44:00Z"});
    let mut desk = super::events::told(&[
        with(
            "QueueCallInArrived",
            &json!({"CallId": "waits", "Timestamp": "2026-03-12T14:44:30Z"}),
        ),
        with("QueueCallInUserConnected", &json!({"Timestamp": "2026-03-12T14:44:00Z"})),
        with("UserStatus", &status),
    ]);
    let last_update = Some(desk.state.now.moment);
    let feed = Feed { kind: FeedKind::Stream, last_update, ..up("events") };
    desk.tell("helsinki", SourceEvent::Link(feed));
    desk
}

fn call(id: &str) -> RowId {
    RowId::Call("helsinki".into(), id.into())
}

fn agent() -> RowId {
    RowId::Agent("helsinki".into(), AINO.into())
}

/// How long it waits, how long it has been connected, how long the agent has been talking.
fn times(desk: &Desk) -> [String; 3] {
    let context = desk.state.context();
    [
        cell(TableId::Calls, &context, &call("waits"), "wait_s"),
        cell(TableId::Calls, &context, &call(CALL), "since"),
        cell(TableId::Agents, &context, &agent(), "since"),
    ]
}

#[test]
fn times_grow_while_the_line_is_fresh_and_stand_still_once_it_is_stale() {
    let mut desk = told();
    assert_eq!(times(&desk), ["0:30", "1:00", "1m"]);
    desk.wait(25);
    assert_eq!(times(&desk), ["0:55", "1:25", "1m"]);
    desk.wait(20);
    let stands = times(&desk);
    assert_eq!(stands, ["0:30", "1:00", "1m"], "as of the last data");
    desk.wait(600);
    assert_eq!(times(&desk), stands);
    assert_eq!(row(TableId::Calls, &report(&desk), "id", "waits")["wait_s"], 30);
    let call = row(TableId::Calls, &report(&desk), "id", CALL);
    assert_eq!(call["since"], "2026-03-12T14:44:00Z", "a point in time stays one");
}

#[test]
fn times_stand_still_while_the_line_is_down() {
    let mut desk = told();
    desk.wait(10);
    let error = Shown::clean("no route");
    let health = Health::Down { error, attempt: 1, retry_at: None };
    let world = desk.state.floor.world(&"helsinki".into()).unwrap();
    let feed = Feed { health, ..world.feed(&"events".into()).unwrap().clone() };
    desk.tell("helsinki", SourceEvent::Link(feed));
    let stands = times(&desk);
    assert_eq!(stands, ["0:30", "1:00", "1m"]);
    desk.wait(100);
    assert_eq!(times(&desk), stands);
}

#[test]
fn a_wait_that_is_not_known_to_go_on_turns_no_louder() {
    let mut desk = told();
    desk.wait(3_000);
    let page = TableId::Calls.page(&desk.state.context(), &[call("waits")]);
    assert!(!page[0].fresh);
    let context = desk.state.context();
    let known = floorwalker::table::calls::CallRow::new;
    let (source, world) = context.floor.named(&"helsinki".into()).unwrap();
    let row = known(source, world, world.calls.get(&"waits".into()).unwrap());
    assert_eq!(row.wait(&context), Some(30));
    assert_eq!(
        row.wait_severity(&context),
        floorwalker::threshold::severity("longest_wait_s", 30.0)
    );
}

#[test]
fn the_pane_of_a_call_says_how_old_it_is_and_dims_its_times() {
    let mut desk = told();
    desk.wait(100);
    desk.press("3");
    desk.select(&call(CALL));
    let screen = TestScreen::new(desk.state.clone(), 160, 40);
    let text = screen.text();
    let line = text.lines().find(|line| line.contains("In this phase")).unwrap();
    assert!(line.contains("1:00"), "{text}");
    assert!(text.contains("old"), "{text}");
    let stale = Theme::midnight().role(Role::Stale).fg;
    assert_eq!(screen.style_of("1:00  ").fg, stale, "{text}");
}

#[test]
fn after_time_that_passed_unseen_nothing_is_taken_for_the_present_until_it_is_read_again() {
    let mut desk = told();
    for feed in ["queues", "agents"] {
        let last_update = Some(desk.state.now.moment);
        desk.tell("helsinki", SourceEvent::Link(Feed { last_update, ..up(feed) }));
    }
    let link =
        |desk: &Desk| desk.state.floor.world(&"helsinki".into()).unwrap().link(&desk.state.now);
    assert!(link(&desk).is_fresh());
    desk.wait(12);
    let outdated = desk.state.floor.outdated();
    for (source, feed) in outdated {
        desk.tell(source.raw(), SourceEvent::Link(feed));
    }
    assert_eq!(link(&desk), Link::Stale, "although it is younger than its limit");
    assert_eq!(times(&desk), ["0:30", "1:00", "1m"], "what was is not known to go on");
    for feed in ["queues", "agents", "events"] {
        let last_update = Some(desk.state.now.moment);
        desk.tell("helsinki", SourceEvent::Link(Feed { last_update, ..up(feed) }));
    }
    assert!(link(&desk).is_fresh(), "read again");
    assert_eq!(times(&desk), ["0:42", "1:12", "1m"]);
}

#[test]
fn a_stream_that_never_grows_old_by_itself_is_judged_by_the_polls_beside_it() {
    let mut desk = told();
    let last_update = Some(desk.state.now.moment);
    let stream = Feed { kind: FeedKind::Stream, limit: None, last_update, ..up("stream") };
    desk.tell("helsinki", SourceEvent::Link(stream));
    let outdated = desk.state.floor.outdated();
    assert!(outdated.iter().all(|(_, feed)| feed.name.raw() != "stream"));
    assert!(outdated.iter().any(|(_, feed)| feed.name.raw() == "events"));
}
