//! What a relay serves to boards, scripts and monitoring, and to whom.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use futures_util::future::BoxFuture;
use futures_util::stream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::floor::portable::mask;
use crate::floor::time::Now;
use crate::operations::{Command, CommandId, Outcome};
use crate::report::openmetrics::{Own, prometheus, with_own};
use crate::source::relay::wire::{COMMANDS, EVENTS, SNAPSHOT, TABLES};
use crate::text::{Shown, json};
use crate::transport::http::json::check_depth;

use super::access::{Caller, Refusal, Scope, Tokens};
use super::board::{AGE, Board};
use super::limits;
use super::made::{Made, MadeError};
use super::server::{Claim, Peer};
use super::view::View;
use super::webhook::Receiver;

const COMMAND_LIMIT: usize = 64 * 1024;

/// Seconds after which somebody may try again for whom there was no place.
const FULL_RETRY: &str = "10";

/// The media type of OpenMetrics.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The media type of the text format of Prometheus.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The media type of JSON.
const JSON: &str = "application/json";

/// The media type of an event stream.
const EVENT_STREAM: &str = "text/event-stream";

/// Nothing that a relay says is to be kept by anybody between, or packed: a proxy that compresses a stream holds facts
/// back.
const NO_STORE: &str = "no-store, no-transform";

/// Tells a proxy to hand an event stream on as it comes.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Carries out a command for somebody: who, and what.
pub type Act = Arc<dyn Fn(Shown, Command) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// What all connections share. It reads what the writer of the floor publishes, and holds no lock that the writer needs.
pub struct Site {
    views: watch::Receiver<Arc<View>>,
    /// The places of the boards that are attached.
    seats: Mutex<Vec<Weak<AtomicU64>>>,
    made: Answers,
    tokens: watch::Sender<Arc<Tokens>>,
    act: Option<Act>,
    webhooks: Option<Arc<Receiver>>,
    commands: AtomicU64,
    age: Duration,
    body_time: Duration,
    /// Gauges of what stands beside it.
    gauges: Option<Gauges>,
    closing: CancellationToken,
}

/// The answers that are large, and made once for all who ask while nothing changes.
#[derive(Debug, Default)]
struct Answers {
    /// The snapshot, masked and open.
    snapshot: [Made; 2],
    /// The report's JSON, masked and open.
    tables: [Made; 2],
    /// The report for Prometheus, without the gauges of the program itself.
    metrics: Made,
    /// The same with series by item.
    metrics_per_item: Made,
}

/// Gauges of the program itself, as they stand now.
pub type Gauges = Box<dyn Fn() -> Vec<Own> + Send + Sync>;

impl Site {
    /// A site that shows what comes through `views`. Without `act` it only reads. It closes with `closing`.
    pub fn new(
        views: watch::Receiver<Arc<View>>,
        tokens: Tokens,
        act: Option<Act>,
        closing: CancellationToken,
    ) -> Self {
        Self {
            views,
            seats: Mutex::default(),
            made: Answers::default(),
            tokens: watch::Sender::new(Arc::new(tokens)),
            act,
            webhooks: None,
            commands: AtomicU64::new(1),
            age: AGE,
            body_time: limits::BODY_TIME,
            gauges: None,
            closing,
        }
    }

    /// The same, whose streams last `age`, give or take a tenth.
    #[must_use]
    pub fn with_age(self, age: Duration) -> Self {
        Self { age, ..self }
    }

    /// The same, which waits that long for the whole body of a request.
    #[must_use]
    pub fn with_body_time(self, body_time: Duration) -> Self {
        Self { body_time, ..self }
    }

    /// The same, which receives webhooks and tells how that goes.
    #[must_use]
    pub fn with_webhooks(self, webhooks: Option<Arc<Receiver>>) -> Self {
        Self { webhooks, ..self }
    }

    fn is_failing(&self) -> bool {
        self.webhooks.as_ref().is_some_and(|receiver| receiver.is_failing())
    }

    /// How it acts, if it does.
    pub fn act(&self) -> Option<Act> {
        self.act.clone()
    }

    /// The same, which acts so.
    #[must_use]
    pub fn with_act(self, act: Option<Act>) -> Self {
        Self { act, ..self }
    }

    /// A number for a command: boards number their commands each for itself.
    pub fn number(&self) -> CommandId {
        CommandId(self.commands.fetch_add(1, Ordering::Relaxed))
    }

    /// The same, which shows these gauges too.
    #[must_use]
    pub fn with_gauges(self, gauges: Gauges) -> Self {
        Self { gauges: Some(gauges), ..self }
    }

    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.views.borrow())
    }

    /// The views that are published from now on, and the newest.
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.views.clone()
    }

    /// Boards that are attached, and by how many facts the last of them is behind.
    pub fn boards(&self) -> (usize, u64) {
        let seq = self.view().seq();
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        seats.retain(|seat| seat.strong_count() > 0);
        let places = seats.iter().filter_map(Weak::upgrade);
        let lag = places.map(|place| seq.saturating_sub(place.load(Ordering::Relaxed))).max();
        (seats.len(), lag.unwrap_or(0))
    }

    /// Lets other tokens in from now on. Boards whose token is none of them are cut off.
    pub fn replace_tokens(&self, tokens: Tokens) {
        self.tokens.send_replace(Arc::new(tokens));
    }

    /// The tokens that are let in, now and from now on.
    pub(super) fn tokens(&self) -> watch::Receiver<Arc<Tokens>> {
        self.tokens.subscribe()
    }

    /// Who reads, and the place of the connection.
    fn admit(&self, headers: &HeaderMap, peer: &Peer) -> Result<(Caller, Claim), Refusal> {
        let tokens = Arc::clone(&self.tokens.borrow());
        let caller = tokens.admit(headers, Scope::Read)?;
        Ok((caller, peer.board().ok_or(Refusal::Full)?))
    }

    pub(super) fn seat(&self, place: &Arc<AtomicU64>) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        seats.retain(|seat| seat.strong_count() > 0);
        seats.push(Arc::downgrade(place));
    }

    pub(super) const fn age(&self) -> Duration {
        self.age
    }

    pub(super) const fn closing(&self) -> &CancellationToken {
        &self.closing
    }

    /// Whether boards may see what is known.
    pub fn is_ready(&self) -> bool {
        self.view().is_ready(clock::moment())
    }
}

/// The snapshot as JSON.
fn snapshot_of(view: &View, now: Now, numbers: bool) -> Result<Vec<u8>, serde_json::Error> {
    let mut snapshot = view.snapshot(now);
    if !numbers {
        mask(&mut snapshot.parts);
    }
    json::bytes(&snapshot)
}

/// Everything that a relay answers to boards.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route(SNAPSHOT, get(snapshot))
        .route(TABLES, get(tables))
        .route(EVENTS, get(events))
        .route(COMMANDS, post(command))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .with_state(site)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown => {
                let body = "{\"error\":\"a token is needed: Authorization: Bearer …\"}";
                (
                    StatusCode::UNAUTHORIZED,
                    [(WWW_AUTHENTICATE, "Bearer"), (CONTENT_TYPE, JSON)],
                    body,
                )
                    .into_response()
            }
            Self::Scope(scope) => refusal(
                StatusCode::FORBIDDEN,
                &format!("this token lacks the scope {:?}", scope.word()),
            ),
            Self::Full => {
                let what = "all places of this relay are taken: try again later";
                let response = refusal(StatusCode::SERVICE_UNAVAILABLE, what);
                ([(RETRY_AFTER, FULL_RETRY)], response).into_response()
            }
        }
    }
}

fn refusal(status: StatusCode, what: &str) -> Response {
    let body = serde_json::json!({ "error": what }).to_string();
    (status, [(CONTENT_TYPE, JSON)], body).into_response()
}

/// What a board is told that comes before the sources have spoken: it keeps what it knows, and comes again.
fn early() -> Response {
    refusal(StatusCode::SERVICE_UNAVAILABLE, "the relay has just begun and waits for its sources")
}

/// An answer of that media type, or 500 where it could not be made.
fn answer<B: Into<Body>>(media: &'static str, made: Result<B, impl std::error::Error>) -> Response {
    match made {
        Ok(body) => {
            ([(CONTENT_TYPE, media), (CACHE_CONTROL, NO_STORE)], body.into()).into_response()
        }
        Err(error) => {
            tracing::error!("an answer cannot be written: {}", Shown::clean(&error.to_string()));
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be made")
        }
    }
}

type Shared = State<Arc<Site>>;

async fn snapshot(
    State(site): Shared,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (caller, _place) = site.admit(&headers, &peer)?;
    let numbers = caller.numbers();
    if !site.is_ready() {
        return Ok(early());
    }
    let made = &site.made.snapshot[usize::from(numbers)];
    let made = made.of(&site.views, move |view, now| snapshot_of(view, now, numbers)).await;
    Ok(answer(JSON, made))
}

async fn tables(
    State(site): Shared,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (caller, _place) = site.admit(&headers, &peer)?;
    let numbers = caller.numbers();
    let made = &site.made.tables[usize::from(numbers)];
    let tables = move |view: &View, now| json::bytes(&view.tables(now, numbers));
    Ok(answer(JSON, made.of(&site.views, tables).await))
}

async fn metrics(
    State(site): Shared,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let (_, _place) = site.admit(&headers, &peer)?;
    let is_plain = prefers_plain(&headers);
    let media = if is_plain { PROMETHEUS } else { OPENMETRICS };
    let per_item = asked.per_item.is_some_and(|own| own != "0");
    let kept = if per_item { &site.made.metrics_per_item } else { &site.made.metrics };
    let report = kept.of(&site.views, move |view, now| view.metrics(now, per_item)).await;
    let report = match report {
        Ok(report) => report,
        Err(error) => return Ok(answer(media, Err::<Body, _>(error))),
    };
    let own = move || {
        let (boards, lag) = site.boards();
        let mut own = vec![
            Own::new("relay_boards", "Boards that are attached.", boards as u64),
            Own::new("relay_lag_facts", "Facts by which the slowest board is behind.", lag),
            Own::new("relay_seq", "The number of the last fact.", site.view().seq()),
        ];
        own.extend(site.webhooks.iter().flat_map(|receiver| of_webhooks(receiver)));
        own.extend(site.gauges.iter().flat_map(|gauges| gauges()));
        let text = with_own(&String::from_utf8_lossy(&report), &own)?;
        Ok::<_, std::fmt::Error>(if is_plain { prometheus(&text) } else { text })
    };
    // The store is asked, and megabytes are copied.
    let written = tokio::task::spawn_blocking(own).await;
    Ok(answer(media, written.map_err(MadeError::from).and_then(|text| Ok(text?))))
}

/// What is asked of the metrics.
#[derive(Debug, serde::Deserialize)]
struct Asked {
    /// Whether calls, tasks, callbacks and entries have series of their own: `?per_item=1`.
    per_item: Option<String>,
}

/// Whether the text format of Prometheus is preferred to that of OpenMetrics, by `Accept`.
fn prefers_plain(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<(String, f32)> = accepted
        .flat_map(|value| value.split(','))
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().filter(|media| !media.is_empty())?.to_ascii_lowercase();
            let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
            Some((media, quality.unwrap_or(1.0)))
        })
        .collect();
    // The range that says most of a media type counts.
    let quality = |forms: [&str; 3]| {
        let named = |form: &&str| ranges.iter().find(|(media, _)| media == form);
        forms.iter().find_map(named).map_or(0.0, |(_, quality)| *quality)
    };
    let plain = quality(["text/plain", "text/*", "*/*"]);
    plain > quality(["application/openmetrics-text", "application/*", "*/*"])
}

fn of_webhooks(receiver: &Receiver) -> Vec<Own> {
    let counts = receiver.counts();
    let unread = receiver.store().unread().borrow().clone();
    let counters = [
        ("relay_webhooks_stored", "Webhooks stored since the start.", &counts.stored),
        ("relay_webhooks_seen", "Webhooks that had come before.", &counts.seen),
        ("relay_webhooks_malformed", "Bodies that are no event.", &counts.malformed),
        ("relay_webhooks_refused", "Requests without a good token.", &counts.refused),
        ("relay_webhooks_failed", "Webhooks answered with 503.", &counts.failed),
        ("relay_webhooks_unsupported", "Webhooks answered with 415.", &counts.unsupported),
        ("relay_webhooks_too_long", "Webhooks answered with 413.", &counts.too_long),
        (
            "relay_webhooks_reread",
            "Webhooks that an older version could not read and this one can.",
            &counts.reread,
        ),
    ];
    let counters =
        counters.map(|(name, help, count)| Own::counter(name, help, count.load(Ordering::Relaxed)));
    let mut gauges = vec![
        Own::new(
            "relay_store_failing",
            "1 while the disk takes no webhook.",
            u64::from(receiver.is_failing()),
        ),
        Own::new(
            "relay_webhooks_unreadable",
            "Webhooks that cannot be read and are kept for a newer version.",
            unread.kept.values().sum(),
        ),
        Own::counter(
            "relay_webhooks_unreadable_dropped",
            "The same that were dropped: too many, or too old.",
            unread.dropped,
        ),
    ];
    gauges.extend(counters);
    gauges
}

/// Whether every source has spoken, or is known to be down, and what is sent can be kept. It names no source: it asks
/// for no token.
async fn health(State(site): Shared) -> Response {
    let silent = site.view().silent().len();
    let (status, body) = if site.is_failing() {
        (StatusCode::SERVICE_UNAVAILABLE, "webhooks cannot be stored\n".to_owned())
    } else if silent > 0 {
        (StatusCode::SERVICE_UNAVAILABLE, format!("waiting for {silent} of the sources\n"))
    } else {
        (StatusCode::OK, "ok\n".to_owned())
    };
    (status, [(CACHE_CONTROL, NO_STORE)], body).into_response()
}

async fn events(
    State(site): Shared,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (caller, place) = site.admit(&headers, &peer)?;
    if !site.is_ready() {
        return Ok(early());
    }
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let board = Board::new(site, caller, last);
    let begin = (board, peer.flow.answer(), place);
    let bytes = stream::unfold(begin, |(mut board, mut answer, place)| async move {
        answer.room().await;
        let bytes = board.next().await?;
        answer.say(bytes.len());
        Some((Ok::<_, Infallible>(bytes), (board, answer, place)))
    });
    let headers = [(CONTENT_TYPE, EVENT_STREAM), (CACHE_CONTROL, NO_STORE), (BUFFERING, "no")];
    Ok((headers, Body::from_stream(bytes)).into_response())
}

async fn command(
    State(site): Shared,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    let tokens = Arc::clone(&site.tokens.borrow());
    let caller = tokens.identify(&head.headers)?;
    if !Scope::ACTING.into_iter().any(|scope| caller.needs(scope).is_ok()) {
        return Err(Refusal::Scope(Scope::Act));
    }
    let _place = peer.board().ok_or(Refusal::Full)?;
    let Some(act) = site.act.clone() else {
        return Ok(refusal(StatusCode::FORBIDDEN, "this relay only reads"));
    };
    let body = match limits::whole(body, COMMAND_LIMIT, site.body_time).await {
        Ok(body) => body,
        Err(error) => return Ok(refusal(error.status(), &error.to_string())),
    };
    let command = match check_depth(&body) {
        Ok(()) => serde_json::from_slice::<Command>(&body).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let command = match command {
        Ok(command) => command,
        Err(why) => {
            let why = Shown::clean(&format!("no command: {why}"));
            return Ok(refusal(StatusCode::BAD_REQUEST, &why));
        }
    };
    caller.needs(command.request.operation().permission.into())?;
    if let Err(fault) = command.request.check_ids() {
        return Ok(refusal(StatusCode::BAD_REQUEST, &fault.to_string()));
    }
    let command = Command { id: site.number(), ..site.view().resolved(command) };
    let outcome = act(caller.name().clone(), command).await;
    // The vendor's words may name a number.
    let outcome = if caller.numbers() { outcome } else { outcome.masked() };
    Ok(answer(JSON, json::bytes(&outcome)))
}
