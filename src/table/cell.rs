//! What a column reads from a row, and the three things made of it: text, JSON and an order.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::time::Duration;

use chrono::{
    DateTime, Datelike, FixedOffset, Local, MappedLocalTime, NaiveDateTime, SecondsFormat,
    SubsecRound, TimeZone, Utc,
};
use serde_json::Value;

use crate::table::Context;
use crate::table::urgency::Urgency;
use crate::text::{Shown, collate, masked};

/// One reading. `Unknown` is “not told”: `–` on screens, `null` in JSON, last in every order.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    Unknown,
    Count(u64),
    /// How long, whole seconds.
    Seconds(u64),
    /// A share, 0 to 100.
    Percent(f64),
    /// Text of the vendor's.
    Text(Shown),
    /// One of the contract's words.
    Word(Word),
    /// A point in time, shown as the time of day.
    Time(DateTime<Utc>),
    /// A point in time that is waited for, shown with what is left.
    Due(DateTime<Utc>),
    /// A point in time that was waited for and is over; not late.
    Past(DateTime<Utc>),
    /// Structured for JSON, in one line for people.
    List(Value, Shown),
    /// A figure that is not exact, and says so to people.
    About(Box<Self>),
}

/// One of the contract's words: how it is written, how it is shown, and its rank in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub json: Shown,
    pub label: Shown,
    /// Its place in an order.
    pub rank: u64,
}

/// What a cell means; a theme gives it a style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    Plain,
    /// What a row is about.
    Strong,
    Quiet,
    Unknown,
    /// As it should be.
    Good,
    Warning,
    Critical,
    Busy,
}

impl Tone {
    /// Every tone: each theme styles them all.
    pub const ALL: [Self; 8] = [
        Self::Plain,
        Self::Strong,
        Self::Quiet,
        Self::Unknown,
        Self::Good,
        Self::Warning,
        Self::Critical,
        Self::Busy,
    ];
}

/// In which zone times of day are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    #[default]
    Local,
    /// UTC: in reports and tests.
    Utc,
}

impl Zone {
    /// A point in time by this zone's clocks.
    pub fn here(self, time: DateTime<Utc>) -> DateTime<FixedOffset> {
        match self {
            Self::Local => time.with_timezone(&Local).fixed_offset(),
            Self::Utc => time.fixed_offset(),
        }
    }

    /// What a time of this zone's clocks is: none, one or two points in time.
    pub fn point(self, local: NaiveDateTime) -> MappedLocalTime<DateTime<FixedOffset>> {
        match self {
            Self::Local => Local.from_local_datetime(&local).map(|time| time.fixed_offset()),
            Self::Utc => Utc.from_local_datetime(&local).map(|time| time.fixed_offset()),
        }
    }
}

/// The members of structured figures that hold ids or names of queues.
const IDS: [&str; 2] = ["id", "queue"];

/// The sign for “not told”.
pub const UNKNOWN: &str = "–";

impl From<Option<u32>> for Figure {
    fn from(count: Option<u32>) -> Self {
        count.map_or(Self::Unknown, |count| Self::Count(count.into()))
    }
}

impl From<Option<Shown>> for Figure {
    fn from(text: Option<Shown>) -> Self {
        text.map_or(Self::Unknown, Self::Text)
    }
}

impl From<Option<&Shown>> for Figure {
    fn from(text: Option<&Shown>) -> Self {
        text.cloned().into()
    }
}

impl From<Shown> for Figure {
    fn from(text: Shown) -> Self {
        Self::Text(text)
    }
}

impl Figure {
    /// Seconds, or not told.
    pub fn seconds(seconds: Option<u32>) -> Self {
        seconds.map_or(Self::Unknown, |seconds| Self::Seconds(seconds.into()))
    }

    /// A share, or not told; what is no number is not told.
    pub fn percent(share: Option<f64>) -> Self {
        share.filter(|share| share.is_finite()).map_or(Self::Unknown, Self::Percent)
    }

    /// The same, marked where it is not exact.
    #[must_use]
    pub fn about(self, inexact: bool) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            own if inexact => Self::About(Box::new(own)),
            own => own,
        }
    }

    /// Takes `more` of the same kind in. Nothing that is told and more that is not come to what is told.
    pub(super) fn add(&mut self, more: Self) {
        match (&mut *self, more) {
            (Self::Count(sum), Self::Count(more)) => *sum = sum.saturating_add(more),
            (own @ Self::Unknown, more) => *own = more,
            (Self::About(own), Self::About(more)) => own.add(*more),
            (Self::About(own), more) => own.add(more),
            (Self::Count(sum), Self::About(more)) => {
                let mut own = Self::Count(*sum);
                own.add(*more);
                *self = own.about(true);
            }
            _ => {}
        }
    }

    /// How much it is, as a number; `None` for what is none, or too great to be true.
    pub(super) fn amount(&self) -> Option<f64> {
        match self {
            Self::Count(count) | Self::Seconds(count) => u32::try_from(*count).ok().map(f64::from),
            Self::Percent(share) => Some(*share),
            Self::About(own) => own.amount(),
            Self::Unknown
            | Self::Text(_)
            | Self::Word(_)
            | Self::Time(_)
            | Self::Due(_)
            | Self::Past(_)
            | Self::List(..) => None,
        }
    }

    /// A figure of the same kind, of another amount; spans of time are whole seconds.
    pub(super) fn with_amount(&self, amount: Option<f64>) -> Self {
        match (self, amount) {
            (Self::Seconds(_), Some(amount)) => Duration::try_from_secs_f64(amount.round())
                .map_or(Self::Unknown, |span| Self::Seconds(span.as_secs())),
            (Self::Percent(_), amount) => Self::percent(amount),
            (Self::About(own), amount) => own.with_amount(amount).about(true),
            _ => Self::Unknown,
        }
    }

    /// The same with every telephone number in its text masked; ids in structured figures stay.
    #[must_use]
    pub(super) fn masked(self) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.masked()),
            Self::Word(word) => {
                Self::Word(Word { json: word.json.masked(), label: word.label.masked(), ..word })
            }
            Self::List(mut value, text) => {
                mask_json(&mut value);
                Self::List(value, text.masked())
            }
            Self::About(own) => Self::About(Box::new(own.masked())),
            own => own,
        }
    }

    /// A word of the contract.
    pub fn word(json: &str, label: &str, rank: u8) -> Self {
        Self::Word(Word { json: Shown::clean(json), label: Shown::clean(label), rank: rank.into() })
    }

    pub fn text(&self, context: &Context<'_>) -> String {
        match self {
            Self::Unknown => UNKNOWN.to_owned(),
            Self::Count(count) => count.to_string(),
            Self::Seconds(seconds) => duration(*seconds),
            Self::Percent(share) => format!("{share:.0} %"),
            Self::Text(text) | Self::List(_, text) => text.as_str().to_owned(),
            Self::Word(word) => word.label.as_str().to_owned(),
            Self::Time(time) => clock(*time, context),
            Self::Due(time) => due_column(*time, context),
            Self::Past(time) => day(*time, context, false).0,
            // What is not exact needs no seconds behind hours.
            Self::About(own) => match **own {
                Self::Seconds(seconds) => format!("≈ {}", coarse(seconds)),
                _ => format!("≈ {}", own.text(context)),
            },
        }
    }

    pub fn json(&self) -> Value {
        match self {
            Self::Unknown => Value::Null,
            Self::Count(count) | Self::Seconds(count) => Value::from(*count),
            Self::Percent(share) => Value::from(*share),
            Self::Text(text) => Value::from(text.as_str()),
            Self::Word(word) => Value::from(word.json.as_str()),
            Self::Time(time) | Self::Due(time) | Self::Past(time) => Value::from(rfc3339(*time)),
            Self::List(value, _) => value.clone(),
            Self::About(own) => own.json(),
        }
    }

    /// Where it stands in an order.
    pub fn key(self) -> Key {
        match self {
            Self::Unknown => Key::Unknown,
            Self::Count(count) | Self::Seconds(count) => Key::Count(count),
            Self::Percent(share) => Key::Share(share),
            Self::Text(text) | Self::List(_, text) => Key::Text(text),
            Self::Word(word) => Key::Count(word.rank),
            Self::Time(time) | Self::Due(time) | Self::Past(time) => Key::Time(time),
            Self::About(own) => own.key(),
        }
    }
}

/// Masks every text of `value` but ids.
fn mask_json(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(masked) = masked(text) {
                *text = masked;
            }
        }
        Value::Array(all) => all.iter_mut().for_each(mask_json),
        Value::Object(members) => {
            let texts = members.iter_mut().filter(|(key, _)| !IDS.contains(&key.as_str()));
            texts.for_each(|(_, value)| mask_json(value));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Where a figure stands in an order. Every two compare.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    Unknown,
    Count(u64),
    Share(f64),
    /// By letters, in the reader's alphabet, and numbers by how much they are.
    Text(Shown),
    Time(DateTime<Utc>),
    /// By how urgent a queue is, the least urgent first.
    Urgency(Urgency),
}

impl Key {
    /// Whether nothing was told.
    pub const fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Urgency(urgency) => urgency.is_unknown(),
            Self::Count(_) | Self::Share(_) | Self::Text(_) | Self::Time(_) => false,
        }
    }

    /// The total order of keys: by kind, then by value.
    pub fn compare(&self, other: &Self) -> Ordering {
        let kind = |key: &Self| match key {
            Self::Count(_) => 0,
            Self::Share(_) => 1,
            Self::Text(_) => 2,
            Self::Time(_) => 3,
            Self::Urgency(_) => 4,
            Self::Unknown => 5,
        };
        match (self, other) {
            (Self::Count(a), Self::Count(b)) => a.cmp(b),
            (Self::Share(a), Self::Share(b)) => a.total_cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => collate::compare(a, b),
            (Self::Urgency(a), Self::Urgency(b)) => b.compare(a),
            _ => kind(self).cmp(&kind(other)),
        }
    }
}

/// A point in time for scripts: RFC 3339 in UTC with `Z`, to the millisecond.
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.trunc_subsecs(3).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A span of time for people: `0:42`, `12:05`, `1:02:03`, `11h20`, `3d4h`, `120d`. Never more than seven characters.
pub fn duration(seconds: u64) -> String {
    match seconds {
        3_600..36_000 => {
            let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
            format!("{hours}:{minutes:02}:{:02}", seconds % 60)
        }
        _ => coarse(seconds),
    }
}

/// The same without seconds from an hour on: `0:42`, `12:05`, `1h02`, `11h20`, `3d4h`, `120d`.
pub fn coarse(seconds: u64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3_600);
    match (hours, hours / 24) {
        (0, _) => format!("{minutes}:{:02}", seconds % 60),
        (_, 0) => format!("{hours}h{:02}", minutes % 60),
        (_, days @ 1..100) => format!("{days}d{}h", hours % 24),
        (_, days @ 100..=99_999) => format!("{days}d"),
        _ => ">99999d".to_owned(),
    }
}

/// A span of time in one unit: `5s`, `12m`, `3h`, `2d`.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// The time of day, with the date where it is not today's.
fn clock(time: DateTime<Utc>, context: &Context<'_>) -> String {
    fn in_zone<Z: TimeZone>(time: &DateTime<Z>, today: &DateTime<Z>, seconds: bool) -> String
    where
        Z::Offset: std::fmt::Display,
    {
        let day = if seconds { "%H:%M:%S" } else { "%H:%M" };
        match time.date_naive() == today.date_naive() {
            true => time.format(day).to_string(),
            false => time.format("%d %b %H:%M").to_string(),
        }
    }
    match context.zone {
        Zone::Utc => in_zone(&time, &context.now.wall, true),
        Zone::Local => {
            in_zone(&time.with_timezone(&Local), &context.now.wall.with_timezone(&Local), true)
        }
    }
}

/// Cells of the column that [`Figure::Due`] stands in.
const DUE: usize = 14;

/// A point in time that is waited for, in a sentence: `14:45, in 13m`.
pub fn due_said(time: DateTime<Utc>, context: &Context<'_>) -> String {
    match due(time, context) {
        (at, Some(left)) => format!("{at}, {left}"),
        (at, None) => at,
    }
}

/// The same where it stands still, as in a question: what is left of it would soon be wrong.
pub fn due_still(time: DateTime<Utc>, context: &Context<'_>) -> String {
    day(time, context, false).0
}

/// The same in a column: what is left stands at its right.
fn due_column(time: DateTime<Utc>, context: &Context<'_>) -> String {
    match due(time, context) {
        (at, Some(left)) => format!("{at}{left:>wide$}", wide = DUE.saturating_sub(at.len())),
        (at, None) => at,
    }
}

/// The time of day and what is left of it; for another day the day, for another year the year. What is late
/// says so, whatever the day.
fn due(time: DateTime<Utc>, context: &Context<'_>) -> (String, Option<String>) {
    let left = (time - context.now.wall).num_seconds();
    let late = left < 0;
    let (at, today) = day(time, context, late);
    let span = span(left.unsigned_abs());
    match (late, today) {
        (false, false) => (at, None),
        (false, true) => (at, Some(format!("in {span}"))),
        // Three digits of days would not fit behind a date, and say no more than the date does.
        (true, _) if span.len() > 3 => (at, Some("late".to_owned())),
        (true, _) => (at, Some(format!("{span} late"))),
    }
}

/// The time of day, or for another day the day, shorter where something is said behind it; and whether it is
/// today's.
fn day(time: DateTime<Utc>, context: &Context<'_>, short: bool) -> (String, bool) {
    fn at<Z: TimeZone>(time: &DateTime<Z>, today: &DateTime<Z>, short: bool) -> (String, bool)
    where
        Z::Offset: std::fmt::Display,
    {
        let today = (time.year() == today.year(), time.date_naive() == today.date_naive());
        let form = match (today, short) {
            ((_, true), _) => "%H:%M",
            ((true, false), false) => "%d %b %H:%M",
            ((true, false), true) => "%d %b",
            ((false, false), false) => "%d %b %Y",
            ((false, false), true) => "%b %Y",
        };
        (time.format(form).to_string(), today.1)
    }
    let now = context.now.wall;
    match context.zone {
        Zone::Utc => at(&time, &now, short),
        Zone::Local => at(&time.with_timezone(&Local), &now.with_timezone(&Local), short),
    }
}
