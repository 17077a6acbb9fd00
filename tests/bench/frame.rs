//! A frame with 10,000 rows against one with 100, in the same run and turn by turn.
//!
//! ```text
//! cargo bench --bench frame              time: one JSON line for each scenario
//! cargo bench --bench frame -- once 10000 90 tick    rows, frames, scenario; nothing is measured: for instruction counters
//! ```
//!
//! Nothing of the floor changes between the frames that are counted. Ratios are told, no times.

#![expect(clippy::unwrap_used, reason = "a bench ends at its first surprise")]
#![expect(clippy::print_stdout, reason = "figures are what a bench is for")]

use std::hint::black_box;
use std::time::Instant;

use floorwalker::command::Access;
use floorwalker::event::{Event, Press, SourceEvent, Stamped};
use floorwalker::floor::agent::{Agent, AgentState, Membership};
use floorwalker::floor::id::{AgentId, AgentKey, FeedName, QueueId, SourceName};
use floorwalker::floor::link::{Feed, FeedKind, Health};
use floorwalker::floor::presence::Presence;
use floorwalker::floor::queue::{Figures, Open, Queue};
use floorwalker::floor::time::{Moment, Now};
use floorwalker::floor::{Delta, Kind, Part};
use floorwalker::keymap::Keymap;
use floorwalker::state::State;
use floorwalker::text::Shown;
use floorwalker::theme::Theme;
use floorwalker::ui::{self, Look};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The screen.
const AREA: Rect = Rect { x: 0, y: 0, width: 200, height: 60 };

/// Frames of one turn.
const FRAMES: u32 = 20;

/// Turns; the middle one counts.
const TURNS: usize = 11;

/// What 10,000 rows may cost of what 100 do, where nothing of the floor changed.
const BOUND: f64 = 1.05;

/// What happens between two frames.
#[derive(Clone, Copy, PartialEq)]
enum Scenario {
    /// A second passes.
    Tick,
    /// The selection moves.
    Key,
    /// A second passes over the table of agents.
    Agents,
    /// One queue's figures change: the order is found anew, so no bound holds.
    Delta,
}

impl Scenario {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Tick, "tick"),
        (Self::Key, "key"),
        (Self::Agents, "agents"),
        (Self::Delta, "delta"),
    ];
}

/// A board that is drawn again and again.
struct Board {
    state: State,
    buffer: Buffer,
    frame: u64,
}

fn queue(index: u32) -> Queue {
    let id = format!("{index:05}");
    Queue {
        id: QueueId::new(&id),
        name: Shown::clean(&format!("Queue {:05}", index.wrapping_mul(7_919) % 100_000)),
        number: Some(Shown::clean(&format!("08-555 {id}"))),
        open: Some(Open::Open),
        open_detail: None,
        figures: Figures {
            waiting: Some(index % 5),
            longest_wait_s: Some(index % 5 * 40),
            agents_logged_in: Some(9),
            agents_serving: Some(4),
            agents_free: Some(index % 4),
            calls_connected: Some(index % 7),
            offered: Some(412),
            answered: Some(380),
            abandoned: Some(18),
            ..Figures::default()
        },
        own_login: Some(true),
        feed: FeedName::new("queues"),
        updated: Moment::from_millis(1_000),
    }
}

fn agent(index: u32, queues: u32) -> Agent {
    let user = format!("agent{index:05}@example.com");
    let state = AgentState::Available;
    // Ten people to a queue, however many queues there are.
    let queue = format!("{:05}", index % queues);
    Agent {
        key: AgentKey::new(&user),
        id: Some(AgentId::new(&user)),
        name: Shown::clean(&format!("Agent {:05}", index.wrapping_mul(7_919) % 100_000)),
        state: state.clone(),
        reason: None,
        since: None,
        memberships: vec![Membership {
            queue: QueueId::new(&queue),
            name: Shown::clean(&queue),
            logged_in: Some(true),
            state,
            reason: None,
            priority: None,
            skill: None,
        }],
        presence: Presence::default(),
        feed: FeedName::new("agents"),
        updated: Moment::from_millis(1_000),
    }
}

impl Board {
    fn new(rows: u32, scenario: Scenario) -> Self {
        let moment = Moment::from_millis(1_000);
        let wall = "2026-03-02T08:00:00Z".parse().unwrap();
        let source = SourceName::new("hq");
        let keymap = Keymap::standard(Access::Full);
        let mut state = State::new(
            [(source.clone(), Kind::Telepo)],
            Access::Full,
            keymap,
            Now { moment, wall },
        );
        state.size = (AREA.width, AREA.height);
        let mut tell = |event| {
            let event = Event::Source { source: source.clone(), event };
            state.apply(Stamped { at: moment, event });
        };
        for name in ["queues", "agents"] {
            let feed = Feed::new(FeedName::new(name), FeedKind::Poll, None);
            tell(SourceEvent::Link(Feed { health: Health::Up, last_update: Some(moment), ..feed }));
        }
        tell(SourceEvent::Snapshot(Part::Queues((0..rows).map(queue).collect())));
        let agents = (0..rows).map(|index| agent(index, rows.div_ceil(10))).collect();
        tell(SourceEvent::Snapshot(Part::Agents(agents)));
        let mut board = Self { state, buffer: Buffer::empty(AREA), frame: 0 };
        if scenario == Scenario::Agents {
            board.event(Event::Key(Press::char('2')));
        }
        board.event(Event::Key(Press::char('g')));
        board.draw();
        board
    }

    fn event(&mut self, event: Event) {
        let at = self.state.now.moment;
        self.state.apply(Stamped { at, event });
    }

    fn draw(&mut self) {
        self.buffer.reset();
        let look = Look { theme: Theme::midnight(), ascii: false };
        ui::draw(&self.state, &look, &mut self.buffer, AREA);
        black_box(&self.buffer);
    }

    /// What happens, and the frame after it.
    fn step(&mut self, scenario: Scenario) {
        self.frame += 1;
        match scenario {
            Scenario::Tick | Scenario::Agents => {
                let moment = Moment::from_millis(self.state.now.moment.as_millis() + 1_000);
                let wall = self.state.now.wall_of(moment);
                self.event(Event::Tick(Now { moment, wall }));
            }
            Scenario::Key => {
                let key = if self.frame % 20 < 10 { 'j' } else { 'k' };
                self.event(Event::Key(Press::char(key)));
            }
            Scenario::Delta => {
                let waiting = u32::try_from(self.frame % 5).unwrap();
                let figures = Figures { waiting: Some(waiting), ..Figures::default() };
                let delta = Delta::Figures {
                    queue: QueueId::new("00042"),
                    at: self.state.now.moment,
                    figures: Box::new(figures),
                };
                let event = SourceEvent::Delta(delta);
                self.event(Event::Source { source: SourceName::new("hq"), event });
            }
        }
        self.draw();
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures; only ratios come of it")]
fn turn(board: &mut Board, scenario: Scenario) -> f64 {
    let start = Instant::now();
    for _ in 0..FRAMES {
        board.step(scenario);
    }
    start.elapsed().as_secs_f64()
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn measure(scenario: Scenario, name: &str) {
    let (mut few, mut many) = (Board::new(100, scenario), Board::new(10_000, scenario));
    // Waits pass their last limit in the first minutes; what is left is a floor at rest.
    for _ in 0..70 {
        few.step(scenario);
        many.step(scenario);
    }
    let mut turns: Vec<(f64, f64)> = Vec::new();
    for _ in 0..TURNS {
        turns.push((turn(&mut few, scenario), turn(&mut many, scenario)));
    }
    let ratio = median(turns.iter().map(|(few, many)| many / few).collect());
    let bound = (scenario != Scenario::Delta).then_some(BOUND);
    let line = serde_json::json!({
        "figure": format!("frame_{name}"),
        "floor": "100 rows",
        "of": "10,000 rows",
        "ratio": (ratio * 1_000.0).round() / 1_000.0,
        "bound": bound,
        "turns": TURNS,
    });
    println!("{line}");
}

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [once, rows, frames, wanted] = given.as_slice()
        && once == "once"
    {
        let scenario = Scenario::ALL.iter().find(|(_, name)| name == wanted).unwrap().0;
        let mut board = Board::new(rows.parse().unwrap(), scenario);
        for _ in 0..frames.parse::<u32>().unwrap() {
            board.step(scenario);
        }
        return;
    }
    for (scenario, name) in Scenario::ALL {
        measure(scenario, name);
    }
}
