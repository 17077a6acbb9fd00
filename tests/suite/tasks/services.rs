//! What is counted of a service, and since when.

use floorwalker::floor::queue::Queue;
use floorwalker::floor::time::Moment;
use floorwalker::floor::{Delta, Part, World};
use serde_json::json;

use crate::support::desk::later;
use crate::support::nimbus::{Floor, SERVICE, event};

fn row(floor: &Floor) -> &Queue {
    &floor.world.queues[&SERVICE.into()]
}

fn counts(floor: &Floor) -> [Option<u32>; 3] {
    let figures = &row(floor).figures;
    [figures.offered, figures.answered, figures.abandoned]
}

fn register(floor: &mut Floor, second: u64) {
    floor.world.apply(Delta::Registered { queue: SERVICE.into(), since: later(second) });
}

#[test]
fn a_service_starts_empty_and_says_since_when() {
    let mut floor = Floor::default();
    register(&mut floor, 0);
    let figures = &row(&floor).figures;
    assert_eq!((figures.waiting, figures.longest_wait_s, figures.offered), (None, None, None));
    assert_eq!(floor.world.services[&SERVICE.into()].since(), Some(later(0)));
    assert_eq!(row(&floor).name.as_str(), SERVICE);
    floor.say(10, "a", "System accepted");
    assert_eq!(row(&floor).name.as_str(), "Claims");
    assert_eq!(row(&floor).figures.waiting, Some(0), "from here on it is known");
    floor.say(12, "a", "Queued");
    floor.say(20, "b", "Queued");
    let figures = &row(&floor).figures;
    assert_eq!(
        (figures.waiting, figures.longest_wait_s),
        (Some(2), Some(8)),
        "as of the last news"
    );
    assert_eq!(row(&floor).updated, later(20));
}

#[test]
fn what_is_counted_stays_when_its_task_has_left() {
    let mut floor = Floor::default();
    register(&mut floor, 0);
    floor.say(1, "a", "Queued");
    floor.say(10, "a", "Abandoned");
    floor.say(11, "b", "Queued");
    floor.say(20, "b", "User accepted");
    floor.tell(21, &event("c", "Queued", &json!({"direction": "Outbound"})));
    assert_eq!(counts(&floor), [Some(2), Some(1), Some(1)], "outbound is offered to nobody");
    assert_eq!(row(&floor).figures.calls_connected, Some(1));
    floor.say(30, "b", "Terminated");
    floor.tick(200);
    assert_eq!(floor.world.tasks.values().count(), 1);
    assert_eq!(counts(&floor), [Some(2), Some(1), Some(1)]);
}

#[test]
fn after_a_gap_everything_is_counted_anew() {
    let mut floor = Floor::default();
    register(&mut floor, 0);
    floor.say(1, "old", "Queued");
    floor.say(2, "done", "Queued");
    floor.say(3, "done", "Terminated");
    register(&mut floor, 600);
    assert_eq!(row(&floor).figures.waiting, None, "nobody knows what was missed");
    floor.say(610, "new", "Queued");
    assert_eq!(row(&floor).figures.waiting, Some(1), "the old one may have ended unseen");
    assert_eq!(counts(&floor), [Some(1), Some(0), Some(0)]);
    floor.say(620, "old", "User accepted");
    assert_eq!(counts(&floor), [Some(2), Some(1), Some(0)], "it is there all the same");
    register(&mut floor, 300);
    assert_eq!(counts(&floor), [Some(2), Some(1), Some(0)], "an older beginning is no news");
}

#[test]
fn more_tasks_than_there_is_room_for_are_counted_all_the_same() {
    let mut floor = Floor::default();
    register(&mut floor, 0);
    for number in 0..6_000_u64 {
        let task = format!("t{number}");
        floor.tell(number, &event(&task, "Terminated", &json!({})));
    }
    assert_eq!(counts(&floor)[0], Some(6_000));
}

#[test]
fn a_world_is_made_anew_from_its_parts() {
    let mut floor = Floor::default();
    register(&mut floor, 0);
    for (second, task, word) in [(1, "a", "Queued"), (2, "b", "Queued"), (9, "a", "Terminated")] {
        floor.say(second, task, word);
    }
    floor.tick(80);
    let mut anew = World::new(floor.world.kind);
    for part in floor.world.parts() {
        let line = serde_json::to_string(&part).unwrap();
        anew.replace(serde_json::from_str::<Part>(&line).unwrap(), Moment::from_millis(1_000));
    }
    assert_eq!(anew, floor.world);
}
