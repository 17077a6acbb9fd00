//! Which key a control sequence is: the forms of xterm, VT, the Linux console, the kitty keyboard protocol
//! (<https://sw.kovidgoyal.net/kitty/keyboard-protocol/>) and xterm's modifyOtherKeys.

use crate::event::{Event, Gesture, Key, Pointer, Press};

use super::sequence::Csi;

/// Keys that were held while another went down, and what became of that one.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    shift: bool,
    alt: bool,
    ctrl: bool,
    caps: bool,
    kind: Kind,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Down,
    Repeat,
}

/// One field of a sequence: its parts, each of which may be empty.
type Field = Vec<Option<u32>>;

/// What a control sequence means; nothing that is no key becomes one.
pub(super) fn of(csi: &Csi) -> Event {
    let meaning = match csi.parameters.strip_prefix('<') {
        Some(report) if matches!(csi.last, b'M' | b'm') => mouse(report, csi.last),
        _ => match fields(&csi.parameters) {
            Some(fields) if csi.last == b'u' => coded(&fields),
            Some(fields) => function(&fields, csi.last).map(Event::Key),
            None => None,
        },
    };
    meaning.unwrap_or(Event::Unknown)
}

/// A key behind a single shift: arrows and function keys, or the keypad in its own mode.
pub(super) fn shifted_set(parameters: &str, last: u8) -> Option<Press> {
    let key = match last {
        b' ' => Key::Char(' '),
        b'I' => Key::Tab,
        b'M' => Key::Enter,
        b'X' => Key::Char('='),
        b'j'..=b'y' => Key::Char(char::from(last - b'j' + b'*')),
        b'R' => Key::F(3),
        _ => named(last)?,
    };
    // “5” in some terminals, “1;5” in others.
    let fields = fields(parameters)?;
    let held = held(&fields[fields.len() - 1])?;
    allowed(key, held)
}

/// A control character, with Control where it is not a key of its own. Terminals disagree about Backspace and
/// Enter: both forms of each are that key.
pub(super) const fn control(byte: u8) -> Press {
    match byte {
        0x00 => Press::ctrl(' '),
        0x08 | 0x7f => Press::plain(Key::Backspace),
        b'\t' => Press::plain(Key::Tab),
        b'\n' | b'\r' => Press::plain(Key::Enter),
        0x1b => Press::plain(Key::Esc),
        0x01..=0x1a => Press::ctrl((byte - 1 + b'a') as char),
        _ => Press::ctrl((byte - 0x1c + b'4') as char),
    }
}

/// A report of the mouse in the form of mode 1006: button, column, row; `M` for down, `m` for up.
fn mouse(report: &str, last: u8) -> Option<Event> {
    let fields = fields(report)?;
    let [button, column, row] = fields.as_slice() else { return None };
    let ([Some(button)], [Some(column)], [Some(row)]) =
        (button.as_slice(), column.as_slice(), row.as_slice())
    else {
        return None;
    };
    let gesture = match (button, last) {
        (0, b'M') => Gesture::Click,
        (64, b'M') => Gesture::WheelUp,
        (65, b'M') => Gesture::WheelDown,
        _ => return None,
    };
    let place = |from_one: u32| u16::try_from(from_one.checked_sub(1)?).ok();
    Some(Event::Mouse(Pointer { x: place(*column)?, y: place(*row)?, gesture }))
}

/// The fields between `;`, each with its parts between `:`. None where a private mark or an intermediate stands:
/// no key has one.
fn fields(parameters: &str) -> Option<Vec<Field>> {
    let part = |part: &str| match part {
        "" => Some(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok().map(Some),
        _ => None,
    };
    let field = |field: &str| -> Option<Field> { field.split(':').map(part).collect() };
    parameters.split(';').map(field).collect()
}

/// What was held: one more than the sum of the modifiers, and perhaps what became of the key. None where the key
/// was let go, or with a modifier that no key has here.
fn held(field: &[Option<u32>]) -> Option<Held> {
    let sum = field.first().copied().flatten().unwrap_or(1).checked_sub(1)?;
    // Super, Hyper and Meta make another key of it; Num Lock does not.
    if sum & 0b0011_1000 != 0 || sum > 0xff || field.len() > 2 {
        return None;
    }
    let kind = match field.get(1).copied().flatten() {
        None | Some(1) => Kind::Down,
        Some(2) => Kind::Repeat,
        Some(_) => return None,
    };
    let bit = |bit: u32| sum & bit != 0;
    Some(Held { shift: bit(1), alt: bit(2), ctrl: bit(4), caps: bit(64), kind })
}

/// The key with its modifiers. A key that repeats moves or takes away, it never decides.
fn allowed(key: Key, held: Held) -> Option<Press> {
    let key = if key == Key::Tab && held.shift { Key::BackTab } else { key };
    let repeats = matches!(
        key,
        Key::Up | Key::Down | Key::Left | Key::Right | Key::PageUp | Key::PageDown | Key::Backspace
    );
    let press = Press { key, ctrl: held.ctrl, alt: held.alt };
    (held.kind == Kind::Down || repeats).then_some(press)
}

/// A key by its last character, or by its number in front of `~`.
fn function(fields: &[Field], last: u8) -> Option<Press> {
    let first = fields.first().filter(|parts| parts.len() == 1)?[0];
    match (fields, last, first) {
        ([_, modifiers, code], b'~', Some(27)) => other_key(modifiers, code),
        ([_] | [_, _], b'~', Some(code)) => allowed(numbered(code)?, modifiers(fields)?),
        ([_] | [_, _], b'Z', None | Some(1)) => allowed(Key::BackTab, modifiers(fields)?),
        // With parameters it tells where the cursor is.
        ([_], b'R', None) => Some(Press::plain(Key::F(3))),
        ([_] | [_, _], _, None | Some(1)) => allowed(named(last)?, modifiers(fields)?),
        _ => None,
    }
}

/// The modifiers in the second field.
fn modifiers(fields: &[Field]) -> Option<Held> {
    fields.get(1).map_or(Some(Held::default()), |field| held(field))
}

/// xterm's modifyOtherKeys: the character as it would have been typed, with its modifiers.
fn other_key(modifiers: &[Option<u32>], code: &[Option<u32>]) -> Option<Press> {
    let held = held(modifiers)?;
    let [Some(code)] = code else { return None };
    if let Some(key) = edited(*code) {
        return allowed(key, held);
    }
    let c = char::from_u32(*code).filter(|c| !c.is_control())?;
    let c = match (held.ctrl, held.shift) {
        (true, _) => c.to_ascii_lowercase(),
        (false, true) => c.to_ascii_uppercase(),
        (false, false) => c,
    };
    allowed(Key::Char(c), held)
}

/// The form of kitty: `code:shifted:base ; modifiers:kind ; text`.
fn coded(fields: &[Field]) -> Option<Event> {
    let (codes, text) = match fields {
        [codes] | [codes, _] => (codes, None),
        [codes, _, text] => (codes, Some(text)),
        _ => return None,
    };
    let held = modifiers(fields)?;
    let (code, shifted, base) = match codes.as_slice() {
        [code] => (*code, None, None),
        [code, shifted] => (*code, *shifted, None),
        [code, shifted, base] => (*code, *shifted, *base),
        _ => return None,
    };
    let written: Option<String> = match text {
        Some(parts) if parts.as_slice() != [None] => {
            let letter = |part: &Option<u32>| char::from_u32((*part)?).filter(|c| !c.is_control());
            Some(parts.iter().map(letter).collect::<Option<String>>()?)
        }
        _ => None,
    };
    let code = code.unwrap_or(0);
    if let Some(key) = edited(code).or_else(|| keypad(code)) {
        return allowed(key, held).map(Event::Key);
    }
    let mut letters = written.iter().flat_map(|text| text.chars());
    let c = match (letters.next(), letters.next()) {
        (Some(_), Some(_)) => return written.map(Event::Paste),
        (Some(only), None) if !held.ctrl && !held.alt => Some(only),
        _ => letter(code, shifted, base, held),
    };
    allowed(Key::Char(c?), held).map(Event::Key)
}

/// The character of a key of which no text is told.
fn letter(code: u32, shifted: Option<u32>, base: Option<u32>, held: Held) -> Option<char> {
    let known = |code: u32| {
        let c = char::from_u32(code).filter(|c| !c.is_control() && code != 0);
        // The private use area stands for keys without a character.
        c.filter(|_| !(57_344..=63_743).contains(&code))
    };
    let c = known(code)?;
    if held.ctrl {
        // With Control the place counts where the letter is of another script.
        let c = if c.is_ascii() { c } else { base.and_then(known).unwrap_or(c) };
        return Some(c.to_ascii_lowercase());
    }
    if held.shift
        && let Some(c) = shifted.and_then(known)
    {
        return Some(c);
    }
    if c.is_alphabetic() {
        let mut upper = c.to_uppercase();
        return match (held.shift != held.caps, upper.next(), upper.next()) {
            (true, Some(upper), None) => Some(upper),
            _ => Some(c),
        };
    }
    // Which character Shift makes of such a key depends on the layout, and is not told.
    let either = c.is_ascii_digit() || "`-=[]\\;',./".contains(c);
    (!held.shift || !either).then_some(c)
}

/// Keys without a letter by the code of their control character.
const fn edited(code: u32) -> Option<Key> {
    Some(match code {
        8 | 127 => Key::Backspace,
        9 => Key::Tab,
        10 | 13 => Key::Enter,
        27 => Key::Esc,
        _ => return None,
    })
}

/// Kitty's numbers for the keypad and for the higher function keys.
fn keypad(code: u32) -> Option<Key> {
    let place = |from: u32| u8::try_from(code - from).unwrap_or_default();
    Some(match code {
        57_376..=57_387 => Key::F(13 + place(57_376)),
        57_399..=57_408 => Key::Char(char::from(b'0' + place(57_399))),
        57_409 => Key::Char('.'),
        57_410 => Key::Char('/'),
        57_411 => Key::Char('*'),
        57_412 => Key::Char('-'),
        57_413 => Key::Char('+'),
        57_414 => Key::Enter,
        57_415 => Key::Char('='),
        57_416 => Key::Char(','),
        57_417 => Key::Left,
        57_418 => Key::Right,
        57_419 => Key::Up,
        57_420 => Key::Down,
        57_421 => Key::PageUp,
        57_422 => Key::PageDown,
        57_423 => Key::Home,
        57_424 => Key::End,
        57_426 => Key::Delete,
        _ => return None,
    })
}

/// Keys by their final letter.
fn named(last: u8) -> Option<Key> {
    Some(match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'F' => Key::End,
        b'H' => Key::Home,
        b'P' | b'Q' | b'S' => Key::F(last - b'P' + 1),
        _ => return None,
    })
}

/// Keys by their number in front of `~`.
fn numbered(code: u32) -> Option<Key> {
    let code = u8::try_from(code).ok()?;
    Some(match code {
        1 | 7 => Key::Home,
        3 => Key::Delete,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        11..=15 => Key::F(code - 10),
        17..=21 => Key::F(code - 11),
        23..=26 => Key::F(code - 12),
        28..=29 => Key::F(code - 13),
        31..=34 => Key::F(code - 14),
        _ => return None,
    })
}
