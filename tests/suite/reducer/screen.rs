//! Tables, help, Enter and Esc, and the lines that are told.

use floorwalker::action::Action;
use floorwalker::event::{Event, SourceEvent};
use floorwalker::floor::id::SourceName;
use floorwalker::keymap::Keymap;
use floorwalker::operations::{Access, Outcome};
use floorwalker::state::Effect;
use floorwalker::table::TableId;
use floorwalker::text::Shown;
use floorwalker::threshold::Severity;

use crate::support::desk::{Desk, down, person, queue_row, up};

#[test]
fn tab_goes_through_the_tables_in_their_order_and_round() {
    let mut desk = Desk::open();
    let mut seen = Vec::new();
    let tabs: Vec<TableId> = desk.state.tabs().collect();
    for _ in 0..=tabs.len() {
        seen.push(desk.state.screen.tab());
        desk.press("tab");
    }
    assert_eq!(seen[..tabs.len()], tabs);
    assert_eq!(seen[tabs.len()], tabs[0]);
}

#[test]
fn backtab_is_tab_backwards() {
    for steps in 1..=TableId::ALL.len() {
        let mut desk = Desk::open();
        (0..steps).for_each(|_| drop(desk.press("tab")));
        (0..steps).for_each(|_| drop(desk.press("backtab")));
        assert_eq!(desk.state.screen.tab(), TableId::Queues);
    }
}

#[test]
fn every_table_has_its_digit() {
    let digits = [
        ("1", TableId::Queues),
        ("2", TableId::Agents),
        ("3", TableId::Calls),
        ("4", TableId::Tasks),
        ("5", TableId::Callbacks),
        ("6", TableId::CallbackLists),
        ("7", TableId::Entries),
        ("8", TableId::Sources),
        ("0", TableId::Log),
    ];
    let mut desk = Desk::open();
    for (key, table) in digits {
        desk.press(key);
        assert_eq!(desk.state.screen.table(), table);
    }
    desk.press("9");
    assert_eq!(desk.state.screen.table(), TableId::Log, "a table that is not built is no key");
}

#[test]
fn enter_goes_into_the_selected_queue_and_esc_leaves_it() {
    let mut desk = Desk::open();
    desk.select(&queue_row("22"));
    desk.press("enter");
    assert_eq!(desk.state.screen.table(), TableId::Agents);
    assert_eq!(desk.state.order(), [person("bo"), person("cecilia")], "only its members");
    desk.press("esc");
    assert_eq!(desk.state.screen.table(), TableId::Queues);
    assert_eq!(desk.state.selected(), Some(&queue_row("22")));
}

#[test]
fn enter_without_a_selection_selects_first() {
    let mut desk = Desk::open();
    desk.press("enter");
    assert!(desk.state.screen.inside.is_none());
    assert_eq!(desk.state.selected(), desk.state.order().first());
}

#[test]
fn a_digit_leaves_the_queue_that_is_open() {
    let mut desk = Desk::open();
    desk.select(&queue_row("21"));
    desk.press("enter 1");
    assert!(desk.state.screen.inside.is_none());
}

#[test]
fn esc_takes_one_thing_away_at_a_time_and_a_notice_with_it() {
    let mut desk = Desk::open();
    desk.select(&queue_row("21"));
    desk.press("/");
    desk.write("vax");
    desk.press("enter enter r");
    assert!(!desk.notice().is_empty());
    desk.press("esc");
    assert!(desk.notice().is_empty() && desk.state.screen.inside.is_none());
    assert_eq!(desk.state.screen.view().view.filter.written(), "vax");
    desk.press("esc");
    assert!(desk.state.screen.view().view.filter.is_empty());
    assert!(desk.state.selected().is_some());
    desk.press("esc");
    assert!(desk.state.selected().is_none());
}

#[test]
fn help_opens_scrolls_and_closes_and_nothing_behind_it_moves() {
    let mut desk = Desk::open();
    desk.press("2");
    desk.select(&person("anna"));
    for close in ["?", "esc", "enter", "q"] {
        desk.press("?");
        assert_eq!(desk.state.screen.help, Some(0));
        desk.press("down down j");
        assert_eq!(desk.state.screen.help, Some(3));
        desk.press("up");
        assert_eq!(desk.state.screen.help, Some(2));
        desk.press("g up");
        assert_eq!(desk.state.screen.help, Some(0), "not above the first line");
        assert!(desk.press("o y S 1").is_empty());
        assert!(desk.state.screen.dialog.is_none());
        assert_eq!(desk.state.screen.table(), TableId::Agents);
        assert_eq!(desk.state.selected(), Some(&person("anna")));
        assert!(desk.press(close).is_empty(), "{close} closes the help and nothing else");
        assert_eq!(desk.state.screen.help, None, "{close}");
    }
}

#[test]
fn ctrl_c_leaves_from_everywhere() {
    for keys in ["1", "2", "/", "?", "s", "2 j o", "j enter"] {
        let mut desk = Desk::open();
        desk.press(keys);
        assert_eq!(desk.press("ctrl+c"), [Effect::Quit], "after {keys}");
    }
}

#[test]
fn sort_offers_the_columns_and_takes_the_one_that_is_picked() {
    let mut desk = Desk::open();
    desk.press("2 s");
    let items: Vec<String> = desk.picker().items.iter().map(ToString::to_string).collect();
    assert_eq!(items[..3], ["Agent", "State", "Reason"]);
    desk.press("j enter");
    assert_eq!(desk.state.screen.view().view.sort, Some(("state", false)));
    desk.press("S");
    assert_eq!(desk.state.screen.view().view.sort, Some(("state", true)));
    desk.press("s esc");
    assert_eq!(desk.state.screen.view().view.sort, Some(("state", true)), "esc changes nothing");
}

#[test]
fn a_picker_stays_within_its_items() {
    let mut desk = Desk::open();
    desk.press("2 s k k");
    assert_eq!(desk.picker().marked, 0);
    desk.press("G j j");
    assert_eq!(desk.picker().marked, desk.picker().items.len() - 1);
}

#[test]
fn retry_asks_the_source_of_the_selected_row_else_all() {
    let mut desk = Desk::open();
    let all = desk.press("r");
    assert_eq!(all.len(), 4);
    desk.press("2");
    desk.select(&person("anna"));
    assert_eq!(desk.press("r"), [Effect::Retry(SourceName::new("hq"))]);
}

#[test]
fn a_notice_goes_by_itself() {
    let mut desk = Desk::open();
    desk.press("o");
    desk.wait(7);
    assert_eq!(desk.notice(), "select a row first");
    desk.wait(1);
    assert_eq!(desk.notice(), "");
}

#[test]
fn numbers_of_people_are_masked_in_every_line_of_the_log() {
    const NUMBER: &str = "+358 40 123 4567";
    let mut desk = Desk::open();
    let words = format!("caller {NUMBER} is on the line");
    desk.tell("hq", SourceEvent::Gap(Shown::clean(&words)));
    desk.tell("hq", SourceEvent::Link(down("queues", &words)));
    desk.tell("hq", SourceEvent::Link(up("queues")));
    desk.tell("hq", SourceEvent::Unknown { what: Shown::clean(&words), count: 1 });
    let command = desk.log_out("anna");
    desk.finish(&command, Outcome::Refused(Shown::clean(&words)));
    let told: Vec<&str> = desk.state.log.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(told.len(), 5);
    assert_eq!(told.iter().filter(|line| line.contains("+358…67")).count(), 4, "{told:#?}");
    assert!(!told.iter().any(|line| line.contains("4567")), "{told:#?}");
    assert!(desk.notice().contains(NUMBER), "the board shows it, unless it masks");
}

#[test]
fn a_board_that_masks_masks_its_notices() {
    let mut desk = Desk::open();
    desk.state.mask = true;
    let command = desk.log_out("anna");
    desk.finish(&command, Outcome::Refused(Shown::clean("0401234567 is busy")));
    assert!(desk.notice().ends_with("040…67 is busy"), "{}", desk.notice());
}

#[test]
fn the_log_tells_a_failure_once_and_the_end_of_it() {
    let mut desk = Desk::open();
    for _ in 0..5 {
        desk.tell("hq", SourceEvent::Link(down("queues", "connection refused")));
    }
    desk.tell("hq", SourceEvent::Link(up("queues")));
    let told: Vec<_> = desk.state.log.iter().map(|line| (line.severity, &*line.text)).collect();
    assert_eq!(told[0].0, Severity::Warning);
    assert!(told[0].1.starts_with("queues: connection refused, next try in"), "{told:?}");
    assert_eq!(told[1..], [(Severity::Ok, "queues: back")]);
}

#[test]
fn the_log_keeps_a_thousand_lines_and_finds_them_by_number() {
    let mut desk = Desk::open();
    for _ in 0..1_200 {
        desk.tell("hq", SourceEvent::Gap(Shown::clean("lag")));
    }
    desk.press("0");
    let order = desk.state.order();
    assert_eq!(order.len(), 1_000);
    assert_eq!(order[0], floorwalker::table::RowId::Line(1_200), "newest first");
    let page = TableId::Log.page(&desk.state.context(), &order);
    assert_eq!(page.len(), 1_000);
}

#[test]
fn suspend_and_redraw_are_the_runtimes_work() {
    let mut desk = Desk::open();
    assert_eq!(desk.press("ctrl+z ctrl+l"), [Effect::Suspend, Effect::Redraw]);
}

#[test]
fn a_key_that_the_user_moved_does_what_it_did() {
    let mut desk = Desk::open();
    let own = [("help".to_owned(), vec!["f1".to_owned()])].into();
    let actions = floorwalker::action::ACTIONS;
    desk.state.keymap = Keymap::new(actions, &own, Access::Full).unwrap();
    desk.press("?");
    assert_eq!(desk.state.screen.help, None);
    desk.press("f1");
    assert_eq!(desk.state.screen.help, Some(0));
    assert_eq!(desk.state.keymap.keys_of(Action::Help).count(), 1);
}

#[test]
fn any_size_is_a_size() {
    let mut desk = Desk::open();
    for (width, height) in [(0, 0), (1, 1), (65_535, 65_535), (3, 500)] {
        desk.event(Event::Resize { width, height });
        desk.press("2 pgdn pgup G g 1 j enter pgdn esc");
        assert_eq!(desk.state.size, (width, height));
    }
}
