//! Tasks: contacts by voice, chat, e-mail and from other systems, that come to a service, wait, are taken, and end.
//!
//! They have a chance and an agenda of their own, so that the rest of the floor is the same with and without them.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use fastrand::Rng;

use super::chance::{
    HOUR, MINUTE, SECOND, between, busy, exponential, guid, happens, number, spread,
};
use super::written::Written;

/// Tasks of one service in the busiest hour.
const LOAD: f64 = 42.0;
/// Mean time until somebody takes a task that waits, seconds.
const TAKEN: f64 = 26.0;
/// Mean time that somebody waits before giving up, seconds.
const PATIENCE: f64 = 190.0;
/// Mean time from taking a task to its end, seconds.
const TALK: f64 = 210.0;
/// Events that wait for somebody to tell them on; older ones are lost.
const WAITING: usize = 4_000;

const AGENTS: [&str; 7] = [
    "mika.holm@example.com",
    "sara.lindgren@example.com",
    "tom.becker@example.com",
    "ines.duarte@example.com",
    "petra.novak@example.com",
    "louis.meyer@example.com",
    "anja.koch@example.com",
];

/// Customers who write or come from other systems: name and company.
const CUSTOMERS: [(&str, &str); 8] = [
    ("Hedda Lundqvist", "Lundqvist Trä"),
    ("Oskar Brandt", "Brandt Logistik"),
    ("Noemi Rossi", "Rossi Moda"),
    ("Tuomas Kari", "Kari Oy"),
    ("Camille Petit", "Atelier Petit"),
    ("Greta Holmström", "Holmström Bygg"),
    ("Ruben Vos", "Vos Transport"),
    ("Milena Horák", "Horák Sklo"),
];

/// What people write first.
const MESSAGES: [&str; 5] = [
    "hello, my parcel has not come",
    "can you move my appointment to friday?",
    "the invoice shows the wrong address",
    "i cannot log in since this morning",
    "is somebody there?",
];

/// What e-mails are about.
const SUBJECTS: [&str; 4] =
    ["Order 20413 is missing a part", "Change of contract", "Invoice of last month", "Complaint"];

/// What a task began as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modality {
    Audio,
    Chat,
    Email,
    /// Something of another system's.
    External,
}

/// One task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    pub id: String,
    /// The call at Microsoft's, which goes on when it is transferred.
    pub chain: String,
    /// Position of its service.
    pub service: usize,
    /// What it began as.
    pub modality: Modality,
    /// The number that calls; only of a call.
    pub number: Option<String>,
    /// Name and company; none for who is anonymous.
    pub customer: Option<(&'static str, &'static str)>,
    /// The first message of a chat, or the subject of an e-mail.
    pub text: Option<&'static str>,
    /// Who was connected last.
    pub agent: Option<Cow<'static, str>>,
    /// What another system says of it.
    pub written: Written,
    pub created: u64,
    pub terminated: Option<u64>,
}

/// What happens to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    Created,
    /// The workflow took it.
    SystemAccepted,
    Queued,
    UserConnected,
    /// It is on hold.
    Held,
    /// It is off hold.
    Resumed,
    Parked,
    /// It is not parked any more.
    Unparked,
    /// A parameter of it changed.
    Updated,
    /// It went to another service.
    Transferred,
    Terminated,
}

/// All tasks.
#[derive(Debug, Clone, PartialEq)]
pub struct Tasks {
    pub(super) rng: Rng,
    services: usize,
    pub(super) serial: u64,
    agenda: BTreeMap<(u64, u64), Next>,
    pub(super) running: BTreeMap<u64, Task>,
    told: VecDeque<(Happening, Task)>,
}

/// Something on the agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Arrival { service: usize },
    Step { task: u64, what: Happening },
}

impl Tasks {
    /// No task yet; the first ones come soon.
    pub(super) fn new(seed: u64, services: usize, now: u64) -> Self {
        let mut tasks = Self {
            rng: Rng::with_seed(seed.wrapping_add(0x7a5c)),
            services,
            serial: 0,
            agenda: BTreeMap::new(),
            running: BTreeMap::new(),
            told: VecDeque::new(),
        };
        for service in 0..services {
            tasks.plan_arrival(now, service);
        }
        tasks
    }

    /// Lets everything happen until `until`.
    pub(super) fn advance(&mut self, until: u64) {
        while let Some(first) = self.agenda.first_entry() {
            if first.key().0 > until {
                break;
            }
            let ((at, _), next) = first.remove_entry();
            match next {
                Next::Arrival { service } => {
                    self.plan_arrival(at, service);
                    if happens(&mut self.rng, busy(at)) {
                        self.arrive(at, service, None);
                    }
                }
                Next::Step { task, what } => self.step(at, task, what),
            }
        }
    }

    /// What happened since the last call, oldest first.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (Happening, Task)> + use<> {
        std::mem::take(&mut self.told).into_iter()
    }

    /// All tasks that go on.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Task> {
        self.running.values()
    }

    pub(super) fn plan(&mut self, at: u64, next: Next) {
        self.serial += 1;
        self.agenda.insert((at, self.serial), next);
    }

    fn plan_arrival(&mut self, now: u64, service: usize) {
        let gap = exponential(&mut self.rng, 3_600.0 / LOAD).min(2 * HOUR);
        self.plan(now + gap, Next::Arrival { service });
    }

    pub(super) fn tell(&mut self, what: Happening, task: &Task) {
        if self.told.len() == WAITING {
            self.told.pop_front();
        }
        self.told.push_back((what, task.clone()));
    }

    /// A task comes: a new one, or one that was transferred from `before`.
    fn arrive(&mut self, now: u64, service: usize, before: Option<&Task>) {
        let rng = &mut self.rng;
        let modality = match rng.u8(0..20) {
            0..9 => Modality::Audio,
            9..15 => Modality::Chat,
            15..18 => Modality::Email,
            _ => Modality::External,
        };
        let mut task = Task {
            id: guid(rng),
            chain: guid(rng),
            service,
            modality,
            number: (modality == Modality::Audio).then(|| number(rng)),
            customer: happens(rng, 0.8).then(|| rng.choice(CUSTOMERS)).flatten(),
            text: match modality {
                Modality::Chat => rng.choice(MESSAGES),
                Modality::Email => rng.choice(SUBJECTS),
                Modality::Audio | Modality::External => None,
            },
            agent: None,
            written: Written::default(),
            created: now,
            terminated: None,
        };
        if let Some(before) = before {
            task = Task {
                id: task.id,
                service,
                agent: None,
                created: now,
                terminated: None,
                ..before.clone()
            };
        }
        self.serial += 1;
        let id = self.serial;
        self.tell(Happening::Created, &task);
        self.running.insert(id, task);
        self.plan(now + SECOND, Next::Step { task: id, what: Happening::SystemAccepted });
    }

    fn step(&mut self, now: u64, id: u64, what: Happening) {
        let Some(mut task) = self.running.remove(&id) else { return };
        let rng = &mut self.rng;
        let then = |span: u64, what: Happening| (now + span.max(SECOND), what);
        let next = match what {
            Happening::Created => None,
            Happening::SystemAccepted => {
                Some(then(between(rng, SECOND, 4 * SECOND), Happening::Queued))
            }
            Happening::Queued => {
                let (taken, patience) = (exponential(rng, TAKEN), exponential(rng, PATIENCE));
                // An e-mail waits for as long as it takes.
                let gives_up = taken > patience && task.modality != Modality::Email;
                Some(match gives_up {
                    true => then(patience, Happening::Terminated),
                    false => then(taken, Happening::UserConnected),
                })
            }
            Happening::UserConnected
            | Happening::Resumed
            | Happening::Unparked
            | Happening::Updated => {
                task.agent = task.agent.or_else(|| rng.choice(AGENTS).map(Cow::Borrowed));
                let talks = spread(rng, TALK);
                Some(match rng.u8(0..100) {
                    0..14 => then(talks / 3, Happening::Held),
                    14..24 => then(talks / 3, Happening::Parked),
                    24..32 => then(talks / 4, Happening::Updated),
                    32..38 => then(talks / 2, Happening::Transferred),
                    _ => then(talks, Happening::Terminated),
                })
            }
            Happening::Held => Some(then(spread(rng, 25.0), Happening::Resumed)),
            Happening::Parked => {
                Some(then(spread(rng, 80.0).min(10 * MINUTE), Happening::Unparked))
            }
            Happening::Transferred => None,
            Happening::Terminated => {
                task.terminated = Some(now);
                None
            }
        };
        if what == Happening::Transferred {
            // It left for the next service, where it is another task of the same call.
            self.tell(what, &task);
            let service = (task.service + 1) % self.services.max(1);
            self.arrive(now, service, Some(&task));
            return;
        }
        self.tell(what, &task);
        if let Some((at, what)) = next {
            self.running.insert(id, task);
            self.plan(at, Next::Step { task: id, what });
        }
    }
}
