//! What people say of themselves, and the site's words for it.
//!
//! Whoever is at work may be changed; nobody is called back to work by it.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::DateTime;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Refusal, Shared, checks, user_position};
use crate::simulator::centre::{AgentState, Centre, Said};
use crate::simulator::site::Site;

/// The site's activities: ids, names, and whether one can be reached in them.
const ACTIVITIES: [(&str, &str, bool); 6] = [
    ("available", "Available", true),
    ("lunch", "Lunch", false),
    ("meeting", "Meeting", false),
    ("break", "Break", false),
    ("remote", "Working remotely", true),
    ("off", "Off work", false),
];

const ROLES: [(&str, &str); 3] =
    [("business", "Business"), ("private", "Private"), ("1400593658949", "Support")];

/// What shall be said; what is left out stays.
#[derive(Debug, Deserialize)]
pub(super) struct Wish {
    role: Option<String>,
    note: Option<String>,
    activity: Option<Activity>,
}

#[derive(Debug, Deserialize)]
struct Activity {
    id: String,
    expiration: Option<String>,
    #[expect(dead_code, reason = "only its type is checked")]
    available: Option<bool>,
}

pub(super) async fn activities(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
) -> Answer<Value> {
    user_position(&site.centre(), &domain, &user)?;
    let all = ACTIVITIES.map(|(id, name, available)| {
        let default = id == "available";
        json!({ "id": id, "name": name, "available": available, "default": default, "stateName": name })
    });
    Ok(Json(json!({ "activity": all })))
}

pub(super) async fn roles(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
) -> Answer<Value> {
    user_position(&site.centre(), &domain, &user)?;
    let all = ROLES.map(|(id, name)| json!({ "id": id, "name": name, "stateName": name }));
    Ok(Json(json!({ "role": all })))
}

pub(super) async fn get(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
) -> Answer<Value> {
    let centre = site.centre();
    let position = user_position(&centre, &domain, &user)?;
    Ok(Json(shown(&site, &centre, position)))
}

pub(super) async fn put(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
    bytes: Bytes,
) -> Answer<Value> {
    let Wish { role, note, activity } = checks::body(&bytes)?;
    let refuse = |field: &'static str, code: &'static str, name: &str| Refusal {
        status: StatusCode::BAD_REQUEST,
        field,
        code,
        description: "There is no such word, or it is too long",
        name: name.to_owned(),
    };
    let mut centre = site.centre();
    let position = user_position(&centre, &domain, &user)?;
    let mut said = centre.said(position);
    // What may not be changed stays, and the answer shows it.
    let may = may(&centre, position);
    if let Some(activity) = activity.filter(|_| may) {
        if !ACTIVITIES.iter().any(|(id, ..)| *id == activity.id) {
            return Err(refuse("activity", "activity.does.not.exist", &activity.id));
        }
        // In an object the constant is in capitals.
        let ends = activity.expiration.filter(|text| text != "NEVER");
        said.until = ends
            .map(|text| {
                let time = DateTime::parse_from_rfc3339(&text).map(|time| time.to_utc());
                time.map_err(|_| refuse("expiration", "time.not.valid", &text))
            })
            .transpose()?
            .map(|until| site.time(until));
        said.activity = Some(activity.id);
    }
    if let Some(role) = role.filter(|_| may) {
        if !ROLES.iter().any(|(id, _)| *id == role) {
            return Err(refuse("role", "role.does.not.exist", &role));
        }
        said.role = Some(role);
    }
    if let Some(note) = note.filter(|_| may) {
        if note.chars().count() > 250 {
            return Err(refuse("note", "note.too.long", ""));
        }
        said.note = (!note.is_empty()).then_some(note);
    }
    centre.say(position, said);
    let answer = shown(&site, &centre, position);
    drop(centre);
    site.announce();
    Ok(Json(answer))
}

fn may(centre: &Centre, position: usize) -> bool {
    let off = |agent: &crate::simulator::centre::Agent| agent.state() == AgentState::Off;
    super::is_supervisor(centre, position) || !centre.agents().get(position).is_some_and(off)
}

fn shown(site: &Arc<Site>, centre: &Centre, position: usize) -> Value {
    let Said { activity, until, role, note } = centre.said(position);
    let id = activity.unwrap_or_default();
    let available = ACTIVITIES.iter().any(|(own, _, available)| *own == id && *available);
    let access = if may(centre, position) { "WRITE" } else { "NONE" };
    let ends = until.map_or_else(|| "NEVER".to_owned(), |until| site.calendar(until));
    let mut shown = json!({
        "activity": { "id": id, "expiration": ends, "available": available },
        "idle": false,
        "available": available,
        "capabilities": ["MESSAGE"],
        "futurePresenceAccess": "NONE",
        "activityAccess": access,
        "roleAccess": access,
        "noteAccess": access,
    });
    for (name, value) in [("role", role), ("note", note)] {
        if let Some(value) = value {
            shown[name] = json!(value);
        }
    }
    shown
}
