//! A stream that a server compressed although nobody asked for it: unfolded as it arrives, with a bound.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use crate::text::Shown;
use crate::transport::http::is_identity;

/// Bytes that are unfolded at a time, so that a little input never becomes a large output at once.
pub(super) const PIECE: usize = 1024;

/// How much may be unfolded before the ratio counts: the same document over and over folds well.
const FREE: u64 = 4 * 1024 * 1024;

/// How many times its size a stream may unfold to; a thousand times is the most that the format can.
const RATIO: u64 = 400;

/// Compressed data that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// A compression that is not read.
    #[error("it is compressed as {found}, which was not asked for")]
    Unknown { found: Shown },
    /// Not what the header says.
    #[error("it cannot be read as compressed data")]
    Data {
        /// What the decoder says.
        #[source]
        source: io::Error,
    },
    #[error("it unfolds to more than {RATIO} times its size")]
    Ratio,
}

/// A compressed stream while it is unfolded.
pub(super) struct Decoder {
    format: Format,
    taken: u64,
    given: u64,
}

enum Format {
    Gzip(MultiGzDecoder<Vec<u8>>),
    /// `deflate`, before its first byte: servers mean zlib by it, as RFC 9110 §8.4.1.2 does, or the bare data.
    Unseen,
    Zlib(ZlibDecoder<Vec<u8>>),
    Deflate(DeflateDecoder<Vec<u8>>),
}

impl Decoder {
    /// The decoder that the head of an answer calls for; `None` where nothing is compressed.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Unknown`].
    pub(super) fn new(headers: &HeaderMap) -> Result<Option<Self>, DecodeError> {
        let encodings = headers.get_all(CONTENT_ENCODING).iter();
        let encodings: Vec<String> = encodings
            .filter(|own| !is_identity(own))
            .map(|own| String::from_utf8_lossy(own.as_bytes()).trim().to_ascii_lowercase())
            .collect();
        let format = match encodings.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => return Ok(None),
            ["gzip" | "x-gzip"] => Format::Gzip(MultiGzDecoder::new(Vec::new())),
            ["deflate"] => Format::Unseen,
            _ => {
                let found = Shown::clean(&encodings.join(", "));
                return Err(DecodeError::Unknown { found });
            }
        };
        Ok(Some(Self { format, taken: 0, given: 0 }))
    }

    /// What a piece of at most [`PIECE`] bytes unfolds to.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Data`], [`DecodeError::Ratio`].
    pub(super) fn unfold(&mut self, piece: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let unfolded = self.format.unfold(piece).map_err(|source| DecodeError::Data { source })?;
        self.taken += piece.len() as u64;
        self.given += unfolded.len() as u64;
        match self.given > FREE && self.given > self.taken.saturating_mul(RATIO) {
            true => Err(DecodeError::Ratio),
            false => Ok(unfolded),
        }
    }
}

impl Format {
    fn unfold(&mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        if let (Self::Unseen, Some(first)) = (&*self, piece.first()) {
            // RFC 1950 §2.2: the method, which is 8, is the low half of the first byte. Bare data does not begin so.
            *self = match first & 0x0f {
                8 => Self::Zlib(ZlibDecoder::new(Vec::new())),
                _ => Self::Deflate(DeflateDecoder::new(Vec::new())),
            };
        }
        match self {
            Self::Unseen => Ok(Vec::new()),
            Self::Gzip(own) => unfold(own, piece).map(|()| std::mem::take(own.get_mut())),
            Self::Zlib(own) => unfold(own, piece).map(|()| std::mem::take(own.get_mut())),
            Self::Deflate(own) => unfold(own, piece).map(|()| std::mem::take(own.get_mut())),
        }
    }
}

/// Writes a piece, and brings out all that can be read of it: a server that flushes after each event is heard at once.
fn unfold(decoder: &mut impl Write, piece: &[u8]) -> io::Result<()> {
    decoder.write_all(piece)?;
    decoder.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use http::HeaderValue;

    const EVENTS: [&str; 3] = ["data: a\n\n", "data: bb\n\n", ": alive\n\n"];

    fn decoder(encoding: &str) -> Result<Option<Decoder>, DecodeError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_str(encoding).unwrap());
        Decoder::new(&headers)
    }

    /// What is sent after each event by a server that flushes behind each.
    fn flushed<W: Write>(mut encoder: W, sent: fn(&mut W) -> &mut Vec<u8>) -> Vec<Vec<u8>> {
        let mut send = |event: &str| {
            encoder.write_all(event.as_bytes()).unwrap();
            encoder.flush().unwrap();
            std::mem::take(sent(&mut encoder))
        };
        EVENTS.iter().map(|event| send(event)).collect()
    }

    #[test]
    fn an_event_is_read_as_soon_as_the_server_flushed_it() {
        let (level, out) = (Compression::default(), Vec::new);
        for (encoding, chunks) in [
            ("gzip", flushed(GzEncoder::new(out(), level), GzEncoder::get_mut)),
            ("X-GZIP", flushed(GzEncoder::new(out(), level), GzEncoder::get_mut)),
            ("deflate", flushed(ZlibEncoder::new(out(), level), ZlibEncoder::get_mut)),
            ("deflate", flushed(DeflateEncoder::new(out(), level), DeflateEncoder::get_mut)),
        ] {
            let mut decoder = decoder(encoding).unwrap().unwrap();
            for (chunk, event) in chunks.iter().zip(EVENTS) {
                let heard = decoder.unfold(chunk).unwrap();
                assert_eq!(String::from_utf8(heard).unwrap(), event, "{encoding}");
            }
        }
    }

    #[test]
    fn every_byte_may_come_on_its_own() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(b"data: abc\n\n").unwrap();
        let mut decoder = decoder("gzip").unwrap().unwrap();
        let bytes = encoder.finish().unwrap();
        let text = bytes.chunks(1).flat_map(|byte| decoder.unfold(byte).unwrap());
        assert_eq!(text.collect::<Vec<u8>>(), b"data: abc\n\n");
    }

    #[test]
    fn other_compressions_and_broken_data_are_named() {
        for encoding in ["br", "zstd", "gzip, br", "compress"] {
            let error = decoder(encoding).err().unwrap();
            assert!(error.to_string().contains(encoding), "{error}");
        }
        assert!(decoder("identity").unwrap().is_none());
        let error = decoder("gzip").unwrap().unwrap().unfold(b"data: a\n\ndata: b\n\n");
        assert!(matches!(error, Err(DecodeError::Data { .. })), "{error:?}");
    }

    #[test]
    fn a_bomb_is_left_before_it_costs_much() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..64 {
            encoder.write_all(&vec![b'\n'; 1024 * 1024]).unwrap();
        }
        let bomb = encoder.finish().unwrap();
        let mut decoder = decoder("gzip").unwrap().unwrap();
        let mut given = 0;
        let error = bomb.chunks(PIECE).find_map(|piece| match decoder.unfold(piece) {
            Ok(unfolded) => {
                given += unfolded.len();
                None
            }
            Err(error) => Some(error),
        });
        assert!(matches!(error, Some(DecodeError::Ratio)), "{error:?}");
        assert!(given <= 8 * 1024 * 1024, "{given}");
    }
}
