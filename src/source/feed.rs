//! One poll of a source from its first try to its last: when, how it is doing, and who is told.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::event::SourceEvent;
use crate::floor::id::FeedName;
use crate::floor::link::{Feed, FeedKind, Health};
use crate::source::http::HttpError;
use crate::source::poll::{Due, Listener, Schedule, wait};
use crate::source::retry::Rules;
use crate::source::secret::Secret;
use crate::source::{Line, Outbox};
use crate::text::Shown;

/// How often a refused secret is looked at again (quality figures, row 15).
const SECRET_LOOK: Duration = Duration::from_secs(60);

/// How often a refused secret is tried again although it is the same (quality figures, row 15).
const SECRET_TRIES: u32 = 15;

/// Tells how one feed is doing, whenever that changes.
#[derive(Debug)]
pub struct Reporter {
    feed: Feed,
    outbox: Outbox,
    attempt: u32,
}

impl Reporter {
    /// A feed that has not been tried; it is told of at once.
    pub async fn open(
        outbox: &Outbox,
        name: &str,
        kind: FeedKind,
        limit: Option<Duration>,
    ) -> Self {
        let feed = Feed::new(FeedName::new(name), kind, limit);
        let reporter = Self { feed, outbox: outbox.clone(), attempt: 0 };
        reporter.tell().await;
        reporter
    }

    async fn tell(&self) {
        self.outbox.send(SourceEvent::Link(self.feed.clone())).await;
    }

    /// It brought something.
    pub async fn up(&mut self, remark: Option<Shown>) {
        self.attempt = 0;
        self.feed.health = Health::Up;
        self.feed.last_update = Some(clock::moment());
        self.feed.remark = remark;
        self.tell().await;
    }

    /// A stream is open; it has brought nothing yet.
    pub async fn opened(&mut self) {
        self.attempt = 0;
        self.feed.health = Health::Up;
        self.tell().await;
    }

    /// It failed, and is tried again after `wait`.
    pub async fn down(&mut self, error: Shown, wait: Duration) {
        self.attempt = self.attempt.saturating_add(1);
        let retry_at = Some(clock::moment().after(wait));
        self.feed.health = Health::Down { error, attempt: self.attempt, retry_at };
        self.tell().await;
    }

    /// The vendor refuses the credentials; it is tried again after `wait`.
    pub async fn unauthorized(&mut self, error: Shown, wait: Duration) {
        self.attempt = self.attempt.saturating_add(1);
        let retry_at = Some(clock::moment().after(wait));
        self.feed.health = Health::Unauthorized { error, retry_at };
        self.tell().await;
    }

    /// It ended for good.
    pub async fn stopped(&mut self, error: Shown) {
        self.feed.health = Health::Stopped { error };
        self.tell().await;
    }
}

/// What a reading brought.
#[derive(Debug, Default)]
pub struct Reading {
    /// A remark that stays while the feed is well.
    pub remark: Option<Shown>,
}

/// Why a reading failed.
#[derive(Debug)]
pub struct Failure {
    /// The error.
    pub error: HttpError,
    /// What to do about it, e.g. which ticket is missing.
    pub hint: Option<&'static str>,
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        Self { error, hint: None }
    }
}

impl Failure {
    /// The error and what to do about it, in one line.
    pub fn shown(&self) -> Shown {
        match self.hint {
            Some(hint) => Shown::clean(&format!("{}; {hint}", self.error.shown())),
            None => self.error.shown(),
        }
    }

    const fn is_unauthorized(&self) -> bool {
        matches!(self.error, HttpError::Unauthorized { .. } | HttpError::Forbidden { .. })
    }
}

/// One poll: its interval, and the secret that a refusal is about.
pub struct Poll<'a> {
    /// How often it is read.
    pub every: Duration,
    /// The secret that is looked at again after a 401.
    pub secret: Option<&'a Secret>,
}

impl Poll<'_> {
    /// Reads at once and then every so often, until the source is stopped.
    pub async fn run<R>(&self, line: &Line, mut reporter: Reporter, mut read: R)
    where
        R: AsyncFnMut() -> Result<Reading, Failure>,
    {
        let mut ears = line.wake.listen();
        let mut schedule = Schedule::new(self.every, Rules::STANDARD, fastrand::Rng::new());
        loop {
            schedule.began(clock::moment());
            ears.forget();
            let result = tokio::select! {
                biased;
                () = line.stop.cancelled() => return,
                result = read() => result,
            };
            let due = match result {
                Ok(reading) => {
                    reporter.up(reading.remark).await;
                    let span = schedule.succeeded();
                    schedule.wait(span, clock::moment(), &mut ears, &line.stop).await
                }
                Err(failure) if failure.is_unauthorized() => {
                    reporter.unauthorized(failure.shown(), SECRET_LOOK).await;
                    self.other_secret(&mut ears, &line.stop).await
                }
                Err(failure) => {
                    let span = schedule.failed(clock::moment(), failure.error.retry_after());
                    reporter.down(failure.shown(), span).await;
                    schedule.wait(span, clock::moment(), &mut ears, &line.stop).await
                }
            };
            if due == Due::Stopped {
                return;
            }
        }
    }

    /// Waits until the secret differs, somebody asks, or a quarter of an hour is over.
    async fn other_secret(&self, ears: &mut Listener, stop: &CancellationToken) -> Due {
        for _ in 0..SECRET_TRIES {
            let due = wait(SECRET_LOOK, Duration::ZERO, ears, stop).await;
            let differs = match self.secret {
                Some(secret) => secret.reread().await.unwrap_or(false),
                None => false,
            };
            if differs || due != Due::Time {
                return due;
            }
        }
        Due::Time
    }
}
