//! Tickets: one that opens everything and makes others, and those that were made.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};

use super::checks::{self, Parameters, malformed};
use super::{Answer, Refusal, Shared, TICKET, user_position};
use crate::clock;
use crate::floor::time::Moment;

/// Characters that a ticket's name may have.
const NAME_LIMIT: usize = 64;

/// How long a ticket lives where nobody says, seconds.
const LIFE: u64 = 3_600;

/// The parts of the API by the first segment of their paths, with the name that a ticket has for each.
const APIS: [(&str, &str); 11] = [
    ("acd", "ACD"),
    ("distributiongroup", "DISTRIBUTION_GROUP"),
    ("queuestatistics", "QUEUE_STATISTICS"),
    ("userinfo", "USER"),
    ("userdeviceinfo", "USER"),
    ("configuration", "USER"),
    ("calls", "CALLS"),
    ("callcontrol", "CALL_CONTROL"),
    ("callrecording", "CALL_CONTROL"),
    ("callstate", "CALL_CONTROL"),
    ("contactinfo", "CONTACT_SEARCH"),
];

/// Tickets that were made, by their names.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Tickets(Mutex<BTreeMap<String, Ticket>>);

#[derive(Debug)]
struct Ticket {
    token: String,
    apis: Vec<String>,
    ends: Moment,
}

/// What a ticket may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opens {
    Nothing,
    /// Other parts than the one that is asked for.
    SomethingElse,
    /// The part that is asked for.
    This,
}

impl Tickets {
    /// Whether a ticket opens a path.
    pub(super) fn open(&self, given: Option<&str>, path: &str) -> Opens {
        if given == Some(TICKET) {
            return Opens::This;
        }
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::moment();
        let own = made.values().find(|own| Some(own.token.as_str()) == given && own.ends > now);
        let Some(own) = own else { return Opens::Nothing };
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let wanted = APIS.iter().find(|(part, _)| *part == first).map(|(_, api)| *api);
        match wanted {
            Some(api) if own.apis.iter().any(|own| own == api) => Opens::This,
            _ => Opens::SomethingElse,
        }
    }
}

pub(super) async fn create(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer<Value> {
    user_position(&site.centre(), &domain, &user)?;
    let query = Parameters::new(query);
    let apis: Vec<String> = query.all("api").map(str::to_owned).collect();
    if apis.is_empty() {
        return Err(malformed("api", ""));
    }
    for api in &apis {
        let known = APIS.iter().any(|(_, own)| own == api);
        known.then_some(()).ok_or_else(|| malformed("api", api))?;
    }
    let platform = query.one("platform").unwrap_or_default();
    checks::word("platform", platform, &["android", "iphone", "other"])?;
    if platform != "other" && query.one("ver").is_none() {
        return Err(malformed("ver", ""));
    }
    let name = match query.one("name") {
        Some(name) if name.chars().count() > NAME_LIMIT => return Err(malformed("name", name)),
        Some(name) => name.to_owned(),
        None => apis.join("_").chars().take(NAME_LIMIT).collect(),
    };
    let life = match query.number("expires")? {
        Some(life) => i32::try_from(life)
            .ok()
            .and_then(|life| u64::try_from(life).ok())
            .ok_or_else(|| malformed("expires", ""))?,
        None => LIFE,
    };
    let token = format!("2343.{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
    let ends = clock::moment().after(Duration::from_secs(life));
    let expires =
        clock::wall() + TimeDelta::seconds(i64::try_from(life).unwrap_or(i64::MAX / 1_000));
    let answer = json!({
        "expires": expires.to_rfc3339_opts(SecondsFormat::Millis, false),
        "name": name,
        "token": token,
        "allowedApis": apis,
    });
    let ticket = Ticket { token, apis, ends };
    site.tickets().0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, ticket);
    Ok(Json(answer))
}

/// Deletes a ticket by its name.
pub(super) async fn delete(
    State(site): Shared,
    Path((domain, user, name)): Path<(String, String, String)>,
) -> Result<&'static str, Refusal> {
    user_position(&site.centre(), &domain, &user)?;
    let found = site.tickets().0.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
    match found {
        Some(_) => Ok("The ticket is deleted"),
        None => Err(Refusal {
            status: StatusCode::NOT_FOUND,
            field: "ticketName",
            code: "ticket.does.not.exist",
            description: "There is no such ticket",
            name,
        }),
    }
}
