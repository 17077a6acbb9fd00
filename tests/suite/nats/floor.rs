//! Two relays, boards on each and one over NATS: one floor.

use floorwalker::clock;
use floorwalker::simulator::{self, Simulator};
use floorwalker::state::State;

use crate::support::nats::{Nats, Relay, board, events_alone, is_oracle};
use crate::support::reception::oracle;
use crate::support::relay::{figures, shown};
use crate::webhooks::once::events;

async fn still() -> Simulator {
    let settings = simulator::Settings { speed: 0.0, ..simulator::Settings::default() };
    simulator::start(settings).await.unwrap()
}

fn all_fresh(state: &State) -> bool {
    ["relay", "hq", "helsinki", "nimbus"].iter().all(|name| {
        let world = state.floor.world(&floorwalker::floor::id::SourceName::new(name));
        world.is_some_and(|world| world.link(&state.now).is_fresh())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_show_one_floor_of_which_one_reads_the_sources() {
    let Some(nats) = Nats::start("two relays show one floor") else { return };
    let simulator = still().await;
    let first = Relay::start(&simulator.config(), &nats.url());
    first.until("relay_leads", 1).await;
    let second = Relay::start(&simulator.config(), &nats.url());
    let mut boards = [first.board(), second.board(), board(&nats.url(), None, true)];
    for board in &mut boards {
        board.until("all sources", all_fresh).await;
    }
    assert_eq!(
        (first.gauge("relay_leads").await, second.gauge("relay_leads").await),
        (Some(1), Some(0))
    );
    let [one, two, three] = boards.each_ref().map(|board| figures(shown(&board.state)));
    assert_eq!(one, two);
    assert_eq!(one, three);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_come_to_either_relay_or_to_both_count_once_on_every_board() {
    let Some(nats) = Nats::start("events count once") else { return };
    let relays = [(); 2].map(|()| Relay::start(&events_alone(), &nats.url()));
    let events = events(300, &mut fastrand::Rng::with_seed(6));
    let oracle = oracle(&events);
    let mut boards = [relays[0].board(), relays[1].board(), board(&nats.url(), None, true)];
    for (index, event) in events.iter().enumerate() {
        assert!(relays[index % 2].post(event).await);
        if index % 3 == 0 {
            assert!(relays[(index + 1) % 2].post(event).await);
        }
    }
    for board in &mut boards {
        board.until("each event once", |state| is_oracle(state, &oracle)).await;
    }
    for relay in &relays {
        relay.until("relay_nats_waiting_events", 0).await;
    }
    let _ = clock::moment();
}
