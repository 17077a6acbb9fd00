//! The simulated contact centre: a floor that serves the vendors' real wire over loopback.
//!
//! It is not a source. A [`centre`] lives by itself, and three faces show it as the vendors do:
//! `/telepo/api`, `/enreach` and `/nimbus` on one listener. The real sources connect to them, in
//! the demo and in tests alike. Nothing it shows is real: people, numbers and secrets are made up.

pub mod centre;
pub mod enreach;
mod entra;
mod nimbus;
pub mod scenario;
mod site;
mod telepo;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use self::centre::Centre;
use self::enreach::webhooks::Webhooks;
pub use self::nimbus::spoil::Spoil;
use self::nimbus::triggers;
pub use self::nimbus::triggers::Sins;
use self::scenario::{Scenario, ScenarioError};
use self::site::Site;
pub use self::site::{Faults, Lost, Streams};
use crate::text::Shown;

/// How often the floor moves on, in real time.
const TICK: Duration = Duration::from_millis(250);
/// How long open connections may take to end when the simulator stops.
const PARTING: Duration = Duration::from_secs(2);
/// The greatest load: updates a second on each stream.
const MAX_LOAD: u32 = 10_000;
/// The fastest that makes sense: a day in about a minute and a half.
const MAX_SPEED: f64 = 1_000.0;

/// How large a simulated floor is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Size {
    /// Some queues and some sixty people: a built-in weekday.
    #[default]
    Small,
    /// 1,000 queues, 10,000 agents and 10,000 scheduler entries, made from the seed.
    Large,
}

/// Whose calls Telepo tells: following a user's calls needs a licence for that user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Licences {
    /// Everybody's.
    #[default]
    All,
    /// Of every three users the calls of two.
    Some,
    /// Nobody's.
    None,
}

/// How a simulator is started.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Where it listens: a loopback address; port 0 takes any free port.
    pub listen: SocketAddr,
    /// What the floor is made from: the same seed gives the same floor.
    pub seed: u64,
    /// Simulated seconds for each real second, 0 to 1000; 0 stops the floor.
    pub speed: f64,
    /// How large the floor is.
    pub size: Size,
    /// Queue updates that each Telepo stream sends a second, up to 10,000; 0: what happens.
    pub load: u32,
    /// Where Enreach's webhooks go; `None` for nowhere.
    pub webhooks: Option<Webhooks>,
    /// What goes wrong with what Nimbus posts.
    pub sins: Sins,
    /// Whose calls Telepo tells.
    pub licences: Licences,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            seed: 1,
            speed: 1.0,
            size: Size::Small,
            load: 0,
            webhooks: None,
            sins: Sins::NONE,
            licences: Licences::All,
        }
    }
}

/// Why a simulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The address can be reached from other machines.
    #[error("the simulator listens on loopback only, not on {address}")]
    NotLoopback {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The speed is not a number that time can run at.
    #[error("the speed {speed} is not between 0 and {MAX_SPEED}")]
    Speed {
        /// The speed that was asked for.
        speed: f64,
    },
    /// The load is more than a stream sends.
    #[error("the load {load} is more than {MAX_LOAD} updates a second")]
    Load {
        /// The load that was asked for.
        load: u32,
    },
    /// Webhooks that would leave this machine.
    #[error("the simulator sends webhooks to http:// on loopback only, not to {url}")]
    Webhook {
        /// The address that was asked for.
        url: Shown,
    },
    /// The scenario is wrong.
    #[error("the floor cannot be set up")]
    Scenario {
        /// What is wrong with it.
        #[source]
        source: ScenarioError,
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
}

/// A running simulator; it ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    site: Arc<Site>,
    server: JoinHandle<()>,
    closing: DropGuard,
    size: Size,
    webhooks: Option<Webhooks>,
}

/// Starts a simulator: its floor has a day behind it when this returns, and its listener is open.
///
/// # Errors
/// The address is not loopback or is taken, or the speed or the load is no sensible number.
pub async fn start(settings: Settings) -> Result<Simulator, SimulatorError> {
    let Settings { listen, seed, speed, size, load, .. } = settings;
    if !listen.ip().is_loopback() {
        return Err(SimulatorError::NotLoopback { address: listen });
    }
    if !(0.0..=MAX_SPEED).contains(&speed) {
        return Err(SimulatorError::Speed { speed });
    }
    if load > MAX_LOAD {
        return Err(SimulatorError::Load { load });
    }
    let failed = |source| SimulatorError::Listen { address: listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;

    let closing = CancellationToken::new();
    let centre = floor(size, seed).map_err(|source| SimulatorError::Scenario { source })?;
    let site = Arc::new(Site::new(centre, &settings, address, closing.clone()));
    let app = Router::new()
        .nest("/telepo/api", telepo::router(Arc::clone(&site)))
        .nest("/enreach", enreach::router(Arc::clone(&site)))
        .nest("/entra", entra::router(Arc::clone(&site)))
        .nest("/nimbus", nimbus::router(Arc::clone(&site)));
    let stop = closing.clone();
    if let Some(webhooks) = &settings.webhooks {
        webhooks.start(&site)?;
    }
    triggers::start(&site, settings.sins);
    tokio::spawn(run(Arc::clone(&site)));
    let server = tokio::spawn(async move {
        let serving = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = serving.await {
            tracing::warn!(%error, "the simulator's listener ended");
        }
    });
    let webhooks = settings.webhooks;
    Ok(Simulator { address, site, server, closing: closing.drop_guard(), size, webhooks })
}

/// The floor of a size and a seed, as it is when a simulator starts.
pub fn floor(size: Size, seed: u64) -> Result<Centre, ScenarioError> {
    Ok(match size {
        Size::Small => Centre::after_a_day(&Scenario::weekday()?, seed),
        Size::Large => Centre::after_a_while(&Scenario::large(seed), seed),
    })
}

/// Moves the floor on until the simulator closes.
async fn run(site: Arc<Site>) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            () = site.closing().cancelled() => return,
            _ = ticks.tick() => site.advance(TICK),
        }
    }
}

impl Simulator {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the floor as somebody on it would, and says what came of it.
    pub fn change<T>(&self, change: impl FnOnce(&mut Centre) -> T) -> T {
        let done = change(&mut self.site.centre());
        self.site.announce();
        done
    }

    /// Has something go wrong when calls are acted on.
    pub fn fail(&self, faults: Faults) {
        *self.site.faults() = faults;
    }

    /// The changes that were asked of the Telepo face so far: method and path.
    pub fn asked(&self) -> Vec<String> {
        self.site.asked().clone()
    }

    /// The calls of the Nimbus face that were made so far: method and path.
    pub fn calls(&self) -> Vec<String> {
        self.site.calls().clone()
    }

    /// The streams of users and calls that are open, and those that were.
    pub fn streams(&self) -> Streams {
        self.site.streams()
    }

    /// A floorwalker configuration (TOML) with its three systems as sources.
    pub fn config(&self) -> String {
        let address = self.address;
        let (domain, supervisor, ticket) = (telepo::DOMAIN, telepo::SUPERVISOR, telepo::TICKET);
        let (username, secret_key) = (enreach::USERNAME, enreach::SECRET_KEY);
        let (enreach, token) = (enreach::SOURCE, nimbus::TOKEN);
        // The agents of the large floor are megabytes.
        let webhook = self.webhooks.as_ref().map(Webhooks::config).unwrap_or_default();
        let triggers = self.webhooks.as_ref().map(Webhooks::triggers).unwrap_or_default();
        let poll_agents = if self.size == Size::Large { "30s" } else { "10s" };
        format!(
            r#"# The simulated contact centre. Its secrets are made up and open nothing else.

[[source]]
name = "hq"
kind = "telepo"
base_url = "http://{address}/telepo/api"
domain = "{domain}"
user = "{supervisor}"
ticket = "{ticket}"
poll = "5s"
poll_agents = "{poll_agents}"

[[source]]
name = "{enreach}"
kind = "enreach"
username = "{username}"
secret_key = "{secret_key}"
api_url = "http://{address}/enreach"
poll = "5s"
[source.endpoints."callback_lists"]
path = "/callbacklists/status"
{webhook}
[[source]]
name = "nimbus"
kind = "nimbus"
base_url = "http://{address}/nimbus"
token = "{token}"
poll = "15s"
{triggers}"#
        )
    }

    /// The same configuration with a Nimbus to which people sign in at a tenant of that name.
    pub fn config_with_sign_in(&self, tenant: &str) -> String {
        let (address, client, scope) = (self.address, entra::CLIENT, entra::SCOPE);
        let entra = format!(
            r#"entra = {{ authority = "http://{address}/entra", tenant = "{tenant}", client_id = "{client}", scope = "{scope}" }}"#
        );
        self.config().replace(&format!("token = \"{}\"", nimbus::TOKEN), &entra)
    }

    /// No token that Nimbus's tenants handed out opens anything any more; it can be renewed.
    pub fn revoke_tokens(&self) {
        self.site.tenants().revoke();
    }

    /// Nobody is signed in at Nimbus's tenants any more.
    pub fn end_sign_ins(&self) {
        self.site.tenants().end();
    }

    /// How many tokens Nimbus's tenants handed out.
    pub fn tokens(&self) -> usize {
        self.site.tenants().granted()
    }

    /// Nimbus's user loses the role: everything is refused, and triggers are there and post nothing.
    pub fn lose_role(&self) {
        self.site.triggers().lose_role();
    }

    /// Nimbus's user has the role again; triggers of before stay as dead as they are.
    pub fn regain_role(&self) {
        self.site.triggers().regain_role();
    }

    /// Nimbus's triggers stop posting, and nothing else says so.
    pub fn silence_triggers(&self) {
        self.site.triggers().die();
    }

    /// Has some of the next requests to Nimbus go wrong.
    pub fn spoil(&self, spoil: Spoil) {
        self.site.spoils().push(spoil);
    }

    /// What was written of tasks and contacts at Nimbus, as it was sent.
    pub fn written(&self) -> serde_json::Value {
        self.site.desk().kept()
    }

    /// How many triggers are registered at Nimbus, and how many of them post.
    pub fn triggers(&self) -> (usize, usize) {
        self.site.triggers().count()
    }

    /// Ends it: streams are closed, connections have two seconds to finish.
    pub async fn stop(self) {
        let Self { mut server, closing, .. } = self;
        drop(closing);
        if tokio::time::timeout(PARTING, &mut server).await.is_err() {
            server.abort();
        }
    }
}
