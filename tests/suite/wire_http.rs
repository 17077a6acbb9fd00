//! Requests and answers over the wire, against a server that scripts its bytes.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use floorwalker::operations::Access;
use floorwalker::transport::http::{
    Auth, Client, Fate, HttpError, Method, Options, Reach, Transport, chain,
};
use floorwalker::transport::secret::{Secret, SecretSource};

use crate::support::scripted::{LIMIT, Scripted, Step, answer, say};

mod http2;
mod identity;
mod limits;
mod once_more;
mod proxies;
mod refusals;
mod secure;

fn client(auth: Auth) -> Client {
    Client::new(Options { auth, ..Options::default() }).unwrap()
}

fn literal(text: &str) -> Secret {
    Secret::new(SecretSource::Literal(text.into()))
}

/// The error of a GET.
async fn error_of(client: &Client, url: &str) -> HttpError {
    client.send(client.get(url).unwrap()).await.expect_err("an error")
}

/// The error of a DELETE that acts.
async fn action_error(client: &Client, url: &str) -> HttpError {
    let request = client.request(Reach::Action, Method::DELETE, url).unwrap();
    client.send(request).await.expect_err("an error")
}

#[tokio::test]
async fn a_read_only_client_cannot_build_an_action_of_any_method() {
    let server = Scripted::start(vec![answer("200 OK", &[], "read")]).await;
    let options = Options { access: Access::ReadOnly, ..Options::default() };
    let client = Client::new(options).unwrap();
    for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let built = client.request(Reach::Action, method, &server.url("/"));
        let error = built.expect_err("no action");
        assert!(matches!(error, HttpError::ReadOnly));
        assert_eq!(error.fate(), Fate::NotSent);
    }
    assert_eq!(server.count(), 0);
    let read = client.request(Reach::Read, Method::POST, &server.url("/")).unwrap();
    assert_eq!(client.send(read).await.unwrap().text(), "read", "a read may be a POST");
}

#[tokio::test]
async fn plain_http_across_a_network_is_refused_before_any_byte() {
    let client = client(Auth::bearer(literal("canary")));
    let error = client.get("http://192.0.2.1/path?q=canary").expect_err("insecure");
    assert!(matches!(error, HttpError::Insecure { .. }));
    assert!(error.to_string().contains("http://192.0.2.1 is plain http"), "{error}");
    assert!(!error.to_string().contains("canary"));
    let transport = Transport { insecure_http: true, ..Transport::default() };
    let open = Client::new(Options { transport, ..Options::default() }).unwrap();
    assert!(open.get("http://192.0.2.1/").is_ok());
}

#[tokio::test]
async fn proxies_of_the_environment_are_not_used() {
    let proxy = Scripted::untouched().await;
    let server = Scripted::start(vec![answer("200 OK", &[], "direct")]).await;
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "wire_http::asks_directly", "--ignored"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"] {
        child.env(name, proxy.url(""));
    }
    let output = child.env("ASKED", server.url("/")).output();
    let output = tokio::time::timeout(LIMIT, output).await.expect("an end in time").unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((server.count(), proxy.count()), (1, 0));
}

#[tokio::test]
#[ignore = "run in its own process by the test above"]
async fn asks_directly() {
    let client = client(Auth::nobody());
    let request = client.get(&std::env::var("ASKED").unwrap()).unwrap();
    assert_eq!(client.send(request).await.unwrap().text(), "direct");
}
