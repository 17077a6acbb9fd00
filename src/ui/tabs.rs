//! The tabs, or, inside a queue, where one is.
//!
//! ```text
//!  1 Queues 12   2 Agents 60   6 Callback lists 3   7 Entries 8   8 Sources 4   0 Log
//!  Queues › Växel   ■ critical   hq, open, 08-555 010 00
//! ```

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::action::Action;
use crate::floor::id::{QueueId, SourceName};
use crate::state::State;
use crate::table::queues::{QueueRow, counted_since, severity};
use crate::table::{Context, Figure, TableId, Tone};
use crate::text::Shown;
use crate::theme::Role;
use crate::ui::pen::{Pen, Run, cut, glyph, inset, tone, width, width_of};

/// Draws the tabs or the way into the queue that is open.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, area: Rect) {
    let area = Rect { height: area.height.min(1), ..inset(area, 1, 0) };
    if let Some((source, queue)) = &state.screen.inside {
        pen.runs(area, &way(pen, state, source, queue));
        return;
    }
    let runs: Vec<Run> =
        fitting(&|role| pen.role(role), &|tone| pen.tone(tone), state, area).concat();
    pen.runs(area, &runs);
}

/// The tab that stands in column `x` of the screen.
pub(super) fn at(state: &State, area: Rect, x: u16) -> Option<TableId> {
    if state.screen.inside.is_some() {
        return None;
    }
    let area = inset(area, 1, 0);
    let mut left = area.x;
    let plain = (|_: Role| Style::new(), |_: Tone| Style::new());
    for (table, runs) in state.tabs().zip(fitting(&plain.0, &plain.1, state, area)) {
        let right = left.saturating_add(width_of(&runs));
        if (left..right).contains(&x) {
            return Some(table);
        }
        left = right;
    }
    None
}

/// How much of a title there is room for. The open tab has all of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Titles {
    Whole,
    Brief,
    No,
}

/// The tabs with as much as there is room for.
fn fitting(
    role: &dyn Fn(Role) -> Style,
    tone: &dyn Fn(Tone) -> Style,
    state: &State,
    area: Rect,
) -> Vec<Vec<Run>> {
    use Titles::{Brief, No, Whole};
    let all = [
        (true, Whole, true),
        (true, Whole, false),
        (true, Brief, false),
        (false, Whole, true),
        (false, Whole, false),
        (false, Brief, false),
        (false, No, true),
    ];
    let needed = |tabs: &Vec<Vec<Run>>| tabs.iter().map(|runs| width_of(runs)).sum::<u16>();
    let mut shrinking = all.into_iter().map(|way| tabs(role, tone, state, way));
    if let Some(fitting) = shrinking.find(|tabs| needed(tabs) <= area.width) {
        return fitting;
    }
    // No key is given up before the title of the open tab.
    let mut shortest = tabs(role, tone, state, (false, No, false));
    let excess = needed(&shortest).saturating_sub(area.width);
    let title = state.screen.tab().title();
    let open = shortest.iter_mut().flatten().find(|run| run.text.trim_start() == title);
    if let Some(run) = open {
        run.text = cut(&run.text, width(&run.text).saturating_sub(excess)).into_owned();
    }
    shortest
}

fn tabs(
    role: &dyn Fn(Role) -> Style,
    tone: &dyn Fn(Tone) -> Style,
    state: &State,
    (counts, titles, apart): (bool, Titles, bool),
) -> Vec<Vec<Run>> {
    let context = state.context();
    let mut all = Vec::new();
    for table in state.tabs() {
        let mut runs = Vec::new();
        let active = state.screen.tab() == table;
        let place = role(if active { Role::TabActive } else { Role::Tab });
        let key = state.keymap.keys_of(Action::Table(table)).next();
        if let Some(key) = key {
            let style = if active { place.patch(role(Role::Key)) } else { place };
            runs.push(Run::new(format!(" {key}"), style));
        }
        if titles != Titles::No || active || key.is_none() {
            let style = if active { place } else { place.patch(tone(Tone::Plain)) };
            let brief = titles == Titles::Brief && !active;
            let title = if brief { table.brief() } else { table.title() };
            runs.push(Run::new(format!(" {title}"), style));
        }
        if (counts || active) && table != TableId::Log {
            let style = if active { place } else { place.patch(tone(Tone::Quiet)) };
            runs.push(Run::new(format!(" {}", table.count(&context)), style));
        }
        runs.push(Run::new(" ", place));
        if apart {
            runs.push(Run::new(" ", role(Role::Tab)));
        }
        all.push(runs);
    }
    all
}

fn way(pen: &Pen<'_>, state: &State, source: &SourceName, queue: &QueueId) -> Vec<Run> {
    let quiet = pen.tone(Tone::Quiet);
    let mut runs = vec![Run::new(format!(" {} › ", TableId::Queues.title()), quiet)];
    let context = state.context();
    let found = context.floor.named(source).and_then(|(source, world)| {
        Some(QueueRow { source, world, queue: world.queues.get(queue)? })
    });
    let Some(row) = found else {
        runs.push(Run::new(queue.shown().as_str(), pen.tone(Tone::Strong)));
        runs.push(Run::new("   no longer told of", pen.tone(Tone::Warning)));
        return runs;
    };
    runs.push(Run::new(row.queue.name.as_str(), pen.tone(Tone::Strong)));
    if !row.world.is_fresh(&row.queue.feed, &state.now) {
        let age = crate::table::cell::span(state.now.age(row.queue.updated).as_secs());
        runs.push(Run::new(format!("   ▲ {age} old"), pen.tone(Tone::Warning)));
    } else if let Some(severity) = severity(&row, &context) {
        let text = format!("   {} {}", glyph(severity), severity.word());
        runs.push(Run::new(text, pen.tone(tone(severity))));
    }
    runs.push(Run::new(format!("   {}", facts(&row, &context)), quiet));
    runs
}

/// “hq, open, 08-555 010 00”.
pub(super) fn facts(row: &QueueRow<'_>, context: &Context<'_>) -> String {
    let mut facts = vec![row.source.shown().to_string()];
    facts.extend(row.queue.open.map(|open| open.word().to_owned()));
    facts.extend(row.queue.number.as_ref().map(ToString::to_string));
    let words = |word: &Shown| word.to_lowercase().replace('_', " ");
    facts.extend(row.queue.about.kind.as_ref().map(words));
    facts.extend(row.queue.about.distribution.as_ref().map(|own| format!("by {}", words(own))));
    let since = counted_since(row).map(|at| Figure::Time(context.now.wall_of(at)).text(context));
    facts.extend(since.map(|time| format!("counted since {time}")));
    facts.join(", ")
}
