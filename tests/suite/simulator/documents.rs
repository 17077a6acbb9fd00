//! The law of the documents: of every operation that the program knows, the documented example is accepted, and each of
//! its broken neighbours is refused.
//!
//! The documents name no status for a refusal. Here a request that is wrong in itself is 400, one without a good ticket
//! 401, one that names what is not there 404, a wrong method 405, and one that the state forbids 409.

use std::collections::BTreeSet;

use floorwalker::simulator::Settings;
use floorwalker::simulator::centre::{AgentState, Call, Centre, Handle};
use floorwalker::simulator::scenario::Vendor;
use floorwalker::source::enreach::operations as enreach;
use floorwalker::source::telepo::operations::OPERATIONS;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::wire::Bench;

/// What a row needs of the floor before its example is sent.
#[derive(Debug, Clone)]
enum Stage {
    Any,
    /// Somebody who talks, in a call that fits, to which this was done before.
    Talks(fn(&Call) -> bool, Option<Handle>),
    /// The same at the supervisor, who has two phones.
    Own,
    /// Somebody at whom a call rings.
    Rings,
}

/// A placeholder of a path: its value in the example, and what an unknown one is answered with.
type Place = (&'static str, String);

/// What is known of the floor where the example is sent.
struct Scene {
    bench: Bench,
    user: String,
    call: String,
    token: u64,
}

/// One operation: its example, and how it can be broken.
struct Row {
    id: &'static str,
    stage: Stage,
    /// Values of placeholders beside `domain` and `user`.
    places: fn(&Scene) -> Vec<Place>,
    /// The query of the example.
    query: &'static [(&'static str, &'static str)],
    /// Parameters of the query that are needed.
    needed: &'static [&'static str],
    /// Queries that are refused.
    bad_queries: &'static [(&'static str, &'static str)],
    /// The body of the example.
    body: fn(&Scene) -> Option<Value>,
    /// Fields of the body that are needed.
    fields: &'static [&'static str],
    /// Values that a field of the body does not take.
    bad: fn() -> Vec<(&'static str, Value)>,
    /// Values of placeholders that are refused, with the status.
    bad_places: &'static [(&'static str, &'static str, u16)],
    /// Whether a service account's ticket is needed; any other is refused with 403.
    service: bool,
}

fn row(id: &'static str) -> Row {
    Row {
        id,
        stage: Stage::Any,
        places: |_| Vec::new(),
        query: &[],
        needed: &[],
        bad_queries: &[],
        body: |_| None,
        fields: &[],
        bad: Vec::new,
        bad_places: &[],
        service: false,
    }
}

/// An operation on a call, with the state's number and nothing else in its body.
fn of_call(id: &'static str, stage: Stage) -> Row {
    Row {
        stage,
        places: |scene| vec![("callId", scene.call.clone())],
        body: |scene| Some(json!({ "stateToken": scene.token })),
        bad: || {
            vec![
                ("stateToken", json!("abc")),
                ("stateToken", json!(1.5)),
                ("stateToken", json!([])),
            ]
        },
        bad_places: &[("callId", "c0-0", 404)],
        ..row(id)
    }
}

fn talks(handle: Option<Handle>) -> Stage {
    Stage::Talks(|call| !call.is_recorded(), handle)
}

fn recorded(handle: Option<Handle>) -> Stage {
    Stage::Talks(Call::is_recorded, handle)
}

const WEBHOOK: fn() -> Vec<(&'static str, Value)> = || {
    vec![
        ("publicTarget", json!("yes")),
        ("targetId", json!(7)),
        ("targetUrl", json!("https://hooks.example.com/7")),
    ]
};

/// The number of a group that the user belongs to.
fn own_group(scene: &Scene) -> String {
    scene.bench.simulator.change(|centre| {
        let own = centre.agents().iter().find(|own| own.user() == scene.user).unwrap();
        centre.queues()[own.memberships()[0].queue].setup.id.clone()
    })
}

fn group(scene: &Scene) -> Vec<Place> {
    vec![("grpid", own_group(scene)), ("grpid-domain", "example.com".to_owned())]
}

const BAD_GROUPS: &[(&str, &str, u16)] =
    &[("grpid", "21a", 400), ("grpid", "99999", 404), ("grpid-domain", "elsewhere.example", 404)];

fn cid(scene: &Scene) -> Vec<Place> {
    vec![("cid", format!("{}@example.com", scene.user))]
}

const BAD_CONTACTS: &[(&str, &str, u16)] =
    &[("cid", "nobody@example.com", 404), ("cid", "anna@elsewhere.example", 404)];

fn phone(scene: &Scene) -> Vec<Place> {
    vec![("deviceId", format!("desk-{}", scene.user)), ("callId", scene.call.clone())]
}

fn make_call(id: &'static str) -> Row {
    Row {
        places: |_| vec![("deviceId", "desk-supervisor".to_owned())],
        body: |_| {
            let line = json!({ "type": "OFFICE_FIXED", "groupId": 0 });
            Some(json!({ "destination": "tel:+1444344", "userLine": line }))
        },
        fields: &["destination"],
        bad: || {
            let line = |kind: &str, group: Value| json!({ "type": kind, "groupId": group });
            let mut bad = vec![
                ("destination", json!("+1444344")),
                ("destination", json!("anna@example.com")),
                ("destination", json!("")),
                ("destination", json!(15_555)),
                ("type", json!("SPY")),
                ("type", json!(["MONITOR"])),
                ("userLine", line("ROTARY", json!(0))),
                ("userLine", line("ACD", json!("first"))),
            ];
            bad.extend(WEBHOOK());
            bad
        },
        bad_places: &[("deviceId", "desk-nobody", 404)],
        ..row(id)
    }
}

/// The table of Telepo's operations.
#[expect(clippy::too_many_lines, reason = "one table of all operations")]
fn rows() -> Vec<Row> {
    let agent = |scene: &Scene| {
        vec![("group", own_group(scene)), ("agent", format!("{}@example.com", scene.user))]
    };
    let lists: &'static [(&'static str, &'static str)] =
        &[("ignoreStatistics", "maybe"), ("ignoreAgents", "1")];
    let log: &'static [(&'static str, &'static str)] = &[
        ("itemType", "LOST"),
        ("itemType", "missed"),
        ("since", "first"),
        ("olderThan", "x"),
        ("limit", "many"),
        ("limit", "-1"),
    ];
    vec![
        Row { bad_queries: &[("includeFederation", "maybe")], ..row("queuestats.user") },
        row("queuestats.org"),
        row("group.list"),
        Row { bad_queries: lists, ..row("acd.groups.list") },
        row("group.statistics.sse"),
        Row {
            places: agent,
            query: &[("action", "logout")],
            needed: &["action"],
            bad_queries: &[("action", "pause"), ("action", "")],
            bad_places: &[
                ("group", "x", 400),
                ("group", "99999", 404),
                ("agent", "supervisor", 404),
                ("agent", "nobody@example.com", 404),
            ],
            ..row("acd.agent.action")
        },
        Row {
            places: group,
            bad_queries: &[("ignoreStatistics", "perhaps")],
            bad_places: BAD_GROUPS,
            ..row("group.login")
        },
        Row {
            places: group,
            bad_queries: &[("ignoreStatistics", "perhaps")],
            bad_places: BAD_GROUPS,
            ..row("group.logout")
        },
        Row {
            query: &[("itemType", "MISSED"), ("itemType", "FORWARDED"), ("limit", "10")],
            bad_queries: log,
            ..row("group.calllog.all")
        },
        Row {
            places: |scene| vec![("itemid", scene.call.clone())],
            body: |_| {
                Some(json!({ "state": "INPROGRESS", "note": "Wants to be called back on friday" }))
            },
            bad: || vec![("state", json!("DONE")), ("state", json!(1)), ("note", json!({}))],
            bad_places: &[("itemid", "x", 400), ("itemid", "999999999", 404)],
            ..row("group.assign")
        },
        row("user.presence.get"),
        Row {
            body: |_| {
                let activity = json!({ "id": "lunch", "expiration": "NEVER", "available": false });
                Some(json!({ "note": "Presenting at the conference", "activity": activity }))
            },
            bad: || {
                vec![
                    ("note", json!(5)),
                    ("role", json!("nobody")),
                    ("activity", json!("lunch")),
                    ("activity", json!({ "expiration": "NEVER" })),
                    ("activity", json!({ "id": "dancing" })),
                    ("activity", json!({ "id": "lunch", "expiration": "never" })),
                    ("activity", json!({ "id": "lunch", "expiration": "tomorrow" })),
                    ("activity", json!({ "id": "lunch", "available": "no" })),
                ]
            },
            ..row("user.presence.put")
        },
        row("config.activities"),
        row("config.roles"),
        row("config.answerplaces"),
        Row {
            places: |_| vec![("aptype", "mobile".to_owned()), ("cid", "+468123456789".to_owned())],
            query: &[("role", "PRIVATE")],
            bad_queries: &[("bypass", "maybe"), ("intrude", "1"), ("callback-via-gsm", "x")],
            bad_places: &[
                ("aptype", "moon", 404),
                ("cid", "tel:+468123456789", 400),
                ("cid", "somebody", 400),
            ],
            ..row("calls.setup")
        },
        Row {
            query: &[("api", "CALLS"), ("platform", "other"), ("name", "ALL_CALLS")],
            needed: &["api", "platform"],
            bad_queries: &[
                ("platform", "windows"),
                ("api", "EVERYTHING"),
                ("expires", "soon"),
                ("expires", "99999999999"),
                ("name", "0123456789012345678901234567890123456789012345678901234567890123x"),
            ],
            ..row("ticket.create")
        },
        Row {
            places: |_| vec![("ticketName", "ALL_CALLS".to_owned())],
            bad_places: &[("ticketName", "NONE", 404)],
            ..row("ticket.delete")
        },
        row("state.user.get"),
        Row { body: |_| None, bad: Vec::new, ..of_call("state.call.get", talks(None)) },
        Row { body: |_| None, bad: Vec::new, ..of_call("state.call.sse", talks(None)) },
        row("state.dialogs.sse"),
        Row { places: cid, bad_places: BAD_CONTACTS, ..row("contact.linestate.sse") },
        Row { places: cid, bad_places: BAD_CONTACTS, ..row("contact.presence.sse") },
        row("device.active"),
        Row {
            query: &[("type", "DESKPHONE")],
            bad_queries: &[("type", "TELEGRAPH")],
            ..row("device.list")
        },
        make_call("call.make"),
        Row { body: |_| None, bad: Vec::new, ..of_call("call.clear", talks(None)) },
        of_call("call.hold", Stage::Talks(|call| call.id % 4 != 1, None)),
        of_call("call.resume", Stage::Talks(|call| call.id % 4 != 1, Some(Handle::Hold))),
        Row {
            body: |scene| {
                Some(json!({
                    "stateToken": scene.token, "blind": true, "type": "CAMP_ON",
                    "destination": "tel:+15555",
                }))
            },
            fields: &["destination"],
            bad: || {
                vec![
                    ("destination", json!("+15555")),
                    ("destination", json!("0401234567")),
                    ("destination", json!("anna@example.com")),
                    ("destination", json!("tel:")),
                    ("destination", json!("https://example.com")),
                    ("destination", json!(15_555)),
                    ("type", json!("SOON")),
                    ("type", json!("camp_on")),
                    ("blind", json!("yes")),
                    ("stateToken", json!("abc")),
                ]
            },
            ..of_call("call.transfer", talks(None))
        },
        Row {
            stage: Stage::Rings,
            places: |scene| {
                vec![("deviceId", "desk-supervisor".to_owned()), ("callId", scene.call.clone())]
            },
            body: |_| Some(json!({ "targetId": "my_callback_id", "publicTarget": true })),
            bad: || vec![("publicTarget", json!(1)), ("targetId", json!([]))],
            bad_places: &[("deviceId", "desk-nobody", 404), ("callId", "c0-0", 404)],
            service: true,
            ..row("call.pickup")
        },
        Row {
            stage: Stage::Rings,
            places: |_| vec![("deviceId", "desk-supervisor".to_owned())],
            body: |scene| {
                let call = &scene.call;
                Some(json!({
                    "callId": format!("{call}@example.com"),
                    "toTag": format!("l-{call}"), "fromTag": format!("r-{call}"),
                    "earlyOnly": true, "targetId": "my_callback_id", "publicTarget": true,
                }))
            },
            fields: &["callId", "toTag", "fromTag", "earlyOnly"],
            bad: || {
                let mut bad = vec![
                    ("callId", json!(7)),
                    ("toTag", json!("")),
                    ("fromTag", json!(null)),
                    ("earlyOnly", json!("true")),
                ];
                bad.extend([("publicTarget", json!("yes")), ("targetId", json!(7))]);
                bad
            },
            bad_places: &[("deviceId", "desk-nobody", 404)],
            ..row("call.pickup.dialog")
        },
        Row {
            stage: Stage::Rings,
            places: phone,
            body: |_| Some(json!({ "targetId": "my_callback_id", "publicTarget": true })),
            bad: WEBHOOK,
            bad_places: &[("callId", "c0-0", 404), ("deviceId", "desk-nobody", 404)],
            ..row("call.answer")
        },
        Row {
            places: |scene| {
                vec![("deviceId", "mobile-supervisor".to_owned()), ("callId", scene.call.clone())]
            },
            bad_places: &[("callId", "c0-0", 404), ("deviceId", "desk-nobody", 404)],
            ..of_call("call.move", Stage::Own)
        },
        of_call("call.mute", talks(None)),
        of_call("call.unmute", talks(Some(Handle::Mute(true)))),
        of_call("call.park", talks(None)),
        of_call("rec.start", talks(None)),
        of_call("rec.stop", talks(Some(Handle::Record(true)))),
        of_call("rec.save", recorded(None)),
        of_call("rec.discard", recorded(Some(Handle::Save(true)))),
        of_call("rec.pause", recorded(None)),
        of_call("rec.resume", recorded(Some(Handle::Pause(true)))),
    ]
}

/// Moves the floor on until something of that kind is there.
fn until<T>(centre: &mut Centre, mut find: impl FnMut(&Centre) -> Option<T>) -> T {
    for _ in 0..20_000 {
        if let Some(found) = find(centre) {
            return found;
        }
        centre.advance(std::time::Duration::from_secs(1));
    }
    panic!("the floor never came to that");
}

/// A floor at the stage of a row.
async fn scene(stage: &Stage) -> Scene {
    let bench = Bench::with(Settings { speed: 0.0, ..Settings::default() }).await;
    let of_telepo = |centre: &Centre, wanted: &dyn Fn(AgentState) -> Option<u64>| {
        let mut all = centre.agents().iter().filter(|own| own.vendor() == Vendor::Telepo);
        all.find_map(|own| Some((own.user().to_owned(), wanted(own.state())?)))
    };
    let (user, call) = bench.simulator.change(|centre| match stage {
        Stage::Any => {
            let record = until(centre, |centre| centre.journal().next().map(|own| own.id));
            ("supervisor".to_owned(), record)
        }
        Stage::Rings => until(centre, |centre| {
            of_telepo(centre, &|state| match state {
                AgentState::Alerting { call } => Some(call),
                _ => None,
            })
        }),
        Stage::Own => {
            let (_, call) = until(centre, |centre| {
                of_telepo(centre, &|state| match state {
                    AgentState::Alerting { call } => Some(call),
                    _ => None,
                })
            });
            let by = centre.agents().iter().position(|own| own.user() == "supervisor").unwrap();
            assert!(centre.handle(call, Handle::PickUp(by)));
            ("supervisor".to_owned(), call)
        }
        Stage::Talks(fits, _) => until(centre, |centre| {
            of_telepo(centre, &|state| match state {
                AgentState::Talking { call } => {
                    centre.call(call).filter(|own| fits(own)).map(|_| call)
                }
                _ => None,
            })
        }),
    });
    if let Stage::Talks(_, Some(handle)) = stage {
        let handle = handle.clone();
        assert!(bench.simulator.change(|centre| centre.handle(call, handle)), "{stage:?}");
    }
    let told = bench.simulator.change(|centre| {
        let now = centre.now();
        centre.call(call).map(|own| (format!("c{}-{}", own.id, own.handling.leg), own.token(now)))
    });
    // Where no call is meant, it is an item of the log.
    let (call, token) = match stage {
        Stage::Any => (call.to_string(), 0),
        _ => told.unwrap(),
    };
    Scene { bench, user, call, token }
}

impl Scene {
    /// A request of the operation.
    fn request(
        &self,
        method: &Method,
        path: &str,
        places: &[Place],
        query: &[(&str, &str)],
        body: Option<&Value>,
        ticket: Option<&str>,
    ) -> RequestBuilder {
        let mut path = path.to_owned();
        for (name, value) in places {
            let value: String = value
                .bytes()
                .map(|byte| match byte {
                    b'+' | b':' | b'/' => format!("%{byte:02X}"),
                    byte => char::from(byte).to_string(),
                })
                .collect();
            path = path.replace(&format!("{{{name}}}"), &value);
        }
        assert!(!path.contains('{'), "{path}");
        let request = self.bench.open(method.clone(), &format!("/telepo/api{path}")).query(query);
        let request = match ticket {
            Some(ticket) => request.bearer_auth(ticket),
            None => request,
        };
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

/// A path with its placeholders without names: two operations that differ by their methods alone share it.
fn shape(path: &str) -> String {
    let mut out = String::new();
    for (index, part) in path.split('{').enumerate() {
        out.push_str(if index == 0 { part } else { part.split_once('}').unwrap().1 });
        out.push('|');
    }
    out
}

#[test]
fn every_operation_that_the_program_knows_has_a_row() {
    let rows = rows();
    let listed: BTreeSet<&str> = rows.iter().map(|row| row.id).collect();
    let known: BTreeSet<&str> = OPERATIONS.iter().map(|own| own.id).collect();
    assert_eq!(listed, known);
    assert_eq!(rows.len(), listed.len(), "a row stands twice");
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one table of what is wrong with a request")]
async fn telepo_accepts_the_documented_example_of_every_operation_and_none_of_its_neighbours() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for row in rows() {
        let operation = OPERATIONS.iter().find(|own| own.id == row.id).unwrap();
        let scene = scene(&row.stage).await;
        if row.id == "ticket.delete" {
            let places = [("domain", "example.com".to_owned()), ("user", "supervisor".to_owned())];
            let query = [("api", "CALLS"), ("platform", "other"), ("name", "ALL_CALLS")];
            let path = "/usertickets/{domain}/{user}";
            let made =
                scene.request(&Method::POST, path, &places, &query, None, Some("sim-ticket"));
            assert_eq!(status(made).await, 200);
        }
        // Who acts for themselves acts as the supervisor, whosever call it is.
        let acts_as_self = matches!(row.id, "call.pickup" | "call.pickup.dialog" | "call.make");
        let user = if acts_as_self { "supervisor".to_owned() } else { scene.user.clone() };
        let mut places: Vec<Place> =
            vec![("domain", "example.com".to_owned()), ("user", user.clone()), ("userId", user)];
        places.extend((row.places)(&scene));
        let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
        let good = if row.service { "sim-service-ticket" } else { "sim-ticket" };
        let body = (row.body)(&scene);
        let mut neighbours: Vec<(String, u16, RequestBuilder)> = Vec::new();
        let ask = |places: &[Place], query: &[(&str, &str)], body: Option<&Value>| {
            scene.request(&method, operation.path, places, query, body, Some(good))
        };

        for other in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let known = |own: &&floorwalker::source::telepo::operations::Operation| {
                own.method == other.as_str() && shape(own.path) == shape(operation.path)
            };
            if !OPERATIONS.iter().any(|own| known(&own)) {
                let request = scene.request(
                    &other,
                    operation.path,
                    &places,
                    row.query,
                    body.as_ref(),
                    Some(good),
                );
                neighbours.push((format!("by {other}"), 405, request));
            }
        }
        for (ticket, code) in [(None, 401), (Some("stolen"), 401)] {
            let request =
                scene.request(&method, operation.path, &places, row.query, body.as_ref(), ticket);
            neighbours.push((format!("with the ticket {ticket:?}"), code, request));
        }
        if row.service {
            let request = scene.request(
                &method,
                operation.path,
                &places,
                row.query,
                body.as_ref(),
                Some("sim-ticket"),
            );
            neighbours.push(("with an ordinary ticket".to_owned(), 403, request));
        }
        let mut bad_places = vec![("domain", "elsewhere.example", 404)];
        if operation.path.contains("{user}") || operation.path.contains("{userId}") {
            bad_places.push(("user", "nobody", 404));
        }
        // The path of a contact's stream names the contact with a domain of its own.
        if operation.path.contains("{cid}") && operation.path.starts_with("/contactinfo") {
            bad_places.clear();
        }
        bad_places.extend(row.bad_places);
        for (name, value, code) in bad_places {
            let spoilt: Vec<Place> = places
                .iter()
                .map(|(own, good)| {
                    let hit = *own == name || name == "user" && *own == "userId";
                    (*own, if hit { value.to_owned() } else { good.clone() })
                })
                .collect();
            let request = ask(&spoilt, row.query, body.as_ref());
            neighbours.push((format!("with {name} = {value}"), code, request));
        }
        for needed in row.needed {
            let query: Vec<_> =
                row.query.iter().filter(|(name, _)| name != needed).copied().collect();
            neighbours.push((
                format!("without {needed}"),
                400,
                ask(&places, &query, body.as_ref()),
            ));
        }
        for (name, value) in row.bad_queries {
            let mut query: Vec<_> =
                row.query.iter().filter(|(own, _)| own != name).copied().collect();
            query.push((name, value));
            let request = ask(&places, &query, body.as_ref());
            neighbours.push((format!("with ?{name}={value}"), 400, request));
        }
        if let Some(body) = &body {
            for field in row.fields {
                let mut spoilt = body.clone();
                spoilt.as_object_mut().unwrap().remove(*field);
                neighbours.push((
                    format!("without the field {field}"),
                    400,
                    ask(&places, row.query, Some(&spoilt)),
                ));
            }
            for (field, value) in (row.bad)() {
                let mut spoilt = body.clone();
                if field == "targetUrl" {
                    spoilt.as_object_mut().unwrap().remove("targetId");
                }
                spoilt[field] = value.clone();
                neighbours.push((
                    format!("with the field {field} = {value}"),
                    400,
                    ask(&places, row.query, Some(&spoilt)),
                ));
            }
            for (words, text) in [("a broken body", "{\"a\":"), ("a list for a body", "[1]")] {
                let request = ask(&places, row.query, None)
                    .header("content-type", "application/json")
                    .body(text);
                neighbours.push((format!("with {words}"), 400, request));
            }
            if body.get("stateToken").is_some() {
                let mut spoilt = body.clone();
                spoilt["stateToken"] = json!(scene.token + 1);
                neighbours.push((
                    "with the number of another state".to_owned(),
                    409,
                    ask(&places, row.query, Some(&spoilt)),
                ));
            }
        }
        for (what, code, request) in neighbours {
            let answer = status(request).await;
            tried += 1;
            if answer != code {
                wrong.push(format!("{} {what}: {answer}, not {code}", row.id));
            }
        }
        let answer = status(ask(&places, row.query, body.as_ref())).await;
        if !(200..300).contains(&answer) {
            wrong.push(format!("{}: its example is answered with {answer}", row.id));
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 350, "{tried} neighbours were tried");
}

/// One operation of Enreach: its path, its query, and queries and paths that are refused.
struct Read {
    id: &'static str,
    path: &'static str,
    bad: &'static [(&'static str, u16)],
    /// Whether it asks for the key.
    guarded: bool,
}

const DIRECTORY: &str = "/directory/3f1c2a70-8d0b-4a58-b0f5-7f5f0e2a9c02";

const READS: &[Read] = &[
    Read {
        id: "discovery",
        path: "/discover/api/user?user=wall@example.com",
        bad: &[("/discover/api/user", 400), ("/discover/api/user?user=", 400)],
        guarded: false,
    },
    Read { id: "users.me", path: "/users/me", bad: &[("/users/nobody", 404)], guarded: true },
    Read { id: "queues", path: "/queues", bad: &[("/queue", 404)], guarded: true },
    Read { id: "directory.list", path: "/directory", bad: &[("/directories", 404)], guarded: true },
    Read {
        id: "directory.get",
        path: "/directory/3f1c2a70-8d0b-4a58-b0f5-7f5f0e2a9c02?EntryTypes=2&MaxCount=1000",
        bad: &[
            ("/directory/3f1c2a70-8d0b-4a58-b0f5-7f5f0e2a9fff?EntryTypes=2&MaxCount=1000", 404),
            ("/directory/default?EntryTypes=2&MaxCount=1000", 400),
            ("?EntryTypes=queues", 400),
            ("?EntryTypes=2&MaxCount=all", 400),
            ("?EntryTypes=2&MaxCount=-1", 400),
        ],
        guarded: true,
    },
    Read {
        id: "callback_lists",
        path: "/callbacklists/status",
        bad: &[("/callbacklists/none", 404)],
        guarded: true,
    },
];

#[test]
fn every_operation_of_enreach_has_a_row() {
    let listed: Vec<&str> = READS.iter().map(|own| own.id).collect();
    let known: Vec<&str> = enreach::OPERATIONS.iter().map(|own| own.id).collect();
    assert_eq!(listed, known);
}

#[tokio::test]
async fn enreach_answers_every_read_that_is_right_and_refuses_its_neighbours() {
    let bench = Bench::with(Settings { speed: 0.0, ..Settings::default() }).await;
    for read in READS {
        let good = status(bench.enreach(read.path)).await;
        assert_eq!(good, 200, "{}", read.id);
        for (path, code) in read.bad {
            let path = if path.starts_with('?') {
                format!("{DIRECTORY}{path}")
            } else {
                (*path).to_owned()
            };
            assert_eq!(status(bench.enreach(&path)).await, *code, "{} at {path}", read.id);
        }
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let request = bench
                .open(method.clone(), &format!("/enreach{}", read.path))
                .basic_auth("wall@example.com", Some("sim-secret"))
                .header("X-Json-Serializer", "2");
            assert_eq!(status(request).await, 405, "{} by {method}", read.id);
        }
        if !read.guarded {
            continue;
        }
        let bare = || bench.open(Method::GET, &format!("/enreach{}", read.path));
        let serializer = |request: RequestBuilder| request.header("X-Json-Serializer", "2");
        assert_eq!(status(serializer(bare())).await, 401, "{} without a key", read.id);
        for (user, key) in [("wall@example.com", "wrong"), ("nobody@example.com", "sim-secret")] {
            let request = serializer(bare()).basic_auth(user, Some(key));
            assert_eq!(status(request).await, 401, "{} as {user}", read.id);
        }
        let request = bare().basic_auth("wall@example.com", Some("sim-secret"));
        assert_eq!(status(request).await, 400, "{} without a serializer", read.id);
    }
}
