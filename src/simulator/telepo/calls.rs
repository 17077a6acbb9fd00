//! Call state: the calls of a user and one call, as snapshots.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::{Answer, DOMAIN, Refusal, Shared, follow, user_position};
use crate::simulator::Licences;
use crate::simulator::centre::{Agent, AgentState, Call, Centre, Dialled, Joining, Phase, Stage};
use crate::simulator::site::Site;

pub(super) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/callstate/user/{domain}/{user}", get(of_user))
        .route("/callstate/call/{domain}/{user}/{call}", get(one))
        .merge(follow::router())
}

/// The calls of one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserCalls {
    full_state: bool,
    pub(super) calls: Vec<CallState>,
}

/// One call as its user's devices have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallState {
    pub(super) state_token: u64,
    pub(super) call_id: String,
    pub(super) remote_party: Party,
    participants: Vec<Participant>,
    conference: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    history_info: Option<History>,
    pub(super) inbound: bool,
    intruded: bool,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<&'static str>,
    muted: bool,
    pub(super) duration: u64,
    recordable: bool,
    recording: bool,
    external_recording: bool,
    external_recording_duration: u64,
    external_recording_paused: bool,
    device_ids: Vec<String>,
    pub(super) actions: Vec<Action>,
    correlation_id: String,
}

/// Somebody in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Party {
    r#type: &'static str,
    tel_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) display_name: Option<String>,
    pub(super) display_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    intrusion_type: Option<&'static str>,
}

/// Somebody's place in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Participant {
    id: String,
    remote_party: Party,
}

/// Where a call came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct History {
    camp_on: bool,
    initial_party: Party,
    previous_party: Party,
    previous_retarget_reason: &'static str,
}

/// What can be done to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Action {
    pub(super) action: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    device_ids: Vec<String>,
}

impl Party {
    fn caller(number: &str) -> Self {
        Self {
            r#type: "USER_ID",
            tel_uri: format!("tel:{number}"),
            display_name: None,
            display_number: number.to_owned(),
            intrusion_type: None,
        }
    }

    fn agent(agent: &Agent) -> Self {
        Self {
            r#type: "USER_ID",
            tel_uri: format!("sip:{}@{DOMAIN}", agent.user()),
            display_name: Some(format!("{} {}", agent.first_name(), agent.last_name())),
            display_number: agent.user().to_owned(),
            intrusion_type: None,
        }
    }
}

/// The identity of a call as the user has it who has it now.
pub(super) fn call_id(call: &Call) -> String {
    format!("c{}-{}", call.id, call.handling.leg)
}

/// The identity of a supervisor's own call.
pub(super) fn joining_id(joining: &Joining) -> String {
    format!("s{}", joining.id)
}

/// The identity of a call that its user set up.
pub(super) fn dialled_id(dialled: &Dialled) -> String {
    format!("d{}", dialled.id)
}

/// The device that a user's calls are on.
pub(super) fn device(user: &str) -> String {
    format!("desk-{user}")
}

impl CallState {
    /// The call in the hands of the agent at `user`; none if it is not.
    pub(super) fn of(site: &Site, centre: &Centre, user: usize, call: &Call) -> Option<Self> {
        let (Phase::Alerting { agent } | Phase::Connected { agent }) = call.phase else {
            return None;
        };
        let own = centre.agents().get(user).filter(|_| agent == user)?;
        let (now, handling) = (centre.now(), &call.handling);
        let held = call.is_held(now);
        let status = match call.phase {
            Phase::Connected { .. } if held => "HELD",
            Phase::Connected { .. } => "ACTIVE",
            _ => "RINGING",
        };
        let lasted = |from: u64| site.lasted(now, from);
        let connected = status != "RINGING";
        let recorded = connected && call.is_recorded();
        let duration = if connected { lasted(handling.answered) } else { 0 };
        let device = handling.device.clone().unwrap_or_else(|| device(own.user()));
        let mut offered = match status {
            "RINGING" => vec!["ANSWER", "TRANSFER"],
            "HELD" => vec!["RESUME", "MOVE", "TRANSFER", "PARK"],
            _ => vec!["HOLD", "MOVE", "TRANSFER", "PARK"],
        };
        if status == "ACTIVE" {
            offered.push(if handling.muted { "UNMUTE" } else { "MUTE" });
        }
        if connected && !recorded {
            offered.push(if handling.recording { "STOP_REC" } else { "START_REC" });
        }
        if recorded {
            offered.push(if handling.paused { "RESUME_REC" } else { "PAUSE_REC" });
            offered.push(if handling.saved { "DISCARD_REC" } else { "SAVE_REC" });
        }
        let actions = offered.into_iter().map(|action| Action {
            action,
            device_ids: if action == "ANSWER" { vec![device.clone()] } else { Vec::new() },
        });
        let id = call_id(call);
        let caller = Party::caller(&call.caller);
        let intruder = handling.intruder.as_ref().and_then(|who| {
            let party = Party::agent(centre.agents().get(who.agent)?);
            let remote_party = Party { intrusion_type: Some(who.how), ..party };
            Some(Participant { id: format!("{id}-i"), remote_party })
        });
        Some(Self {
            state_token: call.token(now),
            remote_party: caller.clone(),
            intruded: intruder.is_some(),
            participants: [Participant { id: id.clone(), remote_party: caller.clone() }]
                .into_iter()
                .chain(intruder)
                .collect(),
            call_id: id,
            conference: false,
            history_info: History::of(centre, call, caller),
            inbound: true,
            status,
            event: None,
            muted: handling.muted,
            duration,
            recordable: true,
            recording: handling.recording,
            external_recording: recorded,
            external_recording_duration: if recorded { duration } else { 0 },
            external_recording_paused: handling.paused,
            actions: actions.collect(),
            device_ids: vec![device],
            correlation_id: format!("k{}", call.id),
        })
    }

    /// The supervisor's own call by which an agent's is joined.
    pub(super) fn joining(site: &Site, centre: &Centre, joining: &Joining) -> Option<Self> {
        let device = device(centre.agents().get(joining.by)?.user());
        let remote_party = Party::agent(centre.agents().get(joining.agent)?);
        let since = joining.joined.map(|from| site.lasted(centre.now(), from));
        Some(Self {
            state_token: joining.id * 100_000 + u64::from(joining.joined.is_some()),
            duration: since.unwrap_or(0),
            correlation_id: format!("k{}", joining.call),
            ..Self::made(
                joining_id(joining),
                device,
                remote_party,
                if since.is_some() { "ACTIVE" } else { "INITIATED" },
            )
        })
    }

    /// A call that its user set up.
    pub(super) fn dialled(site: &Site, centre: &Centre, own: &Dialled) -> Option<Self> {
        let device = device(centre.agents().get(own.by)?.user());
        let (status, moves, duration) = match own.stage {
            Stage::Rings => ("INITIATED", 0, 0),
            Stage::Calls => ("RINGING", 1, 0),
            Stage::Speaks(from) => ("ACTIVE", 2, site.lasted(centre.now(), from)),
        };
        Some(Self {
            state_token: own.id * 100_000 + moves,
            duration,
            correlation_id: format!("d{}", own.id),
            ..Self::made(dialled_id(own), device, Party::caller(&own.number), status)
        })
    }

    /// An outgoing call that offers nothing, before its first second.
    fn made(id: String, device: String, remote_party: Party, status: &'static str) -> Self {
        Self {
            state_token: 0,
            participants: vec![Participant { id: id.clone(), remote_party: remote_party.clone() }],
            call_id: id,
            remote_party,
            conference: false,
            history_info: None,
            inbound: false,
            intruded: false,
            status,
            event: None,
            muted: false,
            duration: 0,
            recordable: false,
            recording: false,
            external_recording: false,
            external_recording_duration: 0,
            external_recording_paused: false,
            actions: Vec::new(),
            device_ids: vec![device],
            correlation_id: String::new(),
        }
    }

    /// The same once it is over for its user.
    pub(super) fn over(self, event: Option<&'static str>) -> Self {
        let state_token = self.state_token + 5;
        Self { state_token, status: "TERMINATED", event, actions: Vec::new(), ..self }
    }

    /// Whether it is the same but for how long it lasts.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        let still = Self {
            duration: other.duration,
            external_recording_duration: other.external_recording_duration,
            ..self.clone()
        };
        still == *other
    }
}

impl History {
    fn of(centre: &Centre, call: &Call, initial_party: Party) -> Option<Self> {
        let (previous_party, previous_retarget_reason) = match call.handling.from {
            Some(from) => (Party::agent(centre.agents().get(from)?), "TRANSFERRED"),
            None => {
                let queue = &centre.queues().get(call.queue)?.setup;
                let number = queue.number.clone().unwrap_or_else(|| queue.id.clone());
                let party = Party {
                    r#type: "FUNCTION_NUMBER_ID",
                    display_name: Some(queue.name.clone()),
                    ..Party::caller(&number)
                };
                (party, "DISTRIBUTED")
            }
        };
        Some(Self { camp_on: false, initial_party, previous_party, previous_retarget_reason })
    }
}

impl UserCalls {
    /// The calls of the agent at `user`.
    pub(super) fn of(site: &Site, centre: &Centre, user: usize) -> Self {
        let state = centre.agents().get(user).map(Agent::state);
        let call = match state {
            Some(AgentState::Alerting { call } | AgentState::Talking { call }) => centre.call(call),
            _ => None,
        };
        let call = call.and_then(|call| CallState::of(site, centre, user, call));
        let joinings = centre.joinings().filter(|own| own.by == user);
        let joinings = joinings.filter_map(|own| CallState::joining(site, centre, own));
        let dialled = centre.dialled().filter(|own| own.by == user);
        let dialled = dialled.filter_map(|own| CallState::dialled(site, centre, own));
        Self { full_state: true, calls: call.into_iter().chain(joinings).chain(dialled).collect() }
    }
}

/// The position of a user whose calls may be followed.
pub(super) fn followed(
    site: &Site,
    centre: &Centre,
    domain: &str,
    user: &str,
) -> Result<usize, Refusal> {
    let position = user_position(centre, domain, user)?;
    let licensed = match site.licences() {
        Licences::All => true,
        Licences::Some => !position.is_multiple_of(3),
        Licences::None => false,
    };
    licensed.then_some(position).ok_or_else(|| Refusal {
        status: StatusCode::FORBIDDEN,
        field: "user",
        code: "licence.missing",
        description: "The user has no Cloud CTI API licence",
        name: user.to_owned(),
    })
}

async fn of_user(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
) -> Answer<UserCalls> {
    let centre = site.centre();
    let position = followed(&site, &centre, &domain, &user)?;
    Ok(Json(UserCalls::of(&site, &centre, position)))
}

async fn one(
    State(site): Shared,
    Path((domain, user, call)): Path<(String, String, String)>,
) -> Answer<CallState> {
    let centre = site.centre();
    let position = followed(&site, &centre, &domain, &user)?;
    let calls = UserCalls::of(&site, &centre, position).calls;
    let found = calls.into_iter().find(|own| own.call_id == call);
    found.map(Json).ok_or_else(|| Refusal::unknown_call(&call))
}
