//! The configured proxy: who signs in there, and what an error says of it.

use floorwalker::transport::http::ProxySettings;

use super::*;

fn through(proxy: ProxySettings) -> Client {
    let transport = Transport { proxy: Some(proxy), ..Transport::default() };
    let auth = Auth::bearer(literal("s3cret"));
    Client::new(Options { transport, auth, ..Options::default() }).unwrap()
}

fn with_login(proxy: &Scripted, login: &str) -> Client {
    let url = proxy.url("").replace("http://", &format!("http://{login}"));
    through(ProxySettings::new(&url).unwrap())
}

#[tokio::test]
async fn a_configured_proxy_gets_the_request() {
    let proxy = Scripted::start(vec![answer("200 OK", &[], "by proxy")]).await;
    let server = Scripted::untouched().await;
    let client = with_login(&proxy, "");
    let reply = client.send(client.get(&server.url("/x")).unwrap()).await.unwrap();
    assert_eq!(reply.text(), "by proxy");
    let seen = &proxy.seen()[0];
    assert!(seen.head.starts_with(&format!("GET {} HTTP/1.1", server.url("/x"))), "{}", seen.head);
    assert_eq!(seen.header("proxy-authorization"), None);
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_proxy_gets_its_user_and_password() {
    let proxy = Scripted::start(vec![answer("200 OK", &[], "by proxy")]).await;
    let client = with_login(&proxy, "eva:p%40ss@");
    client.send(client.get("http://127.0.0.1:1/x").unwrap()).await.unwrap();
    // RFC 7617: "eva:p@ss".
    assert_eq!(proxy.seen()[0].header("proxy-authorization"), Some("Basic ZXZhOnBAc3M="));
}

#[tokio::test]
async fn through_a_tunnel_the_password_goes_to_the_proxy_alone_and_the_secret_to_the_server_alone()
{
    let proxy = Scripted::start(vec![vec![say("HTTP/1.1 200 OK\r\n\r\n"), Step::Hold]]).await;
    let transport = Transport { timeout: Duration::from_millis(400), ..Transport::default() };
    let url = proxy.url("").replace("http://", "http://eva:p%40ss@");
    let transport = Transport { proxy: Some(ProxySettings::new(&url).unwrap()), ..transport };
    let auth = Auth::bearer(literal("s3cret"));
    let client = Client::new(Options { transport, auth, ..Options::default() }).unwrap();
    let _ = client.send(client.get("https://vendor.example/x?q=1").unwrap()).await;
    let Some(seen) = proxy.seen().first().cloned() else {
        // A system without certificates makes no client for https.
        assert!(client.prepare().await.is_err());
        return;
    };
    assert!(seen.head.starts_with("CONNECT vendor.example:443 HTTP/1.1"), "{}", seen.head);
    assert_eq!(seen.header("proxy-authorization"), Some("Basic ZXZhOnBAc3M="));
    assert!(!seen.head.contains("s3cret") && !seen.head.contains("q=1"), "{}", seen.head);
}

#[tokio::test]
async fn a_proxy_that_refuses_the_password_is_named_and_the_password_is_not() {
    let no = answer("407 Proxy Authentication Required", &["proxy-authenticate: Basic"], "canary?");
    let proxy = Scripted::start(vec![no]).await;
    let client = with_login(&proxy, "eva:canary@");
    for url in ["http://127.0.0.1:1/x", "https://vendor.example/x"] {
        let error = action_error(&client, url).await;
        if matches!(error, HttpError::Setup { .. }) {
            continue;
        }
        assert!(matches!(error, HttpError::ProxyAuth { .. }), "{url}: {error:?}");
        assert!(error.to_string().contains(&proxy.url("")), "{error}");
        assert!(error.to_string().contains("(407)"), "{error}");
        assert!(!format!("{} {error:?}", chain(&error)).contains("canary"), "{error:?}");
        assert_eq!(error.fate(), Fate::NotSent);
    }
}

#[tokio::test]
async fn a_password_that_was_refused_is_read_again_for_the_next_request() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("password");
    let write = |text: &str| {
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    };
    write("old\n");
    let no = answer("407 No", &[], "");
    let proxy = Scripted::start(vec![no, answer("200 OK", &[], "by proxy")]).await;
    let settings = ProxySettings::new(&proxy.url("")).unwrap();
    let settings = settings.with_login("eva".to_owned(), SecretSource::File(path.clone()));
    let client = through(settings);
    let request = client.get("http://127.0.0.1:1/x").unwrap();
    write("new\n");
    // The first reading is made with the client.
    assert!(client.send(request.clone()).await.is_err());
    write("newer\n");
    assert!(client.send(request).await.is_ok());
    let sent: Vec<_> = proxy
        .seen()
        .iter()
        .map(|seen| seen.header("proxy-authorization").map(str::to_owned))
        .collect();
    assert_ne!(sent[0], None);
    assert_eq!(proxy.count(), 2);
}

#[tokio::test]
async fn a_407_without_a_proxy_is_the_servers_own() {
    let server = Scripted::start(vec![answer("407 No", &[], "")]).await;
    let error = error_of(&client(Auth::nobody()), &server.url("/")).await;
    assert!(matches!(error, HttpError::Status { .. }), "{error:?}");
}

#[tokio::test]
async fn a_proxy_that_cannot_be_reached_is_named() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://eva:canary@{}", closed.local_addr().unwrap());
    drop(closed);
    let client = through(ProxySettings::new(&url).unwrap());
    let error = error_of(&client, "http://127.0.0.1:1/").await;
    assert!(error.to_string().contains("through the proxy http://127.0.0.1:"), "{error}");
    assert!(!format!("{} {error:?}", chain(&error)).contains("canary"), "{error:?}");
}

fn configured(proxy: &str, private: bool) -> Result<floorwalker::config::Config, String> {
    let text = format!(
        "[[source]]\nname = \"hq\"\nkind = \"telepo\"\nbase_url = \"https://vendor.example\"\n\
         domain = \"test.com\"\nuser = \"boss\"\nticket = {{ env = \"T\" }}\nproxy = {proxy}\n"
    );
    floorwalker::config::Config::parse(&text, private).map_err(|complaints| {
        let told: Vec<String> = complaints.iter().map(|own| own.what.to_string()).collect();
        told.join("; ")
    })
}

#[test]
fn a_proxy_with_a_login_is_configured_in_two_forms() {
    for proxy in [
        r#"{ url = "http://proxy.example:3128", user = "eva", password = { env = "P" } }"#,
        r#"{ url = "http://proxy.example:3128", user = "eva", password = "canary" }"#,
        r#""http://eva:p%40canary@proxy.example:3128""#,
        r#""http://proxy.example:3128""#,
    ] {
        let config = configured(proxy, true).unwrap();
        let own = config.sources[0].common.transport.proxy.clone().unwrap();
        assert_eq!(own.url().as_str(), "http://proxy.example:3128/");
        assert_eq!(own.login().map(|(user, _)| user), proxy.contains("eva").then_some("eva"));
        assert!(!format!("{config:?}").contains("canary"), "{proxy}");
    }
}

#[test]
fn a_password_in_the_file_is_refused_where_others_can_read_it() {
    let told = configured(r#""http://eva:canary@proxy.example""#, false).unwrap_err();
    assert!(told.contains("chmod 600") && !told.contains("canary"), "{told}");
    let table = r#"{ url = "http://proxy.example", user = "eva", password = "canary" }"#;
    assert!(configured(table, false).unwrap_err().contains("chmod 600"));
    assert!(configured(r#""http://eva:x@127.0.0.1:3128""#, false).is_ok(), "it goes nowhere");
    let env = r#"{ url = "http://proxy.example", user = "eva", password = { env = "P" } }"#;
    assert!(configured(env, false).is_ok());
}

#[test]
fn half_a_login_and_a_wrong_key_are_named() {
    for (proxy, words) in [
        (r#"{ url = "http://p", user = "eva" }"#, "set password"),
        (r#"{ url = "http://p", password = { env = "P" } }"#, "set user"),
        (r#"{ url = "http://a:b@p", user = "eva", password = "x" }"#, "stand in url already"),
        (r#"{ url = "http://p", name = "eva" }"#, "name"),
        (r#"{ user = "eva" }"#, "url"),
        (r#""ftp://proxy.example""#, "https:// nor http://"),
        ("7", "an address, or a table with url, user and password"),
    ] {
        let told = configured(proxy, true).unwrap_err();
        assert!(told.contains(words), "{proxy}: {told}");
    }
}
