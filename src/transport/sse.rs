//! An event stream that is followed for as long as it is wanted, through every way a connection can end.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::floor::time::Moment;
use crate::text::Shown;

use super::http::{Client, HttpError, Request, chain};
use super::poll::{self, Due, Listener};
use super::retry::{Backoff, Rules, Wish};
use super::secret::Ticket;
use guard::{Bounds, Guard};
use transport::{Connection, Item};

pub use decode::DecodeError;
pub use transport::StreamError;

mod decode;
pub mod guard;
mod transport;

/// What the log's filter says about the event parser: it prints payloads and headers.
pub const PARSER_LOG: &str = "eventsource_client=off";

/// The waits and bounds of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    pub rules: Rules,
    /// How long a stream may be silent, comments included.
    pub idle: Duration,
    /// How often a refused secret is looked at.
    pub look: Duration,
    /// How often it is tried all the same.
    pub again: Duration,
    pub bounds: Bounds,
}

impl Timing {
    /// What every source uses unless configured.
    pub const STANDARD: Self = Self {
        rules: Rules::STANDARD,
        idle: Duration::from_secs(40),
        look: poll::LOOK,
        again: poll::AGAIN,
        bounds: Bounds::STANDARD,
    };
}

impl Default for Timing {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// What happens to a followed stream, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEvent {
    /// A connection is tried; `attempt` counts from 1 since the last health.
    Connecting {
        attempt: u32,
    },
    Open,
    Event {
        /// Its type; `message` where the server names none.
        kind: String,
        /// Its data, lines joined by LF.
        data: String,
        /// The last id that the server gave, with this event or before.
        id: Option<String>,
    },
    /// The connection failed or ended; the next try has its time.
    Waiting {
        reason: Shown,
        /// Which try this was.
        attempt: u32,
        /// When the next one is.
        retry_at: Moment,
        /// What the server asked for, where it asked for a longer wait.
        wished: Option<Duration>,
        /// All that the server asked for, for whoever keeps the back-off of several streams.
        wish: Wish,
    },
    /// The server does not accept the secret, or there is none. Tried again when it differs, or at `retry_at`.
    Unauthorized {
        reason: Shown,
        /// When it is tried all the same.
        retry_at: Moment,
    },
    /// The server does not allow this stream: the last event. The next operation of the ladder is due.
    Forbidden {
        reason: Shown,
    },
    /// The server asked not to be asked again: the last event.
    Stopped {
        reason: Shown,
    },
}

/// Why a stream is not followed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Cancelled,
    Unheard,
    /// The server does not allow it (403).
    Forbidden,
    /// The server has nothing to stream (204).
    Stopped,
}

/// A stream to follow.
#[derive(Debug)]
pub struct Subscription {
    pub client: Client,
    /// What is asked, each time.
    pub request: Request,
    pub timing: Timing,
    /// Decides within the waits' bounds.
    pub rng: fastrand::Rng,
    pub ears: Listener,
    pub stop: CancellationToken,
}

/// Follows a stream and hands on all that happens, each wrapped by `wrap`.
///
/// The channel pushes back: while it is full nothing is read from the connection and nothing is dropped.
/// One connection at a time; the last id is sent with the next.
pub async fn follow<T: Send>(
    subscription: Subscription,
    out: mpsc::Sender<T>,
    wrap: impl Fn(StreamEvent) -> T + Send,
) -> End {
    let stop = subscription.stop.clone();
    let follower = Follower {
        backoff: Backoff::new(subscription.timing.rules, subscription.rng.clone()),
        guard: Guard::new(subscription.timing.bounds, None),
        subscription,
        out,
        wrap,
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => End::Cancelled,
        end = follower.run() => end,
    }
}

struct Follower<T, W> {
    subscription: Subscription,
    backoff: Backoff,
    guard: Guard,
    out: mpsc::Sender<T>,
    wrap: W,
}

impl<T: Send, W: Fn(StreamEvent) -> T + Send> Follower<T, W> {
    async fn run(mut self) -> End {
        loop {
            let ended = match self.connection().await {
                Ok(error) => self.after(error).await,
                Err(end) => Err(end),
            };
            if let Err(end) = ended {
                return end;
            }
        }
    }

    async fn tell(&self, event: StreamEvent) -> Result<(), End> {
        self.out.send((self.wrap)(event)).await.map_err(|_| End::Unheard)
    }

    /// One connection, from the first byte to the error that ended it.
    async fn connection(&mut self) -> Result<StreamError, End> {
        self.tell(StreamEvent::Connecting { attempt: self.attempt() }).await?;
        self.backoff.connecting(clock::moment());
        let Subscription { client, request, timing, .. } = &self.subscription;
        let connection = Connection::new(client, request, timing.idle, self.guard.reopened());
        let mut items = connection.items();
        let error = loop {
            match items.next().await {
                Some(Ok(Item::Open)) => {
                    self.backoff.opened(clock::moment());
                    self.tell(StreamEvent::Open).await?;
                }
                Some(Ok(Item::Event { kind, data, id })) => {
                    self.tell(StreamEvent::Event { kind, data, id }).await?;
                }
                Some(Err(error)) => break error,
                None => break StreamError::Ended,
            }
        };
        self.guard = connection.guard();
        Ok(error)
    }

    /// What follows from the error: a wait, or the end.
    async fn after(&mut self, error: StreamError) -> Result<(), End> {
        let reason = Shown::clean(&chain(&error));
        match error {
            StreamError::NoContent => {
                self.tell(StreamEvent::Stopped { reason }).await?;
                Err(End::Stopped)
            }
            StreamError::Http { source: HttpError::Forbidden { .. } } => {
                self.tell(StreamEvent::Forbidden { reason }).await?;
                Err(End::Forbidden)
            }
            StreamError::Http { source } if source.wants_secret() => {
                self.until_authorized(reason, source.refused()).await
            }
            StreamError::Http { source } => self.back_off(reason, source.retry_after()).await,
            StreamError::Status { .. }
            | StreamError::ContentType { .. }
            | StreamError::WebPage { .. }
            | StreamError::Decode { .. }
            | StreamError::Silent { .. }
            | StreamError::Guard { .. }
            | StreamError::Broken { .. }
            | StreamError::Ended
            | StreamError::Parser { .. } => self.back_off(reason, None).await,
        }
    }

    async fn back_off(&mut self, reason: Shown, after: Option<Duration>) -> Result<(), End> {
        let now = clock::moment();
        let attempt = self.attempt();
        let wish = Wish { after, reconnect: self.guard.retry() };
        let wait = self.backoff.failed(now, wish);
        let wished = after.or(wish.reconnect).filter(|wished| *wished > wait);
        let retry_at = now.after(wait);
        self.subscription.ears.forget();
        self.tell(StreamEvent::Waiting { reason, attempt, retry_at, wished, wish }).await?;
        let least = self.backoff.until_allowed(clock::moment());
        let left = retry_at.since(clock::moment());
        let Subscription { ears, stop, .. } = &mut self.subscription;
        match poll::wait(left, least, ears, stop).await {
            Due::Stopped => Err(End::Cancelled),
            Due::Time | Due::Asked => Ok(()),
        }
    }

    async fn until_authorized(
        &mut self,
        reason: Shown,
        refused: Option<Ticket>,
    ) -> Result<(), End> {
        let Timing { look, again, .. } = self.subscription.timing;
        let now = clock::moment();
        // The second try with a re-read secret was a connect too.
        self.backoff.connecting(now);
        let retry_at = now.after(again);
        self.subscription.ears.forget();
        self.tell(StreamEvent::Unauthorized { reason, retry_at }).await?;
        let least = self.backoff.until_allowed(clock::moment());
        let Subscription { client, request, ears, stop, .. } = &mut self.subscription;
        let secret = client.identity(request).secret();
        match poll::wait_for_secret(secret, refused, look, again, least, ears, stop).await {
            Due::Stopped => Err(End::Cancelled),
            Due::Time | Due::Asked => Ok(()),
        }
    }

    fn attempt(&self) -> u32 {
        self.backoff.failures().saturating_add(1)
    }
}
