//! Who may only look has nothing that reaches the floor.

use floorwalker::action::{ACTIONS, Declared, Reach};
use floorwalker::event::Event;
use floorwalker::keymap::Keymap;
use floorwalker::operations::Access;
use floorwalker::state::Effect;
use floorwalker::table::TableId;

use crate::support::calls::{self, call_row};
use crate::support::desk::{Desk, caller_row, entry_row, person, queue_row};
use crate::tasks::asked::{self, task_row};

fn floor_actions() -> Vec<&'static Declared> {
    let all: Vec<_> = ACTIONS.iter().filter(|one| one.reach == Reach::Floor).collect();
    assert!(all.len() >= 3, "there are such actions");
    all
}

/// A board of one access with the keymap of another, at each place where an action has a row.
fn everywhere(access: Access, keymap: Access) -> Vec<Desk> {
    let fresh = || {
        let mut desk = calls::opened(access);
        desk.state.keymap = Keymap::standard(keymap);
        desk
    };
    let mut all = Vec::new();
    for (keys, row) in [
        ("1", queue_row("21")),
        ("1", queue_row("22")),
        ("2", person("anna")),
        ("2", person("cecilia")),
        ("3", call_row("c1")),
        ("7", entry_row("e1")),
        ("5", caller_row("1")),
    ] {
        let mut desk = fresh();
        desk.press(keys);
        desk.select(&row);
        all.push(desk);
    }
    let mut inside = fresh();
    inside.select(&queue_row("21"));
    inside.press("enter");
    inside.select(&person("anna"));
    all.push(inside);
    for row in ["x1", "a1"] {
        let mut tasks = asked::opened(access);
        tasks.state.keymap = Keymap::standard(keymap);
        tasks.select(&task_row(row));
        all.push(tasks);
    }
    all
}

#[test]
fn with_full_access_every_action_that_reaches_the_floor_is_offered_somewhere() {
    let mut all = everywhere(Access::Full, Access::Full);
    for declared in floor_actions() {
        let offered = all.iter().any(|desk| desk.state.offers(declared.action).is_ok());
        assert!(offered, "{}: the other tests would not see it", declared.name);
        let asks = all.iter_mut().any(|desk| {
            desk.event(Event::Key(declared.keys[0]));
            desk.state.screen.dialog.take().is_some()
        });
        assert!(asks, "{} asks nothing", declared.name);
    }
}

#[test]
fn read_only_offers_no_action_that_reaches_the_floor_and_no_key_opens_a_question() {
    for mut desk in everywhere(Access::ReadOnly, Access::ReadOnly) {
        for declared in floor_actions() {
            assert!(desk.state.offers(declared.action).is_err(), "{}", declared.name);
            for press in declared.keys {
                assert!(desk.event(Event::Key(*press)).is_empty());
                assert!(desk.state.screen.dialog.is_none(), "{}", declared.name);
            }
        }
    }
}

#[test]
fn the_reducer_refuses_what_a_wrong_keymap_would_let_through() {
    for mut desk in everywhere(Access::ReadOnly, Access::Full) {
        for declared in floor_actions() {
            assert!(desk.state.offers(declared.action).is_err(), "{}", declared.name);
            for press in declared.keys {
                let effects = desk.event(Event::Key(*press));
                let answered = desk.press("y");
                assert!(effects.is_empty() && !answered.iter().any(is_command), "{answered:?}");
                assert!(desk.state.screen.dialog.is_none(), "{}", declared.name);
            }
            assert!(desk.state.pending.is_empty());
        }
    }
}

#[test]
fn read_only_still_looks_around() {
    let mut desk = Desk::opened(Access::ReadOnly);
    desk.press("2 j /");
    desk.write("anna");
    desk.press("enter");
    assert_eq!(desk.state.screen.table(), TableId::Agents);
    assert_eq!(desk.state.order(), [person("anna")]);
}

fn is_command(effect: &Effect) -> bool {
    matches!(effect, Effect::Send(_))
}
