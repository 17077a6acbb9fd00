//! Nimbus's events as posted: one JSON object for each, of a task or of a scheduler entry.
//!
//! Which of the two it is its identity says: `taskId` or `schedulerEntryId`. Names count without case, what is not
//! known is counted, and all but the identity may be missing. The meaning of an event's word is in [`map`].

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::floor::call::Direction;
use crate::floor::id::{AgentKey, EntryId, QueueId, TaskId};
use crate::floor::task::{Facts, Label};
use crate::record;
use crate::text::Shown;
use crate::transport::clock::CLAMP;
use crate::transport::lenient::{
    Any, Count, Given, Guid, Id, Identity, Parsed, Scalar, Stated, StatedTime, Tally, Text, Time,
    Word,
};
use crate::transport::posted::{Malformed, document, report};

pub mod map;

/// For how long the vendor may send one event again. It documents nothing of it.
const RETRY_WINDOW: TimeDelta = TimeDelta::minutes(1);

/// Tasks and entries of which events are remembered.
const REMEMBERED: usize = 4_096;

/// Events of one of them that are remembered.
const REMEMBERED_EACH: usize = 8;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Which event it is, as it came; nothing where it came without a word.
    pub word: Shown,
    /// What it is about.
    pub about: About,
    /// A number that is the same for the same body, and hardly for another.
    pub report: u64,
    /// When the thing that it is about was made, as it came.
    created: Option<DateTime<Utc>>,
    /// When it ended, as it came.
    pub terminated: Option<StatedTime>,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    Task {
        task: TaskId,
        facts: Box<Facts>,
        /// Whether the task is over, whatever the word.
        over: bool,
    },
    Entry {
        entry: EntryId,
        /// The service that will make the call.
        service: Option<Shown>,
        /// All of it, to be read as an entry of a list is.
        value: Box<Value>,
    },
}

/// The latest events of each task and entry, by which an event is known that is sent again.
///
/// Nimbus puts no time to an event but an end's, so a second hold has the body of the first. The same body is the same
/// event for `RETRY_WINDOW` if nothing else was told of the thing in between, and for [`CLAMP`] if something was:
/// two deliveries may overtake another event.
#[derive(Debug, Default)]
pub struct Repeats(Mutex<BTreeMap<String, Vec<Arrived>>>);

#[derive(Debug)]
struct Arrived {
    body: String,
    at: DateTime<Utc>,
}

impl Repeats {
    /// What tells an event that arrived then from every other.
    pub fn identity(&self, event: &Event, arrived: DateTime<Utc>) -> String {
        let thing = match &event.about {
            About::Task { task, .. } => format!("task {}", task.raw()),
            About::Entry { entry, .. } => format!("entry {}", entry.raw()),
        };
        let millis = |time: DateTime<Utc>| time.timestamp_millis();
        let created = event.created.map_or(0, millis);
        let body = format!("{}\n{created}\n{:x}", event.word.to_lowercase(), event.report);
        if let Some(terminated) = event.terminated {
            return format!("{thing}\n{body}\nover {}", millis(terminated.time));
        }
        let first = self.first(&thing, &body, arrived);
        format!("{thing}\n{body}\n{}", millis(first))
    }

    /// When an event of that body arrived for the first time.
    fn first(&self, thing: &str, body: &str, arrived: DateTime<Utc>) -> DateTime<Utc> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED && !all.contains_key(thing) {
            all.retain(|_, own| own.last().is_some_and(|last| arrived - last.at < RETRY_WINDOW));
            if all.len() >= REMEMBERED {
                all.clear();
            }
        }
        let own = all.entry(thing.to_owned()).or_default();
        for (back, known) in own.iter().rev().enumerate() {
            let window = if back == 0 { RETRY_WINDOW } else { CLAMP };
            let after = arrived - known.at;
            if known.body == body && after >= TimeDelta::zero() && after < window {
                return known.at;
            }
        }
        // One of before is in the store, and is only read again.
        if own.last().is_none_or(|last| last.at <= arrived) {
            own.retain(|known| arrived - known.at < RETRY_WINDOW);
            if own.len() >= REMEMBERED_EACH {
                own.remove(0);
            }
            own.push(Arrived { body: body.to_owned(), at: arrived });
        }
        arrived
    }
}

record! {
    /// What says what an event is about.
    struct Head = "event" {
        task_id: Id,
        scheduler_entry_id: Id,
        service_upn: Text,
        event: Text,
    }
}

record! {
    /// An event of a task (connector, `TaskEventData`).
    struct TaskEvent = "TaskEventData" {
        created: Time,
        terminated: End,
        direction: Word,
        modality: Text,
        caller_tel_number: Text,
        caller_upn: Text,
        destination_tel_number: Text,
        destination_upn: Text,
        service_upn: Guid,
        service_id: Guid,
        service_display_name: Text,
        service_name: Text,
        service_tel_number: Text,
        last_connected_user_upn: Guid,
        last_connected_user_email: Guid,
        last_connected_user_id: Guid,
        customer_identifier: Text,
        initial_message: Text,
        email_subject: Text,
        outbound_attempt: Count,
        reference_id: Text,
        call_chain_id: Text,
        updated_parameter_name: Text,
        updated_parameter_value: Text,
        task_information: TaskInformation,
    }
    unused: "taskId", "event", "tenantId", "microsoftCallerId", "callerId", "microsoftDestinationId",
        "destinationId", "acsId", "isAnonymous", "serviceDescription",
        "emailBodyUniqueRichText", "emailBodyUniquePlainText", "emailServiceMailboxUPN";
}

record! {
    /// What is known of a task beside the contact itself.
    struct TaskInformation = "TaskInformation" {
        customer: Customer,
    }
    unused: "customContextParameters", "preferredUsers";
}

record! {
    /// Whom a task is for.
    struct Customer = "Customer" {
        first: Text = "firstName",
        last: Text = "lastName",
        display: Text = "displayName",
    }
    unused: "company", "jobTitle", "department", "streetAddress", "postCode", "city", "state", "country",
        "primaryTelNumber", "UPN", "imAddress", "email", "telNumbers", "customFields";
}

/// The time of a task's end. One that cannot be read says all the same that it is over.
#[derive(Debug)]
struct End;

/// When a task ended.
#[derive(Debug, Clone, Copy)]
enum Ended {
    At(StatedTime),
    Sometime,
}

impl Scalar for End {
    type Value = Ended;

    fn parse(given: Given<'_>) -> Parsed<Ended> {
        Ok(match Stated::parse(given) {
            Ok(time) => time.map(Ended::At),
            Err(_) => Some(Ended::Sometime),
        })
    }
}

/// Reads one event. What it has beside the documented properties is counted. A property that cannot be read costs itself
/// alone.
///
/// # Errors
/// [`Malformed`]: bytes of which no event can be made, and sending them again would not help.
pub fn decode(body: &[u8], tally: &mut Tally) -> Result<Event, Malformed> {
    let mut document = document(body, tally)?;
    let head = document.read::<Head>(&mut Tally::default())?.ok_or(Malformed::NoObject)?;
    let (word, report) = (head.event.unwrap_or_default(), report(body));
    if let Some(entry) = head.scheduler_entry_id {
        // Its fields are read, and the odd ones counted, where a list's are.
        let value = document.read::<Any>(tally)?.unwrap_or_default().into();
        let about = About::Entry { entry: EntryId::new(entry), service: head.service_upn, value };
        return Ok(Event { word, about, report, created: None, terminated: None });
    }
    let task = head.task_id.ok_or(Malformed::Lacks { what: "taskId or schedulerEntryId" })?;
    let own = document.read::<TaskEvent>(tally)?.ok_or(Malformed::NoObject)?;
    let terminated = match own.terminated {
        Some(Ended::At(time)) => Some(time),
        Some(Ended::Sometime) => {
            tally.count("TaskEventData.terminated cannot be read".to_owned());
            None
        }
        None => None,
    };
    let (created, over) = (own.created, own.terminated.is_some());
    let about = About::Task { task: TaskId::new(task), facts: Box::new(facts(own)), over };
    Ok(Event { word, about, report, created, terminated })
}

/// What an event tells of its task.
fn facts(own: TaskEvent) -> Facts {
    let direction = own.direction.and_then(|word| match word.to_ascii_lowercase().as_str() {
        "inbound" => Some(Direction::Inbound),
        "outbound" => Some(Direction::Outbound),
        _ => None,
    });
    let (number, address) = if direction == Some(Direction::Outbound) {
        (own.destination_tel_number, own.destination_upn)
    } else {
        (own.caller_tel_number, own.caller_upn)
    };
    let agent = own
        .last_connected_user_upn
        .or(own.last_connected_user_email)
        .or(own.last_connected_user_id);
    let label = |rank, text: Option<Shown>| text.map(|text| Label { rank, text });
    let customer = label(0, own.task_information.and_then(|own| customer(own.customer?)))
        .or_else(|| label(1, own.customer_identifier))
        .or_else(|| label(2, address.clone()));
    let value = own.updated_parameter_value.unwrap_or_default();
    // Names of users and services count without case.
    let normal = |identity: &Identity| identity.normal.clone();
    Facts {
        service: own.service_upn.or(own.service_id).as_ref().map(normal).map(QueueId::new),
        service_name: own.service_display_name.or(own.service_name),
        service_number: own.service_tel_number,
        agent_name: agent.as_ref().map(|agent| Shown::clean(&agent.raw)),
        agent: agent.as_ref().map(normal).map(AgentKey::new),
        direction,
        modality: own.modality,
        party: number.or(address),
        contact: None,
        customer,
        message: own.initial_message,
        subject: own.email_subject,
        attempts: own.outbound_attempt,
        reference: own.reference_id,
        chain: own.call_chain_id,
        parameter: own.updated_parameter_name.map(|name| (name, value)),
    }
}

fn customer(own: Customer) -> Option<Shown> {
    let parts = [own.first, own.last];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| part.to_string()).collect();
    let whole = (!parts.is_empty()).then(|| Shown::clean(&parts.join(" ")));
    own.display.or(whole)
}
