//! What the config file says of NATS.

use floorwalker::config::{Config, sample};
use floorwalker::source::settings::Vendor;

fn source(more: &str) -> String {
    format!("[[source]]\nname = \"relay\"\nkind = \"relay\"\n{more}\n")
}

fn relay(more: &str) -> String {
    format!(
        "[relay]\n{more}\n[[relay.token]]\nname = \"wall\"\ntoken = {{ env = \"T\" }}\n\
         scopes = [\"read\"]\n"
    )
}

fn complaints(text: &str) -> String {
    let complaints = Config::parse(text, false).unwrap_err();
    let lines: Vec<String> =
        complaints.iter().map(|own| format!("{}: {}", own.line.unwrap_or(0), own.what)).collect();
    lines.join("\n")
}

#[test]
fn what_cannot_be_is_refused_with_its_line() {
    let cases = [
        (
            source("nats = \"nats://nats.example\""),
            "4: nats: nats://nats.example:4222 is plain NATS",
        ),
        (source("nats = \"nats://nats.example\""), "set insecure_http"),
        (source("nats = \"http://127.0.0.1\""), "4: nats: write nats://host:4222"),
        (source("nats = \"tls://n.example\"\nurl = \"https://r.example\""), "exclude each other"),
        (
            source("nats = \"tls://n.example\"\nproxy = \"http://p\""),
            "5: nats goes through no proxy",
        ),
        (source("nats = \"tls://w@n.example\"\ntoken = \"canary\""), "5: token stands in a file"),
        (source("url = \"https://r.example\"\nnumbers = true"), "5: numbers belongs to nats"),
        (relay("nats = \"nats://10.0.0.1\""), "2: nats: nats://10.0.0.1:4222 is plain NATS"),
        (relay("nats = \"nats://10.0.0.1\""), "set nats_insecure"),
        (relay("nats = \"tls://r@n.example\"\nnats_token = \"canary\""), "3: nats_token stands in"),
        (relay("nats = \"nats://relay:canary@127.0.0.1\""), "a password does not stand in"),
    ];
    for (text, expected) in cases {
        let told = complaints(&text);
        assert!(told.contains(expected), "{text}\n{told}");
        assert!(!told.contains("canary"), "{told}");
    }
}

#[test]
fn what_is_shown_of_it_holds_no_secret() {
    let text = source("nats = \"tls://wall@n.example\"\ntoken = \"canary\"\nnumbers = true")
        + &relay(
            "nats = \"nats://relay@10.0.0.1:4333\"\nnats_token = \"canary\"\nnats_insecure = true",
        );
    let config = Config::parse(&text, true).unwrap();
    assert!(config.later.is_empty(), "it is built: {:?}", config.later);
    assert!(matches!(&config.sources[0].vendor, Vendor::Nats(own) if own.numbers));
    let shown = sample::show(&config);
    for line in [
        "nats = \"tls://wall@n.example\"",
        "numbers = true",
        "nats = \"nats://relay@10.0.0.1:4333\"",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    assert!(!format!("{shown}{config:?}").contains("canary"));
}
