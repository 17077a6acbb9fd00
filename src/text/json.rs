//! JSON that is safe to print: what commands, hides or reorders on a terminal is written as an escape.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

/// The same as [`bytes()`], as text.
///
/// # Errors
/// The value cannot be written as JSON.
pub fn text(value: &impl Serialize) -> serde_json::Result<String> {
    String::from_utf8(bytes(value)?).map_err(serde::ser::Error::custom)
}

/// One line of JSON. Every character that a shown text refuses stands as `\uXXXX`; a reader of JSON gets it back.
///
/// # Errors
/// The value cannot be written as JSON.
pub fn bytes(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    written(value, CompactFormatter)
}

/// The same as [`text()`], on several lines.
///
/// # Errors
/// The value cannot be written as JSON.
pub fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    String::from_utf8(written(value, PrettyFormatter::new())?).map_err(serde::ser::Error::custom)
}

fn written(value: &impl Serialize, layout: impl Formatter) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(128);
    value.serialize(&mut Serializer::with_formatter(&mut out, Escaping(layout)))?;
    Ok(out)
}

/// A layout whose strings hold no refused character.
struct Escaping<F>(F);

/// Hands methods of a formatter on to the layout inside.
macro_rules! layout {
    ($($name:ident($($arg:ident: $type:ty),*);)*) => {
        $(fn $name<W: io::Write + ?Sized>(&mut self, writer: &mut W $(, $arg: $type)*) -> io::Result<()> {
            self.0.$name(writer $(, $arg)*)
        })*
    };
}

impl<F: Formatter> Formatter for Escaping<F> {
    layout! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut plain = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| super::refused(*c)) {
            writer.write_all(&fragment.as_bytes()[plain..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain = at + c.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[plain..])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_reads_back() {
        let value = json!({"id\u{202e}": "a\u{9b}31m\u{7f}\u{200b}é\u{e0041}", "n": [1, null]});
        let text = super::text(&value).unwrap();
        assert!(text.contains("a\\u009b31m\\u007f\\u200bé\\udb40\\udc41"), "{text}");
        assert!(text.contains("id\\u202e"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    proptest! {
        #[test]
        fn any_text_reads_back_and_holds_no_refused_character(raw in any::<String>()) {
            for text in [super::text(&raw).unwrap(), super::pretty(&raw).unwrap()] {
                prop_assert!(!text.chars().any(crate::text::refused));
                prop_assert_eq!(serde_json::from_str::<String>(&text).unwrap(), raw.clone());
            }
        }
    }
}
