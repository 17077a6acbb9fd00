//! Scheduler entries on the command line: added, changed and removed.

use std::collections::BTreeSet;
use std::path::Path;

use super::choice::to_read;
use super::{
    Answer, CommandOptions, Reading, Report, all_answered, carry_out, carry_out_addition,
    refuse_read_only, report,
};
use crate::clock;
use crate::floor::Kind;
use crate::floor::id::{EntryId, SourceName};
use crate::floor::journal::Ended;
use crate::keymap::Keymap;
use crate::operations::{
    Access, Command, CommandId, ENTRIES, FIELDS, Field, Known, Request, Value, Wish, wish,
};
use crate::runtime::RunError;
use crate::runtime::journal::read as read_journal;
use crate::source::gaze::{Entries, Needs};
use crate::source::settings::Settings;
use crate::state::State;
use crate::table::{Context, RowId, Zone};
use crate::terminal::print::{Page, Printer, line};
use crate::text::Shown;

/// What was written on the command line, field by field.
#[derive(Debug, Clone, Default)]
pub struct Written(pub Vec<(Field, String)>);

impl Written {
    pub(super) fn wish(&self, known: &Known<'_>) -> Result<Wish, RunError> {
        let mut wish = Wish::default();
        for (field, text) in &self.0 {
            let value = field.read(text, known).map_err(|why| {
                let name = field.declared().name.replace('_', "-");
                RunError::usage(&format!("--{name} {text:?}: {why}"))
            })?;
            wish.set(*field, value);
        }
        Ok(wish)
    }

    fn get(&self, field: Field) -> Option<&str> {
        self.0.iter().find(|(own, _)| *own == field).map(|(_, text)| text.as_str())
    }
}

/// What can plan entries, read once.
async fn read(
    settings: &[Settings],
    needs: Needs,
    options: &mut CommandOptions<'_>,
) -> Result<Reading, RunError> {
    let mut reading = Reading::start(settings, options.access, needs)?;
    reading.until(options.timeout, all_answered).await;
    Ok(reading)
}

/// Adds a scheduler entry. The exit code is 0 only when a later reading shows it.
///
/// # Errors
/// A field that is wrong, no single source to ask, an unusable audit log.
pub async fn add(
    settings: Vec<Settings>,
    source: Option<&str>,
    written: &Written,
    answer: Answer,
    out: &mut Printer<'_>,
    options: &mut CommandOptions<'_>,
) -> Result<u8, RunError> {
    if let Some(code) = refuse_read_only(options)? {
        return Ok(code);
    }
    let settings = to_read(settings, source, |kind| ENTRIES.is_of(kind))?;
    let service = written.get(Field::Service).unwrap_or_default().trim().to_owned();
    let needs = Needs {
        services: true,
        entries: Entries::Of(service),
        priorities: written.get(Field::Priority).is_some(),
        ..Needs::default()
    };
    let mut reading = read(&settings, needs, options).await?;
    let Some(source) = reading.source(&settings, source, |kind| ENTRIES.is_of(kind), options)?
    else {
        return Ok(4);
    };
    let wish = wished(&reading, &source, None, written)?;
    let question = reading.state.ask_addition(wish).map_err(|why| RunError::usage(&why))?;
    let commands = question.asks.into_iter().map(|ask| ask.command).map(|own| masked(own, options));
    carry_out_addition(&mut reading, commands.collect(), answer, out, options).await
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
    options: &mut CommandOptions<'_>,
) -> Result<u8, RunError> {
    if let Some(code) = refuse_read_only(options)? {
        return Ok(code);
    }
    if written.0.is_empty() {
        let flags: Vec<String> =
            FIELDS.iter().map(|own| format!("--{}", own.name.replace('_', "-"))).collect();
        let flags = [flags, vec!["--parameter".to_owned(), "--customer".to_owned()]].concat();
        return Err(RunError::usage(&format!(
            "nothing is changed: say one of {}",
            flags.join(" ")
        )));
    }
    let settings = to_read(settings, source, |kind| ENTRIES.is_of(kind))?;
    let needs = Needs {
        entries: Entries::With(ids.to_vec()),
        priorities: written.get(Field::Priority).is_some(),
        ..Needs::default()
    };
    let mut reading = read(&settings, needs, options).await?;
    let Some(source) = reading.source(&settings, source, |kind| ENTRIES.is_of(kind), options)?
    else {
        return Ok(4);
    };
    let mut refused = 0;
    let mut commands = Vec::new();
    let mut seen = BTreeSet::new();
    for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
        let row = RowId::Entry(source.clone(), EntryId::new(id));
        let wish = wished(&reading, &source, Some(&EntryId::new(id)), written)?;
        match reading.state.ask_edit(&row, wish) {
            Ok(question) => {
                commands.extend(question.asks.into_iter().map(|ask| masked(ask.command, options)));
            }
            Err(why) => {
                let why = Shown::clean(&why);
                options.messages.line(line!["entry ", Shown::clean(id), ": ", why])?;
                refused = 1;
            }
        }
    }
    if commands.is_empty() {
        return Ok(refused);
    }
    let code = carry_out(&mut reading, commands, options).await?;
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
    options: &mut CommandOptions<'_>,
) -> Result<u8, RunError> {
    if let Some(code) = refuse_read_only(options)? {
        return Ok(code);
    }
    let settings = to_read(settings, source, |kind| ENTRIES.is_of(kind))?;
    // What an entry is about only the question needs to say.
    let entries = if options.yes { Entries::None } else { Entries::With(ids.to_vec()) };
    let needs = Needs { entries, ..Needs::default() };
    let mut reading = read(&settings, needs, options).await?;
    // An entry may be removed though the list of them cannot be read; what a relay stands for cannot be known then.
    let source = match settings.as_slice() {
        [own] if own.kind() != Kind::Relay => own.name.clone(),
        _ => match reading.source(&settings, source, |kind| ENTRIES.is_of(kind), options)? {
            Some(source) => source,
            None => return Ok(4),
        },
    };
    let mut seen = BTreeSet::new();
    let commands = ids
        .iter()
        .filter(|id| seen.insert(id.as_str()))
        .map(|id| {
            let id = EntryId::new(id);
            let entry = reading.state.floor.entry(&source, &id);
            let service = entry.map_or_else(|| source.shown(), |entry| entry.service.clone());
            let target = match entry.and_then(|entry| entry.destination.as_ref()) {
                Some(to) if options.mask => {
                    Shown::clean(&format!("entry {} to {}", id.shown(), to.masked()))
                }
                Some(to) => Shown::clean(&format!("entry {} to {to}", id.shown())),
                None => Shown::clean(&format!("entry {}", id.shown())),
            };
            let request = Request::RemoveEntry { entry: id };
            Command { id: CommandId(0), source: source.clone(), request, target, place: service }
        })
        .collect();
    carry_out(&mut reading, commands, options).await
}

/// Writes how entries ended, from the disk alone. The exit code is 0 also where there is nothing.
///
/// # Errors
/// An output that fails.
pub fn journal(folder: Option<&Path>, ask: &Report, out: &mut Printer<'_>) -> Result<u8, RunError> {
    let now = clock::now();
    let mut state = State::new([], Access::ReadOnly, Keymap::standard(Access::ReadOnly), now);
    let ends = folder.map(read_journal).unwrap_or_default();
    let wanted = |ended: &Ended| ask.source.as_ref().is_none_or(|own| own == ended.source.raw());
    state.journal.remember(ends.into_iter().filter(wanted), now.wall);
    let context = Context { live: false, mask: true, zone: Zone::Local, ..state.context() };
    out.page(&Page::clean(&report::written(&context, ask)?))?;
    Ok(0)
}

fn wished(
    reading: &Reading,
    source: &SourceName,
    entry: Option<&EntryId>,
    written: &Written,
) -> Result<Wish, RunError> {
    let state = &reading.state;
    let entry = entry.and_then(|entry| state.floor.entry(source, entry));
    let from = entry.and_then(|entry| entry.due).unwrap_or(state.now.wall);
    let mut wish = state.with_known(Some(source), from, |known| written.wish(known))?;
    for field in [Field::Parameters, Field::Phones, Field::More] {
        let before = entry.and_then(|entry| wish::told(field, entry));
        if let (Some(Value::Pairs(own)), Some(Value::Pairs(before))) = (wish.get(field), before) {
            let all = together(before, own.clone())
                .map_err(|why| RunError::usage(&format!("{}: {why}", field.declared().name)))?;
            wish.set(field, Value::Pairs(all));
        }
    }
    Ok(wish)
}

/// Names with their values as they were, those that are named now with their new ones.
///
/// # Errors
/// A relay hides part of what was: it cannot be written back.
fn together(
    before: Vec<(String, String)>,
    now: Vec<(String, String)>,
) -> Result<Vec<(String, String)>, &'static str> {
    let mut all = before;
    for (name, value) in now {
        match all.iter_mut().find(|(own, _)| *own == name) {
            Some(own) => own.1 = value,
            None => all.push((name, value)),
        }
    }
    match all.iter().any(|(_, value)| value.contains('…')) {
        true => Err("the relay hides part of it: this token lacks the scope numbers"),
        false => Ok(all),
    }
}

/// The same command with its target as it may be printed.
fn masked(command: Command, options: &CommandOptions<'_>) -> Command {
    match options.mask {
        true => Command { target: command.target.masked(), ..command },
        false => command,
    }
}
