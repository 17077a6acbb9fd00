//! A floor on which a vendor filled every text field with something hostile.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use floorwalker::event::SourceEvent;
use floorwalker::floor::id::AgentKey;
use floorwalker::floor::link::{Feed, FeedKind, Health};
use floorwalker::floor::queue::{Figures, Queue};
use floorwalker::floor::scheduler::{Entry, EntryState};
use floorwalker::floor::time::Told;
use floorwalker::floor::{Delta, Part};
use floorwalker::operations::Access;
use floorwalker::source::enreach::events::NAMES;
use floorwalker::source::enreach::events::map::Mapper;
use floorwalker::source::enreach::wire as enreach;
use floorwalker::source::nimbus::events::map::Mapper as Words;
use floorwalker::source::nimbus::wire as nimbus;
use floorwalker::source::settings::EnreachSettings;
use floorwalker::source::telepo::calllog::{self, Log, Places};
use floorwalker::source::telepo::map::Tables;
use floorwalker::source::telepo::{profile, wire as telepo, xml};
use floorwalker::text::Shown;
use floorwalker::transport::http::Url;
use floorwalker::transport::lenient::{Body, Tally};
use floorwalker::transport::secret::SecretSource;
use serde_json::Value;

use crate::support::desk::{self, Desk, START, up};
use crate::support::fixtures;
use crate::support::nimbus::settings as nimbus_settings;

/// Fields without which there would be no row to look at.
const KEPT: [&str; 7] =
    ["dueDateTimeUtc", "type", "EventType", "Timestamp", "AllocationType", "DueDate", "itemType"];

/// What every poisoned text begins with.
pub fn poisoned(text: &str) -> String {
    format!("1{text}0")
}

/// Puts `text` into every string, and into every id, also where that was a number.
pub fn poison(value: &mut Value, text: &str) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut().filter(|(key, _)| !KEPT.contains(&key.as_str())) {
                if key.eq_ignore_ascii_case("id") && value.is_number() {
                    *value = Value::from(value.to_string());
                }
                poison(value, text);
            }
            map.insert(poisoned(text), Value::Null);
        }
        Value::Array(all) => all.iter_mut().for_each(|value| poison(value, text)),
        Value::String(own) => *own = format!("{} {own}", poisoned(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What is done to every payload before it is read.
type Change<'c> = &'c dyn Fn(&mut Value);

fn fixture(name: &str, change: Change<'_>) -> Value {
    let mut value = fixtures::json(name);
    change(&mut value);
    value
}

fn settings() -> EnreachSettings {
    EnreachSettings {
        username: "wall".to_owned(),
        secret_key: SecretSource::Literal("none".into()),
        api_url: None,
        discovery_url: Url::parse("https://discover.example/").unwrap(),
        poll: Duration::from_secs(10),
        callback_lists: None,
        queue_types: vec![1, 4],
        max_wait_unit: 1.0,
        callback_list_names: BTreeMap::new(),
        time_zone: None,
        webhook: None,
        clock: floorwalker::transport::clock::SourceClock::default(),
    }
}

/// A document of the stream with every character written as a reference: so even an escape is well-formed.
fn document(text: &str) -> String {
    let text =
        text.chars().fold(String::new(), |all, c| all + "&#" + &u32::from(c).to_string() + ";");
    format!(
        "<all><queue id='{text}stream' name='{text}' queueLength='777'><number>{text}</number>\
         <current-agent-presence name='{text}' count='2'/></queue></all>"
    )
}

/// A board on which every vendor's every text holds `text`, with the feeds that said so.
pub fn board(text: &str) -> Desk {
    told(&|value| poison(value, text), &document(text), text)
}

/// A board of every vendor's payloads after a change, of one document of the stream, and of words.
pub fn told(change: Change<'_>, document: &str, text: &str) -> Desk {
    let mut desk = Desk::silent(Access::Full);
    let mut tally = Tally::default();
    for (source, feed) in
        [("hq", "queues"), ("hq", "agents"), ("helsinki", "queues"), ("nimbus", "entries")]
    {
        desk.tell(source, SourceEvent::Link(up(feed)));
    }
    let own = BTreeMap::from([("Bo Ek".to_owned(), "bo@hq.example.com".to_owned())]);
    let mut tables = Tables::new("hq.example.com", own);
    let answer = fixture("telepo/queue_statistics", change);
    let queues = tables.answered(telepo::queue_statistics(&answer, &mut tally).unwrap(), START);
    desk.tell("hq", SourceEvent::Snapshot(queues));
    let groups = telepo::groups(&fixture("telepo/groups", change), &mut tally).unwrap();
    let (queues, agents) = tables.grouped(groups, START);
    desk.tell("hq", SourceEvent::Snapshot(queues.unwrap()));
    desk.tell("hq", SourceEvent::Snapshot(agents));
    let mut log = Log::default();
    log.replace(
        calllog::page(&fixture("telepo/call_log", change), &mut tally).unwrap().items,
        true,
    );
    let places = Places {
        queue: &|group| tables.queue_of(group),
        people: &BTreeSet::new(),
        domain: "hq.example.com",
        user: "sup",
    };
    let now = desk.state.now;
    let callbacks = log.callbacks(&places, &now);
    desk.tell("hq", SourceEvent::Snapshot(Part::CallbackLists(log.lists(&places, &now))));
    desk.tell("hq", SourceEvent::Snapshot(Part::Callbacks(callbacks)));
    let profile =
        profile::profile(&fixture("telepo/presence", change), &mut tally).unwrap().unwrap();
    let told = Told::now(&now, 0);
    let people: Vec<AgentKey> =
        desk.state.floor.worlds().flat_map(|(_, world)| world.agents.keys().cloned()).collect();
    for agent in people.into_iter().map(Some).chain([None]) {
        let profile = Box::new(profile.clone());
        desk.tell("hq", SourceEvent::Delta(Delta::Profile { agent, told, profile }));
    }
    let names = xml::Names::new(&BTreeMap::new());
    if let Ok(all) = xml::read(document, &names, &mut tally) {
        for update in all {
            if let Some(delta) = tables.streamed(update, START) {
                desk.tell("hq", SourceEvent::Delta(delta));
            }
        }
    }
    let answer = fixture("enreach/queues", change);
    let directory = fixture("enreach/directory", change).to_string();
    let described = enreach::descriptions(Body::from(directory.as_str())).unwrap();
    let (answer, own) = (answer.to_string(), settings());
    let answer = Body::from(answer.as_str());
    let queues = enreach::queues(answer, &own, &described, START, &mut tally).unwrap();
    desk.tell("helsinki", SourceEvent::Snapshot(Part::Queues(queues.shown)));
    let answer = fixture("enreach/callback_lists", change);
    let lists = crate::support::enreach::lists(&answer, START);
    desk.tell("helsinki", SourceEvent::Snapshot(Part::CallbackLists(lists)));
    let mapper = Mapper::new(&settings());
    for name in NAMES {
        let mut event = crate::support::enreach::value(name);
        change(&mut event);
        let event = crate::support::enreach::decoded(&event, &mut tally).unwrap();
        for news in mapper.news(&event, &desk.state.now) {
            desk.tell("helsinki", news);
        }
    }
    let answer = fixture("nimbus/entries", change);
    let rows = nimbus::entries(&answer, "entries", &poisoned(text), START, &mut tally);
    let feed = "entries".into();
    desk.tell("nimbus", SourceEvent::Snapshot(Part::Entries { feed, rows }));
    let words = Words::new(&nimbus_settings());
    let all = fixture("nimbus/task_events", change);
    let entry = fixture("nimbus/entry_event", change);
    for event in all.as_array().unwrap().iter().chain([&entry]) {
        let event = crate::support::nimbus::read(event, &mut tally).unwrap();
        for news in words.news(&event, &desk.state.now, &mut tally) {
            desk.tell("nimbus", news);
        }
    }
    if let Some((count, what)) = tally.take() {
        desk.tell("hq", SourceEvent::Unknown { what, count });
    }
    let words = Shown::clean(&poisoned(text));
    desk.tell("oslo", SourceEvent::Gap(words.clone()));
    let health = Health::Down { error: words, attempt: 3, retry_at: None };
    let feed = Feed::new(poisoned(text).as_str().into(), FeedKind::Poll, None);
    desk.tell("oslo", SourceEvent::Link(Feed { health, ..feed }));
    desk
}

/// A board where every queue, person and entry is called so, with ids that can be acted on.
pub fn named(name: &str) -> Desk {
    let mut desk = Desk::open();
    let shown = Shown::clean(name);
    let (mut queues, mut agents, mut entries) = (desk::queues(), desk::agents(), desk::entries());
    queues.push(desk::queue(name, name));
    for row in &mut queues {
        row.name = shown.clone();
    }
    for agent in &mut agents {
        agent.name = shown.clone();
        agent.memberships.iter_mut().for_each(|own| own.name = shown.clone());
    }
    entries.push(Entry { id: name.into(), ..desk::entry("e", EntryState::Other(shown.clone())) });
    for row in &mut entries {
        row.destination = Some(shown.clone());
    }
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(queues)));
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(agents)));
    desk.tell("nimbus", SourceEvent::Snapshot(desk::entries_part(entries)));
    desk.tell("oslo", SourceEvent::Gap(shown));
    desk
}

/// Queues called by one name; their figures are the marks behind it.
pub fn marked(name: &str) -> Desk {
    let mut desk = Desk::open();
    let row = |index: u32| Queue {
        name: Shown::clean(name),
        figures: Figures {
            waiting: Some(777),
            longest_wait_s: Some(index),
            agents_free: Some(888),
            offered: Some(999),
            ..Figures::default()
        },
        ..desk::queue(&format!("q{index}"), name)
    };
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues((0..4).map(row).collect())));
    desk.tell("helsinki", SourceEvent::Snapshot(Part::Queues(Vec::new())));
    desk.select(&desk::queue_row("q1"));
    desk
}

#[test]
fn the_hostile_board_has_rows_in_every_table() {
    use floorwalker::table::TableId;
    let desk = board("\u{1b}[2J");
    let counts = TableId::ALL.map(|table| table.count(&desk.state.context()));
    let expected = [11, 9, 5, 4, 5, 2, 4, 1, 4];
    let names = "queues, agents, calls, tasks, callbacks, lists, entries, ended entries, sources";
    assert_eq!(counts[..9], expected, "{names}");
    assert!(counts[9] >= 3, "the log");
}
