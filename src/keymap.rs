//! From keys to actions, and from keys to words and back.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::action::{ACTIONS, Action, Declared, Reach, Scope};
use crate::event::{Key, Press};
use crate::operations::Access;

/// Which key means what, here and now.
///
/// A read-only keymap does not hold the actions that reach the floor: they are absent, not refused.
#[derive(Debug, Clone)]
pub struct Keymap {
    bound: Vec<(Press, &'static Declared)>,
}

/// Why a keymap cannot be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeymapError {
    /// No action has that name.
    #[error("[keys] names no action: {name}{}", nearest(.name))]
    UnknownAction { name: String },
    /// One key means two things in one place.
    #[error("[keys] {key} means both {first} and {second}")]
    Ambiguous {
        /// The key, as written.
        key: String,
        first: &'static str,
        second: &'static str,
    },
    #[error(
        "[keys] {written:?} is no key: write a character, a name such as enter, f2 or pgdn, or ctrl+x"
    )]
    NotAKey { written: String },
}

impl Keymap {
    /// The keys of `actions`, with the user's own keys (action name → keys) in the place of the defaults.
    ///
    /// # Errors
    /// An unknown action, a word that is no key, or a key with two meanings in one scope.
    pub fn new(
        actions: &'static [Declared],
        overrides: &BTreeMap<String, Vec<String>>,
        access: Access,
    ) -> Result<Self, KeymapError> {
        for name in overrides.keys() {
            if !actions.iter().any(|declared| declared.name == name) {
                return Err(KeymapError::UnknownAction { name: name.clone() });
            }
        }
        let mut bound: Vec<(Press, &'static Declared)> = Vec::new();
        for declared in actions {
            if access == Access::ReadOnly && declared.reach == Reach::Floor {
                continue;
            }
            let keys = match overrides.get(declared.name) {
                Some(written) => {
                    written.iter().map(|key| key.parse()).collect::<Result<Vec<Press>, _>>()?
                }
                None => declared.keys.to_vec(),
            };
            for press in keys {
                let clash = bound.iter().find(|(other, holder)| {
                    *other == press && scopes_meet(holder.scope, declared.scope)
                });
                if let Some((_, holder)) = clash {
                    return Err(KeymapError::Ambiguous {
                        key: press.to_string(),
                        first: holder.name,
                        second: declared.name,
                    });
                }
                bound.push((press, declared));
            }
        }
        Ok(Self { bound })
    }

    pub fn standard(access: Access) -> Self {
        Self::new(ACTIONS, &BTreeMap::new(), access).unwrap_or(Self { bound: Vec::new() })
    }

    /// What `press` means where `scope` counts.
    pub fn action(&self, press: Press, scope: Scope) -> Option<Action> {
        self.bound
            .iter()
            .find(|(key, declared)| *key == press && declared.scope.counts_in(scope))
            .map(|(_, declared)| declared.action)
    }

    /// The actions that have a key where `scope` counts, with the first of their keys.
    pub fn offered(&self, scope: Scope) -> impl Iterator<Item = (Press, &'static Declared)> {
        let mut seen: Vec<&str> = Vec::new();
        self.bound.iter().copied().filter(move |(_, declared)| {
            let here = declared.scope.counts_in(scope);
            let new = !seen.contains(&declared.name);
            seen.push(declared.name);
            here && new
        })
    }

    /// All keys of one action.
    pub fn keys_of(&self, action: Action) -> impl Iterator<Item = Press> {
        self.bound
            .iter()
            .filter(move |(_, declared)| declared.action == action)
            .map(|(press, _)| *press)
    }

    pub fn bindings(&self) -> &[(Press, &'static Declared)] {
        &self.bound
    }
}

/// Whether there is a table on which keys of both scopes count.
fn scopes_meet(a: Scope, b: Scope) -> bool {
    Scope::PLACES.iter().any(|place| a.counts_in(*place) && b.counts_in(*place))
}

fn nearest(name: &str) -> String {
    ACTIONS
        .iter()
        .map(|declared| (strsim::damerau_levenshtein(name, declared.name), declared.name))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map_or_else(String::new, |(_, nearest)| format!(" (did you mean {nearest}?)"))
}

/// Keys with a name, and their words.
const NAMED: &[(Key, &str)] = &[
    (Key::Enter, "enter"),
    (Key::Esc, "esc"),
    (Key::Tab, "tab"),
    (Key::BackTab, "backtab"),
    (Key::Backspace, "backspace"),
    (Key::Delete, "del"),
    (Key::Up, "up"),
    (Key::Down, "down"),
    (Key::Left, "left"),
    (Key::Right, "right"),
    (Key::Home, "home"),
    (Key::End, "end"),
    (Key::PageUp, "pgup"),
    (Key::PageDown, "pgdn"),
    (Key::Char(' '), "space"),
];

impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl+")?;
        }
        if self.alt {
            f.write_str("alt+")?;
        }
        match (NAMED.iter().find(|(key, _)| *key == self.key), self.key) {
            (Some((_, word)), _) => f.write_str(word),
            (None, Key::Char(c)) => write!(f, "{c}"),
            (None, Key::F(number)) => write!(f, "f{number}"),
            (None, other) => write!(f, "{other:?}"),
        }
    }
}

impl FromStr for Press {
    type Err = KeymapError;

    fn from_str(written: &str) -> Result<Self, KeymapError> {
        let refuse = || KeymapError::NotAKey { written: written.to_owned() };
        let (mut press, mut rest) = (Self::char(' '), written);
        loop {
            if let Some(tail) = rest.strip_prefix("ctrl+").filter(|tail| !tail.is_empty()) {
                (press.ctrl, rest) = (true, tail);
            } else if let Some(tail) = rest.strip_prefix("alt+").filter(|tail| !tail.is_empty()) {
                (press.alt, rest) = (true, tail);
            } else {
                break;
            }
        }
        let mut chars = rest.chars();
        press.key = match (chars.next(), chars.next()) {
            (Some(only), None) if !only.is_control() => Key::Char(only),
            _ => match NAMED.iter().find(|(_, word)| *word == rest) {
                Some((key, _)) => *key,
                None => rest
                    .strip_prefix('f')
                    .and_then(|number| number.parse().ok())
                    .filter(|number| (1..=24).contains(number))
                    .map(Key::F)
                    .ok_or_else(refuse)?,
            },
        };
        Ok(press)
    }
}
