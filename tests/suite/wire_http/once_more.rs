//! Reads that never reached the server are sent once more; actions are not. What a broken answer says of itself is true.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A server that keeps each connection for one answer, and closes it without a word at the second request. How many
/// requests it got, in the end.
async fn forgetful() -> (String, tokio::sync::watch::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (count, counted) = tokio::sync::watch::channel(0);
    tokio::spawn(async move {
        while let Ok((mut peer, _)) = listener.accept().await {
            let count = count.clone();
            tokio::spawn(async move {
                for turn in 0..2 {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        if peer.read_buf(&mut head).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    count.send_modify(|count| *count += 1);
                    if turn == 0 {
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
                        peer.write_all(answer).await.unwrap();
                    }
                }
            });
        }
    });
    (url, counted)
}

#[tokio::test]
async fn a_read_on_a_kept_connection_that_is_closed_is_sent_once_more() {
    let (url, counted) = forgetful().await;
    let client = client(Auth::nobody());
    for _ in 0..2 {
        let reply = client.send(client.get(&url).unwrap()).await.unwrap();
        assert_eq!(reply.text(), "hi");
    }
    assert_eq!(*counted.borrow(), 3, "one of them twice");
}

#[tokio::test]
async fn an_action_on_a_kept_connection_that_is_closed_is_not() {
    let (url, counted) = forgetful().await;
    let client = client(Auth::nobody());
    client.send(client.get(&url).unwrap()).await.unwrap();
    let error = action_error(&client, &url).await;
    assert_eq!(error.fate(), Fate::Unknown, "{error:?}");
    assert_eq!(*counted.borrow(), 2);
}

#[tokio::test]
async fn a_read_on_a_new_connection_that_is_closed_is_not_sent_again() {
    let server = Scripted::start(vec![vec![]]).await;
    let error = error_of(&client(Auth::nobody()), &server.url("/")).await;
    assert!(matches!(error, HttpError::Broken { .. }), "{error:?}");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn what_breaks_off_is_not_called_compressed_data() {
    let plain = say("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"half\":");
    let zipped = say("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 50\r\n\r\n\x1f");
    for head in [plain, zipped] {
        for end in [vec![head.clone()], vec![head.clone(), Step::Reset]] {
            let server = Scripted::start(vec![end]).await;
            let error = error_of(&client(Auth::nobody()), &server.url("/")).await;
            assert!(matches!(error, HttpError::Broken { .. }), "{error:?}");
            assert!(!chain(&error).contains("compressed"), "{}", chain(&error));
        }
    }
}

#[tokio::test]
async fn a_compression_that_nobody_asked_for_is_named() {
    for encoding in ["br", "zstd", "deflate"] {
        let header = format!("content-encoding: {encoding}");
        let server = Scripted::start(vec![answer("200 OK", &[&header], "x")]).await;
        let error = error_of(&client(Auth::nobody()), &server.url("/")).await;
        assert!(matches!(error, HttpError::Encoding { .. }), "{error:?}");
        assert!(error.to_string().contains(encoding), "{error}");
    }
    let plain = answer("200 OK", &["content-encoding: identity"], "{}");
    let server = Scripted::start(vec![plain]).await;
    let client = client(Auth::nobody());
    assert!(client.send(client.get(&server.url("/")).unwrap()).await.is_ok());
}

#[tokio::test]
async fn a_web_page_is_no_answer_whatever_its_type() {
    let page = "<!DOCTYPE html><html><form action=/login></html>";
    for headers in [&["content-type: text/html"][..], &["content-type: application/json"], &[]] {
        let server = Scripted::start(vec![answer("200 OK", headers, page)]).await;
        let client = client(Auth::nobody());
        let error = error_of(&client, &server.url("/")).await;
        assert!(matches!(error, HttpError::WebPage), "{error:?}");
        assert!(error.to_string().contains("is base_url right"), "{error}");
        let error = action_error(&client, &server.url("/")).await;
        assert_eq!(error.fate(), Fate::Unknown, "it may have been done");
    }
    let php = answer("200 OK", &["content-type: text/html"], r#"{"queue":[]}"#);
    let server = Scripted::start(vec![php]).await;
    let client = client(Auth::nobody());
    let reply = client.send(client.get(&server.url("/")).unwrap()).await.unwrap();
    assert!(reply.json::<serde_json::Value>().is_ok(), "JSON under the wrong type is JSON");
}

#[tokio::test]
async fn a_redirect_to_a_sign_in_page_says_so() {
    for (location, is_sign_in) in
        [("/login?next=canary", true), ("https://sso.example.org/x", true), ("/api/v2", false)]
    {
        let header = format!("location: {location}");
        let server = Scripted::start(vec![answer("302 Found", &[&header], "")]).await;
        let error = error_of(&client(Auth::nobody()), &server.url("/")).await;
        assert_eq!(error.to_string().contains("sign-in page"), is_sign_in, "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn every_refusal_that_names_a_time_is_heard() {
    for status in ["302 Found", "404 No", "408 Late", "425 Early", "429 Slow", "500 Oops", "503 No"]
    {
        let server = Scripted::start(vec![answer(status, &["retry-after: 7.5"], "")]).await;
        let error = error_of(&client(Auth::nobody()), &server.url("/")).await;
        assert_eq!(error.retry_after(), Some(Duration::from_millis(7_500)), "{status}");
    }
}
