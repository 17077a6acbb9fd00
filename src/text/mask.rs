//! Telephone numbers in text, masked.
//!
//! The text is read as a person reads it ([`signs`]): compatibility forms, HTML entities, percent-escapes and JSON
//! escapes are resolved, and each sign knows the bytes that it was read from. In the signs, what is certainly no
//! telephone number (a date, a time, an amount, an address, an identifier) is found by [`other`]; every other run of
//! digits is a number, whatever stands between its digits.
//!
//! Of a number at most the first three and the last two digits are shown, of one with fewer than [`SHOWS`] digits none,
//! and none of an extension or of what is dialled after the number.

use std::borrow::Cow;

use self::signs::{Sign, is_digit};

mod other;
mod signs;
mod tail;

/// What stands for digits that are hidden.
const HIDDEN: char = '…';

/// Digits from which a run is a number: a room, a queue or a count has fewer.
const NUMBER: usize = 6;

/// Digits from which a run is a number behind a scheme that says so, such as `tel:`.
const NAMED: usize = 3;

/// Digits of a number from which some are shown.
const SHOWS: usize = 8;

/// Digits that are shown in front.
const FRONT: usize = 3;

/// Digits that are shown behind.
const BACK: usize = 2;

/// Signs that may stand between two digits of one number, spaces not counted.
const GAP: usize = 8;

/// Spaces that may stand between two digits of one number.
const SPACES: usize = 64;

/// Signs of a text from which its last number may have been cut off.
const CUT: usize = 190;

/// Schemes and words with a colon behind which a number of few digits stands.
const SCHEMES: [&str; 8] = ["tel", "sip", "sips", "callto", "sms", "fax", "phone", "xmpp"];

/// `text` with every telephone number masked. Masking twice is masking once.
pub fn masked(text: &str) -> Cow<'_, str> {
    if !may_hold_number(text) {
        return Cow::Borrowed(text);
    }
    let signs = signs::read(text);
    let mut out = String::new();
    let (mut at, mut copied, mut other_end) = (0, 0, 0);
    while at < signs.len() {
        if let Some(end) = other::end(&signs, at, other_end) {
            (at, other_end) = (end, end);
            continue;
        }
        if !starts(&signs, at) {
            at += 1;
            continue;
        }
        let run = Run::read(&signs, at);
        if run.is_number() {
            for number in run.numbers() {
                out.push_str(&text[copied..signs[number.start].at]);
                number.write(&signs, &mut out);
                copied = signs[number.end - 1].end;
            }
        }
        at = run.end();
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Whether there are digits enough for a number: most texts have none, and are not looked at any further.
fn may_hold_number(text: &str) -> bool {
    let mut digits = 0;
    for byte in text.bytes() {
        digits += match byte {
            b'0'..=b'9' => 1,
            // A sign beyond ASCII may be several digits.
            0xC2.. => return text.chars().map(|c| signs::digits_of(c, 3)).sum::<usize>() >= NAMED,
            _ => 0,
        };
    }
    digits >= NUMBER || (digits >= NAMED && text.contains(':'))
}

/// Whether a number may begin at `at`: with a digit, or with the plus before one.
fn starts(signs: &[Sign], at: usize) -> bool {
    is_digit(signs[at].c)
        || (signs[at].c == '+' && signs.get(at + 1).is_some_and(|next| is_digit(next.c)))
}

/// Digits, and what stands between them.
struct Run<'s> {
    signs: &'s [Sign],
    /// Each as its first sign and the one behind its last; the first may begin with a plus.
    groups: Vec<(usize, usize)>,
    /// Where an extension behind the last group ends.
    tail: Option<usize>,
}

impl<'s> Run<'s> {
    fn read(signs: &'s [Sign], start: usize) -> Self {
        let mut groups = Vec::new();
        let mut at = start;
        loop {
            let mut end = at + usize::from(signs[at].c == '+');
            while signs.get(end).is_some_and(|sign| is_digit(sign.c)) {
                end += 1;
            }
            groups.push((at, end));
            let Some(next) = after_gap(signs, end) else { break };
            at = next;
        }
        let mut run = Self { signs, groups, tail: None };
        let main = run.digits();
        // Digits that follow an extension are of it as well.
        while let Some(mut end) = tail::end(signs, run.end(), main) {
            while let Some(next) = after_gap(signs, end) {
                let rest = signs[next..].iter().skip(1).take_while(|sign| is_digit(sign.c)).count();
                end = next + 1 + rest;
            }
            run.tail = Some(end);
        }
        run
    }

    /// The sign behind the run.
    fn end(&self) -> usize {
        self.tail.or_else(|| self.groups.last().map(|(_, end)| *end)).unwrap_or_default()
    }

    /// Digits without those of an extension.
    fn digits(&self) -> usize {
        self.groups.iter().map(|group| digits(self.signs, *group)).sum()
    }

    /// Whether the digits are those of a telephone number.
    fn is_number(&self) -> bool {
        let Some((start, _)) = self.groups.first().copied() else { return false };
        // What is left in front of a number that is masked already.
        if self.digits() <= FRONT && self.signs.get(self.end()).is_some_and(|s| s.c == HIDDEN) {
            return false;
        }
        let digits = self.digits();
        let least = match (self.tail, named(self.signs, start), self.is_cut()) {
            (_, true, _) | (_, _, true) => NAMED,
            (Some(_), ..) => NUMBER - 2,
            _ => NUMBER,
        };
        digits >= least
            && !(self.tail.is_none() && other::is_amount_or_date(self.signs, &self.groups))
    }

    /// Whether it is what is left of a number at the end of a text that was cut.
    fn is_cut(&self) -> bool {
        let behind = self.signs.get(self.end()).map(|sign| sign.c);
        self.signs.len() >= CUT && behind == Some(HIDDEN) && self.end() + 1 == self.signs.len()
    }

    /// The numbers that the run is made of, and what is shown of each.
    fn numbers(&self) -> Vec<Number> {
        let mut numbers: Vec<Number> = Vec::new();
        let mut first = 0;
        for index in 1..=self.groups.len() {
            let is_last = index == self.groups.len();
            if !is_last && !self.splits(first, index) {
                continue;
            }
            let groups = &self.groups[first..index];
            let (start, mut end) = (groups[0].0, groups[groups.len() - 1].1);
            let (main, clear) = tail::main(self.signs, groups, NUMBER);
            if is_last {
                end = self.end();
            }
            numbers.push(Number { start, end, main, clear });
            first = index;
        }
        numbers
    }

    /// Whether a new number begins with the group at `index`; the last one began with that at `first`.
    ///
    /// Both sides are numbers by themselves: so many signs in, a number of at most fifteen digits shows no more
    /// for being taken for two.
    fn splits(&self, first: usize, index: usize) -> bool {
        let count = |groups: &[(usize, usize)]| -> usize {
            groups.iter().map(|group| digits(self.signs, *group)).sum()
        };
        let before = count(&self.groups[first..index]);
        let behind = count(&self.groups[index..]);
        let gap = &self.signs[self.groups[index - 1].1..self.groups[index].0];
        let has = |wanted: &[char]| gap.iter().any(|sign| wanted.contains(&sign.c));
        let plus = self.signs[self.groups[index].0].c == '+' && !gap.is_empty();
        (plus && before >= NUMBER && behind >= NUMBER)
            || (has(&[' ']) && has(&[',', ';', '|', '/', '•', '·', '&']))
                && before >= SHOWS
                && behind >= SHOWS
    }
}

/// One number.
struct Number {
    start: usize,
    end: usize,
    /// The groups of the number itself, without what is dialled after it.
    main: Vec<(usize, usize)>,
    /// Whether it is sure where the number itself ends: only then its last digits are shown.
    clear: bool,
}

impl Number {
    fn write(&self, signs: &[Sign], out: &mut String) {
        if signs[self.start].c == '+' {
            out.push('+');
        }
        let own = self.main.iter().flat_map(|(start, end)| &signs[*start..*end]);
        let digits: Vec<char> = own.map(|sign| sign.c).filter(|c| is_digit(*c)).collect();
        if digits.len() < SHOWS {
            out.push(HIDDEN);
            return;
        }
        out.extend(&digits[..FRONT]);
        out.push(HIDDEN);
        if self.clear {
            out.extend(&digits[digits.len() - BACK..]);
        }
    }
}

/// The digits of a group.
fn digits(signs: &[Sign], (start, end): (usize, usize)) -> usize {
    signs[start..end].iter().filter(|sign| is_digit(sign.c)).count()
}

/// The next group of the same number behind `at`, whatever stands in between but letters.
fn after_gap(signs: &[Sign], at: usize) -> Option<usize> {
    let (mut next, mut others, mut spaces) = (at, 0, 0);
    loop {
        let sign = signs.get(next)?;
        if is_digit(sign.c) {
            break;
        }
        match sign.c {
            HIDDEN => return None,
            ' ' => spaces += 1,
            '<' => {
                others += 1;
                next = signs::tag_end(signs, next).map_or(next, |end| end - 1);
            }
            c if c.is_alphanumeric() => return None,
            _ => others += 1,
        }
        if others > GAP || spaces > SPACES {
            return None;
        }
        next += 1;
    }
    if other::end(signs, next, 0).is_some() {
        return None;
    }
    let plus = next > at && signs[next - 1].c == '+';
    Some(if plus && next - 1 > at { next - 1 } else { next })
}

/// Whether a scheme stands before the number that says that it is one.
fn named(signs: &[Sign], start: usize) -> bool {
    let mut at = start;
    while at > 0 && matches!(signs[at - 1].c, '/' | ' ' | '(') {
        at -= 1;
    }
    at > 0
        && signs[at - 1].c == ':'
        && SCHEMES.contains(&signs::word_before(signs, at - 1).as_str())
}

#[cfg(test)]
mod tests;
