//! The board's loop: facts into the state, the newest picture to the terminal, commands to the vendors.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::action::ACTIONS;
use crate::audit::Audit;
use crate::clock;
use crate::command::{Access, Stage};
use crate::event::{Event, Stamped};
use crate::floor::time::Moment;
use crate::keymap::Keymap;
use crate::runtime::{CHANNEL, Dispatcher, RunError};
use crate::source::settings::Settings;
use crate::source::{SourceHandle, spawn_all};
use crate::state::{Effect, State};
use crate::terminal::{self, Asked, Options, Screen, Signal, Terminal, TerminalError};
use crate::theme::{Palette, Theme};
use crate::threshold::Severity;
use crate::ui::{self, Look};
use crate::wall::Profile;

/// The least time between two frames: twenty a second are smooth, and a line over ssh is narrow.
const FRAME: Duration = Duration::from_millis(50);

/// Facts that are taken in before the next frame may be drawn.
const DRAIN: usize = 512;

/// How long the end waits for the outcome of a command that is on its way.
const LAST_OUTCOME: Duration = Duration::from_secs(3);

/// What a board is opened with.
pub struct Board {
    /// Its sources.
    pub sources: Vec<Settings>,
    /// Who may ask for changes.
    pub access: Access,
    /// The user's own keys.
    pub keys: BTreeMap<String, Vec<String>>,
    /// The audit log.
    pub audit: PathBuf,
    /// Whether numbers of people are masked.
    pub mask: bool,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// Whether no colour is used.
    pub no_color: bool,
    /// The wall that hangs in front of it, and stays.
    pub wall: Option<Profile>,
}

/// Runs the board until somebody or something ends it; returns the exit code.
///
/// # Errors
/// No terminal, an unusable source, audit log or keymap.
pub async fn run(board: Board) -> Result<u8, RunError> {
    let keymap = Keymap::new(ACTIONS, &board.keys, board.access)
        .map_err(|error| RunError::usage(&error.to_string()))?;
    let mut signals = terminal::signals()?;
    let (terminal, mut input) = Terminal::enter(Options::default())?;
    let (sender, mut facts) = mpsc::channel(CHANNEL);
    let stop = CancellationToken::new();
    let _stop_at_the_end = stop.clone().drop_guard();
    let sources = board.sources.iter().map(|source| (source.name.clone(), source.kind()));
    let mut state = State::new(sources, board.access, keymap, clock::now());
    state.mask = board.mask;
    state.size = terminal.size();
    if let Some(profile) = board.wall {
        state.hang_wall(profile, false);
    }
    let mut floor = Running {
        state,
        screen: terminal.screen(),
        theme: theme(board.no_color),
        ascii: board.ascii,
        picture: Buffer::default(),
        drawn: None,
        logged: 0,
        handles: Vec::new(),
        dispatcher: None,
    };
    // The first picture stands before anything is connected to.
    floor.draw();
    floor.handles = spawn_all(&board.sources, board.access, &sender, &stop, true)?;
    if board.access == Access::Full {
        let audit = Arc::new(Audit::open(&board.audit)?);
        floor.dispatcher = Some(Dispatcher::new(floor.handles.clone(), audit, sender.clone()));
    }
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let code = loop {
        let frame = floor.next_frame();
        let end = tokio::select! {
            biased;
            signal = signals.next() => told(signal, &terminal, &floor.screen).await?,
            event = input.next() => match event {
                Some(event) => floor.take_keys(event, &mut input, &terminal).await?,
                None => Some(terminal::exit_code(Signal::Hangup)),
            },
            () = tokio::time::sleep(frame.unwrap_or(Duration::MAX)), if frame.is_some() => None,
            Some(fact) = facts.recv() => {
                floor.take(fact);
                for _ in 1..DRAIN {
                    let Ok(fact) = facts.try_recv() else { break };
                    floor.take(fact);
                }
                None
            }
            _ = tick.tick() => {
                let now = clock::now();
                floor.take(Stamped { at: now.moment, event: Event::Tick(now) });
                None
            }
        };
        if let Some(code) = end {
            break code;
        }
        if floor.next_frame() == Some(Duration::ZERO) {
            floor.draw();
        }
    };
    terminal.leave();
    if code == 0 {
        floor.last_outcomes(&mut facts).await;
    }
    Ok(code)
}

fn theme(no_color: bool) -> Theme {
    let (colorterm, term) = (std::env::var("COLORTERM").ok(), std::env::var("TERM").ok());
    let palette = Palette::detect(no_color, colorterm.as_deref(), term.as_deref());
    Theme::midnight().clone().with_palette(palette)
}

/// What a signal does: ends the program with its code, or has it rest.
async fn told(
    signal: Signal,
    terminal: &Terminal,
    screen: &Screen,
) -> Result<Option<u8>, RunError> {
    match signal {
        Signal::Hangup | Signal::Interrupt | Signal::Quit | Signal::Terminate => {
            Ok(Some(terminal::exit_code(signal)))
        }
        Signal::Suspend => {
            let back = terminal.suspend(Asked::Signal).await;
            again(back.map(drop), terminal, screen)
        }
        Signal::Continue => {
            terminal.resume();
            screen.repaint();
            Ok(None)
        }
    }
}

/// What follows when the terminal was to be taken again: it may have gone meanwhile.
fn again(
    taken: Result<(), TerminalError>,
    terminal: &Terminal,
    screen: &Screen,
) -> Result<Option<u8>, RunError> {
    match taken {
        Ok(()) => {
            screen.repaint();
            Ok(None)
        }
        Err(_) if terminal.is_gone() => Ok(Some(terminal::exit_code(Signal::Hangup))),
        Err(error) => Err(error.into()),
    }
}

/// A board that runs.
struct Running {
    state: State,
    screen: Screen,
    theme: Theme,
    ascii: bool,
    picture: Buffer,
    /// When the last picture was drawn, and of which revision of the state.
    drawn: Option<(Moment, u64)>,
    /// The last line of the state's log that is in the program's log.
    logged: u64,
    handles: Vec<SourceHandle>,
    /// Absent where only reading is allowed.
    dispatcher: Option<Dispatcher>,
}

impl Running {
    /// Takes a fact in; says whether the program ends.
    fn take(&mut self, fact: Stamped) -> Vec<Effect> {
        let effects = self.state.apply(fact);
        self.log();
        effects
    }

    /// Takes a key in, and those that came with it.
    async fn take_keys(
        &mut self,
        first: Event,
        input: &mut terminal::Input,
        terminal: &Terminal,
    ) -> Result<Option<u8>, RunError> {
        let mut next = Some(first);
        while let Some(event) = next {
            let effects = self.take(Stamped { at: clock::moment(), event });
            for effect in effects {
                if let Some(code) = self.do_effect(effect, terminal).await? {
                    return Ok(Some(code));
                }
            }
            next = input.ready();
        }
        Ok(None)
    }

    async fn do_effect(
        &mut self,
        effect: Effect,
        terminal: &Terminal,
    ) -> Result<Option<u8>, RunError> {
        match effect {
            Effect::Send(command) => {
                if let Some(dispatcher) = &self.dispatcher {
                    dispatcher.send(command);
                }
            }
            Effect::Retry(source) => {
                for handle in self.handles.iter().filter(|handle| handle.name == source) {
                    handle.retry();
                }
            }
            Effect::Copy(text) => self.screen.copy(&text),
            Effect::Quit => return Ok(Some(0)),
            Effect::Suspend => {
                let back = terminal.suspend(Asked::Key).await;
                return again(back.map(drop), terminal, &self.screen);
            }
            Effect::Redraw => self.screen.repaint(),
        }
        Ok(None)
    }

    /// How long until a picture is due: none while the newest state is drawn, nothing when it is overdue.
    fn next_frame(&self) -> Option<Duration> {
        match self.drawn {
            Some((_, revision)) if revision == self.state.revision() => None,
            Some((at, _)) => Some(FRAME.saturating_sub(clock::moment().since(at))),
            None => Some(Duration::ZERO),
        }
    }

    fn draw(&mut self) {
        let (width, height) = self.state.size;
        let area = Rect::new(0, 0, width, height);
        self.picture.resize(area);
        self.picture.reset();
        let look = Look { theme: &self.theme, ascii: self.ascii };
        ui::draw(&self.state, &look, &mut self.picture, area);
        self.screen.put(&mut self.picture);
        self.drawn = Some((clock::moment(), self.state.revision()));
    }

    /// Copies new lines of the state's log to the program's.
    fn log(&mut self) {
        let new = self.state.log.iter().rev().take_while(|line| line.number > self.logged);
        let lines: Vec<_> = new.collect();
        for line in lines.iter().rev() {
            let source =
                line.source.as_ref().map(crate::floor::id::SourceName::shown).unwrap_or_default();
            match line.severity {
                Severity::Ok => tracing::info!(%source, "{}", line.text),
                Severity::Warning => tracing::warn!(%source, "{}", line.text),
                Severity::Critical => tracing::error!(%source, "{}", line.text),
            }
        }
        self.logged = self.state.log.back().map_or(self.logged, |line| line.number);
    }

    /// Waits a little for the outcomes of commands that are on their way, so that the audit log has them.
    async fn last_outcomes(&mut self, facts: &mut mpsc::Receiver<Stamped>) {
        let waiting = |state: &State| state.pending.iter().any(|own| own.stage == Stage::Sent);
        let end = tokio::time::sleep(LAST_OUTCOME);
        tokio::pin!(end);
        while waiting(&self.state) {
            tokio::select! {
                () = &mut end => return,
                Some(fact) = facts.recv() => drop(self.take(fact)),
            }
        }
    }
}
