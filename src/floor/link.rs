//! How a source is reached: the state of each of its feeds, and one word for all of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::floor::id::FeedName;
use crate::floor::portable::{Change, Portable, portable};
use crate::floor::time::{Moment, Now};
use crate::text::Shown;

/// The one word for a source, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// A stream is open and every needed part is fresh.
    Live,
    /// Every needed part is fresh, by polls alone.
    Polling,
    Connecting,
    /// A needed part is older than its limit.
    Stale,
    /// The last attempt failed.
    Down,
    /// The vendor refuses the credentials, and nothing else can be read.
    Unauthorized,
}

impl Link {
    /// Every word, best first.
    pub const ALL: [Self; 6] =
        [Self::Live, Self::Polling, Self::Connecting, Self::Stale, Self::Down, Self::Unauthorized];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Polling => "polling",
            Self::Connecting => "connecting",
            Self::Stale => "stale",
            Self::Down => "down",
            Self::Unauthorized => "unauthorized",
        }
    }

    /// Whether what came over it may be taken for the present.
    pub const fn is_fresh(self) -> bool {
        matches!(self, Self::Live | Self::Polling)
    }
}

/// How a feed brings its news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    /// The vendor sends as it happens.
    Stream,
    /// We ask every so often.
    Poll,
    /// The same for what the board can do without: refused, it takes nothing away from the rest.
    Aside,
}

impl FeedKind {
    pub const fn is_asked(self) -> bool {
        matches!(self, Self::Poll | Self::Aside)
    }
}

/// One stream or poll of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    pub name: FeedName,
    pub kind: FeedKind,
    /// How it is doing.
    pub health: Health,
    /// When it last brought something.
    pub last_update: Option<Moment>,
    /// How old its news may be before they are stale; `None` for a stream, whose part is polled beside it.
    pub limit: Option<Duration>,
    /// A remark that stays while the feed is well, e.g. which licence is missing for more.
    pub remark: Option<Shown>,
    /// Whether time passed unseen since it last brought something: the machine slept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_outdated: bool,
}

/// How a feed is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Tried, no answer yet.
    Connecting,
    /// The last attempt worked.
    Up,
    /// The last attempt failed.
    Down {
        error: Shown,
        /// Failures in a row.
        attempt: u32,
        /// When the next attempt is due.
        retry_at: Option<Moment>,
    },
    /// The vendor refused the credentials.
    Unauthorized {
        /// What it said, and which ticket or licence is missing.
        error: Shown,
        /// When the next attempt is due.
        retry_at: Option<Moment>,
    },
    /// Ended for good, by the vendor's wish.
    Stopped { error: Shown },
}

impl Feed {
    /// A feed that has not been tried.
    pub fn new(name: FeedName, kind: FeedKind, limit: Option<Duration>) -> Self {
        Self {
            name,
            kind,
            health: Health::Connecting,
            last_update: None,
            limit,
            remark: None,
            is_outdated: false,
        }
    }

    /// What went wrong, or the standing remark.
    pub fn error(&self) -> Option<&Shown> {
        match &self.health {
            Health::Connecting | Health::Up => self.remark.as_ref(),
            Health::Down { error, .. }
            | Health::Unauthorized { error, .. }
            | Health::Stopped { error } => Some(error),
        }
    }

    /// When the next attempt is due, while it fails.
    pub const fn retry_at(&self) -> Option<Moment> {
        match self.health {
            Health::Down { retry_at, .. } | Health::Unauthorized { retry_at, .. } => retry_at,
            Health::Connecting | Health::Up | Health::Stopped { .. } => None,
        }
    }

    /// Whether what it brought is older than its limit, or time passed unseen since.
    pub fn is_late(&self, now: &Now) -> bool {
        self.is_late_at(now.moment)
    }

    /// The same at a moment.
    pub fn is_late_at(&self, now: Moment) -> bool {
        self.is_outdated
            || match (self.limit, self.last_update) {
                (Some(limit), Some(at)) => now.since(at) > limit,
                _ => false,
            }
    }

    /// The last moment before it becomes late; [`Moment::LAST`] where it never will, or is already.
    pub fn lasts(&self, now: &Now) -> Moment {
        match (self.limit, self.last_update) {
            (Some(limit), Some(at)) if !self.is_late(now) => at.after(limit),
            _ => Moment::LAST,
        }
    }

    /// The one word for this feed alone.
    pub fn link(&self, now: &Now) -> Link {
        match &self.health {
            Health::Unauthorized { .. } => Link::Unauthorized,
            Health::Down { .. } | Health::Stopped { .. } => Link::Down,
            Health::Connecting if self.last_update.is_none() => Link::Connecting,
            _ if self.is_late(now) => Link::Stale,
            Health::Connecting | Health::Up => match self.kind {
                FeedKind::Stream => Link::Live,
                FeedKind::Poll | FeedKind::Aside => Link::Polling,
            },
        }
    }
}

/// The one word for a source: the worst of its polls; `live` when a stream is open beside good ones.
///
/// Every stream counts: events that arrive over one of them say nothing of another that is refused. A stream that is down
/// does not count against polls that work: it only takes the word `live` away. One that nobody
/// polls beside, and so has a limit of its own, makes it stale once it is late. What the board can do without counts for
/// nothing.
pub fn link(feeds: &[Feed], now: &Now) -> Link {
    let worst = feeds
        .iter()
        .filter(|feed| feed.kind == FeedKind::Poll)
        .map(|feed| feed.link(now))
        .max()
        .unwrap_or(Link::Connecting);
    let streams = || feeds.iter().filter(|feed| feed.kind == FeedKind::Stream);
    let streaming = streams().any(|feed| matches!(feed.health, Health::Up))
        && streams().all(|feed| matches!(feed.health, Health::Up | Health::Connecting));
    let late = feeds.iter().any(|feed| feed.kind == FeedKind::Stream && feed.is_late(now));
    match worst {
        Link::Polling if late => Link::Stale,
        Link::Polling if streaming => Link::Live,
        _ => worst,
    }
}

portable!(Feed: health, last_update, remark; name, kind, limit, is_outdated);

impl Portable for Health {
    fn change(&mut self, by: &mut dyn Change) {
        match self {
            Self::Connecting | Self::Up => {}
            Self::Down { error, retry_at, attempt: _ } | Self::Unauthorized { error, retry_at } => {
                error.change(by);
                retry_at.change(by);
            }
            Self::Stopped { error } => error.change(by),
        }
    }
}
