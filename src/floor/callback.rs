//! Callback lists: callers who wait to be called back.

use serde::{Deserialize, Serialize};

use crate::floor::id::{FeedName, ListId};
use crate::floor::time::Moment;
use crate::text::Shown;

/// One callback list with its counters. `None` is “not told”, which is not zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackList {
    /// Its identity within the source.
    pub id: ListId,
    /// Its name, where one is sent.
    pub name: Option<Shown>,
    /// Requests not closed.
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
    /// Which feed tells of it.
    pub feed: FeedName,
    /// When it was last told of.
    pub updated: Moment,
}
