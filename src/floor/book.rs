//! Address books: who is who, by number and by address.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::floor::id::{BookId, ContactId};
use crate::floor::portable::{Change, Portable};
use crate::text::Shown;

/// Contacts that are kept of all books of a source together: more are no board's, and must not fill the memory.
pub const MOST: usize = 20_000;

/// Bytes of all that is known of them: boards of a relay are told it in one fact.
const BYTES: usize = 6 * 1024 * 1024;

/// Digits that a number has at least: with fewer it may be anybody's extension.
const DIGITS: usize = 5;

/// An address book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// Its identity within the source.
    pub id: BookId,
    /// What people call it.
    pub name: Shown,
}

/// What is known of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// The name by which the contact is shown.
    DisplayName,
    FirstName,
    LastName,
    Initials,
    Company,
    Department,
    /// What the contact does there.
    JobTitle,
    Upn,
    BusinessPhone,
    /// Numbers of mobile phones.
    MobilePhone,
    HomePhone,
    Email,
    Chat,
    /// The street of the first address.
    Street,
    PostalCode,
    City,
    State,
    Country,
    /// Fields of one's own, each `name=value`.
    Custom,
}

/// One declared detail: the command line, the list and the requests are made from it.
#[derive(Debug)]
pub struct Declared {
    pub detail: Detail,
    /// Its name in lists; with `-` for `_` its flag.
    pub name: &'static str,
    /// What it is, for people.
    pub help: &'static str,
    /// What stands for its value in the help of its flag; empty for its name.
    pub value: &'static str,
    /// Whether a contact can have several.
    pub many: bool,
}

const fn one(detail: Detail, name: &'static str, help: &'static str) -> Declared {
    Declared { detail, name, help, value: "", many: false }
}

const fn many(
    detail: Detail,
    name: &'static str,
    help: &'static str,
    value: &'static str,
) -> Declared {
    Declared { detail, name, help, value, many: true }
}

pub const DETAILS: [Declared; 19] = [
    one(Detail::DisplayName, "display_name", "The name by which it is shown"),
    one(Detail::FirstName, "first_name", "The first name"),
    one(Detail::LastName, "last_name", "The last name"),
    one(Detail::Initials, "initials", "The initials"),
    one(Detail::Company, "company", "The company"),
    one(Detail::Department, "department", "Where in it"),
    one(Detail::JobTitle, "job_title", "What the contact does there"),
    one(Detail::Upn, "upn", "The principal name, user@domain"),
    many(Detail::BusinessPhone, "business_phone", "A number at work; may be repeated", "NUMBER"),
    many(
        Detail::MobilePhone,
        "mobile_phone",
        "A number of a mobile phone; may be repeated",
        "NUMBER",
    ),
    many(Detail::HomePhone, "home_phone", "A number at home; may be repeated", "NUMBER"),
    many(Detail::Email, "email", "An e-mail address; may be repeated", "ADDRESS"),
    many(Detail::Chat, "chat", "An address for chats; may be repeated", "ADDRESS"),
    one(Detail::Street, "street", "The street of the first address"),
    one(Detail::PostalCode, "postal_code", "Its post code"),
    one(Detail::City, "city", "Its city"),
    one(Detail::State, "state", "Its state"),
    one(Detail::Country, "country", "Its country"),
    many(Detail::Custom, "custom", "A field of your own; may be repeated", "NAME=VALUE"),
];

impl Detail {
    /// Whether it is a number of a phone.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::BusinessPhone | Self::MobilePhone | Self::HomePhone)
    }

    /// Whether it is an address by which somebody is called.
    const fn is_address(self) -> bool {
        matches!(self, Self::Upn | Self::Email | Self::Chat)
    }
}

/// One contact of one book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The book that it stands in.
    pub book: BookId,
    /// Its identity within the book.
    pub id: ContactId,
    /// What is known, in the order of [`DETAILS`]; of some there are several.
    pub details: Vec<(Detail, Shown)>,
}

impl Contact {
    /// Everything known of that kind.
    pub fn all(&self, detail: Detail) -> impl Iterator<Item = &Shown> {
        self.details.iter().filter(move |(own, _)| *own == detail).map(|(_, text)| text)
    }

    /// Bytes that it takes, about.
    fn size(&self) -> usize {
        let details = self.details.iter().map(|(_, text)| text.len() + 24);
        self.id.raw().len() + details.sum::<usize>()
    }

    /// What it is called: as it is shown, else first and last name, else the company.
    pub fn name(&self) -> Option<Shown> {
        let first = |detail| self.all(detail).find(|text| !text.trim().is_empty());
        if let Some(name) = first(Detail::DisplayName) {
            return Some(name.clone());
        }
        let parts = [first(Detail::FirstName), first(Detail::LastName)];
        let parts: Vec<&str> = parts.into_iter().flatten().map(Shown::as_str).collect();
        match parts.is_empty() {
            false => Some(Shown::clean(&parts.join(" "))),
            true => first(Detail::Company).cloned(),
        }
    }

    /// Where a call can go: numbers first, then the principal name.
    pub fn destinations(&self) -> impl Iterator<Item = (Detail, &Shown)> {
        let numbers = self.details.iter().filter(|(own, _)| own.is_number());
        let upn = self.details.iter().filter(|(own, _)| *own == Detail::Upn);
        numbers.chain(upn).map(|(own, text)| (*own, text))
    }
}

/// All address books of a source, bounded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Told")]
pub struct Books {
    all: Vec<Book>,
    contacts: Vec<Contact>,
    /// Contacts that had no room.
    left: usize,
    /// Which contact a number or an address is of.
    #[serde(skip)]
    index: BTreeMap<Arc<str>, usize>,
}

/// The same as it is told: the index follows from it.
#[derive(Deserialize)]
struct Told {
    all: Vec<Book>,
    contacts: Vec<Contact>,
    left: usize,
}

impl From<Told> for Books {
    fn from(told: Told) -> Self {
        let left = told.left;
        Self { left, ..Self::new(told.all, told.contacts) }
    }
}

impl Books {
    /// These books with these contacts; what is more than [`MOST`], or than 6 MiB, has no room. Where two have the same
    /// number, the first is meant.
    pub fn new(all: Vec<Book>, mut contacts: Vec<Contact>) -> Self {
        let mut bytes = 0;
        let fits = contacts.iter().take(MOST).take_while(|contact| {
            bytes += contact.size();
            bytes <= BYTES
        });
        let kept = fits.count();
        let left = contacts.len() - kept;
        contacts.truncate(kept);
        let mut index = BTreeMap::new();
        for (place, contact) in contacts.iter().enumerate() {
            let ways = contact.details.iter();
            let ways = ways.filter(|(own, _)| own.is_number() || own.is_address());
            for key in ways.filter_map(|(_, text)| key(text)) {
                index.entry(Arc::from(key)).or_insert(place);
            }
        }
        Self { all, contacts, left, index }
    }

    pub fn books(&self) -> &[Book] {
        &self.all
    }

    pub fn contacts(&self) -> &[Contact] {
        &self.contacts
    }

    /// How many contacts had no room.
    pub const fn left(&self) -> usize {
        self.left
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn contact(&self, book: &BookId, id: &ContactId) -> Option<&Contact> {
        self.contacts.iter().find(|own| &own.id == id && &own.book == book)
    }

    /// What whoever has that number or address is called.
    pub fn name(&self, party: &str) -> Option<Shown> {
        if self.index.is_empty() {
            return None;
        }
        let place = self.index.get(key(party)?.as_str())?;
        self.contacts.get(*place)?.name()
    }

    /// The contacts whose name or company has every word of `written`, by name.
    pub fn found(&self, written: &str) -> Vec<(Shown, &Contact)> {
        let words: Vec<String> = written.split_whitespace().map(str::to_lowercase).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(Shown, &Contact)> = self
            .contacts
            .iter()
            .filter_map(|contact| {
                let name = contact.name()?;
                let company = contact.all(Detail::Company).map(Shown::as_str);
                let all: Vec<&str> = std::iter::once(name.as_str()).chain(company).collect();
                let all = all.join(" ").to_lowercase();
                words.iter().all(|word| all.contains(word)).then_some((name, contact))
            })
            .collect();
        found.sort_by(|(one, own), (other, its)| (one, &own.id).cmp(&(other, &its.id)));
        found
    }
}

/// What a number or an address is found by: its digits without what opens a number of another country, or the address in
/// lower case. `None` for what is neither.
fn key(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = ["tel:", "sip:", "sips:"].into_iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    let text = bare.unwrap_or(text);
    if text.contains('@') {
        return Some(text.to_lowercase());
    }
    // What was masked is nobody's number any more.
    if text.contains('…') || text.chars().any(char::is_alphabetic) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = match text.trim_start_matches(['(', ' ']).starts_with('+') {
        true => digits,
        false => digits.strip_prefix("00").map(str::to_owned).unwrap_or(digits),
    };
    (digits.len() >= DIGITS).then_some(digits)
}

impl Portable for Arc<Books> {
    fn change(&mut self, by: &mut dyn Change) {
        if by.keeps_books() {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(id: &str, details: &[(Detail, &str)]) -> Contact {
        let details = details.iter().map(|(own, text)| (*own, Shown::clean(text))).collect();
        Contact { book: BookId::new("b"), id: ContactId::new(id), details }
    }

    fn books(contacts: Vec<Contact>) -> Books {
        Books::new(vec![Book { id: BookId::new("b"), name: "Customers".into() }], contacts)
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        let ada = [(Detail::DisplayName, "Ada"), (Detail::MobilePhone, "+44 (20) 7946-0500")];
        let books = books(vec![contact("1", &ada)]);
        for party in ["+442079460500", "00442079460500", "tel:+44 20 7946 0500", "442079460500"] {
            assert_eq!(books.name(party).as_deref(), Some("Ada"), "{party}");
        }
        for party in ["2079460500", "+44…00", "", "anonymous", "+4420794605001"] {
            assert_eq!(books.name(party), None, "{party}");
        }
    }

    #[test]
    fn an_address_is_found_whatever_its_case_and_a_short_number_is_nobodys() {
        let ada = [(Detail::FirstName, "Ada"), (Detail::LastName, "Lund"), (Detail::Upn, "A@b.c")];
        let bo = [(Detail::Company, "Bo & Co"), (Detail::BusinessPhone, "4101")];
        let books = books(vec![contact("1", &ada), contact("2", &bo)]);
        assert_eq!(books.name("sip:a@B.C").as_deref(), Some("Ada Lund"));
        assert_eq!(books.name("4101"), None);
        assert_eq!(books.found("bo")[0].0.as_str(), "Bo & Co");
    }

    #[test]
    fn of_two_with_one_number_the_first_is_meant_and_what_is_too_much_is_counted() {
        let many = (0..MOST + 7).map(|index| {
            let name = format!("C{index}");
            contact(&name, &[(Detail::DisplayName, &name), (Detail::HomePhone, "+4670000000")])
        });
        let books = books(many.collect());
        assert_eq!(books.name("+4670000000").as_deref(), Some("C0"));
        assert_eq!((books.contacts().len(), books.left()), (MOST, 7));
        let long = "x".repeat(200);
        let wordy = (0..MOST).map(|index| {
            let details = [(Detail::DisplayName, long.as_str()), (Detail::Company, long.as_str())];
            contact(&index.to_string(), &details)
        });
        let cut = super::Books::new(Vec::new(), wordy.collect());
        assert!(cut.left() > 0 && cut.left() + cut.contacts().len() == MOST, "{}", cut.left());
        let told = serde_json::to_string(&books).unwrap();
        let again: Books = serde_json::from_str(&told).unwrap();
        assert_eq!(again, books, "the index follows from what is told");
    }
}
