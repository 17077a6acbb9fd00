//! Calls that people set up themselves: a phone of their own rings, and once it is taken up, the other end does.

use super::chance::SECOND;
use super::{Centre, Event};

/// How long either phone rings before it is taken up, milliseconds.
const RINGS: u64 = 2 * SECOND;

/// How long the two speak, milliseconds.
const SPEAKS: u64 = 90 * SECOND;

/// A call that somebody set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialled {
    /// Its number, unique on the floor.
    pub id: u64,
    /// Position of the person.
    pub by: usize,
    /// The number at the other end.
    pub number: String,
    /// How far it is.
    pub stage: Stage,
}

/// How far such a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The person's own phone rings.
    Rings,
    /// The other end's does.
    Calls,
    /// The two speak since then.
    Speaks(u64),
}

impl Centre {
    /// Has the phone of the person at `by` ring, to call `number`; `None` where that one is on the way already.
    pub fn dial(&mut self, by: usize, number: &str) -> Option<Dialled> {
        if self.dialled.values().any(|own| own.by == by) {
            return None;
        }
        let id = self.next_serial();
        let dialled = Dialled { id, by, number: number.to_owned(), stage: Stage::Rings };
        self.dialled.insert(id, dialled.clone());
        self.plan(RINGS, Event::DialledOn { dialled: id });
        Some(dialled)
    }

    /// The calls that people have set up, oldest first.
    pub fn dialled(&self) -> impl Iterator<Item = &Dialled> {
        self.dialled.values()
    }

    /// Ends such a call, ringing or not; says whether there was one.
    pub fn drop_dialled(&mut self, id: u64) -> bool {
        self.dialled.remove(&id).is_some()
    }

    pub(super) fn dialled_on(&mut self, id: u64) {
        let now = self.now;
        let Some(own) = self.dialled.get_mut(&id) else { return };
        let next = match own.stage {
            Stage::Rings => {
                own.stage = Stage::Calls;
                RINGS
            }
            Stage::Calls => {
                own.stage = Stage::Speaks(now);
                SPEAKS
            }
            Stage::Speaks(_) => {
                self.dialled.remove(&id);
                return;
            }
        };
        self.plan(next, Event::DialledOn { dialled: id });
    }
}
