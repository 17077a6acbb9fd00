//! Ten thousand random changes of the state: what was written bit by bit shows what a full repaint would.

use fastrand::Rng;
use floorwalker::event::{Event, SourceEvent};
use floorwalker::floor::agent::{Agent, AgentState};
use floorwalker::floor::queue::{Figures, Queue};
use floorwalker::floor::scheduler::EntryState;
use floorwalker::floor::{Delta, Part};
use floorwalker::operations::Outcome;
use floorwalker::state::Effect;
use floorwalker::terminal::{Coder, Options};
use floorwalker::text::Shown;
use ratatui::buffer::Buffer;

use crate::support::desk::{self, Desk, agent, down, entries_part, entry, later, member, up};
use crate::support::hostile::corpus;
use crate::support::pty::shown;
use crate::support::screen::TestScreen;

/// How many changes each of the two halves makes.
const HALF: usize = 5_000;

/// What people and queues are called; some of it is as hostile as it gets.
fn names() -> Vec<String> {
    let own = [
        "Support",
        "Växel",
        "サポート 東京",
        "ｶﾞｷﾞﾊﾟ",
        "か\u{3099}は\u{309a}",
        "한국어",
        "สวัสดี",
        "😀🎧",
        "",
    ];
    own.map(str::to_owned).into_iter().chain(corpus().into_iter().map(|(_, text)| text)).collect()
}

/// Keys that lead to every screen, and now and then to a question.
const KEYS: [&str; 40] = [
    "j", "k", "j", "k", "j", "k", "g", "G", "down", "up", "pgdn", "enter", "esc", "esc", "esc",
    "esc", "esc", "tab", "tab", "s", "S", "S", "c", ":", "?", "/", "x", "o", "y", "n", "space",
    "space", "w", "1", "2", "6", "7", "8", "0", "f2",
];

struct Chance {
    rng: Rng,
    names: Vec<String>,
}

impl Chance {
    fn name(&mut self) -> Shown {
        Shown::clean(&self.names[self.rng.usize(..self.names.len())])
    }

    fn count(&mut self) -> Option<u32> {
        let few = self.rng.u32(..12);
        self.rng.bool().then_some(if few == 11 { u32::MAX } else { few })
    }

    fn figures(&mut self) -> Figures {
        Figures {
            waiting: self.count(),
            longest_wait_s: self.count(),
            agents_free: self.count(),
            offered: self.count(),
            ..Figures::default()
        }
    }

    fn queue(&mut self) -> Queue {
        let id = (20 + self.rng.u32(..9)).to_string();
        Queue { name: self.name(), figures: self.figures(), ..desk::queue(&id, "") }
    }

    fn event(&mut self, second: u64) -> SourceEvent {
        match self.rng.u8(..8) {
            0 => SourceEvent::Snapshot(Part::Queues(
                (0..self.rng.u32(..8)).map(|_| self.queue()).collect(),
            )),
            1 => {
                let state = [AgentState::Talking, AgentState::Available, AgentState::LoggedOut];
                let row = |chance: &mut Self| {
                    let user = ["anna", "bo", "cecilia", "didrik"][chance.rng.usize(..4)];
                    let name = chance.name();
                    let own = vec![member("21", &chance.name(), Some(chance.rng.bool()))];
                    let state = state[chance.rng.usize(..3)].clone();
                    Agent { state, ..agent(user, &name, own) }
                };
                SourceEvent::Snapshot(Part::Agents(
                    (0..self.rng.u32(..5)).map(|_| row(self)).collect(),
                ))
            }
            2 => {
                let state = EntryState::Other(self.name());
                SourceEvent::Snapshot(entries_part(vec![entry("e1", state)]))
            }
            3 => SourceEvent::Link(if self.rng.bool() {
                up("queues")
            } else {
                down("queues", &self.name())
            }),
            4 => SourceEvent::Gap(self.name()),
            5 => SourceEvent::Delta(Delta::Queue(Box::new(self.queue()))),
            _ => {
                let queue = (20 + self.rng.u32(..9)).to_string().as_str().into();
                let figures = Box::new(self.figures());
                SourceEvent::Delta(Delta::Figures { queue, at: later(second), figures })
            }
        }
    }

    /// Changes the board by one fact of any kind.
    fn change(&mut self, screen: &mut TestScreen, turn: usize) {
        let second = u64::try_from(turn).unwrap();
        match self.rng.u8(..20) {
            0..9 => {
                let source = ["hq", "helsinki", "nimbus", "oslo"][self.rng.usize(..4)].into();
                let event = self.event(second);
                screen.event(Event::Source { source, event });
            }
            9..16 => {
                for effect in screen.press(KEYS[self.rng.usize(..KEYS.len())]) {
                    if let Effect::Send(command) = effect {
                        let outcome = Outcome::Refused(self.name());
                        screen.event(Event::Finished { id: command.id, outcome });
                    }
                }
            }
            16 => drop(screen.event(Event::Paste(self.name().as_str().to_owned()))),
            17 => {
                let size = [(60, 12), (60, 12), (61, 12), (37, 9), (20, 5), (90, 14)];
                let (width, height) = size[self.rng.usize(..size.len())];
                screen.resize(width, height);
            }
            18 if self.rng.u8(..10) == 0 => {
                // Held, and let go on at once or a little later.
                screen.press("esc p");
            }
            _ => screen.wait(1 + self.rng.u64(..4)),
        }
        if screen.state.held_since().is_some() && self.rng.u8(..10) == 0 {
            screen.press("esc p");
        }
    }
}

/// Everything that can be seen of a cell.
fn look(cell: &vt100::Cell) -> (&str, vt100::Color, vt100::Color, [bool; 6]) {
    if cell.is_wide_continuation() {
        return ("", vt100::Color::Default, vt100::Color::Default, [false; 6]);
    }
    let text = if cell.has_contents() { cell.contents() } else { " " };
    let attributes = [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()];
    let [bold, dim, italic, underline, inverse] = attributes;
    (text, cell.fgcolor(), cell.bgcolor(), [bold, dim, italic, underline, inverse, cell.is_wide()])
}

/// The first cell in which two terminals of one size differ.
fn difference(one: &vt100::Parser, other: &vt100::Parser) -> Option<(u16, u16)> {
    let (rows, columns) = one.screen().size();
    let mut all = (0..rows.get()).flat_map(|y| (0..columns.get()).map(move |x| (x, y)));
    all.find(|(x, y)| {
        let cells = (one.screen().cell(*y, *x).unwrap(), other.screen().cell(*y, *x).unwrap());
        look(cells.0) != look(cells.1)
    })
}

/// What a terminal of the buffer's size shows of a full repaint.
fn painted(buffer: &Buffer) -> vt100::Parser {
    let mut bytes = Vec::new();
    Coder::new().repaint(buffer, &mut bytes);
    shown(&bytes, buffer.area.width, buffer.area.height)
}

/// Changes and draws, and compares after each.
fn follow(seed: u64) {
    let mut chance = Chance { rng: Rng::with_seed(seed), names: names() };
    let mut screen = TestScreen::new(Desk::open().state, 60, 12);
    let mut coder = Coder::new();
    let mut before = screen.buffer();
    let mut bytes = Vec::new();
    coder.repaint(&before, &mut bytes);
    let mut terminal = shown(&bytes, 60, 12);
    let mut changed = 0;
    for turn in 0..HALF {
        chance.change(&mut screen, turn);
        let next = screen.buffer();
        bytes.clear();
        coder.encode(&before, &next, &mut bytes);
        if before.area == next.area {
            terminal.process(&bytes);
        } else {
            terminal = shown(&bytes, next.area.width, next.area.height);
        }
        if before == next {
            assert!(bytes.is_empty(), "nothing changed, but something was written");
            continue;
        }
        changed += 1;
        let full = painted(&next);
        if let Some(at) = difference(&terminal, &full) {
            let (left, right) = (terminal.screen().contents(), full.screen().contents());
            panic!("seed {seed}, turn {turn}, at {at:?}: shown\n{left}\nand painted anew\n{right}");
        }
        before = next;
    }
    assert!(changed > HALF / 3, "only {changed} of {HALF} changes were seen");
}

#[test]
fn after_every_change_the_terminal_shows_what_a_full_repaint_shows_the_first_half() {
    follow(1);
}

#[test]
fn after_every_change_the_terminal_shows_what_a_full_repaint_shows_the_second_half() {
    follow(2);
}

#[test]
fn everything_is_written_again_at_least_every_ten_minutes() {
    assert!(Options::default().repaint_every <= std::time::Duration::from_mins(10));
}
