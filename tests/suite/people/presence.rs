//! Presence, from the real wire to the board and back.

use floorwalker::floor::World;
use floorwalker::floor::id::{AgentKey, FeedName};
use floorwalker::floor::link::Health;
use floorwalker::floor::profile::Profile;
use floorwalker::operations::Outcome;
use floorwalker::table::RowId;

use crate::support::desk::only;
use crate::support::town::Town;

/// Somebody other than the source's own user who may be changed.
fn somebody(world: &World) -> Option<(AgentKey, Profile)> {
    let free = |(key, latest): (&AgentKey, &floorwalker::floor::time::Latest<Profile>)| {
        let free = latest.value.may.activity && !key.raw().starts_with("supervisor@");
        (free && world.agents.contains_key(key)).then(|| (key.clone(), latest.value.clone()))
    };
    world.profiles.people.iter().find_map(free)
}

#[tokio::test]
async fn a_few_people_at_a_time_are_read_and_the_sites_words_name_what_they_do() {
    let mut town = Town::open().await;
    town.until("presence", |_, world| {
        world.profiles.own.is_some() && world.profiles.people.len() >= 3
    })
    .await;
    let profiles = &town.world().profiles;
    assert!(profiles.activities.len() >= 4 && profiles.roles.len() >= 3);
    let own = profiles.own.as_ref().unwrap();
    assert_eq!(profiles.activity(own.value.activity.as_deref().unwrap()).as_str(), "Off work");
}

#[tokio::test]
async fn a_server_that_has_no_presence_of_the_own_user_says_so_and_is_not_down() {
    let mut town = Town::with(|config| config.replace("\"supervisor\"", "\"nobody\"")).await;
    let remark = "the server has no presence of nobody@example.com";
    town.until("the remark", |_, world| {
        let feed = world.feed(&FeedName::new("presence"));
        feed.is_some_and(|feed| {
            feed.health == Health::Up
                && feed.remark.as_ref().is_some_and(|own| own.as_str() == remark)
        })
    })
    .await;
}

#[tokio::test]
async fn an_agent_is_sent_to_lunch_and_the_board_sees_it() {
    let mut town = Town::open().await;
    town.until("somebody", |_, world| somebody(world).is_some()).await;
    let (key, _) = somebody(town.world()).unwrap();
    let row = RowId::Agent("hq".into(), key.clone());
    town.press("2 g");
    let place = town.state.order().iter().position(|own| *own == row).unwrap();
    for _ in 0..place {
        town.press("down");
    }
    assert_eq!(town.state.selected(), Some(&row));
    // Away from whatever is marked: the second of the words is lunch.
    town.press("P home down enter down enter");
    let command = only(&town.press("y"));
    assert_eq!(town.carry_out(command).await, Outcome::Done);
    town.until("lunch", |board, world| {
        let said = world.profiles.of(Some(&key)).and_then(|own| own.activity.as_deref());
        said == Some("lunch")
            && board.pending.last().is_some_and(|pending| pending.word() == "done")
    })
    .await;
    let until = town.world().profiles.of(Some(&key)).unwrap().until;
    assert!(until.is_some(), "for a quarter of an hour");
}

#[tokio::test]
async fn ones_own_note_is_set_by_self_service() {
    let mut town = Town::open().await;
    town.until("oneself", |_, world| world.profiles.own.is_some() && !world.queues.is_empty())
        .await;
    town.press("1 g P end enter o u t enter");
    let command = only(&town.press("y"));
    assert_eq!(town.carry_out(command).await, Outcome::Done);
    town.until("the note", |_, world| {
        world.profiles.of(None).and_then(|own| own.note.as_deref()) == Some("out")
    })
    .await;
}
