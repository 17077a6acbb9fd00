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

#[test]
fn the_log_at_its_most_talkative_holds_no_secret_and_no_control_character() {
    let site = Site::new();
    crate::hostile::evil(&site);
    let mut pty = Pty::open(&site, &["-vv"], 160, 40);
    pty.until("figures", |pty| String::from_utf8_lossy(&pty.written).contains('\u{fffd}'));
    let secrets =
        "t-canary-main-19c2 canary-stats-7f3a canary-key-55d0 canary-token-a0b1 \u{1b}]52;c;x\u{7}";
    site.server.fail(".", json!({"status": 403, "body": secrets, "times": 100_000}));
    site.server.order(json!({"do": "kill_streams", "how": "reset"}));
    pty.until("a refusal", |pty| pty.text().contains("unauthorized"));
    pty.press("8");
    pty.sees("403");
    pty.press("0");
    let before = site.server.requests("POST|DELETE").len();
    assert_eq!(before, 0);
    pty.press("q");
    assert_eq!(pty.ends_within(SECOND * 5), 0);
    let files = site.written();
    let log = files.iter().find(|(path, _)| path.ends_with("floorwalker.log"));
    let log = String::from_utf8(log.expect("a log").1.clone()).unwrap();
    assert!(log.contains("403"), "{log}");
    let screen = String::from_utf8_lossy(&pty.written).into_owned();
    for (path, bytes) in &files {
        let text = String::from_utf8(bytes.clone()).unwrap();
        crate::hostile::clean(&path.display().to_string(), &text);
        for canary in crate::site::CANARIES {
            assert!(!text.contains(canary), "{canary} in {}", path.display());
            assert!(!screen.contains(canary), "{canary} on the screen");
        }
    }
}

#[test]
fn a_config_file_that_changes_is_used_and_a_bad_one_is_said() {
    let site = Site::new();
    let before = std::fs::read_to_string(site.path("config.toml")).unwrap();
    let mut pty = Pty::open(&site, &[], 160, 40);
    pty.sees("Taxi");
    site.write("config.toml", &format!("them = \"midnight\"\n{before}"), 0o600);
    pty.sees("the old configuration stays");
    pty.sees("did you mean \"theme\"");
    pty.sees("Taxi");
    site.write("config.toml", &format!("{before}\n[keys]\nhelp = \"f9\"\n"), 0o600);
    pty.sees("the config file changed and is used now");
    pty.sees("f9 help");
    pty.sees("Taxi");
}
