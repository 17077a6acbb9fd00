//! What is out of date, not offered, lost or forbidden.

use floorwalker::floor::id::{AgentId, CallId};
use floorwalker::operations::{
    Access, CallAction, CallRequest, Command, CommandId, Control, Outcome, Request, Stage,
};
use floorwalker::simulator::Faults;
use floorwalker::simulator::centre::Handle;
use floorwalker::state::Dialog;
use floorwalker::text::Shown;

use super::scene::{Scene, Talker, row};
use crate::support::calls::{plain, with};

fn accepted(state: &floorwalker::state::State) -> bool {
    state.pending.last().is_some_and(|own| own.stage != Stage::Sent)
}

#[tokio::test]
async fn a_state_that_moved_on_at_the_vendor_never_acts_and_is_asked_again_with_both() {
    for status in [409, 412, 400] {
        let mut scene = Scene::open().await;
        let faults = Faults { outdated: status, ..Faults::default() };
        scene.simulator.fail(faults);
        let now = scene.simulator.change(|centre| centre.now());
        let talker = scene.talker(|_, call| !call.is_held(now)).await;
        scene.choose("hold");
        // The agent does something that the board has not seen yet.
        assert!(scene.simulator.change(|centre| centre.handle(talker.call, Handle::Mute(true))));
        assert_eq!(scene.press("y"), 1);
        scene.until("answered", accepted).await;
        let stage = &scene.pending().stage;
        assert!(matches!(stage, Stage::Over(Outcome::Outdated(_))), "{status}: {stage:?}");
        assert!(!scene.call(talker.call).unwrap().is_held(now), "{status}: nothing was done");
        scene.look_at(&talker.user).await;
        let Some(Dialog::Question(question)) = &scene.state.screen.dialog else {
            panic!("{status}: not asked again: {:?}", scene.state.notice)
        };
        let both = question.consequences[0].as_str();
        assert!(both.contains("Then: connected (state "), "{both}");
        assert!(both.contains("Now: connected (state "), "{both}");
    }
}

#[tokio::test]
async fn a_refusal_that_is_not_about_the_state_keeps_the_vendors_words() {
    let mut scene = Scene::open().await;
    let now = scene.simulator.change(|centre| centre.now());
    let talker = scene.talker(|_, call| !call.is_held(now)).await;
    let token = i64::try_from(scene.call(talker.call).unwrap().token(now)).unwrap();
    let outcome =
        scene.execute(command(&scene, &talker, plain(CallAction::Resume), Some(token))).await;
    let Outcome::Refused(why) = outcome else { panic!("{outcome:?}") };
    assert!(why.contains("The call does not allow this now"), "{why}");
}

fn command(scene: &Scene, talker: &Talker, request: CallRequest, token: Option<i64>) -> Command {
    let call = scene.call(talker.call).map_or_else(|| CallId::new("gone"), |call| row(&call));
    let user = AgentId::new(format!("{}@example.com", talker.user));
    let control = Control::Call { handle: call.clone(), call, user, token, request };
    Command {
        id: CommandId(1),
        source: "hq".into(),
        request: Request::Control(control),
        target: Shown::clean("a call"),
        place: Shown::default(),
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_then_what_the_reading_says() {
    let mut scene = Scene::open().await;
    scene.simulator.fail(Faults { lost_answers: 1, ..Faults::default() });
    let now = scene.simulator.change(|centre| centre.now());
    let talker = scene.talker(|_, call| !call.is_held(now)).await;
    scene.choose("hold");
    assert_eq!(scene.press("y"), 1);
    scene.word("unknown").await;
    let call = scene.call(talker.call).unwrap();
    assert!(call.is_held(now), "it was done");
    assert_eq!(call.handling.moves, 1, "once");
    scene.look_at(&talker.user).await;
    assert_eq!(scene.pending().word(), "done");
    assert_eq!(scene.call(talker.call).unwrap().handling.moves, 1, "and not again");
}

#[tokio::test]
async fn read_only_can_build_no_request_that_acts_on_a_call() {
    let mut scene = Scene::of(Access::ReadOnly, |config| config).await;
    let talker = scene.talker(|_, _| true).await;
    for key in ["m", "C"] {
        assert_eq!(scene.press(key), 0);
        assert!(scene.state.screen.dialog.is_none(), "{key}");
    }
    for act in [
        plain(CallAction::Hold),
        plain(CallAction::Clear),
        plain(CallAction::PauseRecording),
        with(CallAction::Transfer, "1"),
    ] {
        let outcome = scene.execute(command(&scene, &talker, act, None)).await;
        let Outcome::Failed(why) = outcome else { panic!("{outcome:?}") };
        assert_eq!(why.as_str(), "this session is read-only");
    }
    assert_eq!(scene.call(talker.call).unwrap().handling.moves, 0);
}

#[tokio::test]
async fn without_a_ticket_for_call_control_nothing_is_sent_and_it_is_said() {
    let mut scene = Scene::of(Access::Full, |config| {
        config.replace(
            "ticket = \"sim-ticket\"",
            "tickets = { QUEUE_STATISTICS = \"sim-ticket\", ACD = \"sim-ticket\", DISTRIBUTION_GROUP = \"sim-ticket\", USER = \"sim-ticket\" }",
        )
    })
    .await;
    let talker = scene.talker(|_, _| true).await;
    let outcome = scene.execute(command(&scene, &talker, plain(CallAction::Clear), None)).await;
    let Outcome::Failed(why) = outcome else { panic!("{outcome:?}") };
    assert!(why.contains("there is no ticket"), "{why}");
    assert!(scene.call(talker.call).is_some());
}
