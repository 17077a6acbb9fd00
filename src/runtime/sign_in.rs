//! Signing in to a source by a code: on a terminal shown large and ticking, elsewhere in plain lines.

use std::io::IsTerminal;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::mpsc;

use crate::clock;
use crate::event::{Event, Key, Press};
use crate::runtime::RunError;
use crate::source::nimbus::entra::{Code, EntraError, Pause};
use crate::source::nimbus::signed::{SignInError, Signed};
use crate::state::sign_in::Card;
use crate::table::cell::span;
use crate::terminal::print::{Printer, line};
use crate::terminal::{self, Asked, Capability, Options, Signal, Terminal};
use crate::text::{Characters, Shown};
use crate::theme::Theme;
use crate::transport::http::chain;
use crate::transport::keep::SignIn;
use crate::ui::{self, Look};

/// How a sign-in ended.
pub enum Ended {
    /// Somebody signed in; it is kept.
    In(SignIn),
    /// The tenant or the person said no, or the code was not typed in time.
    Refused(Shown),
    /// It came to nothing.
    Failed(Shown),
    /// Whoever began it left, with this exit code.
    Left(u8),
}

/// What is said where somebody left.
pub const LEFT: &str = "left before the code was typed";

/// Signs in to `source`; where standard input and output are a terminal, on a screen of its own.
///
/// # Errors
/// The terminal, or standard output.
pub async fn sign_in(
    source: Shown,
    signed: &Arc<Signed>,
    theme: &Theme,
    characters: Characters,
) -> Result<Ended, RunError> {
    let code = match signed.begin().await {
        Ok(code) => code,
        Err(error) => return Ok(ended(Err(error))),
    };
    let until = clock::moment().after(code.good_for);
    let card = Card::new(source, code.code.clone(), code.address.clone(), until);
    let is_drawn = Capability::read().without_cursor().is_none();
    if is_drawn && std::io::stdin().is_terminal() && Printer::stdout().is_terminal() {
        on_screen(card, signed, &code, &Look { theme, characters }).await
    } else {
        in_lines(card, signed, &code).await
    }
}

fn ended(result: Result<SignIn, SignInError>) -> Ended {
    match result {
        Ok(sign_in) => Ended::In(sign_in),
        Err(error) => {
            let why = Shown::clean(&chain(&error));
            match error {
                SignInError::Entra(
                    EntraError::Denied | EntraError::Expired | EntraError::Refused { .. },
                ) => Ended::Refused(why),
                SignInError::Entra(_) | SignInError::Kept(_) => Ended::Failed(why),
            }
        }
    }
}

/// One line to open the page by, then one whenever something else is waited for.
async fn in_lines(mut card: Card, signed: &Arc<Signed>, code: &Code) -> Result<Ended, RunError> {
    let mut signals = terminal::signals()?;
    let good = span(code.good_for.as_secs());
    let good = Shown::clean(&good);
    Printer::stdout().line(line![
        "open ",
        &card.address,
        " and type ",
        &card.code,
        "; it is good for ",
        good
    ])?;
    let (told, mut pauses) = mpsc::unbounded_channel();
    let finishing = signed.finish(code, move |pause| {
        // Whoever listened has left.
        let _ = told.send(pause);
    });
    tokio::pin!(finishing);
    loop {
        tokio::select! {
            biased;
            done = &mut finishing => return Ok(ended(done)),
            signal = signals.next() => if let Some(code) = ends(signal) {
                return Ok(Ended::Left(code));
            },
            Some(Pause { span, answered }) = pauses.recv() => if card.waits(span, answered) {
                Printer::stderr().line(line![Shown::clean(&card.said)])?;
            },
        }
    }
}

/// The exit code of a signal that ends the process.
const fn ends(signal: Signal) -> Option<u8> {
    match signal {
        Signal::Hangup | Signal::Interrupt | Signal::Quit | Signal::Terminate => {
            Some(terminal::exit_code(signal))
        }
        Signal::Suspend | Signal::Continue => None,
    }
}

async fn on_screen(
    mut card: Card,
    signed: &Arc<Signed>,
    code: &Code,
    look: &Look<'_>,
) -> Result<Ended, RunError> {
    let mut signals = terminal::signals()?;
    let (terminal, mut input) = Terminal::enter(Options::default())?;
    let screen = terminal.screen();
    let (mut picture, mut size) = (Buffer::default(), terminal.size());
    let mut seconds = clock::Seconds::start()?;
    let (told, mut pauses) = mpsc::unbounded_channel();
    let finishing = signed.finish(code, move |pause| {
        // Whoever listened has left.
        let _ = told.send(pause);
    });
    tokio::pin!(finishing);
    let end = loop {
        let area = Rect::new(0, 0, size.0, size.1);
        picture.resize(area);
        picture.reset();
        ui::sign_in(&card, clock::moment(), look, &mut picture, area);
        screen.put(&mut picture, None);
        tokio::select! {
                   biased;
                   signal = signals.next() => match signal {
                       Signal::Suspend => {
        terminal.suspend(Asked::Signal).await?;
        }
                       Signal::Continue => terminal.resume(),
                       signal => if let Some(code) = ends(signal) { break Ended::Left(code) },
                   },
                   event = input.next() => match event.map(|stamped| stamped.event) {
                       None => break Ended::Left(terminal::exit_code(Signal::Hangup)),
                       Some(Event::Resize { width, height }) => size = (width, height),
                       Some(Event::Key(press)) => match press {
                           Press { key: Key::Char('y'), ctrl: false, alt: false } => {
                               screen.copy(&card.copy());
                           }
                           Press { key: Key::Char('c'), ctrl: true, .. } => {
                               break Ended::Left(terminal::exit_code(Signal::Interrupt));
                           }
                           Press { key: Key::Char('z'), ctrl: true, .. } => {
                               terminal.suspend(Asked::Key).await?;
                           }
                           Press { key: Key::Char('l'), ctrl: true, .. } => screen.repaint(),
                           Press { key: Key::Char('q') | Key::Esc, ctrl: false, .. } => break Ended::Left(1),
                           _ => {}
                       },
                       Some(_) => {}
                   },
                   done = &mut finishing => break ended(done),
                   Some(Pause { span, answered }) = pauses.recv() => {
        card.waits(span, answered);
        }
                   () = seconds.next() => {}
               }
    };
    terminal.leave();
    Ok(end)
}
