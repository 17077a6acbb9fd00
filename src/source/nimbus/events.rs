//! Nimbus's events as posted: one JSON object for each, of a task or of a scheduler entry.
//!
//! Which of the two it is its identity says: `taskId` or `schedulerEntryId`. Names count without case, what is not
//! known is counted, and all but the identity may be missing. The meaning of an event's word is in [`map`].

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::floor::call::Direction;
use crate::floor::id::{AgentKey, EntryId, QueueId, TaskId};
use crate::floor::task::{Facts, Label};
use crate::text::Shown;
use crate::transport::lenient::{Fields, Tally};
use crate::transport::posted::{Malformed, parse, report};

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

/// Reads one event. What it has beside the documented properties is counted.
///
/// # Errors
/// [`Malformed`]: bytes of which no event can be made, and sending them again would not help.
pub fn decode(body: &[u8], tally: &mut Tally) -> Result<Event, Malformed> {
    let event = read(&parse(body)?, tally)?;
    Ok(Event { report: report(body), ..event })
}

/// The same, of JSON that is parsed already.
///
/// # Errors
/// [`Malformed`].
pub fn read(value: &Value, tally: &mut Tally) -> Result<Event, Malformed> {
    if !value.is_object() {
        return Err(Malformed::NoObject);
    }
    let mut unread = Tally::default();
    let fields = Fields::caseless("event", value, &mut unread).ok_or(Malformed::NoObject)?;
    let word = fields.text(&["event"]).unwrap_or_default();
    let report = report(value.to_string().as_bytes());
    if let Some(entry) = fields.raw(&["schedulerEntryId"]) {
        // Its fields are read, and the odd ones counted, where a list's are.
        let service = fields.text(&["serviceUpn"]);
        let about =
            About::Entry { entry: EntryId::new(entry), service, value: value.clone().into() };
        return Ok(Event { word, about, report, times: [None, None] });
    }
    let lacks = Malformed::Lacks { what: "taskId or schedulerEntryId" };
    let Some(task) = fields.raw(&["taskId"]) else { return Err(lacks) };
    let fields = Fields::caseless("TaskEventData", value, tally).ok_or(Malformed::NoObject)?;
    let times = [fields.time(&["created"]), fields.time(&["terminated"])];
    // A time that cannot be read says that it is over all the same.
    let over =
        times[1].is_some() || fields.raw(&["terminated"]).is_some_and(|text| !is_unset(&text));
    let facts = Box::new(facts(&fields));
    fields.close(&UNUSED);
    Ok(Event { word, about: About::Task { task: TaskId::new(task), facts, over }, report, times })
}

/// Whether a time is written that means none.
fn is_unset(text: &str) -> bool {
    text.starts_with("0001-") || text.starts_with("9999-") || text.eq_ignore_ascii_case("null")
}

/// What every event of a task has and nothing is made of.
const UNUSED: [&str; 16] = [
    "taskId",
    "event",
    "tenantId",
    "microsoftCallerId",
    "callerId",
    "microsoftDestinationId",
    "destinationId",
    "acsId",
    "isAnonymous",
    "serviceDescription",
    "emailBodyUniqueRichText",
    "emailBodyUniquePlainText",
    "emailServiceMailboxUPN",
    "lastConnectedUserEmail",
    "lastConnectedUserId",
    "serviceId",
];

/// What an event tells of its task.
fn facts(fields: &Fields<'_, '_>) -> Facts {
    let direction = fields.raw(&["direction"]);
    let direction = direction.and_then(|word| match word.to_ascii_lowercase().as_str() {
        "inbound" => Some(Direction::Inbound),
        "outbound" => Some(Direction::Outbound),
        _ => None,
    });
    let caller = [fields.text(&["callerTelNumber"]), fields.text(&["callerUPN"])];
    let callee = [fields.text(&["destinationTelNumber"]), fields.text(&["destinationUPN"])];
    let [number, address] = if direction == Some(Direction::Outbound) { callee } else { caller };
    let names = [fields.text(&["serviceDisplayName"]), fields.text(&["serviceName"])];
    let upn = fields.raw(&["serviceUPN", "serviceId"]);
    let agent = ["LastConnectedUserUPN", "LastConnectedUserEmail", "lastConnectedUserId"];
    let agent = agent.into_iter().find_map(|name| fields.raw(&[name]));
    let label = |rank, text: Option<Shown>| text.map(|text| Label { rank, text });
    let customer = label(0, customer(fields))
        .or_else(|| label(1, fields.text(&["customerIdentifier"])))
        .or_else(|| label(2, address.clone()));
    let parameter = fields.text(&["updatedParameterName"]);
    let value = fields.text(&["updatedParameterValue"]).unwrap_or_default();
    Facts {
        // Names of users and services count without case.
        service: upn.map(|upn| QueueId::new(upn.trim().to_lowercase())),
        service_name: names.into_iter().flatten().next(),
        service_number: fields.text(&["serviceTelNumber"]),
        agent_name: agent.as_deref().map(Shown::clean),
        agent: agent.map(|agent| AgentKey::new(agent.trim().to_lowercase())),
        direction,
        modality: fields.text(&["modality"]),
        party: number.or(address),
        contact: None,
        customer,
        message: fields.text(&["initialMessage"]),
        subject: fields.text(&["emailSubject"]),
        attempts: fields.count(&["outboundAttempt"]),
        reference: fields.text(&["referenceId"]),
        chain: fields.text(&["callChainId"]),
        parameter: parameter.map(|name| (name, value)),
    }
}

/// The customer's name, from what is known beside the contact itself.
fn customer(fields: &Fields<'_, '_>) -> Option<Shown> {
    let information = fields.value(&["taskInformation"]).filter(|value| value.is_object())?;
    let mut tally = Tally::default();
    let mut name = None;
    if let Some(own) = Fields::caseless("TaskInformation", information, &mut tally) {
        if let Some(customer) = own.value(&["customer"]) {
            let mut within = Tally::default();
            if let Some(customer) = Fields::caseless("Customer", customer, &mut within) {
                let parts = [customer.text(&["firstName"]), customer.text(&["lastName"])];
                let parts: Vec<String> =
                    parts.into_iter().flatten().map(|part| part.to_string()).collect();
                let whole = (!parts.is_empty()).then(|| Shown::clean(&parts.join(" ")));
                name = customer.text(&["displayName"]).or(whole);
                customer.close(&CUSTOMER);
            }
            own.count_all(&mut within);
        }
        own.close(&["customContextParameters", "preferredUsers"]);
    }
    fields.count_all(&mut tally);
    name
}

/// What else a customer has.
const CUSTOMER: [&str; 14] = [
    "company",
    "jobTitle",
    "department",
    "streetAddress",
    "postCode",
    "city",
    "state",
    "country",
    "primaryTelNumber",
    "UPN",
    "imAddress",
    "email",
    "telNumbers",
    "customFields",
];
