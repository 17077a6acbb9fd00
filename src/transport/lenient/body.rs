//! Bytes become text by one rule, for answers, webhooks and XML alike.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::document::{Document, Unreadable};
use super::record::{Reader, Record};
use super::tally::Tally;

/// How much of a document may hold its XML declaration, in bytes.
const DECLARATION: usize = 200;

/// Bytes as they came, with the content type that came with them.
#[derive(Debug, Clone)]
pub struct Body<'b> {
    content_type: Option<&'b str>,
    bytes: Cow<'b, [u8]>,
}

impl<'b> From<&'b [u8]> for Body<'b> {
    fn from(bytes: &'b [u8]) -> Self {
        Self::new(None, bytes)
    }
}

impl<'b> From<&'b str> for Body<'b> {
    fn from(text: &'b str) -> Self {
        Self::from(text.as_bytes())
    }
}

/// The text of a tree of JSON.
impl From<&serde_json::Value> for Body<'_> {
    fn from(value: &serde_json::Value) -> Self {
        Self { content_type: None, bytes: Cow::Owned(value.to_string().into_bytes()) }
    }
}

/// The text of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'b> {
    /// The text, without a byte order mark.
    pub text: Cow<'b, str>,
    /// Whether some bytes were no text in its charset: a U+FFFD stands in their place.
    pub is_lossy: bool,
}

impl<'b> Body<'b> {
    /// A body of this content type.
    pub const fn new(content_type: Option<&'b str>, bytes: &'b [u8]) -> Self {
        Self { content_type, bytes: Cow::Borrowed(bytes) }
    }

    /// The text: valid UTF-8 first; else what the byte order mark, the content type's charset or the XML
    /// declaration says; else UTF-8 with U+FFFD for what is none.
    ///
    /// UTF-16 without a mark is known by its zero bytes: no text that a vendor sends holds U+0000.
    pub fn decode(self) -> Decoded<'b> {
        match self.bytes {
            Cow::Borrowed(bytes) => decode(self.content_type, bytes),
            Cow::Owned(bytes) => {
                let Decoded { text, is_lossy } = decode(self.content_type, &bytes);
                Decoded { text: Cow::Owned(text.into_owned()), is_lossy }
            }
        }
    }

    /// The body as JSON that can be read several times.
    ///
    /// # Errors
    /// JSON that is nested too deep.
    pub fn document(self, tally: &mut Tally) -> Result<Document<'b>, Unreadable> {
        let decoded = self.decode();
        if decoded.is_lossy {
            tally.count("text that is not in its charset".to_owned());
        }
        Document::new(decoded.text)
    }

    /// The body as one value; `None` for an empty body, null, and what the reader cannot make sense of.
    ///
    /// # Errors
    /// Bytes that are no JSON, even mended.
    pub fn read<R: Reader>(self, tally: &mut Tally) -> Result<Option<R::Value>, Unreadable> {
        self.document(tally)?.read::<R>(tally)
    }

    /// The body as a list of records; see [`Document::list`].
    ///
    /// # Errors
    /// Bytes that are no JSON, even mended.
    pub fn list<T: Record>(self, key: &str, tally: &mut Tally) -> Result<Vec<T>, Unreadable> {
        self.document(tally)?.list(key, tally)
    }
}

/// Makes text of bytes; see [`Body::decode`].
fn decode<'b>(content_type: Option<&str>, bytes: &'b [u8]) -> Decoded<'b> {
    let wide = match bytes {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        [0, low, ..] if *low != 0 => Some(UTF_16BE),
        [low, 0, ..] if *low != 0 => Some(UTF_16LE),
        _ => None,
    };
    if wide.is_none()
        && let Ok(text) = str::from_utf8(bytes)
    {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        return Decoded { text: Cow::Borrowed(text), is_lossy: false };
    }
    let named = wide.or_else(|| {
        let label = content_type.and_then(charset).or_else(|| declared(bytes))?;
        Encoding::for_label(label.as_bytes())
    });
    let (text, _, is_lossy) = named.unwrap_or(UTF_8).decode(bytes);
    Decoded { text, is_lossy }
}

/// The charset parameter of a content type (RFC 9110 §8.3.1).
fn charset(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']).trim();
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}

/// The encoding of an XML declaration (XML 1.0 §4.3.3), which stands in ASCII within the first line.
pub(crate) fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.strip_prefix(b"<?xml")?;
    let head = String::from_utf8_lossy(&head[..head.len().min(DECLARATION)]).into_owned();
    let declaration = head.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split_once(quote).map(|(label, _)| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content_type: Option<&str>, bytes: &[u8]) -> String {
        Body::new(content_type, bytes).decode().text.into_owned()
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn text_that_is_valid_utf_8_is_utf_8_whatever_is_said_of_it() {
        for content_type in
            [None, Some("application/json"), Some("text/plain; charset=iso-8859-1"), Some("; =")]
        {
            assert_eq!(text(content_type, "Växel".as_bytes()), "Växel", "{content_type:?}");
            assert_eq!(text(content_type, b"\xef\xbb\xbf\xc3\xa4"), "ä", "{content_type:?}");
        }
    }

    #[test]
    fn text_in_another_charset_is_read_by_its_mark_its_type_or_its_declaration() {
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><q n=\"V\xe4xel\"/>";
        assert!(text(Some("application/xml"), latin).contains("Växel"));
        assert!(text(None, latin).contains("Växel"));
        for charset in ["\"iso-8859-1\"", "ISO_8859-1", " windows-1252 ", "latin1"] {
            let content_type = format!("application/json; Charset={charset}; q=1");
            assert_eq!(text(Some(&content_type), b"V\xe4xel"), "Växel", "{charset}");
        }
        let wide = "{\"name\": \"Växel\"}";
        for bytes in [utf16(wide, u16::to_le_bytes), utf16(wide, u16::to_be_bytes)] {
            assert_eq!(text(Some("application/json"), &bytes), wide);
        }
        let marked = format!("\u{FEFF}{wide}");
        for bytes in [utf16(&marked, u16::to_le_bytes), utf16(&marked, u16::to_be_bytes)] {
            assert_eq!(text(Some("application/json; charset=utf-8"), &bytes), wide);
        }
    }

    #[test]
    fn bytes_in_no_known_charset_cost_themselves_alone() {
        for content_type in [None, Some("text/plain; charset=nonsense"), Some("; charset=utf-8")] {
            let decoded = Body::new(content_type, b"a\xffb").decode();
            assert_eq!((&*decoded.text, decoded.is_lossy), ("a\u{FFFD}b", true));
        }
        assert_eq!(text(None, b"<?xml encoding='"), "<?xml encoding='");
        assert_eq!(text(None, b""), "");
    }
}
