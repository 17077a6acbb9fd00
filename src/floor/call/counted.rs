//! What a call is counted as, for its queues and for the people to whom it was offered: read off its path, so that an
//! event that comes twice, late or out of order counts once and in its place.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::floor::call::chain::CallLeg;
use crate::floor::call::{Direction, Phase, Place, Step, What};
use crate::floor::id::{AgentKey, QueueId};
use crate::text::Shown;

/// How far apart an offer that is withdrawn and what withdrew it may be told: whoever hangs up, or is answered
/// elsewhere, ends all offers.
const TOGETHER: TimeDelta = TimeDelta::seconds(1);

/// One thing that counts in a queue's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub queue: QueueId,
    /// When it happened, by the vendor's clock.
    pub at: DateTime<Utc>,
    pub what: Counted,
}

/// What can count in a queue's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    Offered,
    /// An agent took it.
    Answered,
    /// The caller hung up before anybody had taken it.
    Abandoned,
    /// An agent was done with it, after so many seconds of talk and hold.
    Handled(u32),
    /// An agent finished up after it, for so many seconds.
    WrapUp(u32),
    /// It rang at an agent who did not answer, while nobody else did and the caller stayed.
    Unanswered(AgentKey),
    /// It went on to elsewhere, for that reason.
    Overflowed(Option<Shown>),
    /// It came while the queue was closed.
    Closed,
}

/// What was counted so far along a path.
#[derive(Debug, Default)]
pub(super) struct Counting {
    counts: Vec<Count>,
    /// Whether anybody ever had it.
    answered: bool,
    /// Whether the caller asked to be called back.
    asked: bool,
    /// Where and since when somebody has it.
    talks: Option<(QueueId, DateTime<Utc>)>,
}

impl Counting {
    /// Counts a step of the customer's leg, which was as `before` and is as `after` now.
    pub(super) fn step(&mut self, step: &Step, moved: bool, before: &CallLeg, after: &CallLeg) {
        let (at, facts) = (step.told.at, &step.facts);
        let told = match &facts.place {
            Some(Place::Queue(queue)) => Some(queue),
            Some(Place::Person) => None,
            None => before.queue.as_ref(),
        };
        match (step.what, told) {
            (What::CallbackAsked, _) => self.asked = true,
            (What::WrapUpOver, Some(queue)) => {
                self.extend(queue, at, facts.seconds.map(Counted::WrapUp));
            }
            _ => {}
        }
        if after.direction != Some(Direction::Inbound) {
            return;
        }
        let waits = matches!(before.phase, Some(Phase::New | Phase::Waiting | Phase::Alerting));
        match (step.what, told, &facts.agent) {
            (What::Withdrawn, Some(queue), Some(agent)) if waits && rings(before, agent) => {
                self.extend(queue, at, [Counted::Unanswered(agent.clone())]);
            }
            // The vendor's events of one end come in any order within a moment.
            (What::Connected | What::Ended, _, _) if moved => {
                let together = |count: &Count| {
                    matches!(count.what, Counted::Unanswered(_)) && at - count.at <= TOGETHER
                };
                self.counts.retain(|count| !together(count));
            }
            _ => {}
        }
        if !moved {
            return;
        }
        if let Some((queue, from)) = self.talks.take() {
            match step.what {
                What::Held | What::Resumed => self.talks = Some((queue, from)),
                _ => {
                    let seconds = u32::try_from((at - from).num_seconds()).unwrap_or(0);
                    self.extend(&queue, at, [Counted::Handled(seconds)]);
                }
            }
        }
        let Some(queue) = told else { return };
        match step.what {
            What::Coming | What::Prompt | What::Choice | What::Arrived | What::Offered => {
                self.come(queue, at);
            }
            What::TurnedAway => {
                self.come(queue, at);
                self.extend(queue, at, [Counted::Closed]);
            }
            What::Connected => {
                // Of a call that was not seen to come only what follows is known.
                let came = self.counted(queue, &Counted::Offered);
                let again = self.counted(queue, &Counted::Answered);
                self.extend(queue, at, (came && !again).then_some(Counted::Answered));
                self.answered = true;
                self.talks = Some((queue.clone(), at));
            }
            What::Overflowed => {
                self.extend(queue, at, [Counted::Overflowed(facts.cause.clone())]);
            }
            What::Ended if waits && !self.answered && !self.asked && is_callers(step) => {
                self.extend(queue, at, [Counted::Abandoned]);
            }
            _ => {}
        }
        self.answered |= matches!(step.what, What::Held | What::Resumed);
    }

    /// A call comes to a queue once, however often it goes round in it.
    fn come(&mut self, queue: &QueueId, at: DateTime<Utc>) {
        let again = self.counted(queue, &Counted::Offered);
        self.extend(queue, at, (!again).then_some(Counted::Offered));
    }

    fn counted(&self, queue: &QueueId, what: &Counted) -> bool {
        self.counts.iter().any(|own| own.queue == *queue && own.what == *what)
    }

    fn extend(
        &mut self,
        queue: &QueueId,
        at: DateTime<Utc>,
        all: impl IntoIterator<Item = Counted>,
    ) {
        let all = all.into_iter().map(|what| Count { queue: queue.clone(), at, what });
        self.counts.extend(all);
    }

    pub(super) fn counts(self) -> Vec<Count> {
        self.counts
    }
}

fn rings(leg: &CallLeg, agent: &AgentKey) -> bool {
    leg.ringing.iter().any(|own| own.agent == *agent)
}

/// Whether it was the other end that ended the call.
fn is_callers(step: &Step) -> bool {
    step.facts.cause.as_deref().is_some_and(|cause| cause.eq_ignore_ascii_case("remote"))
}
