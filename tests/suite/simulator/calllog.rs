//! The call log of groups as the simulator serves it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::wire::{Bench, json, list};
use floorwalker::simulator::Settings;

const LOG: &str = "/distributiongroup/calllog/example.com/supervisor";

async fn bench() -> Bench {
    Bench::with(Settings { speed: 0.0, ..Settings::default() }).await
}

async fn items(bench: &Bench, query: &str) -> Vec<Value> {
    let log = json(bench.telepo(Method::GET, &format!("{LOG}?{query}"))).await;
    list(&log, "callLogItem").clone()
}

fn number(item: &Value) -> u64 {
    item["itemId"].as_u64().unwrap()
}

#[tokio::test]
async fn pages_go_back_from_the_newest_item_to_the_oldest() {
    let bench = bench().await;
    let all = items(&bench, "limit=10000").await;
    assert!(all.len() > 60, "{}", all.len());
    assert!(all.windows(2).all(|pair| number(&pair[0]) > number(&pair[1])));
    let (mut paged, mut query) = (Vec::new(), "limit=25".to_owned());
    loop {
        let page = items(&bench, &query).await;
        assert!(page.len() <= 25);
        let Some(last) = page.last() else { break };
        query = format!("limit=25&olderThan={}", number(last));
        paged.extend(page);
    }
    assert_eq!(paged, all);
    let since = number(&all[10]);
    assert_eq!(items(&bench, &format!("limit=10000&since={since}")).await, all[..10], "exclusive");
}

#[tokio::test]
async fn items_are_of_the_wanted_kind_and_tell_how_long_it_took() {
    let bench = bench().await;
    for kind in ["ANSWERED", "MISSED"] {
        let all = items(&bench, &format!("limit=10000&itemType={kind}")).await;
        assert!(!all.is_empty(), "{kind}");
        assert!(all.iter().all(|item| item["itemType"] == kind));
        let talked = |item: &Value| item["callDuration"].as_u64().unwrap() > 0;
        assert!(all.iter().all(|item| talked(item) == (kind == "ANSWERED")));
        assert!(all.iter().all(|item| item["queueDuration"].as_u64().is_some()));
    }
}

#[tokio::test]
async fn an_item_is_assigned_to_the_user_who_asks_and_keeps_its_note() {
    let bench = bench().await;
    let missed = items(&bench, "limit=1&itemType=MISSED").await.remove(0);
    let path = format!("/distributiongroup/assign/example.com/supervisor/{}", number(&missed));
    let put = |body: Value| bench.telepo(Method::PUT, &path).json(&body);
    let taken = json(put(json!({"state": "INPROGRESS", "note": "at five"}))).await;
    assert_eq!(taken["handledStatus"]["state"], "INPROGRESS");
    assert_eq!(taken["handledStatus"]["agent"]["userId"], "supervisor");
    assert_eq!(taken["handledStatus"]["note"], "at five");
    let done = json(put(json!({"state": "HANDLED"}))).await;
    assert_eq!(done["handledStatus"]["state"], "HANDLED");
    assert_eq!(done["handledStatus"]["note"], "at five");
    let again = items(&bench, "limit=1&itemType=MISSED").await.remove(0);
    assert_eq!(again["handledStatus"], done["handledStatus"]);
    let odd = put(json!({"state": "LATER"})).send().await.unwrap();
    assert_eq!(odd.status(), StatusCode::BAD_REQUEST);
    let nobody = "/distributiongroup/assign/example.com/supervisor/999999999";
    let gone = bench.telepo(Method::PUT, nobody).json(&json!({})).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_agent_sees_the_callers_of_the_own_groups_alone() {
    let bench = bench().await;
    let groups = json(bench.telepo(Method::GET, "/acd/v1/groups/example.com/supervisor")).await;
    let all = items(&bench, "limit=10000").await.len();
    let mut least = all;
    for agent in list(&groups, "groups").iter().flat_map(|group| list(group, "agents")) {
        let user = agent["id"].as_str().unwrap().split('@').next().unwrap();
        let path = format!("/distributiongroup/calllog/example.com/{user}?limit=10000");
        let log = json(bench.telepo(Method::GET, &path)).await;
        least = least.min(list(&log, "callLogItem").len());
    }
    assert!(0 < least && least < all, "{least} of {all}");
}
