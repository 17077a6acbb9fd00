//! Identities, each of its own type, as the vendor sent them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::floor::portable::{Change, Portable};
use crate::text::{Shown, guid};

/// An identity in its two forms.
struct Forms {
    /// As it was sent.
    raw: Box<str>,
    /// The GUID that it is, where that is written otherwise.
    guid: Option<Box<str>>,
}

impl Forms {
    fn new(raw: &str) -> Self {
        let guid = guid(raw).map(|guid| guid.hyphenated().to_string()).filter(|guid| guid != raw);
        Self { raw: raw.into(), guid: guid.map(String::into_boxed_str) }
    }

    /// What it is compared by.
    fn key(&self) -> &str {
        self.guid.as_deref().unwrap_or(&self.raw)
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// The raw text goes back to the vendor; only [`Self::shown`] reaches a screen, a log or a report. Two forms of one
        /// GUID are the same identity: `{0A1B…}` is `0a1b…`.
        #[derive(Clone)]
        pub struct $name(Arc<Forms>);

        impl $name {
            /// The id, as sent.
            pub fn new(raw: impl AsRef<str>) -> Self {
                Self(Arc::new(Forms::new(raw.as_ref())))
            }

            /// What goes into requests.
            pub fn raw(&self) -> &str {
                &self.0.raw
            }

            /// What people may see.
            pub fn shown(&self) -> Shown {
                Shown::clean(self.raw())
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.key() == other.0.key()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.key().cmp(other.0.key())
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.key().hash(state);
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.raw().serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(Self::new(Cow::<str>::deserialize(deserializer)?))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.shown(), f)
            }
        }

        impl From<&str> for $name {
            fn from(raw: &str) -> Self {
                Self::new(raw)
            }
        }
    };
}

id! {
    /// The name of a source, from the config file.
    SourceName
}
id! {
    /// A queue, unique within its source.
    QueueId
}
id! {
    /// A person as the vendor's requests name them, e.g. `jdoe@example.com`.
    AgentId
}
id! {
    /// A row of the agents table, unique within its source: the [`AgentId`] where one is known, else made
    /// from the name.
    AgentKey
}
id! {
    /// An outbound scheduler entry, unique within its source.
    EntryId
}
id! {
    /// A callback list, unique within its source.
    ListId
}
id! {
    /// One stream or poll of a source, e.g. `queues` or `entries support@contoso.com`.
    FeedName
}
id! {
    /// A call, unique within its source; it keeps its id from queue to queue and from leg to leg.
    CallId
}
id! {
    /// One leg of a call, unique within the call.
    LegId
}
id! {
    /// A task of Nimbus's, unique within its source: one contact with one service, whatever it is made of.
    TaskId
}
id! {
    /// A request to be called back, unique within its source.
    CallbackId
}
id! {
    /// A phone of a user, unique within its source.
    DeviceId
}

id! {
    /// An address book, unique within its source.
    BookId
}
id! {
    /// A contact, unique within its address book: the id that somebody else's system gave it.
    ContactId
}

/// Who it is stays who it is.
impl Portable for AgentKey {
    fn change(&mut self, _by: &mut dyn Change) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_forms_of_one_guid_are_one_identity_and_each_keeps_its_own() {
        let plain = EntryId::new("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
        for raw in [
            "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9",
            "{0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9}",
            "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        ] {
            let id = EntryId::new(raw);
            assert_eq!((&id, id.raw()), (&plain, raw));
            let both = std::collections::BTreeSet::from([id.clone(), plain.clone()]);
            assert_eq!(both.len(), 1, "{raw}");
            let sent = serde_json::to_string(&id).unwrap();
            assert_eq!(sent, format!("{raw:?}"));
            let read: EntryId = serde_json::from_str(&sent).unwrap();
            assert_eq!((&read, read.raw()), (&plain, raw));
        }
        assert_ne!(EntryId::new("Entry"), EntryId::new("entry"), "no GUID: as it was sent");
    }
}
