//! A board on a relay's stream: what it knows, and what it does about what it missed.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::clock;
use crate::event::{Event, SourceEvent, Stamped};
use crate::floor::portable::Portable;
use crate::floor::time::Moment;
use crate::source::Line;
use crate::source::feed::{Poll, Reading, Reporter};
use crate::text::Shown;
use crate::transport::http::json::check_depth;
use crate::transport::lenient::Tally;
use crate::transport::poll::Listener;
use crate::transport::sse::StreamEvent;

use super::skew::Skew;
use super::wire::{GAP, Gap, HELLO, Hello};
use super::{Way, read};

/// How often it is told that facts came, milliseconds: a reader sees no more than that.
const TELL_MS: u64 = 1_000;

/// The least time between two snapshots.
const LEAST: Duration = Duration::from_millis(250);

/// One board's place on the stream.
pub(super) struct Board<'l> {
    way: &'l dyn Way,
    line: &'l Line,
    snapshot: Poll<'l>,
    events: Reporter,
    ears: Listener,
    skew: Skew,
    run: u64,
    /// The last fact that is known.
    seq: u64,
    /// Whether the connection is open, or was until just now.
    open: bool,
    told: Option<Moment>,
    tally: Tally,
}

impl<'l> Board<'l> {
    pub(super) fn new(
        way: &'l dyn Way,
        line: &'l Line,
        snapshot: Reporter,
        events: Reporter,
    ) -> Self {
        Self {
            way,
            line,
            snapshot: Poll::new(line, snapshot, LEAST, way.secret()),
            events,
            ears: line.wake.listen(),
            skew: Skew::default(),
            run: 0,
            seq: 0,
            open: false,
            told: None,
            tally: Tally::default(),
        }
    }

    /// Takes in what happens on the stream, until it ends.
    pub(super) async fn listen(&mut self, heard: &mut mpsc::Receiver<StreamEvent>) {
        loop {
            tokio::select! {
                biased;
                event = heard.recv() => match event {
                    Some(event) => self.hear(event).await,
                    None => return,
                },
                // Whoever asks for a fresh look gets one, however the stream is doing.
                () = self.ears.heard() => if self.open {
                    self.look().await;
                },
            }
        }
    }

    async fn hear(&mut self, event: StreamEvent) {
        let wait = |at: Moment| at.since(clock::moment());
        match event {
            StreamEvent::Connecting { .. } => {}
            StreamEvent::Open => {
                (self.open, self.skew) = (true, Skew::default());
                self.events.opened().await;
            }
            StreamEvent::Event { kind, data, id } => self.said(&kind, &data, id).await,
            StreamEvent::Waiting { reason, attempt, retry_at, .. } => {
                let wait = wait(retry_at);
                self.events.down(reason.clone(), wait).await;
                // A relay ends every stream now and then: only when it does not come back is it away.
                let away = !std::mem::take(&mut self.open) || attempt > 1;
                if away {
                    self.snapshot.reporter().down(reason, wait).await;
                }
            }
            StreamEvent::Unauthorized { reason, retry_at } => {
                let wait = wait(retry_at);
                self.open = false;
                self.events.unauthorized(reason.clone(), wait).await;
                let reason = Shown::clean(&format!("{reason}; {}", self.way.hint()));
                self.snapshot.reporter().unauthorized(reason, wait).await;
            }
            StreamEvent::Forbidden { reason } => {
                let reason = Shown::clean(&format!("{reason}; {}", self.way.hint()));
                self.stopped(reason).await;
            }
            StreamEvent::Stopped { reason } => self.stopped(reason).await,
        }
    }

    pub(super) async fn stopped(&mut self, reason: Shown) {
        self.open = false;
        self.events.stopped(reason.clone()).await;
        self.snapshot.reporter().stopped(reason).await;
    }

    async fn said(&mut self, kind: &str, data: &str, id: Option<String>) {
        if check_depth(data.as_bytes()).is_err() {
            return self.strange("nested too deep").await;
        }
        match kind {
            HELLO => match serde_json::from_str::<Hello>(data) {
                Ok(hello) => self.greeted(&hello).await,
                Err(_) => self.strange("hello").await,
            },
            GAP => {
                let why = serde_json::from_str::<Gap>(data).map(|gap| gap.why);
                let why = why.unwrap_or_else(|_| Shown::clean("facts were lost"));
                self.line.outbox.send(SourceEvent::Gap(why)).await;
                self.look().await;
            }
            _ => {
                let seq = id.and_then(|id| id.parse().ok()).unwrap_or(0);
                self.fact(seq, data).await;
            }
        }
    }

    async fn greeted(&mut self, hello: &Hello) {
        self.skew.heard(hello.run, hello.now.moment, clock::moment());
        // Relays that share a floor number their facts each for itself: another one's numbers say nothing.
        let same = std::mem::replace(&mut self.run, hello.run) == hello.run;
        if hello.resumed && same {
            self.snapshot.reporter().up(None).await;
        } else {
            self.look().await;
        }
    }

    /// One fact; those that the last snapshot had are known, and one that is missing calls for another.
    async fn fact(&mut self, seq: u64, data: &str) {
        if seq <= self.seq {
            return;
        }
        if seq != self.seq + 1 {
            let cause = Shown::clean("a fact is missing");
            self.line.outbox.send(SourceEvent::Gap(cause)).await;
            return self.look().await;
        }
        self.seq = seq;
        let Ok(Stamped { at, event: Event::Source { source, mut event } }) =
            serde_json::from_str::<Stamped>(data)
        else {
            return self.strange("a fact").await;
        };
        let mut clock = self.skew.heard(self.run, at, clock::moment());
        event.change(&mut clock);
        let event = SourceEvent::Of(source, Box::new(event));
        self.line.outbox.send_as_of(clock.told(at), event).await;
        let now = clock::moment();
        if self.told.is_none_or(|told| now.since(told).as_millis() >= TELL_MS.into()) {
            self.told = Some(now);
            self.events.up(None).await;
        }
    }

    /// Takes a snapshot, however long it takes; meanwhile nothing is read from the stream.
    async fn look(&mut self) {
        while self.snapshot.due().await {
            let read = read(self.way, self.line, &mut self.skew).await;
            if let Ok(seq) = read {
                self.seq = seq;
            }
            let good = read.is_ok();
            self.snapshot.took(read.map(|_| Reading::default())).await;
            if good {
                break;
            }
        }
        self.ears.forget();
    }

    /// Something that this version does not understand: counted, and nothing else.
    async fn strange(&mut self, what: &str) {
        self.tally.count(format!("relay: {what}"));
        self.line.tell_unknown(&mut self.tally).await;
    }
}
