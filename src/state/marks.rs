//! Marked rows: one question for all of them, then one request and one result for each.

use std::collections::BTreeMap;

use crate::action::Action;
use crate::floor::id::{QueueId, SourceName};
use crate::operations::{OperationId, Target};
use crate::state::dialog::{Ask, Purpose};
use crate::state::{Dialog, Picker, Question, State};
use crate::table::RowId;
use crate::text::Shown;

/// Rows that a question names; the others are counted.
const NAMED: usize = 6;

impl State {
    /// Marks the selected row, or no longer, and goes on to the next.
    pub(super) fn mark(&mut self) {
        let Some(row) = self.selected().cloned() else { return self.step(0) };
        let marks = &mut self.screen.view_mut().marks;
        if !marks.remove(&row) {
            marks.insert(row);
        }
        self.step(1);
    }

    /// One question about all marked rows that are shown; the rows that cannot take part are named in it.
    pub(super) fn ask_for_marks(&self, operation: OperationId) -> Result<Question, Shown> {
        let (mut asks, mut refused) = (Vec::new(), Vec::new());
        for row in self.rows().iter().filter(|row| self.screen.view().marks.contains(row)) {
            match self.ask_one(Action::Operation(operation), row) {
                Ok(Dialog::Question(question)) => asks.extend(question.asks),
                Ok(_) => refused.push(Shown::clean("in several queues: open one of them first")),
                Err(why) => refused.push(why),
            }
        }
        if asks.is_empty() {
            let why = refused.into_iter().next();
            return Err(why.unwrap_or_else(|| Shown::clean("no marked row is shown")));
        }
        let title = match asks.as_slice() {
            [only] => format!("{}?", only.command.sentence()),
            several => {
                let declared = operation.declared();
                let rows = declared.rows.plural();
                capitalised(&format!("{} {} {rows}?", declared.verb, several.len()))
            }
        };
        Ok(self.together(operation, &title, asks, refused))
    }

    /// The question about the own log-in to one queue; where that fits others too, the choice between it and all.
    pub(super) fn ask_own_or_all(
        &self,
        operation: OperationId,
        source: &SourceName,
        queue: &QueueId,
    ) -> Result<Dialog, Shown> {
        let question = self.ask_own(operation, source, queue)?;
        let Some(world) = self.floor.world(source) else { return Ok(Dialog::Question(question)) };
        let fitting = Some(operation == OperationId::LogOut);
        let mut rows: Vec<_> =
            world.queues.values().filter(|row| row.own_login == fitting).collect();
        if rows.len() < 2 {
            return Ok(Dialog::Question(question));
        }
        // The selected one first, behind the last of them: all.
        rows.sort_by_key(|row| row.id != *queue);
        let word = if operation == OperationId::LogIn { "in to" } else { "out of" };
        let all = Shown::clean(&format!("all {}", rows.len()));
        Ok(Dialog::Picker(Picker {
            title: Shown::clean(&format!("Log yourself {word} which queue?")),
            items: rows.iter().map(|row| row.name.clone()).chain([all]).collect(),
            marked: 0,
            purpose: Purpose::Queue {
                operation,
                row: RowId::Queue(source.clone(), queue.clone()),
                queues: rows.iter().map(|row| row.id.clone()).collect(),
            },
        }))
    }

    /// One question about all of these queues, for one person.
    ///
    /// # Errors
    /// Why nothing of it can be done.
    pub(super) fn ask_all(
        &self,
        operation: OperationId,
        row: &RowId,
        queues: &[QueueId],
    ) -> Result<Question, Shown> {
        let (mut asks, mut refused) = (Vec::new(), Vec::new());
        for queue in queues {
            let asked = match row {
                RowId::Queue(source, _) => self.ask_own(operation, source, queue),
                _ => self.ask_membership(operation, row, queue),
            };
            match asked {
                Ok(question) => asks.extend(question.asks),
                Err(why) => refused.push(why),
            }
        }
        let Some(first) = asks.first() else {
            let why = refused.into_iter().next();
            return Err(why.unwrap_or_else(|| Shown::clean("there is no such queue")));
        };
        let whom = match row {
            RowId::Queue(..) => Shown::clean("yourself"),
            _ => first.command.target.clone(),
        };
        let way = if operation == OperationId::LogIn { "in to" } else { "out of" };
        let title = format!("Log {whom} {way} {} queues?", asks.len());
        Ok(self.together(operation, &title, asks, refused))
    }

    /// One question for several commands: what each does, and what is left out.
    fn together(
        &self,
        operation: OperationId,
        title: &str,
        asks: Vec<Ask>,
        refused: Vec<Shown>,
    ) -> Question {
        let mut queues: BTreeMap<(SourceName, QueueId), u32> = BTreeMap::new();
        for ask in &asks {
            if let Target::Membership { queue, .. } = ask.command.request.target() {
                *queues.entry((ask.command.source.clone(), queue.clone())).or_default() += 1;
            }
        }
        let mut lines: Vec<Shown> = listed(asks.iter().map(|ask| ask.command.sentence()));
        for ((source, queue), by) in queues {
            let name = self.floor.queue(&source, &queue).map(|row| row.name.clone());
            let name = name.unwrap_or_else(|| queue.shown());
            let staffing = self.staffing(operation, &source, &queue, by);
            lines.extend(staffing.iter().map(|line| Shown::clean(&format!("{name}: {line}"))));
        }
        if !refused.is_empty() {
            lines.push(Shown::clean(&format!("Left out, {}:", refused.len())));
            lines.extend(listed(refused.into_iter()));
        }
        Question { title: Shown::clean(title), consequences: lines, asks }
    }
}

/// The same text with a capital at its beginning.
pub(super) fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    first.chain(rest).collect()
}

/// The first few lines, and how many more there are.
fn listed(lines: impl ExactSizeIterator<Item = Shown>) -> Vec<Shown> {
    let more = lines.len().saturating_sub(NAMED);
    let mut shown: Vec<Shown> = lines.take(NAMED).collect();
    if more > 0 {
        shown.push(Shown::clean(&format!("and {more} more")));
    }
    shown
}
