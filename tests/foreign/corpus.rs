//! The whole corpus of hostile names spread over the stranger's floor: what the real program prints, writes and
//! shows of it.

use serde_json::{Value, json};

use crate::hostile;
use crate::pty::{Pty, SECOND};
use crate::site::Site;
use crate::suite::grammar::strict;
use crate::suite::hostile::{corpus, steering_in_lines};

/// How often the names are dealt out, each time to other fields.
const DEALS: usize = 4;

/// A site on which every text field begins with another hostile name.
fn dealt(deal: usize) -> Site {
    let names = corpus();
    let site = Site::new();
    let mut next = deal * names.len() / DEALS;
    hostile::poisoned(&site, &mut || {
        next += 1;
        format!("1{}0 ", names[next % names.len()].1)
    });
    site
}

fn clean(place: &str, text: &str) {
    let bad = steering_in_lines(text);
    let near = bad.and_then(|bad| text.lines().find(|line| line.contains(bad)));
    assert_eq!(bad, None, "in {place}: {near:?}");
}

#[test]
fn no_report_message_or_log_holds_anything_that_steers() {
    let runs = [
        "status --format json",
        "status --format openmetrics",
        "status queues --format csv",
        "status agents --format csv",
        "status entries --format csv",
        "status callback_lists --format csv",
        "status --format markdown",
        "status agents --format markdown",
        "status queues --format text",
        "status agents",
        "status entries",
        "status sources",
        "entries list",
        "config check --connect",
        "entries remove e-1 --yes",
    ];
    for deal in 0..DEALS {
        let site = dealt(deal);
        let refusal = json!({"field": [{"description": corpus()[deal].1}]}).to_string();
        site.server.fail("^(POST|DELETE)", json!({"status": 403, "body": refusal, "times": 1000}));
        for args in runs {
            let run = site.run(&[&["-vv"], &*args.split(' ').collect::<Vec<_>>()].concat());
            clean(&format!("the output of {args}"), &run.out.replace("\r\n", "\n"));
            clean(&format!("the messages of {args}"), &run.err);
            if args.ends_with("json") {
                assert_eq!(run.code, 0, "{run:?}");
                let rows: Value = serde_json::from_str(&run.out).unwrap();
                // Where a name was altered differently in two answers, a queue has a row from each.
                assert!(rows["queues"].as_array().unwrap().len() >= 8);
                assert!(run.out.contains('\u{fffd}'), "what was taken out leaves a sign");
            }
        }
        let files = site.written();
        assert!(files.iter().any(|(path, _)| path.ends_with("audit.jsonl")), "{files:?}");
        for (path, bytes) in files {
            clean(&path.display().to_string(), &String::from_utf8(bytes).unwrap());
        }
    }
}

/// Presses keys and looks on for a moment; behind an escape long enough for it to be a key of its own.
fn press(pty: &mut Pty, keys: &str) {
    for key in keys.chars() {
        pty.press(key.encode_utf8(&mut [0; 4]));
        let _ = pty.within(SECOND / 20, |_| false);
    }
    let _ = pty.within(if keys == "\x1b" { SECOND / 5 } else { SECOND / 20 }, |_| false);
}

#[test]
fn every_byte_of_the_real_board_is_of_the_grammar() {
    for deal in (0..DEALS).step_by(2) {
        let site = dealt(deal);
        let mut pty = Pty::open(&site, &["-vv"], 160, 40);
        pty.until("rows in every table", |pty| {
            let counted = |tab: &str| {
                let text = pty.text();
                let behind = text.split(tab).nth(1).unwrap_or_default();
                behind.starts_with(|c| ('1'..='9').contains(&c))
            };
            ["1 Queues ", "2 Agents ", "6 Lists ", "7 Entries "].into_iter().all(counted)
        });
        for keys in [
            "1", "g", "\r", "o", "n", "\x1b", "2", "o", "\x1b", "s", "\x1b", "c", "\x1b", ":out",
            "\x1b", "6", "7", "G", "d", "n", "8", "r", "0", "?", "?", "/a\r", "\x1b", " ", "p",
            "p", "x", "w", " ", " ", "w",
        ] {
            press(&mut pty, keys);
        }
        let picture = || {
            let files = std::fs::read_dir(site.home.path()).unwrap();
            let mut paths = files.map(|entry| entry.unwrap().path());
            paths.find(|path| path.extension().is_some_and(|end| end == "svg"))
        };
        let copied = |pty: &Pty| String::from_utf8_lossy(&pty.written).contains("\u{1b}]52;c;");
        for _ in 0..20 {
            if copied(&pty) && picture().is_some() {
                break;
            }
            for keys in ["\x1b", "1", "g", "y", "x"] {
                press(&mut pty, keys);
            }
        }
        pty.press("q");
        assert_eq!(pty.ends_within(SECOND * 5), 0);
        let copies = strict(&pty.written).unwrap_or_else(|error| panic!("deal {deal}: {error}"));
        assert!(copies >= 1, "deal {deal}: no copy");
        assert!(pty.written.ends_with(b"\x1b[?1049l"), "nothing is said afterwards");
        clean("the picture", &std::fs::read_to_string(picture().unwrap()).unwrap());
        for (path, bytes) in site.written() {
            clean(&path.display().to_string(), &String::from_utf8(bytes).unwrap());
        }
    }
}
