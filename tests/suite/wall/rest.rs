//! What a wall costs that hangs and is left alone.

use std::time::Duration;

use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::Part;
use floorwalker::floor::id::SourceName;
use floorwalker::floor::link::Health;
use floorwalker::floor::time::Now;
use floorwalker::state::State;
use floorwalker::terminal::Coder;
use floorwalker::theme::Palette;
use floorwalker::wall::Profile;

use super::{SIZES, calm, hung, wall};
use crate::support::screen::TestScreen;

/// The three sources that answer do so as they would: every few seconds, with waits that go on.
fn poll(state: &mut State, second: u64) {
    let now = state.now.moment;
    let due = [("hq", 5), ("helsinki", 10), ("nimbus", 20), ("oslo", 20)];
    for (name, _) in due.into_iter().filter(|(_, every)| second.is_multiple_of(*every)) {
        let source = SourceName::new(name);
        let world = state.floor.world(&source).unwrap().clone();
        if world.feeds.iter().any(|feed| feed.health != Health::Up) {
            continue;
        }
        let queues = world.queues.into_values().map(|mut queue| {
            let since = u32::try_from(now.since(queue.updated).as_secs()).unwrap();
            if queue.figures.waiting.is_some_and(|waiting| waiting > 0) {
                queue.figures.longest_wait_s = queue.figures.longest_wait_s.map(|own| own + since);
            }
            queue.updated = now;
            queue
        });
        let queues = Part::Queues(queues.collect());
        let links = world.feeds.into_iter().map(|mut feed| {
            feed.last_update = Some(now);
            SourceEvent::Link(feed)
        });
        for event in links.chain([SourceEvent::Snapshot(queues)]) {
            let source = source.clone();
            state.apply(Stamped { at: now, event: Event::Source { source, event } });
        }
    }
}

/// Bytes a second to the terminal, over a minute.
fn at_rest(mut screen: TestScreen) -> usize {
    let (mut coder, mut out) = (Coder::new(), Vec::new());
    let mut before = screen.buffer();
    coder.repaint(&before, &mut out);
    out.clear();
    for second in 1..=60 {
        let moment = screen.state.now.moment.after(Duration::from_secs(1));
        let wall = screen.state.now.wall_of(moment);
        screen.event(Event::Tick(Now { moment, wall }));
        poll(&mut screen.state, second);
        let next = screen.buffer();
        coder.encode(&before, &next, &mut out);
        before = next;
    }
    out.len() / 60
}

#[test]
fn a_wall_at_rest_writes_at_most_150_bytes_a_second() {
    for (width, height) in SIZES {
        for palette in Palette::ALL {
            let bytes = at_rest(wall(width, height).with_palette(palette));
            assert!(bytes <= 150, "{bytes} B/s at {width}×{height} in {palette:?}");
        }
    }
    // Where nobody waits, only the clock goes on.
    assert!(at_rest(hung(calm(), Profile::default(), 240, 67)) <= 1);
}
