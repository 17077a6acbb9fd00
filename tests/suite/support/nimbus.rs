//! Nimbus's events as the tests make them.

use std::collections::BTreeMap;
use std::time::Duration;

use floorwalker::event::SourceEvent;
use floorwalker::floor::time::{Moment, Now};
use floorwalker::floor::{Kind, World};
use floorwalker::source::nimbus::events::map::Mapper;
use floorwalker::source::nimbus::events::{Event, decode};
use floorwalker::source::settings::{NimbusSettings, TriggerSettings};
use floorwalker::transport::clock::SourceClock;
use floorwalker::transport::http::Url;
use floorwalker::transport::lenient::Tally;
use floorwalker::transport::posted::Malformed;
use floorwalker::transport::secret::SecretSource;
use serde_json::{Value, json};

use crate::support::desk::{later, wall};

/// The service of the tests' tasks.
pub const SERVICE: &str = "claims@contoso.example";

/// A tenant whose events are received.
pub fn settings() -> NimbusSettings {
    NimbusSettings {
        base_url: Url::parse("http://127.0.0.1:9/nimbus").unwrap(),
        services: None,
        address_books: None,
        token: SecretSource::Literal("none".into()),
        entra: None,
        poll: Duration::from_secs(60),
        task_events: BTreeMap::new(),
        lost_track: Duration::from_secs(4 * 3_600),
        triggers: Some(TriggerSettings {
            listen: None,
            public_url: None,
            probe: Duration::from_secs(300),
            silence: Duration::from_secs(900),
            tls: None,
            behind_proxy: false,
        }),
        mailbox: None,
        clock: SourceClock::default(),
    }
}

/// An event of a task, with what else it holds.
pub fn event(task: &str, word: &str, more: &Value) -> Value {
    let mut event = json!({
        "taskId": task, "event": word, "direction": "Inbound", "modality": "Audio",
        "callerTelNumber": "+442079460188", "serviceUPN": SERVICE, "serviceDisplayName": "Claims",
    });
    let fields = event.as_object_mut().unwrap();
    fields.extend(
        more.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())),
    );
    event
}

pub fn read(event: &Value, tally: &mut Tally) -> Result<Event, Malformed> {
    decode(event.to_string().as_bytes(), tally)
}

/// The fields that each property of an entry stands for.
pub fn entry_fields(property: &str) -> &'static [&'static str] {
    match property {
        "serviceUpn" => &["service", "feed"],
        "dueDateTimeUtc" => &["due"],
        "referenceId" | "ReferenceId" => &["reference"],
        "distributionPriority" => &["priority"],
        "outboundAttempt" => &["attempts"],
        "attemptTimeoutInSeconds" => &["attempt_timeout_s"],
        "maxQueueTimeInSeconds" => &["max_queue_time_s"],
        "ronaTimeoutInSeconds" => &["rona_timeout_s"],
        "event" | "unifiedConversationId" | "completionReason" => &["state"],
        within if within.starts_with("custom") => &["known"],
        _ => &[],
    }
}

/// A source of which events alone tell.
pub struct Floor {
    pub world: World,
    pub mapper: Mapper,
    pub tally: Tally,
}

impl Default for Floor {
    fn default() -> Self {
        Self::by(&settings())
    }
}

impl Floor {
    pub fn by(settings: &NimbusSettings) -> Self {
        Self {
            world: World::new(Kind::Nimbus),
            mapper: Mapper::new(settings),
            tally: Tally::default(),
        }
    }

    /// Tells an event that arrived so many seconds after the beginning; what it means.
    pub fn tell(&mut self, second: u64, event: &Value) -> Vec<SourceEvent> {
        let event = read(event, &mut self.tally).unwrap();
        let news = self.mapper.news(&event, &at(second), &mut self.tally);
        for news in &news {
            if let SourceEvent::Delta(delta) = news {
                self.world.apply(delta.clone());
            }
        }
        news
    }

    /// Tells the word of an event of one task.
    pub fn say(&mut self, second: u64, task: &str, word: &str) {
        self.tell(second, &event(task, word, &json!({})));
    }

    pub fn tick(&mut self, second: u64) {
        self.world.tick(later(second));
    }
}

/// Both clocks so many seconds after the beginning.
pub fn at(second: u64) -> Now {
    let wall = wall() + chrono::TimeDelta::seconds(second.try_into().unwrap());
    let moment: Moment = later(second);
    Now { moment, wall }
}
