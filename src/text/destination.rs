//! Where a call shall go, as people and vendors write it: a number, an address, or a SIP or tel URI.

use std::fmt::Write as _;

/// Why a text is no destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words())]
pub enum DestinationFault {
    /// There is no text.
    Empty,
    /// It is neither of the three.
    Other,
}

impl DestinationFault {
    /// What is wrong, for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Empty => "a number or an address is needed",
            Self::Other => "neither a number nor an address such as anna@example.com",
        }
    }
}

/// A destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A number as it is dialled: digits, `*` and `#`, perhaps with a `+` before.
    Number(String),
    /// `user@host`.
    Address(String),
    /// A URI of the scheme `sip`, `sips` or `tel`, as it was written.
    Uri(String),
}

impl Destination {
    /// Reads what was written.
    ///
    /// # Errors
    /// It is empty, or neither a number, nor an address, nor such a URI.
    pub fn read(written: &str) -> Result<Self, DestinationFault> {
        let written = written.trim();
        if written.is_empty() {
            return Err(DestinationFault::Empty);
        }
        if let Some((scheme, rest)) = written.split_once(':') {
            let fits = match scheme.to_ascii_lowercase().as_str() {
                "tel" => is_telephone(rest),
                "sip" | "sips" => is_sip(rest),
                _ => false,
            };
            return match fits {
                true => Ok(Self::Uri(written.to_owned())),
                false => Err(DestinationFault::Other),
            };
        }
        if let Some((user, host)) = written.split_once('@') {
            return match is_user(user) && is_host(host) {
                true => Ok(Self::Address(written.to_owned())),
                false => Err(DestinationFault::Other),
            };
        }
        let number: String = written.chars().filter(|c| !is_separator(*c)).collect();
        let digits = number.strip_prefix('+').unwrap_or(&number);
        let dialled = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#');
        match !digits.is_empty() && digits.chars().all(dialled) {
            true => Ok(Self::Number(number)),
            false => Err(DestinationFault::Other),
        }
    }

    /// The destination as a URI. A number with a country code becomes `tel:`, which is valid anywhere; every other
    /// number, and every address, becomes `sip:`, a number in `domain`, because a `tel:` of a local number has no
    /// meaning without a context (RFC 3966, section 5.1.4). A URI stays as it is.
    pub fn uri(&self, domain: &str) -> String {
        match self {
            Self::Number(number) if is_global(number) => format!("tel:{number}"),
            Self::Number(number) => {
                let number = number.chars().fold(String::new(), |mut out, c| {
                    // Writing to a string cannot fail.
                    let _ = match c {
                        '#' | '+' => write!(out, "%{:02X}", u32::from(c)),
                        c => write!(out, "{c}"),
                    };
                    out
                });
                format!("sip:{number}@{domain}")
            }
            Self::Address(address) => format!("sip:{address}"),
            Self::Uri(uri) => uri.clone(),
        }
    }

    /// The destination without a scheme: the number, or `user@host`; of a URI without its parameters.
    pub fn bare(&self) -> &str {
        match self {
            Self::Number(text) | Self::Address(text) => text,
            Self::Uri(uri) => {
                let rest = uri.split_once(':').map_or(uri.as_str(), |(_, rest)| rest);
                rest.split([';', '?']).next().unwrap_or(rest)
            }
        }
    }

    /// The destination as text: the number without separators, the address or the URI as it was written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(text) | Self::Address(text) | Self::Uri(text) => text,
        }
    }
}

/// A character between the digits of a number, for the eye alone.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '(' | ')' | '.' | '/' | '\u{2010}'..='\u{2015}')
}

/// Whether a number begins with a country code, and has nothing but digits behind it.
fn is_global(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| digits.chars().all(|c| c.is_ascii_digit()))
}

/// What stands behind `tel:` (RFC 3966, section 3): a number with separators, perhaps with parameters.
fn is_telephone(rest: &str) -> bool {
    let (number, parameters) = rest.split_once(';').unwrap_or((rest, ""));
    let global = number.starts_with('+');
    let digits = number.strip_prefix('+').unwrap_or(number);
    let part = |c: char| {
        c.is_ascii_digit()
            || matches!(c, '-' | '.' | '(' | ')')
            || !global && (c.is_ascii_hexdigit() || matches!(c, '*' | '#'))
    };
    digits.chars().any(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))
        && digits.chars().all(part)
        && parameters.chars().all(is_plain)
}

/// What stands behind `sip:` (RFC 3261, section 19.1): `user@host`, or a host, perhaps with parameters.
fn is_sip(rest: &str) -> bool {
    let (user, host) = match rest.split_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, rest),
    };
    let (host, parameters) = host.split_at(host.find([';', '?']).unwrap_or(host.len()));
    user.is_none_or(is_user) && is_host(host) && parameters.chars().all(is_plain)
}

fn is_user(user: &str) -> bool {
    !user.is_empty() && user.chars().all(|c| is_plain(c) && c != '@' && c != '/')
}

fn is_host(host: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    host.chars().any(char::is_alphanumeric) && host.chars().all(part)
}

/// A character that may stand in a URI.
fn is_plain(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(c, '<' | '>' | '"' | '\\' | '^' | '`' | '{' | '}' | '|')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(written: &str) -> Option<String> {
        Destination::read(written).ok().map(|own| own.uri("example.com"))
    }

    #[test]
    fn a_number_with_a_country_code_becomes_a_tel_uri() {
        for written in
            ["+46855510017", "+46 8 555 100 17", "+46-8-(555).100/17", "+46\u{2011}855510017"]
        {
            assert_eq!(uri(written).as_deref(), Some("tel:+46855510017"), "{written}");
        }
    }

    #[test]
    fn every_other_number_and_every_address_becomes_a_sip_uri() {
        for (written, wanted) in [
            ("0401234567", "sip:0401234567@example.com"),
            ("2103", "sip:2103@example.com"),
            ("*21#", "sip:*21%23@example.com"),
            ("+46#1", "sip:%2B46%231@example.com"),
            ("anna@elsewhere.example", "sip:anna@elsewhere.example"),
            (" anna.lind@host ", "sip:anna.lind@host"),
        ] {
            assert_eq!(uri(written).as_deref(), Some(wanted), "{written}");
        }
    }

    #[test]
    fn a_uri_stays_as_it_was_written() {
        for written in [
            "tel:+15555",
            "TEL:+1-555",
            "tel:7042;phone-context=example.com",
            "tel:*21#;phone-context=+46",
            "sip:anna@example.com",
            "SIP:anna@example.com;user=phone",
            "sips:anna@example.com:5061?subject=x",
            "sip:gateway.example.com",
            "sip:[2001:db8::1]:5060",
        ] {
            assert_eq!(uri(written).as_deref(), Some(written), "{written}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        assert_eq!(Destination::read("  "), Err(DestinationFault::Empty));
        for written in [
            "+",
            "bo",
            "bo ek@x",
            "@x",
            "bo@",
            "bo@@x",
            "tel:",
            "tel:+",
            "tel:bo",
            "sip:",
            "sip:@x",
            "sip:bo@",
            "sip:bo ek@x",
            "sip:..",
            "https://x",
            "mailto:bo@x",
            "12a",
            "sip:<bo@x>",
            "a\u{7}b@x",
            "..@..",
            "bo@..",
        ] {
            assert_eq!(Destination::read(written), Err(DestinationFault::Other), "{written:?}");
        }
    }
}
