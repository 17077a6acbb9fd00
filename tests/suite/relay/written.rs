//! Tasks and contacts of a source that only a relay knows.

use serde_json::Value;

use super::commands::Behind;
use crate::support::relay::READER;

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_added_and_removed_through_a_relay() {
    let behind = Behind::open().await;
    let service = behind.table("entries")[0]["service"].as_str().unwrap().to_owned();
    let add = ["tasks", "add", "--service", &service, "--display-name", "Ada", "--yes"];
    let (code, _, err) = behind.run(&add);
    assert_eq!(code, 0, "{err}");
    let written = behind.simulator.written();
    let id = written["external"].as_object().unwrap().keys().next().unwrap().clone();
    let (code, _, err) = behind.run(&["tasks", "update", &id, "--company", "Engines", "--yes"]);
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = behind.run(&["tasks", "remove", &id, "--yes"]);
    assert_eq!(code, 0, "{err}");
    assert!(behind.simulator.written()["external"].as_object().unwrap().is_empty());
    let actions: Vec<Value> =
        behind.audit("audit.jsonl").iter().map(|line| line["action"].clone()).collect();
    assert_eq!(actions.len(), 6, "and the relay wrote it down: {actions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_written_through_a_relay_by_whoever_sees_numbers() {
    let behind = Behind::open().await;
    let add = ["contacts", "add", "X-1", "--display-name", "Ada", "--yes"];
    let (code, _, err) = behind.run(&add);
    assert_eq!(code, 0, "{err}");
    assert_eq!(behind.simulator.written()["contacts"]["X-1"]["displayName"], "Ada");
    let names = behind.table("entries");
    assert!(names.iter().any(|row| row["name"].is_string()));
    behind.token(READER);
    let (code, _, err) = behind.run(&["contacts", "list"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("lacks the scope numbers"), "{err}");
    let masked = behind.table("entries");
    let named =
        |rows: &[Value]| -> Vec<Value> { rows.iter().map(|row| row["name"].clone()).collect() };
    assert_eq!(named(&masked), named(&names), "whose number it is is told, the number is not");
    assert!(masked.iter().all(|row| row["destination"].as_str().unwrap().contains('…')));
}
