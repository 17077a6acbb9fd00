//! How long to wait before trying again: random, growing, bounded, and never against the server's word.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

use crate::floor::time::Moment;

/// The bounds of a [`Backoff`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The shortest wait after a failure.
    pub floor: Duration,
    /// The longest first wait; it doubles with every failure in a row.
    pub base: Duration,
    /// The longest wait while the outage is young.
    pub early_cap: Duration,
    /// The longest wait after that.
    pub late_cap: Duration,
    /// How long an outage counts as young.
    pub young: Duration,
    /// How long a connection must have held for the next failure to count as the first.
    pub health: Duration,
    /// The least time between two connects, whoever asks for them.
    pub gap: Duration,
    /// The longest `Retry-After` that is obeyed.
    pub obey: Duration,
    /// How much later than `Retry-After` says the next try may come, so that a crowd does not come at once.
    pub spread: Duration,
}

impl Rules {
    /// What every source uses outside of tests.
    pub const STANDARD: Self = Self {
        floor: Duration::from_millis(500),
        base: Duration::from_secs(3),
        early_cap: Duration::from_secs(30),
        late_cap: Duration::from_mins(1),
        young: Duration::from_mins(1),
        health: Duration::from_mins(1),
        gap: Duration::from_millis(250),
        obey: Duration::from_mins(5),
        spread: Duration::from_millis(900),
    };
}

impl Default for Rules {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// What the server asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// `Retry-After` of the refusal (RFC 9110 §10.2.3): obeyed to the second, up to a cap.
    pub after: Option<Duration>,
    /// `retry:` of the event stream: the least wait, within our own floor and cap.
    pub reconnect: Option<Duration>,
}

/// The waits of one connection or poll, from its failures so far.
#[derive(Debug, Clone)]
pub struct Backoff {
    rules: Rules,
    rng: fastrand::Rng,
    failures: u32,
    down_since: Option<Moment>,
    up_since: Option<Moment>,
    last_connect: Option<Moment>,
    /// Before this the server does not want to be asked.
    not_before: Option<Moment>,
}

impl Backoff {
    /// No failures yet. `rng` decides within the bounds.
    pub fn new(rules: Rules, rng: fastrand::Rng) -> Self {
        Self {
            rules,
            rng,
            failures: 0,
            down_since: None,
            up_since: None,
            last_connect: None,
            not_before: None,
        }
    }

    pub fn connecting(&mut self, now: Moment) {
        self.last_connect = Some(now);
    }

    /// The connect succeeded; what follows counts as health.
    pub fn opened(&mut self, now: Moment) {
        self.up_since = Some(now);
    }

    /// A whole exchange succeeded: the next failure is the first.
    pub fn succeeded(&mut self) {
        self.failures = 0;
        self.down_since = None;
        self.up_since = None;
        self.not_before = None;
    }

    /// The connect or connection failed. Returns how long to wait.
    pub fn failed(&mut self, now: Moment, wish: Wish) -> Duration {
        if self.up_since.take().is_some_and(|up| now.since(up) >= self.rules.health) {
            self.succeeded();
        }
        let outage = now.since(*self.down_since.get_or_insert(now));
        let cap =
            if outage < self.rules.young { self.rules.early_cap } else { self.rules.late_cap };
        let wait = match wish.after {
            Some(after) if after >= self.rules.floor => {
                let after = after.min(self.rules.obey);
                self.not_before = Some(now.after(after));
                self.between(after, (after + self.rules.spread).min(self.rules.obey.max(after)))
            }
            Some(_) | None => self.grown(cap, wish.reconnect),
        };
        self.failures = self.failures.saturating_add(1);
        wait.max(self.until_allowed(now))
    }

    /// How long until the next connect is allowed at all, even if a person asks for it now.
    pub fn until_allowed(&self, now: Moment) -> Duration {
        self.last_connect.map_or(Duration::ZERO, |last| last.after(self.rules.gap).since(now))
    }

    /// How long until the next connect is allowed that nobody but the program asks for: not before the server's own
    /// `Retry-After`.
    pub fn until_reread(&self, now: Moment) -> Duration {
        let asked_for = self.not_before.map_or(Duration::ZERO, |at| at.since(now));
        self.until_allowed(now).max(asked_for)
    }

    /// Failures in a row.
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Uniform between the floor and the grown bound. A wished reconnect time lifts both, within the cap.
    fn grown(&mut self, cap: Duration, wished: Option<Duration>) -> Duration {
        let rules = self.rules;
        // Even the longest wish leaves a tenth for chance.
        let most = rules.late_cap * 9 / 10;
        let low = wished.unwrap_or(rules.floor).clamp(rules.floor, most.max(rules.floor));
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let grown = rules.base.max(low).saturating_mul(factor).min(cap);
        let high = if wished.is_some() { grown.max(low + rules.base) } else { grown };
        self.between(low, high.min(rules.late_cap))
    }

    fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let (low, high) = (millis(low), millis(high));
        Duration::from_millis(self.rng.u64(low..=high.max(low)))
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// `Retry-After` as a wait: seconds, or an HTTP date against the server's own `Date`. Of several the longest.
///
/// `wall` stands in where the server sends no `Date`. `None` where the header is missing or says neither.
pub fn retry_after(headers: &HeaderMap, wall: DateTime<Utc>) -> Option<Duration> {
    let told = headers.get_all(RETRY_AFTER).iter().filter_map(|value| value.to_str().ok());
    let wait = |text: &str| {
        seconds(text).or_else(|| {
            let from = date(headers).unwrap_or(wall);
            let wait = http_date(text)?.signed_duration_since(from);
            Some(wait.to_std().unwrap_or(Duration::ZERO))
        })
    };
    told.map(str::trim).filter_map(wait).max()
}

/// Seconds, whole as RFC 9110 §10.2.3 has them, or with a fraction as some servers send them.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Some(Duration::new(whole.parse().unwrap_or(u64::MAX), nanos.parse().unwrap_or_default()))
}

/// The server's clock when it answered, from its `Date` header.
pub fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    http_date(headers.get(DATE)?.to_str().ok()?.trim())
}

/// An HTTP date in each of its three forms (RFC 9110 §5.6.7), with other words for its zone, and the dates of mail and
/// of RFC 3339 that servers send in its place.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let zones = ["GMT", "UTC", "UT", "Z"];
    let is_zone = |zone: &str| zones.iter().any(|own| own.eq_ignore_ascii_case(zone));
    let bare = text.rsplit_once(' ').filter(|(_, zone)| is_zone(zone)).map(|(date, _)| date);
    let bare = bare.unwrap_or(text);
    let read = |text: &str| httpdate::parse_http_date(text).ok().map(DateTime::<Utc>::from);
    let other = |read: fn(&str) -> chrono::ParseResult<DateTime<chrono::FixedOffset>>| {
        read(text).ok().map(|date| date.to_utc())
    };
    read(&format!("{bare} GMT"))
        .or_else(|| read(bare))
        .or_else(|| other(DateTime::parse_from_rfc2822))
        .or_else(|| other(DateTime::parse_from_rfc3339))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn backoff(seed: u64) -> Backoff {
        Backoff::new(Rules::STANDARD, fastrand::Rng::with_seed(seed))
    }

    fn at(millis: u64) -> Moment {
        Moment::from_millis(millis)
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_str(v).unwrap())).collect()
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let wall = DateTime::parse_from_rfc3339("2026-02-01T12:00:00Z").unwrap().to_utc();
        let of = |pairs: &[(&'static str, &str)]| retry_after(&headers(pairs), wall);
        assert_eq!(of(&[("retry-after", "120")]), Some(seconds(120)));
        assert_eq!(of(&[("retry-after", "Sun, 01 Feb 2026 12:00:30 GMT")]), Some(seconds(30)));
        assert_eq!(
            of(&[
                ("retry-after", "Sun, 01 Feb 2026 13:00:30 GMT"),
                ("date", "Sun, 01 Feb 2026 13:00:00 GMT"),
            ]),
            Some(seconds(30)),
            "the server's own clock counts"
        );
        assert_eq!(of(&[("retry-after", "Sun, 01 Feb 2026 11:00:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(of(&[("retry-after", &"9".repeat(30))]), Some(seconds(u64::MAX)));
        for (text, millis) in [
            ("2.542", 2_542),
            ("8.5", 8_500),
            ("0.25", 250),
            ("8,5", 8_500),
            ("8.", 8_000),
            ("Sunday, 01-Feb-26 12:00:30 GMT", 30_000),
            ("Sun Feb  1 12:00:30 2026", 30_000),
            ("Sun Feb  1 12:00:30 2026 UTC", 30_000),
            ("Sun, 01 Feb 2026 12:00:30 UTC", 30_000),
            ("Sun, 01 Feb 2026 12:00:30 utc", 30_000),
            ("Sun, 01 Feb 2026 14:00:30 +0200", 30_000),
            ("2026-02-01T12:00:30Z", 30_000),
        ] {
            let wanted = Some(Duration::from_millis(millis));
            assert_eq!(of(&[("retry-after", text)]), wanted, "{text}");
        }
        let two = [("retry-after", "5"), ("date", "Sunday, 01-Feb-26 13:00:00 GMT")];
        assert_eq!(of(&two), Some(seconds(5)));
        let both =
            [("retry-after", "Sun Feb  1 13:00:09 2026"), ("date", "Sun Feb  1 13:00:00 2026")];
        assert_eq!(of(&both), Some(seconds(9)), "the server's clock, in whatever form");
        for nonsense in ["1e3", "8.5.5", ".5", "٣", "8 s", "Sun, 99 Feb 2026 12:00:30 GMT", ""] {
            assert_eq!(of(&[("retry-after", nonsense)]), None, "{nonsense}");
        }
        assert_eq!(of(&[("retry-after", "-1")]), None);
        assert_eq!(of(&[("retry-after", "soon")]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_minute_of_health_forgets_the_failures() {
        let mut backoff = backoff(1);
        for _ in 0..10 {
            backoff.failed(at(1_000), Wish::default());
        }
        backoff.opened(at(10_000));
        assert!(backoff.failed(at(70_000), Wish::default()) <= seconds(3));
        backoff.opened(at(100_000));
        backoff.failed(at(101_000), Wish::default());
        assert_eq!(backoff.failures(), 2, "a second of health does not");
    }

    #[test]
    fn a_person_waits_a_quarter_second_at_most() {
        let mut backoff = backoff(1);
        assert_eq!(backoff.until_allowed(at(0)), Duration::ZERO);
        backoff.connecting(at(1_000));
        assert_eq!(backoff.until_allowed(at(1_100)), Duration::from_millis(150));
        assert_eq!(backoff.until_allowed(at(1_250)), Duration::ZERO);
    }

    #[test]
    fn a_lasting_outage_sees_few_connects() {
        for seed in 0..300 {
            let mut backoff = backoff(seed);
            let (mut now, mut connects) = (0, 0);
            while now < 600_000 {
                connects += 1;
                backoff.connecting(at(now));
                now += millis(backoff.failed(at(now), Wish::default()));
            }
            assert!(connects <= 40, "{connects} connects in ten minutes with seed {seed}");
        }
    }

    #[test]
    fn a_crowd_comes_back_spread_out_and_soon() {
        for wish in [None, Some(Duration::ZERO), Some(seconds(1))] {
            let mut bins = [0_usize; 700];
            for seed in 0..2_000 {
                let mut backoff = backoff(seed);
                backoff.opened(at(0));
                let wait = backoff.failed(at(100_000), Wish { after: None, reconnect: wish });
                bins[usize::try_from(wait.as_millis() / 100).unwrap()] += 1;
            }
            assert!(bins.iter().all(|bin| *bin <= 200), "a tenth of all within 100 ms: {wish:?}");
        }
    }

    proptest! {
        #[test]
        fn every_wait_is_within_its_bounds(
            seed in any::<u64>(),
            steps in prop::collection::vec((0_u64..100_000, any::<bool>()), 1..60),
            wished in prop::option::of(prop_oneof![
                0_u64..10, Just(1_000), Just(1_000_000_000), Just(u64::MAX), any::<u64>()
            ]),
        ) {
            let mut backoff = backoff(seed);
            let mut now = 0;
            let wish = Wish { after: None, reconnect: wished.map(Duration::from_millis) };
            for (step, opened) in steps {
                now += step;
                backoff.connecting(at(now));
                if opened {
                    backoff.opened(at(now));
                }
                let wait = backoff.failed(at(now), wish);
                prop_assert!(wait >= Duration::from_millis(500) && wait <= seconds(60), "{wait:?}");
                if let Some(wished) = wish.reconnect {
                    prop_assert!(wait >= wished.min(seconds(54)));
                }
            }
        }

        #[test]
        fn retry_after_is_obeyed_to_the_second(
            seed in any::<u64>(), before in 0_u32..20, after in 1_u64..10_000_000,
        ) {
            let mut backoff = backoff(seed);
            for _ in 0..before {
                backoff.failed(at(0), Wish::default());
            }
            let wish = Wish { after: Some(seconds(after)), reconnect: None };
            let wait = backoff.failed(at(5_000), wish);
            let least = seconds(after.min(300));
            prop_assert!(wait >= least && wait <= (least + seconds(1)).min(seconds(300)));
        }

        #[test]
        fn the_bound_doubles_and_stops_at_the_cap(seed in any::<u64>(), failures in 0_u32..200) {
            let mut backoff = backoff(seed);
            let mut wait = Duration::ZERO;
            for _ in 0..=failures {
                wait = backoff.failed(at(0), Wish::default());
            }
            let bound = 3_u64.saturating_mul(2_u64.saturating_pow(failures)).min(30);
            prop_assert!(wait <= seconds(bound));
        }
    }
}
