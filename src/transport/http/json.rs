//! Depth of JSON, judged before a parser recurses into it.

/// The deepest nesting that is parsed: the vendors' deepest document has a handful.
pub const MAX_DEPTH: usize = 64;

/// JSON that is nested deeper than [`MAX_DEPTH`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("JSON nested deeper than {MAX_DEPTH} levels")]
pub struct TooDeep;

/// Counts brackets outside of strings; ignored fields count too, which a parser's own limit forgets.
///
/// # Errors
///
/// [`TooDeep`]. Text that is no JSON is left to the parser.
pub fn check_depth(bytes: &[u8]) -> Result<(), TooDeep> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(TooDeep);
                }
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_four_levels_pass_and_one_more_does_not() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check_depth(nested(64).as_bytes()), Ok(()));
        assert_eq!(check_depth(nested(65).as_bytes()), Err(TooDeep));
        assert_eq!(check_depth("{\"a\":".repeat(65).as_bytes()), Err(TooDeep));
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        let text = format!(r#"["{}", "\"{}", "\\"]"#, "[".repeat(100), "{".repeat(100));
        assert_eq!(check_depth(text.as_bytes()), Ok(()));
        let after = format!(r#"["\\", {}"#, "[".repeat(64));
        assert_eq!(check_depth(after.as_bytes()), Err(TooDeep));
    }
}
