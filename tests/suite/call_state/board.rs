//! A board of one Telepo source beside the simulator, whose time stands still until it is moved.

use std::collections::BTreeSet;
use std::time::Duration;

use floorwalker::clock;
use floorwalker::event::{Event, Stamped};
use floorwalker::floor::World;
use floorwalker::floor::agent::Agent;
use floorwalker::floor::call::Call;
use floorwalker::floor::id::{AgentId, AgentKey, SourceName};
use floorwalker::keymap::Keymap;
use floorwalker::operations::Access;
use floorwalker::simulator::centre::{self, Centre};
use floorwalker::simulator::scenario::Vendor;
use floorwalker::simulator::{self, Settings, Simulator};
use floorwalker::source::gaze::Looked;
use floorwalker::source::{SourceHandle, spawn_all};
use floorwalker::state::State;
use floorwalker::transport::poll::Beat;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long anything may take in these tests before it counts as never.
pub const LIMIT: Duration = Duration::from_secs(20);

/// A board of one Telepo source, without a terminal.
pub struct Board {
    pub simulator: Simulator,
    pub state: State,
    pub handles: Vec<SourceHandle>,
    facts: mpsc::Receiver<Stamped>,
    beat: Beat,
    seconds: tokio::time::Interval,
    _stop: DropGuard,
}

impl Board {
    pub async fn open(settings: Settings) -> Self {
        Self::few(settings, 64).await
    }

    /// The same, with so many streams at most.
    pub async fn few(settings: Settings, streams: usize) -> Self {
        Self::with(settings, |config| {
            config.replacen("poll = ", &format!("max_streams = {streams}\npoll = "), 1)
        })
        .await
    }

    /// The same, with another configuration.
    pub async fn with(settings: Settings, change: impl FnOnce(String) -> String) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let simulator = simulator::start(Settings { speed: 0.0, ..settings }).await.unwrap();
        let config = floorwalker::config::Config::parse(&change(simulator.config()), true).unwrap();
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

    pub fn look(&self, selected: &[AgentId], shown: &[AgentId]) {
        let (selected, shown) = (selected.to_vec(), shown.to_vec());
        self.handles[0].look(Looked { selected, shown, ..Looked::default() });
    }

    /// Takes in a fact, or a moment that passes.
    pub async fn step(&mut self) {
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
    pub async fn until(&mut self, what: &str, mut done: impl FnMut(&State) -> bool) -> Duration {
        let began = clock::moment();
        while !done(&self.state) {
            assert!(clock::moment().since(began) < LIMIT, "not within {LIMIT:?}: {what}");
            self.step().await;
        }
        clock::moment().since(began)
    }

    /// Goes on until so many streams are open.
    pub async fn until_open(&mut self, streams: usize) {
        let began = clock::moment();
        while self.simulator.streams().open < streams {
            let open = self.simulator.streams().open;
            assert!(clock::moment().since(began) < LIMIT, "{open} open of {streams}");
            self.step().await;
        }
    }

    /// Goes on until a call of that person has a stream of its own.
    pub async fn until_call(&mut self, who: &AgentId) {
        let prefix = format!("call/{}/", user(who));
        self.until_streams(|names| names.iter().any(|name| name.starts_with(&prefix))).await;
    }

    /// Goes on until the streams are like that.
    pub async fn until_streams(&mut self, done: impl Fn(&[String]) -> bool) {
        let began = clock::moment();
        while !done(&self.simulator.streams().names) {
            let names = self.simulator.streams().names;
            assert!(clock::moment().since(began) < LIMIT, "open: {names:?}");
            self.step().await;
        }
    }

    /// Lets the floor live until a call of Telepo is at `phase`; the call and its agent.
    pub fn live_until(&self, wanted: impl Fn(&Centre, &centre::Call) -> bool) -> (u64, AgentId) {
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

    pub async fn phase(
        &mut self,
        what: &str,
        wanted: impl Fn(&Call, &Agent) -> bool,
        who: &AgentId,
    ) {
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

pub fn world(state: &State) -> &World {
    state.floor.world(&SourceName::new("hq")).unwrap()
}

pub fn agent_of(call: &centre::Call) -> Option<usize> {
    match call.phase {
        centre::Phase::Alerting { agent } | centre::Phase::Connected { agent } => Some(agent),
        centre::Phase::Waiting | centre::Phase::Parked { .. } => None,
    }
}

pub fn id(agent: &centre::Agent) -> AgentId {
    AgentId::new(format!("{}@example.com", agent.user()))
}

pub fn rings(_: &Centre, call: &centre::Call) -> bool {
    matches!(call.phase, centre::Phase::Alerting { .. }) && call.id % 4 != 1
}

pub fn talks(_: &Centre, call: &centre::Call) -> bool {
    matches!(call.phase, centre::Phase::Connected { .. }) && call.id % 4 != 1
}

/// The name of somebody without the domain.
pub fn user(who: &AgentId) -> &str {
    who.raw().split('@').next().unwrap()
}
