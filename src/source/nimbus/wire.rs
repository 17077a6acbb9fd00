//! Nimbus's scheduler entries as sent, and the guess of how far each is.

use serde_json::Value;

use crate::floor::field::{Fact, Facts};
use crate::floor::id::{EntryId, FeedName};
use crate::floor::scheduler::{Entry, EntryState, Priority};
use crate::floor::time::Moment;
use crate::operations::Field;
use crate::text::Shown;
use crate::transport::lenient::{Fields, Tally, items};

/// Words in an event's name that mean that the call is under way.
const UNDER_WAY: [&str; 5] = ["progress", "dial", "start", "connect", "accept"];

/// The key of a field in requests: written exactly so (connector, `SchedulerEntryWriteData`, `ExternalTaskWriteDto`,
/// `Customer`).
pub const fn key(field: Field) -> &'static str {
    match field {
        Field::Service => "serviceUpn",
        Field::Destination => "destination",
        Field::Due => "dueDateTimeUtc",
        Field::Priority => "distributionPriority",
        Field::MaxAttempts => "maxAttempts",
        Field::AttemptTimeout => "attemptTimeoutInSeconds",
        Field::MaxQueueTime => "maxQueueTimeInSeconds",
        Field::RonaTimeout => "ronaTimeoutInSeconds",
        Field::Reference => "ReferenceId",
        Field::Identifier => "customerIdentifier",
        Field::FirstName => "firstName",
        Field::LastName => "lastName",
        Field::DisplayName => "displayName",
        Field::Company => "company",
        Field::JobTitle => "jobTitle",
        Field::Department => "department",
        Field::Phone => "primaryTelNumber",
        Field::Phones => "telNumbers",
        Field::Email => "email",
        Field::Upn => "UPN",
        Field::Chat => "imAddress",
        Field::Street => "streetAddress",
        Field::PostCode => "postCode",
        Field::City => "city",
        Field::State => "state",
        Field::Country => "country",
        Field::More => "customFields",
        Field::Parameters => "customContextParameters",
        Field::Preferred => "preferredUsers",
    }
}

/// The same in an entry, which spells one of them otherwise (connector, `SchedulerEntryWriteData`).
pub const fn entry_key(field: Field) -> &'static str {
    match field {
        Field::Parameters => "customCallContextParameters",
        field => key(field),
    }
}

/// The answer of `GET /v1/scheduler-entries/distribution-priorities`.
pub fn priorities(answer: &Value) -> Vec<Priority> {
    let mut unread = Tally::default();
    let priority = |item: &Value| {
        let fields = Fields::caseless("DistributionPriority", item, &mut unread)?;
        let value = fields.text(&["value"])?;
        Some(Priority { name: fields.text(&["name"]).unwrap_or_else(|| value.clone()), value })
    };
    items(answer, "value").into_iter().filter_map(priority).collect()
}

/// The answer of `GET /v1/scheduler-entries`.
pub fn entries(
    answer: &Value,
    feed: &str,
    service: &str,
    at: Moment,
    tally: &mut Tally,
) -> Vec<Entry> {
    items(answer, "value")
        .into_iter()
        .filter_map(|item| entry(item, feed, service, at, tally))
        .collect()
}

fn entry(item: &Value, feed: &str, service: &str, at: Moment, tally: &mut Tally) -> Option<Entry> {
    let fields = Fields::caseless("SchedulerEntry", item, tally)?;
    let id = fields.raw(&["schedulerEntryId", "id"])?;
    let completion_reason = fields.text(&["completionReason"]);
    let event = fields.text(&["event"]);
    let conversation = fields.raw(&["unifiedConversationId"]);
    let entry = Entry {
        id: EntryId::new(id),
        service: fields.text(&["serviceUpn"]).unwrap_or_else(|| Shown::clean(service)),
        destination: fields.text(&["destination"]),
        contact: None,
        due: fields.time(&["dueDateTimeUtc"]),
        state: state(completion_reason.as_ref(), conversation.as_deref(), event.as_ref()),
        reference: fields.text(&["referenceId"]),
        priority: fields.text(&["distributionPriority"]),
        attempts: fields.count(&["attempts", "outboundAttempt"]),
        max_attempts: fields.count(&["maxAttempts"]),
        attempt_timeout_s: fields.count(&["attemptTimeoutInSeconds"]),
        max_queue_time_s: fields.count(&["maxQueueTimeInSeconds"]),
        rona_timeout_s: fields.count(&["ronaTimeoutInSeconds"]),
        completion_reason,
        known: known(&fields),
        feed: FeedName::new(feed),
        updated: at,
    };
    fields.close(&["direction", "modality"]);
    Some(entry)
}

/// The customer of an entry, and what its workflow is told.
fn known(fields: &Fields<'_, '_>) -> Facts {
    let (mut facts, mut tally) = (Facts::new(), Tally::default());
    if let Some(list) = fields.list(&[entry_key(Field::Parameters)]) {
        facts.extend(pairs(list).map(|pairs| (Field::Parameters, pairs)));
    }
    let customer = fields.value(&["customer"]);
    if let Some(customer) = customer.and_then(|own| Fields::caseless("Customer", own, &mut tally)) {
        for field in Field::CUSTOMER {
            let fact = if field.holds_pairs() {
                customer.list(&[key(field)]).and_then(pairs)
            } else {
                customer.text(&[key(field)]).map(Fact::Text)
            };
            facts.extend(fact.map(|fact| (field, fact)));
        }
        customer.close(&[]);
    }
    fields.count_all(&mut tally);
    facts
}

/// A list of `{name, value}`; nothing where there is none.
fn pairs(list: &[Value]) -> Option<Fact> {
    let pair = |item: &Value| {
        let mut tally = Tally::default();
        let fields = Fields::caseless("NameValue", item, &mut tally)?;
        Some((fields.text(&["name"])?, fields.text(&["value"]).unwrap_or_default()))
    };
    let pairs: Vec<_> = list.iter().filter_map(pair).collect();
    (!pairs.is_empty()).then_some(Fact::Pairs(pairs))
}

/// How far an entry is: a guess, since the list carries no state. The server's answer to a removal has the
/// last word.
pub fn state(
    completion_reason: Option<&Shown>,
    conversation: Option<&str>,
    event: Option<&Shown>,
) -> EntryState {
    let word = event.map(|event| event.to_lowercase()).unwrap_or_default();
    if completion_reason.is_some() {
        EntryState::Ended
    } else if conversation.is_some() || UNDER_WAY.iter().any(|under_way| word.contains(under_way)) {
        EntryState::InProgress
    } else {
        match event {
            Some(event) if !is_waiting(&word) => EntryState::Other(event.clone()),
            _ => EntryState::Scheduled,
        }
    }
}

/// Words that mean that the entry waits for its time.
fn is_waiting(word: &str) -> bool {
    ["schedul", "creat", "new", "updat", "pending", "wait", "queue", "none"]
        .iter()
        .any(|waiting| word.contains(waiting))
}
