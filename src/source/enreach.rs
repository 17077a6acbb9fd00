//! Enreach, Benemen: queues and callback lists, read every so often.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue};
use tokio::sync::Mutex;

use crate::clock;
use crate::event::SourceEvent;
use crate::floor::Part;
use crate::floor::id::QueueId;
use crate::floor::link::FeedKind;
use crate::floor::time::Moment;
use crate::operations::{Access, Command, Outcome};
use crate::source::feed::{Failure, Poll, Reading, Reporter};
use crate::source::settings::{Common, EnreachSettings};
use crate::source::{Line, Probe, Source, rows};
use crate::text::Shown;
use crate::transport::http::{Auth, Client, HttpError, Options, Reply, check, encoded, segment};
use crate::transport::lenient::Tally;
use crate::transport::secret::Secret;

use self::operations::{DIRECTORIES, DIRECTORY, ME};

pub mod events;
pub mod operations;
pub mod wire;

/// The feed of queues.
pub const QUEUES: &str = "queues";
/// The feed of callback lists.
pub const CALLBACK_LISTS: &str = "callback_lists";

/// How often the queues' descriptions are read: they change by hand.
const DESCRIPTIONS_EVERY: Duration = Duration::from_secs(15 * 60);

/// What is missing when the server refuses.
const HINT: &str = "username and secret_key are refused; the secret key is not the password";

/// One Enreach system.
pub struct Enreach {
    settings: EnreachSettings,
    limit: Duration,
    client: Client,
    /// The API's base, once discovery has told it.
    base: Mutex<Option<String>>,
}

impl Enreach {
    /// A system that has not been connected to.
    ///
    /// # Errors
    /// Settings of which no client can be made.
    pub fn new(
        common: &Common,
        settings: &EnreachSettings,
        access: Access,
    ) -> Result<Self, HttpError> {
        let auth = Auth::basic(&settings.username, Secret::new(settings.secret_key.clone()));
        let options = Options {
            transport: common.transport.clone(),
            auth,
            access,
            clock: Some(settings.clock.clone()),
            ..Options::default()
        };
        Ok(Self {
            limit: common.limit(settings.poll),
            client: Client::new(options)?,
            base: Mutex::new(settings.api_url.as_ref().map(|url| trimmed(url.as_str()))),
            settings: settings.clone(),
        })
    }

    /// The API's base: as configured, else as discovery tells it, asked once.
    async fn base(&self) -> Result<String, HttpError> {
        let mut held = self.base.lock().await;
        if let Some(base) = &*held {
            return Ok(base.clone());
        }
        let user = encoded(&self.settings.username);
        let url = format!("{}?user={user}", trimmed(self.settings.discovery_url.as_str()));
        // Discovery knows no secret and is told none.
        let request = self.client.get(&url)?.auth(Auth::nobody()).accept("application/json");
        let answer = self.client.send(request.polled()).await?;
        let endpoint = answer
            .read_by(wire::discovered)?
            .ok_or(HttpError::Address { why: "discovery knows no such username: set api_url" })?;
        let base = trimmed(&endpoint);
        check(&base, self.client_allows_http())?;
        *held = Some(base.clone());
        Ok(base)
    }

    /// Whether an address that discovery tells may be plain http: only where the configured one is.
    fn client_allows_http(&self) -> bool {
        self.settings.discovery_url.scheme() == "http"
    }

    async fn read(&self, path: &str) -> Result<Reply, HttpError> {
        let base = self.base().await?;
        let url = format!("{base}/{}", path.trim_start_matches('/'));
        let request = self
            .client
            .get(&url)?
            .accept("application/json")
            .header(HeaderName::from_static("x-json-serializer"), HeaderValue::from_static("2"));
        self.client.send(request.polled()).await
    }

    /// The queues' descriptions, from the directory named `Default`; none where there is no such directory.
    async fn descriptions(&self) -> Result<BTreeMap<String, Shown>, HttpError> {
        let directories = self.read(DIRECTORIES.path).await?;
        let Some(id) = directories.read_by(wire::default_directory)? else {
            return Ok(BTreeMap::new());
        };
        let path = format!("{}/{}?EntryTypes=2&MaxCount=1000", DIRECTORY.path, segment(&id)?);
        self.read(&path).await?.read_by(wire::descriptions)
    }

    async fn poll_queues(&self, line: &Line, reporter: Reporter) {
        let mut about = About::default();
        let secret = self.client.auth().secret();
        let mut poll = Poll::new(line, reporter, self.settings.poll, secret);
        while poll.due().await {
            poll.took(self.read_queues(line, &mut about).await.map_err(hinted)).await;
        }
    }

    async fn read_queues(&self, line: &Line, about: &mut About) -> Result<Reading, HttpError> {
        if !about.known {
            match self.read(ME.path).await {
                // Who we are is a courtesy to know; whether we are let in is not.
                Ok(_) | Err(HttpError::NotFound { .. }) => about.known = true,
                Err(error) => return Err(error),
            }
        }
        let now = clock::moment();
        if about.described.is_none_or(|at| now.since(at) >= DESCRIPTIONS_EVERY) {
            // Descriptions are a courtesy: without them the queues have their names.
            if let Ok(read) = self.descriptions().await {
                about.descriptions = read;
            }
            about.described = Some(now);
        }
        let answer = self.read(operations::QUEUES.path).await?;
        let at = clock::moment();
        let tally = &mut about.tally;
        let described = &about.descriptions;
        let settings = &self.settings;
        let queues = answer.read_by(|body| wire::queues(body, settings, described, at, tally))?;
        let wire::Queues { shown, hidden } = queues;
        if hidden != about.hidden {
            about.hidden.clone_from(&hidden);
            line.outbox.send(SourceEvent::Snapshot(Part::HiddenQueues(hidden))).await;
        }
        line.outbox.send(SourceEvent::Snapshot(Part::Queues(shown))).await;
        line.tell_unknown(tally).await;
        Ok(Reading::default())
    }

    async fn poll_lists(&self, line: &Line, reporter: Reporter, path: &str) {
        let mut tally = Tally::default();
        let secret = self.client.auth().secret();
        let mut poll = Poll::new(line, reporter, self.settings.poll, secret);
        while poll.due().await {
            let read = self.read(path).await.and_then(|answer| {
                let at = clock::moment();
                answer.read_by(|body| wire::callback_lists(body, at, &mut tally))
            });
            let result = match read {
                Ok(mut lists) => {
                    for list in &mut lists {
                        let name = self.settings.callback_list_names.get(&list.id);
                        list.name = name.cloned().or_else(|| list.name.take());
                    }
                    line.outbox.send(SourceEvent::Snapshot(Part::CallbackLists(lists))).await;
                    line.tell_unknown(&mut tally).await;
                    Ok(Reading::default())
                }
                Err(error) => Err(hinted(error)),
            };
            poll.took(result).await;
        }
    }
}

/// What is known beside the queues themselves.
#[derive(Default)]
struct About {
    /// Whether the server knows us.
    known: bool,
    descriptions: BTreeMap<String, Shown>,
    /// When they were last read.
    described: Option<Moment>,
    /// The queues that are of a kind that is not shown, as they were last told.
    hidden: Vec<QueueId>,
    tally: Tally,
}

fn hinted(error: HttpError) -> Failure {
    let refused = matches!(error, HttpError::Unauthorized { .. });
    Failure { error, hint: refused.then_some(HINT) }
}

fn trimmed(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

impl Source for Enreach {
    fn run(self: Arc<Self>, line: Line) -> BoxFuture<'static, ()> {
        async move {
            let limit = Some(self.limit);
            let outbox = &line.outbox;
            let queues = Reporter::open(outbox, QUEUES, FeedKind::Poll, limit).await;
            if let Some(path) = &self.settings.callback_lists {
                let lists = Reporter::open(outbox, CALLBACK_LISTS, FeedKind::Poll, limit).await;
                tokio::join!(self.poll_queues(&line, queues), self.poll_lists(&line, lists, path));
            } else {
                self.poll_queues(&line, queues).await;
            }
        }
        .boxed()
    }

    /// Enreach publishes no way to change anything.
    fn execute(self: Arc<Self>, command: Command) -> BoxFuture<'static, Outcome> {
        async move { Outcome::unsupported(&command) }.boxed()
    }

    fn probe(self: Arc<Self>) -> BoxFuture<'static, Vec<Probe>> {
        async move {
            let mut paths = vec![ME.path, operations::QUEUES.path, DIRECTORIES.path];
            paths.extend(self.settings.callback_lists.as_deref());
            let mut probes = Vec::new();
            for path in paths {
                let counted = self.read(path).await.and_then(|answer| {
                    let is_list = self.settings.callback_lists.as_deref() == Some(path);
                    let kind = if is_list { CALLBACK_LISTS } else { path };
                    answer.read_by(|body| wire::count(kind, body))
                });
                let result = counted.map(rows).map_err(|error| hinted(error).shown());
                probes.push(Probe { name: path.to_owned(), result, spare: false });
            }
            probes
        }
        .boxed()
    }
}
