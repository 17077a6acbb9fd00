//! Telepo, Mitel, Dstny Core: queue statistics by poll and stream, groups with their agents, log-in and log-out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use tokio::sync::{Mutex, Notify, broadcast, mpsc, watch};

use crate::clock;
use crate::event::SourceEvent;
use crate::floor::id::{AgentId, QueueId};
use crate::floor::link::FeedKind;
use crate::floor::profile::PRESENCE;
use crate::floor::time::Moment;
use crate::operations::{Access, Command, Outcome, Request};
use crate::source::feed::{Failure, Poll, Reading, Reporter};
use crate::source::settings::{Common, TelepoSettings};
use crate::source::{Line, Probe, Source, outcome};
use crate::text::Shown;
use crate::transport::http::{Auth, AuthError, Client, HttpError, Options, Reply};
use crate::transport::lenient::Tally;
use crate::transport::secret::{Secret, SecretSource};
use crate::transport::sse::{StreamEvent, Subscription, Timing, follow};

use self::control::PHONES;
use self::follow::{CALLS, Following, LIMIT, People};
use self::ladder::{Ladder, parse};
use self::map::{AGENTS, QUEUES, Tables, people};
use self::operations::{
    AGENT_ACTION, Asked, CALL_LOG, GROUP_LIST, GROUP_LOGIN, GROUP_LOGOUT, GROUPS, NEEDED_APIS,
    Operation, OperationError, STATISTICS_ORGANIZATION, STATISTICS_STREAM, STATISTICS_USER,
};
use self::presence::Ahead;
use self::xml::Names;

pub mod budget;
mod callbacks;
pub mod calllog;
mod control;
pub mod dialog;
pub mod follow;
mod ladder;
pub mod legs;
pub mod map;
pub mod markup;
pub mod operations;
mod pickup;
pub mod pidf;
mod presence;
pub mod profile;
mod references;
pub mod state;
pub mod tickets;
pub mod wire;
pub mod xml;

/// How long a lesser operation of the ladder serves before the best is tried again.
const BEST_AGAIN: Duration = Duration::from_secs(15 * 60);

/// Events that may wait between the stream and the map; then the stream waits.
const STREAM_ROOM: usize = 64;

/// Changes whose people may wait to be read anew.
const ACTED: usize = 64;

/// The name of the stream's feed.
const STREAM: &str = "stream";

/// What is missing when the statistics are refused.
const STATISTICS_HINT: &str =
    "queue statistics need the queue-statistics ticket and the Supervisor licence";

/// What is missing when groups are refused.
const GROUPS_HINT: &str = "groups need a ticket for the ACD and distribution-group APIs";

/// One Telepo system.
pub struct Telepo {
    /// Whose calls something was done to.
    acted: broadcast::Sender<AgentId>,
    settings: TelepoSettings,
    idle: Duration,
    limits: (Duration, Duration),
    client: Client,
    auths: BTreeMap<&'static str, Auth>,
    names: Names,
    told: Mutex<Told>,
    /// The ticket of every API that has none of its own.
    shared: Option<Secret>,
    /// Told when the server refused a ticket.
    refused: Notify,
    /// People whose presence is read before that of others.
    ahead: Ahead,
    /// Who can be followed; none until groups were read, or could not be.
    people: watch::Sender<Option<Arc<People>>>,
}

/// What was told, and what of it was not understood.
struct Told {
    tables: Tables,
    tally: Tally,
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TelepoError {
    #[error("the connection cannot be set up")]
    Http(#[source] HttpError),
    #[error("auth_header and auth_value make no header")]
    Auth(#[source] AuthError),
    /// An operation is configured wrongly.
    #[error("an endpoint is configured wrongly")]
    Operation(#[source] OperationError),
    /// No ticket for an API.
    #[error("there is no ticket for {api}: set ticket, or tickets.{api}")]
    Ticket { api: &'static str },
}

impl Telepo {
    /// A system that has not been connected to.
    ///
    /// # Errors
    /// Settings of which no client, header or operation can be made.
    pub fn new(
        common: &Common,
        settings: &TelepoSettings,
        access: Access,
    ) -> Result<Self, TelepoError> {
        let options = Options { transport: common.transport.clone(), access, ..Options::default() };
        let client = Client::new(options).map_err(TelepoError::Http)?;
        let shared = settings.ticket.clone().map(Secret::new);
        let mut auths = BTreeMap::new();
        for operation in operations::OPERATIONS {
            operation.configured(&settings.endpoints).map_err(TelepoError::Operation)?;
            if auths.contains_key(operation.api) {
                continue;
            }
            let own: Option<&SecretSource> = settings.tickets.get(operation.api);
            let secret = own.cloned().map(Secret::new).or_else(|| shared.clone());
            let Some(secret) = secret else {
                if NEEDED_APIS.contains(&operation.api) {
                    return Err(TelepoError::Ticket { api: operation.api });
                }
                continue;
            };
            let auth = Auth::header(&settings.auth_header, &settings.auth_value, secret)
                .map_err(TelepoError::Auth)?;
            auths.insert(operation.api, auth);
        }
        Ok(Self {
            acted: broadcast::Sender::new(ACTED),
            idle: common.idle,
            limits: (common.limit(settings.poll), common.limit(settings.poll_agents)),
            client,
            auths,
            names: Names::new(&settings.queue_xml),
            told: Mutex::new(Told {
                tables: Tables::new(&settings.domain, settings.agent_ids.clone()),
                tally: Tally::default(),
            }),
            shared,
            refused: Notify::new(),
            ahead: Ahead::default(),
            people: watch::Sender::new(None),
            settings: settings.clone(),
        })
    }

    /// The operation as configured; that it can be was seen when the client was made.
    fn asked(&self, operation: Operation) -> Result<Asked, HttpError> {
        operation
            .configured(&self.settings.endpoints)
            .map_err(|_| HttpError::Address { why: "its endpoint is configured wrongly" })
    }

    fn request(
        &self,
        operation: Operation,
        values: &[(&str, &str)],
        query: &[(&str, &str)],
    ) -> Result<crate::transport::http::Request, HttpError> {
        let asked = self.asked(operation)?;
        let mut all = vec![("domain", self.settings.domain.as_str())];
        all.push(("user", &self.settings.user));
        all.retain(|(name, _)| !values.iter().any(|(own, _)| own == name));
        all.extend_from_slice(values);
        let url = asked.url(self.settings.base_url.as_str(), &all, query)?;
        let request = self.client.request(operation.reach, asked.method, &url)?;
        let auth = self.auths.get(operation.api).cloned();
        let auth = auth.ok_or(HttpError::Ticket { api: operation.api })?;
        Ok(request.auth(auth).accept("application/json"))
    }

    async fn read(&self, operation: Operation) -> Result<Reply, HttpError> {
        let federation = operation.id == STATISTICS_USER.id && self.settings.include_federation;
        let query: &[(&str, &str)] =
            if federation { &[("includeFederation", "true")] } else { &[] };
        let answer = self.client.send(self.request(operation, &[], query)?.polled()).await;
        if matches!(answer, Err(HttpError::Unauthorized { .. })) {
            self.refused.notify_one();
        }
        answer
    }

    fn secret(&self, operation: Operation) -> Option<&Secret> {
        self.auths.get(operation.api).and_then(Auth::secret)
    }

    async fn poll_queues(&self, line: &Line, reporter: Reporter) {
        let mut ladder = Ladder::default();
        let secret = self.secret(STATISTICS_USER);
        let mut poll = Poll::new(line, reporter, self.settings.poll, secret);
        while poll.due().await {
            poll.took(self.read_queues(line, &mut ladder).await).await;
        }
    }

    async fn read_queues(&self, line: &Line, ladder: &mut Ladder) -> Result<Reading, Failure> {
        self.told.lock().await.tables.asked();
        let (rung, reply) = ladder.climb(self).await?;
        // Held while it is told, so that the stream's changes stay in their order.
        let mut told = self.told.lock().await;
        let told = &mut *told;
        let statistics = parse(rung, &reply, &mut told.tally)?;
        let part = told.tables.answered(statistics, clock::moment());
        line.outbox.send(SourceEvent::Snapshot(part)).await;
        line.tell_unknown(&mut told.tally).await;
        Ok(Reading { remark: ladder.remark(rung) })
    }

    async fn poll_agents(&self, line: &Line, reporter: Reporter) {
        let secret = self.secret(GROUPS);
        let mut poll = Poll::new(line, reporter, self.settings.poll_agents, secret);
        while poll.due().await {
            let read = self.read_agents(line).await;
            if read.is_err() {
                // Nobody is waited for who will not be told of.
                self.people.send_if_modified(|known| {
                    let unknown = known.is_none();
                    known.get_or_insert_default();
                    unknown
                });
            }
            poll.took(read).await;
        }
    }

    async fn read_agents(&self, line: &Line) -> Result<Reading, Failure> {
        let reply = self.read(GROUPS).await.map_err(|error| hinted(error, GROUPS_HINT))?;
        let mut told = self.told.lock().await;
        let told = &mut *told;
        let groups = reply.read_by(|body| wire::groups(body, &mut told.tally))?;
        let (queues, agents) = told.tables.grouped(groups, clock::moment());
        if let Some(queues) = queues {
            line.outbox.send(SourceEvent::Snapshot(queues)).await;
        }
        let people = Arc::new(people(&agents));
        line.outbox.send(SourceEvent::Snapshot(agents)).await;
        // Only behind the people themselves: calls of people who are not known yet would be nobody's.
        self.people.send_if_modified(|known| {
            let differ = known.as_ref() != Some(&people);
            *known = Some(people);
            differ
        });
        line.tell_unknown(&mut told.tally).await;
        Ok(Reading::default())
    }

    async fn follow(&self, line: &Line, mut reporter: Reporter) {
        let request = match self.request(STATISTICS_STREAM, &[], &[]) {
            Ok(request) => request.accept("text/event-stream"),
            Err(error) => return reporter.stopped(error.shown()).await,
        };
        let (tell, mut heard) = mpsc::channel(STREAM_ROOM);
        let subscription = Subscription {
            client: self.client.clone(),
            request,
            timing: Timing { idle: self.idle, ..Timing::STANDARD },
            rng: fastrand::Rng::new(),
            ears: line.wake.listen(),
            stop: line.stop.clone(),
        };
        let connection = follow(subscription, tell, |event| event);
        let reading = async {
            let mut opened = false;
            while let Some(event) = heard.recv().await {
                self.heard(event, line, &mut reporter, &mut opened).await;
            }
        };
        tokio::join!(connection, reading);
    }

    async fn heard(
        &self,
        event: StreamEvent,
        line: &Line,
        reporter: &mut Reporter,
        opened: &mut bool,
    ) {
        let wait = |at: Moment| at.since(clock::moment());
        match event {
            StreamEvent::Connecting { .. } => {}
            StreamEvent::Open => {
                reporter.opened().await;
                // What happened while the stream was away is read anew.
                if std::mem::replace(opened, true) {
                    line.outbox.send(SourceEvent::Gap(Shown::clean("the stream was away"))).await;
                    line.wake.reread();
                }
            }
            StreamEvent::Event { data, .. } => self.document(&data, line, reporter).await,
            StreamEvent::Waiting { reason, retry_at, .. } => {
                reporter.down(reason, wait(retry_at)).await;
            }
            StreamEvent::Unauthorized { reason, retry_at } => {
                reporter.unauthorized(reason, wait(retry_at)).await;
            }
            StreamEvent::Forbidden { reason } | StreamEvent::Stopped { reason } => {
                reporter.stopped(reason).await;
            }
        }
    }

    async fn document(&self, data: &str, line: &Line, reporter: &mut Reporter) {
        let mut told = self.told.lock().await;
        let told = &mut *told;
        match xml::read(data, &self.names, &mut told.tally) {
            Ok(statistics) => {
                for statistic in statistics {
                    if let Some(delta) = told.tables.streamed(statistic, clock::moment()) {
                        line.outbox.send(SourceEvent::Delta(delta)).await;
                    } else if told.tables.is_full() {
                        told.tally.count("queue of the stream, no room for more".to_owned());
                    }
                }
                reporter.goes_on().await;
            }
            Err(error) => told.tally.count(error.to_string()),
        }
        line.tell_unknown(&mut told.tally).await;
    }

    /// Whether `agent` is the source's own user.
    fn is_own(&self, agent: Option<&AgentId>) -> bool {
        agent.is_none_or(|agent| {
            agent.raw() == format!("{}@{}", self.settings.user, self.settings.domain)
        })
    }

    async fn log(&self, queue: &QueueId, agent: Option<&AgentId>, login: bool) -> Outcome {
        let group = self.told.lock().await.tables.group(queue).cloned();
        let Some(group) = group else {
            let why =
                "no group is known behind this queue: log-in and log-out need the list of groups";
            return Outcome::Failed(Shown::clean(why));
        };
        let request = match agent {
            Some(agent) if !self.is_own(Some(agent)) => self.request(
                AGENT_ACTION,
                &[("domain", &group.domain), ("group", &group.id), ("agent", agent.raw())],
                &[("action", if login { "login" } else { "logout" })],
            ),
            _ => self.request(
                if login { GROUP_LOGIN } else { GROUP_LOGOUT },
                &[("grpid", &group.id), ("grpid-domain", &group.domain)],
                &[],
            ),
        };
        match request {
            Ok(request) => outcome(self.client.send(request).await),
            Err(error) => outcome::<()>(Err(error)),
        }
    }
}

fn hinted(error: HttpError, hint: &'static str) -> Failure {
    let refused = matches!(error, HttpError::Unauthorized { .. } | HttpError::Forbidden { .. });
    Failure { error, hint: refused.then_some(hint) }
}

impl Source for Telepo {
    fn run(self: Arc<Self>, line: Line) -> BoxFuture<'static, ()> {
        async move {
            let (queues_limit, agents_limit) = self.limits;
            let outbox = &line.outbox;
            let queues = Reporter::open(outbox, QUEUES, FeedKind::Poll, Some(queues_limit)).await;
            let agents = Reporter::open(outbox, AGENTS, FeedKind::Poll, Some(agents_limit)).await;
            if line.beat.is_some() {
                let stream = Reporter::open(outbox, STREAM, FeedKind::Stream, None).await;
                let own = Reporter::open(outbox, PHONES, FeedKind::Aside, None).await;
                let calls = Reporter::open(outbox, CALLS, FeedKind::Aside, Some(LIMIT)).await;
                let (following, ears) = Following::new(&self, &line, calls);
                tokio::join!(
                    self.poll_queues(&line, queues),
                    self.poll_agents(&line, agents),
                    self.poll_callbacks(&line),
                    self.poll_presence(&line),
                    self.renew(&line),
                    self.poll_own(&line, own),
                    self.follow(&line, stream),
                    following.run(ears)
                );
            } else {
                let needs = line.gaze.looked().needs.clone().unwrap_or_default();
                let calls = match needs.calls {
                    true => Some(Reporter::open(outbox, CALLS, FeedKind::Aside, Some(LIMIT)).await),
                    false => None,
                };
                let profiles = match needs.profiles {
                    true => Some(Reporter::open(outbox, PRESENCE, FeedKind::Aside, None).await),
                    false => None,
                };
                let calls = calls.map(|calls| Following::new(&self, &line, calls).0.once());
                let profiles = profiles.map(|profiles| self.read_everybody(&line, profiles));
                tokio::join!(
                    self.poll_queues(&line, queues),
                    self.poll_agents(&line, agents),
                    self.poll_callbacks(&line),
                    OptionFuture::from(calls),
                    OptionFuture::from(profiles)
                );
            }
        }
        .boxed()
    }

    fn execute(self: Arc<Self>, command: Command) -> BoxFuture<'static, Outcome> {
        async move {
            match &command.request {
                Request::LogIn { queue, agent } => self.log(queue, agent.as_ref(), true).await,
                Request::LogOut { queue, agent } => self.log(queue, agent.as_ref(), false).await,
                Request::Assign { callback, state, note } => {
                    self.assign(callback, *state, note.as_ref()).await
                }
                Request::SetPresence { agent, wish } => {
                    self.set_presence(agent.as_ref(), wish).await
                }
                Request::Control(control) => self.control(control).await,
                _ => Outcome::unsupported(&command),
            }
        }
        .boxed()
    }

    fn probe(self: Arc<Self>) -> BoxFuture<'static, Vec<Probe>> {
        async move {
            let mut probes = Vec::new();
            let mut tally = Tally::default();
            for operation in
                [STATISTICS_USER, STATISTICS_ORGANIZATION, GROUP_LIST, GROUPS, CALL_LOG]
            {
                let read = self.read(operation).await;
                let rows = read.and_then(|reply| rows(operation, &reply, &mut tally));
                let result = match rows {
                    Ok(rows) => Ok(crate::source::rows(rows)),
                    Err(error) => {
                        let hint = match (operation.api, operation.id) {
                            ("QUEUE_STATISTICS", _) => STATISTICS_HINT,
                            (_, "group.calllog.all") => callbacks::HINT,
                            _ => GROUPS_HINT,
                        };
                        let hint = match error {
                            HttpError::NotFound { .. } => format!(
                                "; set endpoints.\"{}\".path if the server has it elsewhere",
                                operation.id
                            ),
                            _ => String::new() + "; " + hint,
                        };
                        Err(Shown::clean(&format!("{}{hint}", error.shown())))
                    }
                };
                let spare = operation.id == CALL_LOG.id;
                probes.push(Probe { name: operation.id.to_owned(), result, spare });
            }
            probes
        }
        .boxed()
    }
}

/// How many rows the answer of an operation that is probed has.
fn rows(operation: Operation, reply: &Reply, tally: &mut Tally) -> Result<usize, HttpError> {
    reply.read_by(|body| {
        Ok(match operation.id {
            "acd.groups.list" => wire::groups(body, tally)?.len(),
            "group.list" => wire::group_summaries(body, tally)?.len(),
            "group.calllog.all" => calllog::page(body, tally)?.items.len(),
            _ => wire::queue_statistics(body, tally)?.len(),
        })
    })
}
