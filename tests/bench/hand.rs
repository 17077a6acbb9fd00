//! A parser for one dialect of one stream, written by hand: how fast it could go.

use std::collections::HashMap;

/// What is known of a queue.
#[derive(Default)]
pub struct Row {
    figures: [Option<u32>; 12],
    presence: Vec<(String, u32)>,
}

/// The figures by their names.
const NAMES: [&str; 12] = [
    "queueLength",
    "availableAgents",
    "loggedInAgents",
    "longestWaiting",
    "lastWait",
    "averageWait",
    "droppedCallsForPeriod",
    "totalCallsForPeriod",
    "answeredCallsForPeriod",
    "totalCallsLast24h",
    "droppedCallsLast24h",
    "answeredCallsLast24h",
];

/// Reads a stream into a map.
pub struct Hand<'m> {
    map: &'m mut HashMap<u64, Row>,
    line: Vec<u8>,
    document: Vec<u8>,
    taken: usize,
}

impl<'m> Hand<'m> {
    pub fn new(map: &'m mut HashMap<u64, Row>) -> Self {
        Self { map, line: Vec::new(), document: Vec::new(), taken: 0 }
    }

    /// Queues that were told of.
    pub const fn taken(&self) -> usize {
        self.taken
    }

    /// Takes the next bytes.
    pub fn push(&mut self, mut chunk: &[u8]) {
        while let Some(end) = chunk.iter().position(|byte| *byte == b'\n') {
            if self.line.is_empty() {
                self.take(&chunk[..end]);
            } else {
                self.line.extend_from_slice(&chunk[..end]);
                let line = std::mem::take(&mut self.line);
                self.take(&line);
                self.line = line;
                self.line.clear();
            }
            chunk = &chunk[end + 1..];
        }
        self.line.extend_from_slice(chunk);
    }

    fn take(&mut self, line: &[u8]) {
        if line.is_empty() {
            let document = std::mem::take(&mut self.document);
            self.scan(&document);
            self.document = document;
            self.document.clear();
        } else if let Some(data) = line.strip_prefix(b"data: ") {
            self.document.extend_from_slice(data);
            self.document.push(b'\n');
        }
    }

    fn scan(&mut self, mut rest: &[u8]) {
        let mut row: Option<&mut Row> = None;
        while let Some(start) = rest.iter().position(|byte| *byte == b'<') {
            rest = &rest[start + 1..];
            let Some(end) = rest.iter().position(|byte| *byte == b'>') else { return };
            let (tag, behind) = (&rest[..end], &rest[end + 1..]);
            rest = behind;
            let name = tag.split(|byte| matches!(byte, b' ' | b'/')).next().unwrap_or_default();
            match name {
                b"queue" => {
                    let Some(id) = attributes(tag).find(|(name, _)| *name == b"id") else { return };
                    let own = self.map.entry(u64::from(number(id.1))).or_default();
                    for (name, value) in attributes(tag) {
                        if let Some(slot) = slot(name) {
                            own.figures[slot] = Some(number(value));
                        }
                    }
                    self.taken += 1;
                    row = Some(own);
                }
                b"current-agent-presence" => {
                    let (mut who, mut count) = (&b""[..], 0);
                    for (name, value) in attributes(tag) {
                        match name {
                            b"name" => who = value,
                            b"count" => count = number(value),
                            _ => {}
                        }
                    }
                    let Some(row) = &mut row else { return };
                    match row.presence.iter_mut().find(|(name, _)| name.as_bytes() == who) {
                        Some((_, known)) => *known = count,
                        None => row.presence.push((String::from_utf8_lossy(who).into(), count)),
                    }
                }
                _ => {
                    if let (Some(slot), Some(row)) = (slot(name), &mut row) {
                        row.figures[slot] = Some(number(rest));
                    }
                }
            }
        }
    }
}

fn slot(name: &[u8]) -> Option<usize> {
    NAMES.iter().position(|known| known.as_bytes() == name)
}

/// The digits at the begin of `text`.
fn number(text: &[u8]) -> u32 {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |all, digit| all * 10 + u32::from(digit - b'0'))
}

/// `name="value"`, one after the other.
fn attributes(tag: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = tag;
    std::iter::from_fn(move || {
        let begin = rest.iter().position(|byte| *byte == b' ')? + 1;
        let equals = begin + rest[begin..].iter().position(|byte| *byte == b'=')?;
        let value = equals + 2;
        let end = value + rest.get(value..)?.iter().position(|byte| *byte == b'"')?;
        let pair = (&rest[begin..equals], &rest[value..end]);
        rest = &rest[end + 1..];
        Some(pair)
    })
}
