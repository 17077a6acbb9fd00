//! Supervision and what a call offers: asked, explained, and never on a state that is out of date.

use floorwalker::event::{Event, SourceEvent};
use floorwalker::floor::Part;
use floorwalker::floor::call::{CallAction, Phase};
use floorwalker::floor::id::{AgentId, CallId, DeviceId};
use floorwalker::operations::{Command, Control, Outcome, Request, SupervisionMode};
use floorwalker::state::{Dialog, Effect};
use floorwalker::text::Shown;
use proptest::prelude::*;

use crate::support::calls::{self, Told, call_row, desk, own, plain, tell_calls, with};
use crate::support::cases;
use crate::support::desk::{Desk, only, person};

/// A desk on which Anna talks, with the hand on her row.
fn at_anna() -> Desk {
    let mut desk = desk();
    desk.press("2");
    desk.select(&person("anna"));
    desk
}

fn items(desk: &Desk) -> Vec<&str> {
    desk.picker().items.iter().map(Shown::as_str).collect()
}

fn told(desk: &Desk) -> Vec<&str> {
    desk.question().consequences.iter().map(Shown::as_str).collect()
}

fn control(command: Command) -> Control {
    match command.request {
        Request::Control(control) => control,
        other => panic!("no control but {other:?}"),
    }
}

/// Presses the keys that choose what the call of the selected row offers under these words.
fn choose(desk: &mut Desk, words: &str) {
    desk.press("C");
    let place = items(desk).iter().position(|item| item.starts_with(words));
    let place = place.unwrap_or_else(|| panic!("{words} is not offered: {:?}", items(desk)));
    for _ in 0..place {
        desk.press("down");
    }
    desk.press("enter");
}

#[test]
fn supervision_asks_how_then_on_which_phone_then_whether() {
    let mut desk = at_anna();
    assert!(desk.press("m").is_empty());
    let manners: Vec<&str> =
        items(&desk).iter().map(|item| item.split(' ').next().unwrap()).collect();
    assert_eq!(manners, ["monitor", "whisper", "barge"]);
    desk.press("j enter");
    assert_eq!(items(&desk), ["Desk 12 (desk phone)", "Handy (mobile phone)"]);
    desk.press("j enter");
    assert_eq!(desk.question().title.as_str(), "Whisper Anna Lind on Handy?");
    let agent = AgentId::new("anna@hq.example.com");
    let device = DeviceId::new("d2");
    let asked = control(only_command(&desk.press("y")));
    assert_eq!(asked, Control::Supervise { agent, device, mode: SupervisionMode::Whisper });
}

/// The only command among effects that may also remember a choice.
fn only_command(effects: &[Effect]) -> Command {
    let sent: Vec<_> =
        effects.iter().filter(|effect| **effect != Effect::Remember).cloned().collect();
    only(&sent)
}

#[test]
fn supervision_says_what_rings_what_the_word_means_and_who_decides() {
    let mut desk = at_anna();
    desk.press("m enter enter");
    let lines = told(&desk);
    assert_eq!(lines[0], "Rings Desk 12 (desk phone); once you take it up, you are in the call.");
    assert_eq!(
        lines[1],
        "Monitor usually means: you hear both, and neither hears you. Here the server decides what it means."
    );
    assert!(lines[2].starts_with("Now: connected, +358405550142"), "{lines:?}");
    assert_eq!(lines[3], "Law or agreement may want the parties to know.");
}

#[test]
fn the_phone_that_was_chosen_is_marked_the_next_time_and_remembered() {
    let mut desk = at_anna();
    let effects = desk.press("m enter j enter");
    assert!(effects.contains(&Effect::Remember), "{effects:?}");
    assert_eq!(desk.state.phones[&"hq".into()], DeviceId::new("d2"));
    desk.press("esc m enter");
    assert_eq!(desk.picker().marked, 1);
}

#[test]
fn with_one_phone_nothing_is_picked() {
    let mut desk = at_anna();
    let mut one = own();
    one.devices.as_mut().unwrap().truncate(1);
    desk.tell("hq", SourceEvent::Snapshot(Part::Own(one)));
    desk.press("m enter");
    assert_eq!(desk.question().title.as_str(), "Monitor Anna Lind on Desk 12?");
}

#[test]
fn without_a_phone_that_can_ring_it_is_said_and_nothing_asked() {
    for (devices, unseen, said) in [
        (Some(Vec::new()), None, "none of your phones can ring now"),
        (None, Some("403"), "your phones are not told: 403"),
        (None, None, "your phones are not told"),
    ] {
        let mut desk = at_anna();
        let mut none = own();
        (none.devices, none.unseen) = (devices, unseen.map(Shown::clean));
        desk.tell("hq", SourceEvent::Snapshot(Part::Own(none)));
        desk.press("m");
        assert!(desk.state.screen.dialog.is_none());
        assert_eq!(desk.notice(), said);
    }
}

#[test]
fn a_call_that_changed_hands_before_y_is_not_joined() {
    let mut desk = at_anna();
    desk.press("m enter enter");
    tell_calls(&mut desk, &[Told { id: "c9", ..calls::ANNA }]);
    assert!(desk.press("y").is_empty());
    assert!(desk.notice().ends_with("changed meanwhile, nothing was sent"), "{}", desk.notice());
}

#[test]
fn supervision_is_pending_until_a_call_of_ones_own_is_connected() {
    let mut desk = at_anna();
    let command = only_command(&desk.press("m enter enter y"));
    desk.finish(&command, Outcome::Done);
    assert_eq!(desk.word(), "pending", "the phone only began to ring");
    tell_calls(&mut desk, &[calls::ANNA, Told { phase: Phase::Alerting, ..calls::MINE }]);
    assert_eq!(desk.word(), "pending");
    desk.wait(30);
    assert_eq!(desk.word(), "pending", "a phone may ring for longer than ten seconds");
    tell_calls(&mut desk, &[calls::ANNA, calls::MINE]);
    assert_eq!(desk.word(), "done");
}

#[test]
fn a_phone_that_nobody_takes_up_leaves_it_unknown() {
    let mut desk = at_anna();
    let command = only_command(&desk.press("m enter enter y"));
    desk.finish(&command, Outcome::Done);
    desk.wait(60);
    assert_eq!(desk.word(), "unknown");
}

#[test]
fn supervision_that_runs_is_ended_by_clearing_the_own_call() {
    let mut desk = at_anna();
    tell_calls(&mut desk, &[calls::ANNA, calls::MINE]);
    desk.press("m");
    assert_eq!(items(&desk)[0], "end: clear your own call");
    desk.press("enter");
    let Control::Call { call, user, request: act, .. } = control(only(&desk.press("y"))) else {
        panic!()
    };
    assert_eq!((call.raw(), user.raw()), ("m1", "me@hq.example.com"));
    assert_eq!(act, plain(CallAction::Clear));
}

#[test]
fn only_what_the_call_lists_is_offered_but_clear_and_pick_up() {
    let mut desk = at_anna();
    desk.press("C");
    assert_eq!(
        items(&desk),
        [
            "hold",
            "transfer, at once",
            "transfer, when the other end is free",
            "clear: hang up, decline, stop ringing"
        ]
    );
    desk.press("esc");
    tell_calls(&mut desk, &[Told { phase: Phase::Alerting, offers: &[], ..calls::ANNA }]);
    desk.press("C");
    assert_eq!(
        items(&desk),
        ["pick up on your own phone", "clear: hang up, decline, stop ringing"]
    );
}

#[test]
fn everything_that_a_call_lists_is_offered_with_its_consequence() {
    let all = [
        ("mute", plain(CallAction::Mute), "Mute the call", "The other end no longer hears"),
        ("unmute", plain(CallAction::Unmute), "Unmute the call", "hears this person again"),
        ("park", plain(CallAction::Park), "Park the call", "anybody picks it up"),
        (
            "recording: start",
            plain(CallAction::StartRecording),
            "Record the call",
            "from then on is recorded",
        ),
        (
            "recording: stop",
            plain(CallAction::StopRecording),
            "Stop recording the call",
            "from then on is not recorded",
        ),
    ];
    const OFFERS: &[CallAction] = &[
        CallAction::Mute,
        CallAction::Unmute,
        CallAction::Park,
        CallAction::StartRecording,
        CallAction::StopRecording,
    ];
    for (words, act, title, consequence) in all {
        let mut desk = at_anna();
        tell_calls(&mut desk, &[Told { offers: OFFERS, ..calls::ANNA }]);
        choose(&mut desk, words);
        assert!(desk.question().title.starts_with(title), "{}", desk.question().title);
        assert!(told(&desk)[0].contains(consequence), "{:?}", told(&desk));
        let Control::Call { request: sent, token, .. } = control(only(&desk.press("y"))) else {
            panic!()
        };
        assert_eq!((sent, token), (act, Some(7)));
    }
}

#[test]
fn whoever_only_reads_is_offered_nothing() {
    let mut desk = calls::opened(floorwalker::operations::Access::ReadOnly);
    tell_calls(&mut desk, &[Told { offers: &[CallAction::Park, CallAction::Mute], ..calls::ANNA }]);
    desk.press("2");
    desk.select(&person("anna"));
    desk.press("C");
    assert!(desk.state.screen.dialog.is_none());
}

#[test]
fn an_own_call_is_answered_and_moved_on_ones_own_phones() {
    let mut desk = desk();
    let rings = Told { phase: Phase::Alerting, offers: &[CallAction::Answer], ..calls::MINE };
    tell_calls(&mut desk, &[rings]);
    desk.press("3");
    desk.select(&call_row("m1"));
    choose(&mut desk, "answer");
    assert_eq!(items(&desk), ["Desk 12 (desk phone)", "Handy (mobile phone)"]);
    desk.press("enter");
    assert!(told(&desk)[0].contains("Desk 12"), "{:?}", told(&desk));
    let Control::Call { request: act, .. } = control(only(&desk.press("y"))) else { panic!() };
    assert_eq!(act, with(CallAction::Answer, "d1"));
    let mut desk = self::desk();
    tell_calls(&mut desk, &[Told { offers: &[CallAction::Move], ..calls::MINE }]);
    desk.press("3");
    desk.select(&call_row("m1"));
    choose(&mut desk, "move");
    desk.press("down enter");
    let Control::Call { request: act, .. } = control(only(&desk.press("y"))) else { panic!() };
    assert_eq!(act, with(CallAction::Move, "d2"));
}

#[test]
fn of_another_persons_call_the_device_is_typed_where_none_is_listed() {
    let mut desk = at_anna();
    tell_calls(&mut desk, &[Told { offers: &[CallAction::Move], ..calls::ANNA }]);
    choose(&mut desk, "move");
    assert!(matches!(desk.state.screen.dialog, Some(Dialog::Typed(_))));
    for bad in ["", "..", "%2e"] {
        desk.press("ctrl+u");
        desk.event(Event::Paste(bad.to_owned()));
        desk.press("enter");
        let Some(Dialog::Typed(entry)) = &desk.state.screen.dialog else { panic!("{bad:?}") };
        assert_eq!(entry.error, Some("the id of a device is needed"), "{bad:?}");
    }
    desk.press("ctrl+u");
    desk.event(Event::Paste("+1555555".to_owned()));
    desk.press("enter");
    let Control::Call { request: act, .. } = control(only(&desk.press("y"))) else { panic!() };
    assert_eq!(act, with(CallAction::Move, "+1555555"));
}

#[test]
fn the_menu_opens_on_the_call_as_on_the_agent() {
    let mut desk = desk();
    desk.press("3");
    desk.select(&call_row("c1"));
    choose(&mut desk, "hold");
    let title = "Hold the call of Anna Lind with +358405550142?";
    assert_eq!(desk.question().title.as_str(), title);
}

#[test]
fn an_action_sends_the_state_that_the_question_showed() {
    let mut desk = at_anna();
    choose(&mut desk, "hold");
    assert_eq!(told(&desk)[1], "Asked of the call as it is now: connected (state 7).");
    let sent = control(only(&desk.press("y")));
    let (call, user) = (CallId::new("c1"), AgentId::new("anna@hq.example.com"));
    assert_eq!(
        sent,
        Control::Call {
            handle: call.clone(),
            call,
            user,
            token: Some(7),
            request: plain(CallAction::Hold)
        }
    );
}

#[test]
fn a_state_that_moved_on_before_y_is_asked_again_with_both_values() {
    let mut desk = at_anna();
    choose(&mut desk, "transfer, at once");
    desk.write("0401234567");
    desk.press("enter");
    let moved = Told { token: 8, phase: Phase::Held, ..calls::ANNA };
    tell_calls(&mut desk, &[moved]);
    assert!(desk.press("y").is_empty(), "an old state is not acted on");
    assert_eq!(
        told(&desk)[0],
        "It has changed since you were asked. Then: connected (state 7). Now: held (state 8)."
    );
    let Control::Call { token, .. } = control(only(&desk.press("y"))) else { panic!() };
    assert_eq!(token, Some(8));
}

#[test]
fn what_the_call_no_longer_lists_is_not_asked_again() {
    let mut desk = at_anna();
    choose(&mut desk, "hold");
    let held = Told { token: 8, phase: Phase::Held, offers: &[CallAction::Resume], ..calls::ANNA };
    tell_calls(&mut desk, &[held]);
    assert!(desk.press("y").is_empty());
    assert!(desk.state.screen.dialog.is_none());
    assert!(desk.notice().ends_with("changed meanwhile, nothing was sent"), "{}", desk.notice());
}

#[test]
fn a_call_that_is_over_before_y_is_not_acted_on() {
    let mut desk = at_anna();
    choose(&mut desk, "clear");
    tell_calls(&mut desk, &[]);
    assert!(desk.press("y").is_empty());
    assert!(desk.notice().ends_with("changed meanwhile, nothing was sent"), "{}", desk.notice());
    assert!(desk.state.screen.dialog.is_none());
}

#[test]
fn what_the_vendor_calls_outdated_is_asked_again_once_a_reading_tells() {
    let mut desk = at_anna();
    choose(&mut desk, "hold");
    let command = only(&desk.press("y"));
    desk.finish(&command, Outcome::Outdated(Shown::clean("state 7 when asked, state 8 now")));
    assert_eq!(desk.word(), "refused");
    assert!(desk.state.screen.dialog.is_none(), "what it is now is not known yet");
    tell_calls(&mut desk, &[Told { token: 8, ..calls::ANNA }]);
    assert!(told(&desk)[0].ends_with("Then: connected (state 7). Now: connected (state 8)."));
    assert!(desk.press("y").is_empty(), "a key that was meant for the board is no answer");
    desk.wait(2);
    let Control::Call { token, .. } = control(only(&desk.press("y"))) else { panic!() };
    assert_eq!(token, Some(8));
}

#[test]
fn a_question_that_opens_by_itself_covers_nothing_that_somebody_is_at() {
    let mut desk = at_anna();
    choose(&mut desk, "hold");
    let command = only(&desk.press("y"));
    desk.press("/");
    desk.finish(&command, Outcome::Outdated(Shown::clean("moved on")));
    tell_calls(&mut desk, &[Told { token: 8, ..calls::ANNA }]);
    assert!(desk.state.screen.dialog.is_none());
    desk.press("esc");
    tell_calls(&mut desk, &[Told { token: 9, ..calls::ANNA }]);
    assert!(desk.state.screen.dialog.is_none(), "and none comes late");
}

#[test]
fn while_one_action_is_pending_the_call_takes_no_other() {
    let mut desk = at_anna();
    choose(&mut desk, "hold");
    assert_eq!(desk.press("y y y").len(), 1);
    choose(&mut desk, "clear");
    assert!(desk.state.screen.dialog.is_none());
    assert_eq!(desk.notice(), "already asked: wait for the answer");
}

#[test]
fn a_lost_answer_is_unknown_until_a_reading_shows_the_truth() {
    let mut desk = at_anna();
    choose(&mut desk, "hold");
    let command = only(&desk.press("y"));
    desk.finish(&command, Outcome::Unknown(Shown::clean("the connection was reset")));
    assert_eq!(desk.word(), "unknown");
    tell_calls(&mut desk, &[calls::ANNA]);
    assert_eq!(desk.word(), "unknown");
    tell_calls(&mut desk, &[Told { token: 8, phase: Phase::Held, ..calls::ANNA }]);
    assert_eq!(desk.word(), "done");
}

#[test]
fn a_destination_is_typed_and_pasted_text_confirms_nothing() {
    let mut desk = at_anna();
    choose(&mut desk, "transfer, when");
    assert!(matches!(desk.state.screen.dialog, Some(Dialog::Typed(_))));
    desk.press("enter");
    let Some(Dialog::Typed(entry)) = &desk.state.screen.dialog else { panic!() };
    assert_eq!(entry.error, Some("a number or an address is needed"));
    desk.event(Event::Paste("040-123 45 67\n".to_owned()));
    assert!(matches!(desk.state.screen.dialog, Some(Dialog::Typed(_))), "a paste takes nothing");
    desk.press("enter");
    assert!(desk.event(Event::Paste("y".to_owned())).is_empty());
    assert!(desk.state.screen.dialog.is_none(), "pasted text answers no question");
}

#[test]
fn what_is_neither_a_number_nor_an_address_is_not_asked_about() {
    for (written, sent) in [
        ("040 123 45 67", Some("0401234567")),
        ("+358-40-1234567", Some("+358401234567")),
        ("2103", Some("2103")),
        ("bo@hq.example.com", Some("bo@hq.example.com")),
        ("sip:bo@hq.example.com", Some("sip:bo@hq.example.com")),
        ("bo", None),
        ("bo ek@x", None),
        ("+", None),
    ] {
        let mut desk = at_anna();
        choose(&mut desk, "transfer, at once");
        desk.event(Event::Paste(written.to_owned()));
        desk.press("enter");
        match sent {
            Some(to) => {
                let Control::Call { request: act, .. } = control(only(&desk.press("y"))) else {
                    panic!()
                };
                assert_eq!(act, with(CallAction::Transfer, to));
            }
            None => assert!(desk.press("y").is_empty(), "{written}"),
        }
    }
}

#[test]
fn a_board_that_masks_masks_the_other_end() {
    let mut desk = at_anna();
    desk.state.mask = true;
    choose(&mut desk, "hold");
    let title = desk.question().title.as_str();
    assert_eq!(title, "Hold the call of Anna Lind with +358…42?");
}

#[test]
fn a_system_without_call_control_says_so() {
    let mut desk = desk();
    let row = floorwalker::table::RowId::Queue("hq".into(), "21".into());
    desk.select(&row);
    desk.press("m");
    assert_eq!(desk.notice(), "select an agent or a call first");
}

/// What may happen between a question and its answer, and around it.
fn anything() -> impl Strategy<Value = Vec<&'static str>> {
    let one = prop::sample::select(vec![
        "y", "y", "y", "j", "tab", "S", "paste", "resize", "same", "moved", "space", "F",
    ]);
    prop::collection::vec(one, 1..12)
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn whatever_is_pressed_pasted_or_told_one_question_is_at_most_one_request_for_its_call(
        happens in anything(),
    ) {
        let mut desk = at_anna();
        choose(&mut desk, "hold");
        let mut token = 7;
        let mut sent = Vec::new();
        for what in happens {
            let effects = match what {
                "paste" => desk.event(Event::Paste("yyy".to_owned())),
                "resize" => desk.event(Event::Resize { width: 36, height: 10 }),
                "same" => { tell_calls(&mut desk, &[Told { token, ..calls::ANNA }]); Vec::new() }
                "moved" => {
                    token += 1;
                    tell_calls(&mut desk, &[Told { token, ..calls::ANNA }]);
                    Vec::new()
                }
                key => desk.press(key),
            };
            for effect in effects {
                if let Effect::Send(command) = effect {
                    sent.push((control(command), token));
                }
            }
        }
        prop_assert!(sent.len() <= 1, "{sent:?}");
        if let Some((control, now)) = sent.first() {
            let Control::Call { call, token, request: act, .. } = control else { panic!() };
            prop_assert_eq!((call.raw(), act), ("c1", &plain(CallAction::Hold)));
            prop_assert_eq!(*token, Some(*now), "an old state is never acted on");
        }
    }
}
