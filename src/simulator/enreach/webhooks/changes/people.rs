//! People: what they do, where they sit, and what they ask for.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Changes, Making, millis, name, user, written};
use crate::simulator::centre::{Activity, Agent, AgentState, Phase, guid};

impl Changes {
    pub(super) fn people(&mut self, making: &mut Making<'_>) {
        let mut moved_in = BTreeSet::new();
        for (position, agent) in making.people() {
            let state = agent.state();
            let known = self.agents.insert(position, state);
            let places: Vec<(usize, bool)> =
                agent.memberships().iter().map(|own| (own.queue, own.logged_in)).collect();
            let moved = self.members.get(&position) != Some(&places);
            if known == Some(state) && !moved {
                continue;
            }
            moved_in.extend(places.iter().filter(|_| moved).map(|(queue, _)| *queue));
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
            if known != Some(state) {
                self.wraps_up(making, position, known, agent);
                self.fetches(making, position, known, state);
            }
            making.tell("UserStatus", about, at, 60, &status(making, agent, &own));
        }
        for queue in moved_in {
            members(making, queue);
        }
    }

    /// Somebody begins to write down what a call was about, or is done with it.
    fn wraps_up(
        &mut self,
        making: &mut Making<'_>,
        position: usize,
        known: Option<AgentState>,
        agent: &Agent,
    ) {
        let (since, at) = (agent.since(), making.site.instant(agent.since()));
        if let Some((call, began)) = self.wrap_ups.remove(&position) {
            let elapsed = since.saturating_sub(began) / 1_000;
            let body = json!({ "ElapsedTimeSec": elapsed, "Reason": "manual" });
            making.step("UserWrapUpTerminated", &call, Some(position), at, &body);
        }
        if let (Some(AgentState::Talking { call }), AgentState::WrapUp) = (known, agent.state())
            && let Some(own) = self.calls.get(&call)
        {
            let limit = json!({ "MaxWrapUpDurationSec": 120 });
            making.step("UserWrapUpStarted", &own.call, Some(position), at, &limit);
            self.wrap_ups.insert(position, (own.call.clone(), since));
        }
    }

    /// Somebody who has just finished takes a call that waits: that is asking for it.
    fn fetches(
        &self,
        making: &mut Making<'_>,
        position: usize,
        known: Option<AgentState>,
        state: AgentState,
    ) {
        let (Some(AgentState::Away(_) | AgentState::WrapUp), AgentState::Alerting { call }) =
            (known, state)
        else {
            return;
        };
        let Some(own) = self.calls.get(&call).filter(|own| own.call.phase == Phase::Waiting) else {
            return;
        };
        let Some(agent) = making.agent(position) else { return };
        let at = making.site.instant(agent.since());
        let (person, asked) = (user(position), guid(&mut making.rng));
        let body = json!({
            "UserId": person, "RequestId": asked, "AllocationType": "allocate", "TTLSeconds": 15,
        });
        let about = ("User", person.as_str());
        making.tell("UserCallAllocationRequest", about, at - millis(4), 20, &body);
        let answer = json!({ "RequestId": asked, "AllocationType": "allocated" });
        let at = at - millis(3);
        making.step("UserCallAllocationResponse", &own.call, Some(position), at, &answer);
    }
}

/// All members of a queue.
fn members(making: &mut Making<'_>, position: usize) {
    let Some(queue) = making.centre.queues().get(position) else { return };
    let all: Vec<Value> = making
        .centre
        .members(position)
        .map(|(agent, _, own)| {
            json!({ "UserId": user(agent), "Active": own.logged_in, "Priority": rank(own.skill) })
        })
        .collect();
    let body = json!({ "QueueId": queue.setup.id, "AttachedUsers": all });
    making.tell("QueueAttachedUsers", ("Queue", &queue.setup.id), making.now(), 120, &body);
}

/// Rank of a skill; the lower is asked earlier.
fn rank(skill: u8) -> u8 {
    6 - skill.min(5)
}

/// A person's places in the queues.
fn attached(making: &mut Making<'_>, agent: &Agent, about: (&str, &str), at: DateTime<Utc>) {
    for own in agent.memberships() {
        let Some(queue) = making.centre.queues().get(own.queue) else { continue };
        let body = json!({
            "UserId": about.1, "QueueId": queue.setup.id, "Active": own.logged_in,
            "Deleted": false, "Priority": rank(own.skill),
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
    // Meetings are held by telephone.
    let meeting = state == AgentState::Away(Activity::Meeting);
    let talking = call.is_some() || calling_back || meeting;
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
