//! The wall: one look from six metres says whether somebody has to act, and where.
//!
//! ```text
//! ┌ header: sources, age of the data, clock ────────────┐
//! │ banner: sources that no longer tell anything        │
//! │ stage: who needs somebody most, in large letters    │
//! │        waiting, longest wait, free, in large figures│
//! │ totals: all queues together                         │
//! │ list: the next-worst, a page at a time              │
//! └ footer: which page of how many ─────────────────────┘
//! ```

use chrono::Local;
use ratatui::layout::Rect;

use crate::floor::link::Link;
use crate::state::State;
use crate::table::totals::Totals;
use crate::table::{Tone, Zone, sources};
use crate::theme::Role;
use crate::ui::letters::Dots;
use crate::ui::pen::{Pen, Run, cut, inset, sign, width, width_of};
use crate::wall::sheet::{Show, last_good, reason};
use crate::wall::{Layout, Wall, age};

mod list;
mod stage;

/// Cells between the edge and what stands on a large wall.
const MARGIN: u16 = 3;

/// Draws the wall over the whole `area`.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, wall: &Wall, area: Rect) {
    pen.fill(area, Role::Base);
    let context = state.wall_context();
    let show = wall.profile.show(&context, (area.width, area.height));
    let page = wall.page(show.sheets.len());
    let sheet = show.sheets.get(page);
    let table = sheet.map_or(crate::table::TableId::Queues, |sheet| sheet.table);
    let layout = Layout::of((area.width, area.height), !show.trouble.is_empty(), table);
    let keep = |row: &crate::table::queues::QueueRow<'_>| {
        wall.profile.has(&row.queue.name, row.queue.id.raw())
    };
    let totals = Totals::within(&context, keep, |agent| wall.profile.has_agent(agent));
    let mut rest = area;
    let mut share = |height: u16| {
        let taken = Rect { height: height.min(rest.height), ..rest };
        rest.y += taken.height;
        rest.height -= taken.height;
        taken
    };
    header(pen, state, wall, share(layout.header));
    banner(pen, state, &show, share(layout.banner));
    stage::draw(pen, state, &show, &totals, &layout, share(stage::height(&layout)));
    stage::totals(pen, &totals, state.now.moment, share(layout.totals + air(&layout)));
    share(air(&layout));
    list::draw(pen, state, sheet, &layout, share(layout.heads + layout.rows));
    footer(pen, state, &show, page, share(layout.footer));
}

/// The blank lines in front of a part.
const fn air(layout: &Layout) -> u16 {
    layout.air
}

/// How much the header says of a source.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Words,
    Names,
    Signs,
    Nothing,
}

/// What the header gives up as it gets shorter: of the sources, the program's name, words for the age.
const SHRINKING: [(Of, bool, bool); 6] = [
    (Of::Words, true, true),
    (Of::Names, true, true),
    (Of::Names, false, true),
    (Of::Signs, false, true),
    (Of::Signs, false, false),
    (Of::Nothing, false, false),
];

fn header(pen: &mut Pen<'_>, state: &State, wall: &Wall, area: Rect) {
    pen.fill(area, Role::Header);
    let area = inset(area, 1, 1);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (of, name, long) in SHRINKING {
        left = sources(pen, state, wall, of, name);
        right = times(pen, state, long);
        if width_of(&left).saturating_add(width_of(&right)) < area.width {
            break;
        }
    }
    if width_of(&right) > area.width {
        right.remove(0);
    }
    let wide = width_of(&right).min(area.width);
    pen.runs(inset(area, 0, wide), &left);
    pen.runs(Rect { x: area.right() - wide, width: wide, ..area }, &right);
}

fn sources(pen: &Pen<'_>, state: &State, wall: &Wall, of: Of, name: bool) -> Vec<Run> {
    let quiet = pen.tone(Tone::Quiet);
    let mut runs = Vec::new();
    if name {
        runs.push(Run::new("floorwalker  ", pen.role(Role::Brand)));
        let profile = wall.profile.name.as_ref();
        runs.extend(profile.map(|name| Run::new(format!("{name}  "), pen.tone(Tone::Strong))));
    }
    for (name, world) in state.floor.worlds().filter(|_| of != Of::Nothing) {
        let link = world.link(&state.now);
        let tone = sources::tone(link);
        runs.push(Run::new(format!("{} ", sign(tone)), pen.tone(tone)));
        let told = match of {
            Of::Words => format!("{} {}   ", name.shown(), link.word()),
            Of::Names => format!("{}  ", name.shown()),
            Of::Signs | Of::Nothing => String::new(),
        };
        runs.push(Run::new(told, if link.is_fresh() { quiet } else { pen.tone(tone) }));
    }
    runs
}

/// How old the newest data is, and the clock.
fn times(pen: &Pen<'_>, state: &State, long: bool) -> Vec<Run> {
    let at = last_good(&state.wall_context());
    let old = match at.map(|at| age(state.now.age(at).as_secs())) {
        Some(old) if long => format!("last good data {old} ago   "),
        Some(old) => format!("data {old}  "),
        None => "no data yet  ".to_owned(),
    };
    vec![Run::new(old, pen.tone(Tone::Quiet)), Run::new(clock(state), pen.role(Role::Clock))]
}

/// The time of day, without seconds: a wall at rest is still.
fn clock(state: &State) -> String {
    match state.zone {
        Zone::Utc => state.now.wall.format("%H:%M").to_string(),
        Zone::Local => state.now.wall.with_timezone(&Local).format("%H:%M").to_string(),
    }
}

/// Sources that no longer tell anything, where they are not on the stage: a bar that cannot be overlooked.
fn banner(pen: &mut Pen<'_>, state: &State, show: &Show, area: Rect) {
    pen.fill(area, Role::Tag);
    let context = state.wall_context();
    let told: Vec<(String, String)> = show
        .trouble
        .iter()
        .filter_map(|name| context.floor.named(name))
        .map(|(name, world)| {
            let link = world.link(&state.now);
            let old = world.last_update().map(|at| age(state.now.age(at).as_secs()));
            let old = old.map_or_else(
                || "no data yet".to_owned(),
                |old| format!("last good data {old} ago"),
            );
            let why = reason(world, &context).map_or_else(String::new, |why| format!(", {why}"));
            (format!("{} {}", name.shown(), link.word()), format!("{old}{why}"))
        })
        .collect();
    let Some((first, more)) = told.first() else { return };
    let style = pen.role(Role::Tag);
    let line = inset(area, if area.height > 1 { MARGIN } else { 1 }, 1);
    let rest: Vec<String> =
        told.iter().skip(1).map(|(what, more)| format!("{what}, {more}")).collect();
    let rest =
        if rest.is_empty() { String::new() } else { format!("   ■ {}", rest.join("   ■ ")) };
    let dots = (area.height > 4).then(|| Dots::name(first)).flatten();
    let scale =
        dots.as_ref().and_then(|dots| dots.fit(line.width, area.height - 1, pen.characters));
    if let (Some(dots), Some(scale)) = (&dots, scale) {
        dots.draw(pen, line, scale, style);
        let used = dots.width(scale).saturating_add(4);
        let beside = inset(line, used, 0);
        let place = Rect { y: area.y + area.height / 2, height: 1, ..beside };
        if beside.width > width(more).min(24) {
            pen.text(place, &format!("{more}{rest}"), style);
            return;
        }
        let below = Rect { y: area.bottom() - 1, height: 1, ..line };
        pen.text(below, &format!("{more}{rest}"), style);
        return;
    }
    let place = Rect { y: area.y + area.height / 2, height: area.height.min(1), ..line };
    pen.text(place, &format!("■ {first}, {more}{rest}"), style);
}

/// “2 of 5”, and dots where they fit.
fn footer(pen: &mut Pen<'_>, state: &State, show: &Show, page: usize, area: Rect) {
    pen.fill(area, Role::Footer);
    let area = inset(area, 1, 1);
    let quiet = pen.tone(Tone::Quiet);
    let pages = show.sheets.len();
    let Some(sheet) = show.sheets.get(page) else {
        return pen.right(area, "read-only, numbers masked", quiet);
    };
    let mut parts: Vec<Vec<Run>> = vec![vec![Run::new(sheet.table.title(), pen.tone(Tone::Plain))]];
    if pages > 1 {
        let text = format!("  {} of {pages}", page + 1);
        parts.push(vec![Run::new(text, pen.tone(Tone::Strong))]);
        let dot = |own: usize| match own == page {
            true => Run::new("● ", pen.role(Role::Key)),
            false => Run::new("· ", quiet),
        };
        let gap = std::iter::once(Run::new("   ", quiet));
        parts.push(gap.chain((0..pages.min(100)).map(dot)).collect());
    }
    if pages > 1 && show.sheets.iter().any(|sheet| sheet.critical) {
        parts.push(vec![Run::new("  ■ critical first", pen.tone(Tone::Critical))]);
    }
    let mut keys: Vec<Run> = Vec::new();
    for (press, declared) in state.keymap.offered(state.screen.scope()) {
        if matches!(declared.name, "help" | "quit") {
            keys.push(Run::new(format!("   {press}"), pen.role(Role::Key)));
            keys.push(Run::new(format!(" {}", declared.hint), pen.role(Role::Hint)));
        }
    }
    // Help and quit have their room first.
    let room = area.width.saturating_sub(width_of(&keys));
    let mut left: Vec<Run> = Vec::new();
    for part in parts {
        if width_of(&left).saturating_add(width_of(&part)) <= room {
            left.extend(part);
        }
    }
    let used = pen.runs(area, &left);
    let rest = inset(area, used, 0);
    let mut all = vec![Run::new("read-only, numbers masked", quiet)];
    all.extend(keys.clone());
    if let Some(fit) = [all, keys].into_iter().find(|runs| width_of(runs) <= rest.width) {
        let wide = width_of(&fit);
        pen.runs(Rect { x: rest.right() - wide, width: wide, ..rest }, &fit);
    }
}

/// The sign and the word of a link that tells nothing.
fn down(link: Link) -> (&'static str, Tone) {
    let tone = sources::tone(link);
    (sign(tone), tone)
}

/// `text` in at most `cells` cells, at the right of a place.
fn right(pen: &mut Pen<'_>, place: Rect, text: &str, style: ratatui::style::Style) {
    pen.right(place, &cut(text, place.width), style);
}
