//! The door: a listener that strangers can reach, with a limit on everything that one of them can make us hold.
//!
//! Time for a head and for each write, room for bytes that were read and not answered, connections of each kind and of
//! one address. What a request says is for others to judge.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::middleware::{AddExtension, from_fn};
use axum::{Extension, Router};
use axum_server::accept::{Accept, DefaultAcceptor};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper_util::rt::TokioTimer;
use rustix::net::sockopt::set_socket_send_buffer_size;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower_layer::Layer as _;

use crate::source::settings::TlsFiles;

pub use self::flow::Flow;
pub use self::places::Claim;
use self::places::{Place, Places};
use self::stream::Watched;

mod flow;
mod places;
mod rest;
mod stream;

/// How long a request's head may take, from the opening of its connection or the end of the one before.
pub const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long a handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);
/// The longest head: a token of a megabyte has to be turned away like every other wrong one, not by another word.
const HEAD_BYTES: usize = 1_088 * 1024;
/// Headers of one request.
const HEADERS: usize = 100;
/// Bytes on their way to one reader: whoever takes nothing is noticed soon, and holds little of the kernel's memory.
const ON_THE_WAY: usize = 128 * 1024;
/// How long open connections may take to end when the server stops.
const PARTING: Duration = Duration::from_secs(2);
/// How often the certificate's file is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Where and how it listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    pub address: SocketAddr,
    /// The own certificate; `None` for plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Whether a proxy stands in front.
    pub behind_proxy: bool,
}

/// Why nothing can be served.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Without a certificate and without a proxy others would read along.
    #[error(
        "without a certificate only loopback is listened on, not {address}: set tls, or \
         behind_proxy = true"
    )]
    Plain {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The certificate or its key cannot be read.
    #[error("the certificate {} cannot be used", path.display())]
    Certificate {
        path: std::path::PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the listener ended")]
    Ended(#[source] io::Error),
}

/// An open listener that serves nobody yet.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<(RustlsConfig, TlsFiles)>,
    behind_proxy: bool,
}

impl Door {
    /// Opens it.
    ///
    /// # Errors
    /// The address is taken or too open, or the certificate cannot be read.
    pub async fn open(listen: &Listen) -> Result<Self, ServerError> {
        let address = listen.address;
        if listen.tls.is_none() && !listen.behind_proxy && !address.ip().is_loopback() {
            return Err(ServerError::Plain { address });
        }
        let tls = match &listen.tls {
            Some(files) => {
                let refuse = |source| ServerError::Certificate { path: files.cert.clone(), source };
                let config = certificate(files).map_err(refuse)?;
                Some((RustlsConfig::from_config(config), files.clone()))
            }
            None => None,
        };
        let failed = |source| ServerError::Listen { address, source };
        let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
        let listener = listener.into_std().map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, tls, behind_proxy: listen.behind_proxy })
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until it is stopped; then open connections have two seconds.
    ///
    /// # Errors
    /// The listener ended by itself.
    pub async fn serve(self, app: Router, stop: CancellationToken) -> Result<(), ServerError> {
        let handle = Handle::new();
        let closing = handle.clone();
        let guard = CancellationToken::new();
        let _end = guard.clone().drop_guard();
        let over = guard.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => closing.graceful_shutdown(Some(PARTING)),
                () = over.cancelled() => closing.shutdown(),
            }
        });
        let places = Places::new(self.behind_proxy);
        let server = axum_server::from_tcp(self.listener).map_err(ServerError::Ended)?;
        let service = app.layer(from_fn(rest::discard)).into_make_service();
        let ended = match self.tls {
            Some((config, files)) => {
                tokio::spawn(guard.run_until_cancelled_owned(renew(config.clone(), files)));
                let inner = RustlsAcceptor::new(config).handshake_timeout(HANDSHAKE_TIME);
                limited(server.acceptor(Doorman { places, inner }))
                    .handle(handle)
                    .serve(service)
                    .await
            }
            None => {
                let inner = DefaultAcceptor::new();
                limited(server.acceptor(Doorman { places, inner }))
                    .handle(handle)
                    .serve(service)
                    .await
            }
        };
        ended.map_err(ServerError::Ended)
    }
}

/// The limits that the protocol's own code holds.
fn limited<A>(server: Server<SocketAddr, A>) -> Server<SocketAddr, A> {
    let mut server = server.http1_only();
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES);
    server
}

/// Reads a certificate and its key. Only HTTP/1.1 is offered: it is what the limits are made for.
fn certificate(files: &TlsFiles) -> io::Result<Arc<ServerConfig>> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect)
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(io::Error::other)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Takes a new certificate when its file has another time; a bad one is said once, and the old one stays.
async fn renew(config: RustlsConfig, files: TlsFiles) {
    let time =
        |path: &Path| -> Option<SystemTime> { std::fs::metadata(path).ok()?.modified().ok() };
    let times = || (time(&files.cert), time(&files.key));
    let mut known = times();
    loop {
        tokio::time::sleep(LOOK).await;
        let now = times();
        if now == known {
            continue;
        }
        known = now;
        match certificate(&files) {
            Ok(read) => {
                config.reload_from_config(read);
                tracing::info!("the certificate was read anew");
            }
            Err(error) => tracing::error!(%error, "the new certificate cannot be used"),
        }
    }
}

/// A connection, for whoever answers its requests.
#[derive(Debug, Clone)]
pub struct Peer {
    pub(super) flow: Flow,
    place: Arc<Place>,
}

impl Peer {
    /// A webhook with a good token came.
    pub(super) fn webhook(&self) -> Claim {
        self.place.webhook()
    }

    /// A board or a script with a good token came; `None` where all places are taken.
    pub(super) fn board(&self) -> Option<Claim> {
        self.place.board()
    }
}

/// Lets connections in and watches them.
#[derive(Debug, Clone)]
struct Doorman<A> {
    places: Places,
    inner: A,
}

impl<A, S> Accept<TcpStream, S> for Doorman<A>
where
    A: Accept<TcpStream, S>,
    A::Future: Send + 'static,
    A::Stream: Send + 'static,
    A::Service: Send + 'static,
{
    type Stream = Watched<A::Stream>;
    type Service = AddExtension<A::Service, Peer>;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let place = stream.peer_addr().map(|peer| self.places.admit(peer.ip().to_canonical()));
        // Answers are small and nobody waits for more of them.
        let _ = stream.set_nodelay(true);
        // Where the system refuses, its own limit holds.
        let _ = set_socket_send_buffer_size(&stream, ON_THE_WAY);
        match place {
            Ok(Some(place)) => {
                let accepting = self.inner.accept(stream, service);
                async move {
                    let closing = place.closing().clone();
                    let Some(accepted) = closing.run_until_cancelled(accepting).await else {
                        return Err(io::ErrorKind::ConnectionAborted.into());
                    };
                    let (stream, service) = accepted?;
                    let peer = Peer { flow: Flow::default(), place };
                    let service = Extension(peer.clone()).layer(service);
                    Ok((Watched::new(stream, peer), service))
                }
                .boxed()
            }
            Ok(None) => std::future::ready(Err(io::ErrorKind::QuotaExceeded.into())).boxed(),
            Err(error) => std::future::ready(Err(error)).boxed(),
        }
    }
}
