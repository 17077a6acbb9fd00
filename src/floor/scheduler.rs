//! Outbound scheduler entries: calls that the system will make at a set time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::floor::book::Books;
use crate::floor::field::{self, Facts};
use crate::floor::id::{EntryId, FeedName};
use crate::floor::portable::{Change, Portable};
use crate::floor::time::Moment;
use crate::text::Shown;

/// One planned outbound call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its identity within the source.
    pub id: EntryId,
    /// The service that will make the call.
    pub service: Shown,
    /// Whom it will call: a number or a user name.
    pub destination: Option<Shown>,
    /// What that is called in an address book: told by whoever hides the number, and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Shown>,
    pub due: Option<DateTime<Utc>>,
    /// How far it is; a guess, the server's answer to a removal has the last word.
    pub state: EntryState,
    /// The scheduling system's own reference.
    pub reference: Option<Shown>,
    /// The vendor's word for its priority.
    pub priority: Option<Shown>,
    /// Attempts made; `None` until an event tells.
    pub attempts: Option<u32>,
    pub max_attempts: Option<u32>,
    /// How long one attempt may take.
    pub attempt_timeout_s: Option<u32>,
    /// How long a call may wait for an agent.
    pub max_queue_time_s: Option<u32>,
    /// How long it rings at an agent before the next is tried.
    pub rona_timeout_s: Option<u32>,
    pub completion_reason: Option<Shown>,
    /// What is told of the customer, and what the workflow is told.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub known: Facts,
    /// Which feed tells of it.
    pub feed: FeedName,
    /// When it was last told of.
    pub updated: Moment,
}

/// A priority that the vendor's lookup offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priority {
    /// What people call it.
    pub name: Shown,
    /// What goes into requests.
    pub value: Shown,
}

/// How far a scheduler entry is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Being dialled, or in a call.
    InProgress,
    /// Waits for its time.
    Scheduled,
    /// The vendor's own word, unknown to floorwalker.
    Other(Shown),
    Ended,
}

impl EntryState {
    /// The contract's word, or the vendor's.
    pub fn word(&self) -> &str {
        match self {
            Self::InProgress => "in_progress",
            Self::Scheduled => "scheduled",
            Self::Other(word) => word.as_str(),
            Self::Ended => "ended",
        }
    }

    /// The word for people.
    pub fn label(&self) -> &str {
        match self {
            Self::InProgress => "in progress",
            other => other.word(),
        }
    }
}

impl Entry {
    /// What the one that it calls is called in an address book.
    pub fn name(&self, books: &Books) -> Option<Shown> {
        let named = self.destination.as_ref().and_then(|own| books.name(own));
        named.or_else(|| self.contact.clone())
    }

    /// The name of the customer, as the entry has it.
    pub fn customer(&self) -> Option<Shown> {
        field::name(&self.known)
    }

    /// The entry as it was read, over what events told of it: the list knows no attempts, and an event that came
    /// after the reading knows more of how far it is.
    pub(super) fn over(self, known: &Self) -> Self {
        let attempts = self.attempts.or(known.attempts);
        if known.updated > self.updated {
            let completion_reason = known.completion_reason.clone().or(self.completion_reason);
            return Self { state: known.state.clone(), completion_reason, attempts, ..self };
        }
        Self { attempts, ..self }
    }

    /// The entry with what an event told of it later. What the event leaves out stays; an end is the end.
    pub(super) fn told(self, news: Self) -> Self {
        let ended = self.state == EntryState::Ended;
        let mut known = self.known;
        known.extend(news.known);
        Self {
            id: self.id,
            service: news.service,
            destination: news.destination.or(self.destination),
            contact: news.contact.or(self.contact),
            due: news.due.or(self.due),
            state: if ended { self.state } else { news.state },
            reference: news.reference.or(self.reference),
            priority: news.priority.or(self.priority),
            attempts: news.attempts.max(self.attempts),
            max_attempts: news.max_attempts.or(self.max_attempts),
            attempt_timeout_s: news.attempt_timeout_s.or(self.attempt_timeout_s),
            max_queue_time_s: news.max_queue_time_s.or(self.max_queue_time_s),
            rona_timeout_s: news.rona_timeout_s.or(self.rona_timeout_s),
            completion_reason: self.completion_reason.or(news.completion_reason),
            known,
            feed: self.feed,
            updated: self.updated.max(news.updated),
        }
    }
}

impl Portable for Entry {
    fn change(&mut self, by: &mut dyn Change) {
        let Self {
            id: _,
            service: _,
            destination,
            contact,
            due: _,
            state,
            reference,
            priority,
            attempts: _,
            max_attempts: _,
            attempt_timeout_s: _,
            max_queue_time_s: _,
            rona_timeout_s: _,
            completion_reason,
            known,
            feed: _,
            updated,
        } = self;
        by.party(destination.as_ref(), contact);
        for text in [destination, contact, reference, priority, completion_reason] {
            text.change(by);
        }
        for fact in known.values_mut() {
            fact.change(by);
        }
        state.change(by);
        updated.change(by);
    }
}

impl Portable for EntryState {
    fn change(&mut self, by: &mut dyn Change) {
        match self {
            Self::Other(word) => word.change(by),
            Self::InProgress | Self::Scheduled | Self::Ended => {}
        }
    }
}
