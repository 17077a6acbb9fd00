//! The terminal as a device: its descriptor, its size, and bytes written to it without ever being stuck.

use std::ffi::CString;
use std::fs::OpenOptions;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use crossterm::Command;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::termios::{QueueSelector, isatty, tcflush, tcgetwinsize, ttyname};

use crate::clock;

/// The size of a terminal that does not know its own.
const UNKNOWN_SIZE: (u16, u16) = (80, 24);

/// More than any screen shows; a terminal that claims more is drawn in its upper left part, so that a false
/// size costs no memory.
const LARGEST_SIZE: (u16, u16) = (1000, 400);

/// How long a terminal that takes nothing is waited for before it is asked again whether to go on.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// What became of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// All are with the terminal.
    All,
    /// The writer was told to give up; some may be with the terminal.
    GivenUp,
    /// There is no terminal any more.
    Gone,
}

/// The terminal behind standard output.
#[derive(Debug)]
pub(super) struct Tty {
    fd: OwnedFd,
    /// Whether what was written may wait, unread, for a program at the other end.
    is_pseudo: bool,
}

impl Tty {
    /// Opens the terminal behind standard output anew, so that not waiting for it is our own affair: the
    /// descriptor itself is shared with the shell. Where the terminal has no name here, the shared one serves.
    pub(super) fn open() -> io::Result<Self> {
        let stdout = rustix::stdio::stdout();
        let name = ttyname(stdout, Vec::new()).ok();
        // Any other device is a line or a console, and takes only what it can show.
        let pseudo = [&b"/dev/pts/"[..], b"/dev/ttys", b"/dev/ttyp"];
        let starts = |name: &CString| pseudo.iter().any(|own| name.as_bytes().starts_with(own));
        let is_pseudo = name.as_ref().is_none_or(starts);
        let own = name.and_then(|name| {
            let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            OpenOptions::new()
                .read(true)
                .write(true)
                .custom_flags(i32::try_from(flags.bits()).ok()?)
                .open(std::ffi::OsStr::from_bytes(name.as_bytes()))
                .ok()
        });
        let fd = match own {
            Some(file) => OwnedFd::from(file),
            None => rustix::io::fcntl_dupfd_cloexec(stdout, 3)?,
        };
        Ok(Self { fd, is_pseudo })
    }

    /// Whether what was written may wait, unread, for a program at the other end.
    pub(super) const fn holds_unread(&self) -> bool {
        self.is_pseudo
    }

    /// Whether both standard input and standard output are terminals.
    pub(super) fn is_there() -> bool {
        isatty(rustix::stdio::stdin()) && isatty(rustix::stdio::stdout())
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Columns and rows: at least one, at most what a screen can have.
    pub(super) fn size(&self) -> (u16, u16) {
        let (columns, rows) =
            tcgetwinsize(&self.fd).map_or(UNKNOWN_SIZE, |size| (size.ws_col, size.ws_row));
        let or = |told: u16, otherwise: u16| if told == 0 { otherwise } else { told };
        (
            or(columns, UNKNOWN_SIZE.0).min(LARGEST_SIZE.0),
            or(rows, UNKNOWN_SIZE.1).min(LARGEST_SIZE.1),
        )
    }

    /// Writes `bytes`, waiting for a slow terminal as long as `go_on` says so; asked ten times a second.
    pub(super) fn write(&self, bytes: &[u8], go_on: impl Fn() -> bool) -> Written {
        self.write_and_tell(bytes, go_on, || {})
    }

    /// The same; `took` is called whenever the terminal has taken some of them.
    pub(super) fn write_and_tell(
        &self,
        mut bytes: &[u8],
        go_on: impl Fn() -> bool,
        took: impl Fn(),
    ) -> Written {
        while !bytes.is_empty() {
            match rustix::io::write(&self.fd, bytes) {
                Ok(count) => {
                    bytes = bytes.get(count..).unwrap_or_default();
                    took();
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    if !go_on() {
                        return Written::GivenUp;
                    }
                    let mut fds = [PollFd::new(&self.fd, PollFlags::OUT)];
                    let _ = poll(&mut fds, Some(&PATIENCE));
                    if is_gone(fds[0].revents()) {
                        return Written::Gone;
                    }
                }
                Err(_) => return Written::Gone,
            }
        }
        Written::All
    }

    /// Writes `bytes` within `limit`. When the terminal takes nothing, what it has not read yet is dropped:
    /// it belongs to a picture that is about to vanish.
    pub(super) fn insist(&self, bytes: &[u8], limit: Duration) -> Written {
        let began = clock::moment();
        let within = |part: Duration| move || clock::moment().since(began) < part;
        match self.write(bytes, within(limit / 2)) {
            Written::GivenUp => {
                let _ = tcflush(&self.fd, QueueSelector::OFlush);
                self.write(bytes, within(limit))
            }
            done => done,
        }
    }

    /// Drops keys that were pressed and not read, so that they do not reach the shell.
    pub(super) fn drop_input(&self) {
        let _ = tcflush(&self.fd, QueueSelector::IFlush);
    }
}

/// Whether a poll's answer means that there is no terminal any more.
pub(super) fn is_gone(flags: PollFlags) -> bool {
    flags.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)
}

/// Buttons and wheel are told, by numbers of any size. Motion is not: nobody here listens to it.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";

/// What takes the mouse, or lets go of it.
pub(super) const fn mouse(on: bool) -> &'static str {
    if on { MOUSE_ON } else { MOUSE_OFF }
}

/// The mouse is the terminal's own again.
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// What makes the terminal ours: alternate screen, no cursor, pastes in brackets, the mouse where it is wanted.
pub(super) fn entering(mouse: bool) -> Vec<u8> {
    let mut text = String::new();
    ansi(&EnterAlternateScreen, &mut text);
    text.push_str(std::str::from_utf8(&continuing(mouse)).unwrap_or_default());
    text.into_bytes()
}

/// What a shell may have undone while the process was stopped under it. The alternate screen was never left:
/// entering it twice would lose where the cursor was on the main one.
pub(super) fn continuing(mouse: bool) -> Vec<u8> {
    let mut text = String::new();
    ansi(&Hide, &mut text);
    ansi(&EnableBracketedPaste, &mut text);
    if mouse {
        text.push_str(MOUSE_ON);
    }
    text.into_bytes()
}

/// What gives it back. The pen first: some terminals keep it across the alternate screen. The end of a
/// synchronised update before everything: a frame may have been cut off inside one.
pub(super) fn leaving() -> Vec<u8> {
    let mut text = String::from("\x1b[?2026l\x1b[m");
    text.push_str(MOUSE_OFF);
    ansi(&DisableBracketedPaste, &mut text);
    ansi(&Show, &mut text);
    ansi(&LeaveAlternateScreen, &mut text);
    text.into_bytes()
}

fn ansi(command: &impl Command, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = command.write_ansi(text);
}
