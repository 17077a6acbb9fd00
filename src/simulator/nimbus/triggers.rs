//! Nimbus's triggers: registered, deleted, and posted to for as long as the user has the role.
//!
//! The vendor's sins are here too: what is posted twice, late and in any order, and a role that is lost without a word,
//! after which triggers are there and post nothing, even once the role is back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use fastrand::Rng;
use futures_util::StreamExt;
use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::entries::listed;
use super::shape::{self, ENTRY_TRIGGER, Shape, TASK_TRIGGER};
use super::{ENTRY_EVENTS, Face, Shared, refuse};
use crate::simulator::centre::{Entry, EntryState, Happening, Modality, Task, guid};
use crate::simulator::site::Site;
use crate::transport::http::{Url, is_loopback};

/// How often the floor is looked at for something to post.
const LOOK: Duration = Duration::from_millis(250);
const AT_ONCE: usize = 8;
/// Posts that may wait; more are lost.
const WAITING: usize = 10_000;
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What goes wrong with what Nimbus posts; nothing by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sins {
    /// The share of events that are posted twice, 0 to 1.
    pub duplicates: f64,
    /// The share of events that are never posted, 0 to 1.
    pub losses: f64,
    /// For how long an event may be held back, so that later ones overtake it.
    pub shuffle: Duration,
}

impl Sins {
    pub const NONE: Self = Self { duplicates: 0.0, losses: 0.0, shuffle: Duration::ZERO };
}

/// All triggers of the one user.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Triggers(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    rng: Rng,
    triggers: BTreeMap<String, Trigger>,
    /// Whether the user has the role.
    allowed: bool,
}

impl Default for Kept {
    fn default() -> Self {
        Self { rng: Rng::with_seed(2), triggers: BTreeMap::new(), allowed: true }
    }
}

#[derive(Debug, Clone)]
struct Trigger {
    of_tasks: bool,
    url: String,
    services: Vec<String>,
    events: Vec<String>,
    /// Whether it posts: one that lost its role never does again.
    alive: bool,
}

impl Triggers {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The user loses the role: everything is refused, and no trigger says a word.
    pub(in crate::simulator) fn lose_role(&self) {
        self.kept().allowed = false;
        self.die();
    }

    /// The user has the role again; triggers from before stay dead.
    pub(in crate::simulator) fn regain_role(&self) {
        self.kept().allowed = true;
    }

    /// The role was lost and is back, and nobody saw it.
    pub(in crate::simulator) fn die(&self) {
        self.kept().triggers.values_mut().for_each(|trigger| trigger.alive = false);
    }

    /// How many are registered, and how many of them post.
    pub(in crate::simulator) fn count(&self) -> (usize, usize) {
        let kept = self.kept();
        (kept.triggers.len(), kept.triggers.values().filter(|trigger| trigger.alive).count())
    }

    /// Where an event is posted to.
    fn wanted(&self, of_tasks: bool, service: &str, event: &str) -> Vec<String> {
        let kept = self.kept();
        let wants = |trigger: &&Trigger| {
            trigger.alive
                && trigger.of_tasks == of_tasks
                && trigger.services.iter().any(|own| own.eq_ignore_ascii_case(service))
                && trigger.events.iter().any(|own| own == event)
        };
        kept.triggers.values().filter(wants).map(|trigger| trigger.url.clone()).collect()
    }
}

/// Names and values of the events of tasks.
const TASK_EVENTS: [(Happening, &str, &str); 11] = [
    (Happening::Created, "New task", "TaskCreated"),
    (Happening::SystemAccepted, "System accepted", "SystemAccepted"),
    (Happening::Queued, "In queue", "Queued"),
    (Happening::UserConnected, "User connected", "UserConnected"),
    (Happening::Held, "On hold", "OnHold"),
    (Happening::Resumed, "Resumed from hold", "HoldResumed"),
    (Happening::Parked, "Parked", "Parked"),
    (Happening::Unparked, "Unparked", "Unparked"),
    (Happening::Updated, "Task updated", "TaskUpdated"),
    (Happening::Transferred, "Transferred", "Transferred"),
    (Happening::Terminated, "Task terminated", "TaskTerminated"),
];

pub(super) fn router() -> Router<Arc<Face>> {
    Router::new()
        .route("/v1/tasks/service-contacts", get(super::services))
        .route("/v1/tasks/events", get(events))
        .route("/v1/triggers/tasks", post(register_tasks))
        .route("/v1/triggers/tasks/{id}", delete(remove_tasks))
        .route("/v1/triggers/scheduler-entries", post(register_entries))
        .route("/v1/triggers/scheduler-entries/{id}", delete(remove_entries))
}

/// Lets nobody in who lost the role.
pub(super) async fn allow(State(face): Shared, request: Request, next: Next) -> Response {
    if !face.site.triggers().kept().allowed {
        return refuse(StatusCode::FORBIDDEN, "The account has no role that may do this.");
    }
    next.run(request).await
}

async fn events() -> Json<Value> {
    let all = TASK_EVENTS.iter().map(|(_, name, value)| json!({ "name": name, "value": value }));
    Json(all.collect())
}

async fn register_tasks(State(face): Shared, body: Bytes) -> Response {
    let known: Vec<&str> = TASK_EVENTS.iter().map(|(_, _, value)| *value).collect();
    register(&face.site, &body, (&TASK_TRIGGER, "taskEvents", &known), true)
}

async fn register_entries(State(face): Shared, body: Bytes) -> Response {
    let known: Vec<&str> = ENTRY_EVENTS.iter().map(|(_, value)| *value).collect();
    register(&face.site, &body, (&ENTRY_TRIGGER, "schedulerEntryEvents", &known), false)
}

fn register(
    site: &Site,
    body: &[u8],
    (shape, key, known): (&Shape, &str, &[&str]),
    of_tasks: bool,
) -> Response {
    let body = match shape::read(body, shape) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let config = &body["config"];
    let texts = |name: &str| -> Vec<String> {
        let list = config[name].as_array().into_iter().flatten();
        list.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let (services, events) = (texts("services"), texts(key));
    let url = config["url"].as_str().unwrap_or_default().to_owned();
    let local = Url::parse(&url).ok().filter(|url| url.scheme() == "http");
    let local = local.is_some_and(|url| url.host_str().is_some_and(is_loopback));
    let is_known = |service: &String| {
        let centre = site.centre();
        centre.services().iter().any(|own| own.upn().eq_ignore_ascii_case(service))
    };
    let sound = local
        && services.iter().all(is_known)
        && !events.is_empty()
        && events.iter().all(|event| known.contains(&event.as_str()));
    if !sound {
        return refuse(StatusCode::BAD_REQUEST, "The configuration is not valid.");
    }
    let path = if of_tasks { "/v1/triggers/tasks" } else { "/v1/triggers/scheduler-entries" };
    let mut kept = site.triggers().kept();
    let id = guid(&mut kept.rng);
    kept.triggers.insert(id.clone(), Trigger { of_tasks, url, services, events, alive: true });
    (StatusCode::CREATED, [(LOCATION, format!("{path}/{id}"))]).into_response()
}

async fn remove_tasks(State(face): Shared, Path(id): Path<String>) -> Response {
    remove(&face.site, &id, true)
}

async fn remove_entries(State(face): Shared, Path(id): Path<String>) -> Response {
    remove(&face.site, &id, false)
}

fn remove(site: &Site, id: &str, of_tasks: bool) -> Response {
    let mut kept = site.triggers().kept();
    match kept.triggers.get(id).is_some_and(|trigger| trigger.of_tasks == of_tasks) {
        true => {
            kept.triggers.remove(id);
            StatusCode::NO_CONTENT.into_response()
        }
        false => refuse(StatusCode::NOT_FOUND, "There is no such trigger."),
    }
}

/// Posts what happens until the simulator closes.
pub(in crate::simulator) fn start(site: &Arc<Site>, sins: Sins) {
    // Loopback needs no certificates, but a client wants somebody who could judge them.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let building =
        Client::builder().no_proxy().tls_certs_only([]).redirect(Policy::none()).timeout(TIMEOUT);
    let Ok(client) = building.build() else {
        tracing::warn!("nothing can be posted for Nimbus");
        return;
    };
    let (sender, posts) = mpsc::channel(WAITING);
    let closing = site.closing();
    tokio::spawn(closing.clone().run_until_cancelled_owned(watch(Arc::clone(site), sender)));
    tokio::spawn(closing.clone().run_until_cancelled_owned(send(sins, client, posts)));
}

/// One event on its way.
#[derive(Debug)]
struct Sent {
    url: String,
    body: String,
}

/// Looks for something to post.
async fn watch(site: Arc<Site>, posts: mpsc::Sender<Sent>) {
    let mut looks = tokio::time::interval(LOOK);
    // What was there before anybody looked is no news.
    let mut entries: BTreeMap<String, Entry> = listing(&site);
    loop {
        looks.tick().await;
        if site.triggers().count().1 == 0 {
            // Nobody would be told, and making the events takes time.
            site.centre().take_tasks().for_each(drop);
            entries = listing(&site);
            continue;
        }
        for Change { service, event, of_tasks, body } in changes(&site, &mut entries) {
            for url in site.triggers().wanted(of_tasks, &service, event) {
                if posts.try_send(Sent { url, body: body.to_string() }).is_err() {
                    tracing::warn!("a simulated event of Nimbus is lost");
                }
            }
        }
    }
}

/// Something that changed on the floor.
struct Change {
    service: String,
    event: &'static str,
    of_tasks: bool,
    body: Value,
}

fn listing(site: &Site) -> BTreeMap<String, Entry> {
    site.centre().entries().map(|entry| (entry.id.clone(), entry.clone())).collect()
}

fn changes(site: &Site, known: &mut BTreeMap<String, Entry>) -> Vec<Change> {
    let services: Vec<(String, String, Option<String>)> = site
        .centre()
        .services()
        .iter()
        .map(|service| {
            let number = service.number().map(str::to_owned);
            (service.upn().to_owned(), service.name().to_owned(), number)
        })
        .collect();
    let tasks: Vec<(Happening, Task)> = site.centre().take_tasks().collect();
    let now = listing(site);
    let mut changes = Vec::new();
    for (what, task) in tasks {
        let Some((upn, name, number)) = services.get(task.service) else { continue };
        let event = TASK_EVENTS.iter().find(|(own, _, _)| *own == what);
        let event = event.map_or("", |(_, _, value)| value);
        let body = told(site, (upn, name, number.as_deref()), event, &task);
        changes.push(Change { service: upn.clone(), event, of_tasks: true, body });
    }
    for entry in now.values().filter(|entry| known.get(&entry.id) != Some(*entry)) {
        let Some((upn, _, _)) = services.get(entry.service) else { continue };
        let event = match entry.state {
            EntryState::Scheduled => "Scheduled",
            EntryState::InProgress { .. } => "InProgress",
            EntryState::Ended { .. } => "Completed",
        };
        let mut body = listed(site, upn, entry);
        if let Some(fields) = body.as_object_mut() {
            fields.insert("attempts".to_owned(), json!(entry.attempts));
        }
        changes.push(Change { service: upn.clone(), event, of_tasks: false, body });
    }
    *known = now;
    changes
}

/// One event of a task in the vendor's form; what does not apply is left out.
fn told(
    site: &Site,
    (upn, name, number): (&str, &str, Option<&str>),
    event: &str,
    task: &Task,
) -> Value {
    let modality = match task.modality {
        Modality::Audio => "Audio",
        Modality::Chat => "InstantMessaging",
        Modality::Email => "Email",
        Modality::External => "ExternalTask",
    };
    let customer = task
        .customer
        .map(|(name, company)| json!({ "customer": { "displayName": name, "company": company } }))
        .or_else(|| {
            let name = task.written.name.as_ref()?;
            Some(json!({ "customer": { "displayName": name } }))
        });
    let (name_of, value) = match &task.written.parameter {
        Some((name, value)) => (name.as_str(), value.as_str()),
        None => ("Topic", "delivery"),
    };
    let text = |modality| task.text.filter(|_| task.modality == modality);
    let updated = event == "TaskUpdated";
    let all = [
        ("taskId", Some(json!(task.id))),
        ("callChainId", Some(json!(task.chain))),
        ("event", Some(json!(event))),
        ("direction", Some(json!("Inbound"))),
        ("modality", Some(json!(modality))),
        ("created", Some(json!(site.calendar(task.created)))),
        ("terminated", task.terminated.map(|at| json!(site.calendar(at)))),
        ("isAnonymous", Some(json!(task.customer.is_none()))),
        ("callerTelNumber", task.number.as_ref().map(|number| json!(number))),
        ("LastConnectedUserUPN", task.agent.as_ref().map(|agent| json!(agent))),
        ("LastConnectedUserEmail", task.agent.as_ref().map(|agent| json!(agent))),
        ("serviceUPN", Some(json!(upn))),
        ("serviceName", Some(json!(name))),
        ("serviceDisplayName", Some(json!(name))),
        ("serviceTelNumber", number.map(|number| json!(number))),
        ("customerIdentifier", task.written.identifier.as_ref().map(|own| json!(own))),
        ("initialMessage", text(Modality::Chat).map(|text| json!(text))),
        ("emailSubject", text(Modality::Email).map(|text| json!(text))),
        ("updatedParameterName", updated.then(|| json!(name_of))),
        ("updatedParameterValue", updated.then(|| json!(value))),
        ("taskInformation", customer),
    ];
    let all = all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(all.collect::<Map<_, _>>())
}

/// Posts events until there are no more. What nobody takes is not posted again: the vendor promises nothing.
async fn send(sins: Sins, client: Client, posts: mpsc::Receiver<Sent>) {
    let mut rng = Rng::with_seed(3);
    let stream = futures_util::stream::unfold(posts, |mut posts| async {
        posts.recv().await.map(|sent| (sent, posts))
    });
    let on_their_way = stream.map(|sent| {
        let copies = match (rng.f64() < sins.losses, rng.f64() < sins.duplicates) {
            (true, _) => 0,
            (false, true) => 2,
            (false, false) => 1,
        };
        (sent, copies, sins.shuffle.mul_f64(rng.f64()))
    });
    on_their_way
        .for_each_concurrent(AT_ONCE, |(sent, copies, held)| {
            let client = &client;
            async move {
                tokio::time::sleep(held).await;
                for _ in 0..copies {
                    let request = client.post(&sent.url).header("Content-Type", "application/json");
                    if request.body(sent.body.clone()).send().await.is_err() {
                        tracing::debug!("nobody takes a simulated event of Nimbus");
                    }
                }
            }
        })
        .await;
}
