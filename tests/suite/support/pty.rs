//! A program on a pseudo-terminal: what it writes is collected and shown by a terminal model.

#![expect(clippy::expect_used, reason = "what a test cannot go on without fails it")]

use std::cell::{RefCell, RefMut};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use floorwalker::clock;
use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(10);

/// A program on a pseudo-terminal.
pub struct Stage {
    master: Option<Box<dyn MasterPty + Send>>,
    slave: Option<Box<dyn SlavePty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    pid: Pid,
    ended: Receiver<ExitStatus>,
    seen: Arc<Seen>,
    reader: Option<JoinHandle<()>>,
    modes: String,
}

#[derive(Default)]
struct Seen {
    bytes: Mutex<(Vec<u8>, bool)>,
    changed: Condvar,
    /// The reader is to let go of the terminal.
    enough: AtomicBool,
}

/// How a program ended.
#[derive(Debug)]
pub struct End {
    pub code: u32,
    /// The signal that killed it.
    pub signal: Option<String>,
    /// From asking to the end.
    pub took: Duration,
}

impl Stage {
    /// Starts `command` on a terminal of so many columns and rows, which is read from the start.
    pub fn start(command: CommandBuilder, width: u16, height: u16) -> Self {
        let stage = Self::unread(command, width, height);
        stage.read();
        stage
    }

    /// The same, but the terminal is not read until [`Stage::read`].
    pub fn unread(command: CommandBuilder, width: u16, height: u16) -> Self {
        let pair = native_pty_system().openpty(size(width, height)).expect("a pseudo-terminal");
        let modes = format!("{:?}", pair.master.get_termios());
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let mut child = pair.slave.spawn_command(command).expect("the program");
        let pid = child.process_id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
        let (send, ended) = channel();
        std::thread::spawn(move || send.send(child.wait().expect("an exit status")));
        let seen = Arc::new(Seen::default());
        let collected = Arc::clone(&seen);
        let reader = std::thread::spawn(move || {
            let unread = |state: &mut (Vec<u8>, bool)| !state.1;
            let wait = || {
                let state = collected.bytes.lock().expect("not poisoned");
                drop(collected.changed.wait_while(state, unread).expect("not poisoned"));
            };
            wait();
            let mut bytes = [0; 8192];
            while let Ok(count) = reader.read(&mut bytes)
                && count > 0
            {
                collected.bytes.lock().expect("not poisoned").0.extend(&bytes[..count]);
                collected.changed.notify_all();
                if collected.enough.load(Ordering::Acquire) {
                    return;
                }
                wait();
            }
        });
        Self {
            master: Some(pair.master),
            slave: Some(pair.slave),
            writer: Some(writer),
            pid: pid.expect("a process id"),
            ended,
            seen,
            reader: Some(reader),
            modes,
        }
    }

    /// Begins to read the terminal.
    pub fn read(&self) {
        self.seen.bytes.lock().expect("not poisoned").1 = true;
        self.seen.changed.notify_all();
    }

    /// Ceases to read the terminal, with the next that is written.
    pub fn unread_from_here(&self) {
        self.seen.bytes.lock().expect("not poisoned").1 = false;
    }

    /// The program's process id.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    pub fn press(&mut self, keys: &str) {
        let writer = self.writer.as_mut().expect("the terminal is there");
        writer.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("the program is there");
    }

    /// Gives the terminal another size.
    pub fn resize(&self, width: u16, height: u16) {
        let master = self.master.as_ref().expect("the terminal is there");
        master.resize(size(width, height)).expect("a new size");
    }

    /// Everything written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen.bytes.lock().expect("not poisoned").0.clone()
    }

    /// How many bytes were written so far.
    pub fn written(&self) -> usize {
        self.seen.bytes.lock().expect("not poisoned").0.len()
    }

    /// Waits until `condition` holds for everything written so far.
    pub fn until(&self, what: &str, condition: impl Fn(&[u8]) -> bool) {
        let state = self.seen.bytes.lock().expect("not poisoned");
        let (state, late) = self
            .seen
            .changed
            .wait_timeout_while(state, LIMIT, |state| !condition(&state.0))
            .expect("not poisoned");
        assert!(!late.timed_out(), "{what} did not come:\n{}", state.0.escape_ascii());
    }

    /// Waits until a terminal of so many columns and rows shows `text`.
    pub fn until_shown(&self, width: u16, height: u16, text: &str) {
        self.until(text, |bytes| shown(bytes, width, height).screen().contents().contains(text));
    }

    /// Waits until `condition` holds for what `watch` shows of everything written so far.
    pub fn until_seen(
        &self,
        watch: &Watch,
        what: &str,
        condition: impl Fn(&vt100::Screen) -> bool,
    ) {
        self.until(what, |bytes| condition(watch.follow(bytes).screen()));
    }

    /// Waits until the program is stopped.
    pub fn until_stopped(&self) {
        let stat = format!("/proc/{}/stat", self.pid.as_raw_nonzero());
        let began = clock::moment();
        loop {
            let text = std::fs::read_to_string(&stat).expect("the program is there");
            if text.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('T')) {
                return;
            }
            assert!(clock::moment().since(began) < LIMIT, "it was not stopped: {text}");
            std::thread::yield_now();
        }
    }

    /// Milliseconds of processor time that the program has used.
    pub fn processor_ms(&self) -> u64 {
        processor_ms(self.pid)
    }

    /// The terminal is gone: its other end is closed. Presses `key`, which has to be answered.
    pub fn hang_up(&mut self, key: &str) {
        // The reader holds a copy of the other end, and lets go of it once it has read something.
        self.seen.enough.store(true, Ordering::Release);
        self.press(key);
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader ends");
        }
        self.writer = None;
        self.master = None;
        self.slave = None;
    }

    /// Waits for the program's end, and tells how many milliseconds of processor time it used at most on the way.
    pub fn end_and_cost(&mut self) -> (End, u64) {
        let (began, first) = (clock::moment(), self.processor_ms());
        let mut last = first;
        loop {
            last = last.max(self.processor_ms());
            let took = clock::moment().since(began);
            match self.ended.recv_timeout(Duration::from_millis(5)) {
                Ok(status) => {
                    let signal = status.signal().map(Into::into);
                    return (End { code: status.exit_code(), signal, took }, last - first);
                }
                Err(_) => assert!(took < LIMIT, "it did not end"),
            }
        }
    }

    /// Waits for the program's end.
    pub fn end(&mut self) -> End {
        let began = clock::moment();
        match self.ended.recv_timeout(LIMIT) {
            Ok(status) => End {
                code: status.exit_code(),
                signal: status.signal().map(Into::into),
                took: clock::moment().since(began),
            },
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                let _ = kill_process(self.pid, Signal::KILL);
                panic!("it did not end:\n{}", self.bytes().escape_ascii());
            }
        }
    }

    /// After the end: the modes of the terminal line are what they were, and all bytes.
    pub fn close(mut self) -> Vec<u8> {
        let master = self.master.as_ref().expect("the terminal is there");
        assert_eq!(format!("{:?}", master.get_termios()), self.modes, "the line's modes");
        self.slave = None;
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader ends");
        }
        self.bytes()
    }
}

/// A terminal that follows a stage's bytes as they come, each once.
pub struct Watch {
    followed: RefCell<(vt100::Parser, usize)>,
}

impl Watch {
    /// One of so many columns and rows.
    pub fn new(width: u16, height: u16) -> Self {
        Self { followed: RefCell::new((shown(b"", width, height), 0)) }
    }

    /// The terminal after all of `bytes`.
    pub fn follow(&self, bytes: &[u8]) -> RefMut<'_, vt100::Parser> {
        let mut followed = self.followed.borrow_mut();
        let (parser, count) = &mut *followed;
        parser.process(&bytes[*count..]);
        *count = bytes.len();
        RefMut::map(followed, |(parser, _)| parser)
    }
}

/// Milliseconds of processor time that a process has used; 0 once it is no more.
pub fn processor_ms(pid: Pid) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    let text = text.unwrap_or_default();
    let fields = text.rsplit_once(") ").map(|(_, rest)| rest).unwrap_or_default();
    let ticks = |n| fields.split(' ').nth(n).and_then(|field| field.parse::<u64>().ok());
    (ticks(11).unwrap_or(0) + ticks(12).unwrap_or(0)) * 10
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A test that failed leaves no program behind.
        if std::thread::panicking() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

fn size(width: u16, height: u16) -> PtySize {
    PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 }
}

/// What a terminal shows after `bytes`.
pub fn shown(bytes: &[u8], width: u16, height: u16) -> vt100::Parser {
    let at_least_one = |n: u16| NonZeroU16::new(n).expect("at least one");
    let mut parser = vt100::Parser::new(at_least_one(height), at_least_one(width), 0);
    parser.process(bytes);
    parser
}
