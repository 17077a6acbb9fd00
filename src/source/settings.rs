//! What the config file says of one source, checked.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::floor::Kind;
use crate::floor::id::{ListId, SourceName};
use crate::floor::task::Turn;
use crate::source::nimbus::mailbox::Mailbox;
use crate::source::nimbus::signed::Signed;
use crate::text::Shown;
use crate::transport::clock::SourceClock;
use crate::transport::http::{Transport, Url};
use crate::transport::keep::Keep;
use crate::transport::secret::SecretSource;

pub use nats::{NatsError, NatsServer, NatsSettings};

mod nats;

/// One source.
#[derive(Debug, Clone)]
pub struct Settings {
    pub name: SourceName,
    /// What every source takes.
    pub common: Common,
    /// What its system takes.
    pub vendor: Vendor,
}

/// What every source takes.
#[derive(Debug, Clone)]
pub struct Common {
    /// Certificates, proxy, the time for one request.
    pub transport: Transport,
    /// A stream without a byte for so long is closed and opened anew.
    pub idle: Duration,
    /// A part older than this is stale; `None` for three times its own interval, at least [`STALE_FLOOR`].
    pub stale_after: Option<Duration>,
}

/// What one system takes.
#[derive(Debug, Clone)]
pub enum Vendor {
    /// Telepo, Mitel, Dstny Core.
    Telepo(TelepoSettings),
    Enreach(EnreachSettings),
    Nimbus(NimbusSettings),
    Relay(RelaySettings),
    /// Relays that share what they know over NATS.
    Nats(NatsSettings),
}

/// An operation's method and path, where they differ from the documented ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    pub method: Option<String>,
    /// The path below the base URL, with `{placeholders}`.
    pub path: Option<String>,
}

/// What Telepo takes.
#[derive(Debug, Clone)]
pub struct TelepoSettings {
    pub base_url: Url,
    pub domain: String,
    /// The user, without the domain.
    pub user: String,
    /// The ticket for every API that has none of its own.
    pub ticket: Option<SecretSource>,
    /// Tickets by the name of their API.
    pub tickets: BTreeMap<String, SecretSource>,
    /// The header that carries the ticket.
    pub auth_header: String,
    /// Its value, with `{ticket}`.
    pub auth_value: String,
    /// How often counters are read.
    pub poll: Duration,
    /// How often agents are read.
    pub poll_agents: Duration,
    /// Full name → `user@domain`, where the server gives agents no id.
    pub agent_ids: BTreeMap<String, String>,
    /// Operations that differ from the documented ones, by operation id.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Names in the stream's documents.
    pub queue_xml: BTreeMap<String, String>,
    /// Open streams at once.
    pub max_streams: usize,
    /// Whether statistics of federated organisations are read too.
    pub include_federation: bool,
    /// Whether the ticket is a service account's: calls are then picked up by their identity.
    pub service_account: bool,
}

/// What Enreach takes.
#[derive(Debug, Clone)]
pub struct EnreachSettings {
    pub username: String,
    /// The secret key; never the password.
    pub secret_key: SecretSource,
    /// The API's base; `None` for discovery.
    pub api_url: Option<Url>,
    pub discovery_url: Url,
    /// How often everything is read.
    pub poll: Duration,
    /// The path of the callback lists below the API, where it is known.
    pub callback_lists: Option<String>,
    /// The `TypeId`s of queues that are shown.
    pub queue_types: Vec<u32>,
    /// Seconds that one unit of `MaxWaitTime` stands for.
    pub max_wait_unit: f64,
    /// Names of callback lists, by their ids: few of the vendor's answers have them.
    pub callback_list_names: BTreeMap<ListId, Shown>,
    /// The zone of days of queues whose region names none; left out: this computer's.
    pub time_zone: Option<String>,
    /// Its webhooks, where it sends any.
    pub webhook: Option<WebhookSettings>,
    /// Its clock, which answers and events tell of.
    pub clock: SourceClock,
}

/// What a source that sends webhooks takes.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// Where this process listens for them; `None` where only a relay does.
    pub listen: Option<SocketAddr>,
    /// What the vendor sends to be let in.
    pub token: SecretSource,
    /// The token that follows it, good beside it while both are in use.
    pub next_token: Option<SecretSource>,
    /// The own certificate; `None` for plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Whether a proxy stands in front that has the certificate.
    pub behind_proxy: bool,
    /// Of what events are subscribed to.
    pub scope: SubscriptionScope,
}

/// Of what a vendor is asked to send events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SubscriptionScope {
    #[default]
    All,
    /// Of what is in one of its security groups.
    SecurityGroup(String),
    /// Of these people, queues and callback lists.
    Entities(Vec<String>),
}

/// A certificate and its key, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, our own first.
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// What Nimbus takes.
#[derive(Debug, Clone)]
pub struct NimbusSettings {
    pub base_url: Url,
    /// The services whose entries are read; `None` for the lookup.
    pub services: Option<Vec<String>>,
    pub token: SecretSource,
    /// Somebody's sign-in, which gives the token; `None` where the token is configured.
    pub entra: Option<Arc<Signed>>,
    /// The address books that are read, by name or id; `None` for all that may be read.
    pub address_books: Option<Vec<String>>,
    /// How often each service is read.
    pub poll: Duration,
    /// What events do to a task, by their value or name; for others the documented words decide.
    pub task_events: BTreeMap<String, Turn>,
    /// A task without an event for so long leaves the counters.
    pub lost_track: Duration,
    /// Its events, where they are received.
    pub triggers: Option<TriggerSettings>,
    /// Where they come in, once this process receives them.
    pub mailbox: Option<Mailbox>,
    /// Its clock, which answers and events tell of.
    pub clock: SourceClock,
}

/// What Nimbus takes whose events are received.
#[derive(Debug, Clone)]
pub struct TriggerSettings {
    /// Where this process listens for them; `None` where only a relay does.
    pub listen: Option<SocketAddr>,
    /// How Nimbus reaches it; `None` for the relay's own, or for the listener as it is.
    pub public_url: Option<Url>,
    /// How often it is asked whether access still works.
    pub probe: Duration,
    /// After so long without an event nothing is taken for the present any more.
    pub silence: Duration,
    /// The own certificate; `None` for plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Whether a proxy stands in front that has the certificate.
    pub behind_proxy: bool,
}

/// What a relay takes.
#[derive(Debug, Clone)]
pub struct RelaySettings {
    pub url: Url,
    /// The token that it knows us by.
    pub token: SecretSource,
}

/// The least age at which a part is stale: shorter, and one slow answer would grey the board.
pub const STALE_FLOOR: Duration = Duration::from_secs(15);

/// The clusters of Nimbus by their short names (connector page and the connector's own properties).
pub const CLUSTERS: [(&str, &str); 7] = [
    ("ch_01", "https://api.luware.cloud"),
    ("ch_02", "https://api.ch-02.luware.cloud"),
    ("de_01", "https://api.de-01.luware.cloud"),
    ("de_02", "https://api.de-02.luware.cloud"),
    ("uk_01", "https://api.uk-01.luware.cloud"),
    ("eu_01", "https://api.eu-01.luware.cloud"),
    ("innovator", "https://api.innovator.luware.cloud"),
];

impl Settings {
    /// Has the source use what was signed in with, where that is kept.
    pub fn keep(&mut self, keep: &Keep) {
        match &mut self.vendor {
            Vendor::Telepo(own) => own.keep(keep, self.name.raw()),
            Vendor::Nimbus(own) => own.keep(&self.common.transport, keep, self.name.raw()),
            Vendor::Enreach(_) | Vendor::Relay(_) | Vendor::Nats(_) => {}
        }
    }

    /// Which system it is.
    pub const fn kind(&self) -> Kind {
        match self.vendor {
            Vendor::Telepo(_) => Kind::Telepo,
            Vendor::Enreach(_) => Kind::Enreach,
            Vendor::Nimbus(_) => Kind::Nimbus,
            Vendor::Relay(_) | Vendor::Nats(_) => Kind::Relay,
        }
    }
}

impl Common {
    /// When a part that is read every `interval` is stale.
    pub fn limit(&self, interval: Duration) -> Duration {
        self.stale_after.unwrap_or_else(|| STALE_FLOOR.max(interval * 3))
    }
}
