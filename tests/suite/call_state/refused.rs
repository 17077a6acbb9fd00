//! What servers answer that do not answer: each kind of feed reads it alike, and comes back when it may.

use std::time::Duration;

use axum::response::Response;
use chrono::TimeDelta;
use floorwalker::clock;
use floorwalker::floor::agent::AgentState;
use floorwalker::floor::id::AgentKey;
use floorwalker::floor::time::Moment;

use super::board::world;
use super::vendor::{PEOPLE, Vendor, answer, stream};

/// A path of each kind of feed: polls, streams of a source, streams of people, readings of calls, of all vendors.
const KINDS: [&str; 12] = [
    "/api/queuestatistics/user/test.com/boss",
    "/api/acd/v1/groups/test.com/boss",
    "/api/distributiongroup/calllog/",
    "/api/distributiongroup/statistics/",
    "/api/callstate/user/test.com/jane",
    "/api/callstate/dialogs/test.com/jane",
    "/api/callstate/dialogs/test.com/boss",
    "/api/contactinfo/v1/presencestream/test.com/jane@test.com",
    "/en/users/me",
    "/en/queues",
    "/ni/v1/",
    "/re/v1/",
];

/// Answers the first request for each path with that status, and says when to come back.
async fn came_back(status: u16, retry_after: impl Fn() -> String + Send + Sync + 'static) {
    let refuse = move |_: &str, count: usize| -> Option<Response> {
        (count == 1).then(|| answer(status, &[("retry-after", &retry_after())], ""))
    };
    let mut vendor = Vendor::open(true, refuse).await;
    let twice = |vendor: &Vendor, kind: &str| {
        vendor.asked().iter().any(|(path, times)| path.starts_with(kind) && times.len() >= 2)
    };
    vendor
        .until("each kind of feed comes back", |vendor| {
            KINDS.iter().all(|kind| twice(vendor, kind))
        })
        .await;
    for (path, times) in vendor.asked() {
        if let [first, second, ..] = times[..] {
            let waited = second.since(first);
            assert!(waited >= Duration::from_millis(1_990), "{path} {status}: after {waited:?}");
        }
    }
}

#[tokio::test]
async fn every_kind_of_feed_comes_back_when_the_server_says() {
    let in_two = |format: &'static str| {
        // A date has whole seconds: of the next but two.
        move || (clock::wall() + TimeDelta::milliseconds(3_000)).format(format).to_string()
    };
    tokio::join!(
        came_back(429, || "2".to_owned()),
        came_back(503, || "2.25".to_owned()),
        came_back(502, in_two("%A, %d-%b-%y %H:%M:%S GMT")),
        came_back(500, in_two("%a %b %e %H:%M:%S %Y")),
        came_back(504, in_two("%a, %d %b %Y %H:%M:%S UTC")),
    );
}

fn info(version: u32, state: &str, dialogs: &str) -> String {
    format!(
        "<dialog-info xmlns='urn:ietf:params:xml:ns:dialog-info' version='{version}' state='{state}' \
         entity='sip:jane@test.com'>{dialogs}</dialog-info>"
    )
}

fn dialog(id: &str, state: &str) -> String {
    format!(
        "<dialog id='{id}' call-id='c-{id}' direction='recipient'><state>{state}</state>\
         <remote><identity display='Ann'>sip:100@pbx</identity></remote></dialog>"
    )
}

/// The two operations that tell whether Jane is in a call.
const LAMPS: [&str; 2] = [
    "/api/callstate/dialogs/test.com/jane",
    "/api/contactinfo/v1/linestatestream/test.com/jane@test.com",
];

/// How often either was opened.
fn opened(vendor: &Vendor) -> usize {
    LAMPS.iter().map(|path| vendor.count(path)).sum()
}

/// A board on which nobody's calls may be read, so that the dialogs alone tell of them.
async fn by_dialogs(documents: Vec<String>) -> Vendor {
    Vendor::open(false, move |path, _| match path {
        _ if LAMPS.contains(&path) => Some(stream(&documents)),
        _ if path.contains("/callstate/user/") => Some(answer(403, &[], "")),
        _ => None,
    })
    .await
}

fn is(vendor: &Vendor, state: &AgentState) -> bool {
    let agents = &world(&vendor.state).agents;
    agents.get(&AgentKey::new(PEOPLE[1])).is_some_and(|agent| agent.state == *state)
}

#[tokio::test]
async fn a_stream_that_is_always_partial_is_opened_anew_once_and_then_believed() {
    let talks = vec![info(5, "partial", &dialog("a", "confirmed"))];
    let mut vendor = by_dialogs(talks).await;
    vendor.until("jane talks", |vendor| is(vendor, &AgentState::Talking)).await;
    let count = opened(&vendor);
    assert!(count <= 3, "{count} times");
    vendor.during(Duration::from_secs(4)).await;
    assert_eq!(opened(&vendor), count, "it stays open");
    assert!(is(&vendor, &AgentState::Talking));
}

#[tokio::test]
async fn versions_that_never_rise_by_one_are_believed_from_the_second_time_on() {
    for versions in [[0, 0, 0], [0, 4, 8], [9, 3, 1]] {
        let documents = vec![
            info(versions[0], "full", &dialog("a", "early")),
            info(versions[1], "partial", &dialog("a", "confirmed")),
            info(versions[2], "partial", &dialog("b", "terminated")),
        ];
        let mut vendor = by_dialogs(documents).await;
        vendor.until("jane talks", |vendor| is(vendor, &AgentState::Talking)).await;
        assert!(opened(&vendor) <= 3, "{versions:?}: {} times", opened(&vendor));
    }
}

#[tokio::test]
async fn a_refused_ticket_is_not_sent_again_and_again() {
    let mut vendor =
        Vendor::open(false, |path, _| path.contains("/callstate/").then(|| answer(401, &[], "")))
            .await;
    let calls = "/api/callstate/user/test.com/jane";
    vendor.until("it is refused", |vendor| vendor.count(calls) > 0).await;
    vendor.during(Duration::from_secs(3)).await;
    for (path, times) in vendor.asked() {
        if path.contains("/callstate/") {
            assert_eq!(times.len(), 1, "{path}");
        }
    }
}

#[tokio::test]
async fn a_server_without_an_answer_is_not_asked_in_a_storm() {
    let statuses = [400, 404, 408, 500, 502, 503, 504];
    let vendors = statuses.map(|status| async move {
        let refuse =
            move |path: &str, _: usize| LAMPS.contains(&path).then(|| answer(status, &[], ""));
        let mut vendor = Vendor::open(false, refuse).await;
        vendor.until("it was asked", |vendor| opened(vendor) > 0).await;
        vendor.during(Duration::from_secs(6)).await;
        let asked = vendor.asked();
        let times = LAMPS.iter().filter_map(|path| asked.get(*path)).flatten();
        let times: Vec<Moment> = times.copied().collect();
        let gaps = times.windows(2).map(|pair: &[Moment]| pair[1].since(pair[0]));
        let least = gaps.min().unwrap_or(Duration::MAX);
        assert!(least >= Duration::from_millis(490), "{status}: {least:?}");
        assert!(times.len() <= 8, "{status}: {} times in six seconds", times.len());
    });
    futures_util::future::join_all(vendors).await;
}
