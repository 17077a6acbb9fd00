//! Webhooks in the board's own process: each source listens where it is told to, all of them share one store.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Hook, Receiver, WEBHOOKS};
use crate::event::Stamped;
use crate::floor::link::FeedKind;
use crate::relay::server::{Door, Listen, ServerError};
use crate::relay::store::{Limits, Store, StoreError};
use crate::source::Outbox;
use crate::source::feed::Reporter;
use crate::source::settings::{Settings, Vendor};
use crate::text::Shown;
use crate::transport::http::chain;
use crate::transport::secret::SecretError;

/// How long after a failure it is tried again: the board before this one may still hold the port and the store.
const AGAIN: Duration = Duration::from_secs(1);

/// Why webhooks cannot be received.
#[derive(Debug, thiserror::Error)]
#[error("webhooks cannot be received")]
enum HereError {
    Store(#[from] StoreError),
    Server(#[from] ServerError),
    Token(#[from] SecretError),
}

/// Starts receiving for all of `settings` that listen in this process, until `stop`. Whatever keeps it from being done
/// stands beside the feed, and is tried again.
pub fn start(
    settings: &[Settings],
    store: PathBuf,
    channel: &mpsc::Sender<Stamped>,
    stop: &CancellationToken,
) {
    let sources: Vec<Settings> =
        settings.iter().filter(|own| listens(own).is_some()).cloned().collect();
    if sources.is_empty() {
        return;
    }
    let (channel, stop) = (channel.clone(), stop.clone());
    tokio::spawn(async move {
        let outbox = |own: &Settings| Outbox::new(own.name.clone(), channel.clone());
        let mut reporters = Vec::new();
        for own in &sources {
            let outbox = outbox(own);
            reporters.push(Reporter::open(&outbox, WEBHOOKS, FeedKind::Stream, None).await);
        }
        while !stop.is_cancelled() {
            let Err(error) = serve(&sources, &store, outbox, &stop).await else { return };
            let error = Shown::clean(&chain(&error));
            tracing::warn!("{error}");
            for reporter in &mut reporters {
                reporter.down(error.clone(), AGAIN).await;
            }
            let _ = stop.run_until_cancelled(tokio::time::sleep(AGAIN)).await;
        }
    });
}

/// Where and how a source listens here.
fn listens(settings: &Settings) -> Option<Listen> {
    let (address, tls, behind_proxy) = match &settings.vendor {
        Vendor::Enreach(own) => {
            let own = own.webhook.as_ref()?;
            (own.listen?, &own.tls, own.behind_proxy)
        }
        Vendor::Nimbus(own) => {
            let own = own.triggers.as_ref()?;
            (own.listen?, &own.tls, own.behind_proxy)
        }
        Vendor::Telepo(_) | Vendor::Relay(_) | Vendor::Nats(_) => return None,
    };
    Some(Listen { address, tls: tls.clone(), behind_proxy })
}

async fn serve(
    sources: &[Settings],
    store: &Path,
    outbox: impl Fn(&Settings) -> Outbox,
    stop: &CancellationToken,
) -> Result<(), HereError> {
    let path = store.to_owned();
    let opened = tokio::task::spawn_blocking(move || Store::open(&path, Limits::default())).await;
    let store = opened.map_err(|_| StoreError::Thread(std::io::ErrorKind::Other.into()))??;
    let hooks = sources.iter().filter_map(|own| Hook::of(own, outbox(own)));
    let receiver = Receiver::new(store, hooks).await?;
    // Sources that name the same address share its listener; how it is served the first of them says.
    let mut doors: BTreeMap<SocketAddr, Listen> = BTreeMap::new();
    for listen in sources.iter().filter_map(listens) {
        doors.entry(listen.address).or_insert(listen);
    }
    let ending = stop.child_token();
    let _end = ending.clone().drop_guard();
    let mut serving = Vec::new();
    for listen in doors.values() {
        let door = Door::open(listen).await?;
        tracing::info!("webhooks are received on {}", door.address());
        serving.push(door.serve(receiver.router(), ending.clone()));
    }
    let telling = tokio::spawn(receiver.run(ending.clone()));
    futures_util::future::try_join_all(serving).await?;
    let _ = telling.await;
    Ok(())
}
