//! The scheduler's entries added and changed on the command line.

use serde_json::{Value, json};

use crate::site::{CANARIES, Run, Site, nimbus};

fn cloud() -> Site {
    Site::with(nimbus)
}

const NEW: [&str; 9] = [
    "entries",
    "add",
    "--service",
    "out@contoso.example",
    "--destination",
    "+44 20 7946 0123",
    "--due",
    "2031-06-01 14:30 +02:00",
    "--yes",
];

fn add(site: &Site, more: &[&str]) -> Run {
    site.run(&[&NEW[..], more].concat())
}

fn update(site: &Site, more: &[&str]) -> Run {
    site.run(&[&["entries", "update"], more, &["--yes"]].concat())
}

/// What changed something: the request's line and its body.
fn changes(site: &Site) -> Vec<(String, Value)> {
    let body = |seen: &crate::server::Seen| {
        let text = seen.0["body"].as_str().unwrap().to_owned();
        serde_json::from_str(&text).unwrap_or_default()
    };
    site.server.actions().iter().map(|seen| (seen.line(), body(seen))).collect()
}

#[test]
fn a_new_entry_is_one_request_that_says_only_what_was_said() {
    let site = cloud();
    let run = add(&site, &["--priority", "rather urgent", "--max-attempts", "3"]);
    assert_eq!(run.code, 0, "{run:?}");
    let body = json!({
        "serviceUpn": "out@contoso.example", "destination": "+442079460123",
        "dueDateTimeUtc": "2031-06-01T12:30:00Z", "distributionPriority": "High", "maxAttempts": 3,
    });
    assert_eq!(changes(&site), [("POST /lw/v1/scheduler-entries".to_owned(), body)]);
    assert!(!run.err.contains("442079460123"), "numbers are masked: {run:?}");
}

#[test]
fn what_cannot_be_planned_is_said_by_its_flag_and_nothing_is_sent() {
    let site = cloud();
    for (flag, wrong) in [
        ("--max-attempts", "11"),
        ("--attempt-timeout", "29"),
        ("--max-queue-time", "4"),
        ("--rona-timeout", "31"),
        ("--priority", "whenever"),
    ] {
        let run = add(&site, &[flag, wrong]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.contains(flag) && run.err.contains(wrong), "{run:?}");
    }
    for (at, wrong) in [(3, "nobody@contoso.example"), (5, "0401234567"), (7, "tomorrow-ish")] {
        let mut words = NEW;
        words[at] = wrong;
        let run = site.run(&words);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.contains(NEW[at - 1]) && run.err.contains(wrong), "{run:?}");
    }
    assert_eq!(changes(&site), []);
}

#[test]
fn a_change_writes_the_whole_entry_back_with_that_field_changed() {
    let site = cloud();
    let run = update(&site, &["e-4", "--max-attempts", "7"]);
    assert_eq!(run.code, 0, "{run:?}");
    let [(line, body)] = &changes(&site)[..] else { panic!("{:?}", changes(&site)) };
    assert_eq!(line, "PUT /lw/v1/scheduler-entries/e-4");
    assert_eq!(body["maxAttempts"], 7);
    assert_eq!(body["destination"], "+358401234564");
    assert_eq!(body["attemptTimeoutInSeconds"], 3600);
    assert_eq!(body["planet"], "Mars", "what nobody knows is carried over");
    assert!(body.get("direction").is_none(), "what only answers have is not written");
}

#[test]
fn a_span_moves_each_entry_from_its_own_time() {
    let site = cloud();
    let run = update(&site, &["e-1", "e-4", "--due", "+30m"]);
    assert_eq!(run.code, 0, "{run:?}");
    let due: Vec<Value> =
        changes(&site).iter().map(|(_, body)| body["dueDateTimeUtc"].clone()).collect();
    assert_eq!(due, ["2031-05-01T10:30:00Z", "2031-05-02T08:45:00Z"]);
}

#[test]
fn of_several_the_one_in_progress_is_refused_and_the_others_are_changed() {
    let site = cloud();
    let run = update(&site, &["e-2", "e-1", "e-9", "--reference", "moved"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("e-2") && run.err.contains("in progress"), "{run:?}");
    assert!(run.err.contains("e-9"), "{run:?}");
    let lines: Vec<String> = changes(&site).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, ["PUT /lw/v1/scheduler-entries/e-1"]);
}

#[test]
fn behind_an_answer_of_a_failing_server_the_next_reading_has_the_truth() {
    for (status, done, code) in [(500, true, 0), (502, false, 3), (504, true, 0), (504, false, 3)] {
        let site = cloud();
        site.server.fail("^POST .*scheduler-entries", json!({"status": status, "done": done}));
        let run = add(&site, &[]);
        assert_eq!(run.code, code, "{status}, done: {done}: {run:?}");
        assert_eq!(changes(&site).len(), 1, "{status}: never sent twice");
    }
}

#[test]
fn a_refusal_names_a_number_in_full_only_where_that_is_asked_for() {
    let site = cloud();
    let words = "the line of +46 8 465 00 488 is taken";
    let fault = json!({"status": 409, "body": words, "kind": "text/plain", "times": 1000});
    site.server.fail("^POST .*scheduler-entries", fault);
    for (flags, told) in [
        (&["--format", "json"][..], "the line of +468…88 is taken"),
        (&["--format", "json", "--no-mask"], words),
    ] {
        let run = add(&site, flags);
        assert_eq!(run.code, 1, "{run:?}");
        let detail = run.json()["detail"].to_string();
        assert!(detail.contains(told), "{run:?}");
        assert!(run.err.contains(told), "{run:?}");
    }
}

#[test]
fn a_call_that_is_planned_already_is_not_planned_twice() {
    let site = cloud();
    assert_eq!(add(&site, &[]).code, 0);
    let run = add(&site, &[]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("planned already"), "{run:?}");
    assert_eq!(changes(&site).len(), 1);
}

#[test]
fn an_answer_that_shows_the_entry_is_enough_and_its_id_is_printed() {
    let site = cloud();
    site.server.set(json!(["stubborn"]), json!(true));
    let run = add(&site, &[]);
    assert_eq!((run.code, run.out.as_str()), (0, "e-6\n"), "{run:?}");
}

#[test]
fn nothing_is_planned_without_a_question_or_in_read_only_mode() {
    let site = cloud();
    let unasked = site.run(&NEW[..8]);
    assert_eq!(unasked.code, 2, "{unasked:?}");
    let read_only = add(&site, &["--read-only"]);
    assert_eq!(read_only.code, 1, "{read_only:?}");
    let nothing = update(&site, &["e-1"]);
    assert_eq!(nothing.code, 2, "{nothing:?}");
    assert_eq!(changes(&site), []);
}

#[test]
fn the_audit_log_has_an_intent_and_an_outcome_without_the_number() {
    let site = cloud();
    assert_eq!(add(&site, &[]).code, 0);
    assert_eq!(update(&site, &["e-1", "--reference", "moved"]).code, 0);
    let lines = site.audit();
    let phases: Vec<&Value> = lines.iter().map(|line| &line["phase"]).collect();
    assert_eq!(phases, ["intent", "outcome", "intent", "outcome"]);
    let actions: Vec<&Value> = lines.iter().map(|line| &line["action"]).collect();
    assert_eq!(actions, ["add_entry", "add_entry", "edit_entry", "edit_entry"]);
    let text = format!("{lines:?}");
    assert!(!text.contains("7946") && !text.contains("401234561"), "{text}");
    assert!(CANARIES.iter().all(|canary| !text.contains(canary)), "{text}");
}
