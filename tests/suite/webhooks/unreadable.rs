//! Webhooks that cannot be read: they are kept as they came, and a newer version of the program reads them.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use floorwalker::clock;
use floorwalker::event::SourceEvent;
use floorwalker::relay::store::{Limits, Store, Unreadable};
use floorwalker::relay::webhook::unreadable::version;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::enreach::with;
use crate::support::reception::{Reception, TOKEN, path, reopen};

fn event(id: &str) -> Value {
    with("QueueStatus", &json!({ "Id": id }))
}

/// A webhook that this version of the program could not read, or another one.
fn unreadable(body: &Value, version: &str, arrived: DateTime<Utc>) -> Unreadable {
    Unreadable {
        source: "helsinki".to_owned(),
        arrived,
        reason: "an event that is no JSON".to_owned(),
        version: version.to_owned(),
        content_type: None,
        content_encoding: None,
        body: body.to_string().into(),
    }
}

/// The ids of the log's events, in order, each with its time of receipt.
fn log(store: &Store) -> Vec<(String, DateTime<Utc>)> {
    let records = store.after(0, 1_000).unwrap();
    let id = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["Id"].clone();
    let id = |body: &[u8]| id(body).as_str().unwrap().to_owned();
    records.iter().map(|record| (id(&record.body), record.arrived)).collect()
}

fn now() -> DateTime<Utc> {
    // The store keeps milliseconds.
    DateTime::from_timestamp_millis(clock::wall().timestamp_millis()).unwrap()
}

#[tokio::test]
async fn a_webhook_that_cannot_be_read_is_kept_as_it_came_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let reception = Reception::open(folder.path()).await;
    let before = now();
    let request = reception.client.post(reception.url()).header("X-Benemen-Token", TOKEN);
    let request = request.header("Content-Type", "application/json; charset=iso-8859-1");
    let answer = request.body(&b"{\"Id\": \"V\xe4xel"[..]).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "to send it again would not help");
    reception.close().await;
    let store = reopen(folder.path(), Limits::default());
    let kept = store.unreadable(0, 10).unwrap();
    let [(1, own)] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!((own.source.as_str(), &own.body[..]), ("helsinki", &b"{\"Id\": \"V\xe4xel"[..]));
    assert_eq!(own.content_type.as_deref(), Some("application/json; charset=iso-8859-1"));
    assert_eq!((own.version.as_str(), own.content_encoding.as_deref()), (version(), None));
    assert!(own.reason.starts_with("an event that is no JSON: "), "{}", own.reason);
    assert!((before..=now()).contains(&own.arrived), "{}", own.arrived);
    assert_eq!(store.unread().borrow().kept["helsinki"], 1);
}

#[tokio::test]
async fn how_many_cannot_be_read_stands_beside_the_feed_and_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut reception = Reception::open(folder.path()).await;
    for body in ["nonsense", "[]"] {
        assert_eq!(reception.post(body).await.status(), StatusCode::OK);
    }
    let heard = reception
        .hear(|heard| {
            let is_beside = heard.iter().any(|event| {
                let SourceEvent::Link(feed) = event else { return false };
                feed.error().is_some_and(|remark| remark.starts_with("2 webhooks cannot be read"))
            });
            let said = format!("{heard:?}");
            is_beside && said.contains("an event that is no object; it is kept for a newer version")
        })
        .await;
    drop(heard);
    reception.tell(&event("good")).await;
    let up = reception
        .hear(|heard| {
            let Some(SourceEvent::Link(feed)) = heard.last() else { return false };
            feed.last_update.is_some()
        })
        .await;
    let Some(SourceEvent::Link(feed)) = up.last() else { panic!("{up:?}") };
    assert!(feed.error().unwrap().starts_with("2 webhooks"), "the remark stays: {feed:?}");
    reception.close().await;
}

#[tokio::test]
async fn a_newer_version_applies_what_it_can_read_in_the_order_of_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let store = reopen(folder.path(), Limits::default());
    let began = now() - TimeDelta::hours(2);
    let ids = ["c", "a", "b"];
    for (minute, id) in (0..).zip(ids) {
        let arrived = began + TimeDelta::minutes(minute);
        store.keep_unreadable(unreadable(&event(id), "0.0.1", arrived)).await.unwrap();
    }
    let broken = unreadable(&json!([]), "0.0.1", began);
    store.keep_unreadable(broken).await.unwrap();
    drop(store);
    let mut reception = Reception::open(folder.path()).await;
    let told = reception
        .hear(|heard| {
            heard.iter().filter(|event| matches!(event, SourceEvent::Delta(_))).count() == ids.len()
        })
        .await;
    drop(told);
    let log = log(&reception.store);
    assert_eq!(log.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ids);
    assert_eq!(log[2].1, began + TimeDelta::minutes(2), "the time of receipt is that of then");
    let left = reception.store.unreadable(0, 10).unwrap();
    let [(_, left)] = &left[..] else { panic!("{left:?}") };
    assert_eq!(
        (left.version.as_str(), left.reason.as_str()),
        (version(), "an event that is no object")
    );
    reception.close().await;
}

#[tokio::test]
async fn what_this_version_could_not_read_is_not_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = reopen(folder.path(), Limits::default());
    store.keep_unreadable(unreadable(&event("judged"), version(), now())).await.unwrap();
    store.keep_unreadable(unreadable(&event("older"), "0.0.1", now())).await.unwrap();
    drop(store);
    let mut reception = Reception::open(folder.path()).await;
    reception.hear(|heard| heard.iter().any(|own| matches!(own, SourceEvent::Delta(_)))).await;
    assert_eq!(log(&reception.store).len(), 1);
    assert_eq!(reception.store.unreadable(0, 10).unwrap().len(), 1);
    reception.close().await;
}

#[tokio::test]
async fn an_event_that_came_again_meanwhile_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let reception = Reception::open(folder.path()).await;
    reception.tell(&event("twice")).await;
    reception.store.keep_unreadable(unreadable(&event("twice"), "0.0.1", now())).await.unwrap();
    reception.close().await;
    let reception = Reception::open(folder.path()).await;
    let mut unread = reception.store.unread();
    unread.wait_for(|unread| unread.kept.is_empty()).await.unwrap();
    assert_eq!(log(&reception.store).len(), 1);
    reception.close().await;
}

#[tokio::test]
async fn what_is_older_than_an_id_is_remembered_is_dropped_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = reopen(folder.path(), Limits::default());
    let long_ago = now() - TimeDelta::hours(26);
    store.keep_unreadable(unreadable(&event("old"), "0.0.1", long_ago)).await.unwrap();
    drop(store);
    let reception = Reception::open(folder.path()).await;
    let mut unread = reception.store.unread();
    assert_eq!(unread.wait_for(|unread| unread.kept.is_empty()).await.unwrap().dropped, 1);
    assert_eq!(log(&reception.store), []);
    // So is what becomes old while the program runs.
    let store = &reception.store;
    store.keep_unreadable(unreadable(&event("old"), version(), long_ago)).await.unwrap();
    reception.tell(&event("new")).await;
    assert_eq!(unread.wait_for(|unread| unread.kept.is_empty()).await.unwrap().dropped, 2);
    reception.close().await;
}

#[tokio::test]
async fn the_oldest_are_dropped_where_there_are_too_many_or_too_large_ones() {
    for limits in [
        Limits { unreadable: 3, ..Limits::default() },
        Limits { unreadable_bytes: 35, ..Limits::default() },
    ] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&path(folder.path()), limits).unwrap();
        for number in 0..5 {
            let body = Bytes::from(format!("ten bytes{number}"));
            let own = Unreadable { body, ..unreadable(&json!(0), version(), now()) };
            store.keep_unreadable(own).await.unwrap();
        }
        let kept = store.unreadable(0, 10).unwrap();
        let bodies: Vec<_> = kept.iter().map(|(_, own)| own.body.clone()).collect();
        assert_eq!(bodies, ["ten bytes2", "ten bytes3", "ten bytes4"]);
        assert_eq!(store.unread().borrow().dropped, 2);
        drop(store);
        let store = reopen(folder.path(), limits);
        assert_eq!(store.unread().borrow().kept["helsinki"], 3, "it is known over a restart");
    }
}
