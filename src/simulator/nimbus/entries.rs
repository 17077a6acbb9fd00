//! Scheduler entries: listed, planned, changed and removed.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::DateTime;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::shape::{self, ENTRY};
use super::{Face, Shared, THINKS, refuse};
use crate::simulator::centre::{Entry, EntryState, Plan, Removal};
use crate::simulator::site::{self, Site};

/// Fields that the floor keeps itself; all others are kept as they came.
const OWN: [&str; 9] = [
    "destination",
    "serviceUpn",
    "dueDateTimeUtc",
    "ReferenceId",
    "distributionPriority",
    "maxAttempts",
    "attemptTimeoutInSeconds",
    "maxQueueTimeInSeconds",
    "ronaTimeoutInSeconds",
];

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(rename = "serviceUpn")]
    service_upn: Option<String>,
}

/// The position and the name of a service.
fn service(site: &Site, upn: &str) -> Option<(usize, String)> {
    let centre = site.centre();
    let mut services = centre.services().iter().enumerate();
    let found = services.find(|(_, known)| known.upn().eq_ignore_ascii_case(upn));
    found.map(|(position, known)| (position, known.upn().to_owned()))
}

pub(super) async fn list(State(face): Shared, Query(asked): Query<Asked>) -> Response {
    let Some(upn) = asked.service_upn else {
        return refuse(StatusCode::BAD_REQUEST, "serviceUpn is required.");
    };
    let Some((service, upn)) = service(&face.site, &upn) else {
        return refuse(StatusCode::FORBIDDEN, "No permission for this service.");
    };
    let entries: Vec<Entry> = {
        let centre = face.site.centre();
        centre.entries().filter(|entry| entry.service == service).cloned().collect()
    };
    site::answer(move || entries.iter().map(|entry| whole(&face, &upn, entry)).collect::<Vec<_>>())
        .await
}

/// One entry in the vendor's form, with what else was written to it.
fn whole(face: &Face, upn: &str, entry: &Entry) -> Value {
    let mut value = listed(&face.site, upn, entry);
    if let (Some(fields), Some(more)) = (value.as_object_mut(), face.desk().more.get(&entry.id)) {
        fields.extend(more.clone());
    }
    value
}

/// One entry in the vendor's form; what does not apply is left out.
pub(super) fn listed(site: &Site, upn: &str, entry: &Entry) -> Value {
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
        if let Some((first, last, company)) = entry.customer {
            let customer = json!({
                "firstName": first,
                "lastName": last,
                "displayName": format!("{first} {last}"),
                "company": company,
            });
            fields.insert("customer".to_owned(), customer);
        }
    }
    value
}

/// Whether a destination is a number of E.164.
fn is_number(destination: &str) -> bool {
    destination.strip_prefix('+').is_some_and(|digits| {
        (4..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

/// What a body plans, and what of it the floor does not keep.
fn plan(face: &Face, body: &Value) -> Result<(Plan, String, Map<String, Value>), &'static str> {
    // Its shape was looked at: what is there is of its type.
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let number = |name: &str, standard: u32| {
        body[name].as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or(standard)
    };
    let (service, upn) =
        service(&face.site, text("serviceUpn")).ok_or("The service cannot make outbound calls.")?;
    let destination = text("destination");
    match destination.split_once('@') {
        Some((user, domain)) => {
            if user.is_empty() || domain.is_empty() || domain.contains('@') {
                return Err("The destination is neither a phone number nor a user.");
            }
            if !upn.to_lowercase().ends_with(&format!("@{}", domain.to_lowercase())) {
                return Err("Federated destinations are not supported.");
            }
        }
        None if !is_number(destination) => {
            return Err("The destination is neither a phone number nor a user.");
        }
        None if face.site.centre().services()[service].number().is_none() => {
            return Err("The service has no phone number, so it calls users alone.");
        }
        None => {}
    }
    let due = DateTime::parse_from_rfc3339(text("dueDateTimeUtc"));
    let due = due.map_err(|_| "dueDateTimeUtc is no date-time.")?;
    let priority = body["distributionPriority"].as_str().unwrap_or("Normal").to_owned();
    let plan = Plan {
        service,
        destination: destination.to_owned(),
        reference: text("ReferenceId").to_owned(),
        priority,
        max_attempts: number("maxAttempts", 1),
        attempt_timeout: number("attemptTimeoutInSeconds", 3_600),
        max_queue_time: number("maxQueueTimeInSeconds", 300),
        rona_timeout: number("ronaTimeoutInSeconds", 20),
        due: face.site.time(due.to_utc()),
    };
    let fields = body.as_object().into_iter().flatten();
    let more = fields.filter(|(name, _)| !OWN.contains(&name.as_str()));
    let more = more.map(|(name, value)| (name.clone(), value.clone())).collect();
    Ok((plan, upn, more))
}

/// The same of the bytes of a body.
fn planned(face: &Face, body: &[u8]) -> Result<(Plan, String, Map<String, Value>), Box<Response>> {
    let body = shape::read(body, &ENTRY)?;
    plan(face, &body).map_err(|why| Box::new(refuse(StatusCode::BAD_REQUEST, why)))
}

pub(super) async fn add(State(face): Shared, body: Bytes) -> Response {
    tokio::time::sleep(THINKS).await;
    match planned(&face, &body) {
        Err(refusal) => *refusal,
        Ok((plan, upn, more)) => {
            let entry = face.site.centre().plan_call(plan);
            written(&face, &upn, &entry, more)
        }
    }
}

pub(super) async fn change(State(face): Shared, Path(id): Path<String>, body: Bytes) -> Response {
    tokio::time::sleep(THINKS).await;
    let (plan, upn, more) = match planned(&face, &body) {
        Err(refusal) => return *refusal,
        Ok(planned) => planned,
    };
    let changed = face.site.centre().change_entry(&id, plan);
    match changed {
        Ok(entry) => written(&face, &upn, &entry, more),
        Err(why) => stays(why),
    }
}

fn written(face: &Face, upn: &str, entry: &Entry, more: Map<String, Value>) -> Response {
    face.desk().more.insert(entry.id.clone(), more);
    face.site.announce();
    Json(whole(face, upn, entry)).into_response()
}

fn stays(why: Removal) -> Response {
    match why {
        Removal::Removed => StatusCode::OK.into_response(),
        Removal::Unknown => refuse(StatusCode::NOT_FOUND, "There is no such entry."),
        Removal::InProgress => refuse(StatusCode::BAD_REQUEST, "The entry is in progress."),
        Removal::Ended => refuse(StatusCode::BAD_REQUEST, "The entry has ended."),
    }
}

pub(super) async fn remove(State(face): Shared, Path(id): Path<String>) -> Response {
    tokio::time::sleep(THINKS).await;
    let removal = face.site.centre().remove_entry(&id);
    if removal == Removal::Removed {
        face.site.announce();
    }
    stays(removal)
}
