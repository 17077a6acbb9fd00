//! The one writer of a relay: facts in, numbered facts and an immutable view of all that is known out. No socket, no
//! clock, no disk.
//!
//! Readers take the newest [`View`] and hold no lock that the writer needs. A view is cheap to publish: it shares every
//! row that did not change with the view before it. The writer publishes on a short tick, and only what is new.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use super::facts::FactLog;
pub use super::facts::{Bounds, Fact, Missed};
pub use super::view::View;
use crate::event::{Event, SourceEvent, Stamped, not_shown};
use crate::floor::id::SourceName;
use crate::floor::journal::Journal;
use crate::floor::portable::{Masked, Named, Portable};
use crate::floor::reread::Reread;
use crate::floor::time::{Moment, Now};
use crate::floor::{Floor, Kind, World};
use crate::table::LogLine;
use crate::text::{Shown, json};
use crate::threshold::Severity;

/// Lines for the log that wait to be taken.
const LINES: usize = 1_000;

/// What the writer takes in.
#[derive(Debug)]
pub enum News {
    /// Facts, in their order.
    Facts(Vec<Stamped>),
    /// All that another relay of the same sources knows.
    Adopted(BTreeMap<SourceName, World>),
}

/// The floor of a relay, and its writer.
#[derive(Debug)]
pub struct Hub {
    floor: Floor,
    journal: Journal,
    now: Now,
    begun: Moment,
    run: u64,
    seq: u64,
    facts: FactLog,
    lines: VecDeque<LogLine>,
    last_line: u64,
    views: watch::Sender<Arc<View>>,
}

impl Hub {
    /// A hub of these sources. The facts of a run are numbered from the microsecond in which it began, so that no
    /// number of an earlier run is taken for one of this.
    pub fn new(
        sources: impl IntoIterator<Item = (SourceName, Kind)>,
        now: Now,
        bounds: Bounds,
    ) -> Self {
        let run = u64::try_from(now.wall.timestamp_micros()).unwrap_or_default();
        let (floor, facts) = (Floor::new(sources), FactLog::new(bounds));
        let (begun, seq) = (now.moment, run);
        let first = View { begun, run, seq, floor: floor.clone(), facts: facts.clone() };
        Self {
            floor,
            journal: Journal::default(),
            now,
            begun,
            run,
            seq,
            facts,
            lines: VecDeque::new(),
            last_line: 0,
            views: watch::Sender::new(Arc::new(first)),
        }
    }

    /// Which run it is.
    pub const fn run(&self) -> u64 {
        self.run
    }

    /// The number of the last fact.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The views that are published from now on, and the last one.
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.views.subscribe()
    }

    /// What is known now.
    pub fn view(&self) -> View {
        View {
            begun: self.begun,
            run: self.run,
            seq: self.seq,
            floor: self.floor.clone(),
            facts: self.facts.clone(),
        }
    }

    /// Whether anything is known that is not published.
    pub fn has_news(&self) -> bool {
        self.seq + self.floor.revision() != self.views.borrow().revision()
    }

    /// Publishes what is known.
    pub fn publish(&self) {
        self.views.send_replace(Arc::new(self.view()));
    }

    /// Takes in what is new.
    pub fn take_news(&mut self, news: News) {
        match news {
            News::Facts(facts) => facts.into_iter().for_each(|fact| self.take(fact)),
            News::Adopted(worlds) => self.adopt(worlds),
        }
    }

    /// Takes a fact in. What a source tells gets a number and is kept for a while; of a reading that is what it changed.
    pub fn take(&mut self, fact: Stamped) {
        let before = match &fact.event {
            Event::Source { source, event: SourceEvent::Snapshot(_) } => {
                self.floor.world(source).cloned()
            }
            _ => None,
        };
        let Some(before) = before else {
            self.number(&fact);
            self.apply(fact);
            return;
        };
        self.apply(fact.clone());
        let fact = self.difference(&before, fact);
        self.number(&fact);
    }

    fn apply(&mut self, fact: Stamped) {
        let Stamped { at, event } = fact;
        if at > self.now.moment {
            self.now = Now { moment: at, wall: self.now.wall_of(at) };
        }
        match event {
            Event::Source { source, event } => self.apply_of(&source, event, at),
            Event::Tick(now) => {
                self.now = now;
                self.floor.tick(now);
            }
            // Of a screen, which a relay does not have.
            Event::Key(_)
            | Event::Paste(_)
            | Event::Unknown
            | Event::Written { .. }
            | Event::Unread(_)
            | Event::Mouse(_)
            | Event::Pointed(_)
            | Event::Resize { .. }
            | Event::Finished { .. }
            | Event::Exported(_) => {}
        }
    }

    fn apply_of(&mut self, source: &SourceName, event: SourceEvent, at: Moment) {
        let Some(world) = self.floor.world(source) else { return };
        let now = Now { moment: at, wall: self.now.wall_of(at) };
        let line = event.record(source, world, &mut self.journal, now);
        match event {
            SourceEvent::Of(own, event) => {
                if self.floor.stands_for(source, &own) {
                    self.apply_of(&own, *event, at);
                }
            }
            SourceEvent::Relayed(worlds) => {
                for name in self.floor.relayed(source, worlds) {
                    self.write(source, Severity::Warning, &not_shown(&name));
                }
            }
            event => event.apply(&mut self.floor, source, at),
        }
        if let Some((severity, text)) = line {
            self.write(source, severity, &text);
        }
    }

    /// Adds a line for the log; numbers of people are masked in it.
    fn write(&mut self, source: &SourceName, severity: Severity, text: &str) {
        if self.lines.len() == LINES {
            self.lines.pop_front();
        }
        self.last_line += 1;
        self.lines.push_back(LogLine {
            number: self.last_line,
            at: self.now.moment,
            source: Some(source.clone()),
            severity,
            text: Shown::clean(text).masked(),
        });
    }

    /// The lines for the log that came since they were last taken.
    pub fn take_lines(&mut self) -> VecDeque<LogLine> {
        std::mem::take(&mut self.lines)
    }

    /// A reading as the difference that it made; as it is where that says more.
    fn difference(&self, before: &World, fact: Stamped) -> Stamped {
        let Stamped { at, event: Event::Source { source, event: SourceEvent::Snapshot(part) } } =
            fact
        else {
            return fact;
        };
        let after = self.floor.world(&source);
        let event = match after.and_then(|after| Reread::between(before, after, &part)) {
            Some(reread) => SourceEvent::Reread(reread),
            None => SourceEvent::Snapshot(part),
        };
        Stamped { at, event: Event::Source { source, event } }
    }

    /// Numbers and keeps a fact.
    fn number(&mut self, fact: &Stamped) {
        if let Event::Source { source, event } = &fact.event
            && let Some(world) = self.floor.world(source)
        {
            let books = Arc::clone(&world.books);
            self.seq += 1;
            let open = written(self.seq, fact);
            let mut event_masked = event.clone();
            if !books.is_empty() {
                event_masked.change(&mut Named(&books));
            }
            event_masked.change(&mut Masked);
            let masked = match event_masked == *event {
                true => open.clone(),
                false => {
                    let event = Event::Source { source: source.clone(), event: event_masked };
                    written(self.seq, &Stamped { at: fact.at, event })
                }
            };
            self.facts.push(Fact::new(self.seq, open, masked));
        }
    }

    /// Takes over what another relay of the same sources knows. There are no facts between what was known before and this:
    /// boards take it whole.
    pub fn adopt(&mut self, worlds: BTreeMap<SourceName, World>) {
        self.seq += 1;
        self.facts.clear();
        self.floor.adopt(worlds);
    }

    /// How scheduler entries ended.
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The same, to take over what was kept.
    pub const fn journal_mut(&mut self) -> &mut Journal {
        &mut self.journal
    }
}

/// An event of the stream: its number and the fact, in the form of a recording.
fn written(seq: u64, fact: &Stamped) -> Bytes {
    // A fact that has no JSON has nothing but its number: a board that cannot read it counts it.
    let json = json::text(fact).unwrap_or_default();
    Bytes::from(format!("id: {seq}\ndata: {json}\n\n"))
}
