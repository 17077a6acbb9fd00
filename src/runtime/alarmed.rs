//! With whom something is wrong: they are followed closely, though nobody may be looking at them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::floor::World;
use crate::floor::agent::{Agent, AgentState};
use crate::floor::call::{Call, Phase};
use crate::floor::id::{AgentId, AgentKey, QueueId, SourceName};
use crate::floor::time::Moment;
use crate::operations::CALL_CONTROL;
use crate::table::Context;
use crate::table::queues::{QueueRow, severity};
use crate::threshold::Severity;

/// The alarmed of one source who are followed: most of a source's streams stay for what is looked at.
const MOST: usize = 16;

/// People in calls whom a relay follows: each takes the stream of a lamp and that of a call.
const IN_CALLS: usize = 64;

/// How long a caller may be on hold before that is an alarm: as long as a wait may last before it is critical.
const ON_HOLD: Duration = Duration::from_secs(60);

/// The alarmed of each source, the worst first: who has a call that is supervised, whose recording is interrupted or
/// that is on hold for long; then who is at work in a queue that is critical, then in one that is in warning.
pub(super) fn alarmed(context: &Context<'_>) -> BTreeMap<SourceName, Vec<AgentId>> {
    let worlds = context.floor.worlds().filter(|(_, world)| CALL_CONTROL.is_of(world.kind));
    let found = worlds.map(|(source, world)| {
        let mut people = Vec::new();
        let calls = world.calls.values().filter(|call| is_alarmed(call, context.now.moment));
        gather(&mut people, calls.filter_map(|call| id(world, call.holder()?)), MOST);
        gather(&mut people, in_trouble(source, world, context), MOST);
        (source.clone(), people)
    });
    found.filter(|(_, people)| !people.is_empty()).collect()
}

/// What a relay follows closely: the alarmed, then whoever has a call. It does not know what its boards look at, and
/// these two are the same for all of them.
pub(super) fn busy(context: &Context<'_>) -> BTreeMap<SourceName, Vec<AgentId>> {
    let mut all = alarmed(context);
    for (source, world) in
        context.floor.worlds().filter(|(_, world)| CALL_CONTROL.is_of(world.kind))
    {
        let people = all.entry(source.clone()).or_default();
        let most = people.len() + IN_CALLS;
        gather(people, world.calls.values().filter_map(|call| id(world, call.holder()?)), most);
    }
    all
}

/// Adds those who are not there yet, until there are `most`.
fn gather(people: &mut Vec<AgentId>, more: impl IntoIterator<Item = AgentId>, most: usize) {
    for person in more {
        if people.len() >= most {
            return;
        }
        if !people.contains(&person) {
            people.push(person);
        }
    }
}

fn is_alarmed(call: &Call, now: Moment) -> bool {
    let held = call.phase == Some(Phase::Held)
        && call.since.is_some_and(|since| now.since(since.moment) >= ON_HOLD);
    let supervised = call.supervised_by.is_some() && call.holder().is_some();
    held || supervised || call.paused == Some(true)
}

fn id(world: &World, key: &AgentKey) -> Option<AgentId> {
    world.agents.get(key)?.id.clone()
}

/// Who is at work in queues that are critical or in warning, those of the worst queue first.
fn in_trouble(source: &SourceName, world: &World, context: &Context<'_>) -> Vec<AgentId> {
    let how_bad = |queue| severity(&QueueRow { source, world, queue }, context);
    let queues: BTreeMap<&QueueId, Severity> = world
        .queues
        .values()
        .filter_map(|queue| Some((&queue.id, how_bad(queue)?)))
        .filter(|(_, how_bad)| *how_bad > Severity::Ok)
        .collect();
    if queues.is_empty() {
        return Vec::new();
    }
    let worst = |agent: &Agent| {
        let at_work = agent.memberships.iter().filter(|own| own.state != AgentState::LoggedOut);
        at_work.filter_map(|own| queues.get(&own.queue)).max().copied()
    };
    let mut people: Vec<(Severity, &AgentId)> = world
        .agents
        .values()
        .filter_map(|agent| Some((worst(agent)?, agent.id.as_ref()?)))
        .collect();
    // By the person where it is equally bad, so that the same people are followed from second to second.
    people.sort_unstable_by_key(|(how_bad, person)| (Reverse(*how_bad), *person));
    people.into_iter().map(|(_, person)| person.clone()).take(MOST).collect()
}
