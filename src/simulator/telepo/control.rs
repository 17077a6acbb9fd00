//! Call control: what can be done to calls, by whom, and on which phones.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calls::{CallState, UserCalls, call_id, device, dialled_id, followed, joining_id};
use super::{Answer, DOMAIN, Refusal, SUPERVISOR, Shared, user_position};
use crate::simulator::centre::{Centre, Handle};
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
    state_token: Option<u64>,
    destination: Option<String>,
    r#type: Option<String>,
}

impl Wanted {
    fn read(body: &Bytes) -> Result<Self, Refusal> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(body)
            .map_err(|_broken| refusal(StatusCode::BAD_REQUEST, "body", "body.not.valid"))
    }
}

fn refusal(status: StatusCode, field: &'static str, code: &'static str) -> Refusal {
    let description = match code {
        "state.token.outdated" => "The state of the call has changed",
        "action.not.allowed" => "The call does not allow this now",
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
) -> Answer<Vec<Device>> {
    user_position(&site.centre(), &domain, &user)?;
    Ok(Json(devices(&user)))
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
    let wanted = Wanted::read(body)?;
    let answer = {
        let mut centre = site.centre();
        let position = followed(site, &centre, &domain, &user)?;
        let (call, state) = found(site, &centre, position, &id)?;
        if wanted.state_token.is_some_and(|token| token != state.state_token) {
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
    change(&site, path, &body, "TRANSFER", |centre, call, wanted| {
        let destination = wanted.destination.as_deref().unwrap_or_default();
        if destination.is_empty() {
            return Err(refusal(StatusCode::BAD_REQUEST, "destination", "body.not.valid"));
        }
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

async fn pick_up(
    State(site): Shared,
    Path((domain, user, own, id)): Path<(String, String, String, String)>,
) -> Result<Response, Refusal> {
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
    let wanted = Wanted::read(&body)?;
    let answer = {
        let mut centre = site.centre();
        let position = followed(&site, &centre, &domain, &user)?;
        has_device(&user, &own)?;
        let how = match wanted.r#type.as_deref() {
            Some("MONITOR") => "MONITOR",
            Some("WHISPER") => "WHISPER",
            Some("BARGE") => "BARGE",
            // Nobody outside answers a call of the simulator's.
            _ => return Err(refusal(StatusCode::BAD_REQUEST, "type", "body.not.valid")),
        };
        let agent = wanted.destination.as_deref().and_then(|to| agent_at(&centre, to));
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
) -> Result<Response, Refusal> {
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
