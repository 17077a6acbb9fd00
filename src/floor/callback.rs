//! Callback lists, and the callers in them who wait to be called back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::floor::World;
use crate::floor::id::{AgentKey, CallbackId, FeedName, ListId, QueueId};
use crate::floor::kept::Leaves;
use crate::floor::portable::{Change, Portable, portable};
use crate::floor::time::{Latest, Moment, Told};
use crate::text::Shown;

/// The feed of requests that are read, where no events tell of them.
pub const CALLBACKS: &str = "callbacks";

/// How long a request that is done stays to be looked at, milliseconds.
const DONE_MS: u64 = 600_000;

/// One callback list with its counters. `None` is “not told”, which is not zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackList {
    /// Its identity within the source.
    pub id: ListId,
    /// Its name, where one is sent.
    pub name: Option<Shown>,
    pub open: Option<u32>,
    /// Requests that an agent could take now.
    pub free: Option<u32>,
    /// Requests that an agent has taken.
    pub assigned: Option<u32>,
    /// Requests hidden until later.
    pub hidden: Option<u32>,
    /// Requests past their due time.
    pub overdue: Option<u32>,
    /// Requests past their due time within the hour.
    pub next_hour_overdue: Option<u32>,
    /// Requests that expire within 24 hours.
    pub expires_24h: Option<u32>,
    /// Agents who serve the list.
    pub agents_serving: Option<u32>,
    /// Hidden requests that show within the hour.
    pub next_hour_revealed: Option<u32>,
    /// Agents who belong to the list and are active.
    pub agents_active: Option<u32>,
    /// Agents to whom its requests are handed by themselves.
    pub agents_automatic: Option<u32>,
    /// Whether requests are handed to agents by themselves.
    pub automatic: Option<bool>,
    /// When an event last told of it; `None` if none did.
    pub told: Option<Told>,
    /// Which feed tells of it.
    pub feed: FeedName,
    /// When it was last told of.
    pub updated: Moment,
}

impl CallbackList {
    /// A list of which nothing but its id is known.
    pub const fn unknown(id: ListId, feed: FeedName, updated: Moment) -> Self {
        Self {
            id,
            name: None,
            open: None,
            free: None,
            assigned: None,
            hidden: None,
            overdue: None,
            next_hour_overdue: None,
            expires_24h: None,
            agents_serving: None,
            next_hour_revealed: None,
            agents_active: None,
            agents_automatic: None,
            automatic: None,
            told: None,
            feed,
            updated,
        }
    }
}

/// One request to be called back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Callback {
    /// Its identity within the source.
    pub id: CallbackId,
    /// As it was when it was created.
    first: Option<Latest<Request>>,
    /// The whole record as it was last.
    record: Option<Latest<Request>>,
    attempts: Option<Latest<Vec<Attempt>>>,
    extras: Option<Latest<Vec<(Shown, Shown)>>>,
    related: Option<Latest<Vec<Related>>>,
    dialling: Option<Latest<Option<AgentKey>>>,
}

/// What is asked for, and how far it is. `None` is “not told”.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The list that it is in.
    pub list: Option<ListId>,
    /// What that list is called, where the request tells.
    pub list_name: Option<Shown>,
    /// Whom to call: a number.
    pub party: Option<Shown>,
    pub name: Option<Shown>,
    /// What the person said or wrote.
    pub message: Option<Shown>,
    /// What an agent noted.
    pub note: Option<Shown>,
    /// When it is due.
    pub due: Option<DateTime<Utc>>,
    pub expires: Option<DateTime<Utc>>,
    /// Before when nobody is to call.
    pub not_before: Option<DateTime<Utc>>,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    /// Whether it is closed.
    pub closed: Option<bool>,
    /// Who has taken it.
    pub owner: Option<AgentKey>,
    /// Whether that is the source's own user.
    pub own: Option<bool>,
    /// How often the person called.
    pub calls: Option<u32>,
    /// What was noted at the last attempt.
    pub last_note: Option<Shown>,
    /// When the last attempt was made.
    pub last_attempt: Option<DateTime<Utc>>,
    /// What came of it, in the vendor's word or number.
    pub last_result: Option<Shown>,
    pub last_agent: Option<AgentKey>,
    /// The channel that it came in by.
    pub channel: Option<Shown>,
    /// Whether there is a recording of the message.
    pub recording: Option<bool>,
    /// The vendor's word for its priority.
    pub priority: Option<Shown>,
    /// The queue that it came from.
    pub queue: Option<QueueId>,
    /// How it came to be.
    pub kind: Option<Shown>,
}

/// An attempt to call back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub at: Option<DateTime<Utc>>,
    pub agent: Option<AgentKey>,
    pub note: Option<Shown>,
    /// What came of it, in the vendor's word or number.
    pub result: Option<Shown>,
}

/// Another request of the same contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    pub callback: CallbackId,
    pub list: Option<ListId>,
    /// Whether it is closed.
    pub closed: Option<bool>,
    /// What came of its last attempt, in the vendor's word or number.
    pub result: Option<Shown>,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackState {
    Open,
    /// An agent has taken it.
    Taken,
    Done,
}

impl CallbackState {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Taken => "taken",
            Self::Done => "done",
        }
    }
}

/// What can be told of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    Created(Box<Request>),
    Record(Box<Request>),
    /// All attempts so far.
    Attempts(Vec<Attempt>),
    /// What the site keeps with it: names and values.
    Extras(Vec<(Shown, Shown)>),
    /// All other requests of the same contact.
    Related(Vec<Related>),
    /// Somebody calls now; `None` for nobody.
    Dialling(Option<AgentKey>),
}

impl Callback {
    /// A request of which nothing is known yet.
    pub const fn new(id: CallbackId) -> Self {
        Self {
            id,
            first: None,
            record: None,
            attempts: None,
            extras: None,
            related: None,
            dialling: None,
        }
    }

    /// Takes a fact in; whether it was news.
    pub fn take(&mut self, told: Told, fact: Fact) -> bool {
        match fact {
            Fact::Created(request) => Latest::keep(&mut self.first, told, *request),
            Fact::Record(request) => Latest::keep(&mut self.record, told, *request),
            Fact::Attempts(attempts) => Latest::keep(&mut self.attempts, told, attempts),
            Fact::Extras(extras) => Latest::keep(&mut self.extras, told, extras),
            Fact::Related(related) => Latest::keep(&mut self.related, told, related),
            Fact::Dialling(agent) => Latest::keep(&mut self.dialling, told, agent),
        }
    }

    fn latest(&self) -> Option<&Latest<Request>> {
        self.record.as_ref().or(self.first.as_ref())
    }

    /// What is asked for.
    pub fn request(&self) -> Option<&Request> {
        self.latest().map(|latest| &latest.value)
    }

    /// How far it is.
    pub fn state(&self) -> CallbackState {
        match self.request() {
            Some(Request { closed: Some(true), .. }) => CallbackState::Done,
            Some(Request { owner: Some(_), .. }) => CallbackState::Taken,
            Some(_) | None => CallbackState::Open,
        }
    }

    /// Attempts so far, where they were told.
    pub fn attempts(&self) -> Option<&[Attempt]> {
        self.attempts.as_ref().map(|latest| latest.value.as_slice())
    }

    /// What the site keeps with it.
    pub fn extras(&self) -> &[(Shown, Shown)] {
        self.extras.as_ref().map_or(&[], |latest| latest.value.as_slice())
    }

    /// The other requests of the same contact, where they were told.
    pub fn related(&self) -> Option<&[Related]> {
        self.related.as_ref().map(|latest| latest.value.as_slice())
    }

    pub fn caller(&self) -> Option<&AgentKey> {
        self.dialling.as_ref().and_then(|latest| latest.value.as_ref())
    }

    /// When its record was last told of.
    pub fn told(&self) -> Option<Told> {
        self.latest().map(|latest| latest.told)
    }

    /// Whether it is past its due time.
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.state() != CallbackState::Done
            && self.request().and_then(|request| request.due).is_some_and(|due| due < now)
    }
}

impl World {
    /// What people call a callback list: its own name, else that of the queue from which it comes.
    pub fn list_name(&self, id: &ListId) -> Option<&Shown> {
        let own = self.list(id).and_then(|list| list.name.as_ref());
        own.or_else(|| Some(&self.queues.get(&QueueId::new(id.raw()))?.name))
    }
}

impl Leaves for Callback {
    const MOST: usize = 20_000;

    fn leaves(&self) -> Moment {
        match self.request() {
            Some(_) if self.state() != CallbackState::Done => Moment::LAST,
            _ => self.updated().after(std::time::Duration::from_millis(DONE_MS)),
        }
    }

    fn updated(&self) -> Moment {
        let side = [
            self.attempts.as_ref().map(|latest| latest.told),
            self.extras.as_ref().map(|latest| latest.told),
            self.related.as_ref().map(|latest| latest.told),
            self.dialling.as_ref().map(|latest| latest.told),
        ];
        side.into_iter()
            .flatten()
            .chain(self.told())
            .max()
            .map_or(Moment::default(), |told| told.moment)
    }

    fn is_shown(&self) -> bool {
        self.request().is_some()
    }

    fn last(&self) -> Option<Told> {
        self.told()
    }
}

portable!(
    CallbackList: told, updated;
    id, name, open, free, assigned, hidden, overdue, next_hour_overdue, expires_24h, agents_serving,
    next_hour_revealed, agents_active, agents_automatic, automatic, feed
);
portable!(Callback: first, record, attempts, extras, related, dialling; id);
portable!(
    Request: party, name, message, note, last_note, last_result, channel, priority, kind;
    list, list_name, last_attempt, last_agent, due, expires, not_before, created, closed, owner, own, calls, recording, queue
);
portable!(Attempt: note, result; at, agent);
portable!(Related: result; callback, list, closed);

impl Portable for Fact {
    fn change(&mut self, by: &mut dyn Change) {
        match self {
            Self::Created(request) | Self::Record(request) => request.change(by),
            Self::Attempts(attempts) => attempts.change(by),
            Self::Extras(extras) => extras.change(by),
            Self::Related(related) => related.change(by),
            Self::Dialling(agent) => agent.change(by),
        }
    }
}
