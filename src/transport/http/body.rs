//! What a body says: its text in its own charset, and the few words of an error answer.

use encoding_rs::{Encoding, UTF_8};
use serde_json::Value;

use super::json;

/// The body as text: byte order mark first, then the content type's charset, then the XML declaration,
/// else UTF-8. What does not decode becomes U+FFFD.
pub(super) fn text(content_type: Option<&str>, bytes: &[u8]) -> String {
    let named = content_type
        .and_then(charset)
        .or_else(|| declared(bytes))
        .and_then(|label| Encoding::for_label(label.as_bytes()));
    named.unwrap_or(UTF_8).decode(bytes).0.into_owned()
}

/// The charset parameter of a content type (RFC 9110 §8.3.1).
fn charset(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}

/// The encoding of an XML declaration (XML 1.0 §4.3.3), which stands in ASCII within the first line.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.strip_prefix(b"<?xml")?;
    let head = String::from_utf8_lossy(&head[..head.len().min(200)]).into_owned();
    let declaration = head.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split_once(quote).map(|(label, _)| label.to_owned())
}

/// The words of an error answer that are meant for people, raw; empty where there are none.
///
/// Plain text, a JSON string, or the usual members of a JSON object; for one vendor the descriptions of
/// its result's fields. A page of HTML is nobody's message.
pub(super) fn message(content_type: Option<&str>, bytes: &[u8]) -> String {
    let media = content_type.map(media_type).unwrap_or_default();
    let text = text(content_type, bytes);
    let text = text.trim();
    if media == "application/json" || media.ends_with("+json") || text.starts_with(['{', '"']) {
        if json::check_depth(text.as_bytes()).is_err() {
            return String::new();
        }
        return serde_json::from_str(text).map(|value| from_json(&value)).unwrap_or_default();
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
    fn the_charset_is_the_marks_then_the_types_then_the_declarations() {
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><q n=\"V\xe4xel\"/>";
        assert!(text(Some("application/xml"), latin).contains("Växel"));
        assert!(text(None, latin).contains("Växel"));
        assert!(text(Some("text/xml; charset=\"iso-8859-1\""), b"V\xe4xel").contains("Växel"));
        assert_eq!(text(Some("text/plain; Charset=UTF-8"), "Växel".as_bytes()), "Växel");
        assert_eq!(text(Some("text/plain; charset=nonsense"), "ä".as_bytes()), "ä");
        assert_eq!(text(Some("text/xml; charset=iso-8859-1"), b"\xef\xbb\xbf\xc3\xa4"), "ä");
        assert_eq!(text(None, b"a\xffb"), "a\u{FFFD}b");
        assert_eq!(text(None, b"<?xml encoding='"), "<?xml encoding='");
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
