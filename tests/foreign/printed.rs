//! Every command of the program with every one of its flags, against vendors that answer with commands for the terminal:
//! what reaches standard output and standard error is text and line ends.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::{ArgAction, CommandFactory};
use floorwalker::cli::Cli;
use serde_json::json;

use crate::hostile::evil;
use crate::site::{Run, Site, enreach, nimbus, telepo};
use crate::suite::hostile::steers;

/// What a person may have pasted into the command line.
const PASTED: &str = "e\u{1b}]52;c;ZXZpbA==\u{7}\u{202e}\u{9b}2J\u{200b}\u{9d}0;t\u{9c}x";

/// How long a command runs that would run for ever.
const RUNS: Duration = Duration::from_secs(4);

/// Commands, what else they need, and whether they end by themselves.
const COMMANDS: [(&str, &[&str], bool); 26] = [
    ("", &[], true),
    ("demo", &[], true),
    ("wall", &[], true),
    ("status", &["queues", "sources", "--timeout", "3s"], true),
    ("login", &["--source", "town", "--queue", "21", "--yes"], true),
    ("logout", &["--source", "town", "--queue", "21", "--yes"], true),
    ("entries list", &["--timeout", "3s"], true),
    ("entries journal", &[], true),
    (
        "entries add",
        &[
            "--service",
            "back@example.net",
            "--destination",
            "+44 20 7946 0112",
            "--due",
            "+30m",
            "--yes",
        ],
        true,
    ),
    ("entries update", &["e-1", "--reference", "r", "--yes"], true),
    ("entries remove", &["e-1", PASTED, "--yes"], true),
    ("tasks list", &["--timeout", "3s"], true),
    ("tasks add", &["--service", "back@example.net", "--yes"], true),
    ("tasks update", &["t-1", "--company", "c", "--yes"], true),
    ("tasks remove", &["t-1", PASTED, "--yes"], true),
    ("contacts list", &["--timeout", "3s"], true),
    ("contacts add", &["c-1", "--company", "c", "--yes"], true),
    ("contacts update", &["c-1", "--company", "c", "--yes"], true),
    ("contacts remove", &["c-1", PASTED, "--yes"], true),
    ("relay", &[], false),
    ("simulate", &[], false),
    ("auth sign-in", &["town"], true),
    ("auth sign-out", &["town"], true),
    ("auth show", &["town"], true),
    ("config check", &[], true),
    ("config show", &[], true),
];

/// Commands without a vendor: what they print is the program's own.
const OWN: [(&str, &[&str], bool); 4] = [
    ("config init", &["--config", "new.toml"], true),
    ("config path", &[], true),
    ("completions", &["bash"], true),
    ("man", &[], true),
];

fn commands() -> impl Iterator<Item = &'static (&'static str, &'static [&'static str], bool)> {
    COMMANDS.iter().chain(&OWN)
}

/// Every command that does something, as clap knows it.
fn declared() -> Vec<(String, clap::Command)> {
    fn walk(name: &str, command: &clap::Command, found: &mut Vec<(String, clap::Command)>) {
        for own in command.get_subcommands() {
            let name = format!("{name} {}", own.get_name()).trim().to_owned();
            if own.has_subcommands() {
                walk(&name, own, found);
            } else {
                found.push((name, own.clone()));
            }
        }
    }
    let root = Cli::command();
    let mut found = Vec::new();
    walk("", &root, &mut found);
    found.push((String::new(), root));
    found
}

/// What a command is run with: its arguments, and each of its flags once more, with what no flag expects.
fn runs(name: &str, base: &[&str], command: &clap::Command) -> Vec<Vec<String>> {
    let words = name.split_whitespace().chain(base.iter().copied());
    let base: Vec<String> = words.map(str::to_owned).collect();
    let mut runs = vec![base.clone()];
    // Global flags are the same everywhere: they are run with one command, and with the board.
    let with_global = ["", "status"].contains(&name);
    for arg in command.get_arguments().filter(|arg| with_global || !arg.is_global_set()) {
        let Some(long) = arg.get_long() else { continue };
        let mut run = base.clone();
        run.push(match arg.get_action() {
            ArgAction::Set | ArgAction::Append => format!("--{long}={PASTED}"),
            _ => format!("--{long}"),
        });
        runs.push(run);
    }
    if !name.is_empty() {
        runs.push([base.clone(), vec![PASTED.to_owned()]].concat());
        runs.push([base.clone(), vec![format!("--{PASTED}")]].concat());
        runs.push([base, vec!["--help".to_owned()]].concat());
    }
    runs
}

/// Runs the program, and ends it after a while where it does not end by itself.
fn run(site: &Site, args: &[String], ends: bool) -> Run {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if ends {
        return site.run(&args);
    }
    let mut command = site.command(&args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the time of a child process")]
    let end = Instant::now() + RUNS;
    #[expect(clippy::disallowed_methods, reason = "the time of a child process")]
    while child.try_wait().unwrap().is_none() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = child.kill();
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    Run { code: child.wait().unwrap().code().unwrap_or(-1), out, err }
}

/// Nothing but text and line ends; tabs and carriage returns where the form has them.
fn check(args: &[String], run: &Run) {
    let completions = args.first().is_some_and(|own| own == "completions");
    let csv = args.iter().any(|own| own.ends_with("csv"));
    let out = if csv { run.out.replace("\r\n", "\n") } else { run.out.clone() };
    for (place, text) in [("standard output", &out), ("standard error", &run.err)] {
        let fits = |c: char| c == '\n' || (c == '\t' && completions);
        let bad = text.char_indices().find(|(_, c)| steers(*c) && !fits(*c));
        if let Some((at, c)) = bad {
            let near: String = text[at..].chars().take(60).collect();
            panic!("U+{:04X} on {place} of {args:?}: {near:?}", u32::from(c));
        }
    }
}

/// Sources whose every answer holds what commands a terminal; with a relay that can start.
fn site() -> Site {
    let relay = "[relay]\nlisten = \"127.0.0.1:0\"\nstore = \"relay.redb\"\n[[relay.token]]\nname = \"wall\"\ntoken = \"canary-relay-3b3b3b3b-canary-relay-3b3b3b3b\"\nscopes = [\"read\"]\n";
    let site = Site::with(|port| telepo(port) + &enreach(port) + &nimbus(port) + relay);
    evil(&site);
    site
}

/// Runs all of `all`, some at a time.
fn check_all(site: &Site, all: &[(Vec<String>, bool)]) {
    let next = AtomicUsize::new(0);
    let failed: Mutex<Vec<String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((args, ends)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let run = run(site, args, *ends);
                    if std::panic::catch_unwind(|| check(args, &run)).is_err() {
                        failed.lock().unwrap().push(format!("{args:?}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_command_is_run_here() {
    let names: BTreeSet<String> = declared().into_iter().map(|(name, _)| name).collect();
    let here: BTreeSet<String> = commands().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(here, names, "each command has a row in COMMANDS or OWN");
}

#[test]
fn no_command_and_no_flag_prints_what_commands_a_terminal() {
    let site = site();
    let declared = declared();
    let of = |name: &str| &declared.iter().find(|(own, _)| own == name).unwrap().1;
    let mut all = Vec::new();
    for (name, base, ends) in commands() {
        all.extend(runs(name, base, of(name)).into_iter().map(|args| (args, *ends)));
    }
    for format in ["json", "csv", "markdown", "openmetrics"] {
        for table in ["queues", "agents", "entries", "sources", "callback_lists"] {
            let args = ["status", table, "--format", format, "--timeout", "3s"];
            all.push((args.map(str::to_owned).to_vec(), true));
        }
    }
    all.push((vec!["config".into(), "check".into(), "--connect".into(), "--no-mask".into()], true));
    assert!(all.len() > 150, "{}", all.len());
    check_all(&site, &all);
}

#[test]
fn no_refusal_prints_what_commands_a_terminal() {
    let bodies = [
        (PASTED.to_owned(), "text/plain"),
        (
            json!({"message": PASTED, "error": PASTED, "error_description": PASTED}).to_string(),
            "application/json",
        ),
        (
            json!({"field": [{"code": PASTED, "description": PASTED, "fieldName": PASTED}]})
                .to_string(),
            "application/json",
        ),
    ];
    for (body, kind) in bodies {
        let site = site();
        let fault = json!({"status": 400, "body": body, "kind": kind, "times": 100_000});
        site.server.fail(".", fault);
        let vendors = COMMANDS.iter().filter(|(.., ends)| *ends);
        let mut all: Vec<(Vec<String>, bool)> = vendors
            .map(|(name, base, _)| {
                let words = name.split_whitespace().chain(base.iter().copied());
                (words.map(str::to_owned).collect(), true)
            })
            .collect();
        all.push((vec!["config".into(), "check".into(), "--connect".into()], true));
        all.push((vec!["status".into(), "--format".into(), "json".into()], true));
        check_all(&site, &all);
    }
}

#[test]
fn no_variable_of_the_environment_commands_the_terminal() {
    let site = site();
    for arg in Cli::command().get_arguments() {
        let Some(name) = arg.get_env() else { continue };
        for args in [&["--help"][..], &["status"]] {
            let run = crate::site::finish(site.command(args).env(name, PASTED));
            check(&[name.to_string_lossy().into_owned()], &run);
        }
    }
}

#[test]
fn no_path_commands_the_terminal() {
    let site = site();
    let path = format!("{}/{PASTED}.toml", site.path("").display());
    for args in [
        &["config", "path"][..],
        &["config", "init"],
        &["config", "init"],
        &["status"],
        &["config", "check"],
    ] {
        let run = site.run(&[&["--config", &path], args].concat());
        check(&args.iter().map(|own| (*own).to_owned()).collect::<Vec<_>>(), &run);
    }
}
