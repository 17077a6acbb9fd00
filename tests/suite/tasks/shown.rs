//! The table of tasks, the pane beside it, and what of it leaves the process.

use floorwalker::event::SourceEvent;
use floorwalker::floor::portable::{Masked, Portable as _};
use floorwalker::report::json::json as report;
use floorwalker::source::nimbus::events::map::Mapper;
use floorwalker::table::{Context, RowId, TableId, View};
use floorwalker::text::Shown;
use serde_json::{Value, json};

use crate::support::desk::{Desk, later, up};
use crate::support::fixtures;
use crate::support::nimbus::{event, read, settings};
use crate::support::screen::TestScreen;

/// An event reaches the board.
pub fn tell(desk: &mut Desk, event: &Value) {
    let mapper = Mapper::new(&settings());
    let mut tally = Default::default();
    let event = read(event, &mut tally).unwrap();
    for news in mapper.news(&event, &desk.state.now, &mut tally) {
        desk.tell("nimbus", news);
    }
}

/// A board on which every documented event was told, with the feed that brought it.
fn told() -> Desk {
    let mut desk = Desk::open();
    desk.tell("nimbus", SourceEvent::Link(up("triggers")));
    for event in fixtures::json("nimbus/task_events").as_array().unwrap() {
        tell(&mut desk, event);
    }
    tell(&mut desk, &event("3f9d2a60-0004", "Queued", &json!({"direction": "Outbound"})));
    desk
}

fn row(desk: &Desk, id: &str, veil: bool) -> Value {
    let context = Context { live: false, veil, ..desk.state.context() };
    let all = TableId::Tasks.json(&context);
    all.into_iter().find(|row| row["id"] == id).unwrap()
}

#[test]
fn a_row_tells_the_contracts_keys() {
    let desk = told();
    let one = row(&desk, "3f9d2a60-0001", true);
    assert_eq!((&one["queue"], &one["customer"]), (&"Claims".into(), &"Ada Byron".into()));
    assert_eq!((&one["phase"], &one["modality"]), (&"new".into(), &"Audio".into()));
    assert_eq!((&one["party"], &one["agent"]), (&"+442079460188".into(), &Value::Null));
    let two = row(&desk, "3f9d2a60-0002", true);
    assert_eq!((&two["phase"], &two["wait_s"]), (&"waiting".into(), &0.into()));
    let three = row(&desk, "3f9d2a60-0003", true);
    assert_eq!(
        (&three["agent"], &three["direction"]),
        (&"Jo@Contoso.example".into(), &Value::Null)
    );
    let four = row(&desk, "3f9d2a60-0004", true);
    assert_eq!((&four["attempts"], &four["direction"]), (&2.into(), &"outbound".into()));
    for key in ["recording", "supervised_by", "position", "priority", "muted", "conference"] {
        assert_eq!(one[key], Value::Null, "{key}");
    }
}

#[test]
fn what_customers_wrote_is_veiled_unless_somebody_asks_for_it() {
    let desk = told();
    assert_eq!(row(&desk, "3f9d2a60-0002", true)["subject"], "[6 words]");
    assert_eq!(row(&desk, "3f9d2a60-0003", true)["subject"], "[2 words]");
    assert_eq!(row(&desk, "3f9d2a60-0003", false)["subject"], "Order 20413");
    let whole = report(&Context { live: false, ..desk.state.context() }, &TableId::ALL).to_string();
    for words in ["call me", "Order 20413", "where is it", "again"] {
        assert!(!whole.contains(words), "{words}");
    }
    let twice = Shown::clean("hello there").veiled().veiled();
    assert_eq!(twice.as_str(), "[2 words]");
    assert_eq!(Shown::clean("").veiled().as_str(), "");
    assert_eq!(Shown::clean("hi").veiled().as_str(), "[1 word]");
}

#[test]
fn a_board_without_the_right_to_numbers_gets_neither_numbers_nor_words() {
    let desk = told();
    let mut world = desk.state.floor.world(&"nimbus".into()).unwrap().clone();
    world.change(&mut Masked);
    let text = serde_json::to_string(&world).unwrap();
    for words in ["call me", "Order 20413", "9460188", "9460191", "9460177", "again"] {
        assert!(!text.contains(words), "{words} in {text}");
    }
}

#[test]
fn the_pane_tells_one_contact_whole_and_keeps_the_veil() {
    let mut desk = told();
    desk.state.size = (160, 40);
    desk.press("4");
    desk.select(&RowId::Task("nimbus".into(), "3f9d2a60-0002".into()));
    let screen = TestScreen::new(desk.state.clone(), 160, 40).text();
    assert!(screen.contains("web-77") && screen.contains("[6 words]"), "{screen}");
    assert!(screen.contains("Queued"), "{screen}");
    assert!(!screen.contains("call me"), "{screen}");
    desk.state.veil = false;
    let screen = TestScreen::new(desk.state.clone(), 160, 40).text();
    assert!(screen.contains("call me"), "{screen}");
    desk.state.mask = true;
    let screen = TestScreen::new(desk.state.clone(), 160, 40).text();
    assert!(!screen.contains("call me"), "who masks masks all of it: {screen}");
}

#[test]
fn a_lost_task_says_so_and_stands_behind_what_goes_on() {
    let mut desk = told();
    desk.wait(4 * 3_600 + 1);
    tell(&mut desk, &event("young", "User connected", &json!({})));
    let context = desk.state.context();
    let order = TableId::Tasks.order(&context, &View::default());
    let page = TableId::Tasks.page(&context, &order);
    let words: Vec<&str> = page.iter().map(|row| row.cells[0].text.as_str()).collect();
    assert_eq!(words, ["connected", "lost track", "lost track", "lost track", "lost track"]);
    assert!(page[1..].iter().all(|row| !row.fresh));
    assert_eq!(row(&desk, "3f9d2a60-0002", true)["phase"], "waiting", "as it was told last");
}

#[test]
fn a_silent_feed_says_since_when_and_greys_its_rows() {
    use std::time::Duration;
    let mut desk = told();
    let feed = floorwalker::floor::link::Feed {
        kind: floorwalker::floor::link::FeedKind::Stream,
        limit: Some(Duration::from_secs(900)),
        last_update: Some(later(0)),
        ..up("triggers")
    };
    desk.tell("nimbus", SourceEvent::Link(feed));
    desk.wait(900);
    let link = |desk: &Desk| {
        desk.state
            .floor
            .world(&"nimbus".into())
            .unwrap()
            .feed(&"triggers".into())
            .unwrap()
            .link(&desk.state.now)
            .word()
    };
    assert_eq!(link(&desk), "live");
    desk.wait(2);
    assert_eq!(link(&desk), "stale");
    let context = Context { live: false, ..desk.state.context() };
    let all = TableId::Sources.json(&context);
    let own = all.iter().find(|row| row["source"] == "nimbus").unwrap();
    let error = own["feeds"].to_string();
    assert!(error.contains("no events since 14:00"), "{error}");
    let page = TableId::Tasks.page(&context, &TableId::Tasks.order(&context, &View::default()));
    assert!(page.iter().all(|row| !row.fresh));
}
