//! N4: a call of several legs, and offers to several people at once.

use std::collections::BTreeSet;

use floorwalker::floor::agent::AgentState;
use floorwalker::floor::call::{Direction, Phase};
use floorwalker::floor::id::{AgentKey, QueueId};
use serde_json::{Value, json};

use crate::support::enreach::{AINO, CALL, Desk, QUEUE, aino, at, call, value};

const EERO: &str = "7d0c2f44-5a11-4f0e-9d36-0c5e3a9b5a02";
const CUSTOMER: &str = "+358405550142";

/// The customer's call, at Aino since the second minute, on hold since the third.
fn held() -> Desk {
    let mut desk = Desk::open();
    desk.tell(&at("QueueCallInComing", 5, json!({})));
    desk.tell(&at("QueueCallInArrived", 20, json!({})));
    desk.tell(&at("QueueCallInUserAllocated", 50, json!({})));
    desk.tell(&at("QueueCallInUserConnected", 70, json!({})));
    desk.tell(&at("QueueCallInHoldStart", 120, json!({})));
    desk
}

/// The fixture of that event at that second, with what of `own` it has.
fn fitting(name: &str, second: u32, own: &Value) -> Value {
    let fixture = value(name);
    let own = own.as_object().unwrap().iter().filter(|(key, _)| fixture.get(*key).is_some());
    at(name, second, own.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// An event of the call that Aino makes to Eero meanwhile.
fn consult(name: &str, second: u32) -> Value {
    at(name, second, json!({"CallId": CALL, "LegId": "leg-3", "TargetNumber": "+358931500102"}))
}

/// An event of Eero's end of it.
fn consulted(name: &str, second: u32) -> Value {
    let own = json!({"CallId": CALL, "LegId": "leg-4", "AgentLegId": "leg-5", "UserId": EERO,
        "UserName": "Eero Lahti", "Username": "Eero Lahti", "CallerNumber": "+358931500101"});
    fitting(name, second, &own)
}

fn state(desk: &Desk, agent: &str) -> AgentState {
    desk.world.agents[&AgentKey::new(agent)].state.clone()
}

/// Phase, direction, agent and party of the call's row.
fn row(desk: &Desk) -> (Phase, Direction, Option<String>, Option<String>) {
    let call = call(&desk.world);
    (
        call.phase.unwrap(),
        call.direction.unwrap(),
        call.agent_name.as_ref().map(ToString::to_string),
        call.party.as_ref().map(ToString::to_string),
    )
}

fn customers(phase: Phase) -> (Phase, Direction, Option<String>, Option<String>) {
    (phase, Direction::Inbound, Some("Aino Salo".to_owned()), Some(CUSTOMER.to_owned()))
}

#[test]
fn a_consultation_never_replaces_the_customers_leg() {
    let mut desk = held();
    for (name, second) in [("UserCallOutGoing", 125), ("UserCallOutConnected", 130)] {
        desk.tell(&consult(name, second));
        assert_eq!(row(&desk), customers(Phase::Held), "{name}");
        assert_eq!(call(&desk.world).consulted().count(), 1, "{name}");
        assert_eq!(aino(&desk), AgentState::Talking, "with the one who is consulted");
    }
    desk.tell(&consult("UserCallOutDisconnected", 150));
    assert_eq!(row(&desk), customers(Phase::Held), "the customer is still on hold");
    assert_eq!(call(&desk.world).consulted().count(), 0);
    assert_eq!(aino(&desk), AgentState::Holding);
    desk.tell(&at("QueueCallInHoldEnd", 155, json!({})));
    assert_eq!((row(&desk), aino(&desk)), (customers(Phase::Connected), AgentState::Talking));
    desk.tell(&at("QueueCallInDisconnected", 200, json!({})));
    assert_eq!(row(&desk).0, Phase::Ended);
    assert_eq!(aino(&desk), AgentState::Other);
}

#[test]
fn a_colleague_who_is_consulted_talks_and_the_call_stays_with_its_agent() {
    let mut desk = held();
    desk.tell(&consult("UserCallOutGoing", 125));
    desk.tell(&consulted("UserCallInComing", 126));
    desk.tell(&consulted("UserCallInUserAllocated", 127));
    assert_eq!(state(&desk, EERO), AgentState::Reserved);
    desk.tell(&consult("UserCallOutConnected", 131));
    desk.tell(&consulted("UserCallInUserConnected", 131));
    assert_eq!(row(&desk), customers(Phase::Held));
    assert_eq!(state(&desk, EERO), AgentState::Talking);
    desk.tell(&consulted("UserCallInDisconnected", 150));
    assert_eq!((row(&desk), state(&desk, EERO)), (customers(Phase::Held), AgentState::Other));
}

#[test]
fn a_call_that_is_passed_on_after_a_consultation_is_with_the_colleague() {
    let mut desk = held();
    desk.tell(&consult("UserCallOutGoing", 125));
    desk.tell(&consulted("UserCallInComing", 126));
    desk.tell(&consulted("UserCallInUserConnected", 131));
    desk.tell(&at("QueueCallInTransferConnected", 150, json!({"ConnectedTarget": EERO})));
    desk.tell(&consult("UserCallOutDisconnected", 150));
    let eero = Some("Eero Lahti".to_owned());
    let expected = (Phase::Connected, Direction::Inbound, eero, Some(CUSTOMER.to_owned()));
    assert_eq!(row(&desk), expected, "the customer speaks to Eero");
    assert_eq!((aino(&desk), state(&desk, EERO)), (AgentState::Other, AgentState::Talking));
    desk.tell(&consulted("UserCallInDisconnected", 190));
    assert_eq!(row(&desk).0, Phase::Left, "all that is known of the customer");
}

#[test]
fn a_customer_who_hangs_up_during_a_consultation_leaves_the_two_talking() {
    let mut desk = held();
    desk.tell(&consult("UserCallOutGoing", 125));
    desk.tell(&consult("UserCallOutConnected", 130));
    desk.tell(&at("QueueCallInDisconnected", 140, json!({})));
    let (phase, direction, _, party) = row(&desk);
    assert_eq!((phase, direction), (Phase::Connected, Direction::Outbound));
    assert_eq!(party.as_deref(), Some("+358931500102"));
    desk.tell(&consult("UserCallOutDisconnected", 160));
    assert_eq!(row(&desk), customers(Phase::Ended), "and now it is over as a whole");
}

#[test]
fn an_event_without_a_leg_is_of_the_customers() {
    let mut desk = held();
    desk.tell(&consult("UserCallOutGoing", 125));
    desk.tell(&consult("UserCallOutConnected", 130));
    desk.tell(&at("QueueCallInHoldEnd", 135, json!({"LegId": null})));
    assert_eq!(row(&desk), customers(Phase::Connected));
    desk.tell(&at("QueueCallInDisconnected", 140, json!({"LegId": null})));
    desk.tell(&consult("UserCallOutDisconnected", 141));
    assert_eq!(row(&desk), customers(Phase::Ended));
}

#[test]
fn an_end_of_a_leg_that_was_never_seen_ends_nothing() {
    for name in ["UserCallOutDisconnected", "UserCallInDisconnected", "UserCallInUserCancelled"] {
        let mut desk = held();
        let odd = json!({"CallId": CALL, "LegId": "leg-9", "UserId": EERO});
        desk.tell(&at(name, 130, odd));
        assert_eq!(row(&desk), customers(Phase::Held), "{name}");
        assert_eq!(call(&desk.world).legs.len(), 0, "{name}");
    }
}

#[test]
fn the_leg_to_the_agent_is_an_end_of_the_customers() {
    let mut desk = held();
    // The fixture's `AgentLegId`.
    desk.tell(&at("QueueCallInHoldEnd", 130, json!({"LegId": "leg-2"})));
    assert_eq!(row(&desk), customers(Phase::Connected));
    desk.tell(&at("UserCallInDisconnected", 140, json!({"CallId": CALL, "LegId": "leg-2"})));
    assert_eq!(row(&desk).0, Phase::Ended);
}

#[test]
fn whoever_listens_in_has_no_leg_that_counts() {
    let mut desk = held();
    desk.tell(&at("UserSupervisionStatus", 125, json!({"SupervisorLegId": "leg-8"})));
    let lead = json!({"CallId": CALL, "LegId": "leg-8", "UserId": EERO, "UserName": "Eero Lahti"});
    desk.tell(&at("UserCallOutGoing", 125, lead.clone()));
    desk.tell(&at("UserCallOutConnected", 126, lead));
    assert_eq!(row(&desk), customers(Phase::Held));
    assert_eq!(call(&desk.world).consulted().count(), 0);
}

#[test]
fn a_call_that_was_there_before_anybody_looked_is_known_by_its_queue() {
    let mut desk = Desk::open();
    desk.tell(&consult("UserCallOutGoing", 125));
    assert_eq!(row(&desk).1, Direction::Outbound, "all that is known");
    desk.tell(&at("QueueCallInHoldEnd", 150, json!({})));
    let call = call(&desk.world);
    assert_eq!((call.phase, call.direction), (Some(Phase::Connected), Some(Direction::Inbound)));
    assert_eq!(call.queue.as_ref().map(QueueId::raw), Some(QUEUE));
}

#[test]
fn a_queues_call_goes_on_under_another_legs_name_while_nobody_has_it() {
    let mut desk = Desk::open();
    desk.tell(&at("QueueCallInArrived", 20, json!({})));
    desk.tell(&at("QueueCallInOverflow", 60, json!({})));
    let next = json!({"LegId": "leg-7", "QueueId": "q2", "QueueName": "Huolto"});
    desk.tell(&at("QueueCallInArrived", 61, next));
    let call = call(&desk.world);
    assert_eq!((call.phase, call.queue_name.as_deref()), (Some(Phase::Waiting), Some("Huolto")));
    assert_eq!(call.legs.len(), 0);
}

/// An offer of the call to somebody, and what becomes of it.
fn of(name: &str, second: u32, agent: &str) -> Value {
    let who = if agent == AINO { "Aino Salo" } else { "Eero Lahti" };
    fitting(name, second, &json!({"UserId": agent, "UserName": who, "AgentLegId": null}))
}

#[test]
fn an_offer_that_is_withdrawn_from_one_leaves_the_call_with_the_other() {
    let mut desk = Desk::open();
    desk.tell(&at("QueueCallInArrived", 20, json!({})));
    desk.tell(&of("QueueCallInUserAllocated", 30, AINO));
    desk.tell(&of("QueueCallInUserAllocated", 31, EERO));
    assert_eq!((aino(&desk), state(&desk, EERO)), (AgentState::Reserved, AgentState::Reserved));
    desk.tell(&of("QueueCallInUserConnected", 35, EERO));
    assert_eq!((aino(&desk), state(&desk, EERO)), (AgentState::Other, AgentState::Talking));
    desk.tell(&of("QueueCallInUserCancelled", 36, AINO));
    let (phase, _, agent, _) = row(&desk);
    assert_eq!((phase, agent.as_deref()), (Phase::Connected, Some("Eero Lahti")));
    assert!(!call(&desk.world).is_waiting());
    assert_eq!(state(&desk, EERO), AgentState::Talking);
}

#[test]
fn a_call_that_rings_at_several_waits_again_once_all_offers_are_withdrawn() {
    let mut desk = Desk::open();
    desk.tell(&at("QueueCallInArrived", 20, json!({})));
    desk.tell(&of("QueueCallInUserAllocated", 30, AINO));
    desk.tell(&of("QueueCallInUserAllocated", 30, EERO));
    let everybody: BTreeSet<AgentKey> = [AINO.into(), EERO.into()].into();
    assert_eq!(call(&desk.world).holders(), everybody);
    desk.tell(&of("QueueCallInUserCancelled", 45, EERO));
    let (phase, _, agent, _) = row(&desk);
    assert_eq!((phase, agent.as_deref()), (Phase::Alerting, Some("Aino Salo")));
    assert_eq!((aino(&desk), state(&desk, EERO)), (AgentState::Reserved, AgentState::Other));
    desk.tell(&of("QueueCallInUserCancelled", 46, AINO));
    let (phase, _, agent, _) = row(&desk);
    assert_eq!((phase, agent), (Phase::Waiting, None));
}

#[test]
fn an_offer_that_is_withdrawn_after_the_end_does_not_bring_the_call_back() {
    let mut desk = Desk::open();
    desk.tell(&at("QueueCallInArrived", 20, json!({})));
    desk.tell(&of("QueueCallInUserAllocated", 30, AINO));
    desk.tell(&at("QueueCallInDisconnected", 40, json!({})));
    desk.tell(&of("QueueCallInUserCancelled", 41, AINO));
    assert_eq!(row(&desk).0, Phase::Ended);
    assert_eq!(aino(&desk), AgentState::Other);
}
