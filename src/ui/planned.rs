//! The pane beside the table of scheduler entries: one planned call, whole.
//!
//! ```text
//!  Ada Byron                            scheduled
//!  nimbus, outbound@contoso.example
//!
//!  Call ────────────────────────────────────────
//!  Destination                     +442079460501
//!  Due                          14:30, in 12 min
//!
//!  Customer ────────────────────────────────────
//!  Company          Engines   City        London
//!
//!  Parameters ──────────────────────────────────
//!  topic           delivery   tier          gold
//! ```

use ratatui::layout::Rect;

use crate::floor::field::Fact;
use crate::state::State;
use crate::table::cell::span;
use crate::table::entries::{Entries, EntryRow};
use crate::table::{Context, PageRow, RowId, Table, TableId, Tone};
use crate::text::Shown;
use crate::ui::aside::{facts, title};
use crate::ui::detail::section;
use crate::ui::pen::Pen;

/// Draws the pane for an entry.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, id: Option<&RowId>, area: Rect) {
    let context = state.context();
    let Some(row) = id.and_then(|id| Entries::find(&context, id)) else { return };
    let page = TableId::Entries.page(&context, id.map(std::slice::from_ref).unwrap_or_default());
    let Some(cells) = page.first() else { return };
    let destination = text(cells, "destination");
    let named = [text(cells, "name"), row.customer(&context).map(|name| name.to_string())];
    let name = named.into_iter().flatten().next().or_else(|| destination.clone());
    let name = name.unwrap_or_else(|| row.entry.id.shown().to_string());
    let about = format!("{}, {}", row.source.shown(), row.entry.service);
    let tone = tone(cells, "state");
    let rest = title(pen, (&Shown::clean(&name), &about), (row.entry.state.label(), tone), area);
    let rest = section(pen, "Call", rest);
    let mut rest = facts(pen, &call(&row, cells), rest);
    let customer = customer(&row, &context);
    if !customer.is_empty() {
        rest = section(pen, "Customer", rest);
        rest = listed(pen, &customer, rest);
    }
    let parameters = row.known(&context).find(|(field, _)| !field.is_of_customer());
    if let Some((_, Fact::Pairs(pairs))) = parameters {
        rest = section(pen, "Parameters", rest);
        listed(pen, &pairs, rest);
    }
}

/// What a column says of the entry; nothing where that is unknown.
fn text(cells: &PageRow, column: &str) -> Option<String> {
    let index = TableId::Entries.columns().iter().position(|head| head.name == column)?;
    let cell = cells.cells.get(index)?;
    (cell.tone != Tone::Unknown && !cell.text.is_empty()).then(|| cell.text.clone())
}

fn tone(cells: &PageRow, column: &str) -> Tone {
    let index = TableId::Entries.columns().iter().position(|head| head.name == column);
    index.and_then(|index| cells.cells.get(index)).map_or(Tone::Plain, |cell| cell.tone)
}

/// The terms of the call: label, value, tone; what was not told is left out.
fn call(row: &EntryRow<'_>, cells: &PageRow) -> Vec<(&'static str, String, Tone)> {
    let entry = row.entry;
    let tries = match (entry.attempts, entry.max_attempts) {
        (Some(made), Some(most)) => Some(format!("{made} of {most}")),
        (Some(made), None) => Some(made.to_string()),
        (None, most) => most.map(|most| format!("at most {most}")),
    };
    let seconds = |seconds: Option<u32>| seconds.map(|seconds| span(seconds.into()));
    let all = [
        ("Destination", text(cells, "destination")),
        ("Due", text(cells, "due")),
        ("Priority", text(cells, "priority")),
        ("Attempts", tries),
        ("Attempt takes", seconds(entry.attempt_timeout_s)),
        ("Queues for", seconds(entry.max_queue_time_s)),
        ("Rings for", seconds(entry.rona_timeout_s)),
        ("Reference", text(cells, "reference")),
        ("Ended", text(cells, "completion_reason")),
    ];
    all.into_iter()
        .filter_map(|(label, text)| {
            let tone = if label == "Due" { tone(cells, "due") } else { Tone::Plain };
            Some((label, text?, tone))
        })
        .collect()
}

/// What is told of the customer: names and values.
fn customer(row: &EntryRow<'_>, context: &Context<'_>) -> Vec<(Shown, Shown)> {
    let own = row.known(context).filter(|(field, _)| field.is_of_customer());
    own.flat_map(|(field, fact)| match fact {
        Fact::Text(text) => vec![(Shown::from(field.declared().label), text)],
        Fact::Pairs(pairs) => pairs,
    })
    .collect()
}

fn listed(pen: &mut Pen<'_>, pairs: &[(Shown, Shown)], area: Rect) -> Rect {
    let all: Vec<(&str, String, Tone)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.to_string(), Tone::Plain)).collect();
    facts(pen, &all, area)
}
