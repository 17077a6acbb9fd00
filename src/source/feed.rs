//! One poll of a source from its first try to its last: when, how it is doing, and who is told.

use std::time::Duration;

use crate::clock;
use crate::event::SourceEvent;
use crate::floor::id::FeedName;
use crate::floor::link::{Feed, FeedKind, Health};
use crate::floor::time::Moment;
use crate::source::{Line, Outbox};
use crate::text::Shown;
use crate::transport::http::HttpError;
use crate::transport::poll::{AGAIN, Due, LOOK, Listener, Schedule, wait_for_secret};
use crate::transport::retry::Rules;
use crate::transport::secret::{Secret, Ticket};

/// How often a feed that brings one thing after the other says that it does.
const NEWS_EVERY: Duration = Duration::from_secs(1);

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

    pub async fn up(&mut self, remark: Option<Shown>) {
        self.attempt = 0;
        self.feed.health = Health::Up;
        self.feed.last_update = Some(clock::moment());
        self.feed.remark = remark;
        self.tell().await;
    }

    /// Another remark stands beside it, however it is doing.
    pub async fn remark(&mut self, remark: Option<Shown>) {
        if self.feed.remark != remark {
            self.feed.remark = remark;
            self.tell().await;
        }
    }

    /// It goes on bringing things. That is told once a second: whoever looks on counts no faster.
    pub async fn goes_on(&mut self) {
        let age = self.feed.last_update.map(|at| clock::moment().since(at));
        if self.feed.health != Health::Up || age.is_none_or(|age| age >= NEWS_EVERY) {
            self.up(None).await;
        }
    }

    /// A stream is open; it has brought nothing yet.
    pub async fn opened(&mut self) {
        self.attempt = 0;
        self.feed.health = Health::Up;
        self.tell().await;
    }

    /// When it last brought something.
    pub const fn last_update(&self) -> Option<Moment> {
        self.feed.last_update
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
}

/// One poll: when it is due, and what is told of how it went.
pub struct Poll<'l> {
    line: &'l Line,
    reporter: Reporter,
    schedule: Schedule,
    ears: Listener,
    secret: Option<Secret>,
    next: Next,
    asked: bool,
}

/// What is waited for before the next reading.
enum Next {
    Now,
    /// Its interval: a little more or less does no harm.
    Interval(Duration),
    After(Duration),
    /// Another secret than this reading, which was refused; any at all where there was none.
    OtherSecret(Option<Ticket>),
}

impl<'l> Poll<'l> {
    /// A poll that is due at once, then every `every`. `secret` is looked at again after a refusal.
    pub fn new(
        line: &'l Line,
        reporter: Reporter,
        every: Duration,
        secret: Option<&Secret>,
    ) -> Self {
        Self {
            line,
            reporter,
            schedule: Schedule::new(every, Rules::STANDARD, fastrand::Rng::new()),
            ears: line.wake.listen(),
            secret: secret.cloned(),
            next: Next::Now,
            asked: false,
        }
    }

    /// Whether somebody asked for the reading that is due.
    pub const fn was_asked(&self) -> bool {
        self.asked
    }

    /// Who tells how it is doing, for what is seen of it between two readings.
    pub const fn reporter(&mut self) -> &mut Reporter {
        &mut self.reporter
    }

    /// Waits until it is due; `false` when the source is stopped.
    pub async fn due(&mut self) -> bool {
        let stop = &self.line.stop;
        let due = match std::mem::replace(&mut self.next, Next::Now) {
            Next::Now => Due::Time,
            Next::Interval(span) => {
                let beat = self.line.beat.as_ref();
                self.schedule.rest(span, beat, clock::moment(), &mut self.ears, stop).await
            }
            Next::After(span) => {
                self.schedule.wait(span, clock::moment(), &mut self.ears, stop).await
            }
            Next::OtherSecret(refused) => {
                let (secret, ears) = (self.secret.as_ref(), &mut self.ears);
                wait_for_secret(secret, refused, LOOK, AGAIN, Duration::ZERO, ears, stop).await
            }
        };
        self.schedule.began(clock::moment());
        self.ears.forget();
        self.asked = due == Due::Asked;
        due != Due::Stopped && !stop.is_cancelled()
    }

    /// Takes what came of a reading; tells how the feed is doing.
    pub async fn took(&mut self, result: Result<Reading, Failure>) {
        match result {
            Ok(reading) => {
                self.reporter.up(reading.remark).await;
                self.next = Next::Interval(self.schedule.succeeded());
            }
            // Our own budget is used up: the reading is late, nothing is wrong.
            Err(Failure { error: HttpError::Quota { wait }, .. }) => self.next = Next::After(wait),
            Err(failure) if failure.error.wants_person() => {
                self.reporter.unauthorized(failure.shown(), LOOK).await;
                let refused = match (&failure.error, &self.secret) {
                    // What was allowed too little is the reading of now.
                    (HttpError::Forbidden { .. }, Some(secret)) => secret.current().await.ok(),
                    (error, _) => error.refused(),
                };
                self.next = Next::OtherSecret(refused);
            }
            Err(failure) => {
                let span = self.schedule.failed(clock::moment(), failure.error.retry_after());
                self.reporter.down(failure.shown(), span).await;
                self.next = Next::After(span);
            }
        }
    }
}
