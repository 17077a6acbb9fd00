//! What Nimbus is asked: every request is one that the connector's description has.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request as HttpRequest, StatusCode};
use axum::response::Response;
use axum::{Router, routing::any};
use floorwalker::floor::id::SourceName;
use floorwalker::operations::{Access, Command, CommandId, Field, Outcome, Request, Value, Wish};
use floorwalker::source::nimbus::mailbox::Mailbox;
use floorwalker::source::settings::{Common, NimbusSettings, Settings, Vendor};
use floorwalker::source::{Line, Outbox, Source, make};
use floorwalker::transport::http::Transport;
use floorwalker::transport::secret::SecretSource;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::changes::{asked_of_books, asked_of_tasks};
use super::documented::{judge, operations};
use crate::support::nimbus::settings;

/// One request, as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub target: String,
    body: Vec<u8>,
}

impl Seen {
    pub fn operation(&self) -> String {
        let judged = judge(&self.method, &self.target, &self.body);
        judged.unwrap_or_else(|why| panic!("{why}: {self:?}")).id
    }

    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A contact in another spelling, with what nobody knows.
pub fn contact() -> Json {
    json!({
        "externalId": "c 1", "DisplayName": "Ada Byron", "company": "Engines", "initials": null,
        "mobilePhones": ["+44 20 7946 0112"], "emailAddresses": ["ada@example.com"],
        "addresses": [{ "street": "St James 12", "city": "London", "lot": "7" }, { "city": "Paris" }],
        "customFields": [{ "name": "tier", "value": "gold" }], "mood": { "of": ["the", "day"] },
    })
}

/// A vendor that writes down what it is asked, and answers as it is told.
pub struct Vendored {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    answers: Arc<Mutex<BTreeMap<String, (u16, Json)>>>,
}

pub const SERVICE: &str = "outbound@contoso.example";

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
    pub async fn start() -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let answers = BTreeMap::from([
            ("/v1/scheduler-entries/service-contacts".to_owned(), (200, json!([SERVICE]))),
            (
                "/v1/scheduler-entries/distribution-priorities".to_owned(),
                (200, json!([{ "name": "High priority", "value": "High" }])),
            ),
            ("/v1/scheduler-entries".to_owned(), (200, json!([listed()]))),
            ("/v1/ExternalTasks/service-contacts".to_owned(), (200, json!([SERVICE]))),
            ("/v1/tasks/service-contacts".to_owned(), (200, json!([SERVICE]))),
            ("/v1/tasks/events".to_owned(), (200, json!([{ "name": "New", "value": "New" }]))),
            ("/v1/scheduler-entries/events".to_owned(), (200, json!([{ "value": "Scheduled" }]))),
            ("POST /v1/triggers/tasks".to_owned(), (201, json!({ "id": "t1" }))),
            ("POST /v1/triggers/scheduler-entries".to_owned(), (201, json!({ "id": "t2" }))),
            ("/v2/AddressBooks".to_owned(), (200, json!([{ "id": "b 1", "name": "Customers" }]))),
            ("GET /v2/AddressBooks/b%201/contacts".to_owned(), (200, json!([contact()]))),
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

    pub fn says(&self, key: &str, status: u16, body: Json) {
        self.answers.lock().unwrap().insert(key.to_owned(), (status, body));
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn source(&self, access: Access) -> Arc<dyn Source> {
        self.source_with(access, None)
    }

    /// One whose events come into that mailbox.
    fn source_with(&self, access: Access, mailbox: Option<Mailbox>) -> Arc<dyn Source> {
        let vendor = Vendor::Nimbus(NimbusSettings {
            address_books: None,
            base_url: format!("http://{}/", self.address).parse().unwrap(),
            services: None,
            token: SecretSource::Literal("canary".into()),
            entra: None,
            poll: Duration::from_secs(60),
            task_events: BTreeMap::new(),
            lost_track: Duration::from_secs(4 * 3_600),
            triggers: mailbox.is_some().then(|| settings().triggers.unwrap()),
            mailbox,
            clock: Default::default(),
        });
        let common = Common {
            transport: Transport::default(),
            idle: Duration::from_secs(40),
            stale_after: None,
        };
        make(&Settings { name: SourceName::new("nimbus"), common, vendor }, access).unwrap()
    }

    pub async fn carry_out(&self, request: Request) -> Outcome {
        self.source(Access::Full).execute(command(request)).await
    }
}

pub fn command(request: Request) -> Command {
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

pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub fn wish(fields: &[(Field, Value)]) -> Wish {
    let mut wish = Wish::default();
    for (field, value) in fields {
        wish.set(*field, value.clone());
    }
    wish
}

fn edit(of: &[(Field, Value)], was: &[(Field, Value)]) -> Request {
    Request::EditEntry { entry: "e1".into(), wish: wish(of), was: wish(was) }
}

pub fn detail(outcome: &Outcome) -> String {
    outcome.detail().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn every_operation_is_used_or_left_alone_for_a_reason() {
    let all = operations();
    assert_eq!(all.len(), 28);
    let unused: Vec<(&str, &str)> =
        all.iter().filter_map(|own| Some((own.id.as_str(), own.unused.as_deref()?))).collect();
    assert!(unused.iter().all(|(_, why)| why.len() > 10));
    let unused: Vec<&str> = unused.into_iter().map(|(id, _)| id).collect();
    assert_eq!(unused, ["GetTaskDirections", "GetTaskModalities", "ClearContacts"]);
}

#[tokio::test]
async fn everything_that_is_asked_is_documented() {
    let vendor = Vendored::start().await;
    let folder = tempfile::tempdir().unwrap();
    let address = format!("http://{}/hook", vendor.address);
    let mailbox = Mailbox::open(&SourceName::new("nimbus"), &address, folder.path()).unwrap();
    let source = vendor.source_with(Access::Full, Some(mailbox.clone()));
    let (sender, mut facts) = mpsc::channel(1_024);
    tokio::spawn(async move { while facts.recv().await.is_some() {} });
    let stop = CancellationToken::new();
    let line = Line {
        outbox: Outbox::new(SourceName::new("nimbus"), sender),
        stop: stop.clone(),
        wake: Default::default(),
        beat: Some(Default::default()),
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
    ]
    .into_iter()
    .chain(asked_of_tasks())
    .chain(asked_of_books())
    {
        assert_eq!(Arc::clone(&source).execute(command(request)).await, Outcome::Done);
    }
    Arc::clone(&source).probe().await;
    let used = || vendor.seen().iter().map(Seen::operation).collect::<BTreeSet<_>>();
    let wanted: BTreeSet<String> =
        operations().into_iter().filter(|own| own.unused.is_none()).map(|own| own.id).collect();
    let polled = async {
        while mailbox.triggers().len() < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Arc::clone(&source).part().await;
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
async fn an_entry_is_found_in_another_form_of_its_guid_and_written_under_its_own() {
    let vendor = Vendored::start().await;
    let mut entry = listed();
    entry["schedulerEntryId"] = json!("{7D0C2F44-5A11-4F0E-9D36-0C5E3A9BC001}");
    vendor.says("/v1/scheduler-entries", 200, json!({ "value": entry }));
    let request = Request::EditEntry {
        entry: "7d0c2f445a114f0e9d360c5e3a9bc001".into(),
        wish: wish(&[(Field::Reference, text("C-9"))]),
        was: wish(&[]),
    };
    assert_eq!(vendor.carry_out(request).await, Outcome::Done);
    let written = &vendor.seen()[1];
    let path = "/v1/scheduler-entries/%7B7D0C2F44-5A11-4F0E-9D36-0C5E3A9BC001%7D";
    assert_eq!((written.method.as_str(), written.target.as_str()), ("PUT", path));
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
    ]
    .into_iter()
    .chain(asked_of_tasks())
    .chain(asked_of_books())
    {
        let outcome = vendor.source(Access::ReadOnly).execute(command(request)).await;
        assert_eq!(outcome.word(), "failed", "{outcome:?}");
    }
    assert!(vendor.seen().iter().all(|seen| seen.method == "GET"));
}
