//! Names as config files write them, with `*` for any text.

use std::fmt;

/// A name in which `*` stands for any text. Case does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<char>);

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|c| fmt::Write::write_char(f, *c))
    }
}

impl Pattern {
    /// The pattern that is written so.
    pub fn new(written: &str) -> Self {
        Self(folded(written))
    }

    /// Whether `text` fits, whole.
    pub fn fits(&self, text: &str) -> bool {
        self.fits_folded(&folded(text))
    }

    /// The same for a text that is [`folded`] already: one text, many patterns.
    pub fn fits_folded(&self, text: &[char]) -> bool {
        let (mut at, mut next) = (0, 0);
        // Where the last star stands, and how far it reaches so far.
        let mut star: Option<(usize, usize)> = None;
        while next < text.len() {
            match self.0.get(at) {
                Some('*') => {
                    star = Some((at, next));
                    at += 1;
                }
                Some(c) if *c == text[next] => {
                    at += 1;
                    next += 1;
                }
                _ => {
                    let Some((place, reach)) = star else { return false };
                    star = Some((place, reach + 1));
                    (at, next) = (place + 1, reach + 1);
                }
            }
        }
        self.0[at..].iter().all(|c| *c == '*')
    }
}

/// A text as patterns see it: without case.
pub fn folded(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}
