//! Half an hour of six services and a busy supervisor against a vendor who counts, in no time.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use floorwalker::floor::time::Moment;
use floorwalker::source::nimbus::interval;
use floorwalker::transport::poll::Schedule;
use floorwalker::transport::quota::{CallKind, Limits, PATIENCE, Quota};
use floorwalker::transport::retry::Rules;

/// How long the half hour lasts, milliseconds.
const HALF_HOUR: u64 = 30 * 60_000;

/// Calls that the vendor allows in a minute, as they arrive there.
const ALLOWED: usize = 100;

/// The longest way of a call to the vendor, milliseconds.
const WAY: u64 = 900;

/// The vendor: what arrived in the last minute, and until when it says no.
#[derive(Default)]
struct Vendor {
    arrived: VecDeque<u64>,
    refused: usize,
}

impl Vendor {
    /// A call arrives; a refusal names the seconds that are to pass.
    fn takes(&mut self, at: u64) -> Result<(), Duration> {
        while self.arrived.front().is_some_and(|first| at.saturating_sub(*first) >= 60_000) {
            self.arrived.pop_front();
        }
        match self.arrived.front() {
            Some(first) if self.arrived.len() >= ALLOWED => {
                self.refused += 1;
                let wait = (60_000 - (at - first)).div_ceil(1_000).max(1);
                Err(Duration::from_secs(wait))
            }
            _ => {
                self.arrived.push_back(at);
                Ok(())
            }
        }
    }
}

/// Something that happens.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A poll is due.
    Poll(usize),
    /// Somebody asks for a change, which takes so many calls.
    Ask { calls: u32 },
    /// The same person's call, after it waited for room since then.
    Waited { since: u64, calls: u32 },
    /// The answer of a refused call comes back.
    Refused { after: Duration, poll: Option<usize> },
    /// Another program uses the same connection.
    Others(usize),
}

/// What half an hour was like.
#[derive(Default)]
struct Log {
    sent: Vec<(u64, CallKind)>,
    /// From when to when nothing may be sent.
    barred: Vec<(u64, u64)>,
    waits: Vec<u64>,
    given_up: usize,
    refused: usize,
}

struct Floor {
    now: u64,
    serial: u64,
    agenda: BTreeMap<(u64, u64), Step>,
    quota: Quota,
    polls: Vec<Schedule>,
    /// When each poll is due, so that a poll that is asked for early is not made twice.
    due: Vec<u64>,
    vendor: Vendor,
    rng: fastrand::Rng,
    log: Log,
}

impl Floor {
    /// Six services, each a poll, and the lookup of services; a person who asks for something now and then, sometimes
    /// for much at once.
    fn new(seed: u64, poll: Duration, others: bool) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let every = interval(poll, 6);
        let mut schedule =
            |every| Schedule::new(every, Rules::STANDARD, fastrand::Rng::with_seed(rng.u64(..)));
        let mut polls: Vec<Schedule> = (0..6).map(|_| schedule(every)).collect();
        polls.push(schedule(Duration::from_mins(15)));
        let mut floor = Self {
            now: 0,
            serial: 0,
            agenda: BTreeMap::new(),
            quota: Quota::new(Limits::PER_MINUTE),
            due: vec![0; polls.len()],
            polls,
            vendor: Vendor::default(),
            rng,
            log: Log::default(),
        };
        for poll in 0..floor.polls.len() {
            floor.plan(0, Step::Poll(poll));
        }
        let mut at = 0;
        while at < HALF_HOUR {
            at += floor.rng.u64(500..25_000);
            let at_once = if floor.rng.u8(..8) == 0 { 12 } else { 1 };
            for _ in 0..at_once {
                let calls = floor.rng.u32(1..=2);
                floor.plan(at, Step::Ask { calls });
            }
        }
        if others {
            for at in (60_000..HALF_HOUR).step_by(300_000) {
                floor.plan(at, Step::Others(ALLOWED));
            }
        }
        floor
    }

    fn plan(&mut self, at: u64, step: Step) {
        self.serial += 1;
        self.agenda.insert((at, self.serial), step);
    }

    fn plan_poll(&mut self, poll: usize, wait: Duration) {
        self.due[poll] = self.now + millis(wait);
        self.plan(self.due[poll], Step::Poll(poll));
    }

    /// Sends a call if there is room; the vendor answers at once, but its refusal is read a little later.
    fn send(&mut self, kind: CallKind, poll: Option<usize>) -> Result<(), Duration> {
        self.quota.try_take(kind, Moment::from_millis(self.now))?;
        self.log.sent.push((self.now, kind));
        let way = self.rng.u64(0..WAY);
        match self.vendor.takes(self.now + way) {
            Err(after) => self.plan(self.now + way, Step::Refused { after, poll }),
            Ok(()) => {
                if let Some(poll) = poll {
                    let next = self.polls[poll].succeeded();
                    self.plan_poll(poll, next);
                }
            }
        }
        Ok(())
    }

    fn ask(&mut self, since: u64, calls: u32) {
        for call in 0..calls {
            match self.send(CallKind::Action, None) {
                Ok(()) => self.log.waits.push(self.now - since),
                Err(wait) if since == self.now && wait <= PATIENCE => {
                    let calls = calls - call;
                    self.plan(self.now + millis(wait), Step::Waited { since, calls });
                    return;
                }
                Err(_) => {
                    self.log.given_up += 1;
                    return;
                }
            }
        }
        // The change is looked for: its service is read again.
        let service = self.rng.usize(..6);
        self.plan_poll(service, Duration::from_millis(300));
    }

    fn run(mut self) -> Log {
        while let Some(((at, _), step)) = self.agenda.pop_first() {
            if at >= HALF_HOUR {
                break;
            }
            self.now = at;
            match step {
                Step::Poll(poll) if self.due[poll] != at => {}
                Step::Poll(poll) => {
                    self.polls[poll].began(Moment::from_millis(at));
                    if let Err(wait) = self.send(CallKind::Poll, Some(poll)) {
                        self.plan_poll(poll, wait);
                    }
                }
                Step::Ask { calls } => self.ask(at, calls),
                Step::Waited { since, calls } => self.ask(since, calls),
                Step::Refused { after, poll } => {
                    let now = Moment::from_millis(at);
                    self.quota.refused(Some(after), now);
                    self.log.barred.push((at, at + millis(after)));
                    if let Some(poll) = poll {
                        let wait = self.polls[poll].failed(now, Some(after));
                        self.plan_poll(poll, wait);
                    }
                }
                Step::Others(calls) => {
                    for _ in 0..calls {
                        // Another program's refusals are its own affair.
                        let _ = self.vendor.takes(at);
                    }
                }
            }
        }
        self.log.refused = self.log.barred.len();
        self.log
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap()
}

/// The most calls of the log, which is in order, in any minute.
fn most(calls: &[u64]) -> usize {
    let mut first = 0;
    let in_minute = calls.iter().enumerate().map(|(last, at)| {
        while calls[first] + 60_000 <= *at {
            first += 1;
        }
        last + 1 - first
    });
    in_minute.max().unwrap_or(0)
}

fn assert_within(log: &Log, seed: u64) {
    let all: Vec<u64> = log.sent.iter().map(|(at, _)| *at).collect();
    let polls = log.sent.iter().filter(|(_, kind)| *kind == CallKind::Poll);
    let polls: Vec<u64> = polls.map(|(at, _)| *at).collect();
    assert!(most(&all) <= 90, "seed {seed}: {} calls in a minute", most(&all));
    assert!(most(&polls) <= 80, "seed {seed}: {} polls in a minute", most(&polls));
    let longest = log.waits.iter().max().copied().unwrap_or(0);
    assert!(longest <= millis(PATIENCE), "seed {seed}: a person waited {longest} ms");
}

#[test]
fn six_services_and_a_busy_person_stay_within_the_quota_and_the_vendor_never_refuses() {
    for seed in 0..8 {
        // The second asks for as much as it can get.
        for poll in [Duration::from_secs(60), Duration::from_secs(1)] {
            let log = Floor::new(seed, poll, false).run();
            assert_within(&log, seed);
            assert_eq!(log.refused, 0, "seed {seed}: the vendor refused");
            assert!(log.sent.len() > 500, "seed {seed}: only {} calls", log.sent.len());
        }
    }
}

#[test]
fn a_person_finds_room_beside_polls_at_the_documented_interval() {
    for seed in 0..8 {
        let log = Floor::new(seed, Duration::from_secs(60), false).run();
        assert!(log.waits.len() > 100, "seed {seed}: nobody asked");
        assert_eq!(log.given_up, 0, "seed {seed}: of {} calls", log.waits.len());
    }
}

#[test]
fn after_a_refusal_nothing_is_sent_before_its_time() {
    let mut refused = 0;
    for seed in 0..8 {
        let log = Floor::new(seed, Duration::from_secs(1), true).run();
        assert_within(&log, seed);
        for (from, to) in &log.barred {
            // What left before the refusal was read cannot be called back.
            let early = log.sent.iter().find(|(at, _)| at > from && at < to);
            assert_eq!(early, None, "seed {seed}: sent between {from} and {to}");
        }
        refused += log.refused;
    }
    assert!(refused > 8, "another program used the connection up {refused} times");
}
