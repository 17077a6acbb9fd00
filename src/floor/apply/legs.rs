//! Calls that are told as they are, and what they make of the people who have them.

use crate::floor::agent::{Agent, AgentState};
use crate::floor::call::{Call, Leg, Phase, Status};
use crate::floor::id::{AgentKey, CallId};
use crate::floor::kept::Kept;
use crate::floor::presence::Availability;
use crate::floor::time::{Latest, Moment, Told};
use crate::floor::{Kind, World};

impl World {
    /// Takes over calls of one person, as they were at `told`.
    pub(super) fn tell_legs(
        &mut self,
        agent: &AgentKey,
        told: Told,
        full: bool,
        met: bool,
        legs: Vec<(CallId, Leg)>,
    ) -> bool {
        let over = if full { self.missing(agent, &legs) } else { Vec::new() };
        let former = self.agents.get(agent).map(|known| known.state.clone());
        let mut took = false;
        for (id, leg) in legs.into_iter().chain(over) {
            let goes_on = leg.phase().is_none_or(Phase::is_here);
            let known = self.calls.get(&id).is_some();
            // What ended before anybody saw it is nobody's business.
            if !known && !goes_on {
                continue;
            }
            let Some(call) = self.calls.entry(&id, Some(told), || Call::new(id.clone())) else {
                continue;
            };
            let before = call.holders();
            took |= call.tell(told, agent, leg, met);
            let after = call.holders();
            for before in before.difference(&after) {
                self.hand(&id, before, false);
            }
            for after in &after {
                self.hand(&id, after, true);
            }
        }
        if !met {
            self.agents.edit(agent, |known| {
                if former.as_ref() != Some(&known.state) {
                    known.since = known.since.or(Some(told.moment));
                }
            });
        }
        took
    }

    /// The calls in `agent`'s hands that are not among `legs`: they are over.
    fn missing(&self, agent: &AgentKey, legs: &[(CallId, Leg)]) -> Vec<(CallId, Leg)> {
        let calls: Vec<&Call> = match self.agents.get(agent) {
            Some(known) => {
                known.presence.calls.iter().filter_map(|id| self.calls.get(id)).collect()
            }
            // Nobody of the floor: the source's own user may be none.
            None => self.calls.values().filter(|call| call.holder() == Some(agent)).collect(),
        };
        let missing = calls.into_iter().filter(|call| legs.iter().all(|(id, _)| *id != call.id));
        missing
            .filter_map(|call| {
                let leg = call.leg.as_ref()?.value.clone();
                let over = Leg { status: Status::Terminated, offers: Vec::new(), ..leg };
                Some((call.id.clone(), over))
            })
            .collect()
    }
}

/// Lays calls in hand, and what the person said since, over the places that were read; says since when the state
/// lasts, where that follows.
///
/// Whether somebody can take a call the system that hands them out says, and nothing that the person says elsewhere. A
/// later word of the person says why somebody is not ready. Calls count over both, but not where the person is logged
/// out.
pub(in crate::floor) fn settle(
    agent: &mut Agent,
    calls: &Kept<CallId, Call>,
    kind: Kind,
) -> Option<Moment> {
    if kind != Kind::Telepo {
        return None;
    }
    if !agent.presence.read.is_empty() {
        agent.memberships.clone_from(&agent.presence.read);
    }
    let in_hand = agent.presence.calls.iter().filter_map(|id| calls.get(id));
    let in_hand = in_hand
        .filter_map(|call| Some((call.state_of(&agent.key)?, call)))
        .min_by_key(|(state, call)| (state.clone(), call.id.clone()));
    let word = agent
        .presence
        .availability
        .as_ref()
        .filter(|word| word.told.among_readings() >= agent.updated);
    let mut seats = agent.memberships.clone();
    for seat in seats.iter_mut().filter(|seat| seat.state != AgentState::LoggedOut) {
        if let Some((state, _)) = &in_hand {
            (seat.state, seat.reason) = (state.clone(), None);
        } else if let Some(Latest { value: Availability { word: Some(word), .. }, .. }) = word
            && seat.state == AgentState::NotReady
        {
            seat.reason = Some(word.clone());
        }
    }
    let since = in_hand.as_ref().and_then(|(_, call)| call.since).map(|since| since.moment);
    let read = std::mem::replace(&mut agent.memberships, seats);
    agent.presence.read = if read == agent.memberships { Vec::new() } else { read };
    (agent.state, agent.reason) = Agent::overall(&agent.memberships);
    since
}
