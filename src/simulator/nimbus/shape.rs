//! The shapes of the connector's requests, and what of a body does not fit them.

use axum::http::StatusCode;
use axum::response::Response;
use chrono::DateTime;
use serde_json::{Map, Value};

use super::refuse;

/// Values of the lookup of priorities.
pub(super) const PRIORITIES: [&str; 3] = ["Low", "Normal", "High"];

/// Values of the lookup of modalities.
pub(super) const MODALITIES: [&str; 3] = ["Audio", "InstantMessaging", "ExternalTask"];

/// Values of the lookup of directions.
pub(super) const DIRECTIONS: [&str; 2] = ["Inbound", "Outbound"];

/// What a value of a request may be.
#[derive(Debug)]
pub(super) enum Shape {
    Text,
    /// A text that is one of these.
    OneOf(&'static [&'static str]),
    /// A point in time with its zone.
    Time,
    /// A whole number within these limits.
    Whole(u64, u64),
    /// A list of so many values.
    List(&'static Self, usize, usize),
    Object(&'static Object),
}

/// The fields of an object.
#[derive(Debug)]
pub(super) struct Object {
    /// Fields that have to be there.
    needed: &'static [(&'static str, Shape)],
    /// Fields that may be there.
    others: &'static [(&'static str, Shape)],
    /// Whether no other field may be there.
    closed: bool,
}

const ANY: usize = usize::MAX;

const TEXTS: Shape = Shape::List(&Shape::Text, 0, ANY);

const NAMED: Shape = Shape::List(
    &Shape::Object(&Object {
        needed: &[("name", Shape::Text)],
        others: &[("value", Shape::Text)],
        closed: false,
    }),
    0,
    ANY,
);

const PREFERRED: Shape = Shape::List(
    &Shape::Object(&Object {
        needed: &[("upn", Shape::Text)],
        others: &[("priority", Shape::Whole(1, 99))],
        closed: false,
    }),
    0,
    10,
);

const CUSTOMER: Shape = Shape::Object(&Object {
    needed: &[],
    others: &[
        ("firstName", Shape::Text),
        ("lastName", Shape::Text),
        ("displayName", Shape::Text),
        ("company", Shape::Text),
        ("jobTitle", Shape::Text),
        ("department", Shape::Text),
        ("streetAddress", Shape::Text),
        ("postCode", Shape::Text),
        ("city", Shape::Text),
        ("state", Shape::Text),
        ("country", Shape::Text),
        ("primaryTelNumber", Shape::Text),
        ("telNumbers", NAMED),
        ("UPN", Shape::Text),
        ("imAddress", Shape::Text),
        ("email", Shape::Text),
        ("customFields", NAMED),
    ],
    closed: false,
});

/// `TaskInformation`.
pub(super) const TASK: Shape = Shape::Object(&Object {
    needed: &[],
    others: &[
        ("customer", CUSTOMER),
        ("customContextParameters", NAMED),
        ("preferredUsers", PREFERRED),
    ],
    closed: false,
});

/// `SchedulerEntryWriteData`.
pub(super) const ENTRY: Shape = Shape::Object(&Object {
    needed: &[
        ("serviceUpn", Shape::Text),
        ("destination", Shape::Text),
        ("dueDateTimeUtc", Shape::Time),
    ],
    others: &[
        ("ReferenceId", Shape::Text),
        ("distributionPriority", Shape::OneOf(&PRIORITIES)),
        ("maxAttempts", Shape::Whole(1, 10)),
        ("attemptTimeoutInSeconds", Shape::Whole(30, 86_400)),
        ("maxQueueTimeInSeconds", Shape::Whole(5, 3_600)),
        ("ronaTimeoutInSeconds", Shape::Whole(5, 30)),
        ("customCallContextParameters", NAMED),
        ("customer", CUSTOMER),
    ],
    closed: false,
});

/// `ExternalTaskWriteDto`.
pub(super) const EXTERNAL: Shape = Shape::Object(&Object {
    needed: &[("serviceUpn", Shape::Text)],
    others: &[
        ("customerIdentifier", Shape::Text),
        ("customer", CUSTOMER),
        ("customContextParameters", NAMED),
        ("distributionPriority", Shape::OneOf(&PRIORITIES)),
        ("preferredUsers", PREFERRED),
    ],
    closed: false,
});

/// `ContactWriteDto`.
pub(super) const CONTACT: Shape = Shape::Object(&Object {
    needed: &[("externalId", Shape::Text)],
    others: &[
        ("firstName", Shape::Text),
        ("lastName", Shape::Text),
        ("displayName", Shape::Text),
        ("initials", Shape::Text),
        ("company", Shape::Text),
        ("department", Shape::Text),
        ("jobTitle", Shape::Text),
        ("userPrincipalName", Shape::Text),
        ("imAddresses", TEXTS),
        ("emailAddresses", TEXTS),
        ("businessPhones", TEXTS),
        ("mobilePhones", TEXTS),
        ("homePhones", TEXTS),
        (
            "addresses",
            Shape::List(
                &Shape::Object(&Object {
                    needed: &[],
                    others: &[
                        ("street", Shape::Text),
                        ("city", Shape::Text),
                        ("country", Shape::Text),
                        ("state", Shape::Text),
                        ("postalCode", Shape::Text),
                    ],
                    closed: false,
                }),
                0,
                ANY,
            ),
        ),
        ("customFields", NAMED),
    ],
    closed: false,
});

pub(super) const IDS: Shape = Shape::List(&Shape::Text, 0, ANY);

/// The registration of a trigger of tasks.
pub(super) const TASK_TRIGGER: Shape = Shape::Object(&Object {
    needed: &[(
        "config",
        Shape::Object(&Object {
            needed: &[
                ("url", Shape::Text),
                ("services", Shape::List(&Shape::Text, 1, ANY)),
                ("taskEvents", TEXTS),
            ],
            others: &[
                ("modalities", Shape::List(&Shape::OneOf(&MODALITIES), 0, ANY)),
                ("directions", Shape::List(&Shape::OneOf(&DIRECTIONS), 0, ANY)),
            ],
            closed: true,
        }),
    )],
    others: &[],
    closed: true,
});

/// The registration of a trigger of scheduler entries.
pub(super) const ENTRY_TRIGGER: Shape = Shape::Object(&Object {
    needed: &[(
        "config",
        Shape::Object(&Object {
            needed: &[
                ("url", Shape::Text),
                ("services", Shape::List(&Shape::Text, 1, ANY)),
                ("schedulerEntryEvents", TEXTS),
            ],
            others: &[],
            closed: true,
        }),
    )],
    others: &[],
    closed: true,
});

/// The body of a request, where it fits.
///
/// # Errors
/// The refusal, with what does not fit.
pub(super) fn read(body: &[u8], shape: &Shape) -> Result<Value, Box<Response>> {
    let refused = |why: &str| Box::new(refuse(StatusCode::BAD_REQUEST, why));
    let value: Value = serde_json::from_slice(body).map_err(|_| refused("The body is no JSON."))?;
    shape.check(&value, "The body").map_err(|why| refused(&why))?;
    Ok(value)
}

impl Shape {
    fn check(&self, value: &Value, at: &str) -> Result<(), String> {
        match self {
            Self::Text => match value.is_string() {
                true => Ok(()),
                false => Err(format!("{at} is no string.")),
            },
            Self::OneOf(words) => match value.as_str().is_some_and(|own| words.contains(&own)) {
                true => Ok(()),
                false => Err(format!("{at} must be one of {}.", words.join(", "))),
            },
            Self::Time => {
                let time = value.as_str().map(DateTime::parse_from_rfc3339);
                match time.is_some_and(|time| time.is_ok()) {
                    true => Ok(()),
                    false => Err(format!("{at} is no date-time.")),
                }
            }
            Self::Whole(least, most) => {
                match value.as_u64().is_some_and(|number| (least..=most).contains(&&number)) {
                    true => Ok(()),
                    false => Err(format!("{at} must be between {least} and {most}.")),
                }
            }
            Self::List(each, least, most) => {
                let items = value.as_array().ok_or_else(|| format!("{at} is no array."))?;
                if !(least..=most).contains(&&items.len()) {
                    return Err(format!("{at} has {} items.", items.len()));
                }
                let mut items = items.iter().enumerate();
                items.try_for_each(|(index, item)| each.check(item, &format!("{at}[{index}]")))
            }
            Self::Object(object) => {
                let fields = value.as_object().ok_or_else(|| format!("{at} is no object."))?;
                object.check(fields, at)
            }
        }
    }
}

impl Object {
    /// A field that is null is not there.
    fn check(&self, fields: &Map<String, Value>, at: &str) -> Result<(), String> {
        let there = |name: &str| fields.get(name).filter(|value| !value.is_null());
        for (name, shape) in self.needed {
            let value = there(name).ok_or_else(|| format!("{at}: {name} is required."))?;
            shape.check(value, &format!("{at}: {name}"))?;
        }
        for (name, shape) in self.others {
            if let Some(value) = there(name) {
                shape.check(value, &format!("{at}: {name}"))?;
            }
        }
        let is_known =
            |name: &String| self.needed.iter().chain(self.others).any(|(own, _)| own == name);
        match fields.keys().find(|name| !is_known(name)).filter(|_| self.closed) {
            Some(name) => Err(format!("{at}: {name} is not allowed.")),
            None => Ok(()),
        }
    }
}
