//! HTTPS: a private CA by file, and every bad certificate refused before a request is sent.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;

pub(super) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// A TLS server for one connection, which returns what it could read of a request.
fn serve_once(certificate: &str) -> (String, JoinHandle<Vec<u8>>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let chain = vec![CertificateDer::from_pem_file(fixture(certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_file(fixture("server.key.pem")).unwrap();
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/?q=canary", listener.local_addr().unwrap().port());
    let server = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        let session = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = StreamOwned::new(session, socket);
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).unwrap_or(0);
        request.truncate(length);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nsafe");
        let _ = stream.flush();
        request
    });
    (url, server)
}

pub(super) fn trusting(ca: Option<&str>) -> Client {
    let transport = Transport { ca_file: ca.map(fixture), ..Transport::default() };
    let auth = Auth::bearer(literal("s3cret"));
    Client::new(Options { transport, auth, ..Options::default() }).unwrap()
}

#[tokio::test]
async fn a_private_ca_is_trusted_by_file() {
    let (url, server) = serve_once("good.pem");
    let client = trusting(Some("ca.pem"));
    client.prepare().await.unwrap();
    assert_eq!(client.send(client.get(&url).unwrap()).await.unwrap().text(), "safe");
    let request = String::from_utf8(server.join().unwrap()).unwrap();
    assert!(request.to_lowercase().contains("authorization: bearer s3cret"), "{request}");
}

#[tokio::test]
async fn every_bad_certificate_is_named_and_nothing_is_sent() {
    for (certificate, sentence) in [
        ("expired.pem", "has expired"),
        ("wrong_host.pem", "is for another host"),
        ("unknown_ca.pem", "unknown authority"),
        ("self_signed.pem", "unknown authority"),
    ] {
        let (url, server) = serve_once(certificate);
        let error = action_error(&trusting(Some("ca.pem")), &url).await;
        assert!(matches!(error, HttpError::Tls { .. }), "{certificate}: {error:?}");
        assert!(error.to_string().contains(sentence), "{certificate}: {error} {error:?}");
        assert!(!chain(&error).contains("canary"), "{error}");
        assert_eq!(error.fate(), Fate::NotSent);
        assert_eq!(server.join().unwrap(), b"", "{certificate}");
    }
}

#[tokio::test]
async fn without_the_file_a_private_ca_is_not_trusted() {
    let (url, server) = serve_once("good.pem");
    let error = action_error(&trusting(None), &url).await;
    // A system without any certificates says so even before it connects.
    match &error {
        HttpError::Tls { fault, .. } => assert!(fault.contains("ca_file"), "{error}"),
        HttpError::Setup { .. } => assert!(error.to_string().contains("ca_file"), "{error}"),
        other => panic!("{other:?}"),
    }
    if matches!(error, HttpError::Tls { .. }) {
        assert_eq!(server.join().unwrap(), b"");
    }
}

#[tokio::test]
async fn a_server_without_tls_or_with_an_old_one_is_named() {
    let alert = [0x15, 3, 1, 0, 2, 2, 70];
    for (bytes, sentence) in [
        (&b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"[..], "does not speak TLS"),
        (&alert, "no TLS 1.2 or 1.3"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let reply = bytes.to_vec();
        let server = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut hello = vec![0; 4096];
            let length = socket.read(&mut hello).unwrap();
            socket.write_all(&reply).unwrap();
            socket.shutdown(std::net::Shutdown::Write).unwrap();
            hello.truncate(length);
            let _ = socket.read_to_end(&mut hello);
            hello
        });
        let error = action_error(&trusting(Some("ca.pem")), &url).await;
        assert!(error.to_string().contains(sentence), "{error} {error:?}");
        assert_eq!(error.fate(), Fate::NotSent);
        let sent = server.join().unwrap();
        assert!(!sent.windows(6).any(|six| six == b"s3cret"));
    }
}

#[tokio::test]
async fn a_ca_file_that_is_missing_or_none_is_named_before_anything_is_sent() {
    let missing = trusting(Some("missing.pem"));
    assert!(matches!(missing.prepare().await, Err(HttpError::CaFile { .. })));
    let error = error_of(&missing, "https://127.0.0.1:1/").await;
    assert!(error.to_string().contains("missing.pem cannot be read"), "{error}");
    assert_eq!(error.fate(), Fate::NotSent);
    let none = trusting(Some("server.key.pem"));
    assert!(matches!(none.prepare().await, Err(HttpError::CaFormat { .. })));
}
