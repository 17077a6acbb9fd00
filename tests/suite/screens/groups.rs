//! Queues in groups.

use floorwalker::table::{OwnGroup, TableId};
use floorwalker::text::{Pattern, Shown};

use super::{after, board};
use crate::support::screen::TestScreen;

/// A group of the reader's own.
fn own(name: &str, queues: &[&str]) -> OwnGroup {
    let queues = queues.iter().map(|own| Pattern::new(own)).collect();
    OwnGroup { name: Shown::clean(name), queues }
}

/// The board in groups of the reader's own.
pub fn in_own_groups(width: u16, height: u16) -> TestScreen {
    let mut screen = board(width, height);
    screen.state.own_groups([
        own("switchboard", &["växel", "vaihde", "sentralbord"]),
        own("service", &["*kund*", "*palvelu", "support"]),
    ]);
    screen.press("u u");
    screen.wait(9);
    screen
}

#[test]
fn by_source_each_group_stands_under_its_total() {
    for (name, width, height) in [("wide", 200, 50), ("common", 80, 24), ("small", 36, 10)] {
        let mut screen = after("u down down", width, height);
        screen.wait(9);
        insta::assert_snapshot!(format!("groups_{name}"), screen.styled());
        insta::assert_snapshot!(format!("own_groups_{name}"), in_own_groups(width, height).text());
    }
}

#[test]
fn a_group_has_its_name_where_no_column_has_names() {
    for columns in [&["severity", "number", "waiting"][..], &["number"], &["severity"]] {
        let mut screen = after("u", 120, 34);
        let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
        screen.state.screen.arrange(TableId::Queues, Some(&columns), None);
        assert!(screen.line("helsinki  4").contains("helsinki  4"), "{}", screen.text());
    }
}
