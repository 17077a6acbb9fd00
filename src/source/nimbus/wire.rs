//! Nimbus's scheduler entries as sent, and the guess of how far each is.

use serde_json::Value;

use crate::floor::id::{EntryId, FeedName};
use crate::floor::scheduler::{Entry, EntryState};
use crate::floor::time::Moment;
use crate::source::fields::{Fields, Tally, items};
use crate::text::Shown;

/// Words in an event's name that mean that the call is under way.
const UNDER_WAY: [&str; 5] = ["progress", "dial", "start", "connect", "accept"];

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
        due: fields.time(&["dueDateTimeUtc"]),
        state: state(completion_reason.as_ref(), conversation.as_deref(), event.as_ref()),
        reference: fields.text(&["referenceId"]),
        priority: fields.text(&["distributionPriority"]),
        attempts: fields.count(&["attempts", "outboundAttempt"]),
        max_attempts: fields.count(&["maxAttempts"]),
        completion_reason,
        feed: FeedName::new(feed),
        updated: at,
    };
    fields.close(&[
        "direction",
        "modality",
        "customer",
        "customCallContextParameters",
        "attemptTimeoutInSeconds",
        "maxQueueTimeInSeconds",
        "ronaTimeoutInSeconds",
    ]);
    Some(entry)
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
