//! The call log of groups: what became of their callers, and who calls back those that were lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::checks::{self, Parameters, malformed};
use super::{Answer, Refusal, Shared, groups_of, user_position};
use crate::simulator::centre::{Centre, Ending, Progress, Record};
use crate::simulator::site::Site;

/// Items in an answer where nobody says how many.
const PAGE: usize = 50;

/// What is wanted of the log. Numbers are typed as strings, as the vendor does.
#[derive(Debug)]
struct Wish {
    caller: Option<String>,
    kinds: Vec<String>,
    since: Option<u64>,
    older_than: Option<u64>,
    limit: usize,
}

impl Wish {
    fn new(query: Vec<(String, String)>) -> Result<Self, Refusal> {
        let query = Parameters::new(query);
        let kinds: Vec<String> = query.all("itemType").map(str::to_owned).collect();
        for kind in &kinds {
            checks::word("itemType", kind, &["ALL", "ANSWERED", "FORWARDED", "MISSED"])?;
        }
        let unsigned = |name| {
            let number = query.number(name)?;
            number.map(|own| u64::try_from(own).map_err(|_| malformed(name, ""))).transpose()
        };
        let limit = unsigned("limit")?.and_then(|limit| usize::try_from(limit).ok());
        Ok(Self {
            caller: query.one("callerNumber").map(str::to_owned),
            kinds,
            since: unsigned("since")?,
            older_than: unsigned("olderThan")?,
            limit: limit.unwrap_or(PAGE),
        })
    }

    fn wants(&self, record: &Record) -> bool {
        let kind = word(record.ending);
        let any = self.kinds.is_empty() || self.kinds.iter().any(|own| own == "ALL");
        (any || self.kinds.iter().any(|own| own == kind))
            && self.caller.as_ref().is_none_or(|caller| *caller == record.caller)
    }

    /// Whether each call is an item of its own.
    fn is_single(&self) -> bool {
        self.caller.is_some() && !self.kinds.is_empty()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Assignment {
    state: Option<String>,
    note: Option<String>,
}

const fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::Answered { .. } => "ANSWERED",
        Ending::Forwarded => "FORWARDED",
        Ending::Missed => "MISSED",
    }
}

/// The log of all groups that the user has access to.
pub(super) async fn all(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer<Value> {
    let wish = Wish::new(query)?;
    let centre = site.centre();
    let user = user_position(&centre, &domain, &user)?;
    Ok(Json(log(&site, &centre, &groups_of(&centre, user), &wish)))
}

/// Assigns an item to the user.
pub(super) async fn assign(
    State(site): Shared,
    Path((domain, user, item)): Path<(String, String, String)>,
    bytes: Bytes,
) -> Answer<Value> {
    let Assignment { state, note } = checks::body(&bytes)?;
    let item = checks::number("itemid", &item)?;
    let item = u64::try_from(item).unwrap_or(u64::MAX);
    let state = match state.as_deref() {
        None => None,
        Some("UNHANDLED") => Some(Progress::Unhandled),
        Some("INPROGRESS") => Some(Progress::InProgress),
        Some("HANDLED") => Some(Progress::Handled),
        Some(other) => {
            return Err(Refusal {
                status: StatusCode::BAD_REQUEST,
                field: "state",
                code: "state.not.valid",
                description: "There is no such state",
                name: other.to_owned(),
            });
        }
    };
    let mut centre = site.centre();
    let user = user_position(&centre, &domain, &user)?;
    let groups = groups_of(&centre, user);
    let unknown = || Refusal {
        status: StatusCode::NOT_FOUND,
        field: "itemid",
        code: "item.does.not.exist",
        description: "There is no such item",
        name: item.to_string(),
    };
    if !centre.journal().any(|own| own.id == item && groups.contains(&own.queue)) {
        return Err(unknown());
    }
    let record = centre.assign(item, user, state, note).cloned().ok_or_else(unknown)?;
    Ok(Json(shown(&site, &centre, &record, 1)))
}

fn log(site: &Arc<Site>, centre: &Centre, groups: &[usize], wish: &Wish) -> Value {
    let own = || centre.journal().filter(|own| groups.contains(&own.queue));
    let counted = |kind: &str| own().filter(|own| word(own.ending) == kind).count();
    // The latest call of a caller stands for the others that ended alike.
    let mut last: BTreeMap<(usize, &str, &str), (&Record, u64)> = BTreeMap::new();
    let mut items: Vec<(&Record, u64)> = Vec::new();
    for record in own().filter(|own| wish.wants(own)) {
        if wish.is_single() {
            items.push((record, 1));
        } else {
            let key = (record.queue, record.caller.as_str(), word(record.ending));
            let (latest, count) = last.entry(key).or_insert((record, 0));
            *latest = record;
            *count += 1;
        }
    }
    items.extend(last.into_values());
    items.retain(|(own, _)| wish.since.is_none_or(|since| own.id > since));
    items.retain(|(own, _)| wish.older_than.is_none_or(|before| own.id < before));
    items.sort_unstable_by_key(|(own, _)| std::cmp::Reverse(own.id));
    let items: Vec<Value> = items
        .into_iter()
        .take(wish.limit)
        .map(|(record, count)| shown(site, centre, record, count))
        .collect();
    json!({
        "generatedAt": site.calendar(centre.now()),
        "flushCache": false,
        "hintCount": items.len(),
        "callCountAnswered": counted("ANSWERED"),
        "callCountForwarded": counted("FORWARDED"),
        "callCountMissed": counted("MISSED"),
        "callLogItem": items,
    })
}

fn shown(site: &Arc<Site>, centre: &Centre, record: &Record, count: u64) -> Value {
    let group = centre.queues().get(record.queue).map(|queue| queue.setup.id.parse::<u64>());
    let person = |position: usize| {
        centre.agents().get(position).map(|agent| {
            let name = format!("{} {}", agent.first_name(), agent.last_name());
            json!({ "name": name, "userId": agent.user() })
        })
    };
    let mut item = json!({
        "itemId": record.id,
        "groupId": group.and_then(Result::ok),
        "groupOrgId": 0,
        "callCount": count,
        "itemType": word(record.ending),
        "startTime": site.calendar(record.arrived),
        "queueDuration": record.waited / 1_000,
        "callDuration": 0,
        "callerNumber": record.caller,
        "callbackToNumber": record.caller,
        "noteIncluded": true,
    });
    match record.ending {
        Ending::Answered { agent, talked } => {
            item["callDuration"] = json!(talked / 1_000);
            item["agent"] = json!(person(agent));
        }
        Ending::Forwarded => item["forwardReason"] = json!("NO_AGENTS"),
        Ending::Missed => {}
    }
    if let Some(handled) = &record.handled {
        let state = match handled.state {
            Progress::Unhandled => "UNHANDLED",
            Progress::InProgress => "INPROGRESS",
            Progress::Handled => "HANDLED",
        };
        item["handledStatus"] = json!({
            "state": state,
            "agent": person(handled.agent),
            "timeStamp": site.calendar(handled.at),
            "note": handled.note,
        });
    }
    item
}
