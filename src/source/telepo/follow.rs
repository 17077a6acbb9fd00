//! Following people's calls: snapshots in turn for everybody, streams for who is looked at.
//!
//! A person's dialogs say that something happened, the person's calls are then read, and each call that goes on
//! has a stream of its own while there is room in the budget. Without the licence for call state the line state
//! tells that somebody is in a call, and little more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::event::SourceEvent;
use crate::floor::call::Status;
use crate::floor::id::AgentId;
use crate::floor::time::{Moment, Told};
use crate::source::Line;
use crate::source::feed::Reporter;
use crate::source::gaze::Looked;
use crate::source::telepo::budget::{Budget, Plan, Want};
use crate::source::telepo::dialog::Dialogs;
use crate::source::telepo::legs::Legs;
use crate::source::telepo::operations::{
    DIALOGS_STREAM, LINE_STATE_STREAM, Operation, PRESENCE_STREAM, STATE_CALL_STREAM, STATE_USER,
};
use crate::source::telepo::{BEST_AGAIN, STREAM_ROOM, Telepo, hinted, state};
use crate::text::Shown;
use crate::transport::http::{HttpError, Reply, Request};
use crate::transport::lenient::Tally;
use crate::transport::poll::LOOK;
use crate::transport::retry::{Backoff, Rules, Wish};
use crate::transport::sse::{StreamEvent, Subscription, Timing, follow};

use self::heard::Misfits;
use self::pool::Pool;
use self::unauthorized::Unauthorized;

mod heard;
pub mod pool;
mod unauthorized;

/// The feed of calls.
pub const CALLS: &str = "calls";

/// How old a call may be that is taken for the present.
pub const LIMIT: Duration = Duration::from_secs(30);

/// What is missing when calls are refused.
const HINT: &str =
    "following calls needs a CALL_CONTROL ticket and the Cloud CTI or Call Control licence";

/// What is missing when the streams of presence are refused.
const NO_PRESENCE: &str =
    "who is there is not told at once: that needs a ticket for CONTACT_SEARCH";

/// Refusals in a row after which it is nobody's licence but everybody's.
const WHOLE: usize = 3;

/// How often rings are looked at that may have no end.
const EXPIRE: Duration = Duration::from_secs(10);

/// Streams and people whose failures are remembered: more are no screen's.
const REMEMBERED: usize = 2_000;

/// Who can be followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// Those who are logged in somewhere.
    pub on_duty: Vec<AgentId>,
    /// How many have no id.
    pub nameless: usize,
    /// Whether the groups could be read at all.
    pub known: bool,
}

/// An event of a stream, with the opening that it belongs to.
type Heard = (Want, u64, StreamEvent);

/// The calls of one person, as asked for at that time.
struct Answer {
    person: AgentId,
    told: Told,
    result: Result<Reply, HttpError>,
}

/// A source's calls while they are followed.
pub(super) struct Following<'t> {
    telepo: &'t Telepo,
    line: &'t Line,
    reporter: Reporter,
    people: watch::Receiver<Option<Arc<People>>>,
    legs: Legs,
    pool: Pool,
    budget: Budget,
    streams: BTreeMap<Want, (u64, CancellationToken)>,
    backoffs: BTreeMap<Want, Backoff>,
    lamps: BTreeMap<AgentId, Dialogs>,
    /// Whose documents of dialogs have versions that do not fit.
    misfits: BTreeMap<AgentId, Misfits>,
    /// The APIs whose ticket is refused.
    unauthorized: Unauthorized,
    /// Whose dialogs are refused, so that the line state tells of them.
    by_line: BTreeSet<AgentId>,
    /// Whether nobody's calls may be read.
    refused: bool,
    refusals: usize,
    /// Until when no presence is asked for, because it was refused.
    closed: Option<Moment>,
    backoff: Backoff,
    tally: Tally,
    openings: u64,
    reports: u64,
    well: Option<(Moment, Option<Shown>)>,
    expired: Moment,
    tell: mpsc::Sender<Heard>,
    /// Whose calls something was done to.
    acted: broadcast::Receiver<AgentId>,
}

impl<'t> Following<'t> {
    pub(super) fn new(telepo: &'t Telepo, line: &'t Line, reporter: Reporter) -> (Self, Ears) {
        let (tell, heard) = mpsc::channel(STREAM_ROOM);
        // The stream of queue statistics is one of them.
        let most = telepo.settings.max_streams.saturating_sub(1);
        let following = Self {
            telepo,
            line,
            reporter,
            people: telepo.people.subscribe(),
            legs: Legs::default(),
            pool: Pool::default(),
            budget: Budget::new(most),
            streams: BTreeMap::new(),
            backoffs: BTreeMap::new(),
            lamps: BTreeMap::new(),
            misfits: BTreeMap::new(),
            unauthorized: Unauthorized::new(),
            by_line: BTreeSet::new(),
            refused: !telepo.auths.contains_key(STATE_USER.api),
            refusals: 0,
            closed: None,
            backoff: Backoff::new(Rules::STANDARD, fastrand::Rng::new()),
            tally: Tally::default(),
            openings: 0,
            reports: 0,
            well: None,
            expired: clock::moment(),
            tell,
            acted: telepo.acted.subscribe(),
        };
        (following, Ears(heard))
    }

    /// Follows until the source is stopped.
    pub(super) async fn run(mut self, Ears(mut heard): Ears) {
        let (mut gaze, mut ears) = (self.line.gaze.listen(), self.line.wake.listen());
        let mut reads = FuturesUnordered::new();
        if self.refused {
            let error = Shown::clean(&format!("there is no ticket for CALL_CONTROL; {HINT}"));
            self.reporter.unauthorized(error, BEST_AGAIN).await;
        }
        self.learn_people();
        loop {
            let seen = gaze.borrow_and_update().clone();
            let looked = self.with_own(&seen);
            self.look_at_refused().await;
            let now = clock::moment();
            let plan = self.budget.plan(&self.wants(&seen), now);
            let next = plan.next;
            let dark: Vec<AgentId> = plan.close.iter().filter_map(Want::lamp).cloned().collect();
            self.carry_out(plan);
            self.darken(dark).await;
            while let Some(person) = self.next(&looked, now) {
                reads.push(self.read(person));
            }
            self.expire(now).await;
            let refused = unauthorized::next(&self.unauthorized);
            let due = [next, self.due(&looked, now), Some(self.expired.after(EXPIRE)), refused];
            let due = due.into_iter().flatten().min().unwrap_or(Moment::LAST);
            let pause = due.since(clock::moment()).max(Duration::from_millis(1));
            tokio::select! {
                biased;
                () = self.line.stop.cancelled() => return,
                Some(event) = heard.recv() => self.hear(event).await,
                Some(answer) = reads.next(), if !reads.is_empty() => self.answered(answer).await,
                () = ears.heard() => {
                    // Asked for once the answer to a change is known: what is read now lies behind it.
                    while let Ok(person) = self.acted.try_recv() {
                        self.pool.changed(&person);
                    }
                    self.again(&looked);
                }
                Ok(()) = gaze.changed() => {}
                Ok(()) = self.people.changed() => self.learn_people(),
                () = tokio::time::sleep(pause) => {}
            }
            self.line.tell_unknown(&mut self.tally).await;
        }
    }

    /// Reads everybody's calls once, for a report.
    pub(super) async fn once(mut self) {
        let known = self.people.wait_for(Option::is_some).await.is_ok();
        if !known || self.refused {
            let error = Shown::clean(HINT);
            return self.reporter.unauthorized(error, BEST_AGAIN).await;
        }
        self.learn_people();
        let everybody = self.people.borrow().clone().unwrap_or_default();
        if !everybody.known {
            let error = Shown::clean("the groups could not be read: nobody's calls are known");
            return self.reporter.down(error, LOOK).await;
        }
        let reads = everybody.on_duty.iter().map(|person| self.read(person.clone()));
        let reads: Vec<_> = reads.collect();
        let whole = WHOLE.min(reads.len().max(1));
        let mut answers = futures_util::stream::iter(reads).buffer_unordered(pool::AT_ONCE);
        // Nothing is said of the feed before the last of them: whoever waits for it has everybody's calls.
        let (mut answered, mut failures) = (0_usize, Vec::new());
        while let Some(Answer { person, told, result }) = answers.next().await {
            match self.calls_in(result) {
                Ok(calls) => {
                    answered += 1;
                    if let Some(calls) = calls {
                        self.tell_calls(&person, told, calls).await;
                    }
                }
                Err(error @ (HttpError::Forbidden { .. } | HttpError::NotFound { .. })) => {
                    self.pool.refuse(&person, clock::moment().after(BEST_AGAIN));
                    self.refusals += 1;
                    if answered == 0 && self.refusals >= whole {
                        let why = hinted(error, HINT).shown();
                        return self.reporter.unauthorized(why, BEST_AGAIN).await;
                    }
                }
                Err(error @ HttpError::Unauthorized { .. }) => {
                    let why = hinted(error, HINT).shown();
                    return self.reporter.unauthorized(why, LOOK).await;
                }
                Err(error) => failures.push(error.shown()),
            }
        }
        self.line.tell_unknown(&mut self.tally).await;
        match failures.first() {
            None => self.is_well().await,
            Some(why) => {
                let (missing, all) = (failures.len(), everybody.on_duty.len());
                let text = format!("the calls of {missing} of {all} people were not read: {why}");
                self.reporter.down(Shown::clean(&text), LOOK).await;
            }
        }
    }

    /// What is looked at, and the source's own user: with whose calls a supervision comes and goes.
    fn with_own(&self, looked: &Looked) -> Looked {
        let (own, mut looked) = (self.telepo.user(), looked.clone());
        if !looked.has(&own) {
            looked.shown.insert(0, own);
        }
        looked
    }

    fn learn_people(&mut self) {
        let people = self.people.borrow_and_update().clone();
        if let Some(people) = people {
            self.pool.people(&people.on_duty);
        }
    }

    /// Whose calls are read now.
    fn next(&mut self, looked: &Looked, now: Moment) -> Option<AgentId> {
        if self.unauthorized.contains_key(STATE_USER.api) {
            return None;
        }
        if self.refused {
            if self.pool.is_paused(now) || !self.telepo.auths.contains_key(STATE_USER.api) {
                return None;
            }
            // Tried again: the licence may be there by now.
            self.pool.allow_all();
            (self.refused, self.refusals) = (false, 0);
        }
        let open = |person: &AgentId| self.budget.is_open(&Want::Lamp(person.clone()));
        self.pool.take(looked, &open, now)
    }

    fn due(&self, looked: &Looked, now: Moment) -> Option<Moment> {
        let is_refused = self.unauthorized.contains_key(STATE_USER.api);
        if is_refused || self.refused && !self.telepo.auths.contains_key(STATE_USER.api) {
            return None;
        }
        let open = |person: &AgentId| self.budget.is_open(&Want::Lamp(person.clone()));
        self.pool.next(looked, &open, now)
    }

    /// Somebody asks: nothing is refused for good, and who is looked at is read at once.
    fn again(&mut self, looked: &Looked) {
        self.pool.resume();
        self.refused = !self.telepo.auths.contains_key(STATE_USER.api);
        (self.refusals, self.closed) = (0, None);
        self.unauthorized.clear();
        looked.people().chain(looked.unseen()).for_each(|person| self.pool.changed(person));
    }

    /// Of whom the lamp alone told, nobody tells any more: what was told is no longer so.
    async fn darken(&mut self, people: Vec<AgentId>) {
        for person in people {
            if self.refused || self.pool.is_refused(&person) {
                let told = self.told();
                self.tell_calls(&person, told, state::UserCalls::default()).await;
            }
        }
    }

    /// The streams that are wanted, the most wanted first: of who is selected everything; then of who is on the
    /// screen the lamps and the calls, then those of the alarmed, and at last whether who is on the screen is there.
    fn wants(&self, looked: &Looked) -> Vec<Want> {
        let calls = |person: &AgentId| {
            let refused = self.refused || self.pool.is_refused(person);
            let goes_on = |status: &Status| {
                matches!(
                    status,
                    Status::Initiated | Status::Ringing | Status::Active | Status::Held
                )
            };
            let legs = self.legs.of(person).filter(move |leg| !refused && goes_on(&leg.status));
            legs.map(|leg| Want::Call(leg.user.clone(), leg.handle.clone())).collect::<Vec<_>>()
        };
        let has_presence = self.telepo.auths.contains_key(PRESENCE_STREAM.api)
            && self.closed.is_none_or(|until| until <= clock::moment());
        let presence = |person: &AgentId| has_presence.then(|| Want::Presence(person.clone()));
        let mut wants = Vec::new();
        // Whether the source's own user is there is nobody's question.
        let own = self.telepo.user();
        if !looked.has(&own) {
            wants.push(Want::Lamp(own.clone()));
            wants.extend(calls(&own));
        }
        for person in &looked.selected {
            wants.push(Want::Lamp(person.clone()));
            wants.extend(calls(person));
            wants.extend(presence(person));
        }
        wants.extend(looked.shown.iter().map(|person| Want::Lamp(person.clone())));
        wants.extend(looked.shown.iter().flat_map(calls));
        // What goes wrong out of sight is worth more than whether somebody in sight is there.
        wants.extend(looked.unseen().map(|person| Want::Lamp(person.clone())));
        wants.extend(looked.unseen().flat_map(calls));
        wants.extend(looked.shown.iter().filter_map(presence));
        wants.retain(|want| !self.unauthorized.contains_key(self.operation(want).api));
        wants
    }

    /// The operation that opens a stream.
    fn operation(&self, want: &Want) -> Operation {
        match want {
            Want::Lamp(own) if self.refused || self.by_line.contains(own) => LINE_STATE_STREAM,
            Want::Lamp(_) => DIALOGS_STREAM,
            Want::Call(..) => STATE_CALL_STREAM,
            Want::Presence(_) => PRESENCE_STREAM,
        }
    }

    fn carry_out(&mut self, plan: Plan) {
        for want in plan.close {
            self.close(&want);
        }
        for want in plan.open {
            self.open(want);
        }
    }

    fn close(&mut self, want: &Want) {
        if let Some((_, stop)) = self.streams.remove(want) {
            stop.cancel();
        }
        if let Want::Lamp(person) = want {
            self.lamps.remove(person);
        }
    }

    fn open(&mut self, want: Want) {
        let Ok(request) = self.request(&want) else {
            return self.budget.ended(&want, BEST_AGAIN, clock::moment());
        };
        self.openings += 1;
        let stop = self.line.stop.child_token();
        self.streams.insert(want.clone(), (self.openings, stop.clone()));
        let subscription = Subscription {
            client: self.telepo.client.clone(),
            request: request.accept("text/event-stream"),
            timing: Timing { idle: self.telepo.idle, ..Timing::STANDARD },
            rng: fastrand::Rng::new(),
            ears: self.line.wake.listen(),
            stop,
        };
        let opening = self.openings;
        let wrap = move |event| (want.clone(), opening, event);
        tokio::spawn(follow(subscription, self.tell.clone(), wrap));
    }

    fn request(&self, want: &Want) -> Result<Request, HttpError> {
        let (user, domain) = self.parts(want.person());
        let contact = format!("{user}@{domain}");
        let mut values = vec![("domain", domain), ("userId", user), ("cid", contact.as_str())];
        if let Want::Call(_, call) = want {
            values.push(("callId", call.raw()));
        }
        self.telepo.request(self.operation(want), &values, &[])
    }

    /// User and domain of a person.
    fn parts<'p>(&'p self, person: &'p AgentId) -> (&'p str, &'p str) {
        let raw = person.raw();
        raw.rsplit_once('@').unwrap_or((raw, &self.telepo.settings.domain))
    }

    /// Now, as a telling.
    fn told(&mut self) -> Told {
        let now = clock::now();
        self.reports += 1;
        Told::now(&now, self.reports)
    }

    /// Asks for a person's calls.
    fn read(&mut self, person: AgentId) -> impl Future<Output = Answer> + use<'t> {
        let told = self.told();
        let (user, domain) = self.parts(&person);
        let values = [("domain", domain), ("userId", user)];
        let request = self.telepo.request(STATE_USER, &values, &[]);
        let client = self.telepo.client.clone();
        async move {
            let result = match request {
                Ok(request) => client.send(request.polled()).await,
                Err(error) => Err(error),
            };
            Answer { person, told, result }
        }
    }

    fn calls_in(
        &mut self,
        result: Result<Reply, HttpError>,
    ) -> Result<Option<state::UserCalls>, HttpError> {
        result?.read_by(|body| state::user_calls(body, &mut self.tally))
    }

    async fn answered(&mut self, Answer { person, told, result }: Answer) {
        self.pool.answered(&person);
        let now = clock::moment();
        match self.calls_in(result) {
            Ok(calls) => {
                self.backoff.succeeded();
                self.refusals = 0;
                if let Some(calls) = calls {
                    self.tell_calls(&person, told, calls).await;
                }
                self.is_well().await;
            }
            Err(error @ (HttpError::Forbidden { .. } | HttpError::NotFound { .. })) => {
                self.pool.refuse(&person, now.after(BEST_AGAIN));
                // Of the own user, who may be none of them, it says nothing about the others.
                let on_duty = |people: &Arc<People>| people.on_duty.contains(&person);
                let counts = self.people.borrow().as_ref().is_some_and(on_duty);
                self.refusals += usize::from(counts || person != self.telepo.user());
                if self.refusals >= WHOLE.min(self.pool.size().max(1)) {
                    self.refused = true;
                    self.pool.pause(now.after(BEST_AGAIN));
                    self.well = None;
                    self.reporter.unauthorized(hinted(error, HINT).shown(), BEST_AGAIN).await;
                } else {
                    self.lamp_changed(&person).await;
                }
            }
            Err(error @ HttpError::Unauthorized { .. }) => {
                self.refuse(STATE_USER.api).await;
                self.well = None;
                self.reporter.unauthorized(hinted(error, HINT).shown(), LOOK).await;
            }
            Err(HttpError::Quota { wait }) => self.pool.pause(now.after(wait)),
            Err(error) => {
                let wish = Wish { after: error.retry_after(), reconnect: None };
                let wait = self.backoff.failed(now, wish);
                self.pool.pause(now.after(wait));
                self.well = None;
                self.reporter.down(error.shown(), wait).await;
            }
        }
    }

    async fn tell_calls(&mut self, person: &AgentId, told: Told, calls: state::UserCalls) {
        let delta = {
            let known = self.telepo.told.lock().await;
            self.legs.tell(person, told, calls, &known.tables)
        };
        if let Some(delta) = delta {
            self.line.outbox.send(SourceEvent::Delta(delta)).await;
        }
    }

    /// Says once a second that calls are read, and whose cannot be.
    async fn is_well(&mut self) {
        let now = clock::moment();
        let nameless = self.people.borrow().as_ref().map_or(0, |people| people.nameless);
        let remarks = [
            (self.pool.refused(), "without the Cloud CTI licence are not followed"),
            (nameless, "without an id cannot be followed: set agent_ids"),
        ];
        let remarks = remarks.iter().filter(|(count, _)| *count > 0);
        let mut remarks: Vec<String> =
            remarks.map(|(count, what)| format!("{count} people {what}")).collect();
        if self.closed.is_some() {
            remarks.push(NO_PRESENCE.to_owned());
        }
        let remark = (!remarks.is_empty()).then(|| Shown::clean(&remarks.join("; ")));
        let recent = |(at, known): &(Moment, Option<Shown>)| {
            now.since(*at) < Duration::from_secs(1) && *known == remark
        };
        if !self.well.as_ref().is_some_and(recent) {
            self.reporter.up(remark.clone()).await;
            self.well = Some((now, remark));
        }
    }
}

/// Where the streams' events arrive.
pub(super) struct Ears(mpsc::Receiver<Heard>);
