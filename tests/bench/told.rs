//! One source, what it tells, and a board that it has told nothing yet.

use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::Kind;
use floorwalker::floor::id::{FeedName, SourceName};
use floorwalker::floor::link::{Feed, FeedKind, Health};
use floorwalker::floor::time::{Moment, Now};
use floorwalker::keymap::Keymap;
use floorwalker::operations::Access;
use floorwalker::state::State;

/// When everything was told.
pub const BEGAN: Moment = Moment::from_millis(1_000);

/// The one source.
pub fn source() -> SourceName {
    SourceName::new("hq")
}

/// A fact that the source tells.
pub fn told(at: Moment, event: SourceEvent) -> Stamped {
    Stamped { at, event: Event::Source { source: source(), event } }
}

/// A board whose source is up and has told nothing yet.
pub fn empty() -> State {
    let wall = "2026-03-02T08:00:00Z".parse().unwrap();
    let keymap = Keymap::standard(Access::Full);
    let now = Now { moment: BEGAN, wall };
    let mut state = State::new([(source(), Kind::Telepo)], Access::Full, keymap, now);
    for name in ["queues", "agents"] {
        let feed = Feed::new(FeedName::new(name), FeedKind::Poll, None);
        let feed = Feed { health: Health::Up, last_update: Some(BEGAN), ..feed };
        state.apply(told(BEGAN, SourceEvent::Link(feed)));
    }
    state
}
