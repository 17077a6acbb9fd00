//! Before anything reaches the floor there is a question, and only `y` says yes to it.

use floorwalker::event::{Event, Key, Press, SourceEvent};
use floorwalker::floor::Part;
use floorwalker::floor::id::{AgentId, QueueId};
use floorwalker::floor::scheduler::EntryState;
use floorwalker::operations::Request;
use floorwalker::table::RowId;
use floorwalker::text::Shown;

use crate::support::desk::{
    self, Desk, down, entries_part, entry, entry_row, moved, only, person, queue_row,
};

/// A desk that is asked whether Anna shall be logged out of Växel.
fn asked() -> Desk {
    at_person("anna", "o")
}

fn at_person(user: &str, keys: &str) -> Desk {
    let mut desk = Desk::open();
    desk.press("2");
    desk.select(&person(user));
    desk.press(keys);
    desk
}

fn at_entry(id: &str) -> Desk {
    let mut desk = Desk::open();
    desk.press("7");
    desk.select(&entry_row(id));
    desk.press("d");
    desk
}

fn consequences(desk: &Desk) -> Vec<&str> {
    desk.question().consequences.iter().map(Shown::as_str).collect()
}

#[test]
fn a_question_names_whom_and_where_and_says_what_follows() {
    let desk = asked();
    assert_eq!(desk.question().title.as_str(), "Log Anna Lind out of Växel?");
    assert_eq!(consequences(&desk), ["Leaves 0 logged in, 4 waiting."]);
    let desk = at_person("cecilia", "i");
    assert_eq!(desk.question().title.as_str(), "Log Cecilia Holm in to Support?");
    assert_eq!(consequences(&desk), ["Makes 3 logged in, 0 waiting."]);
}

#[test]
fn a_question_on_old_figures_says_how_old_they_are() {
    let mut desk = Desk::open();
    desk.press("2");
    desk.select(&person("anna"));
    desk.tell("hq", SourceEvent::Link(down("queues", "refused")));
    desk.wait(120);
    desk.press("o");
    assert_eq!(
        consequences(&desk),
        ["Leaves 0 logged in, 4 waiting.", "These figures are 2m old."]
    );
}

#[test]
fn figures_that_are_not_told_are_not_made_up() {
    let mut desk = Desk::open();
    let rows = vec![desk::queue("21", "Växel")];
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows)));
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(desk::agents())));
    desk.press("2");
    desk.select(&person("anna"));
    desk.press("o");
    assert_eq!(consequences(&desk), ["Leaves 3 logged in, – waiting."], "four members are counted");
}

#[test]
fn only_y_acts() {
    let command = only(&asked().press("y"));
    let (queue, agent) = (QueueId::new("21"), Some(AgentId::new("anna@hq.example.com")));
    assert_eq!(command.request, Request::LogOut { queue, agent });
    assert_eq!((command.source.raw(), &*command.target), ("hq", "Anna Lind"));
}

#[test]
fn n_esc_and_enter_refuse() {
    for key in ["n", "esc", "enter"] {
        let mut desk = asked();
        assert!(desk.press(key).is_empty(), "{key}");
        assert!(desk.state.screen.dialog.is_none(), "{key}");
        assert_eq!(desk.notice(), "nothing was sent");
        assert!(desk.press("y").is_empty(), "{key}, then y: too late");
        assert!(desk.state.pending.is_empty());
    }
}

#[test]
fn pasted_text_refuses_whatever_it_says() {
    for text in ["y", "Y", "y\n", "yes", "", "yyyyyy"] {
        let mut desk = asked();
        assert!(desk.event(Event::Paste(text.to_owned())).is_empty());
        assert!(desk.state.screen.dialog.is_none(), "{text:?}");
        assert_eq!(desk.notice(), "pasted text answers no question: nothing was sent");
        assert!(desk.press("y").is_empty());
    }
}

#[test]
fn every_other_key_that_writes_refuses() {
    let chars = (' '..='~').chain(['é', 'ý', 'Y', 'ｙ', 'у', 'γ', '\u{1F600}']);
    for c in chars.filter(|c| *c != 'y') {
        let mut desk = asked();
        assert!(desk.key(Press::char(c)).is_empty(), "{c}");
        assert!(desk.state.screen.dialog.is_none(), "{c}");
        assert!(desk.notice().starts_with("nothing was sent"), "{c}: {}", desk.notice());
        assert!(desk.press("y").is_empty(), "{c}, then y: too late");
    }
}

#[test]
fn a_key_that_writes_nothing_leaves_the_question_as_it_is() {
    let mut desk = asked();
    let before = desk.question().clone();
    let named = [Key::Tab, Key::BackTab, Key::Backspace, Key::Delete, Key::Up, Key::Down];
    let named = named.into_iter().chain([Key::Left, Key::Right, Key::Home, Key::End]);
    let named = named.chain([Key::PageUp, Key::PageDown]).chain((1..=24).map(Key::F));
    let mut all: Vec<Press> = named.map(Press::plain).collect();
    all.push(Press::ctrl('y'));
    all.push(Press { alt: true, ..Press::char('y') });
    for press in all {
        assert!(desk.key(press).is_empty(), "{press}");
        assert_eq!(desk.question(), &before, "{press}");
    }
    only(&desk.press("y"));
}

#[test]
fn a_question_outlives_resizes_ticks_and_other_peoples_changes() {
    let mut desk = asked();
    desk.event(Event::Resize { width: 36, height: 10 });
    desk.wait(5);
    desk.tell("hq", moved("bo", "22", Some(false)));
    let command = only(&desk.press("y"));
    assert_eq!(command.target.as_str(), "Anna Lind");
}

#[test]
fn what_changed_meanwhile_is_said_and_nothing_is_sent() {
    let mut desk = asked();
    desk.tell("hq", moved("anna", "21", Some(false)));
    assert!(desk.press("y").is_empty());
    let said = "log out Anna Lind of Växel: changed meanwhile, nothing was sent";
    assert_eq!(desk.notice(), said);
    assert!(desk.state.pending.is_empty());
}

#[test]
fn who_is_gone_meanwhile_is_not_acted_on() {
    let mut desk = asked();
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(desk::agents().split_off(1))));
    assert!(desk.press("y").is_empty());
    assert!(desk.notice().contains("changed meanwhile"), "{}", desk.notice());
}

#[test]
fn an_entry_that_changed_meanwhile_is_not_removed() {
    let mut later = entry("e1", EntryState::Scheduled);
    later.due = Some(desk::wall());
    for row in [Some(entry("e1", EntryState::InProgress)), Some(later), None] {
        let mut desk = at_entry("e1");
        let rows = row.into_iter().collect();
        desk.tell("nimbus", SourceEvent::Snapshot(entries_part(rows)));
        assert!(desk.press("y").is_empty());
        assert!(desk.notice().contains("changed meanwhile"), "{}", desk.notice());
    }
}

#[test]
fn ones_own_login_that_changed_meanwhile_is_not_acted_on() {
    let mut desk = Desk::open();
    desk.select(&queue_row("21"));
    desk.press("o");
    assert_eq!(desk.question().title.as_str(), "Log yourself out of Växel?");
    let mut rows = desk::queues();
    rows[0].own_login = Some(false);
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows)));
    assert!(desk.press("y").is_empty());
}

#[test]
fn three_times_y_is_one_command() {
    let mut desk = asked();
    let effects = desk.press("y y y");
    only(&effects);
    assert_eq!(desk.state.pending.len(), 1);
}

#[test]
fn while_one_is_pending_a_second_is_refused() {
    let mut desk = asked();
    only(&desk.press("y"));
    for key in ["o", "o"] {
        assert!(desk.press(key).is_empty());
        assert!(desk.state.screen.dialog.is_none());
        assert_eq!(desk.notice(), "already asked: wait for the answer");
    }
    assert_eq!(desk.state.pending.len(), 1);
}

#[test]
fn while_one_is_pending_another_person_may_be_asked_about() {
    let mut desk = asked();
    only(&desk.press("y"));
    desk.select(&person("cecilia"));
    assert_eq!(only(&desk.press("o y")).target.as_str(), "Cecilia Holm");
}

#[test]
fn inside_a_queue_that_queue_is_meant() {
    let mut desk = Desk::open();
    desk.select(&queue_row("22"));
    desk.press("enter");
    desk.select(&person("bo"));
    desk.press("o");
    assert_eq!(desk.question().title.as_str(), "Log Bo Ek out of Support?");
}

#[test]
fn of_several_fitting_queues_one_is_picked_first() {
    let mut desk = at_person("bo", "o");
    let items: Vec<_> = desk.picker().items.iter().map(Shown::as_str).collect();
    assert_eq!(items, ["Växel", "Support", "all 2"]);
    assert_eq!(desk.picker().title.as_str(), "Log out Bo Ek: which queue?");
    assert!(desk.press("j enter").is_empty(), "to pick is not to say yes");
    assert_eq!(desk.question().title.as_str(), "Log Bo Ek out of Support?");
    let Request::LogOut { queue, .. } = only(&desk.press("y")).request else { panic!() };
    assert_eq!(queue.raw(), "22");
}

#[test]
fn the_picker_holds_only_the_queues_that_fit() {
    let desk = at_person("cecilia", "o");
    assert_eq!(desk.question().title.as_str(), "Log Cecilia Holm out of Växel?");
    let desk = at_person("anna", "i");
    assert_eq!(desk.notice(), "Anna Lind is logged in to all queues");
}

#[test]
fn a_picker_left_open_asks_about_nothing_that_changed() {
    let mut desk = at_person("bo", "o");
    desk.tell("hq", moved("bo", "22", Some(false)));
    assert!(desk.press("j enter y").is_empty());
    assert_eq!(desk.notice(), "Bo Ek is not logged in to Support");
}

#[test]
fn a_picker_says_no_to_y_and_leaves_on_esc() {
    let mut desk = at_person("bo", "o");
    assert!(desk.press("y").is_empty());
    assert_eq!(desk.picker().marked, 0);
    desk.press("esc");
    assert!(desk.state.screen.dialog.is_none());
}

#[test]
fn an_agent_without_an_id_says_which_line_of_the_config_gives_one() {
    let desk = at_person("didrik", "o");
    assert!(desk.state.screen.dialog.is_none());
    let line = "\"Didrik Ås\" = \"user@domain\" to agent_ids of source hq";
    assert!(desk.notice().contains(line), "{}", desk.notice());
}

#[test]
fn an_entry_in_progress_says_why_it_stays() {
    let desk = at_entry("e2");
    assert!(desk.state.screen.dialog.is_none());
    assert_eq!(desk.notice(), "in progress: only an entry that has not begun can be removed");
    assert_eq!(at_entry("e3").notice(), "it has ended: it can no longer be removed");
}

#[test]
fn a_removal_says_which_call_will_not_be_made() {
    let mut desk = at_entry("e1");
    assert_eq!(desk.question().title.as_str(), "Remove the entry to +44 20 7946 0112?");
    let told = consequences(&desk);
    // What is left until then would be wrong as soon as it stands there.
    assert_eq!(told[0], "The call to +44 20 7946 0112, due 14:05, will not be made.");
    assert_eq!(told[1], "What is removed cannot be brought back.");
    assert!(matches!(only(&desk.press("y")).request, Request::RemoveEntry { .. }));
}

#[test]
fn a_board_that_masks_masks_its_questions() {
    let mut desk = Desk::open();
    desk.state.mask = true;
    desk.press("7");
    desk.select(&entry_row("e1"));
    desk.press("d");
    assert_eq!(desk.question().title.as_str(), "Remove the entry to +442…12?");
    assert!(consequences(&desk)[0].starts_with("The call to +442…12, due"));
}

#[test]
fn a_system_that_cannot_do_it_says_so() {
    let mut desk = Desk::open();
    desk.select(&RowId::Queue("helsinki".into(), "4101".into()));
    for key in ["i", "o"] {
        desk.press(key);
        assert!(desk.state.screen.dialog.is_none());
        let said = "helsinki cannot log agents in or out: not supported by this source";
        assert_eq!(desk.notice(), said);
    }
}

#[test]
fn ones_own_login_asks_only_where_one_is_an_agent_and_not_there_already() {
    let mut desk = Desk::open();
    desk.select(&queue_row("22"));
    desk.press("o");
    assert_eq!(desk.notice(), "you are no agent of Support");
    desk.select(&queue_row("21"));
    desk.press("i");
    assert_eq!(desk.notice(), "you are logged in to Växel already");
}
