//! The simulator's webhooks: what a floor made of them shows is what the simulated floor is.

use std::collections::BTreeSet;
use std::time::Duration;

use floorwalker::clock;
use floorwalker::config::Config;
use floorwalker::floor::World;
use floorwalker::simulator::centre::{Activity, AgentState, Centre};
use floorwalker::simulator::enreach::webhooks::Webhooks;
use floorwalker::simulator::scenario::Vendor;
use floorwalker::simulator::{self, Settings, SimulatorError, Size};

use crate::support::reception::{LIMIT, Reception, TOKEN};

/// Everybody who stands on the simulated floor, and everything that goes on there.
fn there(centre: &Centre) -> (usize, BTreeSet<String>, usize) {
    let ours: BTreeSet<usize> = centre.queues_of(Vendor::Enreach).map(|(at, _)| at).collect();
    let calls = centre.calls().filter(|call| ours.contains(&call.queue)).count();
    let people = || centre.agents().iter().filter(|agent| agent.vendor() == Vendor::Enreach);
    let calls_out = |state: AgentState| {
        matches!(state, AgentState::CallingBack { .. } | AgentState::Away(Activity::Meeting))
    };
    let out = people().filter(|agent| calls_out(agent.state())).count();
    let names = people().map(|agent| format!("{} {}", agent.first_name(), agent.last_name()));
    (calls + out, names.collect(), centre.callbacks().count())
}

fn shown(world: &World) -> (usize, BTreeSet<String>, usize) {
    let names = world.agents.values().map(|agent| agent.name.to_string());
    (world.calls.values().count(), names.collect(), world.callbacks.values().count())
}

/// The world that is told of a floor that stands still.
async fn told(sins: impl Fn(Webhooks) -> Webhooks) -> World {
    let folder = tempfile::tempdir().unwrap();
    let mut reception = Reception::open(folder.path()).await;
    let webhooks = Some(sins(Webhooks::to(reception.url(), TOKEN)));
    let simulator = simulator::start(Settings { webhooks, speed: 0.0, ..Settings::default() });
    let simulator = simulator.await.unwrap();
    let still = simulator::floor(Size::Small, 1).unwrap();
    let wanted = there(&still);
    assert!(wanted.0 > 0 && wanted.2 > 0, "something goes on: {wanted:?}");
    let mut world = reception.world().await;
    let end = clock::moment().after(LIMIT);
    while shown(&world) != wanted {
        assert!(clock::moment() < end, "{:?} becomes {wanted:?}", shown(&world));
        tokio::time::sleep(Duration::from_millis(20)).await;
        world = reception.world_from(world).await;
    }
    simulator.stop().await;
    reception.close().await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_floor_that_stands_still_is_told_whole() {
    let world = told(|webhooks| webhooks).await;
    assert!(world.agents.values().all(|agent| !agent.memberships.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_twice_and_in_another_order_it_is_the_same_floor() {
    let plain = told(|webhooks| webhooks).await;
    let sinful = told(|webhooks| Webhooks {
        duplicates: 0.5,
        shuffle: Duration::from_millis(40),
        ..webhooks
    })
    .await;
    assert_eq!(shown(&sinful), shown(&plain));
    let states = |world: &World| -> Vec<String> {
        world.agents.values().map(|agent| format!("{} {:?}", agent.name, agent.state)).collect()
    };
    assert_eq!(states(&sinful), states(&plain));
}

#[tokio::test]
async fn the_configuration_receives_where_they_are_sent_and_they_stay_on_this_machine() {
    let webhooks =
        Some(Webhooks::to("http://127.0.0.1:9/webhook/helsinki", "simulated-webhook-4711"));
    let simulator =
        simulator::start(Settings { webhooks, speed: 0.0, ..Settings::default() }).await.unwrap();
    let config = Config::parse(&simulator.config(), true).unwrap();
    let shown = floorwalker::config::sample::show(&config);
    assert!(shown.contains("webhook = { \"listen\" = \"127.0.0.1:9\""), "{shown}");
    for url in ["http://192.0.2.1/x", "https://127.0.0.1/x", "nonsense"] {
        let webhooks = Some(Webhooks::to(url, "x"));
        let far = simulator::start(Settings { webhooks, ..Settings::default() }).await;
        assert!(matches!(far, Err(SimulatorError::Webhook { .. })), "{url}");
    }
    simulator.stop().await;
}
