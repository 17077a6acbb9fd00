//! What changed on the floor since it was last looked at, as the vendor's events.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use fastrand::Rng;
use serde_json::{Value, json};

use super::Sent;
use crate::simulator::centre::{
    Agent, AgentState, Call, Callback, Centre, Figures, ListFigures, Phase, Reason, guid,
};
use crate::simulator::enreach::{ORGANISATION_ID, list_status, status_code};
use crate::simulator::scenario::Vendor;
use crate::simulator::site::Site;

/// How often queues are told of, where they changed: looks at the floor.
const QUEUES_EVERY: u64 = 8;
/// The same of callback lists: every 15 seconds.
const LISTS_EVERY: u64 = 60;

/// The floor as it was last told.
#[derive(Debug)]
pub(super) struct Changes {
    rng: Rng,
    looks: u64,
    calls: BTreeMap<u64, Call>,
    agents: BTreeMap<usize, AgentState>,
    /// Which queues each person is logged in to.
    members: BTreeMap<usize, Vec<(usize, bool)>>,
    queues: BTreeMap<usize, Figures>,
    callbacks: BTreeMap<u64, Callback>,
    lists: BTreeMap<usize, ListFigures>,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            rng: Rng::with_seed(0x5eed),
            looks: 0,
            calls: BTreeMap::new(),
            agents: BTreeMap::new(),
            members: BTreeMap::new(),
            queues: BTreeMap::new(),
            callbacks: BTreeMap::new(),
            lists: BTreeMap::new(),
        }
    }
}

/// An identity made of a number and what it numbers.
fn id(kind: u16, number: u64) -> String {
    format!("5c1e0000-{kind:04x}-4000-8000-{number:012x}")
}

fn user(agent: usize) -> String {
    id(1, u64::try_from(agent).unwrap_or_default())
}

fn name(agent: &Agent) -> String {
    format!("{} {}", agent.first_name(), agent.last_name())
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn merge(body: &mut Value, own: &Value) {
    for (key, value) in own.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
}

/// Events that are being made.
struct Making<'c> {
    site: &'c Site,
    centre: &'c Centre,
    rng: Rng,
    events: Vec<Sent>,
}

impl<'c> Making<'c> {
    /// Tells one thing that was so at `at` and is worth telling for `ttl` seconds.
    fn tell(
        &mut self,
        what: &'static str,
        about: (&str, &str),
        at: DateTime<Utc>,
        ttl: i32,
        own: &Value,
    ) {
        let mut body = json!({
            "Id": guid(&mut self.rng),
            "Timestamp": written(at),
            "EventType": what,
            "RootEntityType": "Organization",
            "RootEntityId": ORGANISATION_ID,
            "OrganizationId": ORGANISATION_ID,
            "EntityType": about.0,
            "EntityId": about.1,
            "MessageTTLSeconds": ttl,
        });
        merge(&mut body, own);
        self.events.push(Sent { name: what, body: body.to_string() });
    }

    fn now(&self) -> DateTime<Utc> {
        self.site.instant(self.centre.now())
    }

    fn agent(&self, position: usize) -> Option<&'c Agent> {
        self.centre.agents().get(position)
    }

    /// One step of a call into a queue, told of the queue or of the person who has it.
    fn step(
        &mut self,
        what: &'static str,
        call: &Call,
        agent: Option<usize>,
        at: DateTime<Utc>,
        own: &Value,
    ) {
        let Some(queue) = self.centre.queues().get(call.queue) else { return };
        let setup = &queue.setup;
        let mut body = json!({
            "CallId": id(2, call.id),
            "LegId": format!("leg-{}", call.id),
            "CallerNumber": call.caller,
            "TargetNumber": setup.number,
            "QueueId": setup.id,
            "QueueName": setup.name,
            "QueueNumber": setup.number,
        });
        if let Some((position, agent)) = agent.and_then(|at| Some((at, self.agent(at)?))) {
            body["UserId"] = json!(user(position));
            body["UserName"] = json!(name(agent));
        }
        merge(&mut body, own);
        self.tell(what, ("Queue", &setup.id), at, -1, &body);
    }
}

impl Changes {
    /// What changed since the last look; at the first look everything that is.
    pub(super) fn since(&mut self, site: &Site) -> Vec<Sent> {
        let centre = site.centre();
        let rng = self.rng.fork();
        let mut making = Making { site, centre: &centre, rng, events: Vec::new() };
        self.people(&mut making);
        self.steps(&mut making);
        self.requests(&mut making);
        if self.looks.is_multiple_of(QUEUES_EVERY) {
            self.figures(&mut making);
        }
        if self.looks.is_multiple_of(LISTS_EVERY) {
            self.list_figures(&mut making);
        }
        self.looks += 1;
        making.events
    }

    fn steps(&mut self, making: &mut Making<'_>) {
        let (site, centre) = (making.site, making.centre);
        let ours = |call: &&Call| {
            let queue = centre.queues().get(call.queue);
            queue.is_some_and(|queue| queue.setup.vendor == Vendor::Enreach)
        };
        let now: BTreeMap<u64, Call> =
            centre.calls().filter(ours).map(|call| (call.id, call.clone())).collect();
        let (nothing, millis) = (json!({}), TimeDelta::milliseconds);
        for call in now.values() {
            let known = self.calls.get(&call.id);
            let arrived = site.instant(call.arrived);
            if known.is_none() {
                making.step("QueueCallInComing", call, None, arrived, &nothing);
                making.step("QueueCallInArrived", call, None, arrived + millis(1), &nothing);
            }
            let (Phase::Alerting { agent } | Phase::Connected { agent }) = call.phase else {
                continue;
            };
            if known.is_some_and(|known| known.phase == call.phase) {
                continue;
            }
            let began =
                centre.agents().get(agent).map_or(arrived, |agent| site.instant(agent.since()));
            let at = began.max(arrived + millis(3));
            let rang = known.is_some_and(|known| known.phase != Phase::Waiting);
            if !rang {
                making.step(
                    "QueueCallInUserAllocated",
                    call,
                    Some(agent),
                    at - millis(1),
                    &nothing,
                );
            }
            if let Phase::Connected { .. } = call.phase {
                making.step("QueueCallInUserConnected", call, Some(agent), at, &nothing);
            }
        }
        for gone in self.calls.values().filter(|call| !now.contains_key(&call.id)) {
            let reason = json!({ "Reason": "remote", "TechReason": "200" });
            making.step("QueueCallInDisconnected", gone, None, making.now(), &reason);
        }
        self.calls = now;
    }

    fn people(&mut self, making: &mut Making<'_>) {
        let ours = making.centre.agents().iter().enumerate();
        for (position, agent) in ours.filter(|(_, agent)| agent.vendor() == Vendor::Enreach) {
            let state = agent.state();
            let known = self.agents.insert(position, state);
            let places: Vec<(usize, bool)> =
                agent.memberships().iter().map(|own| (own.queue, own.logged_in)).collect();
            let moved = self.members.get(&position) != Some(&places);
            if known == Some(state) && !moved {
                continue;
            }
            self.members.insert(position, places);
            let own = user(position);
            let about = ("User", own.as_str());
            let at = if known == Some(state) {
                making.now()
            } else {
                making.site.instant(agent.since())
            };
            if moved {
                attached(making, agent, about, at);
            }
            let away = |state: AgentState| matches!(state, AgentState::Away(_) | AgentState::Off);
            if known.is_none_or(|known| away(known) || away(state)) {
                making.tell("UserAvailability", about, at, -1, &availability(agent, &own, at));
            }
            if let (Some(AgentState::Talking { call }), AgentState::WrapUp) = (known, state)
                && let Some(call) = self.calls.get(&call)
            {
                let limit = json!({ "MaxWrapUpDurationSec": 120 });
                making.step("UserWrapUpStarted", call, Some(position), at, &limit);
            }
            making.tell("UserStatus", about, at, 60, &status(making, agent, &own));
        }
    }

    fn requests(&mut self, making: &mut Making<'_>) {
        let all = making.centre.callbacks();
        let now: BTreeMap<u64, Callback> =
            all.map(|(number, callback)| (number, callback.clone())).collect();
        for (number, callback) in &now {
            let known = self.callbacks.get(number);
            if known != Some(callback) {
                request(making, *number, callback, &json!({ "Created": known.is_none() }));
            }
        }
        for (number, callback) in self.callbacks.iter().filter(|(id, _)| !now.contains_key(id)) {
            request(making, *number, callback, &json!({ "IsClosed": true }));
        }
        self.callbacks = now;
    }

    fn figures(&mut self, making: &mut Making<'_>) {
        let centre = making.centre;
        for (position, queue) in centre.queues_of(Vendor::Enreach) {
            let setup = &queue.setup;
            let figures = centre.figures(position);
            if setup.hide_status || self.queues.get(&position) == Some(&figures) {
                continue;
            }
            let body = json!({
                "QueueId": setup.id,
                "QueueName": setup.name,
                "OpenStatus": status_code(&figures, setup.uncertain),
                "MaxWaitTime": figures.longest_wait,
                "NbrOfRequesters": figures.waiting + figures.alerting + figures.connected,
                "NbrOfQueuingRequesters": figures.waiting,
                "NbrOfNotServedRequesters": figures.waiting + figures.alerting,
                "NbrOfAllocated": figures.alerting,
                "NbrOfConnected": figures.connected,
                "NbrOfProviders": centre.members(position).count(),
                "NbrOfAgentsCheckedInQueue": figures.logged_in,
                "NbrOfServingAgentsEstimate": figures.logged_in,
                "NbrOfAgentsImmediatelyFree": figures.free,
                "NbrOfAgentsShortTermAway": figures.busy,
                "NbrOfAgentsLongTermAway": figures.away,
                "NbrOfAgentsOnWrapUp": figures.wrap_up,
                "NbrOfAgentsOnFetchMode": 0,
            });
            making.tell("QueueStatus", ("Queue", &setup.id), making.now(), 60, &body);
            self.queues.insert(position, figures);
        }
    }

    fn list_figures(&mut self, making: &mut Making<'_>) {
        for (position, list) in making.centre.lists().iter().enumerate() {
            let figures = making.centre.list_figures(position);
            if self.lists.get(&position) == Some(&figures) {
                continue;
            }
            let body = list_status(list, &figures);
            making.tell("CallbackListStatus", ("CallList", list.id()), making.now(), 600, &body);
            self.lists.insert(position, figures);
        }
    }
}

/// A person's places in the queues.
fn attached(making: &mut Making<'_>, agent: &Agent, about: (&str, &str), at: DateTime<Utc>) {
    for own in agent.memberships() {
        let Some(queue) = making.centre.queues().get(own.queue) else { continue };
        let body = json!({
            "UserId": about.1, "QueueId": queue.setup.id, "Active": own.logged_in,
            "Deleted": false, "Priority": 6 - own.skill.min(5),
        });
        making.tell("UserQueueAttached", about, at, -1, &body);
    }
}

/// What a person chose to be.
fn availability(agent: &Agent, own: &str, at: DateTime<Utc>) -> Value {
    let word = match agent.state() {
        AgentState::Off => "OffWork",
        AgentState::Away(_) => "Away",
        _ => "Available",
    };
    let note = if word == "Away" { agent.activity() } else { "" };
    json!({
        "UserId": own, "UserName": name(agent), "Availability": word, "Note": note,
        "StartTime": written(at), "EndTime": null, "EventSource": "simulator",
        "TransferNumber": "",
    })
}

/// A person as the queues see them.
fn status(making: &Making<'_>, agent: &Agent, own: &str) -> Value {
    let state = agent.state();
    let since = written(making.site.instant(agent.since()));
    let logged_in = agent.memberships().iter().filter(|own| own.logged_in).count();
    let call = match state {
        AgentState::Alerting { call } | AgentState::Talking { call } => Some(call),
        _ => None,
    };
    let call = call.and_then(|id| making.centre.calls().find(|call| call.id == id));
    let queue = call.and_then(|call| making.centre.queues().get(call.queue));
    let calling_back = matches!(state, AgentState::CallingBack { .. });
    let talking = call.is_some() || calling_back;
    json!({
        "UserId": own,
        "ActiveQueueId": queue.map(|queue| &queue.setup.id),
        "ActiveQueues": logged_in,
        "Available": !matches!(state, AgentState::Away(_)),
        "CanBeAllocatedTo": state == AgentState::Idle && logged_in > 0,
        "FetchMode": false,
        "ParkedCalls": 0,
        "Schedule": state != AgentState::Off,
        "ServiceTerminals": 1,
        "Serving": logged_in > 0,
        "ServingCallback": calling_back,
        "Talking": talking,
        "TalkingStatusChanged": talking.then_some(&since),
        "WrapUpStart": (state == AgentState::WrapUp).then_some(&since),
        "WrapUpEnd": null,
    })
}

/// A callback, whole.
fn request(making: &mut Making<'_>, number: u64, callback: &Callback, own: &Value) {
    let Some(list) = making.centre.lists().get(callback.list) else { return };
    let time = |at: u64| written(making.site.instant(at));
    let at = making.now();
    let kind = match callback.reason {
        Reason::Requested => 1,
        Reason::Overflown => 2,
    };
    let mut body = json!({
        "CallBackId": id(3, number),
        "CallListId": list.id(),
        "AssignedUserId": callback.taken_by.map(user),
        "ContactNumber": callback.number,
        "CreationTime": time(callback.created),
        "DueDate": time(callback.due),
        "NotBefore": time(callback.not_before),
        "ExpiryDate": time(callback.expires),
        "Modified": written(at),
        "Created": false,
        "IsClosed": false,
        "TypeId": kind,
        "CallbackAttempts": null,
        "CallbackExtras": null,
        "CallbackRelatedItems": null,
    });
    merge(&mut body, own);
    making.tell("CallbackChanged", ("CallList", list.id()), at, 120, &body);
}
