//! Emoji that are made of several characters: flags, skin tones, families, keycaps.
//!
//! Terminals agree on the width of a flag and of a wide emoji behind which a selector asks for the emoji that it is
//! anyway. All else they measure differently, each by its age.

use unicode_width::UnicodeWidthChar;

/// Asks for the emoji of the character before it.
const EMOJI_SELECTOR: char = '\u{FE0F}';

/// Whether a grapheme is an emoji of several characters.
pub(super) fn is_emoji(grapheme: &str) -> bool {
    let mut chars = grapheme.chars();
    chars.next().is_some_and(is_base) && chars.any(joins)
}

/// Whether a grapheme is an emoji of several characters of which terminals agree how wide it is: two columns.
pub(crate) fn is_agreed(grapheme: &str) -> bool {
    let mut chars = grapheme.chars();
    let (Some(first), Some(second), None) = (chars.next(), chars.next(), chars.next()) else {
        return false;
    };
    let is_flag = is_flag_letter(first) && is_flag_letter(second);
    let is_selected = second == EMOJI_SELECTOR
        && is_base(first)
        && !super::refused(first)
        && UnicodeWidthChar::width(first) == Some(2);
    is_flag || is_selected
}

/// The code points of a grapheme, as standards write them.
pub(super) fn code_points(grapheme: &str) -> String {
    let points: Vec<String> =
        grapheme.chars().take(POINTS).map(|c| format!("U+{:04X}", u32::from(c))).collect();
    points.join(" ")
}

/// Code points that are told of one grapheme: more than the largest family has.
const POINTS: usize = 16;

/// The letters that flags are written with.
const fn is_flag_letter(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

/// What an emoji may begin with: pictures, signs that are pictures too, flags' letters, keys of a telephone.
const fn is_base(c: char) -> bool {
    matches!(c,
        '#' | '*' | '0'..='9' | '\u{A9}' | '\u{AE}' | '\u{203C}'..='\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

/// What makes one emoji of several characters.
const fn joins(c: char) -> bool {
    is_flag_letter(c)
        || matches!(c,
            '\u{200D}' | '\u{20E3}' | '\u{FE0E}' | '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_agree_on_flags_and_on_wide_emoji_that_are_asked_for() {
        for grapheme in ["🇸🇪", "🇫🇮", "🇽🇽", "⚡\u{fe0f}", "☕\u{fe0f}"] {
            assert!(is_emoji(grapheme) && is_agreed(grapheme), "{grapheme}");
        }
    }

    #[test]
    fn they_do_not_agree_on_what_is_joined_or_narrow() {
        for grapheme in [
            "👍🏽",
            "👩\u{200d}💻",
            "❤\u{fe0f}",
            "☎\u{fe0f}",
            "1\u{fe0f}\u{20e3}",
            "😊\u{fe0e}",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
            "🇸🇪\u{301}",
        ] {
            assert!(is_emoji(grapheme) && !is_agreed(grapheme), "{grapheme}");
        }
    }

    #[test]
    fn letters_with_joiners_are_no_emoji() {
        for grapheme in ["क\u{94d}\u{200d}", "ä", "e\u{301}", "a\u{fe0f}", "😀", "1"] {
            assert!(!is_emoji(grapheme), "{grapheme}");
        }
    }
}
