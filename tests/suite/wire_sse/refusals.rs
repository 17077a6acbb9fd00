//! Answers that are no stream: each is named, and none is followed blindly.

use std::os::unix::fs::PermissionsExt;

use super::*;

/// A secret in a file that the test can change.
struct KeptFile {
    dir: tempfile::TempDir,
}

impl KeptFile {
    fn new(text: &str) -> Self {
        let kept = Self { dir: tempfile::tempdir().unwrap() };
        kept.write(text);
        kept
    }

    /// Puts the new text there at once, as an editor does.
    fn write(&self, text: &str) {
        let fresh = self.dir.path().join("fresh");
        std::fs::write(&fresh, text).unwrap();
        std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::rename(fresh, self.dir.path().join("secret")).unwrap();
    }

    fn secret(&self) -> Secret {
        Secret::new(SecretSource::File(self.dir.path().join("secret")))
    }
}

fn refused(server: &Scripted, secret: &Secret) -> Followed {
    followed_by(&client(Auth::bearer(secret.clone())), &server.url("/events"), fast())
}

impl Followed {
    async fn unauthorized(&mut self) -> String {
        loop {
            if let StreamEvent::Unauthorized { reason, .. } = self.next().await {
                return reason.to_string();
            }
        }
    }
}

#[tokio::test]
async fn nothing_to_stream_stops_for_good() {
    let server = Scripted::start(vec![answer("204 No Content", &[], "")]).await;
    let mut followed = followed(&server);
    assert_eq!(followed.next().await, StreamEvent::Connecting { attempt: 1 });
    assert!(matches!(followed.next().await, StreamEvent::Stopped { .. }));
    assert_eq!(followed.end().await, End::Stopped);
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_page_instead_of_a_stream_is_refused_by_name() {
    let body = "data: not an event\n\n";
    for (headers, words) in [
        (&["content-type: text/html; charset=utf-8"][..], "text/html"),
        (&["content-type: text/event-stream2"], "text/event-stream2"),
        (&[], "something unnamed"),
    ] {
        let server = Scripted::start(vec![answer("200 OK", headers, body), stream("data: a\n\n")]);
        let server = server.await;
        let mut followed = followed(&server);
        assert_eq!(followed.next().await, StreamEvent::Connecting { attempt: 1 });
        let StreamEvent::Waiting { reason, attempt: 1, .. } = followed.next().await else {
            panic!("never open")
        };
        assert!(reason.contains(words), "{reason}");
        assert_eq!(followed.data().await, "a", "it is tried again");
    }
}

#[tokio::test]
async fn the_type_may_have_any_case_and_parameters() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream;charset=UTF-8\r\n\r\n";
    let server = Scripted::start(vec![vec![say(head), say("data: a\n\n"), Step::Hold]]).await;
    assert_eq!(followed(&server).data().await, "a");
}

#[tokio::test]
async fn another_success_than_200_is_refused() {
    for status in ["201 Created", "202 Accepted", "206 Partial Content"] {
        let page = answer(status, &["content-type: text/event-stream"], "data: a\n\n");
        let server = Scripted::start(vec![page]).await;
        let (reason, _) = followed(&server).waiting().await;
        assert!(reason.contains(&status[..3]), "{reason}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed_and_only_the_targets_origin_is_named() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let target = Scripted::untouched().await;
        let location = format!("location: {}", target.url("/secret/path?token=canary"));
        let server = Scripted::start(vec![answer(status, &[&location], "")]).await;
        let secret = Secret::new(SecretSource::Literal("s3cret".into()));
        let mut followed = refused(&server, &secret);
        let (reason, _) = followed.waiting().await;
        assert!(reason.contains(target.url("").as_str()), "{reason}");
        assert!(reason.contains(&status[..3]) && !reason.contains("canary"), "{reason}");
        assert!(!reason.contains("path"), "{reason}");
        followed.waiting().await;
        assert_eq!((server.count(), target.count()), (2, 0), "{status}");
    }
}

#[tokio::test]
async fn a_relative_redirect_is_named_too() {
    let found = answer("302 Found", &["location: /elsewhere"], "");
    let server = Scripted::start(vec![found, stream("data: a\n\n")]).await;
    let mut followed = followed(&server);
    let (reason, _) = followed.waiting().await;
    assert!(reason.contains(server.url("").as_str()), "{reason}");
    assert_eq!(followed.data().await, "a");
}

#[tokio::test]
async fn a_401_reads_the_secret_once_and_tries_it_at_once_if_it_changed() {
    let no = answer("401 Unauthorized", &[], "");
    let server = Scripted::start(vec![no, stream("data: a\n\n")]).await;
    let file = KeptFile::new("old\n");
    let secret = file.secret();
    secret.current().await.unwrap();
    file.write("new\n");
    let mut followed = refused(&server, &secret);
    assert_eq!(followed.data().await, "a");
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].header("authorization"), Some("Bearer old"));
    assert_eq!(seen[1].header("authorization"), Some("Bearer new"));
    assert!(seen[1].at.since(seen[0].at) >= Duration::from_millis(250), "never two at once");
}

#[tokio::test]
async fn a_refused_secret_is_tried_again_as_soon_as_it_differs() {
    let no = answer("401 Unauthorized", &["content-type: text/plain"], "expired: old\u{1b}[2J");
    let server = Scripted::start(vec![no, stream("data: a\n\n")]).await;
    let file = KeptFile::new("older\n");
    let mut followed = refused(&server, &file.secret());
    let reason = followed.unauthorized().await;
    assert!(reason.contains("401") && reason.contains("expired"), "{reason}");
    assert!(!reason.contains('\u{1b}'));
    assert_eq!(server.count(), 1, "an unchanged secret is not sent again");
    file.write("new\n");
    assert_eq!(followed.data().await, "a");
    assert_eq!(server.seen()[1].header("authorization"), Some("Bearer new"));
}

#[tokio::test]
async fn a_refused_secret_is_tried_again_after_its_time_and_when_asked() {
    let no = || answer("401 Unauthorized", &[], "");
    let server = Scripted::start(vec![no(), no(), stream("data: a\n\n")]).await;
    let file = KeptFile::new("same\n");
    let timing = Timing { again: Duration::from_millis(100), ..fast() };
    let auth = Auth::bearer(file.secret());
    let mut followed = followed_by(&client(auth), &server.url("/"), timing);
    followed.unauthorized().await;
    let then = server.asked(2).await;
    assert!(then[1].at.since(then[0].at) >= Duration::from_millis(100));
    followed.unauthorized().await;
    followed.wake.all();
    assert_eq!(followed.data().await, "a");
}

#[tokio::test]
async fn a_command_is_run_again_once_and_its_word_sent_even_if_unchanged() {
    let no = answer("401 Unauthorized", &[], "");
    let server = Scripted::start(vec![no.clone(), no, stream("data: a\n\n")]).await;
    let dir = tempfile::tempdir().unwrap();
    let runs = dir.path().join("runs");
    let script = format!("echo run >> {}; echo same", runs.display());
    let words = ["sh", "-c", &script].map(str::to_owned).to_vec();
    let timing = Timing { look: Duration::from_mins(1), ..fast() };
    let auth = Auth::bearer(Secret::new(SecretSource::Command(words)));
    let mut followed = followed_by(&client(auth), &server.url("/"), timing);
    followed.unauthorized().await;
    assert_eq!(server.count(), 2);
    assert_eq!(std::fs::read_to_string(runs).unwrap().lines().count(), 2);
}

#[tokio::test]
async fn without_a_secret_nothing_is_sent_until_there_is_one() {
    let server = Scripted::start(vec![stream("data: a\n\n")]).await;
    let file = KeptFile::new("x\n");
    let path = file.dir.path().join("secret");
    std::fs::remove_file(&path).unwrap();
    let mut followed = refused(&server, &file.secret());
    let reason = followed.unauthorized().await;
    assert!(reason.contains("cannot be read"), "{reason}");
    assert_eq!(server.count(), 0);
    file.write("x\n");
    assert_eq!(followed.data().await, "a");
}

#[tokio::test]
async fn a_403_hands_over_to_the_next_of_the_ladder() {
    let json =
        answer("403 Forbidden", &["content-type: application/json"], r#""No role for this""#);
    let server = Scripted::start(vec![json]).await;
    let mut followed = followed(&server);
    followed.next().await;
    let StreamEvent::Forbidden { reason } = followed.next().await else { panic!("forbidden") };
    assert!(reason.contains("No role for this"), "{reason}");
    assert_eq!(followed.end().await, End::Forbidden);
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn other_refusals_are_shown_and_tried_again_later() {
    for status in [
        "400 Bad",
        "404 Not Found",
        "408 Late",
        "410 Gone",
        "500 Oops",
        "502 Bad",
        "503 No",
        "504 Late",
    ] {
        let server = Scripted::start(vec![answer(status, &[], ""), stream("data: a\n\n")]).await;
        let mut followed = followed(&server);
        let (reason, _) = followed.waiting().await;
        assert!(reason.contains(&status[..3]), "{reason}");
        assert_eq!(followed.next().await, StreamEvent::Connecting { attempt: 2 });
        assert_eq!(followed.data().await, "a");
    }
}

#[tokio::test]
async fn retry_after_is_obeyed_in_seconds_and_as_a_date() {
    let date =
        ["retry-after: Sun, 01 Feb 2026 12:00:01 GMT", "date: Sun, 01 Feb 2026 12:00:00 GMT"];
    for (status, headers) in [
        ("503 No", &["retry-after: 1"][..]),
        ("429 Slow down", &["retry-after: 1"]),
        ("503 No", &date),
    ] {
        let server =
            Scripted::start(vec![answer(status, headers, ""), stream("data: a\n\n")]).await;
        let mut followed = followed(&server);
        assert_eq!(followed.data().await, "a");
        let seen = server.seen();
        let waited = seen[1].at.since(seen[0].at);
        assert!(waited >= Duration::from_secs(1), "{status}: {waited:?}");
        assert!(waited <= Duration::from_millis(2_500), "{status}: {waited:?}");
    }
}

#[tokio::test]
async fn an_endless_retry_after_is_capped_shown_and_overridden_by_hand() {
    let no = answer("503 No", &["retry-after: 99999"], "");
    let server = Scripted::start(vec![no, stream("data: a\n\n")]).await;
    let mut followed = followed(&server);
    loop {
        if let StreamEvent::Waiting { retry_at, wished, .. } = followed.next().await {
            let wait = retry_at.since(clock::moment());
            assert!(wait > Duration::from_secs(290) && wait <= Duration::from_mins(5));
            assert_eq!(wished, Some(Duration::from_secs(99_999)));
            break;
        }
    }
    followed.wake.all();
    assert_eq!(followed.data().await, "a");
}
