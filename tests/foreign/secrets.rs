//! Where secrets come from, and that they go nowhere but to their own server.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use crate::site::{CANARIES, Run, Site, finish, nimbus, row};

/// A Nimbus source whose token comes from `from`.
fn with_token(from: &str) -> Site {
    let from = from.to_owned();
    Site::with(move |port| nimbus(port).replace("\"canary-token-a0b1\"", &from))
}

fn works(run: &Run) {
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.json()["entries"].as_array().unwrap().len(), 5, "{run:?}");
}

const JSON: [&str; 3] = ["status", "--format", "json"];

#[test]
fn a_secret_comes_from_the_environment() {
    let site = with_token("{ env = \"MY_TOKEN\" }");
    works(&finish(site.command(&JSON).env("MY_TOKEN", "canary-token-a0b1")));
    let run = site.run(&JSON);
    assert_eq!(run.code, 4, "{run:?}");
    let error = row(&run.json(), "sources", "source", "cloud")["error"].to_string();
    assert!(error.contains("MY_TOKEN"), "{error}");
    assert_eq!(
        site.server
            .requests("v1")
            .iter()
            .filter(|seen| seen.header("authorization").is_none())
            .count(),
        0
    );
}

#[test]
fn a_secret_comes_from_a_file_that_only_the_user_can_read() {
    let site = with_token("{ file = \"TOKEN_FILE\" }");
    let config = std::fs::read_to_string(site.path("config.toml")).unwrap();
    let file = site.write("token", "canary-token-a0b1\n", 0o600);
    let config = config.replace("TOKEN_FILE", file.to_str().unwrap());
    site.write("config.toml", &config, 0o644);
    works(&site.run(&JSON));
    for mode in [0o644, 0o640, 0o604] {
        site.write("token", "canary-token-a0b1\n", mode);
        let run = site.run(&JSON);
        assert_eq!(run.code, 4, "{mode:o} {run:?}");
        let error = row(&run.json(), "sources", "source", "cloud")["error"].to_string();
        assert!(error.contains("token") && error.contains("600"), "{error}");
    }
}

#[test]
fn a_secret_comes_from_a_command_and_is_asked_for_again_after_a_refusal() {
    let site = with_token(
        "{ command = [\"sh\", \"-c\", \"echo x >> calls; if [ $(wc -l < calls) -gt 1 ]; then echo canary-token-a0b1; else echo old; fi\"] }",
    );
    works(&site.run(&JSON));
    let calls = std::fs::read_to_string(site.path("calls")).unwrap();
    assert_eq!(calls.lines().count(), 2, "once, and once after 401");
    let site = with_token("{ command = [\"sh\", \"-c\", \"echo canary-leak >&2; exit 3\"] }");
    let run = site.run(&JSON);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(!run.out.contains("canary-leak") && !run.err.contains("canary-leak"), "{run:?}");
}

#[test]
fn a_literal_secret_needs_a_private_file_or_a_loopback_address() {
    let site = Site::new();
    let text = std::fs::read_to_string(site.path("config.toml")).unwrap();
    site.write("config.toml", &text.replace("http://127.0.0.1", "https://pbx.example.com"), 0o644);
    let run = site.run(&["config", "check"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("ticket") && run.err.contains("chmod 600"), "{run:?}");
    for canary in CANARIES {
        assert!(!run.err.contains(canary) && !run.out.contains(canary), "{run:?}");
    }
    site.write("config.toml", &text.replace("http://127.0.0.1", "https://pbx.example.com"), 0o600);
    assert_eq!(site.run(&["config", "check"]).code, 0);
    let run = check_with(&site, "{ keyring = \"x\" }");
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("keyring"), "{run:?}");
}

fn check_with(site: &Site, token: &str) -> Run {
    let text = nimbus(1).replace("\"canary-token-a0b1\"", token);
    site.write("config.toml", &text, 0o600);
    site.run(&["config", "check"])
}

#[test]
fn a_broken_literal_is_complained_of_without_being_quoted() {
    let site = Site::new();
    for token in [
        "[\"canary-token-a0b1\"]",
        "{ envv = \"canary-token-a0b1\" }",
        "\"canary-token-a0b1",
        "{ env = \"A\", file = \"canary-token-a0b1\" }",
        "\"canary-token-a0b1\" oops",
    ] {
        let run = check_with(&site, token);
        assert_eq!(run.code, 2, "{token} {run:?}");
        assert!(!run.err.contains("canary"), "{token} {run:?}");
        assert!(run.err.contains("config.toml:"), "{token} {run:?}");
    }
}

#[test]
fn no_secret_is_seen_in_any_output_or_file_whatever_goes_wrong() {
    let faults = [
        json!({"status": 401, "body": "ticket t-canary-main-19c2 canary-stats-7f3a canary-token-a0b1 is bad"}),
        json!({"status": 403, "body": "no canary-key-55d0 d2FsbEBleGFtcGxlLm5ldDpjYW5hcnkta2V5LTU1ZDA="}),
        json!({"status": 500, "body": "<html>t-canary-stats-7f3a</html>", "kind": "text/html"}),
        json!({"status": 302, "headers": [["Location", "http://canary-token-a0b1@127.0.0.1/?k=canary-key-55d0"]]}),
        json!({"reset": true}),
        json!({"status": 200, "body": "{\"canary-main-19c2\": \"canary-token-a0b1\""}),
    ];
    // A server that stalls is waited for: each fault has its own, all at once.
    std::thread::scope(|scope| {
        for fault in faults {
            scope.spawn(move || no_secret_is_seen(fault));
        }
    });
}

/// Encodings in one answer.
const PART: usize = 5;

/// Every way in which a server may write what it was sent.
fn encodings(secret: &str, user: &str) -> Vec<String> {
    let each = |write: fn(u8) -> String| {
        secret.bytes().fold(String::new(), |text, byte| text + &write(byte))
    };
    let hex = each(|byte| format!("{byte:02x}"));
    let percent = each(|byte| format!("%{byte:02X}"));
    let json = each(|byte| format!("\\u{byte:04x}"));
    let entities = each(|byte| format!("&#{byte};"));
    let base64 = |text: &str| STANDARD.encode(text);
    vec![
        secret.to_owned(),
        base64(secret),
        base64(&format!("{user}:{secret}")),
        base64(&format!("x{secret}")),
        base64(&format!("xy{secret}z")),
        URL_SAFE_NO_PAD.encode(format!("?>{secret}")),
        hex.to_uppercase(),
        hex,
        percent.to_lowercase(),
        percent,
        secret.replace('-', "%2d"),
        json,
        entities,
        secret.replace('-', "&#x2d;"),
    ]
}

#[test]
fn no_encoding_of_a_secret_is_seen_in_any_output_or_file() {
    // Each server echoes what it may have been sent; a body holds no more than an error's words may.
    let [stats, main, key, token] = CANARIES.map(|own| encodings(own, "wall@example.net"));
    std::thread::scope(|scope| {
        for part in 0..stats.len().div_ceil(PART) {
            let own = [
                ("/telco/v9/stats", &stats),
                ("/telco/v9/[^s]", &main),
                ("/en/|/find/", &key),
                ("/lw/", &token),
            ];
            let own = own.map(|(path, all)| (path, all.chunks(PART).nth(part).unwrap().to_vec()));
            scope.spawn(move || {
                let faults = own.clone().map(|(path, all)| {
                    let body = all.join(" | ");
                    (path, json!({"status": 400, "body": body, "kind": "text/plain"}))
                });
                for (place, text) in seen_of(&faults) {
                    for encoded in own.iter().flat_map(|(_, all)| all) {
                        assert!(!text.contains(encoded.as_str()), "{encoded} in {place}:\n{text}");
                    }
                }
            });
        }
    });
}

fn no_secret_is_seen(fault: serde_json::Value) {
    for (place, text) in seen_of(&[(".", fault)]) {
        for canary in CANARIES.iter().chain(&["d2FsbEBleGFtcGxlLm5ldDpj"]) {
            assert!(!text.contains(canary), "{canary} in {place}:\n{text}");
        }
    }
}

/// Everything that is printed and written while the servers answer so.
fn seen_of(faults: &[(&str, serde_json::Value)]) -> Vec<(String, String)> {
    let site = Site::new();
    for (path, fault) in faults {
        let mut everywhere = fault.clone();
        everywhere["times"] = json!(1000);
        site.server.fail(path, everywhere);
    }
    let log = site.path("xdg/floorwalker.log");
    let log = log.to_str().unwrap();
    let mut runs = vec![
        site.run(&["-vv", "--log", log, "status", "--format", "json"]),
        site.run(&["-vv", "--log", log, "status", "queues", "sources"]),
        site.run(&["-vv", "--log", log, "config", "check", "--connect"]),
        site.run(&["-vv", "--log", log, "entries", "remove", "e-1", "--yes"]),
        site.run(&["-vv", "--log", log, "config", "show"]),
    ];
    site.server.order(json!({"do": "heal"}));
    for (path, fault) in faults {
        let mut acts = fault.clone();
        acts["times"] = json!(1000);
        site.server.fail(&format!("^(POST|DELETE).*{path}"), acts);
    }
    runs.push(site.run(&["-vv", "logout", "--source", "town", "--queue", "21", "--yes"]));
    runs.push(site.run(&["-vv", "entries", "remove", "e-1", "e-2", "--yes"]));
    let mut seen: Vec<(String, String)> = Vec::new();
    for run in &runs {
        seen.push(("standard output".to_owned(), run.out.clone()));
        seen.push(("standard error".to_owned(), run.err.clone()));
    }
    for (path, bytes) in site.written() {
        seen.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    seen
}
