//! Changes asked for on the command line, of sources that only a relay knows.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use floorwalker::clock;
use serde_json::Value;

use super::process::{Service, any_port, config, still};
use crate::support::relay::{READER, SUPERVISOR};
use crate::support::scripted::LIMIT;

/// A relay in a process of its own, and a home whose config file names it and nothing else.
pub struct Behind {
    service: Service,
    home: tempfile::TempDir,
    /// What stands behind the relay.
    pub simulator: floorwalker::simulator::Simulator,
}

impl Behind {
    /// The relay runs, and has read everything once.
    pub async fn open() -> Self {
        let simulator = still().await;
        let home = tempfile::tempdir().unwrap();
        config(&simulator, home.path(), any_port());
        let service = Service::start(home.path());
        service.ready().await;
        let behind = Self { service, home, simulator };
        behind.token(SUPERVISOR);
        behind
    }

    /// From now on that token is used.
    pub fn token(&self, token: &str) {
        let text = format!(
            "audit = \"own.jsonl\"\n[[source]]\nname = \"relay\"\nkind = \"relay\"\n\
             url = \"http://{}\"\ntoken = \"{token}\"\n",
            self.service.address
        );
        let path = self.home.path().join("behind.toml");
        std::fs::write(&path, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(path, mode).unwrap();
    }

    /// Its exit code and what it wrote, to standard output and to standard error.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = program(self.home.path(), args);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// One table as it is through the relay.
    pub fn table(&self, name: &str) -> Vec<Value> {
        let (code, out, err) = self.run(&["status", name, "--format", "json"]);
        assert_eq!(code, 0, "{err}");
        let tables: Value = serde_json::from_str(&out).unwrap();
        tables[name].as_array().unwrap().clone()
    }

    /// An agent of `hq`, by id, who is logged in to the queue of that id.
    fn seat(&self) -> (String, String) {
        let agents = self.table("agents");
        let mut seats = agents.iter().filter(|agent| agent["source"] == "hq").filter_map(|agent| {
            let seats = agent["queues"].as_array()?;
            let seat = seats.iter().find(|seat| seat["logged_in"] == true)?;
            Some((agent["id"].as_str()?.to_owned(), seat["id"].as_str()?.to_owned()))
        });
        seats.next_back().unwrap()
    }

    /// The lines of an audit log.
    pub fn audit(&self, file: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.home.path().join(file)).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn program(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_floorwalker"))
        .args(["--config", "behind.toml"])
        .args(args)
        .current_dir(home)
        .env_clear()
        .env("HOME", home)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_logged_out_and_in_through_a_relay_and_each_is_seen() {
    let behind = Behind::open().await;
    let (agent, queue) = behind.seat();
    let is_in = || {
        let agents = behind.table("agents");
        let row = agents.iter().find(|row| row["id"] == agent.as_str()).unwrap();
        let seats = row["queues"].as_array().unwrap();
        seats.iter().find(|seat| seat["id"] == queue.as_str()).unwrap()["logged_in"].clone()
    };
    for (verb, word, after) in [("logout", "log out", false), ("login", "log in", true)] {
        let args = [verb, "--source", "hq", "--queue", &queue, "--agent", &agent, "--yes"];
        let (code, _, err) = behind.run(&args);
        assert_eq!(code, 0, "{err}");
        assert!(err.starts_with(word) && err.ends_with(": done\n"), "{err}");
        assert_eq!(is_in(), after);
    }
    let told = |file: &str, key: &str| -> Vec<Value> {
        behind.audit(file).iter().map(|line| line[key].clone()).collect()
    };
    let lines = ["log_out_agent", "log_out_agent", "log_in_agent", "log_in_agent"];
    assert_eq!(told("own.jsonl", "action"), lines, "here");
    assert_eq!(told("audit.jsonl", "action"), lines, "and at the relay");
    assert_eq!(told("audit.jsonl", "who"), ["desk"; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_removed_through_a_relay_and_is_gone_the_second_time() {
    let behind = Behind::open().await;
    let entries = behind.table("entries");
    let planned = entries.iter().find(|row| row["state"] == "scheduled").unwrap();
    let id = planned["id"].as_str().unwrap();
    // Which source can do it is clear without a name.
    let remove = ["entries", "remove", id, "--yes"];
    let (code, _, err) = behind.run(&remove);
    assert_eq!(code, 0, "{err}");
    assert!(behind.table("entries").iter().all(|row| row["id"] != id));
    let (code, _, err) = behind.run(&remove);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("already gone or never there"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_added_through_a_relay_and_then_changed() {
    let behind = Behind::open().await;
    let service = behind.table("entries")[0]["service"].as_str().unwrap().to_owned();
    let add = [
        "entries",
        "add",
        "--service",
        &service,
        "--destination",
        "+442079460123",
        "--due",
        "2099-06-01T12:30:00Z",
        "--reference",
        "ours",
        "--yes",
    ];
    let (code, _, err) = behind.run(&add);
    assert_eq!(code, 0, "{err}");
    let ours = || {
        let mut rows = behind.table("entries").into_iter();
        rows.find(|row| row["due"] == "2099-06-01T12:30:00Z").unwrap()
    };
    assert_eq!(ours()["destination"], "+442…23");
    let id = ours()["id"].as_str().unwrap().to_owned();
    let (code, _, err) = behind.run(&["entries", "update", &id, "--reference", "moved", "--yes"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(ours()["reference"], "moved");
    assert_eq!(ours()["id"], id.as_str(), "it is the same entry");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_keeps_how_entries_ended_also_while_no_board_looks() {
    let behind = Behind::open().await;
    let entries = behind.table("entries");
    let planned = entries.iter().find(|row| row["state"] == "scheduled").unwrap();
    let id = planned["id"].as_str().unwrap();
    behind.simulator.change(|centre| centre.remove_entry(id));
    let end = clock::moment().after(LIMIT);
    loop {
        let (code, out, err) = behind.run(&["entries", "journal", "--format", "json"]);
        assert_eq!(code, 0, "{err}");
        let tables: Value = serde_json::from_str(&out).unwrap();
        let rows = tables["journal"].as_array().unwrap();
        if let Some(row) = rows.iter().find(|row| row["id"] == id) {
            assert_eq!(row["source"], "nimbus");
            break;
        }
        assert!(clock::moment() < end, "it is kept in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_refuses_whoever_may_only_read_and_nothing_reaches_the_vendor() {
    let behind = Behind::open().await;
    let (agent, queue) = behind.seat();
    let logout = ["logout", "--source", "hq", "--queue", &queue, "--agent", &agent];
    let (code, _, err) = behind.run(&logout);
    assert_eq!(code, 2, "it asks first: {err}");
    let logout = [&logout[..], &["--yes"]].concat();
    behind.token(READER);
    let (code, _, err) = behind.run(&logout);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("refused") && err.contains("lacks the scope"), "{err}");
    behind.token("nobodys");
    let (code, _, err) = behind.run(&logout);
    assert_eq!(code, 4, "{err}");
    assert!(err.contains("does not know this token"), "{err}");
    assert_eq!(behind.audit("audit.jsonl").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_the_relay_does_not_have_is_a_usage_error_that_lists_those_it_has() {
    let behind = Behind::open().await;
    let (agent, queue) = behind.seat();
    for source in [&["--source", "oslo"][..], &[]] {
        let act = ["logout", "--queue", &queue, "--agent", &agent, "--yes"];
        let (code, _, err) = behind.run(&[&act[..], source].concat());
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("helsinki, hq, nimbus"), "{err}");
    }
    assert_eq!(behind.audit("audit.jsonl").len(), 0);
    let (code, _, err) = behind.run(&["status", "--source", "oslo"]);
    assert_eq!(code, 2, "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_one_source_is_that_sources_alone_also_through_a_relay() {
    let behind = Behind::open().await;
    let (code, out, err) = behind.run(&["status", "--source", "hq", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let tables: Value = serde_json::from_str(&out).unwrap();
    for table in ["sources", "queues", "agents", "entries"] {
        let rows = tables[table].as_array().unwrap();
        assert!(rows.iter().all(|row| row["source"] == "hq"), "{table}");
        assert_eq!(rows.is_empty(), table == "entries", "{table}");
    }
}
