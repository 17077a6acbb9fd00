//! Who is let in: one token, or two while it is being changed, and nobody learns anything from a refusal.

#![expect(clippy::print_stderr, reason = "the figures of a run by hand")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::StatusCode;

use crate::support::enreach::bytes;
use crate::support::reception::{LIMIT, NEXT, Reception, TOKEN};

/// Sends raw bytes and reads the answer until the other side closes, or says that it has nothing more to say.
pub fn raw(address: std::net::SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    // The other side may stop reading in the middle.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// An answer without its date.
pub fn dateless(answer: &str) -> String {
    let lines = answer.lines().filter(|line| !line.starts_with("date:"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A head that announces a body which never comes: whoever waits for it answers too late.
fn head(path: &str, tokens: &[&[u8]]) -> Vec<u8> {
    let mut head =
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n").into_bytes();
    for token in tokens {
        head.extend([b"X-Benemen-Token: ".as_slice(), token, b"\r\n"].concat());
    }
    head.extend(b"Connection: close\r\n\r\n");
    head
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_token_is_turned_away_alike_and_before_the_body() {
    let folder = tempfile::tempdir().unwrap();
    let reception = Reception::open(folder.path()).await;
    let (token, huge) = (TOKEN.as_bytes(), vec![b'x'; 1024 * 1024]);
    let longer = [token, b"x"].concat();
    let spaced = [&token[..7], b" ", &token[7..]].concat();
    let cases: Vec<(&str, Vec<&[u8]>)> = vec![
        ("absent", vec![]),
        ("empty", vec![b""]),
        ("wrong", vec![b"correct-mouse-4711"]),
        ("a prefix", vec![&token[..token.len() - 1]]),
        ("a character more", vec![&longer]),
        ("two of them", vec![token, token]),
        ("a good and a bad one", vec![token, b"x"]),
        ("with a space in it", vec![&spaced]),
        ("no ASCII", vec!["kørrekt-hest".as_bytes()]),
        ("no UTF-8", vec![b"\xff\xfe"]),
        ("zeros", vec![b"0"]),
        ("a megabyte", vec![&huge]),
    ];
    // All at once: each connection waits for a while for the rest of its body.
    let mut answers: Vec<String> = std::thread::scope(|scope| {
        let asking = cases.into_iter().map(|(name, tokens)| {
            let address = reception.address;
            scope.spawn(move || {
                let answer = raw(address, &head("/webhook/helsinki", &tokens));
                assert!(answer.starts_with("HTTP/1.1 401 "), "{name}: {answer}");
                dateless(&answer)
            })
        });
        let asking: Vec<_> = asking.collect();
        asking.into_iter().map(|own| own.join().unwrap()).collect()
    });
    // A source that is not there is turned away like a wrong token, even with the right one of another.
    let unknown = raw(reception.address, &head("/webhook/oslo", &[token]));
    answers.push(dateless(&unknown));
    answers.dedup();
    assert_eq!(answers.len(), 1, "one answer for all: {answers:#?}");
    assert_eq!(*reception.store.newest().borrow(), 0);
    reception.close().await;
}

#[tokio::test]
async fn two_tokens_are_good_while_one_replaces_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let reception = Reception::open(folder.path()).await;
    for (token, event) in [(TOKEN, "QueueStatus"), (NEXT, "UserStatus")] {
        let request = reception.client.post(reception.url()).header("X-Benemen-Token", token);
        assert_eq!(request.body(bytes(event)).send().await.unwrap().status(), StatusCode::OK);
    }
    assert_eq!(*reception.store.newest().borrow(), 2);
    reception.close().await;
}

#[test]
fn tokens_are_compared_in_constant_time() {
    let source = include_str!("../../../src/transport/secret.rs");
    assert!(source.contains("use subtle::{Choice, ConstantTimeEq}"));
    let auth = include_str!("../../../src/relay/auth.rs");
    let code = auth.lines().filter(|line| !line.trim_start().starts_with("//"));
    for line in code {
        assert!(!line.contains("==") && !line.contains("starts_with"), "{line}");
    }
}

/// The times that a refusal takes, on one connection, microseconds and less.
#[expect(
    clippy::disallowed_methods,
    reason = "microseconds are measured, which no clock of ours tells"
)]
fn times(stream: &mut TcpStream, header: &str, samples: usize) -> Vec<f64> {
    // All heads have one length: how long it takes to read one says nothing about tokens.
    let fill = "x".repeat(64 - header.len());
    let head =
        format!("POST /webhook/helsinki HTTP/1.1\r\nHost: x\r\n{header}\r\nX-Fill: {fill}\r\n\r\n");
    let mut answer = [0; 1024];
    (0..samples)
        .map(|_| {
            let began = std::time::Instant::now();
            stream.write_all(head.as_bytes()).unwrap();
            let length = stream.read(&mut answer).unwrap();
            let took = began.elapsed();
            assert!(answer[..length].starts_with(b"HTTP/1.1 401 "));
            took.as_secs_f64() * 1e6
        })
        .collect()
}

/// The p value of the hypothesis that both come from one distribution (Mann-Whitney, normal approximation).
#[expect(
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "some thousand samples; equal times are one rank"
)]
#[expect(clippy::many_single_char_names, reason = "the letters of the formula")]
fn p_value(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> =
        one.iter().map(|t| (*t, true)).chain(other.iter().map(|t| (*t, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = 0.0;
    let mut first = 0;
    while first < all.len() {
        let same = all[first..].iter().take_while(|own| own.0 == all[first].0).count();
        let rank = f64::midpoint(2.0 * first as f64 + 1.0, same as f64);
        ranks += rank * all[first..first + same].iter().filter(|own| own.1).count() as f64;
        first += same;
    }
    let (m, n) = (one.len() as f64, other.len() as f64);
    let u = ranks - m * (m + 1.0) / 2.0;
    let z = (u - m * n / 2.0) / (m * n * (m + n + 1.0) / 12.0).sqrt();
    // The tail of the normal distribution (Abramowitz and Stegun 26.2.17), both sides.
    let x = z.abs();
    let t = 1.0 / (1.0 + 0.231_641_9 * x);
    let tail = t
        * (0.319_381_53
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    2.0 * tail * (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a quarter of a minute, and a quiet machine: cargo test --release -- --ignored refusals"]
async fn refusals_take_as_long_whatever_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let reception = Reception::open(folder.path()).await;
    let mut stream = TcpStream::connect(reception.address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let wrong = [
        ("nearly right", "X-Benemen-Token: correct-horse-4712"),
        ("all wrong", "X-Benemen-Token: xxxxxxxxxxxxx"),
        ("wrong at the first", "X-Benemen-Token: xorrect-horse"),
        ("absent", "X-Something-Els: xxxxxxxxxxxxx"),
        ("a prefix", "X-Benemen-Token: correct-horse-471"),
        ("one more", "X-Benemen-Token: correct-horse-4711s"),
        ("short", "X-Benemen-Token: c"),
        ("long", "X-Benemen-Token: correct-horse-4711-battery-staple-0815-and-more"),
    ];
    let mut all = vec![Vec::new(); wrong.len()];
    // Turn by turn, so that whatever else the machine does hits all alike.
    for _ in 0..2_000 {
        for (index, (_, header)) in wrong.iter().enumerate() {
            all[index].extend(times(&mut stream, header, 10));
        }
    }
    for (index, (name, _)) in wrong.iter().enumerate().skip(1) {
        let p = p_value(&all[0], &all[index]);
        eprintln!("nearly right against {name}: p = {p:.3}");
        assert!(p > 0.01, "nearly right and {name} can be told apart, p = {p}");
    }
    reception.close().await;
}
