//! Messages of the stream of facts, put together from their pieces.

use std::time::Duration;

use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::message::Message;
use futures_util::StreamExt;

use super::SILENCE;
use super::connection::{Connection, Trouble, failed};
use super::wire::{Form, NOW, PIECE, RUN};
use crate::floor::time::Now;

/// Bytes of a message that is put together at most: a fact may be all people of a large floor.
const LIMIT: usize = 16 * 1024 * 1024;

/// How long one request for messages lasts.
const PULL: Duration = Duration::from_secs(30);

/// Some facts of one relay, or none: then it only says that it is there.
pub(super) struct Packet {
    /// Which run of which relay.
    pub run: u64,
    /// Its clocks when it wrote.
    pub now: Now,
    /// The facts, as a stream over HTTP has them.
    pub text: String,
}

/// One place in the stream of facts.
pub(super) struct Reader {
    messages: Ordered,
    connection: Connection,
    /// Messages that were there before we were.
    old: u64,
    read: u64,
    pieces: Vec<u8>,
}

impl Reader {
    pub(super) async fn open(
        connection: Connection,
        form: Form,
        from: DeliverPolicy,
    ) -> Result<Self, Trouble> {
        let cannot = "the relays' stream cannot be read";
        let stream = connection.jetstream.get_stream_no_info(form.stream()).await;
        let stream = stream.map_err(failed(cannot))?;
        let config =
            OrderedConfig { deliver_policy: from, max_expires: PULL, ..OrderedConfig::default() };
        let consumer = stream.create_consumer(config).await.map_err(failed(cannot))?;
        let old = consumer.cached_info().num_pending;
        let messages = consumer.messages().await.map_err(failed(cannot))?;
        Ok(Self { messages, connection, old, read: 0, pieces: Vec::new() })
    }

    /// Whether a message was read that was written while we read.
    pub(super) const fn is_live(&self) -> bool {
        self.read > self.old
    }

    /// The next message, whole.
    pub(super) async fn next(&mut self) -> Result<Packet, Trouble> {
        loop {
            let message = tokio::select! {
                biased;
                () = self.connection.lost.cancelled() => return Err(Trouble::Lost),
                message = self.messages.next() => message.ok_or(Trouble::Lost)?,
                () = tokio::time::sleep(SILENCE) => return Err(Trouble::Silent),
            };
            self.read += 1;
            let message = message.map_err(failed("the relays' stream cannot be read"))?;
            if let Some(packet) = self.put(&message) {
                return Ok(packet);
            }
        }
    }

    /// Puts a piece to those before it.
    fn put(&mut self, message: &Message) -> Option<Packet> {
        let header = |name: &str| Some(message.headers.as_ref()?.get(name)?.as_str());
        let (index, count) = header(PIECE).and_then(piece).unwrap_or((1, 1));
        if index == 1 {
            self.pieces.clear();
        }
        if self.pieces.len() + message.payload.len() > LIMIT {
            self.pieces.clear();
            return None;
        }
        self.pieces.extend_from_slice(&message.payload);
        if index < count {
            return None;
        }
        let run = header(RUN)?.parse().ok()?;
        let now = serde_json::from_str(header(NOW)?).ok()?;
        // A piece that was lost before these leaves no text, or no fact: then a number is missing, and that is seen.
        let text = String::from_utf8(std::mem::take(&mut self.pieces)).unwrap_or_default();
        Some(Packet { run, now, text })
    }
}

/// `1/3`.
fn piece(text: &str) -> Option<(usize, usize)> {
    let (index, count) = text.split_once('/')?;
    Some((index.parse().ok()?, count.parse().ok()?))
}

/// The facts of a packet: number and text of each.
pub(super) fn facts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("\n\n").filter_map(|fact| {
        let (id, data) = fact.strip_prefix("id: ")?.split_once("\ndata: ")?;
        Some((id, data))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_as_they_are_written() {
        let text = "id: 7\ndata: {\"a\":1}\n\nid: 8\ndata: {}\n\n";
        assert_eq!(facts(text).collect::<Vec<_>>(), [("7", "{\"a\":1}"), ("8", "{}")]);
        assert_eq!(facts("").count(), 0);
        assert_eq!(facts("ta: {}\n\nid: 9\ndata: {}\n\n").collect::<Vec<_>>(), [("9", "{}")]);
    }

    #[test]
    fn a_piece_says_which_of_how_many() {
        assert_eq!(piece("2/3"), Some((2, 3)));
        assert_eq!(piece("2"), None);
    }
}
