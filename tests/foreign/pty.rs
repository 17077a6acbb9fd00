//! A board in a terminal of its own: keys in, a screen out.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use floorwalker::clock;
use floorwalker::floor::time::Moment;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::server::LIMIT;
use crate::site::{PROGRAM, Site};

/// How long “at once” may take on a busy machine.
pub const SECOND: Duration = Duration::from_secs(1);

/// Between two keys of a hand that types fast.
const KEY: Duration = Duration::from_millis(150);

/// How long somebody reads a question.
const READING: Duration = Duration::from_millis(1_000);

/// The program in a terminal.
pub struct Pty {
    parser: vt100::Parser,
    bytes: Receiver<Vec<u8>>,
    /// Everything that was ever written.
    pub written: Vec<u8>,
    /// When keys were sent last.
    pressed: Option<Moment>,
    writer: Option<Box<dyn Write + Send>>,
    master: Option<Box<dyn MasterPty + Send>>,
    closing: Arc<AtomicBool>,
    child: Box<dyn Child + Send + Sync>,
}

impl Pty {
    /// Opens a board of this size.
    pub fn open(site: &Site, args: &[&str], columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(args);
        command.env_clear();
        for (name, value) in site.environment() {
            command.env(name, value);
        }
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.cwd(site.home.path());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, bytes) = channel();
        let closing = Arc::new(AtomicBool::new(false));
        let closed = Arc::clone(&closing);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if closed.load(Ordering::Acquire) || sender.send(buffer[..count].to_vec()).is_err()
                {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self {
            parser: vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0),
            bytes,
            written: Vec::new(),
            pressed: None,
            writer: Some(writer),
            master: Some(pair.master),
            closing,
            child,
        }
    }

    /// Sends keys as a terminal would, apart from those before: what comes at once is a paste.
    pub fn press(&mut self, keys: &str) {
        if let Some(free) = self.pressed.map(|at| at.after(KEY)) {
            let _ = self.within(free.since(clock::moment()), |_| false);
        }
        self.pressed = Some(clock::moment());
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Presses one key after the other, as a hand does.
    pub fn type_keys(&mut self, keys: &str) {
        for key in keys.chars() {
            self.press(key.encode_utf8(&mut [0; 4]));
        }
    }

    /// The filter as it is typed; none while none is.
    fn typed_filter(&self) -> Option<String> {
        let text = self.text();
        let line = text.lines().last().unwrap_or_default();
        // Where the keys are told, none is typed.
        let typed = Some(line.trim()).filter(|line| !line.contains("? help"));
        typed?.strip_prefix('/').map(|typed| typed.trim().to_owned())
    }

    /// Types a filter in the place of the one that there is, and leaves it open.
    pub fn open_filter(&mut self, text: &str) {
        self.press("/");
        self.until("a filter to be typed", |pty| pty.typed_filter().is_some());
        self.press("\x15");
        self.until("an empty filter", |pty| pty.typed_filter().is_some_and(|own| own.is_empty()));
        if !text.is_empty() {
            self.press(text);
            self.until("the filter as typed", |pty| pty.typed_filter().as_deref() == Some(text));
        }
    }

    /// Types a filter and closes it.
    pub fn filter(&mut self, text: &str) {
        self.open_filter(text);
        self.press("\r");
        self.until("the filter closed", |pty| pty.typed_filter().is_none());
    }

    /// Answers `y` to the question that stands there, once it was read.
    pub fn say_yes(&mut self) {
        let _ = self.within(READING, |_| false);
        self.press("y");
    }

    /// The screen as it is now.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// The whole screen as text.
    pub fn text(&self) -> String {
        self.screen().contents()
    }

    /// The last line that holds `text`, if it is there: tables stand below the figures.
    pub fn line(&self, text: &str) -> Option<String> {
        self.text().lines().rfind(|line| line.contains(text)).map(str::to_owned)
    }

    /// Takes in what comes until `done`, for at most `limit`; says whether it is done.
    pub fn within(&mut self, limit: Duration, done: impl Fn(&Self) -> bool) -> bool {
        let end = clock::moment().after(limit);
        loop {
            if done(self) {
                return true;
            }
            match self.bytes.recv_timeout(end.since(clock::moment())) {
                Ok(bytes) => {
                    self.parser.process(&bytes);
                    self.written.extend(bytes);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return done(self);
                }
            }
        }
    }

    /// Waits until `done`, which is to happen.
    pub fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let good = self.within(LIMIT, done);
        assert!(good, "never came: {what}\n{}", self.text());
    }

    /// Waits until `text` stands on the screen.
    pub fn sees(&mut self, text: &str) {
        self.until(text, |pty| pty.text().contains(text));
    }

    /// Waits until `text` has left the screen.
    pub fn loses(&mut self, text: &str) {
        self.until(&format!("{text} leaving"), |pty| !pty.text().contains(text));
    }

    /// The colour of the first letter of `text`, and whether it is dim.
    pub fn look(&self, text: &str) -> (vt100::Color, bool) {
        let (row, line) = self
            .text()
            .lines()
            .map(str::to_owned)
            .enumerate()
            .filter(|(_, line)| line.contains(text))
            .last()
            .unwrap_or_else(|| panic!("no {text} in\n{}", self.text()));
        let column = line[..line.find(text).unwrap()].chars().count();
        let cell = self
            .screen()
            .cell(u16::try_from(row).unwrap(), u16::try_from(column).unwrap())
            .unwrap();
        (cell.fgcolor(), cell.dim())
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        let status = std::process::Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(status.success());
    }

    /// Closes the terminal, as a window does.
    pub fn hang_up(&mut self) {
        self.closing.store(true, Ordering::Release);
        // The reader holds the terminal too: what is drawn anew lets it notice.
        self.press("\x0c");
        while self.bytes.recv().is_ok() {}
        self.writer = None;
        self.master = None;
    }

    /// The exit code, once the program has ended within `limit`.
    pub fn ends_within(&mut self, limit: Duration) -> u32 {
        let end = clock::moment().after(limit);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // What it said last is still on its way.
                let _ = self.within(Duration::from_millis(200), |_| false);
                return status.exit_code();
            }
            assert!(clock::moment() < end, "still runs\n{}", self.text());
            let _ = self.within(Duration::from_millis(10), |_| false);
            std::thread::yield_now();
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // It has ended already, or the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
