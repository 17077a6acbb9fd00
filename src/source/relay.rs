//! A relay: one process that reads all sources and shares what it knows. A board behind it shows the relay's sources
//! under their own names.
//!
//! ```text
//!  GET /v1/events ─► hello ─► resumed? ─ yes ─► facts, each with its number ─► outbox
//!                               │ no                 ▲         │ gap
//!                               ▼                    │         ▼
//!                        GET /v1/snapshot ───────────┴──── GET /v1/snapshot
//! ```

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use crate::clock;
use crate::event::SourceEvent;
use crate::floor::id::SourceName;
use crate::floor::link::FeedKind;
use crate::floor::portable::{ByClock, Portable};
use crate::operations::{Access, Command, Outcome};
use crate::source::feed::{Failure, Poll, Reading, Reporter};
use crate::source::settings::{Common, RelaySettings};
use crate::source::{Line, Probe, Source, outcome};
use crate::text::Shown;
use crate::transport::http::{Auth, Client, HttpError, Method, Options, Reach, Transport};
use crate::transport::poll::{self, Due};
use crate::transport::retry::Rules;
use crate::transport::secret::Secret;
use crate::transport::sse::guard::Bounds;
use crate::transport::sse::{End, Subscription, Timing, follow};

use self::board::Board;
use self::skew::Skew;
use self::wire::Snapshot;

mod board;
#[cfg(feature = "nats")]
pub mod nats;
mod skew;
pub mod wire;

/// The feed of snapshots.
pub const SNAPSHOT: &str = "snapshot";
/// The feed of facts.
pub const EVENTS: &str = "events";

/// How often snapshots are read where no stream is followed.
const EVERY: Duration = Duration::from_secs(5);

/// The largest snapshot: a floor of 26 000 records and a day of their calls fits in twice.
const SNAPSHOT_LIMIT: usize = 64 * 1024 * 1024;

/// The largest fact: all people of that floor at once.
const FACT_LIMIT: usize = 16 * 1024 * 1024;

/// How much longer than a vendor's a relay's answer to a command may take.
const ON_TOP: Duration = Duration::from_secs(5);

/// Facts that may wait for the board; then the relay waits.
const STREAM_ROOM: usize = 64;

/// What is missing when the relay refuses.
const HINT: &str = "the relay does not know this token: see its [[relay.token]], scope \"read\"";

/// A relay to read from.
pub struct Relay {
    client: Client,
    base: String,
    idle: Duration,
    names: Names,
}

/// For whom a relay stands, as of the last snapshot.
#[derive(Debug, Default)]
struct Names(Mutex<BTreeSet<SourceName>>);

impl Names {
    fn all(&self) -> MutexGuard<'_, BTreeSet<SourceName>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A way to a relay: where a board finds everything that the relay knows.
trait Way: Sync {
    /// Everything, as of the last moments.
    fn fetch(&self) -> BoxFuture<'_, Result<Snapshot, Failure>>;

    /// For whom the relay stands.
    fn names(&self) -> &Names;

    /// What opens the way.
    fn secret(&self) -> Option<&Secret>;

    /// What is missing when the relay refuses.
    fn hint(&self) -> &'static str;
}

/// Reads everything and tells it; answers with the number of the last fact in it.
async fn read(way: &dyn Way, line: &Line, skew: &mut Skew) -> Result<u64, Failure> {
    let Snapshot { schema, run, seq, now, mut parts } = way.fetch().await?;
    if schema != wire::SCHEMA {
        let what = format!("schema {schema} is not {}", wire::SCHEMA);
        let form = "a snapshot of this version";
        return Err(HttpError::Unreadable { form, source: what.into() }.into());
    }
    let mut clock: ByClock = skew.heard(run, now.moment, clock::moment());
    parts.change(&mut clock);
    *way.names().all() = parts.keys().cloned().collect();
    line.outbox.send(SourceEvent::Relayed(parts)).await;
    Ok(seq)
}

impl Relay {
    /// A relay that has not been connected to.
    ///
    /// # Errors
    /// Settings of which no client can be made.
    pub fn new(
        common: &Common,
        settings: &RelaySettings,
        access: Access,
    ) -> Result<Self, HttpError> {
        let timeout = common.transport.timeout + ON_TOP;
        let client = Client::new(Options {
            transport: Transport { timeout, ..common.transport.clone() },
            auth: Auth::bearer(Secret::new(settings.token.clone())),
            access,
            quota: None,
            clock: None,
        })?;
        let base = settings.url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { client, base, idle: common.idle, names: Names::default() })
    }

    async fn poll(&self, line: &Line, reporter: Reporter) {
        let mut poll = Poll::new(line, reporter, EVERY, Way::secret(self));
        while poll.due().await {
            let read = read(self, line, &mut Skew::default()).await;
            poll.took(read.map(|_| Reading::default())).await;
        }
    }

    /// Follows the stream, through whatever ends it.
    async fn follow(&self, line: &Line, mut board: Board<'_>) {
        loop {
            let request = match self.client.get(&format!("{}{}", self.base, wire::EVENTS)) {
                Ok(request) => request.accept("text/event-stream"),
                Err(error) => return board.stopped(error.shown()).await,
            };
            let (tell, mut heard) = mpsc::channel(STREAM_ROOM);
            let subscription = Subscription {
                client: self.client.clone(),
                request,
                timing: Timing {
                    idle: self.idle,
                    bounds: Bounds { line: FACT_LIMIT, event: FACT_LIMIT, ..Bounds::STANDARD },
                    ..Timing::STANDARD
                },
                rng: fastrand::Rng::new(),
                ears: line.wake.listen(),
                stop: line.stop.clone(),
            };
            let (end, ()) =
                tokio::join!(follow(subscription, tell, |event| event), board.listen(&mut heard));
            match end {
                End::Cancelled | End::Unheard => return,
                // Whoever mends the relay's tokens need not restart the boards.
                End::Forbidden | End::Stopped => {
                    let mut ears = line.wake.listen();
                    let wait = poll::wait(poll::AGAIN, Rules::STANDARD.gap, &mut ears, &line.stop);
                    if wait.await == Due::Stopped {
                        return;
                    }
                }
            }
        }
    }
}

fn hinted(error: HttpError) -> Failure {
    let refused = matches!(error, HttpError::Unauthorized { .. } | HttpError::Forbidden { .. });
    Failure { error, hint: refused.then_some(HINT) }
}

impl Way for Relay {
    fn fetch(&self) -> BoxFuture<'_, Result<Snapshot, Failure>> {
        async move {
            let request = self.client.get(&format!("{}{}", self.base, wire::SNAPSHOT))?;
            let request = request.accept("application/json").polled().limit(SNAPSHOT_LIMIT);
            Ok(self.client.send(request).await.map_err(hinted)?.json()?)
        }
        .boxed()
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn secret(&self) -> Option<&Secret> {
        self.client.auth().secret()
    }

    fn hint(&self) -> &'static str {
        HINT
    }
}

/// What a probe says of a relay that could be read.
fn probed(read: Result<Snapshot, Failure>) -> Result<String, Shown> {
    let snapshot = read.map_err(|failure| failure.shown())?;
    let names: Vec<_> = snapshot.parts.keys().map(|name| name.shown().to_string()).collect();
    Ok(format!("stands for {}", names.join(", ")))
}

impl Source for Relay {
    fn run(self: Arc<Self>, line: Line) -> BoxFuture<'static, ()> {
        async move {
            let snapshot = Reporter::open(&line.outbox, SNAPSHOT, FeedKind::Poll, None).await;
            if line.beat.is_some() {
                let events = Reporter::open(&line.outbox, EVENTS, FeedKind::Stream, None).await;
                let board = Board::new(&*self, &line, snapshot, events);
                self.follow(&line, board).await;
            } else {
                self.poll(&line, snapshot).await;
            }
        }
        .boxed()
    }

    /// Hands the command on; the relay sends it, and its answer is what came of it.
    fn execute(self: Arc<Self>, command: Command) -> BoxFuture<'static, Outcome> {
        async move {
            let url = format!("{}{}", self.base, wire::COMMANDS);
            let request = match self.client.request(Reach::Action, Method::POST, &url) {
                Ok(request) => request.accept("application/json"),
                Err(error) => return outcome::<()>(Err(error)),
            };
            let request = match request.json(&command) {
                Ok(request) => request,
                Err(error) => return Outcome::Failed(Shown::clean(&error.to_string())),
            };
            match self.client.send(request).await {
                Ok(reply) => reply.json().unwrap_or_else(|error| Outcome::Unknown(error.shown())),
                Err(error) => outcome::<()>(Err(error)),
            }
        }
        .boxed()
    }

    fn stands_for(&self, source: &SourceName) -> bool {
        self.names.all().contains(source)
    }

    fn probe(self: Arc<Self>) -> BoxFuture<'static, Vec<Probe>> {
        async move {
            let result = probed(self.fetch().await);
            vec![Probe { name: wire::SNAPSHOT.to_owned(), result, spare: false }]
        }
        .boxed()
    }
}
