//! What leaves the board: one request for each `y` that was meant, and nothing else.

use serde_json::json;

use super::{agents, open};
use crate::pty::{Pty, SECOND};
use crate::server::Seen;
use crate::site::Site;

const JOHN_OUT: &str = "POST /telco/v9/acd/v1/agent/example.net/21/john@example.net?action=logout";

fn sent(site: &Site) -> Vec<String> {
    site.server.actions().iter().map(Seen::line).collect()
}

/// The board with the question whether John is to be logged out.
fn asked(site: &Site) -> Pty {
    let mut pty = open(site, &[]);
    agents(&mut pty, "John Roe");
    pty.press("o");
    pty.sees("Log John Roe out of Taxi?");
    pty
}

/// Shows that whatever was to be sent has been: a later reading has come.
fn settle(site: &Site) {
    let before = site.server.requests("acd/v1/groups").len();
    site.server.wait("acd/v1/groups", before + 2);
}

#[test]
fn a_question_says_what_follows_and_every_other_key_and_pasted_text_send_nothing() {
    let site = Site::new();
    let mut pty = asked(&site);
    pty.sees("Leaves 4 logged in, 3 waiting.");
    let pasted = ["\x1b[200~y\x1b[201~", "\x1b[200~yyy\ny\x1b[201~", "yy", "oy"];
    for refusal in ["\x1b", "n", "\r", "k", "Y", "\u{443}"].into_iter().chain(pasted) {
        pty.sees("Log John Roe out of Taxi?");
        pty.press(refusal);
        pty.loses("Log John Roe out of Taxi?");
        pty.press("o");
    }
    pty.press("x");
    pty.loses("Log John Roe out of Taxi?");
    settle(&site);
    assert_eq!(sent(&site).len(), 0);
    assert!(site.audit().is_empty());
}

#[test]
fn y_sends_one_request_for_the_agent_that_was_asked_about() {
    let site = Site::new();
    let mut pty = asked(&site);
    pty.say_yes();
    site.server.wait("^POST", 1);
    pty.until("the new state", |pty| {
        pty.line("john@example.net").is_some_and(|line| line.contains("logged out"))
    });
    settle(&site);
    assert_eq!(sent(&site), [JOHN_OUT]);
    let phases: Vec<String> = site.audit().iter().map(|line| line["phase"].to_string()).collect();
    assert_eq!(phases, ["\"intent\"", "\"outcome\""]);
}

#[test]
fn y_right_behind_the_key_that_asks_answers_nothing_and_is_not_kept() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    agents(&mut pty, "John Roe");
    pty.press("o");
    pty.sees("Log John Roe out of Taxi?");
    pty.press("y");
    pty.sees("too soon");
    settle(&site);
    assert_eq!(sent(&site).len(), 0);
    pty.say_yes();
    site.server.wait("^POST", 1);
    settle(&site);
    assert_eq!(sent(&site), [JOHN_OUT]);
}

#[test]
fn what_a_terminal_answers_to_somebody_else_asks_and_answers_nothing() {
    let replies = [
        "\x1b[?62;22;52c",
        "\x1b[>41;390;0c",
        "\x1bP>|XTerm(390)\x1b\\",
        "\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
        "\x1b]52;c;b3kK\x1b\\",
        "\x1b_Gi=31;OK\x1b\\",
        "\x1b[?2026;2$y",
        "\x1b[12;40R",
        "\x1b[Moyq",
        "\x1b[32;40;12M",
        "\x1b[I",
    ];
    let site = Site::new();
    let mut pty = asked(&site);
    let _ = pty.within(SECOND, |_| false);
    for reply in replies {
        pty.press(reply);
        let _ = pty.within(SECOND / 10, |_| false);
        let (head, tail) = reply.split_at(reply.len() - 1);
        pty.press(head);
        let _ = pty.within(SECOND / 4, |_| false);
        pty.press(tail);
        let _ = pty.within(SECOND / 10, |_| false);
        assert!(pty.text().contains("Log John Roe out of Taxi?"), "{reply:?}:\n{}", pty.text());
    }
    settle(&site);
    assert_eq!(sent(&site).len(), 0);
    pty.press("y");
    site.server.wait("^POST", 1);
}

#[test]
fn y_three_times_is_one_request() {
    let site = Site::new();
    let mut pty = asked(&site);
    pty.say_yes();
    pty.type_keys("yy");
    site.server.wait("^POST", 1);
    pty.type_keys("oyoy");
    settle(&site);
    assert_eq!(sent(&site), [JOHN_OUT]);
}

#[test]
fn a_list_that_sorts_itself_anew_does_not_change_whom_y_is_about() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    pty.press("2");
    pty.sees("John Roe");
    // John is selected by a filter, which is taken away again.
    pty.filter("John Roe");
    pty.loses("Ann Far");
    pty.type_keys("j");
    pty.filter("");
    pty.sees("Ann Far");
    pty.press("o");
    pty.sees("Log John Roe out of Taxi?");
    site.server.set(json!(["groups", 0, "agents", 4, "isAvailable"]), json!(false));
    site.server.set(json!(["groups", 0, "agents", 0, "isLoggedIn"]), json!(false));
    site.server.set(
        json!(["groups", 0, "agents", 5])
            .as_array()
            .map_or(json!([]), |_| json!(["groups", 0, "name"])),
        json!("Taxi"),
    );
    settle(&site);
    pty.say_yes();
    site.server.wait("^POST", 1);
    assert_eq!(sent(&site), [JOHN_OUT]);
}

#[test]
fn y_sends_nothing_when_what_the_question_saw_no_longer_holds() {
    let site = Site::new();
    let mut pty = asked(&site);
    site.server.set(json!(["groups", 0, "agents", 1, "isLoggedIn"]), json!(false));
    settle(&site);
    pty.say_yes();
    pty.loses("Log John Roe out of Taxi?");
    settle(&site);
    assert_eq!(sent(&site).len(), 0, "{}", pty.text());
}

#[test]
fn a_refusal_stands_on_the_board_in_the_vendors_words() {
    let site = Site::new();
    let words = r#"{"field":[{"code":"not.allowed","description":"Only a supervisor may"}]}"#;
    site.server.fail("^POST", json!({"status": 403, "body": words}));
    let mut pty = asked(&site);
    pty.say_yes();
    pty.sees("Only a supervisor may");
    settle(&site);
    assert_eq!(sent(&site), [JOHN_OUT]);
}

#[test]
fn an_agent_without_an_id_cannot_be_acted_on_and_the_board_says_which_line_is_missing() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    agents(&mut pty, "Kim Lee");
    pty.press("o");
    pty.sees("agent_ids");
    pty.say_yes();
    settle(&site);
    assert_eq!(sent(&site).len(), 0);
}

#[test]
fn the_own_user_is_logged_out_from_the_list_of_queues() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    pty.filter("Taxi");
    pty.loses("Harbour");
    pty.type_keys("go");
    pty.sees("Log yourself out of Taxi?");
    pty.say_yes();
    site.server.wait("^POST", 1);
    assert_eq!(
        sent(&site),
        ["POST /telco/v9/distributiongroup/logout/example.net/sup/21/example.net"]
    );
}

#[test]
fn inside_a_queue_that_queue_is_meant() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    pty.filter("Harbour");
    pty.loses("Reception");
    pty.type_keys("g\r");
    pty.sees("Jane Doe");
    pty.filter("Jane");
    pty.loses("Ann Far");
    pty.type_keys("gi");
    pty.sees("Log Jane Doe in to Harbour?");
    pty.say_yes();
    let seen = site.server.wait("^POST", 1);
    assert_eq!(
        seen[0].line(),
        "POST /telco/v9/acd/v1/agent/other.example/21/jane@example.net?action=login"
    );
}

fn entry(pty: &mut Pty, destination: &str) {
    pty.press("7");
    pty.sees(destination);
    pty.filter(destination);
    pty.until("the filter", |pty| !pty.text().contains("bob@contoso.example"));
    pty.type_keys("g");
}

#[test]
fn a_removal_asks_sends_one_request_and_the_row_leaves_after_the_reading() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    entry(&mut pty, "+358401234561");
    pty.press("d");
    pty.sees("Remove the entry to +358401234561?");
    pty.say_yes();
    site.server.wait("^DELETE", 1);
    pty.filter("");
    pty.sees("7 Entries 4");
    pty.sees("+358401234564");
    assert_eq!(sent(&site), ["DELETE /lw/v1/scheduler-entries/e-1"]);
}

#[test]
fn an_entry_in_progress_is_not_asked_about_and_the_board_says_why() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    entry(&mut pty, "+358401234562");
    pty.press("d");
    pty.sees("only an entry that has not begun can be removed");
    pty.say_yes();
    settle(&site);
    assert_eq!(sent(&site).len(), 0);
}

#[test]
fn read_only_has_no_key_that_changes_anything() {
    let site = Site::new();
    let mut pty = open(&site, &["--read-only"]);
    pty.sees("read-only");
    agents(&mut pty, "John Roe");
    pty.type_keys("oyiy");
    entry(&mut pty, "+358401234561");
    pty.type_keys("dy");
    settle(&site);
    let _ = pty.within(SECOND, |_| false);
    assert!(!pty.text().contains("Remove the entry") && !pty.text().contains("Log John"));
    assert_eq!(sent(&site).len(), 0);
    pty.press("?");
    pty.until("help", |pty| pty.text().contains("filter"));
    assert!(!pty.text().to_lowercase().contains("log out"), "{}", pty.text());
}
