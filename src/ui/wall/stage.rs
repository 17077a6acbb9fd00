//! The stage: who needs somebody most, large; and all queues together.
//!
//! ```text
//!  ■ critical   hq
//!  ██  ██ ▄█▀▀█▄ ██  ██ ██▀▀▀▀ ██
//!   ▀██▀  ██▀▀██ ▄█▀▀█▄ ██▄▄▄▄ ██▄▄▄▄
//!
//!  ██  ██      ▀▀▀▀██ ██ ▀██   ▄█▀▀█▄      ▄█▀▀█▄
//!  ▀▀▀▀██      ██▀▀▀▀ ▀▀  ██   ██  ██      ██  ██
//!      ▀▀      ▀▀▀▀▀▀ ▀▀ ▀▀▀▀   ▀▀▀▀        ▀▀▀▀
//!  waiting     longest wait                free of 9
//! ```

use ratatui::layout::Rect;

use crate::floor::time::Moment;
use crate::state::State;
use crate::table::cell::UNKNOWN;
use crate::table::queues::{Queues, longest_wait};
use crate::table::totals::{Coverage, Totals};
use crate::table::{RowId, Table, Tone};
use crate::text::Characters;
use crate::theme::Role;
use crate::threshold;
use crate::ui::digits;
use crate::ui::letters::{Dots, Scale};
use crate::ui::pen::{Pen, Run, inset, sign, width};
use crate::ui::summary::limit;
use crate::ui::wall::{MARGIN, down};
use crate::wall::sheet::{Show, reason};
use crate::wall::{Layout, Stage, Standing, age, wait};

/// One large figure.
struct Tall {
    figure: String,
    tone: Tone,
    /// What it is, from the longest form to the shortest.
    labels: Vec<String>,
}

impl Tall {
    /// The longest form of its label that fits; the shortest where none does.
    fn label(&self, cells: u16) -> &str {
        let fitting = self.labels.iter().find(|form| width(form) <= cells);
        fitting.map_or(self.shortest(), String::as_str)
    }

    fn shortest(&self) -> &str {
        self.labels.last().map_or("", String::as_str)
    }

    /// The same, which says over how many queues it is where these are not all.
    fn over(self, coverage: Coverage) -> Self {
        let Some(words) = coverage.words() else { return self };
        let short = self.shortest().to_owned();
        let mut labels: Vec<String> = Vec::new();
        for words in &words {
            labels.extend(self.labels.iter().map(|label| format!("{label} {words}")));
        }
        labels.push(format!("{short} {}/{}", coverage.rows, coverage.of));
        Self { labels, ..self }
    }
}

/// What the stage says.
struct Scene {
    word: String,
    tone: Tone,
    more: String,
    title: String,
    /// Colour is for what is the matter: the name of a queue is what it is the matter with.
    title_tone: Tone,
    figures: Vec<Tall>,
}

/// Lines of the stage.
pub(super) const fn height(layout: &Layout) -> u16 {
    let word = if layout.word > 0 { layout.word + layout.air } else { 0 };
    layout.air + word + layout.title + layout.digits + layout.labels
}

pub(super) fn draw(
    pen: &mut Pen<'_>,
    state: &State,
    show: &Show,
    totals: &Totals,
    layout: &Layout,
    area: Rect,
) {
    let scene = scene(state, show, totals);
    let style = pen.tone(scene.tone);
    let large = layout.word > 0;
    if large {
        // Seen from the door before anything can be read.
        let bar = Rect { y: area.y + layout.air, height: area.height - layout.air, ..area };
        for y in bar.top()..bar.bottom() {
            pen.text(Rect { y, width: 1, height: 1, ..area }, "█", style);
        }
    }
    let mut rest = inset(area, if large { MARGIN } else { 1 }, 1);
    let mut share = |height: u16| {
        let taken = Rect { height: height.min(rest.height), ..rest };
        rest.y += taken.height;
        rest.height -= taken.height;
        taken
    };
    share(layout.air);
    let word = share(layout.word);
    if large {
        let runs = [
            Run::new(format!("{} {}", sign(scene.tone), scene.word), style),
            Run::new(format!("   {}", scene.more), pen.tone(Tone::Quiet)),
        ];
        pen.runs(word, &runs);
    }
    let title = share(layout.title);
    let dots = Dots::name(&scene.title).filter(|_| layout.title > 1);
    let scale = dots.as_ref().and_then(|dots| dots.fit(title.width, title.height, pen.characters));
    match (dots, scale) {
        (Some(dots), Some(scale)) => {
            let style = pen.tone(scene.title_tone);
            dots.draw(pen, title, scale, style);
        }
        _ => {
            let y = title.y + title.height / 2;
            let line = Rect { y, height: title.height.min(1), ..title };
            let mut runs = Vec::new();
            if !large {
                let word = format!("{} {}  ", sign(scene.tone), scene.word);
                runs.push(Run::new(word, style));
            }
            runs.push(Run::new(scene.title.clone(), pen.role(Role::DialogTitle)));
            if !large && !scene.more.is_empty() {
                runs.push(Run::new(format!("   {}", scene.more), pen.tone(Tone::Quiet)));
            }
            pen.runs(line, &runs);
        }
    }
    if large {
        share(layout.air);
    }
    let digits = share(layout.digits);
    let labels = share(layout.labels);
    figures(pen, &scene.figures, digits, labels);
}

/// The figures side by side, as large as they fit together, each above its label.
///
/// Each has room for one digit more than it usually needs, so that nothing moves when a figure grows.
fn figures(pen: &mut Pen<'_>, figures: &[Tall], area: Rect, labels: Rect) {
    if area.height == 0 {
        return in_a_line(pen, figures, labels);
    }
    let gap = (area.width / 24).clamp(2, 8);
    let dots: Option<Vec<Dots>> = figures.iter().map(|own| Dots::figure(&own.figure)).collect();
    let dots = dots.filter(|_| area.height > digits::TALL);
    let mut shown = figures.len();
    let (scale, mut widths) = loop {
        let here = figures.get(..shown).unwrap_or_default();
        let room = area.width.saturating_sub(gap.saturating_mul(gaps(shown)));
        let fitting = [true, false].into_iter().find_map(|spare| {
            let scale = match &dots {
                Some(dots) => Some(common(here, dots, spare, room, area.height, pen.characters)?),
                None => None,
            };
            let widths: Vec<u16> = (0..shown)
                .map(|index| {
                    needed(&figures[index], dots.as_ref().map(|all| &all[index]), scale, spare)
                })
                .collect();
            let sum = widths.iter().copied().fold(0, u16::saturating_add);
            (sum <= room).then_some((scale, widths))
        });
        match fitting {
            Some(found) => break found,
            None if shown > 1 => shown -= 1,
            None => return in_a_line(pen, figures, labels),
        }
    };
    if shown < figures.len().min(3) {
        return in_a_line(pen, figures, labels);
    }
    // What is over is shared out, so that the figures stand over the whole width.
    let used = widths.iter().copied().fold(gap * gaps(shown), u16::saturating_add);
    let more = area.width.saturating_sub(used) / u16::try_from(shown).unwrap_or(1);
    for wide in &mut widths {
        *wide += more.min(24);
    }
    let mut x = area.x;
    for (index, own) in figures.iter().take(shown).enumerate() {
        let style = pen.tone(own.tone);
        let left = Rect { x, width: area.right().saturating_sub(x), ..area };
        if let (Some(dots), Some(scale)) = (&dots, scale) {
            let lines = dots[index].lines(scale).min(area.height);
            let y = area.bottom() - lines;
            dots[index].draw(pen, Rect { y, height: lines, ..left }, scale, style);
        } else {
            let up = area.height.saturating_sub(digits::TALL);
            let lower = Rect { y: area.y + up, height: area.height - up, ..left };
            digits::draw(pen, lower, &own.figure, style);
        }
        let place = Rect { x, width: widths[index] + gap - 1, ..labels }.intersection(labels);
        pen.text(place, own.label(place.width), pen.tone(Tone::Quiet));
        x = x.saturating_add(widths[index] + gap);
    }
}

fn gaps(figures: usize) -> u16 {
    u16::try_from(figures.saturating_sub(1)).unwrap_or(u16::MAX)
}

/// The figure with the digits that it may grow to.
fn spared(own: &Tall) -> &'static str {
    if own.figure.contains([':', 'h']) { "8:88" } else { "88" }
}

/// Cells that a figure and its label take.
fn needed(own: &Tall, dots: Option<&Dots>, scale: Option<Scale>, spare: bool) -> u16 {
    let (now, then) = match (dots, scale) {
        (Some(dots), Some(scale)) => {
            let then = Dots::figure(spared(own)).map_or(0, |dots| dots.width(scale));
            (dots.width(scale), then)
        }
        _ => (digits::wide(&own.figure), digits::wide(spared(own))),
    };
    now.max(if spare { then } else { 0 }).max(width(own.shortest()))
}

/// The largest scale at which all of them stand side by side.
fn common(
    figures: &[Tall],
    all: &[Dots],
    spare: bool,
    cells: u16,
    lines: u16,
    characters: Characters,
) -> Option<Scale> {
    let largest = all.first()?.fit(u16::MAX, lines, characters)?;
    largest.down_to(characters).find(|scale| {
        let each = figures.iter().zip(all);
        each.map(|(own, dots)| needed(own, Some(dots), Some(*scale), spare))
            .fold(0, u16::saturating_add)
            <= cells
    })
}

/// “4 waiting  2:10 longest  0 free”, where there is no room for large ones.
fn in_a_line(pen: &mut Pen<'_>, figures: &[Tall], area: Rect) {
    let mut runs = Vec::new();
    for own in figures {
        runs.push(Run::new(own.figure.clone(), pen.tone(own.tone)));
        runs.push(Run::new(format!(" {}  ", own.shortest()), pen.tone(Tone::Quiet)));
    }
    pen.runs(area, &runs);
}

fn scene(state: &State, show: &Show, totals: &Totals) -> Scene {
    match &show.stage {
        Stage::Queue(id) => of_queue(state, id),
        Stage::Source(name) => {
            let context = state.wall_context();
            let Some((name, world)) = context.floor.named(name) else { return empty(state) };
            let link = world.link(&state.now);
            let (_, tone) = down(link);
            let old = world.last_update().map(|at| age(state.now.age(at).as_secs()));
            let figure = old.as_ref().map_or_else(|| UNKNOWN.to_owned(), |old| compact(old));
            let labels = vec!["since its last good data".to_owned()];
            let mut figures = vec![Tall { figure, tone, labels }];
            figures.extend(of_all(totals, state.now.moment));
            Scene {
                word: link.word().to_owned(),
                tone,
                more: reason(world, &context).map_or_else(String::new, |why| why.to_string()),
                title: format!("{} {}", name.shown(), link.word()),
                title_tone: tone,
                figures,
            }
        }
        Stage::Well => Scene {
            word: "ok".to_owned(),
            tone: Tone::Good,
            more: match totals.unknown {
                0 => "no queue is in trouble".to_owned(),
                1 => "of one queue nothing is known".to_owned(),
                unknown => format!("of {unknown} queues nothing is known"),
            },
            title: match totals.unknown {
                0 => "all well".to_owned(),
                unknown => format!("{} well", totals.fresh.saturating_sub(unknown)),
            },
            title_tone: Tone::Good,
            figures: of_all(totals, state.now.moment),
        },
        Stage::Unknown => Scene {
            word: "unknown".to_owned(),
            tone: Tone::Unknown,
            more: "nothing is known of these queues".to_owned(),
            title: "unknown".to_owned(),
            title_tone: Tone::Unknown,
            figures: of_all(totals, state.now.moment),
        },
        Stage::Empty => empty(state),
    }
}

/// `12 min` as `12M`.
fn compact(age: &str) -> String {
    let mut words = age.split(' ');
    let number = words.next().unwrap_or_default().trim_start_matches('<');
    let unit = words.next().and_then(|unit| unit.chars().next());
    let unit = unit.map_or_else(String::new, |unit| unit.to_uppercase().to_string());
    format!("{number}{unit}")
}

fn empty(state: &State) -> Scene {
    let waiting: Vec<String> = state
        .floor
        .worlds()
        .filter(|(_, world)| world.last_update().is_none())
        .map(|(name, _)| name.shown().to_string())
        .collect();
    let more = match (waiting.is_empty(), state.floor.worlds().next().is_none()) {
        (_, true) => "no source is configured".to_owned(),
        (true, _) => "there are no queues that this wall shows".to_owned(),
        (false, _) => format!("waiting for the first answer from {}", waiting.join(", ")),
    };
    Scene {
        word: "no data".to_owned(),
        tone: Tone::Busy,
        more,
        title: "no queues yet".to_owned(),
        title_tone: Tone::Busy,
        figures: of_all(&Totals::default(), state.now.moment),
    }
}

fn of_queue(state: &State, id: &RowId) -> Scene {
    let context = state.wall_context();
    let Some(row) = Queues::find(&context, id) else { return empty(state) };
    let figures = &row.queue.figures;
    let longest = longest_wait(&row, &context);
    let judge = |column, value: Option<u32>| {
        limit(value.and_then(|value| threshold::severity(column, value.into())))
    };
    let (word, tone) = match Standing::of(&row, &context) {
        Standing::Critical => ("critical", Tone::Critical),
        Standing::Warning => ("warning", Tone::Warning),
        Standing::Old | Standing::Unknown => ("unknown", Tone::Unknown),
        Standing::Ok | Standing::Closed => ("ok", Tone::Good),
    };
    let free = Tall {
        labels: vec![
            figures
                .agents_logged_in
                .map_or_else(|| "free".to_owned(), |all| format!("free of {all}")),
        ],
        ..count(
            figures.agents_free.map(u64::from),
            "free",
            free_tone(figures.agents_free, figures.waiting),
        )
    };
    Scene {
        word: word.to_owned(),
        tone,
        more: row.source.shown().to_string(),
        title: row.queue.name.to_string(),
        title_tone: Tone::Strong,
        figures: vec![
            with_parked(
                count(figures.waiting.map(u64::from), "waiting", judge("waiting", figures.waiting)),
                figures.parked.map(u64::from),
            ),
            Tall {
                figure: longest.map_or_else(|| UNKNOWN.to_owned(), wait),
                tone: judge("longest_wait_s", longest),
                labels: vec!["longest wait".to_owned()],
            },
            free,
        ],
    }
}

/// Nobody free is worth a look while somebody waits.
const fn free_tone(free: Option<u32>, waiting: Option<u32>) -> Tone {
    match (free, waiting) {
        (Some(0), Some(1..)) => Tone::Warning,
        _ => Tone::Strong,
    }
}

fn count(count: Option<u64>, label: &str, tone: Tone) -> Tall {
    match count {
        Some(count) => Tall { figure: short(count), tone, labels: vec![label.to_owned()] },
        None => {
            Tall { figure: UNKNOWN.to_owned(), tone: Tone::Unknown, labels: vec![label.to_owned()] }
        }
    }
}

/// Who waits, and who is parked, which is said beside it.
fn with_parked(waiting: Tall, parked: Option<u64>) -> Tall {
    match parked {
        Some(parked @ 1..) => {
            let with = |label: &String| format!("{label}, {parked} parked");
            Tall { labels: waiting.labels.iter().map(with).collect(), ..waiting }
        }
        _ => waiting,
    }
}

/// A count in at most four characters: beyond that in thousands, millions or milliards.
pub(super) fn short(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..1_000_000 => format!("{}k", count / 1_000),
        1_000_000..1_000_000_000 => format!("{}M", count / 1_000_000),
        _ => format!("{}G", count / 1_000_000_000),
    }
}

fn of_all(totals: &Totals, now: Moment) -> Vec<Tall> {
    let longest = totals.longest(now).map(|(seconds, _)| seconds);
    let (waiting, of_waiting) = totals.count("waiting");
    let agents = &totals.agents;
    let free = agents.whole().map_or_else(|| "free".to_owned(), |all| format!("free of {all}"));
    let free = Tall { labels: vec![free], ..count(agents.part(), "free", Tone::Strong) };
    vec![
        with_parked(
            count(waiting, "waiting", limit(totals.worst_waiting))
                .over(totals.of_fresh(of_waiting)),
            totals.count("parked").0,
        ),
        Tall {
            figure: longest.map_or_else(|| UNKNOWN.to_owned(), wait),
            tone: match longest {
                Some(_) => limit(totals.worst_wait),
                None => Tone::Unknown,
            },
            labels: vec!["longest wait".to_owned()],
        },
        free.over(totals.of_fresh(agents.coverage())),
    ]
}

/// Calls abandoned, of those offered in the same queues.
fn abandoned(totals: &Totals) -> Tall {
    let share = &totals.abandoned;
    let labels = match share.percent() {
        Some(percent) => vec![
            format!("abandoned, {percent:.0} % of offered"),
            format!("abandoned, {percent:.0} %"),
        ],
        None => vec!["abandoned".to_owned()],
    };
    Tall { labels, ..count(share.part(), "", Tone::Strong) }.over(totals.of_fresh(share.coverage()))
}

/// All queues together: in tall figures, or in a line.
pub(super) fn totals(pen: &mut Pen<'_>, totals: &Totals, now: Moment, area: Rect) {
    let lines = area.height;
    if lines == 0 {
        return;
    }
    let inner = inset(area, if lines > 2 { MARGIN } else { 1 }, 1);
    let queues = match (totals.fresh, totals.old) {
        (1, 0) => "the only queue".to_owned(),
        (fresh, 0) => format!("all {fresh} queues"),
        (fresh, old) => format!("{fresh} of {} queues, {old} old", fresh + old),
    };
    let line = Rect { y: area.bottom() - 1, height: 1, ..inner };
    if lines > digits::TALL + 1 {
        let mut figures = of_all(totals, now);
        for (column, label) in [("calls_connected", "talking"), ("offered", "offered")] {
            let (figure, coverage) = totals.count(column);
            let coverage = totals.of_fresh(coverage);
            figures.push(count(figure, label, Tone::Strong).over(coverage));
        }
        figures.push(abandoned(totals));
        let place = Rect { y: area.bottom() - 1 - digits::TALL, height: digits::TALL, ..inner };
        let label = queues;
        let wide = width(&label) + 4;
        pen.text(Rect { y: place.y + 1, height: 1, ..inner }, &label, pen.tone(Tone::Plain));
        let right = inset(place, wide, 0);
        return self::figures(pen, &figures, right, Rect { y: line.y, height: 1, ..right });
    }
    let mut runs = vec![Run::new(format!("{queues}:  "), pen.tone(Tone::Plain))];
    for own in of_all(totals, now) {
        runs.push(Run::new(format!("{} ", own.figure), pen.tone(own.tone)));
        runs.push(Run::new(format!("{}   ", own.shortest()), pen.tone(Tone::Quiet)));
    }
    pen.runs(line, &runs);
}
