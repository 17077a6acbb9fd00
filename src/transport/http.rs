//! The one way to a server: bounded, unredirected, unproxied, and structurally unable to act when read-only.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{ACCEPT, AGE, CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock;
use crate::floor::time::Moment;
use crate::operations::Access;
use crate::text::Shown;

use super::clock::SourceClock;
use super::lenient::{Body, Reader, Record, Tally, Unreadable};
use super::quota::{CallKind, SharedQuota};
use super::retry;
use super::secret::{Ticket, hidden};
use wires::Wires;

pub use address::{check, encoded, is_loopback, origin, segment};
pub use auth::{Auth, AuthError};
pub use error::{Fate, HttpError, chain};
pub use proxy::ProxySettings;
pub use reqwest::{Method, Url};
pub use wires::{CONNECT_TIMEOUT, TIMEOUT, Transport};

mod address;
mod auth;
pub(crate) mod body;
mod error;
pub mod json;
mod proxy;
mod wires;

/// The largest answer that is read: a floor of 26 000 records fits in it twice.
pub const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// How much of an error answer is looked at for a message.
const MESSAGE_LIMIT: usize = 16 * 1024;

/// The least time between a 401 and the second try with a new secret.
const RETRY_GAP: Duration = Duration::from_millis(250);

/// What a request does to the floor. The method does not say: a read may be a POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    Read,
    /// It changes something at the vendor.
    Action,
}

/// What a [`Client`] is made of.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub transport: Transport,
    /// Who we are, unless a request says otherwise.
    pub auth: Auth,
    /// Whether actions can be built at all.
    pub access: Access,
    /// The account's budget of calls, where the vendor counts them.
    pub quota: Option<SharedQuota>,
    /// The server's clock, which learns from the `Date` of its answers.
    pub clock: Option<SourceClock>,
}

/// The HTTP side of one source. Clones share connections.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: Options,
    wires: Wires,
    /// When each origin last answered: for a while after that its connection may be a kept one.
    answered: Mutex<BTreeMap<String, Moment>>,
}

/// Origins whose last answer is remembered: a source speaks to a handful.
const ORIGINS: usize = 64;

/// One request that may be sent, now or again. Only a [`Client`] makes one.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: Url,
    reach: Reach,
    kind: CallKind,
    headers: HeaderMap,
    body: Option<Bytes>,
    auth: Option<Auth>,
    limit: usize,
}

/// Its origin alone: paths, queries and bodies name people.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} {}, {:?})", self.method, address::origin(&self.url), self.reach)
    }
}

impl Request {
    /// A header of this request.
    #[must_use]
    pub fn header(mut self, name: http::HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The media types that are understood.
    #[must_use]
    pub fn accept(self, media: &'static str) -> Self {
        self.header(ACCEPT, HeaderValue::from_static(media))
    }

    /// A body of this media type.
    #[must_use]
    pub fn body(mut self, media: &'static str, bytes: impl Into<Bytes>) -> Self {
        self.body = Some(bytes.into());
        self.header(CONTENT_TYPE, HeaderValue::from_static(media))
    }

    /// A JSON body.
    ///
    /// # Errors
    ///
    /// When the value has no JSON form.
    pub fn json(self, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(self.body("application/json", serde_json::to_vec(value)?))
    }

    /// Another identity than the client's own.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// Another bound for the answer than [`BODY_LIMIT`], in bytes.
    #[must_use]
    pub const fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Counts as a call of the poll's schedule. Without this, a call counts as one that a person waits for.
    #[must_use]
    pub const fn polled(mut self) -> Self {
        self.kind = CallKind::Poll;
        self
    }

    /// Whether it changes something.
    pub const fn reach(&self) -> Reach {
        self.reach
    }
}

/// An answer with a status of 2xx, read whole.
#[derive(Clone)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Its size alone: headers and bodies name people.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status.as_u16(), self.body.len())
    }
}

impl Reply {
    /// The status, 200 to 299.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// A header's value, where it is plain text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The server's clock when it answered.
    pub fn date(&self) -> Option<DateTime<Utc>> {
        retry::date(&self.headers)
    }

    /// When the server wants to be asked again.
    pub fn retry_after(&self) -> Option<Duration> {
        retry::retry_after(&self.headers, clock::wall())
    }

    /// The body as it came, decompressed.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body with its content type, of which text is made.
    fn content(&self) -> Body<'_> {
        Body::new(self.header("content-type"), &self.body)
    }

    /// The body as text in its own charset, for XML too.
    pub fn text(&self) -> String {
        self.content().decode().text.into_owned()
    }

    /// The body as one value, read leniently: `None` for an empty body, null, and what the reader cannot make
    /// sense of. What was not understood is counted in `tally`.
    ///
    /// # Errors
    ///
    /// [`HttpError::Unreadable`].
    pub fn read<R: Reader>(&self, tally: &mut Tally) -> Result<Option<R::Value>, HttpError> {
        self.content().read::<R>(tally).map_err(|error| self.unreadable(error))
    }

    /// The body as a list of records, which may stand under `key`. An empty body is the empty list.
    ///
    /// # Errors
    ///
    /// [`HttpError::Unreadable`].
    pub fn list<T: Record>(&self, key: &str, tally: &mut Tally) -> Result<Vec<T>, HttpError> {
        self.content().list(key, tally).map_err(|error| self.unreadable(error))
    }

    /// What `read` makes of the body.
    ///
    /// # Errors
    ///
    /// [`HttpError::Unreadable`].
    pub fn read_by<T>(
        &self,
        read: impl FnOnce(Body<'_>) -> Result<T, Unreadable>,
    ) -> Result<T, HttpError> {
        read(self.content()).map_err(|error| self.unreadable(error))
    }

    /// The body as JSON of at most [`json::MAX_DEPTH`] levels.
    ///
    /// # Errors
    ///
    /// [`HttpError::Unreadable`].
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        let mut uncounted = Tally::default();
        let document = self.content().document(&mut uncounted);
        let mut document = document.map_err(|error| self.unreadable(error))?;
        document.parse(&mut uncounted).map_err(|error| self.unreadable(error))
    }

    /// The error of a body that is no JSON: of a media type of web pages it is one of these.
    fn unreadable(&self, error: Unreadable) -> HttpError {
        match body::is_html(self.header("content-type")) {
            true => HttpError::WebPage,
            false => HttpError::Unreadable { form: "JSON", source: Box::new(error) },
        }
    }
}

impl Client {
    /// A client that has not connected yet; certificates are loaded at the first request that needs them.
    ///
    /// # Errors
    ///
    /// None so far: that a client cannot work shows at the first request.
    pub fn new(options: Options) -> Result<Self, HttpError> {
        let wires = Wires::new(options.transport.clone());
        Ok(Self(Arc::new(Inner { options, wires, answered: Mutex::default() })))
    }

    /// Loads the certificates now, so that a configuration can be judged before anything is sent.
    ///
    /// # Errors
    ///
    /// [`HttpError::CaFile`], [`HttpError::CaFormat`], [`HttpError::Setup`].
    pub async fn prepare(&self) -> Result<(), HttpError> {
        self.0.wires.pair(true).await.map(drop)
    }

    /// The secret behind the client's own identity.
    pub fn auth(&self) -> &Auth {
        &self.0.options.auth
    }

    /// Builds a request.
    ///
    /// # Errors
    ///
    /// [`HttpError::ReadOnly`] for an action where only reads are allowed; [`HttpError::Address`] and
    /// [`HttpError::Insecure`] for an address that no secret may be sent to.
    pub fn request(&self, reach: Reach, method: Method, url: &str) -> Result<Request, HttpError> {
        let url = address::check(url, self.0.options.transport.insecure_http)?;
        match (self.0.options.access, reach) {
            (Access::ReadOnly, Reach::Action) => Err(HttpError::ReadOnly),
            (Access::ReadOnly, Reach::Read) | (Access::Full, _) => Ok(Request {
                method,
                url,
                reach,
                kind: CallKind::Action,
                headers: HeaderMap::new(),
                body: None,
                auth: None,
                limit: BODY_LIMIT,
            }),
        }
    }

    /// A GET that changes nothing.
    ///
    /// # Errors
    ///
    /// As [`Client::request`].
    pub fn get(&self, url: &str) -> Result<Request, HttpError> {
        self.request(Reach::Read, Method::GET, url)
    }

    /// Sends a request and reads the whole answer.
    ///
    /// A read that meets a 401 reads the secret again and, if that may help, is sent once more. An action
    /// is never sent twice.
    ///
    /// # Errors
    ///
    /// Whatever kept a usable 2xx answer away; see [`HttpError::fate`] for what an action may have done.
    pub async fn send(&self, request: Request) -> Result<Reply, HttpError> {
        let ticket = self.ticket(&request).await?;
        let first = self.once(&request, ticket.as_ref()).await;
        let (Err(HttpError::Unauthorized { .. }), Some(refused), Reach::Read) =
            (&first, &ticket, request.reach)
        else {
            return first;
        };
        match self.renewed(&request, refused).await? {
            Some(ticket) => self.once(&request, Some(&ticket)).await,
            None => first,
        }
    }

    async fn once(&self, request: &Request, ticket: Option<&Ticket>) -> Result<Reply, HttpError> {
        let wire = self.0.wires.pair(request.url.scheme() == "https").await?.rest;
        let origin = address::origin(&request.url);
        let is_kept = self.has_kept(&origin);
        let mut response = self.exchange(&wire, request, ticket, is_kept).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        // What was decompressed has no such header any more.
        let encoding = headers.get(CONTENT_ENCODING).filter(|own| !is_identity(own));
        if let Some(found) = encoding {
            let found = Shown::clean(&String::from_utf8_lossy(found.as_bytes()));
            return Err(HttpError::Encoding { found });
        }
        let body = read_body(&mut response, &request.url, request.limit).await?;
        self.keeps(origin);
        if let (Some(own), Some(date), None) =
            (&self.0.options.clock, retry::date(&headers), headers.get(AGE))
        {
            own.answered(date, clock::wall());
        }
        let reply = Reply { status, headers, body };
        match body::is_web_page(reply.header("content-type"), &reply.body) {
            true => Err(HttpError::WebPage),
            false => Ok(reply),
        }
    }

    /// Whether there may be a connection from before to that origin.
    fn has_kept(&self, origin: &str) -> bool {
        let answered = self.0.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.get(origin).is_some_and(|at| clock::moment().since(*at) <= wires::POOLED)
    }

    fn keeps(&self, origin: String) {
        let mut answered = self.0.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if answered.len() >= ORIGINS {
            answered.clear();
        }
        answered.insert(origin, clock::moment());
    }

    /// Sends a read once and reads the whole answer, whatever its status: where a refusal is a document of the
    /// protocol, as with OAuth (RFC 6749 §5.2).
    ///
    /// # Errors
    ///
    /// Whatever kept an answer away; a redirect is none.
    pub async fn answer(&self, request: Request) -> Result<Reply, HttpError> {
        let wire = self.0.wires.pair(request.url.scheme() == "https").await?.rest;
        let ticket = self.ticket(&request).await?;
        // A grant is used up by its first use: a request that may have arrived is not sent again.
        let mut response = self.head(&wire, &request, ticket.as_ref(), false).await?;
        if response.status().is_redirection() {
            return Err(self.refusal(response, &request.url, ticket.as_ref()).await);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read_body(&mut response, &request.url, request.limit).await?;
        Ok(Reply { status, headers, body })
    }

    /// The current secret for a request, if it takes one.
    pub(crate) async fn ticket(&self, request: &Request) -> Result<Option<Ticket>, HttpError> {
        match self.identity(request).secret() {
            None => Ok(None),
            Some(secret) => secret.current().await.map(Some).map_err(|source| HttpError::Secret {
                origin: address::origin(&request.url),
                source,
            }),
        }
    }

    /// A reading of the secret that is worth a second try after a 401, if there is one.
    ///
    /// A command may have renewed what the server knows without changing the text, so it always is.
    pub(crate) async fn renewed(
        &self,
        request: &Request,
        refused: &Ticket,
    ) -> Result<Option<Ticket>, HttpError> {
        let Some(secret) = self.identity(request).secret() else { return Ok(None) };
        let unreadable =
            |source| HttpError::Secret { origin: address::origin(&request.url), source };
        let changed = secret.renew(refused).await.map_err(unreadable)?;
        if !changed && !secret.source().is_command() {
            return Ok(None);
        }
        tokio::time::sleep(RETRY_GAP).await;
        secret.current().await.map(Some).map_err(unreadable)
    }

    pub(crate) fn identity<'a>(&'a self, request: &'a Request) -> &'a Auth {
        request.auth.as_ref().unwrap_or(&self.0.options.auth)
    }

    /// Opens a stream: the answer's head, with a 2xx status; no limit on how long the body runs.
    pub(crate) async fn open(
        &self,
        request: &Request,
        ticket: Option<&Ticket>,
    ) -> Result<reqwest::Response, HttpError> {
        let wire = self.0.wires.pair(request.url.scheme() == "https").await?.stream;
        let head = self.exchange(&wire, request, ticket, false);
        let late = HttpError::Timeout { origin: address::origin(&request.url), sent: true };
        tokio::time::timeout(self.0.options.transport.timeout, head).await.unwrap_or(Err(late))
    }

    /// One request and the head of its answer; every status outside of 2xx is an error.
    async fn exchange(
        &self,
        wire: &reqwest::Client,
        request: &Request,
        ticket: Option<&Ticket>,
        is_kept: bool,
    ) -> Result<reqwest::Response, HttpError> {
        let response = self.head(wire, request, ticket, is_kept).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refusal(response, &request.url, ticket).await)
    }

    /// One request and the head of its answer, whatever it says.
    ///
    /// A read that never reached the server is sent once more: the server refused to take it up, or a connection
    /// that may be kept (`is_kept`) was closed before an answer began. An action is not.
    async fn head(
        &self,
        wire: &reqwest::Client,
        request: &Request,
        ticket: Option<&Ticket>,
        is_kept: bool,
    ) -> Result<reqwest::Response, HttpError> {
        let first = self.head_once(wire, request, ticket).await;
        let again = |error: &HttpError| error.is_unprocessed() || is_kept && error.is_cut();
        if request.reach == Reach::Action || !first.as_ref().is_err_and(again) {
            return first;
        }
        tokio::time::sleep(RETRY_GAP).await;
        self.head_once(wire, request, ticket).await
    }

    async fn head_once(
        &self,
        wire: &reqwest::Client,
        request: &Request,
        ticket: Option<&Ticket>,
    ) -> Result<reqwest::Response, HttpError> {
        let origin = address::origin(&request.url);
        let mut building = wire
            .request(request.method.clone(), request.url.clone())
            .headers(request.headers.clone());
        if let Some(body) = &request.body {
            building = building.body(body.clone());
        }
        let ready = self
            .identity(request)
            .apply(building, ticket)
            .map_err(|source| HttpError::Secret { origin: origin.clone(), source })?
            .build()
            .map_err(|error| HttpError::Request { source: error.without_url() })?;
        if let Some(quota) = &self.0.options.quota {
            quota.take(request.kind).await.map_err(|wait| HttpError::Quota { wait })?;
        }
        tracing::debug!(%origin, method = %request.method, "request");
        let response = match wire.execute(ready).await {
            Ok(response) => response,
            Err(error) => return Err(self.failed(origin, error).await),
        };
        tracing::debug!(%origin, status = response.status().as_u16(), "answer");
        Ok(response)
    }

    /// The error of a request that had no answer. Where it goes through a proxy, that may be what failed.
    async fn failed(&self, origin: String, error: reqwest::Error) -> HttpError {
        let error = HttpError::from_client(origin, error);
        let Some(proxy) = &self.0.options.transport.proxy else { return error };
        if error.is_of_proxy_login() {
            self.0.wires.proxy_refused().await;
            return HttpError::ProxyAuth { proxy: proxy.origin() };
        }
        match error {
            HttpError::Connect { origin, source } => {
                let origin = format!("{origin} through the proxy {}", proxy.origin());
                HttpError::Connect { origin, source }
            }
            other => other,
        }
    }

    /// The error that a status outside of 2xx is.
    async fn refusal(
        &self,
        mut response: reqwest::Response,
        url: &Url,
        ticket: Option<&Ticket>,
    ) -> HttpError {
        let status = response.status();
        let retry_after = retry::retry_after(response.headers(), clock::wall());
        if status.is_redirection() {
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let target = location.and_then(|text| url.join(text).ok());
            let sign_in = target.as_ref().is_some_and(body::is_sign_in);
            let target = target.as_ref().map(address::origin).filter(|target| target != "null");
            let target = target.unwrap_or_else(|| "an unreadable address".to_owned());
            let target = hidden(&target).into_owned();
            return HttpError::Redirect { status, target, sign_in, retry_after };
        }
        let proxy = self.0.options.transport.proxy.as_ref();
        if let (StatusCode::PROXY_AUTHENTICATION_REQUIRED, Some(proxy)) = (status, proxy) {
            self.0.wires.proxy_refused().await;
            return HttpError::ProxyAuth { proxy: proxy.origin() };
        }
        if let (StatusCode::TOO_MANY_REQUESTS, Some(quota)) = (status, &self.0.options.quota) {
            quota.lock().refused(retry_after, clock::moment());
        }
        let message = message(&mut response).await;
        match status {
            StatusCode::UNAUTHORIZED => {
                HttpError::Unauthorized { message, refused: ticket.cloned() }
            }
            StatusCode::FORBIDDEN => HttpError::Forbidden { message },
            StatusCode::NOT_FOUND => HttpError::NotFound { message, retry_after },
            status => HttpError::Status { status, message, retry_after },
        }
    }
}

/// Whether an encoding leaves a body as it is.
pub(crate) fn is_identity(encoding: &HeaderValue) -> bool {
    encoding
        .to_str()
        .is_ok_and(|own| own.trim().is_empty() || own.trim().eq_ignore_ascii_case("identity"))
}

/// The whole body, or an error once it passes `limit`, compressed or not.
async fn read_body(
    response: &mut reqwest::Response,
    url: &Url,
    limit: usize,
) -> Result<Bytes, HttpError> {
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |length| length > limit) {
        return Err(HttpError::TooLarge { limit });
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(Bytes::from(body)),
            Ok(Some(chunk)) if chunk.len() > limit - body.len() => {
                return Err(HttpError::TooLarge { limit });
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => return Err(HttpError::from_client(address::origin(url), error)),
        }
    }
}

/// What the server says about its refusal, without the secrets that it may echo.
///
/// The status counts more than its explanation: a body that stalls or breaks is taken as far as it came.
async fn message(response: &mut reqwest::Response) -> Shown {
    let mut start = Vec::new();
    let read = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = MESSAGE_LIMIT - start.len();
            start.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if start.len() == MESSAGE_LIMIT {
                break;
            }
        }
    };
    // A refusal without an end is judged by its status all the same.
    let _ = tokio::time::timeout(Duration::from_secs(1), read).await;
    let media = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let text = body::message(media, &start);
    Shown::clean(&hidden(&text))
}
