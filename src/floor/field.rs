//! Fields of scheduler entries and tasks, and what is told of their customers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::floor::portable::{Change, Portable};
use crate::text::Shown;

/// A field of a scheduler entry or of a task that people set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The service that makes the call.
    Service,
    Destination,
    Due,
    /// The vendor's word for how urgent it is.
    Priority,
    /// How many attempts it makes.
    MaxAttempts,
    /// How long one attempt may take, seconds.
    AttemptTimeout,
    /// How long a call may wait for an agent, seconds.
    MaxQueueTime,
    /// How long it rings at an agent before the next is tried, seconds.
    RonaTimeout,
    /// The scheduling system's own reference.
    Reference,
    /// What identifies the customer of a task in one's own system.
    Identifier,
    /// The customer's first name.
    FirstName,
    /// The customer's last name.
    LastName,
    /// The name by which the customer is shown.
    DisplayName,
    Company,
    /// What the customer does there.
    JobTitle,
    Department,
    Phone,
    /// More numbers, each with a name.
    Phones,
    /// The customer's e-mail address.
    Email,
    /// The customer's principal name.
    Upn,
    /// The customer's address for chats.
    Chat,
    Street,
    /// The customer's post code.
    PostCode,
    City,
    State,
    Country,
    /// More about the customer, each with a name.
    More,
    /// What the service's workflow is told, each with a name.
    Parameters,
    /// Who shall have the task, and in which order.
    Preferred,
}

/// What is told of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    Text(Shown),
    /// Names with their values.
    Pairs(Vec<(Shown, Shown)>),
}

/// What is told of a customer, and what a workflow is told, by field.
pub type Facts = BTreeMap<Field, Fact>;

impl Field {
    /// Every field of a customer, in the order of the documents.
    pub const CUSTOMER: [Self; 17] = [
        Self::FirstName,
        Self::LastName,
        Self::DisplayName,
        Self::Company,
        Self::JobTitle,
        Self::Department,
        Self::Street,
        Self::PostCode,
        Self::City,
        Self::State,
        Self::Country,
        Self::Phone,
        Self::Phones,
        Self::Upn,
        Self::Chat,
        Self::Email,
        Self::More,
    ];

    /// Whether it is of a customer.
    pub fn is_of_customer(self) -> bool {
        Self::CUSTOMER.contains(&self)
    }

    /// Whether it may hold a number of a person.
    pub fn is_of_person(self) -> bool {
        matches!(self, Self::Destination | Self::Identifier) || self.is_known_with_entry()
    }

    /// Whether it holds names with their values.
    pub const fn holds_pairs(self) -> bool {
        matches!(self, Self::Phones | Self::More | Self::Parameters)
    }

    /// Whether it is said of a task once, when it is added.
    pub const fn is_of_new_task(self) -> bool {
        matches!(self, Self::Service | Self::Identifier | Self::Priority)
    }

    /// Whether it is known with an entry beside its terms.
    pub fn is_known_with_entry(self) -> bool {
        self == Self::Parameters || self.is_of_customer()
    }
}

/// The name of a customer: the one by which the customer is shown, else first and last name.
pub fn name(facts: &Facts) -> Option<Shown> {
    let text = |field| match facts.get(&field) {
        Some(Fact::Text(text)) => Some(text),
        _ => None,
    };
    text(Field::DisplayName).cloned().or_else(|| {
        let parts = [Field::FirstName, Field::LastName].into_iter().filter_map(text);
        let parts: Vec<&str> = parts.map(Shown::as_str).collect();
        (!parts.is_empty()).then(|| Shown::clean(&parts.join(" ")))
    })
}

impl Fact {
    /// As one line: names and values as `topic=delivery; tier=gold`.
    pub fn said(&self) -> Shown {
        match self {
            Self::Text(text) => text.clone(),
            Self::Pairs(pairs) => {
                let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
                Shown::clean(&pairs.collect::<Vec<_>>().join("; "))
            }
        }
    }
}

impl Fact {
    /// The same, numbers of people masked.
    pub fn masked(&self) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.masked()),
            Self::Pairs(pairs) => Self::Pairs(
                pairs.iter().map(|(name, value)| (name.clone(), value.masked())).collect(),
            ),
        }
    }
}

impl Portable for Fact {
    fn change(&mut self, by: &mut dyn Change) {
        match self {
            Self::Text(text) => by.text(text),
            Self::Pairs(pairs) => pairs.iter_mut().for_each(|(_, value)| by.text(value)),
        }
    }
}
