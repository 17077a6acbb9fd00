//! The documents of the queue-statistics stream. Their schema is not published, so the reader is tolerant:
//! any root, any namespace, figures as attributes or child elements, and every name is configuration.

use std::borrow::Cow;
use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::source::telepo::references;
use crate::source::telepo::wire::{Statistic, slots};
use crate::text::Shown;
use crate::transport::lenient::{Count, Given, Id, NotReadable, Scalar, Tally, Text};

/// Bytes of one document.
const BYTES: usize = 1024 * 1024;

/// Elements inside each other.
const DEPTH: usize = 32;

/// The names of elements and attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    queue: String,
    presence: String,
    /// The configured name of each of [`FIGURES`]. Of two that are the same the later one counts.
    figures: Vec<String>,
}

/// The configurable names: the key in `[source.queue_xml]`, the JSON name that is the default.
pub const KEYS: [(&str, &str); 18] = [
    ("queue", "queue"),
    ("presence", "current-agent-presence"),
    ("id", "id"),
    ("name", "name"),
    ("domain", "domain"),
    ("number", "number"),
    ("queue_length", "queueLength"),
    ("available_agents", "availableAgents"),
    ("logged_in_agents", "loggedInAgents"),
    ("longest_waiting", "longestWaiting"),
    ("last_wait", "lastWait"),
    ("average_wait", "averageWait"),
    ("dropped_calls_for_period", "droppedCallsForPeriod"),
    ("total_calls_for_period", "totalCallsForPeriod"),
    ("answered_calls_for_period", "answeredCallsForPeriod"),
    ("total_calls_last_24h", "totalCallsLast24h"),
    ("dropped_calls_last_24h", "droppedCallsLast24h"),
    ("answered_calls_last_24h", "answeredCallsLast24h"),
];

/// What a queue element says: four names, then the counters in the order of [`slots`].
const FIGURES: &[(&str, &str)] = KEYS.split_at(2).1;

/// How many of [`FIGURES`] are names: id, name, domain, number.
const NAMES: usize = 4;

impl Names {
    /// The default names, with the user's own in their place.
    pub fn new(own: &BTreeMap<String, String>) -> Self {
        let name =
            |key: &str, default: &str| own.get(key).cloned().unwrap_or_else(|| default.to_owned());
        let mut figures: Vec<String> =
            FIGURES.iter().map(|(key, default)| name(key, default)).collect();
        for place in 0..figures.len() {
            let (here, behind) = figures.split_at_mut(place + 1);
            if behind.contains(&here[place]) {
                here[place].clear();
            }
        }
        Self {
            queue: name("queue", "queue"),
            presence: name("presence", "current-agent-presence"),
            figures,
        }
    }

    /// Which of [`FIGURES`] is called `name`. Looked for from `near` on: documents keep one order.
    fn figure(&self, name: &str, near: usize) -> Option<usize> {
        let (before, from) = self.figures.split_at(near.min(self.figures.len()));
        let is_it = |own: &String| own == name;
        let behind = from.iter().position(is_it).map(|place| before.len() + place);
        behind.or_else(|| before.iter().position(is_it))
    }
}

/// Why a document cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum XmlError {
    /// Larger than 1 MiB.
    #[error("a queue-statistics document of {bytes} bytes: more than 1 MiB")]
    TooLong { bytes: usize },
    #[error("a queue-statistics document with more than {DEPTH} elements inside each other")]
    TooDeep,
    /// Not well-formed, or with a document type.
    #[error("a queue-statistics document that is no XML: {reason} at byte {at}")]
    Malformed { reason: Shown, at: u64 },
}

/// Reads one document into the queues that it tells of.
///
/// # Errors
/// A document that is too long, too deep, not well-formed, or has a document type.
pub fn read(document: &str, names: &Names, tally: &mut Tally) -> Result<Vec<Statistic>, XmlError> {
    if document.len() > BYTES {
        return Err(XmlError::TooLong { bytes: document.len() });
    }
    let mut reader = Reader::from_str(document);
    references::allow_bare_ampersands(reader.config_mut());
    let mut reading = Reading {
        names,
        tally,
        depth: 0,
        text: String::new(),
        queue: None,
        presence: None,
        found: Vec::new(),
    };
    loop {
        let at = reader.buffer_position();
        let malformed = |reason: &str| XmlError::Malformed { reason: Shown::clean(reason), at };
        match reader.read_event() {
            Err(error) => return Err(malformed(&error.to_string())),
            Ok(Event::Eof) if reading.depth > 0 => return Err(malformed("it ends too early")),
            Ok(Event::Eof) => return Ok(reading.found),
            Ok(Event::DocType(_)) => return Err(malformed("it has a document type")),
            Ok(Event::Start(element)) => {
                reading.start(&element);
                if reading.depth > DEPTH {
                    return Err(XmlError::TooDeep);
                }
            }
            Ok(Event::Empty(element)) => {
                reading.start(&element);
                reading.end(element.local_name().into_inner());
            }
            Ok(Event::End(element)) => reading.end(element.local_name().into_inner()),
            Ok(Event::Text(text)) => reading.text.push_str(&text.xml10_content()),
            Ok(Event::CData(text)) => reading.text.push_str(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => references::resolve(&reference, &mut reading.text),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => {}
        }
    }
}

/// A document while it is read.
struct Reading<'n, 't> {
    names: &'n Names,
    tally: &'t mut Tally,
    depth: usize,
    text: String,
    queue: Option<Queue>,
    presence: Option<Presence>,
    found: Vec<Statistic>,
}

/// A queue element while it is read.
#[derive(Default)]
struct Queue {
    depth: usize,
    statistic: Statistic,
    /// The place in [`FIGURES`] where the next name is looked for first.
    next: usize,
    presence: Vec<(Shown, u32)>,
}

impl Queue {
    /// Takes over what is said under the name `local`: whether that name is known. What is said later wins,
    /// so children win over attributes.
    fn take(&mut self, local: &str, text: &str, names: &Names, tally: &mut Tally) -> bool {
        let Some(figure) = names.figure(local, self.next) else { return false };
        self.next = figure + 1;
        let Statistic { named, number, figures, .. } = &mut self.statistic;
        match FIGURES[figure].1 {
            "id" => named.id = parsed::<Id>(text),
            "domain" => named.domain = parsed::<Id>(text),
            "name" => named.name = parsed::<Text>(text),
            "number" => *number = parsed::<Text>(text),
            json => {
                let mut counters = slots(figures);
                let Some((_, counter)) = counters.get_mut(figure - NAMES) else { return false };
                **counter = Count::parse(Given::Text(text)).unwrap_or_else(|NotReadable| {
                    tally.count(format!("{}/{json} cannot be read", names.queue));
                    None
                });
            }
        }
        true
    }
}

/// What a reader makes of a text, where it makes something of it.
fn parsed<S: Scalar>(text: &str) -> Option<S::Value> {
    S::parse(Given::Text(text)).ok().flatten()
}

/// A presence entry while it is read.
#[derive(Default)]
struct Presence {
    depth: usize,
    name: Option<Shown>,
    count: Option<u32>,
}

impl Presence {
    fn take(&mut self, local: &str, text: &str) {
        match local {
            "name" => self.name = parsed::<Text>(text),
            "count" => self.count = parsed::<Count>(text),
            _ => {}
        }
    }
}

impl Reading<'_, '_> {
    fn start(&mut self, element: &BytesStart<'_>) {
        self.depth += 1;
        self.text.clear();
        let local = element.local_name();
        let local = local.into_inner();
        if self.queue.is_none() && local == self.names.queue {
            let mut queue = Queue { depth: self.depth, ..Queue::default() };
            for (name, value) in attributes(element) {
                if !queue.take(name, &value, self.names, self.tally) && !name.starts_with("xmlns") {
                    self.tally.count(format!("{local}@{name}"));
                }
            }
            self.queue = Some(queue);
        } else if self.queue.is_some() && self.presence.is_none() && local == self.names.presence {
            let mut presence = Presence { depth: self.depth, ..Presence::default() };
            for (name, value) in attributes(element) {
                presence.take(name, &value);
            }
            self.presence = Some(presence);
        }
    }

    fn end(&mut self, local: &str) {
        let text = self.text.trim();
        if let Some(presence) = self.presence.take_if(|presence| presence.depth == self.depth) {
            self.close_presence(presence);
        } else if let Some(presence) = &mut self.presence {
            presence.take(local, text);
        } else if let Some(queue) = self.queue.take_if(|queue| queue.depth == self.depth) {
            self.close_queue(queue);
        } else if let Some(queue) = &mut self.queue {
            let inside = queue.depth + 1 == self.depth;
            let known = inside && queue.take(local, text, self.names, self.tally);
            // A wrapper of presence entries has no text of its own.
            if !known && !text.is_empty() {
                self.tally.count(format!("{}/{local}", self.names.queue));
            }
        }
        self.text.clear();
        self.depth = self.depth.saturating_sub(1);
    }

    fn close_presence(&mut self, presence: Presence) {
        match (presence.name, presence.count, &mut self.queue) {
            (Some(name), Some(count), Some(queue)) => queue.presence.push((name, count)),
            _ => self.tally.count(format!("{} cannot be read", self.names.presence)),
        }
    }

    fn close_queue(&mut self, queue: Queue) {
        let Queue { mut statistic, presence, .. } = queue;
        if !presence.is_empty() {
            statistic.figures.presence = Some(presence);
        }
        self.found.push(statistic);
    }
}

/// The attributes of an element: local names and plain values. What is no attribute is passed over.
fn attributes<'e>(element: &'e BytesStart<'_>) -> impl Iterator<Item = (&'e str, Cow<'e, str>)> {
    element.attributes().flatten().filter_map(|attribute| {
        let prefixed = attribute.key.prefix().is_some_and(|prefix| prefix.into_inner() == "xmlns");
        let name = attribute.key.local_name().into_inner();
        (!prefixed).then(|| (name, references::value(&attribute)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(document: &str) -> Vec<Statistic> {
        read(document, &Names::new(&BTreeMap::new()), &mut Tally::default()).unwrap()
    }

    #[test]
    fn figures_are_attributes_or_children_and_a_child_wins() {
        let found = parse(
            r#"<x:all xmlns:x="urn:any"><x:queue id="7" x:name="A &amp; B" queueLength="9">
                 <queueLength>2</queueLength><longestWaiting> 31 </longestWaiting>
                 <wrapper><current-agent-presence name="Lunch" count="2"/></wrapper>
                 <current-agent-presence><name>Away</name><count>1</count></current-agent-presence>
               </x:queue><queue><id>8</id></queue></x:all>"#,
        );
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].named.name.as_deref(), Some("A & B"));
        assert_eq!(found[0].figures.waiting, Some(2));
        assert_eq!(found[0].figures.longest_wait_s, Some(31));
        let presence = found[0].figures.presence.as_ref().unwrap();
        assert_eq!(presence.len(), 2);
        assert_eq!(found[1].named.id.as_deref(), Some("8"));
        assert_eq!(found[1].figures.waiting, None);
    }

    #[test]
    fn a_bare_ampersand_costs_no_figure() {
        for document in [
            r#"<queue id="7" name="R & D"><queueLength>2</queueLength></queue>"#,
            "<queue id='7'><name>R & D</name><queueLength>2</queueLength></queue>",
            "<queue id='7' queueLength='2'><name><![CDATA[R & D]]></name></queue>",
            "\u{feff}<queue xmlns='urn:x' id='7' queueLength='2' name='R &amp; D'/>",
        ] {
            let found = parse(document);
            assert_eq!(found[0].figures.waiting, Some(2), "{document}");
            assert_eq!(found[0].named.name.as_deref(), Some("R & D"), "{document}");
        }
        let found = parse(
            "<r><queue id='1' name='&auml;&b'/><queue id='2'><name>&c; & d; e</name></queue></r>",
        );
        assert_eq!(found[0].named.name.as_deref(), Some("&auml;&b"));
        assert_eq!(found[1].named.name.as_deref(), Some("&c; & d; e"));
    }

    #[test]
    fn a_root_with_the_queues_name_is_one_queue() {
        assert_eq!(parse(r#"<queue id="7"/>"#).len(), 1);
    }

    #[test]
    fn a_figure_is_read_as_an_answers_is() {
        let document = r#"<queue id="7" queueLength="5.0"><lastWait>+12</lastWait><averageWait/>
            <current-agent-presence name="Lunch" count="2.0"/></queue>"#;
        let mut tally = Tally::default();
        let found = read(document, &Names::new(&BTreeMap::new()), &mut tally).unwrap();
        let figures = &found[0].figures;
        assert_eq!((figures.waiting, figures.last_wait_s), (Some(5), Some(12)));
        assert_eq!((figures.average_wait_s, tally.take()), (None, None));
        assert_eq!(figures.presence, Some(vec![("Lunch".into(), 2)]));
    }

    #[test]
    fn a_figure_that_is_no_number_is_not_told() {
        assert_eq!(parse(r#"<queue id="7" queueLength="many"/>"#)[0].figures.waiting, None);
    }

    #[test]
    fn names_are_configuration() {
        let own = BTreeMap::from([
            ("queue".to_owned(), "q".to_owned()),
            ("queue_length".to_owned(), "len".to_owned()),
        ]);
        let found = read(r#"<r><q id="1" len="4"/></r>"#, &Names::new(&own), &mut Tally::default());
        assert_eq!(found.unwrap()[0].figures.waiting, Some(4));
    }

    #[test]
    fn each_counter_is_read_into_its_own_place() {
        let mut figures = crate::floor::queue::Figures::default();
        let counters: Vec<_> = slots(&mut figures).iter().map(|(json, _)| *json).collect();
        assert_eq!(FIGURES[NAMES..].iter().map(|(_, json)| *json).collect::<Vec<_>>(), counters);
        for (index, json) in counters.iter().enumerate() {
            let mut found =
                parse(&format!("<queue id='1'><{json}>5</{json}><name>A</name></queue>"));
            let read = slots(&mut found[0].figures).map(|(_, slot)| *slot);
            assert_eq!(read.iter().position(Option::is_some), Some(index), "{json}");
            assert_eq!(read.iter().flatten().count(), 1, "{json}");
        }
    }

    #[test]
    fn of_two_figures_with_one_name_the_later_counts() {
        let own = BTreeMap::from([("queue_length".to_owned(), "lastWait".to_owned())]);
        let text = r#"<queue id="1" lastWait="4"/>"#;
        let found = read(text, &Names::new(&own), &mut Tally::default()).unwrap();
        assert_eq!((found[0].figures.waiting, found[0].figures.last_wait_s), (None, Some(4)));
    }

    #[test]
    fn documents_that_could_harm_are_refused() {
        let names = Names::new(&BTreeMap::new());
        let mut tally = Tally::default();
        let mut refuse = |document: &str| read(document, &names, &mut tally).unwrap_err();
        assert!(matches!(refuse("<!DOCTYPE x><x/>"), XmlError::Malformed { .. }));
        assert!(matches!(refuse("<queue id='1'>"), XmlError::Malformed { .. }));
        assert_eq!(refuse(&"<a>".repeat(40)), XmlError::TooDeep);
        assert!(matches!(refuse(&" ".repeat(BYTES + 1)), XmlError::TooLong { .. }));
    }
}
