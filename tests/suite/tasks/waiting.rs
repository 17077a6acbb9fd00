//! Who waits: people on a line, work of nobody on a line, and agents' own calls are counted apart.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Delta;
use floorwalker::floor::queue::Figures;
use floorwalker::table::{Context, TableId};
use serde_json::{Value, json};

use crate::support::desk::{Desk, later};
use crate::support::nimbus::{Floor, SERVICE, event};

fn task(floor: &mut Floor, second: u64, id: &str, word: &str, more: &Value) {
    floor.tell(second, &event(id, word, more));
}

fn figures(floor: &Floor) -> &Figures {
    &floor.world.queues[&SERVICE.into()].figures
}

fn floor() -> Floor {
    let mut floor = Floor::default();
    floor.world.apply(Delta::Registered { queue: SERVICE.into(), since: later(0) });
    floor
}

/// One e-mail, two scheduled calls and a task of another system, since a good minute.
fn without_people() -> Floor {
    let mut floor = floor();
    task(&mut floor, 1, "mail", "Queued", &json!({"modality": "Email"}));
    task(&mut floor, 2, "call-1", "Queued", &json!({"direction": "Outbound"}));
    task(&mut floor, 3, "call-2", "Queued", &json!({"direction": "Outbound"}));
    let external = json!({"modality": "ExternalTask", "direction": "None"});
    task(&mut floor, 64, "ext", "Queued", &external);
    floor
}

#[test]
fn work_without_a_person_on_the_line_is_no_wait_and_no_alarm() {
    let floor = without_people();
    let own = figures(&floor);
    assert_eq!((own.waiting, own.longest_wait_s), (Some(0), Some(0)));
    assert_eq!((own.backlog, own.oldest_backlog_s), (Some(2), Some(63)));
    assert_eq!((own.outbound_waiting, own.parked), (Some(2), Some(0)));
    let mut desk = Desk::open();
    let world = floor.world;
    for part in world.parts() {
        desk.tell("nimbus", SourceEvent::Snapshot(part));
    }
    let context = Context { live: false, ..desk.state.context() };
    let rows = TableId::Queues.json(&context);
    let row = rows.iter().find(|row| row["id"] == SERVICE).unwrap();
    assert_eq!((&row["severity"], &row["severity_cause"]), (&json!("ok"), &Value::Null));
    assert_eq!((&row["waiting"], &row["backlog"]), (&json!(0), &json!(2)));
    assert_eq!((&row["outbound_waiting"], &row["oldest_backlog_s"]), (&json!(2), &json!(63)));
}

#[test]
fn calls_and_chats_that_come_in_are_people_who_wait() {
    for modality in ["Audio", "AudioVideo", "InstantMessaging", "instant-messaging", "Chat"] {
        let mut floor = floor();
        task(&mut floor, 1, "a", "Queued", &json!({"modality": modality}));
        task(&mut floor, 31, "b", "Queued", &json!({"modality": modality}));
        let own = figures(&floor);
        assert_eq!((own.waiting, own.longest_wait_s), (Some(2), Some(30)), "{modality}");
        assert_eq!((own.backlog, own.outbound_waiting), (Some(0), Some(0)), "{modality}");
    }
}

#[test]
fn every_spelling_of_mail_and_of_other_systems_is_backlog() {
    for modality in ["Email", "E-Mail", "e_mail", "EMAIL", "External Task", "external"] {
        let mut floor = floor();
        task(&mut floor, 1, "a", "Queued", &json!({"modality": modality}));
        let own = figures(&floor);
        assert_eq!((own.waiting, own.backlog), (Some(0), Some(1)), "{modality}");
    }
}

#[test]
fn a_caller_who_is_parked_is_counted_beside_those_who_wait() {
    let mut floor = floor();
    floor.say(1, "a", "Queued");
    floor.say(5, "a", "User accepted");
    floor.say(9, "a", "Parked");
    let own = figures(&floor);
    assert_eq!((own.parked, own.waiting, own.calls_connected), (Some(1), Some(0), Some(0)));
    floor.say(60, "a", "Unparked");
    assert_eq!(figures(&floor).parked, Some(0));
}

#[test]
fn an_e_mail_is_no_call_that_came_and_nobody_abandons_it() {
    let mut floor = floor();
    let mail = json!({"modality": "Email"});
    task(&mut floor, 1, "mail", "Queued", &mail);
    task(&mut floor, 9, "mail", "Terminated", &mail);
    floor.say(10, "call", "Queued");
    floor.say(12, "call", "Terminated");
    let own = figures(&floor);
    assert_eq!((own.offered, own.abandoned), (Some(1), Some(1)), "the call alone");
}

#[test]
fn a_service_of_which_nothing_is_known_tells_none_of_them() {
    let floor = floor();
    let own = figures(&floor);
    let told = [own.waiting, own.parked, own.backlog, own.oldest_backlog_s, own.outbound_waiting];
    assert_eq!(told, [None; 5]);
}
