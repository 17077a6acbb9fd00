//! What events hold in lists. Null is “not told”, which is not the empty list.

use chrono::{DateTime, Utc};

use super::id;
use crate::text::Shown;
use crate::transport::lenient::{Fields, Tally};

/// A person of a queue's whole list of members.
#[derive(Debug, Clone, PartialEq)]
pub struct AttachedUser {
    /// The person.
    pub user_id: String,
    /// Whether the person serves the queue now.
    pub active: Option<bool>,
    /// Rank among the members.
    pub priority: Option<u32>,
}

/// A group that a queue belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its identity.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<Shown>,
    /// What it is for.
    pub description: Option<Shown>,
}

/// An attempt to call somebody back.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Its identity.
    pub id: Option<String>,
    /// Who made it.
    pub user_id: Option<String>,
    /// When.
    pub timestamp: Option<DateTime<Utc>>,
    /// What came of it, by the vendor's number.
    pub type_id: Option<i64>,
    /// What was noted.
    pub note: Option<Shown>,
    /// Its call.
    pub call_id: Option<String>,
    /// Its recording.
    pub recording_id: Option<String>,
}

/// Something that a site keeps with a callback.
#[derive(Debug, Clone, PartialEq)]
pub struct Extra {
    /// Its number.
    pub id: Option<i64>,
    /// What it is called.
    pub name: Option<Shown>,
    /// What it says.
    pub value: Option<Shown>,
}

/// Another callback of the same contact.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedItem {
    /// Its identity.
    pub id: Option<String>,
    /// Its list.
    pub list_id: Option<String>,
    /// Whether it is closed.
    pub is_closed: Option<bool>,
    /// What came of its last attempt, by the vendor's number.
    pub status_id: Option<i64>,
}

/// The items of a list that can be read; one that cannot is left out and counted.
fn items<T>(
    fields: &Fields<'_, '_>,
    (name, shape): (&'static str, &'static str),
    read: impl Fn(&Fields<'_, '_>) -> Option<T>,
) -> Option<Vec<T>> {
    let list = fields.list(&[name])?;
    let mut tally = Tally::default();
    let items = list.iter().filter_map(|item| {
        let item = Fields::caseless(shape, item, &mut tally)?;
        let read = read(&item);
        item.close(&[]);
        read
    });
    let items = items.collect();
    fields.count_all(&mut tally);
    Some(items)
}

pub(super) fn words(fields: &Fields<'_, '_>, name: &'static str) -> Option<Vec<Shown>> {
    let list = fields.list(&[name])?;
    Some(list.iter().filter_map(|item| item.as_str()).map(Shown::clean).collect())
}

pub(super) fn users(fields: &Fields<'_, '_>, name: &'static str) -> Option<Vec<AttachedUser>> {
    items(fields, (name, "QueueAttachedUser"), |item| {
        Some(AttachedUser {
            user_id: id(item, "user_id")?,
            active: item.flag(&["active"]),
            priority: item.count(&["priority"]),
        })
    })
}

pub(super) fn groups(fields: &Fields<'_, '_>, name: &'static str) -> Option<Vec<Group>> {
    items(fields, (name, "QueueGroup"), |item| {
        Some(Group {
            id: id(item, "id"),
            name: item.text(&["name"]),
            description: item.text(&["description"]),
        })
    })
}

pub(super) fn attempts(fields: &Fields<'_, '_>, name: &'static str) -> Option<Vec<Attempt>> {
    items(fields, (name, "CallbackAttempt"), |item| {
        Some(Attempt {
            id: id(item, "id"),
            user_id: id(item, "user_id"),
            timestamp: item.time(&["timestamp"]),
            type_id: item.int(&["callback_attempt_type_id"]),
            note: item.text(&["note"]),
            call_id: id(item, "call_id"),
            recording_id: id(item, "recording_id"),
        })
    })
}

pub(super) fn extras(fields: &Fields<'_, '_>, name: &'static str) -> Option<Vec<Extra>> {
    items(fields, (name, "CallbackExtra"), |item| {
        Some(Extra {
            id: item.int(&["id"]),
            name: item.text(&["name"]),
            value: item.text(&["value"]),
        })
    })
}

pub(super) fn related(fields: &Fields<'_, '_>, name: &'static str) -> Option<Vec<RelatedItem>> {
    items(fields, (name, "CallbackRelatedItem"), |item| {
        Some(RelatedItem {
            id: id(item, "id"),
            list_id: id(item, "list_id"),
            is_closed: item.flag(&["is_closed"]),
            status_id: item.int(&["status_id"]),
        })
    })
}
