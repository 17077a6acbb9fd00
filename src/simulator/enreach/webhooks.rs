//! Webhooks as Enreach sends them: one event in each request, again on anything but 200, given up after a few times.
//!
//! Beside what the vendor promises stand its sins, each a knob and off by itself: events that come twice, in another
//! order, or never.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use futures_util::StreamExt;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use tokio::sync::mpsc;

use self::changes::Changes;
use crate::simulator::SimulatorError;
use crate::simulator::site::Site;
use crate::text::Shown;
use crate::transport::http::{Url, is_loopback};

mod changes;

/// How long the vendor waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// After how long it tries again, each time.
const AGAIN: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(6),
];
const AT_ONCE: usize = 8;
/// Events that may wait to be sent; more are lost, as they are at the vendor's.
const WAITING: usize = 10_000;
/// How often the floor is looked at for something to tell.
const LOOK: Duration = Duration::from_millis(250);

/// Where webhooks go, and what goes wrong on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Webhooks {
    /// Where to: `http://` on loopback.
    pub url: String,
    /// What is sent as `X-Benemen-Token`.
    pub token: String,
    /// The share of events that are sent twice, 0 to 1.
    pub duplicates: f64,
    /// The share of events that are never sent, 0 to 1.
    pub losses: f64,
    /// For how long an event may be held back, so that later ones overtake it.
    pub shuffle: Duration,
}

impl Webhooks {
    /// Webhooks without a sin.
    pub fn to(url: impl Into<String>, token: impl Into<String>) -> Self {
        let (url, token) = (url.into(), token.into());
        Self { url, token, duplicates: 0.0, losses: 0.0, shuffle: Duration::ZERO }
    }

    /// Where a receiver would have to listen; `None` where that is not on loopback.
    fn listen(&self) -> Option<SocketAddr> {
        let url = Url::parse(&self.url).ok().filter(|url| url.scheme() == "http")?;
        is_loopback(url.host_str()?).then_some(())?;
        url.socket_addrs(|| None).ok()?.into_iter().find(|address| address.ip().is_loopback())
    }

    /// The part of a configuration (TOML) that receives them.
    pub(in crate::simulator) fn config(&self) -> String {
        let Some(listen) = self.listen() else { return String::new() };
        let token = self.token.replace(['"', '\\'], "");
        format!("[source.webhook]\nlisten = \"{listen}\"\ntoken = \"{token}\"\n")
    }

    /// The part of a configuration (TOML) by which Nimbus's events are received beside them.
    pub(in crate::simulator) fn triggers(&self) -> String {
        let Some(listen) = self.listen() else { return String::new() };
        format!("[source.webhook]\nlisten = \"{listen}\"\n")
    }

    /// Sends what happens until the simulator closes.
    pub(in crate::simulator) fn start(&self, site: &Arc<Site>) -> Result<(), SimulatorError> {
        let refuse = || SimulatorError::Webhook { url: Shown::clean(&self.url) };
        self.listen().ok_or_else(refuse)?;
        // Loopback needs no certificates.
        let client = Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(|_| refuse())?;
        let (sender, events) = mpsc::channel(WAITING);
        let (looking, closing) = (Arc::clone(site), site.closing().clone());
        tokio::spawn(closing.clone().run_until_cancelled_owned(watch(looking, sender)));
        let sending = send(self.clone(), client, events);
        tokio::spawn(closing.run_until_cancelled_owned(sending));
        Ok(())
    }
}

/// One event on its way.
#[derive(Debug)]
struct Sent {
    name: &'static str,
    body: String,
}

/// Looks for something to tell.
async fn watch(site: Arc<Site>, events: mpsc::Sender<Sent>) {
    let mut changes = Changes::default();
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        for event in changes.since(&site) {
            if events.try_send(event).is_err() {
                tracing::warn!("a simulated webhook is lost");
            }
        }
    }
}

/// Sends events until there are no more.
async fn send(webhooks: Webhooks, client: Client, events: mpsc::Receiver<Sent>) {
    let mut rng = Rng::with_seed(1);
    let stream = futures_util::stream::unfold(events, |mut events| async {
        events.recv().await.map(|event| (event, events))
    });
    let on_their_way = stream.map(|event| {
        let copies = match (rng.f64() < webhooks.losses, rng.f64() < webhooks.duplicates) {
            (true, _) => 0,
            (false, true) => 2,
            (false, false) => 1,
        };
        (event, copies, webhooks.shuffle.mul_f64(rng.f64()))
    });
    on_their_way
        .for_each_concurrent(AT_ONCE, |(event, copies, held)| {
            let (webhooks, client) = (&webhooks, &client);
            async move {
                tokio::time::sleep(held).await;
                for _ in 0..copies {
                    deliver(webhooks, client, &event).await;
                }
            }
        })
        .await;
}

/// Sends one event until it is taken, or a few times.
async fn deliver(webhooks: &Webhooks, client: &Client, event: &Sent) {
    for again in AGAIN.into_iter().map(Some).chain([None]) {
        let request = client
            .post(&webhooks.url)
            .header("Content-Type", "application/json; charset=utf-8")
            .header("X-Benemen-Event", event.name)
            .header("X-Benemen-Token", &webhooks.token)
            .body(event.body.clone());
        if request.send().await.is_ok_and(|answer| answer.status() == StatusCode::OK) {
            return;
        }
        match again {
            Some(span) => tokio::time::sleep(span).await,
            None => tracing::debug!(event = event.name, "nobody takes a simulated webhook"),
        }
    }
}
