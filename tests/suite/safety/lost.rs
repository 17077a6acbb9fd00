//! Answers that are lost on the wire, of everything that Telepo can be asked: done once, unknown, then the truth.

use std::time::Duration;

use floorwalker::clock;
use floorwalker::floor::call::Phase;
use floorwalker::floor::id::AgentId;
use floorwalker::operations::{Access, Outcome, Stage};
use floorwalker::simulator::centre::{AgentState, Handle, Order};
use floorwalker::simulator::scenario::Vendor;
use floorwalker::simulator::{Faults, Lost};
use floorwalker::source::gaze::Looked;
use floorwalker::state::Dialog;

use crate::call_control::back::at_a_caller;
use crate::call_control::scene::{Scene, world};

/// How long it may take until the truth is known (contract, exit codes).
const TRUTH: Duration = Duration::from_secs(10);

/// Everything that is asked of Telepo, by its name in the audit log.
const ALL: [&str; 20] = [
    "log_in_agent",
    "log_out_agent",
    "log_out_own",
    "take_callback",
    "finish_callback",
    "call_back",
    "set_presence",
    "monitor",
    "whisper",
    "barge",
    "hold_call",
    "resume_call",
    "transfer_call",
    "camp_on_call",
    "pick_up_call",
    "save_recording",
    "discard_recording",
    "pause_recording",
    "resume_recording",
    "clear_call",
];

async fn scene(lost: Lost) -> Scene {
    let scene = Scene::of(Access::Full, |config| {
        config.replacen("poll = ", "timeout = \"1s\"\npoll = ", 1)
    })
    .await;
    scene.simulator.fail(Faults { lost_answers: 1, lost, ..Faults::default() });
    scene
}

/// Has the source follow somebody's call, so that it sees that it is over.
async fn followed(scene: &mut Scene, user: &str) {
    let selected = vec![AgentId::new(format!("{user}@example.com"))];
    scene.handles[0].look(Looked { selected, ..Looked::default() });
    let began = clock::moment();
    let prefix = format!("call/{user}/");
    while !scene.simulator.streams().names.iter().any(|name| name.starts_with(&prefix)) {
        assert!(clock::moment().since(began) < TRUTH, "{:?}", scene.simulator.streams().names);
        let moment = clock::moment().after(Duration::from_millis(50));
        scene.until("a moment", |_| clock::moment() >= moment).await;
    }
}

/// Goes on until the question about `what` stands there.
async fn ask(scene: &mut Scene, what: &str) {
    match what {
        "log_in_agent" | "log_out_agent" => {
            let wanted = what == "log_out_agent";
            let found = world(&scene.state).agents.values().find(|agent| {
                agent.id.is_some()
                    && agent.memberships.len() == 1
                    && agent.memberships[0].logged_in == Some(wanted)
            });
            let user = found.unwrap().key.raw().split('@').next().unwrap().to_owned();
            scene.select(&user);
            scene.press(if wanted { "o" } else { "i" });
        }
        "log_out_own" => {
            scene.simulator.change(|centre| {
                let own = centre.agents().iter().position(|own| own.user() == "supervisor");
                let queue = centre.agents()[own.unwrap()].memberships()[0].queue;
                centre.order(own.unwrap(), queue, Order::LogIn);
            });
            scene.handles[0].retry();
            let own = |state: &floorwalker::state::State| {
                let mut queues = world(state).queues.values();
                queues.find(|own| own.own_login == Some(true)).map(|own| own.id.clone())
            };
            scene.until("logged in", |state| own(state).is_some()).await;
            let row = floorwalker::table::RowId::Queue("hq".into(), own(&scene.state).unwrap());
            scene.press("1 g");
            while scene.state.selected() != Some(&row) {
                scene.press("down");
            }
            scene.press("o");
        }
        "take_callback" | "finish_callback" | "call_back" => {
            at_a_caller(scene).await;
            scene.press(match what {
                "take_callback" => "t enter",
                "finish_callback" => "T enter",
                _ => "b enter",
            });
        }
        "set_presence" => {
            scene
                .until("somebody's presence", |state| {
                    let profiles = &world(state).profiles;
                    !profiles.activities.is_empty() && profiles.own.is_some()
                })
                .await;
            scene.press("1 g P home down enter enter");
        }
        of_call => ask_of_call(scene, of_call).await,
    }
    let asks = matches!(scene.state.screen.dialog, Some(Dialog::Question(_)));
    assert!(asks, "{what}: {:?} {:?}", scene.state.screen.dialog, scene.state.notice);
}

/// The same of what is asked of calls.
async fn ask_of_call(scene: &mut Scene, what: &str) {
    let now = scene.simulator.change(|centre| centre.now());
    match what {
        "monitor" | "whisper" | "barge" => {
            scene.talker(|_, call| call.handling.intruder.is_none()).await;
            scene.press("m");
            for _ in 0..["monitor", "whisper", "barge"].iter().position(|own| *own == what).unwrap()
            {
                scene.press("down");
            }
            scene.press("enter enter");
        }
        "hold_call" => {
            scene.talker(|_, call| !call.is_held(now)).await;
            scene.choose("hold");
        }
        "resume_call" => {
            let talker = scene.talker(|_, call| !call.is_held(now)).await;
            assert!(scene.simulator.change(|centre| centre.handle(talker.call, Handle::Hold)));
            scene.look_at(&talker.user).await;
            scene.choose("resume");
        }
        "transfer_call" | "camp_on_call" => {
            scene.talker(|_, _| true).await;
            let camps = what == "camp_on_call";
            scene.choose(if camps { "transfer, when" } else { "transfer, at once" });
            scene.write("0401234567");
            scene.press("enter");
        }
        "pick_up_call" => {
            let ringing = |scene: &Scene| {
                scene.simulator.change(|centre| {
                    let mut all = centre.agents().iter();
                    let rings = |own: &&floorwalker::simulator::centre::Agent| {
                        matches!(own.state(), AgentState::Alerting { .. })
                            && own.vendor() == Vendor::Telepo
                    };
                    let found = all.find(rings).map(|own| own.user().to_owned());
                    if found.is_none() {
                        centre.advance(Duration::from_secs(1));
                    }
                    found
                })
            };
            let user = loop {
                if let Some(user) = ringing(scene) {
                    break user;
                }
            };
            followed(scene, &user).await;
            scene.look_at(&user).await;
            scene.select(&user);
            scene.choose("pick up");
            scene.press("enter");
        }
        "clear_call" => {
            let talker = scene.talker(|_, _| true).await;
            followed(scene, &talker.user).await;
            scene.choose("clear");
        }
        recording => {
            let talker = scene.talker(|_, call| call.is_recorded()).await;
            let before = match recording {
                "discard_recording" => Some(Handle::Save(true)),
                "resume_recording" => Some(Handle::Pause(true)),
                _ => None,
            };
            if let Some(before) = before {
                assert!(scene.simulator.change(|centre| centre.handle(talker.call, before)));
                scene.look_at(&talker.user).await;
            }
            let word = recording.split('_').next().unwrap();
            scene.choose(&format!("recording: {word}"));
        }
    }
}

/// Everything is asked, and the answer to it is lost in that way.
async fn lose(lost: Lost) {
    for what in ALL {
        let mut scene = scene(lost).await;
        ask(&mut scene, what).await;
        let before = scene.simulator.asked().len();
        assert_eq!(scene.press("y y"), 1, "{what}");
        // A reading may show it at once, so that it is done before anybody could look.
        scene
            .until(what, |state| state.pending.last().is_some_and(|own| own.stage != Stage::Sent))
            .await;
        let began = clock::moment();
        let lines = scene.audit();
        assert_eq!(lines[1]["outcome"], "unknown", "{what}: {lines:?}");
        assert!(!matches!(scene.pending().stage, Stage::Accepted), "{what}");
        // What rings is taken up.
        scene.simulator.change(|centre| centre.advance(Duration::from_millis(2_100)));
        scene.handles[0].retry();
        scene.word("done").await;
        let took = clock::moment().since(began);
        assert!(took <= TRUTH, "{what}: known after {took:?}");
        let asked = scene.simulator.asked();
        assert_eq!(asked.len(), before + 1, "{what}: sent again: {asked:?}");
    }
}

#[tokio::test]
async fn what_broke_is_unknown_then_the_truth_and_never_sent_again() {
    lose(Lost::Broken).await;
}

#[tokio::test]
async fn what_a_gateway_answered_is_unknown_then_the_truth_and_never_sent_again() {
    lose(Lost::Gateway).await;
}

#[tokio::test]
async fn what_nobody_answered_is_unknown_then_the_truth_and_never_sent_again() {
    lose(Lost::Silence).await;
}

#[tokio::test]
async fn whatever_takes_the_number_of_a_state_acts_on_no_other_and_is_asked_again_with_both() {
    let with_token = ALL.into_iter().filter(|own| {
        let parts = ["hold", "resume", "transfer", "camp_on", "recording"];
        parts.iter().any(|part| own.contains(part))
    });
    for (what, status) in with_token.zip([409, 412, 400].into_iter().cycle()) {
        let mut scene = Scene::open().await;
        scene.simulator.fail(Faults { outdated: status, ..Faults::default() });
        ask(&mut scene, what).await;
        // Whoever has the call does something that the board has not seen yet.
        let Some(floorwalker::table::RowId::Agent(_, key)) = scene.state.selected().cloned() else {
            panic!("{what}")
        };
        let user = key.raw().split('@').next().unwrap().to_owned();
        let call = scene.simulator.change(|centre| {
            let own = centre.agents().iter().find(|own| own.user() == user).unwrap();
            let AgentState::Talking { call } = own.state() else { panic!("{what}") };
            let muted = centre.call(call).unwrap().handling.muted;
            let held = centre.call(call).unwrap().is_held(centre.now());
            let change = if held { Handle::Save(true) } else { Handle::Mute(!muted) };
            assert!(centre.handle(call, change) || centre.handle(call, Handle::Pause(true)));
            centre.call(call).unwrap().clone()
        });
        assert_eq!(scene.press("y y"), 1, "{what}");
        scene
            .until(what, |state| state.pending.last().is_some_and(|own| own.stage != Stage::Sent))
            .await;
        let stage = &scene.pending().stage;
        assert!(matches!(stage, Stage::Over(Outcome::Outdated(_))), "{what}: {stage:?}");
        assert_eq!(scene.call(call.id).as_ref(), Some(&call), "{what}: nothing was done");
        scene
            .until("asked again", |state| {
                matches!(state.screen.dialog, Some(Dialog::Question(_)))
                    || state.notice.as_ref().is_some_and(|own| own.text.contains("offer"))
            })
            .await;
        if let Some(Dialog::Question(question)) = &scene.state.screen.dialog {
            let both = question.consequences[0].as_str();
            assert!(both.contains("Then: ") && both.contains("Now: "), "{what}: {both}");
        }
        assert!(world(&scene.state).calls.values().all(|own| own.phase != Some(Phase::Left)));
    }
}
