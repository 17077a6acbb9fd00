//! Bytes to the terminal: for a frame against a simple difference coder, and at rest by the second.
//!
//! ```text
//! cargo bench --bench bytes
//! ```
//!
//! Nothing here depends on the machine: the figures are the same wherever it runs. *Pictures* are made up,
//! *boards* are what the program draws of a simulated floor. The floor lives through simulated minutes: at
//! rest means that nobody presses a key, not that nobody calls.

#![expect(clippy::unwrap_used, reason = "a bench ends at its first surprise")]
#![expect(clippy::expect_used, reason = "the reference is the suite's, and says what it expects")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use floorwalker::event::{Event, Press, SourceEvent, Stamped};
use floorwalker::floor::Part;
use floorwalker::floor::id::{FeedName, QueueId};
use floorwalker::floor::link::{Feed, FeedKind, Health};
use floorwalker::floor::queue::{About, Figures, Queue};
use floorwalker::floor::time::{Moment, Now};
use floorwalker::simulator::centre::Centre;
use floorwalker::simulator::{self, Size};
use floorwalker::state::State;
use floorwalker::terminal::Coder;
use floorwalker::text::{Characters, Shown};
use floorwalker::theme::Theme;
use floorwalker::ui::{self, Look};
use floorwalker::wall::Profile;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::figure::Figure;
use crate::reference::Reference;
use crate::told::{empty, told};

mod figure;
#[path = "../suite/frames/reference.rs"]
mod reference;
#[path = "../suite/frames/scenarios.rs"]
mod scenarios;
mod told;

/// What ours may cost of what the reference does.
const REFERENCE: f64 = 1.1;

/// What a scroll by one is to cost of what scroll regions need, which we do not use: some terminals do them
/// otherwise.
const REGIONS: f64 = 2.0;

/// Seconds of a floor at rest.
const SECONDS: u32 = 300;

/// How often the floor is read.
const POLL: u32 = 5;

fn tell(goal: &str, name: &str, of: &str, floor: &str, value: f64, most: f64) {
    let unit = if floor.is_empty() { "bytes" } else { "ratio" };
    let bound = Some(0.0..=most);
    Figure { goal, name: &format!("bytes_{name}"), of, floor, value, unit, bound }.tell();
}

fn count(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap())
}

/// Ours and the reference for pictures one after the other; the last one is shown twice, which costs nothing.
fn compare(what: &str, frames: &[Buffer]) {
    let (mut coder, mut reference) = (Coder::new(), Reference::default());
    let (mut ours, mut theirs, mut again) = (Vec::new(), Vec::new(), Vec::new());
    let mut shown = Buffer::empty(frames[0].area);
    for next in frames {
        coder.encode(&shown, next, &mut ours);
        reference.encode(&shown, next, &mut theirs);
        shown.clone_from(next);
    }
    coder.encode(&shown, &shown.clone(), &mut again);
    let ratio = count(ours.len()) / count(theirs.len());
    tell("S5", "frame", what, "the reference coder", ratio, REFERENCE);
    tell("S5", "unchanged", what, "", count(again.len()), 0.0);
}

/// What a scroll by one needs where the terminal scrolls: a region, the scroll, and the row that comes in.
fn with_regions(frames: &[Buffer]) -> usize {
    let area = frames[0].area;
    let row = Rect { height: 1, ..area };
    let mut bytes = Vec::new();
    for next in &frames[1..] {
        write!(bytes, "\x1b[2;{}r\x1b[S\x1b[r", area.height).unwrap();
        let mut last = Buffer::empty(row);
        let begin = next.content.len() - usize::from(area.width);
        last.content.clone_from_slice(&next.content[begin..]);
        Reference::default().encode(&Buffer::empty(row), &last, &mut bytes);
    }
    bytes.len()
}

fn scrolls(what: &str, frames: &[Buffer]) {
    let mut ours = Vec::new();
    let mut coder = Coder::new();
    for pair in frames.windows(2) {
        coder.encode(&pair[0], &pair[1], &mut ours);
    }
    let ratio = count(ours.len()) / count(with_regions(frames));
    tell("S5 stretch", "scroll", what, "what scroll regions need", ratio, REGIONS);
}

/// A simulated floor, as Telepo tells of it, on a board.
struct Site {
    centre: Centre,
    /// Seconds for which those who wait have waited while the floor stood still.
    still: u32,
    state: State,
    shown: Buffer,
    coder: Coder,
}

impl Site {
    fn new(width: u16, height: u16, wall: bool) -> Self {
        let mut state = empty();
        state.size = (width, height);
        if wall {
            state.hang_wall(Profile::default(), false);
        }
        let centre = simulator::floor(Size::Small, 1).unwrap();
        let shown = Buffer::empty(Rect::new(0, 0, width, height));
        let mut site = Self { centre, still: 0, state, shown, coder: Coder::new() };
        site.told();
        site.frame();
        site
    }

    /// One reading of every queue.
    fn told(&mut self) {
        let at = self.state.now.moment;
        let small = |count: u64| u32::try_from(count).ok();
        let still = |wait: u64| if wait > 0 { wait + u64::from(self.still) } else { 0 };
        let queues = self.centre.queues().iter().enumerate().map(|(position, queue)| {
            let (now, today) = (self.centre.figures(position), queue.tally().today());
            let figures = Figures {
                waiting: small(now.waiting),
                longest_wait_s: small(still(now.longest_wait)),
                agents_logged_in: small(now.logged_in),
                agents_free: small(now.free),
                offered: small(today.offered),
                answered: small(today.answered),
                abandoned: small(today.abandoned),
                average_wait_s: small(queue.tally().average_wait()),
                ..Figures::default()
            };
            Queue {
                id: QueueId::new(&queue.setup.id),
                name: Shown::clean(&queue.setup.name),
                number: queue.setup.number.as_deref().map(Shown::clean),
                open: None,
                open_detail: None,
                figures,
                own_login: None,
                about: About::default(),
                feed: FeedName::new("queues"),
                updated: at,
            }
        });
        let part = Part::Queues(queues.collect());
        let feed =
            Feed::new(FeedName::new("queues"), FeedKind::Poll, Some(Duration::from_secs(15)));
        let feed = Feed { health: Health::Up, last_update: Some(at), ..feed };
        for event in [SourceEvent::Link(feed), SourceEvent::Snapshot(part)] {
            self.state.apply(told(at, event));
        }
    }

    /// A second passes, and with `calls` on the floor too.
    fn second(&mut self, second: u32, calls: bool) {
        let moment = Moment::from_millis(self.state.now.moment.as_millis() + 1_000);
        let wall = self.state.now.wall_of(moment);
        self.state.apply(Stamped { at: moment, event: Event::Tick(Now { moment, wall }) });
        if calls {
            self.centre.advance(Duration::from_secs(1));
        } else {
            self.still += 1;
        }
        if second.is_multiple_of(POLL) {
            self.told();
        }
    }

    fn picture(&self) -> Buffer {
        let mut buffer = Buffer::empty(self.shown.area);
        let look = Look { theme: Theme::midnight(), characters: Characters::Unicode };
        ui::draw(&self.state, &look, &mut buffer, self.shown.area);
        buffer
    }

    fn frame(&mut self) -> usize {
        let next = self.picture();
        let mut bytes = Vec::new();
        self.coder.encode(&self.shown, &next, &mut bytes);
        self.shown = next;
        bytes.len()
    }
}

/// Bytes a second of a screen that is left alone.
fn at_rest((width, height): (u16, u16), wall: bool, calls: bool) {
    let mut site = Site::new(width, height, wall);
    let mut bytes = 0;
    for second in 1..=SECONDS {
        site.second(second, calls);
        bytes += site.frame();
    }
    let (screen, most) = if wall { ("wall", 150.0) } else { ("board", 250.0) };
    let life = if calls { "calls come and go" } else { "nobody calls, waits and ages go on" };
    let of = format!("{screen} at {width}×{height} by the second, {life}");
    tell("S6", &format!("{screen}_at_rest"), &of, "", count(bytes) / f64::from(SECONDS), most);
}

/// What the program draws, by key and by the second.
fn boards() -> BTreeMap<&'static str, Vec<Buffer>> {
    let keys = |key: char, times: usize| {
        let mut site = Site::new(200, 24, false);
        let frames = (0..times).map(|_| {
            let at = site.state.now.moment;
            site.state.apply(Stamped { at, event: Event::Key(Press::char(key)) });
            site.picture()
        });
        frames.collect::<Vec<_>>()
    };
    let seconds = |wall| {
        let mut site = Site::new(200, 60, wall);
        let frames = (1..=60).map(|second| {
            site.second(second, true);
            site.picture()
        });
        frames.collect::<Vec<_>>()
    };
    BTreeMap::from([
        ("board: the selection moves", keys('j', 8)),
        ("board: the next table", keys('\t', 4)),
        ("board: seconds pass", seconds(false)),
        ("wall: seconds pass", seconds(true)),
    ])
}

fn main() {
    for (what, frames) in scenarios::scenarios() {
        compare(&what, &frames);
        if what.contains("scroll") {
            scrolls(&what, &frames);
        }
    }
    for (what, frames) in boards() {
        compare(what, &frames);
    }
    for size in [(80, 24), (120, 34), (200, 60)] {
        for calls in [true, false] {
            at_rest(size, false, calls);
            at_rest(size, true, calls);
        }
    }
}
