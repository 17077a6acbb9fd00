//! How the relay's clock stands against ours.

use crate::floor::portable::ByClock;
use crate::floor::time::Moment;

/// The distance of two clocks, as the fastest message of one run of the relay had it.
///
/// A message is older when it arrives than when it was written. What came fastest tells the distance best; by it, what
/// came late is as old as it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Skew(Option<(u64, ByClock)>);

impl Skew {
    /// A message of `run` was written at `theirs` and is here at `ours`: how moments are told from now on.
    pub(super) fn heard(&mut self, run: u64, theirs: Moment, ours: Moment) -> ByClock {
        let heard = ByClock { theirs, ours };
        let best = match self.0 {
            Some((own, known)) if own == run && known.told(theirs) <= ours => known,
            _ => heard,
        };
        self.0 = Some((run, best));
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Moment {
        Moment::from_millis(millis)
    }

    #[test]
    fn the_fastest_message_tells_the_distance() {
        let mut skew = Skew::default();
        assert_eq!(skew.heard(1, at(5_000), at(9_000)).told(at(4_000)), at(8_000));
        assert_eq!(skew.heard(1, at(6_000), at(9_100)).told(at(6_000)), at(9_100), "faster");
        let late = skew.heard(1, at(7_000), at(90_000));
        assert_eq!(late.told(at(7_000)), at(10_100), "what came late is old");
    }

    #[test]
    fn another_run_of_the_relay_has_another_clock() {
        let mut skew = Skew::default();
        skew.heard(1, at(5_000_000), at(9_000));
        assert_eq!(skew.heard(2, at(100), at(9_500)).told(at(50)), at(9_450));
    }
}
