//! Two relays, boards on each and one over NATS: one floor.

use std::path::PathBuf;
use std::time::Duration;

use floorwalker::clock;
use floorwalker::floor::agent::Agent;
use floorwalker::floor::id::{EntryId, SourceName};
use floorwalker::operations::{self, CommandId, Outcome, Request};
use floorwalker::simulator::{self, Simulator};
use floorwalker::source::SourceHandle;
use floorwalker::state::State;
use floorwalker::text::Shown;

use crate::support::nats::{Nats, Relay, board, events, events_alone, is_oracle, world};
use crate::support::reception::{LIMIT, oracle};
use crate::support::relay::{figures, shown};

/// A floor on which nothing happens, and nobody's calls may be read: those come one by one.
async fn still() -> Simulator {
    let licences = simulator::Licences::None;
    let settings = simulator::Settings { speed: 0.0, licences, ..simulator::Settings::default() };
    simulator::start(settings).await.unwrap()
}

fn all_fresh(state: &State) -> bool {
    ["relay", "hq", "helsinki", "nimbus"].iter().all(|name| {
        let world = state.floor.world(&SourceName::new(name));
        world.is_some_and(|world| world.link(&state.now).is_fresh())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_show_one_floor_of_which_one_reads_the_sources() {
    let Some(nats) = Nats::start("two relays show one floor") else { return };
    let simulator = still().await;
    let first = Relay::start(&simulator.config(), &nats.url());
    first.until("relay_leads", 1).await;
    let second = Relay::start(&simulator.config(), &nats.url());
    let mut boards = [first.board(), second.board(), board(&nats.url(), None, true)];
    for board in &mut boards {
        board.until("all sources", all_fresh).await;
    }
    assert_eq!(first.gauge("relay_leads").await, Some(1));
    assert_eq!(second.gauge("relay_leads").await, Some(0));
    // Some of the floor is read after the sources have spoken.
    let end = clock::moment().after(LIMIT * 2);
    loop {
        for board in &mut boards {
            let from = board.state.now.moment;
            board.until("a moment later", |state| state.now.moment > from).await;
        }
        let [one, two, three] = boards.each_ref().map(|board| figures(shown(&board.state)));
        let called = one["callbacks"].as_array().is_some_and(|rows| !rows.is_empty());
        if called && one == two && one == three {
            break;
        }
        assert!(clock::moment() < end, "one: {one}\ntwo: {two}\nthree: {three}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_come_to_either_relay_or_to_both_count_once_on_every_board() {
    let Some(nats) = Nats::start("events count once") else { return };
    let relays = [(); 2].map(|()| Relay::start(&events_alone(), &nats.url()));
    let events = events(0..120);
    let oracle = oracle(&events);
    let mut boards = [relays[0].board(), relays[1].board(), board(&nats.url(), None, true)];
    for (index, event) in events.iter().enumerate() {
        assert!(relays[index % 2].post(event).await);
        if index % 3 == 0 {
            assert!(relays[(index + 1) % 2].post(event).await);
        }
    }
    for board in &mut boards {
        board.until("each event once", |state| is_oracle(state, &oracle)).await;
    }
    for relay in &relays {
        relay.until("relay_nats_outbox", 0).await;
        relay.until("relay_events", 120).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_whom_the_server_lets_see_masked_numbers_sees_no_others() {
    let users = r#"
        authorization { users = [
          { user: relay, password: "relay-5d0c" }
          { user: wall, password: "wall-77ab", permissions: {
              publish: [
                "$JS.API.STREAM.INFO.KV_floorwalker_masked"
                "$JS.API.DIRECT.GET.KV_floorwalker_masked.>"
                "$JS.API.DIRECT.GET.FLOORWALKER_FACTS_MASKED"
                "$JS.API.DIRECT.GET.FLOORWALKER_FACTS_MASKED.>"
              ]
              subscribe: ["_INBOX_wall.>", "floorwalker.facts.masked"] } }
        ] }"#;
    let Some(nats) = Nats::with("a user sees masked numbers", users) else { return };
    let own = format!("nats://relay@{}\"\nnats_token = \"relay-5d0c", nats.address);
    let relay = Relay::start(&events_alone(), &own);
    let call = events(0..8);
    for event in &call {
        assert!(relay.post(event).await);
    }
    let calls = |state: &State| world(state).is_some_and(|world| world.calls.values().count() == 2);
    let wall = format!("nats://wall@{}", nats.address);
    let mut masked = board(&wall, Some("wall-77ab"), false);
    masked.until("the calls", calls).await;
    let mut open = relay.board();
    open.until("the calls", calls).await;
    let number = "+358405550142";
    assert!(shown(&open.state).to_string().contains(number), "somebody may see it");
    assert!(!format!("{:?}", masked.state.floor).contains(number));
    // The same user asks for the other form.
    let mut curious = board(&wall, Some("wall-77ab"), true);
    let refused = |state: &State| state.log.iter().any(|line| line.text.contains("bucket"));
    curious.until("refused", refused).await;
    assert!(world(&curious.state).is_none());
    assert!(can_aim_a_consumer(&nats, "relay", "relay-5d0c").await, "a user without limits can");
    assert!(!can_aim_a_consumer(&nats, "wall", "wall-77ab").await, "a wall must not");
    let mut stranger = board(&wall, Some("wall-77ac"), false);
    let refused =
        |state: &State| state.log.iter().any(|line| line.text.contains("refuses the user"));
    stranger.until("refused", refused).await;
    for secret in ["relay-5d0c", "wall-77ab", "wall-77ac"] {
        assert!(!relay.log().contains(secret));
        assert!(!format!("{:?}{:?}", stranger.state.log, masked.state.floor).contains(secret));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_a_private_certificate_is_trusted_by_its_ca_alone() {
    let fixture = |name: &str| {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
    };
    let (cert, key) = (fixture("good.pem"), fixture("server.key.pem"));
    let tls = format!("tls {{ cert_file: {cert:?}, key_file: {key:?} }}");
    let Some(nats) = Nats::with("a server with a private certificate", &tls) else { return };
    let url = format!("tls://localhost:{}", nats.address.port());
    let stranger = Relay::start(&events_alone(), &url);
    let own = format!("{url}\"\nnats_ca_file = \"{}", fixture("ca.pem").display());
    let relay = Relay::start(&events_alone(), &own);
    relay.until("relay_nats_connected", 1).await;
    assert_eq!(stranger.gauge("relay_nats_connected").await, Some(0));
}

/// Whether a user can have the server publish facts on the subject of actions.
async fn can_aim_a_consumer(nats: &Nats, user: &str, password: &str) -> bool {
    let options = async_nats::ConnectOptions::new()
        .user_and_password(user.to_owned(), password.to_owned())
        .custom_inbox_prefix(format!("_INBOX_{user}"))
        .request_timeout(Some(Duration::from_secs(1)));
    let client = options.connect(nats.url()).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let Ok(stream) = jetstream.get_stream_no_info("FLOORWALKER_FACTS_MASKED").await else {
        return false;
    };
    let config = async_nats::jetstream::consumer::push::Config {
        deliver_subject: "floorwalker.action".to_owned(),
        ..Default::default()
    };
    stream.create_consumer(config).await.is_ok()
}

/// Logs somebody out on a board of a relay that follows; what came of it, and whether the board shows it.
async fn log_out(nats: &Nats, url: &str) -> Outcome {
    let simulator = still().await;
    // Only who is asked reads again within the test.
    let seldom = simulator.config().replace("poll = \"5s\"", "poll = \"5m\"");
    let seldom = seldom.replace("poll_agents = \"10s\"", "poll_agents = \"5m\"");
    assert!(url.contains(&nats.address.to_string()));
    let first = Relay::start(&seldom, url);
    first.until("relay_leads", 1).await;
    let second = Relay::start(&seldom, url);
    let mut board = second.board();
    board.until("all sources", all_fresh).await;
    let hq = SourceName::new("hq");
    let world = board.state.floor.world(&hq).unwrap();
    let seat = |agent: &Agent| {
        let seat = agent.memberships.iter().find(|own| own.logged_in == Some(true))?;
        Some((agent.id.clone()?, seat.queue.clone()))
    };
    let (agent, queue) = world.agents.values().find_map(seat).unwrap();
    let command = operations::Command {
        id: CommandId(1),
        source: hq.clone(),
        request: Request::LogOut { queue, agent: Some(agent) },
        target: Shown::clean("somebody"),
        place: Shown::clean("a queue"),
    };
    let handle = SourceHandle::of(&board.handles, &hq).unwrap();
    let outcome = handle.execute(command.clone()).await;
    if outcome == Outcome::Done {
        board.until("the log-out", |state| command.shows_in(&state.floor)).await;
        let [own, other] = [&second, &first].map(Relay::audit);
        assert_eq!(own, "", "it is the other's");
        assert_eq!(other.lines().filter(|line| line.contains("\"desk\"")).count(), 2, "{other}");
    }
    assert_eq!(second.gauge("relay_leads").await, Some(0));
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_through_a_relay_that_follows_is_carried_out_by_the_one_that_leads() {
    let user = "authorization { users = [ { user: relay, password: \"relay-5d0c\" } ] }";
    let test = "an action through a relay that follows";
    let Some(nats) = Nats::with(test, user) else { return };
    let own = format!("nats://relay@{}\"\nnats_token = \"relay-5d0c", nats.address);
    assert_eq!(log_out(&nats, &own).await, Outcome::Done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_every_board_may_speak_as_a_relay_does_no_action_is_passed_on() {
    let Some(nats) = Nats::start("no action is passed on") else { return };
    let Outcome::Failed(why) = log_out(&nats, &nats.url()).await else { panic!("it was sent") };
    assert!(why.contains("names a user"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_nats_nobody_acts() {
    let Some(nats) = Nats::start("over NATS nobody acts") else { return };
    let _relay = Relay::start(&events_alone(), &nats.url());
    let mut board = board(&nats.url(), None, false);
    board.until("the source", |state| world(state).is_some()).await;
    let helsinki = SourceName::new("helsinki");
    let command = operations::Command {
        id: CommandId(1),
        source: helsinki.clone(),
        request: Request::RemoveEntry { entry: EntryId::new("1") },
        target: Shown::clean("an entry"),
        place: Shown::clean("a service"),
    };
    let handle = SourceHandle::of(&board.handles, &helsinki).unwrap();
    let Outcome::Failed(why) = handle.execute(command).await else { panic!("it was sent") };
    assert!(why.contains("only reads"), "{why}");
}
