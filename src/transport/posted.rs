//! What vendors post: bytes of a stranger's, of which at most one JSON object is made.

use std::borrow::Cow;
use std::io::Read;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, GzDecoder, MultiGzDecoder, ZlibDecoder};

use crate::transport::http::json::TooDeep;
use crate::transport::lenient::{Body, Document, Tally, Unreadable};

/// The longest body of an event: the largest documented one, with a hundred attempts in it, has a tenth of this. It is the
/// limit of a compressed body too, before and after it is decompressed.
pub const MAX_BYTES: usize = 256 * 1024;

/// Content codings of one body that are undone: each may be a bomb.
const MAX_CODINGS: usize = 3;

/// Characters of a coding's name that are said.
const MAX_NAME: usize = 40;

/// The first bytes of every gzip file (RFC 1952 §2.3.1), which no JSON text has.
const GZIP: &[u8] = b"\x1f\x8b";

/// Why bytes are no event.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// Longer than [`MAX_BYTES`].
    #[error("an event of more than {MAX_BYTES} bytes")]
    TooLong,
    /// Compressed in a way that is not known.
    #[error("an event in the content coding {name}")]
    Coding { name: String },
    /// Not what its content coding says.
    #[error("an event that cannot be decompressed")]
    Compressed(#[source] std::io::Error),
    #[error("an event that is nested too deep")]
    TooDeep(#[source] TooDeep),
    #[error("an event that is no JSON")]
    Syntax(#[source] serde_json::Error),
    /// JSON, but no object.
    #[error("an event that is no object")]
    NoObject,
    /// Something is missing without which nothing can be made of it.
    #[error("an event without {what}")]
    Lacks { what: &'static str },
}

/// A body as it was posted, and the headers that say how it is read.
#[derive(Debug, Clone, Default)]
pub struct Posted {
    /// The body as it came.
    pub body: Bytes,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Its `Content-Encoding`.
    pub content_encoding: Option<String>,
}

impl Posted {
    /// The body decompressed and in UTF-8, at most [`MAX_BYTES`] long. Text that is not in its charset is counted.
    ///
    /// A proxy may decompress a body and leave the header, or lose the header: the bytes have the last word.
    ///
    /// # Errors
    /// [`Malformed::TooLong`], [`Malformed::Coding`], [`Malformed::Compressed`].
    pub fn text(&self, tally: &mut Tally) -> Result<Bytes, Malformed> {
        let mut bytes = self.body.clone();
        for coding in codings(self.content_encoding.as_deref())?.into_iter().rev() {
            bytes = coding.decode(&bytes)?;
        }
        if bytes.starts_with(GZIP) {
            bytes = Coding::Gzip.decode(&bytes)?;
        }
        let decoded = Body::new(self.content_type.as_deref(), &bytes).decode();
        if decoded.is_lossy {
            tally.count("event that is not in its charset".to_owned());
        }
        let text = match decoded.text {
            Cow::Borrowed(text) => bytes.slice_ref(text.as_bytes()),
            Cow::Owned(text) => text.into(),
        };
        if text.len() > MAX_BYTES {
            return Err(Malformed::TooLong);
        }
        Ok(text)
    }
}

/// A content coding (RFC 9110 §8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`, `x-gzip`.
    Gzip,
    /// `deflate`: zlib data, or the bare stream that some send instead.
    Deflate,
}

/// The content codings that a header names, in the order in which they were applied.
///
/// # Errors
/// [`Malformed::Coding`]: one of them is not known, or there are too many.
pub fn codings(header: Option<&str>) -> Result<Vec<Coding>, Malformed> {
    let names = header.unwrap_or_default().split(',').map(str::trim);
    let mut codings = Vec::new();
    for name in names.filter(|name| !name.is_empty()) {
        match name.to_ascii_lowercase().as_str() {
            "identity" => {}
            "gzip" | "x-gzip" => codings.push(Coding::Gzip),
            "deflate" => codings.push(Coding::Deflate),
            _ => return Err(Malformed::Coding { name: named(name) }),
        }
    }
    if codings.len() > MAX_CODINGS {
        return Err(Malformed::Coding { name: named(header.unwrap_or_default()) });
    }
    Ok(codings)
}

/// The name of a coding, as long as names are.
fn named(name: &str) -> String {
    name.chars().take(MAX_NAME).collect()
}

impl Coding {
    /// Undoes it. What was never encoded so stays as it is.
    fn decode(self, bytes: &Bytes) -> Result<Bytes, Malformed> {
        let decoded = match self {
            Self::Gzip if !bytes.starts_with(GZIP) => return Ok(bytes.clone()),
            // What follows the first member may be padding.
            Self::Gzip => either(
                || bounded(MultiGzDecoder::new(&**bytes)),
                || bounded(GzDecoder::new(&**bytes)),
            ),
            Self::Deflate => either(
                || bounded(ZlibDecoder::new(&**bytes)),
                || bounded(DeflateDecoder::new(&**bytes)),
            ),
        };
        match decoded {
            Err(Malformed::Compressed(_)) if is_json(bytes) => Ok(bytes.clone()),
            other => other,
        }
    }
}

/// Whether bytes look like a JSON object: a compressed one may by chance, hence it is asked last.
fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.trim_ascii().starts_with(b"{") && bytes.trim_ascii().ends_with(b"}")
}

/// What the first way gives, else the second; where both fail, the first one's error.
fn either(
    first: impl FnOnce() -> Result<Bytes, Malformed>,
    second: impl FnOnce() -> Result<Bytes, Malformed>,
) -> Result<Bytes, Malformed> {
    match first() {
        Err(first @ Malformed::Compressed(_)) => match second() {
            Err(Malformed::Compressed(_)) => Err(first),
            other => other,
        },
        other => other,
    }
}

/// Everything that a decoder gives, at most [`MAX_BYTES`]: no bomb is unpacked further.
fn bounded(decoder: impl Read) -> Result<Bytes, Malformed> {
    let mut whole = Vec::new();
    let most = MAX_BYTES as u64 + 1;
    decoder.take(most).read_to_end(&mut whole).map_err(Malformed::Compressed)?;
    if whole.len() > MAX_BYTES {
        return Err(Malformed::TooLong);
    }
    Ok(whole.into())
}

impl From<Unreadable> for Malformed {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::TooDeep(error) => Self::TooDeep(error),
            Unreadable::Syntax(error) => Self::Syntax(error),
        }
    }
}

/// The JSON of a body, to be read.
///
/// # Errors
/// [`Malformed`]: too long or too deep.
pub fn document<'b>(body: &'b [u8], tally: &mut Tally) -> Result<Document<'b>, Malformed> {
    if body.len() > MAX_BYTES {
        return Err(Malformed::TooLong);
    }
    Ok(Body::from(body).document(tally)?)
}

/// A number that tells two reports apart and is the same for everybody (FNV-1a).
pub fn report(identity: &[u8]) -> u64 {
    identity.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
