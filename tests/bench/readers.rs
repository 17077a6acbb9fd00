//! Readers of large answers, and what they cost everybody else: the relay of the large simulated floor, on which two
//! readers fetch `/metrics` and `/v1/tables` in a loop while webhooks come.
//!
//! ```text
//! cargo bench --bench readers -- [--seconds 20] [--rate 50] [--program FILE]    S14
//! ```
//!
//! The relay is a process of its own: this build, or the one at `--program`. First nobody reads, then the two do: what
//! is told is how long `/healthz` and the acknowledgement of a webhook took in both.

#![expect(clippy::unwrap_used, reason = "a bench ends at its first surprise")]

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use floorwalker::simulator::{self, Size};
use reqwest::Client;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::clock::now;
use crate::figure::Figure;
use crate::relay::{BOARD, HOOK, Relay, event, given};

mod clock;
mod figure;
#[expect(dead_code, reason = "its process is not looked at here")]
mod relay;

fn client() -> Client {
    Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

/// How long each of many answers took, milliseconds, ascending.
struct Waits(Vec<f64>);

impl Waits {
    fn of(mut waits: Vec<f64>) -> Self {
        waits.sort_by(f64::total_cmp);
        Self(waits)
    }

    fn at(&self, percent: usize) -> f64 {
        self.0[self.0.len() * percent / 100]
    }
}

fn tell(name: &str, of: &str, value: f64, bound: Option<RangeInclusive<f64>>) {
    Figure { goal: "S14", name, of, floor: "", value, unit: "ms", bound }.tell();
}

/// Asks for health, and sends webhooks, `rate` times a second each.
async fn ask(relay: &Relay, first: u64, rate: u32, seconds: u64) -> [Waits; 2] {
    let (client, address) = (client(), relay.address);
    let health = format!("http://{address}/healthz");
    let hook = format!("http://{address}/webhook/helsinki");
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
    let (mut healths, mut acks) = (JoinSet::new(), JoinSet::new());
    for number in 0..u64::from(rate) * seconds {
        ticks.tick().await;
        let asked = client.get(&health);
        let posted = client.post(&hook).header("X-Benemen-Token", HOOK).body(event(first + number));
        for (request, waits) in [(asked, &mut healths), (posted, &mut acks)] {
            waits.spawn(async move {
                let sent = now();
                let answer = request.send().await.unwrap();
                assert_eq!(answer.status(), 200);
                sent.elapsed().as_secs_f64() * 1e3
            });
        }
    }
    [Waits::of(healths.join_all().await), Waits::of(acks.join_all().await)]
}

/// Fetches a large answer for ever.
async fn read(url: String, read: Arc<AtomicU64>) {
    let client = client();
    loop {
        let answer = client.get(&url).bearer_auth(BOARD).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap();
        read.fetch_add(1, Ordering::Relaxed);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of answers")]
async fn measure(relay: &Relay, rate: u32, seconds: u64) {
    let (client, health) = (client(), format!("http://{}/healthz", relay.address));
    while client.get(&health).send().await.unwrap().status() != 200 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let alone = ask(relay, 0, rate, seconds).await;
    let count = Arc::new(AtomicU64::new(0));
    let mut readers = JoinSet::new();
    for path in ["/metrics", "/v1/tables"] {
        readers.spawn(read(format!("http://{}{path}", relay.address), Arc::clone(&count)));
    }
    let beside = ask(relay, u64::from(rate) * seconds, rate, seconds).await;
    readers.abort_all();
    for (name, alone, beside) in
        [("health", &alone[0], &beside[0]), ("webhook", &alone[1], &beside[1])]
    {
        for (of, waits) in [("nobody reads", alone), ("two readers", beside)] {
            tell(&format!("{name}, p50"), of, waits.at(50), None);
            tell(&format!("{name}, p99"), of, waits.at(99), None);
        }
        let more = beside.at(99) - alone.at(99);
        tell(&format!("{name}, p99 that readers add"), "two readers", more, Some(0.0..=5.0));
    }
    let count = count.load(Ordering::Relaxed) as f64 / seconds as f64;
    let (name, of, unit) = ("large answers", "two readers", "answers/s");
    Figure { goal: "S14", name, of, floor: "", value: count, unit, bound: None }.tell();
}

fn main() {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let home = tempfile::tempdir().unwrap();
    let (seconds, rate) = (given("--seconds", 20), given("--rate", 50));
    Runtime::new().unwrap().block_on(async {
        let settings = simulator::Settings { size: Size::Large, ..simulator::Settings::default() };
        let simulator = simulator::start(settings).await.unwrap();
        let relay = Relay::start(&simulator, home.path());
        measure(&relay, u32::try_from(rate).unwrap(), seconds).await;
    });
}
