//! What is dialled after a number: extensions, pauses, tones. It may be a PIN, so it is hidden whole.

use super::signs::{Sign, is_digit, word_at};
use super::{NUMBER, digits};

/// Words before an extension, in small letters.
const EXTENSION: [&str; 26] = [
    "ext",
    "extn",
    "extension",
    "extensión",
    "xtn",
    "xt",
    "int",
    "intern",
    "interno",
    "anexo",
    "ramal",
    "poste",
    "доб",
    "добавочный",
    "вн",
    "внутр",
    "anknytning",
    "ankn",
    "anknytn",
    "alanumero",
    "alanro",
    "linje",
    "lokal",
    "durchwahl",
    "dw",
    "local",
];

/// Words before what is dialled once a call stands, in small letters.
const TONES: [&str; 14] = [
    "pin",
    "code",
    "kod",
    "koodi",
    "passcode",
    "conf",
    "conference",
    "pause",
    "wait",
    "tone",
    "postd",
    "dtmf",
    "isub",
    "id",
];

/// Signs behind which, in a number, an extension or a pause begins.
const PAUSES: [char; 5] = [',', ';', '#', '*', '~'];

/// The sign behind all extensions and tones that follow the number of `main` digits that ends at `at`.
pub(super) fn end(signs: &[Sign], at: usize, main: usize) -> Option<usize> {
    let mut end = None;
    let mut from = at;
    while let Some(next) = one(signs, from, main, end.is_some()) {
        end = Some(next);
        from = next;
    }
    end
}

/// The sign behind one of them. One that goes on from another may begin with a pause alone.
fn one(signs: &[Sign], at: usize, main: usize, goes_on: bool) -> Option<usize> {
    let mut next = skip(signs, at, " ,;.:/()[]-_#*=~\"'<");
    let bare = next > at && signs[at..next].iter().any(|sign| PAUSES.contains(&sign.c));
    let (word, behind) = word_at(signs, next);
    let word = word.to_lowercase();
    let known = match word.as_str() {
        "" => goes_on && bare,
        // One letter is one only close to its digits: elsewhere it is a word.
        "x" | "p" | "w" | "t" | "х" => {
            main >= NUMBER && next <= at + 2 && skip(signs, behind, " .,:#") <= behind + 2
        }
        word => main >= NUMBER - 2 && (EXTENSION.contains(&word) || TONES.contains(&word)),
    };
    if !known {
        return None;
    }
    next = skip(signs, behind, " .,:;=#-№°'\"()[]/*~");
    // Pauses in words of one letter, as in `postd=pp22`.
    next += signs.get(next..)?.iter().take_while(|sign| matches!(sign.c, 'p' | 'w')).count();
    let digits = signs[next.min(signs.len())..].iter().take_while(|sign| is_digit(sign.c)).count();
    (digits > 0).then_some(next + digits)
}

/// The first sign from `at` on that is none of `some`; of them at most twelve are passed over.
fn skip(signs: &[Sign], at: usize, some: &str) -> usize {
    let rest = signs.get(at..).unwrap_or_default().iter().take(12);
    at + rest.take_while(|sign| some.contains(sign.c)).count()
}

/// The groups of the number itself, and whether it is sure that they are all of it.
///
/// A pause behind as many digits as a number has may be one, or a separator: neither the digits behind it nor those
/// before it are shown as the last.
pub(super) fn main(
    signs: &[Sign],
    groups: &[(usize, usize)],
    least: usize,
) -> (Vec<(usize, usize)>, bool) {
    let mut sum = 0;
    for (index, group) in groups.iter().enumerate() {
        let gap = index.checked_sub(1).map_or(&[][..], |last| &signs[groups[last].1..group.0]);
        if sum >= least && gap.iter().any(|sign| PAUSES.contains(&sign.c)) {
            return (groups[..index].to_vec(), false);
        }
        sum += digits(signs, *group);
    }
    (groups.to_vec(), true)
}
