//! Groups as a reader has them: configured, cycled by a key, walked through, remembered.

use std::sync::Arc;

use floorwalker::config::{Config, sample};
use floorwalker::event::{Event, Gesture, Pointer, Press, SourceEvent, Target};
use floorwalker::floor::Part;
use floorwalker::state::Effect;
use floorwalker::table::{Grouping, Line, OwnGroup, RowId, TableId};
use floorwalker::text::{Pattern, Shown};
use floorwalker::ui;
use ratatui::layout::Rect;

use crate::support::centre;
use crate::support::desk::{Desk, queue, queue_row};
use crate::support::screen::TestScreen;

const SOURCE: &str =
    "[[source]]\nname = \"n\"\nkind = \"nimbus\"\ncluster = \"ch_01\"\ntoken = { env = \"T\" }\n";

fn parse(groups: &str) -> Result<Config, Vec<(Option<usize>, String)>> {
    Config::parse(&format!("{SOURCE}{groups}"), true).map_err(|complaints| {
        complaints.iter().map(|own| (own.line, own.what.to_string())).collect()
    })
}

fn refused(groups: &str) -> (usize, String) {
    match parse(groups).unwrap_err().as_slice() {
        [(Some(line), what)] => (*line, what.clone()),
        other => panic!("{other:?}"),
    }
}

fn own(name: &str, queues: &[&str]) -> OwnGroup {
    let queues = queues.iter().map(|own| Pattern::new(own)).collect();
    OwnGroup { name: Shown::clean(name), queues }
}

/// How the queues are grouped.
fn word(desk: &Desk) -> Option<&'static str> {
    desk.state.screen.arrangements().next().unwrap().1.group
}

#[test]
fn groups_are_read_in_the_order_of_the_file() {
    let text = "[groups.sales]\nqueues = [\"sales*\", \"Växel\"]\n[groups.a]\nqueues = [\"21\"]\n";
    let config = parse(text).unwrap();
    assert_eq!(config.groups, [own("sales", &["sales*", "Växel"]), own("a", &["21"])]);
    assert_eq!(config.later, [""; 0], "groups are built");
    let shown = sample::show(&config);
    assert!(shown.contains("[groups.\"sales\"]\nqueues = [\"sales*\", \"växel\"]"), "{shown}");
}

#[test]
fn what_is_wrong_with_a_group_is_said_with_its_line_and_its_mend() {
    let (line, what) = refused("[groups.sales]\nqueue = [\"sales*\"]\n");
    assert_eq!((line, what.as_str()), (7, "unknown key \"queue\": did you mean \"queues\"?"));
    let (line, what) = refused("[groups.sales]\nqueues = []\n");
    assert_eq!(
        (line, what.as_str()),
        (6, "group \"sales\" has no queues: name some, * is any text")
    );
    let (line, what) = refused("[groups.other]\nqueues = [\"*\"]\n");
    assert!(line == 6 && what.contains("take another name"), "{what}");
    let (line, what) = refused("[group.sales]\nqueues = [\"*\"]\n");
    assert!(line == 6 && what.contains("did you mean \"groups\""), "{what}");
}

#[test]
fn the_config_file_says_how_the_board_begins() {
    let own = "[groups.sales]\nqueues = [\"*\"]\n";
    let begins = |how: &str| format!("{own}[tables.queues]\ngroup = \"{how}\"\n");
    for how in Grouping::WORDS {
        let config = parse(&begins(how)).unwrap();
        let mut desk = Desk::open();
        desk.state.own_groups(config.groups);
        desk.state.group_by(TableId::Queues, config.tables["queues"].group.as_deref());
        assert_eq!(word(&desk), Some(how));
    }
    let (line, what) = refused(&begins("sorce"));
    assert!(line == 8 && what.contains("did you mean \"source\""), "{what}");
    let (_, what) = refused("[tables.queues]\ngroup = \"own\"\n");
    assert!(what.contains("[groups.NAME]"), "{what}");
    let (_, what) = refused("[tables.agents]\ngroup = \"source\"\n");
    assert_eq!(what, "only queues are grouped");
}

#[test]
fn the_key_goes_on_to_groups_of_ones_own_only_where_there_are_any() {
    let mut desk = Desk::open();
    for after in ["source", "none", "source"] {
        assert_eq!(desk.press("u"), [Effect::Remember]);
        assert_eq!(word(&desk), Some(after));
    }
    desk.state.own_groups([own("sales", &["*"])]);
    for after in ["own", "none", "source", "own"] {
        desk.press("u");
        assert_eq!(word(&desk), Some(after));
    }
    assert_eq!(desk.notice(), "grouped by your own groups");
}

#[test]
fn groups_that_the_config_file_has_no_longer_are_left() {
    let mut desk = Desk::open();
    desk.state.own_groups([own("sales", &["21"])]);
    desk.press("u u");
    desk.state.own_groups([own("all", &["*"])]);
    let rows = desk.state.rows();
    assert_eq!(rows.order().groups[0].name.as_str(), "all");
    desk.state.own_groups([]);
    assert_eq!(word(&desk), Some("none"));
    assert!(desk.state.rows().order().groups.is_empty());
}

#[test]
fn what_is_remembered_groups_the_next_board_if_it_still_can() {
    let mut desk = Desk::open();
    desk.state.group_by(TableId::Queues, Some("own"));
    assert_eq!(word(&desk), None, "there are no such groups any more");
    desk.state.group_by(TableId::Agents, Some("source"));
    assert_eq!(word(&desk), None, "agents are not grouped");
    desk.state.group_by(TableId::Queues, Some("source"));
    assert_eq!(word(&desk), Some("source"));
}

#[test]
fn only_queues_are_grouped() {
    let mut desk = Desk::open();
    for key in ["2", "6", "7", "8", "0", "1 g enter"] {
        desk.press(key);
        assert_eq!(desk.press("u"), []);
        assert_eq!((word(&desk), desk.notice()), (None, "only queues are grouped"), "after {key}");
    }
}

#[test]
fn the_selection_walks_through_the_queues_and_past_the_totals() {
    let mut screen = TestScreen::new(centre::busy(), 80, 24);
    screen.press("u");
    let order = screen.state.order();
    for (keys, first) in [("down", 0), ("up", order.len() - 1)] {
        screen.press(if first == 0 { "g" } else { "G" });
        let mut walked = vec![screen.state.selected().unwrap().clone()];
        for _ in 1..order.len() {
            screen.press(keys);
            walked.push(screen.state.selected().unwrap().clone());
        }
        if first > 0 {
            walked.reverse();
        }
        assert_eq!(walked, order);
    }
}

#[test]
fn a_selected_first_queue_shows_its_total_too() {
    for (width, height) in [(200, 50), (80, 24), (80, 12), (36, 10), (36, 8), (36, 6)] {
        let mut screen = TestScreen::new(centre::busy(), width, height);
        screen.press("u G g");
        assert!(screen.text().contains("hq  "), "at {width}×{height}:\n{}", screen.text());
        for _ in 0..6 {
            screen.press("down");
        }
        let text = screen.text();
        let at = |what: &str| text.lines().position(|line| line.contains(what));
        let selected = text.lines().position(|line| line.starts_with('▌')).unwrap();
        assert_eq!(at("helsinki  "), Some(selected - 1), "at {width}×{height}:\n{text}");
    }
}

#[test]
fn no_key_and_no_click_acts_on_a_total() {
    let mut screen = TestScreen::new(centre::busy(), 80, 24);
    screen.press("u");
    let area = Rect { x: 0, y: 0, width: 80, height: 24 };
    let text = screen.text();
    for (y, line) in text.lines().enumerate().filter(|(_, line)| line.contains("queues ")) {
        if y < 3 {
            continue;
        }
        let pointer = Pointer { x: 6, y: u16::try_from(y).unwrap(), gesture: Gesture::Click };
        assert_eq!(ui::hit(&screen.state, area, pointer), None, "{line}");
        let below = Pointer { y: pointer.y + 1, ..pointer };
        let hit = ui::hit(&screen.state, area, below);
        assert!(matches!(hit, Some(Target::Row(RowId::Queue(..)))), "{hit:?}");
    }
    // All that a key could act on is selected or marked, and that is never a total.
    for keys in ["g", "G", "pgdn", "pgup", "space", "space", "down", "up"] {
        screen.press(keys);
        let marks = &screen.state.screen.view().marks;
        let known: Vec<RowId> = screen.state.order();
        let selected = screen.state.selected();
        assert!(marks.iter().chain(selected).all(|id| known.contains(id)), "after {keys}");
    }
}

#[test]
fn a_screenful_of_groups_is_what_is_seen_and_leaves_none_out() {
    let mut screen = TestScreen::new(centre::busy(), 36, 10);
    screen.press("u g");
    let mut seen = Vec::new();
    for _ in 0..9 {
        let rows = screen.state.rows();
        let text = screen.text();
        for (index, id) in rows.iter().enumerate() {
            let RowId::Queue(source, queue) = id else { unreachable!() };
            let name: String =
                screen.state.floor.queue(source, queue).unwrap().name.chars().take(6).collect();
            if text.lines().skip(3).any(|line| line.contains(&name)) {
                seen.push(index);
            }
        }
        screen.press("pgdn");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, (0..12).collect::<Vec<_>>());
}

#[test]
fn the_caption_counts_queues_and_no_totals() {
    let mut screen = TestScreen::new(centre::busy(), 80, 24);
    screen.press("u");
    assert!(screen.line("showing").ends_with("showing 1–12 of 12"));
    screen.resize(36, 10);
    screen.wait(9);
    assert!(screen.line("showing").ends_with("showing 1–4 of 12"));
    screen.press("G");
    assert!(screen.line("showing").ends_with("showing 9–12 of 12"), "{}", screen.text());
}

#[test]
fn a_filter_keeps_groups_of_what_it_keeps() {
    let mut screen = TestScreen::new(centre::busy(), 80, 24);
    screen.press("u / s u p p enter");
    let rows = screen.state.rows();
    assert_eq!((rows.len(), rows.order().groups.len()), (1, 1));
    assert!(screen.text().contains("hq  1 queue "), "{}", screen.text());
    assert!(screen.text().contains("1 of 12 kept"));
}

#[test]
fn a_group_moves_up_when_its_worst_queue_is_the_worst() {
    let mut desk = Desk::open();
    desk.press("u");
    let first = |desk: &Desk| desk.state.rows().order().groups[0].name.clone();
    assert_eq!(first(&desk).as_str(), "hq");
    let calm = Part::Queues(vec![queue("21", "Växel")]);
    desk.tell("hq", SourceEvent::Snapshot(calm));
    let mut busy = queue("4101", "Vaihde");
    busy.figures.waiting = Some(9);
    desk.tell("helsinki", SourceEvent::Snapshot(Part::Queues(vec![busy])));
    assert_eq!(first(&desk).as_str(), "helsinki");
    assert!(desk.state.order().contains(&queue_row("21")));
}

#[test]
fn groups_are_found_once_for_many_frames_and_anew_when_their_figures_change() {
    let mut screen = TestScreen::new(centre::busy(), 200, 50);
    screen.press("u g");
    let found = screen.state.rows();
    for _ in 0..5 {
        screen.press("down");
        screen.wait(1);
        drop(screen.buffer());
        assert!(Arc::ptr_eq(&found, &screen.state.rows()));
    }
    let waiting = screen.line("hq  6 queues");
    let mut queues: Vec<_> =
        screen.state.floor.world(&"hq".into()).unwrap().queues.values().cloned().collect();
    queues[0].figures.waiting = Some(90);
    let event = SourceEvent::Snapshot(Part::Queues(queues));
    screen.event(Event::Source { source: "hq".into(), event });
    assert!(!Arc::ptr_eq(&found, &screen.state.rows()));
    assert_ne!(screen.line("hq  6 queues"), waiting);
}

#[test]
fn a_wall_ignores_groups() {
    let mut screen = TestScreen::new(centre::busy(), 120, 34);
    screen.press("w");
    let before = screen.text();
    screen.press("w u w");
    assert_eq!(screen.text(), before);
    screen.event(Event::Key(Press::char('u')));
    assert_eq!(screen.text(), before);
    let rows = screen.state.rows();
    assert!(matches!(rows.order().line(0), Some(Line::Total(_))));
}
