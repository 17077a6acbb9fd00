//! Several relays of one floor, behind one load balancer: they meet at a NATS server.
//!
//! ```text
//!  webhook ─► store, synced ─► 200          one relay leads: it alone reads the sources
//!               │      ▲                      │ hub ─► facts, snapshots ─► boards over NATS
//!        offers ▼      │ copies               ▼                          └► the other relays' hubs ─► their boards
//!         stream of events, all relays      stream of facts, buckets
//! ```
//!
//! Every relay keeps every event in its own store, whichever of them received it, so NATS is never the only copy: what
//! it loses is offered again. Each event has its identity, so what is offered twice counts once. A relay that cannot
//! reach NATS goes on by itself after a while, with the sources and its own events.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::Client;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::floor::time::Moment;
use crate::report::openmetrics::Own;
use crate::source::Probe;
use crate::source::relay::nats::connection::{Connection, Trouble};
use crate::source::settings::NatsServer;
use crate::text::Shown;
use crate::transport::http::chain;
use crate::transport::retry::{Backoff, Rules, Wish};
use crate::transport::secret::Secret;

use super::Duty;
use super::http::{Act, Gauges, Site};
use super::hub::News;
use super::webhook::Receiver;
use lease::Lease;

mod actions;
mod events;
mod facts;
mod follow;
mod lease;

/// How long a relay that follows goes without NATS before it reads the sources itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// The same for a relay that was just started: nobody has told it yet that another one leads.
const FIRST: Duration = Duration::from_secs(3);

/// How long something that failed is left alone.
const AGAIN: Duration = Duration::from_secs(1);

/// How often it is seen whether patience is at its end.
const LOOK: Duration = Duration::from_millis(250);

/// Tries the server once, as a relay needs it.
pub async fn probe(server: &NatsServer) -> Probe {
    let tried = async {
        let secret = server.token.clone().map(Secret::new);
        let connection = Connection::open(server, secret.as_ref()).await?;
        events::count(&connection).await
    };
    let result = match tried.await {
        Ok(count) => Ok(format!("JetStream has {count} events")),
        Err(trouble) => Err(Shown::clean(&chain(&trouble))),
    };
    Probe { name: format!("nats {}", server.origin()), result, spare: false }
}

/// How the meeting is doing.
#[derive(Debug)]
pub struct Status {
    connected: AtomicBool,
    /// The connection over which actions are passed on.
    client: Mutex<Option<Client>>,
    duty: watch::Sender<Duty>,
}

impl Default for Status {
    fn default() -> Self {
        let duty = watch::Sender::new(Duty::Waits);
        Self { connected: AtomicBool::default(), client: Mutex::default(), duty }
    }
}

impl Status {
    fn client(&self) -> Option<Client> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// There is another connection, or none.
    fn connect(&self, client: Option<Client>) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client;
    }

    fn leads(&self) -> bool {
        self.duty.borrow().leads()
    }

    /// What the relay does now.
    pub fn duty(&self) -> watch::Receiver<Duty> {
        self.duty.subscribe()
    }

    /// The same as gauges, with the events that `receiver` has kept so far.
    pub fn gauges(self: &Arc<Self>, receiver: Option<Arc<Receiver>>) -> Gauges {
        let this = Arc::clone(self);
        let store = receiver.map(|receiver| receiver.store().clone());
        Box::new(move || {
            let connected = u64::from(this.connected.load(Ordering::Relaxed));
            let leads = u64::from(this.leads());
            let mut gauges = vec![
                Own::new("relay_nats_connected", "Whether NATS is connected.", connected),
                Own::new("relay_leads", "Whether this relay reads the sources itself.", leads),
            ];
            if let Some(store) = &store {
                let kept = *store.newest().borrow();
                let help = "Events of vendors that this relay has kept so far.";
                gauges.push(Own::new("relay_events", help, kept));
                let help = "Events that other relays have yet to be told of.";
                let waiting = store.offers(0).ok();
                gauges.extend(waiting.map(|(_, count)| Own::new("relay_nats_outbox", help, count)));
            }
            gauges
        })
    }
}

/// One relay's place among several.
pub struct Meeting {
    server: NatsServer,
    secret: Option<Secret>,
    site: Arc<Site>,
    /// Where the writer of the floor takes news in.
    hub: mpsc::Sender<News>,
    act: Option<Act>,
    receiver: Option<Arc<Receiver>>,
    status: Arc<Status>,
    lease: Lease,
    /// When it was last known who leads.
    heard: Mutex<Moment>,
}

impl Meeting {
    /// A place at `server`, of a relay with that inside and that writer, which acts so and, where sources send webhooks,
    /// has that receiver.
    pub fn new(
        server: NatsServer,
        (site, hub): (Arc<Site>, mpsc::Sender<News>),
        act: Option<Act>,
        receiver: Option<Arc<Receiver>>,
        status: Arc<Status>,
    ) -> Self {
        if let Some(receiver) = &receiver {
            receiver.store().share();
        }
        let secret = server.token.clone().map(Secret::new);
        let lease = Lease::new(site.view().run());
        let heard = Mutex::new(clock::moment());
        Self { server, secret, site, hub, act, receiver, status, lease, heard }
    }

    /// Meets the others until `stop`. Facts of another relay are taken in only while `resting`: while no source of our own
    /// tells anything any more.
    pub async fn run(self, resting: watch::Receiver<bool>, stop: CancellationToken) {
        let all = async { tokio::join!(self.meet(), self.lose_patience(), self.follow(resting)) };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = all => {}
        }
        self.lease.let_go().await;
    }

    /// Connects again and again; on each connection does all that there is to do with it.
    async fn meet(&self) {
        let mut backoff = Backoff::new(Rules::STANDARD, fastrand::Rng::new());
        let mut told = None;
        loop {
            backoff.connecting(clock::moment());
            let trouble = match Connection::open(&self.server, self.secret.as_ref()).await {
                Ok(connection) => {
                    backoff.opened(clock::moment());
                    told = None;
                    tracing::info!("connected to {}", self.server.origin());
                    self.status.connected.store(true, Ordering::Relaxed);
                    let client = self.server.user().map(|_| connection.client.clone());
                    self.status.connect(client);
                    self.work(&connection).await;
                    self.status.connect(None);
                    self.status.connected.store(false, Ordering::Relaxed);
                    Trouble::Lost
                }
                Err(trouble) => trouble,
            };
            tell(&mut told, &trouble);
            let span = backoff.failed(clock::moment(), Wish::default());
            tokio::time::sleep(span).await;
        }
    }

    async fn work(&self, connection: &Connection) {
        let events = async {
            if let Some(receiver) = &self.receiver {
                tokio::join!(
                    again(|| events::offer(connection, receiver).boxed()),
                    again(|| events::take(connection, receiver).boxed())
                );
            }
        };
        let lease = again(|| self.hold(connection).boxed());
        let facts = again(|| self.lead(connection).boxed());
        tokio::select! {
            () = connection.lost.cancelled() => {}
            _ = async { tokio::join!(events, lease, facts) } => {}
        }
    }

    /// Holds the lead, or sees who does.
    async fn hold(&self, connection: &Connection) -> Result<(), Trouble> {
        let bucket = lease::bucket(connection).await?;
        loop {
            let duty = self.lease.ask(&bucket).await?;
            *self.heard() = clock::moment();
            self.take_up(duty);
            tokio::time::sleep(lease::RENEW).await;
        }
    }

    /// Publishes facts and carries out actions while this relay leads.
    async fn lead(&self, connection: &Connection) -> Result<(), Trouble> {
        let mut duty = self.status.duty();
        let _ = duty.wait_for(|duty| *duty == Duty::Leads).await;
        tokio::select! {
            result = facts::publish(connection, &self.site) => result,
            result = self.serve(connection) => result,
            _ = duty.wait_for(|duty| *duty != Duty::Leads) => Ok(()),
        }
    }

    /// Goes on alone when it was not heard for too long who leads.
    async fn lose_patience(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let silence = clock::moment().since(*self.heard());
            let patience = match *self.status.duty.borrow() {
                Duty::Waits => FIRST,
                Duty::Follows => PATIENCE,
                // The lead may be another's by now: nothing more is published.
                Duty::Leads => lease::HOLD,
                Duty::Alone => continue,
            };
            if silence >= patience {
                self.take_up(Duty::Alone);
            }
        }
    }

    fn heard(&self) -> MutexGuard<'_, Moment> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_up(&self, duty: Duty) {
        self.status.duty.send_if_modified(|known| {
            let differs = *known != duty;
            if differs {
                tracing::info!("{}", word(duty));
            }
            *known = duty;
            differs
        });
    }
}

const fn word(duty: Duty) -> &'static str {
    match duty {
        Duty::Waits => "this relay waits for the others",
        Duty::Leads => "this relay leads: it reads the sources, and the others know",
        Duty::Alone => "this relay reads the sources by itself: it cannot ask the others",
        Duty::Follows => "this relay follows another one, which reads the sources",
    }
}

/// Does something over and over; what goes wrong is said once.
async fn again<'a>(mut attempt: impl FnMut() -> BoxFuture<'a, Result<(), Trouble>>) {
    let mut told = None;
    loop {
        match attempt().await {
            Ok(()) => told = None,
            Err(trouble) => {
                tell(&mut told, &trouble);
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

fn tell(told: &mut Option<Shown>, trouble: &Trouble) {
    let text = Shown::clean(&chain(trouble));
    if told.as_ref() != Some(&text) {
        tracing::warn!("{text}");
        *told = Some(text);
    }
}
