//! Who a request says it is from, and what happens when the server disagrees.

use super::*;

#[tokio::test]
async fn each_kind_of_identity_makes_its_header() {
    let server = Scripted::start(vec![answer("200 OK", &[], "")]).await;
    let own = Auth::header("X-Ticket", "Ticket token={ticket}", literal("abc")).unwrap();
    for auth in [
        Auth::bearer(literal("abc")),
        Auth::basic("wall@example.com", literal("p:w")),
        own,
        Auth::nobody(),
    ] {
        let client = client(auth);
        client.send(client.get(&server.url("/")).unwrap()).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!(seen[0].header("authorization"), Some("Bearer abc"));
    assert_eq!(seen[1].header("authorization"), Some("Basic d2FsbEBleGFtcGxlLmNvbTpwOnc="));
    assert_eq!(seen[2].header("x-ticket"), Some("Ticket token=abc"));
    assert_eq!(seen[2].header("authorization"), None);
    assert_eq!(seen[3].header("authorization"), None);
    for request in seen {
        assert_eq!(request.header("referer"), None);
        let agent = concat!("floorwalker/", env!("CARGO_PKG_VERSION"));
        assert_eq!(request.header("user-agent"), Some(agent));
    }
}

#[tokio::test]
async fn a_request_may_have_another_identity_than_its_client() {
    let server = Scripted::start(vec![answer("200 OK", &[], "")]).await;
    let client = client(Auth::bearer(literal("one")));
    let request = client.get(&server.url("/")).unwrap().auth(Auth::bearer(literal("two")));
    client.send(request).await.unwrap();
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer two"));
}

#[test]
fn a_template_without_a_place_and_a_name_of_no_header_are_refused() {
    assert!(Auth::header("Authorization", "Bearer", literal("x")).is_err());
    assert!(Auth::header("Bad Name", "{ticket}", literal("x")).is_err());
    assert!(Auth::header("X", "a\r\nb: {ticket}", literal("x")).is_err());
}

#[tokio::test]
async fn a_secret_that_no_header_can_carry_is_never_sent() {
    let server = Scripted::untouched().await;
    let client = client(Auth::bearer(literal("canary\r\nx-evil: 1")));
    let error = error_of(&client, &server.url("/")).await;
    assert!(matches!(error, HttpError::Secret { .. }));
    assert_eq!(error.fate(), Fate::NotSent);
    assert!(!format!("{} {error:?}", chain(&error)).contains("canary"));
    assert_eq!(server.count(), 0);
}

/// A server that refuses the first request, and a secret in a file that changed since it was read.
async fn changed() -> (Scripted, Client, tempfile::TempDir) {
    let no = answer("401 Unauthorized", &[], "");
    let server = Scripted::start(vec![no, answer("200 OK", &[], "yes")]).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    std::fs::write(&path, "old\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let secret = Secret::new(SecretSource::File(path.clone()));
    secret.current().await.unwrap();
    std::fs::write(&path, "new\n").unwrap();
    (server, client(Auth::bearer(secret)), dir)
}

#[tokio::test]
async fn a_read_that_meets_a_401_is_sent_once_more_with_a_changed_secret() {
    let (server, client, _dir) = changed().await;
    let reply = client.send(client.get(&server.url("/")).unwrap()).await.unwrap();
    assert_eq!(reply.text(), "yes");
    assert_eq!(server.seen()[1].header("authorization"), Some("Bearer new"));
}

#[tokio::test]
async fn an_action_that_meets_a_401_is_never_sent_again() {
    let (server, client, _dir) = changed().await;
    let error = action_error(&client, &server.url("/")).await;
    assert!(matches!(error, HttpError::Unauthorized { .. }));
    assert_eq!(error.fate(), Fate::Refused);
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn an_unchanged_secret_is_not_sent_again_but_a_commands_is_once() {
    let no = answer("401 Unauthorized", &[], "");
    let server = Scripted::start(vec![no]).await;
    let client_of = |secret| client(Auth::bearer(secret));
    let error = error_of(&client_of(literal("same")), &server.url("/")).await;
    assert!(matches!(error, HttpError::Unauthorized { .. }));
    assert_eq!(server.count(), 1);
    let command = SecretSource::Command(vec!["echo".into(), "same".into()]);
    error_of(&client_of(Secret::new(command)), &server.url("/")).await;
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn a_secret_that_the_server_echoes_is_not_shown() {
    let body = "bad token canary-1234 given";
    let no = answer("400 Bad Request", &["content-type: text/plain"], body);
    let server = Scripted::start(vec![no]).await;
    let client = client(Auth::bearer(literal("canary-1234")));
    let error = error_of(&client, &server.url("/x?key=canary-1234")).await;
    let text = format!("{} {error:?} {client:?}", chain(&error));
    assert!(text.contains("bad token [hidden] given"), "{text}");
    assert!(!text.contains("canary"), "{text}");
}
