//! Reading what people say of themselves, a few at a time, and changing it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;

use crate::clock;
use crate::event::SourceEvent;
use crate::floor::id::{AgentId, AgentKey};
use crate::floor::link::FeedKind;
use crate::floor::profile::{PRESENCE as FEED, Profile, Profiles, Wish};
use crate::floor::time::{Latest, Moment, Told};
use crate::floor::{Delta, Part};
use crate::operations::Outcome;
use crate::source::feed::{Failure, Poll, Reading, Reporter};
use crate::source::gaze::Looked;
use crate::source::telepo::operations::{ACTIVITIES, PRESENCE, PRESENCE_PUT, ROLES};
use crate::source::telepo::{Telepo, hinted, profile};
use crate::source::{Line, outcome};
use crate::text::Shown;
use crate::transport::http::HttpError;

/// How often a few people are read.
const EVERY: Duration = Duration::from_secs(5);

/// People who are read at a time: with the own user, one request a second.
const AT_ONCE: usize = 4;

/// How long the site's words hold, and how long a refusal does.
const HOLDS: Duration = Duration::from_mins(15);

/// People who may be waiting to be read ahead of others.
const MOST_AHEAD: usize = 64;

/// What is missing when presence is refused.
const HINT: &str = "presence needs a ticket for the user-information API";

/// People who are read ahead of others: whoever was just changed.
#[derive(Debug, Default)]
pub(super) struct Ahead(Mutex<VecDeque<String>>);

impl Ahead {
    fn put(&self, id: &str) {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        queue.retain(|own| own != id);
        queue.push_front(id.to_owned());
        queue.truncate(MOST_AHEAD);
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// Where the rotation is, and what it has told.
#[derive(Debug, Default)]
struct Turn {
    /// The person who was read last.
    last: String,
    told: BTreeMap<String, Profile>,
    words_at: Option<Moment>,
    /// When others than the own user are tried again; a ticket may be for oneself alone.
    others_again: Option<Moment>,
}

impl Telepo {
    /// Reads the presence of the own user and of a few others at a time, until the source is stopped.
    pub(super) async fn poll_presence(&self, line: &Line) {
        let limit = Some(EVERY * 6);
        let reporter = Reporter::open(&line.outbox, FEED, FeedKind::Aside, limit).await;
        let mut poll = Poll::new(line, reporter, EVERY, self.secret(PRESENCE));
        let mut turn = Turn::default();
        while poll.due().await {
            poll.took(self.read_presence(line, &mut turn).await).await;
        }
    }

    async fn read_presence(&self, line: &Line, turn: &mut Turn) -> Result<Reading, Failure> {
        let now = clock::moment();
        let own = self.read_own().await?;
        let remark = own.is_none().then(|| self.no_presence());
        if turn.words_at.is_none_or(|at| now.since(at) >= HOLDS) {
            self.read_words(line, own.as_ref(), turn).await?;
            turn.words_at = Some(now);
        }
        if let Some(own) = own {
            self.tell_profile(line, turn, &self.own(), own).await;
        }
        if turn.others_again.is_some_and(|again| now < again) {
            return Ok(Reading { remark: Some(only_own()) });
        }
        turn.others_again = None;
        for id in self.next_people(&line.gaze.looked(), &turn.last).await {
            match self.read_profile(&id).await {
                Ok(Some(profile)) => self.tell_profile(line, turn, &id, profile).await,
                Ok(None) | Err(HttpError::NotFound { .. }) => {}
                Err(HttpError::Forbidden { .. } | HttpError::Unauthorized { .. }) => {
                    turn.others_again = Some(now.after(HOLDS));
                    return Ok(Reading { remark: Some(only_own()) });
                }
                Err(error) => return Err(error.into()),
            }
            turn.last = id;
        }
        line.tell_unknown(&mut self.told.lock().await.tally).await;
        Ok(Reading { remark })
    }

    /// Reads once what everybody says, for a report; nothing is said of the feed before the last of them.
    pub(super) async fn read_everybody(&self, line: &Line, mut reporter: Reporter) {
        match self.read_all_profiles(line).await {
            Ok(reading) => reporter.up(reading.remark).await,
            Err(failure) if failure.error.wants_person() => {
                reporter.unauthorized(failure.shown(), HOLDS).await;
            }
            Err(failure) => reporter.down(failure.shown(), HOLDS).await,
        }
    }

    async fn read_all_profiles(&self, line: &Line) -> Result<Reading, Failure> {
        let mut turn = Turn::default();
        let own = self.read_own().await?;
        let remark = own.is_none().then(|| self.no_presence());
        self.read_words(line, own.as_ref(), &turn).await?;
        if let Some(own) = own {
            self.tell_profile(line, &mut turn, &self.own(), own).await;
        }
        // Whom the groups name stands on the floor by then.
        let _ = self.people.subscribe().wait_for(Option::is_some).await;
        let people: Vec<String> = {
            let told = self.told.lock().await;
            let people = told.tables.people().into_iter().map(str::to_owned);
            people.filter(|id| *id != self.own()).collect()
        };
        let reads = people.into_iter().map(|id| async move {
            let profile = self.read_profile(&id).await;
            (id, profile)
        });
        let mut answers = futures_util::stream::iter(reads).buffer_unordered(AT_ONCE);
        let mut failed = None;
        while let Some((id, result)) = answers.next().await {
            match result {
                Ok(Some(profile)) => self.tell_profile(line, &mut turn, &id, profile).await,
                Ok(None) | Err(HttpError::NotFound { .. }) => {}
                Err(HttpError::Forbidden { .. } | HttpError::Unauthorized { .. }) => {
                    return Ok(Reading { remark: Some(only_own()) });
                }
                Err(error) => failed = Some(error),
            }
        }
        line.tell_unknown(&mut self.told.lock().await.tally).await;
        failed.map_or(Ok(Reading { remark }), |error| Err(error.into()))
    }

    /// The site's words, with what is known so far: they come as one part.
    async fn read_words(
        &self,
        line: &Line,
        own: Option<&Profile>,
        turn: &Turn,
    ) -> Result<(), Failure> {
        let refused = |error: &HttpError| {
            matches!(error, HttpError::NotFound { .. } | HttpError::Forbidden { .. })
        };
        let mut words = Vec::new();
        for (operation, key) in [(ACTIVITIES, "activity"), (ROLES, "role")] {
            words.push(match self.read(operation).await {
                Ok(reply) => {
                    let tally = &mut self.told.lock().await.tally;
                    reply.read_by(|body| profile::terms(body, key, tally))?
                }
                // Without words there is nothing to choose from; what people say is shown all the same.
                Err(error) if refused(&error) => Vec::new(),
                Err(error) => return Err(hinted(error, HINT)),
            });
        }
        let told = told();
        let latest = |profile: &Profile| Latest { told, value: profile.clone() };
        let people = turn.told.iter().map(|(id, own)| (AgentKey::new(id), latest(own))).collect();
        let roles = words.pop().unwrap_or_default();
        let activities = words.pop().unwrap_or_default();
        let profiles = Profiles { activities, roles, own: own.map(latest), people };
        line.outbox.send(SourceEvent::Snapshot(Part::Profiles(Box::new(profiles)))).await;
        Ok(())
    }

    /// The presence of the own user; `None` where the server has none, as one without that API.
    async fn read_own(&self) -> Result<Option<Profile>, Failure> {
        match self.read_profile(&self.own()).await {
            Err(HttpError::NotFound { .. }) => Ok(None),
            result => result.map_err(|error| hinted(error, HINT)),
        }
    }

    fn no_presence(&self) -> Shown {
        Shown::clean(&format!("the server has no presence of {}", self.own()))
    }

    async fn read_profile(&self, id: &str) -> Result<Option<Profile>, HttpError> {
        let request = self.request(PRESENCE, &self.person(id), &[])?.polled();
        let reply = self.client.send(request).await?;
        let tally = &mut self.told.lock().await.tally;
        reply.read_by(|body| profile::profile(body, tally))
    }

    /// Tells what somebody says, where it is not what was told before.
    async fn tell_profile(&self, line: &Line, turn: &mut Turn, id: &str, profile: Profile) {
        if turn.told.get(id) == Some(&profile) {
            return;
        }
        turn.told.insert(id.to_owned(), profile.clone());
        let profile = Box::new(profile);
        let (row, told) = (Some(AgentKey::new(id)), told());
        if *id == self.own() {
            let profile = profile.clone();
            let delta = Delta::Profile { agent: None, told, profile };
            line.outbox.send(SourceEvent::Delta(delta)).await;
        }
        let delta = Delta::Profile { agent: row, told, profile };
        line.outbox.send(SourceEvent::Delta(delta)).await;
    }

    /// Those to be read next: who was just changed, then whose turn it is of those who are looked at, or of all
    /// where nobody is.
    async fn next_people(&self, looked: &Looked, last: &str) -> Vec<String> {
        let told = self.told.lock().await;
        let known = told.tables.people();
        let on_screen: BTreeSet<&str> = looked.people().map(AgentId::raw).collect();
        let ring = if on_screen.is_empty() { known } else { on_screen };
        let mut next = Vec::new();
        while next.len() < AT_ONCE
            && let Some(id) = self.ahead.take()
        {
            next.push(id);
        }
        let behind = ring.range::<str, _>((Bound::Excluded(last), Bound::Unbounded));
        for id in behind.chain(&ring) {
            if next.len() >= AT_ONCE {
                break;
            }
            if *id != self.own() && !next.iter().any(|own| own == id) {
                next.push((*id).to_owned());
            }
        }
        next.retain(|id| *id != self.own());
        next
    }

    /// The own user, with the domain.
    fn own(&self) -> String {
        format!("{}@{}", self.settings.user, self.settings.domain)
    }

    /// How a request names a person: the domain apart.
    fn person<'a>(&'a self, id: &'a str) -> [(&'static str, &'a str); 2] {
        let (user, domain) = id.rsplit_once('@').unwrap_or((id, &self.settings.domain));
        [("domain", domain), ("user", user)]
    }

    /// Changes what a person says: one request, which is never repeated. The answer shows what was really set.
    pub(super) async fn set_presence(&self, agent: Option<&AgentId>, wish: &Wish) -> Outcome {
        let own = self.own();
        let id = agent.map_or(own.as_str(), AgentId::raw);
        let request = match self.request(PRESENCE_PUT, &self.person(id), &[]) {
            Ok(request) => request.body("application/json", profile::body(wish).to_string()),
            Err(error) => return outcome::<()>(Err(error)),
        };
        let answer = self.client.send(request).await;
        self.ahead.put(id);
        let mut told = self.told.lock().await;
        let set = answer.as_ref().ok();
        let set = set.and_then(|reply| {
            reply.read_by(|body| profile::profile(body, &mut told.tally)).ok()?
        });
        match set {
            Some(set) if wish.is_denied_by(&set) => {
                Outcome::Refused(Shown::clean("the server left it as it was"))
            }
            _ => outcome(answer),
        }
    }
}

fn only_own() -> Shown {
    Shown::clean("the presence of others is not open to this ticket; your own is read")
}

fn told() -> Told {
    Told::now(&clock::now(), 0)
}
