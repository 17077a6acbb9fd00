//! A stream of Telepo over loopback, from the socket to the state, against a plain reader of the same bytes.
//!
//! ```text
//! cargo bench --bench wire
//! ```
//!
//! *Ours* is the source as the program runs it: HTTP, guard, parser, XML, both channels, `State::apply`, on two
//! threads. The *floor* reads the same bytes from the same server with tokio and does nothing with them. What
//! both take to write them is weighed with them. The ratio has no bound of its own; how far the parts of it go
//! is told by `ingest`.

#![expect(clippy::unwrap_used, reason = "a bench ends at its first surprise")]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;

use floorwalker::config::Config;
use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::{Delta, Part};
use floorwalker::operations::Access;
use floorwalker::source::settings::Settings;
use floorwalker::source::spawn_all;
use floorwalker::state::State;
use floorwalker::transport::poll::Beat;
use tokio::io::AsyncReadExt as _;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::figure::Figure;
use crate::scales::ratio;
use crate::telepo::Telepo;
use crate::told::empty;

mod figure;
mod scales;
mod telepo;
mod told;

/// Events of one turn.
const EVENTS: usize = 10_000;

/// Queues that take turns.
const QUEUES: u32 = 1_000;

/// Facts that may wait for the state, as in the program.
const WAITING: usize = 1024;

/// Facts that are taken at once, as in the program.
const DRAIN: usize = 512;

fn events() -> Arc<[u8]> {
    let mut text = String::new();
    for turn in 0..EVENTS {
        let queue = turn % 1_000;
        let (waiting, free) = (turn % 7, turn % 5);
        write!(
            text,
            "data: <queue-statistics>\ndata: <queue id=\"{queue}\" name=\"Queue {queue}\" domain=\"example.com\">\n\
             data: <queueLength>{waiting}</queueLength>\ndata: <availableAgents>{free}</availableAgents>\n\
             data: <longestWaiting>{turn}</longestWaiting>\ndata: <totalCallsForPeriod>{turn}</totalCallsForPeriod>\n\
             data: </queue>\ndata: </queue-statistics>\n\n"
        )
        .unwrap();
    }
    text.into_bytes().into()
}

/// A board whose source has polled and opened its stream.
struct Ours {
    state: State,
    facts: mpsc::Receiver<Stamped>,
    stream: TcpStream,
    stop: CancellationToken,
}

impl Ours {
    fn open(runtime: &Runtime, telepo: &Telepo, settings: &[Settings]) -> Self {
        let (sender, mut facts) = mpsc::channel(WAITING);
        let stop = CancellationToken::new();
        let _inside = runtime.enter();
        spawn_all(settings, Access::ReadOnly, &sender, &stop, Some(&Beat::new())).unwrap();
        let mut state = empty();
        runtime.block_on(async {
            loop {
                let fact = facts.recv().await.unwrap();
                let queues = matches!(
                    &fact.event,
                    Event::Source { event: SourceEvent::Snapshot(Part::Queues(_)), .. }
                );
                state.apply(fact);
                if queues {
                    return;
                }
            }
        });
        Self { state, facts, stream: telepo.stream(), stop }
    }

    /// Sends everything and takes it in.
    fn run(mut self, runtime: &Runtime, bytes: &Arc<[u8]>) {
        let writer = write(self.stream, bytes);
        runtime.block_on(async {
            let mut taken = 0;
            let mut some = Vec::new();
            while taken < EVENTS {
                assert_ne!(self.facts.recv_many(&mut some, DRAIN).await, 0, "the source is there");
                for fact in some.drain(..) {
                    let change = matches!(
                        &fact.event,
                        Event::Source { event: SourceEvent::Delta(Delta::Figures { .. }), .. }
                    );
                    self.state.apply(fact);
                    taken += usize::from(change);
                }
            }
        });
        self.stop.cancel();
        writer.join().unwrap();
    }
}

/// Writes on a thread of its own.
fn write(mut stream: TcpStream, bytes: &Arc<[u8]>) -> thread::JoinHandle<()> {
    let bytes = Arc::clone(bytes);
    thread::spawn(move || stream.write_all(&bytes).unwrap())
}

/// A plain connection to the same stream.
fn plain(telepo: &Telepo) -> (TcpStream, TcpStream) {
    let mut ours = TcpStream::connect(telepo.address).unwrap();
    ours.write_all(b"GET /api/distributiongroup/statistics/example.com/ada HTTP/1.1\r\n\r\n")
        .unwrap();
    let stream = telepo.stream();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        ours.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    (ours, stream)
}

fn read((ours, stream): (TcpStream, TcpStream), runtime: &Runtime, bytes: &Arc<[u8]>) {
    let writer = write(stream, bytes);
    runtime.block_on(async {
        ours.set_nonblocking(true).unwrap();
        let mut ours = tokio::net::TcpStream::from_std(ours).unwrap();
        let (mut left, mut buffer) = (bytes.len(), vec![0; 64 * 1024]);
        while left > 0 {
            left -= ours.read(&mut buffer).await.unwrap();
        }
    });
    writer.join().unwrap();
}

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let telepo = Telepo::start(QUEUES);
    let config = Config::parse(&telepo.config(), true).ok().unwrap();
    let bytes = events();
    let cost = ratio(
        || (plain(&telepo), Ours::open(&runtime, &telepo, &config.sources)),
        |floor| read(floor, &runtime, &bytes),
        |ours| ours.run(&runtime, &bytes),
    );
    Figure {
        goal: "",
        name: "wire",
        of: "events for a second of processor time, from the socket to the state",
        floor: "events for a second of processor time, read from the socket",
        value: 1.0 / cost,
        unit: "ratio",
        bound: None,
    }
    .tell();
}
