//! What events hold in lists. Null is “not told”, which is not the empty list.

use crate::record;
use crate::transport::lenient::{Count, Flag, Text, Time, Whole};

use super::super::wire::Key;

record! {
    /// A person of a queue's whole list of members.
    #[derive(Clone, PartialEq)]
    pub struct AttachedUser = "QueueAttachedUser" {
        /// The person; one without is nobody.
        pub user_id: Key,
        /// Whether the person serves the queue now.
        pub active: Flag,
        /// Rank among the members.
        pub priority: Count,
    }
}

record! {
    /// A group that a queue belongs to.
    #[derive(Clone, PartialEq)]
    pub struct Group = "QueueGroup" {
        pub id: Key,
        pub name: Text,
        /// What it is for.
        pub description: Text,
    }
}

record! {
    /// An attempt to call somebody back.
    #[derive(Clone, PartialEq)]
    pub struct Attempt = "CallbackAttempt" {
        pub id: Key,
        pub user_id: Key,
        pub timestamp: Time,
        /// What came of it, by the vendor's number.
        pub type_id: Whole = "callback_attempt_type_id",
        pub note: Text,
        pub call_id: Key,
        pub recording_id: Key,
    }
}

record! {
    /// Something that a site keeps with a callback.
    #[derive(Clone, PartialEq)]
    pub struct Extra = "CallbackExtra" {
        pub id: Whole,
        /// What it is called.
        pub name: Text,
        pub value: Text,
    }
}

record! {
    /// Another callback of the same contact.
    #[derive(Clone, PartialEq)]
    pub struct RelatedItem = "CallbackRelatedItem" {
        pub id: Key,
        pub list_id: Key,
        /// Whether it is closed.
        pub is_closed: Flag,
        /// What came of its last attempt, by the vendor's number.
        pub status_id: Whole,
    }
}
