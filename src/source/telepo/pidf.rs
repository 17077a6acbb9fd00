//! The presence of one contact, by `application/pidf+xml` (RFC 3863) with RPID (RFC 4480) in it.
//!
//! Each document is a whole: it replaces the one before. No tuples at all means that nothing is known.

use chrono::{DateTime, Utc};

use crate::floor::presence::Availability;
use crate::source::telepo::markup::{self, Element, MarkupError};
use crate::text::Shown;
use crate::transport::lenient::time;

/// The namespace of presence documents.
const PIDF: &str = "urn:ietf:params:xml:ns:pidf";

/// The namespaces of `person`: of RFC 4479, and of the draft before it that phone systems still write.
const PERSON: [&str; 2] =
    ["urn:ietf:params:xml:ns:pidf:data-model", "urn:ietf:params:xml:ns:pidf:person"];

/// How the namespaces of rich presence begin: RFC 4480, and the drafts before it with a tail of their own.
const RPID: &str = "urn:ietf:params:xml:ns:pidf:rpid";

/// The namespace of statuses that hold for a while (RFC 4481).
const TIMED: &str = "urn:ietf:params:xml:ns:pidf:timed-status";

/// The presence of one contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    /// Whose.
    pub entity: Option<String>,
    /// Whether the person can be reached by anything; `None` where nothing says.
    pub open: Option<bool>,
    /// What the person does: a word of RFC 4480, or the vendor's own.
    pub activity: Option<Shown>,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
    /// What the person wrote.
    pub note: Option<Shown>,
    /// Whether nothing was typed for a while.
    pub idle: Option<bool>,
    /// The role or the place, as text.
    pub role: Option<Shown>,
}

impl Presence {
    /// What the floor keeps of it.
    pub fn availability(&self) -> Availability {
        Availability {
            word: self.activity.clone(),
            note: self.note.clone(),
            until: self.until,
            transfer: None,
            open: self.open,
        }
    }
}

/// Reads one document, as of `now`.
///
/// # Errors
/// A document that cannot be read, or is none of these.
pub fn read(document: &str, now: DateTime<Utc>) -> Result<Presence, MarkupError> {
    let root = markup::read(document, (PIDF, "presence"), "presence document")?;
    let tuples: Vec<&Element> = root.all("tuple").collect();
    let is_person = |own: &&Element| own.name == "person" && PERSON.contains(&&*own.namespace);
    let persons: Vec<&Element> = root.children.iter().filter(is_person).collect();
    // Where one person is told of several times the last word counts (RFC 4479, section 3.3, leaves it open).
    let people = || persons.iter().rev().copied();
    let rich = |name: &'static str| {
        let places = people().chain(tuples.iter().copied());
        places.flat_map(rpid).find(move |own| own.name == name)
    };
    let basics: Vec<bool> = tuples.iter().filter_map(|tuple| basic(tuple, now)).collect();
    let activities = rich("activities");
    let note = people().find_map(|person| text(person, "note"));
    let note = note.or_else(|| tuples.iter().find_map(|tuple| text(tuple, "note")));
    Ok(Presence {
        entity: root.attribute("entity").map(ToOwned::to_owned),
        open: match basics.as_slice() {
            [] => None,
            some => Some(some.contains(&true)),
        },
        activity: activities.and_then(activity),
        until: activities.and_then(|own| own.attribute("until")).and_then(time),
        note: note.or_else(|| text(&root, "note")),
        idle: rich("user-input").and_then(Element::words).and_then(|word| match word {
            "idle" => Some(true),
            "active" => Some(false),
            _ => None,
        }),
        role: rich("class")
            .and_then(Element::words)
            .or_else(|| rich("sphere").and_then(value))
            .map(Shown::clean),
    })
}

/// `open` or `closed` of a tuple; a status that holds now goes before the standing one.
fn basic(tuple: &Element, now: DateTime<Utc>) -> Option<bool> {
    let timed = tuple.children.iter().find(|own| own.is(TIMED, "timed-status") && covers(own, now));
    let status = tuple.first("status");
    let of = |own: &Element| {
        own.children.iter().find(|child| child.name == "basic").and_then(Element::words).and_then(
            |word| match word {
                "open" => Some(true),
                "closed" => Some(false),
                _ => None,
            },
        )
    };
    timed.and_then(of).or_else(|| of(status?))
}

fn covers(timed: &Element, now: DateTime<Utc>) -> bool {
    let from = timed.attribute("from").and_then(time);
    let until = timed.attribute("until").and_then(time);
    from.is_some_and(|from| from <= now) && until.is_none_or(|until| now < until)
}

/// The rich elements of a person or a tuple: in it, or in its status, where old phone systems put them.
fn rpid(place: &Element) -> impl Iterator<Item = &Element> {
    let inner = place.children.iter().filter(|own| own.name == "status");
    let all = place.children.iter().chain(inner.flat_map(|status| &status.children));
    all.filter(|own| own.namespace.starts_with(RPID))
}

/// The first of the activities: its name, or the text of `other`.
fn activity(activities: &Element) -> Option<Shown> {
    let own = activities.children.iter().find(|own| own.name != "note");
    match own {
        Some(other) if other.name == "other" => other.words().map(Shown::clean),
        Some(word) => Some(Shown::clean(&word.name)),
        None => activities.words().map(Shown::clean),
    }
}

/// The name of the only child, else the text.
fn value(own: &Element) -> Option<&str> {
    own.children.first().map(|child| child.name.as_str()).or_else(|| own.words())
}

fn text(place: &Element, name: &str) -> Option<Shown> {
    place.first(name).and_then(Element::words).map(Shown::clean)
}
