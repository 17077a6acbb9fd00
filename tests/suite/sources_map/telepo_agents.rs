//! Who is who in Telepo's groups: by the server's id, else by `agent_ids`, else by name.

use floorwalker::floor::Part;
use floorwalker::floor::agent::{Agent, AgentState};
use floorwalker::source::telepo::map::Tables;
use floorwalker::source::telepo::wire;
use serde_json::{Value, json};

use super::known;
use crate::support::desk::later;
use crate::support::fixtures;

fn people_with(groups: &Value, agent_ids: &[(&str, &str)]) -> Vec<Agent> {
    let own = agent_ids.iter().map(|(name, id)| ((*name).to_owned(), (*id).to_owned())).collect();
    let mut tables = Tables::new("hq.example.com", own);
    let groups = known(|tally| wire::groups(groups, tally).unwrap());
    let (_, Part::Agents(rows)) = tables.grouped(groups, later(1)) else { panic!() };
    rows
}

fn people(agent_ids: &[(&str, &str)]) -> Vec<Agent> {
    people_with(&fixtures::json("telepo/groups"), agent_ids)
}

fn named<'a>(rows: &'a [Agent], name: &str) -> Vec<&'a Agent> {
    rows.iter().filter(|row| row.name.as_str() == name).collect()
}

fn only<'a>(rows: &'a [Agent], name: &str) -> &'a Agent {
    let found = named(rows, name);
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found[0]
}

fn member(fields: &Value) -> Agent {
    let mut agent = json!({"firstName": "Anna", "lastName": "Lind"});
    agent.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    people_with(&json!([{"id": 1, "name": "Växel", "agents": [agent]}]), &[]).remove(0)
}

#[test]
fn the_servers_id_is_the_persons() {
    let rows = people(&[]);
    let anna = only(&rows, "Anna Lind");
    assert_eq!(anna.id.as_ref().unwrap().raw(), "anna@hq.example.com");
    assert_eq!(anna.key.raw(), "anna@hq.example.com");
    assert_eq!(anna.memberships[0].skill, Some(3));
}

#[test]
fn without_an_id_one_name_is_one_person_in_all_groups() {
    let rows = people(&[]);
    let bo = only(&rows, "Bo Ek");
    assert_eq!((&bo.id, bo.key.raw()), (&None, "Bo Ek"));
    let queues: Vec<_> = bo.memberships.iter().map(|own| own.queue.raw()).collect();
    assert_eq!(queues, ["4711", "4712"]);
    assert_eq!((bo.state.clone(), bo.reason.as_deref()), (AgentState::NotReady, Some("Lunch")));
}

#[test]
fn agent_ids_of_the_config_give_the_id() {
    let rows = people(&[("Bo Ek", "bo@hq.example.com")]);
    let bo = only(&rows, "Bo Ek");
    assert_eq!(bo.id.as_ref().unwrap().raw(), "bo@hq.example.com");
    assert_eq!(bo.memberships.len(), 2);
}

#[test]
fn the_servers_id_goes_before_the_configs() {
    let rows = people(&[("Anna Lind", "other@hq.example.com")]);
    assert_eq!(only(&rows, "Anna Lind").id.as_ref().unwrap().raw(), "anna@hq.example.com");
}

#[test]
fn a_name_that_a_group_lists_twice_is_a_row_for_each_and_has_no_id() {
    for agent_ids in [&[][..], &[("Eva Dahl", "eva@hq.example.com")]] {
        let rows = people(agent_ids);
        let twins = named(&rows, "Eva Dahl");
        assert_eq!(twins.len(), 2);
        assert!(twins.iter().all(|row| row.id.is_none()), "which of the two would it be?");
        assert_ne!(twins[0].key, twins[1].key);
        let states: Vec<_> = twins.iter().map(|row| row.state.clone()).collect();
        assert_eq!(states, [AgentState::NotReady, AgentState::Available]);
    }
}

#[test]
fn twins_with_ids_are_two_people_with_ids() {
    let twin = |id: &str| json!({"id": id, "firstName": "Eva", "lastName": "Dahl"});
    let groups = json!([{"id": 1, "agents": [twin("eva1@hq"), twin("eva2@hq")]}]);
    let rows = people_with(&groups, &[]);
    let ids: Vec<_> = rows.iter().map(|row| row.id.as_ref().unwrap().raw()).collect();
    assert_eq!(ids, ["eva1@hq", "eva2@hq"]);
}

#[test]
fn the_oldest_edition_names_people_by_user_id_and_tells_no_state() {
    let rows = people_with(&fixtures::json("telepo/groups_legacy"), &[]);
    let anna = only(&rows, "Anna Lind");
    assert_eq!(anna.id.as_ref().unwrap().raw(), "anna@hq.example.com");
    assert_eq!((anna.memberships[0].logged_in, anna.state.clone()), (None, AgentState::Other));
}

#[test]
fn states_are_told_from_login_and_availability() {
    let states = [
        (json!({"isLoggedIn": false, "isAvailable": true}), AgentState::LoggedOut, None),
        (json!({"isLoggedIn": false, "activity": "Hemma"}), AgentState::LoggedOut, None),
        (json!({"isLoggedIn": true, "isAvailable": true}), AgentState::Available, None),
        (
            json!({"isLoggedIn": true, "isAvailable": false, "activity": "Lunch"}),
            AgentState::NotReady,
            Some("Lunch"),
        ),
        (json!({"isLoggedIn": true, "isAvailable": false}), AgentState::NotReady, None),
        (json!({"isLoggedIn": true, "activity": "Möte"}), AgentState::Other, Some("Möte")),
        (json!({"activity": "Möte"}), AgentState::Other, Some("Möte")),
        (json!({"loggedIn": "true", "available": 1}), AgentState::Available, None),
    ];
    for (sent, state, reason) in states {
        let agent = member(&sent);
        assert_eq!((agent.state, agent.reason.as_deref()), (state, reason), "{sent}");
    }
}

#[test]
fn over_several_queues_the_busiest_state_is_the_persons() {
    let order = [
        AgentState::Talking,
        AgentState::Holding,
        AgentState::Reserved,
        AgentState::WrapUp,
        AgentState::Available,
        AgentState::NotReady,
        AgentState::Other,
        AgentState::LoggedOut,
    ];
    let with = |state: &AgentState| floorwalker::floor::agent::Membership {
        state: state.clone(),
        reason: Some(state.word().into()),
        ..crate::support::desk::member("1", "Växel", None)
    };
    for (place, first) in order.iter().enumerate() {
        for second in &order[place..] {
            for pair in [[first, second], [second, first]] {
                let (state, reason) = Agent::overall(&pair.map(with));
                assert_eq!((&state, reason.as_deref()), (first, Some(first.word())), "{pair:?}");
            }
        }
    }
}

#[test]
fn a_person_without_a_name_is_called_by_the_id_else_by_a_sign() {
    let groups = json!([{"id": 1, "agents": [{"id": "x@hq"}, {"skillLevel": 1}]}]);
    let names: Vec<_> =
        people_with(&groups, &[]).into_iter().map(|row| row.name.to_string()).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"x@hq".to_owned()) && names.contains(&"–".to_owned()), "{names:?}");
}

#[test]
fn a_list_of_agents_that_was_left_out_is_nobody() {
    assert!(people_with(&json!([{"id": 1, "name": "Växel"}]), &[]).is_empty());
    assert!(people_with(&json!([{"id": 1, "agents": null}]), &[]).is_empty());
}
