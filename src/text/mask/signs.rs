//! A text as a person reads it: sign by sign, each with the bytes that it stands for.

use icu_normalizer::ComposingNormalizerBorrowed;
use unicode_width::UnicodeWidthChar;

use super::HIDDEN;
pub(super) use crate::text::escape::Sign;
use crate::text::escape::{LEADS, PASSES, unescaped};
use crate::text::{MARKER, refused};

/// Signs that a tag of markup may have.
const TAG: usize = 200;

/// Letters of the longest word that is looked at.
const WORD: usize = 14;

/// The signs of `text`. Every dash is `-`, every space a space, every apostrophe `'`; what cannot be seen is left out.
pub(super) fn read(text: &str) -> Vec<Sign> {
    let mut signs = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        push(c, at, at + c.len_utf8(), &mut signs);
    }
    for _ in 0..PASSES {
        let Some(next) = unescaped(&signs, &LEADS, is_worth, push) else { break };
        signs = next;
    }
    signs
}

/// Appends what `c` is read as.
fn push(c: char, at: usize, end: usize, signs: &mut Vec<Sign>) {
    let mut add = |c: char| {
        if let Some(c) = plain(c) {
            signs.push(Sign { c, at, end });
        }
    };
    // The sign for what is hidden stays one.
    if c.is_ascii() || c == HIDDEN {
        return add(c);
    }
    // A mark changes no digit; as compatibility forms, some are a space and a mark.
    if UnicodeWidthChar::width(c) == Some(0) {
        return;
    }
    ComposingNormalizerBorrowed::new_nfkc().normalize_iter(std::iter::once(c)).for_each(add);
}

/// One sign for many that look alike; `None` for what cannot be seen.
fn plain(c: char) -> Option<char> {
    Some(match c {
        _ if c.is_whitespace() || c.is_control() => ' ',
        '\u{2010}'..='\u{2015}' | '−' | '﹘' | '﹣' | '－' | '⁃' | '⸺' | '⸻' | '֊' | '᠆' => {
            '-'
        }
        '’' | '‘' | '‛' | 'ʼ' | 'ʹ' | '′' | '`' | '´' => '\'',
        // Letters to Unicode, lines and dots to the eye.
        'ー' | '\u{2B0}'..='\u{2FF}' | '\u{3031}'..='\u{3035}' => '-',
        '⁄' | '∕' => '/',
        MARKER => return None,
        _ if refused(c) && !is_digit(c) => return None,
        _ => c,
    })
}

/// Whether `c` is a digit, in whatever script.
pub(super) fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && (c.is_numeric() || is_ideograph(c)))
}

/// The digits of Chinese and Japanese.
const fn is_ideograph(c: char) -> bool {
    matches!(c, '〇' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九')
}

/// How many digits `c` can come to; one beyond ASCII up to `most`.
pub(super) fn digits_of(c: char, most: usize) -> usize {
    match (is_digit(c), c.is_ascii()) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => most,
    }
}

/// Whether an escape of `c` is read: one of a letter would end a number that the escape's own digits belong to.
fn is_worth(c: char) -> bool {
    is_digit(c) || !c.is_alphanumeric() && (!c.is_control() || matches!(c, '\t' | '\n' | '\r'))
}

/// The sign behind the tag of markup that begins at `at`.
pub(super) fn tag_end(signs: &[Sign], at: usize) -> Option<usize> {
    let first = signs.get(at + 1)?.c;
    if !(first.is_ascii_alphabetic() || matches!(first, '/' | '!')) {
        return None;
    }
    let length = signs[at..].iter().take(TAG).position(|sign| sign.c == '>')?;
    Some(at + length + 1)
}

/// The word that ends before `at`, in small letters.
pub(super) fn word_before(signs: &[Sign], at: usize) -> String {
    let letters = signs[..at].iter().rev().take_while(|sign| sign.c.is_alphabetic());
    let mut word: Vec<char> = letters.take(WORD).flat_map(|sign| sign.c.to_lowercase()).collect();
    word.reverse();
    word.into_iter().collect()
}

/// The word that begins at `at`, as it is written, and the sign behind it.
pub(super) fn word_at(signs: &[Sign], at: usize) -> (String, usize) {
    let letters = signs.get(at..).unwrap_or_default().iter();
    let word: String =
        letters.take_while(|sign| sign.c.is_alphabetic()).take(WORD).map(|sign| sign.c).collect();
    let end = at + word.chars().count();
    (word, end)
}
