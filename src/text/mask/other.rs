//! Digits that are certainly no telephone number: dates, times, amounts, addresses, identifiers, versions.
//!
//! Each is read strictly, by its values too, and only where it stands apart: with more digits close before or
//! behind it, it is a part of a number.

use std::net::Ipv6Addr;

use super::signs::{Sign, is_digit, word_at, word_before};
use super::{HIDDEN, NUMBER};

/// Digits of a whole amount without groups: more are a number.
const WHOLE: usize = 7;

/// Signs of the longest address.
const ADDRESS: usize = 45;

/// Digits of a label of a host from which it is a number all the same.
const LABEL: usize = 8;

/// Signs that are looked at around a time.
const NEAR: usize = 60;

/// Words that begin the name of a month.
const MONTHS: [&str; 44] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "maj",
    "mai", "okt", "dez", "des", "mär", "tam", "hel", "maa", "huh", "tou", "kes", "hei", "elo",
    "syy", "lok", "jou", "gen", "fév", "avr", "jui", "aoû", "déc", "ene", "abr", "ago", "dic",
    "mag", "giu", "lug", "set", "ott",
];

/// Words for money, as they are written.
const MONEY: [&str; 50] = [
    "EUR", "USD", "GBP", "SEK", "NOK", "DKK", "ISK", "CHF", "PLN", "CZK", "HUF", "RON", "BGN",
    "RUB", "UAH", "TRY", "JPY", "CNY", "INR", "AUD", "CAD", "NZD", "ZAR", "BRL", "MXN", "AED",
    "SAR", "ILS", "SGD", "HKD", "KRW", "THB", "kr", "Kr", "KR", "Kč", "zł", "Ft", "lei", "руб",
    "грн", "euro", "Euro", "euros", "euroa", "dollars", "kronor", "kroner", "pounds", "Fr",
];

/// Words for spans of time and sizes, as they are written.
const UNITS: [&str; 50] = [
    "ms",
    "s",
    "sec",
    "secs",
    "second",
    "seconds",
    "sek",
    "min",
    "mins",
    "minute",
    "minutes",
    "minuter",
    "m",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "d",
    "day",
    "days",
    "dagar",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "ns",
    "us",
    "µs",
    "μs",
    "B",
    "kB",
    "KB",
    "MB",
    "GB",
    "TB",
    "KiB",
    "MiB",
    "GiB",
    "TiB",
    "byte",
    "bytes",
    "bit",
    "bits",
    "tim",
    "timmar",
    "minuuttia",
    "sekuntia",
];

/// Words before a version.
const VERSIONS: [&str; 8] =
    ["v", "version", "ver", "versio", "release", "rel", "firmware", "build"];

/// The sign behind what begins at `at` and is no number, with all that is joined to it; `last` is the sign behind
/// the last one that was found.
pub(super) fn end(signs: &[Sign], at: usize, last: usize) -> Option<usize> {
    let c = signs.get(at)?.c;
    if !begins(signs, at, last) {
        return None;
    }
    if let Some(end) = host(signs, at) {
        return Some(end);
    }
    if !(is_digit(c) || c.is_ascii_hexdigit() || c == ':') {
        return None;
    }
    if let Some(end) = SURE.iter().find_map(|read| settled(signs, read(signs, at)?)) {
        return Some(end);
    }
    let end = joined(signs, at)?;
    let long = time(signs, at).is_some_and(|time| time - at > 5);
    (long || is_alone(signs, at)).then_some(end)
}

/// The sign behind what begins at `at` and is no number, with all that is joined to it.
fn joined(signs: &[Sign], at: usize) -> Option<usize> {
    READERS.iter().find_map(|read| settled(signs, read(signs, at)?))
}

/// Whether no few digits are near what begins at `at`, which would make a number of them all.
fn is_alone(signs: &[Sign], at: usize) -> bool {
    let is_end = |sign: &Sign| sign.c == HIDDEN || (sign.c.is_alphabetic() && !is_digit(sign.c));
    let start = at - signs[..at].iter().rev().take(NEAR).take_while(|sign| !is_end(sign)).count();
    let (mut next, mut last, mut few) = (start, 0, 0);
    // The end of a word or of an id, or what is left of a number that is masked already, is none.
    let is_other = begins(signs, start, 0) && joined(signs, start).is_some();
    if start > 0 && is_end(&signs[start - 1]) && !is_other {
        next += signs[start..].iter().take_while(|sign| !is_apart(sign.c)).count();
    }
    while let Some(sign) = signs.get(next).filter(|sign| next <= at + NEAR && !is_end(sign)) {
        if !is_digit(sign.c) {
            next += 1;
        } else if let Some(end) = joined(signs, next).filter(|_| begins(signs, next, last)) {
            if (1..NUMBER).contains(&few) {
                return false;
            }
            (next, last, few) = (end, end, 0);
        } else {
            let end = digits_end(signs, next);
            few += if signs.get(end).is_some_and(|sign| sign.c == HIDDEN) { 0 } else { end - next };
            next = end;
        }
    }
    let word = word_at(signs, next).0.to_lowercase();
    if MONTHS.iter().any(|month| word.starts_with(month)) {
        return true;
    }
    !(1..NUMBER).contains(&few)
}

type Reader = fn(&[Sign], usize) -> Option<usize>;

/// What is so long, or so marked, that no number looks like it.
const SURE: [Reader; 7] = [uuid, hex, ipv6, date, ipv4, year, version];

/// The same, and what the last digits of a number may look like.
const READERS: [Reader; 10] = [uuid, hex, ipv6, date, ipv4, time, money, share, year, version];

/// Whether the digits of a whole run are an amount with decimals or a short date, without a sign that says so.
pub(super) fn is_amount_or_date(signs: &[Sign], groups: &[(usize, usize)]) -> bool {
    let (Some((start, _)), Some((_, last))) = (groups.first(), groups.last()) else { return false };
    let whole = |end: Option<usize>| end == Some(*last);
    is_digit(signs[*start].c)
        && begins(signs, *start, 0)
        && (whole(decimals(signs, *start)) || whole(short_date(signs, *start)))
}

/// The sign behind the digits from `at` on.
fn digits_end(signs: &[Sign], at: usize) -> usize {
    at + signs[at..].iter().take_while(|sign| is_digit(sign.c)).count()
}

/// Whether what begins at `at` stands apart from digits before it, or is joined to what ended at `last`.
fn begins(signs: &[Sign], at: usize, last: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return true };
    let c = signs[before].c;
    if c.is_alphanumeric() {
        // A word for money may touch its amount, a `v` its version.
        let word = word_before(signs, at);
        let known = MONEY.iter().any(|own| own.to_lowercase() == word) || word == "v";
        return known && is_digit(signs[at].c);
    }
    if before == last && last > 0 {
        return true;
    }
    is_apart(c) || !before.checked_sub(1).is_some_and(|far| is_digit(signs[far].c))
}

/// Signs that stand between two things, not inside of one.
const fn is_apart(c: char) -> bool {
    matches!(c, ' ' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '<' | '>' | '@')
}

/// `end`, if nothing that goes on behind it makes it part of something longer; else the end of all that is joined
/// to it and is no number either, such as the other end of a range.
fn settled(signs: &[Sign], end: usize) -> Option<usize> {
    let mut end = end;
    loop {
        let Some(next) = signs.get(end) else { return Some(end) };
        if next.c.is_alphanumeric() {
            return None;
        }
        let digit = signs.get(end + 1).is_some_and(|far| is_digit(far.c));
        if is_apart(next.c) || !digit {
            return Some(end);
        }
        if !matches!(next.c, '-' | ',' | ';' | '/') {
            return None;
        }
        end = READERS.iter().find_map(|read| read(signs, end + 1))?;
    }
}

/// The value of the digits from `at` on, so many, and the sign behind them.
fn number(signs: &[Sign], at: usize, least: usize, most: usize) -> Option<(u32, usize)> {
    let digits = signs.get(at..)?.iter().take_while(|sign| is_digit(sign.c)).take(most + 1);
    let value: Vec<u32> = digits.map(|sign| sign.c.to_digit(10)).collect::<Option<_>>()?;
    let fits = (least..=most).contains(&value.len());
    let end = at + value.len();
    fits.then(|| {
        (value.iter().fold(0_u32, |sum, own| sum.wrapping_mul(10).wrapping_add(*own)), end)
    })
}

/// The sign at `at`, where it is one of `some`.
fn one_of(signs: &[Sign], at: usize, some: &str) -> Option<char> {
    signs.get(at).map(|sign| sign.c).filter(|c| some.contains(*c))
}

fn is_year(year: u32) -> bool {
    (1900..2100).contains(&year)
}

fn is_day(month: u32, day: u32) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// A date with its year, and the time behind it.
fn date(signs: &[Sign], at: usize) -> Option<usize> {
    let day = year_first(signs, at).or_else(|| year_last(signs, at)).or_else(|| month(signs, at));
    let end = day.or_else(|| compact(signs, at))?;
    // `T`, blanks, or a comma and a blank, before the time.
    let next = match signs.get(end).map(|sign| sign.c) {
        Some('T' | 't' | '_') => end + 1,
        Some(',') => end + 2,
        _ => end + signs[end..].iter().take_while(|sign| sign.c == ' ').take(2).count(),
    };
    Some(Some(next).filter(|next| *next > end).and_then(|next| time(signs, next)).unwrap_or(end))
}

fn year_first(signs: &[Sign], at: usize) -> Option<usize> {
    let (year, next) = number(signs, at, 4, 4)?;
    let sign = one_of(signs, next, "-/.")?;
    let (month, next) = number(signs, next + 1, 1, 2)?;
    one_of(signs, next, "-/.").filter(|own| *own == sign)?;
    let (day, end) = number(signs, next + 1, 1, 2)?;
    (is_year(year) && is_day(month, day)).then_some(end)
}

fn year_last(signs: &[Sign], at: usize) -> Option<usize> {
    let blank =
        |at: usize, sign: char| at + usize::from(sign == '.' && one_of(signs, at, " ").is_some());
    let (first, next) = number(signs, at, 1, 2)?;
    let sign = one_of(signs, next, "-/.")?;
    let (second, next) = number(signs, blank(next + 1, sign), 1, 2)?;
    one_of(signs, next, "-/.").filter(|own| *own == sign)?;
    let (year, end) = number(signs, blank(next + 1, sign), 4, 4)?;
    (is_year(year) && (is_day(second, first) || is_day(first, second))).then_some(end)
}

/// `2026-03`, `03/2026`.
fn month(signs: &[Sign], at: usize) -> Option<usize> {
    let (first, next) = number(signs, at, 2, 4)?;
    one_of(signs, next, "-/.")?;
    let (second, end) = number(signs, next + 1, 2, 4)?;
    let (year, month) = if next - at == 4 { (first, second) } else { (second, first) };
    let lengths = [next - at, end - next - 1];
    let fits = (lengths == [4, 2] || lengths == [2, 4]) && is_year(year);
    (fits && (1..=12).contains(&month)).then_some(end)
}

/// `20260312T143000`: without the `T` it may be a number.
fn compact(signs: &[Sign], at: usize) -> Option<usize> {
    let (day, end) = number(signs, at, 8, 8)?;
    one_of(signs, end, "T")?;
    let (clock, behind) = number(signs, end + 1, 4, 6)?;
    let clock = if behind - end - 1 == 4 { clock * 100 } else { clock };
    let fits = is_year(day / 10_000) && is_day(day / 100 % 100, day % 100);
    let behind = behind + usize::from(one_of(signs, behind, "Z").is_some());
    (fits && clock / 10_000 < 24 && clock / 100 % 100 < 60).then_some(behind)
}

/// `12.03.26`: so short that nothing else may be near it.
fn short_date(signs: &[Sign], at: usize) -> Option<usize> {
    let (first, next) = number(signs, at, 1, 2)?;
    let sign = one_of(signs, next, "/.")?;
    let (second, next) = number(signs, next + 1, 1, 2)?;
    one_of(signs, next, "/.").filter(|own| *own == sign)?;
    let (_, end) = number(signs, next + 1, 2, 2)?;
    (is_day(second, first) || is_day(first, second)).then_some(end)
}

/// A time of day or a span, with seconds, their fraction and the zone.
fn time(signs: &[Sign], at: usize) -> Option<usize> {
    let (_, next) = number(signs, at, 1, 3)?;
    one_of(signs, next, ":")?;
    let (minutes, mut end) = number(signs, next + 1, 2, 2)?;
    let mut long = false;
    if let Some((seconds, next)) =
        one_of(signs, end, ":").and_then(|_| number(signs, end + 1, 2, 2)).filter(|own| own.0 <= 60)
    {
        long = seconds <= 60;
        end = next;
        let fraction = one_of(signs, end, ".,").and_then(|_| number(signs, end + 1, 1, 9));
        end = fraction.map_or(end, |own| own.1);
    }
    if minutes >= 60 || (!long && next - at > 2) {
        return None;
    }
    if one_of(signs, end, "Zz").is_some() {
        return Some(end + 1);
    }
    let zone = end + usize::from(one_of(signs, end, " ").is_some());
    let offset = one_of(signs, zone, "+-").and_then(|_| {
        let (hours, next) = number(signs, zone + 1, 2, 4)?;
        let colon = one_of(signs, next, ":").and_then(|_| number(signs, next + 1, 2, 2));
        let hours = if next - zone - 1 == 4 { hours / 100 } else { hours };
        // Without its minutes it is the other end of a range.
        let fits = hours <= 14 && (next - zone - 1 == 4 || colon.is_some());
        fits.then(|| colon.map_or(next, |own| own.1))
    });
    // Of two times of day, the second is no offset of the first.
    let offset = offset.filter(|_| signs[zone].c == '+' || long);
    Some(offset.unwrap_or(end))
}

fn ipv4(signs: &[Sign], at: usize) -> Option<usize> {
    let mut end = at;
    for octet in 0..4 {
        if octet > 0 {
            one_of(signs, end, ".")?;
            end += 1;
        }
        let (value, next) = number(signs, end, 1, 3)?;
        if value > 255 || (next - end > 1 && signs[end].c == '0') {
            return None;
        }
        end = next;
    }
    let more = match one_of(signs, end, ":/") {
        Some(':') => number(signs, end + 1, 1, 5).filter(|own| own.0 <= 65_535),
        Some(_) => number(signs, end + 1, 1, 2).filter(|own| own.0 <= 32),
        None => None,
    };
    Some(more.map_or(end, |own| own.1))
}

fn ipv6(signs: &[Sign], at: usize) -> Option<usize> {
    let fits = |sign: &&Sign| sign.c.is_ascii_hexdigit() || matches!(sign.c, ':' | '.');
    let mut text: String =
        signs[at..].iter().take_while(fits).take(ADDRESS + 1).map(|s| s.c).collect();
    // The full stop of a sentence, or the colon before what is said of it.
    while text.ends_with('.') || (text.ends_with(':') && !text.ends_with("::")) {
        text.pop();
    }
    if text.matches(':').count() < 2 || text.parse::<Ipv6Addr>().is_err() {
        return None;
    }
    let end = at + text.len();
    // A number in groups may stand behind two colons.
    let last = text.rsplit(':').next().filter(|own| own.len() >= 3 && text.contains("::"));
    if last.is_some_and(|own| own.bytes().all(|byte| byte.is_ascii_digit()))
        && signs[end..].iter().take(3).any(|sign| is_digit(sign.c))
    {
        return None;
    }
    // Figures alone, and few of them, may be a number.
    let full = !text.contains("::") || text.split(':').next().is_some_and(|own| own.len() == 4);
    let letters = text.contains(|c: char| c.is_ascii_alphabetic());
    (full || letters || text.starts_with(':')).then_some(end)
}

fn uuid(signs: &[Sign], at: usize) -> Option<usize> {
    let mut end = at;
    for (index, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if index > 0 {
            one_of(signs, end, "-")?;
            end += 1;
        }
        let figures = signs.get(end..end + length)?;
        if !figures.iter().all(|sign| sign.c.is_ascii_hexdigit()) {
            return None;
        }
        end += length;
    }
    Some(end)
}

/// The same without its dashes: so many figures, letters among them.
fn hex(signs: &[Sign], at: usize) -> Option<usize> {
    let figures = signs.get(at..at + 32)?;
    let letters = figures.iter().filter(|sign| sign.c.is_ascii_alphabetic()).count();
    let fits = figures.iter().all(|sign| sign.c.is_ascii_hexdigit()) && letters >= 4;
    fits.then_some(at + 32)
}

/// The host and port of a URL, with its scheme. A host that is nothing but a number is none.
fn host(signs: &[Sign], at: usize) -> Option<usize> {
    if !signs[at].c.is_ascii_alphabetic() {
        return None;
    }
    let scheme =
        signs[at..].iter().take_while(|sign| sign.c.is_ascii_alphanumeric()).take(16).count();
    let from = at + scheme;
    if !signs.get(from..from + 3)?.iter().map(|sign| sign.c).eq("://".chars()) {
        return None;
    }
    let from = from + 3;
    let inside = |sign: &&Sign| {
        !matches!(sign.c, '/' | '?' | '#' | ' ' | '"' | '\'' | '<' | '>' | ')' | ',' | ';')
    };
    let end = from + signs[from..].iter().take_while(inside).count();
    if signs[from..end].iter().any(|sign| sign.c == '@') {
        // Who is at that host may be a number: it is read as any text.
        return None;
    }
    let name: String = signs[from..end].iter().map(|sign| sign.c).collect();
    let (name, port) = match name.rsplit_once(':') {
        Some((name, port)) if port.len() <= 5 && port.bytes().all(|own| own.is_ascii_digit()) => {
            (name, true)
        }
        _ => (name.as_str(), false),
    };
    let long = name.split('.').any(|label| label.chars().filter(|c| is_digit(*c)).count() >= LABEL);
    let address = ipv4(signs, from) == Some(end) || name.starts_with('[');
    let letters = name.contains(|c: char| c.is_alphabetic());
    (address || letters && !long && (port || !name.is_empty())).then_some(end)
}

/// An amount with its currency before or behind it.
fn money(signs: &[Sign], at: usize) -> Option<usize> {
    let before = at - signs[..at].iter().rev().take_while(|sign| sign.c == ' ').take(1).count();
    let led = before > 0
        && (is_currency(signs[before - 1].c) || {
            let word = word_before(signs, before);
            MONEY.iter().any(|own| own.to_lowercase() == word)
        });
    let followed = |end: usize| -> Option<usize> {
        let next = end + usize::from(one_of(signs, end, " ").is_some());
        if is_currency(signs.get(next)?.c) {
            return Some(next + 1);
        }
        let (word, end) = word_at(signs, next);
        MONEY.contains(&word.as_str()).then_some(end)
    };
    // Groups that are parted by blanks are tried first: they are the longest.
    let ends = [grouped(signs, at), decimals(signs, at), whole(signs, at)];
    let ends: Vec<usize> = ends.into_iter().flatten().collect();
    let closed = ends.iter().find_map(|end| followed(*end));
    closed.or_else(|| ends.first().copied().filter(|_| led))
}

const fn is_currency(c: char) -> bool {
    matches!(
        c,
        '$' | '¢' | '£' | '¤' | '¥' | '֏' | '؋' | '৲' | '৳' | '฿' | '៛' | '\u{20A0}'..='\u{20CF}'
    )
}

/// Digits that are one whole number: without groups, not begun by a nought.
fn whole(signs: &[Sign], at: usize) -> Option<usize> {
    let (_, end) = number(signs, at, 1, WHOLE)?;
    (end == at + 1 || signs[at].c != '0').then_some(end)
}

/// Groups of three, and decimals.
fn grouped(signs: &[Sign], at: usize) -> Option<usize> {
    let (_, mut end) = number(signs, at, 1, 3)?;
    let sign = one_of(signs, end, ",. '")?;
    if signs[at].c == '0' {
        return None;
    }
    let mut groups = 0;
    while let Some((_, next)) = one_of(signs, end, ",. '")
        .filter(|own| *own == sign)
        .and_then(|_| number(signs, end + 1, 3, 3))
    {
        end = next;
        groups += 1;
    }
    let decimals = one_of(signs, end, ".,").filter(|own| *own != sign);
    let decimals = decimals.and_then(|_| number(signs, end + 1, 1, 2));
    (groups > 0).then(|| decimals.map_or(end, |own| own.1))
}

/// An amount with decimals.
fn decimals(signs: &[Sign], at: usize) -> Option<usize> {
    let split = |end: usize| -> Option<usize> {
        one_of(signs, end, ".,")?;
        number(signs, end + 1, 1, 2).map(|own| own.1)
    };
    let plain = || -> Option<usize> {
        let (_, end) = number(signs, at, 1, WHOLE)?;
        (end == at + 1 || signs[at].c != '0').then_some(end).and_then(split)
    };
    // Groups without decimals are a number as well.
    let grouped = grouped(signs, at).filter(|end| {
        let tail = signs[at..*end].iter().rev().take_while(|sign| is_digit(sign.c)).count();
        tail < 3
    });
    grouped.or_else(plain)
}

/// A percentage, or a figure with its unit.
fn share(signs: &[Sign], at: usize) -> Option<usize> {
    let (_, mut end) = number(signs, at, 1, WHOLE)?;
    let length = end - at;
    if let Some((_, next)) = one_of(signs, end, ".,").and_then(|_| number(signs, end + 1, 1, 6)) {
        end = next;
    }
    let next = end + usize::from(one_of(signs, end, " ").is_some());
    if one_of(signs, next, "%‰").is_some() {
        return (length <= 3).then_some(next + 1);
    }
    let (word, behind) = word_at(signs, next);
    (whole(signs, at).is_some() && UNITS.contains(&word.as_str())).then_some(behind)
}

/// A year behind a month's name, with the day in between or without.
fn year(signs: &[Sign], at: usize) -> Option<usize> {
    let mut from = at;
    while from > 0 && matches!(signs[from - 1].c, ' ' | '.' | ',' | '-' | '/') && at - from < 2 {
        from -= 1;
    }
    let word = word_before(signs, from);
    if !MONTHS.iter().any(|month| word.starts_with(month)) {
        return None;
    }
    if let Some((_, end)) = number(signs, at, 4, 4).filter(|own| is_year(own.0)) {
        return Some(end);
    }
    let (day, mut next) = number(signs, at, 1, 2)?;
    while one_of(signs, next, ".,- ").is_some() && next < at + 5 {
        next += 1;
    }
    let (year, end) = number(signs, next, 4, 4)?;
    (is_year(year) && (1..=31).contains(&day)).then_some(end)
}

/// A version behind a word that says so, or behind a product and a slash.
fn version(signs: &[Sign], at: usize) -> Option<usize> {
    let parts = |most: usize| -> Option<(Vec<usize>, usize)> {
        let (_, mut end) = number(signs, at, 1, most)?;
        let mut lengths = vec![end - at];
        while let Some((_, next)) =
            one_of(signs, end, ".").and_then(|_| number(signs, end + 1, 1, 6))
        {
            lengths.push(next - end - 1);
            end = next;
        }
        (lengths.len() > 1 && (lengths[0] == 1 || signs[at].c != '0')).then_some((lengths, end))
    };
    let mut before = at;
    while before > 0 && matches!(signs[before - 1].c, ' ' | '.' | ':' | '=') && at - before < 2 {
        before -= 1;
    }
    let said = VERSIONS.contains(&word_before(signs, before).as_str());
    let product = at > 1 && signs[at - 1].c == '/' && signs[at - 2].c.is_ascii_alphabetic();
    let (lengths, end) = parts(if said { 6 } else { 3 })?;
    let short = lengths.len() > 2 && lengths[..2].contains(&1);
    (said || product && short).then_some(end)
}
