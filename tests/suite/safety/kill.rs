//! The audit log when the process is killed −9: no request without its line, and every line whole.

#![expect(clippy::print_stderr, reason = "the figures of a run by hand")]

use std::collections::BTreeMap;
use std::time::Duration;

use floorwalker::floor::callback::CallbackState;
use floorwalker::floor::id::{AgentId, CallId, CallbackId, DeviceId, QueueId};
use floorwalker::floor::profile::Wish;
use floorwalker::operations::{CallAction, Command, CommandId, Control, Request, SupervisionMode};
use floorwalker::simulator::Simulator;
use floorwalker::simulator::centre::{AgentState, Order};
use floorwalker::simulator::scenario::Vendor;
use floorwalker::text::Shown;
use rustix::process::Signal;
use serde_json::Value;

use crate::relay::process::{Service, any_port, config, still};
use crate::support::calls::plain;
use crate::support::reception::client;
use crate::support::relay::SUPERVISOR;

/// What a number of a person in a command looks like.
const NUMBER: &str = "+358401234567";

/// How the request of each action begins.
const PATHS: [(&str, &str); 8] = [
    ("log_out_agent", "POST /acd/v1/agent/"),
    ("take_callback", "PUT /distributiongroup/assign/"),
    ("set_presence", "PUT /userinfo/presence/"),
    ("supervise", "POST /callcontrol/make/"),
    ("hold_call", "POST /callcontrol/hold/"),
    ("pause_recording", "POST /callrecording/pause/"),
    ("clear_call", "DELETE /callcontrol/call/"),
    ("call_back", "POST /calls/current/"),
];

/// One command of each kind, about people who are there.
fn commands(simulator: &Simulator, round: usize) -> Vec<Command> {
    let (user, queue, call) = simulator.change(|centre| {
        let (place, user, id) = loop {
            let mut all = centre.agents().iter().enumerate();
            let found = all.find_map(|(place, own)| match own.state() {
                AgentState::Talking { call } if own.vendor() == Vendor::Telepo => {
                    Some((place, own.user().to_owned(), call))
                }
                _ => None,
            });
            match found {
                Some(found) => break found,
                None => centre.advance(Duration::from_secs(1)),
            }
        };
        let queue = centre.agents()[place].memberships()[0].queue;
        centre.order(place, queue, Order::LogIn);
        let leg = centre.call(id).unwrap().handling.leg;
        (user, centre.queues()[queue].setup.id.clone(), format!("c{id}-{leg}"))
    });
    let agent = AgentId::new(format!("{user}@example.com"));
    let call = CallId::new(call);
    let act = |request| {
        let (call, user) = (call.clone(), agent.clone());
        Request::Control(Control::Call { handle: call.clone(), call, user, token: None, request })
    };
    let item = CallbackId::new(format!("{}", 900_000 + round));
    let all = [
        Request::LogOut { queue: QueueId::new(queue), agent: Some(agent.clone()) },
        Request::Assign { callback: item.clone(), state: CallbackState::Taken, note: None },
        Request::SetPresence { agent: None, wish: Wish::Note(Shown::clean("soon back")) },
        Request::Control(Control::Supervise {
            agent: agent.clone(),
            device: DeviceId::new("desk-supervisor"),
            mode: SupervisionMode::Monitor,
        }),
        act(plain(CallAction::Hold)),
        act(plain(CallAction::PauseRecording)),
        act(plain(CallAction::Clear)),
        Request::Control(Control::CallBack {
            callback: item,
            to: NUMBER.to_owned(),
            place: DeviceId::new("desk"),
        }),
    ];
    all.into_iter()
        .map(|request| Command {
            id: CommandId(0),
            source: "hq".into(),
            request,
            target: Shown::clean(NUMBER),
            place: Shown::clean("a place"),
        })
        .collect()
}

/// How many of each kind came to the server.
fn asked(simulator: &Simulator) -> BTreeMap<&'static str, usize> {
    let lines = simulator.asked();
    let count = |path: &str| lines.iter().filter(|line| line.starts_with(path)).count();
    let known: usize = PATHS.iter().map(|(_, path)| count(path)).sum();
    assert_eq!(known, lines.len(), "{lines:?}");
    PATHS.iter().map(|(action, path)| (*action, count(path))).collect()
}

/// How many of each kind were to be sent, by the audit log.
fn intended(home: &std::path::Path) -> BTreeMap<String, usize> {
    let text = std::fs::read_to_string(home.join("audit.jsonl")).unwrap_or_default();
    assert!(text.is_empty() || text.ends_with('\n'), "a line is not whole");
    let digits = &NUMBER[4..NUMBER.len() - 2];
    for hidden in [digits, SUPERVISOR, "sim-ticket"] {
        assert!(!text.contains(hidden), "{hidden} stands in the audit log");
    }
    let mut intents = BTreeMap::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        for key in ["at", "id", "who", "source", "action", "target"] {
            assert!(!line[key].is_null(), "{key} is missing: {line}");
        }
        if line["phase"] == "intent" {
            *intents.entry(line["action"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    intents
}

/// Kills a relay so often, each time with one command of every kind on its way; how many requests came, and how many
/// lines stood there without one.
async fn kill(times: usize) -> (usize, usize) {
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let mut rng = fastrand::Rng::with_seed(30);
    let mut service = Service::start(home.path());
    for round in 0..times {
        service.ready().await;
        let (before, lines) = (asked(&simulator), intended(home.path()));
        let url = format!("http://{}/v1/commands", service.address);
        for command in commands(&simulator, round) {
            let body = serde_json::to_string(&command).unwrap();
            let sent = client().post(&url).bearer_auth(SUPERVISOR).body(body).send();
            tokio::spawn(sent);
        }
        // Anywhere between the first line and the last answer.
        tokio::time::sleep(Duration::from_micros(rng.u64(500..60_000))).await;
        service.signal(Signal::KILL);
        service.end();
        // What was on its way to the server has come by the time that the next relay has read it.
        service = Service::start(home.path());
        service.ready().await;
        let (after, intents) = (asked(&simulator), intended(home.path()));
        for (action, count) in &after {
            let came = count - before[action];
            let stood = |lines: &BTreeMap<String, usize>| lines.get(*action).copied().unwrap_or(0);
            let told = stood(&intents) - stood(&lines);
            assert!(came <= told, "round {round}: {action} came {came} times, {told} lines");
            assert!(told <= 1, "round {round}: {action}");
        }
    }
    let came: usize = asked(&simulator).values().sum();
    let told: usize = intended(home.path()).values().sum();
    (came, told - came)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_leaves_without_its_line_whenever_the_process_is_killed() {
    let (came, _) = kill(6).await;
    assert!(came > 0, "no request came at all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a hundred kills: a minute or two"]
async fn no_request_leaves_without_its_line_over_a_hundred_kills() {
    let (came, more) = kill(100).await;
    eprintln!("{came} requests, each with its line; {more} lines whose request never left");
    assert!(came > 100 && more > 0, "it was never killed in between");
}
