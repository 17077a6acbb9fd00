//! A floor told by another clock: everything is as old there as it is here.

use std::ops::Range;
use std::time::Duration;

use floorwalker::floor::World;
use floorwalker::floor::portable::{ByClock, Portable};
use floorwalker::floor::time::Moment;
use floorwalker::source::enreach::events::NAMES;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{cases, centre, enreach};

/// How far the two clocks are apart, milliseconds.
const APART: u64 = 77_000_000_000;

/// Checks that `after` is `before` with every moment later by [`APART`], and nothing else; counts the moments. No
/// other number of these floors is among those that `moments` has.
fn compare(before: &Value, after: &Value, moments: &Range<u64>, path: &str) -> usize {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            assert!(old.keys().eq(new.keys()), "{path}");
            let each = |(key, value)| compare(value, &new[key], moments, &format!("{path}.{key}"));
            old.iter().map(each).sum()
        }
        (Value::Array(old), Value::Array(new)) => {
            assert_eq!(old.len(), new.len(), "{path}");
            let each = |(old, new)| compare(old, new, moments, &format!("{path}[]"));
            old.iter().zip(new).map(each).sum()
        }
        (Value::Number(number), _) => {
            let old = number.as_u64().filter(|old| moments.contains(old));
            match old {
                Some(old) => assert_eq!(json!(old + APART), *after, "{path}"),
                None => assert_eq!(before, after, "{path}"),
            }
            usize::from(old.is_some())
        }
        _ => {
            assert_eq!(before, after, "{path}");
            0
        }
    }
}

/// A world told by the other clock, and back.
fn travels(world: &World, now: u64, moments: &Range<u64>) -> usize {
    let (here, there) = (Moment::from_millis(now), Moment::from_millis(now + APART));
    let mut other = world.clone();
    other.change(&mut ByClock { theirs: here, ours: there });
    let found = compare(&json!(world), &json!(other), moments, "");
    other.change(&mut ByClock { theirs: there, ours: here });
    assert_eq!(json!(world), json!(other), "back again");
    found
}

#[test]
fn every_moment_of_a_busy_floor_is_told_by_the_other_clock_and_nothing_else_changes() {
    let floor = centre::busy().floor;
    let moments: usize =
        floor.worlds().map(|(_, world)| travels(world, 3_600_000, &(1_000_000..6_000_000))).sum();
    assert!(moments > 150, "only {moments} moments were found");
}

#[test]
fn what_all_events_told_is_told_by_the_other_clock_too() {
    let mut desk = enreach::Desk::unread();
    for name in NAMES {
        desk.story(name);
    }
    let moments = travels(&desk.world, desk.now.moment.as_millis(), &(20_000_000..60_000_000));
    assert!(moments > 40, "only {moments} moments were found");
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn an_age_is_the_same_by_both_clocks(
        theirs in 1_u64..1 << 40,
        ours in 1_u64..1 << 40,
        moment in 1_u64..1 << 40,
        later in 0_u64..1 << 30,
    ) {
        let at = Moment::from_millis;
        let clock = ByClock { theirs: at(theirs), ours: at(ours) };
        let told = clock.told(at(moment));
        // Before the beginning of our clock nothing can be told apart: it is as old as can be.
        let age = at(theirs + later).since(at(moment));
        let kept = at(ours + later).since(told);
        if Duration::from_millis(ours) >= at(theirs).since(at(moment)) {
            prop_assert_eq!(age, kept);
        } else {
            prop_assert_eq!(told, Moment::default());
        }
    }
}

#[test]
fn the_ends_of_time_are_the_same_everywhere() {
    let clock = ByClock { theirs: Moment::from_millis(5), ours: Moment::from_millis(9) };
    assert_eq!(clock.told(Moment::LAST), Moment::LAST);
    assert_eq!(clock.told(Moment::default()), Moment::default());
}
