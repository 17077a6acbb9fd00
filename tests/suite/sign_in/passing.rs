//! Signing in by a code while the tenant, or what stands before it, has faults that pass (RFC 8628 §3.2 and §3.5).

use std::sync::Mutex;
use std::time::Duration;

use floorwalker::source::nimbus::entra::{Entra, EntraError, EntraSettings, Pause, Tokens};
use floorwalker::transport::http::Transport;
use secrecy::SecretString;

use crate::support::scripted::{Script, Scripted, Step, answer};

const JSON: &[&str] = &["content-type: application/json"];

const DEVICE: &str = r#"{"device_code":"d","user_code":"U","verification_uri":"https://x.example/",
    "expires_in":900,"interval":5}"#;

const TOKENS: &str = r#"{"token_type":"Bearer","access_token":"at","expires_in":"3599"}"#;

fn no(error: &str) -> Script {
    answer(
        "400 Bad Request",
        JSON,
        format!(r#"{{"error":"{error}","error_description":"No: {error}."}}"#),
    )
}

fn yes() -> Script {
    answer("200 OK", JSON, TOKENS)
}

/// What came of a sign-in with these answers to the question for tokens, and what was waited for between them.
async fn signed_in(device: &str, answers: Vec<Script>) -> (Result<Tokens, EntraError>, Vec<Pause>) {
    let mut scripts = vec![answer("200 OK", JSON, device)];
    scripts.extend(answers);
    let server = Scripted::start(scripts).await;
    let settings = EntraSettings {
        authority: server.url(""),
        tenant: "contoso.com".to_owned(),
        client_id: "app & more".to_owned(),
        scope: "api://nimbus/access".to_owned(),
    };
    let transport = Transport { timeout: Duration::from_secs(2), ..Transport::default() };
    let entra = Entra::new(&settings, &transport).unwrap();
    let code = entra.begin().await.unwrap();
    let first = server.seen().remove(0);
    let form = String::from_utf8(first.body).unwrap();
    assert!(
        form.starts_with("client_id=app%20%26%20more&scope=api%3A%2F%2Fnimbus%2Faccess%20openid"),
        "{form}"
    );
    let waits = Mutex::new(Vec::new());
    let sleep = |pause: Pause| {
        waits.lock().unwrap().push(pause);
        std::future::ready(())
    };
    let result = entra.finish(&code, sleep).await;
    (result, waits.into_inner().unwrap())
}

fn seconds(waits: &[Pause]) -> Vec<u64> {
    waits.iter().map(|pause| pause.span.as_secs()).collect()
}

#[tokio::test]
async fn a_fault_that_passes_is_waited_for() {
    let html = &["content-type: text/html"];
    let slow = &["content-type: application/json", "retry-after: 17"];
    let transient = r#"{"error":"invalid_request","error_codes":[90033],
        "error_description":"AADSTS90033: A transient error has occurred. Please try again."}"#;
    for (fault, wait) in [
        (answer("502 Bad Gateway", html, "<html>Bad Gateway</html>"), 10),
        (answer("503 Service Unavailable", &[], ""), 10),
        (answer("504 Gateway Timeout", html, "<html>"), 10),
        (answer("500 Oops", JSON, r#"{"error":"server_error"}"#), 10),
        (answer("429 Slow", slow, r#"{"error":"temporarily_unavailable"}"#), 17),
        (answer("429 Slow", &["retry-after: 7.5"], ""), 10),
        (answer("400 Bad Request", JSON, transient), 10),
        (answer("200 OK", html, "<html>A page of the network's own</html>"), 10),
        (vec![Step::Reset], 10),
        (vec![], 10),
    ] {
        let answers = vec![no("authorization_pending"), fault.clone(), yes()];
        let (result, waits) = signed_in(DEVICE, answers).await;
        assert!(result.is_ok(), "{result:?} after {fault:?}");
        assert_eq!(seconds(&waits), [5, wait], "{fault:?}");
        assert_eq!((waits[0].answered, waits[1].answered), (true, false));
    }
}

#[tokio::test]
async fn the_wait_doubles_with_each_fault_in_a_row_and_an_answer_ends_that() {
    let bad = || answer("502 Bad Gateway", &[], "");
    let pending = || no("authorization_pending");
    let answers = vec![bad(), bad(), bad(), bad(), pending(), bad(), yes()];
    let (result, waits) = signed_in(DEVICE, answers).await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(seconds(&waits), [10, 20, 40, 60, 5, 10]);
}

#[tokio::test]
async fn a_fault_that_never_passes_ends_with_the_code() {
    let (result, waits) = signed_in(DEVICE, vec![answer("503 No", &[], "")]).await;
    assert!(matches!(result, Err(EntraError::Expired)), "{result:?}");
    assert_eq!(seconds(&waits).iter().sum::<u64>(), 900, "as long as the code is good");
    assert!(waits.len() < 25, "{}", waits.len());
}

#[tokio::test]
async fn the_interval_is_the_servers_or_five_seconds_and_grows_when_it_says_so() {
    for (interval, wanted) in [
        ("1", 1),
        ("\"7\"", 7),
        ("5.0", 5),
        ("0", 5),
        ("\"0\"", 5),
        ("null", 5),
        ("\"soon\"", 5),
        ("-3", 5),
    ] {
        let device = DEVICE.replace("\"interval\":5", &format!("\"interval\":{interval}"));
        let answers = vec![no("authorization_pending"), no("slow_down"), no("slow_down"), yes()];
        let (result, waits) = signed_in(&device, answers).await;
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(seconds(&waits), [wanted, wanted + 5, wanted + 10], "{interval}");
    }
    let device = DEVICE.replace(",\"interval\":5", "").replace(",\n    \"expires_in\":900", "");
    assert!(!device.contains("expires_in"), "{device}");
    let (result, waits) = signed_in(&device, vec![no("authorization_pending"), yes()]).await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(seconds(&waits), [5]);
}

#[tokio::test]
async fn tokens_are_read_with_numbers_as_text_and_without_a_type() {
    let (result, _) = signed_in(DEVICE, vec![yes()]).await;
    assert_eq!(result.unwrap().life, Some(Duration::from_secs(3_599)));
    let bare = answer("200 OK", &[], r#"{"access_token":"at","expires_in":null}"#);
    let (result, _) = signed_in(DEVICE, vec![bare]).await;
    assert_eq!(result.unwrap().life, None);
    let other = answer("200 OK", JSON, r#"{"access_token":"at","token_type":"pop"}"#);
    let (result, _) = signed_in(DEVICE, vec![other]).await;
    assert!(matches!(result, Err(EntraError::Refused { .. })), "{result:?}");
}

#[tokio::test]
async fn what_is_over_is_over() {
    for (error, is_wanted) in [
        ("access_denied", (|own| matches!(own, EntraError::Denied)) as fn(&EntraError) -> bool),
        ("authorization_declined", |own| matches!(own, EntraError::Denied)),
        ("expired_token", |own| matches!(own, EntraError::Expired)),
        ("code_expired", |own| matches!(own, EntraError::Expired)),
        ("bad_verification_code", |own| matches!(own, EntraError::Refused { .. })),
        ("invalid_client", |own| matches!(own, EntraError::Refused { .. })),
    ] {
        let (result, waits) = signed_in(DEVICE, vec![no(error), yes()]).await;
        assert!(is_wanted(&result.unwrap_err()), "{error}");
        assert!(waits.is_empty(), "{error}");
    }
    for status in ["404 Not Found", "403 Forbidden"] {
        let page = answer(status, &["content-type: text/html"], "<html>No</html>");
        let (result, _) = signed_in(DEVICE, vec![page]).await;
        assert!(result.unwrap_err().to_string().contains(&status[..3]), "{status}");
    }
}

#[tokio::test]
async fn a_refusal_that_echoes_the_device_code_is_told_without_it() {
    let device = DEVICE.replace("\"d\"", "\"device+code/of=ours\"");
    for echo in ["device+code/of=ours", "device%2Bcode%2Fof%3Dours", "ZGV2aWNlK2NvZGUvb2Y9b3Vycw=="]
    {
        let text = format!(r#"{{"error":"bad","error_description":"no such code: {echo}."}}"#);
        let (result, _) = signed_in(&device, vec![answer("400 Bad Request", JSON, text)]).await;
        let error = result.unwrap_err().to_string();
        assert_eq!(error, "the tenant refuses: no such code: [hidden].", "{echo}");
    }
}

#[tokio::test]
async fn a_refusal_that_echoes_the_refresh_token_is_told_without_it() {
    let refusal = r#"{"error":"bad","error_description":"no such token: refresh-token-of-ours."}"#;
    let server = Scripted::start(vec![answer("400 Bad Request", JSON, refusal)]).await;
    let settings = EntraSettings {
        authority: server.url(""),
        tenant: "contoso.com".to_owned(),
        client_id: "app".to_owned(),
        scope: "api://nimbus/access".to_owned(),
    };
    let entra = Entra::new(&settings, &Transport::default()).unwrap();
    let error = entra.renew(&SecretString::from("refresh-token-of-ours")).await.unwrap_err();
    assert_eq!(error.to_string(), "the tenant refuses: no such token: [hidden].");
}
