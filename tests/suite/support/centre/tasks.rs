//! The tasks of the afternoon: contacts by voice, chat, e-mail and from other systems, of two services.

use std::collections::BTreeMap;
use std::time::Duration;

use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::Delta;
use floorwalker::floor::link::{Feed, FeedKind, Health};
use floorwalker::floor::time::Now;
use floorwalker::source::nimbus::events::map::Mapper;
use floorwalker::state::State;
use floorwalker::transport::lenient::Tally;
use serde_json::{Value, json};

use super::{ago, busy, wall};

const RENEWALS: (&str, &str) = ("renewals@example.com", "Renewals");
const CLAIMS: (&str, &str) = ("claims@example.com", "Claims Zürich");

/// One task: its service, what it began as, who it is, and what happened how many seconds ago.
type Life = (
    &'static str,
    (&'static str, &'static str),
    &'static str,
    Value,
    &'static [(u64, &'static str)],
);

fn lives() -> Vec<Life> {
    let name = |name: &str| json!({"taskInformation": {"customer": {"displayName": name}}});
    let with = |mut facts: Value, key: &str, value: &str| {
        facts[key] = json!(value);
        facts
    };
    let caller = |own: &str, number: &str| with(name(own), "callerTelNumber", number);
    let (chat, mail) = ("initialMessage", "emailSubject");
    let agent = |facts: Value, who: &str| with(facts, "LastConnectedUserUPN", who);
    vec![
        (
            "a1",
            RENEWALS,
            "Audio",
            caller("Hedda Lundqvist", "+46846500412"),
            &[(76, "SystemAccepted"), (74, "Queued")],
        ),
        (
            "a2",
            CLAIMS,
            "InstantMessaging",
            with(json!({"customerIdentifier": "web-4471"}), chat, "is somebody there?"),
            &[(31, "SystemAccepted"), (29, "Queued")],
        ),
        (
            "a3",
            CLAIMS,
            "Email",
            with(name("Oskar Brandt"), mail, "Invoice of last month"),
            &[(22, "SystemAccepted"), (20, "Queued")],
        ),
        (
            "a4",
            RENEWALS,
            "Audio",
            json!({"callerTelNumber": "+442079460137"}),
            &[(3, "SystemAccepted")],
        ),
        (
            "b1",
            RENEWALS,
            "Audio",
            agent(caller("Ruben Vos", "+493023125017"), "mika.holm@example.com"),
            &[(420, "SystemAccepted"), (418, "Queued"), (391, "UserConnected")],
        ),
        (
            "b2",
            CLAIMS,
            "InstantMessaging",
            agent(
                with(name("Noemi Rossi"), chat, "the parcel has not come, can you look?"),
                "sara.lindgren@example.com",
            ),
            &[(300, "SystemAccepted"), (298, "Queued"), (290, "UserConnected"), (41, "OnHold")],
        ),
        (
            "b3",
            RENEWALS,
            "Audio",
            agent(caller("Tuomas Kari", "+447700900211"), "tom.becker@example.com"),
            &[(700, "SystemAccepted"), (699, "Queued"), (640, "UserConnected"), (188, "Parked")],
        ),
        (
            "b4",
            CLAIMS,
            "ExternalTask",
            agent(name("Milena Horák"), "ines.duarte@example.com"),
            &[(95, "SystemAccepted"), (94, "Queued"), (60, "UserConnected")],
        ),
        (
            "c1",
            RENEWALS,
            "Audio",
            caller("Greta Holmström", "+46846500433"),
            &[(190, "SystemAccepted"), (188, "Queued"), (38, "TaskTerminated")],
        ),
    ]
}

fn tell(state: &mut State, second: u64, event: SourceEvent) {
    let event = Event::Source { source: "nimbus".into(), event };
    state.apply(Stamped { at: ago(second), event });
}

/// The afternoon with these tasks, of which the source has told for the last two hours.
pub fn contacts() -> State {
    let mut state = busy();
    let feed = Feed {
        health: Health::Up,
        last_update: Some(ago(3)),
        ..Feed::new("triggers".into(), FeedKind::Stream, Some(Duration::from_secs(900)))
    };
    tell(&mut state, 3, SourceEvent::Link(feed));
    for (upn, _) in [RENEWALS, CLAIMS] {
        let delta = Delta::Registered { queue: upn.into(), since: ago(3_000) };
        tell(&mut state, 3_000, SourceEvent::Delta(delta));
    }
    let mapper = Mapper::of(Duration::from_secs(4 * 3_600));
    let mut tally = Tally::default();
    let mut all = BTreeMap::new();
    for (id, (upn, service), modality, facts, steps) in lives() {
        for (second, word) in steps {
            let mut event = json!({
                "taskId": id, "event": word, "direction": "Inbound", "modality": modality,
                "serviceUPN": upn, "serviceDisplayName": service, "referenceId": format!("C-{id}"),
                "outboundAttempt": 1,
            });
            event.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
            all.insert((u64::MAX - second, id), event);
        }
    }
    for ((place, _), event) in all {
        let second = u64::MAX - place;
        let wall = wall() - chrono::TimeDelta::seconds(second.try_into().unwrap());
        let event = crate::support::nimbus::read(&event, &mut tally).unwrap();
        for news in mapper.news(&event, &Now { moment: ago(second), wall }, &mut tally) {
            if let SourceEvent::Delta(_) = news {
                tell(&mut state, second, news);
            }
        }
    }
    assert_eq!(tally.take(), None);
    state
}
