//! The triggers by which Nimbus posts its events: registered, looked after, and deleted at the end.
//!
//! A user who loses the Nimbus role keeps triggers that post nothing, and nobody says so. So access is probed: when it
//! was refused and is granted again, they are registered anew; so they are after a long silence, since access may
//! have gone and come back between two probes. Whether it is silent the age of the feed says, which is that of the last
//! event and not of the last probe.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::{Nimbus, hinted, mailbox::Mailbox};
use crate::clock;
use crate::event::SourceEvent;
use crate::floor::Delta;
use crate::floor::id::QueueId;
use crate::floor::link::FeedKind;
use crate::floor::service::TRIGGERS;
use crate::floor::time::Moment;
use crate::source::Line;
use crate::source::feed::Reporter;
use crate::source::settings::TriggerSettings;
use crate::text::Shown;
use crate::text::segment::segment_fault;
use crate::transport::http::{HttpError, Method, Reach, Reply, segment};
use crate::transport::lenient::{Fields, Tally, items};
use crate::transport::poll::LOOK;
use crate::transport::retry::{Backoff, Rules, Wish};

/// How often events say that the feed goes on.
const NEWS_EVERY: Duration = Duration::from_secs(1);

/// A kind of trigger.
struct Kind {
    /// Where it is registered, and below that deleted.
    path: &'static str,
    /// Which services it can be registered for.
    services: &'static str,
    /// Which events there are.
    events: &'static str,
    /// What they are called in the registration.
    key: &'static str,
}

const TASKS: Kind = Kind {
    path: "v1/triggers/tasks",
    services: "v1/tasks/service-contacts",
    events: "v1/tasks/events",
    key: "taskEvents",
};

const ENTRIES: Kind = Kind {
    path: "v1/triggers/scheduler-entries",
    services: "v1/scheduler-entries/service-contacts",
    events: "v1/scheduler-entries/events",
    key: "schedulerEntryEvents",
};

/// What is known of the triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// There are none that post: what happens is missed.
    Lost,
    /// They were there, and nobody can say whether they still are.
    Doubtful,
    Well,
}

/// Looks after the triggers of one tenant.
pub(super) struct Keeper {
    nimbus: Arc<Nimbus>,
    mailbox: Mailbox,
    settings: TriggerSettings,
    line: Line,
    reporter: Reporter,
    standing: Standing,
    /// When they were registered last.
    registered: Moment,
    remark: Option<Shown>,
}

impl Keeper {
    /// Nothing is registered yet; the feed is told of.
    pub(super) async fn open(
        nimbus: &Arc<Nimbus>,
        (mailbox, settings): (&Mailbox, &TriggerSettings),
        line: &Line,
    ) -> Self {
        let limit = Some(settings.silence);
        Self {
            nimbus: Arc::clone(nimbus),
            mailbox: mailbox.clone(),
            settings: settings.clone(),
            line: line.clone(),
            reporter: Reporter::open(&line.outbox, TRIGGERS, FeedKind::Stream, limit).await,
            standing: Standing::Lost,
            registered: Moment::default(),
            remark: None,
        }
    }

    /// Looks after them for as long as the source runs.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::new(Rules::STANDARD, Rng::new());
        loop {
            backoff.connecting(clock::moment());
            let wait = match self.look().await {
                Ok(()) => {
                    backoff.succeeded();
                    self.settings.probe
                }
                // Our own budget is used up: it is late, nothing is wrong.
                Err(HttpError::Quota { wait }) => wait,
                Err(error) => {
                    let wish = Wish { after: error.retry_after(), reconnect: None };
                    let grows = backoff.failed(clock::moment(), wish);
                    self.failed(error, grows).await
                }
            };
            if !self.rest(wait).await {
                return;
            }
        }
    }

    /// Probes, and registers where that is needed.
    async fn look(&mut self) -> Result<(), HttpError> {
        if self.standing != Standing::Lost {
            self.nimbus.test().await?;
        }
        let now = clock::moment();
        let heard = self.reporter.last_update().unwrap_or_default().max(self.registered);
        let silent = now.since(heard) >= self.settings.silence;
        match self.standing {
            Standing::Well if !silent => Ok(()),
            Standing::Well | Standing::Doubtful => self.register(false).await,
            Standing::Lost => self.register(true).await,
        }
    }

    /// Tells what went wrong; returns when it is tried again.
    async fn failed(&mut self, error: HttpError, grows: Duration) -> Duration {
        let refused = error.wants_person();
        let failure = hinted(error, "");
        if refused {
            self.standing = Standing::Lost;
            let wait = self.settings.probe.min(LOOK);
            if let Some(secret) = self.nimbus.client.auth().secret() {
                // Unreadable still: the next try will say so.
                let _ = secret.reread().await;
            }
            self.reporter.unauthorized(failure.shown(), wait).await;
            return wait;
        }
        if self.standing == Standing::Well {
            self.standing = Standing::Doubtful;
        }
        self.reporter.down(failure.shown(), grows).await;
        grows
    }

    /// Waits, and hears meanwhile what comes; `false` when the source is stopped.
    async fn rest(&mut self, wait: Duration) -> bool {
        let mut ears = self.line.wake.listen();
        let mut arrivals = self.mailbox.arrivals();
        let end = tokio::time::sleep(wait);
        tokio::pin!(end);
        loop {
            let latest = *arrivals.borrow_and_update();
            self.hear(latest).await;
            tokio::select! {
                biased;
                () = self.line.stop.cancelled() => return false,
                () = &mut end => return true,
                () = ears.heard() => return true,
                _ = arrivals.changed() => {}
            }
        }
    }

    /// An event came: the feed goes on. While nothing is registered it is a leftover's, and says nothing.
    async fn hear(&mut self, latest: Option<Moment>) {
        let told = self.reporter.last_update().unwrap_or_default();
        let fresh = latest.is_some_and(|at| at > told.max(self.registered));
        let due = clock::moment().since(told) >= NEWS_EVERY;
        if fresh && self.standing != Standing::Lost && due {
            self.reporter.up(self.remark.clone()).await;
        }
    }

    /// Registers both triggers, then deletes those from before: what is posted twice counts once. With a `gap`
    /// events were missed, and everything is counted anew.
    async fn register(&mut self, gap: bool) -> Result<(), HttpError> {
        let former = self.mailbox.triggers();
        let began = clock::moment();
        let services = self.add(&TASKS).await?;
        // Who may not see entries may see tasks all the same.
        let entries = match self.add(&ENTRIES).await {
            Ok(services) => Ok(services.is_empty()),
            Err(error @ (HttpError::Forbidden { .. } | HttpError::NotFound { .. })) => Err(error),
            Err(error) => return Err(error),
        };
        self.remark = match entries {
            _ if services.is_empty() => Some(Shown::from("no service has tasks to tell of")),
            Ok(_) => None,
            Err(error) => Some(hinted(error, "").shown()),
        };
        for path in former {
            self.nimbus.delete_trigger(&self.mailbox, &path).await?;
        }
        self.registered = clock::moment();
        let lost = std::mem::replace(&mut self.standing, Standing::Well) == Standing::Lost;
        if gap || lost {
            for service in services {
                let queue = QueueId::new(service.trim().to_lowercase());
                let delta = Delta::Registered { queue, since: began };
                self.line.outbox.send(SourceEvent::Delta(delta)).await;
            }
            self.reporter.up(self.remark.clone()).await;
        } else {
            let text = "triggers: registered anew, in case they had died in silence";
            self.line.outbox.send(SourceEvent::Said(Shown::from(text))).await;
        }
        Ok(())
    }

    /// Registers one kind of trigger for all services that have it; returns them. None is registered for nobody.
    async fn add(&mut self, kind: &Kind) -> Result<Vec<String>, HttpError> {
        let services = match &self.nimbus.settings.services {
            Some(services) => services.clone(),
            None => texts(&self.nimbus.read(kind.services).await?),
        };
        if services.is_empty() {
            return Ok(services);
        }
        let events = events(&self.nimbus.read(kind.events).await?);
        self.mailbox.call(events.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let events: Vec<&str> = events.iter().map(|(_, value)| value.as_str()).collect();
        let address = self.mailbox.address();
        let body = json!({
            "config": { "url": address.expose_secret(), "services": services, kind.key: events }
        });
        // It changes nothing on the floor: who only reads has to hear of it too.
        let request =
            self.nimbus.client.request(Reach::Read, Method::POST, &self.nimbus.url(kind.path))?;
        let request = request.body("application/json", body.to_string());
        let reply = self.nimbus.client.send(request).await?;
        match trigger(&reply) {
            Some(id) => self.keep(format!("{}/{id}", kind.path)).await,
            None => {
                let text = format!("{}: registered without an id, it cannot be deleted", kind.path);
                self.line.outbox.send(SourceEvent::Said(Shown::clean(&text))).await;
            }
        }
        Ok(services)
    }

    /// Puts a trigger's path on disk.
    async fn keep(&self, path: String) {
        let mailbox = self.mailbox.clone();
        let kept = tokio::task::spawn_blocking(move || mailbox.keep(path)).await;
        if let Ok(Err(error)) = kept {
            let text = format!("a trigger cannot be kept on disk, a kill would leave it: {error}");
            self.line.outbox.send(SourceEvent::Said(Shown::clean(&text))).await;
        }
    }
}

impl Nimbus {
    /// Whether access still works.
    pub(super) async fn test(&self) -> Result<(), HttpError> {
        let request = self.client.get(&self.url("v1/diagnostics/testconnection"))?;
        self.client.send(request.polled()).await.map(drop)
    }

    /// Deletes a trigger, and forgets it. One that is not there, or that is not ours any more, is forgotten too; what
    /// fails otherwise is tried again with the next registration.
    async fn delete_trigger(&self, mailbox: &Mailbox, path: &str) -> Result<(), HttpError> {
        let request = self.client.request(Reach::Read, Method::DELETE, &self.url(path))?;
        match self.client.send(request).await {
            Ok(_) | Err(HttpError::NotFound { .. } | HttpError::Forbidden { .. }) => {
                let (mailbox, path) = (mailbox.clone(), path.to_owned());
                // It stays in the file: then it is deleted once more, which does no harm.
                let _ = tokio::task::spawn_blocking(move || mailbox.forget(&path)).await;
                Ok(())
            }
            Err(error @ (HttpError::Quota { .. } | HttpError::Unauthorized { .. })) => Err(error),
            Err(_) => Ok(()),
        }
    }

    /// Deletes all triggers, as far as there is time.
    pub(super) async fn part_with_triggers(&self) {
        let Some(mailbox) = &self.settings.mailbox else { return };
        let triggers = mailbox.triggers();
        let deleting = triggers.iter().map(|path| self.delete_trigger(mailbox, path));
        // What is left the next start deletes.
        let _ = futures_util::future::join_all(deleting).await;
    }
}

/// Texts of a list.
fn texts(answer: &Value) -> Vec<String> {
    let items = items(answer, "value");
    items.into_iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Names and values of a lookup.
fn events(answer: &Value) -> Vec<(String, String)> {
    let mut unread = Tally::default();
    let pair = |item: &Value| {
        if let Some(text) = item.as_str() {
            return Some((text.to_owned(), text.to_owned()));
        }
        let fields = Fields::caseless("event", item, &mut unread)?;
        let (name, value) = (fields.raw(&["name"]), fields.raw(&["value"]));
        let known = value.clone().or_else(|| name.clone())?;
        Some((name.unwrap_or_else(|| known.clone()), known))
    };
    items(answer, "value").into_iter().filter_map(pair).collect()
}

/// What a new trigger is deleted by: the last part of `Location`, else the `id` or `triggerId` of the body. The rest of
/// `Location` is a server's word for where to send the token, and is not followed.
fn trigger(reply: &Reply) -> Option<String> {
    let location = reply.header("location").map(|text| {
        let path = text.split(['?', '#']).next().unwrap_or_default();
        path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
    });
    let usable = |id: &String| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~%{}".contains(&byte);
        segment_fault(id).is_none() && id.len() <= 200 && id.bytes().all(plain)
    };
    location.filter(usable).or_else(|| {
        let body: Value = reply.json().ok()?;
        if let Some(text) = body.as_str() {
            return segment(text).ok();
        }
        let mut unread = Tally::default();
        let fields = Fields::caseless("trigger", &body, &mut unread)?;
        fields.raw(&["id", "triggerId"]).and_then(|id| segment(&id).ok())
    })
}
