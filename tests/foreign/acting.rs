//! Log-in and log-out on the command line: whom they reach, what they answer, and what is written down.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::server::Server;
use crate::site::{CANARIES, Run, Site, enreach, telepo};

fn lines(server: &Server) -> Vec<String> {
    server.actions().iter().map(crate::server::Seen::line).collect()
}

fn town() -> Site {
    Site::with(telepo)
}

/// `logout` without a question.
fn logout(site: &Site, queue: &str, agent: &str) -> Run {
    site.run(&["logout", "--queue", queue, "--agent", agent, "--yes"])
}

#[test]
fn a_logout_sends_one_request_for_that_agent_and_that_group() {
    let site = town();
    let run = logout(&site, "Taxi", "john roe");
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        lines(&site.server),
        ["POST /telco/v9/acd/v1/agent/example.net/21/john@example.net?action=logout"]
    );
    let sent = &site.server.actions()[0];
    assert_eq!(sent.header("x-api-ticket"), Some("t-canary-main-19c2"));
    assert_eq!(sent.header("authorization"), None);
    assert!(run.out.is_empty(), "data goes to standard output, and there is none: {run:?}");
}

#[test]
fn a_group_of_another_domain_is_reached_in_its_own_domain() {
    let site = town();
    assert_eq!(logout(&site, "21@other.example", "ann@other.example").code, 0);
    assert_eq!(
        lines(&site.server),
        ["POST /telco/v9/acd/v1/agent/other.example/21/ann@other.example?action=logout"]
    );
}

#[test]
fn an_agent_without_an_id_is_reached_through_agent_ids() {
    let site = town();
    assert_eq!(logout(&site, "taxi", "Jane Doe").code, 0);
    assert_eq!(
        lines(&site.server),
        ["POST /telco/v9/acd/v1/agent/example.net/21/jane@example.net?action=logout"]
    );
}

#[test]
fn without_an_agent_the_own_user_is_logged_in_by_the_operation_for_that() {
    let site = town();
    let run = site.run(&["login", "--queue", "Reception", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    let run = site.run(&["logout", "--queue", "Taxi", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    let run = site.run(&["login", "--queue", "Harbour", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        lines(&site.server),
        [
            "POST /telco/v9/distributiongroup/login/example.net/sup/5/example.net",
            "POST /telco/v9/distributiongroup/logout/example.net/sup/21/example.net",
            "POST /telco/v9/distributiongroup/login/example.net/sup/21/other.example",
        ]
    );
}

#[test]
fn a_queue_joined_by_name_is_acted_on_by_the_groups_number() {
    let site = town();
    let run = site.run(&["login", "--queue", "Night", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        lines(&site.server),
        ["POST /telco/v9/distributiongroup/login/example.net/sup/77/example.net"]
    );
}

#[test]
fn an_agent_whose_id_nobody_knows_is_a_usage_error_that_names_the_missing_line() {
    let site = Site::with(|port| telepo(port).replace("agent_ids", "# agent_ids"));
    let run = logout(&site, "Taxi", "Jane Doe");
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("agent_ids") && run.err.contains("\"Jane Doe\" = "), "{run:?}");
    assert_eq!(lines(&site.server).len(), 0);
}

#[test]
fn two_agents_of_one_name_are_listed_and_nothing_is_sent() {
    let site = town();
    let run = logout(&site, "Taxi", "Kim Lee");
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.matches("Kim Lee").count() >= 3, "{run:?}");
    assert_eq!(lines(&site.server).len(), 0);
}

#[test]
fn queues_and_agents_that_are_not_there_are_answered_with_those_that_are() {
    let site = town();
    let run = logout(&site, "Tax", "Jane Doe");
    assert_eq!(run.code, 2, "{run:?}");
    for queue in ["Taxi", "Harbour", "21@other.example", "Reception"] {
        assert!(run.err.contains(queue), "{queue}: {run:?}");
    }
    let run = logout(&site, "Reception", "Jane Doe");
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("John Roe"), "{run:?}");
    assert_eq!(lines(&site.server).len(), 0);
}

#[test]
fn two_queues_of_one_name_are_told_by_their_ids() {
    let site = town();
    site.server.set(json!(["statistics", 1, "name"]), json!("taxi"));
    site.server.set(json!(["groups", 1, "name"]), json!("taxi"));
    let run = logout(&site, "TAXI", "john@example.net");
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("  21  ") && run.err.contains("  21@other.example  "), "{run:?}");
    assert_eq!(lines(&site.server).len(), 0);
    assert_eq!(logout(&site, "21", "john@example.net").code, 0);
}

#[test]
fn which_of_several_sources_is_asked_for() {
    let site = Site::new();
    let run = site.run(&["logout", "--queue", "Taxi", "--agent", "john@example.net", "--yes"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(["town", "north", "cloud"].iter().all(|name| run.err.contains(name)), "{run:?}");
    let run = site.run(&["logout", "--source", "towm", "--queue", "Taxi", "--yes"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(lines(&site.server).len(), 0);
    let args =
        ["logout", "--source", "town", "--queue", "Taxi", "--agent", "olga@example.net", "--yes"];
    assert_eq!(site.run(&args).code, 0);
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_sent() {
    let site = town();
    let run = site.run(&["logout", "--queue", "Taxi", "--agent", "john@example.net"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("--yes"), "{run:?}");
    assert_eq!(lines(&site.server).len(), 0);
    assert!(site.audit().is_empty());
}

#[test]
fn read_only_by_flag_environment_or_file_is_refused_and_nothing_is_sent() {
    let site = town();
    let act = ["logout", "--queue", "Taxi", "--agent", "john@example.net", "--yes"];
    let by_flag = site.run(&[&["--read-only"], &act[..]].concat());
    let by_environment = crate::site::finish(site.command(&act).env("FLOORWALKER_READ_ONLY", "1"));
    let config = format!("access = \"read_only\"\n{}", telepo(site.server.port));
    site.write("config.toml", &config, 0o600);
    let by_file = site.run(&act);
    for run in [by_flag, by_environment, by_file] {
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.err.contains("read-only"), "{run:?}");
    }
    assert_eq!(lines(&site.server).len(), 0);
}

#[test]
fn accepted_but_never_seen_is_exit_code_3() {
    let site = town();
    site.server.set(json!(["stubborn"]), json!(true));
    let run = logout(&site, "Taxi", "john@example.net");
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(lines(&site.server).len(), 1);
    // It was read again and again meanwhile.
    assert!(site.server.requests("acd/v1/groups").len() >= 3);
}

#[test]
fn a_connection_that_ends_after_the_request_is_exit_code_3_and_not_tried_again() {
    let site = town();
    site.server.set(json!(["stubborn"]), json!(true));
    site.server.fail("^POST ", json!({"reset": true}));
    let run = logout(&site, "Taxi", "john@example.net");
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(lines(&site.server).len(), 1);
}

#[test]
fn a_refusal_is_exit_code_1_with_the_vendors_words() {
    let site = town();
    let words = r#"{"field":[{"fieldName":"agent","code":"not.allowed","description":"Only a supervisor may do this"}]}"#;
    site.server.fail("^POST ", json!({"status": 403, "body": words}));
    let run = logout(&site, "Taxi", "john@example.net");
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("Only a supervisor may do this"), "{run:?}");
    assert_eq!(lines(&site.server).len(), 1);
}

#[test]
fn a_redirected_action_is_not_followed_and_not_done() {
    let site = town();
    let target = format!("http://127.0.0.1:{}/elsewhere", site.server.port);
    site.server.fail("^POST ", json!({"status": 307, "headers": [["Location", target]]}));
    let run = logout(&site, "Taxi", "john@example.net");
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(site.server.requests("elsewhere").len(), 0);
    assert_eq!(lines(&site.server).len(), 1);
}

#[test]
fn a_source_that_does_not_answer_is_exit_code_4_and_nothing_is_sent() {
    let site = town();
    site.server.order(json!({"do": "down"}));
    let run = logout(&site, "Taxi", "john@example.net");
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.err.contains("town: "), "{run:?}");
}

#[test]
fn a_source_that_logs_nobody_in_says_so_and_sends_nothing() {
    let site = Site::with(enreach);
    let run = site.run(&["login", "--queue", "Sales", "--yes"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(lines(&site.server).len(), 0);
}

#[test]
fn a_path_of_ones_own_is_used_for_actions_too() {
    let site = Site::with(|port| {
        telepo(port)
            + "[source.endpoints.\"acd.agent.action\"]\nmethod = \"PUT\"\npath = \"/x/{agent}/of/{group}/{domain}?v=1\"\n"
    });
    site.server.fail("^PUT ", json!({"status": 200, "body": "\"ok\""}));
    site.server.set(json!(["groups", 0, "agents", 1, "isLoggedIn"]), json!(false));
    let run = site.run(&["logout", "--queue", "Taxi", "--agent", "john@example.net", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        lines(&site.server),
        ["PUT /telco/v9/x/john@example.net/of/21/example.net?v=1&action=logout"]
    );
}

#[test]
fn the_audit_log_has_the_intent_before_the_outcome_and_no_secret() {
    let site = town();
    assert_eq!(logout(&site, "Taxi", "john@example.net").code, 0);
    site.server.fail("^POST ", json!({"status": 403, "body": "call +358401234567 to ask"}));
    assert_eq!(logout(&site, "Taxi", "olga@example.net").code, 1);
    let log = site.audit();
    let phases: Vec<&str> = log.iter().map(|line| line["phase"].as_str().unwrap()).collect();
    assert_eq!(phases, ["intent", "outcome", "intent", "outcome"]);
    for line in &log {
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        for key in ["at", "phase", "id", "source", "action", "target", "queue", "outcome", "detail"]
        {
            assert!(keys.iter().any(|own| *own == key), "{key}: {line}");
        }
        assert_eq!(line["source"], "town");
        assert_eq!(line["queue"], "21");
        assert_eq!(line["action"], "log_out_agent");
    }
    assert_eq!(log[0]["target"], "john@example.net");
    assert_eq!(log[0]["outcome"], json!(null));
    assert_eq!(log[3]["outcome"], "refused");
    let text = format!("{log:?}");
    assert!(!text.contains("358401234567"), "numbers are masked: {text}");
    for canary in CANARIES {
        assert!(!text.contains(canary));
    }
    let path = site.path("xdg/state/floorwalker/audit.jsonl");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_audit_log_that_cannot_be_written_keeps_the_request_from_being_sent() {
    let site = Site::with(|port| format!("audit = \"/dev/full\"\n{}", telepo(port)));
    let run = logout(&site, "Taxi", "john@example.net");
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(lines(&site.server).len(), 0);
}
