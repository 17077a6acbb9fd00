//! Laws over the declaration.

use std::collections::BTreeSet;

use super::*;
use crate::floor::Kind;

#[test]
fn every_operation_is_declared_at_its_place() {
    for (index, own) in OPERATIONS.iter().enumerate() {
        assert_eq!(own.id.index(), index, "{}", own.name);
    }
    for (index, action) in CallAction::ALL.into_iter().enumerate() {
        assert_eq!(action as usize, index, "{action:?}");
    }
}

#[test]
fn every_operation_has_all_its_parts() {
    let mut names = BTreeSet::new();
    let mut commands = BTreeSet::new();
    for own in &OPERATIONS {
        assert!(names.insert(own.name), "{} is there twice", own.name);
        assert!(own.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", own.name);
        assert!(!own.verb.is_empty() && own.sentence.contains("{target}"), "{}", own.name);
        assert!(!own.capability.kinds.is_empty(), "{}: no vendor can", own.name);
        assert!(!own.capability.is_of(Kind::Relay), "{}: the vendor decides", own.name);
        if let Some(words) = &own.key {
            assert!(words.help.ends_with("Asks first."), "{}", own.name);
        }
        if let OperationId::Call(action) = own.id {
            assert!(own.menu.is_some() && own.consequence.is_some(), "{}", own.name);
            let words = own.consequence.unwrap_or_default();
            let device = action.argument() == crate::floor::call::CallArgument::Device;
            assert_eq!(words.contains("{phone}"), device, "{}", own.name);
        }
        if let Some(command) = &own.command {
            assert!(commands.insert((command.group, command.name)), "{}", own.name);
            assert!(!command.about.is_empty() && !command.about.ends_with('.'), "{}", own.name);
        }
        let reached = own.key.is_some() || own.menu.is_some() || own.command.is_some();
        assert!(
            reached || own.id == OperationId::ReopenCallback,
            "{} is reached by nothing",
            own.name
        );
    }
}

#[test]
fn what_no_later_row_shows_is_of_tasks_alone() {
    for own in &OPERATIONS {
        let by_events = own.confirmation.by == ReadBy::Events;
        assert_eq!(by_events, own.rows == RowKind::Task, "{}", own.name);
    }
}
