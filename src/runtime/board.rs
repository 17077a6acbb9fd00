//! The board's loop: facts into the state, the newest picture to the terminal, commands to the vendors.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::action::ACTIONS;
use crate::audit::Audit;
use crate::clock;
use crate::config::Config;
use crate::event::{Event, SourceEvent, Stamped};
use crate::floor::time::Moment;
use crate::keymap::Keymap;
use crate::memory::TableMemory;
use crate::operations::{Access, Stage};
use crate::relay::webhook::{here, mailboxes};
use crate::runtime::journal::JournalWriter;
use crate::runtime::looked::Eye;
use crate::runtime::reload::{Loaded, Watched};
use crate::runtime::remember::{Keeper, arrange, looked_at, themes};
use crate::runtime::{CHANNEL, Dispatcher, RunError, export, logging};
use crate::source::settings::Settings;
use crate::source::{SourceHandle, spawn_all};
use crate::state::{Effect, Mouse, State};
use crate::table::OwnGroup;
use crate::terminal::{self, Asked, Options, Screen, Signal, Terminal, TerminalError};
use crate::text::{Characters, Shown};
use crate::theme::{Palette, Shelf, Theme};
use crate::threshold::Severity;
use crate::transport::http::chain;
use crate::transport::poll::Beat;
use crate::ui::{self, Look};
use crate::wall::Profile;

/// The theme of a terminal whose own ground is light, unless another is chosen.
const LIGHT: &str = "daylight";

/// The least time between two frames: twenty a second are smooth, and a line over ssh is narrow.
const FRAME: Duration = Duration::from_millis(50);

/// The same for a wall: nobody reads it faster from across the room.
const WALL_FRAME: Duration = Duration::from_millis(250);

/// Facts that are taken in before the next frame may be drawn.
const DRAIN: usize = 512;

/// How long the end waits for the outcome of a command that is on its way.
const LAST_OUTCOME: Duration = Duration::from_secs(3);

/// How long the end waits for what is left at a vendor: whoever hangs up waits for nothing.
const PARTING: Duration = Duration::from_millis(400);

/// What is said where there is no place for an audit log.
pub(crate) const NO_AUDIT: &str =
    "there is no home directory for the audit log: set audit in the config file";

/// What a board is opened with.
pub struct Board {
    pub sources: Vec<Settings>,
    /// Who may ask for changes.
    pub access: Access,
    /// The user's own keys.
    pub keys: BTreeMap<String, Vec<String>>,
    /// How each table is looked at, by its name.
    pub tables: BTreeMap<String, TableMemory>,
    /// The reader's own groups of queues.
    pub groups: Vec<OwnGroup>,
    /// The audit log; without one a board only reads.
    pub audit: Option<PathBuf>,
    /// Where webhooks that this process receives are stored; `None` where none are received.
    pub webhooks: Option<PathBuf>,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Every theme that there is.
    pub themes: Shelf,
    pub theme: String,
    /// Whether somebody configured it. Otherwise a terminal with a light ground has the light theme.
    pub theme_is_chosen: bool,
    /// The theme of this run, whatever is configured or remembered.
    pub theme_now: Option<String>,
    /// Where the ends of entries are kept; `None` where they are not.
    pub journal: Option<PathBuf>,
    /// Where what the reader chooses is remembered.
    pub memory: Option<PathBuf>,
    /// The config file, where there is one to watch.
    pub watched: Option<Watched>,
    /// Whether numbers of people are masked.
    pub mask: bool,
    /// Whether numbers of people are masked in what is exported.
    pub mask_exports: bool,
    /// The characters that are drawn.
    pub characters: Characters,
    /// The colours that are drawn.
    pub palette: Palette,
    /// The wall that hangs in front of it, and stays.
    pub wall: Option<Profile>,
    /// What is said at the start: what cannot be kept, and why.
    pub notices: Vec<Shown>,
}

/// Runs the board until somebody or something ends it; returns the exit code.
///
/// # Errors
/// No terminal, an unusable source, audit log or keymap.
pub async fn run(board: Board) -> Result<u8, RunError> {
    let keymap = Keymap::new(ACTIONS, &board.keys, board.access)
        .map_err(|error| RunError::usage(&error.to_string()))?;
    let mut signals = terminal::signals()?;
    let keeper = Keeper::open(board.memory);
    let is_chosen = board.theme_is_chosen
        || board.theme_now.is_some()
        || keeper.memory().theme_over(&board.theme).is_some();
    let options = Options { mouse: board.mouse, ask_ground: !is_chosen, ..Options::default() };
    let (terminal, mut input) = Terminal::enter(options)?;
    let by_ground = (terminal.has_light_ground() == Some(true)).then(|| LIGHT.to_owned());
    let theme_now = board.theme_now.or(by_ground);
    let (sender, mut facts) = mpsc::channel(CHANNEL);
    let stop = CancellationToken::new();
    let _stop_at_the_end = stop.clone().drop_guard();
    let sources = board.sources.iter().map(|source| (source.name.clone(), source.kind()));
    let mut state = State::new(sources, board.access, keymap, clock::now());
    (state.mask, state.veil) = (board.mask, board.mask_exports);
    state.mouse = if board.mouse { Mouse::Ours } else { Mouse::Unused };
    state.size = terminal.size();
    let journal = JournalWriter::open(board.journal, &mut state.journal, clock::wall());
    state.themes = themes(&board.themes, &board.theme, theme_now.as_deref(), &keeper);
    remark_at_start(&mut state, &board.themes, &board.notices);
    state.own_groups(board.groups);
    (state.phones, state.places) = (keeper.memory().phones(), keeper.memory().places());
    arrange(&mut state, board.tables);
    arrange(&mut state, keeper.memory().tables);
    let kept = state.themes.name().map(ToOwned::to_owned);
    if let Some(profile) = board.wall {
        state.hang_wall(profile, false);
    }
    let mut floor = Running {
        state,
        screen: terminal.screen(),
        theme: Theme::midnight().clone(),
        palette: board.palette,
        themes: board.themes,
        configured: board.theme,
        mouse: board.mouse,
        keeper,
        kept,
        characters: board.characters,
        picture: Buffer::default(),
        drawn: None,
        logged: 0,
        journal,
        handles: Vec::new(),
        dispatcher: None,
        reading: stop.child_token(),
        audit: board.audit,
        webhooks: board.webhooks,
        mask_exports: board.mask_exports || board.mask,
        facts: sender.clone(),
        beat: Beat::new(),
        eye: Eye::default(),
    };
    // The first picture stands before anything is connected to.
    floor.draw();
    floor.connect(&board.sources, board.access, floor.reading.clone())?;
    let mut watched = board.watched;
    let mut seconds = clock::Seconds::start()?;
    let mut jumps = clock::Jumps::new();
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
            () = seconds.next() => {
                floor.second(jumps.take());
                if let Some(loaded) = watched.as_mut().and_then(Watched::tick) {
                    floor.reload(loaded, &stop);
                }
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
    floor.end(code, &mut facts).await;
    floor.keeper.close().await;
    floor.journal.close().await;
    Ok(code)
}

/// Says what is wrong with what the program was given.
fn remark_at_start(state: &mut State, themes: &Shelf, notices: &[Shown]) {
    if let Some(fault) = themes.faults().first() {
        state.remark(Severity::Warning, &format!("a theme cannot be used: {fault}"));
    }
    for notice in notices {
        state.remark(Severity::Warning, notice);
    }
    if let Some(complaint) = clock::zone::complaint() {
        state.remark(Severity::Warning, &complaint);
    }
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
    /// The theme of the last picture.
    theme: Theme,
    palette: Palette,
    themes: Shelf,
    /// The name of the configured theme.
    configured: String,
    /// Whether the mouse is used.
    mouse: bool,
    keeper: Keeper,
    /// The theme that was last remembered, or begun with.
    kept: Option<String>,
    characters: Characters,
    picture: Buffer,
    /// When the last picture was drawn, and of which revision of the state.
    drawn: Option<(Moment, u64)>,
    /// The last line of the state's log that is in the program's log.
    logged: u64,
    journal: JournalWriter,
    handles: Vec<SourceHandle>,
    /// Absent where only reading is allowed.
    dispatcher: Option<Dispatcher>,
    /// Ends the sources that run now.
    reading: CancellationToken,
    audit: Option<PathBuf>,
    /// Where webhooks are stored.
    webhooks: Option<PathBuf>,
    mask_exports: bool,
    /// Where facts go that come of an effect.
    facts: mpsc::Sender<Stamped>,
    /// The seconds, for the sources.
    beat: Beat,
    eye: Eye,
}

impl Running {
    /// Starts these sources, and a dispatcher where changes are allowed; without both, nothing is started.
    fn connect(
        &mut self,
        sources: &[Settings],
        access: Access,
        reading: CancellationToken,
    ) -> Result<(), RunError> {
        let audit = match access {
            Access::Full => {
                let path = self.audit.as_deref().ok_or_else(|| RunError::usage(NO_AUDIT))?;
                Some(Arc::new(Audit::open(path)?))
            }
            Access::ReadOnly => None,
        };
        let mut sources = sources.to_vec();
        mailboxes::here(&mut sources, self.webhooks.as_deref())?;
        self.handles = spawn_all(&sources, access, &self.facts, &reading, Some(&self.beat))?;
        if let Some(store) = &self.webhooks {
            here::start(&sources, store.clone(), &self.facts, &reading);
        }
        self.dispatcher =
            audit.map(|audit| Dispatcher::new(self.handles.clone(), audit, self.facts.clone()));
        self.reading = reading;
        Ok(())
    }

    /// A second passed, or after a sleep of the machine more than one.
    fn second(&mut self, slept: Option<Duration>) {
        let now = clock::now();
        if let Some(slept) = slept {
            self.woke(slept);
        }
        self.take(Stamped { at: now.moment, event: Event::Tick(now) });
        self.beat.beat();
    }

    /// The machine slept: every source is read again at once. What was read before is as old as it is.
    fn woke(&mut self, unseen: Duration) {
        let span = crate::table::cell::span(unseen.as_secs());
        let text = format!("the machine slept for {span}: every source is read again");
        self.state.remark(Severity::Warning, &text);
        let at = clock::moment();
        for (source, feed) in self.state.floor.outdated() {
            let event = SourceEvent::Link(feed);
            self.take(Stamped { at, event: Event::Source { source, event } });
        }
        self.handles.iter().for_each(SourceHandle::retry);
    }

    /// The config file changed. A good one is taken over whole, but for what needs a restart, which is said; a bad one
    /// is said, and the old one stays.
    fn reload(&mut self, loaded: Result<Loaded, RunError>, stop: &CancellationToken) {
        let taken = loaded.and_then(|Loaded { config, wall }| {
            if config.sources.is_empty() && !self.handles.is_empty() {
                return Err(RunError::usage("the file names no source now"));
            }
            let keymap = Keymap::new(ACTIONS, &config.keys, config.access)
                .map_err(|error| RunError::usage(&error.to_string()))?;
            let (before, mut gone) = (self.reading.clone(), self.handles.clone());
            let audit = self.audit.clone();
            self.audit = config.audit.clone().or_else(|| audit.clone());
            let connected = self.connect(&config.sources, config.access, stop.child_token());
            connected.inspect_err(|_| self.audit = audit)?;
            before.cancel();
            gone.retain(|own| !config.sources.iter().any(|new| new.name == own.name));
            tokio::spawn(async move { SourceHandle::part(&gone, PARTING).await });
            let sources = config.sources.iter().map(|own| (own.name.clone(), own.kind()));
            self.state.reconfigure(sources, config.access, keymap);
            let restart = (config.mouse != self.mouse).then_some("mouse");
            self.show_as(config, wall);
            Ok(restart)
        });
        match taken {
            Ok(None) => self.state.remark(Severity::Ok, "the config file changed and is used now"),
            Ok(Some(setting)) => {
                let text = format!("the config file is used now, but {setting} needs a restart");
                self.state.remark(Severity::Warning, &text);
            }
            Err(error) => {
                let text = format!("the old configuration stays: {}", chain(&error));
                self.state.remark(Severity::Warning, &text.replace('\n', " "));
            }
        }
        self.log();
    }

    /// Takes over what a config file says of the screen: themes, tables, groups, the wall.
    fn show_as(&mut self, config: Config, wall: Option<Profile>) {
        let Config { themes: shelf, theme, theme_now, tables, groups, .. } = config;
        self.state.themes = themes(&shelf, &theme, theme_now.as_deref(), &self.keeper);
        (self.themes, self.configured) = (shelf, theme);
        self.kept = self.state.themes.name().map(ToOwned::to_owned);
        // A theme's file may have changed under the same name.
        self.drawn = None;
        self.state.own_groups(groups);
        arrange(&mut self.state, tables);
        arrange(&mut self.state, self.keeper.memory().tables);
        if let Some(profile) = wall {
            self.state.hang_wall(profile, false);
        }
    }

    /// Takes a fact in; says whether the program ends.
    fn take(&mut self, fact: Stamped) -> Vec<Effect> {
        let effects = self.state.apply(fact);
        self.log();
        effects
    }

    /// Takes a key in, and those that came with it.
    async fn take_keys(
        &mut self,
        first: Stamped,
        input: &mut terminal::Input,
        terminal: &Terminal,
    ) -> Result<Option<u8>, RunError> {
        let mut next = Some(first);
        while let Some(Stamped { at, event }) = next {
            self.look_at_terminal();
            let event = match event {
                Event::Mouse(pointer) => {
                    let (width, height) = self.state.size;
                    let area = Rect::new(0, 0, width, height);
                    match ui::hit(&self.state, area, pointer) {
                        Some(target) => Event::Pointed(target),
                        None => Event::Mouse(pointer),
                    }
                }
                other => other,
            };
            let effects = self.take(Stamped { at, event });
            for effect in effects {
                if let Some(code) = self.do_effect(effect, terminal).await? {
                    return Ok(Some(code));
                }
            }
            next = input.ready();
        }
        Ok(None)
    }

    /// Says to the state whether the terminal is read.
    fn look_at_terminal(&mut self) {
        let at = clock::moment();
        let stalled = self.screen.is_stalled(at);
        if stalled != self.state.is_unread() {
            self.take(Stamped { at, event: Event::Unread(stalled) });
        }
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
                if let Some(handle) = SourceHandle::of(&self.handles, &source) {
                    handle.retry();
                }
            }
            Effect::Copy(text) => self.screen.copy(&text),
            Effect::Remember => {
                let theme = self.state.themes.name().map(ToOwned::to_owned);
                let tables = self.state.screen.arrangements().filter_map(looked_at).collect();
                let (phones, places) = (self.state.phones.clone(), self.state.places.clone());
                // A theme of this run alone is not chosen by somebody who sorts a table.
                let chosen = (theme != self.kept).then(|| theme.clone());
                self.kept = theme;
                self.keeper.keep(|memory| {
                    memory.tables = tables;
                    memory.keep_phones(&phones, &places);
                    if let Some(theme) = chosen {
                        memory.theme = theme;
                        memory.theme_instead_of = Some(self.configured.clone());
                    }
                });
            }
            Effect::Quit => return Ok(Some(0)),
            Effect::Suspend => {
                let back = terminal.suspend(Asked::Key).await;
                return again(back.map(drop), terminal, &self.screen);
            }
            Effect::Redraw => self.screen.repaint(),
            Effect::UseMouse(on) => self.screen.use_mouse(on),
            Effect::Export => self.export(),
        }
        Ok(None)
    }

    /// Writes the screen into a file, beside the loop; what became of it comes back as a fact.
    fn export(&self) {
        let look = Look { theme: &self.theme, characters: self.characters };
        let picture = export::picture(&self.state, &look, self.mask_exports);
        let facts = self.facts.clone();
        tokio::spawn(async move {
            let at = clock::wall().with_timezone(&chrono::Local).naive_local();
            let written = tokio::task::spawn_blocking(move || export::here(at, &picture)).await;
            let result = written.unwrap_or_else(|error| Err(Shown::clean(&error.to_string())));
            // A closed channel means that the program is ending; the file is there.
            let _ =
                facts.send(Stamped { at: clock::moment(), event: Event::Exported(result) }).await;
        });
    }

    /// How long until a picture is due: none while the newest state is drawn, nothing when it is overdue.
    fn next_frame(&self) -> Option<Duration> {
        match self.drawn {
            Some((_, revision)) if revision == self.state.revision() => None,
            Some((at, _)) => {
                let least = if self.state.screen.wall.is_some() { WALL_FRAME } else { FRAME };
                Some(least.saturating_sub(clock::moment().since(at)))
            }
            None => Some(Duration::ZERO),
        }
    }

    fn draw(&mut self) {
        let (width, height) = self.state.size;
        let area = Rect::new(0, 0, width, height);
        self.picture.resize(area);
        self.picture.reset();
        self.choose_theme();
        let look = Look { theme: &self.theme, characters: self.characters };
        ui::draw(&self.state, &look, &mut self.picture, area);
        let revision = self.state.awaits_reading().then(|| self.state.revision());
        self.screen.put(&mut self.picture, revision);
        self.drawn = Some((clock::moment(), self.state.revision()));
        self.eye.tell(&self.state, area, &self.handles);
    }

    /// Takes the theme that the state names.
    fn choose_theme(&mut self) {
        let named = self.state.themes.name().and_then(|name| self.themes.get(name));
        let theme = named.unwrap_or(Theme::midnight());
        if self.theme.name() != theme.name() || self.drawn.is_none() {
            self.theme = theme.clone().with_palette(self.palette);
        }
    }

    /// Copies new lines of the state's log to the program's, and new ends of entries to the journal.
    fn log(&mut self) {
        self.journal.keep(&self.state.journal);
        let log = &self.state.log;
        let fresh = log.partition_point(|line| line.number <= self.logged);
        self.logged = logging::copy(log.range(fresh..), self.logged);
    }

    /// Ends what runs, and takes back what is left elsewhere.
    async fn end(&mut self, code: u8, facts: &mut mpsc::Receiver<Stamped>) {
        if code == 0 {
            self.last_outcomes(facts).await;
        }
        self.reading.cancel();
        SourceHandle::part(&self.handles, PARTING).await;
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
