//! Room: what is in the way gives way, and nothing is cut where it need not be.

use floorwalker::action::Action;
use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::keymap::Keymap;
use floorwalker::operations::Access;
use floorwalker::state::Lines;
use floorwalker::table::TableId;
use floorwalker::text::Shown;

use super::{after, board, tell};
use crate::support::screen::TestScreen;

#[test]
fn what_stands_over_the_board_leaves_header_and_footer_and_cuts_no_tall_figure_in_two() {
    for keys in ["?", "c", "s", ":", "down enter down down o"] {
        for (width, height) in [(200, 50), (160, 40), (120, 34), (80, 24), (36, 10)] {
            let (board, over) = (board(width, height), after(keys, width, height));
            let first = |screen: &TestScreen| screen.text().lines().next().unwrap().to_owned();
            assert_eq!(first(&over), first(&board), "after {keys} at {width}×{height}");
            let text = over.text();
            assert!(text.lines().last().unwrap().ends_with("? help   q quit"), "{text}");
            let top = text.lines().position(|line| line.contains('╭')).unwrap();
            let tall = Lines::of((width, height), false).summary > 0;
            assert!(!tall || !(2..6).contains(&top), "after {keys} at {width}×{height}:\n{text}");
        }
    }
}

#[test]
fn a_notice_leaves_help_and_quit_in_the_footer() {
    for (width, height) in [(200, 50), (80, 24), (36, 10)] {
        for keys in ["y", "7 down down d", "u"] {
            let mut screen = after(keys, width, height);
            let notice = screen.state.notice.clone().unwrap().text;
            let text = screen.text();
            assert!(text.lines().last().unwrap().ends_with("? help   q quit"), "{notice}:\n{text}");
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(notice.split(' ').all(|word| words.contains(word)), "{notice}:\n{text}");
            screen.wait(9);
            assert!(!screen.text().contains(notice.as_str()));
        }
    }
}

#[test]
fn every_tab_keeps_its_key_at_36_columns() {
    let keymap = Keymap::standard(Access::Full);
    let key_of = |table: TableId| keymap.keys_of(Action::Table(table)).next().unwrap().to_string();
    let keys: Vec<String> = board(36, 10).state.tabs().map(key_of).collect();
    for key in &keys {
        let line = after(key, 36, 10).text().lines().nth(1).unwrap().to_owned();
        let told: Vec<&str> = line.split_whitespace().collect();
        let is_told = |key: &String| told.iter().any(|word| word.trim_end_matches('…') == key);
        assert!(keys.iter().all(is_told), "{line:?}");
    }
    let line = after("6", 36, 10).line("… 3");
    assert!(line.contains("6 Cal"), "what is cut says so: {line:?}");
}

#[test]
fn beside_the_table_no_label_is_cut_and_no_count_stands_apart_from_its_word() {
    let mut screen = board(160, 40);
    let mut queue = screen.state.floor.queue(&"hq".into(), &"21".into()).unwrap().clone();
    let words = ["Available", "In a call", "Lunch", "Wrap-up", "Meeting"];
    queue.figures.presence = Some(words.map(|word| (Shown::clean(word), 11)).to_vec());
    queue.figures.last_24h.offered = Some(1_788);
    tell(&mut screen.state, "hq", SourceEvent::Snapshot(Part::Queues(vec![queue])));
    let line = screen.line("24 h");
    assert!(line.contains("24 h ") && line.contains(" 1788/760/36"), "{line:?}");
    let text = screen.text();
    assert!(words.iter().all(|word| text.contains(&format!("11 {word}"))), "{text}");
}

#[test]
fn a_large_floor_has_its_tall_figures_and_no_word_that_is_cut() {
    let mut screen = board(200, 50);
    let known = screen.state.floor.queue(&"hq".into(), &"22".into()).unwrap().clone();
    let queues = (0..1_000).map(|id: u32| {
        let mut queue = known.clone();
        queue.id = id.to_string().as_str().into();
        (queue.figures.answered, queue.figures.abandoned) = (Some(191), Some(654));
        queue
    });
    tell(&mut screen.state, "hq", SourceEvent::Snapshot(Part::Queues(queues.collect())));
    let text = screen.text();
    assert!(!text.contains("191398"), "six digits are tall too:\n{text}");
    let below = screen.line("in 10").chars().take(20).collect::<String>();
    assert!(!below.contains('…'), "{below:?}");
}
