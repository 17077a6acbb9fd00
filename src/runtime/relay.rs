//! The relay's loop: facts into the hub, boards on the listener, commands to the vendors. No terminal.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::audit::Audit;
use crate::clock;
use crate::command::Access;
use crate::event::{Event, Stamped};
use crate::relay::Settings;
use crate::relay::access::Tokens;
use crate::relay::http::{Act, Site, serve};
use crate::relay::hub::{Bounds, Hub};
use crate::runtime::{CHANNEL, Dispatcher, RunError, logging};
use crate::source::settings::Settings as SourceSettings;
use crate::source::spawn_all;
use crate::terminal::{self, Signal};

/// Facts that are taken in at once, before boards are told.
const DRAIN: usize = 512;

/// How long the end waits for what still runs: less than the five seconds that a service manager is promised.
const PARTING: Duration = Duration::from_secs(4);

/// What a relay is started with.
pub struct Relay {
    /// Where it listens, and for whom.
    pub settings: Settings,
    /// Its sources.
    pub sources: Vec<SourceSettings>,
    /// Whether boards may ask for changes at all.
    pub access: Access,
    /// The audit log.
    pub audit: PathBuf,
}

/// Runs the relay until a signal ends it; returns the exit code.
///
/// # Errors
/// A listener that cannot be opened, a token that cannot be read, an unusable source or audit log.
pub async fn run(relay: Relay) -> Result<u8, RunError> {
    let Relay { settings, sources, access, audit } = relay;
    if settings.tls.is_some() {
        return Err(RunError::usage(
            "[relay] tls is not built yet in this version: put a proxy in front, behind_proxy = true",
        ));
    }
    let mut signals = terminal::signals()?;
    let tokens = Tokens::read(&settings.tokens).await?;
    let audit = match access {
        Access::Full => Some(Arc::new(Audit::open(&audit)?)),
        Access::ReadOnly => None,
    };
    let address = settings.listen;
    let listener =
        TcpListener::bind(address).await.map_err(|source| RunError::Listen { address, source })?;
    let (sender, mut facts) = mpsc::channel(CHANNEL);
    let stop = CancellationToken::new();
    let _stop_at_the_end = stop.clone().drop_guard();
    let handles = spawn_all(&sources, access, &sender, &stop, true)?;
    let act = audit.map(|audit| -> Act {
        let dispatcher = Dispatcher::new(handles, audit, sender.clone());
        Arc::new(move |who, command| {
            let dispatcher = dispatcher.clone();
            async move { dispatcher.send_for(who, command).await }.boxed()
        })
    });
    let kinds = sources.iter().map(|source| (source.name.clone(), source.kind()));
    let hub = Hub::new(kinds, clock::now(), Bounds::STANDARD);
    let site = Arc::new(Site::new(hub, tokens, act, stop.clone()));
    let address = listener.local_addr()?;
    tracing::info!(%address, sources = sources.len(), "the relay listens");
    let mut serving = tokio::spawn(serve(listener, Arc::clone(&site)));
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut logged = 0;
    let code = loop {
        tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::Hangup | Signal::Interrupt | Signal::Quit | Signal::Terminate => {
                    break terminal::exit_code(signal);
                }
                Signal::Suspend | Signal::Continue => {}
            },
            ended = &mut serving => {
                ended.map_err(std::io::Error::other)??;
                break 1;
            }
            Some(first) = facts.recv() => {
                let more = std::iter::from_fn(|| facts.try_recv().ok()).take(DRAIN);
                site.take(std::iter::once(first).chain(more));
            }
            _ = tick.tick() => {
                let now = clock::now();
                site.take([Stamped { at: now.moment, event: Event::Tick(now) }]);
            }
        }
        logged = logging::copy(site.hub().log_behind(logged), logged);
    };
    stop.cancel();
    let _ = tokio::time::timeout(PARTING, serving).await;
    Ok(code)
}
