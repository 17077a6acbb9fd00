//! A call that is told as it is: its path, and the people who have it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use floorwalker::floor::agent::AgentState;
use floorwalker::floor::call::{Call, CallAction, Phase, What};
use floorwalker::floor::id::{AgentId, AgentKey, CallId, QueueId};
use floorwalker::floor::time::{Moment, Told};
use floorwalker::floor::{Delta, Kind, Part, World};
use floorwalker::source::telepo::legs::{Legs, Queues};
use floorwalker::source::telepo::map::Tables;
use floorwalker::source::telepo::{state, wire};
use floorwalker::transport::lenient::Tally;
use serde_json::{Value, json};

const EVA: &str = "eva@example.org";
const BO: &str = "bo@example.org";

/// A floor with two people in one queue, and what is known of their calls.
struct Desk {
    world: World,
    tables: Tables,
    legs: Legs,
}

fn at(second: u64) -> Told {
    let epoch: DateTime<Utc> = "2026-03-12T14:00:00Z".parse().unwrap();
    Told {
        at: epoch + Duration::from_secs(second),
        report: 0,
        moment: Moment::from_millis(1_000_000 + second * 1_000),
        received: None,
        late: false,
    }
}

impl Desk {
    fn new() -> Self {
        let mut desk = Self {
            world: World::new(Kind::Telepo),
            tables: Tables::new("example.org", [].into()),
            legs: Legs::default(),
        };
        desk.read(0, true);
        desk
    }

    /// The groups are read: everybody is available, or not.
    fn read(&mut self, second: u64, available: bool) {
        let agent = |id: &str, name: &str| {
            json!({ "id": id, "firstName": name, "lastName": "B", "isLoggedIn": true,
                    "isAvailable": available, "activity": "Wrap-up" })
        };
        let groups = json!({ "groups": [{ "id": 7, "name": "Support", "phoneNumber": "+4685550100",
                             "agents": [agent(EVA, "Eva"), agent(BO, "Bo")] }] });
        let groups = wire::groups(&groups, &mut Tally::default()).unwrap();
        let moment = at(second).moment;
        let (_, agents) = self.tables.grouped(groups, moment);
        self.world.replace(agents, moment);
    }

    /// The calls of one person, as they were at that second.
    fn tell(&mut self, user: &str, second: u64, calls: &[Value]) -> Option<Delta> {
        let answer = json!({ "fullState": true, "calls": calls });
        let answer = state::user_calls(&answer, &mut Tally::default()).unwrap().unwrap();
        let delta = self.legs.tell(&AgentId::new(user), at(second), answer, &self.tables);
        if let Some(delta) = delta.clone() {
            self.world.apply(delta);
        }
        delta
    }

    fn call(&self, id: &str) -> &Call {
        self.world.calls.get(&CallId::new(id)).unwrap()
    }

    fn state(&self, user: &str) -> (AgentState, Option<u64>) {
        let agent = &self.world.agents[&AgentKey::new(user)];
        let since = agent.since.map(|since| since.since(at(0).moment).as_secs());
        (agent.state.clone(), since)
    }
}

fn call(status: &str, more: &Value) -> Value {
    let mut call = json!({
        "callId": "c1", "stateToken": 1, "status": status, "inbound": true, "duration": 0,
        "remoteParty": { "displayName": "Ann Caller", "displayNumber": "0017" },
        "historyInfo": { "previousRetargetReason": "DISTRIBUTED",
                         "previousParty": { "telUri": "tel:+4685550100", "displayName": "Helpline" } },
    });
    for (key, value) in more.as_object().unwrap() {
        call[key] = value.clone();
    }
    call
}

#[test]
fn a_call_is_followed_from_ringing_to_its_end() {
    let mut desk = Desk::new();
    desk.tell(EVA, 1, &[]);
    let steps = [
        (2, "RINGING", Phase::Alerting, AgentState::Reserved),
        (5, "ACTIVE", Phase::Connected, AgentState::Talking),
        (20, "HELD", Phase::Held, AgentState::Holding),
        (30, "ACTIVE", Phase::Connected, AgentState::Talking),
    ];
    for (second, status, phase, state) in steps {
        desk.tell(EVA, second, &[call(status, &json!({ "stateToken": second }))]);
        assert_eq!(desk.call("c1").phase, Some(phase), "{status}");
        assert_eq!(desk.state(EVA), (state, Some(second)), "{status}");
    }
    desk.tell(EVA, 42, &[]);
    assert_eq!(desk.call("c1").phase, Some(Phase::Ended));
    assert_eq!(desk.state(EVA), (AgentState::Available, Some(42)));
    let path: Vec<_> = desk.call("c1").path().iter().map(|step| step.what).collect();
    let whole = [What::Offered, What::Connected, What::Held, What::Resumed, What::Ended];
    assert_eq!(path, whole);
}

#[test]
fn the_queue_is_the_one_that_handed_the_call_out() {
    let mut desk = Desk::new();
    desk.tell(EVA, 2, &[call("RINGING", &json!({}))]);
    assert_eq!(desk.call("c1").queue, Some(QueueId::new("7")), "by its number");
    let from_bo = json!({ "historyInfo": { "previousRetargetReason": "TRANSFERRED",
                          "previousParty": { "displayName": "Bo B" } } });
    desk.tell(BO, 2, &[call("RINGING", &from_bo)]);
    let other = desk.call("c1/bo@example.org");
    assert_eq!(other.queue, None, "two people may have a call of one identity");
    assert_eq!(other.path()[0].detail.as_deref(), Some("from Bo B"));
}

#[test]
fn what_was_there_before_anybody_looked_has_no_beginning_but_its_own_count() {
    let mut desk = Desk::new();
    desk.tell(EVA, 100, &[call("ACTIVE", &json!({ "duration": 40 }))]);
    assert_eq!(desk.state(EVA), (AgentState::Talking, Some(60)));
    desk.tell(BO, 100, &[call("HELD", &json!({ "callId": "c2", "duration": 40 }))]);
    assert_eq!(desk.state(BO), (AgentState::Holding, None));
    assert_eq!(desk.call("c2").since, None);
}

#[test]
fn everything_that_is_told_of_a_call_can_be_seen() {
    let mut desk = Desk::new();
    let more = json!({
        "muted": true, "conference": true, "intruded": true, "externalRecording": true,
        "externalRecordingPaused": true, "stateToken": 77, "deviceIds": ["d1"],
        "participants": [{ "id": "p2", "remoteParty": { "displayName": "Su Visor",
                           "intrusionType": "WHISPER" } }],
        "actions": [{ "action": "HOLD" }, { "action": "ANSWER", "deviceIds": ["d1"] }],
    });
    desk.tell(EVA, 3, &[call("ACTIVE", &more)]);
    let call = desk.call("c1");
    assert_eq!(call.supervised_by.as_deref(), Some("Su Visor (whisper)"));
    assert_eq!((call.muted, call.conference), (Some(true), Some(true)));
    assert_eq!((call.recording, call.paused), (Some(true), Some(true)));
    let leg = &call.leg.as_ref().unwrap().value;
    assert_eq!((leg.token, leg.user.raw(), leg.handle.raw()), (Some(77), EVA, "c1"));
    assert!(leg.offers(CallAction::Hold) && !leg.offers(CallAction::Resume));
}

#[test]
fn parking_and_passing_on_take_a_call_out_of_its_users_hands() {
    for (event, phase) in [("PARKED", Phase::Parked), ("TRANSFERRED", Phase::Left)] {
        let mut desk = Desk::new();
        desk.tell(EVA, 2, &[call("ACTIVE", &json!({}))]);
        desk.tell(EVA, 9, &[call("TERMINATED", &json!({ "event": event }))]);
        assert_eq!(desk.call("c1").phase, Some(phase));
        assert_eq!(desk.state(EVA), (AgentState::Available, Some(9)));
        desk.tell(EVA, 10, &[]);
        assert_eq!(desk.call("c1").phase, Some(phase), "it is not over");
    }
}

#[test]
fn what_was_asked_for_before_something_later_was_told_changes_nothing() {
    let mut desk = Desk::new();
    desk.tell(EVA, 2, &[call("RINGING", &json!({}))]);
    desk.tell(EVA, 8, &[call("ACTIVE", &json!({}))]);
    desk.tell(EVA, 7, &[]);
    assert_eq!(desk.call("c1").phase, Some(Phase::Connected));
}

#[test]
fn a_reading_of_the_groups_lies_under_a_call_and_shows_once_it_is_over() {
    let mut desk = Desk::new();
    desk.tell(EVA, 2, &[call("ACTIVE", &json!({}))]);
    desk.read(4, false);
    assert_eq!(desk.state(EVA).0, AgentState::Talking);
    desk.tell(EVA, 6, &[]);
    assert_eq!(desk.state(EVA), (AgentState::NotReady, Some(6)));
}

#[test]
fn the_parts_of_a_world_make_the_same_world() {
    let mut desk = Desk::new();
    desk.tell(EVA, 2, &[call("HELD", &json!({ "duration": 1 }))]);
    desk.tell(BO, 2, &[call("ACTIVE", &json!({ "callId": "c9" }))]);
    let mut other = World::new(Kind::Telepo);
    for part in desk.world.parts() {
        other.replace(part, at(3).moment);
    }
    assert_eq!(other.agents, desk.world.agents);
    assert_eq!(other.calls, desk.world.calls);
    other.replace(Part::Calls(desk.world.calls.clone()), at(4).moment);
    assert_eq!(other.agents, desk.world.agents);
}

#[test]
fn a_user_without_calls_is_nothing_new() {
    let mut desk = Desk::new();
    assert_eq!(desk.tell(EVA, 1, &[]), None);
    assert_eq!(desk.tell(EVA, 2, &[]), None);
    let found = desk.tables.find(None, Some("Support"));
    assert_eq!(found, Some(QueueId::new("7")));
}
