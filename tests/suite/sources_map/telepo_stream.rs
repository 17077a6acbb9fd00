//! Polls go on beside the stream: what is newer wins, whichever of the two it came by.

use std::collections::BTreeMap;

use floorwalker::floor::id::QueueId;
use floorwalker::floor::queue::Queue;
use floorwalker::floor::{Delta, Part};
use floorwalker::source::telepo::map::Tables;
use floorwalker::source::telepo::wire::{self, Statistic};
use floorwalker::source::telepo::xml::{self, Names};
use serde_json::json;

use super::known;
use crate::support::desk::later;
use crate::support::fixtures;

fn polled() -> Vec<Statistic> {
    let answer = fixtures::json("telepo/queue_statistics");
    known(|tally| wire::queue_statistics(&answer, tally).unwrap())
}

fn tables() -> Tables {
    let mut tables = Tables::new("hq.example.com", BTreeMap::new());
    tables.asked();
    tables.answered(polled(), later(1));
    tables
}

fn update(document: &str) -> Statistic {
    let names = Names::new(&BTreeMap::new());
    let mut found = known(|tally| xml::read(document, &names, tally).unwrap());
    assert_eq!(found.len(), 1);
    found.remove(0)
}

fn vaxel(part: Part) -> Queue {
    let Part::Queues(rows) = part else { panic!() };
    rows.into_iter().find(|row| row.id.raw() == "4711").unwrap()
}

#[test]
fn a_document_changes_what_it_tells_of_the_queue_it_names() {
    let delta = tables().streamed(update(fixtures::UPDATE), later(2)).unwrap();
    let Delta::Figures { queue, at, figures } = delta else { panic!("{delta:?}") };
    assert_eq!((queue, at), (QueueId::new("4711"), later(2)));
    assert_eq!((figures.waiting, figures.agents_free), (Some(5), Some(0)));
    assert_eq!((figures.longest_wait_s, figures.last_24h.answered), (Some(140), Some(753)));
    assert_eq!(figures.agents_logged_in, None, "not told, so not changed");
    let presence = figures.presence.unwrap();
    assert_eq!(presence, [("Ledig".into(), 0), ("Lunch".into(), 4)]);
}

#[test]
fn what_the_stream_told_since_the_poll_was_asked_survives_its_answer() {
    let mut tables = tables();
    tables.asked();
    tables.streamed(update(fixtures::UPDATE), later(2));
    let row = vaxel(tables.answered(polled(), later(3)));
    assert_eq!(row.figures.waiting, Some(5), "newer than the answer's 4");
    assert_eq!(row.figures.agents_logged_in, Some(9), "the stream did not tell this one");
}

#[test]
fn what_the_stream_told_before_the_poll_was_asked_gives_way() {
    let mut tables = tables();
    tables.streamed(update(fixtures::UPDATE), later(2));
    tables.asked();
    let row = vaxel(tables.answered(polled(), later(3)));
    assert_eq!((row.figures.waiting, row.updated), (Some(4), later(3)));
}

#[test]
fn a_later_poll_wins_over_a_stream_value_that_survived_one() {
    let mut tables = tables();
    tables.asked();
    tables.streamed(update(fixtures::UPDATE), later(2));
    tables.answered(polled(), later(3));
    tables.asked();
    assert_eq!(vaxel(tables.answered(polled(), later(8))).figures.waiting, Some(4));
}

#[test]
fn nothing_is_streamed_before_the_first_poll() {
    let mut tables = Tables::new("hq.example.com", BTreeMap::new());
    assert_eq!(tables.streamed(update(fixtures::UPDATE), later(1)), None);
}

#[test]
fn a_queue_that_no_poll_told_of_is_added_and_the_next_poll_decides() {
    let mut tables = tables();
    let document = r#"<queue id="77" name="Ny" queueLength="1"/>"#;
    let delta = tables.streamed(update(document), later(2)).unwrap();
    let Delta::Queue(row) = delta else { panic!("{delta:?}") };
    assert_eq!((row.id.raw(), &*row.name, row.figures.waiting), ("77", "Ny", Some(1)));
    tables.asked();
    let Part::Queues(rows) = tables.answered(polled(), later(6)) else { panic!() };
    assert!(!rows.iter().any(|row| row.id.raw() == "77"), "a poll that lacks it drops it");
}

#[test]
fn a_queue_without_an_id_is_found_by_its_name_where_that_is_the_only_one() {
    let mut tables = tables();
    let document = r#"<queue name="Support" queueLength="6"/>"#;
    let delta = tables.streamed(update(document), later(2));
    assert!(matches!(&delta, Some(Delta::Figures { queue, .. }) if queue.raw() == "4712"));
    let twins = json!([{"id": 1, "name": "Support"}, {"id": 2, "name": "Support"}]);
    tables.answered(known(|tally| wire::queue_statistics(&twins, tally).unwrap()), later(3));
    assert_eq!(tables.streamed(update(document), later(4)), None, "never guess");
    assert_eq!(tables.streamed(update("<queue queueLength='6'/>"), later(4)), None);
}

#[test]
fn a_queue_of_another_domain_goes_to_its_own_row() {
    let document = r#"<queue id="21" domain="other.example" queueLength="6"/>"#;
    let delta = tables().streamed(update(document), later(2));
    let Some(Delta::Figures { queue, .. }) = delta else { panic!("{delta:?}") };
    assert_eq!(queue.raw(), "21@other.example");
}

#[test]
fn a_statistic_that_was_joined_by_name_goes_to_the_groups_row() {
    let mut tables = tables();
    let answer = json!([{"id": 900, "name": "Växel", "domain": "hq.example.com"}]);
    tables.answered(known(|tally| wire::queue_statistics(&answer, tally).unwrap()), later(1));
    tables.grouped(
        known(|tally| wire::groups(&fixtures::json("telepo/groups"), tally).unwrap()),
        later(2),
    );
    let delta = tables.streamed(update(r#"<queue id="900" queueLength="6"/>"#), later(3));
    let Some(Delta::Figures { queue, .. }) = delta else { panic!("{delta:?}") };
    assert_eq!(queue.raw(), "4711");
}
