//! What a person types behind `/`: `text`, `!text` or `re:pattern`.

use std::borrow::Cow;
use std::fmt;

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use regex_lite::Regex;

use crate::text::Shown;

/// Which rows are kept: those with a column that contains a text, without case or accents.
#[derive(Clone, Default)]
pub struct Filter {
    written: String,
    inverse: bool,
    test: Option<Test>,
}

#[derive(Clone)]
enum Test {
    Text(Atom),
    Pattern(Regex),
}

/// Why a filter cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("not a regular expression: {reason}")]
pub struct FilterError {
    reason: Shown,
}

/// The longest pattern: a regular expression's cost grows with its length.
const LENGTH: usize = 200;

impl Filter {
    /// Reads what was typed.
    ///
    /// # Errors
    /// A pattern behind `re:` that is no regular expression, or is too long.
    pub fn parse(written: &str) -> Result<Self, FilterError> {
        let (inverse, rest) =
            written.strip_prefix('!').map_or((false, written), |rest| (true, rest));
        let refuse =
            |reason: &dyn fmt::Display| FilterError { reason: Shown::clean(&reason.to_string()) };
        let test = match rest.strip_prefix("re:") {
            Some(pattern) if pattern.len() > LENGTH => return Err(refuse(&"it is too long")),
            Some("") => None,
            Some(pattern) => {
                let pattern = format!("(?i){pattern}");
                Some(Test::Pattern(Regex::new(&pattern).map_err(|error| refuse(&error))?))
            }
            None if rest.is_empty() => None,
            None => Some(Test::Text(Atom::new(
                &with_ss(rest),
                CaseMatching::Ignore,
                Normalization::Smart,
                AtomKind::Substring,
                false,
            ))),
        };
        Ok(Self { written: written.to_owned(), inverse, test })
    }

    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether it keeps every row.
    pub const fn is_empty(&self) -> bool {
        self.test.is_none()
    }

    /// Whether a row is kept; `any` tries a test on the row's texts until one fits.
    pub fn keeps(&self, any: impl FnOnce(&mut dyn FnMut(&str) -> bool) -> bool) -> bool {
        let found = match &self.test {
            None => return true,
            Some(Test::Pattern(pattern)) => any(&mut |text| pattern.is_match(text)),
            Some(Test::Text(atom)) => {
                let mut matcher = Matcher::new(Config::DEFAULT);
                let mut buffer = Vec::new();
                any(&mut |text| {
                    let text = with_ss(text);
                    atom.score(Utf32Str::new(&text, &mut buffer), &mut matcher).is_some()
                })
            }
        };
        found != self.inverse
    }
}

/// A text in which ß is written as who has no such key writes it.
fn with_ss(text: &str) -> Cow<'_, str> {
    match text.contains(['ß', 'ẞ']) {
        true => Cow::Owned(text.replace(['ß', 'ẞ'], "ss")),
        false => Cow::Borrowed(text),
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&self.written).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeps(filter: &str, text: &str) -> bool {
        Filter::parse(filter).unwrap().keeps(|test| test(text))
    }

    #[test]
    fn a_text_is_found_without_case_or_accents() {
        assert!(keeps("vaxel", "Växel Öst"));
        assert!(keeps("SAL", "sales"));
        assert!(!keeps("sls", "sales"));
    }

    #[test]
    fn a_sharp_s_is_found_as_two_and_two_as_one() {
        assert!(keeps("strasse", "Hauptstraße"));
        assert!(keeps("STRASSE", "Straße"));
        assert!(keeps("Straße", "Strasse 5"));
        assert!(keeps("straße", "STRAẞE"));
        assert!(!keeps("straße", "Strase"));
    }

    #[test]
    fn an_exclamation_mark_keeps_the_others() {
        assert!(!keeps("!sales", "Sales"));
        assert!(keeps("!sales", "Support"));
    }

    #[test]
    fn a_pattern_is_tried_as_a_regular_expression() {
        assert!(keeps("re:^sa.*s$", "Sales"));
        assert!(Filter::parse("re:(").is_err());
    }
}
