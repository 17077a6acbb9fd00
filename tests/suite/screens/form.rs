//! The form of a scheduler entry, at every size.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::scheduler::Priority;

use super::{board, tell};
use crate::support::screen::TestScreen;

fn form(keys: &str, width: u16, height: u16) -> TestScreen {
    let mut screen = board(width, height);
    let services = vec!["outbound@contoso.example".into()];
    tell(&mut screen.state, "nimbus", SourceEvent::Snapshot(Part::Services(services)));
    let priorities = vec![Priority { name: "High".into(), value: "High".into() }];
    tell(&mut screen.state, "nimbus", SourceEvent::Snapshot(Part::Priorities(priorities)));
    screen.press(keys);
    screen
}

#[test]
fn a_new_entry_has_a_line_for_each_field() {
    insta::assert_snapshot!("form_common", form("7 n + 4 4 2 0", 80, 24).styled());
    insta::assert_snapshot!("form_small", form("7 n + 4 4 2 0", 36, 10).styled());
}

#[test]
fn what_is_wrong_stands_below_the_field() {
    insta::assert_snapshot!("form_fault_common", form("7 n 0 2 0 enter", 80, 24).styled());
    insta::assert_snapshot!("form_fault_small", form("7 n 0 2 0 enter", 36, 10).styled());
}

#[test]
fn the_question_after_a_form_says_what_becomes_of_what() {
    let mut screen = form("7 down e", 80, 24);
    screen.press("ctrl+u 1 5 : 3 0 enter");
    insta::assert_snapshot!("form_question_common", screen.styled());
}

#[test]
fn a_form_fits_every_screen() {
    for (width, height) in [(1, 1), (8, 3), (20, 4), (36, 7), (80, 12), (200, 50)] {
        for keys in ["7 n", "7 n 0 2 enter", "7 down e"] {
            let screen = form(keys, width, height);
            assert_eq!(screen.buffer().area.width, width);
        }
    }
}
