//! A reader who looks before answering: what is asked is on the terminal, and was read.

use std::time::Duration;

use floorwalker::event::{Event, Press, Stamped};
use floorwalker::floor::time::Moment;
use floorwalker::state::{Effect, State};

/// How long the reader reads.
const READING: Duration = Duration::from_secs(1);

/// Presses a key at `at`; where a question stands there that nobody has seen yet, once it was shown and read.
/// The moment of the key, and what follows from it.
pub fn press(state: &mut State, at: Moment, press: Press) -> (Moment, Vec<Effect>) {
    let at = read(state, at);
    (at, state.apply(Stamped { at, event: Event::Key(press) }))
}

/// Lets the terminal show a question that is new, and the reader read it; when that was done.
fn read(state: &mut State, at: Moment) -> Moment {
    if !state.awaits_reading() {
        return at;
    }
    let revision = state.revision();
    assert!(state.apply(Stamped { at, event: Event::Written { revision } }).is_empty());
    assert!(!state.awaits_reading());
    at.after(READING)
}
