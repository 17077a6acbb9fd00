//! Webhooks of which no event can be made: kept as they came, until a version of the program can read them.
//!
//! They are bounded by count, bytes and age. What is over a bound is dropped, the oldest first, and counted.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use redb::{ReadableDatabase, ReadableTable, Table, TableDefinition};
use tokio::sync::{oneshot, watch};

use super::{Arrival, Job, Kept, Limits, Refusal, Store, StoreError};

/// Number → the webhook.
pub(super) const UNREADABLE: TableDefinition<u64, Row> = TableDefinition::new("unreadable");

/// Source, arrival (ms since 1970), reason, version that could not read it, content type and content encoding (empty
/// where there is none), body.
type Row =
    (&'static str, i64, &'static str, &'static str, &'static str, &'static str, &'static [u8]);

/// A webhook that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The source that sent it.
    pub source: String,
    pub arrived: DateTime<Utc>,
    /// Why it cannot be read.
    pub reason: String,
    /// The version of the program that could not read it.
    pub version: String,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Its `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// Its body as it came.
    pub body: Bytes,
}

/// What another version of the program makes of an unreadable webhook.
#[derive(Debug)]
pub enum Judgement {
    /// It can be read: it becomes an event of the log.
    Read(Arrival),
    /// It is too old to count: it is dropped.
    Expired,
    /// It cannot be read either, for this reason.
    Unreadable {
        reason: String,
        /// The version that says so.
        version: String,
    },
}

/// How many unreadable webhooks there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unread {
    /// Those that are kept, by source.
    pub kept: BTreeMap<String, u64>,
    /// Those that were dropped since the start, because they were too many, too large or too old.
    pub dropped: u64,
}

impl Store {
    /// Puts a webhook that cannot be read on disk; it is there when this returns.
    ///
    /// # Errors
    /// It is not on disk, or nobody can say.
    pub async fn keep_unreadable(&self, webhook: Unreadable) -> Result<(), Refusal> {
        let (answer, told) = oneshot::channel();
        let job = Job::KeepUnreadable(webhook, answer);
        self.jobs.send(job).await.map_err(|_| Refusal::Disk)?;
        told.await.unwrap_or(Err(Refusal::Disk)).map(|_| ())
    }

    /// Unreadable webhooks after a number, in the order of their receipt, at most so many, each with its number. Blocks.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn unreadable(
        &self,
        after: u64,
        most: usize,
    ) -> Result<Vec<(u64, Unreadable)>, StoreError> {
        self.reading(|database| {
            let table = database.begin_read()?.open_table(UNREADABLE)?;
            let rows = table.range(after.saturating_add(1)..)?.take(most);
            rows.map(|row| {
                let (seq, value) = row?;
                Ok((seq.value(), webhook(value.value())))
            })
            .collect()
        })
    }

    /// Writes down what became of unreadable webhooks, in that order.
    ///
    /// # Errors
    /// One of them is not on disk, or nobody can say: it is as unreadable as before.
    pub async fn judge(
        &self,
        judged: impl IntoIterator<Item = (u64, Judgement)>,
    ) -> Result<(), Refusal> {
        let offer = self.is_sharing();
        let mut answers = Vec::new();
        for (seq, judgement) in judged {
            let (answer, told) = oneshot::channel();
            let job = Job::Judge { seq, judgement, offer, answer };
            self.jobs.send(job).await.map_err(|_| Refusal::Disk)?;
            answers.push(told);
        }
        for told in answers {
            told.await.unwrap_or(Err(Refusal::Disk))?;
        }
        Ok(())
    }

    /// How many unreadable webhooks there are.
    pub fn unread(&self) -> watch::Receiver<Unread> {
        self.shared.unread.subscribe()
    }
}

fn webhook(
    (source, arrived, reason, version, content_type, content_encoding, body): (
        &str,
        i64,
        &str,
        &str,
        &str,
        &str,
        &[u8],
    ),
) -> Unreadable {
    let header = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Unreadable {
        source: source.to_owned(),
        arrived: DateTime::from_timestamp_millis(arrived).unwrap_or_default(),
        reason: reason.to_owned(),
        version: version.to_owned(),
        content_type: header(content_type),
        content_encoding: header(content_encoding),
        body: Bytes::copy_from_slice(body),
    }
}

fn row(own: &Unreadable) -> (&str, i64, &str, &str, &str, &str, &[u8]) {
    (
        own.source.as_str(),
        own.arrived.timestamp_millis(),
        own.reason.as_str(),
        own.version.as_str(),
        own.content_type.as_deref().unwrap_or_default(),
        own.content_encoding.as_deref().unwrap_or_default(),
        own.body.as_ref(),
    )
}

/// What the writing thread knows of the table without looking.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    rows: VecDeque<Entry>,
    bytes: u64,
    /// The number of the newest.
    last: u64,
    /// How many there are, by source.
    kept: BTreeMap<String, u64>,
}

#[derive(Debug, Clone)]
struct Entry {
    seq: u64,
    size: u64,
    arrived: i64,
    source: String,
}

impl Ledger {
    /// Reads it from the table.
    pub(super) fn read(table: &impl ReadableTable<u64, Row>) -> Result<Self, redb::Error> {
        let mut ledger = Self::default();
        for row in table.iter()? {
            let (seq, value) = row?;
            let (source, arrived, _, _, _, _, body) = value.value();
            let size = body.len() as u64;
            ledger.push(Entry { seq: seq.value(), size, arrived, source: source.to_owned() });
        }
        Ok(ledger)
    }

    fn push(&mut self, entry: Entry) {
        self.last = self.last.max(entry.seq);
        self.bytes += entry.size;
        *self.kept.entry(entry.source.clone()).or_default() += 1;
        self.rows.push_back(entry);
    }

    /// How many there are, by source.
    pub(super) const fn kept(&self) -> &BTreeMap<String, u64> {
        &self.kept
    }

    /// Whether the oldest came before that time.
    pub(super) fn has_older(&self, than: i64) -> bool {
        self.rows.front().is_some_and(|entry| entry.arrived < than)
    }

    pub(super) fn add(
        &mut self,
        table: &mut Table<'_, u64, Row>,
        own: &Unreadable,
    ) -> Result<Kept, redb::Error> {
        let seq = self.last + 1;
        table.insert(seq, row(own))?;
        self.push(Entry {
            seq,
            size: own.body.len() as u64,
            arrived: own.arrived.timestamp_millis(),
            source: own.source.clone(),
        });
        Ok(Kept::New(seq))
    }

    /// Writes down what became of one; says how many were dropped.
    pub(super) fn judge(
        &mut self,
        table: &mut Table<'_, u64, Row>,
        seq: u64,
        judgement: &Judgement,
    ) -> Result<u64, redb::Error> {
        match judgement {
            Judgement::Read(_) => self.remove(table, seq).map(|()| 0),
            Judgement::Expired => self.remove(table, seq).map(|()| 1),
            Judgement::Unreadable { reason, version } => {
                let known = table.get(seq)?.map(|row| webhook(row.value()));
                let Some(known) = known else { return Ok(0) };
                let (reason, version) = (reason.clone(), version.clone());
                table.insert(seq, row(&Unreadable { reason, version, ..known }))?;
                Ok(0)
            }
        }
    }

    pub(super) fn remove(
        &mut self,
        table: &mut Table<'_, u64, Row>,
        seq: u64,
    ) -> Result<(), redb::Error> {
        table.remove(seq)?;
        let place = self.rows.iter().position(|entry| entry.seq == seq);
        let Some(entry) = place.and_then(|place| self.rows.remove(place)) else { return Ok(()) };
        self.bytes -= entry.size;
        if let Some(count) = self.kept.get_mut(&entry.source) {
            *count -= 1;
        }
        self.kept.retain(|_, count| *count > 0);
        Ok(())
    }

    /// Drops what is over the bounds; says how many those were.
    pub(super) fn bound(
        &mut self,
        table: &mut Table<'_, u64, Row>,
        limits: &Limits,
        oldest: i64,
    ) -> Result<u64, redb::Error> {
        let expired: Vec<u64> =
            self.rows.iter().filter(|own| own.arrived < oldest).map(|own| own.seq).collect();
        let mut dropped = expired.len() as u64;
        for seq in expired {
            self.remove(table, seq)?;
        }
        while self.rows.len() as u64 > limits.unreadable || self.bytes > limits.unreadable_bytes {
            let Some(seq) = self.rows.front().map(|own| own.seq) else { break };
            self.remove(table, seq)?;
            dropped += 1;
        }
        Ok(dropped)
    }
}
