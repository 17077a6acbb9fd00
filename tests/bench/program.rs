//! A program on a pseudo-terminal.

use std::io::Read as _;
use std::path::Path;
use std::thread;
use std::time::Instant;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use crate::clock::now;

/// It is ended with this.
pub struct Program {
    /// Its process.
    pub pid: Pid,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Program {
    /// Starts `command` on a terminal of so many columns and rows. `heard` is told what it writes and when that
    /// was read; while it does not return, the terminal is not read.
    pub fn start(
        command: CommandBuilder,
        (width, height): (u16, u16),
        mut heard: impl FnMut(Instant, &[u8]) + Send + 'static,
    ) -> Self {
        let size = PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        let pid = Pid::from_raw(child.process_id().unwrap().cast_signed()).unwrap();
        thread::spawn(move || {
            let mut bytes = vec![0; 64 * 1024];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                heard(now(), &bytes[..count]);
            }
        });
        Self { pid, child, _master: pair.master }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = kill_process(self.pid, Signal::TERM);
        let _ = self.child.wait();
    }
}

/// `command` with nothing of this environment but the terminal, at home in `home`.
pub fn alone(program: &str, home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.env_clear();
    for (name, value) in
        [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")]
    {
        command.env(name, value);
    }
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", home);
    command.cwd(home);
    command
}
