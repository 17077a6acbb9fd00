//! The relay's loop: facts into the hub, boards on the listener, commands to the vendors. No terminal.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::audit::Audit;
use crate::clock;
use crate::config::{self, Config};
use crate::event::{Event, SourceEvent, Stamped};
use crate::operations::Access;
use crate::relay::access::{TokenError, Tokens};
use crate::relay::http::{Act, Site, router};
use crate::relay::hub::{Bounds, Hub, News};
#[cfg(feature = "nats")]
use crate::relay::nats::{Meeting, Status};
use crate::relay::server::Door;
use crate::relay::store::{Limits, Store};
use crate::relay::webhook::{Hook, Receiver, WEBHOOKS, mailboxes};
use crate::relay::{Duty, Settings};
use crate::runtime::journal::JournalWriter;
use crate::runtime::{CHANNEL, Dispatcher, RunError, journal, logging, looked};
#[cfg(feature = "nats")]
use crate::source::settings::NatsServer;
use crate::source::settings::Settings as SourceSettings;
use crate::source::{self, Outbox, SourceHandle};
use crate::terminal::print::Printer;
use crate::terminal::{self, Signal};
use crate::transport::http::chain;
use crate::transport::poll::Beat;

use shift::Shift;

mod shift;

/// Facts that are taken in at once, before boards are told.
const DRAIN: usize = 512;

/// The least time between two published views. The first fact after a quiet while is published at once.
const PUBLISH: Duration = Duration::from_millis(20);

/// What the relay that leads said and the writer has not taken in yet, in batches.
const ADOPTED: usize = 8;

/// How long the end waits for what still runs: less than the five seconds that a service manager is promised.
const PARTING: Duration = Duration::from_secs(4);

/// What a relay is started with.
pub struct Relay {
    /// Where it listens, and for whom.
    pub settings: Settings,
    pub sources: Vec<SourceSettings>,
    /// Whether boards may ask for changes at all.
    pub access: Access,
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
    let Relay { settings, mut sources, access, audit, store, again } = relay;
    // On a terminal, a hang-up says that it has gone; of a service it is asked to look at its config file.
    let attended = Printer::stderr().is_terminal();
    if let Some(folder) = store.as_ref().and_then(|store| store.parent()) {
        mailboxes::at_relay(&mut sources, settings.public_url.as_deref(), folder)?;
    }
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
    let handles = source::handles(&sources, access)?;
    let outbox = |own: &SourceSettings| Outbox::new(own.name.clone(), sender.clone());
    let hooks: Vec<Hook> = sources.iter().filter_map(|own| Hook::of(own, outbox(own))).collect();
    let webhooks = receiver(hooks, store).await?;
    let mut shift = Shift::new(handles.clone(), webhooks.clone(), sender.clone(), beat.clone());
    let own = handles.clone();
    let act = audit.map(|audit| acting(Dispatcher::new(handles, audit, sender.clone())));
    let kinds = sources.iter().map(|source| (source.name.clone(), source.kind()));
    let mut hub = Hub::new(kinds, clock::now(), Bounds::STANDARD);
    let folder = config::state_dir().map(|dir| dir.join(journal::FOLDER));
    let mut journal = JournalWriter::open(folder, hub.journal_mut(), clock::wall());
    let site = Site::new(hub.views(), tokens, act, stop.clone()).with_webhooks(webhooks.clone());
    let (leader, mut adopted) = mpsc::channel(ADOPTED);
    let (site, mut duty, meeting) = match settings.nats {
        #[cfg(feature = "nats")]
        Some(server) => {
            let resting = shift.resting();
            meet(server, (site, leader), webhooks.clone(), resting, stop.clone())
        }
        _ => by_itself((site, leader)),
    };
    let address = door.address();
    tracing::info!(%address, sources = sources.len(), "the relay listens");
    let mut app = router(Arc::clone(&site));
    if let Some(receiver) = &webhooks {
        app = app.merge(receiver.router());
    }
    let mut serving = tokio::spawn(door.serve(app, stop.clone()));
    let mut seconds = clock::Seconds::start()?;
    let mut jumps = clock::Jumps::new();
    let mut publishing = publishing();
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
            () = changed(&mut duty) => {
                let leads = duty.borrow_and_update().leads();
                match leads {
                    true => shift.begin(),
                    false => shift.end(&mut hub, &mut facts).await,
                }
            }
            _ = publishing.tick(), if hub.has_news() => hub.publish(),
            Some(first) = facts.recv() => {
                let more = std::iter::from_fn(|| facts.try_recv().ok()).take(DRAIN);
                std::iter::once(first).chain(more).for_each(|fact| hub.take(fact));
            }
            Some(news) = adopted.recv() => hub.take_news(news),
            () = seconds.next() => {
                beat.beat();
                if let Some(unseen) = jumps.take() {
                    woke(unseen, &mut hub, &own);
                }
                let now = clock::now();
                hub.take(Stamped { at: now.moment, event: Event::Tick(now) });
                let (view, own) = (site.view(), own.clone());
                tokio::task::spawn_blocking(move || looked::follow_busy(&view.live(now), &own));
            }
        }
        journal.keep(hub.journal());
        logging::copy(hub.take_lines().iter(), 0);
    };
    stop.cancel();
    let parting = SourceHandle::part(&own, PARTING);
    let others = async { tokio::join!(serving, meeting) };
    let _ = tokio::join!(tokio::time::timeout(PARTING, others), parting, journal.close());
    Ok(code)
}

/// The machine slept: nothing that was read before may be taken for the present, and every source is read again at once.
fn woke(unseen: Duration, hub: &mut Hub, own: &[SourceHandle]) {
    let seconds = unseen.as_secs();
    tracing::warn!("the machine slept for {seconds} s: every source is read again");
    let at = clock::moment();
    let view = hub.view();
    for (source, feed) in view.live(clock::now()).floor.outdated() {
        let event = SourceEvent::Link(feed);
        hub.take(Stamped { at, event: Event::Source { source, event } });
    }
    own.iter().for_each(SourceHandle::retry);
}

/// Ticks when a view may be published.
fn publishing() -> Interval {
    let mut ticks = tokio::time::interval(PUBLISH);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Carries commands out for boards.
fn acting(dispatcher: Dispatcher) -> Act {
    Arc::new(move |who, command| {
        let dispatcher = dispatcher.clone();
        async move { dispatcher.send_for(who, command).await }.boxed()
    })
}

/// What receives the webhooks; nothing where no source sends any.
async fn receiver(
    hooks: Vec<Hook>,
    store: Option<PathBuf>,
) -> Result<Option<Arc<Receiver>>, RunError> {
    if hooks.is_empty() {
        return Ok(None);
    }
    let path = store.ok_or_else(|| RunError::usage(NO_STORE))?;
    let opened = tokio::task::spawn_blocking(move || Store::open(&path, Limits::default()));
    let store = opened.await.map_err(std::io::Error::other)??;
    let receiver = Receiver::new(store, hooks).await;
    Ok(Some(receiver.map_err(|source| TokenError { name: WEBHOOKS.to_owned(), source })?))
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

/// Ends when the relay may have something else to do.
async fn changed(duty: &mut watch::Receiver<Duty>) {
    if duty.changed().await.is_err() {
        // Nobody is left who could tell: it goes on as it is.
        std::future::pending::<()>().await;
    }
}

type Met = (Arc<Site>, watch::Receiver<Duty>, JoinHandle<()>);

/// A relay without others reads its sources itself.
fn by_itself((site, _): (Site, mpsc::Sender<News>)) -> Met {
    let mut duty = watch::Sender::new(Duty::Alone).subscribe();
    duty.mark_changed();
    (Arc::new(site), duty, tokio::spawn(async {}))
}

/// Meets the other relays at their server.
#[cfg(feature = "nats")]
fn meet(
    server: NatsServer,
    (site, leader): (Site, mpsc::Sender<News>),
    webhooks: Option<Arc<Receiver>>,
    resting: watch::Receiver<bool>,
    stop: CancellationToken,
) -> Met {
    let status = Arc::new(Status::default());
    let act = site.act();
    let site = site.with_act(act.clone().map(|act| status.through(act)));
    let site = Arc::new(site.with_gauges(status.gauges(webhooks.clone())));
    let mut duty = status.duty();
    duty.mark_changed();
    let meeting = Meeting::new(server, (Arc::clone(&site), leader), act, webhooks, status);
    (site, duty, tokio::spawn(async move { meeting.run(resting, stop).await }))
}
