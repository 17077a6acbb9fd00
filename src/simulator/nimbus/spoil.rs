//! What goes wrong with what Nimbus is asked, as tests wish it: statuses, delays, answers that are lost.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use super::{Shared, refuse};

/// How some of the next requests go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoil {
    pub method: &'static str,
    /// What their path begins with, below the base.
    pub path: &'static str,
    /// The status of the answer; `None` for the one that it has by itself.
    pub status: Option<u16>,
    /// How long the answer takes.
    pub after: Duration,
    /// Whether what was asked is done all the same.
    pub acts: bool,
    pub times: u32,
}

/// Spoils the requests that are to be spoilt.
pub(super) async fn spoil(State(face): Shared, request: Request, next: Next) -> Response {
    let wrong = {
        let mut spoils = face.site.spoils();
        let path = request.uri().path();
        let meant = |own: &&mut Spoil| {
            own.times > 0 && own.method == request.method().as_str() && path.starts_with(own.path)
        };
        spoils.iter_mut().find(meant).map(|own| {
            own.times -= 1;
            own.clone()
        })
    };
    let Some(Spoil { status, after, acts, .. }) = wrong else { return next.run(request).await };
    let answer = match acts || status.is_none() {
        true => Some(next.run(request).await),
        false => None,
    };
    tokio::time::sleep(after).await;
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    match (status, answer) {
        (None, Some(answer)) => answer,
        (status, _) => refuse(
            status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            "Something went wrong, as it was wished.",
        ),
    }
}
