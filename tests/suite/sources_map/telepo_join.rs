//! Statistics and groups are two lists of the same queues, which must be joined without guessing.

use std::collections::BTreeMap;

use floorwalker::floor::Part;
use floorwalker::floor::id::QueueId;
use floorwalker::floor::queue::{Open, Queue};
use floorwalker::source::telepo::map::{Key, Tables};
use floorwalker::source::telepo::wire;
use serde_json::{Value, json};

use super::known;
use crate::support::desk::later;
use crate::support::fixtures;

fn tables() -> Tables {
    Tables::new("hq.example.com", BTreeMap::new())
}

/// The rows by their id, after both lists were read.
fn joined(statistics: &Value, groups: &Value) -> (Tables, BTreeMap<String, Queue>) {
    let mut tables = tables();
    let statistics = known(|tally| wire::queue_statistics(statistics, tally).unwrap());
    tables.answered(statistics, later(1));
    let groups = known(|tally| wire::groups(groups, tally).unwrap());
    let (Some(Part::Queues(rows)), _) = tables.grouped(groups, later(2)) else { panic!("known") };
    let count = rows.len();
    let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.id.raw().to_owned(), row)).collect();
    assert_eq!(rows.len(), count, "no two rows have one id");
    (tables, rows)
}

fn statistic(id: u32, name: &str, waiting: u32) -> Value {
    json!({"id": id, "name": name, "domain": "hq.example.com", "queueLength": waiting})
}

fn group(id: u32, name: &str) -> Value {
    json!({"id": id, "name": name, "domain": "hq.example.com", "nightMode": true})
}

fn ids(rows: &BTreeMap<String, Queue>) -> Vec<&str> {
    rows.keys().map(String::as_str).collect()
}

#[test]
fn a_queue_says_what_its_group_is() {
    let statistics = fixtures::json("telepo/queue_statistics");
    let (_, rows) = joined(&statistics, &fixtures::json("telepo/groups"));
    let about = |id: &str| {
        let about = &rows[id].about;
        let roles: Vec<&str> = about.roles.iter().map(floorwalker::text::Shown::as_str).collect();
        (about.kind.as_deref(), about.distribution.as_deref(), roles)
    };
    assert_eq!(about("4711"), (Some("ATTENDANT"), Some("SKILLS"), vec!["AGENT"]));
    assert_eq!(about("4712"), (Some("ACD"), Some("PRIORITY"), vec![]));
    assert_eq!(about("21@other.example"), (None, None, vec![]), "it has no group");
    let (_, rows) = joined(&json!({ "queue": [] }), &json!({ "groups": [group(1, "Bare")] }));
    assert_eq!(rows["1"].about, floorwalker::floor::queue::About::default());
}

#[test]
fn a_queue_has_the_figures_of_its_statistic_and_the_night_mode_of_its_group() {
    let statistics = fixtures::json("telepo/queue_statistics");
    let (_, rows) = joined(&statistics, &fixtures::json("telepo/groups"));
    assert_eq!(ids(&rows), ["21@other.example", "4711", "4712"]);
    let vaxel = &rows["4711"];
    assert_eq!(
        (&*vaxel.name, vaxel.open, vaxel.own_login),
        ("Växel", Some(Open::Open), Some(true))
    );
    assert_eq!(vaxel.number.as_deref(), Some("+46850000010"));
    let figures = &vaxel.figures;
    assert_eq!(
        (figures.waiting, figures.longest_wait_s, figures.agents_free, figures.agents_logged_in),
        (Some(4), Some(133), Some(1), Some(9)),
        "the statistic's, not the group's own count of 2"
    );
    assert_eq!(
        (figures.offered, figures.answered, figures.abandoned),
        (Some(412), Some(380), Some(18))
    );
    assert_eq!(figures.last_24h.offered, Some(801));
    assert_eq!((figures.average_wait_s, figures.last_wait_s), (Some(31), Some(12)));
    assert_eq!(rows["4712"].open, Some(Open::Closed));
    assert_eq!(rows["21@other.example"].open, None, "nobody told of its night mode");
    assert!(
        rows.values().all(|row| {
            let figures = &row.figures;
            figures.agents_busy.or(figures.agents_away).or(figures.agents_serving).is_none()
        }),
        "Telepo does not tell these"
    );
}

#[test]
fn a_queue_of_another_domain_is_named_with_it() {
    let statistics = fixtures::json("telepo/queue_statistics");
    let (_, rows) = joined(&statistics, &json!({"groups": []}));
    assert_eq!(rows["21@other.example"].name.as_str(), "Partner");
}

#[test]
fn the_same_number_in_two_domains_is_two_queues() {
    let mut all = vec![statistic(21, "Sales", 1), statistic(21, "Sales", 2)];
    all[1]["domain"] = json!("other.example");
    let (tables, rows) = joined(&json!({ "queue": all }), &json!([group(21, "Sales")]));
    assert_eq!(ids(&rows), ["21", "21@other.example"]);
    assert_eq!(rows["21"].open, Some(Open::Closed));
    assert_eq!(rows["21@other.example"].open, None, "the group is of the other domain");
    assert!(tables.group(&QueueId::new("21@other.example")).is_none());
}

#[test]
fn a_name_that_is_the_only_one_joins_and_the_row_is_the_groups() {
    let (tables, rows) =
        joined(&json!([statistic(900, "Växel", 4)]), &json!([group(4711, "Växel")]));
    assert_eq!(ids(&rows), ["4711"]);
    assert_eq!(rows["4711"].figures.waiting, Some(4));
    assert_eq!(rows["4711"].open, Some(Open::Closed));
    let key = Key { domain: "hq.example.com".to_owned(), id: "4711".to_owned() };
    assert_eq!(tables.group(&QueueId::new("4711")), Some(&key));
}

#[test]
fn a_name_that_two_statistics_have_joins_neither() {
    let statistics = json!([statistic(900, "Växel", 1), statistic(901, "Växel", 2)]);
    let (tables, rows) = joined(&statistics, &json!([group(4711, "Växel")]));
    assert_eq!(ids(&rows), ["4711", "900", "901"]);
    assert_eq!(rows["4711"].figures.waiting, None);
    assert_eq!(rows["900"].open, None);
    assert!(tables.group(&QueueId::new("900")).is_none(), "no action has a group to go to");
}

#[test]
fn a_name_that_two_groups_have_joins_neither() {
    let groups = json!([group(4711, "Växel"), group(4712, "Växel")]);
    let (_, rows) = joined(&json!([statistic(900, "Växel", 1)]), &groups);
    assert_eq!(ids(&rows), ["4711", "4712", "900"]);
}

#[test]
fn a_number_goes_before_a_name() {
    let groups = json!([group(900, "Renamed"), group(4711, "Växel")]);
    let (_, rows) = joined(&json!([statistic(900, "Växel", 4)]), &groups);
    assert_eq!(ids(&rows), ["4711", "900"]);
    assert_eq!(rows["900"].figures.waiting, Some(4));
    assert_eq!(rows["4711"].figures.waiting, None, "it does not get the same figures again");
}

#[test]
fn a_name_in_another_domain_is_no_match() {
    let mut foreign = group(4711, "Växel");
    foreign["domain"] = json!("other.example");
    let (_, rows) = joined(&json!([statistic(900, "Växel", 1)]), &json!([foreign]));
    assert_eq!(ids(&rows), ["4711@other.example", "900"]);
}

#[test]
fn a_queue_without_a_domain_is_of_the_sources_own() {
    let (_, rows) =
        joined(&json!([{"id": 4711, "queueLength": 2}]), &json!([group(4711, "Växel")]));
    assert_eq!(ids(&rows), ["4711"]);
    assert_eq!((rows["4711"].figures.waiting, &*rows["4711"].name), (Some(2), "Växel"));
}

#[test]
fn a_group_without_a_statistic_keeps_its_own_three_counters() {
    let (tables, rows) = joined(&json!([]), &fixtures::json("telepo/groups"));
    let figures = &rows["4711"].figures;
    assert_eq!(
        (figures.waiting, figures.agents_free, figures.agents_logged_in),
        (Some(4), Some(1), Some(2))
    );
    assert_eq!(rows["4711"].feed.raw(), "agents", "its age is that of the groups");
    assert_eq!(rows["4711"].updated, later(2));
    assert!(tables.group(&QueueId::new("4711")).is_some());
}

#[test]
fn groups_say_nothing_of_queues_before_the_statistics_have_answered() {
    let mut tables = tables();
    let groups = || known(|tally| wire::groups(&fixtures::json("telepo/groups"), tally).unwrap());
    let (queues, _) = tables.grouped(groups(), later(1));
    assert!(queues.is_none(), "half of the queues would be gone for a moment");
    tables.without_statistics();
    let (queues, _) = tables.grouped(groups(), later(2));
    assert!(matches!(queues, Some(Part::Queues(rows)) if rows.len() == 2));
}

#[test]
fn a_summary_alone_is_a_queue_that_can_be_acted_on() {
    let mut tables = tables();
    let answer = fixtures::json("telepo/group_summaries");
    let summaries = known(|tally| wire::group_summaries(&answer, tally).unwrap());
    let Part::Queues(rows) = tables.answered(summaries, later(1)) else { panic!() };
    let support = rows.iter().find(|row| row.id.raw() == "4712").unwrap();
    assert_eq!((support.open, support.own_login), (Some(Open::Closed), Some(false)));
    assert_eq!(support.figures.agents_free, Some(3));
    assert_eq!(support.figures.longest_wait_s, None, "a summary does not tell it");
    assert!(tables.group(&support.id).is_some());
}
