//! One board on the stream: how far it is, and what it is sent next.
//!
//! Nothing is queued for a board. It has a place in the log of facts, and takes what is behind it whenever its
//! connection has room; when the log has moved on meanwhile, it is told so.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, Sleep};

use crate::clock;
use crate::source::relay::wire::{GAP, Gap, HELLO, Hello, SCHEMA};
use crate::text::{Shown, json};

use super::access::{Caller, Tokens};
use super::http::Site;
use super::view::View;

/// The least time between two writes to one board: it draws no more often.
const PACE: Duration = Duration::from_millis(50);

/// The longest silence; a comment breaks it.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Bytes that one write takes at most, but for a single fact that is larger.
const WRITE: usize = 64 * 1024;

/// How long a connection lasts, give or take a tenth: what stands between is never surprised by an eternal one, and the
/// boards of a building do not come back together.
pub(super) const AGE: Duration = Duration::from_mins(30);

/// A board that is attached.
pub(super) struct Board {
    site: Arc<Site>,
    caller: Caller,
    /// The last fact that it was given.
    place: Arc<AtomicU64>,
    views: watch::Receiver<Arc<View>>,
    tokens: watch::Receiver<Arc<Tokens>>,
    pace: Interval,
    age: Pin<Box<Sleep>>,
    first: Option<Bytes>,
}

impl Board {
    /// A board that knows everything up to `last`, if it says so.
    pub(super) fn new(site: Arc<Site>, caller: Caller, last: Option<u64>) -> Self {
        let (mut views, mut tokens) = (site.views(), site.tokens());
        tokens.mark_unchanged();
        let view = Arc::clone(&views.borrow_and_update());
        let resumed = last.filter(|last| view.behind(*last).is_ok());
        let hello = Hello {
            schema: SCHEMA,
            run: view.run(),
            now: clock::now(),
            resumed: resumed.is_some(),
        };
        let place = Arc::new(AtomicU64::new(resumed.unwrap_or_else(|| view.seq())));
        site.seat(&place);
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let age = site.age();
        let age = age.mul_f64(0.9 + fastrand::f64() * 0.2);
        let first = Some(event(HELLO, None, &hello));
        let age = Box::pin(tokio::time::sleep(age));
        Self { site, caller, place, views, tokens, pace, age, first }
    }

    /// What is written next; nothing when the connection is to end.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let closing = self.site.closing().clone();
        loop {
            tokio::select! {
                biased;
                () = closing.cancelled() => return None,
                () = &mut self.age => return None,
                _ = self.pace.tick() => {}
            }
            let view = Arc::clone(&self.views.borrow_and_update());
            if !self.tokens.borrow_and_update().knows(&self.caller) {
                return None;
            }
            if let Some(bytes) = self.facts(&view) {
                return Some(bytes);
            }
            tokio::select! {
                biased;
                () = closing.cancelled() => return None,
                () = &mut self.age => return None,
                moved = self.views.changed() => if moved.is_err() { return None },
                moved = self.tokens.changed() => if moved.is_err() { return None },
                () = tokio::time::sleep(HEARTBEAT) => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }

    /// The facts behind its place, as far as one write takes them, or that some are missing.
    fn facts(&self, view: &View) -> Option<Bytes> {
        let numbers = self.caller.numbers();
        let mut place = self.place.load(Ordering::Relaxed);
        let mut out = BytesMut::new();
        match view.behind(place) {
            Ok(facts) => {
                for fact in facts {
                    let text = fact.text(numbers);
                    if !out.is_empty() && out.len() + text.len() > WRITE {
                        break;
                    }
                    out.extend_from_slice(text);
                    place = fact.seq;
                }
            }
            Err(missed) => {
                place = missed.seq;
                let why = Shown::clean("facts were missed: this board takes everything anew");
                out.extend_from_slice(&event(GAP, Some(place), &Gap { seq: place, why }));
            }
        }
        self.place.store(place, Ordering::Relaxed);
        (!out.is_empty()).then(|| out.freeze())
    }
}

/// An event of the stream.
fn event(kind: &str, id: Option<u64>, value: &impl Serialize) -> Bytes {
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    let json = json::text(value).unwrap_or_default();
    Bytes::from(format!("event: {kind}\n{id}data: {json}\n\n"))
}
