//! The life of one task, and what late, doubled and missing events make of it.

use std::time::Duration;

use floorwalker::floor::call::Phase;
use floorwalker::floor::task::{Task, Turn};
use serde_json::json;

use crate::support::desk::later;
use crate::support::nimbus::{Floor, event, settings};

fn task(floor: &Floor) -> &Task {
    floor.world.tasks.get(&"t".into()).unwrap()
}

fn phase(floor: &Floor) -> Phase {
    task(floor).phase.unwrap()
}

#[test]
fn a_task_waits_from_the_receipt_of_the_event_that_says_so() {
    let mut floor = Floor::default();
    let created = json!({"created": "2026-03-12T13:00:00Z"});
    floor.tell(0, &event("t", "System accepted", &created));
    assert_eq!((phase(&floor), task(&floor).wait(later(5))), (Phase::New, None));
    floor.tell(10, &event("t", "Queued", &created));
    assert_eq!(task(&floor).wait(later(40)), Some(30), "not since it was made");
    floor.tell(45, &event("t", "User accepted", &json!({"LastConnectedUserUPN": "Jo@x.example"})));
    assert_eq!(task(&floor).wait(later(400)), Some(35), "the wait is over");
    assert_eq!(task(&floor).facts.agent.as_ref().unwrap().raw(), "jo@x.example");
    assert!(task(&floor).answered);
}

#[test]
fn park_and_hold_are_told_apart_and_a_park_ends_supervision() {
    let mut own = settings();
    own.task_events = [("Watched".to_owned(), Turn::Supervised(true))].into();
    let mut floor = Floor::by(&own);
    floor.say(0, "t", "User connected");
    floor.say(10, "t", "Watched");
    assert_eq!(task(&floor).supervised, Some(true));
    floor.say(20, "t", "On hold");
    assert_eq!((phase(&floor), task(&floor).supervised), (Phase::Held, Some(true)));
    floor.say(90, "t", "Resumed");
    floor.say(100, "t", "Parked");
    assert_eq!((phase(&floor), task(&floor).supervised), (Phase::Parked, Some(false)));
    floor.say(200, "t", "Unparked");
    let supervised = task(&floor).supervised;
    assert_eq!(
        (phase(&floor), supervised),
        (Phase::Connected, Some(false)),
        "it does not come back"
    );
}

#[test]
fn the_end_is_the_end_whatever_comes_after_it() {
    let mut floor = Floor::default();
    floor.say(0, "t", "Queued");
    floor.say(10, "t", "Terminated");
    assert!(task(&floor).is_abandoned());
    floor.say(12, "t", "Queued");
    assert_eq!(phase(&floor), Phase::Ended);
    floor.tell(14, &event("t", "User accepted", &json!({"LastConnectedUserUPN": "jo@x.example"})));
    assert_eq!(phase(&floor), Phase::Ended);
    assert!(!task(&floor).is_abandoned(), "somebody had it all the same");
    floor.tick(14 + 61);
    assert!(floor.world.tasks.get(&"t".into()).is_none(), "it stays a minute");
    floor.say(80, "t", "Queued");
    assert!(floor.world.tasks.get(&"t".into()).is_none(), "and nothing late brings it back");
}

#[test]
fn what_was_overtaken_does_not_turn_a_task_back() {
    let mut floor = Floor::default();
    floor.say(0, "t", "User connected");
    floor.say(1, "t", "Queued");
    floor.say(2, "t", "System accepted");
    assert_eq!(phase(&floor), Phase::Connected);
    assert_eq!(task(&floor).wait(later(9)), None, "how long it waited nobody knows");
    floor.say(3, "t", "Queued");
    assert_eq!(phase(&floor), Phase::Connected, "delivered twice");
    floor.say(120, "t", "Queued");
    assert_eq!(phase(&floor), Phase::Waiting, "it is back in the queue");
    assert_eq!(task(&floor).wait(later(130)), Some(10));
}

#[test]
fn the_same_thing_after_another_happened_again_unless_two_deliveries_overtook_it() {
    let mut floor = Floor::default();
    for (second, word, phase_then) in [
        (0, "User connected", Phase::Connected),
        (10, "On hold", Phase::Held),
        (30, "Resumed", Phase::Connected),
        (35, "On hold", Phase::Held),
        (42, "Resumed", Phase::Connected),
        (43, "On hold", Phase::Held),
        (44, "Resumed", Phase::Held),
        (100, "On hold", Phase::Held),
    ] {
        floor.say(second, "t", word);
        assert_eq!(phase(&floor), phase_then, "{word} at {second}");
    }
    assert_eq!(task(&floor).since.unwrap().moment, later(43), "held since, and told so once more");
}

#[test]
fn a_task_without_news_is_lost_and_found_again() {
    let mut own = settings();
    own.lost_track = Duration::from_secs(600);
    let mut floor = Floor::by(&own);
    floor.say(0, "t", "Queued");
    let row = |floor: &Floor| floor.world.queues.values().next().unwrap().figures.waiting;
    floor.tick(599);
    assert_eq!((task(&floor).is_lost(later(599)), row(&floor)), (false, Some(1)));
    floor.tick(600);
    assert!(task(&floor).is_lost(later(600)), "shown, as lost");
    assert_eq!(row(&floor), Some(0), "and out of the counters");
    floor.say(700, "t", "Task updated");
    assert_eq!((task(&floor).is_lost(later(700)), row(&floor)), (false, Some(1)));
    floor.tick(700 + 600 + 12 * 3_600);
    assert!(floor.world.tasks.get(&"t".into()).is_none(), "nobody looks for it for ever");
    floor.say(50_000, "t", "User accepted");
    assert_eq!(phase(&floor), Phase::Connected, "unless it is told of");
}

#[test]
fn a_word_that_nobody_knows_keeps_the_state_and_is_listed() {
    let mut floor = Floor::default();
    floor.say(0, "t", "Queued");
    let news = floor.tell(5, &event("t", "Beep", &json!({})));
    assert_eq!(phase(&floor), Phase::Waiting);
    let said = format!("{news:?}");
    assert!(said.contains("task t: Beep, which moves nothing"), "{said}");
    let words: Vec<&str> = task(&floor).path().iter().map(|step| step.word.as_str()).collect();
    assert_eq!(words, ["Queued", "Beep"]);
}

#[test]
fn a_task_of_which_only_such_words_are_told_is_shown_as_new() {
    let mut floor = Floor::default();
    floor.say(0, "t", "In Bearbeitung");
    assert_eq!(
        (task(&floor).phase, task(&floor).is_here()),
        (None, true),
        "whoever sees it can say"
    );
    floor.tick(14_400);
    assert!(task(&floor).is_lost(later(14_400)));
}

#[test]
fn a_changed_parameter_is_shown_and_its_value_stays_out_of_the_log() {
    let mut floor = Floor::default();
    let changed = json!({"updatedParameterName": "Topic", "updatedParameterValue": "my divorce"});
    let news = floor.tell(0, &event("t", "Task updated", &changed));
    let said = format!("{:?}", news.last().unwrap());
    assert!(said.contains("Topic was changed") && !said.contains("divorce"), "{said}");
}

#[test]
fn a_task_keeps_a_bounded_number_of_steps() {
    let mut floor = Floor::default();
    for second in 0..200 {
        floor.tell(second, &event("t", "Queued", &json!({"outboundAttempt": second})));
    }
    assert_eq!(task(&floor).path().len(), floorwalker::floor::task::STEPS);
    assert_eq!(task(&floor).wait(later(200)), Some(200), "the first is among them");
}
