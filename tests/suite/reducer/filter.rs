//! The filter while it is typed, and after.

use floorwalker::event::Event;
use floorwalker::state::Effect;

use crate::support::desk::{Desk, person, queue_row};

fn at_agents() -> Desk {
    let mut desk = Desk::open();
    desk.press("2 /");
    desk
}

fn written(desk: &Desk) -> &str {
    desk.state.screen.view().view.filter.written()
}

#[test]
fn rows_go_with_every_character() {
    let mut desk = at_agents();
    let mut left = vec![desk.state.order().len()];
    for c in ["b", "o "] {
        desk.write(c);
        left.push(desk.state.order().len());
    }
    assert_eq!(left, [4, 4, 1], "all are available, one is called Bo");
    desk.press("backspace backspace backspace");
    assert_eq!(desk.state.order().len(), 4);
}

#[test]
fn a_filter_finds_without_case_and_accents() {
    let mut desk = at_agents();
    desk.write("DIDRIK as");
    assert_eq!(desk.state.order(), [person("didrik")]);
}

#[test]
fn an_exclamation_mark_keeps_the_others() {
    let mut desk = at_agents();
    desk.write("!anna");
    assert_eq!(desk.state.order().len(), 3);
    assert!(!desk.state.order().contains(&person("anna")));
}

#[test]
fn what_is_no_expression_yet_keeps_the_last_good_one() {
    let mut desk = at_agents();
    desk.write("re:^bo");
    assert_eq!(desk.state.order(), [person("bo")]);
    desk.write("(");
    assert_eq!(desk.state.order(), [person("bo")]);
    assert_eq!(written(&desk), "re:^bo");
    let typing = desk.state.screen.typing.as_ref().unwrap();
    assert!(typing.error.as_ref().unwrap().starts_with("not a regular expression"));
    desk.write(" ek|anna)");
    assert!(desk.state.screen.typing.as_ref().unwrap().error.is_none());
    assert_eq!(desk.state.order(), [person("bo")]);
}

#[test]
fn enter_does_not_take_what_is_no_expression() {
    let mut desk = at_agents();
    desk.write("re:(");
    desk.press("enter");
    assert!(desk.state.screen.typing.is_some(), "still typing");
    desk.write("anna)");
    desk.press("enter");
    assert!(desk.state.screen.typing.is_none());
    assert_eq!(desk.state.order(), [person("anna")]);
}

#[test]
fn esc_brings_back_the_filter_that_held_before() {
    let mut desk = at_agents();
    desk.write("anna");
    desk.press("enter /");
    desk.write("zzz");
    assert!(desk.state.order().is_empty());
    desk.press("esc");
    assert_eq!((written(&desk), desk.state.order()), ("anna", vec![person("anna")]));
}

#[test]
fn keys_of_the_board_are_letters_while_a_filter_is_typed() {
    let mut desk = at_agents();
    for key in ["q", "o", "y", "?", "s", "1", "d"] {
        assert!(desk.press(key).is_empty());
    }
    assert_eq!(desk.state.screen.typing.as_ref().unwrap().input.value(), "qoy?s1d");
    assert!(desk.state.screen.help.is_none() && desk.state.screen.dialog.is_none());
}

#[test]
fn ctrl_c_leaves_even_while_a_filter_is_typed() {
    assert_eq!(at_agents().press("ctrl+c"), [Effect::Quit]);
}

#[test]
fn the_line_is_edited_as_lines_are() {
    let mut desk = at_agents();
    desk.write("xbo ekx");
    desk.press("home del end backspace");
    assert_eq!(written(&desk), "bo ek");
    desk.press("ctrl+w");
    assert_eq!(written(&desk), "bo ");
    desk.press("ctrl+u");
    assert_eq!(written(&desk), "");
}

#[test]
fn pasted_text_is_typed_clean_into_a_filter() {
    let mut desk = at_agents();
    desk.event(Event::Paste("an\u{1b}[31mna".to_owned()));
    assert_eq!(written(&desk), "an\u{FFFD}[31mna");
    desk.press("ctrl+u");
    desk.event(Event::Paste("anna".to_owned()));
    assert_eq!(desk.state.order(), [person("anna")]);
}

#[test]
fn pasted_text_on_the_board_does_nothing() {
    let mut desk = Desk::open();
    desk.select(&queue_row("21"));
    let before = format!("{:?}", desk.state.screen);
    assert!(desk.event(Event::Paste("oyq/anna\n".to_owned())).is_empty());
    assert_eq!(format!("{:?}", desk.state.screen), before);
}

#[test]
fn a_pattern_that_is_too_long_is_refused() {
    let mut desk = at_agents();
    desk.event(Event::Paste(format!("re:{}", "a".repeat(150))));
    desk.event(Event::Paste("a".repeat(150)));
    let error = desk.state.screen.typing.as_ref().unwrap().error.clone();
    assert_eq!(error.as_deref(), Some("not a regular expression: it is too long"));
}

#[test]
fn every_table_keeps_its_own_filter() {
    let mut desk = at_agents();
    desk.write("anna");
    desk.press("enter 1");
    assert_eq!(written(&desk), "");
    desk.press("2");
    assert_eq!(written(&desk), "anna");
}
