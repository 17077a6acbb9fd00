//! How much of an answer is on its way: written by us, and not yet taken by the connection.
//!
//! The protocol's own code takes as much as the longest head may have. What a reader who takes nothing costs is decided
//! here: whoever has more to say waits until there is room.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

/// Bytes of one answer that may be on their way.
const ROOM: u64 = 64 * 1024;

/// What one connection has taken. Clones are one.
#[derive(Debug, Clone, Default)]
pub struct Flow(Arc<Taken>);

#[derive(Debug, Default)]
struct Taken {
    bytes: AtomicU64,
    more: Notify,
    /// Whether what is read now is dropped at once.
    discards: AtomicBool,
}

impl Flow {
    /// The connection took some more.
    pub(super) fn took(&self, bytes: usize) {
        self.0.bytes.fetch_add(bytes as u64, Ordering::Release);
        self.0.more.notify_one();
    }

    /// What is read from now on is dropped at once, or not any more.
    pub(super) fn discard(&self, discards: bool) {
        self.0.discards.store(discards, Ordering::Relaxed);
    }

    pub(super) fn discards(&self) -> bool {
        self.0.discards.load(Ordering::Relaxed)
    }

    fn taken(&self) -> u64 {
        self.0.bytes.load(Ordering::Acquire)
    }

    /// An answer without an end that begins now.
    pub fn answer(&self) -> Answer {
        Answer { flow: self.clone(), due: self.taken() }
    }
}

/// An answer without an end, on its way in chunks.
#[derive(Debug)]
pub struct Answer {
    flow: Flow,
    /// What the connection will have taken when all of it has gone.
    due: u64,
}

impl Answer {
    /// Waits until there is room for more.
    pub async fn room(&self) {
        while self.due.saturating_sub(self.flow.taken()) > ROOM {
            self.flow.0.more.notified().await;
        }
    }

    /// A chunk was handed over: its bytes, their number in hexadecimal, two ends of lines (RFC 9112 §7.1).
    pub fn say(&mut self, bytes: usize) {
        let digits = (usize::BITS - bytes.leading_zeros()).div_ceil(4);
        self.due += bytes as u64 + u64::from(digits) + 4;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn whoever_takes_nothing_is_told_no_more_than_there_is_room_for() {
        let flow = Flow::default();
        flow.took(500);
        let mut answer = flow.answer();
        let mut chunks = 0;
        while answer.room().now_or_never().is_some() {
            answer.say(1_000);
            chunks += 1;
        }
        assert_eq!(chunks, 1 + ROOM / 1_007);
        flow.took(1_006);
        flow.took(1);
        assert!(answer.room().now_or_never().is_some());
    }

    #[test]
    fn what_frames_the_chunks_adds_up_to_nothing() {
        let flow = Flow::default();
        let mut answer = flow.answer();
        for _ in 0..1_000_000 {
            answer.say(0x10);
            flow.took("10\r\n".len() + 0x10 + "\r\n".len());
        }
        assert_eq!(answer.due, flow.taken());
    }
}
