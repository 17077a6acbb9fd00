//! What streams tell, and what follows when one ends.

use std::time::Duration;

use crate::clock;
use crate::event::SourceEvent;
use crate::floor::Delta;
use crate::floor::call::{Direction, Status};
use crate::floor::id::{AgentId, AgentKey};
use crate::floor::presence::Fact;
use crate::floor::time::Moment;
use crate::source::telepo::BEST_AGAIN;
use crate::source::telepo::budget::Want;
use crate::source::telepo::dialog::{self, Dialog, Dialogs, Lamp, Taken};
use crate::source::telepo::pidf;
use crate::source::telepo::state::{self, CallState, UserCalls};
use crate::transport::retry::{Backoff, Rules, Wish};
use crate::transport::sse::StreamEvent;

use super::{EXPIRE, Following, Heard, REMEMBERED};

/// Documents whose version did not fit after which a stream is not opened anew for one more.
const MISFITS: u32 = 2;

/// For how long a document whose version did not fit is remembered.
const MISFITS_COUNT: Duration = Duration::from_hours(1);

/// How long the stream of a call rests that is over.
const OVER: Duration = Duration::from_secs(60);

impl Following<'_> {
    pub(super) async fn hear(&mut self, (want, opening, event): Heard) {
        // What a closed stream still had to say is nobody's news.
        if self.streams.get(&want).is_none_or(|(own, _)| *own != opening) {
            return;
        }
        let now = clock::moment();
        match event {
            StreamEvent::Connecting { .. } => {}
            StreamEvent::Open => {
                self.budget.began(&want, now);
                self.backoff_of(&want).opened(now);
                if let Want::Presence(_) = &want {
                    self.closed = None;
                }
                if let Want::Lamp(person) = &want {
                    self.lamps.entry(person.clone()).or_default().reopened();
                    // What happened before the first document is read.
                    self.pool.changed(person);
                }
            }
            StreamEvent::Event { data, .. } => match want {
                Want::Lamp(person) => self.dialogs(&person, &data).await,
                Want::Call(person, _) => self.call(&person, &data).await,
                Want::Presence(person) => self.presence(&person, &data).await,
            },
            StreamEvent::Waiting { wish, .. } => {
                let wait = self.backoff_of(&want).failed(now, wish);
                let failures = self.backoff_of(&want).failures();
                self.end(&want, wait);
                match &want {
                    // The server may have no such stream at all.
                    Want::Lamp(person) if failures == 3 => self.other_lamp(person),
                    Want::Call(person, _) => self.pool.changed(person),
                    Want::Lamp(_) | Want::Presence(_) => {}
                }
            }
            StreamEvent::Unauthorized { .. } => {
                self.refuse(self.operation(&want).api).await;
                self.end(&want, Duration::ZERO);
            }
            StreamEvent::Forbidden { .. } => match &want {
                Want::Lamp(person) if !self.refused && !self.by_line.contains(person) => {
                    self.other_lamp(person);
                    self.end(&want, Duration::ZERO);
                }
                Want::Presence(_) => {
                    self.closed = Some(now.after(BEST_AGAIN));
                    self.end(&want, BEST_AGAIN);
                }
                _ => self.end(&want, BEST_AGAIN),
            },
            StreamEvent::Stopped { .. } => {
                if let Want::Call(person, _) = &want {
                    self.pool.changed(person);
                }
                self.end(&want, BEST_AGAIN);
            }
        }
    }

    /// The other operation that tells whether a person is in a call.
    fn other_lamp(&mut self, person: &AgentId) {
        if !self.by_line.remove(person) {
            self.by_line.insert(person.clone());
        }
    }

    fn end(&mut self, want: &Want, rest: Duration) {
        self.close(want);
        self.budget.ended(want, rest, clock::moment());
    }

    fn backoff_of(&mut self, want: &Want) -> &mut Backoff {
        if self.backoffs.len() >= REMEMBERED {
            self.backoffs.clear();
        }
        let new = || Backoff::new(Rules::STANDARD, fastrand::Rng::new());
        self.backoffs.entry(want.clone()).or_insert_with(new)
    }

    async fn dialogs(&mut self, person: &AgentId, data: &str) {
        let document = match dialog::read(data) {
            Ok(document) => document,
            Err(error) => return self.tally.count(format!("dialogs: {error}")),
        };
        for word in &document.unknown {
            self.tally.count(format!("dialog state {word}"));
        }
        let now = clock::moment();
        let known = self.lamps.entry(person.clone()).or_default();
        let before = known.clone();
        let mut taken = known.take(document.clone(), now);
        if taken.is_misfit() {
            let misfits = self.misfits.entry(person.clone()).or_default();
            if misfits.count(now) < MISFITS {
                self.pool.changed(person);
                let want = Want::Lamp(person.clone());
                let wait = self.backoff_of(&want).failed(now, Wish::default());
                return self.end(&want, wait);
            }
            // It was opened anew, and its versions fit no better.
            known.accept_any_version();
            taken = known.take(document, now);
            self.pool.changed(person);
        }
        if taken == Taken::Applied && !known.iter().eq(before.iter()) {
            self.pool.changed(person);
            self.lamp_changed(person).await;
        }
    }

    /// Where a person's calls may not be read, the dialogs alone tell of them.
    pub(super) async fn lamp_changed(&mut self, person: &AgentId) {
        if !self.refused && !self.pool.is_refused(person) {
            return;
        }
        let Some(dialogs) = self.lamps.get(person) else { return };
        let calls = told_by(dialogs);
        let told = self.told();
        self.tell_calls(person, told, calls).await;
    }

    async fn call(&mut self, person: &AgentId, data: &str) {
        let call = match state::call_state(data, &mut self.tally) {
            Ok(Some(call)) => call,
            Ok(None) => return,
            Err(error) => return self.tally.count(format!("call state: {error}")),
        };
        let (over, id) = (call.status == Some(Status::Terminated), call.call_id.clone());
        let told = self.told();
        let calls = UserCalls { full: Some(false), calls: vec![call] };
        self.tell_calls(person, told, calls).await;
        if over {
            self.pool.changed(person);
            self.end(&Want::Call(person.clone(), id.as_str().into()), OVER);
        }
    }

    async fn presence(&mut self, person: &AgentId, data: &str) {
        let told = self.told();
        let presence = match pidf::read(data, told.at) {
            Ok(presence) => presence,
            Err(error) => return self.tally.count(format!("presence: {error}")),
        };
        let fact = Fact::Availability(Box::new(presence.availability()));
        let agent = AgentKey::new(person.raw());
        let delta = Delta::Agent { agent, told, name: None, fact };
        self.line.outbox.send(SourceEvent::Delta(delta)).await;
    }

    /// Lets go what has rung for longer than anything rings.
    pub(super) async fn expire(&mut self, now: Moment) {
        if now.since(self.expired) < EXPIRE {
            return;
        }
        self.expired = now;
        let people: Vec<AgentId> = self
            .lamps
            .iter_mut()
            .filter_map(|(person, dialogs)| dialogs.expire(now).then(|| person.clone()))
            .collect();
        for person in people {
            self.pool.changed(&person);
            self.lamp_changed(&person).await;
        }
    }
}

/// Documents of one person whose version did not fit, in a row.
#[derive(Debug, Default)]
pub(super) struct Misfits {
    count: u32,
    last: Moment,
}

impl Misfits {
    /// One more; how many there are by now.
    fn count(&mut self, now: Moment) -> u32 {
        if now.since(self.last) >= MISFITS_COUNT {
            self.count = 0;
        }
        self.last = now;
        self.count = self.count.saturating_add(1);
        self.count
    }
}

/// The calls of a person, as far as dialogs tell of them.
fn told_by(dialogs: &Dialogs) -> UserCalls {
    let calls = dialogs.iter().map(|(id, dialog)| CallState {
        call_id: dialog.call_id.clone().unwrap_or_else(|| id.to_owned()),
        inbound: dialog.direction.map(|way| way == Direction::Inbound),
        status: Some(status(dialog)),
        remote: dialog.party.clone(),
        duration: dialog.duration,
        ..CallState::default()
    });
    UserCalls { full: Some(true), calls: calls.collect() }
}

fn status(dialog: &Dialog) -> Status {
    match dialog.lamp() {
        Lamp::Idle => Status::Terminated,
        Lamp::Dialling => Status::Initiated,
        Lamp::Ringing => Status::Ringing,
        Lamp::OnHold => Status::Held,
        Lamp::InCall => Status::Active,
    }
}
