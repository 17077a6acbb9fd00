//! The facts of the relay that leads, and every some seconds a snapshot from which a reader may begin.

use std::sync::Arc;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::kv::Store;
use async_nats::jetstream::stream::{Config, DiscardPolicy, StorageType};
use bytes::{Bytes, BytesMut};
use futures_util::future::try_join_all;
use tokio::time::MissedTickBehavior;

use crate::clock;
use crate::floor::portable::mask;
use crate::floor::time::Now;
use crate::relay::http::Site;
use crate::relay::hub::{Missed, View};
use crate::source::relay::nats::connection::{Connection, Trouble, failed};
use crate::source::relay::nats::wire::{Form, HEAD, Head, INDEX, MESSAGE, NOW, PIECE, RUN, part};
use crate::text::json;

/// The least time between two messages: a board draws no more often.
const PACE: Duration = Duration::from_millis(50);
/// The longest time between two: a reader knows by it that the relay is there.
const SIGN: Duration = Duration::from_secs(1);
/// How often a snapshot is written.
const SNAPSHOT: Duration = Duration::from_secs(10);
/// For how long facts are kept: several snapshots, so that a reader finds all that follow the one it read.
const KEPT: Duration = Duration::from_secs(120);
const KEPT_BYTES: i64 = 64 * 1024 * 1024;
/// Bytes that one message takes at most, but for a single fact that is larger.
const WRITE: usize = 64 * 1024;

/// A bucket with that storage and age, or as somebody made it before.
///
/// Its stream is asked for as such (ADR-8 of NATS): what the client library asks before, older servers answer in another form.
pub(super) async fn bucket(
    connection: &Connection,
    name: &str,
    storage: StorageType,
    max_age: Duration,
) -> Result<Store, Trouble> {
    let (jetstream, cannot) =
        (&connection.jetstream, "the relays' buckets cannot be made: is JetStream on?");
    let config = Config {
        name: format!("KV_{name}"),
        subjects: vec![format!("$KV.{name}.>")],
        storage,
        max_age,
        max_messages_per_subject: 1,
        discard: DiscardPolicy::New,
        allow_rollup: true,
        deny_delete: true,
        allow_direct: true,
        ..Config::default()
    };
    jetstream.get_or_create_stream(config).await.map_err(failed(cannot))?;
    jetstream.get_key_value(name).await.map_err(failed(cannot))
}

/// One form of what is published, and how far it is.
struct Channel {
    form: Form,
    bucket: Store,
    /// The last message of ours in the stream.
    place: u64,
    /// The number of the last message of this run.
    index: u64,
    /// The revision of the head of the bucket: only who saw the last one writes the next.
    head: u64,
    slot: u8,
}

/// Publishes facts for as long as nothing is wrong.
pub(super) async fn publish(connection: &Connection, site: &Site) -> Result<(), Trouble> {
    let mut channels = Vec::new();
    for form in Form::ALL {
        channels.push(Channel::open(connection, form).await?);
    }
    let mut views = site.views();
    while !site.is_ready() {
        let _ = tokio::time::timeout(SIGN, views.changed()).await;
    }
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let run = site.view().run();
    let mut due = clock::moment();
    let mut place = 0;
    loop {
        pace.tick().await;
        let view = Arc::clone(&views.borrow_and_update());
        if clock::moment() >= due {
            // Everything up to the place was published before the snapshot is taken: all that is not in it comes behind.
            let seq = snapshot(connection, &view, &mut channels).await?;
            if place == 0 {
                place = seq;
            }
            due = clock::moment().after(SNAPSHOT);
        }
        let Ok((last, texts)) = behind(&view, place) else {
            (place, due) = (0, clock::moment());
            continue;
        };
        let now = clock::now();
        for (channel, text) in channels.iter_mut().zip(&texts) {
            channel.send(connection, text, run, now).await?;
        }
        let all = place == last;
        place = last;
        if all {
            let _ = tokio::time::timeout(SIGN, views.changed()).await;
        }
    }
}

/// The facts behind a number, as far as one message takes them, in each form; and the number of the last.
fn behind(view: &View, mut place: u64) -> Result<(u64, [Bytes; 2]), Missed> {
    let mut texts = [BytesMut::new(), BytesMut::new()];
    for fact in view.behind(place)? {
        let own = Form::ALL.map(|form| fact.text(form.numbers()));
        if !texts[0].is_empty() && texts[0].len() + own[0].len() > WRITE {
            break;
        }
        for (text, own) in texts.iter_mut().zip(own) {
            text.extend_from_slice(own);
        }
        place = fact.seq;
    }
    Ok((place, texts.map(BytesMut::freeze)))
}

/// Writes all that is known, in each form; answers with the number of the last fact in it.
async fn snapshot(
    connection: &Connection,
    view: &View,
    channels: &mut [Channel],
) -> Result<u64, Trouble> {
    let snapshot = view.snapshot(clock::now());
    let (run, seq) = (snapshot.run, snapshot.seq);
    let made = tokio::task::spawn_blocking(move || {
        let mut snapshot = snapshot;
        let open = json::bytes(&snapshot).unwrap_or_default();
        mask(&mut snapshot.parts);
        [json::bytes(&snapshot).unwrap_or_default(), open].map(Bytes::from)
    });
    let texts = made.await.map_err(failed("a snapshot cannot be made"))?;
    for (channel, text) in channels.iter_mut().zip(texts) {
        channel.write(connection, &text, run, seq).await?;
    }
    Ok(seq)
}

impl Channel {
    /// Makes its stream and its bucket where they are not there. Both are in memory: a restart of the server loses
    /// nothing that the next snapshot does not bring.
    async fn open(connection: &Connection, form: Form) -> Result<Self, Trouble> {
        let stream = Config {
            name: form.stream().to_owned(),
            subjects: vec![form.subject().to_owned()],
            storage: StorageType::Memory,
            max_age: KEPT,
            max_bytes: KEPT_BYTES,
            allow_direct: true,
            ..Config::default()
        };
        let stream = connection.jetstream.get_or_create_stream(stream).await;
        let cannot = "the relays' streams cannot be made: is JetStream on?";
        let place = stream.map_err(failed(cannot))?.cached_info().state.last_sequence;
        let (storage, ever) = (StorageType::Memory, Duration::ZERO);
        let bucket = self::bucket(connection, form.bucket(), storage, ever).await?;
        let entry = bucket.entry(HEAD).await.map_err(failed("a bucket cannot be read"))?;
        let known: Option<Head> =
            entry.as_ref().and_then(|entry| serde_json::from_slice(&entry.value).ok());
        let head = entry.map_or(0, |entry| entry.revision);
        Ok(Self { form, bucket, place, index: 0, head, slot: known.map_or(0, |head| head.slot) })
    }

    /// Publishes a text, in pieces if it is long.
    async fn send(
        &mut self,
        connection: &Connection,
        text: &Bytes,
        run: u64,
        now: Now,
    ) -> Result<(), Trouble> {
        let cannot = "facts cannot be published";
        let count = text.len().div_ceil(MESSAGE).max(1);
        for index in 0..count {
            let piece = text.slice(index * MESSAGE..text.len().min((index + 1) * MESSAGE));
            self.index += 1;
            let mut headers = HeaderMap::new();
            headers.insert(RUN, run.to_string().as_str());
            headers.insert(INDEX, self.index.to_string().as_str());
            headers.insert(NOW, serde_json::to_string(&now).unwrap_or_default().as_str());
            if count > 1 {
                headers.insert(PIECE, format!("{}/{count}", index + 1).as_str());
            }
            let (jetstream, subject) = (&connection.jetstream, self.form.subject());
            let sent = jetstream.publish_with_headers(subject, headers, piece).await;
            self.place = sent.map_err(failed(cannot))?.await.map_err(failed(cannot))?.sequence;
        }
        Ok(())
    }

    async fn write(
        &mut self,
        connection: &Connection,
        text: &Bytes,
        run: u64,
        seq: u64,
    ) -> Result<(), Trouble> {
        let cannot = "a snapshot cannot be published";
        let slot = 1 - self.slot.min(1);
        let most = connection.client.server_info().max_payload.saturating_sub(1_024);
        let size = MESSAGE.min(most).max(1_024);
        let parts = (0..text.len().div_ceil(size)).map(|index| {
            let own = text.slice(index * size..text.len().min((index + 1) * size));
            let bucket = &self.bucket;
            async move { bucket.put(part(slot, index), own).await }
        });
        let revisions = try_join_all(parts).await.map_err(failed(cannot))?;
        let head = Head { run, seq, place: self.place, slot, revisions };
        let head = Bytes::from(json::bytes(&head).unwrap_or_default());
        self.head = self.bucket.update(HEAD, head, self.head).await.map_err(failed(cannot))?;
        self.slot = slot;
        Ok(())
    }
}
