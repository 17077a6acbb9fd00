//! The presence of one contact, by `application/pidf+xml` (RFC 3863) with RPID (RFC 4480) in it.
//!
//! Each document is a whole: it replaces the one before. No tuples at all means that nothing is known.

use chrono::{DateTime, Utc};

use crate::floor::presence::Availability;
use crate::source::telepo::markup::{self, Element, MarkupError};
use crate::text::Shown;
use crate::transport::lenient::time;

/// How the namespaces of rich presence begin: RFC 4480, and the drafts before it with a tail of their own.
const RPID: &str = "urn:ietf:params:xml:ns:pidf:rpid";

/// The activities of RFC 4480, section 3.2, with `lunch`, which implementations add.
const ACTIVITIES: [&str; 27] = [
    "appointment",
    "away",
    "breakfast",
    "busy",
    "dinner",
    "holiday",
    "in-transit",
    "looking-for-work",
    "lunch",
    "meal",
    "meeting",
    "on-the-phone",
    "performance",
    "permanent-absence",
    "playing",
    "presentation",
    "shopping",
    "sleeping",
    "spectator",
    "steering",
    "travel",
    "tv",
    "unknown",
    "vacation",
    "working",
    "worship",
    "other",
];

/// The presence of one contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    pub entity: Option<String>,
    /// Whether the person can be reached by anything; `None` where nothing says.
    pub open: Option<bool>,
    /// What the person does now: words of RFC 4480, or the vendor's own.
    pub activity: Option<Shown>,
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
            since: None,
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
    let root = markup::read(document, "presence", "presence document")?;
    let tuples: Vec<&Element> = root.all("tuple").collect();
    // In the namespace of RFC 4479, of the draft before it that phone systems still write, or in a wrong one.
    let persons: Vec<&Element> =
        root.children.iter().filter(|own| own.is_named("person")).collect();
    // Where one person is told of several times the last word counts (RFC 4479, section 3.3, leaves it open).
    let people = || persons.iter().rev().copied();
    let rich = |name: &'static str| {
        let places = || people().chain(tuples.iter().copied());
        let all = || places().flat_map(extensions).filter(move |own| own.is_named(name));
        all().find(|own| own.namespace.starts_with(RPID)).or_else(|| all().next())
    };
    let basics: Vec<bool> = tuples.iter().filter_map(|tuple| basic(tuple, now)).collect();
    let activities = rich("activities").filter(|own| holds(own, now));
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
        note: note
            .or_else(|| text(&root, "note"))
            .or_else(|| activities.and_then(|own| text(own, "note"))),
        idle: rich("user-input")
            .and_then(Element::words)
            .and_then(|word| either(word, "idle", "active")),
        role: rich("class")
            .and_then(Element::words)
            .or_else(|| rich("sphere").and_then(value))
            .map(Shown::clean),
    })
}

/// Whether a word is the first of two, in any case; `None` for a third.
fn either(word: &str, yes: &str, no: &str) -> Option<bool> {
    let is = |own: &str| word.eq_ignore_ascii_case(own);
    is(yes).then_some(true).or(is(no).then_some(false))
}

/// `open` or `closed` of a tuple; a status that holds now (RFC 4481) goes before the standing one.
fn basic(tuple: &Element, now: DateTime<Utc>) -> Option<bool> {
    let is_timed = |own: &&Element| own.is_named("timed-status") && covers(own, now);
    let timed = tuple.children.iter().find(is_timed);
    let of = |own: &Element| {
        let basic = own.children.iter().find(|child| child.is_named("basic"));
        basic.and_then(Element::words).and_then(|word| either(word, "open", "closed"))
    };
    timed.and_then(of).or_else(|| of(tuple.first("status")?))
}

fn covers(timed: &Element, now: DateTime<Utc>) -> bool {
    let from = timed.attribute("from").and_then(time);
    let until = timed.attribute("until").and_then(time);
    from.is_some_and(|from| from <= now) && until.is_none_or(|until| now < until)
}

/// What is said of a person or by a tuple: in it, or in its status, where old phone systems put it.
fn extensions(place: &Element) -> impl Iterator<Item = &Element> {
    let inner = place.children.iter().filter(|own| own.is_named("status"));
    place.children.iter().chain(inner.flat_map(|status| &status.children))
}

/// Activities of one person that are told: more say nothing.
const MOST_ACTIVITIES: usize = 4;

/// The activities: their names, or the text of `other`. The vendor's own names stay as they are.
fn activity(activities: &Element) -> Option<Shown> {
    let mut words: Vec<&str> = Vec::new();
    for own in activities.children.iter().filter(|own| !own.is_named("note")) {
        let known = ACTIVITIES.iter().find(|known| own.is_named(known)).copied();
        let word = match known {
            Some("unknown") => None,
            Some("other") => own.words(),
            Some(known) => Some(known),
            None => Some(own.name.as_str()),
        };
        words.extend(word.filter(|word| !words.contains(word)));
    }
    words.truncate(MOST_ACTIVITIES);
    match words.is_empty() {
        true => activities.words().map(Shown::clean),
        false => Some(Shown::clean(&words.join(", "))),
    }
}

/// Whether what is told with `from` and `until` holds at `now`.
fn holds(told: &Element, now: DateTime<Utc>) -> bool {
    let from = told.attribute("from").and_then(time);
    let until = told.attribute("until").and_then(time);
    from.is_none_or(|from| from <= now) && until.is_none_or(|until| now < until)
}

/// The name of the only child, else the text.
fn value(own: &Element) -> Option<&str> {
    own.children.first().map(|child| child.name.as_str()).or_else(|| own.words())
}

fn text(place: &Element, name: &str) -> Option<Shown> {
    place.first(name).and_then(Element::words).map(Shown::clean)
}
