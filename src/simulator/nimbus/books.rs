//! One address book, with what was written into it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::shape::{self, CONTACT, IDS};
use super::{Face, Shared, THINKS, refuse};

/// The identifier of the only book.
const BOOK: &str = "book-1";

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(rename = "externalIds")]
    external_ids: Option<String>,
}

pub(super) async fn list() -> Json<Value> {
    Json(json!([{ "id": BOOK, "name": "Customers" }]))
}

fn foreign(book: &str) -> Option<Response> {
    (book != BOOK).then(|| refuse(StatusCode::FORBIDDEN, "No permission for this address book."))
}

pub(super) async fn contacts(
    State(face): Shared,
    Path(book): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    if let Some(refusal) = foreign(&book) {
        return refusal;
    }
    let wanted = asked.external_ids.unwrap_or_default();
    let wanted: Vec<&str> = wanted.split(',').filter(|id| !id.is_empty()).collect();
    let keeps = |id: &String| wanted.is_empty() || wanted.contains(&id.as_str());
    let desk = face.desk();
    let found = desk.contacts.iter().filter(|(id, _)| keeps(id));
    Json(found.map(|(_, contact)| contact.clone()).collect::<Vec<_>>()).into_response()
}

fn write(face: &Face, book: &str, body: &[u8], known: bool) -> Response {
    if let Some(refusal) = foreign(book) {
        return refusal;
    }
    let contact = match shape::read(body, &CONTACT) {
        Ok(contact) => contact,
        Err(refusal) => return *refusal,
    };
    let id = contact["externalId"].as_str().unwrap_or_default().to_owned();
    if id.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "externalId is required.");
    }
    let mut desk = face.desk();
    match desk.contacts.contains_key(&id) == known {
        true => {
            desk.contacts.insert(id, contact.clone());
            Json(contact).into_response()
        }
        false if known => refuse(StatusCode::NOT_FOUND, "There is no such contact."),
        false => refuse(StatusCode::BAD_REQUEST, "There is such a contact."),
    }
}

pub(super) async fn add(State(face): Shared, Path(book): Path<String>, body: Bytes) -> Response {
    tokio::time::sleep(THINKS).await;
    write(&face, &book, &body, false)
}

pub(super) async fn update(State(face): Shared, Path(book): Path<String>, body: Bytes) -> Response {
    tokio::time::sleep(THINKS).await;
    write(&face, &book, &body, true)
}

pub(super) async fn remove(State(face): Shared, Path(book): Path<String>, body: Bytes) -> Response {
    tokio::time::sleep(THINKS).await;
    if let Some(refusal) = foreign(&book) {
        return refusal;
    }
    let ids = match shape::read(&body, &IDS) {
        Ok(ids) => ids,
        Err(refusal) => return *refusal,
    };
    let ids: Vec<&str> = ids.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut desk = face.desk();
    if !ids.is_empty() && !ids.iter().any(|id| desk.contacts.contains_key(*id)) {
        return refuse(StatusCode::NOT_FOUND, "There is no such contact.");
    }
    desk.contacts.retain(|id, _| !ids.contains(&id.as_str()));
    StatusCode::OK.into_response()
}

pub(super) async fn clear(State(face): Shared, Path(book): Path<String>) -> Response {
    tokio::time::sleep(THINKS).await;
    if let Some(refusal) = foreign(&book) {
        return refusal;
    }
    face.desk().contacts.clear();
    StatusCode::OK.into_response()
}
