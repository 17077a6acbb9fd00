//! What events tell of queues, kept apart from what is read of them, so that either may be newer.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::floor::day::{self, DayZone};
use crate::floor::id::{AgentKey, FeedName, QueueId};
use crate::floor::portable::{Change, Portable, portable};
use crate::floor::queue::{About, Figures, Open, Queue};
use crate::floor::tally::{CountedDay, Tally};
use crate::floor::time::{Latest, Moment, Told};
use crate::text::Shown;

/// The feed of events: by webhook, or from a relay.
pub const EVENTS: &str = "events";

/// What events told of one queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueNews {
    pub status: Option<Latest<Status>>,
    /// The counts of its day.
    pub day: Option<Latest<Day>>,
    pub settings: Option<Latest<Settings>>,
    pub numbers: Option<Latest<Vec<Shown>>>,
    /// Its whole list of members.
    pub members: Option<Latest<Vec<Member>>>,
    /// Members who changed one by one: `None` for who is no member any more.
    pub changes: BTreeMap<AgentKey, Latest<Option<Member>>>,
    /// What its calls were counted as.
    #[serde(default)]
    pub tally: Tally,
    /// The row as it was last read, under the news.
    read: Option<Box<Queue>>,
}

/// The live counters of a queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    pub name: Option<Shown>,
    /// Whether it takes calls.
    pub open: Option<Open>,
    /// The vendor's word for that.
    pub open_detail: Option<Shown>,
    pub figures: Figures,
}

/// The counts of a queue's day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Day {
    /// Which day, in the queue's own zone, as it came.
    pub date: Option<Shown>,
    /// The zone of queues whose own is not known, where the source has one.
    #[serde(default)]
    pub zone: Option<Shown>,
    /// The figures that the board has a place for.
    pub figures: Figures,
    /// The others, each with its word.
    pub more: Vec<(Shown, Shown)>,
}

/// The settings of a queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Whether it is gone.
    pub deleted: bool,
    /// Whether it is of a kind that the board shows.
    pub wanted: bool,
    pub name: Option<Shown>,
    /// Its numbers; `None` if they were not told.
    pub numbers: Option<Vec<Shown>>,
    /// Its region, which gives the zone of its days.
    #[serde(default)]
    pub region: Option<Shown>,
    /// The others, each with its word.
    pub more: Vec<(Shown, Shown)>,
}

/// A member of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub agent: AgentKey,
    /// Whether the person serves it now.
    pub active: Option<bool>,
    /// Rank among the members; lower is asked earlier.
    pub priority: Option<u32>,
}

impl QueueNews {
    /// Takes settings in; whether they were news.
    pub fn set(&mut self, told: Told, settings: Settings) -> bool {
        let numbers = settings.numbers.clone();
        let told_numbers =
            numbers.is_some_and(|numbers| Latest::keep(&mut self.numbers, told, numbers));
        Latest::keep(&mut self.settings, told, settings) || told_numbers
    }

    /// Takes the counts of a day in; whether they were news. Those of an earlier day never replace a later one's.
    pub fn set_day(&mut self, told: Told, day: Day) -> bool {
        let given = Latest { told, value: day };
        let order = |day: &Latest<Day>| (self.date_of(day), day.told);
        let newer = self.day.as_ref().is_none_or(|known| order(known) < order(&given));
        if newer {
            self.day = Some(given);
        }
        newer
    }

    /// The zone in which its days begin, and what it is called: by its region, else by the source's setting, else this
    /// computer's, which has no name here.
    pub fn zone(&self) -> (DayZone, Option<&Shown>) {
        let region = self.settings.as_ref().and_then(|latest| latest.value.region.as_ref());
        let set = self.day.as_ref().and_then(|latest| latest.value.zone.as_ref());
        let named = |name: &&Shown| DayZone::named(name).is_some();
        let name = region.filter(named).or(set.filter(named));
        let zone = name.and_then(|name| DayZone::named(name)).unwrap_or(DayZone::Local);
        (zone, name)
    }

    /// The date of a day: as told, else that on which it was told.
    fn date_of(&self, day: &Latest<Day>) -> NaiveDate {
        let told = day.value.date.as_ref().and_then(|written| day::date(written));
        told.unwrap_or_else(|| self.zone().0.date(day.told.at))
    }

    /// Whether the day of its counts is over in its zone; as of when they were told, where nobody knows what time it is.
    pub fn is_day_over(&self, wall: Option<DateTime<Utc>>) -> bool {
        self.day
            .as_ref()
            .is_some_and(|day| self.date_of(day) < self.zone().0.date(wall.unwrap_or(day.told.at)))
    }

    /// Takes over what was read; news that are older give way to it.
    pub fn read(&mut self, row: &Queue) {
        self.read = Some(Box::new(row.clone()));
    }

    /// Forgets what was read; whether anything was.
    pub fn unread(&mut self) -> bool {
        self.read.take().is_some()
    }

    /// Forgets what makes a row of it: it is not among those that are read any more.
    pub fn vanish(&mut self) {
        if !self.is_read() {
            self.status = None;
        }
    }

    /// What was counted of its day from events; `None` where no event told of any call of that day. Where nobody knows
    /// what time it is, it is the day of the last event.
    pub fn counted(&self, wall: Option<DateTime<Utc>>) -> Option<CountedDay> {
        let zone = self.zone().0;
        self.tally.day(wall, |at| zone.date(at))
    }

    /// Changes the row as it was last read.
    pub(super) fn find(&mut self, find: impl FnOnce(&mut Queue)) {
        if let Some(row) = &mut self.read {
            find(row);
        }
    }

    /// Whether anything was told at all.
    pub fn is_read(&self) -> bool {
        self.read.is_some()
    }

    /// The row that reading and news come to; `None` for a queue that is not there.
    pub fn row(&self, id: &QueueId, feed: &FeedName, wall: Option<DateTime<Utc>>) -> Option<Queue> {
        let read_at = self.read.as_ref().map(|row| row.updated);
        let newer = |told: &Told| read_at.is_none_or(|read| told.among_readings() >= read);
        let settings = self.settings.as_ref().filter(|latest| newer(&latest.told));
        if settings.is_some_and(|latest| latest.value.deleted) {
            return None;
        }
        let mut row = match (&self.read, &self.settings) {
            (Some(row), _) => (**row).clone(),
            (None, Some(latest)) if latest.value.wanted => blank(id, feed, latest.told.moment),
            (None, Some(_)) => return None,
            // Its counters alone say that it is there.
            (None, None) => blank(id, feed, self.status.as_ref()?.told.moment),
        };
        if let Some(latest) = self.day.as_ref().filter(|_| !self.is_day_over(wall)) {
            lay(&mut row.figures, &latest.value.figures, newer(&latest.told));
        }
        if let Some(Latest { told, value }) = &self.status {
            lay(&mut row.figures, &value.figures, newer(told));
            if newer(told) || row.open.is_none() && row.open_detail.is_none() {
                row.open = value.open;
                row.open_detail.clone_from(&value.open_detail);
            }
            if newer(told) {
                (row.updated, row.feed) = (told.moment, feed.clone());
            }
        }
        let names = [
            self.status.as_ref().map(|latest| (latest.told, &latest.value.name)),
            self.settings.as_ref().map(|latest| (latest.told, &latest.value.name)),
        ];
        let named = names.into_iter().flatten().filter(|(told, _)| newer(told));
        if let Some((_, Some(name))) = named.max_by_key(|(told, _)| *told) {
            row.name = name.clone();
        }
        if let Some(latest) = self.numbers.as_ref().filter(|latest| newer(&latest.told)) {
            row.number = latest.value.first().cloned();
        }
        if let Some(day) = self.counted(wall) {
            if day.whole {
                // As good as the vendor's own.
                row.figures.abandoned = row.figures.abandoned.or(Some(day.abandoned));
                row.figures.average_handle_s =
                    row.figures.average_handle_s.or(day.average_handle_s);
            }
            row.figures.counted = Some(Box::new(day));
        }
        Some(row)
    }

    /// The member `agent`, as the later of list and single change says.
    pub fn member(&self, agent: &AgentKey) -> Option<&Member> {
        let change = self.changes.get(agent);
        let list = self.members.as_ref();
        match (list, change) {
            (Some(list), Some(change)) if change.told < list.told => listed(&list.value, agent),
            (_, Some(change)) => change.value.as_ref(),
            (Some(list), None) => listed(&list.value, agent),
            (None, None) => None,
        }
    }

    /// Everybody of whom a list or a change says something.
    pub fn people(&self) -> impl Iterator<Item = &AgentKey> {
        let listed = self.members.iter().flat_map(|list| &list.value).map(|member| &member.agent);
        listed.chain(self.changes.keys())
    }
}

fn listed<'a>(members: &'a [Member], agent: &AgentKey) -> Option<&'a Member> {
    members.iter().find(|member| &member.agent == agent)
}

/// Lays figures over others, or under them.
fn lay(figures: &mut Figures, news: &Figures, over: bool) {
    if over {
        figures.overlay(news);
    } else {
        let read = std::mem::replace(figures, news.clone());
        figures.overlay(&read);
    }
}

/// A queue that was not read yet.
fn blank(id: &QueueId, feed: &FeedName, updated: Moment) -> Queue {
    Queue {
        id: id.clone(),
        name: id.shown(),
        number: None,
        open: None,
        open_detail: None,
        figures: Figures::default(),
        own_login: None,
        about: About::default(),
        feed: feed.clone(),
        updated,
    }
}

impl Portable for QueueNews {
    fn change(&mut self, by: &mut dyn Change) {
        let Self { status, day, settings, numbers, members, changes, tally: _, read } = self;
        status.change(by);
        day.change(by);
        settings.change(by);
        // The queue's own numbers.
        if let Some(Latest { told, value: _ }) = numbers {
            told.change(by);
        }
        members.change(by);
        changes.change(by);
        read.change(by);
    }
}

portable!(Status: ; name, open, open_detail, figures);
portable!(Day: more; date, zone, figures);
portable!(Settings: more; deleted, wanted, name, numbers, region);
portable!(Member: ; agent, active, priority);
