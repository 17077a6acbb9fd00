//! The door: slow strangers, certificates, and the end.

#![expect(clippy::print_stderr, reason = "the figures of a run by hand")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use floorwalker::clock;
use floorwalker::relay::server::{Door, Listen, ServerError};
use floorwalker::source::settings::TlsFiles;
use reqwest::{Certificate, Client, StatusCode};
use serde_json::json;

use crate::support::enreach::{bytes, with};
use crate::support::reception::{LIMIT, Reception, TOKEN};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

#[tokio::test]
async fn without_a_certificate_only_loopback_is_listened_on() {
    let address = "0.0.0.0:0".parse().unwrap();
    let open = Door::open(&Listen { address, tls: None, behind_proxy: false }).await;
    assert!(matches!(open, Err(ServerError::Plain { .. })), "{open:?}");
    let files = TlsFiles { cert: fixture("none.pem"), key: fixture("none.pem") };
    let address = "127.0.0.1:0".parse().unwrap();
    let open = Door::open(&Listen { address, tls: Some(files), behind_proxy: false }).await;
    assert!(matches!(open, Err(ServerError::Certificate { .. })), "{open:?}");
}

fn trusting(ca: &str) -> Client {
    let ca = Certificate::from_pem(&std::fs::read(fixture(ca)).unwrap()).unwrap();
    Client::builder()
        .no_proxy()
        .tls_certs_only([ca])
        .pool_max_idle_per_host(0)
        .timeout(LIMIT)
        .build()
        .unwrap()
}

#[tokio::test]
async fn it_has_a_certificate_and_takes_a_new_one_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.pem");
    std::fs::copy(fixture("good.pem"), &own).unwrap();
    let files = TlsFiles { cert: own.clone(), key: fixture("server.key.pem") };
    let reception = Reception::with(folder.path(), Some(files), 1_000).await;
    let url = reception.url().replace("127.0.0.1", "localhost");
    let post = |client: &Client| {
        client.post(&url).header("X-Benemen-Token", TOKEN).body(bytes("QueueStatus")).send()
    };
    let trusting = trusting("ca.pem");
    assert_eq!(post(&trusting).await.unwrap().status(), StatusCode::OK);
    // One that this client does not trust.
    std::fs::copy(fixture("unknown_ca.pem"), &own).unwrap();
    let end = clock::moment().after(LIMIT);
    while post(&trusting).await.is_ok() {
        assert!(clock::moment() < end, "the new certificate is used in time");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    reception.close().await;
}

/// Connections that begin something and do not go on.
fn slow(address: std::net::SocketAddr, count: usize) -> Vec<TcpStream> {
    let head = format!(
        "POST /webhook/helsinki HTTP/1.1\r\nHost: x\r\nX-Benemen-Token: {TOKEN}\r\nContent-Length: 99\r\n"
    );
    let starts = ["", "POST /webh", &head, &format!("{head}\r\n{{\"Id\": ")];
    (0..count)
        .map(|index| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(starts[index % starts.len()].as_bytes()).unwrap();
            stream
        })
        .collect()
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// So many slow strangers, and good events meanwhile. Returns the slowest good one.
async fn loris(count: usize) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let reception = Reception::open(folder.path()).await;
    let before = descriptors();
    let began = clock::moment();
    let strangers = slow(reception.address, count);
    let mut slowest = Duration::ZERO;
    for number in 0..50 {
        let sent = clock::moment();
        reception.tell(&with("QueueStatus", &json!({"Id": format!("good-{number}")}))).await;
        slowest = slowest.max(clock::moment().since(sent));
    }
    let ends = tokio::task::spawn_blocking(move || {
        for mut stream in strangers {
            stream.set_read_timeout(Some(LIMIT)).unwrap();
            let mut rest = Vec::new();
            // Closed with an answer, without one, or by a reset.
            let ended = stream.read_to_end(&mut rest);
            assert!(
                !matches!(&ended, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
            );
        }
    });
    ends.await.unwrap();
    let took = clock::moment().since(began);
    assert!(took <= Duration::from_secs(15), "all are closed after {took:?}");
    let end = clock::moment().after(LIMIT);
    // Other tests of this process open and close files as well.
    while descriptors() > before + 40 {
        assert!(clock::moment() < end, "the descriptors are given back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    reception.close().await;
    slowest
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_strangers_are_closed_and_hold_up_nobody() {
    let slowest = loris(60).await;
    assert!(slowest <= Duration::from_secs(2), "{slowest:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "five hundred connections: run alone"]
async fn five_hundred_slow_strangers_are_closed_and_hold_up_nobody() {
    let slowest = loris(500).await;
    eprintln!("the slowest good event took {slowest:?}");
    assert!(slowest <= Duration::from_millis(500), "{slowest:?}");
}

/// So many events a second for so long. Prints and returns p99 and the slowest answer.
async fn load(rate: u32, seconds: u32) -> (Duration, Duration) {
    let folder = tempfile::tempdir().unwrap();
    // A board that stands still: its channel has little room, and nobody reads it.
    let reception = Reception::with(folder.path(), None, 4).await;
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
    let mut running = tokio::task::JoinSet::new();
    for number in 0..rate * seconds {
        ticks.tick().await;
        let event = with("QueueStatus", &json!({"Id": format!("load-{number}")})).to_string();
        let request = reception.client.post(reception.url()).header("X-Benemen-Token", TOKEN);
        running.spawn(async move {
            let sent = clock::moment();
            let answer = request.body(event).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            clock::moment().since(sent)
        });
    }
    let mut times = running.join_all().await;
    times.sort();
    let (p99, most) = (times[times.len() * 99 / 100], times[times.len() - 1]);
    eprintln!(
        "{} events: p50 {:?}, p99 {p99:?}, max {most:?}",
        times.len(),
        times[times.len() / 2]
    );
    assert_eq!(*reception.store.newest().borrow(), u64::from(rate * seconds));
    reception.close().await;
    (p99, most)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_that_stands_still_holds_up_no_answer() {
    let (_, most) = load(100, 3).await;
    assert!(most <= Duration::from_secs(4), "the vendor gives up after five seconds: {most:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute: run alone"]
async fn two_hundred_events_a_second_for_a_minute_are_answered_at_once() {
    let (p99, most) = load(200, 60).await;
    assert!(
        p99 <= Duration::from_millis(250) && most <= Duration::from_secs(1),
        "{p99:?} {most:?}"
    );
}
