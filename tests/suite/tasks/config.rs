//! What the config file says of Nimbus's triggers.

use std::time::Duration;

use floorwalker::config::{Config, sample};
use floorwalker::floor::task::Turn;
use floorwalker::source::settings::{NimbusSettings, Vendor};

fn text(more: &str) -> String {
    format!(
        "[[source]]\nname = \"cloud\"\nkind = \"nimbus\"\ncluster = \"ch_01\"\n\
         token = {{ env = \"TOKEN\" }}\n{more}\n"
    )
}

fn read(more: &str) -> NimbusSettings {
    let config = Config::parse(&text(more), false).unwrap();
    assert!(config.later.is_empty(), "it is built: {:?}", config.later);
    match config.sources.into_iter().next().unwrap().vendor {
        Vendor::Nimbus(own) => own,
        other => panic!("it is Nimbus: {other:?}"),
    }
}

fn complaint(more: &str) -> String {
    let complaints = Config::parse(&text(more), false).unwrap_err();
    let lines = complaints.iter().map(|own| format!("{:?} {}", own.line, own.what));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn access_is_probed_every_five_minutes_and_a_quarter_of_an_hour_is_silence() {
    let own = read("[source.webhook]\nlisten = \"127.0.0.1:8444\"");
    let triggers = own.triggers.unwrap();
    assert_eq!(triggers.listen, Some("127.0.0.1:8444".parse().unwrap()));
    assert_eq!(triggers.probe, Duration::from_mins(5));
    assert_eq!(triggers.silence, Duration::from_mins(15));
    assert!(triggers.public_url.is_none());
}

#[test]
fn both_times_and_the_address_that_nimbus_is_told_can_be_set() {
    let own = read(
        "[source.webhook]\nlisten = \"0.0.0.0:8444\"\nbehind_proxy = true\nprobe = \"2m\"\n\
         silence = \"1h\"\npublic_url = \"https://board.example.com/nimbus\"",
    );
    let triggers = own.triggers.unwrap();
    assert_eq!(triggers.probe, Duration::from_mins(2));
    assert_eq!(triggers.silence, Duration::from_hours(1));
    let url = triggers.public_url.unwrap();
    assert_eq!(url.as_str(), "https://board.example.com/nimbus");
}

#[test]
fn what_cannot_be_is_said_with_its_line() {
    for (more, line, word) in [
        ("listen = \"0.0.0.0:8444\"", 7, "without a certificate"),
        ("listen = \"127.0.0.1:8444\"\nbehind_proxy = true", 8, "only you know"),
        ("token = { env = \"X\" }", 7, "made by floorwalker"),
        ("next_token = { env = \"X\" }", 7, "made by floorwalker"),
        ("listen = \"127.0.0.1:1\"\nprobe = \"1ms\"", 8, "at least 100ms"),
        ("listen = \"127.0.0.1:1\"\nsilence = \"soon\"", 8, "soon"),
        ("public_url = \"http://board.example.com\"", 7, "https"),
        ("silense = \"15m\"", 7, "silence"),
    ] {
        let said = complaint(&format!("[source.webhook]\n{more}"));
        assert!(said.contains(word) && said.contains(&format!("Some({line})")), "{more}: {said}");
    }
}

#[test]
fn the_keys_of_triggers_belong_to_nimbus_alone() {
    let enreach = "[[source]]\nname = \"north\"\nkind = \"enreach\"\nusername = \"a@b.example\"\n\
                   secret_key = { env = \"KEY\" }\napi_url = \"https://api.example.com\"\n\
                   [source.webhook]\ntoken = { env = \"T\" }\n";
    for key in ["probe = \"1m\"", "silence = \"1m\"", "public_url = \"https://x.example.com\""] {
        let complaints = Config::parse(&format!("{enreach}{key}\n"), false).unwrap_err();
        assert!(complaints[0].what.contains("kind \"nimbus\""), "{key}: {complaints:?}");
    }
}

#[test]
fn an_event_of_ones_own_becomes_a_state_by_a_word_that_is_known() {
    let own = read("task_events = { \"Called back\" = \"connected\", \"Rung\" = \"alerting\" }");
    assert_eq!(own.task_events.len(), 2);
    assert!(own.task_events.values().all(|turn| matches!(turn, Turn::To(_))));
    let said = complaint("task_events = { \"Called back\" = \"conected\" }");
    assert!(said.contains("did you mean \"connected\"?"), "{said}");
}

#[test]
fn the_effective_configuration_has_the_keys_of_triggers() {
    let own = "[source.webhook]\nlisten = \"127.0.0.1:8444\"\nsilence = \"1h\"";
    let shown = sample::show(&Config::parse(&text(own), false).unwrap());
    assert!(shown.contains("\"silence\" = \"3600s\"") || shown.contains("\"1h\""), "{shown}");
}
