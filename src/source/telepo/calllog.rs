//! The call log of groups as sent, and what is kept of it: callers to be called back, and what was counted.
//!
//! An item stands for all calls of one caller to one group that ended in the same way; a further call gives it
//! a new number (operation `group.calllog.all`).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::floor::callback::{CALLBACKS, Callback, CallbackList, Fact, Request};
use crate::floor::id::{AgentKey, CallbackId, FeedName, ListId, QueueId};
use crate::floor::kept::{Kept, Leaves};
use crate::floor::queue::Logged;
use crate::floor::time::{Moment, Now, Told};
use crate::metric::{Calls, WITHIN_S};
use crate::record;
use crate::text::Shown;
use crate::transport::lenient::uri::Dialled;
use crate::transport::lenient::{
    Body, Count, Flag, Id, List, Tally, Text, Time, Unreadable, Whole, Word,
};

/// How far back callers are still called back: a week.
pub const WINDOW: TimeDelta = TimeDelta::days(7);

/// The list of callers whose time is not known. No queue has such a number.
const UNDATED: &str = "time unknown";

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
    Unhandled,
    /// Somebody is at it.
    InProgress,
    Handled,
}

/// Who is calling back, and how far that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    pub state: Handling,
    /// The person's user name, without a domain.
    pub user: Option<String>,
    pub name: Option<String>,
    pub at: Option<DateTime<Utc>>,
    pub note: Option<Shown>,
}

/// One item of the log: one call, or several of one caller that ended alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number; later items have higher ones.
    pub number: i64,
    pub group: Option<String>,
    /// How many calls it stands for.
    pub calls: Option<u32>,
    pub ended: Ended,
    /// Why it was sent on, in the vendor's word.
    pub why: Option<Shown>,
    /// When it began; `None` where that cannot be read. Then it is shown apart and counted in no period.
    pub at: Option<DateTime<Utc>>,
    /// Seconds in the queue.
    pub queued_s: Option<u32>,
    /// Seconds on the call.
    pub lasted_s: Option<u32>,
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

record! {
    /// `GroupCallLog`.
    struct LogData = "GroupCallLog" {
        items: List<ItemData> = "callLogItem",
        flush: Flag = "flushCache",
    }
    unused: "generatedAt", "hintCount", "callCountAnswered", "callCountForwarded",
        "callCountMissed";
}

record! {
    /// `CallLogItem`.
    struct ItemData = "CallLogItem" {
        number: Whole = "itemId",
        group: Id = "groupId",
        calls: Count = "callCount",
        kind: Word = "itemType",
        why: Text = "forwardReason",
        at: Time = "startTime",
        queued_s: Count = "queueDuration",
        lasted_s: Count = "callDuration",
        caller: Dialled = "callerNumber",
        call_back: Dialled = "callbackToNumber",
        diverted: Dialled = "diversionNumber",
        sent_to: PersonData = "forwardedTo",
        handled: HandledData = "handledStatus",
    }
    unused: "groupOrgId", "callMetaData", "agent", "noteIncluded";
}

record! {
    /// The handled status of a `CallLogItem`.
    struct HandledData = "handledStatus" {
        state: Word = "state",
        at: Time = "timeStamp",
        note: Text = "note",
        agent: PersonData = "agent",
    }
}

record! {
    /// A person, or a number with a name.
    struct PersonData = "Person" {
        user: Id = "userId",
        name: Word = "name",
        number: Dialled = "number",
    }
}

/// The answer of `group.calllog` and `group.calllog.all`: `GroupCallLog`.
///
/// # Errors
/// Bytes that are no JSON.
pub fn page<'b>(answer: impl Into<Body<'b>>, tally: &mut Tally) -> Result<Page, Unreadable> {
    let mut document = answer.into().document(tally)?;
    let read = match document.is_array() {
        true => LogData { items: Some(document.list("callLogItem", tally)?), flush: None },
        false => document.read::<LogData>(tally)?.unwrap_or_default(),
    };
    let items = read.items.into_iter().flatten();
    Ok(Page {
        items: items.filter_map(|item| Item::of(item, tally)).collect(),
        flush: read.flush == Some(true),
    })
}

impl Item {
    /// What was read of an item; nothing without a number, by which alone it could be taken.
    fn of(read: ItemData, tally: &mut Tally) -> Option<Self> {
        let Some(number) = read.number else {
            tally.count("CallLogItem without itemId".to_owned());
            return None;
        };
        let is = |word: &str| read.kind.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(word));
        let ended = match () {
            () if is("ANSWERED") => Ended::Answered,
            () if is("FORWARDED") => Ended::Forwarded,
            () if is("MISSED") => Ended::Missed,
            () => Ended::Other,
        };
        if let (Ended::Other, Some(word)) = (ended, &read.kind) {
            tally.count(format!("CallLogItem.itemType {word}"));
        }
        Some(Self {
            number,
            group: read.group,
            calls: read.calls,
            ended,
            why: read.why,
            at: read.at,
            queued_s: read.queued_s,
            lasted_s: read.lasted_s,
            caller: read.caller,
            call_back: read.call_back,
            diverted: read.diverted,
            sent_to: read.sent_to.and_then(PersonData::shown),
            handled: read.handled.map(|handled| Handled::of(handled, tally)),
        })
    }
}

impl Handled {
    fn of(read: HandledData, tally: &mut Tally) -> Self {
        let agent = read.agent.unwrap_or_default();
        let states = [
            ("INPROGRESS", Handling::InProgress),
            ("HANDLED", Handling::Handled),
            ("UNHANDLED", Handling::Unhandled),
        ];
        let state = read.state.map_or(Handling::Unhandled, |word| {
            let known = states.iter().find(|(own, _)| own.eq_ignore_ascii_case(&word));
            known.map_or_else(
                || {
                    tally.count(format!("handledStatus.state {word}"));
                    Handling::Unhandled
                },
                |(_, state)| *state,
            )
        });
        Self { state, user: agent.user, name: agent.name, at: read.at, note: read.note }
    }
}

impl PersonData {
    fn shown(self) -> Option<Shown> {
        let number = self.number.map(|number| number.to_string());
        let parts: Vec<String> = [self.name, number].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| Shown::clean(&parts.join(", ")))
    }
}

/// What was read of the log, by the numbers of its items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    items: BTreeMap<i64, Item>,
    /// Whether all items of the window were read whose callers are to be called back.
    whole: bool,
    /// Whether all calls were read that are counted.
    counted: bool,
    /// When each item without a time was first seen: it leaves the window by that. One that left is remembered as
    /// long as the server lists it.
    seen: BTreeMap<i64, DateTime<Utc>>,
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

    pub fn replace(&mut self, items: Vec<Item>, whole: bool) {
        let listed: BTreeSet<i64> = items.iter().map(|item| item.number).collect();
        self.seen.retain(|number, _| listed.contains(number));
        self.items.clear();
        (self.whole, self.counted) = (whole, whole);
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

    /// Forgets what is older than the window. An item without a time is as old as the first look at it.
    pub fn forget(&mut self, now: DateTime<Utc>) {
        let begun = now - WINDOW;
        for item in self.items.values().filter(|item| item.at.is_none()) {
            self.seen.entry(item.number).or_insert(now);
        }
        let seen = &self.seen;
        self.items.retain(|number, item| {
            item.at.or_else(|| seen.get(number).copied()).is_none_or(|at| at >= begun)
        });
    }

    /// The items whose callers are to be called back.
    fn callers(&self) -> impl Iterator<Item = &Item> {
        self.items.values().filter(|item| matches!(item.ended, Ended::Missed | Ended::Forwarded))
    }

    /// The callers to be called back. Those that are done leave after a while.
    pub fn callbacks(&self, places: &Places<'_>, now: &Now) -> Kept<CallbackId, Callback> {
        self.callers()
            .map(|item| self.callback(item, places, now, None))
            .filter(|(_, callback)| callback.leaves() > now.moment)
            .collect()
    }

    /// The same with all that are done, as if they had been told of now: none of them leaves before a report is written.
    pub fn all_callbacks(&self, places: &Places<'_>, now: &Now) -> Kept<CallbackId, Callback> {
        self.callers().map(|item| self.callback(item, places, now, Some(now.moment))).collect()
    }

    /// What an item says of a caller, with the number that it goes by.
    fn callback(
        &self,
        item: &Item,
        places: &Places<'_>,
        now: &Now,
        told: Option<Moment>,
    ) -> (CallbackId, Callback) {
        let id = CallbackId::new(item.number.to_string());
        let handled = item.handled.as_ref().and_then(|own| own.at);
        let seen = self.seen.get(&item.number).copied();
        let at = handled.or(item.at).or(seen).unwrap_or(now.wall);
        let moment = told.unwrap_or_else(|| now.moment_of(at));
        let told = Told { at, report: 0, moment, received: None, late: false };
        let callback = item.callback(id.clone(), places, told);
        (id, callback)
    }

    /// The lists that they stand in: one for each group, and one for all without a time. Where the log was not read
    /// whole, nothing is counted.
    pub fn lists(&self, places: &Places<'_>, now: &Now) -> Vec<CallbackList> {
        let mut lists: BTreeMap<ListId, CallbackList> = BTreeMap::new();
        for item in self.callers() {
            let Some(id) = item.list(places) else { continue };
            let list = lists.entry(id.clone()).or_insert_with(|| self.list(id, now));
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

    /// A list with nobody in it. That of a group has the name of its queue, and so none of its own.
    fn list(&self, id: ListId, now: &Now) -> CallbackList {
        let none = self.whole.then_some(0);
        CallbackList {
            name: (id.raw() == UNDATED).then(|| Shown::clean("Time unknown")),
            open: none,
            free: none,
            assigned: none,
            ..CallbackList::unknown(id, FeedName::new(CALLBACKS), now.moment)
        }
    }

    /// What the calls of the last 24 hours come to, by the group's number. A call whose time is not known is none
    /// of them.
    pub fn measured(&self, now: DateTime<Utc>) -> BTreeMap<String, Logged> {
        let mut counted: BTreeMap<&str, (Calls, bool)> = BTreeMap::new();
        let recent = |item: &&Item| item.at.is_some_and(|at| at >= now - COUNTED);
        for item in self.items.values().filter(recent) {
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
    /// The list in which it stands.
    fn list(&self, places: &Places<'_>) -> Option<ListId> {
        match self.at {
            Some(_) => Some(ListId::new((places.queue)(self.group.as_deref()?).raw())),
            None => Some(ListId::new(UNDATED)),
        }
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

    fn callback(&self, id: CallbackId, places: &Places<'_>, told: Told) -> Callback {
        let queue = self.group.as_deref().map(places.queue);
        let handled = self.handled.as_ref();
        let taken = handled.filter(|own| own.state != Handling::Unhandled);
        let request = Request {
            list: self.list(places),
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
        let mut callback = Callback::new(id);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::transport::lenient::law::one_value_costs_no_other;

    #[test]
    fn one_value_of_the_log_costs_no_other() {
        let person = json!({ "userId": "ada", "name": "Ada", "number": "555" });
        let handled = json!({
            "state": "INPROGRESS", "timeStamp": "2025-03-10T11:05:00Z", "note": "later",
            "agent": person,
        });
        let item = json!({
            "itemId": 7, "groupId": 21, "callCount": 2, "itemType": "FORWARDED",
            "forwardReason": "NO_AGENTS", "startTime": "2025-03-10T11:05:00Z", "queueDuration": 5,
            "callDuration": 60, "callerNumber": "+4685550101", "callbackToNumber": "+4685550102",
            "diversionNumber": "+4685550103", "forwardedTo": person, "handledStatus": handled,
        });
        one_value_costs_no_other::<PersonData>(&person);
        one_value_costs_no_other::<HandledData>(&handled);
        one_value_costs_no_other::<ItemData>(&item);
        one_value_costs_no_other::<LogData>(&json!({ "flushCache": true, "callLogItem": [item] }));
    }

    #[test]
    fn a_page_is_read_in_every_wrapping() {
        let item = json!({ "itemId": "5.0", "groupId": 67_899.0, "itemType": "missed" });
        for answer in
            [json!({ "callLogItem": [item] }), json!({ "callLogItem": item }), json!([item])]
        {
            let page = page(&answer, &mut Tally::default()).unwrap();
            assert_eq!(page.items.len(), 1, "{answer}");
            let Item { number, ended, .. } = page.items[0];
            assert_eq!((number, ended), (5, Ended::Missed), "{answer}");
            assert_eq!(page.items[0].group.as_deref(), Some("67899"), "{answer}");
        }
        for nothing in ["", "null", "{}", "[]"] {
            assert_eq!(page(nothing, &mut Tally::default()).unwrap(), Page::default());
        }
    }
}
