//! What a command that ends reads: its own and nothing else, since the minute's calls are few.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;

use super::{Nimbus, SERVICES, entries_path, feed, hinted, wire};
use crate::clock;
use crate::event::SourceEvent;
use crate::floor::Part;
use crate::floor::link::FeedKind;
use crate::source::Line;
use crate::source::feed::{Failure, Reporter};
use crate::source::gaze::{Books, Entries, Needs};
use crate::transport::lenient::Tally;
use crate::transport::poll::LOOK;

/// The feed of a test of access, where nothing else is read.
const ACCESS: &str = "access";

/// The feed of the lookup of priorities.
const PRIORITIES: &str = "priorities";

/// The feed of the lookups that tasks are made of.
const TASKS: &str = "task lookups";

impl Nimbus {
    /// Reads what is needed, once; what a change may show in is read again when somebody asks.
    pub(super) async fn read_needed(self: Arc<Self>, line: Line, needs: Needs) {
        let books = match &self.settings.address_books {
            Some(none) if none.is_empty() => Books::None,
            _ => needs.books.clone(),
        };
        let tasks = [needs.task_services, needs.task_priorities, needs.task_users];
        let has_tasks = tasks.contains(&true);
        let lists = matches!(needs.entries, Entries::All | Entries::With(_));
        let looks_up = needs.services || lists;
        let of = match &needs.entries {
            Entries::Of(service) => Some(service.clone()),
            Entries::None | Entries::All | Entries::With(_) => None,
        };
        let is_any = books != Books::None
            || [has_tasks, looks_up, needs.priorities, of.is_some()].contains(&true);
        // All feeds are told of before one of them answers; the books' is opened where they are read.
        let open = async |name, kind, wanted: bool| match wanted {
            true => Some(Reporter::open(&line.outbox, name, kind, None).await),
            false => None,
        };
        let access = open(ACCESS, FeedKind::Poll, !is_any).await;
        let priorities = open(PRIORITIES, FeedKind::Aside, needs.priorities).await;
        let lookups = open(TASKS, FeedKind::Aside, has_tasks).await;
        let services = open(SERVICES, FeedKind::Poll, looks_up).await;
        let every = self.settings.poll;
        let one = match of {
            Some(service) => Some((self.open(&line, &service, every).await, service)),
            None => None,
        };
        let reading_books = Arc::clone(&self).follow_books(line.clone(), books);
        let reading_one = async {
            if let Some((reporter, service)) = one {
                Arc::clone(&self).follow(line.clone(), reporter, service, every).await;
            }
        };
        let testing = async {
            if let Some(reporter) = access {
                told(reporter, self.test().await.map_err(|error| hinted(error, ""))).await;
            }
        };
        let reading_priorities = async {
            let Some(reporter) = priorities else { return };
            let read = self.read("v1/scheduler-entries/distribution-priorities").await;
            if let Ok(answer) = &read {
                let part = Part::Priorities(wire::priorities(answer));
                line.outbox.send(SourceEvent::Snapshot(part)).await;
            }
            told(reporter, read.map(drop).map_err(|error| hinted(error, ""))).await;
        };
        let reading_tasks = async {
            let Some(reporter) = lookups else { return };
            told(reporter, self.tell_tasking(&line, tasks).await).await;
        };
        let reading_services = async {
            let Some(reporter) = services else { return };
            match self.services().await {
                Ok(services) => {
                    self.tell_services(&line, &services).await;
                    self.read_lists(&line, &needs.entries, services, reporter).await;
                }
                Err(error) => told(reporter, Err(hinted(error, ""))).await,
            }
        };
        tokio::join!(
            reading_books,
            reading_one,
            testing,
            reading_priorities,
            reading_tasks,
            reading_services
        );
    }

    /// Reads the entries of services: of all, or of one after the other until those that are meant were found.
    async fn read_lists(
        self: &Arc<Self>,
        line: &Line,
        entries: &Entries,
        services: Vec<String>,
        reporter: Reporter,
    ) {
        match entries {
            Entries::None | Entries::Of(_) => told(reporter, Ok(())).await,
            Entries::All => {
                let every = self.settings.poll;
                let mut readers = Vec::new();
                for service in services {
                    let own = self.open(line, &service, every).await;
                    readers.push(Arc::clone(self).follow(line.clone(), own, service, every));
                }
                told(reporter, Ok(())).await;
                join_all(readers).await;
            }
            Entries::With(ids) => {
                let mut missing: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
                let (mut holding, mut failed) = (Vec::new(), None);
                for service in services {
                    if missing.is_empty() {
                        break;
                    }
                    match self.tell_entries(line, &service).await {
                        Ok(found) => {
                            let before = missing.len();
                            missing.retain(|id| !found.contains(*id));
                            if missing.len() < before {
                                holding.push(service);
                            }
                        }
                        Err(failure) => failed = Some(failure),
                    }
                }
                let failed = failed.filter(|_| !missing.is_empty());
                told(reporter, failed.map_or(Ok(()), Err)).await;
                join_all(holding.iter().map(|service| self.read_when_asked(line, service))).await;
            }
        }
    }

    /// Reads the entries of a service again whenever somebody asks.
    async fn read_when_asked(&self, line: &Line, service: &str) {
        let mut ears = self.wake_of(service).listen();
        loop {
            ears.heard().await;
            // What cannot be read shows nothing, and whoever waits for it waits in vain.
            let _ = self.tell_entries(line, service).await;
        }
    }

    /// Reads the entries of a service and tells them; returns their identities.
    async fn tell_entries(&self, line: &Line, service: &str) -> Result<BTreeSet<String>, Failure> {
        let read = self.read(&entries_path(service)).await;
        let answer = read.map_err(|error| hinted(error, service))?;
        let (feed, mut tally) = (feed(service), Tally::default());
        let rows = wire::entries(&answer, &feed, service, clock::moment(), &mut tally);
        let ids = rows.iter().map(|row| row.id.raw().to_owned()).collect();
        let part = Part::Entries { feed: feed.as_str().into(), rows };
        line.outbox.send(SourceEvent::Snapshot(part)).await;
        line.tell_unknown(&mut tally).await;
        Ok(ids)
    }
}

/// Says how a feed that is read once is doing.
async fn told(mut reporter: Reporter, result: Result<(), Failure>) {
    match result {
        Ok(()) => reporter.up(None).await,
        Err(failure) if failure.error.wants_person() => {
            reporter.unauthorized(failure.shown(), LOOK).await;
        }
        Err(failure) => reporter.down(failure.shown(), LOOK).await,
    }
}
