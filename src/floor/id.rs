//! Identities, each of its own type, as the vendor sent them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::floor::portable::{Change, Portable};
use crate::text::Shown;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// The raw text goes back to the vendor; only [`Self::shown`] reaches a screen, a log or a report.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id, as sent.
            pub fn new(raw: impl AsRef<str>) -> Self {
                Self(Arc::from(raw.as_ref()))
            }

            /// What goes into requests.
            pub fn raw(&self) -> &str {
                &self.0
            }

            /// What people may see.
            pub fn shown(&self) -> Shown {
                Shown::clean(&self.0)
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
