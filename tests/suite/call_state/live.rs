//! Beside the simulator: calls that are followed as they go, and streams that stay within their budget.

use std::collections::BTreeSet;
use std::time::Duration;

use floorwalker::clock;
use floorwalker::floor::agent::{Agent, AgentState};
use floorwalker::floor::call::{Call, Phase};
use floorwalker::floor::id::{AgentId, AgentKey, FeedName};
use floorwalker::floor::link::Link;
use floorwalker::floor::time::Moment;
use floorwalker::simulator::centre::{self, Centre, Handle, Intruder};
use floorwalker::simulator::scenario::Vendor;
use floorwalker::simulator::{Licences, Settings, Size};
use floorwalker::source::gaze::Looked;

use super::board::{Board, LIMIT, agent_of, id, rings, talks, user, world};

#[tokio::test]
async fn a_call_is_followed_from_ringing_to_wrap_up() {
    let mut board = Board::open(Settings::default()).await;
    let on_duty: Vec<AgentId> = world(&board.state)
        .agents
        .values()
        .filter(|agent| agent.state != AgentState::LoggedOut)
        .filter_map(|agent| agent.id.clone())
        .collect();
    board.look(&[], &on_duty);
    // A lamp for everybody: to whom it rings next is not known.
    board.until_open(on_duty.len()).await;
    let (call, who) = board.live_until(rings);
    board
        .phase(
            "ringing",
            |call, agent| {
                call.phase == Some(Phase::Alerting) && agent.state == AgentState::Reserved
            },
            &who,
        )
        .await;
    board.look(std::slice::from_ref(&who), &[]);
    board.until_call(&who).await;
    let connected = |floor: &mut Centre| {
        while !matches!(floor.call(call).unwrap().phase, centre::Phase::Connected { .. }) {
            floor.advance(Duration::from_millis(100));
        }
    };
    board.simulator.change(connected);
    board
        .phase(
            "connected",
            |call, agent| {
                call.phase == Some(Phase::Connected) && agent.state == AgentState::Talking
            },
            &who,
        )
        .await;
    for (handle, phase, state) in [
        (Handle::Hold, Phase::Held, AgentState::Holding),
        (Handle::Resume, Phase::Connected, AgentState::Talking),
    ] {
        assert!(board.simulator.change(|floor| floor.handle(call, handle)));
        let seen = |call: &Call, agent: &Agent| call.phase == Some(phase) && agent.state == state;
        board.phase("hold", seen, &who).await;
    }
    assert!(board.simulator.change(|floor| floor.handle(call, Handle::Clear)));
    board
        .phase(
            "wrap-up",
            |call, agent| {
                call.phase == Some(Phase::Ended)
                    && agent.state == AgentState::NotReady
                    && agent.reason.as_deref() == Some("Wrap-up")
            },
            &who,
        )
        .await;
}

#[tokio::test]
async fn parking_passing_on_and_breaking_in_show_as_such() {
    let mut board = Board::open(Settings::default()).await;
    let (call, who) = board.live_until(talks);
    board.look(std::slice::from_ref(&who), &[]);
    board
        .until("the call", |state| {
            world(state).agents[&AgentKey::new(who.raw())].state == AgentState::Talking
        })
        .await;
    board.until_open(3).await;
    let supervisor = board.simulator.change(|floor| {
        let position = floor.agents().iter().position(|own| own.user() == "supervisor").unwrap();
        let who = Intruder { agent: position, how: "WHISPER" };
        assert!(floor.handle(call, Handle::Intrude(Some(who))));
        format!(
            "{} {}",
            floor.agents()[position].first_name(),
            floor.agents()[position].last_name()
        )
    });
    let by = format!("{supervisor} (whisper)");
    board.phase("supervised", |call, _| call.supervised_by.as_deref() == Some(&by), &who).await;
    assert!(board.simulator.change(|floor| floor.handle(call, Handle::Mute(true))));
    board.phase("muted", |call, _| call.muted == Some(true), &who).await;
    assert!(board.simulator.change(|floor| floor.handle(call, Handle::Park)));
    board.phase("parked", |call, _| call.phase == Some(Phase::Parked), &who).await;
    let free = board.simulator.change(|floor| {
        let free = |own: &centre::Agent| {
            own.vendor() == Vendor::Telepo && own.state() == centre::AgentState::Idle
        };
        (0..floor.agents().len()).find(|place| free(&floor.agents()[*place])).unwrap()
    });
    let other = board.simulator.change(|floor| {
        assert!(floor.handle(call, Handle::PickUp(free)));
        id(&floor.agents()[free])
    });
    board.look(std::slice::from_ref(&other), &[]);
    board
        .phase(
            "picked up",
            |call, agent| {
                call.phase == Some(Phase::Connected) && agent.state == AgentState::Talking
            },
            &other,
        )
        .await;
}

#[tokio::test]
async fn a_call_that_is_passed_on_leaves_one_and_rings_at_the_other() {
    let mut board = Board::open(Settings::default()).await;
    let (call, who) = board.live_until(talks);
    let (free, other) = board.simulator.change(|floor| {
        let mut all = floor.agents().iter().enumerate();
        let (place, agent) = all
            .find(|(_, own)| {
                own.vendor() == Vendor::Telepo && own.state() == centre::AgentState::Idle
            })
            .unwrap();
        (place, id(agent))
    });
    board.look(std::slice::from_ref(&who), std::slice::from_ref(&other));
    board.until_call(&who).await;
    let lamp = format!("dialogs/{}", user(&other));
    board.until_streams(|names| names.contains(&lamp)).await;
    assert!(board.simulator.change(|floor| floor.handle(call, Handle::Transfer(free))));
    board.phase("passed on", |call, _| call.phase == Some(Phase::Left), &who).await;
    board
        .phase(
            "ringing at the other",
            |call, agent| {
                call.phase == Some(Phase::Alerting) && agent.state == AgentState::Reserved
            },
            &other,
        )
        .await;
    board.simulator.change(|floor| {
        while !matches!(floor.call(call).unwrap().phase, centre::Phase::Connected { .. }) {
            floor.advance(Duration::from_millis(100));
        }
    });
    board.phase("connected", |call, _| call.phase == Some(Phase::Connected), &other).await;
}

#[tokio::test]
async fn the_alarmed_have_the_streams_that_the_screen_leaves() {
    let mut board = Board::few(Settings::default(), 8).await;
    let (call, who) = board.live_until(talks);
    let others: Vec<AgentId> = world(&board.state)
        .agents
        .values()
        .filter_map(|agent| agent.id.clone().filter(|own| *own != who))
        .collect();
    // One place is the queues' own stream, one the source's own user's, and four are the screen's at most.
    let looked =
        Looked { shown: others[..2].to_vec(), alarmed: vec![who.clone()], ..Looked::default() };
    board.handles[0].look(looked);
    board.until_call(&who).await;
    assert!(board.simulator.change(|floor| floor.handle(call, Handle::Hold)));
    board.phase("held", |call, _| call.phase == Some(Phase::Held), &who).await;
    // A screen that needs them all has them.
    board.handles[0].look(Looked {
        shown: others[..7].to_vec(),
        alarmed: vec![who.clone()],
        ..Looked::default()
    });
    let screen: Vec<String> =
        others[..6].iter().map(|own| format!("dialogs/{}", user(own))).collect();
    board.until_streams(|names| screen.iter().all(|lamp| names.contains(lamp))).await;
    let streams = board.simulator.streams();
    let lost = |name: &String| name.contains(user(&who));
    assert!(streams.most <= 7 && !streams.names.iter().any(lost), "{streams:?}");
}

#[tokio::test]
async fn without_the_licence_the_feed_says_so_the_rest_works_and_lamps_tell_of_calls() {
    let settings = Settings { licences: Licences::None, ..Settings::default() };
    let mut board = Board::open(settings).await;
    let (_, who) = board.live_until(talks);
    board.look(std::slice::from_ref(&who), &[]);
    board
        .until("the refusal", |state| {
            let feed = world(state).feed(&FeedName::new("calls"));
            let error = feed.and_then(|feed| feed.error());
            error.is_some_and(|error| error.contains("Cloud CTI"))
        })
        .await;
    board
        .until("the line state", |state| {
            world(state).agents[&AgentKey::new(who.raw())].state == AgentState::Talking
        })
        .await;
    let link = world(&board.state).link(&board.state.now);
    assert!(link.is_fresh(), "{link:?}");
    assert_ne!(link, Link::Unauthorized);
}

#[tokio::test]
async fn where_some_have_no_licence_the_others_are_followed() {
    let settings = Settings { licences: Licences::Some, ..Settings::default() };
    let mut board = Board::open(settings).await;
    let took = board
        .until("everybody's turn", |state| {
            let feed = world(state).feed(&FeedName::new("calls")).unwrap();
            feed.error().is_some_and(|error| error.contains("not followed"))
                && world(state).calls.values().any(|call| call.phase == Some(Phase::Connected))
        })
        .await;
    assert!(took < LIMIT);
}

/// Ten thousand agents, of whom forty are on the screen at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scrolling_through_ten_thousand_agents_stays_within_the_budget() {
    let settings = Settings { size: Size::Large, ..Settings::default() };
    let mut board = Board::open(settings).await;
    let everybody: Vec<AgentId> =
        world(&board.state).agents.values().filter_map(|agent| agent.id.clone()).collect();
    assert!(everybody.len() >= 9_000, "{}", everybody.len());
    // From top to bottom, a page every fifth of a second.
    for page in 0..40 {
        let from = everybody.len() * page / 40;
        let shown = &everybody[from..(from + 40).min(everybody.len())];
        board.look(&shown[..1], &shown[1..]);
        let until = clock::moment().after(Duration::from_millis(200));
        board.until("the next page", |_| clock::moment() >= until).await;
    }
    let last = everybody[everybody.len() - 40..].to_vec();
    board.look(&last[..1], &last[1..]);
    let settled = clock::moment();
    let in_calls: Vec<(AgentId, bool)> = board.simulator.change(|floor| {
        let busy: BTreeSet<AgentId> =
            floor.calls().filter_map(agent_of).map(|agent| id(&floor.agents()[agent])).collect();
        last.iter().map(|own| (own.clone(), busy.contains(own))).collect()
    });
    board
        .until("what is on the screen", |state| {
            in_calls.iter().filter(|(_, busy)| *busy).all(|(own, _)| {
                let agent = &world(state).agents[&AgentKey::new(own.raw())];
                !agent.presence.calls.is_empty()
            })
        })
        .await;
    let fresh = clock::moment().since(settled);
    assert!(fresh <= Duration::from_secs(2), "fresh after {fresh:?}");
    board.until_open(40).await;
    let streams = board.simulator.streams();
    assert!(streams.most <= 63, "{} open at once", streams.most);
    let opened: Vec<Moment> = streams.opened;
    for (place, at) in opened.iter().enumerate() {
        let within =
            opened[place..].iter().take_while(|own| own.since(*at) < Duration::from_secs(1));
        let count = within.count();
        assert!(count <= 5, "{count} opened within a second");
    }
}
