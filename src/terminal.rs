//! The terminal: taken, drawn on, and left as it was found.
//!
//! ```text
//!   loop ── newest picture ──► one place ──► writer thread ── fewest bytes ──► terminal
//!   loop ◄── keys, pastes, sizes ── input thread ◄──────────────────────────── terminal
//!   loop ◄── signals ◄── hang-up watch (sleeps until there is no terminal any more)
//! ```
//!
//! Only what these files hold touches the terminal. It is given back in every way that a process can end:
//! [`Terminal::leave`], `Drop`, a signal, a panic in any thread. A terminal that has gone is never written to.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal as system_signal};
use tokio::sync::mpsc;

use crate::clock;
use crate::event::{Event, Stamped};
use crate::text::Shown;

pub use self::capability::{Capability, Entry, Environment};
pub use self::frame::Coder;
pub use self::input::Input;
pub use self::job::no_core_dumps;
pub use self::keys::Decoder;
pub use self::panic::install_panic_hook;
pub use self::screen::Screen;
pub use self::signal::{Signal, Signals, exit_code, signals};

mod capability;
mod frame;
mod ground;
mod guard;
mod hangup;
mod input;
mod job;
mod keycode;
mod keys;
mod panic;
mod pen;
pub mod print;
mod screen;
mod sequence;
mod signal;
mod tty;

/// How the terminal is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// After what time everything is written again, in case the terminal shows something else.
    pub repaint_every: Duration,
    /// Whether the mouse is ours: clicks and the wheel become events, and selecting text takes Shift.
    pub mouse: bool,
    /// Whether the terminal is asked how light its own ground is, where it is known to answer.
    pub ask_ground: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { repaint_every: Duration::from_mins(10), mouse: false, ask_ground: false }
    }
}

/// Why the terminal cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Standard input or output leads elsewhere.
    #[error(
        "the board needs a terminal on standard input and standard output, which a pipe, a service and nohup have \
         not: floorwalker status prints the tables once, floorwalker relay runs without a terminal, and tmux keeps \
         a board or a wall open"
    )]
    NotATerminal,
    /// It is a terminal on which nothing can be placed.
    #[error(
        "this terminal cannot place the cursor (TERM={term}): floorwalker status prints the tables once; where the \
         terminal can do more, set TERM to its name"
    )]
    NoCursor {
        /// What it calls itself.
        term: Shown,
    },
    #[error("cannot {what}")]
    System {
        what: &'static str,
        #[source]
        source: io::Error,
    },
}

/// How a suspension came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspended {
    /// The process was stopped and runs again; everything is being written anew.
    Back,
    /// There is no shell to go to; nothing was done.
    NoShell,
}

/// Who asks for a suspension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The reader, by a key.
    Key,
    /// Somebody outside, by [`Signal::Suspend`].
    Signal,
}

/// The terminal while it is ours: raw, alternate screen, no cursor, pastes in brackets. Dropping it gives it
/// back.
#[derive(Debug)]
pub struct Terminal {
    tty: Arc<tty::Tty>,
    slot: Arc<screen::Slot>,
    events: mpsc::Sender<Stamped>,
    has_light_ground: Option<bool>,
    /// Dropped with this: the input thread and the hang-up watch end.
    _until: [io::PipeWriter; 2],
}

impl Terminal {
    /// Takes the terminal, and starts its threads. Needs a tokio runtime.
    ///
    /// # Errors
    /// There is no terminal, or the system refuses; then it is as it was.
    pub fn enter(options: Options) -> Result<(Self, Input), TerminalError> {
        if !tty::Tty::is_there() {
            return Err(TerminalError::NotATerminal);
        }
        let capability = Capability::read();
        if let Some(term) = capability.without_cursor() {
            return Err(TerminalError::NoCursor { term: Shown::clean(term) });
        }
        let tty = Arc::new(tty::Tty::open().map_err(failed("open the terminal"))?);
        let slot = Arc::new(screen::Slot::new(options.mouse));
        let (events, received) = mpsc::channel(input::WAITING);
        let mut sizes =
            system_signal(SignalKind::window_change()).map_err(failed("watch the size"))?;
        let (watch_until, watch_over) = io::pipe().map_err(failed("watch the terminal"))?;
        let (read_until, read_over) = io::pipe().map_err(failed("read the terminal"))?;
        let mut terminal = Self {
            tty: Arc::clone(&tty),
            slot: Arc::clone(&slot),
            events: events.clone(),
            has_light_ground: None,
            _until: [watch_over, read_over],
        };
        guard::take(Arc::clone(&tty), Arc::clone(&slot), options.mouse)
            .map_err(failed("take the terminal"))?;
        hangup::watch(Arc::clone(&tty), watch_until).map_err(failed("watch the terminal"))?;
        let ground = match options.ask_ground && capability.answers_for_its_ground() {
            true => ground::ask(&tty),
            false => ground::Ground::default(),
        };
        terminal.has_light_ground = ground.is_light;
        input::read(events.clone(), read_until, ground.typed)
            .map_err(failed("read the terminal"))?;
        let written = events.clone();
        screen::write(Arc::clone(&tty), Arc::clone(&slot), written, options.repaint_every)
            .map_err(failed("write to the terminal"))?;
        let sizes = tokio::spawn(async move {
            while sizes.recv().await.is_some() {
                // What the terminal made of the old picture is unknown, even when the size is the old one.
                slot.spoil();
                if events.send(resized(&tty)).await.is_err() {
                    return;
                }
            }
        });
        Ok((terminal, Input::new(received, sizes)))
    }

    /// Where the newest picture is put.
    pub fn screen(&self) -> Screen {
        Screen::new(Arc::clone(&self.slot))
    }

    /// Columns and rows, at least one each.
    pub fn size(&self) -> (u16, u16) {
        self.tty.size()
    }

    /// Whether the terminal's own ground is light, as it answered; `None` where it was not asked, or did not.
    pub const fn has_light_ground(&self) -> Option<bool> {
        self.has_light_ground
    }

    /// Whether the terminal has gone: then a failure is no failure but the end.
    pub fn is_gone(&self) -> bool {
        hangup::is_gone_for_good() || !tty::Tty::is_there()
    }

    /// Gives the terminal back: main screen, cursor shown, cooked, no brackets around pastes.
    pub fn leave(self) {
        drop(self);
    }

    /// Gives the terminal back, stops the process, and takes the terminal again when it is continued.
    ///
    /// # Errors
    /// The system refuses to tell when the process is continued; then nothing was done.
    pub async fn suspend(&self, asked: Asked) -> Result<Suspended, TerminalError> {
        if asked == Asked::Key && !job::has_shell() {
            self.slot.repaint();
            return Ok(Suspended::NoShell);
        }
        // Listening before stopping: the stop may take effect a moment after it was asked for.
        let mut continued = signal::continued().map_err(failed("wait to be continued"))?;
        guard::lend();
        match asked {
            Asked::Key => job::stop_job(),
            Asked::Signal => job::stop_self(),
        }
        continued.recv().await;
        guard::retake(&tty::entering(self.slot.mouse()));
        self.tell_size();
        Ok(Suspended::Back)
    }

    /// Takes the terminal again after a [`Signal::Continue`]: the process may have been stopped without a
    /// [`Signal::Suspend`]. A terminal that cannot be taken counts as [`Signal::Hangup`].
    pub fn resume(&self) {
        guard::retake(&tty::continuing(self.slot.mouse()));
        self.tell_size();
    }

    /// Tells the loop the size, which may have changed meanwhile.
    fn tell_size(&self) {
        // A full channel is about to be read; the picture follows with the next new size.
        let _ = self.events.try_send(resized(&self.tty));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        guard::restore();
    }
}

fn resized(tty: &tty::Tty) -> Stamped {
    let (width, height) = tty.size();
    Stamped { at: clock::moment(), event: Event::Resize { width, height } }
}

fn failed(what: &'static str) -> impl FnOnce(io::Error) -> TerminalError {
    move |source| TerminalError::System { what, source }
}
