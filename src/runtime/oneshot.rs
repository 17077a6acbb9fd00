//! Commands that do one thing and end: a snapshot, a log-in, a removal.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::audit::Audit;
use crate::clock;
use crate::event::{Event, Stamped};
use crate::floor::id::{QueueId, SourceName};
use crate::floor::link::Health;
use crate::floor::{Kind, World};
use crate::keymap::Keymap;
use crate::operations::{Access, Command, CommandId, Outcome, Request, Stage};
use crate::runtime::{CHANNEL, Dispatcher, RunError, ends_with};
use crate::source::gaze::Needs;
use crate::source::settings::{Settings, Vendor};
use crate::source::{SourceHandle, spawn_looked_at};
use crate::state::State;
use crate::table::{Context, Zone};
use crate::terminal::print::{Page, Printer, line};
use crate::text::Shown;

use self::choice::{meant, pick, to_read};
use self::failures::Asked;
pub use self::report::{Format, Report};

mod choice;
pub mod contacts;
pub mod entries;
mod failures;
mod output;
pub mod report;
pub mod tasks;

/// How long after its request a change is looked for (contract, exit codes): the state's own limit and a second.
const CONFIRM: Duration = Duration::from_secs(11);

/// The floor as its sources tell it, while they go on telling.
struct Reading {
    state: State,
    handles: Vec<SourceHandle>,
    sender: mpsc::Sender<Stamped>,
    events: mpsc::Receiver<Stamped>,
    stop: CancellationToken,
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Reading {
    fn start(settings: &[Settings], access: Access, needs: Needs) -> Result<Self, RunError> {
        let (sender, events) = mpsc::channel(CHANNEL);
        let stop = CancellationToken::new();
        let handles = spawn_looked_at(settings, access, &sender, &stop, None, &needs.looked())?;
        let sources = settings.iter().map(|settings| (settings.name.clone(), settings.kind()));
        let state = State::new(sources, access, Keymap::standard(access), clock::now());
        Ok(Self { state, handles, sender, events, stop })
    }

    /// Takes events in until `done` or the time is over; says whether it is done.
    async fn until(&mut self, limit: Duration, done: impl Fn(&State) -> bool) -> bool {
        let end = tokio::time::sleep(limit);
        tokio::pin!(end);
        let mut tick = tokio::time::interval(Duration::from_millis(500));
        while !done(&self.state) {
            let stamped = tokio::select! {
                () = &mut end => return false,
                Some(stamped) = self.events.recv() => stamped,
                _ = tick.tick() => {
                    let now = clock::now();
                    Stamped { at: now.moment, event: Event::Tick(now) }
                }
            };
            self.state.apply(stamped);
        }
        true
    }

    /// Forgets every source but the `wanted` one, where a relay stands for that.
    ///
    /// # Errors
    /// The relays stand for no such source.
    fn keep(&mut self, wanted: Option<&str>, read: &[Settings]) -> Result<(), RunError> {
        let configured = |wanted: &str| read.iter().any(|own| own.name.raw() == wanted);
        let Some(wanted) = wanted.filter(|wanted| !configured(wanted)) else { return Ok(()) };
        if read.iter().any(|own| self.has_heard(&own.name)) {
            let source = meant(&self.state.floor, read, Some(wanted), |_| true)?;
            self.state.floor.keep_only(&source);
        }
        Ok(())
    }

    fn has_heard(&self, source: &SourceName) -> bool {
        self.state.floor.world(source).is_some_and(|world| world.last_update().is_some())
    }

    /// The source that is meant; `None`, and why is said, where nothing that was read has answered.
    ///
    /// # Errors
    /// None or several fit.
    fn source(
        &self,
        read: &[Settings],
        wanted: Option<&str>,
        can: fn(Kind) -> bool,
        options: &mut CommandOptions<'_>,
    ) -> Result<Option<SourceName>, RunError> {
        if let Some(silent) = read.iter().find(|own| !self.has_heard(&own.name)) {
            let world = self.state.floor.world(&silent.name);
            let mut feeds = world.into_iter().flat_map(|world| &world.feeds);
            let why = feeds.find_map(|feed| feed.error()).cloned();
            let why = options.masked(&why.unwrap_or_else(|| Shown::clean("no answer in time")));
            options.messages.line(line![silent.name.shown(), ": ", why])?;
            return Ok(None);
        }
        failures::of_command(&self.state, options.mask, &mut options.messages)?;
        meant(&self.state.floor, read, wanted, can).map(Some)
    }
}

/// Whether every poll of a source has been answered, or refused, once.
fn has_answered(world: &World) -> bool {
    let mut polls = world.feeds.iter().filter(|feed| feed.kind.is_asked()).peekable();
    polls.peek().is_some() && polls.all(|feed| feed.health != Health::Connecting)
}

fn all_answered(state: &State) -> bool {
    state.floor.worlds().all(|(_, world)| has_answered(world))
}

/// Writes one snapshot, and which sources and feeds failed. The exit code is 5 where some of those that are needed did,
/// 4 where all did.
///
/// # Errors
/// An unknown source, several tables where the format has one, or an output that fails.
pub async fn status(
    settings: Vec<Settings>,
    ask: &Report,
    out: &mut Printer<'_>,
    messages: &mut Printer<'_>,
) -> Result<u8, RunError> {
    ask.check()?;
    let wanted = ask.source.as_deref();
    let settings = match wanted {
        Some(_) => to_read(settings, wanted, |_| true)?,
        None => settings,
    };
    let mut reading = Reading::start(&settings, Access::ReadOnly, ask.needs())?;
    reading.until(ask.timeout, all_answered).await;
    reading.keep(wanted, &settings)?;
    let now = clock::now();
    // Days that are over by now are over in the report.
    reading.state.apply(Stamped { at: now.moment, event: Event::Tick(now) });
    let context = Context {
        live: false,
        mask: ask.mask,
        veil: ask.mask,
        zone: Zone::Local,
        ..reading.state.context()
    };
    let text = report::written(&context, ask)?;
    match &ask.output {
        Some(path) => output::write(path, &text)
            .map_err(|source| RunError::Write { path: path.clone(), source })?,
        None => out.page(&Page::clean(&text))?,
    }
    let asked = Asked { tables: &ask.tables(), named: !ask.tables.is_empty() };
    Ok(failures::of_report(&reading.state, asked, ask.mask, messages)?)
}

/// What a log-in or log-out on the command line is about.
#[derive(Debug)]
pub struct Log {
    /// In, or out.
    pub login: bool,
    /// The source; may be left out with one source.
    pub source: Option<String>,
    /// The queue: its id, or its name.
    pub queue: String,
    /// The agent: an id, or a name; `None` for the source's own user.
    pub agent: Option<String>,
}

/// How a command on the command line is carried out.
pub struct CommandOptions<'a> {
    /// Who may ask for changes.
    pub access: Access,
    /// Whether the question is answered already.
    pub yes: bool,
    /// Whether numbers of people are masked.
    pub mask: bool,
    /// How long the sources have for the first reading.
    pub timeout: Duration,
    /// The audit log.
    pub audit: &'a Path,
    /// Where messages go.
    pub messages: Printer<'a>,
}

impl CommandOptions<'_> {
    /// Words of a vendor, as they may be printed.
    fn masked(&self, words: &Shown) -> Shown {
        if self.mask { words.masked() } else { words.clone() }
    }
}

/// Logs an agent in or out. The exit code is 0 only when a later reading shows it.
///
/// # Errors
/// A choice that fits none or several, an unusable audit log.
pub async fn log(
    settings: Vec<Settings>,
    ask: &Log,
    options: &mut CommandOptions<'_>,
) -> Result<u8, RunError> {
    if let Some(code) = refuse_read_only(options)? {
        return Ok(code);
    }
    let (wanted, any) = (ask.source.as_deref(), |_| true);
    let settings = to_read(settings, wanted, any)?;
    let mut reading = Reading::start(&settings, options.access, Needs::default())?;
    reading.until(options.timeout, all_answered).await;
    let Some(source) = reading.source(&settings, wanted, any, options)? else { return Ok(4) };
    let Some(world) = reading.state.floor.world(&source) else { return Ok(4) };
    let own = settings.iter().find(|own| own.name == source);
    let queue = pick(
        "queue",
        &ask.queue,
        world.queues.values().map(|queue| (queue.id.raw(), queue.name.clone())),
    )?;
    let queue = QueueId::new(queue);
    let place = world.queues.get(&queue).map_or_else(|| queue.shown(), |row| row.name.clone());
    let (agent, target) = match &ask.agent {
        None => (None, Shown::clean(if own.is_some() { "you" } else { "the relay's own user" })),
        Some(wanted) if own.is_some_and(|own| is_own(own, wanted)) => (None, Shown::clean(wanted)),
        Some(wanted) => {
            let members = world.agents.values().filter(|agent| agent.in_queue(&queue).is_some());
            let key =
                pick("agent", wanted, members.map(|agent| (agent.key.raw(), agent.name.clone())))?;
            let agent = world.agents.values().find(|agent| agent.key.raw() == key);
            match agent.and_then(|agent| Some((agent.id.clone()?, agent.name.clone()))) {
                Some((id, name)) => (Some(id), name),
                None => {
                    return Err(RunError::usage(&format!(
                        "the server gives {key} no id: add \"{key}\" = \"user@domain\" to agent_ids of source {}",
                        source.shown()
                    )));
                }
            }
        }
    };
    let request = match ask.login {
        true => Request::LogIn { queue, agent },
        false => Request::LogOut { queue, agent },
    };
    let command = Command { id: CommandId(0), source, request, target, place };
    carry_out(&mut reading, vec![command], options).await
}

/// Whether `agent` is the source's own user, who needs no right to act on others.
fn is_own(settings: &Settings, agent: &str) -> bool {
    match &settings.vendor {
        Vendor::Telepo(own) => agent == format!("{}@{}", own.user, own.domain),
        Vendor::Enreach(_) | Vendor::Nimbus(_) | Vendor::Relay(_) | Vendor::Nats(_) => false,
    }
}

fn refuse_read_only(options: &mut CommandOptions<'_>) -> Result<Option<u8>, RunError> {
    if options.access == Access::Full {
        return Ok(None);
    }
    options.messages.line("read-only: nothing is sent")?;
    Ok(Some(1))
}

/// Asks for each command, sends it, and waits until a reading shows it.
async fn carry_out(
    reading: &mut Reading,
    commands: Vec<Command>,
    options: &mut CommandOptions<'_>,
) -> Result<u8, RunError> {
    if !options.yes && !std::io::stdin().is_terminal() {
        return Err(RunError::usage("this asks before it acts: without a terminal say --yes"));
    }
    for command in &commands {
        command.request.check_ids().map_err(|fault| RunError::usage(&fault.to_string()))?;
    }
    let audit = Arc::new(Audit::open(options.audit)?);
    let dispatcher = Dispatcher::new(reading.handles.clone(), audit, reading.sender.clone());
    let dispatcher = dispatcher.ending_with_the_answer();
    let mut worst = 0;
    for command in commands {
        if !options.yes && !confirmed(&reading.state, &command, options)? {
            options.messages.line("nothing was sent")?;
            worst = worse(worst, 1);
            continue;
        }
        let command = reading.state.ask_for(command);
        dispatcher.send(command.clone());
        let stage = last_stage(reading, command.id, options.timeout).await;
        let (word, code) = match stage {
            Some(Stage::Over(outcome)) => {
                let code = match &outcome {
                    Outcome::Done | Outcome::Confirmed(_) => 0,
                    Outcome::Refused(_) | Outcome::Outdated(_) | Outcome::Failed(_) => 1,
                    Outcome::Unknown(_) => 3,
                };
                let why = outcome
                    .detail()
                    .map(|why| format!(": {}", options.masked(why)))
                    .unwrap_or_default();
                (format!("{}{why}", outcome.word()), code)
            }
            _ => ("sent, not confirmed".to_owned(), 3),
        };
        let sentence = Shown::clean(&command.sentence());
        options.messages.line(line![sentence, ": ", Shown::clean(&word)])?;
        worst = worse(worst, code);
    }
    Ok(worst)
}

/// How what came of an addition is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Answer {
    /// The identity alone, in a line.
    Text,
    /// One JSON object.
    Json,
}

/// Asks for an addition, sends it, and writes the identity that the vendor gave to what was added.
async fn carry_out_addition(
    reading: &mut Reading,
    commands: Vec<Command>,
    answer: Answer,
    out: &mut Printer<'_>,
    options: &mut CommandOptions<'_>,
) -> Result<u8, RunError> {
    let code = carry_out(reading, commands, options).await?;
    // Where the question was refused nothing came of anything.
    let Some(pending) = reading.state.pending.last() else { return Ok(code) };
    let outcome = match &pending.stage {
        Stage::Over(outcome) => Some(outcome),
        Stage::Sent | Stage::Accepted => None,
    };
    match (answer, &pending.identity) {
        (Answer::Text, None) => {}
        (Answer::Text, Some(id)) => out.line(id)?,
        (Answer::Json, id) => {
            let word = outcome.map(Outcome::word).or_else(|| id.as_ref().map(|_| "done"));
            let object = json!({
                "source": pending.command.source.shown(),
                "action": pending.command.request.operation().name,
                "id": id,
                "outcome": word,
                "detail": outcome.and_then(Outcome::detail).map(|why| options.masked(why)),
            });
            out.page(&Page::clean(&format!("{object:#}\n")))?;
        }
    }
    Ok(code)
}

/// How far a command got: over, or as far as it was within the time for it. What was sent without an answer
/// may still show in a reading.
async fn last_stage(reading: &mut Reading, id: CommandId, timeout: Duration) -> Option<Stage> {
    let stage = |state: &State| {
        state.pending.iter().find(|pending| pending.command.id == id).map(|pending| {
            let outcome = match &pending.identity {
                Some(id) => Outcome::Confirmed(id.clone()),
                None => Outcome::Done,
            };
            match &pending.stage {
                Stage::Accepted if ends_with(&pending.command, &outcome) => Stage::Over(outcome),
                stage => stage.clone(),
            }
        })
    };
    let is_over = |state: &State| matches!(stage(state), Some(Stage::Over(_)) | None);
    reading.until(timeout * 2 + CONFIRM, is_over).await;
    let lost = |state: &State| matches!(stage(state), Some(Stage::Over(Outcome::Unknown(_))));
    if lost(&reading.state) {
        reading.until(CONFIRM, |state| !lost(state)).await;
    }
    stage(&reading.state)
}

/// Refused before unknown before done.
const fn worse(a: u8, b: u8) -> u8 {
    match (a, b) {
        (1, _) | (_, 1) => 1,
        (3, _) | (_, 3) => 3,
        _ => 0,
    }
}

fn confirmed(
    state: &State,
    command: &Command,
    options: &mut CommandOptions<'_>,
) -> Result<bool, RunError> {
    options.messages.line(Shown::clean(&command.sentence()))?;
    for line in state.consequence(command) {
        options.messages.line(line!["  ", Shown::clean(&line)])?;
    }
    options.messages.ask("Send it? [y/N] ")?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "y")
}
