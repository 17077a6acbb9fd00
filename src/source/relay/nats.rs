//! Relays that share one floor, read over NATS: the same snapshot and the same facts as over HTTP.
//!
//! ```text
//!  bucket floorwalker_FORM: head ─► parts of the snapshot     as of fact SEQ, which is in the stream at PLACE
//!  stream FLOORWALKER_FACTS_FORM: from PLACE on ─► facts ─► board     then its subject, as facts are written
//!  another run in a message: another relay leads ─► the snapshot again
//! ```
//!
//! The relay that leads says something every second. Whoever hears nothing for longer does not know any more.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::jetstream::kv;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use crate::clock;
use crate::floor::link::FeedKind;
use crate::floor::time::Now;
use crate::operations::{Command, Outcome};
use crate::source::feed::{Failure, Poll, Reading, Reporter};
use crate::source::settings::NatsSettings;
use crate::source::{Line, Probe, Source};
use crate::text::Shown;
use crate::transport::http::json::check_depth;
use crate::transport::http::{HttpError, chain};
use crate::transport::poll::{Due, wait};
use crate::transport::retry::{Backoff, Rules, Wish};
use crate::transport::secret::Secret;
use crate::transport::sse::StreamEvent;

use self::connection::{Connection, Trouble, failed};
use self::packet::{Packet, Reader, facts};
use self::wire::{Form, HEAD, Head, part};
use super::board::Board;
use super::skew::Skew;
use super::wire::{HELLO, Hello, SCHEMA, Snapshot};
use super::{EVENTS, EVERY, Names, SNAPSHOT, STREAM_ROOM, Way, probed, read};

pub mod connection;
mod packet;
pub mod wire;

/// How often a snapshot is begun again that was replaced while it was read.
const TRIES: usize = 4;

/// What is missing when the server refuses.
const HINT: &str = "the server does not know this user or token: see its configuration";

/// What is said to who asks for a change.
const READ_ONLY: &str = "over NATS a board only reads: actions need a source with the relay's url";

/// Relays, as their NATS server tells of them.
pub struct Nats {
    settings: NatsSettings,
    secret: Option<Secret>,
    /// The bucket of the connection that is open.
    bucket: Mutex<Option<kv::Store>>,
    names: Names,
}

impl Nats {
    /// A source that has not connected yet.
    pub fn new(settings: &NatsSettings) -> Self {
        let secret = settings.server.token.clone().map(Secret::new);
        let settings = settings.clone();
        Self { settings, secret, bucket: Mutex::default(), names: Names::default() }
    }

    const fn form(&self) -> Form {
        if self.settings.numbers { Form::Open } else { Form::Masked }
    }

    /// Connects, and begins to read behind what the snapshot knows, or only what comes from now on.
    async fn open(&self, all: bool) -> Result<Reader, Trouble> {
        let connection = Connection::open(&self.settings.server, self.secret.as_ref()).await?;
        let form = self.form();
        let bucket = connection.jetstream.get_key_value(form.bucket()).await;
        let bucket = bucket.map_err(failed("the relays' bucket cannot be opened"))?;
        let from = match all {
            true => Some(head(&bucket).await?.place),
            false => None,
        };
        *self.bucket.lock().unwrap_or_else(PoisonError::into_inner) = Some(bucket);
        Reader::open(connection, form, from).await
    }

    /// Follows one connection until it ends; says why it did.
    async fn session(&self, tell: &mpsc::Sender<StreamEvent>, attempt: &mut u32) -> Trouble {
        match self.told(tell, attempt).await {
            Ok(()) => Trouble::Lost,
            Err(trouble) => trouble,
        }
    }

    async fn told(
        &self,
        tell: &mpsc::Sender<StreamEvent>,
        attempt: &mut u32,
    ) -> Result<(), Trouble> {
        let mut reader = self.open(true).await?;
        let mut packets = Vec::new();
        // What was written before is no sign of life: the first that is new is.
        while !reader.is_live() {
            packets.push(reader.next().await?);
        }
        *attempt = 0;
        say(tell, StreamEvent::Open).await?;
        let mut run = None;
        if let Some(Packet { run: latest, now, .. }) = packets.last() {
            run = Some(*latest);
            say(tell, hello(*latest, *now)).await?;
            packets.retain(|packet| Some(packet.run) == run);
        }
        let mut packets = packets.into_iter();
        loop {
            let packet = match packets.next() {
                Some(packet) => packet,
                None => reader.next().await?,
            };
            if run != Some(packet.run) {
                run = Some(packet.run);
                say(tell, hello(packet.run, packet.now)).await?;
            }
            for (id, data) in facts(&packet.text) {
                let (kind, data) = ("message".to_owned(), data.to_owned());
                say(tell, StreamEvent::Event { kind, data, id: Some(id.to_owned()) }).await?;
            }
        }
    }

    /// Connects again and again.
    async fn listen(&self, line: &Line, tell: mpsc::Sender<StreamEvent>) {
        let mut backoff = Backoff::new(Rules::STANDARD, fastrand::Rng::new());
        let (mut ears, mut attempt) = (line.wake.listen(), 0_u32);
        loop {
            backoff.connecting(clock::moment());
            attempt = attempt.saturating_add(1);
            let trouble = self.session(&tell, &mut attempt).await;
            if attempt == 0 {
                backoff.opened(clock::moment());
                // Silence is no accident of one connection: nobody is there.
                attempt = if matches!(trouble, Trouble::Silent) { 2 } else { 1 };
            }
            let span = backoff.failed(clock::moment(), Wish::default());
            let retry_at = clock::moment().after(span);
            let reason = Shown::clean(&chain(&trouble));
            let said = match trouble.is_refusal() {
                true => StreamEvent::Unauthorized { reason, retry_at },
                false => StreamEvent::Waiting {
                    reason,
                    attempt,
                    retry_at,
                    wished: None,
                    wish: Wish::default(),
                },
            };
            let heard = tell.send(said).await.is_ok();
            if !heard
                || wait(span, Rules::STANDARD.gap, &mut ears, &line.stop).await == Due::Stopped
            {
                return;
            }
        }
    }

    /// Reads everything once. What is in the bucket is some seconds old: the next message says how old.
    async fn once(&self, line: &Line) -> Result<(), Failure> {
        let mut reader = self.open(false).await?;
        let Packet { run, now, .. } = reader.next().await?;
        let mut skew = Skew::default();
        skew.heard(run, now.moment, clock::moment());
        read(self, line, &mut skew).await.map(|_| ())
    }

    async fn poll(&self, line: &Line, reporter: Reporter) {
        let mut poll = Poll::new(line, reporter, EVERY, self.secret.as_ref());
        while poll.due().await {
            let read = self.once(line).await;
            poll.took(read.map(|()| Reading::default())).await;
        }
    }
}

async fn say(tell: &mpsc::Sender<StreamEvent>, event: StreamEvent) -> Result<(), Trouble> {
    tell.send(event).await.map_err(|_| Trouble::Lost)
}

fn hello(run: u64, now: Now) -> StreamEvent {
    let hello = Hello { schema: SCHEMA, run, now, resumed: false };
    let data = serde_json::to_string(&hello).unwrap_or_default();
    StreamEvent::Event { kind: HELLO.to_owned(), data, id: None }
}

/// What stands at the head of a bucket.
async fn head(bucket: &kv::Store) -> Result<Head, Trouble> {
    let bytes = bucket.get(HEAD).await.map_err(failed("the relays' bucket cannot be read"))?;
    let bytes = bytes.ok_or(Trouble::Empty)?;
    serde_json::from_slice(&bytes).map_err(failed("what the relays wrote is of another version"))
}

/// The snapshot of a bucket, whole.
async fn snapshot(bucket: &kv::Store) -> Result<Snapshot, Trouble> {
    let cannot = "the relays' bucket cannot be read";
    'again: for _ in 0..TRIES {
        let Head { slot, revisions, .. } = head(bucket).await?;
        let mut bytes = Vec::new();
        for (index, revision) in revisions.iter().enumerate() {
            let entry = bucket.entry(part(slot, index)).await.map_err(failed(cannot))?;
            match entry.filter(|entry| entry.revision == *revision) {
                Some(entry) => bytes.extend_from_slice(&entry.value),
                None => continue 'again,
            }
        }
        let odd = "what the relays wrote is of another version";
        check_depth(&bytes).map_err(failed(odd))?;
        return serde_json::from_slice(&bytes).map_err(failed(odd));
    }
    Err(Trouble::Empty)
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let hint = trouble.is_refusal().then_some(HINT);
        Self { error: HttpError::Nats { source: Box::new(trouble) }, hint }
    }
}

impl Way for Nats {
    fn fetch(&self) -> BoxFuture<'_, Result<Snapshot, Failure>> {
        async move {
            let bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Ok(snapshot(&bucket.ok_or(Trouble::Lost)?).await?)
        }
        .boxed()
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref()
    }

    fn hint(&self) -> &'static str {
        HINT
    }
}

impl Source for Nats {
    fn run(self: Arc<Self>, line: Line) -> BoxFuture<'static, ()> {
        async move {
            let snapshot = Reporter::open(&line.outbox, SNAPSHOT, FeedKind::Poll, None).await;
            if line.beat.is_none() {
                return self.poll(&line, snapshot).await;
            }
            let events = Reporter::open(&line.outbox, EVENTS, FeedKind::Stream, None).await;
            let mut board = Board::new(&*self, &line, snapshot, events);
            let (tell, mut heard) = mpsc::channel(STREAM_ROOM);
            tokio::join!(self.listen(&line, tell), board.listen(&mut heard));
        }
        .boxed()
    }

    fn execute(self: Arc<Self>, _command: Command) -> BoxFuture<'static, Outcome> {
        async { Outcome::Failed(Shown::clean(READ_ONLY)) }.boxed()
    }

    fn stands_for(&self, source: &crate::floor::id::SourceName) -> bool {
        self.names.all().contains(source)
    }

    fn probe(self: Arc<Self>) -> BoxFuture<'static, Vec<Probe>> {
        async move {
            let read = async {
                let mut reader = self.open(false).await?;
                reader.next().await?;
                self.fetch().await
            };
            let result = probed(read.await);
            vec![Probe { name: format!("nats {}", self.form().bucket()), result, spare: false }]
        }
        .boxed()
    }
}

/// The longest time between two messages of the relay that leads.
pub const SILENCE: Duration = Duration::from_secs(5);
