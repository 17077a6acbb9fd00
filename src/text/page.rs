//! Text of many lines that is safe to print.

use unicode_segmentation::UnicodeSegmentation;

use super::Shown;

/// Graphemes that are cleaned at once: a line may be longer than a name.
const PIECE: usize = 40;

/// Text of many lines that is safe to print, as [`Shown`] is of one: lines end in a newline, or a carriage return and
/// one, and tabs stand where they stood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page(String);

impl Page {
    /// Cleans `raw`. A clean page comes out unchanged.
    pub fn clean(raw: &str) -> Self {
        let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
        if raw.bytes().all(plain) {
            return Self(raw.to_owned());
        }
        let mut out = String::with_capacity(raw.len());
        for line in raw.split_inclusive('\n') {
            let (text, end) = match line.strip_suffix('\n') {
                Some(line) => match line.strip_suffix('\r') {
                    Some(line) => (line, "\r\n"),
                    None => (line, "\n"),
                },
                None => (line, ""),
            };
            for (index, cell) in text.split('\t').enumerate() {
                if index > 0 {
                    out.push('\t');
                }
                push_cleaned(&mut out, cell);
            }
            out.push_str(end);
        }
        Self(out)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Appends `text`, cleaned piece by piece.
fn push_cleaned(out: &mut String, text: &str) {
    let mut start = 0;
    for (count, (at, _)) in text.grapheme_indices(true).enumerate().skip(1) {
        if count % PIECE == 0 {
            out.push_str(&Shown::clean(&text[start..at]));
            start = at;
        }
    }
    out.push_str(&Shown::clean(&text[start..]));
}
