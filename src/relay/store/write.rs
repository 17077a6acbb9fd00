//! The thread that writes: everything that waits in one transaction, then one answer for each.

use std::collections::VecDeque;

use redb::{Database, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata, Table};
use tokio::sync::mpsc::Receiver;

use super::offers;
use super::unreadable::{Ledger, UNREADABLE};
use super::{
    AGES, Arrival, Job, Judgement, Kept, LATEST, LOG, Limits, MARKS, OFFERS, Refusal, Row, SEEN,
    Shared, Unread, open,
};

/// Jobs in one transaction.
const TOGETHER: usize = 512;
/// Old ids that leave in one transaction: more than can come in it, so that the window shrinks again.
const LEAVING: usize = 2 * TOGETHER;
/// How often the latest events are looked through for old ones, milliseconds.
const SWEEP: i64 = 24 * 3_600 * 1_000;

/// What the thread knows of the file without looking.
pub(super) struct State {
    limits: Limits,
    /// The number of the next event.
    next: u64,
    /// The number of the last event that was told on.
    told: u64,
    /// Number and size of each event of the log, oldest first.
    sizes: VecDeque<(u64, u64)>,
    /// The sum of the sizes.
    bytes: u64,
    /// The sum of those that were not told on.
    waiting: u64,
    /// When the latest events were last looked through.
    swept: i64,
    /// The webhooks that cannot be read.
    unreadable: Ledger,
    /// Those of them that were dropped.
    dropped: u64,
}

impl State {
    /// Reads it from the file.
    pub(super) fn read(database: &Database, limits: Limits) -> Result<Self, redb::Error> {
        let transaction = database.begin_read()?;
        let marks = transaction.open_table(MARKS)?;
        let mark = |name: &str| -> Result<Option<u64>, redb::Error> {
            Ok(marks.get(name)?.map(|mark| mark.value()))
        };
        let (next, told) = (mark("next")?.unwrap_or(1), mark("told")?.unwrap_or(0));
        let log = transaction.open_table(LOG)?;
        let mut sizes = VecDeque::new();
        for row in log.iter()? {
            let (seq, value) = row?;
            sizes.push_back((seq.value(), size(value.value().2)));
        }
        let bytes = sizes.iter().map(|(_, size)| size).sum();
        let untold = sizes.iter().filter(|(seq, _)| *seq > told);
        let waiting = untold.map(|(_, size)| size).sum();
        let unreadable = Ledger::read(&transaction.open_table(UNREADABLE)?)?;
        let (swept, dropped) = (0, 0);
        Ok(Self { limits, next, told, sizes, bytes, waiting, swept, unreadable, dropped })
    }

    /// How many webhooks cannot be read.
    pub(super) fn unread(&self) -> Unread {
        Unread { kept: self.unreadable.kept().clone(), dropped: self.dropped }
    }

    /// The number of the newest event.
    pub(super) const fn newest(&self) -> u64 {
        self.next - 1
    }

    /// Bytes of the events after the number `from`, up to the number `to`.
    fn between(&self, from: u64, to: u64) -> u64 {
        let first = self.sizes.partition_point(|(seq, _)| *seq <= from);
        self.sizes.range(first..).take_while(|(seq, _)| *seq <= to).map(|(_, size)| size).sum()
    }
}

const fn size(body: &[u8]) -> u64 {
    body.len() as u64
}

/// Writes until nobody can ask any more.
pub(super) fn run(shared: &Shared, mut asked: Receiver<Job>, mut state: State) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while asked.blocking_recv_many(&mut waiting, TOGETHER) > 0 {
        let result = database(shared, &mut state)
            .and_then(|database| write(&database, &waiting, &mut state));
        let failed = result.as_ref().err();
        shared.tell(failed);
        if failed.is_some() {
            // After a failed write the file is opened anew, which mends it.
            shared.replace(None);
        }
        shared
            .newest
            .send_if_modified(|newest| std::mem::replace(newest, state.newest()) != state.newest());
        shared.unread.send_if_modified(|unread| {
            let now = state.unread();
            let differs = *unread != now;
            *unread = now;
            differs
        });
        let mut kept = result.unwrap_or_default().into_iter();
        for job in waiting.drain(..) {
            // Whoever asked may have gone: the event is on disk all the same.
            match job {
                Job::Keep(_, _, answer)
                | Job::KeepUnreadable(_, answer)
                | Job::Judge { answer, .. } => {
                    let _ = answer.send(kept.next().unwrap_or(Err(Refusal::Disk)));
                }
                Job::Settled(answer) => {
                    let _ = answer.send(());
                }
                Job::Told(_) | Job::Offered(..) | Job::OfferAll(..) | Job::Reached(_) => {}
            }
        }
    }
}

/// The open file; opened anew where the last write failed.
fn database(shared: &Shared, state: &mut State) -> Result<std::sync::Arc<Database>, redb::Error> {
    if let Some(database) = shared.database() {
        return Ok(database);
    }
    let database = open(&shared.path).map_err(|error| match error {
        super::StoreError::Database { source, .. } => *source,
        super::StoreError::Open { source, .. } | super::StoreError::Thread(source) => {
            redb::Error::Io(source)
        }
    })?;
    *state = State { dropped: state.dropped, ..State::read(&database, state.limits)? };
    let database = std::sync::Arc::new(database);
    shared.replace(Some(std::sync::Arc::clone(&database)));
    Ok(database)
}

/// The tables of a transaction that an event is written to.
struct Tables<'t> {
    log: Table<'t, u64, (&'static str, i64, &'static [u8])>,
    latest: Table<'t, &'static str, Row>,
    seen: Table<'t, u128, ()>,
    ages: Table<'t, (i64, u128), ()>,
    offers: Table<'t, u64, ()>,
}

impl Tables<'_> {
    /// Forgets ids that came before that time.
    fn forget(&mut self, old: i64) -> Result<(), redb::Error> {
        let ids: Vec<(i64, u128)> = self
            .ages
            .range(..(old, 0))?
            .take(LEAVING)
            .map(|row| row.map(|(key, _)| key.value()))
            .collect::<Result<_, _>>()?;
        for key in ids {
            self.ages.remove(key)?;
            self.seen.remove(key.1)?;
        }
        Ok(())
    }
}

/// What a transaction adds to the log.
struct Fresh {
    /// The number of the next event.
    next: u64,
    /// Bytes that wait to be told on.
    waiting: u64,
    /// Number and size of each event.
    sizes: Vec<(u64, u64)>,
    /// The latest arrival, of whatever came.
    now: Option<i64>,
}

impl Fresh {
    /// Adds an event to the log, unless it was seen before or too much waits.
    fn keep(
        &mut self,
        tables: &mut Tables<'_>,
        arrival: &Arrival,
        offer: bool,
        limits: &Limits,
    ) -> Result<Result<Kept, Refusal>, redb::Error> {
        let own = fingerprint(&arrival.source, &arrival.id);
        let arrived = arrival.arrived.timestamp_millis();
        self.now = self.now.max(Some(arrived));
        if tables.seen.get(own)?.is_some() {
            return Ok(Ok(Kept::Seen));
        }
        let length = size(&arrival.body);
        if self.waiting + length > limits.most_bytes {
            return Ok(Err(Refusal::Full));
        }
        let (source, body) = (arrival.source.as_str(), arrival.body.as_ref());
        tables.log.insert(self.next, (source, arrived, body))?;
        tables.seen.insert(own, ())?;
        tables.ages.insert((arrived, own), ())?;
        remember(&mut tables.latest, arrival, self.next, limits.latest_count)?;
        if offer {
            tables.offers.insert(self.next, ())?;
        }
        self.sizes.push((self.next, length));
        self.waiting += length;
        self.next += 1;
        Ok(Ok(Kept::New(self.next - 1)))
    }
}

/// Writes all of `jobs` or nothing; says of each event and each unreadable webhook what became of it.
fn write(
    database: &Database,
    jobs: &[Job],
    state: &mut State,
) -> Result<Vec<Result<Kept, Refusal>>, redb::Error> {
    let mut kept = Vec::with_capacity(jobs.len());
    let mut told = state.told;
    let mut fresh =
        Fresh { next: state.next, waiting: state.waiting, sizes: Vec::new(), now: None };
    let mut gone = 0;
    let mut swept = state.swept;
    let mut ledger = None;
    let mut dropped = 0;
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    {
        let mut tables = Tables {
            log: transaction.open_table(LOG)?,
            latest: transaction.open_table(LATEST)?,
            seen: transaction.open_table(SEEN)?,
            ages: transaction.open_table(AGES)?,
            offers: transaction.open_table(OFFERS)?,
        };
        let mut marks = transaction.open_table(MARKS)?;
        let mut unread = transaction.open_table(UNREADABLE)?;
        for job in jobs {
            match job {
                Job::Keep(arrival, offer, _) => {
                    kept.push(fresh.keep(&mut tables, arrival, *offer, &state.limits)?);
                }
                Job::KeepUnreadable(webhook, _) => {
                    fresh.now = fresh.now.max(Some(webhook.arrived.timestamp_millis()));
                    let ledger = ledger.get_or_insert_with(|| state.unreadable.clone());
                    kept.push(Ok(ledger.add(&mut unread, webhook)?));
                }
                Job::Judge { seq, judgement, offer, .. } => {
                    let ledger = ledger.get_or_insert_with(|| state.unreadable.clone());
                    let read = match judgement {
                        Judgement::Read(arrival) => {
                            fresh.keep(&mut tables, arrival, *offer, &state.limits)?
                        }
                        Judgement::Expired | Judgement::Unreadable { .. } => Ok(Kept::Seen),
                    };
                    if read.is_ok() {
                        dropped += ledger.judge(&mut unread, *seq, judgement)?;
                    }
                    kept.push(read);
                }
                Job::Told(seq) => {
                    fresh.waiting -= state.between(told, *seq);
                    told = told.max(*seq);
                }
                note => offers::note(note, &tables.log, &mut tables.offers, &mut marks)?,
            }
        }
        marks.insert("next", fresh.next)?;
        marks.insert("told", told)?;
        // The log is kept short, but nothing leaves that was not told on.
        let count = (state.sizes.len() + fresh.sizes.len()) as u64;
        let mut bytes = state.bytes + fresh.sizes.iter().map(|(_, size)| size).sum::<u64>();
        for (seq, size) in state.sizes.iter().chain(&fresh.sizes).take(LEAVING) {
            let long = count - gone > state.limits.kept || bytes > state.limits.kept_bytes;
            if !long || *seq > told {
                break;
            }
            tables.log.remove(*seq)?;
            gone += 1;
            bytes -= size;
        }
        if let Some(now) = fresh.now {
            let old = now.saturating_sub(state.limits.window.num_milliseconds());
            tables.forget(old)?;
            if ledger.is_some() || state.unreadable.has_older(old) {
                let ledger = ledger.get_or_insert_with(|| state.unreadable.clone());
                dropped += ledger.bound(&mut unread, &state.limits, old)?;
            }
            if now.saturating_sub(swept) > SWEEP && !tables.latest.is_empty()? {
                let old = now.saturating_sub(state.limits.latest.num_milliseconds());
                tables.latest.retain(|_, (_, _, _, arrived, _)| arrived >= old)?;
                swept = now;
            }
        }
    }
    transaction.commit()?;
    // Only now is it so.
    for entry in fresh.sizes {
        state.sizes.push_back(entry);
        state.bytes += entry.1;
    }
    state.waiting = fresh.waiting;
    (state.next, state.told, state.swept) = (fresh.next, told, swept);
    for _ in 0..gone {
        state.bytes -= state.sizes.pop_front().map_or(0, |(_, size)| size);
    }
    if let Some(ledger) = ledger {
        state.unreadable = ledger;
    }
    state.dropped += dropped;
    Ok(kept)
}

/// Keeps an event as the latest of its kind, unless a later one is known.
fn remember(
    latest: &mut Table<'_, &'static str, Row>,
    arrival: &Arrival,
    seq: u64,
    most: u64,
) -> Result<(), redb::Error> {
    let Some(thing) = &arrival.latest else { return Ok(()) };
    let name = format!("{}\n{thing}", arrival.source);
    let at = arrival.at.timestamp_millis();
    let known = latest.get(name.as_str())?.map(|known| known.value().0);
    let room = known.is_some() || latest.len()? < most;
    if room && known.is_none_or(|known| known <= at) {
        let arrived = arrival.arrived.timestamp_millis();
        let row = (at, seq, arrival.source.as_str(), arrived, arrival.body.as_ref());
        latest.insert(name.as_str(), row)?;
    }
    Ok(())
}

/// A number that stands for the id of an event of that source (FNV-1a, 128 bits).
pub fn fingerprint(source: &str, id: &str) -> u128 {
    let bytes = source.bytes().chain([0]).chain(id.bytes());
    bytes.fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}
