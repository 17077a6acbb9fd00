//! N5: what a queue's calls are counted as, and queues that events alone tell of.

use floorwalker::floor::Part;
use floorwalker::floor::id::{AgentKey, QueueId};
use floorwalker::floor::tally::CountedDay;
use floorwalker::floor::time::Moment;
use serde_json::{Value, json};

use crate::support::enreach::{AINO, Desk, QUEUE, at, queues, value, with};
use crate::support::fixtures;

const EERO: &str = "7d0c2f44-5a11-4f0e-9d36-0c5e3a9b5a02";

fn counted(desk: &Desk) -> CountedDay {
    let row = &desk.world.queues[&QueueId::new(QUEUE)];
    *row.figures.counted.clone().expect("calls of it were told of")
}

/// What events come to; the same in the opposite order, and each of them twice.
fn day(events: &[Value]) -> CountedDay {
    let mut desk = Desk::open();
    for event in events {
        desk.tell(event);
    }
    let mut other = Desk::open();
    for event in events.iter().rev().chain(events) {
        other.tell(event);
    }
    assert_eq!(counted(&desk), counted(&other), "order and repetition count for nothing");
    counted(&desk)
}

fn offered(name: &str, second: u32, agent: &str) -> Value {
    let name_of = if agent == AINO { "Aino Salo" } else { "Eero Lahti" };
    at(name, second, json!({"UserId": agent, "UserName": name_of}))
}

fn came() -> Vec<Value> {
    vec![at("QueueCallInComing", 5, json!({})), at("QueueCallInArrived", 20, json!({}))]
}

fn ended(second: u32, reason: &str) -> Value {
    at("QueueCallInDisconnected", second, json!({"Reason": reason}))
}

#[test]
fn a_caller_who_hangs_up_before_anybody_answers_is_abandoned() {
    let all = day(&[came(), vec![ended(60, "remote")]].concat());
    assert_eq!((all.offered, all.answered, all.abandoned), (1, 0, 1));
    let by_us = day(&[came(), vec![ended(60, "local")]].concat());
    assert_eq!((by_us.offered, by_us.abandoned), (1, 0), "the queue hung up");
    let ringing = vec![offered("QueueCallInUserAllocated", 50, AINO), ended(60, "remote")];
    assert_eq!(day(&[came(), ringing].concat()).abandoned, 1, "while it rang");
}

#[test]
fn a_call_that_was_answered_promised_overflowed_or_turned_away_is_not_abandoned() {
    for name in [
        "QueueCallInUserConnected",
        "QueueCallInOverflow",
        "QueueCallInCallbackCreated",
        "QueueCallInScheduleClosed",
        "QueueCallInTransferConnected",
    ] {
        let all = day(&[came(), vec![at(name, 50, json!({})), ended(60, "remote")]].concat());
        assert_eq!(all.abandoned, 0, "{name}");
    }
    let unseen = day(&[ended(60, "remote")]);
    assert_eq!((unseen.offered, unseen.abandoned), (0, 0), "who knows what was before");
}

#[test]
fn handle_time_is_talk_hold_and_wrap_up() {
    let talk = vec![
        at("QueueCallInUserConnected", 70, json!({})),
        at("QueueCallInHoldStart", 100, json!({})),
        at("QueueCallInHoldEnd", 130, json!({})),
    ];
    let going_on = day(&[came(), talk.clone()].concat());
    assert_eq!((going_on.answered, going_on.average_handle_s), (1, None), "it is not done");
    let end = vec![ended(160, "remote"), at("UserWrapUpStarted", 161, json!({}))];
    let over = day(&[came(), talk.clone(), end.clone()].concat());
    assert_eq!(over.average_handle_s, Some(90));
    let written_up = at("UserWrapUpTerminated", 203, json!({"ElapsedTimeSec": 42}));
    let done = day(&[came(), talk, end, vec![written_up]].concat());
    assert_eq!(done.average_handle_s, Some(132));
}

#[test]
fn a_wrap_up_that_takes_longer_than_a_call_stays_counts_all_the_same() {
    let mut desk = Desk::open();
    desk.tell(&at("QueueCallInArrived", 20, json!({})));
    desk.tell(&at("QueueCallInUserConnected", 70, json!({})));
    desk.tell(&ended(160, "remote"));
    desk.tell(&at("UserWrapUpStarted", 161, json!({})));
    let then = Moment::from_millis(desk.now.moment.as_millis() - 3_600_000 + 161_000 + 300_000);
    desk.world.tick(then);
    desk.tell(&at("UserWrapUpTerminated", 461, json!({"ElapsedTimeSec": 300})));
    assert_eq!(counted(&desk).average_handle_s, Some(390));
}

#[test]
fn an_offer_that_nobody_answers_counts_for_whom_it_rang_at() {
    let rang = [
        offered("QueueCallInUserAllocated", 30, AINO),
        offered("QueueCallInUserCancelled", 45, AINO),
        offered("QueueCallInUserAllocated", 46, AINO),
        offered("QueueCallInUserCancelled", 60, AINO),
    ];
    let all = day(&[came(), rang.to_vec()].concat());
    assert_eq!(all.unanswered_offers(), 2);
    assert_eq!(all.unanswered.get(&AgentKey::new(AINO)), Some(&2));
}

#[test]
fn an_offer_that_another_answered_or_that_the_caller_ended_is_not_unanswered() {
    let ring = [
        offered("QueueCallInUserAllocated", 30, AINO),
        offered("QueueCallInUserAllocated", 30, EERO),
    ];
    for (cancelled, connected) in [(36, 35), (35, 35), (34, 35)] {
        let rest = [
            offered("QueueCallInUserConnected", connected, EERO),
            offered("QueueCallInUserCancelled", cancelled, AINO),
        ];
        let all = day(&[came(), ring.to_vec(), rest.to_vec()].concat());
        assert_eq!(all.unanswered_offers(), 0, "{cancelled} and {connected}");
    }
    for cancelled in [39, 40, 41] {
        let rest = [offered("QueueCallInUserCancelled", cancelled, AINO), ended(40, "remote")];
        let all = day(&[came(), ring[..1].to_vec(), rest.to_vec()].concat());
        assert_eq!((all.unanswered_offers(), all.abandoned), (0, 1), "{cancelled}");
    }
}

#[test]
fn overflow_is_counted_by_its_reason_and_calls_while_closed_by_themselves() {
    let overflow =
        |second, reason: &str| at("QueueCallInOverflow", second, json!({"OverflowReason": reason}));
    let back = at("QueueCallInArrived", 45, json!({}));
    let all = day(&[came(), vec![overflow(40, "QueueFull"), back, overflow(60, "")]].concat());
    let reasons: Vec<(&str, u32)> =
        all.overflowed.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    assert_eq!(reasons, [("QueueFull", 1), ("no reason told", 1)]);
    assert_eq!((all.offered, all.all_overflowed()), (1, 2), "one call that came once");
    let closed = day(&[at("QueueCallInScheduleClosed", 21, json!({}))]);
    assert_eq!((closed.offered, closed.closed, closed.abandoned), (1, 1, 0));
}

#[test]
fn a_count_says_since_when_and_ends_with_the_day() {
    let on = |name: &str, call: &str, at: &str| {
        with(name, &json!({"CallId": call, "Timestamp": at, "Reason": "remote"}))
    };
    let mut desk = Desk::open();
    desk.tell(&with("QueueCallInArrived", &json!({"Timestamp": "2026-03-11T10:00:00Z"})));
    desk.tell(&on(
        "QueueCallInDisconnected",
        crate::support::enreach::CALL,
        "2026-03-11T10:01:00Z",
    ));
    let yesterday = counted(&desk);
    assert_eq!((yesterday.abandoned, yesterday.whole), (1, false));
    assert_eq!(yesterday.since.to_rfc3339(), "2026-03-11T10:00:00+00:00");
    let figures = |desk: &Desk| desk.world.queues[&QueueId::new(QUEUE)].figures.clone();
    assert_eq!(figures(&desk).abandoned, None, "less than the day is no figure of the day");
    desk.tell(&with(
        "QueueCallInArrived",
        &json!({"CallId": "b", "Timestamp": "2026-03-12T14:20:00Z"}),
    ));
    let today = counted(&desk);
    assert_eq!((today.offered, today.abandoned, today.whole), (1, 0, true));
    assert_eq!(figures(&desk).abandoned, Some(0), "of the whole day");
}

#[test]
fn events_of_status_alone_show_their_queues() {
    let mut desk = Desk::unread();
    desk.tell(&with("QueueStatus", &json!({"QueueId": "a", "QueueName": "Sales"})));
    let row = &desk.world.queues[&QueueId::new("a")];
    assert_eq!((row.name.as_str(), row.figures.waiting), ("Sales", Some(3)));
    let figures = &row.figures;
    let more = (figures.calls_total, figures.calls_not_served, figures.agents_total);
    assert_eq!(more, (Some(9), Some(4), Some(14)));
    // A queue that the poll's user cannot see is told of all the same.
    let mut desk = Desk::open();
    desk.tell(&with("QueueStatus", &json!({"QueueId": "a", "QueueName": "Sales"})));
    assert_eq!(desk.world.queues.len(), 4);
    let read_at = desk.now.moment;
    let rows = queues(&fixtures::json("enreach/queues"), read_at);
    desk.world.replace(Part::Queues(rows), read_at);
    assert_eq!(desk.world.queues.len(), 4, "a reading that never had it takes nothing away");
}

#[test]
fn a_queue_that_is_read_no_more_is_gone_whatever_events_told_before() {
    let mut desk = Desk::open();
    desk.tell(&value("QueueStatus"));
    let read_at = desk.now.moment;
    let rows = queues(&fixtures::json("enreach/queues"), read_at);
    let others = rows.into_iter().filter(|row| row.id != QueueId::new(QUEUE)).collect();
    desk.world.replace(Part::Queues(others), read_at);
    assert!(!desk.world.queues.contains_key(&QueueId::new(QUEUE)));
}

#[test]
fn somebody_who_is_away_has_been_so_since_the_start_that_is_told() {
    let since = |events: &[Value]| {
        let mut desk = Desk::open();
        for event in events {
            desk.tell(event);
        }
        let since = desk.world.agents[&AgentKey::new(AINO)].since;
        since.map(|at| desk.now.wall_of(at).to_rfc3339())
    };
    let start = |at: &str| with("UserAvailability", &json!({"StartTime": at}));
    let free = json!({"Talking": false, "ActiveQueueId": null});
    let status = with("UserStatus", &free);
    let told = Some("2026-03-12T13:05:00+00:00".to_owned());
    assert_eq!(since(&[start("2026-03-12T13:05:00Z"), status.clone()]), told);
    assert_eq!(since(&[start("2026-03-12T13:05:00Z")]), told, "nobody told anything else");
    assert_eq!(since(&[start("0001-01-01T00:00:00"), status.clone()]), None, "unset");
    assert_eq!(since(&[start("2026-03-13T13:05:00Z"), status]), None, "that is still to come");
}
