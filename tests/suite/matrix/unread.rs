//! A terminal that is not read for a while, under a hundred events a second: only the picture waits.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use floorwalker::clock;
use floorwalker::floor::time::Moment;
use floorwalker::simulator::Settings;
use rustix::process::{Pid, Signal};

use crate::support::board::{Board, QUEUE};
use crate::support::pty::{Stage, Watch};

const SIZE: (u16, u16) = (200, 60);

/// Queue updates a second.
const EVENTS: u32 = 100;

/// How much memory may be added meanwhile, KiB.
const MORE_KIB: u64 = 8 * 1024;

/// When requests passed on their way to the centre.
#[derive(Clone, Default)]
struct Requests(Arc<Mutex<Vec<Moment>>>);

impl Requests {
    fn since(&self, moment: Moment) -> Vec<Moment> {
        let all = self.0.lock().unwrap();
        all.iter().copied().filter(|at| *at >= moment).collect()
    }
}

/// A listener that passes everything on to `centre`, and notes each request that passes.
fn tapped(centre: SocketAddr) -> (SocketAddr, Requests) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (address, requests) = (listener.local_addr().unwrap(), Requests::default());
    let noted = requests.clone();
    std::thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let Ok(far) = TcpStream::connect(centre) else { return };
            let back = (far.try_clone().unwrap(), near.try_clone().unwrap());
            let noted = noted.clone();
            std::thread::spawn(move || {
                pass(near, far, |bytes| {
                    if bytes.starts_with(b"GET ") || bytes.starts_with(b"POST ") {
                        noted.0.lock().unwrap().push(clock::moment());
                    }
                });
            });
            std::thread::spawn(move || pass(back.0, back.1, |_| {}));
        }
    });
    (address, requests)
}

fn pass(mut from: TcpStream, mut to: TcpStream, seen: impl Fn(&[u8])) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        seen(&bytes[..count]);
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Resident memory of a process, KiB.
fn resident_kib(pid: Pid) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The terminal is not read for `span`, with every second a wish to have everything written again.
fn unread_for(span: Duration) {
    let board = Board::on(Settings { load: EVENTS, ..Settings::default() });
    let (address, requests) = tapped(board.address());
    let own = board.config().replace(&board.address().to_string(), &address.to_string());
    board.configure(&own.replace("poll = \"5s\"", "poll = \"1s\""));
    let mut stage = Stage::start(board.program(), SIZE.0, SIZE.1);
    let watch = Watch::new(SIZE.0, SIZE.1);
    stage.until_seen(&watch, "the board", |screen| screen.contents().contains(QUEUE));

    let (before, began) = (resident_kib(stage.pid()), clock::moment());
    stage.unread_from_here();
    let mut most = before;
    while clock::moment().since(began) < span {
        // More whole pictures than a terminal has room for.
        stage.press("\u{c}");
        std::thread::sleep(Duration::from_millis(50));
        most = most.max(resident_kib(stage.pid()));
    }
    let polled = requests.since(began);
    let mut last = began;
    for at in polled.iter().copied().chain([clock::moment()]) {
        let gap = at.since(last);
        assert!(gap < Duration::from_millis(2_500), "nobody was asked anything for {gap:?}");
        last = at;
    }
    assert!(most <= before + MORE_KIB, "from {before} to {most} KiB");

    let (came, wall, resumed) = (stage.bytes().len(), clock::wall(), clock::moment());
    stage.read();
    let fresh = |seconds| (wall + TimeDelta::seconds(seconds)).format("%H:%M:%S").to_string();
    stage.until_seen(&watch, "the time of day", |screen| {
        (0..10).any(|seconds| screen.contents().contains(&fresh(seconds)))
    });
    let took = clock::moment().since(resumed);
    assert!(took <= Duration::from_secs(1), "the first fresh picture took {took:?}");
    let backlog = stage.bytes().len() - came;
    assert!(backlog < 300_000, "{backlog} bytes of old pictures");

    stage.unread_from_here();
    for _ in 0..20 {
        stage.press("\u{c}");
        std::thread::sleep(Duration::from_millis(60));
    }
    stage.signal(Signal::TERM);
    let end = stage.end();
    assert_eq!((end.code, &end.signal), (143, &None));
    assert!(end.took <= Duration::from_secs(2), "it took {:?}", end.took);
}

#[test]
fn a_terminal_that_is_not_read_for_some_seconds_holds_nothing_up() {
    unread_for(Duration::from_secs(3));
}

#[test]
#[ignore = "takes more than a minute"]
fn a_terminal_that_is_not_read_for_a_minute_holds_nothing_up() {
    unread_for(Duration::from_secs(60));
}

/// How many lines the audit log of a board has.
fn audited(board: &Board) -> usize {
    let path = board.file(".local/state/floorwalker/audit.jsonl");
    std::fs::read_to_string(path).map_or(0, |text| text.lines().count())
}

#[test]
fn a_question_that_was_never_on_the_terminal_takes_no_answer() {
    const PAUSE: Duration = Duration::from_millis(800);
    let board = Board::on(Settings { speed: 0.0, ..Settings::default() });
    let mut stage = Stage::start(board.program(), 80, 24);
    let watch = Watch::new(80, 24);
    let shows = |stage: &Stage, what: &str| {
        stage.until_seen(&watch, what, |screen| screen.contents().contains(what));
    };
    shows(&stage, QUEUE);
    let rows = watch.follow(&stage.bytes()).screen().contents();
    let row = rows.lines().position(|line| line.trim_start().starts_with("· Kundtjänst")).unwrap();
    stage.press(&format!("\u{1b}[<0;8;{}M", row + 1));
    shows(&stage, "▌");
    stage.press("i");
    shows(&stage, "which queue?");
    stage.press("\r");
    shows(&stage, "y yes");
    stage.press("\u{1b}");
    shows(&stage, "nothing was sent");

    stage.unread_from_here();
    let before = stage.written();
    stage.press("\u{c}");
    stage.until("the last that is read", |bytes| bytes.len() > before);
    for key in ["i", "\r", "y", "y", "y"] {
        stage.press(key);
        std::thread::sleep(PAUSE);
    }
    assert_eq!(audited(&board), 0, "nobody could see the question");
    stage.read();
    shows(&stage, "y yes");
    std::thread::sleep(PAUSE);
    stage.press("y");
    stage.until_seen(&watch, "the answer", |screen| !screen.contents().contains("y yes"));
    shows(&stage, "log in you");
    assert!(audited(&board) > 0);
    stage.signal(Signal::TERM);
    assert_eq!(stage.end().code, 143);
}
