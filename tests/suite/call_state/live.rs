//! A board beside the simulator: calls that are followed as they go, and streams that stay within their budget.

use std::collections::BTreeSet;
use std::time::Duration;

use floorwalker::clock;
use floorwalker::command::Access;
use floorwalker::event::{Event, Stamped};
use floorwalker::floor::World;
use floorwalker::floor::agent::{Agent, AgentState};
use floorwalker::floor::call::{Call, Phase};
use floorwalker::floor::id::{AgentId, AgentKey, FeedName, SourceName};
use floorwalker::floor::link::Link;
use floorwalker::floor::time::Moment;
use floorwalker::keymap::Keymap;
use floorwalker::simulator::centre::{self, Centre, Handle, Intruder};
use floorwalker::simulator::scenario::Vendor;
use floorwalker::simulator::{self, Licences, Settings, Simulator, Size};
use floorwalker::source::gaze::Looked;
use floorwalker::source::poll::Beat;
use floorwalker::source::{SourceHandle, spawn_all};
use floorwalker::state::State;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long anything may take in these tests before it counts as never.
const LIMIT: Duration = Duration::from_secs(20);

/// A board of one Telepo source, without a terminal.
struct Board {
    simulator: Simulator,
    state: State,
    handles: Vec<SourceHandle>,
    facts: mpsc::Receiver<Stamped>,
    beat: Beat,
    seconds: tokio::time::Interval,
    _stop: DropGuard,
}

impl Board {
    async fn open(settings: Settings) -> Self {
        let simulator = simulator::start(Settings { speed: 0.0, ..settings }).await.unwrap();
        let config = floorwalker::config::Config::parse(&simulator.config(), true).unwrap();
        let mut sources = config.sources;
        sources.retain(|source| source.name == SourceName::new("hq"));
        let (sender, facts) = mpsc::channel(1_024);
        let (stop, beat) = (CancellationToken::new(), Beat::new());
        let handles = spawn_all(&sources, Access::ReadOnly, &sender, &stop, Some(&beat)).unwrap();
        let kinds = sources.iter().map(|source| (source.name.clone(), source.kind()));
        let keymap = Keymap::standard(Access::ReadOnly);
        let state = State::new(kinds, Access::ReadOnly, keymap, clock::now());
        let seconds = tokio::time::interval(Duration::from_millis(250));
        let guard = stop.drop_guard();
        let mut board = Self { simulator, state, handles, facts, beat, seconds, _stop: guard };
        board.until("agents", |state| !world(state).agents.is_empty()).await;
        board
    }

    fn look(&self, selected: &[AgentId], shown: &[AgentId]) {
        let (selected, shown) = (selected.to_vec(), shown.to_vec());
        self.handles[0].look(Looked { selected, shown, ..Looked::default() });
    }

    /// Takes in a fact, or a moment that passes.
    async fn step(&mut self) {
        tokio::select! {
            Some(fact) = self.facts.recv() => drop(self.state.apply(fact)),
            _ = self.seconds.tick() => {
                let now = clock::now();
                self.state.apply(Stamped { at: now.moment, event: Event::Tick(now) });
                self.beat.beat();
            }
        }
    }

    /// Takes facts in until `done`; how long that took.
    async fn until(&mut self, what: &str, mut done: impl FnMut(&State) -> bool) -> Duration {
        let began = clock::moment();
        while !done(&self.state) {
            assert!(clock::moment().since(began) < LIMIT, "not within {LIMIT:?}: {what}");
            self.step().await;
        }
        clock::moment().since(began)
    }

    /// Goes on until so many streams are open.
    async fn until_open(&mut self, streams: usize) {
        let began = clock::moment();
        while self.simulator.streams().open < streams {
            let open = self.simulator.streams().open;
            assert!(clock::moment().since(began) < LIMIT, "{open} open of {streams}");
            self.step().await;
        }
    }

    /// Lets the floor live until a call of Telepo is at `phase`; the call and its agent.
    fn live_until(&self, wanted: impl Fn(&Centre, &centre::Call) -> bool) -> (u64, AgentId) {
        self.simulator.change(|floor| {
            for _ in 0..20_000 {
                let telepo: BTreeSet<usize> =
                    floor.queues_of(Vendor::Telepo).map(|(place, _)| place).collect();
                let calls = floor.calls().filter(|call| telepo.contains(&call.queue));
                if let Some(call) = calls.into_iter().find(|call| wanted(floor, call))
                    && let Some(agent) = agent_of(call)
                {
                    return (call.id, id(&floor.agents()[agent]));
                }
                floor.advance(Duration::from_millis(200));
            }
            panic!("no such call")
        })
    }

    async fn phase(&mut self, what: &str, wanted: impl Fn(&Call, &Agent) -> bool, who: &AgentId) {
        let took = self
            .until(what, |state| {
                let agent = &world(state).agents[&AgentKey::new(who.raw())];
                let mut calls = world(state).calls.values();
                calls.any(|call| {
                    call.leg.as_ref().is_some_and(|leg| leg.value.user == *who)
                        && wanted(call, agent)
                })
            })
            .await;
        assert!(took <= Duration::from_secs(1), "{what} was seen after {took:?}");
    }
}

fn world(state: &State) -> &World {
    state.floor.world(&SourceName::new("hq")).unwrap()
}

fn agent_of(call: &centre::Call) -> Option<usize> {
    match call.phase {
        centre::Phase::Alerting { agent } | centre::Phase::Connected { agent } => Some(agent),
        centre::Phase::Waiting | centre::Phase::Parked { .. } => None,
    }
}

fn id(agent: &centre::Agent) -> AgentId {
    AgentId::new(format!("{}@example.com", agent.user()))
}

fn rings(_: &Centre, call: &centre::Call) -> bool {
    matches!(call.phase, centre::Phase::Alerting { .. }) && call.id % 4 != 1
}

fn talks(_: &Centre, call: &centre::Call) -> bool {
    matches!(call.phase, centre::Phase::Connected { .. }) && call.id % 4 != 1
}

#[tokio::test]
async fn a_call_is_followed_from_ringing_to_wrap_up() {
    let mut board = Board::open(Settings::default()).await;
    let (call, who) = board.live_until(rings);
    board.look(std::slice::from_ref(&who), &[]);
    board
        .until("the call", |state| {
            world(state).agents[&AgentKey::new(who.raw())].state == AgentState::Reserved
        })
        .await;
    // The lamp, the call, and whether the person is there.
    board.until_open(3).await;
    let connected = |floor: &mut Centre| {
        while !matches!(floor.call(call).unwrap().phase, centre::Phase::Connected { .. }) {
            floor.advance(Duration::from_millis(100));
        }
    };
    board.simulator.change(connected);
    board
        .phase(
            "connected",
            |call, agent| {
                call.phase == Some(Phase::Connected) && agent.state == AgentState::Talking
            },
            &who,
        )
        .await;
    for (handle, phase, state) in [
        (Handle::Hold, Phase::Held, AgentState::Holding),
        (Handle::Resume, Phase::Connected, AgentState::Talking),
    ] {
        assert!(board.simulator.change(|floor| floor.handle(call, handle)));
        let seen = |call: &Call, agent: &Agent| call.phase == Some(phase) && agent.state == state;
        board.phase("hold", seen, &who).await;
    }
    assert!(board.simulator.change(|floor| floor.handle(call, Handle::Clear)));
    board
        .phase(
            "wrap-up",
            |call, agent| {
                call.phase == Some(Phase::Ended)
                    && agent.state == AgentState::NotReady
                    && agent.reason.as_deref() == Some("Wrap-up")
            },
            &who,
        )
        .await;
}

#[tokio::test]
async fn parking_passing_on_and_breaking_in_show_as_such() {
    let mut board = Board::open(Settings::default()).await;
    let (call, who) = board.live_until(talks);
    board.look(std::slice::from_ref(&who), &[]);
    board
        .until("the call", |state| {
            world(state).agents[&AgentKey::new(who.raw())].state == AgentState::Talking
        })
        .await;
    board.until_open(3).await;
    let supervisor = board.simulator.change(|floor| {
        let position = floor.agents().iter().position(|own| own.user() == "supervisor").unwrap();
        let who = Intruder { agent: position, how: "WHISPER" };
        assert!(floor.handle(call, Handle::Intrude(Some(who))));
        format!(
            "{} {}",
            floor.agents()[position].first_name(),
            floor.agents()[position].last_name()
        )
    });
    let by = format!("{supervisor} (whisper)");
    board.phase("supervised", |call, _| call.supervised_by.as_deref() == Some(&by), &who).await;
    assert!(board.simulator.change(|floor| floor.handle(call, Handle::Mute(true))));
    board.phase("muted", |call, _| call.muted == Some(true), &who).await;
    assert!(board.simulator.change(|floor| floor.handle(call, Handle::Park)));
    board.phase("parked", |call, _| call.phase == Some(Phase::Parked), &who).await;
    let free = board.simulator.change(|floor| {
        let free = |own: &centre::Agent| {
            own.vendor() == Vendor::Telepo && own.state() == centre::AgentState::Idle
        };
        (0..floor.agents().len()).find(|place| free(&floor.agents()[*place])).unwrap()
    });
    let other = board.simulator.change(|floor| {
        assert!(floor.handle(call, Handle::PickUp(free)));
        id(&floor.agents()[free])
    });
    board.look(std::slice::from_ref(&other), &[]);
    board
        .phase(
            "picked up",
            |call, agent| {
                call.phase == Some(Phase::Connected) && agent.state == AgentState::Talking
            },
            &other,
        )
        .await;
}

#[tokio::test]
async fn without_the_licence_the_feed_says_so_the_rest_works_and_lamps_tell_of_calls() {
    let settings = Settings { licences: Licences::None, ..Settings::default() };
    let mut board = Board::open(settings).await;
    let (_, who) = board.live_until(talks);
    board.look(std::slice::from_ref(&who), &[]);
    board
        .until("the refusal", |state| {
            let feed = world(state).feed(&FeedName::new("calls"));
            let error = feed.and_then(|feed| feed.error());
            error.is_some_and(|error| error.contains("Cloud CTI"))
        })
        .await;
    board
        .until("the line state", |state| {
            world(state).agents[&AgentKey::new(who.raw())].state == AgentState::Talking
        })
        .await;
    let link = world(&board.state).link(&board.state.now);
    assert!(link.is_fresh(), "{link:?}");
    assert_ne!(link, Link::Unauthorized);
}

#[tokio::test]
async fn where_some_have_no_licence_the_others_are_followed() {
    let settings = Settings { licences: Licences::Some, ..Settings::default() };
    let mut board = Board::open(settings).await;
    let took = board
        .until("everybody's turn", |state| {
            let feed = world(state).feed(&FeedName::new("calls")).unwrap();
            feed.error().is_some_and(|error| error.contains("not followed"))
                && world(state).calls.values().any(|call| call.phase == Some(Phase::Connected))
        })
        .await;
    assert!(took < LIMIT);
}

/// Ten thousand agents, of whom forty are on the screen at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scrolling_through_ten_thousand_agents_stays_within_the_budget() {
    let settings = Settings { size: Size::Large, ..Settings::default() };
    let mut board = Board::open(settings).await;
    let everybody: Vec<AgentId> =
        world(&board.state).agents.values().filter_map(|agent| agent.id.clone()).collect();
    assert!(everybody.len() >= 9_000, "{}", everybody.len());
    // From top to bottom, a page every fifth of a second.
    for page in 0..40 {
        let from = everybody.len() * page / 40;
        let shown = &everybody[from..(from + 40).min(everybody.len())];
        board.look(&shown[..1], &shown[1..]);
        let until = clock::moment().after(Duration::from_millis(200));
        board.until("the next page", |_| clock::moment() >= until).await;
    }
    let last = everybody[everybody.len() - 40..].to_vec();
    board.look(&last[..1], &last[1..]);
    let settled = clock::moment();
    let in_calls: Vec<(AgentId, bool)> = board.simulator.change(|floor| {
        let busy: BTreeSet<AgentId> =
            floor.calls().filter_map(agent_of).map(|agent| id(&floor.agents()[agent])).collect();
        last.iter().map(|own| (own.clone(), busy.contains(own))).collect()
    });
    board
        .until("what is on the screen", |state| {
            in_calls.iter().filter(|(_, busy)| *busy).all(|(own, _)| {
                let agent = &world(state).agents[&AgentKey::new(own.raw())];
                !agent.presence.calls.is_empty()
            })
        })
        .await;
    let fresh = clock::moment().since(settled);
    assert!(fresh <= Duration::from_secs(2), "fresh after {fresh:?}");
    board.until_open(40).await;
    let streams = board.simulator.streams();
    assert!(streams.most <= 63, "{} open at once", streams.most);
    let opened: Vec<Moment> = streams.opened;
    for (place, at) in opened.iter().enumerate() {
        let within =
            opened[place..].iter().take_while(|own| own.since(*at) < Duration::from_secs(1));
        let count = within.count();
        assert!(count <= 5, "{count} opened within a second");
    }
}
