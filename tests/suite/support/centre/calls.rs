//! What Helsinki's events tell of the afternoon: its calls, and who asked to be called back.

use chrono::TimeDelta;
use floorwalker::event::SourceEvent;
use floorwalker::floor::Delta;
use floorwalker::floor::call::{Direction, Facts, Place, Step, What};
use floorwalker::floor::callback::{Attempt, Fact, Request};
use floorwalker::floor::id::AgentKey;
use floorwalker::floor::time::Told;
use floorwalker::text::Shown;

use super::{ago, wall};

fn told(seconds: u64) -> Told {
    let at = wall() - TimeDelta::seconds(i64::try_from(seconds).unwrap());
    Told { at, report: seconds, moment: ago(seconds), received: None, late: false }
}

fn person(name: &str) -> AgentKey {
    let user = name.split(' ').next().unwrap().to_lowercase();
    AgentKey::new(format!("{user}@helsinki.example.com"))
}

/// A call's queue, its other end, and its steps: how long ago, what, who, and the vendor's words.
type Path = (&'static str, &'static str, &'static [(u64, What, &'static str, &'static str)]);

const CALLS: [(&str, Path); 7] = [
    (
        "c1",
        (
            "4101",
            "+358 40 555 0142",
            &[(52, What::Coming, "", ""), (47, What::Choice, "", "2"), (44, What::Arrived, "", "")],
        ),
    ),
    (
        "c2",
        ("4101", "+358 40 555 0177", &[(30, What::Coming, "", ""), (12, What::Arrived, "", "")]),
    ),
    (
        "c3",
        (
            "4101",
            "+358 50 555 0119",
            &[
                (71, What::Coming, "", ""),
                (60, What::Arrived, "", ""),
                (6, What::Offered, "Päivi Laine", ""),
            ],
        ),
    ),
    (
        "c4",
        (
            "4101",
            "+358 44 555 0163",
            &[
                (340, What::Coming, "", ""),
                (331, What::Choice, "", "1"),
                (318, What::Arrived, "", ""),
                (291, What::Offered, "Päivi Laine", ""),
                (276, What::Withdrawn, "Päivi Laine", "no answer"),
                (270, What::Offered, "Aino Mäkelä", ""),
                (264, What::Connected, "Aino Mäkelä", ""),
                (263, What::Recording, "", ""),
                (120, What::Supervised, "Kaisa Lehtonen", "Kaisa Lehtonen"),
            ],
        ),
    ),
    (
        "c5",
        (
            "4102",
            "+358 45 555 0108",
            &[
                (200, What::Coming, "", ""),
                (196, What::Arrived, "", ""),
                (188, What::Offered, "Helmi Niemi", ""),
                (182, What::Connected, "Helmi Niemi", ""),
                (35, What::Held, "Helmi Niemi", ""),
            ],
        ),
    ),
    (
        "c6",
        (
            "4101",
            "+358 40 555 0184",
            &[
                (150, What::Coming, "", ""),
                (141, What::Arrived, "", ""),
                (26, What::Overflowed, "", "QueueFull"),
            ],
        ),
    ),
    (
        "c7",
        (
            "4102",
            "+358 50 555 0131",
            &[
                (95, What::Coming, "", ""),
                (90, What::Arrived, "", ""),
                (18, What::Ended, "", "remote"),
            ],
        ),
    ),
];

/// Helsinki's events, in no order.
pub fn events() -> Vec<SourceEvent> {
    let mut events = Vec::new();
    for (id, (queue, party, steps)) in CALLS {
        for (seconds, what, who, words) in steps {
            let supervised = *what == What::Supervised;
            let facts = Facts {
                place: Some(Place::Queue(queue.into())),
                agent: (!who.is_empty() && !supervised).then(|| person(who)),
                direction: Some(Direction::Inbound),
                party: Some(Shown::clean(party)),
                priority: (*what == What::Choice).then(|| Shown::clean(words)),
                supervisor: supervised.then(|| Shown::clean(who)),
                ..Facts::default()
            };
            let detail = (!words.is_empty()).then(|| Shown::clean(words));
            let step = Step { told: told(*seconds), what: *what, detail, facts };
            events.push(Delta::Call { call: id.into(), step: Box::new(step) });
        }
    }
    events.extend(callbacks());
    events.into_iter().map(SourceEvent::Delta).collect()
}

/// Minutes until it is due, the number, the name, who has taken it, and what was noted.
const REQUESTS: [(&str, i64, &str, &str, &str, &str); 5] = [
    ("r1", -47, "+358 40 555 0142", "Matti Virtanen", "", "Ei vastaa"),
    ("r2", -3, "+358 44 555 0190", "Liisa Kallio", "Helmi Niemi", ""),
    ("r3", 28, "+358 50 555 0126", "Juha Ranta", "", "Lasku kateissa"),
    ("r4", 1_440, "+358 45 555 0155", "Anu Heikkilä", "", ""),
    ("r5", -120, "+358 40 555 0101", "Pekka Laine", "Eero Salonen", "Hoidettu"),
];

fn callbacks() -> Vec<Delta> {
    let mut all = Vec::new();
    for (index, (id, minutes, party, name, owner, note)) in (0..).zip(REQUESTS) {
        let text = |text: &str| (!text.is_empty()).then(|| Shown::clean(text));
        let request = Request {
            list: Some("901".into()),
            party: text(party),
            name: text(name),
            note: text(note),
            due: Some(wall() + TimeDelta::minutes(minutes)),
            expires: Some(wall() + TimeDelta::minutes(minutes + 2_880)),
            not_before: (minutes > 600).then(|| wall() + TimeDelta::minutes(minutes - 60)),
            created: Some(wall() - TimeDelta::minutes(180 + index)),
            closed: Some(id == "r5"),
            owner: (!owner.is_empty()).then(|| person(owner)),
            recording: Some(index == 0),
            priority: text(&(7 - index).to_string()),
            kind: text("asked for"),
            ..Request::default()
        };
        let tried = Attempt {
            at: Some(wall() - TimeDelta::minutes(52)),
            agent: Some(person("Eero Salonen")),
            note: text(note),
            result: None,
        };
        let tried = if index == 0 { vec![tried] } else { Vec::new() };
        let told = told(60 + u64::try_from(index).unwrap());
        let callback = || id.into();
        all.push(Delta::Callback {
            callback: callback(),
            told,
            fact: Fact::Record(Box::new(request)),
        });
        all.push(Delta::Callback { callback: callback(), told, fact: Fact::Attempts(tried) });
    }
    all
}
