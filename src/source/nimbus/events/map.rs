//! What an event means on the floor: its word by configuration, and by documented words where nothing is configured.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{About, Event};
use crate::event::SourceEvent;
use crate::floor::Delta;
use crate::floor::call::Phase;
use crate::floor::task::{Step, Turn};
use crate::floor::time::{Moment, Now, Told};
use crate::source::nimbus::mailbox::Mailbox;
use crate::source::nimbus::{feed, wire};
use crate::source::settings::NimbusSettings;
use crate::text::Shown;
use crate::transport::clock::{Placed, SourceClock};
use crate::transport::lenient::Tally;

/// How late an end may arrive. What says to be older is no end of this task.
const LATEST_END: TimeDelta = TimeDelta::hours(1);

/// Words of the configuration that are no phase.
const OTHERS: [(&str, Turn); 3] = [
    ("none", Turn::Said),
    ("supervised", Turn::Supervised(true)),
    ("unsupervised", Turn::Supervised(false)),
];

/// What the word of `task_events` stands for; `None` for a word that stands for nothing.
pub fn turn(word: &str) -> Option<Turn> {
    let phase = Phase::ALL.into_iter().find(|phase| phase.word() == word).map(Turn::To);
    phase.or_else(|| OTHERS.iter().find(|(own, _)| *own == word).map(|(_, turn)| *turn))
}

/// The word that [`turn`] turns into this.
pub fn word(turn: Turn) -> &'static str {
    match turn {
        Turn::To(phase) => phase.word(),
        other => OTHERS.iter().find(|(_, own)| *own == other).map_or("none", |(word, _)| word),
    }
}

/// The words that [`turn`] knows.
pub fn words() -> impl Iterator<Item = &'static str> {
    Phase::ALL.into_iter().map(Phase::word).chain(OTHERS.map(|(word, _)| word))
}

/// What an event does to its task as long as nobody says otherwise. The vendor's list of events is not public but
/// behind a lookup: these are the words that its documents use, the telling ones first.
pub fn by_words(event: &str) -> Turn {
    let event = event.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| event.contains(word));
    let connects = event.replace("disconnect", "").contains("connect");
    if has(&["updat"]) {
        Turn::Said
    } else if has(&["transfer"]) {
        if has(&["fail"]) { Turn::Said } else { Turn::To(Phase::Left) }
    } else if has(&["terminat", "complet", "lost", "cancel", "missed", "abandon"]) {
        Turn::To(Phase::Ended)
    } else if has(&["unpark", "unhold", "resum", "retriev"]) {
        Turn::To(Phase::Connected)
    } else if has(&["park"]) {
        Turn::To(Phase::Parked)
    } else if has(&["hold"]) {
        Turn::To(Phase::Held)
    } else if has(&["user"]) && (has(&["accept"]) || connects) {
        Turn::To(Phase::Connected)
    } else if has(&["queue"]) {
        Turn::To(Phase::Waiting)
    } else if has(&["new", "created", "accepted"]) {
        Turn::To(Phase::New)
    } else {
        Turn::Said
    }
}

/// When a task ended. Everything else of it has the time of its arrival, so an end counts by its own time only where the
/// difference of the clocks is known, and never after its arrival.
fn ended(placed: &Placed, now: &Now) -> DateTime<Utc> {
    let is_credible = placed.is_known && placed.late_by <= LATEST_END;
    if is_credible { placed.at.min(now.wall) } else { now.wall }
}

/// Makes changes of events.
#[derive(Debug, Clone)]
pub struct Mapper {
    /// Configured words, in lower case.
    own: BTreeMap<String, Turn>,
    /// For how long a task is believed without news.
    believed: Duration,
    /// What the vendor calls its events.
    mailbox: Option<Mailbox>,
    clock: SourceClock,
}

impl Mapper {
    /// A mapper by these settings.
    pub fn new(settings: &NimbusSettings) -> Self {
        let own = settings.task_events.iter();
        let own = own.map(|(word, turn)| (word.to_lowercase(), *turn)).collect();
        let (mailbox, clock) = (settings.mailbox.clone(), settings.clock.clone());
        Self { own, mailbox, clock, ..Self::of(settings.lost_track) }
    }

    /// One by the documented words alone, that believes a task without news for so long.
    pub fn of(believed: Duration) -> Self {
        Self { own: BTreeMap::new(), believed, mailbox: None, clock: SourceClock::default() }
    }

    /// What the event `word` does to its task: by configuration, which may use its value or its name, else by the
    /// words in both.
    pub fn turn(&self, word: &str) -> Turn {
        let name = self.mailbox.as_ref().and_then(|mailbox| mailbox.name(word)).unwrap_or_default();
        let own = [word, name.as_str()].map(|text| self.own.get(&text.to_lowercase()).copied());
        own.into_iter().flatten().next().unwrap_or_else(|| by_words(&format!("{word}\n{name}")))
    }

    /// When an event was so that arrived then.
    pub fn at(&self, event: &Event, arrived: DateTime<Utc>) -> DateTime<Utc> {
        let now = Now { moment: Moment::default(), wall: arrived };
        match &event.terminated {
            Some(terminated) => ended(&self.clock.look(terminated, &now), &now),
            None => arrived,
        }
    }

    /// What an event that arrived `now` means: changes, and lines for the log.
    ///
    /// The same event twice is the same changes twice, which do nothing the second time.
    pub fn news(&self, event: &Event, now: &Now, tally: &mut Tally) -> Vec<SourceEvent> {
        let at = match &event.terminated {
            Some(terminated) => ended(&self.clock.place(terminated, now), now),
            None => now.wall,
        };
        let moment = now.moment_of(at);
        let told = Told { at, report: event.report, moment, received: None, late: false };
        match &event.about {
            About::Task { task, facts, over } => {
                let turn = if *over { Turn::To(Phase::Ended) } else { self.turn(&event.word) };
                let step = Step {
                    told,
                    word: event.word.clone(),
                    turn,
                    believed: self.believed,
                    facts: (**facts).clone(),
                };
                let delta = Delta::Task { task: task.clone(), step: Box::new(step) };
                let mut news = vec![SourceEvent::Delta(delta)];
                // What was told and moves nothing is worth a line; the value may be anybody's words.
                if let (Turn::Said, Some((name, _))) = (turn, &facts.parameter) {
                    let line = format!("task {}: {name} was changed", task.shown());
                    news.push(SourceEvent::Said(Shown::clean(&line)));
                } else if turn == Turn::Said {
                    let line =
                        format!("task {}: {}, which moves nothing", task.shown(), event.word);
                    news.push(SourceEvent::Said(Shown::clean(&line)));
                }
                news
            }
            About::Entry { entry: _, service, value } => {
                let service = service.clone().unwrap_or_default();
                let rows = wire::entries(value, &feed(&service), &service, moment, tally);
                let told = rows
                    .into_iter()
                    .map(|entry| SourceEvent::Delta(Delta::Entry { told, entry: Box::new(entry) }));
                told.collect()
            }
        }
    }
}
