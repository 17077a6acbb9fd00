//! Call state as sent (reference, chapter 4.10 and the shapes `UserCalls`, `CallState`, `Party`): every field may be
//! missing, lists may come as text, and words that nobody listed are kept as they are.

use crate::floor::call::{CallAction, Offer, Participant, Party, Recording, Status};
use crate::record;
use crate::text::Shown;
use crate::transport::lenient::uri::{Dialled, Uri};
use crate::transport::lenient::{
    Body, Count, Flag, Id, List, Tally, Text, Unreadable, Values, Whole, Word,
};

/// The calls of one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserCalls {
    /// Whether these are all: then a call that is missing is over. Not told means that they are.
    pub full: Option<bool>,
    pub calls: Vec<CallState>,
}

/// One call of one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallState {
    /// Its identity, as requests name it.
    pub call_id: String,
    /// Which telling it is.
    pub token: Option<i64>,
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
const ACTIONS: [(&str, CallAction); 14] = [
    ("ANSWER", CallAction::Answer),
    ("MOVE", CallAction::Move),
    ("HOLD", CallAction::Hold),
    ("RESUME", CallAction::Resume),
    ("TRANSFER", CallAction::Transfer),
    ("PARK", CallAction::Park),
    ("MUTE", CallAction::Mute),
    ("UNMUTE", CallAction::Unmute),
    ("START_REC", CallAction::StartRecording),
    ("STOP_REC", CallAction::StopRecording),
    ("SAVE_REC", CallAction::SaveRecording),
    ("DISCARD_REC", CallAction::DiscardRecording),
    ("PAUSE_REC", CallAction::PauseRecording),
    ("RESUME_REC", CallAction::ResumeRecording),
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

record! {
    /// `UserCalls`.
    struct UserCallsData = "UserCalls" {
        full: Flag = "fullState",
        calls: List<CallData> = "calls",
    }
}

record! {
    /// `CallState`.
    struct CallData = "CallState" {
        token: Whole = "stateToken",
        call_id: Id = "callId",
        remote: PartyData = "remoteParty",
        participants: List<ParticipantData> = "participants",
        history: HistoryData = "historyInfo",
        conference: Flag = "conference",
        inbound: Flag = "inbound",
        intruded: Flag = "intruded",
        status: Word = "status",
        event: Text = "event",
        event_description: Text = "eventDescription",
        muted: Flag = "muted",
        duration: Count = "duration",
        recordable: Flag = "recordable",
        recording: Flag = "recording",
        recording_duration: Count = "recordingDuration",
        external_recording: Flag = "externalRecording",
        external_recording_duration: Count = "externalRecordingDuration",
        external_recording_paused: Flag = "externalRecordingPaused",
        devices: Values<Id> = "deviceIds",
        actions: List<ActionData> = "actions",
        correlation: Text = "correlationId",
    }
    unused: "conferenceId";
}

record! {
    /// `Party`.
    struct PartyData = "Party" {
        uri: Uri = "telUri",
        name: Text = "displayName",
        number: Dialled = "displayNumber",
        intrusion: Text = "intrusionType",
    }
    unused: "type";
}

record! {
    /// `Participant`.
    struct ParticipantData = "Participant" {
        id: Text = "id",
        remote: PartyData = "remoteParty",
    }
    unused: "historyInfo";
}

record! {
    /// `HistoryInfo`.
    struct HistoryData = "HistoryInfo" {
        subject: Text = "subject",
        acd_support: Text = "acdSupport",
        initial: PartyData = "initialParty",
        previous: PartyData = "previousParty",
        reason: Text = "previousRetargetReason",
    }
    unused: "campOn";
}

record! {
    /// `Action`: an object, or its word alone.
    struct ActionData = "Action" {
        action: Word = "action",
        devices: Values<Id> = "deviceIds",
    }
    text: actions_in;
}

/// The answer of `state.user.get`, or what a webhook tells of a user. An empty document is a user without calls.
///
/// # Errors
/// Bytes that are no JSON.
pub fn user_calls<'b>(
    answer: impl Into<Body<'b>>,
    tally: &mut Tally,
) -> Result<Option<UserCalls>, Unreadable> {
    let mut document = answer.into().document(tally)?;
    if document.is_empty() || document.is_null() {
        return Ok(Some(UserCalls::default()));
    }
    let read = match document.is_array() {
        true => {
            let calls = Some(document.list("calls", tally)?);
            Some(UserCallsData { full: None, calls })
        }
        false => document.read::<UserCallsData>(tally)?,
    };
    Ok(read.map(|read| {
        let calls = read.calls.into_iter().flatten();
        UserCalls {
            full: read.full,
            calls: calls.filter_map(|call| CallState::of(call, tally)).collect(),
        }
    }))
}

/// One call: the answer of `state.call.get`, and the data of an event of `state.call.sse`.
///
/// # Errors
/// Bytes that are no JSON.
pub fn call_state<'b>(
    answer: impl Into<Body<'b>>,
    tally: &mut Tally,
) -> Result<Option<CallState>, Unreadable> {
    let read = answer.into().read::<CallData>(tally)?;
    Ok(read.and_then(|read| CallState::of(read, tally)))
}

impl CallState {
    /// What was read of a call; nothing without the identity by which requests name it.
    fn of(read: CallData, tally: &mut Tally) -> Option<Self> {
        let Some(call_id) = read.call_id else {
            tally.count("CallState without callId".to_owned());
            return None;
        };
        if let Some(word) = read.event.as_ref().filter(|word| !EVENTS.contains(&word.as_str())) {
            tally.count(format!("CallState.event {word}"));
        }
        let (own, demanded) = (read.recording, read.external_recording);
        let (own_s, demanded_s) = (read.recording_duration, read.external_recording_duration);
        let recording = Recording {
            on: own.into_iter().chain(demanded).reduce(|one, other| one || other),
            // What is recorded in both ways goes on while one of them is interrupted.
            paused: read
                .external_recording_paused
                .map(|paused| paused && demanded == Some(true) && own != Some(true)),
            allowed: read.recordable,
            seconds: if demanded == Some(true) { demanded_s } else { own_s.or(demanded_s) },
        };
        let participants = read.participants.into_iter().flatten().map(Participant::from);
        let actions = read.actions.into_iter().flatten();
        Some(Self {
            call_id,
            token: read.token,
            remote: read.remote.map(Party::from),
            participants: participants.collect(),
            history: read.history.map(History::from),
            conference: read.conference,
            inbound: read.inbound,
            intruded: read.intruded,
            status: read.status.map(|word| status(&word, tally)),
            event: read.event,
            event_description: read.event_description,
            muted: read.muted,
            duration: read.duration,
            recording,
            devices: read.devices.map(separate).unwrap_or_default(),
            offers: actions.filter_map(|action| offer(action, tally)).collect(),
            correlation: read.correlation,
        })
    }
}

impl From<PartyData> for Party {
    fn from(read: PartyData) -> Self {
        let address = read.uri.unwrap_or_default();
        Self {
            name: read.name.or_else(|| address.name.as_deref().map(Shown::clean)),
            number: read.number.or_else(|| address.number().map(Shown::clean)),
            uri: address.shown().map(|_| Shown::clean(&address.to_string())),
        }
    }
}

impl From<ParticipantData> for Participant {
    fn from(read: ParticipantData) -> Self {
        let remote = read.remote.unwrap_or_default();
        let intrusion = remote.intrusion.clone();
        Self { id: read.id, party: remote.into(), intrusion }
    }
}

impl From<HistoryData> for History {
    fn from(read: HistoryData) -> Self {
        Self {
            subject: read.subject,
            acd_support: read.acd_support,
            initial: read.initial.map(Party::from),
            previous: read.previous.map(Party::from),
            reason: read.reason,
        }
    }
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

/// The action of that word; a word that is not known is counted, and nothing is offered by it.
fn action_of(word: &str, words: &mut Tally) -> Option<CallAction> {
    let known = ACTIONS.iter().find(|(own, _)| own.eq_ignore_ascii_case(word));
    if known.is_none() {
        words.count(format!("CallState.actions {}", Shown::clean(word)));
    }
    known.map(|(_, action)| *action)
}

fn offer(action: ActionData, words: &mut Tally) -> Option<Offer> {
    let devices = action.devices.map(separate).unwrap_or_default();
    Some(Offer { action: action_of(&action.action?, words)?, devices })
}

/// Devices that were sent as a list, or as text with the list in it: `[a, b]`.
fn separate(mut sent: Vec<String>) -> Vec<String> {
    match sent.as_mut_slice() {
        [text] => listed(text),
        _ => sent,
    }
}

/// `[a, b]` as words.
fn listed(text: &str) -> Vec<String> {
    let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
    let words = inner.split(',').map(|word| word.trim().trim_matches('"').to_owned());
    words.filter(|word| !word.is_empty()).collect()
}

/// The actions of a text: one word alone, or a list in the text, `[{action: ANSWER, deviceIds: [a]}]`.
fn actions_in(text: &str) -> Vec<ActionData> {
    if !text.contains("action") {
        let words = listed(text).into_iter();
        let action = |word| ActionData { action: Some(word), devices: None };
        return words.map(action).collect();
    }
    let actions = text.split("action").skip(1).filter_map(|part| {
        let part = part.trim_start_matches([' ', '"', ':', '=']);
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (word, rest) = part.split_at(end.unwrap_or(part.len()));
        let devices = rest.split_once("deviceIds").and_then(|(_, rest)| {
            let rest = rest.split_once('[')?.1;
            Some(listed(rest.split_once(']')?.0))
        });
        (!word.is_empty()).then(|| ActionData { action: Some(word.to_owned()), devices })
    });
    actions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::lenient::law::one_value_costs_no_other;
    use serde_json::{Value, json};

    fn read(value: &Value) -> (CallState, Option<String>) {
        let mut tally = Tally::default();
        let state = call_state(value, &mut tally).unwrap().unwrap();
        (state, tally.take().map(|(_, names)| names.to_string()))
    }

    #[test]
    fn one_value_of_a_call_costs_no_other() {
        let party = json!({
            "telUri": "tel:+46855500017", "displayName": "Ann Caller", "displayNumber": "0017",
            "intrusionType": "WHISPER",
        });
        let history = json!({
            "subject": "Support", "acdSupport": "+46855501000", "initialParty": party,
            "previousParty": party, "previousRetargetReason": "DISTRIBUTED",
        });
        let participant = json!({ "id": "p1", "remoteParty": party });
        let action = json!({ "action": "MOVE", "deviceIds": ["d1", "d2"] });
        let call = json!({
            "stateToken": 7_001, "callId": "c-17", "remoteParty": party, "participants": [participant],
            "historyInfo": history, "conference": false, "inbound": true, "intruded": true,
            "status": "HELD", "event": "MUTED", "eventDescription": "muted", "muted": true,
            "duration": 50, "recordable": true, "recording": false, "recordingDuration": 0,
            "externalRecording": true, "externalRecordingDuration": 31,
            "externalRecordingPaused": true, "deviceIds": ["d1"], "actions": [action],
            "correlationId": "x-1",
        });
        one_value_costs_no_other::<PartyData>(&party);
        one_value_costs_no_other::<HistoryData>(&history);
        one_value_costs_no_other::<ParticipantData>(&participant);
        one_value_costs_no_other::<ActionData>(&action);
        one_value_costs_no_other::<CallData>(&call);
        one_value_costs_no_other::<UserCallsData>(&json!({ "fullState": true, "calls": [call] }));
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
        let answer = Offer { action: CallAction::Answer, devices };
        assert_eq!(call.offers, [answer, Offer { action: CallAction::Hold, devices: Vec::new() }]);
    }

    #[test]
    fn lists_may_be_of_one_that_stands_alone() {
        let answer = json!({ "fullState": true, "calls": {
            "callId": "c", "participants": { "id": "p" }, "deviceIds": "d",
            "actions": { "action": "HOLD", "deviceIds": "d" },
        }});
        let calls = user_calls(&answer, &mut Tally::default()).unwrap().unwrap().calls;
        assert_eq!(calls.len(), 1);
        assert_eq!(
            (calls[0].participants.len(), &calls[0].devices[..]),
            (1, &["d".to_owned()][..])
        );
        assert_eq!(
            calls[0].offers,
            [Offer { action: CallAction::Hold, devices: vec!["d".to_owned()] }]
        );
        for actions in [json!(["HOLD", "PARK"]), json!("HOLD, PARK"), json!("[HOLD, PARK]")] {
            let (call, unknown) = read(&json!({ "callId": "c", "actions": actions }));
            let actions: Vec<CallAction> =
                call.offers.into_iter().map(|offer| offer.action).collect();
            assert_eq!((actions, unknown), (vec![CallAction::Hold, CallAction::Park], None));
        }
        let answer = json!([{ "callId": "a" }, { "callId": 7.0 }]);
        let calls = user_calls(&answer, &mut Tally::default()).unwrap().unwrap().calls;
        assert_eq!(calls.iter().map(|call| &*call.call_id).collect::<Vec<_>>(), ["a", "7"]);
    }

    #[test]
    fn words_that_nobody_listed_are_counted() {
        let (call, unknown) = read(&json!({
            "callId": "c", "status": "CAMPED", "event": "MOVED", "actions": [{ "action": "SPLIT" }],
            "mood": "good",
        }));
        assert_eq!(call.status, Some(Status::Other("CAMPED".into())));
        assert_eq!(call.offers, []);
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
        assert_eq!(call_state(&json!({ "status": "ACTIVE" }), &mut tally).unwrap(), None);
        for nothing in ["", "null"] {
            let none = user_calls(nothing, &mut tally).unwrap();
            assert_eq!(none, Some(UserCalls::default()));
        }
        let calls = user_calls(&json!({ "fullState": false }), &mut tally).unwrap().unwrap();
        assert_eq!((calls.full, calls.calls.len()), (Some(false), 0));
    }
}
