//! The pane beside the table of agents: one person, whole.
//!
//! ```text
//!  Anna Lind                                not ready
//!  hq, anna@example.com
//!
//!  Presence ─────────────────────────────────────────
//!  Activity                                     Lunch
//!  Until                              14:45, in 13m
//!  Role                                      Business
//!
//!  Queues ───────────────────────────────────────────
//!  Växel                                    logged in
//! ```

use ratatui::layout::Rect;

use crate::floor::agent::AgentState;
use crate::state::State;
use crate::table::agents::{AgentRow, Agents, tone};
use crate::table::callbacks::masked;
use crate::table::cell::due_said;
use crate::table::{Context, RowId, Table, Tone};
use crate::text::Shown;
use crate::ui::aside::{facts_of, old, title};
use crate::ui::detail::section;
use crate::ui::pen::Pen;

/// Draws the pane for a person.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, id: Option<&RowId>, area: Rect) {
    let context = state.context();
    let Some(row) = id.and_then(|id| Agents::find(&context, id)) else { return };
    let agent = row.agent;
    let place = agent.id.as_ref().map(crate::floor::id::AgentId::shown);
    let about = [Some(row.source.shown()), place];
    let about: Vec<String> = about.into_iter().flatten().map(|word| word.to_string()).collect();
    let old = old::<Agents>(&row, &context);
    let state = (agent.state.label(), tone(&agent.state));
    let mark = old.as_ref().map_or(state, |old| (old, Tone::Warning));
    let mut rest = title(pen, (&agent.name, &about.join(", ")), mark, area);
    let said = said(&row, &context);
    if !said.is_empty() {
        rest = section(pen, "Presence", rest);
        rest = facts_of(pen, &said, true, rest);
    }
    let seen = seen(&row, &context);
    if !seen.is_empty() {
        rest = section(pen, "Queues see", rest);
        rest = facts_of(pen, &seen, true, rest);
    }
    if agent.memberships.is_empty() {
        return;
    }
    rest = section(pen, "Queues", rest);
    let queues: Vec<(&str, String, Tone)> = agent
        .memberships
        .iter()
        .map(|own| {
            let (word, tone) = match (own.logged_in, &own.state) {
                (Some(false), _) => ("logged out", Tone::Quiet),
                (_, AgentState::LoggedOut) => ("logged out", Tone::Quiet),
                (_, state) => (state.label(), tone(state)),
            };
            (own.name.as_str(), word.to_owned(), tone)
        })
        .collect();
    facts_of(pen, &queues, old.is_none(), rest);
}

/// What events tell of the person: label, value, tone; what was not told is left out.
fn seen(row: &AgentRow<'_>, context: &Context<'_>) -> Vec<(&'static str, String, Tone)> {
    let presence = &row.agent.presence;
    let availability = presence.availability.as_ref().map(|latest| &latest.value);
    let status = presence.status.as_ref().map(|latest| &latest.value);
    let text = |text: Option<&Shown>| masked(text, context).map(|text| text.to_string());
    let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let count = |count: Option<u32>| count.map(|count| count.to_string());
    let all = [
        ("Says", text(availability.and_then(|own| own.word.as_ref()))),
        ("Calls go to", text(availability.and_then(|own| own.transfer.as_ref()))),
        ("Active in queues", count(status.and_then(|own| own.queues))),
        ("Serves callbacks", status.and_then(|own| own.serving_callback).map(yes_no)),
        ("Calls parked", count(status.and_then(|own| own.parked))),
        ("Phones", count(status.and_then(|own| own.terminals))),
    ];
    all.into_iter().filter_map(|(label, text)| Some((label, text?, Tone::Plain))).collect()
}

/// What the person says: label, value, tone; what was not told is left out.
fn said(row: &AgentRow<'_>, context: &Context<'_>) -> Vec<(&'static str, String, Tone)> {
    let presence = row.presence(context).unwrap_or_default();
    let role = row.profile().and_then(|profile| profile.role.as_ref());
    // Whoever is not ready takes no call, whatever could reach the person.
    let is_ready = !matches!(row.state(), AgentState::NotReady | AgentState::LoggedOut);
    let reachable = presence.reachable.filter(|yes| !yes || is_ready);
    let note = presence.note.filter(|note| !note.is_empty());
    let all = [
        ("Activity", presence.activity.map(|activity| activity.to_string())),
        ("Until", presence.until.map(|until| due_said(until, context))),
        ("Role", role.map(|id| row.world.profiles.role(id).to_string())),
        ("Note", masked(note.as_ref(), context).map(|note| note.to_string())),
        ("Reachable", reachable.map(|yes| if yes { "yes" } else { "no" }.to_owned())),
    ];
    all.into_iter().filter_map(|(label, text)| Some((label, text?, Tone::Plain))).collect()
}
