//! A task of Nimbus's: the path that a contact took through a service, and what it is because of that.
//!
//! A task is nothing but what was told of it, in the order of time; everything else is read off that. Nimbus puts no
//! time to what it tells but the end's, so the order is that of arrival, with two exceptions: an end is the end,
//! whatever comes after it, and what belongs before something that was told moments ago has been overtaken by it.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::floor::book::Books;
use crate::floor::call::{Direction, Phase};
use crate::floor::id::{AgentKey, QueueId, TaskId};
use crate::floor::kept::Leaves;
use crate::floor::portable::{Change, Portable, portable};
use crate::floor::scheduler::Priority;
use crate::floor::time::{Moment, Told};
use crate::text::Shown;

/// Steps that one task keeps: the first and the latest. A task that goes in circles must not fill the memory.
pub const STEPS: usize = 32;

/// Within this time the same body is the same event, delivered twice, unless something else was told of the task in
/// between. After it, the same thing happened again.
const REPEAT: TimeDelta = TimeDelta::seconds(60);

/// The same where something else was told of the task in between: two deliveries may overtake another event.
const OVERTAKING_REPEAT: TimeDelta = TimeDelta::seconds(5);

/// For how long after a phase began what belongs before it can still be on its way.
const OVERTAKEN: TimeDelta = TimeDelta::seconds(30);

/// How long a task that is over stays to be looked at.
const OVER: Duration = Duration::from_secs(60);

/// How long a task that left for another service stays: it may come back.
const LEFT: Duration = Duration::from_secs(5 * 60);

/// How long a task of which track was lost stays to be looked at.
const LOST: Duration = Duration::from_secs(12 * 3_600);

/// One task of one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its identity within the source.
    pub id: TaskId,
    path: Vec<Step>,
    /// How far it is; `None` while no event said so, which is shown as new.
    pub phase: Option<Phase>,
    /// Since when it is in its phase.
    pub since: Option<Told>,
    /// Since when it waits, or waited: from the receipt of the event that said so, not from its making.
    pub wait_from: Option<Told>,
    /// Until when it waited.
    pub wait_to: Option<Told>,
    /// Whether somebody supervises it, where an event says so. A park ends that for good.
    pub supervised: Option<bool>,
    /// Whether an agent ever had it.
    pub answered: bool,
    /// All else that was told of it.
    pub facts: Facts,
}

/// One event of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub told: Told,
    /// What it was, in the vendor's word.
    pub word: Shown,
    pub turn: Turn,
    /// For how long after this step the task is believed without further news.
    pub believed: Duration,
    /// What else it told.
    pub facts: Facts,
}

/// What an event does to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It comes into a phase.
    To(Phase),
    /// Somebody supervises it, or does so no longer.
    Supervised(bool),
    /// Nothing: a parameter changed, or nobody knows the word.
    Said,
}

/// What a task is made of, whatever word its vendor has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A call, with or without pictures.
    Audio,
    Chat,
    Email,
    /// A task of another system.
    External,
    /// A word that is not known.
    Other,
}

impl Channel {
    /// The channel that a vendor's word names, however it is written.
    pub fn of(word: &str) -> Self {
        let plain: String =
            word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        match plain.as_str() {
            "audio" | "audiovideo" | "video" | "voice" | "call" | "phone" => Self::Audio,
            "instantmessaging" | "instantmessage" | "im" | "chat" | "webchat" => Self::Chat,
            "externaltask" | "external" => Self::External,
            plain if plain.contains("mail") => Self::Email,
            _ => Self::Other,
        }
    }
}

/// Who waits where a task waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A person on a line: an inbound call or chat.
    Line,
    /// Nobody: an e-mail, a task of another system, or what is not known to be a call or a chat.
    Backlog,
    /// The task waits for an agent, who then calls somebody.
    Outbound,
}

/// What an event told of its task. `None` is “not told”, which changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The service whose task it is.
    pub service: Option<QueueId>,
    pub service_name: Option<Shown>,
    /// The service's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_number: Option<Shown>,
    /// Who was connected last.
    pub agent: Option<AgentKey>,
    /// The name by which that person is shown.
    pub agent_name: Option<Shown>,
    /// Which way it goes.
    pub direction: Option<Direction>,
    /// What it began as: the vendor's word, of which there may be more.
    pub modality: Option<Shown>,
    /// The other end's number or address.
    pub party: Option<Shown>,
    /// What the other end is called in an address book: told by whoever hides the number, and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Shown>,
    /// What the customer is called.
    pub customer: Option<Label>,
    /// The first message of a chat.
    pub message: Option<Shown>,
    /// The subject of an e-mail.
    pub subject: Option<Shown>,
    /// Attempts of an outbound call.
    pub attempts: Option<u32>,
    /// The reference of whoever scheduled it.
    pub reference: Option<Shown>,
    /// The call at Microsoft's, which goes on from task to task.
    pub chain: Option<Shown>,
    /// The parameter that changed last, with its value.
    pub parameter: Option<(Shown, Shown)>,
}

/// What a customer is called; a lower rank says more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// How good it is: 0 a name, 1 an identifier, 2 an address.
    pub rank: u8,
    pub text: Shown,
}

/// What tasks of other systems can be made of, as the vendor's lookups tell; empty until they answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tasking {
    /// The services that have such tasks.
    pub services: Vec<Shown>,
    /// The priorities that they can have.
    pub priorities: Vec<Priority>,
    /// The users who can be preferred.
    pub users: Vec<Shown>,
}

/// What stands for a customer of whom nothing is known.
pub const ANONYMOUS: &str = "anonymous";

impl Task {
    /// A task of which nothing is known yet.
    pub fn new(id: TaskId) -> Self {
        Self {
            id,
            path: Vec::new(),
            phase: None,
            since: None,
            wait_from: None,
            wait_to: None,
            supervised: None,
            answered: false,
            facts: Facts::default(),
        }
    }

    /// What was told of it, first to last.
    pub fn path(&self) -> &[Step] {
        &self.path
    }

    /// When it was last told of.
    pub fn told(&self) -> Option<Told> {
        self.path.last().map(|step| step.told)
    }

    /// What the customer is called: the name that was told, else the one in an address book, else the best label there
    /// is, and nothing where the other end's number says it.
    pub fn customer(&self, books: &Books) -> Option<Shown> {
        let (label, party) = (&self.facts.customer, &self.facts.party);
        let named = label.as_ref().filter(|label| label.rank == 0);
        if let Some(label) = named {
            return Some(label.text.clone());
        }
        match (self.contact(books), label, party) {
            (Some(name), _, _) => Some(name),
            (None, Some(label), _) => Some(label.text.clone()),
            (None, None, Some(_)) => None,
            (None, None, None) => Some(Shown::from(ANONYMOUS)),
        }
    }

    /// What the other end is called in an address book.
    pub fn contact(&self, books: &Books) -> Option<Shown> {
        let party = self.facts.party.as_ref();
        party.and_then(|party| books.name(party)).or_else(|| self.facts.contact.clone())
    }

    /// Whether it is another system's, and so can be removed.
    pub fn is_external(&self) -> bool {
        self.channel() == Some(Channel::External)
    }

    /// What it is made of; `None` where nothing says so. Only e-mails have a subject.
    pub fn channel(&self) -> Option<Channel> {
        let word = self.facts.modality.as_ref().filter(|word| !word.trim().is_empty());
        let subject = self.facts.subject.as_ref().map(|_| Channel::Email);
        word.map(|word| Channel::of(word)).or(subject)
    }

    /// Who waits while it waits. What is not said to be something else is taken for a person on a line.
    pub fn work(&self) -> Work {
        match (self.facts.direction, self.channel()) {
            (Some(Direction::Outbound), _) => Work::Outbound,
            (_, None | Some(Channel::Audio | Channel::Chat)) => Work::Line,
            (_, Some(Channel::Email | Channel::External | Channel::Other)) => Work::Backlog,
        }
    }

    /// Whether the customer is on a line while an agent has it: a call or a chat, whoever began it.
    pub fn is_live(&self) -> bool {
        matches!(self.channel(), None | Some(Channel::Audio | Channel::Chat))
    }

    /// Seconds that it waited, or has waited by `now`.
    pub fn wait(&self, now: Moment) -> Option<u64> {
        let until = self.wait_to.map_or(now, |to| to.moment);
        Some(until.since(self.wait_from?.moment).as_secs())
    }

    /// Whether it goes on, as far as anybody knows.
    pub fn is_here(&self) -> bool {
        self.phase.is_none_or(Phase::is_here)
    }

    /// From when on it is not believed any more that it goes on: nothing was told for too long.
    pub fn lost_from(&self) -> Moment {
        match self.path.last() {
            Some(step) if self.is_here() => step.told.moment.after(step.believed),
            _ => Moment::LAST,
        }
    }

    /// Whether track of it was lost: it is shown and counts no more.
    pub fn is_lost(&self, now: Moment) -> bool {
        self.lost_from() <= now
    }

    /// Whether the customer gave up: it ended and no agent ever had it.
    pub fn is_abandoned(&self) -> bool {
        self.work() == Work::Line && self.phase == Some(Phase::Ended) && !self.answered
    }

    /// Adds what was told; whether it changed anything.
    pub fn take(&mut self, step: Step) -> bool {
        let place = self.path.partition_point(|known| known.told <= step.told);
        if self.path.iter().any(|known| known.told.is_same(&step.told)) {
            return false;
        }
        let full = self.path.len() >= STEPS;
        // Older than all that is kept but the first: it would be the next to go.
        if full && place == 1 {
            return false;
        }
        self.path.insert(place, step);
        if full {
            self.path.remove(1);
        }
        let path = std::mem::take(&mut self.path);
        *self = Self::new(self.id.clone());
        for (index, step) in path.iter().enumerate() {
            let before = &path[..index];
            let again = |(back, known): (usize, &Step)| {
                let window = if back == 0 { REPEAT } else { OVERTAKING_REPEAT };
                known.told.report == step.told.report && step.told.at - known.told.at < window
            };
            if !before.iter().rev().enumerate().any(again) {
                self.follow(step, before);
            }
        }
        // Also where the event that said so never came.
        self.answered |= self.facts.agent.is_some();
        self.path = path;
        true
    }

    fn follow(&mut self, step: &Step, before: &[Step]) {
        self.facts.overlay(&step.facts);
        let phase = match step.turn {
            Turn::To(phase) => phase,
            Turn::Supervised(now) => {
                self.supervised = Some(now);
                return;
            }
            Turn::Said => return,
        };
        self.answered |=
            matches!(phase, Phase::Connected | Phase::Held | Phase::Parked | Phase::WrapUp);
        if self.phase == Some(Phase::Ended) || self.is_overtaken(phase, step, before) {
            return;
        }
        if phase == Phase::Parked {
            self.supervised = self.supervised.map(|_| false);
        }
        match phase {
            Phase::Waiting if self.phase != Some(Phase::Waiting) => {
                (self.wait_from, self.wait_to) = (Some(step.told), None);
            }
            Phase::Waiting | Phase::New => {}
            _ if self.wait_to.is_none() => self.wait_to = self.wait_from.map(|_| step.told),
            _ => {}
        }
        if self.phase != Some(phase) {
            (self.phase, self.since) = (Some(phase), Some(step.told));
        }
    }

    /// Whether a phase that comes earlier in every task's life, and was not told of before, was on its way when the
    /// present one began.
    fn is_overtaken(&self, phase: Phase, step: &Step, before: &[Step]) -> bool {
        let (Some(own), Some(since)) = (self.phase, self.since) else { return false };
        order(phase) < order(own)
            && step.told.at - since.at < OVERTAKEN
            && !before.iter().any(|known| known.turn == Turn::To(phase))
    }
}

/// Where a phase has its place in a task's life, if nothing goes back.
const fn order(phase: Phase) -> u8 {
    match phase {
        Phase::New => 0,
        Phase::Waiting => 1,
        Phase::Alerting => 2,
        Phase::Connected => 3,
        Phase::Held | Phase::Parked => 4,
        Phase::WrapUp => 5,
        Phase::Left => 6,
        Phase::Ended => 7,
    }
}

impl Facts {
    /// Takes over what `news` tells.
    fn overlay(&mut self, news: &Self) {
        fn set<T: Clone>(slot: &mut Option<T>, told: Option<&T>) {
            if told.is_some() {
                *slot = told.cloned();
            }
        }
        if news.agent.is_some() && news.agent != self.agent {
            self.agent_name = None;
        }
        set(&mut self.service, news.service.as_ref());
        set(&mut self.service_name, news.service_name.as_ref());
        set(&mut self.service_number, news.service_number.as_ref());
        set(&mut self.agent, news.agent.as_ref());
        set(&mut self.agent_name, news.agent_name.as_ref());
        set(&mut self.direction, news.direction.as_ref());
        set(&mut self.modality, news.modality.as_ref());
        set(&mut self.party, news.party.as_ref());
        set(&mut self.contact, news.contact.as_ref());
        // An event that knows less does not take a name away.
        let known = self.customer.as_ref().map_or(u8::MAX, |label| label.rank);
        set(&mut self.customer, news.customer.as_ref().filter(|label| label.rank <= known));
        set(&mut self.message, news.message.as_ref());
        set(&mut self.subject, news.subject.as_ref());
        set(&mut self.attempts, news.attempts.as_ref());
        set(&mut self.reference, news.reference.as_ref());
        set(&mut self.chain, news.chain.as_ref());
        set(&mut self.parameter, news.parameter.as_ref());
    }
}

impl Leaves for Task {
    const MOST: usize = 5_000;

    fn leaves(&self) -> Moment {
        match self.phase {
            Some(Phase::Ended) => self.updated().after(OVER),
            Some(Phase::Left) => self.updated().after(LEFT),
            None | Some(_) => self.lost_from().after(LOST),
        }
    }

    fn updated(&self) -> Moment {
        self.path.iter().map(|step| step.told.moment).max().unwrap_or_default()
    }

    fn is_shown(&self) -> bool {
        !self.path.is_empty()
    }

    fn last(&self) -> Option<Told> {
        self.told().filter(|_| self.phase != Some(Phase::Ended))
    }
}

portable!(
    Task: path, since, wait_from, wait_to, facts;
    id, phase, supervised, answered
);
portable!(Step: told, word, facts; turn, believed);
portable!(Label: text; rank);

impl Portable for Facts {
    fn change(&mut self, by: &mut dyn Change) {
        let Self {
            service: _,
            service_name: _,
            service_number: _,
            agent: _,
            agent_name,
            direction: _,
            modality: _,
            party,
            contact,
            customer,
            message,
            subject,
            attempts: _,
            reference,
            chain: _,
            parameter,
        } = self;
        by.party(party.as_ref(), contact);
        for text in [agent_name, party, contact, reference] {
            text.change(by);
        }
        customer.change(by);
        for text in [message, subject].into_iter().flatten() {
            by.written(text);
        }
        // A parameter may hold whatever somebody typed.
        if let Some((_, value)) = parameter {
            by.written(value);
        }
    }
}
