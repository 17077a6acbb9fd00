//! A Nimbus to which people sign in, and a home from which they do: the program runs there as people run it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use floorwalker::clock;
use floorwalker::simulator::{self, Settings, Simulator};
use portable_pty::CommandBuilder;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::pty::Stage;

const PROGRAM: &str = env!("CARGO_BIN_EXE_floorwalker");

/// A simulated Nimbus with a tenant of that name, and a home with a config file for it.
pub struct Tenant {
    pub simulator: Simulator,
    home: TempDir,
    runtime: Runtime,
}

impl Tenant {
    /// Nobody is signed in. How a code fares stands in the tenant's name.
    pub fn of(name: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let settings = Settings { speed: 0.0, ..Settings::default() };
        let simulator = runtime.block_on(simulator::start(settings)).unwrap();
        let tenant = Self { simulator, home: tempfile::tempdir().unwrap(), runtime };
        let config = tenant.simulator.config_with_sign_in(name);
        let (before, nimbus) = config.rsplit_once("[[source]]").unwrap();
        assert!(!before.contains("nimbus\""), "{config}");
        tenant.write_config(&format!("[[source]]{}", nimbus.replace("\"15s\"", "\"1s\"")));
        tenant
    }

    /// The same with the Telepo source of the simulator.
    pub fn of_telepo() -> Self {
        let tenant = Self::of("common");
        let config = tenant.simulator.config();
        let telepo = config.split("[[source]]").nth(1).unwrap().to_owned();
        tenant.write_config(&format!("[[source]]{telepo}"));
        tenant
    }

    pub fn write_config(&self, text: &str) {
        std::fs::write(self.path("config.toml"), text).unwrap();
    }

    /// The config file with something else in a place of it.
    pub fn reconfigure(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path("config.toml")).unwrap();
        assert!(text.contains(from), "{text}");
        self.write_config(&text.replace(from, to));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn environment(&self) -> [(&'static str, String); 5] {
        let folder = |name: &str| self.path(name).display().to_string();
        [
            ("HOME", folder("")),
            ("XDG_STATE_HOME", folder("state")),
            ("XDG_CONFIG_HOME", folder("config")),
            ("TERM", "xterm-256color".to_owned()),
            ("COLORTERM", "truecolor".to_owned()),
        ]
    }

    /// The program, as a script starts it.
    pub fn command(&self, args: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_clear().envs(self.environment()).current_dir(self.home.path());
        command.args(["--config", "config.toml"]).args(args.split_whitespace());
        command.stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &str) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a run that goes well prints.
    pub fn prints(&self, args: &str) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Has it on a terminal.
    pub fn stage(&self, args: &str, width: u16, height: u16) -> Stage {
        let mut command = CommandBuilder::new(PROGRAM);
        command.env_clear();
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command.cwd(self.home.path());
        command.args(["--config", "config.toml"]);
        command.args(args.split_whitespace());
        Stage::start(command, width, height)
    }

    fn keep(&self) -> PathBuf {
        self.path("state/floorwalker/sign_ins.json")
    }

    /// What is kept of the source.
    pub fn kept(&self) -> Value {
        let all: Value = serde_json::from_slice(&std::fs::read(self.keep()).unwrap()).unwrap();
        all["nimbus"].clone()
    }

    /// Has the kept token be that old.
    pub fn age(&self, age: TimeDelta) {
        let text = std::fs::read_to_string(self.keep()).unwrap();
        let mut all: Value = serde_json::from_str(&text).unwrap();
        let made: DateTime<Utc> = clock::wall() - age;
        all["nimbus"]["made"] = Value::String(made.to_rfc3339());
        std::fs::write(self.keep(), all.to_string()).unwrap();
    }

    /// The rights of what is kept.
    pub fn mode(&self) -> u32 {
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        mode(&self.keep())
    }

    /// What the audit log says, a line each.
    pub fn audit(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path("state/floorwalker/audit.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Everything that the program wrote into its home but what is kept.
    pub fn written(&self) -> String {
        let folder = std::fs::read_dir(self.path("state/floorwalker")).unwrap();
        let files = folder.map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.is_file() && *path != self.keep());
        let texts = files.map(|path| std::fs::read(path).unwrap());
        texts.map(|text| String::from_utf8_lossy(&text).into_owned()).collect()
    }

    /// Waits for something asynchronous.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}
