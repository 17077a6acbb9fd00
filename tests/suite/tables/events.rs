//! The tables that events fill: calls, callbacks, and what they add to agents.

use chrono::TimeDelta;
use floorwalker::event::{Event, SourceEvent};
use floorwalker::floor::callback::{Fact, Request};
use floorwalker::floor::link::{Feed, FeedKind, Health};
use floorwalker::floor::time::{Moment, Now, Told};
use floorwalker::floor::{Delta, Part};
use floorwalker::report;
use floorwalker::source::enreach::events::map::Mapper;
use floorwalker::table::{Context, RowId, TableId, Tone, View};
use floorwalker::text::Shown;
use serde_json::{Value, json};

use super::{cell, row};
use crate::support::centre;
use crate::support::desk::{Desk, START};
use crate::support::enreach::{AINO, CALL, QUEUE, read, settings, value, wall, with};

/// A board whose Helsinki told these events by a quarter to three.
pub fn told(events: &[Value]) -> Desk {
    let mut desk = Desk::open();
    let moment = START.after(std::time::Duration::from_secs(2_700));
    desk.event(Event::Tick(Now { moment, wall: wall("2026-03-12T14:45:00Z") }));
    let mapper = Mapper::new(&settings());
    for event in events {
        for news in mapper.news(&read(event), &desk.state.now) {
            desk.tell("helsinki", news);
        }
    }
    desk
}

fn report(desk: &Desk) -> Context<'_> {
    Context { live: false, ..desk.state.context() }
}

fn call_row() -> RowId {
    RowId::Call("helsinki".into(), CALL.into())
}

fn tone(table: TableId, desk: &Desk, id: &RowId, name: &str) -> Tone {
    let page = table.page(&desk.state.context(), std::slice::from_ref(id));
    let column = table.columns().iter().position(|head| head.name == name);
    page[0].cells[column.unwrap()].tone
}

#[test]
fn a_call_is_told_whole_and_what_is_not_told_is_null() {
    let desk = told(&[value("QueueCallInArrived"), value("QueueCallInUserConnected")]);
    let row = row(TableId::Calls, &report(&desk), "id", CALL);
    let expected = json!({
        "source": "helsinki", "id": CALL, "queue": "Asiakaspalvelu", "agent": "Aino Salo",
        "direction": "inbound", "modality": "voice", "phase": "connected", "party": "+358405550142",
        "since": "2026-03-12T14:01:10Z", "wait_s": 50, "recording": null, "supervised_by": null,
        "position": null, "priority": null, "recording_paused": null, "muted": null, "conference": null, "reason": null, "consulting": null,
    });
    assert_eq!(Value::Object(row), expected);
}

#[test]
fn who_waits_comes_first_and_of_those_who_has_waited_longest() {
    let arrived = |id: &str, at: &str, queue: &str| {
        with("QueueCallInArrived", &json!({"CallId": id, "Timestamp": at, "QueueId": queue}))
    };
    let desk = told(&[
        with("QueueCallInUserConnected", &json!({"CallId": "a"})),
        arrived("b", "2026-03-12T14:44:50Z", QUEUE),
        arrived("c", "2026-03-12T14:44:00Z", QUEUE),
        arrived("d", "2026-03-12T14:44:30Z", "other"),
    ]);
    let order = TableId::Calls.order(&desk.state.context(), &View::default());
    let ids: Vec<&str> = order
        .iter()
        .map(|id| if let RowId::Call(_, call) = id { call.raw() } else { panic!("{id:?}") })
        .collect();
    assert_eq!(ids, ["c", "d", "b", "a"]);
    let place = |id: &str| row(TableId::Calls, &report(&desk), "id", id)["position"].clone();
    assert_eq!(["a", "b", "c", "d"].map(place), [json!(null), json!(2), json!(1), json!(1)]);
    for id in &order {
        let RowId::Call(_, call) = id else { panic!() };
        let shown = cell(TableId::Calls, &desk.state.context(), id, "position");
        let listed = place(call.raw());
        assert_eq!(shown, listed.as_u64().map_or("–".to_owned(), |place| place.to_string()));
    }
}

#[test]
fn a_wait_turns_loud_as_the_longest_wait_of_a_queue_does() {
    let waits = |at: &str| {
        let desk = told(&[with("QueueCallInArrived", &json!({"Timestamp": at}))]);
        tone(TableId::Calls, &desk, &call_row(), "wait_s")
    };
    assert_eq!(waits("2026-03-12T14:44:50Z"), Tone::Plain);
    assert_eq!(waits("2026-03-12T14:44:20Z"), Tone::Warning);
    assert_eq!(waits("2026-03-12T14:43:20Z"), Tone::Critical);
}

#[test]
fn numbers_of_people_are_masked_in_calls_callbacks_and_beside_them() {
    let note = json!({"Note": "call +358 40 555 0142", "ContactName": "+358405550142"});
    let mut desk = told(&[
        value("QueueCallInArrived"),
        value("QueueCallInUserConnected"),
        with(
            "UserCallInTransferConnected",
            &json!({"CallId": "left", "ConnectedTarget": "+358405550142"}),
        ),
        with("CallbackChanged", &note),
    ]);
    desk.state.mask = true;
    let context = report(&desk);
    let every = |_: &RowId| true;
    for table in [TableId::Calls, TableId::Callbacks, TableId::Agents] {
        for report in [
            report::text::text(&context, table, every),
            report::csv::csv(&context, table, every).unwrap(),
            report::json::json(&context, &[table]).to_string(),
            report::openmetrics::openmetrics(
                &context,
                report::openmetrics::Series::every(&[table]),
                every,
            )
            .unwrap(),
        ] {
            assert!(!report.contains("0142"), "{report}");
        }
    }
    assert_eq!(cell(TableId::Calls, &context, &call_row(), "party"), "+358…42");
    let mut screen = crate::support::screen::TestScreen::new(desk.state.clone(), 160, 40);
    for keys in ["3 down", "down", "5 down"] {
        screen.press(keys);
        assert!(!screen.text().contains("0142"), "{}", screen.text());
    }
}

#[test]
fn metrics_of_calls_and_callbacks_have_no_number_of_a_person_even_unmasked() {
    let mut desk = told(&[value("QueueCallInArrived"), value("CallbackChanged")]);
    let at = Some(desk.state.now.moment);
    let fresh = Feed { last_update: at, ..crate::support::desk::up("queues") };
    desk.tell("helsinki", SourceEvent::Link(fresh));
    let tables = [TableId::Calls, TableId::Callbacks];
    let text = report::openmetrics::openmetrics(
        &report(&desk),
        report::openmetrics::Series::every(&tables),
        |_| true,
    )
    .unwrap();
    assert!(text.contains("floorwalker_call_wait_seconds{"), "{text}");
    assert!(text.contains("floorwalker_callback_due_timestamp_seconds{"), "{text}");
    assert!(!text.contains("358405550142") && !text.contains("Virtanen"), "{text}");
}

#[test]
fn a_callback_is_told_whole() {
    let desk = told(&[value("CallbackChanged"), value("QueueCallInArrived")]);
    let id = "7d0c2f44-5a11-4f0e-9d36-0c5e3a9bcb01";
    let row = row(TableId::Callbacks, &report(&desk), "id", id);
    let expected = json!({
        "source": "helsinki", "id": id, "list": null, "party": "+358405550142", "name": "Matti Virtanen",
        "due": "2026-03-12T14:30:00Z", "state": "taken", "owner": AINO, "attempts": 1, "calls": null,
        "note": "Soita iltapaivalla", "expires": "2026-03-14T14:00:00Z", "not_before": null,
        "recording": true, "priority": "7", "channel": "Asiakaspalvelu",
        "last_attempt": "2026-03-12T13:40:00Z", "last_result": "3", "related": 1,
    });
    assert_eq!(Value::Object(row), expected, "the list has no name; nobody told Aino's");
}

#[test]
fn what_is_due_today_or_late_is_red_and_what_is_done_is_not() {
    let mut desk = told(&[]);
    let mut due = |minutes: i64, closed: bool| {
        let now = desk.state.now;
        let request = Request {
            due: Some(now.wall + TimeDelta::minutes(minutes)),
            closed: Some(closed),
            ..Request::default()
        };
        let report = minutes.unsigned_abs() + u64::from(closed);
        let told = Told::now(&now, report);
        let id = format!("{minutes}{closed}");
        let fact = Fact::Record(Box::new(request));
        let delta = Delta::Callback { callback: id.as_str().into(), told, fact };
        desk.tell("helsinki", SourceEvent::Delta(delta));
        let id = RowId::Callback("helsinki".into(), id.as_str().into());
        let text = cell(TableId::Callbacks, &desk.state.context(), &id, "due");
        (tone(TableId::Callbacks, &desk, &id, "due"), text)
    };
    assert_eq!(due(-5, false), (Tone::Critical, "14:40  5m late".to_owned()));
    assert_eq!(due(60, false), (Tone::Critical, "15:45    in 1h".to_owned()));
    assert_eq!(due(1_440, false), (Tone::Plain, "13 Mar 14:45".to_owned()));
    assert_eq!(due(-6, true), (Tone::Plain, "14:39:00".to_owned()));
}

#[test]
fn an_agents_reason_says_until_when_what_is_left_and_who_listens_in() {
    let id = RowId::Agent("helsinki".into(), AINO.into());
    let reason = |events: &[Value]| {
        let desk = told(events);
        let shown = cell(TableId::Agents, &desk.state.context(), &id, "reason");
        let reported = row(TableId::Agents, &report(&desk), "id", AINO)["reason"].clone();
        (shown, reported)
    };
    let away = json!({"Talking": false, "ActiveQueueId": null});
    assert_eq!(
        reason(&[value("UserAvailability"), with("UserStatus", &away)]),
        ("DoNotDisturb, until 15:00:00".to_owned(), json!("DoNotDisturb")),
    );
    let wrap_up = json!({"Timestamp": "2026-03-12T14:44:30Z"});
    assert_eq!(
        reason(&[with("UserWrapUpStarted", &wrap_up)]),
        ("0:30 left".to_owned(), json!(null))
    );
    let asks = |at: &str| with("UserCallAllocationRequest", &json!({"Timestamp": at}));
    assert_eq!(reason(&[asks("2026-03-12T14:44:50Z")]).0, "asks for a call");
    assert_eq!(
        reason(&[asks("2026-03-12T14:44:40Z")]).0,
        "–",
        "nobody answered in fifteen seconds"
    );
    let connected = value("QueueCallInUserConnected");
    assert_eq!(reason(&[connected, value("UserSupervisionStatus")]).0, "supervised by Kaisa Maki",);
    assert_eq!(
        reason(&[with("UserStatus", &json!({"ActiveQueueId": null}))]),
        ("not on queue".to_owned(), json!("not on queue")),
    );
}

#[test]
fn inside_a_queue_stands_what_events_told_of_its_day_and_its_settings() {
    let queue = floorwalker::floor::queue::Queue {
        id: QUEUE.into(),
        ..crate::support::desk::queue("any", "Asiakaspalvelu")
    };
    let mut desk = told(&[]);
    desk.tell("helsinki", SourceEvent::Snapshot(Part::Queues(vec![queue])));
    let mapper = Mapper::new(&settings());
    for name in ["QueueDailyCallMetrics", "QueueChanged"] {
        for news in mapper.news(&read(&value(name)), &desk.state.now) {
            desk.tell("helsinki", news);
        }
    }
    let mut screen = crate::support::screen::TestScreen::new(desk.state, 160, 40);
    screen.press("/ A s i a k enter down enter");
    for text in ["nobody calls", "2026-03-12", "rejected", "while closed", "region", "fi-FI"] {
        assert!(screen.text().contains(text), "{text} in {}", screen.text());
    }
}

#[test]
fn an_agents_call_is_in_reports_and_in_the_agents_row() {
    let desk = told(&[value("QueueCallInArrived"), value("QueueCallInUserConnected")]);
    let call = row(TableId::Agents, &report(&desk), "id", AINO)["call"].clone();
    assert_eq!(call["id"], CALL);
    assert_eq!((&call["phase"], &call["party"]), (&json!("connected"), &json!("+358405550142")));
    assert_eq!(call["since"], "2026-03-12T14:01:10Z");
}

#[test]
fn a_source_that_cannot_tell_of_calls_says_so() {
    let mut screen = crate::support::screen::TestScreen::new(centre::only("nimbus"), 100, 20);
    for (key, what) in [("3", "calls"), ("5", "callbacks")] {
        screen.press(key);
        let expected = format!("none of these sources gives {what}");
        assert!(screen.text().contains(&expected), "{}", screen.text());
    }
    let mut screen = crate::support::screen::TestScreen::new(told(&[]).state, 100, 20);
    screen.press("3");
    let waits = "waiting for the first answer from oslo";
    assert!(screen.text().contains(waits), "Telepo may tell: {}", screen.text());
}

#[test]
fn a_name_of_a_queue_that_is_not_shown_comes_with_the_call() {
    let desk =
        told(&[with("QueueCallInArrived", &json!({"QueueId": "tech", "QueueName": "Tekninen"}))]);
    assert_eq!(cell(TableId::Calls, &desk.state.context(), &call_row(), "queue"), "Tekninen");
    let hidden = with("QueueCallInHoldStart", &json!({"QueueId": "tech"}));
    let desk = told(&[hidden]);
    assert_eq!(
        cell(TableId::Calls, &desk.state.context(), &call_row(), "queue"),
        Shown::clean("tech").as_str()
    );
}

#[test]
fn an_event_of_late_vouches_for_what_was_read_before_the_poll_went_down() {
    let mut desk = told(&[]);
    let feed = |name: &str, health: Health, age: u64| {
        let at = desk.state.now.moment.as_millis() - age * 1_000;
        let limit = Some(std::time::Duration::from_secs(30));
        let last_update = Some(Moment::from_millis(at));
        Feed { health, last_update, ..Feed::new(name.into(), FeedKind::Stream, limit) }
    };
    let error = Shown::clean("no route");
    let down = feed("queues", Health::Down { error, attempt: 1, retry_at: None }, 90);
    let (quiet, lively) = (feed("events", Health::Up, 40), feed("events", Health::Up, 10));
    let id = RowId::Queue("helsinki".into(), "4101".into());
    let mut fresh = |events: Option<Feed>| {
        for feed in std::iter::once(down.clone()).chain(events) {
            desk.tell("helsinki", SourceEvent::Link(feed));
        }
        TableId::Queues.page(&desk.state.context(), std::slice::from_ref(&id))[0].fresh
    };
    assert!(!fresh(None));
    assert!(!fresh(Some(quiet)), "nothing was told for longer than its limit");
    assert!(fresh(Some(lively)));
}

#[test]
fn n5_an_agents_row_has_all_that_status_and_availability_tell() {
    let status = json!({"ParkedCalls": 2, "ActiveQueues": 3, "ServingCallback": true, "ServiceTerminals": 1});
    let desk = told(&[value("UserAvailability"), with("UserStatus", &status)]);
    let row = row(TableId::Agents, &report(&desk), "id", AINO);
    for (key, expected) in [
        ("transfer_to", json!("+358931500199")),
        ("calls_parked", json!(2)),
        ("queues_active", json!(3)),
        ("serving_callbacks", json!(true)),
        ("phones", json!(1)),
        ("unanswered_offers", json!(null)),
    ] {
        assert_eq!(row[key], expected, "{key}");
    }
    let mut screen = crate::support::screen::TestScreen::new(desk.state, 160, 40);
    screen.press("2");
    for text in ["Calls go to", "+358931500199", "Calls parked", "Serves callbacks", "Phones"] {
        assert!(screen.text().contains(text), "{text} in {}", screen.text());
    }
}

#[test]
fn n5_counts_from_events_fill_what_the_vendor_leaves_empty_and_say_since_when() {
    let queue = floorwalker::floor::queue::Queue {
        id: QUEUE.into(),
        ..crate::support::desk::queue("any", "Asiakaspalvelu")
    };
    let mut desk = told(&[]);
    desk.tell("helsinki", SourceEvent::Snapshot(Part::Queues(vec![queue])));
    let mapper = Mapper::new(&settings());
    let withdrawn = with("QueueCallInUserCancelled", &json!({"Timestamp": "2026-03-12T14:00:55Z"}));
    let other = json!({"CallId": "b", "Timestamp": "2026-03-12T14:03:00Z"});
    for event in [
        value("QueueCallInArrived"),
        value("QueueCallInUserAllocated"),
        withdrawn,
        value("QueueCallInDisconnected"),
        with("QueueCallInOverflow", &other),
        with("QueueCallInScheduleClosed", &json!({"CallId": "c"})),
    ] {
        for news in mapper.news(&read(&event), &desk.state.now) {
            desk.tell("helsinki", news);
        }
    }
    let queue = row(TableId::Queues, &report(&desk), "id", QUEUE);
    for (key, expected) in [
        ("abandoned", json!(1)),
        ("unanswered_offers", json!(1)),
        ("overflowed", json!(1)),
        ("overflow_reasons", json!({"QueueFull": 1})),
        ("calls_while_closed", json!(1)),
        ("counted_since", json!("2026-03-12T14:00:20Z")),
    ] {
        assert_eq!(queue[key], expected, "{key}");
    }
    let agent = row(TableId::Agents, &report(&desk), "id", AINO);
    assert_eq!(agent["unanswered_offers"], json!(1));
    let mut screen = crate::support::screen::TestScreen::new(desk.state, 160, 40);
    screen.press("/ A s i a k enter down enter");
    for text in ["Counted since", "Not answered", "QueueFull"] {
        assert!(screen.text().contains(text), "{text} in {}", screen.text());
    }
}

#[test]
fn n5_a_callback_shows_its_list_by_name_its_channel_and_its_related_requests() {
    let mut desk = told(&[]);
    let mut own = settings();
    let list = "aa10c0de-0000-4000-8000-000000000901";
    own.callback_list_names = [(list.into(), "Night".into())].into();
    let mapper = Mapper::new(&own);
    let eero = json!({"UserId": "7d0c2f44-5a11-4f0e-9d36-0c5e3a9b5a02", "UserName": "Eero Lahti"});
    for news in mapper.news(&read(&with("UserAvailability", &eero)), &desk.state.now) {
        desk.tell("helsinki", news);
    }
    for name in ["CallbackChanged", "CallbackListStatus"] {
        for news in mapper.news(&read(&value(name)), &desk.state.now) {
            desk.tell("helsinki", news);
        }
        let id = "7d0c2f44-5a11-4f0e-9d36-0c5e3a9bcb01";
        assert_eq!(row(TableId::Callbacks, &report(&desk), "id", id)["list"], "Night", "{name}");
    }
    assert_eq!(row(TableId::CallbackLists, &report(&desk), "id", list)["list"], "Night");
    let mut screen = crate::support::screen::TestScreen::new(desk.state, 160, 60);
    screen.press("5 / V i r t a n e n enter");
    for text in ["Channel", "Last tried", "Related", "Night, closed, result 2", "result 3"] {
        assert!(screen.text().contains(text), "{text} in {}", screen.text());
    }
}

#[test]
fn n5_the_name_of_a_list_that_an_event_tells_is_shown() {
    let desk = told(&[with("CallbackListStatus", &json!({"CallListName": "Evening"}))]);
    let list = "aa10c0de-0000-4000-8000-000000000901";
    assert_eq!(row(TableId::CallbackLists, &report(&desk), "id", list)["list"], "Evening");
}

#[test]
fn n4_who_is_consulted_stands_beside_the_customers_call() {
    let consult = json!({"CallId": CALL, "LegId": "leg-3", "TargetNumber": "+358931500102"});
    let mut desk = told(&[
        value("QueueCallInArrived"),
        value("QueueCallInUserConnected"),
        value("QueueCallInHoldStart"),
        with("UserCallOutGoing", &consult),
    ]);
    let call = row(TableId::Calls, &report(&desk), "id", CALL);
    assert_eq!((&call["phase"], &call["party"]), (&json!("held"), &json!("+358405550142")));
    assert_eq!(call["consulting"], "+358931500102");
    desk.state.mask = true;
    assert_eq!(cell(TableId::Calls, &report(&desk), &call_row(), "consulting"), "+358…02");
    let mut screen = crate::support::screen::TestScreen::new(desk.state, 160, 40);
    screen.press("3");
    assert!(screen.text().contains("Consulting"), "{}", screen.text());
}
