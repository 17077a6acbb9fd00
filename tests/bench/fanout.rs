//! The relay as it is installed, with its boards: what 200 events a second cost it, and how long their sender waits.
//!
//! ```text
//! cargo bench --bench fanout -- [--seconds 20] [--boards 200] [--rate 200]    S14
//! ```
//!
//! The relay is a process of its own. The simulated contact centre that it polls, the sender and the boards are in
//! this one; a board reads its stream and looks for the ends of facts, and for nothing else. *At rest* nothing is
//! sent: what the relay costs with its boards attached, and what it tells them of a floor on which nothing happens.

#![expect(clippy::unwrap_used, reason = "a bench ends at its first surprise")]

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use floorwalker::simulator;
use reqwest::Client;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::clock::now;
use crate::figure::Figure;
use crate::relay::{BOARD, HOOK, Relay, event, given};

mod clock;
mod figure;
#[expect(dead_code, reason = "its other half counts system calls")]
#[path = "soak/process.rs"]
mod process;
mod relay;

/// What boards have read so far, all together.
#[derive(Default)]
struct Read {
    bytes: AtomicU64,
    facts: AtomicU64,
    attached: AtomicU64,
}

/// Reads a stream for ever.
async fn board(address: SocketAddr, read: Arc<Read>) {
    let mut peer = TcpStream::connect(address).await.unwrap();
    let request =
        format!("GET /v1/events HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer {BOARD}\r\n\r\n");
    peer.write_all(request.as_bytes()).await.unwrap();
    read.attached.fetch_add(1, Ordering::Relaxed);
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = peer.read(&mut bytes).await {
        read.bytes.fetch_add(count as u64, Ordering::Relaxed);
        let ends = memchr::memmem::find_iter(&bytes[..count], b"\nid: ").count();
        read.facts.fetch_add(ends as u64, Ordering::Relaxed);
    }
}

/// Sends so many events a second for so long; how long each waited for its answer, milliseconds, ascending.
async fn send(address: SocketAddr, rate: u32, seconds: u64) -> Vec<f64> {
    let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let url = format!("http://{address}/webhook/helsinki");
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
    let mut running = JoinSet::new();
    for number in 0..u64::from(rate) * seconds {
        ticks.tick().await;
        let request = client.post(&url).header("X-Benemen-Token", HOOK).body(event(number));
        running.spawn(async move {
            let sent = now();
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 200);
            sent.elapsed().as_secs_f64() * 1e3
        });
    }
    let mut waits = running.join_all().await;
    waits.sort_by(f64::total_cmp);
    waits
}

fn tell(name: &str, of: &str, value: f64, unit: &str, bound: Option<RangeInclusive<f64>>) {
    Figure { goal: "S14", name, of, floor: "", value, unit, bound }.tell();
}

#[expect(clippy::cast_precision_loss, reason = "counts of seconds and megabytes")]
async fn measure(relay: &Relay, boards: u64, rate: u32, seconds: u64) {
    let health = format!("http://{}/healthz", relay.address);
    let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    while client.get(&health).send().await.unwrap().status() != 200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let read = Arc::new(Read::default());
    for _ in 0..boards {
        tokio::spawn(board(relay.address, Arc::clone(&read)));
    }
    while read.facts.load(Ordering::Relaxed) < boards {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let of = format!("{boards} boards");
    let taken = |read: &Read| {
        let facts = read.facts.swap(0, Ordering::Relaxed) as f64;
        let bytes = read.bytes.swap(0, Ordering::Relaxed) as f64;
        let each = boards as f64 * seconds as f64;
        (facts / each, bytes / each / 1_000.0)
    };
    let processor = || process::Sample::of(relay.pid()).processor;
    for (name, rate) in [("at rest", 0), ("under load", rate)] {
        taken(&read);
        let (began, before) = (now(), processor());
        let waits = match rate {
            0 => {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                Vec::new()
            }
            rate => send(relay.address, rate, seconds).await,
        };
        let share = (processor() - before) / began.elapsed().as_secs_f64() * 100.0;
        let (facts, bytes) = taken(&read);
        let of = if rate == 0 { of.clone() } else { format!("{of}, {rate} events/s") };
        let bound = (rate > 0).then_some(0.0..=30.0);
        tell(&format!("processor {name}"), &of, share, "percent", bound);
        tell(&format!("told to each board {name}"), &of, facts, "facts/s", None);
        tell(&format!("sent to each board {name}"), &of, bytes, "kB/s", None);
        if let [first, .., last] = waits.as_slice() {
            let p99 = waits[waits.len() * 99 / 100];
            tell("answer, least", &of, *first, "ms", None);
            tell("answer, p99", &of, p99, "ms", Some(0.0..=250.0));
            tell("answer, most", &of, *last, "ms", Some(0.0..=1_000.0));
        }
    }
    tell("memory", &of, process::Sample::of(relay.pid()).resident / 1_024.0, "MiB", None);
}

fn main() {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let home = tempfile::tempdir().unwrap();
    let (seconds, boards) = (given("--seconds", 20), given("--boards", 200));
    let rate = u32::try_from(given("--rate", 200)).unwrap();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let simulator = simulator::start(simulator::Settings::default()).await.unwrap();
        let relay = Relay::start(&simulator, home.path());
        measure(&relay, boards, rate, seconds).await;
    });
}
