//! The thread that writes: everything that waits in one transaction, then one answer for each.

use std::collections::VecDeque;

use redb::{Database, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata, Table};
use tokio::sync::mpsc::Receiver;

use super::offers;
use super::{
    AGES, Arrival, Job, Kept, LATEST, LOG, Limits, MARKS, OFFERS, Refusal, Row, SEEN, Shared, open,
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
        Ok(Self { limits, next, told, sizes, bytes, waiting, swept: 0 })
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
        let mut kept = result.unwrap_or_default().into_iter();
        for job in waiting.drain(..) {
            // Whoever asked may have gone: the event is on disk all the same.
            match job {
                Job::Keep(_, _, answer) => {
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
    *state = State::read(&database, state.limits)?;
    let database = std::sync::Arc::new(database);
    shared.replace(Some(std::sync::Arc::clone(&database)));
    Ok(database)
}

/// Writes all of `jobs` or nothing; says of each event what became of it.
fn write(
    database: &Database,
    jobs: &[Job],
    state: &mut State,
) -> Result<Vec<Result<Kept, Refusal>>, redb::Error> {
    let mut kept = Vec::with_capacity(jobs.len());
    let (mut next, mut told) = (state.next, state.told);
    let mut waiting = state.waiting;
    let mut fresh = Vec::new();
    let mut gone = 0;
    let mut swept = state.swept;
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    {
        let mut log = transaction.open_table(LOG)?;
        let mut latest = transaction.open_table(LATEST)?;
        let mut seen = transaction.open_table(SEEN)?;
        let mut ages = transaction.open_table(AGES)?;
        let mut offers = transaction.open_table(OFFERS)?;
        let mut marks = transaction.open_table(MARKS)?;
        let mut now = None;
        for job in jobs {
            let (arrival, offer) = match job {
                Job::Keep(arrival, offer, _) => (arrival, *offer),
                Job::Told(seq) => {
                    waiting -= state.between(told, *seq);
                    told = told.max(*seq);
                    continue;
                }
                note => {
                    offers::note(note, &log, &mut offers, &mut marks)?;
                    continue;
                }
            };
            let own = fingerprint(&arrival.source, &arrival.id);
            let arrived = arrival.arrived.timestamp_millis();
            now = now.max(Some(arrived));
            if seen.get(own)?.is_some() {
                kept.push(Ok(Kept::Seen));
                continue;
            }
            let length = size(&arrival.body);
            if waiting + length > state.limits.most_bytes {
                kept.push(Err(Refusal::Full));
                continue;
            }
            let (source, body) = (arrival.source.as_str(), arrival.body.as_ref());
            log.insert(next, (source, arrived, body))?;
            seen.insert(own, ())?;
            ages.insert((arrived, own), ())?;
            remember(&mut latest, arrival, next, state.limits.latest_count)?;
            if offer {
                offers.insert(next, ())?;
            }
            fresh.push((next, length));
            waiting += length;
            kept.push(Ok(Kept::New(next)));
            next += 1;
        }
        marks.insert("next", next)?;
        marks.insert("told", told)?;
        // The log is kept short, but nothing leaves that was not told on.
        let count = (state.sizes.len() + fresh.len()) as u64;
        let mut bytes = state.bytes + fresh.iter().map(|(_, size)| size).sum::<u64>();
        for (seq, size) in state.sizes.iter().chain(&fresh).take(LEAVING) {
            let long = count - gone > state.limits.kept || bytes > state.limits.kept_bytes;
            if !long || *seq > told {
                break;
            }
            log.remove(*seq)?;
            gone += 1;
            bytes -= size;
        }
        if let Some(now) = now {
            let old = now.saturating_sub(state.limits.window.num_milliseconds());
            let ids: Vec<(i64, u128)> = ages
                .range(..(old, 0))?
                .take(LEAVING)
                .map(|row| row.map(|(key, _)| key.value()))
                .collect::<Result<_, _>>()?;
            for key in ids {
                ages.remove(key)?;
                seen.remove(key.1)?;
            }
            if now.saturating_sub(swept) > SWEEP && !latest.is_empty()? {
                let old = now.saturating_sub(state.limits.latest.num_milliseconds());
                latest.retain(|_, (_, _, _, arrived, _)| arrived >= old)?;
                swept = now;
            }
        }
    }
    transaction.commit()?;
    // Only now is it so.
    for entry in fresh {
        state.sizes.push_back(entry);
        state.bytes += entry.1;
    }
    state.waiting = waiting;
    (state.next, state.told, state.swept) = (next, told, swept);
    for _ in 0..gone {
        state.bytes -= state.sizes.pop_front().map_or(0, |(_, size)| size);
    }
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
