//! Webhooks in the board's own process.

use std::net::{SocketAddr, TcpListener};

use floorwalker::clock;
use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::link::Health;
use floorwalker::relay::webhook::here;
use floorwalker::source::settings::{Settings, Vendor};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::enreach::bytes;
use crate::support::reception::{LIMIT, TOKEN, client, source};

fn listening(name: &str, address: SocketAddr) -> Settings {
    let mut settings = source(name);
    if let Vendor::Enreach(own) = &mut settings.vendor
        && let Some(webhook) = &mut own.webhook
    {
        webhook.listen = Some(address);
    }
    settings
}

/// An address that nobody has.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Posts until somebody takes it.
async fn tell(address: SocketAddr, name: &str, event: &str) {
    let (client, end) = (client(), clock::moment().after(LIMIT));
    loop {
        let request = client.post(format!("http://{address}/webhook/{name}"));
        let answer = request.header("X-Benemen-Token", TOKEN).body(bytes(event)).send().await;
        if answer.is_ok_and(|answer| answer.status() == 200) {
            return;
        }
        assert!(clock::moment() < end, "somebody takes it");
        tokio::task::yield_now().await;
    }
}

async fn wait(
    facts: &mut mpsc::Receiver<Stamped>,
    name: &str,
    wanted: impl Fn(&SourceEvent) -> bool,
) {
    loop {
        let fact = tokio::time::timeout(LIMIT, facts.recv()).await.expect("it is told in time");
        if let Event::Source { source, event } = fact.unwrap().event
            && source.raw() == name
            && wanted(&event)
        {
            return;
        }
    }
}

fn up(event: &SourceEvent) -> bool {
    matches!(event, SourceEvent::Link(feed) if feed.health == Health::Up)
}

fn down(event: &SourceEvent) -> bool {
    matches!(event, SourceEvent::Link(feed) if matches!(feed.health, Health::Down { .. }))
}

#[tokio::test]
async fn sources_share_a_listener_and_each_hears_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let address = free();
    let sources = [listening("helsinki", address), listening("oslo", address), source("silent")];
    let (sender, mut facts) = mpsc::channel(1_000);
    let stop = CancellationToken::new();
    let _stop = stop.clone().drop_guard();
    here::start(&sources, folder.path().join("webhooks.redb"), &sender, &stop);
    tell(address, "oslo", "QueueStatus").await;
    wait(&mut facts, "oslo", |event| matches!(event, SourceEvent::Delta(_))).await;
    wait(&mut facts, "oslo", up).await;
    tell(address, "helsinki", "QueueStatus").await;
    wait(&mut facts, "helsinki", up).await;
}

#[tokio::test]
async fn a_new_configuration_takes_over_the_port_and_the_store_of_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("webhooks.redb");
    let sources = [listening("helsinki", free())];
    let Vendor::Enreach(own) = &sources[0].vendor else { panic!("it is Enreach") };
    let address = own.webhook.as_ref().unwrap().listen.unwrap();
    let (sender, mut facts) = mpsc::channel(1_000);
    let before = CancellationToken::new();
    here::start(&sources, path.clone(), &sender, &before);
    tell(address, "helsinki", "QueueStatus").await;
    wait(&mut facts, "helsinki", up).await;
    // The new one is started before the old one is stopped, as the board does it.
    let (sender, mut facts) = mpsc::channel(1_000);
    let after = CancellationToken::new();
    let _stop = after.clone().drop_guard();
    here::start(&sources, path, &sender, &after);
    wait(&mut facts, "helsinki", down).await;
    before.cancel();
    // What the one before had stored is told without being sent again.
    wait(&mut facts, "helsinki", |event| matches!(event, SourceEvent::Delta(_))).await;
    tell(address, "helsinki", "UserStatus").await;
    wait(&mut facts, "helsinki", up).await;
}
