//! Names that nobody has, but somebody may send.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// A name and what it tries.
pub type Hostile = (&'static str, String);

const ESC: &str = "\u{1b}";

/// More than sixty strings that command, hide, reorder, flood or dispute their width.
pub fn corpus() -> Vec<Hostile> {
    let mut all: Vec<Hostile> = fixed().map(|(label, text)| (label, text.to_owned())).collect();
    let more = [
        ("osc 52", format!("{ESC}]52;c;cm0gLXJmIC8=\u{7}")),
        ("osc 52, ended by st", format!("{ESC}]52;c;cm0gLXJmIC8={ESC}\\")),
        ("osc title", format!("{ESC}]0;root\u{7}")),
        ("osc 8 link", format!("{ESC}]8;;http://example.org{ESC}\\x{ESC}]8;;{ESC}\\")),
        ("dcs", format!("{ESC}P+q544e{ESC}\\")),
        ("apc", format!("{ESC}_Gf=100;AAAA{ESC}\\")),
        ("a thousand marks", format!("a{}", "\u{301}".repeat(1_000))),
        ("marks of all kinds", format!("o{}", "\u{300}\u{323}\u{489}\u{20dd}".repeat(20))),
        ("a flood on nothing", "\u{302}".repeat(300)),
        ("a flood on many", "z\u{310}\u{311}\u{312}\u{313}\u{314}\u{315}\u{316}".repeat(300)),
        ("joined far too long", ["\u{1f469}"; 60].join("\u{200d}")),
        ("wide and long", "語".repeat(400)),
        ("narrow and long", "x".repeat(5_000)),
        ("long with no end of flags", "\u{1f1eb}\u{1f1ee}".repeat(150)),
        ("every c0", ('\0'..=' ').collect()),
        ("every c1", ('\u{80}'..='\u{a0}').collect()),
        ("a hundred escapes", ESC.repeat(100)),
        ("a hundred newlines", "\n".repeat(100)),
    ];
    all.extend(more);
    all
}

fn fixed() -> impl Iterator<Item = (&'static str, &'static str)> {
    [
        ("esc alone", "\u{1b}"),
        ("csi colour", "\u{1b}[31;1m"),
        ("csi clear", "\u{1b}[2J\u{1b}[H"),
        ("csi cursor up", "\u{1b}[9A"),
        ("csi alternate screen off", "\u{1b}[?1049l"),
        ("csi device status", "\u{1b}[6n"),
        ("csi mouse on", "\u{1b}[?1003h"),
        ("csi scroll region", "\u{1b}[1;2r"),
        ("csi repeat", "A\u{1b}[999999b"),
        ("reset", "\u{1b}c"),
        ("charset", "\u{1b}(0"),
        ("keypad", "\u{1b}="),
        ("c1 csi", "\u{9b}31m"),
        ("c1 osc", "\u{9d}0;root\u{9c}"),
        ("c1 next line", "\u{85}"),
        ("bell", "\u{7}"),
        ("backspace", "x\u{8}y"),
        ("delete", "x\u{7f}y"),
        ("tab", "\t"),
        ("newline", "\n"),
        ("carriage return", "\rroot"),
        ("vertical tab", "\u{b}"),
        ("form feed", "\u{c}"),
        ("shift out", "\u{e}lqqk\u{f}"),
        ("nul", "\0"),
        ("right-to-left override", "\u{202e}gnp.exe"),
        ("right-to-left embedding", "\u{202b}abc\u{202c}"),
        ("isolates", "\u{2067}abc\u{2069}"),
        ("left-to-right mark", "\u{200e}"),
        ("right-to-left mark", "\u{200f}"),
        ("arabic letter mark", "\u{61c}"),
        ("zero-width space", "\u{200b}"),
        ("zero-width non-joiner", "\u{200c}"),
        ("zero-width joiner", "\u{200d}"),
        ("word joiner", "\u{2060}"),
        ("byte order mark", "\u{feff}"),
        ("invisible times", "\u{2062}"),
        ("grapheme joiner", "\u{34f}"),
        ("mongolian vowel separator", "\u{180e}"),
        ("soft hyphen", "Kund\u{ad}tjänst"),
        ("hangul filler", "\u{3164}"),
        ("half-width filler", "\u{ffa0}"),
        ("choseong filler", "\u{115f}\u{1160}"),
        ("hangul jamo", "\u{1112}\u{1161}\u{11ab}"),
        ("braille blank", "\u{2800}"),
        ("line separator", "\u{2028}"),
        ("paragraph separator", "\u{2029}"),
        ("half-width dakuten", "ｶ\u{ff9e}ｷ\u{ff9e}ﾊ\u{ff9f}"),
        ("combining dakuten", "か\u{3099}は\u{309a}"),
        ("emoji family", "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}"),
        ("emoji skin tone", "\u{1f44d}\u{1f3fd}"),
        ("emoji flag", "\u{1f1f8}\u{1f1ea}"),
        ("half a flag", "\u{1f1f8}"),
        ("a flag and a half", "\u{1f1f8}\u{1f1ea}\u{1f1eb}"),
        ("a flag with a mark", "\u{1f1f8}\u{1f1ea}\u{301}"),
        ("wide emoji by selector", "\u{26a1}\u{fe0f}\u{2615}\u{fe0f}"),
        ("emoji of a profession", "\u{1f469}\u{1f3fe}\u{200d}\u{1f4bb}"),
        ("emoji by selector", "\u{2764}\u{fe0f}"),
        ("text by selector", "\u{1f60a}\u{fe0e}"),
        ("keycap", "1\u{fe0f}\u{20e3}"),
        ("tag flag", "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e007f}"),
        ("plain emoji", "😀🎧📞"),
        ("newest emoji", "\u{1fae9}\u{1fadf}"),
        ("wide", "日本語 サポート"),
        ("full width", "ＡＢＣ１２３"),
        ("a mark first", "\u{301}abc"),
        ("an enclosing mark", "a\u{20dd}"),
        ("thai", "สวัสดีน้ำ"),
        ("devanagari", "क्षत्रिय"),
        ("arabic ligature", "\u{644}\u{627}\u{644}"),
        ("hebrew with points", "שָׁלוֹם"),
        ("khmer", "ខ្មែរ"),
        ("tibetan stacks", "\u{f40}\u{f90}\u{fb5}\u{f71}\u{f72}\u{f7c}"),
        ("private use", "\u{e0b0}\u{f8ff}"),
        ("noncharacters", "\u{ffff}\u{fdd0}\u{1fffe}"),
        ("interlinear notes", "\u{fff9}a\u{fffa}b\u{fffb}"),
        ("object replacement", "\u{fffc}"),
        ("a marker of its own", "\u{fffd}"),
        ("ambiguous width", "§°±×÷αЖ①"),
        ("hexagrams", "\u{4dc0}\u{2630}"),
        ("three-em dash", "\u{2e3b}"),
        ("bismillah", "\u{fdfd}"),
        ("spaces of all kinds", "a\u{a0}\u{2003}\u{202f}\u{3000}b"),
        ("musical symbols", "\u{1d15f}\u{1d173}"),
        ("variation supplement", "葛\u{e0100}"),
        ("quotes and braces", "\"},{\"id\":\"1\\"),
        ("formula", "=cmd|' /C calc'!A0"),
    ]
    .into_iter()
}

/// Names so large that their size is the attack.
pub fn giants() -> Vec<Hostile> {
    vec![
        ("ten megabytes", "A".repeat(10_000_000)),
        ("ten megabytes of escapes", "\u{1b}[2J".repeat(2_500_000)),
        ("a million marks", format!("a{}", "\u{301}".repeat(1_000_000))),
        ("a million emoji", "👩\u{200d}".repeat(1_000_000)),
    ]
}

/// The first character of a text that steers; emoji of agreed width do not.
pub fn steering(text: &str) -> Option<char> {
    let graphemes = text.graphemes(true).filter(|grapheme| !is_agreed(grapheme));
    graphemes.flat_map(str::chars).find(|c| steers(*c))
}

/// Whether all terminals give a grapheme two columns though it is made of characters that they measure differently:
/// a flag, or a wide emoji with a selector that changes nothing.
pub fn is_agreed(grapheme: &str) -> bool {
    let flag_letter = |c: &char| ('\u{1f1e6}'..='\u{1f1ff}').contains(c);
    match grapheme.chars().collect::<Vec<_>>().as_slice() {
        [a, b] if flag_letter(a) && flag_letter(b) => true,
        [base, '\u{fe0f}'] => base.width() == Some(2) && !steers(*base),
        _ => false,
    }
}

/// The same of a text of several lines.
pub fn steering_in_lines(text: &str) -> Option<char> {
    text.split('\n').find_map(steering)
}

/// Whether a character commands a terminal, hides, reorders, or is counted differently by terminals.
///
/// This list is kept apart from the program's own, so that one can find what the other forgot.
pub fn steers(c: char) -> bool {
    let code = u32::from(c);
    c.is_control()
        || matches!(code,
            0xAD | 0x34F | 0x61C | 0x115F..=0x11FF | 0x17B4 | 0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x2800 | 0x3164
            | 0xA960..=0xA97F | 0xD7B0..=0xD7FF
            | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xFE00..=0xFE0F | 0xFEFF | 0xFF9E | 0xFF9F
            | 0xFFA0 | 0xFFF0..=0xFFFC | 0xFFFE | 0xFFFF
            | 0x1D173..=0x1D17A | 0x1F1E6..=0x1F1FF | 0x1F3FB..=0x1F3FF | 0xE0000..)
        || code & 0xFFFE == 0xFFFE
}
