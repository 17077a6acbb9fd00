//! Enreach's answers as sent, and what they mean on the floor. Names are compared without case throughout.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::floor::callback::CallbackList;
use crate::floor::id::{FeedName, ListId, QueueId};
use crate::floor::queue::{About, Figures, Open, Queue};
use crate::floor::time::Moment;
use crate::source::enreach::{CALLBACK_LISTS, QUEUES};
use crate::source::settings::EnreachSettings;
use crate::text::Shown;
use crate::transport::lenient::{Fields, Tally, from_float, items};

/// The words of `OpenStatus`, by its number; 0 is “not available”.
const OPEN_STATUS: [&str; 7] = [
    "NA",
    "NoActiveHandler",
    "NoActiveHandlerUncertain",
    "Closed",
    "ClosedUncertain",
    "Open",
    "OpenUncertain",
];

/// Where the API is, by the answer of discovery.
pub fn discovered(answer: &Value) -> Option<String> {
    let first = items(answer, "users").into_iter().next()?;
    let mut tally = Tally::default();
    Fields::caseless("discovery", first, &mut tally)?.raw(&["apiEndpoint"])
}

/// The id of the directory named `Default`.
pub fn default_directory(answer: &Value, tally: &mut Tally) -> Option<String> {
    items(answer, "Directories").into_iter().find_map(|item| {
        let fields = Fields::caseless("directory", item, tally)?;
        let name = fields.raw(&["Name"])?;
        if name.eq_ignore_ascii_case("Default") { fields.raw(&["Id"]) } else { None }
    })
}

/// The queues' descriptions, by the queue's id in lower case.
pub fn descriptions(answer: &Value, tally: &mut Tally) -> BTreeMap<String, Shown> {
    items(answer, "Entries")
        .into_iter()
        .filter_map(|item| {
            let fields = Fields::caseless("entry", item, tally)?;
            Some((fields.raw(&["QueueId"])?.to_lowercase(), fields.text(&["Description"])?))
        })
        .collect()
}

/// The answer of `/queues`: those of the wanted types.
pub fn queues(
    answer: &Value,
    settings: &EnreachSettings,
    descriptions: &BTreeMap<String, Shown>,
    at: Moment,
    tally: &mut Tally,
) -> Vec<Queue> {
    items(answer, "Queues")
        .into_iter()
        .filter_map(|item| queue(item, settings, descriptions, at, tally))
        .collect()
}

fn queue(
    item: &Value,
    settings: &EnreachSettings,
    descriptions: &BTreeMap<String, Shown>,
    at: Moment,
    tally: &mut Tally,
) -> Option<Queue> {
    let fields = Fields::caseless("Queue", item, tally)?;
    let id = fields.raw(&["Id"])?;
    let kind = fields.count(&["TypeId"]);
    let name = fields.text(&["Name"]);
    let number = fields
        .list(&["Numbers"])
        .and_then(|numbers| numbers.iter().find_map(Value::as_str))
        .map(Shown::clean);
    let status = fields.value(&["Status"]).filter(|status| status.is_object());
    fields.close(&[]);
    if kind.is_some_and(|kind| !settings.queue_types.contains(&kind)) {
        return None;
    }
    let (figures, open, open_detail) =
        status.map(|status| counters(status, settings, tally)).unwrap_or_default();
    let described = descriptions.get(&id.to_lowercase()).cloned();
    Some(Queue {
        name: name.or(described).unwrap_or_else(|| Shown::clean(&id)),
        id: QueueId::new(id),
        number,
        open,
        open_detail,
        figures,
        own_login: None,
        about: About::default(),
        feed: FeedName::new(QUEUES),
        updated: at,
    })
}

/// The counters of a `Status`: by the poll's names, or by those of the webhook's `QueueStatus`.
fn counters(
    status: &Value,
    settings: &EnreachSettings,
    tally: &mut Tally,
) -> (Figures, Option<Open>, Option<Shown>) {
    let Some(fields) = Fields::caseless("Status", status, tally) else {
        return Default::default();
    };
    let figures = Figures {
        waiting: fields.count(&["QueueLength", "NbrOfQueuingRequesters"]),
        longest_wait_s: fields
            .number(&["MaxWaitTime"])
            .and_then(|wait| from_float(wait * settings.max_wait_unit)),
        agents_logged_in: fields.count(&["NbrOfAgentsCheckedInQueue"]),
        agents_serving: fields.count(&["ServingAgents", "NbrOfServingAgentsEstimate"]),
        agents_free: fields.count(&["FreeAgents", "NbrOfAgentsImmediatelyFree"]),
        agents_busy: fields.count(&["NbrOfAgentsShortTermAway"]),
        agents_away: fields.count(&["NbrOfAgentsLongTermAway"]),
        agents_wrap_up: fields.count(&["AgentsOnWrapUp", "NbrOfAgentsOnWrapUp"]),
        agents_fetch: fields.count(&["NbrOfAgentsOnFetchMode"]),
        calls_connected: fields.count(&["OngoingCalls", "NbrOfConnected"]),
        calls_alerting: fields.count(&["NbrOfAllocated"]),
        ..Figures::default()
    };
    let (open, detail) = open_status(fields.raw(&["OpenStatus"]).as_deref());
    fields.close(&["NbrOfNotServedRequesters", "NbrOfProviders", "NbrOfRequesters"]);
    (figures, open, detail)
}

/// What an `OpenStatus` means, sent as a number or as its word: 1 and 3 closed, 2, 4 and 6 uncertain, 5 open.
pub fn open_status(sent: Option<&str>) -> (Option<Open>, Option<Shown>) {
    let Some(sent) = sent else { return (None, None) };
    let number = sent
        .parse::<usize>()
        .ok()
        .or_else(|| OPEN_STATUS.iter().position(|word| word.eq_ignore_ascii_case(sent)));
    let open = match number {
        Some(1 | 3) => Some(Open::Closed),
        Some(2 | 4 | 6) => Some(Open::Uncertain),
        Some(5) => Some(Open::Open),
        _ => None,
    };
    let word = number.and_then(|number| OPEN_STATUS.get(number).copied());
    match number {
        Some(0) => (None, None),
        _ => (open, Some(Shown::clean(word.unwrap_or(sent)))),
    }
}

/// The answer of the configured endpoint of callback lists, in the shape of `CallbackListStatus`.
pub fn callback_lists(answer: &Value, at: Moment, tally: &mut Tally) -> Vec<CallbackList> {
    items(answer, "CallbackLists")
        .into_iter()
        .filter_map(|item| {
            let fields = Fields::caseless("CallbackListStatus", item, tally)?;
            let list = CallbackList {
                id: ListId::new(fields.raw(&["CallListId", "Id"])?),
                name: fields.text(&["Name", "CallListName"]),
                open: fields.count(&["TotalOpenRequests"]),
                free: fields.count(&["TotalFreeForAllocation"]),
                assigned: fields.count(&["TotalAssigned"]),
                hidden: fields.count(&["TotalHidingNotBefore"]),
                overdue: fields.count(&["TotalOverDueDate"]),
                next_hour_overdue: fields.count(&["NextHourOverDueDate"]),
                expires_24h: fields.count(&["ExpiresIn24h"]),
                agents_serving: fields.count(&["TotalServingAgents"]),
                next_hour_revealed: fields.count(&["NextHourRevealedNotBefore"]),
                agents_active: fields.count(&["TotalActiveAgents"]),
                agents_automatic: fields.count(&["TotalAutoAllocateAgents"]),
                automatic: fields.flag(&["IsAutoAllocate"]),
                told: None,
                feed: FeedName::new(CALLBACK_LISTS),
                updated: at,
            };
            fields.close(&[
                "Timestamp",
                "RootEntityType",
                "RootEntityId",
                "EntityType",
                "EntityId",
                "EventType",
                "OrganizationId",
                "MessageTTLSeconds",
                "Id",
                "TotalServingAutoAllocateAgents",
            ]);
            Some(list)
        })
        .collect()
}
