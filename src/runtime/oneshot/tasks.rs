//! Tasks on the command line: added, updated and removed.
//!
//! Nimbus has no list of tasks, so most of them are named here without having been seen: a relay may know them, and the
//! vendor has the last word.

use std::collections::BTreeSet;

use super::choice::to_read;
use super::entries::Written;
use super::{
    Answer, CommandOptions, Reading, all_answered, carry_out, carry_out_addition, refuse_read_only,
};
use crate::floor::id::{SourceName, TaskId};
use crate::operations::{Command, CommandId, Field, Request, TASK_FIELDS, TASKS, Target, Wish};
use crate::runtime::RunError;
use crate::source::gaze::Needs;
use crate::source::settings::Settings;
use crate::table::RowId;
use crate::terminal::print::{Printer, line};
use crate::text::Shown;

/// Adds a task. The exit code is 0 when the vendor took it.
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
    let Some((mut reading, source)) = read(settings, source, needed(written), options).await?
    else {
        return Ok(4);
    };
    let wish = wished(&reading, &source, written)?;
    let question = reading.state.ask_task_addition(wish).map_err(|why| RunError::usage(&why))?;
    let commands = question.asks.into_iter().map(|ask| ask.command);
    let commands = commands.map(|own| shown(own, options)).collect();
    carry_out_addition(&mut reading, commands, answer, out, options).await
}

/// Updates a task. The exit code is 0 when the vendor took it.
///
/// # Errors
/// A field that is wrong, no single source to ask, an unusable audit log.
pub async fn update(
    settings: Vec<Settings>,
    source: Option<&str>,
    id: &str,
    written: &Written,
    options: &mut CommandOptions<'_>,
) -> Result<u8, RunError> {
    if let Some(code) = refuse_read_only(options)? {
        return Ok(code);
    }
    if written.0.is_empty() {
        let flags = TASK_FIELDS.iter().filter(|own| !own.field.is_of_new_task());
        let flags: Vec<String> =
            flags.map(|own| format!("--{}", own.name.replace('_', "-"))).collect();
        let why = format!("nothing is changed: say one of {}", flags.join(" "));
        return Err(RunError::usage(&why));
    }
    let Some((mut reading, source)) = read(settings, source, needed(written), options).await?
    else {
        return Ok(4);
    };
    let wish = wished(&reading, &source, written)?;
    let task = TaskId::new(id);
    let command = match reading.state.floor.task(&source, &task) {
        Some(_) => {
            let row = RowId::Task(source.clone(), task);
            match reading.state.ask_task_update(&row, wish) {
                Ok(question) => question.asks.into_iter().map(|ask| ask.command).next(),
                Err(why) => {
                    let why = Shown::clean(&why);
                    options.messages.line(line!["task ", Shown::clean(id), ": ", why])?;
                    return Ok(1);
                }
            }
        }
        None => Some(unseen(&source, id, Request::UpdateTask { task, wish })),
    };
    let commands = command.map(|own| shown(own, options)).into_iter().collect();
    carry_out(&mut reading, commands, options).await
}

/// Removes tasks. The exit code is the worst of their outcomes.
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
    let Some((mut reading, source)) = read(settings, source, Needs::default(), options).await?
    else {
        return Ok(4);
    };
    let (mut refused, mut commands, mut seen) = (0, Vec::new(), BTreeSet::new());
    for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
        let task = TaskId::new(id);
        let known = reading.state.floor.task(&source, &task).is_some();
        if !known {
            commands.push(unseen(&source, id, Request::RemoveTask { task }));
            continue;
        }
        let row = RowId::Task(source.clone(), task);
        match reading.state.ask_task_removal(&row) {
            Ok(question) => commands.extend(question.asks.into_iter().map(|ask| ask.command)),
            Err(why) => {
                let why = Shown::clean(&why);
                options.messages.line(line!["task ", Shown::clean(id), ": ", why])?;
                refused = 1;
            }
        }
    }
    if commands.is_empty() {
        return Ok(refused);
    }
    let commands = commands.into_iter().map(|own| shown(own, options)).collect();
    let code = carry_out(&mut reading, commands, options).await?;
    Ok(super::worse(refused, code))
}

/// The lookups by which what was written is checked.
fn needed(written: &Written) -> Needs {
    let is_written = |field| written.0.iter().any(|(own, _)| *own == field);
    Needs {
        task_services: is_written(Field::Service),
        task_priorities: is_written(Field::Priority),
        task_users: is_written(Field::Preferred),
        ..Needs::default()
    }
}

/// What knows of tasks, read once, and which source is meant; nothing where none answered.
async fn read(
    settings: Vec<Settings>,
    source: Option<&str>,
    needs: Needs,
    options: &mut CommandOptions<'_>,
) -> Result<Option<(Reading, SourceName)>, RunError> {
    let settings = to_read(settings, source, |kind| TASKS.is_of(kind))?;
    let mut reading = Reading::start(&settings, options.access, needs)?;
    reading.until(options.timeout, all_answered).await;
    let Some(source) = reading.source(&settings, source, |kind| TASKS.is_of(kind), options)? else {
        return Ok(None);
    };
    Ok(Some((reading, source)))
}

/// A command about a task that nobody here has seen.
fn unseen(source: &SourceName, id: &str, request: Request) -> Command {
    let target = Shown::clean(&format!("task {}", Shown::clean(id)));
    let place = source.shown();
    Command { id: CommandId(0), source: source.clone(), request, target, place }
}

fn wished(reading: &Reading, source: &SourceName, written: &Written) -> Result<Wish, RunError> {
    reading.state.with_tasking(Some(source), |known| written.wish(known))
}

/// The same command with its target as it may be printed.
fn shown(command: Command, options: &CommandOptions<'_>) -> Command {
    match (options.mask, command.request.target()) {
        // The task's own id is no number of a person.
        (true, Target::Task(task)) if command.target.ends_with(task.raw()) => command,
        (true, _) => Command { target: command.target.masked(), ..command },
        (false, _) => command,
    }
}
