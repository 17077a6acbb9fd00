//! What scripts read: every key of the contract, of one type or null, and null for what is not told.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::id::AgentId;
use floorwalker::floor::queue::{Figures, Open, Queue, Totals};
use floorwalker::floor::scheduler::{Entry, EntryState};
use floorwalker::operations::Access;
use floorwalker::report::json::json;
use floorwalker::table::TableId;
use floorwalker::text::Shown;
use serde_json::{Map, Value};

use super::{report, row};
use crate::support::centre;
use crate::support::desk::{self, Desk, down, entries_part, entry, queue};

/// The contract's keys, each with its type.
const QUEUES: &str = "source:s id:s queue:s number:s open:w open_detail:s waiting:n longest_wait_s:n \
    agents_logged_in:n agents_serving:n agents_free:n agents_busy:n agents_away:n agents_wrap_up:n \
    agents_fetch:n calls_connected:n calls_alerting:n offered:n answered:n abandoned:n last_24h:o \
    service_level:n service_level_variant:s average_wait_s:n last_wait_s:n average_handle_s:n \
    presence:o severity:w updated_at:t";
const AGENTS: &str = "source:s id:s agent:s state:w reason:s since:t queues:a call:o";
const CALLS: &str = "source:s id:s queue:s agent:s direction:w modality:w phase:w party:s since:t \
    wait_s:n recording:b supervised_by:s position:n priority:s muted:b conference:b";
const TASKS: &str = "source:s id:s queue:s agent:s direction:w modality:s phase:w party:s since:t \
    wait_s:n recording:b supervised_by:s position:n priority:s muted:b conference:b customer:s subject:s attempts:n";
const CALLBACKS: &str = "source:s id:s list:s party:s due:t state:w owner:s attempts:n note:s expires:t \
    not_before:t recording:b priority:s";
const LISTS: &str = "source:s id:s list:s open:n free:n assigned:n hidden:n overdue:n \
    next_hour_overdue:n expires_24h:n agents_serving:n";
const ENTRIES: &str = "source:s id:s service:s destination:s due:t state:s reference:s priority:s \
    attempts:n max_attempts:n completion_reason:s";
const SOURCES: &str =
    "source:s kind:w link:w last_update:t error:s retry_at:t unknown_fields:n feeds:a";

fn keys(table: TableId) -> Vec<(&'static str, &'static str)> {
    let all = match table {
        TableId::Queues => QUEUES,
        TableId::Agents => AGENTS,
        TableId::Calls => CALLS,
        TableId::Tasks => TASKS,
        TableId::Callbacks => CALLBACKS,
        TableId::CallbackLists => LISTS,
        TableId::Entries => ENTRIES,
        TableId::Sources => SOURCES,
        TableId::Log | TableId::Journal => "",
    };
    all.split_whitespace().map(|pair| pair.split_once(':').unwrap()).collect()
}

const WORDS: [&str; 39] = [
    "open",
    "uncertain",
    "closed",
    "ok",
    "warning",
    "critical",
    "logged_out",
    "available",
    "reserved",
    "talking",
    "holding",
    "wrap_up",
    "not_ready",
    "other",
    "telepo",
    "enreach",
    "nimbus",
    "connecting",
    "live",
    "polling",
    "stale",
    "down",
    "unauthorized",
    "scheduled",
    "in_progress",
    "ended",
    "vendor",
    "inbound",
    "outbound",
    "voice",
    "new",
    "waiting",
    "alerting",
    "connected",
    "held",
    "parked",
    "left",
    "taken",
    "done",
];

/// RFC 3339 in UTC with `Z`.
fn is_time(text: &str) -> bool {
    text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok()
}

fn is_of(kind: &str, value: &Value) -> bool {
    match (kind, value) {
        ("n", Value::Number(number)) => number.as_f64().is_some_and(|number| number >= 0.0),
        (_, Value::Null)
        | ("s", Value::String(_))
        | ("o", Value::Object(_))
        | ("a", Value::Array(_))
        | ("b", Value::Bool(_)) => true,
        ("w", Value::String(word)) => WORDS.contains(&word.as_str()),
        ("t", Value::String(text)) => is_time(text),
        _ => false,
    }
}

#[test]
fn every_key_of_the_contract_is_there_and_of_its_type() {
    let state = centre::contacts();
    let object = json(&report(&Desk { state }), &TableId::ALL);
    assert_eq!(object["schema"], 2);
    assert_eq!(object["generated_at"], "2026-03-12T14:32:07Z");
    for table in TableId::ALL.into_iter().filter(|table| table.is_reported()) {
        let rows = object[table.name()].as_array().unwrap();
        assert!(!rows.is_empty(), "{} has rows to look at", table.name());
        for row in rows {
            for (key, kind) in keys(table) {
                let value = row.get(key).unwrap_or_else(|| panic!("no {key} in {row}"));
                assert!(is_of(kind, value), "{}.{key} is {value}", table.name());
            }
        }
        for (key, _) in keys(table).iter().filter(|(key, _)| *key != "call") {
            let told = rows.iter().any(|row| !row[key].is_null());
            let never = ["agents_busy", "agents_away", "agents_fetch", "presence", "open_detail"];
            let never = [
                &never[..],
                &["attempts", "completion_reason", "service_level_variant"],
                &["muted", "conference"],
            ];
            let untold = ["recording", "supervised_by", "position", "priority"];
            let untold = table == TableId::Tasks && untold.contains(key);
            let told = told || untold || never.concat().contains(key);
            assert!(told, "{}.{key} is never told", table.name());
        }
    }
}

#[test]
fn a_key_is_a_columns_name() {
    let desk = Desk::open();
    for table in TableId::ALL.into_iter().filter(|table| table.is_reported()) {
        let names: std::collections::BTreeSet<_> =
            table.columns().iter().map(|head| head.name.to_owned()).collect();
        for row in table.json(&report(&desk)) {
            let keys = row.as_object().unwrap().keys().cloned().collect();
            assert_eq!(names, keys, "{}", table.name());
        }
    }
}

#[test]
fn only_the_named_tables_are_there_and_always_the_sources() {
    let desk = Desk::open();
    let object = json(&report(&desk), &[TableId::Agents]);
    let keys: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["agents", "generated_at", "schema", "sources"]);
    assert!(json(&report(&desk), &TableId::ALL).get("log").is_none(), "the log is the board's");
}

#[test]
fn rows_are_ordered_by_source_then_id() {
    let state = centre::busy();
    let desk = Desk { state };
    for table in [TableId::Queues, TableId::CallbackLists, TableId::Entries, TableId::Sources] {
        let rows = table.json(&report(&desk));
        let id = |row: &Value| (row["source"].to_string(), row["id"].to_string());
        assert!(rows.is_sorted_by_key(id), "{}", table.name());
    }
}

fn null(row: &Map<String, Value>, keys: &str) {
    for key in keys.split_whitespace() {
        assert_eq!(row[key], Value::Null, "{key}");
    }
}

#[test]
fn what_is_not_told_is_null_and_never_zero() {
    let mut desk = Desk::silent(Access::Full);
    let bare = Queue { open: None, ..queue("1", "Bare") };
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(vec![bare])));
    let row = row(TableId::Queues, &report(&desk), "id", "1");
    for (key, _) in keys(TableId::Queues) {
        match key {
            "source" | "id" | "queue" | "updated_at" => assert!(row[key].is_string()),
            "last_24h" => {
                let told = row[key].as_object().unwrap();
                assert_eq!(told.keys().collect::<Vec<_>>(), ["abandoned", "answered", "offered"]);
                assert!(told.values().all(Value::is_null));
            }
            _ => assert_eq!(row[key], Value::Null, "{key}"),
        }
    }
}

#[test]
fn nought_that_is_told_is_nought() {
    let mut desk = Desk::open();
    let figures = Figures {
        waiting: Some(0),
        agents_free: Some(0),
        last_24h: Totals { offered: Some(0), ..Totals::default() },
        presence: Some(Vec::new()),
        ..Figures::default()
    };
    let rows = vec![Queue { figures, ..queue("1", "Quiet") }];
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows)));
    let row = row(TableId::Queues, &report(&desk), "id", "1");
    assert_eq!((&row["waiting"], &row["agents_free"]), (&Value::from(0), &Value::from(0)));
    assert_eq!(
        (&row["last_24h"]["offered"], &row["last_24h"]["answered"]),
        (&0.into(), &Value::Null)
    );
    assert_eq!(row["presence"], Value::Object(Map::new()), "told to be nobody");
}

#[test]
fn shares_that_are_no_numbers_are_not_told() {
    for share in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut desk = Desk::open();
        let figures = Figures { service_level: Some(share), ..Figures::default() };
        let rows = vec![Queue { figures, ..queue("1", "Odd") }];
        desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows)));
        null(&row(TableId::Queues, &report(&desk), "id", "1"), "service_level");
        let id = desk::queue_row("1");
        assert_eq!(super::cell(TableId::Queues, &report(&desk), &id, "service_level"), "–");
    }
}

#[test]
fn the_largest_figures_are_whole_in_json() {
    let mut desk = Desk::open();
    let figures =
        Figures { waiting: Some(u32::MAX), longest_wait_s: Some(u32::MAX), ..Figures::default() };
    let rows = vec![Queue { figures, ..queue("1", "Huge") }];
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows)));
    desk.wait(20);
    let row = row(TableId::Queues, &desk.state.context(), "id", "1");
    assert_eq!(row["waiting"], u32::MAX);
    assert_eq!(row["longest_wait_s"], u32::MAX, "and does not run over while it grows");
    assert_eq!(row["severity"], "critical");
}

#[test]
fn a_queue_says_presence_as_counts_by_name() {
    let mut desk = Desk::open();
    let presence = Some(vec![("Lunch".into(), 3), ("Ledig".into(), 1)]);
    let rows = vec![Queue {
        figures: Figures { presence, ..Figures::default() },
        open: Some(Open::Uncertain),
        open_detail: Some("OpenUncertain".into()),
        ..queue("1", "Växel")
    }];
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(rows)));
    let row = row(TableId::Queues, &report(&desk), "id", "1");
    assert_eq!(row["presence"], serde_json::json!({"Ledig": 1, "Lunch": 3}));
    assert_eq!((&row["open"], &row["open_detail"]), (&"uncertain".into(), &"OpenUncertain".into()));
}

#[test]
fn an_agent_tells_each_queue_and_an_id_only_where_there_is_one() {
    let desk = Desk::open();
    let bo = row(TableId::Agents, &report(&desk), "agent", "Bo Ek");
    assert_eq!(bo["id"], "bo@hq.example.com");
    let queue = serde_json::json!({"id": "21", "queue": "Växel", "logged_in": true,
        "state": "available", "reason": null, "priority": null, "skill": null});
    assert_eq!(bo["queues"][0], queue);
    null(&bo, "since reason call");
    null(&row(TableId::Agents, &report(&desk), "agent", "Didrik Ås"), "id");
    let anna = AgentId::new("anna@hq.example.com");
    assert_eq!(row(TableId::Agents, &report(&desk), "agent", "Anna Lind")["id"], anna.raw());
}

#[test]
fn a_change_that_was_seen_has_a_time() {
    let mut desk = Desk::open();
    desk.wait(90);
    desk.tell("hq", desk::moved("anna", "21", Some(false)));
    desk.wait(30);
    let anna = row(TableId::Agents, &report(&desk), "agent", "Anna Lind");
    assert_eq!(
        (&anna["state"], &anna["since"]),
        (&"logged_out".into(), &"2026-03-12T14:01:30Z".into())
    );
}

#[test]
fn an_entry_shows_a_word_that_is_not_known_as_it_came() {
    let mut desk = Desk::open();
    let rows = vec![Entry {
        due: None,
        destination: None,
        ..entry("x", EntryState::Other(Shown::clean("Parked")))
    }];
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(rows)));
    let row = row(TableId::Entries, &report(&desk), "id", "x");
    assert_eq!(row["state"], "Parked");
    null(&row, "due destination attempts reference priority completion_reason");
    assert_eq!(row["max_attempts"], 3);
}

#[test]
fn a_list_without_a_name_is_null_in_reports_and_its_id_on_the_board() {
    let desk = Desk::open();
    null(&row(TableId::CallbackLists, &report(&desk), "id", "901"), "list hidden agents_serving");
    let id = floorwalker::table::RowId::List("helsinki".into(), "901".into());
    assert_eq!(super::cell(TableId::CallbackLists, &desk.state.context(), &id, "list"), "901");
}

#[test]
fn a_source_tells_its_feeds_and_when_it_is_tried_again() {
    let mut desk = Desk::open();
    desk.tell("hq", SourceEvent::Link(down("agents", "connection refused")));
    let hq = row(TableId::Sources, &report(&desk), "source", "hq");
    assert_eq!((&hq["kind"], &hq["link"]), (&"telepo".into(), &"down".into()));
    assert_eq!(
        (&hq["error"], &hq["retry_at"]),
        (&"connection refused".into(), &"2026-03-12T14:00:12Z".into())
    );
    assert_eq!(
        hq["feeds"][0],
        serde_json::json!({"name": "queues", "link": "polling",
        "last_update": "2026-03-12T14:00:00Z", "error": null})
    );
    assert_eq!(hq["feeds"][1]["link"], "down");
    let oslo = row(TableId::Sources, &report(&desk), "source", "oslo");
    null(&oslo, "last_update error retry_at");
    assert_eq!((&oslo["link"], &oslo["feeds"]), (&"connecting".into(), &Value::Array(vec![])));
}

#[test]
fn a_figure_of_a_report_is_as_received() {
    let mut desk = Desk::open();
    desk.wait(25);
    let vaxel = row(TableId::Queues, &report(&desk), "id", "21");
    assert_eq!(vaxel["longest_wait_s"], 20);
    assert_eq!(vaxel["updated_at"], "2026-03-12T14:00:00Z");
}
