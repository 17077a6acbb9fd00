//! Many times, in any order, over a restart: it is as if each event had come once.

use floorwalker::clock;
use floorwalker::floor::{Kind, World};
use floorwalker::relay::store::Arrival;
use floorwalker::source::enreach::events::NAMES;
use serde_json::{Value, json};

use crate::support::enreach::{QUEUE, value, with};
use crate::support::reception::{LIMIT, Reception, oracle, timeless};

/// Events about a few calls, people, queues and requests.
fn events(count: usize, rng: &mut fastrand::Rng) -> Vec<Value> {
    (0..count)
        .map(|number| {
            let name = NAMES[rng.usize(..NAMES.len())];
            let mut value = value(name);
            let mut set = |key: &str, new: Value| {
                if value.get(key).is_some() {
                    value[key] = new;
                }
            };
            set("CallId", json!(format!("call-{}", rng.u8(..40))));
            set("UserId", json!(format!("user-{}", rng.u8(..9))));
            set("QueueId", if rng.bool() { json!(QUEUE) } else { json!("other") });
            set("CallBackId", json!(format!("callback-{}", rng.u8(..9))));
            set("NbrOfQueuingRequesters", json!(rng.u8(..9)));
            for key in ["Talking", "Serving", "Active", "CanBeAllocatedTo", "IsClosed"] {
                set(key, json!(rng.bool()));
            }
            let millis = rng.u32(..60_000);
            value["Id"] = json!(format!("event-{number}"));
            value["Timestamp"] =
                json!(format!("2026-03-12T14:30:{:02}.{:03}Z", millis / 1_000, millis % 1_000));
            value
        })
        .collect()
}

async fn exactly_once(count: usize) {
    let mut rng = fastrand::Rng::with_seed(20);
    let events = events(count, &mut rng);
    let mut sent: Vec<&Value> =
        events.iter().flat_map(|event| std::iter::repeat_n(event, rng.usize(1..=5))).collect();
    rng.shuffle(&mut sent);
    let folder = tempfile::tempdir().unwrap();
    let mut reception = Reception::open(folder.path()).await;
    let (first, second) = sent.split_at(sent.len() / 2);
    tell(&mut reception, first).await;
    reception.close().await;
    let mut reception = Reception::open(folder.path()).await;
    // The world of before is gone with its process: the store tells it anew.
    let mut world = World::new(Kind::Enreach);
    for part in second.chunks(1_000) {
        world = reception.world_from(world).await;
        tell(&mut reception, part).await;
    }
    world = timeless(reception.world_from(world).await);
    assert_eq!(*reception.store.newest().borrow(), count as u64, "each is on disk once");
    let oracle = oracle(&events);
    assert!(world.queues == oracle.queues, "the queues differ");
    assert!(world.agents == oracle.agents, "the agents differ");
    assert!(world.callbacks == oracle.callbacks, "the callbacks differ");
    assert!(world.lists == oracle.lists, "the lists differ");
    assert!(world.calls == oracle.calls, "the calls differ");
    reception.close().await;
}

/// Sends them, some at a time, as a vendor does.
async fn tell(reception: &mut Reception, events: &[&Value]) {
    use futures_util::StreamExt;
    let reception = &*reception;
    futures_util::stream::iter(events).for_each_concurrent(16, |event| reception.tell(event)).await;
}

#[tokio::test]
async fn after_a_restart_the_floor_is_known_again_and_as_old_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut reception = Reception::open(folder.path()).await;
    let ago = chrono::TimeDelta::minutes(10);
    let began = clock::wall() - ago;
    for name in ["QueueStatus", "UserStatus", "CallbackChanged", "QueueCallInArrived"] {
        reception.tell(&with(name, &json!({"Timestamp": began}))).await;
    }
    let before = reception.world().await;
    reception.close().await;
    let mut reception = Reception::open(folder.path()).await;
    let end = clock::moment().after(LIMIT);
    let mut after = World::new(Kind::Enreach);
    let known = |world: &World| {
        let figures = world.queues.values().map(|queue| queue.figures.clone());
        let calls = world.calls.values().map(|call| (call.id.clone(), call.phase));
        let agents = world.agents.values().map(|agent| (agent.key.clone(), agent.state.clone()));
        let callbacks = world.callbacks.values().map(|own| (own.id.clone(), own.state()));
        let (figures, calls): (Vec<_>, Vec<_>) = (figures.collect(), calls.collect());
        (figures, calls, agents.collect::<Vec<_>>(), callbacks.collect::<Vec<_>>())
    };
    while known(&after) != known(&before) {
        assert!(clock::moment() < end, "all of it is told again");
        after = reception.world_from(after).await;
        tokio::task::yield_now().await;
    }
    let call = after.calls.values().next().unwrap();
    let age = clock::now().age(call.path().last().unwrap().told.moment);
    assert!((600..660).contains(&age.as_secs()), "{age:?}");
    reception.close().await;
}

#[tokio::test]
async fn what_came_twenty_three_hours_ago_counts_once_and_what_came_before_yesterday_again() {
    let folder = tempfile::tempdir().unwrap();
    let reception = Reception::open(folder.path()).await;
    let event = |id: &str| with("QueueStatus", &json!({ "Id": id }));
    for (id, hours) in [("long ago", 26), ("today", 23)] {
        let arrived = clock::wall() - chrono::TimeDelta::hours(hours);
        let (source, body) = ("helsinki".to_owned(), event(id).to_string().into());
        let arrival =
            Arrival { source, id: id.to_owned(), at: arrived, arrived, latest: None, body };
        reception.store.keep(arrival).await.unwrap();
    }
    let newest = || *reception.store.newest().borrow();
    reception.tell(&event("today")).await;
    assert_eq!(newest(), 2, "it is known");
    reception.tell(&event("long ago")).await;
    assert_eq!(newest(), 3, "nobody remembers it");
    reception.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_shuffled_and_over_a_restart_it_is_the_floor_of_each_event_once() {
    exactly_once(600).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a hundred thousand events take minutes"]
async fn a_hundred_thousand_events_are_the_floor_of_each_event_once() {
    exactly_once(100_000).await;
}
