//! What the board's reader looks at, told to the sources.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use crate::floor::World;
use crate::floor::agent::{Agent, AgentState};
use crate::floor::id::{AgentId, AgentKey, SourceName};
use crate::source::SourceHandle;
use crate::source::gaze::Looked;
use crate::state::State;
use crate::table::RowId;
use crate::ui;

/// People of a selected queue that are looked at: the pane beside it has no room for more.
const MEMBERS: usize = 40;

/// Tells every source what is looked at of it, with the screen as large as `area`.
pub(super) fn tell(state: &State, area: Rect, handles: &[SourceHandle]) {
    let mut all = looked(state, area);
    for handle in handles {
        handle.look(all.remove(&handle.name).unwrap_or_default());
    }
}

/// What is looked at, by source.
fn looked(state: &State, area: Rect) -> BTreeMap<SourceName, Looked> {
    let mut all: BTreeMap<SourceName, Looked> = BTreeMap::new();
    let (selected, shown) = ui::seen(state, area);
    if let Some(row) = &selected {
        let Some((source, people)) = people(state, row) else { return all };
        let looked = all.entry(source.clone()).or_default();
        match row {
            RowId::Queue(..) => looked.shown = people,
            _ => looked.selected = people,
        }
    }
    for row in shown.iter().filter(|row| !matches!(row, RowId::Queue(..))) {
        let Some((source, people)) = people(state, row) else { continue };
        let looked = all.entry(source.clone()).or_default();
        for person in people {
            if !looked.has(&person) {
                looked.shown.push(person);
            }
        }
    }
    all
}

/// Who has to do with a row, as requests name them.
fn people<'s>(state: &'s State, row: &'s RowId) -> Option<(&'s SourceName, Vec<AgentId>)> {
    let agents = |world: &World, keys: &mut dyn Iterator<Item = &AgentKey>| {
        let found = keys.filter_map(|key| world.agents.get(key)?.id.clone());
        found.collect::<Vec<_>>()
    };
    match row {
        RowId::Agent(source, key) => {
            let world = state.floor.world(source)?;
            Some((source, agents(world, &mut [key].into_iter())))
        }
        RowId::Call(source, call) => {
            let world = state.floor.world(source)?;
            let holder = world.calls.get(call)?.holder();
            Some((source, agents(world, &mut holder.into_iter())))
        }
        RowId::Queue(source, queue) => {
            let world = state.floor.world(source)?;
            let members = state.members(source, queue);
            let works = |agent: &&Agent| {
                let seat = agent.in_queue(queue);
                seat.is_some_and(|seat| seat.state != AgentState::LoggedOut)
            };
            let at_work = members.iter().filter_map(|key| world.agents.get(key)).filter(works);
            Some((source, at_work.filter_map(|agent| agent.id.clone()).take(MEMBERS).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Access;
    use crate::event::{Event, Stamped, Target};
    use crate::floor::Kind;
    use crate::floor::time::{Moment, Now};
    use crate::keymap::Keymap;
    use crate::source::fields::Tally;
    use crate::source::telepo::map::Tables;
    use crate::source::telepo::wire;
    use crate::table::TableId;
    use serde_json::json;

    fn board() -> (State, SourceName) {
        let now = Now { moment: Moment::from_millis(1_000), wall: chrono::DateTime::UNIX_EPOCH };
        let source = SourceName::new("hq");
        let keymap = Keymap::standard(Access::ReadOnly);
        let kinds = [(source.clone(), Kind::Telepo)];
        let mut state = State::new(kinds, Access::ReadOnly, keymap, now);
        state.size = (120, 20);
        let agent = |number: usize| {
            json!({ "id": format!("a{number:03}@example.org"), "firstName": format!("A{number:03}"),
                    "isLoggedIn": number < 50, "isAvailable": true })
        };
        let agents: Vec<_> = (0..100).map(agent).collect();
        let groups = json!({ "groups": [{ "id": 7, "name": "Support", "agents": agents }] });
        let groups = wire::groups(&groups, &mut Tally::default());
        let mut tables = Tables::new("example.org", BTreeMap::new());
        tables.without_statistics();
        let (queues, agents) = tables.grouped(groups, now.moment);
        let world = state.floor.world_mut(&source).unwrap();
        world.replace(queues.unwrap(), now.moment);
        world.replace(agents, now.moment);
        (state, source)
    }

    #[test]
    fn who_is_on_the_screen_is_looked_at_and_nobody_else() {
        let (mut state, source) = board();
        let event = Event::Pointed(Target::Tab(TableId::Agents));
        state.apply(Stamped { at: state.now.moment, event });
        let all = looked(&state, Rect::new(0, 0, 120, 20));
        let looked = &all[&source];
        assert_eq!(looked.selected, [AgentId::new("a000@example.org")]);
        assert!((8..20).contains(&looked.shown.len()), "{}", looked.shown.len());
        assert!(!looked.has(&AgentId::new("a050@example.org")));
    }

    #[test]
    fn of_a_selected_queue_its_people_at_work_are_looked_at() {
        let (state, source) = board();
        let all = looked(&state, Rect::new(0, 0, 120, 20));
        assert_eq!(all[&source].shown.len(), MEMBERS);
        assert_eq!(all[&source].selected, []);
    }
}
