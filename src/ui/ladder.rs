//! The pane beside the table of calls: the path that a call took, step by step.
//!
//! ```text
//!  +358405550142                        connected
//!  helsinki, inbound, Asiakaspalvelu
//!
//!  Path ────────────────────────────────────────
//!  14:00:05  ○ came
//!  14:00:20  │ waiting  Asiakaspalvelu     +0:15
//!  14:00:50  │ ringing  Aino Salo          +0:30
//!  14:01:10  ● connected  Aino Salo        +0:20
//! ```

use ratatui::layout::Rect;

use crate::floor::World;
use crate::floor::call::{Call, Direction, Phase, Place, Step, What};
use crate::floor::id::{AgentKey, CallId, QueueId, SourceName};
use crate::state::State;
use crate::table::calls::{CallRow, Calls, person, tone};
use crate::table::cell::{UNKNOWN, duration};
use crate::table::{Context, Figure, Tone};
use crate::ui::aside::{facts_of, old, title};
use crate::ui::detail::section;
use crate::ui::pen::{Pen, inset, top, width};

/// Draws the pane for a call.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    state: &State,
    (source, call): (&SourceName, &CallId),
    area: Rect,
) {
    let context = state.context();
    let Some((source, world)) = context.floor.named(source) else { return };
    let Some(call) = world.calls.get(call) else { return };
    let row = CallRow::new(source, world, call);
    let phase = call.phase.unwrap_or(Phase::New);
    let name = row.party(&context).unwrap_or_else(|| "private".into());
    let about = [
        Some(source.shown()),
        call.direction.map(|way| Direction::word(way).into()),
        row.queue().or_else(|| Some("no queue".into())),
    ];
    let about: Vec<String> = about.into_iter().flatten().map(|word| word.to_string()).collect();
    let old = old::<Calls>(&row, &context);
    let mark = old.as_ref().map_or((phase.label(), tone(phase)), |old| (old, Tone::Warning));
    let rest = title(pen, (&name, &about.join(", ")), mark, area);
    let rest = section(pen, "Now", rest);
    let told = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
    let mut all = vec![
        ("Wait", told(row.wait(&context).map(duration)), Tone::Plain),
        ("In this phase", told(row.lasts(&context).map(duration)), Tone::Plain),
    ];
    if old.is_some() {
        all.push(("Phase", phase.label().to_owned(), Tone::Plain));
    }
    let more = [
        ("Place", row.position().map(|place| place.to_string()), Tone::Plain),
        ("Agent", row.agent().map(|agent| agent.to_string()), Tone::Plain),
        ("Priority", call.priority.as_ref().map(ToString::to_string), Tone::Plain),
        ("Recorded", recorded(call).map(ToOwned::to_owned), Tone::Critical),
        ("Muted", call.muted.map(yes_no), Tone::Plain),
        ("Conference", call.conference.map(yes_no), Tone::Plain),
        ("Consulting", row.consulted(&context).map(|who| who.to_string()), Tone::Busy),
        ("Supervised by", call.supervised_by.as_ref().map(ToString::to_string), Tone::Busy),
    ];
    all.extend(more.into_iter().filter_map(|(label, text, tone)| Some((label, text?, tone))));
    let rest = facts_of(pen, &all, old.is_none(), rest);
    let rest = section(pen, "Path", rest);
    path(pen, &context, (world, call), rest);
}

fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn recorded(call: &Call) -> Option<&'static str> {
    match (call.recording?, call.paused) {
        (true, Some(true)) => Some("paused"),
        (true, _) => Some("yes"),
        (false, _) => Some("no"),
    }
}

/// Cells before a step's words: the time and the rung.
const BEFORE: u16 = 12;

/// The steps, the newest where there is no room for all.
fn path(pen: &mut Pen<'_>, context: &Context<'_>, (world, call): (&World, &Call), area: Rect) {
    let steps = call.path();
    let rungs: Vec<Rung> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let before = index.checked_sub(1).and_then(|index| steps.get(index));
            Rung::new((context, world), before, step, area.width)
        })
        .collect();
    let mut room = usize::from(area.height);
    let fits = |rungs: &[Rung]| rungs.iter().map(Rung::lines).sum::<usize>();
    let mut hidden = 0;
    while hidden < rungs.len() && fits(&rungs[hidden..]) > room {
        // One line says how many are not shown.
        room = usize::from(area.height).saturating_sub(1);
        hidden += 1;
    }
    let mut rest = area;
    if hidden > 0 {
        let (line, below) = top(rest);
        pen.text(line, &format!("{hidden} earlier steps"), pen.tone(Tone::Quiet));
        rest = below;
    }
    for (index, rung) in rungs.iter().enumerate().skip(hidden) {
        let sign = match index {
            _ if index + 1 == rungs.len() => "●",
            0 => "○",
            _ => "│",
        };
        rest = rung.draw(pen, sign, rest);
    }
}

/// One step in words.
struct Rung {
    what: What,
    time: String,
    /// How long after the step before.
    span: String,
    words: String,
    /// Whether the words stand behind what happened, and not below it.
    beside: bool,
}

impl Rung {
    fn new(
        (context, world): (&Context<'_>, &World),
        before: Option<&Step>,
        step: &Step,
        cells: u16,
    ) -> Self {
        // A step of another day says so, which needs more room than there is: the time of day is enough here.
        let time = Figure::Time(step.told.at).text(context);
        let span = before.map(|before| (step.told.at - before.told.at).num_seconds());
        let span = span.and_then(|span| u64::try_from(span).ok());
        let span = span.map(|span| format!("+{}", duration(span))).unwrap_or_default();
        let words = words(context, world, step);
        let used = BEFORE + width(step.what.label()) + 2 + width(&words) + 1 + width(&span);
        Self {
            what: step.what,
            time: time.rsplit(' ').next().unwrap_or_default().to_owned(),
            span,
            beside: used <= cells,
            words,
        }
    }

    const fn lines(&self) -> usize {
        if self.beside { 1 } else { 2 }
    }

    fn draw(&self, pen: &mut Pen<'_>, sign: &str, area: Rect) -> Rect {
        let quiet = pen.tone(Tone::Quiet);
        let ink = pen.ink(if sign == "●" { Tone::Busy } else { Tone::Quiet });
        let (line, rest) = top(area);
        pen.text(Rect { width: BEFORE.min(line.width), ..line }, &self.time, quiet);
        pen.text(inset(line, BEFORE - 2, 0), sign, ink);
        pen.right(line, &self.span, quiet);
        let line = inset(line, BEFORE, width(&self.span) + 1);
        let used = pen.text(line, self.what.label(), pen.tone(label(self.what)));
        if self.beside {
            pen.text(inset(line, used + 2, 0), &self.words, quiet);
            return rest;
        }
        let (line, rest) = top(rest);
        if sign != "●" {
            pen.text(inset(line, BEFORE - 2, 0), "│", ink);
        }
        pen.text(inset(line, BEFORE + 2, 0), &self.words, quiet);
        rest
    }
}

const fn label(what: What) -> Tone {
    match what {
        What::Withdrawn | What::Overflowed | What::TransferFailed | What::TurnedAway => {
            Tone::Warning
        }
        What::Connected | What::Resumed => Tone::Good,
        What::Recording => Tone::Critical,
        What::Arrived | What::Ended => Tone::Strong,
        _ => Tone::Plain,
    }
}

/// Who or what a step names, in names where they are known.
fn words(context: &Context<'_>, world: &World, step: &Step) -> String {
    let facts = &step.facts;
    let queue = match (&facts.place, step.what) {
        (Some(Place::Queue(queue)), What::Arrived | What::Coming) => {
            let known = world.queue(queue).map(|row| row.name.clone());
            known.or_else(|| facts.queue_name.clone())
        }
        _ => None,
    };
    let agent = facts.agent.as_ref().filter(|_| {
        matches!(step.what, What::Offered | What::Withdrawn | What::Connected | What::Dialling)
    });
    let agent = agent.map(|agent| match world.agents.contains_key(agent) {
        true => person(world, agent),
        false => facts.agent_name.clone().unwrap_or_else(|| agent.shown()),
    });
    let named = |text: &str| {
        let id = text.to_lowercase();
        let queue = world.queue(&QueueId::new(&id)).map(|row| row.name.clone());
        queue.or_else(|| world.agents.get(&AgentKey::new(&id)).map(|own| own.name.clone()))
    };
    let detail = step.detail.as_ref().map(|detail| {
        let words = detail
            .split(", ")
            .map(|word| named(word).map_or_else(|| word.to_owned(), |own| own.to_string()));
        let words = words.collect::<Vec<_>>().join(", ");
        if context.mask { crate::text::masked(&words).into_owned() } else { words }
    });
    let words = [queue, agent].into_iter().flatten().map(|word| word.to_string()).chain(detail);
    words.collect::<Vec<_>>().join(", ")
}
