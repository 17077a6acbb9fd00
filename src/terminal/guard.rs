//! Taking the terminal and giving it back, from whichever thread has to.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::hangup;
use super::screen::Slot;
use super::tty::{Tty, Written, entering, leaving};

/// How long the writer may take to get off the terminal.
const WRITER: Duration = Duration::from_millis(150);

/// How long the terminal may take to take the last bytes.
const TERMINAL: Duration = Duration::from_millis(200);

/// The terminal while it is ours. In one place for the whole process, because a panic in any thread gives it
/// back.
static OURS: Mutex<Option<Ours>> = Mutex::new(None);

#[derive(Debug, Clone)]
struct Ours {
    tty: Arc<Tty>,
    slot: Arc<Slot>,
}

/// Makes the terminal ours.
pub(super) fn take(tty: Arc<Tty>, slot: Arc<Slot>) -> io::Result<()> {
    let ours = Ours { tty, slot };
    *OURS.lock().unwrap_or_else(PoisonError::into_inner) = Some(ours.clone());
    ours.enter(&entering())
}

/// Gives the terminal back for good; does nothing when it is not ours.
pub(super) fn restore() {
    let ours = OURS.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(ours) = ours {
        ours.slot.end(WRITER);
        ours.leave();
    }
}

/// Gives the terminal back for a while.
pub(super) fn lend() {
    if let Some(ours) = current() {
        ours.slot.pause(WRITER);
        ours.leave();
    }
}

/// Takes the terminal again by `bytes`, whatever became of it, and has everything written again. One that cannot
/// be taken has gone.
pub(super) fn retake(bytes: &[u8]) {
    let Some(ours) = current() else { return };
    ours.slot.pause(WRITER);
    // Raw mode is a difference to what the terminal is in now: the shell may have set it anew.
    let _ = disable_raw_mode();
    match ours.enter(bytes) {
        Ok(()) => ours.slot.resume(),
        Err(_) => hangup::report(),
    }
}

fn current() -> Option<Ours> {
    OURS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Ours {
    fn enter(&self, bytes: &[u8]) -> io::Result<()> {
        enable_raw_mode()?;
        match self.tty.insist(bytes, TERMINAL) {
            Written::All | Written::GivenUp => Ok(()),
            Written::Gone => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        }
    }

    /// Cooked, main screen, cursor shown, no brackets around pastes. A terminal that has gone is left alone.
    fn leave(&self) {
        if hangup::is_gone_for_good() {
            return;
        }
        if self.tty.insist(&leaving(), TERMINAL) == Written::Gone {
            hangup::report();
            return;
        }
        self.tty.drop_input();
        let _ = disable_raw_mode();
    }
}
