//! What people say of themselves, and have said of them.

use super::people::{Activity, AgentState};
use super::{Centre, Event};

/// What one person says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What the person does, where that is not seen by itself.
    pub activity: Option<String>,
    pub until: Option<u64>,
    /// As what the person is there.
    pub role: Option<String>,
    /// What the person wrote.
    pub note: Option<String>,
}

/// The breaks by their ids on the wire.
const BREAKS: [(&str, Activity); 3] =
    [("lunch", Activity::Lunch), ("meeting", Activity::Meeting), ("break", Activity::Break)];

impl Centre {
    /// What a person says; of what the person is seen to do, that.
    pub fn said(&self, agent: usize) -> Said {
        let mut said = self.said.get(&agent).cloned().unwrap_or_default();
        let over = said.until.is_some_and(|until| until <= self.now);
        if over {
            (said.activity, said.until) = (None, None);
        }
        let seen = match self.agents.get(agent).map(super::Agent::state) {
            Some(AgentState::Away(away)) => {
                BREAKS.iter().find(|(_, own)| *own == away).map(|(id, _)| *id)
            }
            Some(AgentState::Off) if said.activity.is_none() => Some("off"),
            _ => None,
        };
        if let Some(seen) = seen {
            if said.activity.as_deref() != Some(seen) {
                said.until = None;
            }
            said.activity = Some(seen.to_owned());
        }
        said.activity.get_or_insert_with(|| "available".to_owned());
        said
    }

    /// Has a person say something else. Somebody free goes on a break that is said, and comes back from one.
    pub fn say(&mut self, agent: usize, said: Said) {
        let Some(state) = self.agents.get(agent).map(super::Agent::state) else { return };
        let wanted = BREAKS.iter().find(|(id, _)| said.activity.as_deref() == Some(id));
        let until = said.until;
        self.said.insert(agent, said);
        match (state, wanted) {
            (AgentState::Idle | AgentState::Away(_), Some((_, away))) => {
                let stamp = self.enter(agent, AgentState::Away(*away));
                if let Some(until) = until {
                    let lasts = until.saturating_sub(self.now);
                    self.plan(lasts, Event::PauseEnd { agent, stamp });
                }
            }
            (AgentState::Away(_), None) => self.free(agent),
            _ => {}
        }
    }
}
