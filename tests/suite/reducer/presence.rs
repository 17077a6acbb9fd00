//! Setting what a person says: a list of the site's words, how long, a question, one request.

use chrono::TimeDelta;
use floorwalker::event::{Event, SourceEvent};
use floorwalker::floor::Delta;
use floorwalker::floor::id::{AgentId, AgentKey};
use floorwalker::floor::profile::{May, Profile, Wish};
use floorwalker::floor::time::Told;
use floorwalker::operations::{Outcome, Request};
use floorwalker::text::Shown;

use crate::support::desk::{Desk, only, person, profiles, queue_row, wall};

fn at(user: &str, keys: &str) -> Desk {
    let mut desk = Desk::open();
    desk.press("2");
    desk.select(&person(user));
    desk.press(keys);
    desk
}

fn items(desk: &Desk) -> Vec<&str> {
    desk.picker().items.iter().map(Shown::as_str).collect()
}

fn consequences(desk: &Desk) -> Vec<&str> {
    desk.question().consequences.iter().map(Shown::as_str).collect()
}

fn says(desk: &mut Desk, user: &str, profile: Profile) {
    let now = desk.state.now;
    let told = Told::now(&now, 1);
    let agent = Some(AgentKey::new(format!("{user}@hq.example.com")));
    let profile = Box::new(profile);
    desk.tell("hq", SourceEvent::Delta(Delta::Profile { agent, told, profile }));
}

fn lunch() -> Profile {
    Profile { activity: Some("lunch".to_owned()), ..Profile::default() }
}

#[test]
fn the_sites_own_words_are_offered_and_the_present_one_is_marked() {
    let desk = at("anna", "P");
    assert_eq!(desk.picker().title.as_str(), "Set Anna Lind's presence");
    assert_eq!(items(&desk), ["Tillgänglig", "Lunch", "role: Kontor", "note…"]);
    assert_eq!(desk.picker().marked, 0);
}

#[test]
fn an_activity_is_set_for_a_while_or_until_it_is_changed() {
    let mut desk = at("anna", "P down enter");
    assert_eq!(desk.picker().title.as_str(), "Lunch: how long?");
    assert_eq!(items(&desk)[..2], ["until it is changed", "for 15 minutes"]);
    desk.press("down down enter");
    assert_eq!(desk.question().title.as_str(), "Set Anna Lind to Lunch?");
    assert_eq!(
        consequences(&desk),
        [
            "Anna Lind gets no calls.",
            "Now: Tillgänglig.",
            "Until 14:30.",
            "Everybody sees it, and the person is not asked."
        ]
    );
    let command = only(&desk.press("y"));
    let wish = Wish::Activity {
        id: "lunch".to_owned(),
        name: "Lunch".into(),
        until: Some(wall() + TimeDelta::minutes(30)),
    };
    let agent = Some(AgentId::new("anna@hq.example.com"));
    assert_eq!(command.request, Request::SetPresence { agent, wish });
    assert_eq!(command.sentence().as_str(), "set Anna Lind to Lunch");
}

#[test]
fn what_the_site_says_of_calls_in_an_activity_is_the_consequence() {
    for (keys, line) in [
        ("P enter enter", "Anna Lind gets calls."),
        ("P down enter enter", "Anna Lind gets no calls."),
    ] {
        assert_eq!(consequences(&at("anna", keys))[0], line);
    }
    let mut desk = Desk::open();
    let mut told = profiles();
    told.activities.iter_mut().for_each(|term| term.available = None);
    desk.tell("hq", SourceEvent::Snapshot(floorwalker::floor::Part::Profiles(Box::new(told))));
    desk.press("2");
    desk.select(&person("anna"));
    desk.press("P down enter enter");
    assert_eq!(consequences(&desk)[0], "Now: Tillgänglig.", "nothing is guessed");
}

#[test]
fn a_note_is_typed_and_nothing_that_is_pasted_answers() {
    let mut desk = at("anna", "P end enter");
    desk.event(Event::Paste("y\ny\n".to_owned()));
    desk.press("ctrl+u");
    desk.write("back at two");
    desk.press("enter");
    assert_eq!(desk.question().title.as_str(), "Set the note of Anna Lind?");
    let command = only(&desk.press("y"));
    let Request::SetPresence { wish, .. } = command.request else { panic!() };
    assert_eq!(wish, Wish::Note("back at two".into()));
}

#[test]
fn on_the_queues_table_it_is_ones_own() {
    let mut desk = Desk::open();
    desk.select(&queue_row("21"));
    desk.press("P");
    assert_eq!(desk.picker().title.as_str(), "Set your own presence");
    desk.press("down enter enter");
    assert_eq!(desk.question().title.as_str(), "Set yourself to Lunch?");
    assert_eq!(consequences(&desk)[0], "You get no calls.");
    assert!(!consequences(&desk).iter().any(|line| line.contains("Everybody")));
    let Request::SetPresence { agent, .. } = only(&desk.press("y")).request else { panic!() };
    assert_eq!(agent, None);
}

#[test]
fn only_what_may_be_changed_is_offered() {
    let mut desk = Desk::open();
    let may = May { note: true, ..May::default() };
    says(&mut desk, "anna", Profile { may, ..lunch() });
    desk.press("2");
    desk.select(&person("anna"));
    desk.press("P");
    assert_eq!(items(&desk), ["note…"]);
}

#[test]
fn what_cannot_be_set_is_said() {
    let mut desk = Desk::open();
    says(&mut desk, "bo", lunch());
    for (user, said) in [
        ("bo", "the server does not let you change Bo Ek's presence"),
        ("cecilia", "the presence has not been read: it may not be open to you"),
    ] {
        desk.press("2");
        desk.select(&person(user));
        desk.press("P");
        assert!(desk.state.screen.dialog.is_none(), "{user}");
        assert_eq!(desk.notice(), said);
    }
    desk.select(&person("didrik"));
    desk.press("P");
    assert!(desk.notice().contains("agent_ids of source hq"), "{}", desk.notice());
    desk.select(&person("anna"));
    desk.press("space P");
    assert_eq!(desk.notice(), "one person at a time: esc drops the marks");
}

#[test]
fn who_said_something_else_meanwhile_is_not_overwritten() {
    let mut desk = at("anna", "P down enter enter");
    let note = Some("hands off".into());
    let anna = profiles().people.into_iter().next().unwrap().1.value;
    says(&mut desk, "anna", Profile { note, ..anna });
    assert!(desk.press("y").is_empty());
    assert!(desk.notice().ends_with("changed meanwhile, nothing was sent"), "{}", desk.notice());
}

#[test]
fn it_is_pending_until_the_person_says_it() {
    let mut desk = at("anna", "P down enter enter");
    let command = only(&desk.press("y"));
    desk.finish(&command, Outcome::Done);
    assert_eq!(desk.word(), "pending");
    says(&mut desk, "bo", lunch());
    assert_eq!(desk.word(), "pending", "somebody else");
    says(&mut desk, "anna", lunch());
    assert_eq!(desk.word(), "done");
}

#[test]
fn until_when_counts_down_and_old_words_give_way_to_new_ones() {
    let mut desk = at("anna", "esc");
    let until = Some(wall() + TimeDelta::minutes(20));
    says(&mut desk, "anna", Profile { until, ..lunch() });
    let left = |desk: &Desk| {
        let mut screen = crate::support::screen::TestScreen::new(desk.state.clone(), 170, 40);
        screen.press("down up");
        screen.text()
    };
    desk.select(&person("anna"));
    assert!(left(&desk).contains("14:20, in 20m"), "{}", left(&desk));
    desk.wait(600);
    assert!(left(&desk).contains("14:20, in 10m"), "{}", left(&desk));
}
