//! References in XML (`&amp;`, `&#228;`) as servers write them: bare ampersands and entities that nobody declared stay
//! the text that they are.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::BytesRef;
use quick_xml::events::attributes::Attribute;
use quick_xml::reader::Config;

/// The entities that every XML document has.
const PREDEFINED: [(&str, char); 5] =
    [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')];

/// Has a parser read a bare `&` in text as text.
pub const fn allow_bare_ampersands(config: &mut Config) {
    config.allow_dangling_amp = true;
}

/// Adds what a reference stands for; one that stands for nothing is added as it was written.
pub fn resolve(reference: &BytesRef<'_>, text: &mut String) {
    match character(reference) {
        Some(character) => text.push(character),
        None => {
            text.push('&');
            text.push_str(reference);
            text.push(';');
        }
    }
}

/// The value of an attribute, with its references resolved and its white space as spaces.
pub fn value<'a>(attribute: &Attribute<'a>) -> Cow<'a, str> {
    if let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0) {
        return value;
    }
    let mut value = String::with_capacity(attribute.value.len());
    let mut rest: &str = &attribute.value;
    while let Some((before, behind)) = rest.split_once('&') {
        value.push_str(before);
        let reference = behind.split_once(';').and_then(|(name, after)| {
            Some((character(&BytesRef::new(name)).filter(|_| !name.contains('&'))?, after))
        });
        rest = match reference {
            Some((character, after)) => {
                value.push(character);
                after
            }
            None => {
                value.push('&');
                behind
            }
        };
    }
    value.push_str(rest);
    Cow::Owned(value.replace(['\t', '\n', '\r'], " "))
}

fn character(reference: &BytesRef<'_>) -> Option<char> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(character),
        _ => PREDEFINED.iter().find(|(name, _)| **name == **reference).map(|(_, own)| *own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quick_xml::name::QName;

    /// The constructor escapes, and what is tested is what others did not.
    fn read(raw: &str) -> String {
        let attribute = Attribute { key: QName("a"), value: Cow::Borrowed(raw) };
        value(&attribute).into_owned()
    }

    #[test]
    fn a_bare_ampersand_in_an_attribute_is_itself() {
        for (raw, wanted) in [
            ("A &amp; B", "A & B"),
            ("Smith & Sons", "Smith & Sons"),
            ("A & B &amp; C; D", "A & B & C; D"),
            ("AT&T", "AT&T"),
            ("a&b;c", "a&b;c"),
            ("&", "&"),
            ("&auml;&#228;&#xE4;", "&auml;ää"),
            ("&#xFFFFFF;&#;", "&#xFFFFFF;&#;"),
            ("a\n& b", "a & b"),
        ] {
            assert_eq!(read(raw), wanted, "{raw}");
        }
    }
}
