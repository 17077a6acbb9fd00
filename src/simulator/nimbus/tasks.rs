//! Tasks and external tasks.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Shared, THINKS, refuse};

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
    let domain = {
        let centre = face.site.centre();
        let upn = centre.services().first().map_or("", |service| service.upn());
        upn.split_once('@').map_or_else(|| "example.com".to_owned(), |(_, own)| own.to_owned())
    };
    Json(["alma", "bruno", "dagny"].map(|user| format!("{user}@{domain}")).to_vec())
}

/// The floor has no tasks of its own: those that were added here can be updated.
pub(super) async fn update(
    State(face): Shared,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    tokio::time::sleep(THINKS).await;
    match face.desk().external.get_mut(&id) {
        Some(task) => {
            task["taskInformation"] = body;
            StatusCode::OK.into_response()
        }
        None => refuse(StatusCode::NOT_FOUND, "There is no such task."),
    }
}

pub(super) async fn add_external(State(face): Shared, Json(body): Json<Value>) -> Response {
    tokio::time::sleep(THINKS).await;
    let upn = body["serviceUpn"].as_str().unwrap_or_default();
    let known = {
        let centre = face.site.centre();
        centre.services().iter().any(|service| service.upn().eq_ignore_ascii_case(upn))
    };
    if !known {
        return refuse(StatusCode::BAD_REQUEST, "serviceUpn is required, and of a known service.");
    }
    let preferred = body["preferredUsers"].as_array().cloned().unwrap_or_default();
    let mut desk = face.desk();
    let id = format!("task-{}", desk.next());
    let task = json!({
        "id": id,
        "modality": "ExternalTask",
        "created": face.site.calendar(face.site.centre().now()),
        "type": "ExternalTask",
        "isAnonymous": body["customerIdentifier"].as_str().is_none_or(str::is_empty),
        "serviceUPN": upn,
        "preferredUsers": preferred,
    });
    desk.external.insert(id, task.clone());
    Json(task).into_response()
}

/// A task with a preferred user goes to that user at once, and is then nobody's to remove.
pub(super) async fn remove_external(State(face): Shared, Path(id): Path<String>) -> Response {
    tokio::time::sleep(THINKS).await;
    let mut desk = face.desk();
    let Some(task) = desk.external.get(&id) else {
        return refuse(StatusCode::NOT_FOUND, "There is no such task.");
    };
    if task["preferredUsers"].as_array().is_some_and(|users| !users.is_empty()) {
        return refuse(StatusCode::BAD_REQUEST, "The task is assigned to a user.");
    }
    desk.external.remove(&id);
    StatusCode::OK.into_response()
}
