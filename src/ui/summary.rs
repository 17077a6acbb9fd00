//! The figures that are read first, tall: of the whole floor, or of the queue that is open.
//!
//! ```text
//!  █▀█                 ▀▀█ ▄ ▀█  █ █            ▀█  ▀█              ▀▀█ █ █
//!  █▀█                 █▀▀ ▄  █  ▀▀█             █   █               ▀█ ▀▀█
//!  ▀▀▀                 ▀▀▀   ▀▀▀   ▀            ▀▀▀ ▀▀▀             ▀▀▀   ▀
//!  Waiting             Longest wait             Agents free         Talking
//!  in 4 of 12 queues   Växel                    of 42 logged in     over 6 of 12 queues
//! ```
//!
//! Where only some queues tell a figure, it says how many these are.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::state::State;
use crate::table::cell::{UNKNOWN, duration};
use crate::table::entries::Forecast;
use crate::table::queues::{QueueRow, longest_wait};
use crate::table::totals::{Coverage, Totals};
use crate::table::{TableId, Tone};
use crate::threshold::{self, Severity};
use crate::ui::digits;
use crate::ui::pen::{Pen, Run, inset, sign, width};

/// Cells from one tall figure to the next.
const PITCH: u16 = 20;

/// More for a wait of hours, and the most for a number of many digits.
const PITCH_OF_TIME: u16 = 25;

struct Tall {
    label: &'static str,
    figure: Option<String>,
    tone: Tone,
    /// What stands below the label, from the longest form to the shortest.
    below: Vec<String>,
    pitch: u16,
}

impl Tall {
    /// The cells that it takes with the longest form below it for which `spare` cells are enough.
    fn roomy(&self, spare: u16) -> u16 {
        let cells = |form: &String| width(form).saturating_add(2).max(self.pitch);
        let fitting = self.below.iter().map(cells).find(|cells| *cells <= self.pitch + spare);
        fitting.unwrap_or(self.pitch)
    }

    /// The longest form that fits; the shortest where none does.
    fn below(&self, cells: u16) -> &str {
        let fitting = self.below.iter().find(|form| width(form) <= cells);
        fitting.or(self.below.last()).map_or("", String::as_str)
    }
}

/// Draws the tall figures, as many as fit.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, totals: &Totals, area: Rect) {
    if area.height < digits::TALL + 3 {
        return;
    }
    let figures = match &state.screen.inside {
        None if state.screen.tab() == TableId::Entries => of_entries(totals, state),
        None => of_floor(totals, state),
        Some((source, queue)) => {
            let context = state.context();
            let Some((source, world)) = context.floor.named(source) else { return };
            let Some(queue) = world.queues.get(queue) else { return };
            of_queue(&QueueRow { source, world, queue }, state)
        }
    };
    let mut rest = inset(Rect { y: area.y + 1, height: area.height - 1, ..area }, 2, 1);
    // What stands below has its longest form where that costs no figure.
    let used = figures.iter().map(|tall| tall.pitch).fold(0, u16::saturating_add);
    let mut spare = rest.width.saturating_sub(used);
    for tall in figures {
        let pitch = tall.roomy(spare);
        spare -= pitch - tall.pitch;
        if rest.width + 3 < pitch {
            break;
        }
        let column = Rect { width: (pitch - 2).min(rest.width), ..rest };
        let line = |y: u16| Rect { y: column.y + y, height: 1, ..column };
        let (figure, tone) = match &tall.figure {
            Some(figure) => (figure.as_str(), tall.tone),
            None => (UNKNOWN, Tone::Unknown),
        };
        let style = pen.ink(tone);
        digits::draw(pen, Rect { height: digits::TALL, ..column }, figure, style);
        label(pen, &tall, line(digits::TALL));
        let below = tall.below(column.width);
        pen.text(line(digits::TALL + 1), below, pen.tone(Tone::Quiet));
        let step = pitch.min(rest.width);
        rest.x += step;
        rest.width -= step;
    }
}

/// What a tall figure counts; with a sign where a limit is reached, for eyes that see no colour.
fn label(pen: &mut Pen<'_>, tall: &Tall, area: Rect) {
    let limit = match (&tall.figure, tall.tone) {
        (Some(_), Tone::Warning | Tone::Critical) => format!("{} ", sign(tall.tone)),
        _ => String::new(),
    };
    // The figure above is filled already, where the tone fills.
    let ink = Style { bg: None, ..pen.ink(tall.tone) };
    let runs = [Run::new(limit, ink), Run::new(tall.label, pen.tone(Tone::Plain))];
    pen.runs(area, &runs);
}

fn count(label: &'static str, count: Option<u64>, tone: Tone, below: Vec<String>) -> Tall {
    let figure = count.map(|count| count.to_string());
    let wide = figure.as_deref().map_or(0, |figure| digits::wide(figure).saturating_add(2));
    let pitch = if wide > PITCH_OF_TIME { PITCH } else { wide.max(PITCH) };
    Tall { label, figure, tone, below, pitch }
}

fn time(label: &'static str, seconds: Option<u32>, tone: Tone, below: Vec<String>) -> Tall {
    let figure = seconds.map(|seconds| duration(seconds.into()));
    Tall { label, figure, tone, below, pitch: PITCH_OF_TIME }
}

fn of(what: Option<u64>, word: &str) -> Vec<String> {
    what.map(|what| format!("of {what} {word}")).into_iter().collect()
}

/// What is said of a figure, and behind it over how many queues the figure is, where these are not all. The shorter
/// forms give up words, then what is said.
fn over(said: &[String], coverage: Coverage) -> Vec<String> {
    let Some(words) = coverage.words() else { return said.to_vec() };
    let mut forms: Vec<String> = Vec::new();
    for words in &words {
        forms.extend(said.iter().map(|said| format!("{said}, {words}")));
    }
    forms.extend(words);
    forms
}

fn of_floor(totals: &Totals, state: &State) -> Vec<Tall> {
    let now = state.context().now.moment;
    let (waiting, of_waiting) = totals.count("waiting");
    let (parked, _) = totals.count("parked");
    let share = format!("in {} of {}", totals.waited_in, totals.fresh);
    let waited = match (totals.fresh, totals.old) {
        (0, 0) => Vec::new(),
        (_, 0) => vec![format!("{share} queues"), share],
        _ => vec![format!("{share} fresh"), share],
    };
    // Of queues that are old all is told already.
    let waited = match of_waiting.rows < totals.fresh {
        true => over(&[format!("in {}", totals.waited_in)], of_waiting),
        false => waited,
    };
    let waited = match parked.filter(|parked| *parked > 0) {
        Some(parked) => {
            let with = |form: &String| format!("{form}, {parked} parked");
            waited.iter().map(with).chain([format!("{parked} parked")]).collect()
        }
        None => waited,
    };
    let (longest, whose) = match totals.longest(now) {
        Some((seconds, name)) if seconds > 0 => (Some(seconds), name.to_string()),
        Some((seconds, _)) => (Some(seconds), String::new()),
        None => (None, String::new()),
    };
    let (talking, of_talking) = totals.count("calls_connected");
    let (ringing, of_ringing) = totals.count("calls_alerting");
    // Of other queues it would be a figure of its own.
    let ringing = ringing.filter(|_| of_ringing == of_talking);
    let ringing: Vec<String> =
        ringing.map(|ringing| format!("{ringing} ringing")).into_iter().collect();
    let (answered, of_answered) = totals.count("answered");
    vec![
        count("Waiting", waiting, limit(totals.worst_waiting), waited),
        time("Longest wait", longest, limit(totals.worst_wait), vec![whose]),
        agents(totals),
        count("Talking", talking, Tone::Strong, over(&ringing, of_talking)),
        abandoned(totals),
        count("Answered", answered, Tone::Strong, over(&[], of_answered)),
    ]
}

/// People who could take a call, of those who are logged in.
fn agents(totals: &Totals) -> Tall {
    let agents = &totals.agents;
    let said: Vec<String> = match (agents.whole(), totals.by_queue) {
        (None, _) => Vec::new(),
        (Some(all), true) if !agents.coverage().is_partial() => {
            vec![format!("of {all} logged in, by queue"), format!("of {all} logged in")]
        }
        (Some(all), _) => vec![format!("of {all} logged in"), format!("of {all}")],
    };
    let below = over(&said, agents.coverage());
    count("Agents free", agents.part(), Tone::Strong, below)
}

/// Calls abandoned, of those offered in the same queues.
fn abandoned(totals: &Totals) -> Tall {
    let share = &totals.abandoned;
    let said: Vec<String> = share
        .whole()
        .into_iter()
        .flat_map(|all| [format!("of {all} offered"), format!("of {all}")])
        .collect();
    count("Abandoned", share.part(), Tone::Strong, over(&said, share.coverage()))
}

/// Whether the calls that come due find people: more of them than are free is a burst.
fn burst(due: u64, free: Option<u64>) -> Tone {
    match free {
        Some(free) if due > free => Tone::Warning,
        _ => Tone::Strong,
    }
}

fn of_entries(totals: &Totals, state: &State) -> Vec<Tall> {
    let forecast = Forecast::of(&state.context());
    let told = |read: fn(&Forecast) -> u64| forecast.as_ref().map(read);
    let free = totals.free();
    let tone = |due: Option<u64>| due.map_or(Tone::Strong, |due| burst(due, free));
    let (quarter, hour) = (told(|all| all.quarter), told(|all| all.hour));
    let overdue = told(|all| all.overdue);
    let late = if overdue.is_some_and(|late| late > 0) { Tone::Critical } else { Tone::Strong };
    let against: Vec<String> = free.map(|free| format!("for {free} free")).into_iter().collect();
    vec![
        count("Due in 15 min", quarter, tone(quarter), against.clone()),
        count("Due in 60 min", hour, tone(hour), against),
        count("Overdue", overdue, late, Vec::new()),
        count("In progress", told(|all| all.in_progress), Tone::Strong, Vec::new()),
        agents(totals),
    ]
}

/// The same in one line: “2 overdue, 3 due in 15m, 9 in 60m, 4 free”.
pub(super) fn line_of_entries(state: &State) -> Option<(String, Tone)> {
    let all = Forecast::of(&state.context())?;
    let free = state.totals().free();
    let mut words = Vec::new();
    if all.overdue > 0 {
        words.push(format!("{} overdue", all.overdue));
    }
    words.push(format!("{} due in 15m", all.quarter));
    words.push(format!("{} in 60m", all.hour));
    words.extend(free.map(|free| format!("{free} free")));
    let tone = if all.overdue > 0 { Tone::Critical } else { burst(all.quarter, free) };
    Some((words.join(", "), if tone == Tone::Strong { Tone::Quiet } else { tone }))
}

fn of_queue(row: &QueueRow<'_>, state: &State) -> Vec<Tall> {
    let context = state.context();
    let figures = &row.queue.figures;
    let fresh = row.world.is_fresh(&row.queue.feed, &state.now);
    let wait = longest_wait(row, &context);
    let judge = |column, value: Option<u32>| match fresh {
        true => limit(value.and_then(|value| threshold::severity(column, value.into()))),
        false => Tone::Quiet,
    };
    let plain = if fresh { Tone::Strong } else { Tone::Quiet };
    let wide = |count: Option<u32>| count.map(u64::from);
    let ringing = figures.calls_alerting.map(|ringing| format!("{ringing} ringing"));
    let last =
        figures.last_wait_s.map(|last| format!("last taken after {}", duration(last.into())));
    let beside = [
        (figures.parked, "parked"),
        (figures.backlog, "backlog"),
        (figures.outbound_waiting, "outbound"),
    ];
    let beside: Vec<String> = beside
        .into_iter()
        .filter_map(|(count, word)| Some(format!("{} {word}", count.filter(|count| *count > 0)?)))
        .collect();
    let beside = (1..=beside.len()).rev().map(|shown| beside[..shown].join(", ")).collect();
    vec![
        count("Waiting", wide(figures.waiting), judge("waiting", figures.waiting), beside),
        time("Longest wait", wait, judge("longest_wait_s", wait), last.into_iter().collect()),
        count(
            "Agents free",
            wide(figures.agents_free),
            plain,
            of(wide(figures.agents_logged_in), "logged in"),
        ),
        count("Talking", wide(figures.calls_connected), plain, ringing.into_iter().collect()),
        count("Abandoned", wide(figures.abandoned), plain, of(wide(figures.offered), "offered")),
        count("Answered", wide(figures.answered), plain, Vec::new()),
    ]
}

/// Calm unless a limit is reached.
pub(super) const fn limit(severity: Option<Severity>) -> Tone {
    match severity {
        Some(Severity::Critical) => Tone::Critical,
        Some(Severity::Warning) => Tone::Warning,
        Some(Severity::Ok) | None => Tone::Strong,
    }
}
