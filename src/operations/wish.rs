//! What a scheduler entry or a task is wished to be: its fields, checked before anything is sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

use chrono::{
    DateTime, FixedOffset, MappedLocalTime, NaiveDateTime, NaiveTime, SecondsFormat, SubsecRound,
    TimeDelta, Utc,
};
use serde::{Deserialize, Serialize};

use crate::floor::field::Fact;
use crate::floor::scheduler::{Entry, Priority};
use crate::text::Shown;

pub use self::task::{PREFERRED, TASK_FIELDS, pair};
pub use crate::floor::field::Field;

mod task;

/// One declared field: the form, the command line and the audit log are made from it.
#[derive(Debug)]
pub struct Declared {
    pub field: Field,
    /// Its name in messages and in the audit log; with `-` for `_` its flag.
    pub name: &'static str,
    /// Its label in the form.
    pub label: &'static str,
    /// Whole numbers that it takes (Nimbus connector, `SchedulerEntryWriteData`); `None` for text.
    pub range: Option<RangeInclusive<u32>>,
    /// What goes into it, in the form.
    pub help: &'static str,
    /// What it is, in the help of its flag; empty where that is what the form says.
    about: &'static str,
    /// What stands for its value there; empty for its name.
    value: &'static str,
    /// Whether its flag may be repeated.
    many: bool,
    /// Whether what is new needs it.
    pub needed: bool,
}

/// A flag of the command line.
#[derive(Debug, Clone)]
pub struct Flag {
    /// Its name, with `_` for `-`.
    pub name: &'static str,
    pub help: String,
    /// What stands for its value; empty for its name.
    pub value: &'static str,
    /// Whether it may be repeated.
    pub many: bool,
    /// Whether it has to be there.
    pub required: bool,
}

impl Flag {
    /// A flag that takes one value, and may be left out.
    pub fn new(name: &'static str, help: &str) -> Self {
        Self { name, help: help.to_owned(), value: "", many: false, required: false }
    }
}

/// The terms of an entry, in the order of the form.
pub const FIELDS: [Declared; 9] = [
    text(
        Field::Service,
        "service",
        "Service",
        "left and right choose the service that makes the call",
    )
    .flag("The service that makes the call, as user@domain", "")
    .needed(),
    text(Field::Destination, "destination", "Destination", "a number as +44 20…, or user@domain")
        .flag("Whom it calls: a number as +44 20…, or user@domain", "")
        .needed(),
    text(Field::Due, "due", "Due", "14:30, 2026-03-12 14:30, or +30m")
        .flag(
            "When: 14:30, \"2026-03-12 14:30\", with an offset as +02:00 behind it, or +30m from now; `update` counts +30m and -10m from the entry's own time",
            "",
        )
        .needed(),
    text(Field::Priority, "priority", "Priority", "left and right choose; empty: the vendor's own")
        .flag("A priority of the vendor's lookup", ""),
    number(Field::MaxAttempts, "max_attempts", "Attempts", 1..=10, "1 to 10; empty: 1")
        .flag("Attempts", "N"),
    number(
        Field::AttemptTimeout,
        "attempt_timeout",
        "Attempt takes",
        30..=86_400,
        "30 to 86400 s; empty: 3600",
    )
    .flag("Seconds that one attempt may take", "SECONDS"),
    number(
        Field::MaxQueueTime,
        "max_queue_time",
        "Queues for",
        5..=3_600,
        "5 to 3600 s; empty: 300",
    )
    .flag("Seconds that the call may wait for an agent", "SECONDS"),
    number(Field::RonaTimeout, "rona_timeout", "Rings for", 5..=30, "5 to 30 s; empty: 20")
        .flag("Seconds that it rings at an agent before the next is tried", "SECONDS"),
    text(Field::Reference, "reference", "Reference", "your own system's reference"),
];

/// Every field of an entry, in the order of the form: its terms, what the workflow is told, the customer.
pub fn entry_fields() -> impl Iterator<Item = &'static Declared> {
    FIELDS.iter().chain(TASK_FIELDS.iter().filter(|own| own.field.is_known_with_entry()))
}

const fn text(
    field: Field,
    name: &'static str,
    label: &'static str,
    help: &'static str,
) -> Declared {
    let (about, value) = ("", "");
    Declared { field, name, label, range: None, help, about, value, many: false, needed: false }
}

const fn number(
    field: Field,
    name: &'static str,
    label: &'static str,
    range: RangeInclusive<u32>,
    help: &'static str,
) -> Declared {
    Declared { range: Some(range), ..text(field, name, label, help) }
}

impl Declared {
    const fn flag(self, about: &'static str, value: &'static str) -> Self {
        Self { about, value, ..self }
    }

    const fn many(self) -> Self {
        Self { many: true, ..self }
    }

    const fn needed(self) -> Self {
        Self { needed: true, ..self }
    }

    /// Its flag, of what is new or of what is there.
    pub fn as_flag(&self, new: bool) -> Flag {
        let mut help = if self.about.is_empty() {
            let (first, rest) = self.help.split_at_checked(1).unwrap_or((self.help, ""));
            first.to_uppercase() + rest
        } else {
            self.about.to_owned()
        };
        if let Some(range) = &self.range {
            let _ = write!(help, ", {} to {}", range.start(), range.end());
        }
        let &Self { name, value, many, needed, .. } = self;
        Flag { name, help, value, many, required: new && needed }
    }
}

/// What one field is wished to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A text, as it goes to the vendor.
    Text(String),
    Number(u32),
    /// A point in time, whole seconds.
    Time(DateTime<Utc>),
    /// Names with their values.
    Pairs(Vec<(String, String)>),
    /// People, each with a priority where one is wished: 1 is the highest.
    People(Vec<(String, Option<u32>)>),
}

/// What is wished of an entry: fields that are not in it stay as they are, or for a new entry are the vendor's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wish(BTreeMap<Field, Value>);

/// What is known where a field is read.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The services that make calls; empty where none was told.
    pub services: &'a [Shown],
    /// The priorities; empty where none was told.
    pub priorities: &'a [Priority],
    /// The users who may be preferred; empty where none was told.
    pub users: &'a [Shown],
    /// What spans such as `+30m` are counted from.
    pub from: DateTime<Utc>,
    /// Now, in the reader's zone.
    pub now: DateTime<FixedOffset>,
    /// A time of the reader's zone: none, one or two points in time, as clocks change.
    pub zone: &'a dyn Fn(NaiveDateTime) -> MappedLocalTime<DateTime<FixedOffset>>,
}

/// Services that a refusal names.
const NAMED: usize = 8;

impl Field {
    pub fn declared(self) -> &'static Declared {
        // Every field is declared; a law holds it.
        let all = FIELDS.iter().chain(&TASK_FIELDS);
        all.into_iter().find(|declared| declared.field == self).unwrap_or(&FIELDS[0])
    }

    /// Reads what was written into it.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn read(self, written: &str, known: &Known<'_>) -> Result<Value, Shown> {
        let written = written.trim();
        let refuse = |why: &str| Err(Shown::clean(why));
        if let Some(range) = &self.declared().range {
            return match written.parse::<u32>() {
                Ok(number) if range.contains(&number) => Ok(Value::Number(number)),
                _ => refuse(&format!("write a number from {} to {}", range.start(), range.end())),
            };
        }
        match self {
            Self::Due => due(written, known).map(Value::Time),
            Self::Destination => destination(written).map(Value::Text),
            Self::Service => match known.services.iter().find(|own| alike(own, written)) {
                Some(own) => Ok(Value::Text(own.to_string())),
                None if known.services.is_empty() => refuse("no service is known yet"),
                None => {
                    let shown: Vec<&str> =
                        known.services.iter().take(NAMED).map(|own| &**own).collect();
                    let more = known.services.len().saturating_sub(NAMED);
                    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                    refuse(&format!("no such service: there is {}{more}", shown.join(", ")))
                }
            },
            Self::Priority => {
                let fits =
                    |own: &&Priority| alike(&own.value, written) || alike(&own.name, written);
                match known.priorities.iter().find(fits) {
                    Some(own) => Ok(Value::Text(own.value.to_string())),
                    None if known.priorities.is_empty() => {
                        refuse("no priority is known yet: leave it empty")
                    }
                    None => {
                        let all: Vec<&str> =
                            known.priorities.iter().map(|own| &*own.value).collect();
                        refuse(&format!("there is {}", all.join(", ")))
                    }
                }
            }
            Self::Parameters | Self::Phones | Self::More => task::pairs(written).map(Value::Pairs),
            Self::Preferred => task::people(written, known.users).map(Value::People),
            _ if written.chars().any(char::is_control) => refuse("it is one line of text"),
            _ => Ok(Value::Text(written.to_owned())),
        }
    }
}

fn alike(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// A number of E.164, without the signs that people write between its digits; or a user's principal name.
fn destination(written: &str) -> Result<String, Shown> {
    if written.contains('@') {
        let sound = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
        return match written.split_once('@') {
            Some((user, domain))
                if sound(user)
                    && sound(domain)
                    && !domain.contains('@')
                    && domain.split('.').count() > 1
                    && domain.split('.').all(|label| !label.is_empty()) =>
            {
                Ok(written.to_owned())
            }
            _ => Err(Shown::clean("a user is written as user@domain")),
        };
    }
    let digits: String = written.chars().filter(|c| !" -.()/\u{a0}".contains(*c)).collect();
    match digits.strip_prefix('+') {
        None => {
            Err(Shown::clean("a number begins with + and its country code; a user is user@domain"))
        }
        Some(rest) if !rest.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(Shown::clean("a number has + and digits alone"))
        }
        // ITU-T E.164 §6: at most 15 digits, and no country code begins with 0.
        Some(rest) if !(4..=15).contains(&rest.len()) || rest.starts_with('0') => {
            Err(Shown::clean("no number of E.164: + and 4 to 15 digits, the first not 0"))
        }
        Some(_) => Ok(digits),
    }
}

/// A time of day of today, a date with a time, the same with an offset, or a span from now or from the entry's own
/// time.
fn due(written: &str, known: &Known<'_>) -> Result<DateTime<Utc>, Shown> {
    let sane = |time: DateTime<Utc>| Ok(time.trunc_subsecs(0));
    if let Some((sign, span)) = [("+", 1), ("-", -1)]
        .into_iter()
        .find_map(|(sign, by)| Some((by, written.strip_prefix(sign)?)))
    {
        let span =
            humantime::parse_duration(span).ok().and_then(|span| TimeDelta::from_std(span).ok());
        let moved = span.and_then(|span| known.from.checked_add_signed(span * sign));
        return moved.map_or_else(|| Err(Shown::clean("write a span as +30m, +2h or -10m")), sane);
    }
    // A blank in a form is any blanks, or none.
    let plain = written.replacen('T', " ", 1);
    let plain = match plain.strip_suffix(['Z', 'z']) {
        Some(rest) => format!("{rest}+00:00"),
        None => plain,
    };
    for form in ["%Y-%m-%d %H:%M:%S%.f %:z", "%Y-%m-%d %H:%M %:z"] {
        if let Ok(time) = DateTime::parse_from_str(&plain, form) {
            return sane(time.to_utc());
        }
    }
    let local = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&plain, form).ok())
        .or_else(|| {
            let time = NaiveTime::parse_from_str(&plain, "%H:%M").ok()?;
            Some(known.now.date_naive().and_time(time))
        });
    let Some(local) = local else {
        return Err(Shown::clean("write 14:30, 2026-03-12 14:30, or +30m"));
    };
    match (known.zone)(local) {
        MappedLocalTime::Single(time) => sane(time.to_utc()),
        MappedLocalTime::None => {
            Err(Shown::clean("that time is left out on that day: clocks go forward"))
        }
        MappedLocalTime::Ambiguous(first, second) => Err(Shown::clean(&format!(
            "that time comes twice on that day: add {} or {}",
            first.offset(),
            second.offset()
        ))),
    }
}

impl Wish {
    /// What is wished of `field`.
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.0.get(&field)
    }

    /// The text that is wished of `field`.
    pub fn text(&self, field: Field) -> Option<&str> {
        match self.get(field)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// When it shall be due.
    pub fn due(&self) -> Option<DateTime<Utc>> {
        match self.get(Field::Due)? {
            Value::Time(time) => Some(*time),
            _ => None,
        }
    }

    /// Wishes `value` of `field`.
    pub fn set(&mut self, field: Field, value: Value) {
        self.0.insert(field, value);
    }

    /// Whether nothing is wished.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every field that is wished, in the order of the form.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.0.iter().map(|(field, value)| (*field, value))
    }

    /// What of the wish `entry` does not have. What the vendor does not tell is no difference.
    pub fn missing_in(&self, entry: &Entry) -> Option<Field> {
        self.iter()
            .find(|(field, value)| !value.is(told(*field, entry).as_ref()))
            .map(|(field, _)| field)
    }

    /// Whether `entry` is the call that is wished: the same service, destination and time.
    pub fn plans(&self, entry: &Entry) -> bool {
        let same = |field: Field| {
            let told = told(field, entry);
            told.is_some() && self.get(field).is_some_and(|value| value.is(told.as_ref()))
        };
        same(Field::Service) && same(Field::Destination) && same(Field::Due)
    }

    /// The wish in one line, times in UTC, numbers of people masked: “due 2026-03-12T14:30:00Z, `max_attempts` 3”.
    pub fn said(&self) -> Shown {
        let all: Vec<String> = self
            .iter()
            .map(|(field, value)| format!("{} {}", field.declared().name, value.masked()))
            .collect();
        Shown::clean(&all.join(", "))
    }
}

impl Value {
    /// As the audit log has it.
    pub fn said(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Time(time) => time.to_rfc3339_opts(SecondsFormat::Secs, true),
            Self::Pairs(pairs) => {
                let pairs = pairs.iter().map(|(name, value)| task::pair(name, value));
                pairs.collect::<Vec<_>>().join("; ")
            }
            Self::People(people) => {
                let people = people.iter().map(|(user, priority)| match priority {
                    Some(priority) => format!("{user}:{priority}"),
                    None => user.clone(),
                });
                people.collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// The same, a number of a person masked.
    pub fn masked(&self) -> String {
        match self {
            Self::Text(_) | Self::Pairs(_) => Shown::clean(&self.said()).masked().to_string(),
            Self::Number(_) | Self::Time(_) | Self::People(_) => self.said(),
        }
    }

    /// Whether it is what was told. A number that was told masked is compared masked.
    fn is(&self, told: Option<&Self>) -> bool {
        match (self, told) {
            (_, None) => true,
            (Self::Text(own), Some(Self::Text(told))) => same_text(own, told),
            (Self::Pairs(own), Some(Self::Pairs(told))) => {
                own.len() == told.len()
                    && own.iter().zip(told).all(|((name, value), (told_name, told_value))| {
                        name == told_name && same_text(value, told_value)
                    })
            }
            (own, Some(told)) => own == told,
        }
    }
}

/// Whether a text is what was told, which may have been masked on the way.
fn same_text(own: &str, told: &str) -> bool {
    let own = Shown::clean(own);
    alike(&own, told) || own.masked().as_str() == told
}

/// What `entry` was told to be.
pub fn told(field: Field, entry: &Entry) -> Option<Value> {
    let text = |text: &Option<Shown>| text.as_ref().map(|text| Value::Text(text.to_string()));
    let number = |number: Option<u32>| number.map(Value::Number);
    match field {
        Field::Service => Some(Value::Text(entry.service.to_string())),
        Field::Destination => text(&entry.destination),
        Field::Due => entry.due.map(|due| Value::Time(due.trunc_subsecs(0))),
        Field::Priority => text(&entry.priority),
        Field::MaxAttempts => number(entry.max_attempts),
        Field::AttemptTimeout => number(entry.attempt_timeout_s),
        Field::MaxQueueTime => number(entry.max_queue_time_s),
        Field::RonaTimeout => number(entry.rona_timeout_s),
        Field::Reference => text(&entry.reference),
        field => entry.known.get(&field).map(|fact| match fact {
            Fact::Text(text) => Value::Text(text.to_string()),
            Fact::Pairs(pairs) => Value::Pairs(
                pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            ),
        }),
    }
}
