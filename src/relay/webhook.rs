//! The receiver of webhooks: an event is let in, stored and answered; what it means is told afterwards.
//!
//! ```text
//!  POST /webhook/SOURCE ── token ── limits ── decode ── store, synced ── 200
//!                                                         │
//!                              intake: log ── decode ── map ── the source's channel
//! ```
//!
//! A webhook that cannot be read is answered like any other, since sending it again would not help. It is kept as it came,
//! and a newer version of the program tries to read it again.
//!
//! Enreach sends its token in a header. Nimbus sends none: its events come to `/webhook/SOURCE/SECRET`, an address that it
//! was given and that nobody else is ever told.
//!
//! The sender waits for the disk and for nothing else: a board that stands still holds up the intake, not the answer.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::routing::post;
use axum::{Extension, Router};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::floor::id::SourceName;
use crate::relay::auth::Tokens;
use crate::relay::limits;
use crate::relay::server::Peer;
use crate::relay::store::{Kept, Limits, Record, Refusal, Store, StoreError};
use crate::source::Outbox;
use crate::source::enreach::events::map::Mapper;
use crate::source::nimbus::events::Repeats;
use crate::source::nimbus::events::map::Mapper as Words;
use crate::source::settings::{EnreachSettings, Settings, Vendor};
use crate::transport::lenient::Tally;
use crate::transport::posted::{MAX_BYTES, Malformed, Posted, codings};
use crate::transport::secret::SecretError;

use self::reader::{Known, Reader};

pub mod here;
mod intake;
pub mod mailboxes;
mod reader;
pub mod subscription;
pub mod unreadable;

/// The feed of a source's webhooks.
pub const WEBHOOKS: &str = "webhooks";
/// Where events are posted, below it the name of the source.
pub const PATH: &str = "/webhook";

/// What carries the token.
pub const TOKEN: HeaderName = HeaderName::from_static("x-benemen-token");
/// What names the event, as its body does too.
pub const NAME: HeaderName = HeaderName::from_static("x-benemen-event");

/// How long the disk may take: the vendor gives up after five seconds, and tries again.
const STORE_TIME: Duration = Duration::from_secs(4);
/// How often a disk that took nothing is tried again.
const PROBE: Duration = Duration::from_secs(2);
/// How often tokens that stand in files are read again, where nobody was turned away.
const REREAD: Duration = Duration::from_secs(60);
/// How often at most.
const LEAST: Duration = Duration::from_secs(1);

/// One source that sends webhooks, and where its news go.
#[derive(Debug)]
pub struct Hook {
    source: SourceName,
    tokens: Mutex<Tokens>,
    reader: Reader,
    /// What was odd about its events.
    tally: Mutex<Tally>,
    outbox: Outbox,
}

impl Hook {
    /// The webhooks of a source; `None` where it is not configured to send any, or not to this process.
    pub fn of(settings: &Settings, outbox: Outbox) -> Option<Self> {
        let (tokens, reader) = match &settings.vendor {
            Vendor::Enreach(own) => {
                let tokens = Tokens::new(own.webhook.as_ref()?);
                (tokens, Reader::Enreach(Mapper::new(own)))
            }
            Vendor::Nimbus(own) => {
                let mailbox = own.mailbox.clone()?;
                let tokens = Tokens::one(mailbox.secret());
                (
                    tokens,
                    Reader::Nimbus {
                        mapper: Words::new(own),
                        mailbox,
                        repeats: Repeats::default(),
                    },
                )
            }
            Vendor::Telepo(_) | Vendor::Relay(_) | Vendor::Nats(_) => return None,
        };
        Some(Self {
            source: settings.name.clone(),
            tokens: Mutex::new(tokens),
            reader,
            tally: Mutex::default(),
            outbox,
        })
    }

    /// Whether its secret stands in the address, and not in a header.
    const fn is_by_address(&self) -> bool {
        matches!(self.reader, Reader::Nimbus { .. })
    }

    /// The tokens that are good now.
    fn tokens(&self) -> Tokens {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many requests came to each end.
#[derive(Debug, Default)]
pub struct Counts {
    /// Events that were new, and are on disk.
    pub stored: AtomicU64,
    /// Events that had come before.
    pub seen: AtomicU64,
    /// Bodies of which no event could be made; they are kept.
    pub malformed: AtomicU64,
    /// Webhooks that an older version could not read and this one can.
    pub reread: AtomicU64,
    /// Bodies in a content coding that is not known.
    pub unsupported: AtomicU64,
    /// Bodies that are too long.
    pub too_long: AtomicU64,
    /// Requests without a good token.
    pub refused: AtomicU64,
    /// Events that the disk did not take.
    pub failed: AtomicU64,
}

impl Counts {
    fn one(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Receives the webhooks of some sources into one store.
#[derive(Debug)]
pub struct Receiver {
    hooks: BTreeMap<String, Hook>,
    store: Store,
    counts: Counts,
    /// Something odd was counted.
    odd: Notify,
    /// Somebody was turned away: the vendor may have a newer token.
    refused: Notify,
    /// Whether the webhooks were tried again that another version could not read.
    retried: AtomicBool,
}

impl Receiver {
    /// A receiver that does not run yet: it wants its [`Self::router`] served and its [`Self::run`] awaited.
    ///
    /// # Errors
    /// A token cannot be read: then nobody could be let in.
    pub async fn new(
        store: Store,
        hooks: impl IntoIterator<Item = Hook>,
    ) -> Result<Arc<Self>, SecretError> {
        let hooks: BTreeMap<String, Hook> =
            hooks.into_iter().map(|hook| (hook.source.raw().to_owned(), hook)).collect();
        for hook in hooks.values() {
            hook.tokens().read().await?;
        }
        let (counts, odd, refused) = (Counts::default(), Notify::new(), Notify::new());
        let retried = AtomicBool::new(false);
        Ok(Arc::new(Self { hooks, store, counts, odd, refused, retried }))
    }

    /// What answers `POST /webhook/SOURCE`, and `POST /webhook/SOURCE/SECRET`.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route(&format!("{PATH}/{{source}}"), post(by_header))
            .route(&format!("{PATH}/{{source}}/{{secret}}"), post(by_address))
            .with_state(Arc::clone(self))
    }

    /// Whether the disk does not take what comes.
    pub fn is_failing(&self) -> bool {
        self.store.trouble().borrow().is_some()
    }

    /// How many requests came to each end.
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Where events are kept.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Keeps an event that another relay received. What is of none of our sources, or is older than what is remembered, is
    /// let go.
    ///
    /// # Errors
    /// It is not on disk.
    pub async fn copy(&self, record: Record) -> Result<(), Refusal> {
        let oldest = clock::wall() - Limits::default().window;
        let Record { source, arrived, body, .. } = record;
        let hook = self.hooks.get(&source).filter(|_| arrived > oldest);
        let Some(hook) = hook else { return Ok(()) };
        let posted = Posted { body: body.into(), ..Posted::default() };
        match hook.read(&posted, arrived) {
            Ok((arrival, _)) => self.store.keep_copy(arrival).await.map(|_| ()),
            // Another version of the program received it, and could read it.
            Err(error) => self.keep_unreadable(hook, posted, arrived, &error).await,
        }
    }

    /// The identity of an event that is on disk.
    pub fn identity(&self, record: &Record) -> Option<String> {
        self.known(record).map(|known| known.id)
    }

    fn known(&self, record: &Record) -> Option<Known> {
        let hook = self.hooks.get(&record.source)?;
        hook.reader.know(&record.body, record.arrived).ok()
    }

    /// Tells nothing on: another relay does, which keeps the same events. Until it is stopped; [`Self::run`] then begins
    /// with all that is known.
    pub async fn rest(self: Arc<Self>, stop: CancellationToken) {
        let passing = async {
            self.retry().await;
            let mut newest = self.store.newest();
            newest.mark_changed();
            while newest.changed().await.is_ok() {
                let seq = *newest.borrow_and_update();
                self.store.told(seq).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = passing => {}
            () = self.reread() => {}
            () = self.mend() => {}
        }
    }

    /// Reads tokens again, for ever.
    async fn reread(&self) {
        loop {
            // Whoever is turned away learns nothing from it: it is done later, and not more often than so.
            tokio::time::sleep(LEAST).await;
            let _ = tokio::time::timeout(REREAD, self.refused.notified()).await;
            for hook in self.hooks.values() {
                hook.tokens().reread().await;
            }
        }
    }

    /// Tries a disk that does not take anything, for ever.
    async fn mend(&self) {
        let mut trouble = self.store.trouble();
        loop {
            let _ = trouble.wait_for(Option::is_some).await;
            tokio::time::sleep(PROBE).await;
            // Writes what is there already: whoever sends may wait until all is well again.
            self.store.told(0).await;
        }
    }

    /// Tells on what is in the store, first what is known from before, then what comes; until it is stopped.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let telling = async {
            self.retry().await;
            intake::run(&self).await;
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = telling => {}
            () = self.reread() => {}
            () = self.mend() => {}
        }
    }

    /// Lets the tokens of these settings in from now on; they are all read first, also those that a program prints.
    ///
    /// # Errors
    /// One of them cannot be read: then all stay as they were.
    pub async fn replace_tokens(&self, settings: &[Settings]) -> Result<(), SecretError> {
        let mut read = Vec::new();
        for own in settings {
            let Vendor::Enreach(EnreachSettings { webhook: Some(webhook), .. }) = &own.vendor
            else {
                continue;
            };
            let Some(hook) = self.hooks.get(own.name.raw()) else { continue };
            let tokens = Tokens::new(webhook);
            tokens.read().await?;
            read.push((hook, tokens));
        }
        for (hook, tokens) in read {
            *hook.tokens.lock().unwrap_or_else(PoisonError::into_inner) = tokens;
        }
        Ok(())
    }

    /// Counts something odd about a source's events, by name; its log says it once.
    fn count(&self, hook: &Hook, what: String) {
        hook.tally().count(what);
        self.odd.notify_one();
    }

    /// Whether this is a vendor that we know, and that shows its secret in this way. Nobody else learns which sources
    /// there are.
    async fn admit(&self, source: &str, given: Option<&[u8]>, by_address: bool) -> Option<&Hook> {
        let own = |hook: &&Hook| hook.is_by_address() == by_address;
        let hook = self.hooks.get(source).filter(own);
        let good = match hook.or_else(|| self.hooks.values().next()) {
            Some(hook) => hook.tokens().admit(given).await,
            None => false,
        };
        hook.filter(|_| good)
    }

    async fn take(&self, hook: &Hook, headers: &HeaderMap, posted: Posted) -> StatusCode {
        // What it means is found out later; here it is read for its identity alone.
        let arrived = clock::wall();
        let (arrival, name) = match hook.read(&posted, arrived) {
            Ok(read) => read,
            Err(Malformed::TooLong) => return self.too_long(hook),
            Err(error) => {
                let kept = self.keep_unreadable(hook, posted, arrived, &error);
                return match tokio::time::timeout(STORE_TIME, kept).await {
                    // Sending it again would not help.
                    Ok(Ok(())) => StatusCode::OK,
                    Ok(Err(_)) | Err(_) => self.failed(),
                };
            }
        };
        let named = headers.get(NAME).and_then(|name| name.to_str().ok());
        if !hook.is_by_address() && named.is_some_and(|own| !own.eq_ignore_ascii_case(&name)) {
            self.count(hook, format!("X-Benemen-Event that differs from {name}"));
        }
        match tokio::time::timeout(STORE_TIME, self.store.keep(arrival)).await {
            Ok(Ok(Kept::New(_))) => {
                Counts::one(&self.counts.stored);
                StatusCode::OK
            }
            Ok(Ok(Kept::Seen)) => {
                Counts::one(&self.counts.seen);
                StatusCode::OK
            }
            Ok(Err(_)) | Err(_) => self.failed(),
        }
    }

    /// The disk did not take it: whoever sent it sends it again.
    fn failed(&self) -> StatusCode {
        Counts::one(&self.counts.failed);
        StatusCode::SERVICE_UNAVAILABLE
    }

    /// It is longer than any event.
    fn too_long(&self, hook: &Hook) -> StatusCode {
        Counts::one(&self.counts.too_long);
        self.count(hook, format!("{}; it is refused (413)", Malformed::TooLong));
        StatusCode::PAYLOAD_TOO_LARGE
    }

    /// It is compressed in a way that is not known.
    fn unsupported(&self, hook: &Hook, error: &Malformed) -> StatusCode {
        Counts::one(&self.counts.unsupported);
        self.count(hook, format!("{error}; it is refused (415): send gzip, deflate or none"));
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    }
}

/// All values of a header as one list; `None` where there is none.
fn joined(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let values = headers.get_all(name).into_iter();
    let values: Vec<_> =
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// Reads the store where it holds up nobody.
async fn blocking<T: Send + 'static>(
    store: &Store,
    read: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let store = store.clone();
    match tokio::task::spawn_blocking(move || read(&store)).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::Thread(std::io::ErrorKind::Other.into())),
    }
}

async fn by_header(
    State(receiver): State<Arc<Receiver>>,
    Extension(peer): Extension<Peer>,
    Path(source): Path<String>,
    request: Request,
) -> StatusCode {
    let (head, body) = request.into_parts();
    let mut tokens = head.headers.get_all(TOKEN).iter();
    let given = match (tokens.next(), tokens.next()) {
        (Some(token), None) => Some(token.as_bytes()),
        _ => None,
    };
    let hook = receiver.admit(&source, given, false).await;
    receive(&receiver, hook, &peer, &head.headers, body).await
}

async fn by_address(
    State(receiver): State<Arc<Receiver>>,
    Extension(peer): Extension<Peer>,
    Path((source, secret)): Path<(String, String)>,
    request: Request,
) -> StatusCode {
    let (head, body) = request.into_parts();
    let hook = receiver.admit(&source, Some(secret.as_bytes()), true).await;
    receive(&receiver, hook, &peer, &head.headers, body).await
}

async fn receive(
    receiver: &Receiver,
    hook: Option<&Hook>,
    peer: &Peer,
    headers: &HeaderMap,
    body: axum::body::Body,
) -> StatusCode {
    let Some(hook) = hook else {
        Counts::one(&receiver.counts.refused);
        receiver.refused.notify_one();
        return StatusCode::UNAUTHORIZED;
    };
    let _place = peer.webhook();
    let content_encoding = joined(headers, CONTENT_ENCODING);
    if let Err(error) = codings(content_encoding.as_deref()) {
        return receiver.unsupported(hook, &error);
    }
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > MAX_BYTES as u64) {
        return receiver.too_long(hook);
    }
    let body = match limits::whole(body, MAX_BYTES, limits::BODY_TIME).await {
        Ok(body) => body,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return receiver.too_long(hook);
        }
        Err(error) => return error.status(),
    };
    let content_type = joined(headers, CONTENT_TYPE);
    receiver.take(hook, headers, Posted { body, content_type, content_encoding }).await
}

/// Where the store of this program's own receiver is, in its state directory.
pub fn store_in(state_dir: &std::path::Path) -> PathBuf {
    state_dir.join("webhooks.redb")
}
