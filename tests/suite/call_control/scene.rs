//! A board on a simulated Telepo whose time stands still, and the hand on its keys.

use std::sync::Arc;
use std::time::Duration;

use floorwalker::audit::Audit;
use floorwalker::clock;
use floorwalker::config::Config;
use floorwalker::event::{Event, Press, SourceEvent, Stamped};
use floorwalker::floor::World;
use floorwalker::floor::id::{AgentId, AgentKey, CallId, SourceName};
use floorwalker::floor::time::{Moment, Told};
use floorwalker::keymap::Keymap;
use floorwalker::operations::{Access, Command, Outcome, Pending, Stage};
use floorwalker::runtime::Dispatcher;
use floorwalker::simulator::centre::{AgentState, Call, Centre};
use floorwalker::simulator::scenario::Vendor;
use floorwalker::simulator::{self, Simulator};
use floorwalker::source::telepo::legs::Legs;
use floorwalker::source::telepo::map::Tables;
use floorwalker::source::telepo::state::user_calls;
use floorwalker::source::{SourceHandle, spawn_all};
use floorwalker::state::{Dialog, Effect, State};
use floorwalker::table::RowId;
use floorwalker::transport::lenient::Tally;
use floorwalker::transport::poll::Beat;
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::eyes;
use crate::support::scripted::LIMIT;

/// Board, source, centre.
pub struct Scene {
    pub simulator: Simulator,
    pub state: State,
    pub handles: Vec<SourceHandle>,
    pub folder: tempfile::TempDir,
    dispatcher: Dispatcher,
    facts: mpsc::Receiver<Stamped>,
    stop: CancellationToken,
    client: Client,
    legs: Legs,
    /// When the last key went down.
    pressed: Moment,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Somebody who talks, and the call.
#[derive(Debug, Clone)]
pub struct Talker {
    pub user: String,
    pub call: u64,
}

impl Scene {
    pub async fn open() -> Self {
        Self::of(Access::Full, |config| config).await
    }

    /// The same with another configuration.
    pub async fn of(access: Access, change: impl FnOnce(String) -> String) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = simulator::Settings { speed: 0.0, ..simulator::Settings::default() };
        let simulator = simulator::start(settings).await.unwrap();
        let config = simulator.config();
        let telepo =
            config.split("[[source]]").nth(1).unwrap().replace("poll = \"5s\"", "poll = \"1s\"");
        let config = Config::parse(&change(format!("[[source]]{telepo}")), true).unwrap();
        let (sender, facts) = mpsc::channel(1_024);
        let stop = CancellationToken::new();
        let handles =
            spawn_all(&config.sources, access, &sender, &stop, Some(&Beat::new())).unwrap();
        let sources = config.sources.iter().map(|own| (own.name.clone(), own.kind()));
        let state = State::new(sources, access, Keymap::standard(access), clock::now());
        let folder = tempfile::tempdir().unwrap();
        let audit = Arc::new(Audit::open(&folder.path().join("audit.jsonl")).unwrap());
        let dispatcher = Dispatcher::new(handles.clone(), audit, sender);
        let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let legs = Legs::default();
        let mut scene = Self {
            simulator,
            state,
            handles,
            folder,
            dispatcher,
            facts,
            stop,
            client,
            legs,
            pressed: Moment::default(),
        };
        scene
            .until("the floor and the own user", |state| {
                let world = world(state);
                !world.agents.is_empty()
                    && !world.queues.is_empty()
                    && world.own.as_ref().is_some_and(|own| own.devices.is_some())
            })
            .await;
        scene
    }

    /// Takes facts in until that holds.
    pub async fn until(&mut self, what: &str, done: impl Fn(&State) -> bool) {
        let end = tokio::time::sleep(LIMIT);
        tokio::pin!(end);
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        while !done(&self.state) {
            let fact = tokio::select! {
                () = &mut end => panic!("not {what}: {:?} {:?}", self.state.log, self.state.pending),
                Some(fact) = self.facts.recv() => fact,
                _ = tick.tick() => {
                    let now = clock::now();
                    Stamped { at: now.moment, event: Event::Tick(now) }
                }
            };
            self.state.apply(fact);
        }
    }

    /// Keys with a space between them; what they send is sent. A question is read before it is answered.
    pub fn press(&mut self, keys: &str) -> usize {
        let mut sent = 0;
        for key in keys.split(' ') {
            let at = clock::moment().max(self.pressed);
            let (at, effects) = eyes::press(&mut self.state, at, key.parse().unwrap());
            self.pressed = at;
            for effect in effects {
                if let Effect::Send(command) = effect {
                    self.dispatcher.send(command);
                    sent += 1;
                }
            }
        }
        sent
    }

    /// Sends a command past every question.
    pub async fn execute(&self, command: Command) -> Outcome {
        self.handles[0].execute(command).await
    }

    /// Opens the agents with the hand on somebody.
    pub fn select(&mut self, user: &str) {
        self.press("2 g");
        let row = RowId::Agent(SourceName::new("hq"), key(user));
        for _ in 0..self.state.order().len() {
            if self.state.selected() == Some(&row) {
                return;
            }
            self.press("down");
        }
        panic!("{user} is not among {:?}", self.state.order());
    }

    /// Chooses what the call of the selected agent offers under these words.
    pub fn choose(&mut self, words: &str) {
        self.press("C");
        let Some(Dialog::Picker(picker)) = &self.state.screen.dialog else {
            panic!("no menu: {:?}", self.state.notice)
        };
        let place = picker.items.iter().position(|item| item.starts_with(words));
        let place = place.unwrap_or_else(|| panic!("{words} is not among {:?}", picker.items));
        for _ in 0..place {
            self.press("down");
        }
        self.press("enter");
    }

    pub fn write(&mut self, text: &str) {
        for c in text.chars() {
            let event = Event::Key(Press::char(c));
            self.state.apply(Stamped { at: clock::moment(), event });
        }
    }

    /// Reads somebody's calls by the wire, and tells them to the board.
    pub async fn look_at(&mut self, user: &str) {
        let answer = self.get(&format!("/callstate/user/example.com/{user}")).await;
        let now = clock::now();
        let told = Told::now(&now, 0);
        let calls = user_calls(&answer, &mut Tally::default()).unwrap().unwrap();
        let tables = Tables::new("example.com", [].into());
        let user = AgentId::new(format!("{user}@example.com"));
        if let Some(delta) = self.legs.tell(&user, told, calls, &tables) {
            let event = Event::Source { source: "hq".into(), event: SourceEvent::Delta(delta) };
            self.state.apply(Stamped { at: now.moment, event });
        }
    }

    pub async fn get(&self, path: &str) -> Value {
        let url = format!("http://{}/telepo/api{path}", self.simulator.address());
        let request = self.client.request(Method::GET, url).bearer_auth("sim-ticket");
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Somebody who talks, whose call is of that kind; the board is told of it.
    pub async fn talker(&mut self, wanted: impl Fn(&Centre, &Call) -> bool) -> Talker {
        let talker = self.simulator.change(|centre| {
            let mut talkers = centre.agents().iter().filter_map(|agent| {
                let AgentState::Talking { call } = agent.state() else { return None };
                let call = centre.call(call).filter(|call| wanted(centre, call))?;
                (agent.vendor() == Vendor::Telepo)
                    .then(|| Talker { user: agent.user().to_owned(), call: call.id })
            });
            talkers.next().expect("somebody talks")
        });
        self.look_at(&talker.user).await;
        self.select(&talker.user);
        talker
    }

    /// Somebody at whom a call rings, and the call.
    pub fn ringing(&self) -> (String, u64) {
        self.simulator.change(|centre| {
            loop {
                let mut all = centre.agents().iter();
                let found = all.find_map(|own| match own.state() {
                    AgentState::Alerting { call } if own.vendor() == Vendor::Telepo => {
                        Some((own.user().to_owned(), call))
                    }
                    _ => None,
                });
                match found {
                    Some(found) => return found,
                    None => centre.advance(Duration::from_secs(1)),
                }
            }
        })
    }

    /// A call as the centre has it.
    pub fn call(&self, id: u64) -> Option<Call> {
        self.simulator.change(|centre| centre.call(id).cloned())
    }

    pub fn pending(&self) -> &Pending {
        self.state.pending.last().expect("a command")
    }

    /// Waits until the newest command is at that word.
    pub async fn word(&mut self, word: &str) {
        let what = format!("{word} but {:?}", self.state.pending);
        self.until(&what, |state| state.pending.last().is_some_and(|own| own.word() == word)).await;
    }

    /// Waits until the vendor has accepted the newest command.
    pub async fn accepted(&mut self) {
        let accepted =
            |state: &State| state.pending.last().is_some_and(|own| own.stage == Stage::Accepted);
        self.until("accepted", accepted).await;
    }

    /// The lines of the audit log.
    pub fn audit(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("audit.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub fn key(user: &str) -> AgentKey {
    AgentKey::new(format!("{user}@example.com"))
}

pub fn world(state: &State) -> &World {
    state.floor.world(&SourceName::new("hq")).unwrap()
}

/// The row of a call of the centre.
pub fn row(call: &Call) -> CallId {
    CallId::new(format!("c{}-{}", call.id, call.handling.leg))
}
