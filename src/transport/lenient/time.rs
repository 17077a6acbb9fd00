//! Points in time, in every form in which servers write them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::scalar::{Given, NotReadable, Parsed, Scalar};

/// A point in time: ISO 8601 in its extended and its basic form, RFC 2822 and what resembles it, seconds or parts
/// of them since 1970, `/Date(…)/`, or the list of numbers that Java writes.
///
/// Without a zone it is UTC. A zone that is only named, other than UTC, is not read: a wrong time is worse than
/// none. Year 1 and the first second of 1970 are “not set”, year 9999 and `never` are “no end”: all are `None`.
#[derive(Debug)]
pub struct Time;

/// Words for “not set” and “no end”.
const UNSET: [&str; 6] = ["never", "none", "null", "unlimited", "-", "n/a"];

/// Seconds since 1970 that are no time: smaller numbers count something else.
const LEAST: u32 = 100_000_000;

/// Names of months, by which a date in words is known.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Names of days, which say nothing that the date does not.
const DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Abbreviated zones, in hours from UTC: those of RFC 2822, and Europe's.
const ZONES: [(&str, i32); 20] = [
    ("Z", 0),
    ("UTC", 0),
    ("GMT", 0),
    ("UT", 0),
    ("Etc/UTC", 0),
    ("Zulu", 0),
    ("WET", 0),
    ("WEST", 1),
    ("CET", 1),
    ("CEST", 2),
    ("EET", 2),
    ("EEST", 3),
    ("EST", -5),
    ("EDT", -4),
    ("CST", -6),
    ("CDT", -5),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
];

/// A point in time in the same forms, which says whether it came with a zone.
#[derive(Debug)]
pub struct Stated;

/// A point in time as it was stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatedTime {
    /// The time; of one without a zone as if it were UTC.
    pub time: DateTime<Utc>,
    /// Whether it came with a zone.
    pub has_zone: bool,
}

impl From<DateTime<Utc>> for StatedTime {
    fn from(time: DateTime<Utc>) -> Self {
        Self { time, has_zone: true }
    }
}

impl Scalar for Time {
    type Value = DateTime<Utc>;

    fn parse(given: Given<'_>) -> Parsed<DateTime<Utc>> {
        Stated::parse(given).map(|stated| stated.map(|stated| stated.time))
    }
}

impl Scalar for Stated {
    type Value = StatedTime;

    fn parse(given: Given<'_>) -> Parsed<StatedTime> {
        let read = match given {
            Given::Text(text) => {
                let text = text.trim().trim_matches('"').trim();
                if text.is_empty() || UNSET.iter().any(|word| word.eq_ignore_ascii_case(text)) {
                    return Ok(None);
                }
                from_text(text)
            }
            Given::Whole(number) => from_number(number),
            Given::Float(number) => from_float(number).map(StatedTime::from),
            Given::Numbers(numbers) => from_numbers(numbers).map(zoneless),
            Given::Flag(_) => None,
        };
        read.map(|stated| Some(stated).filter(|stated| is_set(&stated.time))).ok_or(NotReadable)
    }
}

/// The point in time that `text` says; see [`Time`].
pub fn time(text: &str) -> Option<DateTime<Utc>> {
    Time::parse(Given::Text(text)).ok().flatten()
}

/// Whether a point in time is one, and not “not set” or “no end”.
fn is_set(time: &DateTime<Utc>) -> bool {
    (1970..9000).contains(&time.year()) && time.timestamp() != 0
}

/// A time without a zone.
const fn zoneless(time: DateTime<Utc>) -> StatedTime {
    StatedTime { time, has_zone: false }
}

fn from_text(text: &str) -> Option<StatedTime> {
    if let Some((_, inner)) = text.split_once("Date(") {
        return from_date_call(inner.split_once(')')?.0).map(StatedTime::from);
    }
    if let Some(time) = from_digits(text) {
        return Some(zoneless(time));
    }
    if let Ok(number) = text.parse::<f64>() {
        return from_float(number).map(StatedTime::from);
    }
    let (text, named) = match text.split_once('[') {
        Some((text, zone)) => (text.trim(), Some(zone.trim_end().strip_suffix(']')?)),
        None => (text, None),
    };
    let (local, offset) = match text.split(|c: char| !c.is_alphabetic()).any(is_month) {
        true => from_words(text)?,
        false => from_iso(text)?,
    };
    let offset = match (offset, named) {
        (Some(offset), _) => Some(offset),
        (None, Some(zone)) => Some(offset_of(zone)?),
        (None, None) => None,
    };
    let shift = TimeDelta::seconds(offset.unwrap_or(0).into());
    let time = local.and_utc().checked_sub_signed(shift)?;
    Some(StatedTime { time, has_zone: offset.is_some() })
}

/// The inside of `/Date(1741604700000+0100)/`: milliseconds since 1970. The zone only says where it was written.
fn from_date_call(inner: &str) -> Option<DateTime<Utc>> {
    let inner = inner.trim();
    let (sign, digits) = match inner.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, inner),
    };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, zone) = digits.split_at(end);
    if !zone.is_empty() {
        offset_of(zone)?;
    }
    DateTime::from_timestamp_millis(sign * digits.parse::<i64>().ok()?)
}

/// `20250310110500`, with milliseconds or without seconds: as many digits of milliseconds would be a time that no
/// contact centre has seen.
fn from_digits(text: &str) -> Option<DateTime<Utc>> {
    if !matches!(text.len(), 12 | 14 | 17) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let date = date(&text[..8])?;
    if !(1990..2100).contains(&date.year()) {
        return None;
    }
    let (clock, millis) = text[8..].split_at(text.len().min(14) - 8);
    let clock = clock_of(clock)? + TimeDelta::milliseconds(millis.parse().unwrap_or(0));
    Some(date.and_time(chrono::NaiveTime::MIN).checked_add_signed(clock)?.and_utc())
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, by the number's size.
fn from_number(number: i128) -> Option<StatedTime> {
    match from_digits(&number.to_string()) {
        Some(time) => Some(zoneless(time)),
        None => from_epoch(number).map(StatedTime::from),
    }
}

/// The same, of a number that is no date and clock in digits.
fn from_epoch(number: i128) -> Option<DateTime<Utc>> {
    if number == 0 {
        return DateTime::from_timestamp(0, 0);
    }
    let (per_second, nanos) = match number.unsigned_abs() {
        ..100_000_000_000 => (1, 1_000_000_000),
        100_000_000_000..100_000_000_000_000 => (1_000, 1_000_000),
        100_000_000_000_000..100_000_000_000_000_000 => (1_000_000, 1_000),
        _ => (1_000_000_000, 1),
    };
    let (seconds, rest) = (number.div_euclid(per_second), number.rem_euclid(per_second));
    if (0..i128::from(LEAST)).contains(&seconds) {
        return None;
    }
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, u32::try_from(rest * nanos).ok()?)
}

/// The same with a fraction.
fn from_float(number: f64) -> Option<DateTime<Utc>> {
    if !number.is_finite() || number.abs() >= 1e20 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to be small before")]
    match number.fract() == 0.0 || number.abs() >= 1e11 {
        true => from_number(number.round() as i128).map(|stated| stated.time),
        // Seconds with a fraction, as exact as a float has them.
        false if number.abs() >= f64::from(LEAST) => {
            DateTime::from_timestamp_micros((number * 1e6).round() as i64)
        }
        false => None,
    }
}

/// Java's list: year, month, day, hour, minute, and the rest where it is not zero: second, nanosecond.
fn from_numbers(numbers: &[i64]) -> Option<DateTime<Utc>> {
    let [year, month, day, hour, minute, rest @ ..] = numbers else { return None };
    let (second, nanos) = match rest {
        [] => (0, 0),
        [second] => (*second, 0),
        [second, nanos] => (*second, *nanos),
        _ => return None,
    };
    let part = |number: &i64| u32::try_from(*number).ok();
    let date = NaiveDate::from_ymd_opt(i32::try_from(*year).ok()?, part(month)?, part(day)?)?;
    let time = date.and_hms_nano_opt(part(hour)?, part(minute)?, part(&second)?, part(&nanos)?)?;
    Some(time.and_utc())
}

/// ISO 8601 and its relatives: a date, a clock, and perhaps an offset in seconds.
fn from_iso(text: &str) -> Option<(NaiveDateTime, Option<i32>)> {
    let (day, rest) = match text.find(['T', 't', ' ', '_']) {
        Some(at) => (&text[..at], text[at + 1..].trim_start()),
        None => return None,
    };
    let (clock, zone) = clock_and_zone(rest)?;
    let local = date(day)?.and_time(chrono::NaiveTime::MIN).checked_add_signed(clock)?;
    Some((local, zone))
}

/// `2025-03-10`, `2025/03/10`, `20250310`, `10.03.2025`.
fn date(text: &str) -> Option<NaiveDate> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return ymd(&text[..4], &text[4..6], &text[6..]);
    }
    let separator = text.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let mut parts = text.split(separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    match (first.len(), separator, third.len()) {
        (4, _, 1 | 2) => ymd(first, second, third),
        (1 | 2, '.', 4) => ymd(third, second, first),
        _ => None,
    }
}

fn ymd(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// A clock and what follows it: `am` or `pm`, an offset.
fn clock_and_zone(text: &str) -> Option<(TimeDelta, Option<i32>)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ','));
    let (clock, rest) = text.split_at(end.unwrap_or(text.len()));
    let (clock, rest) = (clock_of(clock)?, rest.trim_start());
    let half = rest.get(..2).filter(|half| {
        !rest[2..].starts_with(|c: char| c.is_alphanumeric())
            && ["am", "pm"].iter().any(|own| own.eq_ignore_ascii_case(half))
    });
    match half {
        Some(half) => Some((halved(clock, half)?, zone(rest[2..].trim_start())?)),
        None => Some((clock, zone(rest)?)),
    }
}

/// A clock of twelve hours, with its `am` or `pm`.
fn halved(clock: TimeDelta, half: &str) -> Option<TimeDelta> {
    let hours = clock.num_hours();
    if !(1..13).contains(&hours) {
        return None;
    }
    let shift = match (half.eq_ignore_ascii_case("pm"), hours == 12) {
        (true, false) => 12,
        (false, true) => -12,
        (true, true) | (false, false) => 0,
    };
    Some(clock + TimeDelta::hours(shift))
}

/// `11:05`, `11:05:00.000`, `110500,5`, `24:00`, as time since midnight.
fn clock_of(text: &str) -> Option<TimeDelta> {
    let (whole, fraction) = match text.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let basic;
    let parts: &[&str] = if whole.contains(':') {
        let mut parts = whole.split(':');
        basic = [parts.next()?, parts.next()?, parts.next().unwrap_or("")];
        if parts.next().is_some() {
            return None;
        }
        &basic[..if basic[2].is_empty() { 2 } else { 3 }]
    } else {
        basic = match whole.len() {
            4 => [&whole[..2], &whole[2..], ""],
            6 => [&whole[..2], &whole[2..4], &whole[4..]],
            _ => return None,
        };
        &basic[..whole.len() / 2]
    };
    let mut seconds = 0;
    for (part, (unit, most)) in parts.iter().zip([(3_600, 24), (60, 59), (1, 60)]) {
        let number: i64 = part.parse().ok().filter(|number| (0..=most).contains(number))?;
        seconds += number * unit;
    }
    if seconds > 24 * 3_600 {
        return None;
    }
    // The fraction is of the last part that is there (ISO 8601).
    let unit = if parts.len() == 2 { 60 } else { 1 };
    let nanos = match fraction {
        None => 0,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{:0<9}", &digits[..digits.len().min(9)]).parse::<i64>().ok()? * unit
        }
        Some(_) => return None,
    };
    Some(TimeDelta::seconds(seconds) + TimeDelta::nanoseconds(nanos))
}

/// What follows a clock: nothing, or an offset, behind which a zone's name may stand.
#[expect(clippy::option_option, reason = "no zone and one that cannot be read are two things")]
fn zone(text: &str) -> Option<Option<i32>> {
    let mut tokens = text.split_whitespace();
    let Some(first) = tokens.next() else { return Some(None) };
    let is_name = |token: &str| token.chars().all(|c| c.is_alphabetic() || "()/_".contains(c));
    tokens.all(is_name).then_some(())?;
    offset_of(first).map(Some)
}

/// Seconds from UTC: `Z`, `+01:00`, `-0500`, `+1`, `UTC+1`, `CET`.
fn offset_of(text: &str) -> Option<i32> {
    if let Some((_, hours)) = ZONES.iter().find(|(zone, _)| zone.eq_ignore_ascii_case(text)) {
        return Some(hours * 3_600);
    }
    let head = text.get(..3).unwrap_or_default();
    let number = match head.eq_ignore_ascii_case("UTC") || head.eq_ignore_ascii_case("GMT") {
        true => &text[3..],
        false => text,
    };
    let (sign, number) = match number.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (-1, rest),
        None => (1, number.strip_prefix('+')?),
    };
    let (hours, minutes) = match number.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if number.len() <= 2 => (number, "0"),
        None => number.split_at_checked(number.len() - 2)?,
    };
    let part = |text: &str| {
        let is_plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if is_plain { text.parse::<i32>().ok() } else { None }
    };
    let (hours, minutes) = (part(hours)?, part(minutes)?);
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// Whether a word is the name of a month, or its first three letters.
fn is_month(word: &str) -> bool {
    month_of(word).is_some()
}

fn month_of(word: &str) -> Option<u32> {
    named(&MONTHS, word).and_then(|index| u32::try_from(index + 1).ok())
}

fn named(names: &[&str], word: &str) -> Option<usize> {
    let word = word.to_lowercase();
    names.iter().position(|name| *name == word || (name[..3] == *word && word.len() == 3))
}

/// A date in words, in whatever order: RFC 2822, RFC 850, asctime, Java's and `JavaScript`'s own.
fn from_words(text: &str) -> Option<(NaiveDateTime, Option<i32>)> {
    let (mut year, mut month, mut day) = (None, None, None);
    let (mut clock, mut offset) = (None, None);
    // A comment in parentheses names the zone once more.
    let text = text.split_once('(').map_or(text, |(text, _)| text);
    for token in text.split([' ', ',', '\t']).filter(|token| !token.is_empty()) {
        if token.contains(':') && !token.contains(['+', '-']) {
            let (time, zone) = clock_and_zone(token)?;
            (clock, offset) = (Some(time), offset.or(zone));
        } else if let Some(own) = offset_of(token) {
            offset = offset.or(Some(own));
        } else if let (Some(own), "am" | "pm" | "AM" | "PM") = (clock, token) {
            clock = Some(halved(own, token)?);
        } else {
            for part in token.split('-') {
                let digits = part.trim_end_matches('.');
                match digits.parse::<u32>() {
                    Ok(number) if digits.len() == 4 && year.is_none() => year = Some(number),
                    Ok(number) if digits.len() <= 2 && day.is_none() => day = Some(number),
                    // Two digits of a year (RFC 2822 §4.3).
                    Ok(number) if digits.len() == 2 && year.is_none() => {
                        year = Some(if number < 50 { 2_000 + number } else { 1_900 + number });
                    }
                    Ok(_) => return None,
                    Err(_) if named(&DAYS, digits).is_some() => {}
                    Err(_) => month = Some(month_of(digits)?),
                }
            }
        }
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(year?).ok()?, month?, day?)?;
    Some((date.and_time(chrono::NaiveTime::MIN).checked_add_signed(clock?)?, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_every_form_that_servers_write() {
        for text in [
            "2025-03-10T11:05:00Z",
            "2025-03-10t11:05:00z",
            "2025-03-10T12:05:00+01:00",
            "2025-03-10T12:05:00+01",
            "2025-03-10T12:05:00+0100",
            "2025-03-10T06:05:00\u{2212}05:00",
            "2025-03-10T11:05:00",
            "2025-03-10 11:05:00.000",
            "2025-03-10T11:05:00.0000000+00:00",
            "2025-03-10T11:05:00,000Z",
            "2025-03-10T11:05Z",
            "2025-03-10T13:05+02:00",
            "2025-03-10 11:05",
            "2025-03-10T13:05:00+02:00[Europe/Helsinki]",
            "2025-03-10T11:05:00Z[UTC]",
            "2025-03-10T11:05[Etc/UTC]",
            "2025-03-10 11:05:00 UTC",
            "2025-03-10 12:05:00 +0100 CET",
            "2025-03-10T12:05:00 GMT+1",
            "20250310T110500Z",
            "20250310T120500.000+0100",
            "20250310T1105Z",
            "20250310110500",
            "202503101105",
            "20250310110500000",
            "2025/03/10 11:05:00",
            "10.03.2025 11:05",
            "2025-03-10 11:05:00 AM",
            "1741604700",
            "1741604700.000",
            "1741604700000",
            "1.7416047E12",
            "1741604700000000",
            "/Date(1741604700000)/",
            "/Date(1741604700000+0100)/",
            "\\/Date(1741604700000-0500)\\/",
            "Mon, 10 Mar 2025 11:05:00 GMT",
            "Mon, 10 Mar 2025 12:05:00 +0100 (CET)",
            "10 Mar 2025 11:05 GMT",
            "Monday, 10-Mar-25 11:05:00 GMT",
            "Mon Mar 10 11:05:00 2025",
            "Mon Mar 10 12:05:00 CET 2025",
            "Mon Mar 10 2025 13:05:00 GMT+0200 (Eastern European Standard Time)",
            "Mar 10, 2025 11:05:00 AM",
        ] {
            let read = time(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(read.to_rfc3339(), "2025-03-10T11:05:00+00:00", "{text}");
        }
        for given in [
            Given::Whole(1_741_604_700),
            Given::Whole(1_741_604_700_000),
            Given::Whole(20_250_310_110_500),
            Given::Float(1_741_604_700.0),
            Given::Float(1.741_604_7e12),
            Given::Numbers(&[2025, 3, 10, 11, 5]),
            Given::Numbers(&[2025, 3, 10, 11, 5, 0, 0]),
        ] {
            let read = Time::parse(given).unwrap().unwrap_or_else(|| panic!("{given:?}"));
            assert_eq!(read.to_rfc3339(), "2025-03-10T11:05:00+00:00", "{given:?}");
        }
    }

    #[test]
    fn fractions_and_the_ends_of_days_are_exact() {
        for (text, read) in [
            ("2025-03-10T11:05:00,25Z", "2025-03-10T11:05:00.250Z"),
            ("2025-03-10T11:05:59.1234567Z", "2025-03-10T11:05:59.123456700Z"),
            ("2025-03-10T11:05,5Z", "2025-03-10T11:05:30Z"),
            ("2025-03-10T24:00:00Z", "2025-03-11T00:00:00Z"),
            ("2025-03-10 12:30:00 AM", "2025-03-10T00:30:00Z"),
            ("2025-03-10 12:30:00 PM", "2025-03-10T12:30:00Z"),
            ("1741604700.25", "2025-03-10T11:05:00.250Z"),
            ("/Date(1741604700250)/", "2025-03-10T11:05:00.250Z"),
        ] {
            let own = time(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(own, DateTime::parse_from_rfc3339(read).unwrap(), "{text}");
        }
    }

    #[test]
    fn not_set_and_no_end_are_none_and_can_be_read() {
        for text in [
            "",
            "never",
            "NEVER",
            "0",
            "-1",
            "0001-01-01T00:00:00",
            "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "9999-12-31T23:59:59.9999999Z",
            "/Date(-62135596800000)/",
            "/Date(0)/",
        ] {
            assert_eq!(Time::parse(Given::Text(text)), Ok(None), "{text}");
        }
        assert_eq!(Time::parse(Given::Whole(0)), Ok(None));
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in [
            "soon",
            "5",
            "2025-03-10",
            "2025-13-10T11:05:00Z",
            "2025-02-30T11:05:00Z",
            "2025-03-10T25:05:00Z",
            "2025-03-10T11:65:00Z",
            "2025-03-10T11:05:00+25:00",
            "2025-03-10T11:05:00 Mars/Olympus",
            "2025-03-10T11:05[Europe/Helsinki]",
            "11:05",
            "T11:05",
            "/Date(soon)/",
            "NaN",
            "Mon, 10 Foo 2025 11:05:00 GMT",
            "é2025-03-10T11:05é",
        ] {
            assert_eq!(Time::parse(Given::Text(text)), Err(NotReadable), "{text}");
        }
        for given in [Given::Flag(true), Given::Numbers(&[2025, 3, 10]), Given::Float(f64::NAN)] {
            assert_eq!(Time::parse(given), Err(NotReadable), "{given:?}");
        }
    }
}
