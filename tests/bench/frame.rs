//! A frame: 10,000 rows against 100 in the same run, what it allocates, and how many instructions it takes.
//!
//! ```text
//! cargo bench --bench frame                  ratios, allocations, the worst floor: one JSON line each
//! cargo bench --bench frame -- instructions  counted by valgrind, which has to be installed
//! cargo bench --bench frame -- once 10000 90 tick    rows, frames, scenario; nothing is measured
//! ```
//!
//! `once` is what a counter of instructions runs; `valgrind --tool=callgrind` on it tells where they go. Rows
//! are told to the state before the first frame; what is counted are the facts between two frames, the
//! drawing and the bytes.

#![expect(clippy::unwrap_used, reason = "a bench ends at its first surprise")]
#![expect(clippy::print_stderr, reason = "what cannot be measured here is said")]

use std::hint::black_box;
use std::process::Command;

use floorwalker::event::{Event, Press, SourceEvent, Stamped};
use floorwalker::floor::Delta;
use floorwalker::floor::Part;
use floorwalker::floor::id::{AgentId, QueueId};
use floorwalker::floor::own::Own;
use floorwalker::floor::queue::Figures;
use floorwalker::floor::time::Moment;
use floorwalker::state::State;
use floorwalker::terminal::Coder;
use floorwalker::text::{Characters, Shown};
use floorwalker::theme::Theme;
use floorwalker::ui::{self, Look};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::figure::Figure;
use crate::scales::{ratio, spent};
use crate::told::{BEGAN, told};

mod figure;
mod floor;
mod scales;
mod told;

/// The screen.
const AREA: Rect = Rect { x: 0, y: 0, width: 200, height: 60 };

/// Frames of one turn.
const FRAMES: u32 = 20;

/// Rows of the short and of the long table.
const FEW: u32 = 100;
const MANY: u32 = 10_000;

/// What 10,000 rows may cost of what 100 do.
const GROWTH: f64 = 1.05;

/// Instructions of a frame of which a twentieth changed.
const INSTRUCTIONS: f64 = 6_000_000.0;

/// Queues that are told of between two frames of a busy floor, so that a twentieth of the cells changes.
const CHANGES: u32 = 27;

/// What happens between two frames.
#[derive(Clone, Copy, PartialEq)]
enum Scenario {
    /// A second passes.
    Tick,
    /// The selection moves.
    Key,
    /// A second passes over the table of agents.
    Agents,
    /// A second passes over the queues of one's own: all of them.
    Own,
    /// One queue's figures change: the order is found anew for next to nothing, so it is only told.
    Delta,
    /// The figures of most rows in sight change.
    Busy,
}

impl Scenario {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Tick, "tick"),
        (Self::Key, "key"),
        (Self::Agents, "agents"),
        (Self::Own, "own"),
        (Self::Delta, "delta"),
        (Self::Busy, "busy"),
    ];

    /// What 10,000 rows may cost. One's own queues are more than those in sight only on a floor that nobody has.
    fn bound(self) -> Option<std::ops::RangeInclusive<f64>> {
        (!matches!(self, Self::Delta | Self::Own)).then_some(0.0..=GROWTH)
    }
}

/// A board that is drawn again and again.
struct Board {
    state: State,
    buffer: Buffer,
    shown: Buffer,
    coder: Coder,
    bytes: Vec<u8>,
    frame: u32,
}

impl Board {
    fn new(rows: u32, scenario: Scenario) -> Self {
        let mut state = floor::state(rows, rows);
        if scenario == Scenario::Own {
            let own = Own {
                user: AgentId::new("me@example.com"),
                devices: None,
                unseen: None,
                places: None,
                placeless: None,
            };
            state.apply(told(BEGAN, SourceEvent::Snapshot(Part::Own(own))));
        }
        let mut board = Self::of(state);
        if scenario == Scenario::Agents {
            board.event(Event::Key(Press::char('2')));
        }
        board.event(Event::Key(Press::char('g')));
        board.draw();
        board
    }

    fn of(mut state: State) -> Self {
        state.size = (AREA.width, AREA.height);
        Self {
            state,
            buffer: Buffer::empty(AREA),
            shown: Buffer::empty(AREA),
            coder: Coder::new(),
            bytes: Vec::new(),
            frame: 0,
        }
    }

    fn event(&mut self, event: Event) {
        let at = self.state.now.moment;
        self.state.apply(Stamped { at, event });
    }

    /// One frame, as cells and as bytes.
    fn draw(&mut self) {
        self.buffer.reset();
        let look = Look { theme: Theme::midnight(), characters: Characters::Unicode };
        ui::draw(&self.state, &look, &mut self.buffer, AREA);
        self.bytes.clear();
        self.coder.encode(&self.shown, &self.buffer, &mut self.bytes);
        std::mem::swap(&mut self.shown, &mut self.buffer);
        black_box(&self.bytes);
    }

    /// How many cells of the last frame differ from the one before, in percent.
    fn changed(&self) -> f64 {
        let pairs = self.shown.content.iter().zip(&self.buffer.content);
        let changed = pairs.filter(|(one, other)| one != other).count();
        let count = |cells: usize| f64::from(u32::try_from(cells).unwrap());
        count(changed) * 100.0 / count(self.shown.content.len())
    }

    /// New figures of one queue.
    fn change(&mut self, queue: u32) {
        let turn = self.frame * 7 + queue;
        let figures = Figures {
            waiting: Some(turn % 5),
            longest_wait_s: Some(turn % 5 * 40),
            agents_free: Some(turn % 4),
            calls_connected: Some(turn % 7),
            offered: Some(400 + turn % 100),
            answered: Some(380 + turn % 90),
            abandoned: Some(10 + turn % 30),
            ..Figures::default()
        };
        let at = self.state.now.moment;
        let queue = QueueId::new(format!("{queue:05}"));
        let delta = Delta::Figures { queue, at, figures: Box::new(figures) };
        self.state.apply(told(at, SourceEvent::Delta(delta)));
    }

    /// What happens, and the frame after it.
    fn step(&mut self, scenario: Scenario) {
        self.frame += 1;
        match scenario {
            Scenario::Tick | Scenario::Agents | Scenario::Own => {
                let moment = Moment::from_millis(self.state.now.moment.as_millis() + 1_000);
                let wall = self.state.now.wall_of(moment);
                self.event(Event::Tick(floorwalker::floor::time::Now { moment, wall }));
            }
            Scenario::Key => {
                let key = if self.frame % 20 < 10 { 'j' } else { 'k' };
                self.event(Event::Key(Press::char(key)));
            }
            Scenario::Delta => self.change(42),
            Scenario::Busy => (0..CHANGES).for_each(|queue| self.change(queue)),
        }
        self.draw();
    }
}

fn growth(scenario: Scenario, name: &str) {
    let (mut few, mut many) = (Board::new(FEW, scenario), Board::new(MANY, scenario));
    // Waits pass their last limit in the first minutes; what is left is a floor at rest.
    for _ in 0..70 {
        few.step(scenario);
        many.step(scenario);
    }
    let run = |board: &mut Board| (0..FRAMES).for_each(|_| board.step(scenario));
    let value = ratio(|| ((), ()), |()| run(&mut few), |()| run(&mut many));
    Figure {
        goal: "S7",
        name: &format!("frame_{name}"),
        of: "10,000 rows",
        floor: "100 rows",
        value,
        unit: "ratio",
        bound: scenario.bound(),
    }
    .tell();
}

/// What is allocated where nothing changed.
fn allocations() {
    let mut board = Board::new(MANY, Scenario::Tick);
    (0..70).for_each(|_| board.step(Scenario::Tick));
    for (name, of, bound) in [
        ("unchanged", "allocations of a frame of a state that did not change", Some(0.0..=0.0)),
        ("tick", "allocations of a frame in which a second passed", None),
    ] {
        let allocated = allocation_counter::measure(|| match &bound {
            Some(_) => board.draw(),
            None => board.step(Scenario::Tick),
        });
        let value = f64::from(u32::try_from(allocated.count_total).unwrap());
        let name = &format!("frame_allocations_{name}");
        Figure { goal: "S7", name, of, floor: "", value, unit: "allocations", bound }.tell();
    }
}

/// The worst floor: a million combining marks, a name of 10 MB, 10,000 people at once.
fn worst() {
    let mut rows: Vec<_> = (0..FEW).map(floor::queue).collect();
    rows[0].name = Shown::clean(&format!("e{}", "\u{301}".repeat(1_000_000)));
    rows[1].name = Shown::clean(&"日本".repeat(10_000_000 / 6));
    let mut state = floor::state(FEW, MANY);
    state.apply(told(BEGAN, SourceEvent::Snapshot(Part::Queues(rows))));
    let mut board = Board::of(state);
    let (mut times, mut most) = (Vec::new(), 0);
    for frame in 0..500 {
        // Every frame is a whole one.
        board.shown.reset();
        board.coder = Coder::new();
        let start = spent();
        let key = if frame % 2 == 0 { '2' } else { '1' };
        board.event(Event::Key(Press::char(key)));
        board.draw();
        times.push((spent() - start) * 1_000.0);
        most = most.max(board.bytes.len());
    }
    times.sort_by(f64::total_cmp);
    let p99 = times[times.len() * 99 / 100];
    let bytes = f64::from(u32::try_from(most).unwrap());
    let of = "a whole frame of the worst floor";
    for (name, value, unit, most) in [
        ("frame_worst_p99", p99, "processor milliseconds", 16.0),
        ("frame_worst_bytes", bytes, "bytes", 65_536.0),
    ] {
        Figure { goal: "5", name, of, floor: "", value, unit, bound: Some(0.0..=most) }.tell();
    }
}

/// Runs this program under a counter of instructions; `None` where there is none.
fn counted(rows: u32, frames: u32, scenario: &str) -> Option<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["once", &rows.to_string(), &frames.to_string(), scenario])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let (_, collected) = text.split_once("Collected :")?;
    collected.split_whitespace().next()?.parse().ok()
}

fn instructions() {
    const FRAMES: u32 = 100;
    for (scenario, name) in Scenario::ALL {
        let mut board = Board::new(FEW, scenario);
        (0..40).for_each(|_| board.step(scenario));
        let changed = board.changed();
        let frame = |rows| {
            // What comes before the frames is in both and falls out.
            let (none, some) = (counted(rows, 40, name)?, counted(rows, 40 + FRAMES, name)?);
            Some((some - none) / f64::from(FRAMES))
        };
        let (Some(few), Some(many)) = (frame(FEW), frame(MANY)) else {
            eprintln!("no instructions were counted: valgrind is not installed");
            return;
        };
        let most = (scenario == Scenario::Busy).then_some(0.0..=INSTRUCTIONS);
        Figure {
            goal: "S7",
            name: &format!("frame_instructions_{name}"),
            of: &format!("a frame of 100 rows, {changed:.1} % of the cells changed"),
            floor: "",
            value: few,
            unit: "instructions",
            bound: most,
        }
        .tell();
        Figure {
            goal: "S7",
            name: &format!("frame_instructions_{name}_growth"),
            of: "instructions of a frame of 10,000 rows",
            floor: "of 100 rows",
            value: many / few,
            unit: "ratio",
            bound: scenario.bound(),
        }
        .tell();
    }
}

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    match given.as_slice() {
        ["once", rows, frames, wanted] => {
            let scenario = Scenario::ALL.iter().find(|(_, name)| name == wanted).unwrap().0;
            let mut board = Board::new(rows.parse().unwrap(), scenario);
            (0..frames.parse::<u32>().unwrap()).for_each(|_| board.step(scenario));
        }
        ["instructions"] => instructions(),
        _ => {
            for (scenario, name) in Scenario::ALL {
                growth(scenario, name);
            }
            allocations();
            worst();
        }
    }
}
