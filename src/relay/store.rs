//! What was received, on disk before it is answered: the log of events, the ids that were seen, the latest of each kind.
//!
//! One thread writes. It takes everything that waits, puts it into one transaction and syncs it, so that a hundred
//! events cost one sync, and answers only then. A kill at any instant loses nothing that was answered. When the disk
//! fails, the waiting ones are told so, and the file is opened anew for the next ones: the sender tries again anyhow.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use redb::{Database, Durability, ReadableDatabase, TableDefinition};
use tokio::sync::{mpsc, oneshot, watch};

use crate::private;
use crate::text::Shown;
use crate::transport::http::chain;

mod offers;
mod unreadable;
mod write;

use unreadable::UNREADABLE;

pub use offers::{Offer, Place};
pub use unreadable::{Judgement, Unread, Unreadable};
pub use write::fingerprint;

/// The log: number → source, arrival (ms since 1970), body.
const LOG: TableDefinition<u64, (&str, i64, &[u8])> = TableDefinition::new("log");
/// The latest event of each kind about each thing: its name → time of the event, number, source, arrival, body.
const LATEST: TableDefinition<&str, Row> = TableDefinition::new("latest");
/// Ids that were seen.
const SEEN: TableDefinition<u128, ()> = TableDefinition::new("seen");
/// The same by arrival, so that the old ones are found.
const AGES: TableDefinition<(i64, u128), ()> = TableDefinition::new("ages");
/// Numbers of the log that other relays have yet to be told of.
const OFFERS: TableDefinition<u64, ()> = TableDefinition::new("offers");
/// The next number, the last number that was told on, and the place in the stream of the other relays' events.
const MARKS: TableDefinition<&str, u64> = TableDefinition::new("marks");

type Row = (i64, u64, &'static str, i64, &'static [u8]);

/// Memory for pages of the file.
const CACHE: usize = 8 * 1024 * 1024;
/// Events that may wait for the disk; more wait for these.
const WAITING: usize = 1_024;

/// How much is kept, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For how long an id is remembered; a captured event that is sent again after that is new. A webhook that cannot be
    /// read is kept for as long.
    pub window: TimeDelta,
    /// For how long the latest event of its kind is kept.
    pub latest: TimeDelta,
    /// How many of those there may be; more are not kept.
    pub latest_count: u64,
    /// Events of the log that stay when they have been told on.
    pub kept: u64,
    /// Bytes of the same.
    pub kept_bytes: u64,
    /// Bytes that may wait to be told on; more is refused, which the sender tries again.
    pub most_bytes: u64,
    /// Webhooks that cannot be read and are kept.
    pub unreadable: u64,
    /// Bytes of the same.
    pub unreadable_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            window: TimeDelta::hours(25),
            latest: TimeDelta::days(30),
            latest_count: 100_000,
            // A day of a busy floor: what a call, or a person, was through is known again after a restart.
            kept: 100_000,
            kept_bytes: 128 * 1024 * 1024,
            most_bytes: 256 * 1024 * 1024,
            unreadable: 10_000,
            unreadable_bytes: 32 * 1024 * 1024,
        }
    }
}

/// An event that came.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub source: String,
    pub id: String,
    /// Of what it is the latest: kind and thing. `None` for what only the log keeps.
    pub latest: Option<String>,
    pub at: DateTime<Utc>,
    pub arrived: DateTime<Utc>,
    pub body: Bytes,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is on disk, under this number.
    New(u64),
    /// It was on disk already.
    Seen,
}

/// Why an event is not on disk. The sender should try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The disk did not take it.
    #[error("the store cannot be written")]
    Disk,
    /// Too much waits to be told on.
    #[error("the store is full")]
    Full,
}

/// An event as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub seq: u64,
    pub source: String,
    pub arrived: DateTime<Utc>,
    pub body: Vec<u8>,
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be made or opened.
    #[error("the store {} cannot be opened", path.display())]
    Open {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The file cannot be read or written.
    #[error("the store {} cannot be used", path.display())]
    Database {
        path: PathBuf,
        #[source]
        source: Box<redb::Error>,
    },
    #[error("the store has no thread to write with")]
    Thread(#[source] std::io::Error),
}

/// Where it is said what became of an event.
type Answer = oneshot::Sender<Result<Kept, Refusal>>;

/// What the writing thread is asked.
enum Job {
    /// An event, and whether other relays are to be told of it.
    Keep(Arrival, bool, Answer),
    /// A webhook that cannot be read.
    KeepUnreadable(Unreadable, Answer),
    /// What became of an unreadable webhook, and whether other relays are to be told of it.
    Judge {
        seq: u64,
        judgement: Judgement,
        offer: bool,
        answer: Answer,
    },
    Told(u64),
    /// Other relays know of these, or they left the log.
    Offered(Vec<u64>, Place),
    /// Everything before this is written.
    Settled(oneshot::Sender<()>),
    /// Everything of the log that came since then is offered.
    OfferAll(DateTime<Utc>, Place),
    /// Everything of the stream up to there is kept.
    Reached(Place),
}

/// What the thread and the readers share.
struct Shared {
    path: PathBuf,
    /// Absent while the file is opened anew.
    database: RwLock<Option<Arc<Database>>>,
    /// The number of the newest event.
    newest: watch::Sender<u64>,
    /// What is wrong with the disk now.
    trouble: watch::Sender<Option<Shown>>,
    /// How many webhooks cannot be read.
    unread: watch::Sender<Unread>,
    /// Whether there are other relays.
    sharing: AtomicBool,
}

/// A store that is open. Clones share it; the file is closed with the last of them.
#[derive(Clone)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.shared.path.display())
    }
}

impl Store {
    /// Opens the file, and makes it for the user alone if it is not there. Blocks.
    ///
    /// # Errors
    /// It cannot be opened: another process has it, the disk is full, it is no store.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, StoreError> {
        let database = Arc::new(open(path)?);
        let fail = |source: redb::Error| StoreError::Database {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let state = write::State::read(&database, limits).map_err(fail)?;
        let shared = Arc::new(Shared {
            path: path.to_owned(),
            database: RwLock::new(Some(database)),
            newest: watch::Sender::new(state.newest()),
            trouble: watch::Sender::new(None),
            unread: watch::Sender::new(state.unread()),
            sharing: AtomicBool::new(false),
        });
        let (jobs, asked) = mpsc::channel(WAITING);
        let own = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || write::run(&own, asked, state))
            .map_err(StoreError::Thread)?;
        Ok(Self { jobs, shared })
    }

    /// Puts an event on disk; it is there when this returns.
    ///
    /// # Errors
    /// It is not on disk, or nobody can say.
    pub async fn keep(&self, arrival: Arrival) -> Result<Kept, Refusal> {
        self.put(arrival, self.is_sharing()).await
    }

    /// Whether events that are kept are offered to other relays.
    fn is_sharing(&self) -> bool {
        self.shared.sharing.load(Ordering::Relaxed)
    }

    async fn put(&self, arrival: Arrival, offer: bool) -> Result<Kept, Refusal> {
        let (answer, told) = oneshot::channel();
        self.jobs.send(Job::Keep(arrival, offer, answer)).await.map_err(|_| Refusal::Disk)?;
        told.await.unwrap_or(Err(Refusal::Disk))
    }

    /// Everything up to this number was told on; it leaves the log when the log is too long.
    pub async fn told(&self, seq: u64) {
        // Forgotten with the thread: then it is told once more after the next start, which changes nothing.
        let _ = self.jobs.send(Job::Told(seq)).await;
    }

    /// The number of the newest event.
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.shared.newest.subscribe()
    }

    /// What is wrong with the disk now.
    pub fn trouble(&self) -> watch::Receiver<Option<Shown>> {
        self.shared.trouble.subscribe()
    }

    /// The number of the last event that was told on. Blocks.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn mark(&self) -> Result<u64, StoreError> {
        self.reading(|database| {
            let marks = database.begin_read()?.open_table(MARKS)?;
            Ok(marks.get("told")?.map_or(0, |mark| mark.value()))
        })
    }

    /// Events of the log after a number, oldest first, at most so many. Blocks.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn after(&self, seq: u64, most: usize) -> Result<Vec<Record>, StoreError> {
        self.reading(|database| {
            let log = database.begin_read()?.open_table(LOG)?;
            let rows = log.range(seq.saturating_add(1)..)?.take(most);
            rows.map(|row| {
                let (seq, value) = row?;
                let (source, arrived, body) = value.value();
                Ok(record(seq.value(), source, arrived, body))
            })
            .collect()
        })
    }

    /// The latest events by kind and thing, behind the name `after`, at most so many, each with its name. Blocks.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn latest(&self, after: &str, most: usize) -> Result<Vec<(String, Record)>, StoreError> {
        self.reading(|database| {
            let latest = database.begin_read()?.open_table(LATEST)?;
            let behind = (std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded);
            let rows = latest.range::<&str>(behind)?.take(most);
            rows.map(|row| {
                let (name, value) = row?;
                let (_, seq, source, arrived, body) = value.value();
                Ok((name.value().to_owned(), record(seq, source, arrived, body)))
            })
            .collect()
        })
    }

    fn reading<T>(
        &self,
        read: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let fail = |source| StoreError::Database {
            path: self.shared.path.clone(),
            source: Box::new(source),
        };
        match self.shared.database() {
            Some(database) => read(&database).map_err(fail),
            None => Err(fail(redb::Error::PreviousIo)),
        }
    }
}

impl Shared {
    fn database(&self) -> Option<Arc<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, database: Option<Arc<Database>>) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = database;
    }

    /// Tells what is wrong, once for as long as it is so.
    fn tell(&self, trouble: Option<&redb::Error>) {
        let text = trouble.map(|error| Shown::clean(&chain(error)));
        self.trouble.send_if_modified(|known| {
            let differs = *known != text;
            match (&text, differs) {
                (Some(text), true) => tracing::error!("the store cannot be written: {text}"),
                (None, true) => tracing::info!("the store can be written again"),
                _ => {}
            }
            known.clone_from(&text);
            differs
        });
    }
}

fn record(seq: u64, source: &str, arrived: i64, body: &[u8]) -> Record {
    let arrived = DateTime::from_timestamp_millis(arrived).unwrap_or_default();
    Record { seq, source: source.to_owned(), arrived, body: body.to_vec() }
}

/// Opens the file as it stands after whatever ended the last process.
fn open(path: &Path) -> Result<Database, StoreError> {
    let refuse = |source| StoreError::Open { path: path.to_owned(), source };
    private::folder(path.parent().unwrap_or(Path::new(""))).map_err(refuse)?;
    // Made here and not by the database, because of its mode.
    let mut options = OpenOptions::new();
    private::open(path, options.read(true).write(true).create(true).truncate(false))
        .map_err(refuse)?;
    let fail = |error: redb::Error| StoreError::Database {
        path: path.to_owned(),
        source: Box::new(error),
    };
    let database = redb::Builder::new()
        .set_cache_size(CACHE)
        .create(path)
        .map_err(|error| fail(error.into()))?;
    tables(&database).map_err(fail)?;
    Ok(database)
}

/// Makes the tables, so that readers find them.
fn tables(database: &Database) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    transaction.open_table(LOG)?;
    transaction.open_table(LATEST)?;
    transaction.open_table(SEEN)?;
    transaction.open_table(AGES)?;
    transaction.open_table(OFFERS)?;
    transaction.open_table(MARKS)?;
    transaction.open_table(UNREADABLE)?;
    transaction.commit()?;
    Ok(())
}
