//! Answers of the vendors: of our own making, in the documented shape.

use serde_json::Value;

/// Every fixture that is JSON, by its name.
pub const JSON: [(&str, &str); 14] = [
    ("telepo/queue_statistics", include_str!("../../fixtures/telepo/queue_statistics.json")),
    ("telepo/groups", include_str!("../../fixtures/telepo/groups.json")),
    ("telepo/groups_legacy", include_str!("../../fixtures/telepo/groups_legacy.json")),
    ("telepo/group_summaries", include_str!("../../fixtures/telepo/group_summaries.json")),
    ("telepo/call_log", include_str!("../../fixtures/telepo/call_log.json")),
    ("telepo/presence", include_str!("../../fixtures/telepo/presence.json")),
    ("enreach/queues", include_str!("../../fixtures/enreach/queues.json")),
    ("enreach/queue_status", include_str!("../../fixtures/enreach/queue_status.json")),
    ("enreach/callback_lists", include_str!("../../fixtures/enreach/callback_lists.json")),
    ("enreach/directories", include_str!("../../fixtures/enreach/directories.json")),
    ("enreach/directory", include_str!("../../fixtures/enreach/directory.json")),
    ("nimbus/entries", include_str!("../../fixtures/nimbus/entries.json")),
    ("nimbus/task_events", include_str!("../../fixtures/nimbus/task_events.json")),
    ("nimbus/entry_event", include_str!("../../fixtures/nimbus/entry_event.json")),
];

/// A document of Telepo's stream.
pub const UPDATE: &str = include_str!("../../fixtures/telepo/update.xml");

/// The fixture of that name.
pub fn json(name: &str) -> Value {
    let (_, text) = JSON.iter().find(|(own, _)| *own == name).expect("a fixture of that name");
    serde_json::from_str(text).unwrap()
}
