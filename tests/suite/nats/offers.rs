//! What a store has yet to tell other relays.

use std::path::Path;

use bytes::Bytes;
use chrono::TimeDelta;
use floorwalker::clock;
use floorwalker::relay::store::{Arrival, Kept, Limits, Place, Store};

use crate::support::reception::reopen;

fn arrival(id: &str) -> Arrival {
    Arrival {
        source: "helsinki".to_owned(),
        id: id.to_owned(),
        latest: None,
        at: clock::wall(),
        arrived: clock::wall(),
        body: Bytes::from(format!("body of {id}")),
    }
}

fn open(folder: &Path, limits: Limits) -> Store {
    let store = reopen(folder, limits);
    store.share();
    store
}

/// The bodies that are offered; none where the log does not hold it any more.
fn offered(store: &Store) -> Vec<Option<String>> {
    let (offers, count) = store.offers(100).unwrap();
    assert_eq!(count, offers.len() as u64);
    let body = |body: Vec<u8>| String::from_utf8(body).unwrap();
    offers.into_iter().map(|offer| offer.record.map(|record| body(record.body))).collect()
}

fn bodies(ids: &[&str]) -> Vec<Option<String>> {
    ids.iter().map(|id| Some(format!("body of {id}"))).collect()
}

#[tokio::test]
async fn an_event_is_offered_until_another_relay_knows_of_it_over_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), Limits::default());
    for id in ["a", "b", "a"] {
        store.keep(arrival(id)).await.unwrap();
    }
    drop(store);
    let store = open(folder.path(), Limits::default());
    assert_eq!(offered(&store), bodies(&["a", "b"]));
    store.offered(vec![1], Place { stream: 7, seq: 40 }).await;
    store.settled().await;
    drop(store);
    let store = open(folder.path(), Limits::default());
    assert_eq!(offered(&store), bodies(&["b"]));
    assert_eq!(store.acknowledged().unwrap(), Place { stream: 7, seq: 40 });
}

#[tokio::test]
async fn what_another_relay_received_is_kept_and_not_offered_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), Limits::default());
    assert_eq!(store.keep_copy(arrival("a")).await, Ok(Kept::New(1)));
    assert_eq!(store.keep(arrival("a")).await, Ok(Kept::Seen));
    assert_eq!(store.keep(arrival("b")).await, Ok(Kept::New(2)));
    assert_eq!(store.keep_copy(arrival("b")).await, Ok(Kept::Seen));
    assert_eq!(offered(&store), bodies(&["b"]));
    store.reached(Place { stream: 7, seq: 3 }).await;
    store.settled().await;
    assert_eq!(store.place().unwrap(), Place { stream: 7, seq: 3 });
}

#[tokio::test]
async fn a_store_without_other_relays_offers_nothing_until_it_is_asked_for_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = reopen(folder.path(), Limits::default());
    let old = Arrival { arrived: clock::wall() - TimeDelta::days(2), ..arrival("old") };
    for arrival in [old, arrival("a"), arrival("b")] {
        store.keep(arrival).await.unwrap();
    }
    assert_eq!(offered(&store), []);
    let there = Place { stream: 9, seq: 2 };
    store.offer_all(clock::wall() - TimeDelta::days(1), there).await;
    store.settled().await;
    assert_eq!(offered(&store), bodies(&["a", "b"]));
    assert_eq!(store.acknowledged().unwrap(), there);
}

#[tokio::test]
async fn an_offer_that_the_log_does_not_hold_any_more_is_known_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), Limits { kept: 2, ..Limits::default() });
    for id in ["a", "b", "c"] {
        store.keep(arrival(id)).await.unwrap();
        store.told(3).await;
    }
    store.keep(arrival("d")).await.unwrap();
    assert_eq!(offered(&store)[0], None);
    assert_eq!(offered(&store)[3], Some("body of d".to_owned()));
}
