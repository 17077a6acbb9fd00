//! What Nimbus is asked: every request is one that the connector's description has.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request as HttpRequest, StatusCode};
use axum::response::Response;
use axum::{Router, routing::any};
use floorwalker::command::{Access, Command, CommandId, Field, Outcome, Request, Value, Wish};
use floorwalker::floor::id::SourceName;
use floorwalker::source::http::Transport;
use floorwalker::source::secret::SecretSource;
use floorwalker::source::settings::{Common, NimbusSettings, Settings, Vendor};
use floorwalker::source::{Line, Outbox, Source, make};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::documented::{judge, operations};

/// Operations that floorwalker uses.
const USED: [&str; 7] = [
    "TestConnection",
    "GetSchedulerEntryServices",
    "GetDistributionPriorities",
    "GetSchedulerEntries",
    "CreateSchedulerEntry",
    "UpdateSchedulerEntry",
    "DeleteSchedulerEntry",
];

/// Operations that it leaves alone, and why.
const UNUSED: [(&str, &str); 21] = [
    ("RegisterTaskWebHook", "tasks come through the relay later"),
    ("DeleteTaskEventsTrigger", "tasks come through the relay later"),
    ("RegisterSchedulerEntryTrigger", "triggers come through the relay later"),
    ("DeleteSchedulerEntriesTrigger", "triggers come through the relay later"),
    ("GetServices", "for task triggers alone"),
    ("GetTaskEvents", "for task triggers alone"),
    ("GetTaskModalities", "for task triggers alone"),
    ("GetTaskDirections", "for task triggers alone"),
    ("GetSchedulerEntriesEvents", "for triggers alone: the list has no event that is looked up"),
    ("GetUsersForPreferredRouting", "preferred users do not count for outbound calls"),
    ("UpdateTask", "there are no tasks yet that could be updated"),
    ("GetExternalTasksServices", "external tasks come with the tasks"),
    ("GetExternalTasksDistributionPriorities", "external tasks come with the tasks"),
    ("AddExternalTask", "external tasks come with the tasks"),
    ("RemoveExternalTask", "external tasks come with the tasks"),
    ("GetAddressBooks", "the list of entries names nobody whom a book could name"),
    ("GetContacts", "the list of entries names nobody whom a book could name"),
    ("AddContact", "a supervisor's board keeps no address book"),
    ("UpdateContact", "a supervisor's board keeps no address book"),
    ("RemoveContacts", "a supervisor's board keeps no address book"),
    ("ClearContacts", "empties a whole book at once, which no question makes safe"),
];

/// One request, as it arrived.
#[derive(Debug, Clone)]
struct Seen {
    method: String,
    target: String,
    body: Vec<u8>,
}

impl Seen {
    fn operation(&self) -> String {
        let judged = judge(&self.method, &self.target, &self.body);
        judged.unwrap_or_else(|why| panic!("{why}: {self:?}")).id
    }

    fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A vendor that writes down what it is asked, and answers as it is told.
struct Vendored {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    answers: Arc<Mutex<BTreeMap<String, (u16, Json)>>>,
}

const SERVICE: &str = "outbound@contoso.example";

fn listed() -> Json {
    json!({
        "schedulerEntryId": "e1", "serviceUpn": SERVICE, "destination": "+442079460112",
        "dueDateTimeUtc": "2026-03-12T14:30:00Z", "referenceId": "C-1", "distributionPriority": "High",
        "maxAttempts": 3, "attemptTimeoutInSeconds": 600, "maxQueueTimeInSeconds": 120,
        "ronaTimeoutInSeconds": 15, "event": "Scheduled", "direction": "Outbound", "modality": "Audio",
        "unifiedConversationId": null, "completionReason": null,
        "customer": { "firstName": "Ada", "customFields": [{ "name": "tier", "value": "gold" }] },
        "customCallContextParameters": [{ "name": "case", "value": "7" }],
        "mood": { "of": ["the", "day"] },
    })
}

impl Vendored {
    async fn start() -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let answers = BTreeMap::from([
            ("/v1/scheduler-entries/service-contacts".to_owned(), (200, json!([SERVICE]))),
            (
                "/v1/scheduler-entries/distribution-priorities".to_owned(),
                (200, json!([{ "name": "High priority", "value": "High" }])),
            ),
            ("/v1/scheduler-entries".to_owned(), (200, json!([listed()]))),
        ]);
        let answers = Arc::new(Mutex::new(answers));
        let (writing, answering) = (Arc::clone(&seen), Arc::clone(&answers));
        let answer = any(move |request: HttpRequest<Body>| async move {
            let (head, body) = request.into_parts();
            let body = to_bytes(body, 1 << 20).await.unwrap().to_vec();
            let target = head.uri.path_and_query().unwrap().to_string();
            let method = head.method.to_string();
            writing.lock().unwrap().push(Seen { method: method.clone(), target, body });
            let key = head.uri.path().to_owned();
            let answers = answering.lock().unwrap();
            let own = answers.get(&format!("{method} {key}")).or_else(|| answers.get(&key));
            let (status, body) = own.cloned().unwrap_or((200, Json::Null));
            Response::builder()
                .status(StatusCode::from_u16(status).unwrap())
                .header("content-type", "application/json")
                .body(Body::from(if body.is_null() { String::new() } else { body.to_string() }))
                .unwrap()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, seen, answers }
    }

    fn says(&self, key: &str, status: u16, body: Json) {
        self.answers.lock().unwrap().insert(key.to_owned(), (status, body));
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn source(&self, access: Access) -> Arc<dyn Source> {
        let vendor = Vendor::Nimbus(NimbusSettings {
            address_books: Some(Vec::new()),
            base_url: format!("http://{}/", self.address).parse().unwrap(),
            services: None,
            token: SecretSource::Literal("canary".into()),
            poll: Duration::from_secs(60),
            task_events: BTreeMap::new(),
            lost_track: Duration::from_secs(4 * 3_600),
            triggers: None,
            mailbox: None,
        });
        let common = Common {
            transport: Transport::default(),
            idle: Duration::from_secs(40),
            stale_after: None,
        };
        make(&Settings { name: SourceName::new("nimbus"), common, vendor }, access).unwrap()
    }

    async fn carry_out(&self, request: Request) -> Outcome {
        self.source(Access::Full).execute(command(request)).await
    }
}

fn command(request: Request) -> Command {
    Command {
        id: CommandId(1),
        source: SourceName::new("nimbus"),
        request,
        target: "+44…12".into(),
        place: SERVICE.into(),
    }
}

fn time(text: &str) -> Value {
    Value::Time(text.parse().unwrap())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn wish(fields: &[(Field, Value)]) -> Wish {
    let mut wish = Wish::default();
    for (field, value) in fields {
        wish.set(*field, value.clone());
    }
    wish
}

fn edit(of: &[(Field, Value)], was: &[(Field, Value)]) -> Request {
    Request::EditEntry { entry: "e1".into(), wish: wish(of), was: wish(was) }
}

fn detail(outcome: &Outcome) -> String {
    outcome.detail().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn every_operation_is_used_or_left_alone_for_a_reason() {
    let documented: BTreeSet<String> = operations().into_iter().map(|own| own.id).collect();
    let known = USED.iter().chain(UNUSED.iter().map(|(id, _)| id));
    let known: Vec<String> = known.map(|id| (*id).to_owned()).collect();
    assert_eq!(known.len(), 28);
    assert_eq!(known.into_iter().collect::<BTreeSet<_>>(), documented);
    assert!(UNUSED.iter().all(|(_, why)| why.len() > 10));
}

#[tokio::test]
async fn everything_that_is_asked_is_documented() {
    let vendor = Vendored::start().await;
    let source = vendor.source(Access::Full);
    let (sender, mut facts) = mpsc::channel(1_024);
    tokio::spawn(async move { while facts.recv().await.is_some() {} });
    let stop = CancellationToken::new();
    let line = Line {
        outbox: Outbox::new(SourceName::new("nimbus"), sender),
        stop: stop.clone(),
        wake: Default::default(),
        beat: None,
        gaze: Default::default(),
    };
    let running =
        tokio::spawn(stop.clone().run_until_cancelled_owned(Arc::clone(&source).run(line)));
    let full = wish(&[
        (Field::Service, text(SERVICE)),
        (Field::Destination, text("+442079460500")),
        (Field::Due, time("2026-03-12T15:00:00Z")),
        (Field::Priority, text("High")),
        (Field::MaxAttempts, Value::Number(10)),
        (Field::AttemptTimeout, Value::Number(86_400)),
        (Field::MaxQueueTime, Value::Number(5)),
        (Field::RonaTimeout, Value::Number(30)),
        (Field::Reference, text("C-2")),
    ]);
    for request in [
        Request::AddEntry { wish: full },
        edit(&[(Field::Due, time("2026-03-12T16:00:00Z"))], &[]),
        Request::RemoveEntry { entry: "e/1 x".into() },
    ] {
        assert_eq!(Arc::clone(&source).execute(command(request)).await, Outcome::Done);
    }
    Arc::clone(&source).probe().await;
    let used = || vendor.seen().iter().map(Seen::operation).collect::<BTreeSet<_>>();
    let wanted: BTreeSet<String> = USED.map(str::to_owned).into();
    let polled = async {
        while used() != wanted {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), polled).await;
    assert!(in_time.is_ok(), "{:?} is not {wanted:?}", used());
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn an_edit_writes_the_whole_entry_back_with_what_nobody_knows() {
    let vendor = Vendored::start().await;
    let (was, now) = (time("2026-03-12T14:30:00Z"), time("2026-03-12T15:00:00Z"));
    let outcome = vendor
        .carry_out(edit(
            &[(Field::Due, now), (Field::Reference, text("C-9"))],
            &[(Field::Due, was)],
        ))
        .await;
    assert_eq!(outcome, Outcome::Done);
    let seen = vendor.seen();
    assert_eq!(seen.len(), 2, "one reading, one writing: {seen:?}");
    assert_eq!(seen[1].operation(), "UpdateSchedulerEntry");
    assert_eq!(
        seen[1].json(),
        json!({
            "serviceUpn": SERVICE, "destination": "+442079460112",
            "dueDateTimeUtc": "2026-03-12T15:00:00Z", "ReferenceId": "C-9",
            "distributionPriority": "High", "maxAttempts": 3, "attemptTimeoutInSeconds": 600,
            "maxQueueTimeInSeconds": 120, "ronaTimeoutInSeconds": 15,
            "customer": { "firstName": "Ada", "customFields": [{ "name": "tier", "value": "gold" }] },
            "customCallContextParameters": [{ "name": "case", "value": "7" }],
            "mood": { "of": ["the", "day"] },
        })
    );
}

#[tokio::test]
async fn what_somebody_else_changed_meanwhile_is_not_overwritten() {
    let vendor = Vendored::start().await;
    let (was, now) = (time("2026-03-12T14:00:00Z"), time("2026-03-12T15:00:00Z"));
    let outcome = vendor.carry_out(edit(&[(Field::Due, now)], &[(Field::Due, was)])).await;
    assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    assert!(detail(&outcome).contains("due is 2026-03-12T14:30:00Z now"), "{outcome:?}");
    assert_eq!(vendor.seen().len(), 1, "nothing was written");
}

#[tokio::test]
async fn an_entry_that_is_gone_is_not_made_anew() {
    let vendor = Vendored::start().await;
    vendor.says("/v1/scheduler-entries", 200, json!([]));
    let outcome = vendor.carry_out(edit(&[(Field::MaxAttempts, Value::Number(2))], &[])).await;
    assert_eq!(detail(&outcome), "already gone or never there");
    assert_eq!(vendor.seen().len(), 1);
    vendor.says("/v1/scheduler-entries", 200, json!([listed()]));
    vendor.says("PUT /v1/scheduler-entries/e1", 404, Json::Null);
    let outcome = vendor.carry_out(edit(&[(Field::MaxAttempts, Value::Number(2))], &[])).await;
    assert_eq!(detail(&outcome), "already gone or never there");
}

#[tokio::test]
async fn an_entry_that_has_begun_is_refused_in_the_servers_words() {
    let vendor = Vendored::start().await;
    let words = json!({ "message": "The entry is in progress." });
    vendor.says("PUT /v1/scheduler-entries/e1", 400, words.clone());
    vendor.says("DELETE /v1/scheduler-entries/e1", 400, words);
    for request in [
        edit(&[(Field::MaxAttempts, Value::Number(2))], &[]),
        Request::RemoveEntry { entry: "e1".into() },
    ] {
        let outcome = vendor.carry_out(request).await;
        assert_eq!(outcome.word(), "refused");
        assert_eq!(detail(&outcome), "not possible now: The entry is in progress.");
    }
}

#[tokio::test]
async fn a_reading_that_fails_before_an_edit_sends_nothing() {
    let vendor = Vendored::start().await;
    for status in [403, 500, 504] {
        vendor.says("/v1/scheduler-entries", status, Json::Null);
        let outcome = vendor.carry_out(edit(&[(Field::MaxAttempts, Value::Number(2))], &[])).await;
        assert_eq!(outcome.word(), "failed", "{status}: {outcome:?}");
    }
    assert!(vendor.seen().iter().all(|seen| seen.method == "GET"));
}

#[tokio::test]
async fn a_write_that_ends_in_a_fault_is_unknown_and_never_repeated() {
    let vendor = Vendored::start().await;
    let new = wish(&[
        (Field::Service, text(SERVICE)),
        (Field::Destination, text("+442079460500")),
        (Field::Due, time("2026-03-12T15:00:00Z")),
    ]);
    for status in [500, 504] {
        vendor.says("POST /v1/scheduler-entries", status, Json::Null);
        let outcome = vendor.carry_out(Request::AddEntry { wish: new.clone() }).await;
        assert_eq!(outcome.word(), "unknown", "{status}");
    }
    let posts = vendor.seen().iter().filter(|seen| seen.method == "POST").count();
    assert_eq!(posts, 2);
}

#[tokio::test]
async fn a_read_only_source_can_write_nothing() {
    let vendor = Vendored::start().await;
    for request in [
        Request::AddEntry {
            wish: wish(&[
                (Field::Service, text(SERVICE)),
                (Field::Destination, text("+442079460500")),
                (Field::Due, time("2026-03-12T15:00:00Z")),
            ]),
        },
        edit(&[(Field::MaxAttempts, Value::Number(2))], &[]),
        Request::RemoveEntry { entry: "e1".into() },
    ] {
        let outcome = vendor.source(Access::ReadOnly).execute(command(request)).await;
        assert_eq!(outcome.word(), "failed", "{outcome:?}");
    }
    assert!(vendor.seen().iter().all(|seen| seen.method == "GET"));
}
