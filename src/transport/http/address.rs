//! Which addresses may be spoken to at all, judged before a byte is sent.

use std::fmt::Write as _;
use std::net::IpAddr;

use reqwest::Url;

use super::HttpError;
use crate::text::segment::{SegmentFault, segment_fault};

/// Parses an address that a secret may be sent to.
///
/// # Errors
///
/// [`HttpError::Address`] for what is no http or https URL with a host, or holds a user or password;
/// [`HttpError::Insecure`] for plain http to anything but loopback, unless `insecure_http`.
pub fn check(text: &str, insecure_http: bool) -> Result<Url, HttpError> {
    // The parser's own words are dropped: the text around them may hold a password.
    let url = Url::parse(text).map_err(|_| HttpError::Address { why: "it is no URL" })?;
    check_url(&url, insecure_http)?;
    if has_dot_segment(text) {
        return Err(HttpError::Address { why: "its path holds a dot segment" });
    }
    Ok(url)
}

/// Whether the path of an address, as it is written, holds `.` or `..`: the parser would resolve it away.
fn has_dot_segment(text: &str) -> bool {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let behind = text.split_once("://").map_or(text, |(_, behind)| behind);
    // The parser takes a backslash for a slash.
    behind.split(['/', '\\']).skip(1).any(|own| segment_fault(own) == Some(SegmentFault::Dots))
}

/// [`check`] for an address that was put together.
pub(super) fn check_url(url: &Url, insecure_http: bool) -> Result<(), HttpError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(HttpError::Address { why: "it begins with neither https:// nor http://" });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(HttpError::Address { why: "it holds a user or password before the host" });
    }
    let host = url.host_str().unwrap_or("");
    if host.is_empty() {
        return Err(HttpError::Address { why: "it names no host" });
    }
    if url.scheme() == "http" && !insecure_http && !is_loopback(host) {
        return Err(HttpError::Insecure { origin: origin(url) });
    }
    Ok(())
}

/// Whether an address of this host, as a URL writes it, never leaves the machine.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Scheme, host and port: all of an address that may be shown.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// An id as one segment of a path, percent-encoded (RFC 3986 §3.3); `@` may stay. A path is made of fixed text and
/// of these alone.
///
/// # Errors
///
/// [`HttpError::Id`] for an id that is empty or a dot segment: with it the request would name another resource.
pub fn segment(id: &str) -> Result<String, HttpError> {
    match segment_fault(id) {
        Some(fault) => Err(HttpError::Id { fault }),
        None => Ok(encoded(id)),
    }
}

/// A name or value of a query, percent-encoded; `@` may stay.
pub fn encoded(value: &str) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => {
                out.push(char::from(byte));
            }
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_loopback_only() {
        for good in [
            "http://127.0.0.1:8080/x",
            "http://127.9.9.9/",
            "http://localhost:1/",
            "http://LOCALHOST/",
            "http://[::1]:80/",
            "https://example.com/",
        ] {
            assert!(check(good, false).is_ok(), "{good}");
        }
        for bad in [
            "http://example.com/",
            "http://10.0.0.1/",
            "http://169.254.169.254/latest",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "http://[::2]/",
            "http://0.0.0.0/",
        ] {
            assert!(matches!(check(bad, false), Err(HttpError::Insecure { .. })), "{bad}");
            assert!(check(bad, true).is_ok(), "{bad}");
        }
    }

    #[test]
    fn an_id_is_one_segment_or_none() {
        assert_eq!(segment("2/1 ö@x").unwrap(), "2%2F1%20%C3%B6@x");
        for bad in ["", ".", "..", "%2e.", " "] {
            assert!(matches!(segment(bad), Err(HttpError::Id { .. })), "{bad:?}");
        }
    }

    #[test]
    fn a_path_that_climbs_is_refused_before_it_is_resolved() {
        for bad in [
            "https://example.com/a/../b",
            "https://example.com/a/..",
            "https://example.com/a/%2e%2E/b",
            "https://example.com/./a",
            "https://example.com/a\\..\\b",
        ] {
            assert!(matches!(check(bad, false), Err(HttpError::Address { .. })), "{bad}");
        }
        for good in
            ["https://example.com/a.b/...", "https://example.com/?q=/../", "https://example.com"]
        {
            assert!(check(good, false).is_ok(), "{good}");
        }
    }

    #[test]
    fn users_other_schemes_and_nonsense_are_refused_without_being_repeated() {
        for bad in [
            "https://user:canary@example.com/",
            "https://canary@example.com/",
            "ftp://example.com/canary",
            "file:///canary",
            "unix:/canary",
            "canary",
            "",
            "https://",
        ] {
            let error = check(bad, true).unwrap_err();
            assert!(matches!(error, HttpError::Address { .. }), "{bad}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{bad}");
        }
    }
}
