//! From bytes that a server writes to bytes that are read at the terminal, against a program that copies.
//!
//! ```text
//! cargo bench --bench latency
//! ```
//!
//! A board on a pseudo-terminal follows the stream of a server in this process, which changes one figure. The
//! *floor* is this program once more, copying a socket to its own terminal. *Quiet*: one change at a time, on a
//! board that has drawn nothing for a while, so no frame has to be waited for; turn by turn with the floor.
//! *Busy*: changes come faster than frames, and each counts until a frame shows it or a later one.

#![expect(clippy::unwrap_used, reason = "a bench ends at its first surprise")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::clock::now;
use crate::figure::Figure;
use crate::program::{Program, alone};
use crate::telepo::Telepo;

mod clock;
mod figure;
mod program;
mod telepo;

/// Quiet changes.
const QUIET: u32 = 201;

/// Busy changes, and the time between them.
const BUSY: u32 = 1_000;
const SPACING: Duration = Duration::from_millis(4);

/// Longer than two frames: what the source says of itself behind a change may be a frame of its own.
const REST: Duration = Duration::from_millis(120);

/// How often the quiet is looked for.
const LOOK: Duration = Duration::from_millis(1);

/// A frame at twenty a second, in milliseconds.
const FRAME: f64 = 50.0;

/// What counts as drawn at once. Now and then a change meets the frame of the clock's tick.
const AT_ONCE: f64 = 10.0;

/// The longest wait for anything.
const LIMIT: Duration = Duration::from_secs(20);

/// The first figure that is sent; no other number on the screen is as large.
const FIRST: u32 = 1_000;

const SCREEN: (u16, u16) = (200, 12);

/// What is shown, and when it was read.
type Shown = (Instant, u32);

/// A board that follows a stream.
struct Board {
    _program: Program,
    stream: TcpStream,
    /// What its terminal shows of the figure.
    shown: Receiver<Shown>,
    /// When it last wrote anything.
    wrote: Arc<Mutex<Instant>>,
}

impl Board {
    /// Waits until it has drawn nothing for a while, and a little more: whoever waits equally long each time
    /// meets the clock's tick always or never.
    fn rest(&self) {
        thread::sleep(REST.mul_f64(fastrand::f64()));
        while self.wrote.lock().unwrap().elapsed() < REST {
            thread::sleep(LOOK);
        }
    }
}

fn board(home: &std::path::Path, telepo: &Telepo) -> Board {
    let config = home.join("config.toml");
    std::fs::write(&config, telepo.config()).unwrap();
    let mut command = alone(env!("CARGO_BIN_EXE_floorwalker"), home);
    command.arg("--config");
    command.arg(&config);
    let (tell, shown) = channel();
    let size = |n: u16| NonZeroU16::new(n).unwrap();
    let mut terminal = vt100::Parser::new(size(SCREEN.1), size(SCREEN.0), 0);
    let mut last = 0;
    let wrote = Arc::new(Mutex::new(now()));
    let writes = Arc::clone(&wrote);
    let program = Program::start(command, SCREEN, move |at, bytes| {
        *writes.lock().unwrap() = at;
        terminal.process(bytes);
        let text = terminal.screen().contents();
        let row = text.lines().find(|line| line.contains("Queue 0")).unwrap_or_default();
        let numbers = row.split(|c: char| !c.is_ascii_digit());
        let most = numbers.filter_map(|digits| digits.parse().ok()).max().unwrap_or(0);
        if most > last {
            last = most;
            // Nobody listens any more once the bench is over.
            let _ = tell.send((at, most));
        }
    });
    let stream = telepo.stream();
    // The queue is there by the poll.
    shown.recv_timeout(LIMIT).unwrap();
    Board { _program: program, stream, shown, wrote }
}

/// Sends a figure to the board; returns when.
fn change(stream: &mut TcpStream, figure: u32) -> Instant {
    let event = format!(
        "data: <s><queue id=\"0\" domain=\"example.com\" totalCallsForPeriod=\"{figure}\"/></s>\n\n"
    );
    let sent = now();
    stream.write_all(event.as_bytes()).unwrap();
    sent
}

/// The copying program, and the lines that come out of it.
fn floor(home: &std::path::Path) -> (Program, TcpStream, Receiver<Instant>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = alone(std::env::current_exe().unwrap().to_str().unwrap(), home);
    command.args(["copy", &listener.local_addr().unwrap().to_string()]);
    let (tell, lines) = channel();
    let program = Program::start(command, SCREEN, move |at, bytes| {
        for _ in bytes.iter().filter(|byte| **byte == b'\n') {
            let _ = tell.send(at);
        }
    });
    let peer = listener.accept().unwrap().0;
    peer.set_nodelay(true).unwrap();
    (program, peer, lines)
}

/// Copies what a socket says to standard output, as it comes.
#[expect(clippy::disallowed_methods, reason = "a peer without the program's own printer")]
fn copy(address: &str) {
    let mut peer = TcpStream::connect(address).unwrap();
    let mut bytes = [0; 4096];
    let mut out = std::io::stdout().lock();
    while let Ok(count @ 1..) = std::io::Read::read(&mut peer, &mut bytes) {
        out.write_all(&bytes[..count]).unwrap();
        out.flush().unwrap();
    }
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}

/// The value that so many of a hundred do not pass.
fn percentile(all: &mut [f64], percent: usize) -> f64 {
    all.sort_by(f64::total_cmp);
    all[(all.len() * percent / 100).min(all.len() - 1)]
}

fn main() {
    let given: Vec<String> = std::env::args().collect();
    if let [_, copying, address] = given.as_slice()
        && copying == "copy"
    {
        copy(address);
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let telepo = Telepo::start(1);
    let mut board = board(home.path(), &telepo);
    let (_floor, mut peer, lines) = floor(home.path());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for figure in FIRST..FIRST + QUIET {
        board.rest();
        let sent = change(&mut board.stream, figure);
        let seen = board.shown.recv_timeout(LIMIT).unwrap();
        assert_eq!(seen.1, figure, "the board shows what was sent");
        ours.push(millis(seen.0 - sent));
        // Both after the same silence: a machine that slept is slower.
        board.rest();
        let sent = now();
        peer.write_all(format!("{figure}\n").as_bytes()).unwrap();
        theirs.push(millis(lines.recv_timeout(LIMIT).unwrap() - sent));
    }
    Figure {
        goal: "S10",
        name: "latency_quiet_p50",
        of: "a change on a quiet board",
        floor: "a line through a program that copies",
        value: percentile(&mut ours, 50) / percentile(&mut theirs, 50),
        unit: "ratio",
        bound: Some(0.0..=7.0),
    }
    .tell();
    let prompt = ours.iter().filter(|took| **took <= AT_ONCE).count();
    Figure {
        goal: "S10",
        name: "latency_quiet_at_once",
        of: "changes on a quiet board that are read within a fifth of a frame",
        floor: "",
        value: f64::from(u32::try_from(prompt * 100).unwrap()) / f64::from(QUIET),
        unit: "percent",
        bound: Some(95.0..=100.0),
    }
    .tell();

    let mut waiting = BTreeMap::new();
    let mut busy = Vec::new();
    let mut take = |(at, figure): Shown, waiting: &mut BTreeMap<u32, Instant>| {
        let later = waiting.split_off(&(figure + 1));
        let done = std::mem::replace(waiting, later);
        busy.extend(done.into_values().map(|sent| millis(at - sent)));
    };
    for figure in FIRST + QUIET..FIRST + QUIET + BUSY {
        waiting.insert(figure, change(&mut board.stream, figure));
        thread::sleep(SPACING);
        while let Ok(seen) = board.shown.try_recv() {
            take(seen, &mut waiting);
        }
    }
    while !waiting.is_empty() {
        take(board.shown.recv_timeout(LIMIT).unwrap(), &mut waiting);
    }
    Figure {
        goal: "S10",
        name: "latency_busy_p99",
        of: "a change among others",
        floor: "",
        value: percentile(&mut busy, 99),
        unit: "milliseconds",
        bound: Some(0.0..=FRAME + 2.0),
    }
    .tell();
}
