//! Secrets hidden in text, in whatever way they are encoded: servers echo what they were sent.
//!
//! What was read as a secret is remembered for as long as somebody holds it, so that one source's secret is found in
//! another's words too. A text is looked at as it is written, and as it reads with its escapes (percent, HTML, JSON)
//! resolved, once for each time that it may have been escaped; in each of these, a secret is found as it is, in
//! hexadecimal figures and in base64, wherever in the encoded text it begins.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::text::escape::{LEADS, Sign, unescaped};

/// What stands for a secret.
const HIDDEN: &str = "[hidden]";

/// Bytes from which a text is a secret that can be told from other text.
const SHORTEST: usize = 4;

/// Bytes of a secret's beginning that are hidden at the end of a text that was cut there.
const CUT: usize = 6;

/// Signs of base64 that are enough to know a secret by.
const CORE: usize = 4;

/// Readings of one text: enough for four layers of escapes.
const READINGS: usize = 32;

/// The secrets that somebody holds.
static HELD: RwLock<Vec<Weak<SecretString>>> = RwLock::new(Vec::new());

/// Has the secret hidden from now on, for as long as somebody holds it.
pub(crate) fn remember(secret: &Arc<SecretString>) {
    let mut held = HELD.write().unwrap_or_else(PoisonError::into_inner);
    held.retain(|own| own.strong_count() > 0);
    held.push(Arc::downgrade(secret));
}

/// `text` without any secret that somebody holds.
pub(crate) fn hidden(text: &str) -> Cow<'_, str> {
    let held = HELD.read().unwrap_or_else(PoisonError::into_inner);
    let secrets: Vec<Arc<SecretString>> = held.iter().filter_map(Weak::upgrade).collect();
    drop(held);
    let secrets = secrets.iter().map(|own| own.expose_secret());
    hide(text, secrets.filter(|own| own.len() >= SHORTEST))
}

/// `text` without these secrets.
fn hide<'t, 's>(text: &'t str, secrets: impl Iterator<Item = &'s str>) -> Cow<'t, str> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut secrets = secrets.peekable();
    if secrets.peek().is_none() || text.len() < CORE {
        return Cow::Borrowed(text);
    }
    let readings = readings(text);
    for secret in secrets {
        let forms = Forms::of(secret);
        for signs in &readings {
            forms.find(signs, &mut found);
        }
    }
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    found.sort_unstable();
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, end) in found {
        if at >= copied {
            out.push_str(&text[copied..at]);
            out.push_str(HIDDEN);
        }
        copied = copied.max(end);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// The text as it is written, and as it reads with one more layer of escapes resolved each, of one kind: a secret
/// that is escaped in one way may look escaped in another by itself.
fn readings(text: &str) -> Vec<Vec<Sign>> {
    let plain = text.char_indices().map(|(at, c)| Sign { c, at, end: at + c.len_utf8() });
    let mut all = vec![plain.collect::<Vec<_>>()];
    let push = |c, at, end, signs: &mut Vec<Sign>| signs.push(Sign { c, at, end });
    let mut next = 0;
    while next < all.len() && all.len() < READINGS {
        for lead in LEADS {
            let reading = unescaped(&all[next], &[lead], |_| true, push);
            all.extend(reading.filter(|own| !all.contains(own)));
        }
        next += 1;
    }
    all
}

/// What a secret looks like.
struct Forms {
    plain: Vec<char>,
    hex: Vec<char>,
    /// What base64 makes of it whatever stands before and behind it, for each of the three ways to begin.
    cores: Vec<Vec<char>>,
}

impl Forms {
    fn of(secret: &str) -> Self {
        let hex = secret.bytes().flat_map(|byte| {
            [byte >> 4, byte & 15].map(|figure| char::from_digit(figure.into(), 16).unwrap_or('0'))
        });
        let core = |before: usize| {
            let mut bytes = vec![0; before];
            bytes.extend_from_slice(secret.as_bytes());
            let whole = bytes.len() * 8 / 6;
            let encoded = STANDARD.encode(bytes);
            encoded.chars().take(whole).skip((before * 8).div_ceil(6)).collect::<Vec<_>>()
        };
        let cores = (0..3).map(core).filter(|core| core.len() >= CORE).collect();
        Self { plain: secret.chars().collect(), hex: hex.collect(), cores }
    }

    /// Appends the bytes of `signs` in which the secret stands.
    fn find(&self, signs: &[Sign], found: &mut Vec<(usize, usize)>) {
        for at in 0..signs.len() {
            if let Some(end) = plain(signs, at, &self.plain).or_else(|| hex(signs, at, &self.hex)) {
                found.push((signs[at].at, signs[end - 1].end));
            }
            if self.cores.iter().any(|core| base64(signs, at, core).is_some()) {
                // All of the encoded text: what stands around a secret in it may be half of a byte of it.
                let before = signs[..at].iter().rev().take_while(|sign| is_base64(sign.c)).count();
                let behind = signs[at..].iter().take_while(|sign| is_base64(sign.c)).count();
                found.push((signs[at - before].at, signs[at + behind - 1].end));
            }
        }
    }
}

/// The sign behind the secret that begins at `at`, or behind the text that ends in the middle of it.
fn plain(signs: &[Sign], at: usize, secret: &[char]) -> Option<usize> {
    let same = signs[at..].iter().zip(secret).take_while(|(sign, own)| sign.c == **own).count();
    let cut = same >= CUT && at + same == signs.len();
    (same == secret.len() || cut).then_some(at + same)
}

/// The sign behind the figures that begin at `at`; a colon, a blank or a dash may stand between two bytes.
fn hex(signs: &[Sign], at: usize, figures: &[char]) -> Option<usize> {
    let mut next = at;
    for (index, figure) in figures.iter().enumerate() {
        let parted = index > 0 && index % 2 == 0;
        if parted && signs.get(next).is_some_and(|sign| matches!(sign.c, ':' | ' ' | '-')) {
            next += 1;
        }
        if signs.get(next)?.c.to_ascii_lowercase() != *figure {
            return None;
        }
        next += 1;
    }
    (next > at).then_some(next)
}

/// The sign behind `core`, which begins at `at`, in either alphabet; lines may be broken in it.
fn base64(signs: &[Sign], at: usize, core: &[char]) -> Option<usize> {
    let mut next = at;
    for own in core {
        while next > at && signs.get(next).is_some_and(|sign| matches!(sign.c, '\r' | '\n')) {
            next += 1;
        }
        let c = match signs.get(next)?.c {
            '-' => '+',
            '_' => '/',
            c => c,
        };
        if c != *own {
            return None;
        }
        next += 1;
    }
    Some(next)
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    fn escaped(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"))
    }

    /// Every way in which a secret is written.
    fn encodings(secret: &str, user: &str) -> Vec<(&'static str, String)> {
        let each = |write: fn(u32) -> String| -> String {
            secret.chars().map(|c| write(c.into())).collect()
        };
        let percent = |write: fn(u8) -> String| secret.bytes().map(write).collect::<String>();
        let basic = format!("{user}:{secret}");
        let json = serde_json::to_string(secret).unwrap();
        let partly = |c: char| match c.is_ascii_alphanumeric() {
            true => c.to_string(),
            false => escaped(c.to_string().as_bytes()),
        };
        let entities = secret.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        vec![
            ("raw", secret.to_owned()),
            ("base64", STANDARD.encode(secret)),
            ("base64 without padding", STANDARD_NO_PAD.encode(secret)),
            ("base64 for URLs", URL_SAFE.encode(secret)),
            ("basic", STANDARD.encode(&basic)),
            ("basic for URLs", URL_SAFE_NO_PAD.encode(&basic)),
            ("basic with more behind", STANDARD.encode(format!("{basic}\n--"))),
            ("hex", percent(|byte| format!("{byte:02x}"))),
            ("capital hex", percent(|byte| format!("{byte:02X}"))),
            ("parted hex", percent(|byte| format!("{byte:02x}:"))),
            ("percent", percent(|byte| format!("%{byte:02X}"))),
            ("small percent", percent(|byte| format!("%{byte:02x}"))),
            ("partly percent", secret.chars().map(partly).collect()),
            ("percent twice", percent(|byte| format!("%25{byte:02X}"))),
            ("json", json[1..json.len() - 1].to_owned()),
            ("json figures", each(|c| format!("\\u{c:04x}"))),
            ("entities", entities),
            ("figures of entities", each(|c| format!("&#{c};"))),
            ("hexadecimal entities", each(|c| format!("&#x{c:X};"))),
            (
                "base64 in a URL",
                STANDARD.encode(&basic).replace('+', "%2B").replace('/', "%2f").replace('=', "%3D"),
            ),
        ]
    }

    proptest! {
        #[test]
        fn a_secret_is_hidden_in_every_encoding(
            secret in "[!-~åß€]{8,40}", user in "[a-z@.]{0,8}", before in "[a-zA-Z0-9 ]{0,6}", after in "[ ,.;)]{0,3}",
        ) {
            for (name, encoded) in encodings(&secret, &user) {
                let text = format!("{before} {encoded}{after}");
                let shown = hide(&text, std::iter::once(secret.as_str()));
                prop_assert!(shown.contains(HIDDEN), "{name}: {text:?}");
                prop_assert!(!shown.contains(encoded.as_str()), "{name}: {shown:?}");
                let left = shown.replace(HIDDEN, "");
                let long = encoded.char_indices().map(|(at, _)| &encoded[at..]).filter(|rest| rest.chars().count() >= 6);
                for rest in long {
                    let part: String = rest.chars().take(6).collect();
                    prop_assert!(text.replacen(&encoded, "", 1).contains(&part) || !left.contains(&part), "{name}: {part:?} of {text:?} is left in {shown:?}");
                }
            }
        }

        #[test]
        fn text_without_a_secret_stays(text in "[a-zA-Z0-9 %&;=+/\\\\.]{0,80}") {
            prop_assert_eq!(hide(&text, std::iter::once("ZZ!~-never-there")), text.as_str());
        }
    }

    #[test]
    fn a_secret_that_is_cut_off_at_the_end_is_hidden_as_far_as_it_goes() {
        let shown = hide("no such token: s3cret-tok", std::iter::once("s3cret-token-of-ours"));
        assert_eq!(shown, "no such token: [hidden]");
    }

    #[test]
    fn a_secret_is_hidden_while_somebody_holds_it() {
        let secret = Arc::new(SecretString::from("held-by-the-test-alone"));
        remember(&secret);
        assert_eq!(hidden("said held-by-the-test-alone aloud"), "said [hidden] aloud");
        drop(secret);
        assert_eq!(
            hidden("said held-by-the-test-alone aloud"),
            "said held-by-the-test-alone aloud"
        );
    }
}
