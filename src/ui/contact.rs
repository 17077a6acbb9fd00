//! The pane beside the table of tasks: one contact, whole, and what was told of it.
//!
//! ```text
//!  Hedda Lundqvist                       parked
//!  nimbus, inbound, chat, Renewals
//!
//!  Now ─────────────────────────────────────────
//!  Wait            0:31   In this state    2:10
//!  Agent                   mika.holm@example.com
//!  Subject                             [9 words]
//!
//!  Told ────────────────────────────────────────
//!  14:00:05  ○ New task
//!  14:00:20  │ In queue                    +0:15
//!  14:00:51  ● User accepted               +0:31
//! ```

use ratatui::layout::Rect;

use crate::floor::call::Phase;
use crate::floor::id::{SourceName, TaskId};
use crate::floor::task::{Step, Task, Turn};
use crate::state::State;
use crate::table::cell::{UNKNOWN, duration};
use crate::table::tasks::{TaskRow, Tasks, modality, written};
use crate::table::{Context, Figure, Table as _, Tone};
use crate::ui::aside::{facts_of, old, title};
use crate::ui::detail::section;
use crate::ui::pen::{Pen, inset, top, width};

/// Cells before an event's word: the time and the rung.
const BEFORE: u16 = 12;

/// Draws the pane for a task.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    state: &State,
    (source, task): (&SourceName, &TaskId),
    area: Rect,
) {
    let context = state.context();
    let Some((source, world)) = context.floor.named(source) else { return };
    let Some(task) = world.tasks.get(task) else { return };
    let row = TaskRow { source, world, task };
    let name = row.customer(&context).or_else(|| row.party(&context)).unwrap_or_default();
    let about = [
        Some(source.shown()),
        task.facts.direction.map(|way| way.word().into()),
        task.facts.modality.as_ref().map(modality),
        row.service(),
    ];
    let about: Vec<String> = about.into_iter().flatten().map(|word| word.to_string()).collect();
    let old = old::<Tasks>(&row, &context).filter(|_| !row.is_lost(&context));
    let label = (row.label(&context), row.tone(&context));
    let mark = old.as_ref().map_or(label, |old| (old, Tone::Warning));
    let rest = title(pen, (&name, &about.join(", ")), mark, area);
    let rest = section(pen, "Now", rest);
    let rest = facts_of(pen, &now(&context, &row), old.is_none(), rest);
    let rest = section(pen, "Told", rest);
    path(pen, &context, task, rest);
}

fn now<'l>(context: &Context<'_>, row: &TaskRow<'_>) -> Vec<(&'l str, String, Tone)> {
    let (task, own) = (row.task, &row.task.facts);
    let told = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
    let mut all = vec![
        ("Wait", told(row.wait(context).map(duration)), Tone::Plain),
        ("In this state", told(row.lasts(context).map(duration)), Tone::Plain),
    ];
    if !row.is_lost(context) && !Tasks::is_fresh(row, context) {
        all.push(("State", row.label(context).to_owned(), Tone::Plain));
    }
    let last = task.told().filter(|_| row.is_lost(context));
    let last = last.map(|last| duration(context.now.age(last.moment).as_secs()));
    let supervised = task.supervised.map(|yes| if yes { "yes" } else { "no" }.to_owned());
    let changed = own.parameter.as_ref().map(|(name, value)| {
        let value = written(value, context);
        if value.is_empty() { name.to_string() } else { format!("{name} = {value}") }
    });
    let more = [
        ("Nothing told for", last, Tone::Warning),
        ("Party", row.party(context).map(|party| party.to_string()), Tone::Plain),
        ("Agent", row.agent().map(|agent| agent.to_string()), Tone::Plain),
        (
            "Subject",
            own.subject.as_ref().map(|text| written(text, context).to_string()),
            Tone::Plain,
        ),
        (
            "Message",
            own.message.as_ref().map(|text| written(text, context).to_string()),
            Tone::Plain,
        ),
        ("Attempts", own.attempts.map(|count| count.to_string()), Tone::Plain),
        ("Reference", own.reference.as_ref().map(ToString::to_string), Tone::Plain),
        ("Changed", changed, Tone::Plain),
        ("Supervised", supervised, Tone::Busy),
        // What another task of the same call has too.
        ("Call chain", own.chain.as_ref().map(ToString::to_string), Tone::Quiet),
    ];
    all.extend(more.into_iter().filter_map(|(label, text, tone)| Some((label, text?, tone))));
    all
}

/// What was told, the newest where there is no room for all.
fn path(pen: &mut Pen<'_>, context: &Context<'_>, task: &Task, area: Rect) {
    let steps = task.path();
    let room = usize::from(area.height);
    let mut hidden = steps.len().saturating_sub(room);
    let mut rest = area;
    if hidden > 0 && room > 0 {
        // One line says how many are not shown.
        hidden += 1;
        let (line, below) = top(rest);
        pen.text(line, &format!("{hidden} told earlier"), pen.tone(Tone::Quiet));
        rest = below;
    }
    for (index, step) in steps.iter().enumerate().skip(hidden) {
        let sign = match index {
            _ if index + 1 == steps.len() => "●",
            0 => "○",
            _ => "│",
        };
        let before = index.checked_sub(1).and_then(|index| steps.get(index));
        let (line, below) = top(rest);
        rung(pen, context, (before, step), (sign, line));
        rest = below;
    }
}

fn rung(
    pen: &mut Pen<'_>,
    context: &Context<'_>,
    (before, step): (Option<&Step>, &Step),
    (sign, line): (&str, Rect),
) {
    let quiet = pen.tone(Tone::Quiet);
    // An event of another day says so, which needs more room than there is: the time of day is enough here.
    let time = Figure::Time(step.told.at).text(context);
    let time = time.rsplit(' ').next().unwrap_or_default();
    let span = before.map(|before| (step.told.at - before.told.at).num_seconds());
    let span = span.and_then(|span| u64::try_from(span).ok());
    let span = span.map(|span| format!("+{}", duration(span))).unwrap_or_default();
    pen.text(Rect { width: BEFORE.min(line.width), ..line }, time, quiet);
    let ink = pen.ink(if sign == "●" { Tone::Busy } else { Tone::Quiet });
    pen.text(inset(line, BEFORE - 2, 0), sign, ink);
    pen.right(line, &span, quiet);
    let tone = match step.turn {
        Turn::To(Phase::Connected) => Tone::Good,
        Turn::To(Phase::Waiting | Phase::Ended) => Tone::Strong,
        Turn::To(_) | Turn::Supervised(_) => Tone::Plain,
        // It moves nothing: a word that nobody knows, or a parameter.
        Turn::Said => Tone::Quiet,
    };
    let word = if step.word.is_empty() { "an event without a word" } else { &step.word };
    pen.text(inset(line, BEFORE, width(&span) + 1), word, pen.tone(tone));
}
