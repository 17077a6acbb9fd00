//! The Entra stand-in: sign-in by a code that is typed elsewhere, for the simulated Nimbus alone.
//!
//! How a code fares stands in the tenant's name, so that tests need no other door: `common` is signed in at the second
//! asking, `slow` is told to slow down first, `denied` says no, `expired` is too late, `ended` gives nothing that renews.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::nimbus;

/// Seconds that a code is good for.
const GOOD_FOR: u64 = 900;
/// Seconds that a token is good for: of tenants whose name says so, less.
const TOKEN: u64 = 3_600;

/// The application that may sign people in.
pub(super) const CLIENT: &str = "sim-client";

#[derive(Debug, Default)]
struct Tenants(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    serial: u64,
    /// How often each code was asked about.
    asked: BTreeMap<String, u64>,
}

type Shared = State<Arc<Tenants>>;

pub(super) fn router() -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/devicecode", post(code))
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .with_state(Arc::new(Tenants::default()))
}

fn refuse(error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// The fields of a form (RFC 6749 appendix B).
fn fields(body: &str) -> BTreeMap<String, String> {
    let url = crate::source::http::Url::parse(&format!("http://form/?{body}"));
    let pairs = url.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default();
    let pairs: Vec<(String, String)> = pairs;
    pairs.into_iter().collect()
}

async fn code(State(tenants): Shared, body: String) -> Response {
    let fields = fields(&body);
    if fields.get("client_id").map(String::as_str) != Some(CLIENT) {
        return refuse("unauthorized_client", "There is no such application in the tenant.");
    }
    let mut counts = tenants.0.lock().unwrap_or_else(PoisonError::into_inner);
    counts.serial += 1;
    let device = format!("device-{}", counts.serial);
    counts.asked.insert(device.clone(), 0);
    let answer = json!({
        "device_code": device,
        "user_code": format!("SIM{:05}", counts.serial),
        "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": GOOD_FOR,
        "interval": 5,
        "message": "Open the page and enter the code.",
    });
    Json(answer).into_response()
}

async fn token(State(tenants): Shared, Path(tenant): Path<String>, body: String) -> Response {
    let fields = fields(&body);
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if field("client_id") != CLIENT {
        return refuse("unauthorized_client", "There is no such application in the tenant.");
    }
    let mut counts = tenants.0.lock().unwrap_or_else(PoisonError::into_inner);
    match field("grant_type") {
        "urn:ietf:params:oauth:grant-type:device_code" => {
            let Some(asked) = counts.asked.get_mut(field("device_code")) else {
                return refuse("invalid_grant", "There is no such code.");
            };
            *asked += 1;
            match (tenant.as_str(), *asked) {
                ("denied", 2..) => refuse("authorization_declined", "The person declined."),
                ("expired", 2..) => refuse("expired_token", "The code has expired."),
                ("slow", 2) => refuse("slow_down", "Asked too often."),
                ("slow", 3..) | ("common" | "brief" | "ended", 2..) => {
                    counts.asked.remove(field("device_code"));
                    granted(&tenant, &mut counts)
                }
                _ => refuse("authorization_pending", "The code was not entered yet."),
            }
        }
        "refresh_token" if tenant != "ended" && field("refresh_token").starts_with("renewal-") => {
            granted(&tenant, &mut counts)
        }
        "refresh_token" => refuse("invalid_grant", "The sign-in has expired."),
        _ => refuse("unsupported_grant_type", "There is no such grant."),
    }
}

fn granted(tenant: &str, counts: &mut Counts) -> Response {
    counts.serial += 1;
    let answer: Value = json!({
        "token_type": "Bearer",
        "access_token": nimbus::TOKEN,
        "refresh_token": format!("renewal-{}", counts.serial),
        "expires_in": if tenant == "brief" { 1 } else { TOKEN },
        "scope": "User.Read",
    });
    Json(answer).into_response()
}
