//! Everything known about the floor, per source.
//!
//! A snapshot replaces a part of one source's world at once; a delta changes one thing in it. What comes too
//! early (before the part's first snapshot) or too late (older than what is known) changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use self::agent::Agent;
use self::book::Books;
use self::call::{Call, Leg, Step};
use self::callback::{Callback, CallbackList};
use self::id::{
    AgentKey, CallId, CallbackId, EntryId, FeedName, ListId, QueueId, SourceName, TaskId,
};
use self::kept::Kept;
use self::link::{Feed, Link};
use self::news::{Member, QueueNews};
use self::own::Own;
use self::profile::{Profile, Profiles};
use self::queue::{Figures, Queue};
use self::row::RowTable;
use self::row_map::RowMap;
use self::scheduler::{Entry, Priority};
use self::service::Service;
use self::task::{Task, Tasking};
use self::time::{Moment, Now, Told};
use crate::text::Shown;

pub use self::kind::Kind;
pub use self::left_out::LeftOut;
pub use self::part::Part;

pub mod agent;
mod apply;
pub mod book;
pub mod call;
pub mod callback;
pub mod day;
pub mod field;
pub mod id;
pub mod journal;
pub mod kept;
mod kind;
mod left_out;
pub mod link;
pub mod news;
pub mod own;
mod part;
pub mod portable;
pub mod presence;
pub mod profile;
pub mod queue;
mod relayed;
pub mod reread;
pub mod row;
pub mod row_map;
pub mod scheduler;
pub mod service;
pub mod tally;
pub mod task;
pub mod time;

/// All sources, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Floor {
    worlds: BTreeMap<SourceName, Arc<World>>,
    /// Grows with what changed.
    #[serde(skip)]
    revision: Revision,
    /// Grows with everything that came, changed or not.
    #[serde(skip)]
    receipts: Revision,
}

/// A count of changes. What holds the same is equal, however it came to it.
#[derive(Debug, Clone, Copy, Default)]
struct Revision(u64);

impl PartialEq for Revision {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

/// What one source told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// Which system it is.
    pub kind: Kind,
    pub queues: RowTable<Queue>,
    pub agents: RowTable<Agent>,
    pub entries: RowTable<Entry>,
    /// The services for which entries can be made; empty until the lookup answered.
    #[serde(default)]
    pub entry_services: Vec<Shown>,
    /// The priorities that entries can have; empty until the lookup answered.
    #[serde(default)]
    pub priorities: Vec<Priority>,
    /// What tasks of other systems can be made of.
    #[serde(default)]
    pub tasking: Tasking,
    #[serde(default)]
    pub books: Arc<Books>,
    pub lists: RowTable<CallbackList>,
    /// Its calls: those that go on, and for a while those that are over.
    pub calls: Kept<CallId, Call>,
    /// Its requests to be called back: the open ones, and for a while those that are done.
    pub callbacks: Kept<CallbackId, Callback>,
    /// What events told of its queues.
    pub news: RowMap<QueueId, QueueNews>,
    /// What its people say of themselves.
    #[serde(default)]
    pub profiles: Profiles,
    /// Its tasks: those that go on, and for a while those that are over.
    #[serde(default)]
    pub tasks: Kept<TaskId, Task>,
    /// Its services, which events alone tell of.
    #[serde(default)]
    pub services: RowMap<QueueId, Service>,
    /// The user whose ticket it is read with, where the source tells.
    #[serde(default)]
    pub own: Option<Own>,
    /// Its streams and polls, in the order of their first report.
    pub feeds: Vec<Feed>,
    /// Fields and events that floorwalker does not know, counted.
    pub unknown_fields: u64,
    /// Queues and people for which there is no room.
    #[serde(default)]
    pub left_out: LeftOut,
    /// The relay that brings it; `None` for a source of our own.
    #[serde(default)]
    pub via: Option<SourceName>,
    /// Why nothing comes from it: a relay in between is away.
    #[serde(skip)]
    pub away: Option<Shown>,
    /// Queues that are read with capitals in their ids, by the id in lower case: events spell it so.
    spelt: RowMap<QueueId, QueueId>,
    /// Queues that are read and are of a kind that is not shown.
    #[serde(default)]
    hidden: BTreeSet<QueueId>,
    /// Whether its queues were read at all.
    queues_known: bool,
    /// Changes of anything but rows in tables that count their own.
    #[serde(skip)]
    changes: Revision,
    /// What time it is, by which days are over.
    #[serde(skip)]
    wall: WallTime,
}

/// What time it was when time last passed; unknown before. Worlds in which the same is known are equal at any time.
#[derive(Debug, Clone, Copy, Default)]
struct WallTime(Option<DateTime<Utc>>);

impl PartialEq for WallTime {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

/// One change in a source's world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delta {
    /// New figures of one known queue; what they do not tell stays.
    Figures {
        queue: QueueId,
        /// When they were received.
        at: Moment,
        figures: Box<Figures>,
    },
    /// A queue that a stream tells of and no snapshot did yet.
    Queue(Box<Queue>),
    /// All live counters of a queue.
    QueueStatus {
        queue: QueueId,
        /// When they were so.
        told: Told,
        status: Box<news::Status>,
    },
    /// All counts of a queue's day.
    QueueDay {
        queue: QueueId,
        /// When they were so.
        told: Told,
        day: Box<news::Day>,
    },
    /// A queue was made, changed or removed.
    QueueSettings {
        queue: QueueId,
        told: Told,
        /// What it is now.
        settings: Box<news::Settings>,
    },
    /// All members of a queue.
    Members {
        queue: QueueId,
        /// When they were so.
        told: Told,
        members: Vec<Member>,
    },
    /// One member of a queue.
    Member {
        queue: QueueId,
        /// When it was so.
        told: Told,
        agent: AgentKey,
        /// The membership; `None` for none.
        member: Option<Member>,
    },
    /// Something about a person.
    Agent {
        agent: AgentKey,
        /// When it was so.
        told: Told,
        /// The person's name, where it came along.
        name: Option<Shown>,
        fact: presence::Fact,
    },
    /// A call took a step.
    Call { call: CallId, step: Box<Step> },
    /// Calls of one person, each told whole.
    Legs {
        agent: AgentKey,
        /// When they were so.
        told: Told,
        /// Whether these are all: of the person's others, those that were in hand are over.
        full: bool,
        /// Whether the person was not looked at before.
        met: bool,
        legs: Vec<(CallId, Leg)>,
    },
    /// Something about a request to be called back.
    Callback {
        callback: CallbackId,
        /// When it was so.
        told: Told,
        fact: callback::Fact,
    },
    /// What a person says of themselves.
    Profile {
        /// The person's row; `None` for the source's own user.
        agent: Option<AgentKey>,
        /// When it was so.
        told: Told,
        profile: Box<Profile>,
    },
    /// All counters of a callback list.
    List {
        /// When they were so.
        told: Told,
        list: Box<CallbackList>,
    },
    /// Something was told of a task.
    Task { task: TaskId, step: Box<task::Step> },
    /// From now on every event of a service is told; what came before may have been missed.
    Registered { queue: QueueId, since: Moment },
    /// An event told of a scheduler entry.
    Entry {
        told: Told,
        /// The entry, as the event has it.
        entry: Box<Entry>,
    },
}

impl World {
    /// A source of which nothing is known yet.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            queues: RowTable::default(),
            agents: RowTable::default(),
            entries: RowTable::default(),
            entry_services: Vec::new(),
            priorities: Vec::new(),
            tasking: Tasking::default(),
            books: Arc::default(),
            lists: RowTable::default(),
            calls: Kept::default(),
            callbacks: Kept::default(),
            news: RowMap::new(),
            profiles: Profiles::default(),
            tasks: Kept::default(),
            services: RowMap::new(),
            own: None,
            feeds: Vec::new(),
            unknown_fields: 0,
            left_out: LeftOut::default(),
            via: None,
            away: None,
            spelt: RowMap::new(),
            hidden: BTreeSet::new(),
            queues_known: false,
            changes: Revision::default(),
            wall: WallTime::default(),
        }
    }

    /// The one word for the source.
    pub fn link(&self, now: &Now) -> Link {
        if self.away.is_some() { Link::Down } else { link::link(&self.feeds, now) }
    }

    /// The queue of that id, however it is spelt.
    pub fn queue(&self, id: &QueueId) -> Option<&Queue> {
        self.queues.get(self.spelt.get(id).unwrap_or(id))
    }

    /// What events told of the queue of that id, however it is spelt.
    pub fn news_of(&self, id: &QueueId) -> Option<&QueueNews> {
        self.news.get(id).or_else(|| self.news.get(&QueueId::new(id.raw().to_lowercase())))
    }

    /// The callback list of that id, however it is spelt.
    pub fn list(&self, id: &ListId) -> Option<&CallbackList> {
        let alike = |list: &&CallbackList| list.id.raw().eq_ignore_ascii_case(id.raw());
        self.lists.get(id).or_else(|| self.lists.values().find(alike))
    }

    /// The feed of that name.
    pub fn feed(&self, name: &FeedName) -> Option<&Feed> {
        self.feeds.iter().find(|feed| &feed.name == name)
    }

    /// Whether what `feed` told may be taken for the present. Events are sent on a change alone, so one of late
    /// says that nothing else changed either.
    pub fn is_fresh(&self, feed: &FeedName, now: &Now) -> bool {
        let fresh = |feed: &Feed| feed.link(now).is_fresh();
        self.away.is_none()
            && (self.feed(feed).is_none_or(fresh) || self.events().is_some_and(fresh))
    }

    /// The moment for which what `feed` told is known: the present one while that is fresh, else that of the last data. What
    /// lasted until then is not known to go on.
    pub fn known_at(&self, feed: &FeedName, now: &Now) -> Moment {
        if self.is_fresh(feed, now) {
            return now.moment;
        }
        let told = [self.feed(feed), self.events()];
        let last = told.into_iter().flatten().filter_map(|feed| feed.last_update).max();
        last.unwrap_or_default().min(now.moment)
    }

    /// The feed of events, where it grows old without one.
    fn events(&self) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.name.raw() == news::EVENTS && feed.limit.is_some())
    }

    /// Until which moment, itself counted in, what `feed` told stays as fresh as it is if nothing is told.
    pub fn lasts(&self, feed: &FeedName, now: &Now) -> Moment {
        let told = [self.feed(feed), self.events()];
        told.into_iter().flatten().map(|feed| feed.lasts(now)).min().unwrap_or(Moment::LAST)
    }

    /// When the source last told anything.
    pub fn last_update(&self) -> Option<Moment> {
        self.feeds.iter().filter_map(|feed| feed.last_update).max()
    }

    /// Takes over a feed's report, which came at `at`; a feed that is new is added behind the others. That a feed is
    /// still well is no change.
    pub fn report(&mut self, feed: Feed, at: Moment) {
        let Some(known) = self.feeds.iter_mut().find(|known| known.name == feed.name) else {
            self.changes.0 += 1;
            self.feeds.push(feed);
            return;
        };
        let was_late = known.is_late_at(at);
        let last_update = std::mem::replace(&mut known.last_update, feed.last_update);
        let is_same = *known == feed && last_update.is_some() == feed.last_update.is_some();
        self.changes.0 += u64::from(!is_same || was_late);
        *known = feed;
    }

    /// Counts fields and events that floorwalker does not know.
    pub(crate) fn count_unknown(&mut self, count: u64) {
        self.unknown_fields = self.unknown_fields.saturating_add(count);
        self.changes.0 += 1;
    }

    /// Grows with every change of what is known.
    fn changes(&self) -> u64 {
        self.changes.0
            + self.queues.changes()
            + self.agents.changes()
            + self.entries.changes()
            + self.lists.changes()
    }
}

impl Floor {
    /// A floor of these sources, of which nothing is known yet.
    pub fn new(sources: impl IntoIterator<Item = (SourceName, Kind)>) -> Self {
        let worlds =
            sources.into_iter().map(|(name, kind)| (name, Arc::new(World::new(kind)))).collect();
        Self { worlds, ..Self::default() }
    }

    /// What `source` told.
    pub fn world(&self, source: &SourceName) -> Option<&World> {
        self.worlds.get(source).map(|world| &**world)
    }

    /// The source of that name, with the name as the floor keeps it.
    pub fn named(&self, source: &SourceName) -> Option<(&SourceName, &World)> {
        self.worlds.get_key_value(source).map(|(name, world)| (name, &**world))
    }

    /// The state of `source`, to change in any way.
    pub fn world_mut(&mut self, source: &SourceName) -> Option<&mut World> {
        self.changed();
        self.worlds.get_mut(source).map(Arc::make_mut)
    }

    /// Changes the state of `source`. The revision grows only where the state differs afterwards.
    pub(crate) fn change(&mut self, source: &SourceName, change: impl FnOnce(&mut World)) {
        let Some(world) = self.worlds.get_mut(source).map(Arc::make_mut) else { return };
        let before = world.changes();
        change(world);
        let is_changed = world.changes() != before;
        self.receipts.0 += 1;
        self.revision.0 += u64::from(is_changed);
    }

    fn changed(&mut self) {
        self.revision.0 += 1;
        self.receipts.0 += 1;
    }

    /// The feeds as they are once time has passed unseen: nothing that was read before may be taken for the present. A
    /// stream without a limit is judged by the polls beside it.
    pub fn outdated(&self) -> Vec<(SourceName, Feed)> {
        let all = self
            .worlds
            .iter()
            .flat_map(|(source, world)| world.feeds.iter().map(move |feed| (source, feed)));
        let limited = all.filter(|(_, feed)| feed.limit.is_some() && feed.last_update.is_some());
        limited
            .map(|(source, feed)| (source.clone(), Feed { is_outdated: true, ..feed.clone() }))
            .collect()
    }

    /// Lets go what is over in any source, figures of days that are over among it.
    pub fn tick(&mut self, now: Now) {
        let mut changed = false;
        for world in self.worlds.values_mut() {
            let is_due = world.is_due(now.moment);
            if is_due || world.is_minute_over(now.wall) {
                let world = Arc::make_mut(world);
                changed |= is_due && world.tick(now.moment);
                changed |= world.pass(now.wall);
            }
        }
        self.revision.0 += u64::from(changed);
    }

    /// Grows with every change of the rows and links. A reading that finds the same is no change.
    pub const fn revision(&self) -> u64 {
        self.revision.0
    }

    /// Grows with every event of a source, also with one that changes nothing.
    pub const fn receipts(&self) -> u64 {
        self.receipts.0
    }

    /// All sources in the order of their names.
    pub fn worlds(&self) -> impl Iterator<Item = (&SourceName, &World)> {
        self.worlds.iter().map(|(name, world)| (name, &**world))
    }

    pub fn queue(&self, source: &SourceName, queue: &QueueId) -> Option<&Queue> {
        self.world(source)?.queues.get(queue)
    }

    pub fn agent(&self, source: &SourceName, agent: &AgentKey) -> Option<&Agent> {
        self.world(source)?.agents.get(agent)
    }

    pub fn call(&self, source: &SourceName, call: &CallId) -> Option<&Call> {
        self.world(source)?.calls.get(call)
    }

    pub fn task(&self, source: &SourceName, task: &TaskId) -> Option<&Task> {
        self.world(source)?.tasks.get(task)
    }

    pub fn entry(&self, source: &SourceName, entry: &EntryId) -> Option<&Entry> {
        self.world(source)?.entries.get(entry)
    }
}
