//! The state of the board, and the one function that changes it.
//!
//! [`State::apply`] is pure: no clock, no environment, no randomness. The same events in the same order make
//! the same state.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::event::{Event, SourceEvent, Stamped, not_shown};
use crate::floor::id::{DeviceId, SourceName};
use crate::floor::journal::Journal;
use crate::floor::time::{Moment, Now};
use crate::floor::{Delta, Floor, Kind, World};
use crate::keymap::Keymap;
use crate::operations::{
    Access, Command, CommandId, OperationId, Outcome, Pending, Precondition, Read, ReadBy, Stage,
    Target,
};
use crate::table::{Context, LogLine, OwnGroup, Tone, Zone};
use crate::text::Shown;
use crate::threshold::Severity;
use crate::wall::Profile;

pub use self::dialog::{Choice, Dialog, NotePrompt, Palette, Picker, Question, TextPrompt};
pub use self::form::Form;
pub use self::look::Themes;
pub use self::notice::Notice;
pub use self::rows::Rows;
pub use self::screen::{Lines, Screen, TableView};

mod act;
mod attention;
mod callbacks;
mod contacts;
mod control;
pub mod dialog;
mod entries;
pub mod form;
mod group;
mod keys;
mod look;
mod marks;
mod notice;
mod presence;
mod reach;
mod rows;
pub mod screen;
pub mod sign_in;
mod tasks;
mod wall;

/// Everything that a screen is drawn from.
#[derive(Debug, Clone)]
pub struct State {
    /// What the sources told.
    pub floor: Floor,
    /// Who may ask for changes.
    pub access: Access,
    pub keymap: Keymap,
    /// The time, as of the last event.
    pub now: Now,
    /// The terminal's columns and rows.
    pub size: (u16, u16),
    /// What is looked at.
    pub screen: Screen,
    /// Commands under way or just over, oldest first.
    pub pending: Vec<Pending>,
    /// What happened, oldest first.
    pub log: VecDeque<LogLine>,
    /// How scheduler entries ended.
    pub journal: Journal,
    /// Whether numbers of people are masked.
    pub mask: bool,
    /// Whether what customers wrote is veiled.
    pub veil: bool,
    /// In which zone times of day are told.
    pub zone: Zone,
    /// The themes that there are, and the one that is drawn in.
    pub themes: Themes,
    /// A line for the reader, for a while.
    pub notice: Option<Notice>,
    /// What the wall shows that is opened from the board.
    pub wall_profile: Profile,
    /// The phone of one's own that was last chosen, of each source.
    pub phones: BTreeMap<SourceName, DeviceId>,
    /// Where the reader last took a call that was set up, by its source.
    pub places: BTreeMap<SourceName, DeviceId>,
    /// Commands about calls that were confirmed, with what their questions saw.
    outstanding: Vec<(Command, Precondition)>,
    /// Until when a question that opened by itself takes no answer.
    confirm_lockout: Moment,
    /// The reader's own groups of queues.
    groups: Arc<[OwnGroup]>,
    /// What was shown when the picture was held.
    held: Option<Box<Held>>,
    /// Until when a `y` is one too many of those that answered a question.
    repeat_guard: Moment,
    attention: attention::Attention,
    /// Whose the mouse is.
    pub mouse: Mouse,
    found: rows::Found,
    revision: u64,
    next_command: u64,
    next_line: u64,
}

/// What is shown while the picture is held: the floor goes on behind it.
#[derive(Debug, Clone)]
struct Held {
    floor: Floor,
    log: VecDeque<LogLine>,
    now: Now,
}

/// Whose the mouse is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// It selects, opens and sorts here.
    Ours,
    /// The reader let go of it: the terminal selects text with it.
    LetGo,
    /// It is not used, by the configuration.
    Unused,
}

/// What the runtime shall do because of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Hand a command to the dispatcher.
    Send(Command),
    /// Have a source try again now.
    Retry(SourceName),
    /// Put a text on the reader's clipboard.
    Copy(String),
    /// Keep what the reader chose for the next run.
    Remember,
    Quit,
    /// Put the program into the background.
    Suspend,
    Redraw,
    /// Take the mouse, or let go of it.
    UseMouse(bool),
    /// Write the screen into a file.
    Export,
}

/// Lines that the log keeps.
const LOG_LINES: usize = 1_000;

/// How long the result of a command stays on its row, milliseconds.
const RESULT_MS: u64 = 20_000;

impl State {
    /// A board of these sources, of which nothing is known yet.
    pub fn new(
        sources: impl IntoIterator<Item = (SourceName, Kind)>,
        access: Access,
        keymap: Keymap,
        now: Now,
    ) -> Self {
        Self {
            floor: Floor::new(sources),
            access,
            keymap,
            now,
            size: (80, 24),
            screen: Screen::default(),
            pending: Vec::new(),
            log: VecDeque::new(),
            journal: Journal::default(),
            mask: false,
            veil: true,
            zone: Zone::Local,
            themes: Themes::default(),
            notice: None,
            wall_profile: Profile::default(),
            phones: BTreeMap::new(),
            places: BTreeMap::new(),
            outstanding: Vec::new(),
            confirm_lockout: Moment::default(),
            groups: Arc::default(),
            held: None,
            repeat_guard: Moment::default(),
            attention: attention::Attention::default(),
            mouse: Mouse::Ours,
            found: rows::Found::default(),
            revision: 0,
            next_command: 1,
            next_line: 1,
        }
    }

    /// Takes over another configuration: nothing is known of its sources yet, whatever they were before.
    pub fn reconfigure(
        &mut self,
        sources: impl IntoIterator<Item = (SourceName, Kind)>,
        access: Access,
        keymap: Keymap,
    ) {
        self.floor = Floor::new(sources);
        self.access = access;
        self.keymap = keymap;
        self.held = None;
        self.revision += 1;
    }

    /// Grows with everything that may change what is shown.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Since when the picture is held.
    pub fn held_since(&self) -> Option<Now> {
        self.held.as_ref().map(|held| held.now)
    }

    /// Holds the picture, or lets it go on.
    fn pause(&mut self) {
        self.held = match self.held.take() {
            Some(_) => None,
            None => Some(Box::new(Held {
                floor: self.floor.clone(),
                log: self.log.clone(),
                now: self.now,
            })),
        };
    }

    /// What screens are made from.
    pub fn context(&self) -> Context<'_> {
        let (floor, log, now) = match &self.held {
            Some(held) => (&held.floor, &held.log, held.now),
            None => (&self.floor, &self.log, self.now),
        };
        Context {
            floor,
            now,
            pending: &self.pending,
            log,
            journal: &self.journal,
            mask: self.mask,
            veil: self.veil || self.mask,
            live: true,
            zone: self.zone,
            inside: self.screen.inside.as_ref(),
        }
    }

    /// Takes a fact in; answers with what the runtime shall do.
    pub fn apply(&mut self, stamped: Stamped) -> Vec<Effect> {
        let Stamped { at, event } = stamped;
        if at > self.now.moment {
            self.now = Now { moment: at, wall: self.now.wall_of(at) };
        }
        // What the terminal says of itself changes nothing that is drawn.
        match event {
            Event::Written { revision } => {
                self.attention.shows(revision, at);
                return Vec::new();
            }
            Event::Unread(unread) => {
                self.attention.reads(unread);
                return Vec::new();
            }
            Event::Unknown => return Vec::new(),
            _ => {}
        }
        let from_source = matches!(event, Event::Source { .. }).then(|| self.shown_of_sources());
        let before = self.open_question().cloned();
        let effects = self.take(event, at);
        // A source that says the same again changes nothing that is drawn; its age is drawn with the next second.
        let is_same = from_source.is_some_and(|before| before == self.shown_of_sources());
        let waits = !self.pending.is_empty() || self.screen.dialog.is_some();
        self.revision += u64::from(!is_same || waits);
        self.attend(before.as_ref());
        self.forget();
        effects
    }

    /// Counts what events of sources change on the screen, but for commands that wait and dialogs.
    fn shown_of_sources(&self) -> (u64, Option<u64>, u64, Option<Moment>) {
        let line = self.log.back().map(|line| line.number);
        let notice = self.notice.as_ref().map(|notice| notice.until);
        (self.floor.revision(), line, self.journal.last(), notice)
    }

    fn take(&mut self, event: Event, at: Moment) -> Vec<Effect> {
        match event {
            Event::Source { source, event } => {
                self.take_source(&source, event, at);
                Vec::new()
            }
            Event::Key(press) if self.is_blind(press) => Vec::new(),
            Event::Key(press) => self.remembering(|state| state.press(press, at)),
            Event::Paste(_) | Event::Pointed(_) if self.is_unread() => Vec::new(),
            Event::Pointed(_) if self.mouse != Mouse::Ours => Vec::new(),
            Event::Paste(text) => {
                self.paste(&text);
                Vec::new()
            }
            // Cells mean nothing here: what stands on them comes as `Pointed`.
            Event::Mouse(_) => Vec::new(),
            Event::Written { .. } | Event::Unread(_) | Event::Unknown => Vec::new(),
            Event::Pointed(target) => self.remembering(|state| {
                state.pointed(target);
                Vec::new()
            }),
            Event::Resize { width, height } => {
                self.size = (width, height);
                Vec::new()
            }
            Event::Tick(now) => {
                self.now = now;
                self.tick();
                Vec::new()
            }
            Event::Finished { id, outcome } => {
                self.finish(id, outcome);
                Vec::new()
            }
            Event::Exported(result) => {
                self.exported(result);
                Vec::new()
            }
        }
    }

    /// Does something by the reader's hand; what that changes about how tables are looked at is to be kept.
    fn remembering(&mut self, act: impl FnOnce(&mut Self) -> Vec<Effect>) -> Vec<Effect> {
        let before: Vec<_> = self.screen.arrangements().collect();
        let chosen = (self.phones.clone(), self.places.clone());
        let mut effects = act(self);
        let changed = !self.screen.arrangements().eq(before)
            || (&self.phones, &self.places) != (&chosen.0, &chosen.1);
        if changed && !effects.contains(&Effect::Remember) {
            effects.push(Effect::Remember);
        }
        effects
    }

    fn take_source(&mut self, source: &SourceName, event: SourceEvent, at: Moment) {
        let Some(world) = self.floor.world(source) else { return };
        let now = Now { moment: at, wall: self.now.wall_of(at) };
        let line = event.record(source, world, &mut self.journal, now);
        match event {
            SourceEvent::Of(own, event) => {
                if self.floor.stands_for(source, &own) {
                    self.take_source(&own, *event, at);
                }
            }
            SourceEvent::Relayed(worlds) => self.take_relayed(source, worlds),
            SourceEvent::Snapshot(ref part) => {
                let read = Read::of_part(part);
                event.apply(&mut self.floor, source, at);
                self.confirm(source, read);
            }
            SourceEvent::Reread(ref reread) => {
                let read = Read::of_reread(reread);
                event.apply(&mut self.floor, source, at);
                self.confirm(source, read);
                self.reconsider();
            }
            SourceEvent::Link(_)
            | SourceEvent::Delta(_)
            | SourceEvent::Said(_)
            | SourceEvent::Gap(_)
            | SourceEvent::Unknown { .. } => {
                let (mut read, mut of_tasks) = (None, false);
                if let SourceEvent::Delta(delta) = &event {
                    read = Read::of_delta(delta);
                    of_tasks = matches!(delta, Delta::Task { .. });
                }
                event.apply(&mut self.floor, source, at);
                if of_tasks {
                    self.settle_tasks(source);
                }
                if let Some((severity, text)) = line {
                    self.write(Some(source), severity, &text);
                }
                self.confirm(source, read);
                if read == Some(Read::Rows(ReadBy::Calls)) {
                    self.reconsider();
                }
            }
        }
    }

    /// All sources of a relay at once: what was asked of any of them may show now.
    fn take_relayed(&mut self, relay: &SourceName, worlds: BTreeMap<SourceName, World>) {
        let mut names: Vec<SourceName> = worlds.keys().cloned().collect();
        for name in self.floor.relayed(relay, worlds) {
            self.write(Some(relay), Severity::Warning, &not_shown(&name));
        }
        names.retain(|name| self.floor.stands_for(relay, name));
        for name in &names {
            self.confirm(name, Some(Read::All));
            self.settle_tasks(name);
        }
        self.reconsider();
    }

    fn tick(&mut self) {
        self.pass_on_wall();
        self.floor.tick(self.now);
        let now = self.now.moment;
        if self.notice.as_ref().is_some_and(|notice| notice.until <= now) {
            self.notice = None;
        }
        let mut late = Vec::new();
        for pending in &mut self.pending {
            let limit = pending.command.request.operation().confirmation.within;
            if pending.stage == Stage::Accepted && now.since(pending.at) >= limit {
                late.push((pending.command.id, limit.as_secs()));
            }
        }
        for (id, limit) in late {
            let why = format!("accepted, but no reading within {limit} s shows it");
            self.end(id, Outcome::Unknown(Shown::clean(&why)));
        }
        self.pending.retain(|pending| {
            pending.is_open() || now.since(pending.at).as_millis() < RESULT_MS.into()
        });
        let pending = &self.pending;
        self.outstanding.retain(|(own, _)| pending.iter().any(|other| other.command.id == own.id));
    }

    /// The end of a command, as its source reports it. What was accepted stays pending until a reading shows it.
    /// A second end of the same command is none.
    fn finish(&mut self, id: CommandId, outcome: Outcome) {
        let sent =
            |pending: &&mut Pending| pending.command.id == id && pending.stage == Stage::Sent;
        let now = self.now.moment;
        let Some(pending) = self.pending.iter_mut().find(sent) else { return };
        match outcome {
            // No reading will show it: what the vendor accepted is done.
            outcome @ (Outcome::Done | Outcome::Confirmed(_)) => {
                pending.identity = outcome.identity().cloned();
                if pending.command.request.operation().confirmation.by == ReadBy::Events {
                    self.end(id, outcome);
                } else {
                    (pending.stage, pending.at) = (Stage::Accepted, now);
                }
            }
            other => self.end(id, other),
        }
        self.reconsider();
    }

    /// Ends every command whose change a reading shows, once the vendor had it.
    fn confirm(&mut self, source: &SourceName, read: Option<Read>) {
        let Some(read) = read else { return };
        let shown: Vec<CommandId> = self
            .pending
            .iter()
            .filter(|pending| {
                matches!(pending.stage, Stage::Accepted | Stage::Over(Outcome::Unknown(_)))
                    && &pending.command.source == source
                    && read.can_show(&pending.command.request)
                    && pending.command.shows_in(&self.floor)
            })
            .map(|pending| pending.command.id)
            .collect();
        for id in shown {
            self.end(id, Outcome::Done);
        }
    }

    fn end(&mut self, id: CommandId, outcome: Outcome) {
        let now = self.now.moment;
        let Some(pending) = self.pending.iter_mut().find(|pending| pending.command.id == id) else {
            return;
        };
        let (severity, tone) = match outcome {
            Outcome::Done | Outcome::Confirmed(_) => (Severity::Ok, Tone::Good),
            Outcome::Refused(_) | Outcome::Outdated(_) | Outcome::Unknown(_) => {
                (Severity::Warning, Tone::Warning)
            }
            Outcome::Failed(_) => (Severity::Critical, Tone::Critical),
        };
        let mut text = format!("{}: {}", pending.command.sentence(), outcome.word());
        if let Some(why) = outcome.detail() {
            text.push_str(", ");
            text.push_str(why);
        }
        let source = pending.command.source.clone();
        let request = &pending.command.request;
        if let (OperationId::RemoveEntry, Target::Entry(entry), Outcome::Done) =
            (request.operation().id, request.target(), &outcome)
        {
            self.journal.removed(&source, entry);
        }
        (pending.stage, pending.at) = (Stage::Over(outcome), now);
        self.write(Some(&source), severity, &text);
        self.note_end(id, severity, &text, tone);
    }

    /// Adds a line to the log; numbers of people are masked in it.
    fn write(&mut self, source: Option<&SourceName>, severity: Severity, text: &str) {
        if self.log.len() == LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back(LogLine {
            number: self.next_line,
            at: self.now.moment,
            source: source.cloned(),
            severity,
            text: Shown::clean(text).masked(),
        });
        self.next_line += 1;
    }
}
