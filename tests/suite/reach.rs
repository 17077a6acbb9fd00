//! Marks, columns, the palette, the held picture, the clipboard and the mouse.

use floorwalker::action::Action;
use floorwalker::event::{Event, Gesture, Pointer, Target};
use floorwalker::floor::id::EntryId;
use floorwalker::operations::OperationId;
use floorwalker::state::screen::Arrangement;
use floorwalker::state::{Dialog, Effect};
use floorwalker::table::TableId;
use floorwalker::ui;
use ratatui::layout::Rect;

use crate::support::centre::busy;
use crate::support::desk::{Desk, entry_row, person, queue_row};
use crate::support::screen::TestScreen;

fn commands(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(command) => Some(command.sentence().to_string()),
            _ => None,
        })
        .collect()
}

#[test]
fn marked_rows_share_one_question_and_have_one_request_each() {
    let mut desk = Desk::open();
    desk.select(&queue_row("21"));
    desk.press("enter g space space");
    desk.press("o");
    let asks = desk.question().asks.len();
    assert!(asks >= 2, "{:?}", desk.question());
    let sent = desk.press("y");
    assert_eq!(commands(&sent).len(), asks);
    assert!(desk.state.screen.view().marks.is_empty());
    assert_eq!(desk.state.pending.len(), asks);
}

#[test]
fn a_marked_row_that_cannot_take_part_is_named_and_left_out() {
    let mut desk = Desk::open();
    desk.press("7 g");
    for id in desk.state.order() {
        desk.select(&id);
        desk.press("space");
    }
    desk.press("d");
    let question = desk.question();
    let text: Vec<&str> =
        question.consequences.iter().map(floorwalker::text::Shown::as_str).collect();
    assert!(text.iter().any(|line| line.starts_with("Left out, ")), "{text:?}");
    assert!(question.asks.len() < desk.state.order().len());
}

#[test]
fn marks_on_rows_that_a_filter_hides_take_no_part() {
    let mut desk = Desk::open();
    desk.press("7 g space space /");
    desk.write("no such row");
    desk.press("enter d");
    assert!(desk.state.screen.dialog.is_none());
    assert_eq!(desk.notice(), "no marked row is shown");
}

#[test]
fn escape_drops_the_marks_first() {
    let mut desk = Desk::open();
    desk.select(&queue_row("21"));
    desk.press("enter g space esc");
    assert!(desk.state.screen.view().marks.is_empty());
    assert!(desk.state.screen.inside.is_some());
    desk.press("esc");
    assert!(desk.state.screen.inside.is_none());
}

#[test]
fn the_palette_finds_an_action_by_part_of_its_name_and_does_it() {
    let mut desk = Desk::open();
    desk.press(":");
    desk.write("entri");
    desk.press("enter");
    assert_eq!(desk.state.screen.tab(), TableId::Entries);
}

#[test]
fn the_palette_of_a_read_only_board_lacks_what_reaches_the_floor() {
    let mut desk = Desk::opened(floorwalker::operations::Access::ReadOnly);
    desk.press("2 :");
    let Some(Dialog::Palette(palette)) = &desk.state.screen.dialog else { panic!("no palette") };
    let offered = desk.state.fitting(palette);
    assert!(
        offered
            .iter()
            .all(|(_, declared)| declared.action != Action::Operation(OperationId::LogOut))
    );
    assert!(offered.iter().any(|(_, declared)| declared.action == Action::Sort));
}

#[test]
fn a_floor_action_from_the_palette_asks_as_its_key_does() {
    let mut desk = Desk::open();
    desk.press("2");
    desk.select(&person("anna"));
    desk.press(":");
    desk.write("log out");
    let effects = desk.press("enter");
    assert!(effects.is_empty());
    assert!(desk.state.screen.dialog.is_some(), "a question, or the picker before it");
}

#[test]
fn chosen_columns_are_shown_in_their_order() {
    let mut screen = TestScreen::new(busy(), 120, 40);
    // The number to the front; the wait away.
    screen.press("c");
    let wait = columns(&screen).iter().position(|name| *name == "waiting").unwrap();
    for _ in 0..wait {
        screen.press("down");
    }
    screen.press("space");
    for _ in 0..wait {
        screen.press("up");
    }
    screen.press("right enter");
    let heads = screen.state.screen.view().heads(TableId::Queues);
    let names: Vec<&str> = heads.iter().map(|(_, head)| head.name).collect();
    assert!(!names.contains(&"waiting"), "{names:?}");
    assert_eq!(&names[..2], ["queue", "severity"]);
}

fn columns(screen: &TestScreen) -> Vec<&'static str> {
    match &screen.state.screen.dialog {
        Some(Dialog::Columns(choice)) => choice.items.iter().map(|(head, _)| head.name).collect(),
        other => panic!("no columns but {other:?}"),
    }
}

#[test]
fn a_held_picture_stays_while_the_floor_goes_on() {
    let mut desk = Desk::open();
    desk.press("7 p");
    let before = desk.state.order();
    desk.tell(
        "nimbus",
        floorwalker::event::SourceEvent::Snapshot(crate::support::desk::entries_part(Vec::new())),
    );
    assert_eq!(desk.state.order(), before);
    assert!(desk.state.floor.entry(&"nimbus".into(), &EntryId::new("e1")).is_none());
    desk.press("p");
    assert!(desk.state.order().is_empty());
}

#[test]
fn what_a_held_picture_shows_cannot_be_acted_on_when_it_is_gone() {
    let mut desk = Desk::open();
    desk.press("7");
    desk.select(&entry_row("e1"));
    desk.press("p");
    desk.tell(
        "nimbus",
        floorwalker::event::SourceEvent::Snapshot(crate::support::desk::entries_part(Vec::new())),
    );
    desk.press("d");
    assert!(desk.state.screen.dialog.is_none());
    assert_eq!(desk.notice(), "that entry is no longer told of");
}

#[test]
fn a_row_is_copied_with_tabs_between_its_columns() {
    let mut desk = Desk::open();
    desk.select(&queue_row("21"));
    let effects = desk.press("y");
    let [Effect::Copy(text)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(text.contains("Växel\t"), "{text:?}");
}

#[test]
fn the_second_y_of_a_double_press_copies_nothing() {
    let mut desk = Desk::open();
    desk.press("2");
    desk.select(&person("anna"));
    desk.press("o");
    if matches!(desk.state.screen.dialog, Some(Dialog::Picker(_))) {
        desk.press("enter");
    }
    let effects = desk.press("y y y");
    assert_eq!(effects.len(), 1, "{effects:?}");
}

fn click(screen: &mut TestScreen, x: u16, y: u16) {
    let area = Rect::new(0, 0, screen.state.size.0, screen.state.size.1);
    let pointer = Pointer { x, y, gesture: Gesture::Click };
    if let Some(target) = ui::hit(&screen.state, area, pointer) {
        screen.event(Event::Pointed(target));
    }
}

/// Where a text stands on the screen.
fn place(screen: &TestScreen, part: &str) -> (u16, u16) {
    let text = screen.text();
    let (y, line) = text.lines().enumerate().find(|(_, line)| line.contains(part)).unwrap();
    let x = line[..line.find(part).unwrap()].chars().count();
    (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
}

#[test]
fn a_click_selects_the_row_that_stands_there_and_a_second_opens_it() {
    let mut screen = TestScreen::new(busy(), 120, 40);
    let (x, y) = place(&screen, "Kundtjänst");
    click(&mut screen, x, y);
    let selected = screen.state.selected().cloned();
    assert!(format!("{selected:?}").contains("hq"), "{selected:?}");
    let (x, y) = place(&screen, "Kundtjänst");
    click(&mut screen, x, y);
    assert!(screen.state.screen.inside.is_some());
}

#[test]
fn a_click_on_a_header_sorts_and_a_second_turns_the_order_round() {
    let mut screen = TestScreen::new(busy(), 120, 40);
    let (x, y) = place(&screen, "Offered");
    click(&mut screen, x, y);
    assert_eq!(screen.state.screen.view().view.sort, Some(("offered", false)));
    click(&mut screen, x, y);
    assert_eq!(screen.state.screen.view().view.sort, Some(("offered", true)));
}

#[test]
fn a_click_on_a_tab_shows_its_table() {
    let mut screen = TestScreen::new(busy(), 120, 40);
    for (title, table) in [("Entries", TableId::Entries), ("Agents", TableId::Agents)] {
        let text = screen.text();
        let tabs = text.lines().position(|line| line.contains("Callback lists")).unwrap();
        let line = text.lines().nth(tabs).unwrap();
        let x = line[..line.find(title).unwrap()].chars().count();
        click(&mut screen, u16::try_from(x).unwrap(), u16::try_from(tabs).unwrap());
        assert_eq!(screen.state.screen.tab(), table);
    }
}

#[test]
fn the_mouse_answers_no_question() {
    let mut desk = Desk::open();
    desk.press("7");
    desk.select(&entry_row("e1"));
    desk.press("d");
    desk.event(Event::Pointed(Target::Tab(TableId::Queues)));
    assert!(desk.state.screen.dialog.is_some());
    assert_eq!(desk.state.screen.tab(), TableId::Entries);
}

#[test]
fn a_choice_of_columns_or_order_is_to_be_remembered_and_a_move_is_not() {
    let mut desk = Desk::open();
    assert_eq!(desk.press("down"), []);
    assert_eq!(desk.press("S"), [Effect::Remember]);
    assert_eq!(desk.press("c right"), []);
    assert_eq!(desk.press("enter"), [Effect::Remember]);
    let (_, arrangement) = desk.state.screen.arrangements().next().unwrap();
    assert_eq!(arrangement.sort, Some(("severity", false)));
    assert_eq!(&arrangement.columns.unwrap()[..2], ["queue", "severity"]);
}

#[test]
fn what_is_remembered_arranges_the_next_board() {
    let mut desk = Desk::open();
    let columns = ["queue", "no_such", "waiting"].map(str::to_owned);
    desk.state.screen.arrange(TableId::Queues, Some(&columns), Some("-offered"));
    let (_, arrangement) = desk.state.screen.arrangements().next().unwrap();
    let columns = Some(vec!["queue", "waiting"]);
    assert_eq!(arrangement, Arrangement { columns, sort: Some(("offered", true)), group: None });
}

#[test]
fn a_config_file_names_tables_and_columns_that_there_are() {
    let refused = floorwalker::config::Config::parse(
        "[tables.quues]\nsort = \"x\"\n[tables.agents]\ncolumns = [\"agnt\"]\n",
        true,
    );
    let said: Vec<String> =
        refused.unwrap_err().iter().map(|complaint| complaint.what.to_string()).collect();
    assert!(said.contains(&"there is no table \"quues\": did you mean \"queues\"?".to_owned()));
    assert!(
        said.contains(&"table agents has no column \"agnt\": did you mean \"agent\"?".to_owned())
    );
}
