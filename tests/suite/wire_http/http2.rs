//! HTTP/2: a server that did not take a request up is asked once more; an action is not, and is known not to be done.

use std::sync::Arc;

use axum_server::accept::Accept as _;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use h2::Reason;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::secure::{fixture, trusting};
use super::*;

/// What the server does to its first request.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// It resets the stream with `REFUSED_STREAM`.
    RefusedStream,
    /// It resets the stream with `INTERNAL_ERROR`.
    InternalError,
    /// It closes the first connection with GOAWAY and `NO_ERROR` before it takes any stream up.
    GoAway,
}

/// An HTTP/2 server that answers every request but the first with `hi`. Its address, and how many requests it got.
async fn faulty(fault: Fault) -> (String, watch::Receiver<usize>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let chain = vec![CertificateDer::from_pem_file(fixture("good.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(fixture("server.key.pem")).unwrap();
    let mut config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(Arc::new(config)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let (count, counted) = watch::channel(0);
    tokio::spawn(async move {
        let mut is_first = true;
        while let Ok((peer, _)) = listener.accept().await {
            let shuts = is_first && matches!(fault, Fault::GoAway);
            is_first = false;
            tokio::spawn(serve(acceptor.clone(), peer, fault, shuts, count.clone()));
        }
    });
    (url, counted)
}

async fn serve(
    acceptor: RustlsAcceptor,
    peer: TcpStream,
    fault: Fault,
    shuts: bool,
    count: watch::Sender<usize>,
) {
    let (stream, ()) = acceptor.accept(peer, ()).await.unwrap();
    let mut connection = h2::server::handshake(stream).await.unwrap();
    if shuts {
        connection.abrupt_shutdown(Reason::NO_ERROR);
        let _ = std::future::poll_fn(|context| connection.poll_closed(context)).await;
        return;
    }
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        count.send_modify(|count| *count += 1);
        match fault {
            Fault::RefusedStream if *count.borrow() == 1 => {
                respond.send_reset(Reason::REFUSED_STREAM);
            }
            Fault::InternalError if *count.borrow() == 1 => {
                respond.send_reset(Reason::INTERNAL_ERROR);
            }
            _ => {
                let response = http::Response::new(());
                let mut body = respond.send_response(response, false).unwrap();
                body.send_data("hi".into(), true).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_read_whose_stream_is_refused_is_sent_once_more() {
    let (url, counted) = faulty(Fault::RefusedStream).await;
    let client = trusting(Some("ca.pem"));
    client.prepare().await.unwrap();
    let reply = client.send(client.get(&url).unwrap()).await.unwrap();
    assert_eq!(reply.text(), "hi");
    assert_eq!(*counted.borrow(), 2);
}

#[tokio::test]
async fn an_action_whose_stream_is_refused_is_not_sent_again_and_is_not_done() {
    let (url, counted) = faulty(Fault::RefusedStream).await;
    let client = trusting(Some("ca.pem"));
    client.prepare().await.unwrap();
    let error = action_error(&client, &url).await;
    assert_eq!(error.fate(), Fate::NotSent, "{error:?}");
    assert_eq!(*counted.borrow(), 1);
}

#[tokio::test]
async fn a_read_behind_a_goaway_is_sent_once_more_on_a_new_connection() {
    let (url, counted) = faulty(Fault::GoAway).await;
    let client = trusting(Some("ca.pem"));
    client.prepare().await.unwrap();
    let reply = client.send(client.get(&url).unwrap()).await.unwrap();
    assert_eq!(reply.text(), "hi");
    assert_eq!(*counted.borrow(), 1);
}

#[tokio::test]
async fn a_stream_that_the_server_gives_up_is_an_error_and_an_action_on_it_is_unknown() {
    let (url, counted) = faulty(Fault::InternalError).await;
    let client = trusting(Some("ca.pem"));
    client.prepare().await.unwrap();
    let error = action_error(&client, &url).await;
    assert_eq!(error.fate(), Fate::Unknown, "{error:?}");
    assert_eq!(*counted.borrow(), 1);
}
