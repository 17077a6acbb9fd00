//! From what the terminal sends to keys and pastes.
//!
//! A sequence is one key or one unknown event, never several keys: a character that falls out of one could be the
//! `y` that confirms a question. Several characters that come in one read were not typed by a hand: they are a
//! paste, whether the terminal marks pastes or not.

use std::time::Duration;

use crate::event::{Event, Key, Press};

use super::keycode::{self, control};
use super::sequence::{Scanner, Unit};

/// Reads keys out of bytes, wherever they are cut.
#[derive(Debug, Default)]
pub struct Decoder {
    scanner: Scanner,
}

impl Decoder {
    /// Reads `bytes`, which came in one read, and gives what they mean to `tell`.
    pub fn feed(&mut self, bytes: &[u8], tell: impl FnMut(Event)) {
        let (mut events, mut eaten) = (Vec::new(), 0);
        for byte in bytes {
            self.scanner.push(*byte, &mut |unit| {
                eaten += usize::from(eats(&unit));
                events.push(meaning(unit));
            });
        }
        told(events, eaten, tell);
    }

    /// How long to wait for more before [`Decoder::settle`]; none when nothing is open.
    pub const fn patience(&self) -> Option<Duration> {
        self.scanner.patience()
    }

    /// No more came: an escape alone was the key, the rest was nothing.
    pub fn settle(&mut self, mut tell: impl FnMut(Event)) {
        self.scanner.settle(&mut |unit| tell(meaning(unit)));
    }
}

fn meaning(unit: Unit) -> Event {
    let press = match unit {
        Unit::Char(c) => Some(Press::char(c)),
        Unit::Control(byte) => Some(control(byte)),
        Unit::Alt(unit) => match meaning(*unit) {
            Event::Key(press) => Some(Press { alt: true, ..press }),
            _ => None,
        },
        Unit::Escape => Some(Press::plain(Key::Esc)),
        Unit::Csi(csi) => return keycode::of(&csi),
        Unit::Ss3(parameters, last) => keycode::shifted_set(&parameters, last),
        Unit::Console(number) => Some(Press::plain(Key::F(number))),
        Unit::Paste(text) => return Event::Paste(String::from_utf8_lossy(&text).into_owned()),
        Unit::Unknown => None,
    };
    press.map_or(Event::Unknown, Event::Key)
}

/// What a key writes where text is typed.
const fn written(event: &Event) -> Option<char> {
    match event {
        Event::Key(Press { key: Key::Char(c), ctrl: false, alt: false }) => Some(*c),
        Event::Key(Press { key: Key::Enter, ctrl: false, alt: false }) => Some('\n'),
        Event::Key(Press { key: Key::Tab, ctrl: false, alt: false }) => Some('\t'),
        _ => None,
    }
}

/// Whether a unit may be the begin of a paste whose mark was torn: it has eaten a character.
fn eats(unit: &Unit) -> bool {
    match unit {
        Unit::Alt(unit) => matches!(**unit, Unit::Char(_)),
        Unit::Csi(csi) => {
            let mark = matches!(csi.parameters.as_str(), "" | "2" | "20" | "200");
            mark && keycode::of(csi) == Event::Unknown
        }
        _ => false,
    }
}

/// Whether these events of one read are a paste: at least two characters, `eaten` ones among them, of which one
/// prints.
fn is_paste(events: &[Event], eaten: usize) -> bool {
    let prints = |event: &&Event| written(event).is_some_and(|c| !c.is_control());
    let printed = events.iter().filter(prints).count();
    let all = events.iter().filter(|event| written(event).is_some()).count();
    let marked = events.iter().any(|event| matches!(event, Event::Paste(_)));
    printed > 0 && (all + eaten > 1 || marked)
}

/// Gives the events of one read to `tell`. Of a paste the text stays text, and hardly any other key counts.
fn told(events: Vec<Event>, eaten: usize, mut tell: impl FnMut(Event)) {
    if !is_paste(&events, eaten) {
        return events.into_iter().for_each(tell);
    }
    let mut text = String::new();
    for event in events {
        let event = match (written(&event), event) {
            (Some(c), _) => {
                text.push(c);
                continue;
            }
            (None, Event::Paste(pasted)) => {
                text.push_str(&pasted);
                continue;
            }
            (None, Event::Key(press)) if !is_kept(press) => Event::Unknown,
            (None, other) => other,
        };
        if !text.is_empty() {
            tell(Event::Paste(std::mem::take(&mut text)));
        }
        tell(event);
    }
    if !text.is_empty() {
        tell(Event::Paste(text));
    }
}

/// Whether a key counts among pasted characters: one that only moves, and Ctrl+C, by which one can always leave.
const fn is_kept(press: Press) -> bool {
    match press.key {
        Key::Up
        | Key::Down
        | Key::Left
        | Key::Right
        | Key::PageUp
        | Key::PageDown
        | Key::Home
        | Key::End => !press.ctrl && !press.alt,
        Key::Char('c') => press.ctrl && !press.alt,
        _ => false,
    }
}
