//! The program as a script calls it, against the simulated contact centre.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use floorwalker::action::ACTIONS;
use floorwalker::simulator::{self, Settings, Simulator};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const PROGRAM: &str = env!("CARGO_BIN_EXE_floorwalker");

/// The simulated contact centre, and a home with a config file for it.
struct Site {
    home: TempDir,
    simulator: Simulator,
    _runtime: Runtime,
}

impl Site {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let simulator = runtime.block_on(simulator::start(Settings::default())).unwrap();
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), simulator.config()).unwrap();
        Self { home, simulator, _runtime: runtime }
    }

    fn run(&self, args: &str) -> Output {
        run(self.home.path(), &format!("--config config.toml {args}"))
    }

    /// What a run that goes well prints.
    fn prints(&self, args: &str) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn run(home: &Path, args: &str) -> Output {
    let mut program = Command::new(PROGRAM);
    program.args(args.split_whitespace()).current_dir(home).stdin(Stdio::null());
    program.env_clear().env("HOME", home).output().unwrap()
}

fn no_home(args: &str) -> Output {
    run(tempfile::tempdir().unwrap().path(), args)
}

#[test]
fn every_format_tells_of_the_same_queues() {
    let site = Site::new();
    let json: Value = serde_json::from_str(&site.prints("status --format json")).unwrap();
    let rows = json["queues"].as_array().unwrap();
    let mut ids: BTreeSet<String> =
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    assert!(ids.len() > 5, "{json:#}");
    let sheet = site.prints("status --format csv");
    let mut sheet = csv::Reader::from_reader(sheet.as_bytes());
    let id = sheet.headers().unwrap().iter().position(|name| name == "id").unwrap();
    let in_sheet: BTreeSet<String> =
        sheet.records().map(|record| record.unwrap()[id].to_owned()).collect();
    assert_eq!(in_sheet, ids);
    let marked = site.prints("status --format markdown");
    let rows = marked.lines().take_while(|line| !line.is_empty());
    assert_eq!(rows.count(), ids.len() + 2, "{marked}");
    let metrics = site.prints("status --format openmetrics");
    let updated = "floorwalker_queue_updated_timestamp_seconds{";
    for line in metrics.lines().filter(|line| line.starts_with(updated)) {
        let id = line.split_once("id=\"").unwrap().1.split('"').next().unwrap();
        assert!(ids.remove(id), "{line}");
    }
    assert!(ids.is_empty(), "without a sample: {ids:?}");
    assert!(metrics.ends_with("# EOF\n"));
    assert!(metrics.contains("floorwalker_source_up{source=\"nimbus\"} 1\n"), "{metrics}");
}

#[test]
fn csv_of_several_tables_is_a_usage_error_before_anybody_is_asked() {
    let home = tempfile::tempdir().unwrap();
    // Nobody listens there: a run that asked would end with 4.
    let dead = config_of_nobody();
    std::fs::write(home.path().join("config.toml"), dead).unwrap();
    let output = run(home.path(), "--config config.toml status queues agents --format csv");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("csv is exactly one table, not queues and agents"), "{message}");
}

fn config_of_nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    format!(
        "[[source]]\nname = \"hq\"\nkind = \"telepo\"\nbase_url = \"http://{address}\"\n\
         domain = \"example.com\"\nuser = \"jdoe\"\nticket = \"made-up\"\n"
    )
}

#[test]
fn a_report_in_a_file_replaces_it_whole_also_where_no_source_answers() {
    let site = Site::new();
    let path = site.home.path().join("floorwalker.prom");
    let args = "status --format openmetrics --output floorwalker.prom";
    assert_eq!(site.prints(args), "", "it is in the file");
    let told = std::fs::read_to_string(&path).unwrap();
    assert!(told.contains("floorwalker_queue_waiting{") && told.ends_with("# EOF\n"), "{told}");
    assert!(!told.contains("floorwalker_entry_"), "series of single entries are not asked for");
    let told = site.prints("status --format openmetrics --per-item");
    assert!(told.contains("floorwalker_entry_"), "{told}");
    std::fs::write(site.home.path().join("dead.toml"), config_of_nobody()).unwrap();
    let output = run(site.home.path(), &format!("--config dead.toml {args} --timeout 5s"));
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let told = std::fs::read_to_string(&path).unwrap();
    assert!(told.contains("floorwalker_source_up{source=\"hq\"} 0\n"), "{told}");
    assert!(!told.contains("floorwalker_queue_"), "no figure of before: {told}");
    let names = std::fs::read_dir(site.home.path()).unwrap();
    let beside = names.filter(|own| {
        own.as_ref().unwrap().file_name().to_string_lossy().starts_with(".floorwalker-")
    });
    assert_eq!(beside.count(), 0, "nothing stays beside it");
}

#[test]
fn with_no_answer_every_format_is_written_all_the_same_and_the_code_is_4() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.toml"), config_of_nobody()).unwrap();
    for (format, begins) in [
        ("csv", "severity,queue,"),
        ("markdown", "| severity | Queue |"),
        ("openmetrics", "# HELP floorwalker_source_"),
    ] {
        let args = format!("--config config.toml status --timeout 5s --format {format}");
        let output = run(home.path(), &args);
        assert_eq!(output.status.code(), Some(4), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with(begins), "{text}");
        assert_eq!(
            text.contains("floorwalker_source_up{source=\"hq\"} 0"),
            format == "openmetrics"
        );
    }
}

#[test]
fn entries_are_listed_in_every_format_and_masked_unless_asked_otherwise() {
    let site = Site::new();
    for format in ["csv", "markdown"] {
        let masked = site.prints(&format!("entries list --format {format}"));
        assert!(masked.contains('…'), "{masked}");
        let whole = site.prints(&format!("entries list --no-mask --format {format}"));
        assert!(whole.contains("+4") && !whole.contains('…'), "{whole}");
        assert_eq!(masked.lines().count(), whole.lines().count());
    }
    let one = site.prints("entries list --format csv --service renewals@example.com");
    assert!(one.lines().count() > 1);
    assert!(one.lines().skip(1).all(|line| line.contains(",renewals@example.com,")), "{one}");
}

#[test]
fn a_size_or_a_load_that_there_is_not_is_a_usage_error() {
    for args in ["simulate --load 10001", "simulate --size huge", "demo --load 5"] {
        assert_eq!(no_home(args).status.code(), Some(2), "{args}");
    }
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = no_home(&format!("completions {shell}"));
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        for word in ["status", "entries", "simulate", "completions", "no-mask"] {
            assert!(text.contains(word), "{word} for {shell}");
        }
    }
    assert_eq!(no_home("completions tcsh").status.code(), Some(2));
}

#[test]
fn bash_takes_its_completions() {
    let script = no_home("completions bash").stdout;
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(&script).unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn the_manual_page_has_every_command_and_every_key() {
    let output = no_home("man");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let page = String::from_utf8(output.stdout).unwrap().replace("\\-", "-");
    assert!(page.contains(".TH floorwalker 1"), "{page}");
    for section in ["NAME", "SYNOPSIS", "OPTIONS", "COMMANDS", "KEYS", "\"EXIT STATUS\""] {
        assert!(page.contains(&format!(".SH {section}\n")), "{section} in {page}");
    }
    for command in
        ["status", "entries list", "entries remove", "auth sign-in", "config check", "man"]
    {
        assert!(page.contains(&format!(".SS \"floorwalker {command}\"\n")), "{command} in {page}");
    }
    for action in ACTIONS {
        assert!(page.contains(action.name), "{} in {page}", action.name);
    }
    assert!(page.contains("csv|markdown|openmetrics"), "{page}");
    assert!(page.contains("FLOORWALKER_CONFIG"));
}

#[test]
fn a_closed_pipe_ends_quietly_with_0() {
    let site = Site::new();
    for args in ["man", "completions zsh", "--config config.toml status --format openmetrics"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(PROGRAM)
            .args(args.split(' '))
            .current_dir(site.home.path())
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{args}: {output:?}");
        assert!(output.stderr.is_empty(), "{args}: {output:?}");
    }
}

#[test]
fn one_signs_in_and_out_and_no_secret_is_shown_or_logged() {
    let site = Site::new();
    assert!(site.prints("auth show hq").contains("not signed in"));
    let said = site.prints("-vv --log run.log auth sign-in hq");
    assert!(said.contains("signed in to hq: floorwalker-hq-"), "{said}");
    let kept = site.home.path().join(".local/state/floorwalker/sign_ins.json");
    let kept: Value = serde_json::from_slice(&std::fs::read(&kept).unwrap()).unwrap();
    let token = kept["hq"]["token"].as_str().unwrap().to_owned();
    let shown = site.prints("auth show hq");
    assert!(shown.contains("signed in with ticket floorwalker-hq-"), "{shown}");
    let board = site.prints("-vv --log run.log status --source hq --format json");
    let log = std::fs::read_to_string(site.home.path().join("run.log")).unwrap();
    let config = site.prints("config show");
    let state = site.home.path().join(".local/state/floorwalker");
    let audit = std::fs::read_to_string(state.join("audit.jsonl")).unwrap();
    assert!(audit.contains("sign_in"), "{audit}");
    for (what, text) in [
        ("said", said),
        ("shown", shown),
        ("board", board),
        ("log", log),
        ("config", config),
        ("audit", audit),
    ] {
        assert!(!text.contains(&token) && !text.contains("sim-ticket"), "{what}: {text}");
    }
    let out = site.prints("auth sign-out hq");
    assert!(out.contains("is deleted"), "{out}");
    assert!(site.prints("auth sign-out hq").contains("nothing to delete"));
    for (args, code) in [("auth sign-in nobody", 2), ("auth sign-in nimbus", 2)] {
        assert_eq!(site.run(args).status.code(), Some(code), "{args}");
    }
}

#[test]
fn an_id_that_names_something_else_is_a_usage_error_and_nothing_is_sent() {
    let site = Site::new();
    let commands: [&[&str]; 8] = [
        &["entries", "remove", "--yes"],
        &["entries", "update", "--due", "+10m", "--yes"],
        &["tasks", "remove", "--yes"],
        &["tasks", "update", "--email", "a@example.com", "--yes"],
        &["contacts", "remove", "--yes"],
        &["contacts", "add", "--first-name", "Ada", "--yes"],
        &["contacts", "update", "--first-name", "Ada", "--yes"],
        &["login", "--yes", "--queue"],
    ];
    for command in commands {
        for bad in ["", ".", "..", "%2e%2E"] {
            let mut program = Command::new(PROGRAM);
            program.args(["--config", "config.toml"]).args(command).arg(bad);
            let home = site.home.path();
            program.current_dir(home).stdin(Stdio::null()).env_clear().env("HOME", home);
            let output = program.output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{command:?} {bad:?}: {output:?}");
            let words = String::from_utf8_lossy(&output.stderr);
            assert!(words.contains("nothing was sent"), "{command:?} {bad:?}: {words}");
        }
    }
    assert!(site.simulator.asked().is_empty());
}
