//! The Enreach face: discovery, queues, the directory, callback lists, and webhooks.

use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::centre::{CallbackList, Centre, Figures, ListFigures, Queue};
use super::scenario::Vendor;
use super::site::Site;

/// The name of this source in the simulator's configuration.
pub const SOURCE: &str = "helsinki";
/// The name of the one API user.
pub(super) const USERNAME: &str = "wall@example.com";
/// That user's secret key.
pub(super) const SECRET_KEY: &str = "sim-secret";
/// The two together, as HTTP Basic sends them.
const CREDENTIALS: &str = "d2FsbEBleGFtcGxlLmNvbTpzaW0tc2VjcmV0";
/// The identifier of the API user.
const USER_ID: &str = "3f1c2a70-8d0b-4a58-b0f5-7f5f0e2a9c01";
/// The identifier of the organisation.
const ORGANISATION_ID: &str = "3f1c2a70-8d0b-4a58-b0f5-7f5f0e2a9c00";
/// The identifier of the directory that describes the queues.
const DIRECTORY_ID: &str = "3f1c2a70-8d0b-4a58-b0f5-7f5f0e2a9c02";
/// The identifier of a directory of people, which describes no queue.
const PEOPLE_ID: &str = "3f1c2a70-8d0b-4a58-b0f5-7f5f0e2a9c03";

pub mod webhooks;

type Shared = State<Arc<Site>>;

/// A queue as it is listed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListedQueue {
    id: String,
    name: String,
    numbers: Vec<String>,
    type_id: u32,
    status: Option<Status>,
}

/// The present state of a queue.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    #[serde(rename = "OpenStatus")]
    open: u8,
    queue_length: u64,
    max_wait_time: u64,
    ongoing_calls: u64,
    serving_agents: u64,
    free_agents: u64,
    agents_on_wrap_up: u64,
}

#[derive(Debug, Deserialize)]
struct Sought {
    user: Option<String>,
}

pub(super) fn router(site: Arc<Site>) -> Router {
    let guarded = Router::new()
        .route("/users/me", get(me))
        .route("/queues", get(queues))
        .route("/directory", get(directories))
        .route("/directory/{id}", get(directory))
        .route("/callbacklists/status", get(callback_lists))
        .fallback(nothing)
        .layer(middleware::from_fn(authorise));
    Router::new().route("/discover/api/user", get(discover)).merge(guarded).with_state(site)
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "Message": message }))).into_response()
}

async fn nothing() -> Response {
    refuse(StatusCode::NOT_FOUND, "There is no such resource.")
}

async fn authorise(headers: HeaderMap, request: Request, next: Next) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let basic = text(AUTHORIZATION.as_str()).and_then(|value| value.split_once(' '));
    if !basic
        .is_some_and(|(scheme, given)| scheme.eq_ignore_ascii_case("Basic") && given == CREDENTIALS)
    {
        let refusal = refuse(StatusCode::UNAUTHORIZED, "The user or the key is wrong.");
        return ([(WWW_AUTHENTICATE, "Basic realm=\"api\"")], refusal).into_response();
    }
    if text("x-json-serializer") != Some("2") {
        return refuse(StatusCode::BAD_REQUEST, "X-Json-Serializer must be 2.");
    }
    next.run(request).await
}

/// Where the API of a user is; an empty list for an unknown one. It asks for no credentials.
async fn discover(
    State(site): Shared,
    Query(Sought { user }): Query<Sought>,
) -> Result<Json<Value>, Response> {
    let user = user.filter(|user| !user.is_empty());
    let user = user.ok_or_else(|| refuse(StatusCode::BAD_REQUEST, "user is missing."))?;
    if !user.eq_ignore_ascii_case(USERNAME) {
        return Ok(Json(json!([])));
    }
    let address = site.address();
    Ok(Json(json!([{
        "siloName": "simulator",
        "username": USERNAME,
        "apiEndpoint": format!("http://{address}/enreach/"),
        "uiEndpoint": format!("http://{address}/enreach/"),
    }])))
}

async fn me() -> Json<Value> {
    Json(json!({ "Id": USER_ID, "UserName": USERNAME, "FirstName": "Wall", "LastName": "Board" }))
}

async fn queues(State(site): Shared) -> Json<Vec<ListedQueue>> {
    let centre = site.centre();
    let listed = centre.queues_of(Vendor::Enreach).map(|(position, queue)| ListedQueue {
        id: queue.setup.id.clone(),
        name: queue.setup.name.clone(),
        numbers: queue.setup.number.iter().cloned().collect(),
        type_id: queue.setup.type_id,
        status: status(&centre, position, queue),
    });
    Json(listed.collect())
}

fn status(centre: &Centre, position: usize, queue: &Queue) -> Option<Status> {
    if queue.setup.hide_status {
        return None;
    }
    let figures = centre.figures(position);
    Some(Status {
        open: status_code(&figures, queue.setup.uncertain),
        queue_length: figures.waiting,
        max_wait_time: figures.longest_wait,
        ongoing_calls: figures.connected,
        serving_agents: figures.logged_in,
        free_agents: figures.free,
        agents_on_wrap_up: figures.wrap_up,
    })
}

/// 1 no handler, 3 closed, 5 open; one more where a script may decide otherwise.
fn status_code(figures: &Figures, uncertain: bool) -> u8 {
    let plain = match (figures.open, figures.logged_in) {
        (false, _) => 3,
        (true, 0) => 1,
        (true, _) => 5,
    };
    plain + u8::from(uncertain)
}

async fn directories() -> Json<Value> {
    Json(json!([
        { "ID": PEOPLE_ID, "Name": "Henkilöstö" },
        { "ID": DIRECTORY_ID, "Name": "Default" },
    ]))
}

async fn directory(
    State(site): Shared,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    if !is_guid(&id) {
        return refuse(StatusCode::BAD_REQUEST, "The id is no GUID.");
    }
    for (name, value) in query {
        if ["EntryTypes", "MaxCount"].contains(&name.as_str()) && value.parse::<u32>().is_err() {
            return refuse(StatusCode::BAD_REQUEST, &format!("{name} is no number."));
        }
    }
    if id.eq_ignore_ascii_case(PEOPLE_ID) {
        return Json(json!({ "ID": PEOPLE_ID, "Name": "Henkilöstö", "Entries": [] }))
            .into_response();
    }
    if !id.eq_ignore_ascii_case(DIRECTORY_ID) {
        return refuse(StatusCode::NOT_FOUND, "There is no such directory.");
    }
    let centre = site.centre();
    let entries: Vec<Value> = centre
        .queues_of(Vendor::Enreach)
        .map(|(_, queue)| {
            let Queue { setup, .. } = queue;
            json!({ "Id": setup.id, "QueueId": setup.id, "Description": setup.name })
        })
        .collect();
    Json(json!({ "ID": DIRECTORY_ID, "Name": "Default", "Entries": entries })).into_response()
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.concat().chars().all(|c| c.is_ascii_hexdigit())
}

async fn callback_lists(State(site): Shared) -> Json<Vec<Value>> {
    let centre = site.centre();
    let lists = centre.lists().iter().enumerate();
    Json(lists.map(|(position, list)| named_status(list, &centre.list_figures(position))).collect())
}

fn named_status(list: &CallbackList, figures: &ListFigures) -> Value {
    let mut status = list_status(list, figures);
    status["Name"] = json!(list.name());
    status
}

/// The counters of a callback list, as both the API and the webhooks write them.
fn list_status(list: &CallbackList, figures: &ListFigures) -> Value {
    json!({
        "CallListId": list.id(),
        "OrganizationId": ORGANISATION_ID,
        "IsAutoAllocate": false,
        "TotalOpenRequests": figures.open,
        "TotalFreeForAllocation": figures.free,
        "TotalAssigned": figures.assigned,
        "TotalHidingNotBefore": figures.hidden,
        "NextHourRevealedNotBefore": figures.next_hour_revealed,
        "TotalOverDueDate": figures.overdue,
        "NextHourOverDueDate": figures.next_hour_overdue,
        "TotalActiveAgents": figures.agents,
        "TotalAutoAllocateAgents": 0,
        "TotalServingAgents": figures.serving,
        "TotalServingAutoAllocateAgents": 0,
        "ExpiresIn24h": figures.expires_24h,
    })
}
