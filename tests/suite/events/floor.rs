//! People, queues, lists and callbacks: what a sequence of events comes to.

use std::time::Duration;

use floorwalker::floor::Part;
use floorwalker::floor::agent::AgentState;
use floorwalker::floor::call::{Phase, What};
use floorwalker::floor::callback::{Callback, CallbackState};
use floorwalker::floor::id::{AgentKey, CallbackId, ListId, QueueId};
use floorwalker::floor::queue::Figures;
use floorwalker::floor::time::Moment;
use floorwalker::transport::lenient::Tally;
use serde_json::json;

use crate::support::enreach::{
    AINO, CALLBACK, Desk, LIST, QUEUE, aino, at, call, decoded, lists, queues, value, wall, with,
};
use crate::support::fixtures;

#[test]
fn the_state_of_an_agent_is_the_first_that_fits() {
    let of = |changes: serde_json::Value| {
        let mut desk = Desk::open();
        let mut all = json!({"Talking": false, "Serving": true, "ActiveQueueId": null,
            "CanBeAllocatedTo": false});
        for (key, value) in changes.as_object().unwrap() {
            all[key] = value.clone();
        }
        desk.tell(&value("UserAvailability"));
        desk.tell(&with("UserStatus", &all));
        let agent = desk.world.agents[&AgentKey::new(AINO)].clone();
        (agent.state.word(), agent.reason.map(|reason| reason.to_string()).unwrap_or_default())
    };
    let table = [
        (json!({"Serving": false, "Talking": true}), ("logged_out", "")),
        (
            json!({"Serving": false, "ServingCallback": true, "CanBeAllocatedTo": true}),
            ("available", ""),
        ),
        (json!({"WrapUpStart": "2026-03-12T14:08:00Z", "Talking": true}), ("wrap_up", "")),
        (json!({"Talking": true, "ActiveQueueId": QUEUE}), ("talking", "")),
        (json!({"Talking": true, "ActiveQueueId": null}), ("talking", "not on queue")),
        (json!({"CanBeAllocatedTo": true, "FetchMode": true}), ("available", "")),
        (json!({"FetchMode": true}), ("not_ready", "fetch")),
        (json!({"ServiceTerminals": 0}), ("not_ready", "no phone")),
        (json!({}), ("not_ready", "DoNotDisturb")),
    ];
    for (changes, (state, reason)) in table {
        assert_eq!(of(changes.clone()), (state, reason.to_owned()), "{changes}");
    }
}

#[test]
fn a_status_that_is_newer_than_a_call_has_the_last_word() {
    let mut desk = Desk::open();
    desk.story("QueueCallInUserConnected");
    assert_eq!(aino(&desk), AgentState::Talking);
    let free = json!({"Talking": false, "CanBeAllocatedTo": true, "ActiveQueueId": null});
    desk.tell(&at("UserStatus", 200, free));
    assert_eq!(aino(&desk), AgentState::Available, "the end of that call was lost");
    desk.tell(&at("QueueCallInUserAllocated", 210, json!({"CallId": "next"})));
    assert_eq!(aino(&desk), AgentState::Reserved, "and this one is newer again");
}

#[test]
fn wrap_up_lasts_until_it_is_ended_and_says_until_when() {
    let mut desk = Desk::open();
    desk.story("UserWrapUpStarted");
    let agent = desk.world.agents[&AgentKey::new(AINO)].clone();
    assert_eq!(agent.state, AgentState::WrapUp);
    assert_eq!(agent.presence.until(), Some(wall("2026-03-12T14:03:41Z")));
    desk.story("UserWrapUpTerminated");
    assert_eq!(aino(&desk), AgentState::Other);
}

#[test]
fn since_is_told_once_a_change_was_seen() {
    let mut desk = Desk::open();
    let free =
        |yes: bool| json!({"Talking": false, "CanBeAllocatedTo": yes, "ActiveQueueId": null});
    desk.tell(&at("UserStatus", 10, free(false)));
    let since = |desk: &Desk| desk.world.agents[&AgentKey::new(AINO)].since;
    assert_eq!(since(&desk), None, "the first report is no change");
    desk.tell(&at("UserStatus", 30, free(true)));
    desk.tell(&at(
        "UserStatus",
        90,
        json!({"Talking": false, "CanBeAllocatedTo": true, "ParkedCalls": 1}),
    ));
    let expected = desk.now.moment_of(wall("2026-03-12T14:00:30Z"));
    assert_eq!(since(&desk), Some(expected), "the second report of the same is no change either");
}

#[test]
fn supervision_shows_on_agent_and_call_until_it_ends() {
    let mut desk = Desk::open();
    desk.story("QueueCallInUserConnected UserSupervisionStatus");
    let by = |desk: &Desk| {
        let agent = &desk.world.agents[&AgentKey::new(AINO)];
        let own = agent.presence.supervised_by().and_then(|own| own.by.clone());
        (
            own.map(|by| by.to_string()),
            call(&desk.world).supervised_by.as_deref().map(str::to_owned),
        )
    };
    let kaisa = Some("Kaisa Maki".to_owned());
    assert_eq!(by(&desk), (kaisa.clone(), kaisa));
    for over in [json!(0), json!("Ended"), json!("NotSupervised_Stopped")] {
        let mut desk = Desk::open();
        desk.story("QueueCallInUserConnected UserSupervisionStatus");
        desk.tell(&at("UserSupervisionStatus", 90, json!({"State": over})));
        assert_eq!(by(&desk), (None, None), "{over}");
    }
    desk.story("QueueCallInDisconnected");
    assert_eq!(by(&desk).0, None, "with the call it is over too");
}

#[test]
fn trap_9_a_whole_list_replaces_members_and_a_change_changes_one() {
    let mut desk = Desk::open();
    let members = |desk: &Desk| -> Vec<String> {
        let agents = desk.world.agents.values();
        let seated = agents.filter(|agent| agent.in_queue(&QueueId::new(QUEUE)).is_some());
        seated.map(|agent| agent.key.raw()[34..].to_owned()).collect()
    };
    desk.tell(&at("QueueAttachedUsers", 10, json!({})));
    assert_eq!(members(&desk), ["01", "02"]);
    desk.tell(&at("UserQueueAttached", 20, json!({"Deleted": true})));
    assert_eq!(members(&desk), ["02"]);
    desk.tell(&at("QueueAttachedUsers", 15, json!({})));
    assert_eq!(members(&desk), ["02"], "an older list says nothing of a newer change");
    desk.tell(&at("QueueAttachedUsers", 30, json!({"AttachedUsers": null})));
    assert_eq!(members(&desk), ["02"], "null is not told");
    desk.tell(&at("QueueAttachedUsers", 40, json!({"AttachedUsers": []})));
    assert!(members(&desk).is_empty(), "and the empty list is nobody");
}

#[test]
fn an_older_report_never_overwrites_a_newer_one() {
    let mut desk = Desk::open();
    let waiting = |desk: &Desk| desk.world.queues[&QueueId::new(QUEUE)].figures.waiting;
    desk.tell(&at("QueueStatus", 50, json!({"NbrOfQueuingRequesters": 5})));
    assert!(!desk.tell(&at("QueueStatus", 40, json!({"NbrOfQueuingRequesters": 9}))));
    assert_eq!(waiting(&desk), Some(5));
}

#[test]
fn a_late_report_changes_what_is_known_and_is_marked() {
    let mut desk = Desk::open();
    desk.tell(&at("QueueStatus", 50, json!({})));
    let status = desk.world.news[&QueueId::new(QUEUE)].status.clone().unwrap();
    assert!(status.told.late, "an hour after a minute's worth");
    assert_eq!(desk.world.queues[&QueueId::new(QUEUE)].figures.waiting, Some(3));
    desk.now.wall = wall("2026-03-12T14:01:00Z");
    desk.tell(&at("QueueStatus", 55, json!({})));
    assert!(!desk.world.news[&QueueId::new(QUEUE)].status.as_ref().unwrap().told.late);
}

#[test]
fn what_only_events_tell_survives_a_reading_and_what_is_read_later_counts() {
    let mut desk = Desk::open();
    desk.story("QueueStatus QueueDailyCallMetrics");
    let answer = fixtures::json("enreach/queues");
    let read_at = desk.now.moment;
    let rows = queues(&answer, read_at);
    desk.world.replace(Part::Queues(rows), read_at);
    let Figures { waiting, agents_logged_in, offered, .. } =
        desk.world.queues[&QueueId::new(QUEUE)].figures.clone();
    assert_eq!(waiting, Some(1), "read later than the event");
    assert_eq!((agents_logged_in, offered), (Some(11), Some(201)), "told by events alone");
}

#[test]
fn a_queue_is_renamed_removed_and_made_by_events() {
    let mut desk = Desk::open();
    desk.story("QueueAttachedUsers QueueChanged");
    let id = QueueId::new(QUEUE);
    assert_eq!(desk.world.queues[&id].name.as_str(), "Asiakaspalvelu, uusi");
    let agent = &desk.world.agents[&AgentKey::new(AINO)];
    assert_eq!(agent.in_queue(&id).unwrap().name.as_str(), "Asiakaspalvelu, uusi");
    desk.tell(&at("QueueChanged", 900, json!({"Deleted": true})));
    assert!(!desk.world.queues.contains_key(&id));
    let new = |kind: u32| json!({"QueueId": format!("new-{kind}"), "QueueName": "Ilta", "Created": true, "TypeId": kind});
    desk.tell(&at("QueueChanged", 901, new(4)));
    desk.tell(&at("QueueChanged", 902, new(7)));
    assert_eq!(desk.world.queues[&QueueId::new("new-4")].name.as_str(), "Ilta");
    assert!(!desk.world.queues.contains_key(&QueueId::new("new-7")), "a type that is not shown");
}

#[test]
fn counters_of_a_queue_that_is_not_shown_make_no_row() {
    let mut desk = Desk::open();
    let hidden = "7D0C2F44-5A11-4F0E-9D36-0C5E3A9B1F04";
    desk.world.replace(Part::HiddenQueues(vec![QueueId::new(hidden)]), Moment::from_millis(1_000));
    let before = desk.world.queues.clone();
    desk.tell(&with("QueueStatus", &json!({"QueueId": hidden.to_lowercase()})));
    assert_eq!(desk.world.queues, before, "it is read, and of a kind that is not shown");
    desk.tell(&with("QueueChanged", &json!({"QueueId": "technical", "TypeId": 7})));
    desk.tell(&with("QueueStatus", &json!({"QueueId": "technical"})));
    assert_eq!(desk.world.queues, before, "so an event says");
}

#[test]
fn events_that_come_before_the_first_reading_count_once_it_is_there() {
    let mut desk = Desk::unread();
    desk.story("QueueStatus QueueCallInArrived UserStatus");
    assert_eq!(desk.world.queues.len(), 1, "its status says that it is there");
    assert_eq!(call(&desk.world).phase, Some(Phase::Waiting));
    let at = Moment::from_millis(1_000);
    let answer = fixtures::json("enreach/queues");
    let rows = queues(&answer, at);
    desk.world.replace(Part::Queues(rows), at);
    assert_eq!(desk.world.queues[&QueueId::new(QUEUE)].figures.waiting, Some(3));
}

#[test]
fn a_callback_is_made_taken_tried_and_done_and_then_leaves() {
    let mut desk = Desk::open();
    let id = CallbackId::new(CALLBACK);
    let state = |desk: &Desk| desk.world.callbacks.get(&id).map(Callback::state);
    desk.story("QueueCallInCallbackCreated");
    assert_eq!(state(&desk), Some(CallbackState::Open));
    desk.story("CallbackChanged");
    assert_eq!(state(&desk), Some(CallbackState::Taken));
    desk.story("CallbackUserCallOutGoing CallbackUserCallOutConnected");
    assert_eq!(desk.world.callbacks.get(&id).unwrap().caller(), Some(&AgentKey::new(AINO)));
    assert_eq!(aino(&desk), AgentState::Talking);
    desk.story("CallbackUserCallOutDisconnected");
    assert_eq!(state(&desk), Some(CallbackState::Taken), "an attempt that ended closes nothing");
    assert_eq!(desk.world.callbacks.get(&id).unwrap().caller(), None);
    desk.tell(&at("CallbackChanged", 2_000, json!({"CallbackAttempts": null, "IsClosed": true})));
    assert_eq!(state(&desk), Some(CallbackState::Done));
    assert_eq!(
        desk.world.callbacks.get(&id).unwrap().attempts().unwrap().len(),
        1,
        "null is not told"
    );
    desk.world.tick(desk.now.moment.after(Duration::from_secs(600)));
    assert_eq!(state(&desk), None);
    desk.tell(&at("CallbackChanged", 1_000, json!({})));
    assert_eq!(state(&desk), None, "an older record does not bring it back");
    desk.tell(&at("CallbackChanged", 3_000, json!({})));
    assert_eq!(state(&desk), Some(CallbackState::Taken), "opened again, it is back");
}

#[test]
fn a_list_that_is_read_later_than_an_event_counts_and_keeps_its_name() {
    let mut desk = Desk::open();
    let answer = fixtures::json("enreach/callback_lists");
    let read = |at| lists(&answer, at);
    desk.world.replace(Part::CallbackLists(read(Moment::from_millis(5))), Moment::from_millis(5));
    desk.tell(&with("CallbackListStatus", &json!({"TotalOpenRequests": 99})));
    let list = |desk: &Desk| desk.world.lists[&ListId::new(LIST)].clone();
    assert_eq!((list(&desk).open, list(&desk).name.as_deref()), (Some(99), Some("Takaisinsoitto")));
    desk.world.replace(Part::CallbackLists(read(Moment::from_millis(6))), Moment::from_millis(6));
    assert_eq!(list(&desk).open, Some(99), "that was read before the event");
    let now = desk.now.moment;
    desk.world.replace(Part::CallbackLists(read(now)), now);
    assert_eq!(list(&desk).open, Some(14));
}

#[test]
fn an_event_that_is_not_known_changes_nothing_and_is_in_the_log() {
    let mut desk = Desk::open();
    let before = desk.world.clone();
    let mut event = value("UserStatus");
    event["EventType"] = json!("UserAlert");
    let read = decoded(&event, &mut Tally::default()).unwrap();
    assert!(!desk.take(&read));
    assert_eq!(desk.world, before);
    assert_eq!(desk.log, ["an event that is not known: UserAlert"]);
}

#[test]
fn the_log_holds_what_no_table_shows() {
    let mut desk = Desk::open();
    desk.tell(&with(
        "UserCallAllocationResponse",
        &json!({"AllocationType": "nocalls", "CallId": null}),
    ));
    assert!(desk.log[0].ends_with("asked for a call: nocalls"), "{:?}", desk.log);
}

#[test]
fn trap_12_a_name_is_trusted_where_the_text_says_otherwise() {
    let mut desk = Desk::open();
    desk.story("QueueStatus QueueCallInIvrSelection");
    let figures = &desk.world.queues[&QueueId::new(QUEUE)].figures;
    assert_eq!((figures.agents_wrap_up, figures.agents_logged_in), (Some(1), Some(11)));
    let choice = call(&desk.world).path()[0].clone();
    assert_eq!((choice.what, choice.detail.as_deref()), (What::Choice, Some("2, menu")));
}

#[test]
fn trap_18_a_queue_of_the_poll_without_a_status_takes_what_events_tell() {
    let mut desk = Desk::open();
    let bare = "7d0c2f44-5a11-4f0e-9d36-0c5e3a9b1f03";
    desk.tell(&with(
        "QueueStatus",
        &json!({"QueueId": bare.to_uppercase(), "QueueName": "Vaihde"}),
    ));
    let row = &desk.world.queues[&QueueId::new(bare)];
    assert_eq!((row.name.as_str(), row.figures.waiting), ("Vaihde", Some(3)));
}

#[test]
fn trap_19_a_placeholder_is_shown_as_it_came() {
    let mut desk = Desk::open();
    desk.tell(&with(
        "UserAvailability",
        &json!({"Availability": "Sample word", "UserName": "Sample"}),
    ));
    let agent = &desk.world.agents[&AgentKey::new(AINO)];
    assert_eq!((agent.state.word(), agent.reason.as_deref()), ("other", Some("Sample word")));
    let zeros = "00000000-0000-0000-0000-000000000000";
    let before = desk.world.clone();
    desk.tell(&with(
        "QueueCallInArrived",
        &json!({"CallId": zeros, "QueueId": zeros, "UserId": zeros}),
    ));
    assert_eq!(desk.world, before, "zeros are nobody");
}

#[test]
fn ids_that_are_read_in_capitals_and_told_in_small_letters_are_the_same() {
    let capitals = |name: &str| {
        let text = fixtures::json(name).to_string().replace("7d0c2f44", "7D0C2F44");
        serde_json::from_str(&text.replace("aa10c0de", "AA10C0DE")).unwrap()
    };
    let at = Moment::from_millis(1_000);
    let rows = queues(&capitals("enreach/queues"), at);
    let lists = lists(&capitals("enreach/callback_lists"), at);
    let story = "QueueAttachedUsers QueueStatus QueueCallInArrived";
    for read_first in [true, false] {
        let mut desk = Desk::unread();
        let read = |desk: &mut Desk| {
            desk.world.replace(Part::Queues(rows.clone()), at);
            desk.world.replace(Part::CallbackLists(lists.clone()), at);
        };
        if read_first {
            read(&mut desk);
        }
        desk.story(story);
        desk.tell(&with("CallbackListStatus", &json!({"TotalOpenRequests": 77})));
        if !read_first {
            read(&mut desk);
        }
        let id = QueueId::new(QUEUE.replace("7d0c2f44", "7D0C2F44"));
        let row = &desk.world.queues[&id];
        assert_eq!((row.figures.waiting, desk.world.queues.len()), (Some(3), 3), "{read_first}");
        let agent = &desk.world.agents[&AgentKey::new(AINO)];
        assert_eq!(agent.memberships.len(), 1);
        assert_eq!(agent.in_queue(&id).unwrap().name.as_str(), "Asiakaspalvelu");
        let own = call(&desk.world).queue.clone().unwrap();
        assert_eq!(desk.world.queue(&own).unwrap().id, id);
        assert!(desk.world.news_of(&id).unwrap().status.is_some());
        let list = desk.world.list(&ListId::new(LIST)).unwrap();
        assert_eq!((list.open, desk.world.lists.len()), (Some(77), 1), "{read_first}");
    }
}
