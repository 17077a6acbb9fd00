//! Names that want to command the terminal, in every place where a vendor may write text.

use serde_json::{Value, json};

use crate::site::Site;

/// Sets the clipboard, moves the cursor, begins a control string in one byte, turns the text round, hides.
const EVIL: &str = "A\u{1b}]52;c;ZXZpbA==\u{7}B\u{1b}[2J\u{9b}31m\u{9d}0;t\u{9c}C\u{202e}D\u{200b}E\u{feff}F\r\n\t\0G\u{2066}\u{7f}\u{85}H";

/// Writes a name before every string of the floor that is not needed to find one's way.
fn poison(value: &mut Value, key: &str, name: &mut dyn FnMut() -> String) {
    let kept = [
        "domain",
        "id",
        "Id",
        "ID",
        "QueueId",
        "serviceUpn",
        "dueDateTimeUtc",
        "schedulerEntryId",
        "CallListId",
        "nightMode",
    ];
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                poison(value, key, name);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, key, name)),
        Value::String(text)
            if !kept.contains(&key) && !text.chars().all(|c| c.is_ascii_digit()) =>
        {
            *text = format!("{}{text}", name());
        }
        _ => {}
    }
}

pub fn evil(site: &Site) {
    poisoned(site, &mut || EVIL.to_owned());
}

/// Has the floor begin every text with the next of these names.
pub fn poisoned(site: &Site, name: &mut dyn FnMut() -> String) {
    let floor: Value = {
        let script = "import json, floor; print(json.dumps(floor.start()))";
        let output = std::process::Command::new("python3")
            .args(["-B", "-c", script])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign"))
            .output()
            .expect("these tests need python3");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    for part in ["statistics", "groups", "queues", "callbacks", "entries"] {
        let mut value = floor[part].clone();
        poison(&mut value, "", name);
        site.server.set(json!([part]), value);
    }
}

/// Control characters beyond the line break, and characters that reorder or hide.
fn raw(text: &str) -> Option<char> {
    text.chars().find(|c| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
    })
}

pub fn clean(place: &str, text: &str) {
    if let Some(c) = raw(text) {
        let at = text.find(c).unwrap();
        let near: String = text[at..].chars().take(60).collect();
        panic!("U+{:04X} in {place}: {near:?}", u32::from(c));
    }
}

#[test]
fn no_name_commands_the_terminal_in_any_report() {
    let site = Site::new();
    evil(&site);
    let json = site.run(&["status", "--format", "json"]);
    assert_eq!(json.code, 0, "{json:?}");
    clean("json", &json.out);
    assert_eq!(json.json()["queues"].as_array().unwrap().len(), 8);
    assert!(json.out.contains('\u{fffd}'), "what was taken out leaves a mark");
    for table in ["queues", "agents", "callback_lists", "entries", "sources"] {
        let run = site.run(&["status", table]);
        // The call log, which this server does not have, has callback lists too.
        let code = if table == "callback_lists" { 5 } else { 0 };
        assert_eq!(run.code, code, "{run:?}");
        clean(table, &run.out);
        clean(table, &run.err);
        if table != "sources" {
            assert!(run.out.contains('\u{fffd}'), "{table}: {}", run.out);
        }
    }
    for args in [
        &["config", "check", "--connect"][..],
        &["--ascii", "status"],
        &["entries", "list", "--no-mask"],
    ] {
        let run = site.run(args);
        clean("output", &run.out);
        clean("messages", &run.err);
    }
}

#[test]
fn no_name_or_refusal_commands_the_terminal_in_messages_audit_or_log() {
    let site = Site::new();
    evil(&site);
    let refusal =
        json!({"field": [{"code": EVIL, "description": EVIL, "fieldName": EVIL}]}).to_string();
    site.server.fail("^(POST|DELETE)", json!({"status": 403, "body": refusal, "times": 1000}));
    site.server.fail(
        "lw/v1/scheduler-entries.serviceUpn=back",
        json!({"status": 400, "body": EVIL, "kind": "text/plain", "times": 1000}),
    );
    let runs = [
        site.run(&[
            "-vv",
            "logout",
            "--source",
            "town",
            "--queue",
            "21",
            "--agent",
            "john@example.net",
            "--yes",
        ]),
        site.run(&["-vv", "logout", "--source", "town", "--queue", EVIL_ARGUMENT, "--yes"]),
        site.run(&[
            "-vv", "logout", "--source", "town", "--queue", "21", "--agent", "nobody", "--yes",
        ]),
        site.run(&["-vv", "logout", "--source", EVIL_ARGUMENT, "--queue", "21", "--yes"]),
        site.run(&["-vv", "entries", "remove", "e-1", EVIL_ARGUMENT, "--yes"]),
        site.run(&["-vv", "status", "sources"]),
    ];
    for run in &runs {
        clean("output", &run.out);
        clean("messages", &run.err);
    }
    assert_eq!(runs[0].code, 1, "{:?}", runs[0]);
    assert_eq!(runs[4].code, 1, "{:?}", runs[4]);
    let files = site.written();
    assert!(!files.is_empty());
    for (path, bytes) in files {
        clean(&path.display().to_string(), &String::from_utf8(bytes).unwrap());
    }
    assert!(site.audit().len() >= 6);
}

/// What a person may have pasted into the command line.
const EVIL_ARGUMENT: &str = "e\u{1b}]0;x\u{7}\u{202e}\u{9b}2J";

#[test]
fn a_hostile_config_file_is_complained_of_without_commanding_the_terminal() {
    let site = Site::new();
    for text in [
        "the\u{202e}me = 1\n".to_owned(),
        "\"the\\u001bme\" = 1\n".to_owned(),
        "[[source]]\nname = \"x\\u001b]0;t\\u0007\"\nkind = \"te\\u009blepo\"\n".to_owned(),
        "theme = \"\\u001b[2J\"\n[keys]\n\"\\u001b[2J\" = \"\\u001b\"\n".to_owned(),
    ] {
        site.write("config.toml", &text, 0o600);
        let run = site.run(&["config", "check"]);
        assert_eq!(run.code, 2, "{run:?}");
        clean("messages", &run.err);
    }
}

#[test]
fn a_flood_of_marks_and_a_huge_name_stay_small() {
    let site = Site::new();
    let flood = format!("Z{}", "\u{0301}".repeat(100_000));
    site.server.set(json!(["statistics", 0, "name"]), json!(flood));
    site.server.set(json!(["statistics", 1, "name"]), json!("x".repeat(1_000_000)));
    let run = site.run(&["status"]);
    assert_eq!(run.code, 0);
    assert!(run.out.len() < 20_000, "{}", run.out.len());
}

#[test]
fn answers_that_are_no_answers_are_named_failures() {
    for (body, kind) in [
        ("<html><body>Log in</body></html>", "text/html"),
        ("", "application/json"),
        ("{\"queue\": [", "application/json"),
        ("\u{feff}{}", "application/json"),
    ] {
        let site = Site::new();
        site.server.fail(
            "/lw/|/en/|/telco/",
            json!({"status": 200, "body": body, "kind": kind, "times": 1000}),
        );
        let run = site.run(&["status", "--format", "json"]);
        clean("json", &run.out);
        assert!(matches!(run.code, 0 | 4 | 5), "{run:?}");
        for source in run.json()["sources"].as_array().unwrap() {
            let link = source["link"].as_str().unwrap();
            // No body is an empty list, and so is an object of nothing.
            let is_empty = body.is_empty() || body == "\u{feff}{}";
            assert!(link == "down" || is_empty, "{body:?}: {source:#}");
        }
    }
}

#[test]
fn a_nest_ten_thousand_deep_is_a_failure_and_no_crash() {
    let site = Site::new();
    let deep = "[".repeat(10_000);
    site.server.fail("/lw/|/en/|/telco/", json!({"status": 200, "body": deep, "times": 1000}));
    assert_eq!(site.run(&["status", "--format", "json"]).code, 4);
}
