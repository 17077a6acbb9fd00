//! What comes from the terminal, read by a thread of its own so that keys are never behind feeds.

use std::io;
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::hangup;
use super::keys::Decoder;
use super::tty::is_gone;
use crate::clock;
use crate::event::Stamped;

/// Events that may wait for the loop; then the terminal waits.
pub(super) const WAITING: usize = 256;

/// Keys, pastes, new sizes and pictures that were written, in their order, each with its moment.
#[derive(Debug)]
pub struct Input {
    events: mpsc::Receiver<Stamped>,
    sizes: JoinHandle<()>,
}

impl Input {
    pub(super) const fn new(events: mpsc::Receiver<Stamped>, sizes: JoinHandle<()>) -> Self {
        Self { events, sizes }
    }

    /// The next event; none when the terminal is read no more. Safe to drop and call again.
    pub async fn next(&mut self) -> Option<Stamped> {
        self.events.recv().await
    }

    /// The next event, if it is there already.
    pub fn ready(&mut self) -> Option<Stamped> {
        self.events.try_recv().ok()
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.sizes.abort();
    }
}

/// Starts to read, behind what was `typed` already. It ends when the other end of `until` is closed, or the terminal
/// has gone.
pub(super) fn read(
    events: mpsc::Sender<Stamped>,
    until: io::PipeReader,
    typed: Vec<u8>,
) -> io::Result<()> {
    thread::Builder::new().name("input".into()).spawn(move || {
        if !run(&events, &until, &typed) {
            hangup::report();
        }
    })?;
    Ok(())
}

/// Reads until told not to (true), or until the terminal has gone (false).
fn run(events: &mpsc::Sender<Stamped>, until: &io::PipeReader, typed: &[u8]) -> bool {
    let stdin = rustix::stdio::stdin();
    let mut decoder = Decoder::default();
    let mut bytes = [0; 4096];
    let mut open = true;
    // A key counts from the moment at which it is read, however long the loop is busy.
    let send = |event| events.blocking_send(Stamped { at: clock::moment(), event }).is_ok();
    decoder.feed(typed, |event| open &= send(event));
    while open {
        let mut fds = [
            PollFd::from_borrowed_fd(stdin, PollFlags::IN),
            PollFd::new(until, PollFlags::empty()),
        ];
        let patience = decoder.patience().and_then(|wait| Timespec::try_from(wait).ok());
        match poll(&mut fds, patience.as_ref()) {
            Ok(0) => decoder.settle(|event| open &= send(event)),
            Ok(_) if !fds[1].revents().is_empty() => return true,
            Ok(_) if is_gone(fds[0].revents()) => return false,
            Ok(_) => match rustix::io::read(stdin, &mut bytes) {
                Ok(0) => return false,
                Ok(count) => {
                    let read = bytes.get(..count).unwrap_or_default();
                    decoder.feed(read, |event| open &= send(event));
                }
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(_) => return false,
            },
            Err(Errno::INTR | Errno::AGAIN | Errno::NOMEM) => {}
            Err(_) => return false,
        }
    }
    true
}
