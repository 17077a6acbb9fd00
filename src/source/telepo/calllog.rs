//! The call log of groups as sent, and what is kept of it: callers to be called back, and what was counted.
//!
//! An item stands for all calls of one caller to one group that ended in the same way; a further call gives it
//! a new number (operation `group.calllog.all`).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::floor::callback::{CALLBACKS, Callback, CallbackList, Fact, Request};
use crate::floor::id::{AgentKey, CallbackId, FeedName, ListId, QueueId};
use crate::floor::kept::{Kept, Leaves};
use crate::floor::queue::Logged;
use crate::floor::time::{Moment, Now, Told};
use crate::metric::{Calls, WITHIN_S};
use crate::text::Shown;
use crate::transport::lenient::{Fields, Tally, items, uri};

/// How far back callers are still called back: a week.
pub const WINDOW: TimeDelta = TimeDelta::days(7);

/// Over how long calls are counted: as long as the vendor's own counts of a day.
pub const COUNTED: TimeDelta = TimeDelta::hours(24);

/// How a call to a group ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// An agent took it.
    Answered,
    /// It was sent on.
    Forwarded,
    /// The caller gave up.
    Missed,
    /// In a way that floorwalker does not know.
    Other,
}

/// How far somebody is with calling back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// Nobody is.
    Unhandled,
    /// Somebody is at it.
    InProgress,
    /// It is done.
    Handled,
}

/// Who is calling back, and how far that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    /// How far.
    pub state: Handling,
    /// The person's user name, without a domain.
    pub user: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// Since when.
    pub at: Option<DateTime<Utc>>,
    /// What was noted.
    pub note: Option<Shown>,
}

/// One item of the log: one call, or several of one caller that ended alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number; later items have higher ones.
    pub number: i64,
    /// The group's number.
    pub group: Option<String>,
    /// How many calls it stands for.
    pub calls: Option<u32>,
    /// How they ended.
    pub ended: Ended,
    /// Why it was sent on, in the vendor's word.
    pub why: Option<Shown>,
    /// When it began.
    pub at: Option<DateTime<Utc>>,
    /// Seconds in the queue.
    pub queued_s: Option<u32>,
    /// Seconds on the call.
    pub lasted_s: Option<u32>,
    /// The caller's number.
    pub caller: Option<Shown>,
    /// The number to call back.
    pub call_back: Option<Shown>,
    /// The number that the caller dialled at first.
    pub diverted: Option<Shown>,
    /// To whom it was sent on.
    pub sent_to: Option<Shown>,
    /// How far calling back is; `None` where nobody has begun.
    pub handled: Option<Handled>,
}

/// One answer of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Its items, in the order in which they were sent.
    pub items: Vec<Item>,
    /// Whether what was read before is to be forgotten.
    pub flush: bool,
}

/// The answer of `group.calllog` and `group.calllog.all`: `GroupCallLog`.
pub fn page(value: &Value, tally: &mut Tally) -> Page {
    let items = value.get("callLogItem").map(|list| items(list, "callLogItem")).unwrap_or_default();
    let items = items.into_iter().filter_map(|value| item(value, tally)).collect();
    let Some(fields) = Fields::of("GroupCallLog", value, tally) else { return Page::default() };
    let page = Page { items, flush: fields.flag(&["flushCache"]) == Some(true) };
    let unused = ["callLogItem", "generatedAt", "hintCount"];
    let counts = ["callCountAnswered", "callCountForwarded", "callCountMissed"];
    fields.close(&[unused, counts].concat());
    page
}

/// One `CallLogItem`; nothing without a number, by which alone it could be taken.
fn item(value: &Value, tally: &mut Tally) -> Option<Item> {
    let handled = value.get("handledStatus").filter(|value| !value.is_null());
    let handled = handled.and_then(|value| handling(value, tally));
    let sent_to = value.get("forwardedTo").and_then(|value| named(value, tally));
    let fields = Fields::of("CallLogItem", value, tally)?;
    let number = fields.int(&["itemId"]);
    let word = fields.raw(&["itemType"]);
    let ended = match word.as_deref() {
        Some("ANSWERED") => Ended::Answered,
        Some("FORWARDED") => Ended::Forwarded,
        Some("MISSED") => Ended::Missed,
        Some(_) | None => Ended::Other,
    };
    let item = number.map(|number| Item {
        number,
        group: fields.raw(&["groupId"]),
        calls: fields.count(&["callCount"]),
        ended,
        why: fields.text(&["forwardReason"]),
        at: fields.time(&["startTime"]),
        queued_s: fields.count(&["queueDuration"]),
        lasted_s: fields.count(&["callDuration"]),
        caller: fields.raw(&["callerNumber"]).map(|own| uri::shown(&own)),
        call_back: fields.raw(&["callbackToNumber"]).map(|own| uri::shown(&own)),
        diverted: fields.raw(&["diversionNumber"]).map(|own| uri::shown(&own)),
        sent_to,
        handled,
    });
    let used_above = ["handledStatus", "forwardedTo"];
    fields.close(
        &[&used_above[..], &["groupOrgId", "callMetaData", "agent", "noteIncluded"]].concat(),
    );
    match (&item, word) {
        (None, _) => tally.count("CallLogItem without itemId".to_owned()),
        (Some(Item { ended: Ended::Other, .. }), Some(word)) => {
            tally.count(format!("CallLogItem.itemType {word}"));
        }
        _ => {}
    }
    item
}

fn handling(value: &Value, tally: &mut Tally) -> Option<Handled> {
    let agent = value.get("agent").filter(|agent| !agent.is_null()).and_then(|agent| {
        let fields = Fields::of("Person", agent, tally)?;
        let person = (fields.raw(&["userId"]), fields.raw(&["name"]));
        fields.close(&["number"]);
        Some(person)
    });
    let (user, name) = agent.unwrap_or_default();
    let fields = Fields::of("handledStatus", value, tally)?;
    let word = fields.raw(&["state"]);
    let (at, note) = (fields.time(&["timeStamp"]), fields.text(&["note"]));
    fields.close(&["agent"]);
    let state = match word.as_deref() {
        Some("INPROGRESS") => Handling::InProgress,
        Some("HANDLED") => Handling::Handled,
        Some("UNHANDLED") | None => Handling::Unhandled,
        Some(other) => {
            tally.count(format!("handledStatus.state {other}"));
            Handling::Unhandled
        }
    };
    Some(Handled { state, user, name, at, note })
}

/// “Joe Smith, 1555054222”.
fn named(value: &Value, tally: &mut Tally) -> Option<Shown> {
    let fields = Fields::of("forwardedTo", value, tally)?;
    let number = fields.raw(&["number"]).map(|own| uri::shown(&own).to_string());
    let parts = [fields.raw(&["name"]), number];
    fields.close(&[]);
    let text: Vec<String> = parts.into_iter().flatten().collect();
    (!text.is_empty()).then(|| Shown::clean(&text.join(", ")))
}

/// What was read of the log, by the numbers of its items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    items: BTreeMap<i64, Item>,
    /// Whether all items of the window were read whose callers are to be called back.
    whole: bool,
    /// Whether all calls were read that are counted.
    counted: bool,
}

/// What the floor knows, by which an item finds its place.
pub struct Places<'a> {
    /// The queue of a group's number.
    pub queue: &'a dyn Fn(&str) -> QueueId,
    /// Rows of people who are known.
    pub people: &'a BTreeSet<&'a str>,
    /// The domain of the source's own user.
    pub domain: &'a str,
    /// The source's own user.
    pub user: &'a str,
}

impl Log {
    /// The number of the latest item.
    pub fn newest(&self) -> Option<i64> {
        self.items.last_key_value().map(|(number, _)| *number)
    }

    /// Whether all items of the window were read whose callers are to be called back.
    pub const fn is_whole(&self) -> bool {
        self.whole
    }

    /// Replaces everything.
    pub fn replace(&mut self, items: Vec<Item>, whole: bool) {
        *self = Self { items: BTreeMap::new(), whole, counted: whole };
        self.add(items);
    }

    /// Adds calls that are only counted, and whether they are all of their time.
    pub fn add_counted(&mut self, items: Vec<Item>, whole: bool) {
        self.add(items);
        self.counted &= whole;
    }

    /// Takes further items in. One that stands for more calls of the same caller takes the place of the former.
    pub fn add(&mut self, items: Vec<Item>) {
        for item in items {
            if item.caller.is_some() {
                let alike = |own: &Item| {
                    (&own.group, &own.caller, own.ended) == (&item.group, &item.caller, item.ended)
                };
                self.items.retain(|number, own| *number >= item.number || !alike(own));
            }
            self.items.insert(item.number, item);
        }
    }

    /// Forgets what is older than the window.
    pub fn forget(&mut self, now: DateTime<Utc>) {
        self.items.retain(|_, item| !item.is_before(now - WINDOW));
    }

    /// The items whose callers are to be called back.
    fn callers(&self) -> impl Iterator<Item = &Item> {
        self.items.values().filter(|item| matches!(item.ended, Ended::Missed | Ended::Forwarded))
    }

    /// The callers to be called back. Those that are done leave after a while.
    pub fn callbacks(&self, places: &Places<'_>, now: &Now) -> Kept<CallbackId, Callback> {
        self.callers()
            .map(|item| {
                (CallbackId::new(item.number.to_string()), item.callback(places, now, None))
            })
            .filter(|(_, callback)| callback.leaves() > now.moment)
            .collect()
    }

    /// The same with all that are done, as if they had been told of now: none of them leaves before a report is written.
    pub fn all_callbacks(&self, places: &Places<'_>, now: &Now) -> Kept<CallbackId, Callback> {
        let told = Some(now.moment);
        self.callers()
            .map(|item| {
                (CallbackId::new(item.number.to_string()), item.callback(places, now, told))
            })
            .collect()
    }

    /// The lists that they stand in: one for each group. Where the log was not read whole, nothing is counted.
    pub fn lists(&self, places: &Places<'_>, now: &Now) -> Vec<CallbackList> {
        let mut lists: BTreeMap<QueueId, CallbackList> = BTreeMap::new();
        for item in self.callers() {
            let Some(queue) = item.group.as_deref().map(places.queue) else { continue };
            let list = lists.entry(queue.clone()).or_insert_with(|| self.list(&queue, now));
            let state = item.handled.as_ref().map_or(Handling::Unhandled, |own| own.state);
            let counters = match state {
                Handling::Unhandled => [Some(&mut list.open), Some(&mut list.free)],
                Handling::InProgress => [Some(&mut list.open), Some(&mut list.assigned)],
                Handling::Handled => [None, None],
            };
            for counter in counters.into_iter().flatten() {
                *counter = counter.map(|count| count.saturating_add(1));
            }
        }
        lists.into_values().collect()
    }

    /// A list with nobody in it. It has the name of its queue, and so none of its own.
    fn list(&self, queue: &QueueId, now: &Now) -> CallbackList {
        let none = self.whole.then_some(0);
        CallbackList {
            id: ListId::new(queue.raw()),
            name: None,
            open: none,
            free: none,
            assigned: none,
            hidden: None,
            overdue: None,
            next_hour_overdue: None,
            expires_24h: None,
            agents_serving: None,
            next_hour_revealed: None,
            agents_active: None,
            agents_automatic: None,
            automatic: None,
            told: None,
            feed: FeedName::new(CALLBACKS),
            updated: now.moment,
        }
    }

    /// What the calls of the last 24 hours come to, by the group's number.
    pub fn measured(&self, now: DateTime<Utc>) -> BTreeMap<String, Logged> {
        let mut counted: BTreeMap<&str, (Calls, bool)> = BTreeMap::new();
        for item in self.items.values().filter(|item| !item.is_before(now - COUNTED)) {
            let Some(group) = item.group.as_deref() else { continue };
            let (calls, grouped) = counted.entry(group).or_default();
            item.count(calls);
            *grouped |= item.calls.is_some_and(|count| count > 1);
        }
        let measured = |(group, (calls, grouped)): (&str, (Calls, bool))| {
            let logged = Logged {
                service_level: calls.service_level(),
                average_wait_s: calls.speed_of_answer_s(),
                average_handle_s: calls.handle_time_s(),
                // A part of the calls is an estimate of all.
                grouped: grouped || !self.counted,
            };
            (group.to_owned(), logged)
        };
        counted.into_iter().map(measured).collect()
    }
}

impl Item {
    fn is_before(&self, time: DateTime<Utc>) -> bool {
        self.at.is_some_and(|at| at < time)
    }

    /// Adds its calls to those counted so far, each with the one wait and the one length that it tells.
    fn count(&self, calls: &mut Calls) {
        let count = u64::from(self.calls.unwrap_or(1));
        let seconds = |one: Option<u32>| u64::from(one.unwrap_or(0)) * count;
        let soon = self.queued_s.is_some_and(|wait| wait <= WITHIN_S);
        calls.offered += count;
        match self.ended {
            Ended::Answered => {
                calls.answered += count;
                calls.in_time += if soon { count } else { 0 };
                calls.waited_s += seconds(self.queued_s);
                calls.handled_s += seconds(self.lasted_s);
            }
            Ended::Missed => calls.abandoned_in_time += if soon { count } else { 0 },
            Ended::Forwarded | Ended::Other => {}
        }
    }

    fn callback(&self, places: &Places<'_>, now: &Now, told: Option<Moment>) -> Callback {
        let queue = self.group.as_deref().map(places.queue);
        let handled = self.handled.as_ref();
        let taken = handled.filter(|own| own.state != Handling::Unhandled);
        let request = Request {
            list: queue.as_ref().map(|queue| ListId::new(queue.raw())),
            party: self.call_back.clone().or_else(|| self.caller.clone()),
            note: handled.and_then(|own| own.note.clone()),
            created: self.at,
            closed: Some(taken.is_some_and(|own| own.state == Handling::Handled)),
            owner: taken.and_then(|own| own.owner(places)),
            own: Some(taken.is_some_and(|own| own.is_own(places))),
            calls: self.calls,
            queue,
            kind: Some(self.kind()),
            ..Request::default()
        };
        let at = handled.and_then(|own| own.at).or(self.at).unwrap_or(now.wall);
        let moment = told.unwrap_or_else(|| now.moment_of(at));
        let told = Told { at, report: 0, moment, late: false };
        let mut callback = Callback::new(CallbackId::new(self.number.to_string()));
        callback.take(told, Fact::Record(Box::new(request)));
        let extras = self.extras();
        if !extras.is_empty() {
            callback.take(told, Fact::Extras(extras));
        }
        callback
    }

    /// How it came to be: “missed”, “forwarded: no agents”.
    fn kind(&self) -> Shown {
        let ended = if self.ended == Ended::Forwarded { "forwarded" } else { "missed" };
        match &self.why {
            Some(why) => {
                Shown::clean(&format!("{ended}: {}", why.to_lowercase().replace('_', " ")))
            }
            None => Shown::clean(ended),
        }
    }

    fn extras(&self) -> Vec<(Shown, Shown)> {
        let caller = self.caller.clone().filter(|_| self.call_back != self.caller);
        let waited = self.queued_s.map(|seconds| Shown::clean(&format!("{seconds} s")));
        [
            ("Caller", caller),
            ("Dialled", self.diverted.clone()),
            ("Sent on to", self.sent_to.clone()),
            ("Waited", waited),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((Shown::clean(name), value?)))
        .collect()
    }
}

impl Handled {
    /// The person's row: by the user name where the floor knows it, else by the name.
    fn owner(&self, places: &Places<'_>) -> Option<AgentKey> {
        let id = self.user.as_ref().map(|user| full(user, places.domain));
        let known = id.as_deref().filter(|id| places.people.contains(id));
        known.or(self.name.as_deref()).or(id.as_deref()).map(AgentKey::new)
    }

    fn is_own(&self, places: &Places<'_>) -> bool {
        let own = full(places.user, places.domain);
        self.user.as_ref().is_some_and(|user| full(user, places.domain).eq_ignore_ascii_case(&own))
    }
}

/// A user name with its domain.
fn full(user: &str, domain: &str) -> String {
    if user.contains('@') { user.to_owned() } else { format!("{user}@{domain}") }
}
