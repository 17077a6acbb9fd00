//! The calls of a queue: those that wait, and those that an agent has.
//!
//! ```text
//!  Calls ───────────────────────────────────────
//!  1  +358405550142                         0:42
//!  2  +358405550177                         0:12
//!     Aino Salo                  held rec   3:10
//!     └ supervised by Kaisa Mäki
//! ```

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use crate::floor::call::Phase;
use crate::floor::id::{QueueId, SourceName};
use crate::floor::news::QueueNews;
use crate::floor::tally::CountedDay;
use crate::state::State;
use crate::table::calls::{CallRow, Calls, of_queue, tone as of_phase};
use crate::table::cell::duration;
use crate::table::{Context, Figure, Table as _, Tone};
use crate::theme::Role;
use crate::ui::pen::{Pen, inset, tone, top, width};
use crate::ui::{aside, detail};

/// Lines that the calls of a queue take at most beside everything else about it.
const FEW: usize = 8;

/// The calls of a queue among everything else about it; returns what is below. Nothing where nobody calls.
pub(super) fn section(
    pen: &mut Pen<'_>,
    state: &State,
    (source, queue): (&SourceName, &QueueId),
    area: Rect,
) -> Rect {
    let context = state.context();
    let rows = of_queue(&context, source, queue);
    if rows.is_empty() {
        return area;
    }
    let rest = detail::section(pen, "Calls", area);
    list(pen, &context, &rows, Rect { height: rest.height.min(lines(FEW)), ..rest });
    let used: usize =
        rows.iter().map(|row| if row.call.supervised_by.is_some() { 2 } else { 1 }).sum();
    let used = lines(used.min(FEW)).min(rest.height);
    Rect { y: rest.y + used, height: rest.height - used, ..rest }
}

/// The pane beside the agents of a queue: its calls, and what else events told of its day and its settings.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    state: &State,
    (source, queue): (&SourceName, &QueueId),
    area: Rect,
) {
    let context = state.context();
    let rows = of_queue(&context, source, queue);
    let (line, mut rest) = top(area);
    pen.text(line, "Calls", pen.role(Role::DialogTitle));
    if rows.is_empty() {
        let (_, below) = top(rest);
        let (line, below) = top(below);
        pen.text(line, "nobody calls", pen.tone(Tone::Quiet));
        rest = below;
    }
    let (waiting, running): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.call.phase == Some(Phase::Waiting));
    for (name, rows) in [("Waiting", waiting), ("Going on", running)] {
        if !rows.is_empty() {
            rest = detail::section(pen, name, rest);
            rest = list(pen, &context, &rows, rest);
        }
    }
    let news = context.floor.world(source).and_then(|world| world.news_of(queue));
    let day = news.and_then(|news| news.day.as_ref()).map(|latest| &latest.value);
    let settings = news.and_then(|news| news.settings.as_ref()).map(|latest| &latest.value);
    let counted = context.floor.queue(source, queue).and_then(|row| row.figures.counted.as_ref());
    if let Some(counted) = counted {
        let since = Figure::Time(counted.since).text(&context);
        rest = detail::section(pen, &format!("Counted since {since}"), rest);
        rest = aside::facts(pen, &of_day(counted), rest);
    }
    let date = news.map_or_else(String::new, |news| day_of(news, context.now.wall));
    for (name, more) in
        [(date.as_str(), day.map(|day| &day.more)), ("Settings", settings.map(|all| &all.more))]
    {
        if let Some(more) = more.filter(|more| !more.is_empty()) {
            rest = detail::section(pen, name, rest);
            let pairs = more.iter().map(|(word, value)| (word.as_str(), value.to_string()));
            let pairs: Vec<_> = pairs.map(|(word, value)| (word, value, Tone::Plain)).collect();
            rest = aside::facts(pen, &pairs, rest);
        }
    }
}

/// What was counted of a queue's day from events: label, value, tone.
fn of_day(day: &CountedDay) -> Vec<(&str, String, Tone)> {
    let all = [
        ("Came", day.offered),
        ("Answered", day.answered),
        ("Abandoned", day.abandoned),
        ("Not answered", day.unanswered_offers()),
        ("While closed", day.closed),
        ("Overflow", day.all_overflowed()),
    ];
    let all = all.into_iter().map(|(label, count)| (label, count.to_string(), Tone::Plain));
    let reasons = day.overflowed.iter();
    let reasons = reasons.map(|(reason, count)| (reason.as_str(), count.to_string(), Tone::Quiet));
    all.chain(reasons).collect()
}

/// Which day a queue's counts are of, and by which zone: “2026-03-12, Europe/Helsinki”.
fn day_of(news: &QueueNews, now: DateTime<Utc>) -> String {
    let date = news.day.as_ref().and_then(|latest| latest.value.date.as_ref());
    let date = date.map_or("Day", |date| date.as_str());
    let zone = news.zone().1.map_or("local time", |zone| zone.as_str());
    let over = if news.is_day_over(Some(now)) { "over, " } else { "" };
    format!("{date}, {over}{zone}")
}

fn list(pen: &mut Pen<'_>, context: &Context<'_>, rows: &[CallRow<'_>], area: Rect) -> Rect {
    aside::rows(pen, rows, area, |pen, row, area| {
        let (line, rest) = top(area);
        one(pen, context, row, line);
        let Some(by) = &row.call.supervised_by else { return rest };
        let (line, rest) = top(rest);
        pen.text(inset(line, 3, 0), &format!("└ supervised by {by}"), pen.tone(Tone::Quiet));
        rest
    })
}

fn one(pen: &mut Pen<'_>, context: &Context<'_>, row: &CallRow<'_>, line: Rect) {
    /// Cells of the longest word with its mark: `connected rec`.
    const WORD: u16 = 13;
    let call = row.call;
    let phase = call.phase.unwrap_or(Phase::New);
    let time = if phase == Phase::Waiting { row.wait(context) } else { row.lasts(context) };
    let time = time.map(duration).unwrap_or_default();
    let dim = (!Calls::is_fresh(row, context)).then(|| pen.role(Role::Stale));
    let loud = row.wait_severity(context).map_or(Tone::Plain, tone);
    pen.right(line, &time, dim.unwrap_or_else(|| pen.tone(loud)));
    let left = inset(line, 0, 8);
    let word = match call.recording {
        Some(true) => format!("{} rec", phase.label()),
        _ => phase.label().to_owned(),
    };
    // That the waiting wait is said by their places.
    let word = if row.position().is_some() && call.recording.is_none() { "" } else { &word };
    let room = if word.is_empty() { 0 } else { WORD.min(left.width) };
    let x = left.right() - room;
    pen.text(
        Rect { x, width: room, ..left },
        word,
        dim.unwrap_or_else(|| pen.tone(of_phase(phase))),
    );
    let left = inset(left, 0, if room == 0 { 0 } else { room + 1 });
    if let Some(place) = row.position() {
        pen.text(
            Rect { width: 3.min(left.width), ..left },
            &place.to_string(),
            pen.tone(Tone::Quiet),
        );
    }
    let left = inset(left, 3, 0);
    let agent = row.agent().filter(|_| phase != Phase::Waiting).map(|agent| agent.to_string());
    let party = row.party(context).map(|party| party.to_string());
    let text = match (agent, party) {
        (Some(agent), Some(party)) => {
            let both = format!("{agent}, {party}");
            // Half a number helps nobody: who speaks comes first.
            if width(&both) <= left.width { both } else { agent }
        }
        (agent, party) => agent.or(party).unwrap_or_else(|| "private".to_owned()),
    };
    pen.text(left, &text, dim.unwrap_or_else(|| pen.tone(Tone::Plain)));
}

fn lines(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
