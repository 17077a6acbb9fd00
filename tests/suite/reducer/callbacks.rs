//! Taking and closing callers who are to be called back: a note, then a question, then one request.

use floorwalker::action::Action;
use floorwalker::event::{Event, Key, Press, SourceEvent};
use floorwalker::floor::Part;
use floorwalker::floor::callback::CallbackState;
use floorwalker::floor::id::CallbackId;
use floorwalker::operations::{OperationId, Outcome, Request};
use floorwalker::state::{Dialog, NotePrompt};
use floorwalker::table::{RowId, Whose};
use floorwalker::text::Shown;

use crate::support::desk::{Desk, caller, caller_row, callers, only};

/// A desk at the caller `id`, after these keys.
fn at(id: &str, keys: &str) -> Desk {
    let mut desk = Desk::open();
    desk.press("5");
    desk.select(&caller_row(id));
    desk.press(keys);
    desk
}

fn noting(desk: &Desk) -> &NotePrompt {
    match &desk.state.screen.dialog {
        Some(Dialog::Note(noting)) => noting,
        other => panic!("no note but {other:?}, notice {:?}", desk.notice()),
    }
}

fn consequences(desk: &Desk) -> Vec<&str> {
    desk.question().consequences.iter().map(Shown::as_str).collect()
}

fn ids(desk: &Desk) -> Vec<String> {
    let id = |row: RowId| match row {
        RowId::Callback(_, id) => id.raw().to_owned(),
        other => panic!("{other:?}"),
    };
    desk.state.order().into_iter().map(id).collect()
}

#[test]
fn a_note_is_typed_first_and_the_question_shows_it() {
    let mut desk = at("1", "t");
    desk.write("wants an offer");
    desk.press("enter");
    assert_eq!(desk.question().title.as_str(), "Take the callback to +46 8 555 010 01?");
    assert_eq!(
        consequences(&desk),
        [
            "It becomes yours: nobody else will call.",
            "The person called 3 times.",
            "Note: wants an offer"
        ]
    );
    let command = only(&desk.press("y"));
    let (callback, note) = (CallbackId::new("1"), Some("wants an offer".into()));
    assert_eq!(command.request, Request::Assign { callback, state: CallbackState::Taken, note });
    assert_eq!(command.sentence().as_str(), "take the callback to +46 8 555 010 01 of Växel");
    assert_eq!(command.request.operation().name, "take_callback");
}

#[test]
fn nothing_that_is_typed_or_pasted_into_a_note_answers_the_question() {
    let mut desk = at("1", "t");
    for text in ["y", "y\ny\r\n", "yes\n"] {
        assert!(desk.event(Event::Paste(text.to_owned())).is_empty());
        assert!(desk.write("yyy").is_empty());
        noting(&desk);
    }
    desk.press("enter");
    assert!(desk.event(Event::Paste("y".to_owned())).is_empty(), "the question takes no paste");
    assert!(desk.state.screen.dialog.is_none());
    assert!(desk.press("y").is_empty());
    assert!(desk.state.pending.is_empty());
}

#[test]
fn esc_and_a_second_enter_send_nothing() {
    for keys in ["t esc", "t enter enter", "t enter n", "T esc"] {
        let mut desk = at("1", keys);
        assert!(desk.state.screen.dialog.is_none(), "{keys}");
        assert!(desk.press("y").is_empty(), "{keys}, then y: too late");
        assert_eq!(desk.notice(), "nothing was sent", "{keys}");
        assert!(desk.state.pending.is_empty());
    }
}

#[test]
fn the_note_that_there_is_stays_unless_something_else_is_typed() {
    let mut desk = at("2", "T");
    assert_eq!(noting(&desk).input.value(), "no answer");
    desk.press("enter");
    let command = only(&desk.press("y"));
    let Request::Assign { state, note, .. } = command.request else { panic!("{command:?}") };
    assert_eq!((state, note), (CallbackState::Done, None), "left as it is");
    let mut desk = at("2", "T ctrl+u enter");
    assert!(consequences(&desk).contains(&"The note is taken out."));
    let Request::Assign { note, .. } = only(&desk.press("y")).request else { panic!() };
    assert_eq!(note.as_deref(), Some(""));
}

#[test]
fn a_note_is_no_longer_than_the_vendor_takes() {
    let mut desk = at("1", "t");
    desk.event(Event::Paste("x".repeat(10_000)));
    desk.write("more");
    assert_eq!(noting(&desk).input.value().len(), 200);
    desk.press("backspace");
    desk.write("é");
    assert!(noting(&desk).input.value().ends_with("xé"));
}

#[test]
fn whoever_has_it_is_named_before_it_is_taken_away() {
    let desk = at("2", "t enter");
    assert_eq!(consequences(&desk)[0], "Anna Lind has it; it becomes yours.");
    let desk = at("2", "T enter");
    assert_eq!(consequences(&desk)[..2], ["Anna Lind has it.", "Nobody will call back any more."]);
}

#[test]
fn what_cannot_be_done_is_said_and_nothing_is_asked() {
    for (id, keys, said) in [
        ("3", "t", "you have it already"),
        ("4", "t", "it is done already"),
        ("4", "T", "it is done already"),
        ("9", "t", "helsinki cannot take or close callbacks: not supported by this source"),
    ] {
        let desk = at(id, keys);
        assert!(desk.state.screen.dialog.is_none(), "{id} {keys}");
        assert_eq!(desk.notice(), said, "{id} {keys}");
    }
}

#[test]
fn what_somebody_else_took_meanwhile_is_not_taken() {
    let mut desk = at("1", "t enter");
    let taken = caller("1", Some(("bo", false)), None);
    desk.tell("hq", SourceEvent::Snapshot(Part::Callbacks([taken].into_iter().collect())));
    assert!(desk.press("y").is_empty());
    assert!(desk.notice().ends_with("changed meanwhile, nothing was sent"), "{}", desk.notice());
}

#[test]
fn it_is_pending_until_a_reading_shows_it() {
    let mut desk = at("1", "t enter");
    let command = only(&desk.press("y"));
    desk.finish(&command, Outcome::Done);
    assert_eq!(desk.word(), "pending");
    desk.tell("hq", SourceEvent::Snapshot(Part::Callbacks(callers().into_iter().collect())));
    assert_eq!(desk.word(), "pending", "an old reading shows nothing");
    let mine = caller("1", Some(("me", true)), None);
    desk.tell("hq", SourceEvent::Snapshot(Part::Callbacks([mine].into_iter().collect())));
    assert_eq!(desk.word(), "done");
}

#[test]
fn a_double_press_asks_once() {
    let mut desk = at("1", "t enter");
    only(&desk.press("y"));
    assert!(desk.press("y t").is_empty());
    assert_eq!(desk.notice(), "already asked: wait for the answer");
}

#[test]
fn marked_callers_share_one_note_and_one_question() {
    let mut desk = at("1", "g space space space space");
    desk.press("t");
    desk.write("all of you");
    desk.press("enter");
    let asks = &desk.question().asks;
    assert!(asks.len() >= 2, "{asks:?}");
    for ask in asks {
        let Request::Assign { note, .. } = &ask.command.request else { panic!("{ask:?}") };
        assert_eq!(note.as_deref(), Some("all of you"));
    }
    assert!(desk.question().title.starts_with("Take "));
    assert!(consequences(&desk).iter().any(|line| line.starts_with("Left out, ")));
}

#[test]
fn a_masked_board_masks_number_and_note_in_the_question_and_sends_them_whole() {
    let mut desk = Desk::open();
    desk.state.mask = true;
    desk.press("5");
    desk.select(&caller_row("1"));
    desk.press("t");
    desk.write("mobile 0705550190");
    desk.press("enter");
    let text = format!("{} {:?}", desk.question().title, consequences(&desk));
    assert!(!text.contains("555"), "{text}");
    let command = only(&desk.press("y"));
    let Request::Assign { note, .. } = &command.request else { panic!() };
    assert_eq!(note.as_deref(), Some("mobile 0705550190"));
    assert!(!command.target.contains("555"));
}

#[test]
fn mine_come_first_then_only_what_nobody_has_then_all_again() {
    let mut desk = Desk::open();
    desk.press("5");
    let all = ids(&desk);
    desk.press("f");
    assert_eq!(desk.state.screen.view().view.whose, Whose::MineFirst);
    assert_eq!(ids(&desk)[0], "3");
    assert_eq!(ids(&desk).len(), all.len());
    desk.press("f");
    assert_eq!(ids(&desk), ["9", "1"], "of every source");
    desk.press("f");
    assert_eq!(ids(&desk), all);
    desk.press("1 f");
    assert_eq!(desk.state.screen.view().view.whose, Whose::All, "queues belong to nobody");
}

#[test]
fn a_key_that_opens_a_note_is_offered_only_where_it_can_be_used() {
    let mut desk = Desk::open();
    desk.press("5");
    desk.select(&caller_row("4"));
    assert!(
        !desk.state.can(Action::Operation(OperationId::TakeCallback))
            && !desk.state.can(Action::Operation(OperationId::FinishCallback))
    );
    desk.select(&caller_row("1"));
    assert!(
        desk.state.can(Action::Operation(OperationId::TakeCallback))
            && desk.state.can(Action::Operation(OperationId::FinishCallback))
    );
    desk.event(Event::Key(Press::plain(Key::Esc)));
    desk.press("1");
    assert!(desk.press("t").is_empty());
    assert!(desk.state.screen.dialog.is_none(), "not on the queues");
}
