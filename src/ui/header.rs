//! The header line: whose board it is, how its sources are reached, how bad it is, and what time it is.
//!
//! ```text
//!  floorwalker   ● hq live   ● helsinki polling   ■ oslo down, next try 12s      ■ 2 critical  ▲ 3 warning   14:32:07
//! ```

use chrono::Local;
use ratatui::layout::Rect;

use crate::floor::World;
use crate::operations::Access;
use crate::state::State;
use crate::table::cell::{duration, span};
use crate::table::totals::Totals;
use crate::table::{Tone, Zone, sources};
use crate::theme::Role;
use crate::ui::pen::{Pen, Run, inset, sign, width_of};

/// How much is said of the sources, from most to least.
#[derive(Clone, Copy)]
enum Sources {
    Words,
    WordsOfTrouble,
    NamesOfTrouble,
    Signs,
    Nothing,
}

/// How much is said of the floor, from most to least.
#[derive(Clone, Copy)]
enum Floor {
    Figures,
    FiguresAndSigns,
    Counts,
    Signs,
    Worst,
}

/// What is given up, in this order, as the line gets shorter.
const SHRINKING: [(Sources, Floor, bool); 11] = [
    (Sources::Words, Floor::Figures, true),
    (Sources::WordsOfTrouble, Floor::Figures, true),
    (Sources::NamesOfTrouble, Floor::Figures, true),
    (Sources::NamesOfTrouble, Floor::FiguresAndSigns, true),
    (Sources::Signs, Floor::FiguresAndSigns, true),
    (Sources::NamesOfTrouble, Floor::Signs, true),
    (Sources::Signs, Floor::Counts, true),
    (Sources::Signs, Floor::Signs, true),
    (Sources::Nothing, Floor::Counts, false),
    (Sources::Nothing, Floor::Signs, true),
    (Sources::Nothing, Floor::Signs, false),
];

/// Draws the header. With `summary` below it, the floor's figures are not said twice.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, totals: &Totals, summary: bool, area: Rect) {
    pen.fill(area, Role::Header);
    let area = inset(area, 1, 1);
    let mut shortest = (Vec::new(), floor(pen, state, totals, Floor::Worst, summary));
    for (of_sources, of_floor, name) in SHRINKING {
        let mut left = Vec::new();
        if name {
            left.push(Run::new("floorwalker", pen.role(Role::Brand)));
        }
        left.extend(sources(pen, state, of_sources));
        let right = floor(pen, state, totals, of_floor, summary);
        if u32::from(width_of(&left)) + u32::from(width_of(&right)) + 2 <= u32::from(area.width) {
            shortest = (left, right);
            break;
        }
    }
    let (left, right) = shortest;
    let wide = width_of(&right).min(area.width);
    pen.runs(area, &left);
    pen.runs(Rect { x: area.right() - wide, width: wide, ..area }, &right);
}

fn sources(pen: &Pen<'_>, state: &State, much: Sources) -> Vec<Run> {
    let mut runs = Vec::new();
    for (index, (name, world)) in state.floor.worlds().enumerate() {
        let link = world.link(&state.now);
        let tone = sources::tone(link);
        let named = match much {
            Sources::Nothing => break,
            Sources::Words | Sources::WordsOfTrouble => true,
            Sources::NamesOfTrouble => !link.is_fresh(),
            Sources::Signs => false,
        };
        let gap = if named || index == 0 { "   " } else { " " };
        let gap = Run::new(gap, pen.role(Role::Header));
        runs.extend([gap, Run::new(sign(tone), pen.ink(tone))]);
        if !named {
            continue;
        }
        runs.push(Run::new(" ", pen.role(Role::Header)));
        runs.push(Run::new(name.shown().as_str(), pen.tone(Tone::Plain)));
        let told = match much {
            Sources::Words => Some(word(state, world)),
            _ => (!link.is_fresh()).then(|| link.word().to_owned()),
        };
        if let Some(told) = told {
            let tone = if link.is_fresh() { Tone::Quiet } else { tone };
            runs.push(Run::new(" ", pen.role(Role::Header)));
            runs.push(match much {
                Sources::Words => pen.badge(&told, tone),
                _ => Run::new(told, pen.tone(tone)),
            });
        }
    }
    runs
}

/// “down, next try 12s”.
fn word(state: &State, world: &World) -> String {
    let link = world.link(&state.now);
    match sources::retry_at(world) {
        Some(at) if !link.is_fresh() => {
            let left = sources::left(at, state.now.moment);
            format!("{}, next try {}", link.word(), span(left))
        }
        _ => link.word().to_owned(),
    }
}

fn floor(pen: &Pen<'_>, state: &State, totals: &Totals, much: Floor, summary: bool) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut say = |text: String, style| runs.push(Run::new(text, style));
    let quiet = pen.tone(Tone::Quiet);
    if matches!(much, Floor::Figures | Floor::FiguresAndSigns) && !summary {
        if let (Some(waiting), coverage) = totals.count("waiting") {
            say(waiting.to_string(), pen.tone(Tone::Strong));
            let words = totals.of_fresh(coverage).words();
            let over = words.map_or_else(String::new, |[.., over]| format!(" {over}"));
            say(format!(" waiting{over}  "), quiet);
        }
        if let Some((longest, _)) = totals.longest(state.context().now.moment) {
            say("longest ".to_owned(), quiet);
            say(format!("{}  ", duration(longest.into())), pen.tone(Tone::Strong));
        }
    }
    let counts =
        [(totals.critical, Tone::Critical, "critical"), (totals.warning, Tone::Warning, "warning")];
    let trouble = counts.iter().filter(|(count, ..)| *count > 0);
    let shown = if matches!(much, Floor::Worst) { 1 } else { 2 };
    for (count, tone, word) in trouble.take(shown) {
        let text = match much {
            Floor::Figures | Floor::Counts => format!("{} {count} {word}", sign(*tone)),
            Floor::FiguresAndSigns | Floor::Signs | Floor::Worst => {
                format!("{} {count}", sign(*tone))
            }
        };
        // A margin is for lines with room for words.
        let badge = match much {
            Floor::Figures | Floor::Counts => pen.badge(&text, *tone),
            Floor::FiguresAndSigns | Floor::Signs | Floor::Worst => Run::new(text, pen.tone(*tone)),
        };
        say(badge.text, badge.style);
        say("  ".to_owned(), quiet);
    }
    if totals.critical + totals.warning == 0 && totals.fresh > 0 {
        // Of what nobody knows, nobody can say that it is well.
        match (totals.fresh - totals.unknown, totals.unknown) {
            (_, 0) => say(format!("{} all well  ", sign(Tone::Good)), pen.tone(Tone::Good)),
            (0, _) => say(format!("{} nothing known  ", sign(Tone::Unknown)), quiet),
            (well, unknown) => {
                say(format!("{} {well} well  ", sign(Tone::Good)), pen.tone(Tone::Good));
                say(format!("{} {unknown} unknown  ", sign(Tone::Unknown)), quiet);
            }
        }
    }
    if let Some(held) = state.held_since() {
        let age = crate::table::cell::span(state.now.age(held.moment).as_secs());
        say(format!(" held {age} "), pen.role(Role::Tag));
        say("  ".to_owned(), quiet);
    }
    if state.access == Access::ReadOnly {
        say(" read-only ".to_owned(), pen.role(Role::Tag));
        say("  ".to_owned(), quiet);
    }
    say(clock(state), pen.role(Role::Clock));
    runs
}

/// The time of day.
fn clock(state: &State) -> String {
    let wall = state.now.wall;
    match state.zone {
        Zone::Utc => wall.format("%H:%M:%S").to_string(),
        Zone::Local => wall.with_timezone(&Local).format("%H:%M:%S").to_string(),
    }
}
