//! Scheduler entries on the command line: added, changed and removed.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::{
    Means, Reading, Report, all_answered, carry_out, no_answer, only_one, refuse_read_only, report,
};
use crate::clock;
use crate::command::{Access, Command, CommandId, FIELDS, Field, Request, Wish};
use crate::floor::id::{EntryId, SourceName};
use crate::floor::journal::Ended;
use crate::keymap::Keymap;
use crate::runtime::RunError;
use crate::runtime::journal::read as read_journal;
use crate::source::settings::Settings;
use crate::state::State;
use crate::table::{Context, RowId, Zone};
use crate::text::Shown;

/// What was written on the command line, field by field.
#[derive(Debug, Clone, Default)]
pub struct Written(pub Vec<(Field, String)>);

impl Written {
    fn get(&self, field: Field) -> Option<&str> {
        self.0.iter().find(|(own, _)| *own == field).map(|(_, text)| text.as_str())
    }
}

/// The source that is asked, read once.
async fn read(
    settings: Vec<Settings>,
    source: Option<&str>,
    means: &mut Means<'_>,
) -> Result<(Reading, SourceName), RunError> {
    let settings: Vec<Settings> = match source {
        Some(_) => settings,
        None => settings.into_iter().filter(|own| own.kind().plans_entries()).collect(),
    };
    let settings = only_one(settings, source)?;
    let mut reading = Reading::start(&settings, means.access)?;
    reading.until(means.timeout, all_answered).await;
    let source = settings[0].name.clone();
    Ok((reading, source))
}

/// Adds a scheduler entry. The exit code is 0 only when a later reading shows it.
///
/// # Errors
/// A field that is wrong, no single source to ask, an unusable audit log.
pub async fn add(
    settings: Vec<Settings>,
    source: Option<&str>,
    written: &Written,
    means: &mut Means<'_>,
) -> Result<u8, RunError> {
    if let Some(code) = refuse_read_only(means)? {
        return Ok(code);
    }
    let (mut reading, source) = read(settings, source, means).await?;
    if let Some(code) = silent(&reading, &source, means)? {
        return Ok(code);
    }
    await_priorities(&mut reading, &source, written, means.timeout).await;
    let wish = wished(&reading, &source, None, written)?;
    let question = reading.state.ask_addition(wish).map_err(|why| RunError::usage(&why))?;
    let commands = question.asks.into_iter().map(|ask| ask.command).map(|own| masked(own, means));
    carry_out(&mut reading, commands.collect(), means).await
}

/// Changes scheduler entries, each to the same. The exit code is the worst of their outcomes.
///
/// # Errors
/// A field that is wrong, no single source to ask, an unusable audit log.
pub async fn update(
    settings: Vec<Settings>,
    source: Option<&str>,
    ids: &[String],
    written: &Written,
    means: &mut Means<'_>,
) -> Result<u8, RunError> {
    if let Some(code) = refuse_read_only(means)? {
        return Ok(code);
    }
    if written.0.is_empty() {
        let flags: Vec<String> =
            FIELDS.iter().map(|own| format!("--{}", own.name.replace('_', "-"))).collect();
        return Err(RunError::usage(&format!(
            "nothing is changed: say one of {}",
            flags.join(" ")
        )));
    }
    let (mut reading, source) = read(settings, source, means).await?;
    if let Some(code) = silent(&reading, &source, means)? {
        return Ok(code);
    }
    await_priorities(&mut reading, &source, written, means.timeout).await;
    let mut refused = 0;
    let mut commands = Vec::new();
    let mut seen = BTreeSet::new();
    for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
        let row = RowId::Entry(source.clone(), EntryId::new(id));
        let wish = wished(&reading, &source, Some(&EntryId::new(id)), written)?;
        match reading.state.ask_edit(&row, wish) {
            Ok(question) => {
                commands.extend(question.asks.into_iter().map(|ask| masked(ask.command, means)));
            }
            Err(why) => {
                writeln!(means.messages, "entry {}: {why}", Shown::clean(id))?;
                refused = 1;
            }
        }
    }
    if commands.is_empty() {
        return Ok(refused);
    }
    let code = carry_out(&mut reading, commands, means).await?;
    Ok(super::worse(refused, code))
}

/// Removes scheduler entries. The exit code is the worst of their outcomes.
///
/// # Errors
/// No single source to ask, an unusable audit log.
pub async fn remove(
    settings: Vec<Settings>,
    source: Option<&str>,
    ids: &[String],
    means: &mut Means<'_>,
) -> Result<u8, RunError> {
    if let Some(code) = refuse_read_only(means)? {
        return Ok(code);
    }
    let (mut reading, source) = read(settings, source, means).await?;
    let mut seen = BTreeSet::new();
    let commands = ids
        .iter()
        .filter(|id| seen.insert(id.as_str()))
        .map(|id| {
            let id = EntryId::new(id);
            let entry = reading.state.floor.entry(&source, &id);
            let service = entry.map_or_else(|| source.shown(), |entry| entry.service.clone());
            let target = match entry.and_then(|entry| entry.destination.as_ref()) {
                Some(to) if means.mask => {
                    Shown::clean(&format!("entry {} to {}", id.shown(), to.masked()))
                }
                Some(to) => Shown::clean(&format!("entry {} to {to}", id.shown())),
                None => Shown::clean(&format!("entry {}", id.shown())),
            };
            let request = Request::RemoveEntry { entry: id };
            Command { id: CommandId(0), source: source.clone(), request, target, place: service }
        })
        .collect();
    carry_out(&mut reading, commands, means).await
}

/// Writes how entries ended, from the disk alone. The exit code is 0 also where there is nothing.
///
/// # Errors
/// An output that fails.
pub fn journal(
    folder: Option<&Path>,
    ask: &Report,
    out: &mut (dyn Write + Send),
) -> Result<u8, RunError> {
    let now = clock::now();
    let mut state = State::new([], Access::ReadOnly, Keymap::standard(Access::ReadOnly), now);
    let ends = folder.map(read_journal).unwrap_or_default();
    let wanted = |ended: &Ended| ask.source.as_ref().is_none_or(|own| own == ended.source.raw());
    state.journal.remember(ends.into_iter().filter(wanted), now.wall);
    let context = Context { live: false, mask: true, zone: Zone::Local, ..state.context() };
    out.write_all(report::written(&context, ask)?.as_bytes())?;
    out.flush()?;
    Ok(0)
}

/// Exit code 4 where nothing was told.
fn silent(
    reading: &Reading,
    source: &SourceName,
    means: &mut Means<'_>,
) -> Result<Option<u8>, RunError> {
    let Some(world) = reading.state.floor.world(source) else { return Ok(Some(4)) };
    match world.last_update() {
        Some(_) => Ok(None),
        None => no_answer(world, source, means).map(Some),
    }
}

/// A priority is checked against the lookup, which may answer behind the entries.
async fn await_priorities(
    reading: &mut Reading,
    source: &SourceName,
    written: &Written,
    limit: Duration,
) {
    if written.get(Field::Priority).is_some() {
        let known = |state: &State| {
            state.floor.world(source).is_some_and(|world| !world.priorities.is_empty())
        };
        reading.until(limit, known).await;
    }
}

/// The checked fields.
fn wished(
    reading: &Reading,
    source: &SourceName,
    entry: Option<&EntryId>,
    written: &Written,
) -> Result<Wish, RunError> {
    let state = &reading.state;
    let due = entry.and_then(|entry| state.floor.entry(source, entry)?.due);
    let from = due.unwrap_or(state.now.wall);
    state.with_known(Some(source), from, |known| {
        let mut wish = Wish::default();
        for (field, text) in &written.0 {
            let value = field.read(text, known).map_err(|why| {
                let name = field.declared().name.replace('_', "-");
                RunError::usage(&format!("--{name} {text:?}: {why}"))
            })?;
            wish.set(*field, value);
        }
        Ok(wish)
    })
}

/// The same command with its target as it may be printed.
fn masked(command: Command, means: &Means<'_>) -> Command {
    match means.mask {
        true => Command { target: command.target.masked(), ..command },
        false => command,
    }
}
