//! The day of a queue: it begins and ends at midnight in the queue's own zone.

use std::str::FromStr;

use chrono::{DateTime, FixedOffset, Local, NaiveDate, TimeDelta, Utc};
use tz::TimeZoneRef;

/// A zone in which days begin.
#[derive(Debug, Clone, Copy)]
pub enum DayZone {
    /// A zone of the time zone database.
    Named(TimeZoneRef<'static>),
    /// A constant difference from UTC.
    Fixed(FixedOffset),
    /// The zone of this computer.
    Local,
}

impl DayZone {
    /// The zone of that name: `Europe/Helsinki`, `UTC`, `UTC+02:00`, `+02:00`.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        if let Some(zone) = tzdb_data::find_tz(name.as_bytes()) {
            return Some(Self::Named(*zone));
        }
        let offset = ["UTC", "GMT"].iter().find_map(|word| name.strip_prefix(word));
        FixedOffset::from_str(offset.unwrap_or(name)).ok().map(Self::Fixed)
    }

    /// The date in this zone at a point in time.
    pub fn date(self, at: DateTime<Utc>) -> NaiveDate {
        match self {
            Self::Named(zone) => {
                let seconds = zone
                    .find_local_time_type(at.timestamp())
                    .map_or(0, tz::LocalTimeType::ut_offset);
                let there = at.naive_utc().checked_add_signed(TimeDelta::seconds(seconds.into()));
                there.unwrap_or(at.naive_utc()).date()
            }
            Self::Fixed(offset) => at.with_timezone(&offset).date_naive(),
            Self::Local => at.with_timezone(&Local).date_naive(),
        }
    }
}

/// The date that a vendor wrote, `2026-03-12`, also in front of a time.
pub fn date(written: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(written.trim().get(..10)?, "%Y-%m-%d").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> DateTime<Utc> {
        time.parse().unwrap()
    }

    fn there(zone: &str, time: &str) -> String {
        DayZone::named(zone).unwrap().date(at(time)).to_string()
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_zone_in_summer_and_in_winter() {
        for (zone, before, from) in [
            ("Europe/Helsinki", "2026-01-14T21:59:59Z", "2026-01-14T22:00:00Z"),
            ("Europe/Helsinki", "2026-07-14T20:59:59Z", "2026-07-14T21:00:00Z"),
            ("America/New_York", "2026-01-15T04:59:59Z", "2026-01-15T05:00:00Z"),
            ("Asia/Kathmandu", "2026-01-14T18:14:59Z", "2026-01-14T18:15:00Z"),
            ("UTC+02:00", "2026-07-14T21:59:59Z", "2026-07-14T22:00:00Z"),
        ] {
            assert_ne!(there(zone, before), there(zone, from), "{zone}");
            assert!(there(zone, from).ends_with("15"), "{zone}");
        }
    }

    #[test]
    fn the_nights_when_clocks_change_have_one_midnight() {
        // 29 March 2026 has 23 hours in Helsinki, 25 October has 25.
        assert_eq!(there("Europe/Helsinki", "2026-03-28T22:00:00Z"), "2026-03-29");
        assert_eq!(there("Europe/Helsinki", "2026-03-29T20:59:59Z"), "2026-03-29");
        assert_eq!(there("Europe/Helsinki", "2026-03-29T21:00:00Z"), "2026-03-30");
        assert_eq!(there("Europe/Helsinki", "2026-10-24T21:00:00Z"), "2026-10-25");
        assert_eq!(there("Europe/Helsinki", "2026-10-25T21:59:59Z"), "2026-10-25");
        assert_eq!(there("Europe/Helsinki", "2026-10-25T22:00:00Z"), "2026-10-26");
    }

    #[test]
    fn a_name_of_no_zone_is_none() {
        for name in ["", "Example Region", "Europe/Helsinky", "fi", "12:00"] {
            assert!(DayZone::named(name).is_none(), "{name:?}");
        }
        assert!(DayZone::named(" europe/helsinki ").is_some(), "case and blanks say nothing");
    }

    #[test]
    fn a_date_is_read_also_in_front_of_a_time() {
        for written in ["2026-03-12", " 2026-03-12 ", "2026-03-12T00:00:00"] {
            assert_eq!(date(written).unwrap().to_string(), "2026-03-12", "{written}");
        }
        for written in ["", "12.3.2026", "2026-13-40", "today"] {
            assert_eq!(date(written), None, "{written}");
        }
    }
}
