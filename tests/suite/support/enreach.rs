//! Enreach's events as a test sends them, and what a world makes of them.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use floorwalker::event::SourceEvent;
use floorwalker::floor::agent::AgentState;
use floorwalker::floor::call::Call;
use floorwalker::floor::callback::CallbackList;
use floorwalker::floor::id::{AgentKey, CallId};
use floorwalker::floor::queue::Queue;
use floorwalker::floor::time::{Moment, Now};
use floorwalker::floor::{Kind, Part, World};
use floorwalker::source::enreach::events::map::Mapper;
use floorwalker::source::enreach::events::{self, Event, Malformed};
use floorwalker::source::enreach::wire;
use floorwalker::source::settings::EnreachSettings;
use floorwalker::transport::clock::SourceClock;
use floorwalker::transport::http::Url;
use floorwalker::transport::lenient::{Body, StatedTime, Tally};
use floorwalker::transport::secret::SecretSource;
use serde_json::{Value, json};

use crate::support::fixtures;

/// The queue, the person, the list and the inbound call of the fixtures.
pub const QUEUE: &str = "7d0c2f44-5a11-4f0e-9d36-0c5e3a9b1f01";
pub const AINO: &str = "7d0c2f44-5a11-4f0e-9d36-0c5e3a9b5a01";
pub const LIST: &str = "aa10c0de-0000-4000-8000-000000000901";
pub const CALL: &str = "7d0c2f44-5a11-4f0e-9d36-0c5e3a9bc001";
pub const CALLBACK: &str = "7d0c2f44-5a11-4f0e-9d36-0c5e3a9bcb01";

/// The settings of a source of events.
pub fn settings() -> EnreachSettings {
    EnreachSettings {
        username: "wall@example.com".to_owned(),
        secret_key: SecretSource::Literal("none".into()),
        api_url: None,
        discovery_url: Url::parse("https://discover.example/").unwrap(),
        poll: Duration::from_secs(10),
        callback_lists: None,
        queue_types: vec![4],
        max_wait_unit: 1.0,
        callback_list_names: Default::default(),
        time_zone: Some("Europe/Helsinki".to_owned()),
        webhook: None,
        clock: SourceClock::default(),
    }
}

/// The fixture of that event, as bytes.
pub fn bytes(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/enreach/events");
    std::fs::read(folder.join(format!("{name}.json"))).unwrap()
}

/// The fixture of that event, to change.
pub fn value(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap()
}

/// The fixture of that event with other properties, and an identity of its own.
pub fn with(name: &str, changes: &Value) -> Value {
    let mut value = value(name);
    for (key, change) in changes.as_object().unwrap() {
        value[key] = change.clone();
    }
    if changes.get("Id").is_none() {
        value["Id"] = json!(format!("{name}-{changes}"));
    }
    value
}

/// The fixture of that event at that second of the afternoon, with other properties.
pub fn at(name: &str, second: u32, mut changes: Value) -> Value {
    changes["Timestamp"] = json!(format!("2026-03-12T14:{:02}:{:02}Z", second / 60, second % 60));
    with(name, &changes)
}

/// The inbound call of the fixtures.
pub fn call(world: &World) -> &Call {
    world.calls.get(&CallId::new(CALL)).unwrap()
}

/// The state of the person of the fixtures.
pub fn aino(desk: &Desk) -> AgentState {
    desk.world.agents[&AgentKey::new(AINO)].state.clone()
}

/// Reads an event that comes an hour after the beginning of the fixtures' afternoon.
pub fn decoded(value: &Value, tally: &mut Tally) -> Result<Event, Malformed> {
    events::decode(value.to_string().as_bytes(), now().wall, tally)
}

/// Reads an event; nothing of it may be unknown.
pub fn read(value: &Value) -> Event {
    let mut tally = Tally::default();
    let event = decoded(value, &mut tally).unwrap();
    assert_eq!(tally.take(), None, "all of it is known");
    event
}

pub fn wall(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// An hour after the beginning of the fixtures' afternoon, on both clocks.
pub fn now() -> Now {
    Now { moment: Moment::from_millis(36_000_000), wall: wall("2026-03-12T15:00:00Z") }
}

/// The queues of an answer that was read at that moment.
pub fn queues(answer: &Value, at: Moment) -> Vec<Queue> {
    let (text, mut tally) = (answer.to_string(), Tally::default());
    let body = Body::from(text.as_str());
    wire::queues(body, &settings(), &Default::default(), at, &mut tally).unwrap().shown
}

/// The callback lists of an answer that was read at that moment.
pub fn lists(answer: &Value, at: Moment) -> Vec<CallbackList> {
    let text = answer.to_string();
    wire::callback_lists(Body::from(text.as_str()), at, &mut Tally::default()).unwrap()
}

/// A world of which the queues were read at that moment, and nothing else.
pub fn queues_read(at: Moment) -> World {
    let mut world = World::new(Kind::Enreach);
    let rows = queues(&fixtures::json("enreach/queues"), at);
    world.replace(Part::Queues(rows), at);
    world
}

/// A mapper of a vendor whose clock is known to show our time.
fn in_step() -> Mapper {
    let settings = settings();
    settings.clock.place(&StatedTime::from(now().wall), &now());
    Mapper::new(&settings)
}

/// A world and the mapper that feeds it.
pub struct Desk {
    pub world: World,
    pub mapper: Mapper,
    pub now: Now,
    pub log: Vec<String>,
}

impl Desk {
    /// A world of which the queues were read long before the first event.
    pub fn open() -> Self {
        Self { world: queues_read(Moment::from_millis(1_000)), ..Self::unread() }
    }

    /// A world of which nothing was read yet.
    pub fn unread() -> Self {
        Self { world: World::new(Kind::Enreach), mapper: in_step(), now: now(), log: Vec::new() }
    }

    /// An event arrives; whether it changed anything.
    pub fn tell(&mut self, value: &Value) -> bool {
        let event = read(value);
        self.take(&event)
    }

    /// The same of one that is read.
    pub fn take(&mut self, event: &Event) -> bool {
        let mut changed = false;
        for news in self.mapper.news(event, &self.now) {
            match news {
                SourceEvent::Delta(delta) => changed |= self.world.apply(delta),
                SourceEvent::Said(text) => self.log.push(text.to_string()),
                other => panic!("no such news: {other:?}"),
            }
        }
        changed
    }

    /// Fixtures arrive, one after another.
    pub fn story(&mut self, names: &str) {
        for name in names.split_whitespace() {
            self.tell(&value(name));
        }
    }
}
