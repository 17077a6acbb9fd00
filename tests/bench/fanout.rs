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

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use floorwalker::simulator::{self, Simulator};
use reqwest::Client;
use rustix::process::Pid;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::clock::now;
use crate::figure::Figure;

mod clock;
mod figure;
#[expect(dead_code, reason = "its other half counts system calls")]
#[path = "soak/process.rs"]
mod process;

/// The token of the boards.
const BOARD: &str = "bench-board-8d20c6b7";
/// The token of the webhooks.
const HOOK: &str = "bench-hook-3f6a9c20";

/// A relay in a process of its own.
struct Relay {
    child: Child,
    address: SocketAddr,
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Relay {
    fn start(simulator: &Simulator, home: &Path) -> Self {
        let hook = format!("kind = \"enreach\"\nwebhook = {{ token = \"{HOOK}\" }}");
        let text = format!(
            "{}\n[relay]\nlisten = \"127.0.0.1:0\"\n\
             [[relay.token]]\nname = \"boards\"\ntoken = \"{BOARD}\"\nscopes = [\"read\"]\n",
            simulator.config().replace("kind = \"enreach\"", &hook)
        );
        let path = home.join("relay.toml");
        let mut options = std::fs::File::options();
        let mut file =
            options.create(true).write(true).truncate(true).mode(0o600).open(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_floorwalker"))
            .args(["--config", "relay.toml", "relay"])
            .current_dir(home)
            .env_clear()
            .env("HOME", home)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = log.find_map(|line| {
            let (_, rest) = line
                .ok()?
                .split_once("the relay listens address=")
                .map(|(a, b)| (a.len(), b.to_owned()))?;
            rest.split(' ').next()?.parse().ok()
        });
        std::thread::spawn(move || log.for_each(drop));
        Self { child, address: address.unwrap() }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed()).unwrap()
    }
}

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

/// The events of one floor: mostly counters and people, and calls in between.
fn event(number: u64) -> String {
    let at = floorwalker::clock::wall().to_rfc3339();
    let id = format!("bench-{number}");
    let queue = format!("6f0c1d52-3c47-4a86-9a55-{:012x}", number % 12);
    let person = format!("6f0c1d52-3c47-4a86-9a56-{:012x}", number % 120);
    let call = format!("6f0c1d52-3c47-4a86-9a57-{:012x}", number / 8);
    let body = match number % 4 {
        0 => json!({
            "EventType": "QueueStatus", "QueueId": queue, "QueueName": "Asiakaspalvelu",
            "OpenStatus": 5, "MaxWaitTime": number % 90, "NbrOfQueuingRequesters": number % 7,
            "NbrOfConnected": number % 11, "NbrOfAgentsCheckedInQueue": 14,
            "NbrOfServingAgentsEstimate": 12, "NbrOfAgentsImmediatelyFree": number % 5,
        }),
        1 => json!({
            "EventType": "UserStatus", "UserId": person, "Serving": true, "Available": true,
            "CanBeAllocatedTo": number.is_multiple_of(3), "Talking": number % 3 == 1, "FetchMode": false,
        }),
        2 => json!({
            "EventType": if number % 8 == 2 { "QueueCallInArrived" } else { "QueueCallInDisconnected" },
            "CallId": call, "QueueId": queue, "QueueName": "Asiakaspalvelu",
            "CallerNumber": "+358005550142", "TargetNumber": "+358005550100",
        }),
        _ => json!({
            "EventType": "UserAvailability", "UserId": person, "UserName": "Aino Salo",
            "Availability": if number % 8 == 3 { "Available" } else { "Away" },
        }),
    };
    let mut body = body;
    body["Id"] = id.into();
    body["Timestamp"] = at.into();
    body["MessageTTLSeconds"] = 60.into();
    body.to_string()
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

/// The first of a list of numbers that is told by that name, or else the standard.
fn given(name: &str, standard: u64) -> u64 {
    let args: Vec<String> = std::env::args().collect();
    let place = args.iter().position(|arg| arg == name);
    place.and_then(|place| args.get(place + 1)?.parse().ok()).unwrap_or(standard)
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
