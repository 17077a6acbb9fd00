//! What people say of themselves, as Telepo sends it and is asked for it.

use chrono::TimeDelta;
use floorwalker::floor::profile::{May, Wish};
use floorwalker::source::telepo::profile::{body, profile, terms};
use serde_json::json;

use super::{counted, known};
use crate::support::desk::wall;
use crate::support::fixtures;

#[test]
fn a_presence_tells_activity_role_note_and_until_when() {
    let told = known(|tally| profile(&fixtures::json("telepo/presence"), tally).unwrap()).unwrap();
    assert_eq!((told.activity.as_deref(), told.role.as_deref()), (Some("lunch"), Some("business")));
    assert_eq!(told.note.as_deref(), Some("Tandläkare, åter 14.30"));
    assert_eq!(told.until, Some(wall() + TimeDelta::minutes(30)));
    assert_eq!(told.available, Some(false));
    assert_eq!(told.may, May { activity: true, role: false, note: true });
}

#[test]
fn never_is_no_end_in_any_spelling_and_what_is_left_out_is_not_told() {
    for word in ["NEVER", "never", "Never"] {
        let sent = json!({"activity": {"id": "a", "expiration": word}});
        let told = known(|tally| profile(&sent, tally).unwrap()).unwrap();
        assert_eq!((told.activity.as_deref(), told.until), (Some("a"), None), "{word}");
        assert_eq!((told.available, told.may.any()), (None, false));
    }
    let told = known(|tally| profile(&json!({}), tally).unwrap()).unwrap();
    assert_eq!(told, floorwalker::floor::profile::Profile::default());
    assert_eq!(counted(|tally| profile(&json!("lunch"), tally).unwrap()).0, None);
}

#[test]
fn what_is_not_known_is_counted() {
    let sent = json!({"mood": 1, "activity": {"id": "a", "colour": "red"}, "noteAccess": "SOME"});
    let (told, odd) = counted(|tally| profile(&sent, tally).unwrap());
    assert!(!told.unwrap().may.any(), "an access that is not WRITE is none");
    assert_eq!(odd, ["Presence.activity.colour", "Presence.mood"]);
}

#[test]
fn a_dictionary_is_ids_with_names_and_without_an_id_it_is_no_word() {
    let sent = json!({"activity": [
        {"id": "lunch", "name": "Lunch", "available": false, "default": false, "stateName": "Lunch"},
        {"id": 1_400_593_658_949_u64, "stateName": "Support"},
        {"id": "bare"},
        {"name": "nobody"},
    ]});
    let all = known(|tally| terms(&sent, "activity", tally).unwrap());
    let told: Vec<(&str, &str)> = all.iter().map(|term| (&*term.id, &*term.name)).collect();
    assert_eq!(told, [("lunch", "Lunch"), ("1400593658949", "Support"), ("bare", "bare")]);
    let available: Vec<Option<bool>> = all.iter().map(|term| term.available).collect();
    assert_eq!(available, [Some(false), None, None]);
}

#[test]
fn a_wish_asks_for_one_thing_and_leaves_the_rest() {
    let (id, name) = ("lunch".to_owned(), "Lunch".into());
    let until = Some(wall());
    let wish = Wish::Activity { id: id.clone(), name, until };
    let ends = "2026-03-12T14:00:00Z";
    assert_eq!(body(&wish), json!({"activity": {"id": "lunch", "expiration": ends}}));
    let wish = Wish::Activity { id, name: "Lunch".into(), until: None };
    assert_eq!(body(&wish), json!({"activity": {"id": "lunch", "expiration": "NEVER"}}));
    let wish = Wish::Role { id: "business".to_owned(), name: "Business".into() };
    assert_eq!(body(&wish), json!({"role": "business"}));
    assert_eq!(body(&Wish::Note("back at two".into())), json!({"note": "back at two"}));
}
