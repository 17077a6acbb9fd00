//! Numbers that are none: whatever a vendor sends where a number belongs, a figure is a figure or "–".

use floorwalker::report::{csv, json, markdown, openmetrics, text};
use floorwalker::table::{Context, TableId};
use serde_json::{Value, json};

use crate::hygiene::screens::{LOOKS, look};
use crate::hygiene::vendors::told;
use crate::support::desk::Desk;
use crate::support::screen::TestScreen;

/// What is sent in the place of every number.
fn nonsense() -> Vec<Value> {
    let texts = [
        "NaN",
        "nan",
        "inf",
        "-inf",
        "Infinity",
        "-1",
        "0/0",
        "1e999",
        "18446744073709551615",
        "",
        "x",
    ];
    let numbers = [json!(-1), json!(i64::MIN), json!(u64::MAX), json!(1e308), json!(-1e308)];
    let others = [Value::Null, json!(true), json!([1, 2]), json!({"value": 1})];
    texts.map(Value::from).into_iter().chain(numbers).chain(others).collect()
}

/// Puts `nonsense` where a number stood, but for what names a thing.
fn confuse(value: &mut Value, key: &str, nonsense: &Value) {
    match value {
        Value::Object(map) => {
            map.iter_mut().for_each(|(key, value)| confuse(value, key, nonsense));
        }
        Value::Array(all) => all.iter_mut().for_each(|value| confuse(value, key, nonsense)),
        Value::Number(_) if !key.to_lowercase().ends_with("id") && key != "type" => {
            *value = nonsense.clone();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A board of which every figure was told as `nonsense`, by answers and by the stream.
fn confused(nonsense: &Value) -> Desk {
    let text = nonsense.as_str().map_or_else(|| nonsense.to_string(), str::to_owned);
    let attributes =
        ["queueLength", "longestWaiting", "availableAgents", "totalCallsForPeriod", "averageWait"]
            .map(|name| format!("{name}='{}'", text.replace('<', "")));
    let presence = format!("<current-agent-presence name='Lunch' count='{text}'/>");
    let document = format!("<all><queue id='21' {}>{presence}</queue></all>", attributes.join(" "));
    told(&|value| confuse(value, "", nonsense), &document, "Växel")
}

/// Figures of a queue.
const FIGURES: [&str; 11] = [
    "waiting",
    "longest_wait_s",
    "agents_logged_in",
    "agents_serving",
    "agents_free",
    "offered",
    "answered",
    "abandoned",
    "average_wait_s",
    "last_wait_s",
    "service_level",
];

#[test]
fn no_number_from_any_vendor_stops_the_board_and_none_is_shown_for_no_value() {
    for nonsense in nonsense() {
        let desk = confused(&nonsense);
        for (name, keys, _) in LOOKS {
            for (width, height) in [(160, 40), (36, 10)] {
                let screen = TestScreen::new(desk.state.clone(), width, height);
                let shown = look(screen, keys, None).text();
                for word in ["NaN", "inf ", "Infinity", "18446744073709551615", "e308", " -1 "] {
                    let own = shown.contains(word);
                    assert!(
                        !own || name == "the log" || name == "sources",
                        "{nonsense} in {name}:\n{shown}"
                    );
                }
            }
        }
        let context = Context { live: false, ..desk.state.context() };
        let report = json::json(&context, &TableId::ALL);
        let queues = report["queues"].as_array().unwrap();
        assert!(queues.len() >= 4, "{nonsense}: the rows are there");
        // What is counted from events is counted by us.
        let is_told = |queue: &&Value| queue["counted_since"].is_null();
        for queue in queues.iter().filter(is_told) {
            for figure in FIGURES {
                let value = &queue[figure];
                assert!(value.is_null(), "{nonsense}: {figure} of {} is {value}", queue["queue"]);
            }
        }
        let lines = text::text(&context, TableId::Queues, |_| true);
        let read = lines.lines().skip(1).filter(|line| !line.contains("nimbus"));
        assert!(read.clone().all(|line| line.matches('–').count() >= 8), "{nonsense}:\n{lines}");
    }
}

#[test]
fn every_report_is_made_of_numbers_that_are_none() {
    for nonsense in nonsense() {
        let desk = confused(&nonsense);
        let context = Context { live: false, ..desk.state.context() };
        let metrics =
            openmetrics::openmetrics(&context, openmetrics::Series::every(&TableId::ALL), |_| true)
                .unwrap();
        for line in metrics.lines().filter(|line| !line.starts_with('#')) {
            let value = line.rsplit(' ').next().unwrap();
            assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{nonsense}: {line}");
        }
        for table in TableId::ALL.into_iter().filter(|table| table.is_reported()) {
            csv::csv(&context, table, |_| true).unwrap();
            markdown::markdown(&context, table, false, |_| true);
        }
    }
}

#[test]
fn a_share_of_nothing_is_no_share() {
    let desk = confused(&json!(0));
    for (_, keys, _) in LOOKS {
        let shown = look(TestScreen::new(desk.state.clone(), 160, 40), keys, None).text();
        assert!(!shown.contains("NaN") && !shown.contains("inf"), "{shown}");
    }
}
