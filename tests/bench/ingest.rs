//! Events of Telepo's plain stream, from bytes to the state, against a parser written by hand for these very
//! bytes.
//!
//! ```text
//! cargo bench --bench ingest
//! ```
//!
//! *Ours* is the way of the program without the network: the guard, eventsource-client in the pieces that it
//! gets, the XML reader, the join with the polls, `State::apply`. The *floor* splits lines, scans for the same
//! figures and puts them into a plain map; it knows no entity, no namespace, no other order of things. *By
//! hand* is ours with a splitter of lines in the place of eventsource-client, behind the same guard: what the
//! parser costs. *Parts* are told as times of the floor's whole. A *full* event is one queue with everything that the stream can tell of it; a *brief* one has
//! four figures as attributes.

#![expect(clippy::unwrap_used, reason = "a bench ends at its first surprise")]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::hint::black_box;

use bytes::Bytes;
use eventsource_client::{Client as _, ClientBuilder, ReconnectOptions, SSE};
use floorwalker::event::SourceEvent;
use floorwalker::floor::queue::Figures;
use floorwalker::source::telepo::map::Tables;
use floorwalker::source::telepo::wire::{Group, Statistic};
use floorwalker::source::telepo::xml::{self, Names};
use floorwalker::state::State;
use floorwalker::transport::lenient::Tally;
use floorwalker::transport::sse::guard::{Bounds, Guard};
use futures_util::stream::{self, StreamExt as _};
use http::{Request, Response};
use launchdarkly_sdk_transport::{HttpTransport, ResponseFuture};
use tokio::runtime::Runtime;

use crate::figure::Figure;
use crate::hand::Hand;
use crate::scales::ratio;
use crate::told::{BEGAN, empty, told};

mod figure;
mod hand;
mod scales;
mod told;

/// Queues that take turns.
const QUEUES: usize = 1_000;

/// Events of one turn.
const EVENTS: usize = 20_000;

/// The largest chunk, bytes.
const LARGE: usize = 256 * 1024;

/// Pieces in which the program hands a chunk to the parser.
const PIECE: usize = 16 * 1024;

/// An event as the simulator sends it, or as short as one can be.
#[derive(Clone, Copy)]
enum Shape {
    Full,
    Brief,
}

fn event(shape: Shape, turn: usize) -> String {
    let queue = turn % QUEUES;
    let (waiting, wait, free) = (turn % 7, turn % 300, turn % 5);
    let document = match shape {
        Shape::Full => format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<queue-statistics>
  <queue id="{queue}" name="Queue {queue}" domain="example.com">
    <number>+4685550{queue:04}</number>
    <queueLength>{waiting}</queueLength>
    <availableAgents>{free}</availableAgents>
    <loggedInAgents>9</loggedInAgents>
    <longestWaiting>{wait}</longestWaiting>
    <lastWait>17</lastWait>
    <averageWait>23</averageWait>
    <droppedCallsForPeriod>18</droppedCallsForPeriod>
    <totalCallsForPeriod>{turn}</totalCallsForPeriod>
    <answeredCallsForPeriod>380</answeredCallsForPeriod>
    <totalCallsLast24h>{turn}</totalCallsLast24h>
    <droppedCallsLast24h>20</droppedCallsLast24h>
    <answeredCallsLast24h>400</answeredCallsLast24h>
    <current-agent-presence name="Available" count="{free}"/>
    <current-agent-presence name="Lunch" count="2"/>
  </queue>
</queue-statistics>"#
        ),
        Shape::Brief => format!(
            r#"<q><queue id="{queue}" queueLength="{waiting}" longestWaiting="{wait}" availableAgents="{free}" totalCallsForPeriod="{turn}"/></q>"#
        ),
    };
    let mut event = String::new();
    for line in document.lines() {
        writeln!(event, "data: {line}").unwrap();
    }
    event + "\n"
}

/// What is behind the parser: documents into the state.
struct Reader {
    names: Names,
    tally: Tally,
    tables: Tables,
    state: State,
    taken: usize,
}

impl Reader {
    /// A reader whose polls have told of every queue, and of the group behind each.
    fn new() -> Self {
        Self::of(true)
    }

    /// The same, where the groups may not be read.
    fn without_groups() -> Self {
        Self::of(false)
    }

    fn of(grouped: bool) -> Self {
        let names = Names::new(&BTreeMap::new());
        let mut tally = Tally::default();
        let mut tables = Tables::new("example.com", BTreeMap::new());
        let mut all = Vec::new();
        for turn in 0..QUEUES {
            let event = event(Shape::Full, turn);
            let document = event.replace("data: ", "");
            all.extend(xml::read(document.trim(), &names, &mut tally).unwrap());
        }
        let groups = all.iter().map(|statistic| Group {
            statistic: Statistic { figures: Figures::default(), ..statistic.clone() },
            ..Group::default()
        });
        if grouped {
            tables.grouped(groups.collect(), BEGAN);
        }
        let mut state = empty();
        state.apply(told(BEGAN, SourceEvent::Snapshot(tables.answered(all, BEGAN))));
        Self { names, tally, tables, state, taken: 0 }
    }

    fn document(&mut self, document: &str) {
        for statistic in self.decode(document) {
            self.apply(statistic);
        }
    }

    fn decode(&mut self, document: &str) -> Vec<Statistic> {
        xml::read(document, &self.names, &mut self.tally).unwrap()
    }

    fn apply(&mut self, statistic: Statistic) {
        let delta = self.tables.streamed(statistic, BEGAN).unwrap();
        self.state.apply(told(BEGAN, SourceEvent::Delta(delta)));
        self.taken += 1;
    }
}

/// An answer that is there already.
#[derive(Clone)]
struct Canned(Vec<Bytes>);

impl HttpTransport for Canned {
    fn request(&self, _: Request<Option<Bytes>>) -> ResponseFuture {
        let mut guard = Guard::new(Bounds::STANDARD, None);
        let guarded = stream::iter(self.0.clone()).flat_map(move |chunk| {
            let mut out = Vec::new();
            guard.push(&chunk, &mut out).unwrap();
            let mut left = Bytes::from(out);
            stream::iter(std::iter::from_fn(move || {
                let piece = left.split_to(left.len().min(PIECE));
                (!piece.is_empty()).then_some(Ok(piece))
            }))
        });
        Box::pin(async { Ok(Response::new(Box::pin(guarded) as _)) })
    }
}

/// The way of the program.
fn ours(runtime: &Runtime, chunks: &[Bytes], mut take: impl FnMut(&str)) {
    let once = ReconnectOptions::reconnect(false).retry_initial(false).build();
    let builder = ClientBuilder::for_url("http://stream.invalid/").unwrap().reconnect(once);
    let mut events = builder.build_with_transport(Canned(chunks.to_vec())).stream();
    runtime.block_on(async {
        while let Some(Ok(event)) = events.next().await {
            if let SSE::Event(event) = event {
                take(&event.data);
            }
        }
    });
}

/// The same with a splitter of lines behind the guard.
fn by_hand(chunks: &[Bytes], mut take: impl FnMut(&str)) {
    let mut guard = Guard::new(Bounds::STANDARD, None);
    let mut document = String::new();
    for chunk in chunks {
        let mut out = Vec::new();
        guard.push(chunk, &mut out).unwrap();
        for line in std::str::from_utf8(&out).unwrap().lines() {
            if line.is_empty() {
                take(&document);
                document.clear();
            } else if let Some(data) = line.strip_prefix("data: ") {
                if !document.is_empty() {
                    document.push('\n');
                }
                document.push_str(data);
            }
        }
    }
}

fn by_floor(chunks: &[Bytes], map: &mut HashMap<u64, hand::Row>) -> usize {
    let mut hand = Hand::new(map);
    for chunk in chunks {
        hand.push(chunk);
    }
    hand.taken()
}

fn measure(runtime: &Runtime, shape: Shape, name: &str) {
    let events: Vec<Bytes> = (0..EVENTS).map(|turn| event(shape, turn).into()).collect();
    let (mut reader, mut map) = (Reader::new(), HashMap::new());
    let mut weigh = |which: &mut dyn FnMut(&mut Reader)| {
        let floor = |()| {
            let taken = by_floor(&events, &mut map);
            assert_eq!(black_box(taken), EVENTS);
        };
        ratio(|| ((), ()), floor, |()| which(&mut reader))
    };
    let whole = weigh(&mut |reader| ours(runtime, &events, |text| reader.document(text)));
    let hand = weigh(&mut |reader| by_hand(&events, |text| reader.document(text)));
    assert_eq!(reader.taken % EVENTS, 0, "every event was taken");
    tell(&format!("ingest_{name}"), "events a second by eventsource-client", 1.0 / whole);
    let by_hand_name = format!("ingest_{name}_by_hand");
    tell(&by_hand_name, "events a second by a hand parser behind the same guard", 1.0 / hand);
    chunks(runtime, &events, name);
    parts(runtime, &events, name);
}

fn tell(name: &str, of: &str, value: f64) {
    Figure {
        goal: "S8",
        name,
        of,
        floor: "events a second of a parser written by hand for these bytes",
        value,
        unit: "ratio",
        bound: Some(0.4..=f64::INFINITY),
    }
    .tell();
}

/// What an event costs in large chunks, against one in a chunk of its own.
fn chunks(runtime: &Runtime, events: &[Bytes], name: &str) {
    let (mut few, mut many) = (Reader::new(), Reader::new());
    let large: Vec<Bytes> = events.concat().chunks(LARGE).map(Bytes::copy_from_slice).collect();
    let growth = ratio(
        || ((), ()),
        |()| ours(runtime, events, |text| few.document(text)),
        |()| ours(runtime, &large, |text| many.document(text)),
    );
    Figure {
        goal: "S8",
        name: &format!("ingest_{name}_chunks"),
        of: "an event in chunks of 256 KiB",
        floor: "an event in a chunk of its own",
        value: growth,
        unit: "ratio",
        bound: Some(0.0..=1.3),
    }
    .tell();
}

/// What each part costs alone.
fn parts(runtime: &Runtime, events: &[Bytes], name: &str) {
    let mut documents: Vec<String> = Vec::new();
    by_hand(events, |text| documents.push(text.to_owned()));
    let (mut decoder, mut reader, mut map) = (Reader::new(), Reader::new(), HashMap::new());
    let statistics: Vec<_> =
        documents.iter().flat_map(|document| decoder.decode(document)).collect();
    let mut weigh = |part: &str, which: &mut dyn FnMut(Vec<Statistic>)| {
        let prepare = || ((), statistics.clone());
        let floor = |()| {
            black_box(by_floor(events, &mut map));
        };
        Figure {
            goal: "",
            name: &format!("ingest_{name}_part_{part}"),
            of: part,
            floor: "the whole of a parser written by hand for these bytes",
            value: ratio(prepare, floor, &mut *which),
            unit: "ratio",
            bound: None,
        }
        .tell();
    };
    weigh("guard", &mut |_| {
        let (mut guard, mut out) = (Guard::new(Bounds::STANDARD, None), Vec::new());
        for chunk in events {
            out.clear();
            guard.push(chunk, &mut out).unwrap();
        }
    });
    weigh("guard_and_client", &mut |_| {
        ours(runtime, events, |text| {
            black_box(text);
        });
    });
    weigh("decode", &mut |_| {
        for document in &documents {
            black_box(decoder.decode(document));
        }
    });
    weigh("join_and_apply", &mut |statistics| {
        for statistic in statistics {
            reader.apply(statistic);
        }
    });
    let mut reader = Reader::without_groups();
    weigh("join_and_apply_without_groups", &mut |statistics| {
        for statistic in statistics {
            reader.apply(statistic);
        }
    });
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for (shape, name) in [(Shape::Full, "full"), (Shape::Brief, "brief")] {
        measure(&runtime, shape, name);
    }
}
