//! What is asked, sent, done and seen.

use std::time::Duration;

use floorwalker::floor::call::Phase;
use floorwalker::operations::Access;
use floorwalker::simulator::centre::{AgentState, Handle, Order};
use floorwalker::simulator::scenario::Vendor;
use floorwalker::table::{RowId, TableId};

use super::scene::{Scene, key, row, world};

#[tokio::test]
async fn a_supervisor_joins_a_call_is_seen_in_it_and_leaves_it() {
    let mut scene = Scene::open().await;
    let talker = scene.talker(|_, call| call.handling.intruder.is_none()).await;
    scene.press("m j enter enter");
    assert_eq!(scene.press("y"), 1);
    scene.accepted().await;
    scene
        .until("the phone rings", |state| {
            world(state).supervision_of(&agent(&talker.user)).is_some()
        })
        .await;
    assert_eq!(scene.pending().word(), "pending", "nobody has taken the phone up");
    scene.simulator.change(|centre| centre.advance(Duration::from_millis(2_100)));
    scene.word("done").await;
    let call = scene.call(talker.call).unwrap();
    assert_eq!(call.handling.intruder.as_ref().map(|who| who.how), Some("WHISPER"));
    scene.look_at(&talker.user).await;
    let shown = world(&scene.state).calls.get(&row(&call)).unwrap();
    assert_eq!(shown.supervised_by.as_deref(), Some("Robin Lindqvist (whisper)"));
    let page = TableId::Agents.page(&scene.state.context(), &[person(&talker.user)]);
    let text: Vec<&str> = page[0].cells.iter().map(|cell| cell.text.as_str()).collect();
    assert!(text.contains(&"supervised by Robin Lindqvist (whisper)"), "{text:?}");
    // The first choice ends it.
    scene.press("m enter");
    assert_eq!(scene.press("y"), 1);
    scene.word("done").await;
    assert_eq!(scene.call(talker.call).unwrap().handling.intruder, None);
    let log = scene.audit();
    let actions: Vec<&str> = log.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["supervise", "supervise", "clear_call", "clear_call"]);
    assert_eq!(log[0]["target"], format!("{}@example.com, whisper", talker.user));
}

fn person(user: &str) -> RowId {
    RowId::Agent("hq".into(), key(user))
}

fn agent(user: &str) -> floorwalker::floor::id::AgentId {
    floorwalker::floor::id::AgentId::new(format!("{user}@example.com"))
}

#[tokio::test]
async fn a_call_is_held_and_resumed_each_with_the_state_that_was_shown() {
    let mut scene = Scene::open().await;
    let now = scene.simulator.change(|centre| centre.now());
    let talker = scene.talker(|_, call| !call.is_held(now)).await;
    for (words, phase, held) in [("hold", Phase::Held, true), ("resume", Phase::Connected, false)] {
        scene.choose(words);
        assert_eq!(scene.press("y y y"), 1, "a double press is one request");
        scene.accepted().await;
        scene.look_at(&talker.user).await;
        assert_eq!(scene.pending().word(), "done");
        let call = scene.call(talker.call).unwrap();
        assert_eq!(call.is_held(now), held);
        assert_eq!(world(&scene.state).calls.get(&row(&call)).unwrap().phase, Some(phase));
    }
    assert_eq!(scene.call(talker.call).unwrap().handling.moves, 2);
}

#[tokio::test]
async fn a_recording_is_paused_resumed_saved_and_discarded() {
    let mut scene = Scene::open().await;
    let talker = scene.talker(|_, call| call.is_recorded()).await;
    for (words, paused, saved) in [
        ("recording: pause", true, false),
        ("recording: save", true, true),
        ("recording: resume", false, true),
        ("recording: discard", false, false),
    ] {
        scene.choose(words);
        assert_eq!(scene.press("y"), 1, "{words}");
        scene.accepted().await;
        scene.look_at(&talker.user).await;
        assert_eq!(scene.pending().word(), "done", "{words}");
        let handling = scene.call(talker.call).unwrap().handling;
        assert_eq!((handling.paused, handling.saved), (paused, saved), "{words}");
    }
}

#[tokio::test]
async fn a_call_is_muted_and_unmuted_and_recorded_and_no_longer() {
    let mut scene = Scene::open().await;
    let talker = scene.talker(|_, call| !call.is_recorded()).await;
    for (words, muted, recording) in [
        ("mute", true, false),
        ("recording: start", true, true),
        ("unmute", false, true),
        ("recording: stop", false, false),
    ] {
        scene.choose(words);
        assert_eq!(scene.press("y"), 1, "{words}");
        scene.accepted().await;
        scene.look_at(&talker.user).await;
        assert_eq!(scene.pending().word(), "done", "{words}");
        let handling = scene.call(talker.call).unwrap().handling;
        assert_eq!((handling.muted, handling.recording), (muted, recording), "{words}");
    }
}

#[tokio::test]
async fn a_call_is_parked_and_written_down() {
    let mut scene = Scene::open().await;
    let talker = scene.talker(|_, _| true).await;
    scene.choose("park");
    assert_eq!(scene.press("y"), 1);
    scene.accepted().await;
    scene.look_at(&talker.user).await;
    assert_eq!(scene.pending().word(), "done");
    let phase = scene.call(talker.call).unwrap().phase;
    assert!(matches!(phase, floorwalker::simulator::centre::Phase::Parked { .. }), "{phase:?}");
    let audit = format!("{:?}", scene.audit());
    assert!(audit.contains("park_call"), "{audit}");
}

#[tokio::test]
async fn a_call_that_rings_is_answered_where_it_rings() {
    let mut scene = Scene::open().await;
    let (user, call) = scene.ringing();
    scene.look_at(&user).await;
    scene.select(&user);
    scene.choose("answer");
    assert_eq!(scene.press("y"), 1, "it lists one device");
    scene.accepted().await;
    scene.look_at(&user).await;
    assert_eq!(scene.pending().word(), "done");
    let phase = scene.call(call).unwrap().phase;
    assert!(matches!(phase, floorwalker::simulator::centre::Phase::Connected { .. }), "{phase:?}");
}

#[tokio::test]
async fn a_service_account_picks_up_by_the_identity_of_the_call_and_nobody_else_does() {
    let mut scene = Scene::of(Access::Full, |config| {
        config.replace(
            "ticket = \"sim-ticket\"",
            "ticket = \"sim-service-ticket\"\nservice_account = true",
        )
    })
    .await;
    let (user, _) = scene.ringing();
    scene.look_at(&user).await;
    scene.select(&user);
    scene.choose("pick up");
    scene.press("enter");
    assert_eq!(scene.press("y"), 1);
    scene.accepted().await;
    let asked = scene.simulator.asked();
    let [only] = asked.as_slice() else { panic!("{asked:?}") };
    assert!(only.contains("/callcontrol/pickup/example.com/supervisor/"), "{only}");
}

#[tokio::test]
async fn what_no_longer_rings_is_not_picked_up() {
    let mut scene = Scene::open().await;
    let (user, call) = scene.ringing();
    scene.look_at(&user).await;
    scene.select(&user);
    scene.choose("pick up");
    scene.press("enter");
    assert!(scene.simulator.change(|centre| centre.handle(call, Handle::Answer)));
    assert_eq!(scene.press("y"), 1);
    scene.word("refused").await;
    assert!(scene.simulator.asked().is_empty(), "{:?}", scene.simulator.asked());
}

#[tokio::test]
async fn a_call_is_transferred_to_a_free_colleague_and_to_a_number() {
    let mut scene = Scene::open().await;
    let free = scene.simulator.change(|centre| {
        let mut all = centre.agents().iter();
        let free =
            all.find(|own| own.vendor() == Vendor::Telepo && own.state() == AgentState::Idle);
        free.map(|own| own.user().to_owned())
    });
    let destinations = [free.map(|user| format!("{user}@example.com")), Some("0401234567".into())];
    for to in destinations.into_iter().flatten() {
        let talker = scene.talker(|_, _| true).await;
        scene.choose("transfer, at once");
        scene.write(&to);
        scene.press("enter");
        assert_eq!(scene.press("y"), 1, "{to}");
        scene.accepted().await;
        scene.look_at(&talker.user).await;
        assert_eq!(scene.pending().word(), "done", "{to}");
        let still = scene.simulator.change(|centre| {
            centre.agents().iter().any(|own| {
                own.user() == talker.user
                    && own.state() == AgentState::Talking { call: talker.call }
            })
        });
        assert!(!still, "{to}");
    }
    let log = format!("{:?}", scene.audit());
    assert!(!log.contains("0401234567"), "numbers are masked: {log}");
}

#[tokio::test]
async fn a_call_waits_for_a_busy_colleague_where_that_is_asked() {
    let mut scene = Scene::open().await;
    let talker = scene.talker(|_, _| true).await;
    let busy = scene.simulator.change(|centre| {
        let mut all = centre.agents().iter().filter(|own| own.vendor() == Vendor::Telepo);
        let busy = all.find(|own| {
            matches!(own.state(), AgentState::Talking { .. }) && own.user() != talker.user
        });
        busy.map(|own| own.user().to_owned()).expect("somebody else talks")
    });
    scene.choose("transfer, when");
    scene.write(&format!("{busy}@example.com"));
    scene.press("enter");
    assert_eq!(scene.press("y"), 1);
    scene.accepted().await;
    scene.look_at(&talker.user).await;
    assert_eq!(scene.pending().word(), "pending", "it is here until the other end is free");
}

#[tokio::test]
async fn a_call_that_rings_is_picked_up_on_ones_own_phone() {
    let mut scene = Scene::open().await;
    let (user, call) = scene.ringing();
    scene.look_at(&user).await;
    scene.select(&user);
    scene.choose("pick up");
    scene.press("enter");
    assert_eq!(scene.press("y"), 1);
    scene
        .until("the call is at the own phone", |state| {
            world(state).calls.values().any(|call| call.holder() == Some(&key("supervisor")))
        })
        .await;
    scene.look_at(&user).await;
    scene.word("done").await;
    let has = scene.simulator.change(|centre| {
        let own = centre.agents().iter().find(|own| own.user() == "supervisor").unwrap();
        own.state()
    });
    assert_eq!(has, AgentState::Talking { call });
    let asked = scene.simulator.asked();
    let [only] = asked.as_slice() else { panic!("{asked:?}") };
    assert!(
        only.contains("/callcontrol/pickupdialog/example.com/supervisor/desk-supervisor"),
        "{only}"
    );
}

#[tokio::test]
async fn a_call_is_cleared_and_the_second_time_it_was_already_over() {
    let mut scene = Scene::open().await;
    let talker = scene.talker(|_, _| true).await;
    scene.choose("clear");
    assert_eq!(scene.press("y"), 1);
    scene.accepted().await;
    let command = scene.pending().command.clone();
    scene.look_at(&talker.user).await;
    assert_eq!(scene.pending().word(), "done");
    assert_eq!(scene.call(talker.call), None);
    let outcome = scene.execute(command).await;
    assert_eq!(outcome.word(), "refused");
    assert_eq!(outcome.detail().unwrap().as_str(), "already over or never there");
}

#[tokio::test]
async fn log_in_and_log_out_of_all_own_queues_is_one_question() {
    let mut scene = Scene::open().await;
    scene.simulator.change(|centre| {
        let own = centre.agents().iter().position(|own| own.user() == "supervisor").unwrap();
        let queues: Vec<usize> =
            centre.agents()[own].memberships().iter().map(|own| own.queue).collect();
        assert_eq!(queues.len(), 2);
        for queue in queues {
            assert!(centre.order(own, queue, Order::LogIn));
        }
    });
    scene.handles[0].retry();
    let logged_in = |count: usize| {
        move |state: &floorwalker::state::State| {
            let queues = world(state).queues.values();
            queues.filter(|queue| queue.own_login == Some(true)).count() == count
        }
    };
    scene.until("logged in to both", logged_in(2)).await;
    let queue = world(&scene.state).queues.values().find(|own| own.own_login == Some(true));
    let queue = queue.unwrap().id.clone();
    scene.press("1 g");
    while scene.state.selected() != Some(&RowId::Queue("hq".into(), queue.clone())) {
        scene.press("down");
    }
    scene.press("o end enter");
    assert_eq!(scene.press("y"), 2, "one request for each queue");
    scene.until("logged out of both", logged_in(0)).await;
}
