//! Address books: read now and then, to say who calls and to choose whom to call; contacts written one by one.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::change::{GONE, Words, confirmed, judged};
use super::{Nimbus, hinted};
use crate::event::SourceEvent;
use crate::floor::Part;
use crate::floor::book::{Book, Books, Contact, DETAILS, Detail};
use crate::floor::id::{BookId, ContactId};
use crate::floor::link::FeedKind;
use crate::operations::{Card, Outcome};
use crate::source::Line;
use crate::source::feed::{Failure, Poll, Reading, Reporter};
use crate::source::gaze::Books as Needed;
use crate::text::Shown;
use crate::transport::http::{HttpError, Method, encoded, segment};
use crate::transport::lenient::{Fields, Tally, items};

/// The feed of address books: the board is whole without it.
pub const FEED: &str = "address books";

/// How often they are read: they change by hand.
const EVERY: Duration = Duration::from_hours(1);

/// Bytes of one book: twenty thousand contacts, each with all that a contact can have.
const LIMIT: usize = 32 * 1024 * 1024;

/// Books that are read: more would take the minute's polls from everything else.
const AT_MOST: usize = 20;

/// The collection of books.
const BOOKS: &str = "v2/AddressBooks";

const CONTACT: Words = Words {
    right: "the account lacks the right to this address book",
    impossible: "not possible now",
};

/// The key of an address within a contact (connector, `Address`).
const ADDRESS: [(Detail, &str); 5] = [
    (Detail::Street, "street"),
    (Detail::City, "city"),
    (Detail::Country, "country"),
    (Detail::State, "state"),
    (Detail::PostalCode, "postalCode"),
];

/// The key of a detail in a contact: written exactly so (connector, `ContactWriteDto`). Those of an address and fields of
/// one's own stand within other keys.
pub const fn key(detail: Detail) -> Option<&'static str> {
    Some(match detail {
        Detail::DisplayName => "displayName",
        Detail::FirstName => "firstName",
        Detail::LastName => "lastName",
        Detail::Initials => "initials",
        Detail::Company => "company",
        Detail::Department => "department",
        Detail::JobTitle => "jobTitle",
        Detail::Upn => "userPrincipalName",
        Detail::BusinessPhone => "businessPhones",
        Detail::MobilePhone => "mobilePhones",
        Detail::HomePhone => "homePhones",
        Detail::Email => "emailAddresses",
        Detail::Chat => "imAddresses",
        Detail::Street
        | Detail::PostalCode
        | Detail::City
        | Detail::State
        | Detail::Country
        | Detail::Custom => return None,
    })
}

fn contacts_path(book: &BookId) -> Result<String, HttpError> {
    Ok(format!("{BOOKS}/{}/contacts", segment(book.raw())?))
}

/// What a reading of all books found.
struct Found {
    books: Books,
    remark: Option<Shown>,
}

impl Nimbus {
    /// Reads the books for as long as the source runs.
    pub(super) async fn follow_books(self: Arc<Self>, line: Line, wanted: Needed) {
        if wanted == Needed::None || self.settings.address_books.as_ref().is_some_and(Vec::is_empty)
        {
            return;
        }
        let line = Line { wake: self.wake_of(FEED), ..line };
        let limit = Some(self.common.limit(EVERY));
        let reporter = Reporter::open(&line.outbox, FEED, FeedKind::Aside, limit).await;
        let mut poll = Poll::new(&line, reporter, EVERY, self.client.auth().secret());
        let (mut tally, mut known) = (Tally::default(), None);
        while poll.due().await {
            let result = match self.read_books(&wanted, &mut tally).await {
                Ok(Found { books, remark }) => {
                    // A book is large, and hardly ever another: whoever has it is not told it again.
                    if known.as_ref() != Some(&books) {
                        let books = Arc::new(books);
                        let part = Part::Books(Arc::clone(&books));
                        line.outbox.send(SourceEvent::Snapshot(part)).await;
                        known = Some(Arc::unwrap_or_clone(books));
                    }
                    line.tell_unknown(&mut tally).await;
                    Ok(Reading { remark })
                }
                Err(error) => Err(hinted(error, "")),
            };
            poll.took(result).await;
        }
    }

    /// The books that may be read and are wanted.
    pub(super) async fn books(&self) -> Result<(Vec<Book>, Vec<String>), HttpError> {
        let all = books(&self.read(BOOKS).await?);
        let Some(wanted) = &self.settings.address_books else { return Ok((all, Vec::new())) };
        let unknown = wanted.iter().filter(|name| !all.iter().any(|book| is_called(book, name)));
        let unknown = unknown.map(|name| format!("there is no book {name:?}")).collect();
        let chosen = |book: &Book| wanted.iter().any(|name| is_called(book, name));
        Ok((all.into_iter().filter(chosen).collect(), unknown))
    }

    pub(super) async fn contacts(
        &self,
        book: &BookId,
        tally: &mut Tally,
    ) -> Result<Vec<Contact>, HttpError> {
        let url = self.url(&contacts_path(book)?);
        let request = self.client.get(&url)?.accept("application/json").polled().limit(LIMIT);
        let answer: Json = self.client.send(request).await?.json()?;
        Ok(items(&answer, "value")
            .into_iter()
            .filter_map(|item| contact(book, item, tally))
            .collect())
    }

    async fn read_books(&self, needed: &Needed, tally: &mut Tally) -> Result<Found, HttpError> {
        let (all_books, mut remarks) = self.books().await?;
        let mut wanted = all_books.clone();
        if let Needed::One(name) = needed {
            match name {
                Some(name) => wanted.retain(|book| is_called(book, name)),
                // Which of several is meant somebody has to say first.
                None if wanted.len() > 1 => wanted.clear(),
                None => {}
            }
        }
        if wanted.len() > AT_MOST {
            remarks.push(format!("only {AT_MOST} of {} books are read", wanted.len()));
            wanted.truncate(AT_MOST);
        }
        let (mut read, mut all) = (Vec::new(), Vec::new());
        for book in wanted {
            match self.contacts(&book.id, tally).await {
                Ok(contacts) => {
                    all.extend(contacts);
                    read.push(book);
                }
                Err(HttpError::Forbidden { .. }) => {
                    remarks.push(format!("no right to the book {}", book.name));
                }
                Err(HttpError::NotFound { .. }) => {
                    remarks.push(format!("the book {} is gone", book.name));
                }
                Err(error) => return Err(error),
            }
        }
        let read = if matches!(needed, Needed::One(_)) { all_books } else { read };
        let books = Books::new(read, all);
        if books.left() > 0 {
            remarks.push(format!(
                "{} contacts are left out: {} are kept",
                books.left(),
                books.contacts().len()
            ));
        }
        let remark = (!remarks.is_empty()).then(|| Shown::clean(&remarks.join(", ")));
        Ok(Found { books, remark })
    }

    pub(super) async fn add_contact(
        &self,
        book: &BookId,
        contact: &ContactId,
        card: &Card,
    ) -> Outcome {
        let mut body = Map::new();
        body.insert("externalId".to_owned(), json!(contact.raw()));
        write(&mut body, card);
        let path = match contacts_path(book) {
            Ok(path) => path,
            Err(error) => return judged(Err(error), &CONTACT),
        };
        let result = self.change(Method::POST, &path, Some(&Json::Object(body))).await;
        confirmed(result, &CONTACT, |answer| shows(book, contact, card, answer))
    }

    /// Reads the contact, changes what is wished, and writes it back whole. Nothing is written where somebody else changed
    /// the same details meanwhile.
    pub(super) async fn update_contact(
        &self,
        book: &BookId,
        id: &ContactId,
        card: &Card,
        was: &Card,
    ) -> Outcome {
        let path = match contacts_path(book) {
            Ok(path) => path,
            Err(error) => return judged(Err(error), &CONTACT),
        };
        let one = format!("{path}?externalIds={}", encoded(id.raw()));
        let answer = match self.client.get(&self.url(&one)) {
            Ok(request) => self.client.send(request.accept("application/json")).await,
            Err(error) => Err(error),
        };
        let answer: Json = match answer.and_then(|reply| reply.json()) {
            Ok(answer) => answer,
            // The reading changes nothing, so nothing was sent.
            Err(error) => {
                let why = Failure { error, hint: None }.shown();
                return Outcome::Failed(Shown::clean(&format!("it cannot be read before: {why}")));
            }
        };
        let mut unread = Tally::default();
        let found = items(&answer, "value").into_iter().find_map(|item| {
            let read = contact(book, item, &mut unread)?;
            (read.id == *id).then(|| Some((item.as_object()?.clone(), read)))?
        });
        let Some((mut body, now)) = found else {
            return Outcome::Refused(Shown::clean(GONE));
        };
        if let Some(detail) = was.missing_in(&now) {
            let name = crate::operations::card::declared(detail).name;
            return Outcome::Refused(Shown::clean(&format!(
                "somebody changed it meanwhile: {name} is another now; nothing was sent"
            )));
        }
        respell(&mut body);
        body.retain(|_, value| !value.is_null());
        body.insert("externalId".to_owned(), json!(id.raw()));
        write(&mut body, card);
        let result = self.change(Method::PUT, &path, Some(&Json::Object(body))).await;
        confirmed(result, &CONTACT, |answer| shows(book, id, card, answer))
    }

    pub(super) async fn remove_contacts(&self, book: &BookId, contacts: &[ContactId]) -> Outcome {
        // None named would be nobody's wish, and what it does nobody says.
        if contacts.is_empty() {
            return Outcome::Failed(Shown::clean("no contact is named"));
        }
        let path = match contacts_path(book) {
            Ok(path) => format!("{path}/delete"),
            Err(error) => return judged(Err(error), &CONTACT),
        };
        let body: Json = contacts.iter().map(|own| json!(own.raw())).collect();
        judged(self.change(Method::POST, &path, Some(&body)).await, &CONTACT)
    }
}

/// Whether a book has that identity or name.
fn is_called(book: &Book, name: &str) -> bool {
    book.id.raw() == name || book.name.to_lowercase() == name.to_lowercase()
}

/// The answer of `GET /v2/AddressBooks`.
pub fn books(answer: &Json) -> Vec<Book> {
    let book = |item: &Json| {
        let mut unread = Tally::default();
        let fields = Fields::caseless("AddressBook", item, &mut unread)?;
        let id = fields.raw(&["id"])?;
        let name = fields.text(&["name"]).unwrap_or_else(|| Shown::clean(&id));
        Some(Book { id: BookId::new(id), name })
    };
    items(answer, "value").into_iter().filter_map(book).collect()
}

/// The identity of the contact that an answer shows as it was wished.
fn shows(book: &BookId, id: &ContactId, card: &Card, answer: &Json) -> Option<String> {
    let read = contact(book, answer, &mut Tally::default())?;
    (read.id == *id && card.missing_in(&read).is_none()).then(|| id.raw().to_owned())
}

/// One contact as it is read.
pub fn contact(book: &BookId, item: &Json, tally: &mut Tally) -> Option<Contact> {
    let fields = Fields::caseless("Contact", item, tally)?;
    let id = fields.raw(&["externalId"])?;
    let mut within = Tally::default();
    let address = fields.list(&["addresses"]).and_then(<[Json]>::first);
    let own = fields.list(&["customFields"]).unwrap_or_default();
    let mut details = Vec::new();
    for declared in &DETAILS {
        let detail = declared.detail;
        let texts: Vec<Shown> = match (key(detail), ADDRESS.iter().find(|(own, _)| *own == detail))
        {
            (Some(key), _) if declared.many => {
                let texts = fields.list(&[key]).unwrap_or_default();
                texts.iter().filter_map(Json::as_str).map(Shown::clean).collect()
            }
            (Some(key), _) => fields.text(&[key]).into_iter().collect(),
            (None, Some((_, key))) => {
                let address = address.and_then(|own| Fields::caseless("Address", own, &mut within));
                address.and_then(|own| own.text(&[key])).into_iter().collect()
            }
            (None, None) => own
                .iter()
                .filter_map(|own| {
                    let own = Fields::caseless("NameValue", own, &mut within)?;
                    let name = own.raw(&["name"])?;
                    let value = own.raw(&["value"]).unwrap_or_default();
                    Some(Shown::clean(&format!("{name}={value}")))
                })
                .collect(),
        };
        let there = texts.into_iter().filter(|text| !text.trim().is_empty());
        details.extend(there.map(|text| (detail, text)));
    }
    fields.count_all(&mut within);
    fields.close(&[]);
    Some(Contact { book: book.clone(), id: ContactId::new(id), details })
}

/// Gives every known key its documented spelling: an answer may have another.
fn respell(body: &mut Map<String, Json>) {
    let keys = DETAILS.iter().filter_map(|own| key(own.detail));
    let keys = keys.chain(["externalId", "addresses", "customFields"]);
    for key in keys.filter(|key| !body.contains_key(*key)).collect::<Vec<_>>() {
        let other = body.keys().find(|name| name.eq_ignore_ascii_case(key)).cloned();
        if let Some(value) = other.and_then(|other| body.remove(&other)) {
            body.insert(key.to_owned(), value);
        }
    }
}

/// Puts what is wished into a contact. Of its addresses the first is meant; the others stay.
fn write(body: &mut Map<String, Json>, card: &Card) {
    for (detail, texts) in card.iter() {
        let first = || json!(texts.first());
        if let Some(key) = key(detail) {
            let many = crate::operations::card::declared(detail).many;
            body.insert(key.to_owned(), if many { json!(texts) } else { first() });
        } else if let Some((_, key)) = ADDRESS.iter().find(|(own, _)| *own == detail) {
            let all = body.entry("addresses").or_insert_with(|| json!([]));
            if !all.as_array().is_some_and(|all| all.first().is_some_and(Json::is_object)) {
                *all = json!([{}]);
            }
            all[0][*key] = first();
        } else {
            let pairs = texts.iter().filter_map(|text| text.split_once('='));
            let pairs = pairs.map(|(name, value)| json!({ "name": name, "value": value }));
            body.insert("customFields".to_owned(), pairs.collect());
        }
    }
}
