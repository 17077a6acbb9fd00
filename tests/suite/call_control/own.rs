//! The source's own user: who it is, which phones ring, and what an agent's ticket lets one see.

use floorwalker::floor::id::{DeviceId, FeedName};
use floorwalker::operations::Access;
use floorwalker::table::mine::Mine;

use super::scene::{Scene, key, world};

#[tokio::test]
async fn the_phones_that_can_ring_are_told_with_what_they_are() {
    let scene = Scene::open().await;
    let own = world(&scene.state).own.as_ref().unwrap();
    assert_eq!(own.user.raw(), "supervisor@example.com");
    let labels: Vec<String> =
        own.devices.iter().flatten().map(|own| own.label().to_string()).collect();
    assert_eq!(labels, ["Desk 12 (desk phone)", "Robin's mobile (mobile phone)"]);
    assert!(own.device(&DeviceId::new("soft-supervisor")).is_none(), "it is not running");
}

#[tokio::test]
async fn where_active_phones_are_not_told_those_of_the_list_are_taken_that_are_active() {
    let scene = Scene::of(Access::Full, |config| {
        config + "\n[source.endpoints.\"device.active\"]\npath = \"/nothing/{domain}/{userId}\"\n"
    })
    .await;
    let own = world(&scene.state).own.as_ref().unwrap();
    assert_eq!(own.devices.as_ref().map(Vec::len), Some(2));
}

#[tokio::test]
async fn an_agents_ticket_gives_a_board_and_what_it_lacks_is_named() {
    let user = "elsa.norrby";
    let mut scene = Scene::of(Access::Full, |config| {
        config
            .replace("sim-ticket", "sim-agent-ticket")
            .replace("\"supervisor\"", "\"elsa.norrby\"")
    })
    .await;
    scene
        .until("the own queues", |state| {
            let told = |mine: Mine<'_>| !mine.queues.is_empty() && !mine.unseen.is_empty();
            Mine::of(&state.context()).is_some_and(told)
        })
        .await;
    let context = scene.state.context();
    let mine = Mine::of(&context).unwrap();
    assert_eq!(mine.name.as_str(), "Elsa Norrby");
    assert!(mine.state.is_some());
    assert!(mine.queues.iter().all(|queue| queue.figures.waiting.is_some()));
    assert!(mine.unseen.iter().any(|part| part.raw() == "queues"), "{:?}", mine.unseen);
    let world = world(&scene.state);
    let remark = world.feed(&FeedName::new("queues")).unwrap().error().unwrap();
    assert!(remark.contains("Supervisor licence"), "{remark}");
    assert!(world.agents.contains_key(&key(user)));
}
