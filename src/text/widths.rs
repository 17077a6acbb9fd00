//! Of which characters all terminals know the width.

/// Whether terminals agree how many columns `c` takes, as far as vt100, tmux, Alacritty and libvterm speak for
/// them all. The scripts and signs of everyday names are in here; a character that is not is drawn all the same,
/// only at the cost of a few bytes more.
pub(crate) const fn settled(c: char) -> bool {
    matches!(c,
        // Latin, Greek, Cyrillic, and their marks
        ' '..='\u{2FE}' | '\u{300}'..='\u{377}' | '\u{37A}'..='\u{37F}' | '\u{384}'..='\u{38A}'
        | '\u{38E}'..='\u{3A1}' | '\u{3A3}'..='\u{486}' | '\u{488}'..='\u{52F}'
        | '\u{1E00}'..='\u{1F15}'
        // punctuation, currency, arrows, signs that the screens are drawn with
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '\u{20A0}'..='\u{20BF}'
        | '\u{2100}'..='\u{218B}' | '\u{2190}'..='\u{23F3}' | '\u{2500}'..='\u{25FF}'
        // kana, Han, Hangul, full-width forms
        | '\u{3000}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{309B}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{FF01}'..='\u{FF60}'
        // Thai, Hebrew, Arabic, Devanagari
        | '\u{904}'..='\u{939}' | '\u{93C}'..='\u{94D}' | '\u{958}'..='\u{96F}'
        | '\u{E01}'..='\u{E3A}' | '\u{E3F}'..='\u{E5B}' | '\u{5D0}'..='\u{5EA}'
        | '\u{621}'..='\u{63A}' | '\u{641}'..='\u{655}' | '\u{660}'..='\u{6DC}'
        // pictures that have been there the longest
        | '\u{1F300}'..='\u{1F64F}' | '\u{1F680}'..='\u{1F6C5}')
}
