//! The pane beside the table of queues: one queue, whole.
//!
//! ```text
//!  Växel                              ■ critical
//!  hq, open, 08-555 010 00
//!
//!  Now ─────────────────────────────────────────
//!  Waiting            4   Longest wait     2:14
//!  Agents free        0   Logged in           9
//!
//!  Agents ──────────────────────────────────────
//!  █████████▓▓▓▓▓▓▓▓▓▓▓▓▒▒▒▒░░░░░░░░░
//!
//!  █ 3 available  ▓ 4 busy  ▒ 2 not ready
//!
//!  Anna Lind                   available     3m
//! ```

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::floor::agent::AgentState;
use crate::state::State;
use crate::table::agents::{AgentRow, Agents};
use crate::table::cell::span;
use crate::table::queues::QueueRow;
use crate::table::{PageRow, RowId, Table as _, TableId, Tone, agents};
use crate::text::Shown;
use crate::theme::Role;
use crate::ui::aside::replaced;
use crate::ui::pen::{Pen, Run, glyph, inset, tone, top, width, width_of};
use crate::ui::tabs::facts;
use crate::ui::{calls, tasks};

/// The figures of each group, with the words for them.
const GROUPS: [(&str, &[(&str, &str)]); 3] = [
    (
        "Now",
        &[
            ("waiting", "Waiting"),
            ("longest_wait_s", "Longest wait"),
            ("agents_free", "Agents free"),
            ("agents_logged_in", "Logged in"),
            ("calls_connected", "Talking"),
            ("calls_alerting", "Ringing"),
            ("agents_serving", "Serving"),
            ("agents_wrap_up", "Wrap-up"),
            ("agents_busy", "Busy"),
            ("agents_away", "Away"),
        ],
    ),
    (
        "Period",
        &[
            ("offered", "Offered"),
            ("average_wait_s", "Average wait"),
            ("answered", "Answered"),
            ("last_wait_s", "Last wait"),
            ("abandoned", "Abandoned"),
            ("average_handle_s", "Handle time"),
            ("service_level", "Service level"),
            ("last_24h", "24 h"),
        ],
    ),
    ("Presence", &[]),
];

/// The figures of what waits beside the people on a line, where the vendor tells of it.
const ALSO: [(&str, &str); 4] = [
    ("parked", "Parked"),
    ("backlog", "Backlog"),
    ("oldest_backlog_s", "Oldest"),
    ("outbound_waiting", "Outbound"),
];

/// Agents in the order in which a supervisor looks for them.
const STATES: [(AgentState, Share); 8] = [
    (AgentState::Available, Share::Available),
    (AgentState::Reserved, Share::Busy),
    (AgentState::Talking, Share::Busy),
    (AgentState::Holding, Share::Busy),
    (AgentState::WrapUp, Share::Busy),
    (AgentState::NotReady, Share::NotReady),
    (AgentState::Other, Share::NotReady),
    (AgentState::LoggedOut, Share::LoggedOut),
];

/// A part of the bar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    Available,
    Busy,
    NotReady,
    LoggedOut,
}

impl Share {
    const ALL: [Self; 4] = [Self::Available, Self::Busy, Self::NotReady, Self::LoggedOut];

    const fn look(self) -> (&'static str, &'static str, Tone) {
        match self {
            Self::Available => ("█", "available", Tone::Good),
            Self::Busy => ("▓", "busy", Tone::Busy),
            Self::NotReady => ("▒", "not ready", Tone::Warning),
            Self::LoggedOut => ("░", "logged out", Tone::Quiet),
        }
    }
}

/// Draws the pane for the queue `id`.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, id: Option<&RowId>, area: Rect) {
    pen.fill(area, Role::Panel);
    let inner = inset(Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }, 3, 3);
    let context = state.context();
    let page = TableId::Queues.page(&context, id.map(std::slice::from_ref).unwrap_or_default());
    let (Some(row), Some(RowId::Queue(source, queue))) = (page.first(), id) else { return };
    let Some((source, world)) = state.floor.named(source) else { return };
    let Some(queue) = world.queues.get(queue) else { return };
    let queue_row = QueueRow { source, world, queue };

    let (line, rest) = top(inner);
    let (mark, look) = match (row.fresh, row.severity, row.updated) {
        (false, _, Some(updated)) => {
            (format!("▲ {} old", span(state.now.age(updated).as_secs())), Tone::Warning)
        }
        (_, Some(severity), _) => {
            (format!("{} {}", glyph(severity), severity.word()), tone(severity))
        }
        _ if queue.open != Some(crate::floor::queue::Open::Closed) => {
            ("· unknown".to_owned(), Tone::Unknown)
        }
        _ => (String::new(), Tone::Quiet),
    };
    let mark = if mark.is_empty() { Run::new(mark, Style::new()) } else { pen.badge(&mark, look) };
    pen.right(line, &mark.text, mark.style);
    pen.text(inset(line, 0, width(&mark.text) + 2), &queue.name, pen.role(Role::DialogTitle));
    let (line, rest) = top(rest);
    pen.text(line, &facts(&queue_row, &context), pen.tone(Tone::Quiet));
    let mut rest = replaced(pen, &queue.name, rest);

    for (title, figures) in GROUPS {
        if !figures.is_empty() {
            rest = section(pen, title, rest);
            rest = group(pen, row, figures, rest);
        }
        let own = &queue.figures;
        if title == "Now" && (own.parked.is_some() || own.backlog.is_some()) {
            rest = section(pen, "Also waiting", rest);
            rest = group(pen, row, &ALSO, rest);
        }
    }
    if let Some(presence) = queue.figures.presence.as_ref().filter(|presence| !presence.is_empty())
    {
        rest = section(pen, "Presence", rest);
        for line in in_lines(presence, inner.width) {
            let (place, below) = top(rest);
            pen.text(place, &line, pen.tone(Tone::Plain));
            rest = below;
        }
    }
    rest = calls::section(pen, state, (source, &queue.id), rest);
    rest = tasks::section(pen, state, (source, &queue.id), rest);
    let members = state.members(source, &queue.id);
    let mut people: Vec<AgentRow<'_>> = members
        .iter()
        .filter_map(|key| world.agents.get(key))
        .filter_map(|agent| {
            let membership = Some(agent.in_queue(&queue.id)?);
            Some(AgentRow { source, world, agent, membership })
        })
        .collect();
    if !people.is_empty() {
        people.sort_by(|one, other| {
            let key = |row: &AgentRow<'_>| place(row.state()).0;
            (key(one), &one.agent.name).cmp(&(key(other), &other.agent.name))
        });
        rest = section(pen, "Agents", rest);
        match world.kind.tells_agents() {
            true => roll(pen, state, &people, rest),
            // Who is not busy may be anywhere: shares of that would say nothing.
            false => names(pen, state, &people, rest),
        }
    }
}

/// “5 Available   2 Lunch” in lines of at most `cells` cells: no count stands apart from its word.
fn in_lines(presence: &[(Shown, u32)], cells: u16) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (name, count) in presence {
        let item = format!("{count} {name}");
        match lines.last_mut().filter(|line| width(line) + width(&item) + 3 <= cells) {
            Some(line) => {
                line.push_str("   ");
                line.push_str(&item);
            }
            None => lines.push(item),
        }
    }
    lines
}

/// A blank line and a title with a rule; returns what is below.
pub(super) fn section(pen: &mut Pen<'_>, title: &str, area: Rect) -> Rect {
    let (_, rest) = top(area);
    let (line, rest) = top(rest);
    let used = pen.text(line, title, pen.role(Role::Section));
    let rule = inset(line, used + 1, 0);
    pen.text(rule, &"─".repeat(rule.width.into()), pen.role(Role::Rule));
    rest
}

/// Figures in two columns, labels left, numbers right.
fn group(pen: &mut Pen<'_>, row: &PageRow, figures: &[(&str, &str)], area: Rect) -> Rect {
    const GAP: u16 = 4;
    let heads = TableId::Queues.columns();
    let column = area.width.saturating_sub(GAP) / 2;
    let mut rest = area;
    for pair in figures.chunks(2) {
        let (line, below) = top(rest);
        rest = below;
        let lefts =
            [(line.x, column), (line.x + column + GAP, line.width - column.min(line.width))];
        for ((name, label), (x, _)) in pair.iter().zip(lefts) {
            let Some(index) = heads.iter().position(|head| head.name == *name) else { continue };
            let cell = &row.cells[index];
            let place = Rect { x, width: column, ..line }.intersection(line);
            let style = match (row.fresh, cell.tone) {
                (false, _) => pen.role(Role::Stale),
                (true, Tone::Plain) => pen.tone(Tone::Strong),
                (true, tone) => pen.tone(tone),
            };
            let wide = width(&cell.text).min(place.width);
            pen.text(inset(place, 0, wide + 1), label, pen.role(Role::Label));
            pen.right(place, &cell.text, style);
        }
    }
    rest
}

fn place(state: &AgentState) -> (usize, Share) {
    STATES
        .iter()
        .enumerate()
        .find(|(_, (own, _))| own == state)
        .map_or((STATES.len(), Share::NotReady), |(index, (_, share))| (index, *share))
}

/// The bar of states, and who is in them.
fn roll(pen: &mut Pen<'_>, state: &State, people: &[AgentRow<'_>], area: Rect) {
    let count = |share| people.iter().filter(|row| place(row.state()).1 == share).count();
    let shares = Share::ALL.map(|share| (share, count(share)));
    let (line, rest) = top(area);
    bar(pen, &shares, people.len(), line);
    // A blank line keeps the signs of the legend from growing out of the bar.
    let (_, mut rest) = top(rest);
    let legend: Vec<[Run; 3]> = shares
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(share, count)| {
            let (sign, word, tone) = share.look();
            [
                Run::new(sign, pen.ink(tone)),
                Run::new(" ", pen.tone(Tone::Quiet)),
                Run::new(format!("{count} {word}"), pen.tone(Tone::Quiet)),
            ]
        })
        .collect();
    let gap = [Run::new("   ", pen.tone(Tone::Quiet))];
    let whole = legend.join(gap.as_slice());
    if width_of(&whole) <= line.width {
        let (line, below) = top(rest);
        pen.runs(line, &whole);
        rest = below;
    } else {
        for pair in legend.chunks(2) {
            let (line, below) = top(rest);
            for (index, part) in pair.iter().enumerate() {
                let half = if index == 0 { 0 } else { line.width / 2 };
                pen.runs(inset(line, half, 0), part);
            }
            rest = below;
        }
    }
    let (_, rest) = top(rest);
    names(pen, state, people, rest);
}

/// Who is there, and in which state.
fn names(pen: &mut Pen<'_>, state: &State, people: &[AgentRow<'_>], area: Rect) {
    let mut rest = area;
    let here: Vec<_> = people.iter().filter(|row| *row.state() != AgentState::LoggedOut).collect();
    for (index, row) in here.iter().enumerate() {
        let (line, below) = top(rest);
        if line.height == 0 {
            break;
        }
        if below.height == 0 && index + 1 < here.len() {
            pen.text(line, &format!("and {} more", here.len() - index), pen.tone(Tone::Quiet));
            break;
        }
        person(pen, state, row, line);
        rest = below;
    }
}

fn person(pen: &mut Pen<'_>, state: &State, row: &AgentRow<'_>, line: Rect) {
    let (context, agent) = (state.context(), row.agent);
    let Some(own) = row.membership else { return };
    let dim = (!Agents::is_fresh(row, &context)).then(|| pen.role(Role::Stale));
    let since = row.lasts(&context).map(span).unwrap_or_default();
    pen.right(line, &since, dim.unwrap_or_else(|| pen.tone(Tone::Quiet)));
    let left = inset(line, 0, 5);
    let word = match &own.reason {
        Some(reason) if matches!(own.state, AgentState::NotReady | AgentState::Other) => {
            reason.as_str()
        }
        _ => own.state.label(),
    };
    let x = left.x + left.width * 3 / 5;
    let place = Rect { x, width: left.right() - x, ..left };
    pen.text(place, word, dim.unwrap_or_else(|| pen.tone(agents::tone(&own.state))));
    let name = dim.unwrap_or_else(|| pen.tone(Tone::Plain));
    pen.text(inset(left, 0, place.width + 1), &agent.name, name);
}

fn bar(pen: &mut Pen<'_>, shares: &[(Share, usize)], all: usize, line: Rect) {
    let (mut before, mut x) = (0, line.x);
    for (share, count) in shares {
        before += count;
        // Each end is rounded from the whole, so that the parts always fill the line.
        let cells = usize::from(line.width) * before / all.max(1);
        let end = line.x + u16::try_from(cells).unwrap_or(line.width);
        let (sign, _, tone) = share.look();
        let place = Rect { x, width: end - x, ..line };
        pen.text(place, &sign.repeat(place.width.into()), pen.ink(tone));
        x = end;
    }
}
