//! What an error says, and what an action that met it may have done.

use floorwalker::transport::quota::{CallKind, Limits, SharedQuota};

use super::*;

#[tokio::test]
async fn no_redirect_is_followed_for_any_method() {
    for status in ["301 M", "302 F", "303 S", "307 T", "308 P"] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let target = Scripted::untouched().await;
            let location = format!("location: {}", target.url("/secret?token=canary"));
            let server = Scripted::start(vec![answer(status, &[&location], "")]).await;
            let client = client(Auth::header("X-Key", "{ticket}", literal("s3cret")).unwrap());
            let request = client.request(Reach::Action, method, &server.url("/")).unwrap();
            let error = client.send(request).await.expect_err("a redirect");
            let HttpError::Redirect { target: named, .. } = &error else { panic!("{error:?}") };
            assert_eq!(*named, target.url(""));
            assert_eq!(error.fate(), Fate::Refused);
            assert!(!format!("{error} {error:?}").contains("canary"));
            assert_eq!((server.count(), target.count()), (1, 0));
        }
    }
}

#[tokio::test]
async fn a_redirect_to_elsewhere_is_named_as_far_as_it_can_be() {
    for (location, wanted) in [
        ("https://user:canary@evil.example:8443/x", "https://evil.example:8443"),
        ("//evil.example/x", "http://evil.example"),
        ("javascript:canary", "an unreadable address"),
        ("http://[", "an unreadable address"),
    ] {
        let header = format!("location: {location}");
        let server = Scripted::start(vec![answer("302 Found", &[&header], "")]).await;
        let error = error_of(&client(Auth::nobody()), &server.url("/")).await;
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(!format!("{error:?}").contains("canary"));
    }
    let server = Scripted::start(vec![answer("302 Found", &[], "")]).await;
    let error = error_of(&client(Auth::nobody()), &server.url("/")).await;
    assert!(error.to_string().contains("an unreadable address"), "{error}");
}

#[tokio::test]
async fn each_status_is_an_error_of_its_own_with_the_servers_words() {
    let json = "content-type: application/json";
    let result = r#"{"field":[{"code":"no.user","description":"No such user\u001b[2J"}]}"#;
    for (status, fate, start) in [
        ("400 Bad", Fate::Refused, "the server answered 400 Bad Request: No such user"),
        ("401 No", Fate::Refused, "the server does not accept the secret (401): No such user"),
        ("403 No", Fate::Refused, "the server does not allow this (403): No such user"),
        ("404 No", Fate::Refused, "the server knows nothing there (404): No such user"),
        ("408 No", Fate::Refused, "the server answered 408 Request Timeout: No such user"),
        ("409 No", Fate::Refused, "the server answered 409 Conflict: No such user"),
        ("500 No", Fate::Unknown, "the server answered 500 Internal Server Error: No such user"),
        ("502 No", Fate::Unknown, "the server answered 502 Bad Gateway: No such user"),
        ("599 No", Fate::Unknown, "the server answered 599: No such user"),
    ] {
        let server = Scripted::start(vec![answer(status, &[json], result)]).await;
        let error = action_error(&client(Auth::nobody()), &server.url("/?q=canary")).await;
        assert!(error.to_string().starts_with(start), "{error}");
        assert!(!format!("{error} {error:?}").contains(['\u{1b}']), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"));
        assert_eq!(error.fate(), fate, "{status}");
        assert_eq!(error.status().unwrap().as_u16().to_string(), status[..3]);
        assert_eq!(server.count(), 1, "nothing is sent twice");
    }
}

#[tokio::test]
async fn a_refusal_whose_body_stalls_is_judged_by_its_status() {
    let head =
        say("HTTP/1.1 403 No\r\ncontent-type: text/plain\r\ncontent-length: 50\r\n\r\nNot yo");
    let server = Scripted::start(vec![vec![head, Step::Hold]]).await;
    let error = action_error(&client(Auth::nobody()), &server.url("/")).await;
    assert!(matches!(error, HttpError::Forbidden { .. }), "{error:?}");
}

#[tokio::test]
async fn what_never_arrived_is_told_from_what_may_have() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/?q=canary", closed.local_addr().unwrap());
    drop(closed);
    let error = action_error(&client(Auth::nobody()), &url).await;
    assert!(matches!(error, HttpError::Connect { .. }), "{error:?}");
    assert_eq!(error.fate(), Fate::NotSent);
    assert!(!format!("{} {error:?}", chain(&error)).contains("canary"));

    let half = say("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"done\":");
    for script in [vec![Step::Reset], vec![], vec![half.clone()], vec![half, Step::Reset]] {
        let server = Scripted::start(vec![script]).await;
        let error = action_error(&client(Auth::nobody()), &server.url("/?q=canary")).await;
        assert!(matches!(error, HttpError::Broken { .. }), "{error:?}");
        assert_eq!(error.fate(), Fate::Unknown);
        assert!(error.is_sent());
        assert!(!format!("{} {error:?}", chain(&error)).contains("canary"));
        assert_eq!(server.count(), 1, "never sent twice");
    }
}

#[tokio::test]
async fn a_timeout_after_sending_leaves_the_outcome_open() {
    let transport = Transport { timeout: Duration::from_millis(300), ..Transport::default() };
    let client = Client::new(Options { transport, ..Options::default() }).unwrap();
    let slow = vec![say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"), Step::Hold];
    for script in [vec![Step::Hold], slow] {
        let server = Scripted::start(vec![script]).await;
        let error = action_error(&client, &server.url("/")).await;
        assert!(matches!(error, HttpError::Timeout { sent: true, .. }), "{error:?}");
        assert_eq!(error.fate(), Fate::Unknown);
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn a_name_without_an_address_sends_nothing() {
    let client = client(Auth::nobody());
    let error = action_error(&client, "https://floorwalker-test.invalid/?q=canary").await;
    // Where there is no resolver at all, it may be the wait for it that ends.
    let named = matches!(error, HttpError::Dns { .. } | HttpError::Timeout { sent: false, .. });
    assert!(named, "{error:?}");
    assert_eq!(error.fate(), Fate::NotSent);
    assert!(!format!("{} {error:?}", chain(&error)).contains("canary"));
}

#[tokio::test]
async fn after_a_429_nothing_is_sent_before_its_time() {
    let slow = answer("429 Slow", &["retry-after: 100"], "");
    let server = Scripted::start(vec![slow]).await;
    let options = Options { quota: Some(SharedQuota::default()), ..Options::default() };
    let client = Client::new(options).unwrap();
    let error = error_of(&client, &server.url("/")).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(100)));
    for _ in 0..5 {
        let error = action_error(&client, &server.url("/")).await;
        let HttpError::Quota { wait } = error else { panic!("{error:?}") };
        assert!(wait > Duration::from_secs(90) && wait <= Duration::from_secs(100));
        assert_eq!(error.fate(), Fate::NotSent);
    }
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn polls_leave_room_for_what_people_do() {
    let server = Scripted::start(vec![answer("200 OK", &[], "")]).await;
    let quota = SharedQuota::new(Limits { calls: 3, polls: 2, ..Limits::PER_MINUTE });
    let options = Options { quota: Some(quota.clone()), ..Options::default() };
    let client = Client::new(options).unwrap();
    let poll = || client.get(&server.url("/")).unwrap().polled();
    assert!(client.send(poll()).await.is_ok());
    assert!(client.send(poll()).await.is_ok());
    assert!(matches!(client.send(poll()).await, Err(HttpError::Quota { .. })));
    let act = client.request(Reach::Action, Method::POST, &server.url("/")).unwrap();
    assert!(client.send(act).await.is_ok());
    assert!(quota.lock().try_take(CallKind::Action, floorwalker::clock::moment()).is_err());
    assert_eq!(server.count(), 3);
}
