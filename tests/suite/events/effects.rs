//! Each of the eighty events, posted as the vendor posts it, to a floor that knows the queues and nothing else, and
//! what it does there.

use std::collections::BTreeMap;

use floorwalker::event::SourceEvent;
use floorwalker::floor::World;
use floorwalker::floor::call::Call;
use floorwalker::floor::callback::Callback;
use floorwalker::floor::queue::Open;
use floorwalker::floor::tally::CountedDay;
use floorwalker::floor::time::Moment;
use floorwalker::source::enreach::events::NAMES;
use reqwest::StatusCode;

use crate::support::enreach::{bytes, queues_read, value};
use crate::support::reception::Reception;

/// What has to have happened for an event to have an effect, where it says only something about a call.
const AFTER: &[(&str, &str)] = &[
    (
        "QueueCallInUserConnected",
        "QueueCallInRecording QueueCallInSmartRoutingResult QueueCallInTransferStarted \
        QueueCallInTransferCancelled QueueCallTranscribed QueueUserCallInRecordingConverted \
        UserSupervisionStatus UserWrapUpEnabled UserWrapUpStarted QueueCallInCallbackCreated",
    ),
    (
        "UserCallInUserConnected",
        "UserCallInTransferStarted UserCallInTransferCancelled UserCallRecorded \
        UserCallInRecordingConverted UserCallTranscribed UserVoiceMailRecordingConverted \
        UserCallPublicityChanged UserCallInCallbackCreated",
    ),
    ("UserCallOutConnected", "UserCallOutRecordingConverted"),
    ("QueueUserCallOutConnected", "QueueUserCallOutRecordingConverted QueueUserCallRecorded"),
    (
        "CallbackUserCallOutConnected",
        "CallbackCallInRecordingConverted CallbackCallTranscribed \
        CallbackUserCallOutRecordingConverted CallbackUserCallRecorded",
    ),
    ("UserWrapUpStarted", "UserWrapUpTerminated"),
];

/// Every event and its effect: rows that are new or differ, then lines of the log.
const EFFECTS: &str = include_str!("effects.txt");

/// The effect of the fixture `name`, posted.
async fn effect(name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut reception = Reception::open(folder.path()).await;
    let after = AFTER.iter().find(|(_, names)| names.split_whitespace().any(|own| own == name));
    for earlier in after.map_or("", |(before, _)| before).split_whitespace() {
        reception.tell(&value(earlier)).await;
    }
    let mut world = reception.world_from(queues_read(Moment::default())).await;
    let before = world.clone();
    let answer = reception.post_event(name, bytes(name)).await;
    assert_eq!(answer.status(), StatusCode::OK, "{name}");
    assert_eq!(answer.headers()["content-length"], "0", "{name}");
    assert_eq!(answer.bytes().await.unwrap().len(), 0, "{name}: an empty body");
    let mut log = Vec::new();
    for event in reception.told().await {
        match event {
            SourceEvent::Delta(delta) => drop(world.apply(delta)),
            SourceEvent::Said(line) => log.push(format!("log {line}")),
            SourceEvent::Link(feed) => assert_eq!(feed.name.raw(), "webhooks", "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    reception.close().await;
    let mut parts = told(&before, &world);
    parts.extend(log);
    parts.join(" | ")
}

fn told(before: &World, after: &World) -> Vec<String> {
    let mut parts = Vec::new();
    for (id, row) in &after.queues {
        let mut known = before.queues.get(id).cloned();
        let counts = counted(row.figures.counted.as_deref());
        let counts_before = counted(known.as_ref().and_then(|row| row.figures.counted.as_deref()));
        if let Some(known) = &mut known {
            known.figures.counted.clone_from(&row.figures.counted);
        }
        if known.as_ref() != Some(row) {
            let (known, now) = (&known.map(|row| row.figures), &row.figures);
            let figures = [
                ("waiting", now.waiting),
                ("longest", now.longest_wait_s),
                ("logged in", now.agents_logged_in),
                ("serving", now.agents_serving),
                ("free", now.agents_free),
                ("busy", now.agents_busy),
                ("away", now.agents_away),
                ("wrap-up", now.agents_wrap_up),
                ("fetch", now.agents_fetch),
                ("connected", now.calls_connected),
                ("alerting", now.calls_alerting),
                ("offered", now.offered),
                ("answered", now.answered),
                ("abandoned", now.abandoned),
                ("average wait", now.average_wait_s),
                ("all", now.calls_total),
                ("not served", now.calls_not_served),
                ("members", now.agents_total),
                ("while closed", now.calls_while_closed),
            ];
            let mut words: Vec<String> =
                figures.iter().filter_map(|(word, n)| Some(format!("{word} {}", (*n)?))).collect();
            words.extend(now.service_level.map(|level| format!("level {level}")));
            if known.as_ref() == Some(now) {
                words.clear();
            }
            let (number, open) = (row.number.clone().unwrap_or_default(), row.open.map(Open::word));
            parts.push(format!("queue {} {number} {open:?}: {}", row.name, words.join(", ")));
        }
        if counts != counts_before && !counts.is_empty() {
            parts.push(format!("counted {counts}"));
        }
    }
    for agent in after.agents.values().filter(|own| before.agents.get(&own.key) != Some(own)) {
        let presence = &agent.presence;
        let mut text = format!("agent {} {}", agent.name, agent.state.word());
        for part in [
            agent.reason.as_ref().map(|reason| format!(" ({reason})")),
            presence.until().map(|until| format!(" until {}", until.format("%H:%M:%S"))),
            presence.supervised_by().and_then(|own| own.by.clone()).map(|by| format!(" by {by}")),
            presence
                .availability
                .as_ref()
                .and_then(|own| own.value.note.clone())
                .map(|note| format!(" “{note}”")),
            presence.fetch.as_ref().map(|own| format!(" fetch {:?}", own.value.answer)),
            (!agent.memberships.is_empty()).then(|| {
                let all = agent.memberships.iter();
                let all = all.map(|m| format!("{} {:?} {:?}", m.name, m.logged_in, m.priority));
                format!(" [{}]", all.collect::<Vec<_>>().join(", "))
            }),
        ]
        .into_iter()
        .flatten()
        {
            text.push_str(&part);
        }
        parts.push(text);
    }
    let calls = after.calls.values().filter(|own| before.calls.get(&own.id) != Some(own));
    parts.extend(calls.map(call));
    parts.extend(after.callbacks.values().map(callback));
    for (id, list) in &after.lists {
        parts.push(format!(
            "list {}: open {:?} free {:?} taken {:?} hidden {:?} late {:?} soon {:?} expiring {:?} serving {:?} shown soon {:?} active {:?} automatic {:?} {:?}",
            &id.raw()[33..], list.open, list.free, list.assigned, list.hidden, list.overdue, list.next_hour_overdue,
            list.expires_24h, list.agents_serving, list.next_hour_revealed, list.agents_active,
            list.agents_automatic, list.automatic,
        ).replace("Some(", "").replace(')', ""));
    }
    parts
}

fn counted(day: Option<&CountedDay>) -> String {
    let Some(day) = day else { return String::new() };
    let all = [
        ("came", day.offered),
        ("answered", day.answered),
        ("abandoned", day.abandoned),
        ("closed", day.closed),
        ("unanswered", day.unanswered_offers()),
        ("handle", day.average_handle_s.unwrap_or(0)),
    ];
    let all = all.iter().filter(|(_, n)| *n > 0).map(|(word, n)| format!("{word} {n}"));
    let overflowed = day.overflowed.iter().map(|(reason, n)| format!("{reason} {n}"));
    all.chain(overflowed).collect::<Vec<_>>().join(", ")
}

fn call(call: &Call) -> String {
    let step = call.path().last().unwrap();
    let mut text = format!("call {} {}", &call.id.raw()[32..], call.phase.unwrap().word());
    for part in [
        call.direction.map(|direction| format!(" {}", direction.word())),
        call.queue_name.as_ref().map(|name| format!(" in {name}")),
        call.agent_name.as_ref().map(|name| format!(" at {name}")),
        call.party.as_ref().map(|party| format!(" with {party}")),
        call.is_waiting().then(|| " waits".to_owned()),
        call.callback.as_ref().map(|id| format!(" for {}", &id.raw()[32..])),
        call.recording.map(|_| " recorded".to_owned()),
        call.supervised_by.as_ref().map(|by| format!(" by {by}")),
        call.priority.as_ref().map(|priority| format!(" priority {priority}")),
        call.private.then(|| " private".to_owned()),
        Some(format!(": {}", step.what.label())),
        step.detail.as_ref().map(|detail| format!(", {detail}")),
    ]
    .into_iter()
    .flatten()
    {
        text.push_str(&part);
    }
    text
}

fn callback(row: &Callback) -> String {
    let request = row.request().unwrap();
    let mut text = format!("callback {} {}", &row.id.raw()[32..], row.state().word());
    for part in [
        request.party.as_ref().map(|party| format!(" {party}")),
        request.name.as_ref().map(|name| format!(" {name}")),
        request.message.as_ref().map(|message| format!(" “{message}”")),
        request.note.as_ref().map(|note| format!(" note “{note}”")),
        request.due.map(|due| format!(" due {}", due.format("%H:%M"))),
        request.expires.map(|due| format!(" expires {}", due.format("%d %H:%M"))),
        row.attempts().map(|attempts| format!(" tries {}", attempts.len())),
        request.priority.as_ref().map(|priority| format!(" priority {priority}")),
        request.kind.as_ref().map(|kind| format!(" {kind}")),
        request.recording.map(|yes| format!(" recording {yes}")),
        (!row.extras().is_empty()).then(|| format!(" {:?}", row.extras())),
    ]
    .into_iter()
    .flatten()
    {
        text.push_str(&part);
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn every_one_of_the_eighty_is_answered_with_an_empty_200_and_has_its_effect_and_no_other() {
    let table: BTreeMap<&str, &str> =
        EFFECTS.lines().filter_map(|line| line.split_once(": ")).collect();
    let mut wrong = Vec::new();
    for name in NAMES {
        let effect = effect(name).await;
        if table.get(name) != Some(&effect.as_str()) {
            wrong.push(format!("{name}: {effect}"));
        }
    }
    assert!(wrong.is_empty(), "these differ from the table:\n{}", wrong.join("\n"));
    assert_eq!((NAMES.len(), table.len()), (80, 80));
}
