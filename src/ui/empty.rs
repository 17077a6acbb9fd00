//! Why a table is empty, in words.
//!
//! ```text
//!   no rows match “vax”
//!   esc shows all again
//! ```

use ratatui::layout::Rect;

use crate::action::Action;
use crate::floor::id::FeedName;
use crate::floor::link::Link;
use crate::floor::service::TRIGGERS;
use crate::floor::{Kind, World};
use crate::state::State;
use crate::table::{TableId, Tone, Whose};
use crate::ui::pen::{Pen, inset, wrap};

/// Says why there are no rows.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, area: Rect) {
    let area = inset(area, 2, 1);
    let (what, more) = why(state);
    let down = u16::from(area.height > 3);
    let lines = wrap(&what, area.width).into_iter().map(|line| (line, Tone::Plain));
    let lines = lines.chain(wrap(&more, area.width).into_iter().map(|line| (line, Tone::Quiet)));
    for ((line, tone), y) in lines.zip(area.top() + down..area.bottom()) {
        pen.text(Rect { y, height: 1, ..area }, &line, pen.tone(tone));
    }
}

/// Why chats may be missing among the tasks of Nimbus.
pub(super) const NO_CHATS: &str = "chats sent straight to a user are never told; for chats of a service look at its Contact \
     Center licence, at Instant Messaging in its settings, and at each user's licence for it";

fn why(state: &State) -> (String, String) {
    let table = state.screen.table();
    let filter = &state.screen.view().view.filter;
    if !filter.is_empty() && table.count(&state.context()) > 0 {
        let key = state.keymap.keys_of(Action::Back).next();
        let more = key.map_or_else(String::new, |key| format!("{key} shows all again"));
        return (format!("no rows match “{}”", filter.written()), more);
    }
    if state.screen.view().view.whose == Whose::Unassigned && table.count(&state.context()) > 0 {
        let key = state.keymap.keys_of(Action::Whose).next();
        let more = key.map_or_else(String::new, |key| format!("{key} shows all again"));
        return ("everybody is taken care of".to_owned(), more);
    }
    if table == TableId::Log {
        return ("nothing has happened yet".to_owned(), String::new());
    }
    if state.screen.inside.as_ref().is_some_and(|(source, _)| {
        state.floor.world(source).is_some_and(|world| world.kind.tells_tasks())
    }) {
        let what = "no task has named an agent of this service yet";
        return (what.to_owned(), NO_CHATS.to_owned());
    }
    if state.screen.inside.is_some() {
        return ("no agents are told of for this queue".to_owned(), String::new());
    }
    let what = table.title().to_lowercase();
    let giving: Vec<_> = state.floor.worlds().filter(|(_, world)| gives(world, table)).collect();
    if state.floor.worlds().next().is_none() {
        return ("no source is configured".to_owned(), "see floorwalker config init".to_owned());
    }
    if giving.is_empty() {
        let kinds: Vec<&str> = state.floor.worlds().map(|(_, world)| world.kind.word()).collect();
        let more = format!("here: {}", join(kinds));
        return (format!("none of these sources gives {what}"), more);
    }
    let mut waiting = Vec::new();
    let mut silent = Vec::new();
    for (name, world) in giving {
        match world.link(&state.now) {
            Link::Connecting => waiting.push(name.shown().to_string()),
            Link::Down | Link::Unauthorized if world.last_update().is_none() => {
                silent.push(name.shown().to_string());
            }
            _ => {}
        }
    }
    match (waiting.is_empty(), silent.is_empty()) {
        (false, _) => {
            (format!("waiting for the first answer from {}", join(waiting)), String::new())
        }
        (true, false) => {
            let key = state.keymap.keys_of(Action::Table(TableId::Sources)).next();
            let more = key.map_or_else(String::new, |key| format!("{key} says why"));
            (format!("no answer from {}", join(silent)), more)
        }
        (true, true) => {
            let more = if table == TableId::Tasks { NO_CHATS } else { "" };
            (format!("there are no {what}"), more.to_owned())
        }
    }
}

/// Whether a system can tell of a table's rows at all.
fn gives(world: &World, table: TableId) -> bool {
    match (table, world.kind) {
        // Without its events Nimbus tells of planned calls alone.
        (TableId::Queues | TableId::Agents | TableId::Tasks, Kind::Nimbus) => {
            world.feed(&FeedName::new(TRIGGERS)).is_some()
        }
        (
            TableId::Queues
            | TableId::Agents
            | TableId::Calls
            | TableId::Callbacks
            | TableId::CallbackLists,
            Kind::Telepo | Kind::Enreach,
        )
        | (TableId::Entries | TableId::Journal, Kind::Nimbus)
        // Until a relay has answered, everything for which it stands is missing.
        | (_, Kind::Relay)
        | (TableId::Sources | TableId::Log, _) => true,
        (
            TableId::Calls | TableId::Callbacks | TableId::CallbackLists,
            Kind::Nimbus,
        )
        | (
            TableId::Entries | TableId::Journal | TableId::Tasks,
            Kind::Telepo | Kind::Enreach,
        ) => false,
    }
}

fn join(words: Vec<impl Into<String>>) -> String {
    let words: Vec<String> = words.into_iter().map(Into::into).collect();
    match words.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => words.join(""),
    }
}
