//! What can go wrong between us and a server, told apart by what the server may have done.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use http::StatusCode;
use rustls::CertificateError;

use crate::text::Shown;
use crate::text::segment::SegmentFault;
use crate::transport::secret::{SecretError, Ticket};

/// A request that brought no usable answer.
///
/// No message holds a path, a query or a secret; of a server's own words only a short, cleaned part.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the sentences name")]
pub enum HttpError {
    /// An action was asked of a process that may only read.
    #[error("this session is read-only")]
    ReadOnly,
    /// The address is none we speak to.
    #[error("the address cannot be used: {why}")]
    Address { why: &'static str },
    /// An id that would name another resource than the one that is meant.
    #[error("an id cannot be used: {fault}; nothing was sent")]
    Id { fault: SegmentFault },
    /// No ticket of the config file opens that part of the vendor's API.
    #[error("there is no ticket for {api}: set ticket, or tickets.{api}")]
    Ticket { api: &'static str },
    /// Plain http would carry the secret across a network.
    #[error("{origin} is plain http: use https, or set insecure_http")]
    Insecure { origin: String },
    /// A request that no HTTP can carry.
    #[error("the request cannot be made")]
    Request {
        #[source]
        source: reqwest::Error,
    },
    /// The CA file cannot be read.
    #[error("the CA file {path} cannot be read")]
    CaFile {
        path: String,
        #[source]
        source: io::Error,
    },
    /// The CA file holds no certificate.
    #[error("the CA file {path} holds no certificate in PEM form")]
    CaFormat { path: String },
    /// The TLS or proxy settings do not work.
    #[error("no HTTPS client can be made: if this system has no CA certificates, set ca_file")]
    Setup {
        #[source]
        source: reqwest::Error,
    },
    /// The proxy's address does not work.
    #[error("the proxy's address cannot be used: {why}")]
    Proxy { why: &'static str },
    /// There is no secret to send.
    #[error("there is no secret for {origin}")]
    Secret {
        origin: String,
        #[source]
        source: SecretError,
    },
    /// Our own budget of calls is used up.
    #[error("the budget of calls is used up for {} s", wait.as_secs_f32().ceil())]
    Quota { wait: Duration },
    /// The host's name has no address.
    #[error("the name of {origin} cannot be resolved")]
    Dns {
        origin: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("{origin} cannot be reached")]
    Connect {
        origin: String,
        #[source]
        source: reqwest::Error,
    },
    /// The proxy wants another user or password.
    #[error(
        "the proxy {proxy} does not accept the user and password (407): set user and password of proxy"
    )]
    ProxyAuth { proxy: String },
    /// No secure connection. Nothing was sent.
    #[error("{origin}: {fault}")]
    Tls {
        origin: String,
        fault: &'static str,
        #[source]
        source: reqwest::Error,
    },
    /// No answer in time.
    #[error("{origin} {} in time", if *sent { "gave no answer" } else { "could not be reached" })]
    Timeout { origin: String, sent: bool },
    /// The connection broke after the request was on its way.
    #[error("{origin} broke the connection off")]
    Broken {
        origin: String,
        #[source]
        source: reqwest::Error,
    },
    /// The answer is larger than allowed, compressed or not.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// The answer is not what it says it is.
    #[error("the answer cannot be read as {form}")]
    Unreadable {
        form: &'static str,
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// HTML, where an answer should be.
    #[error(
        "the server sent a web page (HTML), not an answer: is base_url right, or does a sign-in page stand in front?"
    )]
    WebPage,
    /// A body in a compression that was not asked for.
    #[error("the answer is compressed as {found}, which was not asked for")]
    Encoding { found: Shown },
    /// A reading over NATS.
    #[error(transparent)]
    Nats { source: Box<dyn StdError + Send + Sync> },
    /// 3xx. It is never followed.
    #[error(
        "the server points elsewhere ({}), to {target}: not followed{}",
        status.as_u16(),
        if *sign_in { "; that is a sign-in page: is base_url right, or does one stand in front?" } else { "" }
    )]
    Redirect { status: StatusCode, target: String, sign_in: bool, retry_after: Option<Duration> },
    /// 401, to this reading of the secret.
    #[error("the server does not accept the secret (401){}", said(message))]
    Unauthorized { message: Shown, refused: Option<Ticket> },
    #[error("the server does not allow this (403){}", said(message))]
    Forbidden { message: Shown },
    #[error("the server knows nothing there (404){}", said(message))]
    NotFound { message: Shown, retry_after: Option<Duration> },
    /// Any other status outside of 2xx.
    #[error("the server answered {}{}", status_text(*status), said(message))]
    Status { status: StatusCode, message: Shown, retry_after: Option<Duration> },
}

/// What became of an action that ended in an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The server said no: 3xx or 4xx.
    Refused,
    /// It never reached the server.
    NotSent,
    /// The server may have acted.
    Unknown,
}

impl HttpError {
    /// What an action that ended so may have done.
    pub fn fate(&self) -> Fate {
        match self {
            Self::ReadOnly
            | Self::Address { .. }
            | Self::Id { .. }
            | Self::Ticket { .. }
            | Self::Insecure { .. }
            | Self::Request { .. }
            | Self::CaFile { .. }
            | Self::CaFormat { .. }
            | Self::Setup { .. }
            | Self::Proxy { .. }
            | Self::ProxyAuth { .. }
            | Self::Secret { .. }
            | Self::Quota { .. }
            | Self::Dns { .. }
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Timeout { sent: false, .. } => Fate::NotSent,
            Self::Redirect { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::NotFound { .. } => Fate::Refused,
            Self::Status { status, .. } if status.is_client_error() => Fate::Refused,
            Self::Broken { .. } if self.is_unprocessed() => Fate::NotSent,
            Self::Status { .. }
            | Self::Timeout { sent: true, .. }
            | Self::Broken { .. }
            | Self::TooLarge { .. }
            | Self::WebPage
            | Self::Encoding { .. }
            | Self::Nats { .. }
            | Self::Unreadable { .. } => Fate::Unknown,
        }
    }

    /// Whether the server could have acted on the request.
    pub fn is_sent(&self) -> bool {
        self.fate() == Fate::Unknown
    }

    /// The server's wish for when to come back, or our own budget's.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. }
            | Self::NotFound { retry_after, .. }
            | Self::Redirect { retry_after, .. } => *retry_after,
            Self::Quota { wait } => Some(*wait),
            _ => None,
        }
    }

    /// The status that the server answered with, if it answered.
    pub const fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Redirect { status, .. } | Self::Status { status, .. } => Some(*status),
            Self::Unauthorized { .. } => Some(StatusCode::UNAUTHORIZED),
            Self::Forbidden { .. } => Some(StatusCode::FORBIDDEN),
            Self::NotFound { .. } => Some(StatusCode::NOT_FOUND),
            _ => None,
        }
    }

    /// Whether only another secret helps: for how to wait for one, see
    /// [`wait_for_secret`](crate::transport::poll::wait_for_secret).
    pub const fn wants_secret(&self) -> bool {
        matches!(self, Self::Unauthorized { .. } | Self::Secret { .. })
    }

    /// Whether only a person helps: one who signs in, or gives a right.
    pub const fn wants_person(&self) -> bool {
        match self {
            Self::Unauthorized { .. } | Self::Forbidden { .. } => true,
            Self::Secret { source, .. } => source.wants_sign_in(),
            _ => false,
        }
    }

    /// The reading of the secret that the server refused; `None` also where there was none to send.
    pub fn refused(&self) -> Option<Ticket> {
        match self {
            Self::Unauthorized { refused, .. } => refused.clone(),
            _ => None,
        }
    }

    /// What went wrong and its first cause, in one cleaned line for a person.
    pub fn shown(&self) -> Shown {
        if let Self::Secret { source, .. } = self
            && source.is_of_sign_in()
        {
            return Shown::clean(&source.to_string());
        }
        let mut root: &(dyn StdError + 'static) = self;
        while let Some(inner) = root.source() {
            root = inner;
        }
        let (whole, cause) = (self.to_string(), root.to_string());
        match whole.ends_with(&cause) {
            true => Shown::clean(&whole),
            false => Shown::clean(&format!("{whole}: {cause}")),
        }
    }

    /// Sorts a failure of the client's by what the server may have seen.
    pub(crate) fn from_client(origin: String, error: reqwest::Error) -> Self {
        let source = error.without_url();
        if source.is_builder() {
            Self::Request { source }
        } else if source.is_dns() {
            Self::Dns { origin, source }
        } else if source.is_connect() {
            match tls_fault(&source) {
                Some(fault) => Self::Tls { origin, fault, source },
                None if source.is_timeout() => Self::Timeout { origin, sent: false },
                None => Self::Connect { origin, source },
            }
        } else if source.is_timeout() {
            Self::Timeout { origin, sent: true }
        } else if source.is_decode() && !is_of_connection(&source) {
            Self::Unreadable { form: "compressed data", source: Box::new(source) }
        } else {
            Self::Broken { origin, source }
        }
    }
}

/// An error and its causes, joined by colons. What repeats is said once, and the client library's own layer,
/// which only says that a request was being sent, not at all.
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !inner.is::<reqwest::Error>() && !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    text
}

fn said(message: &Shown) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn status_text(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// An error and all its causes, those among them that an I/O error hides from `source`.
fn causes<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |inner: &&'e (dyn StdError + 'static)| {
        let inner: &'e (dyn StdError + 'static) = *inner;
        match inner.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(payload) => Some(payload as &'e (dyn StdError + 'static)),
            None => inner.source(),
        }
    })
}

/// The sentence for a failed TLS handshake, if that is what failed.
fn tls_fault(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    causes(error).find_map(|cause| cause.downcast_ref().map(tls_sentence))
}

/// Whether it is the connection that failed, and not what came over it.
fn is_of_connection(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<hyper::Error>() || cause.is::<h2::Error>())
}

impl HttpError {
    /// Whether the server certainly did not take the request up: it refused the stream or was about to close the
    /// connection (RFC 9113 §8.7), or the connection was gone before anything was written.
    pub(crate) fn is_unprocessed(&self) -> bool {
        let Self::Broken { source, .. } = self else { return false };
        causes(source).any(|cause| {
            let refused = cause.downcast_ref::<h2::Error>().is_some_and(|error| {
                let reason = error.reason();
                error.is_remote()
                    && (error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM)
                        || error.is_go_away() && reason == Some(h2::Reason::NO_ERROR))
            });
            refused || cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
        })
    }

    /// Whether the connection was closed before an answer had begun, as servers do with one that was kept too long.
    pub(crate) fn is_cut(&self) -> bool {
        let Self::Broken { source, .. } = self else { return false };
        let is_closed = |kind| {
            use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
            matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
        };
        causes(source).any(|cause| {
            let by_http = cause.downcast_ref::<hyper::Error>();
            by_http.is_some_and(|error| error.is_incomplete_message() || error.is_closed())
                || cause.downcast_ref::<io::Error>().is_some_and(|error| is_closed(error.kind()))
                || cause.downcast_ref::<h2::Error>().is_some_and(h2::Error::is_go_away)
        })
    }

    /// Whether it is the proxy that refused to open a tunnel (407). The library keeps the error's type to itself.
    pub(crate) fn is_of_proxy_login(&self) -> bool {
        let Self::Connect { source, .. } = self else { return false };
        causes(source).any(|cause| cause.to_string().ends_with("proxy authorization required"))
    }
}

fn tls_sentence(fault: &rustls::Error) -> &'static str {
    match fault {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet: is this machine's clock right?"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the server's certificate is for another host"
            }
            CertificateError::UnknownIssuer => {
                "the server's certificate is signed by an unknown authority: if it is your own, set ca_file"
            }
            CertificateError::Revoked => "the server's certificate has been revoked",
            _ => "the server's certificate is not valid",
        },
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion) => {
            "the server offers no TLS 1.2 or 1.3"
        }
        rustls::Error::InvalidMessage(_) => "the server does not speak TLS on this port",
        _ => "no secure connection could be made",
    }
}
