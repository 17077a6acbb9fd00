//! Requests to Telepo as they stand on the wire.

use floorwalker::config::Config;
use floorwalker::operations::{
    Access, CallAction, CallRequest, Command, CommandId, Control, Outcome, Request, SupervisionMode,
};
use floorwalker::source::{SourceHandle, handles, spawn_all};
use floorwalker::text::Shown;
use floorwalker::transport::poll::Beat;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::calls::{plain, with};
use crate::support::scripted::{Scripted, Seen, answer};

fn config(server: &Scripted, more: &str) -> Config {
    let text = format!(
        "[[source]]\nname = \"hq\"\nkind = \"telepo\"\nbase_url = \"{}\"\ndomain = \"example.com\"\n\
         user = \"supervisor\"\nticket = \"t\"\n{more}\n",
        server.url("/api")
    );
    Config::parse(&text, true).unwrap()
}

fn source(server: &Scripted) -> SourceHandle {
    handles(&config(server, "").sources, Access::Full).unwrap().remove(0)
}

async fn send(source: &SourceHandle, control: Control) -> Outcome {
    let command = Command {
        id: CommandId(1),
        source: "hq".into(),
        request: Request::Control(control),
        target: Shown::default(),
        place: Shown::default(),
    };
    source.execute(command).await
}

fn act(request: CallRequest) -> Control {
    Control::Call {
        call: "c1".into(),
        handle: "c1".into(),
        user: "anna@branch.example".into(),
        token: Some(7),
        request,
    }
}

fn line(seen: &Seen) -> String {
    seen.head.lines().next().unwrap_or_default().to_owned()
}

fn body(seen: &Seen) -> Value {
    serde_json::from_slice(&seen.body).unwrap_or_default()
}

#[tokio::test]
async fn a_call_is_transferred_to_a_uri_whatever_was_written() {
    for (written, sent) in [
        ("+46 8 555 100 17", "tel:+46855510017"),
        ("0401234567", "sip:0401234567@branch.example"),
        ("2103", "sip:2103@branch.example"),
        ("bo@elsewhere.example", "sip:bo@elsewhere.example"),
        ("sip:bo@elsewhere.example;transport=tls", "sip:bo@elsewhere.example;transport=tls"),
        ("tel:+15555", "tel:+15555"),
    ] {
        for (what, wanted) in [
            (
                with(CallAction::Transfer, written),
                json!({ "stateToken": 7, "blind": true, "destination": sent }),
            ),
            (
                with(CallAction::CampOn, written),
                json!({ "stateToken": 7, "type": "CAMP_ON", "destination": sent }),
            ),
        ] {
            let server = Scripted::start(vec![answer("200 OK", &[], "{}")]).await;
            assert_eq!(send(&source(&server), act(what)).await, Outcome::Done);
            let seen = server.seen();
            let path = "POST /api/callcontrol/transfer/branch.example/anna/c1 ";
            assert!(line(&seen[0]).starts_with(path), "{}", line(&seen[0]));
            assert_eq!(body(&seen[0]), wanted, "{written}");
        }
    }
}

#[tokio::test]
async fn what_is_no_destination_is_not_sent() {
    let server = Scripted::untouched().await;
    let source = source(&server);
    for written in ["bo", "https://example.com", "sip:", "tel:x", "a b@c"] {
        for what in [with(CallAction::Transfer, written), with(CallAction::CampOn, written)] {
            let outcome = send(&source, act(what)).await;
            let Outcome::Failed(why) = outcome else { panic!("{written}: {outcome:?}") };
            assert!(why.contains("nothing was sent"), "{why}");
        }
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_supervision_goes_to_the_agents_sip_uri_and_a_call_back_to_a_bare_number() {
    let server = Scripted::start(vec![answer("200 OK", &[], "{}")]).await;
    for (agent, uri) in
        [("anna@branch.example", "sip:anna@branch.example"), ("bo", "sip:bo@example.com")]
    {
        let control = Control::Supervise {
            agent: agent.into(),
            device: "d1".into(),
            mode: SupervisionMode::Monitor,
        };
        send(&source(&server), control).await;
        let seen = server.seen().pop().unwrap();
        assert_eq!(body(&seen), json!({ "destination": uri, "type": "MONITOR" }));
    }
    for (to, sent) in [
        ("+46 8 555", "%2B468555"),
        ("tel:+468555", "%2B468555"),
        ("sip:bo@example.com", "bo@example.com"),
    ] {
        let control =
            Control::CallBack { callback: "9".into(), to: to.to_owned(), place: "desk".into() };
        send(&source(&server), control).await;
        let seen = server.seen().pop().unwrap();
        let path = format!("POST /api/calls/current/example.com/supervisor/desk/{sent} ");
        assert!(line(&seen).starts_with(&path), "{}", line(&seen));
    }
}

#[tokio::test]
async fn every_act_has_its_own_operation_and_sends_the_number_of_the_state() {
    for (what, path, with_token) in [
        (plain(CallAction::Mute), "/callcontrol/mute/branch.example/anna/c1", true),
        (plain(CallAction::Unmute), "/callcontrol/unmute/branch.example/anna/c1", true),
        (plain(CallAction::Park), "/callcontrol/park/branch.example/anna/c1", true),
        (with(CallAction::Move, "d 2"), "/callcontrol/move/branch.example/anna/c1/d%202", true),
        (
            with(CallAction::Answer, "+1555"),
            "/callcontrol/answer/branch.example/anna/c1/%2B1555",
            false,
        ),
        (plain(CallAction::StartRecording), "/callrecording/start/branch.example/anna/c1", true),
        (plain(CallAction::StopRecording), "/callrecording/stop/branch.example/anna/c1", true),
    ] {
        let server = Scripted::start(vec![answer("200 OK", &[], "{}")]).await;
        assert_eq!(send(&source(&server), act(what)).await, Outcome::Done);
        let seen = server.seen().pop().unwrap();
        assert!(line(&seen).starts_with(&format!("POST /api{path} ")), "{}", line(&seen));
        let wanted = if with_token { json!({ "stateToken": 7 }) } else { Value::Null };
        assert_eq!(body(&seen), wanted, "{path}");
    }
}

/// The paths with queries that a source asks for while it runs.
async fn asked(more: &str, count: usize) -> Vec<String> {
    let server = Scripted::start(vec![answer("200 OK", &[], "{}")]).await;
    let (sender, mut facts) = mpsc::channel(64);
    let stop = CancellationToken::new();
    let sources = config(&server, more).sources;
    spawn_all(&sources, Access::ReadOnly, &sender, &stop, Some(&Beat::new())).unwrap();
    let drain = tokio::spawn(async move { while facts.recv().await.is_some() {} });
    server.asked(count).await;
    stop.cancel();
    drain.abort();
    server.seen().iter().map(|seen| line(seen).split(' ').nth(1).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn federated_queues_are_asked_for_only_where_that_is_configured() {
    for (more, wanted) in [
        ("", "/api/queuestatistics/user/example.com/supervisor"),
        (
            "include_federation = true",
            "/api/queuestatistics/user/example.com/supervisor?includeFederation=true",
        ),
        ("include_federation = false", "/api/queuestatistics/user/example.com/supervisor"),
    ] {
        let paths = asked(more, 12).await;
        let all: Vec<_> =
            paths.iter().filter(|path| path.contains("/queuestatistics/user/")).collect();
        assert!(!all.is_empty() && all.iter().all(|path| *path == wanted), "{more}: {paths:?}");
    }
}

#[tokio::test]
async fn the_call_log_is_read_by_types_so_that_answered_calls_take_no_room_of_the_others() {
    let paths = asked("", 12).await;
    let log: Vec<_> = paths.iter().filter(|path| path.contains("/calllog/")).collect();
    assert!(log.len() >= 2, "{paths:?}");
    assert!(log.iter().any(|path| path.contains("itemType=FORWARDED&itemType=MISSED")), "{log:?}");
    for path in log {
        let lost = path.contains("itemType=FORWARDED") && !path.contains("ANSWERED");
        let answered = path.contains("itemType=ANSWERED") && !path.contains("MISSED");
        assert!(lost || answered, "{path}");
    }
}
