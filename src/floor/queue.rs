//! A queue and its figures.

use serde::{Deserialize, Serialize};

use crate::floor::id::{FeedName, QueueId};
use crate::floor::portable::portable;
use crate::floor::tally::CountedDay;
use crate::floor::time::Moment;
use crate::text::Shown;

/// One queue of one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// Its identity within the source.
    pub id: QueueId,
    /// What people call it.
    pub name: Shown,
    /// The number that callers dial; a queue's own number is never masked.
    pub number: Option<Shown>,
    /// Whether it takes calls.
    pub open: Option<Open>,
    /// The vendor's own word for [`Queue::open`].
    pub open_detail: Option<Shown>,
    /// What is counted in it.
    pub figures: Figures,
    /// Whether the source's own user is logged in to it.
    pub own_login: Option<bool>,
    /// What its vendor says it is.
    #[serde(default)]
    pub about: About,
    /// Which feed its figures come from: when that feed is old, so are they.
    pub feed: FeedName,
    /// When the newest figure was received.
    pub updated: Moment,
}

/// What a vendor says of a queue itself, in its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What kind of queue it is: `ACD`, `ATTENDANT`.
    pub kind: Option<Shown>,
    /// How calls are handed out: `PRIORITY`, `SKILLS`.
    pub distribution: Option<Shown>,
    /// What the source's own user is in it: `AGENT`.
    pub roles: Vec<Shown>,
}

/// Whether a queue takes calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Open {
    Open,
    /// The system decides for each call.
    Uncertain,
    Closed,
}

impl Open {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Uncertain => "uncertain",
            Self::Closed => "closed",
        }
    }
}

/// What is counted in a queue. `None` is “not told”, which is not zero.
///
/// Times are whole seconds as received; shares are percentages, 0 to 100.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// People on a line who wait now: inbound calls and chats.
    pub waiting: Option<u32>,
    /// Seconds that the longest waiting of them has waited.
    pub longest_wait_s: Option<u32>,
    /// People on a line who are parked.
    pub parked: Option<u32>,
    /// E-mails and external tasks that wait: nobody is on a line.
    pub backlog: Option<u32>,
    /// Seconds that the oldest of them has waited.
    pub oldest_backlog_s: Option<u32>,
    /// Outbound tasks that wait for an agent.
    pub outbound_waiting: Option<u32>,
    /// Agents logged in to the queue, away or not.
    pub agents_logged_in: Option<u32>,
    /// Agents who serve it (an estimate of the vendor's).
    pub agents_serving: Option<u32>,
    /// Agents who could take a call now.
    pub agents_free: Option<u32>,
    /// Agents away for a short time, e.g. talking.
    pub agents_busy: Option<u32>,
    /// Agents away for a longer time.
    pub agents_away: Option<u32>,
    pub agents_wrap_up: Option<u32>,
    /// Agents who fetch calls by hand.
    pub agents_fetch: Option<u32>,
    /// Calls with an agent.
    pub calls_connected: Option<u32>,
    /// Calls that ring at an agent.
    pub calls_alerting: Option<u32>,
    /// All its agents, logged in or not.
    pub agents_total: Option<u32>,
    /// All calls that are in it now.
    pub calls_total: Option<u32>,
    /// Calls in it that no agent serves now.
    pub calls_not_served: Option<u32>,
    /// Calls that came, in the vendor's period.
    pub offered: Option<u32>,
    /// Calls that an agent took, in the vendor's period.
    pub answered: Option<u32>,
    /// Calls that callers abandoned before an agent took them, in the vendor's period.
    pub abandoned: Option<u32>,
    /// The same three over the last 24 hours.
    pub last_24h: Totals,
    /// Percentage of calls taken in time, as the vendor counts it.
    pub service_level: Option<f64>,
    pub average_wait_s: Option<u32>,
    /// Wait of the call last taken, seconds.
    pub last_wait_s: Option<u32>,
    /// Mean handle time, seconds.
    pub average_handle_s: Option<u32>,
    /// Calls that came while it was closed, in the vendor's period.
    pub calls_while_closed: Option<u32>,
    /// What was counted from events, for what the vendor counts none of.
    #[serde(default)]
    pub counted: Option<Box<CountedDay>>,
    /// Agents by the name of their presence.
    pub presence: Option<Vec<(Shown, u32)>>,
    /// What its log of calls comes to, for what the vendor counts none of.
    pub logged: Option<Logged>,
}

/// What a log of the last 24 hours comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Logged {
    /// Percentage of calls taken in time; abandons in time are ignored.
    pub service_level: Option<f64>,
    /// Mean wait of the calls taken, seconds.
    pub average_wait_s: Option<u32>,
    /// Mean time on a call, seconds.
    pub average_handle_s: Option<u32>,
    /// Whether calls came in groups, of which the log tells one wait and one length.
    pub grouped: bool,
}

/// Calls that were offered, answered and abandoned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub offered: Option<u32>,
    pub answered: Option<u32>,
    pub abandoned: Option<u32>,
}

impl Figures {
    /// Takes over every figure that `newer` tells; what it does not tell stays.
    pub fn overlay(&mut self, newer: &Self) {
        macro_rules! take {
            ($($field:ident).+) => {
                if newer.$($field).+.is_some() {
                    self.$($field).+.clone_from(&newer.$($field).+);
                }
            };
        }
        take!(waiting);
        take!(longest_wait_s);
        take!(parked);
        take!(backlog);
        take!(oldest_backlog_s);
        take!(outbound_waiting);
        take!(agents_logged_in);
        take!(agents_serving);
        take!(agents_free);
        take!(agents_busy);
        take!(agents_away);
        take!(agents_wrap_up);
        take!(agents_fetch);
        take!(calls_connected);
        take!(calls_alerting);
        take!(agents_total);
        take!(calls_total);
        take!(calls_not_served);
        take!(offered);
        take!(answered);
        take!(abandoned);
        take!(last_24h.offered);
        take!(last_24h.answered);
        take!(last_24h.abandoned);
        take!(service_level);
        take!(average_wait_s);
        take!(last_wait_s);
        take!(average_handle_s);
        take!(calls_while_closed);
        take!(counted);
        take!(presence);
        take!(logged);
    }
}

// A queue's name and number are its own; its figures are counts.
portable!(Queue: updated; id, name, number, open, open_detail, figures, own_login, about, feed);
