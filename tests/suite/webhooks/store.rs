//! The store: what was answered stays, what was seen is known, what was told on leaves.

#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::path::Path;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use floorwalker::clock;
use floorwalker::event::SourceEvent;
use floorwalker::floor::link::Health;
use floorwalker::relay::store::{Arrival, Kept, Limits, Refusal, Store};

use serde_json::json;

use crate::support::enreach::{wall, with};
use crate::support::reception::{LIMIT, Reception, path, reopen};

fn arrival(id: &str, arrived: DateTime<Utc>) -> Arrival {
    Arrival {
        source: "helsinki".to_owned(),
        id: id.to_owned(),
        latest: None,
        at: arrived,
        arrived,
        body: Bytes::from(format!("body of {id}")),
    }
}

fn noon() -> DateTime<Utc> {
    wall("2026-03-12T12:00:00Z")
}

fn open(folder: &Path) -> Store {
    Store::open(&path(folder), Limits::default()).unwrap()
}

fn bodies(store: &Store, after: u64) -> Vec<String> {
    let log = store.after(after, 1_000).unwrap();
    log.into_iter().map(|record| String::from_utf8(record.body).unwrap()).collect()
}

#[tokio::test]
async fn an_id_is_known_for_a_day_over_restarts_and_is_another_one_at_another_source() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert_eq!(store.keep(arrival("a", noon())).await, Ok(Kept::New(1)));
    assert_eq!(store.keep(arrival("a", noon())).await, Ok(Kept::Seen));
    let other = Arrival { source: "oslo".to_owned(), ..arrival("a", noon()) };
    assert_eq!(store.keep(other).await, Ok(Kept::New(2)));
    drop(store);
    let store = reopen(folder.path(), Limits::default());
    let later = noon() + TimeDelta::hours(23);
    assert_eq!(store.keep(arrival("b", later)).await, Ok(Kept::New(3)));
    assert_eq!(store.keep(arrival("a", later)).await, Ok(Kept::Seen));
    let much_later = noon() + TimeDelta::hours(26);
    assert_eq!(store.keep(arrival("c", much_later)).await, Ok(Kept::New(4)));
    assert_eq!(store.keep(arrival("a", much_later)).await, Ok(Kept::New(5)));
    assert_eq!(store.keep(arrival("b", much_later)).await, Ok(Kept::Seen));
}

#[tokio::test]
async fn the_file_is_for_the_user_alone_and_for_one_process() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mode = std::fs::metadata(path(folder.path())).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let second = Store::open(&path(folder.path()), Limits::default()).unwrap_err();
    let said = floorwalker::transport::http::chain(&second);
    assert!(said.contains("cannot be used") && said.contains("lock"), "{said}");
    drop(store);
}

#[tokio::test]
async fn what_was_told_on_leaves_a_log_that_is_too_long_and_nothing_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { kept: 3, ..Limits::default() };
    let store = Store::open(&path(folder.path()), limits).unwrap();
    for id in ["a", "b", "c", "d", "e", "f"] {
        store.keep(arrival(id, noon())).await.unwrap();
    }
    assert_eq!(bodies(&store, 0).len(), 6, "nobody has heard of them");
    store.told(2).await;
    store.keep(arrival("g", noon())).await.unwrap();
    assert_eq!(bodies(&store, 0)[0], "body of c");
    store.told(7).await;
    store.keep(arrival("h", noon())).await.unwrap();
    assert_eq!(bodies(&store, 0), ["body of f", "body of g", "body of h"]);
    assert_eq!((store.mark().unwrap(), *store.newest().borrow()), (7, 8));
    drop(store);
    let store = reopen(folder.path(), limits);
    assert_eq!((store.mark().unwrap(), *store.newest().borrow()), (7, 8));
    assert_eq!(bodies(&store, 7), ["body of h"]);
}

#[tokio::test]
async fn what_nobody_fetches_is_refused_in_the_end_and_taken_again_when_it_is_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { most_bytes: 25, ..Limits::default() };
    let store = Store::open(&path(folder.path()), limits).unwrap();
    assert_eq!(store.keep(arrival("a", noon())).await, Ok(Kept::New(1)));
    assert_eq!(store.keep(arrival("b", noon())).await, Ok(Kept::New(2)));
    assert_eq!(store.keep(arrival("c", noon())).await, Err(Refusal::Full));
    store.told(1).await;
    assert_eq!(store.keep(arrival("c", noon())).await, Ok(Kept::New(3)));
}

#[tokio::test]
async fn the_latest_of_each_thing_stays_whatever_order_it_came_in() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let thing = |id: &str, thing: &str, minute: i64| Arrival {
        latest: Some(thing.to_owned()),
        at: noon() + TimeDelta::minutes(minute),
        ..arrival(id, noon())
    };
    for (id, of, minute) in [("a", "x", 5), ("b", "x", 9), ("c", "x", 7), ("d", "y", 1)] {
        store.keep(thing(id, of, minute)).await.unwrap();
    }
    let latest = store.latest("", 10).unwrap();
    let bodies: Vec<_> = latest.iter().map(|(_, record)| record.body.as_slice()).collect();
    assert_eq!(bodies, [b"body of b".as_slice(), b"body of d"]);
    assert_eq!(store.latest(&latest[0].0, 10).unwrap(), latest[1..]);
}

/// A file system of two megabytes.
pub struct Small(pub tempfile::TempDir);

impl Small {
    /// `None` where none may be mounted.
    pub fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(folder.path());
        let quiet = std::process::Stdio::null;
        let mounted = mount.stderr(quiet()).status().is_ok_and(|status| status.success());
        mounted.then_some(Self(folder))
    }

    pub fn fill(&self) {
        let mut file = std::fs::File::create(self.0.path().join("filler")).unwrap();
        let block = [0; 4096];
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
    }

    pub fn make_room(&self) {
        std::fs::remove_file(self.0.path().join("filler")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_a_disk_with_room_takes_again_by_itself() {
    let Some(small) = Small::mount() else {
        eprintln!("skipped: no file system may be mounted here");
        return;
    };
    let store = open(small.0.path());
    let mut taken = Vec::new();
    for round in 0..3 {
        small.fill();
        let mut refused = 0;
        for n in 0..400 {
            let id = format!("{round}-{n}");
            match store.keep(arrival(&id, noon())).await {
                Ok(Kept::New(_)) => taken.push(format!("body of {id}")),
                Err(Refusal::Disk) => refused += 1,
                other => panic!("{other:?}"),
            }
            if refused > 3 {
                break;
            }
        }
        assert!(refused > 3, "a full disk was noticed");
        assert!(store.trouble().borrow().is_some(), "and said");
        small.make_room();
        let id = format!("{round}-after");
        assert!(matches!(store.keep(arrival(&id, noon())).await, Ok(Kept::New(_))));
        taken.push(format!("body of {id}"));
        assert_eq!(*store.trouble().borrow(), None);
    }
    assert_eq!(bodies(&store, 0), taken, "all that were taken, once, and no other");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_is_told_503_while_the_disk_is_full_and_the_feed_is_down() {
    let Some(small) = Small::mount() else {
        eprintln!("skipped: no file system may be mounted here");
        return;
    };
    let mut reception = Reception::open(small.0.path()).await;
    small.fill();
    let event = |number: u32| with("QueueStatus", &json!({"Id": format!("full-{number}")}));
    let (mut number, end) = (0, clock::moment().after(LIMIT));
    loop {
        let status = reception.post(event(number).to_string()).await.status();
        if status != 200 {
            assert_eq!(status, 503);
            break;
        }
        assert!(clock::moment() < end, "the disk is full in time");
        number += 1;
    }
    reception
        .hear(|heard| {
            let feed = heard.last();
            matches!(feed, Some(SourceEvent::Link(feed)) if matches!(feed.health, Health::Down { .. }))
        })
        .await;
    small.make_room();
    reception.tell(&event(number)).await;
    reception
        .hear(|heard| {
            matches!(heard.last(), Some(SourceEvent::Link(feed)) if feed.health == Health::Up)
        })
        .await;
    reception.close().await;
}
