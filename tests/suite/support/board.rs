//! The real program as a reader starts it, with a home of its own, on the simulated contact centre.

use std::net::SocketAddr;
use std::path::PathBuf;

use floorwalker::simulator::{self, Settings, Simulator};
use portable_pty::CommandBuilder;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_floorwalker");

/// What stands on the simulated floor, and on the board once it was read.
pub const QUEUE: &str = "Kundtjänst";

/// A home with a config file, and the centre that it names.
pub struct Board {
    pub home: TempDir,
    simulator: Simulator,
    _runtime: Runtime,
}

impl Board {
    /// On a floor as it is by itself.
    pub fn new() -> Self {
        Self::on(Settings::default())
    }

    /// On a floor with these settings.
    pub fn on(settings: Settings) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = Runtime::new().unwrap();
        let simulator = runtime.block_on(simulator::start(settings)).unwrap();
        let board = Self { home: tempfile::tempdir().unwrap(), simulator, _runtime: runtime };
        board.configure(&board.config());
        board
    }

    /// The config file as the simulator gives it.
    pub fn config(&self) -> String {
        self.simulator.config()
    }

    /// Where the centre listens.
    pub fn address(&self) -> SocketAddr {
        self.simulator.address()
    }

    /// Writes another config file.
    pub fn configure(&self, config: &str) {
        std::fs::write(self.file("config.toml"), config).unwrap();
    }

    /// A file in the home.
    pub fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The program, started by itself.
    pub fn program(&self) -> CommandBuilder {
        let mut command = CommandBuilder::new(PROGRAM);
        self.prepare(&mut command);
        command
    }

    /// A shell that runs `script`, in which `board` is the program with its arguments.
    pub fn script(&self, script: &str) -> CommandBuilder {
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", &script.replace("board", &format!("'{PROGRAM}'"))]);
        self.prepare(&mut command);
        command
    }

    /// What the program is told by its environment.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let home = self.home.path().display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        vec![
            ("PATH", path),
            ("FLOORWALKER_CONFIG", format!("{home}/config.toml")),
            ("HOME", home),
            ("TERM", "xterm-256color".into()),
            ("COLORTERM", "truecolor".into()),
            ("LC_ALL", "C.UTF-8".into()),
            ("TZ", "UTC".into()),
        ]
    }

    fn prepare(&self, command: &mut CommandBuilder) {
        command.env_clear();
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command.cwd(self.home.path());
    }
}
