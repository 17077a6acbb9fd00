//! What the system and the shell tell the process.

use std::io;

use tokio::signal::unix::{self, SignalKind};

use super::hangup;

/// Something that the process was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The terminal has gone, or its session has ended.
    Hangup,
    /// Interrupt, from outside: in raw mode the key is a key.
    Interrupt,
    Quit,
    Terminate,
    Suspend,
    Continue,
}

/// With which code the process ends for `signal`: 128 and the signal's number, as shells count. A suspended
/// process does not end; were it to, its code would be 0.
pub const fn exit_code(signal: Signal) -> u8 {
    match signal {
        Signal::Hangup => 129,
        Signal::Interrupt => 130,
        Signal::Quit => 131,
        Signal::Terminate => 143,
        Signal::Suspend | Signal::Continue => 0,
    }
}

/// The signals that reach the process, one after the other.
#[derive(Debug)]
pub struct Signals {
    hangup: unix::Signal,
    interrupt: unix::Signal,
    quit: unix::Signal,
    terminate: unix::Signal,
    suspend: unix::Signal,
    resume: unix::Signal,
}

/// Takes over the signals of the process, also those that it was started to ignore, for the rest of its life.
/// Needs a tokio runtime.
///
/// # Errors
/// The system refuses.
pub fn signals() -> io::Result<Signals> {
    Ok(Signals {
        hangup: unix::signal(SignalKind::hangup())?,
        interrupt: unix::signal(SignalKind::interrupt())?,
        quit: unix::signal(SignalKind::quit())?,
        terminate: unix::signal(SignalKind::terminate())?,
        suspend: unix::signal(stop_key())?,
        resume: continued()?,
    })
}

impl Signals {
    /// The next one. A terminal that has gone without a signal counts as [`Signal::Hangup`]. Safe to drop and
    /// call again.
    ///
    /// What ends the process comes first: with `SIGHUP` the system sends a `SIGCONT`, and there is nothing left
    /// to go on with.
    pub async fn next(&mut self) -> Signal {
        // A session that ends sends a hang-up together with a continue: the hang-up goes first.
        tokio::select! {
            biased;
            () = hangup::news() => Signal::Hangup,
            _ = self.hangup.recv() => Signal::Hangup,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.quit.recv() => Signal::Quit,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.suspend.recv() => Signal::Suspend,
            _ = self.resume.recv() => Signal::Continue,
        }
    }
}

/// A stream of `SIGCONT`.
pub(super) fn continued() -> io::Result<unix::Signal> {
    unix::signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))
}

/// `SIGTSTP`, what the shell's suspend key sends.
fn stop_key() -> SignalKind {
    SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw())
}
