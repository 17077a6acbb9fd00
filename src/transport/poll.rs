//! When a poll is due: at once, then at its interval, later after failures, now when somebody asks.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::floor::time::Moment;

use super::retry::{Backoff, Rules, Wish};
use super::secret::{Secret, SecretError, Ticket};

/// How often a refused secret is looked at: whoever renews it need not press a key.
pub const LOOK: Duration = Duration::from_mins(1);

/// How often a refused secret is tried all the same: the server may have learned it meanwhile.
pub const AGAIN: Duration = Duration::from_mins(15);

/// Asks every listener to try at once: “try now”, and the re-read after an action.
///
/// Clones ask the same listeners. A listener that is busy hears it when it listens next; several calls
/// before that count as one.
#[derive(Debug, Clone)]
pub struct Wake {
    asked: watch::Sender<()>,
    reread: watch::Sender<()>,
}

impl Default for Wake {
    fn default() -> Self {
        Self::new()
    }
}

impl Wake {
    pub fn new() -> Self {
        Self { asked: watch::Sender::new(()), reread: watch::Sender::new(()) }
    }

    /// Asks all listeners: somebody wants it now.
    pub fn all(&self) {
        self.asked.send_replace(());
    }

    /// Asks the polls to read anew what a stream may have missed. Unlike [`Self::all`] it does not go before the server's
    /// `Retry-After`, and tries no refused secret.
    pub fn reread(&self) {
        self.reread.send_replace(());
    }

    /// A new listener; it hears what is asked from now on.
    pub fn listen(&self) -> Listener {
        Listener { asked: self.asked.subscribe(), reread: self.reread.subscribe() }
    }
}

/// The seconds of a board: polls that are due about now are asked together, by a process that is awake anyway.
///
/// Clones beat together.
#[derive(Debug, Clone)]
pub struct Beat(watch::Sender<()>);

/// Half the time between two beats: a poll is due at the beat that is nearest to its time.
const HALF_A_BEAT: Duration = Duration::from_millis(500);

impl Default for Beat {
    fn default() -> Self {
        Self::new()
    }
}

impl Beat {
    pub fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    pub fn beat(&self) {
        self.0.send_replace(());
    }

    /// Ends at the beat that is nearest to `span` from now.
    async fn near(&self, span: Duration) {
        let due = clock::moment().after(span);
        let mut beats = self.0.subscribe();
        loop {
            let left = due.since(clock::moment());
            if left < HALF_A_BEAT {
                return;
            }
            // A beat that fails to come is waited for no longer than the time itself.
            tokio::select! {
                _ = beats.changed() => {}
                () = tokio::time::sleep(left + HALF_A_BEAT * 2) => return,
            }
        }
    }
}

/// One who hears [`Wake`].
#[derive(Debug, Clone)]
pub struct Listener {
    asked: watch::Receiver<()>,
    reread: watch::Receiver<()>,
}

impl Listener {
    /// Ends once somebody asked; never, when nobody is left who could. Dropping the future loses nothing.
    pub async fn heard(&mut self) {
        changed(&mut self.asked).await;
    }

    /// Forgets what was asked so far.
    pub fn forget(&mut self) {
        self.asked.mark_unchanged();
        self.reread.mark_unchanged();
    }
}

/// Ends once something was sent; never, when nobody is left who could.
async fn changed(receiver: &mut watch::Receiver<()>) {
    if receiver.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The time had come.
    Time,
    Asked,
    /// The source is closing.
    Stopped,
}

/// Waits for the time, for somebody who asks (not before `least`), or for the end.
pub async fn wait(
    span: Duration,
    least: Duration,
    ears: &mut Listener,
    stop: &CancellationToken,
) -> Due {
    until(tokio::time::sleep(span), least, None, ears, stop).await
}

/// The same; where `reread` is given, also for a stream that was away, but not before that.
async fn until(
    time: impl Future<Output = ()>,
    least: Duration,
    reread: Option<Duration>,
    ears: &mut Listener,
    stop: &CancellationToken,
) -> Due {
    let now = clock::moment();
    let Listener { asked: people, reread: streams } = ears;
    // Nobody is woken for a time at which nothing happens unless somebody asked.
    let asked = async {
        changed(people).await;
        tokio::time::sleep(now.after(least).since(clock::moment())).await;
    };
    let reread = async {
        let Some(span) = reread else { return std::future::pending().await };
        changed(streams).await;
        tokio::time::sleep(now.after(span).since(clock::moment())).await;
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => Due::Stopped,
        () = time => Due::Time,
        () = asked => Due::Asked,
        () = reread => Due::Asked,
    }
}

/// Waits after a 401 until the secret differs from the `refused` reading, or where there was none, until it
/// can be read (looked at every `look`); until `again` has passed; until somebody asks (not before `least`;
/// the secret is then read again); or for the end.
pub async fn wait_for_secret(
    secret: Option<&Secret>,
    mut refused: Option<Ticket>,
    look: Duration,
    again: Duration,
    least: Duration,
    ears: &mut Listener,
    stop: &CancellationToken,
) -> Due {
    let Some(secret) = secret else { return wait(again, least, ears, stop).await };
    let mut left = again;
    loop {
        let span = look.max(least).max(Duration::from_millis(1)).min(left);
        match wait(span, least, ears, stop).await {
            Due::Stopped => return Due::Stopped,
            Due::Asked => {
                // Unreadable still: the try itself will say so.
                let _ = differs(secret, &mut refused).await;
                return Due::Asked;
            }
            Due::Time => {
                left = left.saturating_sub(span);
                if left.is_zero() || differs(secret, &mut refused).await.unwrap_or(false) {
                    return Due::Time;
                }
            }
        }
    }
}

/// Whether a new reading differs from the refused one, which then becomes the newer of two equal readings.
pub(crate) async fn differs(
    secret: &Secret,
    refused: &mut Option<Ticket>,
) -> Result<bool, SecretError> {
    match refused {
        None => secret.current().await.map(|_| true),
        Some(ticket) => {
            let changed = secret.renew(ticket).await?;
            if !changed {
                *ticket = secret.current().await?;
            }
            Ok(changed)
        }
    }
}

/// The schedule of one poll.
#[derive(Debug, Clone)]
pub struct Schedule {
    every: Duration,
    backoff: Backoff,
    rng: fastrand::Rng,
}

impl Schedule {
    /// A poll every `every`, give or take a tenth, so that many boards do not ask in step.
    pub fn new(every: Duration, rules: Rules, mut rng: fastrand::Rng) -> Self {
        Self { every, backoff: Backoff::new(rules, rng.fork()), rng }
    }

    pub fn began(&mut self, now: Moment) {
        self.backoff.connecting(now);
    }

    /// It succeeded. Returns the wait until the next.
    pub fn succeeded(&mut self) -> Duration {
        self.backoff.succeeded();
        let tenth = self.every / 10;
        let spread = u64::try_from((tenth * 2).as_millis()).unwrap_or(u64::MAX);
        self.every.saturating_sub(tenth) + Duration::from_millis(self.rng.u64(0..=spread))
    }

    /// It failed. Returns the wait until the next: the server's own, else one that grows.
    pub fn failed(&mut self, now: Moment, retry_after: Option<Duration>) -> Duration {
        self.backoff.failed(now, Wish { after: retry_after, reconnect: None })
    }

    /// Failures in a row.
    pub const fn failures(&self) -> u32 {
        self.backoff.failures()
    }

    /// Waits about `span`, until the beat that is nearest to it; or less if somebody asks, or until the end. What is
    /// shorter than a beat is waited for by itself.
    pub async fn rest(
        &self,
        span: Duration,
        beat: Option<&Beat>,
        now: Moment,
        ears: &mut Listener,
        stop: &CancellationToken,
    ) -> Due {
        match beat {
            Some(beat) if span >= HALF_A_BEAT * 2 => {
                let (least, reread) = self.allowed(now);
                until(beat.near(span), least, Some(reread), ears, stop).await
            }
            Some(_) | None => self.wait(span, now, ears, stop).await,
        }
    }

    /// Waits `span`, or less if somebody asks, or until the end.
    pub async fn wait(
        &self,
        span: Duration,
        now: Moment,
        ears: &mut Listener,
        stop: &CancellationToken,
    ) -> Due {
        let (least, reread) = self.allowed(now);
        until(tokio::time::sleep(span), least, Some(reread), ears, stop).await
    }

    /// How long until the next reading is allowed to somebody who asks, and to the program itself.
    fn allowed(&self, now: Moment) -> (Duration, Duration) {
        (self.backoff.until_allowed(now), self.backoff.until_reread(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn schedule(every: Duration, seed: u64) -> Schedule {
        Schedule::new(every, Rules::STANDARD, fastrand::Rng::with_seed(seed))
    }

    proptest! {
        #[test]
        fn the_interval_is_kept_within_a_tenth(seed in any::<u64>(), millis in 1_u64..1_000_000) {
            let wait = schedule(Duration::from_millis(millis), seed).succeeded();
            prop_assert!(wait >= Duration::from_millis(millis) * 9 / 10);
            prop_assert!(wait <= Duration::from_millis(millis) * 11 / 10 + Duration::from_millis(1));
        }
    }

    #[test]
    fn a_failing_poll_backs_off_and_a_success_forgets_it() {
        let mut schedule = schedule(Duration::from_secs(5), 3);
        for _ in 0..20 {
            schedule.failed(Moment::default(), None);
        }
        assert_eq!(schedule.failures(), 20);
        let wait = schedule.failed(Moment::default(), Some(Duration::from_secs(90)));
        assert!(wait >= Duration::from_secs(90) && wait <= Duration::from_secs(91));
        schedule.succeeded();
        assert!(schedule.failed(Moment::default(), None) <= Duration::from_secs(3));
    }

    #[tokio::test]
    async fn without_a_beat_the_time_itself_ends_a_rest() {
        let mut ears = Wake::new().listen();
        let (silent, stop) = (Beat::new(), CancellationToken::new());
        let schedule = schedule(Duration::from_secs(5), 3);
        let span = Duration::from_millis(1_000);
        let due = schedule.rest(span, Some(&silent), clock::moment(), &mut ears, &stop).await;
        assert_eq!(due, Due::Time);
    }

    #[tokio::test]
    async fn what_is_shorter_than_a_beat_is_waited_for_all_the_same() {
        let mut ears = Wake::new().listen();
        let (beat, stop) = (Beat::new(), CancellationToken::new());
        let schedule = schedule(Duration::from_millis(200), 3);
        let (began, span) = (clock::moment(), Duration::from_millis(200));
        assert_eq!(schedule.rest(span, Some(&beat), began, &mut ears, &stop).await, Due::Time);
        assert!(clock::moment().since(began) >= Duration::from_millis(199), "no storm of polls");
    }

    #[tokio::test]
    async fn a_beat_behind_the_time_ends_a_rest_at_once() {
        let mut ears = Wake::new().listen();
        let (beat, stop) = (Beat::new(), CancellationToken::new());
        let schedule = schedule(Duration::from_secs(5), 3);
        let began = clock::moment();
        let rest =
            schedule.rest(Duration::from_millis(1_010), Some(&beat), began, &mut ears, &stop);
        let beats = async {
            while clock::moment().since(began) < Duration::from_millis(520) {
                tokio::task::yield_now().await;
            }
            beat.beat();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            due = rest => assert_eq!(due, Due::Time),
            () = beats => {}
        }
        assert!(clock::moment().since(began) < Duration::from_millis(1_010), "before its time");
    }

    #[tokio::test]
    async fn whoever_asks_is_heard_even_while_nobody_listens() {
        let wake = Wake::new();
        let mut ears = wake.listen();
        let stop = CancellationToken::new();
        wake.all();
        wake.all();
        let hour = Duration::from_hours(1);
        assert_eq!(wait(hour, Duration::ZERO, &mut ears, &stop).await, Due::Asked);
        let soon = Duration::from_millis(1);
        assert_eq!(wait(soon, Duration::ZERO, &mut ears, &stop).await, Due::Time);
        stop.cancel();
        assert_eq!(wait(hour, Duration::ZERO, &mut ears, &stop).await, Due::Stopped);
    }

    #[tokio::test]
    async fn a_stream_that_was_away_has_polls_read_anew_but_not_before_the_server_wants_it() {
        let (wake, stop) = (Wake::new(), CancellationToken::new());
        let (mut ears, minute) = (wake.listen(), Duration::from_mins(1));
        let mut schedule = schedule(Duration::from_secs(60), 3);
        wake.reread();
        let due = schedule.wait(minute, clock::moment(), &mut ears, &stop).await;
        assert_eq!(due, Due::Asked, "nothing is against it");
        let now = clock::moment();
        schedule.failed(now, Some(Duration::from_secs(90)));
        assert!(schedule.backoff.until_reread(now) >= Duration::from_secs(90));
        assert_eq!(schedule.backoff.until_allowed(now), Duration::ZERO, "a person may try");
        wake.reread();
        let short = Duration::from_millis(20);
        assert_eq!(schedule.wait(short, now, &mut ears, &stop).await, Due::Time, "not before it");
        wake.reread();
        wake.all();
        assert_eq!(schedule.wait(minute, now, &mut ears, &stop).await, Due::Asked);
        schedule.succeeded();
        assert_eq!(schedule.backoff.until_reread(clock::moment()), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_stream_that_was_away_tries_neither_another_stream_nor_a_refused_secret() {
        let (wake, stop) = (Wake::new(), CancellationToken::new());
        let mut ears = wake.listen();
        wake.reread();
        let soon = Duration::from_millis(1);
        assert_eq!(wait(soon, Duration::ZERO, &mut ears, &stop).await, Due::Time);
        let due = wait_for_secret(None, None, soon, soon, Duration::ZERO, &mut ears, &stop).await;
        assert_eq!(due, Due::Time);
    }

    #[tokio::test]
    async fn nobody_left_to_ask_is_not_the_same_as_asked() {
        let wake = Wake::new();
        let mut ears = wake.listen();
        drop(wake);
        let stop = CancellationToken::new();
        let soon = Duration::from_millis(1);
        assert_eq!(wait(soon, Duration::ZERO, &mut ears, &stop).await, Due::Time);
    }
}
