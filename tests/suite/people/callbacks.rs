//! Callers to be called back, from the real wire to the board and back.

use floorwalker::floor::callback::{CALLBACKS, CallbackState};
use floorwalker::floor::id::FeedName;
use floorwalker::floor::link::{Health, Link};
use floorwalker::operations::Outcome;
use floorwalker::table::{RowId, TableId};

use crate::support::desk::only;
use crate::support::town::Town;

fn open(world: &floorwalker::floor::World) -> usize {
    world.callbacks.values().filter(|row| row.state() == CallbackState::Open).count()
}

#[tokio::test]
async fn a_caller_is_taken_with_a_note_and_closed_and_the_board_sees_both() {
    let mut town = Town::open().await;
    town.until("callers", |_, world| open(world) > 3 && !world.queues.is_empty()).await;
    town.press("5 f f g");
    let Some(RowId::Callback(_, id)) = town.state.selected().cloned() else { panic!() };
    town.press("t a t space f i v e enter");
    let command = only(&town.press("y"));
    assert_eq!(town.carry_out(command).await, Outcome::Done);
    let state = |world: &floorwalker::floor::World| {
        world.callbacks.get(&id).map(|row| (row.state(), row.request().unwrap().clone()))
    };
    town.until("taken", |board, world| {
        state(world).is_some_and(|(now, _)| now == CallbackState::Taken)
            && board.pending.last().is_some_and(|pending| pending.word() == "done")
    })
    .await;
    let (_, request) = state(town.world()).unwrap();
    assert_eq!((request.own, request.note.as_deref()), (Some(true), Some("at five")));
    assert!(request.owner.is_some());
    town.press("f f g");
    let mine = town.state.order().contains(&RowId::Callback("hq".into(), id.clone()));
    assert!(mine, "my own are first");
    assert_eq!(town.state.selected(), Some(&RowId::Callback("hq".into(), id.clone())));
    town.press("T enter");
    let command = only(&town.press("y"));
    assert_eq!(town.carry_out(command).await, Outcome::Done);
    town.until("closed", |_, world| state(world).is_none_or(|(now, _)| now == CallbackState::Done))
        .await;
}

#[tokio::test]
async fn every_caller_stands_in_the_list_of_a_queue_and_the_lists_count_them() {
    let mut town = Town::open().await;
    town.until("lists", |_, world| open(world) > 0 && !world.queues.is_empty()).await;
    let world = town.world();
    for list in world.lists.values() {
        assert!(world.list_name(&list.id).is_some(), "{:?} has no name", list.id);
    }
    let counted: u32 = world.lists.values().filter_map(|list| list.free).sum();
    assert_eq!(usize::try_from(counted).unwrap(), open(world));
    let rows = TableId::Callbacks.json(&town.state.context());
    assert!(rows.iter().all(|row| row["list"].is_string()), "{rows:?}");
}

#[tokio::test]
async fn handle_time_and_service_level_come_from_the_log_where_the_vendor_has_none() {
    let mut town = Town::open().await;
    town.until("figures", |_, world| {
        world.queues.values().any(|queue| queue.figures.logged.is_some())
    })
    .await;
    let rows = TableId::Queues.json(&town.state.context());
    let row = rows.iter().find(|row| row["average_handle_s"].is_u64()).unwrap();
    assert!(row["service_level"].is_number(), "{row}");
    assert_eq!(row["service_level_variant"], "ignore_abandons");
}

#[tokio::test]
async fn a_ticket_that_opens_no_log_is_named_and_the_rest_works() {
    let mut town = Town::with(|config| {
        config.replace(
            "[[source]]",
            "[[source]]\nendpoints.\"group.calllog.all\".path = \"/forbidden/{domain}/{user}\"\n",
        )
    })
    .await;
    let feed = |world: &floorwalker::floor::World| world.feed(&FeedName::new(CALLBACKS)).cloned();
    town.until("refused", |board, world| {
        feed(world).is_some_and(|feed| matches!(feed.health, Health::Down { .. }))
            && world.link(&board.now).is_fresh()
    })
    .await;
    let link = town.world().link(&town.state.now);
    assert!(matches!(link, Link::Live | Link::Polling), "{link:?}");
    assert!(!town.world().queues.is_empty());
}
