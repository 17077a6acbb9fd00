//! Nobody's number is read from a wall.

use floorwalker::floor::Part;
use floorwalker::floor::agent::AgentState;
use floorwalker::table::TableId;
use floorwalker::text::Shown;
use floorwalker::wall::{PAGES, Profile};

use super::{SIZES, calm, hung, page};

#[test]
fn pages_of_agents_lists_and_entries_have_their_turn_and_are_masked() {
    let profile = Profile { pages: PAGES.to_vec(), ..Profile::default() };
    for (width, height) in SIZES {
        let mut state = calm();
        state.floor.world_mut(&"hq".into()).unwrap().agents.edit_all(|agent| {
            agent.name = Shown::clean("+358 40 123 4567");
            agent.state = AgentState::Available;
        });
        let mut screen = hung(state, profile.clone(), width, height);
        let mut seen = String::new();
        for _ in 0..page(&screen).1 {
            seen.push_str(&screen.text());
            screen.press("space");
        }
        for title in ["Queues", "Agents", "Callback lists", "Entries"] {
            assert!(seen.contains(title), "{title} at {width}×{height}:\n{seen}");
        }
        assert!(seen.contains("+358…67"), "{seen}");
        let longest = seen.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
        assert!(longest <= 3, "a run of {longest} digits at {width}×{height}:\n{seen}");
    }
}

#[test]
fn of_five_hundred_numbers_none_is_shown_whole() {
    let forms: [fn(u32) -> String; 8] = [
        |n| format!("+35840{n:07}"),
        |n| format!("sip:+35840{n:07}@example.com"),
        |n| format!("tel:+358-40-{n:07}"),
        |n| format!("+358 40 {} {}", n % 900 + 100, n % 9_000 + 1_000),
        |n| format!("040\u{a0}{}\u{a0}{}", n % 900 + 100, n % 9_000 + 1_000),
        |n| format!("(040) {n:07}"),
        |n| format!("0035840{n:07}"),
        |n| format!("call back 040{n:07} today"),
    ];
    let mut state = calm();
    let first = |name: &str| state.floor.world(&name.into()).unwrap();
    let agents = first("hq").agents.values().next().unwrap().clone();
    let entry = first("nimbus").entries.values().next().unwrap().clone();
    let (mut people, mut entries) = (Vec::new(), Vec::new());
    for number in 0..500_u32 {
        let form = forms[usize::try_from(number).unwrap() % forms.len()];
        let text = Shown::clean(&form(1_234_567 + number * 7_919));
        let mut agent = agents.clone();
        agent.key = format!("agent {number}").as_str().into();
        (agent.name, agent.state) = (text.clone(), AgentState::Available);
        people.push(agent);
        let mut entry = entry.clone();
        entry.id = format!("entry {number}").as_str().into();
        (entry.destination, entry.service) = (Some(text.clone()), text);
        entry.state = floorwalker::floor::scheduler::EntryState::Scheduled;
        entries.push(entry);
    }
    state.floor.world_mut(&"hq".into()).unwrap().replace(Part::Agents(people), state.now.moment);
    let part = Part::Entries { feed: entry.feed.clone(), rows: entries };
    state.floor.world_mut(&"nimbus".into()).unwrap().replace(part, state.now.moment);
    let pages = vec![TableId::Agents, TableId::Entries];
    let mut screen = hung(state, Profile { pages, ..Profile::default() }, 240, 67);
    let mut shown = 0;
    for _ in 0..page(&screen).1 {
        let text = screen.text();
        shown += text.matches('…').count();
        let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        assert!(longest <= Some(3), "{text}");
        screen.press("space");
    }
    assert!(shown >= 1_000, "{shown} masked numbers were shown");
}
