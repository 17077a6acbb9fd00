//! What is selected is an id: whatever moves, an action never reaches another row.

use floorwalker::event::{Event, SourceEvent};
use floorwalker::floor::Part;
use floorwalker::floor::queue::Figures;
use floorwalker::operations::Request;
use floorwalker::state::Dialog;
use floorwalker::state::Effect;
use floorwalker::table::RowId;
use proptest::prelude::*;

use crate::support::cases;
use crate::support::desk::{self, Desk, only, person, queue, queue_row};

#[test]
fn a_row_keeps_the_selection_when_the_rows_are_sorted_anew() {
    let mut desk = Desk::open();
    desk.select(&queue_row("21"));
    for _ in 0..3 {
        desk.press("S");
        assert_eq!(desk.state.selected(), Some(&queue_row("21")));
    }
    let mut rows = desk::queues();
    rows[1].figures = Figures { waiting: Some(90), ..Figures::default() };
    let first = desk.state.order()[0].clone();
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows)));
    assert_ne!(desk.state.order()[0], first, "the rows did move");
    assert_eq!(desk.state.selected(), Some(&queue_row("21")));
}

#[test]
fn a_row_that_is_gone_is_not_followed_by_its_neighbour() {
    let mut desk = Desk::open();
    desk.press("2");
    desk.select(&person("anna"));
    let others = desk::agents().split_off(1);
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(others)));
    assert!(desk.press("o y").is_empty());
    assert_eq!(desk.notice(), "that agent is no longer told of");
}

#[test]
fn after_a_row_is_gone_the_next_step_begins_where_it_was() {
    let mut desk = Desk::open();
    desk.press("2");
    desk.select(&person("bo"));
    let mut others = desk::agents();
    others.remove(1);
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(others)));
    desk.press("down");
    assert_eq!(desk.state.selected(), Some(&person("cecilia")));
}

#[test]
fn nothing_is_done_to_a_selected_row_that_a_filter_hides() {
    let mut desk = Desk::open();
    desk.press("2");
    desk.select(&person("anna"));
    desk.press("/");
    desk.write("cecilia");
    desk.press("enter");
    assert_eq!(desk.state.order(), [person("cecilia")]);
    assert!(desk.press("o").is_empty());
    assert!(desk.state.screen.dialog.is_none(), "it would be about Anna, whom nobody sees");
    assert!(desk.notice().contains("not shown"), "{}", desk.notice());
}

#[test]
fn without_a_selection_nothing_is_asked() {
    let mut desk = Desk::open();
    desk.press("o");
    assert!(desk.state.screen.dialog.is_none());
    assert_eq!(desk.notice(), "select a row first");
}

#[test]
fn steps_stop_at_the_first_and_the_last_row() {
    let mut desk = Desk::open();
    desk.press("2");
    let order = desk.state.order();
    desk.press("G down down pgdn");
    assert_eq!(desk.state.selected(), order.last());
    desk.press("g up up pgup");
    assert_eq!(desk.state.selected(), order.first());
}

#[test]
fn every_table_keeps_its_own_selection() {
    let mut desk = Desk::open();
    desk.select(&queue_row("22"));
    desk.press("2");
    desk.select(&person("bo"));
    desk.press("1");
    assert_eq!(desk.state.selected(), Some(&queue_row("22")));
    desk.press("2");
    assert_eq!(desk.state.selected(), Some(&person("bo")));
}

/// What may come between the first key and the last.
#[derive(Debug, Clone)]
enum Between {
    Key(&'static str),
    Paste,
    Resize(u16, u16),
    /// The people in another order of their names, some of them missing.
    Agents(Vec<usize>),
    Tick,
}

impl Between {
    /// Whether it refuses a question: what writes does.
    fn refuses(&self) -> bool {
        match self {
            Self::Key(key) => key.len() == 1 || *key == "space",
            Self::Paste => true,
            Self::Resize(..) | Self::Agents(_) | Self::Tick => false,
        }
    }
}

fn between() -> impl Strategy<Value = Between> {
    let keys = ["x", "o", "S", "down", "up", "G", "g", "tab", "space", "ctrl+l", "r", "z"];
    prop_oneof![
        4 => prop::sample::select(keys.to_vec()).prop_map(Between::Key),
        1 => Just(Between::Paste),
        2 => (any::<u16>(), any::<u16>()).prop_map(|(width, height)| Between::Resize(width, height)),
        2 => prop::sample::subsequence(vec![0, 1, 2, 3], 0..=4).prop_shuffle()
            .prop_map(Between::Agents),
        1 => Just(Between::Tick),
    ]
}

fn disturb(desk: &mut Desk, between: &Between) -> Vec<Effect> {
    match between {
        Between::Key(key) => return desk.press(key),
        Between::Paste => return desk.event(Event::Paste("y\ny\n".to_owned())),
        Between::Resize(width, height) => {
            return desk.event(Event::Resize { width: *width, height: *height });
        }
        Between::Tick => desk.wait(1),
        Between::Agents(kept) => {
            let all = desk::agents();
            let rows = kept.iter().enumerate().map(|(place, index)| {
                let mut row = all[*index].clone();
                row.name = format!("{place} {}", row.name).into();
                row
            });
            desk.tell("hq", SourceEvent::Snapshot(Part::Agents(rows.collect())));
        }
    }
    Vec::new()
}

fn sent(effects: &[Effect]) -> Vec<&Request> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(command) => Some(&command.request),
            _ => None,
        })
        .collect()
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn however_often_yes_is_pressed_one_request_goes_to_the_one_who_was_asked_about(
        who in prop::sample::select(vec!["anna", "cecilia"]),
        before in prop::collection::vec(between(), 0..4),
        while_asked in prop::collection::vec(between(), 0..4),
        presses in 1..4_usize,
    ) {
        let mut desk = Desk::open();
        desk.press("2");
        desk.select(&person(who));
        let mut effects: Vec<Effect> = Vec::new();
        // What moves the selection is the person's own will: only facts come before the first key.
        for one in before.iter().filter(|one| !matches!(one, Between::Key(_))) {
            effects.extend(disturb(&mut desk, one));
        }
        effects.extend(desk.press("o"));
        let asked = desk.state.screen.dialog.is_some();
        let refused = while_asked.iter().position(Between::refuses);
        let until = refused.map_or(while_asked.len(), |place| place + 1);
        for one in while_asked[..until].iter().filter(|_| asked) {
            effects.extend(disturb(&mut desk, one));
        }
        let gone = while_asked.iter().rev().find_map(|one| match one {
            Between::Agents(kept) => Some(!kept.contains(&if who == "anna" { 0 } else { 2 })),
            _ => None,
        });
        for _ in 0..presses {
            effects.extend(desk.press("y"));
        }
        let sent = sent(&effects);
        let expected = usize::from(asked && refused.is_none() && gone != Some(true));
        prop_assert_eq!(sent.len(), expected, "{:?}", sent);
        for request in sent {
            let Request::LogOut { queue, agent: Some(agent) } = request else {
                return Err(TestCaseError::fail(format!("{request:?}")));
            };
            prop_assert!(agent.raw().starts_with(who), "{:?}", agent);
            prop_assert_eq!(queue.raw(), "21");
        }
    }

    #[test]
    fn the_queue_that_was_selected_is_the_queue_that_is_left(
        names in prop::collection::vec("[A-Za-z]{1,6}", 6), reverse in any::<bool>(),
        kept in prop::sample::subsequence(vec![1, 2, 3, 4, 5], 0..=5),
    ) {
        let rows = |names: &[String]| -> Vec<_> {
            names
                .iter()
                .enumerate()
                .map(|(index, name)| floorwalker::floor::queue::Queue {
                    own_login: Some(true),
                    ..queue(&format!("q{index}"), name)
                })
                .collect()
        };
        let mut desk = Desk::open();
        desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows(&names))));
        desk.select(&queue_row("q0"));
        if reverse {
            desk.press("S");
        }
        let mut moved: Vec<String> = names.clone();
        moved.rotate_left(2);
        let mut all = rows(&moved);
        let mut index = 0;
        all.retain(|_| { index += 1; index == 1 || kept.contains(&(index - 1)) });
        desk.tell("hq", SourceEvent::Snapshot(Part::Queues(all)));
        desk.press("o");
        if let Some(Dialog::Picker(_)) = desk.state.screen.dialog {
            desk.press("enter");
        }
        let command = only(&desk.press("y"));
        let queue = floorwalker::floor::id::QueueId::new("q0");
        prop_assert_eq!(command.request, Request::LogOut { queue, agent: None });
        prop_assert_eq!(command.place.as_str(), moved[0].as_str());
    }
}

#[test]
fn a_selected_row_of_another_source_with_the_same_id_is_another_row() {
    let mut desk = Desk::open();
    desk.tell("oslo", SourceEvent::Snapshot(Part::Queues(desk::queues())));
    desk.select(&queue_row("21"));
    let twin = RowId::Queue("oslo".into(), "21".into());
    assert!(desk.state.order().contains(&twin));
    assert_eq!(only(&desk.press("o y")).source.raw(), "hq");
    desk.select(&twin);
    assert_eq!(only(&desk.press("o y")).source.raw(), "oslo", "the other is pending, this is not");
}
