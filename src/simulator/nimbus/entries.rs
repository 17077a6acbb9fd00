//! Scheduler entries: listed, planned, changed and removed.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::DateTime;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Face, Shared, THINKS, refuse};
use crate::simulator::centre::{Entry, EntryState, Plan, Removal};
use crate::simulator::site::{self, Site};

/// Fields that the floor keeps itself; all others are kept as they came.
const OWN: [&str; 8] = [
    "destination",
    "serviceUpn",
    "dueDateTimeUtc",
    "ReferenceId",
    "distributionPriority",
    "maxAttempts",
    "attemptTimeoutInSeconds",
    "maxQueueTimeInSeconds",
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

/// What a body plans, and what of it the floor does not keep.
fn plan(face: &Face, body: &Value) -> Result<(Plan, String, Map<String, Value>), String> {
    let fields = body.as_object().ok_or("The body is no object.")?;
    let text = |name: &str| match fields.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{name} is no string.")),
    };
    let needed = |name: &str| text(name)?.ok_or_else(|| format!("{name} is required."));
    let number = |name: &str, least: u32, most: u32, standard: u32| match fields.get(name) {
        None => Ok(standard),
        Some(value) => value
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| format!("{name} must be between {least} and {most}.")),
    };
    let upn = needed("serviceUpn")?;
    let (service, upn) =
        service(&face.site, &upn).ok_or("The service cannot make outbound calls.")?;
    let destination = needed("destination")?;
    match destination.split_once('@') {
        Some((_, domain)) if !upn.to_lowercase().ends_with(&domain.to_lowercase()) => {
            return Err("Federated destinations are not supported.".to_owned());
        }
        None if !destination.starts_with('+') => {
            return Err("The destination is neither a phone number nor a user.".to_owned());
        }
        _ => {}
    }
    let due = needed("dueDateTimeUtc")?;
    let due = DateTime::parse_from_rfc3339(&due).map_err(|_| "dueDateTimeUtc is no date-time.")?;
    let priority = text("distributionPriority")?.unwrap_or_else(|| "Normal".to_owned());
    if !["Low", "Normal", "High"].contains(&priority.as_str()) {
        return Err("There is no such distributionPriority.".to_owned());
    }
    let plan = Plan {
        service,
        destination,
        reference: text("ReferenceId")?.unwrap_or_default(),
        priority,
        max_attempts: number("maxAttempts", 1, 10, 1)?,
        attempt_timeout: number("attemptTimeoutInSeconds", 30, 86_400, 3_600)?,
        max_queue_time: number("maxQueueTimeInSeconds", 5, 3_600, 300)?,
        rona_timeout: number("ronaTimeoutInSeconds", 5, 30, 20)?,
        due: face.site.time(due.to_utc()),
    };
    let more = fields.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
    let more = more.filter(|(name, _)| *name != "ronaTimeoutInSeconds");
    let more = more.map(|(name, value)| (name.clone(), value.clone())).collect();
    Ok((plan, upn, more))
}

pub(super) async fn add(State(face): Shared, Json(body): Json<Value>) -> Response {
    tokio::time::sleep(THINKS).await;
    match plan(&face, &body) {
        Err(why) => refuse(StatusCode::BAD_REQUEST, &why),
        Ok((plan, upn, more)) => {
            let entry = face.site.centre().plan_call(plan);
            written(&face, &upn, &entry, more)
        }
    }
}

pub(super) async fn change(
    State(face): Shared,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    tokio::time::sleep(THINKS).await;
    let (plan, upn, more) = match plan(&face, &body) {
        Err(why) => return refuse(StatusCode::BAD_REQUEST, &why),
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
