//! Enreach's queues and callback lists.

use std::collections::BTreeMap;

use floorwalker::floor::callback::CallbackList;
use floorwalker::floor::queue::{Open, Queue};
use floorwalker::source::enreach::wire;
use floorwalker::source::settings::EnreachSettings;
use floorwalker::text::Shown;
use floorwalker::transport::lenient::{Body, Tally};
use serde_json::{Value, json};

use super::{counted, known};
use crate::support::desk::later;
use crate::support::enreach::settings;
use crate::support::fixtures;
use crate::support::spoilt;

/// The queues of an answer, without descriptions.
pub fn queues(answer: &Value, tally: &mut Tally) -> Vec<Queue> {
    queues_by(answer, &settings(), &BTreeMap::new(), tally)
}

/// The same with these settings and descriptions.
fn queues_by(
    answer: &Value,
    settings: &EnreachSettings,
    descriptions: &BTreeMap<String, Shown>,
    tally: &mut Tally,
) -> Vec<Queue> {
    let text = answer.to_string();
    wire::queues(Body::from(text.as_str()), settings, descriptions, later(1), tally).unwrap().shown
}

/// The callback lists of an answer.
pub fn lists(answer: &Value, tally: &mut Tally) -> Vec<CallbackList> {
    let text = answer.to_string();
    wire::callback_lists(Body::from(text.as_str()), later(1), tally).unwrap()
}

fn with_status(status: &Value) -> Queue {
    let answer = json!([{"Id": "q1", "Name": "Vaihde", "TypeId": 4, "Status": status}]);
    known(|tally| queues(&answer, tally)).remove(0)
}

#[test]
fn a_queue_of_the_poll_is_read_whole() {
    let rows = known(|tally| queues(&fixtures::json("enreach/queues"), tally));
    let first = &rows[0];
    assert_eq!((&*first.name, first.number.as_deref()), ("Asiakaspalvelu", Some("+358931500001")));
    assert_eq!((first.open, first.open_detail.as_deref()), (Some(Open::Open), Some("Open")));
    let figures = &first.figures;
    assert_eq!((figures.waiting, figures.longest_wait_s), (Some(1), Some(12)));
    assert_eq!((figures.calls_connected, figures.agents_wrap_up), (Some(6), Some(2)));
    assert_eq!((figures.agents_free, figures.agents_serving), (Some(1), Some(8)));
    assert_eq!((figures.agents_logged_in, figures.offered), (None, None), "not told by the poll");
    assert_eq!(first.own_login, None);
}

#[test]
fn the_webhooks_names_for_the_same_counters_are_known_too() {
    let row = with_status(&fixtures::json("enreach/queue_status"));
    let figures = &row.figures;
    assert_eq!((figures.waiting, figures.longest_wait_s), (Some(3), Some(44)));
    assert_eq!((figures.calls_alerting, figures.calls_connected), (Some(1), Some(5)));
    assert_eq!((figures.agents_logged_in, figures.agents_serving), (Some(11), Some(10)));
    assert_eq!((figures.agents_free, figures.agents_busy), (Some(2), Some(6)));
    assert_eq!((figures.agents_away, figures.agents_fetch), (Some(3), Some(0)));
    assert_eq!(
        (row.open, row.open_detail.as_deref()),
        (Some(Open::Uncertain), Some("OpenUncertain"))
    );
}

#[test]
fn open_status_means_the_same_by_number_and_by_word() {
    let table = [
        (0, "NA", None),
        (1, "NoActiveHandler", Some(Open::Closed)),
        (2, "NoActiveHandlerUncertain", Some(Open::Uncertain)),
        (3, "Closed", Some(Open::Closed)),
        (4, "ClosedUncertain", Some(Open::Uncertain)),
        (5, "Open", Some(Open::Open)),
        (6, "OpenUncertain", Some(Open::Uncertain)),
    ];
    for (number, word, open) in table {
        let forms =
            [json!(number), json!(number.to_string()), json!(word), json!(word.to_lowercase())];
        for sent in forms {
            let row = with_status(&json!({"OpenStatus": sent}));
            assert_eq!(row.open, open, "{sent}");
            if open.is_some() {
                assert_eq!(row.open_detail.as_deref(), Some(word), "{sent}");
            }
        }
    }
}

#[test]
fn an_open_status_that_is_not_known_is_shown_as_it_came() {
    for (sent, shown) in [(json!(7), "7"), (json!("Lunch"), "Lunch"), (json!(-1), "-1")] {
        let row = with_status(&json!({"OpenStatus": sent}));
        assert_eq!((row.open, row.open_detail.as_deref()), (None, Some(shown)));
    }
    let row = with_status(&json!({"OpenStatus": null}));
    assert_eq!((row.open, row.open_detail), (None, None));
}

#[test]
fn a_queue_without_a_status_is_there_and_nothing_of_it_is_known() {
    for status in [json!(null), json!({})] {
        let row = with_status(&status);
        assert_eq!(row.figures, floorwalker::floor::queue::Figures::default());
        assert_eq!((row.open, row.open_detail), (None, None));
    }
}

#[test]
fn only_the_wanted_types_are_shown_and_a_type_that_is_not_told_is() {
    let answer = json!([
        {"Id": "a", "TypeId": 1}, {"Id": "b", "TypeId": 4}, {"Id": "c", "TypeId": "4"},
        {"Id": "d"}, {"Id": "e", "TypeId": 5},
    ]);
    let ids = |types: Vec<u32>| -> Vec<String> {
        let settings = EnreachSettings { queue_types: types, ..settings() };
        let mut tally = Tally::default();
        queues_by(&answer, &settings, &BTreeMap::new(), &mut tally)
            .into_iter()
            .map(|row| row.id.raw().to_owned())
            .collect()
    };
    assert_eq!(ids(vec![4]), ["b", "c", "d"]);
    assert_eq!(ids(vec![1, 5]), ["a", "d", "e"]);
}

#[test]
fn names_of_fields_count_without_case() {
    let row = json!({"ID": "q1", "name": "Vaihde", "typeID": 4, "NUMBERS": ["1"], "status":
        {"queueLength": 3, "OPENSTATUS": 5, "maxWaitTime": 9}});
    let row = known(|tally| queues(&json!([row]), tally)).remove(0);
    assert_eq!((row.id.raw(), &*row.name, row.open), ("q1", "Vaihde", Some(Open::Open)));
    assert_eq!((row.figures.waiting, row.figures.longest_wait_s), (Some(3), Some(9)));
}

#[test]
fn a_list_may_be_wrapped_in_any_case() {
    let row = json!({"Id": "q1"});
    for answer in [
        json!([row]),
        json!({"Queues": [row]}),
        json!({"queues": [row], "count": 1}),
        json!({"Queues": row}),
        row.clone(),
    ] {
        let (rows, odd) = counted(|tally| queues(&answer, tally));
        assert_eq!(rows.len(), 1, "{answer}");
        assert_eq!(rows[0].id.raw(), "q1", "{answer}");
        let is_alone = answer == row || answer["Queues"].is_object();
        assert_eq!(!odd.is_empty(), is_alone, "an object alone is counted: {odd:?}");
    }
}

#[test]
fn a_queue_without_an_id_is_none() {
    let (rows, _) = counted(|tally| queues(&json!([{"Name": "Vaihde"}, {"Id": ""}]), tally));
    assert!(rows.is_empty());
}

#[test]
fn a_wait_is_counted_in_the_configured_unit() {
    let answer = json!([{"Id": "q1", "Status": {"MaxWaitTime": 90_500}}]);
    let settings = EnreachSettings { max_wait_unit: 0.001, ..settings() };
    let mut tally = Tally::default();
    let rows = queues_by(&answer, &settings, &BTreeMap::new(), &mut tally);
    assert!(matches!(rows[0].figures.longest_wait_s, Some(90 | 91)));
    for nonsense in [json!(-1), json!("NaN"), json!(1e300), json!("inf")] {
        let answer = json!([{"Id": "q1", "Status": {"MaxWaitTime": nonsense}}]);
        let (rows, _) = counted(|tally| queues(&answer, tally));
        assert_eq!(rows[0].figures.longest_wait_s, None, "{answer}");
    }
}

#[test]
fn a_queue_without_a_name_has_the_directorys() {
    let mut tally = Tally::default();
    let directories = fixtures::json("enreach/directories").to_string();
    let default = wire::default_directory(Body::from(directories.as_str())).unwrap();
    assert_eq!(default.as_deref(), Some("d1rect0ry-2"));
    let directory = fixtures::json("enreach/directory").to_string();
    let named = wire::descriptions(Body::from(directory.as_str())).unwrap();
    assert_eq!(named.len(), 1);
    let answer = fixtures::json("enreach/queues");
    let rows = queues_by(&answer, &settings(), &named, &mut tally);
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["Asiakaspalvelu", "Huolto", "Vaihde, Helsinki"], "ids count without case");
    let bare = known(|tally| queues(&answer, tally));
    assert_eq!(bare[2].name.as_str(), bare[2].id.raw(), "else it is called by its id");
}

#[test]
fn discovery_tells_the_api_and_nothing_for_an_unknown_user() {
    let discovered = |text: &str| wire::discovered(Body::from(text)).unwrap();
    let answer = r#"[{"apiEndpoint": "https://api.example/", "siloName": "x"}]"#;
    assert_eq!(discovered(answer).as_deref(), Some("https://api.example/"));
    for nobody in ["[]", "", r#"[{"siloName": "x"}]"#] {
        assert_eq!(discovered(nobody), None, "{nobody}");
    }
}

#[test]
fn a_callback_list_is_read_whole() {
    let rows = known(|tally| lists(&fixtures::json("enreach/callback_lists"), tally));
    let [list] = rows.as_slice() else { panic!("{rows:?}") };
    assert!(list.id.raw().ends_with("901"), "the list's id, not the event's");
    assert_eq!(list.name, Some(Shown::clean("Takaisinsoitto")));
    assert_eq!((list.open, list.free, list.assigned), (Some(14), Some(9), Some(5)));
    assert_eq!((list.hidden, list.overdue), (Some(0), Some(2)));
    assert_eq!((list.next_hour_overdue, list.expires_24h), (Some(3), Some(1)));
    assert_eq!(list.agents_serving, Some(4));
}

#[test]
fn a_callback_list_without_a_name_has_none() {
    let rows = known(|tally| lists(&json!([{"CallListId": "901"}]), tally));
    assert_eq!((rows[0].name.clone(), rows[0].open), (None, None));
}

/// The fields that each property of a queue stands for.
fn others(property: &str) -> &'static [&'static str] {
    match property {
        "Numbers" => &["number"],
        "Status" => &["open", "open_detail", "figures"],
        "Status.OpenStatus" => &["open", "open_detail"],
        "Status.MaxWaitTime" => &["longest_wait_s"],
        "Status.QueueLength" => &["waiting"],
        "Status.OngoingCalls" => &["calls_connected"],
        "Status.AgentsOnWrapUp" => &["agents_wrap_up"],
        "Status.FreeAgents" => &["agents_free"],
        "Status.ServingAgents" => &["agents_serving"],
        _ => &[],
    }
}

#[test]
fn a_property_of_a_queue_that_cannot_be_read_costs_itself_alone() {
    let answer = fixtures::json("enreach/queues");
    let rows = known(|tally| queues(&answer, tally));
    spoilt::each(&answer[0], |property, text| {
        let text = format!("[{}, {text}, {}]", answer[1], answer[2]);
        let (own, none) = (settings(), BTreeMap::new());
        let mut tally = Tally::default();
        let read = wire::queues(Body::from(text.as_str()), &own, &none, later(1), &mut tally);
        let read = read.unwrap_or_else(|error| panic!("{property}: {error}: {text}")).shown;
        let others_of = |id: &str| read.iter().find(|row| row.id.raw() == id);
        for row in &rows[1..] {
            assert_eq!(others_of(row.id.raw()), Some(row), "{property}: {text}");
        }
        // Another id is another queue, and another type may not be wanted.
        if !["Id", "TypeId"].contains(&property) {
            let spoilt = others_of(rows[0].id.raw()).unwrap_or_else(|| panic!("{text}"));
            spoilt::assert_alike(&rows[0], spoilt, property, others(property));
        }
    });
}

#[test]
fn a_property_of_a_callback_list_that_cannot_be_read_costs_itself_alone() {
    let answer = fixtures::json("enreach/callback_lists");
    let rows = known(|tally| lists(&answer, tally));
    spoilt::each(&answer[0], |property, text| {
        let read = wire::callback_lists(Body::from(text), later(1), &mut Tally::default());
        let read = read.unwrap_or_else(|error| panic!("{property}: {error}: {text}"));
        if property == "CallListId" {
            return;
        }
        let others: &[&str] = match property {
            "ExpiresIn24h" => &["expires_24h"],
            "IsAutoAllocate" => &["automatic"],
            "NextHourOverDueDate" => &["next_hour_overdue"],
            "NextHourRevealedNotBefore" => &["next_hour_revealed"],
            "TotalActiveAgents" => &["agents_active"],
            "TotalAssigned" => &["assigned"],
            "TotalAutoAllocateAgents" => &["agents_automatic"],
            "TotalFreeForAllocation" => &["free"],
            "TotalHidingNotBefore" => &["hidden"],
            "TotalOpenRequests" => &["open"],
            "TotalOverDueDate" => &["overdue"],
            "TotalServingAgents" => &["agents_serving"],
            _ => &[],
        };
        spoilt::assert_alike(&rows, &read, property, others);
    });
}

#[test]
fn a_queue_is_the_same_in_every_form_of_its_guid_and_of_every_type() {
    let plain = known(|tally| queues(&fixtures::json("enreach/queues"), tally));
    for id in [
        "7D0C2F44-5A11-4F0E-9D36-0C5E3A9B1F01",
        "{7d0c2f44-5a11-4f0e-9d36-0c5e3a9b1f01}",
        "7d0c2f445a114f0e9d360c5e3a9b1f01",
        "(7D0C2F44-5A11-4F0E-9D36-0C5E3A9B1F01)",
        "urn:uuid:7d0c2f44-5a11-4f0e-9d36-0c5e3a9b1f01",
    ] {
        let mut answer = fixtures::json("enreach/queues");
        answer[0]["Id"] = json!(id);
        answer[0]["TypeId"] = json!("4.0");
        answer[0]["Status"]["QueueLength"] = json!("1.0");
        answer[0]["Status"]["FreeAgents"] = json!(1.0);
        answer[0]["Status"]["OpenStatus"] = json!(5.0);
        assert_eq!(known(|tally| queues(&answer, tally)), plain, "{id}");
    }
}

#[test]
fn an_empty_answer_is_an_empty_list() {
    for answer in ["", " \n", "null", "[]", "{}", "{\"Queues\": null}", "{\"queues\": []}"] {
        let (body, own, none) = (Body::from(answer), settings(), BTreeMap::new());
        let read = wire::queues(body.clone(), &own, &none, later(1), &mut Tally::default());
        assert_eq!(read.unwrap().shown, [], "{answer:?}");
        let read = wire::callback_lists(body, later(1), &mut Tally::default());
        assert!(read.unwrap().is_empty(), "{answer:?}");
    }
}
