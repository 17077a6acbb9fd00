//! The Nimbus face: scheduler entries of the outbound services, within the vendor's quota.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Path, Query, Request, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::centre::{Entry, EntryState, Removal};
use super::site::{self, Site};
use crate::clock;
use crate::floor::time::Moment;

pub(super) mod triggers;

/// The token of the one connection.
pub(super) const TOKEN: &str = "sim-token";
/// Calls that the connection may make within [`WINDOW`].
const QUOTA: usize = 100;
/// The time over which calls are counted, in real time.
const WINDOW: Duration = Duration::from_mins(1);

type Shared = State<Arc<Site>>;

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

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(rename = "serviceUpn")]
    service_upn: Option<String>,
}

pub(super) fn router(site: Arc<Site>) -> Router {
    let quota = Arc::new(Quota::default());
    Router::new()
        .route("/v1/diagnostics/testconnection", get(test_connection))
        .route("/v1/scheduler-entries", get(entries))
        .route("/v1/scheduler-entries/service-contacts", get(services))
        .route("/v1/scheduler-entries/events", get(events))
        .route("/v1/scheduler-entries/distribution-priorities", get(priorities))
        .route("/v1/scheduler-entries/{id}", delete(remove))
        .merge(triggers::router())
        .fallback(nothing)
        .layer(middleware::from_fn_with_state(Arc::clone(&site), triggers::allow))
        .layer(middleware::from_fn_with_state(quota, admit))
        .with_state(site)
}

pub(super) fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

async fn nothing() -> Response {
    refuse(StatusCode::NOT_FOUND, "There is no such resource.")
}

async fn admit(
    State(quota): State<Arc<Quota>>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Response {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given.and_then(|value| value.strip_prefix("Bearer ")) != Some(TOKEN) {
        let refusal = refuse(StatusCode::UNAUTHORIZED, "The token cannot be read.");
        return ([(WWW_AUTHENTICATE, "Bearer")], refusal).into_response();
    }
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

async fn services(State(site): Shared) -> Json<Vec<String>> {
    Json(site.centre().services().iter().map(|service| service.upn().to_owned()).collect())
}

async fn events() -> Json<Value> {
    Json(json!([
        { "name": "Entry scheduled", "value": "Scheduled" },
        { "name": "Entry in progress", "value": "InProgress" },
        { "name": "Entry completed", "value": "Completed" },
    ]))
}

async fn priorities() -> Json<Value> {
    Json(json!([
        { "name": "Low priority", "value": "Low" },
        { "name": "Normal priority", "value": "Normal" },
        { "name": "High priority", "value": "High" },
    ]))
}

async fn entries(State(site): Shared, Query(asked): Query<Asked>) -> Response {
    let Some(upn) = asked.service_upn else {
        return refuse(StatusCode::BAD_REQUEST, "serviceUpn is required.");
    };
    let found = {
        let centre = site.centre();
        let mut services = centre.services().iter().enumerate();
        services.find(|(_, known)| known.upn().eq_ignore_ascii_case(&upn)).map(
            |(service, known)| {
                let entries = centre.entries().filter(|entry| entry.service == service);
                (known.upn().to_owned(), entries.cloned().collect::<Vec<_>>())
            },
        )
    };
    let Some((upn, entries)) = found else {
        return refuse(StatusCode::FORBIDDEN, "No permission for this service.");
    };
    site::answer(move || entries.iter().map(|entry| listed(&site, &upn, entry)).collect::<Vec<_>>())
        .await
}

/// One entry in the vendor's form; what does not apply is left out.
pub(super) fn listed(site: &Site, upn: &str, entry: &Entry) -> Value {
    let (first, last, company) = entry.customer;
    let mut value = json!({
        "schedulerEntryId": entry.id,
        "direction": "Outbound",
        "modality": "Audio",
        "ReferenceId": entry.reference,
        "destination": entry.destination,
        "distributionPriority": entry.priority,
        "dueDateTimeUtc": site.calendar(entry.due),
        "serviceUpn": upn,
        "maxAttempts": entry.max_attempts,
        "attemptTimeoutInSeconds": entry.attempt_timeout,
        "maxQueueTimeInSeconds": entry.max_queue_time,
        "ronaTimeoutInSeconds": entry.rona_timeout,
        "customCallContextParameters": [],
        "customer": {
            "firstName": first,
            "lastName": last,
            "displayName": format!("{first} {last}"),
            "company": company,
        },
    });
    let (event, more) = match &entry.state {
        EntryState::Scheduled => ("Scheduled", None),
        EntryState::InProgress { conversation } => {
            ("InProgress", Some(("unifiedConversationId", json!(conversation))))
        }
        EntryState::Ended { reason } => ("Completed", Some(("completionReason", json!(reason)))),
    };
    if let Some(fields) = value.as_object_mut() {
        fields.insert("event".to_owned(), json!(event));
        fields.extend(more.map(|(name, field)| (name.to_owned(), field)));
    }
    value
}

async fn remove(State(site): Shared, Path(id): Path<String>) -> Response {
    let removal = site.centre().remove_entry(&id);
    match removal {
        Removal::Removed => {
            site.announce();
            StatusCode::OK.into_response()
        }
        Removal::Unknown => refuse(StatusCode::NOT_FOUND, "There is no such entry."),
        Removal::InProgress => refuse(StatusCode::BAD_REQUEST, "The entry is in progress."),
        Removal::Ended => refuse(StatusCode::BAD_REQUEST, "The entry has ended."),
    }
}
