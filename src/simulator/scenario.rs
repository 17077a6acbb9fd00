//! The setting of a simulated floor: its queues, people, callback lists and outbound services.
//!
//! A scenario is a TOML text that is built in. It says what the floor *is*; what happens on it is
//! the business of [`centre`](super::centre).

use std::collections::BTreeMap;

use serde::Deserialize;

mod large;

/// The scenario that is simulated unless told otherwise.
const WEEKDAY: &str = include_str!("scenarios/weekday.toml");

/// The telephony system that a queue or an agent belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vendor {
    /// Telepo: distribution groups, logged in to one by one.
    Telepo,
    /// Enreach: service queues and callback lists.
    Enreach,
}

/// A time of day, kept as milliseconds since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct TimeOfDay(u64);

impl TimeOfDay {
    /// Milliseconds since midnight, less than a day.
    pub const fn as_millis(self) -> u64 {
        self.0
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.split_once(':').and_then(|(hours, minutes)| {
            Some((hours.parse::<u64>().ok()?, minutes.parse::<u64>().ok()?))
        });
        match parts {
            Some((hours, minutes)) if hours < 24 && minutes < 60 => {
                Ok(Self((hours * 60 + minutes) * 60_000))
            }
            _ => Err(format!("`{text}` is no time of day (HH:MM)")),
        }
    }
}

/// Where people begin and end their day; an end before the beginning is on the next morning.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The word by which crews name it.
    pub name: String,
    /// When its people come.
    pub from: TimeOfDay,
    pub until: TimeOfDay,
}

impl Shift {
    /// How long it lasts, milliseconds.
    pub const fn length(&self) -> u64 {
        let day = 24 * 60 * 60 * 1_000;
        (self.until.0 + day - self.from.0) % day
    }
}

/// One queue as the scenario sets it up.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueSetup {
    /// The scenario's own word for it.
    pub key: String,
    /// The system that holds it.
    pub vendor: Vendor,
    /// Its identifier in that system: a number for Telepo, a GUID for Enreach.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The number that callers dial, if it has one.
    pub number: Option<String>,
    /// Telepo's kind of group.
    #[serde(default = "acd")]
    pub kind: String,
    /// Telepo's way to choose an agent.
    #[serde(default = "priority")]
    pub distribution: String,
    /// Enreach's kind of queue; 4 is a service queue.
    #[serde(default = "service_queue")]
    pub type_id: u32,
    /// Calls an hour when the day is busiest.
    pub load: f64,
    /// Mean talk time, seconds.
    pub talk: f64,
    pub wrap_up: f64,
    /// How long callers wait on average before they give up, seconds.
    pub patience: f64,
    /// After how many seconds a waiting caller is moved to the callback list.
    pub overflow: Option<f64>,
    /// When it opens and closes; always open when left out.
    pub open: Option<(TimeOfDay, TimeOfDay)>,
    /// Whether its opening is decided by a script, so that no one can say for sure.
    #[serde(default)]
    pub uncertain: bool,
    /// Whether the vendor tells nothing about its present state.
    #[serde(default)]
    pub hide_status: bool,
}

impl QueueSetup {
    /// Whether it is open at this time of day (milliseconds since midnight).
    pub fn is_open(&self, time: u64) -> bool {
        match self.open {
            None => true,
            Some((from, until)) if from <= until => (from.0..until.0).contains(&time),
            Some((from, until)) => time >= from.0 || time < until.0,
        }
    }
}

/// One person who takes calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSetup {
    /// The system that this person works in.
    pub vendor: Vendor,
    /// The user name, without a domain.
    pub user: String,
    pub first: String,
    pub last: String,
    /// The shift; someone without one never comes by themselves.
    pub shift: Option<Shift>,
    /// The queues (by position in [`Scenario::queues`]) with the level in each.
    pub skills: Vec<(usize, u8)>,
}

/// One callback list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSetup {
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The queues whose callers it takes over and whose agents serve it.
    pub queues: Vec<usize>,
}

/// One service that calls customers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSetup {
    /// Its user principal name.
    pub upn: String,
    /// What people call it.
    pub name: String,
    /// Entries scheduled in the busiest hour.
    pub load: f64,
    /// Entries that are there besides: one that is over is followed by another.
    #[serde(default)]
    pub stock: usize,
}

/// A whole floor before anything has happened on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The time of day at which it is shown.
    pub start: TimeOfDay,
    pub queues: Vec<QueueSetup>,
    pub agents: Vec<AgentSetup>,
    pub lists: Vec<ListSetup>,
    pub services: Vec<ServiceSetup>,
}

/// What can be wrong with a scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The text is no TOML of the expected form.
    #[error("the scenario cannot be read")]
    Unreadable {
        /// What the parser says.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A crew or a list names a queue that is not there.
    #[error("the scenario has no queue `{key}`")]
    UnknownQueue {
        /// The word that was used.
        key: String,
    },
    /// A crew names a shift that is not there.
    #[error("the scenario has no shift `{name}`")]
    UnknownShift {
        /// The word that was used.
        name: String,
    },
    /// A queue of Telepo has an identifier that is no number.
    #[error("the identifier `{id}` of queue `{key}` is no number")]
    NoNumber { key: String, id: String },
    /// Two people have one user name.
    #[error("the user name `{user}` is given twice")]
    DoubleUser { user: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    start: TimeOfDay,
    shift: Vec<Shift>,
    queue: Vec<QueueSetup>,
    crew: Vec<Crew>,
    list: Vec<ListDocument>,
    service: Vec<ServiceSetup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Crew {
    vendor: Vendor,
    shift: Option<String>,
    skills: BTreeMap<String, u8>,
    people: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListDocument {
    id: String,
    name: String,
    queues: Vec<String>,
}

impl Scenario {
    pub fn weekday() -> Result<Self, ScenarioError> {
        Self::parse(WEEKDAY)
    }

    /// The scenario that `text` (TOML) describes.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let document: Document = toml::from_str(text)
            .map_err(|source| ScenarioError::Unreadable { source: Box::new(source) })?;
        let Document { start, shift: shifts, queue: queues, crew, list, service: services } =
            document;
        for queue in &queues {
            if queue.vendor == Vendor::Telepo && queue.id.parse::<u64>().is_err() {
                return Err(ScenarioError::NoNumber {
                    key: queue.key.clone(),
                    id: queue.id.clone(),
                });
            }
        }
        let position = |key: &str| {
            queues
                .iter()
                .position(|queue| queue.key == key)
                .ok_or_else(|| ScenarioError::UnknownQueue { key: key.to_owned() })
        };
        let mut agents: Vec<AgentSetup> = Vec::new();
        for crew in &crew {
            let shift = match &crew.shift {
                None => None,
                Some(name) => Some(
                    shifts
                        .iter()
                        .find(|shift| &shift.name == name)
                        .cloned()
                        .ok_or_else(|| ScenarioError::UnknownShift { name: name.clone() })?,
                ),
            };
            let skills = crew
                .skills
                .iter()
                .map(|(key, level)| Ok((position(key)?, *level)))
                .collect::<Result<Vec<_>, ScenarioError>>()?;
            for (user, name) in &crew.people {
                if agents.iter().any(|agent| &agent.user == user) {
                    return Err(ScenarioError::DoubleUser { user: user.clone() });
                }
                let (first, last) = name.split_once(' ').unwrap_or((name, ""));
                agents.push(AgentSetup {
                    vendor: crew.vendor,
                    user: user.clone(),
                    first: first.to_owned(),
                    last: last.to_owned(),
                    shift: shift.clone(),
                    skills: skills.clone(),
                });
            }
        }
        let lists = list
            .into_iter()
            .map(|list| {
                let queues =
                    list.queues.iter().map(|key| position(key)).collect::<Result<Vec<_>, _>>()?;
                Ok(ListSetup { id: list.id, name: list.name, queues })
            })
            .collect::<Result<Vec<_>, ScenarioError>>()?;
        Ok(Self { start, queues, agents, lists, services })
    }
}

fn acd() -> String {
    "ACD".to_owned()
}

fn priority() -> String {
    "PRIORITY".to_owned()
}

const fn service_queue() -> u32 {
    4
}
