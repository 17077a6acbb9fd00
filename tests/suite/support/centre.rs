//! A believable afternoon: four sources, twelve queues, some sixty people. All of it is made up, the numbers
//! are from ranges that are set aside for that.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::agent::{Agent, AgentState, Membership};
use floorwalker::floor::callback::CallbackList;
use floorwalker::floor::id::{AgentId, FeedName, QueueId, SourceName};
use floorwalker::floor::link::{Feed, FeedKind, Health};
use floorwalker::floor::presence::Presence;
use floorwalker::floor::queue::{About, Figures, Open, Queue, Totals};
use floorwalker::floor::scheduler::{Entry, EntryState};
use floorwalker::floor::time::{Moment, Now};
use floorwalker::floor::{Floor, Kind, Part};
use floorwalker::keymap::Keymap;
use floorwalker::operations::Access;
use floorwalker::state::State;
use floorwalker::table::Zone;
use floorwalker::text::Shown;

mod calls;
mod tasks;

pub use self::tasks::contacts;

/// The monotonic clock: an hour into the day's work.
const NOW: u64 = 3_600_000;

/// How long ago oslo last answered, seconds.
const SILENT: u64 = 12 * 60 + 9;

pub fn wall() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-03-12T14:32:07Z").unwrap().to_utc()
}

fn ago(seconds: u64) -> Moment {
    Moment::from_millis(NOW - seconds * 1_000)
}

/// A board of four sources that have not answered yet.
pub fn silent() -> State {
    begun(ago(0))
}

fn begun(moment: Moment) -> State {
    let sources = [
        ("hq", Kind::Telepo),
        ("helsinki", Kind::Enreach),
        ("nimbus", Kind::Nimbus),
        ("oslo", Kind::Telepo),
    ];
    let now = Now { moment: ago(0), wall: wall() };
    let now = Now { moment, wall: now.wall_of(moment) };
    let sources = sources.map(|(name, kind)| (SourceName::new(name), kind));
    let mut state = State::new(sources, Access::Full, Keymap::standard(Access::Full), now);
    state.zone = Zone::Utc;
    state
}

/// A board of that source alone, which has not answered yet.
pub fn only(name: &str) -> State {
    let mut state = silent();
    let source = SourceName::new(name);
    let kind = state.floor.world(&source).unwrap().kind;
    state.floor = Floor::new([(source, kind)]);
    state
}

pub fn busy() -> State {
    let mut state = begun(ago(1_800));
    let mut tell = |source: &str, at: Moment, event: SourceEvent| {
        let source = SourceName::new(source);
        state.apply(Stamped { at, event: Event::Source { source, event } });
    };
    let up = |name: &str, kind, age| Feed {
        health: Health::Up,
        last_update: Some(ago(age)),
        limit: (kind == FeedKind::Poll).then_some(Duration::from_secs(30)),
        ..Feed::new(FeedName::new(name), kind, None)
    };
    let fail = |name: &str, why: &str, attempt, age, retry: u64| Feed {
        health: Health::Down {
            error: Shown::clean(why),
            attempt,
            retry_at: Some(Moment::from_millis(NOW - age * 1_000 + retry * 1_000)),
        },
        ..up(name, FeedKind::Poll, age)
    };
    let poll = |name: &str, age| SourceEvent::Link(up(name, FeedKind::Poll, age));
    let unknown = SourceEvent::Unknown { what: Shown::clean("queues.wrapUpMode"), count: 4 };
    tell("helsinki", ago(1_724), unknown);
    tell("hq", ago(1_391), SourceEvent::Gap(Shown::clean("stream: heartbeat missed")));
    tell(
        "nimbus",
        ago(1_130),
        SourceEvent::Link(fail("entries", "503 service unavailable", 1, 1_130, 8)),
    );
    tell("nimbus", ago(1_121), poll("entries", 1_121));
    tell("oslo", ago(SILENT), poll("queues", SILENT));
    tell("oslo", ago(SILENT), SourceEvent::Snapshot(Part::Queues(oslo())));
    let norse = people(&oslo(), &OSLO, "oslo.example.com");
    tell("oslo", ago(SILENT), SourceEvent::Snapshot(Part::Agents(norse)));
    let timeout = fail("queues", "no answer within 10 s", 1, 719, 5);
    tell("oslo", ago(719), SourceEvent::Link(Feed { last_update: Some(ago(SILENT)), ..timeout }));
    let refused = fail("queues", "connection refused", 7, 46, 58);
    tell("oslo", ago(46), SourceEvent::Link(Feed { last_update: Some(ago(SILENT)), ..refused }));
    tell("nimbus", ago(21), poll("entries", 21));
    let planned = Part::Entries { feed: FeedName::new("entries"), rows: entries() };
    tell("nimbus", ago(21), SourceEvent::Snapshot(planned));
    tell("helsinki", ago(4), poll("queues", 4));
    tell("helsinki", ago(4), SourceEvent::Snapshot(Part::Queues(helsinki())));
    let finns = people(&helsinki(), &HELSINKI, "helsinki.example.com");
    tell("helsinki", ago(4), SourceEvent::Snapshot(Part::Agents(finns)));
    tell("helsinki", ago(4), SourceEvent::Snapshot(Part::CallbackLists(lists())));
    for event in calls::events() {
        tell("helsinki", ago(4), event);
    }
    tell("hq", ago(1), poll("queues", 1));
    tell("hq", ago(1), SourceEvent::Link(up("stream", FeedKind::Stream, 1)));
    tell("hq", ago(1), SourceEvent::Snapshot(Part::Queues(hq())));
    tell("hq", ago(1), SourceEvent::Snapshot(Part::Agents(people(&hq(), &HQ, "hq.example.com"))));
    let now = Now { moment: ago(0), wall: wall() };
    state.apply(Stamped { at: ago(0), event: Event::Tick(now) });
    state
}

type Row = (&'static str, &'static str, &'static str, Option<Open>, [Option<u32>; 10]);

/// Waiting, longest, logged in, free, talking, ringing, offered, answered, abandoned, average wait.
fn queues(rows: &[Row], feed: &str, at: Moment, telepo: bool) -> Vec<Queue> {
    let queue = |(id, name, number, open, f): &Row| Queue {
        id: QueueId::new(id),
        name: Shown::clean(name),
        number: (!number.is_empty()).then(|| Shown::clean(number)),
        open: *open,
        open_detail: None,
        figures: Figures {
            waiting: f[0],
            longest_wait_s: f[1],
            agents_logged_in: f[2],
            agents_free: f[3],
            agents_serving: if telepo { None } else { f[2] },
            calls_connected: f[4],
            calls_alerting: f[5],
            agents_wrap_up: f[4].map(|talking| talking / 3),
            offered: f[6],
            answered: f[7],
            abandoned: f[8],
            average_wait_s: f[9],
            last_wait_s: f[9].map(|wait| wait / 2),
            average_handle_s: f[9].map(|wait| wait + 187),
            service_level: if telepo { None } else { Some(81.0) },
            last_24h: Totals {
                offered: f[6].map(|n| n * 2),
                answered: f[7].map(|n| n * 2),
                abandoned: f[8].map(|n| n * 2),
            },
            ..Figures::default()
        },
        own_login: telepo.then_some(*id == "21"),
        about: About::default(),
        feed: FeedName::new(feed),
        updated: at,
    };
    rows.iter().map(queue).collect()
}

fn some(all: [u32; 10]) -> [Option<u32>; 10] {
    all.map(Some)
}

fn hq() -> Vec<Queue> {
    let open = Some(Open::Open);
    let rows: [Row; 6] = [
        ("21", "Växel", "08-465 004 00", open, some([4, 133, 9, 0, 7, 1, 412, 380, 18, 31])),
        ("22", "Kundtjänst", "08-465 004 10", open, some([1, 34, 12, 2, 9, 1, 377, 361, 9, 22])),
        ("23", "Support", "08-465 004 20", open, some([0, 0, 6, 3, 3, 0, 120, 118, 1, 12])),
        ("24", "Ekonomi", "08-465 004 30", open, some([0, 0, 4, 2, 1, 0, 58, 57, 0, 9])),
        ("25", "Återförsäljare", "08-465 004 40", open, some([2, 47, 5, 1, 4, 0, 96, 90, 4, 27])),
        ("26", "Order & leverans", "", open, some([0, 0, 5, 4, 1, 0, 74, 73, 1, 11])),
    ];
    queues(&rows, "queues", ago(1), true)
}

fn helsinki() -> Vec<Queue> {
    let rows: [Row; 4] = [
        (
            "4101",
            "Asiakaspalvelu",
            "",
            Some(Open::Open),
            some([1, 12, 8, 1, 6, 0, 233, 224, 6, 19]),
        ),
        ("4102", "Vaihde", "", Some(Open::Open), some([0, 0, 5, 3, 2, 0, 141, 139, 1, 8])),
        (
            "4103",
            "Laskutus",
            "",
            Some(Open::Uncertain),
            [Some(0), Some(0), Some(5), Some(3), Some(1), None, None, None, None, None],
        ),
        (
            "4104",
            "Huolto",
            "",
            Some(Open::Closed),
            [Some(0), None, Some(0), Some(0), Some(0), None, Some(38), Some(35), Some(2), Some(16)],
        ),
    ];
    queues(&rows, "queues", ago(4), false)
}

fn oslo() -> Vec<Queue> {
    let open = Some(Open::Open);
    let rows: [Row; 2] = [
        ("31", "Sentralbord", "", open, some([1, 26, 5, 2, 2, 0, 164, 158, 3, 15])),
        ("32", "Teknisk hjelp", "", open, some([0, 0, 4, 1, 3, 0, 88, 85, 2, 24])),
    ];
    queues(&rows, "queues", ago(SILENT), true)
}

const HQ: [&str; 30] = [
    "Anna Lind",
    "Björn Åkesson",
    "Cecilia Holm",
    "David Norén",
    "Elin Sandberg",
    "Fredrik Öhman",
    "Gunilla Ek",
    "Håkan Berg",
    "Ida Wallin",
    "Johan Strand",
    "Karin Nyström",
    "Lars Hedlund",
    "Maja Forsberg",
    "Nils Engström",
    "Olivia Dahl",
    "Per Sjögren",
    "Rebecka Falk",
    "Sven Lundin",
    "Tove Hägg",
    "Ulf Molin",
    "Vera Palm",
    "Wilma Ros",
    "Åsa Björk",
    "Örjan Lans",
    "Ebba Grahn",
    "Göran Stål",
    "Hanna Vik",
    "Isak Thorell",
    "Julia Brandt",
    "Klara Rydén",
];

const HELSINKI: [&str; 16] = [
    "Aino Mäkelä",
    "Eero Salonen",
    "Helmi Niemi",
    "Ilmari Koskinen",
    "Kaisa Lehtonen",
    "Lauri Aalto",
    "Minna Rantanen",
    "Onni Hämäläinen",
    "Päivi Laine",
    "Risto Virta",
    "Sanna Järvi",
    "Tuomas Heino",
    "Venla Salo",
    "Ville Kallio",
    "Yrjö Mattila",
    "Äijö Peltola",
];

const OSLO: [&str; 9] = [
    "Astrid Moen",
    "Bjarne Lie",
    "Dagny Sæther",
    "Eirik Bakke",
    "Frøydis Haug",
    "Gunnar Ås",
    "Ingrid Vold",
    "Kjell Ødegård",
    "Sigrid Myhre",
];

/// Everybody belongs to two queues of the source, and is in a state that fits the hour.
fn people(queues: &[Queue], names: &[&str], domain: &str) -> Vec<Agent> {
    const DAY: [(AgentState, &str, u64); 9] = [
        (AgentState::Talking, "", 184),
        (AgentState::Available, "", 41),
        (AgentState::Talking, "", 392),
        (AgentState::NotReady, "lunch", 1_260),
        (AgentState::WrapUp, "", 23),
        (AgentState::Talking, "", 66),
        (AgentState::Available, "", 128),
        (AgentState::LoggedOut, "", 4_000),
        (AgentState::Reserved, "", 4),
    ];
    // Of a source that has been silent for long it is known for then.
    let updated = queues[0].updated.as_millis();
    let known_at = if NOW - updated > 60_000 { updated } else { NOW };
    names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let (state, reason, since) = &DAY[index % DAY.len()];
            let reason = (!reason.is_empty()).then(|| Shown::clean(reason));
            let member = |queue: &Queue| Membership {
                queue: queue.id.clone(),
                name: queue.name.clone(),
                logged_in: Some(*state != AgentState::LoggedOut),
                state: state.clone(),
                reason: reason.clone(),
                priority: None,
                skill: None,
            };
            let (first, second) = (index % queues.len(), (index / 3 + 1) % queues.len());
            let mut memberships = vec![member(&queues[first])];
            if second != first {
                memberships.push(member(&queues[second]));
            }
            let user = name.split(' ').next().unwrap().to_lowercase();
            let id = format!("{user}@{domain}");
            Agent {
                key: id.as_str().into(),
                id: Some(AgentId::new(&id)),
                name: Shown::clean(name),
                state: state.clone(),
                reason: reason.clone(),
                since: Some(Moment::from_millis(known_at.saturating_sub(since * 1_000))),
                memberships,
                presence: Presence::default(),
                feed: FeedName::new("queues"),
                updated: queues[0].updated,
            }
        })
        .collect()
}

fn lists() -> Vec<CallbackList> {
    let list = |id: &str, name: Option<&str>, counts: [u32; 7]| CallbackList {
        id: id.into(),
        name: name.map(Shown::clean),
        open: Some(counts[0]),
        free: Some(counts[1]),
        assigned: Some(counts[2]),
        hidden: Some(counts[3]),
        overdue: Some(counts[4]),
        next_hour_overdue: Some(counts[5]),
        expires_24h: Some(counts[6]),
        agents_serving: Some(3),
        next_hour_revealed: None,
        agents_active: None,
        agents_automatic: None,
        automatic: None,
        told: None,
        feed: FeedName::new("queues"),
        updated: ago(4),
    };
    vec![
        list("901", Some("Takaisinsoitto"), [14, 9, 5, 0, 2, 3, 1]),
        list("902", Some("Laskutus, soittopyynnöt"), [6, 4, 2, 1, 0, 1, 0]),
        list("903", None, [0, 0, 0, 0, 0, 0, 0]),
    ]
}

fn entries() -> Vec<Entry> {
    let entry = |id: &str, minutes: i64, number: &str, state: EntryState| Entry {
        id: id.into(),
        service: Shown::clean("outbound@contoso.example"),
        contact: None,
        destination: Some(Shown::clean(number)),
        due: wall().checked_add_signed(TimeDelta::minutes(minutes)),
        state,
        reference: Some(Shown::clean(&format!("C-{}", 20_417 + minutes))),
        priority: Some(Shown::clean("normal")),
        attempts: None,
        max_attempts: Some(3),
        attempt_timeout_s: Some(600),
        max_queue_time_s: Some(300),
        rona_timeout_s: Some(20),
        completion_reason: None,
        known: std::collections::BTreeMap::default(),
        feed: FeedName::new("entries"),
        updated: ago(21),
    };
    vec![
        entry("e1", -4, "+44 20 7946 0112", EntryState::Scheduled),
        entry("e2", -1, "+44 20 7946 0147", EntryState::InProgress),
        entry("e3", 13, "+44 20 7946 0163", EntryState::Scheduled),
        entry("e4", 28, "+46 8 465 004 71", EntryState::Scheduled),
        entry("e5", 58, "+46 8 465 004 88", EntryState::Scheduled),
    ]
}
