//! Luware Nimbus: the outbound scheduler entries of each service, read every so often, and their removal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::StatusCode;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::clock;
use crate::event::SourceEvent;
use crate::floor::Part;
use crate::floor::link::FeedKind;
use crate::operations::{Access, Command, Outcome, Request, RowKind};
use crate::source::feed::{Failure, Poll, Reading, Reporter};
use crate::source::gaze::Books;
use crate::source::settings::{Common, NimbusSettings};
use crate::source::{Line, Probe, Source, rows};
use crate::text::Shown;
use crate::transport::http::{Auth, Client, HttpError, Options, encoded};
use crate::transport::lenient::{Tally, items};
use crate::transport::poll::Wake;
use crate::transport::quota::{Limits, SharedQuota};
use crate::transport::secret::Secret;

use self::triggers::Keeper;

pub mod books;
mod change;
pub mod entra;
pub mod events;
pub mod mailbox;
mod needed;
pub mod signed;
mod tasks;
mod triggers;
pub mod wire;

/// The feed of the lookup of services.
const SERVICES: &str = "services";

/// How often the services are looked up anew: they change by hand.
const SERVICES_EVERY: Duration = Duration::from_secs(15 * 60);

/// Polls that the quota grants a minute; more services are read less often.
const POLLS_A_MINUTE: u32 = 75;

/// One Nimbus tenant.
pub struct Nimbus {
    settings: NimbusSettings,
    common: Common,
    client: Client,
    access: Access,
    /// Who asks the reading of each service: after a change its own is read again, no other.
    wakes: Mutex<BTreeMap<String, Wake>>,
}

impl Nimbus {
    /// A tenant that has not been connected to.
    ///
    /// # Errors
    /// Settings of which no client can be made.
    pub fn new(
        common: &Common,
        settings: &NimbusSettings,
        access: Access,
    ) -> Result<Self, HttpError> {
        let options = Options {
            transport: common.transport.clone(),
            auth: Auth::bearer(Secret::new(settings.token.clone())),
            access,
            quota: Some(SharedQuota::new(Limits::PER_MINUTE)),
            clock: Some(settings.clock.clone()),
        };
        Ok(Self {
            settings: settings.clone(),
            common: common.clone(),
            client: Client::new(options)?,
            access,
            wakes: Mutex::default(),
        })
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.settings.base_url.as_str().trim_end_matches('/'))
    }

    async fn read(&self, path: &str) -> Result<Value, HttpError> {
        let request = self.client.get(&self.url(path))?.accept("application/json");
        self.client.send(request.polled()).await?.json()
    }

    /// The services whose entries can be read: as configured, else as the lookup tells.
    async fn services(&self) -> Result<Vec<String>, HttpError> {
        match &self.settings.services {
            Some(services) => Ok(services.clone()),
            None => {
                let answer = self.read("v1/scheduler-entries/service-contacts").await?;
                Ok(items(&answer, "value")
                    .into_iter()
                    .filter_map(|item| item.as_str().map(str::to_owned))
                    .collect())
            }
        }
    }

    fn interval(&self, services: usize) -> Duration {
        interval(self.settings.poll, services)
    }

    fn wakes(&self) -> MutexGuard<'_, BTreeMap<String, Wake>> {
        self.wakes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake_of(&self, service: &str) -> Wake {
        self.wakes().entry(service.to_owned()).or_default().clone()
    }

    /// Whoever asks the source asks every service.
    async fn pass_on(self: Arc<Self>, wake: Wake) {
        let mut ears = wake.listen();
        loop {
            ears.heard().await;
            self.wakes().values().for_each(Wake::all);
        }
    }

    /// Looks the priorities up, for whoever makes entries; without them an entry has the vendor's own.
    async fn look_up(self: Arc<Self>, line: Line) {
        let mut told = false;
        loop {
            let wait = match self.read("v1/scheduler-entries/distribution-priorities").await {
                Ok(answer) => {
                    let part = Part::Priorities(wire::priorities(&answer));
                    line.outbox.send(SourceEvent::Snapshot(part)).await;
                    SERVICES_EVERY
                }
                Err(HttpError::Quota { wait }) => wait,
                Err(error) => {
                    if !std::mem::replace(&mut told, true) {
                        let text =
                            format!("priorities are not known: {}", hinted(error, "").shown());
                        line.outbox.send(SourceEvent::Said(Shown::clean(&text))).await;
                    }
                    SERVICES_EVERY
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn tell_services(&self, line: &Line, services: &[String]) {
        let services = services.iter().map(|service| Shown::clean(service)).collect();
        line.outbox.send(SourceEvent::Snapshot(Part::Services(services))).await;
    }

    /// The feed of a service that is to be read every so often. It is told of before anybody is told that all
    /// services are known.
    async fn open(&self, line: &Line, service: &str, every: Duration) -> Reporter {
        let limit = Some(self.common.limit(every));
        Reporter::open(&line.outbox, &feed(service), FeedKind::Poll, limit).await
    }

    /// Reads a service for as long as the source runs.
    async fn follow(
        self: Arc<Self>,
        line: Line,
        reporter: Reporter,
        service: String,
        every: Duration,
    ) {
        let feed = feed(&service);
        let mut tally = Tally::default();
        let line = Line { wake: self.wake_of(&service), ..line };
        let mut poll = Poll::new(&line, reporter, every, self.client.auth().secret());
        while poll.due().await {
            let result = match self.read(&entries_path(&service)).await {
                Ok(answer) => {
                    let rows = wire::entries(&answer, &feed, &service, clock::moment(), &mut tally);
                    let part = Part::Entries { feed: feed.as_str().into(), rows };
                    line.outbox.send(SourceEvent::Snapshot(part)).await;
                    line.tell_unknown(&mut tally).await;
                    Ok(Reading::default())
                }
                Err(error) => Err(hinted(error, &service)),
            };
            poll.took(result).await;
        }
    }
}

/// How often each of so many services may be read within the quota.
pub fn interval(poll: Duration, services: usize) -> Duration {
    let services = u32::try_from(services).unwrap_or(u32::MAX);
    poll.max(Duration::from_secs(60) * services / POLLS_A_MINUTE)
}

fn entries_path(service: &str) -> String {
    format!("v1/scheduler-entries?serviceUpn={}", encoded(service))
}

/// The name of the feed of one service.
pub(crate) fn feed(service: &str) -> String {
    format!("entries {service}")
}

fn hinted(error: HttpError, service: &str) -> Failure {
    let hint = match &error {
        HttpError::Forbidden { .. } if service.is_empty() => {
            Some("the account lacks the Nimbus role that may use the connector")
        }
        HttpError::Forbidden { .. } => {
            Some("the account lacks the right to this service's scheduler entries")
        }
        HttpError::Unauthorized { .. } => Some("sign in again: the token is refused"),
        HttpError::Status { status: StatusCode::INTERNAL_SERVER_ERROR, .. } => {
            Some("a fault at Nimbus: tried again by itself")
        }
        HttpError::Status { status: StatusCode::GATEWAY_TIMEOUT, .. } => {
            Some("Nimbus took too long: tried again by itself")
        }
        HttpError::Status { status: StatusCode::TOO_MANY_REQUESTS, .. } => {
            Some("the connection's 100 calls a minute are used up, perhaps by another program")
        }
        _ => None,
    };
    Failure { error, hint }
}

impl Source for Nimbus {
    fn run(self: Arc<Self>, line: Line) -> BoxFuture<'static, ()> {
        async move {
            if let Some(needs) = line.gaze.looked().needs.clone() {
                return Box::pin(self.read_needed(line, needs)).await;
            }
            // Each service has a task of its own; all of them end with this one.
            let mut readers = JoinSet::new();
            if let (Some(mailbox), Some(own)) = (&self.settings.mailbox, &self.settings.triggers)
                && line.beat.is_some()
            {
                readers.spawn(Keeper::open(&self, (mailbox, own), &line).await.run());
            }
            let mut asked = JoinSet::new();
            asked.spawn(Arc::clone(&self).follow_books(line.clone(), Books::All));
            asked.spawn(Arc::clone(&self).pass_on(line.wake.clone()));
            if self.access == Access::Full {
                asked.spawn(Arc::clone(&self).look_up(line.clone()));
                asked.spawn(Arc::clone(&self).look_up_tasks(line.clone()));
            }
            if let Some(services) = &self.settings.services {
                self.tell_services(&line, services).await;
                let every = self.interval(services.len());
                for service in services {
                    let reporter = self.open(&line, service, every).await;
                    let this = Arc::clone(&self);
                    readers.spawn(this.follow(line.clone(), reporter, service.clone(), every));
                }
                while readers.join_next().await.is_some() {}
                return;
            }
            let mut known: BTreeSet<String> = BTreeSet::new();
            let reporter = Reporter::open(&line.outbox, SERVICES, FeedKind::Poll, None).await;
            let secret = self.client.auth().secret();
            let mut poll = Poll::new(&line, reporter, SERVICES_EVERY, secret);
            while poll.due().await {
                let result = self.services().await.map_err(|error| hinted(error, ""));
                if let Ok(services) = &result {
                    self.tell_services(&line, services).await;
                }
                for service in result.iter().flatten() {
                    if known.insert(service.clone()) {
                        let every = self.interval(result.as_ref().map_or(1, Vec::len));
                        let reporter = self.open(&line, service, every).await;
                        let this = Arc::clone(&self);
                        readers.spawn(this.follow(line.clone(), reporter, service.clone(), every));
                    }
                }
                poll.took(result.map(|_| Reading::default())).await;
            }
        }
        .boxed()
    }

    fn execute(self: Arc<Self>, command: Command) -> BoxFuture<'static, Outcome> {
        async move {
            match &command.request {
                Request::AddEntry { wish } => self.add(wish).await,
                Request::EditEntry { entry, wish, was } => {
                    self.edit(&command, entry.raw(), wish, was).await
                }
                Request::RemoveEntry { entry } => self.remove(entry.raw()).await,
                Request::AddTask { wish } => self.add_task(wish).await,
                Request::UpdateTask { task, wish } => self.update_task(task.raw(), wish).await,
                Request::RemoveTask { task } => self.remove_task(task.raw()).await,
                Request::AddContact { book, contact, card } => {
                    self.add_contact(book, contact, card).await
                }
                Request::UpdateContact { book, contact, card, was } => {
                    self.update_contact(book, contact, card, was).await
                }
                Request::RemoveContacts { book, contacts } => {
                    self.remove_contacts(book, contacts).await
                }
                _ => Outcome::unsupported(&command),
            }
        }
        .boxed()
    }

    fn reread(&self, command: &Command) -> bool {
        // No reading shows a task, and one alone shows contacts.
        let rows = command.request.operation().rows;
        if rows == RowKind::Task {
            return true;
        }
        let wakes = self.wakes();
        if rows == RowKind::Contact {
            return wakes.get(books::FEED).map(Wake::all).is_some();
        }
        let wake = wakes.iter().find(|(service, _)| Shown::clean(service) == command.place);
        wake.map(|(_, wake)| wake.all()).is_some()
    }

    fn part(self: Arc<Self>) -> BoxFuture<'static, ()> {
        async move { self.part_with_triggers().await }.boxed()
    }

    fn probe(self: Arc<Self>) -> BoxFuture<'static, Vec<Probe>> {
        async move {
            let mut probes = Vec::new();
            let result = self.test().await.map(|()| "access works".to_owned());
            let result = result.map_err(|error| hinted(error, "").shown());
            probes.push(Probe { name: "testconnection".to_owned(), result, spare: false });
            match self.services().await {
                Ok(services) => {
                    for service in services {
                        let result = match self.read(&entries_path(&service)).await {
                            Ok(answer) => Ok(rows(items(&answer, "value").len())),
                            Err(error) => Err(hinted(error, &service).shown()),
                        };
                        probes.push(Probe { name: feed(&service), result, spare: false });
                    }
                }
                Err(error) => probes.push(Probe {
                    name: SERVICES.to_owned(),
                    result: Err(hinted(error, "").shown()),
                    spare: false,
                }),
            }
            probes
        }
        .boxed()
    }
}
