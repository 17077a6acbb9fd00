//! Vendor text, cleaned once, where it enters: no name can command the terminal or hide in it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use self::characters::{Characters, in_ascii};
pub use self::guid::guid;
pub use self::mask::masked;
pub use self::page::Page;
pub use self::pattern::{Pattern, folded};
pub(crate) use self::widths::settled;

mod characters;
pub(crate) mod cluster;
pub(crate) mod collate;
pub mod destination;
pub(crate) mod escape;
mod guid;
pub mod json;
mod mask;
mod page;
mod pattern;
pub mod segment;
mod widths;

/// What stands where a character was taken out.
pub const MARKER: char = '\u{FFFD}';

/// What ends a text that was cut.
const ELLIPSIS: char = '…';

/// Combining marks that one cell may carry: real scripts stack two or three, floods stack thousands.
const MARKS: usize = 4;

/// Graphemes that one text may hold: longer than any real name, short enough for ten thousand rows.
const GRAPHEMES: usize = 200;

/// Bytes of input that are looked at at all: a 10 MB name costs no more than this.
const BYTES: usize = 16 * 1024;

/// Text that is safe to show: made only by [`Shown::clean`], so that what is not clean cannot be shown.
///
/// It holds no control characters, no bidirectional or zero-width ones, and none whose width terminals
/// disagree about; each that was taken out left a U+FFFD, one for a whole emoji, and its code points are kept
/// beside the text. It has at most 200 graphemes, each with at most 4 combining marks.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Shown {
    text: Arc<str>,
    /// The code points of what was taken out. They are no part of the text: two that read alike are alike.
    #[serde(skip)]
    replaced: Option<Arc<Vec<String>>>,
}

impl Shown {
    /// Cleans `raw`. Clean text comes out unchanged; cleaning twice is cleaning once.
    pub fn clean(raw: &str) -> Self {
        if raw.len() <= GRAPHEMES && raw.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Self { text: Arc::from(raw), replaced: None };
        }
        let (text, replaced) = cleaned(raw);
        let replaced = (!replaced.is_empty()).then(|| Arc::new(replaced));
        Self { text: Arc::from(text.as_str()), replaced }
    }

    /// The code points of what was taken out, in order, as “U+1F44D U+1F3FD”: those of the first few.
    pub fn replaced(&self) -> &[String] {
        self.replaced.as_ref().map_or(&[], |replaced| replaced.as_slice())
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What stands for words that somebody wrote and not everybody may read: how many there are. Veiling twice is
    /// veiling once.
    #[must_use]
    pub fn veiled(&self) -> Self {
        let inner = self.text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let counted = inner.and_then(|inner| inner.split_once(' '));
        if let Some((count, "word" | "words")) = counted
            && count.bytes().all(|byte| byte.is_ascii_digit())
        {
            return self.clone();
        }
        match self.text.split_whitespace().count() {
            0 => Self::default(),
            1 => Self::from("[1 word]"),
            words => Self::from(format!("[{words} words]")),
        }
    }

    /// The same text with every telephone number masked; see [`masked`].
    pub fn masked(&self) -> Self {
        match masked(&self.text) {
            Cow::Borrowed(_) => self.clone(),
            Cow::Owned(text) => {
                Self { text: Arc::from(text.as_str()), replaced: self.replaced.clone() }
            }
        }
    }
}

impl Default for Shown {
    fn default() -> Self {
        Self { text: Arc::from(""), replaced: None }
    }
}

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Shown {}

impl PartialOrd for Shown {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Shown {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Shown {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Deref for Shown {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Shown {
    fn from(raw: &str) -> Self {
        Self::clean(raw)
    }
}

impl From<String> for Shown {
    fn from(raw: String) -> Self {
        Self::clean(&raw)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, f)
    }
}

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::clean(&String::deserialize(deserializer)?))
    }
}

/// What was taken out of one text is told of so many.
const TOLD: usize = 8;

/// Cleans by grapheme, so that the limits on marks and length count what people see. Beside the text, the code
/// points of what was taken out.
fn cleaned(raw: &str) -> (String, Vec<String>) {
    let head = &raw[..raw.floor_char_boundary(BYTES)];
    // Break at every refused character first: a grapheme must not span one, but for an emoji, which is one sign.
    let mut spaced = String::with_capacity(head.len());
    let mut replaced = Vec::new();
    let mut tell = |taken: &str| {
        if replaced.len() < TOLD {
            replaced.push(cluster::code_points(taken));
        }
    };
    for grapheme in head.graphemes(true) {
        if cluster::is_agreed(grapheme) {
            spaced.push_str(grapheme);
        } else if cluster::is_emoji(grapheme) {
            spaced.push(MARKER);
            tell(grapheme);
        } else {
            for c in grapheme.chars() {
                if refused(c) {
                    tell(c.encode_utf8(&mut [0; 4]));
                }
                spaced.push(if refused(c) { MARKER } else { c });
            }
        }
    }
    let mut out = String::with_capacity(spaced.len().min(GRAPHEMES * 4));
    let mut count = 0;
    for grapheme in spaced.graphemes(true) {
        let before = out.len();
        count += push_grapheme(&mut out, grapheme);
        if count > GRAPHEMES {
            out.truncate(before);
            out.push(ELLIPSIS);
            return (out, replaced);
        }
    }
    if head.len() < raw.len() {
        out.push(ELLIPSIS);
    }
    (out, replaced)
}

/// Appends one grapheme as a base and its marks; what joins otherwise is replaced. Returns the graphemes added.
fn push_grapheme(out: &mut String, grapheme: &str) -> usize {
    if cluster::is_agreed(grapheme) {
        out.push_str(grapheme);
        return 1;
    }
    let mut marks = 0;
    let mut added = 0;
    let agreed = UnicodeWidthStr::width(grapheme)
        == grapheme.chars().map(|c| UnicodeWidthChar::width(c).unwrap_or(0)).sum::<usize>();
    for (index, c) in grapheme.chars().enumerate() {
        let mark = UnicodeWidthChar::width(c) == Some(0);
        if index == 0 {
            out.push(if mark { MARKER } else { c });
            added += 1;
        } else if mark {
            marks += 1;
            match marks {
                1..=MARKS => out.push(c),
                over if over == MARKS + 1 => {
                    out.push(MARKER);
                    added += 1;
                }
                _ => {}
            }
        } else {
            out.push(if agreed { c } else { MARKER });
            added += 1;
        }
    }
    added
}

/// Whether a character may not stand in shown text: it commands, hides, reorders or has no agreed width.
pub(crate) fn refused(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // bidirectional marks, overrides and isolates
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}'
            // zero width: spaces, joiners, word joiner, byte order mark, invisible operators, soft hyphen
            | '\u{00AD}' | '\u{034F}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}' | '\u{FEFF}'
            // line and paragraph separators
            | '\u{2028}' | '\u{2029}'
            // fillers that show as nothing
            | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{3164}' | '\u{FFA0}' | '\u{2800}'
            // Hangul letters that join, half-width sound marks, interlinear annotation
            | '\u{1161}'..='\u{11FF}' | '\u{A960}'..='\u{A97F}' | '\u{D7B0}'..='\u{D7FF}' | '\u{FF9E}' | '\u{FF9F}' | '\u{FFF0}'..='\u{FFFC}'
            // variation selectors, skin tones, regional indicators, tags
            | '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{1F1E6}'..='\u{1F1FF}'
            // private use, noncharacters, and whole planes that are neither
            | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{E0000}'..)
        || u32::from(c) & 0xFFFE == 0xFFFE
        || UnicodeWidthChar::width(c).is_none_or(|width| width > 2)
        || UnicodeWidthStr::width(c.encode_utf8(&mut [0; 4]) as &str)
            != UnicodeWidthChar::width(c).unwrap_or(0)
        || unassigned_width(c)
}

/// Characters that terminals measure differently because their tables are of different ages or minds.
///
/// Anything from a block of the supplementary planes that Unicode 15 did not settle, and the symbols with
/// default text presentation that some terminals draw as wide emoji.
fn unassigned_width(c: char) -> bool {
    matches!(c,
        '\u{2FE0}'..='\u{2FEF}' | '\u{1FAE9}'..='\u{1FAFF}' | '\u{1F6D8}'..='\u{1F6DB}' | '\u{1F774}'..='\u{1F77F}'
        | '\u{2630}'..='\u{2637}' | '\u{268A}'..='\u{268F}' | '\u{4DC0}'..='\u{4DFF}' | '\u{1D300}'..='\u{1D37F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_accented_text_is_unchanged() {
        for text in ["Sales", "Växel Öst", "Żółć", "日本語 サポート", "e\u{301}", "สวัสดี", "😀 ok"]
        {
            assert_eq!(Shown::clean(text).as_str(), text);
        }
    }

    #[test]
    fn what_commands_or_hides_leaves_a_marker() {
        for c in [
            '\u{1b}', '\u{7}', '\u{9b}', '\u{85}', '\n', '\t', '\u{202e}', '\u{2066}', '\u{200b}',
            '\u{200d}', '\u{feff}', '\u{ad}', '\u{fe0f}', '\u{2028}', '\u{3164}', '\u{ff9e}',
            '\u{e001}', '\u{0}',
        ] {
            let shown = Shown::clean(&format!("a{c}b"));
            assert_eq!(shown.as_str(), "a\u{FFFD}b", "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn a_flood_of_marks_is_cut_to_four_and_marked() {
        let shown = Shown::clean(&format!("a{}b", "\u{301}".repeat(1_000_000)));
        assert_eq!(shown.as_str(), "a\u{301}\u{301}\u{301}\u{301}\u{FFFD}…");
    }

    #[test]
    fn long_text_ends_in_an_ellipsis() {
        let shown = Shown::clean(&"x".repeat(10_000_000));
        assert_eq!(shown.graphemes(true).count(), GRAPHEMES + 1);
        assert!(shown.ends_with('…'));
    }
}
