//! What streams tell, and what follows when one ends.

use std::time::Duration;

use serde_json::Value;

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
use crate::transport::poll::LOOK;
use crate::transport::retry::{Backoff, Rules, Wish};
use crate::transport::sse::StreamEvent;

use super::{EXPIRE, Following, Heard, REMEMBERED};

/// How long a stream rests after a document was lost: then its first one is whole.
const REOPENS: Duration = Duration::from_secs(1);

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
            StreamEvent::Waiting { .. } => {
                let wait = self.backoff_of(&want).failed(now, Wish::default());
                let failures = self.backoff_of(&want).failures();
                self.end(&want, wait);
                match &want {
                    // The server may have no such stream at all.
                    Want::Lamp(person) if failures == 3 => self.other_lamp(person),
                    Want::Call(person, _) => self.pool.changed(person),
                    Want::Lamp(_) | Want::Presence(_) => {}
                }
            }
            StreamEvent::Unauthorized { .. } => self.end(&want, LOOK),
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
        let known = self.lamps.entry(person.clone()).or_default();
        let before = known.clone();
        match known.take(document, clock::moment()) {
            Taken::Old => {}
            Taken::Applied => {
                if !known.iter().eq(before.iter()) {
                    self.pool.changed(person);
                    self.lamp_changed(person).await;
                }
            }
            Taken::Gap => {
                self.pool.changed(person);
                self.end(&Want::Lamp(person.clone()), REOPENS);
            }
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
        let Ok(value) = serde_json::from_str::<Value>(data) else {
            return self.tally.count("call state that is no JSON".to_owned());
        };
        let Some(call) = state::call_state(&value, &mut self.tally) else { return };
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
