//! The order of names: as people count and as their alphabet goes.

use std::cmp::Ordering;
use std::sync::LazyLock;

use nucleo_matcher::chars::normalize;

/// In which order letters stand that have marks or are no letters elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// With the letter that they look like.
    Plain,
    /// Behind Z: Å, Ä, Ö.
    Swedish,
    /// Behind Z: Æ, Ø, Å.
    Danish,
}

impl Alphabet {
    /// The reader's, by the first of `LC_ALL`, `LC_COLLATE` and `LANG` that is set.
    fn of_reader() -> Self {
        static OWN: LazyLock<Alphabet> = LazyLock::new(|| {
            let value = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
            Alphabet::of_locale(
                &["LC_ALL", "LC_COLLATE", "LANG"].iter().find_map(value).unwrap_or_default(),
            )
        });
        *OWN
    }

    /// That of a locale, as `sv_SE.UTF-8`.
    pub fn of_locale(locale: &str) -> Self {
        match locale.split(['_', '.', '@', '-']).next() {
            Some("sv" | "fi") => Self::Swedish,
            Some("da" | "nb" | "nn" | "no") => Self::Danish,
            _ => Self::Plain,
        }
    }

    /// The place of a letter behind Z, where it has one.
    const fn behind_z(self, letter: char) -> Option<char> {
        match (self, letter) {
            (Self::Swedish, 'å') | (Self::Danish, 'æ' | 'ä') => Some('\u{7B}'),
            (Self::Swedish, 'ä' | 'æ') | (Self::Danish, 'ø' | 'ö') => Some('\u{7C}'),
            (Self::Swedish, 'ö' | 'ø') | (Self::Danish, 'å') => Some('\u{7D}'),
            _ => None,
        }
    }
}

/// What a text is ordered by in the reader's alphabet.
pub(crate) fn key(text: &str) -> String {
    key_in(text, Alphabet::of_reader())
}

/// Compares two texts in the reader's alphabet; those that read alike are ordered by their characters.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    key(a).cmp(&key(b)).then_with(|| a.cmp(b))
}

/// What a text is ordered by: its letters without case and, but for those of the alphabet, without marks; a number
/// by how much it is.
pub(crate) fn key_in(text: &str, alphabet: Alphabet) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let digits = rest[..end].trim_start_matches('0');
            // The longer of two numbers is the larger one.
            let length = u32::try_from(digits.len()).unwrap_or(u32::MAX).min(0x2000);
            out.push('0');
            out.push(char::from_u32(0x21 + length).unwrap_or(char::MAX));
            out.push_str(digits);
            rest = &rest[end..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
            continue;
        }
        for c in c.to_lowercase() {
            match (alphabet.behind_z(c), c) {
                (Some(place), _) => out.push(place),
                (None, 'ß') => out.push_str("ss"),
                (None, 'æ') => out.push_str("ae"),
                (None, 'œ') => out.push_str("oe"),
                (None, 'ø') => out.push('o'),
                // A mark that stands alone behind its letter.
                (None, '\u{300}'..='\u{36F}') => {}
                _ => out.push(normalize(c)),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(alphabet: Alphabet, mut names: Vec<&str>) -> Vec<&str> {
        names.sort_by_key(|name| key_in(name, alphabet));
        names
    }

    #[test]
    fn numbers_in_names_are_ordered_by_how_much_they_are() {
        let names = vec!["Line 10", "Line 2", "line 1b", "Line 02a", "Line", "Line 100", "10", "9"];
        let order = ["9", "10", "Line", "line 1b", "Line 2", "Line 02a", "Line 10", "Line 100"];
        assert_eq!(ordered(Alphabet::Plain, names), order);
    }

    #[test]
    fn each_alphabet_has_its_own_letters_behind_z() {
        let names = || vec!["Zoo", "Öst", "Ärla", "Åsa", "Ola", "Anna", "Ævar", "Øst"];
        let plain = ["Ævar", "Anna", "Ärla", "Åsa", "Ola", "Öst", "Øst", "Zoo"];
        assert_eq!(ordered(Alphabet::Plain, names()), plain);
        let swedish = ["Anna", "Ola", "Zoo", "Åsa", "Ärla", "Ævar", "Öst", "Øst"];
        assert_eq!(ordered(Alphabet::of_locale("sv_SE.UTF-8"), names()), swedish);
        assert_eq!(ordered(Alphabet::of_locale("fi_FI.utf8"), names()), swedish);
        let danish = ["Anna", "Ola", "Zoo", "Ärla", "Ævar", "Öst", "Øst", "Åsa"];
        assert_eq!(ordered(Alphabet::of_locale("nb_NO.UTF-8"), names()), danish);
    }

    #[test]
    fn marks_do_not_move_a_name() {
        let names = vec!["Erik", "Émile", "Eva", "e\u{301}lan", "Straße", "Strasse 2", "Strand"];
        let order = ["e\u{301}lan", "Émile", "Erik", "Eva", "Strand", "Straße", "Strasse 2"];
        assert_eq!(ordered(Alphabet::Plain, names), order);
    }
}
