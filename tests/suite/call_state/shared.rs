//! Many streams to a server behind TLS: one connection where it offers HTTP/2, one each where it does not.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Version;
use axum::response::Response;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use floorwalker::floor::id::AgentId;
use floorwalker::simulator::Settings;
use futures_util::future::BoxFuture;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;

use super::board::{Board, world};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// What came to the front.
#[derive(Debug, Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
    by_http2: AtomicUsize,
}

/// Counts whoever connects, and lets them in.
#[derive(Clone)]
struct Counting(RustlsAcceptor, Arc<Seen>);

impl<S: Send + 'static> Accept<TcpStream, S> for Counting {
    type Stream = <RustlsAcceptor as Accept<TcpStream, S>>::Stream;
    type Service = S;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        self.1.connections.fetch_add(1, Ordering::Relaxed);
        Box::pin(self.0.accept(stream, service))
    }
}

/// A front behind TLS that offers `protocols`, and hands on to `behind`; its address.
fn front(protocols: &[&str], behind: String, seen: Arc<Seen>) -> String {
    let chain = vec![CertificateDer::from_pem_file(fixture("good.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(fixture("server.key.pem")).unwrap();
    let mut config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = protocols.iter().map(|own| own.as_bytes().to_vec()).collect();
    let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(Arc::new(config)));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let counted = Arc::clone(&seen);
    let app = Router::new().fallback(move |request: Request| {
        seen.requests.fetch_add(1, Ordering::Relaxed);
        seen.by_http2
            .fetch_add(usize::from(request.version() == Version::HTTP_2), Ordering::Relaxed);
        let (client, behind) = (client.clone(), behind.clone());
        async move {
            let (head, body) = request.into_parts();
            let url = format!("{behind}{}", head.uri.path_and_query().unwrap());
            let body = axum::body::to_bytes(body, 65_536).await.unwrap();
            let mut sent = client.request(head.method, url).body(body);
            for name in ["authorization", "accept", "content-type"] {
                sent = match head.headers.get(name) {
                    Some(value) => sent.header(name, value),
                    None => sent,
                };
            }
            let answer = sent.send().await.unwrap();
            let mut response = Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                if name == "content-type" {
                    response = response.header(name, value);
                }
            }
            response.body(Body::from_stream(answer.bytes_stream())).unwrap()
        }
    });
    let server = axum_server::from_tcp(listener).unwrap().acceptor(Counting(acceptor, counted));
    tokio::spawn(server.serve(app.into_make_service()));
    format!("https://localhost:{port}")
}

/// A board whose source reaches the simulator through the front, and what the front has seen.
async fn behind(protocols: &[&str]) -> (Board, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let (counted, offered) = (Arc::clone(&seen), protocols.to_vec());
    let board = Board::with(Settings::default(), |config| {
        let (before, rest) = config.split_once("http://").unwrap();
        let (address, rest) = rest.split_once('/').unwrap();
        let url = front(&offered, format!("http://{address}"), counted);
        let ca = fixture("ca.pem");
        let config = format!("{before}{url}/{rest}");
        config.replacen("poll = ", &format!("ca_file = \"{}\"\npoll = ", ca.display()), 1)
    });
    (board.await, seen)
}

/// Everybody who is told of.
fn everybody(board: &Board) -> Vec<AgentId> {
    world(&board.state).agents.values().filter_map(|agent| agent.id.clone()).collect()
}

/// How many streams these tests open.
const STREAMS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_server_offers_http_2_all_streams_share_a_connection() {
    let (mut board, seen) = behind(&["h2", "http/1.1"]).await;
    // What begins before a connection stands makes its own: the first stream, and the first readings.
    board.until_open(1).await;
    let before = seen.connections.load(Ordering::Relaxed);
    board.look(&[], &everybody(&board));
    board.until_open(STREAMS).await;
    let requests = seen.requests.load(Ordering::Relaxed);
    assert_eq!(seen.by_http2.load(Ordering::Relaxed), requests);
    assert_eq!(seen.connections.load(Ordering::Relaxed), before, "for {requests} requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_it_does_not_each_stream_has_its_own_and_all_are_read() {
    let (mut board, seen) = behind(&["http/1.1"]).await;
    board.look(&[], &everybody(&board));
    board.until_open(STREAMS).await;
    assert_eq!(seen.by_http2.load(Ordering::Relaxed), 0);
    let connections = seen.connections.load(Ordering::Relaxed);
    assert!(connections > STREAMS, "{connections}");
}
