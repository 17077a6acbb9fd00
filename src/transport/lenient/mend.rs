//! JSON that is broken in one place costs that place alone.

use std::fmt::Write;

use super::tally::Tally;

/// The escapes of JSON that are one letter.
const ESCAPES: &[u8] = b"\"\\/bfnrt";

/// The same text as strict JSON, where only single values were broken; `None` where nothing was found to mend.
///
/// Half a surrogate pair becomes U+FFFD; a raw control character and a lone backslash are escaped; a number that is
/// none, such as `NaN`, `Infinity`, `007` or `1e999`, becomes text, of which its reader makes nothing; a comma
/// without a value behind it goes, and a name without a value gets null; white space that JSON does not have goes.
/// Each kind is counted once. Every step reads at least one character, so that any text comes to its end.
pub(super) fn mend(text: &str, tally: &mut Tally) -> Option<String> {
    let mut mending = Mending { text, at: 0, out: String::with_capacity(text.len() + 16), last: 0 };
    let mut faults = Vec::new();
    while let Some(byte) = mending.peek(0) {
        let fault = match byte {
            b'"' => mending.string(&mut faults),
            b' ' | b'\t' | b'\n' | b'\r' => mending.copy(1),
            b'{' | b'[' | b':' | b',' | b'}' | b']' => mending.punctuation(byte),
            _ => mending.blanks().or_else(|| mending.token()),
        };
        faults.extend(fault);
    }
    if faults.is_empty() {
        return None;
    }
    for fault in faults {
        tally.count_text(format_args!("JSON with {fault}"));
    }
    Some(mending.out)
}

/// A text while it is mended.
struct Mending<'t> {
    text: &'t str,
    at: usize,
    out: String,
    /// The last byte that was written outside of texts and is no space.
    last: u8,
}

type Fault = Option<&'static str>;

impl Mending<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn copy(&mut self, bytes: usize) -> Fault {
        let end = (self.at + bytes).min(self.text.len());
        self.out.push_str(&self.text[self.at..end]);
        self.at = end;
        None
    }

    fn punctuation(&mut self, byte: u8) -> Fault {
        let fault = match (self.last, byte) {
            (b':', b',' | b'}' | b']') => {
                self.out.push_str("null");
                Some("a name without a value")
            }
            (b',', b'}' | b']') => {
                if let Some(comma) = self.out.rfind(',') {
                    self.out.remove(comma);
                }
                Some("a comma too many")
            }
            _ => None,
        };
        self.last = byte;
        self.copy(1);
        fault
    }

    /// White space and control characters that JSON does not have between values, such as a form feed.
    fn blanks(&mut self) -> Fault {
        let rest = &self.text[self.at..];
        let behind = rest.trim_start_matches(is_blank);
        self.at += rest.len() - behind.len();
        (behind.len() < rest.len()).then_some("white space that JSON does not have")
    }

    /// A number or a word, up to what ends one.
    fn token(&mut self) -> Fault {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| "{}[]:,\"".contains(c) || is_blank(c));
        let token = &rest[..end.unwrap_or(rest.len())];
        self.at += token.len();
        self.last = b'0';
        let lower = token.to_ascii_lowercase();
        let (written, fault) = match lower.as_str() {
            "null" | "undefined" | "none" | "nil" => ("null", (token != "null").then_some(WORD)),
            "true" => ("true", (token != "true").then_some(WORD)),
            "false" => ("false", (token != "false").then_some(WORD)),
            _ if is_number(token) => (token, None),
            _ => ("", Some("a number that is none")),
        };
        match written {
            // Writing text as JSON cannot fail.
            "" => self.out.push_str(&serde_json::to_string(token).unwrap_or_default()),
            written => self.out.push_str(written),
        }
        fault
    }

    /// A text, from quote to quote.
    fn string(&mut self, faults: &mut Vec<&'static str>) -> Fault {
        self.last = b'"';
        self.copy(1);
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => return self.copy(1),
                b'\\' => faults.extend(self.escape()),
                ..=0x1F => {
                    // Writing to a String cannot fail.
                    let _ = write!(self.out, "\\u{byte:04x}");
                    self.at += 1;
                    faults.push("a control character in a text");
                }
                _ => {
                    let rest = &self.text[self.at..];
                    let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ');
                    self.copy(plain.unwrap_or(rest.len()));
                }
            }
        }
        None
    }

    fn escape(&mut self) -> Fault {
        match self.peek(1) {
            Some(b'u') => {}
            Some(byte) if ESCAPES.contains(&byte) => return self.copy(2),
            _ => {
                self.out.push_str("\\\\");
                self.at += 1;
                return Some("an escape that is none");
            }
        }
        let unit = |at: usize| {
            let digits = self.text.get(at + 2..at + 6)?;
            let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_escape = self.text[at..].starts_with("\\u") && is_hex;
            if is_escape { u16::from_str_radix(digits, 16).ok() } else { None }
        };
        match unit(self.at) {
            Some(0xD800..0xDC00) => {
                if let Some(0xDC00..0xE000) = unit(self.at + 6) {
                    return self.copy(12);
                }
                self.at += 6;
            }
            Some(0xDC00..0xE000) => self.at += 6,
            Some(_) => return self.copy(6),
            None => self.at += 2,
        }
        self.out.push('\u{FFFD}');
        Some("half a surrogate pair")
    }
}

/// What a word is that another language writes so.
const WORD: &str = "a word of another language";

/// Whether a character is no part of any value.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{FEFF}'
}

/// Whether a token is a number of JSON that can be held.
fn is_number(token: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(token).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn mended(text: &str) -> Value {
        let mut tally = Tally::default();
        let mended = mend(text, &mut tally).unwrap_or_else(|| panic!("{text} is left alone"));
        assert!(tally.take().is_some(), "{text} is not counted");
        serde_json::from_str(&mended).unwrap_or_else(|error| panic!("{text}: {error}: {mended}"))
    }

    #[test]
    fn half_a_surrogate_pair_becomes_a_marker() {
        for (text, read) in [
            (r#"["a\ud83d"]"#, "a\u{FFFD}"),
            (r#"["\ud83dz\u00e4"]"#, "\u{FFFD}zä"),
            (r#"["\ude00\ud83d\ude00"]"#, "\u{FFFD}😀"),
            (r#"["\ud83d\ud83d\ude00"]"#, "\u{FFFD}😀"),
            (r#"["\uD83D\n"]"#, "\u{FFFD}\n"),
            (r#"["\u12x"]"#, "\u{FFFD}12x"),
        ] {
            assert_eq!(mended(text), json!([read]), "{text}");
        }
    }

    #[test]
    fn a_raw_control_character_and_a_lone_backslash_are_text() {
        assert_eq!(mended("{\"a\": \"x\u{1b}[m\n\t\0y\"}"), json!({"a": "x\u{1b}[m\n\t\0y"}));
        assert_eq!(mended(r#"["C:\Users\x41", "\'"]"#), json!([r"C:\Users\x41", r"\'"]));
    }

    #[test]
    fn a_number_that_is_none_becomes_text() {
        for token in
            ["NaN", "-Infinity", "Infinity", "007", "+5", ".5", "5.", "1e999", "0x1F", "1_0"]
        {
            let read = mended(&format!(r#"{{"a":{token},"b":[{token} ,1]}}"#));
            assert_eq!(read, json!({"a": token, "b": [token, 1]}));
        }
        assert_eq!(mended("[None, undefined, True, FALSE]"), json!([null, null, true, false]));
    }

    #[test]
    fn a_comma_or_a_name_without_a_value_costs_nothing_else() {
        assert_eq!(
            mended(r#"{"a":[1,2, ] , "b": ,"c":{"d":3,},}"#),
            json!({"a":[1,2],"b":null,"c":{"d":3}})
        );
    }

    #[test]
    fn white_space_that_json_does_not_have_goes() {
        for blank in ["\u{c}", "\u{b}", "\0", "\u{a0}", "\u{feff}", "\u{2028}", " \u{c}\u{85}\n"] {
            let text = format!("{blank}[{blank}1{blank},{blank}\"a\",{blank}true{blank}]{blank}");
            assert_eq!(mended(&text), json!([1, "a", true]), "{blank:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_to_its_end_and_grows_within_bounds(
            text in prop_oneof![
                any::<String>(),
                "[\\[\\]{}:,\"\\\\u0-9a-f\u{0}-\u{20}\u{a0}\u{feff}-]{0,40}",
            ],
        ) {
            let mended = mend(&text, &mut Tally::default()).unwrap_or_default();
            prop_assert!(mended.len() <= 8 * text.len() + 16, "{} of {}", mended.len(), text.len());
        }
    }

    #[test]
    fn strict_json_is_left_alone() {
        for text in [r#"{"a":["\ud83d\ude00\\\"", -1.5e3, true, null]}"#, "", "[]", r#""\\ud83d""#]
        {
            assert_eq!(mend(text, &mut Tally::default()), None, "{text}");
        }
        assert_eq!(mend(r#"["open"#, &mut Tally::default()), None);
    }
}
