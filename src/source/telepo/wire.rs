//! Telepo's answers as sent: three vocabularies for the same counters, read into one.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::floor::queue::Figures;
use crate::source::telepo::tickets::KIND;
use crate::text::Shown;
use crate::transport::keep::SignIn;
use crate::transport::lenient::{Fields, Tally, items};

/// A queue or group as one of the answers names it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Named {
    /// The group's number, as sent.
    pub id: Option<String>,
    /// The organisation that owns it.
    pub domain: Option<String>,
    /// Its name.
    pub name: Option<Shown>,
}

/// One queue of the queue statistics, of a group list, or of a stream's document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statistic {
    /// Which queue.
    pub named: Named,
    /// The number that callers dial.
    pub number: Option<Shown>,
    /// What is counted.
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
    /// Level of skill.
    pub skill: Option<u32>,
    /// Rank among the group's agents, in editions that tell it.
    pub priority: Option<u32>,
    /// Whether the agent is logged in to the group.
    pub logged_in: Option<bool>,
    /// Whether the agent could take a call.
    pub available: Option<bool>,
}

/// Leaves out what has neither number nor name, such as an error that came as a success.
fn is_someone(named: &Named, shape: &str, tally: &mut Tally) -> bool {
    let someone = named.id.is_some() || named.name.is_some();
    if !someone {
        tally.count(format!("{shape} without id and name"));
    }
    someone
}

fn named(fields: &Fields<'_, '_>) -> Named {
    Named { id: fields.raw(&["id"]), domain: fields.raw(&["domain"]), name: fields.text(&["name"]) }
}

/// The answer of `queuestats.user` and `queuestats.org`: `{"queue": [QueueStats]}`.
pub fn queue_statistics(value: &Value, tally: &mut Tally) -> Vec<Statistic> {
    items(value, "queue").into_iter().filter_map(|item| queue_statistic(item, tally)).collect()
}

fn queue_statistic(item: &Value, tally: &mut Tally) -> Option<Statistic> {
    let presence = item.get("current-agent-presence").and_then(Value::as_array).map(|entries| {
        entries
            .iter()
            .filter_map(|entry| {
                let fields = Fields::of("presence", entry, tally)?;
                let pair = fields.text(&["name"]).zip(fields.count(&["count"]));
                fields.close(&[]);
                pair
            })
            .collect()
    });
    let fields = Fields::of("QueueStats", item, tally)?;
    let mut figures = Figures { presence, ..Figures::default() };
    for (name, slot) in slots(&mut figures) {
        *slot = fields.count(&[name]);
    }
    let statistic = Statistic {
        named: named(&fields),
        number: fields.text(&["number"]),
        figures,
        night_mode: None,
        own_login: None,
        kind: None,
    };
    fields.close(&["current-agent-presence"]);
    is_someone(&statistic.named, "QueueStats", tally).then_some(statistic)
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
pub fn group_summaries(value: &Value, tally: &mut Tally) -> Vec<Statistic> {
    items(value, "group")
        .into_iter()
        .filter_map(|item| {
            let fields = Fields::of("GroupSummary", item, tally)?;
            let statistic = Statistic {
                named: named(&fields),
                number: None,
                figures: Figures {
                    waiting: fields.count(&["callsWaiting"]),
                    agents_free: fields.count(&["freeAgents"]),
                    agents_logged_in: fields.count(&["loggedInAgents"]),
                    ..Figures::default()
                },
                night_mode: fields.flag(&["nightMode", "isNightMode"]),
                own_login: fields.flag(&["loggedIn", "isLoggedIn"]),
                kind: fields.text(&["type"]),
            };
            fields.close(&[]);
            is_someone(&statistic.named, "GroupSummary", tally).then_some(statistic)
        })
        .collect()
}

/// The answer of `acd.groups.list`: `{"groups": [Group]}`.
pub fn groups(value: &Value, tally: &mut Tally) -> Vec<Group> {
    items(value, "groups").into_iter().filter_map(|item| group(item, tally)).collect()
}

fn group(item: &Value, tally: &mut Tally) -> Option<Group> {
    let agents = item
        .get("agents")
        .and_then(Value::as_array)
        .map(|agents| agents.iter().filter_map(|agent| member(agent, tally)).collect());
    let figures = item.get("statistic").filter(|value| !value.is_null()).and_then(|value| {
        let fields = Fields::of("statistic", value, tally)?;
        let figures = Figures {
            waiting: fields.count(&["numberOfCallsInQueue"]),
            agents_free: fields.count(&["numberOfFreeAgents"]),
            agents_logged_in: fields.count(&["numberOfLoggedInAgents"]),
            ..Figures::default()
        };
        fields.close(&[]);
        Some(figures)
    });
    let roles = item.get("roles").map(|roles| items(roles, "role")).unwrap_or_default();
    let roles = roles
        .into_iter()
        .filter_map(|role| {
            let fields = Fields::of("Role", role, tally)?;
            let kind = fields.text(&["type"]);
            fields.close(&[]);
            kind
        })
        .collect();
    let fields = Fields::of("Group", item, tally)?;
    let statistic = Statistic {
        named: named(&fields),
        number: fields.text(&["phoneNumber"]),
        figures: figures.unwrap_or_default(),
        night_mode: fields.flag(&["nightMode", "isNightMode"]),
        own_login: fields.flag(&["loggedIn", "isLoggedIn"]),
        kind: fields.text(&["type"]),
    };
    let distribution = fields.text(&["distributionType"]);
    fields.close(&[
        "agents",
        "roles",
        "statistic",
        "allowUsingFunctionNumber",
        "isAllowUsingFunctionNumber",
    ]);
    let group = Group { statistic, distribution, roles, agents };
    is_someone(&group.statistic.named, "Group", tally).then_some(group)
}

fn member(item: &Value, tally: &mut Tally) -> Option<Member> {
    let fields = Fields::of("Agent", item, tally)?;
    let parts: Vec<String> =
        [fields.raw(&["firstName"]), fields.raw(&["lastName"])].into_iter().flatten().collect();
    let name = match parts.is_empty() {
        true => fields.raw(&["name"]).unwrap_or_default(),
        false => parts.join(" "),
    };
    let member = Member {
        id: fields.raw(&["id"]).or_else(|| fields.raw(&["userId"])),
        name,
        activity: fields.text(&["activity"]),
        skill: fields.count(&["skillLevel"]),
        priority: fields.count(&["priority"]),
        logged_in: fields.flag(&["isLoggedIn", "loggedIn"]),
        available: fields.flag(&["isAvailable", "available"]),
    };
    fields.close(&["name", "number", "userId"]);
    Some(member)
}

/// The answer of `ticket.create`: `Ticket`. What it leaves out is as it was asked for.
pub fn ticket(value: &Value, asked: &str, now: DateTime<Utc>, tally: &mut Tally) -> Option<SignIn> {
    let fields = Fields::of("Ticket", value, tally)?;
    let scopes = fields.list(&["allowedApis"]).unwrap_or_default();
    let sign_in = fields.raw(&["token"]).map(|token| SignIn {
        kind: KIND.to_owned(),
        name: fields.raw(&["name"]).unwrap_or_else(|| asked.to_owned()),
        token: token.into(),
        refresh: None,
        scopes: scopes.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        since: None,
        made: now,
        expires: fields.time(&["expires"]),
    });
    fields.close(&[]);
    sign_in
}
