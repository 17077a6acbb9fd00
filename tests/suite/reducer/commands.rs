//! A command from its sending to its end: nothing is done before a reading shows it.

use floorwalker::event::{Event, SourceEvent};
use floorwalker::floor::Part;
use floorwalker::floor::scheduler::EntryState::Scheduled;
use floorwalker::operations::{Command, Outcome, Stage};
use floorwalker::table::TableId;
use floorwalker::text::Shown;

use crate::support::desk::{self, Desk, NEVER, entries_part, entry_row, moved, only, person};

fn sent() -> (Desk, Command) {
    let mut desk = Desk::open();
    let command = desk.log_out("anna");
    (desk, command)
}

fn stage(desk: &Desk) -> &Stage {
    &desk.state.pending.last().unwrap().stage
}

fn anna_left() -> SourceEvent {
    moved("anna", "21", Some(false))
}

fn anna_stayed() -> SourceEvent {
    SourceEvent::Snapshot(Part::Agents(desk::agents()))
}

#[test]
fn what_was_sent_is_pending_and_the_row_says_so() {
    let (desk, _) = sent();
    assert_eq!(desk.word(), "pending");
    let page = TableId::Agents.page(&desk.state.context(), &[person("anna"), person("bo")]);
    assert_eq!(page[0].pending.as_ref().unwrap().word(), "pending");
    assert!(page[1].pending.is_none(), "and no other row does");
}

#[test]
fn nothing_on_the_board_changes_before_the_vendor_tells_it() {
    let (mut desk, command) = sent();
    let floor = desk.state.floor.clone();
    desk.finish(&command, Outcome::Done);
    assert_eq!(desk.state.floor, floor);
}

#[test]
fn accepted_is_not_done_until_a_reading_shows_it() {
    let (mut desk, command) = sent();
    desk.finish(&command, Outcome::Done);
    assert_eq!((desk.word(), stage(&desk)), ("pending", &Stage::Accepted));
    desk.tell("hq", anna_stayed());
    assert_eq!(desk.word(), "pending", "this reading shows it not");
    desk.tell("hq", anna_left());
    assert_eq!(desk.word(), "done");
    assert_eq!(desk.notice(), "log out Anna Lind of Växel: done");
}

#[test]
fn only_a_reading_behind_the_answer_shows_that_it_is_done() {
    let (mut desk, command) = sent();
    desk.tell("hq", anna_left());
    assert_eq!(desk.word(), "pending", "the vendor has not answered");
    desk.finish(&command, Outcome::Done);
    assert_eq!(desk.word(), "pending", "what was read before may have been asked before");
    desk.tell("hq", anna_left());
    assert_eq!(desk.word(), "done");
}

#[test]
fn a_reading_that_does_not_tell_the_login_shows_nothing() {
    let mut desk = Desk::open();
    desk.tell("hq", moved("anna", "21", None));
    desk.press("2");
    desk.select(&person("anna"));
    let command = only(&desk.press("i y"));
    desk.finish(&command, Outcome::Done);
    assert_eq!(desk.word(), "pending", "whether she is logged in is not known");
    desk.tell("hq", moved("anna", "21", Some(true)));
    assert_eq!(desk.word(), "done");
}

#[test]
fn accepted_and_not_seen_within_ten_seconds_is_unknown() {
    let (mut desk, command) = sent();
    desk.wait(60);
    assert_eq!(desk.word(), "pending", "the ten seconds begin with the answer");
    desk.finish(&command, Outcome::Done);
    desk.wait(9);
    assert_eq!(desk.word(), "pending");
    desk.wait(1);
    assert_eq!(desk.word(), "unknown");
    assert!(desk.notice().ends_with("unknown, accepted, but no reading within 10 s shows it"));
}

#[test]
fn what_was_unknown_is_done_when_a_later_reading_shows_it() {
    let (mut desk, command) = sent();
    desk.finish(&command, Outcome::Unknown(Shown::clean("the connection was reset")));
    assert_eq!(desk.word(), "unknown");
    desk.tell("hq", anna_stayed());
    assert_eq!(desk.word(), "unknown");
    desk.tell("hq", anna_left());
    assert_eq!(desk.word(), "done");
}

#[test]
fn refused_failed_and_unknown_say_their_word_and_the_reason() {
    let why = || Shown::clean("agent is on a call");
    let ends = [
        (Outcome::Refused(why()), "refused"),
        (Outcome::Failed(why()), "failed"),
        (Outcome::Unknown(why()), "unknown"),
    ];
    for (outcome, word) in ends {
        let (mut desk, command) = sent();
        desk.finish(&command, outcome);
        assert_eq!(desk.word(), word);
        let line = format!("log out Anna Lind of Växel: {word}, agent is on a call");
        assert_eq!(desk.notice(), line);
        assert_eq!(desk.state.log.back().unwrap().text.as_str(), line);
    }
}

#[test]
fn what_was_refused_or_failed_is_not_done_by_a_later_reading() {
    for outcome in [Outcome::Refused(Shown::clean("no")), Outcome::Failed(Shown::clean("tls"))] {
        let (mut desk, command) = sent();
        let word = outcome.word();
        desk.finish(&command, outcome);
        desk.tell("hq", anna_left());
        assert_eq!(desk.word(), word, "somebody else did it");
    }
}

#[test]
fn nothing_is_ever_sent_again_by_itself() {
    let (mut desk, command) = sent();
    let lost = Outcome::Unknown(Shown::clean("502"));
    assert!(desk.event(Event::Finished { id: command.id, outcome: lost }).is_empty());
    for _ in 0..60 {
        let moment = desk.state.now.moment.after(std::time::Duration::from_secs(1));
        let wall = desk.state.now.wall_of(moment);
        let tick = Event::Tick(floorwalker::floor::time::Now { moment, wall });
        assert!(desk.event(tick).is_empty());
        assert!(desk.tell("hq", anna_stayed()).is_empty());
    }
}

#[test]
fn after_the_end_the_same_may_be_asked_again() {
    let (mut desk, command) = sent();
    desk.finish(&command, Outcome::Refused(Shown::clean("on a call")));
    let again = only(&desk.press("o y"));
    assert_ne!(again.id, command.id);
    assert_eq!(again.request, command.request);
}

#[test]
fn a_result_leaves_its_row_after_a_while_and_stays_in_the_log() {
    let (mut desk, command) = sent();
    desk.finish(&command, Outcome::Refused(Shown::clean("no")));
    desk.wait(19);
    assert_eq!(desk.word(), "refused");
    desk.wait(1);
    assert!(desk.state.pending.is_empty());
    assert_eq!(desk.state.log.len(), 1);
}

#[test]
fn what_waits_for_its_answer_does_not_leave() {
    let (mut desk, _) = sent();
    desk.wait(3_600);
    assert_eq!(desk.word(), "pending");
}

#[test]
fn the_end_of_a_command_that_nobody_asked_changes_nothing() {
    let mut desk = Desk::open();
    desk.event(Event::Finished { id: NEVER, outcome: Outcome::Done });
    desk.event(Event::Finished { id: NEVER, outcome: Outcome::Refused(Shown::clean("no")) });
    assert!(desk.state.pending.is_empty() && desk.state.log.is_empty());
}

#[test]
fn a_second_end_of_one_command_does_not_undo_the_first() {
    let (mut desk, command) = sent();
    desk.finish(&command, Outcome::Refused(Shown::clean("no")));
    desk.finish(&command, Outcome::Done);
    desk.tell("hq", anna_left());
    assert_eq!(desk.word(), "refused");
}

#[test]
fn an_entry_is_removed_when_a_reading_no_longer_has_it() {
    let mut desk = Desk::open();
    desk.press("7");
    desk.select(&entry_row("e1"));
    let command = only(&desk.press("d y"));
    desk.finish(&command, Outcome::Done);
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(desk::entries())));
    assert_eq!(desk.word(), "pending");
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(desk::entries().split_off(1))));
    assert_eq!(desk.word(), "done");
}

#[test]
fn commands_are_numbered_in_the_order_in_which_they_were_asked() {
    let (mut desk, first) = sent();
    desk.select(&person("cecilia"));
    let second = only(&desk.press("o y"));
    assert!(first.id < second.id);
}

/// Two entries that were asked to be removed at once.
fn two_sent() -> (Desk, Command, Command) {
    let mut desk = Desk::open();
    let rows = vec![desk::entry("e1", Scheduled), desk::entry("e4", Scheduled)];
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(rows)));
    desk.press("7");
    desk.select(&entry_row("e1"));
    desk.press("space");
    desk.select(&entry_row("e4"));
    desk.press("space");
    let effects = desk.press("d y");
    let mut commands = effects.iter().map(|effect| only(std::slice::from_ref(effect)));
    let (first, second) = (commands.next().unwrap(), commands.next().unwrap());
    (desk, first, second)
}

#[test]
fn of_several_what_was_done_does_not_hide_what_was_refused() {
    let (mut desk, first, second) = two_sent();
    desk.finish(&first, Outcome::Refused(Shown::clean("in progress")));
    let refused = desk.notice().to_owned();
    assert!(refused.ends_with("refused, in progress"), "{refused}");
    desk.finish(&second, Outcome::Done);
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(vec![desk::entry("e1", Scheduled)])));
    assert_eq!(desk.word(), "done");
    assert_eq!(desk.notice(), refused);
    assert!(desk.state.log.back().unwrap().text.ends_with("done"), "the log has both");
}

#[test]
fn what_was_unknown_of_the_same_command_gives_way_to_the_truth() {
    let (mut desk, first, _) = two_sent();
    desk.finish(&first, Outcome::Unknown(Shown::clean("the connection was reset")));
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(vec![desk::entry("e4", Scheduled)])));
    assert!(desk.notice().ends_with(": done"), "{}", desk.notice());
}

#[test]
fn a_reading_of_another_source_ends_nothing() {
    let (mut desk, command) = sent();
    desk.finish(&command, Outcome::Done);
    let SourceEvent::Snapshot(part) = anna_left() else { panic!() };
    desk.tell("oslo", SourceEvent::Snapshot(part));
    assert_eq!(desk.word(), "pending");
}
