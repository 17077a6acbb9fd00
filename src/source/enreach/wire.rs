//! Enreach's answers as sent, and what they mean on the floor.

use std::collections::BTreeMap;

use crate::floor::callback::CallbackList;
use crate::floor::id::{FeedName, ListId, QueueId};
use crate::floor::queue::{About, Figures, Open, Queue};
use crate::floor::time::Moment;
use crate::record;
use crate::source::enreach::{CALLBACK_LISTS, QUEUES};
use crate::source::settings::EnreachSettings;
use crate::text::Shown;
use crate::transport::lenient::{
    Body, Count, Flag, Given, Guid, Id, Identity, Number, Parsed, Scalar, Tally, Text, Unreadable,
    Values, Word, from_float,
};

/// An identity in the form in which Enreach's answers and events are compared. Nothing is asked by it, so that the form
/// in which it was sent is not kept. One of zeros is none.
#[derive(Debug)]
pub struct Key;

impl Scalar for Key {
    type Value = String;

    fn parse(given: Given<'_>) -> Parsed<String> {
        Ok(Guid::parse(given)?.filter(is_set).map(|identity| identity.normal))
    }
}

/// Whether an identity names something: one of zeros names nothing.
fn is_set(identity: &Identity) -> bool {
    !identity.normal.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}

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

record! {
    /// What discovery tells of a user.
    struct Discovered = "discovery" {
        endpoint: Id = "apiEndpoint",
    }
}

/// Where the API is, by the answer of discovery.
///
/// # Errors
/// It is no JSON.
pub fn discovered(answer: Body<'_>) -> Result<Option<String>, Unreadable> {
    let users: Vec<Discovered> = answer.list("users", &mut Tally::default())?;
    Ok(users.into_iter().next().and_then(|user| user.endpoint))
}

record! {
    /// A directory.
    struct Directory = "directory" {
        id: Id,
        name: Word,
    }
}

/// The id of the directory named `Default`, as requests need it.
///
/// # Errors
/// It is no JSON.
pub fn default_directory(answer: Body<'_>) -> Result<Option<String>, Unreadable> {
    // Of what else a directory has nothing is needed.
    let directories: Vec<Directory> = answer.list("Directories", &mut Tally::default())?;
    let is_default = |own: &Directory| {
        own.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case("Default"))
    };
    Ok(directories.into_iter().filter(is_default).find_map(|own| own.id))
}

record! {
    /// An entry of a directory.
    struct Entry = "entry" {
        queue_id: Key,
        description: Text,
    }
}

/// The queues' descriptions, by the queue's id.
///
/// # Errors
/// It is no JSON.
pub fn descriptions(answer: Body<'_>) -> Result<BTreeMap<String, Shown>, Unreadable> {
    let entries: Vec<Entry> = answer.list("Entries", &mut Tally::default())?;
    Ok(entries.into_iter().filter_map(|own| Some((own.queue_id?, own.description?))).collect())
}

record! {
    /// A queue.
    struct Row = "Queue" {
        id: Guid,
        name: Text,
        type_id: Count,
        numbers: Values<Text>,
        status: Status,
    }
}

record! {
    /// The counters of a queue: by the poll's names, or by those of the webhook's `QueueStatus`.
    struct Status = "Status" {
        waiting: Count = "QueueLength" | "NbrOfQueuingRequesters",
        max_wait_time: Number,
        checked_in: Count = "NbrOfAgentsCheckedInQueue",
        serving: Count = "ServingAgents" | "NbrOfServingAgentsEstimate",
        free: Count = "FreeAgents" | "NbrOfAgentsImmediatelyFree",
        short_term_away: Count = "NbrOfAgentsShortTermAway",
        long_term_away: Count = "NbrOfAgentsLongTermAway",
        wrap_up: Count = "AgentsOnWrapUp" | "NbrOfAgentsOnWrapUp",
        fetch: Count = "NbrOfAgentsOnFetchMode",
        connected: Count = "OngoingCalls" | "NbrOfConnected",
        allocated: Count = "NbrOfAllocated",
        open: Word = "OpenStatus",
        total: Count = "NbrOfRequesters",
        not_served: Count = "NbrOfNotServedRequesters",
        providers: Count = "NbrOfProviders",
    }
}

/// What the answer of `/queues` comes to.
#[derive(Debug, Default)]
pub struct Queues {
    /// Those of the types that are shown.
    pub shown: Vec<Queue>,
    pub hidden: Vec<QueueId>,
}

/// The answer of `/queues`.
///
/// # Errors
/// It is no JSON.
pub fn queues(
    answer: Body<'_>,
    settings: &EnreachSettings,
    descriptions: &BTreeMap<String, Shown>,
    at: Moment,
    tally: &mut Tally,
) -> Result<Queues, Unreadable> {
    let rows: Vec<Row> = answer.list("Queues", tally)?;
    let is_hidden =
        |row: &Row| row.type_id.is_some_and(|kind| !settings.queue_types.contains(&kind));
    let (hidden, shown): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(is_hidden);
    let hidden = hidden.into_iter().filter_map(|row| row.id.filter(is_set));
    Ok(Queues {
        hidden: hidden.map(|id| QueueId::new(id.raw)).collect(),
        shown: shown.into_iter().filter_map(|row| queue(row, settings, descriptions, at)).collect(),
    })
}

fn queue(
    row: Row,
    settings: &EnreachSettings,
    descriptions: &BTreeMap<String, Shown>,
    at: Moment,
) -> Option<Queue> {
    let id = row.id.filter(is_set)?;
    let status = row.status.unwrap_or_default();
    let (open, open_detail) = open_status(status.open.as_deref());
    let described = descriptions.get(&id.normal).cloned();
    Some(Queue {
        name: row.name.or(described).unwrap_or_else(|| Shown::clean(&id.raw)),
        id: QueueId::new(id.raw),
        number: row.numbers.and_then(|numbers| numbers.into_iter().next()),
        open,
        open_detail,
        figures: figures(&status, settings),
        own_login: None,
        about: About::default(),
        feed: FeedName::new(QUEUES),
        updated: at,
    })
}

fn figures(status: &Status, settings: &EnreachSettings) -> Figures {
    Figures {
        waiting: status.waiting,
        longest_wait_s: status
            .max_wait_time
            .and_then(|wait| from_float(wait * settings.max_wait_unit)),
        agents_logged_in: status.checked_in,
        agents_serving: status.serving,
        agents_free: status.free,
        agents_busy: status.short_term_away,
        agents_away: status.long_term_away,
        agents_wrap_up: status.wrap_up,
        agents_fetch: status.fetch,
        calls_connected: status.connected,
        calls_alerting: status.allocated,
        agents_total: status.providers,
        calls_total: status.total,
        calls_not_served: status.not_served,
        ..Figures::default()
    }
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

record! {
    /// A callback list, in the shape of `CallbackListStatus`.
    struct ListStatus = "CallbackListStatus" {
        call_list_id: Guid,
        // The event's own id, or the list's where it has no other.
        id: Guid,
        name: Text = "Name" | "CallListName",
        open: Count = "TotalOpenRequests",
        free: Count = "TotalFreeForAllocation",
        assigned: Count = "TotalAssigned",
        hidden: Count = "TotalHidingNotBefore",
        overdue: Count = "TotalOverDueDate",
        next_hour_overdue: Count = "NextHourOverDueDate",
        expires_24h: Count = "ExpiresIn24h",
        agents_serving: Count = "TotalServingAgents",
        next_hour_revealed: Count = "NextHourRevealedNotBefore",
        agents_active: Count = "TotalActiveAgents",
        agents_automatic: Count = "TotalAutoAllocateAgents",
        automatic: Flag = "IsAutoAllocate",
    }
    unused: "Timestamp", "RootEntityType", "RootEntityId", "EntityType", "EntityId", "EventType",
        "OrganizationId", "MessageTTLSeconds", "TotalServingAutoAllocateAgents";
}

/// The answer of the configured endpoint of callback lists.
///
/// # Errors
/// It is no JSON.
pub fn callback_lists(
    answer: Body<'_>,
    at: Moment,
    tally: &mut Tally,
) -> Result<Vec<CallbackList>, Unreadable> {
    let rows: Vec<ListStatus> = answer.list("CallbackLists", tally)?;
    let list = |row: ListStatus| {
        Some(CallbackList {
            id: ListId::new(row.call_list_id.filter(is_set).or(row.id.filter(is_set))?.raw),
            name: row.name,
            open: row.open,
            free: row.free,
            assigned: row.assigned,
            hidden: row.hidden,
            overdue: row.overdue,
            next_hour_overdue: row.next_hour_overdue,
            expires_24h: row.expires_24h,
            agents_serving: row.agents_serving,
            next_hour_revealed: row.next_hour_revealed,
            agents_active: row.agents_active,
            agents_automatic: row.agents_automatic,
            automatic: row.automatic,
            told: None,
            feed: FeedName::new(CALLBACK_LISTS),
            updated: at,
        })
    };
    Ok(rows.into_iter().filter_map(list).collect())
}

record! {
    /// A user.
    struct User = "user" {
        id: Key,
    }
}

/// How many rows an answer has: that of `users/me`, `directory`, `queues`, else one of callback lists.
///
/// # Errors
/// It is no JSON.
pub fn count(path: &str, answer: Body<'_>) -> Result<usize, Unreadable> {
    let tally = &mut Tally::default();
    Ok(match path {
        "users/me" => answer.list::<User>("Users", tally)?.len(),
        "directory" => answer.list::<Directory>("Directories", tally)?.len(),
        QUEUES => answer.list::<Row>("Queues", tally)?.len(),
        _ => answer.list::<ListStatus>("CallbackLists", tally)?.len(),
    })
}
