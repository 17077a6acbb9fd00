//! Tasks and external tasks.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::shape::{self, EXTERNAL, TASK};
use super::{Face, Shared, THINKS, refuse};
use crate::simulator::centre::{Leaving, Written};

fn words(all: &[(&str, &str)]) -> Json<Value> {
    all.iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect::<Value>()
        .into()
}

pub(super) async fn modalities() -> Json<Value> {
    words(&[
        ("Audio", "Audio"),
        ("Instant messaging", "InstantMessaging"),
        ("External task", "ExternalTask"),
    ])
}

pub(super) async fn directions() -> Json<Value> {
    words(&[("Inbound", "Inbound"), ("Outbound", "Outbound")])
}

pub(super) async fn users(State(face): Shared) -> Json<Vec<String>> {
    Json(people(&face))
}

/// The users who can be preferred.
fn people(face: &Face) -> Vec<String> {
    let domain = {
        let centre = face.site.centre();
        let upn = centre.services().first().map_or("", |service| service.upn());
        upn.split_once('@').map_or_else(|| "example.com".to_owned(), |(_, own)| own.to_owned())
    };
    ["alma", "bruno", "dagny"].map(|user| format!("{user}@{domain}")).to_vec()
}

/// Whether people are preferred, and none of them can be.
fn prefers_nobody(face: &Face, body: &Value) -> bool {
    let people = people(face);
    let preferred: Vec<&Value> = body["preferredUsers"].as_array().into_iter().flatten().collect();
    let known = |own: &&Value| {
        let upn = own["upn"].as_str().unwrap_or_default();
        people.iter().any(|known| known.eq_ignore_ascii_case(upn))
    };
    !preferred.is_empty() && !preferred.iter().any(known)
}

/// What is said where nobody who is preferred can be.
const NOBODY: &str = "All passed preferred users are invalid.";

/// What is changed the floor knows as far as its events tell of it; all of it is kept as it came.
pub(super) async fn update(State(face): Shared, Path(id): Path<String>, body: Bytes) -> Response {
    tokio::time::sleep(THINKS).await;
    // The body is not marked as required.
    let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
    let body = match shape::read(body, &TASK) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    if prefers_nobody(&face, &body) {
        return refuse(StatusCode::BAD_REQUEST, NOBODY);
    }
    let parameter = body["customContextParameters"].as_array().and_then(|all| all.last());
    let parameter = parameter.and_then(|own| {
        Some((own["name"].as_str()?.to_owned(), own["value"].as_str().unwrap_or_default().into()))
    });
    let written = Written { parameter, ..written(&body) };
    if !face.site.centre().update_task(&id, &written) {
        return refuse(StatusCode::NOT_FOUND, "There is no such task.");
    }
    face.site.announce();
    face.desk().updates.entry(id).or_default().push(body);
    StatusCode::OK.into_response()
}

fn written(body: &Value) -> Written {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Written {
        identifier: text(&body["customerIdentifier"]),
        name: text(&body["customer"]["displayName"]),
        parameter: None,
    }
}

pub(super) async fn add_external(State(face): Shared, body: Bytes) -> Response {
    tokio::time::sleep(THINKS).await;
    let body = match shape::read(&body, &EXTERNAL) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    if prefers_nobody(&face, &body) {
        return refuse(StatusCode::BAD_REQUEST, NOBODY);
    }
    let upn = body["serviceUpn"].as_str().unwrap_or_default();
    let known = {
        let centre = face.site.centre();
        centre.services().iter().position(|service| service.upn().eq_ignore_ascii_case(upn))
    };
    let Some(service) = known else {
        return refuse(StatusCode::BAD_REQUEST, "serviceUpn is required, and of a known service.");
    };
    let preferred = body["preferredUsers"].as_array().cloned().unwrap_or_default();
    // It goes to the first preferred user at once, and is then nobody's to remove.
    let first = preferred.iter().min_by_key(|own| own["priority"].as_u64().unwrap_or(99));
    let agent = first.and_then(|own| own["upn"].as_str()).map(str::to_owned);
    let id = face.site.centre().add_task(service, written(&body), agent);
    face.site.announce();
    let task = json!({
        "id": id,
        "modality": "ExternalTask",
        "created": face.site.calendar(face.site.centre().now()),
        "type": "ExternalTask",
        "isAnonymous": body["customerIdentifier"].as_str().is_none_or(str::is_empty),
        "serviceUPN": upn,
        "preferredUsers": preferred,
    });
    face.desk().external.insert(id, body);
    Json(task).into_response()
}

pub(super) async fn remove_external(State(face): Shared, Path(id): Path<String>) -> Response {
    tokio::time::sleep(THINKS).await;
    let leaving = face.site.centre().remove_task(&id);
    match leaving {
        Leaving::Removed => {
            face.site.announce();
            face.desk().external.remove(&id);
            StatusCode::OK.into_response()
        }
        Leaving::WithAgent => refuse(StatusCode::BAD_REQUEST, "The task is assigned to a user."),
        Leaving::NotExternal | Leaving::Unknown => {
            refuse(StatusCode::NOT_FOUND, "There is no such task.")
        }
    }
}
