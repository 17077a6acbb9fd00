//! GUIDs, which servers write in many forms.

use crate::text::guid;

use super::scalar::{Given, Id, Parsed, Scalar};

/// An identity that may be a GUID, in whatever form it was sent. The GUID of zeros is “not set”.
#[derive(Debug)]
pub struct Guid;

/// An identity: as it was sent, and in the form in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// As it was sent. Requests name it so.
    pub raw: String,
    /// For comparing: a GUID in lower case with its dashes and nothing else, any other text in lower case.
    pub normal: String,
}

impl Identity {
    /// The identity that `text` names; `None` for blank text and the GUID of zeros.
    pub fn of(text: &str) -> Option<Self> {
        let raw = text.trim();
        let normal = match guid(raw) {
            Some(guid) if guid.is_nil() => return None,
            Some(guid) => guid.hyphenated().to_string(),
            None if raw.is_empty() => return None,
            None => raw.to_lowercase(),
        };
        Some(Self { raw: raw.to_owned(), normal })
    }
}

impl Scalar for Guid {
    type Value = Identity;

    fn parse(given: Given<'_>) -> Parsed<Identity> {
        Ok(Id::parse(given)?.and_then(|raw| Identity::of(&raw)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_has_one_normal_form_and_keeps_its_own() {
        let normal = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
        for raw in [
            normal,
            "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9",
            "{0A1B2C3D-4e5f-6071-8293-a4b5c6d7e8f9}",
            "{0A1B2C3D4e5f60718293a4b5c6d7e8f9}",
            "(0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9)",
            "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "urn:uuid:0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
            "URN:UUID:0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9",
        ] {
            let read = Guid::parse(Given::Text(&format!(" {raw} "))).unwrap().unwrap();
            assert_eq!((read.raw.as_str(), read.normal.as_str()), (raw, normal));
        }
    }

    #[test]
    fn another_identity_is_compared_without_case_and_zeros_are_none() {
        let read = Guid::parse(Given::Text("Queue-É7")).unwrap().unwrap();
        assert_eq!((read.raw.as_str(), read.normal.as_str()), ("Queue-É7", "queue-é7"));
        assert_eq!(Guid::parse(Given::Float(7.0)).unwrap().unwrap().normal, "7");
        for none in ["", " ", "{00000000-0000-0000-0000-000000000000}", &"0".repeat(32)] {
            assert_eq!(Guid::parse(Given::Text(none)), Ok(None), "{none}");
        }
    }
}
