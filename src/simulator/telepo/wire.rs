//! Telepo's shapes, filled from the centre.

use serde::Serialize;

use super::DOMAIN;
use crate::simulator::centre::{Agent, AgentState, Centre, Membership};
use crate::simulator::scenario::Vendor;

/// The statistics of one queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct QueueStats {
    pub(super) name: String,
    pub(super) domain: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<String>,
    pub(super) id: u64,
    pub(super) queue_length: u64,
    pub(super) available_agents: u64,
    pub(super) logged_in_agents: u64,
    pub(super) longest_waiting: u64,
    pub(super) last_wait: u64,
    pub(super) average_wait: u64,
    pub(super) dropped_calls_for_period: u64,
    pub(super) total_calls_for_period: u64,
    pub(super) answered_calls_for_period: u64,
    #[serde(rename = "totalCallsLast24h")]
    pub(super) total_calls_last_24h: u64,
    #[serde(rename = "droppedCallsLast24h")]
    pub(super) dropped_calls_last_24h: u64,
    #[serde(rename = "answeredCallsLast24h")]
    pub(super) answered_calls_last_24h: u64,
    #[serde(rename = "current-agent-presence")]
    pub(super) presence: Vec<Presence>,
}

/// How many logged-in agents show one activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Presence {
    pub(super) name: &'static str,
    pub(super) count: u64,
}

impl QueueStats {
    pub(super) fn of(centre: &Centre, position: usize) -> Option<Self> {
        let queue = centre.queues().get(position)?;
        let figures = centre.figures(position);
        let (today, last_24h) = (queue.tally().today(), queue.tally().last_24h());
        Some(Self {
            name: queue.setup.name.clone(),
            domain: DOMAIN,
            number: queue.setup.number.clone(),
            id: queue.setup.id.parse().ok()?,
            queue_length: figures.waiting,
            available_agents: figures.free,
            logged_in_agents: figures.logged_in,
            longest_waiting: figures.longest_wait,
            last_wait: queue.tally().last_wait(),
            average_wait: queue.tally().average_wait(),
            dropped_calls_for_period: today.abandoned,
            total_calls_for_period: today.offered,
            answered_calls_for_period: today.answered,
            total_calls_last_24h: last_24h.offered,
            dropped_calls_last_24h: last_24h.abandoned,
            answered_calls_last_24h: last_24h.answered,
            presence: figures
                .presence
                .into_iter()
                .map(|(name, count)| Presence { name, count })
                .collect(),
        })
    }
}

/// The statistics of several queues.
#[derive(Debug, Serialize)]
pub(super) struct Queues {
    queue: Vec<QueueStats>,
}

impl Queues {
    /// Every queue of the organisation.
    pub(super) fn all(centre: &Centre) -> Self {
        let queues = centre.queues_of(Vendor::Telepo);
        Self {
            queue: queues.filter_map(|(position, _)| QueueStats::of(centre, position)).collect(),
        }
    }
}

/// Groups with their agents.
#[derive(Debug, Serialize)]
pub(super) struct Groups {
    pub(super) groups: Vec<Group>,
}

/// One group as one of its users sees it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    id: u64,
    domain: &'static str,
    name: String,
    r#type: String,
    logged_in: bool,
    night_mode: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agents: Option<Vec<GroupAgent>>,
    roles: Vec<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) statistic: Option<Statistic>,
    allow_using_function_number: bool,
    distribution_type: String,
}

/// What a user is in a group.
#[derive(Debug, Serialize)]
pub(super) struct Role {
    r#type: &'static str,
}

/// The three counters of a group.
#[derive(Debug, Serialize)]
pub(super) struct Statistic {
    #[serde(rename = "numberOfLoggedInAgents")]
    logged_in: u64,
    #[serde(rename = "numberOfFreeAgents")]
    free: u64,
    #[serde(rename = "numberOfCallsInQueue")]
    waiting: u64,
}

/// One agent of a group.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupAgent {
    id: String,
    first_name: String,
    last_name: String,
    activity: &'static str,
    skill_level: u8,
    is_logged_in: bool,
    is_available: bool,
}

impl GroupAgent {
    fn new(agent: &Agent, member: &Membership) -> Self {
        Self {
            id: format!("{}@{DOMAIN}", agent.user()),
            first_name: agent.first_name().to_owned(),
            last_name: agent.last_name().to_owned(),
            activity: agent.activity(),
            skill_level: member.skill,
            is_logged_in: member.logged_in,
            is_available: agent.state() == AgentState::Idle,
        }
    }
}

impl Group {
    pub(super) fn of(centre: &Centre, user: usize, position: usize) -> Option<Self> {
        let queue = centre.queues().get(position)?;
        let figures = centre.figures(position);
        let own = centre.agents().get(user)?.membership(position);
        Some(Self {
            id: queue.setup.id.parse().ok()?,
            domain: DOMAIN,
            name: queue.setup.name.clone(),
            r#type: queue.setup.kind.clone(),
            logged_in: own.is_some_and(|member| member.logged_in),
            night_mode: !figures.open,
            agents: Some(
                centre
                    .members(position)
                    .map(|(_, agent, member)| GroupAgent::new(agent, member))
                    .collect(),
            ),
            roles: vec![Role { r#type: if own.is_some() { "AGENT" } else { "SUPERVISOR" } }],
            statistic: Some(Statistic {
                logged_in: figures.logged_in,
                free: figures.free,
                waiting: figures.waiting,
            }),
            allow_using_function_number: queue.setup.kind == "ATTENDANT",
            distribution_type: queue.setup.distribution.clone(),
        })
    }
}

/// Groups with counters only; the key is singular.
#[derive(Debug, Serialize)]
pub(super) struct Summaries {
    pub(super) group: Vec<GroupSummary>,
}

/// One group with counters only.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupSummary {
    id: u64,
    domain: &'static str,
    name: String,
    r#type: String,
    logged_in: bool,
    night_mode: bool,
    logged_in_agents: u64,
    free_agents: u64,
    calls_waiting: u64,
}

impl GroupSummary {
    pub(super) fn of(centre: &Centre, user: usize, position: usize) -> Option<Self> {
        let group = Group::of(centre, user, position)?;
        let figures = centre.figures(position);
        Some(Self {
            id: group.id,
            domain: group.domain,
            name: group.name,
            r#type: group.r#type,
            logged_in: group.logged_in,
            night_mode: group.night_mode,
            logged_in_agents: figures.logged_in,
            free_agents: figures.free,
            calls_waiting: figures.waiting,
        })
    }
}
