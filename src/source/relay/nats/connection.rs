//! One connection to a NATS server. It is not mended but opened anew, by whoever waits as long as it should.

use std::error::Error as StdError;
use std::time::Duration;

use async_nats::jetstream::{self, context::ContextBuilder};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event};
use tokio_util::sync::CancellationToken;

use crate::source::settings::NatsServer;
use crate::transport::secret::{Secret, SecretError};

/// How long connecting may take, and one request.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often the server is asked whether it is there; two answers that fail to come are the end.
const PING: Duration = Duration::from_secs(5);

/// What is wrong with NATS.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// There is no secret to send.
    #[error("there is no secret for {origin}")]
    Secret {
        origin: String,
        #[source]
        source: SecretError,
    },
    /// The server does not let us in.
    #[error("{origin} refuses the user or the token")]
    Refused { origin: String },
    #[error("{origin} cannot be reached")]
    Connect {
        origin: String,
        #[source]
        source: async_nats::ConnectError,
    },
    #[error("the connection to NATS ended")]
    Lost,
    /// The server does not do what it was asked.
    #[error("{what}")]
    Server {
        what: &'static str,
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// No relay has written anything yet.
    #[error("no relay has written there yet")]
    Empty,
    #[error("no relay writes there now")]
    Silent,
}

impl Trouble {
    /// Whether somebody has to do something about a secret.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Secret { .. } | Self::Refused { .. })
    }
}

/// What the server did not do, and what it said.
pub fn failed<E: Into<Box<dyn StdError + Send + Sync>>>(
    what: &'static str,
) -> impl FnOnce(E) -> Trouble {
    move |source| Trouble::Server { what, source: source.into() }
}

/// A connection that is open, or was.
pub struct Connection {
    pub client: Client,
    /// Its streams and buckets.
    pub jetstream: jetstream::Context,
    /// Cancelled when it is not open any more.
    pub lost: CancellationToken,
}

impl Connection {
    /// Connects once.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn open(server: &NatsServer, secret: Option<&Secret>) -> Result<Self, Trouble> {
        let origin = server.origin();
        let lost = CancellationToken::new();
        let end = lost.clone();
        let mut options = ConnectOptions::new()
            .name("floorwalker")
            .connection_timeout(TIMEOUT)
            .request_timeout(Some(TIMEOUT))
            .ping_interval(PING)
            .max_reconnects(1)
            .require_tls(server.url().scheme() == "tls")
            .event_callback(move |event| {
                if matches!(event, Event::Disconnected | Event::Closed) {
                    end.cancel();
                }
                async move {
                    match event {
                        // Whoever was refused something hears only that no answer came.
                        Event::ServerError(error) => tracing::warn!("NATS: {error}"),
                        event => tracing::debug!("NATS: {event}"),
                    }
                }
            });
        if server.url().scheme() == "nats" {
            // Whom a plain server names may be on another machine, to which nobody agreed.
            options = options.ignore_discovered_servers();
        }
        if let Some(file) = &server.ca_file {
            options = options.add_root_certificates(file.clone());
        }
        let ticket = match secret {
            Some(secret) => Some(
                secret
                    .current()
                    .await
                    .map_err(|source| Trouble::Secret { origin: origin.clone(), source })?,
            ),
            None => None,
        };
        let token = ticket.map(|ticket| ticket.expose().to_owned());
        options = match (server.user(), token) {
            (Some(user), token) => {
                // Answers to one user are not to be heard by another: the server can tell their inboxes apart.
                let options = options.custom_inbox_prefix(format!("_INBOX_{user}"));
                options.user_and_password(user.to_owned(), token.unwrap_or_default())
            }
            (None, Some(token)) => options.token(token),
            (None, None) => options,
        };
        match options.connect(server.origin()).await {
            Ok(client) => {
                let jetstream = ContextBuilder::new().timeout(TIMEOUT).build(client.clone());
                Ok(Self { client, jetstream, lost })
            }
            Err(error) if is_refusal(&error) => {
                if let Some(secret) = secret {
                    // Whoever changes it need not start us anew.
                    let _ = secret.reread().await;
                }
                Err(Trouble::Refused { origin })
            }
            Err(source) => Err(Trouble::Connect { origin, source }),
        }
    }
}

fn is_refusal(error: &async_nats::ConnectError) -> bool {
    matches!(
        error.kind(),
        ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication
    )
}
