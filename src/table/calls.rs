//! The table of calls.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::floor::World;
use crate::floor::agent::Agent;
use crate::floor::call::{Call, CallLeg, Phase};
use crate::floor::id::{AgentKey, CallId, FeedName, QueueId, SourceName};
use crate::floor::news::EVENTS;
use crate::floor::time::{Moment, Told};
use crate::operations::{Pending, Target};
use crate::table::cell::{Word, span};
use crate::table::{Column, Context, Figure, RowId, Table, Tone};
use crate::text::Shown;
use crate::threshold::{self, Severity};

/// The feed of calls that are told as they are.
const FOLLOWED: &str = "calls";

/// How old the last telling of a call may be that goes on, where calls are told as they are.
const TOLD: Duration = Duration::from_secs(30);

/// The mark of a call on another leg of which somebody is consulted.
const CONSULTING: &str = "consulting";

/// The table of calls.
pub struct Calls;

/// One call with its source.
pub struct CallRow<'a> {
    pub source: &'a SourceName,
    /// What the source told.
    pub world: &'a World,
    pub call: &'a Call,
    /// Its place among those that wait in its queue, first come first; what the vendor says of it goes before.
    position: Option<u32>,
}

impl<'a> CallRow<'a> {
    /// The row of `call`.
    pub fn new(source: &'a SourceName, world: &'a World, call: &'a Call) -> Self {
        let ahead = |queue: &QueueId| {
            let others = world.calls.values().filter(|other| waits_in(other) == Some(queue));
            others.filter(|other| other.wait_from < call.wait_from).count()
        };
        let own = waits_in(call).and_then(|queue| u32::try_from(ahead(queue) + 1).ok());
        Self { source, world, call, position: call.position.or(own) }
    }

    /// Its queue, as the floor calls it, else as it came with the call.
    pub fn queue(&self) -> Option<Shown> {
        let Some(id) = self.call.queue.as_ref() else { return self.call.queue_name.clone() };
        let known = self.world.queue(id).map(|queue| queue.name.clone());
        Some(known.or_else(|| self.call.queue_name.clone()).unwrap_or_else(|| id.shown()))
    }

    /// Who has it, or had it last; where it rings at several, all of them.
    pub fn agent(&self) -> Option<Shown> {
        let call = self.call;
        if let (Some(Phase::Alerting), [_, _, ..]) = (call.phase, call.ringing.as_slice()) {
            let ringing = call.ringing.iter();
            let names = ringing.map(|own| self.named(&own.agent, own.name.as_ref()).to_string());
            return Some(Shown::clean(&names.collect::<Vec<_>>().join(", ")));
        }
        Some(self.named(call.agent.as_ref()?, call.agent_name.as_ref()))
    }

    /// Somebody's name, as the floor has it, else as it came with the call.
    fn named(&self, key: &AgentKey, name: Option<&Shown>) -> Shown {
        let known = self.world.agents.get(key).map(|agent| agent.name.clone());
        known.or_else(|| name.cloned()).unwrap_or_else(|| key.shown())
    }

    /// Who is consulted on another leg of it: the people who have one, else whom that leg calls.
    pub fn consulted(&self, context: &Context<'_>) -> Option<Shown> {
        let legs: Vec<&CallLeg> = self.call.consulted().collect();
        let others = |leg: &&&CallLeg| leg.agent.is_some() && leg.agent != self.call.agent;
        let people = legs.iter().filter(others).filter_map(|leg| {
            Some(self.named(leg.agent.as_ref()?, leg.agent_name.as_ref()).to_string())
        });
        let mut who: Vec<String> = people.collect();
        if who.is_empty() {
            let parties = legs.iter().filter_map(|leg| leg.party.as_ref());
            let parties =
                parties.map(|party| if context.mask { party.masked() } else { party.clone() });
            who = parties.map(|party| party.to_string()).collect();
        }
        who.sort_unstable();
        who.dedup();
        match (legs.is_empty(), who.is_empty()) {
            (true, _) => None,
            (false, true) => Some(Shown::clean(CONSULTING)),
            (false, false) => Some(Shown::clean(&who.join(", "))),
        }
    }

    /// The other end, masked where that is asked for.
    pub fn party(&self, context: &Context<'_>) -> Option<Shown> {
        let party = self.call.party.as_ref()?;
        Some(if context.mask { party.masked() } else { party.clone() })
    }

    /// Its place among those that wait.
    pub const fn position(&self) -> Option<u32> {
        self.position
    }

    fn phase(&self) -> Phase {
        self.call.phase.unwrap_or(Phase::New)
    }

    /// The moment for which the call is known: the present one, or on a line that is down that of the last data. Nothing
    /// grows beyond it.
    pub fn known_at(&self, context: &Context<'_>) -> Moment {
        match &self.call.leg {
            _ if Calls::is_fresh(self, context) => context.now.moment,
            Some(leg) => leg.told.moment,
            None => {
                let known_at = self.world.known_at(&FeedName::new(EVENTS), &context.now);
                let told = self.call.told().map_or(known_at, |told| told.moment);
                known_at.max(told).min(context.now.moment)
            }
        }
    }

    /// Seconds for which it has been in its phase.
    pub fn lasts(&self, context: &Context<'_>) -> Option<u64> {
        let since = self.call.since?;
        Some(self.known_at(context).since(since.moment).as_secs())
    }

    /// Seconds that it waits, or waited.
    pub fn wait(&self, context: &Context<'_>) -> Option<u64> {
        self.call.wait(self.known_at(context))
    }

    /// How bad its wait is, while it waits.
    pub fn wait_severity(&self, context: &Context<'_>) -> Option<Severity> {
        let wait = self.wait(context).filter(|_| self.call.phase == Some(Phase::Waiting))?;
        let seconds = u32::try_from(wait).unwrap_or(u32::MAX);
        threshold::severity("longest_wait_s", seconds.into())
    }
}

/// The queue in which a call waits now.
fn waits_in(call: &Call) -> Option<&QueueId> {
    call.queue.as_ref().filter(|_| call.phase == Some(Phase::Waiting))
}

/// The calls of a queue that go on, those that wait first and of those who has waited longest.
pub fn of_queue<'a>(
    context: &Context<'a>,
    source: &SourceName,
    queue: &QueueId,
) -> Vec<CallRow<'a>> {
    let Some((source, world)) = context.floor.named(source) else { return Vec::new() };
    let own = |own: &QueueId| own.raw().eq_ignore_ascii_case(queue.raw());
    let here = |call: &&Call| {
        call.phase.is_some_and(Phase::is_here) && call.queue.as_ref().is_some_and(own)
    };
    let mut rows: Vec<_> =
        world.calls.values().filter(here).map(|call| CallRow::new(source, world, call)).collect();
    rows.sort_by_key(|row| (row.phase(), begun(row), row.call.id.clone()));
    rows
}

/// What an agent's call is, in reports and in one line.
pub fn of_agent(
    source: &SourceName,
    world: &World,
    agent: &Agent,
    context: &Context<'_>,
) -> Figure {
    let calls = agent.presence.calls.iter().filter_map(|id| world.calls.get(id));
    let Some(call) = calls.max_by_key(|call| call.since) else {
        if world.kind.tells_tasks() {
            return super::tasks::of_agent(source, world, &agent.key, context);
        }
        let told = [EVENTS, FOLLOWED].iter().filter_map(|feed| world.feed(&FeedName::new(feed)));
        let known = told.into_iter().any(|feed| feed.link(&context.now).is_fresh());
        return if known { Figure::List(Value::Null, Shown::default()) } else { Figure::Unknown };
    };
    let row = CallRow::new(source, world, call);
    // Whoever is consulted has a leg of it, and not the customer's.
    let leg = call.leg_of(&agent.key);
    let Some(phase) = leg.map_or(call.phase, |leg| leg.phase) else { return Figure::Unknown };
    let direction = leg.map_or(call.direction, |leg| leg.direction);
    let since = leg.map_or(call.since, |leg| leg.since);
    let party = leg.map_or(call.party.as_ref(), |leg| leg.party.as_ref());
    let party = party.map(|own| if context.mask { own.masked() } else { own.clone() });
    let value = json!({
        "id": call.id.shown(),
        "queue": call.queue.as_ref().map(QueueId::shown),
        "direction": direction.map(crate::floor::call::Direction::word),
        "phase": phase.word(),
        "party": party,
        "since": since.map(|since| super::cell::rfc3339(context.now.wall_of(since.moment))),
        "recording": call.recording,
        "recording_paused": call.paused,
        "muted": call.muted,
        "conference": call.conference,
        "supervised_by": call.supervised_by,
        "consulting": row.consulted(context),
    });
    let age = row.lasts(context).filter(|_| leg.is_none()).map(span);
    let words = [
        Some(phase.label().to_owned()),
        party.map(|party| party.to_string()),
        row.queue().map(|queue| queue.to_string()),
        age,
    ];
    let marks = marks(call).into_iter().map(ToOwned::to_owned);
    let by = call.supervised_by.as_ref().map(|by| format!("supervised by {by}"));
    let first = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let text: Vec<String> = [first].into_iter().chain(marks).chain(by).collect();
    Figure::List(value, Shown::clean(&text.join(", ")))
}

/// What else is told of a call, in words.
pub fn marks(call: &Call) -> Vec<&'static str> {
    let recorded = match (call.recording, call.paused) {
        (Some(true), Some(true)) => Some("recording paused"),
        (Some(true), _) => Some("recorded"),
        _ => None,
    };
    let muted = (call.muted == Some(true)).then_some("muted");
    let conference = (call.conference == Some(true)).then_some("conference");
    let consulting = call.consulted().next().is_some().then_some(CONSULTING);
    [recorded, muted, conference, consulting].into_iter().flatten().collect()
}

/// The moment from which a call is counted: of its wait, or of its phase.
fn begun(row: &CallRow<'_>) -> Moment {
    let from: Option<Told> = match row.phase() {
        Phase::Waiting => row.call.wait_from,
        _ => row.call.since,
    };
    from.map_or(Moment::LAST, |told| told.moment)
}

/// The tone of a phase.
pub const fn tone(phase: Phase) -> Tone {
    match phase {
        Phase::Waiting => Tone::Warning,
        Phase::Alerting | Phase::Connected | Phase::Held | Phase::Parked | Phase::WrapUp => {
            Tone::Busy
        }
        Phase::New => Tone::Plain,
        Phase::Left | Phase::Ended => Tone::Quiet,
    }
}

/// By phase, and in it whoever has been there longest first.
fn phase(row: &CallRow<'_>) -> Figure {
    let phase = row.phase();
    let age = begun(row).as_millis().min((1 << 48) - 1);
    Figure::Word(Word {
        json: Shown::clean(phase.word()),
        label: Shown::clean(phase.label()),
        rank: ((phase as u64) << 48) | age,
    })
}

fn since(row: &CallRow<'_>, context: &Context<'_>) -> Figure {
    let Some(since) = row.call.since else { return Figure::Unknown };
    match context.live {
        true => row.lasts(context).map_or(Figure::Unknown, Figure::Seconds),
        false => Figure::Time(context.now.wall_of(since.moment)),
    }
}

fn flag(flag: Option<bool>, yes: &str) -> Figure {
    let label = |flag| if flag { yes } else { "" };
    flag.map_or(Figure::Unknown, |flag| Figure::List(Value::Bool(flag), Shown::clean(label(flag))))
}

type Of = Column<Calls>;

impl Table for Calls {
    type Row<'a> = CallRow<'a>;

    const ID: super::TableId = super::TableId::Calls;
    const SORT: (&'static str, bool) = ("phase", false);
    const COLUMNS: &'static [Column<Self>] = &[
        Of::new("phase", "Phase", "How far it is; what waits comes first.", |row, _| phase(row))
            .shown(0, 9)
            .tint(|row, _| tone(row.phase())),
        Of::new("wait_s", "Wait", "How long it waits, or waited.", |row, context| {
            row.wait(context).map_or(Figure::Unknown, Figure::Seconds)
        })
        .shown(0, 7)
        .right()
        .moves()
        .tint(|row, context| match row.wait_severity(context) {
            Some(Severity::Critical) => Tone::Critical,
            Some(Severity::Warning) => Tone::Warning,
            Some(Severity::Ok) | None => Tone::Plain,
        }),
        Of::new("position", "Place", "Its place among those that wait.", |row, _| {
            row.position.into()
        })
        .shown(40, 5)
        .right(),
        Of::new("queue", "Queue", "The queue that it is in, or was in last.", |row, _| {
            row.queue().into()
        })
        .grows(0, 14, 34)
        .tint(|_, _| Tone::Strong),
        Of::new("agent", "Agent", "Who has it, or had it last.", |row, _| row.agent().into())
            .grows(10, 12, 28),
        Of::new("party", "Party", "The other end; nothing where it is private.", |row, context| {
            row.party(context).into()
        })
        .grows(20, 17, 24),
        Of::new("direction", "Direction", "Which way it goes.", |row, _| {
            row.call
                .direction
                .map_or(Figure::Unknown, |own| Figure::word(own.word(), own.word(), own as u8))
        })
        .shown(50, 9)
        .tint(|_, _| Tone::Quiet),
        Of::new("since", "Since", "When it came into its phase.", since)
            .shown(25, 7)
            .right()
            .moves(),
        Of::new(
            "recording",
            "Rec",
            "Whether it is recorded; `‖` while that is paused.",
            |row, _| {
                flag(row.call.recording, if row.call.paused == Some(true) { "‖" } else { "rec" })
            },
        )
        .shown(35, 3)
        .tint(|_, _| Tone::Critical),
        Of::new("supervised_by", "Supervised", "Who supervises it.", |row, _| {
            row.call.supervised_by.clone().into()
        })
        .grows(30, 10, 20),
        Of::new(
            "consulting",
            "Consulting",
            "Who is consulted on another leg, while the customer has the call.",
            |row, context| row.consulted(context).into(),
        )
        .grows(68, 10, 24)
        .tint(|_, _| Tone::Busy),
        Of::new("priority", "Priority", "The vendor's word for its priority.", |row, _| {
            row.call.priority.clone().into()
        })
        .shown(60, 8),
        Of::new("modality", "Modality", "What it is made of.", |row, _| {
            let word = row.call.modality.word();
            Figure::word(word, word, row.call.modality as u8)
        }),
        Of::new("recording_paused", "Paused", "Whether its recording is paused.", |row, _| {
            flag(row.call.paused, "paused")
        }),
        Of::new("muted", "Muted", "Whether the agent's microphone is off.", |row, _| {
            flag(row.call.muted, "muted")
        })
        .shown(75, 5),
        Of::new("conference", "Conf", "Whether more than two take part.", |row, _| {
            flag(row.call.conference, "conf")
        })
        .shown(80, 4),
        Of::new("reason", "Reason", "Why it ended or left, in the vendor's words.", |row, _| {
            row.call.reason.as_ref().into()
        })
        .grows(65, 12, 30)
        .tint(|_, _| Tone::Quiet),
        Of::new("source", "Source", "Where it comes from.", |row, _| row.source.shown().into())
            .shown(70, 10)
            .tint(|_, _| Tone::Quiet),
        Of::new("id", "Id", "Its identity within the source.", |row, _| row.call.id.shown().into()),
    ];

    fn rows<'a>(context: &Context<'a>) -> Vec<CallRow<'a>> {
        let mut rows = Vec::new();
        for (source, world) in context.floor.worlds() {
            let mut waiting: BTreeMap<&QueueId, Vec<(Option<Told>, &CallId)>> = BTreeMap::new();
            for call in world.calls.values() {
                if let Some(queue) = waits_in(call) {
                    waiting.entry(queue).or_default().push((call.wait_from, &call.id));
                }
            }
            for calls in waiting.values_mut() {
                calls.sort_unstable();
            }
            let place = |call: &Call| {
                let calls = waiting.get(waits_in(call)?)?;
                let ahead = calls.partition_point(|(from, _)| *from < call.wait_from);
                u32::try_from(ahead + 1).ok()
            };
            rows.extend(world.calls.values().map(|call| CallRow {
                source,
                world,
                call,
                position: call.position.or_else(|| place(call)),
            }));
        }
        rows
    }

    fn count(context: &Context<'_>) -> usize {
        context.floor.worlds().map(|(_, world)| world.calls.values().count()).sum()
    }

    fn find<'a>(context: &Context<'a>, id: &RowId) -> Option<CallRow<'a>> {
        let RowId::Call(source, id) = id else { return None };
        let (source, world) = context.floor.named(source)?;
        Some(CallRow::new(source, world, world.calls.get(id)?))
    }

    fn id(row: &CallRow<'_>) -> RowId {
        RowId::Call(row.source.clone(), row.call.id.clone())
    }

    fn severity(row: &CallRow<'_>, context: &Context<'_>) -> Option<Severity> {
        row.wait_severity(context)
    }

    fn is_fresh(row: &CallRow<'_>, context: &Context<'_>) -> bool {
        if let Some(leg) = &row.call.leg {
            // Told whole each time: what is over needs no telling any more.
            let recent = context.now.age(leg.told.moment) <= TOLD;
            return row.world.away.is_none() && (recent || !row.phase().is_here());
        }
        row.world.is_fresh(&FeedName::new(EVENTS), &context.now)
    }

    /// What was asked of it, or of whoever has it.
    fn pending<'a>(row: &CallRow<'_>, context: &Context<'a>) -> Option<&'a Pending> {
        let holder = row.call.holder().map(AgentKey::raw);
        context.pending.iter().rev().find(|pending| {
            &pending.command.source == row.source
                && match pending.command.request.target() {
                    Target::Call { call, .. } => *call == row.call.id,
                    Target::CallsOf(agent) => holder == Some(agent.raw()),
                    _ => false,
                }
        })
    }

    fn updated(row: &CallRow<'_>) -> Option<Moment> {
        row.call.told().map(|told| told.moment)
    }
}

/// The name of somebody who is known by a key.
pub fn person(world: &World, key: &AgentKey) -> Shown {
    world.agents.get(key).map_or_else(|| key.shown(), |agent| agent.name.clone())
}
