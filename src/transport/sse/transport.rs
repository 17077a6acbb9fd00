//! One guarded connection, as the event parser's transport.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use eventsource_client::{Client as _, ClientBuilder, ReconnectOptions, SSE};
use futures_util::stream::{self, BoxStream, StreamExt};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use launchdarkly_sdk_transport::{ByteStream, HttpTransport, ResponseFuture, TransportError};
use sync_wrapper::{SyncFuture, SyncStream};

use crate::text::Shown;
use crate::transport::http::{Client, HttpError, Request, body};

use super::decode::{self, DecodeError, Decoder};
use super::guard::{Guard, GuardError};

/// The parser copies what it gets line by line; in pieces the copies stay small.
const PIECE: usize = 16 * 1024;

/// How long the first bytes of an answer that is no stream are waited for, to say what it is.
const LOOK_AT: Duration = Duration::from_secs(1);

/// Where the parser believes it connects. The transport knows better.
const NOWHERE: &str = "http://stream.invalid/";

/// Why a connection ended, or never was one.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the sentences name")]
pub enum StreamError {
    /// The request failed, or the server refused it.
    #[error(transparent)]
    Http { source: HttpError },
    /// 204: the server asks not to be asked again.
    #[error("the server has nothing to stream (204)")]
    NoContent,
    /// A status of 2xx that is not 200.
    #[error("the server answered {} instead of a stream", status.as_u16())]
    Status { status: StatusCode },
    /// 200 with something else.
    #[error("the server sent {found} instead of an event stream")]
    ContentType { found: Shown },
    /// 200 with HTML, a sign-in page as a rule.
    #[error(
        "the server sent a web page ({found}), not an event stream: is base_url right, or does a sign-in page stand in front?"
    )]
    WebPage { found: Shown },
    /// A compression that is not read, or data that is none.
    #[error("the stream was closed")]
    Decode {
        #[source]
        source: DecodeError,
    },
    /// No byte, not even a comment.
    #[error("no sign of life for {} s", after.as_secs())]
    Silent { after: Duration },
    /// A line or event without end.
    #[error("the stream was closed")]
    Guard {
        #[source]
        source: GuardError,
    },
    #[error("the stream broke off")]
    Broken {
        #[source]
        source: HttpError,
    },
    /// The server ended the stream.
    #[error("the server ended the stream")]
    Ended,
    /// The parser refused what the guard let through.
    #[error("the stream cannot be read")]
    Parser {
        #[source]
        source: eventsource_client::Error,
    },
}

/// An item of one connection.
pub(super) enum Item {
    Open,
    Event { kind: String, data: String, id: Option<String> },
}

/// What arrives on one connection, until the first error, which is always the last item.
pub(super) struct Items {
    connection: Connection,
    parsed: Option<BoxStream<'static, eventsource_client::Result<SSE>>>,
}

impl Items {
    pub(super) async fn next(&mut self) -> Option<Result<Item, StreamError>> {
        let parsed = self.parsed.as_mut()?;
        let error = loop {
            match parsed.next().await {
                Some(Ok(SSE::Comment(_))) => {}
                Some(Ok(SSE::Connected(_))) => return Some(Ok(Item::Open)),
                Some(Ok(SSE::Event(event))) => {
                    let id = event.id.filter(|id| !id.is_empty());
                    return Some(Ok(Item::Event { kind: event.event_type, data: event.data, id }));
                }
                Some(Err(error)) => break Some(error),
                None => break None,
            }
        };
        // The parser would read on behind an error, for ever.
        self.parsed = None;
        Some(Err(self.connection.reason(error)))
    }
}

/// One connection. The guard outlives it, for the last id and the retry time.
#[derive(Clone)]
pub(super) struct Connection(Arc<Shared>);

struct Shared {
    client: Client,
    request: Request,
    idle: Duration,
    state: Mutex<State>,
}

struct State {
    guard: Guard,
    failure: Option<StreamError>,
}

/// Stands in the parser's error for the one that is kept beside the transport.
#[derive(Debug, thiserror::Error)]
#[error("see the connection")]
struct Kept;

impl Connection {
    pub(super) fn new(client: &Client, request: &Request, idle: Duration, guard: Guard) -> Self {
        let mut request = request
            .clone()
            .header(ACCEPT, HeaderValue::from_static("text/event-stream"))
            .header(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // The standard sends the id as UTF-8, which a header takes as opaque bytes.
        let id = guard.last_id().map(|id| HeaderValue::from_bytes(id.as_bytes()));
        if let Some(Ok(id)) = id {
            request = request.header(HeaderName::from_static("last-event-id"), id);
        }
        let state = Mutex::new(State { guard, failure: None });
        Self(Arc::new(Shared { client: client.clone(), request, idle, state }))
    }

    /// What arrives. Nothing is sent before the first item is asked for.
    pub(super) fn items(&self) -> Items {
        let parsed = match ClientBuilder::for_url(NOWHERE) {
            Err(source) => stream::iter([Err(source)]).boxed(),
            Ok(builder) => {
                let once = ReconnectOptions::reconnect(false).retry_initial(false).build();
                let parser = builder.reconnect(once).redirect_limit(0);
                parser.build_with_transport(self.clone()).stream().boxed()
            }
        };
        Items { connection: self.clone(), parsed: Some(parsed) }
    }

    /// The guard as the connection left it.
    pub(super) fn guard(&self) -> Guard {
        self.state().guard.clone()
    }

    fn reason(&self, error: Option<eventsource_client::Error>) -> StreamError {
        use eventsource_client::Error;
        match (self.state().failure.take(), error) {
            (Some(failure), _) => failure,
            (None, None | Some(Error::Eof | Error::UnexpectedEof)) => StreamError::Ended,
            (None, Some(source)) => StreamError::Parser { source },
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, failure: StreamError) -> TransportError {
        self.state().failure = Some(failure);
        TransportError::new(Kept)
    }

    /// The answer's head, judged. A 401 is met with one new reading of the secret.
    async fn open(&self) -> Result<reqwest::Response, StreamError> {
        let Shared { client, request, .. } = &*self.0;
        let http = |source| StreamError::Http { source };
        let ticket = client.ticket(request).await.map_err(http)?;
        let mut opened = client.open(request, ticket.as_ref()).await;
        if let (Err(HttpError::Unauthorized { .. }), Some(refused)) = (&opened, &ticket)
            && let Some(ticket) = client.renewed(request, refused).await.map_err(http)?
        {
            opened = client.open(request, Some(&ticket)).await;
        }
        let mut response = opened.map_err(http)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NO_CONTENT => return Err(StreamError::NoContent),
            status => return Err(StreamError::Status { status }),
        }
        let found = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media = found.map(body::media_type);
        if media.as_deref() == Some("text/event-stream") {
            return Ok(response);
        }
        let found = Shown::clean(media.as_deref().unwrap_or("something unnamed"));
        let is_page = body::is_html(media.as_deref()) || {
            let start = tokio::time::timeout(LOOK_AT, response.chunk()).await;
            let start = start.ok().and_then(Result::ok).flatten().unwrap_or_default();
            body::is_web_page(media.as_deref(), &start)
        };
        Err(match is_page {
            true => StreamError::WebPage { found },
            false => StreamError::ContentType { found },
        })
    }
}

impl HttpTransport for Connection {
    fn request(&self, _: http::Request<Option<Bytes>>) -> ResponseFuture {
        let connection = self.clone();
        Box::pin(SyncFuture::new(async move {
            let opened = connection.open().await.and_then(|response| {
                let decoder = Decoder::new(response.headers());
                Ok((response, decoder.map_err(|source| StreamError::Decode { source })?))
            });
            match opened {
                Ok((response, decoder)) => {
                    Ok(Response::new(guarded(connection, response, decoder)))
                }
                Err(failure) => Err(connection.keep(failure)),
            }
        }))
    }
}

/// The body behind the guard, in pieces, ended by its first error.
fn guarded(
    connection: Connection,
    response: reqwest::Response,
    decoder: Option<Decoder>,
) -> ByteStream {
    let (folded, ready) = (Bytes::new(), Bytes::new());
    let begin = Body { connection, response, decoder, folded, ready, failure: None };
    let pieces = stream::unfold(Some(begin), async |body| {
        let mut body = body?;
        match body.next().await {
            Some(Ok(piece)) => Some((Ok(piece), Some(body))),
            Some(Err(failure)) => Some((Err(body.connection.keep(failure)), None)),
            None => None,
        }
    });
    Box::pin(SyncStream::new(pieces.fuse()))
}

struct Body {
    connection: Connection,
    response: reqwest::Response,
    decoder: Option<Decoder>,
    /// What arrived compressed and was not unfolded yet.
    folded: Bytes,
    ready: Bytes,
    failure: Option<StreamError>,
}

impl Body {
    async fn next(&mut self) -> Option<Result<Bytes, StreamError>> {
        loop {
            if !self.ready.is_empty() {
                return Some(Ok(self.ready.split_to(self.ready.len().min(PIECE))));
            }
            if let Some(failure) = self.failure.take() {
                return Some(Err(failure));
            }
            if let (Some(decoder), false) = (&mut self.decoder, self.folded.is_empty()) {
                let piece = self.folded.split_to(self.folded.len().min(decode::PIECE));
                match decoder.unfold(&piece) {
                    Ok(unfolded) => self.take(&unfolded),
                    Err(source) => return Some(Err(StreamError::Decode { source })),
                }
                continue;
            }
            let idle = self.connection.0.idle;
            // Any byte is a sign of life, also one that the guard drops.
            match tokio::time::timeout(idle, self.response.chunk()).await {
                Err(_) => return Some(Err(StreamError::Silent { after: idle })),
                Ok(Ok(None)) => return None,
                Ok(Err(error)) => {
                    let origin = crate::transport::http::origin(self.response.url());
                    let source = HttpError::from_client(origin, error);
                    return Some(Err(StreamError::Broken { source }));
                }
                Ok(Ok(Some(chunk))) if self.decoder.is_some() => self.folded = chunk,
                Ok(Ok(Some(chunk))) => self.take(&chunk),
            }
        }
    }

    fn take(&mut self, chunk: &[u8]) {
        let mut out = Vec::with_capacity(chunk.len());
        let pushed = self.connection.state().guard.push(chunk, &mut out);
        self.ready = Bytes::from(out);
        self.failure = pushed.err().map(|source| StreamError::Guard { source });
    }
}
