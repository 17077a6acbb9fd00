//! Figures of service, from calls that were counted.

/// In how long a call is to be taken, seconds.
pub const WITHIN_S: u32 = 20;

/// Calls of one queue and one span of time. A call of a group that the log tells as one counts as often as it
/// was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    pub offered: u64,
    /// Calls that an agent took.
    pub answered: u64,
    /// Those taken in time.
    pub in_time: u64,
    /// Calls that were given up in time: too soon to have been taken.
    pub abandoned_in_time: u64,
    /// Seconds that the calls taken had waited.
    pub waited_s: u64,
    /// Seconds that the calls taken lasted.
    pub handled_s: u64,
}

impl Calls {
    /// Percentage of calls taken in time, abandons in time left out: `in time / (offered − abandoned in time)`.
    /// `None` where nothing is left to be taken.
    ///
    /// Cisco ICM calls it “ignore abandoned calls”; 70 in time and 10 abandoned in time of 100 make 77.8 %.
    pub fn service_level(&self) -> Option<f64> {
        let of = self.offered.saturating_sub(self.abandoned_in_time);
        Some(ratio(self.in_time, of)? * 100.0)
    }

    /// Mean wait of the calls taken, whole seconds.
    pub fn speed_of_answer_s(&self) -> Option<u32> {
        mean(self.waited_s, self.answered)
    }

    /// Mean length of the calls taken, whole seconds.
    pub fn handle_time_s(&self) -> Option<u32> {
        mean(self.handled_s, self.answered)
    }
}

#[expect(clippy::cast_precision_loss, reason = "calls of a day are below 2^53")]
fn ratio(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

fn mean(sum: u64, count: u64) -> Option<u32> {
    let half = count / 2;
    u32::try_from(sum.saturating_add(half).checked_div(count)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abandons_in_time_are_left_out_of_the_service_level() {
        let calls = Calls {
            offered: 100,
            answered: 85,
            in_time: 70,
            abandoned_in_time: 10,
            ..Calls::default()
        };
        let level = calls.service_level().unwrap();
        assert!((level - 77.777_777).abs() < 1e-5, "{level}");
    }

    #[test]
    fn means_are_of_the_calls_taken_and_of_none_there_is_none() {
        let calls = Calls { answered: 4, waited_s: 33, handled_s: 802, ..Calls::default() };
        assert_eq!((calls.speed_of_answer_s(), calls.handle_time_s()), (Some(8), Some(201)));
        let none = Calls { offered: 3, abandoned_in_time: 3, ..Calls::default() };
        assert_eq!(none.service_level(), None, "nobody stayed long enough to be taken");
        assert_eq!((none.speed_of_answer_s(), none.handle_time_s()), (None, None));
    }
}
