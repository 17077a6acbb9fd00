//! Telepo's answers as sent: three vocabularies for the same counters, read into one.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::floor::queue::Figures;
use crate::record;
use crate::source::telepo::tickets::KIND;
use crate::text::Shown;
use crate::transport::keep::SignIn;
use crate::transport::lenient::{
    Body, Count, Flag, Given, Id, List, Parsed, Scalar, Tally, Text, Time, Unreadable, Values, Word,
};

/// A queue or group as one of the answers names it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Named {
    /// The group's number, as sent.
    pub id: Option<String>,
    /// The organisation that owns it.
    pub domain: Option<String>,
    pub name: Option<Shown>,
}

/// One queue of the queue statistics, of a group list, or of a stream's document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statistic {
    pub named: Named,
    /// The number that callers dial.
    pub number: Option<Shown>,
    pub figures: Figures,
    /// Whether it is in night mode.
    pub night_mode: Option<bool>,
    /// Whether the asking user is logged in to it.
    pub own_login: Option<bool>,
    /// What kind of group it is.
    pub kind: Option<Shown>,
}

/// One group with its agents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// Its names and its three counters.
    pub statistic: Statistic,
    /// How its calls are handed out.
    pub distribution: Option<Shown>,
    /// What the asking user is in it.
    pub roles: Vec<Shown>,
    /// Its agents, in the order in which they are listed; `None` where the list was left out.
    pub agents: Option<Vec<Member>>,
}

/// One agent as a group lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// `user@domain`, in later editions only.
    pub id: Option<String>,
    /// First and last name.
    pub name: String,
    /// The display name of the activity.
    pub activity: Option<Shown>,
    pub skill: Option<u32>,
    /// Rank among the group's agents, in editions that tell it.
    pub priority: Option<u32>,
    /// Whether the agent is logged in to the group.
    pub logged_in: Option<bool>,
    /// Whether the agent could take a call.
    pub available: Option<bool>,
}

record! {
    /// `QueueStats`.
    struct QueueStats = "QueueStats" {
        name: Text = "name",
        domain: Id = "domain",
        number: Text = "number",
        id: Id = "id",
        waiting: Count = "queueLength",
        agents_free: Count = "availableAgents",
        agents_logged_in: Count = "loggedInAgents",
        longest_wait_s: Count = "longestWaiting",
        last_wait_s: Count = "lastWait",
        average_wait_s: Count = "averageWait",
        abandoned: Count = "droppedCallsForPeriod",
        offered: Count = "totalCallsForPeriod",
        answered: Count = "answeredCallsForPeriod",
        offered_24h: Count = "totalCallsLast24h",
        abandoned_24h: Count = "droppedCallsLast24h",
        answered_24h: Count = "answeredCallsLast24h",
        presence: List<Presence> = "current-agent-presence",
    }
}

record! {
    /// How many agents of a queue say the same of themselves.
    struct Presence = "presence" {
        name: Text = "name",
        count: Count = "count",
    }
}

record! {
    /// `GroupSummary`.
    struct GroupSummary = "GroupSummary" {
        id: Id = "id",
        domain: Id = "domain",
        name: Text = "name",
        waiting: Count = "callsWaiting",
        agents_free: Count = "freeAgents",
        agents_logged_in: Count = "loggedInAgents",
        night_mode: Flag = "nightMode" | "isNightMode",
        own_login: Flag = "loggedIn" | "isLoggedIn",
        kind: Text = "type",
    }
}

record! {
    /// `Group`.
    struct GroupData = "Group" {
        id: Id = "id",
        domain: Id = "domain",
        name: Text = "name",
        number: Text = "phoneNumber",
        own_login: Flag = "loggedIn" | "isLoggedIn",
        night_mode: Flag = "nightMode" | "isNightMode",
        agents: List<AgentData> = "agents",
        statistic: GroupStatistic = "statistic",
        kind: Text = "type",
        distribution: Text = "distributionType",
        roles: List<RoleData> = "roles",
    }
    unused: "allowUsingFunctionNumber", "isAllowUsingFunctionNumber";
}

record! {
    /// What the asking user is in a `Group`: an object, or its word alone.
    struct RoleData = "Role" {
        kind: Text = "type",
    }
    text: role_in;
}

/// The role that a word names.
fn role_in(text: &str) -> Vec<RoleData> {
    vec![RoleData { kind: Some(Shown::clean(text)) }]
}

record! {
    /// The counters of a `Group`.
    struct GroupStatistic = "statistic" {
        agents_logged_in: Count = "numberOfLoggedInAgents",
        agents_free: Count = "numberOfFreeAgents",
        waiting: Count = "numberOfCallsInQueue",
    }
}

record! {
    /// `Agent`.
    struct AgentData = "Agent" {
        id: Id = "id",
        user_id: Id = "userId",
        first_name: Word = "firstName",
        last_name: Word = "lastName",
        name: Word = "name",
        activity: Text = "activity",
        skill: Count = "skillLevel",
        priority: Count = "priority",
        logged_in: Flag = "isLoggedIn" | "loggedIn",
        available: Flag = "isAvailable" | "available",
    }
    unused: "number";
}

record! {
    /// `Ticket`.
    struct TicketData = "Ticket" {
        token: Secret = "token",
        name: Word = "name",
        allowed_apis: Values<Word> = "allowedApis",
        expires: Time = "expires",
    }
}

/// A secret, as sent.
#[derive(Debug)]
struct Secret;

impl Scalar for Secret {
    type Value = SecretString;

    fn parse(given: Given<'_>) -> Parsed<SecretString> {
        Ok(Id::parse(given)?.map(SecretString::from))
    }
}

/// Leaves out what has neither number nor name, such as an error that came as a success.
fn is_someone(named: &Named, shape: &str, tally: &mut Tally) -> bool {
    let someone = named.id.is_some() || named.name.is_some();
    if !someone {
        tally.count(format!("{shape} without id and name"));
    }
    someone
}

/// The answer of `queuestats.user` and `queuestats.org`: `{"queue": [QueueStats]}`.
///
/// # Errors
/// Bytes that are no JSON.
pub fn queue_statistics<'b>(
    answer: impl Into<Body<'b>>,
    tally: &mut Tally,
) -> Result<Vec<Statistic>, Unreadable> {
    let all = answer.into().list::<QueueStats>("queue", tally)?.into_iter().map(Statistic::from);
    Ok(all.filter(|own| is_someone(&own.named, "QueueStats", tally)).collect())
}

impl From<QueueStats> for Statistic {
    fn from(own: QueueStats) -> Self {
        let presence = own.presence.map(|entries| {
            entries.into_iter().filter_map(|entry| entry.name.zip(entry.count)).collect()
        });
        let mut figures = Figures {
            presence,
            waiting: own.waiting,
            agents_free: own.agents_free,
            agents_logged_in: own.agents_logged_in,
            longest_wait_s: own.longest_wait_s,
            last_wait_s: own.last_wait_s,
            average_wait_s: own.average_wait_s,
            abandoned: own.abandoned,
            offered: own.offered,
            answered: own.answered,
            ..Figures::default()
        };
        figures.last_24h.offered = own.offered_24h;
        figures.last_24h.abandoned = own.abandoned_24h;
        figures.last_24h.answered = own.answered_24h;
        Self {
            named: Named { id: own.id, domain: own.domain, name: own.name },
            number: own.number,
            figures,
            night_mode: None,
            own_login: None,
            kind: None,
        }
    }
}

/// The counters of `QueueStats`, by their JSON names.
pub fn slots(figures: &mut Figures) -> [(&'static str, &mut Option<u32>); 12] {
    [
        ("queueLength", &mut figures.waiting),
        ("availableAgents", &mut figures.agents_free),
        ("loggedInAgents", &mut figures.agents_logged_in),
        ("longestWaiting", &mut figures.longest_wait_s),
        ("lastWait", &mut figures.last_wait_s),
        ("averageWait", &mut figures.average_wait_s),
        ("droppedCallsForPeriod", &mut figures.abandoned),
        ("totalCallsForPeriod", &mut figures.offered),
        ("answeredCallsForPeriod", &mut figures.answered),
        ("totalCallsLast24h", &mut figures.last_24h.offered),
        ("droppedCallsLast24h", &mut figures.last_24h.abandoned),
        ("answeredCallsLast24h", &mut figures.last_24h.answered),
    ]
}

/// The answer of `group.list`: `{"group": [GroupSummary]}`.
///
/// # Errors
/// Bytes that are no JSON.
pub fn group_summaries<'b>(
    answer: impl Into<Body<'b>>,
    tally: &mut Tally,
) -> Result<Vec<Statistic>, Unreadable> {
    let all =
        answer.into().list::<GroupSummary>("group", tally)?.into_iter().map(|own| Statistic {
            named: Named { id: own.id, domain: own.domain, name: own.name },
            number: None,
            figures: Figures {
                waiting: own.waiting,
                agents_free: own.agents_free,
                agents_logged_in: own.agents_logged_in,
                ..Figures::default()
            },
            night_mode: own.night_mode,
            own_login: own.own_login,
            kind: own.kind,
        });
    Ok(all.filter(|own| is_someone(&own.named, "GroupSummary", tally)).collect())
}

/// The answer of `acd.groups.list`: `{"groups": [Group]}`.
///
/// # Errors
/// Bytes that are no JSON.
pub fn groups<'b>(
    answer: impl Into<Body<'b>>,
    tally: &mut Tally,
) -> Result<Vec<Group>, Unreadable> {
    let all = answer.into().list::<GroupData>("groups", tally)?.into_iter().map(Group::from);
    Ok(all.filter(|own| is_someone(&own.statistic.named, "Group", tally)).collect())
}

impl From<GroupData> for Group {
    fn from(own: GroupData) -> Self {
        let counters = own.statistic.unwrap_or_default();
        let statistic = Statistic {
            named: Named { id: own.id, domain: own.domain, name: own.name },
            number: own.number,
            figures: Figures {
                waiting: counters.waiting,
                agents_free: counters.agents_free,
                agents_logged_in: counters.agents_logged_in,
                ..Figures::default()
            },
            night_mode: own.night_mode,
            own_login: own.own_login,
            kind: own.kind,
        };
        let agents = own.agents.map(|agents| agents.into_iter().map(Member::from).collect());
        let roles = own.roles.into_iter().flatten().filter_map(|role| role.kind);
        Self { statistic, distribution: own.distribution, roles: roles.collect(), agents }
    }
}

impl From<AgentData> for Member {
    fn from(own: AgentData) -> Self {
        let name = match (own.first_name, own.last_name) {
            (Some(first), Some(last)) => format!("{first} {last}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => own.name.unwrap_or_default(),
        };
        Self {
            id: own.id.or(own.user_id),
            name,
            activity: own.activity,
            skill: own.skill,
            priority: own.priority,
            logged_in: own.logged_in,
            available: own.available,
        }
    }
}

/// The answer of `ticket.create`: `Ticket`. What it leaves out is as it was asked for.
///
/// # Errors
/// Bytes that are no JSON.
pub fn ticket<'b>(
    answer: impl Into<Body<'b>>,
    asked: &str,
    now: DateTime<Utc>,
    tally: &mut Tally,
) -> Result<Option<SignIn>, Unreadable> {
    let ticket = answer.into().read::<TicketData>(tally)?.unwrap_or_default();
    Ok(ticket.token.map(|token| SignIn {
        kind: KIND.to_owned(),
        name: ticket.name.unwrap_or_else(|| asked.to_owned()),
        token,
        refresh: None,
        scopes: ticket.allowed_apis.unwrap_or_default(),
        since: None,
        made: now,
        expires: ticket.expires,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::transport::lenient::law::one_value_costs_no_other;

    #[test]
    fn one_value_of_an_answer_costs_no_other() {
        let presence = json!({ "name": "Lunch", "count": 2 });
        one_value_costs_no_other::<Presence>(&presence);
        one_value_costs_no_other::<QueueStats>(&json!({
            "name": "Support", "domain": "example.com", "number": "+46850000010", "id": 67899,
            "queueLength": 1, "availableAgents": 2, "loggedInAgents": 3, "longestWaiting": 4,
            "lastWait": 5, "averageWait": 6, "droppedCallsForPeriod": 7, "totalCallsForPeriod": 8,
            "answeredCallsForPeriod": 9, "totalCallsLast24h": 10, "droppedCallsLast24h": 11,
            "answeredCallsLast24h": 12, "current-agent-presence": [presence],
        }));
        one_value_costs_no_other::<GroupSummary>(&json!({
            "id": 1, "domain": "example.com", "name": "Support", "callsWaiting": 1, "freeAgents": 2,
            "loggedInAgents": 3, "nightMode": false, "loggedIn": true, "type": "ACD",
        }));
        let statistic = json!({
            "numberOfLoggedInAgents": 9, "numberOfFreeAgents": 4, "numberOfCallsInQueue": 1,
        });
        let agent = json!({
            "id": "ada@example.com", "userId": "ada", "firstName": "Ada", "lastName": "Berg",
            "name": "Ada Berg", "activity": "Lunch", "skillLevel": 3, "priority": 1, "isLoggedIn": true,
            "isAvailable": false,
        });
        one_value_costs_no_other::<GroupStatistic>(&statistic);
        one_value_costs_no_other::<AgentData>(&agent);
        one_value_costs_no_other::<GroupData>(&json!({
            "id": 1, "domain": "example.com", "name": "Support", "phoneNumber": "+4685550100",
            "loggedIn": true, "nightMode": false, "agents": [agent], "statistic": statistic,
            "type": "ACD", "distributionType": "LONGEST_IDLE", "roles": [{ "type": "SUPERVISOR" }],
        }));
        one_value_costs_no_other::<RoleData>(&json!({ "type": "SUPERVISOR" }));
        one_value_costs_no_other::<TicketData>(&json!({
            "token": "0123456789", "name": "wall", "allowedApis": ["ACD", "USER"],
            "expires": "2025-03-10T11:05:00Z",
        }));
    }

    #[test]
    fn a_token_is_not_shown_with_its_ticket() {
        let text = r#"{"token": "0123456789", "name": "wall"}"#;
        let read = Body::from(text).read::<TicketData>(&mut Tally::default()).unwrap().unwrap();
        assert!(read.token.is_some());
        assert!(!format!("{read:?}").contains("0123456789"), "{read:?}");
    }

    #[test]
    fn an_empty_body_is_an_empty_list() {
        for nothing in ["", "  \r\n", "null", "{}", "[]"] {
            let mut tally = Tally::default();
            assert_eq!(queue_statistics(nothing, &mut tally).unwrap(), []);
            assert_eq!(group_summaries(nothing, &mut tally).unwrap(), []);
            assert_eq!(groups(nothing, &mut tally).unwrap(), []);
            assert_eq!(tally.take(), None, "{nothing:?}");
        }
    }
}
