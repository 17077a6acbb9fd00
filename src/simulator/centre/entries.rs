//! Scheduler entries: outbound calls that come due, are dialled, tried again, and end.

use super::chance::{
    HOUR, MINUTE, SECOND, between, busy, exponential, guid, happens, number, spread,
};
use super::{Centre, Event};
use crate::simulator::scenario::ServiceSetup;

/// Mean time of an attempt from dialling to its end, seconds.
const ATTEMPT: f64 = 130.0;
/// The longest time ahead of an entry that is always there.
const STOCK_LEAD: u64 = 8 * HOUR;
/// Customers: given and family name, company.
const CUSTOMERS: [(&str, &str, &str); 10] = [
    ("Alma", "Rutherford", "Fjordlight AB"),
    ("Bruno", "Castell", "Castell & Söhne"),
    ("Clémence", "Aubry", "Maison Aubry"),
    ("Dagny", "Thorsen", "Nordhavn Fisk"),
    ("Emil", "Haapala", "Haapala Oy"),
    ("Fenella", "Marsh", "Marsh Interiors"),
    ("Giulio", "Ferrante", "Ferrante Ceramiche"),
    ("Hedda", "Lundqvist", "Lundqvist Trä"),
    ("Iwona", "Sawicka", "Sawicka i Wspólnicy"),
    ("Joris", "Vermeer", "Kaasatelier Vermeer"),
];
/// Priorities as they stand on the wire, from low to high.
const PRIORITIES: [&str; 3] = ["Low", "Normal", "High"];

/// One service that calls customers.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    setup: ServiceSetup,
    number: Option<String>,
}

impl Service {
    /// The service at that position; each has a number.
    pub(super) fn new(setup: &ServiceSetup, position: usize) -> Self {
        Self { setup: setup.clone(), number: Some(format!("+4420794601{position:02}")) }
    }

    /// Its user principal name.
    pub fn upn(&self) -> &str {
        &self.setup.upn
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.setup.name
    }

    /// Its own phone number; without one it calls users alone.
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }
}

/// How far a scheduler entry has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryState {
    /// Its time has not come, or no one has dialled yet.
    Scheduled,
    /// It is being dialled or talked through.
    InProgress {
        /// GUID of the conversation.
        conversation: String,
    },
    /// It is over and leaves the list soon.
    Ended {
        /// Why, in the vendor's words.
        reason: &'static str,
    },
}

/// One outbound call that is planned, running or just over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    /// Position of its service.
    pub service: usize,
    /// The number to dial.
    pub destination: String,
    /// The other system's reference.
    pub reference: String,
    /// The customer: given name, family name, company.
    pub customer: Option<(&'static str, &'static str, &'static str)>,
    /// The priority, in the vendor's words.
    pub priority: String,
    /// Attempts made, the running one included.
    pub attempts: u32,
    pub max_attempts: u32,
    /// Seconds that one attempt may take.
    pub attempt_timeout: u32,
    /// Seconds that it may wait for an agent.
    pub max_queue_time: u32,
    /// Seconds that it rings at an agent.
    pub rona_timeout: u32,
    /// When it comes due.
    pub due: u64,
    /// How far it has come.
    pub state: EntryState,
}

/// What somebody plans: all of an entry that can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Position of its service.
    pub service: usize,
    /// The number to dial, or the user to call.
    pub destination: String,
    /// The other system's reference.
    pub reference: String,
    /// The priority, in the vendor's words.
    pub priority: String,
    pub max_attempts: u32,
    /// Seconds that one attempt may take.
    pub attempt_timeout: u32,
    /// Seconds that it may wait for an agent.
    pub max_queue_time: u32,
    /// Seconds that it rings at an agent.
    pub rona_timeout: u32,
    /// When it comes due.
    pub due: u64,
}

impl Plan {
    /// A new entry of it, without an identifier.
    fn entry(self) -> Entry {
        Entry {
            id: String::new(),
            service: self.service,
            destination: self.destination,
            reference: self.reference,
            customer: None,
            priority: self.priority,
            attempts: 0,
            max_attempts: self.max_attempts,
            attempt_timeout: self.attempt_timeout,
            max_queue_time: self.max_queue_time,
            rona_timeout: self.rona_timeout,
            due: self.due,
            state: EntryState::Scheduled,
        }
    }
}

/// What came of the wish to remove a scheduler entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    Removed,
    /// There is none of this identifier.
    Unknown,
    /// It is in progress, so it stays.
    InProgress,
    /// It has ended by itself.
    Ended,
}

impl Centre {
    pub(super) fn plan_entries(&mut self) {
        for service in 0..self.services.len() {
            for _ in 0..self.services[service].setup.stock {
                self.stock_entry(service);
            }
            self.plan_entry(service);
        }
    }

    fn plan_entry(&mut self, service: usize) {
        let load = self.services[service].setup.load;
        if load > 0.0 {
            let gap = exponential(&mut self.rng, 3_600.0 / load);
            self.plan(gap, Event::NewEntry { service });
        }
    }

    pub(super) fn new_entry(&mut self, service: usize) {
        self.plan_entry(service);
        if !happens(&mut self.rng, busy(self.now)) {
            return;
        }
        let lead = spread(&mut self.rng, 34.0 * 60.0).max(2 * MINUTE);
        self.add_entry(service, lead);
    }

    /// One of the entries that are always there.
    fn stock_entry(&mut self, service: usize) {
        let lead = between(&mut self.rng, 2 * MINUTE, STOCK_LEAD);
        self.add_entry(service, lead);
    }

    fn add_entry(&mut self, service: usize, lead: u64) {
        let rng = &mut self.rng;
        let due = (self.now + lead) / SECOND * SECOND;
        let entry = Entry {
            id: guid(rng),
            service,
            destination: number(rng),
            reference: format!("CRM-{}", rng.u32(10_000..100_000)),
            customer: rng.choice(CUSTOMERS),
            priority: rng.choice(PRIORITIES).unwrap_or("Normal").to_owned(),
            attempts: 0,
            max_attempts: rng.u32(1..=4),
            attempt_timeout: 60 * rng.u32(1..=10),
            max_queue_time: 60 * rng.u32(2..=10),
            rona_timeout: rng.choice([15, 20, 30]).unwrap_or(20),
            due,
            state: EntryState::Scheduled,
        };
        let id = self.next_serial();
        self.entries.insert(id, entry);
        self.plan_dial(id, due);
    }

    /// An entry is dialled when it is due, or somewhat later when no one is free.
    fn plan_dial(&mut self, entry: u64, due: u64) {
        let late = if happens(&mut self.rng, 0.4) {
            between(&mut self.rng, 5 * SECOND, 150 * SECOND)
        } else {
            between(&mut self.rng, 0, 4 * SECOND)
        };
        self.plan(due.saturating_sub(self.now) + late, Event::EntryDue { entry });
    }

    pub(super) fn entry_due(&mut self, id: u64) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        // What was put off meanwhile has another time on the agenda.
        if entry.state != EntryState::Scheduled || self.now < entry.due {
            return;
        }
        entry.attempts += 1;
        entry.state = EntryState::InProgress { conversation: guid(&mut self.rng) };
        let takes = spread(&mut self.rng, ATTEMPT).max(15 * SECOND);
        self.plan(takes, Event::EntryOver { entry: id });
    }

    pub(super) fn entry_over(&mut self, id: u64) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let reached = happens(&mut self.rng, 0.62);
        if !reached && entry.attempts < entry.max_attempts {
            let again = self.now + between(&mut self.rng, 4 * MINUTE, 25 * MINUTE);
            let due = again / SECOND * SECOND;
            entry.due = due;
            entry.state = EntryState::Scheduled;
            self.plan_dial(id, due);
            return;
        }
        let reason = if reached {
            "Successful"
        } else {
            self.rng.choice(["NotReached", "DeclinedByDestination", "LimitReached"]).unwrap_or("")
        };
        entry.state = EntryState::Ended { reason };
        let stays = between(&mut self.rng, 90 * SECOND, 4 * MINUTE);
        self.plan(stays, Event::EntryGone { entry: id });
    }

    pub(super) fn entry_gone(&mut self, id: u64) {
        let Some(entry) = self.entries.remove(&id) else { return };
        if self.services[entry.service].setup.stock > 0 {
            self.stock_entry(entry.service);
        }
    }

    /// Adds an entry that somebody plans; what is due already is dialled at once.
    pub fn plan_call(&mut self, plan: Plan) -> Entry {
        let entry = Entry { id: guid(&mut self.rng), ..plan.entry() };
        let id = self.next_serial();
        self.entries.insert(id, entry.clone());
        self.plan_dial(id, entry.due.max(self.now));
        entry
    }

    /// Changes an entry by its GUID (without case), unless it has begun; the whole of it is written.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub fn change_entry(&mut self, guid: &str, plan: Plan) -> Result<Entry, Removal> {
        let found = self.entries.iter_mut().find(|(_, entry)| entry.id.eq_ignore_ascii_case(guid));
        let (&id, entry) = found.ok_or(Removal::Unknown)?;
        match entry.state {
            EntryState::InProgress { .. } => Err(Removal::InProgress),
            EntryState::Ended { .. } => Err(Removal::Ended),
            EntryState::Scheduled => {
                let known = entry.clone();
                *entry = Entry {
                    id: known.id,
                    customer: known.customer,
                    attempts: known.attempts,
                    ..plan.entry()
                };
                let changed = entry.clone();
                self.plan_dial(id, changed.due.max(self.now));
                Ok(changed)
            }
        }
    }

    /// Gives a service another number, or takes it away.
    pub fn give_number(&mut self, service: usize, number: Option<String>) {
        if let Some(own) = self.services.get_mut(service) {
            own.number = number;
        }
    }

    /// Begins an entry now, by its GUID; whether it was scheduled.
    pub fn begin_entry(&mut self, guid: &str) -> bool {
        let conversation = super::chance::guid(&mut self.rng);
        let found = self.entries.values_mut().find(|entry| entry.id.eq_ignore_ascii_case(guid));
        found.filter(|entry| entry.state == EntryState::Scheduled).is_some_and(|entry| {
            entry.attempts += 1;
            entry.state = EntryState::InProgress { conversation };
            true
        })
    }

    /// Ends an entry now, by its GUID; whether it was in progress.
    pub fn end_entry(&mut self, guid: &str) -> bool {
        let found = self.entries.values_mut().find(|entry| entry.id.eq_ignore_ascii_case(guid));
        let begun = |entry: &&mut Entry| matches!(entry.state, EntryState::InProgress { .. });
        found.filter(begun).is_some_and(|entry| {
            entry.state = EntryState::Ended { reason: "Successful" };
            true
        })
    }

    /// Removes a scheduler entry by its GUID (without case), unless it has begun.
    pub fn remove_entry(&mut self, guid: &str) -> Removal {
        let found = self.entries.iter().find(|(_, entry)| entry.id.eq_ignore_ascii_case(guid));
        let Some((id, entry)) = found else { return Removal::Unknown };
        match entry.state {
            EntryState::InProgress { .. } => Removal::InProgress,
            EntryState::Ended { .. } => Removal::Ended,
            EntryState::Scheduled => {
                let id = *id;
                self.entries.remove(&id);
                Removal::Removed
            }
        }
    }
}
