//! Calling back: one's own phone rings first, then the caller's.

use std::time::Duration;

use floorwalker::floor::callback::CallbackState;
use floorwalker::floor::id::CallbackId;
use floorwalker::operations::{Access, Outcome};
use floorwalker::simulator::Faults;
use floorwalker::simulator::centre::Stage;
use floorwalker::state::Dialog;
use floorwalker::table::RowId;
use floorwalker::text::Shown;

use super::scene::{Scene, world};

/// The hand on somebody whom nobody has called back.
pub async fn at_a_caller(scene: &mut Scene) -> (CallbackId, String) {
    scene
        .until("callers and places", |state| {
            let own = world(state).own.as_ref();
            own.is_some_and(|own| own.places.is_some())
                && world(state).callbacks.values().any(|own| own.state() == CallbackState::Open)
        })
        .await;
    let open = |own: &&floorwalker::floor::callback::Callback| own.state() == CallbackState::Open;
    let caller = world(&scene.state).callbacks.values().find(open).unwrap();
    let number = caller.request().unwrap().party.clone().unwrap().to_string();
    let id = caller.id.clone();
    scene.press("5 g");
    let row = RowId::Callback("hq".into(), id.clone());
    while scene.state.selected() != Some(&row) {
        scene.press("down");
    }
    (id, number)
}

#[tokio::test]
async fn ones_own_phone_rings_then_the_caller_is_called() {
    let mut scene = Scene::open().await;
    let (id, number) = at_a_caller(&mut scene).await;
    scene.press("b");
    let Some(Dialog::Picker(picker)) = &scene.state.screen.dialog else { panic!() };
    let places: Vec<&str> = picker.items.iter().map(Shown::as_str).collect();
    assert_eq!(places, ["Desk phone", "Mobile", "Home office"]);
    scene.press("down enter");
    let Some(Dialog::Question(question)) = &scene.state.screen.dialog else { panic!() };
    assert_eq!(question.title.as_str(), format!("Call {number} back?"));
    let first = question.consequences[0].as_str();
    assert_eq!(first, format!("Rings your Mobile first, then calls {number}."));
    assert_eq!(scene.press("y y y"), 1, "a double press is one request");
    scene.accepted().await;
    let dialled = scene.simulator.change(|centre| centre.dialled().cloned().collect::<Vec<_>>());
    assert_eq!(dialled.len(), 1);
    assert_eq!((dialled[0].number.as_str(), dialled[0].stage), (number.as_str(), Stage::Rings));
    scene.look_at("supervisor").await;
    assert_eq!(scene.pending().word(), "pending", "nobody has taken one's own phone up");
    let row = RowId::Callback("hq".into(), id);
    let page = floorwalker::table::TableId::Callbacks.page(&scene.state.context(), &[row]);
    assert!(page[0].pending.is_some(), "the row says so");
    scene.simulator.change(|centre| centre.advance(Duration::from_millis(2_100)));
    scene.look_at("supervisor").await;
    assert_eq!(scene.pending().word(), "done");
    let log = scene.audit();
    assert_eq!(log[0]["action"], "call_back");
    let text = format!("{log:?}");
    assert!(!text.contains(&number[4..number.len() - 2]), "numbers are masked: {text}");
}

#[tokio::test]
async fn the_place_that_was_chosen_is_marked_the_next_time() {
    let mut scene = Scene::open().await;
    at_a_caller(&mut scene).await;
    scene.press("b down enter esc b");
    let Some(Dialog::Picker(picker)) = &scene.state.screen.dialog else { panic!() };
    assert_eq!(picker.marked, 1);
    assert_eq!(scene.state.places[&"hq".into()].raw(), "mobile");
    assert!(scene.state.phones.is_empty(), "a phone is something else");
}

#[tokio::test]
async fn the_vendors_words_are_shown_where_it_refuses() {
    let mut scene = Scene::open().await;
    let (_, number) = at_a_caller(&mut scene).await;
    scene.simulator.change(|centre| {
        let own = centre.agents().iter().position(|own| own.user() == "supervisor").unwrap();
        centre.dial(own, "1").unwrap();
    });
    scene.press("b enter");
    assert_eq!(scene.press("y"), 1);
    scene.word("refused").await;
    let command = scene.pending().command.clone();
    let Outcome::Refused(why) = scene.execute(command).await else { panic!() };
    assert!(why.contains("is being set up already"), "{why}");
    let called = scene.simulator.change(|centre| centre.dialled().any(|own| own.number == number));
    assert!(!called);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_until_the_call_is_seen_and_it_is_made_once() {
    let mut scene = Scene::open().await;
    at_a_caller(&mut scene).await;
    scene.simulator.fail(Faults { lost_answers: 1, ..Faults::default() });
    scene.press("b enter");
    assert_eq!(scene.press("y"), 1);
    scene.word("unknown").await;
    scene.simulator.change(|centre| centre.advance(Duration::from_millis(2_100)));
    scene.look_at("supervisor").await;
    assert_eq!(scene.pending().word(), "done");
    assert_eq!(scene.simulator.change(|centre| centre.dialled().count()), 1);
}

#[tokio::test]
async fn without_a_ticket_for_calls_nothing_is_sent_and_it_is_said() {
    let mut scene = Scene::of(Access::Full, |config| {
        config.replace(
            "ticket = \"sim-ticket\"",
            "tickets = { QUEUE_STATISTICS = \"sim-ticket\", ACD = \"sim-ticket\", DISTRIBUTION_GROUP = \"sim-ticket\", USER = \"sim-ticket\" }",
        )
    })
    .await;
    at_a_caller(&mut scene).await;
    scene.press("b enter");
    assert_eq!(scene.press("y"), 1);
    scene.word("failed").await;
    let Some(why) = &scene.state.notice else { panic!() };
    assert!(why.text.contains("CALLS"), "{}", why.text);
    assert_eq!(scene.simulator.change(|centre| centre.dialled().count()), 0);
}

#[tokio::test]
async fn where_the_places_are_refused_it_is_said_and_the_rest_works() {
    let mut scene = Scene::of(Access::Full, |config| {
        config
            + "\n[source.endpoints.\"config.answerplaces\"]\npath = \"/nothing/{domain}/{user}\"\n"
    })
    .await;
    scene
        .until("callers", |state| {
            world(state).callbacks.values().any(|own| own.state() == CallbackState::Open)
        })
        .await;
    scene.press("5 f f g b");
    let Some(why) = &scene.state.notice else { panic!("asked") };
    assert!(why.text.contains("where you take calls is not told"), "{}", why.text);
    assert!(world(&scene.state).own.as_ref().unwrap().devices.is_some());
}

#[tokio::test]
async fn read_only_calls_nobody_back() {
    let mut scene = Scene::of(Access::ReadOnly, |config| config).await;
    at_a_caller(&mut scene).await;
    assert_eq!(scene.press("b"), 0);
    assert!(scene.state.screen.dialog.is_none());
}
