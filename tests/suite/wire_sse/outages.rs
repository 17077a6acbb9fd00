//! Connections that end, break, stall or flood, and what the next one carries.

use super::*;

const MIB: usize = 1 << 20;

#[tokio::test]
async fn the_request_asks_for_a_stream_and_for_no_compression() {
    let server = Scripted::start(vec![stream("data: a\n\n")]).await;
    let mut followed = followed(&server);
    followed.data().await;
    let seen = &server.seen()[0];
    assert!(seen.head.starts_with("GET /events?key=canary HTTP/1.1\r\n"));
    assert_eq!(seen.header("accept"), Some("text/event-stream"));
    assert_eq!(seen.header("cache-control"), Some("no-store"));
    assert_eq!(seen.header("accept-encoding"), None);
    assert_eq!(seen.header("last-event-id"), None);
    assert_eq!(seen.header("referer"), None);
    assert!(seen.header("user-agent").unwrap().starts_with("floorwalker/"));
}

#[tokio::test]
async fn the_last_id_is_sent_with_every_later_connection() {
    let server = Scripted::start(vec![
        brief("id: 1\ndata: a\n\n"),
        brief("data: b\n\n"),
        brief(""),
        brief("id: 2\n\ndata: c\n\nid: 3\ndata: never whole"),
        brief("id: x\0y\n\nid: \u{1}\n\n"),
        brief("id: nå\n\n"),
        brief("id\n\n"),
        stream(""),
    ])
    .await;
    let mut followed = followed(&server);
    let mut events = Vec::new();
    while events.len() < 3 {
        if let StreamEvent::Event { data, id, .. } = followed.next().await {
            events.push((data, id.unwrap_or_default()));
        }
    }
    let wanted = [("a", "1"), ("b", "1"), ("c", "2")];
    assert_eq!(events, wanted.map(|(data, id)| (data.to_owned(), id.to_owned())));
    while server.count() < 8 {
        followed.next().await;
    }
    let ids: Vec<_> =
        server.seen().iter().map(|seen| seen.header("last-event-id").map(str::to_owned)).collect();
    let wanted = [None, Some("1"), Some("1"), Some("1"), Some("2"), Some("2"), Some("nå"), None];
    assert_eq!(ids, wanted.map(|id| id.map(str::to_owned)));
}

#[tokio::test]
async fn every_attempt_is_told_with_its_number_reason_and_next_time() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events?key=canary", closed.local_addr().unwrap());
    drop(closed);
    let mut followed = followed_by(&client(Auth::nobody()), &url, fast());
    for attempt in 1..=5 {
        assert_eq!(followed.next().await, StreamEvent::Connecting { attempt });
        let StreamEvent::Waiting { reason, attempt: told, retry_at, wished: None, .. } =
            followed.next().await
        else {
            panic!("refused")
        };
        assert_eq!(told, attempt);
        assert!(reason.contains("cannot be reached") && !reason.contains("canary"), "{reason}");
        assert!(retry_at.since(clock::moment()) <= fast().rules.late_cap);
    }
}

#[tokio::test]
async fn a_retry_time_is_honoured_from_a_block_without_data() {
    let server = Scripted::start(vec![brief("retry: 200\n\n"), stream("data: a\n\n")]).await;
    let mut followed = followed(&server);
    assert_eq!(followed.data().await, "a");
    let seen = server.seen();
    assert!(seen[1].at.since(seen[0].at) >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_retry_time_of_nothing_does_not_make_a_storm() {
    let server = Scripted::start(vec![brief("retry: 0\ndata: a\n\n")]).await;
    let mut followed = followed(&server);
    for _ in 0..12 {
        followed.data().await;
    }
    let seen = server.seen();
    let floor = fast().rules.floor;
    assert!(seen.windows(2).all(|pair| pair[1].at.since(pair[0].at) >= floor));
    let (first, last) = (seen[0].at, seen[seen.len() - 1].at);
    assert!(last.since(first) >= Duration::from_millis(300), "the waits grow");
}

#[tokio::test]
async fn a_retry_time_of_years_is_capped_shown_and_overridden_by_hand() {
    for years in
        ["86400000", "1000000000", "18446744073709551615", "999999999999999999999999999999"]
    {
        let first = brief(format!("retry: {years}\n\n"));
        let server = Scripted::start(vec![first, stream("data: a\n\n")]).await;
        let timing = Timing { rules: Rules::STANDARD, ..fast() };
        // A busy far side may stamp the first request late: it left after this, which is what counts.
        let began = clock::moment();
        let mut followed = followed_by(&client(Auth::nobody()), &server.url("/"), timing);
        loop {
            if let StreamEvent::Waiting { retry_at, wished, .. } = followed.next().await {
                let wait = retry_at.since(clock::moment());
                assert!(wait <= Duration::from_mins(1), "{wait:?}");
                assert!(wished.unwrap() >= Duration::from_hours(24));
                break;
            }
        }
        followed.wake.all();
        assert_eq!(followed.data().await, "a");
        let second = server.seen()[1].at;
        assert!(second.since(began) >= Duration::from_millis(250), "never two at once");
    }
}

#[tokio::test]
async fn asking_while_connected_does_not_shorten_the_next_wait() {
    let first = vec![say(STREAM), say("data: a\n\n"), Step::Pause(Duration::from_millis(50))];
    let server = Scripted::start(vec![first, stream("")]).await;
    let timing = Timing { rules: Rules::STANDARD, ..fast() };
    let mut followed = followed_by(&client(Auth::nobody()), &server.url("/"), timing);
    followed.data().await;
    followed.wake.all();
    let StreamEvent::Waiting { retry_at, .. } = followed.next().await else { panic!("ended") };
    server.asked(2).await;
    assert!(server.seen()[1].at >= retry_at);
}

#[tokio::test]
async fn what_has_no_end_is_refused_at_a_mebibyte() {
    let block = vec![b'x'; 64 * 1024];
    let (lines, comments) = (b"data: xxxxxxxxxxxxxxxxxxxxx\n".repeat(2_000), b": x");
    for (name, start, repeat, words) in [
        ("a line", &b"data: "[..], block.clone(), "longer than 1048576 bytes"),
        ("a comment", &comments[..], block.clone(), "longer than 1048576 bytes"),
        ("a name", b"", block.clone(), "longer than 1048576 bytes"),
        ("an event", b"", lines, "larger than 1048576 bytes"),
    ] {
        let flood = Step::Repeat(repeat, 1_024);
        let first = vec![say(STREAM), say("data: before\n\n"), say(start), flood, Step::Hold];
        let server = Scripted::start(vec![first, stream("data: after\n\n")]).await;
        let mut followed = followed(&server);
        assert_eq!(followed.data().await, "before", "{name}");
        let (reason, _) = followed.waiting().await;
        assert!(reason.contains(words), "{name}: {reason}");
        assert_eq!(followed.data().await, "after", "{name}");
    }
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let flood = Step::Repeat(
        b"x-more: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n".repeat(100),
        10_000,
    );
    let first = vec![say("HTTP/1.1 200 OK\r\n"), flood, Step::Hold];
    let server = Scripted::start(vec![first, stream("data: after\n\n")]).await;
    let mut followed = followed(&server);
    let (reason, _) = followed.waiting().await;
    assert!(reason.contains("broke the connection off"), "{reason}");
    assert_eq!(followed.data().await, "after");
}

#[tokio::test]
async fn just_under_the_bound_is_an_event_like_any_other() {
    let data = "x".repeat(MIB - 7);
    let server = Scripted::start(vec![stream(format!("data:{data}\n\n"))]).await;
    assert_eq!(followed(&server).data().await, data);
}

#[tokio::test]
async fn a_silent_server_is_left_and_any_byte_is_a_sign_of_life() {
    let mut alive = vec![say(STREAM)];
    for _ in 0..15 {
        alive.extend([Step::Pause(Duration::from_millis(100)), say(":\n")]);
    }
    alive.extend([say("data: alive\n\n"), Step::Hold]);
    let server = Scripted::start(vec![alive, stream("data: again\n\n")]).await;
    let timing = Timing { idle: Duration::from_secs(1), ..fast() };
    let mut followed = followed_by(&client(Auth::nobody()), &server.url("/"), timing);
    assert_eq!(followed.data().await, "alive");
    let (reason, _) = followed.waiting().await;
    assert_eq!(reason, "no sign of life for 1 s");
    assert_eq!(followed.data().await, "again");
}

#[tokio::test]
async fn a_server_that_never_answers_is_left_after_the_timeout() {
    let server = Scripted::start(vec![vec![Step::Hold], stream("data: a\n\n")]).await;
    let transport = Transport { timeout: Duration::from_millis(300), ..Transport::default() };
    let client = Client::new(Options { transport, ..Options::default() }).unwrap();
    let mut followed = followed_by(&client, &server.url("/"), fast());
    let (reason, _) = followed.waiting().await;
    assert!(reason.contains("gave no answer in time"), "{reason}");
    assert_eq!(followed.data().await, "a");
}

#[tokio::test]
async fn a_broken_connection_is_one_error_and_one_reconnect() {
    let reset = vec![
        say("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 999\r\n\r\n"),
        say("id: 9\ndata: a\n\n"),
        Step::Pause(Duration::from_millis(50)),
        Step::Reset,
    ];
    let cut = vec![
        say(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
        ),
        say("ff\r\ndata: b\n\n"),
    ];
    let server = Scripted::start(vec![reset, cut, stream("data: c\n\n")]).await;
    let mut followed = followed(&server);
    for (data, words) in [("a", "broke off"), ("b", "broke off")] {
        assert!(matches!(followed.next().await, StreamEvent::Connecting { .. }));
        assert_eq!(followed.next().await, StreamEvent::Open);
        assert_eq!(followed.data().await, data);
        let StreamEvent::Waiting { reason, .. } = followed.next().await else { panic!("broken") };
        assert!(reason.contains(words), "{reason}");
    }
    assert_eq!(followed.data().await, "c");
    assert_eq!(server.seen()[2].header("last-event-id"), Some("9"));
}

#[tokio::test]
async fn it_ends_when_cancelled_whatever_it_is_doing() {
    let far =
        Timing { rules: Rules { floor: Duration::from_secs(50), ..Rules::STANDARD }, ..fast() };
    for (script, states) in
        [(vec![Step::Hold], 1), (stream(""), 2), (brief(""), 3), (answer("401 No", &[], ""), 2)]
    {
        let server = Scripted::start(vec![script]).await;
        let mut followed = followed_by(&client(Auth::nobody()), &server.url("/"), far);
        for _ in 0..states {
            followed.next().await;
        }
        followed.stop.cancel();
        assert_eq!(followed.end().await, End::Cancelled);
    }
}

#[tokio::test]
async fn it_ends_when_nobody_listens() {
    let server = Scripted::start(vec![brief("data: a\n\n")]).await;
    let mut followed = followed(&server);
    followed.data().await;
    followed.events.close();
    while followed.events.recv().await.is_some() {}
    assert_eq!(followed.end().await, End::Unheard);
}

#[tokio::test]
async fn no_log_at_any_level_holds_a_secret_a_query_or_what_was_streamed() {
    let server = Scripted::start(vec![
        stream("id: canary-id\nevent: canary-type\ndata: canary-data\n\n: canary-comment\n"),
        answer("500 canary-reason", &["x-more: canary-header"], "canary-body"),
    ])
    .await;
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "wire_sse::outages::speaks_at_every_level", "--ignored", "--nocapture"]);
    let output = child.env("ASKED", server.url("/events?canary-query")).output();
    let output = tokio::time::timeout(LIMIT, output).await.expect("an end in time").unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("floorwalker::transport::http") && said.contains("TRACE"), "{said}");
    assert!(!said.contains("canary"), "{said}");
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer canary-secret"));
}

#[tokio::test]
#[ignore = "run in its own process by the test above"]
#[expect(clippy::disallowed_methods, reason = "the test reads what is said here")]
async fn speaks_at_every_level() {
    let filter = format!("trace,{PARSER_LOG}");
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    log.with_writer(std::io::stderr).init();
    tracing::trace!("listening");
    let url = std::env::var("ASKED").unwrap();
    let secret = Secret::new(SecretSource::Literal("canary-secret".into()));
    let client = client(Auth::bearer(secret));
    let mut followed = followed_by(&client, &url, fast());
    assert_eq!(followed.data().await, "canary-data");
    assert!(client.send(client.get(&url).unwrap()).await.is_err());
}
