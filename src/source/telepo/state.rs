//! Call state as sent (reference, chapter 4.10 and the shapes `UserCalls`, `CallState`, `Party`): every field may be
//! missing, lists may come as text, and words that nobody listed are kept as they are.

use serde_json::Value;

use crate::floor::call::{Deed, Offer, Participant, Party, Recording, Status};
use crate::text::Shown;
use crate::transport::lenient::uri::{self, Address};
use crate::transport::lenient::{Fields, Tally};

/// The calls of one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserCalls {
    /// Whether these are all: then a call that is missing is over. Not told means that they are.
    pub full: Option<bool>,
    /// The calls.
    pub calls: Vec<CallState>,
}

/// One call of one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallState {
    /// Its identity, as requests name it.
    pub call_id: String,
    /// Which telling it is.
    pub token: Option<i64>,
    /// The other end.
    pub remote: Option<Party>,
    /// All who take part.
    pub participants: Vec<Participant>,
    /// Where it came from.
    pub history: Option<History>,
    /// Whether more than two take part.
    pub conference: Option<bool>,
    /// Whether it came to the user.
    pub inbound: Option<bool>,
    /// Whether somebody broke in.
    pub intruded: Option<bool>,
    /// How far it is.
    pub status: Option<Status>,
    /// What happened last.
    pub event: Option<Shown>,
    /// What is said of that.
    pub event_description: Option<Shown>,
    /// Whether the user's microphone is off.
    pub muted: Option<bool>,
    /// Seconds that it lasts.
    pub duration: Option<u32>,
    /// How it is recorded, of both kinds together.
    pub recording: Recording,
    /// The devices that it is on.
    pub devices: Vec<String>,
    /// What can be done to it.
    pub offers: Vec<Offer>,
    /// What ties the ends of one call together.
    pub correlation: Option<Shown>,
}

/// Where a call came from before it came to the user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// What it was about: the name of a number that was dialled.
    pub subject: Option<Shown>,
    /// The number of the queue, where one takes part.
    pub acd_support: Option<Shown>,
    /// Who was called first.
    pub initial: Option<Party>,
    /// Who had it before.
    pub previous: Option<Party>,
    /// Why it went on from there.
    pub reason: Option<Shown>,
}

impl History {
    /// Whether a queue handed it out.
    pub fn is_distributed(&self) -> bool {
        self.reason.as_deref().is_some_and(|reason| reason.eq_ignore_ascii_case("DISTRIBUTED"))
    }
}

/// The words for how far a call is. The last two are no one's sample: parking and passing on take a call out of
/// its user's state, and a server that says so first may say it in these.
const STATUSES: [(&str, Status); 7] = [
    ("INITIATED", Status::Initiated),
    ("RINGING", Status::Ringing),
    ("ACTIVE", Status::Active),
    ("HELD", Status::Held),
    ("TERMINATED", Status::Terminated),
    ("PARKED", Status::Parked),
    ("TRANSFERRED", Status::Transferred),
];

/// The words for what can be done to a call.
const DEEDS: [(&str, Deed); 14] = [
    ("ANSWER", Deed::Answer),
    ("MOVE", Deed::Move),
    ("HOLD", Deed::Hold),
    ("RESUME", Deed::Resume),
    ("TRANSFER", Deed::Transfer),
    ("PARK", Deed::Park),
    ("MUTE", Deed::Mute),
    ("UNMUTE", Deed::Unmute),
    ("START_REC", Deed::StartRecording),
    ("STOP_REC", Deed::StopRecording),
    ("SAVE_REC", Deed::SaveRecording),
    ("DISCARD_REC", Deed::DiscardRecording),
    ("PAUSE_REC", Deed::PauseRecording),
    ("RESUME_REC", Deed::ResumeRecording),
];

/// The words for what happened last.
const EVENTS: [&str; 8] = [
    "PARTICIPANT_ADDED",
    "PARTICIPANT_LEFT",
    "LEFT_CONFERENCE",
    "MUTED",
    "UNMUTED",
    "FAILED",
    "PARKED",
    "TRANSFERRED",
];

/// The answer of `state.user.get`, or what a webhook tells of a user.
pub fn user_calls(value: &Value, tally: &mut Tally) -> Option<UserCalls> {
    // An empty document is a user without calls.
    if value.is_null() {
        return Some(UserCalls::default());
    }
    let calls = value.get("calls").and_then(Value::as_array);
    let calls = calls.into_iter().flatten().filter_map(|call| call_state(call, tally)).collect();
    let fields = Fields::of("UserCalls", value, tally)?;
    let user = UserCalls { full: fields.flag(&["fullState"]), calls };
    fields.close(&["calls"]);
    Some(user)
}

/// One call: the answer of `state.call.get`, and the data of an event of `state.call.sse`.
pub fn call_state(value: &Value, tally: &mut Tally) -> Option<CallState> {
    let mut words = Tally::default();
    let remote = value.get("remoteParty").and_then(|own| party(own, tally)).map(|(own, _)| own);
    let participants = value.get("participants").and_then(Value::as_array);
    let participants =
        participants.into_iter().flatten().filter_map(|own| participant(own, tally)).collect();
    let history = value.get("historyInfo").and_then(|own| history(own, tally));
    let fields = Fields::of("CallState", value, tally)?;
    let Some(call_id) = fields.raw(&["callId"]) else {
        words.count("CallState without callId".to_owned());
        fields.count_all(&mut words);
        return None;
    };
    let status = fields.raw(&["status"]).map(|word| status(&word, &mut words));
    let event = fields.text(&["event"]);
    if let Some(word) = event.as_ref().filter(|word| !EVENTS.contains(&word.as_str())) {
        words.count(format!("CallState.event {word}"));
    }
    let [own, demanded] = [fields.flag(&["recording"]), fields.flag(&["externalRecording"])];
    let paused = fields.flag(&["externalRecordingPaused"]);
    let [own_s, demanded_s] =
        [fields.count(&["recordingDuration"]), fields.count(&["externalRecordingDuration"])];
    let recording = Recording {
        on: own.into_iter().chain(demanded).reduce(|one, other| one || other),
        // What is recorded in both ways goes on while one of them is interrupted.
        paused: paused.map(|paused| paused && demanded == Some(true) && own != Some(true)),
        allowed: fields.flag(&["recordable"]),
        seconds: if demanded == Some(true) { demanded_s } else { own_s.or(demanded_s) },
    };
    let state = CallState {
        call_id,
        token: fields.int(&["stateToken"]),
        remote,
        participants,
        history,
        conference: fields.flag(&["conference"]),
        inbound: fields.flag(&["inbound"]),
        intruded: fields.flag(&["intruded"]),
        status,
        event,
        event_description: fields.text(&["eventDescription"]),
        muted: fields.flag(&["muted"]),
        duration: fields.count(&["duration"]),
        recording,
        devices: fields.value(&["deviceIds"]).map(strings).unwrap_or_default(),
        offers: fields.value(&["actions"]).map(|own| offers(own, &mut words)).unwrap_or_default(),
        correlation: fields.text(&["correlationId"]),
    };
    fields.count_all(&mut words);
    fields.close(&["remoteParty", "participants", "historyInfo", "conferenceId"]);
    Some(state)
}

fn status(word: &str, words: &mut Tally) -> Status {
    let known = STATUSES.iter().find(|(own, _)| own.eq_ignore_ascii_case(word));
    known.map_or_else(
        || {
            let word = Shown::clean(word);
            words.count(format!("CallState.status {word}"));
            Status::Other(word)
        },
        |(_, status)| status.clone(),
    )
}

fn deed(word: &str, words: &mut Tally) -> Deed {
    let known = DEEDS.iter().find(|(own, _)| own.eq_ignore_ascii_case(word));
    known.map_or_else(
        || {
            let word = Shown::clean(word);
            words.count(format!("CallState.actions {word}"));
            Deed::Other(word)
        },
        |(_, deed)| deed.clone(),
    )
}

/// A party, and how it broke in where it did.
fn party(value: &Value, tally: &mut Tally) -> Option<(Party, Option<Shown>)> {
    if value.is_null() {
        return None;
    }
    let fields = Fields::of("Party", value, tally)?;
    let address = fields.raw(&["telUri"]).and_then(|own| Address::parse(&own)).unwrap_or_default();
    let number = fields.raw(&["displayNumber"]).map(|own| uri::shown(&own));
    let party = Party {
        name: fields.text(&["displayName"]).or_else(|| address.name.as_deref().map(Shown::clean)),
        number: number.or_else(|| address.number().map(Shown::clean)),
        uri: address.shown().map(|_| Shown::clean(&address.to_string())),
    };
    let intrusion = fields.text(&["intrusionType"]);
    fields.close(&["type"]);
    Some((party, intrusion))
}

fn participant(value: &Value, tally: &mut Tally) -> Option<Participant> {
    let (party, intrusion) =
        value.get("remoteParty").and_then(|own| party(own, tally)).unwrap_or_default();
    let fields = Fields::of("Participant", value, tally)?;
    let participant = Participant { id: fields.text(&["id"]), party, intrusion };
    fields.close(&["remoteParty", "historyInfo"]);
    Some(participant)
}

fn history(value: &Value, tally: &mut Tally) -> Option<History> {
    if value.is_null() {
        return None;
    }
    let mut told = |name| value.get(name).and_then(|own| party(own, tally)).map(|(own, _)| own);
    let (initial, previous) = (told("initialParty"), told("previousParty"));
    let fields = Fields::of("HistoryInfo", value, tally)?;
    let history = History {
        subject: fields.text(&["subject"]),
        acd_support: fields.text(&["acdSupport"]),
        initial,
        previous,
        reason: fields.text(&["previousRetargetReason"]),
    };
    fields.close(&["campOn", "initialParty", "previousParty"]);
    Some(history)
}

/// A list of words, or the same as text: `[a, b]`.
fn strings(value: &Value) -> Vec<String> {
    let own = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(items) => items.iter().filter_map(own).collect(),
        Value::String(text) => listed(text),
        _ => Vec::new(),
    }
}

/// `[a, b]` as words.
fn listed(text: &str) -> Vec<String> {
    let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
    let words = inner.split(',').map(|word| word.trim().trim_matches('"').to_owned());
    words.filter(|word| !word.is_empty()).collect()
}

/// What can be done: a list of objects, or the same as text, `[{action: ANSWER, deviceIds: [a]}]`.
fn offers(value: &Value, words: &mut Tally) -> Vec<Offer> {
    match value {
        Value::Array(items) => items
            .iter()
            .filter_map(|item| {
                let (word, devices) = match item {
                    Value::String(word) => (word.as_str(), None),
                    _ => (item.get("action")?.as_str()?, item.get("deviceIds")),
                };
                let devices = devices.map(strings).unwrap_or_default();
                Some(Offer { deed: deed(word, words), devices })
            })
            .collect(),
        Value::String(text) => text
            .split("action")
            .skip(1)
            .filter_map(|part| {
                let part = part.trim_start_matches([' ', '"', ':', '=']);
                let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let (word, rest) = part.split_at(end.unwrap_or(part.len()));
                let devices = rest.split_once("deviceIds").and_then(|(_, rest)| {
                    let rest = rest.split_once('[')?.1;
                    Some(listed(rest.split_once(']')?.0))
                });
                (!word.is_empty()).then(|| Offer {
                    deed: deed(word, words),
                    devices: devices.unwrap_or_default(),
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value) -> (CallState, Option<String>) {
        let mut tally = Tally::default();
        let state = call_state(value, &mut tally).unwrap();
        (state, tally.take().map(|(_, names)| names.to_string()))
    }

    #[test]
    fn a_call_is_read_whole() {
        let (call, unknown) = read(&json!({
            "stateToken": 7_001, "callId": "c-17",
            "remoteParty": { "type": "USER_ID", "telUri": "tel:+46855500017",
                             "displayName": "Ann Caller", "displayNumber": "0017" },
            "participants": [{ "id": "p1", "remoteParty": { "displayName": "Eva Berg",
                               "intrusionType": "WHISPER" } }],
            "conference": false, "conferenceId": "9", "inbound": true, "intruded": true,
            "status": "HELD", "muted": true, "duration": 50, "recordable": true, "recording": false,
            "recordingDuration": 0, "externalRecording": true, "externalRecordingDuration": 31,
            "externalRecordingPaused": true, "deviceIds": ["d1"], "correlationId": "x-1",
            "actions": [{ "action": "RESUME" }, { "action": "MOVE", "deviceIds": ["d1", "d2"] }],
            "historyInfo": { "acdSupport": "+46855501000", "campOn": false,
                             "previousParty": { "type": "SERVICE_ID", "displayName": "Support" },
                             "previousRetargetReason": "DISTRIBUTED" },
        }));
        assert_eq!(unknown, None);
        assert_eq!(
            (call.token, call.status, call.duration),
            (Some(7_001), Some(Status::Held), Some(50))
        );
        assert_eq!(call.remote.unwrap().shown().as_deref(), Some("Ann Caller 0017"));
        assert_eq!(call.participants[0].intrusion.as_deref(), Some("WHISPER"));
        let recording = Recording {
            on: Some(true),
            paused: Some(true),
            allowed: Some(true),
            seconds: Some(31),
        };
        assert_eq!(call.recording, recording);
        assert_eq!(call.offers[1].devices, ["d1", "d2"]);
        assert!(call.history.unwrap().is_distributed());
    }

    #[test]
    fn lists_may_come_as_text() {
        let (call, unknown) = read(&json!({
            "callId": "c", "deviceIds": "[+1555, 22]",
            "actions": "[{action: ANSWER, deviceIds: [+1555, 22]}, {action: HOLD}]",
        }));
        assert_eq!(unknown, None);
        assert_eq!(call.devices, ["+1555", "22"]);
        let devices = vec!["+1555".to_owned(), "22".to_owned()];
        let answer = Offer { deed: Deed::Answer, devices };
        assert_eq!(call.offers, [answer, Offer { deed: Deed::Hold, devices: Vec::new() }]);
    }

    #[test]
    fn words_that_nobody_listed_are_kept_and_counted() {
        let (call, unknown) = read(&json!({
            "callId": "c", "status": "CAMPED", "event": "MOVED", "actions": [{ "action": "SPLIT" }],
            "mood": "good",
        }));
        assert_eq!(call.status, Some(Status::Other("CAMPED".into())));
        assert_eq!(call.offers[0].deed, Deed::Other("SPLIT".into()));
        let unknown = unknown.unwrap();
        for word in ["status CAMPED", "event MOVED", "actions SPLIT", "CallState.mood"] {
            assert!(unknown.contains(word), "{word} is not in {unknown}");
        }
    }

    #[test]
    fn what_is_not_told_is_not_known() {
        let (call, _) = read(&json!({ "callId": 17 }));
        assert_eq!(call, CallState { call_id: "17".to_owned(), ..CallState::default() });
        let mut tally = Tally::default();
        assert_eq!(call_state(&json!({ "status": "ACTIVE" }), &mut tally), None);
        assert_eq!(user_calls(&Value::Null, &mut tally), Some(UserCalls::default()));
        let calls = user_calls(&json!({ "fullState": false }), &mut tally).unwrap();
        assert_eq!((calls.full, calls.calls.len()), (Some(false), 0));
    }
}
