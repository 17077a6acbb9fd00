//! What is written down of calls that are over: how they ended, and who calls back those that were lost.

use super::chance::MINUTE;
use super::{Call, Centre};
use crate::simulator::scenario::Vendor;

/// Calls that are remembered at most.
const REMEMBERED: usize = 600;

/// How long a lost caller waits at least before an agent calls back, milliseconds.
const PATIENCE: u64 = 3 * MINUTE;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// An agent took it.
    Answered {
        /// Position of the agent.
        agent: usize,
        /// How long they talked.
        talked: u64,
    },
    /// It was sent on: nobody was free in time.
    Forwarded,
    /// The caller gave up.
    Missed,
}

/// How far calling back is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nobody is at it.
    Unhandled,
    InProgress,
    Handled,
}

/// Who calls back, and how far that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    pub state: Progress,
    /// Position of the person.
    pub agent: usize,
    pub at: u64,
    pub note: Option<String>,
}

/// One call that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub id: u64,
    /// Position of its queue.
    pub queue: usize,
    pub caller: String,
    pub arrived: u64,
    /// How long it waited.
    pub waited: u64,
    pub ending: Ending,
    /// Who calls back; `None` where nobody has begun.
    pub handled: Option<Handled>,
}

impl Centre {
    /// All calls that are remembered, oldest first.
    pub fn journal(&self) -> impl Iterator<Item = &Record> {
        self.journal.iter()
    }

    /// Writes down that a call ended. Of systems that show no log of calls nothing is written.
    pub(super) fn write_down(&mut self, call: &Call, waited: u64, ending: Ending) {
        let shown = |queue: &super::Queue| queue.setup.vendor == Vendor::Telepo;
        if !self.queues.get(call.queue).is_some_and(shown) {
            return;
        }
        let Call { id, queue, ref caller, arrived, .. } = *call;
        let caller = caller.clone();
        let record = Record { id, queue, caller, arrived, waited, ending, handled: None };
        // By their numbers, as they came.
        let place = self.journal.partition_point(|known| known.id < id);
        self.journal.insert(place, record);
        if self.journal.len() > REMEMBERED {
            self.journal.pop_front();
        }
        if let Ending::Answered { agent, .. } = ending
            && id.is_multiple_of(2)
        {
            self.call_back(queue, agent);
        }
    }

    /// An agent between two calls closes what they have taken, and takes the caller who was lost first.
    fn call_back(&mut self, queue: usize, agent: usize) {
        let at = self.now;
        let handled = |state, note: Option<&str>| {
            Some(Handled { state, agent, at, note: note.map(ToOwned::to_owned) })
        };
        let is_lost = |own: &&mut Record| {
            own.queue == queue && !matches!(own.ending, Ending::Answered { .. })
        };
        let mut taken = None;
        for record in self.journal.iter_mut().filter(is_lost) {
            match &record.handled {
                None if taken.is_none() && record.arrived + PATIENCE <= at => taken = Some(record),
                Some(own) if own.agent == agent && own.state == Progress::InProgress => {
                    record.handled = handled(Progress::Handled, Some("called back"));
                }
                None | Some(_) => {}
            }
        }
        if let Some(record) = taken {
            let note = record.id.is_multiple_of(3).then_some("no answer, trying again");
            record.handled = handled(Progress::InProgress, note);
        }
    }

    /// Says who calls back; the record as it is then, or nothing for a call that is not remembered.
    pub fn assign(
        &mut self,
        id: u64,
        agent: usize,
        state: Option<Progress>,
        note: Option<String>,
    ) -> Option<&Record> {
        let at = self.now;
        let record = self.journal.iter_mut().find(|record| record.id == id)?;
        let former = record.handled.take();
        let state = state.or(former.as_ref().map(|own| own.state)).unwrap_or(Progress::Unhandled);
        let note = note.or_else(|| former.and_then(|own| own.note)).filter(|note| !note.is_empty());
        record.handled = Some(Handled { state, agent, at, note });
        Some(record)
    }
}
