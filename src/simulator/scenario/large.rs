//! The large floor: a thousand queues and ten thousand people, made from a seed.
//!
//! Telepo holds seven hundred groups and all people whom a board can list; Enreach, which names
//! no people on its wire, has three hundred queues with a staff of its own.

use fastrand::Rng;

use super::{
    AgentSetup, ListSetup, QueueSetup, Scenario, ServiceSetup, Shift, TimeOfDay, Vendor, acd,
    priority, service_queue,
};
use crate::simulator::centre::guid;
use crate::simulator::telepo::SUPERVISOR;

mod words;

use self::words::Region;

const GROUPS: usize = 700;
/// People of Telepo, the supervisor among them.
const PEOPLE: usize = 10_000;
/// Service queues of Enreach.
const SERVICE_QUEUES: usize = 300;
const STAFF: usize = 2_000;
/// Nobody's team is smaller.
const SMALLEST_TEAM: usize = 4;
/// Queues that share one callback list.
const QUEUES_A_LIST: usize = 25;
/// Scheduler entries of each service.
const STOCK: usize = 1_000;
/// About how many of a team are at work when the day is busiest.
const AT_WORK: f64 = 0.6;

impl Scenario {
    /// The large floor of a seed: the same seed, the same floor.
    pub fn large(seed: u64) -> Self {
        let mut making = Making { rng: Rng::with_seed(seed), shifts: shifts() };
        let mut queues = making.groups();
        queues.extend(making.service_queues());
        let supervisor = AgentSetup {
            vendor: Vendor::Telepo,
            user: SUPERVISOR.to_owned(),
            first: "Robin".to_owned(),
            last: "Lindqvist".to_owned(),
            shift: None,
            skills: (0..GROUPS).map(|group| (group, 1)).collect(),
        };
        let mut agents = vec![supervisor];
        let people = making.names(&words::FIRST, &words::LAST, PEOPLE - 1);
        agents.extend(making.teams(Vendor::Telepo, 0, &mut queues[..GROUPS], people));
        let staff = making.names(&words::FINNISH_FIRST, &words::FINNISH_LAST, STAFF);
        agents.extend(making.teams(Vendor::Enreach, GROUPS, &mut queues[GROUPS..], staff));
        let lists = making.lists();
        let services = words::SERVICES
            .iter()
            .map(|(user, name)| ServiceSetup {
                upn: format!("{user}@example.com"),
                name: (*name).to_owned(),
                load: 0.0,
                stock: STOCK,
            })
            .collect();
        Self { start: time(10, 30), queues, agents, lists, services }
    }
}

const fn time(hour: u64, minute: u64) -> TimeOfDay {
    TimeOfDay((hour * 60 + minute) * 60_000)
}

/// The shifts, each with the people of ten who work in it.
fn shifts() -> Vec<Shift> {
    let shift = |name: &str, from, until| Shift { name: name.to_owned(), from, until };
    let early = shift("early", time(6, 30), time(14, 30));
    let day = shift("day", time(8, 0), time(16, 30));
    let late = shift("late", time(11, 0), time(20, 0));
    let night = shift("night", time(19, 30), time(7, 0));
    let shares = [(early, 3), (day, 4), (late, 2), (night, 1)];
    shares.into_iter().flat_map(|(shift, share)| std::iter::repeat_n(shift, share)).collect()
}

/// A name with its user name.
struct Name {
    user: String,
    first: &'static str,
    last: &'static str,
}

struct Making {
    rng: Rng,
    shifts: Vec<Shift>,
}

impl Making {
    /// A thing of each pair, in random order.
    fn pairs<A: Copy, B: Copy>(&mut self, some: &[A], others: &[B]) -> Vec<(A, B)> {
        let mut all: Vec<_> =
            some.iter().flat_map(|a| others.iter().map(move |b| (*a, *b))).collect();
        self.rng.shuffle(&mut all);
        all
    }

    fn groups(&mut self) -> Vec<QueueSetup> {
        let mut named: Vec<(String, String)> = Vec::new();
        for Region { places, services, numbers } in words::REGIONS {
            let pairs = self.pairs(places, services);
            named.extend(pairs.into_iter().enumerate().map(|(at, (place, service))| {
                let number = numbers[at / 100 % numbers.len()];
                (format!("{service} {place}"), format!("{number}{:02}", at % 100))
            }));
        }
        self.rng.shuffle(&mut named);
        named.truncate(GROUPS);
        let mut groups = Vec::with_capacity(GROUPS);
        for (at, (name, number)) in named.into_iter().enumerate() {
            let (kind, distribution) = match self.rng.u8(0..10) {
                0 => ("ATTENDANT", "PRIORITY"),
                1 | 2 => ("ACD_LIGHT", "PRIORITY"),
                3..=5 => ("ACD", "PRIORITY"),
                _ => ("ACD", "SKILLS"),
            };
            groups.push(QueueSetup {
                kind: kind.to_owned(),
                distribution: distribution.to_owned(),
                number: Some(number),
                ..self.queue(Vendor::Telepo, (1_000 + at).to_string(), name)
            });
        }
        groups
    }

    fn service_queues(&mut self) -> Vec<QueueSetup> {
        let mut named = self.pairs(&words::FINNISH_PLACES, &words::FINNISH_SERVICES);
        named.truncate(SERVICE_QUEUES);
        let mut queues = Vec::with_capacity(SERVICE_QUEUES);
        for (at, (place, service)) in named.into_iter().enumerate() {
            let id = guid(&mut self.rng);
            queues.push(QueueSetup {
                number: Some(format!("+35800555{:04}", 100 + at)),
                overflow: Some(240.0),
                uncertain: self.rng.u8(0..20) == 0,
                hide_status: self.rng.u8(0..50) == 0,
                ..self.queue(Vendor::Enreach, id, format!("{service} {place}"))
            });
        }
        queues
    }

    /// A queue without a number, and without callers: how many come depends on its team.
    fn queue(&mut self, vendor: Vendor, id: String, name: String) -> QueueSetup {
        let hours = [
            Some((time(7, 0), time(20, 0))),
            Some((time(7, 0), time(20, 0))),
            Some((time(8, 0), time(18, 0))),
            Some((time(8, 0), time(18, 0))),
            Some((time(19, 30), time(7, 0))),
            None,
            None,
            None,
        ];
        QueueSetup {
            key: id.clone(),
            vendor,
            id,
            name,
            number: None,
            kind: acd(),
            distribution: priority(),
            type_id: service_queue(),
            load: 0.0,
            talk: f64::from(self.rng.u16(110..260)),
            wrap_up: f64::from(self.rng.u16(8..35)),
            patience: f64::from(self.rng.u16(80..180)),
            overflow: None,
            open: self.rng.choice(hours).flatten(),
            uncertain: false,
            hide_status: false,
        }
    }

    /// Names of which no two are the same.
    fn names(&mut self, first: &[&'static str], last: &[&'static str], count: usize) -> Vec<Name> {
        let mut pairs = self.pairs(first, last);
        pairs.truncate(count);
        let name = |(first, last)| Name { user: words::user(first, last), first, last };
        pairs.into_iter().map(name).collect()
    }

    /// Gives every queue a team, some people a second queue, and every queue as many callers as
    /// its team can bear; a few have more.
    fn teams(
        &mut self,
        vendor: Vendor,
        offset: usize,
        queues: &mut [QueueSetup],
        names: Vec<Name>,
    ) -> Vec<AgentSetup> {
        let mut places: Vec<usize> =
            (0..queues.len()).flat_map(|at| std::iter::repeat_n(at, SMALLEST_TEAM)).collect();
        let mut weighted: Vec<usize> = Vec::new();
        for at in 0..queues.len() {
            weighted.extend(std::iter::repeat_n(at, if self.rng.u8(0..8) == 0 { 4 } else { 1 }));
        }
        while places.len() < names.len() {
            places.push(weighted[self.rng.usize(..weighted.len())]);
        }
        let mut sizes = vec![0_u32; queues.len()];
        let mut agents = Vec::with_capacity(names.len());
        for (Name { user, first, last }, place) in names.into_iter().zip(places) {
            sizes[place] += 1;
            let mut skills = vec![(offset + place, self.rng.u8(3..=5))];
            let second = self.rng.usize(..queues.len());
            if second != place && self.rng.u8(0..10) < 4 {
                skills.push((offset + second, self.rng.u8(1..=2)));
            }
            agents.push(AgentSetup {
                vendor,
                user,
                first: first.to_owned(),
                last: last.to_owned(),
                shift: self.rng.choice(&self.shifts).cloned(),
                skills,
            });
        }
        for (queue, size) in queues.iter_mut().zip(sizes) {
            let hourly = 3_600.0 / (queue.talk + queue.wrap_up + 4.0);
            let share = if self.rng.u8(0..40) == 0 { 1.15 } else { 0.5 + 0.4 * self.rng.f64() };
            queue.load = f64::from(size) * AT_WORK * hourly * share;
        }
        agents
    }

    fn lists(&mut self) -> Vec<ListSetup> {
        let mut lists = Vec::new();
        let starts = (GROUPS..GROUPS + SERVICE_QUEUES).step_by(QUEUES_A_LIST);
        for (at, start) in starts.enumerate() {
            lists.push(ListSetup {
                id: guid(&mut self.rng),
                name: format!("Takaisinsoitot {}", at + 1),
                queues: (start..start + QUEUES_A_LIST).collect(),
            });
        }
        lists
    }
}
