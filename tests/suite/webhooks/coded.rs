//! Bodies that are compressed, or in another charset.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use floorwalker::event::SourceEvent;
use floorwalker::floor::Delta;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::enreach::with;
use crate::support::reception::{Reception, TOKEN};

/// The queue that the events of these tests are about.
const NAME: &str = "Växel £ €";

fn body(id: &str) -> String {
    with("QueueStatus", &json!({ "Id": id, "QueueName": NAME })).to_string()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn post(reception: &Reception, headers: &[(&str, &str)], body: Vec<u8>) -> StatusCode {
    let mut request = reception.client.post(reception.url()).header("X-Benemen-Token", TOKEN);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).send().await.unwrap().status()
}

/// Headers, and the body behind them.
type Sent<'s> = (Vec<(&'s str, &'s str)>, Vec<u8>);

/// Posts bodies, each with its headers; all must be read, and name the queue rightly.
async fn read(bodies: Vec<Sent<'_>>) {
    let folder = tempfile::tempdir().unwrap();
    let mut reception = Reception::open(folder.path()).await;
    let count = bodies.len();
    for (headers, body) in bodies {
        assert_eq!(post(&reception, &headers, body).await, StatusCode::OK, "{headers:?}");
        let kept = reception.store.unreadable(0, 10).unwrap();
        assert!(kept.is_empty(), "{headers:?}: {kept:?}");
    }
    let named = |event: &SourceEvent| match event {
        SourceEvent::Delta(Delta::QueueStatus { status, .. }) => status.name.clone(),
        _ => None,
    };
    let heard = reception.hear(|heard| heard.iter().filter_map(named).count() == count).await;
    assert!(heard.iter().filter_map(named).all(|name| name.as_str() == NAME), "{heard:?}");
    let log = reception.store.after(0, 100).unwrap();
    assert!(log.iter().all(|own| std::str::from_utf8(&own.body).is_ok()), "the log is UTF-8");
    reception.close().await;
}

#[tokio::test]
async fn a_compressed_event_is_read() {
    let coding = |name| vec![("Content-Encoding", name)];
    let padded = [gzip(body("padded").as_bytes()), vec![0; 512]].concat();
    let halves = body("two members");
    let (one, other) = halves.as_bytes().split_at(100);
    read(vec![
        (coding("gzip"), gzip(body("gzip").as_bytes())),
        (coding("X-GZip"), gzip(body("x-gzip").as_bytes())),
        (coding("deflate"), zlib(body("zlib").as_bytes())),
        (coding("deflate"), deflate(body("bare").as_bytes())),
        (coding("gzip, deflate"), zlib(&gzip(body("both").as_bytes()))),
        (coding("identity, gzip,"), gzip(body("with identity").as_bytes())),
        (coding("gzip"), padded),
        (coding("gzip"), [gzip(one), gzip(other)].concat()),
    ])
    .await;
}

#[tokio::test]
async fn a_proxy_that_decompresses_and_leaves_the_header_or_loses_it_costs_no_event() {
    let coding = |name| vec![("Content-Encoding", name)];
    read(vec![
        (coding("gzip"), body("left").into_bytes()),
        (coding("deflate"), format!("\u{FEFF}{} \n", body("left too")).into_bytes()),
        (vec![], gzip(body("lost").as_bytes())),
    ])
    .await;
}

#[tokio::test]
async fn a_body_in_another_charset_or_with_a_mark_is_read() {
    let kind = |name| vec![("Content-Type", name)];
    let latin = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    };
    let marked = |id: &str| format!("\u{FEFF}{}", body(id));
    read(vec![
        (kind("application/json; charset=utf-8"), marked("utf-8").into_bytes()),
        (vec![], marked("no type").into_bytes()),
        (kind("application/json; charset=windows-1252"), latin(&body("latin"))),
        (kind("application/json"), wide(&marked("le"), u16::to_le_bytes)),
        (kind("application/json; charset=utf-8"), wide(&marked("be"), u16::to_be_bytes)),
        (kind("application/json; charset=utf-16le"), wide(&body("bare"), u16::to_le_bytes)),
        (kind("application/json; charset=iso-8859-1"), body("said wrongly").into_bytes()),
        (
            vec![
                ("Content-Type", "text/json; charset=\"Windows-1252\""),
                ("Content-Encoding", "gzip"),
            ],
            gzip(&latin(&body("both"))),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_body_that_is_not_what_its_coding_says_is_kept_and_a_bomb_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let reception = Reception::open(folder.path()).await;
    let mut torn = gzip(body("torn").as_bytes());
    torn.truncate(60);
    for (coding, body) in [("gzip", torn), ("deflate", b"\x78\x9cnonsense".to_vec())] {
        let headers = [("Content-Encoding", coding)];
        assert_eq!(post(&reception, &headers, body.clone()).await, StatusCode::OK, "{coding}");
        let (_, kept) = reception.store.unreadable(0, 10).unwrap().pop().unwrap();
        assert_eq!((&kept.body[..], kept.content_encoding.as_deref()), (&body[..], Some(coding)));
        assert!(kept.reason.contains("cannot be decompressed"), "{}", kept.reason);
    }
    let bomb = include_bytes!("../../fixtures/http/bomb.gz").to_vec();
    let large = body("large").replace(NAME, &"x".repeat(300 * 1024));
    for (coding, body) in [
        ("gzip", bomb),
        ("gzip", gzip(large.as_bytes())),
        ("deflate", zlib(large.as_bytes())),
        ("deflate", deflate(large.as_bytes())),
        ("gzip, gzip, gzip", gzip(&gzip(&gzip(large.as_bytes())))),
    ] {
        let headers = [("Content-Encoding", coding)];
        let answer = post(&reception, &headers, body).await;
        assert_eq!(answer, StatusCode::PAYLOAD_TOO_LARGE, "{coding}");
    }
    assert_eq!(reception.store.unreadable(0, 10).unwrap().len(), 2);
    reception.close().await;
}

#[tokio::test]
async fn a_coding_that_is_not_known_is_refused_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut reception = Reception::open(folder.path()).await;
    for coding in ["br", "zstd"] {
        let headers = [("Content-Encoding", coding)];
        let answer = post(&reception, &headers, b"{}".to_vec()).await;
        assert_eq!(answer, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let heard = reception
        .hear(|heard| format!("{heard:?}").contains("content coding zstd; it is refused (415)"))
        .await;
    assert!(format!("{heard:?}").contains("content coding br"), "{heard:?}");
    reception.close().await;
}
