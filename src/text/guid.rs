//! GUIDs, which servers write in many forms.

use uuid::Uuid;

/// The GUID that a text is; `None` for any other text.
///
/// It may stand with or without dashes, in braces or parentheses, behind `urn:uuid:`.
pub fn guid(text: &str) -> Option<Uuid> {
    // Most identities are none: their length says so.
    if text.len() < 32 {
        return None;
    }
    let text = text.trim();
    let inner = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .or_else(|| text.strip_prefix('(')?.strip_suffix(')'))
        .unwrap_or(text)
        .trim();
    let prefix = ["urn:uuid:", "uuid:", "guid:"].into_iter().find(|prefix| {
        inner.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    });
    let digits = &inner[prefix.map_or(0, str::len)..];
    Uuid::try_parse(digits).ok()
}
