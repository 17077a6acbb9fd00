//! Messages of the stream of facts, put together from their pieces.
//!
//! What was written before is read from the stream by number, what is written now is subscribed to. No consumer is
//! made: whoever may make one can have the server publish to any subject.

use async_nats::jetstream::stream::{DirectGetError, DirectGetErrorKind, Stream};
use async_nats::{HeaderMap, Subscriber};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::SILENCE;
use super::connection::{Connection, Trouble, failed};
use super::wire::{Form, INDEX, NOW, PIECE, RUN};
use crate::floor::time::Now;

/// Bytes of a message that is put together at most: a fact may be all people of a large floor.
const LIMIT: usize = 16 * 1024 * 1024;

/// Messages of the past that are asked for at once.
const AT_ONCE: usize = 16;

/// What is said where the stream cannot be read.
const CANNOT: &str = "the relays' stream cannot be read";

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
    live: Subscriber,
    connection: Connection,
    /// Packets that were written before the subscription, in order.
    old: std::vec::IntoIter<Packet>,
    assembly: Assembly,
    is_live: bool,
}

/// Puts pieces together, and notices when one is missing.
#[derive(Default)]
struct Assembly {
    pieces: Vec<u8>,
    /// The run and the index of the last message.
    last: Option<(u64, u64)>,
}

impl Reader {
    /// Reads what stands in the stream behind `place`, then what is written from now on; without a place only that.
    pub(super) async fn open(
        connection: Connection,
        form: Form,
        place: Option<u64>,
    ) -> Result<Self, Trouble> {
        let client = &connection.client;
        let live = client.subscribe(form.subject()).await.map_err(failed(CANNOT))?;
        // What is written after this reaches the subscription, what was written before stands in the stream.
        client.flush().await.map_err(failed(CANNOT))?;
        let mut assembly = Assembly::default();
        let mut old = Vec::new();
        if let Some(place) = place {
            let stream = connection.jetstream.get_stream_no_info(form.stream()).await;
            let stream = stream.map_err(failed(CANNOT))?;
            for (headers, payload) in written(&stream, form, place).await.map_err(failed(CANNOT))? {
                old.extend(assembly.put(&headers, &payload)?);
            }
        }
        Ok(Self { live, connection, old: old.into_iter(), assembly, is_live: false })
    }

    /// Whether a message was read that was written while we read.
    pub(super) const fn is_live(&self) -> bool {
        self.is_live
    }

    /// The next message, whole.
    pub(super) async fn next(&mut self) -> Result<Packet, Trouble> {
        if let Some(packet) = self.old.next() {
            return Ok(packet);
        }
        loop {
            let message = tokio::select! {
                biased;
                () = self.connection.lost.cancelled() => return Err(Trouble::Lost),
                message = self.live.next() => message.ok_or(Trouble::Lost)?,
                () = tokio::time::sleep(SILENCE) => return Err(Trouble::Silent),
            };
            self.is_live = true;
            let headers = message.headers.unwrap_or_default();
            if let Some(packet) = self.assembly.put(&headers, &message.payload)? {
                return Ok(packet);
            }
        }
    }
}

/// Every message of the stream behind `place`.
async fn written(
    stream: &Stream<()>,
    form: Form,
    place: u64,
) -> Result<Vec<(HeaderMap, bytes::Bytes)>, DirectGetError> {
    let last = match stream.direct_get_last_for_subject(form.subject()).await {
        Ok(message) => message.sequence,
        Err(error) if error.kind() == DirectGetErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let messages =
        stream::iter(place.saturating_add(1)..=last).map(|place| stream.direct_get(place));
    messages
        .buffered(AT_ONCE)
        .map_ok(|message| (message.headers, message.payload))
        .try_collect()
        .await
}

impl Assembly {
    /// Takes the next message; a packet, where it is whole with it. One that was taken before is passed over.
    ///
    /// # Errors
    /// A message before it was lost: everything is read anew.
    fn put(&mut self, headers: &HeaderMap, payload: &[u8]) -> Result<Option<Packet>, Trouble> {
        let header = |name: &str| Some(headers.get(name)?.as_str());
        let number = |name: &str| header(name)?.parse::<u64>().ok();
        let (Some(run), Some(index)) = (number(RUN), number(INDEX)) else { return Ok(None) };
        match self.last {
            Some((known, last)) if known == run && index <= last => return Ok(None),
            Some((known, last)) if known == run && index > last + 1 => return Err(Trouble::Lost),
            _ => self.last = Some((run, index)),
        }
        let (piece, count) = header(PIECE).and_then(piece).unwrap_or((1, 1));
        if piece == 1 {
            self.pieces.clear();
        }
        if self.pieces.len() + payload.len() > LIMIT {
            return Err(Trouble::Lost);
        }
        self.pieces.extend_from_slice(payload);
        if piece < count {
            return Ok(None);
        }
        let now = header(NOW).and_then(|now| serde_json::from_str(now).ok());
        // Pieces before the first that was read leave no text, or no fact: then a number is missing, and that is seen.
        let text = String::from_utf8(std::mem::take(&mut self.pieces)).unwrap_or_default();
        Ok(now.map(|now| Packet { run, now, text }))
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

    fn message(run: u64, index: u64, piece: &str) -> HeaderMap {
        let now =
            Now { moment: crate::floor::time::Moment::from_millis(1), wall: Default::default() };
        let mut headers = HeaderMap::new();
        headers.insert(RUN, run.to_string().as_str());
        headers.insert(INDEX, index.to_string().as_str());
        headers.insert(PIECE, piece);
        headers.insert(NOW, serde_json::to_string(&now).unwrap().as_str());
        headers
    }

    #[test]
    fn what_was_read_from_the_stream_and_comes_again_counts_once() {
        let mut assembly = Assembly::default();
        let mut put = |index, piece: &str| {
            let packet = assembly.put(&message(7, index, piece), b"x").unwrap();
            packet.map(|packet| packet.text)
        };
        assert_eq!(put(1, "1/1").as_deref(), Some("x"));
        assert_eq!(put(2, "1/2"), None);
        assert_eq!(put(1, "1/1"), None, "again");
        assert_eq!(put(2, "1/2"), None, "again");
        assert_eq!(put(3, "2/2").as_deref(), Some("xx"));
    }

    #[test]
    fn a_message_that_is_missing_is_noticed_and_another_run_begins_anew() {
        let mut assembly = Assembly::default();
        assert!(assembly.put(&message(7, 5, "1/1"), b"x").unwrap().is_some());
        assert!(assembly.put(&message(8, 1, "1/1"), b"x").unwrap().is_some());
        assert!(assembly.put(&message(8, 3, "1/1"), b"x").is_err());
    }

    #[test]
    fn a_piece_says_which_of_how_many() {
        assert_eq!(piece("2/3"), Some((2, 3)));
        assert_eq!(piece("2"), None);
    }
}
