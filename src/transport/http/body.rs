//! The few words of an error answer.

use serde_json::Value;

use crate::transport::lenient::Body;

use super::json;

/// The words of an error answer that are meant for people, raw; empty where there are none.
///
/// Plain text, a JSON string, or the usual members of a JSON object; for one vendor the descriptions of
/// its result's fields. A page of HTML is nobody's message.
pub(super) fn message(content_type: Option<&str>, bytes: &[u8]) -> String {
    let media = content_type.map(media_type).unwrap_or_default();
    let text = Body::new(content_type, bytes).decode().text;
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
