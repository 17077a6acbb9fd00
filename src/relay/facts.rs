//! The latest facts of a relay, each with a number: what boards are sent.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

/// How much of the past is kept for boards that were away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub facts: usize,
    /// Bytes of their texts.
    pub bytes: usize,
}

impl Bounds {
    /// Minutes of a floor of ordinary size.
    pub const STANDARD: Self = Self { facts: 65_536, bytes: 8 * 1024 * 1024 };
}

/// Facts that are copied together when one is added behind a published log.
const CHUNK: usize = 256;

/// A numbered fact, as it is sent: an event of the stream, whole.
#[derive(Debug, Clone)]
pub struct Fact {
    pub seq: u64,
    open: Bytes,
    masked: Bytes,
}

impl Fact {
    /// A fact with its two texts.
    pub(super) const fn new(seq: u64, open: Bytes, masked: Bytes) -> Self {
        Self { seq, open, masked }
    }

    /// The text for somebody who sees numbers of people, or does not.
    pub const fn text(&self, numbers: bool) -> &Bytes {
        if numbers { &self.open } else { &self.masked }
    }

    fn size(&self) -> usize {
        let masked = if self.open.as_ptr() == self.masked.as_ptr() { 0 } else { self.masked.len() };
        self.open.len() + masked
    }
}

/// The facts that a board asks for are not kept any more, or there never were such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// The last fact so far: what follows can be had.
    pub seq: u64,
}

/// The latest facts, within bounds. A clone shares all of them: it costs a reference for each chunk.
#[derive(Debug, Clone)]
pub(super) struct FactLog {
    /// All chunks but the last have [`CHUNK`] facts.
    chunks: VecDeque<Arc<Vec<Fact>>>,
    /// Facts of the first chunk that are not kept any more.
    skipped: usize,
    /// Facts that are kept.
    count: usize,
    /// Bytes of their texts.
    size: usize,
    bounds: Bounds,
}

impl FactLog {
    pub(super) const fn new(bounds: Bounds) -> Self {
        Self { chunks: VecDeque::new(), skipped: 0, count: 0, size: 0, bounds }
    }

    /// Adds a fact; the oldest leave when there are too many.
    pub(super) fn push(&mut self, fact: Fact) {
        self.size += fact.size();
        self.count += 1;
        match self.chunks.back_mut().filter(|chunk| chunk.len() < CHUNK) {
            Some(chunk) => Arc::make_mut(chunk).push(fact),
            None => self.chunks.push_back(Arc::new(vec![fact])),
        }
        while self.count > 1 && (self.count > self.bounds.facts || self.size > self.bounds.bytes) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        let Some(first) = self.chunks.front() else { return };
        self.size -= first.get(self.skipped).map_or(0, Fact::size);
        self.count -= 1;
        self.skipped += 1;
        if self.skipped == first.len() {
            self.chunks.pop_front();
            self.skipped = 0;
        }
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.bounds);
    }

    /// The last `count` facts, first to last; `None` where fewer are kept.
    pub(super) fn last(&self, count: usize) -> Option<impl Iterator<Item = &Fact>> {
        let first = self.count.checked_sub(count)? + self.skipped;
        let chunks = self.chunks.range((first / CHUNK).min(self.chunks.len())..);
        Some(chunks.flat_map(|chunk| chunk.iter()).skip(first % CHUNK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(seq: u64) -> Fact {
        let text = Bytes::from(vec![b'x'; 10]);
        Fact::new(seq, text.clone(), text)
    }

    fn numbers(log: &FactLog, count: usize) -> Option<Vec<u64>> {
        Some(log.last(count)?.map(|fact| fact.seq).collect())
    }

    #[test]
    fn the_last_facts_are_found_in_every_chunk_and_none_before_the_bound() {
        let bounds = Bounds { facts: CHUNK * 2 + 7, bytes: usize::MAX };
        let mut log = FactLog::new(bounds);
        for seq in 0..2_000 {
            log.push(fact(seq));
            let kept = usize::try_from(seq + 1).unwrap().min(bounds.facts);
            for count in [0, 1, kept / 2, kept] {
                let from = seq + 1 - count as u64;
                assert_eq!(numbers(&log, count), Some((from..=seq).collect()), "{seq} {count}");
            }
            assert_eq!(numbers(&log, kept + 1), None);
            assert_eq!(log.size, kept * 10);
        }
        log.clear();
        assert_eq!((numbers(&log, 0), numbers(&log, 1)), (Some(vec![]), None));
    }

    #[test]
    fn a_published_log_stays_as_it_was() {
        let mut log = FactLog::new(Bounds { facts: 300, bytes: usize::MAX });
        (0..290).for_each(|seq| log.push(fact(seq)));
        let published = log.clone();
        (290..900).for_each(|seq| log.push(fact(seq)));
        assert_eq!(numbers(&published, 290), Some((0..290).collect()));
        assert_eq!(numbers(&log, 300), Some((600..900).collect()));
    }
}
