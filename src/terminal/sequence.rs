//! Cuts the bytes that a terminal sends into units: a character, a control character, one whole sequence.
//!
//! A state machine after ECMA-48 and the VT500 parser (<https://vt100.net/emu/dec_ansi_parser>), turned round for
//! input. Parsers of output (`vte`, `vtparse`, `anstyle-parse`) do not serve here: to them `ESC O` is complete, an
//! old mouse report is text, and a lone escape is nothing. Parsers of input (`termwiz`, `crossterm`) give out what
//! they do not know as single characters.
//!
//! ```text
//!              ESC            [            final
//!   Ground ─────────► Escape ────► Csi ───────────► Ground        CSI M: OldMouse, CSI [: Console, CSI 200 ~: Paste
//!     ▲  │                │  O ──► Ss3 ───────────► Ground
//!     │  │ C1, as a byte  │  ] P X ^ _ ► Text ─ BEL, ST ─► Ground
//!     │  └─────────────►  │  anything else: a key with Alt
//!     └── Escaped ◄───────┘ nothing more came: the escape key
//! ```
//!
//! What begins a sequence is never given out as characters. One that stops in the middle is dropped as a whole.

use std::time::Duration;

/// What ends a paste.
const PASTE_END: &[u8] = b"\x1b[201~";

/// Bytes of a paste that are kept: more than any filter or note needs.
const LONGEST_PASTE: usize = 64 * 1024;

/// Bytes of one control sequence that are kept; a longer one means nothing.
const LONGEST_SEQUENCE: usize = 256;

/// How long the byte behind an escape may take; what is slower was the escape key.
const ESCAPE_WAIT: Duration = Duration::from_millis(50);

/// How long behind an escape key the rest of a sequence is still taken for one. Its first byte alone was early.
const ESCAPED_WAIT: Duration = Duration::from_millis(250);

/// How long the rest of a sequence may take. Then it is dropped, and keys work again.
const REST_WAIT: Duration = Duration::from_secs(1);

/// How long a paste may pause. Its end was lost then, and keys must work again.
const PASTE_WAIT: Duration = Duration::from_secs(5);

/// One unit of what a terminal sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unit {
    /// A character that writes.
    Char(char),
    /// A control character: 0 to 31, or 127.
    Control(u8),
    /// Any other unit behind an escape: with Alt.
    Alt(Box<Unit>),
    Escape,
    Csi(Csi),
    /// A single shift: parameters and the last character.
    Ss3(String, u8),
    /// A function key of the Linux console, from 1.
    Console(u8),
    /// Text between the marks of a paste.
    Paste(Vec<u8>),
    /// A whole or a torn sequence that is no key.
    Unknown,
}

/// A control sequence without its introducer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Csi {
    /// Parameters, with a private mark before them and intermediates behind.
    pub(super) parameters: String,
    pub(super) last: u8,
}

/// Cuts bytes into units, wherever they are cut themselves.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    state: State,
    /// What belongs to the open unit.
    bytes: Vec<u8>,
    /// Whether the open unit has an escape in front that means Alt.
    alt: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Ground,
    Escape,
    EscapeTwice,
    /// An escape and intermediates.
    EscapeIntermediate,
    /// The escape key was given out; what would have made it a sequence may still follow.
    Escaped,
    /// A character of so many bytes.
    Character(usize),
    Csi,
    /// `CSI [`.
    Console,
    /// `CSI M`, and how many of the three characters behind it are missing; whether the last of them may go on.
    OldMouse(u8, bool),
    Ss3,
    /// A string, and how many bytes of a character in it are missing.
    Text(u8),
    /// A string and an escape in it.
    TextEscape,
    /// A paste, and how much of its end has come.
    Paste(usize),
}

impl Scanner {
    /// Takes the next byte, and gives the units that it completes to `tell`.
    pub(super) fn push(&mut self, byte: u8, tell: &mut impl FnMut(Unit)) {
        match self.state {
            State::Ground => self.ground(byte, tell),
            State::Escape => self.escape(byte, tell),
            State::EscapeTwice => match byte {
                b'[' | b'O' => {
                    self.alt = true;
                    self.begin(if byte == b'[' { State::Csi } else { State::Ss3 });
                }
                0x1b => tell(Unit::Escape),
                _ => {
                    tell(Unit::Escape);
                    self.escape(byte, tell);
                }
            },
            State::EscapeIntermediate => match byte {
                0x20..=0x2f => self.keep(byte),
                0x1b => self.again(byte, tell),
                _ => self.end(Unit::Unknown, tell),
            },
            State::Escaped => match byte {
                b'[' | b']' | b'O' | b'P' | b'X' | b'^' | b'_' | b'\\' => self.escape(byte, tell),
                _ => self.ground(byte, tell),
            },
            State::Character(length) => self.character(byte, length, tell),
            State::Csi => self.csi(byte, tell),
            State::Console => match byte {
                b'A'..=b'E' => self.end(Unit::Console(byte - b'A' + 1), tell),
                0x1b => self.again(byte, tell),
                _ => self.end(Unit::Unknown, tell),
            },
            State::OldMouse(missing, open) => self.old_mouse(byte, missing, open, tell),
            State::Ss3 => match byte {
                b'0'..=b'9' | b';' => self.keep(byte),
                0x20 | 0x40..=0x7e => {
                    let parameters = String::from_utf8_lossy(&self.bytes).into_owned();
                    self.end_key(Unit::Ss3(parameters, byte), tell);
                }
                0x1b => self.again(byte, tell),
                _ => self.end(Unit::Unknown, tell),
            },
            State::Text(missing) => self.text(byte, missing, tell),
            State::TextEscape => match byte {
                b'\\' => self.end(Unit::Unknown, tell),
                _ => {
                    tell(Unit::Unknown);
                    self.begin(State::Escape);
                    self.escape(byte, tell);
                }
            },
            State::Paste(matched) => self.paste(byte, matched, tell),
        }
    }

    /// How long to wait for more before [`Scanner::settle`]; none when nothing is open.
    pub(super) const fn patience(&self) -> Option<Duration> {
        match self.state {
            State::Ground => None,
            State::Escape | State::EscapeTwice | State::EscapeIntermediate => Some(ESCAPE_WAIT),
            State::Escaped => Some(ESCAPED_WAIT),
            State::Character(_)
            | State::Csi
            | State::Console
            | State::OldMouse(..)
            | State::Ss3
            | State::Text(_)
            | State::TextEscape => Some(REST_WAIT),
            State::Paste(_) => Some(PASTE_WAIT),
        }
    }

    /// No more came: an escape alone was the key, a paste has ended, any other torn unit was nothing.
    pub(super) fn settle(&mut self, tell: &mut impl FnMut(Unit)) {
        match self.state {
            State::Ground => {}
            State::Escaped => self.begin(State::Ground),
            State::Escape => {
                tell(Unit::Escape);
                self.begin(State::Escaped);
            }
            State::EscapeTwice => {
                tell(Unit::Escape);
                tell(Unit::Escape);
                self.begin(State::Escaped);
            }
            State::EscapeIntermediate => {
                let unit = match self.bytes.as_slice() {
                    [only] => Unit::Alt(Box::new(Unit::Char(char::from(*only)))),
                    _ => Unit::Unknown,
                };
                self.end(unit, tell);
            }
            State::Paste(matched) => {
                self.keep_paste(&PASTE_END[..matched]);
                let text = std::mem::take(&mut self.bytes);
                self.end(Unit::Paste(text), tell);
            }
            State::Character(_)
            | State::Csi
            | State::Console
            | State::OldMouse(..)
            | State::Ss3
            | State::Text(_)
            | State::TextEscape => self.end(Unit::Unknown, tell),
        }
    }

    fn begin(&mut self, state: State) {
        self.state = state;
        self.bytes.clear();
    }

    fn keep(&mut self, byte: u8) {
        if self.bytes.len() <= LONGEST_SEQUENCE {
            self.bytes.push(byte);
        }
    }

    fn end(&mut self, unit: Unit, tell: &mut impl FnMut(Unit)) {
        self.begin(State::Ground);
        self.alt = false;
        tell(unit);
    }

    /// The same with Alt, where an escape said so.
    fn end_key(&mut self, unit: Unit, tell: &mut impl FnMut(Unit)) {
        let unit = if self.alt { Unit::Alt(Box::new(unit)) } else { unit };
        self.end(unit, tell);
    }

    /// The open unit is nothing; `byte` begins another.
    fn again(&mut self, byte: u8, tell: &mut impl FnMut(Unit)) {
        self.end(Unit::Unknown, tell);
        self.ground(byte, tell);
    }

    fn ground(&mut self, byte: u8, tell: &mut impl FnMut(Unit)) {
        self.begin(State::Ground);
        self.alt = false;
        match byte {
            0x1b => self.begin(State::Escape),
            0x00..=0x1f | 0x7f => tell(Unit::Control(byte)),
            0x20..=0x7e => tell(Unit::Char(char::from(byte))),
            0x80..=0x9f => self.c1(byte, tell),
            0xc2..=0xf4 => self.lead(byte),
            _ => tell(Unit::Unknown),
        }
    }

    /// A control character of the upper half. Where text is UTF-8 it is no part of a character here.
    fn c1(&mut self, byte: u8, tell: &mut impl FnMut(Unit)) {
        match byte {
            0x9b => self.begin(State::Csi),
            0x8f => self.begin(State::Ss3),
            0x90 | 0x98 | 0x9d..=0x9f => self.begin(State::Text(0)),
            _ => self.end(Unit::Unknown, tell),
        }
    }

    fn lead(&mut self, byte: u8) {
        let length = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            _ => 4,
        };
        self.begin(State::Character(length));
        self.bytes.push(byte);
    }

    fn character(&mut self, byte: u8, length: usize, tell: &mut impl FnMut(Unit)) {
        if !(0x80..=0xbf).contains(&byte) {
            return self.again(byte, tell);
        }
        self.bytes.push(byte);
        if self.bytes.len() < length {
            return;
        }
        let text = std::str::from_utf8(&self.bytes).ok();
        match text.and_then(|text| text.chars().next()) {
            Some(c @ '\u{80}'..='\u{9f}') => {
                let control = u8::try_from(u32::from(c)).unwrap_or_default();
                self.begin(State::Ground);
                self.alt = false;
                self.c1(control, tell);
            }
            Some(c) => self.end_key(Unit::Char(c), tell),
            None => self.end(Unit::Unknown, tell),
        }
    }

    fn escape(&mut self, byte: u8, tell: &mut impl FnMut(Unit)) {
        let alt = |unit| Unit::Alt(Box::new(unit));
        match byte {
            b'[' => self.begin(State::Csi),
            b'O' => self.begin(State::Ss3),
            b']' | b'P' | b'X' | b'^' | b'_' => self.begin(State::Text(0)),
            // The end of a string that is not there, or a sequence that was taken back.
            b'\\' | 0x18 | 0x1a => self.end(Unit::Unknown, tell),
            0x1b => self.begin(State::EscapeTwice),
            0x20..=0x2f => {
                self.begin(State::EscapeIntermediate);
                self.bytes.push(byte);
            }
            0x00..=0x1f | 0x7f => self.end(alt(Unit::Control(byte)), tell),
            0x30..=0x7e => self.end(alt(Unit::Char(char::from(byte))), tell),
            0xc2..=0xf4 => {
                self.lead(byte);
                self.alt = true;
            }
            0x80..=0xff => self.again(byte, tell),
        }
    }

    fn csi(&mut self, byte: u8, tell: &mut impl FnMut(Unit)) {
        match byte {
            0x20..=0x3f => self.keep(byte),
            b'[' if self.bytes.is_empty() => self.begin(State::Console),
            b'M' if self.bytes.is_empty() => self.begin(State::OldMouse(3, false)),
            b'~' if self.bytes == b"200" => {
                self.begin(State::Paste(0));
                self.alt = false;
            }
            0x40..=0x7e => match String::from_utf8(std::mem::take(&mut self.bytes)) {
                Ok(parameters) if parameters.len() <= LONGEST_SEQUENCE => {
                    self.end_key(Unit::Csi(Csi { parameters, last: byte }), tell);
                }
                _ => self.end(Unit::Unknown, tell),
            },
            0x7f => {}
            0x1b | 0x80..=0xff => self.again(byte, tell),
            0x00..=0x1f => self.end(Unit::Unknown, tell),
        }
    }

    /// Button, column and row, each one character: a byte, or UTF-8 where the terminal was told so (mode 1005).
    fn old_mouse(&mut self, byte: u8, missing: u8, open: bool, tell: &mut impl FnMut(Unit)) {
        let left = match byte {
            0x80..=0xbf if open => return self.old_mouse_left(missing, false, tell),
            // The last character was whole already.
            _ if missing == 0 => return self.again(byte, tell),
            0x1b => return self.again(byte, tell),
            // Old terminals send 0 for what is too far away.
            0x01..=0x1f => return self.end(Unit::Unknown, tell),
            _ => missing - 1,
        };
        self.old_mouse_left(left, (0xc2..=0xdf).contains(&byte), tell);
    }

    fn old_mouse_left(&mut self, missing: u8, open: bool, tell: &mut impl FnMut(Unit)) {
        if missing == 0 && !open {
            self.end(Unit::Unknown, tell);
        } else {
            self.state = State::OldMouse(missing, open);
        }
    }

    /// Inside of a string all is text until it ends: by BEL, by ST in any of its forms, or taken back.
    fn text(&mut self, byte: u8, missing: u8, tell: &mut impl FnMut(Unit)) {
        let inside = missing > 0 && (0x80..=0xbf).contains(&byte);
        // ST as a character of its own, U+009C.
        let st = inside && byte == 0x9c && self.bytes == [0xc2];
        self.state = match byte {
            _ if st => return self.end(Unit::Unknown, tell),
            _ if inside => State::Text(missing - 1),
            0x07 | 0x18 | 0x1a | 0x9c => return self.end(Unit::Unknown, tell),
            0x1b => State::TextEscape,
            0xc2..=0xdf => State::Text(1),
            0xe0..=0xef => State::Text(2),
            0xf0..=0xf4 => State::Text(3),
            _ => State::Text(0),
        };
        self.bytes.clear();
        self.bytes.push(byte);
    }

    fn paste(&mut self, byte: u8, matched: usize, tell: &mut impl FnMut(Unit)) {
        if byte == PASTE_END[matched] {
            if matched + 1 == PASTE_END.len() {
                let text = std::mem::take(&mut self.bytes);
                return self.end(Unit::Paste(text), tell);
            }
            self.state = State::Paste(matched + 1);
            return;
        }
        self.keep_paste(&PASTE_END[..matched]);
        let begins = byte == PASTE_END[0];
        if !begins {
            self.keep_paste(&[byte]);
        }
        self.state = State::Paste(usize::from(begins));
    }

    fn keep_paste(&mut self, bytes: &[u8]) {
        let room = LONGEST_PASTE.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}
