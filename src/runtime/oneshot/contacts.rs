//! Contacts on the command line: listed, written, changed and taken out.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use super::choice::{pick, to_read};
use super::{CommandOptions, Reading, all_answered, carry_out, refuse_read_only};
use crate::floor::book::{Book, Books, Contact, DETAILS, Detail};
use crate::floor::id::{BookId, ContactId, SourceName};
use crate::floor::link::Health;
use crate::operations::{Access, CONTACTS, Card, Command, CommandId, Request, card};
use crate::runtime::RunError;
use crate::source::gaze::{Books as Needed, Needs};
use crate::source::nimbus::books::FEED;
use crate::source::settings::Settings;
use crate::terminal::print::{Page, Printer, line};
use crate::text::Shown;

/// The longest name in the list, cells.
const LONGEST: usize = 40;

/// Which book.
#[derive(Debug, Default)]
pub struct Place {
    /// The source; may be left out with one source.
    pub source: Option<String>,
    /// The book: its id or its name; may be left out with one book.
    pub book: Option<String>,
}

/// How contacts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    /// One object for each.
    Json,
}

/// Which contacts are listed, and how.
#[derive(Debug)]
pub struct List {
    pub source: Option<String>,
    pub book: Option<String>,
    /// Only those whose name or company has these words.
    pub find: Option<String>,
    /// How they are written.
    pub form: Form,
    /// How long the source has to answer.
    pub timeout: Duration,
    /// Whether numbers are masked.
    pub mask: bool,
}

/// Lists contacts. The exit code is 4 where no source answered, and 1 where books cannot be read.
///
/// # Errors
/// No single source to ask, no such book, an output that fails.
pub async fn list(
    settings: Vec<Settings>,
    ask: &List,
    out: &mut Printer<'_>,
    messages: Printer<'_>,
) -> Result<u8, RunError> {
    let mut options = CommandOptions {
        access: Access::ReadOnly,
        yes: true,
        mask: ask.mask,
        timeout: ask.timeout,
        audit: std::path::Path::new(""),
        messages,
    };
    let books = match &ask.book {
        Some(book) => Needed::One(Some(book.clone())),
        None => Needed::All,
    };
    let (reading, source) = match read(settings, ask.source.as_deref(), books, &mut options).await?
    {
        Ok(read) => read,
        Err(code) => return Ok(code),
    };
    let Some(world) = reading.state.floor.world(&source) else { return Ok(4) };
    let book = match &ask.book {
        Some(_) => Some(chosen(&world.books, ask.book.as_deref())?.id),
        None => None,
    };
    let found: Vec<&Contact> = match &ask.find {
        Some(words) => world.books.found(words).into_iter().map(|(_, contact)| contact).collect(),
        None => world.books.contacts().iter().collect(),
    };
    let wanted = |own: &&Contact| book.as_ref().is_none_or(|book| &own.book == book);
    let found: Vec<&Contact> = found.into_iter().filter(wanted).collect();
    let text = match ask.form {
        Form::Text => text(&world.books, &found, ask.mask),
        Form::Json => {
            let all = found.iter().map(|own| object(&source, &world.books, own, ask.mask));
            format!("{:#}\n", all.collect::<Value>())
        }
    };
    out.page(&Page::clean(&text))?;
    Ok(0)
}

/// Writes a contact into a book, or changes one. The exit code is 0 only when a later reading shows it.
///
/// # Errors
/// A detail that is wrong, no single source or book, an unusable audit log.
pub async fn write(
    settings: Vec<Settings>,
    place: &Place,
    new: bool,
    id: &str,
    details: Vec<(Detail, Vec<String>)>,
    options: &mut CommandOptions<'_>,
) -> Result<u8, RunError> {
    if let Some(code) = refuse_read_only(options)? {
        return Ok(code);
    }
    let wished = wished(id, details, new)?;
    let (mut reading, source) =
        match read(settings, place.source.as_deref(), Needed::One(place.book.clone()), options)
            .await?
        {
            Ok(read) => read,
            Err(code) => return Ok(code),
        };
    let Some(world) = reading.state.floor.world(&source) else { return Ok(4) };
    let Book { id: book, name: place } = chosen(&world.books, place.book.as_deref())?;
    let contact = ContactId::new(id);
    let known = world.books.contact(&book, &contact);
    let refusal = match (new, known) {
        (true, Some(_)) => Some("there is such a contact: update it"),
        (false, None) if world.books.left() == 0 => Some("already gone or never there"),
        (false, Some(known)) if wished.missing_in(known).is_none() => Some("it is so already"),
        _ => None,
    };
    if let Some(why) = refusal {
        options.messages.line(line!["contact ", shown(id, options.mask), ": ", why])?;
        return Ok(1);
    }
    let name = known.and_then(Contact::name).map_or_else(String::new, |name| format!(" {name}"));
    let target = Shown::clean(&format!("contact {}{name}", shown(id, options.mask)));
    let request = match new {
        true => Request::AddContact { book, contact, card: wished },
        false => {
            let was = known.map(|known| wished.before(known)).unwrap_or_default();
            Request::UpdateContact { book, contact, card: wished, was }
        }
    };
    let command = Command { id: CommandId(0), source, request, target, place };
    carry_out(&mut reading, vec![command], options).await
}

/// Takes contacts out of a book, all by one request. The exit code is 0 only when a later reading shows it.
///
/// # Errors
/// No single source or book, an unusable audit log.
pub async fn remove(
    settings: Vec<Settings>,
    place: &Place,
    ids: &[String],
    options: &mut CommandOptions<'_>,
) -> Result<u8, RunError> {
    if let Some(code) = refuse_read_only(options)? {
        return Ok(code);
    }
    let (mut reading, source) =
        match read(settings, place.source.as_deref(), Needed::One(place.book.clone()), options)
            .await?
        {
            Ok(read) => read,
            Err(code) => return Ok(code),
        };
    let Some(world) = reading.state.floor.world(&source) else { return Ok(4) };
    let Book { id: book, name: place } = chosen(&world.books, place.book.as_deref())?;
    let (mut contacts, mut seen, mut refused) = (Vec::new(), BTreeSet::new(), 0);
    for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
        let contact = ContactId::new(id);
        // Of a book that was cut nobody knows who else is in it.
        if world.books.contact(&book, &contact).is_some() || world.books.left() > 0 {
            contacts.push(contact);
        } else {
            let id = shown(id, options.mask);
            options.messages.line(line!["contact ", id, ": already gone or never there"])?;
            refused = 1;
        }
    }
    if contacts.is_empty() {
        return Ok(1);
    }
    let target = match contacts.as_slice() {
        [only] => format!("contact {}", shown(only.raw(), options.mask)),
        several => format!("{} contacts", several.len()),
    };
    let target = Shown::clean(&target);
    let request = Request::RemoveContacts { book, contacts };
    let command = Command { id: CommandId(0), source, request, target, place };
    let code = carry_out(&mut reading, vec![command], options).await?;
    Ok(super::worse(refused, code))
}

/// What has books, read once, and which source is meant; else the exit code, and why is said.
async fn read(
    settings: Vec<Settings>,
    source: Option<&str>,
    books: Needed,
    options: &mut CommandOptions<'_>,
) -> Result<Result<(Reading, SourceName), u8>, RunError> {
    let settings = to_read(settings, source, |kind| CONTACTS.is_of(kind))?;
    let mut reading =
        Reading::start(&settings, options.access, Needs { books, ..Needs::default() })?;
    reading.until(options.timeout, all_answered).await;
    let Some(source) = reading.source(&settings, source, |kind| CONTACTS.is_of(kind), options)?
    else {
        return Ok(Err(4));
    };
    let Some(world) = reading.state.floor.world(&source) else { return Ok(Err(4)) };
    let feed = world.feeds.iter().find(|feed| feed.name.raw() == FEED);
    let remark = feed.and_then(|feed| feed.error().or(feed.remark.as_ref()));
    // What went wrong is said already; a remark is not.
    if let Some(remark) = feed.filter(|feed| feed.health == Health::Up).and(remark) {
        options.messages.line(line![source.shown(), ": ", options.masked(remark)])?;
    }
    if world.books.is_empty() {
        let why = match (world.via.is_some(), remark) {
            (true, _) => {
                "the relay tells no address book to this token: it lacks the scope numbers"
            }
            (false, None) => "there is no address book",
            (false, Some(_)) => return Ok(Err(1)),
        };
        options.messages.line(line![source.shown(), ": ", why])?;
        return Ok(Err(1));
    }
    Ok(Ok((reading, source)))
}

/// The book that is meant: the only one, or the one of that id or name.
fn chosen(books: &Books, wanted: Option<&str>) -> Result<Book, RunError> {
    if let (None, [only]) = (wanted, books.books()) {
        return Ok(only.clone());
    }
    let Some(wanted) = wanted else {
        let names: Vec<&str> = books.books().iter().map(|book| book.name.as_str()).collect();
        let why = format!("which book? Say --book and one of {}", names.join(", "));
        return Err(RunError::usage(&why));
    };
    let all = books.books().iter().map(|book| (book.id.raw(), book.name.clone()));
    let id = BookId::new(pick("book", wanted, all)?);
    let name = books.books().iter().find(|book| book.id == id).map(|book| book.name.clone());
    Ok(Book { name: name.unwrap_or_else(|| id.shown()), id })
}

fn wished(id: &str, details: Vec<(Detail, Vec<String>)>, new: bool) -> Result<Card, RunError> {
    if id.trim().is_empty() || id.chars().any(char::is_control) {
        return Err(RunError::usage("a contact has an id of your own system, in one line"));
    }
    let mut wished = Card::default();
    for (detail, texts) in details {
        let name = card::declared(detail).name.replace('_', "-");
        wished.set(detail, &texts).map_err(|why| RunError::usage(&format!("--{name}: {why}")))?;
    }
    if wished.is_empty() {
        let flags: Vec<String> =
            DETAILS.iter().map(|own| format!("--{}", own.name.replace('_', "-"))).collect();
        let what = if new { "nothing is known of it" } else { "nothing is changed" };
        return Err(RunError::usage(&format!("{what}: say one of {}", flags.join(" "))));
    }
    Ok(wished)
}

/// An id as it may be printed: somebody's system may use the number itself.
fn shown(id: &str, mask: bool) -> Shown {
    let own = Shown::clean(id);
    if mask && id.trim_start().starts_with(['+', '(']) { own.masked() } else { own }
}

/// What is known of that kind, as it may be printed.
fn known(contact: &Contact, detail: Detail, mask: bool) -> Vec<Shown> {
    let all = contact.all(detail);
    all.map(|own| if mask { own.masked() } else { own.clone() }).collect()
}

fn text(books: &Books, contacts: &[&Contact], mask: bool) -> String {
    let head = ["Id", "Name", "Company", "Numbers", "Addresses", "Book"].map(str::to_owned);
    let row = |contact: &&Contact| {
        let together = |details: &[Detail]| {
            let all = details.iter().flat_map(|own| known(contact, *own, mask));
            all.map(|own| own.to_string()).collect::<Vec<_>>().join(" ")
        };
        let book = books.books().iter().find(|own| own.id == contact.book);
        [
            shown(contact.id.raw(), mask).to_string(),
            contact
                .name()
                .map(|own| if mask { own.masked() } else { own })
                .unwrap_or_default()
                .to_string(),
            together(&[Detail::Company]),
            together(&[Detail::BusinessPhone, Detail::MobilePhone, Detail::HomePhone]),
            together(&[Detail::Upn, Detail::Email]),
            book.map_or_else(|| contact.book.shown(), |own| own.name.clone()).to_string(),
        ]
    };
    let rows: Vec<[String; 6]> = std::iter::once(head).chain(contacts.iter().map(row)).collect();
    let mut wide = [0; 6];
    for row in &rows {
        for (wide, cell) in wide.iter_mut().zip(row) {
            *wide = (*wide).max(cell.width().min(LONGEST));
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (wide, cell) in wide.iter().zip(row) {
            line.push_str(cell);
            line.push_str(&" ".repeat(wide.saturating_sub(cell.width()) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn object(source: &SourceName, books: &Books, contact: &Contact, mask: bool) -> Value {
    let book = books.books().iter().find(|own| own.id == contact.book);
    let mut all = Map::new();
    all.insert("source".to_owned(), json!(source.shown()));
    all.insert("book".to_owned(), json!(book.map(|own| &own.name)));
    all.insert("id".to_owned(), json!(shown(contact.id.raw(), mask)));
    for declared in &DETAILS {
        let texts = known(contact, declared.detail, mask);
        let value = if declared.many { json!(texts) } else { json!(texts.first()) };
        all.insert(declared.name.to_owned(), value);
    }
    Value::Object(all)
}
