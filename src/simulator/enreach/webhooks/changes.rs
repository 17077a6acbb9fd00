//! What changed on the floor since it was last looked at, as the vendor's events.
//!
//! ```text
//!  people ─► calls ─► own (calls that people make themselves) ─► requests ─► figures
//! ```
//!
//! Each event has the time at which it was so, and events of one thing never have the same: they may overtake each
//! other on their way.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use fastrand::Rng;
use serde_json::{Value, json};

use self::calls::Followed;
use self::own::Own;
use super::Sent;
use crate::simulator::centre::{
    Agent, AgentState, Call, Callback, Centre, Counts, Figures, ListFigures, guid,
};
use crate::simulator::enreach::ORGANISATION_ID;
use crate::simulator::scenario::Vendor;
use crate::simulator::site::Site;

mod calls;
mod course;
mod figures;
mod own;
mod people;
mod requests;

/// How often queues are told of, where they changed: looks at the floor.
const QUEUES_EVERY: u64 = 8;
/// The same of callback lists, and of what a queue counts in a day: every 15 seconds.
const LISTS_EVERY: u64 = 60;

/// The floor as it was last told.
#[derive(Debug)]
pub(super) struct Changes {
    rng: Rng,
    looks: u64,
    calls: BTreeMap<u64, Followed>,
    agents: BTreeMap<usize, AgentState>,
    /// Which queues each person is logged in to.
    members: BTreeMap<usize, Vec<(usize, bool)>>,
    /// The calls that people write down, each with the time at which they began to.
    wrap_ups: BTreeMap<usize, (Call, u64)>,
    /// The calls that people make themselves.
    own: BTreeMap<usize, Own>,
    queues: BTreeMap<usize, Figures>,
    days: BTreeMap<usize, Counts>,
    callbacks: BTreeMap<u64, Callback>,
    lists: BTreeMap<usize, ListFigures>,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            rng: Rng::with_seed(0x5eed),
            looks: 0,
            calls: BTreeMap::new(),
            agents: BTreeMap::new(),
            members: BTreeMap::new(),
            wrap_ups: BTreeMap::new(),
            own: BTreeMap::new(),
            queues: BTreeMap::new(),
            days: BTreeMap::new(),
            callbacks: BTreeMap::new(),
            lists: BTreeMap::new(),
        }
    }
}

/// An identity made of a number and what it numbers.
fn id(kind: u16, number: u64) -> String {
    format!("5c1e0000-{kind:04x}-4000-8000-{number:012x}")
}

fn user(agent: usize) -> String {
    id(1, u64::try_from(agent).unwrap_or_default())
}

fn name(agent: &Agent) -> String {
    format!("{} {}", agent.first_name(), agent.last_name())
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn merge(body: &mut Value, own: &Value) {
    for (key, value) in own.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
}

const fn millis(millis: i64) -> TimeDelta {
    TimeDelta::milliseconds(millis)
}

/// Events that are being made.
struct Making<'c> {
    site: &'c Site,
    centre: &'c Centre,
    rng: Rng,
    events: Vec<Sent>,
}

impl<'c> Making<'c> {
    /// Tells one thing that was so at `at` and is worth telling for `ttl` seconds.
    fn tell(
        &mut self,
        what: &'static str,
        about: (&str, &str),
        at: DateTime<Utc>,
        ttl: i32,
        own: &Value,
    ) {
        let mut body = json!({
            "Id": guid(&mut self.rng),
            "Timestamp": written(at),
            "EventType": what,
            "RootEntityType": "Organization",
            "RootEntityId": ORGANISATION_ID,
            "OrganizationId": ORGANISATION_ID,
            "EntityType": about.0,
            "EntityId": about.1,
            "MessageTTLSeconds": ttl,
        });
        merge(&mut body, own);
        self.events.push(Sent { name: what, body: body.to_string() });
    }

    fn now(&self) -> DateTime<Utc> {
        self.site.instant(self.centre.now())
    }

    fn agent(&self, position: usize) -> Option<&'c Agent> {
        self.centre.agents().get(position)
    }

    /// The people whom this vendor knows, by their positions.
    fn people(&self) -> impl Iterator<Item = (usize, &'c Agent)> + use<'c> {
        let all = self.centre.agents().iter().enumerate();
        all.filter(|(_, agent)| agent.vendor() == Vendor::Enreach)
    }

    /// One step of a call into a queue, told of the queue or of the person who has it.
    fn step(
        &mut self,
        what: &'static str,
        call: &Call,
        agent: Option<usize>,
        at: DateTime<Utc>,
        own: &Value,
    ) {
        let Some(queue) = self.centre.queues().get(call.queue) else { return };
        let setup = &queue.setup;
        let mut body = json!({
            "CallId": id(2, call.id),
            "LegId": format!("leg-{}", call.id),
            "CallerNumber": call.caller,
            "TargetNumber": setup.number,
            "QueueId": setup.id,
            "QueueName": setup.name,
            "QueueNumber": setup.number,
        });
        if let Some((position, agent)) = agent.and_then(|at| Some((at, self.agent(at)?))) {
            body["UserId"] = json!(user(position));
            body["UserName"] = json!(name(agent));
        }
        merge(&mut body, own);
        self.tell(what, ("Queue", &setup.id), at, -1, &body);
    }
}

impl Changes {
    /// What changed since the last look; at the first look everything that is.
    pub(super) fn since(&mut self, site: &Site) -> Vec<Sent> {
        let centre = site.centre();
        let rng = self.rng.fork();
        let mut making = Making { site, centre: &centre, rng, events: Vec::new() };
        self.people(&mut making);
        self.steps(&mut making);
        self.own_calls(&mut making);
        self.requests(&mut making);
        if self.looks.is_multiple_of(QUEUES_EVERY) {
            self.figures(&mut making);
        }
        if self.looks.is_multiple_of(LISTS_EVERY) {
            self.day_figures(&mut making);
            self.list_figures(&mut making);
        }
        self.looks += 1;
        making.events
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::event::SourceEvent;
    use crate::floor::call::Phase as Shown;
    use crate::floor::time::Now;
    use crate::floor::{Kind, World};
    use crate::simulator::centre::{Activity, Order, Phase};
    use crate::simulator::{Settings, Size, floor};
    use crate::source::enreach::events::{decode, map::Mapper};
    use crate::transport::lenient::Tally;

    /// What a floor that lives tells in the course of some hours: more than half of what the vendor has.
    const KINDS: &str = "
        CallbackCallInRecordingConverted CallbackCallTranscribed CallbackChanged CallbackListStatus
        CallbackUserCallOutConnected CallbackUserCallOutDisconnected CallbackUserCallOutGoing
        CallbackUserCallOutHoldEnd CallbackUserCallOutHoldStart CallbackUserCallOutRecordingConverted
        CallbackUserCallRecorded QueueAttachedUsers QueueCallBlockingPromptStarted QueueCallInArrived
        QueueCallInCallbackCreated QueueCallInComing QueueCallInDisconnected QueueCallInHoldEnd
        QueueCallInHoldStart QueueCallInIvrSelection QueueCallInOverflow QueueCallInRecording
        QueueCallInSmartRoutingResult QueueCallInUserAllocated QueueCallInUserConnected
        QueueCallTranscribed QueueDailyCallMetrics QueueStatus QueueUserCallInRecordingConverted
        UserAvailability UserCallAllocationRequest UserCallAllocationResponse UserCallOutConnected
        UserCallOutDisconnected UserCallOutGoing UserCallOutHoldEnd UserCallOutHoldStart
        UserQueueAttached UserStatus UserSupervisionStatus UserWrapUpEnabled UserWrapUpStarted
        UserWrapUpTerminated
    ";

    /// A simulated floor, and the world that its events make.
    struct Told {
        site: Site,
        changes: Changes,
        mapper: Mapper,
        world: World,
        kinds: BTreeSet<&'static str>,
    }

    impl Told {
        fn open() -> Self {
            let centre = floor(Size::Small, 1).unwrap();
            let address = ([127, 0, 0, 1], 0).into();
            let site = Site::new(centre, &Settings::default(), address, CancellationToken::new());
            let world = World::new(Kind::Enreach);
            let (changes, mapper) = (Changes::default(), Mapper::of(vec![4], 1.0));
            Self { site, changes, mapper, world, kinds: BTreeSet::new() }
        }

        /// Time passes, and the floor is looked at.
        fn look(&mut self, span: Duration) {
            self.site.centre().advance(span);
            let wall = self.site.instant(self.site.centre().now());
            let moment = crate::clock::now().moment_of(wall);
            for sent in self.changes.since(&self.site) {
                self.kinds.insert(sent.name);
                let mut tally = Tally::default();
                let event = decode(sent.body.as_bytes(), wall, &mut tally).unwrap();
                assert_eq!(tally.take(), None, "{}", sent.body);
                assert!(event.at <= wall + millis(10), "told of the future: {}", sent.body);
                self.world.tick(moment);
                for news in self.mapper.news(&event, &Now { moment, wall }) {
                    if let SourceEvent::Delta(delta) = news {
                        self.world.apply(delta);
                    }
                }
            }
        }

        /// Everybody is logged out of a queue: its callers wait until they give up or are moved.
        fn send_home(&self, key: &str) {
            let mut centre = self.site.centre();
            let queue = centre.queues().iter().position(|own| own.setup.key == key).unwrap();
            let all: Vec<usize> = centre.members(queue).map(|(agent, _, _)| agent).collect();
            for agent in all {
                assert!(centre.order(agent, queue, Order::LogOut));
            }
        }

        /// Calls by how far they are, as the floor has them: waiting, ringing, talking.
        fn there(&self) -> [usize; 3] {
            let centre = self.site.centre();
            let ours: BTreeSet<usize> =
                centre.queues_of(Vendor::Enreach).map(|(position, _)| position).collect();
            let mut there = [0; 3];
            for call in centre.calls().filter(|call| ours.contains(&call.queue)) {
                there[match call.phase {
                    Phase::Waiting => 0,
                    Phase::Alerting { .. } => 1,
                    Phase::Connected { .. } | Phase::Parked { .. } => 2,
                }] += 1;
            }
            let people = centre.agents().iter().filter(|own| own.vendor() == Vendor::Enreach);
            for agent in people {
                if matches!(
                    agent.state(),
                    AgentState::CallingBack { .. } | AgentState::Away(Activity::Meeting)
                ) {
                    there[if centre.now() - agent.since() < 4_000 { 1 } else { 2 }] += 1;
                }
            }
            there
        }

        fn shown(&self) -> [usize; 3] {
            let mut shown = [0; 3];
            for call in self.world.calls.values() {
                match call.phase {
                    Some(Shown::Waiting) => shown[0] += 1,
                    Some(Shown::Alerting) => shown[1] += 1,
                    Some(Shown::Connected | Shown::Held) => shown[2] += 1,
                    _ => {}
                }
            }
            shown
        }
    }

    #[test]
    fn a_living_floor_tells_more_than_half_of_the_kinds_and_what_is_made_of_them_is_that_floor() {
        let mut told = Told::open();
        for look in 0..3_600 {
            if look == 3_000 {
                told.send_home("tuki");
            }
            told.look(Duration::from_secs(3));
            if look % 20 == 0 {
                assert_eq!(told.shown(), told.there(), "after {look} looks");
            }
        }
        let kinds: BTreeSet<&str> = KINDS.split_whitespace().collect();
        assert_eq!(told.kinds, kinds);
        assert!(kinds.len() >= 40);
    }

    #[test]
    fn the_same_floor_tells_the_same() {
        let names = || {
            let mut told = Told::open();
            (0..200).for_each(|_| told.look(Duration::from_secs(1)));
            (told.kinds.clone(), told.shown())
        };
        assert_eq!(names(), names());
    }
}
