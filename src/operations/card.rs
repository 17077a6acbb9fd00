//! What a contact of an address book is wished to be: its details, checked before anything is sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::floor::book::{Contact, DETAILS, Declared, Detail};
use crate::text::Shown;

/// The longest text of one detail, bytes: a name, never a document.
const LONGEST: usize = 1_000;

/// Details of a contact: what is not in it stays as it is, or for a new contact is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Card(BTreeMap<Detail, Vec<String>>);

/// The declaration of a detail.
pub fn declared(detail: Detail) -> &'static Declared {
    // Every detail is declared; a law holds it.
    DETAILS.iter().find(|own| own.detail == detail).unwrap_or(&DETAILS[0])
}

impl Card {
    /// Wishes `texts` of `detail`.
    ///
    /// # Errors
    /// What is wrong with one of them, for people.
    pub fn set(&mut self, detail: Detail, texts: &[String]) -> Result<(), Shown> {
        for text in texts {
            let refuse = |why: &str| Err(Shown::clean(why));
            if text.trim().is_empty() {
                return refuse("it is empty: a detail cannot be taken out, only changed");
            }
            if text.len() > LONGEST || text.chars().any(char::is_control) {
                return refuse("it is one line of text, of a thousand letters at most");
            }
            if detail.is_number() && !text.chars().any(|c| c.is_ascii_digit()) {
                return refuse("a number has digits");
            }
            if detail == Detail::Custom
                && text.split_once('=').is_none_or(|(name, _)| name.is_empty())
            {
                return refuse("write name=value");
            }
        }
        self.0.insert(detail, texts.iter().map(|text| text.trim().to_owned()).collect());
        Ok(())
    }

    /// Whether nothing is wished.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wished of `detail`.
    pub fn get(&self, detail: Detail) -> Option<&[String]> {
        self.0.get(&detail).map(Vec::as_slice)
    }

    /// Every detail that is wished.
    pub fn iter(&self) -> impl Iterator<Item = (Detail, &[String])> {
        self.0.iter().map(|(detail, texts)| (*detail, texts.as_slice()))
    }

    /// The first detail that `contact` does not have so.
    pub fn missing_in(&self, contact: &Contact) -> Option<Detail> {
        let differs = |detail: Detail, texts: &[String]| {
            let told: Vec<&str> = contact.all(detail).map(Shown::as_str).collect();
            let own: Vec<Shown> = texts.iter().map(|text| Shown::clean(text)).collect();
            !own.iter().map(Shown::as_str).eq(told)
        };
        self.iter().find(|(detail, texts)| differs(*detail, texts)).map(|(detail, _)| detail)
    }

    /// The same details as `contact` has them now; those that it has not are empty.
    pub fn before(&self, contact: &Contact) -> Self {
        let told = |detail| contact.all(detail).map(ToString::to_string).collect();
        Self(self.0.keys().map(|detail| (*detail, told(*detail))).collect())
    }

    /// In one line, numbers of people masked: “`display_name` Ada, `mobile_phone` +44…00”.
    pub fn said(&self) -> Shown {
        let all: Vec<String> = self
            .iter()
            .map(|(detail, texts)| format!("{} {}", declared(detail).name, texts.join(" and ")))
            .collect();
        Shown::clean(&all.join(", ")).masked()
    }
}
