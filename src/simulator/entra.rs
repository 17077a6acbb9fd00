//! The Entra stand-in: sign-in by a code that is typed elsewhere, for the simulated Nimbus alone.
//!
//! How a code fares stands in the tenant's name, so that tests need no other door; its words stand between hyphens.
//! `denied` says no, `expired` is too late, `slow` is told to slow down first, `waiting` never ends; all others are
//! signed in at the second asking. `quick` asks every second, `brief` has tokens of a few seconds, and `ended` gives
//! nothing that renews. What renews a sign-in is good once: whoever comes with it again is signed out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::site::Site;
use crate::clock;
use crate::floor::time::Moment;

/// Seconds that a code is good for.
const GOOD_FOR: u64 = 900;
/// Seconds that a token is good for.
const TOKEN: u64 = 3_600;
/// The same in a brief tenant.
const BRIEF: u64 = 4;

/// The application that may sign people in.
pub(super) const CLIENT: &str = "sim-client";
/// What it may ask for.
pub(super) const SCOPE: &str = "https://nimbus.example/access";
const PERSON: &str = "anna.visser@contoso.example";

/// Who is being signed in, and who is.
#[derive(Debug, Default)]
pub(super) struct Tenants(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    serial: u64,
    /// How often each code was asked about.
    asked: BTreeMap<String, u64>,
    /// The tokens that open something, with their ends.
    tokens: BTreeMap<String, Moment>,
    /// What renews a sign-in.
    renewals: BTreeSet<String>,
    granted: usize,
}

impl Tenants {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a token opens something now.
    pub(super) fn admit(&self, token: &str) -> bool {
        self.counts().tokens.get(token).is_some_and(|end| clock::moment() < *end)
    }

    /// How many tokens were handed out.
    pub(super) fn granted(&self) -> usize {
        self.counts().granted
    }

    /// No token of before opens anything any more; whoever is signed in gets another.
    pub(super) fn revoke(&self) {
        self.counts().tokens.clear();
    }

    /// Nobody is signed in any more.
    pub(super) fn end(&self) {
        let mut counts = self.counts();
        counts.tokens.clear();
        counts.renewals.clear();
    }
}

type Shared = State<Arc<Site>>;

pub(super) fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/devicecode", post(code))
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .with_state(site)
}

fn refuse(error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// The fields of a form (RFC 6749 appendix B).
fn fields(body: &str) -> BTreeMap<String, String> {
    let url = crate::transport::http::Url::parse(&format!("http://form/?{body}"));
    let pairs = url.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default();
    let pairs: Vec<(String, String)> = pairs;
    pairs.into_iter().collect()
}

/// Whether a word stands in a tenant's name.
fn is(tenant: &str, word: &str) -> bool {
    tenant.split('-').any(|own| own == word)
}

async fn code(State(site): Shared, Path(tenant): Path<String>, body: String) -> Response {
    let fields = fields(&body);
    if fields.get("client_id").map(String::as_str) != Some(CLIENT) {
        return refuse("unauthorized_client", "There is no such application in the tenant.");
    }
    let mut counts = site.tenants().counts();
    counts.serial += 1;
    let device = format!("device-{}", counts.serial);
    counts.asked.insert(device.clone(), 0);
    let answer = json!({
        "device_code": device,
        "user_code": format!("SIM{:06}", counts.serial),
        "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": GOOD_FOR,
        "interval": if is(&tenant, "quick") { 1 } else { 5 },
        "message": "Open the page and enter the code.",
    });
    Json(answer).into_response()
}

async fn token(State(site): Shared, Path(tenant): Path<String>, body: String) -> Response {
    let fields = fields(&body);
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if field("client_id") != CLIENT {
        return refuse("unauthorized_client", "There is no such application in the tenant.");
    }
    let mut counts = site.tenants().counts();
    match field("grant_type") {
        "urn:ietf:params:oauth:grant-type:device_code" => {
            let Some(asked) = counts.asked.get_mut(field("device_code")) else {
                return refuse("invalid_grant", "There is no such code.");
            };
            *asked += 1;
            match *asked {
                1 => refuse("authorization_pending", "The code was not entered yet."),
                _ if is(&tenant, "waiting") => {
                    refuse("authorization_pending", "The code was not entered yet.")
                }
                _ if is(&tenant, "denied") => {
                    refuse("authorization_declined", "The person declined.")
                }
                _ if is(&tenant, "expired") => refuse("expired_token", "The code has expired."),
                2 if is(&tenant, "slow") => refuse("slow_down", "Asked too often."),
                _ => {
                    counts.asked.remove(field("device_code"));
                    granted(&tenant, &mut counts)
                }
            }
        }
        "refresh_token" if counts.renewals.remove(field("refresh_token")) => {
            granted(&tenant, &mut counts)
        }
        "refresh_token" => refuse("invalid_grant", "The sign-in has expired."),
        _ => refuse("unsupported_grant_type", "There is no such grant."),
    }
}

fn granted(tenant: &str, counts: &mut Counts) -> Response {
    counts.serial += 1;
    counts.granted += 1;
    // Nobody who looks for it elsewhere finds it by chance.
    let unlike = fastrand::u64(..);
    let (access, renewal) =
        (format!("access-{unlike:016x}"), format!("renewal-{}-{unlike:016x}", counts.serial));
    let life = if is(tenant, "brief") { BRIEF } else { TOKEN };
    let end = clock::moment().after(Duration::from_secs(life));
    counts.tokens.insert(access.clone(), end);
    if !is(tenant, "ended") {
        counts.renewals.insert(renewal.clone());
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let (head, claims) = (json!({ "alg": "none" }), json!({ "preferred_username": PERSON }));
    let answer: Value = json!({
        "token_type": "Bearer",
        "access_token": access,
        "refresh_token": renewal,
        "id_token": format!("{}.{}.", part(&head), part(&claims)),
        "expires_in": life,
        "scope": SCOPE,
    });
    Json(answer).into_response()
}
