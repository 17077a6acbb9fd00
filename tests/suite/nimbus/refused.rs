//! The simulated Nimbus takes the documented example of every operation, and refuses each of its broken neighbours.

use std::collections::BTreeSet;

use floorwalker::simulator::centre::EntryState;
use floorwalker::simulator::{self, Settings, Simulator};
use futures_util::future::join_all;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::documented::{Operation, operations};

/// Requests to one simulator: it lets a hundred in a minute.
const TOGETHER: usize = 80;

/// What is there to be asked about.
struct Place {
    simulator: Simulator,
    client: Client,
    service: String,
    numberless: String,
    waiting: String,
    begun: String,
    ended: String,
    external: String,
    assigned: String,
    triggers: [String; 2],
}

/// One request.
#[derive(Debug, Clone)]
struct Asked {
    what: String,
    method: String,
    target: String,
    body: Option<String>,
    token: Option<&'static str>,
}

impl Place {
    async fn open() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = Settings { speed: 0.0, ..Settings::default() };
        let simulator = simulator::start(settings).await.unwrap();
        let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let (service, numberless, ids) = simulator.change(|centre| {
            let names = [0, 1].map(|index: usize| centre.services()[index].upn().to_owned());
            centre.give_number(1, None);
            let ids: Vec<String> = centre
                .entries()
                .filter(|entry| entry.service == 0 && entry.state == EntryState::Scheduled)
                .map(|entry| entry.id.clone())
                .take(3)
                .collect();
            assert!(centre.begin_entry(&ids[1]));
            assert!(centre.begin_entry(&ids[2]) && centre.end_entry(&ids[2]));
            let [service, numberless] = names;
            (service, numberless, ids)
        });
        let [waiting, begun, ended] = ids.try_into().unwrap();
        let mut place = Self {
            simulator,
            client,
            service,
            numberless,
            waiting,
            begun,
            ended,
            external: String::new(),
            assigned: String::new(),
            triggers: Default::default(),
        };
        let task = json!({ "serviceUpn": place.service });
        place.external = place.made("/v1/ExternalTasks", &task).await;
        let task = json!({ "serviceUpn": place.service, "preferredUsers": [{ "upn": "alma@example.com" }] });
        place.assigned = place.made("/v1/ExternalTasks", &task).await;
        for (index, (of, body)) in
            [("tasks", place.task_trigger()), ("scheduler-entries", place.entry_trigger())]
                .into_iter()
                .enumerate()
        {
            let url = format!("{}/v1/triggers/{of}", place.base());
            let answer =
                place.client.post(url).bearer_auth("sim-token").json(&body).send().await.unwrap();
            assert_eq!(answer.status(), 201);
            let location = answer.headers()["location"].to_str().unwrap().to_owned();
            location.rsplit('/').next().unwrap().clone_into(&mut place.triggers[index]);
        }
        place
    }

    fn base(&self) -> String {
        format!("http://{}/nimbus", self.simulator.address())
    }

    async fn made(&self, path: &str, body: &Value) -> String {
        let request = self.client.post(format!("{}{path}", self.base())).bearer_auth("sim-token");
        let answer: Value = request.json(body).send().await.unwrap().json().await.unwrap();
        answer["id"].as_str().unwrap().to_owned()
    }

    async fn status(&self, asked: &Asked) -> (u16, String) {
        let method: Method = asked.method.parse().unwrap();
        let mut request = self.client.request(method, format!("{}{}", self.base(), asked.target));
        if let Some(token) = asked.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = &asked.body {
            request = request.header("content-type", "application/json").body(body.clone());
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    fn customer() -> Value {
        json!({
            "firstName": "Ada", "lastName": "Byron", "displayName": "Ada Byron", "company": "Engines",
            "jobTitle": "Analyst", "department": "Research", "streetAddress": "St James 12",
            "postCode": "SW1", "city": "London", "state": "England", "country": "UK",
            "primaryTelNumber": "+442079460500", "UPN": "ada@example.com",
            "imAddress": "sip:ada@example.com", "email": "ada@example.com",
            "telNumbers": [{ "name": "desk", "value": "+442079460501" }],
            "customFields": [{ "name": "tier", "value": "gold" }],
        })
    }

    fn entry(&self) -> Value {
        json!({
            "ReferenceId": "C-7", "destination": "+442079460500", "distributionPriority": "High",
            "dueDateTimeUtc": "2030-03-23T11:00:00Z", "serviceUpn": self.service, "maxAttempts": 10,
            "attemptTimeoutInSeconds": 30, "maxQueueTimeInSeconds": 3600, "ronaTimeoutInSeconds": 5,
            "customCallContextParameters": [{ "name": "topic", "value": "delivery" }],
            "customer": Self::customer(),
        })
    }

    fn people() -> Value {
        json!([{ "upn": "alma@example.com", "priority": 1 }, { "upn": "bruno@example.com", "priority": 99 }])
    }

    fn task_trigger(&self) -> Value {
        json!({ "config": {
            "url": "http://127.0.0.1:9/hook", "services": [self.service], "taskEvents": ["SystemAccepted"],
            "modalities": ["Audio"], "directions": ["Inbound"],
        } })
    }

    fn entry_trigger(&self) -> Value {
        json!({ "config": {
            "url": "http://127.0.0.1:9/hook", "services": [self.service],
            "schedulerEntryEvents": ["Scheduled"],
        } })
    }
}

/// An operation's row: its example, and neighbours that no shape tells of, each with its status.
struct Row {
    target: String,
    body: Option<Value>,
    status: u16,
    neighbours: Vec<(&'static str, Option<String>, Option<Value>, u16)>,
}

/// The row of an operation.
///
/// # Panics
/// There is none: a new operation needs one.
#[expect(clippy::too_many_lines, reason = "one table of all operations")]
fn row(place: &Place, id: &str) -> Row {
    let plain = |target: &str| Row {
        target: target.to_owned(),
        body: None,
        status: 200,
        neighbours: Vec::new(),
    };
    let of = |target: &str, body: Value| Row { body: Some(body), ..plain(target) };
    let with = |body: &Value, field: &str, value: Value| {
        let mut body = body.clone();
        body[field] = value;
        Some(body)
    };
    let (entry, service) = (place.entry(), &place.service);
    let entries = "/v1/scheduler-entries";
    let one = |id: &str| Some(format!("{entries}/{id}"));
    let contacts = "/v2/AddressBooks/book-1/contacts";
    let foreign = |below: &str| Some(format!("/v2/AddressBooks/book-9/contacts{below}"));
    let wrong_entries = |target: Option<&String>| -> Vec<_> {
        [
            ("a service that is unknown", "serviceUpn", json!("nobody@example.com")),
            ("a service without a name", "serviceUpn", json!("")),
            ("a destination of elsewhere", "destination", json!("ada@elsewhere.org")),
            ("a destination that is no number", "destination", json!("0207 946 0500")),
            ("a number that is too long", "destination", json!("+4420794605001234")),
            ("a number that is too short", "destination", json!("+44")),
            ("a number with letters", "destination", json!("+44207946CALL")),
            ("a priority that is unknown", "distributionPriority", json!("Urgent")),
            ("a number for a service without one", "serviceUpn", json!(place.numberless)),
        ]
        .into_iter()
        .map(|(what, field, value)| (what, target.cloned(), with(&entry, field, value), 400))
        .collect()
    };
    match id {
        "AddExternalTask" => {
            let task = json!({
                "serviceUpn": service, "customerIdentifier": "C-7", "customer": Place::customer(),
                "customContextParameters": [{ "name": "topic", "value": "delivery" }],
                "distributionPriority": "Low", "preferredUsers": Place::people(),
            });
            let wrong = |what, field, value| (what, None, with(&task, field, value), 400);
            let neighbours = vec![
                wrong("a service that is unknown", "serviceUpn", json!("nobody@example.com")),
                wrong("a priority that is unknown", "distributionPriority", json!("Urgent")),
                wrong(
                    "nobody who can be preferred",
                    "preferredUsers",
                    json!([{ "upn": "x@example.com" }]),
                ),
            ];
            Row { neighbours, ..of("/v1/ExternalTasks", task) }
        }
        "RemoveExternalTask" => Row {
            neighbours: vec![
                (
                    "one that an agent has",
                    Some(format!("/v1/ExternalTasks/{}", place.assigned)),
                    None,
                    400,
                ),
                ("an unknown id", Some("/v1/ExternalTasks/none".into()), None, 404),
                (
                    "the id of an entry",
                    Some(format!("/v1/ExternalTasks/{}", place.waiting)),
                    None,
                    404,
                ),
            ],
            ..plain(&format!("/v1/ExternalTasks/{}", place.external))
        },
        "GetExternalTasksDistributionPriorities" => {
            plain("/v1/ExternalTasks/distribution-priorities")
        }
        "GetExternalTasksServices" => plain("/v1/ExternalTasks/service-contacts"),
        "TestConnection" => plain("/v1/diagnostics/testconnection"),
        "GetSchedulerEntries" => Row {
            neighbours: vec![
                ("no service", Some(entries.into()), None, 400),
                ("an empty service", Some(format!("{entries}?serviceUpn=")), None, 403),
                (
                    "an unknown service",
                    Some(format!("{entries}?serviceUpn=nobody@example.com")),
                    None,
                    403,
                ),
            ],
            ..plain(&format!("{entries}?serviceUpn={service}"))
        },
        "CreateSchedulerEntry" => {
            let neighbours = wrong_entries(None);
            Row { neighbours, ..of(entries, entry.clone()) }
        }
        "UpdateSchedulerEntry" => {
            let target = one(&place.waiting);
            let mut neighbours = wrong_entries(target.as_ref());
            neighbours.extend([
                ("an unknown id", one("none"), Some(entry.clone()), 404),
                ("the id of a task", one(&place.external), Some(entry.clone()), 404),
                ("one in progress", one(&place.begun), Some(entry.clone()), 400),
                ("one that has ended", one(&place.ended), Some(entry.clone()), 400),
            ]);
            Row { neighbours, ..of(&target.unwrap(), entry.clone()) }
        }
        "DeleteSchedulerEntry" => Row {
            neighbours: vec![
                ("an unknown id", one("none"), None, 404),
                ("the id of a task", one(&place.external), None, 404),
                ("one in progress", one(&place.begun), None, 400),
                ("one that has ended", one(&place.ended), None, 400),
            ],
            ..plain(&one(&place.waiting).unwrap())
        },
        "GetDistributionPriorities" => plain("/v1/scheduler-entries/distribution-priorities"),
        "GetSchedulerEntriesEvents" => plain("/v1/scheduler-entries/events"),
        "GetSchedulerEntryServices" => plain("/v1/scheduler-entries/service-contacts"),
        "GetTaskDirections" => plain("/v1/tasks/directions"),
        "GetTaskEvents" => plain("/v1/tasks/events"),
        "GetTaskModalities" => plain("/v1/tasks/modalities"),
        "GetServices" => plain("/v1/tasks/service-contacts"),
        "GetUsersForPreferredRouting" => plain("/v1/tasks/users-for-preferred-routing"),
        "UpdateTask" => {
            let body = json!({
                "customer": Place::customer(), "preferredUsers": Place::people(),
                "customContextParameters": [{ "name": "topic", "value": "delivery" }],
            });
            let nobody = with(&body, "preferredUsers", json!([{ "upn": "x@example.com" }]));
            let entry = Some(format!("/v1/tasks/{}", place.waiting));
            Row {
                neighbours: vec![
                    ("nobody who can be preferred", None, nobody, 400),
                    ("an unknown id", Some("/v1/tasks/none".into()), Some(body.clone()), 404),
                    ("the id of an entry", entry, Some(body.clone()), 404),
                ],
                ..of(&format!("/v1/tasks/{}", place.external), body)
            }
        }
        "RegisterTaskWebHook" | "RegisterSchedulerEntryTrigger" => {
            let (target, body, events) = match id {
                "RegisterTaskWebHook" => ("/v1/triggers/tasks", place.task_trigger(), "taskEvents"),
                _ => (
                    "/v1/triggers/scheduler-entries",
                    place.entry_trigger(),
                    "schedulerEntryEvents",
                ),
            };
            let mut all = vec![
                ("an event that is unknown", events, json!(["Sneezed"])),
                ("no event", events, json!([])),
                ("a service that is unknown", "services", json!(["nobody@example.com"])),
                ("an address that is none", "url", json!("hook")),
            ];
            if id == "RegisterTaskWebHook" {
                all.push(("a modality that is unknown", "modalities", json!(["Smell"])));
                all.push(("a direction that is unknown", "directions", json!(["Up"])));
            }
            let neighbours = all.into_iter().map(|(what, field, value)| {
                let mut wrong = body.clone();
                wrong["config"][field] = value;
                (what, None, Some(wrong), 400)
            });
            Row { status: 201, neighbours: neighbours.collect(), ..of(target, body.clone()) }
        }
        "DeleteTaskEventsTrigger" | "DeleteSchedulerEntriesTrigger" => {
            let (of, own, other) = match id {
                "DeleteTaskEventsTrigger" => ("tasks", 0, 1),
                _ => ("scheduler-entries", 1, 0),
            };
            let one = |id: &str| format!("/v1/triggers/{of}/{id}");
            Row {
                status: 204,
                neighbours: vec![
                    ("an unknown id", Some(one("none")), None, 404),
                    ("the id of the other kind", Some(one(&place.triggers[other])), None, 404),
                ],
                ..plain(&one(&place.triggers[own]))
            }
        }
        "GetAddressBooks" => plain("/v2/AddressBooks"),
        "GetContacts" => Row {
            neighbours: vec![("a book that is unknown", foreign(""), None, 403)],
            ..plain(&format!("{contacts}?externalIds=C-0001"))
        },
        "AddContact" | "UpdateContact" => {
            let (known, other) =
                if id == "AddContact" { ("X-1", "C-0001") } else { ("C-0001", "X-1") };
            let body = json!({
                "externalId": known, "firstName": "Ada", "lastName": "Byron", "displayName": "Ada Byron",
                "initials": "AB", "company": "Engines", "department": "Research", "jobTitle": "Analyst",
                "userPrincipalName": "ada@example.com", "imAddresses": ["sip:ada@example.com"],
                "emailAddresses": ["ada@example.com"], "businessPhones": ["+442079460500"],
                "mobilePhones": ["+442079460501"], "homePhones": ["+442079460502"],
                "addresses": [{
                    "street": "St James 12", "city": "London", "country": "UK", "state": "England",
                    "postalCode": "SW1",
                }],
                "customFields": [{ "name": "tier", "value": "gold" }],
            });
            let status = if id == "AddContact" { 400 } else { 404 };
            Row {
                neighbours: vec![
                    ("a book that is unknown", foreign(""), Some(body.clone()), 403),
                    ("the other's id", None, with(&body, "externalId", json!(other)), status),
                    ("an empty id", None, with(&body, "externalId", json!("")), 400),
                ],
                ..of(contacts, body)
            }
        }
        "RemoveContacts" => Row {
            neighbours: vec![
                ("a book that is unknown", foreign("/delete"), Some(json!(["C-0001"])), 403),
                ("nobody who is there", None, Some(json!(["X-9"])), 404),
            ],
            ..of(&format!("{contacts}/delete"), json!(["C-0001", "C-0002"]))
        },
        "ClearContacts" => Row {
            neighbours: vec![("a book that is unknown", foreign("/clear"), None, 403)],
            ..plain(&format!("{contacts}/clear"))
        },
        other => panic!("the operation {other} has no row: give it an example and its neighbours"),
    }
}

/// Values that a shape does not take, each with what is wrong.
fn misfits(shape: &Value, value: &Value) -> Vec<(String, Value)> {
    let mut all = vec![("of another type".to_owned(), json!({ "x": [] }))];
    match shape["type"].as_str().unwrap() {
        "string" => {
            all.push(("a number".to_owned(), json!(7)));
            if shape["format"] == "date-time" {
                for time in [
                    "tomorrow",
                    "2030-13-40T00:00:00Z",
                    "2030-03-23 11:00",
                    "2030-03-23T11:00:00",
                    "",
                ] {
                    all.push((format!("the time {time:?}"), json!(time)));
                }
            }
        }
        "integer" => {
            all.push(("a text".to_owned(), json!("1")));
            all.push(("half a number".to_owned(), json!(1.5)));
            all.push(("less than nothing".to_owned(), json!(-1)));
            all.extend(
                shape["minimum"].as_i64().map(|least| ("too little".to_owned(), json!(least - 1))),
            );
            all.extend(
                shape["maximum"].as_i64().map(|most| ("too much".to_owned(), json!(most + 1))),
            );
        }
        "array" => {
            let first = &value[0];
            if let Some(least) = shape["minItems"].as_u64().filter(|least| *least > 0) {
                let few: Vec<_> = (1..least).map(|_| first.clone()).collect();
                all.push(("too few".to_owned(), json!(few)));
            }
            if let Some(most) = shape["maxItems"].as_u64() {
                let many: Vec<_> = (0..=most).map(|_| first.clone()).collect();
                all.push(("too many".to_owned(), json!(many)));
            }
            for (what, misfit) in misfits(&shape["items"], first) {
                all.push((format!("an item: {what}"), json!([misfit])));
            }
        }
        "object" => {
            // An object of any fields is what stands there already.
            all[0] = ("no object".to_owned(), json!("x"));
            for name in shape["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
            {
                let mut lacking = value.clone();
                lacking.as_object_mut().unwrap().remove(name);
                all.push((format!("without {name}"), lacking));
                let mut null = value.clone();
                null[name] = Value::Null;
                all.push((format!("{name} null"), null));
            }
            for (name, shape) in shape["fields"].as_object().into_iter().flatten() {
                for (what, misfit) in misfits(shape, &value[name]) {
                    let mut wrong = value.clone();
                    wrong[name] = misfit;
                    all.push((format!("{name}: {what}"), wrong));
                }
            }
            if shape["closed"] == true {
                let mut more = value.clone();
                more["mood"] = json!("calm");
                all.push(("with another field".to_owned(), more));
            }
        }
        other => panic!("no such type: {other}"),
    }
    all
}

/// Every broken neighbour of an operation's example, with the statuses that may refuse it.
fn neighbours(operation: &Operation, row: &Row) -> Vec<(Asked, Vec<u16>)> {
    let example = Asked {
        what: format!("{}: the example", operation.id),
        method: operation.method.clone(),
        target: row.target.clone(),
        body: row.body.as_ref().map(ToString::to_string),
        token: Some("sim-token"),
    };
    let named = |what: &str| Asked { what: format!("{}: {what}", operation.id), ..example.clone() };
    let mut all = vec![
        (Asked { token: None, ..named("without a token") }, vec![401]),
        (Asked { token: Some("another"), ..named("another token") }, vec![401]),
        // No document tells what a wrong method is answered with: HTTP does.
        (Asked { method: "PATCH".into(), ..named("another method") }, vec![404, 405]),
        (Asked { method: "OPTIONS".into(), ..named("another method") }, vec![404, 405]),
    ];
    for (what, target, body, status) in &row.neighbours {
        let target = target.clone().unwrap_or_else(|| row.target.clone());
        let body = body.as_ref().map(ToString::to_string);
        all.push((Asked { target, body, ..named(what) }, vec![*status]));
    }
    if let (Some(shape), Some(value)) = (&operation.body, &row.body) {
        for (what, misfit) in misfits(shape, value) {
            all.push((Asked { body: Some(misfit.to_string()), ..named(&what) }, vec![400]));
        }
        for text in ["{", "[", "nothing", "\u{feff}\u{0}"] {
            all.push((Asked { body: Some(text.to_owned()), ..named(text) }, vec![400]));
        }
        // The body of an update of a task is not marked as needed.
        if operation.id != "UpdateTask" {
            all.push((Asked { body: None, ..named("without a body") }, vec![400]));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_example_is_taken_and_every_broken_neighbour_refused() {
    let mut wrong: Vec<String> = Vec::new();
    let (mut taken, mut refused) = (BTreeSet::new(), 0);
    // Readings change nothing, so they share a simulator.
    let readings = Place::open().await;
    for operation in operations() {
        let own = match operation.method.as_str() {
            "GET" => None,
            _ => Some(Place::open().await),
        };
        let place = own.as_ref().unwrap_or(&readings);
        let count = neighbours(&operation, &row(place, &operation.id)).len();
        for at in (0..count).step_by(TOGETHER) {
            // The identities of another simulator are others.
            let further = if at > 0 { Some(Place::open().await) } else { None };
            let place = further.as_ref().unwrap_or(place);
            let all = neighbours(&operation, &row(place, &operation.id));
            let asked: Vec<(Asked, Vec<u16>)> = all.into_iter().skip(at).take(TOGETHER).collect();
            let statuses = join_all(asked.iter().map(|(asked, _)| place.status(asked))).await;
            for ((asked, wanted), (status, text)) in asked.iter().zip(statuses) {
                refused += 1;
                if !wanted.contains(&status) {
                    wrong.push(format!("{}: {status} {text}, not {wanted:?}", asked.what));
                }
            }
        }
        // Nothing of all that was done: the example still can be.
        let Row { target, body, status, .. } = row(place, &operation.id);
        let body = body.map(|body| body.to_string());
        let (method, what) = (operation.method.clone(), "the example".to_owned());
        let (answer, text) =
            place.status(&Asked { what, method, target, body, token: Some("sim-token") }).await;
        if answer != status || !operation.statuses.contains(&answer) {
            wrong.push(format!("{}: the example: {answer} {text}, not {status}", operation.id));
        }
        taken.insert(operation.id);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(taken.len(), 28);
    assert!(refused > 300, "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_the_role_is_refused_everything() {
    let place = Place::open().await;
    place.simulator.lose_role();
    for operation in operations() {
        let Row { target, body, .. } = row(&place, &operation.id);
        let asked = Asked {
            what: operation.id.clone(),
            method: operation.method,
            target,
            body: body.map(|body| body.to_string()),
            token: Some("sim-token"),
        };
        assert_eq!(place.status(&asked).await.0, 403, "{}", operation.id);
    }
}
