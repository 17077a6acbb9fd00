//! A receiver of webhooks as the tests run it: a store in a folder of its own, a listener on loopback.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use floorwalker::clock;
use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::portable::{Change, Portable as _};
use floorwalker::floor::time::Moment;
use floorwalker::floor::{Kind, World};
use floorwalker::relay::server::{Door, Listen};
use floorwalker::relay::store::{Limits, Store};
use floorwalker::relay::webhook::{Hook, Receiver};
use floorwalker::source::Outbox;
use floorwalker::source::settings::{
    Common, EnreachSettings, Settings, SubscriptionScope, TlsFiles, Vendor, WebhookSettings,
};
use floorwalker::transport::http::Transport;
use floorwalker::transport::secret::SecretSource;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::enreach;

/// How long anything may take.
pub const LIMIT: Duration = Duration::from_secs(20);

/// The token that is good.
pub const TOKEN: &str = "correct-horse-4711";
/// The one that follows it.
pub const NEXT: &str = "battery-staple-0815";

/// A source that sends webhooks.
pub fn source(name: &str) -> Settings {
    let literal = |text: &str| SecretSource::Literal(text.into());
    let webhook = WebhookSettings {
        listen: None,
        token: literal(TOKEN),
        next_token: Some(literal(NEXT)),
        tls: None,
        behind_proxy: false,
        scope: SubscriptionScope::All,
    };
    Settings {
        name: name.into(),
        common: Common {
            transport: Transport::default(),
            idle: Duration::from_secs(40),
            stale_after: None,
        },
        vendor: Vendor::Enreach(EnreachSettings { webhook: Some(webhook), ..enreach::settings() }),
    }
}

/// A client that speaks to loopback.
pub fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().tls_certs_only([]).timeout(LIMIT).build().unwrap()
}

/// A receiver that runs, for the source `helsinki`.
pub struct Reception {
    pub address: SocketAddr,
    pub store: Store,
    pub facts: mpsc::Receiver<Stamped>,
    pub client: Client,
    scheme: &'static str,
    stop: CancellationToken,
    running: Vec<tokio::task::JoinHandle<()>>,
}

impl Reception {
    pub async fn open(folder: &Path) -> Self {
        Self::with(folder, None, 100_000).await
    }

    pub async fn with(folder: &Path, tls: Option<TlsFiles>, room: usize) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = reopen(folder, Limits::default());
        let (sender, facts) = mpsc::channel(room);
        let settings = source("helsinki");
        let hook = Hook::of(&settings, Outbox::new(settings.name.clone(), sender)).unwrap();
        let receiver = Receiver::new(store.clone(), [hook]).await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = "127.0.0.1:0".parse().unwrap();
        let door = Door::open(&Listen { address, tls, behind_proxy: false }).await.unwrap();
        let address = door.address();
        let stop = CancellationToken::new();
        let serving = door.serve(receiver.router(), stop.clone());
        let running = vec![
            tokio::spawn(async move { serving.await.unwrap() }),
            tokio::spawn(receiver.run(stop.clone())),
        ];
        let client = client();
        Self { address, store, facts, client, scheme, stop, running }
    }

    pub fn url(&self) -> String {
        format!("{}://{}/webhook/helsinki", self.scheme, self.address)
    }

    /// Posts a body with the good token.
    pub async fn post(&self, body: impl Into<reqwest::Body>) -> Response {
        let request = self.client.post(self.url()).header("X-Benemen-Token", TOKEN);
        request.body(body).send().await.unwrap()
    }

    /// Posts an event as the vendor does, its name in the head too.
    pub async fn post_event(&self, name: &str, body: Vec<u8>) -> Response {
        let request = self.client.post(self.url()).header("X-Benemen-Token", TOKEN);
        let request = request.header("X-Benemen-Event", name).body(body);
        request.send().await.unwrap()
    }

    /// Posts an event; it must be taken.
    pub async fn tell(&self, event: &Value) {
        let answer = self.post(event.to_string()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.bytes().await.unwrap().len(), 0, "the answer is empty");
    }

    /// What was told until `done` says that it is enough.
    pub async fn hear(&mut self, mut done: impl FnMut(&[SourceEvent]) -> bool) -> Vec<SourceEvent> {
        let mut heard = Vec::new();
        while !done(&heard) {
            let fact = tokio::time::timeout(LIMIT, self.facts.recv()).await;
            if let Event::Source { event, .. } = fact.expect("it is told in time").unwrap().event {
                heard.push(event);
            }
        }
        heard
    }

    /// What a world is when everything that is in the store was told to it.
    pub async fn world(&mut self) -> World {
        self.world_from(World::new(Kind::Enreach)).await
    }

    pub async fn world_from(&mut self, mut world: World) -> World {
        for event in self.told().await {
            if let SourceEvent::Delta(delta) = event {
                world.apply(delta);
            }
        }
        world
    }

    /// What is told of everything that is in the store, but for what was told before.
    pub async fn told(&mut self) -> Vec<SourceEvent> {
        let newest = *self.store.newest().borrow();
        let end = clock::moment().after(LIMIT * 6);
        let mut told = Vec::new();
        let mut take = |fact: Stamped| {
            if let Event::Source { event, .. } = fact.event {
                told.push(event);
            }
        };
        while self.store.mark().unwrap() < newest {
            let fact = tokio::time::timeout(Duration::from_millis(10), self.facts.recv()).await;
            if let Ok(Some(fact)) = fact {
                take(fact);
            }
            assert!(clock::moment() < end, "everything is told in time");
        }
        while let Ok(fact) = self.facts.try_recv() {
            take(fact);
        }
        told
    }

    /// Stops it, as a signal does.
    pub async fn close(self) {
        self.stop.cancel();
        for task in self.running {
            tokio::time::timeout(LIMIT, task).await.expect("it ends in time").unwrap();
        }
    }
}

/// Resident memory of a process (`self` for this one), KiB.
pub fn resident(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Opens a store as soon as whoever had it has let go of it.
pub fn reopen(folder: &Path, limits: Limits) -> Store {
    let end = clock::moment().after(LIMIT);
    loop {
        match Store::open(&path(folder), limits) {
            Ok(store) => return store,
            Err(error) => assert!(clock::moment() < end, "{error:?}"),
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Where the store of a folder is.
pub fn path(folder: &Path) -> PathBuf {
    folder.join("webhooks.redb")
}

/// A world without its moments: two tellings of one event are never at the same one.
pub fn timeless(mut world: World) -> World {
    struct Stop;
    impl Change for Stop {
        fn moment(&mut self, moment: &mut Moment) {
            *moment = Moment::default();
        }
    }
    world.change(&mut Stop);
    world
}

/// What a world is when each event is told to it once, in the order of the slice; without moments.
pub fn oracle(events: &[Value]) -> World {
    use floorwalker::source::enreach::events::map::Mapper;
    let mapper = Mapper::new(&enreach::settings());
    let mut world = World::new(Kind::Enreach);
    for event in events {
        let Ok(event) = enreach::decoded(event, &mut Default::default()) else { continue };
        for news in mapper.news(&event, &clock::now()) {
            if let SourceEvent::Delta(delta) = news {
                world.apply(delta);
            }
        }
    }
    timeless(world)
}
