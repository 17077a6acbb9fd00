//! Laws over `ACTIONS` and the keymap: one declaration, from which everything about keys is made.

use std::collections::{BTreeMap, BTreeSet};

use floorwalker::action::{ACTIONS, Action, Declared, Reach, Scope, declared};
use floorwalker::event::{Event, Key, Press};
use floorwalker::keymap::{Keymap, KeymapError};
use floorwalker::operations::{Access, OperationId};
use floorwalker::table::TableId;
use proptest::prelude::*;

use crate::support::calls::{self, call_row};
use crate::support::cases;
use crate::support::desk::{caller_row, entry_row, person, queue_row};

const SCOPES: [Scope; 6] = Scope::PLACES;

fn own(pairs: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    pairs
        .iter()
        .map(|(name, keys)| ((*name).to_owned(), keys.iter().map(ToString::to_string).collect()))
        .collect()
}

fn keymap(pairs: &[(&str, &[&str])]) -> Result<Keymap, KeymapError> {
    Keymap::new(ACTIONS, &own(pairs), Access::Full)
}

fn press(written: &str) -> Press {
    written.parse().unwrap()
}

#[test]
fn every_action_is_declared_once() {
    let mut seen = BTreeSet::new();
    for one in ACTIONS {
        assert!(seen.insert(format!("{:?}", one.action)), "{:?} twice", one.action);
        assert_eq!(declared(one.action).map(|found| found.name), Some(one.name));
    }
    for table in TableId::ALL {
        let action = Action::Table(table);
        assert_eq!(declared(action).map(|found| found.name), Some(table.name()));
    }
}

#[test]
fn names_are_snake_case_and_unique() {
    let mut seen = BTreeSet::new();
    for one in ACTIONS {
        let snake = |c: char| c.is_ascii_lowercase() || c == '_';
        assert!(one.name.chars().all(snake) && !one.name.starts_with('_'), "{}", one.name);
        assert!(!one.name.ends_with('_') && !one.name.contains("__"), "{}", one.name);
        assert!(seen.insert(one.name), "{} twice", one.name);
    }
}

#[test]
fn the_names_and_keys_of_the_contract_hold() {
    let fixed = [
        ("quit", "q"),
        ("quit", "ctrl+c"),
        ("help", "?"),
        ("filter", "/"),
        ("next_table", "tab"),
        ("log_in_agent", "i"),
        ("log_out_agent", "o"),
        ("remove_entry", "d"),
        ("take_callback", "t"),
        ("finish_callback", "T"),
        ("supervise", "m"),
        ("retry_source", "r"),
        ("suspend", "ctrl+z"),
        ("redraw", "ctrl+l"),
        ("sort", "s"),
        ("reverse", "S"),
        ("open", "enter"),
        ("back", "esc"),
        ("queues", "1"),
        ("agents", "2"),
        ("callback_lists", "6"),
        ("entries", "7"),
        ("sources", "8"),
        ("log", "0"),
        ("first", "g"),
        ("last", "G"),
        ("down", "j"),
        ("down", "down"),
        ("up", "k"),
        ("up", "up"),
    ];
    for (name, key) in fixed {
        let one = ACTIONS.iter().find(|one| one.name == name);
        let one = one.unwrap_or_else(|| panic!("no {name}"));
        assert!(one.keys.contains(&press(key)), "{name} is not on {key}");
    }
}

#[test]
fn every_action_has_a_key_and_a_sentence() {
    for one in ACTIONS {
        assert!(!one.keys.is_empty(), "{}", one.name);
        assert!(one.help.ends_with('.') && one.help.len() > 10, "{}: {:?}", one.name, one.help);
        assert!(one.hint.len() <= 12 && one.help.is_ascii(), "{}", one.name);
    }
}

#[test]
fn no_key_is_ambiguous_in_any_scope() {
    for access in [Access::Full, Access::ReadOnly] {
        let keymap = Keymap::new(ACTIONS, &BTreeMap::new(), access).unwrap();
        for scope in SCOPES {
            let mut seen: BTreeMap<Press, &str> = BTreeMap::new();
            for (key, one) in keymap.bindings() {
                if one.scope.counts_in(scope) {
                    let other = seen.insert(*key, one.name);
                    assert_eq!(other, None, "{key} in {scope:?} means {} too", one.name);
                    assert_eq!(keymap.action(*key, scope), Some(one.action));
                }
            }
        }
    }
}

#[test]
fn keys_of_one_scope_do_nothing_in_another() {
    let keymap = Keymap::standard(Access::Full);
    for one in ACTIONS.iter().filter(|one| one.scope != Scope::Board) {
        for scope in SCOPES.into_iter().filter(|scope| !one.scope.counts_in(*scope)) {
            for key in one.keys {
                assert_ne!(keymap.action(*key, scope), Some(one.action), "{} {scope:?}", one.name);
            }
        }
    }
}

#[test]
fn a_read_only_keymap_lacks_every_action_that_reaches_the_floor() {
    let keymap = Keymap::standard(Access::ReadOnly);
    for one in ACTIONS {
        let keys = keymap.keys_of(one.action).count();
        match one.reach {
            Reach::Floor => assert_eq!(keys, 0, "{}", one.name),
            Reach::Screen => assert_eq!(keys, one.keys.len(), "{}", one.name),
        }
    }
    for scope in SCOPES {
        let offered: Vec<&Declared> = keymap.offered(scope).map(|(_, one)| one).collect();
        assert!(!offered.is_empty());
        assert!(offered.iter().all(|one| one.reach == Reach::Screen));
    }
}

#[test]
fn an_override_gives_no_read_only_keymap_an_action_that_reaches_the_floor() {
    let own = own(&[("log_out_agent", &["ctrl+o"]), ("remove_entry", &["del"])]);
    let keymap = Keymap::new(ACTIONS, &own, Access::ReadOnly).unwrap();
    assert!(keymap.bindings().iter().all(|(_, one)| one.reach == Reach::Screen));
}

#[test]
fn every_action_that_reaches_the_floor_asks_first() {
    let places = [
        ("2", person("cecilia")),
        ("2", person("anna")),
        ("3", call_row("c1")),
        ("7", entry_row("e1")),
        ("1", queue_row("21")),
        ("5", caller_row("1")),
    ];
    for one in ACTIONS.iter().filter(|one| one.reach == Reach::Floor) {
        assert!(one.help.ends_with("Asks first."), "{} does not say so", one.name);
        let mut asked = 0;
        for (tab, row) in &places {
            let mut desk = calls::desk();
            desk.press(tab);
            desk.select(row);
            for key in one.keys {
                let effects = desk.event(Event::Key(*key));
                assert!(effects.is_empty(), "{} sent {effects:?} at once", one.name);
            }
            assert!(desk.state.pending.is_empty());
            asked += u32::from(desk.state.screen.dialog.is_some());
        }
        assert!(asked > 0, "{} asked nowhere", one.name);
    }
}

#[test]
fn an_override_takes_the_place_of_the_default_keys() {
    let keymap = keymap(&[("log_out_agent", &["ctrl+o", "f9"])]).unwrap();
    assert_eq!(keymap.action(press("o"), Scope::Agents), None);
    for key in ["ctrl+o", "f9"] {
        assert_eq!(
            keymap.action(press(key), Scope::Agents),
            Some(Action::Operation(OperationId::LogOut)),
            "{key}"
        );
    }
}

#[test]
fn no_keys_turn_an_action_off() {
    let keymap = keymap(&[("remove_entry", &[])]).unwrap();
    assert_eq!(keymap.keys_of(Action::Operation(OperationId::RemoveEntry)).count(), 0);
    assert!(keymap.offered(Scope::Entries).all(|(_, one)| one.name != "remove_entry"));
}

#[test]
fn two_actions_can_change_places() {
    let keymap = keymap(&[("sort", &["S"]), ("reverse", &["s"])]).unwrap();
    assert_eq!(keymap.action(press("s"), Scope::Board), Some(Action::Reverse));
}

#[test]
fn an_unknown_action_names_the_nearest() {
    let error = keymap(&[("logout_agent", &["x"])]).unwrap_err();
    let said = "[keys] names no action: logout_agent (did you mean log_out_agent?)";
    assert_eq!(error.to_string(), said);
    let error = keymap(&[("make_coffee_please", &["x"])]).unwrap_err();
    assert_eq!(error.to_string(), "[keys] names no action: make_coffee_please");
}

#[test]
fn a_key_with_two_meanings_in_one_place_is_refused_and_both_are_named() {
    let error = keymap(&[("help", &["q"])]).unwrap_err();
    assert_eq!(error.to_string(), "[keys] q means both help and quit");
    let error = keymap(&[("log_in_agent", &["o"])]).unwrap_err();
    assert_eq!(error.to_string(), "[keys] o means both log_in_agent and log_out_agent");
    let error = keymap(&[("remove_entry", &["s"])]).unwrap_err();
    assert_eq!(error.to_string(), "[keys] s means both remove_entry and sort");
    let error = keymap(&[("sort", &["x", "x"])]).unwrap_err();
    assert_eq!(error.to_string(), "[keys] x means both sort and sort");
}

#[test]
fn one_key_may_mean_two_things_in_two_scopes() {
    let keymap = keymap(&[("remove_entry", &["o"])]).unwrap();
    assert_eq!(
        keymap.action(press("o"), Scope::Agents),
        Some(Action::Operation(OperationId::LogOut))
    );
    assert_eq!(
        keymap.action(press("o"), Scope::Entries),
        Some(Action::Operation(OperationId::RemoveEntry))
    );
    assert_eq!(keymap.action(press("o"), Scope::Board), None);
}

#[test]
fn what_is_no_key_is_refused_with_what_would_be_one() {
    for written in ["", "entr", "ctrl+", "alt+", "f0", "f25", "f-1", "Enter", "ctrl+entr", "ab"] {
        let error = keymap(&[("help", &[written])]).unwrap_err();
        assert!(matches!(error, KeymapError::NotAKey { .. }), "{written:?}");
        assert!(error.to_string().contains("pgdn"), "{error}");
    }
}

fn key() -> impl Strategy<Value = Key> {
    let named = vec![
        Key::Enter,
        Key::Esc,
        Key::Tab,
        Key::BackTab,
        Key::Backspace,
        Key::Delete,
        Key::Up,
        Key::Down,
        Key::Left,
        Key::Right,
        Key::Home,
        Key::End,
        Key::PageUp,
        Key::PageDown,
    ];
    let printable = any::<char>().prop_filter("a key that writes", |c| !c.is_control());
    prop_oneof![
        prop::sample::select(named),
        (1..=24_u8).prop_map(Key::F),
        prop::sample::select(vec![' ', '+', 'f', 'c', 'a', '-', '"', 'ö']).prop_map(Key::Char),
        printable.prop_map(Key::Char),
    ]
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn a_key_that_is_written_down_is_read_back(
        key in key(), ctrl in any::<bool>(), alt in any::<bool>(),
    ) {
        let press = Press { key, ctrl, alt };
        prop_assert_eq!(press.to_string().parse::<Press>(), Ok(press));
    }

    #[test]
    fn whatever_is_read_as_a_key_means_the_same_written_down(
        written in "(ctrl\\+|alt\\+){0,3}(f[0-9+]{1,3}|pg(up|dn)|enter|space|del|.|\\PC{1,3})",
    ) {
        if let Ok(press) = written.parse::<Press>() {
            prop_assert_eq!(press.to_string().parse::<Press>(), Ok(press), "{}", written);
        }
    }

    #[test]
    fn no_accepted_override_is_ambiguous(
        chosen in prop::collection::btree_map(
            prop::sample::select(ACTIONS.iter().map(|one| one.name).collect::<Vec<_>>()),
            prop::collection::vec("[a-dq?]|f[1-4]|ctrl\\+[a-c]", 0..3),
            0..6,
        ),
    ) {
        let own = chosen.iter().map(|(name, keys)| ((*name).to_owned(), keys.clone())).collect();
        match Keymap::new(ACTIONS, &own, Access::Full) {
            Err(KeymapError::Ambiguous { first, second, .. }) => {
                prop_assert!(own.contains_key(first) || own.contains_key(second));
            }
            Err(other) => prop_assert!(false, "{}", other),
            Ok(keymap) => for scope in SCOPES {
                for (key, one) in keymap.bindings() {
                    let here = one.scope.counts_in(scope);
                    let means = keymap.action(*key, scope);
                    prop_assert!(!here || means == Some(one.action), "{} in {:?}", key, scope);
                }
            },
        }
    }
}
