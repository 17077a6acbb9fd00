//! Call control: what can be done to calls, by whom, and on which phones.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calls::{CallState, UserCalls, call_id, device, dialled_id, followed, joining_id};
use super::checks::{self, Parameters, UserLine, Webhook};
use super::{Answer, Asked, DOMAIN, Refusal, SERVICE_TICKET, SUPERVISOR, Shared, user_position};
use crate::simulator::centre::{Centre, Handle, Phase};
use crate::simulator::scenario::Vendor;
use crate::simulator::site::Site;

pub(super) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/userdeviceinfo/active/{domain}/{user}", get(active))
        .route("/userdeviceinfo/devices/{domain}/{user}", get(all))
        .route("/configuration/answerplaces/{domain}/{user}", get(places))
        .route("/calls/current/{domain}/{user}/{place}/{contact}", post(set_up))
        .route("/callcontrol/make/{domain}/{user}/{device}", post(make))
        .route("/callcontrol/call/{domain}/{user}/{call}", delete(clear))
        .route("/callcontrol/hold/{domain}/{user}/{call}", post(hold))
        .route("/callcontrol/resume/{domain}/{user}/{call}", post(resume))
        .route("/callcontrol/transfer/{domain}/{user}/{call}", post(transfer))
        .route("/callcontrol/pickup/{domain}/{user}/{device}/{call}", post(pick_up))
        .route("/callcontrol/pickupdialog/{domain}/{user}/{device}", post(pick_up_dialog))
        .route("/callcontrol/answer/{domain}/{user}/{call}/{device}", post(answer))
        .route("/callcontrol/move/{domain}/{user}/{call}/{device}", post(move_call))
        .route("/callcontrol/mute/{domain}/{user}/{call}", post(mute))
        .route("/callcontrol/unmute/{domain}/{user}/{call}", post(unmute))
        .route("/callcontrol/park/{domain}/{user}/{call}", post(park))
        .route("/callrecording/start/{domain}/{user}/{call}", post(start_recording))
        .route("/callrecording/stop/{domain}/{user}/{call}", post(stop_recording))
        .route("/callrecording/save/{domain}/{user}/{call}", post(save))
        .route("/callrecording/discard/{domain}/{user}/{call}", post(discard))
        .route("/callrecording/pause/{domain}/{user}/{call}", post(pause))
        .route("/callrecording/resume/{domain}/{user}/{call}", post(resume_recording))
}

/// A phone.
#[derive(Debug, Serialize)]
struct Device {
    #[serde(rename = "deviceId")]
    id: String,
    #[serde(rename = "deviceType")]
    kind: &'static str,
    #[serde(rename = "deviceName")]
    name: String,
    #[serde(rename = "deviceIcon")]
    icon: &'static str,
    #[serde(rename = "deviceStatus", skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

/// What comes with a change; whatever is not needed is not looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Wanted {
    state_token: Option<i64>,
    destination: Option<String>,
    r#type: Option<String>,
    blind: Option<bool>,
    user_line: Option<UserLine>,
    role: Option<String>,
    #[serde(flatten)]
    webhook: Webhook,
}

/// The dialog that shall be picked up.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Picked {
    call_id: Option<String>,
    to_tag: Option<String>,
    from_tag: Option<String>,
    early_only: Option<bool>,
    #[serde(flatten)]
    webhook: Webhook,
}

fn refusal(status: StatusCode, field: &'static str, code: &'static str) -> Refusal {
    let description = match code {
        "state.token.outdated" => "The state of the call has changed",
        "action.not.allowed" => "The call does not allow this now",
        "service.account.only" => "Only a service account may do this",
        "dialog.does.not.exist" => "There is no such dialog",
        "no.call" => "The destination is in no call that can be joined",
        "device.does.not.exist" => "The user has no such device",
        "answer.place.does.not.exist" => "The user takes no calls there",
        "user.busy" => "A call of the user is being set up already",
        "destination.not.reachable" => "The destination cannot be reached",
        _ => "The request cannot be read",
    };
    Refusal { status, field, code, description, name: String::new() }
}

/// Everybody has a desk phone; the supervisor a mobile too, and a softphone that is not running.
fn devices(user: &str) -> Vec<Device> {
    let one = |id: String, kind, name: &str, status| Device {
        id,
        kind,
        name: name.to_owned(),
        icon: "DEFAULT",
        status: Some(status),
    };
    let mut all = vec![one(device(user), "DESKPHONE", "Desk 12", "ACTIVE")];
    if user == SUPERVISOR {
        all.push(one(format!("mobile-{user}"), "MOBILE", "Robin's mobile", "ACTIVE"));
        all.push(one(format!("soft-{user}"), "SOFTPHONE", "Laptop", "INACTIVE"));
    }
    all
}

async fn active(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
) -> Answer<Vec<Device>> {
    user_position(&site.centre(), &domain, &user)?;
    let active = devices(&user).into_iter().filter(|own| own.status == Some("ACTIVE"));
    Ok(Json(active.map(|own| Device { status: None, ..own }).collect()))
}

async fn all(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
    Query(query): Asked,
) -> Answer<Vec<Device>> {
    let kinds = [
        "MOBILE",
        "TABLET",
        "SOFTPHONE",
        "DESKPHONE",
        "PBX",
        "DECT",
        "THIRD_PARTY",
        "WEB_SOFTPHONE",
        "TEAMS",
    ];
    let query = Parameters::new(query);
    let wanted = query.one("type");
    wanted.map_or(Ok(()), |kind| checks::word("type", kind, &kinds))?;
    user_position(&site.centre(), &domain, &user)?;
    let fitting = devices(&user).into_iter();
    Ok(Json(fitting.filter(|own| wanted.is_none_or(|kind| kind == own.kind)).collect()))
}

type OfCall = Path<(String, String, String)>;

/// The number of a call of the user at `user`, with its state as the user is told it.
fn found(site: &Site, centre: &Centre, user: usize, id: &str) -> Result<(u64, CallState), Refusal> {
    let own = centre.calls().find(|call| call_id(call) == id);
    let own = own.and_then(|call| Some((call.id, CallState::of(site, centre, user, call)?)));
    own.ok_or_else(|| Refusal::unknown_call(id))
}

/// Makes a change to a call that allows it, if its state is the one that was seen.
fn change(
    site: &Arc<Site>,
    Path((domain, user, id)): OfCall,
    body: &Bytes,
    action: &str,
    act: impl FnOnce(&mut Centre, u64, &Wanted) -> Result<(), Refusal>,
) -> Result<Response, Refusal> {
    let wanted: Wanted = checks::body(body)?;
    let answer = {
        let mut centre = site.centre();
        let position = followed(site, &centre, &domain, &user)?;
        let (call, state) = found(site, &centre, position, &id)?;
        if wanted.state_token.is_some_and(|token| u64::try_from(token) != Ok(state.state_token)) {
            let outdated = StatusCode::from_u16(site.faults().outdated);
            let status = outdated.unwrap_or(StatusCode::CONFLICT);
            return Err(refusal(status, "stateToken", "state.token.outdated"));
        }
        if !state.actions.iter().any(|own| own.action == action) {
            return Err(refusal(StatusCode::CONFLICT, "callId", "action.not.allowed"));
        }
        act(&mut centre, call, &wanted)?;
        let after = UserCalls::of(site, &centre, position).calls;
        let after = after.into_iter().find(|own| own.call_id == id);
        after.unwrap_or_else(|| state.over(None))
    };
    Ok(made(site, Json(answer).into_response()))
}

/// The answer to a change that was made: whoever looks on sees it.
fn made(site: &Site, answer: Response) -> Response {
    site.announce();
    answer
}

/// Does what a call allows.
fn handled(centre: &mut Centre, call: u64, handle: Handle) -> Result<(), Refusal> {
    match centre.handle(call, handle) {
        true => Ok(()),
        false => Err(refusal(StatusCode::CONFLICT, "callId", "action.not.allowed")),
    }
}

macro_rules! simple {
    ($($name:ident: $action:literal, $handle:expr;)*) => {$(
        async fn $name(State(site): Shared, path: OfCall, body: Bytes) -> Result<Response, Refusal> {
            change(&site, path, &body, $action, |centre, call, _| handled(centre, call, $handle))
        }
    )*};
}

simple! {
    hold: "HOLD", Handle::Hold;
    mute: "MUTE", Handle::Mute(true);
    unmute: "UNMUTE", Handle::Mute(false);
    park: "PARK", Handle::Park;
    start_recording: "START_REC", Handle::Record(true);
    stop_recording: "STOP_REC", Handle::Record(false);
    resume: "RESUME", Handle::Resume;
    save: "SAVE_REC", Handle::Save(true);
    discard: "DISCARD_REC", Handle::Save(false);
    pause: "PAUSE_REC", Handle::Pause(true);
    resume_recording: "RESUME_REC", Handle::Pause(false);
}

/// The agent that a destination names, if it is one.
fn agent_at(centre: &Centre, destination: &str) -> Option<usize> {
    let address = destination.strip_prefix("sip:").unwrap_or(destination);
    let (user, domain) = address.split_once('@').unwrap_or((address, DOMAIN));
    let known = |user: &str| {
        centre
            .agents()
            .iter()
            .position(|agent| agent.vendor() == Vendor::Telepo && agent.user() == user)
    };
    known(user).filter(|_| domain.eq_ignore_ascii_case(DOMAIN))
}

/// To a free agent, to whom it rings; a busy one is waited for where that is wanted. Every number is outside.
async fn transfer(State(site): Shared, path: OfCall, body: Bytes) -> Result<Response, Refusal> {
    let wanted: Wanted = checks::body(&body)?;
    let destination = checks::uri("destination", wanted.destination.as_ref())?;
    if let Some(kind) = &wanted.r#type {
        checks::word("type", kind, &["BASIC", "VOICEMAIL", "CAMP_ON", "DIVERSION_BYPASS"])?;
    }
    change(&site, path, &body, "TRANSFER", |centre, call, wanted| {
        match agent_at(centre, destination) {
            Some(to) if wanted.r#type.as_deref() == Some("CAMP_ON") => {
                centre.camp(call, to);
                Ok(())
            }
            Some(to) if centre.handle(call, Handle::Transfer(to)) => Ok(()),
            Some(_) => {
                Err(refusal(StatusCode::CONFLICT, "destination", "destination.not.reachable"))
            }
            None => handled(centre, call, Handle::Clear),
        }
    })
}

async fn clear(State(site): Shared, Path((domain, user, id)): OfCall) -> Result<Response, Refusal> {
    {
        let mut centre = site.centre();
        let position = followed(&site, &centre, &domain, &user)?;
        let mut joinings = centre.joinings().filter(|own| own.by == position);
        let joining = joinings.find(|own| joining_id(own) == id).map(|own| own.id);
        drop(joinings);
        let dialled = centre.dialled().filter(|own| own.by == position);
        let dialled = { dialled }.find(|own| dialled_id(own) == id).map(|own| own.id);
        match (joining, dialled) {
            (Some(joining), _) => {
                centre.leave_call(joining);
            }
            (None, Some(dialled)) => {
                centre.drop_dialled(dialled);
            }
            (None, None) => {
                let (call, _) = found(&site, &centre, position, &id)?;
                centre.handle(call, Handle::Clear);
            }
        }
    }
    Ok(made(&site, StatusCode::NO_CONTENT.into_response()))
}

/// Only service accounts pick up by the identity of a call.
async fn pick_up(
    State(site): Shared,
    headers: HeaderMap,
    Path((domain, user, own, id)): Path<(String, String, String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    checks::body::<Webhook>(&body)?.check()?;
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given.and_then(|value| value.strip_prefix("Bearer ")) != Some(SERVICE_TICKET) {
        return Err(refusal(StatusCode::FORBIDDEN, "ticket", "service.account.only"));
    }
    let answer = {
        let mut centre = site.centre();
        let position = followed(&site, &centre, &domain, &user)?;
        has_device(&user, &own)?;
        let call = centre.calls().find(|call| call_id(call) == id).map(|call| call.id);
        let call = call.ok_or_else(|| Refusal::unknown_call(&id))?;
        handled(&mut centre, call, Handle::PickUp(position))?;
        let own = UserCalls::of(&site, &centre, position).calls.into_iter().next();
        own.ok_or_else(|| Refusal::unknown_call(&id))?
    };
    Ok(made(&site, Json(answer).into_response()))
}

/// Whoever may pick up does so by the tags of the dialog, as the stream of dialogs tells them.
async fn pick_up_dialog(
    State(site): Shared,
    Path((domain, user, own)): OfCall,
    body: Bytes,
) -> Result<Response, Refusal> {
    let wanted: Picked = checks::body(&body)?;
    wanted.webhook.check()?;
    let dialog = checks::needed("callId", wanted.call_id.as_ref())?;
    let to = checks::needed("toTag", wanted.to_tag.as_ref())?;
    let from = checks::needed("fromTag", wanted.from_tag.as_ref())?;
    let early = wanted.early_only.ok_or_else(|| checks::malformed("earlyOnly", ""))?;
    let answer = {
        let mut centre = site.centre();
        let position = followed(&site, &centre, &domain, &user)?;
        has_device(&user, &own)?;
        let id = dialog.strip_suffix(&format!("@{DOMAIN}")).unwrap_or(dialog);
        let found = centre.calls().find(|call| call_id(call) == id);
        let known = to == format!("l-{id}") && from == format!("r-{id}");
        let call = found.filter(|_| known).map(|call| (call.id, call.phase));
        let (call, phase) =
            call.ok_or_else(|| refusal(StatusCode::NOT_FOUND, "callId", "dialog.does.not.exist"))?;
        if early && !matches!(phase, Phase::Alerting { .. }) {
            return Err(refusal(StatusCode::CONFLICT, "earlyOnly", "action.not.allowed"));
        }
        handled(&mut centre, call, Handle::PickUp(position))?;
        let own = UserCalls::of(&site, &centre, position).calls.into_iter().next();
        own.ok_or_else(|| Refusal::unknown_call(id))?
    };
    Ok(made(&site, Json(answer).into_response()))
}

type OnDevice = Path<(String, String, String, String)>;

/// On the device at which it rings, and no other.
async fn answer(
    State(site): Shared,
    Path((domain, user, id, own)): OnDevice,
    body: Bytes,
) -> Result<Response, Refusal> {
    checks::body::<Webhook>(&body)?.check()?;
    has_device(&user, &own)?;
    if own != device(&user) {
        return Err(refusal(StatusCode::CONFLICT, "deviceId", "action.not.allowed"));
    }
    let path = Path((domain, user, id));
    change(&site, path, &Bytes::new(), "ANSWER", |centre, call, _| {
        handled(centre, call, Handle::Answer)
    })
}

async fn move_call(
    State(site): Shared,
    Path((domain, user, id, own)): OnDevice,
    body: Bytes,
) -> Result<Response, Refusal> {
    checks::body::<Wanted>(&body)?;
    has_device(&user, &own)?;
    let path = Path((domain, user, id));
    change(&site, path, &body, "MOVE", |centre, call, _| {
        handled(centre, call, Handle::Move(own.clone()))
    })
}

fn has_device(user: &str, id: &str) -> Result<(), Refusal> {
    let known = devices(user).iter().any(|own| own.id == id);
    known
        .then_some(())
        .ok_or_else(|| refusal(StatusCode::NOT_FOUND, "deviceId", "device.does.not.exist"))
}

/// A phone of the user's rings; once it is taken up, it is in the call of the agent.
async fn make(
    State(site): Shared,
    Path((domain, user, own)): OfCall,
    body: Bytes,
) -> Result<Response, Refusal> {
    let wanted: Wanted = checks::body(&body)?;
    wanted.webhook.check()?;
    wanted.user_line.as_ref().map_or(Ok(()), UserLine::check)?;
    let to = checks::uri("destination", wanted.destination.as_ref())?;
    let kind = wanted.r#type.as_deref().unwrap_or("BASIC");
    let how = ["MONITOR", "WHISPER", "BARGE"].into_iter().find(|how| *how == kind);
    if how.is_none() {
        let plain = ["BASIC", "DIVERSION_BYPASS", "INTRUSION", "INTERCOM", "VOICEMAIL"];
        checks::word("type", kind, &plain)?;
    }
    let answer = {
        let mut centre = site.centre();
        let position = followed(&site, &centre, &domain, &user)?;
        has_device(&user, &own)?;
        let Some(how) = how else {
            let number = to.split_once(':').map_or(to, |(_, number)| number);
            let dialled = centre.dial(position, number);
            let dialled =
                dialled.ok_or_else(|| refusal(StatusCode::CONFLICT, "user", "user.busy"))?;
            let state = CallState::dialled(&site, &centre, &dialled);
            drop(centre);
            return Ok(made(&site, Json(state).into_response()));
        };
        let agent = agent_at(&centre, to);
        let joining = agent.and_then(|agent| centre.join(position, agent, how));
        let joining =
            joining.ok_or_else(|| refusal(StatusCode::CONFLICT, "destination", "no.call"))?;
        CallState::joining(&site, &centre, &joining)
            .ok_or_else(|| refusal(StatusCode::CONFLICT, "destination", "no.call"))?
    };
    Ok(made(&site, Json(answer).into_response()))
}

/// Where everybody can take a call that is set up.
const PLACES: [(&str, &str); 3] =
    [("desk", "Desk phone"), ("mobile", "Mobile"), ("home", "Home office")];

async fn places(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
) -> Answer<Value> {
    user_position(&site.centre(), &domain, &user)?;
    let places = PLACES.map(|(id, name)| json!({ "id": id, "name": name }));
    Ok(Json(json!({ "answerplace": places })))
}

/// A phone of the user's rings; once it is taken up, that of the contact does.
async fn set_up(
    State(site): Shared,
    Path((domain, user, place, contact)): Path<(String, String, String, String)>,
    Query(query): Asked,
) -> Result<Response, Refusal> {
    let query = Parameters::new(query);
    for name in ["bypass", "intrude", "callback-via-gsm"] {
        query.flag(name)?;
    }
    let number = contact.strip_prefix('+').unwrap_or(&contact);
    let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    let is_user = contact
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && !user.contains(':') && !host.is_empty());
    if !is_number && !is_user {
        return Err(checks::malformed("cid", &contact));
    }
    let dialled = {
        let mut centre = site.centre();
        let position = user_position(&centre, &domain, &user)?;
        if !PLACES.iter().any(|(id, _)| *id == place) {
            return Err(refusal(StatusCode::NOT_FOUND, "aptype", "answer.place.does.not.exist"));
        }
        let dialled = centre.dial(position, &contact);
        dialled.ok_or_else(|| refusal(StatusCode::CONFLICT, "user", "user.busy"))?
    };
    let answer = json!({ "field": [], "warning": [], "generated-id": dialled_id(&dialled) });
    Ok(made(&site, Json(answer).into_response()))
}
