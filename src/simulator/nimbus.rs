//! The Nimbus face: every operation of the connector, within the vendor's quota.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use super::centre::Centre;
use super::site::Site;
use crate::clock;
use crate::floor::time::Moment;

mod books;
mod entries;
mod shape;
pub(super) mod spoil;
mod tasks;
pub(super) mod triggers;

/// The token of the one connection.
pub(super) const TOKEN: &str = "sim-token";
/// Calls that the connection may make within [`WINDOW`].
const QUOTA: usize = 100;
/// Contacts that are there from the beginning.
const CONTACTS: usize = 200;
/// The time over which calls are counted, in real time.
const WINDOW: Duration = Duration::from_mins(1);

type Shared = State<Arc<Face>>;

/// How long a change takes until it is answered.
const THINKS: Duration = Duration::from_millis(120);

/// The floor as it is asked here.
#[derive(Debug)]
struct Face {
    site: Arc<Site>,
}

/// What others wrote that the floor has no use for, by its identifier.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// Fields of an entry that the floor does not know: customer, parameters, whatever came.
    more: BTreeMap<String, Map<String, Value>>,
    /// Tasks that were added and not removed, as they were written.
    external: BTreeMap<String, Value>,
    /// What tasks were updated with, in order.
    updates: BTreeMap<String, Vec<Value>>,
    contacts: BTreeMap<String, Value>,
}

impl Face {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.site.desk()
    }
}

impl Desk {
    /// A desk whose address book knows some of those who will be called.
    pub(super) fn new(centre: &Centre) -> Self {
        let called = centre.entries().filter_map(|entry| Some((entry, entry.customer?)));
        let contacts = called.step_by(2).take(CONTACTS).enumerate();
        let contacts = contacts.map(|(index, (entry, (first, last, company)))| {
            let id = format!("C-{:04}", index + 1);
            let contact = json!({
                "externalId": id, "firstName": first, "lastName": last,
                "displayName": format!("{first} {last}"), "company": company,
                "businessPhones": [entry.destination],
            });
            (id, contact)
        });
        Self { contacts: contacts.collect(), ..Self::default() }
    }

    /// What was written of tasks and contacts, as it was sent.
    pub(super) fn kept(&self) -> Value {
        json!({ "entries": self.more, "external": self.external, "updates": self.updates, "contacts": self.contacts })
    }
}

/// When the calls of the last minute were made; refused ones do not count.
#[derive(Debug, Default)]
struct Quota(Mutex<VecDeque<Moment>>);

impl Quota {
    /// Counts a call made now; when there have been too many, says how long to wait.
    fn take(&self, now: Moment) -> Result<(), Duration> {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while calls.front().is_some_and(|first| now.since(*first) >= WINDOW) {
            calls.pop_front();
        }
        match calls.front() {
            Some(first) if calls.len() >= QUOTA => Err(WINDOW.saturating_sub(now.since(*first))),
            _ => {
                calls.push_back(now);
                Ok(())
            }
        }
    }
}

pub(super) fn router(site: Arc<Site>) -> Router {
    let quota = Arc::new(Quota::default());
    let face = Arc::new(Face { site: Arc::clone(&site) });
    Router::new()
        .route("/v1/diagnostics/testconnection", get(test_connection))
        .route("/v1/scheduler-entries", get(entries::list).post(entries::add))
        .route("/v1/scheduler-entries/service-contacts", get(services))
        .route("/v1/scheduler-entries/events", get(events))
        .route("/v1/scheduler-entries/distribution-priorities", get(priorities))
        .route("/v1/scheduler-entries/{id}", put(entries::change).delete(entries::remove))
        .route("/v1/tasks/modalities", get(tasks::modalities))
        .route("/v1/tasks/directions", get(tasks::directions))
        .route("/v1/tasks/users-for-preferred-routing", get(tasks::users))
        .route("/v1/tasks/{id}", put(tasks::update))
        .route("/v1/ExternalTasks", post(tasks::add_external))
        .route("/v1/ExternalTasks/service-contacts", get(services))
        .route("/v1/ExternalTasks/distribution-priorities", get(priorities))
        .route("/v1/ExternalTasks/{id}", delete(tasks::remove_external))
        .route("/v2/AddressBooks", get(books::list))
        .route(
            "/v2/AddressBooks/{book}/contacts",
            get(books::contacts).post(books::add).put(books::update),
        )
        .route("/v2/AddressBooks/{book}/contacts/delete", post(books::remove))
        .route("/v2/AddressBooks/{book}/contacts/clear", post(books::clear))
        .merge(triggers::router())
        .fallback(nothing)
        .layer(middleware::from_fn_with_state(Arc::clone(&face), spoil::spoil))
        .layer(middleware::from_fn_with_state(Arc::clone(&face), triggers::allow))
        .layer(middleware::from_fn_with_state((quota, site), admit))
        .with_state(face)
}

pub(super) fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

async fn nothing() -> Response {
    refuse(StatusCode::NOT_FOUND, "There is no such resource.")
}

async fn admit(
    State((quota, site)): State<(Arc<Quota>, Arc<Site>)>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Response {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    if given != Some(TOKEN) && !given.is_some_and(|token| site.tenants().admit(token)) {
        let refusal = refuse(StatusCode::UNAUTHORIZED, "The token cannot be read.");
        return ([(WWW_AUTHENTICATE, "Bearer")], refusal).into_response();
    }
    site.calls().push(format!("{} {}", request.method(), request.uri().path()));
    match quota.take(clock::moment()) {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            let seconds = wait.as_millis().div_ceil(1_000).max(1).to_string();
            let refusal = refuse(StatusCode::TOO_MANY_REQUESTS, "Rate limit is exceeded.");
            ([(RETRY_AFTER, seconds)], refusal).into_response()
        }
    }
}

async fn test_connection() -> StatusCode {
    StatusCode::OK
}

async fn services(State(face): Shared) -> Json<Vec<String>> {
    Json(face.site.centre().services().iter().map(|service| service.upn().to_owned()).collect())
}

/// Names and values of the events of entries.
const ENTRY_EVENTS: [(&str, &str); 3] = [
    ("Entry scheduled", "Scheduled"),
    ("Entry in progress", "InProgress"),
    ("Entry completed", "Completed"),
];

async fn events() -> Json<Value> {
    Json(ENTRY_EVENTS.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect())
}

async fn priorities() -> Json<Value> {
    let priority = |value| json!({ "name": format!("{value} priority"), "value": value });
    Json(shape::PRIORITIES.map(priority).into_iter().collect())
}
