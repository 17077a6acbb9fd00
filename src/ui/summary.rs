//! The figures that are read first, tall: of the whole floor, or of the queue that is open.
//!
//! ```text
//!  █▀█                 ▀▀█ ▄ ▀█  █ █            ▀█  ▀█              ▀▀█ █ █
//!  █▀█                 █▀▀ ▄  █  ▀▀█             █   █               ▀█ ▀▀█
//!  ▀▀▀                 ▀▀▀   ▀▀▀   ▀            ▀▀▀ ▀▀▀             ▀▀▀   ▀
//!  Waiting             Longest wait             Agents free         Talking
//!  in 4 of 12 queues   Växel                    of 42 logged in     2 ringing
//! ```

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::state::State;
use crate::table::cell::{UNKNOWN, duration};
use crate::table::entries::Forecast;
use crate::table::queues::{QueueRow, longest_wait};
use crate::table::totals::Totals;
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
    below: String,
    pitch: u16,
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
    for tall in figures {
        if rest.width + 3 < tall.pitch {
            break;
        }
        let column = Rect { width: (tall.pitch - 2).min(rest.width), ..rest };
        let line = |y: u16| Rect { y: column.y + y, height: 1, ..column };
        let (figure, tone) = match &tall.figure {
            Some(figure) => (figure.as_str(), tall.tone),
            None => (UNKNOWN, Tone::Unknown),
        };
        let style = pen.ink(tone);
        digits::draw(pen, Rect { height: digits::TALL, ..column }, figure, style);
        label(pen, &tall, line(digits::TALL));
        pen.text(line(digits::TALL + 1), &tall.below, pen.tone(Tone::Quiet));
        let step = tall.pitch.min(rest.width);
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

fn count(label: &'static str, count: Option<u64>, tone: Tone, below: String) -> Tall {
    let figure = count.map(|count| count.to_string());
    let wide = figure.as_deref().map_or(0, |figure| digits::wide(figure).saturating_add(2));
    let pitch = if wide > PITCH_OF_TIME { PITCH } else { wide.max(PITCH) };
    Tall { label, figure, tone, below, pitch }
}

fn time(label: &'static str, seconds: Option<u32>, tone: Tone, below: String) -> Tall {
    let figure = seconds.map(|seconds| duration(seconds.into()));
    Tall { label, figure, tone, below, pitch: PITCH_OF_TIME }
}

fn of(what: Option<u64>, word: &str) -> String {
    what.map_or_else(String::new, |what| format!("of {what} {word}"))
}

fn of_floor(totals: &Totals, state: &State) -> Vec<Tall> {
    let share = format!("in {} of {}", totals.waited_in, totals.fresh);
    let waited = match (totals.fresh, totals.old) {
        (0, 0) => String::new(),
        (_, 0) => format!("{share} queues"),
        _ => format!("{share} fresh"),
    };
    // Rather no word than half of it.
    let waited = if width(&waited) > PITCH - 2 { share } else { waited };
    let (longest, whose) = match totals.longest(state.context().now.moment) {
        Some((seconds, name)) if seconds > 0 => (Some(seconds), name.to_string()),
        Some((seconds, _)) => (Some(seconds), String::new()),
        None => (None, String::new()),
    };
    let ringing = totals.ringing.map_or_else(String::new, |ringing| format!("{ringing} ringing"));
    vec![
        count("Waiting", totals.waiting, limit(totals.worst_waiting), waited),
        time("Longest wait", longest, limit(totals.worst_wait), whose),
        count("Agents free", totals.free, Tone::Strong, of(totals.logged_in, "logged in")),
        count("Talking", totals.talking, Tone::Strong, ringing),
        count("Abandoned", totals.abandoned, Tone::Strong, of(totals.offered, "offered")),
        count("Answered", totals.answered, Tone::Strong, String::new()),
    ]
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
    let tone = |due: Option<u64>| due.map_or(Tone::Strong, |due| burst(due, totals.free));
    let (quarter, hour) = (told(|all| all.quarter), told(|all| all.hour));
    let overdue = told(|all| all.overdue);
    let late = if overdue.is_some_and(|late| late > 0) { Tone::Critical } else { Tone::Strong };
    let against = totals.free.map_or_else(String::new, |free| format!("for {free} free"));
    vec![
        count("Due in 15 min", quarter, tone(quarter), against.clone()),
        count("Due in 60 min", hour, tone(hour), against),
        count("Overdue", overdue, late, String::new()),
        count("In progress", told(|all| all.in_progress), Tone::Strong, String::new()),
        count("Agents free", totals.free, Tone::Strong, of(totals.logged_in, "logged in")),
    ]
}

/// The same in one line: “2 overdue, 3 due in 15m, 9 in 60m, 4 free”.
pub(super) fn line_of_entries(state: &State) -> Option<(String, Tone)> {
    let all = Forecast::of(&state.context())?;
    let free = state.totals().free;
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
    let ringing =
        figures.calls_alerting.map_or_else(String::new, |ringing| format!("{ringing} ringing"));
    let last = figures
        .last_wait_s
        .map_or_else(String::new, |last| format!("last taken after {}", duration(last.into())));
    vec![
        count("Waiting", wide(figures.waiting), judge("waiting", figures.waiting), String::new()),
        time("Longest wait", wait, judge("longest_wait_s", wait), last),
        count(
            "Agents free",
            wide(figures.agents_free),
            plain,
            of(wide(figures.agents_logged_in), "logged in"),
        ),
        count("Talking", wide(figures.calls_connected), plain, ringing),
        count("Abandoned", wide(figures.abandoned), plain, of(wide(figures.offered), "offered")),
        count("Answered", wide(figures.answered), plain, String::new()),
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
