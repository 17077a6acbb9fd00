//! From `[groups.NAME]` as written to the reader's own groups of queues.

use crate::config::Complaint;
use crate::config::file::{File, line_at};
use crate::table::OwnGroup;
use crate::table::groups::OTHER;
use crate::text::{Pattern, Shown};

/// Every group of the file, in its order; what is wrong goes to `complaints`.
pub(super) fn all(file: &File, text: &str, complaints: &mut Vec<Complaint>) -> Vec<OwnGroup> {
    let mut written: Vec<_> = file.groups.iter().collect();
    written.sort_by_key(|(_, group)| group.span().start);
    let mut groups = Vec::new();
    for (name, group) in written {
        let mut complain = |what: &str| {
            let line = Some(line_at(text, group.span().start));
            complaints.push(Complaint { line, what: Shown::clean(what) });
        };
        let queues = &group.get_ref().queues;
        if queues.is_empty() {
            complain(&format!("group {name:?} has no queues: name some, * is any text"));
        }
        if name == OTHER {
            complain(&format!(
                "{name:?} is what queues of no group stand under: take another name"
            ));
        }
        let queues = queues.iter().map(|own| Pattern::new(own)).collect();
        groups.push(OwnGroup { name: Shown::clean(name), queues });
    }
    groups
}
