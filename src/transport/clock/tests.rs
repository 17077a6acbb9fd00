//! The rule of order: skew, late events, wrong times, times without a zone, any order of receipt.

use proptest::prelude::*;

use super::*;
use crate::floor::time::{Latest, Told};

/// Noon of the test's day, by our clock.
fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_773_316_800, 0).unwrap()
}

/// Both clocks so many milliseconds after noon.
fn at(millis: i64) -> Now {
    let moment = Moment::from_millis(1_000_000_000_u64.saturating_add_signed(millis));
    Now { moment, wall: noon() + TimeDelta::milliseconds(millis) }
}

/// A time with a zone, so many milliseconds after noon.
fn zoned(millis: i64) -> StatedTime {
    StatedTime::from(noon() + TimeDelta::milliseconds(millis))
}

/// A time without a zone: the clock on a wall that is `hours` ahead of UTC.
fn local(millis: i64, hours: i64) -> StatedTime {
    let time = noon() + TimeDelta::milliseconds(millis) + TimeDelta::hours(hours);
    StatedTime { time, has_zone: false }
}

fn told(placed: Placed, report: u64) -> Told {
    let Placed { at, moment, received, .. } = placed;
    Told { at, report, moment, received, late: false }
}

/// One row, and what was told of it last.
#[derive(Default)]
struct Row {
    clock: SourceClock,
    latest: Option<Latest<usize>>,
}

impl Row {
    /// An event is received; whether it counted.
    fn hear(&mut self, event: usize, stated: &StatedTime, received: i64) -> bool {
        let told = told(self.clock.place(stated, &at(received)), event as u64);
        Latest::keep(&mut self.latest, told, event)
    }

    fn value(&self) -> usize {
        self.latest.as_ref().unwrap().value
    }
}

/// A clock that heard one event in time.
fn in_step() -> SourceClock {
    let clock = SourceClock::default();
    clock.place(&zoned(-60_000), &at(-60_000));
    clock
}

/// Seconds by which the vendor's clock is ahead of ours.
fn skew() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(0_i64),
        Just(600),
        Just(-600),
        Just(3_600),
        Just(-3_600),
        -40_000..40_000_i64,
        -20..20_i64,
    ]
}

/// Events some time apart, each with its time on the way, less than the clamp.
fn events() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let one = (1..8_000_i64, 0..=TOLERANCE.num_milliseconds());
    prop::collection::vec(one, 1..40).prop_map(|steps| {
        let mut now = 0;
        let after = |(gap, way): (i64, i64)| {
            now += gap;
            (now, way)
        };
        steps.into_iter().map(after).collect()
    })
}

proptest! {
    #[test]
    fn a_clock_that_is_ahead_or_behind_loses_no_event(skew in skew(), events in events()) {
        let mut row = Row::default();
        let mut arrivals: Vec<(usize, i64, i64)> =
            events.iter().enumerate().map(|(own, (at, way))| (own, *at, at + way)).collect();
        arrivals.sort_by_key(|(own, _, received)| (*received, *own));
        let mut newest = None;
        for (own, time, received) in arrivals {
            let counts = row.hear(own, &zoned(time + skew * 1_000), received);
            if newest.is_none_or(|newest| newest < own) {
                prop_assert!(counts, "event {own} of skew {skew} was lost");
                newest = Some(own);
            }
        }
    }

    #[test]
    fn any_order_of_receipt_within_the_clamp_ends_equal(
        skew in skew(), events in events(), ways in prop::collection::vec(0..=2_500_i64, 40),
    ) {
        let end = |ways: &mut dyn Iterator<Item = i64>| {
            let mut row = Row::default();
            let mut arrivals: Vec<(usize, i64, i64)> = events
                .iter()
                .enumerate()
                .map(|(own, (at, _))| (own, *at, at + ways.next().unwrap_or(0)))
                .collect();
            arrivals.sort_by_key(|(own, _, received)| (*received, *own));
            for (own, time, received) in arrivals {
                row.hear(own, &zoned(time + skew * 1_000), received);
            }
            row.value()
        };
        let straight = end(&mut std::iter::repeat(0));
        prop_assert_eq!(straight, events.len() - 1);
        prop_assert_eq!(end(&mut ways.iter().copied()), straight);
    }

    #[test]
    fn one_wrong_time_holds_nothing_back_for_longer_than_the_clamp(
        wrong in -90_000_000..90_000_000_i64, has_zone in any::<bool>(), before in 0..20_i64,
    ) {
        let mut row = Row::default();
        for second in 0..before {
            prop_assert!(row.hear(0, &zoned(second * 1_000 + 1), second * 1_000 + 100));
        }
        let now = before * 1_000;
        row.hear(1, &StatedTime { has_zone, ..zoned(now + wrong) }, now + 100);
        let later = now + CLAMP.num_milliseconds() + 200;
        prop_assert!(row.hear(2, &zoned(later - 50), later), "the row is frozen");
    }
}

#[test]
fn of_two_events_of_one_time_the_one_that_arrived_last_counts() {
    for report in 0..20 {
        let mut latest = None;
        let clock = in_step();
        let first = told(clock.place(&zoned(0), &at(100)), report);
        let second = told(clock.place(&zoned(0), &at(200)), 20 - report + 100);
        assert!(Latest::keep(&mut latest, first, "first"));
        assert!(Latest::keep(&mut latest, second, "second"));
        assert!(!Latest::keep(&mut latest, second, "once more"), "the same report");
        assert_eq!(latest.unwrap().value, "second");
    }
}

#[test]
fn an_event_that_comes_late_does_not_replace_newer_state() {
    let mut row = Row { clock: in_step(), latest: None };
    assert!(row.hear(1, &zoned(60_000), 60_100));
    assert!(!row.hear(0, &zoned(5_000), 61_000), "sent again after a minute");
    let late = row.clock.place(&zoned(5_000), &at(90_000));
    assert_eq!(late.at, zoned(5_000).time);
    assert_eq!(late.received, None, "it stands before a reading that was made since");
    assert_eq!(late.late_by, TimeDelta::seconds(85));
}

#[test]
fn a_burst_of_late_events_does_not_move_the_clock() {
    let clock = in_step();
    for event in 0..50 {
        let placed = clock.place(&zoned(event * 10), &at(600_000 + event));
        assert_eq!(placed.at, zoned(event * 10).time);
    }
    assert_eq!(clock.place(&zoned(601_000), &at(601_100)).at, zoned(601_000).time);
}

#[test]
fn the_first_events_of_a_clock_that_is_behind_count_against_our_own_readings() {
    let clock = SourceClock::default();
    let first = clock.place(&zoned(-600_000), &at(0));
    assert_eq!(first.received, Some(at(0).moment));
    for second in 1..3 {
        clock.place(&zoned(second * 1_000 - 600_000), &at(second * 1_000));
    }
    let known = clock.place(&zoned(3_000 - 600_000), &at(3_000));
    assert_eq!((known.at, known.received), (at(3_000).wall, None));
    let late = clock.place(&zoned(3_500 - 600_000), &at(30_000));
    assert_eq!(late.at, at(3_500).wall, "it is late by the vendor's own clock");
}

#[test]
fn the_date_of_answers_tells_the_offset_before_the_first_event() {
    let clock = SourceClock::default();
    clock.answered(at(-599_000).wall, at(1_000).wall);
    let placed = clock.place(&zoned(2_000 - 600_000), &at(2_100));
    assert!(placed.is_known);
    assert!((placed.at - at(2_000).wall).abs() < TimeDelta::seconds(1), "{placed:?}");
    // One cached answer is no evidence, two in a row are.
    clock.answered(at(-3_000_000).wall, at(3_000).wall);
    assert!(clock.place(&zoned(4_000 - 600_000), &at(4_100)).is_known);
    clock.answered(at(4_500).wall, at(5_000).wall);
    clock.answered(at(5_500).wall, at(6_000).wall);
    assert_eq!(clock.place(&zoned(6_900), &at(7_000)).at, zoned(6_900).time);
}

#[test]
fn a_time_without_a_zone_is_local_or_utc_by_what_lies_nearer() {
    let hour = 3_600;
    for hours in [-5_i64, 0, 2, 9] {
        for zone in [-5_i64, 2, 9] {
            let offset = FixedOffset::east_opt(i32::try_from(zone).unwrap() * hour).unwrap();
            let clock = SourceClock::in_zone(offset);
            let placed = clock.place(&local(-200, hours), &at(0));
            if hours == 0 || hours == zone {
                assert_eq!(placed.at, zoned(-200).time, "{hours} in {zone}");
                assert!(placed.is_known);
            } else {
                assert!(placed.at <= at(0).wall + CLAMP, "{hours} in {zone}");
            }
        }
    }
}

#[test]
fn times_without_a_zone_of_a_foreign_zone_have_an_offset_of_their_own() {
    let mut row =
        Row { clock: SourceClock::in_zone(FixedOffset::east_opt(0).unwrap()), latest: None };
    for second in 0..10_i64 {
        let millis = second * 1_000;
        assert!(row.hear(0, &zoned(millis), millis + 100), "with a zone, second {second}");
        assert!(row.hear(1, &local(millis + 200, 2), millis + 300), "Helsinki's, second {second}");
    }
    let placed = row.clock.place(&local(20_000, 2), &at(20_100));
    assert!((placed.at - zoned(20_000).time).abs() <= TimeDelta::milliseconds(100), "{placed:?}");
}

#[test]
fn a_clock_that_is_set_right_loses_nothing_and_one_that_is_set_back_is_believed_in_time() {
    let mut row = Row::default();
    for second in 0..10_i64 {
        assert!(row.hear(0, &zoned((second - 600) * 1_000), second * 1_000 + 50));
    }
    for second in 10..20_i64 {
        assert!(row.hear(1, &zoned(second * 1_000), second * 1_000 + 50), "second {second}");
    }
    let mut lost = 0;
    for second in 20..40_i64 {
        let counts = row.hear(2, &zoned((second - 90) * 1_000), second * 1_000 + 50);
        lost += i32::from(!counts);
        assert!(counts || second < 28, "second {second}");
    }
    assert!(lost < 8, "{lost}");
}

#[test]
fn a_time_of_another_day_teaches_the_clock_nothing() {
    let clock = SourceClock::default();
    for second in 0..20_i64 {
        let day = 86_400_000;
        let placed = clock.place(&zoned(second * 1_000 - 9 * day), &at(second * 1_000));
        assert_eq!(placed.at, zoned(second * 1_000 - 9 * day).time);
    }
    assert_eq!(clock.place(&zoned(21_000), &at(21_050)).at, zoned(21_000).time);
}
