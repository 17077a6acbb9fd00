//! Ten thousand people with names that are floods: a frame stays small, whatever is looked at.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::agent::Agent;
use floorwalker::floor::queue::Queue;
use floorwalker::terminal::Coder;
use floorwalker::text::Shown;
use ratatui::buffer::Buffer;

use crate::hygiene::screens::{LOOKS, look};
use crate::support::desk::{self, Desk, agent, entries_part, member, queue};
use crate::support::hostile::giants;
use crate::support::screen::TestScreen;

const SIZE: (u16, u16) = (200, 60);

/// How many agents there are, where their number is the attack; elsewhere only as many as fill the screen.
const AGENTS: u32 = 10_000;
const SCREENFUL: u32 = 200;

/// The most that a whole frame may cost, bytes.
const FRAME: usize = 64 * 1024;

/// The most marks that a cell may hold.
const MARKS: usize = 4;

/// Names that are too large, and names that are not but fill every cell with all that it can hold.
fn names() -> Vec<Shown> {
    let mut all: Vec<String> = giants().into_iter().map(|(_, text)| text).collect();
    all.push("z\u{310}\u{311}\u{312}\u{313}\u{314}".repeat(300));
    all.push("語\u{301}\u{302}\u{303}\u{304}".repeat(300));
    all.push("\u{1b}".repeat(300));
    all.push("か\u{3099}".repeat(300));
    all.push("क्षि".repeat(300));
    all.iter().map(|text| Shown::clean(text)).collect()
}

/// So many agents in as many queues, all called so.
fn flooded(name: &Shown, count: u32) -> Desk {
    let mut desk = Desk::open();
    let own = member("21", name, Some(true));
    let people: Vec<Agent> = (0..count)
        .map(|n| Agent { name: name.clone(), ..agent(&n.to_string(), "", vec![own.clone()]) })
        .collect();
    let queues: Vec<Queue> =
        (0..count).map(|n| Queue { name: name.clone(), ..queue(&n.to_string(), "") }).collect();
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(people)));
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(queues)));
    let mut entries = desk::entries();
    for entry in &mut entries {
        entry.destination = Some(name.clone());
    }
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(entries)));
    desk.tell("oslo", SourceEvent::Gap(name.clone()));
    desk
}

/// A whole frame of this picture.
fn cost(buffer: &Buffer) -> usize {
    let mut bytes = Vec::new();
    Coder::new().repaint(buffer, &mut bytes);
    bytes.len()
}

/// Bytes of the largest frame among all looks at these floors, none of which may be larger than is allowed.
fn largest_frame(names: &[Shown], count: u32) -> usize {
    let mut most = 0;
    for name in names {
        let desk = flooded(name, count);
        for (what, keys, _) in LOOKS {
            let screen = TestScreen::new(desk.state.clone(), SIZE.0, SIZE.1);
            let buffer = look(screen, keys, None).buffer();
            let marks = buffer.content.iter().map(|cell| cell.symbol().chars().skip(1).count());
            assert!(marks.max() <= Some(MARKS), "{what}");
            let bytes = cost(&buffer);
            let head: String = name.chars().take(6).collect();
            assert!(bytes <= FRAME, "{head:?} in {what}: {bytes} bytes");
            most = most.max(bytes);
        }
    }
    most
}

#[test]
fn a_frame_of_floods_costs_at_most_64_kib_and_no_cell_has_more_than_four_marks() {
    let most = largest_frame(&names(), SCREENFUL);
    assert!(most > FRAME / 2, "some frames are large: {most} bytes");
}

#[test]
fn ten_thousand_agents_with_a_million_marks_each_cost_no_more() {
    let name =
        Shown::clean(&format!("a{}", "z\u{310}\u{311}\u{312}\u{313}\u{314}".repeat(200_000)));
    assert!(largest_frame(&[name], AGENTS) > FRAME / 2);
}
