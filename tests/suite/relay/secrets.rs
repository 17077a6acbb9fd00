//! No answer of a relay, and no line of its log, holds a secret in any encoding.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::process::{Service, any_port, config, still};
use crate::support::reception::TOKEN;
use crate::support::relay::{READER, SUPERVISOR};
use crate::support::scripted::LIMIT;

/// All forms in which a secret may stand in a text.
fn encodings(secret: &str) -> Vec<String> {
    let mut all = vec![secret.to_owned(), secret.to_uppercase(), secret.to_lowercase()];
    for before in 0..3_usize {
        let bytes = [vec![0; before], secret.as_bytes().to_vec()].concat();
        // Characters at both ends that hold bits of what stands beside the secret say nothing.
        let (first, last) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            all.push(text[first..last].to_owned());
        }
    }
    let by = |write: fn(&mut String, u8)| {
        let mut out = String::new();
        secret.bytes().for_each(|byte| write(&mut out, byte));
        out
    };
    let percent = |out: &mut String, byte: u8| write!(out, "%{byte:02X}").unwrap();
    all.push(by(percent));
    all.push(by(percent).to_lowercase());
    all.push(by(|out, byte| match byte.is_ascii_alphanumeric() {
        true => out.push(char::from(byte)),
        false => write!(out, "%{byte:02X}").unwrap(),
    }));
    all.push(by(|out, byte| write!(out, "\\u{byte:04x}").unwrap()));
    all.push(by(|out, byte| write!(out, "\\u{byte:04X}").unwrap()));
    all.push(by(|out, byte| write!(out, "{byte:02x}").unwrap()));
    all.push(serde_json::to_string(secret).unwrap().trim_matches('"').to_owned());
    all.sort();
    all.dedup();
    all
}

fn found<'s>(text: &str, secrets: &[&'s str]) -> Vec<(&'s str, String)> {
    let forms =
        secrets.iter().flat_map(|secret| encodings(secret).into_iter().map(|own| (*secret, own)));
    forms.filter(|(_, form)| text.contains(form)).collect()
}

#[test]
fn a_secret_is_found_in_every_encoding() {
    let secret = "hq/ticket+4711=\"x\"";
    let basic = |user: &str| STANDARD_NO_PAD.encode(format!("{user}:{secret}@"));
    let texts = [
        format!("Bearer {secret}"),
        basic("a"),
        basic("ab"),
        basic("abc"),
        URL_SAFE_NO_PAD.encode(format!("{secret} and more")),
        serde_json::json!({ "token": secret }).to_string(),
        "x?ticket=hq%2Fticket%2B4711%3D%22x%22".to_owned(),
    ];
    for text in texts {
        assert!(!found(&text, &[secret]).is_empty(), "{text}");
    }
    assert_eq!(found("a text about tickets, hq and 4711", &[secret]), []);
}

/// The secrets of a config file.
fn secrets(text: &str) -> Vec<&str> {
    let names = ["ticket", "token", "secret_key", "secret", "password", "client_secret"];
    let value = |line: &'_ str| -> Option<(usize, usize)> {
        let (name, rest) = line.split_once(" = \"")?;
        let name = name.trim_start_matches("webhook = { ").trim();
        names.contains(&name).then(|| (line.len() - rest.len(), rest.find('"').unwrap_or(0)))
    };
    let found = text.lines().filter_map(|line| value(line).map(|(at, len)| &line[at..at + len]));
    found.filter(|secret| secret.len() >= 8).collect()
}

/// What comes within a while, whole or not.
async fn heard(address: std::net::SocketAddr, request: &str) -> String {
    let mut peer = TcpStream::connect(address).await.unwrap();
    peer.write_all(request.as_bytes()).await.unwrap();
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 64 * 1024]);
    let reading = async {
        while let Ok(count @ 1..) = peer.read(&mut chunk).await {
            bytes.extend_from_slice(&chunk[..count]);
            if request.contains("/v1/events") && bytes.windows(4).any(|own| own == b"\nid:") {
                break;
            }
        }
    };
    tokio::time::timeout(LIMIT, reading).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_encoding_of_a_secret_leaves_a_relay() {
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let path = home.path().join("config.toml");
    let hook = format!("kind = \"enreach\"\nwebhook = {{ token = \"{TOKEN}\" }}");
    let text = std::fs::read_to_string(&path).unwrap().replace("kind = \"enreach\"", &hook);
    std::fs::write(&path, &text).unwrap();
    let secrets = secrets(&text);
    assert!(secrets.len() >= 6, "of sources, webhooks and boards: {secrets:?}");
    let service = Service::start(home.path());
    service.ready().await;
    let command =
        r#"{"id":1,"source":"hq","request":{"log_in":{"queue":"no such queue","agent":"nobody"}}}"#;
    let mut answers = Vec::new();
    for token in [READER, SUPERVISOR, "nobody-knows-this-one", ""] {
        for path in
            ["/v1/snapshot", "/v1/tables", "/v1/events", "/v1/nothing", "/metrics", "/healthz"]
        {
            let head = format!(
                "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
            );
            answers.push(heard(service.address, &head).await);
        }
        for body in [command, "{", "{\"token\": 1}"] {
            let head = format!(
                "POST /v1/commands HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            answers.push(heard(service.address, &head).await);
        }
    }
    for (path, token) in [("helsinki", TOKEN), ("helsinki", "wrong-token-4711"), ("oslo", TOKEN)] {
        let head = format!(
            "POST /webhook/{path} HTTP/1.1\r\nHost: x\r\nX-Benemen-Token: {token}\r\nConnection: close\r\n\
             Content-Length: 1\r\n\r\n{{"
        );
        answers.push(heard(service.address, &head).await);
    }
    assert!(answers.iter().any(|answer| answer.len() > 10_000), "there were whole answers");
    answers.push(service.said());
    for answer in answers {
        let head: String = answer.chars().take(200).collect();
        assert_eq!(found(&answer, &secrets), [], "{head}");
    }
    simulator.stop().await;
}
