//! The only file that reads time. Everything else is told what time it is.

use std::io;
use std::sync::LazyLock;
use std::time::Instant;

use chrono::{DateTime, Utc};

use crate::floor::time::{Moment, Now};

/// Where the monotonic clock stands when the process begins, milliseconds: ten years. What was before, at a vendor or
/// at a relay, has its moment too.
const BEGIN: u64 = 10 * 365 * 86_400_000;

/// When the process first asked for the time.
static START: LazyLock<Instant> = LazyLock::new(read_instant);

/// Both clocks, now.
pub fn now() -> Now {
    Now { moment: moment(), wall: wall() }
}

/// The monotonic clock, now.
pub fn moment() -> Moment {
    let start = *START;
    let millis = read_instant().saturating_duration_since(start).as_millis();
    Moment::from_millis(u64::try_from(millis).unwrap_or(u64::MAX).saturating_add(BEGIN))
}

/// The calendar clock, now, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
pub fn wall() -> DateTime<Utc> {
    Utc::now()
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
fn read_instant() -> Instant {
    Instant::now()
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
