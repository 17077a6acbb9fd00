//! What events tell of tasks, services and scheduler entries.

use std::collections::{BTreeMap, BTreeSet};

use super::MOST;
use crate::floor::World;
use crate::floor::id::{AgentKey, EntryId, QueueId, TaskId};
use crate::floor::queue::Queue;
use crate::floor::scheduler::Entry;
use crate::floor::service::Service;
use crate::floor::task::{Step, Task};
use crate::floor::time::{Moment, Told};
use crate::text::Shown;

/// Whether two destinations are the same, or one of them is not told.
fn alike(one: Option<&Shown>, other: Option<&Shown>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.to_lowercase() == other.to_lowercase(),
        _ => true,
    }
}

/// Tasks among which those are looked for that are over.
const TOGETHER: usize = 256;

impl World {
    /// Takes in what an event told of a task.
    pub(super) fn tell_task(&mut self, id: &TaskId, step: Step) -> bool {
        // What is told again after a restart is told fast: the tasks of yesterday make room for those of today.
        if self.tasks.len() % TOGETHER == TOGETHER - 1 {
            self.leave(step.told.moment);
        }
        let told = step.told;
        let (service, name) = (step.facts.service.clone(), step.facts.service_name.clone());
        let number = step.facts.service_number.clone();
        let named = step.facts.agent.clone();
        let Some(task) = self.tasks.entry(id, Some(told), || Task::new(id.clone())) else {
            return false;
        };
        let (before, had) = (task.facts.service.clone(), task.facts.agent.clone());
        if !task.take(step) {
            return false;
        }
        let (after, has) = (task.facts.service.clone(), task.facts.agent.clone());
        if let Some(queue) = &service
            && (self.services.contains_key(queue) || self.services.len() < MOST)
        {
            let service = self.services.get_or_insert_with(queue.clone(), Service::default);
            service.hear(told, name.as_ref(), number.as_ref());
        } else if let Some(queue) = &service {
            self.left_out.queue(queue);
        }
        for queue in [&before, &service].into_iter().flatten().chain(&after) {
            self.show_service(queue, told.moment);
        }
        self.join_attempts(|own| own.id == *id);
        let people: BTreeSet<AgentKey> = [had, has, named].into_iter().flatten().collect();
        for agent in &people {
            self.show_person(agent, told);
        }
        true
    }

    /// Every event of a service is told from now on.
    pub(super) fn register(&mut self, queue: &QueueId, since: Moment) -> bool {
        if !self.services.contains_key(queue) && self.services.len() >= MOST {
            return false;
        }
        let took = self.services.get_or_insert_with(queue.clone(), Service::default).begin(since);
        if took {
            self.show_service(queue, since);
        }
        took
    }

    /// Takes in what an event told of a scheduler entry. One that no list told of yet stands where its list will.
    pub(super) fn tell_entry(&mut self, told: Told, entry: Entry) -> bool {
        let row = match self.entries.get(&entry.id).cloned() {
            // An event of before the reading says nothing that the list does not say better, but its attempts.
            Some(known) if told.among_readings() < known.updated => {
                Entry { attempts: entry.attempts.max(known.attempts), ..known }
            }
            Some(known) => known.told(entry),
            None if self.entries.len() >= MOST => return false,
            None => entry,
        };
        let reference = row.reference.clone();
        self.entries.insert(row);
        if reference.is_some() {
            self.join_attempts(|task| task.facts.reference == reference);
        }
        true
    }

    /// Gives entries the attempts that their tasks tell: the list of entries knows none. A task is of the entry with the
    /// same reference, service and destination; where several entries fit, it is of none.
    pub(in crate::floor) fn join_attempts(&mut self, of: impl Fn(&Task) -> bool) {
        let mut told = self.tasks.values().filter(|task| of(task)).filter_map(|task| {
            let facts = &task.facts;
            Some((facts.reference.as_ref()?, facts.attempts?, facts))
        });
        let Some(first) = told.next() else { return };
        let mut by_reference: BTreeMap<Shown, Vec<EntryId>> = BTreeMap::new();
        for entry in self.entries.values() {
            if let Some(reference) = &entry.reference {
                by_reference.entry(reference.clone()).or_default().push(entry.id.clone());
            }
        }
        for (reference, attempts, facts) in std::iter::once(first).chain(told) {
            let fits = |entry: &Entry| {
                let service = facts.service.as_ref();
                service.is_none_or(|own| entry.service.to_lowercase() == own.raw())
                    && alike(facts.party.as_ref(), entry.destination.as_ref())
            };
            let named = by_reference.get(reference).into_iter().flatten();
            let mut fitting = named.filter(|id| self.entries.get(*id).is_some_and(fits));
            if let (Some(id), None) = (fitting.next(), fitting.next()) {
                self.entries.edit(id, |entry| entry.attempts = entry.attempts.max(Some(attempts)));
            }
        }
    }

    /// Lets tasks leave whose time has come, and counts those no more of which track was lost.
    pub(super) fn tick_tasks(&mut self, now: Moment) -> bool {
        let left = self.leave(now);
        if self.services.is_empty() {
            return left;
        }
        // Both, whatever the first one says.
        self.show_services(now) | self.show_people(now) | left
    }

    /// Lets tasks leave; what they were counted as stays.
    fn leave(&mut self, now: Moment) -> bool {
        let left = self.tasks.tick(now);
        for task in &left {
            let service = task.facts.service.as_ref();
            if let Some(service) = service.and_then(|queue| self.services.get_mut(queue)) {
                service.lose(task);
            }
        }
        !left.is_empty()
    }

    /// Shows every service as its tasks have it; returns whether any differs from what was shown.
    pub(in crate::floor) fn show_services(&mut self, now: Moment) -> bool {
        if self.services.is_empty() {
            return false;
        }
        let mut own: BTreeMap<&QueueId, Vec<&Task>> = BTreeMap::new();
        for task in self.tasks.values() {
            if let Some(queue) = &task.facts.service {
                own.entry(queue).or_default().push(task);
            }
        }
        let rows: Vec<Queue> = self
            .services
            .iter()
            .map(|(queue, service)| {
                let tasks = own.get(queue).into_iter().flatten().copied();
                service.row(queue, tasks, now)
            })
            .collect();
        let mut differs = false;
        for row in rows {
            let shown = self.queues.get(&row.id) == Some(&row);
            if !shown {
                self.queues.insert(row);
                differs = true;
            }
        }
        differs
    }

    fn show_service(&mut self, queue: &QueueId, now: Moment) {
        let Some(service) = self.services.get(queue) else { return };
        let own = |task: &&Task| task.facts.service.as_ref() == Some(queue);
        let row = service.row(queue, self.tasks.values().filter(own), now);
        let name = row.name.clone();
        let former = self.queues.insert(row);
        if former.is_some_and(|former| former.name != name) {
            self.call_seats(queue, &name);
        }
    }
}
