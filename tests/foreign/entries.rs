//! The scheduler's entries on the command line.

use serde_json::json;

use crate::site::{Site, expect, nimbus, row};

fn cloud() -> Site {
    Site::with(nimbus)
}

fn deletions(site: &Site) -> Vec<String> {
    site.server.actions().iter().map(crate::server::Seen::line).collect()
}

#[test]
fn a_waiting_entry_is_removed_by_one_request() {
    let site = cloud();
    let run = site.run(&["entries", "remove", "e-1", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(deletions(&site), ["DELETE /lw/v1/scheduler-entries/e-1"]);
    assert_eq!(site.server.actions()[0].header("authorization"), Some("Bearer canary-token-a0b1"));
    assert!(!run.err.contains("358401234561"), "numbers are masked: {run:?}");
}

#[test]
fn an_entry_that_is_not_there_is_already_gone_or_never_was() {
    let site = cloud();
    let run = site.run(&["entries", "remove", "e/7 x", "--yes"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("already gone or never there"), "{run:?}");
    assert_eq!(deletions(&site), ["DELETE /lw/v1/scheduler-entries/e%2F7%20x"]);
}

#[test]
fn an_entry_in_progress_is_refused_by_the_server_in_its_own_words() {
    let site = cloud();
    let run = site.run(&["entries", "remove", "e-2", "--yes"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("The entry is being called right now"), "{run:?}");
}

#[test]
fn of_several_entries_each_has_its_request_and_the_worst_is_the_exit_code() {
    let site = cloud();
    let run = site.run(&["entries", "remove", "e-1", "e-9", "e-1", "e-4", "--yes"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(
        deletions(&site),
        [
            "DELETE /lw/v1/scheduler-entries/e-1",
            "DELETE /lw/v1/scheduler-entries/e-9",
            "DELETE /lw/v1/scheduler-entries/e-4",
        ]
    );
    assert_eq!(run.err.lines().count(), 3, "a result each: {run:?}");

    let site = cloud();
    site.server.fail("^DELETE .*e-1", json!({"reset": true}));
    let run = site.run(&["entries", "remove", "e-1", "e-4", "--yes"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(deletions(&site).len(), 2);
}

#[test]
fn with_several_sources_the_one_that_has_entries_is_meant() {
    let site = Site::new();
    let run = site.run(&["entries", "remove", "e-5", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    let run = site.run(&["entries", "remove", "e-4"]);
    assert_eq!(run.code, 2, "{run:?}");
    let run = site.run(&["entries", "remove", "e-4", "--yes", "--read-only"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(deletions(&site), ["DELETE /lw/v1/scheduler-entries/e-5"]);
}

#[test]
fn a_removal_by_a_source_that_does_not_answer_has_failed() {
    let site = cloud();
    site.server.order(json!({"do": "down"}));
    let run = site.run(&["entries", "remove", "e-1", "--yes"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("cannot be reached"), "{run:?}");
}

#[test]
fn the_list_is_masked_unless_it_is_asked_for_unmasked() {
    let site = cloud();
    let text = site.run(&["entries", "list"]);
    assert_eq!(text.code, 0);
    assert!(text.out.contains("+358…61") && !text.out.contains("358401234561"), "{text:?}");
    let text = site.run(&["--no-mask", "entries", "list"]);
    assert!(text.out.contains("+358401234561"), "{text:?}");
    let report = site.run(&["entries", "list", "--format", "json"]).json();
    expect(row(&report, "entries", "id", "e-4"), json!({"destination": "+358…64"}));
    assert!(report.get("queues").is_none());
    let report = site.run(&["entries", "list", "--format", "json", "--no-mask"]).json();
    expect(row(&report, "entries", "id", "e-4"), json!({"destination": "+358401234564"}));
}

#[test]
fn the_list_can_be_of_one_service() {
    let site = cloud();
    let report =
        site.run(&["entries", "list", "--service", "out@contoso.example", "--format", "json"]);
    let ids: Vec<String> = report.json()["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["e-1", "e-2", "e-3"]);
    let text = site.run(&["entries", "list", "--service", "back/office@contoso.example"]);
    assert_eq!(text.out.lines().count(), 3, "{text:?}");
    let asked = site.server.requests("GET /lw/v1/scheduler-entries.serviceUpn");
    assert!(asked.iter().any(|seen| seen.line().contains("back%2Foffice")), "{asked:?}");
}

#[test]
fn services_from_the_config_file_need_no_lookup() {
    let site = Site::with(|port| nimbus(port) + "services = [\"out@contoso.example\"]\n");
    assert_eq!(site.status()["entries"].as_array().unwrap().len(), 3);
    assert_eq!(site.server.requests("service-contacts").len(), 0);
}

#[test]
fn one_service_that_is_refused_leaves_the_others() {
    let site = cloud();
    site.server.fail("serviceUpn=back", json!({"status": 403, "times": 1000}));
    let report = site.incomplete_status();
    assert_eq!(report["entries"].as_array().unwrap().len(), 3);
    let source = row(&report, "sources", "source", "cloud");
    assert!(source["feeds"].to_string().contains("403"), "{source:#}");
}

#[test]
fn only_an_entry_that_still_waits_can_be_late() {
    let site = cloud();
    for entry in 0..3 {
        site.server.set(json!(["entries", entry, "dueDateTimeUtc"]), json!("2020-01-01T00:00:00Z"));
    }
    let run = site.run(&["entries", "list"]);
    let late = |to: &str| run.out.lines().find(|line| line.contains(to)).unwrap().contains("late");
    assert!(late("+358…61"), "{run:?}");
    assert!(!late("+358…62") && !late("+358…63"), "{run:?}");
}
