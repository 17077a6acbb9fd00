//! SIP, SIPS and tel URIs, and the name-addrs around them, as servers write them (RFC 3261 §19.1 and §25.1, RFC 3966).
//!
//! Schemes count in any case, percent-escapes are resolved, parameters and headers are cut off. Text without a scheme
//! is a number, a name, or `user@host`.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use super::scalar::{Given, Id, NotReadable, Parsed, Scalar};
use crate::text::Shown;

/// Schemes that stand before an address. Of any other text the colon belongs to the text.
const SCHEMES: [(&str, Scheme); 8] = [
    ("sip", Scheme::Sip),
    ("sips", Scheme::Sips),
    ("tel", Scheme::Tel),
    ("callto", Scheme::Tel),
    ("pres", Scheme::Other),
    ("im", Scheme::Other),
    ("xmpp", Scheme::Other),
    ("mailto", Scheme::Other),
];

/// What an address is reached by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:`
    Tel,
    Other,
}

/// One address: who, where, and the name that is displayed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Its scheme, if it has one.
    pub scheme: Option<Scheme>,
    /// The display name of a name-addr.
    pub name: Option<String>,
    /// The number without visual separators, or the user's name.
    pub user: Option<String>,
    /// The host in lower case, without its port; an IPv6 address stays in brackets.
    pub host: Option<String>,
}

impl Address {
    /// Reads `text`. `None` where it names neither a user nor a host.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, bare) = split_name(text.trim());
        let (scheme, rest) = split_scheme(bare.trim());
        let rest = rest.trim_start_matches('/');
        let mut address = match scheme {
            Some(Scheme::Tel) => telephone(rest),
            _ => user_and_host(scheme, rest),
        };
        address.scheme = scheme;
        address.name = name.filter(|name| !name.is_empty());
        (address.user.is_some() || address.host.is_some()).then_some(address)
    }

    /// The telephone number, if the user part is one.
    pub fn number(&self) -> Option<&str> {
        self.user.as_deref().filter(|user| is_number(user))
    }

    /// `user@host` in lower case, which two ways to write one address share; `None` without either part.
    pub fn identity(&self) -> Option<String> {
        let (user, host) = (self.user.as_ref()?, self.host.as_ref()?);
        Some(format!("{user}@{host}").to_lowercase())
    }

    /// The user part, else the host: what stands for the address on a screen.
    pub fn shown(&self) -> Option<Shown> {
        self.user.as_ref().or(self.host.as_ref()).map(|text| Shown::clean(text))
    }
}

/// The plain form: scheme in lower case, number or name, host. Neither a display name nor parameters.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.scheme {
            Some(Scheme::Sip) => "sip:",
            Some(Scheme::Sips) => "sips:",
            Some(Scheme::Tel) => "tel:",
            Some(Scheme::Other) | None => "",
        })?;
        match (&self.user, &self.host) {
            (Some(user), Some(host)) => write!(f, "{user}@{host}"),
            (Some(one), None) | (None, Some(one)) => f.write_str(one),
            (None, None) => Ok(()),
        }
    }
}

/// A number or a name as people read it: the user part of a URI; any other text as it is.
pub fn shown(text: &str) -> Shown {
    let address = Address::parse(text).filter(|own| own.scheme.is_some() || own.name.is_some());
    address.as_ref().and_then(Address::shown).unwrap_or_else(|| Shown::clean(text.trim()))
}

/// Reads an [`Address`] from a value.
#[derive(Debug)]
pub struct Uri;

impl Scalar for Uri {
    type Value = Address;

    fn parse(given: Given<'_>) -> Parsed<Address> {
        let Some(text) = Id::parse(given)? else { return Ok(None) };
        Address::parse(&text).map(Some).ok_or(NotReadable)
    }
}

/// Reads a number or a name as people read it from a value; see [`shown`].
#[derive(Debug)]
pub struct Dialled;

impl Scalar for Dialled {
    type Value = Shown;

    fn parse(given: Given<'_>) -> Parsed<Shown> {
        let text = Id::parse(given)?.map(|text| shown(&text));
        Ok(text.filter(|text| !text.trim().is_empty()))
    }
}

/// The name and the address of a name-addr. Text without angle brackets is an address alone.
fn split_name(text: &str) -> (Option<String>, &str) {
    let (name, rest) = match text.strip_prefix('"') {
        Some(quoted) => match quoted_string(quoted) {
            Some((name, rest)) => (Some(name), rest),
            None => (None, quoted),
        },
        None => (None, text),
    };
    let Some((before, inner)) = rest.split_once('<') else { return (name, rest) };
    let name = name.or_else(|| Some(before.trim().to_owned()));
    (name, inner.split_once('>').map_or(inner, |(address, _)| address))
}

/// A quoted string behind its first quote: what it says, and what follows it.
fn quoted_string(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((name.trim().to_owned(), &text[at + 1..])),
            '\\' => name.extend(characters.next().map(|(_, escaped)| escaped)),
            other => name.push(other),
        }
    }
    None
}

fn split_scheme(text: &str) -> (Option<Scheme>, &str) {
    let Some((head, rest)) = text.split_once(':') else { return (None, text) };
    match SCHEMES.iter().find(|(own, _)| own.eq_ignore_ascii_case(head)) {
        Some((_, scheme)) => (Some(*scheme), rest.trim_start()),
        None => (None, text),
    }
}

/// `+1-201-555-0123;ext=7`; what stands behind an `@`, which is none of a tel URI's, is its host all the same.
fn telephone(rest: &str) -> Address {
    let bare = until(rest, &[';', '?']);
    let (number, host) = match bare.split_once('@') {
        Some((number, host)) => (number, self::host(host)),
        None => (bare, None),
    };
    let number = without_separators(&decoded(number));
    Address { user: filled(number), host, ..Address::default() }
}

/// `user:password@host:port;parameters?headers`.
fn user_and_host(scheme: Option<Scheme>, rest: &str) -> Address {
    let Some((first, _)) = rest.split_once('@') else { return either(scheme, rest) };
    // A user part may hold `;` and `?`, what follows the host may hold no bare `@`.
    let end = rest[first.len()..].find([';', '?']).map_or(rest.len(), |at| first.len() + at);
    let (user, place) = rest[..end].rsplit_once('@').unwrap_or((first, ""));
    let is_phone = rest[end..].to_ascii_lowercase().contains("user=phone");
    let user = until(user, &[';', ':', '?']);
    let user = decoded(user);
    let is_written_number =
        user.trim_start().starts_with('+') && !user.contains(char::is_alphabetic);
    let user = match is_phone || is_written_number {
        true => without_separators(&user),
        false => user.trim().to_owned(),
    };
    Address { user: filled(user), host: host(place), ..Address::default() }
}

/// Text without an `@`: a host by the letter behind `sip:`, but a number or a name where it cannot be one.
fn either(scheme: Option<Scheme>, rest: &str) -> Address {
    let bare = until(rest, &[';', '?']);
    let place = host(bare);
    let is_address = place.as_deref().is_some_and(|place| {
        let literal = place.strip_prefix('[').and_then(|place| place.strip_suffix(']'));
        literal.unwrap_or(place).parse::<IpAddr>().is_ok()
    });
    let text = decoded(bare).trim().to_owned();
    let digits = without_separators(&text);
    match scheme {
        None => Address { user: filled(text), ..Address::default() },
        Some(_) if is_address => Address { host: place, ..Address::default() },
        Some(_) if is_number(&digits) => Address { user: filled(digits), ..Address::default() },
        Some(_) if text.contains(['.', ':']) => Address { host: place, ..Address::default() },
        Some(_) => Address { user: filled(text), ..Address::default() },
    }
}

/// A host without its port.
fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = match text.find(']') {
        Some(end) if text.starts_with('[') => &text[..=end],
        _ => until(text, &[':']),
    };
    filled(decoded(bare).to_lowercase())
}

fn until<'t>(text: &'t str, ends: &[char]) -> &'t str {
    text.split(ends).next().unwrap_or(text)
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Without what RFC 3966 §5.1.1 calls visual separators, and without space.
fn without_separators(text: &str) -> String {
    let separates = |c: &char| c.is_whitespace() || matches!(c, '-' | '.' | '(' | ')' | '/');
    text.chars().filter(|c| !separates(c)).collect()
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let dialled = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'#');
    !digits.is_empty() && digits.bytes().all(dialled)
}

/// Percent-escapes resolved; what is none stays, bytes that are no UTF-8 become the marker.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&byte, behind)) = rest.split_first() {
        let digit = |at: usize| char::from(*behind.get(at)?).to_digit(16);
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
                rest = &behind[2..];
            }
            _ => {
                bytes.push(byte);
                rest = behind;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> (Option<String>, Option<String>, Option<String>) {
        let Address { name, user, host, .. } = Address::parse(text).unwrap_or_default();
        (name, user, host)
    }

    fn of(name: &str, user: &str, host: &str) -> (Option<String>, Option<String>, Option<String>) {
        (filled(name.to_owned()), filled(user.to_owned()), filled(host.to_owned()))
    }

    #[test]
    fn a_uri_gives_user_host_and_name_in_every_form() {
        for (text, wanted) in [
            ("sip:100@pbx", of("", "100", "pbx")),
            ("SIP:100@PBX.Example", of("", "100", "pbx.example")),
            ("sips:eva@example.org:5061;transport=tls?subject=x", of("", "eva", "example.org")),
            ("sip:%2B46855500017@pbx", of("", "+46855500017", "pbx")),
            ("sip:+46-8-555.000.17@pbx;user=phone", of("", "+46855500017", "pbx")),
            ("sip:08-555 000 17@pbx;User=Phone", of("", "0855500017", "pbx")),
            ("sip:eva:s3cret@pbx", of("", "eva", "pbx")),
            ("sip:eva;day=tuesday@pbx", of("", "eva", "pbx")),
            ("sip:100@[2001:DB8::1]:5060;lr", of("", "100", "[2001:db8::1]")),
            ("sip:[2001:db8::1]", of("", "", "[2001:db8::1]")),
            ("sip:192.0.2.7:5060", of("", "", "192.0.2.7")),
            ("sip:pbx.example.org", of("", "", "pbx.example.org")),
            ("sip:4040", of("", "4040", "")),
            ("sip:100@pbx?a=1&b=x@y", of("", "100", "pbx")),
            ("sip:a%40b@pbx", of("", "a@b", "pbx")),
            ("sip:100%@pbx", of("", "100%", "pbx")),
            ("tel:+1-(201)-555.0123;ext=7", of("", "+12015550123", "")),
            ("TEL:%23100", of("", "#100", "")),
            ("tel:7042;phone-context=example.com", of("", "7042", "")),
            ("\"Ann\" <sip:100@pbx>", of("Ann", "100", "pbx")),
            ("\"Ann \\\"A\\\" <B>\" <sip:100@pbx;x=1>;tag=7", of("Ann \"A\" <B>", "100", "pbx")),
            ("Ann Caller <tel:+15550100>", of("Ann Caller", "+15550100", "")),
            ("<sip:100@pbx", of("", "100", "pbx")),
            ("4040@192.0.2.15:5120", of("", "4040", "192.0.2.15")),
            ("4040", of("", "4040", "")),
            ("Ann", of("", "Ann", "")),
            ("pres:eva@example.org", of("", "eva", "example.org")),
            ("sip:", of("", "", "")),
            ("", of("", "", "")),
        ] {
            assert_eq!(parts(text), wanted, "{text}");
        }
    }

    #[test]
    fn the_plain_form_is_one_for_every_way_to_write_an_address() {
        for text in ["SIP:Eva@Example.org;x=1", "<sip:eva@example.org>", "sips:eva@EXAMPLE.ORG:1"] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.identity().as_deref(), Some("eva@example.org"), "{text}");
        }
        let plain = |text| Address::parse(text).unwrap().to_string();
        assert_eq!(plain("TEL:+1 (201) 555-0123;ext=7"), "tel:+12015550123");
        assert_eq!(plain("\"A\" <SIP:%2B461@Pbx:5060;x>"), "sip:+461@pbx");
    }

    #[test]
    fn what_is_no_uri_is_shown_as_it_is() {
        for text in ["+46 8-555 000 17", "070/123", "Ann: at home", "anonymous"] {
            assert_eq!(shown(text).as_str(), text);
        }
        assert_eq!(shown("tel:+46-8-555").as_str(), "+468555");
        assert_eq!(shown("\"Ann\" <sip:100@pbx>").as_str(), "100");
    }

    #[test]
    fn only_digits_are_a_number() {
        let number = |text| Address::parse(text).and_then(|own| own.number().map(str::to_owned));
        assert_eq!(number("sip:%2B461@pbx").as_deref(), Some("+461"));
        assert_eq!(number("sip:ann@pbx"), None);
        assert_eq!(number("sip:+@pbx"), None);
    }

    proptest! {
        #[test]
        fn no_text_is_the_end(text in "[a-z0-9+%<>\"\\\\@:;?=&\\[\\]. åß-]{0,40}") {
            let _ = Address::parse(&text);
            let _ = shown(&text);
        }

        #[test]
        fn the_plain_form_is_read_as_itself(user in "\\+?[0-9]{1,15}", host in "[a-z]{1,9}\\.[a-z]{2,5}") {
            let address = Address::parse(&format!("\"N\" <SIP:{user}@{host}:5060;p=1?h=2>")).unwrap();
            let again = Address::parse(&address.to_string()).unwrap();
            prop_assert_eq!(again.user.as_deref(), Some(user.as_str()));
            prop_assert_eq!(again.host.as_deref(), Some(host.as_str()));
        }
    }

    #[test]
    fn an_address_and_a_number_are_read_from_any_value() {
        let uri = |text| Uri::parse(Given::Text(text));
        let ann = uri("\"Ann\" <SIP:ann@Example.com;user=ip>").unwrap().unwrap();
        assert_eq!((ann.name.as_deref(), &*ann.to_string()), (Some("Ann"), "sip:ann@example.com"));
        assert_eq!((uri(" "), uri("sip:")), (Ok(None), Err(NotReadable)));
        assert_eq!(Uri::parse(Given::Whole(17)).unwrap().unwrap().number(), Some("17"));
        let dialled = |given| Dialled::parse(given).map(|own| own.map(|own| own.to_string()));
        assert_eq!(dialled(Given::Text("tel:+46-8-55;ext=1")), Ok(Some("+46855".to_owned())));
        assert_eq!(dialled(Given::Text("anonymous")), Ok(Some("anonymous".to_owned())));
        assert_eq!(dialled(Given::Whole(17)), Ok(Some("17".to_owned())));
        assert_eq!(dialled(Given::Text("  ")), Ok(None));
        assert_eq!(dialled(Given::Numbers(&[1, 2])), Err(NotReadable));
    }
}
