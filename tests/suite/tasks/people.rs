//! Agents of whom nothing can be read: busy while a task says so, unknown otherwise, and never free.

use floorwalker::action::Action;
use floorwalker::event::SourceEvent;
use floorwalker::floor::agent::AgentState;
use floorwalker::floor::id::{AgentKey, QueueId, SourceName};
use floorwalker::floor::{Kind, World};
use floorwalker::operations::OperationId;
use floorwalker::table::{RowId, TableId};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::shown::tell;
use crate::support::desk::{Desk, later, up};
use crate::support::nimbus::{Floor, SERVICE, event};
use crate::support::screen::TestScreen;

const JO: &str = "jo@contoso.example";

fn with(agent: &str) -> Value {
    json!({"LastConnectedUserUPN": agent})
}

fn state(floor: &Floor, agent: &str) -> (AgentState, Option<String>) {
    let agent = &floor.world.agents[&AgentKey::new(agent)];
    (agent.state.clone(), agent.reason.as_ref().map(ToString::to_string))
}

fn unknown() -> (AgentState, Option<String>) {
    (AgentState::Other, Some("unknown".to_owned()))
}

#[test]
fn who_has_a_task_is_busy_and_afterwards_unknown_but_never_free() {
    let mut floor = Floor::default();
    for (second, word, wanted) in [
        (1, "UserConnected", (AgentState::Talking, None)),
        (40, "OnHold", (AgentState::Holding, None)),
        (80, "HoldResumed", (AgentState::Talking, None)),
        (120, "Parked", unknown()),
        (160, "Unparked", (AgentState::Talking, None)),
        (200, "TaskTerminated", unknown()),
    ] {
        floor.tell(second, &event("a", word, &with(JO)));
        assert_eq!(state(&floor, JO), wanted, "{word}");
    }
    let jo = &floor.world.agents[&AgentKey::new(JO)];
    assert_eq!(jo.since, None, "nobody knows since when");
    assert_eq!(jo.in_queue(&QueueId::new(SERVICE)).unwrap().state, AgentState::Other);
}

#[test]
fn a_task_that_goes_to_somebody_else_leaves_the_first_unknown() {
    let mut floor = Floor::default();
    floor.tell(1, &event("a", "UserConnected", &with(JO)));
    floor.tell(60, &event("a", "UserConnected", &with("kim@contoso.example")));
    assert_eq!(state(&floor, JO), unknown());
    assert_eq!(state(&floor, "kim@contoso.example").0, AgentState::Talking);
}

#[test]
fn of_two_tasks_the_one_that_goes_on_counts() {
    let mut floor = Floor::default();
    floor.tell(1, &event("a", "UserConnected", &with(JO)));
    floor.tell(5, &event("b", "UserConnected", &with(JO)));
    floor.tell(60, &event("b", "TaskTerminated", &with(JO)));
    assert_eq!(state(&floor, JO).0, AgentState::Talking);
    assert_eq!(floor.world.agents[&AgentKey::new(JO)].since, Some(later(1)));
}

#[test]
fn a_task_of_which_track_was_lost_keeps_nobody_busy() {
    let mut floor = Floor::default();
    floor.tell(1, &event("a", "UserConnected", &with(JO)));
    floor.tick(4 * 3_600 + 2);
    assert_eq!(state(&floor, JO), unknown());
}

#[test]
fn who_is_named_by_no_task_for_a_working_day_is_forgotten() {
    let mut floor = Floor::default();
    floor.tell(1, &event("a", "UserConnected", &with(JO)));
    floor.tell(60, &event("a", "TaskTerminated", &with(JO)));
    floor.tick(11 * 3_600);
    assert_eq!(state(&floor, JO), unknown());
    floor.tick(13 * 3_600);
    assert!(floor.world.agents.is_empty());
}

fn board() -> Desk {
    let mut desk = Desk::open();
    desk.tell("nimbus", SourceEvent::Link(up("triggers")));
    tell(&mut desk, &event("a", "UserConnected", &with(JO)));
    tell(&mut desk, &event("b", "Queued", &json!({"modality": "InstantMessaging"})));
    desk
}

#[test]
fn a_queue_is_entered_and_shows_its_agents_and_its_tasks() {
    let mut desk = board();
    desk.wait(20);
    desk.select(&RowId::Queue(SourceName::new("nimbus"), QueueId::new(SERVICE)));
    let text = TestScreen::new(desk.state.clone(), 190, 40).text();
    assert!(text.contains("Tasks ─"), "{text}");
    desk.press("enter");
    let text = TestScreen::new(desk.state.clone(), 190, 40).text();
    for wanted in [JO, "talking", "Waiting ─", "Going on ─", "chat", "0:20", "connected"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert!(!text.contains("available"), "{text}");
}

#[test]
fn nobody_is_logged_in_or_out_there_and_the_key_says_so() {
    let mut desk = board();
    desk.select(&RowId::Queue(SourceName::new("nimbus"), QueueId::new(SERVICE)));
    for _ in 0..2 {
        for (key, action) in [
            ("i", Action::Operation(OperationId::LogIn)),
            ("o", Action::Operation(OperationId::LogOut)),
        ] {
            assert!(!desk.state.can(action));
            desk.press(key);
            assert!(desk.notice().contains("not supported by this source"), "{}", desk.notice());
        }
        desk.press("enter down");
    }
}

#[test]
fn the_report_has_the_task_and_counts_nobody_as_free() {
    let desk = board();
    let context = desk.state.context();
    let rows = TableId::Agents.json(&context);
    let jo = rows.iter().find(|row| row["agent"] == JO).unwrap();
    assert_eq!((&jo["state"], &jo["reason"]), (&json!("talking"), &Value::Null));
    assert_eq!(jo["call"]["id"], "a");
    assert_eq!(jo["queues"][0]["logged_in"], Value::Null);
    let before = Desk::open().state.totals().agents;
    assert_eq!(desk.state.totals().agents.whole(), before.whole());
}

proptest! {
    #[test]
    fn the_people_follow_from_the_tasks_however_they_are_told(
        steps in prop::collection::vec((0_usize..4, 0_usize..6, 0_usize..3), 1..40),
    ) {
        let words = ["Queued", "UserConnected", "OnHold", "HoldResumed", "Parked", "TaskTerminated"];
        let mut floor = Floor::default();
        let mut second = 0;
        for (task, word, agent) in steps {
            second += 1;
            let agent = format!("a{agent}@contoso.example");
            floor.tell(second, &event(&format!("t{task}"), words[word], &with(&agent)));
        }
        floor.tick(second);
        let mut again = World::new(Kind::Nimbus);
        for part in floor.world.parts() {
            again.replace(part, later(second));
        }
        prop_assert_eq!(&again.agents, &floor.world.agents);
        for agent in again.agents.values() {
            prop_assert_ne!(&agent.state, &AgentState::Available);
        }
    }
}
