//! The byte guard of an event stream: whatever comes in, only short, well-formed events go out.

use std::borrow::Cow;
use std::time::Duration;

use encoding_rs::Encoding;
use memchr::memchr2;

use crate::transport::lenient::declared;

/// The bounds of one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of one line.
    pub line: usize,
    /// Bytes of one event: all its data lines together.
    pub event: usize,
    /// Bytes of an id; a longer one would not fit into the next request's header and is ignored.
    pub id: usize,
}

impl Bounds {
    /// 1 MiB for lines and events; no vendor's document comes near.
    pub const STANDARD: Self = Self { line: 1 << 20, event: 1 << 20, id: 1 << 12 };
}

impl Default for Bounds {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// A stream that is not worth reading on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// A line without end, be it a comment.
    #[error("a line of the stream is longer than {limit} bytes")]
    LongLine {
        /// The bound, in bytes.
        limit: usize,
    },
    /// An event without end.
    #[error("an event of the stream is larger than {limit} bytes")]
    LargeEvent {
        /// The bound, in bytes.
        limit: usize,
    },
}

/// Reads an event stream by the letter of WHATWG HTML (“Server-sent events”) and writes the same events in
/// one plain form: valid UTF-8, LF only, known fields only, an id with every event, no comment, no `retry`.
///
/// The output depends on the bytes alone, not on how they were cut. Nothing of an event goes out before the
/// event is whole. The last id and the retry time are kept here, since they outlive the connection and
/// count even where no event comes of them.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    bounds: Bounds,
    line: Vec<u8>,
    after_cr: bool,
    begun: bool,
    kind: String,
    data: Vec<u8>,
    has_data: bool,
    id: Option<String>,
    last_id: Option<String>,
    retry: Option<Duration>,
}

impl Guard {
    /// A guard before the first byte of a connection. `last_id` is the one of the connection before.
    pub fn new(bounds: Bounds, last_id: Option<String>) -> Self {
        Self { bounds, id: last_id.clone(), last_id, ..Self::default() }
    }

    /// A guard for the connection after this one: the last id and the retry time stay, half an event does not.
    #[must_use]
    pub fn reopened(&self) -> Self {
        Self { retry: self.retry, ..Self::new(self.bounds, self.last_id.clone()) }
    }

    /// The last id, to be sent with the next connection; an empty one was reset by the server.
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref().filter(|id| !id.is_empty())
    }

    /// The server's latest wish for the time between connections, as it said it.
    pub const fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Takes the next bytes and appends to `out` the events that they complete.
    ///
    /// # Errors
    ///
    /// [`GuardError`] once a line or an event passes its bound; the stream is then of no further use.
    pub fn push(&mut self, mut chunk: &[u8], out: &mut Vec<u8>) -> Result<(), GuardError> {
        while !chunk.is_empty() {
            if std::mem::take(&mut self.after_cr) && chunk[0] == b'\n' {
                chunk = &chunk[1..];
                continue;
            }
            let end = memchr2(b'\n', b'\r', chunk);
            let part = &chunk[..end.unwrap_or(chunk.len())];
            if self.line.len() + part.len() > self.bounds.line {
                return Err(GuardError::LongLine { limit: self.bounds.line });
            }
            let Some(end) = end else {
                self.line.extend_from_slice(part);
                break;
            };
            self.after_cr = chunk[end] == b'\r';
            if self.line.is_empty() {
                self.take_line(part, out)?;
            } else {
                self.line.extend_from_slice(part);
                let line = std::mem::take(&mut self.line);
                self.take_line(&line, out)?;
                self.line = line;
                self.line.clear();
            }
            chunk = &chunk[end + 1..];
        }
        Ok(())
    }

    fn take_line(&mut self, mut line: &[u8], out: &mut Vec<u8>) -> Result<(), GuardError> {
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            self.dispatch(out);
            return Ok(());
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = match colon {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (line, &line[line.len()..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => self.take_data(value)?,
            b"event" => self.kind = String::from_utf8_lossy(value).into_owned(),
            b"id" => {
                let id = String::from_utf8_lossy(value);
                if id.len() <= self.bounds.id && !id.chars().any(char::is_control) {
                    self.id = Some(id.into_owned());
                }
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let digits = String::from_utf8_lossy(value);
                self.retry = Some(Duration::from_millis(digits.parse().unwrap_or(u64::MAX)));
            }
            _ => {}
        }
        Ok(())
    }

    fn take_data(&mut self, value: &[u8]) -> Result<(), GuardError> {
        if self.data.len() + value.len() + b"data: \n".len() > self.bounds.event {
            return Err(GuardError::LargeEvent { limit: self.bounds.event });
        }
        self.has_data = true;
        self.data.extend_from_slice(b"data: ");
        self.data.extend_from_slice(value);
        self.data.push(b'\n');
        Ok(())
    }

    /// The end of a block: the id counts from here on, and an event goes out if there is data.
    fn dispatch(&mut self, out: &mut Vec<u8>) {
        if self.last_id != self.id {
            self.last_id.clone_from(&self.id);
        }
        if std::mem::take(&mut self.has_data) {
            if let Some(id) = &self.last_id {
                write_field(out, b"id", id);
            }
            if !self.kind.is_empty() {
                write_field(out, b"event", &self.kind);
            }
            if std::str::from_utf8(&self.data).is_ok() {
                out.append(&mut self.data);
            } else {
                out.extend_from_slice(decoded(&self.data).as_bytes());
                self.data.clear();
            }
            out.push(b'\n');
            // One large event must not hold its memory for the life of the stream.
            self.data.shrink_to(16 * 1024);
        }
        self.kind.clear();
    }
}

/// Data that is no UTF-8: in the encoding that an XML document in it declares, else with markers.
fn decoded(data: &[u8]) -> Cow<'_, str> {
    let document = data.strip_prefix(b"data: ").unwrap_or(data);
    let declared = declared(document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document));
    let encoding = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    match encoding.filter(|own| own.is_ascii_compatible()) {
        Some(encoding) => encoding.decode_without_bom_handling(data).0,
        None => String::from_utf8_lossy(data),
    }
}

fn write_field(out: &mut Vec<u8>, name: &[u8], value: &str) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value.as_bytes());
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SMALL: Bounds = Bounds { line: 64, event: 100, id: 16 };

    fn guarded(bounds: Bounds, chunks: &[&[u8]]) -> (Result<(), GuardError>, String, Guard) {
        let mut guard = Guard::new(bounds, None);
        let mut out = Vec::new();
        let result = chunks.iter().try_for_each(|chunk| guard.push(chunk, &mut out));
        (result, String::from_utf8(out).unwrap(), guard)
    }

    fn plain(bytes: &[u8]) -> String {
        guarded(Bounds::STANDARD, &[bytes]).1
    }

    #[test]
    fn what_no_standard_names_is_dropped_and_the_next_event_comes_through() {
        for junk in [
            "foo: bar\n\n",
            "DATA: x\n\n",
            "\u{feff}data: x\n\n",
            "retry: abc\n\n",
            "retry: -1\n\n",
            "retry: 1e3\n\n",
            "id: a\0b\n\n",
            "id: a\u{1}b\n\n",
            "event\n\n",
            ": comment\n\n",
            "event: x\n\n",
            " data: x\n\n",
            "\n\n\n",
        ] {
            let text = format!("data: first\n\n{junk}data: next\n\n");
            assert_eq!(plain(text.as_bytes()), "data: first\n\ndata: next\n\n", "{junk:?}");
        }
    }

    #[test]
    fn an_id_stays_until_it_is_changed_and_counts_only_from_the_end_of_its_block() {
        let mut guard = Guard::new(Bounds::STANDARD, Some("0".into()));
        let mut out = Vec::new();
        guard.push(b"data: a\n\nid: 1\n", &mut out).unwrap();
        assert_eq!(guard.last_id(), Some("0"));
        guard.push(b"\n", &mut out).unwrap();
        assert_eq!(guard.last_id(), Some("1"), "a block without data counts");
        guard.push(b"data: b\n\nid\ndata: c\n\n", &mut out).unwrap();
        assert_eq!(guard.last_id(), None);
        assert_eq!(out, b"id: 0\ndata: a\n\nid: 1\ndata: b\n\nid: \ndata: c\n\n");
    }

    #[test]
    fn the_retry_time_is_taken_from_any_block() {
        for (text, wanted) in [
            ("retry: 3000\n", Some(3_000)),
            ("retry:0\n", Some(0)),
            ("retry: 18446744073709551615\n", Some(u64::MAX)),
            ("retry: 999999999999999999999999999999\n", Some(u64::MAX)),
            ("retry: 5\nretry: x\n", Some(5)),
            ("retry\n", None),
            ("retry: \n", None),
            ("retry:  5\n", None),
            ("retry: ٣\n", None),
        ] {
            let guard = guarded(Bounds::STANDARD, &[text.as_bytes()]).2;
            assert_eq!(guard.retry(), wanted.map(Duration::from_millis), "{text:?}");
        }
    }

    #[test]
    fn lines_and_events_end_at_their_bound() {
        let long = "x".repeat(59);
        let line = format!("data:{long}\n");
        assert_eq!(guarded(SMALL, &[line.as_bytes()]).0, Ok(()));
        for kind in ["data: ", ": ", "foo: ", ""] {
            let line = format!("{kind}{long}xxxxxx");
            let long_line = Err(GuardError::LongLine { limit: 64 });
            assert_eq!(guarded(SMALL, &[line.as_bytes()]).0, long_line, "{kind}");
        }
        let two = format!("{line}{line}\n");
        assert_eq!(guarded(SMALL, &[two.as_bytes()]).0, Err(GuardError::LargeEvent { limit: 100 }));
        let many = "data\n".repeat(20);
        assert!(guarded(SMALL, &[many.as_bytes()]).0.is_err());
        let apart = format!("{line}\n{line}\n: {long}\n: {long}\n: {long}\n{line}\n");
        assert_eq!(
            guarded(SMALL, &[apart.as_bytes()]).0,
            Ok(()),
            "only what belongs together counts"
        );
    }

    #[test]
    fn data_that_is_no_utf_8_is_read_as_its_document_declares() {
        let head = "<?xml version='1.0' encoding='ISO-8859-1'?>";
        let latin = [b"data: ", head.as_bytes(), b"\ndata: <q n='V\xe4xel'/>\n\n"].concat();
        assert_eq!(plain(&latin), format!("data: {head}\ndata: <q n='Växel'/>\n\n"));
        let utf8 = format!("data: {head}<q n='Växel'/>\n\n");
        assert_eq!(plain(utf8.as_bytes()), utf8, "valid UTF-8 is UTF-8, whatever it declares");
        assert_eq!(plain(b"data: V\xe4xel\n\n"), "data: V\u{fffd}xel\n\n");
        let wide = b"data: <?xml encoding='utf-16'?>\xe4\n\n";
        assert_eq!(plain(wide), "data: <?xml encoding='utf-16'?>\u{fffd}\n\n");
    }

    #[test]
    fn heartbeats_without_an_empty_line_never_fill_it() {
        let mut guard = Guard::new(SMALL, None);
        for _ in 0..10_000 {
            guard.push(b": alive\nid: 1\nretry: 1000\nevent: x\n", &mut Vec::new()).unwrap();
        }
    }

    #[test]
    fn a_large_event_costs_in_proportion() {
        let event = format!("data: {}\n\n", "x".repeat(1_000_000));
        assert_eq!(plain(event.as_bytes()), event);
    }

    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => prop::sample::select(vec![
                "data: a", "data:b", "data", "data:  c", "event: e", "event", "id: 1", "id", "id: x\0",
                "retry: 10", ": c", "foo: bar", "\u{feff}", "å", "data: å\u{1f600}",
            ]).prop_map(|text| text.as_bytes().to_vec()),
            4 => prop::sample::select(vec!["\n", "\r", "\r\n", "\n\n", "\r\r", "\r\n\r\n", "\n\r"])
                .prop_map(|text| text.as_bytes().to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..6),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|all| all.concat())
    }

    proptest! {
        #[test]
        fn the_output_does_not_depend_on_the_chunks(
            bytes in pieces(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        ) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            for bounds in [SMALL, Bounds::STANDARD] {
                let (whole, text, guard) = guarded(bounds, &[&bytes]);
                for cut in [&chunks, &single] {
                    let (result, other, end) = guarded(bounds, cut);
                    prop_assert_eq!(result, whole);
                    prop_assert_eq!(&other, &text);
                    prop_assert_eq!(end.last_id(), guard.last_id());
                    prop_assert_eq!(end.retry(), guard.retry());
                }
            }
        }

        #[test]
        fn guarding_twice_changes_nothing(bytes in pieces()) {
            let once = plain(&bytes);
            prop_assert_eq!(plain(once.as_bytes()), once);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let (_, text, guard) = guarded(SMALL, &[&bytes]);
            prop_assert!(!text.contains('\r'));
            prop_assert!(guard.last_id().is_none_or(|id| !id.chars().any(char::is_control)));
        }
    }
}
