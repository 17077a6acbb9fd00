//! The pane beside the table of callbacks: one request, whole.
//!
//! ```text
//!  Matti Virtanen                           taken
//!  Takaisinsoitto, asked for
//!
//!  Request ─────────────────────────────────────
//!  Number                          +358405550142
//!
//!  Attempts ────────────────────────────────────
//!  13:40:00  Eero Lahti           no answer
//! ```

use ratatui::layout::Rect;

use crate::floor::callback::{Callback, CallbackState, Related};
use crate::floor::id::AgentKey;
use crate::state::State;
use crate::table::callbacks::{CallbackRow, Callbacks, due, masked};
use crate::table::calls::person;
use crate::table::{Context, Figure, RowId, Table, Tone};
use crate::ui::aside::{facts, title};
use crate::ui::detail::section;
use crate::ui::pen::{Pen, inset, top, wrap};

/// Draws the pane for a request.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, id: Option<&RowId>, area: Rect) {
    let context = state.context();
    let Some(row) = id.and_then(|id| Callbacks::find(&context, id)) else { return };
    let request = row.request;
    let party = masked(request.party.as_ref(), &context);
    let name = masked(request.name.as_ref(), &context);
    let name = name.or_else(|| party.clone()).unwrap_or_else(|| "private".into());
    let state = row.callback.state();
    let tone = match state {
        CallbackState::Open if row.callback.is_overdue(context.now.wall) => Tone::Critical,
        CallbackState::Open => Tone::Plain,
        CallbackState::Taken => Tone::Busy,
        CallbackState::Done => Tone::Quiet,
    };
    let about = [row.list(&context), request.kind.clone(), Some(row.source.shown())];
    let about: Vec<String> = about.into_iter().flatten().map(|word| word.to_string()).collect();
    let rest = title(pen, (&name, &about.join(", ")), (state.word(), tone), area);
    let rest = section(pen, "Request", rest);
    let rest = facts(pen, &asked(&row, &context), rest);
    let mut rest = rest;
    for (name, text) in [
        ("Message", &request.message),
        ("Note", &request.note),
        ("Last attempt", &request.last_note),
    ] {
        if let Some(text) = masked(text.as_ref(), &context) {
            rest = section(pen, name, rest);
            rest = paragraph(pen, &text, rest);
        }
    }
    if let Some(attempts) = row.callback.attempts().filter(|attempts| !attempts.is_empty()) {
        rest = section(pen, "Attempts", rest);
        for attempt in attempts.iter().rev() {
            let (line, below) = top(rest);
            rest = below;
            let at = attempt.at.map(|at| Figure::Time(at).text(&context)).unwrap_or_default();
            pen.text(Rect { width: 13.min(line.width), ..line }, &at, pen.tone(Tone::Quiet));
            let who = attempt.agent.as_ref().map(|agent| person(row.world, agent).to_string());
            let note = masked(attempt.note.as_ref(), &context).map(|note| note.to_string());
            let result = attempt.result.as_ref().map(|result| format!("result {result}"));
            let words: Vec<String> = [who, result, note].into_iter().flatten().collect();
            pen.text(inset(line, 14, 0), &words.join(", "), pen.tone(Tone::Plain));
        }
    }
    if let Some(related) = row.callback.related().filter(|related| !related.is_empty()) {
        rest = section(pen, "Related", rest);
        for item in related {
            let (line, below) = top(rest);
            rest = below;
            pen.text(line, &beside(&row, item, &context), pen.tone(Tone::Plain));
        }
    }
    if !row.callback.extras().is_empty() {
        rest = section(pen, "More", rest);
        let extras: Vec<(&str, String, Tone)> = row
            .callback
            .extras()
            .iter()
            .filter_map(|(name, value)| {
                let value = masked(Some(value), &context)?;
                Some((name.as_str(), value.to_string(), Tone::Plain))
            })
            .collect();
        facts(pen, &extras, rest);
    }
}

/// Another request of the same contact, in words: its list, whether it is open, what came of it.
fn beside(row: &CallbackRow<'_>, item: &Related, context: &Context<'_>) -> String {
    let known = row.world.callbacks.get(&item.callback).and_then(Callback::request);
    let party = known.and_then(|own| masked(own.party.as_ref(), context));
    let list = item.list.as_ref();
    let list = list.map(|id| row.world.list_name(id).cloned().unwrap_or_else(|| id.shown()));
    let state = item.closed.map(|closed| if closed { "closed" } else { "open" }.to_owned());
    let result = item.result.as_ref().map(|result| format!("result {result}"));
    let name = party.or(list).unwrap_or_else(|| item.callback.shown()).to_string();
    [Some(name), state, result].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What is asked for: label, value, tone; what was not told is left out.
fn asked(row: &CallbackRow<'_>, context: &Context<'_>) -> Vec<(&'static str, String, Tone)> {
    let request = row.request;
    let words = |figure: Figure| Some(figure.text(context));
    let late = row.callback.is_overdue(context.now.wall);
    let caller = row.callback.caller().map(|agent: &AgentKey| person(row.world, agent));
    let all = [
        ("Number", masked(request.party.as_ref(), context).map(|own| own.to_string())),
        ("Due", request.due.and_then(|time| words(due(row, Some(time))))),
        ("Not before", request.not_before.and_then(|time| words(Figure::Time(time)))),
        ("Expires", request.expires.and_then(|time| words(due(row, Some(time))))),
        ("Made", request.created.and_then(|time| words(Figure::Time(time)))),
        ("Channel", request.channel.as_ref().map(ToString::to_string)),
        ("Last tried", request.last_attempt.and_then(|time| words(Figure::Time(time)))),
        ("Result", request.last_result.as_ref().map(ToString::to_string)),
        ("Priority", request.priority.as_ref().map(ToString::to_string)),
        ("Owner", row.owner().map(|owner| owner.to_string())),
        ("Calling now", caller.map(|caller| caller.to_string())),
        ("Recording", request.recording.map(|yes| if yes { "yes" } else { "no" }.to_owned())),
    ];
    all.into_iter()
        .filter_map(|(label, text)| {
            let tone = if label == "Due" && late { Tone::Critical } else { Tone::Plain };
            Some((label, text?, tone))
        })
        .collect()
}

fn paragraph(pen: &mut Pen<'_>, text: &str, area: Rect) -> Rect {
    let mut rest = area;
    for line in wrap(text, area.width) {
        let (place, below) = top(rest);
        pen.text(place, &line, pen.tone(Tone::Plain));
        rest = below;
    }
    rest
}
