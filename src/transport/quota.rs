//! How many calls a vendor allows in a minute, kept on our side with room for people's actions.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock;
use crate::floor::time::Moment;
use crate::transport::retry::Rules;

/// How long a person's call waits for room at most; what would take longer is told at once instead.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// What a call is for: polls leave room for what people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// A call of the poll's schedule.
    Poll,
    /// A call that a person waits for.
    Action,
}

/// The bounds of a [`Quota`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls of any kind in one window.
    pub calls: usize,
    pub polls: usize,
    /// The length of the window.
    pub window: Duration,
    /// How long nothing is sent after a 429 that does not say.
    pub pause: Duration,
}

impl Limits {
    /// The vendor that counts allows 100 calls in any 60 s. We stay at 90, of which 80 are polls, and
    /// count for one second more than it does, since calls arrive later than they leave.
    pub const PER_MINUTE: Self = Self {
        calls: 90,
        polls: 80,
        window: Duration::from_secs(61),
        pause: Duration::from_mins(1),
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::PER_MINUTE
    }
}

/// A sliding log of the calls of the last window.
///
/// A leaking bucket cannot say “at most 90 in any 60 s”: it lets twice as many through around an idle
/// second. The log can.
#[derive(Debug, Clone, Default)]
pub struct Quota {
    limits: Limits,
    log: VecDeque<(Moment, CallKind)>,
    blocked_until: Moment,
}

impl Quota {
    /// An empty log with these limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, log: VecDeque::new(), blocked_until: Moment::default() }
    }

    /// Takes one call if there is room now.
    ///
    /// # Errors
    ///
    /// How long until there is room for a call of this kind, if nothing else takes it.
    pub fn try_take(&mut self, kind: CallKind, now: Moment) -> Result<(), Duration> {
        self.forget(now);
        let wait = self.wait(kind, now);
        if wait.is_zero() {
            self.log.push_back((now, kind));
            Ok(())
        } else {
            Err(wait)
        }
    }

    /// The vendor said 429: nothing is sent before `retry_after`, at most five minutes, or the limits' pause.
    pub fn refused(&mut self, retry_after: Option<Duration>, now: Moment) {
        let wait = retry_after.unwrap_or(self.limits.pause).min(Rules::STANDARD.obey);
        let until = now.after(wait);
        self.blocked_until = self.blocked_until.max(until);
    }

    /// Calls and polls of the running window.
    pub fn used(&mut self, now: Moment) -> (usize, usize) {
        self.forget(now);
        (self.log.len(), self.polls())
    }

    fn polls(&self) -> usize {
        self.log.iter().filter(|(_, kind)| *kind == CallKind::Poll).count()
    }

    fn forget(&mut self, now: Moment) {
        while self.log.front().is_some_and(|(at, _)| now.since(*at) >= self.limits.window) {
            self.log.pop_front();
        }
    }

    fn wait(&self, kind: CallKind, now: Moment) -> Duration {
        let blocked = self.blocked_until.since(now);
        let all = self.room_after(self.log.iter(), self.limits.calls, now);
        let polls = match kind {
            CallKind::Action => Duration::ZERO,
            CallKind::Poll => {
                let polls = self.log.iter().filter(|(_, kind)| *kind == CallKind::Poll);
                self.room_after(polls, self.limits.polls, now)
            }
        };
        blocked.max(all).max(polls)
    }

    /// When fewer than `limit` of these calls are left in the window.
    fn room_after<'a>(
        &self,
        calls: impl DoubleEndedIterator<Item = &'a (Moment, CallKind)>,
        limit: usize,
        now: Moment,
    ) -> Duration {
        match limit.checked_sub(1) {
            None => self.limits.window,
            Some(before) => calls
                .rev()
                .nth(before)
                .map_or(Duration::ZERO, |(at, _)| at.after(self.limits.window).since(now)),
        }
    }
}

/// One [`Quota`] that several clients of the same account draw on.
#[derive(Debug, Clone, Default)]
pub struct SharedQuota(Arc<Mutex<Quota>>);

impl SharedQuota {
    /// A shared, empty log with these limits.
    pub fn new(limits: Limits) -> Self {
        Self(Arc::new(Mutex::new(Quota::new(limits))))
    }

    /// Takes one call. A person's call waits for room, but no longer than [`PATIENCE`]; a poll never waits here.
    ///
    /// # Errors
    ///
    /// How long until there is room.
    pub async fn take(&self, kind: CallKind) -> Result<(), Duration> {
        let taken = self.lock().try_take(kind, clock::moment());
        match (kind, taken) {
            (CallKind::Action, Err(wait)) if wait <= PATIENCE => {
                tokio::time::sleep(wait).await;
                self.lock().try_take(kind, clock::moment())
            }
            (_, taken) => taken,
        }
    }

    /// The log, locked for as long as one call takes to be counted.
    pub fn lock(&self) -> MutexGuard<'_, Quota> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: u64) -> Moment {
        Moment::from_millis(millis)
    }

    #[test]
    fn polls_leave_ten_calls_for_people() {
        let mut quota = Quota::default();
        for _ in 0..80 {
            assert_eq!(quota.try_take(CallKind::Poll, at(0)), Ok(()));
        }
        assert_eq!(quota.try_take(CallKind::Poll, at(1_000)), Err(Duration::from_mins(1)));
        for _ in 0..10 {
            assert_eq!(quota.try_take(CallKind::Action, at(1_000)), Ok(()));
        }
        assert_eq!(quota.try_take(CallKind::Action, at(1_000)), Err(Duration::from_mins(1)));
        assert_eq!(quota.try_take(CallKind::Action, at(61_000)), Ok(()));
    }

    #[test]
    fn after_a_429_nothing_is_sent_before_its_time() {
        let mut quota = Quota::default();
        quota.refused(Some(Duration::from_secs(7)), at(0));
        assert_eq!(quota.try_take(CallKind::Action, at(6_999)), Err(Duration::from_millis(1)));
        assert_eq!(quota.try_take(CallKind::Action, at(7_000)), Ok(()));
        quota.refused(None, at(7_000));
        assert_eq!(quota.try_take(CallKind::Action, at(7_000)), Err(Duration::from_mins(1)));
        quota.refused(Some(Duration::from_secs(99_999)), at(7_000));
        assert_eq!(quota.try_take(CallKind::Action, at(7_000)), Err(Duration::from_mins(5)));
        quota = Quota::default();
        quota.refused(None, at(7_000));
        quota.refused(Some(Duration::ZERO), at(7_000));
        assert_eq!(quota.try_take(CallKind::Action, at(7_000)), Err(Duration::from_mins(1)));
    }

    #[tokio::test]
    async fn a_person_waits_for_a_short_while_and_a_poll_not_at_all() {
        let limits =
            Limits { calls: 1, polls: 1, window: Duration::from_millis(30), ..Limits::PER_MINUTE };
        let quota = SharedQuota::new(limits);
        assert_eq!(quota.take(CallKind::Action).await, Ok(()));
        assert!(quota.take(CallKind::Poll).await.is_err());
        assert_eq!(quota.take(CallKind::Action).await, Ok(()));
        quota.lock().refused(Some(PATIENCE * 2), clock::moment());
        let asked = clock::moment();
        let wait = quota.take(CallKind::Action).await.expect_err("longer than anybody waits");
        assert!(wait > PATIENCE && clock::moment().since(asked) < PATIENCE);
    }

    proptest! {
        #[test]
        fn no_minute_holds_more_than_the_limits(
            steps in prop::collection::vec((0_u64..2_000, any::<bool>()), 1..600),
        ) {
            let mut quota = Quota::default();
            let mut now = 0;
            let mut taken: Vec<(u64, CallKind)> = Vec::new();
            for (step, poll) in steps {
                now += step;
                let kind = if poll { CallKind::Poll } else { CallKind::Action };
                match quota.try_take(kind, at(now)) {
                    Ok(()) => taken.push((now, kind)),
                    Err(wait) => prop_assert!(!wait.is_zero() && wait <= Limits::PER_MINUTE.window),
                }
            }
            for (start, _) in &taken {
                let minute: Vec<_> =
                    taken.iter().filter(|(t, _)| t >= start && *t <= start + 60_000).collect();
                prop_assert!(minute.len() <= 90);
                prop_assert!(minute.iter().filter(|(_, k)| *k == CallKind::Poll).count() <= 80);
            }
        }

        #[test]
        fn the_named_wait_is_enough(count in 80_usize..200, gap in 0_u64..700) {
            let mut quota = Quota::default();
            let mut now = 0;
            for _ in 0..count {
                if let Err(wait) = quota.try_take(CallKind::Poll, at(now)) {
                    now += u64::try_from(wait.as_millis()).unwrap();
                    prop_assert_eq!(quota.try_take(CallKind::Poll, at(now)), Ok(()));
                }
                now += gap;
            }
        }
    }
}
