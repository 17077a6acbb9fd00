//! The last act of a process that has a fault: give the terminal back, say what happened, end.

use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{guard, hangup};

/// With which code a process ends that has panicked.
const CODE: i32 = 101;

/// How long the last act may take, with a terminal that takes nothing.
const LIMIT: Duration = Duration::from_millis(450);

static FALLEN: AtomicBool = AtomicBool::new(false);

/// From here on a panic anywhere, in whatever thread or task, ends the process with 101: the terminal is given
/// back and the message stands on standard error. With a terminal that has gone nothing is printed.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(fall));
}

fn fall(info: &PanicHookInfo<'_>) {
    if FALLEN.swap(true, Ordering::AcqRel) {
        // Another thread is at it, or this one has fallen again while it was.
        thread::sleep(LIMIT * 2);
        std::process::exit(CODE);
    }
    let deadline = thread::Builder::new().name("panic".into()).spawn(|| {
        thread::sleep(LIMIT);
        std::process::exit(CODE);
    });
    // Without the second thread a full terminal could hold this one for ever; then nothing is said.
    if deadline.is_ok() {
        guard::restore();
        if !hangup::is_gone_for_good() {
            let text = message(info);
            say(&text);
        }
    }
    std::process::exit(CODE);
}

/// Writes past everything that could wait for a lock of this thread's own.
#[expect(clippy::disallowed_methods, reason = "a printer is more than can be relied on here")]
fn say(text: &str) {
    // Nobody is left to tell when this fails.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// One clean line: what was said may hold what a vendor sent. Cleaned by the plainest of means, because a fault
/// in here would abort the process.
fn message(info: &PanicHookInfo<'_>) -> String {
    let said = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let thread = thread::current();
    let name = thread.name().unwrap_or("unnamed");
    let line = format!("floorwalker: fault in thread {name} at {place}: {said}");
    let plain = |c: char| {
        (c.is_alphanumeric() && !crate::text::refused(c)) || c.is_ascii_graphic() || c == ' '
    };
    let mut text: String =
        line.chars().map(|c| if plain(c) { c } else { crate::text::MARKER }).collect();
    text.push('\n');
    text
}
