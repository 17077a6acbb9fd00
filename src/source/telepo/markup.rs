//! XML documents of streams as small trees: names with their namespaces, bounded in size and in depth.
//!
//! No document types and so no entities of the document's own; what a document says of its encoding does not
//! count, since a stream of events is UTF-8.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::text::{MARKER, Shown};

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
    TooLong {
        /// Its size.
        bytes: usize,
    },
    /// Nested too deeply.
    #[error("a document with more than {DEPTH} elements inside each other")]
    TooDeep,
    /// Of too many parts.
    #[error("a document of more than {ELEMENTS} elements")]
    TooMany,
    /// Not well-formed, or with a document type.
    #[error("a document that is no XML: {reason} at byte {at}")]
    Malformed {
        /// What is wrong.
        reason: Shown,
        /// Where.
        at: u64,
    },
    /// Another document than the one that is wanted.
    #[error("a document that is no {wanted}: its root is {root}")]
    Root {
        /// What is wanted.
        wanted: &'static str,
        /// What came.
        root: Shown,
    },
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
    /// Whether it is the element of that name in that namespace.
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.trim())
    }

    /// The children of that name in the element's own namespace.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.is(&self.namespace, name))
    }

    /// The first child of that name in the element's own namespace.
    pub fn first(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(&self.namespace, name))
    }

    /// Its text without the space around it; `None` if there is none.
    pub fn words(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }
}

/// Reads a document whose root is `name` in `namespace`; `wanted` is what people call it.
///
/// # Errors
/// A document that is too long, too deep, too large, not well-formed, has a document type, or is another one.
pub fn read(
    document: &str,
    (namespace, name): (&str, &str),
    wanted: &'static str,
) -> Result<Element, MarkupError> {
    let root = tree(document)?;
    match root.is(namespace, name) {
        true => Ok(root),
        false => Err(MarkupError::Root { wanted, root: Shown::clean(&root.name) }),
    }
}

/// Reads any document.
///
/// # Errors
/// See [`read`].
pub fn tree(document: &str) -> Result<Element, MarkupError> {
    if document.len() > BYTES {
        return Err(MarkupError::TooLong { bytes: document.len() });
    }
    let mut reader = NsReader::from_str(document);
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
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(c),
                    _ => PREDEFINED.iter().find(|(name, _)| **name == *reference).map(|(_, c)| *c),
                };
                inner.text.push(resolved.unwrap_or(MARKER));
            }
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

/// The entities that every XML document has.
const PREDEFINED: [(&str, char); 5] =
    [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')];

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
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        (!prefixed && name != "xmlns").then(|| (name.to_owned(), value.into_owned()))
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
