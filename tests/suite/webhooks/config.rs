//! What the config file says of webhooks, and what is printed for the vendor's support.

use std::collections::BTreeSet;
use std::time::Duration;

use floorwalker::config::{Config, sample};
use floorwalker::relay::webhook::subscription;
use floorwalker::source::enreach::events::{NAMES, wanted};
use floorwalker::source::settings::{EnreachSettings, Vendor};
use serde_json::Value;

fn text(webhook: &str) -> String {
    format!(
        "[[source]]\nname = \"helsinki\"\nkind = \"enreach\"\nusername = \"wall@example.com\"\n\
         secret_key = {{ env = \"KEY\" }}\napi_url = \"https://api.example.com\"\n\
         [source.webhook]\n{webhook}\n"
    )
}

fn enreach(config: &Config) -> &EnreachSettings {
    let Vendor::Enreach(own) = &config.sources[0].vendor else { panic!("it is Enreach") };
    own
}

fn complaint(webhook: &str) -> String {
    let complaints = Config::parse(&text(webhook), false).unwrap_err();
    let lines: Vec<String> =
        complaints.iter().map(|own| format!("{:?} {}", own.line, own.what)).collect();
    lines.join("\n")
}

const GOOD: &str = "listen = \"127.0.0.1:8443\"\ntoken = { env = \"TOKEN\" }\nbehind_proxy = true";

#[test]
fn a_section_is_read_and_the_poll_only_reconciles_beside_it() {
    let config = Config::parse(&text(GOOD), false).unwrap();
    assert!(config.later.is_empty(), "it is built: {:?}", config.later);
    let own = enreach(&config);
    assert_eq!(own.poll, Duration::from_secs(60));
    let webhook = own.webhook.as_ref().unwrap();
    assert_eq!(webhook.listen, Some("127.0.0.1:8443".parse().unwrap()));
    assert!(webhook.behind_proxy);
    let chosen = text(GOOD).replace("[source.webhook]", "poll = \"7s\"\n[source.webhook]");
    let config = Config::parse(&chosen, false).unwrap();
    assert_eq!(enreach(&config).poll, Duration::from_secs(7));
}

#[test]
fn without_listen_only_a_relay_receives() {
    let config = Config::parse(&text("token = { env = \"TOKEN\" }"), false).unwrap();
    assert_eq!(enreach(&config).webhook.as_ref().unwrap().listen, None);
}

#[test]
fn what_would_be_open_to_others_is_refused() {
    let token = "token = { env = \"TOKEN\" }";
    for (webhook, line, word) in [
        ("listen = \"127.0.0.1:1\"", 7, "needs a token"),
        (&format!("listen = \"0.0.0.0:8443\"\n{token}") as &str, 8, "without a certificate"),
        (&format!("listen = \"8443\"\n{token}"), 8, "an address and a port"),
        (
            &format!("{token}\nbehind_proxy = true\ntls = {{ cert = \"a\", key = \"b\" }}"),
            9,
            "exclude each other",
        ),
        ("listen = \"0.0.0.0:1\"\nbehind_proxy = true\ntoken = \"abc\"", 10, "others can read"),
    ] {
        let said = complaint(webhook);
        assert!(
            said.contains(word) && said.contains(&format!("Some({line})")),
            "{webhook}: {said}"
        );
    }
}

#[test]
fn the_effective_configuration_says_where_tokens_come_from_and_can_be_read_again() {
    let shown = sample::show(&Config::parse(&text(GOOD), false).unwrap());
    assert!(shown.contains("# webhook.token: from the environment variable TOKEN"), "{shown}");
    assert!(shown.contains("webhook = { \"listen\" = \"127.0.0.1:8443\""), "{shown}");
}

/// What no table shows: settings, and recordings and transcripts that are ready.
const LEFT_OUT: &str = "
    UserConfigurationSetNextCallOut UserConfigurationSetNextCallOutRaw UserSetting UserCallInCallbackCreated
    UserCallInRecordingConverted UserCallOutRecordingConverted UserCallRecorded UserCallTranscribed
    UserVoiceMailRecordingConverted QueueCallTranscribed QueueUserCallInRecordingConverted
    QueueUserCallOutRecordingConverted QueueUserCallRecorded
";

#[test]
fn the_subscription_asks_for_the_events_that_a_floor_shows() {
    let config = Config::parse(&text(GOOD), false).unwrap();
    let text = subscription::text(&config.sources[0], Some("https://relay.example.com/")).unwrap();
    let form: Value = serde_json::from_str(&text).unwrap();
    let endpoint = &form["Webhook"]["Endpoint"];
    assert_eq!(endpoint, "https://relay.example.com/webhook/helsinki");
    let asked = form["Subscriptions"].as_array().unwrap();
    let names: BTreeSet<&str> =
        asked.iter().map(|own| own["EventType"].as_str().unwrap()).collect();
    assert!(asked.iter().all(|own| own["AllEntities"] == true));
    assert_eq!(names, wanted().collect());
    let left_out: Vec<&str> = NAMES.iter().copied().filter(|name| !names.contains(*name)).collect();
    assert_eq!(left_out, LEFT_OUT.split_whitespace().collect::<Vec<_>>());
}

/// The subscriptions of the good configuration with more about its webhooks.
fn subscriptions(more: &str) -> Vec<Value> {
    let config = Config::parse(&text(&format!("{GOOD}\n{more}")), false).unwrap();
    let text = subscription::text(&config.sources[0], None).unwrap();
    let form: Value = serde_json::from_str(&text).unwrap();
    form["Subscriptions"].as_array().unwrap().clone()
}

#[test]
fn n6_the_only_sources_of_recording_priority_menu_and_privacy_are_asked_for() {
    let asked = subscriptions("");
    for name in [
        "QueueCallInRecording",
        "QueueCallInSmartRoutingResult",
        "QueueCallInIvrSelection",
        "UserCallPublicityChanged",
    ] {
        assert!(asked.iter().any(|own| own["EventType"] == name), "{name}");
    }
}

#[test]
fn n6_events_can_be_asked_for_of_a_security_group_or_of_some_entities() {
    const GROUP: &str = "9118bef9-fb49-ed11-8713-6c24087ddf1c";
    const QUEUE: &str = "e0072f3a-cc7c-42ee-b0ac-34cd7238150a";
    let of_group = subscriptions(&format!("security_group_id = \"{GROUP}\""));
    assert_eq!(of_group.len(), wanted().count());
    assert!(of_group.iter().all(|own| own["SecurityGroupId"] == GROUP));
    assert!(of_group.iter().all(|own| own.get("AllEntities").is_none()));
    let of_two = subscriptions(&format!("entity_ids = [\"{QUEUE}\", \"{GROUP}\"]"));
    assert_eq!(of_two.len(), wanted().count() * 2);
    let entities: BTreeSet<&str> =
        of_two.iter().map(|own| own["EntityId"].as_str().unwrap()).collect();
    assert_eq!(entities, BTreeSet::from([GROUP, QUEUE]));
    let both = format!("{GOOD}\nsecurity_group_id = \"{GROUP}\"\nentity_ids = [\"{QUEUE}\"]");
    assert!(complaint(&both).contains("exclude each other"));
    assert!(complaint(&format!("{GOOD}\nentity_ids = [\"sales\"]")).contains("is no GUID"));
}

#[test]
fn n5_callback_lists_have_the_names_of_the_configuration() {
    let names = "callback_list_names = { \"AA10C0DE-0000-4000-8000-000000000901\" = \"Night\" }";
    let written = text(GOOD).replace("kind = \"enreach\"", &format!("kind = \"enreach\"\n{names}"));
    let config = Config::parse(&written, false).unwrap();
    let Vendor::Enreach(own) = &config.sources[0].vendor else { panic!("not Enreach") };
    let name = own.callback_list_names.get(&"aa10c0de-0000-4000-8000-000000000901".into());
    assert_eq!(name.map(floorwalker::text::Shown::as_str), Some("Night"));
    let shown = sample::show(&config);
    assert!(shown.contains("callback_list_names = "), "{shown}");
    let telepo = written.replace("kind = \"enreach\"", "kind = \"telepo\"");
    let said = format!("{:?}", Config::parse(&telepo, false));
    assert!(said.contains("callback_list_names does not belong"), "{said}");
}
