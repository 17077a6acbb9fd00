//! The pane beside a table: the selected row, whole. Beside the agents of a queue, its calls or tasks.
//!
//! ```text
//!  Takaisinsoitto                      ■ critical
//!  helsinki, handed out by themselves
//!
//!  Requests ────────────────────────────────────
//!  Open              14   Taken               5
//! ```

use ratatui::layout::Rect;

use crate::floor::agent::Agent;
use crate::floor::id::{ListId, SourceName};
use crate::state::State;
use crate::table::callback_lists::CallbackLists;
use crate::table::cell::{UNKNOWN, span};
use crate::table::{Context, RowId, Table, TableId, Tone};
use crate::text::{MARKER, Shown};
use crate::theme::Role;
use crate::ui::detail::{self, section};
use crate::ui::pen::{Pen, Run, glyph, inset, tone, top, width, wrap};
use crate::ui::{calls, contact, ladder, person, planned, request, tasks};

/// Whether there is something to tell beside the shown table.
pub(super) fn is_told(state: &State) -> bool {
    let (table, inside) = (state.screen.table(), state.screen.inside.as_ref());
    match inside {
        Some((source, _)) => state
            .floor
            .world(source)
            .is_some_and(|world| world.kind.tells_calls() || world.kind.tells_tasks()),
        None if table == TableId::Agents => {
            let is_told = |agent: &Agent| {
                agent.presence.availability.is_some() || agent.presence.status.is_some()
            };
            state.floor.worlds().any(|(_, world)| {
                !world.profiles.people.is_empty() || world.agents.values().any(is_told)
            })
        }
        None => matches!(
            table,
            TableId::Queues
                | TableId::Calls
                | TableId::Tasks
                | TableId::Callbacks
                | TableId::Entries
                | TableId::CallbackLists
        ),
    }
}

/// Draws the pane for the row `id`.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, id: Option<&RowId>, area: Rect) {
    let inner = inset(Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }, 3, 3);
    match (&state.screen.inside, id) {
        (Some((source, queue)), _) => {
            pen.fill(area, Role::Panel);
            match state.floor.world(source).is_some_and(|world| world.kind.tells_tasks()) {
                true => tasks::draw(pen, state, (source, queue), inner),
                false => calls::draw(pen, state, (source, queue), inner),
            }
        }
        (None, Some(RowId::Call(source, call))) => {
            pen.fill(area, Role::Panel);
            ladder::draw(pen, state, (source, call), inner);
        }
        (None, Some(RowId::Task(source, task))) => {
            pen.fill(area, Role::Panel);
            contact::draw(pen, state, (source, task), inner);
        }
        (None, Some(RowId::Callback(..))) => {
            pen.fill(area, Role::Panel);
            request::draw(pen, state, id, inner);
        }
        (None, Some(RowId::Entry(..))) => {
            pen.fill(area, Role::Panel);
            planned::draw(pen, state, id, inner);
        }
        (None, Some(RowId::Agent(..))) => {
            pen.fill(area, Role::Panel);
            person::draw(pen, state, id, inner);
        }
        (None, Some(RowId::List(source, list))) => {
            pen.fill(area, Role::Panel);
            lists(pen, state, (source, list), inner);
        }
        (None, _) => detail::draw(pen, state, id, area),
    }
}

/// The name of what the pane is about with a mark behind it, and a quiet line below.
pub(super) fn title(
    pen: &mut Pen<'_>,
    (name, about): (&Shown, &str),
    mark: (&str, Tone),
    area: Rect,
) -> Rect {
    let (line, rest) = top(area);
    let mark = if mark.0.is_empty() {
        Run::new("", pen.tone(Tone::Plain))
    } else {
        pen.badge(mark.0, mark.1)
    };
    pen.right(line, &mark.text, mark.style);
    pen.text(inset(line, 0, width(&mark.text) + 2), name, pen.role(Role::DialogTitle));
    let (line, rest) = top(rest);
    pen.text(line, about, pen.tone(Tone::Quiet));
    replaced(pen, name, rest)
}

/// The code points of what stands as a marker in a name, where anything does.
pub(super) fn replaced(pen: &mut Pen<'_>, name: &Shown, area: Rect) -> Rect {
    let mut rest = area;
    for points in name.replaced() {
        for line in wrap(&format!("{MARKER} is {points}"), area.width) {
            let (place, below) = top(rest);
            pen.text(place, &line, pen.tone(Tone::Quiet));
            rest = below;
        }
    }
    rest
}

/// How old a row is that may not be taken for the present.
pub(super) fn old<T: Table>(row: &T::Row<'_>, context: &Context<'_>) -> Option<String> {
    let updated = T::updated(row).filter(|_| !T::is_fresh(row, context))?;
    Some(format!("▲ {} old", span(context.now.age(updated).as_secs())))
}

/// The same as [`facts_of`], of what may be taken for the present.
pub(super) fn facts(pen: &mut Pen<'_>, facts: &[(&str, String, Tone)], area: Rect) -> Rect {
    facts_of(pen, facts, true, area)
}

/// Facts in two columns, labels left and values right; what is longer has a line of its own. Values that may not be taken
/// for the present are dimmed.
pub(super) fn facts_of(
    pen: &mut Pen<'_>,
    facts: &[(&str, String, Tone)],
    is_fresh: bool,
    area: Rect,
) -> Rect {
    const GAP: u16 = 4;
    let column = area.width.saturating_sub(GAP) / 2;
    let mut rest = area;
    let mut half_free: Option<Rect> = None;
    for (label, value, tone) in facts {
        let long = width(label) + width(value) + 1 > column;
        let place = match half_free.take().filter(|_| !long) {
            Some(line) => Rect { x: line.x + column + GAP, width: column, ..line },
            None => {
                let (line, below) = top(rest);
                rest = below;
                half_free = (!long).then_some(line);
                if long { line } else { Rect { width: column, ..line } }
            }
        };
        let style = match tone {
            _ if !is_fresh => pen.role(Role::Stale),
            Tone::Plain => pen.tone(Tone::Strong),
            tone => pen.tone(*tone),
        };
        pen.text(inset(place, 0, width(value).min(place.width) + 1), label, pen.role(Role::Label));
        pen.right(place, value, style);
    }
    rest
}

/// A callback list with all its counters.
fn lists(pen: &mut Pen<'_>, state: &State, (source, list): (&SourceName, &ListId), area: Rect) {
    let Some(world) = state.context().floor.world(source) else { return };
    let Some(list) = world.lists.get(list) else { return };
    let id = RowId::List(source.clone(), list.id.clone());
    let page = TableId::CallbackLists.page(&state.context(), std::slice::from_ref(&id));
    let severity = page.first().and_then(|row| row.severity);
    let old = CallbackLists::find(&state.context(), &id);
    let old = old.and_then(|row| self::old::<CallbackLists>(&row, &state.context()));
    let is_fresh = old.is_none();
    let mark = severity.map(|own| (format!("{} {}", glyph(own), own.word()), tone(own)));
    let mark = old.map(|old| (old, Tone::Warning)).or(mark);
    let name = world.list_name(&list.id).cloned().unwrap_or_else(|| list.id.shown());
    let about = match list.automatic {
        Some(true) => format!("{}, handed out by the system", source.shown()),
        Some(false) => format!("{}, taken by hand", source.shown()),
        None => source.shown().to_string(),
    };
    let mark = mark.as_ref().map_or(("", Tone::Quiet), |(text, tone)| (text.as_str(), *tone));
    let rest = title(pen, (&name, &about), mark, area);
    let count = |label, count: Option<u32>, loud: Tone| {
        let tone = match count {
            None => Tone::Unknown,
            Some(1..) => loud,
            Some(0) => Tone::Plain,
        };
        (label, count.map_or_else(|| UNKNOWN.to_owned(), |count| count.to_string()), tone)
    };
    let rest = section(pen, "Requests", rest);
    let requests = [
        count("Open", list.open, Tone::Plain),
        count("Taken", list.assigned, Tone::Plain),
        count("Free to take", list.free, Tone::Plain),
        count("Later", list.hidden, Tone::Plain),
        count("Overdue", list.overdue, Tone::Critical),
        count("Within 1 h", list.next_hour_overdue, Tone::Warning),
        count("Expires 24 h", list.expires_24h, Tone::Plain),
        count("Shown within 1 h", list.next_hour_revealed, Tone::Plain),
    ];
    let rest = facts_of(pen, &requests, is_fresh, rest);
    let rest = section(pen, "Agents", rest);
    let agents = [
        count("Serving", list.agents_serving, Tone::Plain),
        count("Active", list.agents_active, Tone::Plain),
        count("By the system", list.agents_automatic, Tone::Plain),
    ];
    facts_of(pen, &agents, is_fresh, rest);
}

/// Rows one below the other, each drawn at the top of what is left, by `draw`, which returns what is below it. Where
/// they do not all fit, the last line says how many more there are.
pub(super) fn rows<R>(
    pen: &mut Pen<'_>,
    rows: &[R],
    area: Rect,
    mut draw: impl FnMut(&mut Pen<'_>, &R, Rect) -> Rect,
) -> Rect {
    let mut rest = area;
    for (index, row) in rows.iter().enumerate() {
        let (line, below) = top(rest);
        if line.height == 0 {
            break;
        }
        if below.height == 0 && index + 1 < rows.len() {
            pen.text(line, &format!("and {} more", rows.len() - index), pen.tone(Tone::Quiet));
            return below;
        }
        rest = draw(pen, row, rest);
    }
    rest
}
