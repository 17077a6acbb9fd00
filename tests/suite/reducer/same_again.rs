//! What a source says again as it was is no change: nothing is ordered, summed or drawn anew for it.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::queue::{Figures, Queue};
use floorwalker::state::State;

use crate::support::desk::{Desk, agents, entries, entries_part, later, list, queue, queues, up};

/// What a picture is drawn for: the floor's changes, and the board's.
fn revisions(state: &State) -> (u64, u64) {
    (state.floor.revision(), state.revision())
}

fn same(source: &str, event: &SourceEvent) {
    let mut desk = Desk::open();
    let before = revisions(&desk.state);
    desk.tell(source, event.clone());
    assert_eq!(revisions(&desk.state), before, "{event:?}");
}

fn changes(source: &str, event: &SourceEvent) {
    let mut desk = Desk::open();
    let (floor, board) = revisions(&desk.state);
    desk.tell(source, event.clone());
    assert!(desk.state.floor.revision() > floor, "{event:?}");
    assert!(desk.state.revision() > board, "{event:?}");
}

/// Queues of which nobody's wait grows, read so many seconds after the beginning.
fn calm(seconds: u64) -> Vec<Queue> {
    let calm = |row: Queue| Queue { updated: later(seconds), ..row };
    vec![calm(queue("4101", "Vaihde"))]
}

#[test]
fn a_reading_that_finds_the_same_rows_is_no_change() {
    same("helsinki", &SourceEvent::Snapshot(Part::Queues(calm(9))));
    let mut people = agents();
    for row in &mut people {
        row.updated = later(9);
    }
    same("hq", &SourceEvent::Snapshot(Part::Agents(people)));
    same("helsinki", &SourceEvent::Snapshot(Part::CallbackLists(vec![list("901")])));
    let mut rows = entries();
    for row in &mut rows {
        row.updated = later(9);
    }
    same("nimbus", &SourceEvent::Snapshot(entries_part(rows)));
}

#[test]
fn when_the_same_rows_were_read_is_known_all_the_same() {
    let mut desk = Desk::open();
    desk.tell("helsinki", SourceEvent::Snapshot(Part::Queues(calm(9))));
    let helsinki = desk.state.floor.world(&"helsinki".into()).unwrap();
    assert!(helsinki.queues.values().all(|row| row.updated == later(9)));
}

#[test]
fn a_row_that_differs_comes_or_goes_is_a_change() {
    let mut rows = calm(9);
    rows[0].figures = Figures { waiting: Some(1), ..Figures::default() };
    changes("helsinki", &SourceEvent::Snapshot(Part::Queues(rows)));
    changes("helsinki", &SourceEvent::Snapshot(Part::Queues(Vec::new())));
    let more = [calm(9), vec![queue("4102", "Myynti")]].concat();
    changes("helsinki", &SourceEvent::Snapshot(Part::Queues(more)));
    changes("hq", &SourceEvent::Snapshot(Part::Agents(agents()[1..].to_vec())));
    changes("nimbus", &SourceEvent::Snapshot(entries_part(entries()[1..].to_vec())));
}

#[test]
fn a_wait_that_is_told_again_is_a_change_since_it_grew_meanwhile() {
    let mut rows = queues();
    for row in &mut rows {
        row.updated = later(9);
    }
    changes("hq", &SourceEvent::Snapshot(Part::Queues(rows)));
}

#[test]
fn a_feed_that_is_still_well_is_no_change_and_one_that_was_late_is() {
    let well = |seconds| {
        let mut feed = up("queues");
        feed.last_update = Some(later(seconds));
        SourceEvent::Link(feed)
    };
    same("helsinki", &well(0));
    let mut desk = Desk::open();
    let before = revisions(&desk.state);
    desk.wait(9);
    desk.tell("helsinki", well(9));
    assert_eq!(desk.state.floor.revision(), before.0);
    desk.wait(100);
    desk.tell("helsinki", well(109));
    assert!(desk.state.floor.revision() > before.0);
}
