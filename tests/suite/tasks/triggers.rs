//! Triggers at a simulated Nimbus: registered, deleted, dead in silence, and back.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use floorwalker::clock;
use floorwalker::event::{Event, Stamped};
use floorwalker::floor::link::Link;
use floorwalker::floor::{Kind, World};
use floorwalker::keymap::Keymap;
use floorwalker::operations::Access;
use floorwalker::relay::webhook::{here, mailboxes, store_in};
use floorwalker::simulator::{self, Simulator, Sins};
use floorwalker::source::settings::{NimbusSettings, Settings, TriggerSettings, Vendor};
use floorwalker::source::{SourceHandle, spawn_all};
use floorwalker::state::State;
use floorwalker::table::{Context, TableId};
use floorwalker::transport::http::Url;
use floorwalker::transport::poll::Beat;
use floorwalker::transport::secret::SecretSource;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::nimbus::settings;
use crate::support::reception::{LIMIT, source};

/// How often access is probed, and how long silence may last.
const PROBE: Duration = Duration::from_millis(300);
const SILENCE: Duration = Duration::from_secs(3);

/// A board of one Nimbus, which receives its events itself.
pub struct Board {
    pub state: State,
    facts: mpsc::Receiver<Stamped>,
    pub handles: Vec<SourceHandle>,
    stop: CancellationToken,
}

pub async fn simulator(sins: Sins) -> Simulator {
    // A minute of the floor in a second: something happens several times a second.
    let settings = simulator::Settings { speed: 60.0, sins, ..simulator::Settings::default() };
    simulator::start(settings).await.unwrap()
}

fn nimbus(base: &str, token: &str) -> Settings {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let own = settings();
    let triggers = TriggerSettings {
        listen: Some(listen),
        probe: PROBE,
        silence: SILENCE,
        ..own.triggers.clone().unwrap()
    };
    Settings {
        vendor: Vendor::Nimbus(NimbusSettings {
            base_url: Url::parse(base).unwrap(),
            token: SecretSource::Literal(token.into()),
            entra: None,
            poll: Duration::from_secs(15),
            triggers: Some(triggers),
            ..own
        }),
        ..source("nimbus")
    }
}

impl Board {
    fn open(base: &str, folder: &Path, access: Access) -> Self {
        let mut sources = [nimbus(base, "sim-token")];
        mailboxes::here(&mut sources, Some(&store_in(folder))).unwrap();
        let (sender, facts) = mpsc::channel(10_000);
        let stop = CancellationToken::new();
        let beat = Beat::new();
        let handles = spawn_all(&sources, access, &sender, &stop, Some(&beat)).unwrap();
        here::start(&sources, store_in(folder), &sender, &stop);
        let keymap = Keymap::standard(access);
        let state = State::new([("nimbus".into(), Kind::Nimbus)], access, keymap, clock::now());
        Self { state, facts, handles, stop }
    }

    pub fn at(simulator: &Simulator, folder: &Path) -> Self {
        Self::open(&format!("http://{}/nimbus", simulator.address()), folder, Access::Full)
    }

    pub fn world(&self) -> &World {
        self.state.floor.world(&"nimbus".into()).unwrap()
    }

    pub fn feed(&self) -> Option<Link> {
        self.world().feed(&"triggers".into()).map(|feed| feed.link(&self.state.now))
    }

    /// Takes in what is told until it is as wanted.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let end = clock::moment().after(LIMIT);
        while !wanted(self) {
            let fact = tokio::time::timeout(Duration::from_millis(50), self.facts.recv()).await;
            if let Ok(Some(fact)) = fact {
                self.state.apply(fact);
            }
            let now = clock::now();
            self.state.apply(Stamped { at: now.moment, event: Event::Tick(now) });
            assert!(clock::moment() < end, "in time: {what}: {:?}", self.world().feeds);
        }
    }

    fn row(&self) -> Value {
        let context = Context { live: false, ..self.state.context() };
        TableId::Sources.json(&context).remove(0)
    }

    fn log(&self) -> String {
        let lines: Vec<String> = self.state.log.iter().map(|line| line.text.to_string()).collect();
        lines.join("\n")
    }

    fn steps(&self) -> usize {
        self.world().tasks.values().map(|task| task.path().len()).sum()
    }

    /// As the program ends.
    pub async fn part(self) {
        self.stop.cancel();
        SourceHandle::part(&self.handles, LIMIT).await;
    }
}

#[tokio::test]
async fn tasks_come_by_triggers_that_are_deleted_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = simulator(Sins::NONE).await;
    let mut board = Board::at(&simulator, folder.path());
    board
        .until("tasks in several states", |board| {
            let phases: std::collections::BTreeSet<_> =
                board.world().tasks.values().filter_map(|task| task.phase).collect();
            phases.len() >= 3
        })
        .await;
    assert_eq!(simulator.triggers(), (2, 2), "tasks and scheduler entries");
    assert_eq!(board.feed(), Some(Link::Live));
    board
        .until("the source is live", |board| board.world().link(&board.state.now) == Link::Live)
        .await;
    board
        .until("an event tells attempts", |board| {
            board.world().entries.values().any(|entry| entry.attempts.is_some())
        })
        .await;
    let queues = TableId::Queues.json(&Context { live: false, ..board.state.context() });
    assert_eq!(queues.len(), 3, "a row for each service");
    assert!(queues.iter().all(|row| row["counted_since"].is_string()), "{queues:?}");
    assert_eq!(board.world().unknown_fields, 0, "{}", board.log());
    board.part().await;
    assert_eq!(simulator.triggers(), (0, 0), "nothing is left behind");
    simulator.stop().await;
}

#[tokio::test]
async fn the_triggers_of_a_process_that_was_killed_are_deleted_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = simulator(Sins::NONE).await;
    let mut board = Board::at(&simulator, folder.path());
    board.until("it is registered", |board| board.feed() == Some(Link::Live)).await;
    // As by a kill: the tasks end, nothing is taken back.
    board.stop.cancel();
    drop(board);
    assert_eq!(simulator.triggers().0, 2);
    let mut board = Board::at(&simulator, folder.path());
    board.until("it is registered again", |board| board.feed() == Some(Link::Live)).await;
    assert_eq!(simulator.triggers(), (2, 2), "its own, and no others");
    board.part().await;
    simulator.stop().await;
}

#[tokio::test]
async fn who_only_reads_hears_of_tasks_too() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = simulator(Sins::NONE).await;
    let base = format!("http://{}/nimbus", simulator.address());
    let mut board = Board::open(&base, folder.path(), Access::ReadOnly);
    board.until("a task", |board| board.steps() > 0).await;
    board.part().await;
    simulator.stop().await;
}

#[tokio::test]
async fn a_lost_role_is_seen_by_the_next_probe_and_a_new_one_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = simulator(Sins::NONE).await;
    let mut board = Board::at(&simulator, folder.path());
    board.until("a task", |board| board.steps() > 0).await;
    let since = |board: &Board| {
        board
            .world()
            .services
            .values()
            .filter_map(floorwalker::floor::service::Service::since)
            .max()
    };
    let before = since(&board);
    simulator.lose_role();
    let lost = clock::moment();
    board.until("it is said", |board| board.feed() == Some(Link::Unauthorized)).await;
    assert!(clock::moment().since(lost) < PROBE * 10, "within the time of a few probes");
    let error = board.row()["feeds"].to_string();
    assert!(error.contains("lacks the Nimbus role"), "{error}");
    simulator.regain_role();
    assert_eq!(simulator.triggers().1, 0, "the old triggers stay dead");
    board.until("it is registered anew", |board| board.feed() == Some(Link::Live)).await;
    assert_eq!(simulator.triggers(), (2, 2), "and the dead ones are deleted");
    assert!(since(&board) > before, "counted anew: nobody knows what was missed");
    let steps = board.steps();
    board.until("events come again", |board| board.steps() > steps).await;
    board.part().await;
    simulator.stop().await;
}

#[tokio::test]
async fn triggers_that_die_in_silence_are_no_calm_queue_and_recover() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = simulator(Sins::NONE).await;
    let mut board = Board::at(&simulator, folder.path());
    board.until("a task", |board| board.steps() > 0).await;
    simulator.silence_triggers();
    let died = clock::moment();
    board.until("the board says so", |board| board.feed() == Some(Link::Stale)).await;
    let took = clock::moment().since(died);
    assert!(took < SILENCE + Duration::from_secs(2), "{took:?}");
    let row = board.row();
    assert_eq!(row["link"], "stale", "the whole source, not a feed among others");
    let error = row["error"].as_str().unwrap();
    assert!(error.starts_with("triggers: no events since "), "{error}");
    let context = board.state.context();
    let order = TableId::Queues.order(&context, &Default::default());
    let page = TableId::Queues.page(&context, &order);
    assert!(page.iter().all(|row| !row.fresh), "no row is shown as the present");
    board.until("events come again", |board| board.feed() == Some(Link::Live)).await;
    assert_eq!(simulator.triggers(), (2, 2));
    assert!(board.log().contains("registered anew"), "{}", board.log());
    board.part().await;
    simulator.stop().await;
}

#[tokio::test]
async fn what_comes_twice_and_in_any_order_is_the_same_to_the_floor() {
    let folder = tempfile::tempdir().unwrap();
    let sins = Sins { duplicates: 0.5, losses: 0.0, shuffle: Duration::from_millis(80) };
    let simulator = simulator(sins).await;
    let mut board = Board::at(&simulator, folder.path());
    board
        .until("tasks that ended", |board| {
            let ended =
                |task: &&floorwalker::floor::task::Task| !task.is_here() && task.path().len() >= 4;
            board.world().tasks.values().filter(ended).count() >= 3
        })
        .await;
    for task in board.world().tasks.values() {
        let words: Vec<&str> = task.path().iter().map(|step| step.word.as_str()).collect();
        for word in ["TaskCreated", "SystemAccepted", "Queued", "TaskTerminated"] {
            let count = words.iter().filter(|own| **own == word).count();
            assert!(count <= 1, "{words:?}");
        }
    }
    board.part().await;
    simulator.stop().await;
}

/// A Nimbus that registers whatever is asked, in words of its own.
async fn bare(answer: axum::routing::MethodRouter) -> (String, CancellationToken) {
    use axum::routing::get;
    let list = || get(|| async { axum::Json(serde_json::json!(["claims@contoso.example"])) });
    let events =
        || get(|| async { axum::Json(serde_json::json!([{"name": "Queued", "value": "7"}])) });
    let app = axum::Router::new()
        .route("/v1/tasks/service-contacts", list())
        .route("/v1/scheduler-entries/service-contacts", list())
        .route("/v1/tasks/events", events())
        .route("/v1/scheduler-entries/events", events())
        .route("/v1/triggers/tasks", answer.clone())
        .route("/v1/triggers/scheduler-entries", answer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let serving = axum::serve(listener, app).with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::spawn(async move { serving.await.unwrap() });
    (format!("http://{address}"), stop)
}

#[tokio::test]
async fn a_trigger_without_an_id_cannot_be_deleted_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (base, stop) =
        bare(axum::routing::post(|| async { axum::http::StatusCode::CREATED })).await;
    let mut board = Board::open(&base, folder.path(), Access::Full);
    board.until("it is said", |board| board.log().contains("it cannot be deleted")).await;
    let kept = std::fs::read_to_string(folder.path().join("triggers-nimbus.json")).unwrap();
    assert!(kept.contains("\"triggers\":[]"), "{kept}");
    stop.cancel();
}

#[tokio::test]
async fn an_id_in_the_body_will_do_and_a_location_is_not_followed_elsewhere() {
    use axum::http::{StatusCode, header::LOCATION};
    use axum::response::IntoResponse as _;
    let folder = tempfile::tempdir().unwrap();
    let answer = axum::routing::post(|body: String| async move {
        if body.contains("taskEvents") {
            return (StatusCode::CREATED, axum::Json(serde_json::json!({"Id": "a/b"})))
                .into_response();
        }
        let elsewhere = "https://evil.example/v1/triggers/x/trigger-2?token=1";
        (StatusCode::CREATED, [(LOCATION, elsewhere)]).into_response()
    });
    let (base, stop) = bare(answer).await;
    let mut board = Board::open(&base, folder.path(), Access::Full);
    board.until("it is registered", |board| board.feed() == Some(Link::Live)).await;
    let kept = std::fs::read_to_string(folder.path().join("triggers-nimbus.json")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    let paths = ["v1/triggers/tasks/a%2Fb", "v1/triggers/scheduler-entries/trigger-2"];
    assert_eq!(kept["triggers"], serde_json::json!(paths));
    stop.cancel();
}

#[tokio::test]
async fn what_a_server_says_of_our_address_does_not_reach_the_board() {
    use axum::http::StatusCode;
    let folder = tempfile::tempdir().unwrap();
    let echo = axum::routing::post(|body: String| async move {
        (StatusCode::BAD_REQUEST, axum::Json(serde_json::json!({ "message": body })))
    });
    let (base, stop) = bare(echo).await;
    let mut board = Board::open(&base, folder.path(), Access::Full);
    board.until("it is refused", |board| board.feed() == Some(Link::Down)).await;
    let kept = std::fs::read_to_string(folder.path().join("triggers-nimbus.json")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    let secret = kept["secret"].as_str().unwrap();
    let error = board.row()["error"].as_str().unwrap().to_owned();
    assert!(error.contains("[hidden]"), "{error}");
    assert!(!error.contains(secret) && !board.log().contains(secret), "{error}");
    stop.cancel();
}
