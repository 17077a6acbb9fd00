//! Marked rows: one question for all of them, then one request and one result for each.

use std::collections::BTreeMap;

use crate::action::Action;
use crate::command::Request;
use crate::floor::id::{QueueId, SourceName};
use crate::state::{Dialog, Question, State};
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
    pub(super) fn ask_for_marks(&self, action: Action) -> Result<Question, Shown> {
        let (mut asks, mut refused) = (Vec::new(), Vec::new());
        let mut queues: BTreeMap<(SourceName, QueueId), u32> = BTreeMap::new();
        for row in self.rows().iter().filter(|row| self.screen.view().marks.contains(row)) {
            match self.ask_one(action, row) {
                Ok(Dialog::Question(question)) => asks.extend(question.asks),
                Ok(_) => refused.push(Shown::clean("in several queues: open one of them first")),
                Err(why) => refused.push(why),
            }
        }
        if asks.is_empty() {
            let why = refused.into_iter().next();
            return Err(why.unwrap_or_else(|| Shown::clean("no marked row is shown")));
        }
        for ask in &asks {
            if let Request::LogIn { queue, .. } | Request::LogOut { queue, .. } =
                &ask.command.request
            {
                *queues.entry((ask.command.source.clone(), queue.clone())).or_default() += 1;
            }
        }
        let mut lines: Vec<Shown> = listed(asks.iter().map(|ask| ask.command.sentence()));
        for ((source, queue), by) in queues {
            let name = self.floor.queue(&source, &queue).map(|row| row.name.clone());
            let name = name.unwrap_or_else(|| queue.shown());
            let staffing = self.staffing(action, &source, &queue, by);
            lines.extend(staffing.iter().map(|line| Shown::clean(&format!("{name}: {line}"))));
        }
        if !refused.is_empty() {
            lines.push(Shown::clean(&format!("Left out, {}:", refused.len())));
            lines.extend(listed(refused.into_iter()));
        }
        let (verb, what) = match action {
            Action::LogIn => ("Log in", "agents"),
            Action::LogOut => ("Log out", "agents"),
            Action::TakeCallback => ("Take", "callbacks"),
            Action::FinishCallback => ("Finish", "callbacks"),
            _ => ("Remove", "entries"),
        };
        let count = asks.len();
        let title = match count {
            1 => format!("{}?", asks[0].command.sentence()),
            _ => format!("{verb} {count} {what}?"),
        };
        Ok(Question { title: Shown::clean(&title), consequences: lines, asks })
    }
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
