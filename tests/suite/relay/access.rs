//! Who is let in, and to what.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use floorwalker::event::SourceEvent;
use floorwalker::floor::scheduler::EntryState;
use floorwalker::operations::{Command, Outcome};
use floorwalker::relay::http::Act;
use floorwalker::relay::hub::Bounds;
use floorwalker::text::Shown;
use futures_util::FutureExt;
use serde_json::json;

use crate::support::desk::{entries_part, entry, up};
use crate::support::relay::{ACTOR, READER, SOURCES, SUPERVISOR, Station};

const PATHS: [&str; 4] = ["/v1/snapshot", "/v1/tables", "/v1/events", "/metrics"];

#[tokio::test]
async fn nobody_reads_without_a_token_that_is_right_to_the_last_byte() {
    let station = Station::open().await;
    let headers = [
        String::new(),
        "authorization: \r\n".to_owned(),
        "authorization: Bearer\r\n".to_owned(),
        "authorization: Bearer wrong\r\n".to_owned(),
        format!("authorization: Basic {READER}\r\n"),
        format!("authorization: Bearer {}\r\n", &READER[..READER.len() - 1]),
        format!("authorization: Bearer {READER}x\r\n"),
        format!("authorization: Bearer  {READER}\r\n"),
        format!("authorization: Bearer {READER}\r\nauthorization: Bearer {READER}\r\n"),
        "authorization: Bearer ä\r\n".to_owned(),
        format!("authorization: Bearer {}\r\n", "x".repeat(100_000)),
    ];
    let mut bodies = Vec::new();
    for path in PATHS {
        for header in &headers {
            let request =
                format!("GET {path} HTTP/1.1\r\nhost: relay\r\n{header}connection: close\r\n\r\n");
            let (status, head, body) = station.ask(&request).await;
            assert_eq!(status, 401, "{path} {header:.60}");
            assert!(head.to_lowercase().contains("www-authenticate: bearer"));
            bodies.push(body);
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "one answer to all of them");
    station.close().await;
}

#[tokio::test]
async fn a_token_reads_only_with_the_scope_for_it() {
    let station = Station::open().await;
    for path in PATHS {
        let (status, body) = station.get(path, ACTOR).await;
        assert_eq!((status, body.contains("scope")), (403, true), "{path}");
    }
    for path in ["/v1/snapshot", "/v1/tables", "/metrics"] {
        assert_eq!(station.get(path, READER).await.0, 200, "{path}");
    }
    station.close().await;
}

#[tokio::test]
async fn metrics_come_in_the_format_that_is_accepted() {
    let station = Station::open().await;
    for (accept, plain) in [
        ("", false),
        ("accept: */*\r\n", false),
        ("accept: text/plain\r\n", true),
        ("accept: text/plain;version=0.0.4;q=0.3, */*;q=0.1\r\n", true),
        ("accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3\r\n", false),
        ("accept: application/openmetrics-text;q=0.2, text/plain;q=0.9\r\n", true),
    ] {
        let request = format!(
            "GET /metrics HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer {READER}\r\n\
             {accept}connection: close\r\n\r\n"
        );
        let (status, head, body) = station.ask(&request).await;
        assert_eq!(status, 200, "{accept}");
        let of_prometheus = head.to_lowercase().contains("content-type: text/plain; version=0.0.4");
        assert_eq!((of_prometheus, !body.contains("# EOF")), (plain, plain), "{accept}{head}");
    }
    station.close().await;
}

#[tokio::test]
async fn numbers_leave_masked_but_for_the_scope_numbers() {
    let station = Station::open().await;
    station.tell("nimbus", SourceEvent::Link(up("entries")));
    let planned = entries_part(vec![entry("e1", EntryState::Scheduled)]);
    station.tell("nimbus", SourceEvent::Snapshot(planned));
    for path in ["/v1/snapshot", "/v1/tables"] {
        let (masked, open) =
            (station.get(path, READER).await.1, station.get(path, SUPERVISOR).await.1);
        assert!(masked.contains("+442…12") && !masked.contains("7946 0112"), "{path}");
        assert!(open.contains("+44 20 7946 0112"), "{path}");
    }
    station.close().await;
}

#[tokio::test]
async fn health_waits_for_every_source_and_asks_for_no_token() {
    let station = Station::early(None).await;
    let health = "GET /healthz HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n\r\n".to_owned();
    for (source, _) in SOURCES {
        assert_eq!(station.ask(&health).await.0, 503, "{source} has not spoken");
        station.tell(source, SourceEvent::Link(up("queues")));
    }
    assert_eq!(station.ask(&health).await.0, 200);
    station.close().await;
}

fn post(token: &str, body: &str) -> String {
    format!(
        "POST /v1/commands HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer {token}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn command() -> String {
    json!({
        "id": 1, "source": "nimbus", "request": { "remove_entry": { "entry": "e1" } },
        "target": "entry e1", "place": "outbound"
    })
    .to_string()
}

#[tokio::test]
async fn a_command_needs_the_scope_act_and_is_sent_in_the_name_of_the_token() {
    let asked: Arc<Mutex<Vec<(Shown, Command)>>> = Arc::default();
    let heard = Arc::clone(&asked);
    let act: Act = Arc::new(move |who, command| {
        heard.lock().unwrap().push((who, command));
        async { Outcome::Refused(Shown::clean("entry in progress")) }.boxed()
    });
    let station = Station::with(None, Bounds::STANDARD, Some(act), Duration::from_mins(30)).await;
    assert_eq!(station.ask(&post("wrong", &command())).await.0, 401);
    assert_eq!(station.ask(&post(READER, &command())).await.0, 403);
    assert_eq!(station.ask(&post(ACTOR, "{\"id\":1}")).await.0, 400);
    assert_eq!(station.ask(&post(ACTOR, &"[".repeat(70))).await.0, 400);
    assert_eq!(station.ask(&post(ACTOR, &" ".repeat(70_000))).await.0, 413);
    for bad in ["", "..", "%2e"] {
        let spoilt = command().replace("\"entry\":\"e1\"", &format!("\"entry\":\"{bad}\""));
        let (status, _, body) = station.ask(&post(ACTOR, &spoilt)).await;
        assert_eq!((status, body.contains("nothing was sent")), (400, true), "{bad:?}: {body}");
    }
    assert!(asked.lock().unwrap().is_empty(), "nothing was asked of a vendor");
    let (status, _, body) = station.ask(&post(ACTOR, &command())).await;
    assert_eq!((status, body.as_str()), (200, "{\"refused\":\"entry in progress\"}"));
    let asked = std::mem::take(&mut *asked.lock().unwrap());
    let [(who, command)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((who.as_str(), command.source.raw()), ("script", "nimbus"));
    station.close().await;
}

type Asked = Arc<Mutex<Vec<(Shown, Command)>>>;

/// A relay that keeps what it is asked to do, and answers that it is done.
async fn acting() -> (Station, Asked) {
    let asked = Asked::default();
    let heard = Arc::clone(&asked);
    let act: Act = Arc::new(move |who, command| {
        heard.lock().unwrap().push((who, command));
        async { Outcome::Done }.boxed()
    });
    let station = Station::with(None, Bounds::STANDARD, Some(act), Duration::from_mins(30)).await;
    (station, asked)
}

/// One operation of each permission.
fn operations() -> [(&'static str, serde_json::Value); 5] {
    let call = json!({ "call": "c", "handle": "c", "user": "u", "token": null, "act": "clear" });
    let supervise = json!({ "agent": "u", "device": "d", "manner": "barge" });
    let back = json!({ "callback": "c", "to": "+358401234567", "place": "p" });
    [
        ("act", json!({ "remove_entry": { "entry": "e1" } })),
        ("calls", json!({ "control": { "call": call } })),
        ("calls", json!({ "control": { "supervise": supervise } })),
        ("calls", json!({ "control": { "call_back": back } })),
        ("contacts", json!({ "remove_contacts": { "book": "b", "contacts": ["1", "2"] } })),
    ]
}

#[tokio::test]
async fn an_operation_needs_the_scope_that_is_meant_for_it() {
    let (station, asked) = acting().await;
    for (scope, request) in operations() {
        let body = json!({
            "id": 1, "source": "hq", "request": request, "target": "x", "place": "y"
        });
        let (status, _, said) = station.ask(&post(ACTOR, &body.to_string())).await;
        match scope {
            "act" => assert_eq!(status, 200, "{said}"),
            scope => assert!(status == 403 && said.contains(scope), "{status} {said}"),
        }
        let (status, _, said) = station.ask(&post(SUPERVISOR, &body.to_string())).await;
        assert_eq!(status, 200, "a token of every scope: {said}");
    }
    assert_eq!(asked.lock().unwrap().len(), operations().len() + 1);
    station.close().await;
}

#[tokio::test]
async fn the_target_of_a_command_is_named_by_the_relay_and_not_by_the_client() {
    let (station, asked) = acting().await;
    station.tell(
        "nimbus",
        SourceEvent::Snapshot(entries_part(vec![entry("e1", EntryState::Scheduled)])),
    );
    for id in ["e1", "e2"] {
        let body = json!({
            "id": 1, "source": "nimbus", "request": { "remove_entry": { "entry": id } },
            "target": "somebody else", "place": "another service"
        });
        assert_eq!(station.ask(&post(ACTOR, &body.to_string())).await.0, 200);
    }
    let targets: Vec<String> =
        asked.lock().unwrap().iter().map(|(_, own)| own.target.to_string()).collect();
    assert_eq!(targets, ["+44 20 7946 0112", "e2"], "a row that is not known is its id");
    let asked = std::mem::take(&mut *asked.lock().unwrap());
    assert!(asked.iter().all(|(_, own)| own.place.as_str() != "another service"));
    station.close().await;
}

#[tokio::test]
async fn a_command_whose_body_drips_is_ended_in_time() {
    let station = Station::with_body_time(Duration::from_millis(200)).await;
    let head = post(ACTOR, "").replace("content-length: 0", "content-length: 500");
    let (status, _, said) = station.ask(&head).await;
    assert_eq!(status, 408, "{said}");
    station.close().await;
}

#[tokio::test]
async fn what_a_terminal_would_obey_leaves_as_an_escape() {
    let station = Station::open().await;
    let hostile = "e\u{9b}31m\u{7f}\u{202e}\u{200b}";
    let planned = entries_part(vec![entry(hostile, EntryState::Scheduled)]);
    station.tell("nimbus", SourceEvent::Snapshot(planned));
    for path in ["/v1/snapshot", "/v1/tables", "/metrics"] {
        let body = station.get(path, SUPERVISOR).await.1;
        let raw = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{200b}".contains(c));
        assert!(!body.contains(raw), "{path}");
    }
    let snapshot = station.get("/v1/snapshot", SUPERVISOR).await.1;
    assert!(snapshot.contains("e\\u009b31m\\u007f\\u202e\\u200b"), "the id is there whole");
    station.close().await;
}

#[tokio::test]
async fn a_relay_that_only_reads_sends_no_command() {
    let station = Station::open().await;
    let (status, _, body) = station.ask(&post(SUPERVISOR, &command())).await;
    assert_eq!((status, body.contains("only reads")), (403, true));
    station.close().await;
}
