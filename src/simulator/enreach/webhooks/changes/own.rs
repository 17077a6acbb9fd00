//! Calls that people make themselves: to whom a call was promised, and into a meeting.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::course::{Course, HOLD};
use super::{Changes, Making, id, merge, millis, name, user};
use crate::simulator::centre::{Activity, Agent, AgentState, Callback, guid};

/// How long it rings at the other end, milliseconds.
const RINGS: u64 = 4_000;
/// Where meetings are held.
const CONFERENCE: &str = "+358005550190";
/// What kind of number the identity of somebody's own call has, before the person's position.
const OWN: u16 = 0x100;

/// The events of one family: dialled, connected, held, resumed, ended.
type Family = [&'static str; 5];

const CALLBACK: Family = [
    "CallbackUserCallOutGoing",
    "CallbackUserCallOutConnected",
    "CallbackUserCallOutHoldStart",
    "CallbackUserCallOutHoldEnd",
    "CallbackUserCallOutDisconnected",
];
const PERSONAL: Family = [
    "UserCallOutGoing",
    "UserCallOutConnected",
    "UserCallOutHoldStart",
    "UserCallOutHoldEnd",
    "UserCallOutDisconnected",
];

/// A call that somebody makes.
#[derive(Debug, Clone)]
pub(super) struct Own {
    began: u64,
    /// The promise that it keeps.
    callback: Option<(u64, Callback)>,
    connected: bool,
    held: bool,
}

impl Own {
    /// The call that a person makes now.
    fn of(making: &Making<'_>, agent: &Agent) -> Option<Self> {
        let callback = match agent.state() {
            AgentState::CallingBack { callback } => {
                let mut all = making.centre.callbacks();
                Some(all.find(|(number, _)| *number == callback).map(|(n, own)| (n, own.clone()))?)
            }
            AgentState::Away(Activity::Meeting) => None,
            _ => return None,
        };
        let began = agent.since();
        let lasted = making.centre.now().saturating_sub(began);
        let connected = lasted.checked_sub(RINGS);
        let held = connected.is_some_and(|lasted| Course::of(began, lasted).held);
        Some(Self { began, callback, connected: connected.is_some(), held })
    }

    const fn family(&self) -> &'static Family {
        match self.callback {
            Some(_) => &CALLBACK,
            None => &PERSONAL,
        }
    }
}

impl Changes {
    pub(super) fn own_calls(&mut self, making: &mut Making<'_>) {
        for (position, agent) in making.people() {
            let now = Own::of(making, agent);
            let known = self.own.remove(&position);
            let began = now.as_ref().map(|now| now.began);
            let (same, other) = match known {
                Some(known) if began == Some(known.began) => (Some(known), None),
                other => (None, other),
            };
            if let Some(other) = other {
                over(making, position, &other, making.site.instant(agent.since()));
            }
            let Some(now) = now else { continue };
            went_on(making, position, &now, same.as_ref());
            self.own.insert(position, now);
        }
    }
}

fn went_on(making: &mut Making<'_>, position: usize, now: &Own, known: Option<&Own>) {
    let [dialled, connected, held, resumed, _] = *now.family();
    let at = |lasted: u64| making.site.instant(now.began + lasted);
    let (began, answered) = (at(0), at(RINGS));
    let hold = at(RINGS + HOLD.start)..at(RINGS + HOLD.end);
    let nothing = json!({});
    if known.is_none() {
        // The state of whoever calls began at the same time.
        tell(making, dialled, position, now, began + millis(1), &nothing);
    }
    if now.connected && !known.is_some_and(|known| known.connected) {
        tell(making, connected, position, now, answered, &nothing);
    }
    match (known.is_some_and(|known| known.held), now.held) {
        (false, true) => tell(making, held, position, now, hold.start, &nothing),
        (true, false) => tell(making, resumed, position, now, hold.end, &nothing),
        (true, true) | (false, false) => {}
    }
}

fn over(making: &mut Making<'_>, position: usize, own: &Own, at: DateTime<Utc>) {
    let [.., ended] = *own.family();
    let reason = json!({ "Reason": "local", "TechReason": "200" });
    tell(making, ended, position, own, at, &reason);
    if own.callback.is_none() || !own.connected {
        return;
    }
    let recording = guid(&mut making.rng);
    let path = json!({ "RecordedFilePath": format!("/recordings/{recording}.wav") });
    tell(making, "CallbackUserCallRecorded", position, own, at + millis(1), &path);
    let ids = json!({ "RecordingId": recording, "ConversionId": guid(&mut making.rng) });
    tell(making, "CallbackUserCallOutRecordingConverted", position, own, at + millis(2), &ids);
    let ids = json!({
        "RecordingId": recording, "TranscriptId": guid(&mut making.rng),
        "TranscribeRecordingType": "OutgoingCallListCall",
    });
    tell(making, "CallbackCallTranscribed", position, own, at + millis(3), &ids);
}

fn tell(
    making: &mut Making<'_>,
    what: &'static str,
    position: usize,
    own: &Own,
    at: DateTime<Utc>,
    more: &Value,
) {
    let Some(agent) = making.agent(position) else { return };
    let person = user(position);
    let kind = OWN.saturating_add(u16::try_from(position).unwrap_or_default());
    let mut body = json!({
        "CallId": id(kind, own.began),
        "LegId": "leg-1",
        "TargetNumber": CONFERENCE,
        "UserId": person,
        "UserName": name(agent),
    });
    merge(&mut body, more);
    let list = own.callback.as_ref().and_then(|(number, callback)| {
        body["CallBackId"] = json!(id(3, *number));
        body["TargetNumber"] = json!(callback.number);
        making.centre.lists().get(callback.list)
    });
    if let Some(list) = list {
        body["CallListId"] = json!(list.id());
        making.tell(what, ("CallList", list.id()), at, -1, &body);
    } else {
        making.tell(what, ("User", &person), at, -1, &body);
    }
}
