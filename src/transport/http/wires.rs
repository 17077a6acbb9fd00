//! The four `reqwest` clients of a source, each made when first needed.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::tls::Version;
use reqwest::{Certificate, ClientBuilder, redirect, retry};
use tokio::sync::Mutex;

use super::{HttpError, ProxySettings};

/// How long one request may take, whole, unless configured.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may take to be made, name and TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an unused connection is kept: shorter than servers keep theirs, so that an action does not
/// meet a connection that is just being closed.
pub(super) const POOLED: Duration = Duration::from_secs(15);

/// How often an HTTP/2 connection is tested, and how long the answer may take: a dead one must not hold
/// every later request.
const PING: Duration = Duration::from_secs(10);

/// Who we say we are.
const USER_AGENT: &str = concat!("floorwalker/", env!("CARGO_PKG_VERSION"));

/// Certificates, proxy and timeouts of one source.
#[derive(Debug, Clone)]
pub struct Transport {
    /// One request, whole; of a stream, the head of its answer.
    pub timeout: Duration,
    /// The connection, name and TLS included; less than `timeout`.
    pub connect_timeout: Duration,
    /// A private CA in PEM form, trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The one proxy to use. The environment's are never looked at.
    pub proxy: Option<ProxySettings>,
    /// Allows plain http to other hosts than loopback.
    pub insecure_http: bool,
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            ca_file: None,
            proxy: None,
            insecure_http: false,
        }
    }
}

impl Transport {
    async fn builder(&self) -> Result<ClientBuilder, HttpError> {
        // The connect bound stays below the whole: a timeout of the whole then means that bytes left.
        let connect = self.connect_timeout.min(self.timeout / 2);
        let builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .no_proxy()
            .connect_timeout(connect)
            .pool_idle_timeout(POOLED)
            .http2_keep_alive_interval(PING)
            .http2_keep_alive_timeout(PING)
            .tcp_keepalive(PING);
        match &self.proxy {
            None => Ok(builder),
            Some(proxy) => proxy.apply(builder).await,
        }
    }

    fn certificates(&self) -> Result<Vec<Certificate>, HttpError> {
        let Some(path) = &self.ca_file else { return Ok(Vec::new()) };
        let shown = || path.display().to_string();
        let pem =
            std::fs::read(path).map_err(|source| HttpError::CaFile { path: shown(), source })?;
        match Certificate::from_pem_bundle(&pem) {
            Ok(all) if !all.is_empty() => Ok(all),
            Ok(_) | Err(_) => Err(HttpError::CaFormat { path: shown() }),
        }
    }
}

/// The client for whole answers and the one for streams.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) rest: reqwest::Client,
    pub(super) stream: reqwest::Client,
}

impl Pair {
    async fn new(
        transport: &Transport,
        dress: impl Fn(ClientBuilder) -> ClientBuilder,
    ) -> Result<Self, HttpError> {
        // Without a provider a client cannot even be made; a second installation is refused and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let setup = |error: reqwest::Error| HttpError::Setup { source: error.without_url() };
        let rest = dress(transport.builder().await?).timeout(transport.timeout);
        let stream = dress(transport.builder().await?).no_gzip();
        Ok(Self { rest: rest.build().map_err(setup)?, stream: stream.build().map_err(setup)? })
    }

    /// For plain http: no certificates are loaded, and none would be trusted.
    async fn plain(transport: &Transport) -> Result<Self, HttpError> {
        Self::new(transport, |builder| builder.tls_certs_only([])).await
    }

    /// For https, with the system's certificates and the private one.
    async fn secure(transport: &Transport) -> Result<Self, HttpError> {
        let own = transport.certificates()?;
        let strict =
            |builder: ClientBuilder| builder.https_only(true).tls_version_min(Version::TLS_1_2);
        let merged = Self::new(transport, |b| strict(b).tls_certs_merge(own.iter().cloned())).await;
        match merged {
            // A system without any certificates is no obstacle to a private CA.
            Err(HttpError::Setup { .. }) if !own.is_empty() => {
                Self::new(transport, |b| strict(b).tls_certs_only(own.iter().cloned())).await
            }
            other => other,
        }
    }
}

/// The clients, made when first needed: the system's certificates cost time at the start.
#[derive(Debug)]
pub(super) struct Wires {
    transport: Transport,
    plain: Mutex<Option<Pair>>,
    secure: Mutex<Option<Pair>>,
}

impl Wires {
    pub(super) fn new(transport: Transport) -> Self {
        Self { transport, plain: Mutex::default(), secure: Mutex::default() }
    }

    /// The clients for https, or for plain http.
    pub(super) async fn pair(&self, secure: bool) -> Result<Pair, HttpError> {
        let mut made = if secure { self.secure.lock().await } else { self.plain.lock().await };
        if let Some(pair) = &*made {
            return Ok(pair.clone());
        }
        let pair = match secure {
            true => Pair::secure(&self.transport).await?,
            false => Pair::plain(&self.transport).await?,
        };
        Ok(made.insert(pair).clone())
    }

    /// The proxy refused its password: the next clients are made with a new reading of it.
    pub(super) async fn proxy_refused(&self) {
        if let Some(proxy) = &self.transport.proxy {
            proxy.refused().await;
            self.plain.lock().await.take();
            self.secure.lock().await.take();
        }
    }
}
