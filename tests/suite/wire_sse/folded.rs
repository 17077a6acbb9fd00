//! Streams that are compressed although nobody asked for it, in other charsets, or no streams at all.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::*;

fn head(header: &str) -> Step {
    say(format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{header}\r\n\r\n"))
}

/// Events, each flushed behind itself.
fn gzip(events: &[&str]) -> Vec<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let send = |event: &&str| {
        encoder.write_all(event.as_bytes()).unwrap();
        encoder.flush().unwrap();
        std::mem::take(encoder.get_mut())
    };
    events.iter().map(send).collect()
}

#[tokio::test]
async fn a_compressed_stream_is_unfolded_event_by_event() {
    let parts = gzip(&["id: 1\ndata: a\n\n", "data: b\n\n"]);
    let script = vec![head("content-encoding: gzip"), say(&parts[0]), say(&parts[1]), Step::Hold];
    let server = Scripted::start(vec![script]).await;
    let mut followed = followed(&server);
    assert_eq!(followed.data().await, "a");
    assert_eq!(followed.data().await, "b", "before the stream ends");
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(b"data: c\n\n").unwrap();
    let zlib = encoder.finish().unwrap();
    let script = vec![head("Content-Encoding: Deflate"), say(zlib), Step::Hold];
    let server = Scripted::start(vec![script]).await;
    assert_eq!(super::followed(&server).data().await, "c");
}

#[tokio::test]
async fn a_compression_that_is_not_read_is_refused_by_name() {
    for (header, words) in [
        ("content-encoding: br", "compressed as br, which was not asked for"),
        ("content-encoding: gzip, zstd", "compressed as gzip, zstd"),
    ] {
        let server = Scripted::start(vec![vec![head(header), say("x"), Step::Hold]]).await;
        let (reason, _) = followed(&server).waiting().await;
        assert!(reason.contains(words), "{reason}");
    }
}

#[tokio::test]
async fn what_is_no_compressed_data_ends_the_stream_with_the_true_reason() {
    let script =
        vec![head("content-encoding: gzip"), say("data: plain all the same\n\n"), Step::Hold];
    let server = Scripted::start(vec![script]).await;
    let (reason, _) = followed(&server).waiting().await;
    assert!(reason.contains("cannot be read as compressed data"), "{reason}");
}

#[tokio::test]
async fn a_stream_that_unfolds_without_end_is_left() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..64 {
        encoder.write_all(&vec![b'\n'; 1 << 20]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let script = vec![head("content-encoding: gzip"), say(bomb), Step::Hold];
    let server = Scripted::start(vec![script]).await;
    let (reason, _) = followed(&server).waiting().await;
    assert!(reason.contains("400 times its size"), "{reason}");
}

#[tokio::test]
async fn a_web_page_is_no_stream_whatever_its_type() {
    let page = "<!doctype html><html><body>Sign in</body></html>";
    for headers in [&["content-type: text/html"][..], &["content-type: text/plain"], &[]] {
        let server = Scripted::start(vec![answer("200 OK", headers, page)]).await;
        let (reason, _) = followed(&server).waiting().await;
        assert!(reason.contains("a web page") && reason.contains("is base_url right"), "{reason}");
    }
}

#[tokio::test]
async fn a_document_in_the_charset_that_it_declares_is_read() {
    let head = b"data: <?xml version='1.0' encoding='iso-8859-1'?>\ndata: <q n='V\xe4xel'/>\n\n";
    let server = Scripted::start(vec![stream(head)]).await;
    assert!(followed(&server).data().await.contains("Växel"));
}

#[tokio::test]
async fn whoever_keeps_one_back_off_of_several_streams_learns_what_the_server_asked_for() {
    let no = answer("503 No", &["retry-after: 70.5"], "");
    let server = Scripted::start(vec![no]).await;
    let mut followed = followed(&server);
    loop {
        if let StreamEvent::Waiting { wish, .. } = followed.next().await {
            assert_eq!(wish.after, Some(Duration::from_millis(70_500)));
            break;
        }
    }
}
