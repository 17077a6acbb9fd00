//! How much of an answer is read, and what is made of it.

use super::*;

const BOMB: &[u8] = include_bytes!("../../fixtures/http/bomb.gz");
const QUEUE: &[u8] = include_bytes!("../../fixtures/http/queue.gz");

#[tokio::test]
async fn an_answer_of_just_the_limit_is_read_and_one_byte_more_is_not() {
    let body = "x".repeat(1_000);
    let server = Scripted::start(vec![answer("200 OK", &[], &body)]).await;
    let client = client(Auth::nobody());
    let request = client.get(&server.url("/")).unwrap();
    assert_eq!(client.send(request.clone().limit(1_000)).await.unwrap().text(), body);
    let error = client.send(request.limit(999)).await.expect_err("too large");
    assert!(matches!(error, HttpError::TooLarge { limit: 999 }));
}

#[tokio::test]
async fn an_answer_without_an_announced_end_is_left_at_the_limit() {
    let chunk = [b"10000\r\n".to_vec(), vec![b'x'; 0x10000], b"\r\n".to_vec()].concat();
    let head = say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    let server = Scripted::start(vec![vec![head, Step::Repeat(chunk, 8_192)]]).await;
    let error = error_of(&client(Auth::nobody()), &server.url("/")).await;
    assert!(matches!(error, HttpError::TooLarge { limit: 8_388_608 }), "{error:?}");
}

#[tokio::test]
async fn a_compressed_answer_is_measured_by_what_it_unfolds_to() {
    let zip = &["content-encoding: gzip", "content-type: application/json"];
    let server = Scripted::start(vec![
        answer("200 OK", zip, QUEUE),
        answer("200 OK", zip, BOMB),
        answer("200 OK", zip, &QUEUE[..20]),
        answer("200 OK", zip, "no gzip"),
        answer("500 Oops", zip, BOMB),
    ])
    .await;
    let client = client(Auth::nobody());
    let reply = client.send(client.get(&server.url("/")).unwrap()).await.unwrap();
    assert_eq!(reply.text(), r#"{"queue":"Växel"}"#);
    assert_eq!(server.seen()[0].header("accept-encoding"), Some("gzip"));
    let error = error_of(&client, &server.url("/")).await;
    assert!(matches!(error, HttpError::TooLarge { .. }), "{error:?}");
    for _ in 0..2 {
        let error = error_of(&client, &server.url("/")).await;
        assert!(matches!(error, HttpError::Unreadable { .. }), "{error:?}");
    }
    assert_eq!(error_of(&client, &server.url("/")).await.status().unwrap().as_u16(), 500);
}

#[tokio::test]
async fn json_is_measured_for_depth_before_it_is_parsed() {
    let deep =
        |depth: usize| format!("{{\"ignored\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
    let server = Scripted::start(vec![
        answer("200 OK", &[], deep(63)),
        answer("200 OK", &[], deep(64)),
        answer("200 OK", &[], deep(1_000_000)),
        answer("200 OK", &[], "\u{feff}{}"),
        answer("200 OK", &[], "no JSON"),
    ])
    .await;
    let client = client(Auth::nobody());
    let mut parsed = Vec::new();
    for _ in 0..5 {
        let reply = client.send(client.get(&server.url("/")).unwrap()).await.unwrap();
        parsed.push(reply.json::<serde_json::Map<String, serde_json::Value>>());
    }
    let good: Vec<bool> = parsed.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, false, true, false]);
    let deep = parsed.remove(1).expect_err("too deep");
    assert_eq!(
        chain(&deep),
        "the answer cannot be read as JSON: JSON nested deeper than 64 levels"
    );
}

#[tokio::test]
async fn text_is_read_in_its_own_charset() {
    let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><queue name='V\xe4xel'/>";
    let server = Scripted::start(vec![
        answer("200 OK", &["content-type: application/xml"], latin),
        answer("200 OK", &["content-type: text/plain; charset=iso-8859-1"], b"V\xe4xel"),
    ])
    .await;
    let client = client(Auth::nobody());
    for _ in 0..2 {
        let reply = client.send(client.get(&server.url("/")).unwrap()).await.unwrap();
        assert!(reply.text().contains("Växel"));
    }
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let flood =
        Step::Repeat(b"x-more: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n".repeat(100), 10_000);
    let server = Scripted::start(vec![vec![say("HTTP/1.1 200 OK\r\n"), flood]]).await;
    let error = error_of(&client(Auth::nobody()), &server.url("/")).await;
    assert!(matches!(error, HttpError::Broken { .. }), "{error:?}");
}

#[tokio::test]
async fn a_body_is_sent_as_it_is_given() {
    let server = Scripted::start(vec![answer("201 Created", &["x-made: 7"], "")]).await;
    let client = client(Auth::nobody());
    let request = client.request(Reach::Action, Method::POST, &server.url("/entries")).unwrap();
    let request = request.json(&serde_json::json!({ "queue": "Växel" })).unwrap();
    let reply = client.send(request.accept("application/json")).await.unwrap();
    assert_eq!((reply.status().as_u16(), reply.header("x-made")), (201, Some("7")));
    let seen = &server.seen()[0];
    assert_eq!(seen.body, r#"{"queue":"Växel"}"#.as_bytes());
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("accept"), Some("application/json"));
}
