//! A user's machine: a home of its own, a config file, and the program run in it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::server::Server;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_floorwalker");

/// Secrets that must be seen nowhere but on the wire.
pub const CANARIES: [&str; 4] =
    ["canary-stats-7f3a", "canary-main-19c2", "canary-key-55d0", "canary-token-a0b1"];

/// A home directory, and a server that its config file speaks of.
pub struct Site {
    pub home: TempDir,
    pub server: Server,
}

/// What a run left.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The Telepo source, with a base path, a header, tickets and an endpoint that are nobody's default.
pub fn telepo(port: u16) -> String {
    format!(
        r#"
[[source]]
name = "town"
kind = "telepo"
base_url = "http://127.0.0.1:{port}/telco/v9"
domain = "example.net"
user = "sup"
auth_header = "X-Api-Ticket"
auth_value = "t-{{ticket}}"
ticket = "canary-main-19c2"
tickets = {{ QUEUE_STATISTICS = "canary-stats-7f3a" }}
agent_ids = {{ "Jane Doe" = "jane@example.net" }}
poll = "1s"
poll_agents = "1s"
[source.endpoints."queuestats.user"]
path = "/stats/of/{{user}}@{{domain}}/all?ver=2"
"#
    )
}

/// The Enreach source, found by discovery.
pub fn enreach(port: u16) -> String {
    format!(
        r#"
[[source]]
name = "north"
kind = "enreach"
username = "wall@example.net"
secret_key = "canary-key-55d0"
discovery_url = "http://127.0.0.1:{port}/find/me"
max_wait_unit = "ms"
poll = "1s"
[source.endpoints."callback_lists"]
path = "/cb/lists/now"
"#
    )
}

pub fn nimbus(port: u16) -> String {
    format!(
        r#"
[[source]]
name = "cloud"
kind = "nimbus"
base_url = "http://127.0.0.1:{port}/lw"
token = "canary-token-a0b1"
poll = "1s"
"#
    )
}

impl Site {
    pub fn new() -> Self {
        Self::with(|port| telepo(port) + &enreach(port) + &nimbus(port))
    }

    /// A config file of the test's own.
    pub fn with(config: impl FnOnce(u16) -> String) -> Self {
        let server = Server::start();
        let home = tempfile::tempdir().unwrap();
        let site = Self { home, server };
        site.write("config.toml", &config(site.server.port), 0o600);
        site
    }

    /// A path in the home directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file with this mode.
    pub fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(mode)
            .open(&path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    /// What the program is told of the world: this home, and nothing of the machine's own.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("HOME", self.path("")),
            ("XDG_CONFIG_HOME", self.path("xdg/config")),
            ("XDG_STATE_HOME", self.path("xdg/state")),
            ("XDG_DATA_HOME", self.path("xdg/data")),
            ("XDG_CACHE_HOME", self.path("xdg/cache")),
            ("PATH", PathBuf::from(std::env::var_os("PATH").unwrap_or_default())),
            ("FLOORWALKER_CONFIG", self.path("config.toml")),
        ]
    }

    /// A command in this home, without a terminal.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).env_clear().envs(self.environment()).stdin(Stdio::null());
        command.current_dir(self.home.path());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Run {
        finish(&mut self.command(args))
    }

    /// `status --format json`, which is to end with 0.
    pub fn status(&self) -> Value {
        let run = self.run(&["status", "--format", "json"]);
        assert_eq!(run.code, 0, "{run:?}");
        run.json()
    }

    /// The same where some sources or feeds fail: it is to end with 5.
    pub fn incomplete_status(&self) -> Value {
        let run = self.run(&["status", "--format", "json"]);
        assert_eq!(run.code, 5, "{run:?}");
        run.json()
    }

    /// The lines of the audit log; none where there is no log.
    pub fn audit(&self) -> Vec<Value> {
        let path = self.path("xdg/state/floorwalker/audit.jsonl");
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Every file that the program may have written, with what is in it.
    pub fn written(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(dir: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in fs::read_dir(dir).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found);
                } else {
                    found.push((path.clone(), fs::read(&path).unwrap()));
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.path("xdg"), &mut found);
        found
    }
}

/// Runs a command to its end.
pub fn finish(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

/// The row of a table whose `key` is `value`.
pub fn row<'j>(report: &'j Value, table: &str, key: &str, value: &str) -> &'j Value {
    let rows = report[table].as_array().unwrap_or_else(|| panic!("no {table} in {report:#}"));
    let mut fitting = rows.iter().filter(|row| row[key] == value);
    let found = fitting.next().unwrap_or_else(|| panic!("no {key} {value} in {rows:#?}"));
    assert!(fitting.next().is_none(), "several {key} {value} in {rows:#?}");
    found
}

/// Compares the named fields of a row.
#[expect(clippy::needless_pass_by_value, reason = "expectations are written where they are used")]
pub fn expect(row: &Value, expected: Value) {
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(row.get(key), Some(value), "{key} of {row:#}");
    }
}
