//! The only file that reads time. Everything else is told what time it is.
//!
//! The monotonic clock of the system stops while the machine sleeps. What was read before a sleep must not look new
//! after it: [`moment`] counts the sleep, and [`Jumps`] says that there was one.

use std::io;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
#[cfg(not(target_os = "linux"))]
use std::time::Instant;

use chrono::{DateTime, Utc};

use crate::floor::time::{Moment, Now};

pub mod zone;

/// Where the monotonic clock stands when the process begins, milliseconds: ten years. What was before, at a vendor or
/// at a relay, has its moment too.
const BEGIN: u64 = 10 * 365 * 86_400_000;

/// The least difference between the clocks that counts as a jump: less than any row may be old.
const JUMP: Duration = Duration::from_secs(10);

/// What the system's clock showed when the process first asked for the time, milliseconds.
static START: LazyLock<u64> = LazyLock::new(elapsed);

/// Milliseconds by which the calendar clock jumped ahead while the system's clock stood still.
static JUMPED: AtomicU64 = AtomicU64::new(0);

pub fn now() -> Now {
    Now { moment: moment(), wall: wall() }
}

/// The monotonic clock, now. It goes on while the machine sleeps.
pub fn moment() -> Moment {
    let start = *START;
    let millis = elapsed().saturating_sub(start) + JUMPED.load(Ordering::Relaxed);
    Moment::from_millis(millis.saturating_add(BEGIN))
}

/// The calendar clock, now, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
pub fn wall() -> DateTime<Utc> {
    Utc::now()
}

/// Milliseconds of a clock that cannot be set.
#[cfg(target_os = "linux")]
fn elapsed() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let millis = time.tv_sec.saturating_mul(1_000).saturating_add(time.tv_nsec / 1_000_000);
    u64::try_from(millis).unwrap_or_default()
}

/// Milliseconds of a clock that cannot be set.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
fn elapsed() -> u64 {
    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    let first = *FIRST;
    u64::try_from(first.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Three clocks. They run at one rate while the machine is awake and the calendar clock is not set.
#[derive(Debug, Clone, Copy)]
struct Reading {
    wall: DateTime<Utc>,
    /// Milliseconds of [`moment`].
    moment: u64,
    /// Milliseconds of the clock that stops while the machine sleeps.
    awake: u64,
}

impl Reading {
    fn now() -> Self {
        Self { wall: wall(), moment: moment().as_millis(), awake: awake() }
    }

    /// By how much the calendar clock went ahead of [`moment`] since `before`, and for how long the machine slept.
    fn since(self, before: Self) -> (Duration, Duration) {
        let wall = self.wall.signed_duration_since(before.wall).num_milliseconds();
        let moment = self.moment.saturating_sub(before.moment);
        let awake = self.awake.saturating_sub(before.awake);
        let ahead = u64::try_from(wall).unwrap_or_default().saturating_sub(moment);
        (Duration::from_millis(ahead), Duration::from_millis(moment.saturating_sub(awake)))
    }
}

/// Milliseconds of the clock that stops while the machine sleeps.
#[cfg(target_os = "linux")]
fn awake() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let millis = time.tv_sec.saturating_mul(1_000).saturating_add(time.tv_nsec / 1_000_000);
    u64::try_from(millis).unwrap_or_default()
}

/// Milliseconds of the clock that stops while the machine sleeps.
#[cfg(not(target_os = "linux"))]
fn awake() -> u64 {
    elapsed()
}

/// Watches for time that passed unseen: the machine slept, or a virtual machine was halted.
#[derive(Debug)]
pub struct Jumps(Reading);

impl Jumps {
    /// Watches from now on.
    #[expect(clippy::new_without_default, reason = "a default value does not read clocks")]
    pub fn new() -> Self {
        Self(Reading::now())
    }

    /// How much time passed unseen since the last call, where that is more than some seconds. [`moment`] counts it
    /// from then on, so that everything that was read before is as old as it is.
    pub fn take(&mut self) -> Option<Duration> {
        let now = Reading::now();
        let (ahead, slept) = now.since(self.0);
        if ahead >= JUMP {
            JUMPED
                .fetch_add(u64::try_from(ahead.as_millis()).unwrap_or_default(), Ordering::Relaxed);
        }
        self.0 = Reading { moment: moment().as_millis(), ..now };
        let unseen = ahead.max(slept);
        (unseen >= JUMP).then_some(unseen)
    }
}

/// The seconds, one after the other. Those that were missed, while the process was stopped or busy, are one.
#[derive(Debug)]
pub struct Seconds(imp::Seconds);

impl Seconds {
    /// The first is over in a second. Needs a tokio runtime.
    ///
    /// # Errors
    /// The system has no timer left.
    pub fn start() -> io::Result<Self> {
        imp::Seconds::start().map(Self)
    }

    /// Ends with the next second. Safe to drop and call again.
    pub async fn next(&mut self) {
        self.0.next().await;
    }
}

/// A timer of the system's own. The runtime's would wake the process twice for each second: it sleeps by
/// coarse steps first.
#[cfg(target_os = "linux")]
mod imp {
    use std::io;
    use std::os::fd::OwnedFd;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::unix::AsyncFd;

    #[derive(Debug)]
    pub(super) struct Seconds(AsyncFd<OwnedFd>);

    impl Seconds {
        pub(super) fn start() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            let second = Timespec { tv_sec: 1, tv_nsec: 0 };
            let every = Itimerspec { it_interval: second, it_value: second };
            timerfd_settime(&timer, TimerfdTimerFlags::empty(), &every)?;
            #[expect(
                deprecated,
                reason = "sound for a descriptor that is owned; what replaces it is unsafe to call"
            )]
            AsyncFd::new(timer).map(Self)
        }

        pub(super) async fn next(&mut self) {
            loop {
                let Ok(mut ready) = self.0.readable().await else {
                    return std::future::pending().await;
                };
                let read = ready
                    .try_io(|timer| rustix::io::read(timer, &mut [0; 8]).map_err(io::Error::from));
                if let Ok(Ok(_)) = read {
                    ready.clear_ready();
                    return;
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use std::io;
    use std::time::Duration;

    use tokio::time::{Interval, MissedTickBehavior, interval};

    #[derive(Debug)]
    pub(super) struct Seconds(Interval);

    impl Seconds {
        pub(super) fn start() -> io::Result<Self> {
            let mut seconds = interval(Duration::from_secs(1));
            seconds.set_missed_tick_behavior(MissedTickBehavior::Skip);
            seconds.reset();
            Ok(Self(seconds))
        }

        pub(super) async fn next(&mut self) {
            self.0.tick().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(wall_s: i64, moment_s: u64, awake_s: u64) -> Reading {
        let wall = DateTime::from_timestamp(1_800_000_000 + wall_s, 0).unwrap();
        Reading { wall, moment: moment_s * 1_000, awake: awake_s * 1_000 }
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn clocks_that_go_alike_show_no_jump() {
        let found = reading(60, 60, 60).since(reading(0, 0, 0));
        assert_eq!(found, (Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn a_sleep_shows_in_the_clock_that_stopped() {
        let found = reading(3_600, 3_600, 5).since(reading(0, 0, 0));
        assert_eq!(found, (Duration::ZERO, seconds(3_595)));
    }

    #[test]
    fn a_halted_virtual_machine_shows_in_the_calendar_clock() {
        let found = reading(3_600, 5, 5).since(reading(0, 0, 0));
        assert_eq!(found, (seconds(3_595), Duration::ZERO));
    }

    #[test]
    fn a_calendar_clock_that_is_set_back_is_no_jump() {
        let found = reading(-7_200, 5, 5).since(reading(0, 0, 0));
        assert_eq!(found, (Duration::ZERO, Duration::ZERO));
    }
}
