//! What other relays have yet to be told of, and how far we are in what they tell.
//!
//! An event is offered by the transaction that keeps it, so that no kill comes between the two. An event that another
//! relay told of is kept like any other, and not offered again.

use std::sync::atomic::Ordering;

use redb::{ReadableDatabase, ReadableTable, ReadableTableMetadata, Table};

use tokio::sync::oneshot;

use super::{Arrival, Job, Kept, LOG, MARKS, OFFERS, Record, Refusal, Store, StoreError, record};
use chrono::{DateTime, Utc};

/// A place in a stream of events. Another stream of that name, made later, has its places too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Which stream: when it was made, nanoseconds since 1970.
    pub stream: u64,
    pub seq: u64,
}

/// An event that other relays do not know of for sure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its number in the log.
    pub seq: u64,
    /// The event; `None` where the log was too long to hold it until now.
    pub record: Option<Record>,
}

impl Store {
    /// From now on, events that are kept are offered to other relays.
    pub fn share(&self) {
        self.shared.sharing.store(true, Ordering::Relaxed);
    }

    /// Puts an event on disk that another relay received; it is there when this returns.
    ///
    /// # Errors
    /// It is not on disk, or nobody can say.
    pub async fn keep_copy(&self, arrival: Arrival) -> Result<Kept, Refusal> {
        self.put(arrival, false).await
    }

    /// Events that other relays have yet to be told of, oldest first, at most so many, and how many there are in all.
    /// Blocks.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn offers(&self, most: usize) -> Result<(Vec<Offer>, u64), StoreError> {
        self.reading(|database| {
            let transaction = database.begin_read()?;
            let (log, offers) = (transaction.open_table(LOG)?, transaction.open_table(OFFERS)?);
            let mut found = Vec::new();
            for row in offers.iter()?.take(most) {
                let seq = row?.0.value();
                let record = log.get(seq)?.map(|value| {
                    let (source, arrived, body) = value.value();
                    record(seq, source, arrived, body)
                });
                found.push(Offer { seq, record });
            }
            Ok((found, offers.len()?))
        })
    }

    /// Other relays know of these, or can never know: they are not offered any more. The last of them is in the stream at
    /// that place.
    pub async fn offered(&self, seqs: Vec<u64>, place: Place) {
        // Forgotten with the thread: then they are offered once more, which changes nothing.
        let _ = self.jobs.send(Job::Offered(seqs, place)).await;
    }

    /// Ends when everything that was asked until now is written, or has failed to be.
    pub async fn settled(&self) {
        let (answer, told) = oneshot::channel();
        let _ = self.jobs.send(Job::Settled(answer)).await;
        let _ = told.await;
    }

    /// Offers everything of the log that arrived since then: what the others knew may be lost. The stream that they
    /// have now is at that place.
    pub async fn offer_all(&self, since: DateTime<Utc>, place: Place) {
        let _ = self.jobs.send(Job::OfferAll(since, place)).await;
    }

    /// Everything up to that place of the other relays' events is kept.
    pub async fn reached(&self, place: Place) {
        let _ = self.jobs.send(Job::Reached(place)).await;
    }

    /// The last place of the other relays' events up to which everything is kept. Blocks.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn place(&self) -> Result<Place, StoreError> {
        self.marked(["stream", "reached"])
    }

    /// The last place that was told to us for an event of ours. Blocks.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn acknowledged(&self) -> Result<Place, StoreError> {
        self.marked(["acknowledged stream", "acknowledged"])
    }

    fn marked(&self, [stream, seq]: [&str; 2]) -> Result<Place, StoreError> {
        self.reading(|database| {
            let marks = database.begin_read()?.open_table(MARKS)?;
            let mark = |name: &str| -> Result<u64, redb::Error> {
                Ok(marks.get(name)?.map_or(0, |mark| mark.value()))
            };
            Ok(Place { stream: mark(stream)?, seq: mark(seq)? })
        })
    }
}

/// Writes down a job that keeps no event and tells of none.
pub(super) fn note(
    job: &Job,
    log: &impl ReadableTable<u64, (&'static str, i64, &'static [u8])>,
    offers: &mut Table<'_, u64, ()>,
    marks: &mut Table<'_, &'static str, u64>,
) -> Result<(), redb::Error> {
    match job {
        Job::Offered(seqs, place) => {
            for seq in seqs {
                offers.remove(seq)?;
            }
            let known = marks.get("acknowledged stream")?.map(|mark| mark.value());
            let seq = marks.get("acknowledged")?.map(|mark| mark.value());
            let seq = seq.filter(|_| known == Some(place.stream)).max(Some(place.seq));
            marks.insert("acknowledged stream", place.stream)?;
            marks.insert("acknowledged", seq.unwrap_or_default())?;
        }
        Job::OfferAll(since, place) => {
            marks.insert("acknowledged stream", place.stream)?;
            marks.insert("acknowledged", place.seq)?;
            for row in log.iter()? {
                let (seq, value) = row?;
                if value.value().1 >= since.timestamp_millis() {
                    offers.insert(seq.value(), ())?;
                }
            }
        }
        Job::Reached(place) => {
            marks.insert("stream", place.stream)?;
            marks.insert("reached", place.seq)?;
        }
        Job::Keep(..)
        | Job::KeepUnreadable(..)
        | Job::Judge { .. }
        | Job::Told(_)
        | Job::Settled(_) => {}
    }
    Ok(())
}
