//! A vendor whose clock is not ours: no event is lost, nothing is held back, and what comes late stays late.

use chrono::TimeDelta;
use floorwalker::floor::agent::AgentState;
use floorwalker::floor::call::Phase;
use floorwalker::floor::id::QueueId;
use floorwalker::floor::time::{Moment, Now};
use floorwalker::floor::{Kind, Part, World};
use floorwalker::source::enreach::events::map::Mapper;
use serde_json::{Value, json};

use crate::support::enreach::{Desk, QUEUE, aino, call, now, queues, settings, with};
use crate::support::fixtures;

/// A vendor of which nothing was heard yet.
fn fresh() -> Desk {
    let world = World::new(Kind::Enreach);
    Desk { world, mapper: Mapper::new(&settings()), now: at(0), log: Vec::new() }
}

/// Both clocks so many seconds after the beginning.
fn at(second: u64) -> Now {
    let begin = now();
    Now {
        moment: Moment::from_millis(begin.moment.as_millis() + second * 1_000),
        wall: begin.wall + TimeDelta::seconds(i64::try_from(second).unwrap()),
    }
}

/// An event that arrives at that second, of a vendor whose clock is so far ahead; whether it changed anything.
fn tell(desk: &mut Desk, second: u64, ahead: i64, name: &str, mut changes: Value) -> bool {
    desk.now = at(second);
    let stated = desk.now.wall + TimeDelta::seconds(ahead) - TimeDelta::milliseconds(200);
    changes["Timestamp"] = json!(stated.to_rfc3339());
    changes["Id"] = json!(format!("{name} {second} {changes}"));
    desk.tell(&with(name, &changes))
}

fn read_queues(desk: &mut Desk, second: u64) {
    let moment = at(second).moment;
    let rows = queues(&fixtures::json("enreach/queues"), moment);
    desk.world.replace(Part::Queues(rows), moment);
}

fn waiting(desk: &Desk) -> Option<u32> {
    desk.world.queues[&QueueId::new(QUEUE)].figures.waiting
}

fn status(free: bool) -> Value {
    json!({"Talking": false, "Serving": true, "ActiveQueueId": null, "CanBeAllocatedTo": free})
}

#[test]
fn every_status_of_a_vendor_whose_clock_is_wrong_counts_against_our_own_readings() {
    for ahead in [-3_600, -600, -20, 0, 20, 600, 3_600] {
        let mut desk = fresh();
        for second in 0..60 {
            if second % 10 == 0 {
                read_queues(&mut desk, second);
            }
            let count = u32::try_from(second).unwrap() + 100;
            tell(&mut desk, second, ahead, "QueueStatus", json!({"NbrOfQueuingRequesters": count}));
            assert_eq!(waiting(&desk), Some(count), "{ahead} s ahead, second {second}");
        }
    }
}

#[test]
fn one_event_in_a_time_without_a_zone_freezes_neither_an_agent_nor_a_call() {
    for shift in [-9_i64, -1, 1, 2, 11] {
        let mut desk = fresh();
        for second in 0..5 {
            tell(&mut desk, second, 0, "UserStatus", status(second % 2 == 0));
        }
        let mut wrong = status(false);
        let stated = at(6).wall + TimeDelta::hours(shift);
        wrong["Timestamp"] = json!(stated.format("%Y-%m-%dT%H:%M:%S").to_string());
        desk.now = at(6);
        desk.tell(&with("UserStatus", &wrong));
        let mut arrived = json!({});
        arrived["Timestamp"] = wrong["Timestamp"].clone();
        desk.tell(&with("QueueCallInArrived", &arrived));
        tell(&mut desk, 12, 0, "UserStatus", status(true));
        assert_eq!(aino(&desk), AgentState::Available, "{shift} h");
        tell(&mut desk, 13, 0, "QueueCallInUserConnected", json!({}));
        assert_eq!(call(&desk.world).phase, Some(Phase::Connected), "{shift} h");
        assert_eq!(aino(&desk), AgentState::Talking, "{shift} h");
    }
}

#[test]
fn of_two_events_of_one_second_the_one_that_arrived_last_counts_whatever_their_ids_are() {
    for number in 0..20 {
        let mut desk = Desk::open();
        let both = [(format!("id-{number}"), false), (format!("other-{}", number * 7), true)];
        for (id, free) in both {
            let mut changes = status(free);
            changes["Id"] = json!(id);
            changes["Timestamp"] = json!("2026-03-12T14:59:30Z");
            desk.tell(&with("UserStatus", &changes));
        }
        assert_eq!(aino(&desk), AgentState::Available, "number {number}");
        let count = |count: u32| json!({"NbrOfQueuingRequesters": count, "Id": format!("{number}-{count}")});
        desk.tell(&with("QueueStatus", &count(8)));
        desk.tell(&with("QueueStatus", &count(9)));
        desk.tell(&with("QueueStatus", &count(9)));
        assert_eq!(waiting(&desk), Some(9));
    }
}

#[test]
fn a_late_status_replaces_neither_a_newer_one_nor_a_reading_that_was_made_since() {
    let mut desk = fresh();
    for second in 0..5 {
        tell(&mut desk, second, 0, "QueueStatus", json!({"NbrOfQueuingRequesters": 5}));
    }
    read_queues(&mut desk, 300);
    let read = waiting(&desk);
    tell(&mut desk, 320, -100, "QueueStatus", json!({"NbrOfQueuingRequesters": 77}));
    assert_eq!(waiting(&desk), read, "of before the reading");
    tell(&mut desk, 330, 0, "QueueStatus", json!({"NbrOfQueuingRequesters": 6}));
    tell(&mut desk, 331, -20, "QueueStatus", json!({"NbrOfQueuingRequesters": 77}));
    assert_eq!(waiting(&desk), Some(6), "of before another event");
}

#[test]
fn times_that_are_told_in_an_event_are_corrected_as_its_own_is() {
    let mut desk = fresh();
    for second in 0..5 {
        tell(&mut desk, second, 600, "QueueStatus", json!({}));
    }
    let since = at(4).wall + TimeDelta::seconds(600 - 60);
    let talking =
        json!({"Talking": true, "Serving": true, "TalkingStatusChanged": since.to_rfc3339()});
    tell(&mut desk, 6, 600, "UserStatus", talking);
    let agent = desk.world.agents.values().next().unwrap();
    let age = desk.now.age(agent.since.unwrap()).as_secs();
    assert_eq!(age, 61, "and not ten minutes less");
}

#[test]
fn a_message_is_late_by_its_vendors_clock_and_not_by_ours() {
    let mut desk = fresh();
    let late = |desk: &mut Desk, second: u64, ahead: i64| {
        tell(desk, second, ahead, "QueueStatus", json!({}));
        desk.world.news[&QueueId::new(QUEUE)].status.as_ref().unwrap().told.late
    };
    for second in 3..20 {
        let is_late = late(&mut desk, second, -301);
        assert_eq!(is_late, second < 5, "second {second}: five minutes behind, worth one minute");
    }
}
