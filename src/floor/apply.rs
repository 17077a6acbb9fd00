//! How one change comes into a world: each by the time at which it was so, not by the order in which it came.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::floor::agent::{Agent, AgentState, Membership};
use crate::floor::call::{Call, Count, Place, Step};
use crate::floor::callback::{self, Callback, CallbackList};
use crate::floor::id::{AgentId, AgentKey, CallId, CallbackId, FeedName, QueueId};
use crate::floor::news::{EVENTS, QueueNews};
use crate::floor::presence::{self, Presence};
use crate::floor::queue::Queue;
use crate::floor::row_map::RowMap;
use crate::floor::time::{Latest, Moment, Told};
use crate::floor::{Delta, Kind, World};
use crate::text::Shown;

pub(super) use self::legs::settle;

mod legs;
mod people;
mod tasks;

/// People, and queues, that events may add: more are no site's, and must not fill the memory.
const MOST: usize = 20_000;

impl World {
    /// Applies one change; returns whether it was taken: it was neither too early nor too late.
    pub fn apply(&mut self, delta: Delta) -> bool {
        let of_rows = matches!(delta, Delta::Figures { .. } | Delta::Queue(_) | Delta::List { .. });
        let took = self.take(delta);
        // Rows count their own changes.
        self.changes.0 += u64::from(took && !of_rows);
        took
    }

    fn take(&mut self, delta: Delta) -> bool {
        match delta {
            Delta::Figures { queue, at, figures } => match self.queues.get(&queue) {
                Some(row) if self.queues_known && row.updated <= at => {
                    self.queues.edit(&queue, |row| {
                        row.figures.overlay(&figures);
                        row.updated = at;
                    });
                    true
                }
                _ => false,
            },
            Delta::Queue(row) => match self.queues.get(&row.id) {
                Some(known) if known.updated > row.updated => false,
                _ if !self.queues_known => false,
                None if self.queues.len() >= MOST => {
                    self.left_out.queue(&row.id);
                    false
                }
                _ => {
                    self.queues.insert(*row);
                    true
                }
            },
            Delta::QueueStatus { queue, told, status } => {
                self.tell_queue(&queue, |news| Latest::keep(&mut news.status, told, *status))
            }
            Delta::QueueDay { queue, told, day } => {
                self.tell_queue(&queue, |news| news.set_day(told, *day))
            }
            Delta::QueueSettings { queue, told, settings } => {
                self.tell_queue(&queue, |news| news.set(told, *settings))
            }
            Delta::Members { queue, told, members } => {
                for member in &members {
                    self.meet(&member.agent, told, None);
                }
                // Whoever the former list or a change names may have lost a seat.
                let former = self.news.get(&queue).into_iter().flat_map(QueueNews::people);
                let people: BTreeSet<AgentKey> =
                    members.iter().map(|member| &member.agent).chain(former).cloned().collect();
                let took =
                    self.tell_queue(&queue, |news| Latest::keep(&mut news.members, told, members));
                if took {
                    for agent in &people {
                        self.seat(&queue, agent);
                    }
                }
                took
            }
            Delta::Member { queue, told, agent, member } => {
                self.meet(&agent, told, None);
                let took = self.tell_queue(&queue, |news| {
                    let mut slot = news.changes.remove(&agent);
                    let took = Latest::keep(&mut slot, told, member);
                    news.changes.extend(slot.map(|latest| (agent.clone(), latest)));
                    took
                });
                if took {
                    self.seat(&queue, &agent);
                }
                took
            }
            Delta::Agent { agent, told, name, fact } => self.tell_agent(&agent, told, name, fact),
            Delta::Call { call, step } => self.tell_call(&call, *step),
            Delta::Legs { agent, told, full, met, legs } => {
                self.tell_legs(&agent, told, full, met, legs)
            }
            Delta::Callback { callback, told, fact } => self.tell_callback(&callback, told, fact),
            Delta::Profile { agent, told, profile } => self.profiles.tell(agent, told, *profile),
            Delta::List { told, list } => self.tell_list(told, *list),
            Delta::Task { task, step } => self.tell_task(&task, *step),
            Delta::Registered { queue, since } => self.register(&queue, since),
            Delta::Entry { told, entry } => self.tell_entry(told, *entry),
        }
    }

    /// Whether [`Self::tick`] may change anything.
    pub(super) fn is_due(&self, now: Moment) -> bool {
        self.calls.is_due(now)
            || self.callbacks.is_due(now)
            || self.tasks.is_due(now)
            || !self.services.is_empty()
    }

    /// Lets go what is over; returns whether anything was. Calls, callbacks and tasks leave by this alone.
    pub fn tick(&mut self, now: Moment) -> bool {
        let calls = self.calls.tick(now);
        for call in &calls {
            for agent in call.holders() {
                self.hand(&call.id, &agent, false);
            }
        }
        let callbacks = self.callbacks.tick(now);
        let tasks = self.tick_tasks(now);
        let changed = !calls.is_empty() || !callbacks.is_empty() || tasks;
        self.changes.0 += u64::from(changed);
        changed
    }

    /// Whether another minute has begun since the calendar last went on: every zone has its midnight at a full minute.
    pub(super) fn is_minute_over(&self, wall: DateTime<Utc>) -> bool {
        let minute = |time: DateTime<Utc>| time.timestamp().div_euclid(60);
        self.wall.0.is_none_or(|before| minute(before) != minute(wall))
    }

    /// Lets the calendar go on: figures of a day that is over in its queue's zone are no longer shown. Returns whether
    /// any was.
    pub(super) fn pass(&mut self, wall: DateTime<Utc>) -> bool {
        if !self.is_minute_over(wall) {
            return false;
        }
        let before = self.wall.0.replace(wall);
        let turned: Vec<QueueId> = self
            .news
            .iter()
            .filter(|(_, news)| {
                news.is_day_over(before) != news.is_day_over(Some(wall))
                    || news.counted(before) != news.counted(Some(wall))
            })
            .map(|(queue, _)| queue.clone())
            .collect();
        for queue in &turned {
            let spelt = self.spelling(queue).clone();
            let former = self.queues.get(&spelt).cloned();
            self.show_queue(queue, former.as_ref());
        }
        !turned.is_empty()
    }

    /// Takes over queues that were read, under what events told later.
    pub(super) fn read_queues(&mut self, rows: Vec<Queue>) {
        let former = self.queues.empty();
        let gone: Vec<QueueId> = self
            .news
            .iter_mut()
            .filter_map(|(queue, news)| news.unread().then(|| queue.clone()))
            .collect();
        self.spelt = RowMap::new();
        for row in rows {
            let row = Queue { feed: self.kept(row.feed), ..row };
            let told = QueueId::new(row.id.raw().to_lowercase());
            if self.kind.spells_ids_alike() && told != row.id {
                self.spelt.insert(told.clone(), row.id.clone());
            }
            match self.news.get_mut(&told) {
                Some(news) => news.read(&row),
                None => {
                    self.queues.insert(row);
                }
            }
        }
        self.queues_known = true;
        for queue in &gone {
            self.news.get_mut(queue).into_iter().for_each(QueueNews::vanish);
        }
        let told: Vec<QueueId> = self.news.keys().cloned().collect();
        for queue in told {
            let former = former.get(self.spelling(&queue));
            self.show_queue(&queue, former);
        }
        self.queues.settle(&former);
    }

    /// Takes over callback lists that were read; those that an event told of later stay as they are.
    pub(super) fn read_lists(&mut self, rows: Vec<CallbackList>) {
        // However an event spelt them.
        let alike = |list: &CallbackList| list.id.raw().to_lowercase();
        let former = self.lists.empty();
        let mut known: BTreeMap<_, _> = former.values().map(|list| (alike(list), list)).collect();
        for mut row in rows {
            if let Some(known) = known.remove(&alike(&row)) {
                let later = known.told.is_some_and(|told| told.among_readings() > row.updated);
                row.told = known.told;
                if later {
                    let name = row.name.or_else(|| known.name.clone());
                    row = CallbackList { id: row.id, name, ..known.clone() };
                }
            }
            self.lists.insert(row);
        }
        self.lists.settle(&former);
    }

    /// How the id of a queue is spelt where it is read.
    fn spelling<'a>(&'a self, queue: &'a QueueId) -> &'a QueueId {
        self.spelt.get(queue).unwrap_or(queue)
    }

    fn tell_queue(&mut self, queue: &QueueId, tell: impl FnOnce(&mut QueueNews) -> bool) -> bool {
        if !self.news.contains_key(queue) {
            if self.news.len() >= MOST {
                self.left_out.queue(queue);
                return false;
            }
            let mut news = QueueNews::default();
            if let Some(row) = self.queue(queue) {
                news.read(row);
            }
            self.news.insert(queue.clone(), news);
        }
        let took = self.news.get_mut(queue).is_some_and(tell);
        if took {
            let spelt = self.spelling(queue).clone();
            let former = self.queues.get(&spelt).cloned();
            self.show_queue(queue, former.as_ref());
        }
        took
    }

    /// Shows a queue as reading and news have it.
    fn show_queue(&mut self, queue: &QueueId, former: Option<&Queue>) {
        let Some(news) = self.news.get(queue) else { return };
        let row = news.row(queue, &FeedName::new(EVENTS), self.wall.0);
        let row = row.filter(|_| news.is_read() || !self.hidden.contains(queue));
        let renamed = row.as_ref().map(|row| &row.name) != former.map(|row| &row.name);
        match row {
            Some(row) => {
                self.queues.insert(row);
            }
            None => {
                let spelt = self.spelling(queue).clone();
                self.queues.remove(&spelt);
            }
        }
        if renamed {
            let people: Vec<AgentKey> =
                self.news.get(queue).into_iter().flat_map(QueueNews::people).cloned().collect();
            for agent in &people {
                self.seat(queue, agent);
            }
        }
    }

    /// Makes an agent of whom nobody told yet, with the name that came along.
    fn meet(&mut self, agent: &AgentKey, told: Told, name: Option<Shown>) -> bool {
        if !self.agents.contains_key(agent) {
            if self.agents.len() >= MOST {
                self.left_out.person(agent);
                return false;
            }
            self.agents.insert(stranger(agent, told));
        }
        let met = self.agents.edit(agent, |known| {
            known.updated = known.updated.max(told.moment);
            let Some(name) = name else { return };
            Latest::keep(&mut known.presence.name, told, name);
            // Who was read of has the name that was read.
            if let (EVENTS, Some(latest)) = (known.feed.raw(), &known.presence.name) {
                known.name = latest.value.clone();
            }
        });
        met.is_some()
    }

    fn tell_agent(
        &mut self,
        agent: &AgentKey,
        told: Told,
        name: Option<Shown>,
        fact: presence::Fact,
    ) -> bool {
        if !self.meet(agent, told, name) {
            return false;
        }
        self.agents.edit(agent, |known| known.presence.take(told, fact));
        self.stand(agent);
        true
    }

    fn tell_call(&mut self, id: &CallId, step: Step) -> bool {
        let (told, facts) = (step.told, step.facts.clone());
        let moves = step.what.moves().then_some(told);
        let Some(call) = self.calls.entry(id, moves, || Call::new(id.clone())) else {
            return false;
        };
        let (before, counted) = (call.holders(), call.counts.clone());
        let took = call.take(step);
        let (after, counts) = (call.holders(), call.counts.clone());
        if let Some(agent) = facts.agent.as_ref().filter(|_| moves.is_some()) {
            self.meet(agent, told, facts.agent_name);
        }
        if took {
            for agent in before.difference(&after) {
                self.hand(id, agent, false);
            }
            for agent in &after {
                self.hand(id, agent, true);
            }
        }
        if let Some(Place::Queue(queue)) = &facts.place {
            self.tell_queue(queue, |news| news.tally.hear(told.at));
        }
        self.recount(&counted, &counts);
        took
    }

    /// Counts a call as what it is now, and no more as what it was.
    fn recount(&mut self, before: &[Count], after: &[Count]) {
        let same = before.iter().zip(after).take_while(|(before, after)| before == after).count();
        let less = before.iter().skip(same).map(|count| (count, false));
        let more = after.iter().skip(same).map(|count| (count, true));
        for (count, more) in less.chain(more) {
            self.tell_queue(&count.queue, |news| {
                news.tally.change(count, more);
                true
            });
        }
    }

    /// Rows of queues that events alone tell of are made of what they told.
    pub(super) fn show_told(&mut self) {
        if self.queues_known {
            return;
        }
        let told: Vec<QueueId> = self.news.keys().cloned().collect();
        for queue in &told {
            let former = self.queues.get(queue).cloned();
            self.show_queue(queue, former.as_ref());
        }
    }

    /// Hides queues that are read and are of a kind that is not shown.
    pub(super) fn hide_queues(&mut self, queues: Vec<QueueId>) {
        self.hidden = queues.into_iter().map(|id| QueueId::new(id.raw().to_lowercase())).collect();
        let told: Vec<QueueId> = self.hidden.iter().cloned().collect();
        for queue in &told {
            let former = self.queues.get(queue).cloned();
            self.show_queue(queue, former.as_ref());
        }
    }

    /// Puts a call into somebody's hands, or takes it out of them.
    fn hand(&mut self, call: &CallId, agent: &AgentKey, has: bool) {
        self.agents.edit(agent, |known| match has {
            true => known.presence.calls.insert(call.clone()),
            false => known.presence.calls.remove(call),
        });
        self.stand(agent);
    }

    fn tell_callback(&mut self, id: &CallbackId, told: Told, fact: callback::Fact) -> bool {
        let returns = matches!(fact, callback::Fact::Record(_)).then_some(told);
        let new = || Callback::new(id.clone());
        self.callbacks.entry(id, returns, new).is_some_and(|callback| callback.take(told, fact))
    }

    fn tell_list(&mut self, told: Told, list: CallbackList) -> bool {
        let known = self.list(&list.id);
        let older = known.is_some_and(|known| {
            known.told.is_some_and(|before| !told.replaces(&before))
                || told.among_readings() < known.updated
        });
        if older {
            return false;
        }
        let name = list.name.clone().or_else(|| known.and_then(|known| known.name.clone()));
        let id = known.map_or_else(|| list.id.clone(), |known| known.id.clone());
        self.lists.insert(CallbackList { id, told: Some(told), name, ..list });
        true
    }

    /// Seats an agent in a queue as list and changes have it.
    fn seat(&mut self, queue: &QueueId, agent: &AgentKey) {
        let Some(news) = self.news.get(queue) else { return };
        let spelt = self.spelt.get(queue).unwrap_or(queue);
        let name = self.queues.get(spelt).map_or_else(|| queue.shown(), |row| row.name.clone());
        self.agents.edit(agent, |known| {
            known.memberships.retain(|own| own.queue != *spelt && own.queue != *queue);
            let Some(member) = news.member(agent) else { return };
            let seat = Membership {
                queue: spelt.clone(),
                name,
                logged_in: member.active,
                state: AgentState::Other,
                reason: None,
                priority: member.priority,
                skill: None,
            };
            let place = known.memberships.partition_point(|other| other.queue < *spelt);
            known.memberships.insert(place, seat);
        });
        self.stand(agent);
    }

    /// Sets an agent's state, over all and in each queue, to what is known of the person.
    fn stand(&mut self, agent: &AgentKey) {
        let (calls, kind) = (&self.calls, self.kind);
        self.agents.edit(agent, |known| {
            if kind == Kind::Telepo {
                let before = known.state.clone();
                let since = settle(known, calls, kind);
                if known.state != before {
                    known.since = since;
                }
                return;
            }
            let own = known.presence.calls.iter().filter_map(|id| calls.get(id));
            let standing = known.presence.standing(agent, own);
            for membership in &mut known.memberships {
                (membership.state, membership.reason) = match membership.logged_in {
                    Some(false) => (AgentState::LoggedOut, None),
                    _ => (standing.state.clone(), standing.reason.clone()),
                };
            }
            (known.state, known.reason) = (standing.state, standing.reason);
            known.since = standing.since;
        });
    }
}

/// A person of whom only events tell.
fn stranger(agent: &AgentKey, told: Told) -> Agent {
    Agent {
        key: agent.clone(),
        id: Some(AgentId::new(agent.raw())),
        name: agent.shown(),
        state: AgentState::Other,
        reason: None,
        since: None,
        memberships: Vec::new(),
        presence: Presence::default(),
        feed: FeedName::new(EVENTS),
        updated: told.moment,
    }
}
