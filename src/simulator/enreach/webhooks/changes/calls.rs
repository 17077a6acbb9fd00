//! Calls into queues, from their coming to their transcript.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::course::{CONSULTING, Course, HOLD, LISTENING};
use super::{Changes, Making, id, millis, name, user};
use crate::simulator::centre::{Agent, Call, Callback, Phase, Reason, guid};
use crate::simulator::scenario::Vendor;

const CONSULTED: &str = "+358005550180";

/// A call that was told of, as it was then.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    pub(super) call: Call,
    course: Course,
}

impl Changes {
    pub(super) fn steps(&mut self, making: &mut Making<'_>) {
        let centre = making.centre;
        let ours = |call: &&Call| {
            let queue = centre.queues().get(call.queue);
            queue.is_some_and(|queue| queue.setup.vendor == Vendor::Enreach)
        };
        let now: BTreeMap<u64, Followed> = centre
            .calls()
            .filter(ours)
            .map(|call| (call.id, Followed { call: call.clone(), course: course(making, call) }))
            .collect();
        for own in now.values() {
            let known = self.calls.get(&own.call.id);
            if known.is_none() {
                came(making, &own.call);
            }
            reached(making, &own.call, known.map(|known| known.call.phase));
            went_on(making, own, known.map(|known| known.course).unwrap_or_default());
        }
        for gone in self.calls.values().filter(|own| !now.contains_key(&own.call.id)) {
            ended(making, gone);
        }
        self.calls = now;
    }
}

fn course(making: &Making<'_>, call: &Call) -> Course {
    let Phase::Connected { agent: position } = call.phase else { return Course::default() };
    let Some(agent) = making.agent(position) else { return Course::default() };
    let lasted = making.centre.now().saturating_sub(agent.since());
    let skill = agent.membership(call.queue).map_or(u8::MAX, |own| own.skill);
    Course::of(call.id, lasted).with(lasted, skill)
}

/// A call comes: it is greeted, asked what it is about where there are several lists to promise a call from, and
/// waits.
fn came(making: &mut Making<'_>, call: &Call) {
    let arrived = making.site.instant(call.arrived);
    let at = |step: i64| arrived + millis(step);
    making.step("QueueCallInComing", call, None, at(0), &json!({}));
    let prompt = json!({
        "PlayApplet": "PlayPrompt", "PromptDetail": "Tervetuloa", "Reason": "MandatoryEnter",
    });
    making.step("QueueCallBlockingPromptStarted", call, None, at(1), &prompt);
    let open = making.centre.queues().get(call.queue).map(|queue| &queue.setup);
    if open.is_some_and(|setup| setup.overflow.is_some()) {
        // What it is about: the last digit of whoever calls.
        let entered = call.caller.chars().last().map(String::from);
        let choice = json!({ "EnteredValue": entered, "DetailedReason": "menu" });
        making.step("QueueCallInIvrSelection", call, None, at(2), &choice);
    }
    making.step("QueueCallInArrived", call, None, at(3), &json!({}));
}

/// A call rings at somebody, or is answered.
fn reached(making: &mut Making<'_>, call: &Call, known: Option<Phase>) {
    let (Phase::Alerting { agent } | Phase::Connected { agent }) = call.phase else { return };
    if known == Some(call.phase) {
        return;
    }
    let arrived = making.site.instant(call.arrived);
    let began = making.agent(agent).map_or(arrived, |agent| making.site.instant(agent.since()));
    let at = began.max(arrived + millis(7));
    let nothing = json!({});
    if known.is_none_or(|known| known == Phase::Waiting) {
        let routed = json!({ "Result": "OK", "DetailedReason": "skill", "Targets": null });
        making.step("QueueCallInSmartRoutingResult", call, None, at - millis(2), &routed);
        making.step("QueueCallInUserAllocated", call, Some(agent), at - millis(1), &nothing);
    }
    if let Phase::Connected { .. } = call.phase {
        making.step("QueueCallInUserConnected", call, Some(agent), at, &nothing);
        let recording = json!({ "AllocatedUserId": user(agent), "Reason": "servicequeue" });
        making.step("QueueCallInRecording", call, None, at + millis(1), &recording);
        let limit = json!({ "MaxWrapUpDurationSec": 120 });
        making.step("UserWrapUpEnabled", call, Some(agent), at + millis(2), &limit);
    }
}

/// What changed within a call that is being talked through.
fn went_on(making: &mut Making<'_>, own: &Followed, known: Course) {
    let Phase::Connected { agent } = own.call.phase else { return };
    let Some(began) = making.agent(agent).map(Agent::since) else { return };
    let at = |lasted: u64| making.site.instant(began + lasted);
    let (held, listening) = (at(HOLD.start)..at(HOLD.end), at(LISTENING.start)..at(LISTENING.end));
    match (known.held, own.course.held) {
        (false, true) => {
            making.step("QueueCallInHoldStart", &own.call, Some(agent), held.start, &json!({}));
        }
        (true, false) => {
            making.step("QueueCallInHoldEnd", &own.call, Some(agent), held.end, &json!({}));
        }
        (true, true) | (false, false) => {}
    }
    let consulting = at(CONSULTING.start)..at(CONSULTING.end);
    match (known.consulting, own.course.consulting) {
        (false, true) => {
            let dialled = consulting.start - millis(500);
            consulted(making, "UserCallOutGoing", &own.call, agent, dialled);
            consulted(making, "UserCallOutConnected", &own.call, agent, consulting.start);
        }
        (true, false) => {
            consulted(making, "UserCallOutDisconnected", &own.call, agent, consulting.end);
        }
        (true, true) | (false, false) => {}
    }
    match (known.listening, own.course.listening) {
        (false, true) => supervised(making, &own.call, agent, listening.start, true),
        (true, false) => supervised(making, &own.call, agent, listening.end, false),
        (true, true) | (false, false) => {}
    }
}

/// Whoever has a call calls a colleague meanwhile, on a leg of its own.
fn consulted(
    making: &mut Making<'_>,
    what: &'static str,
    call: &Call,
    agent: usize,
    at: DateTime<Utc>,
) {
    let Some(person) = making.agent(agent) else { return };
    let own = user(agent);
    let body = json!({
        "CallId": id(2, call.id), "LegId": format!("leg-{}-3", call.id),
        "TargetNumber": CONSULTED, "UserId": own, "UserName": name(person), "Publicity": 0,
    });
    making.tell(what, ("User", &own), at, -1, &body);
}

/// The most skilled of a queue listens to a beginner, or listens no more.
fn supervised(making: &mut Making<'_>, call: &Call, agent: usize, at: DateTime<Utc>, on: bool) {
    let members = making.centre.members(call.queue);
    let lead = members
        .filter(|(position, _, _)| *position != agent)
        .max_by_key(|(position, _, member)| (member.skill, std::cmp::Reverse(*position)));
    let (Some((lead, person, _)), Some(target)) = (lead, making.agent(agent)) else { return };
    let body = json!({
        "State": if on { "Listening" } else { "None" },
        "SupervisorUserId": user(lead),
        "SupervisorUserName": name(person),
        "SupervisorLegId": format!("leg-{}-2", call.id),
        "TargetUserId": user(agent),
        "TargetUserName": name(target),
    });
    making.step("UserSupervisionStatus", call, None, at, &body);
}

/// A call is over: it was given up, moved to a callback list, or talked through.
fn ended(making: &mut Making<'_>, Followed { call, course }: &Followed) {
    let now = making.now();
    if let (true, Phase::Connected { agent }) = (course.consulting, call.phase) {
        consulted(making, "UserCallOutDisconnected", call, agent, now);
    }
    let reason = json!({ "Reason": "remote", "TechReason": "200" });
    let promised = making
        .centre
        .callbacks()
        .find(|(_, own)| own.number == call.caller && own.created >= call.arrived)
        .map(|(number, own)| (number, own.clone()));
    let mut end = now;
    if let (Phase::Waiting, Some((number, callback))) = (call.phase, promised) {
        let at = making.site.instant(callback.created);
        asked_for_a_callback(making, call, number, &callback, at);
        end = end.max(at + millis(3));
    }
    making.step("QueueCallInDisconnected", call, None, end, &reason);
    if let Phase::Connected { agent } = call.phase {
        let (recording, conversion) = (guid(&mut making.rng), guid(&mut making.rng));
        let body = json!({ "RecordingId": recording, "ConversionId": conversion });
        let at = end + millis(1);
        making.step("QueueUserCallInRecordingConverted", call, Some(agent), at, &body);
        let body = json!({
            "RecordingId": recording, "TranscriptId": guid(&mut making.rng),
            "AllocatedUserId": user(agent), "TranscribeRecordingType": "IncomingQueueCall",
        });
        making.step("QueueCallTranscribed", call, None, at + millis(1), &body);
    }
}

fn asked_for_a_callback(
    making: &mut Making<'_>,
    call: &Call,
    number: u64,
    callback: &Callback,
    at: DateTime<Utc>,
) {
    let Some(list) = making.centre.lists().get(callback.list) else { return };
    if callback.reason == Reason::Overflown {
        let body = json!({
            "OverflowReason": "MaxQueueTime", "OverflowType": "QueueOverflowDefault",
            "OverflowApplet": "Callback", "TechEvent": "overflow",
        });
        making.step("QueueCallInOverflow", call, None, at, &body);
    }
    let recording = guid(&mut making.rng);
    let body = json!({
        "CallBackId": id(3, number), "CallListId": list.id(), "ContactNumber": callback.number,
        "ContactMessage": "", "CreationTime": super::written(at), "RecordingId": recording,
    });
    making.step("QueueCallInCallbackCreated", call, None, at + millis(1), &body);
    if callback.reason == Reason::Requested {
        let body = json!({
            "CallId": id(2, call.id), "CallBackId": id(3, number), "CallListId": list.id(),
            "RecordingId": recording, "ConversionId": guid(&mut making.rng),
        });
        let about = ("CallList", list.id());
        making.tell("CallbackCallInRecordingConverted", about, at + millis(2), -1, &body);
    }
}
