//! Acting on calls: joining one as a supervisor, calling back, what a call's own menu offers, and the phones that
//! it takes.
//!
//! Every action that takes the vendor's number of a state sends the one that the question showed. What the vendor
//! says to one that is out of date is not documented: after every answer that could mean it, the call is read.

use serde_json::{Value, json};

use crate::clock;
use crate::event::SourceEvent;
use crate::floor::Part;
use crate::floor::id::{AgentId, CallId, DeviceId};
use crate::floor::own::{Device, Own};
use crate::floor::profile::Term;
use crate::floor::time::Moment;
use crate::operations::{CallAction, CallRequest, Control, Outcome, SupervisionMode};
use crate::record;
use crate::source::feed::{Poll, Reading, Reporter};
use crate::source::telepo::operations::{
    ANSWER_PLACES, CALL_ANSWER, CALL_CLEAR, CALL_HOLD, CALL_MAKE, CALL_MOVE, CALL_MUTE, CALL_PARK,
    CALL_RESUME, CALL_SETUP, CALL_TRANSFER, CALL_UNMUTE, DEVICES, DEVICES_ACTIVE, Operation,
    RECORDING_DISCARD, RECORDING_PAUSE, RECORDING_RESUME, RECORDING_SAVE, RECORDING_START,
    RECORDING_STOP, STATE_CALL,
};
use crate::source::telepo::profile::terms;
use crate::source::telepo::state::{CallState, call_state};
use crate::source::telepo::{BEST_AGAIN, Telepo};
use crate::source::{Line, outcome};
use crate::text::Shown;
use crate::text::destination::{Destination, DestinationFault};
use crate::transport::http::{HttpError, Reply, Request};
use crate::transport::lenient::{Body, Id, List, Tally, Text, Unreadable, Word};
use crate::transport::retry::Rules;

/// The feed of the own user's phones.
pub const PHONES: &str = "phones";

/// How often the own phones are read: one is seldom plugged in.
const DEVICES_EVERY: std::time::Duration = std::time::Duration::from_secs(60);

/// What is missing when the answer places are refused.
const PLACES_HINT: &str = "calling back needs a ticket for the user's configuration";

/// What is missing when calls may not be acted on.
const CONTROL_HINT: &str =
    "acting on calls needs a CALL_CONTROL ticket and the Cloud CTI or Call Control licence";

/// What is missing when a call may not be set up.
const SETUP_HINT: &str = "calling back needs a ticket for the CALLS API";

/// What is missing when the phones are refused.
const DEVICES_HINT: &str = "supervision and picking up need a ticket for the user's devices";

impl Telepo {
    /// The source's own user.
    pub(super) fn user(&self) -> AgentId {
        AgentId::new(format!("{}@{}", self.settings.user, self.settings.domain))
    }

    /// Tells who the source's own user is, which phones can ring, and where the person takes calls.
    pub(super) async fn poll_own(&self, line: &Line, reporter: Reporter) {
        let user = self.user();
        let mut poll = Poll::new(line, reporter, DEVICES_EVERY, self.secret(DEVICES_ACTIVE));
        let mut own = Own { user, devices: None, unseen: None, places: None, placeless: None };
        line.outbox.send(SourceEvent::Snapshot(Part::Own(own.clone()))).await;
        // Whoever has no phones to tell holds up nobody's board.
        poll.reporter().opened().await;
        let mut again: Option<Moment> = None;
        let mut places_again: Option<Moment> = None;
        while poll.due().await {
            let asked = poll.was_asked();
            let is_due =
                |again: Option<Moment>| asked || again.is_none_or(|again| again <= clock::moment());
            let mut tally = Tally::default();
            if is_due(places_again) {
                let read = self.places(&mut tally).await;
                places_again = read.as_ref().err().and_then(not_before);
                match read {
                    Ok(places) => (own.places, own.placeless) = (Some(places), None),
                    Err(error) => {
                        let why = format!("{}; {PLACES_HINT}", error.shown());
                        own.placeless = Some(Shown::clean(&why));
                    }
                }
            }
            if is_due(again) {
                again = None;
                match self.devices(&mut tally).await {
                    Ok(devices) => (own.devices, own.unseen) = (Some(devices), None),
                    Err(error) => {
                        again = not_before(&error);
                        if is_refusal(&error) {
                            own.devices = None;
                        }
                        own.unseen =
                            Some(Shown::clean(&format!("{}; {DEVICES_HINT}", error.shown())));
                    }
                }
            }
            line.tell_unknown(&mut tally).await;
            line.outbox.send(SourceEvent::Snapshot(Part::Own(own.clone()))).await;
            // Without phones the board is as good as before: that they are refused is a remark.
            poll.took(Ok(Reading { remark: own.unseen.clone() })).await;
        }
    }

    /// The own phones that can ring; where only all are told, those that the vendor calls active.
    async fn devices(&self, tally: &mut Tally) -> Result<Vec<Device>, HttpError> {
        let first = match self.list(DEVICES_ACTIVE).await {
            Ok(reply) => return reply.read_by(|body| devices(body, tally)),
            Err(error) => error,
        };
        match (is_refusal(&first), self.list(DEVICES).await) {
            (true, Ok(reply)) => reply.read_by(|body| devices(body, tally)),
            _ => Err(first),
        }
    }

    /// The places at which the own user takes calls that are set up.
    async fn places(&self, tally: &mut Tally) -> Result<Vec<Device>, HttpError> {
        let reply = self.list(ANSWER_PLACES).await?;
        let terms = reply.read_by(|body| terms(body, "answerplace", tally))?;
        let place = |term: Term| Device { id: DeviceId::new(term.id), name: term.name, kind: None };
        Ok(terms.into_iter().map(place).collect())
    }

    /// Asks for a list of the own user's.
    async fn list(&self, operation: Operation) -> Result<Reply, HttpError> {
        let user = self.settings.user.as_str();
        let request = self.request(operation, &[("userId", user)], &[])?.polled();
        self.client.send(request).await
    }

    /// Carries out one change with one request.
    pub(super) async fn control(&self, control: &Control) -> Outcome {
        if let Control::Call { handle, user, request, .. } = control
            && let (CallAction::PickUp, Some(device)) = (request.action(), request.device())
        {
            return match self.pick_up(handle, user, &device).await {
                Ok(sent) => self.told_of(control, sent).await,
                Err(outcome) => outcome,
            };
        }
        let request = match control {
            Control::Supervise { agent, device, mode } => {
                let (name, domain) = self.user_of(agent);
                let to = format!("sip:{name}@{domain}");
                let user = self.settings.user.as_str();
                let values = [("userId", user), ("deviceId", device.raw())];
                let body = json!({ "destination": to, "type": supervision(*mode) });
                self.action(CALL_MAKE, &values, Some(body))
            }
            Control::CallBack { to, place, .. } => {
                // Here the document wants a number or user@domain, and no URI.
                match Destination::read(to) {
                    Ok(to) => {
                        let values = [("aptype", place.raw()), ("cid", to.bare())];
                        self.action(CALL_SETUP, &values, None)
                    }
                    Err(fault) => return no_destination(fault),
                }
            }
            Control::Call { handle, user, token, request, .. } => {
                let to = match request.destination().map(Destination::read).transpose() {
                    Ok(to) => to.map(|to| to.uri(self.user_of(user).1)),
                    Err(fault) => return no_destination(fault),
                };
                self.act(handle, user, *token, request, to.as_deref())
            }
        };
        let result = match request {
            Ok(request) => self.client.send(request).await,
            Err(error) => Err(error),
        };
        self.told_of(control, result).await
    }

    /// What came of a change, by how its request ended.
    async fn told_of(&self, control: &Control, result: Result<Reply, HttpError>) -> Outcome {
        // Whatever came of it shows in the calls of these two.
        let other = match control {
            Control::Supervise { agent: other, .. } | Control::Call { user: other, .. } => {
                Some(other.clone())
            }
            Control::CallBack { .. } => None,
        };
        for person in [self.user()].into_iter().chain(other) {
            let _ = self.acted.send(person);
        }
        match (control, result) {
            (Control::CallBack { .. }, Ok(reply)) => set_up(&reply),
            (_, Err(error @ HttpError::Forbidden { .. })) => {
                let hint = match control {
                    Control::CallBack { .. } => SETUP_HINT,
                    Control::Supervise { .. } | Control::Call { .. } => CONTROL_HINT,
                };
                Outcome::Refused(Shown::clean(&format!("{}; {hint}", error.shown())))
            }
            (Control::Call { request, .. }, Err(HttpError::NotFound { .. }))
                if request.action() == CallAction::Clear =>
            {
                Outcome::Refused(Shown::clean("already over or never there"))
            }
            (Control::Call { handle, user, token: Some(token), request, .. }, Err(error))
                if may_be_outdated(&error) && takes_token(request.action()) =>
            {
                self.judged(handle, user, *token, error).await
            }
            (_, result) => outcome(result),
        }
    }

    fn act(
        &self,
        call: &CallId,
        user: &AgentId,
        token: Option<i64>,
        asked: &CallRequest,
        destination: Option<&str>,
    ) -> Result<Request, HttpError> {
        let (name, domain) = self.user_of(user);
        let mut values = vec![("domain", domain), ("userId", name), ("callId", call.raw())];
        let mut body = match token {
            Some(token) => json!({ "stateToken": token }),
            None => json!({}),
        };
        let device = asked.device();
        values.extend(device.as_ref().map(|device| ("deviceId", device.raw())));
        let operation = match asked.action() {
            CallAction::Hold => CALL_HOLD,
            CallAction::Resume => CALL_RESUME,
            CallAction::Answer => CALL_ANSWER,
            CallAction::Mute => CALL_MUTE,
            CallAction::Unmute => CALL_UNMUTE,
            CallAction::Park => CALL_PARK,
            CallAction::Move => CALL_MOVE,
            CallAction::Transfer => {
                body["destination"] = json!(destination);
                body["blind"] = json!(true);
                CALL_TRANSFER
            }
            // Whoever has the call keeps it until the other end is free.
            CallAction::CampOn => {
                body["destination"] = json!(destination);
                body["type"] = json!("CAMP_ON");
                CALL_TRANSFER
            }
            CallAction::PickUp => {
                return Err(HttpError::Address { why: "a call is picked up by its dialog" });
            }
            CallAction::StartRecording => RECORDING_START,
            CallAction::StopRecording => RECORDING_STOP,
            CallAction::SaveRecording => RECORDING_SAVE,
            CallAction::DiscardRecording => RECORDING_DISCARD,
            CallAction::PauseRecording => RECORDING_PAUSE,
            CallAction::ResumeRecording => RECORDING_RESUME,
            CallAction::Clear => CALL_CLEAR,
        };
        let body = takes_token(asked.action()).then_some(body);
        self.action(operation, &values, body)
    }

    pub(super) fn action(
        &self,
        operation: Operation,
        values: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Request, HttpError> {
        let request = self.request(operation, values, &[])?;
        match body {
            Some(body) => request
                .json(&body)
                .map_err(|error| HttpError::Unreadable { form: "JSON", source: Box::new(error) }),
            None => Ok(request),
        }
    }

    /// A user and the user's domain.
    pub(super) fn user_of<'a>(&'a self, user: &'a AgentId) -> (&'a str, &'a str) {
        user.raw().rsplit_once('@').unwrap_or((user.raw(), &self.settings.domain))
    }

    /// Whether a refusal means that the state had moved on: the call says so itself.
    async fn judged(
        &self,
        call: &CallId,
        user: &AgentId,
        token: i64,
        refusal: HttpError,
    ) -> Outcome {
        let (name, domain) = self.user_of(user);
        let values = [("domain", domain), ("userId", name), ("callId", call.raw())];
        let read = match self.request(STATE_CALL, &values, &[]) {
            Ok(request) => self.client.send(request).await,
            Err(error) => Err(error),
        };
        let now = read.as_ref().ok().and_then(|reply| state_in(reply)?.token);
        match (now, read) {
            (Some(now), _) if now != token => Outcome::Outdated(Shown::clean(&format!(
                "it has changed: state {token} when asked, state {now} now"
            ))),
            (_, Err(HttpError::NotFound { .. })) => {
                Outcome::Refused(Shown::clean("the call is over"))
            }
            _ => outcome::<()>(Err(refusal)),
        }
    }
}

/// What is no destination is not sent.
fn no_destination(fault: DestinationFault) -> Outcome {
    Outcome::Failed(Shown::clean(&format!(
        "the destination is not usable: {fault}; nothing was sent"
    )))
}

/// What came of setting up a call: an answer that lists what is wrong with the request is a refusal, whatever its
/// status.
fn set_up(reply: &Reply) -> Outcome {
    let result = reply.read::<SetUpData>(&mut Tally::default()).ok().flatten();
    let faults = result.and_then(|result| result.faults).unwrap_or_default();
    if faults.is_empty() {
        return Outcome::Done;
    }
    let words = faults.into_iter().filter_map(|fault| fault.description.or(fault.code));
    let words: Vec<String> = words.map(|word| word.to_string()).collect();
    Outcome::Refused(Shown::clean(&words.join("; ")))
}

/// The call of an answer that is read for its state alone.
pub(super) fn state_in(reply: &Reply) -> Option<CallState> {
    reply.read_by(|body| call_state(body, &mut Tally::default())).ok()?
}

/// The vendor's word for how to join a call.
const fn supervision(mode: SupervisionMode) -> &'static str {
    match mode {
        SupervisionMode::Monitor => "MONITOR",
        SupervisionMode::Whisper => "WHISPER",
        SupervisionMode::Barge => "BARGE",
    }
}

/// Whether the vendor takes the number of a state with it (document, 4.8).
const fn takes_token(action: CallAction) -> bool {
    !matches!(action, CallAction::Clear | CallAction::PickUp | CallAction::Answer)
}

/// Whether a refusal could mean that the state had moved on.
fn may_be_outdated(error: &HttpError) -> bool {
    error.status().is_some_and(|status| matches!(status.as_u16(), 400 | 409 | 412))
}

/// When a reading that failed is tried again at the earliest; `None` for the next turn.
fn not_before(error: &HttpError) -> Option<Moment> {
    let wait = match is_refusal(error) {
        true => BEST_AGAIN,
        false => error.retry_after()?.min(Rules::STANDARD.obey),
    };
    Some(clock::moment().after(wait))
}

const fn is_refusal(error: &HttpError) -> bool {
    matches!(
        error,
        HttpError::Unauthorized { .. } | HttpError::Forbidden { .. } | HttpError::NotFound { .. }
    )
}

record! {
    /// `Device`.
    struct DeviceData = "Device" {
        id: Id = "deviceId",
        name: Text = "deviceName",
        kind: Text = "deviceType",
        kind_name: Text = "deviceTypeName",
        status: Word = "deviceStatus",
    }
    unused: "deviceIcon", "revocable", "hasAttributes";
}

record! {
    /// `Result`: what is wrong with a request.
    struct SetUpData = "Result" {
        faults: List<FaultData> = "field",
    }
}

record! {
    /// What is wrong with one field of a request.
    struct FaultData = "field" {
        description: Text = "description",
        code: Text = "code",
    }
    text: fault_in;
}

/// A fault that is said in words alone.
fn fault_in(text: &str) -> Vec<FaultData> {
    vec![FaultData { description: Some(Shown::clean(text)), code: None }]
}

/// The answer of `device.active` and `device.list`: an array. What is told to be inactive cannot ring.
///
/// # Errors
/// Bytes that are no JSON.
pub fn devices<'b>(
    answer: impl Into<Body<'b>>,
    tally: &mut Tally,
) -> Result<Vec<Device>, Unreadable> {
    let device = |read: DeviceData| {
        let idle = read.status.is_some_and(|status| status.eq_ignore_ascii_case("INACTIVE"));
        let id = DeviceId::new(read.id.filter(|_| !idle)?);
        let name = read.name.or(read.kind_name).unwrap_or_else(|| id.shown());
        Some(Device { name, kind: read.kind.as_ref().map(kind), id })
    };
    let read = answer.into().list::<DeviceData>("device", tally)?;
    Ok(read.into_iter().filter_map(device).collect())
}

/// A phone's kind in plain words; a word that is not known stays.
fn kind(word: &Shown) -> Shown {
    Shown::clean(match word.as_str() {
        "MOBILE" => "mobile phone",
        "TABLET" => "tablet",
        "SOFTPHONE" => "softphone",
        "WEB_SOFTPHONE" => "web phone",
        "DESKPHONE" => "desk phone",
        "DECT" => "DECT phone",
        "PBX" => "phone of another exchange",
        "THIRD_PARTY" => "phone of another maker",
        "TEAMS" => "Teams",
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::transport::lenient::law::one_value_costs_no_other;

    #[test]
    fn one_value_of_a_device_or_a_result_costs_no_other() {
        one_value_costs_no_other::<DeviceData>(&json!({
            "deviceId": "d1", "deviceName": "Desk", "deviceType": "DESKPHONE",
            "deviceTypeName": "Desk phone", "deviceStatus": "ACTIVE",
        }));
        let fault = json!({ "description": "No such user", "code": "user.unknown" });
        one_value_costs_no_other::<FaultData>(&fault);
        one_value_costs_no_other::<SetUpData>(&json!({ "field": [fault] }));
    }
}
