//! The sources for which a relay stands: they come with it, go with it, and are as old as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::floor::id::SourceName;
use crate::floor::link::{FeedKind, Health};
use crate::floor::portable::{Change, Portable, portable};
use crate::floor::{Delta, Floor, Kind, Part, World};
use crate::text::Shown;

/// Relays that may stand one behind the other: more is a circle.
const CHAIN: usize = 8;

impl Floor {
    /// Whether what `relay` says of `source` counts: it is one of those that it brought.
    pub fn stands_for(&self, relay: &SourceName, source: &SourceName) -> bool {
        self.chain(source).any(|own| own == relay)
    }

    /// The relays between `source` and us, the furthest first.
    fn chain<'a>(&'a self, source: &SourceName) -> impl Iterator<Item = &'a SourceName> {
        let via = |source: &SourceName| self.world(source).and_then(|world| world.via.as_ref());
        std::iter::successors(via(source), move |relay| via(relay)).take(CHAIN)
    }

    /// Replaces all that is known of the sources for which `relay` stands. A source whose name is taken by somebody
    /// else stays away: the names that are returned.
    pub fn relayed(
        &mut self,
        relay: &SourceName,
        worlds: BTreeMap<SourceName, World>,
    ) -> Vec<SourceName> {
        if !self.worlds.contains_key(relay) {
            return Vec::new();
        }
        self.changed();
        let former: Vec<SourceName> =
            self.worlds.keys().filter(|name| self.stands_for(relay, name)).cloned().collect();
        for name in former {
            self.worlds.remove(&name);
        }
        let (taken, free): (BTreeMap<_, _>, BTreeMap<_, _>) =
            worlds.into_iter().partition(|(name, _)| self.worlds.contains_key(name));
        let names: BTreeSet<SourceName> = free.keys().cloned().collect();
        for (name, mut world) in free {
            // A relay behind this one is one of its sources; nobody else stands between.
            let between = world.via.take().filter(|via| names.contains(via));
            world.via = Some(between.unwrap_or_else(|| relay.clone()));
            self.worlds.insert(name, Arc::new(world));
        }
        self.reach();
        taken.into_keys().collect()
    }

    /// Forgets every source but one.
    pub fn keep_only(&mut self, source: &SourceName) {
        self.changed();
        self.worlds.retain(|name, _| name == source);
    }

    /// Replaces all that is known by what another process knows of the same sources.
    pub fn adopt(&mut self, worlds: BTreeMap<SourceName, World>) {
        self.changed();
        self.worlds.retain(|_, world| world.via.is_none());
        self.worlds.extend(worlds.into_iter().map(|(name, world)| (name, Arc::new(world))));
        self.reach();
    }

    /// Sees anew what a relay that is away keeps away.
    pub fn reach(&mut self) {
        let lost: BTreeMap<SourceName, Shown> = self
            .worlds
            .iter()
            .filter(|(_, world)| world.kind == Kind::Relay)
            .filter_map(|(name, world)| Some((name.clone(), world.lost()?)))
            .collect();
        let away: Vec<(SourceName, Option<Shown>)> = self
            .worlds
            .keys()
            .map(|name| (name.clone(), self.chain(name).find_map(|own| lost.get(own)).cloned()))
            .collect();
        for (name, away) in away {
            if let Some(world) = self.worlds.get_mut(&name).filter(|world| world.away != away) {
                Arc::make_mut(world).away = away;
                self.revision.0 += 1;
            }
        }
    }
}

impl World {
    /// Why nothing comes from a relay.
    fn lost(&self) -> Option<Shown> {
        let polls = self.feeds.iter().filter(|feed| feed.kind == FeedKind::Poll);
        polls.into_iter().find_map(|feed| match &feed.health {
            Health::Down { error, .. }
            | Health::Unauthorized { error, .. }
            | Health::Stopped { error } => Some(error.clone()),
            Health::Connecting | Health::Up => None,
        })
    }
}

portable!(
    World: queues, agents, entries, books, lists, calls, callbacks, news, tasks, services, profiles, own, feeds, away;
    kind, entry_services, priorities, tasking, unknown_fields, left_out, via, spelt, hidden, queues_known, changes, wall
);

impl Portable for Part {
    fn change(&mut self, by: &mut dyn Change) {
        match self {
            Self::Queues(rows) => rows.change(by),
            Self::Agents(rows) => rows.change(by),
            Self::Entries { feed: _, rows } => rows.change(by),
            Self::HiddenQueues(_) | Self::Services(_) | Self::Priorities(_) | Self::Tasking(_) => {}
            Self::Books(books) => books.change(by),
            Self::CallbackLists(rows) => rows.change(by),
            Self::Calls(rows) => rows.change(by),
            Self::Callbacks(rows) => rows.change(by),
            Self::News(news) => news.change(by),
            Self::Profiles(profiles) => profiles.change(by),
            Self::Tasks { tasks, services } => {
                tasks.change(by);
                services.change(by);
            }
            Self::Own(own) => own.change(by),
        }
    }
}

impl Portable for Delta {
    fn change(&mut self, by: &mut dyn Change) {
        match self {
            Self::Figures { queue: _, at, figures: _ } => at.change(by),
            Self::Queue(row) => row.change(by),
            Self::QueueStatus { queue: _, told, status } => {
                told.change(by);
                status.change(by);
            }
            Self::QueueDay { queue: _, told, day } => {
                told.change(by);
                day.change(by);
            }
            Self::QueueSettings { queue: _, told, settings } => {
                told.change(by);
                settings.change(by);
            }
            Self::Members { queue: _, told, members } => {
                told.change(by);
                members.change(by);
            }
            Self::Member { queue: _, told, agent: _, member } => {
                told.change(by);
                member.change(by);
            }
            Self::Agent { agent: _, told, name, fact } => {
                told.change(by);
                name.change(by);
                fact.change(by);
            }
            Self::Call { call: _, step } => step.change(by),
            Self::Legs { agent: _, told, legs, .. } => {
                told.change(by);
                for (_, leg) in legs {
                    leg.change(by);
                }
            }
            Self::Callback { callback: _, told, fact } => {
                told.change(by);
                fact.change(by);
            }
            Self::Profile { agent: _, told, profile } => {
                told.change(by);
                profile.change(by);
            }
            Self::List { told, list } => {
                told.change(by);
                list.change(by);
            }
            Self::Task { task: _, step } => step.change(by),
            Self::Registered { queue: _, since } => since.change(by),
            Self::Entry { told, entry } => {
                told.change(by);
                entry.change(by);
            }
        }
    }
}
