//! A server that goes away and comes back.

use serde_json::json;

use super::open;
use crate::pty::{Pty, SECOND};
use crate::site::Site;

fn grey(pty: &Pty, fresh: (vt100::Color, bool), text: &str) -> bool {
    pty.line(text).is_some() && pty.look(text) != fresh
}

#[test]
fn rows_stay_dimmed_with_their_age_and_come_back_to_life() {
    let site = Site::with(crate::site::telepo);
    let mut pty = open(&site, &[]);
    site.server.wait_for_streams(1);
    pty.sees("live");
    pty.sees("Reception");
    let fresh = pty.look("Harbour");
    site.server.order(json!({"do": "down"}));
    pty.until("down, next try", |pty| pty.text().contains("down, next try"));
    pty.until("dimmed rows", |pty| grey(pty, fresh, "Harbour") && grey(pty, fresh, "Taxi"));
    let taxi = pty.line("Taxi").unwrap();
    assert!(taxi.split_whitespace().any(|word| word == "3"), "figures stay: {taxi}");
    pty.until("an age", |pty| {
        let line = pty.line("Harbour").unwrap_or_default();
        line.split_whitespace()
            .any(|word| word.ends_with('s') && word.trim_end_matches('s').parse::<u32>().is_ok())
    });
    site.server.set(json!(["statistics", 0, "queueLength"]), json!(731));
    site.server.order(json!({"do": "up"}));
    // Whoever does not want to wait for the next try asks for it.
    pty.press("r");
    pty.until("fresh figures", |pty| {
        pty.line("Taxi").is_some_and(|line| line.contains("731")) && pty.look("Harbour") == fresh
    });
    pty.sees("live");
}

#[test]
fn one_source_down_leaves_the_others_alone() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    pty.sees("Sales");
    site.server.fail("/en/", json!({"status": 503, "times": 100_000}));
    pty.until("down", |pty| pty.text().contains("down"));
    site.server.set(json!(["statistics", 0, "queueLength"]), json!(741));
    pty.until("news of the others", |pty| {
        pty.line("Taxi").is_some_and(|line| line.contains("741"))
    });
    assert!(pty.line("Sales").is_some());
    pty.press("8");
    pty.sees("503");
}

#[test]
fn keys_answer_while_the_server_says_nothing() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    site.server.fail(".", json!({"slow": 30, "times": 100_000}));
    pty.press("?");
    let good = pty.within(SECOND, |pty| pty.text().contains("Leave floorwalker"));
    assert!(good, "{}", pty.text());
    pty.press("\x1b");
    pty.loses("Leave floorwalker");
    pty.press("q");
    assert_eq!(pty.ends_within(SECOND * 2), 0);
}

#[test]
fn a_board_whose_server_was_never_there_says_so() {
    let site = Site::new();
    site.server.order(json!({"do": "down"}));
    let mut pty = Pty::open(&site, &[], 160, 40);
    pty.sees("down, next try");
    site.server.order(json!({"do": "up"}));
    pty.sees("Taxi");
}
