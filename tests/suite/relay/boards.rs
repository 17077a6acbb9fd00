//! Boards on a relay: the same rows, the same numbers, whatever happens in between.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use floorwalker::clock;
use floorwalker::event::SourceEvent;
use floorwalker::floor::Delta;
use floorwalker::floor::Part;
use floorwalker::floor::id::{FeedName, QueueId, SourceName};
use floorwalker::floor::link::{Feed, FeedKind, Health, Link};
use floorwalker::floor::queue::{Figures, Queue};
use floorwalker::floor::scheduler::{Entry, EntryState};
use floorwalker::operations::{Access, Command, CommandId, Outcome, Request};
use floorwalker::relay::http::Act;
use floorwalker::relay::hub::Bounds;
use floorwalker::simulator;
use floorwalker::source::SourceHandle;
use floorwalker::state::State;
use floorwalker::text::Shown;
use futures_util::FutureExt;

use crate::support::centre;
use crate::support::desk;
use crate::support::relay::{Board, READER, SUPERVISOR, Station, figures, shown};

const AGE: Duration = Duration::from_mins(30);

fn up(name: &str, kind: FeedKind) -> SourceEvent {
    let feed = Feed::new(FeedName::new(name), kind, Some(Duration::from_mins(5)));
    SourceEvent::Link(Feed { health: Health::Up, last_update: Some(clock::moment()), ..feed })
}

fn queue(id: &str, waiting: u32) -> Queue {
    let figures = Figures { waiting: Some(waiting), ..Figures::default() };
    Queue { figures, updated: clock::moment(), ..desk::queue(id, &format!("Queue {id}")) }
}

fn waits(station: &Station, waiting: u32) {
    let figures = Box::new(Figures { waiting: Some(waiting), ..Figures::default() });
    let delta = Delta::Figures { queue: QueueId::new("21"), at: clock::moment(), figures };
    station.tell("hq", SourceEvent::Delta(delta));
}

fn opened(station: &Station) {
    for source in ["hq", "helsinki", "nimbus"] {
        station.tell(source, up("queues", FeedKind::Poll));
    }
    let rows = vec![queue("21", 4), queue("22", 0)];
    station.tell("hq", SourceEvent::Snapshot(Part::Queues(rows)));
    let planned = Entry { updated: clock::moment(), ..desk::entry("e1", EntryState::Scheduled) };
    station.tell("nimbus", SourceEvent::Snapshot(desk::entries_part(vec![planned])));
}

/// Everything of an afternoon, event by event: calls, callbacks, people.
fn afternoon(station: &Station) {
    let floor = centre::busy().floor;
    let world = floor.world(&SourceName::new("helsinki")).unwrap();
    let people = world.agents.values().cloned().collect();
    station.tell("helsinki", SourceEvent::Snapshot(Part::Agents(people)));
    for call in world.calls.values() {
        for step in call.path() {
            let step = Box::new(step.clone());
            station
                .tell("helsinki", SourceEvent::Delta(Delta::Call { call: call.id.clone(), step }));
        }
    }
}

fn waiting(state: &State) -> Option<u32> {
    state.floor.queue(&SourceName::new("hq"), &QueueId::new("21"))?.figures.waiting
}

fn link(state: &State, source: &str) -> Option<Link> {
    state.floor.world(&SourceName::new(source)).map(|world| world.link(&state.now))
}

fn gaps(state: &State) -> usize {
    state.log.iter().filter(|line| line.text.contains("reading anew")).count()
}

#[tokio::test]
async fn two_boards_and_a_wall_show_what_the_relay_itself_reports() {
    let station = Station::open().await;
    opened(&station);
    let mut boards = [
        Board::on(station.address, SUPERVISOR),
        Board::on(station.address, SUPERVISOR),
        Board::with_access(station.address, SUPERVISOR, Access::ReadOnly),
    ];
    for board in &mut boards {
        board.until_same(&station).await;
    }
    afternoon(&station);
    waits(&station, 17);
    for board in &mut boards {
        board.until_same(&station).await;
        assert_eq!(waiting(&board.state), Some(17));
        let own = figures(shown(&board.state));
        assert_eq!(own, figures(station.tables(SUPERVISOR).await), "by the wire as well");
        assert_eq!(link(&board.state, "relay"), Some(Link::Live));
        assert_eq!(link(&board.state, "hq"), Some(Link::Polling), "its own link");
        assert_eq!(gaps(&board.state), 0);
    }
    station.close().await;
}

#[tokio::test]
async fn the_real_sources_reach_a_board_through_a_relay() {
    let settings = simulator::Settings { speed: 0.0, ..simulator::Settings::default() };
    let simulated = simulator::start(settings).await.unwrap();
    let config = floorwalker::config::Config::parse(&simulated.config(), true).unwrap();
    let station = Arc::new(Station::early(None).await);
    let (sender, mut facts) = tokio::sync::mpsc::channel(1_024);
    let stop = tokio_util::sync::CancellationToken::new();
    floorwalker::source::spawn_all(
        &config.sources,
        Access::ReadOnly,
        &sender,
        &stop,
        Some(&floorwalker::transport::poll::Beat::new()),
    )
    .unwrap();
    let fed = Arc::clone(&station);
    let feeding = tokio::spawn(async move {
        while let Some(fact) = facts.recv().await {
            fed.take(fact);
        }
    });
    let mut board = Board::on(station.address, SUPERVISOR);
    board
        .until("three systems", |state| {
            ["hq", "helsinki", "nimbus"]
                .iter()
                .all(|name| link(state, name).is_some_and(Link::is_fresh))
        })
        .await;
    board.until_same(&station).await;
    let hq = board.state.floor.world(&SourceName::new("hq")).unwrap();
    assert!(hq.queues.len() > 3 && hq.agents.len() > 10);
    stop.cancel();
    feeding.abort();
    let _ = feeding.await;
    Arc::into_inner(station).unwrap().close().await;
    simulated.stop().await;
}

#[tokio::test]
async fn while_the_relay_is_away_its_sources_are_dimmed_and_nothing_is_lost_from_the_board() {
    let station = Station::open().await;
    opened(&station);
    let mut board = Board::on(station.address, SUPERVISOR);
    board.until_same(&station).await;
    station.close().await;
    board.until("away", |state| link(state, "hq") == Some(Link::Down)).await;
    let world = board.state.floor.world(&SourceName::new("hq")).unwrap();
    assert!(!world.is_fresh(&FeedName::new("queues"), &board.state.now));
    assert!(world.away.is_some() && !world.queues.is_empty());
    assert_eq!(link(&board.state, "relay"), Some(Link::Down));
}

#[tokio::test]
async fn boards_come_back_by_themselves_to_a_relay_that_was_restarted() {
    let station = Station::open().await;
    opened(&station);
    let mut board = Board::on(station.address, SUPERVISOR);
    board.until_same(&station).await;
    let address = station.address;
    station.close().await;
    let station = Station::early(Some(address)).await;
    let said = |state: &State, words: &str| state.log.iter().any(|line| line.text.contains(words));
    board.until("told to wait", |state| said(state, "503")).await;
    assert_eq!(waiting(&board.state), Some(4), "a relay that knows nothing yet takes nothing away");
    opened(&station);
    waits(&station, 23);
    board.until("the new number", |state| waiting(state) == Some(23)).await;
    board.until_same(&station).await;
    waits(&station, 24);
    board.until("the next number", |state| waiting(state) == Some(24)).await;
    assert_eq!(link(&board.state, "hq"), Some(Link::Polling));
    station.close().await;
}

#[tokio::test]
async fn a_stream_that_ends_by_age_is_resumed_without_a_gap_or_a_snapshot() {
    let station = Station::with(None, Bounds::STANDARD, None, Duration::from_millis(400)).await;
    opened(&station);
    let mut board = Board::on(station.address, SUPERVISOR);
    board.until_same(&station).await;
    let ended = |state: &State| state.log.iter().any(|line| line.text.starts_with("events: the"));
    board.until("the end of its stream", ended).await;
    waits(&station, 100);
    board.until("the number", |state| waiting(state) == Some(100)).await;
    assert_eq!(gaps(&board.state), 0);
    assert!(board.state.floor.world(&SourceName::new("hq")).unwrap().away.is_none());
    station.close().await;
}

#[tokio::test]
async fn a_board_that_lags_is_told_and_takes_a_fresh_snapshot() {
    let bounds = Bounds { facts: 64, ..Bounds::STANDARD };
    let station = Station::with(None, bounds, None, AGE).await;
    opened(&station);
    let mut board = Board::on(station.address, SUPERVISOR);
    board.until_same(&station).await;
    // It reads nothing meanwhile: its channel and its connection fill up, and the ring goes on.
    let text = "x".repeat(150);
    for step in 0..40_000 {
        waits(&station, step);
        station.tell("hq", SourceEvent::Said(Shown::clean(&text)));
        if step % 64 == 0 {
            tokio::task::yield_now().await;
        }
    }
    waits(&station, 777);
    board.until("the last number", |state| waiting(state) == Some(777)).await;
    board.until_same(&station).await;
    assert!(gaps(&board.state) > 0, "it was told that it had missed something");
    station.close().await;
}

#[tokio::test]
async fn an_action_goes_through_the_relay_once_and_its_outcome_comes_back() {
    let asked: Arc<Mutex<Vec<Command>>> = Arc::default();
    let heard = Arc::clone(&asked);
    let act: Act = Arc::new(move |_, command| {
        heard.lock().unwrap().push(command);
        async { Outcome::Refused(Shown::clean("it has begun")) }.boxed()
    });
    let station = Station::with(None, Bounds::STANDARD, Some(act), AGE).await;
    opened(&station);
    let mut board = Board::on(station.address, SUPERVISOR);
    board.until_same(&station).await;
    let nimbus = SourceName::new("nimbus");
    let command = Command {
        id: CommandId(7),
        source: nimbus.clone(),
        request: Request::RemoveEntry { entry: "e1".into() },
        target: Shown::clean("entry e1"),
        place: Shown::clean("outbound"),
    };
    let handle = SourceHandle::of(&board.handles, &nimbus).unwrap();
    let outcome = handle.execute(command.clone()).await;
    assert_eq!(outcome, Outcome::Refused(Shown::clean("it has begun")));
    assert_eq!(asked.lock().unwrap().len(), 1);
    let nobody = SourceName::new("elsewhere");
    assert!(SourceHandle::of(&board.handles, &nobody).is_none());
    // Without the scope, the relay's word is the refusal.
    let mut wall = Board::on(station.address, READER);
    wall.until("its sources", |state| link(state, "nimbus").is_some()).await;
    let refused = SourceHandle::of(&wall.handles, &nimbus).unwrap().execute(command.clone()).await;
    assert!(matches!(&refused, Outcome::Refused(why) if why.contains("act")), "{refused:?}");
    // What only reads cannot even build the request.
    let mut glass = Board::with_access(station.address, SUPERVISOR, Access::ReadOnly);
    glass.until_same(&station).await;
    let failed = SourceHandle::of(&glass.handles, &nimbus).unwrap().execute(command).await;
    assert!(matches!(failed, Outcome::Failed(_)), "{failed:?}");
    assert_eq!(asked.lock().unwrap().len(), 1);
    station.close().await;
}

#[test]
fn a_relay_behind_a_relay_dims_what_it_stands_for() {
    use floorwalker::floor::{Kind, World};
    let mut desk = desk::Desk::open();
    let (near, far, site) = ("near", "far", SourceName::new("site"));
    let keymap = floorwalker::keymap::Keymap::standard(Access::Full);
    desk.state.reconfigure([(SourceName::new(near), Kind::Relay)], Access::Full, keymap);
    let mut world = World::new(Kind::Telepo);
    world.via = Some(SourceName::new(far));
    let worlds = [(SourceName::new(far), World::new(Kind::Relay)), (site.clone(), world)];
    desk.tell(near, SourceEvent::Relayed(worlds.into()));
    let told = |event| SourceEvent::Of(SourceName::new(far), Box::new(event));
    let away = |desk: &desk::Desk| desk.state.floor.world(&site).unwrap().away.clone();
    assert_eq!(away(&desk), None);
    desk.tell(near, told(SourceEvent::Link(desk::down("snapshot", "far is away"))));
    assert_eq!(away(&desk), Some(Shown::clean("far is away")));
    desk.tell(near, told(SourceEvent::Link(desk::up("snapshot"))));
    assert_eq!(away(&desk), None);
    desk.tell(near, SourceEvent::Link(desk::down("snapshot", "near is away")));
    assert_eq!(away(&desk), Some(Shown::clean("near is away")));
}

#[test]
fn a_relay_cannot_speak_for_a_source_of_the_config_file() {
    let mut desk = desk::Desk::open();
    let relay = SourceName::new("relay");
    let hq = SourceName::new("hq");
    let mut sources: Vec<_> =
        desk.state.floor.worlds().map(|(name, world)| (name.clone(), world.kind)).collect();
    sources.push((relay.clone(), floorwalker::floor::Kind::Relay));
    let keymap = floorwalker::keymap::Keymap::standard(Access::Full);
    desk.state.reconfigure(sources, Access::Full, keymap);
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(desk::queues())));
    let worlds = ["hq", "extra"].map(|name| {
        let kind = floorwalker::floor::Kind::Telepo;
        (SourceName::new(name), floorwalker::floor::World::new(kind))
    });
    desk.tell("relay", SourceEvent::Relayed(worlds.into()));
    assert!(desk.state.floor.stands_for(&relay, &SourceName::new("extra")));
    assert!(!desk.state.floor.stands_for(&relay, &hq));
    let emptied = SourceEvent::Snapshot(Part::Queues(Vec::new()));
    desk.tell("relay", SourceEvent::Of(hq.clone(), Box::new(emptied)));
    assert_eq!(desk.state.floor.world(&hq).unwrap().queues.len(), 2);
    assert!(desk.state.log.iter().any(|line| line.text.contains("hq is not shown")));
    // Nor can it hide behind one.
    let mut world = floorwalker::floor::World::new(floorwalker::floor::Kind::Telepo);
    world.via = Some(hq.clone());
    let hidden = [(SourceName::new("extra"), world)];
    desk.tell("relay", SourceEvent::Relayed(hidden.into()));
    assert!(desk.state.floor.stands_for(&relay, &SourceName::new("extra")));
    // What a relay does not name any more has gone with it.
    desk.tell("relay", SourceEvent::Relayed(std::collections::BTreeMap::new()));
    assert!(desk.state.floor.world(&SourceName::new("extra")).is_none());
}
