//! The strip of the source's own user: state, queues, calls. What does not fit is counted.
//!
//! ```text
//!  Nadia Berg  available   ● Växel 4   ● Support 0   · Teknik 1   1 call, connected   2 callbacks
//! ```

use ratatui::layout::Rect;

use crate::floor::call::Phase;
use crate::floor::queue::Queue;
use crate::state::State;
use crate::table::mine::Mine;
use crate::table::{Tone, agents, calls};
use crate::ui::pen::{Pen, Run, inset, sign, width_of};

/// Draws the strip; nothing where no source tells who its user is.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, area: Rect) {
    if area.height == 0 {
        return;
    }
    let context = state.context();
    let Some(mine) = Mine::of(&context) else { return };
    let area = Rect { height: 1, ..inset(area, 1, 1) };
    let quiet = pen.tone(Tone::Quiet);
    let gap = || Run::new("   ", quiet);
    let mut head = vec![Run::new(mine.name.as_str(), pen.tone(Tone::Strong))];
    if let Some((own, reason)) = mine.state {
        head.push(Run::new("  ", quiet));
        head.push(Run::new(own.label(), pen.tone(agents::tone(own))));
        if let Some(reason) = reason {
            head.push(Run::new(format!(", {reason}"), quiet));
        }
    }
    let mut tail = Vec::new();
    if let Some(call) = mine.calls.first() {
        let phase = call.phase.unwrap_or(Phase::New);
        let count = mine.calls.len();
        let word = if count == 1 { "call" } else { "calls" };
        tail.push(gap());
        tail.push(Run::new(format!("{count} {word}, "), quiet));
        tail.push(Run::new(phase.label(), pen.tone(calls::tone(phase))));
    }
    if mine.callbacks > 0 {
        let word = if mine.callbacks == 1 { "callback" } else { "callbacks" };
        tail.push(gap());
        tail.push(Run::new(format!("{} {word}", mine.callbacks), pen.tone(Tone::Plain)));
    }
    let room = area.width.saturating_sub(width_of(&head) + width_of(&tail));
    let shown = queues(pen, &mine.queues, room);
    let mut runs = head;
    runs.extend(shown);
    runs.extend(tail);
    if !mine.unseen.is_empty() {
        let names: Vec<String> = mine.unseen.iter().map(|name| name.shown().to_string()).collect();
        let why = format!("   not all of: {}", names.join(", "));
        runs.push(Run::new(why, pen.tone(Tone::Warning)));
    }
    pen.runs(area, &runs);
}

/// As many of the queues as `room` has cells for, from the first, and how many more there are. Those that do not fit
/// cost nothing.
fn queues(pen: &Pen<'_>, queues: &[&Queue], room: u16) -> Vec<Run> {
    let more =
        |count: usize| (count > 0).then(|| Run::new(format!("   +{count}"), pen.tone(Tone::Quiet)));
    let (mut runs, mut used) = (Vec::new(), 0);
    // What fits with the count of the others behind it: how many runs, and how many queues they are.
    let mut fits = None;
    for count in 0..=queues.len() {
        let rest = more(queues.len() - count);
        if used + rest.as_ref().map_or(0, |rest| width_of(std::slice::from_ref(rest))) <= room {
            fits = Some((runs.len(), rest));
        }
        if used > room {
            break;
        }
        if let Some(queue) = queues.get(count) {
            let one = one(pen, queue);
            used += width_of(&one);
            runs.extend(one);
        }
    }
    let Some((length, rest)) = fits else { return Vec::new() };
    runs.truncate(length);
    runs.extend(rest);
    runs
}

fn one(pen: &Pen<'_>, queue: &Queue) -> [Run; 4] {
    let quiet = pen.tone(Tone::Quiet);
    let is_in = queue.own_login == Some(true);
    let tone = if is_in { Tone::Good } else { Tone::Quiet };
    let waiting = queue.figures.waiting.map(|count| format!(" {count}"));
    let loud = is_in && queue.figures.waiting > Some(0);
    [
        Run::new("   ", quiet),
        Run::new(sign(tone), pen.ink(tone)),
        Run::new(format!(" {}", queue.name), pen.tone(tone_of(queue.own_login))),
        Run::new(
            waiting.unwrap_or_default(),
            pen.tone(if loud { Tone::Strong } else { Tone::Quiet }),
        ),
    ]
}

const fn tone_of(login: Option<bool>) -> Tone {
    match login {
        Some(true) => Tone::Plain,
        Some(false) | None => Tone::Quiet,
    }
}
