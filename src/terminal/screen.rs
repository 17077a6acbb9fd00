//! The newest picture, and the thread that brings it to the terminal.
//!
//! There is one place for a picture. A newer one replaces one that is not written yet, so a terminal that is
//! slow or not read at all never holds up anything but its own thread, and what it shows once it reads again
//! is the newest.

use std::io;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;
use ratatui::buffer::Buffer;
use tokio::sync::mpsc;

use super::frame::Coder;
use super::hangup;
use super::tty::{Tty, Written, mouse};
use crate::clock;
use crate::event::{Event, Stamped};
use crate::floor::time::Moment;

/// From this many bytes on a frame is bracketed by `CSI ? 2026 h` and `l`, so that it appears at once. A
/// shorter one does so anyway, being one write, and the brackets would be most of it.
const BRACKETED: usize = 512;

/// More bytes than a pseudo-terminal takes that nobody reads: 12 KiB on Linux. Once so many have gone out behind a
/// picture, the picture itself has been read.
const UNREAD: usize = 16 * 1024;

/// How long a terminal may take nothing before it counts as one that is not read.
const STALLED: Duration = Duration::from_secs(1);

/// Where the newest picture is put.
#[derive(Debug, Clone)]
pub struct Screen {
    slot: Arc<Slot>,
}

impl Screen {
    pub(super) const fn new(slot: Arc<Slot>) -> Self {
        Self { slot }
    }

    /// Hands over the newest picture and takes an older buffer back to draw the next one in. What it holds and
    /// its size are of no meaning. Never waits for the terminal.
    ///
    /// Where a `revision` is given, [`Event::Written`] follows once the terminal has read the picture.
    pub fn put(&self, picture: &mut Buffer, revision: Option<u64>) {
        let mut state = self.slot.lock();
        mem::swap(&mut state.newest, picture);
        state.fresh = true;
        state.revision = revision;
        drop(state);
        self.slot.changed.notify_all();
    }

    /// Puts `text` on the reader's clipboard by OSC 52, with the next frame. Whether the terminal takes it is
    /// its own choice.
    pub fn copy(&self, text: &str) {
        let mut sequence = String::new();
        // Writing to a string cannot fail.
        let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence);
        self.slot.lock().aside.extend(sequence.into_bytes());
    }

    /// Takes the mouse, or lets go of it, with the next frame.
    pub fn use_mouse(&self, on: bool) {
        self.slot.mouse.store(on, Ordering::Release);
        self.slot.lock().aside.extend(mouse(on).bytes());
    }

    /// Whether the terminal has taken nothing for a while of what is to be written.
    pub fn is_stalled(&self, now: Moment) -> bool {
        let since = self.slot.waits_since.load(Ordering::Acquire);
        since != 0 && now.since(Moment::from_millis(since)) >= STALLED
    }

    /// Has everything written again, whatever the terminal shows.
    pub fn repaint(&self) {
        self.slot.repaint();
    }
}

/// The place between the loop and the writer.
#[derive(Debug)]
pub(super) struct Slot {
    state: Mutex<State>,
    changed: Condvar,
    /// Tells a writer that waits for the terminal to give up.
    halt: AtomicBool,
    /// Since when the writer waits for the terminal to take something, in milliseconds; 0 while it does not.
    waits_since: AtomicU64,
    /// Whether the mouse is ours.
    mouse: AtomicBool,
}

#[derive(Debug)]
struct State {
    newest: Buffer,
    /// Whether `newest` has not been written yet.
    fresh: bool,
    /// The revision of `newest`, where it is to be told once it is written.
    revision: Option<u64>,
    whole: Whole,
    work: Work,
    /// Whether the writer is at the terminal, and whether somebody waits until it is not.
    busy: bool,
    awaited: bool,
    /// What goes out behind the next picture, beside it: a text for the clipboard, a mode of the mouse.
    aside: Vec<u8>,
}

/// What has to be written without regard to what the terminal showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whole {
    No,
    Next,
    /// The next picture, or the last one if there is none.
    Now,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Pictures are written as they come.
    On,
    /// The terminal is not ours for now.
    Paused,
    /// Nothing will ever be written again.
    Over,
}

impl Slot {
    pub(super) fn new(mouse: bool) -> Self {
        Self {
            state: Mutex::new(State {
                newest: Buffer::default(),
                fresh: false,
                revision: None,
                whole: Whole::No,
                work: Work::On,
                busy: false,
                awaited: false,
                aside: Vec::new(),
            }),
            changed: Condvar::new(),
            halt: AtomicBool::new(false),
            waits_since: AtomicU64::new(0),
            mouse: AtomicBool::new(mouse),
        }
    }

    /// Whether the mouse is ours.
    pub(super) fn mouse(&self) -> bool {
        self.mouse.load(Ordering::Acquire)
    }

    fn waits(&self) {
        self.waits_since.store(clock::moment().as_millis().max(1), Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn repaint(&self) {
        self.lock().whole = Whole::Now;
        self.changed.notify_all();
    }

    /// Has the next picture written whole: the terminal may have changed what it shows.
    pub(super) fn spoil(&self) {
        let mut state = self.lock();
        state.whole = state.whole.max(Whole::Next);
    }

    /// Keeps the writer off the terminal; waits at most `limit` until it is.
    pub(super) fn pause(&self, limit: Duration) {
        self.stop(Work::Paused, limit);
    }

    /// Ends the writer; waits at most `limit` until it is off the terminal.
    pub(super) fn end(&self, limit: Duration) {
        self.stop(Work::Over, limit);
    }

    fn stop(&self, work: Work, limit: Duration) {
        self.halt.store(true, Ordering::Release);
        let mut state = self.lock();
        state.work = work;
        state.awaited = true;
        self.changed.notify_all();
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, limit, |state| state.busy)
            .unwrap_or_else(PoisonError::into_inner);
        state.awaited = false;
        drop(state);
    }

    /// Lets the writer go on, with a whole picture first.
    pub(super) fn resume(&self) {
        let mut state = self.lock();
        if state.work == Work::Paused {
            self.halt.store(false, Ordering::Release);
            state.work = Work::On;
        }
        state.whole = Whole::Now;
        drop(state);
        self.changed.notify_all();
    }
}

/// Starts the writer, which tells what it has written by `events`.
pub(super) fn write(
    tty: Arc<Tty>,
    slot: Arc<Slot>,
    events: mpsc::Sender<Stamped>,
    repaint_every: Duration,
) -> io::Result<()> {
    let writer = Writer {
        tty,
        slot,
        events,
        repaint_every,
        revision: None,
        coder: Coder::new(),
        shown: Buffer::default(),
        next: Buffer::default(),
        bytes: Vec::new(),
        aside: Vec::new(),
    };
    thread::Builder::new().name("writer".into()).spawn(move || writer.run())?;
    Ok(())
}

struct Writer {
    tty: Arc<Tty>,
    slot: Arc<Slot>,
    events: mpsc::Sender<Stamped>,
    repaint_every: Duration,
    /// The revision that is to be told once it is written.
    revision: Option<u64>,
    coder: Coder,
    /// What the terminal shows.
    shown: Buffer,
    /// What it is to show.
    next: Buffer,
    bytes: Vec<u8>,
    /// What goes out behind the picture.
    aside: Vec<u8>,
}

impl Writer {
    fn run(mut self) {
        let mut painted = clock::moment();
        loop {
            let left = self.repaint_every.saturating_sub(clock::moment().since(painted));
            let Some(whole) = self.take(left) else { return };
            let whole = whole || clock::moment().since(painted) >= self.repaint_every;
            if whole {
                painted = clock::moment();
            }
            let written = self.frame(whole);
            let mut state = self.slot.lock();
            state.busy = false;
            match written {
                Written::All => {}
                Written::GivenUp => state.whole = Whole::Now,
                Written::Gone => state.work = Work::Over,
            }
            let awaited = state.awaited;
            drop(state);
            if awaited {
                self.slot.changed.notify_all();
            }
            if written == Written::Gone {
                hangup::report();
                return;
            }
            if written == Written::All
                && let Some(revision) = self.revision.take()
            {
                let event = Event::Written { revision };
                // Where so many keys wait that there is no room, none of them may answer.
                let _ = self.events.try_send(Stamped { at: clock::moment(), event });
            }
        }
    }

    /// Waits for work, at most `limit`, and takes it: whether everything is to be written again. None when the
    /// work is over.
    fn take(&mut self, limit: Duration) -> Option<bool> {
        let idle = |state: &mut State| match state.work {
            Work::On => !state.fresh && state.whole != Whole::Now,
            Work::Paused => true,
            Work::Over => false,
        };
        let state = self.slot.lock();
        let (mut state, _) = self
            .slot
            .changed
            .wait_timeout_while(state, limit, idle)
            .unwrap_or_else(PoisonError::into_inner);
        if state.work == Work::Paused {
            // The time for a repaint came while the terminal was not ours.
            state =
                self.slot.changed.wait_while(state, idle).unwrap_or_else(PoisonError::into_inner);
        }
        if state.work == Work::Over {
            return None;
        }
        let whole = if state.fresh { Whole::Next } else { Whole::Now } <= state.whole;
        if whole {
            state.whole = Whole::No;
        }
        if state.fresh {
            mem::swap(&mut state.newest, &mut self.next);
            state.fresh = false;
            self.revision = state.revision.take().or(self.revision);
            mem::swap(&mut self.next, &mut self.shown);
        } else {
            // Nothing newer: what is shown is written again.
            self.next.clone_from(&self.shown);
        }
        self.aside = mem::take(&mut state.aside);
        state.busy = true;
        Some(whole)
    }

    /// Brings `shown`, the new picture, to the terminal, which shows `next`, the old one.
    fn frame(&mut self, whole: bool) -> Written {
        self.bytes.clear();
        if whole {
            self.coder.repaint(&self.shown, &mut self.bytes);
        } else {
            self.coder.encode(&self.next, &self.shown, &mut self.bytes);
        }
        if self.bytes.len() >= BRACKETED {
            self.bytes.splice(..0, *b"\x1b[?2026h");
            self.bytes.extend_from_slice(b"\x1b[?2026l");
        }
        self.bytes.append(&mut self.aside);
        if self.revision.is_some() && self.tty.holds_unread() {
            self.coder.idle(UNREAD, &mut self.bytes);
        }
        if self.bytes.is_empty() {
            return Written::All;
        }
        let slot = &self.slot;
        slot.waits();
        let go_on = || !slot.halt.load(Ordering::Acquire);
        let written = self.tty.write_and_tell(&self.bytes, go_on, || slot.waits());
        slot.waits_since.store(0, Ordering::Release);
        written
    }
}
