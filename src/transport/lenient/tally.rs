//! What was not understood, by name.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use crate::text::Shown;

use super::record::At;

/// Names that a tally keeps: a vendor that makes up names for ever must not fill the memory.
const CAPACITY: usize = 1_000;

/// Fields that no record declares, or that could not be read, by name; each name counts once.
#[derive(Debug, Default)]
pub struct Tally {
    known: BTreeSet<String>,
    fresh: Vec<String>,
    /// The name under way: one that was counted before costs no allocation.
    name: String,
}

impl Tally {
    /// Counts `name`, unless it was counted before.
    pub fn count(&mut self, name: String) {
        if self.known.len() < CAPACITY && self.known.insert(name.clone()) {
            self.fresh.push(name);
        }
    }

    /// Counts a field that is there and cannot be read.
    pub fn cannot_read(&mut self, at: At) {
        self.count_text(format_args!("{}.{} cannot be read", at.shape, at.field));
    }

    /// Counts a field that no record declares.
    pub fn unknown(&mut self, shape: &str, name: &str) {
        self.count_text(format_args!("{shape}.{name}"));
    }

    /// Counts what `text` says.
    pub(super) fn count_text(&mut self, text: fmt::Arguments<'_>) {
        if self.known.len() >= CAPACITY {
            return;
        }
        self.name.clear();
        // Writing to a String cannot fail.
        let _ = self.name.write_fmt(text);
        if !self.known.contains(&self.name) {
            self.count(self.name.clone());
        }
    }

    /// Counts what `other` counted and did not give away.
    pub fn merge(&mut self, other: &mut Self) {
        for name in std::mem::take(&mut other.fresh) {
            self.count(name);
        }
    }

    /// What was counted since the last call: how many, and their names.
    pub fn take(&mut self) -> Option<(u64, Shown)> {
        if self.fresh.is_empty() {
            return None;
        }
        let names = std::mem::take(&mut self.fresh);
        Some((names.len() as u64, Shown::clean(&names.join(", "))))
    }
}
