//! Under load: a terminal that is not read, a long time, and the first frame.

use std::num::NonZeroU16;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;

use crate::clock::now;
use crate::process::{Sample, is_installed};
use crate::program::{Program, alone};
use crate::sides::{Counted, Feed, floorwalker};
use crate::telepo::Telepo;
use crate::tell;

const SCREEN: (u16, u16) = (200, 24);

/// Events a second.
const LOAD: u32 = 10_000;

/// Until memory has found its size, and the connections of the polls are closed.
const SETTLE: Duration = Duration::from_secs(20);

/// The longest wait for anything.
const LIMIT: Duration = Duration::from_secs(20);

/// Rounds of the first frame; the middle one counts.
const ROUNDS: usize = 11;

fn terminal((width, height): (u16, u16)) -> vt100::Parser {
    let size = |n: u16| NonZeroU16::new(n).unwrap();
    vt100::Parser::new(size(height), size(width), 0)
}

/// S11.
pub fn stall(home: &Path, seconds: u64) {
    let telepo = Telepo::start(10);
    let gate = Arc::new((Mutex::new(true), Condvar::new()));
    let door = Arc::clone(&gate);
    let (tell_read, reads) = channel();
    let board = floorwalker(home, &telepo.config(), &[]);
    let board = Program::start(board, SCREEN, move |_, bytes| {
        let open = door.0.lock().unwrap();
        drop(door.1.wait_while(open, |open| !*open).unwrap());
        let _ = tell_read.send(bytes.to_vec());
    });
    let feed = Feed::start(telepo.stream(), 10, LOAD);
    thread::sleep(SETTLE);
    let set = |open| {
        *gate.0.lock().unwrap() = open;
        gate.1.notify_all();
    };
    set(false);
    let (before, sent) = (Sample::of(board.pid), feed.sent());
    thread::sleep(Duration::from_secs(seconds));
    let after = Sample::of(board.pid);
    let newest = feed.sent();
    #[expect(clippy::cast_precision_loss, reason = "hours are few seconds")]
    let rate = (newest - sent) as f64 / seconds as f64;
    let of = "events a second that the board takes while its terminal is not read";
    let least = Some(f64::from(LOAD) * 0.99..=f64::INFINITY);
    tell("S11", "stall_events", of, "", (rate, "events a second"), least);
    let grown = after.resident - before.resident;
    let of = "memory that an unread terminal costs";
    tell("S11", "stall_resident", of, "", (grown, "KiB"), Some(0.0..=2_048.0));

    let mut shown = terminal(SCREEN);
    let process = |shown: &mut vt100::Parser, read: &Receiver<Vec<u8>>| {
        let bytes = read.recv_timeout(LIMIT).unwrap();
        shown.process(&bytes);
        bytes.len()
    };
    while let Ok(bytes) = reads.try_recv() {
        shown.process(&bytes);
    }
    set(true);
    let mut bytes = 0;
    while largest(&shown) < newest {
        bytes += process(&mut shown, &reads);
    }
    let frame = shown.screen().contents_formatted().len();
    let count = |bytes: usize| f64::from(u32::try_from(bytes).unwrap());
    let of = "bytes until what was newest at the end of the stall is shown";
    let ratio = count(bytes) / count(frame);
    tell("S11", "stall_bytes", of, "a whole frame", (ratio, "ratio"), Some(0.0..=2.0));
}

/// The largest number on the screen: the figure of the newest event that is shown.
fn largest(shown: &vt100::Parser) -> u64 {
    let text = shown.screen().contents();
    let rows = text.lines().filter(|line| line.contains("Queue "));
    let numbers = rows.flat_map(|row| row.split(|c: char| !c.is_ascii_digit()));
    numbers.filter_map(|digits| digits.parse().ok()).max().unwrap_or(0)
}

/// S12.
pub fn soak(home: &Path, seconds: u64) {
    let telepo = Telepo::start(1_000);
    let board = Counted::start(floorwalker(home, &telepo.config(), &[]), SCREEN);
    let feed = Feed::start(telepo.stream(), 1_000, LOAD);
    thread::sleep(SETTLE);
    let sent = feed.sent();
    let first = Sample::of(board.program.pid);
    let began = now();
    let mut samples = vec![(0.0, first)];
    while began.elapsed() < Duration::from_secs(seconds) {
        thread::sleep(Duration::from_secs(5));
        samples.push((began.elapsed().as_secs_f64(), Sample::of(board.program.pid)));
    }
    let span = began.elapsed().as_secs_f64();
    let last = samples[samples.len() - 1].1;
    // Ten minutes, or a third of a shorter run.
    let turn = (span / 3.0).min(600.0);
    let (early, late): (Vec<_>, Vec<_>) = samples.into_iter().partition(|(at, _)| *at <= turn);
    let most = early.iter().map(|(_, sample)| sample.resident).fold(0.0, f64::max);
    let grown = (most / first.resident - 1.0) * 100.0;
    let of = format!("memory gained in the first {turn:.0} s at 10,000 events a second");
    tell("S12", "soak_begin", &of, "", (grown, "percent"), Some(0.0..=10.0));
    let of = format!("memory gained in the {:.0} s behind them", span - turn);
    tell("S12", "soak_slope", &of, "", (slope(&late) * 3_600.0, "KiB an hour"), Some(0.0..=64.0));
    // A file that is just being looked into is no leak, so the fewest at a time are compared.
    let gained = |count: fn(&Sample) -> f64| {
        let least = |all: &[(f64, Sample)]| {
            all.iter().map(|(_, sample)| count(sample)).fold(f64::INFINITY, f64::min)
        };
        least(&late) - least(&early)
    };
    let (descriptors, threads) = (gained(|own| own.descriptors), gained(|own| own.threads));
    tell("S12", "soak_descriptors", "descriptors", "", (descriptors, "gained"), Some(0.0..=0.0));
    tell("S12", "soak_threads", "threads", "", (threads, "gained"), Some(0.0..=0.0));
    let processor = (last.processor - first.processor) / span * 100.0;
    let rate = f64::from(u32::try_from(feed.sent() - sent).unwrap()) / span;
    let of = format!("{rate:.0} events a second, each a document");
    tell("S9", "soak_processor", &of, "", (processor, "percent of a core"), Some(0.0..=8.0));
}

/// KiB a second, by the least squares.
fn slope(samples: &[(f64, Sample)]) -> f64 {
    let count = f64::from(u32::try_from(samples.len()).unwrap());
    let mean = |value: fn(&(f64, Sample)) -> f64| samples.iter().map(value).sum::<f64>() / count;
    let (time, size) = (mean(|sample| sample.0), mean(|sample| sample.1.resident));
    let product = |(at, sample): &(f64, Sample)| (at - time) * (sample.resident - size);
    let square: f64 = samples.iter().map(|(at, _)| (at - time).powi(2)).sum();
    samples.iter().map(product).sum::<f64>() / square
}

/// How long a program takes until its terminal shows `mark`, milliseconds.
fn shows(command: CommandBuilder, mark: &'static str) -> f64 {
    let (tell_shown, shown) = channel::<Instant>();
    let mut screen = terminal((200, 60));
    let began = now();
    let _program = Program::start(command, (200, 60), move |at, bytes| {
        screen.process(bytes);
        if screen.screen().contents().contains(mark) {
            let _ = tell_shown.send(at);
        }
    });
    (shown.recv_timeout(LIMIT).unwrap() - began).as_secs_f64() * 1_000.0
}

/// S1.
pub fn first(home: &Path) {
    let telepo = Telepo::start(1_000);
    let text = telepo.config();
    // What each draws last of its first whole frame.
    let peers = [("btop", "Pid:", 1.0), ("htop", "Quit", 0.25)];
    for (name, mark, most) in peers {
        if !is_installed(name) {
            eprintln!("{name} is not installed: it is left out");
            continue;
        }
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let ours = shows(floorwalker(home, &text, &[]), "help");
            ratios.push(ours / shows(alone(name, home), mark));
        }
        ratios.sort_by(f64::total_cmp);
        let ratio = ratios[ROUNDS / 2];
        let of = "from the start to the first whole frame";
        tell("S1", &format!("first_frame_{name}"), of, name, (ratio, "ratio"), Some(0.0..=most));
    }
}
