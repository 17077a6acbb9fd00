//! The vendors' systems as sources of events, and what their clients share.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::event::{Event, SourceEvent, Stamped};
use crate::floor::Kind;
use crate::floor::id::SourceName;
use crate::floor::time::Moment;
use crate::operations::{Access, Command, Outcome};
use crate::source::gaze::{Gaze, Looked};
use crate::source::settings::{Settings, Vendor};
use crate::text::Shown;
use crate::transport::http::{Fate, HttpError};
use crate::transport::lenient::Tally;
use crate::transport::poll::{Beat, Wake};

pub mod enreach;
pub mod feed;
pub mod gaze;
pub mod nimbus;
pub mod relay;
pub mod settings;
pub mod telepo;

/// One system, as the board uses it.
pub trait Source: Send + Sync + 'static {
    /// Tells what the system tells, until it is stopped.
    fn run(self: Arc<Self>, line: Line) -> BoxFuture<'static, ()>;

    /// Carries out one change with one request, which is never repeated.
    fn execute(self: Arc<Self>, command: Command) -> BoxFuture<'static, Outcome>;

    /// Reads again only what a change may show in; `false` where that is not known, so that all is to be read.
    fn reread(&self, _command: &Command) -> bool {
        false
    }

    /// Takes back what it has left at the system, where that would outlive the program.
    fn part(self: Arc<Self>) -> BoxFuture<'static, ()> {
        async {}.boxed()
    }

    /// Whether it stands for `source`, as a relay does.
    fn stands_for(&self, _source: &SourceName) -> bool {
        false
    }

    /// Tries every endpoint that reads, once.
    fn probe(self: Arc<Self>) -> BoxFuture<'static, Vec<Probe>>;
}

/// What a source is given to speak with.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where its events go.
    pub outbox: Outbox,
    pub stop: CancellationToken,
    /// Who asks for a reading before its time.
    pub wake: Wake,
    /// The seconds of whoever looks on; none for who reads snapshots only and opens no streams.
    pub beat: Option<Beat>,
    /// What is looked at.
    pub gaze: Gaze,
}

impl Line {
    /// Tells what was counted and not told yet.
    pub async fn tell_unknown(&self, tally: &mut Tally) {
        if let Some((count, what)) = tally.take() {
            self.outbox.send(SourceEvent::Unknown { what, count }).await;
        }
    }
}

/// One source's end of the channel to the state. A full channel makes the source wait; nothing is dropped.
#[derive(Debug, Clone)]
pub struct Outbox {
    source: SourceName,
    channel: mpsc::Sender<Stamped>,
}

impl Outbox {
    /// The end of `channel` that speaks for `source`.
    pub const fn new(source: SourceName, channel: mpsc::Sender<Stamped>) -> Self {
        Self { source, channel }
    }

    /// The source's name, as people may see it.
    pub fn name(&self) -> Shown {
        self.source.shown()
    }

    /// Tells one thing, as of now.
    pub async fn send(&self, event: SourceEvent) {
        self.send_as_of(clock::moment(), event).await;
    }

    /// Tells one thing that was received earlier, elsewhere.
    pub async fn send_as_of(&self, at: Moment, event: SourceEvent) {
        let event = Event::Source { source: self.source.clone(), event };
        // A closed channel means that the program is ending.
        let _ = self.channel.send(Stamped { at, event }).await;
    }
}

/// What came of trying one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub name: String,
    /// How many rows it told, or what is wrong and what to do.
    pub result: Result<String, Shown>,
    /// Whether the source is whole without it.
    pub spare: bool,
}

/// A source that runs.
#[derive(Clone)]
pub struct SourceHandle {
    pub name: SourceName,
    /// Which system it is.
    pub kind: Kind,
    source: Arc<dyn Source>,
    wake: Wake,
    gaze: Gaze,
}

impl SourceHandle {
    /// Says what is looked at of it.
    pub fn look(&self, looked: Looked) {
        self.gaze.look(looked);
    }

    /// Starts it; it runs until `stop`, and may be started again after that. With a `beat` it is followed live.
    pub fn start(
        &self,
        channel: &mpsc::Sender<Stamped>,
        stop: &CancellationToken,
        beat: Option<&Beat>,
    ) -> JoinHandle<Option<()>> {
        let line = Line {
            outbox: Outbox::new(self.name.clone(), channel.clone()),
            stop: stop.clone(),
            wake: self.wake.clone(),
            beat: beat.cloned(),
            gaze: self.gaze.clone(),
        };
        let running = Arc::clone(&self.source).run(line);
        tokio::spawn(stop.clone().run_until_cancelled_owned(running))
    }

    /// Has it read everything again now.
    pub fn retry(&self) {
        self.wake.all();
    }

    /// Has it read again what a change may show in.
    pub fn reread(&self, command: &Command) {
        if !self.source.reread(command) {
            self.retry();
        }
    }

    /// Carries out one change. Nothing is sent where one of its ids cannot be used.
    pub async fn execute(&self, command: Command) -> Outcome {
        if let Err(fault) = command.request.check_ids() {
            return Outcome::Failed(Shown::clean(&fault.to_string()));
        }
        Arc::clone(&self.source).execute(command).await
    }

    /// Has every source take back what it has left at its system, within `limit`.
    pub async fn part(handles: &[Self], limit: Duration) {
        let parting = handles.iter().map(|handle| Arc::clone(&handle.source).part());
        // What there is no time for is for the next start.
        let _ = tokio::time::timeout(limit, futures_util::future::join_all(parting)).await;
    }

    /// Whether it stands for `source`.
    pub fn stands_for(&self, source: &SourceName) -> bool {
        self.source.stands_for(source)
    }

    /// The one that serves `source`: itself, or else what stands for it.
    pub fn of<'h>(handles: &'h [Self], source: &SourceName) -> Option<&'h Self> {
        let own = handles.iter().find(|handle| &handle.name == source);
        own.or_else(|| handles.iter().find(|handle| handle.stands_for(source)))
    }
}

/// Why a source cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("source {name}: {why}")]
pub struct SourceError {
    pub name: Shown,
    /// What is wrong, and what to do.
    pub why: Shown,
}

/// Makes a source that is not started.
///
/// # Errors
/// Settings of which no client can be made.
pub fn make(settings: &Settings, access: Access) -> Result<Arc<dyn Source>, SourceError> {
    let refuse = |why: &(dyn std::error::Error + 'static)| SourceError {
        name: settings.name.shown(),
        why: Shown::clean(&crate::transport::http::chain(why)),
    };
    Ok(match &settings.vendor {
        Vendor::Telepo(own) => Arc::new(
            telepo::Telepo::new(&settings.common, own, access).map_err(|error| refuse(&error))?,
        ),
        Vendor::Enreach(own) => Arc::new(
            enreach::Enreach::new(&settings.common, own, access).map_err(|error| refuse(&error))?,
        ),
        Vendor::Nimbus(own) => Arc::new(
            nimbus::Nimbus::new(&settings.common, own, access).map_err(|error| refuse(&error))?,
        ),
        Vendor::Relay(own) => Arc::new(
            relay::Relay::new(&settings.common, own, access).map_err(|error| refuse(&error))?,
        ),
        #[cfg(feature = "nats")]
        Vendor::Nats(own) => Arc::new(relay::nats::Nats::new(own)),
        #[cfg(not(feature = "nats"))]
        Vendor::Nats(_) => return Err(refuse(&settings::NatsError::Absent)),
    })
}

/// Makes every source; none is started.
///
/// # Errors
/// Settings of which no client can be made.
pub fn handles(settings: &[Settings], access: Access) -> Result<Vec<SourceHandle>, SourceError> {
    settings
        .iter()
        .map(|own| {
            let (name, kind) = (own.name.clone(), own.kind());
            let (wake, gaze) = (Wake::new(), Gaze::new(Looked::default()));
            Ok(SourceHandle { name, kind, source: make(own, access)?, wake, gaze })
        })
        .collect()
}

/// Starts every source; each runs until `stop`. With a `beat` it is followed live: streams are opened, and
/// polls fall on beats.
///
/// # Errors
/// Settings of which no client can be made: then none is started.
pub fn spawn_all(
    settings: &[Settings],
    access: Access,
    channel: &mpsc::Sender<Stamped>,
    stop: &CancellationToken,
    beat: Option<&Beat>,
) -> Result<Vec<SourceHandle>, SourceError> {
    spawn_looked_at(settings, access, channel, stop, beat, &Looked::default())
}

/// The same, with what is looked at until a handle says otherwise.
///
/// # Errors
/// See [`spawn_all`].
pub fn spawn_looked_at(
    settings: &[Settings],
    access: Access,
    channel: &mpsc::Sender<Stamped>,
    stop: &CancellationToken,
    beat: Option<&Beat>,
    looked: &Looked,
) -> Result<Vec<SourceHandle>, SourceError> {
    let handles = handles(settings, access)?;
    for handle in &handles {
        handle.look(looked.clone());
        handle.start(channel, stop, beat);
    }
    Ok(handles)
}

/// What came of an action, from how its request ended.
pub fn outcome<T>(result: Result<T, HttpError>) -> Outcome {
    match result {
        Ok(_) => Outcome::Done,
        Err(error) => match error.fate() {
            Fate::Refused => Outcome::Refused(error.shown()),
            Fate::NotSent => Outcome::Failed(error.shown()),
            Fate::Unknown => Outcome::Unknown(error.shown()),
        },
    }
}

/// “1 row”, “12 rows”: what a probe found.
fn rows(count: usize) -> String {
    format!("{count} row{}", if count == 1 { "" } else { "s" })
}
