//! Bodies: an event, and everything else that may come.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Delta;
use floorwalker::floor::link::Health;
use floorwalker::source::enreach::events::NAMES;
use reqwest::StatusCode;
use serde_json::json;

use super::token::raw;
use crate::support::enreach::{bytes, value, with};
use crate::support::reception::{Reception, TOKEN, resident};

async fn reception() -> (tempfile::TempDir, Reception) {
    let folder = tempfile::tempdir().unwrap();
    let reception = Reception::open(folder.path()).await;
    (folder, reception)
}

#[tokio::test]
async fn an_event_makes_the_feed_live() {
    let (_folder, mut reception) = reception().await;
    reception.tell(&value("QueueStatus")).await;
    let heard = reception
        .hear(|heard| {
            matches!(heard.last(), Some(SourceEvent::Link(feed)) if feed.health == Health::Up)
        })
        .await;
    let Some(SourceEvent::Link(feed)) = heard.last() else { panic!("{heard:?}") };
    assert_eq!(feed.name.raw(), "webhooks");
    assert!(heard.iter().any(|event| matches!(event, SourceEvent::Delta(_))));
    reception.close().await;
}

#[tokio::test]
async fn what_is_no_event_is_answered_with_200_and_counted() {
    let (_folder, mut reception) = reception().await;
    let deep = format!("{{\"Ignored\": {}{}}}", "[".repeat(64), "]".repeat(64));
    for body in ["", "[]", "nonsense", "{\"half\": ", "{}", "\"text\"", "null", &deep, "\0\u{1}"] {
        let answer = reception.post(body.to_owned()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{body:?}");
    }
    let heard = reception
        .hear(|heard| {
            let told = |event: &SourceEvent| matches!(event, SourceEvent::Unknown { what, .. } if what.contains("nested too deep"));
            heard.iter().any(told)
        })
        .await;
    let told = format!("{heard:?}");
    assert!(told.contains("no object") && told.contains("no JSON"), "{told}");
    assert_eq!(*reception.store.newest().borrow(), 0, "nothing of it is an event");
    let kept = reception.store.unreadable(0, 100).unwrap();
    assert_eq!(kept.len(), 9, "all of it is kept");
    reception.close().await;
}

#[tokio::test]
async fn an_event_that_is_not_known_is_kept_and_counted_and_changes_nothing() {
    let (_folder, mut reception) = reception().await;
    let event = with("QueueStatus", &json!({"EventType": "QueueOnTheMoon"}));
    reception.tell(&event).await;
    let heard = reception
        .hear(|heard| heard.iter().any(|event| matches!(event, SourceEvent::Said(_))))
        .await;
    let unknown = heard.iter().any(
        |event| matches!(event, SourceEvent::Unknown { what, .. } if what.contains("QueueOnTheMoon")),
    );
    assert!(unknown, "{heard:?}");
    assert!(!heard.iter().any(|event| matches!(event, SourceEvent::Delta(_))));
    let log = reception.store.after(0, 10).unwrap();
    assert_eq!(log[0].body, event.to_string().into_bytes());
    reception.close().await;
}

#[tokio::test]
async fn the_body_is_trusted_when_the_header_names_another_event() {
    let (_folder, mut reception) = reception().await;
    let request = reception.client.post(reception.url()).header("X-Benemen-Token", TOKEN);
    let request = request.header("X-Benemen-Event", "UserStatus").body(bytes("QueueStatus"));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    let heard = reception
        .hear(|heard| {
            let counted = |event: &SourceEvent| matches!(event, SourceEvent::Unknown { what, .. } if what.contains("X-Benemen-Event"));
            let changed = |event: &SourceEvent| matches!(event, SourceEvent::Delta(Delta::QueueStatus { .. }));
            heard.iter().any(counted) && heard.iter().any(changed)
        })
        .await;
    drop(heard);
    reception.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_in_an_unknown_coding_or_measured_twice_is_refused_and_not_read() {
    let (_folder, reception) = reception().await;
    let head =
        format!("POST /webhook/helsinki HTTP/1.1\r\nHost: x\r\nX-Benemen-Token: {TOKEN}\r\n");
    let sent = |rest: &str| raw(reception.address, format!("{head}{rest}").as_bytes());
    // The body never comes: only who does not wait for it can answer.
    let long = sent(&format!("Content-Length: {}\r\n\r\n", 257 * 1024));
    assert!(long.starts_with("HTTP/1.1 413 "), "{long}");
    for packed in ["br", "gzip, zstd", "compress", "x", "gzip, gzip, gzip, gzip"] {
        let answer = sent(&format!("Content-Encoding: {packed}\r\nContent-Length: 9\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 415 "), "{packed}: {answer}");
    }
    let chunk = "40000\r\n".to_owned() + &"x".repeat(0x40000) + "\r\n1\r\nx\r\n0\r\n\r\n";
    let chunked = sent(&format!("Transfer-Encoding: chunked\r\n\r\n{chunk}"));
    assert!(chunked.starts_with("HTTP/1.1 413 "), "{chunked}");
    for twice in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "Transfer-Encoding: gzip\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
    ] {
        let answer = sent(twice);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{twice:?}: {answer}");
        assert_eq!(
            answer.matches("HTTP/1.1").count(),
            1,
            "nothing behind it is taken for a request"
        );
    }
    let most = with("QueueStatus", &json!({"Id": "most", "Padding": "x".repeat(200 * 1024)}));
    reception.tell(&most).await;
    reception.close().await;
}

/// Fixtures with some bytes changed. Returns by how much memory has grown behind the first hundred, KiB.
async fn mutated(count: u64) -> u64 {
    let (_folder, mut reception) = reception().await;
    let mut rng = fastrand::Rng::with_seed(23);
    let mut before = 0;
    for number in 0..count {
        if number == 100 {
            before = resident("self");
        }
        let mut body = bytes(NAMES[rng.usize(..NAMES.len())]);
        for _ in 0..rng.usize(1..8) {
            let place = rng.usize(..body.len());
            match rng.u8(..3) {
                0 => body[place] = rng.u8(..),
                1 => drop(body.drain(place..)),
                _ => body.insert(place, b"{}[]\",:\\0-e"[rng.usize(..11)]),
            }
            if body.is_empty() {
                break;
            }
        }
        let answer = reception.post(body.clone()).await;
        let status = answer.status();
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
        while reception.facts.try_recv().is_ok() {}
    }
    let after = resident("self");
    reception.close().await;
    after.saturating_sub(before)
}

#[tokio::test]
async fn no_mutation_of_a_body_is_an_error() {
    mutated(500).await;
}

#[tokio::test]
#[ignore = "ten thousand of them: run alone"]
#[expect(clippy::print_stderr, reason = "the figure of a run by hand")]
async fn no_mutation_of_a_body_is_an_error_in_ten_thousand() {
    let grown = mutated(10_000).await;
    eprintln!("memory +{grown} KiB");
    assert!(grown <= 16 * 1_024, "{grown} KiB");
}
