//! What is known with planned calls and tasks: customers, parameters, attempts, numbers of services, identities.

use floorwalker::event::SourceEvent;
use floorwalker::floor::portable::{Masked, Portable as _};
use floorwalker::floor::time::Moment;
use floorwalker::operations::{Field, Known, Request, Value as Wished};
use floorwalker::source::nimbus::wire;
use floorwalker::table::{Context, RowId, TableId};
use floorwalker::text::Shown;
use serde_json::{Value, json};

use super::command::Home;
use super::wire::{SERVICE, text, wish};
use crate::support::desk::{Desk, entries_part, up};
use crate::support::nimbus::event;
use crate::support::screen::TestScreen;
use crate::tasks::shown::tell;

/// An entry with everything that the documents name, and a field that they do not.
fn whole() -> Value {
    json!({
        "schedulerEntryId": "e1", "event": "Scheduled", "serviceUpn": SERVICE,
        "destination": "+442079460112", "dueDateTimeUtc": "2026-03-12T14:30:00Z",
        "ReferenceId": "C-7", "maxAttempts": 3,
        "customer": {
            "firstName": "Ada", "lastName": "Byron", "company": "Engines", "jobTitle": "Analyst",
            "department": "Research", "streetAddress": "St James 12", "postCode": "SW1",
            "city": "London", "state": "England", "country": "UK",
            "primaryTelNumber": "+442079460500", "UPN": "ada@example.com",
            "imAddress": "sip:ada@example.com", "email": "ada@example.com",
            "telNumbers": [{ "name": "desk", "value": "+442079460501" }],
            "customFields": [{ "name": "tier", "value": "gold" }, { "name": "note" }],
        },
        "customCallContextParameters": [
            { "name": "topic", "value": "delivery; urgent" }, { "name": "case", "value": 7 },
        ],
    })
}

fn planned(value: &Value) -> Desk {
    let mut desk = Desk::open();
    desk.tell("nimbus", SourceEvent::Link(up("entries")));
    let rows = wire::entries(
        &json!([value]),
        "entries",
        SERVICE,
        Moment::default(),
        &mut Default::default(),
    );
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(rows)));
    desk
}

fn row(desk: &Desk, mask: bool) -> Value {
    let context = Context { live: false, mask, ..desk.state.context() };
    TableId::Entries.json(&context).into_iter().find(|row| row["id"] == "e1").unwrap()
}

#[test]
fn everything_of_a_customer_is_read_and_nothing_of_it_is_counted_as_unknown() {
    let mut tally = Default::default();
    let rows = wire::entries(&json!([whole()]), "entries", SERVICE, Moment::default(), &mut tally);
    assert!(tally.take().is_none());
    assert_eq!(
        rows[0].known.len(),
        17,
        "all but the display name, and the parameters: {:?}",
        rows[0].known
    );
    let odd = json!([{ "schedulerEntryId": "e2", "customer": { "mood": 1 }, "customCallContextParameters": null }]);
    let rows = wire::entries(&odd, "entries", SERVICE, Moment::default(), &mut tally);
    assert!(rows[0].known.is_empty());
    assert!(tally.take().unwrap().1.contains("Customer.mood"));
}

#[test]
fn a_report_tells_customer_and_parameters_and_masks_their_numbers() {
    let desk = planned(&whole());
    let open = row(&desk, false);
    assert_eq!(open["customer"], "Ada Byron");
    assert_eq!(open["customer_details"]["phone"], "+442079460500");
    assert_eq!(
        open["customer_details"]["phones"],
        json!([{ "name": "desk", "value": "+442079460501" }])
    );
    assert_eq!(open["customer_details"]["more"][1], json!({ "name": "note", "value": "" }));
    assert_eq!(
        open["parameters"],
        json!([{ "name": "topic", "value": "delivery; urgent" }, { "name": "case", "value": "7" }])
    );
    let hidden = row(&desk, true).to_string();
    assert!(!hidden.contains("2079460"), "{hidden}");
    assert!(hidden.contains("delivery"), "{hidden}");
    let none = planned(&json!({ "schedulerEntryId": "e1" }));
    for key in ["customer", "customer_details", "parameters"] {
        assert_eq!(row(&none, false)[key], Value::Null, "{key}");
    }
}

#[test]
fn a_relays_token_without_numbers_gets_none_of_a_customers() {
    let mut rows = wire::entries(
        &json!([whole()]),
        "entries",
        SERVICE,
        Moment::default(),
        &mut Default::default(),
    );
    rows[0].change(&mut Masked);
    let sent = serde_json::to_string(&rows[0]).unwrap();
    assert!(!sent.contains("20794605"), "{sent}");
}

#[test]
fn the_pane_beside_the_entries_shows_the_whole_of_one() {
    let mut desk = planned(&whole());
    desk.press("7");
    desk.select(&RowId::Entry("nimbus".into(), "e1".into()));
    let screen = TestScreen::new(desk.state, 160, 40);
    let text = screen.text();
    for words in [
        "Ada Byron",
        "Customer",
        "Engines",
        "London",
        "Parameters",
        "delivery; urgent",
        "at most 3",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
}

#[test]
fn pairs_are_written_and_read_again_as_they_were() {
    let now = Desk::open().state.now.wall;
    let zone = |_: chrono::NaiveDateTime| chrono::MappedLocalTime::None;
    let known = Known {
        services: &[],
        priorities: &[],
        users: &[],
        from: now,
        now: now.fixed_offset(),
        zone: &zone,
    };
    for pairs in [
        vec![("topic", "delivery"), ("case", "")],
        vec![("a", "x; y"), ("b", "z")],
        vec![("a", ";"), (";b", ";;")],
        vec![("a", "1=2")],
    ] {
        let value =
            Wished::Pairs(pairs.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect());
        assert_eq!(Field::Parameters.read(&value.said(), &known), Ok(value.clone()), "{value:?}");
    }
}

#[test]
fn a_task_gives_its_entry_the_attempts_in_whichever_order_they_come() {
    let outbound = |reference: &str, attempts: u32| {
        event(
            "t1",
            "Queued",
            &json!({
                "direction": "Outbound", "referenceId": reference, "outboundAttempt": attempts,
                "serviceUPN": SERVICE.to_uppercase(), "destinationTelNumber": "+442079460112",
            }),
        )
    };
    let mut desk = planned(&whole());
    assert_eq!(row(&desk, false)["attempts"], Value::Null);
    tell(&mut desk, &outbound("C-8", 4));
    assert_eq!(row(&desk, false)["attempts"], Value::Null, "another reference");
    desk.wait(1);
    tell(&mut desk, &outbound("C-7", 2));
    assert_eq!(row(&desk, false)["attempts"], 2);
    let mut desk = Desk::open();
    tell(&mut desk, &outbound("C-7", 1));
    let rows = wire::entries(
        &json!([whole()]),
        "entries",
        SERVICE,
        Moment::default(),
        &mut Default::default(),
    );
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(rows)));
    assert_eq!(row(&desk, false)["attempts"], 1);
}

#[test]
fn a_reference_that_several_entries_have_gives_none_of_them_attempts() {
    let mut desk = Desk::open();
    let second = json!({ "schedulerEntryId": "e2", "serviceUpn": SERVICE, "ReferenceId": "C-7" });
    let both = json!([whole(), second]);
    let rows = wire::entries(&both, "entries", SERVICE, Moment::default(), &mut Default::default());
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(rows)));
    let task = json!({ "direction": "Outbound", "referenceId": "C-7", "outboundAttempt": 2 });
    tell(&mut desk, &event("t1", "Queued", &task));
    assert_eq!(row(&desk, false)["attempts"], Value::Null);
}

/// What the question before a call by `SERVICE` says.
fn said_before_calling(number: Option<Value>, destination: &str) -> String {
    let mut desk = planned(&whole());
    if let Some(number) = number {
        let more = json!({ "serviceUPN": SERVICE, "serviceTelNumber": number });
        tell(&mut desk, &event("t1", "Queued", &more));
    }
    let new = wish(&[(Field::Service, text(SERVICE)), (Field::Destination, text(destination))]);
    let command = floorwalker::operations::Command {
        id: floorwalker::operations::CommandId(0),
        source: "nimbus".into(),
        request: Request::AddEntry { wish: new },
        target: "x".into(),
        place: SERVICE.into(),
    };
    let lines = desk.state.consequence(&command);
    lines.iter().map(Shown::as_str).collect::<Vec<_>>().join("\n")
}

#[test]
fn only_a_service_without_a_number_is_said_to_call_no_numbers() {
    let lacks = "no phone number of its own";
    assert!(said_before_calling(Some(Value::Null), "+442079460500").contains(lacks));
    assert!(said_before_calling(Some("".into()), "+442079460500").contains(lacks));
    for (number, destination) in [
        (Some("+442079460000".into()), "+442079460500"),
        (None, "+442079460500"),
        (Some(Value::Null), "ada@contoso.example"),
    ] {
        let said = said_before_calling(number, destination);
        assert!(!said.contains(lacks), "{said}");
        assert!(said.contains("needs one for audio and video"), "{said}");
    }
}

#[test]
fn a_services_number_is_the_number_of_its_queue() {
    let mut desk = Desk::open();
    tell(
        &mut desk,
        &event(
            "t1",
            "Queued",
            &json!({ "serviceUPN": "a@b.example", "serviceTelNumber": "+442079460000" }),
        ),
    );
    tell(&mut desk, &event("t2", "Queued", &json!({ "serviceUPN": "a@b.example" })));
    let rows = TableId::Queues.json(&Context { live: false, ..desk.state.context() });
    let row = rows.iter().find(|row| row["id"] == "a@b.example").unwrap();
    assert_eq!(row["number"], "+442079460000");
}

#[test]
fn an_outbound_task_says_that_preferred_users_are_ignored() {
    let said = |direction: &str| {
        let mut desk = Desk::open();
        tell(&mut desk, &event("t1", "Queued", &json!({ "direction": direction })));
        let people = Wished::People(vec![("alma@contoso.example".into(), None)]);
        let command = floorwalker::operations::Command {
            id: floorwalker::operations::CommandId(0),
            source: "nimbus".into(),
            request: Request::UpdateTask {
                task: "t1".into(),
                wish: wish(&[(Field::Preferred, people)]),
            },
            target: "x".into(),
            place: "y".into(),
        };
        desk.state.consequence(&command).iter().any(|line| line.contains("ignores preferred users"))
    };
    assert!(said("Outbound"));
    assert!(!said("Inbound"));
}

fn object(out: &str) -> Value {
    serde_json::from_str(out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_tells_its_id_which_then_can_be_removed() {
    let home = Home::open("address_books = []\n").await;
    let service = home.service();
    let add = ["tasks", "add", "--service", &service, "--identifier", "C-7", "--yes"];
    let (code, out, err) = home.run(&add);
    assert_eq!(code, 0, "{err}");
    let id = out.strip_suffix('\n').unwrap();
    assert!(home.simulator.written()["external"][id].is_object(), "{out}");
    assert_eq!(home.run(&["tasks", "remove", id, "--yes"]).0, 0);
    let (_, out, _) = home.run(&[&add[..], &["--format", "json"]].concat());
    let told = object(&out);
    assert_eq!((&told["outcome"], &told["action"]), (&json!("done"), &json!("add_task")));
    assert!(home.simulator.written()["external"][told["id"].as_str().unwrap()].is_object());
    let add = [
        "entries",
        "add",
        "--service",
        &service,
        "--destination",
        "+44 20 7946 0500",
        "--due",
        "+2h",
        "--yes",
    ];
    let (code, out, err) = home.run(&add);
    assert_eq!(code, 0, "{err}");
    let id = out.strip_suffix('\n').unwrap();
    assert!(home.simulator.written()["entries"][id].is_object(), "{out}");
    assert_eq!(home.audit().last().unwrap()["detail"], json!(id));
    assert_eq!(home.run(&["entries", "remove", id, "--yes"]).0, 0);
    let wrong = [
        &add[..4],
        &["--destination", "x@elsewhere.org", "--due", "+2h", "--yes", "--format", "json"],
    ]
    .concat();
    let (code, out, err) = home.run(&wrong);
    assert_eq!(code, 1, "{err}");
    let told = object(&out);
    assert_eq!((&told["outcome"], &told["id"]), (&json!("refused"), &Value::Null));
    assert!(told["detail"].as_str().unwrap().contains("Federated"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_call_is_made_and_changed_with_its_customer_and_parameters() {
    let home = Home::open("address_books = []\n").await;
    let service = home.service();
    let (code, out, err) = home.run(&[
        "entries",
        "add",
        "--service",
        &service,
        "--destination",
        "+44 20 7946 0500",
        "--due",
        "+2h",
        "--customer",
        "Ada Byron",
        "--customer",
        "primaryTelNumber=+44 20 7946 0501",
        "--customer",
        "post-code=SW1",
        "--customer",
        "phones=desk=+44 20 7946 0502",
        "--parameter",
        "topic=delivery; urgent",
        "--parameter",
        "tier=gold",
        "--yes",
    ]);
    assert_eq!(code, 0, "{err}");
    let id = out.trim();
    let customer = json!({
        "displayName": "Ada Byron", "primaryTelNumber": "+44 20 7946 0501", "postCode": "SW1",
        "telNumbers": [{ "name": "desk", "value": "+44 20 7946 0502" }],
    });
    let entry = home.simulator.written()["entries"][id].clone();
    assert_eq!(entry["customer"], customer);
    assert_eq!(
        entry["customCallContextParameters"],
        json!([{ "name": "topic", "value": "delivery; urgent" }, { "name": "tier", "value": "gold" }])
    );
    let update = [
        "entries",
        "update",
        id,
        "--parameter",
        "tier=silver",
        "--customer",
        "city=London",
        "--yes",
    ];
    let (code, _, err) = home.run(&update);
    assert_eq!(code, 0, "{err}");
    let entry = home.simulator.written()["entries"][id].clone();
    let mut wanted = customer;
    wanted["city"] = json!("London");
    assert_eq!(entry["customer"], wanted, "what is not named stays");
    assert_eq!(
        entry["customCallContextParameters"][1],
        json!({ "name": "tier", "value": "silver" })
    );
    assert_eq!(entry["customCallContextParameters"][0]["value"], "delivery; urgent");
    for (args, says) in [
        (["--customer", "mood=calm"], "there is first_name"),
        (["--parameter", "topic"], "name=value"),
    ] {
        let (code, _, err) =
            home.run(&[&["entries", "update", id][..], &args, &["--yes"]].concat());
        assert_eq!((code, err.contains(says)), (2, true), "{err}");
    }
}

#[test]
fn a_form_that_shows_hidden_digits_does_not_send_them() {
    let mut desk = planned(&whole());
    desk.state.mask = true;
    desk.press("7");
    desk.select(&RowId::Entry("nimbus".into(), "e1".into()));
    desk.press("e");
    desk.fill(Field::Phone, "+442…01");
    desk.press("enter");
    assert!(desk.fault().contains("part of it is hidden"), "{}", desk.fault());
}
