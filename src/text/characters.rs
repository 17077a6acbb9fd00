//! Which characters a terminal has, and what is drawn in the place of those that it has not.

use nucleo_matcher::chars::normalize;

/// Which characters a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Characters {
    /// All that its font has: signs, half blocks, emoji.
    #[default]
    Unicode,
    /// Those of a PC's console: letters of Europe, lines and whole blocks, as Debian's console fonts and code page
    /// 437 both have them. No half blocks, no circles, no emoji.
    Console,
    Ascii,
}

impl Characters {
    /// Whether a cell can be filled in its upper or lower half.
    pub const fn has_half_blocks(self) -> bool {
        matches!(self, Self::Unicode)
    }

    /// What is drawn in the place of a symbol; `None` where the symbol itself can be drawn.
    pub fn instead_of(self, symbol: &str) -> Option<char> {
        match self {
            Self::Unicode => None,
            Self::Console => on_console(symbol),
            Self::Ascii if symbol.is_ascii() => None,
            Self::Ascii => Some(in_ascii(symbol)),
        }
    }
}

fn on_console(symbol: &str) -> Option<char> {
    let mut chars = symbol.chars();
    let base = chars.next()?;
    let is_marked = chars.next().is_some();
    match base {
        ' '..='~' if !is_marked => None,
        '█' | '░' | '▒' | '■' | '▲' | '▼' | '·' | '•' | '─' | '│' | '┌' | '┐' | '└' | '┘' | '├'
        | '┤' | '┬' | '┴' | '┼' | '═' | '≈' | '»' | '«' | '↓' | '↑' | '→' | '←'
            if !is_marked =>
        {
            None
        }
        // Letters of Latin, Greek and Cyrillic scripts: the font that was loaded for them has them.
        '\u{A1}'..='\u{24F}' | '\u{370}'..='\u{52F}' | '\u{1E9E}' | '€' if !is_marked => None,
        '╭' => Some('┌'),
        '╮' => Some('┐'),
        '╰' => Some('└'),
        '╯' => Some('┘'),
        '━' => Some('═'),
        '┃' | '▏' => Some('│'),
        '▌' | '›' => Some('»'),
        '●' => Some('•'),
        '▓' => Some('▒'),
        '▀' | '▄' => Some('█'),
        _ => Some(in_ascii(symbol)),
    }
}

/// What stands for a symbol where there is only ASCII: its letter without accents, or a likeness.
pub fn in_ascii(symbol: &str) -> char {
    let Some(base) = symbol.chars().next() else { return ' ' };
    match base {
        '─' | '━' | '–' | '—' | '‐' | '‑' | '╌' | '░' => '-',
        '│' | '┃' | '▏' => '|',
        '╭' | '╮' | '╰' | '╯' | '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '▒' => {
            '+'
        }
        '▌' | '›' | '»' => '>',
        '«' => '<',
        '…' | '≈' => '~',
        '·' => '.',
        '●' | '•' | 'ø' => 'o',
        '○' => '*',
        '▲' => '!',
        '■' => 'X',
        '↓' => 'v',
        '↑' => '^',
        '█' | '▀' | '▄' => '#',
        '▓' | '═' => '=',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '\u{A0}' => ' ',
        'ß' => 's',
        'Ø' => 'O',
        'Æ' => 'A',
        'æ' => 'a',
        'Ł' => 'L',
        'ł' => 'l',
        'Đ' | 'Ð' => 'D',
        'đ' | 'ð' => 'd',
        _ => match normalize(base) {
            letter @ ' '..='~' => letter,
            _ => '?',
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_gets_whole_blocks_and_simple_lines() {
        let shown = |symbol: &str| Characters::Console.instead_of(symbol);
        for (symbol, instead) in
            [("╭", '┌'), ("▌", '»'), ("●", '•'), ("○", '*'), ("…", '~'), ("–", '-'), ("▓", '▒')]
        {
            assert_eq!(shown(symbol), Some(instead), "{symbol}");
        }
        for symbol in ["a", "Å", "ö", "Ž", "Ω", "Я", "■", "▲", "█", "│"] {
            assert_eq!(shown(symbol), None, "{symbol}");
        }
    }

    #[test]
    fn what_no_console_font_has_is_a_question_mark() {
        for symbol in ["日", "🎧", "🇫🇮", "ส"] {
            assert_eq!(Characters::Console.instead_of(symbol), Some('?'), "{symbol}");
        }
        assert_eq!(Characters::Console.instead_of("e\u{301}"), Some('e'));
    }
}
