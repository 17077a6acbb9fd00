//! From Telepo's answers to the floor: statistics and groups joined, agents told apart.

use std::collections::{BTreeMap, BTreeSet};

use crate::floor::agent::{Agent, AgentState, Membership};
use crate::floor::id::{AgentId, AgentKey, FeedName, QueueId};
use crate::floor::presence::Presence;
use crate::floor::queue::{About, Figures, Logged, Open, Queue};
use crate::floor::time::Moment;
use crate::floor::{Delta, Part};
use crate::source::telepo::follow::People;
use crate::source::telepo::legs;
use crate::source::telepo::wire::{Group, Member, Named, Statistic};
use crate::text::Shown;

/// Queues beyond which a stream adds none: one that invents ids must not fill the memory.
const MOST_STATISTICS: usize = 20_000;

/// The feed of queue statistics.
pub const QUEUES: &str = "queues";
/// The feed of groups and agents.
pub const AGENTS: &str = "agents";

/// A queue's identity on the wire: its domain and its number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The organisation that owns it.
    pub domain: String,
    /// Its number, as sent; the empty string where none was.
    pub id: String,
}

/// What was last told, by both vocabularies, and how the two belong together.
///
/// Polls go on while the stream is open. What the stream tells while a poll is under way is newer than the
/// poll's answer and survives it; a later poll wins.
#[derive(Debug)]
pub struct Tables {
    domain: String,
    agent_ids: BTreeMap<String, String>,
    statistics: BTreeMap<Key, (Statistic, Moment)>,
    known: bool,
    groups: BTreeMap<Key, Group>,
    groups_at: Moment,
    /// The group that each statistic belongs to: of the same number, else of the same name where it is the
    /// only one.
    joined: BTreeMap<Key, Key>,
    /// What the call log of each group comes to, by the group's number.
    measured: BTreeMap<String, Logged>,
    /// The queue behind each number, by its digits, and behind each name; none where there are several.
    by_number: BTreeMap<String, Option<QueueId>>,
    by_name: BTreeMap<String, Option<QueueId>>,
    /// Queues that the stream told of since the poll under way was asked; none when no poll is under way.
    since_asked: Option<BTreeSet<Key>>,
}

impl Tables {
    /// Nothing told yet. `agent_ids` maps full names to `user@domain`, where the server gives no ids.
    pub fn new(domain: &str, agent_ids: BTreeMap<String, String>) -> Self {
        Self {
            domain: domain.to_owned(),
            agent_ids,
            statistics: BTreeMap::new(),
            known: false,
            groups: BTreeMap::new(),
            groups_at: Moment::default(),
            joined: BTreeMap::new(),
            measured: BTreeMap::new(),
            by_number: BTreeMap::new(),
            by_name: BTreeMap::new(),
            since_asked: None,
        }
    }

    /// A poll of the statistics is about to be sent.
    pub fn asked(&mut self) {
        self.since_asked = Some(BTreeSet::new());
    }

    /// The poll's answer: it replaces all but what the stream told since it was asked.
    pub fn answered(&mut self, answer: Vec<Statistic>, at: Moment) -> Part {
        let mut former = std::mem::take(&mut self.statistics);
        let streamed_since = self.since_asked.take().unwrap_or_default();
        for mut statistic in answer {
            let key = self.key(&statistic.named);
            let mut told = at;
            if streamed_since.contains(&key)
                && let Some((streamed, when)) = former.remove(&key)
            {
                statistic.figures.overlay(&streamed.figures);
                told = when;
            }
            self.statistics.insert(key, (statistic, told));
        }
        self.known = true;
        self.join();
        self.queues()
    }

    /// Whether there is no room for queues that only a stream tells of.
    pub fn is_full(&self) -> bool {
        self.statistics.len() >= MOST_STATISTICS
    }

    /// One queue of a stream's document: the figures that changed, or a queue that no poll told of yet.
    ///
    /// Nothing before the first poll, and nothing of a queue that cannot be told from the others.
    pub fn streamed(&mut self, update: Statistic, at: Moment) -> Option<Delta> {
        if !self.known {
            return None;
        }
        let key = match &update.named.id {
            Some(_) => self.key(&update.named),
            None => self.by_name(&update.named)?,
        };
        if let Some(since_asked) = &mut self.since_asked {
            since_asked.insert(key.clone());
        }
        if let Some((known, when)) = self.statistics.get_mut(&key) {
            known.figures.overlay(&update.figures);
            *when = at;
        } else if self.is_full() {
            return None;
        } else {
            self.statistics.insert(key.clone(), (update, at));
            self.join();
            let row = self.rows().into_iter().find(|(own, _)| *own == key)?.1;
            return Some(Delta::Queue(Box::new(row)));
        }
        let queue = self.row_id(self.joined.get(&key).unwrap_or(&key));
        Some(Delta::Figures { queue, at, figures: Box::new(update.figures) })
    }

    /// The groups with their agents: both parts that follow from them. The queues only once their own poll
    /// has answered, or will not.
    pub fn grouped(&mut self, groups: Vec<Group>, at: Moment) -> (Option<Part>, Part) {
        self.groups =
            groups.into_iter().map(|group| (self.key(&group.statistic.named), group)).collect();
        self.groups_at = at;
        self.join();
        (self.known.then(|| self.queues()), self.agents())
    }

    /// No statistics can be read: the groups alone tell of queues.
    pub fn without_statistics(&mut self) {
        self.known = true;
    }

    /// The group behind a row, for actions: its number and its domain. A queue of the statistics alone is none.
    pub fn group(&self, queue: &QueueId) -> Option<&Key> {
        let summaries = self
            .statistics
            .iter()
            .filter(|(_, (statistic, _))| statistic.own_login.is_some())
            .map(|(key, _)| key);
        self.groups.keys().chain(summaries).find(|key| self.row_id(key) == *queue)
    }

    /// The calls of each group were counted anew; the next reading of queues tells it.
    pub fn measured(&mut self, measured: BTreeMap<String, Logged>) {
        self.measured = measured;
    }

    /// The queues, once the statistics were read.
    pub fn known_queues(&self) -> Option<Part> {
        self.known.then(|| self.queues())
    }

    /// People whom the groups tell of by an id.
    pub fn people(&self) -> BTreeSet<&str> {
        let members = self.groups.values().filter_map(|group| group.agents.as_ref()).flatten();
        members.filter_map(|member| member.id.as_deref()).collect()
    }

    /// The queue of a group that is told of by its number alone: the source's own, else the only other.
    pub fn queue_of(&self, group: &str) -> QueueId {
        let own = Key { domain: self.domain.clone(), id: group.to_owned() };
        let mut others = self.groups.keys().filter(|key| key.id == group);
        match (self.groups.contains_key(&own), others.next(), others.next()) {
            (false, Some(other), None) => self.row_id(other),
            _ => self.row_id(&own),
        }
    }

    fn key(&self, named: &Named) -> Key {
        let id = match (&named.id, &named.name) {
            (Some(id), _) => id.clone(),
            (None, Some(name)) => format!("name:{name}"),
            (None, None) => String::new(),
        };
        Key { domain: named.domain.clone().unwrap_or_else(|| self.domain.clone()), id }
    }

    fn by_name(&self, named: &Named) -> Option<Key> {
        let name = named.name.as_ref()?;
        let mut fitting = self.statistics.iter().filter(|(key, (statistic, _))| {
            statistic.named.name.as_ref() == Some(name)
                && named.domain.as_ref().is_none_or(|domain| *domain == key.domain)
        });
        let (key, _) = fitting.next()?;
        fitting.next().is_none().then(|| key.clone())
    }

    /// The row's identity: the number alone in the source's own domain.
    fn row_id(&self, key: &Key) -> QueueId {
        match key.domain == self.domain {
            true => QueueId::new(&key.id),
            false => QueueId::new(format!("{}@{}", key.id, key.domain)),
        }
    }

    /// Finds anew which group each statistic belongs to.
    fn join(&mut self) {
        let mut twins: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (key, (statistic, _)) in &self.statistics {
            if let Some(name) = &statistic.named.name {
                *twins.entry((&key.domain, name)).or_default() += 1;
            }
        }
        let mut alone: BTreeMap<(&str, &str), Vec<&Key>> = BTreeMap::new();
        for (key, group) in &self.groups {
            if let Some(name) = &group.statistic.named.name
                && !self.statistics.contains_key(key)
            {
                alone.entry((&key.domain, name)).or_default().push(key);
            }
        }
        let group_of = |key: &Key, statistic: &Statistic| {
            if self.groups.contains_key(key) {
                return Some(key.clone());
            }
            let name = (key.domain.as_str(), &**statistic.named.name.as_ref()?);
            match (twins.get(&name), alone.get(&name).map(Vec::as_slice)) {
                (Some(1), Some([group])) => Some((*group).clone()),
                _ => None,
            }
        };
        self.joined = self
            .statistics
            .iter()
            .filter_map(|(key, (statistic, _))| Some((key.clone(), group_of(key, statistic)?)))
            .collect();
        let (mut by_number, mut by_name) = (BTreeMap::new(), BTreeMap::new());
        let groups = self.groups.iter().map(|(key, group)| (key, &group.statistic));
        let statistics = self.statistics.iter().map(|(key, (statistic, _))| (key, statistic));
        for (key, statistic) in statistics.chain(groups) {
            let queue = self.row_id(self.joined.get(key).unwrap_or(key));
            claim(&mut by_number, statistic.number.as_deref().map(digits), &queue);
            claim(&mut by_name, statistic.named.name.as_ref().map(ToString::to_string), &queue);
        }
        (self.by_number, self.by_name) = (by_number, by_name);
    }

    fn queues(&self) -> Part {
        Part::Queues(self.rows().into_iter().map(|(_, row)| row).collect())
    }

    /// Every queue, with the key of its statistic, or of its group where it has none.
    fn rows(&self) -> Vec<(Key, Queue)> {
        let mut joined: BTreeSet<&Key> = BTreeSet::new();
        let mut rows: Vec<(Key, Queue)> = Vec::new();
        for (key, (statistic, at)) in &self.statistics {
            let group_key = self.joined.get(key);
            let group = group_key.and_then(|key| self.groups.get(key));
            joined.extend(group_key);
            let mut figures =
                group.map(|group| group.statistic.figures.clone()).unwrap_or_default();
            figures.overlay(&statistic.figures);
            let key_of_id = group_key.unwrap_or(key);
            figures.logged = self.measured.get(&key_of_id.id).copied();
            let id = self.row_id(key_of_id);
            rows.push((key.clone(), row(id, QUEUES, *at, statistic, group, figures)));
        }
        for (key, group) in &self.groups {
            if !joined.contains(key) {
                let statistic = &group.statistic;
                let mut figures = statistic.figures.clone();
                figures.logged = self.measured.get(&key.id).copied();
                let id = self.row_id(key);
                let row = row(id, AGENTS, self.groups_at, statistic, Some(group), figures);
                rows.push((key.clone(), row));
            }
        }
        rows
    }

    fn agents(&self) -> Part {
        let twice = self.listed_twice();
        let mut people: BTreeMap<AgentKey, Agent> = BTreeMap::new();
        for (key, group) in &self.groups {
            let members = group.agents.as_deref().unwrap_or_default();
            for (position, member) in members.iter().enumerate() {
                let queue = self.row_id(key);
                let id = match &member.id {
                    Some(id) => Some(AgentId::new(id)),
                    None if twice.contains(member.name.as_str()) => None,
                    None => self.agent_ids.get(&member.name).map(AgentId::new),
                };
                let row = match &id {
                    Some(id) => AgentKey::new(id.raw()),
                    None if twice.contains(member.name.as_str()) => {
                        AgentKey::new(format!("{}/{}/{}", queue.raw(), position, member.name))
                    }
                    None => AgentKey::new(&member.name),
                };
                let name = match member.name.is_empty() {
                    true => Shown::clean(member.id.as_deref().unwrap_or("–")),
                    false => Shown::clean(&member.name),
                };
                let person = people.entry(row.clone()).or_insert_with(|| Agent {
                    key: row,
                    id,
                    name,
                    state: AgentState::Other,
                    reason: None,
                    since: None,
                    memberships: Vec::new(),
                    presence: Presence::default(),
                    feed: FeedName::new(AGENTS),
                    updated: self.groups_at,
                });
                person.memberships.push(membership(queue, group, member));
            }
        }
        for person in people.values_mut() {
            (person.state, person.reason) = Agent::overall(&person.memberships);
        }
        Part::Agents(people.into_values().collect())
    }

    /// Names without an id that one group lists twice: they are not one person.
    fn listed_twice(&self) -> BTreeSet<&str> {
        let mut twice = BTreeSet::new();
        for group in self.groups.values() {
            let mut once = BTreeSet::new();
            for member in group.agents.as_deref().unwrap_or_default() {
                if member.id.is_none() && !once.insert(member.name.as_str()) {
                    twice.insert(member.name.as_str());
                }
            }
        }
        twice
    }
}

/// Who of these people can be followed.
pub fn people(agents: &Part) -> People {
    let Part::Agents(rows) = agents else { return People::default() };
    let (named, nameless): (Vec<&Agent>, Vec<_>) = rows.iter().partition(|row| row.id.is_some());
    let on_duty = named.into_iter().filter(|row| row.state != AgentState::LoggedOut);
    People {
        on_duty: on_duty.filter_map(|row| row.id.clone()).collect(),
        nameless: nameless.len(),
        known: true,
    }
}

/// Numbers are compared by their digits alone: they are written in many ways.
impl legs::Queues for Tables {
    fn find(&self, number: Option<&str>, name: Option<&str>) -> Option<QueueId> {
        let by_number = number.and_then(|number| self.by_number.get(&digits(number)));
        by_number.or_else(|| self.by_name.get(name?))?.clone()
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Notes which queue something stands for; what several claim stands for none.
fn claim(of: &mut BTreeMap<String, Option<QueueId>>, what: Option<String>, queue: &QueueId) {
    let Some(what) = what.filter(|what| !what.is_empty()) else { return };
    let claimed = of.entry(what).or_insert_with(|| Some(queue.clone()));
    if claimed.as_ref() != Some(queue) {
        *claimed = None;
    }
}

fn row(
    id: QueueId,
    feed: &str,
    updated: Moment,
    statistic: &Statistic,
    group: Option<&Group>,
    figures: Figures,
) -> Queue {
    let about = About {
        kind: group.and_then(|group| group.statistic.kind.clone()).or(statistic.kind.clone()),
        distribution: group.and_then(|group| group.distribution.clone()),
        roles: group.map(|group| group.roles.clone()).unwrap_or_default(),
    };
    let group = group.map(|group| &group.statistic);
    let name = statistic.named.name.clone().or_else(|| group?.named.name.clone());
    let night = group.and_then(|group| group.night_mode).or(statistic.night_mode);
    Queue {
        name: name.unwrap_or_else(|| id.shown()),
        number: statistic.number.clone().or_else(|| group?.number.clone()),
        open: night.map(|night| if night { Open::Closed } else { Open::Open }),
        open_detail: None,
        own_login: group.and_then(|group| group.own_login).or(statistic.own_login),
        about,
        feed: FeedName::new(feed),
        figures,
        updated,
        id,
    }
}

fn membership(queue: QueueId, group: &Group, member: &Member) -> Membership {
    let (state, reason) = match (member.logged_in, member.available) {
        (Some(false), _) => (AgentState::LoggedOut, None),
        (Some(true), Some(true)) => (AgentState::Available, None),
        (Some(true), Some(false)) => (AgentState::NotReady, member.activity.clone()),
        (Some(true), None) | (None, _) => (AgentState::Other, member.activity.clone()),
    };
    let name = group.statistic.named.name.clone().unwrap_or_else(|| queue.shown());
    Membership {
        queue,
        name,
        logged_in: member.logged_in,
        state,
        reason,
        priority: member.priority,
        skill: member.skill,
    }
}
