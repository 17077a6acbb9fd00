//! A Telepo system of the simulator, and a board whose state the real source drives.

use std::time::Duration;

use floorwalker::clock;
use floorwalker::config::Config;
use floorwalker::event::{Event, Stamped};
use floorwalker::floor::World;
use floorwalker::floor::id::SourceName;
use floorwalker::floor::time::Moment;
use floorwalker::keymap::Keymap;
use floorwalker::operations::{Access, Command, Outcome};
use floorwalker::simulator::{self, Settings, Simulator};
use floorwalker::source::{SourceHandle, spawn_all};
use floorwalker::state::{Effect, State};
use floorwalker::transport::keep::Keep;
use floorwalker::transport::poll::Beat;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::eyes;
use crate::support::scripted::LIMIT;

/// Every API that a ticket of the board is for.
pub const APIS: [&str; 7] = [
    "ACD",
    "CALLS",
    "CALL_CONTROL",
    "CONTACT_SEARCH",
    "DISTRIBUTION_GROUP",
    "QUEUE_STATISTICS",
    "USER",
];

/// The system, and who looks at it.
pub struct Town {
    pub state: State,
    _simulator: Simulator,
    pub handles: Vec<SourceHandle>,
    facts: mpsc::Receiver<Stamped>,
    stop: CancellationToken,
    /// When the last key went down.
    pressed: Moment,
}

impl Drop for Town {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The config file of the first of a simulator's sources, Telepo's.
pub fn config_of(simulator: &Simulator) -> String {
    format!("[[source]]{}", simulator.config().split("[[source]]").nth(1).unwrap())
}

impl Town {
    /// On a floor that stands still, with the ticket that opens everything.
    pub async fn open() -> Self {
        Self::with(|config| config).await
    }

    /// The same with another config file for the system.
    pub async fn with(change: impl FnOnce(String) -> String) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = Settings { speed: 0.0, ..Settings::default() };
        let simulator = simulator::start(settings).await.unwrap();
        Self::on(simulator, None, change)
    }

    /// On that system, with what was signed in with.
    pub fn on(
        simulator: Simulator,
        keep: Option<&Keep>,
        change: impl FnOnce(String) -> String,
    ) -> Self {
        let mut config = Config::parse(&change(config_of(&simulator)), true).unwrap();
        if let Some(keep) = keep {
            config.keep(keep);
        }
        let (sender, facts) = mpsc::channel(1_024);
        let stop = CancellationToken::new();
        let beat = Beat::new();
        let handles =
            spawn_all(&config.sources, Access::Full, &sender, &stop, Some(&beat)).unwrap();
        let sources = config.sources.iter().map(|source| (source.name.clone(), source.kind()));
        let keymap = Keymap::standard(Access::Full);
        let state = State::new(sources, Access::Full, keymap, clock::now());
        Self { state, _simulator: simulator, handles, facts, stop, pressed: Moment::default() }
    }

    /// What the system told.
    pub fn world(&self) -> &World {
        self.state.floor.world(&SourceName::new("hq")).unwrap()
    }

    /// Takes facts in until that holds.
    pub async fn until(&mut self, what: &str, done: impl Fn(&State, &World) -> bool) {
        let end = tokio::time::sleep(LIMIT);
        tokio::pin!(end);
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        while !done(&self.state, self.world()) {
            let fact = tokio::select! {
                () = &mut end => panic!("not {what}: {:?} {:?}", self.state.log, self.state.notice),
                Some(fact) = self.facts.recv() => fact,
                _ = tick.tick() => {
                    let now = clock::now();
                    Stamped { at: now.moment, event: Event::Tick(now) }
                }
            };
            self.state.apply(fact);
        }
    }

    /// Keys with a space between them. A question is read before it is answered.
    pub fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in keys.split(' ') {
            let at = clock::moment().max(self.pressed);
            let (at, own) = eyes::press(&mut self.state, at, key.parse().unwrap());
            self.pressed = at;
            effects.extend(own);
        }
        effects
    }

    /// Carries a command out as the board does: its end is a fact, and then everything is read again.
    pub async fn carry_out(&mut self, command: Command) -> Outcome {
        let id = command.id;
        let outcome = self.handles[0].execute(command).await;
        let event = Event::Finished { id, outcome: outcome.clone() };
        self.state.apply(Stamped { at: clock::moment(), event });
        self.handles[0].retry();
        outcome
    }
}
