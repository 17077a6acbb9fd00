//! From what the terminal sends to keys and pastes.
//!
//! Own, because of what a key may do here: crossterm's reader turns what it does not know, and a sequence that
//! arrives in two parts, into single characters, and one of those could be the `y` that confirms a question.
//! Here a sequence is one key or nothing at all.

use std::time::Duration;

use crate::event::{Event, Key, Press};

/// What ends a paste.
const PASTE_END: &[u8] = b"\x1b[201~";

/// Bytes of a paste that are kept: more than any filter or note needs.
const PASTE: usize = 64 * 1024;

/// How long the rest of a sequence may take; what is slower was the escape key.
const ESCAPE_WAIT: Duration = Duration::from_millis(50);

/// How long a paste may pause. Its end was lost then, and keys must work again.
const PASTE_WAIT: Duration = Duration::from_secs(5);

/// Reads keys out of bytes, wherever they are cut.
#[derive(Debug, Default)]
pub struct Decoder {
    /// What no key has been made of yet.
    rest: Vec<u8>,
    paste: Option<Vec<u8>>,
}

/// What the first bytes are.
enum Step {
    /// Not to be told yet.
    Wait,
    /// So many bytes are this, or nothing.
    Took(usize, Option<Press>),
    /// So many bytes begin a paste.
    Paste(usize),
}

impl Decoder {
    /// Reads `bytes` and gives what they mean to `tell`.
    pub fn feed(&mut self, bytes: &[u8], mut tell: impl FnMut(Event)) {
        self.rest.extend_from_slice(bytes);
        loop {
            if self.paste.is_some() {
                if !self.pasted(&mut tell) {
                    return;
                }
                continue;
            }
            match step(&self.rest) {
                Step::Wait => return,
                Step::Took(count, press) => {
                    self.rest.drain(..count);
                    if let Some(press) = press {
                        tell(Event::Key(press));
                    }
                }
                Step::Paste(count) => {
                    self.rest.drain(..count);
                    self.paste = Some(Vec::new());
                }
            }
        }
    }

    /// How long to wait for more before [`Decoder::settle`]; none when nothing is open.
    pub fn patience(&self) -> Option<Duration> {
        match (&self.paste, self.rest.is_empty()) {
            (Some(_), _) => Some(PASTE_WAIT),
            (None, false) => Some(ESCAPE_WAIT),
            (None, true) => None,
        }
    }

    /// No more came: an escape alone was the key, the rest was nothing.
    pub fn settle(&mut self, mut tell: impl FnMut(Event)) {
        if let Some(mut text) = self.paste.take() {
            text.append(&mut self.rest);
            tell(pasted(&text));
            return;
        }
        match self.rest.as_slice() {
            [0x1b] => tell(Event::Key(Press::plain(Key::Esc))),
            [0x1b, b'O'] => tell(Event::Key(alt(Press::char('O')))),
            [0x1b, b'['] => tell(Event::Key(alt(Press::char('[')))),
            _ => {}
        }
        self.rest.clear();
    }

    /// Moves what belongs to the paste out of the rest; whether the paste has ended.
    fn pasted(&mut self, tell: &mut impl FnMut(Event)) -> bool {
        let Some(text) = self.paste.as_mut() else { return true };
        let end = self.rest.windows(PASTE_END.len()).position(|part| part == PASTE_END);
        // The end may be cut in two: its first part stays.
        let keep = PASTE_END.len() - 1;
        let count = end.unwrap_or(self.rest.len().saturating_sub(keep));
        let room = PASTE.saturating_sub(text.len());
        text.extend(self.rest[..count].iter().take(room));
        self.rest.drain(..count);
        if end.is_none() {
            return false;
        }
        self.rest.drain(..PASTE_END.len());
        if let Some(text) = self.paste.take() {
            tell(pasted(&text));
        }
        true
    }
}

fn pasted(text: &[u8]) -> Event {
    Event::Paste(String::from_utf8_lossy(text).into_owned())
}

const fn alt(press: Press) -> Press {
    Press { alt: true, ..press }
}

fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] | [0x1b] => Step::Wait,
        [0x1b, b'[', ..] => csi(bytes),
        [0x1b, b'O', ..] => match bytes.get(2) {
            None => Step::Wait,
            Some(last) => Step::Took(3, named(*last).map(Press::plain)),
        },
        [0x1b, 0x1b, ..] => Step::Took(1, Some(Press::plain(Key::Esc))),
        [0x1b, ..] => match character(&bytes[1..]) {
            Step::Took(count, press) => Step::Took(count + 1, press.map(alt)),
            other => other,
        },
        _ => character(bytes),
    }
}

/// A single character, with Control where it is a control character.
fn character(bytes: &[u8]) -> Step {
    let Some(&first) = bytes.first() else { return Step::Wait };
    let press = match first {
        0x00 => Press::ctrl(' '),
        b'\t' => Press::plain(Key::Tab),
        b'\r' => Press::plain(Key::Enter),
        0x7f => Press::plain(Key::Backspace),
        0x01..=0x1a => Press::ctrl(char::from(first - 1 + b'a')),
        0x1b => return Step::Wait,
        0x1c..=0x1f => Press::ctrl(char::from(first - 0x1c + b'4')),
        0x20..=0x7e => Press::char(char::from(first)),
        0x80.. => {
            let length = match first {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => return Step::Took(1, None),
            };
            let head = &bytes[..length.min(bytes.len())];
            return match std::str::from_utf8(head) {
                Ok(text) => {
                    let clean = |c: &char| !c.is_control();
                    Step::Took(length, text.chars().next().filter(clean).map(Press::char))
                }
                Err(error) if error.error_len().is_none() => Step::Wait,
                Err(_) => Step::Took(1, None),
            };
        }
    };
    Step::Took(1, Some(press))
}

/// A control sequence: one key or nothing.
fn csi(bytes: &[u8]) -> Step {
    if bytes.get(2) == Some(&b'[') {
        // The Linux console's first five function keys.
        return match bytes.get(3) {
            None => Step::Wait,
            Some(last @ b'A'..=b'E') => Step::Took(4, Some(Press::plain(Key::F(last - b'A' + 1)))),
            Some(_) => Step::Took(4, None),
        };
    }
    let Some(end) = bytes.iter().skip(2).position(|byte| !(0x20..=0x3f).contains(byte)) else {
        return Step::Wait;
    };
    let end = end + 2;
    let last = bytes[end];
    if last == 0x1b {
        return Step::Took(end, None);
    }
    if !(0x40..=0x7e).contains(&last) {
        return Step::Took(end + 1, None);
    }
    let parameters = &bytes[2..end];
    if last == b'~' && parameters == b"200" {
        return Step::Paste(end + 1);
    }
    Step::Took(end + 1, sequence(parameters, last))
}

/// The key of a control sequence.
fn sequence(parameters: &[u8], last: u8) -> Option<Press> {
    let text = std::str::from_utf8(parameters).ok()?;
    let mut fields = text.split(';');
    let code = match fields.next().and_then(|field| field.split(':').next()) {
        None | Some("") => 1,
        Some(digits) => digits.parse::<u32>().ok()?,
    };
    let (held, kind) = match fields.next() {
        None | Some("") => (0, 1),
        Some(field) => {
            let (held, kind) = field.split_once(':').unwrap_or((field, "1"));
            (held.parse::<u8>().ok()?.checked_sub(1)?, kind.parse::<u8>().ok()?)
        }
    };
    let key = match last {
        b'~' => numbered(code)?,
        b'u' => coded(code)?,
        b'Z' => Key::BackTab,
        other if code == 1 => named(other)?,
        _ => return None,
    };
    let repeats = matches!(
        key,
        Key::Up | Key::Down | Key::Left | Key::Right | Key::PageUp | Key::PageDown | Key::Backspace
    );
    // 1 is a press, 2 a repeat, 3 a release. A repeat moves, it never decides.
    if kind == 3 || (kind == 2 && !repeats) {
        return None;
    }
    Some(Press { key, ctrl: held & 4 != 0, alt: held & 2 != 0 })
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
        b'M' => Key::Enter,
        b'P'..=b'S' => Key::F(last - b'P' + 1),
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

/// Keys by their character's number in front of `u`.
fn coded(code: u32) -> Option<Key> {
    Some(match code {
        9 => Key::Tab,
        13 => Key::Enter,
        27 => Key::Esc,
        127 => Key::Backspace,
        _ => Key::Char(char::from_u32(code).filter(|c| !c.is_control())?),
    })
}
