//! XML documents of streams as small trees: names with their namespaces, bounded in size and in depth.
//!
//! No document types and so no entities of the document's own. What servers get wrong is read all the same: missing
//! and wrong namespaces, bare ampersands, addresses in angle brackets.

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::source::telepo::references;
use crate::text::Shown;

/// How the namespaces begin that the IETF registered: an element in another one of these is another element.
const REGISTERED: &str = "urn:ietf:params:xml:ns:";

/// Bytes of one document.
pub const BYTES: usize = 1024 * 1024;

/// Elements inside each other.
pub const DEPTH: usize = 32;

/// Elements of one document, so that a small one does not become a large tree.
pub const ELEMENTS: usize = 20_000;

/// Why a document cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MarkupError {
    /// Larger than 1 MiB.
    #[error("a document of {bytes} bytes: more than 1 MiB")]
    TooLong { bytes: usize },
    #[error("a document with more than {DEPTH} elements inside each other")]
    TooDeep,
    /// Of too many parts.
    #[error("a document of more than {ELEMENTS} elements")]
    TooMany,
    /// Not well-formed, or with a document type.
    #[error("a document that is no XML: {reason} at byte {at}")]
    Malformed { reason: Shown, at: u64 },
    /// Another document than the one that is wanted.
    #[error("a document that is no {wanted}: its root is {root}")]
    Root { wanted: &'static str, root: Shown },
}

/// One element, with all that is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Its namespace; empty for none.
    pub namespace: String,
    /// Its name without a prefix.
    pub name: String,
    /// Names without prefixes, and values.
    pub attributes: Vec<(String, String)>,
    /// The elements in it, in order.
    pub children: Vec<Element>,
    /// Its own text, without that of its children.
    pub text: String,
}

impl Element {
    /// Whether it has that name, in any case and any namespace.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of an attribute, whose name may be in any case.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    /// How surely `child` is the element's own child of that name: 0 in its namespace, 1 without one, 2 in a wrong
    /// one; `None` for another name and for an element of another registered namespace.
    fn rank(&self, child: &Self, name: &str) -> Option<u8> {
        let own = &self.namespace;
        if !child.is_named(name) {
            None
        } else if child.namespace == *own {
            Some(0)
        } else if child.namespace.is_empty() {
            Some(1)
        } else {
            let both = [own, &child.namespace];
            (!both.iter().all(|namespace| namespace.starts_with(REGISTERED))).then_some(2)
        }
    }

    /// The element's own children of that name. Those in a wrong namespace count only where no other one is.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        let ranked = move || {
            self.children.iter().filter_map(move |child| Some((self.rank(child, name)?, child)))
        };
        let most = ranked().map(|(rank, _)| rank).min().unwrap_or_default().max(1);
        ranked().filter(move |(rank, _)| *rank <= most).map(|(_, child)| child)
    }

    /// The first of the element's own children of that name; one in its namespace before any other.
    pub fn first(&self, name: &str) -> Option<&Self> {
        let ranked =
            self.children.iter().filter_map(|child| Some((self.rank(child, name)?, child)));
        ranked.min_by_key(|(rank, _)| *rank).map(|(_, child)| child)
    }

    /// Its text without the space around it; `None` if there is none.
    pub fn words(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }
}

/// Reads a document whose root is `name`; `wanted` is what people call it. The namespace of the root does not count:
/// servers leave it out, or write another one.
///
/// # Errors
/// A document that is too long, too deep, too large, not well-formed, has a document type, or is another one.
pub fn read(document: &str, name: &str, wanted: &'static str) -> Result<Element, MarkupError> {
    let root = match tree(document) {
        Err(error @ MarkupError::Malformed { .. }) => match with_escaped_addresses(document) {
            Some(repaired) => tree(&repaired)?,
            None => return Err(error),
        },
        other => other?,
    };
    match root.is_named(name) {
        true => Ok(root),
        false => Err(MarkupError::Root { wanted, root: Shown::clean(&root.name) }),
    }
}

/// The document with the angle brackets of `<sip:100@pbx>` escaped; `None` where it has none.
fn with_escaped_addresses(document: &str) -> Option<String> {
    let mut repaired = String::with_capacity(document.len() + 16);
    let mut rest = document;
    let mut found = false;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        repaired.push_str(before);
        let end = tag.find('>').unwrap_or(tag.len());
        let inner = &tag[1..end];
        let scheme = inner.split(':').next().unwrap_or_default();
        let is_scheme = ["sip", "sips", "tel"].iter().any(|own| own.eq_ignore_ascii_case(scheme));
        // No name of an element is like that.
        let is_address = is_scheme
            && inner[scheme.len()..].strip_prefix(':').is_some_and(|rest| {
                rest.contains('@') || rest.starts_with(|c: char| c == '+' || c.is_ascii_digit())
            });
        if is_address {
            found = true;
            repaired.push_str("&lt;");
            repaired.push_str(inner);
            repaired.push_str("&gt;");
            rest = tag.get(end + 1..).unwrap_or_default();
        } else {
            repaired.push('<');
            rest = &tag[1..];
        }
    }
    repaired.push_str(rest);
    found.then_some(repaired)
}

/// Reads any document.
///
/// # Errors
/// See [`read`].
pub fn tree(document: &str) -> Result<Element, MarkupError> {
    if document.len() > BYTES {
        return Err(MarkupError::TooLong { bytes: document.len() });
    }
    let mut reader =
        NsReader::from_str(document.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']));
    references::allow_bare_ampersands(reader.config_mut());
    // The elements that are open, the document itself first.
    let mut open = vec![Element::default()];
    let mut count = 0_usize;
    loop {
        let at = reader.buffer_position();
        let malformed = |reason: &str| MarkupError::Malformed { reason: Shown::clean(reason), at };
        let (resolved, event) = match reader.read_resolved_event() {
            Ok((resolved, event)) => (namespace(&resolved), event),
            Err(error) => return Err(malformed(&error.to_string())),
        };
        let own = open.len();
        let Some(inner) = open.last_mut() else { return Err(malformed("it ends too often")) };
        match event {
            Event::Start(start) => {
                count += 1;
                if count > ELEMENTS {
                    return Err(MarkupError::TooMany);
                }
                if own > DEPTH {
                    return Err(MarkupError::TooDeep);
                }
                open.push(element(resolved, &start));
            }
            Event::Empty(start) => {
                count += 1;
                if count > ELEMENTS {
                    return Err(MarkupError::TooMany);
                }
                inner.children.push(element(resolved, &start));
            }
            Event::End(_) => {
                let Some(done) = open.pop() else { return Err(malformed("it ends too often")) };
                let Some(outer) = open.last_mut() else {
                    return Err(malformed("it ends too often"));
                };
                outer.children.push(done);
            }
            Event::Text(text) => inner.text.push_str(&text.xml10_content()),
            Event::CData(text) => inner.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => references::resolve(&reference, &mut inner.text),
            Event::DocType(_) => return Err(malformed("it has a document type")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if own > 1 => return Err(malformed("it ends too early")),
            Event::Eof => {
                let root = inner.children.pop().filter(|_| inner.children.is_empty());
                return root.ok_or_else(|| malformed("it has not one root"));
            }
        }
    }
}

fn namespace(resolved: &ResolveResult<'_>) -> String {
    match resolved {
        ResolveResult::Bound(namespace) => namespace.into_inner().to_owned(),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => String::new(),
    }
}

fn element(namespace: String, start: &BytesStart<'_>) -> Element {
    let attributes = start.attributes().flatten().filter_map(|attribute| {
        let prefixed = attribute.key.prefix().is_some_and(|prefix| prefix.into_inner() == "xmlns");
        let name = attribute.key.local_name().into_inner();
        let value = || references::value(&attribute).into_owned();
        (!prefixed && name != "xmlns").then(|| (name.to_owned(), value()))
    });
    Element {
        namespace,
        name: start.local_name().into_inner().to_owned(),
        attributes: attributes.collect(),
        ..Element::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_count_by_their_namespace_and_not_by_their_prefix() {
        let one = tree(r#"<a xmlns="urn:x" k="1"><b>t &amp; u</b></a>"#).unwrap();
        let other =
            tree(r#"<p:a xmlns:p="urn:x" k="1"><p:b>t <![CDATA[& u]]></p:b></p:a>"#).unwrap();
        assert_eq!(one, other);
        assert_eq!(one.first("b").and_then(Element::words), Some("t & u"));
    }

    #[test]
    fn what_servers_get_wrong_is_read_all_the_same() {
        let text = |document: &str| {
            let root = read(document, "root", "root").unwrap();
            (
                root.attribute("K").map(str::to_owned),
                root.first("b").unwrap().words().map(str::to_owned),
            )
        };
        let both = |k: &str, b: &str| (Some(k.to_owned()), Some(b.to_owned()));
        assert_eq!(text(r#"<root k="a & b"><b>c & d; e</b></root>"#), both("a & b", "c & d; e"));
        assert_eq!(
            text("\u{feff} <?xml version='1.0'?><ROOT k='1'><B>2</B></ROOT>"),
            both("1", "2")
        );
        assert_eq!(text(r#"<p:root k="1"><b>&nbsp;2</b></p:root>"#), both("1", "&nbsp;2"));
        let bare = r#"<root k="1"><b>"Ann" <sip:100@pbx></b></root>"#;
        assert_eq!(text(bare), both("1", "\"Ann\" <sip:100@pbx>"));
    }

    #[test]
    fn a_child_in_the_elements_own_namespace_goes_before_any_other() {
        let own = "urn:ietf:params:xml:ns:pidf";
        let document = format!(
            "<a xmlns='{own}' xmlns:v='urn:v' xmlns:r='{own}:rpid'><v:b>1</v:b><r:b>2</r:b><b>3</b></a>"
        );
        let root = tree(&document).unwrap();
        assert_eq!(root.first("b").and_then(Element::words), Some("3"));
        assert_eq!(root.all("b").count(), 1);
        let wrong = format!(
            "<a xmlns='{own}' xmlns:v='urn:v' xmlns:r='{own}:rpid'><v:b>1</v:b><r:b>2</r:b></a>"
        );
        let root = tree(&wrong).unwrap();
        assert_eq!(root.first("b").and_then(Element::words), Some("1"));
        let mixed = format!("<p:a xmlns:p='{own}'><p:b>1</p:b><b>2</b></p:a>");
        assert_eq!(tree(&mixed).unwrap().all("b").count(), 2);
    }

    #[test]
    fn documents_that_could_harm_are_refused() {
        let refused = |document: &str| tree(document).unwrap_err();
        let laughs = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
        assert!(matches!(refused(laughs), MarkupError::Malformed { .. }));
        assert_eq!(refused(&"<a>".repeat(DEPTH + 1)), MarkupError::TooDeep);
        assert_eq!(refused(&" ".repeat(BYTES + 1)), MarkupError::TooLong { bytes: BYTES + 1 });
        let many = format!("<a>{}</a>", "<b/>".repeat(ELEMENTS));
        assert_eq!(refused(&many), MarkupError::TooMany);
        for cut in ["", "<a>", "<a/><b/>", "<a></b>", "text"] {
            assert!(matches!(refused(cut), MarkupError::Malformed { .. }), "{cut}");
        }
    }

    #[test]
    fn depth_up_to_the_limit_is_read() {
        let document = "<a>".repeat(DEPTH) + &"</a>".repeat(DEPTH);
        assert!(tree(&document).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_is_the_end(text in "[<>a-c/='\"&;! \\[\\]-]{0,60}") {
            let _ = tree(&text);
        }
    }
}
