//! Calls through an afternoon: what a sequence of events comes to.

use std::time::Duration;

use floorwalker::floor::agent::AgentState;
use floorwalker::floor::call::{Phase, STEPS, What};
use floorwalker::floor::id::{AgentKey, CallId};
use floorwalker::source::enreach::events::NAMES;
use serde_json::json;

use crate::support::enreach::{AINO, CALL, Desk, aino, at, call, with};

#[test]
fn a_call_comes_waits_rings_is_answered_held_and_ended() {
    let mut desk = Desk::open();
    let steps = [
        ("QueueCallInComing", Phase::New, AgentState::Other),
        ("QueueCallInArrived", Phase::Waiting, AgentState::Other),
        ("QueueCallInUserAllocated", Phase::Alerting, AgentState::Reserved),
        ("QueueCallInUserCancelled", Phase::Waiting, AgentState::Other),
        ("QueueCallInUserConnected", Phase::Connected, AgentState::Talking),
        ("QueueCallInHoldStart", Phase::Held, AgentState::Holding),
        ("QueueCallInHoldEnd", Phase::Connected, AgentState::Talking),
        ("QueueCallInDisconnected", Phase::Ended, AgentState::Other),
    ];
    for (name, phase, state) in steps {
        desk.story(name);
        assert_eq!(call(&desk.world).phase, Some(phase), "{name}");
        if desk.world.agents.contains_key(&AgentKey::new(AINO)) {
            assert_eq!(aino(&desk), state, "{name}");
        }
    }
    let call = call(&desk.world);
    assert_eq!(
        call.wait(desk.now.moment),
        Some(50),
        "from 14:00:20 to 14:01:10, the offer included"
    );
    assert_eq!(call.agent_name.as_deref(), Some("Aino Salo"), "who had it last");
    assert!(!call.is_unanswered());
    assert_eq!(call.path().len(), 8);
}

#[test]
fn a_wait_grows_until_the_call_is_answered() {
    let mut desk = Desk::open();
    desk.story("QueueCallInComing QueueCallInArrived");
    let call = call(&desk.world);
    assert_eq!(call.wait(desk.now.moment), Some(3_580));
    assert_eq!(call.wait(desk.now.moment.after(Duration::from_secs(5))), Some(3_585));
}

#[test]
fn a_caller_who_gives_up_was_never_answered() {
    let mut desk = Desk::open();
    desk.story("QueueCallInArrived QueueCallInDisconnected");
    assert!(call(&desk.world).is_unanswered());
    assert!(call(&desk.world).reason.as_deref().unwrap().starts_with("remote"));
}

#[test]
fn trap_14_a_call_that_overflowed_may_come_back_to_the_same_queue() {
    let mut desk = Desk::open();
    desk.story("QueueCallInArrived QueueCallInOverflow");
    assert_eq!(call(&desk.world).phase, Some(Phase::Left));
    desk.tell(&at("QueueCallInArrived", 45, json!({})));
    let call = call(&desk.world);
    assert_eq!((call.phase, call.is_waiting()), (Some(Phase::Waiting), true));
    assert_eq!(call.wait(desk.now.moment), Some(3_580), "it has waited since it first came");
}

#[test]
fn in_another_queue_a_wait_begins_anew() {
    let mut desk = Desk::open();
    desk.story("QueueCallInArrived QueueCallInOverflow");
    desk.tell(&at("QueueCallInArrived", 60, json!({"QueueId": "q2", "QueueName": "Huolto"})));
    let call = call(&desk.world);
    assert_eq!(call.queue_name.as_deref(), Some("Huolto"));
    assert_eq!(call.wait(desk.now.moment), Some(3_540));
}

#[test]
fn trap_15_what_comes_long_after_a_call_does_not_revive_it() {
    let mut desk = Desk::open();
    desk.story("QueueCallInArrived QueueCallInUserConnected QueueCallInDisconnected");
    desk.now.moment = desk.now.moment.after(Duration::from_secs(1));
    assert!(desk.world.tick(desk.now.moment), "it has been over for long");
    assert_eq!(desk.world.calls.values().count(), 0);
    let late = "QueueCallTranscribed QueueUserCallInRecordingConverted QueueCallInRecording";
    desk.story(late);
    desk.tell(&at("QueueCallInHoldStart", 90, json!({})));
    desk.tell(&at("QueueCallInArrived", 300, json!({})));
    assert_eq!(desk.world.calls.values().count(), 0);
    // Of a call that nobody told of they make none either.
    desk.story("UserCallTranscribed UserCallRecorded UserVoiceMailRecordingConverted");
    desk.story("UserCallPublicityChanged CallbackCallTranscribed");
    assert_eq!(desk.world.calls.values().count(), 0);
    assert!(desk.world.callbacks.values().next().is_none());
}

#[test]
fn trap_16_a_call_ends_by_its_present_owner() {
    for name in ["UserCallInDisconnected", "QueueCallInDisconnected"] {
        let mut desk = Desk::open();
        desk.story("QueueCallInArrived QueueCallInUserConnected");
        desk.tell(&at(name, 400, json!({"CallId": CALL})));
        assert_eq!(call(&desk.world).phase, Some(Phase::Ended), "{name}");
        assert_eq!(aino(&desk), AgentState::Other);
    }
}

#[test]
fn a_call_that_was_left_for_elsewhere_may_come_back_and_one_that_ended_may_not() {
    for (last, back) in [("QueueCallInOverflow", true), ("QueueCallInDisconnected", false)] {
        let mut desk = Desk::open();
        desk.story("QueueCallInArrived");
        desk.story(last);
        desk.world.tick(desk.now.moment);
        assert_eq!(desk.world.calls.values().count(), 0, "{last}");
        desk.tell(&at("QueueCallInComing", 2, json!({})));
        assert_eq!(desk.world.calls.values().count(), 0, "what was earlier brings nothing back");
        desk.tell(&at("QueueCallInArrived", 600, json!({})));
        assert_eq!(desk.world.calls.values().count() == 1, back, "{last}");
    }
}

#[test]
fn a_call_whose_end_was_lost_leaves_after_hours() {
    let mut desk = Desk::open();
    desk.story("QueueCallInUserConnected");
    let after = |hours: u64| desk.now.moment.after(Duration::from_secs(hours * 3_600));
    let (three, four) = (after(2), after(4));
    assert!(!desk.world.tick(three));
    assert!(desk.world.tick(four));
    assert_eq!(aino(&desk), AgentState::Other, "and its agent is free of it");
}

#[test]
fn a_call_that_goes_round_in_circles_keeps_its_first_and_its_last_steps() {
    let mut desk = Desk::open();
    desk.story("QueueCallInComing");
    for second in 20..600 {
        let name = if second % 2 == 0 { "QueueCallInArrived" } else { "QueueCallInOverflow" };
        desk.tell(&at(name, second, json!({})));
    }
    let path = call(&desk.world).path();
    assert_eq!(path.len(), STEPS);
    assert_eq!((path[0].what, path[STEPS - 1].what), (What::Coming, What::Overflowed));
}

#[test]
fn there_are_never_more_calls_than_a_floor_can_show() {
    let mut desk = Desk::open();
    for index in 0..6_000 {
        desk.tell(&at("QueueCallInArrived", 20, json!({"CallId": format!("call-{index}")})));
    }
    assert!(desk.world.calls.values().count() <= 5_000);
}

#[test]
fn a_private_call_hides_its_other_end_from_then_on_and_before() {
    let mut desk = Desk::open();
    desk.story("UserCallInComing UserCallInUserConnected");
    let id = CallId::new("7d0c2f44-5a11-4f0e-9d36-0c5e3a9bc002");
    assert!(desk.world.calls.get(&id).unwrap().party.is_some());
    desk.story("UserCallPublicityChanged");
    assert_eq!(desk.world.calls.get(&id).unwrap().party, None);
    let text = serde_json::to_string(desk.world.calls.get(&id).unwrap()).unwrap();
    assert!(!text.contains("+358405550155"), "no step of it keeps the number: {text}");
    desk.tell(&at("UserCallInHoldStart", 3_400, json!({"Publicity": 0})));
    assert_eq!(desk.world.calls.get(&id).unwrap().party, None, "what was private stays hidden");
    desk.tell(&with("UserCallInComing", &json!({"CallId": "x", "Publicity": "Private"})));
    let text = serde_json::to_string(desk.world.calls.get(&CallId::new("x")).unwrap()).unwrap();
    assert!(!text.contains("+358405550155"), "the number is not even kept: {text}");
}

#[test]
fn the_same_afternoon_twice_is_the_same_afternoon() {
    let all = NAMES.join(" ");
    let (mut once, mut twice) = (Desk::open(), Desk::open());
    once.story(&all);
    twice.story(&all);
    twice.story(&all);
    assert_eq!(once.world, twice.world);
}

#[test]
fn trap_11_a_transfer_that_starts_names_its_target_whatever_else_it_lacks() {
    let mut desk = Desk::open();
    desk.story("QueueCallInUserConnected QueueCallInTransferStarted");
    let last = call(&desk.world).path().last().unwrap().clone();
    assert_eq!(last.what, What::Transferring);
    assert!(last.detail.unwrap().ends_with("1f02"));
    assert_eq!(call(&desk.world).phase, Some(Phase::Connected), "it is still here");
}

#[test]
fn trap_13_a_target_is_an_id_or_a_number_and_a_reason_a_cause_or_a_word() {
    for target in ["+358931500102", "7d0c2f44-5a11-4f0e-9d36-0c5e3a9b1f02", "+3581, +3582"] {
        let mut desk = Desk::open();
        desk.tell(&with("QueueCallInTransferConnected", &json!({"ConnectedTarget": target})));
        assert_eq!(call(&desk.world).reason.as_deref(), Some(target));
    }
    for reason in ["Normal call clearing", "busy_on_busy", "ivr_menu_failure"] {
        let mut desk = Desk::open();
        desk.tell(&with("QueueCallInDisconnected", &json!({"TechReason": reason})));
        assert!(call(&desk.world).reason.as_deref().unwrap().ends_with(reason));
    }
}

#[test]
fn a_call_that_is_put_back_into_a_queue_is_in_nobodys_hands() {
    let mut desk = Desk::open();
    desk.story("QueueCallInArrived QueueCallInUserConnected");
    desk.tell(&at("QueueCallInArrived", 200, json!({"QueueId": "q2", "QueueName": "Huolto"})));
    assert_eq!(
        (call(&desk.world).agent.clone(), call(&desk.world).agent_name.clone()),
        (None, None)
    );
    assert_eq!(aino(&desk), AgentState::Other);
}
