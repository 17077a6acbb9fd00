//! Randomness and the shape of a day. All times are milliseconds.

use std::time::Duration;

use fastrand::Rng;

pub(super) const SECOND: u64 = 1_000;
pub(super) const MINUTE: u64 = 60 * SECOND;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

/// How busy each hour of the day begins, as a share of the busiest.
const CURVE: [f64; 24] = [
    0.05, 0.04, 0.03, 0.03, 0.04, 0.06, 0.15, 0.40, 0.70, 0.90, 1.00, 0.98, 0.84, 0.86, 0.96, 0.92,
    0.76, 0.58, 0.42, 0.30, 0.20, 0.14, 0.10, 0.07,
];

/// How busy the centre is at this time, as a share of the busiest hour: 0 to 1.
pub(super) fn busy(time: u64) -> f64 {
    let within = time % DAY;
    let hour = usize::try_from(within / HOUR).unwrap_or(0);
    let share = Duration::from_millis(within % HOUR).as_secs_f64() / 3_600.0;
    let at = |hour: usize| CURVE.get(hour % CURVE.len()).copied().unwrap_or(0.0);
    at(hour).mul_add(1.0 - share, at(hour + 1) * share)
}

/// A span with an exponential distribution around `mean` seconds: gaps, patience.
pub(super) fn exponential(rng: &mut Rng, mean: f64) -> u64 {
    millis(-mean * (1.0 - rng.f64()).ln())
}

/// A span around `mean` seconds that is seldom very short or very long: talks, wrap-ups.
///
/// The sum of three exponential parts (an Erlang distribution of the third order).
pub(super) fn spread(rng: &mut Rng, mean: f64) -> u64 {
    let part = mean / 3.0;
    (0..3).map(|_| exponential(rng, part)).sum::<u64>().max(SECOND)
}

/// A span between `least` and `most` milliseconds, all equally likely.
pub(super) fn between(rng: &mut Rng, least: u64, most: u64) -> u64 {
    rng.u64(least..=most.max(least))
}

/// Whether something that happens in `share` of all cases (0 to 1) happens now.
pub(super) fn happens(rng: &mut Rng, share: f64) -> bool {
    rng.f64() < share
}

/// A random GUID, version 4, in lower case.
pub(in crate::simulator) fn guid(rng: &mut Rng) -> String {
    let bits = rng.u128(..) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{bits:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// A telephone number that is kept for fiction.
pub(super) fn number(rng: &mut Rng) -> String {
    match rng.u8(0..5) {
        0 => format!("+1555555{:04}", 100 + rng.u16(0..100)),
        1 => format!("+44207946{:04}", rng.u16(0..1000)),
        2 => format!("+468465004{:02}", rng.u8(0..100)),
        3 => format!("+493023125{:03}", rng.u16(0..1000)),
        _ => format!("+447700900{:03}", rng.u16(0..1000)),
    }
}

/// Seconds as whole milliseconds; 0 for what is no span.
pub(super) fn millis(seconds: f64) -> u64 {
    Duration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|span| u64::try_from(span.as_millis()).ok())
        .unwrap_or(0)
}

/// An amount without what is behind the point; 0 for what is no amount.
pub(super) fn whole(amount: f64) -> u64 {
    Duration::try_from_secs_f64(amount).map_or(0, |span| span.as_secs())
}

/// Whole seconds of a span in milliseconds.
pub(super) const fn seconds(span: u64) -> u64 {
    span / SECOND
}
