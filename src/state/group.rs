//! Groups of queues: the next way to group, and the reader's own groups as they are configured.

use std::sync::Arc;

use crate::state::State;
use crate::table::{Grouping, OwnGroup, TableId, Tone};

impl State {
    /// Groups the queues in the next way: not at all, by source, by the reader's own groups.
    pub(super) fn group(&mut self) {
        if self.screen.table() != TableId::Queues {
            return self.note("only queues are grouped", Tone::Quiet);
        }
        let grouping = &mut self.screen.view_mut().view.grouping;
        let next = grouping.take().unwrap_or_default().next(&self.groups);
        let text = match &next {
            Grouping::Apart => "not grouped",
            Grouping::Source => "grouped by source",
            Grouping::Own(_) => "grouped by your own groups",
        };
        *grouping = Some(next);
        self.note(text, Tone::Quiet);
    }

    /// Groups a table's rows in the way of that word, where there is one. Only queues are grouped.
    pub fn group_by(&mut self, table: TableId, word: Option<&str>) {
        let grouping = word.and_then(|word| Grouping::of(word, &self.groups));
        if let (TableId::Queues, Some(grouping)) = (table, grouping) {
            self.screen.group(grouping);
        }
    }

    /// Takes the reader's own groups over; queues that stand in those of before stand in these now.
    pub fn own_groups(&mut self, groups: impl Into<Arc<[OwnGroup]>>) {
        self.groups = groups.into();
        if let Some(grouping) = self.screen.grouping() {
            let word = grouping.word();
            self.screen.group(Grouping::of(word, &self.groups).unwrap_or_default());
        }
        self.revision += 1;
    }
}
