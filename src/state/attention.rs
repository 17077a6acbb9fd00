//! Whether the reader can have seen what a key would answer.
//!
//! A question takes its `y` only after the terminal has read the picture that shows it, and some time after that:
//! the end of a word that somebody types, a key that was meant for what stood there before, a second press and a
//! key that repeats are no answers.

use std::time::Duration;

use crate::event::{Key, Press};
use crate::floor::time::Moment;
use crate::state::{Dialog, Question, State};

/// How long a question has to stand on the terminal before it takes a `y`: nobody reads it faster.
const READING: Duration = Duration::from_millis(400);

/// How long behind a `y` another one is its second press, or the key repeating.
const REPEAT: Duration = Duration::from_millis(700);

/// What is known of the reader's eyes and hands.
#[derive(Debug, Clone, Default)]
pub(super) struct Attention {
    /// The revision of the state with which the open question came up.
    asked: u64,
    /// Since when the terminal shows it.
    seen: Option<Moment>,
    /// When `y` was pressed last, for whatever.
    last_yes: Option<Moment>,
    /// Whether the terminal takes nothing any more.
    unread: bool,
}

impl Attention {
    /// Another question stands there now.
    const fn asks(&mut self, revision: u64) {
        self.asked = revision;
        self.seen = None;
    }

    /// The terminal shows the state as it was at `revision`.
    pub(super) const fn shows(&mut self, revision: u64, at: Moment) {
        if self.seen.is_none() && revision >= self.asked {
            self.seen = Some(at);
        }
    }

    /// Whether the terminal is read.
    pub(super) const fn reads(&mut self, unread: bool) {
        self.unread = unread;
    }

    /// A `y` came; whether it can be an answer to the open question.
    fn takes_yes(&mut self, at: Moment) -> bool {
        let read = self.seen.is_some_and(|seen| at >= seen.after(READING));
        let before = self.last_yes.replace(at);
        read && before.is_none_or(|before| at >= before.after(REPEAT))
    }
}

impl State {
    /// The question that stands over the board.
    pub(super) const fn open_question(&self) -> Option<&Question> {
        match &self.screen.dialog {
            Some(Dialog::Question(question)) => Some(question),
            _ => None,
        }
    }

    /// Whether a question stands there that the terminal has not shown yet: then the runtime says when it does.
    pub const fn awaits_reading(&self) -> bool {
        self.open_question().is_some() && self.attention.seen.is_none()
    }

    /// Whether the terminal takes nothing any more: then no key acts.
    pub const fn is_unread(&self) -> bool {
        self.attention.unread
    }

    /// Has a question that is not the one of `before` wait until it was seen.
    pub(super) fn attend(&mut self, before: Option<&Question>) {
        if self.open_question().is_some() && self.open_question() != before {
            self.attention.asks(self.revision);
        }
    }

    /// Whether a key that came at `at` is the `y` that a question takes. Every `y` counts as pressed.
    pub(super) fn is_yes(&mut self, press: Press, at: Moment) -> bool {
        press == Press::char('y') && self.attention.takes_yes(at)
    }

    /// Whether a key means nothing because nobody can see what it would do. Leaving is always possible.
    pub(super) fn is_blind(&self, press: Press) -> bool {
        self.attention.unread && press != Press::ctrl('c')
    }
}

/// What to say of a letter that no key has here, because the keyboard writes another script.
pub(super) fn other_script(press: Press) -> Option<String> {
    let Press { key: Key::Char(c), ctrl: false, alt: false } = press else { return None };
    // Letters of Latin alphabets, with all their accents.
    let latin = matches!(c, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    (c.is_alphabetic() && !latin)
        .then(|| format!("{c} is no key here: switch the keyboard to Latin letters"))
}
