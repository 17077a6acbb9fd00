//! Nimbus's events as posted: one JSON object for each, of a task or of a scheduler entry.
//!
//! Which of the two it is its identity says: `taskId` or `schedulerEntryId`. Names count without case, what is not
//! known is counted, and all but the identity may be missing. The meaning of an event's word is in [`map`].

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::floor::call::Direction;
use crate::floor::id::{AgentKey, EntryId, QueueId, TaskId};
use crate::floor::task::{Facts, Label};
use crate::record;
use crate::text::Shown;
use crate::transport::lenient::{
    Any, Count, Given, Guid, Id, Identity, Parsed, Scalar, Tally, Text, Time, Word,
};
use crate::transport::posted::{Malformed, document, report};

pub mod map;

/// How far an end's own time is believed to lie from its arrival: more is another zone, or a wrong clock.
const BELIEVED: TimeDelta = TimeDelta::minutes(10);

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Which event it is, as it came; nothing where it came without a word.
    pub word: Shown,
    /// What it is about.
    pub about: About,
    /// A number that is the same for the same body, and hardly for another.
    pub report: u64,
    /// When the thing that it is about was made or ended, as it came.
    times: [Option<DateTime<Utc>>; 2],
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    /// A task.
    Task {
        /// Which.
        task: TaskId,
        /// What it told.
        facts: Box<Facts>,
        /// Whether the task is over, whatever the word.
        over: bool,
    },
    /// A scheduler entry.
    Entry {
        /// Which.
        entry: EntryId,
        /// The service that will make the call.
        service: Option<Shown>,
        /// All of it, to be read as an entry of a list is.
        value: Box<Value>,
    },
}

impl Event {
    /// What tells it from other events: thing, word, times and the rest of it. Nimbus puts no time to an event but an
    /// end's, so the same body much later is the same thing once more, such as a second hold.
    pub fn identity(&self, arrived: DateTime<Utc>) -> String {
        let thing = match &self.about {
            About::Task { task, .. } => format!("task {}", task.raw()),
            About::Entry { entry, .. } => format!("entry {}", entry.raw()),
        };
        let [created, terminated] = self.times.map(|time| time.map(|at| at.timestamp_millis()));
        let when = match terminated {
            Some(at) => format!("over {at}"),
            None => format!("{} of {}", created.unwrap_or(0), arrived.timestamp() / 60),
        };
        format!("{thing}\n{}\n{when}\n{:x}", self.word.to_lowercase(), self.report)
    }

    /// When it was so: the end's own time where it tells one, else the arrival.
    pub fn at(&self, arrived: DateTime<Utc>) -> DateTime<Utc> {
        let near = |at: &DateTime<Utc>| (arrived - *at).abs() <= BELIEVED;
        self.times[1].filter(near).unwrap_or(arrived)
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
    At(DateTime<Utc>),
    Sometime,
}

impl Scalar for End {
    type Value = Ended;

    fn parse(given: Given<'_>) -> Parsed<Ended> {
        Ok(match Time::parse(given) {
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
        return Ok(Event { word, about, report, times: [None, None] });
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
    let (times, over) = ([own.created, terminated], own.terminated.is_some());
    let about = About::Task { task: TaskId::new(task), facts: Box::new(facts(own)), over };
    Ok(Event { word, about, report, times })
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

/// The customer's name.
fn customer(own: Customer) -> Option<Shown> {
    let parts = [own.first, own.last];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| part.to_string()).collect();
    let whole = (!parts.is_empty()).then(|| Shown::clean(&parts.join(" ")));
    own.display.or(whole)
}
