//! What a reader looks at, told to the sources: on a board, on a wall, and at a relay, which has no reader of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use ratatui::layout::Rect;

use crate::floor::World;
use crate::floor::agent::{Agent, AgentState};
use crate::floor::id::{AgentId, AgentKey, SourceName};
use crate::floor::time::Moment;
use crate::runtime::alarmed::{alarmed, busy};
use crate::source::SourceHandle;
use crate::source::gaze::Looked;
use crate::state::State;
use crate::table::{Context, RowId};
use crate::ui;

/// People of a selected queue that are looked at: the pane beside it has no room for more.
const MEMBERS: usize = 40;

/// How often it is looked who is alarmed: the whole floor is gone through for it, and not for every frame.
const EVERY: Duration = Duration::from_millis(900);

/// Tells the sources what is looked at.
#[derive(Debug, Default)]
pub(super) struct Eye {
    /// When the alarmed were last looked for, and who they are.
    alarmed: Option<(Moment, BTreeMap<SourceName, Vec<AgentId>>)>,
}

impl Eye {
    /// Tells every source what is looked at of it, with the screen as large as `area`. Of a wall, once a second.
    pub(super) fn tell(&mut self, state: &State, area: Rect, handles: &[SourceHandle]) {
        let now = state.now.moment;
        let known = self.alarmed.as_ref().filter(|(at, _)| now.since(*at) < EVERY);
        if known.is_some() && state.screen.wall.is_some() {
            return;
        }
        if known.is_none() {
            // A picture that is held is of the past: who is alarmed now is meant.
            let context = Context { floor: &state.floor, now: state.now, ..state.context() };
            self.alarmed = Some((now, alarmed(&context)));
        }
        let mut all = looked(state, area);
        for (source, people) in self.alarmed.iter().flat_map(|(_, alarmed)| alarmed) {
            all.entry(source.clone()).or_default().alarmed.clone_from(people);
        }
        tell(all, handles);
    }
}

/// Tells every source what a relay follows closely of it.
pub(super) fn follow_busy(context: &Context<'_>, handles: &[SourceHandle]) {
    let looked = |people| Looked { alarmed: people, ..Looked::default() };
    tell(busy(context).into_iter().map(|(source, own)| (source, looked(own))).collect(), handles);
}

fn tell(mut all: BTreeMap<SourceName, Looked>, handles: &[SourceHandle]) {
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
    use crate::event::{Event, SourceEvent, Stamped, Target};
    use crate::floor::Kind;
    use crate::floor::call::{Leg, Participant, Party, Recording, Status};
    use crate::floor::id::CallId;
    use crate::floor::time::{Now, Told};
    use crate::floor::{Delta, Part};
    use crate::keymap::Keymap;
    use crate::operations::Access;
    use crate::source::telepo::map::Tables;
    use crate::source::telepo::wire;
    use crate::table::TableId;
    use crate::text::Shown;
    use crate::transport::lenient::Tally;
    use crate::wall::Profile;
    use serde_json::{Value, json};

    const AREA: Rect = Rect::new(0, 0, 120, 20);

    fn hq() -> SourceName {
        SourceName::new("hq")
    }

    fn id(number: usize) -> AgentId {
        AgentId::new(format!("a{number:03}@example.org"))
    }

    /// A hundred people in Support, the first fifty at work; the last ten are in Billing too, and at work there.
    fn board() -> State {
        let now = Now { moment: Moment::from_millis(1_000), wall: chrono::DateTime::UNIX_EPOCH };
        let keymap = Keymap::standard(Access::ReadOnly);
        let mut state = State::new([(hq(), Kind::Telepo)], Access::ReadOnly, keymap, now);
        state.size = (AREA.width, AREA.height);
        let agent = |number: usize, works: bool| {
            json!({ "id": id(number).raw(), "firstName": format!("A{number:03}"),
                    "isLoggedIn": works, "isAvailable": true })
        };
        let support: Vec<Value> = (0..100).map(|number| agent(number, number < 50)).collect();
        let billing: Vec<Value> = (90..100).map(|number| agent(number, true)).collect();
        let groups = json!({ "groups": [{ "id": 7, "name": "Support", "agents": support },
                                        { "id": 8, "name": "Billing", "agents": billing }] });
        let groups = wire::groups(&groups, &mut Tally::default()).unwrap();
        let mut tables = Tables::new("example.org", BTreeMap::new());
        tables.without_statistics();
        let (queues, agents) = tables.grouped(groups, now.moment);
        let world = state.floor.world_mut(&hq()).unwrap();
        world.replace(queues.unwrap(), now.moment);
        world.replace(agents, now.moment);
        state
    }

    /// The same, with so many who wait in Support and in Billing.
    fn waiting(support: u32, billing: u32) -> State {
        let mut state = board();
        let at = state.now.moment;
        let world = state.floor.world_mut(&hq()).unwrap();
        let mut queues: Vec<_> = world.queues.values().cloned().collect();
        for queue in &mut queues {
            queue.figures.waiting = Some(if queue.id.raw() == "7" { support } else { billing });
        }
        world.replace(Part::Queues(queues), at);
        state
    }

    /// Somebody has a call like that, since `at`.
    fn call(state: &mut State, number: usize, at: Moment, leg: impl FnOnce(&mut Leg)) {
        let handle = CallId::new(format!("c{number}"));
        let mut own = Leg::new(id(number), handle.clone(), Status::Active);
        leg(&mut own);
        let told = Told {
            at: chrono::DateTime::UNIX_EPOCH,
            report: 0,
            moment: at,
            received: None,
            late: false,
        };
        let agent = AgentKey::new(id(number).raw());
        let legs = vec![(handle, own)];
        let delta = Delta::Legs { agent, told, full: true, met: false, legs };
        let event = Event::Source { source: hq(), event: SourceEvent::Delta(delta) };
        state.apply(Stamped { at, event });
    }

    fn pass(state: &mut State, seconds: u64) -> Moment {
        let moment = state.now.moment.after(Duration::from_secs(seconds));
        let wall = state.now.wall_of(moment);
        state.apply(Stamped { at: moment, event: Event::Tick(Now { moment, wall }) });
        moment
    }

    fn whoever_is_alarmed(state: &State) -> Vec<AgentId> {
        alarmed(&state.context()).remove(&hq()).unwrap_or_default()
    }

    #[test]
    fn who_is_on_the_screen_is_looked_at_and_nobody_else() {
        let mut state = board();
        let event = Event::Pointed(Target::Tab(TableId::Agents));
        state.apply(Stamped { at: state.now.moment, event });
        let all = looked(&state, AREA);
        let looked = &all[&hq()];
        assert_eq!(looked.selected, [id(0)]);
        assert!((8..20).contains(&looked.shown.len()), "{}", looked.shown.len());
        assert!(!looked.has(&id(50)));
    }

    #[test]
    fn of_a_selected_queue_its_people_at_work_are_looked_at() {
        let all = looked(&waiting(1, 0), AREA);
        assert_eq!(all[&hq()].shown.len(), MEMBERS);
        assert_eq!(all[&hq()].selected, []);
    }

    #[test]
    fn a_wall_looks_at_the_people_of_the_page_that_it_shows() {
        let mut state = board();
        let pages = vec![TableId::Queues, TableId::Agents];
        state.hang_wall(Profile { pages, ..Profile::default() }, false);
        assert_eq!(looked(&state, AREA), BTreeMap::new(), "queues are no people");
        state.apply(Stamped { at: state.now.moment, event: Event::Key("right".parse().unwrap()) });
        let all = looked(&state, AREA);
        let looked = &all[&hq()];
        assert!(!looked.shown.is_empty() && looked.selected.is_empty());
        assert!(looked.shown.iter().all(|own| (0..50).any(|number| id(number) == *own)));
    }

    #[test]
    fn nobody_is_alarmed_where_nothing_is_wrong() {
        assert_eq!(whoever_is_alarmed(&waiting(0, 0)), []);
        assert_eq!(whoever_is_alarmed(&board()), [], "who waits is not known");
    }

    #[test]
    fn who_is_at_work_in_a_critical_queue_comes_before_who_is_in_one_in_warning() {
        let found = whoever_is_alarmed(&waiting(1, 3));
        let billing = (90..100).map(id);
        let support = (0..6).map(id);
        assert_eq!(found, billing.chain(support).collect::<Vec<_>>());
    }

    #[test]
    fn a_call_that_is_supervised_not_recorded_for_now_or_on_hold_for_long_comes_first() {
        let mut state = waiting(0, 3);
        let begun = pass(&mut state, 1);
        let visor = Party { name: Some(Shown::clean("Su Visor")), ..Party::default() };
        let intrusion = Some(Shown::clean("MONITOR"));
        let visor = Participant { party: visor, intrusion, ..Participant::default() };
        call(&mut state, 11, begun, |leg| leg.participants = vec![visor]);
        call(&mut state, 12, begun, |leg| {
            leg.recording = Recording { paused: Some(true), ..Recording::default() };
        });
        call(&mut state, 13, begun, |leg| leg.status = Status::Held);
        call(&mut state, 14, begun, |_| {});
        assert_eq!(whoever_is_alarmed(&state)[..3], [id(11), id(12), id(90)]);
        pass(&mut state, 59);
        assert_eq!(whoever_is_alarmed(&state)[..3], [id(11), id(12), id(90)], "held for 59 s");
        pass(&mut state, 1);
        let found = whoever_is_alarmed(&state);
        assert_eq!(found[..4], [id(11), id(12), id(13), id(90)]);
        assert!(!found.contains(&id(14)), "an ordinary call");
    }

    #[test]
    fn a_relay_follows_the_alarmed_and_whoever_has_a_call() {
        let mut state = waiting(0, 3);
        let now = pass(&mut state, 1);
        call(&mut state, 14, now, |_| {});
        let found = busy(&state.context()).remove(&hq()).unwrap();
        assert_eq!(found, (90..100).chain([14]).map(id).collect::<Vec<_>>());
    }
}
