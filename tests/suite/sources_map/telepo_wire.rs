//! Telepo's three vocabularies for the same counters.

use floorwalker::source::telepo::wire;
use serde_json::json;

use super::{counted, known};
use crate::support::fixtures;

#[test]
fn three_vocabularies_tell_the_same_three_counters() {
    let statistics = fixtures::json("telepo/queue_statistics");
    let summaries = fixtures::json("telepo/group_summaries");
    let groups = json!([{"id": 4711, "domain": "hq.example.com", "name": "Växel", "statistic":
        {"numberOfCallsInQueue": 4, "numberOfFreeAgents": 1, "numberOfLoggedInAgents": 9}}]);
    let all = [
        known(|tally| wire::queue_statistics(&statistics, tally).unwrap()).remove(0),
        known(|tally| wire::group_summaries(&summaries, tally).unwrap()).remove(0),
        known(|tally| wire::groups(&groups, tally).unwrap()).remove(0).statistic,
    ];
    for statistic in all {
        assert_eq!(statistic.named.id.as_deref(), Some("4711"));
        assert_eq!(statistic.named.domain.as_deref(), Some("hq.example.com"));
        let figures = &statistic.figures;
        assert_eq!(
            (figures.waiting, figures.agents_free, figures.agents_logged_in),
            (Some(4), Some(1), Some(9))
        );
    }
}

#[test]
fn night_mode_and_login_have_an_older_spelling() {
    for (sent, night, login) in [
        (json!([{"id": 1, "nightMode": true, "loggedIn": false}]), Some(true), Some(false)),
        (json!([{"id": 1, "isNightMode": true, "isLoggedIn": false}]), Some(true), Some(false)),
        (json!([{"id": 1, "nightMode": false}]), Some(false), None),
        (json!([{"id": 1, "nightMode": "true"}]), Some(true), None),
        (json!([{"id": 1, "nightMode": null, "isNightMode": false}]), Some(false), None),
        (json!([{"id": 1}]), None, None),
    ] {
        let group = known(|tally| wire::groups(&sent, tally).unwrap()).remove(0).statistic;
        assert_eq!((group.night_mode, group.own_login), (night, login), "{sent}");
        let summary = known(|tally| wire::group_summaries(&sent, tally).unwrap()).remove(0);
        assert_eq!((summary.night_mode, summary.own_login), (night, login), "{sent}");
    }
}

#[test]
fn figures_that_make_no_sense_are_not_told_and_are_counted() {
    let sent = json!([{
        "id": 1, "queueLength": -1, "availableAgents": u64::MAX, "loggedInAgents": "9",
        "longestWaiting": "NaN", "averageWait": 1e300, "lastWait": 12.0,
    }]);
    let (all, odd) = counted(|tally| wire::queue_statistics(&sent, tally).unwrap());
    let figures = &all[0].figures;
    assert_eq!((figures.waiting, figures.agents_free, figures.longest_wait_s), (None, None, None));
    assert_eq!((figures.average_wait_s, figures.last_wait_s), (None, Some(12)));
    assert_eq!(figures.agents_logged_in, Some(9));
    assert_eq!(odd.len(), 4, "{odd:?}");
    assert!(odd.contains(&"QueueStats.queueLength cannot be read".to_owned()));
}

#[test]
fn an_id_is_text_or_a_number_as_sent() {
    for (sent, id) in [
        (json!(67_899), Some("67899")),
        (json!("67899"), Some("67899")),
        (json!("0042"), Some("0042")),
        (json!(u64::MAX), Some("18446744073709551615")),
        (json!(""), None),
        (json!(null), None),
    ] {
        let answer = json!([{"id": sent, "name": "Växel"}]);
        let mut tally = floorwalker::transport::lenient::Tally::default();
        let all = wire::queue_statistics(&answer, &mut tally).unwrap();
        assert_eq!(all[0].named.id.as_deref(), id, "{answer}");
    }
}

#[test]
fn what_has_neither_id_nor_name_is_no_queue_and_is_counted() {
    for (answer, odd) in [
        (json!([{"queueLength": 4}]), "QueueStats without id and name"),
        (json!([{"callsWaiting": 4}]), "GroupSummary without id and name"),
        (json!([{"nightMode": true}]), "Group without id and name"),
    ] {
        let mut tally = floorwalker::transport::lenient::Tally::default();
        let found = match odd.split(' ').next() {
            Some("QueueStats") => wire::queue_statistics(&answer, &mut tally).unwrap().len(),
            Some("GroupSummary") => wire::group_summaries(&answer, &mut tally).unwrap().len(),
            _ => wire::groups(&answer, &mut tally).unwrap().len(),
        };
        let (_, names) = tally.take().unwrap();
        assert_eq!((found, &*names), (0, odd), "{answer}");
    }
}

#[test]
fn an_item_that_is_no_object_is_passed_over_and_counted() {
    let answer = json!({"queue": [null, 7, "x", [], {"id": 1}]});
    let (all, odd) = counted(|tally| wire::queue_statistics(&answer, tally).unwrap());
    assert_eq!(all.len(), 1);
    assert_eq!(odd, ["QueueStats that is no object"]);
}

#[test]
fn presence_is_told_by_name_and_half_a_pair_is_not() {
    let answer = json!([{"id": 1, "current-agent-presence":
        [{"name": "Lunch", "count": 2}, {"name": "Away"}, {"count": 3}, null]}]);
    let (all, _) = counted(|tally| wire::queue_statistics(&answer, tally).unwrap());
    assert_eq!(all[0].figures.presence.as_deref(), Some(&[("Lunch".into(), 2)][..]));
}
