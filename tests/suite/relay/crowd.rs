//! Many boards at once: nobody waits for who is slow, and nobody comes back in step.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use floorwalker::clock;
use floorwalker::event::{Event, SourceEvent};
use floorwalker::floor::Part;
use floorwalker::floor::id::SourceName;
use floorwalker::floor::link::Health;
use floorwalker::relay::hub::Bounds;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpSocket;
use tokio::task::JoinSet;

use crate::support::desk;
use crate::support::reception::resident;
use crate::support::relay::{Board, READER, Station};

/// How large a crowd is, and how long it is told something.
struct Crowd {
    healthy: usize,
    stalled: usize,
    facts: u64,
    rate: u64,
}

/// What healthy boards saw.
#[derive(Default)]
struct Seen {
    /// Milliseconds from fact to board, of every fact at every board.
    late: Mutex<Vec<Vec<u64>>>,
    gaps: AtomicU64,
    arrived: AtomicU64,
}

pub(super) async fn attach(
    address: SocketAddr,
    room: Option<u32>,
) -> BufReader<tokio::net::TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    if let Some(room) = room {
        socket.set_recv_buffer_size(room).unwrap();
    }
    let mut peer = socket.connect(address).await.unwrap();
    let request =
        format!("GET /v1/events HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer {READER}\r\n\r\n");
    peer.write_all(request.as_bytes()).await.unwrap();
    BufReader::new(peer)
}

/// Reads until the fact of number `last`; each fact has the one before it before it.
async fn read(address: SocketAddr, first: u64, last: u64, seen: Arc<Seen>) {
    let mut lines = attach(address, None).await.lines();
    let mut place = first;
    // Its memory is there before memory is measured.
    let mut late = vec![1; usize::try_from(last - first).unwrap()];
    late.clear();
    while place < last {
        let line = lines.next_line().await.unwrap().expect("a stream that goes on");
        if line.starts_with("event: gap") {
            seen.gaps.fetch_add(1, Ordering::Relaxed);
        } else if line.starts_with("event: hello") {
            seen.arrived.fetch_add(1, Ordering::Relaxed);
        } else if let Some(id) = line.strip_prefix("id: ") {
            assert_eq!(id.parse(), Ok(place + 1), "no fact is left out");
            place += 1;
        } else if let Some((_, rest)) = line.split_once("data: {\"at\":") {
            let at: u64 = rest.split(',').next().unwrap().parse().unwrap();
            late.push(clock::moment().as_millis() - at);
        }
    }
    seen.late.lock().unwrap().push(late);
}

/// Says what was measured, to whoever runs a test by hand.
#[expect(clippy::print_stderr, reason = "a test's own words; they are shown on request")]
pub(super) fn figures(line: &str) {
    eprintln!("{line}");
}

/// A reading in which no queue is as it was: a difference as long as a reading.
fn all_changed(number: u64) -> Part {
    let mut rows = desk::queues();
    for row in &mut rows {
        row.figures.waiting = u32::try_from(number).ok();
    }
    Part::Queues(rows)
}

async fn held(crowd: Crowd) {
    let station = Station::open().await;
    station.tell("hq", SourceEvent::Link(desk::up("queues")));
    station.tell("hq", SourceEvent::Snapshot(Part::Queues(desk::queues())));
    let first = station.site.view().seq();
    let last = first + crowd.facts;
    let seen = Arc::new(Seen::default());
    let mut boards = JoinSet::new();
    for _ in 0..crowd.healthy {
        boards.spawn(read(station.address, first, last, Arc::clone(&seen)));
    }
    let mut stalled = Vec::new();
    for _ in 0..crowd.stalled {
        stalled.push(attach(station.address, Some(2_048)).await);
    }
    let all = crowd.healthy + crowd.stalled;
    let arrived = async {
        while station.site.boards().0 < all
            || seen.arrived.load(Ordering::Relaxed) < crowd.healthy as u64
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), arrived).await.expect("all boards attached");
    let before = resident("self");
    let mut pace = tokio::time::interval(Duration::from_micros(1_000_000 / crowd.rate));
    for number in 0..crowd.facts {
        pace.tick().await;
        station.tell("hq", SourceEvent::Snapshot(all_changed(number)));
    }
    let rest = Duration::from_secs(20);
    tokio::time::timeout(rest, async { while boards.join_next().await.is_some() {} })
        .await
        .expect("every healthy board has every fact");
    let grown = resident("self").saturating_sub(before);
    let (_, lag) = station.site.boards();
    let mut late = std::mem::take(&mut *seen.late.lock().unwrap()).concat();
    late.sort_unstable();
    let p99 = late[late.len() * 99 / 100];
    let closing = clock::moment();
    station.close().await;
    let closed = clock::moment().since(closing);
    figures(&format!(
        "{} boards, {} stalled, {} facts at {}/s: p50 {} ms, p99 {p99} ms, most {} ms, slowest {lag} \
         behind, memory +{grown} KiB, closed in {} ms",
        crowd.healthy,
        crowd.stalled,
        crowd.facts,
        crowd.rate,
        late[late.len() / 2],
        late[late.len() - 1],
        closed.as_millis()
    ));
    assert_eq!(seen.gaps.load(Ordering::Relaxed), 0, "a healthy board has no gap");
    assert!(p99 <= 250, "p99 {p99} ms");
    assert!(grown <= 32 * 1_024, "{grown} KiB");
    assert!(closed <= Duration::from_secs(5), "{closed:?}");
    drop(stalled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_board_holds_up_nobody() {
    held(Crowd { healthy: 36, stalled: 4, facts: 600, rate: 200 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "half a minute: two hundred boards"]
async fn twenty_stalled_boards_of_two_hundred_hold_up_nobody() {
    held(Crowd { healthy: 180, stalled: 20, facts: 6_000, rate: 200 }).await;
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// So many who ask for the stream and never read it. Each is cut off, and what it held is given back.
async fn never_read(count: usize) {
    let before = descriptors();
    let station = Station::open().await;
    let mut strangers = Vec::new();
    for _ in 0..count {
        strangers.push(attach(station.address, Some(2_048)).await);
    }
    let mut good = attach(station.address, None).await.lines();
    while station.site.boards().0 <= count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let began = clock::moment();
    let end = began.after(Duration::from_secs(60));
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    let mut number = 0;
    // A board that reads stays to the last.
    while station.site.boards().0 > 1 {
        pace.tick().await;
        number += 1;
        station.tell("hq", SourceEvent::Snapshot(all_changed(number)));
        let read = async { while good.next_line().await.unwrap().is_some() {} };
        let _ = tokio::time::timeout(Duration::from_millis(1), read).await;
        assert!(clock::moment() < end, "{:?} of {count} are still there", station.site.boards());
    }
    let took = clock::moment().since(began);
    figures(&format!("{count} who never read are cut off within {took:?} of the first fact"));
    // Some seconds until nothing more goes in, then ten in which nothing does.
    assert!(took <= Duration::from_secs(20), "{took:?}");
    assert_eq!(station.site.boards().0, 1, "whoever reads is still there");
    drop((strangers, good));
    station.close().await;
    let end = clock::moment().after(Duration::from_secs(10));
    // Other tests of this process open and close files as well.
    while descriptors() > before + 40 {
        assert!(clock::moment() < end, "the descriptors are given back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_reads_the_stream_is_cut_off() {
    never_read(10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "five hundred connections: run alone"]
async fn five_hundred_who_never_read_the_stream_are_cut_off() {
    never_read(500).await;
}

/// When each of so many boards has its stream again after an outage, milliseconds after its end.
async fn back_after(count: usize, outage: Duration) -> Vec<u64> {
    let station = Station::open().await;
    let address = station.address;
    let mut boards = Vec::new();
    for _ in 0..count {
        boards.push(Board::on(address, READER));
    }
    for board in &mut boards {
        board
            .until("its sources", |state| state.floor.world(&SourceName::new("hq")).is_some())
            .await;
    }
    station.close().await;
    let back = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = JoinSet::new();
    for mut board in boards {
        let back = Arc::clone(&back);
        waiting.spawn(async move {
            let mut lost = false;
            loop {
                let fact = board.next().await;
                let Event::Source { event: SourceEvent::Link(feed), .. } = fact.event else {
                    continue;
                };
                if feed.name.raw() != "events" {
                    continue;
                }
                match feed.health {
                    Health::Up if lost => break back.lock().unwrap().push(fact.at),
                    Health::Up => {}
                    _ => lost = true,
                }
            }
            board
        });
    }
    tokio::time::sleep(outage).await;
    let station =
        Station::with(Some(address), Bounds::STANDARD, None, Duration::from_mins(30)).await;
    let open = clock::moment();
    let all = async { while waiting.join_next().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(70), all).await.expect("all boards are back");
    station.close().await;
    let back = std::mem::take(&mut *back.lock().unwrap());
    back.into_iter().map(|at| u64::try_from(at.since(open).as_millis()).unwrap()).collect()
}

/// The most that come within one tenth of a second.
fn fullest(back: &[u64]) -> usize {
    let mut bins = BTreeMap::<u64, usize>::new();
    for at in back {
        *bins.entry(at / 100).or_default() += 1;
    }
    bins.into_values().max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_boards_do_not_come_back_in_step() {
    let back = back_after(200, Duration::ZERO).await;
    assert_eq!(back.len(), 200);
    let most = fullest(&back);
    figures(&format!(
        "200 boards back within {:?} ms, at most {most} in 100 ms",
        back.iter().max()
    ));
    assert!(most <= 20, "{most} within a tenth of a second");
    assert!(back.iter().all(|at| *at <= 30_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "an outage of ten seconds"]
async fn two_hundred_boards_are_back_within_thirty_seconds_of_an_outage_of_ten() {
    let back = back_after(200, Duration::from_secs(10)).await;
    let most = fullest(&back);
    figures(&format!(
        "200 boards back within {:?} ms, at most {most} in 100 ms",
        back.iter().max()
    ));
    assert!(most <= 20, "{most} within a tenth of a second");
    assert!(back.iter().all(|at| *at <= 30_000));
}
