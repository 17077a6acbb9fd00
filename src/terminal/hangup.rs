//! The hang-up watch: notices at once when the terminal has gone, and sees to it that the process ends.
//!
//! `SIGHUP` is not enough: it may be ignored, and a terminal can go without one. A thread of its own sleeps in
//! `poll` on the terminal without asking for input, which costs nothing until there is no terminal any more.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::sync::Notify;

use super::signal::{Signal, exit_code};
use super::tty::{Tty, is_gone};

/// How long the program may take to end by itself after a hang-up.
const GRACE: Duration = Duration::from_millis(600);

static GONE: AtomicBool = AtomicBool::new(false);
static NEWS: Notify = Notify::const_new();

/// Whether the terminal that was ours has gone. Nothing may be printed then.
pub(super) fn is_gone_for_good() -> bool {
    GONE.load(Ordering::Acquire)
}

/// Notes that the terminal has gone; told once.
pub(super) fn report() {
    if !GONE.swap(true, Ordering::AcqRel) {
        NEWS.notify_one();
    }
}

/// Waits until the terminal has gone.
pub(super) async fn news() {
    NEWS.notified().await;
}

/// Starts the watch. It ends when the other end of `until` is closed.
pub(super) fn watch(tty: Arc<Tty>, until: io::PipeReader) -> io::Result<()> {
    thread::Builder::new().name("hangup".into()).spawn(move || {
        if !waited(&tty, &until) {
            return;
        }
        report();
        // The loop ends the process in good order; if it is stuck, this does.
        thread::sleep(GRACE);
        std::process::exit(exit_code(Signal::Hangup).into());
    })?;
    Ok(())
}

/// Sleeps until the terminal has gone (true), or the watch is over (false).
fn waited(tty: &Tty, until: &io::PipeReader) -> bool {
    loop {
        let mut fds = [
            PollFd::from_borrowed_fd(tty.fd(), PollFlags::empty()),
            PollFd::new(until, PollFlags::empty()),
        ];
        match poll(&mut fds, None) {
            Ok(_) if !fds[1].revents().is_empty() => return false,
            Ok(_) if is_gone(fds[0].revents()) => return true,
            Ok(_) | Err(Errno::INTR | Errno::AGAIN | Errno::NOMEM) => {}
            Err(_) => return false,
        }
    }
}
