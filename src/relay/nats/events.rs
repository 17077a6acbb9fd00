//! Events from the store to the other relays, and theirs into the store.
//!
//! What is on disk is offered until the server has it; what it has that is not on our disk is kept, by the same identity.
//! Where the stream is another one than the one we knew, or shorter, everything of the last day is offered again.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::message::Message;
use async_nats::jetstream::stream::{Config, StorageType, Stream};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta};
use futures_util::StreamExt;
use futures_util::future::{join_all, try_join_all};

use crate::clock;
use crate::relay::store::{Offer, Place, Record, Store, StoreError, fingerprint};
use crate::relay::webhook::Receiver;
use crate::source::relay::nats::connection::{Connection, Trouble, failed};
use crate::source::relay::nats::wire::{ARRIVED, EVENT, EVENTS};

/// Events that are on their way at once.
const BATCH: usize = 256;
/// For how long the server keeps events: for less than their identities are remembered.
const KEPT: Duration = Duration::from_hours(24);
const KEPT_BYTES: i64 = 256 * 1024 * 1024;
/// For how long the server itself knows an event again.
const TWICE: Duration = Duration::from_mins(10);
/// How long an event that the disk does not take is left alone.
const AGAIN: Duration = Duration::from_secs(1);

async fn stream(connection: &Connection) -> Result<Stream, Trouble> {
    let config = Config {
        name: EVENTS.to_owned(),
        subjects: vec![format!("{EVENT}.>")],
        storage: StorageType::File,
        max_age: KEPT,
        max_bytes: KEPT_BYTES,
        duplicate_window: TWICE,
        ..Config::default()
    };
    let stream = connection.jetstream.get_or_create_stream(config).await;
    stream.map_err(failed("the stream of events cannot be made: is JetStream on?"))
}

/// How many events the server has; the stream is made if it is not there.
pub(super) async fn count(connection: &Connection) -> Result<u64, Trouble> {
    Ok(stream(connection).await?.cached_info().state.messages)
}

/// Which stream it is, and its last number.
fn last(stream: &Stream) -> Place {
    let info = stream.cached_info();
    let made = u64::try_from(info.created.unix_timestamp_nanos()).unwrap_or_default();
    Place { stream: made, seq: info.state.last_sequence }
}

/// Offers what is in the store to the other relays, and what comes.
pub(super) async fn offer(connection: &Connection, receiver: &Receiver) -> Result<(), Trouble> {
    let store = receiver.store();
    let there = last(&stream(connection).await?);
    let acknowledged = reading(store, Store::acknowledged).await?;
    if acknowledged.stream != there.stream || acknowledged.seq > there.seq {
        let since = TimeDelta::from_std(KEPT).unwrap_or_default();
        store.offer_all(clock::wall() - since, there).await;
        store.settled().await;
    }
    let mut newest = store.newest();
    loop {
        newest.mark_unchanged();
        let (offers, _) = reading(store, |store| store.offers(BATCH)).await?;
        if offers.is_empty() {
            let _ = newest.changed().await;
            continue;
        }
        let gone = offers.iter().filter(|offer| offer.record.is_none()).count();
        if gone > 0 {
            tracing::warn!("the log was too short: {gone} events never reached the other relays");
        }
        let seqs = offers.iter().map(|offer| offer.seq).collect();
        let sent =
            try_join_all(offers.into_iter().map(|offer| send(connection, receiver, offer))).await?;
        let seq = sent.into_iter().max().unwrap_or_default();
        store.offered(seqs, Place { seq, ..there }).await;
        // Read again only when that is written: the same would be offered twice.
        store.settled().await;
        let wrong = store.trouble().borrow().is_some();
        if wrong {
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Publishes an event; says where it is in the stream.
async fn send(connection: &Connection, receiver: &Receiver, offer: Offer) -> Result<u64, Trouble> {
    let cannot = "events cannot be published";
    let named = offer.record.and_then(|own| receiver.identity(&own).map(|id| (own, id)));
    let Some((record, id)) = named else { return Ok(0) };
    let mut headers = HeaderMap::new();
    let id = format!("{:032x}", fingerprint(&record.source, &id));
    headers.insert(NATS_MESSAGE_ID, id.as_str());
    headers.insert(ARRIVED, record.arrived.timestamp_millis().to_string().as_str());
    let subject = format!("{EVENT}.{}", record.source);
    let body = Bytes::from(record.body);
    let sent = connection.jetstream.publish_with_headers(subject, headers, body).await;
    Ok(sent.map_err(failed(cannot))?.await.map_err(failed(cannot))?.sequence)
}

/// Keeps what the other relays received.
pub(super) async fn take(connection: &Connection, receiver: &Receiver) -> Result<(), Trouble> {
    let cannot = "the stream of events cannot be read";
    let store = receiver.store();
    let stream = stream(connection).await?;
    let there = last(&stream);
    let known = reading(store, Store::place).await?;
    let begin = match known.stream == there.stream && known.seq <= there.seq {
        true => known.seq + 1,
        false => 1,
    };
    let config = OrderedConfig {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: begin },
        max_expires: Duration::from_secs(30),
        ..OrderedConfig::default()
    };
    let consumer = stream.create_consumer(config).await.map_err(failed(cannot))?;
    let messages = consumer.messages().await.map_err(failed(cannot))?;
    let mut batches = messages.ready_chunks(BATCH);
    while let Some(batch) = batches.next().await {
        let mut records = Vec::new();
        let mut seq = 0;
        for message in batch {
            let message = message.map_err(failed(cannot))?;
            seq = message.info().map_err(failed(cannot))?.stream_sequence;
            records.extend(record(&message));
        }
        join_all(records.into_iter().map(|record| keep(receiver, record))).await;
        store.reached(Place { seq, ..there }).await;
    }
    Err(Trouble::Lost)
}

/// Keeps one event, however long the disk takes.
async fn keep(receiver: &Receiver, record: Record) {
    while receiver.copy(record.clone()).await.is_err() {
        tokio::time::sleep(AGAIN).await;
    }
}

/// The event of a message, as it came to another relay; `None` for what no relay wrote.
fn record(message: &Message) -> Option<Record> {
    let source = message.subject.strip_prefix(EVENT)?.strip_prefix('.')?.to_owned();
    let arrived = message.headers.as_ref()?.get(ARRIVED)?.as_str().parse().ok()?;
    let arrived = DateTime::from_timestamp_millis(arrived)?;
    Some(Record { seq: 0, source, arrived, body: message.payload.to_vec() })
}

/// Reads the store where it holds up nobody.
async fn reading<T: Send + 'static>(
    store: &Store,
    read: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Trouble> {
    let (store, cannot) = (store.clone(), "the store cannot be read");
    let read = tokio::task::spawn_blocking(move || read(&store)).await;
    read.map_err(failed(cannot))?.map_err(failed(cannot))
}
