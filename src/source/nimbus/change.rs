//! Changes of scheduler entries: one request each, and for a change of one the reading before it.

use http::StatusCode;
use serde_json::{Map, Value as Json, json};

use super::{Nimbus, entries_path, hinted, wire};
use crate::clock;
use crate::floor::id::EntryId;
use crate::operations::wish::{entry_fields, told};
use crate::operations::{Command, Field, Outcome, Value, Wish};
use crate::source::outcome;
use crate::text::Shown;
use crate::transport::http::{HttpError, Method, Reach, Reply, segment};
use crate::transport::lenient::{Fields, Tally, items};

/// What a 404 means.
pub(super) const GONE: &str = "already gone or never there";

/// The collection of entries.
const ENTRIES: &str = "v1/scheduler-entries";

/// Fields that an answer has and a request has not (`SchedulerEntryEventData` without `SchedulerEntryWriteData`).
const TOLD_ONLY: [&str; 6] = [
    "schedulerEntryId",
    "event",
    "direction",
    "modality",
    "unifiedConversationId",
    "completionReason",
];

/// The key of the customer in an entry.
const CUSTOMER: &str = "customer";

/// Fields without which nothing is written.
const NEEDED: [Field; 3] = [Field::Service, Field::Destination, Field::Due];

impl Nimbus {
    pub(super) async fn remove(&self, entry: &str) -> Outcome {
        judged(self.change_one(Method::DELETE, ENTRIES, entry, None).await, &ENTRY)
    }

    pub(super) async fn add(&self, wish: &Wish) -> Outcome {
        let mut body = Map::new();
        write(&mut body, wish);
        match lacks(&body) {
            Some(field) => Outcome::Failed(Shown::clean(&format!("an entry needs a {field}"))),
            None => {
                let result = self.change(Method::POST, ENTRIES, Some(&Json::Object(body))).await;
                confirmed(result, &ENTRY, |answer| identity(answer, "schedulerEntryId"))
            }
        }
    }

    /// Reads the entry, changes what is wished, and writes it back whole: what is left out would fall back to the
    /// vendor's own values. Nothing is written where somebody else changed the same fields meanwhile.
    pub(super) async fn edit(
        &self,
        command: &Command,
        entry: &str,
        wish: &Wish,
        was: &Wish,
    ) -> Outcome {
        let service = command.place.as_str();
        let request = self.client.get(&self.url(&entries_path(service)));
        let answer = match request {
            Ok(request) => self.client.send(request.accept("application/json")).await,
            Err(error) => Err(error),
        };
        let answer: Json = match answer.and_then(|reply| reply.json()) {
            Ok(answer) => answer,
            // The reading changes nothing, so nothing was sent.
            Err(error) => {
                let why = hinted(error, service).shown();
                return Outcome::Failed(Shown::clean(&format!("it cannot be read before: {why}")));
            }
        };
        let wanted = EntryId::new(entry);
        let found = items(&answer, "value").into_iter().find_map(|item| {
            let (item, mut tally) = (item.as_object()?, Tally::default());
            let value = Json::Array(vec![Json::Object(item.clone())]);
            let read = wire::entries(&value, "", service, clock::moment(), &mut tally).pop()?;
            (read.id == wanted).then(|| (item.clone(), read))
        });
        let Some((mut body, now)) = found else {
            return Outcome::Refused(Shown::clean(GONE));
        };
        if let Some(field) = was.missing_in(&now) {
            let now = told(field, &now).map_or_else(|| "not told".to_owned(), |own| own.masked());
            let name = field.declared().name;
            return Outcome::Refused(Shown::clean(&format!(
                "somebody changed it meanwhile: {name} is {now} now; nothing was sent"
            )));
        }
        body.retain(|name, value| {
            !value.is_null() && !TOLD_ONLY.iter().any(|told| told.eq_ignore_ascii_case(name))
        });
        respell(&mut body);
        write(&mut body, wish);
        if !has(&body, wire::key(Field::Service)) {
            body.insert(wire::key(Field::Service).to_owned(), json!(service));
        }
        if let Some(field) = lacks(&body) {
            let why =
                format!("its {field} is not told, and a change has to send it: nothing was sent");
            return Outcome::Failed(Shown::clean(&why));
        }
        let body = Json::Object(body);
        // Its own form of it, where it is a GUID.
        let entry = now.id.raw();
        let result = self.change_one(Method::PUT, ENTRIES, entry, Some(&body)).await;
        confirmed(result, &ENTRY, |answer| shows(service, entry, wish, answer))
    }

    /// One item of a collection.
    pub(super) async fn change_one(
        &self,
        method: Method,
        collection: &'static str,
        id: &str,
        body: Option<&Json>,
    ) -> Result<Reply, HttpError> {
        let path = format!("{collection}/{}", segment(id)?);
        self.change(method, &path, body).await
    }

    pub(super) async fn change(
        &self,
        method: Method,
        path: &str,
        body: Option<&Json>,
    ) -> Result<Reply, HttpError> {
        let mut request = self.client.request(Reach::Action, method, &self.url(path))?;
        if let Some(body) = body {
            request = request.body("application/json", body.to_string());
        }
        self.client.send(request.accept("application/json")).await
    }
}

/// Gives every known field its documented spelling: an answer may have another.
fn respell(body: &mut Map<String, Json>) {
    let terms = entry_fields().map(|declared| declared.field);
    let terms = terms.filter(|field| !field.is_of_customer()).map(wire::entry_key);
    for key in terms.chain([CUSTOMER]) {
        if let Some(value) = taken(body, key) {
            body.insert(key.to_owned(), value);
        }
    }
}

/// Takes out what stands under a key in any spelling: in the documented one where there are several.
fn taken(body: &mut Map<String, Json>, key: &str) -> Option<Json> {
    let names: Vec<String> =
        body.keys().filter(|name| name.eq_ignore_ascii_case(key)).cloned().collect();
    let mut found = None;
    for name in names {
        let value = body.remove(&name);
        if found.is_none() || name == key {
            found = value;
        }
    }
    found
}

/// A value as it goes into a request.
pub(super) fn sent(value: &Value) -> Json {
    match value {
        Value::Number(number) => json!(number),
        Value::Text(_) | Value::Time(_) => json!(value.said()),
        Value::Pairs(pairs) => {
            pairs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
        }
        Value::People(people) => people
            .iter()
            .map(|(user, priority)| match priority {
                Some(priority) => json!({ "upn": user, "priority": priority }),
                None => json!({ "upn": user }),
            })
            .collect(),
    }
}

/// Puts what is wished into a request's body, by the documented spelling alone. What else is known of the customer
/// stays.
fn write(body: &mut Map<String, Json>, wish: &Wish) {
    let mut customer = match taken(body, CUSTOMER) {
        Some(Json::Object(customer)) => customer,
        _ => Map::new(),
    };
    for (field, value) in wish.iter() {
        let (key, within) = match field.is_of_customer() {
            true => (wire::key(field), &mut customer),
            false => (wire::entry_key(field), &mut *body),
        };
        taken(within, key);
        within.insert(key.to_owned(), sent(value));
    }
    if !customer.is_empty() {
        body.insert(CUSTOMER.to_owned(), Json::Object(customer));
    }
}

fn has(body: &Map<String, Json>, key: &str) -> bool {
    body.keys().any(|name| name.eq_ignore_ascii_case(key))
}

/// The name of a field that a request needs and does not have.
fn lacks(body: &Map<String, Json>) -> Option<&'static str> {
    let lacking = NEEDED.into_iter().find(|field| !has(body, wire::key(*field)));
    lacking.map(|field| field.declared().name)
}

/// What is said of statuses whose meaning depends on what was asked.
pub(super) struct Words {
    /// The right that a 403 says is missing.
    pub right: &'static str,
    /// What a 400 means.
    pub impossible: &'static str,
}

const ENTRY: Words = Words {
    right: "the account lacks the right to change this service's entries",
    impossible: "not possible now",
};

/// What came of a change, with the identity of what the answer shows, where it shows it.
pub(super) fn confirmed(
    result: Result<Reply, HttpError>,
    words: &Words,
    shows: impl FnOnce(&Json) -> Option<String>,
) -> Outcome {
    let answer: Option<Json> = result.as_ref().ok().and_then(|reply| reply.json().ok());
    match (judged(result, words), answer.as_ref().and_then(shows)) {
        (Outcome::Done, Some(id)) => Outcome::Confirmed(Shown::clean(&id)),
        (outcome, _) => outcome,
    }
}

/// The identity of what was added, under `key` in the answer.
pub(super) fn identity(answer: &Json, key: &'static str) -> Option<String> {
    let mut unread = Tally::default();
    Fields::caseless("added", answer, &mut unread)?.raw(&[key, "id"])
}

/// The identity of the entry that an answer shows as it was wished.
fn shows(service: &str, entry: &str, wish: &Wish, answer: &Json) -> Option<String> {
    let mut tally = Tally::default();
    let mut read = wire::entries(answer, "", service, clock::moment(), &mut tally);
    let read = read.pop().filter(|read| read.id == EntryId::new(entry))?;
    wish.missing_in(&read).is_none().then(|| entry.to_owned())
}

/// What came of a change.
pub(super) fn judged(result: Result<Reply, HttpError>, words: &Words) -> Outcome {
    match result {
        Ok(_) => Outcome::Done,
        Err(HttpError::NotFound { .. }) => Outcome::Refused(Shown::clean(GONE)),
        Err(HttpError::Status { status: StatusCode::BAD_REQUEST, message, .. }) => {
            let said = if message.is_empty() { "" } else { ": " };
            Outcome::Refused(Shown::clean(&format!("{}{said}{message}", words.impossible)))
        }
        Err(error) => {
            let hint = match &error {
                HttpError::Forbidden { .. } => Some(words.right),
                _ => None,
            };
            let told = hinted(error, "");
            let hint = hint.or(told.hint);
            match outcome::<()>(Err(told.error)) {
                Outcome::Refused(why) => Outcome::Refused(with_hint(&why, hint)),
                other => other,
            }
        }
    }
}

fn with_hint(why: &Shown, hint: Option<&str>) -> Shown {
    hint.map_or_else(|| why.clone(), |hint| Shown::clean(&format!("{why}; {hint}")))
}
