//! One presence of a person, of what was read and what the presence stream told; whether somebody takes a call it does
//! not decide.

use floorwalker::event::SourceEvent;
use floorwalker::floor::agent::AgentState;
use floorwalker::floor::id::AgentKey;
use floorwalker::floor::presence::Fact;
use floorwalker::floor::profile::{May, Profile, Profiles, Term};
use floorwalker::floor::time::{Latest, Told};
use floorwalker::floor::{Delta, Part};
use floorwalker::source::telepo::pidf;
use floorwalker::table::{Context, TableId};
use floorwalker::text::Shown;

use crate::support::desk::{Desk, person};
use crate::support::screen::TestScreen;

const ANNA: &str = "anna@hq.example.com";

/// A document of the presence stream: `open` or `closed`, activities of RFC 4480, a note.
fn document(basic: &str, activities: &str, note: &str) -> String {
    format!(
        r#"<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
             xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="pres:{ANNA}">
           <tuple id="t1"><status><basic>{basic}</basic></status></tuple>
           <dm:person id="p1"><rpid:activities{activities}</rpid:activities>{note}</dm:person></presence>"#
    )
}

/// The stream tells that document a second later.
fn stream(desk: &mut Desk, document: &str) {
    desk.wait(1);
    let now = desk.state.now;
    let presence = pidf::read(document, now.wall).unwrap();
    let fact = Fact::Availability(Box::new(presence.availability()));
    let delta =
        Delta::Agent { agent: AgentKey::new(ANNA), told: Told::now(&now, 1), name: None, fact };
    desk.tell("hq", SourceEvent::Delta(delta));
}

/// A reading says that, a second later.
fn read(desk: &mut Desk, activity: &str, note: Option<&str>) {
    desk.wait(1);
    let profile = Profile {
        activity: Some(activity.to_owned()),
        note: note.map(Shown::clean),
        available: Some(true),
        may: May::default(),
        ..Profile::default()
    };
    let told = Told::now(&desk.state.now, 0);
    let term = |id: &str, name: &str| Term {
        id: id.to_owned(),
        name: Shown::clean(name),
        available: None,
    };
    let profiles = Profiles {
        activities: vec![term("LUNCH_BREAK", "Lunch"), term("WORK", "At work")],
        people: std::iter::once((AgentKey::new(ANNA), Latest { told, value: profile })).collect(),
        ..Profiles::default()
    };
    desk.tell("hq", SourceEvent::Snapshot(Part::Profiles(Box::new(profiles))));
}

/// Activity, note and until, as reports have them.
fn shown(desk: &Desk) -> [serde_json::Value; 3] {
    let context = Context { live: false, ..desk.state.context() };
    let all = TableId::Agents.json(&context);
    let row = all.iter().find(|row| row["id"] == ANNA).unwrap();
    ["activity", "note", "until"].map(|key| row[key].clone())
}

fn state(desk: &Desk) -> AgentState {
    desk.state.floor.agent(&"hq".into(), &AgentKey::new(ANNA)).unwrap().state.clone()
}

#[test]
fn the_activity_of_the_stream_is_shown_in_the_words_of_the_site_or_of_the_standard() {
    let mut desk = Desk::open();
    for (activities, words) in [
        ("><rpid:on-the-phone/>", "on the phone"),
        ("><rpid:busy/>", "busy"),
        ("><rpid:away/>", "away"),
        ("><rpid:vacation/>", "vacation"),
        ("><rpid:meeting/><rpid:busy/>", "meeting, busy"),
        ("><rpid:other>Back office</rpid:other>", "Back office"),
        ("><shopping xmlns=\"urn:example\"/>", "shopping"),
    ] {
        stream(&mut desk, &document("open", activities, ""));
        assert_eq!(shown(&desk)[0], words);
    }
    read(&mut desk, "WORK", None);
    assert_eq!(shown(&desk)[0], "At work", "a newer reading");
    stream(&mut desk, &document("open", "><rpid:lunch/>", ""));
    assert_eq!(shown(&desk)[0], "Lunch", "the stream again, in the site's own word");
    stream(&mut desk, &document("open", "><rpid:unknown/>", ""));
    assert_eq!(shown(&desk)[0], "At work", "the stream says nothing of it");
}

#[test]
fn a_meeting_says_until_when_and_is_over_then() {
    let mut desk = Desk::open();
    let until = desk.state.now.wall + chrono::TimeDelta::minutes(10);
    let activities = format!(" until=\"{}\"><rpid:meeting/>", until.to_rfc3339());
    stream(&mut desk, &document("closed", &activities, ""));
    assert_eq!(shown(&desk)[0], "meeting");
    assert_eq!(shown(&desk)[2], until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    desk.wait(601);
    assert_ne!(shown(&desk)[0], "meeting");
    assert_eq!(shown(&desk)[2], serde_json::Value::Null);
}

#[test]
fn there_is_one_note_and_it_is_the_newest() {
    let mut desk = Desk::open();
    read(&mut desk, "WORK", Some("read first"));
    stream(&mut desk, &document("open", "><rpid:busy/>", "<dm:note>streamed</dm:note>"));
    assert_eq!(shown(&desk)[1], "streamed");
    desk.press("2");
    desk.select(&person("anna"));
    let text = TestScreen::new(desk.state.clone(), 160, 40).text();
    assert!(text.contains("streamed") && !text.contains("read first"), "{text}");
    read(&mut desk, "WORK", Some("read later"));
    assert_eq!(shown(&desk)[1], "read later");
    read(&mut desk, "WORK", None);
    assert_eq!(shown(&desk)[1], serde_json::Value::Null, "a reading is whole");
}

#[test]
fn what_the_person_says_elsewhere_makes_nobody_available_or_not_ready() {
    let mut desk = Desk::open();
    let before = state(&desk);
    for (basic, activities) in
        [("open", "><rpid:lunch/>"), ("closed", "><rpid:away/>"), ("open", ">"), ("closed", ">")]
    {
        stream(&mut desk, &document(basic, activities, ""));
        assert_eq!(state(&desk), before, "{basic} {activities}");
    }
}

#[test]
fn the_pane_never_says_reachable_beside_not_ready() {
    for basic in ["open", "closed"] {
        let mut desk = Desk::open();
        read(&mut desk, "LUNCH_BREAK", None);
        stream(&mut desk, &document(basic, "><rpid:lunch/>", ""));
        desk.press("2");
        for key in ["anna", "bo", "cecilia"] {
            desk.select(&person(key));
            let text = TestScreen::new(desk.state.clone(), 160, 40).text();
            let reachable = text.lines().find(|line| line.contains("Reachable"));
            let yes = reachable.is_some_and(|line| line.contains("yes"));
            let floor = &desk.state.floor;
            let key = AgentKey::new(format!("{key}@hq.example.com"));
            let state = floor.agent(&"hq".into(), &key).map(|agent| agent.state.clone());
            assert!(!(yes && state == Some(AgentState::NotReady)), "{text}");
        }
    }
}
