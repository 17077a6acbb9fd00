//! The relay's loop: facts into the hub, boards on the listener, commands to the vendors. No terminal.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::audit::Audit;
use crate::clock;
use crate::command::Access;
use crate::config::Config;
use crate::event::{Event, Stamped};
use crate::relay::Settings;
use crate::relay::access::{TokenError, Tokens};
use crate::relay::http::{Act, Site, router};
use crate::relay::hub::{Bounds, Hub};
use crate::relay::server::Door;
use crate::relay::store::{Limits, Store};
use crate::relay::webhook::{Hook, Receiver, WEBHOOKS};
use crate::runtime::{CHANNEL, Dispatcher, RunError, logging};
use crate::source::http::chain;
use crate::source::poll::Beat;
use crate::source::settings::Settings as SourceSettings;
use crate::source::{Outbox, spawn_all};
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
    /// Where webhooks are kept; `None` where there is no place for them.
    pub store: Option<PathBuf>,
    /// Reads the config file again.
    pub again: Again,
}

/// Reads the config file, with the flags over it.
pub type Again = Arc<dyn Fn() -> Result<Config, RunError> + Send + Sync>;

/// What is said where webhooks have no place.
const NO_STORE: &str = "there is no home directory for what is received: set store in [relay]";

/// Runs the relay until a signal ends it; returns the exit code.
///
/// # Errors
/// A listener that cannot be opened, a token that cannot be read, an unusable source or audit log.
pub async fn run(relay: Relay) -> Result<u8, RunError> {
    let Relay { settings, sources, access, audit, store, again } = relay;
    // On a terminal, a hang-up says that it has gone; of a service it is asked to look at its config file.
    let attended = std::io::stderr().is_terminal();
    let mut signals = terminal::signals()?;
    let tokens = Tokens::read(&settings.tokens).await?;
    let audit = match access {
        Access::Full => Some(Arc::new(Audit::open(&audit)?)),
        Access::ReadOnly => None,
    };
    let door = Door::open(&settings.door()).await?;
    let (sender, mut facts) = mpsc::channel(CHANNEL);
    let stop = CancellationToken::new();
    let _stop_at_the_end = stop.clone().drop_guard();
    let beat = Beat::new();
    let handles = spawn_all(&sources, access, &sender, &stop, Some(&beat))?;
    let outbox = |own: &SourceSettings| Outbox::new(own.name.clone(), sender.clone());
    let hooks: Vec<Hook> = sources.iter().filter_map(|own| Hook::of(own, outbox(own))).collect();
    let webhooks = match hooks.is_empty() {
        true => None,
        false => {
            let path = store.ok_or_else(|| RunError::usage(NO_STORE))?;
            let opened = tokio::task::spawn_blocking(move || Store::open(&path, Limits::default()));
            let store = opened.await.map_err(std::io::Error::other)??;
            let receiver = Receiver::new(store, hooks).await;
            Some(receiver.map_err(|source| TokenError { name: WEBHOOKS.to_owned(), source })?)
        }
    };
    let act = audit.map(|audit| -> Act {
        let dispatcher = Dispatcher::new(handles, audit, sender.clone());
        Arc::new(move |who, command| {
            let dispatcher = dispatcher.clone();
            async move { dispatcher.send_for(who, command).await }.boxed()
        })
    });
    let kinds = sources.iter().map(|source| (source.name.clone(), source.kind()));
    let hub = Hub::new(kinds, clock::now(), Bounds::STANDARD);
    let site = Site::new(hub, tokens, act, stop.clone()).with_webhooks(webhooks.clone());
    let site = Arc::new(site);
    let address = door.address();
    tracing::info!(%address, sources = sources.len(), "the relay listens");
    let mut app = router(Arc::clone(&site));
    if let Some(receiver) = &webhooks {
        app = app.merge(receiver.router());
        tokio::spawn(Arc::clone(receiver).run(stop.clone()));
    }
    let mut serving = tokio::spawn(door.serve(app, stop.clone()));
    let mut seconds = clock::Seconds::start()?;
    let mut logged = 0;
    let code = loop {
        tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::Hangup if !attended => {
                    let reloading = reload(Arc::clone(&again), Arc::clone(&site), webhooks.clone());
                    tokio::spawn(stop.clone().run_until_cancelled_owned(reloading));
                }
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
            () = seconds.next() => {
                beat.beat();
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

/// Takes over what the config file says of tokens, all or none; everything else stays until the next start.
async fn reload(again: Again, site: Arc<Site>, webhooks: Option<Arc<Receiver>>) {
    match read_again(again, webhooks.as_deref()).await {
        Ok(tokens) => {
            site.replace_tokens(tokens);
            tracing::info!("the tokens were read anew");
        }
        Err(error) => {
            let why = chain(&error);
            tracing::error!("the tokens stay as they were: {why}");
        }
    }
}

async fn read_again(again: Again, webhooks: Option<&Receiver>) -> Result<Tokens, RunError> {
    let config = tokio::task::spawn_blocking(move || again()).await;
    let config = config.map_err(std::io::Error::other)??;
    let settings =
        config.relay.ok_or_else(|| RunError::usage("the config file has no [relay] any more"))?;
    let tokens = Tokens::read(&settings.tokens).await?;
    if let Some(receiver) = webhooks {
        let replaced = receiver.replace_tokens(&config.sources).await;
        replaced.map_err(|source| TokenError { name: WEBHOOKS.to_owned(), source })?;
    }
    Ok(tokens)
}
