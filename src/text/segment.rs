//! Whether a text can stand as one segment of a URL's path: an empty one, or `.` and `..`, would name another
//! resource than the one that is meant (RFC 3986, section 5.2.4).

/// Why a text cannot be one segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SegmentFault {
    /// It is empty, or has nothing but spaces.
    #[error("it is empty")]
    Empty,
    /// It is `.` or `..`, as it stands or percent-encoded.
    #[error("it is a dot segment (\".\" or \"..\")")]
    Dots,
}

/// How often a text is percent-decoded: a proxy may decode it once, the server again.
const DECODED: usize = 4;

/// What is wrong with `text` as one segment of a path; `None` where nothing is.
pub fn segment_fault(text: &str) -> Option<SegmentFault> {
    let mut text = text.trim().to_owned();
    for _ in 0..=DECODED {
        match text.as_str() {
            "" => return Some(SegmentFault::Empty),
            "." | ".." => return Some(SegmentFault::Dots),
            _ => {}
        }
        let decoded = decoded(&text).trim().to_owned();
        if decoded == text {
            return None;
        }
        text = decoded;
    }
    None
}

/// The text with the percent-escapes of ASCII characters decoded.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let escape = rest.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escape.filter(u8::is_ascii) {
            Some(byte) => {
                out.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            None => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_another_resource_is_no_segment() {
        for empty in ["", " ", "\t", "%20", "%2520", "\u{a0}"] {
            assert_eq!(segment_fault(empty), Some(SegmentFault::Empty), "{empty:?}");
        }
        for dots in [".", "..", " .. ", "%2e", "%2E%2e", ".%2e", "%252e%252e", "%25252e"] {
            assert_eq!(segment_fault(dots), Some(SegmentFault::Dots), "{dots:?}");
        }
    }

    #[test]
    fn everything_else_is_one() {
        for id in
            ["a", "...", ".a", "a.", "..a", "2/1", "../x", "%", "%zz", "100%", "ö", "%C3%B6", "0"]
        {
            assert_eq!(segment_fault(id), None, "{id:?}");
        }
    }
}
