//! The few words of an error answer.

use serde_json::Value;

use crate::transport::lenient::{Body, Document, Tally};

/// The words of an error answer that are meant for people, raw; empty where there are none.
///
/// Plain text, a JSON string, or the usual members of a JSON object; for one vendor the descriptions of
/// its result's fields. A page of HTML is nobody's message.
pub(super) fn message(content_type: Option<&str>, bytes: &[u8]) -> String {
    let media = content_type.map(media_type).unwrap_or_default();
    let text = Body::new(content_type, bytes).decode().text;
    let text = text.trim();
    if media == "application/json" || media.ends_with("+json") || text.starts_with(['{', '"']) {
        let value = Document::new(text).and_then(|mut own| own.parse(&mut Tally::default()));
        return value.map(|value| from_json(&value)).unwrap_or_default();
    }
    if text.starts_with('<') || media.contains("html") || media.contains("xml") {
        return String::new();
    }
    text.to_owned()
}

/// The media type alone, in lower case.
pub(crate) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

/// How a page begins, in lower case, behind what may stand before it.
const PAGES: [&[u8]; 8] =
    [b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<title", b"<meta", b"<form"];

/// Whether a body is a page for people, by its first bytes; of a media type of pages any markup is.
pub(crate) fn is_web_page(content_type: Option<&str>, body: &[u8]) -> bool {
    let mut rest = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    if rest.starts_with(b"<") && is_html(content_type) {
        return true;
    }
    for (opens, closes) in [(&b"<?xml"[..], &b"?>"[..]), (b"<!--", b"-->")] {
        if rest.starts_with(opens)
            && let Some(end) = rest.windows(closes.len()).position(|part| part == closes)
        {
            rest = rest[end + closes.len()..].trim_ascii_start();
        }
    }
    let starts =
        |page: &&[u8]| rest.get(..page.len()).is_some_and(|start| start.eq_ignore_ascii_case(page));
    PAGES.iter().any(starts)
}

/// Whether a media type is that of pages.
pub(crate) fn is_html(content_type: Option<&str>) -> bool {
    let media = content_type.map(media_type).unwrap_or_default();
    media == "text/html" || media == "application/xhtml+xml"
}

/// Words of the addresses at which people sign in.
const SIGN_IN: [&str; 9] =
    ["login", "logon", "signin", "sign-in", "sign_in", "sso", "saml", "oauth", "adfs"];

/// Whether an address looks like that of a sign-in page.
pub(super) fn is_sign_in(target: &reqwest::Url) -> bool {
    let words = format!("{}{}", target.host_str().unwrap_or_default(), target.path());
    let words = words.to_ascii_lowercase();
    let mut parts = words.split(['/', '.']);
    parts.any(|part| SIGN_IN.iter().any(|word| part.starts_with(word) || part.ends_with(word)))
}

fn from_json(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(members) => {
            let fields = ["field", "warning"]
                .iter()
                .filter_map(|name| members.get(*name))
                .flat_map(|fields| match fields {
                    Value::Array(all) => all.as_slice(),
                    one => std::slice::from_ref(one),
                })
                .filter_map(|field| {
                    ["description", "code"].iter().find_map(|name| field.get(*name)?.as_str())
                })
                .collect::<Vec<_>>();
            if !fields.is_empty() {
                return fields.join("; ");
            }
            ["message", "Message", "error_description", "detail", "title", "description", "error"]
                .iter()
                .filter_map(|name| members.get(*name))
                .map(from_json)
                .find(|text| !text.is_empty())
                .unwrap_or_default()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_by_its_type_or_by_its_first_bytes() {
        let html = Some("text/html; charset=utf-8");
        let json = Some("application/json");
        for page in
            ["<!DOCTYPE html><html>", " \n<HTML>", "\u{feff}<!-- x --><head>", "<form action=x>"]
        {
            assert!(
                is_web_page(json, page.as_bytes()) && is_web_page(None, page.as_bytes()),
                "{page}"
            );
        }
        assert!(is_web_page(None, b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC>"));
        assert!(is_web_page(html, b"<p>Sign in</p>"));
        for answer in ["", "{}", "[]", "OK", "\"text\""] {
            assert!(!is_web_page(html, answer.as_bytes()), "{answer}");
        }
        for answer in ["<queue/>", "<?xml version='1.0'?><hits/>", "<dialog-info/>"] {
            assert!(!is_web_page(Some("application/xml"), answer.as_bytes()), "{answer}");
        }
    }

    #[test]
    fn a_sign_in_page_is_known_by_its_address() {
        let is = |text: &str| is_sign_in(&reqwest::Url::parse(text).unwrap());
        for page in [
            "https://login.example.org/",
            "https://x.example/login",
            "https://x.example/account/SignIn?x",
            "https://x.example/saml2/idp",
            "https://sso.example/",
            "https://x.example/users/sign_in",
        ] {
            assert!(is(page), "{page}");
        }
        for other in
            ["https://x.example/api/v2", "https://blog.example/", "https://x.example/queues"]
        {
            assert!(!is(other), "{other}");
        }
    }

    #[test]
    fn a_message_is_found_in_each_form_that_the_vendors_send() {
        let json = Some("application/json; charset=utf-8");
        let of = |kind, body: &str| message(kind, body.as_bytes());
        assert_eq!(of(Some("text/plain"), " Queue is closed \n"), "Queue is closed");
        assert_eq!(of(json, r#""Service not found""#), "Service not found");
        let result = r#"{"field":[{"fieldName":"cid","code":"user.unknown","description":"No such user"},
            {"code":"x.y"}],"warning":[]}"#;
        assert_eq!(of(json, result), "No such user; x.y");
        assert_eq!(of(Some("application/problem+json"), r#"{"title":"Denied"}"#), "Denied");
        assert_eq!(of(json, r#"{"error":{"code":"a","message":"b"}}"#), "b");
        assert_eq!(of(Some("text/html"), "<html>login</html>"), "");
        assert_eq!(of(None, "<html>login</html>"), "");
        assert_eq!(of(json, &"[".repeat(100_000)), "");
        assert_eq!(of(json, r#"{"a":1}"#), "");
        assert_eq!(of(None, ""), "");
    }
}
