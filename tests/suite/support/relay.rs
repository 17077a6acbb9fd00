//! A relay in this process, and boards on it whose states are driven through the real source.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use floorwalker::clock;
use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::Kind;
use floorwalker::floor::id::SourceName;
use floorwalker::keymap::Keymap;
use floorwalker::operations::{Access, Outcome};
use floorwalker::relay::access::{Scope, TokenSettings, Tokens};
use floorwalker::relay::http::{Act, Site, router};
use floorwalker::relay::hub::{Bounds, Hub};
use floorwalker::relay::server::{Door, Listen, ServerError};
use floorwalker::report;
use floorwalker::source::settings::{Common, RelaySettings, Settings, Vendor};
use floorwalker::source::{SourceHandle, spawn_all};
use floorwalker::state::State;
use floorwalker::table::{Context, TableId, Zone};
use floorwalker::transport::http::{Transport, check};
use floorwalker::transport::poll::Beat;
use floorwalker::transport::secret::SecretSource;
use futures_util::FutureExt;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::desk;
use crate::support::scripted::LIMIT;

/// A token that reads.
pub const READER: &str = "reader-7c1f-58ab03e9";
/// A token that reads, acts and sees numbers.
pub const SUPERVISOR: &str = "supervisor-52aa-c07d19";
/// A token that only acts.
pub const ACTOR: &str = "actor-90d3-6b2e84f1";

/// The sources of every relay here.
pub const SOURCES: [(&str, Kind); 3] =
    [("hq", Kind::Telepo), ("helsinki", Kind::Enreach), ("nimbus", Kind::Nimbus)];

fn token(name: &str, token: &str, scopes: &[Scope]) -> TokenSettings {
    TokenSettings {
        name: name.to_owned(),
        token: SecretSource::Literal(token.into()),
        scopes: scopes.to_vec(),
    }
}

/// A relay that is told its facts by hand.
pub struct Station {
    pub site: Arc<Site>,
    pub hub: Mutex<Hub>,
    pub address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<Result<(), ServerError>>,
}

impl Station {
    /// A relay whose sources have answered, and told nothing yet.
    pub async fn open() -> Self {
        Self::with(None, Bounds::STANDARD, None, Duration::from_mins(30)).await
    }

    /// A relay that was just started: its sources have not answered yet.
    pub async fn early(address: Option<SocketAddr>) -> Self {
        Self::begin(address, Bounds::STANDARD, None, |site| site).await
    }

    /// A relay that carries everything out, and waits that long for the body of a request.
    pub async fn with_body_time(time: Duration) -> Self {
        let act: Act = Arc::new(|_, _| async { Outcome::Done }.boxed());
        Self::begin(None, Bounds::STANDARD, Some(act), |site| site.with_body_time(time)).await
    }

    /// A relay at that address, that acts so, and keeps that much; its sources have answered.
    pub async fn with(
        address: Option<SocketAddr>,
        bounds: Bounds,
        act: Option<Act>,
        age: Duration,
    ) -> Self {
        let station = Self::begin(address, bounds, act, |site| site.with_age(age)).await;
        for (source, _) in SOURCES {
            station.tell(source, SourceEvent::Link(desk::up("queues")));
        }
        station
    }

    async fn begin(
        address: Option<SocketAddr>,
        bounds: Bounds,
        act: Option<Act>,
        settle: impl FnOnce(Site) -> Site,
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tokens = [
            token("wall", READER, &[Scope::Read]),
            token("desk", SUPERVISOR, &Scope::ALL),
            token("script", ACTOR, &[Scope::Act]),
        ];
        let tokens = Tokens::read(&tokens).await.unwrap();
        let sources = SOURCES.map(|(name, kind)| (SourceName::new(name), kind));
        let hub = Hub::new(sources, clock::now(), bounds);
        let stop = CancellationToken::new();
        let site = Arc::new(settle(Site::new(hub.views(), tokens, act, stop.clone())));
        let address = address.unwrap_or(([127, 0, 0, 1], 0).into());
        let door = Door::open(&Listen { address, tls: None, behind_proxy: false }).await.unwrap();
        let address = door.address();
        let serving = tokio::spawn(door.serve(router(Arc::clone(&site)), stop.clone()));
        Self { site, hub: Mutex::new(hub), address, stop, serving }
    }

    /// A source tells something now.
    pub fn tell(&self, source: &str, event: SourceEvent) {
        let event = Event::Source { source: SourceName::new(source), event };
        self.take(Stamped { at: clock::moment(), event });
    }

    /// Takes a fact in, and publishes it.
    pub fn take(&self, fact: Stamped) {
        let mut hub = self.hub.lock().unwrap();
        hub.take(fact);
        hub.publish();
    }

    /// Ends it, with every connection; its address is free again.
    pub async fn close(self) {
        self.stop.cancel();
        tokio::time::timeout(LIMIT, self.serving).await.unwrap().unwrap().unwrap();
    }

    /// What it answers to one request: status, head and body.
    pub async fn ask(&self, request: &str) -> (u16, String, String) {
        let mut peer = TcpStream::connect(self.address).await.unwrap();
        peer.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        tokio::time::timeout(LIMIT, peer.read_to_end(&mut bytes)).await.unwrap().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_owned(), body.to_owned())
    }

    /// A GET with that token.
    pub async fn get(&self, path: &str, token: &str) -> (u16, String) {
        let (status, _, body) = self
            .ask(&format!(
                "GET {path} HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer {token}\r\n\
                 connection: close\r\n\r\n"
            ))
            .await;
        (status, body)
    }

    /// Its tables, as a script reads them.
    pub async fn tables(&self, token: &str) -> serde_json::Value {
        serde_json::from_str(&self.get("/v1/tables", token).await.1).unwrap()
    }
}

/// A board on a relay.
pub struct Board {
    pub state: State,
    pub handles: Vec<SourceHandle>,
    facts: mpsc::Receiver<Stamped>,
    stop: CancellationToken,
}

impl Drop for Board {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Board {
    /// A board with that token.
    pub fn on(address: SocketAddr, token: &str) -> Self {
        Self::with_access(address, token, Access::Full)
    }

    /// The same, which may do so much.
    pub fn with_access(address: SocketAddr, token: &str, access: Access) -> Self {
        let settings = Settings {
            name: SourceName::new("relay"),
            common: Common {
                transport: Transport { timeout: Duration::from_secs(5), ..Transport::default() },
                idle: Duration::from_secs(40),
                stale_after: None,
            },
            vendor: Vendor::Relay(RelaySettings {
                url: check(&format!("http://{address}"), false).unwrap(),
                token: SecretSource::Literal(token.into()),
            }),
        };
        Self::of(settings, access)
    }

    /// A board with that source alone, which is named `relay`.
    pub fn of(settings: Settings, access: Access) -> Self {
        let (sender, facts) = mpsc::channel(1_024);
        let stop = CancellationToken::new();
        let handles = spawn_all(&[settings], access, &sender, &stop, Some(&Beat::new())).unwrap();
        let own = [(SourceName::new("relay"), Kind::Relay)];
        let state = State::new(own, access, Keymap::standard(access), clock::now());
        Self { state, handles, facts, stop }
    }

    /// The next fact that its source tells.
    pub async fn next(&mut self) -> Stamped {
        self.facts.recv().await.unwrap()
    }

    /// Takes facts in until that holds.
    pub async fn until(&mut self, what: &str, done: impl Fn(&State) -> bool) {
        self.until_within(LIMIT * 2, what, done).await;
    }

    /// The same, for as long as `limit`.
    pub async fn until_within(
        &mut self,
        limit: Duration,
        what: &str,
        done: impl Fn(&State) -> bool,
    ) {
        let end = tokio::time::sleep(limit);
        tokio::pin!(end);
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        while !done(&self.state) {
            let fact = tokio::select! {
                () = &mut end => panic!("not {what}: {:?}", self.state.log),
                Some(fact) = self.facts.recv() => fact,
                _ = tick.tick() => {
                    let now = clock::now();
                    Stamped { at: now.moment, event: Event::Tick(now) }
                }
            };
            self.state.apply(fact);
        }
    }

    /// Takes facts in until it shows what the relay's own tables say.
    pub async fn until_same(&mut self, station: &Station) {
        self.until("the same as the relay", |state| {
            figures(shown(state)) == figures(station.site.view().tables(clock::now(), true))
        })
        .await;
    }
}

/// What a board would report, but for the relay itself.
pub fn shown(state: &State) -> Value {
    let context = Context { live: false, mask: false, zone: Zone::Utc, ..state.context() };
    let mut tables = report::json::json(&context, &TableId::ALL);
    tables["sources"].as_array_mut().unwrap().retain(|row| row["source"] != "relay");
    tables
}

/// A report without its times, for two clocks are read at two moments.
pub fn figures(mut tables: Value) -> Value {
    const TIMES: [&str; 6] =
        ["generated_at", "updated_at", "last_update", "since", "retry_at", "wait_s"];
    match &mut tables {
        Value::Object(object) => {
            object.retain(|key, _| !TIMES.contains(&key.as_str()));
            for value in object.values_mut() {
                *value = figures(value.take());
            }
        }
        Value::Array(rows) => {
            for row in rows {
                *row = figures(row.take());
            }
        }
        _ => {}
    }
    tables
}
