//! What `status` says of a floor that is not the simulator's.

use serde_json::{Value, json};

use crate::site::{Site, enreach, expect, nimbus, row, telepo};

#[test]
fn telepo_queues_have_the_right_figures_joined_by_number_and_by_name() {
    let site = Site::new();
    let report = site.status();
    assert_eq!(report["schema"], 2);
    expect(
        row(&report, "queues", "queue", "Taxi"),
        json!({
            "source": "town", "id": "21", "number": "+3584010021", "open": "open", "open_detail": null,
            "waiting": 3, "longest_wait_s": 42, "agents_logged_in": 5, "agents_free": 2,
            "agents_busy": null, "agents_away": null, "agents_serving": null, "agents_wrap_up": null,
            "agents_fetch": null, "calls_connected": null, "calls_alerting": null,
            "offered": 60, "answered": 41, "abandoned": 6,
            "last_24h": {"offered": 50, "answered": 38, "abandoned": 4},
            "average_wait_s": 14, "last_wait_s": 15, "average_handle_s": null,
            "presence": {"Available": 1, "Lunch": 2}, "service_level": null, "severity": "critical",
        }),
    );
    expect(
        row(&report, "queues", "queue", "Harbour"),
        json!({
            "id": "21@other.example", "number": null, "open": "open", "waiting": 0, "longest_wait_s": 0,
            "agents_logged_in": 1, "agents_free": 1, "offered": 9, "answered": 9, "abandoned": 0,
            "last_24h": {"offered": null, "answered": null, "abandoned": null},
            "average_wait_s": 7, "last_wait_s": null, "presence": null, "severity": "ok",
        }),
    );
    // The statistics call it 9077; the group, which is acted on, 77. Neither says whether it is open.
    expect(
        row(&report, "queues", "queue", "Night"),
        json!({"id": "77", "open": null, "waiting": null, "longest_wait_s": null, "agents_free": 0}),
    );
    expect(
        row(&report, "queues", "queue", "Reception"),
        json!({"id": "5", "open": "closed", "waiting": null, "agents_free": 0, "agents_logged_in": 0, "severity": null}),
    );
    expect(
        row(&report, "queues", "queue", "Lone"),
        json!({"id": "300", "open": null, "waiting": 1, "longest_wait_s": 5, "agents_free": null}),
    );
}

#[test]
fn telepo_agents_are_told_apart_by_id_by_agent_ids_and_by_place() {
    let report = Site::new().status();
    expect(
        row(&report, "agents", "agent", "Jane Doe"),
        json!({"id": "jane@example.net", "state": "available", "since": null, "call": null}),
    );
    let jane = row(&report, "agents", "agent", "Jane Doe")["queues"].as_array().unwrap();
    assert_eq!(jane.len(), 2);
    assert!(
        jane.iter().any(|own| own["id"] == "21" && own["logged_in"] == true && own["skill"] == 3)
    );
    assert!(jane.iter().any(|own| own["id"] == "21@other.example" && own["logged_in"] == false));
    expect(
        row(&report, "agents", "agent", "John Roe"),
        json!({"id": "john@example.net", "state": "not_ready", "reason": "Lunch"}),
    );
    expect(
        row(&report, "agents", "agent", "Ann Far"),
        json!({"id": "ann@other.example", "state": "available"}),
    );
    let kims: Vec<&Value> = report["agents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|agent| agent["agent"] == "Kim Lee")
        .collect();
    assert_eq!(kims.len(), 2, "two people share a name: {kims:#?}");
    assert!(kims.iter().all(|kim| kim["id"].is_null()));
    let mut states: Vec<&str> = kims.iter().map(|kim| kim["state"].as_str().unwrap()).collect();
    states.sort_unstable();
    assert_eq!(states, ["available", "logged_out"]);
    assert_eq!(report["agents"].as_array().unwrap().len(), 6);
}

#[test]
fn enreach_queues_and_callback_lists_have_the_right_figures_behind_discovery() {
    let site = Site::new();
    let report = site.status();
    expect(
        row(&report, "queues", "queue", "Sales"),
        json!({
            "source": "north", "id": "6b1f0d6e-52a5-4c7f-9a51-0c0b3f5e1a01", "number": "+358931001",
            "open": "open", "open_detail": "Open", "waiting": 4, "longest_wait_s": 35,
            "agents_serving": 7, "agents_free": 0, "agents_wrap_up": 1, "calls_connected": 6,
            "agents_logged_in": null, "offered": null, "presence": null, "severity": "critical",
        }),
    );
    expect(
        row(&report, "queues", "queue", "Help desk"),
        json!({
            "id": "6B1F0D6E-52A5-4C7F-9A51-0C0B3F5E1A02", "number": null, "open": "uncertain",
            "open_detail": "ClosedUncertain", "waiting": 0, "calls_connected": null, "agents_serving": 0,
        }),
    );
    expect(
        row(&report, "queues", "queue", "Quiet"),
        json!({"open": null, "open_detail": null, "waiting": null, "longest_wait_s": null}),
    );
    assert!(
        !report["queues"].as_array().unwrap().iter().any(|queue| queue["queue"] == "Press one")
    );
    expect(
        row(&report, "callback_lists", "list", "Winter"),
        json!({
            "source": "north", "id": "c0ffee00-0000-0000-0000-000000000001", "open": 10, "free": 9,
            "assigned": 1, "hidden": 2, "overdue": 3, "next_hour_overdue": 4, "expires_24h": 5,
            "agents_serving": 6,
        }),
    );
    let unnamed = row(&report, "callback_lists", "id", "c0ffee00-0000-0000-0000-000000000002");
    expect(unnamed, json!({"list": null, "open": 20, "assigned": null}));
    let asked = site.server.requests("GET /en/reach/queues");
    assert!(asked.iter().all(|seen| seen.header("x-json-serializer") == Some("2")));
    let found = site.server.requests("GET /find/me");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].header("authorization"), None, "discovery is told no secret");
}

#[test]
fn callback_lists_may_be_an_array_or_one_object() {
    let site = Site::with(enreach);
    let list = json!({"CallListId": "only", "TotalOpenRequests": 3});
    for (answer, count) in [
        (list.clone(), 1),
        (json!([list, {"calllistid": "b"}]), 2),
        (json!([]), 0),
        (json!({"X": []}), 0),
    ] {
        site.server.set(json!(["callbacks"]), answer.clone());
        let report = site.status();
        assert_eq!(report["callback_lists"].as_array().unwrap().len(), count, "{answer}");
    }
}

#[test]
fn nimbus_entries_of_every_service_have_their_state_and_time() {
    let report = Site::new().status();
    expect(
        row(&report, "entries", "id", "e-1"),
        json!({
            "source": "cloud", "service": "out@contoso.example", "due": "2031-05-01T10:00:00Z",
            "destination": "+358…61", "state": "scheduled", "reference": "case 1", "priority": "Normal",
            "attempts": null, "max_attempts": 3, "completion_reason": null,
        }),
    );
    expect(row(&report, "entries", "id", "e-2"), json!({"state": "in_progress"}));
    expect(
        row(&report, "entries", "id", "e-3"),
        json!({"state": "ended", "completion_reason": "Limit Reached", "due": "2031-05-01T09:00:00Z"}),
    );
    expect(
        row(&report, "entries", "id", "e-4"),
        json!({
            "service": "back/office@contoso.example", "due": "2031-05-02T08:15:00Z", "max_attempts": 5,
            "reference": null, "state": "scheduled",
        }),
    );
    expect(
        row(&report, "entries", "id", "e-5"),
        json!({"due": null, "state": "Parked on the moon", "destination": "bob@contoso.example"}),
    );
}

#[test]
fn rows_are_ordered_by_source_then_id_and_tables_that_are_not_built_are_absent() {
    let report = Site::new().status();
    for table in ["queues", "agents", "entries", "callback_lists"] {
        let keys: Vec<(String, String)> = report[table]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| !row["id"].is_null())
            // GUIDs are ordered whatever their case.
            .map(|row| (row["source"].to_string(), row["id"].to_string().to_lowercase()))
            .collect();
        let mut sorted = keys.clone();
        sorted.sort();
        assert_eq!(keys, sorted, "{table}");
    }
    assert!(report.get("alerts").is_none());
    let site = Site::with(nimbus);
    assert_eq!(site.run(&["status", "alerts"]).code, 2);
}

#[test]
fn fields_that_nobody_documented_are_counted_and_harm_nothing() {
    let report = Site::new().status();
    for source in ["town", "north", "cloud"] {
        let found = row(&report, "sources", "source", source);
        expect(found, json!({"link": "polling", "error": null, "retry_at": null}));
        assert!(found["unknown_fields"].as_u64().unwrap() >= 1, "{found:#}");
        assert!(found["last_update"].as_str().unwrap().ends_with('Z'));
    }
}

#[test]
fn the_text_report_shows_a_dash_for_what_is_not_told_and_a_hyphen_in_ascii() {
    let site = Site::with(enreach);
    let run = site.run(&["status"]);
    assert_eq!(run.code, 0, "{run:?}");
    let quiet = run.out.lines().find(|line| line.contains("Quiet")).unwrap();
    assert!(quiet.contains('–') && !quiet.contains(" 0 "), "{quiet}");
    let ascii = site.run(&["--ascii", "status"]);
    assert!(ascii.out.is_ascii(), "{}", ascii.out);
    assert!(ascii.out.lines().find(|line| line.contains("Quiet")).unwrap().contains(" - "));
}

#[test]
fn nobody_answering_is_exit_code_4_with_what_there_is_printed() {
    let site = Site::new();
    site.server.order(json!({"do": "down"}));
    let run = site.run(&["status", "--format", "json"]);
    assert_eq!(run.code, 4, "{run:?}");
    let report = run.json();
    for source in ["town", "north", "cloud"] {
        let found = row(&report, "sources", "source", source);
        expect(found, json!({"link": "down", "last_update": null}));
        assert!(found["error"].is_string() && found["retry_at"].is_string(), "{found:#}");
    }
    assert_eq!(report["queues"], json!([]));
}

#[test]
fn one_source_of_three_answering_is_exit_code_5_and_the_others_say_why_not() {
    let site = Site::new();
    site.server.fail("/telco/", json!({"status": 401, "times": 1000}));
    site.server.fail("/lw/", json!({"status": 500, "times": 1000}));
    let report = site.incomplete_status();
    expect(row(&report, "sources", "source", "town"), json!({"link": "unauthorized"}));
    expect(row(&report, "sources", "source", "cloud"), json!({"link": "down"}));
    expect(row(&report, "sources", "source", "north"), json!({"link": "polling"}));
}

#[test]
fn a_refused_statistic_falls_back_to_the_organisation_and_then_to_the_groups() {
    let site = Site::with(telepo);
    site.server.fail("GET /telco/v9/stats/", json!({"status": 403, "times": 1000}));
    let report = site.status();
    expect(row(&report, "queues", "queue", "Taxi"), json!({"waiting": 3, "longest_wait_s": 42}));
    let feeds = row(&report, "sources", "source", "town")["feeds"].to_string();
    assert!(feeds.contains("403") && feeds.contains("queuestats.org"), "{feeds}");
    expect(row(&report, "sources", "source", "town"), json!({"link": "polling"}));

    site.server.fail("/queuestatistics/organization", json!({"status": 404, "times": 1000}));
    let report = site.status();
    expect(
        row(&report, "queues", "queue", "Taxi"),
        json!({"id": "21", "waiting": 99, "agents_free": 99, "longest_wait_s": null, "offered": null, "presence": null}),
    );
    let feeds = row(&report, "sources", "source", "town")["feeds"].to_string();
    assert!(feeds.contains("403") && feeds.contains("group.list"), "{feeds}");
}

#[test]
fn empty_answers_in_any_form_are_no_rows() {
    let site = Site::with(telepo);
    for empty in [
        json!({}),
        json!({"queue": null}),
        json!({"queue": []}),
        json!([]),
        json!(null),
        json!({"field": [{"code": "no.such.user"}]}),
    ] {
        site.server.order(json!({"do": "heal"}));
        let body = empty.to_string();
        site.server.fail("/stats/", json!({"status": 200, "times": 1000, "body": body}));
        site.server.fail("/acd/v1/groups", json!({"status": 200, "times": 1000, "body": body}));
        let report = site.status();
        assert_eq!(report["queues"], json!([]), "{empty}");
        assert_eq!(report["agents"], json!([]), "{empty}");
    }
}

#[test]
fn a_single_row_may_stand_without_its_list() {
    let site = Site::with(telepo);
    let one = json!({"queue": {"id": 21, "name": "Taxi", "queueLength": 8}}).to_string();
    site.server.fail("/stats/", json!({"status": 200, "times": 1000, "body": one}));
    expect(row(&site.status(), "queues", "id", "21"), json!({"waiting": 8, "queue": "Taxi"}));
}

#[test]
fn a_redirect_is_named_and_never_followed() {
    let site = Site::new();
    for (from, to) in [("/telco/", "town"), ("/en/reach/", "north"), ("/lw/", "cloud")] {
        let target = format!("http://127.0.0.1:{}/elsewhere", site.server.port);
        for status in [301, 302, 307, 308] {
            site.server.order(json!({"do": "heal"}));
            site.server.fail(
                from,
                json!({"status": status, "times": 1000, "headers": [["Location", target]]}),
            );
            let report = site.incomplete_status();
            let source = row(&report, "sources", "source", to);
            expect(source, json!({"link": "down"}));
            assert!(source["error"].as_str().unwrap().contains("points elsewhere"), "{source:#}");
        }
    }
    assert_eq!(site.server.requests("/elsewhere").len(), 0);
}
